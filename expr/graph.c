/* The expression graph: every node is kept once (hash-consed), constants are
 * folded and neutral elements dropped when a node is made. Nodes only refer to
 * older ones, so the order of their numbers is an order of evaluation. */
#include "expr/graph_impl.h"

#include <math.h>
#include <string.h>

enum { FIRST_SLOTS = 64 };

pn_graph *pn_graph_new(pn_arena *a)
{
  pn_graph *g = PN_NEW(a, pn_graph);
  g->arena = a;
  g->n_slots = FIRST_SLOTS;
  g->slots = PN_NEW_ARRAY(a, pn_gnode, g->n_slots);
  return g;
}

int pn_graph_arity(int kind)
{
  if (kind < PN_OP_COUNT)
    return pn_op_arity(kind);
  return kind == PN_G_PWL || kind == PN_G_SLOPE ? 1 : 0;
}

/* ---- hash-consing ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
  h = (h ^ v) * 0x9E3779B97F4A7C15u;
  return h ^ (h >> 29);
}

static uint64_t bits_of(double v)
{
  uint64_t b;
  memcpy(&b, &v, sizeof b);
  return b;
}

static uint64_t hash_of(const pn_gnode_data *d)
{
  uint64_t h = mix((uint64_t)d->kind, (uint64_t)d->index + 7);
  for (int k = 0; k < 3; k++)
    h = mix(h, (uint64_t)(d->args[k] + 1));
  return mix(h, bits_of(d->value));
}

static bool same_node(const pn_gnode_data *a, const pn_gnode_data *b)
{
  return a->kind == b->kind && a->index == b->index && a->args[0] == b->args[0] &&
         a->args[1] == b->args[1] && a->args[2] == b->args[2] &&
         bits_of(a->value) == bits_of(b->value);
}

static void insert_slot(pn_gnode *slots, size_t n_slots, uint64_t hash, pn_gnode node)
{
  size_t k = (size_t)hash & (n_slots - 1);
  while (slots[k])
    k = (k + 1) & (n_slots - 1);
  slots[k] = node + 1;
}

static void grow_slots(pn_graph *g)
{
  size_t n = 2 * g->n_slots;
  pn_gnode *slots = PN_NEW_ARRAY(g->arena, pn_gnode, n);
  for (size_t k = 0; k < g->nodes.n; k++)
    insert_slot(slots, n, hash_of(&g->nodes.at[k]), (pn_gnode)k);
  g->slots = slots;
  g->n_slots = n;
}

/* The node with this content, made if it is new. */
static pn_gnode intern(pn_graph *g, pn_gnode_data d)
{
  uint64_t hash = hash_of(&d);
  for (size_t k = (size_t)hash & (g->n_slots - 1); g->slots[k]; k = (k + 1) & (g->n_slots - 1))
    if (same_node(&g->nodes.at[g->slots[k] - 1], &d))
      return g->slots[k] - 1;
  for (int k = 0; k < 3; k++)
    if (d.args[k] >= 0)
      d.inputs |= g->nodes.at[d.args[k]].inputs;
  pn_gnode node = (pn_gnode)g->nodes.n;
  *PN_PUSH(g->arena, &g->nodes) = d;
  if (2 * g->nodes.n > g->n_slots)
    grow_slots(g);
  else
    insert_slot(g->slots, g->n_slots, hash, node);
  return node;
}

static pn_gnode_data leaf(int kind, int index)
{
  return (pn_gnode_data){.kind = kind, .index = index, .args = {-1, -1, -1}};
}

pn_gnode pn_graph_const(pn_graph *g, double value)
{
  pn_gnode_data d = leaf(PN_G_CONST, 0);
  d.value = value;
  return intern(g, d);
}

pn_gnode pn_graph_input(pn_graph *g, int index)
{
  pn_gnode_data d = leaf(PN_G_INPUT, index);
  d.inputs = (uint64_t)1 << (index % 64);
  if (index > g->max_input)
    g->max_input = index;
  return intern(g, d);
}

pn_gnode pn_graph_param(pn_graph *g, int index)
{
  return intern(g, leaf(PN_G_PARAM, index));
}

