/* Inside of .xprogram: its arguments and what is known of each cell. */
#ifndef PN_ANALYSIS_XPROGRAM_H
#define PN_ANALYSIS_XPROGRAM_H

#include "analysis/pulse.h"
#include "base/csvmatrix.h"

typedef enum xprogram_order { ORDER_ROWS, ORDER_COLS, ORDER_SNAKE } xprogram_order;

/* Amplitudes of the pulses that move a cell one way. */
typedef struct xprogram_ladder {
  double v, step, last; /* V: first pulse, added with every further one, largest */
} xprogram_ladder;

typedef struct xprogram_args {
  const pn_lines *l;
  pn_matrix target; /* [rows][cols] S */
  double tolerance; /* relative */
  xprogram_ladder set, reset;
  double width, edge, gap; /* s */
  pn_scheme write, read;
  double vread;      /* V */
  double read_width; /* s; 0: reads are DC solutions */
  double compliance; /* A on the selected word line while setting; NAN: the sources' own */
  int tries, passes;
  xprogram_order order;
  bool energy;
  bool whole; /* every pulse integrates all cells, moving or not */
  pn_str name;
} xprogram_args;

typedef enum xprogram_phase { PHASE_SET, PHASE_RESET, PHASE_READ, PHASES } xprogram_phase;

typedef struct xprogram_cell {
  double read;    /* S, as the last verifying read saw it */
  double written; /* S, its own conductance when its turn was over */
  double final;   /* S, its own conductance at the end */
  int pulses[PHASES];
  bool verified; /* a read found it within the tolerance */
} xprogram_cell;

typedef struct xprogram_work {
  const pn_run *r;
  const xprogram_args *p;
  pn_study s;
  pulse pulse;
  xprogram_cell *cells;               /* [rows * cols] */
  double share[PHASES][PULSE_SHARES]; /* J */
  long along[PHASES],
      against[PHASES]; /* pulses whose cell then read nearer to, farther from its target's side */
} xprogram_work;

/* xprogram_args.c */
void *xprogram_parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                     const pn_resolver *params, const pn_options *o);
/* Cell number k of the order. */
int xprogram_cell_at(const xprogram_args *p, int k);

#endif
