/* Between the files of the condensing solver: condensed_pattern.c sorts the entries of cells and makes the
 * pattern of what they leave, condensed.c does the numbers. Nobody else includes it. */
#ifndef PN_SOLVER_CONDENSED_H
#define PN_SOLVER_CONDENSED_H

#include "solver/linsol_class.h"

enum {
  PN_CONDENSED_LANES = 8,  /* cells that are eliminated side by side */
  PN_CONDENSED_INNER = 16, /* unknowns of a cell's own, at most */
  PN_CONDENSED_PORTS = 8,  /* others that it touches, at most */
  PN_CONDENSED_SHAPES = 16 /* different kinds of cells, at most */
};

/* An entry of a cell's rows and columns in its own numbers: inner unknowns, behind them the ports. */
typedef struct pn_condensed_entry {
  int row, col;
} pn_condensed_entry;

/* Cells with entries in the same places; lanes that are left over repeat the last cell. */
typedef struct pn_condensed_shape {
  int inner, ports, n_entries;
  pn_condensed_entry *entry; /* [n_entries] */
  int n, n_pad;              /* cells; rounded up to whole groups of lanes */
  int *cell;                 /* [n] their numbers among all */
  int *first;                /* [n_pad] first inner unknown of each cell */
  int *port;                 /* [ports][n_pad] unknowns of what is left */
  int *slot;                 /* [n_entries][n_pad] places in the matrix's values */
  /* [ports * ports][n_pad] places in the values of what is left; -1: nothing is added there */
  int *target;
  double *inverse, *from, *to; /* of each group: [inner * inner] D^-1, [inner * ports] D^-1 B,
                                  [ports * inner] C D^-1, each [PN_CONDENSED_LANES] */
} pn_condensed_shape;

typedef struct pn_condensed {
  pn_linsol base;
  pn_linsol *left; /* solves for what is left */
  pn_condensed_shape shape[PN_CONDENSED_SHAPES];
  int n_shapes;
  int *where;               /* [n] number among what is left; -1: an inner unknown */
  int n_left, nnz_left;     /* unknowns and entries of it */
  int *colptr, *rowind;     /* [n_left + 1], [nnz_left] its pattern */
  int n_copied;             /* entries that are not of cells */
  int *copy_from, *copy_to; /* [n_copied] their places in both matrices' values */
  double *values;           /* [nnz_left] */
  double *side;             /* [n_left] */
  double *scratch;          /* [3 n] */
  unsigned unchecked;       /* solutions since the last look at a residual */
  bool checked;             /* the present factors' */
  char name[200];
} pn_condensed;

/* Everything above but the numbers, the solver of what is left, scratch and name. PN_E_CONVERGENCE: cells that touch each
 * other's inner unknowns, are too large, or too different. */
pn_status pn_condensed_look(pn_condensed *c, const pn_linsol_setup *setup);
void pn_condensed_forget(pn_condensed *c);

#endif
