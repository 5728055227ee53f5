/* .continuation: curves of equilibria against a parameter, their folds, branch points and Hopf points,
 * the branches that leave them, and the cycles born at Hopf points. */
#include "analysis/cycles.h"
#include "analysis/diagram.h"
#include "analysis/keys.h"
#include "analysis/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BRANCHES = 64, MOST_KNOWN = 256 };
static const double FIRST_STEP = 2e-3; /* onto a new branch, scaled */
static const double SAME_POINT = 1e-4; /* scaled distance of special points that are one */

typedef struct continuation_args {
  pn_target target;
  double from, to, step;
  int points, branches;
  bool stay;   /* no branch switching */
  bool cycles; /* those born at Hopf points are followed */
  int cycle_points;
  pn_signal *show;
  const char *picture;
} continuation_args;

/* Codes of the column `point`. */
typedef enum point_code {
  P_REGULAR,
  P_FOLD,
  P_BRANCH,
  P_HOPF,
  P_INFINITY,
  P_END,
  P_CYCLE,
  P_CYCLE_FOLD,
  P_DOUBLING,
  P_TORUS
} point_code;

typedef struct origin { /* where a branch starts */
  double *y, *phi;      /* [n], [n]; phi NULL: from a solution, along p */
  double p;
  int direction;
} origin;

typedef struct known_point {
  double *y; /* [n] */
  double p;
  pn_special_kind kind;
} known_point;

typedef struct study {
  const pn_run *r;
  const continuation_args *a;
  pn_tracer *t;
  pn_recorder *rec;
  pn_diagram diagram;
  int n, branch, n_origins, n_known;
  origin origins[MOST_BRANCHES];
  known_point known[MOST_KNOWN];
  int folds, pitchforks, transcriticals, branch_points, hopfs, cycle_folds, doublings, tori;
  double *phi;
  bool outside;
  pn_cycle last_cycle;
  double complex *q; /* [n] */
} study;

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  continuation_args *p = PN_NEW(a, continuation_args);
  p->points = 2000;
  p->branches = 8;
  p->cycle_points = 60;
  const pn_key keys[] = {{"param", PN_KEY_TARGET, &p->target, true},
                         {"from", PN_KEY_NUMBER, &p->from, true},
                         {"to", PN_KEY_NUMBER, &p->to, true},
                         {"step", PN_KEY_NUMBER, &p->step, false},
                         {"points", PN_KEY_COUNT, &p->points, false},
                         {"branches", PN_KEY_COUNT, &p->branches, false},
                         {"noswitch", PN_KEY_FLAG, &p->stay, false},
                         {"cycles", PN_KEY_FLAG, &p->cycles, false},
                         {"cyclepoints", PN_KEY_COUNT, &p->cycle_points, false},
                         {"show", PN_KEY_SIGNAL, &p->show, false},
                         {"picture", PN_KEY_PICTURE, &p->picture, false}};
  pn_reading in = {".continuation", a, d, args, c, params, o};
  if (!pn_keys_read(&in, keys, sizeof keys / sizeof *keys, NULL, NULL))
    return NULL;
  if (p->from == p->to)
    return pn_error(d, args->loc, ".continuation: from and to are the same"), NULL;
  if (p->step < 0 || p->step > 1)
    return pn_error(d, args->loc, ".continuation: step is a share of the range, 0 < step <= 1"),
           NULL;
  if (p->picture && !p->show)
    return pn_error_hint(d, args->loc, "show=v(out), or show=@n1[x]",
                         ".continuation: a picture needs the signal to show"),
           NULL;
  if (p->branches > MOST_BRANCHES)
    return pn_error(d, args->loc, ".continuation: at most branches=%d", MOST_BRANCHES), NULL;
  bool possible = pn_target_check(a, d, in.who, c, &p->target, p->from) &&
                  pn_target_check(a, d, in.who, c, &p->target, p->to);
  return possible ? p : NULL;
}

/* ---- results ---- */

