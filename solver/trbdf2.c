/* TR-BDF2: the trapezoidal rule to t + gamma h, then second-order BDF to t + h, on f + dq/dt = 0 in
 * charge form. One-step, L-stable, both stages with one matrix; charges are conserved by construction.
 *
 * Bank, Coughran, Fichtner, Grosse, Rose and Smith 1985, IEEE Trans. Electron Devices 32, 1992; the
 * stage derivatives and the filtered error estimate after Hosea and Shampine 1996, Appl. Numer. Math. 20,
 * 21. With z = dq/dt and cj = 2/(gamma h):
 *   stage 1:  f(y_g) + z_g = 0,  z_g = cj (q_g - q_0) - z_0
 *   stage 2:  f(y_1) + z_1 = 0,  z_1 = cj (q_1 - q_0 - (q_g - q_0) / (gamma (2 - gamma))) */
#include "solver/trbdf2.h"

#include "base/clones.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_ATTEMPTS = 400 };
static const double BEND_AGAIN = 1e-2; /* what is believed of it after a restart */
static const double FIRST_PART = 1e-2; /* of what remains, the most a first step may be */
static const double AFTER_REFUSAL = 1; /* most growth of a step next to a refused one */
static const double SAFETY = 0.9, LEAST_TREND = 0.5;
static const double APART_PART = 0.3;        /* where states alone have memory */
static const double AT_REST = 1e-2;          /* of tolerances: less than that is no motion */
static const double EVENT_RESOLUTION = 1e-9; /* of the step, within which an event is at its end */

/* ---- life ---- */

static pn_status trbdf2_create(pn_integrator *g, int max_order)
{
  (void)max_order;
  pn_method *m = g->method = calloc(1, sizeof *m);
  if (!m || !g->dae.fq)
    return m ? PN_E_USAGE : PN_E_MEMORY;
  size_t n = (size_t)g->dae.n, ev = (size_t)g->dae.n_events;
  double **vectors[] = {&m->y_old, &m->y_mid, &m->y_g, &m->y_1,   &m->q_0,   &m->q_g,
                        &m->q_1,   &m->z_0,   &m->z_g, &m->z_1,   &m->shift, &m->f,
                        &m->r,     &m->w,     &m->w_d, &m->curve, &m->peak};
  size_t count = sizeof vectors / sizeof *vectors;
  m->memory = calloc(count * n + 3 * ev + 1, sizeof(double));
  m->rests = calloc(n + 1, 1);
  if (!m->memory || !m->rests)
    return PN_E_MEMORY;
  for (size_t k = 0; k < count; k++)
    *vectors[k] = m->memory + k * n;
  m->ev_0 = m->memory + count * n;
  m->ev_1 = m->ev_0 + ev;
  m->ev_r = m->ev_1 + ev;
  if (g->dae.room) /* residuals stay where they are made and solved */
    m->r = g->dae.room;
  m->from = g->dae.memory_apart ? g->dae.memory_from : 0;
  m->stats.order = 2;
  return PN_OK;
}

static void trbdf2_destroy(pn_method *m)
{
  free(m->memory);
  free(m->rests);
  free(m);
}

/* Where states alone have memory, z_0 is their rate: f's rows, and 0 at a bound. */
static pn_status rates(pn_integrator *g)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  pn_status st = dae->fq(dae->user, g->t, g->y, m->r, NULL);
  if (st)
    return st;
  size_t bytes = (size_t)dae->n * sizeof(double);
  memcpy(m->f, m->r, bytes);
  memcpy(m->q_0, g->y, bytes);
  if (dae->bound)
    dae->bound(dae->user, g->y, m->r, 1 / PN_START_STEP);
  for (int i = 0; i < dae->n; i++)
    g->yp[i] = m->z_0[i] = dae->differential[i] && m->r[i] == m->f[i] ? -m->f[i] : 0;
  return PN_OK;
}

/* z_0 and y' just after the start, by a short implicit Euler step: there the sources already have their new
 * slopes, and currents that jump with them (a capacitor's at a corner) have jumped. */
static pn_status right_derivative(pn_integrator *g, double h0)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  size_t bytes = (size_t)dae->n * sizeof(double);
  if (dae->memory_apart)
    return rates(g);
  double step = h0 > 0 ? PN_START_PART * h0 : fmax(PN_START_STEP, 1e3 * DBL_EPSILON * fabs(g->t));
  int worst;
  memcpy(m->y_1, g->y, bytes);
  pn_status st = pn_method_euler(g, g->t + step, 1 / step, m->y_1, m->y_g, &worst);
  if (!st)
    st = dae->fq(dae->user, g->t + step, m->y_1, m->f, m->q_1);
  if (st == PN_E_MEMORY || st == PN_E_INTERRUPTED)
    return st;
  bool good = st == PN_OK;
  st = dae->fq(dae->user, g->t, g->y, m->f, m->q_0);
  for (int i = 0; i < dae->n; i++)
    m->z_0[i] = good ? (m->q_1[i] - m->q_0[i]) / step : -m->f[i];
  if (good)
    memcpy(g->yp, m->y_g, bytes);
  return st;
}

