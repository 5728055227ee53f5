/* Transistors and diodes at rest in a transient (latency): while the voltages of a block of instances stay
 * close to where it was last linearised, its tangent stands for it. The tangents of all resting blocks are
 * summed once into one linear part, so that a block at rest costs an evaluation nothing. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES, RENEW = 1000 /* changes, after which the sums are made anew: rounding */ };

/* A current that grows e-fold over a grain (device.h) differs from its tangent by (dv/grain)^2 / 2 of itself;
 * that may be this part of reltol. */
static const double PART = 1e-3;
/* Of the reach so given: a block that moved less between two linearisations comes to rest. */
static const double SETTLED = 0.25;

typedef struct rest_batch {
  unsigned char *resting; /* [blocks]; NULL: a class without a grain */
  double *at;             /* [blocks][n_locals][L] where it was linearised last; NAN: never */
  double *reach;          /* [blocks] V */
  double *f, *q;          /* [blocks][n_locals][L] of the tangent at 0 */
  double *jf, *jq;        /* [blocks][n_pairs][L] */
} rest_batch;

struct pn_rest {
  rest_batch *batch;
  /* G and C of the linear devices and of all that rest, row by row: rowptr [n_mna + 1], col [nnz], the
   * entries' places among them [nnz + 1] by slot, and gc [nnz + 1][2]. */
  int *rowptr, *col, *place;
  double *gc;
  double *f, *q;          /* [n + 1] of all tangents at 0 */
  double *low, *high;     /* [n + 1] V, between which all that rest may stay so */
  int changes, n_resting; /* since the sums were made anew; blocks */
};

static size_t n_blocks(const pn_batch *b)
{
  return (size_t)b->n_pad / L;
}

static int lanes_of(const pn_batch *b, int first)
{
  return b->n - first < L ? b->n - first : L;
}

/* Adds (sign 1) or takes away (-1) a block's tangent. */
static void add_tangent(pn_rest *z, const pn_batch *b, const rest_batch *w, int block, double sign)
{
  size_t pad = (size_t)b->n_pad, first = (size_t)block * L;
  size_t locals = (size_t)b->cls->n_locals, pairs = (size_t)b->cls->n_pairs;
  const double *f = w->f + first * locals, *q = w->q + first * locals;
  const double *jf = w->jf + first * pairs, *jq = w->jq + first * pairs;
  int lanes = lanes_of(b, (int)first);
  for (size_t m = 0; m < locals; m++)
    for (int k = 0; k < lanes; k++) {
      int row = b->map[m * pad + first + (size_t)k];
      z->f[row] += sign * f[m * L + (size_t)k];
      z->q[row] += sign * q[m * L + (size_t)k];
    }
  for (size_t m = 0; m < pairs; m++)
    for (int k = 0; k < lanes; k++) {
      double *gc = z->gc + 2 * z->place[b->slot[m * pad + first + (size_t)k]];
      gc[0] += sign * jf[m * L + (size_t)k];
      gc[1] += sign * jq[m * L + (size_t)k];
    }
}

/* Unknowns of a block narrow what may be without it waking. */
static void narrow(pn_rest *z, const pn_batch *b, const rest_batch *w, int block)
{
  size_t pad = (size_t)b->n_pad, first = (size_t)block * L;
  const double *at = w->at + first * (size_t)b->cls->n_locals;
  for (int m = 0; m < b->cls->n_locals; m++)
    for (int k = 0; k < L; k++) {
      int row = b->map[(size_t)m * pad + first + (size_t)k];
      double low = at[m * L + k] - w->reach[block], high = at[m * L + k] + w->reach[block];
      z->low[row] = z->low[row] > low ? z->low[row] : low;
      z->high[row] = z->high[row] < high ? z->high[row] : high;
    }
}

static void widen(pn_sim *s)
{
  pn_rest *z = s->rest;
  for (int k = 0; k <= s->c->n; k++) {
    z->low[k] = -INFINITY;
    z->high[k] = INFINITY;
  }
}

/* The sums anew, from the linear devices and the blocks that rest. */
static void sum(pn_sim *s)
{
  const pn_circuit *c = s->c;
  pn_rest *z = s->rest;
  for (int k = 0; k <= c->nnz; k++) {
    z->gc[2 * z->place[k]] = s->g0[k];
    z->gc[2 * z->place[k] + 1] = s->c0[k];
  }
  memset(z->f, 0, (size_t)(c->n + 1) * sizeof *z->f);
  memset(z->q, 0, (size_t)(c->n + 1) * sizeof *z->q);
  for (size_t k = 0; k < c->batches.n; k++)
    for (size_t i = 0; z->batch[k].resting && i < n_blocks(&c->batches.at[k]); i++)
      if (z->batch[k].resting[i])
        add_tangent(z, &c->batches.at[k], &z->batch[k], (int)i, 1);
  z->changes = 0;
}

