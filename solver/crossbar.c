/* Crossbar arrays: word lines (rows) are eliminated exactly as tridiagonals, and conjugate gradients
 * solve for the bit lines on the column Schur complement, preconditioned by the columns' tridiagonals.
 * Grounded sources are peeled off and trees that hang on the lines pruned first, both exactly; a
 * circuit with more around its arrays than that is refused. */
#include "solver/crossbar.h"
#include "solver/linsol_class.h"
#include "solver/lowrank.h"
#include "solver/peel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITERATIONS = 1000 };
static const double ASYMMETRY = 1e-13; /* relative, of rounding */
static const double SHORT = 1e3;       /* a cell of so much more than the lines' segments */
static const double SLACK = 1e3;       /* residual in the maximum norm over that of the iteration */

/* A node outside the arrays with one neighbour in the core: eliminated before. */
typedef struct leaf {
  int node, parent;      /* unknowns; parent -1: a node that only known ones touch */
  int diag, up, down;    /* places of (node, node), (parent, node), (node, parent) */
  int next;              /* leaf whose node is the parent, or -1: it is in an array */
  int source;            /* leaf of a source's branch at this node, eliminated with it; -1: none */
  bool paired;           /* such a branch */
  double own, d;         /* diagonal, its inverse */
  double branch, factor; /* S to the parent, the parent's multiplier */
  double from_source;    /* the source's multiplier */
} leaf;

typedef struct crossbar {
  pn_linsol base;
  pn_peel peel;
  pn_crossbar_block *block; /* [n_blocks] */
  int n_blocks, n_leaves;
  leaf *leaves; /* [n_leaves] in the order of elimination */
  size_t n;     /* cells of all blocks */
  double *memory;
  double *x, *r, *z, *p, *u, *q; /* [n] of the iteration, blocks one behind the other */
  double *full;                  /* [n of the matrix] the solution, where r .. q were */
  double *rest;                  /* [n of the matrix] the right-hand side under way */
  double scale;                  /* largest norm of a right-hand side, lately */
  double reached;                /* relative accuracy of the last iteration, in its norm */
  pn_lowrank odd;                /* cells of negative conductance, and shorts */
  bool checked;
} crossbar;

/* ---- what is around the arrays ---- */

static bool in_range(int k, int first, size_t n)
{
  return first >= 0 && k >= first && (size_t)(k - first) < n;
}

/* Is the entry one of those that an array has? */
static bool expected(const pn_crossbar_block *k, int row, int col)
{
  int w0 = k->shape.w0, b0 = k->shape.b0, m0 = k->shape.m0, cols = k->shape.cols;
  bool col_w = in_range(col, w0, k->n), col_b = in_range(col, b0, k->n);
  bool row_w = in_range(row, w0, k->n), row_b = in_range(row, b0, k->n);
  int cell = col_w ? col - w0 : col_b ? col - b0 : col - m0;
  if (row == col)
    return true;
  if (col_w && row_w)
    return abs(row - col) == 1 && (row - w0) / cols == cell / cols;
  if (col_b && row_b)
    return abs(row - col) == cols;
  if (m0 < 0)
    return (col_w && row == b0 + cell) || (col_b && row == w0 + cell);
  if (in_range(col, m0, k->n))
    return row == w0 + cell || row == b0 + cell;
  return row == m0 + cell && (col_w || col_b);
}

static pn_crossbar_block *block_of(const crossbar *c, int unknown)
{
  for (int k = 0; k < c->n_blocks; k++) {
    pn_crossbar_block *b = &c->block[k];
    if (in_range(unknown, b->shape.w0, b->n) || in_range(unknown, b->shape.b0, b->n) ||
        in_range(unknown, b->shape.m0, b->n))
      return b;
  }
  return NULL;
}

static bool in_core(const crossbar *c, int k)
{
  return c->peel.part[k] == 0;
}

/* Entries of the arrays' columns: those of arrays, and branches to nodes outside. */
static bool check_pattern(const crossbar *c)
{
  for (int k = 0; k < c->n_blocks; k++) {
    const pn_crossbar_block *b = &c->block[k];
    int firsts[3] = {b->shape.w0, b->shape.b0, b->shape.m0};
    for (int part = 0; part < (b->shape.m0 < 0 ? 2 : 3); part++)
      for (int j = firsts[part]; j < firsts[part] + (int)b->n; j++) {
        if (!in_core(c, j))
          return false;
        for (int e = c->base.colptr[j]; e < c->base.colptr[j + 1]; e++) {
          int i = c->base.rowind[e];
          if (!expected(b, i, j) && in_core(c, i) && block_of(c, i))
            return false;
        }
      }
  }
  return true;
}

