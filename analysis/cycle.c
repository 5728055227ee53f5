/* Sets cycles up: which states move, within which bounds, and which rule serves the circuit. */
#include "analysis/cycle.h"

#include "analysis/cycle_impl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Doubles that the solutions at all nodes may take. */
static const double MOST_DOUBLES = 3e7;
static const double NODE_PART = 1e-2; /* of the tolerances of unknowns, at a node */
enum { MOST_PIECES = 96 };

/* States with a rate, in rising order of their unknowns. */
static void find_states(pn_cycle *c)
{
  const unsigned char *moves = pn_sim_differential(c->r->sim);
  for (int k = pn_circuit_n_mna(c->r->circuit); k < c->n; k++)
    if (moves[k])
      c->state[c->ns++] = k;
}

/* Is there no memory but the states, and nothing that switches? */
static bool is_static(const pn_cycle *c)
{
  const pn_sim *s = c->r->sim;
  bool good = pn_sim_n_events(s) == 0;
  for (int k = 0; k < pn_circuit_n_mna(c->r->circuit); k++)
    good &= !pn_sim_differential(s)[k] && !pn_sim_q_nonlinear(s)[k];
  return good;
}

/* Tolerances of the solution at a node: parts of the unknowns' own; a current through a source moves no state. */
static void find_tolerances(pn_cycle *c)
{
  for (int k = 0; k < c->n; k++) {
    bool branch = pn_circuit_unknown(c->r->circuit, k).kind == PN_U_BRANCH;
    c->tolerance[k] = branch ? INFINITY : NODE_PART * pn_sim_atol(c->r->sim)[k];
  }
}

static bool allocate_pieces(pn_cycle *c)
{
  double per_piece = PN_GK_NODES * ((double)c->n + c->ns);
  c->most_pieces = (int)fmax(4, fmin(MOST_PIECES, MOST_DOUBLES / per_piece));
  size_t pieces = (size_t)c->most_pieces, nodes = PN_GK_NODES, ns = (size_t)c->ns;
  c->edge = calloc(pieces + 1, sizeof *c->edge);
  c->y = calloc(pieces * nodes * (size_t)c->n, sizeof *c->y);
  c->shift = calloc(pieces * nodes * ns + 1, sizeof *c->shift);
  c->rate = calloc(nodes * ns + 1, sizeof *c->rate);
  c->size = calloc(ns + 1, sizeof *c->size);
  c->error = calloc(pieces * ns + 1, sizeof *c->error);
  c->solved = calloc(pieces, sizeof *c->solved);
  c->size_before = calloc(ns + 1, sizeof *c->size_before);
  c->contraction = calloc(pieces, sizeof *c->contraction);
  c->tolerance = calloc((size_t)c->n + 1, sizeof *c->tolerance);
  if (c->tolerance)
    find_tolerances(c);
  return c->tolerance && c->contraction && c->size_before && c->edge && c->y && c->shift &&
         c->rate && c->size && c->error && c->solved;
}

static pn_status allocate_steps(pn_cycle *c)
{
  pn_status st = pn_circuit_dae_new(c->r->sim, fmin(1e-5, c->reltol), false, &c->dae);
  if (st)
    return st;
  size_t n = (size_t)c->n + 1;
  c->ys = calloc(n, sizeof *c->ys);
  c->yps = calloc(n, sizeof *c->yps);
  c->qs = calloc(n, sizeof *c->qs);
  return c->ys && c->yps && c->qs ? PN_OK : PN_E_MEMORY;
}

static bool allocate(pn_cycle *c)
{
  size_t n = (size_t)c->n;
  c->state = calloc(n + 1, sizeof *c->state);
  c->y0 = calloc(n + 1, sizeof *c->y0);
  c->work = calloc(2 * n + 1, sizeof *c->work);
  if (!c->state || !c->y0 || !c->work)
    return false;
  find_states(c);
  double **vectors[] = {&c->lo, &c->hi, &c->range, &c->up, &c->down};
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    if (!(*vectors[k] = calloc((size_t)c->ns + 1, sizeof **vectors[k])))
      return false;
  return true;
}

static void find_bounds(pn_cycle *c)
{
  double *lo = c->work, *hi = c->work + c->n;
  pn_sim_bounds(c->r->sim, lo, hi);
  for (int i = 0; i < c->ns; i++) {
    int k = c->state[i];
    c->lo[i] = lo[k];
    c->hi[i] = hi[k];
    double width = hi[k] - lo[k];
    c->range[i] = isfinite(width) && width > 0 ? width : 1e6 * pn_sim_atol(c->r->sim)[k];
  }
}

