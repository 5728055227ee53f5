/* .target: the drive that programs a memristor to given states: the offset, amplitude or duty cycle of a
 * fast drive for which the averaged rate vanishes there (seed 004, eq. 5), verified by following the
 * envelope from the device's own initial state. */
#include "analysis/list.h"
#include "analysis/statemap.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { SCAN = 48, BISECTIONS = 60, MOST_WAITS = 5 };
enum { BY_OFFSET, BY_AMPLITUDE, BY_DUTY };
static const char *const KNOBS[] = {"offset", "amplitude", "duty"};
static const double SETTLED = 20; /* time constants that are followed */
static const double MOST_CYCLES = 1e12;
static const double NEAR = 1e-4;            /* of the range: the state is reached */
static const double RELATIVE_WIDTH = 1e-12; /* of the interval, where bisection ends */

typedef struct target_args {
  int device, source, by;
  pn_number_list x;
  double from, to;
  pn_loc loc;
} target_args;

#define USAGE      ".target DEVICE x=X,... [by=offset|amplitude|duty] [from=A to=B] [source=V1]"
#define AT(member) offsetof(target_args, member)
static const pn_word WORDS[] = {
    {"device", PN_WORD_DEVICE, AT(device), 0, 0, NULL},
    {"source", PN_WORD_DEVICE, AT(source), 0, 0, NULL},
    {"x", PN_WORD_LIST, AT(x), -1e18, 1e18, NULL},
    {"by", PN_WORD_CHOICE, AT(by), 0, 0, " offset amplitude duty "},
    {"from", PN_WORD_NUMBER, AT(from), -1e18, 1e18, NULL},
    {"to", PN_WORD_NUMBER, AT(to), -1e18, 1e18, NULL},
};

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  target_args *p = PN_NEW(a, target_args);
  *p = (target_args){.device = -1, .source = -1, .from = NAN, .to = NAN, .loc = args->loc};
  if (!pn_words_read(a, d, c, args, WORDS, (int)(sizeof WORDS / sizeof *WORDS), USAGE, p))
    return NULL;
  if (p->device < 0 || !p->x.n || isnan(p->from) != isnan(p->to) || p->from >= p->to)
    return pn_error_hint(d, args->loc, USAGE,
                         ".target needs a device, x= and, where given, from= below to="),
           NULL;
  return p;
}

typedef struct target_work {
  const pn_run *r;
  const target_args *p;
  pn_statemap m;
  pn_recorder *rec;
  double x0; /* of the device */
  char name[64];
} target_work;

/* The averaged rate at x with the knob at `value`. */
static pn_status rate_with(target_work *w, double value, double x, double *rate)
{
  pn_drive *d = &w->m.drive;
  *(w->p->by == BY_OFFSET      ? &d->offset
    : w->p->by == BY_AMPLITUDE ? &d->amplitude
                               : &d->duty) = value;
  pn_rate found;
  pn_status st = pn_statemap_drive(&w->m);
  if (!st)
    st = pn_statemap_rate(&w->m, x, &found);
  *rate = st ? 0 : found.net;
  return st;
}

static void limits(const target_work *w, double *from, double *to)
{
  double a = fabs(w->m.drive.amplitude);
  *from = w->p->by == BY_OFFSET ? -a : w->p->by == BY_AMPLITUDE ? 0.02 * a : 0.02;
  *to = w->p->by == BY_OFFSET ? a : w->p->by == BY_AMPLITUDE ? 2 * a : 0.98;
  if (!isnan(w->p->from)) {
    *from = w->p->from;
    *to = w->p->to;
  }
}

/* The knob between a and b, where the rates at x have different signs. */
static pn_status bisect(target_work *w, double a, double rate_a, double b, double x, double *value)
{
  double width = RELATIVE_WIDTH * fabs(b - a);
  for (int k = 0; k < BISECTIONS && fabs(b - a) > width; k++) {
    double middle = 0.5 * (a + b), rate;
    pn_status st = rate_with(w, middle, x, &rate);
    if (st)
      return st;
    *((rate > 0) == (rate_a > 0) ? &a : &b) = middle;
  }
  *value = 0.5 * (a + b);
  return PN_OK;
}

/* The slope of the rate at x under the drive in force, 1/s. */
static pn_status slope_at(target_work *w, double x, double *slope)
{
  double by = 1e-5 * (w->m.hi - w->m.lo);
  pn_rate left, right;
  pn_status st = pn_statemap_rate(&w->m, x - by, &left);
  if (!st)
    st = pn_statemap_rate(&w->m, x + by, &right);
  *slope = st ? 0 : (right.net - left.net) / (2 * by);
  return st;
}

/* The knob's value nearest to the drive's own for which x is a stable fixed point; NAN: none. */
static pn_status find_knob(target_work *w, double own, double x, double *value, double *slope)
{
  double from, to, before = 0, at_before = 0;
  *value = NAN;
  limits(w, &from, &to);
  for (int k = 0; k <= SCAN; k++) {
    double at = from + (to - from) * k / SCAN, rate, found, how_steep;
    pn_status st = rate_with(w, at, x, &rate);
    if (st)
      return st;
    if (k > 0 && rate != 0 && before != 0 && (rate > 0) != (before > 0)) {
      st = bisect(w, at_before, before, at, x, &found);
      if (!st)
        st = rate_with(w, found, x, &rate);
      if (!st)
        st = slope_at(w, x, &how_steep);
      if (st)
        return st;
      if (how_steep < 0 && !(fabs(found - own) >= fabs(*value - own))) {
        *value = found;
        *slope = how_steep;
      }
      st = rate_with(w, at, x, &rate);
      if (st)
        return st;
    }
    before = rate;
    at_before = at;
  }
  return PN_OK;
}

