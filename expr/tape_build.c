/* Builds tapes from graphs. A plan says which instruction makes each node: products
 * that only feed one sum or product are merged into it. Nodes that only one side
 * of an IF needs are put behind a skip, taken when no lane is on that side. Then
 * the nodes are ordered, the parameters' part first (the prologue), and each
 * result gets a row, used again as soon as its value is dead. */
#include "expr/tape_code.h"

#include <string.h>

enum {
  SKIP_WORTH = 3, /* instructions that a skip must save */
  UNGUARDED = 1   /* needed whatever the lanes do; 0: not known yet; see guard_of */
};

/* How a node is computed. */
typedef struct plan {
  int op; /* kind of the node or PN_T_...; -1: merged into its only user */
  int n_args;
  pn_gnode args[3];
  int table;
  int uses;
  int guard;
  bool needed, output, placed, kept; /* kept: a prologue's result that evaluation reads */
  int last_use;                      /* position in the order; -1 before it is known */
  int ref;                           /* where the value lives */
} plan;

typedef struct builder {
  pn_arena *arena;
  const pn_graph *g;
  plan *at; /* [n] over the graph's nodes up to the largest output */
  int n;
  PN_VEC(int) order; /* nodes, and skips as -1 - (index into skips) */
  PN_VEC(struct skip {
    int guard;
    int count;
  })
  skips;
  PN_VEC(double) consts;
  PN_VEC(pn_tape_ins) prologue, ins;
  PN_VEC(int) free_pre, free_work; /* rows that can be used again */
  int n_pre, n_regs;
} builder;

static int reference(int space, int row)
{
  return space * (1 << PN_T_SHIFT) + row;
}

static bool is_leaf(const builder *b, int k)
{
  return pn_graph_arity(b->g->nodes.at[k].kind) == 0;
}

/* Depends on parameters but on no input. */
static bool is_prologue(const builder *b, int k)
{
  return !is_leaf(b, k) && b->g->nodes.at[k].inputs == 0;
}

/* ---- the plan ---- */

static void count_uses(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = 0; k < n_outputs; k++)
    b->at[outputs[k]].needed = b->at[outputs[k]].output = true;
  for (int k = b->n - 1; k >= 0; k--) {
    const pn_gnode_data *d = &b->g->nodes.at[k];
    plan *p = &b->at[k];
    p->op = d->kind;
    p->table = d->kind == PN_G_PWL || d->kind == PN_G_SLOPE ? d->index : 0;
    p->n_args = pn_graph_arity(d->kind);
    p->last_use = -1;
    for (int j = 0; j < p->n_args; j++) {
      p->args[j] = d->args[j];
      if (p->needed) {
        b->at[d->args[j]].needed = true;
        b->at[d->args[j]].uses++;
      }
    }
  }
}

static bool can_merge(const builder *b, int k)
{
  const plan *p = &b->at[k];
  return p->op == PN_OP_MUL && p->uses == 1 && !p->output && !is_prologue(b, k);
}

/* A sum, difference or product takes over a product that nobody else needs. */
static void merge_products(builder *b)
{
  for (int k = b->n - 1; k >= 0; k--) {
    plan *p = &b->at[k];
    if (!p->needed || is_prologue(b, k) ||
        (p->op != PN_OP_ADD && p->op != PN_OP_SUB && p->op != PN_OP_MUL))
      continue;
    int side = can_merge(b, p->args[0]) ? 0 : can_merge(b, p->args[1]) ? 1 : -1;
    if (side < 0)
      continue;
    plan *m = &b->at[p->args[side]];
    int other = p->args[1 - side];
    p->op = p->op == PN_OP_MUL   ? PN_T_MUL_MUL
            : p->op == PN_OP_ADD ? PN_T_MUL_ADD
            : side == 0          ? PN_T_MUL_SUB
                                 : PN_T_SUB_MUL;
    p->n_args = 3;
    p->args[0] = m->args[0];
    p->args[1] = m->args[1];
    p->args[2] = other;
    m->op = -1;
    m->needed = false;
  }
}

/* The guard of what only one side of IF number k needs: its condition and the side. */
static int guard_of(const builder *b, int k, int side)
{
  return 2 + 2 * b->at[k].args[0] + side;
}

static int condition_of(int guard)
{
  return (guard - 2) / 2;
}

