/* Singletons of a sparse matrix: rows that fix one unknown (a grounded voltage source its node) are
 * solved before the rest, columns with one row (the source's current) after it, both exactly.
 * What remains, the core, has the same unknowns in rows and columns. */
#ifndef PN_SOLVER_PEEL_H
#define PN_SOLVER_PEEL_H

#include "base/status.h"

#include <stdbool.h>

typedef struct pn_peel {
  int n;
  const int *colptr, *rowind; /* the matrix's, not copied */
  int n_first;
  int *first_row, *first_col,
      *first_at; /* [n_first] in the order of solution; place of the value */
  int n_last;
  int *last_row, *last_col, *last_at; /* [n_last] in the order of elimination: solved backwards */
  int *last_ptr;                      /* [n_last + 1] rows of the last ones: */
  int *last_ind, *last_slot;          /* columns and places of their entries */
  signed char *part;                  /* [n] 0: an unknown of the core */
  int n_core;
  double *first; /* [n_first] room for the caller's values */
} pn_peel;

/* What is known to stay in the core. */
typedef struct pn_peel_core {
  const unsigned char *in; /* [n] not 0: rows and columns of the core, whatever they have */
  const int *column; /* [n_columns] all columns outside and those of the core with an entry there */
  int n_columns, n_outside;
} pn_peel_core;

/* core: NULL when nothing is known. PN_E_CONVERGENCE when rows and columns of the rest differ, PN_E_MEMORY. */
pn_status pn_peel_new(int n, const int *colptr, const int *rowind, const pn_peel_core *core,
                      pn_peel *p);
void pn_peel_free(pn_peel *p);

/* Solves for the first unknowns into first [n_first] and takes them out of b [n]: what is left in b's rows of
 * the core belongs to the core alone. False when a singleton's value is zero. */
bool pn_peel_before(const pn_peel *p, const double *values, double *b, double *first);
/* With x [n] of the core known, the first unknowns and the last; b [n] is read in the last ones' rows. */
bool pn_peel_after(const pn_peel *p, const double *values, const double *b, const double *first,
                   double *x);

#endif
