/* Moving cells as a small differential-algebraic system for TR-BDF2: the ports' voltages, then the states. */
#include "analysis/movers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_SEGMENT = 4 };

double movers_drop(const movers *m, int p, const double *e)
{
  double sum = 0;
  for (int q = 0; q < m->n; q++)
    sum += m->z[p * m->n + q] * e[q];
  return sum;
}

/* ---- the system ---- */

/* The driven lines' share of their top at time t. */
static double share_at(const movers *m, double t)
{
  double down = 2 * m->edge + m->width - t;
  return m->top * fmax(0, fmin(1, fmin(t, down) / m->edge));
}

/* The parabola with foot at 0, v0 at 1 and the slope there. */
static double open_voltage(const movers *m, int p, double share)
{
  double rise = m->v0[p] - m->foot[p];
  return m->foot[p] + share * (2 * rise - m->slope[p] + share * (m->slope[p] - rise));
}

static pn_status evaluate(movers *m, double t, const double *y)
{
  size_t bytes = (size_t)m->n_all * sizeof *y;
  if (t == m->t_last && !memcmp(y, m->y_last, bytes))
    return PN_OK;
  pn_status st = pn_group_eval(m->cells, t, y, y + m->n);
  memcpy(m->y_last, y, bytes);
  m->t_last = st ? NAN : t;
  return st;
}

static bool always(void *user)
{
  (void)user;
  return true;
}

static void excess(const movers *m, const double *v, double *e)
{
  for (int q = 0; q < m->n; q++)
    e[q] = m->cells->i[q] - m->i0[q] - m->g0[q] * (v[q] - m->v0[q]);
}

static pn_status fq(void *user, double t, const double *y, double *f, double *q)
{
  movers *m = user;
  double e[MOVERS_MOST], share = share_at(m, t);
  pn_status st = evaluate(m, t, y);
  if (st)
    return st;
  excess(m, y, e);
  for (int p = 0; p < m->n; p++) {
    double drop = movers_drop(m, p, e);
    f[p] = y[p] - open_voltage(m, p, share) + drop * (1 - m->bend[p] * drop);
  }
  for (int s = 0; s < m->cells->n_states; s++)
    f[m->n + s] = -m->cells->g[s];
  if (q)
    memcpy(q, y, (size_t)m->n_all * sizeof *q);
  return PN_OK;
}

static void confine(void *user, const double *y, double *r, double cj)
{
  movers *m = user;
  for (int s = 0; s < m->cells->n_states; s++) {
    double x = y[m->n + s], *rs = &r[m->n + s], want = *rs / cj;
    double lo = m->cells->lo[s], hi = m->cells->hi[s];
    bool fixed = m->cells->mass[s] && (want < x - hi || want > x - lo);
    m->factored &= fixed == m->fixed[s];
    m->fixed[s] = fixed;
    if (fixed)
      *rs = want < x - hi ? x - hi : x - lo;
  }
}

/* By columns: rows of the ports, then of the states. */
static void fill_jacobian(movers *m, const double *e, double cj)
{
  const pn_group *c = m->cells;
  int n = m->n, all = m->n_all;
  memset(m->jacobian, 0, (size_t)all * (size_t)all * sizeof *m->jacobian);
  for (int p = 0; p < n; p++) {
    double part = 1 - 2 * m->bend[p] * movers_drop(m, p, e);
    m->jacobian[p * all + p] = 1;
    for (int q = 0; q < n; q++) {
      double z = part * m->z[p * n + q];
      m->jacobian[q * all + p] += z * (c->i_v[q] - m->g0[q]);
      for (int s = c->first[q]; s < c->first[q + 1]; s++)
        m->jacobian[(n + s) * all + p] = z * c->i_x[s];
    }
  }
  for (int q = 0; q < n; q++) {
    int ns = c->first[q + 1] - c->first[q];
    for (int r = 0; r < ns; r++) {
      int row = n + c->first[q] + r;
      m->jacobian[q * all + row] = -c->g_v[c->first[q] + r];
      for (int j = 0; j < ns; j++)
        m->jacobian[(n + c->first[q] + j) * all + row] = -c->g_x[c->square[q] + r * ns + j];
      m->jacobian[row * all + row] += c->mass[c->first[q] + r] ? cj : 0;
    }
  }
}

static pn_status setup(void *user, double t, double cj, const double *y, const double *yp)
{
  movers *m = user;
  double e[MOVERS_MOST];
  (void)yp;
  pn_status st = evaluate(m, t, y);
  if (st)
    return st;
  excess(m, y, e);
  fill_jacobian(m, e, cj);
  m->factored = false;
  return PN_OK;
}

static pn_status factor(movers *m)
{
  int all = m->n_all;
  memcpy(m->matrix, m->jacobian, (size_t)all * (size_t)all * sizeof *m->matrix);
  for (int s = 0; s < m->cells->n_states; s++)
    for (int k = 0; m->fixed[s] && k < all; k++)
      m->matrix[k * all + m->n + s] = k == m->n + s;
  int bad;
  m->factored = true;
  return pn_linsol_factor(m->lu, m->matrix, &bad);
}

static pn_status solve(void *user, double cj, double *r, double accuracy)
{
  movers *m = user;
  (void)cj, (void)accuracy;
  pn_status st = m->factored ? PN_OK : factor(m);
  return st ? PN_E_CONVERGENCE : pn_linsol_solve(m->lu, r);
}

/* ---- choosing ---- */

