/* The exact elimination of memristors' states. With a cell's Jacobian
 *     [ af i_v   af i_x        ] [dv]   [r_i]
 *     [-af g_v   aq M - af g_x ] [dx] = [r_x]
 * the matrix gets  g_eff = af i_v + af i_x D^-1 af g_v,  D = aq M - af g_x,  and after the
 * solve  dx = D^-1 (r_x + af g_v dv).  A state that is held or at a bound has the row dx = r_x. */
#include "circuit/ports.h"

#include "base/clones.h"

#include <string.h>

enum { L = PN_LANES };

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
  const double *o = pn_mem_at(run, k / L * L) + k % L;
  int ns = b->cls->mem->n_states;
  double complex d[MOST_STATES * MOST_STATES];
  (void)s;
  for (int m = 0; m < ns; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != PN_MEM_FREE;
    e->b[m] = af * o[(run->rows.ix + m) * L];
    e->c[m] = fixed ? 0 : -af * o[(run->rows.gv + m) * L];
    for (int j = 0; j < ns; j++)
      d[m * ns + j] = fixed ? j == m
                            : (j == m && pn_mem_states(b)[m].mass ? aq : 0) -
                                  af * o[(run->rows.gx + m * ns + j) * L];
  }
  return invert(ns, d, e->dinv);
}

/* Coupling vectors of one cell, as in `cell`: b, c [n_states]. */
static void couplings(const pn_batch *b, const pn_batch_run *run, int k, double af, double *bb,
                      double *cc)
{
  const double *o = pn_mem_at(run, k / L * L) + k % L;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != PN_MEM_FREE;
    bb[m] = af * o[(run->rows.ix + m) * L];
    cc[m] = fixed ? 0 : -af * o[(run->rows.gv + m) * L];
  }
}

/* D^-1 [n_states^2] of one cell, kept in its block too, for the recovery of its states. */
static bool load_real(const pn_batch *b, pn_batch_run *run, int k, double af, double aq,
                      double *dinv)
{
  double *o = pn_mem_at(run, k / L * L) + k % L;
  int ns = b->cls->mem->n_states;
  double d[MOST_STATES * MOST_STATES];
  for (int m = 0; m < ns; m++) {
    bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)k] != PN_MEM_FREE;
    for (int j = 0; j < ns; j++)
      d[m * ns + j] = fixed ? j == m
                            : (j == m && pn_mem_states(b)[m].mass ? aq : 0) -
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

/* Does no state of a block's instances move? Then D is the unit matrix, and the port sees i_v alone. */
static bool is_still(const pn_batch *b, const pn_batch_run *run, int first, int lanes)
{
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const signed char *active = run->active + (size_t)m * (size_t)b->n_pad + first;
    for (int l = 0; l < lanes; l++)
      if (active[l] == PN_MEM_FREE)
        return false;
  }
  return true;
}

static int lanes_of(const pn_batch *b, int first)
{
  return b->n - first < L ? b->n - first : L;
}

/* What pn_sim_report_singular names: the first state of an instance. */
static pn_status no_pivot(pn_sim *s, const pn_batch *b, int k)
{
  s->singular = b->map[2 * (size_t)b->n_pad + (size_t)k];
  return PN_E_SINGULAR;
}

/* One state, the usual case, without the general machinery: vectorised over a block. */
PN_CLONES
static pn_status factor_one_state(pn_sim *s, const pn_batch *b, const pn_batch_run *run, double af,
                                  double aq)
{
  double gmin = s->opt.gmin;
  aq *= pn_mem_states(b)[0].mass;
  for (int first = 0; first < b->n; first += L) {
    const double *o = pn_mem_at(run, first);
    const signed char *active = run->active + first;
    const double *iv = o + run->rows.iv * L, *ix = o + run->rows.ix * L;
    const double *gv = o + run->rows.gv * L, *gx = o + run->rows.gx * L;
    double *port = run->port + first;
    int lanes = lanes_of(b, first), bad = 0;
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++) {
      double moves = active[l] == PN_MEM_FREE; /* 1 or 0: no branch in the loop */
      double d = moves * (aq - af * gx[l]) + (1 - moves);
      port[l] = af * (iv[l] + gmin) + moves * (af * ix[l] * af * gv[l] / d);
      bad |= !(port[l] - port[l] == 0);
    }
    for (int l = 0; l < lanes && bad; l++)
      if (!isfinite(port[l]))
        return no_pivot(s, b, first + l);
  }
  return PN_OK;
}

