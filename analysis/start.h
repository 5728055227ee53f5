/* Starting a time-domain analysis: initial conditions, and values and slopes that satisfy the
 * equations at one moment. */
#ifndef PN_ANALYSIS_START_H
#define PN_ANALYSIS_START_H

#include "analysis/analysis.h"

/* Charges, fluxes and states are carried over from q0 [n] (what pn_sim_q gives), everything else is
 * solved for: y [n] (in: a guess) and yp [n] satisfy F(t, y, y') = 0. tiny: s, much shorter than any time
 * constant of interest. Used at t = 0, at jumps of sources and after events. */
pn_status pn_start_consistent(const pn_run *r, double t, double tiny, const double *q0, double *y,
                              double *yp);
/* Charges and fluxes as `uic` asks: from .ic, from ic= of capacitors and inductors, states at x0. */
pn_status pn_start_uic(const pn_run *r, double *y, double *q0);

#endif
