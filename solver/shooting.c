/* ESDIRK steps in charge form with derivatives, and Newton's method on the orbit. One stage is
 *     q(Y_i) + h g f(Y_i) = q_n - h sum_{j<i} a_ij f_j,   g = a_ii = 1/4,
 * so that each stage's matrix is C + h g G; the derivatives S by start and period obey the same
 * recursion with G S and C S in place of f and q. */
#include "solver/shooting.h"
#include "solver/eigen.h"

#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
  STAGES = 6,
  MOST_NEWTON = 12,
  MOST_STEPS = 2000000,
  MOST_GRID = 100000,
  MOST_CLOSINGS = 30,
  STEPS_LEAST = 20,
  STEPS_SEEN = 200 /* of an integration, of one that is watched */
};

static const double A[STAGES][STAGES] = {
    {0},
    {0.25, 0.25},
    {8611.0 / 62500, -1743.0 / 31250, 0.25},
    {5012029.0 / 34652500, -654441.0 / 2922500, 174375.0 / 388108, 0.25},
    {15267082809.0 / 155376265600, -71443401.0 / 120774400, 730878875.0 / 902184768,
     2285395.0 / 8070912, 0.25},
    {82889.0 / 524892, 0, 15625.0 / 83664, 69875.0 / 102672, -2260.0 / 8211, 0.25}};
static const double B_LOW[STAGES] = {4586570599.0 / 29645900160, 0,
                                     178811875.0 / 945068544,    814220225.0 / 1159782912,
                                     -3700637.0 / 11593932,      61727.0 / 225920};
static const double NODE[STAGES] = {0, 0.5, 83.0 / 250, 31.0 / 50, 17.0 / 20, 1};

struct pn_shoot {
  pn_shoot_problem pb;
  int n, d;
  int *index;                  /* [d] differential unknowns */
  double *f[STAGES];           /* [n] each */
  double *q0, *y, *next;       /* [n] charges and values at the step's start; the stage in work */
  double *r, *rhs;             /* [n] */
  double *s, *cs, *gs[STAGES]; /* [n * m] derivatives, C S at the step's start, G S of the stages */
  double *mono;                /* [d*d] */
  double *grid;                /* [steps + 1] shares of the period */
  int m, steps, room;          /* m = d + 1 columns; the last is by the period */
};

/* ---- life ---- */

void pn_shoot_free(pn_shoot *s)
{
  if (!s)
    return;
  free(s->index);
  free(s->f[0]);
  free(s->s);
  free(s->mono);
  free(s->grid);
  free(s);
}

pn_status pn_shoot_new(const pn_shoot_problem *p, pn_shoot **out)
{
  *out = NULL;
  pn_shoot *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->pb = *p;
  s->n = p->n;
  for (int k = 0; k < p->n; k++)
    s->d += p->differential[k] != 0;
  s->m = s->d + 1;
  size_t n = (size_t)s->n + 1, m = (size_t)s->m, d = (size_t)s->d;
  s->index = calloc(m, sizeof *s->index);
  s->f[0] = calloc((STAGES + 5) * n, sizeof *s->f[0]);
  s->s = calloc((STAGES + 2) * n * m, sizeof *s->s);
  s->mono = calloc(d * d + 1, sizeof *s->mono);
  if (!s->index || !s->f[0] || !s->s || !s->mono) {
    pn_shoot_free(s);
    return PN_E_MEMORY;
  }
  for (int k = 0, j = 0; k < p->n; k++)
    if (p->differential[k])
      s->index[j++] = k;
  for (int k = 1; k < STAGES; k++)
    s->f[k] = s->f[0] + (size_t)k * n;
  double **rest[] = {&s->q0, &s->y, &s->next, &s->r, &s->rhs};
  for (size_t k = 0; k < 5; k++)
    *rest[k] = s->f[0] + (STAGES + k) * n;
  s->cs = s->s + n * m;
  for (int k = 0; k < STAGES; k++)
    s->gs[k] = s->s + (size_t)(k + 2) * n * m;
  *out = s;
  return PN_OK;
}

static double *column(double *matrix, const pn_shoot *s, int k)
{
  return matrix + (size_t)k * (size_t)s->n;
}

/* ---- one step ---- */

