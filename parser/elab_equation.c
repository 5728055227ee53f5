/* A device class made at run time from the expressions of its rows: derivatives by the
 * graph, evaluation by tapes over blocks of instances. Classes whose tapes are the same are
 * made once, so that their instances share a batch. */
#include "parser/elab.h"

#include <string.h>

typedef struct equation_data {
  const pn_tape *full;   /* f, q, held, jf, jq */
  const pn_tape *values; /* f, q, held: when no derivatives are wanted */
  bool has_q;
  int n_held;
  const int *held_row; /* [n_held] locals */
  pn_equation of;      /* what it was made of */
} equation_data;

static const double KELVIN = 273.15; /* 0 degC in K */

static void derive(const pn_device_class *c, double *p, double temp)
{
  const equation_data *d = c->data;
  (void)temp;
  pn_tape_prologue(d->full, p, p + c->n_params);
  pn_tape_prologue(d->values, p, p + c->n_params + d->full->n_pre);
}

static void rows(double *to, const double *from, int n)
{
  memcpy(to, from, (size_t)n * PN_LANES * sizeof *to);
}

/* While memory is held, rows of integrals read s - s0 = 0. held [n_held][PN_LANES]: s - s0. */
static void hold(const pn_device_class *c, const pn_dev_block *b, const double *held)
{
  const equation_data *d = c->data;
  for (int k = 0; k < d->n_held; k++) {
    int row = d->held_row[k];
    rows(b->f + row * PN_LANES, held + k * PN_LANES, 1);
    for (int j = 0; b->jf && j < c->n_pairs; j++)
      for (int l = 0; l < PN_LANES && c->pairs[j].row == row; l++)
        b->jf[j * PN_LANES + l] = c->pairs[j].col == row;
  }
}

/* Scratch: inputs [n_locals + 2], outputs, then the tape's own. */
static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  const equation_data *d = c->data;
  const pn_tape *t = b->jf ? d->full : d->values;
  const double *pre = b->p + (c->n_params + (b->jf ? 0 : d->full->n_pre)) * PN_LANES;
  int n = c->n_locals;
  double *in = b->work, *out = in + (n + 2) * PN_LANES;
  rows(in, b->u, n);
  for (int l = 0; l < PN_LANES; l++) {
    in[n * PN_LANES + l] = b->t;
    in[(n + 1) * PN_LANES + l] = b->temp - KELVIN;
  }
  pn_tape_eval(t, b->n, in, b->p, pre, out + t->n_outputs * PN_LANES, out);

  rows(b->f, out, n);
  out += n * PN_LANES;
  if (d->has_q) {
    rows(b->q, out, n);
    out += n * PN_LANES;
  } else {
    memset(b->q, 0, (size_t)n * PN_LANES * sizeof *b->q);
  }
  const double *held = out;
  out += d->n_held * PN_LANES;
  if (b->jf) {
    rows(b->jf, out, c->n_pairs);
    if (d->has_q)
      rows(b->jq, out + c->n_pairs * PN_LANES, c->n_pairs);
    else
      memset(b->jq, 0, (size_t)c->n_pairs * PN_LANES * sizeof *b->jq);
  }
  if (b->hold)
    hold(c, b, held);
}

/* ---- building ---- */

typedef struct builder {
  pn_arena *a;
  const pn_equation *q;
  PN_VEC(pn_gnode) out;
  PN_VEC(pn_gnode) jf, jq;
  PN_VEC(pn_pair) pairs;
  PN_VEC(int) held;
  uint8_t *q_row;
  bool has_q;
} builder;

static pn_gnode row(const builder *w, const pn_gnode *of, int k)
{
  return of[k] >= 0 ? of[k] : pn_graph_const(w->q->graph, 0);
}

static bool is_zero(const pn_graph *g, pn_gnode node)
{
  double value;
  return pn_graph_is_const(g, node, &value) && value == 0;
}

static void differentiate_row(builder *w, int r)
{
  pn_graph *g = w->q->graph;
  pn_gnode f = row(w, w->q->f, r), q = row(w, w->q->q, r);
  for (int c = 0; c < w->q->n_locals; c++) {
    pn_gnode jf = pn_graph_diff(g, f, c), jq = pn_graph_diff(g, q, c);
    bool diagonal = c == r && w->q->held[r] >= 0; /* held rows need it */
    if (is_zero(g, jf) && is_zero(g, jq) && !diagonal)
      continue;
    *PN_PUSH(w->a, &w->pairs) = (pn_pair){(uint16_t)r, (uint16_t)c};
    *PN_PUSH(w->a, &w->jf) = jf;
    *PN_PUSH(w->a, &w->jq) = jq;
  }
  w->q_row[r] = w->q->q[r] >= 0;
}

