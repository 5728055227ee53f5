/* Periodic solutions of f(t, y) + d/dt q(t, y) = 0 by shooting: one period is integrated together with
 * its derivatives by the start and by the period, and Newton's method closes the orbit. The
 * integrator is ESDIRK4(3)6L[2]SA of Kennedy and Carpenter (Appl. Numer. Math. 44, 139, 2003), used in
 * charge form: order 4, stiffly accurate. Knows callbacks, not circuits. */
#ifndef PN_SOLVER_SHOOTING_H
#define PN_SOLVER_SHOOTING_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>

typedef struct pn_shoot_problem {
  void *user;
  int n;
  const unsigned char *differential; /* [n] 1: the unknown's derivative appears */
  const double *atol;                /* [n] */
  double reltol;                     /* of a step's error */
  /* Evaluates f and q (into f, q [n]) and, with jacobian, G and C at (t, y). PN_E_DOMAIN: try a shorter step. */
  pn_status (*eval)(void *user, double t, const double *y, bool jacobian, double *f, double *q);
  /* Bounds of states in an assembled residual r [n] with derivative coefficient aq, as circuit/sim.h. */
  void (*bound)(void *user, const double *y, double *r, double aq);
  pn_status (*factor)(void *user, double aq); /* G + aq C of the last Jacobian */
  pn_status (*solve)(void *user, double *r);
  void (*mul_g)(void *user, const double *v, double *w);
  void (*mul_c)(void *user, const double *v, double *w);
  double (*next_corner)(void *user, double t); /* s; INFINITY when there is none; may be NULL */
  bool (*interrupted)(void *user);
  /* Sees every step's end while observing (below). */
  pn_status (*observe)(void *user, double t, const double *y, const double *f);
} pn_shoot_problem;

typedef struct pn_shoot pn_shoot;

pn_status pn_shoot_new(const pn_shoot_problem *p, pn_shoot **out);
void pn_shoot_free(pn_shoot *s);

/* y [n] in place: charges kept, everything else solved for at time t. tiny: s. */
pn_status pn_shoot_consistent(pn_shoot *s, double t, double tiny, double *y);
/* Integrates from (t0, y) over `length` with error control; y [n] in place. observe: calls the callback at the
 * start and after each step; it may return PN_E_LIMIT to stop early, which is handed back. */
pn_status pn_shoot_integrate(pn_shoot *s, double t0, double length, double *y, bool observe);

/* Closes an orbit: y [n] and *period (s) are guesses in and the solution out. `autonomous`: the period is
 * unknown too; else it is kept and the orbit starts at t0. *iterations (may be NULL) are counted. */
pn_status pn_shoot_close(pn_shoot *s, double t0, bool autonomous, double *y, double *period,
                         int *iterations);
/* Of the last closed orbit: the number of differential unknowns, their monodromy matrix by columns [d*d],
 * and its eigenvalues, the Floquet multipliers [d], by falling modulus. */
int pn_shoot_size(const pn_shoot *s);
const double *pn_shoot_monodromy(const pn_shoot *s);
pn_status pn_shoot_multipliers(const pn_shoot *s, double complex *mu);

/* The residual y(T) - y(0) [d] of the differential unknowns on the grid of the last closed orbit, for continuation; with
 * `derivatives` the monodromy and, in by_period [d], its derivative by T. */
pn_status pn_shoot_defect(pn_shoot *s, double t0, const double *y, double period, double *defect,
                          bool derivatives, double *by_period);
/* Chooses the grid anew for the orbit through y. */
pn_status pn_shoot_regrid(pn_shoot *s, double t0, const double *y, double period);
/* The direction of the orbit at its start, scaled, for phase conditions: phase [d]. */
pn_status pn_shoot_phase(pn_shoot *s, double t0, const double *y, double period, double *phase);
const int *pn_shoot_index(const pn_shoot *s); /* [d] unknown of each row */
int pn_shoot_steps(const pn_shoot *s);        /* of the grid */

#endif
