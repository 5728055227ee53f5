/* .step, .data and .mc: what runs of the whole netlist differ in, as tables of values. The
 * targets are kept by name, since each run elaborates a netlist of its own. */
#include "parser/elab.h"

#include <string.h>

enum { MOST_POINTS = 10000000 };

typedef struct reader {
  pn_elab *e;
  const pn_args *args;
  int at;
} reader;

/* ---- targets ---- */

static const char *lower(pn_elab *e, pn_str s)
{
  return pn_arena_strndup(e->arena, pn_str_lower(e->arena, s).p, s.n);
}

static bool device_target(pn_elab *e, const pn_arg *arg, pn_sweep_target *t)
{
  bool at = arg->ast && arg->ast->kind == PN_AST_AT;
  pn_str name = at ? arg->ast->name : arg->text;
  int device = pn_circuit_device(e->circuit, name);
  if (device < 0)
    return false;
  const pn_device_class *cls = pn_circuit_device_info(e->circuit, device).cls;
  bool source = !at && (cls->letter == 'v' || cls->letter == 'i');
  int index = at ? pn_param_find(cls->params, cls->n_params, arg->ast->args[0]->name) : 0;
  if (!source && (index < 0 || !cls->n_params))
    return false;
  t->kind = source ? PN_SWEEP_SOURCE : PN_SWEEP_DEVICE;
  t->name = lower(e, name);
  t->param = source ? NULL : cls->params[index].name;
  t->unit = !source ? cls->params[index].unit : cls->letter == 'v' ? "V" : "A";
  return true;
}

/* NAME(PARAM): a parameter of a .model card. */
static bool model_target(pn_elab *e, const pn_arg *arg, pn_sweep_target *t)
{
  if (!arg->list || arg->list->n != 1)
    return false;
  pn_model *m = pn_model_find(e->top, arg->text);
  pn_str param = arg->list->at[0].text;
  int index = m && m->cls ? pn_param_find(m->cls->params, m->cls->n_params, param) : -1;
  if (index < 0)
    return false;
  t->kind = PN_SWEEP_MODEL;
  t->name = lower(e, arg->text);
  t->param = m->cls->params[index].name;
  t->unit = m->cls->params[index].unit;
  t->column = pn_arena_printf(e->arena, "%s(%s)", t->name, t->param);
  return true;
}

static bool find_target(pn_elab *e, const pn_arg *arg, pn_sweep_target *t)
{
  *t = (pn_sweep_target){.kind = PN_SWEEP_PARAM, .unit = ""};
  t->column = t->name = lower(e, arg->text);
  if (pn_str_is(arg->text, "temp")) {
    t->kind = PN_SWEEP_TEMP;
    t->unit = "C";
    return true;
  }
  if (model_target(e, arg, t) || device_target(e, arg, t) ||
      pn_names_find(e->top->block->param_names, arg->text) >= 0)
    return true;
  pn_error(e->diag, arg->loc,
           "'%.*s' is no parameter, device, source, model(parameter) or 'temp'%s",
           PN_FMT(arg->text),
           pn_did_you_mean(e->arena, pn_names_nearest(e->top->block->param_names, arg->text)));
  return false;
}

/* ---- values ---- */

enum { LIN, DEC, OCT, LIST };

static bool spacing(reader *r, int *kind)
{
  static const char *const words[] = {"lin", "dec", "oct", "list"};
  for (int k = 0; k < 4 && r->at < r->args->n; k++)
    if (pn_str_is(r->args->at[r->at].text, words[k])) {
      *kind = k;
      r->at++;
      return true;
    }
  return false;
}

static bool read_list(reader *r, pn_sweep *s, pn_loc loc)
{
  PN_VEC(double) v = {0};
  for (; r->at < r->args->n && r->args->at[r->at].is_num; r->at++)
    *PN_PUSH(r->e->arena, &v) = r->args->at[r->at].num;
  s->values = v.at;
  s->n_points = (long)v.n;
  if (!v.n)
    pn_error(r->e->diag, loc, ".step: the list of values is empty");
  return v.n > 0;
}

