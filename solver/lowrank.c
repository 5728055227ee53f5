/* Branches beside a matrix by the formula of Sherman, Morrison and Woodbury: with Z = A^-1 U,
 * x = A^-1 b - Z (diag(1/g) + U' Z)^-1 U' A^-1 b. A branch that shorts (1/g = 0) is as good as any. */
#include "solver/lowrank.h"

#include <stdlib.h>
#include <string.h>

void pn_lowrank_begin(pn_lowrank *l, int n)
{
  pn_dense_free(l->small);
  l->small = NULL;
  l->n = n;
  l->rank = 0;
}

bool pn_lowrank_add(pn_lowrank *l, int p, int q, double g)
{
  if (l->rank == PN_LOWRANK_MOST)
    return false;
  l->p[l->rank] = p;
  l->q[l->rank] = q;
  l->g[l->rank++] = g;
  return true;
}

static double across(const pn_lowrank *l, int k, const double *x)
{
  return x[l->p[k]] - x[l->q[k]];
}

pn_status pn_lowrank_prepare(pn_lowrank *l, pn_status (*solve)(void *user, double *x), void *user)
{
  size_t n = (size_t)l->n;
  double k[PN_LOWRANK_MOST * PN_LOWRANK_MOST];
  if (l->rank > l->room) {
    double *z = realloc(l->z, (size_t)l->rank * n * sizeof *z);
    if (!z)
      return PN_E_MEMORY;
    l->z = z;
    l->room = l->rank;
  }
  for (int j = 0; j < l->rank; j++) {
    double *z = l->z + (size_t)j * n;
    memset(z, 0, n * sizeof *z);
    z[l->p[j]] += 1;
    z[l->q[j]] -= 1;
    pn_status st = solve(user, z);
    if (st)
      return st;
    for (int i = 0; i < l->rank; i++)
      k[j * l->rank + i] = across(l, i, z) + (i == j ? 1 / l->g[j] : 0);
  }
  pn_status st = pn_dense_new(l->rank, &l->small);
  return st ? st : pn_dense_factor(l->small, k);
}

pn_status pn_lowrank_correct(const pn_lowrank *l, double *x)
{
  double c[PN_LOWRANK_MOST];
  for (int k = 0; k < l->rank; k++)
    c[k] = across(l, k, x);
  pn_status st = pn_dense_solve(l->small, c);
  for (int k = 0; k < l->rank && !st; k++) {
    const double *z = l->z + (size_t)k * (size_t)l->n;
    for (int i = 0; i < l->n; i++)
      x[i] -= c[k] * z[i];
  }
  return st;
}

void pn_lowrank_free(pn_lowrank *l)
{
  pn_dense_free(l->small);
  free(l->z);
}
