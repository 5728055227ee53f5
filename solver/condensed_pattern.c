/* The entries of a matrix sorted by the cells they belong to, and the pattern that is left when the cells'
 * inner unknowns are eliminated: what touches one cell is joined. Knows places only, no numbers. */
#include "solver/condensed.h"

#include <stdlib.h>
#include <string.h>

/* An entry in a row or column of a cell's inner unknown. */
typedef struct found {
  int row, col, slot; /* unknowns; place in the values */
} found;

typedef struct sorter {
  const pn_linsol_setup *s;
  int *cell_of;              /* [n] of each unknown; -1: not an inner one */
  int *start;                /* [n_cells + 2] of each cell among */
  found *at;                 /* all entries of cells, by cells */
  pn_condensed_entry *entry; /* [longest] of the cell in hand */
  int longest;
} sorter;

static int own_cell(const sorter *w, int row, int col)
{
  return w->cell_of[row] >= 0 ? w->cell_of[row] : w->cell_of[col];
}

/* ---- entries by cells ---- */

static pn_status number_cells(sorter *w, pn_condensed *c)
{
  const pn_linsol_setup *s = w->s;
  w->cell_of = malloc(((size_t)s->n + 1) * sizeof *w->cell_of);
  c->where = malloc(((size_t)s->n + 1) * sizeof *c->where);
  if (!w->cell_of || !c->where)
    return PN_E_MEMORY;
  for (int k = 0; k < s->n; k++)
    w->cell_of[k] = -1;
  for (int k = 0; k < s->n_cells; k++) {
    if (s->cells[k].n > PN_CONDENSED_INNER)
      return PN_E_CONVERGENCE;
    for (int m = 0; m < s->cells[k].n; m++)
      w->cell_of[s->cells[k].first + m] = k;
  }
  for (int k = 0; k < s->n; k++)
    c->where[k] = w->cell_of[k] < 0 ? c->n_left++ : -1;
  return PN_OK;
}

static pn_status sort_entries(sorter *w)
{
  const pn_linsol_setup *s = w->s;
  w->start = calloc((size_t)s->n_cells + 2, sizeof *w->start);
  if (!w->start)
    return PN_E_MEMORY;
  for (int pass = 0; pass < 2; pass++) {
    for (int j = 0; j < s->n; j++)
      for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
        int i = s->rowind[e], k = own_cell(w, i, j);
        if (k < 0)
          continue;
        if (w->cell_of[i] >= 0 && w->cell_of[j] >= 0 && w->cell_of[i] != w->cell_of[j])
          return PN_E_CONVERGENCE; /* cells that touch each other inside */
        if (pass)
          w->at[w->start[k + 1]++] = (found){i, j, e};
        else
          w->start[k + 2]++;
      }
    for (int k = 0; k < s->n_cells && !pass; k++) {
      int n = w->start[k + 2];
      w->longest = n > w->longest ? n : w->longest;
      w->start[k + 2] += w->start[k + 1];
    }
    size_t all = (size_t)w->start[s->n_cells + 1] + 1;
    if (!pass && !(w->at = malloc(all * sizeof *w->at)))
      return PN_E_MEMORY;
  }
  w->entry = malloc(((size_t)w->longest + 1) * sizeof *w->entry);
  return w->entry ? PN_OK : PN_E_MEMORY;
}

/* ---- shapes ---- */

/* A cell's own number of an unknown; ports get theirs when they are met. */
static int local_of(const sorter *w, int k, int unknown, int *port, int *n_ports)
{
  const pn_linsol_cell *cell = &w->s->cells[k];
  if (w->cell_of[unknown] >= 0)
    return unknown - cell->first;
  for (int p = 0; p < *n_ports; p++)
    if (port[p] == unknown)
      return cell->n + p;
  if (*n_ports == PN_CONDENSED_PORTS)
    return -1;
  port[*n_ports] = unknown;
  return cell->n + (*n_ports)++;
}

/* w->entry of cell k and its ports; false when there are too many. */
static bool read_cell(sorter *w, int k, int *port, int *n_ports)
{
  *n_ports = 0;
  for (int e = w->start[k]; e < w->start[k + 1]; e++) {
    pn_condensed_entry *to = &w->entry[e - w->start[k]];
    to->row = local_of(w, k, w->at[e].row, port, n_ports);
    to->col = local_of(w, k, w->at[e].col, port, n_ports);
    if (to->row < 0 || to->col < 0)
      return false;
  }
  return true;
}

