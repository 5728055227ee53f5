/* Between the files of the crossbar solver: crossbar_around.c finds what stands around the arrays,
 * crossbar_load.c reads the numbers, crossbar.c solves. Nobody else includes it. */
#ifndef PN_SOLVER_CROSSBAR_PRIVATE_H
#define PN_SOLVER_CROSSBAR_PRIVATE_H

#include "solver/crossbar.h"
#include "solver/linsol_class.h"
#include "solver/lowrank.h"
#include "solver/peel.h"

/* What an unknown is. */
enum {
  PN_XB_OUTSIDE, /* not of an array */
  PN_XB_REGULAR, /* its row and column have all entries of its place in the array, and no others */
  PN_XB_ODD      /* some are missing, or join it to the outside */
};

/* A node outside the arrays with one neighbour in the core: eliminated before. */
typedef struct pn_xb_leaf {
  int node, parent;      /* unknowns; parent -1: a node that only known ones touch */
  int diag, up, down;    /* places of (node, node), (parent, node), (node, parent) */
  int next;              /* leaf whose node is the parent, or -1: it is in an array */
  int source;            /* leaf of a source's branch at this node, eliminated with it; -1: none */
  bool paired;           /* such a branch */
  double own, d;         /* diagonal, its inverse */
  double branch, factor; /* S to the parent, the parent's multiplier */
  double from_source;    /* the source's multiplier */
} pn_xb_leaf;

typedef struct pn_crossbar {
  pn_linsol base;
  pn_peel peel;
  pn_crossbar_block *block; /* [n_blocks] */
  int n_blocks, n_leaves;
  unsigned char *kind; /* [n of the matrix] */
  int *column;         /* [n_outside] unknowns outside the arrays, then [n_odd] odd ones */
  int n_outside, n_odd;
  pn_xb_leaf *leaves; /* [n_leaves] in the order of elimination */
  size_t n;           /* cells of all blocks */
  double *memory;
  double *x, *r, *p, *u, *q; /* [n] of the iteration, blocks one behind the other */
  double *full;              /* [n of the matrix] the solution, where r .. q were */
  double *rest;              /* [n of the matrix] the right-hand side under way */
  double scale;              /* largest norm of a right-hand side, lately */
  double reached;            /* relative accuracy of the last iteration, in its norm */
  pn_lowrank odd;            /* cells of negative conductance, and shorts */
  bool checked;
  double *kept;     /* diagonals without cells, [2][n] of each block; made when first needed */
  unsigned version; /* of the rest of the matrix that is kept; 0: none */
  unsigned refused; /* version of a rest that cannot be kept */
  unsigned loose;   /* solutions to less than the full accuracy */
  pn_pool *pool;    /* for large arrays, or NULL */
} pn_crossbar;

/* Nodes of one row of a grid that have both neighbours on their line, when the row's are regular: each
 * column has the stencil's entries. Else n is 0. */
typedef struct pn_xb_run {
  int node, n;
  pn_linsol_stencil at;
} pn_xb_run;
pn_xb_run pn_xb_inside(const pn_crossbar_block *k, const pn_linsol_grid *g, int row);

/* The block of an unknown, or NULL. */
pn_crossbar_block *pn_xb_block_of(const pn_crossbar *c, int unknown);
bool pn_xb_in_range(int k, int first, size_t n);

/* Kinds of the unknowns, singletons, leaves. PN_E_CONVERGENCE: more than singletons and trees stand
 * around the arrays, or their own entries are others than an array has. */
pn_status pn_xb_look_around(pn_crossbar *c);

/* The blocks' numbers and factors, and the leaves'. NULL, or why this solver cannot have them. */
const char *pn_xb_load(pn_crossbar *c, const double *values);

/* The same of a matrix in parts. PN_E_CONVERGENCE: not of this kind. */
pn_status pn_xb_load_cells(pn_crossbar *c, const pn_linsol_parts *p);

/* As pn_linsol_residual for the solution in c->full with the right-hand side b [n of the matrix]. */
double pn_xb_residual(pn_crossbar *c, const double *b);

#endif