bool pn_graph_is_const(const pn_graph *g, pn_gnode node, double *value)
{
  if (node < 0 || g->nodes.at[node].kind != PN_G_CONST)
    return false;
  *value = g->nodes.at[node].value;
  return true;
}

/* ---- folding ---- */

static bool is_value(const pn_graph *g, pn_gnode node, double value)
{
  double v;
  return pn_graph_is_const(g, node, &v) && v == value;
}

static bool is_kind(const pn_graph *g, pn_gnode node, int kind)
{
  return g->nodes.at[node].kind == kind;
}

static pn_gnode arg_of(const pn_graph *g, pn_gnode node)
{
  return g->nodes.at[node].args[0];
}

/* 0 - 0 and 0 * x give 0 whatever x is: an infinite x is caught where it arises. */
static pn_gnode fold_sum(pn_graph *g, pn_op op, pn_gnode a, pn_gnode b)
{
  bool minus = op == PN_OP_SUB;
  if (is_value(g, b, 0))
    return a;
  if (is_value(g, a, 0))
    return minus ? pn_graph_op1(g, PN_OP_NEG, b) : b;
  if (minus && a == b)
    return pn_graph_const(g, 0);
  if (is_kind(g, b, PN_OP_NEG))
    return pn_graph_op2(g, minus ? PN_OP_ADD : PN_OP_SUB, a, arg_of(g, b));
  if (!minus && is_kind(g, a, PN_OP_NEG))
    return pn_graph_op2(g, PN_OP_SUB, b, arg_of(g, a));
  return -1;
}

/* exp(u)*exp(v) = exp(u+v), also within x*exp(u)*exp(v): one exp less, and no overflow of one
 * factor against the underflow of another. */
static pn_gnode fold_exponents(pn_graph *g, pn_gnode a, pn_gnode b)
{
  if (!is_kind(g, b, PN_OP_EXP))
    return -1;
  if (is_kind(g, a, PN_OP_EXP))
    return pn_graph_op1(g, PN_OP_EXP, pn_graph_op2(g, PN_OP_ADD, arg_of(g, a), arg_of(g, b)));
  for (int k = 0; is_kind(g, a, PN_OP_MUL) && k < 2; k++) {
    pn_gnode factor = g->nodes.at[a].args[k], rest = g->nodes.at[a].args[1 - k];
    if (is_kind(g, factor, PN_OP_EXP))
      return pn_graph_op2(g, PN_OP_MUL, rest, fold_exponents(g, factor, b));
  }
  return -1;
}

static pn_gnode fold_product(pn_graph *g, pn_gnode a, pn_gnode b)
{
  if (is_value(g, a, 0) || is_value(g, b, 0))
    return pn_graph_const(g, 0);
  if (is_value(g, a, 1))
    return b;
  if (is_value(g, b, 1))
    return a;
  if (is_value(g, a, -1))
    return pn_graph_op1(g, PN_OP_NEG, b);
  if (is_value(g, b, -1))
    return pn_graph_op1(g, PN_OP_NEG, a);
  if (is_kind(g, a, PN_OP_NEG) && is_kind(g, b, PN_OP_NEG))
    return pn_graph_op2(g, PN_OP_MUL, arg_of(g, a), arg_of(g, b));
  pn_gnode merged = fold_exponents(g, a, b);
  return merged >= 0 ? merged : fold_exponents(g, b, a);
}

/* A division by what does not change during a run becomes a product with its reciprocal, which
 * the prologue finds once (at most one last bit apart). */
static pn_gnode fold_quotient(pn_graph *g, pn_gnode a, pn_gnode b)
{
  double v;
  if (is_value(g, b, 1))
    return a;
  if (is_value(g, b, -1))
    return pn_graph_op1(g, PN_OP_NEG, a);
  if (is_value(g, a, 0) && !is_value(g, b, 0))
    return a;
  bool steady = g->nodes.at[a].inputs && !g->nodes.at[b].inputs;
  if (steady && (!pn_graph_is_const(g, b, &v) || fabs(v) > 1e-300))
    return pn_graph_op2(g, PN_OP_MUL, a, pn_graph_op2(g, PN_OP_DIV, pn_graph_const(g, 1), b));
  return -1;
}

