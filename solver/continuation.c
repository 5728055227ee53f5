/* Pseudo-arclength continuation: tangent predictor, Newton corrector on the hyperplane across the
 * tangent. Bordered systems are solved by block elimination with iterative refinement, which keeps
 * its accuracy where F_y is nearly singular (Govaerts 2000, sec. 3.6). */
#include "solver/continuation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITERATIONS = 12, EASY = 4, REFINEMENTS = 2, SHORTEST = 20 /* halvings */ };
static const double TOLERANCE = 1e-10; /* of a correction, in the scaled length */
static const double STALLED =
    1e-6; /* good enough where rounding stops progress: at branch points */

struct pn_cont {
  pn_cont_problem pb;
  double *scale;         /* [n] largest |y_i| so far, at least floor_i */
  double *y, *t;         /* [n] present point and tangent */
  double *y_old, *t_old; /* [n] the one before */
  double p, tp, p_old, tp_old;
  double ds, ds_taken;     /* next step; length of the last one */
  double *trial, *r, *fp;  /* [n] */
  double *a, *b, *e, *dir; /* [n] work of bordered solves */
};

static double inner(const pn_cont *c, const double *u, double up, const double *v, double vp)
{
  double sum = 0;
  for (int k = 0; k < c->pb.n; k++)
    sum += u[k] * v[k] / (c->scale[k] * c->scale[k]);
  return sum / c->pb.n + up * vp / (c->pb.p_scale * c->pb.p_scale);
}

static void grow_scale(pn_cont *c, const double *y)
{
  for (int k = 0; k < c->pb.n; k++)
    c->scale[k] = fmax(c->scale[k], fabs(y[k]));
}

/* One pass of block elimination: [F_y fp; t tp] [dy; dp] = [r; g], r in place of dy. b = F_y^-1 fp. */
static pn_status eliminate(pn_cont *c, const double *t, double tp, double *r, double g, double *dp)
{
  pn_status st = c->pb.solve(c->pb.user, r);
  double pivot = -inner(c, t, tp, c->b, -1);
  *dp = (g - inner(c, t, 0, r, 0)) / pivot;
  for (int k = 0; k < c->pb.n; k++)
    r[k] -= c->b[k] * *dp;
  return st ? st : isfinite(*dp) ? PN_OK : PN_E_SINGULAR;
}

/* Solves the bordered system; fp and F_y are prepared. r [n] is kept, result in e [n] and *dp. */
static pn_status bordered(pn_cont *c, const double *t, double tp, const double *r, double g,
                          double *dp)
{
  size_t bytes = (size_t)c->pb.n * sizeof *r;
  memcpy(c->b, c->fp, bytes);
  memcpy(c->e, r, bytes);
  pn_status st = c->pb.solve(c->pb.user, c->b);
  if (st == PN_OK)
    st = eliminate(c, t, tp, c->e, g, dp);
  for (int pass = 0; pass < REFINEMENTS && st == PN_OK; pass++) {
    double more;
    c->pb.multiply(c->pb.user, c->e, c->a);
    for (int k = 0; k < c->pb.n; k++)
      c->a[k] = r[k] - c->a[k] - c->fp[k] * *dp;
    double rest = g - inner(c, t, tp, c->e, *dp);
    st = eliminate(c, t, tp, c->a, rest, &more);
    for (int k = 0; k < c->pb.n; k++)
      c->e[k] += c->a[k];
    *dp += more;
  }
  return st;
}

static pn_status prepare(pn_cont *c, const double *y, double p)
{
  pn_status st = c->pb.slope(c->pb.user, y, p, c->fp);
  return st ? st : c->pb.jacobian(c->pb.user, y, p);
}

