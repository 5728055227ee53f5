/* The public drawing calls: pinch_plot for a user's choice, pinch_draw for what a netlist's
 * .plot and .print lines name. */
#include "api/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

pinch_plot_options pinch_plot_options_default(void)
{
  return (pinch_plot_options){.cookie = PN_COOKIE};
}

static pn_status open_file(pn_raw_file *r, const char *path, const pn_listener *l)
{
  pn_status st = pn_raw_open(path, r);
  if (st)
    pn_tell(l, PINCH_ERROR, "cannot read '%s': %s", path, r->why);
  else if (r->plots[r->n_plots - 1].truncated)
    pn_tell(l, PINCH_WARNING, "'%s' ends early: the last result is incomplete", path);
  return st;
}

int pinch_plot(const pinch_plot_options *o)
{
  if (!o || o->cookie != PN_COOKIE || !o->raw_file || !o->out_file)
    return PN_E_USAGE;
  pn_listener l = {o->message, o->user};
  pn_raw_file r;
  size_t length = strlen(o->raw_file);
  if (o->map && length > 4 && !strcasecmp(o->raw_file + length - 4, ".csv"))
    return pn_draw_csv(o, &l);
  pn_status st = open_file(&r, o->raw_file, &l);
  if (!st && (o->plot_index < 0 || o->plot_index >= r.n_plots)) {
    pn_tell(&l, PINCH_ERROR, "'%s' holds %d result%s; there is no number %d", o->raw_file,
            r.n_plots, r.n_plots == 1 ? "" : "s", o->plot_index + 1);
    st = PN_E_USAGE;
  }
  if (!st && o->n_x > 1 && o->n_x != o->n_signals) {
    pn_tell(&l, PINCH_ERROR, "%d x axes for %d signal%s: give none, one, or one each", o->n_x,
            o->n_signals, o->n_signals == 1 ? "" : "s");
    st = PN_E_USAGE;
  }
  if (!st && o->map) {
    st = pn_is_cells(&r.plots[o->plot_index], o) ? pn_draw_cells(&r, o->plot_index, o, &l)
                                                 : pn_draw_map(&r, o->plot_index, o, &l);
  } else if (!st) {
    pn_drawing d = {o->out_file, o->title, o->signals, o->n_signals,
                    o->x,        o->n_x,   o->logx,    o->logy};
    st = pn_is_points(&r, o->plot_index) ? pn_draw_points(&r, o->plot_index, &d, &l)
                                         : pn_draw_curves(&r, o->plot_index, &d, &l);
  }
  pn_raw_close(&r);
  return st;
}

/* ---- .plot and .print ---- */

typedef struct book { /* the pictures of one netlist */
  pn_raw_file *raw;
  const char *out_file;
  int n, k; /* how many pictures, which is next (from 1) */
  const pn_listener *listener;
} book;

/* Index of the first result of an analysis that has more than one point, or -1. */
static int result_of(const pn_raw_file *r, pn_str analysis)
{
  static const struct {
    const char *analysis, *plotname;
  } table[] = {
      {"tran", "Transient Analysis"}, {"ac", "AC Analysis"}, {"dc", "DC transfer characteristic"}};
  for (int k = 0; k < r->n_plots; k++)
    for (size_t j = 0; j < sizeof table / sizeof *table; j++)
      if (r->plots[k].n_points > 1 && strcmp(r->plots[k].plotname, table[j].plotname) == 0 &&
          (analysis.n == 0 || pn_str_is(analysis, table[j].analysis)))
        return k;
  return -1;
}

/* "fig.png" to "fig-2.png" when there are several pictures. */
static pn_status draw_page(book *b, int plot, const char *const *names, int n)
{
  size_t room = strlen(b->out_file) + 16;
  char *path = malloc(room);
  if (!path)
    return PN_E_MEMORY;
  const char *slash = strrchr(b->out_file, '/'), *dot = strrchr(b->out_file, '.');
  if (b->n > 1 && dot && (!slash || slash < dot))
    snprintf(path, room, "%.*s-%d%s", (int)(dot - b->out_file), b->out_file, b->k, dot);
  else
    snprintf(path, room, "%s", b->out_file);
  b->k++;
  pn_drawing d = {.out_file = path, .signals = names, .n_signals = n};
  pn_status st = pn_draw_curves(b->raw, plot, &d, b->listener);
  free(path);
  return st;
}

static pn_status draw_save(book *b, const pn_save *s)
{
  int plot = result_of(b->raw, s->analysis);
  const char **names = calloc((size_t)s->n_signals + 1, sizeof *names);
  if (!names)
    return PN_E_MEMORY;
  for (int k = 0; k < s->n_signals; k++)
    names[k] = pn_signal_name(s->signals[k]);
  pn_status st = draw_page(b, plot, names, s->n_signals);
  free(names);
  return st;
}

static int count_drawable(const pn_raw_file *r, const pn_save *saves, size_t n)
{
  int count = 0;
  for (size_t k = 0; k < n; k++)
    count += saves[k].n_signals > 0 && result_of(r, saves[k].analysis) >= 0;
  return count;
}

static pn_status draw_saves(book *b, const pn_save *saves, size_t n)
{
  pn_status st = PN_OK;
  for (size_t k = 0; !st && k < n; k++)
    if (saves[k].n_signals > 0 && result_of(b->raw, saves[k].analysis) >= 0)
      st = draw_save(b, &saves[k]);
  return st;
}

static pn_status draw_results(book *b)
{
  pn_status st = PN_OK;
  for (int k = 0; k < b->raw->n_plots; k++)
    b->n += b->raw->plots[k].n_points > 1 && !pn_is_later_run(b->raw, k);
  if (b->n == 0) {
    pn_tell(b->listener, PINCH_ERROR, "there is nothing to draw: no result has two points");
    return PN_E_USAGE;
  }
  for (int k = 0; !st && k < b->raw->n_plots; k++)
    if (b->raw->plots[k].n_points > 1 && !pn_is_later_run(b->raw, k))
      st = draw_page(b, k, NULL, 0);
  return st;
}

int pinch_draw(pinch_circuit *c, const char *raw_file, const char *out_file,
               void (*message)(void *user, pinch_severity severity, const char *text), void *user)
{
  if (!c || !raw_file || !out_file)
    return PN_E_USAGE;
  const pn_netlist *n = pn_api_netlist(c);
  pn_listener l = {message, user};
  pn_raw_file r;
  pn_status st = open_file(&r, raw_file, &l);
  book b = {.raw = &r, .out_file = out_file, .k = 1, .listener = &l};
  if (!st && (b.n = count_drawable(&r, n->plots.at, n->plots.n)) > 0)
    st = draw_saves(&b, n->plots.at, n->plots.n);
  else if (!st && (b.n = count_drawable(&r, n->prints.at, n->prints.n)) > 0)
    st = draw_saves(&b, n->prints.at, n->prints.n);
  else if (!st)
    st = draw_results(&b);
  pn_raw_close(&r);
  return st;
}
