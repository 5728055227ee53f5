/* What an integration method is to solver/integrator.c: private to solver/. */
#ifndef PN_SOLVER_METHOD_H
#define PN_SOLVER_METHOD_H

#include "solver/integrator.h"

typedef struct pn_method pn_method; /* a method's own data */

/* The functions behind pn_integrator_...; see integrator.h. */
typedef struct pn_method_class {
  const char *name;
  /* Called once; g->dae is set. The start comes with the restart that follows. */
  pn_status (*create)(pn_integrator *g, int max_order);
  void (*destroy)(pn_method *m);
  pn_status (*step)(pn_integrator *g, double tstop, double hmax, double *t, pn_step_kind *kind);
  pn_status (*interpolate)(pn_integrator *g, double t, double *y);
  /* Starts from g->t, g->y, g->yp. */
  pn_status (*restart)(pn_integrator *g, double h0);
  void (*stats)(const pn_integrator *g, pn_integrator_stats *s);
} pn_method_class;

struct pn_integrator {
  const pn_method_class *cls;
  pn_method *method;
  pn_dae dae;      /* a copy; its arrays are the caller's */
  double t;        /* s, the time reached */
  double *y, *yp;  /* [n] the solution and its derivative there */
  double *work;    /* [5*n] for the consistent start */
  long restarts;
  const char *trouble; /* what went wrong; NULL: nothing */
  int unknown;     /* that limits the step, or -1 */
};

extern const pn_method_class pn_method_ida;

/* Notes what went wrong and hands the status through. */
pn_status pn_method_fail(pn_integrator *g, pn_status st, const char *trouble, int unknown);
/* w [n] = 1 / (reltol |y| + atol), the weights of error norms. */
void pn_method_weights(const pn_dae *dae, const double *y, double *w);

#endif
