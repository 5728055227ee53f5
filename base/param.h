/* Parameter tables: name, unit, default, range, description and source of every
 * number a device or model takes. Parsing, errors, `pinch models`, docs/reference
 * and the generated tests all come from these tables. */
#ifndef PN_BASE_PARAM_H
#define PN_BASE_PARAM_H

#include "base/str.h"

#include <math.h>

enum {
  PN_P_INSTANCE = 1,  /* may be given on an instance */
  PN_P_MODEL = 2,     /* may be given on a .model card */
  PN_P_INTEGER = 4,   /* a whole number (or a switch: 0/1) */
  PN_P_REQUIRED = 8,  /* no default: must be given */
  PN_P_OPEN_MIN = 16, /* the minimum itself is not allowed (value > min) */
  PN_P_OPEN_MAX = 32, /* the maximum itself is not allowed (value < max) */
  PN_P_NONZERO = 64,  /* 0 is not allowed */
  PN_P_BOTH = PN_P_INSTANCE | PN_P_MODEL
};

typedef struct pn_param {
  const char *name;   /* lower case */
  const char *unit;   /* "V", "1/s"; "1" when dimensionless */
  double value;       /* default; NAN with PN_P_REQUIRED, or when "not given" has a meaning */
  double min, max;    /* allowed range; -INFINITY/INFINITY when open */
  unsigned flags;     /* PN_P_... */
  const char *doc;    /* one sentence */
  const char *source; /* where the default comes from: paper and table, or "convention" */
  const char *grade;  /* how sure: "S2+", "S1", "M", "D", "X"; NULL for conventions */
  const char *alias;  /* other names, separated by '|', or NULL */
} pn_param;

/* Index of a parameter by name or alias (case folded), or -1. */
int pn_param_find(const pn_param *t, int n, pn_str name);
/* The same among the parameters with one of the flags (0: all): a name may mean one thing on an
 * instance and another on a model card. */
int pn_param_find_for(const pn_param *t, int n, pn_str name, unsigned flags);
/* The nearest name in the table, or an empty string. */
pn_str pn_param_nearest(const pn_param *t, int n, pn_str name);
/* NULL when the value is allowed, else a text in the arena saying why not. */
const char *pn_param_check(pn_arena *a, const pn_param *p, double value);
/* The same for a value that a sweep or a command gives to a finished device, whose class does not look at its
 * whole card again. */
const char *pn_param_check_change(pn_arena *a, const pn_param *p, double value);

#endif
