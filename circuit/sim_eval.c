/* Evaluating f, q, G and C at a point: linear devices by one product with their
 * stamps, nonlinear ones in blocks, sources by their waveforms. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES };

/* f = G0 y, q = C0 y; G = G0 and C = C0. */
static void start_linear(pn_sim *s, bool jacobian)
{
  size_t n = (size_t)(s->c->n + 1), nnz = (size_t)(s->c->nnz + 1);
  memset(s->f, 0, n * sizeof *s->f);
  if (s->c0 || !s->is_linear)
    memset(s->q, 0, n * sizeof *s->q);
  if (jacobian && s->g != s->g0)
    memcpy(s->g, s->g0, nnz * sizeof *s->g);
  if (jacobian && s->cq)
    memcpy(s->cq, s->c0, nnz * sizeof *s->cq);
  pn_sim_add_g_linear(s, s->y, s->f);
  if (s->has_c0 && s->packed)
    pn_sim_add_packed(s->c, &s->packed_c0, s->y, s->q);
  else if (s->has_c0)
    pn_sim_add_whole(s->c, s->c0, s->y, s->q);
}

static void add_sources(pn_sim *s, double t)
{
  for (int k = 0; k < s->n_sources; k++) {
    const pn_source_run *r = &s->source[k];
    double value = !isnan(r->dc_override) ? r->dc_override
                   : s->mode != PN_SIM_OP ? pn_wave_at(r->wave, t)
                   : s->at_start          ? pn_wave_at(r->wave, 0)
                                          : pn_wave_dc(r->wave);
    value *= r->sign * s->source_scale;
    s->f[r->row_p] += value;
    s->f[r->row_n] -= value;
  }
}

/* Conductances that homotopies put from nodes to ground, to the last pseudo-time point and to
 * given values. */
static pn_status add_aids(pn_sim *s, bool jacobian)
{
  const pn_circuit *c = s->c;
  if (jacobian && s->g == s->g0 && (s->diag_gmin > 0 || s->pseudo_g > 0 || s->n_ties)) {
    size_t bytes = (size_t)(c->nnz + 1) * sizeof *s->g;
    double *own = pn_arena_try(&s->arena, bytes);
    if (!own)
      return PN_E_MEMORY;
    memcpy(own, s->g0, bytes);
    s->g = own;
  }
  const double *to = s->pseudo_g > 0 ? s->y_pseudo : s->y; /* the former exists only then */
  if (s->diag_gmin > 0 || s->pseudo_g > 0)
    for (int j = 0; j < c->n_mna; j++) {
      pn_unknown_kind kind = pn_unknown_kind_at(c, j);
      if (kind == PN_U_BRANCH || kind == PN_U_INNER)
        continue;
      s->f[j] += s->diag_gmin * s->y[j] + s->pseudo_g * (s->y[j] - to[j]);
      if (jacobian)
        s->g[c->diag_slot[j]] += s->diag_gmin + s->pseudo_g;
    }
  for (int k = 0; k < s->n_ties; k++) {
    int j = s->tie_unknown[k];
    s->f[j] += s->y[j] - s->tie_value[k];
    if (jacobian)
      s->g[c->diag_slot[j]] += 1;
  }
  return PN_OK;
}

pn_block_arrays pn_sim_carve(const pn_sim *s, int batch)
{
  const pn_device_class *cls = s->c->batches.at[batch].cls;
  size_t locals = (size_t)cls->n_locals * L, pairs = (size_t)cls->n_pairs * L;
  pn_block_arrays a;
  a.p = NULL;
  a.u = s->block;
  a.h = a.u + locals;
  a.f = a.h + (size_t)cls->n_hist * L;
  a.q = a.f + locals;
  a.jf = a.q + locals;
  a.jq = a.jf + pairs;
  a.limited = a.jq + pairs;
  a.work = a.limited + locals;
  return a;
}

/* Parameters, unknowns and memory of one block into its arrays. */
void pn_sim_gather(pn_sim *s, int batch, int first, pn_block_arrays *a)
{
  const pn_batch *b = &s->c->batches.at[batch];
  if (s->run[batch].packed)
    a->p = s->run[batch].packed + (size_t)first * (size_t)s->run[batch].par.n_total;
  else
    a->p = pn_columns_block(&s->run[batch].par, first);
  for (int l = 0; l < b->cls->n_locals; l++) {
    const int *map = b->map + (size_t)l * (size_t)b->n_pad + first;
    for (int k = 0; k < L; k++)
      a->u[l * L + k] = s->y[map[k]];
  }
  for (int m = 0; m < b->cls->n_hist; m++)
    memcpy(a->h + m * L, s->run[batch].hist + (size_t)m * (size_t)b->n_pad + first,
           L * sizeof *a->h);
}

/* 0 when all rows of PN_LANES are finite, else NaN; in lanes, so that no addition waits for another. */
static double trouble_in(const double *x, int rows)
{
  double lane[L] = {0}, sum = 0;
  for (int m = 0; m < rows; m++)
    for (int k = 0; k < L; k++)
      lane[k] += 0.0 * x[m * L + k];
  for (int k = 0; k < L; k++)
    sum += lane[k];
  return sum;
}

