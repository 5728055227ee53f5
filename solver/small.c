/* Systems of a few unknowns as full matrices: L U with row pivoting, chosen anew for each matrix, costs less
 * than the bookkeeping of a sparse one. KLU stands behind for the structure, for complex numbers and for
 * matrices without a good pivot; knows matrices, not circuits. */
#include "solver/linsol_class.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = PN_LINSOL_MOST_SMALL };
/* A pivot below this part of its row's largest entry is KLU's to judge: it names what is singular. */
static const double LEAST_PIVOT = 1e-13;

typedef struct small_solver {
  pn_linsol base;
  double lu[MOST][MOST]; /* rows: L without its unit diagonal, U with the inverse of its own */
  int row[MOST];         /* row[k] was swapped with row k at step k */
} small_solver;

static small_solver *of(pn_linsol *s)
{
  return (small_solver *)s;
}

static void destroy(pn_linsol *s)
{
  free(s);
}

/* The row with the largest entry of column k relative to its size, from k on; -1: none is good. */
static int find_pivot(const small_solver *s, const double *size, int k)
{
  int best = -1;
  double most = LEAST_PIVOT;
  for (int i = k; i < s->base.n; i++)
    if (fabs(s->lu[i][k]) > most * size[i]) {
      most = fabs(s->lu[i][k]) / size[i];
      best = i;
    }
  return best;
}

static void swap_rows(small_solver *s, double *size, int i, int k)
{
  double row[MOST], kept = size[i];
  memcpy(row, s->lu[i], sizeof row);
  memcpy(s->lu[i], s->lu[k], sizeof row);
  memcpy(s->lu[k], row, sizeof row);
  size[i] = size[k];
  size[k] = kept;
}

static void spread(small_solver *s, const double *values, double *size)
{
  int n = s->base.n;
  for (int i = 0; i < n; i++) {
    memset(s->lu[i], 0, (size_t)n * sizeof(double));
    size[i] = 0;
  }
  for (int j = 0; j < n; j++)
    for (int p = s->base.colptr[j]; p < s->base.colptr[j + 1]; p++) {
      int i = s->base.rowind[p];
      s->lu[i][j] = values[p];
      size[i] = fmax(size[i], fabs(values[p]));
    }
}

static pn_status factor(pn_linsol *base, const double *values, int *bad)
{
  (void)bad;
  small_solver *s = of(base);
  int n = base->n;
  double size[MOST], finite = 0;
  for (int p = 0; p < base->colptr[n]; p++)
    finite += 0 * values[p];
  if (!(finite == 0))
    return PN_E_DOMAIN;
  spread(s, values, size);
  for (int k = 0; k < n; k++) {
    int pivot = find_pivot(s, size, k);
    if (pivot < 0) {
      base->why = "a small pivot";
      return PN_E_CONVERGENCE;
    }
    s->row[k] = pivot;
    if (pivot != k)
      swap_rows(s, size, pivot, k);
    const double *u = s->lu[k];
    s->lu[k][k] = 1 / u[k];
    for (int i = k + 1; i < n; i++) {
      double *r = s->lu[i];
      if (r[k] == 0)
        continue;
      double l = r[k] *= u[k];
      for (int j = k + 1; j < n; j++)
        r[j] -= l * u[j];
    }
  }
  base->stats.factors++;
  return PN_OK;
}

static void solve_one(const small_solver *s, double *b)
{
  int n = s->base.n;
  for (int k = 0; k < n; k++) {
    double v = b[s->row[k]];
    b[s->row[k]] = b[k];
    b[k] = v;
  }
  for (int i = 1; i < n; i++)
    for (int j = 0; j < i; j++)
      b[i] -= s->lu[i][j] * b[j];
  for (int i = n - 1; i >= 0; i--) {
    for (int j = i + 1; j < n; j++)
      b[i] -= s->lu[i][j] * b[j];
    b[i] *= s->lu[i][i];
  }
}

static pn_status solve(pn_linsol *base, double *b, int nrhs)
{
  base->stats.solves += nrhs;
  for (int k = 0; k < nrhs; k++)
    solve_one(of(base), b + (size_t)k * (size_t)base->n);
  return PN_OK;
}

static pn_status solve_transposed(pn_linsol *base, double *b)
{
  small_solver *s = of(base);
  int n = base->n;
  base->stats.solves++;
  for (int i = 0; i < n; i++) {
    for (int j = 0; j < i; j++)
      b[i] -= s->lu[j][i] * b[j];
    b[i] *= s->lu[i][i];
  }
  for (int i = n - 1; i >= 0; i--)
    for (int j = i + 1; j < n; j++)
      b[i] -= s->lu[j][i] * b[j];
  for (int k = n - 1; k >= 0; k--) {
    double v = b[s->row[k]];
    b[s->row[k]] = b[k];
    b[k] = v;
  }
  return PN_OK;
}

static const pn_linsol_class small_class = {
    .destroy = destroy, .factor = factor, .solve = solve, .solve_transposed = solve_transposed};

pn_status pn_linsol_small(const pn_linsol_setup *setup, pn_linsol **out, int *bad)
{
  small_solver *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->base = (pn_linsol){
      .cls = &small_class, .n = setup->n, .colptr = setup->colptr, .rowind = setup->rowind};
  s->base.stats.name = "full matrix";
  s->base.stats.nnz_factors = (long)setup->n * setup->n;
  pn_status st = pn_linsol_klu(setup->n, setup->colptr, setup->rowind, &s->base.direct, bad);
  if (st) {
    destroy(&s->base);
    return st;
  }
  *out = &s->base;
  return PN_OK;
}
