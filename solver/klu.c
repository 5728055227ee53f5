/* Sparse direct solution with KLU: one symbolic analysis (BTF and AMD), real and complex numbers
 * on it, pivots kept as long as they are good. Each factorisation is proved by the backward error
 * of its first solve; knows matrices, not circuits. */
#include "solver/linsol_class.h"
#include "solver/order.h"

#include <float.h>
#include <klu.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pivots are chosen anew when the reciprocal condition estimate of a refactorisation falls to this
 * part of the first one's (linsol.h). Pivot growth is not asked for: on ladders it costs 30 % of a
 * refactorisation, and the backward error of the next solve shows the same harm. */
static const double PIVOT_DECAY = 1e-3;
/* Componentwise backward error max |b - A x| / (|A| |x| + |b|) (Arioli, Demmel, Duff 1989, SIAM J.
 * Matrix Anal. Appl. 10, 165) beyond which a solution is refined. KLU reaches 1e-15 on good pivots. */
static const double GOOD_BACKWARD_ERROR = 1e-11;
/* Entries of x below this part of the largest count as that large in |x|: where the exact solution is
 * zero, the computed one is rounding noise of 1e-16 of the largest, and no refinement removes it. */
static const double NOISE_PART = 1e-4;
enum { MAX_REFINEMENTS = 3, EXACT_SOLVES = 4 };

typedef struct klu_solver klu_solver;

/* KLU's functions for one kind of number; arrays are doubles, complex ones as pairs. */
typedef struct number_kind {
  int width; /* doubles in a number */
  klu_numeric *(*factor)(int *, int *, double *, klu_symbolic *, klu_common *);
  int (*refactor)(int *, int *, double *, klu_symbolic *, klu_numeric *, klu_common *);
  int (*rcond)(klu_symbolic *, klu_numeric *, klu_common *);
  int (*solve)(klu_symbolic *, klu_numeric *, int, int, double *, klu_common *);
  int (*tsolve)(klu_symbolic *, klu_numeric *, int, int, double *, klu_common *);
  /* r = b - A x (or A^T x); returns the componentwise backward error. size [n] scratch */
  double (*residual)(const klu_solver *, const double *x, const double *b, bool transposed,
                     double *r, double *size);
  int (*free)(klu_numeric **, klu_common *);
} number_kind;

/* The numbers of one kind. */
typedef struct factors {
  const number_kind *kind;
  klu_numeric *numeric;
  double *values; /* [nnz * width] the matrix last factored */
  double *b, *r;  /* [n * width] right-hand side and residual of a checked solve */
  double *size;   /* [n] |A| |x| + |b| */
  double rcond0;  /* of the factorisation that chose the pivots */
  bool ready;     /* numeric belongs to values */
  bool proven;    /* a solve has shown a small backward error */
  int exact;      /* solves since the factorisation that showed none at all */
  bool fresh;     /* pivots were chosen for these very values */
} factors;

struct klu_solver {
  pn_linsol base;
  int n, nnz;
  int *colptr; /* [n+1] the caller's */
  int *rowind; /* [nnz] the caller's */
  klu_common common;
  klu_symbolic *symbolic;
  factors real, cplx;
};

/* ---- numbers ---- */

static int tsolve_complex(klu_symbolic *s, klu_numeric *f, int ldim, int nrhs, double *b,
                          klu_common *c)
{
  return klu_z_tsolve(s, f, ldim, nrhs, b, 0, c);
}

static const double *values_of(const klu_solver *s, int width)
{
  return width == 1 ? s->real.values : s->cplx.values;
}

