/* One run's numbers over a circuit, and the one small interface through which every
 * analysis sees the equations
 *       F(t, y, y') = f(t, y) + d/dt q(t, y) = 0.
 * States of memristors are eliminated exactly before the matrix is formed and
 * recovered after the solve, so callers always work with all n unknowns.
 * A sim belongs to one thread; several sims may share a circuit. */
#ifndef PN_CIRCUIT_SIM_H
#define PN_CIRCUIT_SIM_H

#include "circuit/circuit.h"

#include <complex.h>

typedef struct pn_sim pn_sim;

typedef struct pn_sim_options {
  double temp;   /* K */
  double gmin;   /* S, from nonlinear devices' ports; default 1e-12 */
  double rshunt; /* ohm, from every node to ground; 0: none */
  int op_memory; /* devices with memory at operating points: -1 as they say, 1 hold, 0 steady */
  const char *linsol;           /* "auto", "klu", "crossbar", "forest" */
  double reltol, vntol, abstol; /* relative; V; A */
  unsigned long long seed;      /* of all random numbers */
  unsigned run;                 /* number of the run in a Monte Carlo */
  int threads;                  /* that large arrays may use; results do not depend on it. 0: one */
} pn_sim_options;

pn_status pn_sim_new(const pn_circuit *c, const pn_sim_options *o, pn_diag *d, pn_sim **out);
void pn_sim_free(pn_sim *s);
/* As in force now: for another sim like this one. */
pn_sim_options pn_sim_options_of(const pn_sim *s);
const pn_circuit *pn_sim_circuit(const pn_sim *s);

/* ---- parameters in force ---- */
/* Sets a parameter (index in the class's table) of one device; linear stamps are redone lazily. */
pn_status pn_sim_set_param(pn_sim *s, int device, int index, double value);
double pn_sim_get_param(const pn_sim *s, int device, int index);
/* Replaces a source's waveform or DC value (for .dc). NAN gives the waveform back. */
void pn_sim_set_source(pn_sim *s, int device, double dc_value);
/* Gives a source another waveform, which must live as long as it is in force; NULL gives its own
 * back. Corners and periods follow. */
void pn_sim_set_wave(pn_sim *s, int device, const pn_wave *w);
/* The independent sources: their number, and the waveform in force of source k with its device. */
int pn_sim_n_sources(const pn_sim *s);
const pn_wave *pn_sim_source(const pn_sim *s, int k, int *device);
/* Bounds in force of all unknowns, +-INFINITY where there are none. lo, hi [n] */
void pn_sim_bounds(const pn_sim *s, double *lo, double *hi);
/* A memristor's own temperature (0: the circuit's) and what it is above it, K. */
pn_warmth pn_sim_warmth(const pn_sim *s, int device);
pn_status pn_sim_set_warmth(pn_sim *s, int device, pn_warmth warm);
void pn_sim_set_temp(pn_sim *s, double kelvin);
double pn_sim_temp(const pn_sim *s); /* K */
/* Operating points from here on are starts of transients: sources have the value of their waveform at
 * t = 0, not their DC value. */
void pn_sim_set_start(pn_sim *s, bool at_start);
/* Scale of all independent sources (source stepping), gmin added from every node to ground
 * (gmin stepping). */
void pn_sim_set_homotopy(pn_sim *s, double source_scale, double diag_gmin);

/* Pseudo-transient: conductance g (S) from every node to its value in y [n]; 0 takes it away. */
pn_status pn_sim_set_pseudo(pn_sim *s, double g, const double *y);

/* Junction limiting (device.h) while an operating point is sought: evaluations with `jacobian` linearise
 * nonlinear devices at limited voltages and extrapolate from there. PN_LIMIT_START forgets the last
 * voltages. */
typedef enum pn_limiting { PN_LIMIT_OFF, PN_LIMIT_START, PN_LIMIT_GO_ON } pn_limiting;
bool pn_sim_has_limits(const pn_sim *s);
void pn_sim_set_limiting(pn_sim *s, pn_limiting limiting);
/* Did the last evaluation extrapolate by more than the tolerances? */
bool pn_sim_limited(const pn_sim *s);

/* Transients may let transistors and diodes rest: evaluations in PN_SIM_TRAN then take the tangent of those
 * whose voltages stay near where they were linearised last (circuit/sim_rest.c). Off at first. */
pn_status pn_sim_let_rest(pn_sim *s, bool yes);

/* ---- evaluation ---- */
typedef enum pn_sim_mode {
  PN_SIM_OP,   /* held states: row x - x0 = 0; waveforms at their DC value */
  PN_SIM_INIT, /* time domain, but states held at their initial value (consistent start) */
  PN_SIM_TRAN  /* all equations as they are */
} pn_sim_mode;

