/* Shift-and-invert Arnoldi: eigenvalues of a large sparse pencil nearest to a shift, from the Krylov
 * space of (G + shift C)^-1 C, orthogonalised twice and not restarted. ARPACK does the same but
 * keeps its state in static variables, so that two threads could not use it. */
#include "solver/eigen.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VECTORS = 160, EXTRA_VECTORS = 24, MORE_VECTORS = 32 };
static const double CONVERGED = 1e-9; /* of an eigenvalue of the inverted problem */
static const double VISIBLE =
    1e-6; /* smaller ones, relative to the largest, are lost in the start vector */

typedef struct krylov {
  const pn_eigen_operator *op;
  int n, m;             /* unknowns, vectors */
  double complex *v;    /* [m + 1][n] orthonormal */
  double complex *h;    /* [m + 1][m] by columns, leading dimension m + 1 */
  double complex *work; /* [n] */
} krylov;

static double norm(const double complex *v, int n)
{
  double sum = 0;
  for (int k = 0; k < n; k++)
    sum += creal(v[k]) * creal(v[k]) + cimag(v[k]) * cimag(v[k]);
  return sqrt(sum);
}

static double complex dot(const double complex *a, const double complex *b, int n)
{
  double complex sum = 0;
  for (int k = 0; k < n; k++)
    sum += conj(a[k]) * b[k];
  return sum;
}

static pn_status apply(krylov *k, const double complex *from, double complex *to)
{
  k->op->multiply_c(k->op->user, from, to);
  return k->op->solve(k->op->user, to);
}

/* A start inside the range of the operator: constraints are met, infinite eigenvalues stay out. */
static pn_status start(krylov *k)
{
  unsigned long long seed = 0x9E3779B97F4A7C15u;
  for (int i = 0; i < k->n; i++) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    k->work[i] = (double)(seed >> 11) / 9007199254740992.0 - 0.5;
  }
  pn_status st = apply(k, k->work, k->v);
  if (st == PN_OK) {
    memcpy(k->work, k->v, (size_t)k->n * sizeof *k->v);
    st = apply(k, k->work, k->v);
  }
  double size = norm(k->v, k->n);
  if (st == PN_OK && !(size > 0 && isfinite(size)))
    st = PN_E_SINGULAR;
  for (int i = 0; i < k->n; i++)
    k->v[i] /= size;
  return st;
}

/* Column j of the Hessenberg matrix; *ends when the space is complete. */
static pn_status extend(krylov *k, int j, bool *ends)
{
  double complex *w = k->v + (size_t)(j + 1) * (size_t)k->n,
                 *h = k->h + (size_t)j * (size_t)(k->m + 1);
  pn_status st = apply(k, k->v + (size_t)j * (size_t)k->n, w);
  if (st)
    return st;
  double before = norm(w, k->n);
  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i <= j; i++) {
      const double complex *v = k->v + (size_t)i * (size_t)k->n;
      double complex c = dot(v, w, k->n);
      h[i] += c;
      for (int l = 0; l < k->n; l++)
        w[l] -= c * v[l];
    }
  double size = norm(w, k->n);
  *ends = !(size > 1e-13 * before);
  h[j + 1] = *ends ? 0 : size;
  for (int l = 0; l < k->n && !*ends; l++)
    w[l] /= size;
  return isfinite(size) ? PN_OK : PN_E_DOMAIN;
}

typedef struct ritz {
  double complex value;
  double error; /* residual, relative */
} ritz;

static int nearest_first(const void *a, const void *b)
{
  double x = cabs(((const ritz *)a)->value), y = cabs(((const ritz *)b)->value);
  return (x < y) - (x > y);
}

/* Ritz values of the leading m x m block with their residuals |h_{m+1,m}| |last component|. */
static pn_status ritz_values(const krylov *k, int m, ritz *out)
{
  size_t side = (size_t)m;
  double complex *a = calloc(side * side + 1, sizeof *a), *z = calloc(side * side + 1, sizeof *z);
  double complex *mu = calloc(side + 1, sizeof *mu);
  pn_status st = a && z && mu ? PN_OK : PN_E_MEMORY;
  if (st == PN_OK) {
    for (int j = 0; j < m; j++)
      for (int i = 0; i < m && i <= j + 1; i++)
        a[i + j * m] = k->h[i + j * (k->m + 1)];
    lapack_int info = LAPACKE_zgeev(LAPACK_COL_MAJOR, 'N', 'V', m, a, m, mu, NULL, 1, z, m);
    st = info < 0 ? PN_E_MEMORY : info ? PN_E_CONVERGENCE : PN_OK;
  }
  double last = st ? 0 : cabs(k->h[m + (m - 1) * (k->m + 1)]);
  for (int j = 0; j < m && st == PN_OK; j++)
    out[j] = (ritz){mu[j], last * cabs(z[m - 1 + j * m]) / (cabs(mu[j]) + 1e-300)};
  if (st == PN_OK)
    qsort(out, side, sizeof *out, nearest_first);
  free(a);
  free(z);
  free(mu);
  return st;
}

static pn_status collect(const krylov *k, int m, bool complete, double complex shift, int most,
                         double complex *s, int *n_found, double *radius)
{
  ritz *r = calloc((size_t)m, sizeof *r);
  pn_status st = r ? ritz_values(k, m, r) : PN_E_MEMORY;
  *n_found = 0;
  *radius = 0;
  for (int j = 0; st == PN_OK && j < m; j++) {
    bool infinite = cabs(r[j].value) <= 1e-12 * cabs(r[0].value);
    if (infinite)
      break;
    if (r[j].error > CONVERGED || *n_found == most)
      goto done;
    s[(*n_found)++] = shift - 1 / r[j].value;
    *radius = 1 / cabs(r[j].value);
  }
  if (complete)
    *radius = fmax(*radius, 1 / (VISIBLE * cabs(r[0].value)));
done:
  free(r);
  return st;
}

pn_status pn_eigen_near(const pn_eigen_operator *op, double complex shift, int most, bool patient,
                        double complex *s, int *n_found, double *radius)
{
  int target = 2 * most + EXTRA_VECTORS, m = patient ? MOST_VECTORS : target;
  m = m > MOST_VECTORS ? MOST_VECTORS : m;
  m = m > op->n ? op->n : m;
  size_t n = (size_t)op->n, room = (size_t)m + 1;
  krylov k = {.op = op,
              .n = op->n,
              .m = m,
              .v = calloc(n * room, sizeof *k.v),
              .h = calloc(room * (size_t)m + 1, sizeof *k.h),
              .work = calloc(n + 1, sizeof *k.work)};
  pn_status st = k.v && k.h && k.work ? op->factor(op->user, shift) : PN_E_MEMORY;
  bool ends = false;
  int built = 0;
  if (st == PN_OK)
    st = start(&k);
  for (; st == PN_OK; target += MORE_VECTORS) {
    while (st == PN_OK && built < m && built < target && !ends)
      st = extend(&k, built++, &ends);
    if (st == PN_OK)
      st = collect(&k, built, ends, shift, most, s, n_found, radius);
    if (built == m || ends || *n_found == most)
      break;
  }
  free(k.v);
  free(k.h);
  free(k.work);
  return st;
}
