/* The cycle of a circuit with memory besides its memristors' states: integrated in time by TR-BDF2. The charges
 * and fluxes follow the cycle: it is repeated with the same states until they close, and only then counted. */
#include "analysis/cycle_impl.h"
#include "analysis/start.h"
#include "solver/integrator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_CYCLE = 100, MOST_STEPS = 200000, MOST_REPEATS = 60 };
static const double CLOSED = 1e-4;  /* of the largest value in the cycle: what may stay open */
static const double TINY = 1e-9;    /* of the period: consistent values are found over it */
static const double SLIVER = 1e-12; /* of the period: nearer than this to a time is at it */
static const double MOST_DOUBLES = 5e7;

/* Keeps the point at t in the list of this cycle's points. */
static pn_status keep(pn_cycle *c, double t, const double *y)
{
  if (c->n_steps >= c->most_steps) {
    int room = c->most_steps ? 2 * c->most_steps : 256;
    if (room > MOST_STEPS || (double)room * c->n > MOST_DOUBLES)
      return PN_E_LIMIT;
    double *times = realloc(c->t_at, ((size_t)room + 1) * sizeof *times);
    c->t_at = times ? times : c->t_at;
    double *points = realloc(c->y_at, ((size_t)room + 1) * (size_t)c->n * sizeof *points);
    c->y_at = points ? points : c->y_at;
    if (!times || !points)
      return PN_E_MEMORY;
    c->most_steps = room;
  }
  c->t_at[c->n_steps] = t;
  memcpy(c->y_at + (size_t)c->n_steps * (size_t)c->n, y, (size_t)c->n * sizeof *y);
  pn_sim_clip(c->r->sim, c->y_at + (size_t)c->n_steps * (size_t)c->n);
  return PN_OK;
}

/* Values and slopes at t after whatever jumps there; charges and states stay what they are in ys. */
static pn_status consistent(pn_cycle *c, double t)
{
  pn_status st = pn_sim_eval(c->r->sim, PN_SIM_TRAN, t, c->ys, false);
  if (st)
    return st;
  memcpy(c->qs, pn_sim_q(c->r->sim), (size_t)c->n * sizeof *c->qs);
  return pn_start_consistent(c->r, t, TINY * c->period, c->qs, c->ys, c->yps);
}

static pn_status start(pn_cycle *c)
{
  pn_status st = consistent(c, 0);
  if (st)
    return st;
  if (c->g)
    return pn_integrator_restart(c->g, 0, c->ys, c->yps, false, 0);
  return pn_integrator_new("trbdf2", pn_circuit_dae_view(c->dae), 0, c->ys, c->yps, 0, &c->g);
}

/* From the present point on: a corner, a jump, or a switch that has switched at t. */
static pn_status restart(pn_cycle *c, double t, bool jump)
{
  memcpy(c->ys, pn_integrator_y(c->g), (size_t)c->n * sizeof *c->ys);
  memcpy(c->yps, pn_integrator_yp(c->g), (size_t)c->n * sizeof *c->yps);
  if (jump) {
    pn_status st = consistent(c, t);
    if (st)
      return st;
  }
  return pn_integrator_restart(c->g, t, c->ys, c->yps, false, 0);
}

static double next_corner(const pn_cycle *c, double t)
{
  double corner = t;
  do
    corner = pn_sim_next_corner(c->r->sim, corner);
  while (corner - t < SLIVER * c->period);
  return fmin(corner, c->period);
}

/* One cycle from ys; its points are kept. */
static pn_status once(pn_cycle *c)
{
  pn_status st = start(c);
  c->n_steps = 0;
  if (!st)
    st = keep(c, 0, c->ys);
  double t = 0, corner = next_corner(c, 0);
  while (!st && t < c->period) {
    pn_step_kind kind;
    double stop = c->period - corner < SLIVER * c->period ? c->period : corner;
    st = pn_integrator_step(c->g, stop, c->period / STEPS_PER_CYCLE, &t, &kind);
    if (st)
      break;
    c->n_steps++;
    if ((st = keep(c, t, pn_integrator_y(c->g))))
      break;
    bool changed = pn_sim_accept(c->r->sim, t, pn_integrator_y(c->g));
    bool at_corner = t >= corner && t < c->period; /* also when an event falls there */
    if (at_corner)
      corner = next_corner(c, t);
    if (changed || at_corner || kind == PN_STEP_EVENT)
      st = restart(c, t, changed || kind == PN_STEP_EVENT || pn_sim_jumps(c->r->sim, t));
    if (!st && c->r->interrupted(c->r->user))
      st = PN_E_INTERRUPTED;
  }
  c->evaluations += c->n_steps;
  return st;
}

/* The largest opening of a charge-bearing unknown over the cycle, relative to what is allowed. */
static double opening(const pn_cycle *c)
{
  const unsigned char *moves = pn_sim_differential(c->r->sim);
  const unsigned char *charge = pn_sim_q_nonlinear(c->r->sim);
  const double *first = c->y_at, *last = c->y_at + (size_t)c->n_steps * (size_t)c->n;
  double worst = 0;
  for (int i = 0; i < pn_circuit_n_mna(c->r->circuit); i++) {
    if (!moves[i] && !charge[i])
      continue;
    double most = 0;
    for (int k = 0; k <= c->n_steps; k++)
      most = fmax(most, fabs(c->y_at[(size_t)k * (size_t)c->n + (size_t)i]));
    double allowed = CLOSED * most + pn_sim_atol(c->r->sim)[i];
    worst = fmax(worst, fabs(last[i] - first[i]) / allowed);
  }
  return worst;
}

static void sum_changes(pn_cycle *c, double *dx)
{
  for (int i = 0; i < c->ns; i++) {
    const double *x = c->y_at + c->state[i];
    c->up[i] = c->down[i] = 0;
    for (int k = 1; k <= c->n_steps; k++) {
      double by = x[(size_t)k * (size_t)c->n] - x[(size_t)(k - 1) * (size_t)c->n];
      *(by > 0 ? &c->up[i] : &c->down[i]) += by;
    }
    dx[i] = x[(size_t)c->n_steps * (size_t)c->n] - x[0];
  }
}

pn_status pn_cycle_integrate(pn_cycle *c, const double *x, double *dx)
{
  for (int k = 0; k < MOST_REPEATS; k++) {
    memcpy(c->ys, c->y0, (size_t)c->n * sizeof *c->ys);
    for (int i = 0; i < c->ns; i++)
      c->ys[c->state[i]] = x[i];
    pn_status st = once(c);
    if (st == PN_E_STEP)
      st = PN_E_CONVERGENCE;
    if (st)
      return st;
    memcpy(c->y0, c->y_at + (size_t)c->n_steps * (size_t)c->n, (size_t)c->n * sizeof *c->y0);
    if (opening(c) <= 1) {
      sum_changes(c, dx);
      return PN_OK;
    }
  }
  return PN_E_STEP;
}
