/* A few memristors of a sim evaluated by themselves, at voltages and states of the caller's choice: for
 * studies in which few cells of an array move and the rest is a network around them. Belongs to the thread of
 * its sim. */
#ifndef PN_CIRCUIT_GROUP_H
#define PN_CIRCUIT_GROUP_H

#include "circuit/sim.h"

enum { PN_MOST_STATES = 16 }; /* of one memristor */

typedef struct pn_group_block pn_group_block;

typedef struct pn_group {
  int n, n_states;     /* memristors; states of all of them */
  int *device;         /* [n] */
  int *first;          /* [n + 1] each memristor's first state among all */
  int *square;         /* [n] where its n_states x n_states derivatives begin in g_x */
  int *unknown;        /* [n_states] in the circuit */
  unsigned char *mass; /* [n_states] 1: dx/dt = g; 0: 0 = g */
  double *lo, *hi;     /* [n_states] bounds in force */
  /* The last evaluation, gmin included: */
  double *i, *i_v; /* [n] A, S */
  double *i_x;     /* [n_states] A per unit of the state */
  double *g, *g_v; /* [n_states] unit/s, per V; as if no bound stopped them */
  double *g_x;     /* by `square`: row r, column c at r * n_states + c of the memristor's own */
  pn_sim *sim;
  pn_group_block *block; /* [n_blocks] */
  int n_blocks;
  void *memory;
} pn_group;

/* Can this memristor stand alone: without memory of accepted points, compliance, cycles, noise, ageing? */
bool pn_group_takes(const pn_sim *s, int device);
/* device [n]: memristors that pn_group_takes; parameters in force now are copied. */
pn_status pn_group_new(pn_sim *s, int n, const int *device, pn_group **out);
void pn_group_free(pn_group *g);
/* At v [n] V and x [n_states], t s. States beyond their bounds count as at them. PN_E_DOMAIN: a value is
 * not finite. */
pn_status pn_group_eval(pn_group *g, double t, const double *v, const double *x);

/* At y [n of the circuit], near the point last evaluated, to first order in the voltages: rate [n] of each
 * memristor's state that has one, unit/s, 0 where a bound stops it, and along [n] (or NULL), v times its
 * derivative by the voltage. Other elements are left alone. */
void pn_sim_rates(const pn_sim *s, const double *y, double *rate, double *along);

#endif