/* Adds rows of a block, those that are wanted (NULL: all), to their places. */
static void add_rows(double *to, const int *place, size_t pad, const double *x, int rows, int lanes,
                     const uint8_t *wanted)
{
  for (int m = 0; m < rows; m++)
    for (int k = 0; k < lanes && (!wanted || wanted[m]); k++)
      to[place[(size_t)m * pad + (size_t)k]] += x[m * L + k];
}

static bool scatter(pn_sim *s, const pn_batch *b, int first, int lanes, const pn_block_arrays *a,
                    bool jacobian)
{
  const pn_device_class *cls = b->cls;
  int locals = cls->n_locals, pairs = jacobian ? cls->n_pairs : 0;
  size_t pad = (size_t)b->n_pad;
  const uint8_t *charged = cls->flags & PN_DEV_Q ? cls->q_row : NULL;
  add_rows(s->f, b->map + first, pad, a->f, locals, lanes, NULL);
  add_rows(s->g, b->slot + first, pad, a->jf, pairs, lanes, NULL);
  if (charged) {
    add_rows(s->q, b->map + first, pad, a->q, locals, lanes, charged);
    add_rows(s->cq, b->slot + first, pad, a->jq, pairs, lanes, NULL);
  }
  return trouble_in(a->f, 2 * locals) + trouble_in(a->jf, 2 * pairs) == 0.0;
}

static int find_culprit(const pn_circuit *c, const pn_batch *b, int first, int lanes,
                        const pn_block_arrays *a)
{
  for (int k = 0; k < lanes; k++)
    for (int l = 0; l < b->cls->n_locals; l++)
      if (!isfinite(a->f[l * L + k]) || !isfinite(a->q[l * L + k]))
        return pn_batch_device(c, b, first + k);
  return pn_batch_device(c, b, first);
}

static pn_status eval_batch(pn_sim *s, int batch, double t, bool jacobian)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_block_arrays a = pn_sim_carve(s, batch);
  size_t locals = (size_t)b->cls->n_locals * L, pairs = (size_t)b->cls->n_pairs * L;
  bool rests = s->may_rest && s->mode == PN_SIM_TRAN;
  for (int first = 0; first < b->n; first += L) {
    s->stats.blocks += rests;
    if (rests && pn_rest_is(s, batch, first)) {
      s->stats.rested++;
      continue;
    }
    int lanes = b->n - first < L ? b->n - first : L;
    pn_sim_gather(s, batch, first, &a);
    memset(a.f, 0, 2 * locals * sizeof *a.f);
    if (jacobian)
      memset(a.jf, 0, 2 * pairs * sizeof *a.jf);
    pn_dev_block blk = {.p = a.p,
                        .u = a.u,
                        .h = a.h,
                        .t = s->mode == PN_SIM_OP ? 0 : t,
                        .temp = s->opt.temp,
                        .gmin = s->opt.gmin,
                        .f = a.f,
                        .q = a.q,
                        .jf = jacobian ? a.jf : NULL,
                        .jq = jacobian ? a.jq : NULL,
                        .work = a.work,
                        .n = lanes,
                        .hold = s->mode == PN_SIM_OP};
    bool limits = jacobian && b->cls->limit && s->limiting;
    if (limits)
      pn_sim_limit_block(s, batch, first, &blk, &a);
    b->cls->eval(b->cls, &blk);
    if (limits)
      pn_sim_extrapolate(s, batch, &blk, &a);
    if (!scatter(s, b, first, lanes, &a, jacobian)) {
      s->culprit = find_culprit(s->c, b, first, lanes, &a);
      return PN_E_DOMAIN;
    }
    if (rests && jacobian && !limits)
      pn_rest_consider(s, batch, first, &a);
  }
  return PN_OK;
}

pn_status pn_sim_eval(pn_sim *s, pn_sim_mode mode, double t, const double *y, bool jacobian)
{
  const pn_circuit *c = s->c;
  pn_status st;
  if (s->linear_stale && (st = pn_sim_stamp_linear(s)))
    return st;
  if ((st = pn_sim_pack_linear(s, mode)))
    return st;
  s->mode = mode;
  s->was_limited = false;
  s->cq_packed = s->cq_packed && !jacobian;
  s->stats.evals++;
  s->stats.jacobians += jacobian;
  memcpy(s->y, y, (size_t)c->n * sizeof *y);
  s->y[c->n] = 0;
  if (s->may_rest && mode == PN_SIM_TRAN && pn_rest_wake(s))
    pn_rest_start(s, jacobian);
  else
    start_linear(s, jacobian);
  add_sources(s, t);
  if (s->has_delays && mode != PN_SIM_OP)
    pn_past_fetch(s, t);
  for (size_t k = 0; k < c->batches.n; k++) {
    unsigned flags = c->batches.at[k].cls->flags;
    if (flags & PN_DEV_LINEAR)
      continue;
    st = flags & PN_DEV_MEMRISTOR ? pn_mem_eval(s, (int)k, t) : eval_batch(s, (int)k, t, jacobian);
    if (st)
      return st;
  }
  st = add_aids(s, jacobian);
  if (jacobian && s->limiting == PN_LIMIT_START)
    s->limiting = PN_LIMIT_GO_ON;
  s->f[c->n] = s->q[c->n] = 0;
  return st;
}

