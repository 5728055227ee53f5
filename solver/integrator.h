/* Time integrators of F(t, y, y') = 0 behind one interface: IDA (variable-order BDF, the
 * reference), and one-step methods beside it. They know callbacks, not circuits. */
#ifndef PN_SOLVER_INTEGRATOR_H
#define PN_SOLVER_INTEGRATOR_H

#include "base/status.h"

#include <stdbool.h>

enum { PN_FAMILIES = 3 };

/* The system as an integrator sees it. All functions return PN_OK, PN_E_DOMAIN (try a smaller
 * step), or another status (give up). Arrays [n]. */
typedef struct pn_dae {
  void *user;
  int n;
  double reltol;
  double
      resolution; /* s: an error is none that only shifts the solution in time by less; 0: none is */
  /* Does a matrix cost no more than a solution, so that one is made for each stage? NULL: no. */
  bool (*cheap_setup)(void *user);
  bool
      steep; /* corners of the equations are so sharp that each iterate needs a matrix of its own */
  double accuracy;    /* relative, of a Newton correction: what solve is asked for */
  bool memory_apart;  /* q is y in the rows of differential unknowns and 0 in all others */
  int memory_from;    /* with memory_apart: the first differential unknown */
  const double *atol; /* [n] */
  const unsigned char
      *differential; /* [n] 1: y' appears; algebraic ones are not in the error test */
  /* [n] reltol of unknown i is of |y[i]|, but at least of scale_gain[i] times the largest magnitude that
   * unknown scale_of[i] has had (a gain of 0: of |y[i]|). NULL: of |y[i]| everywhere. */
  const int *scale_of;
  const double *scale_gain;
  /* [n] below PN_FAMILIES: unknowns of one kind, 0: of none. NULL: all of none */
  const unsigned char *family;
  /* r = F(t, y, yp); cj: the present coefficient of dF/dy' (0 when unknown). */
  pn_status (*residual)(void *user, double t, double cj, const double *y, const double *yp,
                        double *r);
  /* Prepares J = dF/dy + cj dF/dy' at this point (evaluates, factors). */
  pn_status (*setup)(void *user, double t, double cj, const double *y, const double *yp);
  /* In place J d = r, with the last setup's J, to a relative accuracy (0: all there is); cj may have changed
   * since. */
  pn_status (*solve)(void *user, double cj, double *r, double accuracy);
  /* [n] where fq may be asked to put f and solve works without copying; NULL: there is no such place. Its
   * contents last until the next call of fq, residual or setup. */
  double *room;
  /* f and q apart, for one-step methods: f [n], q [n]; their Jacobian is setup's. IDA does not use it. q may be
   * NULL with memory_apart. */
  pn_status (*fq)(void *user, double t, const double *y, double *f, double *q);
  /* As fq, with derivatives; factor then prepares J of that point with this coefficient and with states where
   * bound left them. One-step methods take them in place of setup; NULL: they take setup. */
  pn_status (*linearise)(void *user, double t, const double *y, double *f, double *q);
  pn_status (*factor)(void *user, double cj);
  /* In place J d = r for the unknowns from memory_from on, as if all others stayed: r [n], only these are looked
   * at. False, and nothing done: solve costs hardly more. NULL: never. */
  bool (*solve_memory)(void *user, double *r);
  /* q alone, when it is linear in y and so needs no evaluation; NULL: fq gives it. */
  void (*charge)(void *user, const double *y, double *q);
  /* w = dq/dy v with the last setup's derivatives. NULL: estimates of errors are taken as they are. */
  void (*mass)(void *user, const double *v, double *w);
  /* Confines states to their bounds: changes rows of an assembled residual r whose derivative coefficient
   * is cj. One-step methods call it before each solve; residual() does it itself. May be NULL. */
  void (*bound)(void *user, const double *y, double *r, double cj);
  int n_events;
  void (*events)(void *user, double t, const double *y, double *ev); /* ev [n_events] */
} pn_dae;

typedef struct pn_integrator pn_integrator;

typedef struct pn_integrator_stats {
  long steps, residuals, setups, newton_failures, error_failures, restarts;
  int order;        /* last used */
  double last_step; /* s */
} pn_integrator_stats;

/* method: "ida", "trbdf2". y, yp [n]: the start, copied. max_order: 0 the method's. */
pn_status pn_integrator_new(const char *method, const pn_dae *dae, double t0, const double *y,
                            const double *yp, int max_order, pn_integrator **out);
void pn_integrator_free(pn_integrator *g);

typedef enum pn_step_kind { PN_STEP_TAKEN, PN_STEP_EVENT, PN_STEP_STOP } pn_step_kind;

/* Takes one internal step, at most hmax (IDA obeys a smaller one than before from its next choice of
 * step on), never past tstop; t gets the time reached, *kind why it stopped (a step, an event
 * function's sign change, tstop reached exactly). PN_E_STEP when the step underflows, PN_E_CONVERGENCE
 * after repeated failures. */
pn_status pn_integrator_step(pn_integrator *g, double tstop, double hmax, double *t,
                             pn_step_kind *kind);
/* The solution at the time reached. [n], owned by the integrator, valid until the next call. */
const double *pn_integrator_y(const pn_integrator *g);
const double *pn_integrator_yp(const pn_integrator *g);
/* Interpolated y [n] and, when yp is not NULL, y' [n] at a time within the last step. */
pn_status pn_integrator_interpolate(pn_integrator *g, double t, double *y, double *yp);
/* The same of some unknowns only, which [n_which]; other elements of y and yp are left as they are or not. */
pn_status pn_integrator_interpolate_some(pn_integrator *g, double t, const int *which, int n_which,
                                         double *y, double *yp);
/* Starts again at t from y (and yp): after a corner or an event. `jump`: algebraic unknowns and
 * derivatives are made consistent first (y's differential part is kept). h0: first step, 0: own. */
pn_status pn_integrator_restart(pn_integrator *g, double t, const double *y, const double *yp,
                                bool jump, double h0);
/* The same where nothing jumps but slopes of sources: from the time reached, with what is known there. */
pn_status pn_integrator_corner(pn_integrator *g);
pn_integrator_stats pn_integrator_get_stats(const pn_integrator *g);
/* What went wrong, in words, and the unknown that limits the step (or -1). */
const char *pn_integrator_trouble(const pn_integrator *g, int *unknown);

#endif
