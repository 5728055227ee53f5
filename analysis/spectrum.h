/* Eigenvalues of a circuit linearised at an equilibrium: (G + s C) v = 0, devices' states included,
 * states at their bounds or held at their initial value taken as fixed. */
#ifndef PN_ANALYSIS_SPECTRUM_H
#define PN_ANALYSIS_SPECTRUM_H

#include "analysis/analysis.h"

#include <complex.h>

typedef struct pn_spectrum {
  double complex *s; /* [n] 1/s, by falling real part */
  int n;             /* found */
  int n_unstable;    /* with a positive real part */
  int n_real;        /* of these, real */
  int n_marginal;    /* on the imaginary axis within rounding */
  bool complete;     /* all of them; false: those nearest to the imaginary axis (large circuits) */
  struct pn_spectrum_work *work;
} pn_spectrum;

pn_status pn_spectrum_new(pn_sim *sim, pn_spectrum **out);
void pn_spectrum_free(pn_spectrum *p);
/* At y [n of the sim], as sources are at DC. Leaves the sim evaluated and linearised at y.
 * PN_E_SINGULAR: the linearised equations do not determine the unknowns. */
pn_status pn_spectrum_at(pn_spectrum *p, const double *y);

/* Eigenvector v [n] to an eigenvalue near s, by inverse iteration at the point last linearised; left: of
 * the transposed pencil. Scaled to largest component 1 relative to scale [n]. */
pn_status pn_spectrum_vector(pn_sim *sim, double complex s, bool left, const double *scale,
                             double complex *v);
/* G and C of the last linearisation as dense matrices by columns, g and c [n*n] zeroed and filled. */
pn_status pn_spectrum_matrices(pn_spectrum *p, double *g, double *c);

#endif
