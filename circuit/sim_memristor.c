/* Memristors in the system: evaluation in blocks, and the bounds of their states. Their elimination is in
 * sim_eliminate.c. */
#include "circuit/private.h"

#include "base/clones.h"
#include "circuit/ports.h"
#include "devices/vmath.h"

#include <string.h>

enum { L = PN_LANES };

void pn_mem_layout(pn_batch_run *run, int ns)
{
  pn_mem_rows *r = &run->rows;
  r->v = 0;
  r->i = 1;
  r->iv = 2;
  r->ix = 3;
  r->g = r->ix + ns;
  r->gv = r->g + ns;
  r->gx = r->gv + ns;
  r->dinv = r->gx + ns * ns;
  r->total = r->dinv + ns * ns;
}

/* A stuck device: its bounds meet where its states start. */
static void fix_at_start(const pn_batch *b, pn_batch_run *run, int k)
{
  const pn_columns *p = &run->par;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    size_t at = (size_t)m * (size_t)b->n_pad + (size_t)k;
    int init = pn_mem_states(b)[m].p_init;
    if (init >= 0 && pn_mem_states(b)[m].mass)
      run->xmin[at] = run->xmax[at] = p->column[init] < 0 ? p->uniform[init]
                                                          : p->at[p->column[init]][k];
  }
}

void pn_mem_refresh(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  const pn_columns *p = &run->par;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const pn_mem_state *st = &pn_mem_states(b)[m];
    for (int k = 0; k < b->n_pad; k++) {
      size_t at = (size_t)m * (size_t)b->n_pad + (size_t)k;
      int lo = st->p_min, hi = st->p_max;
      run->xmin[at] = lo < 0              ? -INFINITY
                      : p->column[lo] < 0 ? p->uniform[lo]
                                          : p->at[p->column[lo]][k];
      run->xmax[at] = hi < 0              ? INFINITY
                      : p->column[hi] < 0 ? p->uniform[hi]
                                          : p->at[p->column[hi]][k];
    }
  }
  pn_vary_bounds(s, batch);
  for (int k = 0; run->stuck && k < b->n; k++)
    if (run->stuck[k])
      fix_at_start(b, run, k);
}

/* The loops of a block become part of pn_mem_eval, which is compiled for several processors. */
PN_INLINE double clamp(double x, double lo, double hi)
{
  double up = x < lo ? lo : x;
  return up > hi ? hi : up;
}

/* Gathers port voltages and states (inside their bounds) of one block, padded to whole vectors. */
PN_INLINE void gather(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, int first,
                      int lanes, double *v, double *x)
{
  const int *p = b->map + first, *n = p + b->n_pad;
  int width = pn_whole_vectors(lanes);
  if (run->ports_in_order) {
    const double *at_p = s->y + p[0], *at_n = s->y + n[0];
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++)
      v[l] = at_p[l] - at_n[l];
  } else {
    for (int l = 0; l < lanes; l++)
      v[l] = s->y[p[l]] - s->y[n[l]];
  }
  for (int l = lanes; l < width; l++)
    v[l] = v[lanes - 1];
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad + first;
    const double *lo = run->xmin + (size_t)m * (size_t)b->n_pad + first;
    const double *hi = run->xmax + (size_t)m * (size_t)b->n_pad + first;
    double *to = x + m * L;
    if (run->states_in_order) {
      const double *y = s->y + row[0];
#pragma GCC ivdep
      for (int l = 0; l < lanes; l++)
        to[l] = clamp(y[l], lo[l], hi[l]);
    } else {
      for (int l = 0; l < lanes; l++)
        to[l] = clamp(s->y[row[l]], lo[l], hi[l]);
    }
    for (int l = lanes; l < width; l++)
      to[l] = to[lanes - 1];
  }
}

/* Rows of a block, [n_rows][PN_LANES], of which `lanes` count; whole blocks are summed lane by lane,
 * so that the loop vectorises. */
