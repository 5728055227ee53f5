/* From traces to panels: one panel per unit, phasors as magnitude and phase. */
#include "api/draw.h"
#include "api/traces.h"
#include "output/column.h"
#include "output/gnuplot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_CHOSEN = 8, /* signals of one kind that a picture shows unasked */
  FEW_CHOSEN = 2   /* signals of a sweep */
};

typedef struct work {
  pn_arena arena;
  pn_diag diag;
  pn_traces runs[PN_MOST_RUNS];     /* [n_runs] of a sweep, or the one result */
  const char *labels[PN_MOST_RUNS]; /* "rload=1k" */
  int n_runs;
  pn_raw_file *file;
  int plot;
  const pn_drawing *d;
  const pn_listener *listener;
} work;

/* ---- what to draw when nobody says ---- */

static bool is_wanted(const pn_raw_plot *p, int k, char letter)
{
  const char *name = p->vars[k].name;
  const char *unit = pn_column_unit(name, p->vars[k].type);
  switch (letter) {
  case 'v':
    return name[0] != '@' && strcmp(unit, "V") == 0;
  case 'i':
    return name[0] != '@' && strcmp(unit, "A") == 0;
  default:
    return name[0] == '@';
  }
}

/* The first voltages, currents and device quantities, or whatever there is: names [3 * MOST_CHOSEN]. */
static int choose(const pn_raw_plot *p, const char **names)
{
  int n = 0;
  for (const char *letter = "vi@"; *letter; letter++)
    for (int k = 1, taken = 0; k < p->n_vars && taken < MOST_CHOSEN; k++)
      if (is_wanted(p, k, *letter)) {
        names[n++] = p->vars[k].name;
        taken++;
      }
  bool none = n == 0;
  for (int k = 1; none && n < MOST_CHOSEN && k < p->n_vars; k++)
    names[n++] = p->vars[k].name;
  return n;
}

/* ---- numbers of curves ---- */

typedef enum view { VIEW_REAL, VIEW_DB, VIEW_PHASE } view;

/* Degrees, without jumps of 360. */
static void phase(const double complex *z, double *y, long n)
{
  double turns = 0;
  for (long k = 0; k < n; k++) {
    double angle = carg(z[k]) * 180 / M_PI;
    if (k > 0 && isfinite(y[k - 1]))
      turns = 360 * round((y[k - 1] - angle) / 360);
    y[k] = angle + turns;
  }
}

static double *numbers(work *w, const pn_trace *t, long n, view v)
{
  double *y = PN_NEW_ARRAY(&w->arena, double, n + 1);
  if (v == VIEW_PHASE)
    phase(t->z, y, n);
  for (long k = 0; k < n && v != VIEW_PHASE; k++)
    y[k] = v == VIEW_DB ? 20 * log10(cabs(t->z[k])) : creal(t->z[k]);
  return y;
}

/* ---- panels ---- */

typedef struct page {
  work *w;
  int run;          /* under way */
  const double **x; /* [n_signals] of [n_points] each */
  int n_signals;
  bool logy;
  pn_gp_panel panels[8];
  int n_panels;
} page;

static pn_gp_panel *panel_for(page *p, const char *label, const char *unit)
{
  for (int k = 0; k < p->n_panels; k++)
    if (strcmp(p->panels[k].unit, unit) == 0)
      return &p->panels[k];
  if (p->n_panels == (int)(sizeof p->panels / sizeof *p->panels))
    return &p->panels[p->n_panels - 1]; /* more units than panels: the last one takes the rest */
  pn_gp_panel *made = &p->panels[p->n_panels++];
  *made = (pn_gp_panel){.label = label, .unit = unit, .log = p->logy && strcmp(unit, "\302\260")};
  /* each trace adds at most one curve to a panel; phasors may share the last one */
  made->curves = PN_NEW_ARRAY(&p->w->arena, pn_gp_curve, 2 * p->w->n_runs * (p->w->runs[0].n + 1));
  return made;
}

