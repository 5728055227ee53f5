/* The crossbar solver's numbers: from the matrix's values to the lines' conductances and factors, inner
 * nodes of cells and leaves outside the arrays eliminated. */
#include "base/clones.h"
#include "base/large.h"
#include "solver/crossbar_private.h"

#include <math.h>

static const double ASYMMETRY = 1e-13; /* relative, of rounding */
static const double SHORT = 1e3;       /* a cell of so much more than the lines' segments */

/* One column's entries: diagonal, branches along its line, branches to the cell. */
typedef struct entries {
  double diag, next, before, cell, cell2;
} entries;

/* A grid's columns, and where their numbers go: [rows][cols] each. */
typedef struct reader {
  const pn_crossbar *c;
  const double *values;
  const pn_crossbar_block *k;
  pn_linsol_grid grid;
  double *diag, *next, *cell;
  const double *same; /* the cells again, which must be equal; cell is NULL then */
  bool good[PN_CROSSBAR_MOST_PARTS];
} reader;

static entries search_column(const reader *r, int at)
{
  entries e = {0};
  int j = r->grid.first + at;
  const pn_linsol *s = &r->c->base;
  for (int k = s->colptr[j]; k < s->colptr[j + 1]; k++) {
    int row = s->rowind[k];
    double v = r->values[k];
    if (row == j)
      e.diag = v;
    else if (row == r->grid.cell1 + at)
      e.cell = v;
    else if (r->grid.cell2 >= 0 && row == r->grid.cell2 + at)
      e.cell2 = v;
    else if (row == j + r->grid.step)
      e.next = v;
    else if (row == j - r->grid.step)
      e.before = v;
  }
  return e;
}

static bool differ(double a, double b)
{
  return !(fabs(a - b) <= ASYMMETRY * (fabs(a) + fabs(b)));
}

/* One node of a line. */
static bool load_node(const reader *r, int at, bool first)
{
  entries e = search_column(r, at);
  double before = first ? e.before : search_column(r, at - r->grid.step).next;
  r->diag[at] = e.diag;
  r->next[at] = -e.next;
  if (r->cell)
    r->cell[at] = -e.cell;
  return -e.next >= 0 && !differ(before, e.before) && (r->cell || !differ(r->same[at], -e.cell));
}

/* The same for n regular nodes, v [n][4], behind regular nodes, u [n][4]; o: which of a node's entries are
 * what. */
PN_CLONES
static bool load_inside(int n, const double *v, const double *u, const pn_linsol_stencil *o,
                        double *diag, double *next, double *cell, const double *same)
{
  double bad = 0;
  for (int k = 0; k < n; k++) {
    double here = v[4 * k + o->before], there = u[4 * k + o->next], to = -v[4 * k + o->next];
    diag[k] = v[4 * k + o->own];
    next[k] = to;
    bad += fabs(here - there) <= ASYMMETRY * (fabs(here) + fabs(there)) ? 0.0 : 1.0;
    bad += to >= 0 ? 0.0 : 1.0;
  }
  for (int k = 0; k < n && cell; k++)
    cell[k] = -v[4 * k + o->cell];
  for (int k = 0; k < n && !cell; k++) {
    double g = -v[4 * k + o->cell];
    bad += fabs(g - same[k]) <= ASYMMETRY * (fabs(g) + fabs(same[k])) ? 0.0 : 1.0;
  }
  return bad == 0;
}

static bool load_row(const reader *r, int i)
{
  const pn_crossbar *c = r->c;
  int cols = r->k->shape.cols, at = i * cols, end = at + cols, first = r->grid.first;
  bool along = r->grid.lines == 'w', good = true;
  pn_xb_run run = pn_xb_inside(r->k, &r->grid, i);
  if (along && run.n) { /* the first one's neighbour has fewer entries */
    run.node++;
    run.n--;
  } else if (run.n && !pn_xb_inside(r->k, &r->grid, i - 1).n) {
    run.n = 0;
  }
  int from = run.n ? run.node - first : end;
  for (; at < from; at++)
    good &= load_node(r, at, along ? at == i * cols : i == 0);
  if (run.n) {
    const double *v = r->values + c->base.colptr[run.node];
    good &= load_inside(run.n, v, v - 4 * r->grid.step, &run.at, r->diag + at, r->next + at,
                        r->cell ? r->cell + at : NULL, r->cell ? NULL : r->same + at);
    at += run.n;
  }
  for (; at < end; at++)
    good &= load_node(r, at, along ? at == i * cols : i == 0);
  return good;
}

