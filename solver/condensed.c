/* Arrays whose cells have unknowns of their own: a transistor's inner nodes, the node between it and the memory,
 * branch currents. They touch nothing but their cell's ports, so that each cell is eliminated by itself,
 * eight of them side by side, and another solver sees what is left: the lines, joined by effective conductances.
 *     [D B; C A] [x; y] = [r; s],  (A - C D^-1 B) y = s - C D^-1 r,  x = D^-1 r - D^-1 B y. */
#include "solver/condensed.h"

#include "base/clones.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { L = PN_CONDENSED_LANES, M = PN_CONDENSED_INNER, P = PN_CONDENSED_PORTS, CHECK_EVERY = 8 };
static const double GOOD_PIVOT = 0.1;   /* of the largest in its column: taken without a search */
static const double LEAST_PIVOT = 1e-3; /* of all lanes; below it each lane chooses its own */
static const double CHECK = 1e-9;       /* relative residual of a right solution */
static const double SLACK = 100;        /* residual in the maximum norm over that of an iteration */

typedef double lanes __attribute__((vector_size(8 * L), aligned(8), may_alias));

/* ---- one group of cells ---- */

/* How large a lane's candidate is beside the largest of its column: the least of all lanes. */
static inline double least_part(const lanes *candidate, const lanes *largest)
{
  double least = 1;
  for (int l = 0; l < L; l++) {
    double part = fabs((*candidate)[l]) / (*largest)[l];
    least = part >= least ? least : part; /* NaN is kept */
  }
  return least;
}

static inline void swap_rows(int n, lanes *a, lanes *inv, int p, int q)
{
  for (int k = 0; k < n; k++) {
    lanes t = a[p * n + k], u = inv[p * n + k];
    a[p * n + k] = a[q * n + k];
    inv[p * n + k] = inv[q * n + k];
    a[q * n + k] = t;
    inv[q * n + k] = u;
  }
}

/* The row whose entry in column c is large enough in all lanes; -1: there is none. */
static inline int choose_row(int n, const lanes *a, int c)
{
  lanes largest = {0};
  for (int r = c; r < n; r++)
    for (int l = 0; l < L; l++)
      largest[l] = fmax(largest[l], fabs(a[r * n + c][l]));
  int best = -1;
  double most = LEAST_PIVOT;
  for (int r = c; r < n && most < GOOD_PIVOT; r++) {
    double part = least_part(&a[r * n + c], &largest);
    if (part >= most) {
      most = part;
      best = r;
    }
  }
  return best;
}

/* inv = a^-1 [n * n] by Gauss-Jordan, all lanes with the same pivots; a is lost. */
PN_CLONES
static bool invert(int n, lanes *a, lanes *inv)
{
  for (int k = 0; k < n * n; k++)
    inv[k] = (lanes){0} + (double)(k % (n + 1) == 0);
  for (int c = 0; c < n; c++) {
    int p = choose_row(n, a, c);
    if (p < 0)
      return false;
    if (p != c)
      swap_rows(n, a, inv, p, c);
    lanes over = 1 / a[c * n + c];
    for (int k = 0; k < n; k++) {
      a[c * n + k] *= over;
      inv[c * n + k] *= over;
    }
    for (int r = 0; r < n; r++) {
      lanes m = a[r * n + c];
      for (int k = 0; k < n && r != c; k++) {
        a[r * n + k] -= m * a[c * n + k];
        inv[r * n + k] -= m * inv[c * n + k];
      }
    }
  }
  return true;
}

/* Each lane with pivots of its own. */
static bool invert_each(int n, const lanes *a, lanes *inv)
{
  lanes own[M * M], result[M * M];
  for (int l = 0; l < L; l++) {
    for (int k = 0; k < n * n; k++)
      own[k] = (lanes){0} + a[k][l];
    if (!invert(n, own, result))
      return false;
    for (int k = 0; k < n * n; k++)
      inv[k][l] = result[k][l];
  }
  return true;
}

