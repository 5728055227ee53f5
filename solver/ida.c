/* SUNDIALS IDA (variable-order BDF) behind the integrator interface: the callbacks of pn_dae as an
 * own SUNLinearSolver and vectors with fast kernels. One SUNContext per integrator; nothing is
 * printed. IDA's facts that shaped this file are in docs/architecture.md. */
#include "solver/method.h"
#include "solver/nvector_fused.h"

#include <float.h>
#include <ida/ida.h>
#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sunnonlinsol/sunnonlinsol_newton.h>

/* This many steps in a row shorter than the resolution of time, and the step has underflowed. */
enum { MAX_TINY_STEPS = 40 };

struct pn_method {
  SUNContext ctx;
  void *ida;
  N_Vector y, yp, id;
  SUNLinearSolver ls;
  SUNNonlinearSolver newton; /* with dae.steep; else IDA's own */
  double *peak;              /* [n] largest magnitudes since the start */
  SUNMatrix matrix;          /* a shell: the numbers are behind dae->setup */
  pn_integrator *g;
  pn_status failure;        /* of the last callback that gave up */
  double tstop, hmax;       /* as IDA knows them */
  int tiny_steps;           /* in a row */
  double t;                 /* of the last residual, */
  const double *at, *slope; /* and its y and y' [n], valid while Newton's method works */
  pn_integrator_stats past; /* of runs before the last restart */
};

/* ---- callbacks ---- */

/* IDA's convention: 0 done, > 0 try a smaller step, < 0 give up. */
static int verdict(pn_method *m, pn_status st)
{
  if (st == PN_OK)
    return 0;
  if (st == PN_E_DOMAIN)
    return 1;
  m->failure = st;
  return -1;
}

static double present_cj(const pn_method *m)
{
  double cj = 0;
  IDAGetCurrentCj(m->ida, &cj);
  return cj;
}

static int residual(double t, N_Vector y, N_Vector yp, N_Vector r, void *user)
{
  pn_method *m = user;
  const pn_dae *dae = &m->g->dae;
  m->t = t;
  m->at = NV_DATA_S(y);
  m->slope = NV_DATA_S(yp);
  return verdict(m, dae->residual(dae->user, t, present_cj(m), m->at, m->slope, NV_DATA_S(r)));
}

static int jacobian(double t, double cj, N_Vector y, N_Vector yp, N_Vector r, SUNMatrix j,
                    void *user, N_Vector tmp1, N_Vector tmp2, N_Vector tmp3)
{
  (void)r, (void)j, (void)tmp1, (void)tmp2, (void)tmp3;
  pn_method *m = user;
  const pn_dae *dae = &m->g->dae;
  return verdict(m, dae->setup(dae->user, t, cj, NV_DATA_S(y), NV_DATA_S(yp)));
}

static int error_weights(N_Vector y, N_Vector w, void *user)
{
  const pn_method *m = user;
  pn_method_weights(&m->g->dae, NV_DATA_S(y), m->g->yp, m->peak, NV_DATA_S(w));
  return 0;
}

static int events(double t, N_Vector y, N_Vector yp, double *ev, void *user)
{
  (void)yp;
  const pn_dae *dae = &((pn_method *)user)->g->dae;
  dae->events(dae->user, t, NV_DATA_S(y), ev);
  return 0;
}

static void silence(int code, const char *module, const char *function, char *msg, void *user)
{
  (void)code, (void)module, (void)function, (void)msg, (void)user;
}

/* ---- linear solver and matrix shell ---- */

static SUNLinearSolver_Type ls_type(SUNLinearSolver ls)
{
  (void)ls;
  return SUNLINEARSOLVER_DIRECT;
}

static SUNLinearSolver_ID ls_id(SUNLinearSolver ls)
{
  (void)ls;
  return SUNLINEARSOLVER_CUSTOM;
}

static int ls_nothing(SUNLinearSolver ls)
{
  (void)ls;
  return 0;
}

static int ls_setup(SUNLinearSolver ls, SUNMatrix a)
{
  (void)ls, (void)a; /* the Jacobian callback has factored */
  return 0;
}

