/* Shooting on a circuit, and finding a first guess of an oscillation: crossings of a section are kept until
 * one returns to where an earlier one was. */
#include "analysis/orbit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CROSSINGS = 64, ROUNDS = 40 };
static const double RETURNS = 0.02; /* of the swing: the orbit has come back */

/* ---- the circuit ---- */

static pn_status eval(void *user, double t, const double *y, bool jacobian, double *f, double *q)
{
  const pn_orbit *o = user;
  pn_sim *sim = o->run->sim;
  size_t bytes = (size_t)pn_sim_n(sim) * sizeof *f;
  pn_status st = pn_sim_eval(sim, PN_SIM_TRAN, t, y, jacobian);
  if (st == PN_OK) {
    memcpy(f, pn_sim_f(sim), bytes);
    memcpy(q, pn_sim_q(sim), bytes);
  }
  return st;
}

static void bound(void *user, const double *y, double *r, double aq)
{
  pn_sim_bound(((pn_orbit *)user)->run->sim, y, r, aq);
}

static pn_status factor(void *user, double aq)
{
  return pn_sim_factor(((pn_orbit *)user)->run->sim, 1, aq);
}

static pn_status solve(void *user, double *r)
{
  return pn_sim_solve(((pn_orbit *)user)->run->sim, r);
}

static void mul_g(void *user, const double *v, double *w)
{
  pn_sim_mul_g(((pn_orbit *)user)->run->sim, v, w);
}

static void mul_c(void *user, const double *v, double *w)
{
  pn_sim_mul_c(((pn_orbit *)user)->run->sim, v, w);
}

static double next_corner(void *user, double t)
{
  return pn_sim_next_corner(((pn_orbit *)user)->run->sim, t);
}

static bool interrupted(void *user)
{
  const pn_run *r = ((pn_orbit *)user)->run;
  return r->interrupted(r->user);
}

static pn_status observe(void *user, double t, const double *y, const double *f)
{
  const pn_orbit *o = user;
  (void)f;
  return o->observe(o->user, t, y);
}

pn_status pn_orbit_new(const pn_run *r, double reltol, pn_orbit **out)
{
  *out = NULL;
  pn_orbit *o = calloc(1, sizeof *o);
  if (!o)
    return PN_E_MEMORY;
  int n = pn_sim_n(r->sim);
  o->run = r;
  o->differential = calloc((size_t)n + 1, 1);
  pn_status st = o->differential ? PN_OK : PN_E_MEMORY;
  for (int k = 0; k < n && st == PN_OK; k++)
    o->differential[k] = pn_sim_differential(r->sim)[k] || pn_sim_q_nonlinear(r->sim)[k];
  pn_shoot_problem p = {.user = o,
                        .n = n,
                        .differential = o->differential,
                        .atol = pn_sim_atol(r->sim),
                        .reltol = reltol > 0 ? reltol : 1e-8,
                        .eval = eval,
                        .bound = bound,
                        .factor = factor,
                        .solve = solve,
                        .mul_g = mul_g,
                        .mul_c = mul_c,
                        .next_corner = next_corner,
                        .interrupted = interrupted,
                        .observe = observe};
  if (st == PN_OK)
    st = pn_shoot_new(&p, &o->shoot);
  if (st)
    pn_orbit_free(o);
  else
    *out = o;
  return st;
}

void pn_orbit_free(pn_orbit *o)
{
  if (!o)
    return;
  pn_shoot_free(o->shoot);
  free(o->differential);
  free(o);
}

/* ---- a first guess ---- */

typedef struct watch {
  int n, pick; /* unknown whose crossings are counted; -1: only extremes are gathered */
  const unsigned char *differential;
  double level;
  double *low, *high; /* [n] extremes */
  double *last;       /* [n] the last point */
  double t_last;
  double *hit; /* [CROSSINGS][n] points on the section, newest at count % CROSSINGS */
  double t_hit[CROSSINGS];
  long count;
  bool seen;
  double period; /* found: > 0 */
} watch;

