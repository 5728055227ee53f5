/* Cells of a crossbar read one by one, or all at once where the array is linear, and the read margin
 * of each: the worst of some patterns in all others. */
#include "analysis/xread.h"

#include <math.h>
#include <stdlib.h>

/* ---- one cell ---- */

/* What follows from the currents and voltages. */
static void finish(const xread_args *p, xread_cell *c)
{
  c->sneak = c->i != 0 ? (c->i - c->i_cell) / c->i : 0;
  c->drop = 1 - fabs(c->v_cell / p->v);
}

static pn_status read_cell(pn_study *s, const xread_args *p, int row, int col, xread_cell *c)
{
  pn_study_bias(s, &p->scheme, p->v, row, col);
  pn_study_load(s, col, p->pullup);
  pn_status st = pn_study_solve(s);
  if (st)
    return st;
  int per = s->a->per_cell, first = (row * s->a->cols + col) * per;
  *c = (xread_cell){.i = pn_study_current(s, 1, col), .power = pn_study_power(s)};
  pn_cell_point at = pn_study_cell(s, first);
  c->v_cell = at.v;
  c->g = at.g;
  for (int k = 0; k < per; k++) {
    double i = pn_study_cell(s, first + k).i;
    c->i_cell += isnan(i) ? 0 : i;
  }
  finish(p, c);
  return PN_OK;
}

/* The same from the table of a linear array. */
static void look_up(pn_study *s, const xread_args *p, const xread_table *t, int row, int col,
                    xread_cell *c)
{
  int per = s->a->per_cell, first = (row * s->a->cols + col) * per;
  *c = (xread_cell){.i = t->current(t, row, col),
                    .v_cell = t->voltage(t, row, col, 0),
                    .g = pn_study_conductance_at(s, first, p->v),
                    .power = t->power(t, row, col)};
  for (int k = 0; k < per; k++) {
    double i = pn_study_conductance_at(s, first + k, p->v) * t->voltage(t, row, col, k);
    c->i_cell += isnan(i) ? 0 : i;
  }
  finish(p, c);
}

/* ---- margins ---- */

/* Can the cells be at this level: within the state's bounds, or ohms? */
static bool is_possible(const pn_study *s, int k, double level, double low, double high)
{
  pn_device_info info = pn_circuit_device_info(s->r->circuit, s->a->memory[k]);
  bool is_state = info.cls->flags & PN_DEV_MEMRISTOR;
  return is_state ? !(level < low) && !(level > high) : level > 0;
}

const char *xread_levels(pn_study *s, const xread_args *p, double *lrs, double *hrs)
{
  static const char equal[] = ".xread: the margin needs two levels of the cells that differ";
  int k = 0;
  while (k < s->n_cells && !pn_study_can_set(s, k))
    k++;
  if (k == s->n_cells)
    return ".xread: the margin needs cells with a memory that is neither missing nor stuck";
  double low, high, kept = pn_study_state(s, k);
  pn_study_bounds(s, k, &low, &high);
  *lrs = isnan(p->lrs) ? high : p->lrs;
  *hrs = isnan(p->hrs) ? low : p->hrs;
  if (!isfinite(*lrs) || !isfinite(*hrs) || *lrs == *hrs)
    return equal;
  if (!is_possible(s, k, *lrs, low, high) || !is_possible(s, k, *hrs, low, high))
    return ".xread: lrs= and hrs= are states within the cells' bounds, or ohms above 0";
  pn_study_set_state(s, k, *lrs);
  double g_lrs = pn_study_conductance_at(s, k, p->v);
  pn_study_set_state(s, k, *hrs);
  double g_hrs = pn_study_conductance_at(s, k, p->v);
  pn_study_set_state(s, k, kept);
  if (g_lrs < g_hrs) {
    double z = *lrs;
    *lrs = *hrs;
    *hrs = z;
  }
  return g_lrs == g_hrs ? equal : NULL;
}

static bool can_set_any(const pn_study *s, int row, int col)
{
  int per = s->a->per_cell;
  bool any = false;
  for (int k = 0; k < per; k++)
    any |= pn_study_can_set(s, (row * s->a->cols + col) * per + k);
  return any;
}

static void set_pattern(pn_study *s, int pattern, const double *stored, double lrs, double hrs)
{
  int per = s->a->per_cell, cols = s->a->cols;
  for (int k = 0; k < s->n_cells; k++) {
    int cell = k / per;
    bool odd = (cell / cols + cell % cols) % 2;
    bool low_ohmic = pattern == XREAD_LRS || (pattern == XREAD_CHECKER && odd);
    pn_study_set_state(s, k, pattern == XREAD_STORED ? stored[k] : low_ohmic ? lrs : hrs);
  }
}