PN_INLINE bool finite_block(const double *rows, int n_rows, int lanes)
{
  double sum[L] = {0}, all = 0;
  if (lanes < L) {
    for (int r = 0; r < n_rows; r++)
      for (int l = 0; l < lanes; l++)
        all += rows[r * L + l] * 0.0;
    return all == 0.0;
  }
  for (int r = 0; r < n_rows; r++)
    for (int l = 0; l < L; l++)
      sum[l] += rows[r * L + l] * 0.0;
  for (int l = 0; l < L; l++)
    all += sum[l];
  return all == 0.0;
}

static int first_bad_lane(const double *rows, int n_rows, int lanes)
{
  for (int l = 0; l < lanes; l++)
    for (int r = 0; r < n_rows; r++)
      if (!isfinite(rows[r * L + l]))
        return l;
  return 0;
}

/* The same as scatter does with states that are free and whose unknowns lie side by side. */
PN_INLINE void scatter_in_order(pn_sim *s, int lanes, int row, bool mass, const double *rate,
                                signed char *active)
{
  const double *y = s->y + row;
  double *f = s->f + row, *q = s->q + row;
#pragma GCC ivdep
  for (int l = 0; l < lanes; l++) {
    f[l] = -rate[l];
    q[l] = mass ? y[l] : 0;
  }
  memset(active, PN_MEM_FREE, (size_t)lanes);
}

/* Adds currents and rates to f and q. */
PN_INLINE void scatter(pn_sim *s, const pn_batch *b, const pn_batch_run *run, int first, int lanes,
                       const double *mem)
{
  const int *p = b->map + first, *n = p + b->n_pad;
  const double *i = mem + run->rows.i * L, *v = mem + run->rows.v * L;
  double all[L], gmin = s->opt.gmin;
  for (int l = 0; l < lanes; l++)
    all[l] = i[l] + gmin * v[l];
  pn_port_add(run, p, n, lanes, all, s->f);
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad + first;
    const double *hold = run->xhold + (size_t)m * (size_t)b->n_pad + first;
    signed char *active = run->active + (size_t)m * (size_t)b->n_pad + first;
    int mass = pn_mem_states(b)[m].mass;
    if (run->states_in_order && s->mode == PN_SIM_TRAN) {
      scatter_in_order(s, lanes, row[0], mass, mem + (run->rows.g + m) * L, active);
      continue;
    }
    for (int l = 0; l < lanes; l++) {
      double x = s->y[row[l]];
      bool held = s->mode != PN_SIM_TRAN && mass &&
                  (s->mode == PN_SIM_INIT || !run->volatile_[first + l]);
      active[l] = held ? PN_MEM_HELD : PN_MEM_FREE;
      s->f[row[l]] = held ? x - hold[l] : -mem[(run->rows.g + m) * L + l];
      s->q[row[l]] = mass && !held ? x : 0;
    }
  }
}

PN_CLONES
pn_status pn_mem_eval(pn_sim *s, int batch, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  const pn_memristor *m = b->cls->mem;
  double *x = s->block;
  double *h = x + (size_t)m->n_states * L, *work = h + (size_t)m->n_hist * L;
  for (int first = 0; first < b->n; first += L) {
    double *o = pn_mem_at(run, first);
    int lanes = b->n - first < L ? b->n - first : L;
    gather(s, b, run, first, lanes, o + run->rows.v * L, x);
    for (int k = 0; k < m->n_hist; k++)
      memcpy(h + k * L, run->hist + (size_t)k * (size_t)b->n_pad + first, L * sizeof *h);
    pn_mem_block blk = {.p = pn_columns_block(&run->par, first),
                        .v = o + run->rows.v * L,
                        .x = x,
                        .h = h,
                        .t = t,
                        .i = o + run->rows.i * L,
                        .i_v = o + run->rows.iv * L,
                        .i_x = o + run->rows.ix * L,
                        .g = o + run->rows.g * L,
                        .g_v = o + run->rows.gv * L,
                        .g_x = o + run->rows.gx * L,
                        .work = work,
                        .n = lanes};
    m->eval(m, &blk);
    if (run->vary)
      pn_vary_block(s, batch, first, s->mode == PN_SIM_OP ? 0 : t, &blk);
    if (run->icc)
      pn_mem_limit(s, batch, first, s->mode == PN_SIM_OP ? 0 : t, &blk);
    if (!finite_block(o, run->rows.dinv, lanes)) {
      s->culprit = pn_batch_device(s->c, b, first + first_bad_lane(o, run->rows.dinv, lanes));
      return PN_E_DOMAIN;
    }
    scatter(s, b, run, first, lanes, o);
  }
  return PN_OK;
}

