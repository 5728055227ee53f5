/* The stages of TR-BDF2: Newton's iteration with a matrix that is kept while it converges, the charges that
 * follow, and the local error. Where states alone have memory, charges are the states themselves and the
 * loops over them leave all other unknowns out. */
#include "solver/trbdf2.h"

#include "base/clones.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>

static const double STAGE_WEIGHT = 1 / (PN_GAMMA * (2 - PN_GAMMA));
/* Local error of q: k h^3 q''' with this k (Bank et al., eq. 35). */
static const double ERROR_CONSTANT = (-3 * PN_GAMMA * PN_GAMMA + 4 * PN_GAMMA - 2) /
                                     (12 * (2 - PN_GAMMA));

enum { MAX_ITERATIONS = 6, MOST_STEEP = 12, MAX_AGE = 25 };
static const double NEWTON_TOLERANCE = 0.03; /* of the error tolerance, weighted max norm */
static const double SLOWEST_RATE = 0.9;      /* beyond it Newton has failed */
static const double LEAST_RATE = 0.02;       /* what an old rate may promise for a new step */
static const double ERROR_ACCURACY = 1e-2;   /* relative, of the local error */
/* Of an update: the least accuracy that solutions are asked for, and the greatest, in parts of the usual one;
 * what may be left out of Newton's tolerance; how much more that can be in single unknowns, as it is measured in
 * the currents of lines of arrays; how much larger than the one before an update may be. */
static const double LOOSEST = 1e-2, TIGHTEST = 1e-3, LEFT_OUT = 0.1, UNEVEN = 10, GROWTH = 3;
static const double CAUTION = 3;       /* the next contraction, over the last */
static const double NEGLIGIBLE = 5e-4; /* a local error, of its tolerance: steps grow as they may */
static const double LEAST_BEND = 1e-6; /* the same of a matrix made for its point */
static const double DOUBT = 1.1;
static const double BELIEF =
    0.03;                        /* the least part of it that a measurement leaves of an old bend */
static const double CLOSE = 0.1; /* of the error tolerance: charges move along their tangents */
static const double SHARE = 3e-2;    /* of the largest voltage or current, as if each had had it */
static const double CJ_DRIFT = 0.25; /* relative change of cj that asks for a new matrix */

/* ---- loops ---- */

/* Errors are measured by present values, updates of signals by the largest so far: a current that is 0 while
 * its source is off is not iterated to 1e-12 A when it rises. */
PN_CLONES
static void weights(const pn_dae *dae, const double *restrict y, const double *restrict yp,
                    double *restrict peak, double *restrict w, double *restrict w_d)
{
  double reltol = dae->reltol, resolution = dae->resolution;
  for (int i = 0; i < dae->n; i++) {
    double size = fabs(y[i]), gain = dae->scale_gain ? dae->scale_gain[i] : 0;
    double large = gain * peak[i], tolerance = reltol * size + dae->atol[i];
    peak[i] = size > peak[i] ? size : peak[i];
    double shift = resolution * fabs(yp[i]), most = PN_MOST_SHIFT * tolerance;
    shift = shift < most ? shift : most;
    double least = reltol * (large > size ? large : size) + dae->atol[i] + shift;
    w[i] = 1 / least;
    w_d[i] = dae->differential[i] ? 1 / (tolerance + shift) : 0;
  }
}

/* Where nodes store charges their errors count by the largest values as well, and within a family by a share of the
 * largest of all: microvolts along a bit line that is held at 0 V say nothing about pulses of 1 V. */
void pn_trbdf2_weights(pn_integrator *g)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  double most[PN_FAMILIES] = {0};
  weights(dae, g->y, g->yp, m->peak, m->w, m->w_d);
  if (!dae->family || dae->memory_apart)
    return;
  for (int i = 0; i < dae->n; i++)
    if (dae->family[i])
      most[dae->family[i]] = fmax(most[dae->family[i]], SHARE * dae->reltol * m->peak[i]);
  for (int i = 0; i < dae->n; i++) {
    double least = most[dae->family[i]];
    m->w[i] = m->w[i] * least > 1 ? 1 / least : m->w[i];
    m->w_d[i] = dae->differential[i] ? m->w[i] : 0;
  }
}

/* Vectors by name: compilers turn the choice of the larger into jumps otherwise. */
typedef double quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef long long quad_bits __attribute__((vector_size(32)));
enum { QUAD = 4 };

static inline __attribute__((always_inline)) void magnitude(const double *v, const double *w,
                                                            quad *size)
{
  quad_bits sign = {LLONG_MIN, LLONG_MIN, LLONG_MIN, LLONG_MIN};
  *size = (quad)((quad_bits)(*(const quad *)v * *(const quad *)w) & ~sign);
}

