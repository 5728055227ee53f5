/* Builds tapes from graphs: which nodes are needed, which of them depend on
 * parameters only (the prologue), and which row of scratch each result takes.
 * Also runs the prologue and the complex form, which are too rare for vectors. */
#include "expr/tape_code.h"

#include <string.h>

/* While a tape is built. Arrays are [n] over the graph's nodes up to the largest output. */
typedef struct builder {
  pn_arena *arena;
  const pn_graph *g;
  int n;
  bool *needed;
  int *last_use; /* position (node number) of the last instruction that reads the node */
  int *ref;      /* where the node's value lives */
  bool *kept;    /* a result of the prologue that evaluation or an output reads */
  PN_VEC(double) consts;
  PN_VEC(pn_tape_ins) prologue, ins;
  PN_VEC(int) free_pre, free_work; /* rows that can be used again */
  int n_pre, n_regs;
} builder;

static int reference(int space, int row)
{
  return space * (1 << PN_T_SHIFT) + row;
}

static bool is_op(const pn_gnode_data *d)
{
  return pn_graph_arity(d->kind) > 0;
}

/* Depends on parameters but on no input. */
static bool is_prologue(const pn_gnode_data *d)
{
  return is_op(d) && d->inputs == 0;
}

static void mark_needed(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = 0; k < n_outputs; k++) {
    b->needed[outputs[k]] = true;
    b->last_use[outputs[k]] = b->n;
    b->kept[outputs[k]] = true;
  }
  for (int k = b->n - 1; k >= 0; k--) {
    const pn_gnode_data *d = &b->g->nodes.at[k];
    if (!b->needed[k])
      continue;
    for (int j = 0; j < pn_graph_arity(d->kind); j++) {
      int arg = d->args[j];
      b->needed[arg] = true;
      if (b->last_use[arg] < k)
        b->last_use[arg] = k;
      if (!is_prologue(d))
        b->kept[arg] = true;
    }
  }
}

static int leaf_reference(builder *b, const pn_gnode_data *d)
{
  if (d->kind == PN_G_INPUT)
    return reference(PN_T_IN, d->index);
  if (d->kind == PN_G_PARAM)
    return reference(PN_T_PAR, d->index);
  for (int k = 0; k < PN_LANES; k++)
    *PN_PUSH(b->arena, &b->consts) = d->value;
  return reference(PN_T_CONST, (int)(b->consts.n / PN_LANES) - 1);
}

/* Rows whose value is read for the last time by node k become free. */
static void release_args(builder *b, int k)
{
  const pn_gnode_data *d = &b->g->nodes.at[k];
  for (int j = 0; j < pn_graph_arity(d->kind); j++) {
    int arg = d->args[j], space = b->ref[arg] >> PN_T_SHIFT, row = b->ref[arg] & PN_T_ROW;
    bool again = (j > 0 && d->args[0] == arg) || (j > 1 && d->args[1] == arg);
    if (b->last_use[arg] != k || again)
      continue;
    if (space == PN_T_WORK)
      *PN_PUSH(b->arena, &b->free_work) = row;
    else if (space == PN_T_PRE && !b->kept[arg])
      *PN_PUSH(b->arena, &b->free_pre) = row;
  }
}

static int take_row(builder *b, bool prologue)
{
  if (prologue)
    return reference(PN_T_PRE, b->free_pre.n ? b->free_pre.at[--b->free_pre.n] : b->n_pre++);
  return reference(PN_T_WORK, b->free_work.n ? b->free_work.at[--b->free_work.n] : b->n_regs++);
}

static void emit(builder *b, int k)
{
  const pn_gnode_data *d = &b->g->nodes.at[k];
  bool prologue = is_prologue(d), table = d->kind == PN_G_PWL || d->kind == PN_G_SLOPE;
  pn_tape_ins i = {.op = d->kind, .table = table ? d->index : 0};
  for (int j = 0; j < pn_graph_arity(d->kind); j++)
    i.arg[j] = b->ref[d->args[j]];
  release_args(b, k);
  /* Instructions work lane by lane, so a result may take the place of an operand. */
  if ((b->ref[k] >> PN_T_SHIFT) != PN_T_OUT)
    b->ref[k] = take_row(b, prologue);
  i.dst = b->ref[k];
  if (prologue)
    *PN_PUSH(b->arena, &b->prologue) = i;
  else
    *PN_PUSH(b->arena, &b->ins) = i;
}

