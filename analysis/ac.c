/* .ac: the small-signal response at the operating point over frequency. Memristors enter
 * with their states' dynamics, so that their immittance has its own pole. */
#include "analysis/analysis.h"
#include "analysis/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 100000000 };

typedef struct ac_args {
  enum { AC_LIN, AC_DEC, AC_OCT } kind;
  double n, from, to; /* points (per decade or octave), Hz, Hz */
  long points;
} ac_args;

static double frequency(const ac_args *p, long k)
{
  if (p->points == 1)
    return p->from;
  if (p->kind == AC_LIN)
    return p->from + (p->to - p->from) * (double)k / (double)(p->points - 1);
  double f = p->from * pow(p->kind == AC_DEC ? 10 : 2, (double)k / p->n);
  return k == p->points - 1 && fabs(f - p->to) < 1e-9 * p->to ? p->to : f;
}

static bool count(ac_args *p, pn_diag *d, const pn_args *args)
{
  double n = p->n;
  if (p->kind != AC_LIN)
    n = p->from > 0
            ? floor(log(p->to / p->from) / log(p->kind == AC_DEC ? 10 : 2) * p->n * (1 + 1e-12) +
                    1e-9) +
                  1
            : NAN;
  if (!(p->n >= 1) || !(p->from >= 0) || !(p->to >= p->from) || !(n >= 1))
    return pn_error(d, args->loc, ".ac: needs points >= 1 and 0 < start <= stop (0 only with lin)"),
           false;
  if (n > MOST_POINTS)
    return pn_error(d, args->loc, ".ac: %g points are too many (at most %d)", n, MOST_POINTS),
           false;
  p->points = (long)n;
  return true;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)c, (void)params, (void)o;
  static const char *const kinds[] = {"lin", "dec", "oct"};
  ac_args *p = PN_NEW(a, ac_args);
  int kind = 0;
  while (kind < 3 && !(args->n && pn_str_is(args->at[0].text, kinds[kind])))
    kind++;
  if (args->n != 4 || kind == 3)
    return pn_error(d, args->n && kind == 3 ? args->at[0].loc : args->loc,
                    ".ac is written: .ac dec|oct|lin POINTS FSTART FSTOP"),
           NULL;
  for (int k = 1; k < 4; k++)
    if (!args->at[k].is_num)
      return pn_error(d, args->at[k].loc, ".ac: a number should stand here"), NULL;
  p->kind = kind;
  p->n = args->at[1].num;
  p->from = args->at[2].num;
  p->to = args->at[3].num;
  return count(p, d, args) ? p : NULL;
}

static pn_status sweep(const pn_run *r, const ac_args *p, pn_recorder *rec, const double *y,
                       double complex *x)
{
  for (long k = 0; k < p->points; k++) {
    double f = frequency(p, k);
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
  const ac_args *p = args;
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
};
