/* .fading: does a memristor under a fast drive forget where it started? The State Change map (the rate of the
 * state averaged over a cycle, against the state), its fixed points and their time constants, the time the memory
 * lasts, and how all that depends on the drive. Seed 004, eqs. 3 and 4; Messaris et al., TCAS-I 70, 566 (2023). */
#include "analysis/list.h"
#include "analysis/statemap.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 1000000, MOST_VALUES = 100000, CURVE_POINTS = 200, MOST_TOLD = 100 };
static const double FORGOTTEN = 0.01; /* of the range: what is left of differences */
static const double FOREVER = 1e15;   /* cycles */

/* What can be swept; the order of fading_args.list. */
enum { BY_AMPLITUDE, BY_OFFSET, BY_FREQUENCY, BY_DUTY, N_SWEEPS };
static const struct {
  const char *name, *type, *unit;
} SWEPT[N_SWEEPS] = {{"amplitude", "voltage", "V"},
                     {"offset", "voltage", "V"},
                     {"frequency", "frequency", "Hz"},
                     {"duty", "notype", ""}};

typedef struct fading_args {
  int device, source; /* source -1: the only periodic one */
  int points, steps, shape;
  pn_number_list list[N_SWEEPS], x0, at;
  double tstop; /* s, of the curves */
  int swept;    /* index in list, or -1 */
  pn_loc loc;
} fading_args;

#define USAGE                                                                                      \
  ".fading DEVICE|all [source=V1] [points=N] [at=X,...] [x0=X,...] [tstop=T] "                     \
  "[shape=sine|square|triangle] "                                                                  \
  "[amplitude=A,...] [offset=A,...] [frequency=F,...] [duty=D,...] [steps=N]"

#define AT(member) offsetof(fading_args, member)
static const pn_word WORDS[] = {
    {"device", PN_WORD_DEVICE, AT(device), 0, 0, NULL},
    {"source", PN_WORD_DEVICE, AT(source), 0, 0, NULL},
    {"points", PN_WORD_COUNT, AT(points), 3, MOST_POINTS, NULL},
    {"steps", PN_WORD_COUNT, AT(steps), 1, MOST_VALUES, NULL},
    {"shape", PN_WORD_CHOICE, AT(shape), 0, 0, " sine square triangle "},
    {"amplitude", PN_WORD_LIST, AT(list[BY_AMPLITUDE]), -1e9, 1e9, NULL},
    {"offset", PN_WORD_LIST, AT(list[BY_OFFSET]), -1e9, 1e9, NULL},
    {"frequency", PN_WORD_LIST, AT(list[BY_FREQUENCY]), 1e-18, 1e18, NULL},
    {"duty", PN_WORD_LIST, AT(list[BY_DUTY]), 1e-6, 1 - 1e-6, NULL},
    {"x0", PN_WORD_LIST, AT(x0), -1e18, 1e18, NULL},
    {"at", PN_WORD_LIST, AT(at), -1e18, 1e18, NULL},
    {"tstop", PN_WORD_NUMBER, AT(tstop), 1e-18, 1e18, NULL},
};

/* The one list with several values is swept; with steps= it gives the ends. */
static bool find_sweep(pn_arena *a, pn_diag *d, fading_args *p)
{
  p->swept = -1;
  for (int k = 0; k < N_SWEEPS; k++) {
    if (p->list[k].n < 2)
      continue;
    if (p->swept >= 0)
      return pn_error(d, p->loc,
                      ".fading sweeps one thing at a time: %s and %s have several values",
                      SWEPT[p->swept].name, SWEPT[k].name),
             false;
    p->swept = k;
  }
  if (!p->steps)
    return true;
  if (p->swept < 0 || p->list[p->swept].n != 2)
    return pn_error(d, p->loc, ".fading: steps= divides a sweep between two values"), false;
  pn_number_list *l = &p->list[p->swept];
  double from = l->at[0], to = l->at[1];
  l->n = p->steps + 1;
  l->at = PN_NEW_ARRAY(a, double, l->n);
  for (int k = 0; k < l->n; k++)
    l->at[k] = from + (to - from) * k / p->steps;
  return true;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  fading_args *p = PN_NEW(a, fading_args);
  pn_args rest = *args;
  *p = (fading_args){.device = -1, .source = -1, .points = 200, .shape = -1, .loc = args->loc};
  bool all = args->n &&
             ((!args->at[0].key.n && pn_str_is(args->at[0].text, "all")) ||
              (pn_str_is(args->at[0].key, "device") && pn_str_is(args->at[0].text, "all")));
  if (all) {
    rest.at++;
    rest.n--;
  }
  if (!pn_words_read(a, d, c, &rest, WORDS, (int)(sizeof WORDS / sizeof *WORDS), USAGE, p) ||
      !find_sweep(a, d, p))
    return NULL;
  if (p->device < 0 && !all)
    return pn_error_hint(d, args->loc, USAGE, ".fading needs a device, or all"), NULL;
  return p;
}

