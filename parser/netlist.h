/* A netlist after parsing and elaboration: the circuit and what to do with it. */
#ifndef PN_PARSER_NETLIST_H
#define PN_PARSER_NETLIST_H

#include "analysis/analysis.h"

typedef struct pn_job { /* one analysis directive */
  const pn_analysis *analysis;
  const pn_args *args; /* as written */
  void *parsed;        /* of analysis->parse */
  pn_loc loc;
} pn_job;

typedef struct pn_save {
  pn_str analysis; /* "tran" for .print tran; "" for .save: any */
  int n_signals;
  pn_signal **signals; /* [n_signals]; all == true: the default set as well */
  bool all;
  pn_loc loc;
} pn_save;

/* What one column of a sweep changes. Names, not numbers: each run has a netlist of its own. */
typedef struct pn_sweep_target {
  enum {
    PN_SWEEP_PARAM,
    PN_SWEEP_TEMP,
    PN_SWEEP_SOURCE,
    PN_SWEEP_DEVICE,
    PN_SWEEP_MODEL,
    PN_SWEEP_NAME, /* which .model card stands for `name`: values are 1, 2, ... of names */
    PN_SWEEP_RUN
  } kind;
  const char *name;   /* parameter, device or model, lower case */
  const char *param;  /* of the device or the model; else NULL */
  const char *column; /* "rload", "temp", "@r1[tc1]", "cell(gon)", "mc" */
  const char *unit;
  const char *const *names; /* PN_SWEEP_NAME */
} pn_sweep_target;

/* .step, .data behind .step, .mc: a table of values. The first sweep of a netlist is the innermost. */
typedef struct pn_sweep {
  pn_sweep_target *targets; /* [n_targets] */
  int n_targets;
  double *values; /* [n_points][n_targets] */
  long n_points;
} pn_sweep;

/* A line of a .control section, comments taken off. */
typedef struct pn_command_line {
  pn_str text;
  pn_loc loc;
} pn_command_line;

/* .four */
typedef struct pn_four {
  double frequency; /* Hz, of the fundamental */
  int n_harmonics;
  int n_signals;
  pn_signal **signals; /* [n_signals] */
} pn_four;

typedef struct pn_netlist {
  pn_arena arena;
  pn_diag diag;
  pn_str title;
  pn_circuit *circuit;
  pn_options options;
  pn_resolver params;
  PN_VEC(pn_job) jobs;
  PN_VEC(pn_save) saves, prints, plots;
  PN_VEC(pn_signal *) wanted; /* what commands name: goes to files beside what .save lists */
  PN_VEC(pn_four) fours;
  PN_VEC(pn_command_line) commands; /* of all .control sections, in order */
  PN_VEC(pn_measure *) measures;
  PN_VEC(int) ic_unknown, nodeset_unknown;
  PN_VEC(double) ic_value, nodeset_value;
  PN_VEC(pn_sweep) sweeps;
  const char *dialect;        /* "ngspice", ... and why: for statistics */
  unsigned long long mc_seed; /* of .mc; else options.seed holds */
  struct pn_elab *elab;       /* scopes and bindings, for pn_netlist_set_param */
  struct pn_pool *pool;       /* while a long netlist is loaded: takes its lines apart */
} pn_netlist;

typedef struct pn_define {
  const char *name;
  double value;
} pn_define; /* -D name=value */

/* A parameter of a .model card that a sweep changes; or another card in its place. */
typedef struct pn_model_change {
  const char *model, *param; /* param NULL: `other` */
  double value;
  const char *other;
} pn_model_change;

typedef struct pn_load_options {
  pn_message_fn *message;
  void *user;
  const pn_define *defines; /* [n_defines] override .param of the top level */
  int n_defines;
  bool untrusted;    /* read nothing outside the netlist's folder */
  size_t max_memory; /* bytes; 0: 4 GiB */
  long max_elements; /* 0: 20 million */
  bool werror;
  const char *dialect;            /* "ngspice", "ltspice", "xyce"; NULL or "auto": found out */
  const pn_model_change *changes; /* [n_changes] */
  int n_changes;
  pn_random random; /* of this run; run 0: nominal values */
  int threads;      /* for long netlists; 0: one */
} pn_load_options;

/* Reads a file, or a text (text != NULL; path names it in messages). On failure nothing is left behind
 * and *out is NULL; messages have been given. */
pn_status pn_netlist_load(const char *path, const char *text, size_t len, const pn_load_options *o,
                          pn_netlist **out);
void pn_netlist_free(pn_netlist *n);

/* Sets a global parameter and re-evaluates whatever depends on it in `sim` (which must be of
 * n->circuit). PN_E_NETLIST when no parameter has that name. */
pn_status pn_netlist_set_param(pn_netlist *n, pn_sim *sim, pn_str name, double value);

/* ---- for commands, whose texts come after loading. loc: of the text; where the netlist holds the same bytes
 * there, messages point into it. Messages are given; the guards against memory that ends are inside. ---- */
/* Words behind the first of a text, as a directive's arguments; NULL after an error. */
const pn_args *pn_netlist_args(pn_netlist *n, pn_str text, pn_loc loc);
/* The analysis "tran 1u 1m". */
pn_status pn_netlist_job(pn_netlist *n, pn_str text, pn_loc loc, pn_job *out);
/* "save v(out) ...": one more .save. */
pn_status pn_netlist_save(pn_netlist *n, pn_str text, pn_loc loc);
/* Adds a signal to `wanted` when the circuit has it; says nothing otherwise. */
pn_status pn_netlist_want(pn_netlist *n, pn_str signal);
/* "option NAME=VALUE"; *known false: there is no such option. */
pn_status pn_netlist_option(pn_netlist *n, pn_str text, pn_loc loc, bool *known);

#endif