/* The first element that is not below `least` (there is one). */
PN_CLONES
static int find(const double *v, const double *w, int from, int n, double least)
{
  int i = from;
  for (; i + QUAD <= n; i += QUAD) {
    quad e;
    magnitude(v + i, w + i, &e);
    quad_bits below = e < least;
    if (!(below[0] & below[1] & below[2] & below[3]))
      break;
  }
  while (i < n - 1 && fabs(v[i] * w[i]) < least)
    i++;
  return i;
}

PN_CLONES
double pn_trbdf2_norm(const double *v, const double *w, int from, int n, int *where)
{
  quad most = {0}, bad = {0};
  double all = 0, sum = 0;
  int i = from;
  for (; i + QUAD <= n; i += QUAD) {
    quad e;
    magnitude(v + i, w + i, &e);
    quad_bits larger = e > most;
    most = (quad)(((quad_bits)e & larger) | ((quad_bits)most & ~larger));
    bad += e * 0;
  }
  for (; i < n; i++) {
    double e = fabs(v[i] * w[i]);
    all = e > all ? e : all;
    sum += e * 0;
  }
  for (int a = 0; a < QUAD; a++) {
    all = most[a] > all ? most[a] : all;
    sum += bad[a];
  }
  bool finite = sum == 0;
  if (!(finite && all <= 1))
    *where = find(v, w, from, n, finite ? all : DBL_MAX);
  return finite ? all : INFINITY;
}

/* y -= scale r, and r is scaled. */
PN_CLONES
static void update(int n, double scale, double *restrict r, double *restrict y)
{
  for (int i = 0; i < n; i++) {
    r[i] *= scale;
    y[i] -= r[i];
  }
}

/* z = cj (q - q_0) - shift, r += z, and f = r. With `differential` the others have no charge. */
PN_CLONES
static void add_charges(int from, int n, double cj, const double *restrict q,
                        const double *restrict q_0, const double *restrict shift,
                        const unsigned char *restrict differential, double *restrict z,
                        double *restrict r, double *restrict f)
{
  for (int i = from; i < n; i++) {
    double change = cj * (q[i] - q_0[i]) - shift[i];
    z[i] = differential && !differential[i] ? 0 : change;
    r[i] += z[i];
    f[i] = r[i];
  }
}

/* Predictions: y + s (y' + s y''/2), and the shift of the first stage. */
PN_CLONES
static void predict_middle(int n, double s, const double *restrict y, const double *restrict yp,
                           const double *restrict curve, double *restrict y_g)
{
  for (int i = 0; i < n; i++)
    y_g[i] = y[i] + s * (yp[i] + 0.5 * s * curve[i]);
}

/* The parabola with y and y' at the start and y_g, at the end of the step h. */
PN_CLONES
static void predict_end(int from, int n, double h, const double *restrict y,
                        const double *restrict yp, const double *restrict y_g, double *restrict y_1)
{
  for (int i = from; i < n; i++) {
    double slope = h * yp[i];
    y_1[i] = y[i] + slope + (y_g[i] - y[i] - PN_GAMMA * slope) * (1 / (PN_GAMMA * PN_GAMMA));
  }
}

/* The same without y': the straight line. */
static void extend_line(int n, const double *restrict y, const double *restrict y_g,
                        double *restrict y_1)
{
  for (int i = 0; i < n; i++)
    y_1[i] = y[i] + (y_g[i] - y[i]) * (1 / PN_GAMMA);
}

/* ---- Newton's iteration ---- */

static bool needs_matrix(const pn_integrator *g, double cj)
{
  const pn_method *m = g->method;
  bool near = m->cj_setup > 0 && fabs(cj / m->cj_setup - 1) <= CJ_DRIFT;
  return !near || m->age >= MAX_AGE || m->rate >= SLOWEST_RATE || g->dae.steep ||
         (g->dae.cheap_setup && g->dae.cheap_setup(g->dae.user));
}

static void note_matrix(pn_method *m, double cj)
{
  m->stats.setups++;
  m->cj_setup = cj;
  m->age = 0;
  m->rate = fmin(m->rate, 0.5);
  m->fresh = true;
}

/* r = f + z with z = cj (q - q_0) - shift at (t, y), and states held at their bounds; on request with a new
 * matrix of this very point. */
static pn_status stage_residual(pn_integrator *g, double t, double cj, const double *y, double *q,
                                double *z, bool renew)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  bool apart = dae->memory_apart, whole = renew && !dae->linearise;
  m->cj_setup = renew ? 0 : m->cj_setup;
  pn_status st = whole ? dae->setup(dae->user, t, cj, y, g->yp) : PN_OK;
  if (!st)
    st = (renew && !whole ? dae->linearise : dae->fq)(dae->user, t, y, m->r, apart ? NULL : q);
  m->stats.residuals++;
  if (st)
    return st;
  add_charges(m->from, dae->n, cj, apart ? y : q, m->q_0, m->shift,
              apart ? dae->differential : NULL, z, m->r, m->f);
  if (dae->bound) {
    dae->bound(dae->user, y, m->r, cj);
    for (int i = m->from; i < dae->n; i++)
      m->rests[i] = dae->differential[i] && m->r[i] != m->f[i];
  }
  if (renew && !whole)
    st = dae->factor(dae->user, cj);
  if (renew && !st)
    note_matrix(m, cj);
  return st;
}

