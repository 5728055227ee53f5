/* Constant evaluation straight over the tree: parameters, .param expressions, sizes. It
 * knows no unknowns; anything that changes during a run is an error here. */
#include "expr/ops.h"
#include "expr/resolve.h"

#include <math.h>

enum {
  MAX_CALLS = 64,                /* .func inside .func */
  MAX_LEVELS = 10000,            /* of recursion over trees, calls included */
  MAX_VISITS = 10 * 1000 * 1000, /* nodes: .funcs that double at each level end here */
  MAX_FORMALS = 32
};

/* A call of a .func that is being evaluated. */
typedef struct frame {
  const pn_func *func;
  double value[MAX_FORMALS];
  bool sweeps[MAX_FORMALS];
} frame;

typedef struct evaluator {
  pn_diag *d;
  const pn_resolver *r;
  const frame *frame; /* NULL outside .funcs */
  int calls, levels;
  long visits;
  bool failed;
  bool sweeps;
  uint64_t site;         /* key of the calls around, for random functions */
  const pn_ast *culprit; /* the first operation that turned finite values into others */
} evaluator;

static double eval(evaluator *v, const pn_ast *e);

static double fail(evaluator *v)
{
  v->failed = true;
  return NAN;
}

static bool is_function(const pn_ast *e, const char *a, const char *b)
{
  return pn_str_is(e->name, a) || (b && pn_str_is(e->name, b));
}

/* ---- Names. */

static double unknown_name(evaluator *v, const pn_ast *e)
{
  pn_str near = v->r && v->r->nearest ? v->r->nearest(v->r->user, e->name) : PN_STR("");
  if (is_function(e, "time", "hertz") || is_function(e, "freq", "temper"))
    pn_error(v->d, e->loc, "'%.*s' cannot be used here: the value must be a constant",
             PN_FMT(e->name));
  else
    pn_error(v->d, e->loc, "unknown parameter '%.*s'%s", PN_FMT(e->name),
             pn_did_you_mean(v->d->arena, near));
  return fail(v);
}

static double eval_name(evaluator *v, const pn_ast *e)
{
  double value = NAN;
  bool sweeps = false;
  for (int k = 0; v->frame && k < v->frame->func->n_formals; k++)
    if (pn_str_ieq(v->frame->func->formals[k], e->name)) {
      v->sweeps |= v->frame->sweeps[k];
      return v->frame->value[k];
    }
  if (v->r && v->r->param && v->r->param(v->r->user, e->name, e->loc, &value, &sweeps)) {
    v->sweeps |= sweeps;
    if (isnan(value))
      v->failed = true; /* reported where it is defined */
    return value;
  }
  if (pn_op_constant(e->name, &value))
    return value;
  return unknown_name(v, e);
}

/* ---- Operations and functions. */

/* The value of an operation; remembers where it left the finite numbers. */
static double checked(evaluator *v, const pn_ast *e, int op, const double *args, int n)
{
  double y = pn_op_real(op, args);
  if (isfinite(y) || v->culprit)
    return y;
  for (int k = 0; k < n; k++)
    if (!isfinite(args[k]))
      return y;
  v->culprit = e;
  return y;
}

static double eval_choice(evaluator *v, const pn_ast *e)
{
  double c = eval(v, e->args[0]);
  return v->failed ? NAN : eval(v, e->args[c != 0 ? 1 : 2]);
}

static double eval_op(evaluator *v, const pn_ast *e, int op)
{
  double args[3] = {0};
  if (op == PN_OP_IF)
    return eval_choice(v, e);
  for (int k = 0; k < e->n_args; k++)
    args[k] = eval(v, e->args[k]);
  return v->failed ? NAN : checked(v, e, op, args, e->n_args);
}

static double wrong_count(evaluator *v, const pn_ast *e, int want)
{
  pn_error(v->d, e->loc, "%.*s() takes %d argument%s, not %d", PN_FMT(e->name), want,
           want == 1 ? "" : "s", e->n_args);
  return fail(v);
}

/* pwl(x, x1, y1, x2, y2, ...): straight lines, flat outside. */
static double eval_pwl(evaluator *v, const pn_ast *e)
{
  if (e->n_args < 3 || e->n_args % 2 == 0) {
    pn_error(v->d, e->loc, "%.*s() takes a variable and pairs of x and y", PN_FMT(e->name));
    return fail(v);
  }
  double x = eval(v, e->args[0]), x0 = NAN, y0 = NAN, found = NAN;
  for (int k = 1; k < e->n_args && !v->failed; k += 2) {
    double x1 = eval(v, e->args[k]), y1 = eval(v, e->args[k + 1]);
    if (k > 1 && !(x1 > x0) && !v->failed) {
      pn_error(v->d, e->args[k]->loc, "the points of %.*s() must have rising x", PN_FMT(e->name));
      return fail(v);
    }
    if (isnan(found) && x <= x1)
      found = k == 1 ? y1 : y0 + (y1 - y0) * ((x - x0) / (x1 - x0));
    x0 = x1;
    y0 = y1;
  }
  return isnan(found) && !isnan(x) ? y0 : found;
}

/* agauss() and its kind: the key is the place of the call, of the calls of user functions around it,
 * and the instance of the subcircuit. */
