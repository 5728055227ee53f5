/* .tran: the time domain. Corners of sources are stopped at and restarted from, fast
 * drives bound the step, events of switches are landed on, results stream to the
 * recorder. */
#include "analysis/analysis.h"
#include "analysis/list.h"
#include "analysis/motion.h"
#include "analysis/start.h"
#include "circuit/dae.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* At least so many steps in a period of the fastest drive and in the whole run. A state that moves
 * little in each cycle is not seen by the error test: only this keeps its drift right. Equal steps
 * of a one-step method that fit the period a whole number of times integrate a periodic rate with
 * spectral accuracy; so it serves drives of more than MANY_PERIODS. The drift of a TaOx device at
 * 0.5 V, whose rate is a peak of 0.16 rad, is then wrong by 4e-3 with 20 steps, 5e-4 with 24; by
 * 1.2e-2 with IDA and 20. */
enum {
  STEPS_PER_PERIOD = 24,
  STEPS_PER_RUN = 50,
  LEAST_ONE_STEPS = 10,
  MANY_PERIODS = 100,
  MANY_STATES = 64,
  MOST_LEAPS = 100000,
  MOST_FILLED = 100000,
  MOST_DELAY_STEPS = 1000000000
};

typedef struct tran_args {
  double step, stop, start, max; /* s */
  bool uic;
} tran_args;

static bool is_uic_word(const pn_arg *a)
{
  return !a->key.n && pn_str_is(a->text, "uic");
}

static bool is_uic(const pn_args *args)
{
  for (int k = 0; k < args->n; k++)
    if (is_uic_word(&args->at[k]))
      return true;
  return false;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)c, (void)params, (void)o;
  tran_args *p = PN_NEW(a, tran_args);
  double v[4] = {0, 0, 0, 0};
  int n = 0;
  for (int k = 0; k < args->n; k++) {
    const pn_arg *arg = &args->at[k];
    if (is_uic_word(arg))
      p->uic = true;
    else if (!arg->is_num || n == 4)
      return pn_error(d, arg->loc, ".tran is written: .tran TSTEP TSTOP [TSTART [TMAX]] [UIC]"),
             NULL;
    else
      v[n++] = arg->num;
  }
  if (n == 1) { /* LTspice: .tran TSTOP */
    v[1] = v[0];
    v[0] = 0;
  }
  if (n > 0 && v[0] == 0) /* LTspice: .tran 0 TSTOP ... */
    v[0] = v[3] > 0 ? v[3] : v[1] / STEPS_PER_RUN;
  *p = (tran_args){v[0], v[1], v[2], v[3], p->uic};
  if (n == 0 || !(p->stop > 0) || !(p->step > 0) || !(p->start >= 0) || !(p->start < p->stop) ||
      !(p->max >= 0) || !isfinite(p->stop))
    return pn_error(d, args->loc, ".tran needs 0 < TSTEP, 0 <= TSTART < TSTOP and TMAX >= 0"), NULL;
  return p;
}

static void grid(const void *args, double *start, double *step)
{
  const tran_args *p = args;
  *start = p->start;
  *step = p->step;
}

typedef struct tran_work {
  const pn_run *r;
  const tran_args *p;
  pn_circuit_dae *dae;
  pn_integrator *g;
  pn_recorder *rec;
  int n;       /* unknowns of the circuit */
  int *needed; /* [n_needed] those that results are computed from */
  int n_needed;
  double *y, *yp, *q; /* [dae.n] extended, [dae.n], [n] */
  double *seen;       /* [n] what is recorded: states clipped */
  double *low, *high; /* [n] bounds of states */
  double t;
  bool one_step;   /* TR-BDF2, else IDA */
  bool memoryless; /* nothing stores anything: no error test sees the steps */
  bool timed;      /* sources are expressions of time, which may do anything between two steps */
  const char *why; /* it was chosen */
  int leaps;       /* switchings faster than time resolves */
  double leapt_at; /* s, the last of them */
} tran_work;

static double largest_step(const tran_work *w)
{
  double h = (w->p->stop - w->p->start) / (w->one_step ? LEAST_ONE_STEPS : STEPS_PER_RUN);
  double period = pn_sim_period(w->r->sim, w->t);
  if (w->memoryless || (w->timed && w->p->max == 0))
    h = fmin(h, w->p->step);
  if (w->p->max > 0)
    h = fmin(h, w->p->max);
  if (w->r->options->max_step > 0)
    h = fmin(h, w->r->options->max_step);
  h = fmin(h, 0.5 * pn_sim_shortest_delay(w->r->sim));
  return fmin(h, period / STEPS_PER_PERIOD);
}

