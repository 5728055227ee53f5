/* Crossbar arrays: word lines (rows) are eliminated exactly as tridiagonals, and conjugate gradients
 * solve for the bit lines on the column Schur complement, preconditioned by the columns' tridiagonals.
 * Grounded sources are peeled off and trees that hang on the lines pruned first, both exactly; a
 * circuit with more around its arrays than that is refused. */
#include "base/large.h"
#include "solver/crossbar_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITERATIONS = 1000, CHECK_EVERY = 8 /* of loose solutions with a new matrix */ };
static const double SLACK = 10; /* residual in the maximum norm over that of the iteration */

static pn_status crossbar_factor(pn_linsol *s, const double *values, int *bad)
{
  pn_crossbar *c = (pn_crossbar *)s;
  (void)bad;
  s->stats.factors++;
  c->checked = false;
  pn_lowrank_begin(&c->odd, s->n);
  s->why = pn_xb_load(c, values);
  return s->why ? PN_E_CONVERGENCE : PN_OK;
}

static pn_status crossbar_factor_parts(pn_linsol *s, const pn_linsol_parts *p)
{
  pn_crossbar *c = (pn_crossbar *)s;
  c->checked = false;
  pn_lowrank_begin(&c->odd, s->n);
  pn_status st = pn_xb_load_cells(c, p);
  s->stats.factors += st == PN_OK;
  return st;
}

/* ---- solution ---- */

/* A leaf's value without its parent's part. */
static double alone(const pn_crossbar *c, const pn_xb_leaf *l, const double *b)
{
  return l->d * b[l->node] + (l->source >= 0 ? l->from_source * b[c->leaves[l->source].node] : 0);
}

/* Leaves and inner nodes out of the right-hand side. */
static void reduce(const pn_crossbar *c, double *b)
{
  for (int k = 0; k < c->n_leaves; k++)
    if (c->leaves[k].parent >= 0 && !c->leaves[k].paired)
      b[c->leaves[k].parent] -= c->leaves[k].branch * alone(c, &c->leaves[k], b);
  for (int k = 0; k < c->n_blocks; k++) {
    const pn_crossbar_block *a = &c->block[k];
    if (a->shape.m0 < 0)
      continue;
    double *w = b + a->shape.w0, *bit = b + a->shape.b0;
    const double *m = b + a->shape.m0;
    for (size_t at = 0; at < a->n; at++) {
      w[at] += a->aw[at] * a->dm[at] * m[at];
      bit[at] += a->ab[at] * a->dm[at] * m[at];
    }
  }
}

/* r gets the Schur complement's right-hand side, rb + g Tw^-1 rw. */
static void schur_side(const pn_crossbar *c, const double *b)
{
  size_t first = 0;
  for (int k = 0; k < c->n_blocks; first += c->block[k].n, k++) {
    const pn_crossbar_block *a = &c->block[k];
    const double *bit = b + a->shape.b0, *g = a->g, *t = c->q + first;
    double *r = c->r + first;
    pn_crossbar_rows(a, b + a->shape.w0, NULL, c->q + first);
    for (size_t at = 0; at < a->n; at++)
      r[at] = bit[at] + g[at] * t[at];
  }
}

static double down(const pn_crossbar *c, double alpha, bool first)
{
  double sum = 0;
  size_t at = 0;
  for (int k = 0; k < c->n_blocks; at += c->block[k].n, k++)
    sum += pn_crossbar_down(&c->block[k], alpha, first, c->r + at, c->q + at);
  return sum;
}

static double up(const pn_crossbar *c, int pass, double alpha, double beta)
{
  double sum = 0;
  size_t at = 0;
  for (int k = 0; k < c->n_blocks; at += c->block[k].n, k++) {
    pn_crossbar_vectors v = {c->x + at, c->r + at, c->p + at, c->u + at, c->q + at};
    sum += pn_crossbar_up(&c->block[k], pass, alpha, beta, &v);
  }
  return sum;
}

/* The step of the last of some passes. */
static void last_step(const pn_crossbar *c, int passes, double alpha)
{
  double *x = c->x;
  const double *p = c->p;
  if (passes == 0)
    memset(x, 0, c->n * sizeof *x);
  for (size_t k = 0; k < c->n && passes == 1; k++)
    x[k] = alpha * p[k];
  for (size_t k = 0; k < c->n && passes > 1; k++)
    x[k] += alpha * p[k];
}

/* Solves for r into x. */
static bool iterate(pn_crossbar *c)
{
  double rho = down(c, 0, true), alpha = 0, beta = 0;
  /* A correction that is small beside those before it need not be known as well, but to 1e-6. */
  double tolerance = c->base.tolerance, own = rho;
  c->scale = fmax(0.9 * c->scale, rho);
  double enough = fmax(tolerance * tolerance * own, fmin(1e-12 * own, 1e-24 * c->scale));
  for (int k = 0; k < MOST_ITERATIONS; k++) {
    if (rho <= enough) {
      c->reached = own > 0 ? sqrt(enough / own) : 0;
      last_step(c, k, alpha);
      return true;
    }
    double curve = up(c, k, alpha, beta);
    if (!(curve > 0))
      return false;
    alpha = rho / curve;
    double next = down(c, alpha, false);
    beta = next / rho;
    rho = next;
    c->base.stats.iterations++;
  }
  return false;
}