pn_status pn_cycle_new(const pn_run *r, double period, double reltol, const double *y,
                       pn_cycle **out)
{
  *out = NULL;
  pn_cycle *c = calloc(1, sizeof *c);
  if (!c)
    return PN_E_MEMORY;
  c->r = r;
  c->reltol = reltol;
  c->n = pn_sim_n(r->sim);
  pn_status st = allocate(c) ? PN_OK : PN_E_MEMORY;
  if (!st) {
    find_bounds(c);
    memcpy(c->y0, y, (size_t)c->n * sizeof *y);
    c->collocated = is_static(c);
    pn_gk_init(&c->gk);
    st = !c->collocated ? allocate_steps(c) : allocate_pieces(c) ? PN_OK : PN_E_MEMORY;
  }
  if (!st) {
    pn_cycle_renew(c, period);
  }
  if (st) {
    pn_cycle_free(c);
    return st;
  }
  *out = c;
  return PN_OK;
}

void pn_cycle_renew(pn_cycle *c, double period)
{
  c->period = period;
  if (c->size_before)
    memset(c->size_before, 0, (size_t)c->ns * sizeof *c->size_before);
  c->n_pieces = 0;
}

void pn_cycle_free(pn_cycle *c)
{
  if (!c)
    return;
  pn_integrator_free(c->g);
  pn_circuit_dae_free(c->dae);
  void *blocks[] = {c->state, c->lo,     c->hi,        c->range,       c->up,         c->down,
                    c->y0,    c->work,   c->edge,      c->y,           c->shift,      c->rate,
                    c->size,  c->error,  c->ys,        c->yps,         c->qs,         c->t_at,
                    c->y_at,  c->solved, c->tolerance, c->contraction, c->size_before};
  for (size_t k = 0; k < sizeof blocks / sizeof *blocks; k++)
    free(blocks[k]);
  free(c);
}

pn_status pn_cycle_run(pn_cycle *c, const double *x, bool frozen, double *dx)
{
  if (!c->collocated)
    return pn_cycle_integrate(c, x, dx);
  pn_status st = c->n_pieces ? PN_OK : pn_cycle_mesh(c);
  if (!st)
    st = pn_cycle_collocate(c, x, frozen, dx);
  return st;
}

bool pn_cycle_fall_back(pn_cycle *c)
{
  if (!c->collocated || allocate_steps(c))
    return false;
  c->collocated = false;
  return true;
}

int pn_cycle_points(const pn_cycle *c)
{
  return c->collocated ? c->n_pieces * PN_GK_NODES : c->n_steps + 1;
}

void pn_cycle_point(const pn_cycle *c, int k, double *t, double *weight, const double **y)
{
  if (c->collocated) {
    int piece = k / PN_GK_NODES, node = k % PN_GK_NODES;
    double h = c->edge[piece + 1] - c->edge[piece];
    *t = c->edge[piece] + h * c->gk.node[node];
    *weight = h * c->gk.weight[node] / c->period;
    *y = c->y + (size_t)k * (size_t)c->n;
  } else {
    double before = k > 0 ? c->t_at[k] - c->t_at[k - 1] : 0;
    double after = k < c->n_steps ? c->t_at[k + 1] - c->t_at[k] : 0;
    *t = c->t_at[k];
    *weight = 0.5 * (before + after) / c->period;
    *y = c->y_at + (size_t)k * (size_t)c->n;
  }
}

int pn_cycle_n(const pn_cycle *c)
{
  return c->ns;
}

const int *pn_cycle_unknowns(const pn_cycle *c)
{
  return c->state;
}

const double *pn_cycle_lo(const pn_cycle *c)
{
  return c->lo;
}

const double *pn_cycle_hi(const pn_cycle *c)
{
  return c->hi;
}

const double *pn_cycle_range(const pn_cycle *c)
{
  return c->range;
}

const double *pn_cycle_up(const pn_cycle *c)
{
  return c->up;
}

const double *pn_cycle_down(const pn_cycle *c)
{
  return c->down;
}

bool pn_cycle_is_collocated(const pn_cycle *c)
{
  return c->collocated;
}

long pn_cycle_evaluations(const pn_cycle *c)
{
  return c->evaluations;
}

void pn_cycle_report(const pn_cycle *c, const char *analysis, pn_status st)
{
  int culprit = pn_sim_culprit(c->r->sim);
  char name[PN_DEVICE_NAME];
  if (st == PN_E_SINGULAR)
    pn_sim_report_singular(c->r->sim);
  else if (st == PN_E_DOMAIN && culprit >= 0)
    pn_error(c->r->diag, pn_circuit_device_info(c->r->circuit, culprit).loc,
             ".%s: device '%s' gave a value that is not a number", analysis,
             pn_circuit_device_name(c->r->circuit, culprit, name, sizeof name));
  else if (st == PN_E_STEP)
    pn_error_hint(c->r->diag, PN_NOWHERE,
                  "use .tran, or .pss for the periodic state, where time constants are longer "
                  "than some periods",
                  ".%s: the voltages of capacitors or the currents of inductors do not settle "
                  "within one state of the memristors",
                  analysis);
  else if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN)
    pn_error_hint(c->r->diag, PN_NOWHERE, "try .tran", ".%s: %s within one cycle of the drive",
                  analysis, pn_status_text(st));
}
