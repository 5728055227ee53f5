/* What stands around the arrays of a crossbar matrix. Nearly all unknowns have exactly the entries of
 * their place in an array: they are recognised by that alone, and only the others are looked at twice. */
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

/* One of the grids of a block: its nodes, and what they are joined to. */
typedef struct grid {
  char lines;       /* 'w' along rows, 'b' along columns, 'm' inner nodes: none */
  int first;        /* unknown of node (0, 0) */
  int step;         /* to the next node of its line */
  int cell1, cell2; /* first nodes at the cells' other ends; cell2 -1: none */
} grid;

static int grids_of(const pn_crossbar_block *k, grid *g)
{
  int w0 = k->shape.w0, b0 = k->shape.b0, m0 = k->shape.m0;
  g[0] = (grid){'w', w0, 1, m0 < 0 ? b0 : m0, -1};
  g[1] = (grid){'b', b0, k->shape.cols, m0 < 0 ? w0 : m0, -1};
  g[2] = (grid){'m', m0, 0, w0 < b0 ? w0 : b0, w0 < b0 ? b0 : w0};
  return m0 < 0 ? 2 : 3;
}

/* Rows that the column of node (i, j) has in an array, ascending; returns their number. */
static int rows_of(const pn_crossbar_block *k, const grid *g, int i, int j, int *row)
{
  int n = 0, at = i * k->shape.cols + j, own = g->first + at;
  bool before = g->lines == 'w' ? j > 0 : g->lines == 'b' && i > 0;
  bool next = g->lines == 'w'   ? j + 1 < k->shape.cols
              : g->lines == 'b' ? i + 1 < k->shape.rows
                                : false;
  if (g->cell1 < g->first)
    row[n++] = g->cell1 + at;
  if (g->cell2 >= 0 && g->cell2 < g->first)
    row[n++] = g->cell2 + at;
  if (before)
    row[n++] = own - g->step;
  row[n++] = own;
  if (next)
    row[n++] = own + g->step;
  if (g->cell1 > g->first)
    row[n++] = g->cell1 + at;
  if (g->cell2 > g->first)
    row[n++] = g->cell2 + at;
  return n;
}

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

/* The same for a node that has both neighbours on its line, as nearly all have. */
static bool same_inside(const pn_linsol *s, const grid *g, int at)
{
  int own = g->first + at, first = s->colptr[own];
  const int *row = s->rowind + first, *line = g->cell1 < g->first ? row + 1 : row;
  if (s->colptr[own + 1] - first != 4)
    return false;
  return row[g->cell1 < g->first ? 0 : 3] == g->cell1 + at && line[0] == own - g->step &&
         line[1] == own && line[2] == own + g->step;
}

static void find_kinds(pn_crossbar *c)
{
  for (int k = 0; k < c->n_blocks; k++) {
    const pn_crossbar_block *b = &c->block[k];
    grid g[3];
    int n_grids = grids_of(b, g), row[5];
    for (int part = 0; part < n_grids; part++)
      for (int i = 0, at = 0; i < b->shape.rows; i++)
        for (int j = 0; j < b->shape.cols; j++, at++) {
          int column = g[part].first + at;
          bool inside = g[part].lines == 'w'   ? j > 0 && j + 1 < b->shape.cols
                        : g[part].lines == 'b' ? i > 0 && i + 1 < b->shape.rows
                                               : false;
          bool same = inside ? same_inside(&c->base, &g[part], at)
                             : same_rows(&c->base, column, row, rows_of(b, &g[part], i, j, row));
          c->kind[column] = same ? PN_XB_REGULAR : PN_XB_ODD;
        }
  }
}

/* All columns with an entry outside of the arrays, or not all of their entries. */
static bool list_columns(pn_crossbar *c)
{
  size_t n[3] = {0};
  for (int j = 0; j < c->base.n; j++)
    n[c->kind[j]]++;
  c->n_outside = (int)n[PN_XB_OUTSIDE];
  c->n_odd = (int)n[PN_XB_ODD];
  c->column = malloc((n[PN_XB_OUTSIDE] + n[PN_XB_ODD] + 1) * sizeof *c->column);
  if (!c->column)
    return false;
  int *outside = c->column, *odd = c->column + c->n_outside;
  for (int j = 0; j < c->base.n; j++)
    if (c->kind[j] == PN_XB_OUTSIDE)
      *outside++ = j;
    else if (c->kind[j] == PN_XB_ODD)
      *odd++ = j;
  return true;
}

/* Is the entry one of those that an array has? */
static bool expected(const pn_crossbar_block *k, int row, int col)
{
  grid g[3];
  for (int part = 0, n = grids_of(k, g); part < n; part++) {
    if (!pn_xb_in_range(col, g[part].first, k->n))
      continue;
    int at = col - g[part].first, all[5];
    for (int e = rows_of(k, &g[part], at / k->shape.cols, at % k->shape.cols, all); e-- > 0;)
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
  c->kind = calloc((size_t)c->base.n + 1, 1);
  if (!c->kind)
    return PN_E_MEMORY;
  find_kinds(c);
  if (!list_columns(c))
    return PN_E_MEMORY;
  pn_peel_core core = {c->kind, c->column, c->n_outside + c->n_odd, c->n_outside};
  pn_status st = pn_peel_new(c->base.n, c->base.colptr, c->base.rowind, &core, &c->peel);
  if (st)
    return st;
  return check_odd(c) ? find_leaves(c) : PN_E_CONVERGENCE;
}
