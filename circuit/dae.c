/* Adapts a sim to solver/integrator.h. */
#include "circuit/dae.h"

#include "circuit/array.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of a Newton correction, relative: iterative solvers need not find more. What is left is 1e-4 of a
 * correction of the size of the error tolerance. */
static const double NEWTON_ACCURACY = 1e-4;

/* Unknowns of a matrix that costs no more than an iteration of Newton's. */
enum { FEW = 12 };

struct pn_circuit_dae {
  pn_dae view;
  pn_sim *s;
  int n, n_charges;
  int *row;                    /* [n_charges] rows whose charge is an unknown */
  double *atol;                /* [n + n_charges] */
  unsigned char *differential; /* [n + n_charges] */
  int *scale_of;               /* [n + n_charges] whose largest value scales the tolerance */
  double *scale_gain;          /* [n + n_charges] */
  unsigned char *family;       /* [n + n_charges] 1: voltages, 2: currents */
  double *work;                /* [n] */
  double *residual;            /* [n + n_charges] */
  double aq;                   /* of the last setup */
  bool few;                    /* unknowns: see FEW */
  double t_setup; /* s, where f and q still stand as setup evaluated them; NAN: nowhere */
};

/* After an evaluation: r = f + C0 y' + Q', rows of charges Q - q(y), and the bounds of states. */
static void assemble(pn_circuit_dae *d, double cj, const double *y, const double *yp, double *r)
{
  memcpy(r, pn_sim_f(d->s), (size_t)d->n * sizeof *r);
  memset(d->work, 0, (size_t)d->n * sizeof *d->work);
  pn_sim_add_c_linear(d->s, yp, d->work);
  for (int k = 0; k < d->n_charges; k++) {
    d->work[d->row[k]] = yp[d->n + k];
    r[d->n + k] = y[d->n + k] - pn_sim_q(d->s)[d->row[k]];
  }
  for (int k = 0; k < d->n; k++)
    r[k] += d->work[k];
  pn_sim_bound(d->s, y, r, cj > 0 ? cj : d->aq);
}

static pn_status residual(void *user, double t, double cj, const double *y, const double *yp,
                          double *r)
{
  pn_circuit_dae *d = user;
  d->t_setup = NAN;
  pn_status st = pn_sim_eval(d->s, PN_SIM_TRAN, t, y, false);
  if (st == PN_OK)
    assemble(d, cj, y, yp, r);
  return st;
}

static pn_status setup(void *user, double t, double cj, const double *y, const double *yp)
{
  pn_circuit_dae *d = user;
  pn_status st = pn_sim_eval(d->s, PN_SIM_TRAN, t, y, true);
  if (st)
    return st;
  d->aq = cj;
  assemble(d, cj, y, yp, d->residual); /* decides which states are at their bounds */
  d->t_setup = t;
  return pn_sim_factor(d->s, 1, cj);
}

/* [G + cj C0, cj E; -C, I] [dy; dQ] = [r; s] by eliminating dQ = s + C dy. */
static pn_status solve(void *user, double cj, double *r, double accuracy)
{
  pn_circuit_dae *d = user;
  (void)cj;
  d->t_setup = NAN;
  for (int k = 0; k < d->n_charges; k++)
    r[d->row[k]] -= d->aq * r[d->n + k];
  pn_sim_set_accuracy(d->s, accuracy);
  pn_status st = pn_sim_solve(d->s, r);
  pn_sim_set_accuracy(d->s, 0);
  if (st || !d->n_charges)
    return st;
  pn_sim_mul_c(d->s, r, d->work);
  for (int k = 0; k < d->n_charges; k++)
    r[d->n + k] += d->work[d->row[k]];
  return PN_OK;
}

static pn_status factor(void *user, double cj)
{
  pn_circuit_dae *d = user;
  d->aq = cj;
  return pn_sim_factor(d->s, 1, cj);
}

static bool cheap_setup(void *user)
{
  const pn_circuit_dae *d = user;
  return d->few || pn_sim_iterates(d->s);
}

