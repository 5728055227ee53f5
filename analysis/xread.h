/* Inside of .xread: its arguments, the margin of one cell, and the search for the largest array. */
#ifndef PN_ANALYSIS_XREAD_H
#define PN_ANALYSIS_XREAD_H

#include "analysis/study.h"

/* What the cells around the read one hold. */
enum { XREAD_LRS = 1, XREAD_HRS = 2, XREAD_CHECKER = 4, XREAD_STORED = 8, XREAD_PATTERNS = 4 };

typedef struct xread_args {
  const pn_lines *l;
  pn_loc loc; /* of the directive */
  pn_scheme scheme;
  double v;    /* V, on the selected word line */
  pn_str name; /* prefix of the numbers; may be empty */
  int n_cells;
  const int *cells; /* [n_cells] row * cols + col */
  bool margin;
  unsigned patterns; /* XREAD_... */
  double lrs, hrs;   /* state (or ohm) of the two levels; NAN: the model's bounds */
  double pullup;     /* ohm between the sensed bit line and its source; NAN: none */
  double limit;      /* of the read margin, for the search; NAN: no search */
  int most;          /* largest array tried */
  double rw, rb;     /* ohm per segment in the search */
} xread_args;

/* Of the worst pattern: (i_lrs - i_hrs)/i_lrs, or with a pull-up the same of the voltages on it, as a
 * share of the read voltage. */
typedef struct xread_margin {
  double margin, i_lrs, i_hrs; /* 1; A */
  int pattern;                 /* XREAD_... */
} xread_margin;

/* What a read of a cell tells. */
typedef struct xread_cell {
  double i;                 /* A, sensed on the bit line */
  double i_cell, v_cell, g; /* A, V, S: of the memory device */
  double sneak, drop;       /* shares */
  double power;             /* W, of all sources */
  xread_margin margin;      /* when it is asked for */
  bool done;
} xread_cell;

/* Levels as the first cell that is neither missing nor stuck has them: lrs conducts better. NULL, or why there
 * are none. */
const char *xread_levels(pn_study *s, const xread_args *p, double *lrs, double *hrs);
/* Margin of the cell (row, col) over the wanted patterns; NAN where nothing in it can be set. stored [n_cells]: states that the
 * pattern "stored" gives back; NULL: that pattern is left out. */
pn_status xread_margin_of(pn_study *s, const xread_args *p, const double *stored, double lrs,
                          double hrs, int row, int col, xread_margin *m);

/* xread_cells.c: reads p->cells, each with its margin when that is asked for; cells [p->n_cells], zeroed. stored,
 * lrs, hrs: as above. When it fails those read so far are `done`. */
pn_status xread_all(pn_study *s, const xread_args *p, const double *stored, double lrs, double hrs,
                    xread_cell *cells);

/* Reads of a whole linear array from one solution per line, by superposition. */
typedef struct xread_table xread_table;
struct xread_table {
  /* While (row, col) is selected: A out of its bit line, and W that the sources of all lines deliver. */
  double (*current)(const xread_table *t, int row, int col);
  double (*power)(const xread_table *t, int row, int col);
  /* V on memory k of the cell (row, col), while that is selected; NAN where it is missing. */
  double (*voltage)(const xread_table *t, int row, int col, int k);
  double *room; /* what the table found, freed with it */
};
/* Do the reads asked for follow from one solution per line, and from fewer than they are? The network must be
 * linear (memristors as their states stand), its gates the same for all cells, the lines that rest all driven,
 * without a load on the read one, or all floating. What other sources drive, and states that settle elsewhere at
 * each voltage, are not seen here: try a few cells. */
bool xread_table_pays(pn_study *s, const xread_args *p);
/* Solves. *t is to be freed in any case; it keeps s and p. */
pn_status xread_table_new(pn_study *s, const xread_args *p, xread_table **t);
void xread_table_free(xread_table *t);
/* The two kinds of table: lines that rest are driven (xread_driven.c), or float (xread_floating.c). */
pn_status xread_driven_new(pn_study *s, const xread_args *p, xread_table **t);
pn_status xread_floating_new(pn_study *s, const xread_args *p, xread_table **t);

/* The largest N x N array, of cells as the study's first one, whose margin at the corners stays at or
 * above p->limit; 0 when even 2 x 2 falls below. *margin: there. */
pn_status xread_largest(const pn_run *r, const xread_args *p, int *n, double *margin);

#endif