typedef struct fading_work {
  const pn_run *r;
  const fading_args *p;
  pn_statemap m;
  char name[64]; /* of the device, for numbers */
  double *x;     /* [points] */
  pn_rate *rate; /* [points] */
  double *net;   /* [points] */
  pn_fixed_point fixed[PN_MOST_FIXED_POINTS];
  int n_fixed;
  double *kept; /* [n_kept][5] swept value, x, slope, stable, at bound */
  size_t n_kept, most_kept;
} fading_work;

/* ---- results ---- */

static pn_status begin(fading_work *w, const char *plotname, pn_column scale,
                       const pn_column *extra, int n, pn_recorder **rec)
{
  return w->r->begin(w->r->user, &pn_analysis_fading, plotname, scale, extra, n, false, false, rec);
}

/* A row of own columns; signals get the operating point with the state at x. */
static pn_status row(fading_work *w, pn_recorder *rec, double at, double x, const double *own)
{
  double *y = w->m.y0;
  int unknown = pn_cycle_unknowns(w->m.cycle)[w->m.k];
  double kept = y[unknown];
  pn_recorder_extra(rec, own);
  y[unknown] = x;
  pn_point p = {.sim = w->r->sim, .x = at, .y = y};
  pn_status st = pn_recorder_point(rec, &p);
  y[unknown] = kept;
  return st;
}

static int swept_column(const fading_work *w, pn_column *c)
{
  int k = w->p->swept;
  if (k < 0)
    return 0;
  *c = (pn_column){SWEPT[k].name, SWEPT[k].type, SWEPT[k].unit};
  return 1;
}

static pn_status write_map(fading_work *w, pn_recorder *rec, double value)
{
  pn_status st = PN_OK;
  for (int k = 0; k < w->p->points && !st; k++) {
    double own[5], *to = own;
    if (w->p->swept >= 0)
      *to++ = value;
    to[0] = w->rate[k].net;
    to[1] = w->rate[k].up * w->m.period;
    to[2] = w->rate[k].down * w->m.period;
    to[3] = w->rate[k].net * w->m.period;
    st = row(w, rec, w->x[k], w->x[k], own);
  }
  return st;
}

static pn_status keep_fixed(fading_work *w, double value)
{
  if (w->n_kept + PN_MOST_FIXED_POINTS > w->most_kept) {
    size_t more = 2 * w->most_kept + PN_MOST_FIXED_POINTS;
    double *kept = realloc(w->kept, 5 * more * sizeof *kept);
    if (!kept)
      return PN_E_MEMORY;
    w->kept = kept;
    w->most_kept = more;
  }
  for (int k = 0; k < w->n_fixed; k++) {
    const pn_fixed_point *f = &w->fixed[k];
    double *to = w->kept + 5 * w->n_kept++;
    to[0] = value;
    to[1] = f->x;
    to[2] = f->slope;
    to[3] = f->stable;
    to[4] = f->at_bound;
  }
  return PN_OK;
}

/* A table of all fixed points, in the order of the sweep. */
static pn_status write_fixed(fading_work *w)
{
  pn_column columns[4] = {
      {"tau", "time", "s"}, {"stable", "notype", ""}, {"at_bound", "notype", ""}};
  pn_column scale = {"index", "notype", ""};
  bool swept = swept_column(w, &scale);
  columns[3] = (pn_column){"x", "notype", ""};
  pn_recorder *rec = NULL;
  char name[128];
  snprintf(name, sizeof name, "Fixed Points of %s", w->name);
  pn_status st = begin(w, name, scale, columns, 4, &rec);
  if (st)
    return st;
  for (size_t k = 0; k < w->n_kept && !st; k++) {
    const double *from = w->kept + 5 * k;
    double own[4] = {isfinite(from[2]) ? -1 / from[2] : 0, from[3], from[4], from[1]};
    st = row(w, rec, swept ? from[0] : (double)k + 1, from[1], own);
  }
  pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
  return st ? st : last;
}

