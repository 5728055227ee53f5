/* A matrix with arrays divided: the arrays' nodes with the entries that the crossbar solver takes, the border,
 * the links between them, and the ports where they touch. Knows places only, no numbers. */
#include "solver/bordered.h"

#include <stdlib.h>
#include <string.h>

enum {
  BORDER_PER_LINE = 16,
  BORDER_PER_CELL = 4 /* gate lines, and second bit lines, of resistance */
};

/* ---- parts ---- */

/* Where in its array an unknown is: 'w', 'b', 'm', or 0. */
static char place_in(const pn_linsol_array *a, int unknown, int *at)
{
  static const char names[] = "wbm";
  int first[3] = {a->w0, a->b0, a->m0}, n = a->rows * a->cols;
  for (int k = 0; k < 3; k++)
    if (first[k] >= 0 && unknown >= first[k] && unknown - first[k] < n) {
      *at = unknown - first[k];
      return names[k];
    }
  return 0;
}

/* Is the entry one that the crossbar solver takes? */
static bool belongs(const pn_linsol_setup *s, int row, int col)
{
  for (int k = 0; k < s->n_arrays; k++) {
    const pn_linsol_array *a = &s->arrays[k];
    int i = 0, j = 0;
    char p = place_in(a, row, &i), q = place_in(a, col, &j);
    if (!p || !q)
      continue;
    if (p == q)
      return i == j || (p == 'w'   ? abs(i - j) == 1 && i / a->cols == j / a->cols
                        : p == 'b' ? abs(i - j) == a->cols
                                   : false);
    return i == j && (a->m0 < 0 || p == 'm' || q == 'm');
  }
  return false;
}

static bool number_parts(pn_bordered *b, const pn_linsol_setup *s)
{
  size_t n = (size_t)s->n + 1;
  b->outside = malloc(n);
  b->where = malloc(n * sizeof *b->where);
  if (!b->outside || !b->where)
    return false;
  for (int j = 0; j < s->n; j++) {
    bool inside = false;
    int at;
    for (int k = 0; k < s->n_arrays && !inside; k++)
      inside = place_in(&s->arrays[k], j, &at) != 0;
    b->outside[j] = !inside;
    b->where[j] = inside ? b->in.n++ : b->out.n++;
  }
  return true;
}

/* Copies a part's pattern; strays, entries between nodes of arrays that are none of theirs, are counted. */
static bool make_part(const pn_bordered *b, const pn_linsol_setup *s, bool outside,
                      pn_border_part *p, long *strays)
{
  int nnz = s->colptr[s->n];
  p->ptr = malloc(((size_t)p->n + 1) * sizeof(int));
  p->ind = malloc(((size_t)nnz + 1) * sizeof(int));
  p->slot = malloc(((size_t)nnz + 1) * sizeof(int));
  p->value = malloc(((size_t)nnz + 1) * sizeof(double));
  if (!p->ptr || !p->ind || !p->slot || !p->value)
    return false;
  for (int j = 0, col = 0; j < s->n; j++) {
    if (b->outside[j] != outside)
      continue;
    p->ptr[col++] = p->nnz;
    for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
      int i = s->rowind[e];
      if (b->outside[i] != outside)
        continue;
      if (!outside && !belongs(s, i, j)) {
        ++*strays;
        continue;
      }
      p->ind[p->nnz] = b->where[i];
      p->slot[p->nnz++] = e;
    }
  }
  p->ptr[p->n] = p->nnz;
  return true;
}

/* The entries between the parts: rows (or columns) of arrays, columns (rows) of the border. */
static bool make_links(pn_bordered *b, const pn_linsol_setup *s)
{
  for (int pass = 0; pass < 2; pass++) {
    int up = 0, down = 0;
    for (int j = 0; j < s->n; j++)
      for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
        int i = s->rowind[e];
        if (b->outside[i] == b->outside[j])
          continue;
        pn_border_link l = {b->where[i], b->where[j], e};
        if (b->outside[j]) {
          if (pass)
            b->up[up] = l;
          up++;
        } else {
          if (pass)
            b->down[down] = l;
          down++;
        }
      }
    b->n_up = up;
    b->n_down = down;
    if (!pass && (!(b->up = malloc(((size_t)up + 1) * sizeof *b->up)) ||
                  !(b->down = malloc(((size_t)down + 1) * sizeof *b->down))))
      return false;
  }
  return true;
}

static int by_row(const void *a, const void *b)
{
  const pn_border_link *p = a, *q = b;
  return p->row != q->row ? (p->row > q->row) - (p->row < q->row)
                          : (p->col > q->col) - (p->col < q->col);
}

/* ---- ports ---- */

static int root(int *parent, int k)
{
  while (parent[k] != k)
    k = parent[k] = parent[parent[k]];
  return k;
}

/* An unknown of the border that the port touches. */
static int first_touched(const pn_bordered *b, int k)
{
  bool drives = b->down_first[k] < b->down_first[k + 1];
  return drives ? b->down[b->down_first[k]].row : b->up[b->up_first[k]].col;
}

/* Ports that share a component of the border get different colours: one solution with A_oo then gives the
 * corrections of all ports of a colour. */
