/* .dc ... arclength: the whole curve of equilibria against a swept quantity. */
#ifndef PN_ANALYSIS_ARCLENGTH_H
#define PN_ANALYSIS_ARCLENGTH_H

#include "analysis/target.h"

/* Follows the curve from the operating point at `from` until it reaches `to` or comes back to `from`,
 * with steps of the target not above `step`. Results carry the columns `unstable` (eigenvalues with a
 * positive real part; -1 undecided) and `fold` (1 at a located fold). */
pn_status pn_arclength(const pn_run *r, const pn_analysis *a, const pn_target *target, double from,
                       double to, double step);

#endif
