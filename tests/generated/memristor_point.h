/* Evaluating one memristor at one point, for tests: parameters, states and a block whose lanes
 * all hold the same instance. */
#ifndef MEMRISTOR_POINT_H
#define MEMRISTOR_POINT_H

#include "devices/memristor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_STATES = 4, MAX_PARAMS = 96, MAX_HIST = 16, MAX_WORK = 256 };

/* One instance: parameters (derived ones included) and memory. */
typedef struct instance {
  const pn_memristor *m;
  double p[MAX_PARAMS]; /* [n_params + n_derived] */
  double h[MAX_HIST];   /* [n_hist] */
  double temp;          /* K */
} instance;

/* All outputs at one (v, x); [r][c] in g_x is d g_r / d x_c. */
typedef struct point {
  double i, i_v, i_x[MAX_STATES], g[MAX_STATES], g_v[MAX_STATES], g_x[MAX_STATES][MAX_STATES];
} point;

/* splitmix64: tests are the same on every machine. */
static inline double random01(uint64_t *seed)
{
  uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static inline void rederive(instance *d)
{
  if (d->m->derive)
    d->m->derive(d->m, d->p, d->temp);
  if (d->m->init_hist)
    d->m->init_hist(d->m, d->p, d->h);
}

/* Changed parameters take effect; the memory stays. */
static inline void retune(instance *d)
{
  if (d->m->derive)
    d->m->derive(d->m, d->p, d->temp);
}

static inline instance make_instance(const pn_memristor *m)
{
  instance d = {.m = m, .temp = 300.15};
  if (m->n_params + m->n_derived > MAX_PARAMS || m->n_states > MAX_STATES || m->n_hist > MAX_HIST ||
      m->n_work > MAX_WORK)
    abort();
  for (int k = 0; k < m->n_params; k++)
    d.p[k] = m->params[k].value;
  rederive(&d);
  return d;
}

/* The model with its defaults (k = 0) or with its k-th named set; k runs to n_sets. */
static inline instance make_variant(const pn_memristor *m, int k)
{
  instance d = make_instance(m);
  if (k > 0) {
    pn_mem_set_apply(&m->sets[k - 1], d.p);
    rederive(&d);
  }
  return d;
}

static inline const char *variant_name(const pn_memristor *m, int k)
{
  return k > 0 ? m->sets[k - 1].name : "defaults";
}

static inline void fill(double *rows, const double *values, int n)
{
  for (int k = 0; k < n; k++)
    for (int l = 0; l < PN_LANES; l++)
      rows[k * PN_LANES + l] = values[k];
}

/* A block of PN_LANES points of one instance: lane l at v[l] and x[l], of which n lanes are in use. */
static inline void evaluate_lanes(const instance *d, int lanes, const double *v,
                                  const double (*x)[MAX_STATES], point *out)
{
  const pn_memristor *m = d->m;
  int n = m->n_states;
  _Alignas(64) double p[MAX_PARAMS * PN_LANES], vs[PN_LANES], xs[MAX_STATES * PN_LANES];
  _Alignas(64) double h[MAX_HIST * PN_LANES], work[MAX_WORK * PN_LANES];
  _Alignas(64) double i[PN_LANES], i_v[PN_LANES], i_x[MAX_STATES * PN_LANES];
  _Alignas(64) double g[MAX_STATES * PN_LANES], g_v[MAX_STATES * PN_LANES];
  _Alignas(64) double g_x[MAX_STATES * MAX_STATES * PN_LANES];
  fill(p, d->p, m->n_params + m->n_derived);
  fill(h, d->h, m->n_hist);
  for (int l = 0; l < PN_LANES; l++) {
    vs[l] = v[l];
    for (int s = 0; s < n; s++)
      xs[s * PN_LANES + l] = x[l][s];
  }
  pn_mem_block b = {.p = p,
                    .v = vs,
                    .x = xs,
                    .h = h,
                    .t = 0.0,
                    .i = i,
                    .i_v = i_v,
                    .i_x = i_x,
                    .g = g,
                    .g_v = g_v,
                    .g_x = g_x,
                    .work = work,
                    .n = lanes};
  m->eval(m, &b);
  memset(out, 0, (size_t)lanes * sizeof *out);
  for (int l = 0; l < lanes; l++) {
    point *o = &out[l];
    o->i = i[l];
    o->i_v = i_v[l];
    for (int r = 0; r < n; r++) {
      o->i_x[r] = i_x[r * PN_LANES + l];
      o->g[r] = g[r * PN_LANES + l];
      o->g_v[r] = g_v[r * PN_LANES + l];
      for (int c = 0; c < n; c++)
        o->g_x[r][c] = g_x[(r * n + c) * PN_LANES + l];
    }
  }
}

static inline point evaluate(const instance *d, double v, const double *x)
{
  double vs[PN_LANES], xs[PN_LANES][MAX_STATES];
  point o;
  for (int l = 0; l < PN_LANES; l++) {
    vs[l] = v;
    memcpy(xs[l], x, (size_t)d->m->n_states * sizeof *x);
  }
  evaluate_lanes(d, 1, vs, (const void *)xs, &o);
  return o;
}

/* Where state k is probed: its bounds, or its range of validity where that is narrower. */
static inline double state_low(const instance *d, int k)
{
  const pn_mem_state *s = &d->m->states[k];
  double lo = s->p_min >= 0 ? d->p[s->p_min] : d->p[s->p_init] - s->range;
  return s->p_valid_min ? fmax(lo, d->p[s->p_valid_min]) : lo;
}

static inline double state_high(const instance *d, int k)
{
  const pn_mem_state *s = &d->m->states[k];
  double hi = s->p_max >= 0 ? d->p[s->p_max] : d->p[s->p_init] + s->range;
  return s->p_valid_max ? fmin(hi, d->p[s->p_valid_max]) : hi;
}

/* One Newton step on the inner unknowns at[0..n): returns its largest part relative to the range. */
static inline double newton_step(const instance *d, double v, double *x, const int *at, int n)
{
  point o = evaluate(d, v, x);
  double a[MAX_STATES][MAX_STATES + 1], largest = 0.0;
  for (int r = 0; r < n; r++) {
    for (int c = 0; c < n; c++)
      a[r][c] = o.g_x[at[r]][at[c]];
    a[r][n] = -o.g[at[r]];
  }
  for (int k = 0; k < n; k++) /* Gauss-Jordan; the blocks are diagonally dominant */
    for (int r = 0; r < n; r++)
      if (r != k) {
        double f = a[r][k] / a[k][k];
        for (int c = k; c <= n; c++)
          a[r][c] -= f * a[k][c];
      }
  for (int k = 0; k < n; k++) {
    double lo = state_low(d, at[k]), hi = state_high(d, at[k]), most = 0.05 * (hi - lo);
    double step = fmin(fmax(a[k][n] / a[k][k], -most), most), *y = &x[at[k]];
    largest = fmax(largest, fabs(step) / (hi - lo));
    *y = fmin(fmax(*y + step, lo), hi);
  }
  return largest;
}

/* Newton's method on the model's inner unknowns (states of mass 0), from their initial values, while the
 * voltage rises to v. Returns 0 when there is none, 1 when solved, -1 when not. */
static inline int settle(const instance *d, double v, double *x)
{
  enum { RAMP = 20, MOST = 100 };
  const pn_memristor *m = d->m;
  int at[MAX_STATES], n = 0;
  for (int k = 0; k < m->n_states; k++)
    if (!m->states[k].mass) {
      at[n++] = k;
      x[k] = d->p[m->states[k].p_init];
    }
  double step = 0.0;
  for (int k = 1; n > 0 && k <= RAMP; k++)
    for (int pass = 0; pass < MOST; pass++) {
      step = newton_step(d, v * k / RAMP, x, at, n);
      if (step < 1e-14)
        break;
    }
  return n == 0 ? 0 : step < 1e-10 ? 1 : -1;
}

/* A random point: v in +-v_max, half of the time small; states uniform, or by decades where a range spans
 * many. */
static inline double random_point(const instance *d, uint64_t *seed, double *x)
{
  for (int k = 0; k < d->m->n_states; k++) {
    double lo = state_low(d, k), hi = state_high(d, k), u = random01(seed);
    bool decades = lo > 0.0 && hi > 1e3 * lo && random01(seed) < 0.5;
    x[k] = decades ? lo * pow(hi / lo, u) : lo + u * (hi - lo);
  }
  double v = d->m->v_max * (2.0 * random01(seed) - 1.0);
  return random01(seed) < 0.5 ? v : v * random01(seed) * random01(seed);
}

/* Gives a model with memory a past: a few accepted steps at random points. */
static inline void wander(instance *d, uint64_t *seed)
{
  for (int step = 0; d->m->accept && step < 4; step++) {
    double x[MAX_STATES], v = random_point(d, seed, x);
    d->m->accept(d->m, 1e-9 * step, d->p, v, x, d->h);
  }
}

#endif
