/* Curves of equilibria. A special point is located as the root of a function of the place within the step:
 * the slope dp/ds for folds, the real part of the k-th eigenvalue (in falling order, where k
 * eigenvalues are unstable on the stabler side) for all others. */
#include "analysis/tracer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TRIALS = 60 };
static const double LOCATED = 1e-12; /* of the range, to which special points are located */
/* Nearer to a branch point than this (of the eigenvalue at the step's ends) the equations are too close to
 * singular; the secant takes the rest, with an error of its square. */
static const double NEARLY_SINGULAR = 1e-5;
static const double NEAR_ENOUGH = 1e-2; /* for the secant, when the corrector gave up there */
/* 1/s, faster than any rate: a state counts as bounded only when it stands at its bound. Near folds,
 * where its own slope vanishes, a step in the scale of that slope would reach across its whole range. */
static const double FAST = 1e20;
static const double DEFAULT_STEP = 0.02;

/* ---- the circuit as a continuation problem ---- */

static pn_status evaluate(pn_tracer *t, const double *y, double p, double *r, bool jacobian)
{
  const pn_run *run = t->run;
  if (run->interrupted(run->user))
    return PN_E_INTERRUPTED;
  pn_status st = pn_target_set(run, &t->target, p);
  if (st == PN_OK)
    st = pn_sim_eval(run->sim, PN_SIM_OP, 0, y, jacobian);
  if (st == PN_OK) {
    memcpy(r, pn_sim_f(run->sim), (size_t)t->n * sizeof *r);
    pn_sim_bound(run->sim, y, r, FAST);
  }
  return st;
}

static pn_status residual(void *user, const double *y, double p, double *r)
{
  return evaluate(user, y, p, r, false);
}

static pn_status jacobian(void *user, const double *y, double p)
{
  pn_tracer *t = user;
  pn_status st = evaluate(t, y, p, t->work, true);
  return st ? st : pn_sim_factor(t->run->sim, 1, 0);
}

static pn_status solve(void *user, double *r)
{
  return pn_sim_solve(((pn_tracer *)user)->run->sim, r);
}

static void multiply(void *user, const double *v, double *w)
{
  pn_sim_mul_g(((pn_tracer *)user)->run->sim, v, w);
}

/* dF/dp by central differences, one-sided where a parameter ends. */
static pn_status slope(void *user, const double *y, double p, double *r)
{
  pn_tracer *t = user;
  double span = fabs(t->o.to - t->o.from), h = 1e-5 * fmax(fabs(p), 1e-2 * span);
  double *up = t->work + t->n, *down = up + t->n, high = p + h, low = p - h;
  pn_status st = evaluate(t, y, high, up, false);
  if (st == PN_E_DOMAIN)
    st = evaluate(t, y, high = p, up, false);
  if (st == PN_OK)
    st = evaluate(t, y, low, down, false);
  if (st == PN_E_DOMAIN && high > p)
    st = evaluate(t, y, low = p, down, false);
  for (int k = 0; k < t->n && st == PN_OK; k++)
    r[k] = (up[k] - down[k]) / (high - low);
  return st;
}

/* ---- life ---- */

void pn_tracer_free(pn_tracer *t)
{
  if (!t)
    return;
  pn_cont_free(t->cont);
  pn_spectrum_free(t->spectrum);
  free(t->floor);
  free(t->work);
  free(t->store);
  free(t);
}

void pn_tracer_scales(const pn_run *r, double *scale)
{
  const double *atol = pn_sim_atol(r->sim);
  for (int k = 0; k < pn_sim_n(r->sim); k++) {
    bool branch = pn_circuit_unknown(r->circuit, k).kind == PN_U_BRANCH;
    scale[k] = branch ? fmax(1e4 * atol[k], 1e-3) : 1e4 * atol[k];
  }
}