static void load_part(void *user, int part)
{
  reader *r = user;
  size_t rows = (size_t)r->k->shape.rows;
  int parts = r->k->row_parts;
  bool good = true;
  for (size_t i = pn_crossbar_part(rows, part, parts); i < pn_crossbar_part(rows, part + 1, parts);
       i++)
    good &= load_row(r, (int)i);
  r->good[part] = good;
}

/* Diagonals, conductances of segments, cells. Where the lines meet in cells, both must say the same. */
static bool load_lines(const pn_crossbar *c, const double *values, pn_crossbar_block *k)
{
  pn_linsol_grid g[3];
  bool direct = pn_linsol_grids(&k->shape, g) < 3, good = true;
  double *cell[2] = {direct ? k->g : k->aw, direct ? NULL : k->ab};
  for (int m = 0; m < 2 && good; m++) {
    reader r = {c, values, k, g[m], m ? k->db : k->dw, m ? k->lb : k->lw, cell[m], k->g, {0}};
    pn_pool_run(c->pool, k->row_parts, load_part, &r);
    for (int part = 0; part < k->row_parts; part++)
      good &= r.good[part];
  }
  return good;
}

/* Inner nodes are eliminated: cells in series. */
static bool load_inner(const pn_crossbar *c, const double *values, pn_crossbar_block *k)
{
  reader read = {
      .c = c, .values = values, .grid = {'m', k->shape.m0, -1, k->shape.w0, k->shape.b0}};
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
  c->version = 0;
  for (int k = 0; k < c->n_blocks && good; k++)
    good = load_lines(c, values, &c->block[k]) && load_inner(c, values, &c->block[k]);
  if (!good || !load_leaves(c, values))
    return "the lines are not symmetric or not positive";
  for (int k = 0; k < c->n_blocks; k++) {
    pn_crossbar_compare(&c->block[k]);
    if (!put_aside(c, &c->block[k]) || !pn_crossbar_factor(&c->block[k]))
      return "cells with negative conductance";
  }
  return NULL;
}

/* What does not change with the cells: the lines, which must be of equal segments, and the leaves. */
static pn_status keep_rest(pn_crossbar *c, const pn_linsol_parts *p)
{
  double *to = c->kept = c->kept ? c->kept : pn_large_alloc(2 * c->n, sizeof *c->kept);
  if (!to)
    return PN_E_MEMORY;
  for (int k = 0; k < c->n_blocks; k++)
    if (c->block[k].shape.m0 >= 0 || !load_lines(c, p->rest, &c->block[k]))
      return PN_E_CONVERGENCE;
  if (!load_leaves(c, p->rest))
    return PN_E_CONVERGENCE;
  for (int k = 0; k < c->n_blocks; to += 2 * c->block[k].n, k++) {
    pn_crossbar_block *b = &c->block[k];
    pn_crossbar_compare(b);
    for (size_t at = 0; at < b->n; at++)
      if (b->g[at] != 0)
        return PN_E_CONVERGENCE;
    if (!(b->same_w > 0 && b->same_b > 0))
      return PN_E_CONVERGENCE;
    pn_crossbar_keep(b, to);
  }
  c->version = p->version;
  return PN_OK;
}

pn_status pn_xb_load_cells(pn_crossbar *c, const pn_linsol_parts *p)
{
  pn_status st = c->refused == p->version   ? PN_E_CONVERGENCE
                 : c->version == p->version ? PN_OK
                                            : keep_rest(c, p);
  const double *kept = c->kept;
  if (st == PN_E_CONVERGENCE)
    c->refused = p->version;
  for (int k = 0; k < c->n_blocks && !st; kept += 2 * c->block[k].n, k++) {
    pn_crossbar_block *b = &c->block[k];
    bool usual = pn_crossbar_add_cells(b, kept, p->cell[k], SHORT * fmax(b->same_w, b->same_b));
    if (!(usual || put_aside(c, b)) || !pn_crossbar_factor(b))
      st = PN_E_CONVERGENCE;
  }
  return st;
}
