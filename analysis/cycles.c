/* Continuation of limit cycles: the unknowns are the differential ones at the orbit's start and the period, the
 * equations that the orbit closes and that its start does not slide along it. */
#include "analysis/cycles.h"
#include "analysis/orbit.h"
#include "solver/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SECANTS = 12 };
static const double FIRST = 0.004; /* scaled distance of the first cycle from the Hopf point */
static const double LONGEST =
    100; /* periods of the Hopf point: beyond, a homoclinic orbit is near */
/* A test that is not this small, of its change in the step, where its sign changes has jumped there: a multiplier
 * changed its kind. */
static const double VANISHED = 1e-3;

typedef struct cycles {
  const pn_cycles_request *rq;
  pn_orbit *orbit;
  pn_cont *cont;
  pn_dense *lu;
  int n, d;
  double *y, *ref;              /* [n] full start; the last accepted one */
  double *phase, *origin;       /* [d] phase condition: phase . (z - origin) = 0 */
  double *defect, *by_t, *work; /* [d], [d], [2 (d + 1)] */
  double *floor;                /* [d + 1] */
  double *matrix;               /* [(d+1)^2] */
  double complex *mu;           /* [d] */
  double low, high;
} cycles;

/* The full start to z = (differential unknowns, period) at p, consistent. */
static pn_status place(cycles *c, const double *z, double p)
{
  const int *index = pn_shoot_index(c->orbit->shoot);
  pn_status st = pn_target_set(c->rq->run, &c->rq->target, p);
  if (!(z[c->d] > 0))
    return PN_E_DOMAIN;
  memcpy(c->y, c->ref, (size_t)c->n * sizeof *c->y);
  for (int k = 0; k < c->d; k++)
    c->y[index[k]] = z[k];
  return st ? st : pn_shoot_consistent(c->orbit->shoot, 0, 1e-9 * z[c->d], c->y);
}

static pn_status evaluate(cycles *c, const double *z, double p, double *r, bool derivatives)
{
  pn_status st = place(c, z, p);
  if (st == PN_OK)
    st = pn_shoot_defect(c->orbit->shoot, 0, c->y, z[c->d], c->defect, derivatives, c->by_t);
  if (st)
    return st;
  memcpy(r, c->defect, (size_t)c->d * sizeof *r);
  r[c->d] = 0;
  for (int k = 0; k < c->d; k++)
    r[c->d] += c->phase[k] * (z[k] - c->origin[k]);
  return PN_OK;
}

static pn_status residual(void *user, const double *z, double p, double *r)
{
  return evaluate(user, z, p, r, false);
}

static pn_status jacobian(void *user, const double *z, double p)
{
  cycles *c = user;
  int d = c->d, m = d + 1;
  pn_status st = evaluate(c, z, p, c->work, true);
  if (st)
    return st;
  const double *mono = pn_shoot_monodromy(c->orbit->shoot);
  for (int j = 0; j < d; j++) {
    for (int i = 0; i < d; i++)
      c->matrix[i + j * m] = mono[i + j * d] - (i == j);
    c->matrix[d + j * m] = c->phase[j];
    c->matrix[j + d * m] = c->by_t[j];
  }
  c->matrix[d + d * m] = 0;
  return pn_dense_factor(c->lu, c->matrix);
}

static pn_status solve(void *user, double *r)
{
  return pn_dense_solve(((cycles *)user)->lu, r);
}

static void multiply(void *user, const double *v, double *w)
{
  const cycles *c = user;
  int m = c->d + 1;
  memset(w, 0, (size_t)m * sizeof *w);
  for (int j = 0; j < m; j++)
    for (int i = 0; i < m; i++)
      w[i] += c->matrix[i + j * m] * v[j];
}

