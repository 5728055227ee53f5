/* .hifreq: what is a high frequency here? The lowest frequency at which the steady loop of current against
 * voltage shows no apparent hysteresis (Messaris et al., TCAS-I 70, 566 (2023)), by bounds on the area of its
 * lobes and on the ripple of the state, found by bisection on a logarithmic scale. */
#include "analysis/list.h"
#include "analysis/statemap.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BISECTIONS = 40, SCAN = 40 };

typedef struct hifreq_args {
  int device, source;
  double lobe, ripple; /* bounds */
  double from, to;     /* Hz */
  int per_decade;
  pn_loc loc;
} hifreq_args;

#define USAGE      ".hifreq DEVICE [lobe=0.01] [ripple=0.01] [from=F to=F] [points=N] [source=V1]"
#define AT(member) offsetof(hifreq_args, member)
static const pn_word WORDS[] = {
    {"device", PN_WORD_DEVICE, AT(device), 0, 0, NULL},
    {"source", PN_WORD_DEVICE, AT(source), 0, 0, NULL},
    {"lobe", PN_WORD_NUMBER, AT(lobe), 1e-9, 1, NULL},
    {"ripple", PN_WORD_NUMBER, AT(ripple), 1e-9, 1, NULL},
    {"from", PN_WORD_NUMBER, AT(from), 1e-15, 1e18, NULL},
    {"to", PN_WORD_NUMBER, AT(to), 1e-15, 1e18, NULL},
    {"points", PN_WORD_COUNT, AT(per_decade), 1, 100, NULL},
};

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  hifreq_args *p = PN_NEW(a, hifreq_args);
  *p = (hifreq_args){.device = -1,
                     .source = -1,
                     .lobe = 0.01,
                     .ripple = 0.01,
                     .from = 1,
                     .to = 1e12,
                     .per_decade = 4,
                     .loc = args->loc};
  if (!pn_words_read(a, d, c, args, WORDS, (int)(sizeof WORDS / sizeof *WORDS), USAGE, p))
    return NULL;
  if (p->device < 0 || !(p->from < p->to))
    return pn_error_hint(d, args->loc, USAGE, ".hifreq needs a device and from= below to="), NULL;
  return p;
}

/* A steady loop: the mean state, its ripple (peak to peak, of the range) and the area of the larger lobe, of
 * the rectangle |v| |i| it lies in. */
typedef struct loop {
  double mean, ripple, lobe;
} loop;

typedef struct hifreq_work {
  const pn_run *r;
  const hifreq_args *p;
  pn_statemap m;
  pn_quantity i, v;
  double start;   /* a state that is steady when the drive is fast */
  double *frozen; /* [most] currents of a cycle with the state frozen */
  int most;
} hifreq_work;

static pn_status run_from(hifreq_work *w, double x, bool frozen, double *change)
{
  pn_statemap *m = &w->m;
  double kept = m->x[m->k];
  m->x[m->k] = x;
  pn_status st = pn_cycle_run(m->cycle, m->x, frozen, m->dx);
  m->x[m->k] = kept;
  *change = m->dx[m->k];
  return st;
}

/* The start of the cycle that ends where it began, nearest to w->start: the interval grows until it holds it. */
static pn_status steady(hifreq_work *w, double *x)
{
  double range = w->m.hi - w->m.lo, change, a = w->start, b = a;
  pn_status st = run_from(w, a, false, &change);
  bool up = change > 0;
  for (double by = 1e-6 * range; !st && change != 0 && (change > 0) == up; by *= 4) {
    a = b;
    b = fmin(fmax(b + (up ? by : -by), w->m.lo), w->m.hi);
    if (a == b)
      break;
    st = run_from(w, b, false, &change);
  }
  for (int k = 0; k < 60 && !st && fabs(b - a) > 1e-13 * range; k++) {
    double middle = 0.5 * (a + b);
    st = run_from(w, middle, false, &change);
    *((change > 0) == up ? &a : &b) = middle;
  }
  *x = 0.5 * (a + b);
  return st;
}

/* Lobe areas from the difference to the loop with the state frozen, which has none: so a thin lobe keeps its
 * digits. */
