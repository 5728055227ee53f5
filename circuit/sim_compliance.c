/* icc= on a memristor's line: an ideal limiter in series. Where the device alone would carry more
 * than icc, it carries icc exactly and keeps the voltage v_m that belongs to it, i(x, v_m) = +-icc; the limiter
 * takes the rest. Its state then moves as g(x, v_m(x)), with dv_m/dx = -i_x/i_v. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES, MOST_STEPS = 200 };

/* One lane's search for v_m = part * v, part in [low, high]. */
typedef struct search {
  bool active, done;
  double low, high, part;
} search;

static void step(search *z, double v, double i, double i_v, double icc)
{
  double excess = fabs(i) - icc, slope = i_v * fabs(v); /* d|i|/d part: i has the sign of v */
  if (excess > 0)
    z->high = z->part;
  else
    z->low = z->part;
  if (fabs(excess) <= 1e-14 * icc || z->high - z->low <= 1e-16 * z->high) {
    z->done = true;
    return;
  }
  double next = z->part - excess / slope;
  z->part = slope > 0 && next > z->low && next < z->high ? next : 0.5 * (z->low + z->high);
}

/* The row of a limited device: constant current, rates along v_m(x). */
static void finish(int ns, const pn_mem_block *b, int l, double current)
{
  for (int r = 0; r < ns; r++)
    for (int c = 0; c < ns && b->i_v[l] != 0; c++)
      b->g_x[(r * ns + c) * L + l] -= b->g_v[r * L + l] * b->i_x[c * L + l] / b->i_v[l];
  for (int r = 0; r < ns; r++)
    b->g_v[r * L + l] = b->i_x[r * L + l] = 0;
  b->i_v[l] = 0;
  b->i[l] = current;
}

void pn_mem_limit(pn_sim *s, int batch, int first, double t, const pn_mem_block *given)
{
  const pn_memristor *m = s->c->batches.at[batch].cls->mem;
  const double *icc = s->run[batch].icc + first;
  search z[L];
  double v[L];
  int active = 0;
  for (int l = 0; l < L; l++) {
    z[l] = (search){.high = 1, .part = 1};
    z[l].active = l < given->n && fabs(given->i[l]) > icc[l];
    active += z[l].active;
    v[l] = given->v[l];
  }
  if (!active)
    return;
  pn_mem_block b = *given;
  b.v = v;
  for (int k = 0, open = active; open && k < MOST_STEPS; k++) {
    open = 0;
    for (int l = 0; l < L; l++) {
      if (!z[l].active || z[l].done)
        continue;
      step(&z[l], given->v[l], b.i[l], b.i_v[l], icc[l]);
      v[l] = z[l].part * given->v[l];
      open += !z[l].done;
    }
    m->eval(m, &b);
    pn_vary_block(s, batch, first, t, &b);
  }
  for (int l = 0; l < L; l++)
    if (z[l].active)
      finish(m->n_states, &b, l, copysign(icc[l], given->v[l]));
}

void pn_mem_init_limits(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  bool any = false;
  for (int k = 0; k < b->n; k++)
    any |= pn_device_at(s->c, pn_batch_device(s->c, b, k)).icc > 0;
  if (!any)
    return;
  double *icc = s->run[batch].icc = PN_NEW_ARRAY(&s->arena, double, b->n_pad);
  for (int k = 0; k < b->n_pad; k++) {
    double given = pn_device_at(s->c, pn_batch_device(s->c, b, k < b->n ? k : b->n - 1)).icc;
    icc[k] = given > 0 ? given : INFINITY;
  }
}
