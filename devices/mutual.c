/* Coupling of two inductors: adds -M times the other's current to the flux rows of both
 * (linear.c: the row of an inductor's branch holds q = -L i), M = k sqrt(L1 L2). */
#include "devices/classes.h"

enum { K, L1, L2, N_PARAMS, MUTUAL = N_PARAMS };

static const pn_param params[] = {
    PN_PLAIN("k", "1", NAN, -1.0, 1.0, PN_P_INSTANCE | PN_P_REQUIRED | PN_P_OPEN_MIN,
             "Coefficient of coupling.", NULL),
    PN_PLAIN("l1", "H", NAN, 0.0, INFINITY, PN_P_INSTANCE | PN_P_REQUIRED,
             "Inductance of the first inductor; filled in from the netlist.", NULL),
    PN_PLAIN("l2", "H", NAN, 0.0, INFINITY, PN_P_INSTANCE | PN_P_REQUIRED,
             "Inductance of the second inductor; filled in from the netlist.", NULL),
};

static const pn_local locals[] = {{PN_L_REF, "i1", "A", 0.0}, {PN_L_REF, "i2", "A", 0.0}};
static const pn_pair pairs[] = {{0, 1}, {1, 0}};

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)c;
  (void)temp;
  p[MUTUAL] = p[K] * sqrt(p[L1]) * sqrt(p[L2]);
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  if (!b->jf)
    return;
  for (int k = 0; k < PN_COUNT(pairs); k++)
    for (int l = 0; l < PN_LANES; l++) {
      b->jf[k * PN_LANES + l] = 0.0;
      b->jq[k * PN_LANES + l] = -b->p[MUTUAL * PN_LANES + l];
    }
}

const pn_device_class pn_class_mutual = {
    .name = "mutual",
    .title = "Mutual inductance of two inductors",
    .letter = 'k',
    .flags = PN_DEV_LINEAR,
    .params = params,
    .n_params = PN_COUNT(params),
    .n_derived = 1, /* mutual inductance, H */
    .locals = locals,
    .n_locals = PN_COUNT(locals),
    .pairs = pairs,
    .n_pairs = PN_COUNT(pairs),
    .derive = derive,
    .eval = eval,
};
