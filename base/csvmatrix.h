/* Matrices from CSV files: numbers separated by commas, semicolons, tabs or blanks, one row per
 * line, every row of the same length; numbers may stand in double quotes. Empty lines and lines that start with '#'
 * are left out. */
#ifndef PN_BASE_CSVMATRIX_H
#define PN_BASE_CSVMATRIX_H

#include "base/diag.h"

typedef struct pn_matrix {
  int rows, cols;
  double *at; /* [rows * cols] row by row, all finite; in the arena */
} pn_matrix;

/* Reads `name`, taken from `folder` ("" or with '/' at its end) unless it is absolute; with
 * `untrusted`, nothing outside the folder. Errors are reported at loc with file, line and the
 * offending word. */
pn_status pn_matrix_read(pn_arena *a, pn_diag *d, const char *folder, bool untrusted, pn_str name,
                         pn_loc loc, pn_matrix *m);

#endif
