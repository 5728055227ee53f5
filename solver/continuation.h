/* Pseudo-arclength continuation of F(y, p) = 0 (Keller 1977; Govaerts 2000, Numerical Methods for
 * Bifurcations of Dynamical Equilibria, ch. 1-3): solutions are followed through folds, where
 * dp/ds changes its sign. Knows callbacks, not circuits.
 *
 * A curve is measured in a scaled length: ds^2 = mean over i of (dy_i / scale_i)^2 + (dp / p_scale)^2. */
#ifndef PN_SOLVER_CONTINUATION_H
#define PN_SOLVER_CONTINUATION_H

#include "base/status.h"

#include <stdbool.h>

typedef struct pn_cont_problem {
  void *user;
  int n;
  const double *floor; /* [n] smallest scale of each unknown */
  double p_scale;      /* of the parameter: the length of its range */
  double step, max_dp; /* largest step in the scaled length; in p (0: none) */
  /* r = F(y, p). PN_E_DOMAIN: not defined there, a shorter step may do. */
  pn_status (*residual)(void *user, const double *y, double p, double *r);
  /* Prepares F_y at (y, p) for solve and multiply. */
  pn_status (*jacobian)(void *user, const double *y, double p);
  pn_status (*solve)(void *user, double *r);                            /* in place F_y^-1 r */
  void (*multiply)(void *user, const double *v, double *w);             /* w = F_y v */
  pn_status (*slope)(void *user, const double *y, double p, double *r); /* r = dF/dp */
} pn_cont_problem;

typedef struct pn_cont pn_cont;

pn_status pn_cont_new(const pn_cont_problem *problem, pn_cont **out);
void pn_cont_free(pn_cont *c);

/* Starts at a solution y [n] of F(y, p) = 0 (corrected first), towards larger p (direction > 0) or
 * smaller p. */
pn_status pn_cont_start(pn_cont *c, const double *y, double p, int direction);
/* Starts at distance `step` along direction [n] from a branch point (y, p): a branch that leaves it. */
pn_status pn_cont_start_along(pn_cont *c, const double *y, double p, const double *direction,
                              double step);
/* The next point; the step's length follows the corrector's iterations. PN_E_STEP when it
 * becomes too short. */
pn_status pn_cont_advance(pn_cont *c);
/* The point at a share 0..1 of the last step, corrected: y [n], *p; *slope is dp/ds there (0 at a
 * fold). The curve's own position stays. */
pn_status pn_cont_between(pn_cont *c, double share, double *y, double *p, double *slope);

const double *pn_cont_y(const pn_cont *c); /* [n] present point */
double pn_cont_p(const pn_cont *c);
double pn_cont_slope(const pn_cont *c);          /* dp/ds */
double pn_cont_slope_before(const pn_cont *c);   /* at the start of the last step */
const double *pn_cont_tangent(const pn_cont *c); /* [n] dy/ds */
/* Scaled distance of two points. */
double pn_cont_distance(const pn_cont *c, const double *y1, double p1, const double *y2, double p2);

#endif
