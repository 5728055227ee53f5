/* .xread: cells of a crossbar read one by one under a bias scheme: sensed current, sneak
 * currents, IR drop, read margin at the worst cell and pattern, and the largest array. */
#include "analysis/xread.h"
#include "analysis/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_COLUMNS = 9, MARGIN_COLUMNS = 4, MOST_SIZE = 1024 };

/* ---- arguments ---- */

typedef struct reader {
  pn_arena *a;
  pn_diag *d;
  xread_args *p;
  const pn_array *array;
} reader;

static bool bad(reader *r, const pn_arg *arg, const char *expected)
{
  pn_error(r->d, arg->loc, ".xread: %.*s=%.*s: expected %s", PN_FMT(arg->key), PN_FMT(arg->text),
           expected);
  return false;
}

static int *room(reader *r, int n)
{
  r->p->n_cells = n;
  return PN_NEW_ARRAY(r->a, int, n + 1);
}

static void all_cells(reader *r)
{
  int n = r->array->rows * r->array->cols, *cells = room(r, n);
  for (int k = 0; k < n; k++)
    cells[k] = k;
  r->p->cells = cells;
}

static void corner_cells(reader *r)
{
  int rows = r->array->rows, cols = r->array->cols, *cells = room(r, 4), n = 0;
  int corners[] = {0, cols - 1, (rows - 1) * cols, rows * cols - 1};
  for (int k = 0; k < 4; k++)
    if (k == 0 || corners[k] > cells[n - 1])
      cells[n++] = corners[k];
  r->p->n_cells = n;
  r->p->cells = cells;
}

/* cells=(row col row col ...) */
static bool listed_cells(reader *r, const pn_arg *arg)
{
  const pn_args *list = arg->list;
  if (!list || list->n == 0 || list->n % 2)
    return bad(r, arg, "all, corners or pairs such as (0,0,3,5)");
  int *cells = room(r, list->n / 2);
  for (int k = 0; k < list->n; k += 2) {
    const pn_arg *row = &list->at[k], *col = &list->at[k + 1];
    bool inside = row->is_num && col->is_num && row->num >= 0 && row->num < r->array->rows &&
                  col->num >= 0 && col->num < r->array->cols;
    if (!inside || row->num != floor(row->num) || col->num != floor(col->num)) {
      pn_error(r->d, row->loc, "a cell outside the array: rows 0 to %d, columns 0 to %d",
               r->array->rows - 1, r->array->cols - 1);
      return false;
    }
    cells[k / 2] = (int)row->num * r->array->cols + (int)col->num;
  }
  r->p->cells = cells;
  return true;
}

static bool read_cells(reader *r, const pn_arg *arg)
{
  if (pn_str_is(arg->text, "all"))
    all_cells(r);
  else if (pn_str_is(arg->text, "corners"))
    corner_cells(r);
  else
    return listed_cells(r, arg);
  return true;
}

static bool add_pattern(reader *r, const pn_arg *arg)
{
  static const char *const names[] = {"lrs", "hrs", "checker", "stored"};
  for (int k = 0; k < XREAD_PATTERNS; k++)
    if (pn_str_is(arg->text, names[k])) {
      r->p->patterns |= 1u << k;
      return true;
    }
  return false;
}

static bool read_patterns(reader *r, const pn_arg *arg)
{
  static const char expected[] = "lrs, hrs, checker, stored, or several in parentheses";
  r->p->patterns = 0;
  if (!arg->list)
    return add_pattern(r, arg) || bad(r, arg, expected);
  for (int k = 0; k < arg->list->n; k++)
    if (!add_pattern(r, &arg->list->at[k]))
      return bad(r, arg, expected);
  return r->p->patterns || bad(r, arg, expected);
}

