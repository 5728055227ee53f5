/* Sparse linear systems on a fixed pattern: symbolic analysis once, factor or
 * refactor when numbers change, solve many times. Real and complex. Behind it stand KLU
 * (klu.c), full matrices for a few unknowns (small.c), conjugate gradients for symmetric circuits (forest.c) and for crossbars
 * (crossbar.c); what these two cannot do goes to KLU. Knows matrices, not circuits. One linsol,
 * one thread. */
#ifndef PN_SOLVER_LINSOL_H
#define PN_SOLVER_LINSOL_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>

typedef struct pn_linsol pn_linsol;

/* Pattern in compressed columns: colptr [n+1], rowind [nnz] ascending in each column, not copied.
 * Fails with PN_E_MEMORY, or PN_E_SINGULAR when the pattern itself is (structurally) singular;
 * then *bad (may be NULL) is a column without a pivot. */
pn_status pn_linsol_klu(int n, const int *colptr, const int *rowind, pn_linsol **out, int *bad);
void pn_linsol_free(pn_linsol *s);

/* Unknowns of a crossbar: word-line node (i, j) is w0 + i * cols + j, bit-line node b0 + i * cols + j.
 * Neighbours along a row of w and along a column of b are joined, and each w to its b: directly, or
 * through a node m0 + i * cols + j. */
typedef struct pn_linsol_array {
  int rows, cols;
  int w0, b0, m0; /* m0 -1: cells without an inner node */
  bool whole;     /* all of these entries are known to be in the pattern */
  bool lopsided;  /* cells may be unsymmetric or negative: transistors */
} pn_linsol_array;

/* Unknowns first .. first + n - 1 belong to one cell of an array: others than its own touch them nowhere. */
typedef struct pn_linsol_cell {
  int first, n;
} pn_linsol_cell;

/* One of the grids of an array: its nodes, and what they are joined to. */
typedef struct pn_linsol_grid {
  char lines;       /* 'w' along rows, 'b' along columns, 'm' inner nodes: none */
  int first;        /* unknown of node (0, 0) */
  int step;         /* to the next node of its line */
  int cell1, cell2; /* first nodes at the cells' other ends; cell2 -1: none */
} pn_linsol_grid;
/* g [3]; returns how many there are. */
int pn_linsol_grids(const pn_linsol_array *a, pn_linsol_grid *g);
/* Rows, ascending, of the entries that the column of node (i, j) has in an array; returns their number,
 * at most PN_LINSOL_GRID_ROWS. */
enum { PN_LINSOL_GRID_ROWS = 5 };
int pn_linsol_grid_rows(const pn_linsol_array *a, const pn_linsol_grid *g, int i, int j, int *row);

/* Of nodes of lines that have both neighbours and no others: the rows of their four entries are own + to[m],
 * and which is which. */
typedef struct pn_linsol_stencil {
  int to[4];
  int before, own, next, cell;
} pn_linsol_stencil;
pn_linsol_stencil pn_linsol_grid_stencil(const pn_linsol_grid *g);

typedef enum pn_linsol_kind {
  PN_LINSOL_AUTO,
  PN_LINSOL_KLU,
  PN_LINSOL_FOREST,
  PN_LINSOL_CROSSBAR
} pn_linsol_kind;

typedef struct pn_linsol_setup {
  int n;
  const int *colptr, *rowind; /* [n+1], [nnz] as for pn_linsol_klu */
  pn_linsol_kind kind;
  const pn_linsol_array *arrays; /* [n_arrays] */
  int n_arrays;
  const pn_linsol_cell *cells; /* [n_cells] of arrays whose cells have unknowns of their own */
  int n_cells;
  int threads; /* that large arrays may use; results do not depend on it */
} pn_linsol_setup;

/* Chooses: cells with unknowns of their own are eliminated first, and what they leave is solved like any other matrix;
 * crossbar where arrays are all there is but for singletons and trees, or where the rest is a border
 * that leaves the arrays large; forest for large symmetric systems, a full matrix for a few unknowns, else KLU. A forced kind that does not fit falls back to KLU at the first
 * factorisation. Errors as pn_linsol_klu. */
pn_status pn_linsol_new(const pn_linsol_setup *setup, pn_linsol **out, int *bad);

/* values [nnz]: they must stay as they are until the next call. The first call factors with pivoting, later ones refactor along the same
 * pivots and factor anew when the reciprocal condition estimate falls to 1e-3 of the first
 * factorisation's or the backward error of the next solve says so. PN_E_DOMAIN: a value is not
 * finite. On PN_E_SINGULAR *bad is the column in which the pivot vanished (in the matrix's numbering). */
pn_status pn_linsol_factor(pn_linsol *s, const double *values, int *bad);

/* A matrix of which only arrays' cells change: all else, and the conductance that each cell adds between its word
 * and its bit line. */
typedef struct pn_linsol_parts {
  const double *rest;        /* [nnz] */
  unsigned version;          /* of `rest`, not 0: the same one, the same numbers */
  const double *const *cell; /* [n_arrays of the setup][rows * cols] S */
  /* The sum of both, [nnz], when it is needed; NULL: no memory. */
  const double *(*whole)(void *user);
  void *user;
} pn_linsol_parts;
/* As pn_linsol_factor; a solver that works on arrays takes the cells as they are. What p points to must stay as it is
 * until the next call. */
pn_status pn_linsol_factor_parts(pn_linsol *s, const pn_linsol_parts *p, int *bad);

/* The relative accuracy that solutions need from now on, where iterations find them; 0: as good as those of
 * elimination, which is the default. Newton's iteration repairs what is left out. */
void pn_linsol_set_tolerance(pn_linsol *s, double relative);
/* Solves in place; b [n]. */
pn_status pn_linsol_solve(pn_linsol *s, double *b);
pn_status pn_linsol_solve_transposed(pn_linsol *s, double *b);
/* nrhs right-hand sides, b [nrhs][n]. */
pn_status pn_linsol_solve_many(pn_linsol *s, double *b, int nrhs);

/* Did the last factorisation leave the work to the solutions, which iterate? */
bool pn_linsol_iterates(const pn_linsol *s);
/* Has the last solution's residual been measured against the matrix, and found to be rounding? Iterative
 * solvers do so after every factorisation. */
bool pn_linsol_verified(const pn_linsol *s);

/* Complex numbers on the same symbolic analysis. */
pn_status pn_linsol_factor_complex(pn_linsol *s, const double complex *values, int *bad);
pn_status pn_linsol_solve_complex(pn_linsol *s, double complex *b);
pn_status pn_linsol_solve_complex_transposed(pn_linsol *s, double complex *b);

typedef struct pn_linsol_stats {
  const char *name; /* "KLU (AMD)" */
  long factors, refactors, solves;
  long nnz_factors;      /* entries of L and U */
  double rcond;          /* of the last factorisation */
  double worst_residual; /* largest backward error of a checked solve: componentwise (KLU), or
                             in the maximum norm */
  long iterations;       /* of conjugate gradients */
  long fallbacks;        /* factorisations left to KLU */
} pn_linsol_stats;
pn_linsol_stats pn_linsol_get_stats(const pn_linsol *s);

#endif
