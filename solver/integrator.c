/* The face of all integration methods: chooses one by name, keeps the solution reached, and makes
 * starts consistent. Methods are in their own files (ida.c, trbdf2.c) behind method.h. */
#include "solver/integrator.h"

#include "base/clones.h"
#include "solver/method.h"
#include "solver/newton.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const pn_method_class *const METHODS[] = {&pn_method_ida, &pn_method_trbdf2};

pn_status pn_method_fail(pn_integrator *g, pn_status st, const char *trouble, int unknown)
{
  g->trouble = trouble;
  g->unknown = unknown;
  return st;
}

/* w holds the least size that counts of each, and becomes its weight. */
PN_CLONES static void weigh(int n, double reltol, double resolution, const double *restrict y,
                            const double *restrict yp, const double *restrict atol,
                            double *restrict w)
{
  for (int i = 0; i < n; i++) {
    double size = fabs(y[i]), tolerance = reltol * (size > w[i] ? size : w[i]) + atol[i];
    double shift = resolution * fabs(yp[i]), most = PN_MOST_SHIFT * tolerance;
    w[i] = 1 / (tolerance + (shift < most ? shift : most));
  }
}

void pn_method_weights(const pn_dae *dae, const double *y, const double *yp, double *peak,
                       double *w)
{
  bool scaled = peak && dae->scale_of;
  for (int i = 0; i < dae->n && scaled; i++) {
    double size = fabs(y[i]);
    peak[i] = size > peak[i] ? size : peak[i];
  }
  for (int i = 0; i < dae->n; i++)
    w[i] = scaled ? dae->scale_gain[i] * peak[dae->scale_of[i]] : 0;
  weigh(dae->n, dae->reltol, dae->resolution, y, yp, dae->atol, w);
}

/* ---- consistent start ---- */

/* F(t, y, (y - y0) cj) = 0, or f(t, y) + cj (q(y) - q0) = 0, as a problem for Newton's iteration. */
typedef struct euler {
  const pn_dae *dae;
  bool charge_form;
  double t, cj;
  const double *y0; /* [n] */
  double *yp;       /* [n] */
  double *q0, *q;   /* [n] in the charge form */
} euler;

static pn_status euler_residual(void *user, const double *y, double *r, bool jacobian)
{
  euler *e = user;
  const pn_dae *dae = e->dae;
  for (int i = 0; i < dae->n; i++)
    e->yp[i] = (y[i] - e->y0[i]) * e->cj;
  if (jacobian) {
    pn_status st = dae->setup(dae->user, e->t, e->cj, y, e->yp);
    if (st)
      return st;
  }
  if (!e->charge_form)
    return dae->residual(dae->user, e->t, e->cj, y, e->yp, r);
  pn_status st = dae->fq(dae->user, e->t, y, r, e->q);
  if (st)
    return st;
  for (int i = 0; i < dae->n; i++)
    r[i] += e->cj * (e->q[i] - e->q0[i]);
  if (dae->bound)
    dae->bound(dae->user, y, r, e->cj);
  return PN_OK;
}

static pn_status euler_solve(void *user, double *r)
{
  euler *e = user;
  return e->dae->solve(e->dae->user, e->cj, r, e->dae->accuracy);
}

pn_status pn_method_euler(pn_integrator *g, double t, double cj, double *y, double *yp, int *worst)
{
  int n = g->dae.n;
  double *y0 = g->work, *atol = g->work + n, *newton_work = g->work + 2 * n;
  euler e = {.dae = &g->dae,
             .charge_form = g->cls->charge_form,
             .t = t,
             .cj = cj,
             .y0 = y0,
             .yp = yp,
             .q0 = g->work + 5 * n,
             .q = g->work + 6 * n};
  memcpy(y0, y, (size_t)n * sizeof(double));
  pn_status st = e.charge_form ? g->dae.fq(g->dae.user, g->t, y, e.q, e.q0) : PN_OK;
  if (st)
    return st;
  /* Charges rounded by a part in 2^53 make currents that are uncertain by that part times cj. */
  double most = 0;
  for (int i = 0; i < n && e.charge_form; i++)
    most = fmax(most, fabs(e.q0[i]));
  for (int i = 0; i < n; i++)
    atol[i] = 1e-3 * g->dae.atol[i] + (g->dae.differential[i] ? 0 : 1e-15 * most * cj);
  pn_newton_problem p = {.user = &e,
                         .n = n,
                         .atol = atol,
                         .reltol = 1e-10,
                         .max_iterations = 50,
                         .residual = euler_residual,
                         .solve = euler_solve};
  pn_newton_result res = {.worst = -1};
  st = pn_newton(&p, y, newton_work, &res);
  for (int i = 0; i < n; i++)
    yp[i] = (y[i] - y0[i]) * cj;
  *worst = res.worst;
  return st;
}

