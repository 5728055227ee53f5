/* The library using itself: a netlist made as text, run, and its one result kept as a table. */
#ifndef PN_API_SIMULATE_H
#define PN_API_SIMULATE_H

#include "api/api.h"

typedef struct pn_table {
  int n_columns;   /* column 0 is the scale */
  long n;          /* rows */
  double *at;      /* [n][n_columns] */
  long room, most; /* rows: allocated; at which the run is stopped, 0: never */
  pn_status status;
  bool complete;
} pn_table;

/* Runs a netlist with one analysis. Returns the first failure; rows computed before it are kept. The
 * caller frees with pn_table_free. `most`: rows at which a run is given up. */
pn_status pn_simulate(const char *text, long most, const pn_listener *l, pn_table *out);
void pn_table_free(pn_table *t);
/* Value of a column at `x` of the scale (which rises), between rows by a straight line. */
double pn_table_at(const pn_table *t, int column, double x);

/* ---- loops ---- */

/* A memristor under v = amplitude sin(2 pi f t). */
typedef struct pn_drive {
  double amplitude, frequency; /* V, Hz */
} pn_drive;

/* The netlist of a drive over some periods: columns time, v, i, states. room: of text. */
void pn_loop_netlist(const pn_memristor *m, pn_drive d, int periods, char *text, size_t room);
/* Loop area over the last period, between the branches of each half, relative to the rectangle
 * around the loop; NAN when the run failed. */
double pn_loop_area(const pn_memristor *m, pn_drive d);
/* The model's own drive (loop_v, loop_f), or an amplitude and the frequency from which the model's loop closes most over two decades: what shows
 * the third fingerprint of a memristor, a lobe that shrinks as the frequency grows. */
pn_drive pn_loop_drive(const pn_memristor *m);

#endif
