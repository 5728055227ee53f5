/* Envelope following: a state that changes little in each cycle of a fast drive, x(n + 1) = x(n) + change(x(n)),
 * is followed over many cycles by one step. */
#ifndef PN_SOLVER_ENVELOPE_H
#define PN_SOLVER_ENVELOPE_H

#include "base/status.h"

#include <stdbool.h>

typedef struct pn_envelope_problem {
  void *user;
  int n; /* states */
  double reltol;
  const double *atol;    /* [n] */
  const double *lo, *hi; /* [n] bounds, +-INFINITY when none */
  const double *range;   /* [n] typical size, for difference quotients */
  double max_step;       /* cycles */
  const double *noise;   /* [n] how wrong dx may be, kept up to date by change(); may be NULL */
  /* dx [n] = the change over the cycle that starts at x [n]. */
  pn_status (*change)(void *user, const double *x, double *dx);
} pn_envelope_problem;

typedef struct pn_envelope_stats {
  long steps, refused, maps; /* maps: cycles integrated, difference quotients among them */
  long plain;                /* cycles taken one by one, where the envelope is not smooth */
  int order;                 /* of the last step */
} pn_envelope_stats;

typedef struct pn_envelope pn_envelope;

/* x [n]: at cycle 0, copied. The problem's arrays are the caller's and must last. */
pn_status pn_envelope_new(const pn_envelope_problem *p, const double *x, pn_envelope **out);
void pn_envelope_free(pn_envelope *e);
/* The cycle at the present point, in which all changes follow from x: after it the last call of change() was
 * the one at x. A step does it first. */
pn_status pn_envelope_prepare(pn_envelope *e);
/* One step, not past cycle `stop`. */
pn_status pn_envelope_step(pn_envelope *e, double stop);
double pn_envelope_cycle(const pn_envelope *e);    /* cycles passed */
const double *pn_envelope_x(const pn_envelope *e); /* [n] there */
/* x [n] at a cycle within the last step, by cubic Hermite interpolation. */
void pn_envelope_interpolate(const pn_envelope *e, double cycle, double *x);
pn_envelope_stats pn_envelope_get_stats(const pn_envelope *e);

#endif
