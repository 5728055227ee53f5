/* What nonlinear devices remember between evaluations: the voltages at which the last iterate of
 * an operating point was linearised (junction limiting), and memory that follows accepted points. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES };

bool pn_sim_has_limits(const pn_sim *s)
{
  return s->has_limits;
}

void pn_sim_set_limiting(pn_sim *s, pn_limiting limiting)
{
  s->limiting = limiting;
}

bool pn_sim_limited(const pn_sim *s)
{
  return s->was_limited;
}

/* The block is to be evaluated at limited unknowns, which are remembered. */
void pn_sim_limit_block(pn_sim *s, int batch, int first, pn_dev_block *b, const pn_block_arrays *a)
{
  const pn_batch *bt = &s->c->batches.at[batch];
  const pn_device_class *cls = bt->cls;
  double *memory = s->run[batch].limited + first;
  size_t pad = (size_t)bt->n_pad, row = L * sizeof(double);
  double *old = a->f; /* scratch: eval finds it zero */
  bool start = s->limiting == PN_LIMIT_START;
  for (int l = 0; l < cls->n_locals; l++)
    memcpy(old + l * L, memory + (size_t)l * pad, row);
  memcpy(a->limited, a->u, (size_t)cls->n_locals * row);
  cls->limit(cls, b, start ? NULL : old, a->limited);
  for (int l = 0; l < cls->n_locals; l++)
    memcpy(memory + (size_t)l * pad, a->limited + l * L, row);
  memset(old, 0, (size_t)cls->n_locals * row);
  b->u = a->limited;
}

/* f and q at the unknowns themselves, along the tangent at the limited ones. */
void pn_sim_extrapolate(pn_sim *s, int batch, const pn_dev_block *b, const pn_block_arrays *a)
{
  const pn_device_class *cls = s->c->batches.at[batch].cls;
  double beyond = 0;
  for (int k = 0; k < cls->n_locals * L; k++) {
    double gap = a->u[k] - a->limited[k];
    beyond = fmax(beyond, fabs(gap) / (1e-6 * fabs(a->u[k]) + s->opt.vntol));
    a->limited[k] = gap;
  }
  s->was_limited |= beyond > 1;
  if (beyond == 0)
    return;
  for (int m = 0; m < cls->n_pairs; m++) {
    const double *gap = a->limited + cls->pairs[m].col * L;
    for (int l = 0; l < L; l++) {
      b->f[cls->pairs[m].row * L + l] += b->jf[m * L + l] * gap[l];
      b->q[cls->pairs[m].row * L + l] += b->jq[m * L + l] * gap[l];
    }
  }
}

void pn_sim_advance_batch(pn_sim *s, int batch, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_block_arrays a = pn_sim_carve(s, batch);
  for (int first = 0; first < b->n; first += L) {
    if (s->may_rest && pn_rest_is(s, batch, first))
      continue;
    pn_sim_gather(s, batch, first, &a);
    pn_dev_block blk = {.p = a.p,
                        .u = a.u,
                        .h = a.h,
                        .t = t,
                        .temp = s->opt.temp,
                        .gmin = s->opt.gmin,
                        .f = a.f,
                        .q = a.q,
                        .jf = a.jf,
                        .jq = a.jq,
                        .work = a.work,
                        .n = b->n - first < L ? b->n - first : L};
    b->cls->advance(b->cls, &blk, a.h);
    for (int m = 0; m < b->cls->n_hist; m++)
      memcpy(s->run[batch].hist + (size_t)m * (size_t)b->n_pad + first, a.h + m * L,
             L * sizeof *a.h);
  }
}

void pn_sim_charges_at(pn_sim *s, int device, const double *u, double *q)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  pn_block_arrays a = pn_sim_carve(s, d->batch);
  int lane = d->place % L, n = d->cls->n_locals;
  pn_sim_gather(s, d->batch, d->place - lane, &a);
  memset(a.f, 0, 2 * (size_t)n * L * sizeof *a.f); /* f and q */
  for (int k = 0; k < n; k++)
    a.u[k * L + lane] = u[k];
  pn_dev_block b = {.p = a.p,
                    .u = a.u,
                    .h = a.h,
                    .temp = s->opt.temp,
                    .gmin = s->opt.gmin,
                    .f = a.f,
                    .q = a.q,
                    .work = a.work,
                    .n = lane + 1};
  d->cls->eval(d->cls, &b);
  for (int k = 0; k < n; k++)
    q[k] = a.q[k * L + lane];
}
