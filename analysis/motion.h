/* States that switch faster than time is resolved. */
#ifndef PN_ANALYSIS_MOTION_H
#define PN_ANALYSIS_MOTION_H

#include "analysis/analysis.h"

/* Would any state move by a good part of its range within dt (s) at the rates yp? low, high, yp [n] */
bool pn_motion_is_fast(const pn_run *r, const double *low, const double *high, const double *yp,
                       double dt);
/* Carries such states at time t to where they are fast no more, or to their bounds, while charges, fluxes
 * and all other states stand still. y [n]: in, the solution at t; out, the same after the motion. tiny: s, an
 * interval in which no charge moves. PN_E_CONVERGENCE: y is of no use, the motion was not followed. */
pn_status pn_motion_carry(const pn_run *r, double t, double dt, double tiny, double *y);

#endif
