/* Exact derivatives of graph nodes, each known once per (node, input). Where a
 * function has a corner the side in force is taken; where a slope is infinite at
 * a point of finite value (sqrt, pow at 0) it is taken as 0 there, so that
 * products such as v*exp(b*sqrt(|v|)) keep the finite derivative they have. */
#include "expr/graph_impl.h"

#include <math.h>

enum { FIRST_ROOM = 64 };

/* ---- memory of known derivatives ---- */

static size_t place_of(const struct pn_gdiff *t, size_t room, pn_gnode node, int input)
{
  uint64_t h = ((uint64_t)(node + 1) << 32 | (uint32_t)input) * 0x9E3779B97F4A7C15u;
  size_t k = (size_t)(h >> 32) & (room - 1);
  while (t[k].node && (t[k].node != node + 1 || t[k].input != input))
    k = (k + 1) & (room - 1);
  return k;
}

static void remember(pn_graph *g, pn_gnode node, int input, pn_gnode result)
{
  if (2 * (g->n_diffs + 1) > g->diff_room) {
    size_t room = g->diff_room ? 2 * g->diff_room : FIRST_ROOM;
    struct pn_gdiff *t = PN_NEW_ARRAY(g->arena, struct pn_gdiff, room);
    for (size_t k = 0; k < g->diff_room; k++)
      if (g->diffs[k].node)
        t[place_of(t, room, g->diffs[k].node - 1, g->diffs[k].input)] = g->diffs[k];
    g->diffs = t;
    g->diff_room = room;
  }
  g->diffs[place_of(g->diffs, g->diff_room, node, input)] = (struct pn_gdiff){node + 1, input,
                                                                              result};
  g->n_diffs++;
}

/* The derivative when it is known (or plain), else -1. */
static pn_gnode known(pn_graph *g, pn_gnode node, int input)
{
  const pn_gnode_data *d = &g->nodes.at[node];
  if (d->kind == PN_G_INPUT)
    return pn_graph_const(g, d->index == input);
  if (!(d->inputs & (uint64_t)1 << (input % 64)))
    return pn_graph_const(g, 0);
  if (!g->diff_room)
    return -1;
  const struct pn_gdiff *e = &g->diffs[place_of(g->diffs, g->diff_room, node, input)];
  return e->node ? e->result : -1;
}

/* ---- the rules ---- */

/* Short names for building nodes. */
static pn_gnode num(pn_graph *g, double v)
{
  return pn_graph_const(g, v);
}
static pn_gnode add(pn_graph *g, pn_gnode a, pn_gnode b)
{
  return pn_graph_op2(g, PN_OP_ADD, a, b);
}
static pn_gnode sub(pn_graph *g, pn_gnode a, pn_gnode b)
{
  return pn_graph_op2(g, PN_OP_SUB, a, b);
}
static pn_gnode mul(pn_graph *g, pn_gnode a, pn_gnode b)
{
  return pn_graph_op2(g, PN_OP_MUL, a, b);
}
static pn_gnode over(pn_graph *g, pn_gnode a, pn_gnode b)
{
  return pn_graph_op2(g, PN_OP_DIV, a, b);
}
static pn_gnode fn(pn_graph *g, pn_op op, pn_gnode a)
{
  return pn_graph_op1(g, op, a);
}
/* 1/x, and 0 where x = 0 */
static pn_gnode inv0(pn_graph *g, pn_gnode a)
{
  return pn_graph_op1(g, PN_OP_INV0, a);
}
static pn_gnode choose(pn_graph *g, pn_op compare, pn_gnode a, pn_gnode b, pn_gnode yes,
                       pn_gnode no)
{
  return pn_graph_op(g, PN_OP_IF, (pn_gnode[]){pn_graph_op2(g, compare, a, b), yes, no});
}

