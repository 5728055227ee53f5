/* The circuit as a shooting problem: what .pss and the continuation of cycles have in common. */
#ifndef PN_ANALYSIS_ORBIT_H
#define PN_ANALYSIS_ORBIT_H

#include "analysis/analysis.h"
#include "solver/shooting.h"

typedef struct pn_orbit {
  const pn_run *run;
  pn_shoot *shoot;
  unsigned char *differential; /* [n] */
  /* Sees the steps of pn_shoot_integrate with observe. */
  pn_status (*observe)(void *user, double t, const double *y);
  void *user;
} pn_orbit;

/* reltol: of a step; 0: 1e-8. */
pn_status pn_orbit_new(const pn_run *r, double reltol, pn_orbit **out);
void pn_orbit_free(pn_orbit *o);

/* Lets an autonomous circuit run from y [n] until it repeats itself: y is then on the orbit and *period a
 * guess good to some percent. guess: s, a time scale; least: s to run at least. PN_E_CONVERGENCE when it does not
 * oscillate. */
pn_status pn_orbit_settle(pn_orbit *o, double guess, double least, double *y, double *period);

#endif
