/* The state machine of a measurement: it is fed with points and keeps only the point
 * before and what the result needs. Between points every signal is a straight line. */
#include "output/measure_core.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A requested x this close to the end of the data counts as reached, relative. */
static const double end_slack = 1e-9;

static void event_reset(pn_event *e)
{
  e->count = 0;
  e->found = false;
  e->x = NAN;
}

void pn_measure_reset(pn_measure *m)
{
  event_reset(&m->trig);
  event_reset(&m->targ);
  m->has_before = m->seen = m->busy = false;
  m->direction = 0;
  m->subject_at = m->slope = NAN;
  m->length = m->integral = m->square = 0;
  m->least = INFINITY;
  m->most = -INFINITY;
  m->least_x = m->most_x = m->first_x = m->last_x = NAN;
  m->why[0] = '\0';
}

static double lerp(double a, double b, double w)
{
  return w <= 0 ? a : w >= 1 ? b : a + w * (b - a);
}

/* Where left - right crosses zero between two points, as ngspice counts it: it comes from one
 * side strictly and reaches the other side or zero. NAN: it does not. */
static double crossing(const pn_event *e, const double *before, const double *now)
{
  double r0 = e->right < 0 ? e->level : before[e->right];
  double r1 = e->right < 0 ? e->level : now[e->right];
  double d0 = before[e->left] - r0, d1 = now[e->left] - r1;
  bool rises = d0 < 0 && d1 >= 0, falls = d0 > 0 && d1 <= 0;
  if ((e->edge == PN_EDGE_RISE && !rises) || (e->edge == PN_EDGE_FALL && !falls) ||
      (!rises && !falls))
    return NAN;
  return d0 / (d0 - d1);
}

static bool inside(const pn_measure *m, double x)
{
  return x >= m->from && x <= m->to;
}

/* Looks for the event in the last segment; true when it was (newly) found, *w gets where in the
 * segment, 0 to 1. */
static bool event_step(const pn_measure *m, pn_event *e, double x, const double *now, double *w)
{
  if (!e->used || (e->found && e->nth != PN_LAST_CROSSING))
    return false;
  double dx = x - m->x;
  if (e->is_at) {
    *w = dx != 0 ? (e->at - m->x) / dx : 0;
    if (!(*w >= 0 && *w <= 1) || (dx == 0 && e->at != x))
      return false;
    e->found = true;
    e->x = e->at;
    return true;
  }
  *w = crossing(e, m->v, now);
  if (isnan(*w))
    return false;
  double at = lerp(m->x, x, *w);
  if (at < e->delay || !inside(m, at))
    return false;
  e->count++;
  if (e->nth != PN_LAST_CROSSING && e->count != e->nth)
    return false;
  e->found = true;
  e->x = at;
  return true;
}

static void note_extremes(pn_measure *m, double x, double v)
{
  if (v < m->least) {
    m->least = v;
    m->least_x = x;
  }
  if (v > m->most) {
    m->most = v;
    m->most_x = x;
  }
  m->seen = true;
}

/* Adds the part of the last segment that lies in the window. */
static void accumulate(pn_measure *m, double x, double now)
{
  double x0 = m->x, dx = x - x0, v0 = m->v[m->subject];
  double w0 = 0, w1 = 1; /* the part of the segment inside the window */
  if (dx == 0) {
    if (inside(m, x))
      note_extremes(m, x, now);
    return;
  }
  double wa = (m->from - x0) / dx, wb = (m->to - x0) / dx;
  w0 = fmax(0, fmin(wa, wb));
  w1 = fmin(1, fmax(wa, wb));
  if (!(w0 <= w1))
    return;
  double a = lerp(v0, now, w0), b = lerp(v0, now, w1);
  double xa = lerp(x0, x, w0), xb = lerp(x0, x, w1), h = fabs(xb - xa);
  m->length += h;
  m->integral += 0.5 * h * (a + b);
  m->square += h * (a * a + a * b + b * b) / 3; /* exact for a straight line */
  note_extremes(m, xa, a);
  note_extremes(m, xb, b);
  m->first_x = isnan(m->first_x) ? xa : m->first_x;
  m->last_x = xb;
}

