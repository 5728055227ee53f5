/* The operating point: damped Newton, then gmin stepping, source stepping and
 * pseudo-transient, in that order; and the directive .op. Devices with memory are held
 * at their state or solved for dx/dt = 0, as each of them says (circuit/sim.h). */
#include "analysis/analysis.h"
#include "analysis/list.h"
#include "base/large.h"
#include "solver/newton.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct op_work {
  const pn_run *run;
  pn_newton_problem problem;
  pn_newton_result result;
  double *y, *best, *work; /* [n] the caller's, [n], [3n] */
  int n;
} op_work;

static pn_status residual(void *user, const double *y, double *r, bool jacobian)
{
  op_work *w = user;
  pn_sim *s = w->run->sim;
  pn_status st = pn_sim_eval(s, PN_SIM_OP, 0, y, jacobian);
  if (st)
    return st;
  memcpy(r, pn_sim_f(s), (size_t)w->n * sizeof *r);
  pn_sim_bound(s, y, r, 0);
  return jacobian ? pn_sim_factor(s, 1, 0) : PN_OK;
}

static pn_status solve(void *user, double *r)
{
  return pn_sim_solve(((op_work *)user)->run->sim, r);
}

static bool verified(void *user)
{
  return pn_sim_verified(((op_work *)user)->run->sim);
}

static bool interrupted(void *user)
{
  const pn_run *r = ((op_work *)user)->run;
  return r->interrupted && r->interrupted(r->user);
}

static bool limited(void *user)
{
  return pn_sim_limited(((op_work *)user)->run->sim);
}

static pn_status newton(op_work *w)
{
  return pn_newton(&w->problem, w->y, w->work, &w->result);
}

static bool gives_up(pn_status st)
{
  return st != PN_E_CONVERGENCE && st != PN_E_DOMAIN && st != PN_E_SINGULAR;
}

/* A conductance from every node to ground, lowered by decades (finer where that fails). */
static pn_status gmin_stepping(op_work *w)
{
  pn_sim *s = w->run->sim;
  double g = 1e-2, factor = 10, floor_g = 1e-13;
  memcpy(w->best, w->y, (size_t)w->n * sizeof *w->y);
  while (g > floor_g) {
    pn_sim_set_homotopy(s, 1, g);
    pn_status st = newton(w);
    if (st == PN_OK) {
      memcpy(w->best, w->y, (size_t)w->n * sizeof *w->y);
      g /= factor;
      continue;
    }
    memcpy(w->y, w->best, (size_t)w->n * sizeof *w->y);
    if (gives_up(st) || factor < 1.05)
      return st;
    g *= factor;
    factor = sqrt(factor);
    g /= factor;
  }
  pn_sim_set_homotopy(s, 1, 0);
  return newton(w);
}

/* All sources ramped from zero. */
static pn_status source_stepping(op_work *w)
{
  pn_sim *s = w->run->sim;
  double at = 0, step = 0.1;
  pn_sim_initial(s, w->y);
  memcpy(w->best, w->y, (size_t)w->n * sizeof *w->y);
  while (at < 1) {
    double next = fmin(1, at + step);
    pn_sim_set_homotopy(s, next, 0);
    pn_status st = newton(w);
    if (st == PN_OK) {
      memcpy(w->best, w->y, (size_t)w->n * sizeof *w->y);
      at = next;
      step *= 1.5;
      continue;
    }
    memcpy(w->y, w->best, (size_t)w->n * sizeof *w->y);
    step /= 4;
    if (gives_up(st) || step < 1e-6)
      return st;
  }
  return PN_OK;
}

/* Every node on a conductance to its last value: implicit Euler in a pseudo-time whose step
 * grows with success until nothing moves. */
