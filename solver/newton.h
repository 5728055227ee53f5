/* Damped Newton iteration on callbacks. */
#ifndef PN_SOLVER_NEWTON_H
#define PN_SOLVER_NEWTON_H

#include "base/status.h"

#include <stdbool.h>

typedef struct pn_newton_problem {
  void *user;
  int n;
  const double *atol; /* [n] absolute tolerance of each unknown */
  double reltol;
  int max_iterations;
  bool linear; /* F is linear: one step is enough when its correction is small */
  /* r = F(y), with the Jacobian evaluated and factored when `jacobian` (otherwise the last
   * factorisation must stay: solve is called with it). PN_E_DOMAIN makes the step
   * shorter; other failures end the iteration. */
  pn_status (*residual)(void *user, const double *y, double *r, bool jacobian);
  /* In place: J d = r. */
  pn_status (*solve)(void *user, double *r);
  /* Limits an update before it is taken (junctions, bounds): the next iterate is y + d; y [n],
   * d [n] changed in place. A limited step is taken without a line search. May be NULL. */
  void (*limit)(void *user, const double *y, double *d);
  /* Did the last Jacobian belong to a place that devices chose themselves (junction limiting)? With
   * this callback full steps are taken without a line search: the devices see to it that they
   * are good. May be NULL. */
  bool (*limited)(void *user);
  /* Linear problems: has the last solve been verified by its solver, so that one step is all? May be
   * NULL. */
  bool (*verified)(void *user);
  bool (*interrupted)(void *user); /* may be NULL */
} pn_newton_problem;

typedef struct pn_newton_result {
  int iterations;
  double update;   /* weighted max norm of the last update (< 1: converged) */
  double residual; /* 2-norm of the last residual */
  int worst;       /* unknown with the largest weighted update */
} pn_newton_result;

/* Iterates y [n] in place. Converged: the full update's weighted max norm is below 1 and the
 * residual did not grow; then one more residual check. PN_E_CONVERGENCE leaves the best iterate in
 * y. work [3*n]. Line search: halves the step (at most 10 times) while the scaled residual
 * or the natural (simplified Newton) test grows. */
pn_status pn_newton(const pn_newton_problem *p, double *y, double *work, pn_newton_result *res);

#endif
