/* TR-BDF2: the trapezoidal rule to t + gamma h, then second-order BDF to t + h, on f + dq/dt = 0 in
 * charge form. One-step, L-stable, both stages with one matrix; charges are conserved by construction.
 *
 * Bank, Coughran, Fichtner, Grosse, Rose and Smith 1985, IEEE Trans. Electron Devices 32, 1992; the
 * stage derivatives and the filtered error estimate after Hosea and Shampine 1996, Appl. Numer. Math. 20,
 * 21. With z = dq/dt and cj = 2/(gamma h):
 *   stage 1:  f(y_g) + z_g = 0,  z_g = cj (q_g - q_0) - z_0
 *   stage 2:  f(y_1) + z_1 = 0,  z_1 = cj (q_1 - q_0 - (q_g - q_0) / (gamma (2 - gamma))) */
#include "solver/method.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* gamma = 2 - sqrt 2: both stages have the same cj, and the local error is smallest. */
#define GAMMA 0.58578643762690495
static const double STAGE_WEIGHT = 1 / (GAMMA * (2 - GAMMA));
/* Local error of q: k h^3 q''' with this k (Bank et al., eq. 35). */
static const double ERROR_CONSTANT = (-3 * GAMMA * GAMMA + 4 * GAMMA - 2) / (12 * (2 - GAMMA));

enum { MAX_ITERATIONS = 6, MAX_AGE = 25, MAX_ATTEMPTS = 400, MAX_ROOT_ITERATIONS = 60 };
static const double NEWTON_TOLERANCE = 0.03; /* of the error tolerance, weighted max norm */
static const double SLOWEST_RATE = 0.9;      /* beyond it Newton has failed */
static const double LEAST_RATE = 0.02;       /* what an old rate may promise for a new step */
static const double CJ_DRIFT = 0.25;         /* relative change of cj that asks for a new matrix */
static const double FIRST_PART = 1e-2;       /* of what remains, the most a first step may be */
static const double FAR_BELOW = 0.1; /* errors, of their tolerance: then a step is aimed at */
static const double AIM = 0.5;       /* the cube root of an eighth of it */
static const double EVENT_RESOLUTION = 1e-9; /* of the step, within which an event is at its end */

struct pn_method {
  double *memory;
  double *y_old, *y_mid;      /* [n] start and middle of the last step: with g->y the interpolant */
  double *y_g, *y_1;          /* [n] stage values of the step in hand */
  double *q_0, *q_g, *q_1;    /* [n] charges: C, Wb, unit */
  double *z_0, *z_g, *z_1;    /* [n] dq/dt */
  double *shift;              /* [n] z = cj (q - q_0) - shift */
  double *f, *r, *w;          /* [n] f, residual and correction, weights */
  double *curve;              /* [n] y'' of the last step's interpolant, for the predictor */
  double *ev_0, *ev_1, *ev_r; /* [n_events] at the start, the end, a trial root */
  double t_old, h;            /* s, the last step */
  double h_next;              /* s, proposed; 0: own choice */
  double cj_setup;            /* of the matrix in hand; 0: none */
  bool fresh;                 /* the matrix belongs to this attempt */
  bool first;                 /* no step since the restart */
  int age;                    /* steps with this matrix */
  double rate;                /* of Newton's convergence, lately */
  double error_before;        /* of the last accepted step */
  unsigned char *rests;       /* [n] 1: the last residual held this state at its bound */
  int limiting;               /* unknown with the largest error or update */
  pn_integrator_stats stats;
};

/* ---- life ---- */