/* The same loop for double and double complex. */
#define DEFINE_RESIDUAL(NAME, T, ABS)                                                              \
  static double NAME(const klu_solver *s, const double *x_, const double *b_, bool transposed,     \
                     double *r_, double *size)                                                     \
  {                                                                                                \
    const T *a = (const T *)values_of(s, sizeof(T) / sizeof(double));                              \
    const T *x = (const T *)x_, *b = (const T *)b_;                                                \
    T *r = (T *)r_;                                                                                \
    double floor = 0;                                                                              \
    for (int i = 0; i < s->n; i++) {                                                               \
      r[i] = b[i];                                                                                 \
      size[i] = ABS(b[i]);                                                                         \
      floor = fmax(floor, NOISE_PART * ABS(x[i]));                                                 \
    }                                                                                              \
    for (int j = 0; j < s->n; j++) {                                                               \
      for (int p = s->colptr[j]; p < s->colptr[j + 1]; p++) {                                      \
        int i = transposed ? j : s->rowind[p];                                                     \
        T term = a[p] * x[transposed ? s->rowind[p] : j];                                          \
        r[i] -= term;                                                                              \
        size[i] += ABS(a[p]) * fmax(floor, ABS(x[transposed ? s->rowind[p] : j]));                 \
      }                                                                                            \
    }                                                                                              \
    double worst = 0;                                                                              \
    for (int i = 0; i < s->n; i++) {                                                               \
      double e = size[i] > 0 ? ABS(r[i]) / size[i] : ABS(r[i]);                                    \
      worst = e <= worst || isnan(worst) ? worst : e;                                              \
    }                                                                                              \
    return worst;                                                                                  \
  }
DEFINE_RESIDUAL(residual_real, double, fabs)
DEFINE_RESIDUAL(residual_complex, double complex, cabs)
#undef DEFINE_RESIDUAL

static const number_kind REAL = {1,         klu_factor, klu_refactor,  klu_rcond,
                                 klu_solve, klu_tsolve, residual_real, klu_free_numeric};
static const number_kind COMPLEX = {
    2,           klu_z_factor,   klu_z_refactor,   klu_z_rcond,
    klu_z_solve, tsolve_complex, residual_complex, klu_z_free_numeric};

static bool factors_alloc(factors *f, const number_kind *kind, int n, int nnz)
{
  size_t w = (size_t)kind->width, rows = (size_t)n + 1;
  f->kind = kind;
  f->values = malloc(((size_t)nnz + 1) * w * sizeof(double));
  f->b = malloc(rows * w * sizeof(double));
  f->r = malloc(rows * w * sizeof(double));
  f->size = malloc(rows * sizeof(double));
  return f->values && f->b && f->r && f->size;
}

static void factors_free(factors *f, klu_common *c)
{
  if (f->numeric)
    f->kind->free(&f->numeric, c);
  free(f->values);
  free(f->b);
  free(f->r);
  free(f->size);
  *f = (factors){0};
}

/* ---- analysis ---- */

/* A column that a maximum matching of rows and columns leaves out. */
static pn_status find_unmatched(const klu_solver *s, int *bad)
{
  int n = s->n;
  int *match = malloc(7 * (size_t)n * sizeof(int)); /* match [n], work [5n], matched [n] */
  if (!match)
    return PN_E_MEMORY;
  int *work = match + n, *matched = match + 6 * (size_t)n;
  double effort;
  btf_maxtrans(n, n, s->colptr, s->rowind, 0, &effort, match, work);
  memset(matched, 0, (size_t)n * sizeof(int));
  for (int i = 0; i < n; i++)
    if (match[i] >= 0)
      matched[match[i]] = 1;
  *bad = 0;
  while (*bad < n - 1 && matched[*bad])
    ++*bad;
  free(match);
  return PN_E_SINGULAR;
}

static pn_status analyse(klu_solver *s, int *bad)
{
  s->symbolic = klu_analyze(s->n, s->colptr, s->rowind, &s->common);
  if (s->common.structural_rank >= 0 && s->common.structural_rank < s->n)
    return find_unmatched(s, bad);
  if (s->symbolic)
    return PN_OK;
  return s->common.status == KLU_OUT_OF_MEMORY ? PN_E_MEMORY
         : s->common.status == KLU_TOO_LARGE   ? PN_E_LIMIT
                                               : PN_E_INTERNAL;
}

static klu_solver *of(pn_linsol *s)
{
  return (klu_solver *)s;
}

static void destroy(pn_linsol *base)
{
  klu_solver *s = of(base);
  factors_free(&s->real, &s->common);
  factors_free(&s->cplx, &s->common);
  if (s->symbolic)
    klu_free_symbolic(&s->symbolic, &s->common);
  free(s);
}

