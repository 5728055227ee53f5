/* Consistent starting values by two implicit Euler steps over a tiny interval: the first
 * carries charges, fluxes and states over a jump, the second gives the slopes. */
#include "analysis/start.h"
#include "solver/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct euler {
  pn_sim *s;
  double t, h;      /* s */
  const double *q0; /* [n] */
  int n;
} euler;

static pn_status residual(void *user, const double *y, double *r, bool jacobian)
{
  euler *e = user;
  pn_status st = pn_sim_eval(e->s, PN_SIM_TRAN, e->t, y, jacobian);
  if (st)
    return st;
  const double *f = pn_sim_f(e->s), *q = pn_sim_q(e->s);
  for (int k = 0; k < e->n; k++)
    r[k] = f[k] + (q[k] - e->q0[k]) / e->h;
  pn_sim_bound(e->s, y, r, 1 / e->h);
  return jacobian ? pn_sim_factor(e->s, 1, 1 / e->h) : PN_OK;
}

static pn_status solve(void *user, double *r)
{
  return pn_sim_solve(((euler *)user)->s, r);
}

static pn_status euler_step(const pn_run *r, euler *e, double *y, double *work)
{
  pn_newton_result res;
  /* Charges rounded by a part in 2^53 make currents that are uncertain by that part over h. */
  double most = 0, *atol = work + 3 * e->n;
  for (int k = 0; k < e->n; k++)
    most = fmax(most, fabs(e->q0[k]));
  for (int k = 0; k < e->n; k++)
    atol[k] = pn_sim_atol(r->sim)[k] +
              (pn_circuit_unknown(r->circuit, k).kind == PN_U_BRANCH ? 1e-15 * most / e->h : 0);
  pn_newton_problem p = {.user = e,
                         .n = e->n,
                         .atol = atol,
                         .reltol = 1e-9,
                         .max_iterations = 100,
                         .residual = residual,
                         .solve = solve};
  return pn_newton(&p, y, work, &res);
}

pn_status pn_start_consistent(const pn_run *r, double t, double tiny, const double *q0, double *y,
                              double *yp)
{
  size_t n = (size_t)pn_sim_n(r->sim);
  double *work = calloc(6 * n + 1, sizeof *work);
  if (!work)
    return PN_E_MEMORY;
  double *q1 = work + 4 * n, *y1 = work + 5 * n; /* the first 4 n are Newton's */
  euler e = {r->sim, t, tiny, q0, (int)n};
  pn_status st = euler_step(r, &e, y, work);
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_TRAN, t, y, false);
  if (st == PN_OK) {
    memcpy(q1, pn_sim_q(r->sim), n * sizeof *q1);
    memcpy(y1, y, n * sizeof *y1);
    e.q0 = q1;
    st = euler_step(r, &e, y, work);
  }
  const unsigned char *moves = pn_sim_differential(r->sim);
  const unsigned char *charge = pn_sim_q_nonlinear(r->sim);
  for (size_t k = 0; k < n && st == PN_OK; k++)
    yp[k] = moves[k] || charge[k] ? (y[k] - y1[k]) / tiny : 0;
  free(work);
  return st;
}

/* Initial voltages of semiconductors: a parameter, and the local whose voltage over the reference
 * (cathode, emitter, source) it gives. */
typedef struct initial {
  char letter;
  const char *param;
  int local, reference;
} initial;
static const initial initials[] = {{'d', "ic", 0, 1},    {'q', "icvbe", 1, 2}, {'q', "icvce", 0, 2},
                                   {'m', "icvds", 0, 2}, {'m', "icvgs", 1, 2}, {'m', "icvbs", 3, 2},
                                   {'j', "icvds", 0, 2}, {'j', "icvgs", 1, 2}, {'z', "icvds", 0, 2},
                                   {'z', "icvgs", 1, 2}};

enum { MOST_LOCALS = 16 };

/* The charges of a semiconductor whose terminals lie at its ic= instead of y. */
static void semiconductor_ic(const pn_run *r, int device, const double *y, double *q0)
{
  pn_device_info d = pn_circuit_device_info(r->circuit, device);
  double u[MOST_LOCALS], moved[MOST_LOCALS], q[MOST_LOCALS], q_moved[MOST_LOCALS];
  bool any = false;
  for (int k = 0; k < d.cls->n_locals; k++)
    moved[k] = u[k] = d.unknowns[k] < 0 ? 0 : y[d.unknowns[k]];
  for (size_t k = 0; k < sizeof initials / sizeof *initials; k++) {
    const initial *i = &initials[k];
    int p = i->letter == d.cls->letter
                ? pn_param_find(d.cls->params, d.cls->n_params, pn_str_of(i->param))
                : -1;
    double value = p < 0 ? NAN : pn_sim_get_param(r->sim, device, p);
    if (isnan(value))
      continue;
    any = true;
    moved[i->local] = u[i->reference] + value;
  }
  if (!any)
    return;
  for (int k = 0; k < d.cls->n_locals; k++) /* an inner node "di" follows its terminal "d" */
    for (int t = 0; d.cls->locals[k].kind == PN_L_INTERNAL && t < k; t++)
      if (d.cls->locals[t].name[0] == d.cls->locals[k].name[0] && !d.cls->locals[t].name[1])
        moved[k] = moved[t];
  pn_sim_charges_at(r->sim, device, u, q);
  pn_sim_charges_at(r->sim, device, moved, q_moved);
  for (int k = 0; k < d.cls->n_locals; k++)
    if (d.unknowns[k] >= 0)
      q0[d.unknowns[k]] += q_moved[k] - q[k];
}

/* ic= of capacitors and inductors replaces what the node voltages say. */
static pn_status device_ics(const pn_run *r, double *y, double *q0)
{
  const pn_circuit *c = r->circuit;
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    pn_device_info d = pn_circuit_device_info(c, k);
    if (d.cls->letter && strchr("dqmjz", d.cls->letter) && d.cls->n_locals <= MOST_LOCALS)
      semiconductor_ic(r, k, y, q0);
    if (d.cls->letter != 'c' && d.cls->letter != 'l')
      continue;
    int ic = pn_param_find(d.cls->params, d.cls->n_params, PN_STR("ic"));
    double value = ic < 0 ? NAN : pn_sim_get_param(r->sim, k, ic);
    if (isnan(value))
      continue;
    int p = d.unknowns[0], n = d.unknowns[1];
    if (d.cls->letter == 'l') {
      y[pn_circuit_branch(c, k, 0)] = value;
      continue;
    }
    double farad;
    pn_status st = pn_sim_capacitance(r->sim, k, &farad);
    if (st)
      return st;
    double more = farad * (value - ((p < 0 ? 0 : y[p]) - (n < 0 ? 0 : y[n])));
    if (p >= 0)
      q0[p] += more;
    if (n >= 0)
      q0[n] -= more;
  }
  return PN_OK;
}

pn_status pn_start_uic(const pn_run *r, double *y, double *q0)
{
  size_t n = (size_t)pn_sim_n(r->sim);
  pn_sim_initial(r->sim, y);
  for (int k = 0; k < r->n_ic; k++)
    y[r->ic_unknown[k]] = r->ic_value[k];
  double *extra = calloc(n + 1, sizeof *extra);
  if (!extra)
    return PN_E_MEMORY;
  pn_status st = device_ics(r, y, extra);
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_TRAN, 0, y, false);
  for (size_t k = 0; k < n && st == PN_OK; k++)
    q0[k] = pn_sim_q(r->sim)[k] + extra[k];
  free(extra);
  return st;
}