/* Differences in time that do not matter: with the default tolerance 1e-4 of TSTEP. */
static double resolution(const tran_work *w)
{
  return w->r->options->reltol * fmin(w->p->step, w->p->stop / STEPS_PER_RUN);
}

/* Much shorter than anything of interest: consistent values are found over this interval. */
static double tiny_interval(const tran_work *w)
{
  return 1e-9 * fmin(w->p->step, w->p->stop / STEPS_PER_RUN);
}

/* The next corner that is farther than rounding from t; INFINITY when the run ends before it. */
static double next_corner(const tran_work *w)
{
  double resolution = 16 * DBL_EPSILON * w->p->stop, corner = w->t;
  do
    corner = pn_sim_next_corner(w->r->sim, corner);
  while (corner - w->t < resolution);
  return w->p->stop - corner < resolution ? INFINITY : corner;
}

/* The unknowns that the results are computed from: points between steps need no others. */
static pn_status find_needed(tran_work *w)
{
  unsigned char *needed = calloc((size_t)w->n + 1, 1);
  w->needed = calloc((size_t)w->n + 1, sizeof *w->needed);
  if (needed && w->needed) {
    pn_recorder_mark(w->rec, w->r->circuit, needed);
    for (int k = 0; k < w->n; k++)
      if (needed[k])
        w->needed[w->n_needed++] = k;
  }
  free(needed);
  return needed && w->needed ? PN_OK : PN_E_MEMORY;
}

/* A point between steps. */
static pn_status record_between(tran_work *w, double t)
{
  pn_status st = pn_integrator_interpolate_some(w->g, t, w->needed, w->n_needed, w->y, w->yp);
  for (int k = 0; k < w->n_needed; k++) {
    int i = w->needed[k];
    w->y[i] = fmin(w->high[i], fmax(w->low[i], w->y[i]));
  }
  pn_point at = {.sim = w->r->sim, .x = t, .y = w->y, .yp = w->yp};
  return st ? st : pn_recorder_point(w->rec, &at);
}

static pn_status record(tran_work *w, double t, const double *y, const double *yp)
{
  if (t < w->p->start * (1 - 1e-12))
    return PN_OK;
  memcpy(w->seen, y, (size_t)w->n * sizeof *y);
  pn_sim_clip(w->r->sim, w->seen);
  pn_point at = {.sim = w->r->sim, .x = t, .y = w->seen, .yp = yp};
  return pn_recorder_point(w->rec, &at);
}

/* The step from `before` to w->t: a step longer than TSTEP is filled with interpolated points at its
 * multiples, so that curves, tables and measurements are as smooth as the user asked for. */
static pn_status record_step(tran_work *w, double before)
{
  double grid = fmax(w->p->step, (w->p->stop - w->p->start) / MOST_FILLED);
  double k = floor((fmax(before, w->p->start) - w->p->start) / grid * (1 + 1e-12)) + 1;
  for (; w->p->start + k * grid < w->t - 1e-6 * grid; k++) {
    double t = w->p->start + k * grid;
    if (w->t - before < grid)
      break;
    pn_status st = record_between(w, t);
    if (st)
      return st;
  }
  return record(w, w->t, pn_integrator_y(w->g), pn_integrator_yp(w->g));
}

/* Values and slopes at t from the charges of y; the integrator is made or restarted there. */
static pn_status consistent(tran_work *w)
{
  pn_status st = pn_start_consistent(w->r, w->t, tiny_interval(w), w->q, w->y, w->yp);
  if (st == PN_OK)
    st = pn_circuit_dae_extend(w->dae, w->t, w->y, w->yp);
  return st;
}

static pn_status charges_of(tran_work *w, const double *y)
{
  pn_status st = pn_sim_eval(w->r->sim, PN_SIM_TRAN, w->t, y, false);
  if (st == PN_OK)
    memcpy(w->q, pn_sim_q(w->r->sim), (size_t)w->n * sizeof *w->q);
  return st;
}