static void number(fading_work *w, const char *what, int index, int sweep, double value)
{
  char name[128];
  if (sweep > MOST_TOLD)
    return;
  int n = snprintf(name, sizeof name, "%s_%s", w->name, what);
  if (index)
    n += snprintf(name + n, sizeof name - (size_t)n, "%d", index);
  if (sweep)
    snprintf(name + n, sizeof name - (size_t)n, "_%d", sweep);
  w->r->found(w->r->user, name, value);
}

/* sweep: from 1, or 0 without one. */
static void tell_fixed(fading_work *w, int sweep)
{
  int stable = 0;
  for (int k = 0; k < w->n_fixed; k++) {
    stable += w->fixed[k].stable;
    number(w, "x", k + 1, sweep, w->fixed[k].x);
    if (!w->fixed[k].at_bound)
      number(w, "tau", k + 1, sweep, -1 / w->fixed[k].slope);
  }
  number(w, "stable", 0, sweep, stable);
}

/* ---- the map ---- */

static pn_status compute(fading_work *w)
{
  int n = w->p->points;
  for (int k = 0; k < n; k++) {
    w->x[k] = w->m.lo + (w->m.hi - w->m.lo) * k / (n - 1);
    pn_status st = pn_statemap_rate(&w->m, w->x[k], &w->rate[k]);
    if (st)
      return st;
    w->net[k] = w->rate[k].net;
  }
  return pn_statemap_fixed_points(&w->m, n, w->x, w->net, w->fixed, &w->n_fixed);
}

/* The averaged rate at each at=. sweep: from 1, or 0. */
static pn_status tell_rates(fading_work *w, int sweep)
{
  for (int k = 0; k < w->p->at.n; k++) {
    pn_rate rate;
    double x = fmin(fmax(w->p->at.at[k], w->m.lo), w->m.hi);
    pn_status st = pn_statemap_rate(&w->m, x, &rate);
    if (st)
      return st;
    number(w, "rate", k + 1, sweep, rate.net);
  }
  return PN_OK;
}

static void set_drive(pn_drive *d, int what, double value)
{
  if (what == BY_AMPLITUDE)
    d->amplitude = value;
  else if (what == BY_OFFSET)
    d->offset = value;
  else if (what == BY_FREQUENCY)
    d->period = 1 / value;
  else
    d->duty = value;
}

static bool varies(const fading_args *p)
{
  bool any = p->shape >= 0;
  for (int k = 0; k < N_SWEEPS; k++)
    any |= p->list[k].n > 0;
  return any;
}

/* All values of the sweep, or the drive as it is. */
static pn_status sweep(fading_work *w, pn_recorder *rec)
{
  const fading_args *p = w->p;
  int n = p->swept >= 0 ? p->list[p->swept].n : 1;
  if (p->shape >= 0)
    w->m.drive.shape = (pn_shape)p->shape;
  for (int k = 0; k < N_SWEEPS; k++)
    if (p->list[k].n == 1)
      set_drive(&w->m.drive, k, p->list[k].at[0]);
  for (int k = 0; k < n; k++) {
    double value = p->swept >= 0 ? p->list[p->swept].at[k] : 0;
    pn_status st = PN_OK;
    if (p->swept >= 0)
      set_drive(&w->m.drive, p->swept, value);
    if (varies(p))
      st = pn_statemap_drive(&w->m);
    if (!st)
      st = compute(w);
    if (!st)
      st = write_map(w, rec, value);
    if (!st)
      st = keep_fixed(w, value);
    if (!st)
      st = tell_rates(w, p->swept >= 0 ? k + 1 : 0);
    if (st)
      return st;
    tell_fixed(w, p->swept >= 0 ? k + 1 : 0);
    w->r->progress(w->r->user, (k + 1.0) / n, value);
  }
  return PN_OK;
}

/* ---- memory ---- */