/* Solves q(y) + tau f(t, y) = rhs for y (guess in s->next): f there into f. The matrix of the last
 * Newton step stays factored. */
static pn_status solve_stage(pn_shoot *s, double t, double tau, const double *rhs, double *f)
{
  const pn_shoot_problem *p = &s->pb;
  double last = INFINITY, most = 0;
  for (int i = 0; i < s->n; i++)
    most = fmax(most, fabs(rhs[i]));
  double noise = 4 * DBL_EPSILON * most / tau; /* of currents, from charges rounded to 53 bits */
  for (int k = 0; k < MOST_NEWTON; k++) {
    pn_status st = p->eval(p->user, t, s->next, true, f, s->r);
    if (st)
      return st;
    for (int i = 0; i < s->n; i++)
      s->r[i] = f[i] + (s->r[i] - rhs[i]) / tau;
    p->bound(p->user, s->next, s->r, 1 / tau);
    if ((st = p->factor(p->user, 1 / tau)) || (st = p->solve(p->user, s->r)))
      return st;
    double size = 0;
    for (int i = 0; i < s->n; i++) {
      s->next[i] -= s->r[i];
      double least = 1e-4 * p->atol[i] + (p->differential[i] ? 0 : noise);
      double w = fabs(s->r[i]) / (1e-10 * fabs(s->next[i]) + least);
      size = fmax(size, w);
    }
    if (!isfinite(size))
      return PN_E_DOMAIN;
    if (size < 1 || (k > 3 && size < 1e3 && size > 0.5 * last))
      return p->eval(p->user, t, s->next, true, f, s->r);
    last = size;
  }
  return PN_E_CONVERGENCE;
}

/* Derivatives of stage i: (G + C / tau) S_i = (C_n S_n - h sum a_ij G_j S_j - h_T sum a_ij f_j) / tau. */
static pn_status derive_stage(pn_shoot *s, int i, double h, double h_by_period)
{
  const pn_shoot_problem *p = &s->pb;
  double tau = h * A[i][i];
  pn_status st = p->factor(p->user, 1 / tau);
  for (int c = 0; c < s->m && st == PN_OK; c++) {
    double *to = column(s->s, s, c);
    const double *start = column(s->cs, s, c);
    for (int k = 0; k < s->n; k++) {
      double sum = start[k];
      for (int j = 0; j < i; j++)
        sum -= h * A[i][j] * column(s->gs[j], s, c)[k];
      for (int j = 0; j <= i && c == s->d; j++)
        sum -= h_by_period * A[i][j] * s->f[j][k];
      to[k] = sum / tau;
    }
    st = p->solve(p->user, to);
    p->mul_g(p->user, to, column(s->gs[i], s, c));
  }
  return st;
}

/* One step from s->y at t: the new values in s->next, f of the last stage in f[5]; *error: the weighted
 * norm of the embedded formula's difference. */
static pn_status take_step(pn_shoot *s, double t, double h, bool derive, double h_by_period,
                           double *error)
{
  const pn_shoot_problem *p = &s->pb;
  memcpy(s->next, s->y, (size_t)s->n * sizeof *s->y);
  for (int i = 1; i < STAGES; i++) {
    for (int k = 0; k < s->n; k++) {
      s->rhs[k] = s->q0[k];
      for (int j = 0; j < i; j++)
        s->rhs[k] -= h * A[i][j] * s->f[j][k];
    }
    pn_status st = solve_stage(s, t + NODE[i] * h, h * A[i][i], s->rhs, s->f[i]);
    if (st == PN_OK && derive)
      st = derive_stage(s, i, h, h_by_period);
    if (st)
      return st;
  }
  for (int k = 0; k < s->n; k++) {
    double sum = 0;
    for (int j = 0; j < STAGES; j++)
      sum += (A[STAGES - 1][j] - B_LOW[j]) * s->f[j][k];
    s->rhs[k] = sum / A[STAGES - 1][STAGES - 1];
  }
  pn_status st = p->solve(p->user, s->rhs);
  double sum = 0;
  for (int k = 0; k < s->n; k++)
    if (p->differential[k]) {
      double e = s->rhs[k] /
                 (p->reltol * fmax(fabs(s->y[k]), fabs(s->next[k])) + 1e-2 * p->atol[k]);
      sum += e * e;
    }
  *error = sqrt(sum / (s->d ? s->d : 1));
  return st;
}

