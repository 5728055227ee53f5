/* Averaged dynamics of one state: rates by the cycle's own quadrature, zeros by bisection, trajectories by
 * envelope following. */
#include "analysis/statemap.h"

#include "solver/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BISECTIONS = 60, MOST_STEPS = 5000, STEPS_OF_CURVE = 40 };
static const double MAP_RELTOL = 1e-5;  /* of a cycle's change */
static const double ZERO_WIDTH = 1e-11; /* of the range, where bisection ends */
static const double SLOPE_PART = 1e-5;  /* of the range, for the slope at a zero */

static pn_status find_state(pn_statemap *m, pn_loc loc)
{
  pn_device_info d = pn_circuit_device_info(m->r->circuit, m->device);
  int count = 0;
  for (int i = 0; i < m->ns; i++)
    for (int l = 0; l < d.cls->n_locals; l++)
      if (d.unknowns[l] == pn_cycle_unknowns(m->cycle)[i]) {
        m->k = i;
        count++;
      }
  char name[PN_DEVICE_NAME];
  pn_circuit_device_name(m->r->circuit, m->device, name, sizeof name);
  if (count == 0)
    return pn_error_hint(m->r->diag, loc, "name a memristor, or use .tran or .pss",
                         ".%s: device '%s' has no state", m->analysis, name);
  if (count > 1)
    return pn_error_hint(m->r->diag, loc, "follow it by .envelope",
                         ".%s maps one state; device '%s' has %d", m->analysis, name, count);
  return PN_OK;
}

pn_status pn_statemap_open(pn_statemap *m, const pn_run *r, const char *analysis, int device,
                           int source, pn_loc loc)
{
  *m = (pn_statemap){.r = r, .analysis = analysis, .device = device, .source = source};
  m->period = pn_drive_period(r, analysis, 0);
  if (!(m->period > 0))
    return PN_E_NETLIST;
  if (source >= 0 && !pn_drive_read(r, source, &m->drive)) {
    pn_device_info d = pn_circuit_device_info(r->circuit, source);
    return pn_error(r->diag, loc, ".%s: '%.*s' is no source that repeats", analysis,
                    PN_FMT(d.name));
  }
  m->n = pn_sim_n(r->sim);
  m->y0 = calloc((size_t)m->n + 1, sizeof *m->y0);
  pn_status st = m->y0 ? pn_op_solve(r, m->y0, false, NULL) : PN_E_MEMORY;
  if (!st)
    st = pn_cycle_new(r, m->period, MAP_RELTOL, m->y0, &m->cycle);
  if (st)
    return st;
  m->ns = pn_cycle_n(m->cycle);
  m->x = calloc(2 * (size_t)m->ns + 1, sizeof *m->x);
  if (!m->x)
    return PN_E_MEMORY;
  m->dx = m->x + m->ns;
  for (int i = 0; i < m->ns; i++)
    m->x[i] = m->y0[pn_cycle_unknowns(m->cycle)[i]];
  if ((st = find_state(m, loc)))
    return st;
  m->lo = pn_cycle_lo(m->cycle)[m->k];
  m->hi = pn_cycle_hi(m->cycle)[m->k];
  if (!isfinite(m->lo) || !isfinite(m->hi))
    return pn_error_hint(r->diag, loc, "follow it by .envelope",
                         ".%s: the state has no bounds between which it could be mapped", analysis);
  return PN_OK;
}

void pn_statemap_close(pn_statemap *m)
{
  if (m->source >= 0 && m->r)
    pn_sim_set_wave(m->r->sim, m->source, NULL);
  pn_cycle_free(m->cycle);
  free(m->y0);
  free(m->x);
}

pn_status pn_statemap_drive(pn_statemap *m)
{
  pn_status st = pn_drive_apply(m->r, m->source, &m->drive, &m->wave);
  if (st)
    return st;
  m->period = pn_drive_period(m->r, m->analysis, 0);
  if (!(m->period > 0))
    return PN_E_NETLIST;
  pn_cycle_renew(m->cycle, m->period);
  return PN_OK;
}

pn_status pn_statemap_rate(pn_statemap *m, double x, pn_rate *rate)
{
  if (m->r->interrupted(m->r->user))
    return PN_E_INTERRUPTED;
  double kept = m->x[m->k];
  m->x[m->k] = x;
  pn_status st = pn_cycle_run(m->cycle, m->x, true, m->dx);
  m->x[m->k] = kept;
  *rate = (pn_rate){m->dx[m->k] / m->period, pn_cycle_up(m->cycle)[m->k] / m->period,
                    pn_cycle_down(m->cycle)[m->k] / m->period};
  return st;
}

