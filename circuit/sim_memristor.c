/* Memristors in the system: evaluation in blocks, bounds of the states, and their exact
 * elimination. With a cell's Jacobian
 *     [ af i_v   af i_x        ] [dv]   [r_i]
 *     [-af g_v   aq M - af g_x ] [dx] = [r_x]
 * the matrix gets  g_eff = af i_v + af i_x D^-1 af g_v,  D = aq M - af g_x,  and after the
 * solve  dx = D^-1 (r_x + af g_v dv).  A state that is held or at a bound has the row dx = r_x. */
#include "circuit/private.h"
#include "devices/vmath.h"

#include <string.h>

enum { L = PN_LANES, FREE = 0, HELD = 1, BOUND = 2 };

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

static const pn_mem_state *states_of(const pn_batch *b)
{
  return b->cls->mem->states;
}

static double *block_of(const pn_batch_run *run, int first)
{
  return run->mem + (size_t)(first / L) * (size_t)run->rows.total * L;
}

/* A stuck device: its bounds meet where its states start. */
static void fix_at_start(const pn_batch *b, pn_batch_run *run, int k)
{
  const pn_columns *p = &run->par;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    size_t at = (size_t)m * (size_t)b->n_pad + (size_t)k;
    int init = states_of(b)[m].p_init;
    if (init >= 0 && states_of(b)[m].mass)
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
    const pn_mem_state *st = &states_of(b)[m];
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

static double clamp(double x, double lo, double hi)
{
  return x < lo ? lo : x > hi ? hi : x;
}

/* Gathers port voltages and states (inside their bounds) of one block, padded to whole vectors. */
static void gather(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, int first,
                   int lanes, double *v, double *x)
{
  const int *p = b->map + first, *n = p + b->n_pad;
  int width = pn_whole_vectors(lanes);
  for (int l = 0; l < lanes; l++)
    v[l] = s->y[p[l]] - s->y[n[l]];
  for (int l = lanes; l < width; l++)
    v[l] = v[lanes - 1];
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad + first;
    const double *lo = run->xmin + (size_t)m * (size_t)b->n_pad + first;
    const double *hi = run->xmax + (size_t)m * (size_t)b->n_pad + first;
    double *to = x + m * L;
    for (int l = 0; l < lanes; l++)
      to[l] = clamp(s->y[row[l]], lo[l], hi[l]);
    for (int l = lanes; l < width; l++)
      to[l] = to[lanes - 1];
  }
}

/* Rows of a block, [n_rows][PN_LANES], of which `lanes` count; whole blocks are summed lane by lane,
 * so that the loop vectorises. */
static bool finite_block(const double *rows, int n_rows, int lanes)
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

/* Adds currents and rates to f and q. */
static void scatter(pn_sim *s, const pn_batch *b, const pn_batch_run *run, int first, int lanes,
                    const double *mem)
{
  const int *p = b->map + first, *n = p + b->n_pad;
  for (int l = 0; l < lanes; l++) {
    double i = mem[run->rows.i * L + l] + s->opt.gmin * mem[run->rows.v * L + l];
    s->f[p[l]] += i;
    s->f[n[l]] -= i;
  }
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad + first;
    const double *hold = run->xhold + (size_t)m * (size_t)b->n_pad + first;
    signed char *active = run->active + (size_t)m * (size_t)b->n_pad + first;
    int mass = states_of(b)[m].mass;
    for (int l = 0; l < lanes; l++) {
      double x = s->y[row[l]];
      bool held = s->mode != PN_SIM_TRAN && mass &&
                  (s->mode == PN_SIM_INIT || !run->volatile_[first + l]);
      active[l] = held ? HELD : FREE;
      s->f[row[l]] = held ? x - hold[l] : -mem[(run->rows.g + m) * L + l];
      s->q[row[l]] = mass && !held ? x : 0;
    }
  }
}

