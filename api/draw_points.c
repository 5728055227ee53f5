/* Pictures of results that are no curves: poles and zeros in the plane of s, harmonics as bars, results of one point
 * over what was swept. */
#include "api/draw.h"
#include "api/traces.h"
#include "output/column.h"
#include "output/gnuplot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROOTS = 100000, MOST_SIGNALS = 8 };

typedef struct work {
  pn_arena arena;
  pn_diag diag;
  pn_raw_file *file;
  const pn_raw_plot *plot;
  const pn_drawing *d;
  const pn_listener *listener;
  pn_traces traces; /* of the result being read */
} work;

static bool is_poles(const pn_raw_plot *p)
{
  return !strncmp(p->plotname, "Pole-Zero", 9);
}

static bool is_harmonics(const pn_raw_plot *p)
{
  return !strcmp(p->plotname, "Fourier Analysis");
}

/* Results like the first one from it on: what a sweep leaves. */
static bool same_kind(const pn_raw_plot *a, const pn_raw_plot *b)
{
  bool same = !strcmp(a->plotname, b->plotname) && a->n_vars == b->n_vars && b->n_points == 1;
  for (int k = 0; same && k < a->n_vars; k++)
    same = !strcmp(a->vars[k].name, b->vars[k].name);
  return same;
}

static pn_status finish(work *w, pn_gp_figure *f)
{
  char why[512] = "";
  f->out_file = w->d->out_file;
  f->title = w->d->title ? w->d->title : w->plot->title;
  pn_status st = pn_gnuplot_curves(f, why, sizeof why);
  if (st)
    pn_tell(w->listener, PINCH_ERROR, "%s", why);
  return st;
}

/* ---- poles and zeros ---- */

typedef struct cloud {
  double *x, *y; /* [n] */
  long n;
} cloud;

static void add_root(cloud *c, double complex s)
{
  c->x[c->n] = creal(s);
  c->y[c->n++] = cimag(s);
}

/* All poles and zeros of a result. */
static pn_status read_roots(work *w, int plot, cloud *poles, cloud *zeros)
{
  const pn_raw_plot *p = &w->file->plots[plot];
  int *vars = PN_NEW_ARRAY(&w->arena, int, p->n_vars + 1);
  double complex *z = PN_NEW_ARRAY(&w->arena, double complex, p->n_vars + 1);
  double complex **to = PN_NEW_ARRAY(&w->arena, double complex *, p->n_vars + 1);
  for (int k = 0; k < p->n_vars; k++) {
    vars[k] = k;
    to[k] = &z[k];
  }
  pn_status st = pn_raw_columns(w->file, plot, vars, p->n_vars, to);
  for (int k = 0; k < p->n_vars && st == PN_OK; k++) {
    if (strstr(p->vars[k].name, "pole("))
      add_root(poles, z[k]);
    else if (strstr(p->vars[k].name, "zero("))
      add_root(zeros, z[k]);
  }
  return st;
}

static bool swept_beside_roots(const pn_raw_plot *p)
{
  return !strstr(p->vars[0].name, "pole(") && !strstr(p->vars[0].name, "zero(");
}

/* A map of one result, or of all runs of a sweep: a root locus. */
static pn_status draw_roots(work *w, int plot)
{
  long room = 0;
  for (int k = plot; k < w->file->n_plots; k++)
    room += is_poles(&w->file->plots[k]) ? w->file->plots[k].n_vars : 0;
  room = room < MOST_ROOTS ? room : MOST_ROOTS;
  cloud all[2];
  for (int k = 0; k < 2; k++)
    all[k] = (cloud){PN_NEW_ARRAY(&w->arena, double, room + 1),
                     PN_NEW_ARRAY(&w->arena, double, room + 1), 0};
  pn_status st = PN_OK;
  for (int k = plot; k < w->file->n_plots && st == PN_OK; k++) {
    const pn_raw_plot *p = &w->file->plots[k];
    bool run = k == plot || (swept_beside_roots(w->plot) && is_poles(p) &&
                             !strcmp(p->vars[0].name, w->plot->vars[0].name));
    if (run && p->n_points == 1 && all[0].n + all[1].n + p->n_vars <= room)
      st = read_roots(w, k, &all[0], &all[1]);
  }
  if (st)
    return st;
  const pn_gp_curve curves[] = {{"poles", all[0].x, all[0].y, all[0].n, PN_GP_CROSSES, 2},
                                {"zeros", all[1].x, all[1].y, all[1].n, PN_GP_CIRCLES, 1}};
  bool only_zeros = !all[0].n;
  const pn_gp_panel panel = {"Imaginary part", "rad/s", false, curves + only_zeros,
                             1 + (all[0].n && all[1].n)};
  pn_gp_figure f = {
      .x_label = "Real part", .x_unit = "rad/s", .is_loop = true, .panels = &panel, .n_panels = 1};
  return finish(w, &f);
}

