/* Envelope following by the extrapolated linearly implicit Euler method, with order and step chosen from its own
 * error estimate (Deuflhard 1985, SIAM Rev. 27, 505; Hairer and Wanner, Solving ODEs II, IV.9).
 *
 * The cycle's map x + d(x) is turned into the flow that passes through all its iterates,
 *     dx/dn = d(x) log(1 + J)/J,   J = d'(x),
 * exact for a linear map (Gear and Gallivan's envelope, with no error of the order of one cycle's change).
 * J is the derivative of each state's change by all states moved together: its diagonal, where states act
 * little on each other. The method's order does not depend on J; its stability under long steps does. */
#include "solver/envelope.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ORDER = 7, PLAIN_CYCLES = 8, MOST_ATTEMPTS = 60 };
static const double SHORTEST = 4;      /* cycles; below it a step saves nothing */
static const double NEAR = 1e-3;       /* of the range: as far a derivative is kept */
static const double NUDGE = 1e-4;      /* of the range, for the difference quotient */
static const double FIRST_MOVE = 0.01; /* of the range, by the first step */

struct pn_envelope {
  pn_envelope_problem p;
  double *memory;
  double cycle, cycle_old; /* cycles passed; before the last step */
  double *x, *x_old, *x_0; /* [n] now; before the last step; at cycle 0 */
  double *g, *g_old;       /* [n] the flow there, per cycle */
  double *j, *x_j;         /* [n] derivative of the change, per cycle, and where it was taken */
  bool has_j;
  double *w;     /* [n] 1 / tolerance of the step in hand */
  double *z, *d; /* [n] a trial point and its flow */
  double *table; /* [MOST_ORDER][n] extrapolated values of the last row */
  double *up;    /* [n] */
  double step;   /* cycles, proposed */
  bool ready;    /* g and j belong to x */
  pn_envelope_stats stats;
};

pn_status pn_envelope_new(const pn_envelope_problem *p, const double *x, pn_envelope **out)
{
  *out = NULL;
  pn_envelope *e = calloc(1, sizeof *e);
  if (!e)
    return PN_E_MEMORY;
  size_t n = (size_t)p->n;
  e->p = *p;
  e->memory = calloc((12 + MOST_ORDER) * n + 1, sizeof(double));
  if (!e->memory) {
    free(e);
    return PN_E_MEMORY;
  }
  double **vectors[] = {&e->x,   &e->x_old, &e->x_0, &e->g, &e->g_old, &e->j,
                        &e->x_j, &e->w,     &e->z,   &e->d, &e->up,    &e->table};
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    *vectors[k] = e->memory + k * n;
  memcpy(e->x, x, n * sizeof *x);
  memcpy(e->x_0, x, n * sizeof *x);
  memcpy(e->x_old, x, n * sizeof *x);
  *out = e;
  return PN_OK;
}

void pn_envelope_free(pn_envelope *e)
{
  if (!e)
    return;
  free(e->memory);
  free(e);
}

static double confine(const pn_envelope *e, int i, double x)
{
  return fmin(fmax(x, e->p.lo[i]), e->p.hi[i]);
}

static pn_status change(pn_envelope *e, const double *x, double *dx)
{
  e->stats.maps++;
  return e->p.change(e->p.user, x, dx);
}

/* The flow at x [n] from the cycle's change there: log(1 + J)/J of it, and nothing out of bounds. */
static void flow_of(const pn_envelope *e, const double *x, double *d)
{
  for (int i = 0; i < e->p.n; i++) {
    double j = e->j[i];
    d[i] *= fabs(j) < 1e-5 ? 1 - 0.5 * j : log1p(j) / j;
    if ((x[i] >= e->p.hi[i] && d[i] > 0) || (x[i] <= e->p.lo[i] && d[i] < 0))
      d[i] = 0;
  }
}

/* Where the difference quotient is taken: against the motion, or inside the bounds. */
static void nudge(pn_envelope *e)
{
  for (int i = 0; i < e->p.n; i++) {
    double by = NUDGE * e->p.range[i] * (e->g_old[i] < 0 ? -1 : 1);
    if (confine(e, i, e->x[i] + by) != e->x[i] + by)
      by = -by;
    e->z[i] = confine(e, i, e->x[i] + by);
  }
}

