/* Aligned tables as text: what .print shows without files. Rows stream; the width of a
 * column follows its heading and the width of a number, so nothing is kept but one row. */
#include "output/column.h"
#include "output/sink.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_WIDTH = 16 /* -1.23456789e-300 */, INDEX_WIDTH = 7 };

typedef struct table_sink {
  pn_sink base;
  pn_text_fn *out;
  void *user;
  double grid_start, grid_step; /* s */
  bool on_grid;                 /* this result is interpolated */
  bool is_complex, is_scalar;
  int n_columns;
  pn_column *columns; /* [n_columns] texts live in names */
  char *names;        /* copies of the columns' names and units */
  int *width;         /* [n_columns] characters of a number's field */
  bool *is_real;      /* [n_columns] */
  double *before;     /* [n_columns] the point before, for interpolation */
  bool has_before;
  long next_grid; /* index of the next grid time */
  long n_rows;
  char *line; /* [room] one line */
  size_t room, used;
  pn_status failed;
} table_sink;

static void put(table_sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(table_sink *s, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  int n = vsnprintf(s->line + s->used, s->room - s->used, fmt, ap);
  va_end(ap);
  if (n > 0)
    s->used += (size_t)n < s->room - s->used ? (size_t)n : s->room - s->used - 1;
}

static void emit(table_sink *s)
{
  s->out(s->user, s->line);
  s->used = 0;
  s->line[0] = '\0';
}

static void forget_result(table_sink *s)
{
  free(s->columns);
  free(s->names);
  free(s->width);
  free(s->is_real);
  free(s->before);
  free(s->line);
  s->columns = NULL;
  s->names = NULL;
  s->width = NULL;
  s->is_real = NULL;
  s->before = NULL;
  s->line = NULL;
}

/* Copies a text to *to and moves *to behind it. */
static const char *keep(char **to, const char *text)
{
  char *start = *to;
  size_t n = strlen(text) + 1;
  memcpy(start, text, n);
  *to += n;
  return start;
}

/* What stands beside a number: pure numbers have no unit. */
static const char *unit_of(const pn_column *c)
{
  return c->unit && strcmp(c->unit, "1") != 0 ? c->unit : "";
}

static bool allocate(table_sink *s, const pn_plot *p)
{
  size_t n = (size_t)p->n_columns, bytes = 1, line = 256;
  for (size_t k = 0; k < n; k++) {
    bytes += strlen(p->columns[k].name) + strlen(unit_of(&p->columns[k])) + 2;
    line += 2 * (strlen(p->columns[k].name) + NUMBER_WIDTH + 8);
  }
  s->columns = calloc(n + 1, sizeof *s->columns);
  s->names = malloc(bytes);
  s->width = calloc(n + 1, sizeof *s->width);
  s->is_real = calloc(n + 1, sizeof *s->is_real);
  s->before = calloc(n + 1, sizeof *s->before);
  s->room = line + strlen(p->title ? p->title : "") + strlen(p->plotname);
  s->line = malloc(s->room);
  if (s->columns && s->names && s->width && s->is_real && s->before && s->line)
    return true;
  forget_result(s);
  return false;
}

static bool is_pair(const table_sink *s, int k)
{
  return s->is_complex && !s->is_real[k];
}

/* Display columns of a text: continuation bytes of UTF-8 take none. */
static int shown(const char *text)
{
  int n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

static void put_cell(table_sink *s, int k, const char *text, const char *suffix)
{
  int pad = s->width[k] - shown(text) - (int)strlen(suffix);
  put(s, "  %*s%s%s", pad > 0 ? pad : 0, "", text, suffix);
}

static void put_heading(table_sink *s)
{
  put(s, "%-*s", INDEX_WIDTH, "Index");
  for (int k = 0; k < s->n_columns; k++) {
    put_cell(s, k, s->columns[k].name, is_pair(s, k) ? ".re" : "");
    if (is_pair(s, k))
      put_cell(s, k, s->columns[k].name, ".im");
  }
  put(s, "\n");
  emit(s);
  put(s, "%-*s", INDEX_WIDTH, "");
  int total = INDEX_WIDTH;
  for (int k = 0; k < s->n_columns; k++)
    for (int part = 0; part <= is_pair(s, k); part++) {
      put_cell(s, k, s->columns[k].unit, "");
      total += 2 + s->width[k];
    }
  put(s, "\n");
  emit(s);
  for (int k = 0; k < total; k++)
    put(s, "-");
  put(s, "\n");
  emit(s);
}

static pn_status table_begin(pn_sink *base, const pn_plot *p)
{
  table_sink *s = (table_sink *)base;
  forget_result(s);
  if (!allocate(s, p))
    return s->failed = PN_E_MEMORY;
  s->failed = PN_OK;
  s->used = 0;
  s->is_complex = p->is_complex;
  s->is_scalar = p->is_scalar;
  s->n_columns = p->n_columns;
  s->has_before = false;
  s->next_grid = s->n_rows = 0;
  s->on_grid = s->grid_step > 0 && !p->is_complex && strcmp(p->analysis, "tran") == 0;
  char *text = s->names;
  for (int k = 0; k < p->n_columns; k++) {
    const pn_column *c = &p->columns[k];
    s->columns[k] = (pn_column){.name = keep(&text, c->name), .unit = keep(&text, unit_of(c))};
    s->is_real[k] = pn_column_is_real(c);
    int heading = shown(c->name) + (is_pair(s, k) ? 3 : 0);
    s->width[k] = heading > NUMBER_WIDTH ? heading : NUMBER_WIDTH;
  }
  put(s, "\n%s: %s\n\n", p->plotname, p->title ? p->title : "");
  emit(s);
  if (!s->is_scalar)
    put_heading(s);
  return PN_OK;
}

/* An operating point: one line per quantity. */
static void put_scalar(table_sink *s, const double *row, const double complex *crow)
{
  int widest = 0;
  for (int k = 0; k < s->n_columns; k++) {
    int n = shown(s->columns[k].name);
    widest = n > widest ? n : widest;
  }
  for (int k = 0; k < s->n_columns; k++) {
    put(s, "%s%*s", s->columns[k].name, widest - shown(s->columns[k].name) + 2, "");
    if (s->is_complex)
      put(s, "%*.8e  %*.8e", NUMBER_WIDTH, pn_shown(creal(crow[k])), NUMBER_WIDTH,
          pn_shown(cimag(crow[k])));
    else
      put(s, "%*.8e", NUMBER_WIDTH, pn_shown(row[k]));
    put(s, "%s%s\n", *s->columns[k].unit ? " " : "", s->columns[k].unit);
    emit(s);
  }
}

static void put_number(table_sink *s, int k, double value)
{
  put(s, "  %*.8e", s->width[k], pn_shown(value));
}

static void put_row(table_sink *s, const double *row, const double complex *crow)
{
  put(s, "%-*ld", INDEX_WIDTH, s->n_rows++);
  for (int k = 0; k < s->n_columns; k++) {
    put_number(s, k, s->is_complex ? creal(crow[k]) : row[k]);
    if (is_pair(s, k))
      put_number(s, k, cimag(crow[k]));
  }
  put(s, "\n");
  emit(s);
}

/* Rows at the grid's times up to this point's, linear between the last two points. */
static void put_grid_rows(table_sink *s, const double *row)
{
  double slack = 1e-9 * s->grid_step; /* s, a time within it counts as on the grid */
  for (;; s->next_grid++) {
    double t = s->grid_start + (double)s->next_grid * s->grid_step;
    if (t > row[0] + slack)
      break;
    if (!s->has_before && t < row[0] - slack)
      continue;
    put(s, "%-*ld", INDEX_WIDTH, s->n_rows++);
    double dt = s->has_before ? row[0] - s->before[0] : 0;
    double w = dt > 0 ? fmin(fmax((t - s->before[0]) / dt, 0), 1) : 1;
    put_number(s, 0, t);
    for (int k = 1; k < s->n_columns; k++)
      put_number(s, k, w < 1 ? s->before[k] + w * (row[k] - s->before[k]) : row[k]);
    put(s, "\n");
    emit(s);
  }
  memcpy(s->before, row, (size_t)s->n_columns * sizeof *row);
  s->has_before = true;
}

static pn_status table_point(pn_sink *base, const double *row, const double complex *crow)
{
  table_sink *s = (table_sink *)base;
  if (s->failed)
    return s->failed;
  if (s->is_scalar)
    put_scalar(s, row, crow);
  else if (s->on_grid)
    put_grid_rows(s, row);
  else
    put_row(s, row, crow);
  return PN_OK;
}

static pn_status table_end(pn_sink *base, bool complete)
{
  table_sink *s = (table_sink *)base;
  if (s->line) {
    put(s, complete ? "\n" : "(incomplete)\n\n");
    emit(s);
  }
  return s->failed;
}

static pn_status table_close(pn_sink *base)
{
  table_sink *s = (table_sink *)base;
  pn_status st = s->failed;
  forget_result(s);
  free(s);
  return st;
}

pn_status pn_sink_table(pn_text_fn *out, void *user, double grid_start, double grid_step,
                        pn_sink **sink)
{
  *sink = NULL;
  table_sink *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  *s = (table_sink){.base = {table_begin, table_point, table_end, table_close},
                    .out = out,
                    .user = user,
                    .grid_start = grid_start,
                    .grid_step = grid_step};
  *sink = &s->base;
  return PN_OK;
}