/* Does the newest crossing return to an earlier one? The nearest in time counts. */
static void compare(watch *w)
{
  const double *now = w->hit + (size_t)(w->count % CROSSINGS) * (size_t)w->n;
  for (long k = w->count - 1; k >= 0 && k > w->count - CROSSINGS; k--) {
    const double *then = w->hit + (size_t)(k % CROSSINGS) * (size_t)w->n;
    double worst = 0;
    for (int i = 0; i < w->n; i++) {
      double swing = w->high[i] - w->low[i];
      if (w->differential[i] && swing > 0)
        worst = fmax(worst, fabs(now[i] - then[i]) / swing);
    }
    if (worst < RETURNS) {
      w->period = w->t_hit[w->count % CROSSINGS] - w->t_hit[k % CROSSINGS];
      return;
    }
  }
}

static pn_status see(void *user, double t, const double *y)
{
  watch *w = user;
  for (int k = 0; k < w->n; k++) {
    w->low[k] = fmin(w->low[k], y[k]);
    w->high[k] = fmax(w->high[k], y[k]);
  }
  int p = w->pick;
  if (p >= 0 && w->seen && w->last[p] < w->level && y[p] >= w->level) {
    double part = (w->level - w->last[p]) / (y[p] - w->last[p]);
    double *at = w->hit + (size_t)(++w->count % CROSSINGS) * (size_t)w->n;
    for (int k = 0; k < w->n; k++)
      at[k] = w->last[k] + part * (y[k] - w->last[k]);
    w->t_hit[w->count % CROSSINGS] = w->t_last + part * (t - w->t_last);
    if (w->count > 1)
      compare(w);
  }
  memcpy(w->last, y, (size_t)w->n * sizeof *y);
  w->t_last = t;
  w->seen = true;
  return w->period > 0 ? PN_E_LIMIT : PN_OK;
}

static void forget_extremes(watch *w)
{
  for (int k = 0; k < w->n; k++) {
    w->low[k] = INFINITY;
    w->high[k] = -INFINITY;
  }
}

/* The unknown with the largest swing relative to its size becomes the section's. */
static bool choose_section(watch *w, const double *atol)
{
  double best = 0;
  w->pick = -1;
  for (int k = 0; k < w->n; k++) {
    double swing = w->high[k] - w->low[k];
    double size = swing / (fmax(fabs(w->low[k]), fabs(w->high[k])) + 1e3 * atol[k]);
    if (w->differential[k] && swing > 100 * atol[k] && size > best) {
      best = size;
      w->pick = k;
      w->level = 0.5 * (w->low[k] + w->high[k]);
    }
  }
  return w->pick >= 0;
}

static pn_status settle(pn_orbit *o, watch *w, double guess, double least, double *y,
                        double *period)
{
  const double *atol = pn_sim_atol(o->run->sim);
  double span = fmax(20 * guess, least), t = 0;
  pn_status st = pn_shoot_integrate(o->shoot, 0, span, y, false);
  for (int k = 0; k < ROUNDS && st == PN_OK; k++) {
    w->pick = -1;
    w->count = 0;
    w->seen = false;
    forget_extremes(w);
    t += span;
    span *= k ? 1.15 : 0.5;
    st = pn_shoot_integrate(o->shoot, 0, span, y, true);
    if (st == PN_OK && !choose_section(w, atol))
      return PN_E_CONVERGENCE;
    w->seen = false;
    if (st == PN_OK)
      st = pn_shoot_integrate(o->shoot, 0, span, y, true);
    if (st == PN_E_LIMIT && w->period > 0) {
      memcpy(y, w->hit + (size_t)(w->count % CROSSINGS) * (size_t)w->n, (size_t)w->n * sizeof *y);
      *period = w->period;
      return PN_OK;
    }
  }
  return st ? st : PN_E_CONVERGENCE;
}

pn_status pn_orbit_settle(pn_orbit *o, double guess, double least, double *y, double *period)
{
  size_t n = (size_t)pn_sim_n(o->run->sim);
  double *room = calloc((3 + CROSSINGS) * n + 1, sizeof *room);
  if (!room)
    return PN_E_MEMORY;
  watch w = {.n = (int)n,
             .differential = o->differential,
             .low = room,
             .high = room + n,
             .last = room + 2 * n,
             .hit = room + 3 * n};
  o->observe = see;
  o->user = &w;
  pn_status st = settle(o, &w, guess, least, y, period);
  free(room);
  return st;
}
