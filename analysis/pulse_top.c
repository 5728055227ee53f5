/* The array as it stands at the top of a pulse or in a read: Newton's method from the last solution of the same
 * bias, and what a changed cell alone would read there. */
#include "analysis/pulse_top.h"

#include <math.h>
#include <string.h>

enum { MOST_ITERATIONS = 30, GLANCE_STEPS = 20 };
static const double RESOLUTION = 1e-7;  /* of the largest voltage, to which the top is solved */
static const double ACCURACY = 1e-5;    /* relative, of corrections */
static const double PREPARED = 1e-7;    /* the same of the ports' resistances */
static const double MOST_GLANCE = 0.02; /* of a read's voltage, that a changed cell may move it */

void moving_take_states(const pulse *p, double *y)
{
  int first = pn_circuit_n_mna(p->s->r->circuit);
  memcpy(y + first, p->rest + first, (size_t)(p->s->n - first) * sizeof *y);
}

/* The largest correction, in units of the resolution. */
static double size_of(const pulse *p, const pulse_moving *q, const double *y)
{
  double most[2] = {1e-9, 1e-12}, off[2] = {0, 0}; /* V, A */
  for (int k = 0; k < pn_circuit_n_mna(p->s->r->circuit); k++) {
    double here = fabs(y[k]), by = fabs(q->d[k]);
    most[q->branch[k]] = here > most[q->branch[k]] ? here : most[q->branch[k]];
    off[q->branch[k]] = by <= off[q->branch[k]] ? off[q->branch[k]] : by;
  }
  return fmax(off[0] / most[0], off[1] / most[1]) / RESOLUTION;
}

static bool is_iterative(const pn_sim *sim)
{
  const char *name = pn_sim_get_stats(sim).linsol;
  return name && !strstr(name, "KLU");
}

/* r [n] = the correction that Newton's method would make at y, with the matrix in hand or its own. */
pn_status moving_correction(pulse *p, double *y, bool anew, double *r)
{
  pn_sim *sim = p->s->r->sim;
  pn_status st = pn_sim_eval(sim, PN_SIM_OP, 0, y, anew);
  if (st)
    return st;
  memcpy(r, pn_sim_f(sim), (size_t)p->s->n * sizeof *r);
  pn_sim_bound(sim, y, r, 0);
  if (anew && (st = pn_sim_factor(sim, 1, 0)))
    return st;
  pn_sim_set_accuracy(sim, ACCURACY);
  st = pn_sim_solve(sim, r);
  pn_sim_set_accuracy(sim, 0);
  return st;
}

/* How fast the iteration converges is remembered from pulse to pulse. */
pn_status moving_newton(pulse *p, pulse_moving *q, moving_top *top)
{
  double before = 0;
  bool cheap = is_iterative(p->s->r->sim);
  for (int k = 0; k < MOST_ITERATIONS; k++) {
    bool anew = cheap || !q->fresh;
    pn_status st = moving_correction(p, top->y, anew, q->d);
    if (st)
      return st;
    q->fresh = true;
    q->iterations++;
    for (int j = 0; j < p->s->n; j++)
      top->y[j] -= q->d[j];
    double size = size_of(p, q, top->y);
    q->last = size * RESOLUTION;
    if (!isfinite(size))
      return PN_E_DOMAIN;
    if (k == 1 && anew)
      top->bend = fmax(0.3 * top->bend, size / (before * before));
    if (k > 0)
      top->contracts = fmax(0.3 * top->contracts, size / before);
    double next = k == 0 || cheap ? top->bend * size * size : top->contracts * size;
    if (next < 0.1)
      return PN_OK;
    if (k > 0 && size > 0.3 * before)
      q->fresh = false;
    before = size;
  }
  return PN_E_CONVERGENCE;
}

moving_top *moving_find_top(pulse_moving *q, const pn_scheme *scheme)
{
  return q->top[0].scheme == scheme || !q->top[0].scheme ? &q->top[0] : &q->top[1];
}

/* From the last pulse of this scheme; without gates all voltages grow with the pulse's. */
moving_top *moving_guess(pulse *p, pulse_moving *q, const pn_scheme *scheme, double v)
{
  moving_top *top = moving_find_top(q, scheme);
  int n = pn_circuit_n_mna(p->s->r->circuit);
  if (top->scheme && top->v != v && !p->s->a->n_gates)
    for (int k = 0; k < n; k++)
      top->y[k] *= v / top->v;
  if (!top->scheme) {
    memcpy(top->y, p->rest, (size_t)n * sizeof *top->y);
    top->bend = 1;
    top->contracts = 0.5;
  }
  top->scheme = scheme;
  top->v = v;
  return top;
}

