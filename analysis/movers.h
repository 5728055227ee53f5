/* The few cells of an array whose states move in a pulse, with the rest of the network as their ports see it.
 *
 * At the top of the pulse the network, these cells included, is linear around a solution: with
 *   e_q = i_q(v, x) - i0_q - g0_q (v_q - v0_q),   E = Z e,
 * the current of cell q beyond its linearisation and the voltages it takes from all ports, a port has
 *   v_p = b_p(share) - E_p + bend_p E_p^2,
 * b being the voltage without any e as all driven lines rise together from 0 to their share 1. */
#ifndef PN_ANALYSIS_MOVERS_H
#define PN_ANALYSIS_MOVERS_H

#include "circuit/group.h"
#include "solver/integrator.h"
#include "solver/linsol.h"

enum { MOVERS_MOST = 16 };

typedef struct movers {
  int n;           /* cells; n and cells are set by movers_choose, the rest up to z by the caller */
  pn_group *cells; /* NULL: none */
  double v0[MOVERS_MOST], i0[MOVERS_MOST], g0[MOVERS_MOST]; /* V, A, S: at the top */
  double slope[MOVERS_MOST];           /* V: db/dshare at the top, where b is v0 */
  double rest[MOVERS_MOST];            /* V: before the pulse */
  double bend[MOVERS_MOST];            /* 1/V */
  double z[MOVERS_MOST * MOVERS_MOST]; /* ohm, [n][n]: of port p from current q */
  double top;                /* the share that the pulse reaches: 1, or a little more or less */
  double edge, width, gap;   /* s */
  double e_top[MOVERS_MOST]; /* A: e when the top ends, */
  double v_top[MOVERS_MOST]; /* V, and the ports' voltages there */
  double *steep_top;         /* [cells->n_states] 1/(s V) times the unit: dg/dv there */
  double *x, *x_top;         /* [cells->n_states] states: at the start, then at the end; at
                                           the end of the top */
  long steps;
  /* of movers.c alone */
  double foot[MOVERS_MOST], *y, *yp, *atol, *jacobian, *matrix, *memory;
  unsigned char *differential, *fixed;
  double cj;
  bool factored;
  double t_last; /* s, of the last evaluation, at y_last [n_all]; NAN: none */
  double *y_last;
  int n_all;
  int *colptr, *rowind; /* of a full matrix */
  pn_linsol *lu;
  pn_dae dae;
  pn_integrator *g;
} movers;

/* Takes other cells; n = 0 frees all. atol [unknowns of the circuit] of states, vntol V. */
pn_status movers_choose(movers *m, pn_sim *sim, int n, const int *device, double reltol,
                        const double *atol, double vntol);
/* E_p of given e [n]. */
double movers_drop(const movers *m, int p, const double *e);
/* Through one pulse: both edges, the top and the gap behind it. PN_E_STEP, PN_E_CONVERGENCE, PN_E_DOMAIN:
 * cannot be integrated so. */
pn_status movers_run(movers *m);

#endif