/* Is the derivative in hand still good? */
static bool is_near(const pn_envelope *e)
{
  bool near = e->has_j;
  for (int i = 0; i < e->p.n; i++)
    near &= fabs(e->x[i] - e->x_j[i]) <= NEAR * e->p.range[i];
  return near;
}

pn_status pn_envelope_prepare(pn_envelope *e)
{
  if (e->ready)
    return PN_OK;
  bool old = is_near(e);
  nudge(e);
  pn_status st = old ? PN_OK : change(e, e->z, e->d);
  if (!st)
    st = change(e, e->x, e->g);
  if (st)
    return st;
  for (int i = 0; i < e->p.n && !old; i++) {
    double by = e->z[i] - e->x[i];
    e->j[i] = by != 0 ? fmin(fmax((e->d[i] - e->g[i]) / by, -0.999), 10) : 0;
    e->x_j[i] = e->x[i];
  }
  e->has_j = true;
  flow_of(e, e->x, e->g);
  e->ready = true;
  return PN_OK;
}

static double first_step(const pn_envelope *e)
{
  double fastest = 0;
  for (int i = 0; i < e->p.n; i++)
    fastest = fmax(fastest, fabs(e->g[i]) / (FIRST_MOVE * e->p.range[i]));
  return fastest > 0 ? 1 / fastest : INFINITY;
}

/* A tolerance relative to how far the state has come, so that a small drift is right, too; not less than what
 * the changes' own errors lead to. */
static void set_weights(pn_envelope *e, double h)
{
  for (int i = 0; i < e->p.n; i++) {
    double moved = fabs(e->x[i] - e->x_0[i]) + fabs(h * e->g[i]);
    double noise = e->p.noise ? e->p.noise[i] * fmin(h, 1 / fabs(e->j[i])) : 0;
    e->w[i] = 1 / (e->p.reltol * fmin(moved, e->p.range[i]) + e->p.atol[i] + noise);
  }
}

/* m linearly implicit Euler steps over h cycles from x into z. */
static pn_status euler(pn_envelope *e, double h, int m)
{
  int n = e->p.n;
  double part = h / m;
  memcpy(e->z, e->x, (size_t)n * sizeof *e->z);
  for (int k = 0; k < m; k++) {
    if (k == 0) {
      memcpy(e->d, e->g, (size_t)n * sizeof *e->d);
    } else {
      pn_status st = change(e, e->z, e->d);
      if (st)
        return st;
      flow_of(e, e->z, e->d);
    }
    for (int i = 0; i < n; i++) {
      double stiff = fmin(log1p(e->j[i]), 0);
      e->z[i] = confine(e, i, e->z[i] + part * e->d[i] / (1 - part * stiff));
    }
  }
  return PN_OK;
}

/* Row m of the table (Aitken and Neville; n_m = m): table[k] becomes T_m,k+1. Returns the estimate of
 * the error, T_m,m - T_m,m-1, in tolerances. */
static double extrapolate(pn_envelope *e, int m)
{
  int n = e->p.n;
  double worst = 0;
  for (int i = 0; i < n; i++) {
    double value = e->z[i], last = value;
    for (int k = 1; k < m; k++) {
      double *at = &e->table[(size_t)(k - 1) * (size_t)n + (size_t)i], before = *at;
      *at = value;
      last = value;
      value += (value - before) / ((double)m / (m - k) - 1);
    }
    e->table[(size_t)(m - 1) * (size_t)n + (size_t)i] = value;
    double error = fabs(value - last) * e->w[i];
    worst = error <= worst ? worst : error;
  }
  return isfinite(worst) ? worst : INFINITY;
}

/* Cycles integrated by a step of order k: one new change and derivative, and the rows of the table. */
static double work_of(int k)
{
  return 2 + 0.5 * k * (k - 1);
}

/* The next step from the errors of all orders of this one: the one that needs least work in a cycle; one
 * order more when orders still pay. */
static void plan(pn_envelope *e, double h, int order, const double *error)
{
  double best = 0, best_rate = INFINITY, before = INFINITY;
  for (int k = 2; k <= order; k++) {
    double factor = fmin(20, 0.85 * pow(fmax(error[k], 1e-12) / 0.7, -1.0 / k));
    double rate = work_of(k) / (h * factor);
    if (k == order && order < MOST_ORDER && rate < 0.9 * before)
      factor *= work_of(k + 1) / work_of(k);
    if (rate < best_rate) {
      best = h * factor;
      best_rate = rate;
    }
    before = rate;
  }
  e->step = best;
}

