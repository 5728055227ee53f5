/* One crossbar array's numbers and kernels, for solver/crossbar.c: rows and columns as tridiagonal
 * factors, the product with the column Schur complement, the preconditioner. */
#ifndef PN_SOLVER_CROSSBAR_H
#define PN_SOLVER_CROSSBAR_H

#include "base/pool.h"
#include "solver/linsol.h"

#include <stddef.h>

enum {
  PN_CROSSBAR_GROUP = 8,          /* word lines that run side by side */
  PN_CROSSBAR_MOST_PARTS = 16,    /* of a job that threads share */
  PN_CROSSBAR_PART_COLUMNS = 256, /* in a part, at least */
  PN_CROSSBAR_SHARED = 1 << 16    /* cells from which on jobs are shared */
};

typedef struct pn_crossbar_block {
  pn_linsol_array shape;
  size_t n; /* rows * cols; arrays below are [rows][cols] but where another shape is told */
  double *dw,
      *lw; /* diagonals of the rows, conductances from (i, j) to (i, j+1) when loaded. Factored:
                      inverse pivots and multipliers, [rows / 8, rounded up][cols][8] */
  double *db, *lb;        /* the same of the columns, from (i, j) to (i+1, j), never in groups */
  double same_w, same_b;  /* S, where all segments are alike, or 0: then a multiplier is its inverse
                            pivot times that, and is not fetched */
  double *g;              /* S, cells */
  double *aw, *ab, *dm;   /* with inner nodes: branches to w and b, inverse diagonal; else NULL */
  double *tile, *line;    /* scratch: [row_parts][cols][8], [2][cols] */
  double *dot;            /* [number of groups or of col_parts] parts of a scalar product */
  pn_pool *pool;          /* the solver's, or NULL */
  unsigned char *regular; /* [2][rows] of w and b: nodes with both neighbours are all regular */
  /* The columns' recursions are shared by columns, the rows' by groups of rows; how follows from the shape
   * alone, so that results have the same bits for any number of threads. */
  int row_parts, col_parts;
} pn_crossbar_block;

/* Where part k of n about equal parts begins. */
size_t pn_crossbar_part(size_t all, int k, int n);

/* same_w and same_b of the conductances loaded. */
void pn_crossbar_compare(pn_crossbar_block *k);
/* LDL' of all rows and columns. Multipliers that need not be fetched are not made: lw, lb stay as they are. False when a
 * pivot is not positive. */
bool pn_crossbar_factor(pn_crossbar_block *k);
/* The diagonals as they are loaded, for blocks of which cells alone change: kept [2][n]. */
void pn_crossbar_keep(pn_crossbar_block *k, double *kept);
/* Diagonals and cells with `cell` [n], S, none NaN, added to nothing. False when one is negative or above `largest`. */
bool pn_crossbar_add_cells(const pn_crossbar_block *k, const double *kept, const double *cell,
                           double largest);
/* t = Tw^-1 (r + g v); r or v may be NULL. [n] */
void pn_crossbar_rows(const pn_crossbar_block *k, const double *r, const double *v, double *t);

/* One block's part of the iteration, each [n]: solution, residual, direction, Tb times it, and, by turns,
 * the Schur complement times it and half of the preconditioned residual, y. */
typedef struct pn_crossbar_vectors {
  double *x, *r, *p, *u, *q;
} pn_crossbar_vectors;

/* r -= alpha q (unless it is the first time), q = y = Lb^-1 r for Tb = Lb Db Lb'; returns r Tb^-1 r =
 * y Db^-1 y. */
double pn_crossbar_down(const pn_crossbar_block *k, double alpha, bool first, double *r, double *q);
/* With z = Tb^-1 r from y: p = z + beta p, u = r + beta u (which is Tb p), q = u - g Tw^-1 g p, and, for the
 * direction before, x += alpha p. In pass 0 there is none, in pass 1 x is set. Returns p q. */
double pn_crossbar_up(const pn_crossbar_block *k, int pass, double alpha, double beta,
                      const pn_crossbar_vectors *v);

#endif
