/* Gauss-Kronrod quadrature and collocation on 15 nodes: integrals of a smooth function, their running
 * values at the nodes, and an error estimate by the 7-point Gauss rule inside. */
#ifndef PN_SOLVER_QUADRATURE_H
#define PN_SOLVER_QUADRATURE_H

enum { PN_GK_NODES = 15 };

typedef struct pn_gk {
  double node[PN_GK_NODES];   /* in (0, 1), rising */
  double weight[PN_GK_NODES]; /* of the Kronrod rule, sum 1 */
  double gauss[PN_GK_NODES];  /* of the Gauss rule inside, sum 1; 0 at the nodes it lacks */
  double running[PN_GK_NODES][PN_GK_NODES]; /* row j: weights of the integral from 0 to node[j] */
} pn_gk;

/* Fills the table; running weights integrate the interpolating polynomial exactly. */
void pn_gk_init(pn_gk *q);

#endif
