/* A spool: what one run of a sweep tells, as a list of events in memory, so that a thread's
 * results can be handed on when all earlier runs have been. */
#include "api/run.h"

#include <stdlib.h>
#include <string.h>

typedef enum event_kind { BEGIN, ROWS, END, TEXT, LOG, MESSAGE, MEASURED } event_kind;

typedef struct event event;
struct event {
  event_kind kind;
  event *next;
  pn_plot plot; /* BEGIN: columns and texts are owned */
  double *rows; /* ROWS: [n_rows][width] */
  size_t n_rows, room, width;
  int flag;          /* END: complete; MESSAGE: severity; MEASURED: ok */
  double value;      /* MEASURED */
  char *text, *more; /* owned */
};

struct pn_spool {
  pn_sink sink;
  event *first, *last;
  size_t width;     /* doubles in a row of the result under way */
  pn_status failed; /* memory ended */
};

static event *add(pn_spool *s, event_kind kind)
{
  event *e = calloc(1, sizeof *e);
  if (!e) {
    s->failed = PN_E_MEMORY;
    return NULL;
  }
  e->kind = kind;
  if (s->last)
    s->last->next = e;
  else
    s->first = e;
  s->last = e;
  return e;
}

static char *copy(pn_spool *s, const char *text)
{
  char *c = strdup(text ? text : "");
  if (!c)
    s->failed = PN_E_MEMORY;
  return c;
}

static event *add_text(pn_spool *s, event_kind kind, const char *text)
{
  event *e = add(s, kind);
  if (e)
    e->text = copy(s, text);
  return e;
}

/* ---- keeping ---- */

/* All texts of a plot in one block: title, plotname, analysis, and three per column. */
static pn_status keep_begin(pn_sink *sink, const pn_plot *p)
{
  pn_spool *s = (pn_spool *)sink;
  event *e = add(s, BEGIN);
  if (!e)
    return s->failed;
  const char *own[] = {p->title, p->plotname, p->analysis};
  size_t bytes = (size_t)p->n_columns * sizeof(pn_column);
  for (int k = 0; k < 3; k++)
    bytes += strlen(own[k]) + 1;
  for (int k = 0; k < p->n_columns; k++)
    bytes += strlen(p->columns[k].name) + strlen(p->columns[k].type) + strlen(p->columns[k].unit) +
             3;
  e->text = malloc(bytes);
  if (!e->text)
    return s->failed = PN_E_MEMORY;
  pn_column *columns = (pn_column *)(void *)e->text;
  char *at = e->text + (size_t)p->n_columns * sizeof *columns;
#define KEEP(to, from) ((to) = at, at = stpcpy(at, (from)) + 1)
  e->plot = *p;
  KEEP(e->plot.title, p->title);
  KEEP(e->plot.plotname, p->plotname);
  KEEP(e->plot.analysis, p->analysis);
  for (int k = 0; k < p->n_columns; k++) {
    KEEP(columns[k].name, p->columns[k].name);
    KEEP(columns[k].type, p->columns[k].type);
    KEEP(columns[k].unit, p->columns[k].unit);
  }
  e->plot.columns = columns;
  e->plot.swept =
      NULL; /* they belong to the run, which ends before this is handed on; the columns have them */
  e->plot.swept_values = NULL;
  e->plot.n_swept = 0;
  s->width = (size_t)p->n_columns * (p->is_complex ? 2 : 1);
  return PN_OK;
}

static pn_status keep_point(pn_sink *sink, const double *row, const double complex *crow)
{
  pn_spool *s = (pn_spool *)sink;
  event *e = s->last && s->last->kind == ROWS ? s->last : add(s, ROWS);
  if (!e)
    return s->failed;
  e->width = s->width;
  if (e->n_rows == e->room) {
    size_t room = e->room ? 2 * e->room : 16;
    double *more = realloc(e->rows, room * s->width * sizeof *more);
    if (!more)
      return s->failed = PN_E_MEMORY;
    e->rows = more;
    e->room = room;
  }
  memcpy(e->rows + e->n_rows++ * s->width, crow ? (const void *)crow : row,
         s->width * sizeof *e->rows);
  return PN_OK;
}

static pn_status keep_end(pn_sink *sink, bool complete)
{
  pn_spool *s = (pn_spool *)sink;
  event *e = add(s, END);
  if (e)
    e->flag = complete;
  return s->failed;
}

static pn_status keep_close(pn_sink *sink)
{
  return ((pn_spool *)sink)->failed;
}

pn_spool *pn_spool_new(void)
{
  pn_spool *s = calloc(1, sizeof *s);
  if (s)
    s->sink = (pn_sink){keep_begin, keep_point, keep_end, keep_close, 0};
  return s;
}

pn_sink *pn_spool_sink(pn_spool *s)
{
  return &s->sink;
}

void pn_spool_text(void *user, const char *text)
{
  add_text(user, TEXT, text);
}

void pn_spool_log(void *user, const char *line)
{
  add_text(user, LOG, line);
}

void pn_spool_message(void *user, pinch_severity severity, const char *text)
{
  event *e = add_text(user, MESSAGE, text);
  if (e)
    e->flag = (int)severity;
}

void pn_spool_measured(void *user, const char *analysis, const char *name, bool ok, double value)
{
  event *e = add_text(user, MEASURED, analysis);
  if (!e)
    return;
  e->more = copy(user, name);
  e->flag = ok;
  e->value = value;
}

/* ---- handing on ---- */

static pn_status to_sink(pn_sink *sink, const event *e, bool is_complex)
{
  pn_status st = PN_OK;
  if (!sink)
    return PN_OK;
  if (e->kind == BEGIN)
    return sink->begin(sink, &e->plot);
  if (e->kind == END)
    return sink->end(sink, e->flag);
  for (size_t k = 0; k < e->n_rows && st == PN_OK; k++) {
    const double *row = e->rows + k * e->width;
    st = sink->point(sink, is_complex ? NULL : row,
                     is_complex ? (const double complex *)(const void *)row : NULL);
  }
  return st;
}

static void to_callbacks(const event *e, const pinch_run_options *o, const pn_listener *l)
{
  if (!e->text)
    return;
  if (e->kind == TEXT && o->text)
    o->text(o->user, e->text);
  else if (e->kind == LOG && o->log)
    o->log(o->user, e->text);
  else if (e->kind == MESSAGE && l->message)
    l->message(l->user, (pinch_severity)e->flag, e->text);
  else if (e->kind == MEASURED && o->measured && e->more)
    o->measured(o->user, e->text, e->more, e->flag, e->value);
}

pn_status pn_spool_replay(pn_spool *s, const pinch_run_options *o, const pn_listener *l,
                          const pn_sinks *sinks)
{
  pn_sink *all[] = {sinks->raw, sinks->csv, sinks->callback};
  pn_status st = s->failed;
  bool is_complex = false;
  for (const event *e = s->first; e && st == PN_OK; e = e->next) {
    if (e->kind == BEGIN)
      is_complex = e->plot.is_complex;
    if (e->kind > END) {
      to_callbacks(e, o, l);
      continue;
    }
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
      pn_status one = to_sink(all[k], e, is_complex);
      st = st ? st : one;
    }
  }
  pn_spool_free(s);
  return st;
}

void pn_spool_free(pn_spool *s)
{
  if (!s)
    return;
  for (event *e = s->first, *next; e; e = next) {
    next = e->next;
    free(e->rows);
    free(e->text);
    free(e->more);
    free(e);
  }
  free(s);
}