static pn_status build(pn_tracer *t)
{
  size_t n = (size_t)t->n + 1;
  t->floor = calloc(n, sizeof *t->floor);
  t->work = calloc(3 * n, sizeof *t->work);
  t->store = calloc((PN_MOST_SPECIALS + 1) * n, sizeof *t->store);
  if (!t->floor || !t->work || !t->store)
    return PN_E_MEMORY;
  pn_tracer_scales(t->run, t->floor);
  for (int k = 0; k < PN_MOST_SPECIALS; k++)
    t->special[k].y = t->store + (size_t)k * (size_t)t->n;
  t->end = t->store + PN_MOST_SPECIALS * (size_t)t->n;
  pn_cont_problem pb = {.user = t,
                        .n = t->n,
                        .floor = t->floor,
                        .p_scale = fabs(t->o.to - t->o.from),
                        .step = t->o.step > 0 ? t->o.step : DEFAULT_STEP,
                        .max_dp = t->o.max_dp,
                        .residual = residual,
                        .jacobian = jacobian,
                        .solve = solve,
                        .multiply = multiply,
                        .slope = slope};
  pn_status st = pn_cont_new(&pb, &t->cont);
  return st || !t->o.stability ? st : pn_spectrum_new(t->run->sim, &t->spectrum);
}

pn_status pn_tracer_new(const pn_run *r, const pn_target *target, const pn_tracer_options *o,
                        pn_tracer **out)
{
  *out = NULL;
  pn_tracer *t = calloc(1, sizeof *t);
  if (!t)
    return PN_E_MEMORY;
  t->run = r;
  t->target = *target;
  t->o = *o;
  t->n = pn_sim_n(r->sim);
  t->outside = -1;
  pn_status st = build(t);
  if (st)
    pn_tracer_free(t);
  else
    *out = t;
  return st;
}

const double *pn_tracer_y(const pn_tracer *t)
{
  return pn_cont_y(t->cont);
}

double pn_tracer_p(const pn_tracer *t)
{
  return pn_cont_p(t->cont);
}

pn_status pn_tracer_linearise(pn_tracer *t, const double *y, double p)
{
  pn_status st = pn_target_set(t->run, &t->target, p);
  if (st == PN_OK && t->spectrum)
    st = pn_spectrum_at(t->spectrum, y);
  if (st == PN_E_MEMORY || st == PN_E_INTERRUPTED)
    t->fatal = st;
  return st;
}

/* Eigenvalues at the present point. A pencil that cannot be solved leaves the stability undecided. */
static pn_status look(pn_tracer *t)
{
  t->n_unstable = t->n_real = -1;
  t->leading = NAN;
  if (!t->spectrum)
    return PN_OK;
  pn_status st = pn_tracer_linearise(t, pn_tracer_y(t), pn_tracer_p(t));
  if (st == PN_OK) {
    t->n_unstable = t->spectrum->n_unstable;
    t->n_real = t->spectrum->n_real;
    t->leading = t->spectrum->n ? t->spectrum->s[0] : NAN;
  }
  return st == PN_E_SINGULAR || st == PN_E_CONVERGENCE ? PN_OK : st;
}

static pn_status begun(pn_tracer *t, pn_status st)
{
  t->n_special = 0;
  t->done = false;
  t->outside = -1;
  return st ? st : look(t);
}

/* out [n] = (G + w C) v for a fixed v without symmetry, at the target's value p; w brings C to G's size. */
static pn_status linear_probe(pn_tracer *t, const double *y, double p, double *v, double *out)
{
  for (int k = 0; k < t->n; k++)
    v[k] = t->floor[k] * (1 + 0.3 * sin(1 + 2.3 * k));
  pn_status st = evaluate(t, y, p, out, true);
  if (st)
    return st;
  pn_sim_mul_g(t->run->sim, v, out);
  pn_sim_mul_c(t->run->sim, v, t->end);
  for (int k = 0; k < t->n; k++)
    out[k] += 1e6 * t->end[k];
  return PN_OK;
}

