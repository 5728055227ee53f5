/* The interface of all linear solvers: dispatch, the choice between them, and the way back to KLU
 * for what conjugate gradients refuse or cannot finish. */
#include "solver/linsol_class.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Below this, KLU factors a circuit in less time than it takes to look at its graph. */
enum { FOREST_FROM = 1000, BORDERED_FROM = 1000, CONDENSED_FROM = 256 /* inner unknowns */ };

double pn_linsol_residual(pn_linsol *s, const double *values, const double *x, const double *b,
                          double *r, double *size)
{
  double worst = 0, largest = 0;
  for (int i = 0; i < s->n; i++) {
    r[i] = b[i];
    size[i] = fabs(b[i]);
  }
  for (int j = 0; j < s->n; j++) {
    double v = x[j];
    for (int p = s->colptr[j]; p < s->colptr[j + 1]; p++) {
      double term = values[p] * v;
      r[s->rowind[p]] -= term;
      size[s->rowind[p]] += fabs(term);
    }
  }
  for (int i = 0; i < s->n; i++) {
    worst = fabs(r[i]) <= worst ? worst : fabs(r[i]); /* NaN is kept */
    largest = fmax(largest, size[i]);
  }
  s->seen = fmax(0.9 * s->seen, largest);
  return s->seen > 0 ? worst / s->seen : worst;
}

int pn_linsol_grids(const pn_linsol_array *a, pn_linsol_grid *g)
{
  int w0 = a->w0, b0 = a->b0, m0 = a->m0;
  g[0] = (pn_linsol_grid){'w', w0, 1, m0 < 0 ? b0 : m0, -1};
  g[1] = (pn_linsol_grid){'b', b0, a->cols, m0 < 0 ? w0 : m0, -1};
  g[2] = (pn_linsol_grid){'m', m0, 0, w0 < b0 ? w0 : b0, w0 < b0 ? b0 : w0};
  return m0 < 0 ? 2 : 3;
}

int pn_linsol_grid_rows(const pn_linsol_array *a, const pn_linsol_grid *g, int i, int j, int *row)
{
  int n = 0, at = i * a->cols + j, own = g->first + at;
  bool before = g->lines == 'w' ? j > 0 : g->lines == 'b' && i > 0;
  bool next = g->lines == 'w' ? j + 1 < a->cols : g->lines == 'b' ? i + 1 < a->rows : false;
  if (g->cell1 < g->first)
    row[n++] = g->cell1 + at;
  if (g->cell2 >= 0 && g->cell2 < g->first)
    row[n++] = g->cell2 + at;
  if (before)
    row[n++] = own - g->step;
  row[n++] = own;
  if (next)
    row[n++] = own + g->step;
  if (g->cell1 > g->first)
    row[n++] = g->cell1 + at;
  if (g->cell2 > g->first)
    row[n++] = g->cell2 + at;
  return n;
}

pn_linsol_stencil pn_linsol_grid_stencil(const pn_linsol_grid *g)
{
  pn_linsol_stencil s;
  int cell = g->cell1 - g->first, m = 0;
  if (cell < 0)
    s.to[s.cell = m++] = cell;
  s.to[s.before = m++] = -g->step;
  s.to[s.own = m++] = 0;
  s.to[s.next = m++] = g->step;
  if (cell > 0)
    s.to[s.cell = m] = cell;
  return s;
}

static bool any_lopsided(const pn_linsol_setup *s)
{
  for (int k = 0; k < s->n_arrays; k++)
    if (s->arrays[k].lopsided)
      return true;
  return false;
}