/* The step's end becomes the next one's start. */
static pn_status accept(pn_shoot *s, double t, bool derive)
{
  const pn_shoot_problem *p = &s->pb;
  memcpy(s->y, s->next, (size_t)s->n * sizeof *s->y);
  pn_status st = p->eval(p->user, t, s->y, derive, s->f[0], s->q0);
  for (int c = 0; c < s->m && derive && st == PN_OK; c++) {
    p->mul_c(p->user, column(s->s, s, c), column(s->cs, s, c));
    p->mul_g(p->user, column(s->s, s, c), column(s->gs[0], s, c));
  }
  return st;
}

/* ---- integration ---- */

static pn_status begin(pn_shoot *s, double t, const double *y)
{
  memcpy(s->y, y, (size_t)s->n * sizeof *y);
  return s->pb.eval(s->pb.user, t, s->y, false, s->f[0], s->q0);
}

static pn_status note_grid(pn_shoot *s, double share)
{
  if (s->steps + 2 > s->room) {
    int room = s->room ? 2 * s->room : 256;
    double *more = room > 2 * MOST_GRID ? NULL : realloc(s->grid, (size_t)room * sizeof *more);
    if (!more)
      return room > 2 * MOST_GRID ? PN_E_LIMIT : PN_E_MEMORY;
    s->grid = more;
    s->room = room;
  }
  s->grid[++s->steps] = share;
  return PN_OK;
}

/* With error control; record: the accepted times go to the grid. */
static pn_status run_adaptive(pn_shoot *s, double t0, double length, const double *y, bool observe,
                              bool record)
{
  const pn_shoot_problem *p = &s->pb;
  double t = 0, h = length / 1000, longest = length / (observe ? STEPS_SEEN : STEPS_LEAST);
  pn_status st = begin(s, t0, y);
  if (st == PN_OK && observe)
    st = p->observe(p->user, t0, s->y, s->f[0]);
  if (record) {
    s->steps = -1;
    st = st ? st : note_grid(s, 0);
  }
  for (long k = 0; st == PN_OK && t < length * (1 - 1e-12); k++) {
    if (k == MOST_STEPS || !(h > 1e-14 * length))
      return PN_E_STEP;
    if (p->interrupted(p->user))
      return PN_E_INTERRUPTED;
    double corner = p->next_corner ? p->next_corner(p->user, t0 + t * (1 + 1e-12)) - t0 : INFINITY;
    double stop = fmin(length, corner), error;
    bool lands = t + h * 1.001 > stop;
    double step = lands ? stop - t : h;
    st = take_step(s, t0 + t, step, false, 0, &error);
    if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN || st == PN_E_SINGULAR) {
      h = step / 4;
      st = PN_OK;
      continue;
    }
    if (st)
      return st;
    double grow = error > 0 ? 0.9 * pow(error, -0.25) : 4;
    if (error > 1) {
      h = step * fmax(0.2, grow);
      continue;
    }
    t = lands ? stop : t + step;
    h = fmin(longest, (lands ? h : step) * fmin(3, fmax(0.3, grow)));
    st = accept(s, t0 + t, false);
    if (st == PN_OK && record)
      st = note_grid(s, t / length);
    if (st == PN_OK && observe)
      st = p->observe(p->user, t0 + t, s->y, s->f[0]);
  }
  return st;
}

pn_status pn_shoot_integrate(pn_shoot *s, double t0, double length, double *y, bool observe)
{
  pn_status st = run_adaptive(s, t0, length, y, observe, false);
  memcpy(y, s->y, (size_t)s->n * sizeof *y);
  return st;
}

/* Two implicit Euler steps of length `tiny`: in the first the algebraic unknowns follow and all drift a little, in
 * the second all drift as much again. So the first less the second's move has no drift: without that, a driven
 * orbit would be corrected by the drift of each consistent start for ever. */
