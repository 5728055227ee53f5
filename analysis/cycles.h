/* Limit cycles against a parameter, from the Hopf point where they are born. */
#ifndef PN_ANALYSIS_CYCLES_H
#define PN_ANALYSIS_CYCLES_H

#include "analysis/bifurcation.h"

typedef enum pn_cycle_event {
  PN_CYCLE_POINT,    /* an ordinary one */
  PN_CYCLE_FOLD,     /* dp/ds = 0: two cycles meet */
  PN_CYCLE_DOUBLING, /* a multiplier passes -1 */
  PN_CYCLE_TORUS     /* a complex pair passes the unit circle */
} pn_cycle_event;

typedef struct pn_cycle {
  double p, period; /* of the parameter; s */
  const double *y;  /* [n] a point of the orbit */
  int n_unstable;   /* multipliers outside the unit circle, the trivial one left out */
  double low, high; /* extremes of the signal to show; NAN without one */
  pn_cycle_event event;
} pn_cycle;

typedef struct pn_cycles_request {
  const pn_run *run;
  pn_target target;
  double from, to, step;
  int points;
  const pn_special *hopf;
  const double complex *q; /* [n] of pn_hopf */
  const pn_signal *show;   /* may be NULL */
  pn_status (*see)(void *user, const pn_cycle *c);
  void *user;
} pn_cycles_request;

/* Follows the cycles until the range ends, the number of points is used up, the cycle shrinks to nothing or its
 * period grows beyond bounds; *why says which. */
pn_status pn_cycles_follow(const pn_cycles_request *r, const char **why);

#endif
