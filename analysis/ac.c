/* .ac: the small-signal response at the operating point over frequency. Memristors enter
 * with their states' dynamics, so that their immittance has its own pole. */
#include "analysis/frequency.h"
#include "analysis/list.h"

#include <math.h>
#include <stdlib.h>

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)c, (void)params, (void)o;
  pn_frequencies *p = PN_NEW(a, pn_frequencies);
  int k = 0;
  if (!pn_frequencies_read(d, ".ac", args, &k, p))
    return NULL;
  if (k < args->n)
    return pn_error(d, args->at[k].loc, ".ac is written: .ac dec|oct|lin POINTS FSTART FSTOP"),
           NULL;
  return p;
}

static pn_status sweep(const pn_run *r, const pn_frequencies *p, pn_recorder *rec, const double *y,
                       double complex *x)
{
  for (long k = 0; k < p->points; k++) {
    double f = pn_frequency_at(p, k);
    pn_sim_ac_rhs(r->sim, x);
    pn_status st = pn_sim_factor_complex(r->sim, I * 2 * M_PI * f);
    if (st == PN_E_SINGULAR)
      pn_sim_report_singular(r->sim);
    if (st || (st = pn_sim_solve_complex(r->sim, x)))
      return st;
    pn_point at = {.sim = r->sim, .x = f, .y = y, .ac = x};
    if ((st = pn_recorder_point(rec, &at)))
      return st;
    r->progress(r->user, (double)(k + 1) / (double)p->points, f);
    if (r->interrupted(r->user))
      return PN_E_INTERRUPTED;
  }
  return PN_OK;
}

static pn_status run_ac(const pn_run *r, void *args)
{
  const pn_frequencies *p = args;
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  double *y = calloc(n, sizeof *y);
  double complex *x = calloc(n, sizeof *x);
  pn_recorder *rec = NULL;
  const char *how;
  pn_status st = y && x ? pn_op_solve(r, y, false, &how) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_TRAN, 0, y, true);
  if (st == PN_OK) {
    pn_sim_freeze_bounds(r->sim);
    pn_column scale = {"frequency", "frequency", "Hz"};
    st = r->begin(r->user, &pn_analysis_ac, "AC Analysis", scale, NULL, 0, true, false, &rec);
  }
  if (st == PN_OK) {
    st = sweep(r, p, rec, y, x);
    pn_status last = r->end(r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  free(y);
  free(x);
  return st;
}

const pn_analysis pn_analysis_ac = {
    .name = "ac",
    .help = ".ac dec|oct|lin POINTS FSTART FSTOP",
    .parse = parse,
    .run = run_ac,
    .delays = true,
};