/* Small whole powers become products, one half a square root: both far cheaper than pow. */
static pn_gnode fold_power(pn_graph *g, pn_gnode x, pn_gnode y)
{
  double n;
  if (!pn_graph_is_const(g, y, &n))
    return is_value(g, x, 1) ? x : -1;
  if (n == 0)
    return pn_graph_const(g, 1);
  if (n == 1)
    return x;
  if (n == -1)
    return pn_graph_op2(g, PN_OP_DIV, pn_graph_const(g, 1), x);
  if (n == 0.5)
    return pn_graph_op1(g, PN_OP_SQRT, x);
  if (n != 2 && n != 3 && n != 4)
    return -1;
  pn_gnode square = pn_graph_op2(g, PN_OP_MUL, x, x);
  return n == 2 ? square : pn_graph_op2(g, PN_OP_MUL, square, n == 3 ? x : square);
}

static pn_gnode fold_if(pn_graph *g, const pn_gnode *args)
{
  double c;
  if (pn_graph_is_const(g, args[0], &c))
    return args[c != 0 ? 1 : 2];
  return args[1] == args[2] ? args[1] : -1;
}

static bool is_commutative(int op)
{
  return op == PN_OP_ADD || op == PN_OP_MUL || op == PN_OP_EQ || op == PN_OP_NE ||
         op == PN_OP_AND || op == PN_OP_OR || op == PN_OP_HYPOT;
}

/* A simpler node of the same value, or -1. */
static pn_gnode fold(pn_graph *g, pn_op op, const pn_gnode *a)
{
  switch ((int)op) {
  case PN_OP_ADD:
  case PN_OP_SUB:
    return fold_sum(g, op, a[0], a[1]);
  case PN_OP_MUL:
    return fold_product(g, a[0], a[1]);
  case PN_OP_DIV:
    return fold_quotient(g, a[0], a[1]);
  case PN_OP_POW:
    return fold_power(g, a[0], a[1]);
  case PN_OP_IF:
    return fold_if(g, a);
  case PN_OP_NEG:
    return is_kind(g, a[0], PN_OP_NEG) ? arg_of(g, a[0]) : -1;
  case PN_OP_ABS: /* of a real argument; |z| of a complex one is real, so this holds as well */
    return is_kind(g, a[0], PN_OP_ABS)   ? a[0]
           : is_kind(g, a[0], PN_OP_NEG) ? pn_graph_op1(g, PN_OP_ABS, arg_of(g, a[0]))
                                         : -1;
  case PN_OP_SQR:
    return pn_graph_op2(g, PN_OP_MUL, a[0], a[0]);
  case PN_OP_EQ0:
  case PN_OP_NE0:
  case PN_OP_LT0:
  case PN_OP_LE0:
  case PN_OP_GT0:
  case PN_OP_GE0:
    return pn_graph_op2(g, (pn_op)(PN_OP_EQ + (op - PN_OP_EQ0)), a[0], pn_graph_const(g, 0));
  default:
    return -1;
  }
}

/* The value of an op over constants. */
static bool constant_value(const pn_graph *g, pn_op op, const pn_gnode *args, double *value)
{
  double v[3] = {0};
  for (int k = 0; k < pn_op_arity(op); k++)
    if (!pn_graph_is_const(g, args[k], &v[k]))
      return false;
  *value = pn_op_real(op, v);
  return true;
}

pn_gnode pn_graph_op(pn_graph *g, pn_op op, const pn_gnode *args)
{
  pn_gnode_data d = leaf((int)op, 0);
  for (int k = 0; k < pn_op_arity(op); k++) {
    if (args[k] < 0)
      return -1;
    d.args[k] = args[k];
  }
  double v;
  if (constant_value(g, op, args, &v))
    return pn_graph_const(g, v);
  pn_gnode simpler = fold(g, op, d.args);
  if (simpler >= 0)
    return simpler;
  if (is_commutative(op) && d.args[0] > d.args[1]) {
    pn_gnode t = d.args[0];
    d.args[0] = d.args[1];
    d.args[1] = t;
  }
  return intern(g, d);
}

