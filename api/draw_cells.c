/* Heat maps from results with one cell in each row: columns "row" and "col" say where, another one
 * what (.xread, .xprogram, .xsens); or of one column folded into lines of equal length (the pixels
 * of an image). From rawfiles and from CSV files. */
#include "api/draw.h"
#include "output/gnuplot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MOST_SIDE = 4096, MOST_FIELDS = 65536, MOST_RUNS = 6 };

/* The columns wanted, as long as the result. */
typedef struct cells {
  double *row, *col, *z; /* [n]; row and col NULL: folded */
  long n, room;
} cells;

static void release(cells *c)
{
  free(c->row);
  free(c->col);
  free(c->z);
}

static bool is_cells_of(const pn_raw_plot *p, const char *name)
{
  bool row = false, col = false, z = false;
  for (int k = 0; k < p->n_vars; k++) {
    row |= !strcasecmp(p->vars[k].name, "row");
    col |= !strcasecmp(p->vars[k].name, "col");
    z |= !strcasecmp(p->vars[k].name, name);
  }
  return row && col && z;
}

bool pn_is_cells(const pn_raw_plot *p, const pinch_plot_options *o)
{
  return o->map_fold > 0 || is_cells_of(p, o->map);
}

/* ---- the picture ---- */

static pn_status bad(const pn_listener *l, const char *text)
{
  pn_tell(l, PINCH_ERROR, "%s", text);
  return PN_E_USAGE;
}

/* Rows and columns from the data, or from the fold. */
static pn_status size_of(const cells *c, const pinch_plot_options *o, const pn_listener *l,
                         int *n_rows, int *n_cols)
{
  double rows = 0, cols = 0;
  for (long k = 0; k < c->n && c->row; k++) {
    if (!(c->row[k] >= 0 && c->col[k] >= 0))
      return bad(l, "the columns 'row' and 'col' must hold numbers from 0 on");
    rows = fmax(rows, c->row[k] + 1);
    cols = fmax(cols, c->col[k] + 1);
  }
  if (!c->row) {
    cols = o->map_fold;
    rows = ceil((double)c->n / cols);
  }
  if (c->n == 0)
    return bad(l, "there are no points to draw");
  if (rows > MOST_SIDE || cols > MOST_SIDE)
    return bad(l, "a map has at most 4096 rows and columns");
  *n_rows = (int)rows;
  *n_cols = (int)cols;
  return PN_OK;
}

/* Columns of studies: their units, which files do not keep, and what the picture calls them. */
static const struct column_words {
  const char *name, *unit, *label;
} known[] = {
    {"i", "A", "sensed current"},
    {"i_cell", "A", "current of the cell"},
    {"i_lrs", "A", "sensed current, low resistance"},
    {"i_hrs", "A", "sensed current, high resistance"},
    {"v_cell", "V", "voltage of the cell"},
    {"g", "S", "conductance"},
    {"target", "S", "target conductance"},
    {"read", "S", "conductance as read"},
    {"power", "W", "power of all sources"},
    {"energy", "J", "energy taken"},
    {"di_dg", "V", "sensitivity di/dg"},
    {"g_di_dg", "A", "sensitivity g di/dg"},
    {"sneak", "", "sneak current / sensed current"},
    {"drop", "", "IR drop (V - v_cell)/V"},
    {"margin", "", "read margin"},
    {"error", "", "error (g - target)/target"},
    {"disturb", "", "change since written / conductance"},
    {"set", "", "SET pulses"},
    {"reset", "", "RESET pulses"},
    {"reads", "", "reads"},
};

static const struct column_words *words_of(const char *name)
{
  static const struct column_words current = {"", "A", NULL}, other = {"", "", NULL};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (!strcasecmp(name, known[k].name))
      return &known[k];
  bool product = !strncasecmp(name, "out_", 4) || !strncasecmp(name, "ideal_", 6);
  return product ? &current : &other;
}

/* Where the runs of a sweep begin, which a CSV file has one behind the other: a cell that comes again begins the next
 * one. first [MOST_RUNS + 1] ends with c->n; those beyond are left out. Gives the number of all, 0 without memory. */