/* Evaluates f and q, and with `jacobian` G = df/dy and C = dq/dy, at (t, y). y [n]. Results stay
 * in the sim (below) until the next call. PN_E_DOMAIN when a value is not finite, after noting
 * which device (pn_sim_culprit). */
pn_status pn_sim_eval(pn_sim *s, pn_sim_mode mode, double t, const double *y, bool jacobian);
const double *pn_sim_f(const pn_sim *s); /* [n] A, V, unit/s */
const double *pn_sim_q(const pn_sim *s); /* [n] C, Wb, unit */
/* Was the last evaluation, after which nothing was solved, at these unknowns? y [n] */
bool pn_sim_is_at(const pn_sim *s, const double *y);
/* Where f is, to be turned into a residual and handed to pn_sim_solve, which then need not copy; [n]. */
double *pn_sim_room(pn_sim *s);
/* Has it devices whose derivatives jump by decades? */
bool pn_sim_is_steep(const pn_sim *s);
/* Are f and q linear in y? */
bool pn_sim_is_linear(const pn_sim *s);
/* The device that gave a non-finite value, or -1. */
int pn_sim_culprit(const pn_sim *s);

/* Bounds: r [n] is the residual of a discretised equation in which the derivative's coefficient is
 * `aq` (1/s; any positive scale in DC). Rows of states whose solution would leave [xmin, xmax]
 * are replaced by aq * (x - bound). Call it on every residual, before matrix and solve. */
void pn_sim_bound(pn_sim *s, const double *y, double *r, double aq);
/* For linearisation at the point last evaluated: states at a bound with an outward rate are taken
 * as fixed, all others as free, but for those that PN_SIM_OP holds. */
void pn_sim_freeze_bounds(pn_sim *s);
/* Clips states into their bounds after an accepted step; returns the largest violation found,
 * relative to the range, and keeps the maximum of the run (pn_sim_worst_violation). */
double pn_sim_clip(pn_sim *s, double *y);
double pn_sim_worst_violation(const pn_sim *s);
/* The first state of y [n] outside its model's range of validity: its unknown, or -1; the range
 * into *low and *high. */
int pn_sim_outside_validity(const pn_sim *s, const double *y, double *low, double *high);

/* ---- linear algebra on the last Jacobian ---- */
/* Forms and factors af*G + aq*C; PN_E_SINGULAR when it is singular (another method may still
 * cure that: the caller reports it when none does). */
pn_status pn_sim_factor(pn_sim *s, double af, double aq);
/* Drops the linear solver: the next factorisation starts anew, whatever was solved before. */
void pn_sim_forget(pn_sim *s);
/* The relative accuracy that the next solutions need; 0, the default: as good as the arithmetic. */
void pn_sim_set_accuracy(pn_sim *s, double relative);
/* r [n] in, d [n] out (in place): (af*G + aq*C) d = r. */
pn_status pn_sim_solve(pn_sim *s, double *r);
/* The states' rows alone, at constant voltages; r [n]. */
void pn_sim_solve_states(pn_sim *s, double *r);
/* The error message for the last PN_E_SINGULAR: the unknown's name and the likely cause. */
void pn_sim_report_singular(pn_sim *s);
/* Does the linear solver iterate, so that a factorisation costs it less than a solution? */
bool pn_sim_iterates(const pn_sim *s);
/* Has the linear solver measured the residual of the last solution, and found it to be rounding? */
bool pn_sim_verified(const pn_sim *s);
/* The same for complex aq = j*omega, and the transposed system (no conjugation). */
pn_status pn_sim_factor_complex(pn_sim *s, double complex aq);
pn_status pn_sim_solve_complex(pn_sim *s, double complex *r);
pn_status pn_sim_solve_transposed(pn_sim *s, double *r);
pn_status pn_sim_solve_complex_transposed(pn_sim *s, double complex *r);
/* w = G v and w = C v with the last Jacobian, states included. [n] */
void pn_sim_mul_g(const pn_sim *s, const double *v, double *w);
void pn_sim_mul_c(pn_sim *s, const double *v, double *w);
/* w += C0 v: the constant part of C only (linear capacitors, inductors; states with mass 1). */
void pn_sim_add_c_linear(const pn_sim *s, const double *v, double *w);
/* The largest |C| of each row of the matrix with the last Jacobian; w [n]. */
void pn_sim_c_row_scale(const pn_sim *s, double *w);
/* G and C whole (states included) as triplets, for eigenvalue problems: returns the number of
 * entries; with row/col/g/c [n_entries] non-NULL fills them. Duplicates are to be summed. */
long pn_sim_triplets(const pn_sim *s, int *row, int *col, double *g, double *c);