/* All awake, and nothing known of where they were. */
void pn_rest_forget(pn_sim *s)
{
  pn_rest *z = s->rest;
  if (!z)
    return;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    rest_batch *w = &z->batch[k];
    if (!w->resting)
      continue;
    memset(w->resting, 0, n_blocks(b));
    for (int i = 0; i < b->cls->n_locals * b->n_pad; i++)
      w->at[i] = NAN;
  }
  z->n_resting = 0;
  sum(s);
  widen(s);
}

static bool make_batch(pn_sim *s, const pn_batch *b, rest_batch *w)
{
  size_t pad = (size_t)b->n_pad, row = pad * sizeof(double);
  size_t locals = (size_t)b->cls->n_locals, pairs = (size_t)b->cls->n_pairs;
  w->at = pn_arena_try(&s->arena, locals * row);
  w->f = pn_arena_try(&s->arena, locals * row);
  w->q = pn_arena_try(&s->arena, locals * row);
  w->jf = pn_arena_try(&s->arena, pairs * row);
  w->jq = pn_arena_try(&s->arena, pairs * row);
  w->reach = pn_arena_try(&s->arena, n_blocks(b) * sizeof *w->reach);
  w->resting = pn_arena_try(&s->arena, n_blocks(b));
  return w->at && w->f && w->q && w->jf && w->jq && w->reach && w->resting;
}

/* The circuit's pattern by rows. */
static void transpose(pn_rest *z, const pn_circuit *c)
{
  pn_rows_of(c, NULL, z->rowptr);
  for (int j = c->n_mna - 1; j >= 0; j--)
    for (int k = c->colptr[j + 1] - 1; k >= c->colptr[j]; k--) {
      z->place[k] = --z->rowptr[c->rowind[k]];
      z->col[z->place[k]] = j;
    }
  z->place[c->nnz] = c->nnz;
}

static pn_rest *make(pn_sim *s)
{
  const pn_circuit *c = s->c;
  pn_rest *z = pn_arena_try(&s->arena, sizeof *z);
  if (!z)
    return NULL;
  size_t n = (size_t)(c->n + 1) * sizeof(double), nnz = (size_t)(c->nnz + 1);
  *z = (pn_rest){.batch = pn_arena_try(&s->arena, c->batches.n * sizeof *z->batch),
                 .rowptr = pn_arena_try(&s->arena, (size_t)(c->n_mna + 1) * sizeof *z->rowptr),
                 .col = pn_arena_try(&s->arena, nnz * sizeof *z->col),
                 .place = pn_arena_try(&s->arena, nnz * sizeof *z->place),
                 .gc = pn_arena_try(&s->arena, 2 * nnz * sizeof *z->gc),
                 .f = pn_arena_try(&s->arena, n),
                 .q = pn_arena_try(&s->arena, n),
                 .low = pn_arena_try(&s->arena, n),
                 .high = pn_arena_try(&s->arena, n)};
  bool made = z->batch && z->rowptr && z->col && z->place && z->gc && z->f && z->q && z->low &&
              z->high;
  if (made)
    transpose(z, c);
  for (size_t k = 0; k < c->batches.n && made; k++) {
    z->batch[k] = (rest_batch){0};
    made = !c->batches.at[k].cls->grain || make_batch(s, &c->batches.at[k], &z->batch[k]);
  }
  return made ? z : NULL;
}

pn_status pn_sim_let_rest(pn_sim *s, bool yes)
{
  bool any = false;
  for (size_t k = 0; k < s->c->batches.n; k++)
    any |= s->c->batches.at[k].cls->grain != NULL;
  s->may_rest = yes && any && s->cq;
  if (s->may_rest && !s->rest && !(s->rest = make(s))) {
    s->may_rest = false;
    return PN_E_MEMORY;
  }
  pn_rest_forget(s);
  return PN_OK;
}

/* Is some unknown where a resting block may not be? NAN counts as such. */
static bool out_of_reach(const pn_rest *z, const double *y, int n)
{
  int out = 0;
  for (int k = 0; k < n; k++)
    out |= !(y[k] >= z->low[k]) | !(y[k] <= z->high[k]);
  return out;
}

static bool block_moved(const pn_sim *s, const pn_batch *b, const rest_batch *w, int block)
{
  size_t pad = (size_t)b->n_pad, first = (size_t)block * L;
  const double *at = w->at + first * (size_t)b->cls->n_locals;
  int moved = 0;
  for (int m = 0; m < b->cls->n_locals; m++)
    for (int k = 0; k < L; k++) {
      double by = s->y[b->map[(size_t)m * pad + first + (size_t)k]] - at[m * L + k];
      moved |= !(fabs(by) <= w->reach[block]);
    }
  return moved;
}