static pn_status record(study *s, double p, const double *y, int unstable, double complex leading,
                        point_code code)
{
  double extra[] = {s->branch, code, unstable, creal(leading), fabs(cimag(leading)), NAN, NAN, NAN};
  pn_point at = {.sim = s->r->sim, .x = p, .y = y};
  pn_recorder_extra(s->rec, extra);
  pn_status st = pn_target_set(s->r, &s->t->target, p);
  if (st == PN_OK)
    st = pn_recorder_point(s->rec, &at);
  if (st || !s->a->picture)
    return st;
  static const pn_mark marks[] = {
      [P_FOLD] = PN_MARK_FOLD, [P_BRANCH] = PN_MARK_BRANCH, [P_HOPF] = PN_MARK_HOPF};
  double value = pn_signal_real(s->a->show, &at);
  st = pn_diagram_add(&s->diagram, unstable == 0 ? PN_MARK_STABLE : PN_MARK_UNSTABLE, s->branch, p,
                      value);
  if (st == PN_OK && code >= P_FOLD && code <= P_HOPF)
    st = pn_diagram_add(&s->diagram, marks[code], s->branch, p, value);
  return st;
}

static pn_status record_here(study *s)
{
  const pn_tracer *t = s->t;
  return record(s, pn_tracer_p(t), pn_tracer_y(t), t->n_unstable, t->leading, P_REGULAR);
}

static void found(study *s, const char *what, int number, const char *tail, double value)
{
  char name[48];
  snprintf(name, sizeof name, "%s%d%s", what, number, tail);
  s->r->found(s->r->user, name, value);
}

/* ---- special points ---- */

static bool is_known(const study *s, const pn_special *at)
{
  for (int k = 0; k < s->n_known; k++)
    if (pn_cont_distance(s->t->cont, s->known[k].y, s->known[k].p, at->y, at->p) < SAME_POINT)
      return true;
  return false;
}

static pn_status remember(study *s, const pn_special *at)
{
  if (s->n_known == MOST_KNOWN)
    return PN_E_LIMIT;
  double *y = malloc(((size_t)s->n + 1) * sizeof *y);
  if (!y)
    return PN_E_MEMORY;
  memcpy(y, at->y, (size_t)s->n * sizeof *y);
  s->known[s->n_known++] = (known_point){y, at->p, at->kind};
  return PN_OK;
}

static pn_status queue(study *s, const double *y, double p, const double *phi, double sign)
{
  if (s->n_origins >= s->a->branches)
    return PN_OK;
  double *copy = malloc((2 * (size_t)s->n + 1) * sizeof *copy);
  if (!copy)
    return PN_E_MEMORY;
  memcpy(copy, y, (size_t)s->n * sizeof *y);
  for (int k = 0; k < s->n && phi; k++)
    copy[s->n + k] = sign * phi[k];
  s->origins[s->n_origins++] = (origin){copy, phi ? copy + s->n : NULL, p, (int)sign};
  return PN_OK;
}

/* A branch point is looked at by a tracer of its own, so that the present curve goes on. */
static pn_status study_branch(study *s, const pn_special *at, int unstable_side)
{
  pn_tracer *side = NULL;
  pn_branch_kind kind = PN_BRANCH_UNDECIDED;
  pn_status st = pn_tracer_new(s->r, &s->t->target, &s->t->o, &side);
  if (st == PN_OK)
    st = pn_branch_direction(s->t, at, s->phi);
  if (st == PN_OK)
    st = pn_branch_classify(side, at->y, at->p, s->phi, FIRST_STEP, unstable_side, &kind);
  pn_tracer_free(side);
  char line[160];
  const char *word = "branch point of unknown kind";
  if (kind == PN_BRANCH_TRANSCRITICAL) {
    found(s, "transcritical", ++s->transcriticals, "", at->p);
    word = "transcritical branch point";
  } else if (kind != PN_BRANCH_UNDECIDED) {
    found(s, "pitchfork", ++s->pitchforks, "", at->p);
    word = kind == PN_BRANCH_PITCHFORK_SUPER ? "supercritical pitchfork" : "subcritical pitchfork";
  } else {
    found(s, "branchpoint", ++s->branch_points, "", at->p);
  }
  snprintf(line, sizeof line, "continuation: %s at %.10g on branch %d", word, at->p, s->branch);
  s->r->say(s->r->user, line);
  if (st == PN_OK && !s->a->stay && kind != PN_BRANCH_UNDECIDED) {
    st = queue(s, at->y, at->p, s->phi, 1);
    if (st == PN_OK)
      st = queue(s, at->y, at->p, s->phi, -1);
  }
  return st == PN_E_SINGULAR || st == PN_E_CONVERGENCE ? PN_OK : st;
}