/* c [n][m] = a [n][k] b [k][m]. */
PN_CLONES
static void multiply(int n, int k, int m, const lanes *a, const lanes *b, lanes *c)
{
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++) {
      lanes sum = {0};
      for (int q = 0; q < k; q++)
        sum += a[i * k + q] * b[q * m + j];
      c[i * m + j] = sum;
    }
}

/* A group's matrices D [inner][inner], B [inner][ports] and C [ports][inner]. */
typedef struct group {
  lanes d[M * M], b[M * P], c[P * M];
} group;

static void gather(const pn_condensed_shape *s, size_t first, const double *values, group *g)
{
  int m = s->inner, p = s->ports;
  memset(g->d, 0, (size_t)(m * m) * sizeof *g->d);
  memset(g->b, 0, (size_t)(m * p) * sizeof *g->b);
  memset(g->c, 0, (size_t)(p * m) * sizeof *g->c);
  for (int e = 0; e < s->n_entries; e++) {
    int row = s->entry[e].row, col = s->entry[e].col;
    lanes *to = row >= m   ? &g->c[(row - m) * m + col]
                : col >= m ? &g->b[row * p + col - m]
                           : &g->d[row * m + col];
    const int *slot = s->slot + (size_t)e * (size_t)s->n_pad + first;
    for (int l = 0; l < L; l++)
      (*to)[l] = values[slot[l]];
  }
}

static int lanes_of(const pn_condensed_shape *s, size_t first)
{
  return s->n - (int)first < L ? s->n - (int)first : L;
}

/* Eliminates a group; what is left loses C D^-1 B. False: a cell is singular by itself. */
static bool eliminate(const pn_condensed_shape *s, size_t first, const double *values, double *left)
{
  int m = s->inner, p = s->ports, n = lanes_of(s, first);
  lanes *inv = (lanes *)(s->inverse + first * (size_t)(m * m));
  lanes *from = (lanes *)(s->from + first * (size_t)(m * p)),
        *to = (lanes *)(s->to + first * (size_t)(p * m));
  group g;
  lanes d[M * M], sum[P * P];
  gather(s, first, values, &g);
  memcpy(d, g.d, (size_t)(m * m) * sizeof *d);
  if (!invert(m, d, inv) && !invert_each(m, g.d, inv))
    return false;
  multiply(m, m, p, inv, g.b, from);
  multiply(p, m, m, g.c, inv, to);
  multiply(p, m, p, to, g.b, sum);
  for (int k = 0; k < p * p; k++) {
    const int *target = s->target + (size_t)k * (size_t)s->n_pad + first;
    for (int l = 0; l < n && target[0] >= 0; l++)
      left[target[l]] -= sum[k][l];
  }
  return true;
}

/* ---- factorisation ---- */

static void take_stats(pn_condensed *c)
{
  pn_linsol_stats left = pn_linsol_get_stats(c->left);
  snprintf(c->name, sizeof c->name, "cells eliminated, then %s", left.name);
  c->base.stats.name = c->name;
  c->base.stats.nnz_factors = left.nnz_factors;
  c->base.stats.rcond = left.rcond;
  c->base.stats.iterations = left.iterations;
  c->base.stats.refactors = left.refactors;
  c->base.stats.factors = left.factors;
}

static pn_status condensed_factor(pn_linsol *s, const double *values, int *bad)
{
  pn_condensed *c = (pn_condensed *)s;
  memset(c->values, 0, (size_t)c->nnz_left * sizeof *c->values);
  for (int k = 0; k < c->n_copied; k++)
    c->values[c->copy_to[k]] = values[c->copy_from[k]];
  c->checked = false;
  s->why = "a cell is singular by itself";
  for (int k = 0; k < c->n_shapes; k++)
    for (size_t first = 0; first < (size_t)c->shape[k].n_pad; first += L)
      if (!eliminate(&c->shape[k], first, values, c->values))
        return PN_E_CONVERGENCE;
  s->why = "what the cells leave is singular";
  pn_status st = pn_linsol_factor(c->left, c->values, bad);
  take_stats(c);
  if (st == PN_OK)
    s->why = NULL;
  return st == PN_E_SINGULAR ? PN_E_CONVERGENCE : st;
}

