/* Tapes once they are built: comparison, the prologue and the complex form, which
 * are too rare for vectors. Building is in tape_build.c, lanes in tape_lanes.c. */
#include "expr/tape_code.h"

#include <string.h>

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

static int arity_of(int op)
{
  if (op < PN_G_KINDS)
    return pn_graph_arity(op);
  return op == PN_T_COPY ? 1 : op < PN_T_SKIP_IF_0 ? 3 : 0;
}

static double complex complex_result(const complex_rows *r, const pn_tape_ins *i)
{
  double complex v[3] = {0};
  for (int j = 0; j < arity_of(i->op); j++)
    v[j] = complex_value(r, i->arg[j]);
  switch (i->op) {
  case PN_T_COPY:
    return v[0];
  case PN_T_MUL_MUL:
    return v[0] * v[1] * v[2];
  case PN_T_MUL_ADD:
    return v[0] * v[1] + v[2];
  case PN_T_MUL_SUB:
    return v[0] * v[1] - v[2];
  case PN_T_SUB_MUL:
    return v[2] - v[0] * v[1];
  case PN_G_PWL:
    return pn_gtable_value(&r->t->code->tables[i->table], creal(v[0]));
  case PN_G_SLOPE:
    return pn_gtable_slope(&r->t->code->tables[i->table], creal(v[0]));
  default:
    return pn_op_complex(i->op, v);
  }
}

/* Skips are for speed only: here both sides of every choice are worked out. */
static void run_complex(const complex_rows *r, const pn_tape_ins *ins, int n)
{
  for (int k = 0; k < n; k++)
    if (ins[k].op != PN_T_SKIP_IF_0 && ins[k].op != PN_T_SKIP_IF_1)
      *row_of(r, ins[k].dst) = complex_result(r, &ins[k]);
}

void pn_tape_eval_complex(const pn_tape *t, const double complex *in, const double *par,
                          double complex *work, double complex *out)
{
  complex_rows r = {t, in, par, work, out};
  run_complex(&r, t->code->prologue, t->code->n_prologue);
  run_complex(&r, t->code->ins, t->code->n_ins);
}