/* Newton from trial/(*p) on the plane  t . (y - y0) + tp (p - p0) = distance. */
static pn_status correct(pn_cont *c, const double *y0, double p0, const double *t, double tp,
                         double distance, double *p, int *iterations)
{
  double last = INFINITY;
  for (int k = 1; k <= MOST_ITERATIONS; k++) {
    double dp, g = distance, size = 0;
    pn_status st = prepare(c, c->trial, *p);
    if (st == PN_OK)
      st = c->pb.residual(c->pb.user, c->trial, *p, c->r);
    if (st)
      return st;
    for (int i = 0; i < c->pb.n; i++) {
      c->r[i] = -c->r[i];
      c->dir[i] = c->trial[i] - y0[i];
    }
    g -= inner(c, t, tp, c->dir, *p - p0);
    if ((st = bordered(c, t, tp, c->r, g, &dp)))
      return st;
    for (int i = 0; i < c->pb.n; i++)
      c->trial[i] += c->e[i];
    *p += dp;
    size = sqrt(inner(c, c->e, dp, c->e, dp));
    *iterations = k;
    if (!isfinite(size) || size > 10)
      return PN_E_CONVERGENCE;
    if (size < TOLERANCE || (size < STALLED && size > 0.3 * last))
      return PN_OK;
    last = size;
  }
  return PN_E_CONVERGENCE;
}

/* Unit tangent at (y, p), oriented along (t, tp): into t, *tp. F_y is prepared there. */
static pn_status tangent(pn_cont *c, const double *y, double p, double *t, double *tp)
{
  double dp;
  pn_status st = prepare(c, y, p);
  if (st)
    return st;
  memset(c->r, 0, (size_t)c->pb.n * sizeof *c->r);
  if ((st = bordered(c, t, *tp, c->r, 1, &dp)))
    return st;
  double size = sqrt(inner(c, c->e, dp, c->e, dp));
  for (int k = 0; k < c->pb.n; k++)
    t[k] = c->e[k] / size;
  *tp = dp / size;
  return size > 0 && isfinite(size) ? PN_OK : PN_E_SINGULAR;
}

pn_status pn_cont_new(const pn_cont_problem *problem, pn_cont **out)
{
  size_t n = (size_t)problem->n + 1;
  *out = NULL;
  pn_cont *c = calloc(1, sizeof *c);
  double *all = calloc(12 * n, sizeof *all);
  if (!c || !all) {
    free(c);
    free(all);
    return PN_E_MEMORY;
  }
  double **parts[] = {&c->scale, &c->y,  &c->t, &c->y_old, &c->t_old, &c->trial,
                      &c->r,     &c->fp, &c->a, &c->b,     &c->e,     &c->dir};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    *parts[k] = all + k * n;
  c->pb = *problem;
  memcpy(c->scale, problem->floor, (n - 1) * sizeof *all);
  *out = c;
  return PN_OK;
}

void pn_cont_free(pn_cont *c)
{
  if (!c)
    return;
  free(c->scale);
  free(c);
}

static void limit_step(pn_cont *c)
{
  c->ds = fmin(c->ds, c->pb.step);
  if (c->pb.max_dp > 0 && c->tp != 0)
    c->ds = fmin(c->ds, c->pb.max_dp / fabs(c->tp));
}

/* The corrected point in trial becomes the present one. */
static pn_status settle(pn_cont *c, double p)
{
  size_t bytes = (size_t)c->pb.n * sizeof *c->y;
  memcpy(c->y_old, c->y, bytes);
  memcpy(c->t_old, c->t, bytes);
  c->p_old = c->p;
  c->tp_old = c->tp;
  memcpy(c->y, c->trial, bytes);
  c->p = p;
  return tangent(c, c->y, c->p, c->t, &c->tp);
}

pn_status pn_cont_start(pn_cont *c, const double *y, double p, int direction)
{
  size_t bytes = (size_t)c->pb.n * sizeof *y;
  int iterations;
  double at = p;
  memcpy(c->y, y, bytes);
  memcpy(c->trial, y, bytes);
  c->p = p;
  grow_scale(c, y);
  memset(c->t, 0, bytes);
  c->tp = direction > 0 ? c->pb.p_scale : -c->pb.p_scale;
  pn_status st = correct(c, c->y, p, c->t, c->tp, 0, &at, &iterations);
  if (st == PN_OK)
    st = settle(c, p);
  c->ds = c->pb.step / 4;
  c->ds_taken = 0;
  c->tp_old = c->tp;
  limit_step(c);
  return st;
}