bool pn_rest_wake(pn_sim *s)
{
  pn_rest *z = s->rest;
  if (!z->n_resting || !out_of_reach(z, s->y, s->c->n))
    return z->n_resting > 0;
  widen(s);
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    rest_batch *w = &z->batch[k];
    for (size_t i = 0; w->resting && i < n_blocks(b); i++) {
      if (!w->resting[i])
        continue;
      if (!block_moved(s, b, w, (int)i)) {
        narrow(z, b, w, (int)i);
        continue;
      }
      w->resting[i] = 0;
      add_tangent(z, b, w, (int)i, -1);
      z->n_resting--;
      z->changes++;
    }
  }
  if (z->changes > RENEW)
    sum(s);
  return z->n_resting > 0;
}

bool pn_rest_is(const pn_sim *s, int batch, int first)
{
  const rest_batch *w = &s->rest->batch[batch];
  return w->resting && w->resting[first / L];
}

typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));

/* f = F + G y and q = Q + C y, row by row. */
static void evaluate_rows(const pn_rest *z, int n, const double *restrict y, double *restrict f,
                          double *restrict q)
{
  const int *restrict col = z->col;
  const pair *restrict gc = (const pair *)z->gc;
  for (int i = 0, k = 0; i < n; i++) {
    pair sum = {z->f[i], z->q[i]};
    for (int end = z->rowptr[i + 1]; k < end; k++)
      sum += gc[k] * y[col[k]];
    f[i] = sum[0];
    q[i] = sum[1];
  }
}

void pn_rest_start(const pn_sim *s, bool jacobian)
{
  const pn_circuit *c = s->c;
  const pn_rest *z = s->rest;
  memcpy(s->f + c->n_mna, z->f + c->n_mna, (size_t)(c->n - c->n_mna + 1) * sizeof *s->f);
  memcpy(s->q + c->n_mna, z->q + c->n_mna, (size_t)(c->n - c->n_mna + 1) * sizeof *s->q);
  evaluate_rows(z, c->n_mna, s->y, s->f, s->q);
  for (int k = 0; k < c->nnz && jacobian; k++) {
    s->g[k] = z->gc[2 * z->place[k]];
    s->cq[k] = z->gc[2 * z->place[k] + 1];
  }
}

/* V: how far from its tangent's point a block may be. */
static double reach_of(const pn_sim *s, const pn_device_class *cls, const double *p)
{
  double least = INFINITY;
  for (const int *g = cls->grain; *g >= 0; g++)
    for (int k = 0; k < L; k++)
      least = p[*g * L + k] < least ? p[*g * L + k] : least;
  return least * sqrt(2 * PART * s->opt.reltol);
}

void pn_rest_consider(pn_sim *s, int batch, int first, const pn_block_arrays *a)
{
  const pn_batch *b = &s->c->batches.at[batch];
  rest_batch *w = &s->rest->batch[batch];
  if (!w->resting)
    return;
  size_t locals = (size_t)b->cls->n_locals, pairs = (size_t)b->cls->n_pairs;
  int block = first / L, moved = 0;
  double *at = w->at + (size_t)first * locals, reach = reach_of(s, b->cls, a->p);
  for (size_t k = 0; k < locals * L; k++) {
    moved |= !(fabs(a->u[k] - at[k]) <= SETTLED * reach);
    at[k] = a->u[k];
  }
  if (moved)
    return;
  double *f = w->f + (size_t)first * locals, *q = w->q + (size_t)first * locals;
  memcpy(f, a->f, locals * L * sizeof *f);
  memcpy(q, a->q, locals * L * sizeof *q);
  memcpy(w->jf + (size_t)first * pairs, a->jf, pairs * L * sizeof *f);
  memcpy(w->jq + (size_t)first * pairs, a->jq, pairs * L * sizeof *f);
  for (size_t m = 0; m < pairs; m++) {
    size_t row = b->cls->pairs[m].row, col = b->cls->pairs[m].col;
    for (size_t k = 0; k < L; k++) {
      f[row * L + k] -= a->jf[m * L + k] * at[col * L + k];
      q[row * L + k] -= a->jq[m * L + k] * at[col * L + k];
    }
  }
  w->reach[block] = reach;
  w->resting[block] = 1;
  add_tangent(s->rest, b, w, block, 1);
  s->rest->changes++;
  s->rest->n_resting++;
  narrow(s->rest, b, w, block);
}