static void first_point(pn_measure *m, double x, const double *values)
{
  pn_event *events[] = {&m->trig, &m->targ};
  for (int k = 0; k < 2; k++)
    if (events[k]->used && events[k]->is_at && !events[k]->found && events[k]->at == x) {
      events[k]->found = true;
      events[k]->x = x;
      if (k == 1 && m->kind == PN_M_FIND)
        m->subject_at = values[m->subject];
    }
  if (m->subject >= 0 && inside(m, x))
    note_extremes(m, x, values[m->subject]);
}

static void segment(pn_measure *m, double x, const double *values)
{
  double w;
  event_step(m, &m->trig, x, values, &w);
  bool hit = event_step(m, &m->targ, x, values, &w);
  /* a slope asked for at the first point needs the segment behind it */
  if (!hit && m->kind == PN_M_DERIV && m->targ.found && isnan(m->subject_at))
    hit = true;
  if (hit && m->kind == PN_M_FIND)
    m->subject_at = lerp(m->v[m->subject], values[m->subject], w);
  if (m->subject >= 0 && x != m->x)
    m->slope = (values[m->subject] - m->v[m->subject]) / (x - m->x);
  if (hit && m->kind == PN_M_DERIV)
    m->subject_at = m->slope;
  if (m->subject >= 0)
    accumulate(m, x, values[m->subject]);
}

void pn_measure_feed(pn_measure *m, double x, const double *values)
{
  int direction = m->has_before ? (x > m->x) - (x < m->x) : 0;
  /* A sweep that turns back has started again (the inner loop of a nested .dc). */
  if (direction && m->direction && direction != m->direction)
    m->has_before = false;
  else if (direction)
    m->direction = direction;
  if (m->has_before)
    segment(m, x, values);
  else
    first_point(m, x, values);
  m->has_before = true;
  m->x = x;
  memcpy(m->v, values, (size_t)m->n_signals * sizeof *values);
}

/* An AT that rounding has put just behind the last point. */
static void settle_end(pn_measure *m)
{
  pn_event *events[] = {&m->trig, &m->targ};
  for (int k = 0; k < 2; k++) {
    pn_event *e = events[k];
    if (!e->used || !e->is_at || e->found || !m->has_before ||
        fabs(e->at - m->x) > end_slack * fmax(fabs(e->at), fabs(m->x)))
      continue;
    e->found = true;
    e->x = e->at;
    if (k == 1 && m->kind == PN_M_FIND)
      m->subject_at = m->v[m->subject];
    if (k == 1 && m->kind == PN_M_DERIV)
      m->subject_at = m->slope;
  }
}

static const char *ordinal(int n)
{
  int tens = n % 100;
  return tens >= 11 && tens <= 13 ? "th"
         : n % 10 == 1            ? "st"
         : n % 10 == 2            ? "nd"
         : n % 10 == 3            ? "rd"
                                  : "th";
}

static bool missing(pn_measure *m, const pn_event *e, const char *role)
{
  static const char *const what[] = {"crossing", "rising edge", "falling edge"};
  if (e->is_at)
    snprintf(m->why, sizeof m->why, "%s%g lies outside the analysis", role, e->at);
  else if (e->count == 0)
    snprintf(m->why, sizeof m->why, "%sno %s was seen", role, what[e->edge]);
  else
    snprintf(m->why, sizeof m->why, "%s%d%s %s asked for, %d seen", role, e->nth, ordinal(e->nth),
             what[e->edge], e->count);
  return false;
}

static bool at_event(pn_measure *m, double *value)
{
  if (!m->targ.found)
    return missing(m, &m->targ, "");
  *value = m->kind == PN_M_WHEN ? m->targ.x : m->subject_at;
  return true;
}

static bool interval(pn_measure *m, double *value)
{
  if (!m->trig.found)
    return missing(m, &m->trig, "trigger: ");
  if (!m->targ.found)
    return missing(m, &m->targ, "target: ");
  *value = m->targ.x - m->trig.x;
  return true;
}