static void forget(pn_integrator *g, double h0)
{
  pn_method *m = g->method;
  size_t bytes = (size_t)g->dae.n * sizeof(double);
  m->cj_setup = 0;
  m->h_next = h0 > 0 ? h0 : 0;
  m->error_before = 1;
  m->bend = fmax(m->bend, BEND_AGAIN);
  m->rate = 0.5;
  m->expected[0] = m->expected[1] = INFINITY;
  m->first = true;
  m->t_old = g->t;
  m->h = 0;
  memcpy(m->y_old, g->y, bytes);
  memcpy(m->y_mid, g->y, bytes);
  memset(m->curve, 0, bytes);
  if (g->dae.n_events)
    g->dae.events(g->dae.user, g->t, g->y, m->ev_0);
}

static pn_status trbdf2_restart(pn_integrator *g, double h0)
{
  forget(g, h0);
  return right_derivative(g, h0);
}

/* States that alone have memory have the rates they had; those of others depend on the sources' slopes. */
static pn_status trbdf2_corner(pn_integrator *g)
{
  pn_method *m = g->method;
  forget(g, 0);
  if (!g->dae.memory_apart)
    return right_derivative(g, 0);
  for (int i = 0; i < g->dae.n; i++)
    g->yp[i] = g->dae.differential[i] ? m->z_0[i] : 0;
  return PN_OK;
}

static void trbdf2_stats(const pn_integrator *g, pn_integrator_stats *s)
{
  *s = g->method->stats;
}

/* ---- steps ---- */

/* A first step that moves no unknown by more than its tolerance times a hundred; all that remains where states, which
 * alone have memory, stand still. */
static double first_step(pn_integrator *g, double remaining)
{
  int where;
  double speed = pn_trbdf2_norm(g->yp, g->method->w_d, g->method->from, g->dae.n, &where);
  double h = (g->dae.memory_apart ? APART_PART : FIRST_PART) * remaining;
  if (g->dae.memory_apart && speed * remaining <= AT_REST)
    return remaining;
  return speed > 0 && isfinite(speed) ? fmin(h, 100 / speed) : h;
}

/* The step to try: never past the stop, and no sliver before it. */
static double choose_step(double wanted, double hmax, double remaining)
{
  double h = fmin(wanted, hmax);
  if (h >= remaining * (1 - 1e-9))
    return remaining;
  return 2 * h > remaining ? fmin(h, 0.5 * remaining * (1 + 1e-9)) : h;
}

static void swap(double **a, double **b)
{
  double *kept = *a;
  *a = *b;
  *b = kept;
}

/* y' and y'' at the end, of the parabola. */
PN_CLONES
static void end_slopes(int n, double h, const double *restrict y_old, const double *restrict y_mid,
                       const double *restrict y, double *restrict yp, double *restrict curve)
{
  for (int i = 0; i < n; i++) {
    double left = (y_mid[i] - y_old[i]) * (1 / (PN_GAMMA * h));
    double right = (y[i] - y_mid[i]) * (1 / ((1 - PN_GAMMA) * h));
    curve[i] = 2 * (right - left) * (1 / h);
    yp[i] = right + 0.5 * curve[i] * (1 - PN_GAMMA) * h;
  }
}

static void accept_step(pn_integrator *g, double h, double t)
{
  pn_method *m = g->method;
  int n = g->dae.n;
  size_t bytes = (size_t)n * sizeof(double), memory = (size_t)(n - m->from) * sizeof(double);
  memcpy(m->y_old, g->y, bytes);
  swap(&m->y_mid, &m->y_g);
  memcpy(g->y, m->y_1, bytes);
  if (g->dae.memory_apart)
    memcpy(m->q_0 + m->from, g->y + m->from, memory);
  else
    swap(&m->q_0, &m->q_1);
  swap(&m->z_0, &m->z_1);
  if (g->dae.n_events)
    memcpy(m->ev_0, m->ev_1, (size_t)g->dae.n_events * sizeof(double));
  end_slopes(n, h, m->y_old, m->y_mid, g->y, g->yp, m->curve);
  m->t_old = g->t;
  m->h = h;
  g->t = t;
  m->age++;
  m->first = false;
  m->stats.steps++;
  m->stats.last_step = h;
}

/* The next step from the error of this one and from its trend: where equal steps would have had a growing
 * error, as on the way to a switching, the next one is as much shorter again (Gustafsson 1994, ACM TOMS 20,
 * 496; Hairer and Wanner, Solving ODEs II, sec. IV.8). */
static void plan_next(pn_method *m, double h, double wanted, double error)
{
  double e = fmax(error, 1e-6), factor = SAFETY * cbrt(1 / e);
  if (!m->first)
    factor = fmin(factor, fmax(LEAST_TREND, h / m->h * cbrt(m->error_before / e)) * factor);
  double most = m->refused_h > 0 ? AFTER_REFUSAL : m->first ? 10 : 4;
  factor = fmin(most, fmax(0.2, factor));
  if (factor > 1 && factor < 1.2)
    factor = 1; /* the matrix in hand stays good */
  m->error_before = e;
  double behind = m->h_behind > 0 ? m->h_behind : INFINITY;
  m->h_behind = 0;
  /* A step cut short by a stop or an event says nothing against the one wanted. */
  m->h_next = factor >= 1 ? fmax(h * factor, fmin(wanted, (m->refused_h > 0 ? 1 : 4) * most * h))
                          : h * factor;
  m->h_next = fmin(m->h_next, behind);
}