static pn_status slope(void *user, const double *z, double p, double *r)
{
  cycles *c = user;
  double h = 1e-5 * fmax(fabs(p), 1e-2 * fabs(c->rq->to - c->rq->from));
  double *other = c->work + c->d + 1;
  pn_status st = evaluate(c, z, p + h, r, false);
  if (st == PN_OK)
    st = evaluate(c, z, p - h, other, false);
  for (int k = 0; k <= c->d && st == PN_OK; k++)
    r[k] = (r[k] - other[k]) / (2 * h);
  return st;
}

/* ---- one cycle ---- */

static pn_status look(void *user, double t, const double *y)
{
  cycles *c = user;
  pn_point at = {.sim = c->rq->run->sim, .x = t, .y = y};
  double v = pn_signal_real(c->rq->show, &at);
  c->low = fmin(c->low, v);
  c->high = fmax(c->high, v);
  return PN_OK;
}

static pn_status extremes(cycles *c, double period)
{
  c->low = INFINITY;
  c->high = -INFINITY;
  if (!c->rq->show) {
    c->low = c->high = NAN;
    return PN_OK;
  }
  c->orbit->observe = look;
  c->orbit->user = c;
  memcpy(c->ref, c->y, (size_t)c->n * sizeof *c->y);
  pn_status st = pn_shoot_integrate(c->orbit->shoot, 0, period, c->ref, true);
  memcpy(c->ref, c->y, (size_t)c->n * sizeof *c->y);
  return st;
}

/* Multipliers without the trivial one: sorted by falling modulus, d - 1 of them. Next to a Hopf point or a fold two of
 * them are near 1, and rounding may make them a pair: the one that stays is real. */
static pn_status multipliers(cycles *c)
{
  pn_status st = pn_shoot_multipliers(c->orbit->shoot, c->mu);
  int trivial = 0;
  for (int k = 1; k < c->d; k++)
    if (cabs(c->mu[k] - 1) < cabs(c->mu[trivial] - 1))
      trivial = k;
  for (int k = 0; k < c->d && st == PN_OK; k++)
    if (k != trivial && cimag(c->mu[trivial]) != 0 && c->mu[k] == conj(c->mu[trivial]))
      c->mu[k] = creal(c->mu[k]);
  if (st == PN_OK)
    memmove(c->mu + trivial, c->mu + trivial + 1, (size_t)(c->d - 1 - trivial) * sizeof *c->mu);
  return st;
}

static int count_unstable(const cycles *c)
{
  int n = 0;
  for (int k = 0; k < c->d - 1; k++)
    n += cabs(c->mu[k]) > 1;
  return n;
}

/* 1 + the most negative real multiplier; modulus - 1 of the largest complex one: signs that change. */
static double doubling_test(const cycles *c)
{
  double least = 0;
  for (int k = 0; k < c->d - 1; k++)
    if (cimag(c->mu[k]) == 0)
      least = fmin(least, creal(c->mu[k]));
  return 1 + least;
}

static double torus_test(const cycles *c)
{
  double most = 0;
  for (int k = 0; k < c->d - 1; k++)
    if (cimag(c->mu[k]) != 0)
      most = fmax(most, cabs(c->mu[k]));
  return most - 1;
}

typedef struct cycle_tests {
  double slope, doubling, torus;
} cycle_tests;

static pn_status emit(cycles *c, const double *z, double p, pn_cycle_event event)
{
  pn_status st = place(c, z, p);
  if (st == PN_OK)
    st = extremes(c, z[c->d]);
  pn_cycle seen = {.p = p,
                   .period = z[c->d],
                   .y = c->y,
                   .n_unstable = count_unstable(c),
                   .low = c->low,
                   .high = c->high,
                   .event = event};
  return st ? st : c->rq->see(c->rq->user, &seen);
}

/* The place in the last step where a test vanishes, by secants kept inside; then it is reported, unless the test
 * only jumps there. */