/* ---- solution ---- */

/* What a group's inner unknowns put on its ports: minus `to` r, or of the transposed matrix minus from' r. */
PN_CLONES
static void reduce_group(const pn_condensed_shape *s, size_t first, const double *r, double *left,
                         bool transposed)
{
  int m = s->inner, p = s->ports, n = lanes_of(s, first);
  const lanes *w = (const lanes *)((transposed ? s->from : s->to) + first * (size_t)(m * p));
  lanes x[M];
  for (int i = 0; i < m; i++)
    for (int l = 0; l < L; l++)
      x[i][l] = r[s->first[first + (size_t)l] + i];
  for (int j = 0; j < p; j++) {
    const int *port = s->port + (size_t)j * (size_t)s->n_pad + first;
    lanes sum = {0};
    for (int i = 0; i < m; i++)
      sum += w[transposed ? i * p + j : j * m + i] * x[i];
    for (int l = 0; l < n; l++)
      left[port[l]] -= sum[l];
  }
}

/* The inner unknowns, in place of their right-hand sides, from what is left. */
PN_CLONES
static void recover_group(const pn_condensed_shape *s, size_t first, const double *left, double *r,
                          bool transposed)
{
  int m = s->inner, p = s->ports, n = lanes_of(s, first);
  const lanes *inv = (const lanes *)(s->inverse + first * (size_t)(m * m));
  const lanes *w = (const lanes *)((transposed ? s->to : s->from) + first * (size_t)(m * p));
  lanes x[M], y[P];
  for (int i = 0; i < m; i++)
    for (int l = 0; l < L; l++)
      x[i][l] = r[s->first[first + (size_t)l] + i];
  for (int j = 0; j < p; j++)
    for (int l = 0; l < L; l++)
      y[j][l] = left[s->port[(size_t)j * (size_t)s->n_pad + first + (size_t)l]];
  for (int i = 0; i < m; i++) {
    lanes sum = {0};
    for (int k = 0; k < m; k++)
      sum += inv[transposed ? k * m + i : i * m + k] * x[k];
    for (int j = 0; j < p; j++)
      sum -= w[transposed ? j * m + i : i * p + j] * y[j];
    for (int l = 0; l < n; l++)
      r[s->first[first + (size_t)l] + i] = sum[l];
  }
}

/* x [n] in place. */
static pn_status solve_for(pn_condensed *c, double *x, bool transposed)
{
  for (int j = 0; j < c->base.n; j++)
    if (c->where[j] >= 0)
      c->side[c->where[j]] = x[j];
  for (int k = 0; k < c->n_shapes; k++)
    for (size_t first = 0; first < (size_t)c->shape[k].n_pad; first += L)
      reduce_group(&c->shape[k], first, x, c->side, transposed);
  pn_linsol_set_tolerance(c->left, c->base.tolerance);
  pn_status st = transposed ? pn_linsol_solve_transposed(c->left, c->side)
                            : pn_linsol_solve(c->left, c->side);
  if (st)
    return st;
  for (int k = 0; k < c->n_shapes; k++)
    for (size_t first = 0; first < (size_t)c->shape[k].n_pad; first += L)
      recover_group(&c->shape[k], first, c->side, x, transposed);
  for (int j = 0; j < c->base.n; j++)
    if (c->where[j] >= 0)
      x[j] = c->side[c->where[j]];
  return PN_OK;
}

/* The residual of x for b, when it is due; false when it is too large. */
static bool is_right(pn_condensed *c, const double *b, const double *x)
{
  pn_linsol *s = &c->base;
  bool tight = s->tolerance <= PN_LINSOL_TOLERANCE;
  if (c->checked || (!tight && c->unchecked++ % CHECK_EVERY))
    return true;
  double e = pn_linsol_residual(s, s->values, x, b, c->scratch + s->n, c->scratch + 2 * s->n);
  if (!(e < fmax(CHECK, SLACK * s->tolerance)))
    return false;
  s->stats.worst_residual = fmax(s->stats.worst_residual, e);
  c->checked = tight;
  return true;
}

