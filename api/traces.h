/* Traces: expressions of a rawfile's variables, evaluated over all its points. */
#ifndef PN_API_TRACES_H
#define PN_API_TRACES_H

#include "base/diag.h"
#include "output/rawread.h"

typedef struct pn_trace {
  const char *label; /* as asked for */
  const char *unit;  /* "V", "" when not known */
  bool is_complex;   /* a phasor: to be drawn as magnitude and phase */
  double complex *z; /* [n_points] */
} pn_trace;

typedef struct pn_traces {
  int n;
  pn_trace *at; /* [n] */
  long n_points;
  double complex *values;   /* [n * n_points] behind the traces */
  double complex **columns; /* [n_columns] of the variables in use */
  int n_columns;
} pn_traces;

/* Evaluates texts [n]. Labels point to the texts. Errors are reported through d, whose arena also
 * gets the trees; pn_traces_free in any case (t zeroed before the first call). */
pn_status pn_traces_read(pn_traces *t, pn_raw_file *r, int plot, const char *const *texts, int n,
                         pn_diag *d);
void pn_traces_free(pn_traces *t);

/* Breaks the curves where trace k, the scale of nested sweeps, starts again from its first value. */
pn_status pn_traces_break(pn_traces *t, int k);

/* Index of a variable by name, case folded; v(x) is also found as x; -1: none. */
int pn_raw_find(const pn_raw_plot *p, pn_str name);

#endif