/* The only stable fixed point, or NULL. */
static const pn_fixed_point *attractor(const fading_work *w)
{
  const pn_fixed_point *found = NULL;
  for (int k = 0; k < w->n_fixed; k++)
    if (w->fixed[k].stable) {
      if (found)
        return NULL;
      found = &w->fixed[k];
    }
  return found;
}

/* Where trajectories start: x0=, or near both ends of the range. */
static int starts(const fading_work *w, double *ends, const double **x0)
{
  ends[0] = w->m.lo;
  ends[1] = w->m.hi;
  *x0 = w->p->x0.n ? w->p->x0.at : ends;
  return w->p->x0.n ? w->p->x0.n : 2;
}

/* The time after which states that started anywhere differ by FORGOTTEN of the range. */
static pn_status memory_time(fading_work *w, double *seconds)
{
  const pn_fixed_point *goal = attractor(w);
  double ends[2], range = w->m.hi - w->m.lo;
  const double *x0;
  int n = starts(w, ends, &x0);
  *seconds = goal ? 0 : INFINITY;
  for (int k = 0; k < n && goal; k++) {
    double cycles, from = fmin(fmax(x0[k], w->m.lo), w->m.hi);
    pn_status st = pn_statemap_reach(&w->m, from, goal->x, 0.5 * FORGOTTEN * range, FOREVER,
                                     &cycles);
    if (st)
      return st;
    *seconds = fmax(*seconds, cycles * w->m.period);
  }
  return PN_OK;
}