static pn_status condensed_solve(pn_linsol *s, double *b, int nrhs)
{
  pn_condensed *c = (pn_condensed *)s;
  for (int k = 0; k < nrhs; k++, b += s->n) {
    s->stats.solves++;
    memcpy(c->scratch, b, (size_t)s->n * sizeof *b);
    pn_status st = solve_for(c, c->scratch, false);
    s->why = "what the cells leave has no solution";
    if (st)
      return st == PN_E_MEMORY ? st : PN_E_CONVERGENCE;
    s->why = "the residual is too large";
    if (!is_right(c, b, c->scratch))
      return PN_E_CONVERGENCE;
    s->why = NULL;
    memcpy(b, c->scratch, (size_t)s->n * sizeof *b);
  }
  take_stats(c);
  return PN_OK;
}

static pn_status condensed_solve_transposed(pn_linsol *s, double *b)
{
  s->stats.solves++;
  return solve_for((pn_condensed *)s, b, true);
}

/* ---- life ---- */

static void condensed_destroy(pn_linsol *s)
{
  pn_condensed *c = (pn_condensed *)s;
  pn_linsol_free(c->left);
  pn_condensed_forget(c);
  free(c->values);
  free(c->scratch);
  free(c);
}

/* The solver of what is left: arrays among it have other numbers there. */
static pn_status make_left(pn_condensed *c, const pn_linsol_setup *setup, int *bad)
{
  pn_linsol_array *arrays = malloc(((size_t)setup->n_arrays + 1) * sizeof *arrays);
  if (!arrays)
    return PN_E_MEMORY;
  for (int k = 0; k < setup->n_arrays; k++) {
    arrays[k] = setup->arrays[k];
    arrays[k].w0 = c->where[arrays[k].w0];
    arrays[k].b0 = c->where[arrays[k].b0];
    arrays[k].m0 = arrays[k].m0 < 0 ? -1 : c->where[arrays[k].m0];
  }
  pn_linsol_setup left = {.n = c->n_left,
                          .colptr = c->colptr,
                          .rowind = c->rowind,
                          .kind = setup->kind,
                          .arrays = arrays,
                          .n_arrays = setup->n_arrays,
                          .threads = setup->threads};
  pn_status st = pn_linsol_new(&left, &c->left, bad);
  free(arrays);
  return st == PN_E_SINGULAR ? PN_E_CONVERGENCE : st;
}

static pn_status build(pn_condensed *c, const pn_linsol_setup *setup)
{
  size_t n = (size_t)setup->n + 1;
  pn_status st = pn_condensed_look(c, setup);
  if (st)
    return st;
  c->values = malloc(((size_t)c->nnz_left + (size_t)c->n_left + 2) * sizeof *c->values);
  c->scratch = malloc(3 * n * sizeof *c->scratch);
  if (!c->values || !c->scratch)
    return PN_E_MEMORY;
  c->side = c->values + c->nnz_left + 1;
  int bad;
  st = make_left(c, setup, &bad);
  if (st == PN_OK)
    take_stats(c);
  return st;
}

static const pn_linsol_class condensed_class = {.destroy = condensed_destroy,
                                                .factor = condensed_factor,
                                                .solve = condensed_solve,
                                                .solve_transposed = condensed_solve_transposed};

pn_status pn_linsol_condensed(const pn_linsol_setup *setup, pn_linsol **out)
{
  *out = NULL;
  pn_condensed *c = calloc(1, sizeof *c);
  if (!c)
    return PN_E_MEMORY;
  c->base = (pn_linsol){.cls = &condensed_class,
                        .n = setup->n,
                        .colptr = setup->colptr,
                        .rowind = setup->rowind,
                        .tolerance = PN_LINSOL_TOLERANCE};
  pn_status st = build(c, setup);
  if (st) {
    condensed_destroy(&c->base);
    return st;
  }
  *out = &c->base;
  return PN_OK;
}
