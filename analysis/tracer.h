/* A curve of equilibria of the circuit against one target: steps along it, the eigenvalues at each point,
 * and the special points that a step crosses, located. What .dc arclength, .equilibria and .continuation
 * have in common. */
#ifndef PN_ANALYSIS_TRACER_H
#define PN_ANALYSIS_TRACER_H

#include "analysis/spectrum.h"
#include "analysis/target.h"
#include "solver/continuation.h"

typedef enum pn_special_kind {
  PN_SPECIAL_FOLD,   /* dp/ds = 0 */
  PN_SPECIAL_BRANCH, /* a real eigenvalue crosses 0, p goes on: branches meet */
  PN_SPECIAL_HOPF,   /* a complex pair crosses the imaginary axis */
  PN_SPECIAL_INFINITY, /* an eigenvalue changes sides through infinity: the equations lose their meaning as
                          dynamics there, no equilibrium appears or vanishes */
  PN_SPECIAL_END /* the curve reaches the range's end */
} pn_special_kind;

enum { PN_MOST_SPECIALS = 4 };

typedef struct pn_special {
  pn_special_kind kind;
  double share; /* of the step, 0..1 */
  double p;
  double complex s; /* the critical eigenvalue, 1/s */
  double *y;        /* [n] of the tracer */
  bool to_unstable; /* stability is lost in the direction of travel */
} pn_special;

typedef struct pn_tracer_options {
  double from, to; /* range of the target, from != to */
  double step;     /* largest scaled step; 0: 0.02 */
  double max_dp;   /* largest step of the target; 0: none */
  bool stability;  /* eigenvalues at each point */
} pn_tracer_options;

typedef struct pn_tracer {
  const pn_run *run;
  pn_target target;
  pn_tracer_options o;
  int n;
  pn_cont *cont;
  pn_spectrum *spectrum;        /* at the present point; NULL without stability */
  double *floor, *work, *store; /* [n], [3n], [(PN_MOST_SPECIALS + 1) * n] */
  double *end;                  /* [n] in store */
  pn_special special[PN_MOST_SPECIALS];
  int n_special;            /* of the last step, in order of travel */
  int n_unstable, n_real;   /* at the present point; -1 unknown */
  double complex leading;   /* 1/s, rightmost eigenvalue; NAN without any */
  double complex before[8]; /* leading eigenvalues at the start of the step */
  int n_unstable_before;
  bool done;       /* the range's end was reached: the last special */
  pn_status fatal; /* out of memory or interrupted while a special point was looked for */
  int outside;     /* a state beyond its model's validity (the curve ends), or -1 */
  double valid_low, valid_high; /* its range */
} pn_tracer;

/* Smallest sizes of the unknowns that matter, scale [n]: 10 mV, 1 mA, 1 % of a state's range. */
void pn_tracer_scales(const pn_run *r, double *scale);
pn_status pn_tracer_new(const pn_run *r, const pn_target *target, const pn_tracer_options *o,
                        pn_tracer **out);
void pn_tracer_free(pn_tracer *t);
/* From an equilibrium y [n] at p; direction as pn_cont_start. PN_E_USAGE, reported: no equation depends on
 * the target. */
pn_status pn_tracer_start(pn_tracer *t, const double *y, double p, int direction);
/* Onto a branch through (y, p), along direction [n]. */
pn_status pn_tracer_start_along(pn_tracer *t, const double *y, double p, const double *direction,
                                double step);
/* One step; fills special. At the end of the range the last special is PN_SPECIAL_END and `done`. */
pn_status pn_tracer_next(pn_tracer *t);
/* The point of the last step where the target is p, into y [n]; false when the step does not cross it. */
bool pn_tracer_cross(pn_tracer *t, double p, double *y, double *share);
/* Linearises at y, p: for eigenvectors. Eigenvalues are in t->spectrum. */
pn_status pn_tracer_linearise(pn_tracer *t, const double *y, double p);
const double *pn_tracer_y(const pn_tracer *t);
double pn_tracer_p(const pn_tracer *t);

#endif
