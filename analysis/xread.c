/* .xread: reads of a crossbar's cells under a bias scheme as a table, their extremes as numbers, and
 * the largest array. */
#include "analysis/xread.h"
#include "analysis/list.h"
#include "analysis/study_args.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIXED_COLUMNS = 9, MARGIN_COLUMNS = 4, MOST_SIZE = 1024 };

/* ---- arguments ---- */

typedef struct reader {
  pn_study_reader by;
  xread_args *p;
  const pn_array *array;
} reader;

static int *room(reader *r, int n)
{
  r->p->n_cells = n;
  return PN_NEW_ARRAY(r->by.arena, int, n + 1);
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
    return pn_study_bad(&r->by, arg, "all, corners or pairs such as (0,0,3,5)");
  int *cells = room(r, list->n / 2);
  for (int k = 0; k < list->n; k += 2) {
    const pn_arg *row = &list->at[k], *col = &list->at[k + 1];
    bool inside = row->is_num && col->is_num && row->num >= 0 && row->num < r->array->rows &&
                  col->num >= 0 && col->num < r->array->cols;
    if (!inside || row->num != floor(row->num) || col->num != floor(col->num)) {
      pn_error(r->by.diag, row->loc, "a cell outside the array: rows 0 to %d, columns 0 to %d",
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

static bool add_pattern(reader *r, const pn_arg *arg, const pn_arg *whole)
{
  static const char *const names[] = {"lrs", "hrs", "checker", "stored"};
  for (int k = 0; k < XREAD_PATTERNS; k++)
    if (pn_str_is(arg->text, names[k])) {
      r->p->patterns |= 1u << k;
      return true;
    }
  return pn_study_bad(&r->by, whole, "lrs, hrs, checker, stored, or several in parentheses");
}

static bool read_patterns(reader *r, const pn_arg *arg)
{
  int n = arg->list ? arg->list->n : 1;
  r->p->patterns = 0;
  for (int k = 0; k < n; k++)
    if (!add_pattern(r, arg->list ? &arg->list->at[k] : arg, arg))
      return false;
  return n > 0 || add_pattern(r, arg, arg);
}

/* name=, gates, voltages, levels and the search. */
static bool read_common(reader *r, const pn_arg *arg)
{
  xread_args *p = r->p;
  const pn_study_range numbers[] = {
      {"v", &p->v, NULL, -INFINITY, INFINITY, "a voltage other than 0"},
      {"lrs", &p->lrs, NULL, -INFINITY, INFINITY, "a number"},
      {"hrs", &p->hrs, NULL, -INFINITY, INFINITY, "a number"},
      {"pullup", &p->pullup, NULL, 1e-3, 1e15, "ohms above 0"},
      {"search", &p->limit, NULL, 0, 1, "a read margin between 0 and 1"},
      {"most", NULL, &p->most, 2, MOST_SIZE, "a size from 2 to 1024"},
      {"rw", &p->rw, NULL, 0, INFINITY, "a resistance"},
      {"rb", &p->rb, NULL, 0, INFINITY, "a resistance"}};
  if (!pn_study_option(&r->by, arg, &p->name, &p->scheme, numbers, PN_COUNT(numbers)))
    return false;
  return p->v != 0 || pn_study_bad(&r->by, arg, numbers[0].expected);
}

static bool read_option(void *user, const pn_arg *arg)
{
  reader *r = user;
  if (!arg->key.n)
    return pn_study_flag(&r->by, arg, "margin", &r->p->margin);
  if (pn_str_is(arg->key, "scheme"))
    return pn_study_scheme(&r->by, arg, &r->p->scheme);
  if (pn_str_is(arg->key, "cells"))
    return read_cells(r, arg);
  if (pn_str_is(arg->key, "patterns"))
    return read_patterns(r, arg);
  return read_common(r, arg);
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params;
  xread_args *p = PN_NEW(a, xread_args);
  *p = (xread_args){.loc = args->loc,
                    .v = NAN,
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
  reader r = {{".xread", a, d, o}, p, p->l->a};
  all_cells(&r);
  if (!pn_study_each(&r.by, args, read_option, &r))
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

/* ---- the run ---- */

typedef struct work {
  const pn_run *r;
  const xread_args *p;
  pn_study s;
  pn_recorder *rec;
  double *stored; /* [n_cells of the study] */
  double lrs, hrs;
  xread_cell *cells;                                  /* [p->n_cells] */
  double i_min, i_max, sneak, sneak_sum, drop, power; /* over all cells read */
  double margin;
  int worst; /* cell of the smallest margin */
} work;

static void keep_extremes(work *w, int cell, const xread_cell *c)
{
  w->i_min = fmin(w->i_min, c->i);
  w->i_max = fmax(w->i_max, c->i);
  w->sneak = fmax(w->sneak, c->sneak);
  w->sneak_sum += c->sneak;
  w->drop = fmax(w->drop, c->drop);
  w->power = fmax(w->power, c->power);
  if (w->p->margin && c->margin.margin < w->margin) { /* not of stuck cells, which have none */
    w->margin = c->margin.margin;
    w->worst = cell;
  }
}

/* The cells that were read, all or those before a failure. */
static pn_status record(work *w)
{
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < w->p->n_cells; k++) {
    const xread_cell *c = &w->cells[k];
    int cell = w->p->cells[k];
    if (!c->done)
      continue;
    keep_extremes(w, cell, c);
    pn_recorder_extra(w->rec,
                      (double[]){cell / w->s.a->cols, cell % w->s.a->cols, c->i, c->i_cell,
                                 c->v_cell, c->g, c->sneak, c->drop, c->power, c->margin.i_lrs,
                                 c->margin.i_hrs, c->margin.margin, c->margin.pattern});
    pn_point at = {.sim = w->r->sim, .x = cell, .y = w->s.y};
    st = pn_recorder_point(w->rec, &at);
  }
  return st;
}

static pn_status read_and_record(work *w)
{
  w->cells = calloc((size_t)w->p->n_cells + 1, sizeof *w->cells);
  if (!w->cells)
    return PN_E_MEMORY;
  pn_status st = xread_all(&w->s, w->p, w->stored, w->lrs, w->hrs, w->cells);
  pn_status last = record(w);
  return st ? st : last;
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
  const char *why = w->p->margin ? xread_levels(&w->s, w->p, &w->lrs, &w->hrs) : NULL;
  if (why)
    return pn_error_hint(w->r->diag, w->p->loc, "lrs=1 hrs=0: states, or ohms of resistors", "%s",
                         why);
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
  if (w->p->margin && isfinite(w->margin)) {
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
  work w = {.r = r, .p = args, .margin = INFINITY};
  w.i_min = w.i_max = w.sneak = w.drop = w.power = NAN; /* fmin and fmax leave it */
  pn_status st = pn_study_open(&w.s, r, w.p->l);
  if (st == PN_OK)
    st = begin(&w);
  if (st == PN_OK)
    st = read_and_record(&w);
  if (w.rec) {
    pn_status last = r->end(r->user, w.rec, st == PN_OK);
    st = st ? st : last;
  }
  if (st == PN_OK)
    tell(&w);
  if (st == PN_OK && !isnan(w.p->limit))
    st = search(&w);
  pn_study_close(&w.s);
  free(w.cells);
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
