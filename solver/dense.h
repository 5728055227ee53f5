/* Small dense linear systems by LAPACK, so that only solver/ knows it. */
#ifndef PN_SOLVER_DENSE_H
#define PN_SOLVER_DENSE_H

#include "base/status.h"

typedef struct pn_dense pn_dense;

pn_status pn_dense_new(int n, pn_dense **out);
void pn_dense_free(pn_dense *d);
/* LU of a [n*n], stored by columns, copied. PN_E_SINGULAR: a pivot is 0. */
pn_status pn_dense_factor(pn_dense *d, const double *a);
/* b [n] in place. */
pn_status pn_dense_solve(const pn_dense *d, double *b);

#endif