/* Steps stay below half of the shortest delay: a run that can never end is refused. */
static pn_status check_delays(const tran_work *w)
{
  double delay = pn_sim_shortest_delay(w->r->sim), steps = 2 * w->p->stop / delay;
  if (!(steps > MOST_DELAY_STEPS))
    return PN_OK;
  pn_error_hint(w->r->diag, PN_NOWHERE, "a line that short is a pair of wires: leave it out",
                "a delay of %g s in a transient of %g s takes %.1g steps", delay, w->p->stop,
                steps);
  return PN_E_LIMIT;
}

static pn_status begin(tran_work *w)
{
  const pn_run *r = w->r;
  const char *how = "initial conditions";
  pn_status st;
  if (w->p->uic) {
    st = pn_sim_past_start(r->sim, 0, NULL);
    if (st == PN_OK)
      st = pn_start_uic(r, w->y, w->q);
  } else {
    pn_sim_tie(r->sim, r->n_ic, r->ic_unknown, r->ic_value);
    pn_sim_set_start(r->sim, true);
    st = pn_op_solve(r, w->y, false, &how);
    pn_sim_set_start(r->sim, false);
    pn_sim_tie(r->sim, 0, NULL, NULL);
    if (st == PN_OK)
      st = pn_sim_past_start(r->sim, 0, w->y);
    if (st == PN_OK)
      st = charges_of(w, w->y);
  }
  if (st == PN_OK) {
    pn_sim_accept(r->sim, 0, w->y);
    st = consistent(w);
  }
  if (st == PN_OK)
    st = pn_sim_past_add(r->sim, 0, w->y, true);
  if (st == PN_OK)
    st = check_delays(w);
  if (st)
    return st;
  char line[128];
  snprintf(line, sizeof line, "transient: starts from %s%s", how,
           w->p->uic ? " (uic)" : ", operating point");
  r->say(r->user, line);
  pn_dae view = *pn_circuit_dae_view(w->dae);
  view.resolution = w->one_step ? resolution(w) : 0;
  return pn_integrator_new(w->one_step ? "trbdf2" : "ida", &view, 0, w->y, w->yp,
                           r->options->max_order, &w->g);
}

/* After a corner, an event or a jump. */
static pn_status restart(tran_work *w, bool jump)
{
  int n = pn_circuit_dae_view(w->dae)->n;
  if (!jump)
    return pn_integrator_corner(w->g);
  memcpy(w->y, pn_integrator_y(w->g), (size_t)n * sizeof *w->y);
  memcpy(w->yp, pn_integrator_yp(w->g), (size_t)n * sizeof *w->yp);
  pn_status st = charges_of(w, w->y);
  if (st == PN_OK)
    st = consistent(w);
  if (st == PN_OK)
    st = record(w, w->t, w->y, w->yp);
  if (st == PN_OK)
    st = pn_sim_past_add(w->r->sim, w->t, w->y, true);
  if (st)
    return st;
  return pn_integrator_restart(w->g, w->t, w->y, w->yp, false, 0);
}

static void report(tran_work *w, pn_status st)
{
  const pn_run *r = w->r;
  char label[160] = "";
  int unknown = -1, culprit = pn_sim_culprit(r->sim);
  const char *why = w->g ? pn_integrator_trouble(w->g, &unknown) : NULL;
  pn_loc loc = PN_NOWHERE;
  if (unknown >= 0 && unknown < w->n) {
    pn_circuit_label(r->circuit, unknown, label, sizeof label);
    loc = pn_circuit_unknown(r->circuit, unknown).loc;
  }
  if (st == PN_E_SINGULAR) {
    pn_sim_report_singular(r->sim);
  } else if (st == PN_E_DOMAIN && culprit >= 0) {
    pn_device_info d = pn_circuit_device_info(r->circuit, culprit);
    pn_error(r->diag, d.loc, "transient at t = %g s: device '%s' gave a value that is not a number",
             w->t, pn_circuit_device_name(r->circuit, culprit, label, sizeof label));
  } else if (st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN) {
    pn_error_hint(r->diag, loc, "what was computed up to there is kept",
                  "transient stopped at t = %g s: %s%s%s", w->t, why ? why : pn_status_text(st),
                  label[0] ? "; the step is limited by " : "", label);
  }
}