int moving_device_at(const pulse *p, int row, int col)
{
  const pn_array *a = p->s->a;
  return a->memory[(row * a->cols + col) * a->per_cell];
}

double moving_across(const pulse *p, int device, const double *y)
{
  pn_device_info d = pn_circuit_device_info(p->s->r->circuit, device);
  double v = d.unknowns[0] == PN_GROUND ? 0 : y[d.unknowns[0]];
  return v - (d.unknowns[1] == PN_GROUND ? 0 : y[d.unknowns[1]]);
}

pn_status moving_solve_prepared(const pulse *p, double *x)
{
  pn_sim_set_accuracy(p->s->r->sim, PREPARED);
  pn_status st = pn_sim_solve(p->s->r->sim, x);
  pn_sim_set_accuracy(p->s->r->sim, 0);
  return st;
}

bool moving_is_fatal(pn_status st)
{
  return st && st != PN_E_STEP && st != PN_E_CONVERGENCE && st != PN_E_DOMAIN &&
         st != PN_E_SINGULAR;
}

/* ---- reads ---- */

/* The network around the cell just read, for glances. Without memory there are none. */
static void remember_port(pulse *p, pulse_moving *q, const moving_top *top, int device)
{
  pn_device_info d = pn_circuit_device_info(p->s->r->circuit, device);
  double *c = q->read_column, x[PN_MOST_STATES];
  if (!(d.cls->flags & PN_DEV_MEMRISTOR))
    return; /* stuck ones are resistors */
  if (!q->read_cell || q->read_cell->device[0] != device) {
    pn_group_free(q->read_cell);
    q->read_cell = NULL;
    if (pn_group_new(p->s->r->sim, 1, &device, &q->read_cell))
      return;
  }
  memset(c, 0, (size_t)p->s->n * sizeof *c);
  if (d.unknowns[0] != PN_GROUND)
    c[d.unknowns[0]] += 1;
  if (d.unknowns[1] != PN_GROUND)
    c[d.unknowns[1]] -= 1;
  q->read_v = moving_across(p, device, top->y);
  for (int s = 0; s < q->read_cell->n_states; s++)
    x[s] = p->rest[q->read_cell->unknown[s]];
  if (moving_solve_prepared(p, c) || pn_group_eval(q->read_cell, 0, &q->read_v, x))
    return;
  q->read_z = moving_across(p, device, c);
  q->read_i = q->read_cell->i[0];
  q->read_g = q->read_cell->i_v[0];
  q->read_top = top;
}

pn_status pulse_moving_read(pulse *p, const pn_scheme *scheme, double v, int row, int col,
                            bool *done)
{
  pulse_moving *q = p->moving;
  int device = moving_device_at(p, row, col);
  q->fresh = p->s->fresh = false;
  pn_sim_hold_states(p->s->r->sim, p->rest);
  moving_top *top = moving_guess(p, q, scheme, v);
  moving_take_states(p, top->y);
  q->read_top = NULL;
  pn_status st = moving_newton(p, q, top);
  *done = st == PN_OK;
  if (!*done) {
    top->scheme = NULL;
    return moving_is_fatal(st) ? st : PN_OK;
  }
  memcpy(p->s->y, top->y, (size_t)p->s->n * sizeof *top->y);
  remember_port(p, q, top, device);
  return PN_OK;
}

double pulse_moving_glance(pulse *p, const pn_scheme *scheme, double v, int row, int col)
{
  pulse_moving *q = p->moving;
  const moving_top *top = q->read_top;
  double x[PN_MOST_STATES], at = q->read_v, e = 0;
  if (!top || top->scheme != scheme || top->v != v ||
      q->read_cell->device[0] != moving_device_at(p, row, col))
    return NAN;
  for (int s = 0; s < q->read_cell->n_states; s++)
    x[s] = p->rest[q->read_cell->unknown[s]];
  for (int k = 0; k < GLANCE_STEPS; k++) {
    if (pn_group_eval(q->read_cell, 0, &at, x))
      return NAN;
    e = q->read_cell->i[0] - q->read_i - q->read_g * (at - q->read_v);
    double step = (at - q->read_v + q->read_z * e) /
                  (1 + q->read_z * (q->read_cell->i_v[0] - q->read_g));
    at -= step;
    if (fabs(step) <= RESOLUTION * fabs(v))
      break;
  }
  if (!(fabs(at - q->read_v) <= MOST_GLANCE * fabs(v)))
    return NAN;
  q->glances++;
  const pn_line *l = &p->s->l->bit[col];
  double i = 0;
  for (int j = 0; j < l->n; j++)
    i += l->sign[j] * (top->y[l->branch[j]] - e * q->read_column[l->branch[j]]);
  return i;
}