static void add_curve(page *p, int k, view v, const char *label, const char *unit)
{
  work *w = p->w;
  const pn_traces *all = &w->runs[p->run];
  const pn_trace *t = &all->at[k];
  const char *run = w->labels[p->run], *name = t->label;
  if (w->n_runs > 1) /* of one signal the runs alone are told apart */
    name = p->n_signals > 1 ? pn_arena_printf(&w->arena, "%s %s", t->label, run) : run;
  pn_gp_panel *panel = panel_for(p, label, unit);
  if (w->n_runs > 1 && p->n_signals == 1 && !panel->label)
    panel->label = t->label;
  pn_gp_curve *curves = (pn_gp_curve *)panel->curves;
  curves[panel->n_curves++] = (pn_gp_curve){
      .label = name, .x = p->x[k], .y = numbers(w, t, all->n_points, v), .n = all->n_points};
}

/* The state's name in a curve's label: "x" of "@n1[x]" and of .fading's "x_from_0.2"; *n 0: none. */
static const char *state_in(const char *label, int *n)
{
  const char *open = label[0] == '@' ? strrchr(label, '[') : NULL, *from = strstr(label, "_from_");
  *n = open ? (int)strlen(open) - 2 : from ? (int)(from - label) : 0;
  return open ? open + 1 : label;
}

/* "State x" when all curves of a panel are one state's, of several devices or starts. */
static void name_states(page *p)
{
  for (int k = 0; k < p->n_panels; k++) {
    pn_gp_panel *panel = &p->panels[k];
    int length;
    const char *first = state_in(panel->curves[0].label, &length);
    bool same = panel->n_curves > 1 && !*panel->unit && length > 0;
    for (int j = 0; same && j < panel->n_curves; j++) {
      int n;
      const char *state = state_in(panel->curves[j].label, &n);
      same = n == length && strncmp(state, first, (size_t)n) == 0;
    }
    if (same)
      panel->label = pn_arena_printf(&p->w->arena, "State %.*s", length, first);
  }
}

static void fill_page(page *p)
{
  for (int k = 0; k < p->n_signals; k++) {
    const pn_trace *t = &p->w->runs[p->run].at[k];
    if (t->is_complex) {
      add_curve(p, k, VIEW_DB, "Magnitude", "dB");
      add_curve(p, k, VIEW_PHASE, "Phase", "\302\260");
    } else {
      add_curve(p, k, VIEW_REAL, NULL, strcmp(t->unit, "1") ? t->unit : "");
    }
  }
  if (p->w->n_runs == 1)
    name_states(p);
}

/* ---- the x axis ---- */

static bool spans_decades(const double *x, long n)
{
  double low = INFINITY, high = -INFINITY;
  for (long k = 0; k < n; k++) {
    low = fmin(low, x[k]);
    high = fmax(high, x[k]);
  }
  return low > 0 && high / low >= 20;
}

