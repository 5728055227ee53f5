/* From an expression's tree to its graph: names become leaves, parameters or
 * constants, .func calls are expanded in place, and functions that are more than
 * one operation (pwl, limit, min of several, ...) are built from operations. */
#include "expr/lower.h"

#include <math.h>

enum {
  FUNC_DEPTH = 64,     /* .func calls inside .func calls */
  TREE_DEPTH = 4000,   /* levels of a tree: bounds the stack used here */
  MOST_PARTS = 1000000 /* nodes of trees visited: .funcs that double each other explode */
};

/* The formals of the .func being expanded. */
typedef struct frame {
  const struct frame *caller;
  const pn_func *func;
  const pn_gnode *values; /* [func->n_formals] */
  int depth;
} frame;

typedef struct lowering {
  pn_diag *d;
  pn_graph *g;
  const pn_resolver *r;
  const pn_leaves *leaves;
  int depth, n_parts;
  bool stopped; /* a limit was exceeded: said once, nothing further is worth saying */
} lowering;

static pn_gnode lower(lowering *w, const pn_ast *e, const frame *f);

/* Arguments of a call, all of them even when one is wrong; NULL when one was. */
static pn_gnode *lower_args(lowering *w, const pn_ast *e, const frame *f)
{
  pn_gnode *v = PN_NEW_ARRAY(w->d->arena, pn_gnode, e->n_args + 1);
  bool good = true;
  for (int k = 0; k < e->n_args; k++) {
    v[k] = lower(w, e->args[k], f);
    good = good && v[k] >= 0;
  }
  return good ? v : NULL;
}

static pn_gnode wrong_count(lowering *w, const pn_ast *e, const char *wanted)
{
  pn_error(w->d, e->loc, "%.*s() takes %s, not %d", PN_FMT(e->name), wanted, e->n_args);
  return -1;
}

/* ---- names ---- */

static pn_gnode unknown_name(lowering *w, const pn_ast *e)
{
  pn_str near = w->r && w->r->nearest ? w->r->nearest(w->r->user, e->name) : PN_STR("");
  pn_error(w->d, e->loc, "unknown name '%.*s'%s", PN_FMT(e->name),
           pn_did_you_mean(w->d->arena, near));
  return -1;
}

static pn_gnode lower_parameter(lowering *w, const pn_ast *e, double value)
{
  if (isnan(value)) /* reported where the parameter is defined */
    return -1;
  if (w->leaves->param)
    return w->leaves->param(w->leaves->user, w->g, e, value);
  return pn_graph_const(w->g, value);
}

/* Formals hide the caller's names, those hide parameters, and parameters hide constants. */
static pn_gnode lower_name(lowering *w, const pn_ast *e, const frame *f)
{
  for (int k = 0; f && k < f->func->n_formals; k++)
    if (pn_str_ieq(f->func->formals[k], e->name))
      return f->values[k];
  pn_gnode out = -1;
  if (w->leaves->leaf && w->leaves->leaf(w->leaves->user, w->g, e, &out))
    return out;
  double value;
  bool sweeps = false;
  if (w->r && w->r->param && w->r->param(w->r->user, e->name, e->loc, &value, &sweeps))
    return lower_parameter(w, e, value);
  if (pn_op_constant(e->name, &value))
    return pn_graph_const(w->g, value);
  return unknown_name(w, e);
}

static pn_gnode lower_quantity(lowering *w, const pn_ast *e)
{
  pn_gnode out = -1;
  if (w->leaves->leaf && w->leaves->leaf(w->leaves->user, w->g, e, &out))
    return out;
  pn_error(w->d, e->loc, "%s%.*s%s cannot be used here", e->kind == PN_AST_AT ? "@" : "",
           PN_FMT(e->name), e->kind == PN_AST_AT ? "[...]" : "(...)");
  return -1;
}

/* ---- functions of several operations ---- */

