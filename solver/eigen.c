/* All eigenvalues of a dense pencil G + s C. C is singular in every circuit: rows without a
 * derivative are constraints. They are found by a rank-revealing QR factorisation of C and
 * eliminated through the null space of the constraints, again and again until what is left of C is
 * regular (the staircase of Van Dooren, Linear Algebra Appl. 27, 103, 1979, sec. 4), and values at 0 likewise; then
 * LAPACK's QR algorithm sees only finite eigenvalues. */
#include "solver/eigen.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double LOOSEST = 1e-10;
static const double RANK_TOLERANCE = 1e-13; /* of the largest pivot, rows and columns scaled */

static int falling(const void *a, const void *b)
{
  const double complex x = *(const double complex *)a, y = *(const double complex *)b;
  if (creal(x) != creal(y))
    return creal(x) > creal(y) ? -1 : 1;
  return (cimag(x) < cimag(y)) - (cimag(x) > cimag(y));
}

void pn_eigen_sort(double complex *s, int n)
{
  qsort(s, (size_t)n, sizeof *s, falling);
}

static int falling_modulus(const void *a, const void *b)
{
  double x = cabs(*(const double complex *)a), y = cabs(*(const double complex *)b);
  return (x < y) - (x > y);
}

static pn_status status_of(lapack_int info)
{
  return info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR ? PN_E_MEMORY
         : info ? PN_E_CONVERGENCE
                : PN_OK;
}

static pn_status standard(int n, double *a, double complex *s)
{
  double *parts = malloc((size_t)(2 * n + 1) * sizeof *parts);
  if (!parts)
    return PN_E_MEMORY;
  lapack_int info = LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'N', n, a, n, parts, parts + n, NULL, 1,
                                  NULL, 1);
  for (int k = 0; k < n; k++)
    s[k] = parts[k] + I * parts[n + k];
  free(parts);
  return status_of(info);
}

pn_status pn_eigen_dense(int n, double *a, double complex *s)
{
  pn_status st = standard(n, a, s);
  if (st == PN_OK)
    qsort(s, (size_t)n, sizeof *s, falling_modulus);
  return st;
}

/* A frequency that brings G and C to one size: the geometric mean of the entries' ratio. */
static double balance(int n, const double *g, const double *c)
{
  double sum = 0;
  int count = 0;
  for (int j = 0; j < n; j++) {
    double most_g = 0, most_c = 0;
    for (int i = 0; i < n; i++) {
      most_g = fmax(most_g, fabs(g[i + j * n]));
      most_c = fmax(most_c, fabs(c[i + j * n]));
    }
    if (most_g > 0 && most_c > 0) {
      sum += log(most_g / most_c);
      count++;
    }
  }
  return count ? exp(sum / count) : 1;
}

/* Divides rows, then columns, of two matrices by the largest entries of both, or of the first alone: twice. */
static void equilibrate(int n, double *g, double *c, bool both)
{
  for (int pass = 0; pass < 4; pass++) {
    int along = pass % 2 ? 1 : n, across = pass % 2 ? n : 1;
    for (int i = 0; i < n; i++) {
      double most = 0;
      for (int j = 0; j < n; j++) {
        size_t at = (size_t)i * (size_t)across + (size_t)j * (size_t)along;
        most = fmax(most, fmax(fabs(g[at]), both ? fabs(c[at]) : 0));
      }
      int exponent;
      frexp(most, &exponent);
      double scale = most > 0 ? ldexp(1, -exponent) : 1; /* a power of two rounds nothing */
      for (int j = 0; j < n; j++) {
        size_t at = (size_t)i * (size_t)across + (size_t)j * (size_t)along;
        g[at] *= scale;
        c[at] *= scale;
      }
    }
  }
}

/* QR with column pivoting of a [rows*cols]; *rank of it. pivot [cols], tau [min]. */
static pn_status factor_qr(int rows, int cols, double *a, double tolerance, lapack_int *pivot,
                           double *tau, int *rank)
{
  memset(pivot, 0, (size_t)cols * sizeof *pivot);
  lapack_int info = LAPACKE_dgeqp3(LAPACK_COL_MAJOR, rows, cols, a, rows, pivot, tau);
  int most = rows < cols ? rows : cols;
  *rank = 0;
  while (*rank < most && fabs(a[*rank + *rank * rows]) > tolerance * fabs(a[0]))
    ++*rank;
  return status_of(info);
}

typedef struct stage {
  double *g, *c;     /* [n*n] the present pencil */
  double *qr, *tau;  /* [n*n], [n] */
  lapack_int *pivot; /* [n] */
  double tolerance;  /* of ranks of C */
  double constraint; /* the last stair's smallest pivot */
} stage;