static void release(movers *m)
{
  pn_integrator_free(m->g);
  pn_linsol_free(m->lu);
  pn_group_free(m->cells);
  free(m->memory);
  free(m->differential);
  free(m->colptr);
  *m = (movers){.top = 1, .edge = m->edge, .width = m->width, .gap = m->gap, .steps = m->steps};
}

static pn_status allocate(movers *m)
{
  size_t all = (size_t)m->n_all, states = (size_t)m->cells->n_states;
  m->memory = calloc(4 * all + 2 * all * all + 3 * states + 1, sizeof *m->memory);
  m->differential = calloc(2 * all + 1, 1);
  m->colptr = calloc(all + 1 + all * all, sizeof *m->colptr);
  if (!m->memory || !m->differential || !m->colptr)
    return PN_E_MEMORY;
  m->y = m->memory;
  m->yp = m->y + all;
  m->atol = m->yp + all;
  m->jacobian = m->atol + all;
  m->matrix = m->jacobian + all * all;
  m->x = m->matrix + all * all;
  m->x_top = m->x + states;
  m->steep_top = m->x_top + states;
  m->y_last = m->steep_top + states;
  m->fixed = m->differential + all;
  m->rowind = m->colptr + all + 1;
  for (int j = 0; j < m->n_all; j++) {
    m->colptr[j + 1] = (j + 1) * m->n_all;
    for (int i = 0; i < m->n_all; i++)
      m->rowind[j * m->n_all + i] = i;
  }
  pn_linsol_setup setup = {.n = m->n_all, .colptr = m->colptr, .rowind = m->rowind};
  return pn_linsol_new(&setup, &m->lu, NULL);
}

pn_status movers_choose(movers *m, pn_sim *sim, int n, const int *device, double reltol,
                        const double *atol, double vntol)
{
  release(m);
  if (n == 0)
    return PN_OK;
  pn_status st = pn_group_new(sim, n, device, &m->cells);
  if (st)
    return st;
  m->n = n;
  m->n_all = n + m->cells->n_states;
  if ((st = allocate(m)))
    return st;
  for (int k = 0; k < n; k++)
    m->atol[k] = vntol;
  for (int s = 0; s < m->cells->n_states; s++) {
    m->atol[n + s] = atol[m->cells->unknown[s]];
    m->differential[n + s] = m->cells->mass[s];
  }
  m->dae = (pn_dae){.user = m,
                    .n = m->n_all,
                    .reltol = reltol,
                    .cheap_setup = always,
                    .memory_apart = true,
                    .memory_from = n,
                    .atol = m->atol,
                    .differential = m->differential,
                    .setup = setup,
                    .solve = solve,
                    .fq = fq,
                    .bound = confine};
  return PN_OK;
}

/* ---- marching ---- */

/* Before the pulse: foot is where the rest voltages solve the ports' equations. */
static pn_status begin(movers *m)
{
  double e[MOVERS_MOST];
  memcpy(m->y, m->rest, (size_t)m->n * sizeof *m->y);
  memcpy(m->y + m->n, m->x, (size_t)m->cells->n_states * sizeof *m->y);
  memset(m->yp, 0, (size_t)m->n_all * sizeof *m->yp);
  m->t_last = NAN;
  pn_status st = pn_group_eval(m->cells, 0, m->y, m->x);
  if (st)
    return st;
  excess(m, m->y, e);
  for (int p = 0; p < m->n; p++) {
    double drop = movers_drop(m, p, e);
    m->foot[p] = m->rest[p] + drop * (1 - m->bend[p] * drop);
  }
  if (!m->g)
    return pn_integrator_new("trbdf2", &m->dae, 0, m->y, m->yp, 0, &m->g);
  return pn_integrator_restart(m->g, 0, m->y, m->yp, false, 0);
}

static pn_status march(movers *m, double *t, double stop)
{
  double hmax = (stop - *t) / STEPS_PER_SEGMENT;
  while (*t < stop) {
    pn_step_kind kind;
    pn_status st = pn_integrator_step(m->g, stop, hmax, t, &kind);
    if (st)
      return st;
    m->steps++;
  }
  return PN_OK;
}

/* The states into x, inside their bounds. */
static void take_states(const movers *m, double *x)
{
  const double *y = pn_integrator_y(m->g) + m->n;
  for (int s = 0; s < m->cells->n_states; s++)
    x[s] = fmax(m->cells->lo[s], fmin(m->cells->hi[s], y[s]));
}

static pn_status note_top(movers *m)
{
  memcpy(m->v_top, pn_integrator_y(m->g), (size_t)m->n * sizeof *m->v_top);
  take_states(m, m->x_top);
  m->t_last = NAN;
  pn_status st = pn_group_eval(m->cells, m->edge + m->width, m->v_top, m->x_top);
  excess(m, m->v_top, m->e_top);
  memcpy(m->steep_top, m->cells->g_v, (size_t)m->cells->n_states * sizeof *m->steep_top);
  return st;
}

pn_status movers_run(movers *m)
{
  double t = 0, end = 2 * m->edge + m->width;
  double corner[] = {m->edge, m->edge + m->width, end, end + m->gap};
  pn_status st = begin(m);
  for (int k = 0; !st && k < 4 && corner[k] > t; k++) {
    st = march(m, &t, corner[k]);
    if (!st && k == 1)
      st = note_top(m);
    if (!st && k < 3) {
      memcpy(m->y, pn_integrator_y(m->g), (size_t)m->n_all * sizeof *m->y);
      memcpy(m->yp, pn_integrator_yp(m->g), (size_t)m->n_all * sizeof *m->yp);
      st = pn_integrator_restart(m->g, t, m->y, m->yp, false, 0);
    }
  }
  if (!st)
    take_states(m, m->x);
  return st;
}
