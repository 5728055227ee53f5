/* Conjugate gradients for symmetric circuits, preconditioned by the forest of their strong branches.
 * Grounded sources are peeled off exactly (peel.h); among what remains, branches of at least a twentieth
 * of the smaller diagonal join trees (union-find), whose matrix is factored exactly in O(n). In a flat
 * crossbar the trees are its word and bit lines. */
#include "base/large.h"
#include "solver/linsol_class.h"
#include "solver/peel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the norm of the right-hand side, which known nodes dominate: a volt through a segment of 1 S. */
static const double TOLERANCE = 1e-14;
static const double STRONG = 0.05;     /* of the smaller diagonal */
static const double ASYMMETRY = 1e-13; /* relative, of rounding */
/* A choice of its own must beat KLU: on meshes, whose trees leave out half of the branches, it does not. */
enum { MOST_ITERATIONS = 300, MOST_WHEN_CHOSEN = 30, SLOWER = 2 };

typedef struct forest {
  pn_linsol base;
  pn_peel peel;
  int n, nnz;                 /* of the core */
  int *unknown;               /* [n] of the matrix, in the trees' order: parents first */
  int *parent;                /* [n] in that order, -1: a root */
  int *ptr, *ind;             /* [n+1], [nnz] off-diagonal entries of the core by rows */
  int *slot;                  /* [nnz] their places in the matrix */
  int *diag;                  /* [n] places of the diagonal */
  int *link;                  /* [n] place of the entry that joins to the parent, or -1 */
  double *a, *d;              /* [nnz], [n] values */
  double *pivot;              /* [n] inverse pivots of the trees */
  double *l;                  /* [n] multiplier towards the parent */
  double *r, *z, *p, *q, *x;  /* [n] of the iteration */
  double *full, *rest, *size; /* [n of the matrix] */
  double scale;               /* largest norm of a right-hand side, lately */
  int most;                   /* iterations before it stalls */
  int usual;                  /* iterations of the first solve on these trees */
  bool planted, checked;
} forest;

/* ---- the trees ---- */

static int root_of(int *set, int k)
{
  while (set[k] != k)
    k = set[k] = set[set[k]];
  return k;
}

typedef struct planting {
  int *place;   /* [matrix] place in the core, or -1 */
  int *core;    /* [n] unknowns of the core, ascending */
  int *set;     /* [n] union-find */
  int *deg;     /* [n+2] strong branches per vertex, then their starts */
  int *to, *at; /* [2 (n-1)] */
} planting;

static double diagonal(const forest *f, const double *values, int j, int *at)
{
  for (int k = f->base.colptr[j]; k < f->base.colptr[j + 1]; k++)
    if (f->base.rowind[k] == j) {
      *at = k;
      return values[k];
    }
  *at = -1;
  return 0;
}

/* Strong branches that close no loop: counted, or with `to` listed at both ends. */
static void strong_branches(forest *f, const double *values, const double *diag, planting *w,
                            bool list)
{
  const int *colptr = f->base.colptr, *rowind = f->base.rowind;
  for (int k = 0; k < f->n; k++)
    w->set[k] = k;
  for (int a = 0; a < f->n; a++)
    for (int k = colptr[w->core[a]]; k < colptr[w->core[a] + 1]; k++) {
      int b = w->place[rowind[k]];
      if (b <= a || !(-values[k] >= STRONG * fmin(diag[a], diag[b])))
        continue;
      int x = root_of(w->set, a), y = root_of(w->set, b);
      if (x == y)
        continue;
      w->set[x] = y;
      if (!list) {
        w->deg[a + 2]++;
        w->deg[b + 2]++;
      } else {
        w->at[w->deg[a + 1]] = w->at[w->deg[b + 1]] = k;
        w->to[w->deg[a + 1]++] = b;
        w->to[w->deg[b + 1]++] = a;
      }
    }
}

