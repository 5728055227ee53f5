/* The recorder: evaluates every wanted signal once per point and gives each sink its own
 * columns. All its memory is one run's: malloc'd, checked, freed at the end. */
#include "output/recorder.h"

#include "output/measure_core.h"

#include <stdlib.h>
#include <string.h>

typedef struct feed {
  pn_sink *sink;
  pn_column *columns; /* [n_columns] */
  int *source;        /* [n_columns] index in values; the scale and the extras come first */
  int n_columns;
  bool begun;
} feed;

struct pn_recorder {
  bool is_complex;
  int n_lead;                /* scale (unless scalar) and extras */
  int n_values;              /* n_lead + distinct signals */
  pn_signal const **signals; /* [n_values - n_lead] distinct, sorted by address */
  double *value;             /* [n_values] */
  double complex *cvalue;    /* [n_values] */
  double *row;               /* [widest feed] */
  double complex *crow;      /* [widest feed] */
  feed *feeds;               /* [n_feeds] */
  int n_feeds;
  double *gathered; /* [3][n_values] means, least, largest values of a cycle; made when needed */
  double (*measured)[PN_MEASURE_SIGNALS]; /* [n_measures] means of the measurements' signals */
  pn_measure **measures;                  /* [n_measures] */
  int n_measures;
  bool has_scale;
  int n_swept; /* constants of the run behind the scale */
  pn_status failed;
};

static int by_address(const void *a, const void *b)
{
  const char *p = *(const char *const *)a, *q = *(const char *const *)b;
  return (p > q) - (p < q);
}

static void recorder_free(pn_recorder *r)
{
  for (int k = 0; r->feeds && k < r->n_feeds; k++) {
    free(r->feeds[k].columns);
    free(r->feeds[k].source);
  }
  free(r->feeds);
  free(r->signals);
  free(r->value);
  free(r->cvalue);
  free(r->row);
  free(r->crow);
  free(r->measures);
  free(r->gathered);
  free(r->measured);
  free(r);
}

static pn_column column_of(const pn_signal *g)
{
  static const char *const types[] = {[PN_SIG_TIME] = "time",
                                      [PN_SIG_FREQUENCY] = "frequency",
                                      [PN_SIG_VOLTAGE] = "voltage",
                                      [PN_SIG_CURRENT] = "current",
                                      [PN_SIG_OTHER] = "notype"};
  return (pn_column){pn_signal_name(g), types[pn_signal_kind(g)], pn_signal_unit(g)};
}

/* Collects the distinct signals of all consumers. */
static pn_status collect(pn_recorder *r, const pn_consumer *consumers, int n_consumers)
{
  size_t n = 0;
  for (int k = 0; k < n_consumers; k++)
    n += (size_t)consumers[k].n_signals;
  r->signals = calloc(n + 1, sizeof *r->signals);
  if (!r->signals)
    return PN_E_MEMORY;
  n = 0;
  for (int k = 0; k < n_consumers; k++)
    for (int j = 0; j < consumers[k].n_signals; j++)
      r->signals[n++] = consumers[k].signals[j];
  qsort(r->signals, n, sizeof *r->signals, by_address);
  size_t kept = 0;
  for (size_t k = 0; k < n; k++)
    if (kept == 0 || r->signals[kept - 1] != r->signals[k])
      r->signals[kept++] = r->signals[k];
  r->n_values = r->n_lead + (int)kept;
  r->value = calloc((size_t)r->n_values + 1, sizeof *r->value);
  r->cvalue = calloc((size_t)r->n_values + 1, sizeof *r->cvalue);
  return r->value && r->cvalue ? PN_OK : PN_E_MEMORY;
}

/* A density asked for by name, "onoise", has the unit of its column "onoise_spectrum". */
static const char *unit_beside(const char *name, const pn_column *extra, int n_extra)
{
  size_t n = strlen(name);
  for (int k = 0; k < n_extra; k++)
    if (!strncmp(extra[k].name, name, n) && !strcmp(extra[k].name + n, "_spectrum"))
      return extra[k].unit;
  return "";
}

