/* All equilibria that can be found: Newton's method with the known ones deflated (Farrell, Birkisson
 * and Funke, SIAM J. Sci. Comput. 37, A2026, 2015). */
#ifndef PN_ANALYSIS_DEFLATION_H
#define PN_ANALYSIS_DEFLATION_H

#include "analysis/analysis.h"

/* A growing set of equilibria. */
typedef struct pn_equilibria {
  int n, count, room;
  double *y;           /* [room][n] */
  const double *scale; /* [n] typical size of each unknown, not owned */
} pn_equilibria;

/* Adds y [n] unless it is there already (1e-6 of scale); *added tells. */
pn_status pn_equilibria_add(pn_equilibria *e, const double *y, bool *added);
void pn_equilibria_free(pn_equilibria *e);

/* Newton from y [n] with all of e deflated; a solution is polished by plain Newton and added. *found tells. */
pn_status pn_deflated_newton(const pn_run *r, pn_equilibria *e, double *y, bool *found);

#endif
