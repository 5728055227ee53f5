/* Finds the period that all sources share, and varies one source's waveform. */
#include "analysis/drive.h"

#include <math.h>
#include <string.h>

/* Numbers of waveforms, in the netlist's order (devices/wave.h). */
enum { SIN_OFFSET, SIN_AMPLITUDE, SIN_FREQUENCY };
enum {
  PULSE_LOW,
  PULSE_HIGH,
  PULSE_DELAY,
  PULSE_RISE,
  PULSE_FALL,
  PULSE_WIDTH,
  PULSE_PERIOD,
  PULSE_COUNT
};

enum { MOST_MULTIPLE = 1000 };
static const double SAME = 1e-6; /* of a period, within which a multiple fits */

static pn_device_info source_info(const pn_run *r, int k)
{
  int device;
  pn_sim_source(r->sim, k, &device);
  return pn_circuit_device_info(r->circuit, device);
}

static bool fits(double period, double part)
{
  double times = period / part;
  return rint(times) >= 1 && fabs(times - rint(times)) <= SAME;
}

/* The slowest source that repeats, or -1; *bad: the first that neither repeats nor stays, or -1. */
static int slowest_source(const pn_run *r, int *bad)
{
  int slowest = -1, device;
  double longest = 0;
  *bad = -1;
  for (int k = 0; k < pn_sim_n_sources(r->sim); k++) {
    double period = pn_wave_repeats(pn_sim_source(r->sim, k, &device));
    if (isnan(period) && *bad < 0)
      *bad = k;
    if (isfinite(period) && period > longest) {
      longest = period;
      slowest = k;
    }
  }
  return slowest;
}

/* The first source whose period does not fit into `period`, or -1. */
static int misfit(const pn_run *r, double period)
{
  int device;
  for (int k = 0; k < pn_sim_n_sources(r->sim); k++) {
    double own = pn_wave_repeats(pn_sim_source(r->sim, k, &device));
    if (isfinite(own) && !fits(period, own))
      return k;
  }
  return -1;
}

static double source_period(const pn_run *r, int k)
{
  int device;
  return pn_wave_repeats(pn_sim_source(r->sim, k, &device));
}

double pn_drive_period(const pn_run *r, const char *analysis, double given)
{
  int bad, slowest = slowest_source(r, &bad);
  if (bad >= 0) {
    pn_device_info d = source_info(r, bad);
    pn_error_hint(
        r->diag, d.loc,
        "a sin() without delay and damping, a pulse() with a period and without delay, or "
        "a pwl() with r=0 repeats; use .tran for others",
        ".%s needs periodic sources: '%.*s' does not repeat from t = 0 on", analysis,
        PN_FMT(d.name));
    return 0;
  }
  if (slowest < 0) {
    pn_error_hint(r->diag, PN_NOWHERE,
                  "use .tran; an autonomous oscillator finds its own period in .pss",
                  ".%s: no source drives the circuit periodically", analysis);
    return 0;
  }
  return pn_drive_shared(r, analysis, given);
}

double pn_drive_shared(const pn_run *r, const char *analysis, double given)
{
  int ignored, slowest = slowest_source(r, &ignored);
  if (slowest < 0)
    return given > 0 ? given : pn_sim_period(r->sim, 0);
  double longest = source_period(r, slowest);
  if (given > 0) {
    int k = misfit(r, given);
    if (k < 0)
      return given;
    pn_device_info d = source_info(r, k);
    pn_error(r->diag, d.loc, ".%s: '%.*s' repeats every %g s, which does not fit into period=%g",
             analysis, PN_FMT(d.name), source_period(r, k), given);
    return 0;
  }
  for (int m = 1; m <= MOST_MULTIPLE; m++)
    if (misfit(r, m * longest) < 0)
      return m * longest;
  int other = misfit(r, longest);
  pn_device_info a = source_info(r, slowest), b = source_info(r, other);
  pn_error_hint(r->diag, b.loc, "use .tran, or periods in a ratio of small whole numbers",
                ".%s: '%.*s' (%g s) and '%.*s' (%g s) share no period", analysis, PN_FMT(a.name),
                longest, PN_FMT(b.name), source_period(r, other));
  return 0;
}

int pn_drive_source(const pn_run *r, const char *analysis, int device, pn_loc loc)
{
  if (device >= 0)
    return device;
  int found = -1, count = 0;
  for (int k = 0; k < pn_sim_n_sources(r->sim); k++) {
    int id;
    if (isfinite(pn_wave_repeats(pn_sim_source(r->sim, k, &id)))) {
      found = id;
      count++;
    }
  }
  if (count == 1)
    return found;
  if (count)
    pn_error_hint(r->diag, loc, "name it: source=v1",
                  ".%s: %d sources are periodic; which one varies?", analysis, count);
  else
    pn_error_hint(r->diag, loc, "use .tran; an autonomous oscillator finds its own period in .pss",
                  ".%s: no source drives the circuit periodically", analysis);
  return -1;
}

