/* Limits on the steps of a field-effect transistor's voltages between two iterates of an operating point,
 * after Nagel 1975, ERL-M520, sec. 5.1: a gate is kept near its threshold, a drain within its last
 * range. */
#ifndef PN_SEMICONDUCTORS_LIMIT_H
#define PN_SEMICONDUCTORS_LIMIT_H

/* Gate-source voltage v, V, from old; threshold in V. */
double pn_limit_gate(double v, double old, double threshold);
/* Drain-source voltage v, V, from old. */
double pn_limit_drain(double v, double old);

#endif
