/* The analogue Al2O3 interface memristor of the MoS2 2T2R kernel: its conductance moves gradually
 * under write pulses and stands still under reading. Built from the facts in the paper's text. */
#include "devices/memristors/model.h"

enum { GMIN, GMAX, K, V0, AP, AN, X0, XMIN, XMAX, N_PARAMS };

#define FACTS "He et al., Nat. Commun. (2025): 35 pulses of 1.6 V, 1 ms, from 10 to 30 uS"

static const pn_param params[] = {
    PN_NUM("gmin", "S", 10e-6, PN_POSITIVE, "Conductance with x = 0.", FACTS, "D"),
    PN_NUM("gmax", "S", 30e-6, PN_POSITIVE, "Conductance with x = 1.", FACTS, "D"),
    PN_NUM("k", "1/s", 6.4305814e-6, PN_GE0,
           "Rate: k sinh(1.6 V/v0) is 1/(35 ms), which makes 35 even steps.", FACTS, "D"),
    PN_NUM("v0", "V", 0.1, PN_POSITIVE,
           "Voltage scale: reading at 0.5 V for 1 ms moves x by less than 1e-6.", FACTS, "D"),
    PN_OWN("ap", "1", 0.0, PN_IN(0.0, 20.0), "Saturation of potentiation, exp(-ap x)."),
    PN_OWN("an", "1", 0.0, PN_IN(0.0, 20.0), "Saturation of depression, exp(-an (1 - x))."),
    PN_OWN("x0", "1", 0.0, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "1", "place between the least and the largest conductance", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], span = p[GMAX][l] - p[GMIN][l], cosh_v, slope;
    bool up = v > 0.0;
    double sharp = up ? p[AP][l] : p[AN][l], way = up ? x : 1.0 - x;
    double drive = p[K][l] * pn_sinh(v / p[V0][l], &cosh_v), f = pn_lim_exp(-sharp * way, &slope);
    b->i[l] = v * (p[GMIN][l] + span * x);
    b->i_v[l] = p[GMIN][l] + span * x;
    b->i_x[l] = v * span;
    b->g[l] = drive * f;
    b->g_v[l] = p[K][l] * cosh_v / p[V0][l] * f;
    b->g_x[l] = drive * slope * (up ? -sharp : sharp);
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_al2o3 = {
    .name = "al2o3",
    .title = "Analogue Al2O3 interface memristor of the MoS2 2T2R kernel",
    .equations = "i = v (gmin + (gmax - gmin) x)\n"
                 "v > 0:  dx/dt = k sinh(v/v0) exp(-ap x)\n"
                 "v <= 0: dx/dt = k sinh(v/v0) exp(-an (1 - x))\n",
    .citation = "He et al., MoS2/Al2O3 2T2R kernel, Nat. Commun., 2025",
    .notes =
        "Reconstructed: no equations are published. 35 pulses of 1.6 V and 1 ms take it from 10 to "
        "30 "
        "uS in even steps, as 16 distinguishable levels need; v0 follows from undisturbed reading.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 2.8,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
