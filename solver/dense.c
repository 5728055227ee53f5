/* LU factorisation of small dense matrices. */
#include "solver/dense.h"

#include <lapacke.h>
#include <stdlib.h>
#include <string.h>

struct pn_dense {
  int n;
  double *a;         /* [n*n] factors */
  lapack_int *pivot; /* [n] */
};

pn_status pn_dense_new(int n, pn_dense **out)
{
  *out = NULL;
  size_t m = (size_t)n;
  pn_dense *d = calloc(1, sizeof *d);
  if (!d)
    return PN_E_MEMORY;
  d->n = n;
  d->a = malloc((m * m + 1) * sizeof *d->a);
  d->pivot = malloc((m + 1) * sizeof *d->pivot);
  if (!d->a || !d->pivot) {
    pn_dense_free(d);
    return PN_E_MEMORY;
  }
  *out = d;
  return PN_OK;
}

void pn_dense_free(pn_dense *d)
{
  if (!d)
    return;
  free(d->a);
  free(d->pivot);
  free(d);
}

pn_status pn_dense_factor(pn_dense *d, const double *a)
{
  memcpy(d->a, a, (size_t)d->n * (size_t)d->n * sizeof *a);
  return LAPACKE_dgetrf(LAPACK_COL_MAJOR, d->n, d->n, d->a, d->n, d->pivot) ? PN_E_SINGULAR : PN_OK;
}

pn_status pn_dense_solve(const pn_dense *d, double *b)
{
  lapack_int info = LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'N', d->n, 1, d->a, d->n, d->pivot, b, d->n);
  return info ? PN_E_DOMAIN : PN_OK;
}