pn_status pn_shoot_consistent(pn_shoot *s, double t, double tiny, double *y)
{
  size_t bytes = (size_t)s->n * sizeof *y;
  pn_status st = PN_OK;
  memcpy(s->next, y, bytes);
  for (int k = 0; k < 2 && st == PN_OK; k++) {
    memcpy(y, s->next, bytes);
    st = s->pb.eval(s->pb.user, t, y, false, s->f[0], s->q0);
    memcpy(s->rhs, s->q0, bytes);
    if (st == PN_OK)
      st = solve_stage(s, t, tiny, s->rhs, s->f[0]);
  }
  for (int i = 0; i < s->n && st == PN_OK; i++)
    y[i] -= s->next[i] - y[i];
  return st;
}

/* S at the start: the consistent answer to each differential unknown's move, and 0 for the period. */
static pn_status start_derivatives(pn_shoot *s, double t0, double tiny)
{
  const pn_shoot_problem *p = &s->pb;
  memset(s->s, 0, (size_t)s->n * (size_t)s->m * sizeof *s->s);
  pn_status st = p->eval(p->user, t0, s->y, true, s->f[0], s->q0);
  if (st == PN_OK)
    st = p->factor(p->user, 1 / tiny);
  for (int c = 0; c < s->m && st == PN_OK; c++) {
    double *to = column(s->s, s, c);
    if (c < s->d) {
      memset(s->r, 0, (size_t)s->n * sizeof *s->r);
      s->r[s->index[c]] = 1 / tiny;
      p->mul_c(p->user, s->r, to);
      st = p->solve(p->user, to);
    }
    p->mul_c(p->user, to, column(s->cs, s, c));
    p->mul_g(p->user, to, column(s->gs[0], s, c));
  }
  return st;
}

/* Along the noted grid, with derivatives. */
static pn_status run_grid(pn_shoot *s, double t0, double period, const double *y, bool derive)
{
  pn_status st = begin(s, t0, y);
  double error;
  if (st == PN_OK && derive)
    st = start_derivatives(s, t0, 1e-9 * period);
  for (int k = 0; k < s->steps && st == PN_OK; k++) {
    double share = s->grid[k + 1] - s->grid[k];
    if (s->pb.interrupted(s->pb.user))
      return PN_E_INTERRUPTED;
    st = take_step(s, t0 + s->grid[k] * period, share * period, derive, share, &error);
    if (st == PN_OK)
      st = accept(s, t0 + s->grid[k + 1] * period, derive);
  }
  for (int c = 0; c < s->d && derive && st == PN_OK; c++)
    for (int k = 0; k < s->d; k++)
      s->mono[k + c * s->d] = column(s->s, s, c)[s->index[k]];
  return st;
}

pn_status pn_shoot_defect(pn_shoot *s, double t0, const double *y, double period, double *defect,
                          bool derivatives, double *by_period)
{
  pn_status st = run_grid(s, t0, period, y, derivatives);
  for (int k = 0; k < s->d && st == PN_OK; k++) {
    defect[k] = s->y[s->index[k]] - y[s->index[k]];
    if (derivatives)
      by_period[k] = column(s->s, s, s->d)[s->index[k]];
  }
  return st;
}

/* ---- closing the orbit ---- */

typedef struct closing {
  double *matrix, *step, *phase, *by_period; /* [m*m], [m], [d], [d] */
  lapack_int *pivot;                         /* [m] */
} closing;

/* The orbit's direction at its start: dy/dt of the differential unknowns, by a small part of the first step. */
pn_status pn_shoot_phase(pn_shoot *s, double t0, const double *y, double period, double *phase)
{
  double error, h = 1e-4 * s->grid[1] * period;
  pn_status st = begin(s, t0, y);
  if (st == PN_OK)
    st = take_step(s, t0, h, false, 0, &error);
  for (int k = 0; k < s->d; k++) {
    int i = s->index[k];
    double scale = fabs(y[i]) + 1e3 * s->pb.atol[i];
    phase[k] = (s->next[i] - y[i]) / h * period / (scale * scale);
  }
  return st;
}

