/* Conjugate gradients for symmetric circuits, preconditioned by the forest of their strong branches.
 * Grounded sources are peeled off exactly (peel.h); among what remains, branches of at least a twentieth
 * of the smaller diagonal join trees (union-find), whose matrix is factored exactly in O(n). In a flat
 * crossbar the trees are its word and bit lines. */
#include "base/clones.h"
#include "base/large.h"
#include "solver/linsol_class.h"
#include "solver/peel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the norm of the right-hand side, which known nodes dominate: a volt through a segment of 1 S. */
static const double TOLERANCE = 1e-14;
/* Of the norm that the first step leaves: where lines are far better conductors than cells, it finds the drive on
 * whole lines, and the cells' currents are in what it leaves. */
static const double TOLERANCE_LEFT = 1e-12;
static const double STRONG = 0.05;     /* of the smaller diagonal */
static const double ASYMMETRY = 1e-13; /* relative, of rounding */
/* A choice of its own must beat KLU: on meshes, whose trees leave out half of the branches, it does not. */
enum { MOST_ITERATIONS = 300, MOST_WHEN_CHOSEN = 30, SLOWER = 2 };

enum { G = 8 }; /* unknowns side by side in the loops */
typedef double lanes __attribute__((vector_size(8 * G), aligned(8), may_alias));

typedef struct forest {
  pn_linsol base;
  pn_peel peel;
  int n, n_roots, n_weak; /* unknowns of the core; trees; branches outside the trees */
  size_t weak_room;       /* for these */
  int *unknown; /* [n] of the matrix, in the trees' order: parents first, trees side by side */
  int *parent;  /* [n] in that order; the first n_roots have none */
  int *diag;    /* [n] places of the diagonal */
  int *link;    /* [n] place of the entry that joins to the parent */
  int *weak_i, *weak_j;      /* [n_weak] ends of a branch outside the trees, */
  int *weak_at;              /* [n_weak] its place in the matrix */
  double *weak;              /* [n_weak] and its value */
  double *pivot;             /* [n] inverse pivots of the trees */
  double *l;                 /* [n] multiplier towards the parent */
  double *r, *z, *p, *s, *x; /* [n] of the iteration; s = M p, with the trees' matrix M */
  double *full, *rest;       /* [n of the matrix] */
  double scale;              /* largest norm (squared) of a right-hand side, lately */
  double left;               /* and of what the first step left of one */
  int most;                  /* iterations before it stalls */
  int usual;                 /* iterations of the first solve on these trees */
  bool planted, checked;
  bool lines; /* each parent is n_roots before: the trees are lines */
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

/* Strong branches that close no loop, listed at both ends. found [3 (n - 1)]: ends and place of each. */
static void strong_branches(const forest *f, const double *values, const double *diag, planting *w,
                            int *found)
{
  const int *colptr = f->base.colptr, *rowind = f->base.rowind;
  int n = 0;
  memset(w->deg, 0, ((size_t)f->n + 2) * sizeof *w->deg);
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
      w->deg[a + 2]++;
      w->deg[b + 2]++;
      found[n++] = a;
      found[n++] = b;
      found[n++] = k;
    }
  for (int k = 0; k < f->n; k++)
    w->deg[k + 2] += w->deg[k + 1];
  for (int k = 0; k < n; k += 3) {
    int a = found[k], b = found[k + 1];
    w->at[w->deg[a + 1]] = w->at[w->deg[b + 1]] = found[k + 2];
    w->to[w->deg[a + 1]++] = b;
    w->to[w->deg[b + 1]++] = a;
  }
}

/* All trees at once, each from one of its ends, level by level: what a line is eliminated from lies side by
 * side with the same of the other lines, so that no step waits for the one before it. first [n] */