/* q and z of a stage's solution y; z is 0 where a state rests at a bound. */
static pn_status stage_charges(pn_integrator *g, double t, double cj, const double *y, double *q,
                               double *z)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  bool apart = dae->memory_apart;
  if (apart || dae->charge) {
    if (!apart)
      dae->charge(dae->user, y, q);
    add_charges(m->from, dae->n, cj, apart ? y : q, m->q_0, m->shift,
                apart ? dae->differential : NULL, z, m->r, m->f);
  } else {
    pn_status st = stage_residual(g, t, cj, y, q, z, false);
    if (st)
      return st;
  }
  for (int i = m->from; i < dae->n; i++)
    z[i] = m->rests[i] ? 0 : z[i];
  return PN_OK;
}

/* The same by the tangent, from the point before the last correction m->r: what this leaves out is a part of it, as
 * the derivatives have changed since the matrix was made. The next step starts from these very charges, so that
 * nothing is lost. */
static void move_charges(pn_integrator *g, double cj, double *restrict q, double *restrict z)
{
  pn_method *m = g->method;
  g->dae.mass(g->dae.user, m->r, m->f);
  for (int i = m->from; i < g->dae.n; i++) {
    q[i] -= m->f[i];
    z[i] = m->rests[i] ? 0 : z[i] - cj * m->f[i];
  }
}

/* What the update after one would be. With a matrix of this very point, Newton's iteration squares: next = bend
 * update^2, bend as it was last measured and doubted more and more until it is measured again; and what the
 * solution left out is still to come. With the same matrix again it contracts as it just did (before > 0: the
 * last update), or as it lately did. */
static double next_update(const pn_method *m, bool squares, double accuracy, double update,
                          double before)
{
  double rate = squares      ? fmax(m->bend, LEAST_BEND) * update + UNEVEN * accuracy
                : before > 0 ? fmax(CAUTION * update / before, UNEVEN * accuracy)
                             : fmax(m->rate, LEAST_RATE);
  return update * fmin(1, rate);
}

/* How exactly to solve for an update that is expected to be of this size, so that what is left out does not
 * count beside Newton's tolerance. */
static double enough(const pn_dae *dae, double expected)
{
  double wanted = LEFT_OUT * NEWTON_TOLERANCE / (UNEVEN * expected);
  return fmin(LOOSEST, fmax(TIGHTEST * dae->accuracy, wanted));
}

/* Has the iteration converged (1), failed (-1), or must it go on (0)? k: iterations before this one. Across steep
 * corners nothing is promised by iterations before, nor must corrections shrink. */
static int judge(pn_method *m, int k, const pn_dae *dae, bool squares, double accuracy,
                 double update, double before)
{
  if (dae->steep)
    return !isfinite(update) || (k + 1 >= MOST_STEEP && update > NEWTON_TOLERANCE)
               ? -1
               : update <= NEWTON_TOLERANCE;
  if (k > 0)
    m->rate = fmax(0.3 * m->rate, update / before);
  m->bend = k == 1 ? fmax(BELIEF * m->bend, update / (before * before)) : fmin(1, DOUBT * m->bend);
  if (!isfinite(update) || (k > 0 && update > SLOWEST_RATE * before && update > NEWTON_TOLERANCE) ||
      (k + 1 == MAX_ITERATIONS && update * m->rate > NEWTON_TOLERANCE))
    return -1;
  return next_update(m, squares, accuracy, update, k > 0 ? before : 0) <= NEWTON_TOLERANCE;
}

/* Solves a stage: y [n] from its prediction to the solution, q [n] and z [n] there. The matrix may be an
 * old one. *expected: of the size of the first update, and what it was. */