/* pwl(x, x1,y1, x2,y2, ...): also called table(). The points are constants. */
static pn_gnode lower_pwl(lowering *w, const pn_ast *e, const pn_gnode *v)
{
  int n = (e->n_args - 1) / 2;
  if (n < 1 || e->n_args % 2 == 0)
    return wrong_count(w, e, "a variable and pairs of numbers");
  double *points = PN_NEW_ARRAY(w->d->arena, double, 2 * n), *xs = points, *ys = points + n;
  for (int k = 0; k < n; k++) {
    for (int j = 1; j <= 2; j++)
      if (!pn_graph_is_const(w->g, v[2 * k + j], j == 1 ? &xs[k] : &ys[k])) {
        pn_error(w->d, e->args[2 * k + j]->loc, "the points of %.*s() must be constants",
                 PN_FMT(e->name));
        return -1;
      }
    if (k > 0 && !(xs[k] > xs[k - 1])) {
      pn_error(w->d, e->args[2 * k + 1]->loc,
               "the points of %.*s() must rise: %g does not follow %g", PN_FMT(e->name), xs[k],
               xs[k - 1]);
      return -1;
    }
  }
  return pn_graph_pwl(w->g, v[0], n, xs, ys);
}

/* limit(x, a, b): x held between a and b, in whichever order they come. */
static pn_gnode lower_limit(lowering *w, const pn_ast *e, const pn_gnode *v)
{
  if (e->n_args != 3)
    return wrong_count(w, e, "3 arguments");
  pn_gnode low = pn_graph_op2(w->g, PN_OP_MIN, v[1], v[2]);
  pn_gnode high = pn_graph_op2(w->g, PN_OP_MAX, v[1], v[2]);
  return pn_graph_op2(w->g, PN_OP_MIN, pn_graph_op2(w->g, PN_OP_MAX, v[0], low), high);
}

/* buf(x): 1 above one half, else 0; inv(x) its opposite. */
static pn_gnode lower_logic(lowering *w, const pn_ast *e, const pn_gnode *v, pn_op compare)
{
  if (e->n_args != 1)
    return wrong_count(w, e, "1 argument");
  return pn_graph_op2(w->g, compare, v[0], pn_graph_const(w->g, 0.5));
}

static pn_gnode lower_dynamic(lowering *w, const pn_ast *e, const pn_gnode *v, bool derivative)
{
  if (e->n_args < 1 || (derivative && e->n_args > 1))
    return wrong_count(w, e, "1 argument");
  pn_gnode out = -1;
  if (!w->leaves->dynamic ||
      !w->leaves->dynamic(w->leaves->user, w->g, e, derivative, v[0], &out)) {
    pn_error(w->d, e->loc, "%.*s() cannot be used here", PN_FMT(e->name));
    return -1;
  }
  return out;
}

/* min and max take two or more arguments. */
static pn_gnode lower_extreme(lowering *w, const pn_ast *e, const pn_gnode *v, pn_op op)
{
  if (e->n_args < 2)
    return wrong_count(w, e, "2 or more arguments");
  pn_gnode out = v[0];
  for (int k = 1; k < e->n_args; k++)
    out = pn_graph_op2(w->g, op, out, v[k]);
  return out;
}

/* Functions that are no single op: true when e is one of them. */
static bool lower_compound(lowering *w, const pn_ast *e, const pn_gnode *v, pn_gnode *out)
{
  if (pn_str_is(e->name, "pwl") || pn_str_is(e->name, "table"))
    *out = lower_pwl(w, e, v);
  else if (pn_str_is(e->name, "limit"))
    *out = lower_limit(w, e, v);
  else if (pn_str_is(e->name, "buf"))
    *out = lower_logic(w, e, v, PN_OP_GT);
  else if (pn_str_is(e->name, "inv"))
    *out = lower_logic(w, e, v, PN_OP_LE);
  else if (pn_str_is(e->name, "ddt"))
    *out = lower_dynamic(w, e, v, true);
  else if (pn_str_is(e->name, "sdt") || pn_str_is(e->name, "idt"))
    *out = lower_dynamic(w, e, v, false);
  else
    return false;
  return true;
}

/* ---- calls ---- */

