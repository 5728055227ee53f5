/* .dc: nested sweeps of sources, device values, parameters and temperature. Every point
 * starts from its neighbour's solution, so that branches are followed. */
#include "analysis/analysis.h"
#include "analysis/arclength.h"
#include "analysis/list.h"
#include "analysis/target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SWEEPS = 4, MOST_POINTS = 100000000 };

typedef enum spacing { S_LIN, S_DEC, S_OCT, S_LIST } spacing;

typedef struct sweep {
  pn_target target;
  spacing kind;
  double from, to, by; /* by: step, or points per decade or octave */
  const double *list;  /* [n] S_LIST */
  long n;              /* points */
} sweep;

typedef struct dc_args {
  bool arclength;
  int n;
  sweep s[MOST_SWEEPS]; /* innermost first, as written */
} dc_args;

static double value_at(const sweep *s, long k)
{
  switch (s->kind) {
  case S_LIN:
    return s->from + (double)k * s->by;
  case S_DEC:
    return s->from * pow(10, (double)k / s->by);
  case S_OCT:
    return s->from * pow(2, (double)k / s->by);
  case S_LIST:
    return s->list[k];
  }
  return NAN;
}

/* ---- reading ---- */

typedef struct reader {
  pn_arena *a;
  pn_diag *d;
  const pn_args *args;
  const pn_circuit *c;
  const pn_resolver *params;
  int at;
} reader;

static const pn_arg *next(reader *r)
{
  return r->at < r->args->n ? &r->args->at[r->at++] : NULL;
}

static bool number(reader *r, const char *what, double *v)
{
  const pn_arg *a = next(r);
  if (a && a->is_num) {
    *v = a->num;
    return true;
  }
  pn_error(r->d, a ? a->loc : r->args->loc, ".dc: %s should be a number here", what);
  return false;
}

static bool spacing_word(pn_str w, spacing *s)
{
  static const char *const words[] = {"lin", "dec", "oct", "list"};
  for (int k = 0; k < 4; k++)
    if (pn_str_is(w, words[k])) {
      *s = (spacing)k;
      return true;
    }
  return false;
}

static bool read_list(reader *r, sweep *s)
{
  PN_VEC(double) list = {0};
  while (r->at < r->args->n && r->args->at[r->at].is_num && !r->args->at[r->at].key.n)
    *PN_PUSH(r->a, &list) = r->args->at[r->at++].num;
  s->list = list.at;
  s->n = (long)list.n;
  if (!s->n)
    pn_error(r->d, s->target.loc, ".dc: the list of values is empty");
  return s->n > 0;
}

static bool count_points(reader *r, sweep *s)
{
  double span = s->to - s->from, n;
  if (s->kind == S_LIN) {
    if (s->by == 0 && span != 0)
      return pn_error(r->d, s->target.loc, ".dc: the step is zero"), false;
    if (span * s->by < 0)
      s->by = -s->by;
    n = span == 0 ? 1 : floor(span / s->by * (1 + 1e-12) + 1e-9) + 1;
  } else {
    if (s->from <= 0 || s->to < s->from || s->by < 1)
      return pn_error(r->d, s->target.loc,
                      ".dc: a logarithmic sweep needs 0 < start <= stop and points >= 1"),
             false;
    n = floor(log(s->to / s->from) / log(s->kind == S_DEC ? 10 : 2) * s->by * (1 + 1e-12)) + 1;
  }
  if (!(n >= 1 && n <= MOST_POINTS))
    return pn_error(r->d, s->target.loc, ".dc: %g points are too many (at most %d)", n,
                    MOST_POINTS),
           false;
  s->n = (long)n;
  return true;
}

/* Every value is one that the target can take. */
static bool check_points(reader *r, const sweep *s)
{
  bool limited = s->target.kind == PN_TARGET_DEVICE || s->target.kind == PN_TARGET_TEMP;
  for (long k = 0; limited && k < s->n; k++)
    if (!pn_target_check(r->a, r->d, ".dc", r->c, &s->target, value_at(s, k)))
      return false;
  return true;
}

static bool read_sweep(reader *r, sweep *s)
{
  const pn_arg *a = next(r);
  spacing kind = S_LIN;
  bool kind_first = spacing_word(a->text, &kind);
  if (kind_first && !(a = next(r)))
    return pn_error(r->d, r->args->loc, ".dc: what is to be swept?"), false;
  if (!pn_target_find(r->a, r->d, ".dc", r->c, r->params, a, &s->target))
    return false;
  if (!kind_first && r->at < r->args->n && spacing_word(r->args->at[r->at].text, &kind))
    r->at++;
  s->kind = kind;
  bool good = kind == S_LIST ? read_list(r, s)
                             : number(r, "the start", &s->from) && number(r, "the stop", &s->to) &&
                                   number(r, "the step", &s->by) && count_points(r, s);
  return good && check_points(r, s);
}