/* Does any equation change with the target, or what is linearised there (a capacitance moves no
 * equilibrium, but its eigenvalues)? */
static pn_status check_use(pn_tracer *t, const double *y, double p)
{
  double *here = t->work, *there = here + t->n, *v = there + t->n;
  pn_status st = slope(t, y, p, t->end);
  for (int k = 0; k < t->n && st == PN_OK; k++)
    if (t->end[k] != 0)
      return PN_OK;
  double span = t->o.to - t->o.from;
  if (st == PN_OK)
    st = linear_probe(t, y, p, v, here);
  if (st == PN_OK)
    st = linear_probe(t, y, p + 1e-3 * (p < fmax(t->o.from, t->o.to) ? fabs(span) : -fabs(span)), v,
                      there);
  if (st)
    return st;
  if (memcmp(here, there, (size_t)t->n * sizeof *here) != 0)
    return PN_OK;
  return pn_error(t->run->diag, t->target.loc,
                  "nothing in the circuit depends on what is varied here"),
         PN_E_NETLIST;
}

pn_status pn_tracer_start(pn_tracer *t, const double *y, double p, int direction)
{
  pn_status st = t->target.kind == PN_TARGET_SCALE ? PN_OK : check_use(t, y, p);
  if (st)
    return st;
  return begun(t, pn_cont_start(t->cont, y, p, direction));
}

pn_status pn_tracer_start_along(pn_tracer *t, const double *y, double p, const double *direction,
                                double step)
{
  return begun(t, pn_cont_start_along(t->cont, y, p, direction, step));
}

/* ---- locating ---- */

/* What vanishes at the point that is looked for. */
typedef struct criterion {
  enum { C_SLOPE, C_EIGENVALUE, C_TARGET } what;
  int k;    /* C_EIGENVALUE */
  double p; /* C_TARGET */
} criterion;

static pn_status measure(pn_tracer *t, const criterion *c, double share, pn_special *at, double *g)
{
  double slope_there;
  pn_status st = pn_cont_between(t->cont, share, at->y, &at->p, &slope_there);
  at->share = share;
  *g = c->what == C_SLOPE ? slope_there : at->p - c->p;
  if (st || c->what != C_EIGENVALUE)
    return st;
  st = pn_tracer_linearise(t, at->y, at->p);
  if (st == PN_OK && t->spectrum->n <= c->k)
    st = PN_E_CONVERGENCE;
  if (st == PN_OK) {
    at->s = t->spectrum->s[c->k];
    *g = creal(at->s);
  }
  return st;
}

/* Root of the criterion in [0, 1] with the values ga, gb of different sign at its ends: regula falsi
 * in the Illinois form, with bisection where it crawls. */
static pn_status locate(pn_tracer *t, const criterion *c, double ga, double gb, pn_special *at)
{
  double a = 0, b = 1, span = fabs(t->o.to - t->o.from), most = fmax(fabs(ga), fabs(gb));
  double g = NAN, g1 = NAN, p1 = NAN, g2 = NAN, p2 = NAN; /* the last two points seen */
  double aside = 0;
  for (int k = 0; k < MOST_TRIALS; k++) {
    double share = k % 4 == 3 ? 0.5 * (a + b) : (a * gb - b * ga) / (gb - ga);
    if (!(share > a && share < b))
      share = 0.5 * (a + b);
    pn_status st = measure(t, c, share + aside * (b - share), at, &g);
    bool singular = st == PN_E_CONVERGENCE || st == PN_E_SINGULAR;
    bool lost = singular && fabs(g1) < NEAR_ENOUGH * most;
    if (singular && !lost &&
        c->what == C_EIGENVALUE) { /* upon a branch point, by luck: beside it */
      aside = aside > 0 ? 0.1 * aside : 0.1;
      continue;
    }
    if (st && !lost)
      return st;
    share = at->share;
    bool near = !lost && cimag(at->s) == 0 && fabs(g) < NEARLY_SINGULAR * most;
    if (c->what == C_EIGENVALUE && (lost || near)) {
      if (near) {
        p2 = p1, g2 = g1;
        p1 = at->p, g1 = g;
      }
      at->p = isfinite(g2) && g1 != g2 ? p1 - g1 * (p1 - p2) / (g1 - g2) : p1;
      return PN_OK;
    }
    if (lost)
      return st;
    if (g == 0 || b - a < 1e-13 || (fabs(at->p - p1) < LOCATED * span && k > 4))
      break;
    p2 = p1, g2 = g1;
    p1 = at->p, g1 = g;
    if ((g > 0) == (gb > 0)) {
      b = share;
      gb = g;
      ga *= k % 4 == 3 ? 1 : 0.5;
    } else {
      a = share;
      ga = g;
      gb *= k % 4 == 3 ? 1 : 0.5;
    }
  }
  return PN_OK;
}