static pn_status locate(cycles *c, pn_cycle_event event, double before, double now)
{
  double *z = calloc((size_t)c->d + 2, sizeof *z);
  double a = 0, b = 1, fa = before, fb = now, p = 0, f = before, dp_ds;
  pn_status st = z ? PN_OK : PN_E_MEMORY;
  for (int k = 0; k < SECANTS && st == PN_OK && fabs(f) > 1e-9 * fabs(before - now); k++) {
    double share = a - fa * (b - a) / (fb - fa);
    st = pn_cont_between(c->cont, share, z, &p, &dp_ds);
    if (st == PN_OK)
      st = multipliers(c);
    if (st)
      break;
    f = event == PN_CYCLE_FOLD       ? dp_ds
        : event == PN_CYCLE_DOUBLING ? doubling_test(c)
                                     : torus_test(c);
    if ((f > 0) == (fb > 0)) {
      b = share;
      fb = f;
      fa *= 0.5;
    } else {
      a = share;
      fa = f;
      fb *= 0.5;
    }
  }
  if (st == PN_OK && fabs(f) < VANISHED * fabs(before - now))
    st = emit(c, z, p, event);
  free(z);
  bool lost = st == PN_E_CONVERGENCE || st == PN_E_STEP || st == PN_E_SINGULAR;
  return lost ? PN_OK : st; /* what cannot be located is no reason to end the curve */
}

static pn_status events(cycles *c, const cycle_tests *before, const cycle_tests *now)
{
  const struct {
    double before, now;
    pn_cycle_event event;
  } all[] = {{before->slope, now->slope, PN_CYCLE_FOLD},
             {before->doubling, now->doubling, PN_CYCLE_DOUBLING},
             {before->torus, now->torus, PN_CYCLE_TORUS}};
  pn_status st = PN_OK;
  for (size_t k = 0; k < 3 && st == PN_OK; k++)
    if (all[k].before * all[k].now < 0)
      st = locate(c, all[k].event, all[k].before, all[k].now);
  return st;
}

/* ---- the curve ---- */

/* Grid, phase condition and reference follow the present cycle. */
static pn_status refresh(cycles *c)
{
  const double *z = pn_cont_y(c->cont);
  pn_shoot *shoot = c->orbit->shoot;
  pn_status st = place(c, z, pn_cont_p(c->cont));
  memcpy(c->ref, c->y, (size_t)c->n * sizeof *c->y);
  if (st == PN_OK)
    st = pn_shoot_regrid(shoot, 0, c->y, z[c->d]);
  if (st == PN_OK)
    st = pn_shoot_phase(shoot, 0, c->y, z[c->d], c->phase);
  memcpy(c->origin, z, (size_t)c->d * sizeof *z);
  return st;
}

static pn_status start(cycles *c)
{
  const pn_special *h = c->rq->hopf;
  const int *index = pn_shoot_index(c->orbit->shoot);
  double *z = calloc(2 * ((size_t)c->d + 1), sizeof *z), omega = fabs(cimag(h->s)), size = 0;
  if (!z)
    return PN_E_MEMORY;
  double *direction = z + c->d + 1;
  for (int k = 0; k < c->d; k++) {
    z[k] = h->y[index[k]];
    direction[k] = creal(c->rq->q[index[k]]);
    c->phase[k] = -cimag(c->rq->q[index[k]]) / (c->floor[k] * c->floor[k]);
    c->origin[k] = z[k];
    double scale = fmax(c->floor[k], fabs(z[k]));
    size += direction[k] * direction[k] / (scale * scale);
  }
  z[c->d] = 2 * M_PI / omega;
  memcpy(c->ref, h->y, (size_t)c->n * sizeof *c->ref);
  /* The grid of a small cycle near the Hopf point. */
  memcpy(c->y, h->y, (size_t)c->n * sizeof *c->y);
  double by = FIRST / sqrt(size / (c->d + 1));
  for (int k = 0; k < c->d; k++)
    c->y[index[k]] += by * direction[k];
  pn_status st = pn_target_set(c->rq->run, &c->rq->target, h->p);
  if (st == PN_OK)
    st = pn_shoot_consistent(c->orbit->shoot, 0, 1e-9 * z[c->d], c->y);
  if (st == PN_OK)
    st = pn_shoot_regrid(c->orbit->shoot, 0, c->y, z[c->d]);
  if (st == PN_OK)
    st = pn_cont_start_along(c->cont, z, h->p, direction, FIRST);
  free(z);
  return st;
}