/* The shape of the cell that was read, a new one when there is none like it. */
static pn_status shape_of(sorter *w, pn_condensed *c, int k, int n_ports, int *number)
{
  int n = w->start[k + 1] - w->start[k], inner = w->s->cells[k].n;
  for (*number = 0; *number < c->n_shapes; ++*number) {
    const pn_condensed_shape *s = &c->shape[*number];
    if (s->inner == inner && s->ports == n_ports && s->n_entries == n &&
        !memcmp(s->entry, w->entry, (size_t)n * sizeof *s->entry))
      return PN_OK;
  }
  if (c->n_shapes == PN_CONDENSED_SHAPES)
    return PN_E_CONVERGENCE;
  pn_condensed_shape *s = &c->shape[c->n_shapes++];
  *s = (pn_condensed_shape){.inner = inner, .ports = n_ports, .n_entries = n};
  s->entry = malloc(((size_t)n + 1) * sizeof *s->entry);
  s->cell = malloc(((size_t)w->s->n_cells + 1) * sizeof *s->cell);
  if (!s->entry || !s->cell)
    return PN_E_MEMORY;
  memcpy(s->entry, w->entry, (size_t)n * sizeof *s->entry);
  return PN_OK;
}

static pn_status find_shapes(sorter *w, pn_condensed *c)
{
  int port[PN_CONDENSED_PORTS], n_ports, number;
  for (int k = 0; k < w->s->n_cells; k++) {
    if (w->s->cells[k].n == 0)
      continue;
    if (!read_cell(w, k, port, &n_ports))
      return PN_E_CONVERGENCE;
    pn_status st = shape_of(w, c, k, n_ports, &number);
    if (st)
      return st;
    pn_condensed_shape *s = &c->shape[number];
    s->cell[s->n++] = k;
  }
  return c->n_shapes ? PN_OK : PN_E_CONVERGENCE;
}

static bool allocate_shape(pn_condensed_shape *s)
{
  enum { L = PN_CONDENSED_LANES };
  s->n_pad = (s->n + L - 1) / L * L;
  size_t pad = (size_t)s->n_pad, inner = (size_t)s->inner, ports = (size_t)s->ports;
  s->first = malloc(pad * sizeof *s->first);
  s->port = malloc((ports + 1) * pad * sizeof *s->port);
  s->slot = malloc(((size_t)s->n_entries + 1) * pad * sizeof *s->slot);
  s->target = malloc((ports * ports + 1) * pad * sizeof *s->target);
  s->inverse = malloc(inner * (inner + 2 * ports) * pad * sizeof *s->inverse);
  if (!s->first || !s->port || !s->slot || !s->target || !s->inverse)
    return false;
  s->from = s->inverse + inner * inner * pad;
  s->to = s->from + inner * ports * pad;
  return true;
}

static pn_status fill_shape(sorter *w, const pn_condensed *c, pn_condensed_shape *s)
{
  if (!allocate_shape(s))
    return PN_E_MEMORY;
  size_t pad = (size_t)s->n_pad;
  for (size_t k = 0; k < pad; k++) {
    int cell = s->cell[k < (size_t)s->n ? (int)k : s->n - 1], port[PN_CONDENSED_PORTS], n_ports;
    read_cell(w, cell, port, &n_ports);
    s->first[k] = w->s->cells[cell].first;
    for (size_t p = 0; p < (size_t)s->ports; p++)
      s->port[p * pad + k] = c->where[port[p]];
    for (size_t e = 0; e < (size_t)s->n_entries; e++)
      s->slot[e * pad + k] = w->at[w->start[cell] + (int)e].slot;
  }
  return PN_OK;
}

/* ---- what is left ---- */

/* Has this port an entry in a row (or column) of an inner unknown? */
static bool is_active(const pn_condensed_shape *s, int port, bool as_row)
{
  for (int e = 0; e < s->n_entries; e++)
    if ((as_row ? s->entry[e].row : s->entry[e].col) == s->inner + port)
      return true;
  return false;
}

typedef void pair_fn(pn_condensed *c, int row, int col, int *target, int *user);

/* All pairs of a cell's ports that its elimination joins. */
static void visit_pairs(pn_condensed *c, pair_fn *visit, int *user)
{
  for (int n = 0; n < c->n_shapes; n++) {
    pn_condensed_shape *s = &c->shape[n];
    size_t pad = (size_t)s->n_pad;
    for (int p = 0; p < s->ports; p++)
      for (int q = 0; q < s->ports; q++) {
        bool joined = is_active(s, p, true) && is_active(s, q, false);
        int *target = s->target + (size_t)(p * s->ports + q) * pad;
        for (size_t k = 0; k < pad; k++) {
          target[k] = -1;
          if (joined)
            visit(c, s->port[(size_t)p * pad + k], s->port[(size_t)q * pad + k], &target[k], user);
        }
      }
  }
}

