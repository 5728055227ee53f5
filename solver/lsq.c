/* CMINPACK behind solver/lsq.h. */
#include "solver/lsq.h"

#include <cminpack.h>
#include <math.h>
#include <stdlib.h>

static int call(void *user, int m, int n, const double *x, double *r, int flag)
{
  const pn_lsq_problem *p = user;
  (void)m, (void)n, (void)flag;
  return p->residual(p->user, x, r) ? 0 : -1;
}

/* R of the pivoted QR factors to the covariance; rank deficiency leaves NAN. */
static void covariance_of(const pn_lsq_problem *p, double *r, const int *pivot, double sum,
                          double *work, double *covariance)
{
  int n = p->n;
  double largest = fabs(r[0]), scale = p->m > n ? sum / (p->m - n) : NAN;
  bool *lost = (bool *)(work + n);
  for (int k = 0; k < n; k++)
    lost[pivot[k] - 1] = !(fabs(r[k * p->m + k]) > 1e-12 * largest);
  covar(n, r, p->m, pivot, 1e-14, work);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++)
      covariance[i * n + j] = lost[i] || lost[j] ? NAN : scale * r[j * p->m + i];
}

pn_status pn_lsq(const pn_lsq_problem *p, double *x, double *covariance, pn_lsq_result *result)
{
  size_t m = (size_t)p->m, n = (size_t)p->n;
  double *memory = calloc(2 * m + m * n + 8 * n, sizeof *memory);
  int *pivot = calloc(n, sizeof *pivot);
  pn_status st = PN_E_MEMORY;
  *result = (pn_lsq_result){0};
  if (memory && pivot) {
    double *r = memory, *w4 = r + m, *jacobian = w4 + m, *diag = jacobian + m * n, *qtf = diag + n;
    double *w1 = qtf + n, *w2 = w1 + n, *w3 = w2 + n;
    int info = lmdif(call, (void *)p, p->m, p->n, x, r, p->tol, p->tol, 0, p->most,
                     p->step * p->step, diag, 1, 1.0, 0, &result->evaluations, jacobian, p->m,
                     pivot, qtf, w1, w2, w3, w4);
    for (size_t k = 0; k < m; k++)
      result->sum += r[k] * r[k];
    result->converged = info >= 1 && info <= 4;
    st = info < 0 ? PN_E_CONVERGENCE : info == 0 ? PN_E_USAGE : PN_OK;
    if (st == PN_OK && covariance)
      covariance_of(p, jacobian, pivot, result->sum, w1, covariance);
  }
  free(memory);
  free(pivot);
  return st;
}
