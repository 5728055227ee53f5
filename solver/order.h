/* Fill-reducing orders for the direct solver. */
#ifndef PN_SOLVER_ORDER_H
#define PN_SOLVER_ORDER_H

#include "base/status.h"

/* Unknowns above which nested dissection beats minimum degree on circuits made of grids. */
enum { PN_ORDER_DISSECT_ABOVE = 30000 };

/* Nested dissection by level structures (George and Liu 1978, SIAM J. Numer. Anal. 15, 1053) of the
 * graph of A + A'. colptr [n+1], rowind [nnz]; order [n] gets the k-th pivot's column. */
pn_status pn_order_dissect(int n, const int *colptr, const int *rowind, int *order);

#endif