static bool over_window(pn_measure *m, double *value)
{
  bool needs_length = m->kind == PN_M_AVG || m->kind == PN_M_RMS || m->kind == PN_M_INTEG;
  if (!m->seen || (needs_length && m->length == 0)) {
    snprintf(m->why, sizeof m->why, "the interval holds no points");
    return false;
  }
  switch (m->kind) {
  case PN_M_AVG:
    *value = m->integral / m->length;
    break;
  case PN_M_RMS:
    *value = sqrt(m->square / m->length);
    break;
  case PN_M_INTEG:
    *value = m->integral;
    break;
  case PN_M_MIN:
    *value = m->least;
    break;
  case PN_M_MAX:
    *value = m->most;
    break;
  case PN_M_PP:
    *value = m->most - m->least;
    break;
  case PN_M_MIN_AT:
    *value = m->least_x;
    break;
  default:
    *value = m->most_x;
    break;
  }
  return true;
}

/* What a PARAM's names mean: first other measurements, then the netlist's parameters. */
typedef struct others {
  pn_measure *self;
  pn_measure *const *at; /* [n] */
  int n;
  bool failed;
} others;

static bool other_value(void *user, pn_str name, pn_loc loc, double *value, bool *sweeps)
{
  others *o = user;
  for (int k = 0; k < o->n; k++) {
    if (!pn_str_ieq(o->at[k]->name, name))
      continue;
    const char *why;
    if (pn_measure_result(o->at[k], o->at, o->n, value, &why))
      return true;
    snprintf(o->self->why, sizeof o->self->why, "it needs '%.*s', which failed", PN_FMT(name));
    o->failed = true;
    *value = 1; /* the expression is abandoned: its value is not used */
    return true;
  }
  const pn_resolver *r = o->self->params;
  return r && r->param && r->param(r->user, name, loc, value, sweeps);
}

static const pn_func *other_func(void *user, pn_str name)
{
  const pn_resolver *r = ((others *)user)->self->params;
  return r && r->func ? r->func(r->user, name) : NULL;
}

static bool param(pn_measure *m, pn_measure *const *at, int n, double *value)
{
  if (m->busy) {
    snprintf(m->why, sizeof m->why, "it depends on itself");
    return false;
  }
  others o = {.self = m, .at = at, .n = n};
  pn_resolver r = {.user = &o, .param = other_value, .func = other_func};
  m->busy = true;
  pn_status st = pn_eval_const(m->diag, m->param, &r, value, NULL);
  m->busy = false;
  if (st && !o.failed)
    snprintf(m->why, sizeof m->why, "its expression has no value");
  return st == PN_OK && !o.failed;
}

bool pn_measure_result(pn_measure *m, pn_measure *const *at, int n, double *value, const char **why)
{
  bool ok;
  *value = NAN;
  settle_end(m);
  switch (m->kind) {
  case PN_M_TRIG_TARG:
    ok = interval(m, value);
    break;
  case PN_M_WHEN:
  case PN_M_FIND:
  case PN_M_DERIV:
    ok = at_event(m, value);
    break;
  case PN_M_PARAM:
    ok = param(m, at, n, value);
    break;
  default:
    ok = over_window(m, value);
    break;
  }
  if (ok && !isfinite(*value)) {
    snprintf(m->why, sizeof m->why, "the result is not a finite number");
    ok = false;
  }
  *why = ok ? NULL : m->why;
  return ok;
}

void pn_measure_where(const pn_measure *m, double *from, double *to)
{
  *from = *to = NAN;
  switch (m->kind) {
  case PN_M_TRIG_TARG:
    *from = m->trig.x;
    *to = m->targ.x;
    break;
  case PN_M_FIND:
  case PN_M_DERIV:
    *from = m->targ.x;
    break;
  case PN_M_MIN:
    *from = m->least_x;
    break;
  case PN_M_MAX:
    *from = m->most_x;
    break;
  case PN_M_AVG:
  case PN_M_RMS:
  case PN_M_INTEG:
  case PN_M_PP:
    *from = m->first_x;
    *to = m->last_x;
    break;
  default:
    break;
  }
}