static pn_status see_cycle(void *user, const pn_cycle *c)
{
  static const point_code codes[] = {P_CYCLE, P_CYCLE_FOLD, P_DOUBLING, P_TORUS};
  study *s = user;
  if (c->event == PN_CYCLE_FOLD)
    found(s, "cyclefold", ++s->cycle_folds, "", c->p);
  if (c->event == PN_CYCLE_DOUBLING)
    found(s, "doubling", ++s->doublings, "", c->p);
  if (c->event == PN_CYCLE_TORUS)
    found(s, "torus", ++s->tori, "", c->p);
  double extra[] = {s->branch, codes[c->event], c->n_unstable, NAN,
                    NAN,       c->period,       c->low,        c->high};
  pn_point at = {.sim = s->r->sim, .x = c->p, .y = c->y};
  pn_recorder_extra(s->rec, extra);
  s->last_cycle = *c;
  pn_status st = pn_recorder_point(s->rec, &at);
  if (st || !s->a->picture)
    return st;
  static const pn_mark marks[] = {[PN_CYCLE_FOLD] = PN_MARK_CYCLE_FOLD,
                                  [PN_CYCLE_DOUBLING] = PN_MARK_DOUBLING,
                                  [PN_CYCLE_TORUS] = PN_MARK_TORUS};
  if (c->event != PN_CYCLE_POINT)
    st = pn_diagram_add(&s->diagram, marks[c->event], s->branch, c->p, c->high);
  if (st == PN_OK && c->event != PN_CYCLE_POINT)
    st = pn_diagram_add(&s->diagram, marks[c->event], s->branch, c->p, c->low);
  bool stable = c->n_unstable == 0;
  if (st == PN_OK)
    st = pn_diagram_add(&s->diagram, stable ? PN_MARK_CYCLE : PN_MARK_CYCLE_UNSTABLE, s->branch,
                        c->p, c->high);
  if (st == PN_OK)
    st = pn_diagram_add(&s->diagram, stable ? PN_MARK_CYCLE_LOW : PN_MARK_CYCLE_LOW_UNSTABLE,
                        s->branch, c->p, c->low);
  return st;
}

static pn_status follow_cycles(study *s, const pn_special *at, const double complex *q)
{
  const char *why;
  char line[200];
  pn_cycles_request rq = {.run = s->r,
                          .target = s->t->target,
                          .from = s->a->from,
                          .to = s->a->to,
                          .step = s->a->step,
                          .points = s->a->cycle_points,
                          .hopf = at,
                          .q = q,
                          .show = s->a->show,
                          .see = see_cycle,
                          .user = s};
  s->last_cycle.period = 0;
  pn_point here = {.sim = s->r->sim, .x = at->p, .y = at->y};
  double born = s->a->show ? pn_signal_real(s->a->show, &here) : NAN;
  pn_status st = PN_OK;
  pn_diagram_new_cycles(&s->diagram);
  if (s->a->picture) /* the cycle starts as a point */
    st = pn_diagram_add(&s->diagram, PN_MARK_CYCLE, s->branch, at->p, born);
  if (st == PN_OK && s->a->picture)
    st = pn_diagram_add(&s->diagram, PN_MARK_CYCLE_LOW, s->branch, at->p, born);
  why = "out of memory";
  if (st == PN_OK)
    st = pn_cycles_follow(&rq, &why);
  if (s->last_cycle.period > 0) {
    found(s, "cycle", s->hopfs, "_end", s->last_cycle.p);
    found(s, "cycle", s->hopfs, "_period", s->last_cycle.period);
  }
  snprintf(line, sizeof line, "continuation: cycles from %.10g end at %.10g: %s", at->p,
           s->last_cycle.period > 0 ? s->last_cycle.p : at->p, why);
  s->r->say(s->r->user, line);
  return st;
}

