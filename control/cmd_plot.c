/* plot, hardcopy, gnuplot: pictures into files, one panel for each unit, phasors as magnitude and phase. */
#include "control/interp.h"

#include "output/column.h"
#include "output/gnuplot.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { MOST_PANELS = 8 };

typedef struct request {
  const char *title, *xlabel, *ylabel;
  bool logx, logy;
  double x[2], y[2]; /* limits, NAN: none */
  pn_str curves, vs; /* texts of expressions */
  size_t curves_at, vs_at;
} request;

/* ---- the words that say how ---- */

typedef struct option {
  const char *word;
  int n_args;
} option;
static const option options[] = {
    {"xlimit", 2},  {"xl", 2},        {"ylimit", 2},      {"yl", 2},
    {"xlabel", 1},  {"ylabel", 1},    {"title", 1},       {"xdelta", 1},
    {"ydelta", 1},  {"xcompress", 1}, {"xindices", 2},    {"xlog", 0},
    {"ylog", 0},    {"loglog", 0},    {"lingrid", 0},     {"linear", 0},
    {"nogrid", 0},  {"nointerp", 0},  {"samep", 0},       {"pointplot", 0},
    {"linplot", 0}, {"combplot", 0},  {"retraceplot", 0}, {"noretraceplot", 0},
    {"digitop", 0}};

static const option *find_option(pn_str word)
{
  for (size_t k = 0; k < sizeof options / sizeof *options; k++)
    if (pn_str_is(word, options[k].word))
      return &options[k];
  return NULL;
}

static pn_status take_option(pn_control *c, int k, request *r)
{
  pn_str word = c->words[k];
  bool x = pn_str_is(word, "xlimit") || pn_str_is(word, "xl");
  if (x || pn_str_is(word, "ylimit") || pn_str_is(word, "yl")) {
    double *to = x ? r->x : r->y;
    for (int j = 0; j < 2; j++) {
      pn_status st = pn_term_number(c, c->words[k + 1 + j], c->word_at[k + 1 + j], &to[j]);
      if (st)
        return st;
    }
  }
  if (pn_str_is(word, "title"))
    r->title = c->words[k + 1].p;
  else if (pn_str_is(word, "xlabel"))
    r->xlabel = c->words[k + 1].p;
  else if (pn_str_is(word, "ylabel"))
    r->ylabel = c->words[k + 1].p;
  r->logx |= pn_str_is(word, "xlog") || pn_str_is(word, "loglog");
  r->logy |= pn_str_is(word, "ylog") || pn_str_is(word, "loglog");
  return PN_OK;
}

static void blank_out(pn_control *c, char *line, int from, int to)
{
  size_t end = to < c->n_words ? c->word_at[to] : c->line.n;
  memset(line + c->word_at[from], ' ', end - c->word_at[from]);
}

/* Options are blanked out of a copy of the line: what is left are expressions, in their places. */
static pn_status read_request(pn_control *c, int first, request *r)
{
  char *line = pn_arena_strndup(&c->scratch, c->line.p, c->line.n);
  int vs = -1;
  *r = (request){.x = {NAN, NAN}, .y = {NAN, NAN}};
  if (first)
    blank_out(c, line, 0, first);
  for (int k = first; k < c->n_words; k++) {
    const option *o = find_option(c->words[k]);
    if (pn_str_is(c->words[k], "vs")) {
      vs = k;
      blank_out(c, line, k, k + 1);
    }
    if (!o)
      continue;
    if (k + o->n_args >= c->n_words)
      return pn_control_error(c, c->word_at[k], "'%s' needs %d word%s", o->word, o->n_args,
                              o->n_args == 1 ? "" : "s");
    pn_status st = take_option(c, k, r);
    if (st)
      return st;
    blank_out(c, line, k, k + 1 + o->n_args);
    k += o->n_args;
  }
  r->curves = (pn_str){line, vs >= 0 ? c->word_at[vs] : c->line.n};
  if (vs >= 0) {
    r->vs_at = c->word_at[vs];
    r->vs = (pn_str){line + r->vs_at, c->line.n - r->vs_at};
  }
  return PN_OK;
}

/* ---- panels ---- */

typedef struct page {
  pn_control *c;
  const request *r;
  pn_gp_panel panels[MOST_PANELS];
  int n_panels, most; /* curves of a panel */
} page;

static double *numbers(page *p, const pn_value *v, int part)
{
  double *y = PN_NEW_ARRAY(&p->c->scratch, double, v->n + 1);
  double turns = 0;
  for (long k = 0; k < v->n; k++) {
    y[k] = part == 1 ? 20 * log10(cabs(v->z[k])) : creal(v->z[k]);
    if (part < 2)
      continue;
    double angle = carg(v->z[k]) * 180 / M_PI;
    if (k > 0)
      turns = 360 * round((y[k - 1] - angle) / 360);
    y[k] = angle + turns;
  }
  return y;
}

