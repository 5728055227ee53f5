/* What stands around the arrays of a crossbar matrix. Nearly all unknowns have exactly the entries of
 * their place in an array: they are recognised by that alone, and only the others are looked at twice. */
#include "base/large.h"
#include "solver/crossbar_private.h"

#include <stdlib.h>

bool pn_xb_in_range(int k, int first, size_t n)
{
  return first >= 0 && k >= first && (size_t)(k - first) < n;
}

pn_crossbar_block *pn_xb_block_of(const pn_crossbar *c, int unknown)
{
  for (int k = 0; k < c->n_blocks; k++) {
    pn_crossbar_block *b = &c->block[k];
    if (pn_xb_in_range(unknown, b->shape.w0, b->n) || pn_xb_in_range(unknown, b->shape.b0, b->n) ||
        pn_xb_in_range(unknown, b->shape.m0, b->n))
      return b;
  }
  return NULL;
}

/* ---- kinds ---- */

static bool same_rows(const pn_linsol *s, int column, const int *row, int n)
{
  const int *at = s->rowind + s->colptr[column];
  if (s->colptr[column + 1] - s->colptr[column] != n)
    return false;
  bool same = true;
  for (int k = 0; k < n; k++)
    same &= at[k] == row[k];
  return same;
}

/* The same for n nodes that have both neighbours on their lines, as nearly all have. kind [n] */
static void look_inside(const pn_linsol *s, const pn_linsol_grid *g, bool whole, int own, int n,
                        unsigned char *restrict kind)
{
  const int *colptr = s->colptr, *rowind = s->rowind;
  if (whole) { /* four entries can only be the expected ones */
    for (int k = 0; k < n; k++)
      kind[k] = colptr[own + k + 1] - colptr[own + k] == 4 ? PN_XB_REGULAR : PN_XB_ODD;
    return;
  }
  bool behind = g->cell1 > g->first; /* the cell's entry */
  int cell = g->cell1 - g->first, step = g->step;
  for (int k = 0; k < n; k++, own++) {
    const int *row = rowind + colptr[own], *line = behind ? row : row + 1;
    bool four = colptr[own + 1] - colptr[own] == 4;
    kind[k] = four && row[behind ? 3 : 0] == own + cell && line[0] == own - step &&
                      line[1] == own && line[2] == own + step
                  ? PN_XB_REGULAR
                  : PN_XB_ODD;
  }
}

/* Nodes (i, from) .. (i, to - 1) of a grid, whatever neighbours they have. */
static void look_at(pn_crossbar *c, const pn_linsol_array *a, const pn_linsol_grid *g, int i,
                    int from, int to)
{
  int row[PN_LINSOL_GRID_ROWS];
  for (int j = from, node = g->first + i * a->cols + from; j < to; j++, node++) {
    int n = pn_linsol_grid_rows(a, g, i, j, row);
    c->kind[node] = same_rows(&c->base, node, row, n) ? PN_XB_REGULAR : PN_XB_ODD;
  }
}

static void find_kinds(pn_crossbar *c)
{
  for (int k = 0; k < c->n_blocks; k++) {
    const pn_linsol_array *a = &c->block[k].shape;
    pn_linsol_grid all[3];
    for (int part = 0, n_grids = pn_linsol_grids(a, all); part < n_grids; part++)
      for (int i = 0; i < a->rows; i++) {
        const pn_linsol_grid *g = &all[part];
        bool inside = g->lines == 'b' && i > 0 && i + 1 < a->rows;
        int from = inside ? 0 : 1, to = inside ? a->cols : g->lines == 'w' ? a->cols - 1 : 1;
        to = to > from ? to : from;
        look_at(c, a, g, i, 0, from);
        int node = g->first + i * a->cols + from;
        look_inside(&c->base, g, a->whole, node, to - from, c->kind + node);
        look_at(c, a, g, i, to, a->cols);
      }
  }
}

/* Rows in which nodes outside have an entry are odd as well, whatever their own columns have. */
static void mark_joined(pn_crossbar *c)
{
  for (int j = 0; j < c->base.n; j++) {
    if (c->kind[j] != PN_XB_OUTSIDE)
      continue;
    for (int e = c->base.colptr[j]; e < c->base.colptr[j + 1]; e++) {
      unsigned char *kind = &c->kind[c->base.rowind[e]];
      *kind = *kind == PN_XB_REGULAR ? PN_XB_ODD : *kind;
    }
  }
}

/* Rows of grids whose nodes, but for a line's ends, are all regular. */
static void find_regular_rows(pn_crossbar *c)
{
  for (int k = 0; k < c->n_blocks; k++) {
    const pn_linsol_array *a = &c->block[k].shape;
    pn_linsol_grid g[3];
    for (int part = 0, n_grids = pn_linsol_grids(a, g); part < n_grids && part < 2; part++)
      for (int i = 0; i < a->rows; i++) {
        int ends = g[part].lines == 'w';
        const unsigned char *kind = c->kind + g[part].first + i * a->cols;
        bool regular = ends || (i > 0 && i + 1 < a->rows);
        for (int j = ends; j < a->cols - ends; j++)
          regular &= kind[j] == PN_XB_REGULAR;
        c->block[k].regular[part * a->rows + i] = regular;
      }
  }
}

pn_xb_run pn_xb_inside(const pn_crossbar_block *k, const pn_linsol_grid *g, int row)
{
  int cols = k->shape.cols, ends = g->lines == 'w';
  pn_xb_run run = {0};
  if (g->lines == 'm' || cols <= 2 * ends || !k->regular[(ends ? 0 : k->shape.rows) + row])
    return run;
  run.at = pn_linsol_grid_stencil(g);
  run.node = g->first + row * cols + ends;
  run.n = cols - 2 * ends;
  return run;
}