static void levels(const pn_wave *w, double *low, double *high)
{
  *low = *high = w->value[0];
  for (int k = 1; k < w->n_points; k++) {
    *low = fmin(*low, w->value[k]);
    *high = fmax(*high, w->value[k]);
  }
}

bool pn_drive_read(const pn_run *r, int device, pn_drive *d)
{
  const pn_wave *w = NULL;
  for (int k = 0, id; k < pn_sim_n_sources(r->sim); k++) {
    const pn_wave *one = pn_sim_source(r->sim, k, &id);
    w = id == device ? one : w;
  }
  *d = (pn_drive){.shape = PN_SHAPE_OTHER, .duty = 0.5, .edge = 0.01, .base = w};
  if (!w || !isfinite(d->period = pn_wave_repeats(w)))
    return false;
  const double *p = w->p;
  if (w->kind == PN_WAVE_SIN) {
    d->shape = PN_SHAPE_SINE;
    d->offset = p[SIN_OFFSET];
    d->amplitude = p[SIN_AMPLITUDE];
  } else if (w->kind == PN_WAVE_PULSE) {
    double edges = p[PULSE_RISE] + p[PULSE_FALL];
    d->shape = edges > 0.9 * d->period ? PN_SHAPE_TRIANGLE : PN_SHAPE_SQUARE;
    d->offset = 0.5 * (p[PULSE_LOW] + p[PULSE_HIGH]);
    d->amplitude = 0.5 * (p[PULSE_HIGH] - p[PULSE_LOW]);
    d->duty = (p[PULSE_WIDTH] + 0.5 * edges) / d->period;
    d->edge = 0.5 * edges / d->period;
  } else {
    double low, high;
    levels(w, &low, &high);
    d->offset = 0.5 * (low + high);
    d->amplitude = 0.5 * (high - low);
  }
  return true;
}

static void pulse(const pn_drive *d, pn_wave *w)
{
  bool triangle = d->shape == PN_SHAPE_TRIANGLE;
  double edge = triangle ? 0.5 : fmin(d->edge, fmin(d->duty, 1 - d->duty));
  double width = triangle ? 0 : fmax(d->duty - edge, 0);
  w->kind = PN_WAVE_PULSE;
  w->p[PULSE_LOW] = d->offset - d->amplitude;
  w->p[PULSE_HIGH] = d->offset + d->amplitude;
  w->p[PULSE_RISE] = w->p[PULSE_FALL] = edge * d->period;
  w->p[PULSE_WIDTH] = width * d->period;
  w->p[PULSE_PERIOD] = d->period;
  w->p[PULSE_COUNT] = INFINITY;
}

/* The points of the base, moved and stretched. */
static pn_status stretched(const pn_run *r, const pn_drive *d, pn_wave *w)
{
  const pn_wave *b = d->base;
  double low, high, *time = pn_arena_try(r->arena, 2 * (size_t)b->n_points * sizeof *time);
  if (!time)
    return PN_E_MEMORY;
  double *value = time + b->n_points, scale = d->period / pn_wave_repeats(b);
  levels(b, &low, &high);
  for (int k = 0; k < b->n_points; k++) {
    double part = high > low ? (2 * b->value[k] - low - high) / (high - low) : 0;
    time[k] = b->time[k] * scale;
    value[k] = d->offset + d->amplitude * part;
  }
  *w = *b;
  w->time = time;
  w->value = value;
  w->delay = b->delay * scale;
  w->repeat = b->repeat * scale;
  return PN_OK;
}

pn_status pn_drive_apply(const pn_run *r, int device, const pn_drive *d, pn_wave *w)
{
  *w = (pn_wave){.repeat = -1};
  if (d->shape == PN_SHAPE_SINE) {
    w->kind = PN_WAVE_SIN;
    w->p[SIN_OFFSET] = d->offset;
    w->p[SIN_AMPLITUDE] = d->amplitude;
    w->p[SIN_FREQUENCY] = 1 / d->period;
  } else if (d->shape != PN_SHAPE_OTHER) {
    pulse(d, w);
  } else {
    pn_status st = stretched(r, d, w);
    if (st)
      return st;
  }
  pn_sim_set_wave(r->sim, device, w);
  return PN_OK;
}
