/* The crossbar solver's numbers: from the matrix's values to the lines' conductances and factors, inner
 * nodes of cells and leaves outside the arrays eliminated. */
#include "solver/crossbar_private.h"

#include <math.h>

static const double ASYMMETRY = 1e-13; /* relative, of rounding */
static const double SHORT = 1e3;       /* a cell of so much more than the lines' segments */

/* One column's entries: diagonal, branches along its line, branches to the cell. */
typedef struct entries {
  double diag, next, before, cell, cell2;
} entries;

/* The columns of one grid of nodes. */
typedef struct reader {
  const pn_crossbar *c;
  const double *values;
  int first, step, cell, cell2; /* unknowns of node (0, 0), here and at the other ends; -1: none */
} reader;

static entries search_column(const reader *r, int at)
{
  entries e = {0};
  int j = r->first + at;
  const pn_linsol *s = &r->c->base;
  for (int k = s->colptr[j]; k < s->colptr[j + 1]; k++) {
    int row = s->rowind[k];
    double v = r->values[k];
    if (row == j)
      e.diag = v;
    else if (row == r->cell + at)
      e.cell = v;
    else if (r->cell2 >= 0 && row == r->cell2 + at)
      e.cell2 = v;
    else if (row == j + r->step)
      e.next = v;
    else if (row == j - r->step)
      e.before = v;
  }
  return e;
}

/* Regular columns have their entries in known places. */
static inline entries read_column(const reader *r, int at, bool before, bool next)
{
  int j = r->first + at;
  if (r->c->kind[j] != PN_XB_REGULAR)
    return search_column(r, at);
  const double *v = r->values + r->c->base.colptr[j];
  entries e = {0};
  if (r->cell < r->first)
    e.cell = *v++;
  if (before)
    e.before = *v++;
  e.diag = *v++;
  if (next)
    e.next = *v++;
  if (r->cell > r->first)
    e.cell = *v;
  return e;
}

static bool differ(double a, double b)
{
  return !(fabs(a - b) <= ASYMMETRY * (fabs(a) + fabs(b)));
}

/* Word lines: dw gets diagonals, lw conductances, g the cells (aw, with inner nodes). */
static bool load_words(const pn_crossbar *c, const double *values, pn_crossbar_block *k)
{
  int to = k->shape.m0 < 0 ? k->shape.b0 : k->shape.m0;
  reader read = {c, values, k->shape.w0, 1, to, -1};
  double *cell = k->shape.m0 < 0 ? k->g : k->aw;
  bool good = true;
  for (int i = 0, at = 0; i < k->shape.rows && good; i++) {
    double last = 0;
    for (int j = 0; j < k->shape.cols; j++, at++) {
      entries e = read_column(&read, at, j > 0, j + 1 < k->shape.cols);
      k->dw[at] = e.diag;
      cell[at] = -e.cell;
      good &= j == 0 || !differ(-e.before, last);
      k->lw[at] = last = j + 1 < k->shape.cols ? -e.next : 0;
      good &= last >= 0;
    }
  }
  return good;
}

static bool load_bits(const pn_crossbar *c, const double *values, pn_crossbar_block *k)
{
  int cols = k->shape.cols, to = k->shape.m0 < 0 ? k->shape.w0 : k->shape.m0;
  reader read = {c, values, k->shape.b0, cols, to, -1};
  double *cell = k->shape.m0 < 0 ? k->g : k->ab;
  bool good = true, direct = k->shape.m0 < 0;
  for (int i = 0, at = 0; i < k->shape.rows && good; i++)
    for (int j = 0; j < cols; j++, at++) {
      entries e = read_column(&read, at, i > 0, i + 1 < k->shape.rows);
      k->db[at] = e.diag;
      k->lb[at] = i + 1 < k->shape.rows ? -e.next : 0;
      good &= k->lb[at] >= 0 && (i == 0 || !differ(-e.before, k->lb[at - cols]));
      if (direct)
        good &= !differ(cell[at], -e.cell);
      else
        cell[at] = -e.cell;
    }
  return good;
}

/* Inner nodes are eliminated: cells in series. */
static bool load_inner(const pn_crossbar *c, const double *values, pn_crossbar_block *k)
{
  reader read = {c, values, k->shape.m0, -1, k->shape.w0, k->shape.b0};
  for (size_t at = 0; k->shape.m0 >= 0 && at < k->n; at++) {
    entries e = search_column(&read, (int)at);
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
static bool put_aside(pn_crossbar *c, pn_crossbar_block *k)
{
  double least = 0, most = 0, line = 0;
  for (size_t at = 0; at < k->n; at++) {
    least = k->g[at] >= least ? least : k->g[at]; /* NaN is kept */
    most = k->g[at] > most ? k->g[at] : most;
    line = k->lw[at] > line ? k->lw[at] : line;
    line = k->lb[at] > line ? k->lb[at] : line;
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

static double *diagonal_of(const pn_crossbar *c, int unknown)
{
  pn_crossbar_block *k = pn_xb_block_of(c, unknown);
  if (pn_xb_in_range(unknown, k->shape.w0, k->n))
    return &k->dw[unknown - k->shape.w0];
  return pn_xb_in_range(unknown, k->shape.b0, k->n) ? &k->db[unknown - k->shape.b0] : NULL;
}

/* The inverse of a leaf's diagonal; with a source's branch, of [d, up; down, s], in its node's row. */
static void invert_leaf(const pn_crossbar *c, pn_xb_leaf *l, const double *values)
{
  l->own = l->d;
  if (l->source < 0) {
    l->d = 1 / l->own;
    return;
  }
  const pn_xb_leaf *s = &c->leaves[l->source];
  double det = l->own * s->d - values[s->up] * values[s->down];
  l->d = s->d / det;
  l->from_source = -values[s->up] / det;
}

static bool load_leaves(pn_crossbar *c, const double *values)
{
  for (int k = 0; k < c->n_leaves; k++) {
    c->leaves[k].d = values[c->leaves[k].diag];
    c->leaves[k].source = -1;
    c->leaves[k].paired = false;
  }
  for (int k = 0; k < c->n_leaves; k++) {
    pn_xb_leaf *l = &c->leaves[k];
    if (l->d <= 0 && l->next >= 0) {
      /* A source with a series resistance, even 0: its current and its node go together. */
      pn_xb_leaf *node = &c->leaves[l->next];
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

const char *pn_xb_load(pn_crossbar *c, const double *values)
{
  bool good = true;
  for (int k = 0; k < c->n_blocks && good; k++)
    good = load_words(c, values, &c->block[k]) && load_bits(c, values, &c->block[k]) &&
           load_inner(c, values, &c->block[k]);
  if (!good || !load_leaves(c, values))
    return "the lines are not symmetric or not positive";
  for (int k = 0; k < c->n_blocks; k++)
    if (!put_aside(c, &c->block[k]) || !pn_crossbar_factor(&c->block[k]))
      return "cells with negative conductance";
  return NULL;
}
