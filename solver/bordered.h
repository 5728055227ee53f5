/* Between the files of the bordered crossbar solver: bordered_parts.c divides the matrix into arrays and
 * border, bordered.c does the numbers. Nobody else includes it. */
#ifndef PN_SOLVER_BORDERED_H
#define PN_SOLVER_BORDERED_H

#include "solver/linsol_class.h"

enum { PN_BORDER_COLOURS = 8 /* of ports that share a part of the border, at most */ };

/* Part of the matrix: its columns, and which of the whole matrix's values they are. */
typedef struct pn_border_part {
  int n, nnz;
  int *ptr, *ind, *slot; /* [n + 1], [nnz], [nnz] */
  double *value;         /* [nnz] */
} pn_border_part;

/* An entry between the parts. */
typedef struct pn_border_link {
  int row, col, slot; /* numbers in their parts; place in the whole matrix's values */
} pn_border_link;

typedef struct pn_bordered {
  pn_linsol base;
  pn_linsol *array, *border;
  pn_border_part in, out;
  unsigned char *outside;    /* [n of the matrix] */
  int *where;                /* [n of the matrix] number in its part */
  pn_border_link *up, *down; /* [n_up] A_ao, [n_down] A_oa */
  int n_up, n_down;
  int *port, *place,
      *colour; /* [n_ports] number in `in`; place of its diagonal; -1: not corrected */
  int n_ports, n_colours;
  int *up_first, *down_first;     /* [n_ports + 1] links of each port, which are sorted by ports */
  bool exact;                     /* S differs from A_aa in the ports' diagonals only */
  int most;                       /* vectors of the iteration before it restarts */
  double *v, *z;                  /* [most + 1][in.n], [most][in.n] */
  double *x, *side, *border_side; /* [in.n], [in.n], [out.n] */
  double *full, *scratch;         /* [n], [2 n] */
  bool checked;
  int *pair; /* [n_pairs][2] places in `in` of the cells of lopsided arrays: (w, b) and (b, w) */
  int n_pairs;
  double *actual; /* [in.nnz] values of `in` before they are made even and corrected */
  bool even;      /* they are equal in the present matrix, and not negative conductances */
} pn_bordered;

/* Parts, links and ports. PN_E_CONVERGENCE: too much stands around the arrays. */
pn_status pn_bordered_divide(pn_bordered *b, const pn_linsol_setup *s);

#endif