/* An op that is an output is computed in place; leaves, results of the prologue and outputs
 * that appear twice are copied at the end. */
static void assign_outputs(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = n_outputs - 1; k >= 0; k--) {
    const pn_gnode_data *d = &b->g->nodes.at[outputs[k]];
    if (is_op(d) && !is_prologue(d))
      b->ref[outputs[k]] = reference(PN_T_OUT, k);
  }
}

static void copy_outputs(builder *b, const pn_gnode *outputs, int n_outputs)
{
  for (int k = 0; k < n_outputs; k++) {
    int to = reference(PN_T_OUT, k), from = b->ref[outputs[k]];
    if (from != to)
      *PN_PUSH(b->arena, &b->ins) = (pn_tape_ins){.op = PN_T_COPY, .dst = to, .arg = {from, 0, 0}};
  }
}

pn_tape *pn_tape_build(pn_arena *a, const pn_graph *g, const pn_gnode *outputs, int n_outputs,
                       int n_inputs, int n_params)
{
  builder b = {.arena = a, .g = g};
  for (int k = 0; k < n_outputs; k++)
    if (outputs[k] >= b.n)
      b.n = outputs[k] + 1;
  b.needed = PN_NEW_ARRAY(a, bool, b.n);
  b.kept = PN_NEW_ARRAY(a, bool, b.n);
  b.last_use = PN_NEW_ARRAY(a, int, b.n);
  b.ref = PN_NEW_ARRAY(a, int, b.n);
  mark_needed(&b, outputs, n_outputs);
  assign_outputs(&b, outputs, n_outputs);
  for (int k = 0; k < b.n; k++) {
    if (!b.needed[k])
      continue;
    if (is_op(&g->nodes.at[k]))
      emit(&b, k);
    else
      b.ref[k] = leaf_reference(&b, &g->nodes.at[k]);
  }
  copy_outputs(&b, outputs, n_outputs);

  double *consts = PN_NEW_ARRAY(a, double, b.consts.n + 32); /* 32: aligned for vectors */
  pn_gtable *tables = PN_NEW_ARRAY(a, pn_gtable, g->tables.n);
  if (b.consts.n)
    memcpy(consts, b.consts.at, b.consts.n * sizeof *consts);
  if (g->tables.n)
    memcpy(tables, g->tables.at, g->tables.n * sizeof *tables);
  pn_tape_code *c = PN_NEW(a, pn_tape_code);
  *c = (pn_tape_code){.n_prologue = (int)b.prologue.n,
                      .n_ins = (int)b.ins.n,
                      .n_consts = (int)(b.consts.n / PN_LANES),
                      .n_tables = (int)g->tables.n,
                      .n_regs = b.n_regs,
                      .prologue = b.prologue.at,
                      .ins = b.ins.at,
                      .consts = consts,
                      .tables = tables,
                      .run = pn_tape_runner()};
  pn_tape *t = PN_NEW(a, pn_tape);
  *t = (pn_tape){n_inputs, n_params, n_outputs, b.n_pre, b.n_pre + b.n_regs, c};
  return t;
}

/* ---- comparison ---- */

static bool same_bytes(const void *a, const void *b, size_t n)
{
  return n == 0 || memcmp(a, b, n) == 0;
}

static bool same_tables(const pn_tape_code *a, const pn_tape_code *b)
{
  if (a->n_tables != b->n_tables)
    return false;
  for (int k = 0; k < a->n_tables; k++) {
    const pn_gtable *s = &a->tables[k], *t = &b->tables[k];
    size_t size = (size_t)s->n * sizeof(double);
    if (s->n != t->n || !same_bytes(s->xs, t->xs, size) || !same_bytes(s->ys, t->ys, size))
      return false;
  }
  return true;
}