/* From the row that says more: the node's, where a small series resistance makes nearly equal voltages,
 * or the source's own, where a large one leaves hardly any current. */
static double source_current(const pn_crossbar *c, const pn_xb_leaf *l, const double *b, double v,
                             double parent)
{
  const pn_xb_leaf *s = &c->leaves[l->source];
  const double *values = c->base.values;
  if (fabs(s->d) * l->own > fabs(values[s->up] * values[s->down]))
    return (b[s->node] - values[s->down] * v) / s->d;
  return (b[l->node] - l->branch * parent - l->own * v) / values[s->up];
}

/* Word lines, inner nodes and leaves from the bit lines; b is the reduced right-hand side. */
static void recover(const pn_crossbar *c, const double *b, double *full)
{
  size_t first = 0;
  for (int k = 0; k < c->n_blocks; first += c->block[k].n, k++) {
    const pn_crossbar_block *a = &c->block[k];
    double *w = full + a->shape.w0, *bit = full + a->shape.b0;
    memcpy(bit, c->x + first, a->n * sizeof *bit);
    pn_crossbar_rows(a, b + a->shape.w0, c->x + first, w);
    for (size_t at = 0; a->shape.m0 >= 0 && at < a->n; at++)
      full[a->shape.m0 + (int)at] = a->dm[at] * (b[a->shape.m0 + (int)at] + a->aw[at] * w[at] +
                                                 a->ab[at] * bit[at]);
  }
  for (int k = c->n_leaves - 1; k >= 0; k--) {
    const pn_xb_leaf *l = &c->leaves[k];
    if (l->paired)
      continue;
    double parent = l->parent >= 0 ? full[l->parent] : 0, v = alone(c, l, b) + l->factor * parent;
    full[l->node] = v;
    if (l->source >= 0)
      full[c->leaves[l->source].node] = source_current(c, l, b, v, parent);
  }
}

/* Into c->full, without the cells put aside. */
static pn_status solve_block(pn_crossbar *c, const double *b)
{
  memcpy(c->rest, b, (size_t)c->base.n * sizeof *b);
  if (!pn_peel_before(&c->peel, c->base.values, c->rest, c->peel.first))
    return PN_E_CONVERGENCE;
  reduce(c, c->rest);
  schur_side(c, c->rest);
  if (!iterate(c))
    return PN_E_CONVERGENCE;
  recover(c, c->rest, c->full);
  bool good = pn_peel_after(&c->peel, c->base.values, c->rest, c->peel.first, c->full);
  return good ? PN_OK : PN_E_CONVERGENCE;
}

static pn_status solve_in_place(void *user, double *x)
{
  pn_crossbar *c = user;
  pn_status st = solve_block(c, x);
  if (st == PN_OK)
    memcpy(x, c->full, (size_t)c->base.n * sizeof *x);
  return st;
}

static pn_status solve_one(pn_crossbar *c, double *b)
{
  pn_linsol *s = &c->base;
  s->stats.solves++;
  s->why = "conjugate gradients stalled";
  pn_status st = PN_OK;
  if (c->odd.rank && !c->odd.small)
    st = pn_lowrank_prepare(&c->odd, solve_in_place, c);
  if (st == PN_OK)
    st = solve_block(c, b);
  if (st == PN_OK && c->odd.rank)
    st = pn_lowrank_correct(&c->odd, c->full);
  if (st)
    return st == PN_E_MEMORY ? st : PN_E_CONVERGENCE;
  s->verified = !c->checked && s->tolerance <= PN_LINSOL_TOLERANCE;
  bool due = s->tolerance <= PN_LINSOL_TOLERANCE || c->loose++ % CHECK_EVERY == 0;
  if (!c->checked && due) {
    if ((st = pn_linsol_need_whole(s)))
      return st;
    double e = pn_xb_residual(c, b);
    s->why = "the residual is too large";
    if (!(e < fmax(1e-9, SLACK * c->reached)))
      return PN_E_CONVERGENCE;
    s->stats.worst_residual = fmax(s->stats.worst_residual, e);
    c->checked = true;
  }
  s->why = NULL;
  memcpy(b, c->full, (size_t)s->n * sizeof *b);
  return PN_OK;
}

static pn_status crossbar_solve(pn_linsol *s, double *b, int nrhs)
{
  pn_status st = PN_OK;
  for (int k = 0; k < nrhs && !st; k++)
    st = solve_one((pn_crossbar *)s, b + (size_t)k * (size_t)s->n);
  return st;
}

/* ---- life ---- */

static void free_block(pn_crossbar_block *k)
{
  pn_large_free(k->dw);
  free(k->regular);
}