pn_status pn_mem_factor(pn_sim *s, int batch, double af, double aq)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  if (ns == 1)
    return factor_one_state(s, b, run, af, aq);
  double dinv[MOST_STATES * MOST_STATES], bb[MOST_STATES], cc[MOST_STATES];
  bool still = false;
  for (int k = 0; k < b->n; k++) {
    if (k % L == 0)
      still = is_still(b, run, k, lanes_of(b, k));
    double g = af * (pn_mem_at(run, k / L * L)[run->rows.iv * L + k % L] + s->opt.gmin);
    if (!still && !load_real(b, run, k, af, aq, dinv))
      return no_pivot(s, b, k);
    if (!still)
      couplings(b, run, k, af, bb, cc);
    for (int m = 0; m < ns && !still; m++)
      for (int j = 0; j < ns; j++)
        g -= bb[m] * dinv[m * ns + j] * cc[j];
    run->port[k] = g;
  }
  return PN_OK;
}

void pn_mem_stamp(const pn_sim *s, int batch, double *m)
{
  const pn_batch *b = &s->c->batches.at[batch];
  for (int k = 0; k < b->n; k++)
    add_port(b, k, m, s->run[batch].port[k]);
}

/* Of a block in which nothing moves: what its states' residuals r, or with `back` its ports' corrections, put
 * into the others. */
static void pass_still(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, int first,
                       double *r, bool back)
{
  const double *o = pn_mem_at(run, first);
  const int *p = b->map + first, *n = p + b->n_pad;
  for (int m = 0; m < b->cls->mem->n_states; m++) {
    const int *row = b->map + (size_t)(2 + m) * (size_t)b->n_pad + first;
    for (int l = 0; l < lanes_of(b, first); l++) {
      double ix = s->af * o[(run->rows.ix + m) * L + l];
      if (back) {
        r[row[l]] -= ix * (r[p[l]] - r[n[l]]);
      } else {
        r[p[l]] -= ix * r[row[l]];
        r[n[l]] += ix * r[row[l]];
      }
    }
  }
}

/* The residuals or corrections of a block's only state, wherever they lie. */
PN_PORTS void fetch(const pn_batch_run *run, const int *row, int lanes, const double *r, double *x)
{
  if (run->states_in_order)
    memcpy(x, r + row[0], (size_t)lanes * sizeof *x);
  else
    for (int l = 0; l < lanes; l++)
      x[l] = r[row[l]];
}

PN_PORTS void put(const pn_batch_run *run, const int *row, int lanes, const double *x, double *r)
{
  if (run->states_in_order)
    memcpy(r + row[0], x, (size_t)lanes * sizeof *x);
  else
    for (int l = 0; l < lanes; l++)
      r[row[l]] = x[l];
}

PN_CLONES
static void reduce_one_state(pn_sim *s, const pn_batch *b, pn_batch_run *run, double *r,
                             bool transposed)
{
  const int *p = b->map, *n = p + b->n_pad, *row = p + 2 * b->n_pad;
  double aq = pn_mem_states(b)[0].mass * s->aq, af = s->af, sign = transposed ? -af : af;
  for (int first = 0; first < b->n; first += L) {
    double *o = pn_mem_at(run, first), *dinv = o + run->rows.dinv * L, x[L], w[L];
    const double *gx = o + run->rows.gx * L;
    const double *side = o + (transposed ? run->rows.gv : run->rows.ix) * L;
    const signed char *active = run->active + first;
    int lanes = lanes_of(b, first);
    fetch(run, row + first, lanes, r, x);
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++) {
      double moves = active[l] == PN_MEM_FREE; /* 1 or 0: no branch in the loop */
      dinv[l] = 1 / (moves * (aq - af * gx[l]) + (1 - moves));
      w[l] = -(x[l] * dinv[l] * sign * side[l]) * (transposed ? moves : 1);
    }
    pn_port_add(run, p + first, n + first, lanes, w, r);
  }
}

