/* Linear algebra on the last Jacobian: states are eliminated cell by cell, the rest
 * goes to the sparse solver, states are recovered. */
#include "circuit/private.h"

#include <string.h>

static bool is_mem(const pn_sim *s, size_t batch)
{
  return s->c->batches.at[batch].cls->flags & PN_DEV_MEMRISTOR;
}

static pn_status need_solver(pn_sim *s)
{
  if (s->ls)
    return PN_OK;
  static const struct {
    const char *name;
    pn_linsol_kind kind;
  } kinds[] = {
      {"klu", PN_LINSOL_KLU}, {"crossbar", PN_LINSOL_CROSSBAR}, {"forest", PN_LINSOL_FOREST}};
  pn_linsol_setup setup = {.n = s->c->n_mna,
                           .colptr = s->c->colptr,
                           .rowind = s->c->rowind,
                           .kind = PN_LINSOL_AUTO,
                           .arrays = s->c->lattices.at,
                           .n_arrays = (int)s->c->lattices.n,
                           .cells = s->c->cells.at,
                           .n_cells = (int)s->c->cells.n,
                           .threads = s->opt.threads};
  for (size_t k = 0; s->opt.linsol && k < sizeof kinds / sizeof *kinds; k++)
    if (!strcmp(s->opt.linsol, kinds[k].name))
      setup.kind = kinds[k].kind;
  return pn_linsol_new(&setup, &s->ls, &s->singular);
}

/* af G + aq C with what eliminated states leave: s->m. NULL: no memory. */
static const double *assemble(void *user)
{
  pn_sim *s = user;
  int nnz = s->c->nnz;
  bool same = s->is_linear && s->af == 1 && !s->cq;
  if (!same && !s->m_own && !(s->m_own = pn_arena_try(&s->arena, (size_t)(nnz + 1) * sizeof *s->m)))
    return NULL;
  s->m = same ? s->g : s->m_own;
  for (int k = 0; k <= nnz && !same; k++)
    s->m[k] = s->cq ? s->af * s->g[k] + s->aq * s->cq[k] : s->af * s->g[k];
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_stamp(s, (int)k, s->m);
  return s->m;
}

pn_status pn_sim_factor(pn_sim *s, double af, double aq)
{
  pn_status st = need_solver(s);
  if (st)
    return st;
  s->af = af;
  s->aq = aq;
  s->m = NULL;
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k) && (st = pn_mem_factor(s, (int)k, af, aq)))
      return st;
  if (s->cell && s->g == s->g0 && af == 1) { /* the cells are all that changed */
    s->parts = (pn_linsol_parts){s->g0, s->stamped, s->cell, assemble, s};
    return pn_linsol_factor_parts(s->ls, &s->parts, &s->singular);
  }
  return assemble(s) ? pn_linsol_factor(s->ls, s->m, &s->singular) : PN_E_MEMORY;
}

void pn_sim_forget(pn_sim *s)
{
  pn_linsol_free(s->ls);
  s->ls = NULL;
}

void pn_sim_set_accuracy(pn_sim *s, double relative)
{
  if (s->ls)
    pn_linsol_set_tolerance(s->ls, relative);
}

double *pn_sim_room(pn_sim *s)
{
  return s->f;
}

static pn_status solve_matrix(pn_sim *s, double *r, bool transposed)
{
  return transposed ? pn_linsol_solve_transposed(s->ls, r) : pn_linsol_solve(s->ls, r);
}