/* All columns with an entry outside of the arrays, or not all of their entries. */
static bool list_columns(pn_crossbar *c)
{
  int n_outside = 0, n_odd = 0;
  for (int j = 0; j < c->base.n; j++) {
    n_outside += c->kind[j] == PN_XB_OUTSIDE;
    n_odd += c->kind[j] == PN_XB_ODD;
  }
  c->n_outside = n_outside;
  c->n_odd = n_odd;
  c->column = malloc(((size_t)c->n_outside + (size_t)c->n_odd + 1) * sizeof *c->column);
  if (!c->column)
    return false;
  int *outside = c->column, *odd = c->column + c->n_outside;
  for (int j = 0; j < c->base.n; j++)
    if (c->kind[j] != PN_XB_REGULAR)
      *(c->kind[j] == PN_XB_OUTSIDE ? outside++ : odd++) = j;
  return true;
}

/* Is the entry one of those that an array has? */
static bool expected(const pn_crossbar_block *k, int row, int col)
{
  pn_linsol_grid g[3];
  for (int part = 0, n = pn_linsol_grids(&k->shape, g); part < n; part++) {
    if (!pn_xb_in_range(col, g[part].first, k->n))
      continue;
    int at = col - g[part].first, all[PN_LINSOL_GRID_ROWS];
    for (int e =
             pn_linsol_grid_rows(&k->shape, &g[part], at / k->shape.cols, at % k->shape.cols, all);
         e-- > 0;)
      if (all[e] == row)
        return true;
  }
  return false;
}

/* Entries of the odd columns: those of arrays, and branches to nodes outside. */
static bool check_odd(const pn_crossbar *c)
{
  for (int k = c->n_outside; k < c->n_outside + c->n_odd; k++) {
    int j = c->column[k];
    const pn_crossbar_block *b = pn_xb_block_of(c, j);
    for (int e = c->base.colptr[j]; e < c->base.colptr[j + 1]; e++) {
      int i = c->base.rowind[e];
      if (c->kind[i] != PN_XB_OUTSIDE && !expected(b, i, j))
        return false;
    }
  }
  return true;
}

/* ---- leaves ---- */

static bool in_core(const pn_crossbar *c, int k)
{
  return c->peel.part[k] == 0;
}

static int place_of(const pn_crossbar *c, int row, int col)
{
  for (int e = c->base.colptr[col]; e < c->base.colptr[col + 1]; e++)
    if (c->base.rowind[e] == row)
      return e;
  return -1;
}

/* Remaining neighbours of an outside node, and the last of them. gone [matrix] */
static int neighbours(const pn_crossbar *c, int j, const signed char *gone, int *one)
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
static bool prune(pn_crossbar *c, const int *outside, int n, signed char *gone, int *number)
{
  for (bool found = true; found && c->n_leaves < n;) {
    found = false;
    for (int k = 0; k < n; k++) {
      int one = -1, j = outside[k];
      if (gone[j] || neighbours(c, j, gone, &one) > 1)
        continue;
      gone[j] = 1;
      number[j] = c->n_leaves;
      pn_xb_leaf *l = &c->leaves[c->n_leaves++];
      *l = (pn_xb_leaf){
          .node = j, .parent = one, .diag = place_of(c, j, j), .next = -1, .source = -1};
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

/* Every entry outside the arrays is a leaf's: a controlled source joins nodes in one direction only, which
 * looking along columns does not show. number [matrix], of nodes outside */
static bool all_are_leaves(const pn_crossbar *c, const int *number)
{
  for (int k = 0; k < c->n_outside + c->n_odd; k++) {
    int j = c->column[k];
    for (int e = c->base.colptr[j]; e < c->base.colptr[j + 1]; e++) {
      int i = c->base.rowind[e];
      bool out_i = c->kind[i] == PN_XB_OUTSIDE, out_j = c->kind[j] == PN_XB_OUTSIDE;
      if (i == j || !in_core(c, i) || !in_core(c, j) || (!out_i && !out_j))
        continue;
      if (!(out_i && c->leaves[number[i]].parent == j) &&
          !(out_j && c->leaves[number[j]].parent == i))
        return false;
    }
  }
  return true;
}

static pn_status find_leaves(pn_crossbar *c)
{
  size_t room = (size_t)c->base.n + 1;
  int n = 0;
  int *work = calloc(room + (size_t)c->n_outside + 1, sizeof(int));
  signed char *gone = calloc(room, 1);
  c->leaves = calloc((size_t)c->n_outside + 1, sizeof *c->leaves);
  pn_status st = work && gone && c->leaves ? PN_OK : PN_E_MEMORY;
  for (int k = 0; k < c->n_outside && !st; k++)
    if (in_core(c, c->column[k]))
      work[room + (size_t)n++] = c->column[k];
  if (st == PN_OK && (!prune(c, work + room, n, gone, work) || !all_are_leaves(c, work)))
    st = PN_E_CONVERGENCE;
  free(work);
  free(gone);
  return st;
}

pn_status pn_xb_look_around(pn_crossbar *c)
{
  c->kind = pn_large_alloc((size_t)c->base.n + 1, 1);
  if (!c->kind)
    return PN_E_MEMORY;
  find_kinds(c);
  mark_joined(c);
  find_regular_rows(c);
  if (!list_columns(c))
    return PN_E_MEMORY;
  pn_peel_core core = {c->kind, c->column, c->n_outside + c->n_odd, c->n_outside};
  pn_status st = pn_peel_new(c->base.n, c->base.colptr, c->base.rowind, &core, &c->peel);
  if (st)
    return st;
  return check_odd(c) ? find_leaves(c) : PN_E_CONVERGENCE;
}