static long find_runs(const cells *c, int rows, int cols, long *first)
{
  long n = 1, *run = calloc((size_t)rows * (size_t)cols + 1, sizeof *run); /* a cell's last */
  if (!run)
    return 0;
  first[0] = 0;
  for (long k = 0; c->row && k < c->n; k++) {
    long *last = &run[(long)c->row[k] * cols + (long)c->col[k]];
    if (*last == n && n++ <= MOST_RUNS)
      first[n - 1] = k;
    *last = n;
  }
  if (n <= MOST_RUNS)
    first[n] = c->n;
  free(run);
  return n;
}

/* The cells of one run, from number `from` up to `to`. */
static void fill_matrix(const cells *c, long from, long to, long size, int cols, double *z)
{
  for (long k = 0; k < size; k++)
    z[k] = NAN;
  for (long k = from; k < to; k++)
    z[c->row ? (long)c->row[k] * cols + (long)c->col[k] : k] = c->z[k];
}

static pn_status draw(const cells *c, const pinch_plot_options *o, const char *title,
                      const pn_listener *l)
{
  int rows, cols;
  pn_status st = size_of(c, o, l, &rows, &cols);
  if (st)
    return st;
  long size = (long)rows * cols, first[MOST_RUNS + 1], runs = find_runs(c, rows, cols, first);
  int n = runs < MOST_RUNS ? (int)runs : MOST_RUNS;
  double *z = runs ? malloc((size_t)n * (size_t)size * sizeof *z) : NULL;
  if (!z)
    return PN_E_MEMORY;
  if (runs > n)
    pn_tell(l, PINCH_WARNING, "the first %d of %ld runs are drawn", n, runs);
  pn_gp_matrix matrix[MOST_RUNS];
  char name[MOST_RUNS][16];
  for (int k = 0; k < n; k++) {
    fill_matrix(c, first[k], first[k + 1], size, cols, z + k * size);
    snprintf(name[k], sizeof name[k], n > 1 ? "run %d" : "", k + 1);
    matrix[k] = (pn_gp_matrix){name[k], rows, cols, z + k * size};
  }
  const struct column_words *words = words_of(o->map);
  char why[512] = "";
  pn_gp_map m = {.out_file = o->out_file,
                 .title = o->title ? o->title : title,
                 .x_label = c->row ? "bit line" : "column",
                 .y_label = c->row ? "word line" : "row",
                 .z_label = words->label ? words->label : o->map,
                 .z_unit = words->unit,
                 .z_min = NAN,
                 .z_max = NAN,
                 .matrices = matrix,
                 .n_matrices = n};
  st = pn_gnuplot_map(&m, why, sizeof why);
  if (st)
    pn_tell(l, PINCH_ERROR, "%s", why);
  free(z);
  return st;
}

/* ---- rawfiles ---- */

static int variable(const pn_raw_plot *p, const char *name)
{
  for (int k = 0; k < p->n_vars; k++)
    if (!strcasecmp(p->vars[k].name, name))
      return k;
  return -1;
}

static pn_status read_raw(pn_raw_file *r, int plot, const char *name, double **out)
{
  const pn_raw_plot *p = &r->plots[plot];
  int var = variable(p, name);
  double complex *values = calloc((size_t)p->n_points + 1, sizeof *values);
  *out = calloc((size_t)p->n_points + 1, sizeof **out);
  pn_status st = values && *out ? pn_raw_columns(r, plot, &var, 1, &values) : PN_E_MEMORY;
  for (long k = 0; st == PN_OK && k < p->n_points; k++)
    (*out)[k] = p->is_complex ? cabs(values[k]) : creal(values[k]);
  free(values);
  return st;
}