/* Makes g->y and g->yp consistent at g->t by two implicit Euler steps too short for charges and states
 * to move: the first lets the algebraic unknowns jump, the second's difference quotient is the
 * derivative. Unlike IDACalcIC it needs no basis of the differential unknowns, which a floating
 * capacitor does not have. */
static pn_status make_consistent(pn_integrator *g, double h0)
{
  double cj = 1 / (h0 > 0 ? fmin(PN_START_PART * h0, 1e3 * PN_START_STEP) : PN_START_STEP);
  for (int k = 0; k < 2; k++) {
    int worst = -1;
    pn_status st = pn_method_euler(g, g->t, cj, g->y, g->yp, &worst);
    if (st)
      return pn_method_fail(g, st, "no consistent values after a jump", worst);
  }
  return PN_OK;
}

/* ---- interface ---- */

pn_status pn_integrator_new(const char *method, const pn_dae *dae, double t0, const double *y,
                            const double *yp, int max_order, pn_integrator **out)
{
  *out = NULL;
  const pn_method_class *cls = NULL;
  for (size_t k = 0; k < sizeof METHODS / sizeof *METHODS; k++)
    if (strcmp(METHODS[k]->name, method) == 0)
      cls = METHODS[k];
  if (!cls)
    return PN_E_USAGE;
  pn_integrator *g = calloc(1, sizeof *g);
  if (!g)
    return PN_E_MEMORY;
  size_t n = (size_t)dae->n;
  g->cls = cls;
  g->dae = *dae;
  g->unknown = -1;
  g->y = malloc((9 * n + 1) * sizeof(double));
  pn_status st = PN_E_MEMORY;
  if (g->y) {
    g->yp = g->y + n;
    g->work = g->y + 2 * n;
    st = cls->create(g, max_order);
  }
  if (!st)
    st = pn_integrator_restart(g, t0, y, yp, false, 0);
  g->restarts = 0;
  if (st) {
    pn_integrator_free(g);
    return st;
  }
  *out = g;
  return PN_OK;
}

void pn_integrator_free(pn_integrator *g)
{
  if (!g)
    return;
  if (g->method)
    g->cls->destroy(g->method);
  free(g->y);
  free(g);
}

pn_status pn_integrator_step(pn_integrator *g, double tstop, double hmax, double *t,
                             pn_step_kind *kind)
{
  pn_status st = g->cls->step(g, tstop, hmax, t, kind);
  if (!st)
    g->t = *t;
  return st;
}

const double *pn_integrator_y(const pn_integrator *g)
{
  return g->y;
}

const double *pn_integrator_yp(const pn_integrator *g)
{
  return g->yp;
}

pn_status pn_integrator_interpolate(pn_integrator *g, double t, double *y, double *yp)
{
  return g->cls->interpolate(g, t, y, yp);
}

pn_status pn_integrator_interpolate_some(pn_integrator *g, double t, const int *which, int n_which,
                                         double *y, double *yp)
{
  return g->cls->interpolate_some ? g->cls->interpolate_some(g, t, which, n_which, y, yp)
                                  : g->cls->interpolate(g, t, y, yp);
}

pn_status pn_integrator_restart(pn_integrator *g, double t, const double *y, const double *yp,
                                bool jump, double h0)
{
  size_t bytes = (size_t)g->dae.n * sizeof(double);
  g->t = t;
  g->restarts++;
  memmove(g->y, y, bytes);
  memmove(g->yp, yp, bytes);
  if (jump) {
    pn_status st = make_consistent(g, h0);
    if (st)
      return st;
  }
  return g->cls->restart(g, h0);
}

pn_status pn_integrator_corner(pn_integrator *g)
{
  g->restarts++;
  return g->cls->corner ? g->cls->corner(g) : g->cls->restart(g, 0);
}

pn_integrator_stats pn_integrator_get_stats(const pn_integrator *g)
{
  pn_integrator_stats s = {0};
  g->cls->stats(g, &s);
  s.restarts = g->restarts;
  return s;
}

const char *pn_integrator_trouble(const pn_integrator *g, int *unknown)
{
  if (unknown)
    *unknown = g->unknown;
  return g->trouble ? g->trouble : "";
}