/* ---- facts for integrators ---- */
int pn_sim_n(const pn_sim *s);
const double *pn_sim_atol(const pn_sim *s);                /* [n] */
const unsigned char *pn_sim_differential(const pn_sim *s); /* [n] 1: y' of it appears in F */
const unsigned char *pn_sim_q_nonlinear(const pn_sim *s);  /* [n] rows whose q is nonlinear in y */
double pn_sim_next_corner(const pn_sim *s, double t);      /* s, of sources and lines; INFINITY */
double pn_sim_period(const pn_sim *s, double t);           /* s, fastest drive; INFINITY */
/* Does any source jump (change its value, not just its slope) at t? */
bool pn_sim_jumps(const pn_sim *s, double t);
/* Events: number of event functions, their values, and what an event or an accepted point does to
 * the devices' memory. accept: true when something changed (integrators restart). */
int pn_sim_n_events(const pn_sim *s);
void pn_sim_events(pn_sim *s, double t, const double *y, double *ev);
bool pn_sim_accept(pn_sim *s, double t, const double *y);

/* ---- lines: the past of a transient ---- */
/* Forgets the past and starts one at t in which all waves have stood for ever as at y [n], or as the
 * devices' ic= say with y NULL. */
pn_status pn_sim_past_start(pn_sim *s, double t, const double *y);
/* Remembers an accepted point. corner: slopes may change there, and when the same t comes twice, values. */
pn_status pn_sim_past_add(pn_sim *s, double t, const double *y, bool corner);
double pn_sim_shortest_delay(const pn_sim *s); /* s; INFINITY: none. Steps stay below half of it. */

/* ---- starting points ---- */
/* States at x0, everything else 0. */
void pn_sim_initial(const pn_sim *s, double *y);
/* What states are held at in PN_SIM_OP and PN_SIM_INIT: taken from y. */
void pn_sim_hold_states(pn_sim *s, const double *y);
/* .nodeset/.ic: ties unknowns to values through 1 S (until untied) while an operating point is found;
 * n = 0 unties. Arrays are copied. */
pn_status pn_sim_tie(pn_sim *s, int n, const int *unknowns, const double *values);
/* A linear capacitor's capacitance in force (temperature and multiplicity included), F. */
pn_status pn_sim_capacitance(pn_sim *s, int device, double *farad);
/* Charges q [n_locals] of one nonlinear device with its own unknowns at u [n_locals]. */
void pn_sim_charges_at(pn_sim *s, int device, const double *u, double *q);
/* Right-hand side of the AC analysis: minus the sources' phasors in their rows; b [n]. */
void pn_sim_ac_rhs(const pn_sim *s, double complex *b);

/* ---- quantities of devices, for output ---- */
/* Current into local terminal k of a device at (t, y) with y' (NULL: DC), A; conductance etc. of
 * memristors by name: "i", "v", "p", "g" (conductance i/v, the limit at v = 0), state names; of diodes and
 * transistors ngspice's names as well: "id", "vgs", "gm", ... */
typedef struct pn_quantity {
  int device;
  int what;
  int local, other;
} pn_quantity;
/* Finds "p", "i", "v", "x" ... of a device; false when it has none by that name. */
bool pn_sim_quantity_find(const pn_circuit *c, int device, pn_str name, pn_quantity *q);
const char *pn_sim_quantity_unit(const pn_circuit *c, const pn_quantity *q);
/* "e": pn_sim_quantity gives the power, which the signal integrates over time. */
bool pn_sim_quantity_is_energy(const pn_quantity *q);
double pn_sim_quantity(pn_sim *s, const pn_quantity *q, double t, const double *y,
                       const double *yp);
double complex pn_sim_quantity_ac(pn_sim *s, const pn_quantity *q, const double complex *y,
                                  double omega);

/* ---- noise ---- */
typedef struct pn_noise_source {
  const char *name; /* "thermal", "flicker", ... */
  int p, n;         /* unknowns; the current leaves p and enters n; PN_GROUND */
  double white;     /* A^2/Hz */
  double flicker;   /* A^2/Hz at 1 Hz */
  double exponent;  /* density(f) = white + flicker / f^exponent, times the shapes of */
  double corner;    /* Hz, 1/(1 + (f/corner)^2), and */
  double hold;      /* s, (sin(pi f hold)/(pi f hold))^2; 0: none */
} pn_noise_source;
enum { PN_MOST_NOISE = 16 }; /* sources of one device */
/* The noise sources of a device at the point y, which was evaluated last; their number.
 * out [PN_MOST_NOISE]; NULL: the number only. */
int pn_sim_noise(pn_sim *s, int device, const double *y, pn_noise_source *out);

typedef struct pn_sim_stats {
  long blocks,
      rested; /* of PN_LANES transistors or diodes: met while they might rest, and at rest */
  long evals, jacobians, factors, refactors, solves;
  const char *linsol; /* which solver is in use, and why */
  long nnz, nnz_factors;
  long iterations;       /* of conjugate gradients */
  double worst_residual; /* relative, of checked solves */
  long past_points;      /* that lines remember now */
} pn_sim_stats;
pn_sim_stats pn_sim_get_stats(const pn_sim *s);

#endif