static pn_status follow(cycles *c, const char **why)
{
  double first_period = 2 * M_PI / fabs(cimag(c->rq->hopf->s));
  double low = fmin(c->rq->from, c->rq->to), high = fmax(c->rq->from, c->rq->to);
  cycle_tests before = {0};
  pn_status st = start(c);
  *why = "the number of points is used up";
  for (int k = 0; k < c->rq->points && st == PN_OK; k++) {
    if (k > 0)
      st = pn_cont_advance(c->cont);
    if (st == PN_OK)
      st = multipliers(c);
    if (st)
      break;
    cycle_tests now = {pn_cont_slope(c->cont), doubling_test(c), torus_test(c)};
    double p = pn_cont_p(c->cont), period = pn_cont_y(c->cont)[c->d];
    if (p < low || p > high) {
      *why = "the range ends";
      return PN_OK;
    }
    if (k > 1)
      st = events(c, &before, &now);
    if (st == PN_OK && k > 1) /* locating moved the monodromy */
      st = jacobian(c, pn_cont_y(c->cont), p);
    if (st == PN_OK)
      st = multipliers(c);
    if (st == PN_OK)
      st = emit(c, pn_cont_y(c->cont), p, PN_CYCLE_POINT);
    if (period > LONGEST * first_period) {
      *why = "the period grows beyond bounds: a homoclinic orbit is near";
      return st;
    }
    if (st == PN_OK)
      st = refresh(c);
    before = now;
  }
  if (st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_SINGULAR || st == PN_E_DOMAIN) {
    *why = "shooting does not converge any further";
    return PN_OK;
  }
  return st;
}

static pn_status build(cycles *c)
{
  pn_status st = pn_orbit_new(c->rq->run, 1e-8, &c->orbit);
  if (st)
    return st;
  c->d = pn_shoot_size(c->orbit->shoot);
  size_t n = (size_t)c->n + 1, m = (size_t)c->d + 1;
  c->y = calloc(2 * n, sizeof *c->y);
  c->phase = calloc(7 * m + m * m, sizeof *c->phase);
  c->mu = calloc(m, sizeof *c->mu);
  if (!c->y || !c->phase || !c->mu)
    return PN_E_MEMORY;
  c->ref = c->y + n;
  c->origin = c->phase + m;
  c->defect = c->origin + m;
  c->by_t = c->defect + m;
  c->work = c->by_t + m;
  c->floor = c->work + 2 * m;
  c->matrix = c->floor + m;
  pn_tracer_scales(c->rq->run, c->y);
  for (int k = 0; k < c->d; k++)
    c->floor[k] = c->y[pn_shoot_index(c->orbit->shoot)[k]];
  c->floor[c->d] = 2 * M_PI / fabs(cimag(c->rq->hopf->s));
  pn_cont_problem pb = {.user = c,
                        .n = (int)m,
                        .floor = c->floor,
                        .p_scale = fabs(c->rq->to - c->rq->from),
                        .step = c->rq->step > 0 ? c->rq->step : 0.005,
                        .residual = residual,
                        .jacobian = jacobian,
                        .solve = solve,
                        .multiply = multiply,
                        .slope = slope};
  st = pn_cont_new(&pb, &c->cont);
  return st ? st : pn_dense_new((int)m, &c->lu);
}

pn_status pn_cycles_follow(const pn_cycles_request *r, const char **why)
{
  cycles c = {.rq = r, .n = pn_sim_n(r->run->sim)};
  pn_status st = build(&c);
  *why = "";
  if (st == PN_OK)
    st = follow(&c, why);
  pn_dense_free(c.lu);
  pn_cont_free(c.cont);
  pn_orbit_free(c.orbit);
  free(c.y);
  free(c.phase);
  free(c.mu);
  return st;
}