static pn_status step_underflow(pn_integrator *g, pn_status why)
{
  int unknown = g->method->limiting;
  if (why == PN_E_CONVERGENCE)
    return pn_method_fail(g, why, "the equations do not converge however small the time step",
                          unknown);
  if (why == PN_E_DOMAIN)
    return pn_method_fail(g, why, "the equations have no value here", unknown);
  return pn_method_fail(g, PN_E_STEP, "the error stays too large however small the time step",
                        unknown);
}

/* Slopes at the start of the first step that are not known there, from the middle of a refused one. */
static void learn_slopes(pn_integrator *g, double h)
{
  pn_method *m = g->method;
  for (int i = 0; m->first && i < m->from; i++)
    g->yp[i] = (m->y_g[i] - g->y[i]) * (1 / (PN_GAMMA * h));
}

/* The step in place of one whose error is too large. Its order is 1 instead of 3 where a rate sets in or ends
 * within the step, as behind corners; else two refusals in a row tell it. Where a rate sets in behind the middle
 * nothing moves up to there, and behind it errors fall with the square of the step, as of any kink in a rate. */
static double shorter(pn_method *m, double h, double error)
{
  double order = m->first ? 1 : 3;
  int k = m->limiting;
  if (isfinite(error) && m->z_0[k] == 0 && m->z_g[k] == 0) {
    m->h_behind = SAFETY * h / sqrt(error);
    return m->refused_h = PN_GAMMA * h;
  }
  if (m->refused_h > h)
    order = fmin(3, fmax(1, log(m->refused_error / error) / log(m->refused_h / h)));
  m->refused_h = h;
  m->refused_error = error;
  return h * (isfinite(error) ? fmin(0.8, fmax(0.1, SAFETY * pow(error, -1 / order))) : 0.1);
}

/* One attempt and its verdict: *h shrinks when it has to be repeated (PN_E_STEP, PN_E_CONVERGENCE or
 * PN_E_DOMAIN say why). */
static pn_status try_step(pn_integrator *g, double *h, double *error)
{
  pn_method *m = g->method;
  pn_status st = pn_trbdf2_attempt(g, *h);
  if (!st)
    st = pn_trbdf2_error(g, *h, error);
  if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN) {
    m->stats.newton_failures++;
    *h *= m->fresh || st == PN_E_DOMAIN ? 0.25 : 1;
    m->cj_setup = 0;
  } else if (!st && !(*error <= 1)) {
    m->stats.error_failures++;
    learn_slopes(g, *h);
    *h = shorter(m, *h, *error);
    st = PN_E_STEP;
  }
  return st;
}

static pn_status trbdf2_step(pn_integrator *g, double tstop, double hmax, double *t,
                             pn_step_kind *kind)
{
  pn_method *m = g->method;
  pn_trbdf2_weights(g);
  double remaining = tstop - g->t;
  double wanted = m->h_next > 0 ? m->h_next : first_step(g, remaining);
  double h = choose_step(wanted, hmax, remaining);
  m->refused_h = m->h_behind = 0;
  pn_status why = PN_OK;
  for (int k = 0; k < MAX_ATTEMPTS; k++) {
    if (h <= 16 * DBL_EPSILON * fabs(g->t) && h < remaining)
      return step_underflow(g, why);
    double error = 0, tried = h;
    pn_status st = try_step(g, &h, &error);
    if (st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN) {
      why = st;
      wanted = h;
      continue;
    }
    if (st)
      return pn_method_fail(g, st, "the equations failed", m->limiting);
    double event = pn_trbdf2_event(g, tried);
    if (event > 0 && event < 1 - EVENT_RESOLUTION &&
        event * tried > 16 * DBL_EPSILON * fabs(g->t)) {
      h = event * tried; /* land on it */
      continue;
    }
    plan_next(m, tried, wanted, error);
    *t = tried == remaining ? tstop : g->t + tried;
    accept_step(g, tried, *t);
    *kind = event > 0 ? PN_STEP_EVENT : *t == tstop ? PN_STEP_STOP : PN_STEP_TAKEN;
    return PN_OK;
  }
  return step_underflow(g, why);
}

const pn_method_class pn_method_trbdf2 = {.name = "trbdf2",
                                          .charge_form = true,
                                          .create = trbdf2_create,
                                          .destroy = trbdf2_destroy,
                                          .step = trbdf2_step,
                                          .interpolate = pn_trbdf2_interpolate,
                                          .interpolate_some = pn_trbdf2_interpolate_some,
                                          .restart = trbdf2_restart,
                                          .corner = trbdf2_corner,
                                          .stats = trbdf2_stats};