static const pn_linsol_class klu_class;

/* KLU asks for the order of one diagonal block: nested dissection when it is large. */
static int dissect(int n, int *colptr, int *rowind, int *order, klu_common *c)
{
  (void)c;
  return pn_order_dissect(n, colptr, rowind, order) == PN_OK ? n : 0;
}

pn_status pn_linsol_klu(int n, const int *colptr, const int *rowind, pn_linsol **out, int *bad)
{
  int ignored;
  bad = bad ? bad : &ignored;
  *bad = -1;
  *out = NULL;
  klu_solver *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->base = (pn_linsol){.cls = &klu_class, .n = n, .colptr = colptr, .rowind = rowind};
  s->n = n;
  s->nnz = colptr[n];
  s->colptr = (int *)colptr; /* KLU does not write to them */
  s->rowind = (int *)rowind;
  s->base.stats.name = "KLU (AMD)";
  klu_defaults(&s->common); /* BTF on, AMD, rows scaled by their largest entry */
  if (n > PN_ORDER_DISSECT_ABOVE) {
    s->base.stats.name = "KLU (nested dissection)";
    s->common.ordering = 3;
    s->common.user_order = dissect;
  }
  pn_status st = PN_OK;
  if (!factors_alloc(&s->real, &REAL, n, s->nnz))
    st = PN_E_MEMORY;
  else if (n > 0)
    st = analyse(s, bad);
  if (st) {
    destroy(&s->base);
    return st;
  }
  *out = &s->base;
  return PN_OK;
}

/* ---- factorisation ---- */

static pn_status klu_trouble(const klu_solver *s, int *bad)
{
  switch (s->common.status) {
  case KLU_SINGULAR:
    /* KLU gives the column in the numbering of the matrix, permutations undone. */
    *bad = s->common.singular_col >= 0 && s->common.singular_col < s->n ? s->common.singular_col
                                                                        : -1;
    return PN_E_SINGULAR;
  case KLU_OUT_OF_MEMORY:
    return PN_E_MEMORY;
  case KLU_TOO_LARGE:
    return PN_E_LIMIT;
  default:
    return PN_E_INTERNAL;
  }
}

/* Chooses pivots for the values at hand. */
static pn_status factor_anew(klu_solver *s, factors *f, int *bad)
{
  f->ready = false;
  if (f->numeric)
    f->kind->free(&f->numeric, &s->common);
  f->numeric = f->kind->factor(s->colptr, s->rowind, f->values, s->symbolic, &s->common);
  s->base.stats.factors++;
  if (!f->numeric)
    return klu_trouble(s, bad);
  f->kind->rcond(s->symbolic, f->numeric, &s->common);
  f->rcond0 = s->common.rcond;
  f->ready = f->fresh = true;
  f->proven = false;
  f->exact = 0;
  s->base.stats.rcond = f->rcond0;
  s->base.stats.nnz_factors = (long)f->numeric->lnz + f->numeric->unz;
  return PN_OK;
}

/* Keeps the pivots; false when they no longer do. */
static bool factor_again(klu_solver *s, factors *f)
{
  s->base.stats.refactors++;
  if (!f->kind->refactor(s->colptr, s->rowind, f->values, s->symbolic, f->numeric, &s->common) ||
      s->common.status != KLU_OK)
    return false;
  f->kind->rcond(s->symbolic, f->numeric, &s->common);
  s->base.stats.rcond = s->common.rcond;
  f->fresh = f->proven = false;
  f->exact = 0;
  f->ready = s->common.rcond > PIVOT_DECAY * f->rcond0;
  return f->ready;
}

static pn_status factor(klu_solver *s, factors *f, const double *values, int *bad)
{
  int ignored;
  bad = bad ? bad : &ignored;
  *bad = -1;
  f->ready = false;
  size_t count = (size_t)s->nnz * (size_t)f->kind->width;
  memcpy(f->values, values, count * sizeof(double));
  double finite = 0; /* stays 0 unless a value is infinite or NaN */
  for (size_t k = 0; k < count; k++)
    finite += 0 * values[k]; /* NaN from infinity and NaN */
  if (!(finite == 0))
    return PN_E_DOMAIN;
  if (s->n == 0)
    return PN_OK;
  if (f->numeric && factor_again(s, f))
    return PN_OK;
  return factor_anew(s, f, bad);
}