/* Slope of a function of one argument; node is the function's own value. */
static pn_gnode slope_of(pn_graph *g, int kind, pn_gnode node, pn_gnode x)
{
  pn_gnode one = num(g, 1), zero = num(g, 0);
  switch (kind) {
  case PN_OP_NEG:
    return num(g, -1);
  case PN_OP_SIN:
    return fn(g, PN_OP_COS, x);
  case PN_OP_COS:
    return fn(g, PN_OP_NEG, fn(g, PN_OP_SIN, x));
  case PN_OP_TAN:
    return add(g, one, mul(g, node, node));
  case PN_OP_ASIN:
    return inv0(g, fn(g, PN_OP_SQRT, sub(g, one, mul(g, x, x))));
  case PN_OP_ACOS:
    return fn(g, PN_OP_NEG, inv0(g, fn(g, PN_OP_SQRT, sub(g, one, mul(g, x, x)))));
  case PN_OP_ATAN:
    return over(g, one, add(g, one, mul(g, x, x)));
  case PN_OP_SINH:
    return fn(g, PN_OP_COSH, x);
  case PN_OP_COSH:
    return fn(g, PN_OP_SINH, x);
  case PN_OP_TANH:
    return sub(g, one, mul(g, node, node));
  case PN_OP_ASINH:
    return over(g, one, fn(g, PN_OP_SQRT, add(g, mul(g, x, x), one)));
  case PN_OP_ACOSH:
    return inv0(g, fn(g, PN_OP_SQRT, sub(g, mul(g, x, x), one)));
  case PN_OP_ATANH:
    return inv0(g, sub(g, one, mul(g, x, x)));
  case PN_OP_EXP:
    return node;
  case PN_OP_LIMEXP: /* exp(80) at and beyond the corner, where node is larger */
    return pn_graph_op2(g, PN_OP_MIN, node, num(g, exp(PN_LIMEXP_CORNER)));
  case PN_OP_EXPM1:
    return add(g, node, one);
  case PN_OP_LN:
    return inv0(g, x);
  case PN_OP_LOG10:
    return mul(g, num(g, 1 / M_LN10), inv0(g, x));
  case PN_OP_DB:
    return mul(g, num(g, 20 / M_LN10), inv0(g, x));
  case PN_OP_LOG1P:
    return inv0(g, add(g, one, x));
  case PN_OP_SQRT:
    return mul(g, num(g, 0.5), inv0(g, node));
  case PN_OP_ABS:
    return fn(g, PN_OP_SGN, x);
  case PN_OP_SQR:
    return mul(g, num(g, 2), x);
  case PN_OP_U2:
    return choose(g, PN_OP_GT, x, zero, choose(g, PN_OP_LT, x, one, one, zero), zero);
  case PN_OP_URAMP:
    return choose(g, PN_OP_GT, x, zero, one, zero);
  case PN_OP_RE:
    return one;
  case PN_OP_INV0:
    return fn(g, PN_OP_NEG, mul(g, node, node));
  case PN_G_PWL:
    return pn_graph_table_node(g, PN_G_SLOPE, g->nodes.at[node].index, x);
  default: /* steps: sgn, floor, comparisons, ... */
    return zero;
  }
}

/* x**y (or sgn(x)|x|**y when is_signed), p its value:
 * y x**(y-1) dx + x**y ln(x) dy, the second part only where x > 0. */
static pn_gnode diff_power(pn_graph *g, bool is_signed, pn_gnode p, pn_gnode x, pn_gnode y,
                           pn_gnode dx, pn_gnode dy)
{
  pn_gnode ax = is_signed ? fn(g, PN_OP_ABS, x) : x;
  pn_gnode ap = is_signed ? fn(g, PN_OP_ABS, p) : p;
  pn_gnode by_x = mul(g, pn_graph_op(g, PN_OP_DPOW, (pn_gnode[]){ax, y, ap}), dx);
  double zero;
  if (pn_graph_is_const(g, dy, &zero) && zero == 0)
    return by_x;
  pn_gnode by_y = choose(g, PN_OP_GT, ax, num(g, 0), mul(g, p, fn(g, PN_OP_LN, ax)), num(g, 0));
  return add(g, by_x, mul(g, by_y, dy));
}