static int ls_solve(SUNLinearSolver ls, SUNMatrix a, N_Vector x, N_Vector b, double tol)
{
  (void)a, (void)tol;
  pn_method *m = ls->content;
  const pn_dae *dae = &m->g->dae;
  double cj = present_cj(m);
  memcpy(NV_DATA_S(x), NV_DATA_S(b), (size_t)dae->n * sizeof(double));
  pn_status st = dae->steep ? dae->setup(dae->user, m->t, cj, m->at, m->slope) : PN_OK;
  return verdict(m, st ? st : dae->solve(dae->user, cj, NV_DATA_S(x), dae->accuracy));
}

static SUNMatrix_ID matrix_id(SUNMatrix a)
{
  (void)a;
  return SUNMATRIX_CUSTOM;
}

static int matrix_zero(SUNMatrix a)
{
  (void)a;
  return 0;
}

static bool make_linear_solver(pn_method *m)
{
  m->ls = SUNLinSolNewEmpty(m->ctx);
  m->matrix = SUNMatNewEmpty(m->ctx);
  if (!m->ls || !m->matrix)
    return false;
  m->ls->content = m;
  m->ls->ops->gettype = ls_type;
  m->ls->ops->getid = ls_id;
  m->ls->ops->initialize = ls_nothing;
  m->ls->ops->setup = ls_setup;
  m->ls->ops->solve = ls_solve;
  m->matrix->ops->getid = matrix_id;
  m->matrix->ops->zero = matrix_zero;
  return true;
}

/* ---- Newton's method across steep corners ---- */

/* IDA takes an iterate when the rate of earlier iterations promises that the next correction is small; a corner
 * breaks the promise. Here a correction must be small itself. */
static int is_converged(SUNNonlinearSolver newton, N_Vector y, N_Vector update, double tolerance,
                        N_Vector weight, void *user)
{
  enum { MOST = 12 };
  int iteration = 0;
  (void)y, (void)user;
  SUNNonlinSolGetCurIter(newton, &iteration);
  double size = N_VWrmsNorm(update, weight);
  return !isfinite(size)            ? SUN_NLS_CONV_RECVR
         : size <= 1e-3 * tolerance ? SUN_NLS_SUCCESS
         : iteration + 1 >= MOST    ? SUN_NLS_CONV_RECVR
                                    : SUN_NLS_CONTINUE;
}

static bool use_own_newton(pn_method *m)
{
  m->newton = SUNNonlinSol_Newton(m->y, m->ctx);
  return m->newton && IDASetNonlinearSolver(m->ida, m->newton) == IDA_SUCCESS &&
         SUNNonlinSolSetConvTestFn(m->newton, is_converged, NULL) == SUN_NLS_SUCCESS &&
         SUNNonlinSolSetMaxIters(m->newton, 20) == SUN_NLS_SUCCESS &&
         IDASetLinearSolutionScaling(m->ida, SUNFALSE) == IDA_SUCCESS;
}

/* ---- life ---- */

static void ida_destroy(pn_method *m)
{
  if (m->ida)
    IDAFree(&m->ida);
  N_Vector vectors[] = {m->y, m->yp, m->id};
  for (int k = 0; k < 3; k++)
    if (vectors[k])
      N_VDestroy(vectors[k]);
  if (m->newton)
    SUNNonlinSolFree(m->newton);
  if (m->ls)
    SUNLinSolFreeEmpty(m->ls);
  if (m->matrix)
    SUNMatFreeEmpty(m->matrix);
  if (m->ctx)
    SUNContext_Free(&m->ctx);
  free(m->peak);
  free(m);
}

static bool set_up(pn_method *m, const pn_dae *dae, int max_order)
{
  return IDASetErrHandlerFn(m->ida, silence, NULL) == IDA_SUCCESS &&
         IDAInit(m->ida, residual, 0, m->y, m->yp) == IDA_SUCCESS &&
         IDASetUserData(m->ida, m) == IDA_SUCCESS &&
         IDAWFtolerances(m->ida, error_weights) == IDA_SUCCESS &&
         IDASetLinearSolver(m->ida, m->ls, m->matrix) == IDA_SUCCESS &&
         IDASetJacFn(m->ida, jacobian) == IDA_SUCCESS && IDASetId(m->ida, m->id) == IDA_SUCCESS &&
         IDASetSuppressAlg(m->ida, SUNTRUE) == IDA_SUCCESS &&
         IDASetMaxNumSteps(m->ida, -1) == IDA_SUCCESS && (!dae->steep || use_own_newton(m)) &&
         (max_order <= 0 || IDASetMaxOrd(m->ida, max_order) == IDA_SUCCESS) &&
         (dae->n_events == 0 || (IDARootInit(m->ida, dae->n_events, events) == IDA_SUCCESS &&
                                 IDASetNoInactiveRootWarn(m->ida) == IDA_SUCCESS));
}

