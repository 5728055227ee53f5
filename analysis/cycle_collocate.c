/* The cycle of a circuit whose only memory is its memristors' states: at each node of a Gauss-Kronrod mesh the
 * circuit is solved with the states as they are there, and the states follow from the integrals
 * of their rates (Picard's iteration of the collocation equations, which converges fast since a
 * state moves little in a cycle). Pieces whose error is too large are halved. */
#include "analysis/cycle_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = PN_GK_NODES, MOST_NEWTON = 60, MOST_SWEEPS = 25, MOST_REFINEMENTS = 100 };
static const double PIECES_AT_FIRST = 3;   /* in a period, corners apart */
static const double GAUSS_TOLERANCE = 30;  /* of reltol: Gauss' rule errs far more than Kronrod's */
static const double STATES_STAY = 1e30;    /* 1/s: a coefficient at which no state moves */
static const double VOLTAGE_RELTOL = 1e-6; /* of the solution at a node */
static const double SLOWEST_CHORD = 0.2;   /* ratio of corrections beyond which a new matrix pays */
static const double SWEPT = 0.3;           /* of reltol: what may be wrong in shifts */
static const double SHORTEST_PIECE = 1e-10; /* of the period */
static const double ROUNDING = 1e-13;       /* of a state's range */

pn_status pn_cycle_mesh(pn_cycle *c)
{
  double longest = c->period / PIECES_AT_FIRST, t = 0;
  memset(c->solved, 0, (size_t)c->most_pieces * sizeof *c->solved);
  memset(c->shift, 0, (size_t)c->most_pieces * NODES * (size_t)c->ns * sizeof *c->shift);
  c->n_pieces = 0;
  c->edge[0] = 0;
  for (int k = 0; k < c->most_pieces; k++)
    c->contraction[k] = -1;
  while (t < c->period * (1 - 1e-9)) {
    double corner = fmin(pn_sim_next_corner(c->r->sim, t), c->period);
    if (corner > c->period * (1 - 1e-9))
      corner = c->period;
    int parts = (int)ceil((corner - t) / longest - 1e-9);
    parts = parts > 1 ? parts : 1;
    if (corner - t < 1e-9 * c->period)
      return PN_E_LIMIT;
    for (int k = 1; k <= parts; k++) {
      if (c->n_pieces == c->most_pieces)
        return PN_E_LIMIT;
      c->edge[++c->n_pieces] = k == parts ? corner : t + (corner - t) * k / parts;
    }
    t = corner;
  }
  return PN_OK;
}

/* One iteration of Newton's method, or of the chord method with the matrix in hand: y [n] is corrected; *worst:
 * the largest correction of an unknown that matters to the states, in tolerances. */
static pn_status correct(pn_cycle *c, double t, bool chord, double *y, double *worst)
{
  pn_sim *s = c->r->sim;
  double *d = c->work;
  pn_status st = pn_sim_eval(s, PN_SIM_TRAN, t, y, true);
  c->evaluations++;
  if (!st && !chord)
    st = pn_sim_factor(s, 1, STATES_STAY);
  if (st)
    return st;
  memcpy(d, pn_sim_f(s), (size_t)c->n * sizeof *d);
  for (int i = 0; i < c->ns; i++)
    d[c->state[i]] = 0;
  if ((st = pn_sim_solve(s, d)))
    return st;
  for (int i = 0; i < c->ns; i++)
    d[c->state[i]] = 0;
  *worst = 0;
  for (int i = 0; i < c->n; i++) {
    y[i] -= d[i];
    double e = fabs(d[i]) / (VOLTAGE_RELTOL * fabs(y[i]) + c->tolerance[i]);
    *worst = e <= *worst ? *worst : e;
  }
  return PN_OK;
}

/* The circuit at time t with the states that y [n] holds; y gets the solution, the sim the rates there. The
 * matrix of the node before serves as long as it converges fast. */
static pn_status solve_node(pn_cycle *c, double t, double *y)
{
  double before = INFINITY, worst = 0;
  bool slow = false;
  for (int k = 0; k < MOST_NEWTON; k++) {
    bool chord = c->factored && !slow;
    c->factored = false;
    pn_status st = correct(c, t, chord, y, &worst);
    if (st)
      return st;
    c->factored = true;
    if (worst <= 1)
      return PN_OK;
    slow = !(worst <= SLOWEST_CHORD * before) && k > 0;
    before = worst;
  }
  return PN_E_CONVERGENCE;
}