/* ---- signals ---- */

/* The names to draw: those asked for, or the first of the result from variable `from` on. */
static int choose(work *w, int from, const char **names)
{
  int n = 0;
  for (int k = 0; k < w->d->n_signals; k++)
    names[n++] = w->d->signals[k];
  for (int k = from; !w->d->n_signals && k < w->plot->n_vars && n < MOST_SIGNALS; k++)
    names[n++] = w->plot->vars[k].name;
  return n;
}

/* Harmonics: a bar for the magnitude of each, side by side for several signals. */
static pn_status draw_harmonics(work *w, int plot)
{
  int room = w->d->n_signals + MOST_SIGNALS + 1;
  const char **names = PN_NEW_ARRAY(&w->arena, const char *, room);
  pn_gp_curve *curves = PN_NEW_ARRAY(&w->arena, pn_gp_curve, room);
  int n = choose(w, 1, names);
  names[n] = w->plot->vars[0].name;
  pn_status st = pn_traces_read(&w->traces, w->file, plot, names, n + 1, &w->diag);
  if (st)
    return st;
  long points = w->traces.n_points;
  const double complex *scale = w->traces.at[n].z;
  double step = points > 1 ? creal(scale[1] - scale[0]) : 1;
  for (int k = 0; k < n; k++) {
    double *x = PN_NEW_ARRAY(&w->arena, double, points + 1);
    double *y = PN_NEW_ARRAY(&w->arena, double, points + 1);
    for (long i = 0; i < points; i++) {
      x[i] = creal(scale[i]) + step * 0.7 * ((k + 0.5) / n - 0.5);
      y[i] = cabs(w->traces.at[k].z[i]);
    }
    curves[k] = (pn_gp_curve){names[k], x, y, points, PN_GP_BARS, 0};
  }
  const pn_gp_panel panel = {n > 1 ? "Amplitude" : NULL, w->traces.at[0].unit, w->d->logy, curves,
                             n};
  pn_gp_figure f = {
      .x_label = "Frequency", .x_unit = "Hz", .panels = &panel, .n_panels = 1, .x_room = 0.04};
  return finish(w, &f);
}

/* What a rawfile's name stands for: results of .tf go as voltages (output/rawfile.c). */
static const char *label_of(const pn_raw_var *v, const char **unit)
{
  static const struct {
    const char *part, *label, *unit;
  } known[] = {{"transfer_function", "Transfer function", ""},
               {"input_impedance", "Input resistance", "ohm"},
               {"output_impedance", "Output resistance", "ohm"}};
  *unit = pn_column_unit(v->name, v->type);
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (strstr(v->name, known[k].part)) {
      *unit = known[k].unit;
      return known[k].label;
    }
  return v->name;
}

/* A signal over the runs: a variable by its own name, else an expression. */
typedef struct row {
  const char *name, *label, *unit;
  int var; /* -1: an expression */
  double *at;
} row;

static void open_row(work *w, row *r, const char *name, long most)
{
  *r = (row){.name = name, .label = name, .unit = "", .var = -1};
  for (int k = 0; k < w->plot->n_vars; k++)
    if (!strcmp(w->plot->vars[k].name, name))
      r->var = k;
  if (r->var >= 0)
    r->label = label_of(&w->plot->vars[r->var], &r->unit);
  r->at = PN_NEW_ARRAY(&w->arena, double, most + 1);
}