static pn_status study_hopf(study *s, const pn_special *at)
{
  pn_hopf h = {.q = s->q};
  char line[200];
  found(s, "hopf", ++s->hopfs, "", at->p);
  found(s, "hopf", s->hopfs, "_frequency", fabs(cimag(at->s)) / (2 * M_PI));
  pn_status st = pn_hopf_normal_form(s->t, at, s->t->floor, &h);
  if (st == PN_OK)
    found(s, "hopf", s->hopfs, "_lyapunov", h.lyapunov);
  bool decided = st == PN_OK &&
                 fabs(h.lyapunov) > 1e-13; /* at amplitudes of 10 mV, 1 % of a state */
  snprintf(line, sizeof line, "continuation: %s Hopf point at %.10g on branch %d, %.6g Hz",
           !decided         ? "degenerate"
           : h.lyapunov < 0 ? "supercritical"
                            : "subcritical",
           at->p, s->branch, fabs(cimag(at->s)) / (2 * M_PI));
  s->r->say(s->r->user, line);
  if (decided && s->a->cycles)
    st = follow_cycles(s, at, h.q);
  return st == PN_E_MEMORY || st == PN_E_INTERRUPTED ? st : PN_OK;
}

/* One special point; *ends when the curve runs into a branch that is known already. */
static pn_status visit(study *s, const pn_special *at, bool *ends)
{
  static const point_code codes[] = {[PN_SPECIAL_FOLD] = P_FOLD,
                                     [PN_SPECIAL_BRANCH] = P_BRANCH,
                                     [PN_SPECIAL_HOPF] = P_HOPF,
                                     [PN_SPECIAL_INFINITY] = P_INFINITY,
                                     [PN_SPECIAL_END] = P_END};
  const pn_tracer *t = s->t;
  int unstable = at->kind == PN_SPECIAL_END ? t->n_unstable : t->n_unstable_before;
  double complex s_at = at->kind == PN_SPECIAL_END ? t->leading : at->s;
  if (at->kind != PN_SPECIAL_END && is_known(s, at)) {
    *ends = true;
    return PN_OK;
  }
  pn_status st = record(s, at->p, at->y, unstable, s_at, codes[at->kind]);
  if (st || at->kind == PN_SPECIAL_END)
    return st;
  st = remember(s, at);
  if (st)
    return st;
  int travel = pn_cont_slope(t->cont) > 0 ? 1 : -1;
  switch (at->kind) {
  case PN_SPECIAL_FOLD:
    found(s, "fold", ++s->folds, "", at->p);
    return PN_OK;
  case PN_SPECIAL_BRANCH:
    return study_branch(s, at, at->to_unstable ? travel : -travel);
  case PN_SPECIAL_HOPF:
    return study_hopf(s, at);
  default:
    return PN_OK;
  }
}

/* ---- curves ---- */

static void tell_outside(study *s)
{
  char label[160];
  const pn_tracer *t = s->t;
  if (s->outside)
    return;
  s->outside = true;
  pn_circuit_label(s->r->circuit, t->outside, label, sizeof label);
  pn_warn(s->r->diag, pn_circuit_unknown(s->r->circuit, t->outside).loc,
          "branch %d ends at %g: beyond, %s leaves its model's range of validity, %g to %g",
          s->branch, pn_tracer_p(t), label, t->valid_low, t->valid_high);
}

static pn_status follow(study *s)
{
  pn_tracer *t = s->t;
  bool ends = false;
  pn_status st = record_here(s);
  for (int k = 0; k < s->a->points && st == PN_OK && !ends; k++) {
    st = pn_tracer_next(t);
    for (int j = 0; j < t->n_special && st == PN_OK && !ends; j++) {
      pn_special at = t->special[j];
      st = visit(s, &at, &ends);
    }
    if (st || t->done || ends)
      break;
    if (t->outside >= 0) {
      tell_outside(s);
      break;
    }
    st = record_here(s);
    double part = fabs(pn_tracer_p(t) - t->o.from) / fabs(t->o.to - t->o.from);
    s->r->progress(s->r->user, (s->branch - 1 + fmin(1, part)) / s->n_origins, pn_tracer_p(t));
  }
  if (st == PN_E_STEP) {
    pn_warn(s->r->diag, t->target.loc,
            "branch %d cannot be followed beyond %g: the step became too small", s->branch,
            pn_tracer_p(t));
    st = PN_OK;
  }
  return st;
}