/* part 0: as it is, 1: dB, 2: degrees. Points outside the limits become gaps. */
static void add_curve(page *p, const pn_term *t, const double *x, int part)
{
  const char *unit = part == 1   ? "dB"
                     : part == 2 ? "\302\260"
                                 : pn_column_unit(t->label, t->value.type);
  pn_gp_panel *panel = NULL;
  for (int k = 0; k < p->n_panels; k++)
    if (!strcmp(p->panels[k].unit, unit))
      panel = &p->panels[k];
  if (!panel && p->n_panels < MOST_PANELS) {
    panel = &p->panels[p->n_panels++];
    *panel = (pn_gp_panel){.unit = unit,
                           .label = p->r->ylabel ? p->r->ylabel
                                    : part == 1  ? "Magnitude"
                                    : part == 2  ? "Phase"
                                                 : NULL,
                           .log = p->r->logy && part < 2};
    panel->curves = PN_NEW_ARRAY(&p->c->scratch, pn_gp_curve, p->most);
  }
  if (!panel)
    panel = &p->panels[MOST_PANELS - 1];
  double *y = numbers(p, &t->value, part);
  for (long k = 0; k < t->value.n; k++)
    if (x[k] < p->r->x[0] || x[k] > p->r->x[1] ||
        (part < 2 && (y[k] < p->r->y[0] || y[k] > p->r->y[1])))
      y[k] = NAN;
  pn_gp_curve *curves = (pn_gp_curve *)panel->curves;
  curves[panel->n_curves++] = (pn_gp_curve){.label = t->label, .x = x, .y = y, .n = t->value.n};
}

/* x of a term's points: of vs, of its scale, or their numbers; NULL after reporting. */
static const double *abscissa(page *p, const pn_term *t, const pn_term *vs, const char **name)
{
  pn_evaluation e = pn_evaluation_of(p->c);
  const pn_vector *scale = vs ? NULL : pn_value_scale(&e, &t->value);
  double *x = PN_NEW_ARRAY(&p->c->scratch, double, t->value.n + 1);
  if (vs && vs->value.n != t->value.n) {
    pn_control_error(p->c, 0, "'%s' and '%s' have different numbers of points", t->label,
                     vs->label);
    return NULL;
  }
  for (long k = 0; k < t->value.n; k++)
    x[k] = vs ? creal(vs->value.z[k]) : scale ? creal(scale->z[k]) : (double)k;
  *name = vs ? vs->label : scale ? scale->name : "index";
  return x;
}

static pn_status fill(page *p, const pn_term *terms, int n, const pn_term *vs, const char **name)
{
  p->most = n + 1;
  for (int k = 0; k < n; k++) {
    const double *x = abscissa(p, &terms[k], vs, name);
    if (!x)
      return PN_E_NETLIST;
    add_curve(p, &terms[k], x, terms[k].value.is_complex ? 1 : 0);
    if (terms[k].value.is_complex)
      add_curve(p, &terms[k], x, 2);
  }
  return PN_OK;
}

static pn_status draw(pn_control *c, const request *r, const char *file)
{
  pn_term *terms, *vs = NULL;
  int n, n_vs = 0;
  page p = {.c = c, .r = r};
  const char *name = "";
  char why[512] = "";
  pn_status st = pn_terms_read(c, r->curves, 0, &terms, &n);
  if (st == PN_OK && r->vs.n)
    st = pn_terms_read(c, r->vs, r->vs_at, &vs, &n_vs);
  if (st == PN_OK && (!n || (r->vs.n && n_vs != 1)))
    st = pn_control_error(
        c, 0, n ? "one expression must stand behind 'vs'" : "nothing is said that could be drawn");
  if (st == PN_OK)
    st = fill(&p, terms, n, n_vs ? vs : NULL, &name);
  if (st)
    return st;
  bool frequency = !n_vs && !strcmp(name, "frequency");
  pn_gp_figure f = {.out_file = file,
                    .title = r->title ? r->title : c->store.current->title,
                    .x_label = r->xlabel ? r->xlabel : name,
                    .x_unit = !n_vs && !strcmp(name, "time") ? "s"
                              : frequency                    ? "Hz"
                                                             : "",
                    .logx = r->logx || (frequency && p.panels[0].curves[0].x[0] > 0),
                    .is_loop = n_vs > 0,
                    .panels = p.panels,
                    .n_panels = p.n_panels};
  st = pn_gnuplot_curves(&f, why, sizeof why);
  if (st == PN_E_FILE) { /* without gnuplot everything else is worth having */
    pn_warn(c->diag, pn_control_loc(c), "no picture: %s", why);
    return PN_OK;
  }
  return st ? pn_control_error(c, 0, "%s", why) : PN_OK;
}

/* plot EXPR ...: STEM-plot1.png, STEM-plot2.png, ... in the present folder. */
pn_status pn_cmd_plot(pn_control *c)
{
  request r;
  pn_status st = read_request(c, 0, &r);
  if (st)
    return st;
  if (c->host->untrusted) {
    pn_warn(c->diag, pn_control_loc(c), "no picture: an untrusted netlist writes no files");
    return PN_OK;
  }
  const char *file = pn_arena_printf(&c->scratch, "%s-plot%d.png", c->host->stem, ++c->n_pictures);
  return draw(c, &r, file);
}

/* hardcopy FILE and gnuplot FILE: .png unless the name ends otherwise; PostScript becomes PDF. */
pn_status pn_cmd_hardcopy(pn_control *c)
{
  request r;
  if (c->n_words < 2)
    return pn_control_error(c, 0, "expected a file and expressions");
  pn_status st = read_request(c, 1, &r);
  if (st)
    return st;
  pn_str name = c->words[0];
  const char *dot = strrchr(name.p, '.');
  pn_str ending = dot ? pn_str_of(dot) : PN_STR("");
  bool known = pn_str_is(ending, ".png") || pn_str_is(ending, ".svg") || pn_str_is(ending, ".pdf");
  bool paper = pn_str_is(ending, ".ps") || pn_str_is(ending, ".eps");
  const char *file = known ? name.p
                           : pn_arena_printf(&c->scratch, "%.*s%s",
                                             (int)(paper ? name.n - ending.n : name.n), name.p,
                                             paper ? ".pdf" : ".png");
  const char *fault = pn_file_fault(c, pn_str_of(file));
  if (fault)
    return pn_control_error(c, 0, "'%s' %s", file, fault);
  return draw(c, &r, file);
}
