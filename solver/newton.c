/* Damped Newton iteration with the natural monotonicity test: a step is judged by the
 * simplified correction that the old Jacobian gives at the new point (Deuflhard 2011, Newton Methods for
 * Nonlinear Problems, sec. 3.3), so that rows of different units need no scaling. */
#include "solver/newton.h"

#include <math.h>
#include <string.h>

enum { MAX_HALVINGS = 10, MAX_BOLD = 12 };

typedef struct iteration {
  const pn_newton_problem *p;
  double *y;     /* [n] the iterate */
  double *d;     /* [n] its update: y + d */
  double *trial; /* [n] the next iterate */
  double *r;     /* [n] the residual there, then its simplified correction */
  double r_norm; /* 2-norm of the residual at y */
  bool limited;  /* p->limit changed d */
  int bold;      /* full steps taken although no step brought the solution nearer */
} iteration;

static double norm2(const double *r, int n)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += r[i] * r[i];
  return sqrt(sum);
}

/* max |v| / (reltol max(|y|, |y + d|) + atol), and where: the same weights for the update d and for
 * the corrections compared with it. */
static double weighted(const iteration *it, const double *v, int *worst)
{
  const pn_newton_problem *p = it->p;
  double most = 0;
  for (int i = 0; i < p->n; i++) {
    double size = fmax(fabs(it->y[i]), fabs(it->y[i] + it->d[i]));
    double e = fabs(v[i]) / (p->reltol * size + p->atol[i]);
    if (!isfinite(e)) {
      *worst = i;
      return INFINITY;
    }
    if (e > most) {
      most = e;
      *worst = i;
    }
  }
  return most;
}

/* d = -J^-1 r at y, limited. */
static pn_status full_step(iteration *it)
{
  const pn_newton_problem *p = it->p;
  pn_status st = p->residual(p->user, it->y, it->d, true);
  if (st)
    return st;
  it->r_norm = norm2(it->d, p->n);
  st = p->solve(p->user, it->d);
  if (st)
    return st;
  for (int i = 0; i < p->n; i++)
    it->d[i] = -it->d[i];
  it->limited = p->limited && p->limited(p->user);
  if (p->limit) {
    memcpy(it->trial, it->d, (size_t)p->n * sizeof(double));
    p->limit(p->user, it->y, it->d);
    it->limited = memcmp(it->trial, it->d, (size_t)p->n * sizeof(double)) != 0;
  }
  return PN_OK;
}

/* The residual and the simplified correction's weighted norm at y + lambda d. */
static pn_status look_ahead(iteration *it, double lambda, double *r_norm, double *correction)
{
  const pn_newton_problem *p = it->p;
  for (int i = 0; i < p->n; i++)
    it->trial[i] = it->y[i] + lambda * it->d[i];
  pn_status st = p->residual(p->user, it->trial, it->r, false);
  if (st)
    return st;
  *r_norm = norm2(it->r, p->n);
  if (!isfinite(*r_norm))
    return PN_E_DOMAIN;
  st = p->solve(p->user, it->r);
  int where;
  if (!st)
    *correction = weighted(it, it->r, &where);
  return st;
}

/* Moves y by the longest of d, d/2, d/4, ... that brings the solution nearer. A step that the devices
 * limited is taken as it is: they know better than a norm. Where no length helps (a slope that is
 * infinite nearby, as of sqrt(|v|) at 0, makes short steps useless) the full step is taken, a few times. */
static pn_status advance(iteration *it, pn_newton_result *res, bool *converged)
{
  if (it->p->limited) {
    for (int i = 0; i < it->p->n; i++)
      it->y[i] += it->d[i];
    *converged = !it->limited && res->update < 1;
    return PN_OK;
  }
  double lambda = 1, r_norm = 0, correction = 0;
  bool full_has_value = false;
  for (int halvings = 0;; halvings++, lambda /= 2) {
    bool bold = halvings > MAX_HALVINGS;
    if (bold && (!full_has_value || it->bold++ == MAX_BOLD))
      return PN_E_CONVERGENCE;
    if (bold)
      lambda = 1;
    pn_status st = look_ahead(it, lambda, &r_norm, &correction);
    if (st == PN_E_DOMAIN)
      continue;
    if (st)
      return st;
    full_has_value |= lambda == 1;
    bool nearer = (it->p->linear && correction < 1) ||
                  correction <= (1 - lambda / 4) * res->update ||
                  r_norm <= (1 - lambda / 4) * it->r_norm;
    if (nearer || bold || it->limited || (res->update < 1 && correction < 1))
      break;
  }
  memcpy(it->y, it->trial, (size_t)it->p->n * sizeof(double));
  res->residual = r_norm;
  *converged = lambda == 1 && !it->limited && (res->update < 1 || it->p->linear) && correction < 1;
  return PN_OK;
}

pn_status pn_newton(const pn_newton_problem *p, double *y, double *work, pn_newton_result *res)
{
  iteration it = {.p = p, .y = y, .d = work, .trial = work + p->n, .r = work + 2 * p->n};
  *res = (pn_newton_result){.worst = -1};
  while (res->iterations < p->max_iterations) {
    if (p->interrupted && p->interrupted(p->user))
      return PN_E_INTERRUPTED;
    pn_status st = full_step(&it);
    if (st)
      return st;
    res->iterations++;
    res->residual = it.r_norm;
    if (p->linear && p->verified && p->verified(p->user)) {
      for (int i = 0; i < p->n; i++)
        y[i] += it.d[i];
      return PN_OK;
    }
    res->update = weighted(&it, it.d, &res->worst);
    if (!isfinite(res->update))
      return PN_E_CONVERGENCE;
    bool converged;
    st = advance(&it, res, &converged);
    if (st || converged)
      return st;
  }
  return PN_E_CONVERGENCE;
}