/* A node's guard is the one that all its users agree on. Guards do not nest. */
static void find_guards(builder *b)
{
  for (int k = b->n - 1; k >= 0; k--) {
    plan *p = &b->at[k];
    if (!p->needed || is_leaf(b, k) || is_prologue(b, k))
      continue;
    if (p->output || !p->guard)
      p->guard = UNGUARDED;
    for (int j = 0; j < p->n_args; j++) {
      plan *arg = &b->at[p->args[j]];
      int guard = p->guard;
      if (guard == UNGUARDED && p->op == PN_OP_IF && j > 0)
        guard = guard_of(b, k, j == 1);
      arg->guard = !arg->guard || arg->guard == guard ? guard : UNGUARDED;
    }
  }
}

/* ---- the order ---- */

/* Its arguments are there, and so is its guard's condition: a skip will ask for it. */
static bool is_ready(const builder *b, const plan *p)
{
  if (p->guard > UNGUARDED && !b->at[condition_of(p->guard)].placed)
    return false;
  for (int j = 0; j < p->n_args; j++)
    if (!b->at[p->args[j]].placed)
      return false;
  return true;
}

static void place(builder *b, int k)
{
  b->at[k].placed = true;
  *PN_PUSH(b->arena, &b->order) = k;
}

/* Places all nodes of a guard that can be placed; returns how many. */
static int place_ready(builder *b, int guard)
{
  int n = 0;
  for (int k = 0; k < b->n; k++)
    if (b->at[k].needed && !b->at[k].placed && b->at[k].guard == guard && is_ready(b, &b->at[k])) {
      place(b, k);
      n++;
    }
  return n;
}

static int next_guard(const builder *b)
{
  for (int k = 0; k < b->n; k++)
    if (b->at[k].needed && !b->at[k].placed && is_ready(b, &b->at[k]))
      return b->at[k].guard;
  return 0;
}

/* Leaves and the prologue first, then what is always needed as far as it goes, then one guard's
 * nodes behind a skip, and so on. It ends: no condition depends on what it guards. */
static void order_nodes(builder *b)
{
  for (int k = 0; k < b->n; k++)
    if (b->at[k].needed && (is_leaf(b, k) || is_prologue(b, k)))
      place(b, k);
  for (int guard = UNGUARDED; guard; guard = next_guard(b)) {
    size_t start = b->order.n;
    if (guard != UNGUARDED)
      *PN_PUSH(b->arena, &b->order) = -1 - (int)b->skips.n;
    int n = place_ready(b, guard);
    if (guard != UNGUARDED && n < SKIP_WORTH) {
      memmove(&b->order.at[start], &b->order.at[start + 1], (size_t)n * sizeof(int));
      b->order.n--;
    } else if (guard != UNGUARDED) {
      *PN_PUSH(b->arena, &b->skips) = (struct skip){guard, n};
    }
  }
}

/* ---- rows ---- */

static void find_last_uses(builder *b)
{
  for (size_t i = 0; i < b->order.n; i++) {
    int k = b->order.at[i];
    const plan *p = &b->at[k < 0 ? 0 : k];
    for (int j = 0; k >= 0 && j < p->n_args; j++) {
      plan *arg = &b->at[p->args[j]];
      arg->last_use = (int)i;
      arg->kept = arg->kept || !is_prologue(b, k);
    }
  }
}

static int leaf_reference(builder *b, int k)
{
  const pn_gnode_data *d = &b->g->nodes.at[k];
  if (d->kind == PN_G_INPUT)
    return reference(PN_T_IN, d->index);
  if (d->kind == PN_G_PARAM)
    return reference(PN_T_PAR, d->index);
  for (int lane = 0; lane < PN_LANES; lane++)
    *PN_PUSH(b->arena, &b->consts) = d->value;
  return reference(PN_T_CONST, (int)(b->consts.n / PN_LANES) - 1);
}

/* Rows whose value is read for the last time at position i become free. */
static void release_args(builder *b, const plan *p, int i)
{
  for (int j = 0; j < p->n_args; j++) {
    plan *arg = &b->at[p->args[j]];
    int space = arg->ref >> PN_T_SHIFT, row = arg->ref & PN_T_ROW;
    if (arg->last_use != i || arg->output)
      continue;
    if (space == PN_T_WORK)
      *PN_PUSH(b->arena, &b->free_work) = row;
    else if (space == PN_T_PRE && !arg->kept)
      *PN_PUSH(b->arena, &b->free_pre) = row;
    arg->last_use = -1; /* an operand may appear twice: its row is freed once */
  }
}