static pn_status measure(hifreq_work *w, double x, loop *l)
{
  pn_cycle *c = w->m.cycle;
  double change, t, weight, low = INFINITY, high = -INFINITY, most_v = 0, most_i = 0;
  const double *y;
  *l = (loop){0};
  pn_status st = run_from(w, x, false, &change);
  for (int k = 0; !st && k < pn_cycle_points(c); k++) {
    pn_cycle_point(c, k, &t, &weight, &y);
    double state = y[pn_cycle_unknowns(c)[w->m.k]];
    l->mean += weight * state;
    low = fmin(low, state);
    high = fmax(high, state);
  }
  if (!st)
    st = run_from(w, l->mean, true, &change);
  int n = pn_cycle_points(c);
  if (!st && n > w->most) {
    double *room = realloc(w->frozen, (size_t)n * sizeof *room);
    if (!room)
      return PN_E_MEMORY;
    w->frozen = room;
    w->most = n;
  }
  for (int k = 0; !st && k < n; k++) {
    pn_cycle_point(c, k, &t, &weight, &y);
    w->frozen[k] = pn_sim_quantity(w->r->sim, &w->i, t, y, NULL);
  }
  if (!st)
    st = run_from(w, x, false, &change);
  if (st)
    return st;
  double lobe[2] = {0, 0}, v_before = 0, d_before = 0;
  for (int k = 0; k <= n && pn_cycle_points(c) == n; k++) {
    pn_cycle_point(c, k % n, &t, &weight, &y);
    double v = pn_sim_quantity(w->r->sim, &w->v, t, y, NULL);
    double i = pn_sim_quantity(w->r->sim, &w->i, t, y, NULL), d = i - w->frozen[k % n];
    most_v = fmax(most_v, fabs(v));
    most_i = fmax(most_i, fabs(i));
    if (k > 0)
      lobe[v + v_before < 0] += 0.5 * (d + d_before) * (v - v_before);
    v_before = v;
    d_before = d;
  }
  l->ripple = (high - low) / (w->m.hi - w->m.lo);
  l->lobe = most_v > 0 && most_i > 0 ? fmax(fabs(lobe[0]), fabs(lobe[1])) / (most_v * most_i) : 0;
  return PN_OK;
}

/* The loop at a frequency. A state that moves too much in a cycle to be followed has the widest loop. */
static pn_status loop_at(hifreq_work *w, double frequency, loop *l)
{
  double x;
  w->m.drive.period = 1 / frequency;
  *l = (loop){NAN, 1, 1};
  pn_status st = pn_statemap_drive(&w->m);
  if (!st)
    st = steady(w, &x);
  if (!st)
    st = measure(w, x, l);
  return st == PN_E_CONVERGENCE || st == PN_E_DOMAIN || st == PN_E_STEP ? PN_OK : st;
}

static bool is_high(const hifreq_work *w, const loop *l)
{
  return l->lobe <= w->p->lobe && l->ripple <= w->p->ripple;
}

/* The stable state of the averaged dynamics, or the device's own where there is none. */
static pn_status find_start(hifreq_work *w)
{
  double x[SCAN + 1], rate[SCAN + 1];
  pn_fixed_point p[PN_MOST_FIXED_POINTS];
  int count;
  w->start = w->m.x[w->m.k];
  for (int k = 0; k <= SCAN; k++) {
    pn_rate r;
    x[k] = w->m.lo + (w->m.hi - w->m.lo) * k / SCAN;
    pn_status st = pn_statemap_rate(&w->m, x[k], &r);
    if (st)
      return st;
    rate[k] = r.net;
  }
  pn_status st = pn_statemap_fixed_points(&w->m, SCAN + 1, x, rate, p, &count);
  for (int k = 0; k < count && !st; k++)
    if (p[k].stable && !p[k].at_bound) {
      w->start = p[k].x;
      break;
    }
  return st;
}

