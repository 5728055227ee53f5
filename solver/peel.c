/* Finding singletons by counts: the column that is left in a row is known from the exclusive or of its
 * active columns, so that no copy by rows is needed. */
#include "solver/peel.h"
#include "base/large.h"

#include <stdlib.h>

enum { CORE = 0, FIRST = 1, LAST = 2 };

/* The columns that matter: all, or those that a pn_peel_core lists. */
typedef struct columns {
  const int *at; /* [n] or NULL: 0 .. n-1 */
  int n, n_outside;
  const unsigned char *in; /* [matrix] the core by decree, or NULL */
} columns;

static int column_at(const columns *l, int k)
{
  return l->at ? l->at[k] : k;
}

static bool is_core(const columns *l, int k)
{
  return l->in && l->in[k];
}

typedef struct counts {
  int *row_n, *row_xor; /* [n] active columns of each row: their number and exclusive or */
  signed char *row_part, *col_part; /* [n] */
  int *queue;                       /* [n_outside] */
} counts;

static void count(const pn_peel *p, const columns *l, counts *c)
{
  for (int m = 0; m < l->n; m++) {
    int j = column_at(l, m);
    for (int k = p->colptr[j]; k < p->colptr[j + 1]; k++) {
      c->row_n[p->rowind[k]]++;
      c->row_xor[p->rowind[k]] ^= j;
    }
  }
}

static int place_of(const pn_peel *p, int row, int col)
{
  for (int k = p->colptr[col]; k < p->colptr[col + 1]; k++)
    if (p->rowind[k] == row)
      return k;
  return -1;
}

static void first_singletons(pn_peel *p, const columns *l, counts *c)
{
  int n = 0;
  for (int m = 0; m < l->n; m++) {
    int i = column_at(l, m); /* rows outside have the numbers of columns outside */
    if (c->row_n[i] == 1 && !is_core(l, i))
      c->queue[n++] = i;
  }
  for (int at = 0; at < n; at++) {
    int row = c->queue[at], col = c->row_xor[row];
    if (c->row_n[row] != 1 || c->row_part[row] || is_core(l, col))
      continue; /* its unknown went with another row: singular, the direct solver says so */
    c->row_part[row] = c->col_part[col] = FIRST;
    p->first_row[p->n_first] = row;
    p->first_col[p->n_first] = col;
    p->first_at[p->n_first++] = place_of(p, row, col);
    for (int k = p->colptr[col]; k < p->colptr[col + 1]; k++) {
      int i = p->rowind[k];
      c->row_xor[i] ^= col;
      if (--c->row_n[i] == 1 && !c->row_part[i] && !is_core(l, i))
        c->queue[n++] = i;
    }
  }
}

/* One round: columns with a single active row. Rows that go leave other columns with less, which the
 * next round sees. Returns how many were found. */
static int last_singletons(pn_peel *p, const columns *l, counts *c)
{
  int found = 0;
  for (int m = 0; m < l->n; m++) {
    int j = column_at(l, m);
    if (c->col_part[j] || is_core(l, j) || p->colptr[j + 1] - p->colptr[j] > 8)
      continue;
    int active = 0, at = -1;
    for (int k = p->colptr[j]; k < p->colptr[j + 1] && active < 2; k++)
      if (!c->row_part[p->rowind[k]]) {
        active++;
        at = k;
      }
    if (active != 1 || is_core(l, p->rowind[at]))
      continue;
    c->row_part[p->rowind[at]] = c->col_part[j] = LAST;
    p->last_row[p->n_last] = p->rowind[at];
    p->last_col[p->n_last] = j;
    p->last_at[p->n_last++] = at;
    found++;
  }
  return found;
}

/* The entries of the last rows by rows. number [n], zeroed: of each row among them, from 1. */
static pn_status rows_of_last(pn_peel *p, const columns *l, int *number)
{
  p->last_ptr = calloc((size_t)p->n_last + 2, sizeof(int));
  if (!p->last_ptr)
    return PN_E_MEMORY;
  for (int k = 0; k < p->n_last; k++)
    number[p->last_row[k]] = k + 1;
  for (int m = 0; m < l->n; m++)
    for (int k = p->colptr[column_at(l, m)]; k < p->colptr[column_at(l, m) + 1]; k++)
      if (number[p->rowind[k]])
        p->last_ptr[number[p->rowind[k]] + 1]++;
  for (int k = 0; k < p->n_last; k++)
    p->last_ptr[k + 2] += p->last_ptr[k + 1];
  size_t total = (size_t)p->last_ptr[p->n_last + 1] + 1;
  p->last_ind = malloc(total * sizeof(int));
  p->last_slot = malloc(total * sizeof(int));
  if (!p->last_ind || !p->last_slot)
    return PN_E_MEMORY;
  for (int m = 0; m < l->n; m++) {
    int j = column_at(l, m);
    for (int k = p->colptr[j]; k < p->colptr[j + 1]; k++) {
      int at = number[p->rowind[k]];
      if (!at)
        continue;
      int to = p->last_ptr[at]++;
      p->last_ind[to] = j;
      p->last_slot[to] = k;
    }
  }
  return PN_OK;
}