static pn_status read_value(work *w, row *r, int plot, long at)
{
  double complex value, *to = &value;
  if (r->var >= 0) {
    pn_status st = pn_raw_columns(w->file, plot, &r->var, 1, &to);
    r->at[at] = creal(value);
    return st;
  }
  pn_status st = pn_traces_read(&w->traces, w->file, plot, &r->name, 1, &w->diag);
  if (st == PN_OK) {
    r->at[at] = creal(w->traces.at[0].z[0]);
    r->unit = w->traces.at[0].unit;
  }
  pn_traces_free(&w->traces);
  w->traces = (pn_traces){0};
  return st;
}

/* rows [n], one value for each run. */
static pn_status read_rows(work *w, int plot, row *rows, int n, long *points)
{
  pn_status st = PN_OK;
  *points = 0;
  for (int k = plot; k < w->file->n_plots && st == PN_OK; k++) {
    if (!same_kind(w->plot, &w->file->plots[k]))
      continue;
    for (int j = 0; j < n && st == PN_OK; j++)
      st = read_value(w, &rows[j], k, *points);
    ++*points;
  }
  return st;
}

/* Results of one point over what was swept, which is their first variable or -x. */
static pn_status draw_swept(work *w, int plot)
{
  int room = w->d->n_signals + MOST_SIGNALS + 1;
  const char **names = PN_NEW_ARRAY(&w->arena, const char *, room);
  row *rows = PN_NEW_ARRAY(&w->arena, row, room);
  pn_gp_panel *panels = PN_NEW_ARRAY(&w->arena, pn_gp_panel, room);
  pn_gp_curve *curves = PN_NEW_ARRAY(&w->arena, pn_gp_curve, room);
  int n = choose(w, 1, names), n_panels = 0;
  long points, most = 0;
  for (int k = plot; k < w->file->n_plots; k++)
    most += same_kind(w->plot, &w->file->plots[k]);
  names[n] = w->d->n_x ? w->d->x[0] : w->plot->vars[0].name;
  for (int k = 0; k <= n; k++)
    open_row(w, &rows[k], names[k], most);
  pn_status st = read_rows(w, plot, rows, n + 1, &points);
  if (st)
    return st;
  int last = n;
  n = n < MOST_SIGNALS ? n : MOST_SIGNALS;
  for (int k = 0; k < n; k++) { /* neighbours with one unit share a panel */
    const row *r = &rows[k];
    curves[k] = (pn_gp_curve){r->label, rows[last].at, r->at, points, PN_GP_LINE, 0};
    if (n_panels && *r->unit && r->label == r->name && !strcmp(r->unit, panels[n_panels - 1].unit))
      panels[n_panels - 1].n_curves++;
    else
      panels[n_panels++] = (pn_gp_panel){NULL, r->unit, w->d->logy && *r->unit, &curves[k], 1};
  }
  pn_gp_figure f = {.x_label = rows[last].label,
                    .x_unit = rows[last].unit,
                    .logx = w->d->logx,
                    .panels = panels,
                    .n_panels = n_panels};
  return finish(w, &f);
}

/* ---- */

static pn_status draw(void *user)
{
  work *w = user;
  int plot = (int)(w->plot - w->file->plots);
  if (is_poles(w->plot))
    return draw_roots(w, plot);
  if (is_harmonics(w->plot))
    return draw_harmonics(w, plot);
  return draw_swept(w, plot);
}

bool pn_is_points(const pn_raw_file *r, int plot)
{
  const pn_raw_plot *p = &r->plots[plot];
  if (is_poles(p) || is_harmonics(p))
    return p->n_points > 0;
  bool another = false;
  for (int k = 0; k < r->n_plots && !another; k++)
    another = k != plot && same_kind(p, &r->plots[k]);
  return p->n_points == 1 && another;
}

pn_status pn_draw_points(pn_raw_file *r, int plot, const pn_drawing *d, const pn_listener *l)
{
  work *w = calloc(1, sizeof *w); /* on the heap: it must survive the longjmp unchanged */
  if (!w)
    return PN_E_MEMORY;
  w->file = r;
  w->plot = &r->plots[plot];
  w->d = d;
  w->listener = l;
  pn_status st = pn_draw_guarded(&w->arena, &w->diag, l, draw, w);
  pn_traces_free(&w->traces);
  pn_arena_free(&w->arena);
  free(w);
  return st;
}
