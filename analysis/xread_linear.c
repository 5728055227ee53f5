/* All reads of a linear array from one solution per line instead of one per cell: voltages and
 * currents are the sum of what the selection of the word line and that of the bit line change, so
 * that rows + cols + 1 solutions give rows * cols reads. */
#include "analysis/xread.h"

#include <math.h>
#include <stdlib.h>

/* The study's lines are word lines first, then bit lines; "at rest" is as the scheme biases lines that are
 * not selected. */
struct xread_table {
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
  double *room;  /* all of them */
};

static bool is_fixed(const pn_scheme *s)
{
  return !isnan(s->word) && !isnan(s->word_rest) && !isnan(s->bit) && !isnan(s->bit_rest);
}

/* Is the current of memory k proportional to its voltage, with its states as they are? */
static bool is_proportional(pn_study *s, int k, double v)
{
  static const double shares[] = {-1, -0.5, 0.1, 0.5};
  double g = pn_study_conductance_at(s, k, v);
  for (size_t j = 0; j < sizeof shares / sizeof *shares; j++)
    if (!(fabs(pn_study_conductance_at(s, k, shares[j] * v) - g) <= 1e-12 * fabs(g)))
      return false;
  return true;
}

/* Are all devices linear that are not memories, and these as they stand? */
static bool is_linear(pn_study *s, double v)
{
  const pn_circuit *c = s->r->circuit;
  int others = 0;
  for (int k = 0; !s->linear && k < pn_circuit_n_devices(c); k++)
    others += !(pn_circuit_device_info(c, k).cls->flags & PN_DEV_LINEAR);
  for (int k = 0; others > 0 && k < s->n_cells; k++) {
    int device = s->a->memory[k];
    if (device < 0 || pn_circuit_device_info(c, device).cls->flags & PN_DEV_LINEAR)
      continue;
    if (!is_proportional(s, k, v))
      return false;
    others--;
  }
  return others == 0;
}

bool xread_table_pays(pn_study *s, const xread_args *p)
{
  return s->a->n_gates == 0 && is_fixed(&p->scheme) && isnan(p->pullup) &&
         p->n_cells > s->a->rows + s->a->cols + 1 && is_linear(s, p->v);
}

/* ---- the solutions ---- */

static void keep_voltages(const xread_table *t, double *v, int first, int step, int n)
{
  int per = t->s->a->per_cell;
  for (int j = 0; j < n; j++)
    for (int k = 0; k < per; k++) {
      int at = (first + j * step) * per + k;
      v[at] = pn_study_cell(t->s, at).v;
    }
}

/* -sum of rest voltage times current out of the array, over all lines. */
static double rest_power(const xread_table *t)
{
  const pn_array *a = t->s->a;
  double words = 0, bits = 0;
  for (int r = 0; r < a->rows; r++)
    words += pn_study_current(t->s, 0, r);
  for (int c = 0; c < a->cols; c++)
    bits += pn_study_current(t->s, 1, c);
  return -t->p->v * (t->p->scheme.word_rest * words + t->p->scheme.bit_rest * bits);
}

static pn_status solve_rest(xread_table *t)
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
static pn_status solve_line(xread_table *t, int kind, int k)
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

static pn_status fill(xread_table *t)
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

pn_status xread_table_new(pn_study *s, const xread_args *p, xread_table **out)
{
  size_t cells = (size_t)s->a->rows * (size_t)s->a->cols, memories = (size_t)s->n_cells;
  size_t lines = (size_t)s->a->rows + (size_t)s->a->cols;
  xread_table *t = *out = calloc(1, sizeof *t);
  if (!t || !(t->room = calloc(3 * memories + 2 * cells + 3 * lines + 1, sizeof *t->room)))
    return PN_E_MEMORY;
  t->s = s;
  t->p = p;
  t->v_rest = t->room;
  t->v_row = t->v_rest + memories;
  t->v_col = t->v_row + memories;
  t->bit = t->v_col + memories;
  t->word = t->bit + cells;
  t->i_rest = t->word + cells;
  t->i_own = t->i_rest + lines;
  t->power = t->i_own + lines;
  return fill(t);
}

void xread_table_free(xread_table *t)
{
  if (t)
    free(t->room);
  free(t);
}

/* ---- a cell ---- */

double xread_table_voltage(const xread_table *t, int k)
{
  return t->v_row[k] + t->v_col[k] - t->v_rest[k];
}

double xread_table_current(const xread_table *t, int row, int col)
{
  int rows = t->s->a->rows;
  return t->bit[row * t->s->a->cols + col] + t->i_own[rows + col] - t->i_rest[rows + col];
}

double xread_table_power(const xread_table *t, int row, int col)
{
  const pn_scheme *m = &t->p->scheme;
  int rows = t->s->a->rows;
  double word = t->i_own[row] + t->word[row * t->s->a->cols + col] - t->i_rest[row];
  double bit = xread_table_current(t, row, col);
  double at_rest = t->power[1 + row] + t->power[1 + rows + col] - t->power[0];
  return at_rest - t->p->v * ((m->word - m->word_rest) * word + (m->bit - m->bit_rest) * bit);
}