/* A matrix without cells that have unknowns of their own. */
static pn_status choose(const pn_linsol_setup *setup, pn_linsol **out, int *bad)
{
  pn_status st = PN_E_CONVERGENCE;
  pn_linsol_kind kind = setup->kind;
  bool even = !any_lopsided(setup), crossbar = kind == PN_LINSOL_CROSSBAR,
       any = kind == PN_LINSOL_AUTO;
  if (even && (crossbar || (any && setup->n_arrays)))
    st = pn_linsol_crossbar(setup, out);
  if (st == PN_E_CONVERGENCE && setup->n_arrays && (crossbar || (any && setup->n >= BORDERED_FROM)))
    st = pn_linsol_bordered(setup, out);
  if (st == PN_E_CONVERGENCE && even &&
      (kind == PN_LINSOL_FOREST || (any && setup->n >= FOREST_FROM)))
    st = pn_linsol_forest(setup, out);
  if (st == PN_E_CONVERGENCE && any && setup->n <= PN_LINSOL_MOST_SMALL)
    st = pn_linsol_small(setup, out, bad);
  if (st == PN_E_CONVERGENCE)
    st = pn_linsol_klu(setup->n, setup->colptr, setup->rowind, out, bad);
  return st;
}

/* Without arrays whose cells were to be eliminated first. */
static pn_status choose_whole(const pn_linsol_setup *setup, pn_linsol **out, int *bad)
{
  pn_linsol_setup plain = *setup;
  pn_linsol_array *arrays = malloc(((size_t)setup->n_arrays + 1) * sizeof *arrays);
  if (!arrays)
    return PN_E_MEMORY;
  plain.arrays = arrays;
  plain.n_arrays = 0;
  for (int k = 0; k < setup->n_arrays; k++)
    if (!setup->arrays[k].lopsided)
      arrays[plain.n_arrays++] = setup->arrays[k];
  pn_status st = choose(&plain, out, bad);
  free(arrays);
  return st;
}

pn_status pn_linsol_new(const pn_linsol_setup *setup, pn_linsol **out, int *bad)
{
  *out = NULL;
  if (bad)
    *bad = -1;
  if (!setup->n_cells)
    return choose(setup, out, bad);
  int inner = 0;
  for (int k = 0; k < setup->n_cells; k++)
    inner += setup->cells[k].n;
  bool wanted = setup->kind == PN_LINSOL_CROSSBAR ||
                (setup->kind == PN_LINSOL_AUTO && inner >= CONDENSED_FROM);
  pn_status st = wanted ? pn_linsol_condensed(setup, out) : PN_E_CONVERGENCE;
  return st == PN_E_CONVERGENCE ? choose_whole(setup, out, bad) : st;
}

void pn_linsol_free(pn_linsol *s)
{
  if (!s)
    return;
  pn_linsol_free(s->direct);
  s->cls->destroy(s);
}

/* ---- the way back to KLU ---- */

static pn_status need_direct(pn_linsol *s, int *bad)
{
  return s->direct ? PN_OK : pn_linsol_klu(s->n, s->colptr, s->rowind, &s->direct, bad);
}

pn_status pn_linsol_need_whole(pn_linsol *s)
{
  if (!s->parts)
    return PN_OK;
  s->values = s->parts->whole(s->parts->user);
  s->parts = NULL;
  return s->values ? PN_OK : PN_E_MEMORY;
}

static pn_status factor_direct(pn_linsol *s, int *bad)
{
  pn_status st = need_direct(s, bad);
  if (st || s->direct_ready)
    return st;
  st = pn_linsol_need_whole(s);
  if (st == PN_OK)
    st = pn_linsol_factor(s->direct, s->values, bad);
  s->direct_ready = st == PN_OK;
  return st;
}

pn_status pn_linsol_factor(pn_linsol *s, const double *values, int *bad)
{
  s->values = values;
  s->parts = NULL;
  s->on_direct = s->direct_ready = false;
  if (s->stalls < PN_LINSOL_MOST_STALLS) {
    pn_status st = s->cls->factor(s, values, bad);
    if (st != PN_E_CONVERGENCE)
      return st;
  }
  s->stats.fallbacks++;
  s->on_direct = true;
  return factor_direct(s, bad);
}

