/* Signals: what .save, .print, .plot and .measure name. A signal is one unknown, one
 * quantity of a device, or an expression of them, with real or complex values. */
#ifndef PN_CIRCUIT_SIGNAL_H
#define PN_CIRCUIT_SIGNAL_H

#include "circuit/sim.h"
#include "expr/lower.h"

typedef enum pn_signal_type { /* rawfile types are made from these */
                              PN_SIG_TIME,
                              PN_SIG_FREQUENCY,
                              PN_SIG_VOLTAGE,
                              PN_SIG_CURRENT,
                              PN_SIG_OTHER
} pn_signal_type;

typedef struct pn_signal pn_signal;

/* Compiles an expression tree: v(a), v(a,b), i(v1), vm/vp/vr/vi/vdb(a), @dev[q], time/frequency, onoise/inoise, numbers,
 * parameters and functions of those. Reports unknown nodes and devices with their place ("did you
 * mean"). NULL after an error. Lives in the arena. */
pn_signal *pn_signal_compile(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_ast *e,
                             const pn_resolver *r);
/* Is it one unknown of the circuit, neither an expression nor a quantity? */
bool pn_signal_is_unknown(const pn_signal *g);
/* The signal of one unknown. */
pn_signal *pn_signal_unknown(pn_arena *a, const pn_circuit *c, int unknown);
const char *
pn_signal_name(const pn_signal *g); /* "v(out)", "i(v1)", "@nm1[x]", or the expression */
pn_signal_type pn_signal_kind(const pn_signal *g);
const char *pn_signal_unit(const pn_signal *g); /* "V", "A", "W", ... or "" */

/* A point of a result: DC, transient or AC. */
typedef struct pn_point {
  pn_sim *sim;
  double x;                 /* sweep variable: time (s), frequency (Hz), swept value */
  const double *y, *yp;     /* [n]; yp NULL in DC */
  const double complex *ac; /* [n] in AC, else NULL */
  const double *noise;      /* [2] onoise and inoise, V or A per sqrt(Hz), in .noise; else NULL */
} pn_point;

/* Marks the unknowns of c that the signal's value is computed from; needed [n] */
void pn_signal_mark(const pn_signal *g, const pn_circuit *c, unsigned char *needed);
double pn_signal_real(const pn_signal *g, const pn_point *p);
double complex pn_signal_complex(const pn_signal *g, const pn_point *p);

#endif
