/* What a column's name tells, and how its numbers are shown: shared by CSV, tables and plots. */
#ifndef PN_OUTPUT_COLUMN_H
#define PN_OUTPUT_COLUMN_H

#include "output/sink.h"

/* True when the column's values are real even in a complex result: the frequency, and
 * vm(), vp(), vdb(), vr(), vi() and the same of currents. */
bool pn_column_is_real(const pn_column *c);

/* The number as people are shown it: a zero has no sign, nor has what is not a number. */
double pn_shown(double v);

/* Unit of a quantity by its name and rawfile type: "s", "Hz", "V", "A", "W", "S", "J",
 * "dB", "rad", "" when it has none. */
const char *pn_column_unit(const char *name, const char *type);

#endif