bool pn_tape_same(const pn_tape *a, const pn_tape *b)
{
  const pn_tape_code *s = a->code, *t = b->code;
  return a->n_inputs == b->n_inputs && a->n_params == b->n_params && a->n_outputs == b->n_outputs &&
         a->n_pre == b->n_pre && a->n_work == b->n_work && s->n_prologue == t->n_prologue &&
         s->n_ins == t->n_ins && s->n_consts == t->n_consts &&
         same_bytes(s->prologue, t->prologue, (size_t)s->n_prologue * sizeof *s->prologue) &&
         same_bytes(s->ins, t->ins, (size_t)s->n_ins * sizeof *s->ins) &&
         same_bytes(s->consts, t->consts, (size_t)s->n_consts * PN_LANES * sizeof(double)) &&
         same_tables(s, t);
}

/* ---- prologue and complex evaluation, one instance ---- */

void pn_tape_prologue(const pn_tape *t, const double *par, double *pre)
{
  const pn_tape_code *c = t->code;
  for (int k = 0; k < c->n_prologue; k++) {
    const pn_tape_ins *i = &c->prologue[k];
    double v[3];
    for (int j = 0; j < 3; j++) {
      int row = i->arg[j] & PN_T_ROW;
      switch (j < pn_graph_arity(i->op) ? i->arg[j] >> PN_T_SHIFT : -1) {
      case PN_T_CONST:
        v[j] = c->consts[(size_t)row * PN_LANES];
        break;
      case PN_T_PAR:
        v[j] = par[row];
        break;
      case PN_T_PRE:
        v[j] = pre[row];
        break;
      default:
        v[j] = 0;
      }
    }
    double *d = &pre[i->dst & PN_T_ROW];
    if (i->op == PN_G_PWL)
      *d = pn_gtable_value(&c->tables[i->table], v[0]);
    else if (i->op == PN_G_SLOPE)
      *d = pn_gtable_slope(&c->tables[i->table], v[0]);
    else
      *d = pn_op_real(i->op, v);
  }
}

/* The rows of one complex instance; the prologue's results come first in work. */
typedef struct complex_rows {
  const pn_tape *t;
  const double complex *in;
  const double *par;
  double complex *work, *out;
} complex_rows;

static double complex *row_of(const complex_rows *r, int ref)
{
  int row = ref & PN_T_ROW;
  switch (ref >> PN_T_SHIFT) {
  case PN_T_PRE:
    return &r->work[row];
  case PN_T_WORK:
    return &r->work[r->t->n_pre + row];
  default:
    return &r->out[row];
  }
}

static double complex complex_value(const complex_rows *r, int ref)
{
  int row = ref & PN_T_ROW;
  switch (ref >> PN_T_SHIFT) {
  case PN_T_CONST:
    return r->t->code->consts[(size_t)row * PN_LANES];
  case PN_T_IN:
    return r->in[row];
  case PN_T_PAR:
    return r->par[row];
  default:
    return *row_of(r, ref);
  }
}

static void run_complex(const complex_rows *r, const pn_tape_ins *ins, int n)
{
  for (const pn_tape_ins *i = ins; i < ins + n; i++) {
    double complex v[3] = {0};
    int arity = i->op == PN_T_COPY ? 1 : pn_graph_arity(i->op);
    for (int j = 0; j < arity; j++)
      v[j] = complex_value(r, i->arg[j]);
    double complex *d = row_of(r, i->dst);
    if (i->op == PN_T_COPY)
      *d = v[0];
    else if (i->op == PN_G_PWL)
      *d = pn_gtable_value(&r->t->code->tables[i->table], creal(v[0]));
    else if (i->op == PN_G_SLOPE)
      *d = pn_gtable_slope(&r->t->code->tables[i->table], creal(v[0]));
    else
      *d = pn_op_complex(i->op, v);
  }
}

void pn_tape_eval_complex(const pn_tape *t, const double complex *in, const double *par,
                          double complex *work, double complex *out)
{
  complex_rows r = {t, in, par, work, out};
  run_complex(&r, t->code->prologue, t->code->n_prologue);
  run_complex(&r, t->code->ins, t->code->n_ins);
}
