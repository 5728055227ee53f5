/* .dc: nested sweeps of sources, device values, parameters and temperature. Every point
 * starts from its neighbour's solution, so that branches are followed. */
#include "analysis/analysis.h"
#include "analysis/list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SWEEPS = 4, MOST_POINTS = 100000000 };

typedef enum target { T_SOURCE, T_DEVICE, T_PARAM, T_TEMP } target;
typedef enum spacing { S_LIN, S_DEC, S_OCT, S_LIST } spacing;

typedef struct sweep {
  target what;
  int device, index; /* T_SOURCE, T_DEVICE */
  pn_str name;       /* T_PARAM */
  spacing kind;
  double from, to, by; /* by: step, or points per decade or octave */
  const double *list;  /* [n] S_LIST */
  long n;              /* points */
  pn_column column;
  pn_loc loc;
} sweep;

typedef struct dc_args {
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

/* A device's own value (R, C, L ...) is its first parameter. */
static bool find_device_target(reader *r, const pn_arg *a, pn_str name, sweep *s)
{
  int device = pn_circuit_device(r->c, name);
  if (device < 0)
    return false;
  const pn_device_class *cls = pn_circuit_device_info(r->c, device).cls;
  s->device = device;
  if (cls->letter == 'v' || cls->letter == 'i') {
    s->what = T_SOURCE;
    s->column = cls->letter == 'v' ? (pn_column){"v(v-sweep)", "voltage", "V"}
                                   : (pn_column){"i(i-sweep)", "current", "A"};
    return true;
  }
  s->what = T_DEVICE;
  s->index = 0;
  if (a->ast && a->ast->kind == PN_AST_AT)
    s->index = pn_param_find(cls->params, cls->n_params, a->ast->args[0]->name);
  if (s->index < 0 || cls->n_params == 0)
    return false;
  s->column = (pn_column){cls->letter == 'r' ? "res-sweep" : pn_str_lower(r->a, a->text).p,
                          "notype", cls->params[s->index].unit};
  return true;
}

static bool find_target(reader *r, const pn_arg *a, sweep *s)
{
  pn_str name = a->ast && a->ast->kind == PN_AST_AT ? a->ast->name : a->text;
  double v;
  bool sweeps = false;
  s->loc = a->loc;
  if (pn_str_is(name, "temp")) {
    s->what = T_TEMP;
    s->column = (pn_column){"temp-sweep", "temp-sweep", "C"};
    return true;
  }
  if (find_device_target(r, a, name, s))
    return true;
  if (r->params->param(r->params->user, name, a->loc, &v, &sweeps)) {
    s->what = T_PARAM;
    s->name = pn_str_lower(r->a, name);
    s->column = (pn_column){s->name.p, "notype", ""};
    return true;
  }
  pn_error(r->d, a->loc, ".dc: '%.*s' is no source, device, parameter or 'temp'%s", PN_FMT(name),
           pn_did_you_mean(r->a, pn_circuit_nearest_device(r->c, name)));
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
    pn_error(r->d, s->loc, ".dc: the list of values is empty");
  return s->n > 0;
}

static bool count_points(reader *r, sweep *s)
{
  double span = s->to - s->from, n;
  if (s->kind == S_LIN) {
    if (s->by == 0 && span != 0)
      return pn_error(r->d, s->loc, ".dc: the step is zero"), false;
    if (span * s->by < 0)
      s->by = -s->by;
    n = span == 0 ? 1 : floor(span / s->by * (1 + 1e-12) + 1e-9) + 1;
  } else {
    if (s->from <= 0 || s->to < s->from || s->by < 1)
      return pn_error(r->d, s->loc,
                      ".dc: a logarithmic sweep needs 0 < start <= stop and points >= 1"),
             false;
    n = floor(log(s->to / s->from) / log(s->kind == S_DEC ? 10 : 2) * s->by * (1 + 1e-12)) + 1;
  }
  if (!(n >= 1 && n <= MOST_POINTS))
    return pn_error(r->d, s->loc, ".dc: %g points are too many (at most %d)", n, MOST_POINTS),
           false;
  s->n = (long)n;
  return true;
}

static bool read_sweep(reader *r, sweep *s)
{
  const pn_arg *a = next(r);
  spacing kind = S_LIN;
  bool kind_first = spacing_word(a->text, &kind);
  if (kind_first && !(a = next(r)))
    return pn_error(r->d, r->args->loc, ".dc: what is to be swept?"), false;
  if (!find_target(r, a, s))
    return false;
  if (!kind_first && r->at < r->args->n && spacing_word(r->args->at[r->at].text, &kind))
    r->at++;
  s->kind = kind;
  if (kind == S_LIST)
    return read_list(r, s);
  return number(r, "the start", &s->from) && number(r, "the stop", &s->to) &&
         number(r, "the step", &s->by) && count_points(r, s);
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)o;
  reader r = {a, d, args, c, params, 0};
  dc_args *p = PN_NEW(a, dc_args);
  while (r.at < args->n) {
    if (p->n == MOST_SWEEPS)
      return pn_error(d, args->at[r.at].loc, ".dc: at most %d nested sweeps", MOST_SWEEPS), NULL;
    if (!read_sweep(&r, &p->s[p->n]))
      return NULL;
    p->n++;
  }
  if (!p->n)
    return pn_error(d, args->loc, ".dc needs a source and start, stop and step"), NULL;
  return p;
}

/* ---- running ---- */

static pn_status set(const pn_run *r, const sweep *s, double v)
{
  switch (s->what) {
  case T_SOURCE:
    pn_sim_set_source(r->sim, s->device, v);
    return PN_OK;
  case T_DEVICE:
    return pn_sim_set_param(r->sim, s->device, s->index, v);
  case T_TEMP:
    pn_sim_set_temp(r->sim, v + 273.15);
    return PN_OK;
  case T_PARAM:
    return r->set_param(r->set_param_user, s->name, v);
  }
  return PN_E_INTERNAL;
}

static void restore(const pn_run *r, const dc_args *p, const double *before)
{
  for (int k = 0; k < p->n; k++)
    if (p->s[k].what == T_SOURCE)
      pn_sim_set_source(r->sim, p->s[k].device, NAN);
    else
      set(r, &p->s[k], before[k]);
}

static void remember(const pn_run *r, const dc_args *p, double *before)
{
  for (int k = 0; k < p->n; k++) {
    const sweep *s = &p->s[k];
    bool sweeps = false;
    before[k] = NAN;
    if (s->what == T_DEVICE)
      before[k] = pn_sim_get_param(r->sim, s->device, s->index);
    else if (s->what == T_TEMP)
      before[k] = pn_sim_temp(r->sim) - 273.15;
    else if (s->what == T_PARAM)
      r->params->param(r->params->user, s->name, s->loc, &before[k], &sweeps);
  }
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
      st = set(r, &p->s[k], extra[k]);
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
  pn_column extra[MOST_SWEEPS];
  double before[MOST_SWEEPS];
  for (int k = 1; k < p->n; k++)
    extra[k - 1] = p->s[k].column;
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  double *y = calloc(2 * n, sizeof *y);
  if (!y)
    return PN_E_MEMORY;
  pn_recorder *rec = NULL;
  remember(r, p, before);
  pn_status st = r->begin(r->user, &pn_analysis_dc, "DC transfer characteristic", p->s[0].column,
                          extra, p->n - 1, false, false, &rec);
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
            "[SOURCE2 ...] | SOURCE list V1 V2 ...",
    .parse = parse,
    .run = run_dc,
};