static pn_status solve_stage(pn_integrator *g, double t, double cj, double *y, double *q, double *z,
                             double *expected)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  bool renew = needs_matrix(g, cj);
  double before = 0, likely = GROWTH * *expected;
  for (int k = 0;; k++) {
    bool now = renew && (k == 0 || dae->steep);
    double accuracy = enough(dae, likely);
    pn_status st = stage_residual(g, t, cj, y, q, z, now);
    if (!st)
      st = dae->solve(dae->user, cj, m->r, accuracy);
    if (st)
      return st;
    update(dae->n, 2 / (1 + cj / m->cj_setup), m->r, y); /* for the drift of cj, as in IDA */
    double size = pn_trbdf2_norm(m->r, m->w, 0, dae->n, &m->limiting);
    int verdict = judge(m, k, dae, now, accuracy, size, before);
    *expected = k == 0 ? size : *expected;
    if (verdict < 0)
      return PN_E_CONVERGENCE;
    if (verdict && dae->mass && !dae->charge && size <= CLOSE) {
      move_charges(g, cj, q, z);
      return PN_OK;
    }
    if (verdict)
      return stage_charges(g, t, cj, y, q, z);
    likely = next_update(m, now, accuracy, size, before);
    before = size;
  }
}

pn_status pn_trbdf2_attempt(pn_integrator *g, double h)
{
  pn_method *m = g->method;
  int n = g->dae.n;
  double cj = 2 / (PN_GAMMA * h), s = PN_GAMMA * h;
  m->fresh = false;
  predict_middle(n, s, g->y, g->yp, m->curve, m->y_g);
  for (int i = m->from; i < n; i++)
    m->shift[i] = m->z_0[i];
  pn_status st = solve_stage(g, g->t + s, cj, m->y_g, m->q_g, m->z_g, &m->expected[0]);
  if (st)
    return st;
  int known = m->first ? m->from : 0; /* after a restart y' of the others is not */
  extend_line(known, g->y, m->y_g, m->y_1);
  predict_end(known, n, h, g->y, g->yp, m->y_g, m->y_1);
  const double *q_g = g->dae.memory_apart ? m->y_g : m->q_g;
  for (int i = m->from; i < n; i++)
    m->shift[i] = cj * STAGE_WEIGHT * (q_g[i] - m->q_0[i]);
  return solve_stage(g, g->t + h, cj, m->y_1, m->q_1, m->z_1, &m->expected[1]);
}

/* The estimate once more through the matrix, M^-1 cj C e: what is stiff, a node whose time constant is far below
 * the step, follows its neighbours at once and has no error of its own, however often the step is cut where
 * a capacitance jumps; all else keeps its error (Hairer and Wanner 1996, Solving ODEs II, eq. IV.8.20). */
static pn_status filter(pn_integrator *g, double *error)
{
  pn_method *m = g->method;
  int n = g->dae.n;
  g->dae.mass(g->dae.user, m->r, m->f);
  for (int i = 0; i < n; i++)
    m->r[i] = m->cj_setup * m->f[i];
  pn_status st = g->dae.solve(g->dae.user, m->cj_setup, m->r, ERROR_ACCURACY);
  if (!st)
    *error = pn_trbdf2_norm(m->r, m->w_d, m->from, n, &m->limiting);
  return st;
}

/* r = cj times the local error of q: 2 k h times a divided difference of z; 0 of states at their bounds, and of
 * unknowns without charge. */
static void error_of_charges(pn_method *m, int n, double h)
{
  double scale = 2 * ERROR_CONSTANT * h * m->cj_setup;
  for (int i = 0; i < m->from; i++)
    m->r[i] = 0;
  for (int i = m->from; i < n; i++) {
    double curve = m->z_0[i] / PN_GAMMA - m->z_g[i] / (PN_GAMMA * (1 - PN_GAMMA)) +
                   m->z_1[i] / (1 - PN_GAMMA);
    m->r[i] = m->rests[i] ? 0 : scale * curve;
  }
}

/* The matrix turns the error of q into one of y and damps it where the circuit is stiff (Hosea and Shampine 1996,
 * sec. 5). A state that has come to its bound has none. Where states alone have memory the matrix is left out
 * when the error is negligible even without its damping, and each cell damps its own states when what is left then
 * is good enough: through lines that join them states act on each other by less than that, and where they do not
 * the estimate is too large at worst. */
pn_status pn_trbdf2_error(pn_integrator *g, double h, double *error)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  error_of_charges(m, dae->n, h);
  if (dae->memory_apart) {
    *error = pn_trbdf2_norm(m->r, m->w_d, m->from, dae->n, &m->limiting) / m->cj_setup;
    if (*error <= NEGLIGIBLE)
      return PN_OK;
    if (dae->solve_memory && dae->solve_memory(dae->user, m->r)) {
      *error = pn_trbdf2_norm(m->r, m->w_d, m->from, dae->n, &m->limiting);
      if (*error <= 1)
        return PN_OK;
      error_of_charges(m, dae->n, h);
    }
  }
  pn_status st = dae->solve(dae->user, m->cj_setup, m->r, ERROR_ACCURACY);
  if (!st)
    *error = pn_trbdf2_norm(m->r, m->w_d, m->from, dae->n, &m->limiting);
  return !st && *error > 1 && isfinite(*error) && dae->mass ? filter(g, error) : st;
}