static pn_status take(pn_circuit_dae *d, double *f, double *q)
{
  if (f != d->view.room)
    memcpy(f, pn_sim_f(d->s), (size_t)d->n * sizeof *f);
  if (q)
    memcpy(q, pn_sim_q(d->s), (size_t)d->n * sizeof *q);
  return PN_OK;
}

static pn_status linearise(void *user, double t, const double *y, double *f, double *q)
{
  pn_circuit_dae *d = user;
  d->t_setup = NAN;
  pn_status st = pn_sim_eval(d->s, PN_SIM_TRAN, t, y, true);
  return st ? st : take(d, f, q);
}

static pn_status fq(void *user, double t, const double *y, double *f, double *q)
{
  pn_circuit_dae *d = user;
  bool stands = t == d->t_setup && pn_sim_is_at(d->s, y);
  d->t_setup = NAN; /* f is about to be worked on */
  pn_status st = stands ? PN_OK : pn_sim_eval(d->s, PN_SIM_TRAN, t, y, false);
  return st ? st : take(d, f, q);
}

static bool solve_memory(void *user, double *r)
{
  pn_sim *s = ((pn_circuit_dae *)user)->s;
  bool iterates = pn_sim_iterates(s);
  if (iterates)
    pn_sim_solve_states(s, r);
  return iterates;
}

static void charge(void *user, const double *y, double *q)
{
  pn_circuit_dae *d = user;
  memset(q, 0, (size_t)d->n * sizeof *q);
  pn_sim_add_c_linear(d->s, y, q);
}

static void mass(void *user, const double *v, double *w)
{
  pn_sim_mul_c(((pn_circuit_dae *)user)->s, v, w);
}

static void events(void *user, double t, const double *y, double *ev)
{
  pn_sim_events(((pn_circuit_dae *)user)->s, t, y, ev);
}

static void bound(void *user, const double *y, double *r, double cj)
{
  pn_sim_bound(((pn_circuit_dae *)user)->s, y, r, cj);
}

/* A charge's tolerance: the row's own tolerance on a femtofarad at first, on the capacitance found
 * there once a point is known (pn_circuit_dae_extend). */
static void tolerances(pn_circuit_dae *d)
{
  memcpy(d->atol, pn_sim_atol(d->s), (size_t)d->n * sizeof *d->atol);
  memcpy(d->differential, pn_sim_differential(d->s), (size_t)d->n);
  if (!d->n_charges) /* without unknowns of their own, charges are tested as the nodes' voltages */
    for (int k = 0; k < d->n; k++)
      d->differential[k] |= pn_sim_q_nonlinear(d->s)[k];
  for (int k = 0; k < d->n_charges; k++) {
    d->atol[d->n + k] = 1e-15 * d->atol[d->row[k]];
    d->differential[d->n + k] = 1;
  }
}

/* Voltages and currents are exact to a part of the largest they have reached; a charge to what that is worth
 * over the row's capacitance (pn_circuit_dae_extend); states to a part of their present value. */
static void scales(pn_circuit_dae *d)
{
  const pn_circuit *c = pn_sim_circuit(d->s);
  for (int k = 0; k < d->n; k++) {
    pn_unknown_kind kind = pn_circuit_unknown(c, k).kind;
    bool signal = kind == PN_U_NODE || kind == PN_U_INTERNAL || kind == PN_U_BRANCH;
    d->scale_of[k] = k;
    d->scale_gain[k] = signal;
    d->family[k] = !signal ? 0 : kind == PN_U_BRANCH ? 2 : 1;
  }
  for (int k = 0; k < d->n_charges; k++)
    d->scale_of[d->n + k] = d->row[k];
}