void pn_sim_bound(pn_sim *s, const double *y, double *r, double aq)
{
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (s->c->batches.at[k].cls->flags & PN_DEV_MEMRISTOR)
      pn_mem_bound(s, (int)k, y, r, aq);
}

double pn_sim_clip(pn_sim *s, double *y)
{
  double worst = 0;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (!(b->cls->flags & PN_DEV_MEMRISTOR))
      continue;
    for (int m = 0; m < b->cls->mem->n_states; m++)
      for (int i = 0; i < b->n; i++) {
        size_t at = (size_t)m * (size_t)b->n_pad + (size_t)i;
        double lo = s->run[k].xmin[at], hi = s->run[k].xmax[at];
        double *x = &y[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i]];
        double inside = *x < lo ? lo : *x > hi ? hi : *x;
        if (inside != *x) {
          double by = fabs(*x - inside) /
                      (isfinite(hi - lo) && hi > lo ? hi - lo : fabs(inside) + 1e-300);
          worst = by > worst ? by : worst;
          *x = inside;
        }
      }
  }
  s->worst_violation = worst > s->worst_violation ? worst : s->worst_violation;
  return worst;
}

int pn_sim_n_events(const pn_sim *s)
{
  return s->n_events;
}

void pn_sim_events(pn_sim *s, double t, const double *y, double *ev)
{
  memcpy(s->y, y, (size_t)s->c->n * sizeof *y);
  s->y[s->c->n] = 0;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (!b->cls->n_events)
      continue;
    pn_block_arrays a = pn_sim_carve(s, (int)k);
    for (int first = 0; first < b->n; first += L) {
      int lanes = b->n - first < L ? b->n - first : L;
      pn_sim_gather(s, (int)k, first, &a);
      pn_dev_block blk = {.p = a.p, .u = a.u, .h = a.h, .t = t, .temp = s->opt.temp, .n = lanes};
      b->cls->events(b->cls, &blk, a.work);
      for (int e = 0; e < b->cls->n_events; e++)
        for (int l = 0; l < lanes; l++)
          *ev++ = a.work[e * L + l];
    }
  }
}

/* One instance's parameters, unknowns and memory as contiguous arrays at the head of a block. */
static bool accept_batch(pn_sim *s, int batch, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_device_class *cls = b->cls;
  const pn_memristor *m = cls->flags & PN_DEV_MEMRISTOR ? cls->mem : NULL;
  pn_batch_run *run = &s->run[batch];
  int n_hist = m ? m->n_hist : cls->n_hist;
  double *p = s->block, *u = p + run->par.n_total, *h = u + cls->n_locals;
  bool changed = false;
  for (int k = 0; k < b->n; k++) {
    for (int i = 0; i < run->par.n_total; i++)
      p[i] = run->par.column[i] < 0 ? run->par.uniform[i] : run->par.at[run->par.column[i]][k];
    for (int i = 0; i < cls->n_locals; i++)
      u[i] = s->y[b->map[(size_t)i * (size_t)b->n_pad + (size_t)k]];
    for (int i = 0; i < n_hist; i++)
      h[i] = run->hist[(size_t)i * (size_t)b->n_pad + (size_t)k];
    changed |= m ? m->accept(m, t, p, u[0] - u[1], u + 2, h) : cls->accept(cls, t, p, u, h);
    int last = k == b->n - 1 ? b->n_pad - 1 : k;
    for (int i = 0; i < n_hist; i++)
      for (int j = k; j <= last; j++)
        run->hist[(size_t)i * (size_t)b->n_pad + (size_t)j] = h[i];
  }
  return changed;
}

bool pn_sim_accept(pn_sim *s, double t, const double *y)
{
  bool changed = false;
  memcpy(s->y, y, (size_t)s->c->n * sizeof *y);
  s->y[s->c->n] = 0;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_device_class *cls = s->c->batches.at[k].cls;
    bool has = cls->flags & PN_DEV_MEMRISTOR ? cls->mem->accept != NULL : cls->accept != NULL;
    if (has)
      changed |= accept_batch(s, (int)k, t);
    changed |= pn_vary_accept(s, (int)k, t);
    if (cls->advance)
      pn_sim_advance_batch(s, (int)k, t);
  }
  return changed;
}

void pn_sim_ac_rhs(const pn_sim *s, double complex *b)
{
  memset(b, 0, (size_t)s->c->n * sizeof *b);
  for (int k = 0; k < s->n_sources; k++) {
    const pn_source_run *r = &s->source[k];
    double angle = r->wave->ac_phase * 3.14159265358979323846 / 180;
    double complex value = -r->sign * r->wave->ac_mag * cexp(I * angle);
    if (r->row_p < s->c->n)
      b[r->row_p] += value;
    if (r->row_n < s->c->n)
      b[r->row_n] -= value;
  }
}