static void crossbar_destroy(pn_linsol *s)
{
  pn_crossbar *c = (pn_crossbar *)s;
  pn_pool_free(c->pool);
  pn_peel_free(&c->peel);
  for (int k = 0; c->block && k < c->n_blocks; k++)
    free_block(&c->block[k]);
  free(c->block);
  pn_large_free(c->kind);
  free(c->column);
  free(c->leaves);
  pn_large_free(c->memory);
  pn_large_free(c->rest);
  pn_large_free(c->kept);
  pn_lowrank_free(&c->odd);
  free(c);
}

/* Arrays of a power of two would lie in the same places of a cache: a few lines between them. */
enum { APART = 136 };

/* How many parts the jobs on an array fall into: by its shape alone. */
static void divide(pn_crossbar_block *k)
{
  int cols = k->shape.cols / PN_CROSSBAR_PART_COLUMNS;
  int most = PN_CROSSBAR_MOST_PARTS / 2, groups = k->shape.rows / PN_CROSSBAR_GROUP;
  k->col_parts = cols < 1 ? 1 : cols > most ? most : cols;
  k->row_parts = k->n < PN_CROSSBAR_SHARED ? 1 : groups < 2 * most ? groups / 2 + 1 : 2 * most;
}

static bool allocate_block(pn_crossbar_block *k, const pn_linsol_array *a)
{
  size_t cols = (size_t)a->cols, arrays = a->m0 < 0 ? 8 : 11;
  k->shape = *a;
  k->n = (size_t)a->rows * cols;
  divide(k);
  size_t groups = ((size_t)a->rows + PN_CROSSBAR_GROUP - 1) / PN_CROSSBAR_GROUP;
  size_t padded = groups * PN_CROSSBAR_GROUP * cols, tile = PN_CROSSBAR_GROUP * cols;
  const size_t size[] = {padded,   padded,
                         k->n,     k->n,
                         k->n,     (size_t)k->row_parts * tile,
                         2 * cols, groups + PN_CROSSBAR_MOST_PARTS,
                         k->n,     k->n,
                         k->n};
  double **parts[] = {&k->dw,   &k->lw,  &k->db, &k->lb, &k->g, &k->tile,
                      &k->line, &k->dot, &k->aw, &k->ab, &k->dm};
  size_t room = 0;
  for (size_t p = 0; p < arrays; p++)
    room += size[p] + APART;
  double *m = pn_large_alloc(room, sizeof(double));
  for (size_t p = 0; m && p < arrays; p++) {
    *parts[p] = m;
    m += size[p] + APART;
  }
  k->regular = calloc(2 * (size_t)a->rows, 1);
  return m && k->regular;
}

static bool allocate(pn_crossbar *c, const pn_linsol_setup *setup)
{
  c->block = calloc((size_t)setup->n_arrays + 1, sizeof *c->block);
  if (!c->block)
    return false;
  while (c->n_blocks < setup->n_arrays) {
    pn_crossbar_block *k = &c->block[c->n_blocks];
    c->n_blocks++;
    if (!allocate_block(k, &setup->arrays[k - c->block]))
      return false;
    c->n += k->n;
  }
  if (c->n >= PN_CROSSBAR_SHARED)
    c->pool = pn_pool_new(setup->threads);
  for (int k = 0; k < c->n_blocks; k++)
    c->block[k].pool = c->pool;
  /* Five vectors of the iteration; behind x, later, the solution and the scratch of its check. */
  size_t all = (size_t)setup->n + 1, each = c->n + APART;
  size_t room = 5 * each > each + 2 * all ? 5 * each : each + 2 * all;
  c->memory = pn_large_alloc(room, sizeof(double));
  c->rest = pn_large_alloc(all, sizeof(double));
  if (!c->memory || !c->rest)
    return false;
  double **parts[] = {&c->x, &c->r, &c->p, &c->u, &c->q};
  for (size_t p = 0; p < 5; p++)
    *parts[p] = c->memory + p * each;
  c->full = c->memory + each; /* the iteration is over when the solution is put together */
  return true;
}

static const pn_linsol_class crossbar_class = {.iterates = true,
                                               .destroy = crossbar_destroy,
                                               .factor = crossbar_factor,
                                               .factor_parts = crossbar_factor_parts,
                                               .solve = crossbar_solve};

pn_status pn_linsol_crossbar(const pn_linsol_setup *setup, pn_linsol **out)
{
  *out = NULL;
  if (!setup->n_arrays)
    return PN_E_CONVERGENCE;
  pn_crossbar *c = calloc(1, sizeof *c);
  if (!c)
    return PN_E_MEMORY;
  c->base = (pn_linsol){.cls = &crossbar_class,
                        .n = setup->n,
                        .colptr = setup->colptr,
                        .rowind = setup->rowind,
                        .tolerance = PN_LINSOL_TOLERANCE};
  c->base.stats.name = "crossbar (conjugate gradients on the bit lines)";
  pn_status st = allocate(c, setup) ? pn_xb_look_around(c) : PN_E_MEMORY;
  if (st) {
    crossbar_destroy(&c->base);
    return st;
  }
  c->base.stats.nnz_factors = 4L * (long)c->n;
  *out = &c->base;
  return PN_OK;
}