/* The columns of one consumer. */
static pn_status make_feed(pn_recorder *r, feed *f, const pn_consumer *c, const pn_plot *plot,
                           pn_column scale, const pn_column *extra, int n_extra)
{
  f->sink = c->sink;
  int lead = c->bare ? r->n_lead - n_extra : r->n_lead;
  f->n_columns = lead + c->n_signals;
  f->columns = calloc((size_t)f->n_columns + 1, sizeof *f->columns);
  f->source = calloc((size_t)f->n_columns + 1, sizeof *f->source);
  if (!f->columns || !f->source)
    return PN_E_MEMORY;
  int at = 0;
  if (r->has_scale)
    f->columns[at++] = scale;
  for (int k = 0; k < plot->n_swept; k++)
    f->columns[at++] = plot->swept[k];
  for (int k = 0; k < n_extra && !c->bare; k++)
    f->columns[at++] = extra[k];
  for (int k = 0; k < lead; k++)
    f->source[k] = k;
  size_t n = (size_t)(r->n_values - r->n_lead);
  for (int k = 0; k < c->n_signals; k++) {
    const pn_signal *g = c->signals[k];
    const pn_signal **found = bsearch(&g, r->signals, n, sizeof *r->signals, by_address);
    f->columns[at + k] = column_of(g);
    if (!*f->columns[at + k].unit)
      f->columns[at + k].unit = unit_beside(f->columns[at + k].name, extra, n_extra);
    f->source[at + k] = r->n_lead + (int)(found - r->signals);
  }
  return PN_OK;
}

static pn_status make_feeds(pn_recorder *r, const pn_plot *plot, pn_column scale,
                            const pn_column *extra, int n_extra, const pn_consumer *consumers,
                            int n_consumers)
{
  int widest = 0;
  r->feeds = calloc((size_t)n_consumers + 1, sizeof *r->feeds);
  if (!r->feeds)
    return PN_E_MEMORY;
  r->n_feeds = n_consumers;
  for (int k = 0; k < n_consumers; k++) {
    pn_status st = make_feed(r, &r->feeds[k], &consumers[k], plot, scale, extra, n_extra);
    if (st)
      return st;
    widest = r->feeds[k].n_columns > widest ? r->feeds[k].n_columns : widest;
  }
  r->row = calloc((size_t)widest + 1, sizeof *r->row);
  r->crow = calloc((size_t)widest + 1, sizeof *r->crow);
  return r->row && r->crow ? PN_OK : PN_E_MEMORY;
}

static pn_status keep_measures(pn_recorder *r, pn_measure *const *measures, int n)
{
  r->measures = calloc((size_t)n + 1, sizeof *r->measures);
  if (!r->measures)
    return PN_E_MEMORY;
  for (int k = 0; k < n; k++) {
    r->measures[k] = measures[k];
    pn_measure_reset(measures[k]);
  }
  r->n_measures = n;
  return PN_OK;
}

/* Ends the results of all sinks that have begun one; the first failure is returned. */
static pn_status end_feeds(pn_recorder *r, bool complete)
{
  pn_status first = PN_OK;
  for (int k = 0; k < r->n_feeds; k++) {
    if (!r->feeds[k].begun)
      continue;
    pn_status st = r->feeds[k].sink->end(r->feeds[k].sink, complete);
    first = first ? first : st;
  }
  return first;
}

static pn_status begin_feeds(pn_recorder *r, const pn_plot *plot)
{
  for (int k = 0; k < r->n_feeds; k++) {
    feed *f = &r->feeds[k];
    pn_plot p = *plot;
    p.columns = f->columns;
    p.n_columns = f->n_columns;
    f->begun = true;
    pn_status st = f->sink->begin(f->sink, &p);
    if (st) {
      end_feeds(r, false);
      return st;
    }
  }
  return PN_OK;
}

pn_status pn_recorder_begin(const pn_plot *plot, pn_column scale, const pn_column *extra,
                            int n_extra, const pn_consumer *consumers, int n_consumers,
                            pn_measure *const *measures, int n_measures, pn_recorder **out)
{
  *out = NULL;
  pn_recorder *r = calloc(1, sizeof *r);
  if (!r)
    return PN_E_MEMORY;
  r->is_complex = plot->is_complex;
  r->has_scale = !plot->is_scalar;
  r->n_swept = plot->n_swept;
  r->n_lead = r->has_scale + r->n_swept + n_extra;
  pn_status st = collect(r, consumers, n_consumers);
  for (int k = 0; !st && k < r->n_swept; k++)
    r->cvalue[r->has_scale + k] = r->value[r->has_scale + k] = plot->swept_values[k];
  if (!st)
    st = make_feeds(r, plot, scale, extra, n_extra, consumers, n_consumers);
  if (!st)
    st = keep_measures(r, measures, n_measures);
  if (!st)
    st = begin_feeds(r, plot);
  if (st) {
    recorder_free(r);
    return st;
  }
  *out = r;
  return PN_OK;
}

