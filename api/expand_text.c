/* Expressions of the graph as ngspice's B sources read them. Functions that these have not are written out, with
 * the same value for every argument for which both sides are defined. */
#include "api/expand.h"
#include "expr/graph_impl.h"

#include <math.h>
#include <stdio.h>

/* "A", "B", "C" stand for the arguments; NULL: nothing to write. */
static const char *form_of(int op)
{
  static const char *const forms[PN_OP_COUNT] = {
      [PN_OP_ADD] = "(A+B)",
      [PN_OP_SUB] = "(A-B)",
      [PN_OP_MUL] = "(A*B)",
      [PN_OP_DIV] = "(A/B)",
      [PN_OP_NEG] = "(-A)",
      [PN_OP_MOD] = "(A-B*sgn(A/B)*floor(abs(A/B)))",
      [PN_OP_PWR] = "pwr(A,B)",
      [PN_OP_POW] = "pow(A,B)",
      [PN_OP_EQ] = "(A==B ? 1 : 0)",
      [PN_OP_NE] = "(A!=B ? 1 : 0)",
      [PN_OP_LT] = "(A<B ? 1 : 0)",
      [PN_OP_LE] = "(A<=B ? 1 : 0)",
      [PN_OP_GT] = "(A>B ? 1 : 0)",
      [PN_OP_GE] = "(A>=B ? 1 : 0)",
      [PN_OP_AND] = "((A!=0) && (B!=0) ? 1 : 0)",
      [PN_OP_OR] = "((A!=0) || (B!=0) ? 1 : 0)",
      [PN_OP_NOT] = "(A==0 ? 1 : 0)",
      [PN_OP_IF] = "(A!=0 ? B : C)",
      [PN_OP_SIN] = "sin(A)",
      [PN_OP_COS] = "cos(A)",
      [PN_OP_TAN] = "tan(A)",
      [PN_OP_ASIN] = "asin(A)",
      [PN_OP_ACOS] = "acos(A)",
      [PN_OP_ATAN] = "atan(A)",
      [PN_OP_ATAN2] = "(2*atan(A/max(sqrt(A*A+B*B)+B,1e-300)))",
      [PN_OP_SINH] = "sinh(A)",
      [PN_OP_COSH] = "cosh(A)",
      [PN_OP_TANH] = "tanh(A)",
      [PN_OP_ASINH] = "asinh(A)",
      [PN_OP_ACOSH] = "acosh(A)",
      [PN_OP_ATANH] = "atanh(A)",
      [PN_OP_EXP] = "exp(A)",
      [PN_OP_LN] = "ln(A)",
      [PN_OP_LOG10] = "(ln(A)/2.302585092994045684)",
      [PN_OP_SQRT] = "sqrt(A)",
      [PN_OP_ABS] = "abs(A)",
      [PN_OP_SGN] = "sgn(A)",
      [PN_OP_MIN] = "min(A,B)",
      [PN_OP_MAX] = "max(A,B)",
      [PN_OP_HYPOT] = "sqrt(A*A+B*B)",
      [PN_OP_FLOOR] = "floor(A)",
      [PN_OP_CEIL] = "ceil(A)",
      [PN_OP_NINT] = "nint(A)",
      [PN_OP_U] = "u(A)",
      [PN_OP_U2] = "min(max(A,0),1)",
      [PN_OP_URAMP] = "max(A,0)",
      [PN_OP_LIMEXP] = "(exp(min(A,80))*(1+max(A-80,0)))",
      [PN_OP_LOG1P] = "ln(1+A)",
      [PN_OP_EXPM1] = "(exp(A)-1)",
      [PN_OP_TRUNC] = "(sgn(A)*floor(abs(A)))",
      [PN_OP_SQR] = "(A*A)",
      [PN_OP_EQ0] = "(A==0 ? 1 : 0)",
      [PN_OP_NE0] = "(A!=0 ? 1 : 0)",
      [PN_OP_LT0] = "(A<0 ? 1 : 0)",
      [PN_OP_LE0] = "(A<=0 ? 1 : 0)",
      [PN_OP_GT0] = "(A>0 ? 1 : 0)",
      [PN_OP_GE0] = "(A>=0 ? 1 : 0)",
      [PN_OP_RE] = "A",
      [PN_OP_IM] = "0",
      [PN_OP_PH] = "(A<0 ? 3.141592653589793116 : 0)",
      [PN_OP_DB] = "(ln(abs(A))*8.685889638065036553)",
      [PN_OP_INV0] = "(A==0 ? 0 : 1/A)",
  };
  return op < PN_OP_COUNT ? forms[op] : NULL;
}

/* x**n with a whole n, which ngspice's pow() takes of |x|. */
static const char *power_form(const pn_graph *g, const pn_gnode_data *d)
{
  double n;
  if (d->kind != PN_OP_POW || !pn_graph_is_const(g, d->args[1], &n) || n != rint(n))
    return form_of(d->kind);
  return fmod(n, 2) == 0 ? "pow(abs(A),B)" : "(sgn(A)*pow(abs(A),B))";
}

static void put_number(const pn_expand *w, double v)
{
  if (isinf(v))
    v = copysign(1e300, v);
  pn_expand_put(w, v < 0 ? "(%.17g)" : "%.17g", v);
}

/* Points rise; flat outside, where ngspice's pwl() goes on. */
static void put_table(const pn_expand *w, const pn_gtable *t, pn_gnode x, pn_expand_names *names)
{
  pn_expand_put(w, "pwl(min(max(");
  pn_expand_text(w, x, names);
  pn_expand_put(w, ",%.17g),%.17g)", t->xs[0], t->xs[t->n - 1]);
  for (int k = 0; k < t->n; k++)
    pn_expand_put(w, "%s,%.17g,%.17g", k % 4 == 3 ? "\n+ " : "", t->xs[k], t->ys[k]);
  pn_expand_put(w, ")");
}

bool pn_expand_text(const pn_expand *w, pn_gnode node, pn_expand_names *names)
{
  const pn_gnode_data *d = &names->graph->nodes.at[node];
  if (names->left <= 0)
    return false;
  names->left--;
  switch (d->kind) {
  case PN_G_CONST:
    put_number(w, d->value);
    return true;
  case PN_G_INPUT:
    return names->input(w, names, d->index);
  case PN_G_PARAM:
    return names->param(w, names, d->index);
  case PN_G_PWL:
    put_table(w, &names->graph->tables.at[d->index], d->args[0], names);
    return names->left > 0;
  default:
    break;
  }
  const char *form = power_form(names->graph, d);
  if (!form)
    return false;
  if (names->left % 24 == 0)
    pn_expand_put(w, "\n+ ");
  for (const char *p = form; *p; p++)
    if (*p >= 'A' && *p <= 'C') {
      if (!pn_expand_text(w, d->args[*p - 'A'], names))
        return false;
    } else {
      pn_expand_put(w, "%c", *p);
    }
  return true;
}