pn_status pn_mem_eval(pn_sim *s, int batch, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  const pn_memristor *m = b->cls->mem;
  double *x = s->block;
  double *h = x + (size_t)m->n_states * L, *work = h + (size_t)m->n_hist * L;
  for (int first = 0; first < b->n; first += L) {
    double *o = block_of(run, first);
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

/* The row of a bounded state becomes the middle one of  x - xmax,  r / scale,  x - xmin:  the
 * implicit step of a differential equation confined to [xmin, xmax]. */
void pn_mem_bound(pn_sim *s, int batch, const double *y, double *r, double aq)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  for (int m = 0; m < ns; m++) {
    if (!states_of(b)[m].mass)
      continue;
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad;
    const double *lo = run->xmin + (size_t)m * (size_t)b->n_pad;
    const double *hi = run->xmax + (size_t)m * (size_t)b->n_pad;
    signed char *active = run->active + (size_t)m * (size_t)b->n_pad;
    for (int k = 0; k < b->n; k++) {
      if (active[k] == HELD)
        continue;
      double x = y[row[k]], rate = aq;
      if (rate <= 0) { /* DC: the scale of a Newton step on g = 0 */
        const double *o = block_of(run, k / L * L) + k % L;
        double range = isfinite(hi[k] - lo[k]) ? hi[k] - lo[k] : 1;
        rate = fabs(o[(run->rows.gx + m * ns + m) * L]) + fabs(o[(run->rows.g + m) * L]) / range;
      }
      double want = rate > 0 ? r[row[k]] / rate : 0;
      active[k] = FREE;
      if (want < x - hi[k] || want > x - lo[k]) {
        active[k] = BOUND;
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
      double g = block_of(run, k / L * L)[(run->rows.g + m) * L + k % L];
      double near = 1e-9 * (run->xmax[at] - run->xmin[at]);
      bool out = (x >= run->xmax[at] - near && g > 0) || (x <= run->xmin[at] + near && g < 0);
      if (states_of(b)[m].mass && run->active[at] != HELD)
        run->active[at] = out ? BOUND : FREE;
    }
}

/* Inverse of a small matrix a [n*n] into inv by Gauss-Jordan with row pivoting. */
static bool invert(int n, double complex *a, double complex *inv)
{
  for (int i = 0; i < n * n; i++)
    inv[i] = i % (n + 1) == 0;
  for (int c = 0; c < n; c++) {
    int p = c;
    for (int r = c + 1; r < n; r++)
      if (cabs(a[r * n + c]) > cabs(a[p * n + c]))
        p = r;
    double complex pivot = a[p * n + c];
    if (pivot == 0)
      return false;
    for (int k = 0; k < n; k++) {
      double complex t = a[p * n + k], u = inv[p * n + k];
      a[p * n + k] = a[c * n + k];
      inv[p * n + k] = inv[c * n + k];
      a[c * n + k] = t / pivot;
      inv[c * n + k] = u / pivot;
    }
    for (int r = 0; r < n; r++) {
      double complex m = a[r * n + c];
      if (r != c && m != 0)
        for (int k = 0; k < n; k++) {
          a[r * n + k] -= m * a[c * n + k];
          inv[r * n + k] -= m * inv[c * n + k];
        }
    }
  }
  return true;
}

/* The same for real numbers, which transients take: a quarter of the work. */
static bool invert_real(int n, double *a, double *inv)
{
  for (int i = 0; i < n * n; i++)
    inv[i] = i % (n + 1) == 0;
  for (int c = 0; c < n; c++) {
    int p = c;
    for (int r = c + 1; r < n; r++)
      if (fabs(a[r * n + c]) > fabs(a[p * n + c]))
        p = r;
    if (a[p * n + c] == 0)
      return false;
    double over = 1 / a[p * n + c];
    for (int k = 0; k < n; k++) {
      double t = a[p * n + k], u = inv[p * n + k];
      a[p * n + k] = a[c * n + k];
      inv[p * n + k] = inv[c * n + k];
      a[c * n + k] = t * over;
      inv[c * n + k] = u * over;
    }
    for (int r = 0; r < n; r++) {
      double m = a[r * n + c];
      if (r != c && m != 0)
        for (int k = 0; k < n; k++) {
          a[r * n + k] -= m * a[c * n + k];
          inv[r * n + k] -= m * inv[c * n + k];
        }
    }
  }
  return true;
}

enum { MOST_STATES = 16 };

/* One cell's D^-1, and the coupling vectors B = af i_x and C = -af g_v with the rows of held and
 * bounded states replaced by dx = r_x. */
typedef struct cell {
  double complex dinv[MOST_STATES * MOST_STATES];
  double b[MOST_STATES], c[MOST_STATES];
} cell;

static bool load_cell(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, int k, double af,
                      double complex aq, cell *e)
{
  const double *o = block_of(run, k / L * L) + k % L;
  int ns = b->cls->mem->n_states;
  double complex d[MOST_STATES * MOST_STATES];
  (void)s;
  for (int m = 0; m < ns; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != FREE;
    e->b[m] = af * o[(run->rows.ix + m) * L];
    e->c[m] = fixed ? 0 : -af * o[(run->rows.gv + m) * L];
    for (int j = 0; j < ns; j++)
      d[m * ns + j] = fixed ? j == m
                            : (j == m && states_of(b)[m].mass ? aq : 0) -
                                  af * o[(run->rows.gx + m * ns + j) * L];
  }
  return invert(ns, d, e->dinv);
}

/* Coupling vectors of one cell, as in `cell`: b, c [n_states]. */
static void couplings(const pn_batch *b, const pn_batch_run *run, int k, double af, double *bb,
                      double *cc)
{
  const double *o = block_of(run, k / L * L) + k % L;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != FREE;
    bb[m] = af * o[(run->rows.ix + m) * L];
    cc[m] = fixed ? 0 : -af * o[(run->rows.gv + m) * L];
  }
}

/* D^-1 [n_states^2] of one cell, kept in its block too, for the recovery of its states. */
static bool load_real(const pn_batch *b, pn_batch_run *run, int k, double af, double aq,
                      double *dinv)
{
  double *o = block_of(run, k / L * L) + k % L;
  int ns = b->cls->mem->n_states;
  double d[MOST_STATES * MOST_STATES];
  for (int m = 0; m < ns; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != FREE;
    for (int j = 0; j < ns; j++)
      d[m * ns + j] = fixed ? j == m
                            : (j == m && states_of(b)[m].mass ? aq : 0) -
                                  af * o[(run->rows.gx + m * ns + j) * L];
  }
  bool good = invert_real(ns, d, dinv);
  for (int m = 0; good && m < ns * ns; m++)
    o[(run->rows.dinv + m) * L] = dinv[m];
  return good;
}

/* -B D^-1 C, what elimination adds to the port's conductance. */
static double complex fill_in(const cell *e, int ns)
{
  double complex sum = 0;
  for (int m = 0; m < ns; m++)
    for (int j = 0; j < ns; j++)
      sum -= e->b[m] * e->dinv[m * ns + j] * e->c[j];
  return sum;
}

static void add_port(const pn_batch *b, int k, double *m, double g)
{
  size_t n = (size_t)b->n_pad;
  m[b->slot[k]] += g;
  m[b->slot[n + (size_t)k]] -= g;
  m[b->slot[2 * n + (size_t)k]] -= g;
  m[b->slot[3 * n + (size_t)k]] += g;
}

/* One state, the usual case, without the general machinery: vectorised over a block. */
static bool factor_one_state(pn_sim *s, const pn_batch *b, pn_batch_run *run, double af, double aq)
{
  int mass = states_of(b)[0].mass;
  bool good = true;
  for (int first = 0; first < b->n; first += L) {
    double *o = block_of(run, first);
    const signed char *active = run->active + first;
    const double *iv = o + run->rows.iv * L, *ix = o + run->rows.ix * L;
    const double *gv = o + run->rows.gv * L, *gx = o + run->rows.gx * L;
    double *dinv = o + run->rows.dinv * L;
    double geff[L];
    int lanes = b->n - first < L ? b->n - first : L;
    for (int l = 0; l < lanes; l++) {
      bool fixed = active[l] != FREE;
      double d = fixed ? 1 : mass * aq - af * gx[l];
      dinv[l] = 1 / d;
      geff[l] = af * (iv[l] + s->opt.gmin) + (fixed ? 0 : af * ix[l] * af * gv[l] / d);
    }
    for (int l = 0; l < lanes; l++) {
      good &= isfinite(geff[l]);
      add_port(b, first + l, s->m, geff[l]);
    }
  }
  return good;
}

pn_status pn_mem_factor(pn_sim *s, int batch, double af, double aq)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  if (ns == 1)
    return factor_one_state(s, b, run, af, aq) ? PN_OK : PN_E_SINGULAR;
  double dinv[MOST_STATES * MOST_STATES], bb[MOST_STATES], cc[MOST_STATES];
  for (int k = 0; k < b->n; k++) {
    if (!load_real(b, run, k, af, aq, dinv))
      return PN_E_SINGULAR;
    couplings(b, run, k, af, bb, cc);
    double g = af * (block_of(run, k / L * L)[run->rows.iv * L + k % L] + s->opt.gmin);
    for (int m = 0; m < ns; m++)
      for (int j = 0; j < ns; j++)
        g -= bb[m] * dinv[m * ns + j] * cc[j];
    add_port(b, k, s->m, g);
  }
  return PN_OK;
}

static void reduce_one_state(pn_sim *s, const pn_batch *b, pn_batch_run *run, double *r,
                             bool transposed)
{
  const int *p = b->map, *n = p + b->n_pad, *row = p + 2 * b->n_pad;
  double aq = states_of(b)[0].mass * s->aq, af = s->af;
  for (int first = 0; first < b->n; first += L) {
    double *o = block_of(run, first);
    const double *gx = o + run->rows.gx * L,
                 *side = o + (transposed ? run->rows.gv : run->rows.ix) * L;
    double *dinv = o + run->rows.dinv * L, sign = transposed ? -af : af;
    int lanes = b->n - first < L ? b->n - first : L;
    for (int l = 0; l < lanes; l++) {
      int k = first + l;
      bool fixed = run->active[k] != FREE;
      dinv[l] = 1 / (fixed ? 1 : aq - af * gx[l]);
      double w = r[row[k]] * dinv[l] * (fixed && transposed ? 0 : sign * side[l]);
      r[p[k]] -= w;
      r[n[k]] += w;
    }
  }
}

static void recover_one_state(const pn_sim *s, const pn_batch *b, const pn_batch_run *run,
                              double *r, bool transposed)
{
  const int *p = b->map, *n = p + b->n_pad, *row = p + 2 * b->n_pad;
  for (int first = 0; first < b->n; first += L) {
    const double *o = block_of(run, first);
    const double *side = o + (transposed ? run->rows.ix : run->rows.gv) * L;
    const double *dinv = o + run->rows.dinv * L;
    double sign = transposed ? s->af : -s->af;
    int lanes = b->n - first < L ? b->n - first : L;
    for (int l = 0; l < lanes; l++) {
      int k = first + l;
      double left = run->active[k] != FREE && !transposed ? 0 : sign * side[l];
      r[row[k]] = dinv[l] * (r[row[k]] - left * (r[p[k]] - r[n[k]]));
    }
  }
}

void pn_mem_reduce(pn_sim *s, int batch, double *r, bool transposed)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  if (ns == 1) {
    reduce_one_state(s, b, run, r, transposed);
    return;
  }
  /* Derivatives and D^-1 of the present point, so that a stale matrix still recovers states with
   * fresh rates. w = D^-1 r_x, summed against the row that couples to the port. */
  double dinv[MOST_STATES * MOST_STATES], bb[MOST_STATES], cc[MOST_STATES];
  for (int k = 0; k < b->n; k++) {
    double w = 0;
    if (!load_real(b, run, k, s->af, s->aq, dinv))
      continue;
    couplings(b, run, k, s->af, bb, cc);
    for (int m = 0; m < ns; m++)
      for (int j = 0; j < ns; j++)
        w += (transposed ? cc[m] : bb[m]) * dinv[transposed ? j * ns + m : m * ns + j] *
             r[b->map[(size_t)(2 + j) * (size_t)b->n_pad + (size_t)k]];
    r[b->map[k]] -= w;
    r[b->map[b->n_pad + k]] += w;
  }
}