static void order_trees(forest *f, planting *w, int *order, int *number, int *first)
{
  int n = 0;
  memset(number, -1, (size_t)f->n * sizeof *number);
  memset(first, -1, (size_t)f->n * sizeof *first);
  for (int s = 0; s < f->n; s++) {
    int tree = root_of(w->set, s);
    if (first[tree] >= 0 || w->deg[s + 1] - w->deg[s] > 1)
      continue;
    first[tree] = s;
    number[s] = n;
    order[n++] = s;
  }
  f->n_roots = n;
  for (int at = 0; at < n; at++)
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

/* Branches of the core outside the trees from the k-th unknown to later ones. False when its diagonal is missing, or
 * when there are more than a symmetric matrix has. */
static bool weak_branches_of(forest *f, const planting *w, const int *order, const int *number,
                             int k)
{
  int j = f->unknown[k] = w->core[order[k]];
  f->diag[k] = -1;
  for (int e = f->base.colptr[j]; e < f->base.colptr[j + 1]; e++) {
    int i = w->place[f->base.rowind[e]];
    if (i < 0)
      continue;
    int m = number[i];
    if (m == k)
      f->diag[k] = e;
    if (m <= k || (m >= f->n_roots && f->parent[m] == k))
      continue;
    if ((size_t)f->n_weak == f->weak_room) {
      f->base.why = "the matrix is not symmetric";
      return false;
    }
    f->weak_i[f->n_weak] = k;
    f->weak_j[f->n_weak] = m;
    f->weak_at[f->n_weak++] = e;
  }
  if (f->diag[k] < 0)
    f->base.why = "a diagonal is missing";
  return f->diag[k] >= 0;
}

/* All of them, each once, as the matrix is symmetric. G levels at a time, tree by tree: where word lines meet bit
 * lines, the far ends of what follows each other lie side by side, too. */
static bool weak_branches(forest *f, const planting *w, const int *order, const int *number)
{
  f->n_weak = 0;
  for (long first = 0; first < f->n; first += (long)G * f->n_roots)
    for (long tree = 0; tree < f->n_roots; tree++)
      for (long k = first + tree, m = 0; m < G && k < f->n; m++, k += f->n_roots)
        if (!weak_branches_of(f, w, order, number, (int)k))
          return false;
  return true;
}

/* most: as many as there may be in a symmetric matrix */
static bool make_room_for_weak(forest *f, size_t most)
{
  pn_large_free(f->weak_i);
  pn_large_free(f->weak);
  f->weak_i = pn_large_alloc(3 * most, sizeof(int));
  f->weak = pn_large_alloc(most, sizeof(double));
  if (!f->weak_i || !f->weak)
    return false;
  f->weak_room = most;
  f->weak_j = f->weak_i + most;
  f->weak_at = f->weak_i + 2 * most;
  return true;
}

/* The vectors of the iteration, of which nothing is kept, are the room to work in: 7 1/2 of them. */
static pn_status plant(forest *f, const double *values)
{
  size_t n = (size_t)f->n + 2, all = (size_t)f->base.n + 3;
  int *work = (int *)f->pivot, *order = work + all + 8 * n, *number = order + n;
  double *diag = f->pivot + (all + 13 * n + 1) / 2;
  planting w = {.place = work,
                .core = work + all,
                .set = work + all + n,
                .deg = work + all + 2 * n,
                .to = work + all + 4 * n,
                .at = work + all + 6 * n};
  size_t entries = 0; /* beside the diagonal */
  for (int j = 0, m = 0, at; j < f->base.n; j++) {
    bool in = f->peel.part[j] == 0;
    w.place[j] = in ? m : -1;
    if (in) {
      w.core[m] = j;
      diag[m++] = diagonal(f, values, j, &at);
      entries += (size_t)(f->base.colptr[j + 1] - f->base.colptr[j] - (at >= 0));
    }
  }
  strong_branches(f, values, diag, &w, number + n);
  order_trees(f, &w, order, number, number + n);
  if (!make_room_for_weak(f, entries / 2 + 1 - (size_t)(f->n - f->n_roots)))
    return PN_E_MEMORY;
  f->planted = weak_branches(f, &w, order, number);
  f->lines = true;
  for (int k = f->n_roots; k < f->n; k++)
    f->lines &= f->parent[k] == k - f->n_roots;
  f->usual = 0;
  return f->planted ? PN_OK : PN_E_CONVERGENCE;
}

/* ---- factorisation ---- */

/* Numbers between 0.5 and 1.5 without a pattern: the fraction of multiples of the golden ratio. */
static double scattered(int k)
{
  return 0.5 + (double)((unsigned)k * 2654435769u) * 0x1p-32;
}

/* Is the core symmetric, with a positive diagonal that outweighs the rest of its column? Each entry is held against
 * its mirror image by the sums that a random-looking vector gives on both sides. */
static bool is_fit(forest *f, const double *values)
{
  const pn_linsol *b = &f->base;
  const unsigned char *part = (const unsigned char *)f->peel.part;
  double *apart = f->r, *diag = f->z, worst = 0; /* [n of the matrix] */
  memset(apart, 0, (size_t)b->n * sizeof *apart);
  for (int j = 0; j < b->n; j++) {
    double d = 0, sum = 0, signs = 0, mine = 0, at_j = scattered(j);
    for (int e = b->colptr[j]; e < b->colptr[j + 1] && !part[j]; e++) {
      int i = b->rowind[e];
      double v = values[e];
      if (i == j) {
        d = v;
      } else if (!part[i]) {
        sum += fabs(v);
        signs = v > signs ? v : signs;
        mine += v * scattered(i);
        apart[i] -= v * at_j;
      }
    }
    apart[j] += mine;
    diag[j] = d;
    if (!part[j] && (!(d > 0) || !isfinite(d))) {
      f->base.why = "a diagonal is not positive";
      return false;
    }
    if (signs > ASYMMETRY * d || sum > d * (1 + 1e-9)) {
      f->base.why = "negative conductances, or controlled sources";
      return false;
    }
  }
  for (int j = 0; j < b->n; j++)
    if (!part[j])
      worst = fmax(worst, fabs(apart[j]) / diag[j]);
  if (worst > 100 * ASYMMETRY)
    f->base.why = "the matrix is not symmetric";
  return worst <= 100 * ASYMMETRY;
}

static pn_status factor_trees(forest *f, const double *values)
{
  for (int k = 0; k < f->n_weak; k++)
    f->weak[k] = values[f->weak_at[k]];
  for (int k = 0; k < f->n; k++)
    f->pivot[k] = values[f->diag[k]];
  for (int k = f->n - 1; k >= 0; k--) {
    if (!(f->pivot[k] > 0)) {
      f->base.why = "a pivot is not positive";
      return PN_E_CONVERGENCE;
    }
    f->pivot[k] = 1 / f->pivot[k];
    if (k < f->n_roots)
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
  return is_fit(f, values) ? factor_trees(f, values) : PN_E_CONVERGENCE;
}

/* ---- solution ---- */

static double total(const double *sum)
{
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* up += l down, of n unknowns side by side. */
PN_CLONES static void add_level(int n, const double *l, const double *down, double *up)
{
  int k = 0;
  for (; k + G <= n; k += G)
    *(lanes *)(up + k) += *(const lanes *)(l + k) * *(const lanes *)(down + k);
  for (; k < n; k++)
    up[k] += l[k] * down[k];
}

/* z = pivot z + l up, up NULL: 0; adds r z to sum [G]. */
PN_CLONES static void finish_level(int n, const double *pivot, const double *l, const double *up,
                                   const double *r, double *z, double *sum)
{
  lanes dot = *(const lanes *)sum;
  int k = 0;
  for (; k + G <= n; k += G) {
    lanes v = *(const lanes *)(z + k) * *(const lanes *)(pivot + k);
    if (up)
      v += *(const lanes *)(l + k) * *(const lanes *)(up + k);
    *(lanes *)(z + k) = v;
    dot += v * *(const lanes *)(r + k);
  }
  *(lanes *)sum = dot;
  for (; k < n; k++) {
    z[k] = z[k] * pivot[k] + (up ? l[k] * up[k] : 0);
    sum[k % G] += r[k] * z[k];
  }
}

/* The same as precondition, below, for trees that are lines: level by level, whose unknowns do not depend on each
 * other. */
static double precondition_lines(const forest *f, const double *r, double *z)
{
  double sum[G] = {0};
  int m = f->n_roots;
  for (int at = f->n; at > m;) {
    int n = at - m < m ? at - m : m;
    at -= n;
    add_level(n, f->l + at, z + at, z + at - m);
  }
  for (int at = 0; at < f->n; at += m) {
    int n = f->n - at < m ? f->n - at : m;
    finish_level(n, f->pivot + at, f->l + at, at ? z + at - m : NULL, r + at, z + at, sum);
  }
  return total(sum);
}

/* z = M^-1 z for z = r, and the product of the two. */
static double precondition(const forest *f, const double *restrict r, double *restrict z)
{
  if (f->lines && f->n_roots >= G)
    return precondition_lines(f, r, z);
  double dot = 0;
  for (int k = f->n - 1; k >= f->n_roots; k--)
    z[f->parent[k]] += f->l[k] * z[k];
  for (int k = 0; k < f->n_roots; k++) {
    z[k] *= f->pivot[k];
    dot += r[k] * z[k];
  }
  for (int k = f->n_roots; k < f->n; k++) {
    z[k] = z[k] * f->pivot[k] + f->l[k] * z[f->parent[k]];
    dot += r[k] * z[k];
  }
  return dot;
}

/* q += W p, with the weak branches' W, and p W p. */
static double add_weak(const forest *f, const double *restrict p, double *restrict q)
{
  double dot = 0;
  for (int k = 0; k < f->n_weak; k++) {
    int i = f->weak_i[k], j = f->weak_j[k];
    double a = f->weak[k];
    q[i] += a * p[j];
    q[j] += a * p[i];
    dot += 2 * a * p[i] * p[j];
  }
  return dot;
}

/* The next direction and what the trees' matrix makes of it: as p is z + beta p, s = M p is r + beta s. x follows
 * the last direction. z gets s, to become A p; returns p s. */
PN_CLONES static double turn(const forest *f, double alpha, double beta)
{
  double *x = f->x, *z = f->z, *p = f->p, *s = f->s, sum[G];
  const double *r = f->r;
  lanes dot = {0};
  int n = f->n, i = 0;
  for (; i + G <= n; i += G) {
    lanes old = *(const lanes *)(p + i), now = *(const lanes *)(z + i) + beta * old;
    *(lanes *)(x + i) += alpha * old;
    *(lanes *)(p + i) = now;
    lanes image = *(const lanes *)(r + i) + beta * *(const lanes *)(s + i);
    *(lanes *)(s + i) = *(lanes *)(z + i) = image;
    dot += now * image;
  }
  *(lanes *)sum = dot;
  for (; i < n; i++) {
    x[i] += alpha * p[i];
    p[i] = z[i] + beta * p[i];
    z[i] = s[i] = r[i] + beta * s[i];
    sum[0] += p[i] * s[i];
  }
  return total(sum);
}

/* z = r -= alpha z */
PN_CLONES static void step_back(int n, double alpha, double *restrict r, double *restrict z)
{
  for (int i = 0; i < n; i++)
    z[i] = r[i] -= alpha * z[i];
}

/* Solves for r into x; both of the core. Returns the iterations, or -1. z and A p have the same place: neither is
 * needed when the other is made. */
static int iterate(forest *f)
{
  size_t bytes = (size_t)f->n * sizeof(double);
  double *r = f->r, *z = f->z, alpha = 0, beta = 0;
  memcpy(z, r, bytes);
  double rho = precondition(f, r, z);
  f->scale = fmax(0.9 * f->scale, rho);
  double enough = TOLERANCE * TOLERANCE * f->scale;
  memset(f->x, 0, bytes);
  memset(f->p, 0, bytes);
  memset(f->s, 0, bytes);
  for (int k = 0; k < f->most; k++) {
    double curve = turn(f, alpha, beta);
    if (rho <= enough)
      return k;
    curve += add_weak(f, f->p, z);
    if (!(curve > 0))
      return -1;
    alpha = rho / curve;
    step_back(f->n, alpha, r, z);
    double next = precondition(f, r, z);
    if (k == 0) {
      f->left = fmax(0.9 * f->left, next);
      enough = fmin(enough, TOLERANCE_LEFT * TOLERANCE_LEFT * f->left);
    }
    beta = next / rho;
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
    double e = pn_linsol_residual(s, s->values, f->full, b, f->rest, f->z);
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
  pn_large_free(f->weak_i);
  pn_large_free(f->weak);
  free(f);
}

static bool allocate(forest *f)
{
  size_t n = (size_t)f->n + 1, all = (size_t)f->base.n + 3;
  int *ints = pn_large_alloc(4 * n, sizeof(int));
  double *reals = pn_large_alloc(9 * all, sizeof(double));
  f->unknown = ints;
  f->pivot = reals;
  if (!ints || !reals)
    return false;
  f->parent = ints + n;
  f->diag = ints + 2 * n;
  f->link = ints + 3 * n;
  double **parts[] = {&f->l, &f->r, &f->z, &f->p, &f->s, &f->x, &f->full, &f->rest};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    *parts[k] = reals + (k + 1) * all;
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
