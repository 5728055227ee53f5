/* .pss: the periodic steady state by shooting, of driven circuits and of oscillators whose period is
 * unknown, with its Floquet multipliers. */
#include "analysis/drive.h"
#include "analysis/keys.h"
#include "analysis/list.h"
#include "analysis/orbit.h"
#include "analysis/start.h"
#include "analysis/tracer.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_TOLD = 6, DRIVEN_START = 3 /* periods run before shooting */ };

typedef struct pss_args {
  double period, settle; /* s; 0: found */
  bool uic, autonomous;
} pss_args;

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  pss_args *p = PN_NEW(a, pss_args);
  double frequency = NAN;
  p->period = NAN;
  const pn_key keys[] = {{"period", PN_KEY_NUMBER, &p->period, false},
                         {"freq", PN_KEY_NUMBER, &frequency, false},
                         {"settle", PN_KEY_NUMBER, &p->settle, false},
                         {"uic", PN_KEY_FLAG, &p->uic, false},
                         {"autonomous", PN_KEY_FLAG, &p->autonomous, false}};
  pn_reading in = {".pss", a, d, args, c, params, o};
  if (!pn_keys_read(&in, keys, sizeof keys / sizeof *keys, NULL, NULL))
    return NULL;
  if (p->period <= 0 || p->settle < 0 || frequency <= 0)
    return pn_error(d, args->loc, ".pss: period, freq and settle are positive"), NULL;
  if (!isnan(p->period) && !isnan(frequency))
    return pn_error(d, args->loc, ".pss: period= or freq=, not both"), NULL;
  if (isnan(p->period))
    p->period = isnan(frequency) ? 0 : 1 / frequency;
  return p;
}

static bool is_uic(const pn_args *args)
{
  for (int k = 0; k < args->n; k++)
    if (!args->at[k].key.n && pn_str_is(args->at[k].text, "uic"))
      return true;
  return false;
}

typedef struct pss {
  const pn_run *r;
  const pss_args *a;
  pn_orbit *orbit;
  pn_recorder *rec;
  double *y, *y0; /* [n] */
  double period;
  int n;
  bool autonomous;
} pss;

/* ---- a start ---- */

static pn_status initial_conditions(pss *s)
{
  double *q = s->y0;
  pn_status st = pn_start_uic(s->r, s->y, q);
  double *yp = calloc((size_t)s->n + 1, sizeof *yp);
  if (!yp)
    return PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_start_consistent(s->r, 0, 1e-15, q, s->y, yp);
  free(yp);
  return st;
}

/* From the operating point along its most unstable eigenvector; *scale: a time scale of it, s. */
static pn_status leave_equilibrium(pss *s, double *scale)
{
  pn_spectrum *p;
  double complex *v = calloc((size_t)s->n + 1, sizeof *v);
  pn_status st = v ? pn_spectrum_new(s->r->sim, &p) : PN_E_MEMORY;
  if (st) {
    free(v);
    return st;
  }
  st = pn_spectrum_at(p, s->y);
  if (st == PN_OK && p->n_unstable > 0) {
    double complex lead = p->s[0];
    pn_tracer_scales(s->r, s->y0);
    st = pn_spectrum_vector(s->r->sim, lead, false, s->y0, v);
    for (int k = 0; k < s->n && st == PN_OK; k++)
      s->y[k] += creal(v[k]);
    *scale = 2 * M_PI / cabs(lead);
  } else if (st == PN_OK) {
    st = PN_E_CONVERGENCE;
  }
  pn_spectrum_free(p);
  free(v);
  return st;
}

static pn_status start_autonomous(pss *s)
{
  const pn_run *r = s->r;
  double scale = s->a->period;
  pn_status st;
  if (s->a->uic) {
    st = initial_conditions(s);
    if (scale <= 0)
      scale = s->a->settle > 0 ? s->a->settle / 20 : 1e-6;
  } else {
    double found = 0;
    st = pn_op_solve(r, s->y, false, NULL);
    if (st == PN_OK)
      st = leave_equilibrium(s, &found);
    if (st == PN_E_CONVERGENCE)
      return pn_error_hint(r->diag, PN_NOWHERE, "start elsewhere: .ic and .pss uic",
                           ".pss: the operating point is stable: no oscillation starts from it"),
             st;
    scale = scale > 0 ? scale : found;
  }
  if (st == PN_OK)
    st = pn_shoot_consistent(s->orbit->shoot, 0, 1e-9 * scale, s->y);
  if (st == PN_OK)
    st = pn_orbit_settle(s->orbit, scale, s->a->settle, s->y, &s->period);
  if (st == PN_E_CONVERGENCE)
    pn_error_hint(r->diag, PN_NOWHERE, "period= gives a time scale, settle= a longer start",
                  ".pss: the circuit does not settle into an oscillation");
  return st;
}

static pn_status start_driven(pss *s)
{
  double period = pn_drive_shared(s->r, "pss", s->a->period);
  s->period = period;
  if (!(period > 0))
    return PN_E_NETLIST;
  pn_status st = s->a->uic ? initial_conditions(s) : pn_op_solve(s->r, s->y, false, NULL);
  if (st == PN_OK)
    st = pn_shoot_consistent(s->orbit->shoot, 0, 1e-9 * period, s->y);
  double run = ceil(fmax(DRIVEN_START * period, s->a->settle) / period - 1e-9) * period;
  for (double t = 0; t < run && st == PN_OK; t += period) /* every period starts at t = 0 */
    st = pn_shoot_integrate(s->orbit->shoot, 0, period, s->y, false);
  return st;
}