/* Would none of n states side by side leave its bounds? */
PN_CLONES
static bool all_inside(int n, double per_rate, const double *restrict x, const double *restrict r,
                       const double *restrict lo, const double *restrict hi)
{
  int out = 0;
  for (int k = 0; k < n; k++) {
    double want = r[k] * per_rate; /* beside the room: at a bound, the slightest push counts */
    out |= (want < x[k] - hi[k]) | (want > x[k] - lo[k]);
  }
  return !out;
}

/* The row of a bounded state becomes the middle one of  x - xmax,  r / scale,  x - xmin:  the
 * implicit step of a differential equation confined to [xmin, xmax]. */
void pn_mem_bound(pn_sim *s, int batch, const double *y, double *r, double aq)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  for (int m = 0; m < ns; m++) {
    if (!pn_mem_states(b)[m].mass)
      continue;
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad;
    const double *lo = run->xmin + (size_t)m * (size_t)b->n_pad;
    const double *hi = run->xmax + (size_t)m * (size_t)b->n_pad;
    signed char *active = run->active + (size_t)m * (size_t)b->n_pad;
    if (run->states_in_order && s->mode == PN_SIM_TRAN && aq > 0 &&
        all_inside(b->n, 1 / aq, y + row[0], r + row[0], lo, hi)) {
      memset(active, PN_MEM_FREE, (size_t)b->n);
      continue;
    }
    for (int k = 0; k < b->n; k++) {
      if (active[k] == PN_MEM_HELD)
        continue;
      double x = y[row[k]], rate = aq;
      if (rate <= 0) { /* DC: the scale of a Newton step on g = 0 */
        const double *o = pn_mem_at(run, k / L * L) + k % L;
        double range = isfinite(hi[k] - lo[k]) ? hi[k] - lo[k] : 1;
        rate = fabs(o[(run->rows.gx + m * ns + m) * L]) + fabs(o[(run->rows.g + m) * L]) / range;
      }
      double want = rate > 0 ? r[row[k]] / rate : 0;
      active[k] = PN_MEM_FREE;
      if (want < x - hi[k] || want > x - lo[k]) {
        active[k] = PN_MEM_BOUND;
        r[row[k]] = want < x - hi[k] ? x - hi[k] : x - lo[k];
      }
    }
  }
}

/* For linearisation: a state at a bound with an outward rate does not move. */
void pn_mem_freeze_bounds(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  for (int m = 0; m < b->cls->mem->n_states; m++)
    for (int k = 0; k < b->n; k++) {
      size_t at = (size_t)m * (size_t)b->n_pad + (size_t)k;
      double x = s->y[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)k]];
      double g = pn_mem_at(run, k / L * L)[(run->rows.g + m) * L + k % L];
      double near = 1e-9 * (run->xmax[at] - run->xmin[at]);
      bool out = (x >= run->xmax[at] - near && g > 0) || (x <= run->xmin[at] + near && g < 0);
      if (pn_mem_states(b)[m].mass && run->active[at] != PN_MEM_HELD)
        run->active[at] = out ? PN_MEM_BOUND : PN_MEM_FREE;
    }
}