static pn_status solve(pn_sim *s, double *r, bool transposed)
{
  const pn_circuit *c = s->c;
  if (s->is_linear) /* nothing was eliminated */
    return solve_matrix(s, r, transposed);
  /* The dump slot, behind the last unknown, takes what elimination would add to ground. */
  double *w = r == s->f ? s->f : s->y;
  if (w != r)
    memcpy(w, r, (size_t)c->n * sizeof *r);
  w[c->n] = 0;
  for (size_t k = 0; k < c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_reduce(s, (int)k, w, transposed);
  pn_status st = solve_matrix(s, w, transposed);
  if (st)
    return st;
  w[c->n] = 0;
  for (size_t k = 0; k < c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_recover(s, (int)k, w, transposed);
  if (w != r)
    memcpy(r, w, (size_t)c->n * sizeof *r);
  return PN_OK;
}

pn_status pn_sim_solve(pn_sim *s, double *r)
{
  return solve(s, r, false);
}

void pn_sim_solve_states(pn_sim *s, double *r)
{
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_solve_states(s, (int)k, r);
}

pn_status pn_sim_solve_transposed(pn_sim *s, double *r)
{
  return solve(s, r, true);
}

bool pn_sim_iterates(const pn_sim *s)
{
  return s->ls && pn_linsol_iterates(s->ls);
}

bool pn_sim_verified(const pn_sim *s)
{
  return s->ls && pn_linsol_verified(s->ls);
}

static pn_status need_complex(pn_sim *s)
{
  if (!s->mc)
    s->mc = pn_arena_try(&s->arena, (size_t)(s->c->nnz + 1) * sizeof *s->mc);
  if (!s->work_c)
    s->work_c = pn_arena_try(&s->arena, (size_t)(s->c->n + 1) * sizeof *s->work_c);
  return s->mc && s->work_c ? need_solver(s) : PN_E_MEMORY;
}

pn_status pn_sim_factor_complex(pn_sim *s, double complex aq)
{
  pn_status st = need_complex(s);
  if (st)
    return st;
  for (int k = 0; k <= s->c->nnz; k++)
    s->mc[k] = s->cq ? s->g[k] + aq * s->cq[k] : s->g[k];
  s->aq_c = aq;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    if (s->c->batches.at[k].cls->small_signal)
      pn_delay_small_signal(s, (int)k, aq);
    if (is_mem(s, k) && (st = pn_mem_factor_complex(s, (int)k, aq)))
      return st;
  }
  return pn_linsol_factor_complex(s->ls, s->mc, &s->singular);
}

static pn_status solve_complex(pn_sim *s, double complex *r, bool transposed)
{
  const pn_circuit *c = s->c;
  double complex *w = s->work_c;
  memcpy(w, r, (size_t)c->n * sizeof *r);
  w[c->n] = 0;
  for (size_t k = 0; k < c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_reduce_complex(s, (int)k, w, transposed);
  pn_status st = transposed ? pn_linsol_solve_complex_transposed(s->ls, w)
                            : pn_linsol_solve_complex(s->ls, w);
  if (st)
    return st;
  w[c->n] = 0;
  for (size_t k = 0; k < c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_recover_complex(s, (int)k, w, transposed);
  memcpy(r, w, (size_t)c->n * sizeof *r);
  return PN_OK;
}

pn_status pn_sim_solve_complex(pn_sim *s, double complex *r)
{
  return solve_complex(s, r, false);
}

pn_status pn_sim_solve_complex_transposed(pn_sim *s, double complex *r)
{
  return solve_complex(s, r, true);
}

void pn_sim_freeze_bounds(pn_sim *s)
{
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k))
      pn_mem_freeze_bounds(s, (int)k);
}

/* w = a v over the matrix's unknowns; the rest of w is zero. */
static void multiply(const pn_circuit *c, const double *a, const double *v, double *w)
{
  memset(w, 0, (size_t)c->n * sizeof *w);
  if (a)
    pn_sim_add_whole(c, a, v, w);
}

/* Calls visit for each entry of the states' rows and columns. */
typedef void entry_fn(void *user, int row, int col, double g, double c);

static void mem_entries(const pn_sim *s, size_t batch, entry_fn *visit, void *user)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_batch_run *run = &s->run[batch];
  int ns = b->cls->mem->n_states;
  for (int i = 0; i < b->n; i++) {
    const double *o = run->mem + (size_t)(i / PN_LANES) * (size_t)run->rows.total * PN_LANES +
                      i % PN_LANES;
    int p = b->map[i], n = b->map[b->n_pad + i];
    double iv = o[run->rows.iv * PN_LANES] + s->opt.gmin;
    visit(user, p, p, iv, 0);
    visit(user, p, n, -iv, 0);
    visit(user, n, p, -iv, 0);
    visit(user, n, n, iv, 0);
    for (int m = 0; m < ns; m++) {
      int x = b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i];
      bool fixed = run->active[(size_t)m * (size_t)b->n_pad + (size_t)i] != 0;
      double gv = fixed ? 0 : -o[(run->rows.gv + m) * PN_LANES];
      double ix = o[(run->rows.ix + m) * PN_LANES];
      visit(user, p, x, ix, 0);
      visit(user, n, x, -ix, 0);
      visit(user, x, p, gv, 0);
      visit(user, x, n, -gv, 0);
      for (int j = 0; j < ns; j++) {
        int col = b->map[(size_t)(2 + j) * (size_t)b->n_pad + (size_t)i];
        double gx = fixed ? m == j : -o[(run->rows.gx + m * ns + j) * PN_LANES];
        visit(user, x, col, gx, !fixed && m == j && b->cls->mem->states[m].mass);
      }
    }
  }
}