/* A state can switch faster than time resolves (TaOx at 1 V: rates beyond 1e80 1/s). One-step methods leave
 * it to pn_motion_carry as soon as nothing else moves meanwhile. */
static pn_status carry(tran_work *w)
{
  size_t bytes = (size_t)pn_circuit_dae_view(w->dae)->n * sizeof *w->y;
  memcpy(w->y, pn_integrator_y(w->g), bytes);
  pn_status st = pn_motion_carry(w->r, w->t, resolution(w), tiny_interval(w), w->y);
  if (st)
    return st;
  w->leaps++;
  memset(w->yp, 0, bytes);
  st = record(w, w->t, w->y, w->yp);
  return st ? st : pn_integrator_restart(w->g, w->t, w->y, w->yp, false, 0);
}

/* Where that is of no use: two implicit Euler steps over a tiny interval carry states to the other side,
 * to their bounds or to where their rates are finite again; charges are conserved. It may not happen twice at
 * one moment. */
static pn_status leap(tran_work *w)
{
  if (w->leaps == MOST_LEAPS || w->t <= w->leapt_at)
    return PN_E_STEP;
  w->leaps++;
  w->leapt_at = w->t;
  return restart(w, true);
}

/* One step and what follows from it. */
static pn_status advance(tran_work *w, double *corner)
{
  const pn_run *r = w->r;
  pn_step_kind kind;
  double stop = fmin(*corner, w->p->stop);
  double before = w->t;
  pn_status st = pn_integrator_step(w->g, stop, largest_step(w), &w->t, &kind);
  if (st || (st = record_step(w, before)))
    return st;
  bool changed = pn_sim_accept(r->sim, w->t, pn_integrator_y(w->g));
  bool at_corner = w->t >= *corner; /* also when an event falls there */
  st = pn_sim_past_add(r->sim, w->t, pn_integrator_y(w->g),
                       changed || at_corner || kind == PN_STEP_EVENT);
  if (st || w->t >= w->p->stop)
    return st;
  if (at_corner || isfinite(pn_sim_shortest_delay(r->sim)))
    *corner = next_corner(w);
  if (w->one_step && w->leaps < MOST_LEAPS &&
      pn_motion_is_fast(r, w->low, w->high, pn_integrator_yp(w->g), resolution(w)) &&
      carry(w) == PN_OK)
    return PN_OK;
  if (!changed && !at_corner && kind != PN_STEP_EVENT)
    return PN_OK;
  bool jump = changed || kind == PN_STEP_EVENT || pn_sim_jumps(r->sim, w->t);
  return restart(w, jump);
}

static bool is_too_fast(pn_status st)
{
  return st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN;
}

static pn_status integrate(tran_work *w)
{
  const pn_run *r = w->r;
  pn_status st = record(w, w->t, w->y, w->yp);
  double corner = next_corner(w);
  while (st == PN_OK && w->t < w->p->stop) {
    st = advance(w, &corner);
    if (is_too_fast(st) && leap(w) == PN_OK)
      st = PN_OK;
    r->progress(r->user, w->t / w->p->stop, w->t);
    if (st == PN_OK && r->interrupted(r->user))
      st = PN_E_INTERRUPTED;
  }
  return st;
}

static void say_statistics(const tran_work *w)
{
  pn_integrator_stats s = pn_integrator_get_stats(w->g);
  pn_sim_stats c = pn_sim_get_stats(w->r->sim);
  char line[900], rested[80] = "";
  if (c.blocks)
    snprintf(rested, sizeof rested, "; transistors at rest in %.0f %% of evaluations",
             100.0 * (double)c.rested / (double)c.blocks);
  snprintf(line, sizeof line,
           "transient by %s (%s): %ld steps, %ld residuals, %ld Jacobians, %ld refused by the "
           "error test, %ld by Newton, %ld restarts; %s: %ld factorisations, %ld refactorisations, "
           "%ld solves, %ld iterations, worst residual %.1e; worst violation of a state's bound "
           "%.1e of its range%s",
           w->one_step ? "TR-BDF2" : "IDA", w->why, s.steps, s.residuals, s.setups,
           s.error_failures, s.newton_failures, s.restarts,
           c.linsol ? c.linsol : "no linear solver", c.factors, c.refactors, c.solves, c.iterations,
           c.worst_residual, pn_sim_worst_violation(w->r->sim), rested);
  w->r->say(w->r->user, line);
}