static pn_status follow_all(study *s)
{
  pn_status st = PN_OK;
  for (int k = 0; k < s->n_origins && st == PN_OK; k++) {
    const origin *o = &s->origins[k];
    s->branch = k + 1;
    st = o->phi ? pn_tracer_start_along(s->t, o->y, o->p, o->phi, FIRST_STEP)
                : pn_tracer_start(s->t, o->y, o->p, o->direction);
    if (st == PN_OK)
      st = follow(s);
    else if (o->phi && (st == PN_E_CONVERGENCE || st == PN_E_SINGULAR))
      st = PN_OK;
  }
  return st;
}

static pn_status start(study *s)
{
  const continuation_args *a = s->a;
  double *y = calloc((size_t)s->n + 1, sizeof *y);
  pn_status st = y ? pn_target_set(s->r, &a->target, a->from) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_op_solve(s->r, y, false, NULL);
  if (st == PN_OK)
    st = queue(s, y, a->from, NULL, a->to > a->from ? 1 : -1);
  free(y);
  return st;
}

static pn_status run_study(study *s)
{
  static const pn_column extra[] = {{"branch", "notype", ""},   {"point", "notype", ""},
                                    {"unstable", "notype", ""}, {"re", "notype", "1/s"},
                                    {"im", "notype", "1/s"},    {"period", "time", "s"},
                                    {"low", "notype", ""},      {"high", "notype", ""}};
  const pn_run *r = s->r;
  s->phi = calloc((size_t)s->n + 1, sizeof *s->phi);
  s->q = calloc((size_t)s->n + 1, sizeof *s->q);
  pn_status st = s->phi && s->q ? start(s) : PN_E_MEMORY;
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_continuation, "Continuation", s->t->target.column, extra, 8,
                  false, false, &s->rec);
  if (st)
    return st;
  st = follow_all(s);
  if (st == PN_E_CONVERGENCE)
    pn_error(r->diag, s->t->target.loc, "continuation: the first point does not converge");
  pn_status last = r->end(r->user, s->rec, st == PN_OK);
  if (st == PN_OK && s->a->picture)
    pn_diagram_draw(&s->diagram, r, s->a->picture, "Equilibria and their bifurcations",
                    s->t->target.kind == PN_TARGET_DEVICE ? "resistance" : s->t->target.column.name,
                    s->t->target.column.unit, pn_signal_name(s->a->show),
                    pn_signal_unit(s->a->show));
  return st ? st : last;
}

static pn_status run_continuation(const pn_run *r, void *args)
{
  const continuation_args *a = args;
  study *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  *s = (study){.r = r, .a = a, .n = pn_sim_n(r->sim), .diagram = {.last = {-1, -1, -1}}};
  pn_tracer_options o = {.from = a->from, .to = a->to, .step = a->step, .stability = true};
  double before = pn_target_get(r, &a->target);
  pn_status st = pn_tracer_new(r, &a->target, &o, &s->t);
  if (st == PN_OK)
    st = run_study(s);
  pn_target_restore(r, &a->target, before);
  for (int k = 0; k < s->n_origins; k++)
    free(s->origins[k].y);
  for (int k = 0; k < s->n_known; k++)
    free(s->known[k].y);
  pn_tracer_free(s->t);
  pn_diagram_free(&s->diagram);
  free(s->phi);
  free(s->q);
  free(s);
  return st;
}

const pn_analysis pn_analysis_continuation = {
    .name = "continuation",
    .help = ".continuation param=TARGET from=A to=B [step=S] [points=N] [branches=N] [noswitch] "
            "[cycles] [cyclepoints=N] [show=SIGNAL] [picture=FILE.png]",
    .parse = parse,
    .run = run_continuation,
};