void pn_mem_recover(pn_sim *s, int batch, double *r, bool transposed)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  const int *p = b->map, *n = p + b->n_pad;
  if (ns == 1) {
    recover_one_state(s, b, run, r, transposed);
    return;
  }
  for (int k = 0; k < b->n; k++) {
    double dv = r[p[k]] - r[n[k]];
    const double *o = block_of(run, k / L * L) + k % L;
    double rhs[MOST_STATES], bb[MOST_STATES], cc[MOST_STATES];
    couplings(b, run, k, s->af, bb, cc);
    for (int j = 0; j < ns; j++)
      rhs[j] = r[b->map[(size_t)(2 + j) * (size_t)b->n_pad + (size_t)k]] -
               (transposed ? bb[j] : cc[j]) * dv;
    for (int m = 0; m < ns; m++) {
      double sum = 0;
      for (int j = 0; j < ns; j++)
        sum += o[(run->rows.dinv + (transposed ? j * ns + m : m * ns + j)) * L] * rhs[j];
      r[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)k]] = sum;
    }
  }
}

pn_status pn_mem_factor_complex(pn_sim *s, int batch, double complex aq)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  size_t n = (size_t)b->n_pad;
  for (int k = 0; k < b->n; k++) {
    cell e;
    if (!load_cell(s, b, run, k, 1, aq, &e))
      return PN_E_SINGULAR;
    double complex g = block_of(run, k / L * L)[run->rows.iv * L + k % L] + s->opt.gmin +
                       fill_in(&e, b->cls->mem->n_states);
    s->mc[b->slot[k]] += g;
    s->mc[b->slot[n + (size_t)k]] -= g;
    s->mc[b->slot[2 * n + (size_t)k]] -= g;
    s->mc[b->slot[3 * n + (size_t)k]] += g;
  }
  return PN_OK;
}