static bool read_range(reader *r, pn_sweep *s, int kind, pn_loc loc)
{
  double v[3], n;
  for (int k = 0; k < 3; k++, r->at++) {
    if (r->at >= r->args->n || !r->args->at[r->at].is_num)
      return pn_error_hint(r->e->diag, r->at < r->args->n ? r->args->at[r->at].loc : loc,
                           ".step [lin|dec|oct] NAME START STOP STEP, or NAME list V1 V2 ...",
                           "expected start, stop and step"),
             false;
    v[k] = r->args->at[r->at].num;
  }
  double span = v[1] - v[0], base = kind == DEC ? 10 : 2;
  if (kind == LIN)
    n = span == 0 ? 1 : floor(span / v[2] * (1 + 1e-12) + 1e-9) + 1;
  else
    n = v[0] > 0 ? floor(log(v[1] / v[0]) / log(base) * v[2] * (1 + 1e-12) + 1e-9) + 1 : NAN;
  if (!(n >= 1 && n <= MOST_POINTS))
    return pn_error(r->e->diag, loc, ".step: these numbers make no sweep (1 to %d points)",
                    MOST_POINTS),
           false;
  s->n_points = (long)n;
  s->values = PN_NEW_ARRAY(r->e->arena, double, s->n_points);
  for (long k = 0; k < s->n_points; k++)
    s->values[k] = kind == LIN ? v[0] + (double)k * v[2] : v[0] * pow(base, (double)k / v[2]);
  return true;
}

/* ---- .data ---- */

/* The card `.data NAME ...`. */
static const pn_card *find_data(pn_elab *e, pn_str name)
{
  for (size_t k = 0; k < e->late.n; k++)
    if (pn_tok_word(e->late.at[k], 0, ".data") && pn_tok_is(e->late.at[k], 1, PN_T_WORD) &&
        pn_str_ieq(e->late.at[k]->tokens[1].text, name))
      return e->late.at[k];
  return NULL;
}

/* Names up to the first number, then rows of numbers. */
static bool read_data(pn_elab *e, const pn_card *c, pn_sweep *s)
{
  PN_VEC(pn_sweep_target) targets = {0};
  PN_VEC(double) values = {0};
  double v;
  const pn_args *args = pn_read_args(e->top, c, 2, false);
  for (int j = 0; j < args->n; j++) {
    const pn_arg *arg = &args->at[j];
    bool number = arg->is_num && (pn_word_number(arg->text, &v) || strchr("+-.", *arg->text.p));
    if (number)
      *PN_PUSH(e->arena, &values) = arg->num;
    else if (values.n)
      return pn_error(e->diag, arg->loc, ".data: expected a number"), false;
    else if (!find_target(e, arg, PN_PUSH(e->arena, &targets)))
      return false;
  }
  if (!targets.n || !values.n || values.n % targets.n)
    return pn_error(e->diag, pn_at(e->top, c, 0),
                    ".data: %zu numbers do not fill rows of %zu columns", values.n, targets.n),
           false;
  *s = (pn_sweep){targets.at, (int)targets.n, values.at, (long)(values.n / targets.n)};
  return true;
}

void pn_late_data(pn_elab *e, const pn_card *c)
{
  pn_sweep s;
  if (!pn_tok_is(c, 1, PN_T_WORD))
    pn_error_hint(e->diag, pn_at(e->top, c, 1), ".data NAME PARAM1 PARAM2 ... VALUES ...",
                  ".data needs a name");
  else
    read_data(e, c, &s);
}

/* ---- .step and .mc ---- */

/* "model NAME list NAME1 NAME2 ...": which card stands for a model. */
static bool read_model_names(reader *r, pn_sweep *s)
{
  pn_elab *e = r->e;
  const pn_arg *a = r->args->at;
  int n = r->args->n - 3;
  if (n < 1 || !pn_str_is(a[0].text, "model") || !pn_str_is(a[2].text, "list") || a[3].is_num ||
      !pn_model_find(e->top, a[1].text))
    return false;
  const char **names = PN_NEW_ARRAY(e->arena, const char *, n);
  s->values = PN_NEW_ARRAY(e->arena, double, n);
  for (int k = 0; k < n; k++) {
    names[k] = lower(e, a[3 + k].text);
    s->values[k] = k + 1;
    if (a[3 + k].text.n && !pn_model_find(e->top, a[3 + k].text))
      pn_error(e->diag, a[3 + k].loc, ".step: there is no model '%.*s'", PN_FMT(a[3 + k].text));
  }
  s->targets = PN_NEW(e->arena, pn_sweep_target);
  *s->targets = (pn_sweep_target){
      .kind = PN_SWEEP_NAME, .name = lower(e, a[1].text), .unit = "", .names = names};
  s->targets->column = pn_arena_printf(e->arena, "model(%s)", s->targets->name);
  s->n_targets = 1;
  s->n_points = n;
  r->at = r->args->n;
  return true;
}

