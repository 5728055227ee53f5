/* Reader of rawfiles (ngspice's layout, binary and ascii). It trusts nothing: every count
 * is checked against what the file holds. Columns are read when they are asked for. */
#ifndef PN_OUTPUT_RAWREAD_H
#define PN_OUTPUT_RAWREAD_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct pn_raw_var {
  char *name, *type;
} pn_raw_var;

typedef struct pn_raw_plot { /* one result in a file */
  char *title, *plotname;
  bool is_complex, is_ascii;
  bool truncated; /* the header promised more points than the file holds */
  int n_vars;
  pn_raw_var *vars;  /* [n_vars]; 0 is the scale */
  long n_points;     /* points that are really there */
  long long data_at; /* bytes from the file's start */
} pn_raw_plot;

typedef struct pn_raw_file {
  FILE *file;
  pn_raw_plot *plots; /* [n_plots] */
  int n_plots;
  char why[256]; /* text of the last failure */
} pn_raw_file;

/* Opens a file and reads all its headers. On failure `r->why` says why; close it in any case. */
pn_status pn_raw_open(const char *path, pn_raw_file *r);
/* Reads some variables of a plot: vars [n] indices; out[k] [n_points], imaginary part 0 in real plots. */
pn_status pn_raw_columns(pn_raw_file *r, int plot, const int *vars, int n, double complex **out);
void pn_raw_close(pn_raw_file *r);

#endif