static int take_row(builder *b, bool prologue)
{
  if (prologue)
    return reference(PN_T_PRE, b->free_pre.n ? b->free_pre.at[--b->free_pre.n] : b->n_pre++);
  return reference(PN_T_WORK, b->free_work.n ? b->free_work.at[--b->free_work.n] : b->n_regs++);
}

/* Instructions work lane by lane, so a result may take the place of an operand. */
static void emit(builder *b, int k, int position)
{
  plan *p = &b->at[k];
  pn_tape_ins i = {.op = p->op, .table = p->table};
  for (int j = 0; j < p->n_args; j++)
    i.arg[j] = b->at[p->args[j]].ref;
  release_args(b, p, position);
  if ((p->ref >> PN_T_SHIFT) != PN_T_OUT)
    p->ref = take_row(b, is_prologue(b, k));
  i.dst = p->ref;
  if (is_prologue(b, k))
    *PN_PUSH(b->arena, &b->prologue) = i;
  else
    *PN_PUSH(b->arena, &b->ins) = i;
}

static void emit_skip(builder *b, const struct skip *s)
{
  int condition = condition_of(s->guard), side = (s->guard - 2) % 2;
  *PN_PUSH(b->arena, &b->ins) = (pn_tape_ins){.op = side ? PN_T_SKIP_IF_0 : PN_T_SKIP_IF_1,
                                              .arg = {b->at[condition].ref, 0, 0},
                                              .table = s->count};
}

static void emit_all(builder *b)
{
  for (size_t i = 0; i < b->order.n; i++) {
    int k = b->order.at[i];
    if (k < 0)
      emit_skip(b, &b->skips.at[-1 - k]);
    else if (is_leaf(b, k))
      b->at[k].ref = leaf_reference(b, k);
    else
      emit(b, k, (int)i);
  }
}

/* An op that is an output is computed in place; leaves, results of the prologue and outputs
 * that appear twice are copied at the end. */
static void assign_outputs(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = n_outputs - 1; k >= 0; k--)
    if (!is_leaf(b, outputs[k]) && !is_prologue(b, outputs[k]))
      b->at[outputs[k]].ref = reference(PN_T_OUT, k);
}

static void copy_outputs(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = 0; k < n_outputs; k++) {
    int to = reference(PN_T_OUT, k), from = b->at[outputs[k]].ref;
    if (from != to)
      *PN_PUSH(b->arena, &b->ins) = (pn_tape_ins){.op = PN_T_COPY, .dst = to, .arg = {from, 0, 0}};
  }
}

/* ---- the tape ---- */

static pn_tape_code *finish(const builder *b)
{
  const pn_graph *g = b->g;
  double *consts = PN_NEW_ARRAY(b->arena, double, b->consts.n + 32); /* 32: aligned for vectors */
  pn_gtable *tables = PN_NEW_ARRAY(b->arena, pn_gtable, g->tables.n);
  if (b->consts.n)
    memcpy(consts, b->consts.at, b->consts.n * sizeof *consts);
  if (g->tables.n)
    memcpy(tables, g->tables.at, g->tables.n * sizeof *tables);
  pn_tape_code *c = PN_NEW(b->arena, pn_tape_code);
  *c = (pn_tape_code){.n_prologue = (int)b->prologue.n,
                      .n_ins = (int)b->ins.n,
                      .n_consts = (int)(b->consts.n / PN_LANES),
                      .n_tables = (int)g->tables.n,
                      .n_regs = b->n_regs,
                      .prologue = b->prologue.at,
                      .ins = b->ins.at,
                      .consts = consts,
                      .tables = tables,
                      .run = pn_tape_runner()};
  return c;
}

pn_tape *pn_tape_build(pn_arena *a, const pn_graph *g, const pn_gnode *outputs, int n_outputs,
                       int n_inputs, int n_params)
{
  builder b = {.arena = a, .g = g};
  for (int k = 0; k < n_outputs; k++)
    if (outputs[k] >= b.n)
      b.n = outputs[k] + 1;
  b.at = PN_NEW_ARRAY(a, plan, b.n);
  count_uses(&b, outputs, n_outputs);
  merge_products(&b);
  find_guards(&b);
  order_nodes(&b);
  find_last_uses(&b);
  assign_outputs(&b, outputs, n_outputs);
  emit_all(&b);
  copy_outputs(&b, outputs, n_outputs);
  pn_tape *t = PN_NEW(a, pn_tape);
  *t = (pn_tape){n_inputs, n_params, n_outputs, b.n_pre, b.n_pre + b.n_regs, finish(&b)};
  return t;
}
