/* User-defined memristors: the expressions of a .model card, differentiated exactly and run as
 * one tape, behind the same interface as the built-in models. */
#include "devices/memristors/model.h"

#include "expr/tape.h"

#include <string.h>

/* The derived columns of an instance: its temperature (degC), then the prologue's results. */
static void derive(const pn_memristor *m, double *p, double temp)
{
  p[m->n_params] = temp - PN_KELVIN;
  pn_tape_prologue(m->data, p, p + m->n_params + 1);
}

/* Copies rows of a block. The tape fills whole vectors of 8 lanes: when only the first is in use, its
 * copy fills the second, so that every lane holds a valid number. */
static void rows(double *to, const double *from, int n_rows, int lanes)
{
  enum { VECTOR = 8 };
  for (int k = 0; k < n_rows * PN_LANES; k += PN_LANES) {
    memcpy(to + k, from + k, VECTOR * sizeof *to);
    memcpy(to + k + VECTOR, from + k + (lanes > VECTOR ? VECTOR : 0), VECTOR * sizeof *to);
  }
}

/* Scratch: inputs [n_inputs], outputs [n_outputs], then the tape's own. */
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  const pn_tape *t = m->data;
  int n = m->n_states;
  const double *derived = b->p + m->n_params * PN_LANES;
  double *in = b->work, *out = in + t->n_inputs * PN_LANES;
  rows(in + PN_USER_V * PN_LANES, b->v, 1, PN_LANES);
  for (int l = 0; l < PN_LANES; l++)
    in[PN_USER_T * PN_LANES + l] = b->t;
  rows(in + PN_USER_TEMPER * PN_LANES, derived, 1, PN_LANES);
  rows(in + PN_USER_X * PN_LANES, b->x, n, PN_LANES);
  pn_tape_eval(t, b->n, in, b->p, derived + PN_LANES, out + t->n_outputs * PN_LANES, out);

  rows(b->i, out, 1, b->n);
  rows(b->i_v, out += PN_LANES, 1, b->n);
  rows(b->i_x, out += PN_LANES, n, b->n);
  rows(b->g, out += n * PN_LANES, n, b->n);
  rows(b->g_v, out += n * PN_LANES, n, b->n);
  rows(b->g_x, out + n * PN_LANES, n * n, b->n);
}

/* i, i_v, i_x [n], g [n], g_v [n], g_x [n][n]: the order eval reads them in. */
static const pn_tape *build(pn_arena *a, const pn_mem_user *u)
{
  int n = u->n_states, k = 0;
  pn_graph *g = u->graph;
  pn_gnode *out = PN_NEW_ARRAY(a, pn_gnode, 2 + 3 * n + n * n);
  pn_gnode v = pn_graph_input(g, PN_USER_V);
  pn_gnode i = u->i_of_v ? u->current : pn_graph_op2(g, PN_OP_MUL, u->current, v);
  out[k++] = i;
  out[k++] = pn_graph_diff(g, i, PN_USER_V);
  for (int c = 0; c < n; c++)
    out[k++] = pn_graph_diff(g, i, PN_USER_X + c);
  for (int r = 0; r < n; r++)
    out[k++] = u->rates[r];
  for (int r = 0; r < n; r++)
    out[k++] = pn_graph_diff(g, u->rates[r], PN_USER_V);
  for (int r = 0; r < n; r++)
    for (int c = 0; c < n; c++)
      out[k++] = pn_graph_diff(g, u->rates[r], PN_USER_X + c);
  return pn_tape_build(a, g, out, k, PN_USER_X + n, u->n_params);
}

const pn_memristor *pn_memristor_define(pn_arena *a, const pn_mem_user *u)
{
  const pn_tape *t = build(a, u);
  pn_memristor *m = PN_NEW(a, pn_memristor);
  pn_mem_user *own = PN_NEW(a, pn_mem_user);
  pn_gnode *rates = PN_NEW_ARRAY(a, pn_gnode, u->n_states + 1);
  memcpy(rates, u->rates, (size_t)u->n_states * sizeof *rates);
  *own = *u;
  own->rates = rates;
  *m = (pn_memristor){
      .name = u->name,
      .title = "User-defined memristor",
      .equations = "as written on the .model card\n",
      .citation = "the netlist",
      .params = u->params,
      .n_params = u->n_params,
      .n_derived = 1 + t->n_pre,
      .states = u->states,
      .n_states = u->n_states,
      .is_volatile = u->is_volatile,
      .v_max = 1.0,
      .n_work = t->n_inputs + t->n_outputs + t->n_work,
      .derive = derive,
      .eval = eval,
      .data = t,
      .user = own,
  };
  return m;
}