static int place_of(const crossbar *c, int row, int col)
{
  for (int e = c->base.colptr[col]; e < c->base.colptr[col + 1]; e++)
    if (c->base.rowind[e] == row)
      return e;
  return -1;
}

/* Remaining neighbours of an outside node, and the last of them. gone [matrix] */
static int neighbours(const crossbar *c, int j, const signed char *gone, int *one)
{
  int n = 0;
  for (int e = c->base.colptr[j]; e < c->base.colptr[j + 1]; e++) {
    int i = c->base.rowind[e];
    if (i != j && in_core(c, i) && !gone[i]) {
      *one = i;
      n++;
    }
  }
  return n;
}

/* Outside nodes in the order of pruning; false when some remain. outside [n] */
static bool prune(crossbar *c, const int *outside, int n, signed char *gone, int *number)
{
  for (bool found = true; found && c->n_leaves < n;) {
    found = false;
    for (int k = 0; k < n; k++) {
      int one = -1, j = outside[k];
      if (gone[j] || neighbours(c, j, gone, &one) > 1)
        continue;
      gone[j] = 1;
      number[j] = c->n_leaves;
      leaf *l = &c->leaves[c->n_leaves++];
      *l = (leaf){.node = j, .parent = one, .diag = place_of(c, j, j), .next = -1, .source = -1};
      found = true;
      if (l->diag < 0)
        return false;
      if (one >= 0 && ((l->up = place_of(c, one, j)) < 0 || (l->down = place_of(c, j, one)) < 0))
        return false;
    }
  }
  for (int k = 0; k < c->n_leaves; k++)
    if (c->leaves[k].parent >= 0 && gone[c->leaves[k].parent])
      c->leaves[k].next = number[c->leaves[k].parent];
  return c->n_leaves == n;
}

static pn_status find_leaves(crossbar *c)
{
  size_t room = (size_t)c->base.n + 1;
  int n = 0, inside = 0;
  for (int j = 0; j < c->base.n; j++)
    inside += in_core(c, j) && block_of(c, j);
  int outside_n = c->peel.n_core - inside;
  int *work = calloc(room + (size_t)outside_n + 1, sizeof(int));
  signed char *gone = calloc(room, 1);
  c->leaves = calloc((size_t)outside_n + 1, sizeof *c->leaves);
  pn_status st = work && gone && c->leaves ? PN_OK : PN_E_MEMORY;
  for (int j = 0; j < c->base.n && !st; j++)
    if (in_core(c, j) && !block_of(c, j))
      work[room + (size_t)n++] = j;
  if (st == PN_OK && !prune(c, work + room, n, gone, work))
    st = PN_E_CONVERGENCE;
  free(work);
  free(gone);
  return st;
}

/* ---- numbers ---- */

/* One column's entries: diagonal, branch to the next node of its line, branch to the cell. */
typedef struct entries {
  double diag, next, before, cell, cell2;
} entries;

static entries read_column(const crossbar *c, const double *values, int j, int step, int cell,
                           int cell2)
{
  entries e = {0};
  for (int k = c->base.colptr[j]; k < c->base.colptr[j + 1]; k++) {
    int d = c->base.rowind[k] - j;
    double v = values[k];
    if (d == 0)
      e.diag = v;
    else if (c->base.rowind[k] == cell)
      e.cell = v;
    else if (c->base.rowind[k] == cell2)
      e.cell2 = v;
    else if (d == step)
      e.next = v;
    else if (d == -step)
      e.before = v;
  }
  return e;
}

static bool differ(double a, double b)
{
  return !(fabs(a - b) <= ASYMMETRY * (fabs(a) + fabs(b)));
}

/* Word lines: dw gets diagonals, lw conductances, g the cells (aw, with inner nodes). */
static bool load_words(const crossbar *c, const double *values, pn_crossbar_block *k)
{
  int cols = k->shape.cols, to = k->shape.m0 < 0 ? k->shape.b0 : k->shape.m0;
  double *cell = k->shape.m0 < 0 ? k->g : k->aw;
  for (size_t at = 0; at < k->n; at++) {
    entries e = read_column(c, values, k->shape.w0 + (int)at, 1, to + (int)at, -1);
    bool first = at % (size_t)cols == 0, last = (at + 1) % (size_t)cols == 0;
    k->dw[at] = e.diag;
    k->lw[at] = last ? 0 : -e.next;
    cell[at] = -e.cell;
    if ((!first && differ(-e.before, k->lw[at - 1])) || k->lw[at] < 0)
      return false;
  }
  return true;
}