/* Walks each tree from one of its ends, so that neighbours on a line are neighbours in memory. */
static void order_trees(forest *f, planting *w, int *order, int *number)
{
  int n = 0;
  memset(number, -1, (size_t)f->n * sizeof *number);
  for (int pass = 0; pass < 2; pass++)
    for (int s = 0; s < f->n; s++) {
      if (number[s] >= 0 || (pass == 0 && w->deg[s + 1] - w->deg[s] > 1))
        continue;
      number[s] = n;
      order[n] = s;
      f->parent[n] = f->link[n] = -1;
      for (int at = n++; at < n; at++)
        for (int k = w->deg[order[at]]; k < w->deg[order[at] + 1]; k++) {
          int u = w->to[k];
          if (number[u] >= 0)
            continue;
          number[u] = n;
          order[n] = u;
          f->parent[n] = at;
          f->link[n++] = w->at[k];
        }
    }
}

/* The core's rows in the trees' order. The matrix is symmetric: its columns are its rows. */
static pn_status copy_core(forest *f, const planting *w, const int *order, const int *number)
{
  const int *colptr = f->base.colptr, *rowind = f->base.rowind;
  int nnz = 0;
  for (int k = 0; k < f->n; k++) {
    int j = f->unknown[k] = w->core[order[k]];
    f->ptr[k] = nnz;
    f->diag[k] = -1;
    for (int e = colptr[j]; e < colptr[j + 1]; e++) {
      int i = w->place[rowind[e]];
      if (rowind[e] == j)
        f->diag[k] = e;
      else if (i >= 0) {
        f->ind[nnz] = number[i];
        f->slot[nnz++] = e;
      }
    }
    if (f->diag[k] < 0)
      return PN_E_CONVERGENCE;
  }
  f->ptr[f->n] = f->nnz = nnz;
  return PN_OK;
}

static pn_status plant(forest *f, const double *values)
{
  size_t n = (size_t)f->n + 2, all = (size_t)f->base.n + 1;
  int *work = pn_large_alloc(all + 10 * n, sizeof(int));
  double *diag = pn_large_alloc(n, sizeof(double));
  pn_status st = work && diag ? PN_OK : PN_E_MEMORY;
  if (st == PN_OK) {
    planting w = {.place = work,
                  .core = work + all,
                  .set = work + all + n,
                  .deg = work + all + 2 * n,
                  .to = work + all + 4 * n,
                  .at = work + all + 6 * n};
    int *order = work + all + 8 * n, *number = order + n;
    for (int j = 0, m = 0, at; j < f->base.n; j++) {
      bool in = f->peel.part[j] == 0;
      w.place[j] = in ? m : -1;
      if (in) {
        w.core[m] = j;
        diag[m++] = diagonal(f, values, j, &at);
      }
    }
    memset(w.deg, 0, 2 * n * sizeof(int));
    strong_branches(f, values, diag, &w, false);
    for (int k = 0; k < f->n; k++)
      w.deg[k + 2] += w.deg[k + 1];
    strong_branches(f, values, diag, &w, true);
    order_trees(f, &w, order, number);
    st = copy_core(f, &w, order, number);
  }
  pn_large_free(work);
  pn_large_free(diag);
  f->planted = st == PN_OK;
  f->usual = 0;
  return st;
}

/* ---- factorisation ---- */

/* Values of the core; symmetric, with a positive diagonal that outweighs the rest of its row. */
static bool load(forest *f, const double *values)
{
  for (int k = 0; k < f->n; k++) {
    double d = f->d[k] = values[f->diag[k]], sum = 0, signs = 0;
    for (int e = f->ptr[k]; e < f->ptr[k + 1]; e++) {
      double v = f->a[e] = values[f->slot[e]];
      sum += fabs(v);
      signs = fmax(signs, v);
    }
    if (!(d > 0) || !isfinite(d)) {
      f->base.why = "a diagonal is not positive";
      return false;
    }
    if (signs > ASYMMETRY * d || sum > d * (1 + 1e-9)) {
      f->base.why = "negative conductances, or controlled sources";
      return false;
    }
  }
  return true;
}

/* Numbers between 0.5 and 1.5 without a pattern: the fraction of multiples of the golden ratio. */
static double scattered(int k)
{
  return 0.5 + (double)((unsigned)k * 2654435769u) * 0x1p-32;
}

