/* What an integration method is to solver/integrator.c: private to solver/. */
#ifndef PN_SOLVER_METHOD_H
#define PN_SOLVER_METHOD_H

#include "solver/integrator.h"

typedef struct pn_method pn_method; /* a method's own data */

/* The functions behind pn_integrator_...; see integrator.h. */
typedef struct pn_method_class {
  const char *name;
  bool charge_form; /* works on fq, not on residual */
  /* Called once; g->dae is set. The start comes with the restart that follows. */
  pn_status (*create)(pn_integrator *g, int max_order);
  void (*destroy)(pn_method *m);
  pn_status (*step)(pn_integrator *g, double tstop, double hmax, double *t, pn_step_kind *kind);
  pn_status (*interpolate)(pn_integrator *g, double t, double *y, double *yp);
  pn_status (*interpolate_some)(pn_integrator *g, double t, const int *which, int n_which,
                                double *y, double *yp); /* NULL: interpolate is as good */
  /* Starts from g->t, g->y, g->yp. */
  pn_status (*restart)(pn_integrator *g, double h0);
  /* The same at a corner of sources, from the end of the last step. NULL: restart is as good. */
  pn_status (*corner)(pn_integrator *g);
  void (*stats)(const pn_integrator *g, pn_integrator_stats *s);
} pn_method_class;

/* Length of the implicit Euler steps that make a start consistent: so short that nothing with
 * memory moves (a TaOx device at 1 V needs 1e-12 s), so long that rounding of 1e-16 V leaves its
 * derivative good to 1 V/s. */
#define PN_START_STEP 1e-15 /* s */
#define PN_START_PART 1e-4  /* of the first step, when the caller gave one */

struct pn_integrator {
  const pn_method_class *cls;
  pn_method *method;
  pn_dae dae;     /* a copy; its arrays are the caller's */
  double t;       /* s, the time reached */
  double *y, *yp; /* [n] the solution and its derivative there */
  double *work;   /* [7*n] for implicit Euler steps */
  long restarts;
  const char *trouble; /* what went wrong; NULL: nothing */
  int unknown;         /* that limits the step, or -1 */
};

#define PN_MOST_SHIFT                                                                              \
  10 /* how much larger than its tolerance an error may be that shifts in time */

extern const pn_method_class pn_method_ida, pn_method_trbdf2;

/* Notes what went wrong and hands the status through. */
pn_status pn_method_fail(pn_integrator *g, pn_status st, const char *trouble, int unknown);
/* One implicit Euler step to time t with coefficient cj = 1 / step, converged to rounding: y [n] in
 * place, yp [n] its difference quotient. *worst: the unknown that did not converge. */
pn_status pn_method_euler(pn_integrator *g, double t, double cj, double *y, double *yp, int *worst);
/* w [n] = 1 / (tol + min(resolution |y'|, PN_MOST_SHIFT tol)), tol = reltol |y| + atol: the weights of error norms. peak
 * [n], the largest |y| so far, is kept here and takes the place of |y| as scale_of and scale_gain say: a node
 * that returns to 0 V is not followed to microvolts because of it. NULL: |y| everywhere. */
void pn_method_weights(const pn_dae *dae, const double *y, const double *yp, double *peak,
                       double *w);

#endif
