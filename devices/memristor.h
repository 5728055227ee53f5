/* The extended memristor: i = i(x, v), dx/dt = g(x, v), a one-port with n_states
 * states. A model is one file: a parameter table, a state table and one function
 * that fills i, g and their derivatives for a block of PN_LANES instances.
 *
 * Contract, checked by tests/generated for every model in the table:
 *   i(x, 0) = 0; passive models have i*v >= 0; all outputs finite for |v| <= v_max and all
 *   states in bounds; derivatives exact (finite differences agree away from kinks);
 *   exponents are combined before exp and capped (pn_lim_exp, devices/vmath.h). The caller keeps x inside
 *   [xmin, xmax] and stops an outward g at a bound: models do not. */
#ifndef PN_DEVICES_MEMRISTOR_H
#define PN_DEVICES_MEMRISTOR_H

#include "devices/device.h"

/* One block. Arrays are [index][PN_LANES]. */
typedef struct pn_mem_block {
  const double *p; /* [n_params + n_derived] */
  const double *v; /* V, port voltage (first terminal minus second) */
  const double *x; /* [n_states] in each state's unit */
  const double *h; /* [n_hist] memory of accepted steps */
  double t;        /* s */
  double *i;       /* A, into the first terminal */
  double *i_v;     /* S, di/dv */
  double *i_x;     /* [n_states] A per unit of the state */
  double *g;       /* [n_states] unit/s (mass 1) or the algebraic residual (mass 0) */
  double *g_v;     /* [n_states] */
  double *g_x;     /* [n_states * n_states], row r, column c at r * n_states + c */
  double *work;    /* [n_work] scratch (user-defined models) */
  int n; /* lanes that are real instances; the others up to a multiple of 8 are copies, and a
                      model need not fill any beyond */
} pn_mem_block;

typedef struct pn_mem_state {
  const char *name; /* "x" */
  const char *unit; /* "1", "K", "m" */
  const char *doc;
  int p_init;       /* index of the parameter that holds x0 */
  int p_min, p_max; /* indices of the parameters that hold the bounds; -1: unbounded */
  double range;     /* typical range in the state's unit, for tolerances; 0: max - min */
  int mass;         /* 1: dx/dt = g; 0: 0 = g (an inner unknown of the model) */
  int p_valid_min, p_valid_max; /* model's range of validity: parameters, or 0 for none */
} pn_mem_state;

/* A named set of parameters ("set=miao" on the .model card): what it names differs from the defaults. */
typedef struct pn_mem_value {
  int param;
  double value;
} pn_mem_value;

typedef struct pn_mem_set {
  const char *name, *doc, *source, *grade;
  const pn_mem_value *values; /* [n_values] */
  int n_values;
} pn_mem_set;

struct pn_memristor {
  const char *name;       /* "taox": the .model type */
  const char *title;      /* "HP TaOx non-volatile memristor (Strachan)" */
  const char *equations;  /* plain text, several lines, as the reference prints them */
  const char *citation;   /* paper, journal, year, DOI where known */
  const char *notes;      /* known limits; what is reconstructed; may be NULL */
  const pn_param *params; /* [n_params]; x0, xmin, xmax of states are parameters too */
  int n_params;
  int n_derived; /* columns appended by derive */
  const pn_mem_state *states;
  int n_states;
  const pn_mem_set *sets; /* [n_sets] */
  int n_sets;
  bool is_volatile; /* operating point: true solves g = 0; false holds x at x0 */
  bool passive;     /* i*v >= 0 */
  double v_max;     /* V: largest |v| at which the generated tests probe the model */
  double loop_v,
      loop_f; /* V and Hz of the sine that its page shows; 0: where the loop is most open */
  const double *kinks; /* [n_kinks] voltages where derivatives jump (v = 0 for taox) */
  int n_kinks;
  int n_hist, n_work;
  void (*derive)(const pn_memristor *m, double *p, double temp);
  const char *(*check)(const pn_memristor *m, pn_arena *a, const double *p);
  void (*eval)(const pn_memristor *m, const pn_mem_block *b);
  void (*init_hist)(const pn_memristor *m, const double *p, double *h);
  bool (*accept)(const pn_memristor *m, double t, const double *p, double v, const double *x,
                 double *h);
  /* Excess noise of the model beyond the thermal noise of its conductance, which every memristor has:
   * fills out [n_noise] (zeroed before). Local 0 and 1 are the terminals, 2.. the states. i (A) and
   * g = i/v (S) are those at the point. NULL when n_noise == 0. */
  int n_noise;
  void (*noise)(const pn_memristor *m, const double *p, double v, const double *x, double i,
                double g, double temp, pn_noise *out);
  const void *data;               /* of user-defined models */
  const struct pn_mem_user *user; /* what a user-defined model is made of; NULL: built in */
};

/* The models, one file each in devices/memristors: NAME.c defines pn_memristor_NAME. Ends with NULL. */
extern const pn_memristor *const pn_memristors[];
const pn_memristor *pn_memristor_find(pn_str name);
/* A model's named set, or NULL; and its values put into p [n_params]. */
const pn_mem_set *pn_mem_set_find(const pn_memristor *m, pn_str name);
void pn_mem_set_apply(const pn_mem_set *s, double *p);

/* The device class through which a circuit holds instances of a model: terminals p and n, states as
 * locals. Made once per model card, in the arena. */
const pn_device_class *pn_memristor_class(pn_arena *a, const pn_memristor *m);

/* Inputs of the graphs of a user's model: port voltage (V), time (s), temperature (degC), states from PN_USER_X on. */
enum { PN_USER_V, PN_USER_T, PN_USER_TEMPER, PN_USER_X };
/* A user's model: .model NAME memristor(state=... G={...} g={...}). Expressions are graphs over
 * these inputs and parameters 0..n_params-1. i_of_v: `current` is i itself; else
 * it is G and i = G v. Returns a model in the arena. */
typedef struct pn_mem_user {
  const char *name;
  const pn_param *params;
  int n_params;
  const pn_mem_state *states;
  int n_states;
  bool is_volatile;
  pn_graph *graph;
  pn_gnode current; /* G or i */
  bool i_of_v;
  const pn_gnode *rates; /* [n_states] */
} pn_mem_user;
const pn_memristor *pn_memristor_define(pn_arena *a, const pn_mem_user *u);

#endif