static bool read_number(reader *r, const pn_arg *arg)
{
  xread_args *p = r->p;
  double most = p->most;
  const struct {
    const char *name;
    double *to, min, max;
    const char *expected;
  } numbers[] = {{"v", &p->v, -INFINITY, INFINITY, "a voltage other than 0"},
                 {"lrs", &p->lrs, -INFINITY, INFINITY, "a number"},
                 {"hrs", &p->hrs, -INFINITY, INFINITY, "a number"},
                 {"pullup", &p->pullup, 1e-3, 1e15, "ohms above 0"},
                 {"search", &p->limit, 0, 1, "a read margin between 0 and 1"},
                 {"most", &most, 2, MOST_SIZE, "a size from 2 to 1024"},
                 {"rw", &p->rw, 0, INFINITY, "a resistance"},
                 {"rb", &p->rb, 0, INFINITY, "a resistance"}};
  for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
    if (!pn_str_is(arg->key, numbers[k].name))
      continue;
    if (!arg->is_num || !(arg->num >= numbers[k].min && arg->num <= numbers[k].max) ||
        (k == 0 && arg->num == 0))
      return bad(r, arg, numbers[k].expected);
    *numbers[k].to = arg->num;
    p->most = (int)most;
    return true;
  }
  pn_error(r->d, arg->loc, ".xread has no option '%.*s'", PN_FMT(arg->key));
  return false;
}

static bool read_option(reader *r, const pn_arg *arg)
{
  const char *why;
  if (!arg->key.n)
    return pn_str_is(arg->text, "margin") ? (r->p->margin = true)
                                          : bad(r, arg, "a word such as margin");
  if (pn_str_is(arg->key, "scheme"))
    return pn_scheme_find(arg->text, &r->p->scheme) ||
           bad(r, arg, "v/2, v/3, float, ground or custom");
  if (pn_str_is(arg->key, "name"))
    return (r->p->name = pn_str_lower(r->a, arg->text)).n > 0;
  if (pn_str_is(arg->key, "cells"))
    return read_cells(r, arg);
  if (pn_str_is(arg->key, "patterns"))
    return read_patterns(r, arg);
  if (pn_scheme_option(&r->p->scheme, arg, &why))
    return !why || bad(r, arg, why);
  return read_number(r, arg);
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  xread_args *p = PN_NEW(a, xread_args);
  *p = (xread_args){.v = NAN,
                    .lrs = NAN,
                    .hrs = NAN,
                    .pullup = NAN,
                    .limit = NAN,
                    .most = 128,
                    .rw = NAN,
                    .rb = NAN,
                    .patterns = XREAD_LRS | XREAD_HRS | XREAD_CHECKER};
  pn_scheme_find(PN_STR("ground"), &p->scheme);
  if (!(p->l = pn_lines_find(a, d, c, args)))
    return NULL;
  reader r = {a, d, p, p->l->a};
  all_cells(&r);
  for (int k = 1; k < args->n; k++)
    if (!read_option(&r, &args->at[k]))
      return NULL;
  const char *why = pn_scheme_check(a, &p->scheme, p->l);
  if (!why && !isnan(p->pullup) && !pn_lines_take_load(p->l))
    why = "pullup= stands in the bit lines' sources: they need rser=0 (V1 bl1 0 0 rser=0), at one "
          "end";
  if (why)
    return pn_error(d, args->loc, "%s", why), NULL;
  if (isnan(p->v))
    return pn_error_hint(d, args->loc, "v=0.2", ".xread needs the read voltage"), NULL;
  return p;
}

/* ---- one cell ---- */

typedef struct cell_read {
  double i;                 /* A, sensed on the bit line */
  double i_cell, v_cell, g; /* A, V, S: of the memory device */
  double sneak, drop;       /* shares */
  double power;             /* W, of all sources */
} cell_read;

/* What follows from the currents and voltages. */
static void finish(const xread_args *p, cell_read *c)
{
  c->sneak = c->i != 0 ? (c->i - c->i_cell) / c->i : 0;
  c->drop = 1 - fabs(c->v_cell / p->v);
}

