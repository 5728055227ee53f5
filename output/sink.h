/* Where results go: rawfile, CSV, tables, measurements, a caller's own callback. Results
 * stream: a sink sees one point at a time and keeps none. */
#ifndef PN_OUTPUT_SINK_H
#define PN_OUTPUT_SINK_H

#include "base/diag.h"

#include <complex.h>

typedef struct pn_column {
  const char *name; /* "time", "v(out)", "@nm1[x]" */
  const char *type; /* rawfile type: time frequency voltage current notype */
  const char *unit;
} pn_column;

/* One result: the scale is column 0. */
typedef struct pn_plot {
  const char *title;    /* of the netlist */
  const char *plotname; /* "Transient Analysis" */
  const char *analysis; /* "tran", "ac", "dc", "op" */
  int index;            /* 1-based among results of that analysis */
  int n_results;        /* how many results the whole run will have (for file names) */
  bool is_complex;
  bool is_scalar;           /* one point (.op) */
  const pn_column *columns; /* [n_columns] */
  int n_columns;
  /* What this run of a sweep has: columns of constants behind the scale. */
  const pn_column *swept;     /* [n_swept] */
  const double *swept_values; /* [n_swept] */
  int n_swept;
  long run; /* from 0 among the runs of a sweep: a CSV file holds them all */
} pn_plot;

typedef struct pn_sink pn_sink;
struct pn_sink {
  pn_status (*begin)(pn_sink *s, const pn_plot *p);
  /* Real plots: row [n_columns], crow NULL. Complex plots: crow [n_columns] (the scale too), row NULL. */
  pn_status (*point)(pn_sink *s, const double *row, const double complex *crow);
  /* complete: false when the analysis failed or was interrupted: what came so far must stay
   * readable, with a valid header, and be told apart from a finished result where the format can. */
  pn_status (*end)(pn_sink *s, bool complete);
  /* Ends everything, closes files, frees the sink. */
  pn_status (*close)(pn_sink *s);
  int error; /* errno of the write that failed first; 0: none has */
};

/* ngspice rawfile, binary or ascii. The point count is patched in place. */
pn_status pn_sink_raw(const char *path, bool ascii, pn_sink **out);
/* The same behind what the file holds already. */
pn_status pn_sink_raw_append(const char *path, bool ascii, pn_sink **out);
/* CSV: one header line, 17 digits; complex columns become name.re,name.im. With several results
 * FILE-tran1.csv, FILE-ac1.csv. An incomplete result ends with the line "# incomplete". */
pn_status pn_sink_csv(const char *path, pn_sink **out);
/* Aligned tables as text through a callback (.print without files). grid_step > 0: rows of
 * a transient are interpolated at multiples of it from grid_start. */
typedef void pn_text_fn(void *user, const char *text);
pn_status pn_sink_table(pn_text_fn *out, void *user, double grid_start, double grid_step,
                        pn_sink **sink);

#endif
