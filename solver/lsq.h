/* Nonlinear least squares by Levenberg and Marquardt's method (CMINPACK's lmdif), with the
 * covariance of the solution. */
#ifndef PN_SOLVER_LSQ_H
#define PN_SOLVER_LSQ_H

#include "base/status.h"

#include <stdbool.h>

typedef struct pn_lsq_problem {
  void *user;
  int m, n; /* residuals, parameters; m >= n */
  /* r [m] at x [n]; false: give up. */
  bool (*residual)(void *user, const double *x, double *r);
  double step; /* relative step of differences: the square root of r's relative accuracy */
  double tol;  /* relative tolerance of x and of the sum of squares */
  int most;    /* evaluations */
} pn_lsq_problem;

typedef struct pn_lsq_result {
  double sum; /* of squares */
  int evaluations;
  bool converged;
} pn_lsq_result;

/* x [n] in: the start, out: the solution. covariance [n * n], or NULL: sum/(m - n) times the inverse of
 * J'J; NAN where the data do not determine it. */
pn_status pn_lsq(const pn_lsq_problem *p, double *x, double *covariance, pn_lsq_result *result);

#endif