static pn_status pseudo_transient(op_work *w)
{
  pn_sim *s = w->run->sim;
  double g = 1;
  pn_status st = PN_E_CONVERGENCE;
  pn_sim_set_homotopy(s, 1, 0);
  pn_sim_initial(s, w->y);
  for (int k = 0; k < 2000 && g < 1e12; k++) {
    memcpy(w->best, w->y, (size_t)w->n * sizeof *w->y);
    st = pn_sim_set_pseudo(s, g, w->best);
    if (st == PN_OK)
      st = newton(w);
    if (st == PN_OK) {
      g *= w->result.iterations < 6 ? 0.4 : 0.8;
      if (g < 1e-14)
        break;
    } else {
      memcpy(w->y, w->best, (size_t)w->n * sizeof *w->y);
      if (gives_up(st))
        break;
      g *= 8;
    }
  }
  pn_sim_set_pseudo(s, 0, NULL);
  return st == PN_OK ? newton(w) : st;
}

typedef pn_status method_fn(op_work *w);

static pn_status try_all(op_work *w, bool warm, const char **how)
{
  const pn_options *o = w->run->options;
  const struct {
    const char *name;
    method_fn *run;
    int on;
  } methods[] = {{"Newton", newton, 1},
                 {"gmin stepping", gmin_stepping, o->gminsteps},
                 {"source stepping", source_stepping, o->srcsteps},
                 {"pseudo-transient", pseudo_transient, o->ptransteps}};
  pn_status st = PN_E_CONVERGENCE;
  for (size_t k = 0; k < sizeof methods / sizeof *methods; k++) {
    if (!methods[k].on)
      continue;
    if (!warm || k > 0) {
      pn_sim_initial(w->run->sim, w->y);
      pn_sim_set_limiting(w->run->sim, PN_LIMIT_START);
    }
    *how = methods[k].name;
    st = methods[k].run(w);
    pn_sim_set_homotopy(w->run->sim, 1, 0);
    if (st == PN_OK || gives_up(st))
      return st;
  }
  return st;
}

static void report(op_work *w, pn_status st)
{
  const pn_run *r = w->run;
  char label[160];
  int culprit = pn_sim_culprit(r->sim);
  if (st == PN_E_SINGULAR) {
    pn_sim_report_singular(r->sim);
  } else if (st == PN_E_DOMAIN && culprit >= 0) {
    pn_device_info d = pn_circuit_device_info(r->circuit, culprit);
    pn_error(r->diag, d.loc, "operating point: device '%s' gave a value that is not a number",
             pn_circuit_device_name(r->circuit, culprit, label, sizeof label));
  } else if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN) {
    int k = w->result.worst >= 0 && w->result.worst < w->n ? w->result.worst : 0;
    pn_circuit_label(r->circuit, k, label, sizeof label);
    pn_error_hint(r->diag, pn_circuit_unknown(r->circuit, k).loc,
                  "try .nodeset v(NODE)=VALUE near the solution, or .options itl1=500",
                  "operating point: no convergence by Newton, gmin stepping, source stepping or "
                  "pseudo-transient; %s moved most (residual %.3g)",
                  label, w->result.residual);
  }
}

/* Switches and other devices with memory change at a solution: solve again until they rest. */
static pn_status settle(op_work *w, const char **how)
{
  const pn_run *r = w->run;
  for (int k = 0; pn_sim_accept(r->sim, 0, w->y); k++) {
    if (k == 100)
      return pn_error(r->diag, PN_NOWHERE,
                      "operating point: the switches do not settle (they keep toggling)"),
             PN_E_CONVERGENCE;
    const char *again;
    pn_status st = try_all(w, true, &again);
    if (st)
      return st;
    if (strcmp(again, "Newton"))
      *how = again;
  }
  return PN_OK;
}