static pn_gnode expand(lowering *w, const pn_ast *e, const pn_func *func, const pn_gnode *v,
                       const frame *f)
{
  if (e->n_args != func->n_formals)
    return wrong_count(w, e,
                       pn_arena_printf(w->d->arena, "%d argument%s", func->n_formals,
                                       func->n_formals == 1 ? "" : "s"));
  for (const frame *k = f; k; k = k->caller)
    if (k->func == func) {
      pn_error(w->d, e->loc, "function '%.*s' calls itself", PN_FMT(func->name));
      return -1;
    }
  if (f && f->depth >= FUNC_DEPTH) {
    pn_error(w->d, e->loc, "functions call each other more than %d deep", FUNC_DEPTH);
    return -1;
  }
  frame inner = {f, func, v, f ? f->depth + 1 : 1};
  return lower(w, func->body, &inner);
}

static pn_gnode unknown_function(lowering *w, const pn_ast *e)
{
  if (pn_op_is_random(e->name))
    pn_error(w->d, e->loc, "the random function %.*s() cannot be used here", PN_FMT(e->name));
  else
    pn_error(w->d, e->loc, "unknown function '%.*s'%s", PN_FMT(e->name),
             pn_did_you_mean(w->d->arena, pn_op_nearest(e->name)));
  return -1;
}

/* A user's function hides a built-in one of the same name. */
static pn_gnode lower_call(lowering *w, const pn_ast *e, const frame *f)
{
  const pn_func *func = w->r && w->r->func ? w->r->func(w->r->user, e->name) : NULL;
  pn_gnode *v = lower_args(w, e, f);
  if (!v)
    return -1;
  if (func)
    return expand(w, e, func, v, f);
  pn_gnode out;
  if (lower_compound(w, e, v, &out))
    return out;
  int op = pn_op_find(e->name);
  if (op < 0)
    return unknown_function(w, e);
  if (op == PN_OP_MIN || op == PN_OP_MAX)
    return lower_extreme(w, e, v, (pn_op)op);
  if (e->n_args != pn_op_arity(op))
    return wrong_count(w, e,
                       pn_arena_printf(w->d->arena, "%d argument%s", pn_op_arity(op),
                                       pn_op_arity(op) == 1 ? "" : "s"));
  return pn_graph_op(w->g, (pn_op)op, v);
}

static pn_gnode lower_kind(lowering *w, const pn_ast *e, const frame *f)
{
  switch (e->kind) {
  case PN_AST_NUMBER:
    return pn_graph_const(w->g, e->num);
  case PN_AST_NAME:
    return lower_name(w, e, f);
  case PN_AST_PROBE:
  case PN_AST_AT:
    return lower_quantity(w, e);
  case PN_AST_CALL:
    return lower_call(w, e, f);
  case PN_AST_OP: {
    pn_gnode *v = lower_args(w, e, f);
    return v ? pn_graph_op(w->g, (pn_op)e->op, v) : -1;
  }
  case PN_AST_STRING:
    break;
  }
  pn_error(w->d, e->loc, "a text in quotes has no value");
  return -1;
}

static pn_gnode lower(lowering *w, const pn_ast *e, const frame *f)
{
  if (w->stopped)
    return -1;
  if (++w->n_parts > MOST_PARTS) {
    w->stopped = true;
    pn_error(w->d, e->loc, "the expression grows beyond %d parts", MOST_PARTS);
    return -1;
  }
  if (w->depth >= TREE_DEPTH) {
    w->stopped = true;
    pn_error(w->d, e->loc, "the expression is nested more than %d deep", TREE_DEPTH);
    return -1;
  }
  w->depth++;
  pn_gnode out = lower_kind(w, e, f);
  w->depth--;
  return out;
}

pn_status pn_lower(pn_diag *d, pn_graph *g, const pn_ast *e, const pn_resolver *r,
                   const pn_leaves *leaves, pn_gnode *out)
{
  static const pn_leaves none = {0};
  lowering w = {.d = d, .g = g, .r = r, .leaves = leaves ? leaves : &none};
  *out = lower(&w, e, NULL);
  return *out >= 0 ? PN_OK : PN_E_NETLIST;
}
