/* A memristor that heats itself runs away: the rates of TaOx at 1 V grow by 1e60 on the way from one end
 * of its range to the other. While that lasts nothing else moves, and time does not matter, only the
 * way: states move in steps of their range, each in proportion to its rate, and the network is solved
 * after every step. Where one state moves alone its way is a line, and steps may be long. */
#include "analysis/motion.h"

#include "solver/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double FAST = 0.05;       /* of its range within dt: a state that fast is carried */
static const double SLOW = 0.37;       /* of FAST: a step that ends below has gone too far */
static const double COMPANY = 1e-3;    /* of the fastest rate: slower states do not move with it */
static const double ALONE_STEP = 0.05; /* of its range, the steps of one state */
static const double JOINT_STEP = 0.01; /* of several */
static const double LEAST_STEP = 1e-4; /* how well the end of the way is found */
enum { MOST_SOLUTIONS = 5000 };

typedef struct motion {
  const pn_run *r;
  double t, tiny, dt; /* s */
  int n, first;       /* unknowns; the first state */
  double *low, *high; /* [n] bounds */
  double *y, *before; /* [n] the point and the one before the last move */
  double *rate;       /* [n] 1/s, of the range */
  double *q0;         /* [n] charges and fluxes, kept */
  double *atol;       /* [n] */
  double *work;       /* [3 n] Newton's */
  double fastest;     /* 1/s */
  int movers;
} motion;

static double range_of(const double *low, const double *high, int k)
{
  double range = high[k] - low[k];
  return range > 0 && isfinite(range) ? range : INFINITY;
}

bool pn_motion_is_fast(const pn_run *r, const double *low, const double *high, const double *yp,
                       double dt)
{
  int n = pn_sim_n(r->sim);
  for (int k = pn_circuit_n_mna(r->circuit); k < n; k++)
    if (fabs(yp[k]) * dt > FAST * range_of(low, high, k))
      return true;
  return false;
}

/* ---- the network with states held ---- */

static pn_status residual(void *user, const double *y, double *r, bool jacobian)
{
  motion *m = user;
  pn_sim *s = m->r->sim;
  pn_status st = pn_sim_eval(s, PN_SIM_INIT, m->t, y, jacobian);
  for (int k = 0; k < m->n && !st; k++)
    r[k] = pn_sim_f(s)[k] + (pn_sim_q(s)[k] - m->q0[k]) / m->tiny;
  return st || !jacobian ? st : pn_sim_factor(s, 1, 1 / m->tiny);
}

static pn_status solve(void *user, double *r)
{
  return pn_sim_solve(((motion *)user)->r->sim, r);
}

static pn_status settle(motion *m)
{
  pn_newton_problem p = {.user = m,
                         .n = m->n,
                         .atol = m->atol,
                         .reltol = 0.1 * m->r->options->reltol,
                         .max_iterations = 50,
                         .residual = residual,
                         .solve = solve};
  pn_newton_result res;
  pn_sim_hold_states(m->r->sim, m->y);
  return pn_newton(&p, m->y, m->work, &res);
}

/* Rates at m->y, the fastest, and how many move with it. */
static pn_status find_rates(motion *m)
{
  pn_status st = pn_sim_eval(m->r->sim, PN_SIM_TRAN, m->t, m->y, false);
  m->fastest = 0;
  m->movers = 0;
  for (int k = m->first; k < m->n && !st; k++) {
    double rate = -pn_sim_f(m->r->sim)[k], range = range_of(m->low, m->high, k);
    bool rests = rate > 0 ? m->y[k] >= m->high[k] : m->y[k] <= m->low[k];
    m->rate[k] = pn_sim_differential(m->r->sim)[k] && !rests ? rate / range : 0;
    m->fastest = fmax(m->fastest, fabs(m->rate[k]));
  }
  for (int k = m->first; k < m->n && !st; k++)
    m->movers += fabs(m->rate[k]) > COMPANY * m->fastest;
  return st;
}

/* ---- the way ---- */

/* Moves by `step` of the fastest state's range; true when a state came to its bound. */
static bool move(motion *m, double step)
{
  bool arrived = false;
  for (int k = m->first; k < m->n; k++) {
    if (m->rate[k] == 0)
      continue;
    double x = m->y[k] + step * m->rate[k] / m->fastest * range_of(m->low, m->high, k);
    m->y[k] = fmin(m->high[k], fmax(m->low[k], x));
    arrived |= m->y[k] != x;
  }
  return arrived;
}

static pn_status follow(motion *m)
{
  size_t bytes = (size_t)m->n * sizeof(double);
  double enough = FAST / m->dt, step = ALONE_STEP;
  pn_status st = find_rates(m);
  for (int k = 0; !st && m->fastest > enough; k++) {
    if (k == MOST_SOLUTIONS)
      return PN_E_CONVERGENCE;
    double before = m->fastest;
    step = fmin(step, m->movers > 1 ? JOINT_STEP : ALONE_STEP);
    memcpy(m->before, m->y, bytes);
    bool arrived = move(m, step);
    st = settle(m);
    if (!st)
      st = find_rates(m);
    if (!st && !arrived && m->fastest < SLOW * enough && step > LEAST_STEP) {
      /* Logarithms of rates are nearly parabolas over the state: back to where this one is the line's. */
      double part = log(before / enough) / log(before / fmax(m->fastest, 1e-300));
      step *= fmin(0.9, fmax(0.1, part));
      memcpy(m->y, m->before, bytes);
      st = find_rates(m);
    } else {
      step *= 2;
    }
  }
  return st;
}

pn_status pn_motion_carry(const pn_run *r, double t, double dt, double tiny, double *y)
{
  size_t n = (size_t)pn_sim_n(r->sim);
  double *memory = calloc(10 * n + 1, sizeof *memory);
  if (!memory)
    return PN_E_MEMORY;
  motion m = {.r = r,
              .t = t,
              .tiny = tiny,
              .dt = dt,
              .n = (int)n,
              .first = pn_circuit_n_mna(r->circuit),
              .low = memory,
              .high = memory + n,
              .y = y,
              .before = memory + 2 * n,
              .rate = memory + 3 * n,
              .q0 = memory + 4 * n,
              .atol = memory + 5 * n,
              .work = memory + 6 * n};
  pn_sim_bounds(r->sim, m.low, m.high);
  pn_status st = pn_sim_eval(r->sim, PN_SIM_INIT, t, y, false);
  double most =
      0; /* charges rounded by a part in 2^53 make currents uncertain by that part over tiny */
  for (size_t k = 0; k < n && !st; k++) {
    m.q0[k] = pn_sim_q(r->sim)[k];
    most = fmax(most, fabs(m.q0[k]));
  }
  for (size_t k = 0; k < n; k++)
    m.atol[k] = pn_sim_atol(r->sim)[k] + 1e-15 * most / tiny;
  if (st == PN_OK)
    st = follow(&m);
  pn_sim_hold_states(r->sim, NULL);
  free(memory);
  return st;
}
