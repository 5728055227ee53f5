/* The whole S- or N-shaped curve of a DC sweep, through its folds, stable and unstable parts told
 * apart by the circuit's eigenvalues. */
#include "analysis/arclength.h"
#include "analysis/tracer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_POINTS = 1000000 };

typedef struct walk {
  const pn_run *r;
  pn_tracer *t;
  pn_recorder *rec;
  int folds;
} walk;

static pn_status record(walk *w, double p, const double *y, double unstable, double fold)
{
  double extra[] = {unstable, fold};
  pn_recorder_extra(w->rec, extra);
  pn_point at = {.sim = w->r->sim, .x = p, .y = y};
  pn_status st = pn_target_set(w->r, &w->t->target, p);
  return st ? st : pn_recorder_point(w->rec, &at);
}

static pn_status record_fold(walk *w, const pn_special *s)
{
  char name[32];
  snprintf(name, sizeof name, "fold%d", ++w->folds);
  w->r->found(w->r->user, name, s->p);
  return record(w, s->p, s->y, w->t->n_unstable_before, 1);
}

static pn_status follow(walk *w)
{
  pn_tracer *t = w->t;
  double span = t->o.to - t->o.from;
  pn_status st = record(w, pn_tracer_p(t), pn_tracer_y(t), t->n_unstable, 0);
  for (long k = 0; k < MOST_POINTS && st == PN_OK; k++) {
    st = pn_tracer_next(t);
    for (int j = 0; j < t->n_special && st == PN_OK; j++) {
      const pn_special *s = &t->special[j];
      if (s->kind == PN_SPECIAL_FOLD)
        st = record_fold(w, s);
      else if (s->kind == PN_SPECIAL_END)
        st = record(w, s->p, s->y, t->n_unstable, 0);
    }
    if (st || t->done)
      return st;
    if (t->outside >= 0)
      return PN_OK;
    st = record(w, pn_tracer_p(t), pn_tracer_y(t), t->n_unstable, 0);
    w->r->progress(w->r->user, fmin(1, fabs((pn_tracer_p(t) - t->o.from) / span)), pn_tracer_p(t));
  }
  return st ? st : PN_E_LIMIT;
}

static void tell_end(walk *w, pn_status st)
{
  const pn_run *r = w->r;
  char label[160], line[400];
  if (w->t->outside >= 0) {
    pn_circuit_label(r->circuit, w->t->outside, label, sizeof label);
    pn_warn(r->diag, pn_circuit_unknown(r->circuit, w->t->outside).loc,
            "the curve ends at %g: beyond, %s leaves its model's range of validity, %g to %g",
            pn_tracer_p(w->t), label, w->t->valid_low, w->t->valid_high);
  } else if (st == PN_E_STEP) {
    pn_error(
        r->diag, w->t->target.loc,
        "the curve cannot be followed beyond %g: the step became too small (a corner, or the end "
        "of what the models define)",
        pn_tracer_p(w->t));
  } else if (st == PN_E_LIMIT) {
    pn_error(r->diag, w->t->target.loc, "the curve has more than %d points", MOST_POINTS);
  }
  snprintf(line, sizeof line, "curve of equilibria: %d fold%s", w->folds, w->folds == 1 ? "" : "s");
  r->say(r->user, line);
}

static pn_status trace(walk *w, const pn_analysis *a, double from, double to)
{
  const pn_run *r = w->r;
  static const pn_column extra[] = {{"unstable", "notype", ""}, {"fold", "notype", ""}};
  double *y = calloc((size_t)w->t->n + 1, sizeof *y);
  pn_status st = y ? pn_target_set(r, &w->t->target, from) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_op_solve(r, y, false, NULL);
  if (st == PN_OK)
    st = pn_tracer_start(w->t, y, from, to > from ? 1 : -1);
  if (st == PN_OK)
    st = r->begin(r->user, a, "DC transfer characteristic", w->t->target.column, extra, 2, false,
                  false, &w->rec);
  if (st == PN_OK) {
    st = follow(w);
    tell_end(w, st);
    pn_status last = r->end(r->user, w->rec, st == PN_OK);
    st = st ? st : last;
  }
  free(y);
  return st;
}

pn_status pn_arclength(const pn_run *r, const pn_analysis *a, const pn_target *target, double from,
                       double to, double step)
{
  walk w = {.r = r};
  pn_tracer_options o = {.from = from, .to = to, .max_dp = fabs(step), .stability = true};
  double before = pn_target_get(r, target);
  pn_status st = pn_tracer_new(r, target, &o, &w.t);
  if (st == PN_OK)
    st = trace(&w, a, from, to);
  pn_tracer_free(w.t);
  pn_target_restore(r, target, before);
  return st;
}
