/* .xsens: how an output current of a crossbar depends on the conductance of every cell, at one
 * input: the adjoint of the equations, one transposed substitution for all cells. */
#include "analysis/list.h"
#include "analysis/mvm.h"

#include <math.h>
#include <stdlib.h>

enum { COLUMNS = 4 };

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params;
  return mvm_parse(".xsens", a, d, args, c, o);
}

static pn_status write_rows(mvm_work *w, const double *di_dg)
{
  static const pn_column columns[COLUMNS] = {{"row", "notype", ""},
                                             {"col", "notype", ""},
                                             {"di_dg", "voltage", "V"},
                                             {"g_di_dg", "current", "A"}};
  pn_column scale = {"cell", "notype", ""};
  pn_recorder *rec = NULL;
  double most = 0, sum = 0;
  int per = w->s.a->per_cell;
  pn_status st = w->r->begin(w->r->user, &pn_analysis_xsens, "Crossbar Sensitivity", scale, columns,
                             COLUMNS, false, false, &rec);
  for (int k = 0; st == PN_OK && k < w->s.n_cells; k++) {
    double g = pn_study_cell(&w->s, k).g, relative = isnan(g) ? 0 : g * di_dg[k];
    pn_recorder_extra(rec, (double[]){k / per / w->cols, k / per % w->cols, di_dg[k], relative});
    pn_point at = {.sim = w->r->sim, .x = k, .y = w->s.y};
    st = pn_recorder_point(rec, &at);
    sum += relative;
    if (fabs(di_dg[k]) > fabs(most))
      most = di_dg[k];
  }
  if (rec) {
    pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  if (st == PN_OK) {
    pn_study_number(w->r, w->p->name, "sensitivity_max", most);
    pn_study_number(w->r, w->p->name, "sensitivity_sum", sum);
  }
  return st;
}

static pn_status run_xsens(const pn_run *r, void *args)
{
  mvm_work w;
  pn_status st = mvm_open(&w, r, args);
  double *di_dg = NULL;
  if (st == PN_OK && !(di_dg = calloc((size_t)w.s.n_cells + 1, sizeof *di_dg)))
    st = PN_E_MEMORY;
  if (st == PN_OK)
    st = mvm_solve_vector(&w.s, &w, w.p->vector);
  if (st == PN_OK)
    st = mvm_sensitivity(&w, w.p->output, di_dg);
  if (st == PN_OK)
    st = write_rows(&w, di_dg);
  free(di_dg);
  mvm_close(&w);
  return st;
}

const pn_analysis pn_analysis_xsens = {
    .name = "xsens",
    .help = ".xsens ARRAY inputs=FILE.csv [output=N] [vector=N] [v=V] [diff]",
    .parse = parse,
    .run = run_xsens,
    .own_columns = true,
};
