/* One crossbar array's numbers and kernels, for solver/crossbar.c: rows and columns as tridiagonal
 * factors, the product with the column Schur complement, the preconditioner. */
#ifndef PN_SOLVER_CROSSBAR_H
#define PN_SOLVER_CROSSBAR_H

#include "solver/linsol.h"

#include <stddef.h>

typedef struct pn_crossbar_block {
  pn_linsol_array shape;
  size_t n;             /* rows * cols; arrays below are [rows][cols] */
  double *dw, *lw;      /* inverse pivots of the rows, multipliers from (i, j) to (i, j+1) */
  double *db, *lb;      /* the same of the columns, from (i, j) to (i+1, j) */
  double *g;            /* S, cells */
  double *aw, *ab, *dm; /* with inner nodes: branches to w and b, inverse diagonal; else NULL */
} pn_crossbar_block;

/* LDL' of all rows and columns; dw and db hold diagonals, lw and lb the branches' conductances (S) when
 * called. False when a pivot is not positive. */
bool pn_crossbar_factor(pn_crossbar_block *k);
/* t = Tw^-1 (r + g v); r or v may be NULL. [n] */
void pn_crossbar_rows(const pn_crossbar_block *k, const double *r, const double *v, double *t);
/* One step of the iteration: p = z + beta p, u = r + beta u (which is Tb p), q = u - g Tw^-1 g p;
 * returns p q. */
double pn_crossbar_apply(const pn_crossbar_block *k, double beta, const double *r, const double *z,
                         double *p, double *u, double *q);
/* r -= alpha q, x += alpha p, z = Tb^-1 r; returns r z. */
double pn_crossbar_improve(const pn_crossbar_block *k, double alpha, const double *p,
                           const double *q, double *x, double *r, double *z);

#endif