static pn_status find(pn_peel *p, const columns *l, counts *c)
{
  count(p, l, c);
  first_singletons(p, l, c);
  for (int round = 0; round < 8 && last_singletons(p, l, c); round++)
    ;
  p->part = c->col_part;
  c->col_part = NULL;
  p->n_core = p->n - p->n_first - p->n_last;
  for (int m = 0; m < l->n; m++) {
    int k = column_at(l, m);
    if ((p->part[k] == CORE) != (c->row_part[k] == CORE))
      return PN_E_CONVERGENCE;
    for (int e = p->colptr[k]; e < p->colptr[k + 1]; e++)
      c->row_n[p->rowind[e]] = 0;
  }
  p->first = malloc(((size_t)p->n_first + 1) * sizeof(double));
  return p->first ? rows_of_last(p, l, c->row_n) : PN_E_MEMORY;
}

pn_status pn_peel_new(int n, const int *colptr, const int *rowind, const pn_peel_core *core,
                      pn_peel *p)
{
  columns l = {.n = n, .n_outside = n};
  if (core)
    l = (columns){core->column, core->n_columns, core->n_outside, core->in};
  size_t room = (size_t)n + 1, outside = (size_t)l.n_outside + 1;
  *p = (pn_peel){.n = n, .colptr = colptr, .rowind = rowind};
  counts c = {.row_n = pn_large_alloc(2 * room, sizeof(int)),
              .row_part = pn_large_alloc(room, 1),
              .col_part = pn_large_alloc(room, 1),
              .queue = malloc(outside * sizeof(int))};
  int *found = malloc(6 * outside * sizeof(int));
  pn_status st = PN_E_MEMORY;
  p->first_row = found;
  if (c.row_n && c.row_part && c.col_part && c.queue && found) {
    c.row_xor = c.row_n + room;
    p->first_col = found + outside;
    p->first_at = found + 2 * outside;
    p->last_row = found + 3 * outside;
    p->last_col = found + 4 * outside;
    p->last_at = found + 5 * outside;
    st = find(p, &l, &c);
  }
  pn_large_free(c.row_n);
  pn_large_free(c.row_part);
  pn_large_free(c.col_part);
  free(c.queue);
  if (st)
    pn_peel_free(p);
  return st;
}

void pn_peel_free(pn_peel *p)
{
  free(p->first_row);
  free(p->last_ptr);
  free(p->last_ind);
  free(p->last_slot);
  pn_large_free(p->part);
  free(p->first);
  *p = (pn_peel){0};
}

bool pn_peel_before(const pn_peel *p, const double *values, double *b, double *first)
{
  for (int k = 0; k < p->n_first; k++) {
    int col = p->first_col[k];
    double pivot = values[p->first_at[k]];
    if (pivot == 0)
      return false;
    double v = first[k] = b[p->first_row[k]] / pivot;
    for (int j = p->colptr[col]; j < p->colptr[col + 1] && v != 0; j++)
      b[p->rowind[j]] -= values[j] * v;
  }
  return true;
}

bool pn_peel_after(const pn_peel *p, const double *values, const double *b, const double *first,
                   double *x)
{
  for (int k = 0; k < p->n_first; k++)
    x[p->first_col[k]] = first[k];
  /* b has lost the first unknowns' part already. */
  for (int k = p->n_last - 1; k >= 0; k--) {
    double sum = b[p->last_row[k]], pivot = values[p->last_at[k]];
    for (int j = p->last_ptr[k]; j < p->last_ptr[k + 1]; j++) {
      int col = p->last_ind[j];
      if (col != p->last_col[k] && p->part[col] != FIRST)
        sum -= values[p->last_slot[j]] * x[col];
    }
    if (pivot == 0)
      return false;
    x[p->last_col[k]] = sum / pivot;
  }
  return true;
}
