/* The tungsten oxide memristor of Chang et al.: a Schottky and a tunnelling path share the area;
 * the state relaxes by itself, which gives the device its short-term memory. */
#include "devices/memristors/model.h"

enum { ALPHA, BETA, GAMMA, DELTA, LAMBDA, ETA1, ETA2, TAU, X0, XMIN, XMAX, N_PARAMS };

#define PAPER "Chang et al., Appl. Phys. A 102, 857 (2011)"

static const pn_param params[] = {
    PN_NUM("alpha", "A", 0.5e-6, PN_GE0, "Current of the Schottky path.", PAPER, "S2+"),
    PN_NUM("beta", "1/V", 0.5, PN_GE0, "Slope of the Schottky path.", PAPER, "S2+"),
    PN_NUM("gamma", "A", 4e-6, PN_GE0, "Current of the tunnelling path.", PAPER, "S2+"),
    PN_NUM("delta", "1/V", 2.0, PN_GE0, "Slope of the tunnelling path.", PAPER, "S2+"),
    PN_NUM("lambda", "1/s", 4.5, PN_GE0, "Rate of the state.", PAPER, "S2+"),
    PN_NUM("eta1", "1", 0.004, PN_GE0, "Amplitude of the drift.", PAPER, "S2+"),
    PN_NUM("eta2", "1/V", 4.0, PN_GE0, "Slope of the drift.", PAPER, "S2+"),
    PN_NUM("tau", "1", 10.0, PN_POSITIVE, "Relaxation: it takes tau/lambda seconds.", PAPER, "S2+"),
    PN_OWN("x0", "1", 0.0, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "1", "share of the area that tunnels", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], slope, cosh_i, cosh_g;
    double schottky = -p[ALPHA][l] * pn_lim_expm1(-p[BETA][l] * v, &slope);
    double tunnel = p[GAMMA][l] * pn_sinh(p[DELTA][l] * v, &cosh_i);
    double drift = p[ETA1][l] * pn_sinh(p[ETA2][l] * v, &cosh_g);
    b->i[l] = (1.0 - x) * schottky + x * tunnel;
    b->i_v[l] = (1.0 - x) * p[ALPHA][l] * p[BETA][l] * slope +
                x * p[GAMMA][l] * p[DELTA][l] * cosh_i;
    b->i_x[l] = tunnel - schottky;
    b->g[l] = p[LAMBDA][l] * (drift - x / p[TAU][l]);
    b->g_v[l] = p[LAMBDA][l] * p[ETA1][l] * p[ETA2][l] * cosh_g;
    b->g_x[l] = -p[LAMBDA][l] / p[TAU][l];
  }
}

const pn_memristor pn_memristor_wox = {
    .name = "wox",
    .title = "WOx memristor with short-term memory (Chang, Michigan)",
    .equations = "i = (1 - x) alpha (1 - exp(-beta v)) + x gamma sinh(delta v)\n"
                 "dx/dt = lambda (eta1 sinh(eta2 v) - x/tau)\n",
    .citation =
        "T. Chang, S.-H. Jo, K.-H. Kim, P. Sheridan, S. Gaba, W. Lu, Synaptic behaviors and "
        "modeling of a metal oxide memristive device, Appl. Phys. A 102, 857-863, 2011, "
        "doi:10.1007/s00339-011-6296-1",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 3.0,
    .eval = eval,
};
