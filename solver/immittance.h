/* One-port immittances as rational functions, and the theorem of local activity on them (Chua, Int. J.
 * Bifurcation Chaos 15, 3435, 2005, sec. 3; Mainzer and Chua, Local Activity Principle, 2013). */
#ifndef PN_SOLVER_IMMITTANCE_H
#define PN_SOLVER_IMMITTANCE_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>

/* H(s) = gain * product (s - zero) / product (s - pole), without common factors. */
typedef struct pn_immittance {
  int n_poles, n_zeros, n_hidden;
  double complex *pole, *zero; /* [room] 1/s */
  double complex *hidden;      /* [room] modes that the port does not see, 1/s */
  double gain;                 /* unit of H times (1/s)^(n_poles - n_zeros) */
  double *work;                /* own */
  int room;
} pn_immittance;

/* Room for circuits of n unknowns. */
pn_status pn_immittance_new(int n, pn_immittance *h);
void pn_immittance_free(pn_immittance *h);

/* Z(s) = b' (G + s C)^-1 b, the impedance of a port into which b [n] leads a unit current; g, c [n*n] by
 * columns. PN_E_SINGULAR: with the port open the circuit is not determined. PN_E_DOMAIN: the
 * port is short-circuited, Z = 0 at all frequencies. */
pn_status pn_impedance_of(int n, const double *g, const double *c, const double *b,
                          pn_immittance *z);

double complex pn_immittance_at(const pn_immittance *h, double complex s);
/* lim (s - pole_k) H(s) of a simple pole. */
double complex pn_immittance_residue(const pn_immittance *h, int k);
/* The view of 1 / H: shares h's arrays. */
pn_immittance pn_immittance_inverse(const pn_immittance *h);

/* The four tests: any one makes the port locally active. */
typedef struct pn_activity {
  bool right_pole;     /* (i) a pole in the right half-plane */
  bool multiple_pole;  /* (ii) a multiple pole on the imaginary axis, infinity included */
  bool bad_residue;    /* (iii) a simple one there whose residue is not positive and real */
  bool negative_real;  /* (iv) Re H(j omega) < 0 somewhere */
  double omega;        /* 1/s, where Re H(j omega) is smallest relative to |H| */
  double real;         /* Re H there */
  bool active, stable; /* stable: all poles, hidden modes included, in the open left half-plane */
} pn_activity;
pn_activity pn_activity_of(const pn_immittance *h);

/* Reaction-diffusion cell dx/dt = A x with a [4] by rows: does it become active through ports on both
 * states, on the first alone? Sharp: active through one and stable (Turing's precondition). */
typedef struct pn_cell_tests {
  bool two, one, stable, sharp;
} pn_cell_tests;
pn_cell_tests pn_cell_activity(const double a[4]);

#endif