pn_status pn_circuit_dae_new(pn_sim *s, double reltol, bool with_charges, pn_circuit_dae **out)
{
  *out = NULL;
  pn_circuit_dae *d = calloc(1, sizeof *d);
  if (!d)
    return PN_E_MEMORY;
  d->s = s;
  d->n = pn_sim_n(s);
  d->aq = 1;
  d->few = pn_circuit_n_mna(pn_sim_circuit(s)) <= FEW;
  d->t_setup = NAN;
  bool linear = true;
  for (int k = 0; k < d->n; k++) {
    d->n_charges += with_charges && pn_sim_q_nonlinear(s)[k];
    linear &= !pn_sim_q_nonlinear(s)[k];
  }
  size_t n = (size_t)(d->n + d->n_charges);
  d->row = calloc((size_t)d->n_charges + 1, sizeof *d->row);
  d->atol = calloc(n, sizeof *d->atol);
  d->differential = calloc(n, 1);
  d->scale_of = calloc(n, sizeof *d->scale_of);
  d->scale_gain = calloc(n, sizeof *d->scale_gain);
  d->family = calloc(n, 1);
  d->work = calloc(n, sizeof *d->work);
  d->residual = calloc(n, sizeof *d->residual);
  if (!d->row || !d->atol || !d->differential || !d->scale_of || !d->scale_gain || !d->family ||
      !d->work || !d->residual) {
    pn_circuit_dae_free(d);
    return PN_E_MEMORY;
  }
  for (int k = 0, c = 0; k < d->n && with_charges; k++)
    if (pn_sim_q_nonlinear(s)[k])
      d->row[c++] = k;
  tolerances(d);
  scales(d);
  bool apart = linear;
  for (int k = 0; k < d->n && apart; k++)
    apart = !d->differential[k] || pn_circuit_unknown(pn_sim_circuit(s), k).kind == PN_U_STATE;
  d->view = (pn_dae){.user = d,
                     .n = (int)n,
                     .reltol = reltol,
                     .accuracy = NEWTON_ACCURACY,
                     .steep = pn_sim_is_steep(s),
                     .cheap_setup = cheap_setup,
                     .memory_apart = apart,
                     .memory_from = pn_circuit_n_mna(pn_sim_circuit(s)),
                     .room = n == (size_t)d->n ? pn_sim_room(s) : NULL,
                     .atol = d->atol,
                     .differential = d->differential,
                     .residual = residual,
                     .setup = setup,
                     .solve = solve,
                     .fq = fq,
                     .linearise = linearise,
                     .factor = factor,
                     .solve_memory = apart ? solve_memory : NULL,
                     .charge = linear ? charge : NULL,
                     .scale_of = d->scale_of,
                     .scale_gain = d->scale_gain,
                     .family = pn_circuit_n_arrays(pn_sim_circuit(s)) ? d->family : NULL,
                     .mass = apart || with_charges ? NULL : mass,
                     .bound = bound,
                     .n_events = pn_sim_n_events(s),
                     .events = events};
  *out = d;
  return PN_OK;
}

void pn_circuit_dae_free(pn_circuit_dae *d)
{
  if (!d)
    return;
  free(d->row);
  free(d->atol);
  free(d->differential);
  free(d->scale_of);
  free(d->scale_gain);
  free(d->family);
  free(d->work);
  free(d->residual);
  free(d);
}

const pn_dae *pn_circuit_dae_view(const pn_circuit_dae *d)
{
  return &d->view;
}

pn_status pn_circuit_dae_extend(pn_circuit_dae *d, double t, double *y, double *yp)
{
  if (!d->n_charges)
    return PN_OK;
  pn_status st = pn_sim_eval(d->s, PN_SIM_TRAN, t, y, true);
  if (st)
    return st;
  pn_sim_c_row_scale(d->s, d->work);
  for (int k = 0; k < d->n_charges; k++) {
    y[d->n + k] = pn_sim_q(d->s)[d->row[k]];
    yp[d->n + k] = -pn_sim_f(d->s)[d->row[k]];
    d->atol[d->n + k] = fmax(d->atol[d->n + k], d->atol[d->row[k]] * d->work[d->row[k]]);
    d->scale_gain[d->n + k] = d->work[d->row[k]];
  }
  return st;
}