static double eval_random(evaluator *v, const pn_ast *e)
{
  enum { MOST = 3 };
  double args[MOST] = {0}, value;
  for (int k = 0; k < e->n_args && k < MOST; k++)
    args[k] = eval(v, e->args[k]);
  if (v->failed)
    return NAN;
  uint64_t site = pn_random_mix(pn_random_mix(v->site, e->loc.inst),
                                ((uint64_t)e->loc.file << 32) + e->loc.offset);
  if (e->n_args <= MOST &&
      pn_random_value(v->r ? v->r->random : NULL, site, e->name, args, e->n_args, &value))
    return value;
  pn_error_hint(v->d, e->loc, "agauss(nominal, deviation, sigmas), aunif(nominal, deviation), ...",
                "random function %.*s() is not known with %d argument%s", PN_FMT(e->name),
                e->n_args, e->n_args == 1 ? "" : "s");
  return fail(v);
}

static double eval_limit(evaluator *v, const pn_ast *e)
{
  if (e->n_args == 2)
    return eval_random(v, e);
  if (e->n_args != 3)
    return wrong_count(v, e, 3);
  double x = eval(v, e->args[0]), lo = eval(v, e->args[1]), hi = eval(v, e->args[2]);
  return x < lo ? lo : x > hi ? hi : x;
}

/* Functions that are more than one operation. */
static double eval_other(evaluator *v, const pn_ast *e)
{
  if (pn_op_is_random(e->name))
    return eval_random(v, e);
  if (is_function(e, "pwl", "table"))
    return eval_pwl(v, e);
  if (is_function(e, "limit", NULL))
    return eval_limit(v, e);
  if (is_function(e, "buf", "inv")) {
    if (e->n_args != 1)
      return wrong_count(v, e, 1);
    return (eval(v, e->args[0]) > 0.5) == pn_str_is(e->name, "buf");
  }
  if (is_function(e, "ddt", "sdt") || is_function(e, "idt", NULL))
    pn_error(v->d, e->loc, "%.*s() cannot be used here: the value must be a constant",
             PN_FMT(e->name));
  else
    pn_error(v->d, e->loc, "unknown function '%.*s'%s", PN_FMT(e->name),
             pn_did_you_mean(v->d->arena, pn_op_nearest(e->name)));
  return fail(v);
}

static double eval_func(evaluator *v, const pn_ast *e, const pn_func *f)
{
  frame call = {.func = f};
  const frame *caller = v->frame;
  bool sweeps = v->sweeps;
  if (e->n_args != f->n_formals)
    return wrong_count(v, e, f->n_formals);
  if (f->n_formals > MAX_FORMALS || v->calls == MAX_CALLS) {
    if (v->calls == MAX_CALLS)
      pn_error(v->d, e->loc, "calls of '%.*s' are nested more than %d deep: it calls itself",
               PN_FMT(f->name), MAX_CALLS);
    else
      pn_error(v->d, f->loc, "a function has at most %d arguments", MAX_FORMALS);
    return fail(v);
  }
  for (int k = 0; k < e->n_args; k++) {
    v->sweeps = false;
    call.value[k] = eval(v, e->args[k]);
    call.sweeps[k] = v->sweeps;
  }
  v->sweeps = sweeps;
  if (v->failed)
    return NAN;
  uint64_t site = v->site;
  v->frame = &call;
  v->calls++;
  v->site = pn_random_mix(pn_random_mix(site, e->loc.inst), e->loc.offset);
  double y = eval(v, f->body);
  v->site = site;
  v->calls--;
  v->frame = caller;
  return y;
}

static double eval_call(evaluator *v, const pn_ast *e)
{
  const pn_func *f = v->r && v->r->func ? v->r->func(v->r->user, e->name) : NULL;
  if (f)
    return eval_func(v, e, f);
  int op = pn_op_find(e->name);
  if (op < 0)
    return eval_other(v, e);
  if (e->n_args != pn_op_arity(op))
    return wrong_count(v, e, pn_op_arity(op));
  return eval_op(v, e, op);
}

static double eval_kind(evaluator *v, const pn_ast *e)
{
  switch (e->kind) {
  case PN_AST_NUMBER:
    return e->num;
  case PN_AST_NAME:
    return eval_name(v, e);
  case PN_AST_OP:
    return eval_op(v, e, e->op);
  case PN_AST_CALL:
    return eval_call(v, e);
  case PN_AST_STRING:
    pn_error(v->d, e->loc, "a text cannot be used as a number");
    return fail(v);
  default:
    pn_error(v->d, e->loc,
             "a voltage or current cannot be used here: the value must be a constant");
    return fail(v);
  }
}

static double eval(evaluator *v, const pn_ast *e)
{
  if (v->failed)
    return NAN;
  if (v->levels >= MAX_LEVELS || ++v->visits > MAX_VISITS) {
    pn_error(v->d, e->loc, "this expression with its functions is too large");
    return fail(v);
  }
  v->levels++;
  double y = eval_kind(v, e);
  v->levels--;
  return y;
}

static pn_status not_finite(evaluator *v, const pn_ast *e, double y)
{
  const pn_ast *at = v->culprit ? v->culprit : e;
  bool division = at->kind == PN_AST_OP && (at->op == PN_OP_DIV || at->op == PN_OP_MOD);
  if (division && !isfinite(y))
    return pn_error(v->d, at->loc, "division by zero");
  return pn_error(v->d, at->loc,
                  isnan(y) ? "this expression is not a number" : "this expression is infinite");
}

pn_status pn_eval_const(pn_diag *d, const pn_ast *e, const pn_resolver *r, double *value,
                        bool *sweeps)
{
  evaluator v = {.d = d, .r = r};
  double y = eval(&v, e);
  if (sweeps && v.sweeps)
    *sweeps = true;
  *value = y;
  if (v.failed)
    return PN_E_NETLIST;
  return isfinite(y) ? PN_OK : not_finite(&v, e, y);
}
