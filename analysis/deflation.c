/* Deflated Newton. With M(y) = product over known z of (1 / |y - z|^2 + 1), the deflated Newton step is the
 * plain one d times  tau = 1 / (1 - d log M . d),  so that the circuit's own matrix is all that is factored. */
#include "analysis/deflation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ITERATIONS = 60, POLISHING = 12 };
static const double SAME = 1e-6;       /* of the scale: one equilibrium */
static const double CONVERGED = 1e-10; /* of the scale */

static double distance2(const pn_equilibria *e, const double *a, const double *b)
{
  double sum = 0;
  for (int k = 0; k < e->n; k++) {
    double d = (a[k] - b[k]) / e->scale[k];
    sum += d * d;
  }
  return sum / e->n;
}

pn_status pn_equilibria_add(pn_equilibria *e, const double *y, bool *added)
{
  size_t bytes = (size_t)e->n * sizeof *y;
  *added = false;
  for (int k = 0; k < e->count; k++)
    if (distance2(e, y, e->y + (size_t)k * (size_t)e->n) < SAME * SAME)
      return PN_OK;
  if (e->count == e->room) {
    int room = e->room ? 2 * e->room : 8;
    double *more = realloc(e->y, (size_t)room * bytes + 1);
    if (!more)
      return PN_E_MEMORY;
    e->y = more;
    e->room = room;
  }
  memcpy(e->y + (size_t)e->count++ * (size_t)e->n, y, bytes);
  *added = true;
  return PN_OK;
}

void pn_equilibria_free(pn_equilibria *e)
{
  free(e->y);
  e->y = NULL;
}

/* The plain Newton step -J^-1 F at y into d. */
static pn_status newton_step(const pn_run *r, const double *y, double *d)
{
  int n = pn_sim_n(r->sim);
  pn_status st = pn_sim_eval(r->sim, PN_SIM_OP, 0, y, true);
  if (st)
    return st;
  memcpy(d, pn_sim_f(r->sim), (size_t)n * sizeof *d);
  pn_sim_bound(r->sim, y, d, 0);
  st = pn_sim_factor(r->sim, 1, 0);
  if (st == PN_OK)
    st = pn_sim_solve(r->sim, d);
  for (int k = 0; k < n; k++)
    d[k] = -d[k];
  return st;
}

/* d log M / dy . d, with d log(1/h + 1) = -dh / (h (1 + h)), h = |y - z|^2. */
static double slope_along(const pn_equilibria *e, const double *y, const double *d)
{
  double sum = 0;
  for (int m = 0; m < e->count; m++) {
    const double *z = e->y + (size_t)m * (size_t)e->n;
    double h = distance2(e, y, z) + 1e-300, dh = 0;
    for (int k = 0; k < e->n; k++)
      dh += 2 * (y[k] - z[k]) * d[k] / (e->scale[k] * e->scale[k]);
    sum -= dh / e->n / (h * (1 + h));
  }
  return sum;
}

static double size_of(const pn_equilibria *e, const double *d)
{
  double sum = 0;
  for (int k = 0; k < e->n; k++)
    sum += d[k] * d[k] / (e->scale[k] * e->scale[k]);
  return sqrt(sum / e->n);
}

static pn_status polish(const pn_run *r, const pn_equilibria *e, double *y, double *d, bool *good)
{
  pn_status st = PN_OK;
  *good = false;
  for (int k = 0; k < POLISHING && st == PN_OK && !*good; k++) {
    st = newton_step(r, y, d);
    for (int i = 0; i < e->n && st == PN_OK; i++)
      y[i] += d[i];
    *good = st == PN_OK && size_of(e, d) < CONVERGED;
  }
  return st;
}

static bool is_fatal(pn_status st)
{
  return st && st != PN_E_DOMAIN && st != PN_E_SINGULAR && st != PN_E_CONVERGENCE;
}

static pn_status iterate(const pn_run *r, pn_equilibria *e, double *y, double *d, bool *found)
{
  pn_status st = PN_OK;
  bool near = false;
  for (int k = 0; k < MOST_ITERATIONS && !near; k++) {
    if (r->interrupted(r->user))
      return PN_E_INTERRUPTED;
    if ((st = newton_step(r, y, d)))
      return st;
    double tau = 1 / (1 - slope_along(e, y, d)), size = size_of(e, d);
    near = size < 1e-4 && fabs(tau * size) < 1e-3;
    double limit = fabs(tau) * size > 0.5 ? 0.5 / (fabs(tau) * size) : 1;
    for (int i = 0; i < e->n; i++)
      y[i] += limit * tau * d[i];
    if (!isfinite(size))
      return PN_E_DOMAIN;
  }
  bool good = false;
  if (near)
    st = polish(r, e, y, d, &good);
  if (st == PN_OK && good)
    st = pn_equilibria_add(e, y, found);
  return st;
}

pn_status pn_deflated_newton(const pn_run *r, pn_equilibria *e, double *y, bool *found)
{
  *found = false;
  double *d = malloc(((size_t)e->n + 1) * sizeof *d);
  pn_status st = d ? iterate(r, e, y, d, found) : PN_E_MEMORY;
  free(d);
  return is_fatal(st) ? st : PN_OK;
}
