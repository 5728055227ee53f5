/* The currents of many input vectors on one programmed array. Linear cells: one transposed
 * substitution per bit line gives the matrix from inputs to currents, and every vector is a
 * product. Nonlinear cells: Newton from vector to vector. */
#include "analysis/mvm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

pn_status mvm_solve_vector(pn_study *s, const mvm_work *w, int k)
{
  const double *v = w->v + (size_t)k * (size_t)w->rows;
  for (int j = 0; j < w->rows; j++)
    pn_study_drive(s, 0, j, v[j]);
  return pn_study_solve(s);
}

/* ---- linear ---- */

/* J^T lambda = what makes the output of the unknowns; s->d is lambda. */
static pn_status adjoint(pn_study *s, const mvm_work *w, int output, int column)
{
  memset(s->d, 0, (size_t)s->n * sizeof *s->d);
  for (int c = 0; c < w->cols; c++) {
    double weight = column >= 0 ? c == column : mvm_weight(w, output, c);
    const pn_line *line = &s->l->bit[c];
    for (int j = 0; weight != 0 && j < line->n; j++)
      s->d[line->branch[j]] += weight * line->sign[j];
  }
  s->solves++;
  return pn_sim_solve_transposed(s->r->sim, s->d);
}

/* Evaluates and factors at the present solution. */
static pn_status linearise(pn_study *s)
{
  pn_status st = pn_sim_eval(s->r->sim, PN_SIM_OP, 0, s->y, true);
  if (st == PN_OK)
    st = pn_sim_factor(s->r->sim, 1, 0);
  s->factors++;
  return st;
}

/* dI_c/dV_r: a source's row is v_p - v_n - E = 0, so dI = lambda dE there. */
static pn_status find_transfer(mvm_work *w)
{
  pn_study *s = &w->s;
  pn_status st = pn_study_solve(s);
  if (st == PN_OK)
    st = linearise(s);
  for (int c = 0; st == PN_OK && c < w->cols; c++) {
    w->i0[c] = pn_study_current(s, 1, c);
    if ((st = adjoint(s, w, -1, c)))
      break;
    for (int r = 0; r < w->rows; r++) {
      const pn_line *line = &s->l->word[r];
      double sum = 0;
      for (int j = 0; j < line->n; j++)
        sum += s->d[line->branch[j]] * line->sign[j];
      w->transfer[(size_t)c * (size_t)w->rows + (size_t)r] = sum;
    }
  }
  return st;
}

static void multiply(const mvm_work *w, int first, int last, double *i)
{
  size_t rows = (size_t)w->rows, cols = (size_t)w->cols;
  for (int k = first; k < last; k++)
    for (size_t c = 0; c < cols; c++) {
      const double *t = w->transfer + c * rows, *v = w->v + (size_t)k * rows;
      double sum = w->i0[c];
      for (size_t r = 0; r < rows; r++)
        sum += t[r] * v[r];
      i[(size_t)(k - first) * cols + c] = sum;
    }
}

/* Does the product give what the equations give, for vector k? */
static pn_status agrees(mvm_work *w, int k, bool *good)
{
  double *i = calloc((size_t)w->cols + 1, sizeof *i);
  if (!i)
    return PN_E_MEMORY;
  multiply(w, k, k + 1, i);
  pn_status st = mvm_solve_vector(&w->s, w, k);
  double most = 0, error = 0;
  for (int c = 0; st == PN_OK && c < w->cols; c++) {
    double exact = pn_study_current(&w->s, 1, c);
    most = fmax(most, fabs(exact));
    error = fmax(error, fabs(exact - i[c]));
  }
  *good = error <= 1e-9 * most;
  free(i);
  return st;
}

/* The first, the last and the largest vector decide. */
static pn_status try_linear(mvm_work *w, bool *good)
{
  int largest = 0;
  double most = -1;
  for (int k = 0; k < w->n; k++)
    for (int r = 0; r < w->rows; r++)
      if (fabs(w->v[(size_t)k * (size_t)w->rows + (size_t)r]) > most) {
        most = fabs(w->v[(size_t)k * (size_t)w->rows + (size_t)r]);
        largest = k;
      }
  pn_status st = find_transfer(w);
  int probes[] = {largest, 0, w->n - 1};
  *good = true;
  for (int k = 0; st == PN_OK && *good && w->p->linear == MVM_AUTO && k < 3; k++)
    st = agrees(w, probes[k], good);
  return st;
}

/* ---- nonlinear ---- */

static pn_status solve_and_store(pn_study *s, void *user, int k)
{
  mvm_work *w = user;
  pn_status st = mvm_solve_vector(s, w, k);
  for (int c = 0; c < w->cols; c++)
    w->i[(size_t)k * (size_t)w->cols + (size_t)c] = pn_study_current(s, 1, c);
  return st;
}

pn_status mvm_currents(mvm_work *w)
{
  pn_status st = w->p->linear == MVM_NONLINEAR ? PN_OK : try_linear(w, &w->is_linear);
  if (st)
    return st;
  if (!w->is_linear)
    return pn_study_all(&w->s, &(pn_study_items){w->n, solve_and_store, w});
  multiply(w, 0, w->n, w->i);
  return PN_OK;
}

/* ---- sensitivities ---- */

/* A cell adds G v to the row of its first node and takes it from the second's: dI/dG =
 * -(lambda_p - lambda_n) v. One transposed substitution for all cells. */
pn_status mvm_sensitivity(mvm_work *w, int output, double *di_dg)
{
  pn_study *s = &w->s;
  pn_status st = linearise(s);
  s->fresh = false;
  if (st == PN_OK)
    st = adjoint(s, w, output, -1);
  for (int k = 0; st == PN_OK && k < s->n_cells; k++) {
    di_dg[k] = NAN;
    if (s->a->memory[k] < 0)
      continue;
    const int *u = pn_circuit_device_info(w->r->circuit, s->a->memory[k]).unknowns;
    double lp = u[0] == PN_GROUND ? 0 : s->d[u[0]], ln = u[1] == PN_GROUND ? 0 : s->d[u[1]];
    double vp = u[0] == PN_GROUND ? 0 : s->y[u[0]], vn = u[1] == PN_GROUND ? 0 : s->y[u[1]];
    di_dg[k] = -(lp - ln) * (vp - vn);
  }
  return st;
}
