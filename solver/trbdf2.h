/* Insides of TR-BDF2, shared by its files: trbdf2.c takes steps, trbdf2_stage.c solves their stages,
 * trbdf2_dense.c knows the solution between their ends. */
#ifndef PN_SOLVER_TRBDF2_H
#define PN_SOLVER_TRBDF2_H

#include "solver/method.h"

/* gamma = 2 - sqrt 2: both stages have the same cj, and the local error is smallest. */
#define PN_GAMMA 0.58578643762690495

struct pn_method {
  double *memory;
  double *y_old, *y_mid;   /* [n] start and middle of the last step: with g->y the interpolant */
  double *y_g, *y_1;       /* [n] stage values of the step in hand */
  double *q_0, *q_g, *q_1; /* [n] charges: C, Wb, unit; with memory_apart q_0 alone, others are y */
  double *z_0, *z_g, *z_1; /* [n] dq/dt */
  double *shift;           /* [n] z = cj (q - q_0) - shift */
  double *f, *r;           /* [n] f + z before bounds; the residual, then the correction */
  double *w, *w_d;         /* [n] weights; of differential unknowns, 0 of all others */
  double *peak;            /* [n] largest |y| at the starts of steps so far */
  double *curve;           /* [n] y'' of the last step's interpolant, for the predictor */
  double *ev_0, *ev_1, *ev_r; /* [n_events] at the start, the end, a trial root */
  double t_old, h;            /* s, the last step */
  double h_next;              /* s, proposed; 0: own choice */
  double cj_setup;            /* of the matrix in hand; 0: none */
  bool fresh;                 /* the matrix belongs to this attempt */
  bool first;                 /* no step since the restart */
  int age;                    /* steps with this matrix */
  int from;                   /* unknowns before it have neither charge nor state */
  double rate;                /* of Newton's convergence, lately */
  double expected[2];         /* first updates of the stages, lately */
  double bend;                /* next update over the square of this one, lately */
  double error_before;        /* of the last accepted step */
  double h_behind;            /* s, for what follows a step up to where a rate sets in; 0: any */
  double refused_h, refused_error; /* s, the last refused attempt at this step; 0: none */
  unsigned char *rests;            /* [n] 1: the last residual held this state at its bound */
  int limiting;                    /* unknown with the largest error or update */
  pn_integrator_stats stats;
};

/* Weights of the step that starts at g->y. */
void pn_trbdf2_weights(pn_integrator *g);
/* max |v| w over [from, n), w [n]; *where: the largest, when that is above 1. INFINITY for NaN. */
double pn_trbdf2_norm(const double *v, const double *w, int from, int n, int *where);
/* Both stages from g->t with step h. PN_E_CONVERGENCE and PN_E_DOMAIN ask for a fresh matrix or a
 * shorter step. */
pn_status pn_trbdf2_attempt(pn_integrator *g, double h);
/* Weighted norm of the local error of the step in hand. */
pn_status pn_trbdf2_error(pn_integrator *g, double h, double *error);

pn_status pn_trbdf2_interpolate(pn_integrator *g, double t, double *y, double *yp);
pn_status pn_trbdf2_interpolate_some(pn_integrator *g, double t, const int *which, int n_which,
                                     double *y, double *yp);
/* The first sign change of an event function within the step in hand, as a part of h just past it; 1 or
 * more: at the end; 0: none. */
double pn_trbdf2_event(pn_integrator *g, double h);

#endif
