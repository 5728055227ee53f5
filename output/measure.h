/* .measure: each measurement is a small state machine fed with the points of its
 * analysis as they come; nothing is kept but what the result needs. Between points
 * signals are linear (crossings are interpolated, integrals are trapezoids). */
#ifndef PN_OUTPUT_MEASURE_H
#define PN_OUTPUT_MEASURE_H

#include "circuit/signal.h"

typedef struct pn_measure pn_measure;

/* Reads the words after .measure/.meas: "tran NAME FIND v(out) WHEN v(in)=0.5 RISE=2 TD=1n", TRIG/TARG,
 * WHEN, FIND..AT, AVG, RMS, MIN, MAX, PP, MIN_AT, MAX_AT, INTEG, DERIV, PARAM='...', FROM=, TO=,
 * CROSS/RISE/FALL=n|LAST. `param` results see earlier measurements by name through the resolver
 * that pn_measure_results gives. Errors are reported with their place; NULL then. usual: the analysis when the
 * words begin with the name; "": it must be said. */
pn_measure *pn_measure_parse(pn_arena *a, pn_diag *d, const pn_args *args, pn_str usual);
pn_str pn_measure_analysis(const pn_measure *m); /* "tran", "ac", "dc" */
pn_str pn_measure_name(const pn_measure *m);
/* Compiles its signals against the circuit, before the run. */
pn_status pn_measure_bind(pn_measure *m, pn_arena *a, pn_diag *d, const pn_circuit *c,
                          const pn_resolver *r);
/* Forgets everything seen, for the next run. */
void pn_measure_reset(pn_measure *m);
void pn_measure_point(pn_measure *m, const pn_point *p);
/* Ends the analysis: computes the result. others [n_others]: measurements a PARAM may name.
 * Returns false when it failed (never crossed, empty interval); *why then says so. */
bool pn_measure_result(pn_measure *m, pn_measure *const *others, int n_others, double *value,
                       const char **why);
/* Where it happened: times of trigger and target (NAN when it has none), for the printout. */
void pn_measure_where(const pn_measure *m, double *from, double *to);

#endif