/* G and C times Z (from qr, `k` reflectors), first k columns and all rows from r on dropped: r x r. */
static pn_status project(stage *w, int n, int k, int r)
{
  double *both[] = {w->g, w->c};
  for (int m = 0; m < 2; m++) {
    lapack_int info = LAPACKE_dormqr(LAPACK_COL_MAJOR, 'R', 'N', n, n, k, w->qr, n, w->tau, both[m],
                                     n);
    if (info)
      return status_of(info);
    for (int j = 0; j < r; j++)
      memmove(both[m] + (size_t)j * (size_t)r, both[m] + (size_t)(j + k) * (size_t)n,
              (size_t)r * sizeof(double));
  }
  return PN_OK;
}

/* One stair: *n shrinks by the number of constraints; *done when C is regular. */
static pn_status deflate(stage *w, int *size, bool *done)
{
  int n = *size, rank, full;
  memcpy(w->qr, w->c, (size_t)n * (size_t)n * sizeof *w->qr);
  pn_status st = factor_qr(n, n, w->qr, w->tolerance, w->pivot, w->tau, &rank);
  *done = rank == n;
  if (st || *done)
    return st;
  double *both[] = {w->g, w->c};
  for (int m = 0; m < 2; m++) {
    lapack_int info = LAPACKE_dormqr(LAPACK_COL_MAJOR, 'L', 'T', n, n, n, w->qr, n, w->tau, both[m],
                                     n);
    if (info)
      return status_of(info);
  }
  int k = n - rank; /* constraints: rows of G whose derivatives vanished */
  for (int i = 0; i < k; i++)
    for (int j = 0; j < n; j++)
      w->qr[j + i * n] = w->g[rank + i + (size_t)j * (size_t)n];
  st = factor_qr(n, k, w->qr, RANK_TOLERANCE, w->pivot, w->tau, &full);
  if (st == PN_OK && full < k)
    st = PN_E_SINGULAR;
  w->constraint = fabs(w->qr[(size_t)(k - 1) * (size_t)(n + 1)]);
  if (st == PN_OK)
    st = project(w, n, k, rank);
  *size = rank;
  return st;
}

static double largest(int n, const double *a)
{
  double most = 0;
  for (size_t k = 0; k < (size_t)n * (size_t)n; k++)
    most = fmax(most, fabs(a[k]));
  return most;
}

/* Values of 0 are the infinite ones of C + G / s: the same stairs with the matrices changed over. A chain of them
 * (a high-pass of three capacitors has zeros at 0 three times) would come out as a star of radius eps^(1/3). */
static pn_status deflate_zeros(stage *w, int *n, int *zeros)
{
  stage over = *w;
  over.g = w->c;
  over.c = w->g;
  int before = *n;
  bool done = false;
  pn_status st = PN_OK;
  equilibrate(*n, w->g, w->c, false);
  while (st == PN_OK && *n > 0 && !done) {
    double most = largest(*n, over.g);
    st = deflate(&over, n, &done);
    /* Rounding turned the constraint, and so what remains of G, by this much. */
    if (st == PN_OK && !done)
      over.tolerance = fmin(LOOSEST, over.tolerance + 2e-15 * most / over.constraint);
  }
  *zeros = before - *n;
  return st;
}

static pn_status solve_regular(stage *w, int n, double omega, double complex *s)
{
  lapack_int info = LAPACKE_dgesv(LAPACK_COL_MAJOR, n, n, w->c, n, w->pivot, w->g, n);
  if (info)
    return info > 0 ? PN_E_SINGULAR : status_of(info);
  pn_status st = standard(n, w->g, s);
  for (int k = 0; k < n; k++)
    s[k] *= -omega;
  return st;
}

pn_status pn_eigen_pencil(int n, double *g, double *c, double complex *s, int *n_finite)
{
  *n_finite = 0;
  size_t room = (size_t)n;
  stage w = {.g = g,
             .c = c,
             .qr = malloc((room * room + 1) * sizeof *w.qr),
             .tau = malloc((room + 1) * sizeof *w.tau),
             .pivot = malloc((room + 1) * sizeof *w.pivot),
             .tolerance = RANK_TOLERANCE};
  pn_status st = w.qr && w.tau && w.pivot ? PN_OK : PN_E_MEMORY;
  double omega = balance(n, g, c);
  for (size_t k = 0; k < room * room; k++) {
    c[k] *= omega;
    st = isfinite(g[k]) && isfinite(c[k]) ? st : PN_E_DOMAIN;
  }
  int zeros = 0;
  if (st == PN_OK)
    st = deflate_zeros(&w, &n, &zeros);
  if (st == PN_OK)
    equilibrate(n, g, c, true);
  bool done = false;
  while (st == PN_OK && n > 0 && !done)
    st = deflate(&w, &n, &done);
  if (st == PN_OK && n > 0)
    st = solve_regular(&w, n, omega, s);
  for (int k = 0; k < zeros; k++)
    s[n + k] = 0;
  if (st == PN_OK) {
    *n_finite = n + zeros;
    pn_eigen_sort(s, *n_finite);
  }
  free(w.qr);
  free(w.tau);
  free(w.pivot);
  return st;
}
