/* All reads of a linear array whose lines are all driven: voltages and currents are the sum of what
 * the selection of the word line and that of the bit line change, so that rows + cols + 1 solutions
 * give rows * cols reads. */
#include "analysis/xread.h"

#include <math.h>
#include <stdlib.h>

/* The study's lines are word lines first, then bit lines; "at rest" is as the scheme biases lines that are
 * not selected. */
typedef struct table {
  xread_table base;
  const xread_args *p;
  pn_study *s;
  /* [rows][cols][per_cell] V on the memories of a cell: all lines at rest, its word line selected, its bit
   * line selected */
  double *v_rest, *v_row, *v_col;
  /* [rows][cols] A out of the cell's bit line while its word line is selected, out of its word line while its bit
   * line is */
  double *bit, *word;
  double *i_rest, *i_own; /* [rows + cols] A out of each line: all at rest, selected itself */
  double *power; /* [1 + rows + cols] W of all lines' rest voltages: all at rest, each selected */
} table;

/* ---- the solutions ---- */

static void keep_voltages(const table *t, double *v, int first, int step, int n)
{
  int per = t->s->a->per_cell;
  for (int j = 0; j < n; j++)
    for (int k = 0; k < per; k++) {
      int at = (first + j * step) * per + k;
      v[at] = pn_study_cell(t->s, at).v;
    }
}

/* -sum of rest voltage times current out of the array, over all lines. */
static double rest_power(const table *t)
{
  const pn_array *a = t->s->a;
  double words = 0, bits = 0;
  for (int r = 0; r < a->rows; r++)
    words += pn_study_current(t->s, 0, r);
  for (int c = 0; c < a->cols; c++)
    bits += pn_study_current(t->s, 1, c);
  return -t->p->v * (t->p->scheme.word_rest * words + t->p->scheme.bit_rest * bits);
}

static pn_status solve_rest(table *t)
{
  const pn_array *a = t->s->a;
  for (int r = 0; r < a->rows; r++)
    pn_study_drive(t->s, 0, r, t->p->scheme.word_rest * t->p->v);
  for (int c = 0; c < a->cols; c++)
    pn_study_drive(t->s, 1, c, t->p->scheme.bit_rest * t->p->v);
  pn_status st = pn_study_solve(t->s);
  keep_voltages(t, t->v_rest, 0, 1, a->rows * a->cols);
  for (int k = 0; k < a->rows + a->cols; k++)
    t->i_rest[k] = pn_study_current(t->s, k >= a->rows, k < a->rows ? k : k - a->rows);
  t->power[0] = rest_power(t);
  return st;
}

/* Selects one line, solves, and lets it rest again. */
static pn_status solve_line(table *t, int kind, int k)
{
  const pn_array *a = t->s->a;
  const pn_scheme *m = &t->p->scheme;
  int line = kind == 0 ? k : a->rows + k;
  pn_study_drive(t->s, kind, k, (kind == 0 ? m->word : m->bit) * t->p->v);
  pn_status st = pn_study_solve(t->s);
  t->i_own[line] = pn_study_current(t->s, kind, k);
  t->power[1 + line] = rest_power(t);
  if (kind == 0) {
    keep_voltages(t, t->v_row, k * a->cols, 1, a->cols);
    for (int c = 0; c < a->cols; c++)
      t->bit[k * a->cols + c] = pn_study_current(t->s, 1, c);
  } else {
    keep_voltages(t, t->v_col, k, a->cols, a->rows);
    for (int r = 0; r < a->rows; r++)
      t->word[r * a->cols + k] = pn_study_current(t->s, 0, r);
  }
  pn_study_drive(t->s, kind, k, (kind == 0 ? m->word_rest : m->bit_rest) * t->p->v);
  return st;
}

static pn_status fill(table *t)
{
  const pn_run *r = t->s->r;
  int rows = t->s->a->rows, lines = rows + t->s->a->cols;
  pn_status st = solve_rest(t);
  for (int k = 0; st == PN_OK && k < lines; k++) {
    st = k < rows ? solve_line(t, 0, k) : solve_line(t, 1, k - rows);
    r->progress(r->user, (double)(k + 1) / (lines + 1), k);
  }
  return st;
}

/* ---- a cell ---- */

static double voltage(const xread_table *base, int row, int col, int k)
{
  const table *t = (const table *)base;
  int at = (row * t->s->a->cols + col) * t->s->a->per_cell + k;
  return t->v_row[at] + t->v_col[at] - t->v_rest[at];
}

static double current(const xread_table *base, int row, int col)
{
  const table *t = (const table *)base;
  int rows = t->s->a->rows;
  return t->bit[row * t->s->a->cols + col] + t->i_own[rows + col] - t->i_rest[rows + col];
}

static double power(const xread_table *base, int row, int col)
{
  const table *t = (const table *)base;
  const pn_scheme *m = &t->p->scheme;
  int rows = t->s->a->rows;
  double word = t->i_own[row] + t->word[row * t->s->a->cols + col] - t->i_rest[row];
  double bit = current(base, row, col);
  double at_rest = t->power[1 + row] + t->power[1 + rows + col] - t->power[0];
  return at_rest - t->p->v * ((m->word - m->word_rest) * word + (m->bit - m->bit_rest) * bit);
}

pn_status xread_driven_new(pn_study *s, const xread_args *p, xread_table **out)
{
  size_t cells = (size_t)s->a->rows * (size_t)s->a->cols, memories = (size_t)s->n_cells;
  size_t lines = (size_t)s->a->rows + (size_t)s->a->cols;
  table *t = calloc(1, sizeof *t);
  double *room = calloc(3 * memories + 2 * cells + 3 * lines + 1, sizeof *room);
  if (!t || !room) {
    free(t);
    free(room);
    return PN_E_MEMORY;
  }
  *t = (table){.base = {current, power, voltage, room}, .p = p, .s = s, .v_rest = room};
  *out = &t->base;
  t->v_row = t->v_rest + memories;
  t->v_col = t->v_row + memories;
  t->bit = t->v_col + memories;
  t->word = t->bit + cells;
  t->i_rest = t->word + cells;
  t->i_own = t->i_rest + lines;
  t->power = t->i_own + lines;
  return fill(t);
}