bool pn_tracer_cross(pn_tracer *t, double p, double *y, double *share)
{
  double start, slope_there, gb = pn_tracer_p(t) - p;
  pn_special at = {.y = y};
  if (pn_cont_between(t->cont, 0, y, &start, &slope_there))
    return false;
  if ((start - p) * gb > 0 || start == p)
    return false;
  if (gb == 0) {
    memcpy(y, pn_tracer_y(t), (size_t)t->n * sizeof *y);
    *share = 1;
    return true;
  }
  criterion c = {.what = C_TARGET, .p = p};
  bool found = locate(t, &c, start - p, gb, &at) == PN_OK;
  *share = at.share;
  return found;
}

static void insert(pn_tracer *t)
{
  int k = t->n_special++;
  for (; k > 0 && t->special[k - 1].share > t->special[k].share; k--) {
    pn_special swap = t->special[k];
    t->special[k] = t->special[k - 1];
    t->special[k - 1] = swap;
  }
}

static bool find_fold(pn_tracer *t)
{
  double before = pn_cont_slope_before(t->cont), now = pn_cont_slope(t->cont);
  if (before * now >= 0 || t->n_special == PN_MOST_SPECIALS)
    return false;
  pn_special *at = &t->special[t->n_special];
  criterion c = {.what = C_SLOPE};
  if (locate(t, &c, before, now, at))
    return false;
  at->kind = PN_SPECIAL_FOLD;
  at->s = 0;
  at->to_unstable = t->n_unstable > t->n_unstable_before;
  insert(t);
  return true;
}

/* A branch point from points around it, where the equations are regular: p and y as functions of the critical
 * eigenvalue, interpolated by Lagrange's formula to 0. at [in]: located roughly. */
static pn_status refine_branch(pn_tracer *t, const criterion *c, double most, pn_special *at)
{
  static const double shares[] = {0.03, 0.2, 0.4, 0.6, 0.8, 0.97};
  enum { SAMPLES = sizeof shares / sizeof *shares };
  double g[SAMPLES], p[SAMPLES], p0 = 0;
  size_t n = (size_t)t->n;
  double *y = calloc((SAMPLES + 1) * n + 1, sizeof *y), *y0 = y + SAMPLES * n;
  if (!y)
    return PN_E_MEMORY;
  int m = 0;
  for (int k = 0; k < SAMPLES; k++) {
    pn_special s = {.y = y + (size_t)m * n};
    if (measure(t, c, shares[k], &s, &g[m]) == PN_OK && fabs(g[m]) > 1e-3 * most && cimag(s.s) == 0)
      p[m++] = s.p;
  }
  for (int i = 0; i < m; i++) {
    double weight = 1;
    for (int j = 0; j < m; j++)
      weight *= j == i ? 1 : g[j] / (g[j] - g[i]);
    p0 += weight * p[i];
    for (size_t k = 0; k < n; k++)
      y0[k] += weight * y[(size_t)i * n + k];
  }
  if (m >= 3 && fabs(p0 - at->p) < 1e-4 * fabs(t->o.to - t->o.from)) {
    at->p = p0;
    memcpy(at->y, y0, n * sizeof *y);
  }
  free(y);
  return PN_OK;
}