/* Curves x(t) from each x0=: one result with a column for each. */
static pn_status write_curves(fading_work *w, double tstop)
{
  int n = w->p->x0.n, m = CURVE_POINTS + 1;
  pn_column *columns = calloc((size_t)n, sizeof *columns);
  char(*names)[32] = calloc((size_t)n, sizeof *names);
  double *at = calloc((size_t)m, sizeof *at);
  double *x = calloc((size_t)m * (size_t)n, sizeof *x), *own = calloc((size_t)n, sizeof *own);
  pn_status st = columns && names && at && x && own ? PN_OK : PN_E_MEMORY;
  pn_recorder *rec = NULL;
  for (int k = 0; k < m && !st; k++)
    at[k] = tstop / w->m.period * k / CURVE_POINTS;
  for (int k = 0; k < n && !st; k++) {
    snprintf(names[k], sizeof names[k], "x_from_%g", w->p->x0.at[k]);
    columns[k] = (pn_column){names[k], "notype", ""};
    double from = fmin(fmax(w->p->x0.at[k], w->m.lo), w->m.hi);
    st = pn_statemap_curve(&w->m, from, m, at, x + (size_t)k * (size_t)m);
  }
  pn_column scale = {"time", "time", "s"};
  char name[128];
  snprintf(name, sizeof name, "Convergence of %s", w->name);
  if (!st)
    st = begin(w, name, scale, columns, n, &rec);
  for (int j = 0; j < m && !st; j++) {
    for (int k = 0; k < n; k++)
      own[k] = x[(size_t)k * (size_t)m + (size_t)j];
    st = row(w, rec, at[j] * w->m.period, own[0], own);
  }
  if (rec) {
    pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  free(columns);
  free(names);
  free(at);
  free(x);
  free(own);
  return st;
}

/* The average over a cycle means nothing where the state moves by much within one. */
static void warn_of_slow_drive(fading_work *w)
{
  double fastest = 0;
  char line[256];
  for (int k = 0; k < w->n_fixed; k++)
    if (!w->fixed[k].at_bound)
      fastest = fmax(fastest, fabs(w->fixed[k].slope));
  if (fastest * w->m.period < 0.5)
    return;
  snprintf(
      line, sizeof line,
      "fading: this is no fast drive for '%s': near a fixed point its state moves within %g s, a "
      "period takes %g s; averages are not what it does",
      w->name, 1 / fastest, w->m.period);
  w->r->say(w->r->user, line);
}

static void say_verdict(fading_work *w, double seconds)
{
  char line[256];
  int stable = 0;
  for (int k = 0; k < w->n_fixed; k++)
    stable += w->fixed[k].stable;
  if (w->n_fixed == 0)
    snprintf(line, sizeof line, "fading: '%s' has no fixed point: its state does not move",
             w->name);
  else if (stable > 1)
    snprintf(line, sizeof line,
             "fading: '%s' has %d stable states under this drive: which one it reaches depends on "
             "where it started",
             w->name, stable);
  else if (!isfinite(seconds))
    snprintf(line, sizeof line,
             "fading: '%s' does not forget: not all starts reach a stable state under this drive",
             w->name);
  else
    snprintf(line, sizeof line,
             "fading: '%s' forgets where it started within %g s (to %g %% of its range)", w->name,
             seconds, 100 * FORGOTTEN);
  w->r->say(w->r->user, line);
}

static pn_status judge(fading_work *w)
{
  double seconds;
  warn_of_slow_drive(w);
  for (int k = 0; k < w->p->x0.n; k++)
    if (w->p->x0.at[k] < w->m.lo || w->p->x0.at[k] > w->m.hi)
      pn_warn(w->r->diag, PN_NOWHERE, ".fading: x0=%g lies outside the range of '%s', %g to %g",
              w->p->x0.at[k], w->name, w->m.lo, w->m.hi);
  pn_status st = memory_time(w, &seconds);
  if (st)
    return st;
  number(w, "memory", 0, 0, seconds);
  say_verdict(w, seconds);
  double tstop = w->p->tstop > 0 ? w->p->tstop : isfinite(seconds) ? 1.5 * seconds : 0;
  return w->p->x0.n && tstop > 0 ? write_curves(w, tstop) : PN_OK;
}

/* ---- one device ---- */

static pn_status map_device(fading_work *w)
{
  pn_column columns[5], *to = columns;
  to += swept_column(w, to);
  to[0] = (pn_column){"rate", "notype", "1/s"};
  to[1] = (pn_column){"rise", "notype", ""};
  to[2] = (pn_column){"fall", "notype", ""};
  to[3] = (pn_column){"change", "notype", ""};
  pn_column scale = {"x", "notype", ""};
  char name[128];
  pn_recorder *rec = NULL;
  snprintf(name, sizeof name, "State Change Map of %s", w->name);
  pn_status st = begin(w, name, scale, columns, (int)(to - columns) + 4, &rec);
  if (st)
    return st;
  st = sweep(w, rec);
  if (st)
    pn_cycle_report(w->m.cycle, "fading", st);
  pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
  st = st ? st : last;
  if (!st)
    st = write_fixed(w);
  if (!st && w->p->swept < 0 && (st = judge(w)))
    pn_cycle_report(w->m.cycle, "fading", st);
  return st;
}

static pn_status run_device(const pn_run *r, const fading_args *p, int device)
{
  fading_work w = {.r = r, .p = p};
  pn_circuit_device_name(r->circuit, device, w.name, sizeof w.name);
  int source = varies(p) ? pn_drive_source(r, "fading", p->source, p->loc) : -1;
  if (varies(p) && source < 0)
    return PN_E_NETLIST;
  size_t n = (size_t)p->points;
  w.x = calloc(n, sizeof *w.x);
  w.rate = calloc(n, sizeof *w.rate);
  w.net = calloc(n, sizeof *w.net);
  pn_status st = w.x && w.rate && w.net ? PN_OK : PN_E_MEMORY;
  if (!st)
    st = pn_statemap_open(&w.m, r, "fading", device, source, p->loc);
  if (!st)
    st = map_device(&w);
  pn_statemap_close(&w.m);
  free(w.x);
  free(w.rate);
  free(w.net);
  free(w.kept);
  return st;
}

static bool has_state(const pn_run *r, int device)
{
  pn_device_info d = pn_circuit_device_info(r->circuit, device);
  return d.cls->flags & PN_DEV_MEMRISTOR;
}

static pn_status run_fading(const pn_run *r, void *args)
{
  const fading_args *p = args;
  if (p->device >= 0)
    return run_device(r, p, p->device);
  pn_status st = PN_OK;
  int n = 0;
  for (int k = 0; k < pn_circuit_n_devices(r->circuit) && !st; k++)
    if (has_state(r, k)) {
      st = run_device(r, p, k);
      n++;
    }
  if (!n)
    return pn_error_hint(r->diag, p->loc, "use .tran or .pss", ".fading: no device has a state");
  return st;
}

const pn_analysis pn_analysis_fading = {
    .name = "fading",
    .help = USAGE,
    .parse = parse,
    .run = run_fading,
};