static void count_pair(pn_condensed *c, int row, int col, int *target, int *next)
{
  (void)c, (void)row, (void)target;
  next[col + 1]++;
}

static void add_pair(pn_condensed *c, int row, int col, int *target, int *next)
{
  (void)target;
  c->rowind[next[col]++] = row;
}

static void find_pair(pn_condensed *c, int row, int col, int *target, int *next)
{
  (void)next;
  int low = c->colptr[col], high = c->colptr[col + 1];
  while (high - low > 1) {
    int mid = (low + high) / 2;
    if (c->rowind[mid] <= row)
      low = mid;
    else
      high = mid;
  }
  *target = low;
}

static int by_value(const void *a, const void *b)
{
  int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}

/* Sorts the columns, whose ends are in next [n_left], and drops repetitions. */
static void compress(pn_condensed *c, const int *next)
{
  int to = 0, from = 0;
  for (int j = 0; j < c->n_left; j++) {
    int end = next[j], first = to;
    qsort(c->rowind + from, (size_t)(end - from), sizeof *c->rowind, by_value);
    c->colptr[j] = first;
    for (; from < end; from++)
      if (to == first || c->rowind[to - 1] != c->rowind[from])
        c->rowind[to++] = c->rowind[from];
  }
  c->colptr[c->n_left] = c->nnz_left = to;
}

/* The entries that are not of cells: counts, or with rowind their columns' next places fills. */
static void visit_rest(pn_condensed *c, const pn_linsol_setup *s, int *next, bool fill)
{
  for (int j = 0; j < s->n; j++)
    for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
      int row = c->where[s->rowind[e]], col = c->where[j];
      if (row < 0 || col < 0)
        continue;
      if (fill)
        c->rowind[next[col]++] = row;
      else
        next[col + 1]++;
      c->n_copied += !fill;
    }
}

static pn_status make_pattern(pn_condensed *c, const pn_linsol_setup *s)
{
  int *next = calloc((size_t)c->n_left + 2, sizeof *next), n = 0;
  c->colptr = malloc(((size_t)c->n_left + 2) * sizeof *c->colptr);
  if (!next || !c->colptr) {
    free(next);
    return PN_E_MEMORY;
  }
  visit_rest(c, s, next, false);
  visit_pairs(c, count_pair, next);
  for (int j = 0; j < c->n_left; j++)
    next[j + 1] += next[j];
  c->rowind = malloc(((size_t)next[c->n_left] + 1) * sizeof *c->rowind);
  c->copy_from = malloc(2 * ((size_t)c->n_copied + 1) * sizeof *c->copy_from);
  if (!c->rowind || !c->copy_from) {
    free(next);
    return PN_E_MEMORY;
  }
  c->copy_to = c->copy_from + c->n_copied;
  visit_rest(c, s, next, true);
  visit_pairs(c, add_pair, next);
  compress(c, next);
  free(next);
  visit_pairs(c, find_pair, NULL);
  for (int j = 0; j < s->n; j++)
    for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
      int row = c->where[s->rowind[e]], col = c->where[j];
      if (row < 0 || col < 0)
        continue;
      c->copy_from[n] = e;
      find_pair(c, row, col, &c->copy_to[n++], NULL);
    }
  return PN_OK;
}

/* ---- all of it ---- */

pn_status pn_condensed_look(pn_condensed *c, const pn_linsol_setup *setup)
{
  sorter w = {.s = setup};
  pn_status st = number_cells(&w, c);
  if (st == PN_OK)
    st = sort_entries(&w);
  if (st == PN_OK)
    st = find_shapes(&w, c);
  for (int k = 0; k < c->n_shapes && !st; k++)
    st = fill_shape(&w, c, &c->shape[k]);
  if (st == PN_OK)
    st = make_pattern(c, setup);
  free(w.cell_of);
  free(w.start);
  free(w.at);
  free(w.entry);
  return st;
}

void pn_condensed_forget(pn_condensed *c)
{
  for (int k = 0; k < c->n_shapes; k++) {
    pn_condensed_shape *s = &c->shape[k];
    free(s->entry);
    free(s->cell);
    free(s->first);
    free(s->port);
    free(s->slot);
    free(s->target);
    free(s->inverse);
  }
  free(c->where);
  free(c->colptr);
  free(c->rowind);
  free(c->copy_from);
}