/* The k-th eigenvalue changes sides within the step. Returns how many eigenvalues that explains. */
static int find_crossing(pn_tracer *t, int k, double before, double now, bool fold)
{
  if (t->n_special == PN_MOST_SPECIALS)
    return 1;
  pn_special *at = &t->special[t->n_special];
  criterion c = {.what = C_EIGENVALUE, .k = k};
  if (before * now > 0 || locate(t, &c, before, now, at))
    return 1;
  double smaller = fmin(fabs(before), fabs(now));
  at->to_unstable = now > 0;
  if (fabs(creal(at->s)) > 1e-2 * smaller)
    at->kind = PN_SPECIAL_INFINITY;
  else if (fabs(cimag(at->s)) > 1e-4 * (fabs(before) + fabs(now)))
    at->kind = PN_SPECIAL_HOPF;
  else
    at->kind = PN_SPECIAL_BRANCH;
  if (fold && at->kind == PN_SPECIAL_BRANCH)
    return 1; /* the fold's own eigenvalue */
  if (at->kind == PN_SPECIAL_BRANCH)
    refine_branch(t, &c, fmax(fabs(before), fabs(now)), at); /* without memory: as located */
  int explained = at->kind == PN_SPECIAL_HOPF ? 2 : 1;
  insert(t);
  return explained;
}

static pn_status find_specials(pn_tracer *t)
{
  enum { KEPT = sizeof t->before / sizeof *t->before };
  double complex now[KEPT];
  int n_now = t->n_unstable, n_before = t->n_unstable_before;
  for (int k = 0; k < KEPT; k++)
    now[k] = t->spectrum && k < t->spectrum->n ? t->spectrum->s[k] : NAN;
  bool fold = find_fold(t);
  int low = n_now < n_before ? n_now : n_before, high = n_now + n_before - low;
  for (int k = low; low >= 0 && k < high && k < KEPT;)
    k += find_crossing(t, k, creal(t->before[k]), creal(now[k]), fold);
  /* Locating moved the sim and the spectrum: back to the present point. */
  return t->n_special ? look(t) : PN_OK;
}

/* The last point inside the range, when the step left it. */
static bool find_end(pn_tracer *t)
{
  double low = fmin(t->o.from, t->o.to), high = fmax(t->o.from, t->o.to), p = pn_tracer_p(t);
  if (p >= low && p <= high)
    return false;
  double end = p > high ? high : low, share = 1;
  if (!pn_tracer_cross(t, end, t->end, &share))
    memcpy(t->end, pn_tracer_y(t), (size_t)t->n * sizeof *t->end);
  while (t->n_special && t->special[t->n_special - 1].share > share)
    t->n_special--;
  t->n_special -= t->n_special == PN_MOST_SPECIALS;
  pn_special *at = &t->special[t->n_special++];
  memcpy(at->y, t->end, (size_t)t->n * sizeof *t->end);
  *at = (pn_special){PN_SPECIAL_END, share, end, NAN, at->y, false};
  return true;
}

pn_status pn_tracer_next(pn_tracer *t)
{
  enum { KEPT = sizeof t->before / sizeof *t->before };
  t->n_special = 0;
  t->n_unstable_before = t->n_unstable;
  for (int k = 0; k < KEPT; k++)
    t->before[k] = t->spectrum && k < t->spectrum->n ? t->spectrum->s[k] : NAN;
  pn_status st = pn_cont_advance(t->cont);
  if (st == PN_OK)
    st = look(t);
  if (st == PN_OK)
    st = find_specials(t);
  if (st || t->fatal)
    return st ? st : t->fatal;
  t->done = find_end(t);
  t->outside = pn_sim_outside_validity(t->run->sim, pn_tracer_y(t), &t->valid_low, &t->valid_high);
  return PN_OK;
}