static bool load_bits(const crossbar *c, const double *values, pn_crossbar_block *k)
{
  int cols = k->shape.cols, to = k->shape.m0 < 0 ? k->shape.w0 : k->shape.m0;
  double *cell = k->shape.m0 < 0 ? k->g : k->ab;
  for (size_t at = 0; at < k->n; at++) {
    entries e = read_column(c, values, k->shape.b0 + (int)at, cols, to + (int)at, -1);
    bool first = at < (size_t)cols, last = at + (size_t)cols >= k->n;
    k->db[at] = e.diag;
    k->lb[at] = last ? 0 : -e.next;
    if (k->shape.m0 >= 0)
      cell[at] = -e.cell;
    if ((!first && differ(-e.before, k->lb[at - (size_t)cols])) || k->lb[at] < 0 ||
        differ(cell[at], -e.cell))
      return false;
  }
  return true;
}

/* Inner nodes are eliminated: cells in series. */
static bool load_inner(const crossbar *c, const double *values, pn_crossbar_block *k)
{
  for (size_t at = 0; k->shape.m0 >= 0 && at < k->n; at++) {
    entries e = read_column(c, values, k->shape.m0 + (int)at, -1, k->shape.w0 + (int)at,
                            k->shape.b0 + (int)at);
    if (!(e.diag > 0) || differ(-e.cell, k->aw[at]) || differ(-e.cell2, k->ab[at]) ||
        k->aw[at] < 0 || k->ab[at] < 0)
      return false;
    k->dm[at] = 1 / e.diag;
    k->g[at] = k->aw[at] * k->ab[at] * k->dm[at];
    k->dw[at] -= k->aw[at] * k->aw[at] * k->dm[at];
    k->db[at] -= k->ab[at] * k->ab[at] * k->dm[at];
  }
  return true;
}

/* Takes cells that the iteration cannot have out of the block: negative ones, all of them or there is no
 * iteration, and shorts, as many as there is room for. */
static bool put_aside(crossbar *c, pn_crossbar_block *k)
{
  double least = 0, most = 0, line = 0;
  for (size_t at = 0; at < k->n; at++) {
    least = k->g[at] >= least ? least : k->g[at]; /* NaN is kept */
    most = fmax(most, k->g[at]);
    line = fmax(line, fmax(k->lw[at], k->lb[at]));
  }
  if (least >= 0 && most <= SHORT * line)
    return true;
  if (k->shape.m0 >= 0)
    return least >= 0;
  for (int shorts = 0; shorts < 2; shorts++)
    for (size_t at = 0; at < k->n; at++) {
      double g = k->g[at], keep = g < 0 ? 0 : line;
      if (!(shorts ? g > SHORT * line && line > 0 : !(g >= 0)))
        continue;
      if (!isfinite(g) ||
          !pn_lowrank_add(&c->odd, k->shape.w0 + (int)at, k->shape.b0 + (int)at, g - keep))
        return shorts;
      k->dw[at] -= g - keep;
      k->db[at] -= g - keep;
      k->g[at] = keep;
    }
  return true;
}

static double *diagonal_of(const crossbar *c, int unknown)
{
  pn_crossbar_block *k = block_of(c, unknown);
  if (in_range(unknown, k->shape.w0, k->n))
    return &k->dw[unknown - k->shape.w0];
  return in_range(unknown, k->shape.b0, k->n) ? &k->db[unknown - k->shape.b0] : NULL;
}

/* The inverse of a leaf's diagonal; with a source's branch, of [d, up; down, s], in its node's row. */
static void invert_leaf(const crossbar *c, leaf *l, const double *values)
{
  l->own = l->d;
  if (l->source < 0) {
    l->d = 1 / l->own;
    return;
  }
  const leaf *s = &c->leaves[l->source];
  double det = l->own * s->d - values[s->up] * values[s->down];
  l->d = s->d / det;
  l->from_source = -values[s->up] / det;
}

static bool load_leaves(crossbar *c, const double *values)
{
  for (int k = 0; k < c->n_leaves; k++) {
    c->leaves[k].d = values[c->leaves[k].diag];
    c->leaves[k].source = -1;
    c->leaves[k].paired = false;
  }
  for (int k = 0; k < c->n_leaves; k++) {
    leaf *l = &c->leaves[k];
    if (l->d <= 0 && l->next >= 0) {
      /* A source with a series resistance, even 0: its current and its node go together. */
      leaf *node = &c->leaves[l->next];
      l->paired = true;
      if (node->source >= 0 || values[l->up] == 0 || values[l->down] == 0)
        return false;
      node->source = k;
      continue;
    }
    if (!(l->d > 0) && (l->source >= 0 || l->d == 0))
      return false;
    invert_leaf(c, l, values);
    if (l->parent < 0)
      continue;
    double up = values[l->up], down = values[l->down];
    double *d = l->next >= 0 ? &c->leaves[l->next].d : diagonal_of(c, l->parent);
    if (differ(up, down) || !d)
      return false;
    l->branch = up;
    l->factor = -up * l->d;
    *d += down * l->factor;
  }
  return true;
}

