/* TEAM: the current-controlled threshold memristor of Kvatinsky et al. Below its threshold currents
 * the state stands still; above, it drifts with a power of the excess current. */
#include "devices/memristors/kvatinsky.h"

#define PAPER "Kvatinsky et al., IEEE TCAS-I 60, 211 (2013)"
#define XYCE  "Xyce Reference Guide, memristor level 2"
#define FIT   PAPER ", Fig. 10 (fit to the Simmons barrier)"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 50.0, PN_POSITIVE, "Resistance at x_on.", PAPER, "S2+"),
    PN_NUM("roff", "ohm", 1e3, PN_POSITIVE, "Resistance at x_off.", PAPER, "S2+"),
    PN_NUM("i_on", "A", -8.9e-6, PN_NEGATIVE, "Threshold of switching on; negative.",
           FIT "; Xyce's default card has it positive, by mistake", "X"),
    PN_NUM("i_off", "A", 115e-6, PN_POSITIVE, "Threshold of switching off.", FIT, "S2+"),
    PN_NUM("k_on", "m/s", -8e-13, PN_LE0, "Rate of switching on; negative.", XYCE, "X"),
    PN_NUM("k_off", "m/s", 8e-13, PN_GE0, "Rate of switching off.", XYCE, "X"),
    PN_NUM("alpha_on", "1", 3.0, PN_IN(1.0, 50.0), "Exponent of switching on.", XYCE, "X"),
    PN_NUM("alpha_off", "1", 3.0, PN_IN(1.0, 50.0), "Exponent of switching off.", XYCE, "X"),
    PN_OWN("law", "1", 0.0, PN_INT(0, 1), "Resistance: 0 linear in x, 1 exponential in x."),
    PN_OWN("window", "1", 1.0, PN_INT(0, 1), "Window: 0 none (hard bounds), 1 Kvatinsky."),
    PN_NUM("a_on", "m", 0.0, PN_ANY, "Where the window stops switching on.", XYCE, "X"),
    PN_NUM("a_off", "m", 3e-9, PN_ANY, "Where the window stops switching off.", XYCE, "X"),
    PN_NUM("w_c", "m", 1.07e-12, PN_POSITIVE, "Width of the window's ends.",
           XYCE "; Pickett et al. (2009) have 107e-12", "X"),
    PN_OWN("x0", "m", 1.5e-9, PN_ANY, "Initial state."),
    PN_NUM("x_on", "m", 0.0, PN_ANY, "Lower bound of the state, where the resistance is ron.",
           PAPER, "S2+"),
    PN_NUM("x_off", "m", 3e-9, PN_ANY, "Upper bound of the state, where the resistance is roff.",
           PAPER, "S2+"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

#define PICKETT                                                                                    \
  "; window: Pickett et al., J. Appl. Phys. 106, 074508 (2009), where Technion's code has a_on = " \
  "2 nm"
static const pn_mem_set sets[] = {
    PN_SET("xyce", "Xyce's default card, with the sign of i_on that it needs (the defaults).", XYCE,
           "X", {K_OFF, 8e-13}, {K_ON, -8e-13}, {ALPHA_ON, 3.0}, {ALPHA_OFF, 3.0}, {A_ON, 0.0},
           {A_OFF, 3e-9}, {W_C, 1.07e-12}),
    PN_SET("fit",
           "Fit to the Simmons tunnel barrier. Its windows end before they meet: between a_off and "
           "a_on "
           "the state stands still.",
           FIT PICKETT, "X", {K_OFF, 1.46e-18}, {K_ON, -4.68e-22}, {ALPHA_ON, 10.0},
           {ALPHA_OFF, 10.0}, {A_ON, 1.8e-9}, {A_OFF, 1.2e-9}, {W_C, 107e-12}),
};

static const pn_mem_state states[] = {
    {"x", "m", "width of the tunnel barrier", X0, X_ON, X_OFF, 0.0, 1, 0, 0},
};

PN_INLINE void eval_lanes(const pn_lanes *p, const pn_mem_block *b, needs need)
{
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], r_x;
    double g = conductance(p, l, x, need, &r_x), i = v * g, i_x = -i * g * r_x;
    drift d = drift_at(p, l, i, x, need);
    b->i[l] = i;
    b->i_v[l] = g;
    b->i_x[l] = i_x;
    b->g[l] = d.rate;
    b->g_v[l] = d.z * g;
    b->g_x[l] = d.z * i_x + d.x;
  }
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  if (need_exponentials(p, b->n))
    eval_lanes(p, b, (needs){true, true});
  else
    eval_lanes(p, b, (needs){false, true});
}

const pn_memristor pn_memristor_team = {
    .name = "team",
    .title = "TEAM: current-controlled threshold memristor (Kvatinsky)",
    .equations = KVATINSKY_LAWS
    "i > i_off:          dx/dt = k_off (i/i_off - 1)^alpha_off f_off(x)\n"
    "i < i_on:           dx/dt = k_on  (i/i_on  - 1)^alpha_on  f_on(x)\n"
    "i_on <= i <= i_off: dx/dt = 0\n" KVATINSKY_WINDOWS,
    .citation = "S. Kvatinsky, E. G. Friedman, A. Kolodny, U. C. Weiser, TEAM: ThrEshold Adaptive "
                "Memristor Model, IEEE Trans. Circuits Syst. I 60(1), 211-221, 2013, "
                "doi:10.1109/TCSI.2012.2215714",
    .notes = "A positive current switches off. Three published sets are incompatible: Xyce's is "
             "the default, for "
             "with its windows the state moves over the whole range; the fit to the Simmons "
             "barrier is a named set.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 2.0,
    .loop_v = 1.0,
    .loop_f = 50.0,
    .derive = derive,
    .eval = eval,
};