void pn_mem_reduce_complex(pn_sim *s, int batch, double complex *r, bool transposed)
{
  const pn_batch *b = &s->c->batches.at[batch];
  int ns = b->cls->mem->n_states;
  for (int k = 0; k < b->n; k++) {
    cell e;
    double complex w = 0;
    if (!load_cell(s, b, &s->run[batch], k, 1, s->aq_c, &e))
      continue;
    for (int m = 0; m < ns; m++)
      for (int j = 0; j < ns; j++)
        w += (transposed ? e.c[m] * e.dinv[j * ns + m] : e.b[m] * e.dinv[m * ns + j]) *
             r[b->map[(size_t)(2 + j) * (size_t)b->n_pad + (size_t)k]];
    r[b->map[k]] -= w;
    r[b->map[b->n_pad + k]] += w;
  }
}

void pn_mem_recover_complex(pn_sim *s, int batch, double complex *r, bool transposed)
{
  const pn_batch *b = &s->c->batches.at[batch];
  int ns = b->cls->mem->n_states;
  for (int k = 0; k < b->n; k++) {
    cell e;
    double complex dv = r[b->map[k]] - r[b->map[b->n_pad + k]], rhs[MOST_STATES];
    if (!load_cell(s, b, &s->run[batch], k, 1, s->aq_c, &e))
      continue;
    for (int j = 0; j < ns; j++)
      rhs[j] = r[b->map[(size_t)(2 + j) * (size_t)b->n_pad + (size_t)k]] -
               (transposed ? e.b[j] : e.c[j]) * dv;
    for (int m = 0; m < ns; m++) {
      double complex sum = 0;
      for (int j = 0; j < ns; j++)
        sum += (transposed ? e.dinv[j * ns + m] : e.dinv[m * ns + j]) * rhs[j];
      r[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)k]] = sum;
    }
  }
}
