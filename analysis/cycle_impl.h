/* Inside of a cycle, shared by its two rules. */
#ifndef PN_ANALYSIS_CYCLE_IMPL_H
#define PN_ANALYSIS_CYCLE_IMPL_H

#include "analysis/cycle.h"
#include "circuit/dae.h"
#include "solver/quadrature.h"

struct pn_cycle {
  const pn_run *r;
  double period; /* s */
  double reltol;
  int n, ns; /* unknowns, states that move */
  bool collocated;
  int *state;              /* [ns] unknowns */
  double *lo, *hi, *range; /* [ns] */
  double *up, *down;       /* [ns] of the last run */
  double *y0;              /* [n] where the first point starts from; steps: the slaved start */
  double *work;            /* [2n] */
  long evaluations;

  /* collocation: pieces with PN_GK_NODES nodes each */
  pn_gk gk;
  int n_pieces, most_pieces;
  double *edge;        /* [most_pieces + 1] s */
  double *y;           /* [pieces][nodes][n] solution at each node */
  double *shift;       /* [pieces][nodes][ns] state minus its value where the piece starts */
  double *rate;        /* [nodes][ns] of the piece in hand */
  double *size;        /* [ns] integral of |rate| over the cycle */
  double *error;       /* [pieces][ns] Kronrod minus Gauss */
  double *tolerance;   /* [n] absolute, of the solution at a node; INFINITY: moves no state */
  bool factored;       /* the sim holds the matrix of a node of this run */
  bool *solved;        /* [pieces] its nodes hold a solution */
  double *size_before; /* [ns] the same of the cycle before */
  double *contraction; /* [pieces] how much an error of `shift` shrinks in a sweep; < 0: unknown */

  /* time steps */
  pn_circuit_dae *dae;
  pn_integrator *g;
  double *ys, *yps, *qs; /* [dae n] */
  int n_steps, most_steps;
  double *t_at, *y_at; /* [most_steps + 1], [most_steps + 1][n] */
};

/* The change of states x [ns] over the cycle. */
pn_status pn_cycle_collocate(pn_cycle *c, const double *x, bool frozen, double *dx);
pn_status pn_cycle_integrate(pn_cycle *c, const double *x, double *dx);
pn_status pn_cycle_mesh(pn_cycle *c); /* first pieces, between the corners of the drive */

#endif
