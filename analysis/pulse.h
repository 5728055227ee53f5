/* Pulses on the lines of an array, integrated by TR-BDF2 through all its parasitics, with the
 * energy that every part takes. For studies that write cells. */
#ifndef PN_ANALYSIS_PULSE_H
#define PN_ANALYSIS_PULSE_H

#include "analysis/study.h"
#include "circuit/dae.h"

enum { PULSE_POINTS = 4 };

/* Where energy goes; sources give, so theirs is negative. */
typedef enum pulse_share {
  PULSE_SOURCES,  /* independent sources */
  PULSE_SELECTED, /* the selected cell */
  PULSE_HALF,     /* cells on its word or bit line */
  PULSE_REST,     /* all other cells */
  PULSE_WIRES,    /* everything else: wires, selectors, transistors, capacitors */
  PULSE_SHARES
} pulse_share;

typedef struct pulse_moving pulse_moving;

typedef struct pulse {
  pn_study *s;
  pn_circuit_dae *dae;
  pn_integrator *g;
  double edge, gap;          /* s: rise and fall; rest behind the pulse */
  bool energy;               /* add up energies (every device at every step) */
  bool whole;                /* integrate every cell in every pulse */
  pulse_moving *moving;      /* NULL: that is so */
  pn_wave *wave;             /* [2 * lines] for each source of a line */
  double time[PULSE_POINTS]; /* s, of the corners: the same for all lines */
  double *value;             /* [2 * lines][PULSE_POINTS] V */
  signed char *role;  /* [devices] kind of share; cells: PULSE_REST until a cell is selected */
  int *cell;          /* [devices] row * cols + col of memory devices, or -1 */
  double *y, *yp, *q; /* [n] */
  double *rest;       /* [n] where the next pulse starts: the end of the last one */
  double *gate;       /* [n_gates] V, of the gate lines in `rest` */
  double share[PULSE_SHARES], before[PULSE_SHARES]; /* J so far; W at the last point */
  double *cell_energy, *cell_before;                /* the same of each cell, [rows * cols] */
  long steps;
} pulse;

/* p->edge, gap, energy and whole are given; the rest is made. Close in any case. */
pn_status pulse_open(pulse *p, pn_study *s);
void pulse_close(pulse *p);
/* One pulse of `width` (at its top) on the cell (row, col): states move, s->y is the point at its
 * end, where word and bit lines are at rest. Gates open before a pulse and stay until after it. *i (may be NULL): current on the bit line at the end of the top, A. */
pn_status pulse_apply(pulse *p, const pn_scheme *scheme, double v, double width, int row, int col,
                      double *i);

#endif