/* SUNDIALS 6.4.1 does not survive an allocation that fails inside SUNContext_Create and leaks in others. So
 * the room it will take (about 30 vectors and 60 KB) is asked for, and given back, before it starts. */
static bool room_for_sundials(size_t n)
{
  void *volatile probe = malloc(40 * n * sizeof(double) + 100000);
  bool got = probe != NULL; /* volatile: the compiler would drop the pair */
  free(probe);
  return got;
}

static pn_status ida_create(pn_integrator *g, int max_order)
{
  const pn_dae *dae = &g->dae;
  pn_method *m = g->method = calloc(1, sizeof *m);
  if (!m || !(m->peak = calloc((size_t)dae->n + 1, sizeof *m->peak)) ||
      !room_for_sundials((size_t)dae->n) || SUNContext_Create(NULL, &m->ctx) != 0)
    return PN_E_MEMORY;
  m->g = g;
  m->hmax = INFINITY;
  m->tstop = NAN;
  m->y = pn_nvector_new(dae->n, m->ctx);
  m->yp = pn_nvector_new(dae->n, m->ctx);
  m->id = pn_nvector_new(dae->n, m->ctx);
  if (!m->y || !m->yp || !m->id || !make_linear_solver(m) || !(m->ida = IDACreate(m->ctx)))
    return PN_E_MEMORY;
  for (int i = 0; i < dae->n; i++) {
    NV_Ith_S(m->id, i) = dae->differential[i];
    NV_Ith_S(m->y, i) = NV_Ith_S(m->yp, i) = 0;
  }
  return set_up(m, dae, max_order < 5 ? max_order : 5) ? PN_OK : PN_E_MEMORY;
}

static void add_stats(const pn_method *m, pn_integrator_stats *s)
{
  long steps = 0, residuals = 0, setups = 0, failed = 0, newton = 0;
  int order, next_order;
  double first, next, now;
  IDAGetIntegratorStats(m->ida, &steps, &residuals, &setups, &failed, &order, &next_order, &first,
                        &s->last_step, &next, &now);
  IDAGetNumStepSolveFails(m->ida, &newton);
  s->steps += steps;
  s->residuals += residuals;
  s->setups += setups;
  s->error_failures += failed;
  s->newton_failures += newton;
  s->order = order;
}

static void ida_stats(const pn_integrator *g, pn_integrator_stats *s)
{
  *s = g->method->past;
  add_stats(g->method, s);
}

static pn_status ida_restart(pn_integrator *g, double h0)
{
  pn_method *m = g->method;
  size_t bytes = (size_t)g->dae.n * sizeof(double);
  add_stats(m, &m->past);
  memcpy(NV_DATA_S(m->y), g->y, bytes);
  memcpy(NV_DATA_S(m->yp), g->yp, bytes);
  m->tstop = NAN;
  m->tiny_steps = 0;
  if (IDAReInit(m->ida, g->t, m->y, m->yp) != IDA_SUCCESS ||
      IDASetInitStep(m->ida, h0 > 0 ? h0 : 0) != IDA_SUCCESS)
    return PN_E_INTERNAL;
  return PN_OK;
}

/* ---- steps ---- */

/* The unknown with the largest weighted error of the last attempt. */
static int worst_unknown(pn_method *m)
{
  const pn_dae *dae = &m->g->dae;
  if (IDAGetEstLocalErrors(m->ida, m->yp) != IDA_SUCCESS ||
      IDAGetErrWeights(m->ida, m->y) != IDA_SUCCESS)
    return -1;
  int worst = -1;
  double most = 0;
  for (int i = 0; i < dae->n; i++) {
    double e = fabs(NV_Ith_S(m->yp, i) * NV_Ith_S(m->y, i)) * (dae->differential[i] ? 1 : 1e-3);
    if (e > most) {
      most = e;
      worst = i;
    }
  }
  return worst;
}

