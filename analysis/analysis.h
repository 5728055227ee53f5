/* Analyses: one file each, one line each in analysis/table.c. An analysis parses its
 * directive's arguments into its own struct and runs on the system interface of
 * circuit/sim.h; it writes to the recorder and knows no files and no netlist syntax. */
#ifndef PN_ANALYSIS_ANALYSIS_H
#define PN_ANALYSIS_ANALYSIS_H

#include "circuit/signal.h"
#include "output/recorder.h"

/* .options, in SI units, defaults filled in by pn_options_default. */
typedef struct pn_options {
  double reltol, vntol, abstol; /* 1e-4 (tran, IDA), 1e-6 V, 1e-12 A */
  double gmin, rshunt;
  double temp, tnom;                   /* K */
  double defl, defw, defas, defad;     /* of MOSFETs, m and m^2; NAN: those of their models */
  int itl1, itl2;                      /* Newton iterations of .op, of .dc steps */
  int gminsteps, srcsteps, ptransteps; /* 0 turns the method off */
  const char *method;                  /* "ida", "trbdf2", "trap", "gear", or "auto" */
  int max_order;                       /* 0: the method's own */
  const char *linsol;                  /* "auto", "klu", "crossbar", "forest" */
  int op_memory;                       /* -1 as the models say, 1 hold, 0 steady (op=hold|steady) */
  double max_step;                     /* s; 0: own rule */
  bool bypass;                         /* transistors may rest in transients */
  bool stats;                          /* print statistics */
  unsigned long long seed;
  int jobs;           /* threads */
  int threads;        /* within a run; 0: as many as there are processors */
  const char *folder; /* of the netlist, ends with '/' or is "" */
  bool untrusted;     /* read nothing outside folder */
} pn_options;
pn_options pn_options_default(void);
/* Sets one .options word. NULL when it was taken, else why not ("" : unknown name). In the arena. */
const char *pn_options_set(pn_arena *a, pn_options *o, const pn_arg *arg);

/* Why one of ngspice's (or LTspice's) options has no effect here; NULL: it has one, or is not known. */
const char *pn_options_idle(pn_str name);

typedef struct pn_analysis pn_analysis;

/* Everything an analysis may use. */
typedef struct pn_run {
  pn_arena *arena; /* of the netlist: what must outlive the analysis */
  pn_diag *diag;
  const pn_circuit *circuit;
  pn_sim *sim;
  const pn_options *options;
  const pn_resolver *params; /* parameters and functions at top level */

  /* .ic and .nodeset */
  int n_ic, n_nodeset;
  const int *ic_unknown, *nodeset_unknown;
  const double *ic_value, *nodeset_value;

  /* Sets a global netlist parameter and updates every device that depends on it. */
  pn_status (*set_param)(void *user, pn_str name, double value);
  void *set_param_user;

  /* Starts a result: the caller has arranged the consumers for this analysis. scale names column 0;
   * plotname as readers look for it; is_complex for AC; extra [n_extra]: outer sweeps' columns. */
  pn_status (*begin)(void *user, const pn_analysis *a, const char *plotname, pn_column scale,
                     const pn_column *extra, int n_extra, bool is_complex, bool is_scalar,
                     pn_recorder **rec);
  /* Ends it: measurements, which see an analysis's first result, are computed and handed on when
   * complete. */
  pn_status (*end)(void *user, pn_recorder *rec, bool complete);
  /* Lines for the log or the terminal ("operating point: gmin stepping was needed"). */
  void (*say)(void *user, const char *text);
  /* A number that the analysis itself found ("hopf1" = 28.14, "margin" = 3.2), told as a measurement. */
  void (*found)(void *user, const char *name, double value);
  /* fraction 0..1 and the scale's value; cheap to call often. */
  void (*progress)(void *user, double fraction, double x);
  bool (*interrupted)(void *user);
  void *user;
} pn_run;

struct pn_analysis {
  const char *name; /* "tran": the directive is ".tran" */
  const char *help; /* ".tran TSTEP TSTOP [TSTART [TMAX]] [UIC]": one line for messages and docs */
  /* Reads the arguments; NULL after reporting errors. c: the finished circuit, to look names up. */
  void *(*parse)(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                 const pn_resolver *params, const pn_options *o);
  pn_status (*run)(const pn_run *r, void *args);
  bool (*is_uic)(const pn_args *args); /* true when no operating point is needed; may be NULL */
  bool delays;                         /* takes circuits with transmission lines */
  bool own_columns; /* results are rows of its own columns: no signals of the circuit beside them */
  /* The grid of .print tables; may be NULL: every point is a row. */
  void (*grid)(const void *args, double *start, double *step);
};

extern const pn_analysis *const pn_analyses[]; /* ends with NULL */
const pn_analysis *pn_analysis_find(pn_str name);

/* ---- shared between analyses ---- */
/* The operating point of r->sim into y [n], starting from y when `warm`. Newton, then gmin stepping,
 * source stepping, pseudo-transient; *how (may be NULL) gets the name of what was needed. Events
 * and switches are settled. After a failure y is where the last iteration ended. Reports failures with the worst unknown's name. */
pn_status pn_op_solve(const pn_run *r, double *y, bool warm, const char **how);
/* A column's name that lives as long as the run; NULL without memory, which pn_run_named finds among n columns. */
const char *pn_run_name(const pn_run *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
pn_status pn_run_named(const pn_column *columns, int n);

#endif
