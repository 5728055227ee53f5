/* Inside of a measurement, shared by its reader, its state machine and its binding to
 * signals. The state machine sees numbers only, so it is tested without a circuit. */
#ifndef PN_OUTPUT_MEASURE_CORE_H
#define PN_OUTPUT_MEASURE_CORE_H

#include "output/measure.h"

typedef enum pn_measure_kind {
  PN_M_TRIG_TARG, /* x(target) - x(trigger) */
  PN_M_WHEN,      /* x of a crossing */
  PN_M_FIND,      /* a signal where another crosses, or at x */
  PN_M_DERIV,     /* a signal's slope there */
  PN_M_AVG,
  PN_M_RMS,
  PN_M_INTEG,
  PN_M_MIN,
  PN_M_MAX,
  PN_M_PP,
  PN_M_MIN_AT,
  PN_M_MAX_AT,
  PN_M_PARAM /* an expression of other measurements */
} pn_measure_kind;

typedef enum pn_edge { PN_EDGE_ANY, PN_EDGE_RISE, PN_EDGE_FALL } pn_edge;

enum { PN_LAST_CROSSING = -1, PN_MEASURE_SIGNALS = 3 /* FIND a WHEN b=c */ };

/* A point of the sweep to wait for: a crossing of two signals, or a value of the sweep. */
typedef struct pn_event {
  bool used;
  bool is_at; /* at = the sweep's value; else left crosses right */
  double at;
  int left;  /* index of a signal */
  int right; /* index of a signal, or -1: level */
  double level;
  pn_edge edge;
  int nth;      /* which crossing, from 1, or PN_LAST_CROSSING */
  double delay; /* TD=: crossings before it do not count */
  /* seen so far */
  int count;
  bool found;
  double x; /* where */
} pn_event;

struct pn_measure {
  pn_measure_kind kind;
  pn_str analysis, name;
  pn_loc loc;
  pn_event trig, targ; /* WHEN, FIND and DERIV use targ alone */
  int subject;         /* index of the signal that is found, averaged, ...; -1: none */
  double from, to;     /* window; -INFINITY and INFINITY when open */
  bool is_windowed;    /* FROM or TO was given */
  const pn_ast *param; /* PN_M_PARAM */

  int n_signals;
  const pn_ast *ast[PN_MEASURE_SIGNALS]; /* [n_signals] */
  pn_signal *signal[PN_MEASURE_SIGNALS]; /* [n_signals] after binding */
  bool by_magnitude[PN_MEASURE_SIGNALS]; /* [n_signals] of a phasor the magnitude is meant */
  pn_diag *diag;                         /* for PN_M_PARAM */
  const pn_resolver *params;
  bool busy; /* being computed: a PARAM that names itself */

  /* the state machine */
  bool has_before;
  double x, v[PN_MEASURE_SIGNALS]; /* the point before */
  int direction;                   /* of the sweep: +1, -1, 0 not known yet */
  double slope;                    /* of the subject in the last segment */
  double subject_at;               /* value, or slope, of the subject at the event */
  double length, integral, square; /* over the window: of 1, v and v^2 */
  bool seen;                       /* a value inside the window was seen */
  double least, most, least_x, most_x;
  double first_x, last_x; /* the part of the window that was covered */
  char why[160];          /* why there is no result */
};

/* One point: x, values [n_signals]. */
void pn_measure_feed(pn_measure *m, double x, const double *values);

#endif