/* First with .nodeset and .ic values tied, then free (.ic stays tied: it holds). */
static pn_status solve_with_ties(op_work *w, bool warm, const char **how)
{
  const pn_run *r = w->run;
  pn_status st = PN_OK;
  if (r->n_nodeset && !warm) {
    pn_sim_tie(r->sim, r->n_nodeset, r->nodeset_unknown, r->nodeset_value);
    st = try_all(w, false, how);
    pn_sim_tie(r->sim, 0, NULL, NULL);
    if (gives_up(st) && st)
      return st;
    warm = st == PN_OK;
  }
  st = try_all(w, warm, how);
  return st ? st : settle(w, how);
}

static bool allocate(op_work *w)
{
  size_t n = (size_t)w->n + 1;
  w->best = pn_large_alloc(n, sizeof *w->best);
  w->work = pn_large_alloc(3 * n, sizeof *w->work);
  return w->best && w->work;
}

pn_status pn_op_solve(const pn_run *r, double *y, bool warm, const char **how)
{
  const char *needed = "Newton";
  op_work w = {.run = r, .y = y, .n = pn_sim_n(r->sim)};
  pn_status st = PN_E_MEMORY;
  if (allocate(&w)) {
    w.problem = (pn_newton_problem){.user = &w,
                                    .n = w.n,
                                    .atol = pn_sim_atol(r->sim),
                                    .reltol = fmin(r->options->reltol, 1e-6),
                                    .max_iterations = warm ? r->options->itl2 : r->options->itl1,
                                    .linear = pn_sim_is_linear(r->sim),
                                    .residual = residual,
                                    .solve = solve,
                                    .verified = verified,
                                    .interrupted = interrupted};
    if (pn_sim_has_limits(r->sim))
      w.problem.limited = limited;
    pn_sim_set_limiting(r->sim, warm ? PN_LIMIT_GO_ON : PN_LIMIT_START);
    st = solve_with_ties(&w, warm, &needed);
    pn_sim_set_limiting(r->sim, PN_LIMIT_OFF);
    if (st == PN_OK)
      pn_sim_clip(r->sim, y);
    else
      report(&w, st);
  }
  if (how)
    *how = needed;
  pn_large_free(w.best);
  pn_large_free(w.work);
  return st;
}

/* ---- .op ---- */

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)c, (void)params, (void)o;
  if (args->n) {
    pn_error(d, args->at[0].loc, ".op takes no arguments");
    return NULL;
  }
  return PN_NEW(a, char); /* anything but NULL: there is nothing to remember */
}

static void say_statistics(const pn_run *r)
{
  pn_sim_stats c = pn_sim_get_stats(r->sim);
  char line[600];
  snprintf(line, sizeof line,
           "operating point: %s: %ld factorisations, %ld refactorisations, %ld solves, %ld "
           "iterations; worst residual %.1e",
           c.linsol ? c.linsol : "no linear solver", c.factors, c.refactors, c.solves, c.iterations,
           c.worst_residual);
  r->say(r->user, line);
}

static pn_status run_op(const pn_run *r, void *args)
{
  (void)args;
  const char *how;
  double *y = pn_large_alloc((size_t)pn_sim_n(r->sim) + 1, sizeof *y);
  pn_recorder *rec = NULL;
  pn_status st = y ? pn_op_solve(r, y, false, &how) : PN_E_MEMORY;
  if (st == PN_OK) {
    char line[96];
    snprintf(line, sizeof line, "operating point: found by %s", how);
    r->say(r->user, line);
    if (r->options->stats)
      say_statistics(r);
    pn_column scale = {"op", "notype", ""};
    st = r->begin(r->user, &pn_analysis_op, "Operating Point", scale, NULL, 0, false, true, &rec);
  }
  if (st == PN_OK) {
    pn_point p = {.sim = r->sim, .y = y};
    st = pn_recorder_point(rec, &p);
    pn_status last = r->end(r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  pn_large_free(y);
  return st;
}

const pn_analysis pn_analysis_op = {
    .name = "op",
    .help = ".op",
    .parse = parse,
    .run = run_op,
    .delays = true,
};
