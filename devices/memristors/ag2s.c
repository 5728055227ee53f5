/* The Ag2S memristor of the crossbar of Zhu et al.: a silver filament whose conductance spans six
 * decades and whose motion starts within a few millivolts. Built from the facts in the paper's text. */
#include "devices/memristors/model.h"

enum {
  GOFF,
  GON,
  K_SET,
  V_SET,
  K_RESET,
  V_RESET,
  X0,
  XMIN,
  XMAX,
  N_PARAMS,
  DECADES = N_PARAMS,
  N_ALL
};

#define FACTS "Zhu et al., Nano-Micro Lett. (2025)"

static const pn_param params[] = {
    PN_NUM("goff", "S", 1e-9, PN_POSITIVE, "Conductance without filament.", FACTS ": on/off 1e6",
           "D"),
    PN_NUM("gon", "S", 1e-3, PN_POSITIVE, "Conductance of the full filament.", FACTS ": up to mS",
           "D"),
    PN_NUM("k_set", "1/s", 4.879882e-13, PN_GE0, "Rate of setting: -0.3 V sets within 1 us.",
           FACTS ": -0.3 V, 1 us", "D"),
    PN_NUM("v_set", "V", 7e-3, PN_POSITIVE,
           "Voltage scale of setting: the threshold of a sweep of seconds is then -0.22 V.",
           FACTS ": -0.22 V at 50 nm", "D"),
    PN_NUM("k_reset", "1/s", 4.879882e-13, PN_GE0, "Rate of resetting; as setting.", FACTS, "D"),
    PN_NUM("v_reset", "V", 7e-3, PN_POSITIVE, "Voltage scale of resetting; as setting.", FACTS,
           "D"),
    PN_OWN("x0", "1", 0.0, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("film50", "50 nm of Ag2S (the defaults).", FACTS, "D", {V_SET, 7e-3}),
    PN_SET("film200", "200 nm of Ag2S: threshold near -0.1 V.", FACTS, "D", {V_SET, 3.2e-3},
           {V_RESET, 3.2e-3}),
};

static const pn_mem_state states[] = {
    {"x", "1", "filament: the logarithm of the conductance", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[DECADES] = log(p[GON] / p[GOFF]);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], slope, cosh_v;
    double g = p[GOFF][l] * pn_lim_exp(p[DECADES][l] * x, &slope);
    bool set = v < 0.0;
    double k = set ? p[K_SET][l] : p[K_RESET][l], inv = 1.0 / (set ? p[V_SET][l] : p[V_RESET][l]);
    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = v * p[GOFF][l] * slope * p[DECADES][l];
    b->g[l] = -k * pn_sinh(v * inv, &cosh_v);
    b->g_v[l] = -k * cosh_v * inv;
    b->g_x[l] = 0.0;
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_ag2s = {
    .name = "ag2s",
    .title = "Ag2S memristor (Zhu)",
    .equations = "i = v goff (gon/goff)^x\n"
                 "v < 0:  dx/dt = -k_set sinh(v/v_set)\n"
                 "v >= 0: dx/dt = -k_reset sinh(v/v_reset)\n",
    .citation = "Zhu et al., Ag2S memristor crossbar, Nano-Micro Lett., 2025",
    .notes =
        "Reconstructed: no equations are published. A compliance (a series resistance or "
        "transistor) "
        "stops the filament where its voltage falls below the threshold, which sets the level. "
        "Published spreads: thresholds 12.5 %, reset 30.9 %, low resistance 60 %.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 0.6,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