pn_status pn_cont_start_along(pn_cont *c, const double *y, double p, const double *direction,
                              double step)
{
  size_t bytes = (size_t)c->pb.n * sizeof *y;
  int iterations;
  double at = p;
  memcpy(c->y, y, bytes);
  c->p = p;
  grow_scale(c, y);
  double size = sqrt(inner(c, direction, 0, direction, 0));
  if (!(size > 0))
    return PN_E_SINGULAR;
  for (int k = 0; k < c->pb.n; k++) {
    c->t[k] = direction[k] / size;
    c->trial[k] = y[k] + step * c->t[k];
  }
  c->tp = 0;
  pn_status st = correct(c, y, p, c->t, 0, step, &at, &iterations);
  if (st == PN_OK)
    st = settle(c, at);
  c->ds = c->ds_taken = step;
  c->tp_old = c->tp;
  limit_step(c);
  return st;
}

/* The scales of the next step, and the tangent's unit length in them. */
static void rescale(pn_cont *c)
{
  grow_scale(c, c->y);
  double size = sqrt(inner(c, c->t, c->tp, c->t, c->tp));
  for (int k = 0; k < c->pb.n; k++)
    c->t[k] /= size;
  c->tp /= size;
  limit_step(c);
}

pn_status pn_cont_advance(pn_cont *c)
{
  pn_status st = PN_E_STEP;
  rescale(c);
  for (int halvings = 0; halvings < SHORTEST; halvings++) {
    int iterations = 0;
    double p = c->p + c->ds * c->tp;
    for (int k = 0; k < c->pb.n; k++)
      c->trial[k] = c->y[k] + c->ds * c->t[k];
    st = correct(c, c->y, c->p, c->t, c->tp, c->ds, &p, &iterations);
    if (st == PN_OK)
      st = settle(c, p);
    if (st == PN_OK) {
      c->ds_taken = c->ds;
      bool bends = inner(c, c->t, c->tp, c->t_old, c->tp_old) < 0.97;
      c->ds *= bends ? 0.6 : iterations <= EASY ? 1.4 : iterations > 7 ? 0.6 : 1;
      limit_step(c);
      return PN_OK;
    }
    if (st == PN_E_MEMORY || st == PN_E_INTERRUPTED)
      return st;
    c->ds /= 2;
  }
  return PN_E_STEP;
}

pn_status pn_cont_between(pn_cont *c, double share, double *y, double *p, double *slope)
{
  int iterations;
  double distance = share * c->ds_taken;
  *p = c->p_old + share * (c->p - c->p_old);
  for (int k = 0; k < c->pb.n; k++)
    c->trial[k] = c->y_old[k] + share * (c->y[k] - c->y_old[k]);
  pn_status st = correct(c, c->y_old, c->p_old, c->t_old, c->tp_old, distance, p, &iterations);
  if (st)
    return st;
  memcpy(y, c->trial, (size_t)c->pb.n * sizeof *y);
  memcpy(c->dir, c->t_old, (size_t)c->pb.n * sizeof *y);
  *slope = c->tp_old;
  return tangent(c, y, *p, c->dir, slope);
}

const double *pn_cont_y(const pn_cont *c)
{
  return c->y;
}

double pn_cont_p(const pn_cont *c)
{
  return c->p;
}

double pn_cont_slope(const pn_cont *c)
{
  return c->tp;
}

double pn_cont_slope_before(const pn_cont *c)
{
  return c->tp_old;
}

const double *pn_cont_tangent(const pn_cont *c)
{
  return c->t;
}

double pn_cont_distance(const pn_cont *c, const double *y1, double p1, const double *y2, double p2)
{
  double sum = 0, dp = (p1 - p2) / c->pb.p_scale;
  for (int k = 0; k < c->pb.n; k++) {
    double d = (y1[k] - y2[k]) / c->scale[k];
    sum += d * d;
  }
  return sqrt(sum / c->pb.n + dp * dp);
}