static void accept(pn_envelope *e, const double *x, double cycles)
{
  size_t bytes = (size_t)e->p.n * sizeof(double);
  memcpy(e->x_old, e->x, bytes);
  memcpy(e->g_old, e->g, bytes);
  e->cycle_old = e->cycle;
  for (int i = 0; i < e->p.n; i++)
    e->x[i] = confine(e, i, x[i]);
  e->cycle += cycles;
  e->ready = false;
}

/* Rows of the table until the error is small enough; *order 0 when it never is. */
static pn_status attempt(pn_envelope *e, double h, int *order, double *error)
{
  *order = 0;
  set_weights(e, h);
  for (int m = 1; m <= MOST_ORDER; m++) {
    pn_status st = euler(e, h, m);
    if (st == PN_E_DOMAIN || st == PN_E_CONVERGENCE || st == PN_E_STEP) {
      error[m] = INFINITY;
      return PN_OK;
    }
    if (st)
      return st;
    error[m] = extrapolate(e, m);
    if (m > 1 && error[m] <= 1) {
      *order = m;
      return PN_OK;
    }
    if (m > 3 && error[m] > error[m - 1] && error[m] > 10)
      return PN_OK; /* more rows do not help */
  }
  return PN_OK;
}

/* Where no long step is good: cycle after cycle. */
static pn_status plain_cycles(pn_envelope *e, double stop)
{
  double from = e->cycle;
  memcpy(e->up, e->x, (size_t)e->p.n * sizeof *e->up);
  int count = (int)fmax(1, fmin(PLAIN_CYCLES, rint(stop - from)));
  for (int k = 0; k < count; k++) {
    pn_status st = change(e, e->up, e->d);
    if (st)
      return st;
    for (int i = 0; i < e->p.n; i++)
      e->up[i] = confine(e, i, e->up[i] + e->d[i]);
  }
  accept(e, e->up, fmin(count, stop - from));
  e->stats.plain += count;
  e->step = PLAIN_CYCLES;
  return PN_OK;
}

pn_status pn_envelope_step(pn_envelope *e, double stop)
{
  pn_status st = pn_envelope_prepare(e);
  if (st)
    return st;
  if (!(e->step > 0))
    e->step = fmax(1, first_step(e));
  if (e->step < SHORTEST)
    return plain_cycles(e, stop);
  double h = fmin(fmin(e->step, e->p.max_step), stop - e->cycle);
  for (int k = 0; k < MOST_ATTEMPTS; k++) {
    double error[MOST_ORDER + 1] = {0};
    int order;
    if ((st = attempt(e, h, &order, error)))
      return st;
    if (order) {
      bool cut = h < e->step;
      double wanted = e->step;
      plan(e, h, order, error);
      if (cut) /* by the stop or the longest step: nothing against what was wanted */
        e->step = fmax(e->step, fmin(wanted, 4 * h));
      accept(e, &e->table[(size_t)(order - 1) * (size_t)e->p.n], h);
      if (stop - e->cycle < 1e-9 * stop)
        e->cycle = stop;
      e->stats.steps++;
      e->stats.order = order;
      return PN_OK;
    }
    e->stats.refused++;
    h *= 0.25;
    e->step = h;
    if (h < SHORTEST)
      return plain_cycles(e, stop);
  }
  return PN_E_STEP;
}

double pn_envelope_cycle(const pn_envelope *e)
{
  return e->cycle;
}

const double *pn_envelope_x(const pn_envelope *e)
{
  return e->x;
}

void pn_envelope_interpolate(const pn_envelope *e, double cycle, double *x)
{
  double h = e->cycle - e->cycle_old, s = h > 0 ? (cycle - e->cycle_old) / h : 1;
  double a = s * s * (3 - 2 * s), b = s * (1 - s) * (1 - s) * h, c = s * s * (s - 1) * h;
  for (int i = 0; i < e->p.n; i++) {
    double slope = e->ready ? e->g[i] : (e->x[i] - e->x_old[i]) / h;
    x[i] = confine(e, i, e->x_old[i] + a * (e->x[i] - e->x_old[i]) + b * e->g_old[i] + c * slope);
  }
}

pn_envelope_stats pn_envelope_get_stats(const pn_envelope *e)
{
  return e->stats;
}