static pn_status sensed(pn_study *s, const xread_args *p, double state, int row, int col, double *i)
{
  xread_cell c;
  int per = s->a->per_cell;
  for (int k = 0; k < per; k++)
    pn_study_set_state(s, (row * s->a->cols + col) * per + k, state);
  pn_study_hold(s);
  pn_status st = read_cell(s, p, row, col, &c);
  *i = fabs(c.i);
  return st;
}

pn_status xread_margin_of(pn_study *s, const xread_args *p, const double *stored, double lrs,
                          double hrs, int row, int col, xread_margin *m)
{
  if (!can_set_any(s, row, col)) {
    *m = (xread_margin){NAN, NAN, NAN, 0};
    return PN_OK;
  }
  *m = (xread_margin){.margin = INFINITY};
  for (int k = 0; k < XREAD_PATTERNS; k++) {
    int pattern = 1 << k;
    double on, off;
    if (!(p->patterns & (unsigned)pattern) || (pattern == XREAD_STORED && !stored))
      continue;
    set_pattern(s, pattern, stored, lrs, hrs);
    pn_status st = sensed(s, p, lrs, row, col, &on);
    if (st == PN_OK)
      st = sensed(s, p, hrs, row, col, &off);
    if (st)
      return st;
    double margin = (on - off) / (isnan(p->pullup) ? on : fabs(p->v) / p->pullup);
    if (margin < m->margin)
      *m = (xread_margin){margin, on, off, pattern};
  }
  return PN_OK;
}

/* ---- all cells ---- */

typedef struct reads {
  const xread_args *p;
  const double *stored; /* [n_cells of the study] */
  double lrs, hrs;
  const xread_table *table; /* NULL: every cell is solved by itself */
  xread_cell *cells;        /* [p->n_cells] */
} reads;

static void restore(pn_study *s, const double *stored)
{
  for (int k = 0; k < s->n_cells; k++)
    pn_study_set_state(s, k, stored[k]);
  pn_study_hold(s);
}

static pn_status read_number(pn_study *s, void *user, int k)
{
  reads *w = user;
  xread_cell *c = &w->cells[k];
  int row = w->p->cells[k] / s->a->cols, col = w->p->cells[k] % s->a->cols;
  pn_status st = PN_OK;
  if (w->table)
    look_up(s, w->p, w->table, row, col, c);
  else
    st = read_cell(s, w->p, row, col, c);
  if (st == PN_OK && w->p->margin) {
    st = xread_margin_of(s, w->p, w->stored, w->lrs, w->hrs, row, col, &c->margin);
    restore(s, w->stored);
  }
  c->done = st == PN_OK;
  return st;
}

/* Does the table give what the equations give, for the first, the last and the middle cell? Not where lines that
 * float have other ways to ground, nor where states settle elsewhere. */
static pn_status agrees(pn_study *s, const reads *w, bool *good)
{
  int probes[] = {0, w->p->n_cells - 1, w->p->n_cells / 2};
  pn_status st = PN_OK;
  *good = true;
  for (int k = 0; st == PN_OK && *good && k < 3; k++) {
    xread_cell solved, found;
    int row = w->p->cells[probes[k]] / s->a->cols, col = w->p->cells[probes[k]] % s->a->cols;
    st = read_cell(s, w->p, row, col, &solved);
    look_up(s, w->p, w->table, row, col, &found);
    *good = fabs(found.i - solved.i) <= 1e-8 * fabs(solved.i) &&
            (isnan(solved.v_cell) || fabs(found.v_cell - solved.v_cell) <= 1e-8 * fabs(w->p->v));
  }
  return st;
}

pn_status xread_all(pn_study *s, const xread_args *p, const double *stored, double lrs, double hrs,
                    xread_cell *cells)
{
  reads w = {p, stored, lrs, hrs, NULL, cells};
  xread_table *table = NULL;
  bool good = false;
  pn_status st = PN_OK;
  if (xread_table_pays(s, p)) {
    st = xread_table_new(s, p, &table);
    w.table = table;
    if (st == PN_OK)
      st = agrees(s, &w, &good);
    w.table = good ? table : NULL;
  }
  bool solved = w.table && !p->margin; /* what is left is to look up */
  for (int k = 0; st == PN_OK && solved && k < p->n_cells; k++)
    st = read_number(s, &w, k);
  if (st == PN_OK && !solved)
    st = pn_study_all(s, &(pn_study_items){p->n_cells, read_number, &w});
  xread_table_free(table);
  return st;
}