pn_gnode pn_graph_op1(pn_graph *g, pn_op op, pn_gnode a)
{
  return pn_graph_op(g, op, (pn_gnode[]){a});
}

pn_gnode pn_graph_op2(pn_graph *g, pn_op op, pn_gnode a, pn_gnode b)
{
  return pn_graph_op(g, op, (pn_gnode[]){a, b});
}

/* ---- tables ---- */

/* The segment [xs[k], xs[k+1]) that holds x; -1 left of the table, n-1 right of it. */
static int segment_of(const pn_gtable *t, double x)
{
  int lo = -1, hi = t->n; /* xs[lo] <= x < xs[hi] */
  while (hi - lo > 1) {
    int mid = lo + (hi - lo) / 2;
    if (t->xs[mid] <= x)
      lo = mid;
    else
      hi = mid;
  }
  return lo;
}

double pn_gtable_slope(const pn_gtable *t, double x)
{
  int k = segment_of(t, x);
  if (k < 0 || k >= t->n - 1)
    return 0;
  return (t->ys[k + 1] - t->ys[k]) / (t->xs[k + 1] - t->xs[k]);
}

double pn_gtable_value(const pn_gtable *t, double x)
{
  int k = segment_of(t, x);
  if (k < 0)
    return x < t->xs[0] ? t->ys[0] : x; /* NaN stays NaN */
  if (k >= t->n - 1)
    return t->ys[t->n - 1];
  return t->ys[k] + (x - t->xs[k]) * ((t->ys[k + 1] - t->ys[k]) / (t->xs[k + 1] - t->xs[k]));
}

pn_gnode pn_graph_table_node(pn_graph *g, int kind, int table, pn_gnode x)
{
  double v;
  const pn_gtable *t = &g->tables.at[table];
  if (pn_graph_is_const(g, x, &v))
    return pn_graph_const(g, kind == PN_G_PWL ? pn_gtable_value(t, v) : pn_gtable_slope(t, v));
  pn_gnode_data d = leaf(kind, table);
  d.args[0] = x;
  return intern(g, d);
}

/* Equal tables are kept once. */
static int intern_table(pn_graph *g, int n, const double *xs, const double *ys)
{
  size_t size = (size_t)n * sizeof(double);
  for (size_t k = 0; k < g->tables.n; k++) {
    const pn_gtable *t = &g->tables.at[k];
    if (t->n == n && !memcmp(t->xs, xs, size) && !memcmp(t->ys, ys, size))
      return (int)k;
  }
  double *points = PN_NEW_ARRAY(g->arena, double, 2 * (size_t)n);
  memcpy(points, xs, size);
  memcpy(points + n, ys, size);
  *PN_PUSH(g->arena, &g->tables) = (pn_gtable){n, points, points + n};
  return (int)g->tables.n - 1;
}

pn_gnode pn_graph_pwl(pn_graph *g, pn_gnode x, int n, const double *xs, const double *ys)
{
  if (x < 0 || n < 1)
    return -1;
  return pn_graph_table_node(g, PN_G_PWL, intern_table(g, n, xs, ys), x);
}

/* ---- dependence ---- */

/* Walks down from the node: bits stand for several inputs once there are more than 64. */
static bool reaches(const pn_graph *g, pn_gnode node, int input)
{
  bool *seen = PN_NEW_ARRAY(g->arena, bool, node + 1);
  seen[node] = true;
  for (pn_gnode k = node; k >= 0; k--) {
    const pn_gnode_data *d = &g->nodes.at[k];
    if (seen[k] && d->kind == PN_G_INPUT && d->index == input)
      return true;
    for (int j = 0; seen[k] && j < pn_graph_arity(d->kind); j++)
      seen[d->args[j]] = true;
  }
  return false;
}

bool pn_graph_depends(const pn_graph *g, pn_gnode node, int input)
{
  if (node < 0 || !(g->nodes.at[node].inputs & (uint64_t)1 << (input % 64)))
    return false;
  return g->max_input < 64 || reaches(g, node, input);
}
