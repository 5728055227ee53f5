/* What small-signal analyses share in their arguments: the list of frequencies, the
 * output v(a,b) or i(v1), and the input source. */
#ifndef PN_ANALYSIS_FREQUENCY_H
#define PN_ANALYSIS_FREQUENCY_H

#include "analysis/analysis.h"

typedef struct pn_frequencies {
  enum { PN_FREQ_LIN, PN_FREQ_DEC, PN_FREQ_OCT } kind;
  double n, from, to; /* points (per decade or octave), Hz, Hz */
  long points;
} pn_frequencies;

/* Reads "dec|oct|lin POINTS FSTART FSTOP" from argument *k on, which is moved behind. who: ".ac". */
bool pn_frequencies_read(pn_diag *d, const char *who, const pn_args *args, int *k,
                         pn_frequencies *f);
double pn_frequency_at(const pn_frequencies *f, long k); /* Hz */

/* An output: the difference of two unknowns. */
typedef struct pn_output {
  int a, b;         /* unknowns; PN_GROUND */
  bool is_current;  /* of a branch */
  const char *name; /* "v(out)" in lower case */
} pn_output;
/* Reads v(a), v(a,b) or i(vsource). */
bool pn_output_read(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                    const pn_args *args, int k, pn_output *out);
/* The independent source that an argument names, or -1 after reporting. */
int pn_input_read(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                  const pn_args *args, int k);
/* The right-hand side of one unit (V or A) of a source: +v at one row and -v at another. Rows are
 * PN_GROUND where there is none. */
typedef struct pn_drive {
  int plus, minus;
  bool is_voltage;
} pn_drive;
pn_drive pn_drive_of(const pn_circuit *c, int source);

#endif
