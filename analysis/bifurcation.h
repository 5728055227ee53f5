/* What happens at special points: null vectors, the first Lyapunov coefficient, kinds of branch points. */
#ifndef PN_ANALYSIS_BIFURCATION_H
#define PN_ANALYSIS_BIFURCATION_H

#include "analysis/tracer.h"

typedef enum pn_branch_kind {
  PN_BRANCH_UNDECIDED,
  PN_BRANCH_PITCHFORK_SUPER, /* the new branch lies where the old one is unstable */
  PN_BRANCH_PITCHFORK_SUB,
  PN_BRANCH_TRANSCRITICAL
} pn_branch_kind;

typedef struct pn_hopf {
  double omega; /* 1/s */
  double complex
      *q; /* [n] right eigenvector, largest component 1 relative to scale; NULL: not wanted */
  double complex c1; /* dA/dt = lambda A - c1 |A|^2 A, y = y0 + A q exp(j omega t) + c.c.; 1/s */
  double lyapunov;   /* -Re c1 / omega: negative supercritical, positive subcritical */
} pn_hopf;

/* The null direction phi [n] of the equilibrium equations at a branch point. */
pn_status pn_branch_direction(pn_tracer *t, const pn_special *at, double *phi);
/* Looks at both ends of the branch that leaves at +-phi at a scaled distance. y, p: the branch point;
 * unstable_side: sign of p - p0 where the branch it was found on is unstable. The tracer moves. */
pn_status pn_branch_classify(pn_tracer *t, const double *y, double p, const double *phi,
                             double distance, int unstable_side, pn_branch_kind *kind);
/* At a Hopf point. scale [n]: typical sizes. */
pn_status pn_hopf_normal_form(pn_tracer *t, const pn_special *at, const double *scale, pn_hopf *h);

#endif