/* The mean of the state over the cycle that runs from x on. */
static pn_status cycle_mean(target_work *w, double x, double *mean)
{
  pn_statemap *m = &w->m;
  double kept = m->x[m->k];
  m->x[m->k] = x;
  pn_status st = pn_cycle_run(m->cycle, m->x, false, m->dx);
  m->x[m->k] = kept;
  *mean = 0;
  for (int k = 0; !st && k < pn_cycle_points(m->cycle); k++) {
    double t, weight;
    const double *y;
    pn_cycle_point(m->cycle, k, &t, &weight, &y);
    *mean += weight * y[pn_cycle_unknowns(m->cycle)[m->k]];
  }
  return st;
}

static pn_status record(target_work *w, double x, double value, double tau, double reached)
{
  double own[3] = {value, tau, reached};
  int unknown = pn_cycle_unknowns(w->m.cycle)[w->m.k];
  double kept = w->m.y0[unknown];
  w->m.y0[unknown] = reached;
  pn_recorder_extra(w->rec, own);
  pn_point p = {.sim = w->r->sim, .x = x, .y = w->m.y0};
  pn_status st = pn_recorder_point(w->rec, &p);
  w->m.y0[unknown] = kept;
  return st;
}

static void tell(target_work *w, const char *what, int index, double value)
{
  char name[128];
  snprintf(name, sizeof name, "%s_%s%d", w->name, what, index);
  w->r->found(w->r->user, name, value);
}

static pn_status program(target_work *w, double own, double x, int index)
{
  double value, slope = 0, curve[2], mean = NAN;
  if (!(x > w->m.lo && x < w->m.hi))
    return pn_error(w->r->diag, w->p->loc,
                    ".target: x=%g is not within the state's bounds %g and %g", x, w->m.lo,
                    w->m.hi);
  pn_status st = find_knob(w, own, x, &value, &slope);
  if (st)
    return st;
  if (isnan(value)) {
    double from, to;
    limits(w, &from, &to);
    return pn_error_hint(w->r->diag, w->p->loc,
                         "widen from= and to=, or turn another knob: by=offset|amplitude|duty",
                         ".target: no %s between %g and %g makes x=%g a stable state of '%s'",
                         KNOBS[w->p->by], from, to, x, w->name);
  }
  double unused, ends[2] = {0, SETTLED / -slope / w->m.period};
  st = rate_with(w, value, x, &unused);
  for (int k = 0; k < MOST_WAITS && !st;
       k++) { /* far from the state it may be slower than near it */
    st = pn_statemap_curve(&w->m, w->x0, 2, ends, curve);
    if (!st)
      st = cycle_mean(w, curve[1], &mean);
    if (fabs(mean - x) < NEAR * (w->m.hi - w->m.lo) || ends[1] > MOST_CYCLES)
      break;
    ends[1] *= 10;
  }
  if (st)
    return st;
  tell(w, KNOBS[w->p->by], index, value);
  tell(w, "reached", index, mean);
  return record(w, x, value, -1 / slope, mean);
}

static pn_status run_target(const pn_run *r, void *args)
{
  const target_args *p = args;
  target_work w = {.r = r, .p = p};
  int source = pn_drive_source(r, "target", p->source, p->loc);
  if (source < 0)
    return PN_E_NETLIST;
  pn_circuit_device_name(r->circuit, p->device, w.name, sizeof w.name);
  pn_status st = pn_statemap_open(&w.m, r, "target", p->device, source, p->loc);
  pn_column columns[3] = {{KNOBS[p->by], p->by == BY_DUTY ? "notype" : "voltage", ""},
                          {"tau", "time", "s"},
                          {"reached", "notype", ""}};
  pn_column scale = {"x", "notype", ""};
  if (!st)
    st = r->begin(r->user, &pn_analysis_target, "Target States", scale, columns, 3, false, false,
                  &w.rec);
  if (!st) {
    w.x0 = w.m.x[w.m.k];
    double own = p->by == BY_OFFSET      ? w.m.drive.offset
                 : p->by == BY_AMPLITUDE ? w.m.drive.amplitude
                                         : w.m.drive.duty;
    for (int k = 0; k < p->x.n && !st; k++) {
      st = program(&w, own, p->x.at[k], k + 1);
      r->progress(r->user, (k + 1.0) / p->x.n, p->x.at[k]);
    }
    if (st)
      pn_cycle_report(w.m.cycle, "target", st);
    pn_status last = r->end(r->user, w.rec, st == PN_OK);
    st = st ? st : last;
  }
  pn_statemap_close(&w.m);
  return st;
}

const pn_analysis pn_analysis_target = {
    .name = "target",
    .help = USAGE,
    .parse = parse,
    .run = run_target,
};