static pn_status crossbar_factor(pn_linsol *s, const double *values, int *bad)
{
  crossbar *c = (crossbar *)s;
  (void)bad;
  s->stats.factors++;
  c->checked = false;
  pn_lowrank_begin(&c->odd, s->n);
  bool good = true, positive = true;
  for (int k = 0; k < c->n_blocks && good; k++)
    good = load_words(c, values, &c->block[k]) && load_bits(c, values, &c->block[k]) &&
           load_inner(c, values, &c->block[k]);
  good = good && load_leaves(c, values);
  for (int k = 0; k < c->n_blocks && good && positive; k++)
    positive = put_aside(c, &c->block[k]) && pn_crossbar_factor(&c->block[k]);
  if (good && positive)
    return PN_OK;
  s->why = good ? "cells with negative conductance" : "the lines are not symmetric or not positive";
  return PN_E_CONVERGENCE;
}

/* ---- solution ---- */

/* A leaf's value without its parent's part. */
static double alone(const crossbar *c, const leaf *l, const double *b)
{
  return l->d * b[l->node] + (l->source >= 0 ? l->from_source * b[c->leaves[l->source].node] : 0);
}

/* Leaves and inner nodes out of the right-hand side. */
static void reduce(const crossbar *c, double *b)
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
static void schur_side(const crossbar *c, const double *b)
{
  size_t first = 0;
  for (int k = 0; k < c->n_blocks; first += c->block[k].n, k++) {
    const pn_crossbar_block *a = &c->block[k];
    pn_crossbar_rows(a, b + a->shape.w0, NULL, c->q + first);
    for (size_t at = 0; at < a->n; at++)
      c->r[first + at] = b[a->shape.b0 + (int)at] + a->g[at] * c->q[first + at];
  }
}

static double sum_blocks(const crossbar *c, double beta, bool apply)
{
  double sum = 0;
  size_t at = 0;
  for (int k = 0; k < c->n_blocks; at += c->block[k].n, k++)
    sum += apply ? pn_crossbar_apply(&c->block[k], beta, c->r + at, c->z + at, c->p + at, c->u + at,
                                     c->q + at)
                 : pn_crossbar_improve(&c->block[k], beta, c->p + at, c->q + at, c->x + at,
                                       c->r + at, c->z + at);
  return sum;
}

/* Solves for r into x. */
static bool iterate(crossbar *c)
{
  size_t bytes = c->n * sizeof(double);
  memset(c->x, 0, bytes);
  memset(c->p, 0, bytes);
  memset(c->u, 0, bytes);
  memset(c->q, 0, bytes);
  double rho = sum_blocks(c, 0, false), beta = 0;
  /* A correction that is small beside those before it need not be known as well, but to 1e-6. */
  double tolerance = c->base.tolerance, own = rho;
  c->scale = fmax(0.9 * c->scale, rho);
  double enough = fmax(tolerance * tolerance * own, fmin(1e-12 * own, 1e-24 * c->scale));
  for (int k = 0; k < MOST_ITERATIONS; k++) {
    if (rho <= enough) {
      c->reached = own > 0 ? sqrt(enough / own) : 0;
      return true;
    }
    double curve = sum_blocks(c, beta, true);
    if (!(curve > 0))
      return false;
    double next = sum_blocks(c, rho / curve, false);
    beta = next / rho;
    rho = next;
    c->base.stats.iterations++;
  }
  return false;
}

/* From the row that says more: the node's, where a small series resistance makes nearly equal voltages,
 * or the source's own, where a large one leaves hardly any current. */
static double source_current(const crossbar *c, const leaf *l, const double *b, double v,
                             double parent)
{
  const leaf *s = &c->leaves[l->source];
  const double *values = c->base.values;
  if (fabs(s->d) * l->own > fabs(values[s->up] * values[s->down]))
    return (b[s->node] - values[s->down] * v) / s->d;
  return (b[l->node] - l->branch * parent - l->own * v) / values[s->up];
}