pn_status pn_draw_cells(pn_raw_file *r, int plot, const pinch_plot_options *o, const pn_listener *l)
{
  const pn_raw_plot *p = &r->plots[plot];
  cells c = {.n = p->n_points};
  if (variable(p, o->map) < 0)
    return bad(l, "the result has no column of that name to draw");
  pn_status st = read_raw(r, plot, o->map, &c.z);
  if (st == PN_OK && o->map_fold <= 0)
    st = read_raw(r, plot, "row", &c.row);
  if (st == PN_OK && o->map_fold <= 0)
    st = read_raw(r, plot, "col", &c.col);
  if (st == PN_OK)
    st = draw(&c, o, p->title, l);
  else if (st != PN_E_MEMORY)
    pn_tell(l, PINCH_ERROR, "the rawfile: %s", r->why);
  release(&c);
  return st;
}

/* ---- CSV ---- */

/* Numbers of three columns in a line; false when one is missing. */
static bool fields(char *line, const int at[3], double out[3])
{
  int found = 0, k = 0;
  for (char *word = line; word; k++) {
    char *end, *next = strchr(word, ',');
    for (int j = 0; j < 3; j++)
      if (at[j] == k) {
        out[j] = strtod(word, &end);
        found += end != word;
      }
    word = next ? next + 1 : NULL;
  }
  return found == (at[0] >= 0) + (at[1] >= 0) + (at[2] >= 0);
}

static void find_columns(char *line, const char *const names[3], int at[3])
{
  char *rest = NULL;
  int k = 0;
  for (char *word = strtok_r(line, ",\r\n", &rest); word && k < MOST_FIELDS;
       word = strtok_r(NULL, ",\r\n", &rest), k++) {
    size_t n = strlen(word);
    if (n > 1 && word[0] == '"' && word[n - 1] == '"') {
      word[n - 1] = '\0';
      word++;
    }
    for (int j = 0; j < 3; j++)
      if (names[j] && at[j] < 0 && !strcasecmp(word, names[j]))
        at[j] = k;
  }
}

static bool grow(cells *c, bool placed)
{
  long room = c->room ? 2 * c->room : 1024;
  double **all[] = {&c->z, &c->row, &c->col};
  for (int k = 0; k < (placed ? 3 : 1); k++) {
    double *more = realloc(*all[k], (size_t)room * sizeof *more);
    if (!more)
      return false;
    *all[k] = more;
  }
  c->room = room;
  return true;
}

static pn_status read_csv(FILE *file, cells *c, const pinch_plot_options *o, const pn_listener *l)
{
  bool placed = o->map_fold <= 0;
  const char *const names[3] = {o->map, placed ? "row" : NULL, placed ? "col" : NULL};
  int at[3] = {-1, -1, -1};
  char *line = NULL;
  size_t room = 0;
  pn_status st = PN_OK;
  if (getline(&line, &room, file) > 0)
    find_columns(line, names, at);
  if (at[0] < 0 || (placed && (at[1] < 0 || at[2] < 0))) {
    pn_tell(l, PINCH_ERROR, "'%s' has no columns %s%s", o->raw_file, placed ? "row, col and " : "",
            o->map);
    st = PN_E_USAGE;
  }
  while (st == PN_OK && getline(&line, &room, file) > 0) {
    double v[3] = {0, 0, 0};
    if (line[0] == '#' || !fields(line, at, v))
      continue;
    if (c->n == c->room && !grow(c, placed)) {
      st = PN_E_MEMORY;
      break;
    }
    c->z[c->n] = v[0];
    if (placed) {
      c->row[c->n] = v[1];
      c->col[c->n] = v[2];
    }
    c->n++;
  }
  free(line);
  return st;
}

pn_status pn_draw_csv(const pinch_plot_options *o, const pn_listener *l)
{
  FILE *file = fopen(o->raw_file, "r");
  if (!file) {
    pn_tell(l, PINCH_ERROR, "cannot read '%s': %s", o->raw_file, strerror(errno));
    return PN_E_FILE;
  }
  cells c = {0};
  pn_status st = read_csv(file, &c, o, l);
  fclose(file);
  if (st == PN_OK)
    st = draw(&c, o, o->raw_file, l);
  release(&c);
  return st;
}