/* Each entry against its mirror image: by the sums that a random-looking vector gives on both sides. */
static bool symmetric(forest *f)
{
  double worst = 0;
  for (int k = 0; k < f->n; k++)
    f->q[k] = 0;
  for (int k = 0; k < f->n; k++) {
    double v = scattered(k);
    for (int e = f->ptr[k]; e < f->ptr[k + 1]; e++)
      f->q[f->ind[e]] += f->a[e] * v;
  }
  for (int k = 0; k < f->n; k++) {
    double sum = 0;
    for (int e = f->ptr[k]; e < f->ptr[k + 1]; e++)
      sum += f->a[e] * scattered(f->ind[e]);
    worst = fmax(worst, fabs(sum - f->q[k]) / f->d[k]);
  }
  if (worst > 100 * ASYMMETRY)
    f->base.why = "the matrix is not symmetric";
  return worst <= 100 * ASYMMETRY;
}

static pn_status factor_trees(forest *f, const double *values)
{
  memcpy(f->pivot, f->d, (size_t)f->n * sizeof(double));
  for (int k = f->n - 1; k >= 0; k--) {
    if (!(f->pivot[k] > 0)) {
      f->base.why = "a pivot is not positive";
      return PN_E_CONVERGENCE;
    }
    f->pivot[k] = 1 / f->pivot[k];
    f->l[k] = 0;
    if (f->parent[k] < 0)
      continue;
    double a = values[f->link[k]];
    f->l[k] = -a * f->pivot[k];
    f->pivot[f->parent[k]] -= a * a * f->pivot[k];
  }
  return PN_OK;
}

static pn_status forest_factor(pn_linsol *s, const double *values, int *bad)
{
  forest *f = (forest *)s;
  (void)bad;
  s->stats.factors++;
  f->checked = false;
  if (!f->planted) {
    pn_status st = plant(f, values);
    if (st)
      return st;
  }
  return load(f, values) && symmetric(f) ? factor_trees(f, values) : PN_E_CONVERGENCE;
}

/* ---- solution ---- */

/* z = M^-1 r, and the product of the two. */
static double precondition(const forest *f, const double *r, double *z)
{
  double dot = 0;
  memcpy(z, r, (size_t)f->n * sizeof *z);
  for (int k = f->n - 1; k >= 0; k--)
    if (f->parent[k] >= 0)
      z[f->parent[k]] += f->l[k] * z[k];
  for (int k = 0; k < f->n; k++) {
    z[k] = z[k] * f->pivot[k] + (f->parent[k] >= 0 ? f->l[k] * z[f->parent[k]] : 0);
    dot += r[k] * z[k];
  }
  return dot;
}

/* q = A p, and p q. */
static double multiply(const forest *f, const double *p, double *q)
{
  double dot = 0;
  for (int k = 0; k < f->n; k++) {
    double sum = f->d[k] * p[k];
    for (int e = f->ptr[k]; e < f->ptr[k + 1]; e++)
      sum += f->a[e] * p[f->ind[e]];
    q[k] = sum;
    dot += sum * p[k];
  }
  return dot;
}

/* Solves for r into x; both of the core. Returns the iterations, or -1. */
static int iterate(forest *f)
{
  int n = f->n;
  memset(f->x, 0, (size_t)n * sizeof(double));
  double rho = precondition(f, f->r, f->z);
  f->scale = fmax(0.9 * f->scale, rho);
  double enough = TOLERANCE * TOLERANCE * f->scale;
  memcpy(f->p, f->z, (size_t)n * sizeof(double));
  for (int k = 0; k < f->most; k++) {
    if (rho <= enough)
      return k;
    double curve = multiply(f, f->p, f->q);
    if (!(curve > 0))
      return -1;
    double alpha = rho / curve;
    for (int i = 0; i < n; i++) {
      f->x[i] += alpha * f->p[i];
      f->r[i] -= alpha * f->q[i];
    }
    double next = precondition(f, f->r, f->z), beta = next / rho;
    for (int i = 0; i < n; i++)
      f->p[i] = f->z[i] + beta * f->p[i];
    rho = next;
    f->base.stats.iterations++;
  }
  return -1;
}