/* Word lines, inner nodes and leaves from the bit lines; b is the reduced right-hand side. */
static void recover(const crossbar *c, const double *b, double *full)
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
    const leaf *l = &c->leaves[k];
    if (l->paired)
      continue;
    double parent = l->parent >= 0 ? full[l->parent] : 0, v = alone(c, l, b) + l->factor * parent;
    full[l->node] = v;
    if (l->source >= 0)
      full[c->leaves[l->source].node] = source_current(c, l, b, v, parent);
  }
}

/* Into c->full, without the cells put aside. */
static pn_status solve_block(crossbar *c, const double *b)
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
  crossbar *c = user;
  pn_status st = solve_block(c, x);
  if (st == PN_OK)
    memcpy(x, c->full, (size_t)c->base.n * sizeof *x);
  return st;
}

static pn_status solve_one(crossbar *c, double *b)
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
  if (!c->checked) {
    double e = pn_linsol_residual(s, s->values, c->full, b, c->rest, c->full + s->n);
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
    st = solve_one((crossbar *)s, b + (size_t)k * (size_t)s->n);
  return st;
}

/* ---- life ---- */

static void crossbar_destroy(pn_linsol *s)
{
  crossbar *c = (crossbar *)s;
  pn_peel_free(&c->peel);
  for (int k = 0; c->block && k < c->n_blocks; k++)
    free(c->block[k].dw);
  free(c->block);
  free(c->leaves);
  free(c->memory);
  free(c->rest);
  pn_lowrank_free(&c->odd);
  free(c);
}

static bool allocate_block(pn_crossbar_block *k, const pn_linsol_array *a)
{
  k->shape = *a;
  k->n = (size_t)a->rows * (size_t)a->cols;
  size_t arrays = a->m0 < 0 ? 5 : 8;
  double *m = malloc((arrays * k->n + 1) * sizeof(double));
  double **parts[] = {&k->dw, &k->lw, &k->db, &k->lb, &k->g, &k->aw, &k->ab, &k->dm};
  for (size_t p = 0; m && p < arrays; p++)
    *parts[p] = m + p * k->n;
  return m != NULL;
}

static bool allocate(crossbar *c, const pn_linsol_setup *setup)
{
  c->block = calloc((size_t)setup->n_arrays + 1, sizeof *c->block);
  if (!c->block)
    return false;
  for (; c->n_blocks < setup->n_arrays; c->n_blocks++) {
    if (!allocate_block(&c->block[c->n_blocks], &setup->arrays[c->n_blocks]))
      return false;
    c->n += c->block[c->n_blocks].n;
  }
  /* Six vectors of the iteration; behind x, later, the solution and the scratch of its check. */
  size_t all = (size_t)setup->n + 1;
  size_t room = 6 * c->n > c->n + 2 * all ? 6 * c->n : c->n + 2 * all;
  c->memory = malloc(room * sizeof(double));
  c->rest = malloc(all * sizeof(double));
  if (!c->memory || !c->rest)
    return false;
  double **parts[] = {&c->x, &c->r, &c->z, &c->p, &c->u, &c->q};
  for (size_t p = 0; p < 6; p++)
    *parts[p] = c->memory + p * c->n;
  c->full = c->memory + c->n; /* the iteration is over when the solution is put together */
  return true;
}

static const pn_linsol_class crossbar_class = {
    .destroy = crossbar_destroy, .factor = crossbar_factor, .solve = crossbar_solve};

pn_status pn_linsol_crossbar(const pn_linsol_setup *setup, pn_linsol **out)
{
  *out = NULL;
  if (!setup->n_arrays)
    return PN_E_CONVERGENCE;
  crossbar *c = calloc(1, sizeof *c);
  if (!c)
    return PN_E_MEMORY;
  c->base = (pn_linsol){.cls = &crossbar_class,
                        .n = setup->n,
                        .colptr = setup->colptr,
                        .rowind = setup->rowind,
                        .tolerance = PN_LINSOL_TOLERANCE};
  c->base.stats.name = "crossbar (conjugate gradients on the bit lines)";
  pn_status st = pn_peel_new(setup->n, setup->colptr, setup->rowind, &c->peel);
  if (st == PN_OK && !allocate(c, setup))
    st = PN_E_MEMORY;
  if (st == PN_OK && !check_pattern(c))
    st = PN_E_CONVERGENCE;
  if (st == PN_OK)
    st = find_leaves(c);
  if (st) {
    crossbar_destroy(&c->base);
    return st;
  }
  c->base.stats.nnz_factors = 4L * (long)c->n;
  *out = &c->base;
  return PN_OK;
}