static pn_status read_cell(pn_study *s, const xread_args *p, int row, int col, cell_read *c)
{
  pn_study_bias(s, &p->scheme, p->v, row, col);
  pn_study_load(s, col, p->pullup);
  pn_status st = pn_study_solve(s);
  if (st)
    return st;
  int per = s->a->per_cell, first = (row * s->a->cols + col) * per;
  *c = (cell_read){.i = pn_study_current(s, 1, col), .power = pn_study_power(s)};
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
                    cell_read *c)
{
  int per = s->a->per_cell, first = (row * s->a->cols + col) * per;
  *c = (cell_read){.i = xread_table_current(t, row, col),
                   .v_cell = xread_table_voltage(t, first),
                   .g = pn_study_conductance_at(s, first, p->v),
                   .power = xread_table_power(t, row, col)};
  for (int k = 0; k < per; k++) {
    double i = pn_study_conductance_at(s, first + k, p->v) * xread_table_voltage(t, first + k);
    c->i_cell += isnan(i) ? 0 : i;
  }
  finish(p, c);
}

/* ---- margins ---- */

bool xread_levels(pn_study *s, const xread_args *p, double *lrs, double *hrs)
{
  int k = 0;
  while (k < s->n_cells - 1 && s->a->memory[k] < 0)
    k++;
  double low, high, kept = pn_study_state(s, k);
  pn_study_bounds(s, k, &low, &high);
  *lrs = isnan(p->lrs) ? high : p->lrs;
  *hrs = isnan(p->hrs) ? low : p->hrs;
  if (!isfinite(*lrs) || !isfinite(*hrs) || *lrs == *hrs || isnan(kept))
    return false;
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
  return g_lrs != g_hrs;
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
  cell_read c;
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

/* ---- the run ---- */

typedef struct work {
  const pn_run *r;
  const xread_args *p;
  pn_study s;
  pn_recorder *rec;
  xread_table *table; /* NULL: every cell is solved by itself */
  double *stored;     /* [n_cells of the study] */
  double lrs, hrs;
  double i_min, i_max, sneak, sneak_sum, drop, power; /* over all cells read */
  double margin;
  int worst; /* cell of the smallest margin */
} work;

static void keep_extremes(work *w, const cell_read *c)
{
  w->i_min = fmin(w->i_min, c->i);
  w->i_max = fmax(w->i_max, c->i);
  w->sneak = fmax(w->sneak, c->sneak);
  w->sneak_sum += c->sneak;
  w->drop = fmax(w->drop, c->drop);
  w->power = fmax(w->power, c->power);
}

static void restore(work *w)
{
  for (int k = 0; k < w->s.n_cells; k++)
    pn_study_set_state(&w->s, k, w->stored[k]);
  pn_study_hold(&w->s);
}

static pn_status margin_at(work *w, int cell, double *out)
{
  xread_margin m;
  int cols = w->s.a->cols;
  pn_status st = xread_margin_of(&w->s, w->p, w->stored, w->lrs, w->hrs, cell / cols, cell % cols,
                                 &m);
  if (st)
    return st;
  if (m.margin < w->margin) {
    w->margin = m.margin;
    w->worst = cell;
  }
  restore(w);
  memcpy(out, (double[]){m.i_lrs, m.i_hrs, m.margin, m.pattern}, MARGIN_COLUMNS * sizeof *out);
  return PN_OK;
}

static pn_status read_all(work *w)
{
  const xread_args *p = w->p;
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < p->n_cells; k++) {
    int row = p->cells[k] / w->s.a->cols, col = p->cells[k] % w->s.a->cols;
    cell_read c;
    double values[FIXED_COLUMNS + MARGIN_COLUMNS];
    if (w->table)
      look_up(&w->s, p, w->table, row, col, &c);
    else if ((st = read_cell(&w->s, p, row, col, &c)))
      break;
    keep_extremes(w, &c);
    memcpy(values, (double[]){row, col, c.i, c.i_cell, c.v_cell, c.g, c.sneak, c.drop, c.power},
           FIXED_COLUMNS * sizeof *values);
    if (p->margin && (st = margin_at(w, p->cells[k], values + FIXED_COLUMNS)))
      break;
    pn_recorder_extra(w->rec, values);
    pn_point at = {.sim = w->r->sim, .x = p->cells[k], .y = w->s.y};
    st = pn_recorder_point(w->rec, &at);
    w->r->progress(w->r->user, (double)(k + 1) / p->n_cells, k);
  }
  return st;
}

