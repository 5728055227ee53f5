/* What studies of crossbars share: the sources on an array's lines, bias schemes by name, and DC
 * solutions one after the other, from the last one and with the last matrix while that lasts. */
#ifndef PN_ANALYSIS_STUDY_H
#define PN_ANALYSIS_STUDY_H

#include "analysis/analysis.h"
#include "circuit/array.h"

/* A line of an array and the V sources on its port (and on its far end, where that is a port). */
typedef struct pn_line {
  int n;         /* 1 or 2 sources */
  int source[2]; /* devices */
  int branch[2]; /* unknowns: their currents */
  int sign[2];   /* +1: the source's first terminal is on the line */
  bool opens;    /* every source has rser: the line can float */
} pn_line;

typedef struct pn_lines {
  const pn_array *a;
  pn_line *word, *bit, *gate; /* [rows], [cols], [n_gates] */
} pn_lines;

/* The array that an argument names and the sources on its lines; NULL after reporting what is
 * missing. In the arena. */
const pn_lines *pn_lines_find(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_args *args);

/* Voltages of lines as shares of the voltage on the selected cell; NAN: floating. */
typedef struct pn_scheme {
  double word, word_rest, bit, bit_rest; /* of the selected line, of all others of its kind */
  double gate, gate_rest;                /* V, of gate lines */
} pn_scheme;

/* scheme=v/2|v/3|float|ground|custom: false when it has no such name. */
bool pn_scheme_find(pn_str name, pn_scheme *s);
/* Takes word= bit= wordrest= bitrest= (shares, or "float"), vgate=, vgateoff=. False: not one of
 * these; *why gets a sentence when its value is wrong, else NULL. */
bool pn_scheme_option(pn_scheme *s, const pn_arg *arg, const char **why);
/* NULL, or why these lines cannot be biased so (a source that cannot float). In the arena. */
const char *pn_scheme_check(pn_arena *a, const pn_scheme *s, const pn_lines *l);

/* Has every bit line one source, with an rser= that a load can take the place of? */
bool pn_lines_take_load(const pn_lines *l);

typedef struct pn_study {
  const pn_run *r;
  const pn_lines *l;
  const pn_array *a;
  int n;          /* unknowns */
  int n_cells;    /* rows * cols * per_cell */
  double *y;      /* [n] the present solution, states included */
  double *d;      /* [n] scratch */
  double *weight; /* [n] of the convergence test: absolute tolerances */
  double *driven; /* [rows + cols + n_gates] V on each line now; NAN: floating */
  double *open;   /* [rows + cols + n_gates] 1: floating */
  double *
      gates; /* [2][n_gates] V: at what the solution in y was found, and the one before with others, */
  double *other; /* [n] which is kept: cells are often read through two gates in turn */
  int loaded;    /* bit line with a load, or -1 */
  bool fresh;    /* the factorisation belongs to the network as it stands */
  bool linear;   /* every device is: one substitution solves */
  long solves, factors;
} pn_study;

/* Opens a study at the operating point with all lines at 0 V: states as initial values say. Messages
 * are given on failure; close it in any case. */
pn_status pn_study_open(pn_study *s, const pn_run *r, const pn_lines *l);
void pn_study_close(pn_study *s);

/* Puts v on a line, or lets it float (NAN). kind: 0 word, 1 bit, 2 gate lines. */
void pn_study_drive(pn_study *s, int kind, int line, double v);
/* Forgets what is on the lines, after somebody else has set the sources: all to 0 V. */
void pn_study_release(pn_study *s);
/* Biases every line for the cell (row, col). */
void pn_study_bias(pn_study *s, const pn_scheme *scheme, double v, int row, int col);

/* Puts a resistor between a bit line and its source, instead of the one before; NAN takes it away. */
void pn_study_load(pn_study *s, int col, double ohm);

/* The DC solution in s->y, states held as they are there. */
pn_status pn_study_solve(pn_study *s);
/* Goes to y [n], whose states are held from now on, with a solver that has seen nothing. */
void pn_study_restart(pn_study *s, const double *y);

/* What a study solves many of, each near the one before. `solve` puts number k on the lines, solves, and keeps
 * what it wants of s where user says; several threads call it, each with a study of its own. */
typedef struct pn_study_items {
  int n;
  pn_status (*solve)(pn_study *s, void *user, int k);
  void *user;
} pn_study_items;
/* Solves them all in blocks, from the solution and the drives that s has now, in as many threads as
 * .options jobs= says: results have the same bits for any number. */
pn_status pn_study_all(pn_study *s, const pn_study_items *items);

/* Current out of the array into a line's sources, A. */
double pn_study_current(const pn_study *s, int kind, int line);
/* Power that all sources on lines deliver, W. */
double pn_study_power(const pn_study *s);

/* A cell's memory device (k = (row * cols + col) * per_cell + which): voltage (V), current (A) and
 * conductance i/v (S). */
typedef struct pn_cell_point {
  double v, i, g;
} pn_cell_point;
pn_cell_point pn_study_cell(pn_study *s, int k);
/* The conductance that a cell would have at v. */
double pn_study_conductance_at(pn_study *s, int k, double v);
/* State (memristors: the first one) or resistance (resistors) of a cell; NAN when it is missing. */
double pn_study_state(const pn_study *s, int k);
/* Is the cell there, and not stuck? */
bool pn_study_can_set(const pn_study *s, int k);
/* Changes the state, unless the cell is missing or stuck; pn_study_hold makes all changes known to the
 * equations. */
void pn_study_set_state(pn_study *s, int k, double x);
void pn_study_hold(pn_study *s);
/* Bounds of the first state as the model has them: both NAN for resistors. */
void pn_study_bounds(const pn_study *s, int k, double *low, double *high);

/* The number of a study, its name behind the prefix ("a_margin"; prefix may be empty). */
void pn_study_number(const pn_run *r, pn_str prefix, const char *name, double value);

#endif