/* Rates at the nodes of a piece into c->rate, with the states at x + dx [ns] where it starts. */
static pn_status piece_rates(pn_cycle *c, int piece, const double *x, const double *dx, bool frozen)
{
  double h = c->edge[piece + 1] - c->edge[piece];
  for (int j = 0; j < NODES; j++) {
    size_t at = (size_t)(piece * NODES + j);
    double *y = c->y + at * (size_t)c->n;
    const double *shift = c->shift + at * (size_t)c->ns;
    if (!c->solved[piece])
      memcpy(y, at ? y - c->n : c->y0, (size_t)c->n * sizeof *y);
    for (int i = 0; i < c->ns; i++)
      y[c->state[i]] = fmin(fmax(x[i] + (frozen ? 0 : dx[i] + shift[i]), c->lo[i]), c->hi[i]);
    pn_status st = solve_node(c, c->edge[piece] + h * c->gk.node[j], y);
    if (st)
      return st;
    for (int i = 0; i < c->ns; i++) {
      double g = -pn_sim_f(c->r->sim)[c->state[i]], now = y[c->state[i]];
      bool out = (now >= c->hi[i] && g > 0) || (now <= c->lo[i] && g < 0);
      c->rate[j * c->ns + i] = out && !frozen ? 0 : g;
    }
  }
  c->solved[piece] = true;
  return PN_OK;
}

/* New shifts of a piece from the rates in hand. Returns how much they changed, in parts of what matters: of
 * reltol and all that the state moves in the piece or has moved in the cycle before. */
static double piece_shifts(pn_cycle *c, int piece, const double *x, const double *dx)
{
  double h = c->edge[piece + 1] - c->edge[piece], worst = 0;
  for (int i = 0; i < c->ns; i++) {
    double start = x[i] + dx[i], moved = 0, size = 0;
    for (int j = 0; j < NODES; j++) {
      double *shift = c->shift + (size_t)(piece * NODES + j) * (size_t)c->ns + i, sum = 0;
      for (int l = 0; l < NODES; l++)
        sum += c->gk.running[j][l] * c->rate[l * c->ns + i];
      double now = fmin(fmax(start + h * sum, c->lo[i]), c->hi[i]) - start;
      moved = fmax(moved, fabs(now - *shift));
      size += h * c->gk.weight[j] * fabs(c->rate[j * c->ns + i]);
      *shift = now;
    }
    double allowed = c->reltol * fmax(c->size_before[i], size) + ROUNDING * c->range[i];
    worst = fmax(worst, moved / allowed);
  }
  return worst;
}

/* Adds the integrals of the rates in hand to the change so far, and notes the piece's error. */
static void piece_integrals(pn_cycle *c, int piece, const double *x, bool frozen, double *dx)
{
  double h = c->edge[piece + 1] - c->edge[piece];
  for (int i = 0; i < c->ns; i++) {
    double kronrod = 0, gauss = 0;
    for (int j = 0; j < NODES; j++) {
      double g = c->rate[j * c->ns + i];
      kronrod += c->gk.weight[j] * g;
      gauss += c->gk.gauss[j] * g;
      c->size[i] += h * c->gk.weight[j] * fabs(g);
      *(g > 0 ? &c->up[i] : &c->down[i]) += h * c->gk.weight[j] * g;
    }
    dx[i] += h * kronrod;
    dx[i] = frozen ? dx[i] : fmin(fmax(dx[i], c->lo[i] - x[i]), c->hi[i] - x[i]);
    c->error[piece * c->ns + i] = fabs(h * (kronrod - gauss));
  }
}

/* Solves a piece: sweeps until what is still wrong in its shifts no longer matters to the cycle. */
static pn_status converge(pn_cycle *c, int piece, const double *x, const double *dx)
{
  double before = INFINITY, *rate = &c->contraction[piece];
  for (int k = 0; k < MOST_SWEEPS; k++) {
    pn_status st = piece_rates(c, piece, x, dx, false);
    if (st)
      return st;
    double moved = piece_shifts(c, piece, x, dx);
    if (k > 0 && before > 0 && moved < before)
      *rate = fmax(0.5 * *rate, moved / before);
    bool known = k > 0 || *rate >= 0;
    if ((known ? fmin(1, 3 * fabs(*rate) + 1e-12) : 1) * moved <= SWEPT)
      return PN_OK;
    if (k > 2 && moved > 0.7 * before)
      return PN_E_CONVERGENCE;
    before = moved;
  }
  return PN_E_CONVERGENCE;
}