/* One right-hand side; rest [matrix] is b without the first unknowns' part. */
static bool solve_core(forest *f)
{
  for (int k = 0; k < f->n; k++)
    f->r[k] = f->rest[f->unknown[k]];
  int used = iterate(f);
  for (int k = 0; k < f->n; k++)
    f->full[f->unknown[k]] = f->x[k];
  if (f->usual == 0)
    f->usual = used;
  if (used > SLOWER * f->usual + 5)
    f->planted = false; /* the strong branches are others now */
  return used >= 0;
}

static pn_status solve_one(forest *f, double *b)
{
  pn_linsol *s = &f->base;
  size_t bytes = (size_t)s->n * sizeof(double);
  memcpy(f->rest, b, bytes);
  s->stats.solves++;
  if (!pn_peel_before(&f->peel, s->values, f->rest, f->peel.first) || !solve_core(f) ||
      !pn_peel_after(&f->peel, s->values, f->rest, f->peel.first, f->full)) {
    s->why = "conjugate gradients stalled";
    return PN_E_CONVERGENCE;
  }
  s->verified = !f->checked;
  if (!f->checked) {
    double e = pn_linsol_residual(s, s->values, f->full, b, f->rest, f->size);
    if (!(e < 1e-9)) {
      s->why = "the residual is too large";
      return PN_E_CONVERGENCE;
    }
    s->stats.worst_residual = fmax(s->stats.worst_residual, e);
    f->checked = true;
  }
  memcpy(b, f->full, bytes);
  return PN_OK;
}

static pn_status forest_solve(pn_linsol *s, double *b, int nrhs)
{
  pn_status st = PN_OK;
  for (int k = 0; k < nrhs && !st; k++)
    st = solve_one((forest *)s, b + (size_t)k * (size_t)s->n);
  return st;
}

/* ---- life ---- */

static void forest_destroy(pn_linsol *s)
{
  forest *f = (forest *)s;
  pn_peel_free(&f->peel);
  pn_large_free(f->unknown);
  pn_large_free(f->pivot);
  pn_large_free(f->full);
  free(f);
}

static bool allocate(forest *f)
{
  size_t n = (size_t)f->n + 1, all = (size_t)f->base.n + 1, nnz = (size_t)f->base.colptr[f->base.n];
  int *ints = pn_large_alloc(5 * n + 2 * nnz, sizeof(int));
  double *reals = pn_large_alloc(8 * n + nnz, sizeof(double));
  double *whole = pn_large_alloc(3 * all, sizeof(double));
  f->unknown = ints;
  f->pivot = reals;
  f->full = whole;
  if (!ints || !reals || !whole)
    return false;
  f->parent = ints + n;
  f->ptr = ints + 2 * n;
  f->diag = ints + 3 * n;
  f->link = ints + 4 * n;
  f->ind = ints + 5 * n;
  f->slot = f->ind + nnz;
  double **parts[] = {&f->l, &f->r, &f->z, &f->p, &f->q, &f->x, &f->d};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    *parts[k] = reals + (k + 1) * n;
  f->a = reals + 8 * n;
  f->rest = whole + all;
  f->size = whole + 2 * all;
  return true;
}

static const pn_linsol_class forest_class = {
    .iterates = true, .destroy = forest_destroy, .factor = forest_factor, .solve = forest_solve};

pn_status pn_linsol_forest(const pn_linsol_setup *setup, pn_linsol **out)
{
  *out = NULL;
  forest *f = calloc(1, sizeof *f);
  if (!f)
    return PN_E_MEMORY;
  f->base = (pn_linsol){
      .cls = &forest_class, .n = setup->n, .colptr = setup->colptr, .rowind = setup->rowind};
  f->base.stats.name = "conjugate gradients (forest)";
  f->most = setup->kind == PN_LINSOL_AUTO ? MOST_WHEN_CHOSEN : MOST_ITERATIONS;
  pn_status st = pn_peel_new(setup->n, setup->colptr, setup->rowind, NULL, &f->peel);
  f->n = f->peel.n_core;
  f->base.stats.nnz_factors = 2L * f->n;
  if (st == PN_OK && !allocate(f))
    st = PN_E_MEMORY;
  if (st) {
    forest_destroy(&f->base);
    return st;
  }
  *out = &f->base;
  return PN_OK;
}