pn_status pn_linsol_factor_parts(pn_linsol *s, const pn_linsol_parts *p, int *bad)
{
  s->values = p->rest;
  s->parts = p;
  s->on_direct = s->direct_ready = false;
  if (s->cls->factor_parts && s->stalls < PN_LINSOL_MOST_STALLS) {
    pn_status st = s->cls->factor_parts(s, p);
    if (st != PN_E_CONVERGENCE)
      return st;
  }
  pn_status st = pn_linsol_need_whole(s);
  return st ? st : pn_linsol_factor(s, s->values, bad);
}

pn_status pn_linsol_solve_many(pn_linsol *s, double *b, int nrhs)
{
  if (s->on_direct)
    return pn_linsol_solve_many(s->direct, b, nrhs);
  pn_status st = s->cls->solve(s, b, nrhs);
  if (st != PN_E_CONVERGENCE || !s->values)
    return st;
  int bad;
  s->stalls++;
  s->stats.fallbacks++;
  st = factor_direct(s, &bad);
  s->on_direct = st == PN_OK;
  return st ? st : pn_linsol_solve_many(s->direct, b, nrhs);
}

void pn_linsol_set_tolerance(pn_linsol *s, double relative)
{
  s->tolerance = fmax(relative, PN_LINSOL_TOLERANCE);
}

bool pn_linsol_iterates(const pn_linsol *s)
{
  return s->cls->iterates && !s->on_direct;
}

bool pn_linsol_verified(const pn_linsol *s)
{
  return s->verified && !s->on_direct;
}

pn_status pn_linsol_solve(pn_linsol *s, double *b)
{
  return pn_linsol_solve_many(s, b, 1);
}

pn_status pn_linsol_solve_transposed(pn_linsol *s, double *b)
{
  if (s->cls->solve_transposed && !s->on_direct)
    return s->cls->solve_transposed(s, b);
  int bad;
  pn_status st = factor_direct(s, &bad);
  return st ? st : pn_linsol_solve_transposed(s->direct, b);
}

pn_status pn_linsol_factor_complex(pn_linsol *s, const double complex *values, int *bad)
{
  if (s->cls->factor_complex)
    return s->cls->factor_complex(s, values, bad);
  pn_status st = need_direct(s, bad);
  return st ? st : pn_linsol_factor_complex(s->direct, values, bad);
}

static pn_status solve_complex(pn_linsol *s, double complex *b, bool transposed)
{
  if (!s->cls->solve_complex)
    return s->direct ? solve_complex(s->direct, b, transposed) : PN_E_INTERNAL;
  return s->cls->solve_complex(s, b, transposed);
}

pn_status pn_linsol_solve_complex(pn_linsol *s, double complex *b)
{
  return solve_complex(s, b, false);
}

pn_status pn_linsol_solve_complex_transposed(pn_linsol *s, double complex *b)
{
  return solve_complex(s, b, true);
}

pn_linsol_stats pn_linsol_get_stats(const pn_linsol *base)
{
  pn_linsol *s = (pn_linsol *)base; /* only the text is written */
  pn_linsol_stats st = s->stats;
  if (!s->direct)
    return st;
  pn_linsol_stats d = pn_linsol_get_stats(s->direct);
  snprintf(s->text, sizeof s->text, "%.90s; %ld factorisations left to %.90s%s%.90s", st.name,
           st.fallbacks, d.name, s->why ? ": " : "", s->why ? s->why : "");
  if (st.fallbacks)
    st.name = s->text;
  st.factors += d.factors;
  st.refactors += d.refactors;
  st.solves += d.solves;
  st.nnz_factors = d.nnz_factors > st.nnz_factors ? d.nnz_factors : st.nnz_factors;
  st.rcond = d.rcond;
  st.worst_residual = fmax(st.worst_residual, d.worst_residual);
  return st;
}
