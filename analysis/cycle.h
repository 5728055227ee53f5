/* One cycle of a periodically driven circuit as a map of the memristors' states: what they change by, and what
 * every unknown does within it. The drive, the states' bounds and the equations are the sim's own. */
#ifndef PN_ANALYSIS_CYCLE_H
#define PN_ANALYSIS_CYCLE_H

#include "analysis/analysis.h"

typedef struct pn_cycle pn_cycle;

/* A cycle of `period` (s), which all sources of r->sim repeat with, from t = 0. y [n]: an operating point, from
 * which the circuit's unknowns are sought. reltol: of the states' changes. */
pn_status pn_cycle_new(const pn_run *r, double period, double reltol, const double *y,
                       pn_cycle **out);
void pn_cycle_free(pn_cycle *c);
/* The drive has changed: what was learnt about the cycle is forgotten. */
void pn_cycle_renew(pn_cycle *c, double period);

/* The states that move: their number, unknowns, bounds and ranges [n_states]. */
int pn_cycle_n(const pn_cycle *c);
const int *pn_cycle_unknowns(const pn_cycle *c);
const double *pn_cycle_lo(const pn_cycle *c), *pn_cycle_hi(const pn_cycle *c);
const double *pn_cycle_range(const pn_cycle *c);

/* dx [n_states]: the change over the cycle that starts at x [n_states]. frozen: the rates are those of states
 * that stay x (seed 004, eq. 3), else they move with the drive. PN_E_CONVERGENCE, PN_E_DOMAIN: no solution;
 * PN_E_STEP: the circuit's own memory (capacitors, inductors) does not follow the cycle. */
pn_status pn_cycle_run(pn_cycle *c, const double *x, bool frozen, double *dx);
/* Of the last run: all increases and all decreases of each state [n_states]. */
const double *pn_cycle_up(const pn_cycle *c), *pn_cycle_down(const pn_cycle *c);
/* Points of the last run: their number; time from the cycle's start (s), weight in means (sum 1) and
 * unknowns [n] of point k. */
int pn_cycle_points(const pn_cycle *c);
void pn_cycle_point(const pn_cycle *c, int k, double *t, double *weight, const double **y);
/* After a failure: goes over to time steps for good; false when that is what failed. */
bool pn_cycle_fall_back(pn_cycle *c);
/* Circuits whose states are their only memory are solved by collocation; others in time steps. */
bool pn_cycle_is_collocated(const pn_cycle *c);
/* Evaluations of the circuit so far. */
long pn_cycle_evaluations(const pn_cycle *c);
/* The error message for a run that failed. */
void pn_cycle_report(const pn_cycle *c, const char *analysis, pn_status st);

#endif