/* Does anything in the circuit store a charge, a flux or a state? */
static bool has_memory(const tran_work *w)
{
  const unsigned char *differential = pn_sim_differential(w->r->sim);
  bool any = false;
  for (int k = 0; k < pn_sim_n(w->r->sim) && !any; k++)
    any = differential[k];
  return any;
}

/* Chooses the integrator. `auto` takes TR-BDF2 for drives of many periods (see MANY_PERIODS) and for arrays:
 * one step has no past to lose at the corners of pulses, where IDA begins anew at order 1, and its error
 * test is not misled by runaway states. Measured on TaOx crossbars of 16x16 to 64x64 under V/2 pulses: 2 to 9
 * times less work at equal error; single devices under slow drives are IDA's, with its higher orders. */
static void choose_method(tran_work *w)
{
  const pn_circuit *c = w->r->circuit;
  const char *method = w->r->options->method;
  bool free_choice = !strcmp(method, "auto");
  w->memoryless = !has_memory(w);
  w->timed = pn_circuit_uses_time(c);
  w->why = free_choice ? "the usual choice" : "as .options say";
  w->one_step = !strcmp(method, "trbdf2") || !strcmp(method, "trap");
  if (!free_choice)
    return;
  if (w->memoryless) { /* nothing to predict from: multistep methods follow steep curves badly */
    w->why = "a circuit that stores nothing";
    w->one_step = true;
  } else if (w->p->stop > MANY_PERIODS * pn_sim_period(w->r->sim, 0)) {
    w->why = "a drive of many periods";
    w->one_step = true;
  } else if (pn_circuit_n(c) - pn_circuit_n_mna(c) >= MANY_STATES) {
    w->why = "an array of memristors";
    w->one_step = true;
  }
}

static pn_status allocate(tran_work *w)
{
  choose_method(w);
  pn_status st = pn_circuit_dae_new(w->r->sim, w->r->options->reltol, !w->one_step, &w->dae);
  if (st == PN_OK)
    st = pn_sim_let_rest(w->r->sim, w->r->options->bypass);
  if (st)
    return st;
  size_t n = (size_t)pn_circuit_dae_view(w->dae)->n + 1;
  w->n = pn_sim_n(w->r->sim);
  w->y = calloc(n, sizeof *w->y);
  w->yp = calloc(n, sizeof *w->yp);
  w->q = calloc(n, sizeof *w->q);
  w->seen = calloc(n, sizeof *w->seen);
  w->low = calloc(n, sizeof *w->low);
  w->high = calloc(n, sizeof *w->high);
  if (!w->y || !w->yp || !w->q || !w->seen || !w->low || !w->high)
    return PN_E_MEMORY;
  pn_sim_bounds(w->r->sim, w->low, w->high);
  return PN_OK;
}

static pn_status run_tran(const pn_run *r, void *args)
{
  tran_work w = {.r = r, .p = args, .leapt_at = -1};
  pn_column scale = {"time", "time", "s"};
  pn_status st = allocate(&w);
  if (st == PN_OK)
    st = begin(&w);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_tran, "Transient Analysis", scale, NULL, 0, false, false,
                  &w.rec);
  if (st == PN_OK)
    st = find_needed(&w);
  if (st == PN_OK) {
    st = integrate(&w);
    if (w.leaps) {
      char line[128];
      snprintf(line, sizeof line,
               "transient: %d switchings were faster than time resolves and were taken in one step",
               w.leaps);
      r->say(r->user, line);
    }
    if (r->options->stats)
      say_statistics(&w);
  }
  if (st)
    report(&w, st);
  if (w.rec) {
    pn_status last = r->end(r->user, w.rec, st == PN_OK);
    st = st ? st : last;
  }
  pn_integrator_free(w.g);
  pn_sim_let_rest(r->sim, false);
  pn_circuit_dae_free(w.dae);
  free(w.y);
  free(w.yp);
  free(w.q);
  free(w.seen);
  free(w.needed);
  free(w.low);
  free(w.high);
  return st;
}

const pn_analysis pn_analysis_tran = {
    .name = "tran",
    .help = ".tran TSTEP TSTOP [TSTART [TMAX]] [UIC]",
    .parse = parse,
    .run = run_tran,
    .delays = true,
    .is_uic = is_uic,
    .grid = grid,
};