typedef struct product {
  const double *v;
  double *w;
  int n;
  bool c;
} product;

static void add_product(void *user, int row, int col, double g, double c)
{
  product *p = user;
  if (row < p->n && col < p->n)
    p->w[row] += (p->c ? c : g) * p->v[col];
}

static void add_states(const pn_sim *s, const double *v, double *w, bool is_c)
{
  product p = {v, w, s->c->n, is_c};
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k))
      mem_entries(s, k, add_product, &p);
}

void pn_sim_mul_g(const pn_sim *s, const double *v, double *w)
{
  multiply(s->c, s->g, v, w);
  add_states(s, v, w, false);
}

/* C is mostly empty, and multiplied many times for each time it changes. */
void pn_sim_mul_c(pn_sim *s, const double *v, double *w)
{
  if (s->packed_cq.rowptr) { /* there is room: packing succeeds */
    s->cq_packed = s->cq_packed || pn_sim_pack(s, s->cq, &s->packed_cq);
    memset(w, 0, (size_t)s->c->n * sizeof *w);
    pn_sim_add_packed(s->c, &s->packed_cq, v, w);
  } else {
    multiply(s->c, s->cq, v, w);
  }
  add_states(s, v, w, true);
}

void pn_sim_c_row_scale(const pn_sim *s, double *w)
{
  memset(w, 0, (size_t)s->c->n * sizeof *w);
  for (int k = 0; s->cq && k < s->c->nnz; k++)
    w[s->c->rowind[k]] = fmax(w[s->c->rowind[k]], fabs(s->cq[k]));
}

typedef struct triplets {
  int *row, *col;
  double *g, *c;
  long n;
  int most;
} triplets;

static void add_triplet(void *user, int row, int col, double g, double c)
{
  triplets *t = user;
  if (row >= t->most || col >= t->most)
    return;
  if (t->row) {
    t->row[t->n] = row;
    t->col[t->n] = col;
    t->g[t->n] = g;
    t->c[t->n] = c;
  }
  t->n++;
}

long pn_sim_triplets(const pn_sim *s, int *row, int *col, double *g, double *c)
{
  triplets t = {row, col, g, c, 0, s->c->n};
  for (int j = 0; j < s->c->n_mna; j++)
    for (int k = s->c->colptr[j]; k < s->c->colptr[j + 1]; k++)
      add_triplet(&t, s->c->rowind[k], j, s->g[k], s->cq ? s->cq[k] : 0);
  for (size_t k = 0; k < s->c->batches.n; k++)
    if (is_mem(s, k))
      mem_entries(s, k, add_triplet, &t);
  return t.n;
}