static void colour_ports(pn_bordered *b, int *parent, int *used)
{
  for (int k = 0; k < b->out.n; k++) {
    parent[k] = k;
    used[k] = 0;
  }
  for (int j = 0; j < b->out.n; j++)
    for (int e = b->out.ptr[j]; e < b->out.ptr[j + 1]; e++)
      parent[root(parent, b->out.ind[e])] = root(parent, j);
  for (int k = 0; k < b->n_ports; k++) { /* what one port touches belongs together */
    int own = first_touched(b, k);
    for (int e = b->down_first[k]; e < b->down_first[k + 1]; e++)
      parent[root(parent, b->down[e].row)] = root(parent, own);
    for (int e = b->up_first[k]; e < b->up_first[k + 1]; e++)
      parent[root(parent, b->up[e].col)] = root(parent, own);
  }
  for (int k = 0; k < b->n_ports; k++) {
    int c = used[root(parent, first_touched(b, k))]++;
    bool drives = b->down_first[k] < b->down_first[k + 1];
    b->exact &= c == 0;
    b->colour[k] = drives && c < PN_BORDER_COLOURS ? c : -1;
    b->n_colours = b->colour[k] >= b->n_colours ? b->colour[k] + 1 : b->n_colours;
  }
}

static int place_of(const pn_border_part *p, int row, int col)
{
  for (int e = p->ptr[col]; e < p->ptr[col + 1]; e++)
    if (p->ind[e] == row)
      return e;
  return -1;
}

/* Links come sorted by their arrays' nodes: `down` as columns do, `up` after a sort. */
static bool find_ports(pn_bordered *b)
{
  size_t room = (size_t)b->n_up + (size_t)b->n_down + 2;
  int *all = malloc(5 * room * sizeof *all),
      *work = malloc((2 * (size_t)b->out.n + 2) * sizeof *work);
  b->port = all;
  if (!all || !work) {
    free(work);
    free(all);
    b->port = NULL;
    return false;
  }
  b->place = all + room;
  b->colour = all + 2 * room;
  b->up_first = all + 3 * room;
  b->down_first = all + 4 * room;
  qsort(b->up, (size_t)b->n_up, sizeof *b->up, by_row);
  bool good = true;
  for (int u = 0, d = 0; u < b->n_up || d < b->n_down; b->n_ports++) {
    int a = u < b->n_up ? b->up[u].row : b->in.n, c = d < b->n_down ? b->down[d].col : b->in.n;
    int p = a < c ? a : c, k = b->n_ports;
    b->port[k] = p;
    b->place[k] = place_of(&b->in, p, p);
    good &= b->place[k] >= 0;
    b->up_first[k] = u;
    b->down_first[k] = d;
    while (u < b->n_up && b->up[u].row == p)
      u++;
    while (d < b->n_down && b->down[d].col == p)
      d++;
  }
  b->up_first[b->n_ports] = b->n_up;
  b->down_first[b->n_ports] = b->n_down;
  colour_ports(b, work, work + b->out.n);
  free(work);
  return good;
}

/* Where the cells of lopsided arrays stand among the arrays' values. */
static pn_status find_pairs(pn_bordered *b, const pn_linsol_setup *s)
{
  size_t cells = 0;
  for (int k = 0; k < s->n_arrays; k++)
    cells += s->arrays[k].lopsided ? (size_t)s->arrays[k].rows * (size_t)s->arrays[k].cols : 0;
  b->pair = malloc((2 * cells + 1) * sizeof *b->pair);
  b->actual = malloc(((size_t)b->in.nnz + 1) * sizeof *b->actual);
  if (!b->pair || !b->actual)
    return PN_E_MEMORY;
  for (int k = 0; k < s->n_arrays; k++) {
    const pn_linsol_array *a = &s->arrays[k];
    for (int c = 0; a->lopsided && c < a->rows * a->cols; c++) {
      int w = b->where[a->w0 + c], bit = b->where[a->b0 + c];
      int up = place_of(&b->in, w, bit), down = place_of(&b->in, bit, w);
      if (up < 0 && down < 0)
        continue; /* the cell is missing */
      if (up < 0 || down < 0)
        return PN_E_CONVERGENCE;
      b->pair[2 * b->n_pairs] = up;
      b->pair[2 * b->n_pairs++ + 1] = down;
    }
  }
  return PN_OK;
}

pn_status pn_bordered_divide(pn_bordered *b, const pn_linsol_setup *s)
{
  long strays = 0, most = 0;
  for (int k = 0; k < s->n_arrays; k++) {
    const pn_linsol_array *a = &s->arrays[k];
    most += BORDER_PER_LINE * ((long)a->rows + a->cols);
    most += a->lopsided ? BORDER_PER_CELL * (long)a->rows * a->cols : 0; /* gate lines */
  }
  if (!number_parts(b, s))
    return PN_E_MEMORY;
  if (b->out.n > most)
    return PN_E_CONVERGENCE;
  if (!make_part(b, s, false, &b->in, &strays) || !make_part(b, s, true, &b->out, &strays) ||
      !make_links(b, s))
    return PN_E_MEMORY;
  b->exact = strays == 0;
  if (!find_ports(b))
    return b->port ? PN_E_CONVERGENCE : PN_E_MEMORY;
  return find_pairs(b, s);
}