/* The whole cycle on the mesh as it is. A piece that does not converge has an infinite error, and *stuck says
 * why. */
static pn_status sweep(pn_cycle *c, const double *x, bool frozen, double *dx, pn_status *stuck)
{
  size_t bytes = (size_t)c->ns * sizeof *dx;
  double *const sums[] = {dx, c->size, c->up, c->down};
  for (int k = 0; k < 4; k++)
    memset(sums[k], 0, bytes);
  memset(c->error, 0, (size_t)(c->n_pieces * c->ns) * sizeof *c->error);
  *stuck = PN_OK;
  for (int piece = 0; piece < c->n_pieces; piece++) {
    pn_status st = frozen ? piece_rates(c, piece, x, dx, true) : converge(c, piece, x, dx);
    if (!frozen && (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN)) {
      *stuck = st;
      c->factored = c->solved[piece] = false;
      for (int i = 0; i < c->ns; i++)
        c->error[piece * c->ns + i] = INFINITY;
      return PN_OK;
    }
    if (st)
      return st;
    piece_integrals(c, piece, x, frozen, dx);
  }
  if (!frozen)
    memcpy(c->size_before, c->size, bytes);
  return PN_OK;
}

static void halve(pn_cycle *c, int piece)
{
  size_t after = (size_t)(c->n_pieces - piece - 1), ns = (size_t)c->ns;
  size_t block = NODES * (size_t)c->n, shifts = NODES * ns;
  double *y = c->y + (size_t)piece * block, *shift = c->shift + (size_t)piece * shifts;
  double *error = c->error + (size_t)piece * ns;
  memmove(c->edge + piece + 2, c->edge + piece + 1, (after + 1) * sizeof *c->edge);
  memmove(c->solved + piece + 2, c->solved + piece + 1, after * sizeof *c->solved);
  memmove(y + 2 * block, y + block, after * block * sizeof *y);
  memmove(shift + 2 * shifts, shift + shifts, after * shifts * sizeof *shift);
  memmove(error + 2 * ns, error + ns, after * ns * sizeof *error);
  memmove(c->contraction + piece + 2, c->contraction + piece + 1, after * sizeof(double));
  memset(shift, 0, 2 * shifts * sizeof *shift);
  c->contraction[piece] = c->contraction[piece + 1] = -1;
  c->edge[piece + 1] = 0.5 * (c->edge[piece] + c->edge[piece + 2]);
  c->solved[piece] = c->solved[piece + 1] = false;
  c->n_pieces++;
}

/* Halves the pieces with too large an error, as far as there is room; true when there were any. */
static bool refine(pn_cycle *c)
{
  bool any = false;
  for (int piece = c->n_pieces - 1; piece >= 0 && c->n_pieces < c->most_pieces; piece--) {
    double worst = 0;
    for (int i = 0; i < c->ns; i++) {
      double allowed = GAUSS_TOLERANCE * c->reltol * c->size[i] + ROUNDING * c->range[i];
      worst = fmax(worst, c->error[piece * c->ns + i] / allowed);
    }
    if (worst > 1 && c->edge[piece + 1] - c->edge[piece] > SHORTEST_PIECE * c->period) {
      halve(c, piece);
      any = true;
    }
  }
  return any;
}

pn_status pn_cycle_collocate(pn_cycle *c, const double *x, bool frozen, double *dx)
{
  pn_status st = PN_OK, stuck = PN_OK;
  c->factored = false;
  for (int k = 0; k < MOST_REFINEMENTS; k++) {
    st = sweep(c, x, frozen, dx, &stuck);
    if (st || !refine(c))
      break;
  }
  st = st ? st : stuck;
  if (st) { /* what is left at the nodes is no good start */
    memset(c->solved, 0, (size_t)c->most_pieces * sizeof *c->solved);
    memset(c->shift, 0, (size_t)c->most_pieces * NODES * (size_t)c->ns * sizeof *c->shift);
  }
  return st;
}