static const char *scale_label(const pn_raw_var *v)
{
  static const struct {
    const char *type, *label;
  } table[] = {{"time", "Time"},
               {"frequency", "Frequency"},
               {"temp-sweep", "Temperature"},
               {"res-sweep", "Resistance"}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (strcmp(v->type, table[k].type) == 0)
      return table[k].label;
  return strcmp(v->name, "v(v-sweep)") == 0 ? "Swept voltage" : v->name;
}

/* The x values of every curve: trace n_signals + k holds the k-th x signal. */
static void fill_x(page *p, const pn_drawing *d)
{
  work *w = p->w;
  p->x = PN_NEW_ARRAY(&w->arena, const double *, p->n_signals + 1);
  for (int k = 0; k < p->n_signals; k++) {
    if (k > 0 && d->n_x <= 1) {
      p->x[k] = p->x[0];
      continue;
    }
    const pn_trace *t = &w->runs[p->run].at[p->n_signals + k];
    double *x = PN_NEW_ARRAY(&w->arena, double, w->runs[p->run].n_points + 1);
    for (long i = 0; i < w->runs[p->run].n_points; i++)
      x[i] = t->is_complex ? cabs(t->z[i]) : creal(t->z[i]);
    p->x[k] = x;
  }
}

static const char *x_label(const pn_raw_plot *p, const pn_drawing *d, const char *unit)
{
  if (d->n_x == 0)
    return scale_label(&p->vars[0]);
  return d->n_x == 1 ? d->x[0] : pn_gp_quantity(unit);
}

static pn_status draw(work *w, const pn_raw_plot *p, const pn_drawing *d, int n_signals)
{
  page pg = {.w = w, .n_signals = n_signals, .logy = d->logy};
  for (pg.run = 0; pg.run < w->n_runs; pg.run++) {
    fill_x(&pg, d);
    fill_page(&pg);
  }
  const char *unit = w->runs[0].at[n_signals].unit;
  pn_gp_figure f = {.out_file = d->out_file,
                    .title = d->title ? d->title : p->title,
                    .x_label = x_label(p, d, unit),
                    .x_unit = strcmp(unit, "1") ? unit : "",
                    .is_loop = d->n_x > 0,
                    .panels = pg.panels,
                    .n_panels = pg.n_panels};
  f.logx = d->logx || (d->n_x == 0 && p->is_complex &&
                       spans_decades(pg.x[0], w->runs[w->n_runs - 1].n_points));
  char why[512] = "";
  pn_status st = pn_gnuplot_curves(&f, why, sizeof why);
  if (st)
    pn_tell(w->listener, PINCH_ERROR, "%s", why);
  return st;
}

static pn_status read_and_draw(void *user)
{
  work *w = user;
  pn_raw_file *r = w->file;
  const pn_drawing *d = w->d;
  const pn_raw_plot *p = &r->plots[w->plot];
  int room = d->n_signals > 3 * MOST_CHOSEN ? d->n_signals : 3 * MOST_CHOSEN, n = d->n_signals;
  const char **names = PN_NEW_ARRAY(&w->arena, const char *, room + d->n_x + 1);
  for (int k = 0; k < n; k++)
    names[k] = d->signals[k];
  int plots[PN_MOST_RUNS];
  w->n_runs = pn_runs_of(r, w->plot, &w->arena, plots, w->labels);
  if (n == 0)
    n = choose(p, names);
  if (w->n_runs > 1 && d->n_signals == 0) {
    n = pn_moved_names(r, plots[0], plots[w->n_runs - 1], names, n);
    n = n > FEW_CHOSEN ? FEW_CHOSEN : n;
  }
  if (n == 0 || p->n_points == 0) {
    pn_tell(w->listener, PINCH_ERROR, "'%s' has %s to draw", p->plotname,
            n == 0 ? "no signals" : "no points");
    return PN_E_USAGE;
  }
  for (int k = 0; k < d->n_x; k++)
    names[n + k] = d->x[k];
  if (d->n_x == 0)
    names[n] = p->vars[0].name;
  pn_status st = PN_OK;
  for (int k = 0; k < w->n_runs && !st; k++) {
    st = pn_traces_read(&w->runs[k], r, plots[k], names, n + (d->n_x ? d->n_x : 1), &w->diag);
    if (!st && d->n_x == 0)
      st = pn_traces_break(&w->runs[k], n);
  }
  return st ? st : draw(w, p, d, n);
}

pn_status pn_draw_curves(pn_raw_file *r, int plot, const pn_drawing *d, const pn_listener *l)
{
  work *w = calloc(1, sizeof *w); /* on the heap: it must survive the longjmp unchanged */
  if (!w)
    return PN_E_MEMORY;
  w->file = r;
  w->plot = plot;
  w->d = d;
  w->listener = l;
  pn_status st = pn_draw_guarded(&w->arena, &w->diag, l, read_and_draw, w);
  for (int k = 0; k < w->n_runs; k++)
    pn_traces_free(&w->runs[k]);
  pn_arena_free(&w->arena);
  free(w);
  return st;
}
