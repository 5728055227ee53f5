/* Compact models: devices with several terminals, inner nodes and inner states, each one file
 * with a parameter table and one function of dual numbers (devices/dual.h). Instances start with N,
 * as memristors do: `Nname node node node MODEL [NAME=VALUE ...]`.
 *
 * Every parameter table ends with PN_OWN_TEMPERATURE: instances take temp= and dtemp=, and a model sees the
 * temperature that follows. A model fills, for every local unknown u_k, f_k and q_k of  f(u) + d/dt q(u) = 0:
 *   - nodes: the current (A) that flows from the node into the device, and the charge (C);
 *   - inner states (PN_L_INNER): f is minus the rate (unit/s); the circuit adds the d/dt. While an
 *     operating point holds memory (`hold`), f = x - x0 instead (pn_compact_state does both). */
#ifndef PN_DEVICES_COMPACT_H
#define PN_DEVICES_COMPACT_H

#include "devices/classes.h"
#include "devices/dual.h"
#include "devices/picture.h"

typedef struct pn_compact_point {
  const double *p;    /* [n_params + n_derived] of one instance */
  const double *h;    /* [n_hist] */
  pn_dual u[PN_DUAL]; /* [n_locals] local unknowns, each with derivative 1 to itself */
  double temp;        /* K, of the instance */
  bool hold;
} pn_compact_point;

typedef struct pn_compact {
  void (*model)(const pn_compact_point *at, pn_dual *f,
                pn_dual *q);                /* both [n_locals], zero before */
  const char *equations, *citation, *notes; /* as of memristors; notes may be NULL */
  double v_max;              /* V: largest terminal voltage at which the generated tests probe it */
  pn_device_picture picture; /* of its reference page */
} pn_compact;

/* The eval of every compact class; its data is a pn_compact. */
void pn_compact_eval(const pn_device_class *c, const pn_dev_block *b);
/* The description of a class that is a compact model, else NULL. */
const pn_compact *pn_compact_of(const pn_device_class *c);

/* All entries among local unknowns, by the larger of row and column: the first n^2 are those of n unknowns. */
extern const pn_pair pn_compact_pairs[PN_DUAL * PN_DUAL];

/* What the class of every model holds, in a file with its own params, locals, q_row and compact; its names and what
 * else it has stand beside. */
#define PN_COMPACT_CLASS                                                                           \
  .letter = 'n', .flags = PN_DEV_Q, .params = params, .n_params = PN_COUNT(params),                \
  .locals = locals, .n_locals = PN_COUNT(locals), .pairs = pn_compact_pairs,                       \
  .n_pairs = PN_COUNT(locals) * PN_COUNT(locals), .q_row = q_row, .eval = pn_compact_eval,         \
  .data = &compact

/* Temperature of an instance, K, from its last two parameters and the circuit's. */
static inline double pn_compact_temp(const pn_device_class *c, const double *p, double circuit)
{
  return pn_device_temp(p[c->n_params - 2], p[c->n_params - 1], circuit);
}

/* f of an inner state. x0: its initial value. */
static inline pn_dual pn_compact_state(const pn_compact_point *at, pn_dual x, double x0,
                                       pn_dual rate)
{
  return at->hold ? pn_d_line(1.0, x, -x0) : pn_d_scale(-1.0, rate);
}

/* A factor on a rate that stops a state at its bounds: 1 inside, falling to 0 over the last
 * thousandth of the range before the bound that the rate points to. */
static inline pn_dual pn_compact_stop(pn_dual x, double lo, double hi, bool rising)
{
  double k = 1e3 / (hi - lo);
  pn_dual room = rising ? pn_d_line(-k, x, k * hi) : pn_d_line(k, x, -k * lo);
  return room.v >= 1.0 ? pn_d_const(1.0) : room.v <= 0.0 ? pn_d_const(0.0) : room;
}

#endif