static pn_status begin(work *w)
{
  static const pn_column columns[FIXED_COLUMNS + MARGIN_COLUMNS] = {
      {"row", "notype", ""},      {"col", "notype", ""},      {"i", "current", "A"},
      {"i_cell", "current", "A"}, {"v_cell", "voltage", "V"}, {"g", "notype", "S"},
      {"sneak", "notype", ""},    {"drop", "notype", ""},     {"power", "notype", "W"},
      {"i_lrs", "current", "A"},  {"i_hrs", "current", "A"},  {"margin", "notype", ""},
      {"pattern", "notype", ""}};
  pn_column scale = {"cell", "notype", ""};
  int n = w->p->margin ? FIXED_COLUMNS + MARGIN_COLUMNS : FIXED_COLUMNS;
  w->stored = calloc((size_t)w->s.n_cells + 1, sizeof *w->stored);
  if (!w->stored)
    return PN_E_MEMORY;
  for (int k = 0; k < w->s.n_cells; k++)
    w->stored[k] = pn_study_state(&w->s, k);
  if (w->p->margin && !xread_levels(&w->s, w->p, &w->lrs, &w->hrs))
    return pn_error_hint(w->r->diag, w->s.a->loc, "lrs=1 hrs=0: states, or ohms of resistors",
                         ".xread: the margin needs two levels of the cells that differ");
  return w->r->begin(w->r->user, &pn_analysis_xread, "Crossbar Read", scale, columns, n, false,
                     false, &w->rec);
}

static void tell(const work *w)
{
  const pn_run *r = w->r;
  pn_str name = w->p->name;
  pn_study_number(r, name, "i_min", w->i_min);
  pn_study_number(r, name, "i_max", w->i_max);
  pn_study_number(r, name, "sneak_max", w->sneak);
  pn_study_number(r, name, "sneak_mean", w->sneak_sum / w->p->n_cells);
  pn_study_number(r, name, "drop_max", w->drop);
  pn_study_number(r, name, "power_max", w->power);
  if (w->p->margin) {
    pn_study_number(r, name, "margin", w->margin);
    pn_study_number(r, name, "margin_row", w->worst / w->s.a->cols);
    pn_study_number(r, name, "margin_col", w->worst % w->s.a->cols);
  }
  if (r->options->stats) {
    char line[128];
    snprintf(line, sizeof line, "xread: %d cells, %ld substitutions, %ld factorisations",
             w->p->n_cells, w->s.solves, w->s.factors);
    r->say(r->user, line);
  }
}

static pn_status search(const work *w)
{
  int n = 0;
  double margin = NAN;
  pn_status st = xread_largest(w->r, w->p, &n, &margin);
  if (st == PN_OK) {
    pn_study_number(w->r, w->p->name, "largest", n);
    pn_study_number(w->r, w->p->name, "largest_margin", margin);
  }
  return st;
}

static pn_status run_xread(const pn_run *r, void *args)
{
  work w = {.r = r, .p = args, .i_min = INFINITY, .i_max = -INFINITY, .margin = INFINITY};
  w.sneak = w.drop = w.power = -INFINITY;
  pn_status st = pn_study_open(&w.s, r, w.p->l);
  if (st == PN_OK)
    st = begin(&w);
  if (st == PN_OK && xread_table_pays(&w.s, w.p))
    st = xread_table_new(&w.s, w.p, &w.table);
  if (st == PN_OK)
    st = read_all(&w);
  if (w.rec) {
    pn_status last = r->end(r->user, w.rec, st == PN_OK);
    st = st ? st : last;
  }
  if (st == PN_OK)
    tell(&w);
  if (st == PN_OK && !isnan(w.p->limit))
    st = search(&w);
  pn_study_close(&w.s);
  xread_table_free(w.table);
  free(w.stored);
  return st;
}

const pn_analysis pn_analysis_xread = {
    .name = "xread",
    .help = ".xread ARRAY v=V [scheme=v/2|v/3|float|ground|custom] [cells=all|corners|(r,c,...)] "
            "[margin] [search=MARGIN]",
    .parse = parse,
    .run = run_xread,
    .own_columns = true,
};