/* Sweeps nested in one another are of different things and have no more points together than one may have. */
static bool fit_together(reader *r, const dc_args *p)
{
  double total = 1;
  for (int k = 0; k < p->n; k++) {
    total *= (double)p->s[k].n;
    for (int j = 0; j < k; j++)
      if (pn_target_same(&p->s[j].target, &p->s[k].target))
        return pn_error(r->d, p->s[k].target.loc, ".dc: this is swept already"), false;
  }
  if (total > MOST_POINTS)
    return pn_error(r->d, r->args->loc, ".dc: %g points are too many (at most %d)", total,
                    MOST_POINTS),
           false;
  return true;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)o;
  reader r = {a, d, args, c, params, 0};
  dc_args *p = PN_NEW(a, dc_args);
  while (r.at < args->n) {
    if (r.at == args->n - 1 && pn_str_is(args->at[r.at].text, "arclength")) {
      p->arclength = true;
      break;
    }
    if (p->n == MOST_SWEEPS)
      return pn_error(d, args->at[r.at].loc, ".dc: at most %d nested sweeps", MOST_SWEEPS), NULL;
    if (!read_sweep(&r, &p->s[p->n]))
      return NULL;
    p->n++;
  }
  if (!fit_together(&r, p))
    return NULL;
  if (!p->n)
    return pn_error(d, args->loc, ".dc needs a source and start, stop and step"), NULL;
  if (p->arclength && (p->n > 1 || p->s[0].kind != S_LIN || p->s[0].n < 2))
    return pn_error(d, args->at[args->n - 1].loc,
                    ".dc: arclength follows one linear sweep with start and stop apart"),
           NULL;
  return p;
}

/* ---- running ---- */

static void restore(const pn_run *r, const dc_args *p, const double *before)
{
  for (int k = 0; k < p->n; k++)
    pn_target_restore(r, &p->s[k].target, before[k]);
}

static void remember(const pn_run *r, const dc_args *p, double *before)
{
  for (int k = 0; k < p->n; k++)
    before[k] = pn_target_get(r, &p->s[k].target);
}

/* All points in the order of nested loops. y [n] carries the solution from point to point;
 * start [n] is the first of the present inner sweep, where the next one begins. */
static pn_status sweep_all(const pn_run *r, const dc_args *p, pn_recorder *rec, double *y,
                           double *start)
{
  long index[MOST_SWEEPS] = {0}, total = 1, done = 0;
  double extra[MOST_SWEEPS];
  bool warm = false;
  size_t bytes = (size_t)pn_sim_n(r->sim) * sizeof *y;
  for (int k = 0; k < p->n; k++)
    total *= p->s[k].n;
  for (int level = p->n - 1; level < p->n; done++) { /* level: the outermost that moved */
    pn_status st = PN_OK;
    for (int k = 0; k <= level && !st; k++) {
      extra[k] = value_at(&p->s[k], index[k]);
      st = pn_target_set(r, &p->s[k].target, extra[k]);
    }
    const char *how;
    if (st || (st = pn_op_solve(r, y, warm, &how)))
      return st;
    if (index[0] == 0)
      memcpy(start, y, bytes);
    warm = true;
    pn_recorder_extra(rec, extra + 1);
    pn_point at = {.sim = r->sim, .x = extra[0], .y = y};
    if ((st = pn_recorder_point(rec, &at)))
      return st;
    r->progress(r->user, (double)(done + 1) / (double)total, extra[0]);
    if (r->interrupted(r->user))
      return PN_E_INTERRUPTED;
    for (level = 0; level < p->n && ++index[level] == p->s[level].n; level++)
      index[level] = 0;
    if (level > 0)
      memcpy(y, start, bytes);
  }
  return PN_OK;
}

static pn_status run_dc(const pn_run *r, void *args)
{
  const dc_args *p = args;
  const sweep *first = &p->s[0];
  if (p->arclength)
    return pn_arclength(r, &pn_analysis_dc, &first->target, first->from, first->to, first->by);
  pn_column extra[MOST_SWEEPS];
  double before[MOST_SWEEPS];
  for (int k = 1; k < p->n; k++)
    extra[k - 1] = p->s[k].target.column;
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  double *y = calloc(2 * n, sizeof *y);
  if (!y)
    return PN_E_MEMORY;
  pn_recorder *rec = NULL;
  remember(r, p, before);
  pn_status st = r->begin(r->user, &pn_analysis_dc, "DC transfer characteristic",
                          p->s[0].target.column, extra, p->n - 1, false, false, &rec);
  if (st == PN_OK) {
    st = sweep_all(r, p, rec, y, y + n);
    pn_status last = r->end(r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  restore(r, p, before);
  free(y);
  return st;
}

const pn_analysis pn_analysis_dc = {
    .name = "dc",
    .help = ".dc [lin|dec|oct] SOURCE|PARAM|DEVICE|@DEVICE[PARAM]|temp START STOP STEP "
            "[SOURCE2 ...] | SOURCE list V1 V2 ... | SOURCE START STOP STEP arclength",
    .parse = parse,
    .run = run_dc,
    .delays = true,
};