PN_CLONES
static void recover_one_state(const pn_sim *s, const pn_batch *b, const pn_batch_run *run,
                              double *r, bool transposed)
{
  const int *p = b->map, *n = p + b->n_pad, *row = p + 2 * b->n_pad;
  double sign = transposed ? s->af : -s->af;
  for (int first = 0; first < b->n; first += L) {
    const double *o = pn_mem_at(run, first), *dinv = o + run->rows.dinv * L;
    const double *side = o + (transposed ? run->rows.ix : run->rows.gv) * L;
    const signed char *active = run->active + first;
    double x[L], dv[L];
    int lanes = lanes_of(b, first);
    fetch(run, row + first, lanes, r, x);
    pn_port_voltages(run, p + first, n + first, lanes, r, dv);
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++) {
      double moves = transposed ? 1 : active[l] == PN_MEM_FREE;
      x[l] = dinv[l] * (x[l] - moves * sign * side[l] * dv[l]);
    }
    put(run, row + first, lanes, x, r);
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
    if (k % L == 0 && is_still(b, run, k, lanes_of(b, k))) {
      if (!transposed)
        pass_still(s, b, run, k, r, false);
      k += L - 1;
      continue;
    }
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
    if (k % L == 0 && is_still(b, run, k, lanes_of(b, k))) {
      if (transposed)
        pass_still(s, b, run, k, r, true);
      k += L - 1;
      continue;
    }
    double dv = r[p[k]] - r[n[k]];
    const double *o = pn_mem_at(run, k / L * L) + k % L;
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

PN_CLONES
static void solve_one_state(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, double *r)
{
  const int *row = b->map + 2 * (size_t)b->n_pad;
  double aq = pn_mem_states(b)[0].mass * s->aq, af = s->af, x[L];
  for (int first = 0; first < b->n; first += L) {
    const double *gx = pn_mem_at(run, first) + run->rows.gx * L;
    const signed char *active = run->active + first;
    int lanes = lanes_of(b, first);
    fetch(run, row + first, lanes, r, x);
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++) {
      double moves = active[l] == PN_MEM_FREE;
      x[l] /= moves * (aq - af * gx[l]) + (1 - moves);
    }
    put(run, row + first, lanes, x, r);
  }
}

void pn_mem_solve_states(pn_sim *s, int batch, double *r)
{
  const pn_batch *b = &s->c->batches.at[batch];
  int ns = b->cls->mem->n_states;
  double dinv[MOST_STATES * MOST_STATES], x[MOST_STATES];
  if (ns == 1) {
    solve_one_state(s, b, &s->run[batch], r);
    return;
  }
  for (int k = 0; k < b->n; k++) {
    const int *row = b->map + 2 * (size_t)b->n_pad + (size_t)k;
    if (!load_real(b, &s->run[batch], k, s->af, s->aq, dinv))
      continue;
    for (int m = 0; m < ns; m++) {
      x[m] = 0;
      for (int j = 0; j < ns; j++)
        x[m] += dinv[m * ns + j] * r[row[j * b->n_pad]];
    }
    for (int m = 0; m < ns; m++)
      r[row[m * b->n_pad]] = x[m];
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
      return no_pivot(s, b, k);
    double complex g = pn_mem_at(run, k / L * L)[run->rows.iv * L + k % L] + s->opt.gmin +
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