static void collect(builder *w)
{
  const pn_equation *q = w->q;
  w->q_row = PN_NEW_ARRAY(w->a, uint8_t, q->n_locals);
  for (int k = 0; k < q->n_locals; k++) {
    *PN_PUSH(w->a, &w->out) = row(w, q->f, k);
    w->has_q |= q->q[k] >= 0;
  }
  for (int k = 0; w->has_q && k < q->n_locals; k++)
    *PN_PUSH(w->a, &w->out) = row(w, q->q, k);
  for (int k = 0; k < q->n_locals; k++)
    if (q->held[k] >= 0) {
      *PN_PUSH(w->a, &w->out) = q->held[k];
      *PN_PUSH(w->a, &w->held) = k;
    }
  for (int k = 0; k < q->n_locals; k++)
    differentiate_row(w, k);
}

static bool same_locals(const pn_device_class *c, const pn_equation *q)
{
  if (c->n_locals != q->n_locals || c->n_params != q->n_params)
    return false;
  for (int k = 0; k < q->n_locals; k++)
    if (c->locals[k].kind != q->locals[k].kind || c->locals[k].unit[0] != q->locals[k].unit[0])
      return false;
  return true;
}

static const pn_device_class *find_same(pn_elab *e, const pn_equation *q, const pn_tape *full,
                                        const builder *w)
{
  for (size_t k = 0; k < e->equation_classes.n; k++) {
    const pn_device_class *c = e->equation_classes.at[k];
    const equation_data *d = c->data;
    if (same_locals(c, q) && d->has_q == w->has_q && d->n_held == (int)w->held.n &&
        c->n_pairs == (int)w->pairs.n &&
        (c->n_pairs == 0 || memcmp(c->pairs, w->pairs.at, w->pairs.n * sizeof *c->pairs) == 0) &&
        pn_tape_same(d->full, full))
      return c;
  }
  return NULL;
}

const pn_device_class *pn_equation_class(pn_elab *e, const pn_equation *q)
{
  builder w = {.a = e->arena, .q = q};
  collect(&w);
  int n_values = (int)w.out.n, inputs = q->n_locals + 2;
  for (size_t k = 0; k < w.pairs.n; k++)
    *PN_PUSH(e->arena, &w.out) = w.jf.at[k];
  for (size_t k = 0; w.has_q && k < w.pairs.n; k++)
    *PN_PUSH(e->arena, &w.out) = w.jq.at[k];
  const pn_tape *full = pn_tape_build(e->arena, q->graph, w.out.at, (int)w.out.n, inputs,
                                      q->n_params);
  const pn_device_class *same = find_same(e, q, full, &w);
  if (same)
    return same;
  equation_data *d = PN_NEW(e->arena, equation_data);
  *d = (equation_data){
      .full = full, .has_q = w.has_q, .n_held = (int)w.held.n, .held_row = w.held.at, .of = *q};
  d->values = pn_tape_build(e->arena, q->graph, w.out.at, n_values, inputs, q->n_params);
  int work = full->n_work > d->values->n_work ? full->n_work : d->values->n_work;
  bool time = false;
  for (size_t k = 0; k < w.out.n; k++)
    time |= pn_graph_depends(q->graph, w.out.at[k], q->n_locals);
  pn_device_class *c = PN_NEW(e->arena, pn_device_class);
  *c = (pn_device_class){.name = "behavioural",
                         .title = "Behavioural source",
                         .letter = 'b',
                         .flags = (w.has_q ? PN_DEV_Q : 0) | (time ? PN_DEV_TIME : 0),
                         .params = q->params,
                         .n_params = q->n_params,
                         .n_derived = full->n_pre + d->values->n_pre,
                         .locals = q->locals,
                         .n_locals = q->n_locals,
                         .pairs = w.pairs.at,
                         .n_pairs = (int)w.pairs.n,
                         .q_row = w.has_q ? w.q_row : NULL,
                         .n_work = inputs + (int)w.out.n + work,
                         .derive = derive,
                         .eval = eval,
                         .data = d};
  *PN_PUSH(e->arena, &e->equation_classes) = c;
  return c;
}

const pn_equation *pn_equation_of(const pn_device_class *cls)
{
  return cls->eval == eval ? &((const equation_data *)cls->data)->of : NULL;
}