/* D = y p / x:  dD = (dy p + y dp - D dx) / x, and 0 at x = 0 */
static pn_gnode diff_dpow(pn_graph *g, pn_gnode node, const pn_gnode *a, const pn_gnode *da)
{
  pn_gnode sum = add(g, mul(g, da[1], a[2]), mul(g, a[1], da[2]));
  return mul(g, sub(g, sum, mul(g, node, da[0])), inv0(g, a[0]));
}

static pn_gnode diff_two(pn_graph *g, int kind, pn_gnode node, const pn_gnode *a,
                         const pn_gnode *da)
{
  pn_gnode x = a[0], y = a[1], dx = da[0], dy = da[1];
  switch (kind) {
  case PN_OP_ADD:
  case PN_OP_SUB:
    return pn_graph_op2(g, (pn_op)kind, dx, dy);
  case PN_OP_MUL:
    return add(g, mul(g, dx, y), mul(g, x, dy));
  case PN_OP_DIV:
    return over(g, sub(g, dx, mul(g, node, dy)), y);
  case PN_OP_MOD: /* x - trunc(x/y) y */
    return sub(g, dx, mul(g, fn(g, PN_OP_TRUNC, over(g, x, y)), dy));
  case PN_OP_POW:
  case PN_OP_PWR:
    return diff_power(g, kind == PN_OP_PWR, node, x, y, dx, dy);
  case PN_OP_ATAN2: /* of (x, y): x is the ordinate */
    return mul(g, sub(g, mul(g, y, dx), mul(g, x, dy)),
               inv0(g, add(g, mul(g, x, x), mul(g, y, y))));
  case PN_OP_MIN:
    return choose(g, PN_OP_LT, x, y, dx, dy);
  case PN_OP_MAX:
    return choose(g, PN_OP_GT, x, y, dx, dy);
  case PN_OP_HYPOT:
    return mul(g, add(g, mul(g, x, dx), mul(g, y, dy)), inv0(g, node));
  default: /* comparisons, logic */
    return num(g, 0);
  }
}

/* The derivative of a node all of whose arguments have theirs. */
static pn_gnode rule(pn_graph *g, pn_gnode node, int input)
{
  pn_gnode_data d = g->nodes.at[node]; /* a copy: making nodes moves the array */
  int n = pn_graph_arity(d.kind);
  pn_gnode da[3] = {-1, -1, -1};
  for (int k = 0; k < n; k++)
    da[k] = known(g, d.args[k], input);
  if (n == 1)
    return mul(g, slope_of(g, d.kind, node, d.args[0]), da[0]);
  if (n == 2)
    return diff_two(g, d.kind, node, d.args, da);
  if (d.kind == PN_OP_IF)
    return pn_graph_op(g, PN_OP_IF, (pn_gnode[]){d.args[0], da[1], da[2]});
  return diff_dpow(g, node, d.args, da);
}

/* Depth first with a stack of its own: sums of thousands of terms are as many levels deep. */
pn_gnode pn_graph_diff(pn_graph *g, pn_gnode node, int input)
{
  if (node < 0)
    return -1;
  PN_VEC(pn_gnode) stack = {0};
  *PN_PUSH(g->arena, &stack) = node;
  while (stack.n) {
    pn_gnode top = stack.at[stack.n - 1];
    if (known(g, top, input) >= 0) {
      stack.n--;
      continue;
    }
    size_t before = stack.n;
    for (int k = 0; k < pn_graph_arity(g->nodes.at[top].kind); k++) {
      pn_gnode arg = g->nodes.at[top].args[k];
      if (known(g, arg, input) < 0)
        *PN_PUSH(g->arena, &stack) = arg;
    }
    if (stack.n == before)
      remember(g, top, input, rule(g, top, input));
  }
  return known(g, node, input);
}