void pn_recorder_extra(pn_recorder *r, const double *values)
{
  int first = r->has_scale + r->n_swept;
  for (int k = first; k < r->n_lead; k++)
    r->cvalue[k] = r->value[k] = values[k - first];
}

void pn_recorder_extra_complex(pn_recorder *r, const double complex *values)
{
  int first = r->has_scale + r->n_swept;
  for (int k = first; k < r->n_lead; k++)
    r->cvalue[k] = values[k - first];
}

static void evaluate(pn_recorder *r, const pn_point *p)
{
  if (r->has_scale)
    r->cvalue[0] = r->value[0] = p->x;
  for (int k = r->n_lead; k < r->n_values; k++) {
    const pn_signal *g = r->signals[k - r->n_lead];
    if (r->is_complex)
      r->cvalue[k] = pn_signal_complex(g, p);
    else
      r->value[k] = pn_signal_real(g, p);
  }
}

static void feed_sinks(pn_recorder *r)
{
  for (int k = 0; k < r->n_feeds; k++) {
    feed *f = &r->feeds[k];
    for (int j = 0; j < f->n_columns; j++)
      if (r->is_complex)
        r->crow[j] = r->cvalue[f->source[j]];
      else
        r->row[j] = r->value[f->source[j]];
    pn_status st = f->sink->point(f->sink, r->is_complex ? NULL : r->row,
                                  r->is_complex ? r->crow : NULL);
    r->failed = r->failed ? r->failed : st;
  }
}

void pn_recorder_mark(const pn_recorder *r, const pn_circuit *c, unsigned char *needed)
{
  for (int k = 0; k < r->n_values - r->n_lead; k++)
    pn_signal_mark(r->signals[k], c, needed);
  for (int k = 0; k < r->n_measures; k++)
    for (int j = 0; j < r->measures[k]->n_signals; j++)
      if (r->measures[k]->signal[j])
        pn_signal_mark(r->measures[k]->signal[j], c, needed);
}

pn_status pn_recorder_point(pn_recorder *r, const pn_point *p)
{
  evaluate(r, p);
  feed_sinks(r);
  for (int k = 0; k < r->n_measures; k++)
    pn_measure_point(r->measures[k], p);
  return r->failed;
}

static bool make_room(pn_recorder *r)
{
  if (!r->gathered)
    r->gathered = calloc(3 * (size_t)r->n_values + 1, sizeof *r->gathered);
  if (!r->measured)
    r->measured = calloc((size_t)r->n_measures + 1, sizeof *r->measured);
  if (!r->gathered || !r->measured)
    r->failed = PN_E_MEMORY;
  return r->failed == PN_OK;
}

void pn_recorder_gather(pn_recorder *r, const pn_point *p, double weight, bool first)
{
  if (!make_room(r))
    return;
  double *mean = r->gathered, *least = mean + r->n_values, *most = least + r->n_values;
  evaluate(r, p);
  for (int k = r->n_lead; k < r->n_values; k++) {
    double v = r->value[k];
    mean[k] = (first ? 0 : mean[k]) + weight * v;
    least[k] = first || v < least[k] ? v : least[k];
    most[k] = first || v > most[k] ? v : most[k];
  }
  for (int k = 0; k < r->n_measures; k++)
    for (int m = 0; m < r->measures[k]->n_signals; m++)
      r->measured[k][m] = (first ? 0 : r->measured[k][m]) +
                          weight * pn_signal_real(r->measures[k]->signal[m], p);
}

pn_status pn_recorder_means(pn_recorder *r, double x)
{
  if (!make_room(r))
    return r->failed;
  for (int k = 0; k < r->n_measures; k++)
    pn_measure_feed(r->measures[k], x, r->measured[k]);
  return pn_recorder_row(r, x, r->gathered + r->n_lead);
}

int pn_recorder_width(const pn_recorder *r)
{
  return r->n_values - r->n_lead;
}

const double *pn_recorder_least(const pn_recorder *r)
{
  return r->gathered + r->n_values + r->n_lead;
}

const double *pn_recorder_largest(const pn_recorder *r)
{
  return r->gathered + 2 * r->n_values + r->n_lead;
}

pn_status pn_recorder_row(pn_recorder *r, double x, const double *values)
{
  if (r->has_scale)
    r->value[0] = x;
  memcpy(r->value + r->n_lead, values, (size_t)(r->n_values - r->n_lead) * sizeof *values);
  feed_sinks(r);
  return r->failed;
}

pn_status pn_recorder_end(pn_recorder *r, bool complete)
{
  pn_status st = end_feeds(r, complete && !r->failed);
  st = r->failed ? r->failed : st;
  recorder_free(r);
  return st;
}