/* ---- solution ---- */

static bool backsolve(klu_solver *s, factors *f, double *x, int nrhs, bool transposed)
{
  s->base.stats.solves += nrhs;
  return (transposed ? f->kind->tsolve : f->kind->solve)(s->symbolic, f->numeric, s->n, nrhs, x,
                                                         &s->common);
}

/* Solves for the right-hand side kept in f->b and refines; returns the backward error. */
static double solve_refined(klu_solver *s, factors *f, double *x, bool transposed)
{
  size_t count = (size_t)s->n * (size_t)f->kind->width;
  memcpy(x, f->b, count * sizeof(double));
  if (!backsolve(s, f, x, 1, transposed))
    return NAN;
  double error = f->kind->residual(s, x, f->b, transposed, f->r, f->size);
  for (int k = 0; k < MAX_REFINEMENTS && !(error <= GOOD_BACKWARD_ERROR); k++) {
    if (!backsolve(s, f, f->r, 1, transposed))
      return NAN;
    for (size_t i = 0; i < count; i++)
      x[i] += f->r[i];
    error = f->kind->residual(s, x, f->b, transposed, f->r, f->size);
  }
  return error;
}

/* The first solve after a factorisation is checked; pivots that fail it are chosen anew. */
static pn_status solve_checked(klu_solver *s, factors *f, double *x, bool transposed)
{
  memcpy(f->b, x, (size_t)s->n * (size_t)f->kind->width * sizeof(double));
  double error = solve_refined(s, f, x, transposed);
  if (!(error <= GOOD_BACKWARD_ERROR) && !f->fresh) {
    int bad;
    pn_status st = factor_anew(s, f, &bad);
    if (st)
      return st;
    error = solve_refined(s, f, x, transposed);
  }
  if (!isfinite(error))
    return PN_E_DOMAIN;
  s->base.stats.worst_residual = fmax(s->base.stats.worst_residual, error);
  /* One exact solve proves little (b may be nearly empty), several prove enough. */
  f->proven = error <= GOOD_BACKWARD_ERROR && (error > 0 || ++f->exact == EXACT_SOLVES);
  return PN_OK;
}

static pn_status solve(klu_solver *s, factors *f, double *b, int nrhs, bool transposed)
{
  if (s->n == 0)
    return PN_OK;
  if (!f->ready)
    return PN_E_INTERNAL;
  while (nrhs > 0 && !f->proven) {
    pn_status st = solve_checked(s, f, b, transposed);
    if (st)
      return st;
    b += (size_t)s->n * (size_t)f->kind->width;
    nrhs--;
  }
  return nrhs == 0 || backsolve(s, f, b, nrhs, transposed) ? PN_OK : PN_E_INTERNAL;
}

static pn_status factor_real(pn_linsol *s, const double *values, int *bad)
{
  return factor(of(s), &of(s)->real, values, bad);
}

static pn_status solve_real(pn_linsol *s, double *b, int nrhs)
{
  return solve(of(s), &of(s)->real, b, nrhs, false);
}

static pn_status solve_transposed(pn_linsol *s, double *b)
{
  return solve(of(s), &of(s)->real, b, 1, true);
}

static pn_status factor_complex(pn_linsol *base, const double complex *values, int *bad)
{
  klu_solver *s = of(base);
  if (!s->cplx.kind && !factors_alloc(&s->cplx, &COMPLEX, s->n, s->nnz)) {
    factors_free(&s->cplx, &s->common);
    return PN_E_MEMORY;
  }
  return factor(s, &s->cplx, (const double *)values, bad);
}

static pn_status solve_complex(pn_linsol *s, double complex *b, bool transposed)
{
  return solve(of(s), &of(s)->cplx, (double *)b, 1, transposed);
}

static const pn_linsol_class klu_class = {.destroy = destroy,
                                          .factor = factor_real,
                                          .solve = solve_real,
                                          .solve_transposed = solve_transposed,
                                          .factor_complex = factor_complex,
                                          .solve_complex = solve_complex};