static pn_status trbdf2_create(pn_integrator *g, int max_order)
{
  (void)max_order;
  pn_method *m = g->method = calloc(1, sizeof *m);
  if (!m || !g->dae.fq)
    return m ? PN_E_USAGE : PN_E_MEMORY;
  size_t n = (size_t)g->dae.n, ev = (size_t)g->dae.n_events;
  double **vectors[] = {&m->y_old, &m->y_mid, &m->y_g, &m->y_1, &m->q_0,
                        &m->q_g,   &m->q_1,   &m->z_0, &m->z_g, &m->z_1,
                        &m->shift, &m->f,     &m->r,   &m->w,   &m->curve};
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
  pn_status st = dae->fq(dae->user, g->t, g->y, m->f, m->q_0);
  if (st)
    return st;
  memcpy(m->r, m->f, (size_t)dae->n * sizeof(double));
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

static pn_status trbdf2_restart(pn_integrator *g, double h0)
{
  pn_method *m = g->method;
  size_t bytes = (size_t)g->dae.n * sizeof(double);
  m->cj_setup = 0;
  m->h_next = h0 > 0 ? h0 : 0;
  m->error_before = 1;
  m->rate = 0.5;
  m->first = true;
  m->t_old = g->t;
  m->h = 0;
  memcpy(m->y_old, g->y, bytes);
  memcpy(m->y_mid, g->y, bytes);
  memset(m->curve, 0, bytes);
  if (g->dae.n_events)
    g->dae.events(g->dae.user, g->t, g->y, m->ev_0);
  return right_derivative(g, h0);
}

static void trbdf2_stats(const pn_integrator *g, pn_integrator_stats *s)
{
  *s = g->method->stats;
}

/* ---- Newton's iteration of a stage ---- */

/* max |v| w over unknowns, or over the differential ones; *where: the largest. NaN counts as infinite. */
static double norm(const pn_dae *dae, const double *v, const double *w, bool differential,
                   int *where)
{
  double most = 0;
  for (int i = 0; i < dae->n; i++) {
    if (differential && !dae->differential[i])
      continue;
    double e = fabs(v[i]) * w[i];
    if (!(e <= DBL_MAX)) {
      *where = i;
      return INFINITY;
    }
    if (e > most) {
      most = e;
      *where = i;
    }
  }
  return most;
}

static pn_status prepare_matrix(pn_integrator *g, double t, double cj, const double *y)
{
  pn_method *m = g->method;
  bool near = m->cj_setup > 0 && fabs(cj / m->cj_setup - 1) <= CJ_DRIFT;
  if (near && m->age < MAX_AGE && m->rate < SLOWEST_RATE)
    return PN_OK;
  m->cj_setup = 0;
  pn_status st = g->dae.setup(g->dae.user, t, cj, y, g->yp);
  m->stats.setups++;
  m->cj_setup = st ? 0 : cj;
  m->age = 0;
  m->rate = fmin(m->rate, 0.5);
  m->fresh = true;
  return st;
}

/* r = f + z with z = cj (q - q_0) - shift at (t, y), and states held at their bounds. */
static pn_status stage_residual(pn_integrator *g, double t, double cj, const double *y, double *q,
                                double *z)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  pn_status st = dae->fq(dae->user, t, y, m->f, q);
  m->stats.residuals++;
  if (st)
    return st;
  for (int i = 0; i < dae->n; i++) {
    z[i] = cj * (q[i] - m->q_0[i]) - m->shift[i];
    m->r[i] = m->f[i] + z[i];
  }
  if (!dae->bound)
    return PN_OK;
  dae->bound(dae->user, y, m->r, cj);
  for (int i = 0; i < dae->n; i++)
    m->rests[i] = dae->differential[i] && m->r[i] != m->f[i] + z[i];
  return PN_OK;
}

/* q and z of a stage's solution y; z is 0 where a state rests at a bound. */
static pn_status stage_charges(pn_integrator *g, double t, double cj, const double *y, double *q,
                               double *z)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  if (dae->charge) {
    dae->charge(dae->user, y, q);
    for (int i = 0; i < dae->n; i++)
      z[i] = cj * (q[i] - m->q_0[i]) - m->shift[i];
  } else {
    pn_status st = stage_residual(g, t, cj, y, q, z);
    if (st)
      return st;
  }
  for (int i = 0; i < dae->n; i++)
    if (m->rests[i])
      z[i] = 0;
  return PN_OK;
}

/* Solves a stage: y [n] from its prediction to the solution, q [n] and z [n] there. The matrix may be an
 * old one. PN_E_CONVERGENCE and PN_E_DOMAIN ask for a fresh matrix or a shorter step. */
static pn_status solve_stage(pn_integrator *g, double t, double cj, double *y, double *q, double *z)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  pn_status st = prepare_matrix(g, t, cj, y);
  double before = 0;
  for (int k = 0; !st; k++) {
    st = stage_residual(g, t, cj, y, q, z);
    if (st)
      break;
    st = dae->solve(dae->user, cj, m->r);
    if (st)
      break;
    double scale = 2 / (1 + cj / m->cj_setup); /* for the drift of cj, as in IDA */
    for (int i = 0; i < dae->n; i++) {
      m->r[i] *= scale;
      y[i] -= m->r[i];
    }
    double update = norm(dae, m->r, m->w, false, &m->limiting);
    if (k > 0)
      m->rate = fmax(0.3 * m->rate, update / before);
    if (!isfinite(update) ||
        (k > 0 && update > SLOWEST_RATE * before && update > NEWTON_TOLERANCE) ||
        (k + 1 == MAX_ITERATIONS && update * m->rate > NEWTON_TOLERANCE))
      return PN_E_CONVERGENCE;
    before = update;
    if (update * fmin(1, fmax(m->rate, LEAST_RATE)) <= NEWTON_TOLERANCE) {
      st = stage_charges(g, t, cj, y, q, z);
      break;
    }
  }
  return st;
}

