/* What the two kinds of .sens share: at the operating point, and over frequency. */
#ifndef PN_ANALYSIS_SENS_H
#define PN_ANALYSIS_SENS_H

#include "analysis/frequency.h"

typedef struct pn_sens_entry {
  int device, index; /* index -1: the source's value */
} pn_sens_entry;

typedef struct pn_sens_args {
  pn_output out;
  bool over_frequency;
  pn_frequencies f;
} pn_sens_args;

/* Sources (unless without_sources), and all parameters that have a value and may vary continuously; *list
 * [*n] is the caller's to free. */
pn_status pn_sens_collect(const pn_run *r, bool without_sources, pn_sens_entry **list, int *n);
/* "v(r1_tc1)" of an entry, in the arena. */
const char *pn_sens_name(const pn_run *r, const pn_sens_entry *e);
/* Half the width of the difference in a parameter of value p. */
double pn_sens_step(double p);

/* .sens OUT ac ...: complex derivatives of the output's phasor, the shift of the operating point included. */
pn_status pn_sens_over_frequency(const pn_run *r, const pn_sens_args *p);

#endif