/* From high to low frequencies, so that each loop is near the one before; *first: the lowest high one. */
static pn_status scan(hifreq_work *w, pn_recorder *rec, double *high, double *low)
{
  const hifreq_args *p = w->p;
  int n = (int)ceil(log10(p->to / p->from) * p->per_decade);
  *high = *low = NAN;
  for (int k = 0; k <= n; k++) {
    double f = p->to * pow(p->from / p->to, (double)k / (n > 0 ? n : 1));
    loop l;
    pn_status st = loop_at(w, f, &l);
    if (st)
      return st;
    double own[3] = {l.ripple, l.lobe, isnan(l.mean) ? 0 : l.mean};
    pn_recorder_extra(rec, own);
    pn_point at = {.sim = w->r->sim, .x = f, .y = w->m.y0};
    if ((st = pn_recorder_point(rec, &at)))
      return st;
    w->r->progress(w->r->user, (double)k / (n + 1), f);
    if (!is_high(w, &l)) {
      *low = f;
      return PN_OK;
    }
    *high = f;
  }
  return PN_OK;
}

static pn_status refine(hifreq_work *w, double *high, double low)
{
  for (int k = 0; k<BISECTIONS && * high / low> 1 + 1e-4; k++) {
    double middle = sqrt(*high * low);
    loop l;
    pn_status st = loop_at(w, middle, &l);
    if (st)
      return st;
    *(is_high(w, &l) ? high : &low) = middle;
  }
  return PN_OK;
}

static pn_status tell(hifreq_work *w, double high)
{
  char device[PN_DEVICE_NAME], name[PN_DEVICE_NAME + 32];
  pn_circuit_device_name(w->r->circuit, w->p->device, device, sizeof device);
  loop l;
  pn_status st = loop_at(w, high, &l);
  if (st)
    return st;
  const struct {
    const char *what;
    double value;
  } table[] = {{"high_frequency", high}, {"ripple", l.ripple}, {"lobe", l.lobe}, {"mean", l.mean}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
    snprintf(name, sizeof name, "%s_%s", device, table[k].what);
    w->r->found(w->r->user, name, table[k].value);
  }
  return PN_OK;
}

static pn_status search(hifreq_work *w)
{
  pn_column columns[3] = {{"ripple", "notype", ""}, {"lobe", "notype", ""}, {"mean", "notype", ""}};
  pn_column scale = {"frequency", "frequency", "Hz"};
  pn_recorder *rec = NULL;
  double high, low;
  pn_status st = w->r->begin(w->r->user, &pn_analysis_hifreq, "High Frequency", scale, columns, 3,
                             false, false, &rec);
  if (st)
    return st;
  st = scan(w, rec, &high, &low);
  pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
  st = st ? st : last;
  if (st)
    return st;
  if (isnan(high))
    return pn_error_hint(w->r->diag, w->p->loc, "raise to=",
                         ".hifreq: even at %g Hz the loop's lobes or the state's ripple are larger "
                         "than the bounds",
                         w->p->to);
  if (isnan(low))
    w->r->say(w->r->user, "hifreq: every frequency down to from= is high");
  else
    st = refine(w, &high, low);
  return st ? st : tell(w, high);
}

static pn_status run_hifreq(const pn_run *r, void *args)
{
  const hifreq_args *p = args;
  hifreq_work w = {.r = r, .p = p};
  int source = pn_drive_source(r, "hifreq", p->source, p->loc);
  if (source < 0)
    return PN_E_NETLIST;
  pn_status st = pn_statemap_open(&w.m, r, "hifreq", p->device, source, p->loc);
  if (!st && (!pn_sim_quantity_find(r->circuit, p->device, PN_STR("i"), &w.i) ||
              !pn_sim_quantity_find(r->circuit, p->device, PN_STR("v"), &w.v)))
    st = PN_E_INTERNAL;
  if (!st)
    st = find_start(&w);
  if (!st)
    st = search(&w);
  if (st && w.m.cycle)
    pn_cycle_report(w.m.cycle, "hifreq", st);
  pn_statemap_close(&w.m);
  free(w.frozen);
  return st;
}

const pn_analysis pn_analysis_hifreq = {
    .name = "hifreq",
    .help = USAGE,
    .parse = parse,
    .run = run_hifreq,
};