static bool read_step(reader *r, pn_sweep *s)
{
  pn_elab *e = r->e;
  if (r->args->n && pn_str_is(r->args->at[0].key, "data")) {
    const pn_card *c = find_data(e, r->args->at[0].text);
    r->at = 1;
    if (!c)
      return pn_error(e->diag, r->args->at[0].loc, "there is no .data '%.*s'",
                      PN_FMT(r->args->at[0].text)),
             false;
    return read_data(e, c, s);
  }
  int kind = LIN;
  if (read_model_names(r, s))
    return true;
  spacing(r, &kind);
  for (; r->at < r->args->n; r->at++) { /* LTspice: "param X", "NPN 2N2222(VAF)" */
    const pn_arg *arg = &r->args->at[r->at], *next = arg + 1;
    bool typed = r->at + 1 < r->args->n && next->list && !arg->list;
    if (!pn_str_is(arg->text, "param") && !pn_str_is(arg->text, "model") && !typed)
      break;
  }
  if (r->at >= r->args->n)
    return pn_error(e->diag, r->args->loc, ".step: what is to be stepped?"), false;
  const pn_arg *what = &r->args->at[r->at++];
  s->targets = PN_NEW(e->arena, pn_sweep_target);
  s->n_targets = 1;
  if (!find_target(e, what, s->targets))
    return false;
  spacing(r, &kind);
  return kind == LIST ? read_list(r, s, what->loc) : read_range(r, s, kind, what->loc);
}

/* A column that another sweep has already, or NULL. */
static const char *swept_before(const pn_elab *e, const pn_sweep *s)
{
  for (size_t k = 0; k < e->n->sweeps.n; k++)
    for (int i = 0; i < e->n->sweeps.at[k].n_targets; i++)
      for (int j = 0; j < s->n_targets; j++)
        if (!strcmp(e->n->sweeps.at[k].targets[i].column, s->targets[j].column))
          return s->targets[j].column;
  return NULL;
}

/* The product of all sweeps stays bounded. */
static void add(pn_elab *e, const pn_sweep *s, pn_loc loc)
{
  const char *before = swept_before(e, s);
  if (before) {
    pn_error(e->diag, loc, "'%s' is swept twice", before);
    return;
  }
  double total = (double)s->n_points;
  for (size_t k = 0; k < e->n->sweeps.n; k++)
    total *= (double)e->n->sweeps.at[k].n_points;
  if (total > MOST_POINTS)
    pn_error(e->diag, loc, "%.0f runs are too many (at most %d)", total, MOST_POINTS);
  else
    *PN_PUSH(e->arena, &e->n->sweeps) = *s;
}

void pn_late_step(pn_elab *e, const pn_card *c)
{
  reader r = {e, pn_read_args(e->top, c, 1, false), 0};
  pn_sweep s = {0};
  if (!read_step(&r, &s))
    return;
  if (r.at < r.args->n)
    pn_error(e->diag, r.args->at[r.at].loc, ".step: unexpected '%.*s'",
             PN_FMT(r.args->at[r.at].text));
  else
    add(e, &s, pn_at(e->top, c, 0));
}

void pn_sweep_temps(pn_elab *e)
{
  if (e->temps.n < 2)
    return;
  pn_sweep s = {.n_targets = 1, .n_points = (long)e->temps.n, .values = e->temps.at};
  s.targets = PN_NEW(e->arena, pn_sweep_target);
  *s.targets = (pn_sweep_target){
      .kind = PN_SWEEP_TEMP, .name = "temp", .column = "temp", .unit = "C"};
  pn_loc loc = PN_NOWHERE;
  for (size_t k = 0; k < e->options.n; k++)
    if (pn_tok_word(e->options.at[k], 0, ".temp"))
      loc = pn_at(e->top, e->options.at[k], 0);
  add(e, &s, loc);
}

void pn_late_mc(pn_elab *e, const pn_card *c)
{
  const pn_args *args = pn_read_args(e->top, c, 1, true);
  double n = args->n && !args->at[0].key.n && args->at[0].is_num ? args->at[0].num : 0;
  bool seeded = args->n == 2 && pn_str_is(args->at[1].key, "seed") && args->at[1].is_num &&
                args->at[1].num >= 0;
  bool twice = false;
  for (size_t k = 0; k < e->n->sweeps.n; k++)
    twice |= e->n->sweeps.at[k].targets->kind == PN_SWEEP_RUN;
  if (!(n >= 1 && n <= MOST_POINTS && n == floor(n)) || args->n > 1 + seeded || twice) {
    pn_error_hint(e->diag, args->loc, ".mc RUNS [seed=NUMBER]",
                  twice ? "a netlist has one .mc only" : ".mc needs a number of runs");
    return;
  }
  if (seeded)
    e->n->mc_seed = (unsigned long long)args->at[1].num;
  pn_sweep s = {.n_targets = 1, .n_points = (long)n};
  s.targets = PN_NEW(e->arena, pn_sweep_target);
  *s.targets = (pn_sweep_target){.kind = PN_SWEEP_RUN, .name = "mc", .column = "mc", .unit = ""};
  s.values = PN_NEW_ARRAY(e->arena, double, s.n_points);
  for (long k = 0; k < s.n_points; k++)
    s.values[k] = (double)(k + 1);
  add(e, &s, args->loc);
}
