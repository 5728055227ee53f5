/* All reads of a linear array whose resting lines float. A read sends one current from its word line
 * to its bit line and none through any other, so it is i (f(word) - f(bit)), where f(a) is the field
 * of 1 A into line a and out of bit line 0: rows + cols - 1 solutions give rows * cols reads. */
#include "analysis/xread.h"

#include <stdlib.h>

/* Fields have 0 V at the source of bit line 0. Between the sources of a word line w and a bit line b there are
 * r(w) + r(b) - 2 cross(w, b) ohm: V of line b in f(w) is that of line w in f(b). */
typedef struct table {
  xread_table base;
  const xread_args *p;
  pn_study *s;
  /* [rows][cols][per_cell] ohm: of a cell's memories in the fields of its word line, of its bit line, of word line 0 */
  double *v_row, *v_col, *v_first;
  double *cross; /* [rows][cols] ohm: of a bit line in the field of a word line */
  double *r;     /* [rows + cols] ohm: of each line in its own field */
} table;

/* V between the selected lines' sources. */
static double drive(const table *t)
{
  return (t->p->scheme.word - t->p->scheme.bit) * t->p->v;
}

/* ---- the solutions ---- */

/* The read of a cell. *ohm: between the sources of its lines. */
static pn_status solve_pair(table *t, int row, int col, double *ohm)
{
  pn_study_bias(t->s, &t->p->scheme, t->p->v, row, col);
  pn_status st = pn_study_solve(t->s);
  *ohm = drive(t) / pn_study_current(t->s, 1, col);
  return st;
}

/* Voltages per ampere of the memories of n cells, from the solution. */
static void keep_voltages(const table *t, double ohm, double *v, int first, int step, int n)
{
  int per = t->s->a->per_cell;
  double per_ampere = ohm / drive(t);
  for (int j = 0; j < n; j++)
    for (int k = 0; k < per; k++) {
      int at = (first + j * step) * per + k;
      v[at] = pn_study_cell(t->s, at).v * per_ampere;
    }
}

/* V of a line at its source, above that of bit line 0. */
static double line_voltage(const table *t, const pn_line *line)
{
  pn_device_info info = pn_circuit_device_info(t->s->r->circuit, line->source[0]);
  int node = info.unknowns[line->sign[0] > 0 ? 0 : 1];
  return t->s->y[node] - t->p->scheme.bit * t->p->v;
}

static pn_status solve_word(table *t, int row)
{
  const pn_array *a = t->s->a;
  double ohm;
  pn_status st = solve_pair(t, row, 0, &ohm);
  t->r[row] = ohm;
  keep_voltages(t, ohm, t->v_row, row * a->cols, 1, a->cols);
  for (int c = 1; c < a->cols; c++)
    t->cross[row * a->cols + c] = line_voltage(t, &t->s->l->bit[c]) * ohm / drive(t);
  if (row == 0)
    keep_voltages(t, ohm, t->v_first, 0, 1, a->rows * a->cols);
  return st;
}

/* The field of word line 0 less that of the pair (0, col). */
static pn_status solve_bit(table *t, int col)
{
  const pn_array *a = t->s->a;
  double ohm;
  pn_status st = solve_pair(t, 0, col, &ohm);
  t->r[a->rows + col] = ohm - t->r[0] + 2 * t->cross[col];
  keep_voltages(t, ohm, t->v_col, col, a->cols, a->rows);
  for (int row = 0; row < a->rows; row++)
    for (int k = 0; k < a->per_cell; k++) {
      int at = (row * a->cols + col) * a->per_cell + k;
      t->v_col[at] = t->v_first[at] - t->v_col[at];
    }
  return st;
}

static pn_status fill(table *t)
{
  const pn_run *r = t->s->r;
  const pn_array *a = t->s->a;
  int lines = a->rows + a->cols;
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < lines; k++) {
    if (k < a->rows)
      st = solve_word(t, k);
    else if (k > a->rows) /* bit line 0 has no field */
      st = solve_bit(t, k - a->rows);
    r->progress(r->user, (double)(k + 1) / (lines + 1), k);
  }
  return st;
}

/* ---- a cell ---- */

static double current(const xread_table *base, int row, int col)
{
  const table *t = (const table *)base;
  const pn_array *a = t->s->a;
  return drive(t) / (t->r[row] + t->r[a->rows + col] - 2 * t->cross[row * a->cols + col]);
}

static double power(const xread_table *base, int row, int col)
{
  return drive((const table *)base) * current(base, row, col);
}

static double voltage(const xread_table *base, int row, int col, int k)
{
  const table *t = (const table *)base;
  int at = (row * t->s->a->cols + col) * t->s->a->per_cell + k;
  return current(base, row, col) * (t->v_row[at] - t->v_col[at]);
}

pn_status xread_floating_new(pn_study *s, const xread_args *p, xread_table **out)
{
  size_t cells = (size_t)s->a->rows * (size_t)s->a->cols, memories = (size_t)s->n_cells;
  size_t lines = (size_t)s->a->rows + (size_t)s->a->cols;
  table *t = calloc(1, sizeof *t);
  double *room = calloc(3 * memories + cells + lines, sizeof *room);
  if (!t || !room) {
    free(t);
    free(room);
    return PN_E_MEMORY;
  }
  *t = (table){.base = {current, power, voltage, room}, .p = p, .s = s, .v_row = room};
  *out = &t->base;
  t->v_col = t->v_row + memories;
  t->v_first = t->v_col + memories;
  t->cross = t->v_first + memories;
  t->r = t->cross + cells;
  return fill(t);
}
