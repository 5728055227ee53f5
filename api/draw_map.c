/* Heat maps from a rawfile: variables whose names differ in a row and a column number only,
 * such as @n_3_7[x] of a crossbar, become matrices at chosen values of the scale. */
#include "api/draw.h"
#include "output/column.h"
#include "output/gnuplot.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SIDE = 4096, MOST_MATRICES = 6 };

typedef struct cell {
  int var, row, col; /* numbers as in the name */
} cell;

typedef struct map_work {
  cell *cells;              /* [n_cells] */
  int *vars;                /* [n_cells + 1] */
  double complex **columns; /* [n_cells + 1] the last one is the scale */
  double complex *values;   /* [(n_cells + 1) * n_points] */
  double *z;                /* [n_matrices * n_rows * n_cols] */
  char (*titles)[64];       /* [n_matrices] */
  int n_cells, row0, col0, n_rows, n_cols;
} map_work;

static bool same_letter(char a, char b)
{
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Matches a pattern with two '*', each a decimal number. */
static bool match(const char *pattern, const char *name, int numbers[2])
{
  int found = 0;
  while (*pattern) {
    if (*pattern == '*') {
      char *end;
      if (found == 2 || !isdigit((unsigned char)*name))
        return false;
      long v = strtol(name, &end, 10);
      if (v > 1000000)
        return false;
      numbers[found++] = (int)v;
      name = end;
    } else if (same_letter(*pattern, *name)) {
      name++;
    } else {
      return false;
    }
    pattern++;
  }
  return *name == '\0' && found == 2;
}

static pn_status find_cells(map_work *w, const pn_raw_plot *p, const char *pattern,
                            const pn_listener *l)
{
  int low[2] = {INT32_MAX, INT32_MAX}, high[2] = {0, 0}, at[2];
  w->cells = calloc((size_t)p->n_vars, sizeof *w->cells);
  if (!w->cells)
    return PN_E_MEMORY;
  for (int k = 0; k < p->n_vars; k++) {
    if (!match(pattern, p->vars[k].name, at))
      continue;
    w->cells[w->n_cells++] = (cell){k, at[0], at[1]};
    for (int j = 0; j < 2; j++) {
      low[j] = at[j] < low[j] ? at[j] : low[j];
      high[j] = at[j] > high[j] ? at[j] : high[j];
    }
  }
  if (w->n_cells == 0) {
    pn_tell(l, PINCH_ERROR, "no signal in '%s' matches '%s' (two '*' stand for two numbers)",
            p->plotname, pattern);
    return PN_E_USAGE;
  }
  w->row0 = low[0];
  w->col0 = low[1];
  w->n_rows = high[0] - low[0] + 1;
  w->n_cols = high[1] - low[1] + 1;
  if (w->n_rows > MOST_SIDE || w->n_cols > MOST_SIDE) {
    pn_tell(l, PINCH_ERROR, "a map of %d x %d is too large", w->n_rows, w->n_cols);
    return PN_E_LIMIT;
  }
  return PN_OK;
}

static pn_status read_cells(map_work *w, pn_raw_file *r, int plot, const pn_listener *l)
{
  long n_points = r->plots[plot].n_points;
  size_t n = (size_t)w->n_cells + 1;
  w->vars = calloc(n, sizeof *w->vars);
  w->columns = calloc(n, sizeof *w->columns);
  w->values = calloc(n * (size_t)n_points + 1, sizeof *w->values);
  if (!w->vars || !w->columns || !w->values)
    return PN_E_MEMORY;
  for (size_t k = 0; k < n; k++) {
    w->vars[k] = k + 1 < n ? w->cells[k].var : 0;
    w->columns[k] = w->values + k * (size_t)n_points;
  }
  pn_status st = pn_raw_columns(r, plot, w->vars, (int)n, w->columns);
  if (st)
    pn_tell(l, PINCH_ERROR, "the rawfile: %s", r->why);
  return st;
}

static double part_of(double complex z, bool is_complex)
{
  return is_complex ? cabs(z) : creal(z);
}

/* Fills one matrix at scale value `at`, linear between points. */
static void fill_matrix(const map_work *w, const pn_raw_plot *p, double at, double *z)
{
  const double complex *x = w->columns[w->n_cells];
  long right = 0;
  while (right < p->n_points - 1 && creal(x[right]) < at)
    right++;
  long left = right > 0 ? right - 1 : 0;
  double dx = creal(x[right]) - creal(x[left]);
  double share = dx > 0 ? fmin(fmax((at - creal(x[left])) / dx, 0), 1) : 1;
  for (long k = 0; k < (long)w->n_rows * w->n_cols; k++)
    z[k] = NAN;
  for (int k = 0; k < w->n_cells; k++) {
    double a = part_of(w->columns[k][left], p->is_complex);
    double b = part_of(w->columns[k][right], p->is_complex);
    int i = w->cells[k].row - w->row0, j = w->cells[k].col - w->col0;
    z[i * w->n_cols + j] = a + share * (b - a);
  }
}

static void name_matrix(const pn_raw_plot *p, double at, char title[64])
{
  static const char *const prefixes[] = {"a", "f", "p", "n", "\302\265", "m",
                                         "",  "k", "M", "G", "T"};
  const char *unit = pn_column_unit(p->vars[0].name, p->vars[0].type);
  int third = at != 0 ? (int)floor(log10(fabs(at) * (1 + 1e-9)) / 3) : 0;
  third = third < -6 ? -6 : third > 4 ? 4 : third;
  snprintf(title, 64, "%.12s = %.4g %s%s", strcmp(unit, "s") ? p->vars[0].name : "t",
           at * pow(10, -3 * third), prefixes[third + 6], unit);
}

/* Do all wanted places lie within the result? */
static pn_status check_places(const map_work *w, const pn_raw_plot *p, const pinch_plot_options *o,
                              const pn_listener *l)
{
  const double complex *x = w->columns[w->n_cells];
  double first = creal(x[0]), last = creal(x[p->n_points - 1]);
  double low = fmin(first, last), high = fmax(first, last), some = 1e-9 * (high - low);
  for (int k = 0; k < o->n_map_at; k++)
    if (!(o->map_at[k] >= low - some && o->map_at[k] <= high + some)) {
      pn_tell(l, PINCH_ERROR, "%.6g lies outside the result, %s from %.6g to %.6g", o->map_at[k],
              p->vars[0].name, low, high);
      return PN_E_USAGE;
    }
  return PN_OK;
}

static pn_status draw(map_work *w, const pn_raw_plot *p, const pinch_plot_options *o,
                      const pn_listener *l)
{
  pn_gp_matrix matrices[MOST_MATRICES];
  double last = creal(w->columns[w->n_cells][p->n_points - 1]);
  const double *at = o->n_map_at > 0 ? o->map_at : &last;
  int n = o->n_map_at > 0 ? o->n_map_at : 1;
  size_t size = (size_t)w->n_rows * (size_t)w->n_cols;
  w->z = calloc((size_t)n * size, sizeof *w->z);
  w->titles = calloc((size_t)n, sizeof *w->titles);
  if (!w->z || !w->titles)
    return PN_E_MEMORY;
  for (int k = 0; k < n; k++) {
    fill_matrix(w, p, at[k], w->z + (size_t)k * size);
    name_matrix(p, at[k], w->titles[k]);
    matrices[k] = (pn_gp_matrix){w->titles[k], w->n_rows, w->n_cols, w->z + (size_t)k * size};
  }
  char why[512] = "";
  const pn_raw_var *v = &p->vars[w->cells[0].var];
  pn_gp_map m = {.out_file = o->out_file,
                 .title = o->title ? o->title : p->title,
                 .x_label = "column",
                 .y_label = "row",
                 .z_label = o->map,
                 .z_unit = pn_column_unit(v->name, v->type),
                 .z_min = NAN,
                 .z_max = NAN,
                 .first_row = w->row0,
                 .first_col = w->col0,
                 .matrices = matrices,
                 .n_matrices = n};
  pn_status st = pn_gnuplot_map(&m, why, sizeof why);
  if (st)
    pn_tell(l, PINCH_ERROR, "%s", why);
  return st;
}

pn_status pn_draw_map(pn_raw_file *r, int plot, const pinch_plot_options *o, const pn_listener *l)
{
  const pn_raw_plot *p = &r->plots[plot];
  if (o->n_map_at > MOST_MATRICES || p->n_points == 0) {
    pn_tell(l, PINCH_ERROR,
            p->n_points ? "at most %d maps fit into a picture" : "no points to draw",
            MOST_MATRICES);
    return PN_E_USAGE;
  }
  map_work w = {0};
  pn_status st = find_cells(&w, p, o->map, l);
  if (!st)
    st = read_cells(&w, r, plot, l);
  if (!st)
    st = check_places(&w, p, o, l);
  if (!st)
    st = draw(&w, p, o, l);
  free(w.cells);
  free(w.vars);
  free(w.columns);
  free(w.values);
  free(w.z);
  free(w.titles);
  return st;
}