static pn_status explain(pn_integrator *g, int flag)
{
  pn_method *m = g->method;
  switch (flag) {
  case IDA_ERR_FAIL:
    return pn_method_fail(g, PN_E_STEP, "the error stays too large however small the time step",
                          worst_unknown(m));
  case IDA_TOO_MUCH_ACC:
    return pn_method_fail(g, PN_E_STEP, "the tolerances ask for more than the arithmetic has",
                          worst_unknown(m));
  case IDA_CONV_FAIL:
  case IDA_NLS_FAIL:
    return pn_method_fail(g, PN_E_CONVERGENCE,
                          "the equations do not converge however small the time step",
                          worst_unknown(m));
  case IDA_REP_RES_ERR:
  case IDA_FIRST_RES_FAIL:
    return pn_method_fail(g, PN_E_DOMAIN, "the equations have no value here", worst_unknown(m));
  case IDA_MEM_FAIL:
    return pn_method_fail(g, PN_E_MEMORY, "out of memory", -1);
  default:
    return pn_method_fail(g, m->failure ? m->failure : PN_E_INTERNAL, "the step failed", -1);
  }
}

static void set_limits(pn_method *m, double tstop, double hmax)
{
  if (hmax != m->hmax) {
    IDASetMaxStep(m->ida, isfinite(hmax) ? hmax : 0);
    m->hmax = hmax;
  }
  if (tstop != m->tstop) {
    IDASetStopTime(m->ida, tstop);
    m->tstop = tstop;
  }
}

static pn_status ida_step(pn_integrator *g, double tstop, double hmax, double *t,
                          pn_step_kind *kind)
{
  pn_method *m = g->method;
  set_limits(m, tstop, hmax);
  m->failure = PN_OK;
  int flag = IDASolve(m->ida, tstop, t, m->y, m->yp, IDA_ONE_STEP);
  if (flag < 0)
    return m->failure ? pn_method_fail(g, m->failure, "the equations failed", -1)
                      : explain(g, flag);
  double h = 0;
  IDAGetLastStep(m->ida, &h);
  m->tiny_steps = flag == IDA_SUCCESS && h <= 4 * DBL_EPSILON * fabs(*t) ? m->tiny_steps + 1 : 0;
  if (m->tiny_steps > MAX_TINY_STEPS)
    return pn_method_fail(g, PN_E_STEP, "the time step fell below the resolution of time",
                          worst_unknown(m));
  size_t bytes = (size_t)g->dae.n * sizeof(double);
  memcpy(g->y, NV_DATA_S(m->y), bytes);
  memcpy(g->yp, NV_DATA_S(m->yp), bytes);
  *kind = flag == IDA_ROOT_RETURN ? PN_STEP_EVENT : PN_STEP_TAKEN;
  if (flag == IDA_TSTOP_RETURN) {
    *kind = PN_STEP_STOP;
    m->tstop = NAN; /* IDA forgets a stop time once reached */
  }
  return PN_OK;
}

static pn_status derivative(pn_method *m, double t, int k, double *out)
{
  double *own = NV_DATA_S(m->y);
  N_VSetArrayPointer(out, m->y);
  int flag = IDAGetDky(m->ida, t, k, m->y);
  N_VSetArrayPointer(own, m->y);
  return flag == IDA_SUCCESS ? PN_OK : PN_E_INTERNAL;
}

static pn_status ida_interpolate(pn_integrator *g, double t, double *y, double *yp)
{
  pn_status st = derivative(g->method, t, 0, y);
  return st || !yp ? st : derivative(g->method, t, 1, yp);
}

const pn_method_class pn_method_ida = {.name = "ida",
                                       .create = ida_create,
                                       .destroy = ida_destroy,
                                       .step = ida_step,
                                       .interpolate = ida_interpolate,
                                       .restart = ida_restart,
                                       .stats = ida_stats};