/* Both stages from g->t with step h. */
static pn_status attempt(pn_integrator *g, double h)
{
  pn_method *m = g->method;
  int n = g->dae.n;
  double cj = 2 / (GAMMA * h), s = GAMMA * h;
  m->fresh = false;
  for (int i = 0; i < n; i++) {
    m->y_g[i] = g->y[i] + s * (g->yp[i] + 0.5 * s * m->curve[i]);
    m->shift[i] = m->z_0[i];
  }
  pn_status st = solve_stage(g, g->t + s, cj, m->y_g, m->q_g, m->z_g);
  if (st)
    return st;
  /* Prediction: the parabola with y and y' at the start and y_g. */
  for (int i = 0; i < n; i++) {
    double slope = h * g->yp[i];
    m->y_1[i] = g->y[i] + slope + (m->y_g[i] - g->y[i] - GAMMA * slope) * (1 / (GAMMA * GAMMA));
    m->shift[i] = cj * STAGE_WEIGHT * (m->q_g[i] - m->q_0[i]);
  }
  return solve_stage(g, g->t + h, cj, m->y_1, m->q_1, m->z_1);
}

/* Weighted norm of the local error; a state that has come to its bound has none. That of q is 2 k h times a divided difference of z; the matrix turns it
 * into one of y and damps it where the circuit is stiff (Hosea and Shampine 1996, sec. 5). */
static pn_status local_error(pn_integrator *g, double h, double *error)
{
  pn_method *m = g->method;
  double scale = 2 * ERROR_CONSTANT * h * m->cj_setup;
  for (int i = 0; i < g->dae.n; i++) {
    double curve = m->z_0[i] / GAMMA - m->z_g[i] / (GAMMA * (1 - GAMMA)) + m->z_1[i] / (1 - GAMMA);
    m->r[i] = m->rests[i] ? 0 : scale * curve;
  }
  pn_status st = g->dae.solve(g->dae.user, m->cj_setup, m->r);
  if (!st)
    *error = norm(&g->dae, m->r, m->w, true, &m->limiting);
  return st;
}

/* ---- interpolation and events ---- */

/* The parabola through the start, the middle stage and the end of a step; s in [0, 1]. */
static void parabola(int n, double s, const double *y0, const double *y_g, const double *y1,
                     double *y)
{
  double a = (s - GAMMA) * (s - 1) / GAMMA, b = s * (s - 1) / (GAMMA * (GAMMA - 1)),
         c = s * (s - GAMMA) / (1 - GAMMA);
  for (int i = 0; i < n; i++)
    y[i] = a * y0[i] + b * y_g[i] + c * y1[i];
}

static pn_status trbdf2_interpolate(pn_integrator *g, double t, double *y, double *yp)
{
  pn_method *m = g->method;
  double s = m->h > 0 ? (t - m->t_old) / m->h : 1;
  int n = g->dae.n;
  if (yp && m->h > 0) { /* of a parabola the central difference is the slope itself */
    parabola(n, s + 0.5, m->y_old, m->y_mid, g->y, yp);
    parabola(n, s - 0.5, m->y_old, m->y_mid, g->y, y);
    for (int i = 0; i < n; i++)
      yp[i] = (yp[i] - y[i]) / m->h;
  }
  parabola(n, s, m->y_old, m->y_mid, g->y, y);
  return PN_OK;
}

static bool sign_changed(double a, double b)
{
  return (a < 0 && b >= 0) || (a > 0 && b <= 0);
}

/* The first sign change of an event function within the step in hand, as a part of h just past it; 1 or
 * more: at the end; 0: none. Illinois' rule on the interpolant (Dowell and Jarratt 1971, BIT 11, 168). */
static double find_event(pn_integrator *g, double h)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  double first = 0;
  if (dae->n_events == 0)
    return 0;
  dae->events(dae->user, g->t + h, m->y_1, m->ev_1);
  for (int e = 0; e < dae->n_events; e++) {
    if (!sign_changed(m->ev_0[e], m->ev_1[e]))
      continue;
    double lo = 0, hi = 1, f_lo = m->ev_0[e], f_hi = m->ev_1[e];
    for (int k = 0, side = 0; k < MAX_ROOT_ITERATIONS && hi - lo > 0.1 * EVENT_RESOLUTION; k++) {
      double s = f_hi != f_lo ? hi - f_hi * (hi - lo) / (f_hi - f_lo) : 0.5 * (lo + hi);
      s = s > lo && s < hi ? s : 0.5 * (lo + hi);
      parabola(dae->n, s, g->y, m->y_g, m->y_1, m->r);
      dae->events(dae->user, g->t + s * h, m->r, m->ev_r);
      if (sign_changed(m->ev_0[e], m->ev_r[e])) {
        f_lo *= side == 1 ? 0.5 : 1;
        hi = s, f_hi = m->ev_r[e], side = 1;
      } else {
        f_hi *= side == -1 ? 0.5 : 1;
        lo = s, f_lo = m->ev_r[e], side = -1;
      }
      if (f_hi == 0)
        break;
    }
    first = first == 0 ? hi : fmin(first, hi);
  }
  return first;
}

