/* A few branches beside a matrix: solutions of (A + sum_k g_k u_k u_k') x = b with u_k = e_p - e_q from
 * those with A alone. What a solver of positive circuits cannot take, a branch of negative conductance or one
 * that shorts all others, is put aside so. Knows neither matrices nor circuits. */
#ifndef PN_SOLVER_LOWRANK_H
#define PN_SOLVER_LOWRANK_H

#include "base/status.h"
#include "solver/dense.h"

#include <stdbool.h>

enum { PN_LOWRANK_MOST = 16 };

typedef struct pn_lowrank {
  int n, rank;
  int p[PN_LOWRANK_MOST], q[PN_LOWRANK_MOST]; /* unknowns at the ends of each branch */
  double g[PN_LOWRANK_MOST];                  /* S, may be negative, not 0 */
  double *z;                                  /* [room][n] A^-1 u_k */
  int room;
  pn_dense *small; /* of diag(1/g) + U' Z; NULL: not prepared */
} pn_lowrank;

/* Forgets the branches; zeroed memory is a valid start. */
void pn_lowrank_begin(pn_lowrank *l, int n);
/* False when there are too many. */
bool pn_lowrank_add(pn_lowrank *l, int p, int q, double g);
/* Solves A z_k = u_k for all branches, by solve, which works in place on x [n]. */
pn_status pn_lowrank_prepare(pn_lowrank *l, pn_status (*solve)(void *user, double *x), void *user);
/* x [n] from A x = b becomes that of the whole. Call after prepare. */
pn_status pn_lowrank_correct(const pn_lowrank *l, double *x);
void pn_lowrank_free(pn_lowrank *l);

#endif