/* Newton's correction of (y_D, T) into w->step [m]; *size relative. */
static pn_status correction(pn_shoot *s, closing *w, bool autonomous, const double *y,
                            double period, double *size)
{
  int d = s->d, m = d + autonomous;
  for (int c = 0; c < d; c++) {
    for (int k = 0; k < d; k++)
      w->matrix[k + c * m] = s->mono[k + c * d] - (k == c);
    if (autonomous)
      w->matrix[d + c * m] = w->phase[c];
  }
  for (int k = 0; k < d && autonomous; k++)
    w->matrix[k + d * m] = w->by_period[k];
  if (autonomous)
    w->matrix[d + d * m] = w->step[d] = 0;
  for (int k = 0; k < d; k++)
    w->step[k] = -w->step[k];
  lapack_int info = LAPACKE_dgesv(LAPACK_COL_MAJOR, m, 1, w->matrix, m, w->pivot, w->step, m);
  if (info)
    return info > 0 ? PN_E_SINGULAR : PN_E_MEMORY;
  *size = autonomous ? fabs(w->step[d]) / period : 0;
  for (int k = 0; k < d; k++) {
    int i = s->index[k];
    *size = fmax(*size, fabs(w->step[k]) / (fabs(y[i]) + 1e3 * s->pb.atol[i]));
  }
  return isfinite(*size) ? PN_OK : PN_E_CONVERGENCE;
}

/* Newton on the present grid until the correction is below `tolerance`. */
static pn_status iterate(pn_shoot *s, closing *w, double t0, bool autonomous, double *y,
                         double *period, double tolerance, int *count)
{
  for (int k = 0; k < MOST_CLOSINGS; k++) {
    double size;
    pn_status st = autonomous ? pn_shoot_phase(s, t0, y, *period, w->phase) : PN_OK;
    if (st == PN_OK)
      st = pn_shoot_defect(s, t0, y, *period, w->step, true, w->by_period);
    if (st == PN_OK)
      st = correction(s, w, autonomous, y, *period, &size);
    if (st)
      return st;
    double part = size > 0.2 ? 0.2 / size : 1;
    for (int j = 0; j < s->d; j++)
      y[s->index[j]] += part * w->step[j];
    if (autonomous)
      *period += part * w->step[s->d];
    st = pn_shoot_consistent(s, t0, 1e-9 * *period, y);
    ++*count;
    if (st || size < tolerance)
      return st;
  }
  return PN_E_CONVERGENCE;
}

pn_status pn_shoot_close(pn_shoot *s, double t0, bool autonomous, double *y, double *period,
                         int *iterations)
{
  size_t m = (size_t)s->m + 1;
  int count = 0;
  closing w = {.matrix = calloc(m * m + 3 * m, sizeof *w.matrix),
               .pivot = calloc(m, sizeof *w.pivot)};
  pn_status st = w.matrix && w.pivot ? PN_OK : PN_E_MEMORY;
  w.step = w.matrix + m * m;
  w.phase = w.step + m;
  w.by_period = w.phase + m;
  if (st == PN_OK)
    st = pn_shoot_consistent(s, t0, 1e-9 * *period, y);
  static const double tolerances[] = {1e-3, 1e-9}; /* the second on the orbit's own grid */
  for (int round = 0; round < 2 && st == PN_OK; round++) {
    st = run_adaptive(s, t0, *period, y, false, true);
    if (st == PN_OK)
      st = iterate(s, &w, t0, autonomous, y, period, tolerances[round], &count);
  }
  if (st == PN_OK)
    st = pn_shoot_defect(s, t0, y, *period, w.step, true, w.by_period);
  if (iterations)
    *iterations = count;
  free(w.matrix);
  free(w.pivot);
  return st;
}

pn_status pn_shoot_regrid(pn_shoot *s, double t0, const double *y, double period)
{
  return run_adaptive(s, t0, period, y, false, true);
}

int pn_shoot_size(const pn_shoot *s)
{
  return s->d;
}

const double *pn_shoot_monodromy(const pn_shoot *s)
{
  return s->mono;
}

const int *pn_shoot_index(const pn_shoot *s)
{
  return s->index;
}

int pn_shoot_steps(const pn_shoot *s)
{
  return s->steps;
}

pn_status pn_shoot_multipliers(const pn_shoot *s, double complex *mu)
{
  size_t entries = (size_t)s->d * (size_t)s->d;
  double *a = malloc((entries + 1) * sizeof *a);
  if (!a)
    return PN_E_MEMORY;
  memcpy(a, s->mono, entries * sizeof *a);
  pn_status st = pn_eigen_dense(s->d, a, mu);
  free(a);
  return st;
}