/* ---- steps ---- */

/* A first step that moves no unknown by more than its tolerance times a hundred. */
static double first_step(pn_integrator *g, double remaining)
{
  int where;
  double speed = norm(&g->dae, g->yp, g->method->w, true, &where);
  double h = FIRST_PART * remaining;
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

static void accept_step(pn_integrator *g, double h, double t)
{
  pn_method *m = g->method;
  int n = g->dae.n;
  size_t bytes = (size_t)n * sizeof(double);
  memcpy(m->y_old, g->y, bytes);
  memcpy(m->y_mid, m->y_g, bytes);
  memcpy(g->y, m->y_1, bytes);
  memcpy(m->q_0, m->q_1, bytes);
  memcpy(m->z_0, m->z_1, bytes);
  if (g->dae.n_events)
    memcpy(m->ev_0, m->ev_1, (size_t)g->dae.n_events * sizeof(double));
  /* y' and y'' at the end, of the parabola. */
  for (int i = 0; i < n; i++) {
    double left = (m->y_mid[i] - m->y_old[i]) / (GAMMA * h);
    double right = (g->y[i] - m->y_mid[i]) / ((1 - GAMMA) * h);
    m->curve[i] = 2 * (right - left) / h;
    g->yp[i] = right + 0.5 * m->curve[i] * (1 - GAMMA) * h;
  }
  m->t_old = g->t;
  m->h = h;
  g->t = t;
  m->age++;
  m->first = false;
  m->stats.steps++;
  m->stats.last_step = h;
}

/* The next step from the error of this one: PI control (Gustafsson 1991, ACM TOMS 17, 533), which damps;
 * where the error lies far below its tolerance there is nothing to damp, and the asymptotic rule holds. */
static void plan_next(pn_method *m, double h, double wanted, double error)
{
  double e = fmax(error, 1e-6);
  double factor = 0.9 * pow(e, -0.7 / 3) * pow(m->error_before, 0.4 / 3);
  if (e < FAR_BELOW && m->error_before < FAR_BELOW)
    factor = AIM * cbrt(1 / e);
  double most = m->first ? 10 : 4;
  factor = fmin(most, fmax(0.2, factor));
  if (factor > 1 && factor < 1.2)
    factor = 1; /* the matrix in hand stays good */
  m->error_before = e;
  /* A step cut short by a stop or an event says nothing against the one wanted. */
  m->h_next = factor >= 1 ? fmax(h * factor, fmin(wanted, 4 * most * h)) : h * factor;
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

/* One attempt and its verdict: *h shrinks when it has to be repeated (PN_E_STEP, PN_E_CONVERGENCE or
 * PN_E_DOMAIN say why). */
static pn_status try_step(pn_integrator *g, double *h, double *error)
{
  pn_method *m = g->method;
  pn_status st = attempt(g, *h);
  if (!st)
    st = local_error(g, *h, error);
  if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN) {
    m->stats.newton_failures++;
    *h *= m->fresh || st == PN_E_DOMAIN ? 0.25 : 1;
    m->cj_setup = 0;
  } else if (!st && !(*error <= 1)) {
    m->stats.error_failures++;
    *h *= isfinite(*error) ? fmin(0.8, fmax(0.1, 0.9 * pow(*error, -1.0 / 3))) : 0.1;
    st = PN_E_STEP;
  }
  return st;
}

static pn_status trbdf2_step(pn_integrator *g, double tstop, double hmax, double *t,
                             pn_step_kind *kind)
{
  pn_method *m = g->method;
  pn_method_weights(&g->dae, g->y, g->yp, NULL, m->w);
  double remaining = tstop - g->t;
  double wanted = m->h_next > 0 ? m->h_next : first_step(g, remaining);
  double h = choose_step(wanted, hmax, remaining);
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
    double event = find_event(g, tried);
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
                                          .interpolate = trbdf2_interpolate,
                                          .restart = trbdf2_restart,
                                          .stats = trbdf2_stats};