pn_status pn_statemap_zero(pn_statemap *m, double a, double rate_a, double b, double *x)
{
  double width = ZERO_WIDTH * (m->hi - m->lo);
  for (int k = 0; k < BISECTIONS && fabs(b - a) > width; k++) {
    double middle = 0.5 * (a + b);
    pn_rate rate;
    pn_status st = pn_statemap_rate(m, middle, &rate);
    if (st)
      return st;
    if ((rate.net > 0) == (rate_a > 0))
      a = middle;
    else
      b = middle;
  }
  *x = 0.5 * (a + b);
  return PN_OK;
}

static pn_status slope_at(pn_statemap *m, double x, double *slope)
{
  double by = SLOPE_PART * (m->hi - m->lo);
  double a = fmax(x - by, m->lo), b = fmin(x + by, m->hi);
  pn_rate left, right;
  pn_status st = pn_statemap_rate(m, a, &left);
  if (!st)
    st = pn_statemap_rate(m, b, &right);
  *slope = st ? 0 : (right.net - left.net) / (b - a);
  return st;
}

/* A bound towards which the state moves holds it. */
static void add_bound(double x, bool towards, pn_fixed_point *p, int *count)
{
  if (towards && *count < PN_MOST_FIXED_POINTS)
    p[(*count)++] = (pn_fixed_point){.x = x, .slope = -INFINITY, .stable = true, .at_bound = true};
}

pn_status pn_statemap_fixed_points(pn_statemap *m, int n, const double *x, const double *rate,
                                   pn_fixed_point *p, int *count)
{
  int before = -1; /* the last point with a rate */
  *count = 0;
  for (int k = 0; k < n; k++) {
    if (rate[k] == 0)
      continue;
    if (before < 0)
      add_bound(m->lo, rate[k] < 0, p, count);
    else if ((rate[k] > 0) != (rate[before] > 0) && *count < PN_MOST_FIXED_POINTS) {
      pn_fixed_point *f = &p[*count];
      *f = (pn_fixed_point){0};
      pn_status st = pn_statemap_zero(m, x[before], rate[before], x[k], &f->x);
      if (!st)
        st = slope_at(m, f->x, &f->slope);
      if (st)
        return st;
      f->stable = rate[before] > 0;
      ++*count;
    }
    before = k;
  }
  if (before >= 0)
    add_bound(m->hi, rate[before] > 0, p, count);
  return PN_OK;
}

/* The change of the one state over a cycle in which it moves with the drive. */
static pn_status change(void *user, const double *x, double *dx)
{
  pn_statemap *m = user;
  if (m->r->interrupted(m->r->user))
    return PN_E_INTERRUPTED;
  double kept = m->x[m->k];
  m->x[m->k] = *x;
  pn_status st = pn_cycle_run(m->cycle, m->x, false, m->dx);
  m->x[m->k] = kept;
  *dx = m->dx[m->k];
  return st;
}

static pn_status follower(pn_statemap *m, double x0, double max_step, double *range, double *atol,
                          pn_envelope **e)
{
  *range = m->hi - m->lo;
  *atol = 1e-8 * *range;
  pn_envelope_problem p = {.user = m,
                           .n = 1,
                           .reltol = 1e-4,
                           .atol = atol,
                           .lo = &m->lo,
                           .hi = &m->hi,
                           .range = range,
                           .max_step = max_step,
                           .change = change};
  return pn_envelope_new(&p, &x0, e);
}

pn_status pn_statemap_reach(pn_statemap *m, double x0, double goal, double near, double most,
                            double *cycles)
{
  double range, atol, before = 0, x = x0;
  pn_envelope *e = NULL;
  pn_status st = follower(m, x0, INFINITY, &range, &atol, &e);
  *cycles = 0;
  for (int k = 0; !st && k < MOST_STEPS && *cycles < most && fabs(x - goal) >= near; k++) {
    before = *cycles;
    st = pn_envelope_step(e, most);
    x = *pn_envelope_x(e);
    *cycles = pn_envelope_cycle(e);
  }
  double late = *cycles;
  for (int k = 0; !st && k < BISECTIONS && late > before; k++) { /* within the last step */
    double middle = 0.5 * (before + late), there;
    pn_envelope_interpolate(e, middle, &there);
    if (fabs(there - goal) >= near)
      before = middle;
    else
      late = middle;
  }
  *cycles = fabs(x - goal) < near ? late : INFINITY;
  pn_envelope_free(e);
  return st;
}

pn_status pn_statemap_curve(pn_statemap *m, double x0, int n, const double *at, double *x)
{
  double range, atol;
  pn_envelope *e = NULL;
  pn_status st = follower(m, x0, at[n - 1] / STEPS_OF_CURVE, &range, &atol, &e);
  for (int k = 0; k < n && !st; k++) {
    while (!st && pn_envelope_cycle(e) < at[k]) {
      st = pn_envelope_step(e, at[n - 1]);
      if (!st) /* the slope at the step's end, for the interpolation */
        st = pn_envelope_prepare(e);
    }
    if (!st && at[k] > 0)
      pn_envelope_interpolate(e, at[k], &x[k]);
    else
      x[k] = x0;
  }
  pn_envelope_free(e);
  return st;
}