/* ---- results ---- */

static pn_status record(void *user, double t, const double *y)
{
  pss *s = user;
  memcpy(s->y0, y, (size_t)s->n * sizeof *y);
  pn_sim_clip(s->r->sim, s->y0);
  pn_point at = {.sim = s->r->sim, .x = t, .y = s->y0};
  return pn_recorder_point(s->rec, &at);
}

static pn_status tell(pss *s, int iterations)
{
  const pn_run *r = s->r;
  int d = pn_shoot_size(s->orbit->shoot), unstable = 0, trivial = -1;
  double complex *mu = calloc((size_t)d + 1, sizeof *mu);
  char line[200], name[48];
  pn_status st = mu ? pn_shoot_multipliers(s->orbit->shoot, mu) : PN_E_MEMORY;
  for (int k = 0; k < d && s->autonomous && st == PN_OK; k++)
    if (trivial < 0 || cabs(mu[k] - 1) < cabs(mu[trivial] - 1))
      trivial = k;
  for (int k = 0; k < d && st == PN_OK; k++)
    unstable += k != trivial && cabs(mu[k]) > 1;
  if (st == PN_OK) {
    r->found(r->user, "period", s->period);
    r->found(r->user, "frequency", 1 / s->period);
    r->found(r->user, "unstable_multipliers", unstable);
    for (int k = 0; k < d && k < MOST_TOLD; k++) {
      snprintf(name, sizeof name, "floquet%d_re", k + 1);
      r->found(r->user, name, creal(mu[k]));
      snprintf(name, sizeof name, "floquet%d_im", k + 1);
      r->found(r->user, name, cimag(mu[k]));
    }
    snprintf(line, sizeof line,
             "periodic steady state: %s, period %.10g s, %s; %d shooting steps, %d time steps",
             s->autonomous ? "autonomous" : "driven", s->period, unstable ? "unstable" : "stable",
             iterations, pn_shoot_steps(s->orbit->shoot));
    r->say(r->user, line);
  }
  free(mu);
  return st;
}

static pn_status write_orbit(pss *s)
{
  const pn_run *r = s->r;
  pn_column scale = {"time", "time", "s"};
  pn_status st = r->begin(r->user, &pn_analysis_pss, "Periodic Steady State", scale, NULL, 0, false,
                          false, &s->rec);
  if (st)
    return st;
  s->orbit->observe = record;
  s->orbit->user = s;
  st = pn_shoot_integrate(s->orbit->shoot, 0, s->period, s->y, true);
  pn_status last = r->end(r->user, s->rec, st == PN_OK);
  return st ? st : last;
}

static pn_status solve_all(pss *s)
{
  const pn_run *r = s->r;
  bool moves = isfinite(pn_sim_period(r->sim, 0)) || isfinite(pn_sim_next_corner(r->sim, 0));
  int iterations = 0;
  s->autonomous = s->a->autonomous || !moves;
  if (!s->autonomous && !(s->a->period > 0) && !isfinite(pn_sim_period(r->sim, 0)))
    return pn_error_hint(r->diag, PN_NOWHERE,
                         "period= or freq=", ".pss: the sources move, but none has a period"),
           PN_E_NETLIST;
  if (pn_shoot_size(s->orbit->shoot) == 0)
    return pn_error(r->diag, PN_NOWHERE, ".pss: the circuit has no memory: nothing can oscillate"),
           PN_E_NETLIST;
  pn_status st = s->autonomous ? start_autonomous(s) : start_driven(s);
  if (st)
    return st;
  st = pn_shoot_close(s->orbit->shoot, 0, s->autonomous, s->y, &s->period, &iterations);
  if (st == PN_E_CONVERGENCE || st == PN_E_SINGULAR || st == PN_E_STEP)
    pn_error_hint(r->diag, PN_NOWHERE, "settle= lets the circuit run longer first",
                  ".pss: shooting does not converge (%s)", pn_status_text(st));
  if (st == PN_OK)
    st = tell(s, iterations);
  return st ? st : write_orbit(s);
}

static pn_status run_pss(const pn_run *r, void *args)
{
  pss s = {.r = r, .a = args, .n = pn_sim_n(r->sim)};
  s.y = calloc((size_t)s.n + 1, sizeof *s.y);
  s.y0 = calloc((size_t)s.n + 1, sizeof *s.y0);
  pn_status st = s.y && s.y0 ? pn_orbit_new(r, fmin(1e-8, r->options->reltol * 1e-4), &s.orbit)
                             : PN_E_MEMORY;
  if (st == PN_OK)
    st = solve_all(&s);
  pn_orbit_free(s.orbit);
  free(s.y);
  free(s.y0);
  return st;
}

const pn_analysis pn_analysis_pss = {
    .name = "pss",
    .help = ".pss [period=T | freq=F] [settle=T] [autonomous] [uic]",
    .parse = parse,
    .run = run_pss,
    .is_uic = is_uic,
};
