/* VTEAM: the voltage-controlled threshold memristor of Kvatinsky et al. Below its thresholds the
 * state stands still; above, it drifts with a power of the excess voltage. */
#include "devices/memristors/kvatinsky.h"

#define PAPER    "Kvatinsky et al., IEEE TCAS-II 62, 786 (2015)"
#define MEMTORCH PAPER "; values of MemTorch"
#define TEAM     "Kvatinsky et al., IEEE TCAS-I 60, 211 (2013)"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 50.0, PN_POSITIVE, "Resistance at x_on.", MEMTORCH, "S2+"),
    PN_NUM("roff", "ohm", 1e3, PN_POSITIVE, "Resistance at x_off.", MEMTORCH, "S2+"),
    PN_NUM("v_on", "V", -0.2, PN_NEGATIVE, "Threshold of switching on; negative.", MEMTORCH, "S2+"),
    PN_NUM("v_off", "V", 0.02, PN_POSITIVE, "Threshold of switching off.", MEMTORCH, "S2+"),
    PN_NUM("k_on", "m/s", -10.0, PN_ANY, "Rate of switching on; negative.", MEMTORCH, "S2+"),
    PN_NUM("k_off", "m/s", 5e-4, PN_ANY, "Rate of switching off.", MEMTORCH, "S2+"),
    PN_NUM("alpha_on", "1", 3.0, PN_IN(1.0, 50.0), "Exponent of switching on.", MEMTORCH, "S2+"),
    PN_NUM("alpha_off", "1", 1.0, PN_IN(1.0, 50.0), "Exponent of switching off.", MEMTORCH, "S2+"),
    PN_OWN("law", "1", 0.0, PN_INT(0, 1), "Resistance: 0 linear in x, 1 exponential in x."),
    PN_OWN("window", "1", 0.0, PN_INT(0, 1), "Window: 0 none (hard bounds), 1 Kvatinsky."),
    PN_NUM("a_on", "m", 0.0, PN_ANY, "Where the window stops switching on.", TEAM, "M"),
    PN_NUM("a_off", "m", 3e-9, PN_ANY, "Where the window stops switching off.", TEAM, "M"),
    PN_NUM("w_c", "m", 107e-12, PN_POSITIVE, "Width of the window's ends.",
           "Pickett et al., J. Appl. Phys. 106, 074508 (2009); Xyce's TEAM has 1.07e-12", "X"),
    PN_OWN("x0", "m", 1.5e-9, PN_ANY, "Initial state."),
    PN_NUM("x_on", "m", 0.0, PN_ANY, "Lower bound of the state, where the resistance is ron.",
           MEMTORCH, "S2+"),
    PN_NUM("x_off", "m", 3e-9, PN_ANY, "Upper bound of the state, where the resistance is roff.",
           MEMTORCH, "S2+"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "m", "position of the boundary", X0, X_ON, X_OFF, 0.0, 1, 0, 0},
};

PN_INLINE void eval_lanes(const pn_lanes *p, const pn_mem_block *b, needs need)
{
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], r_x;
    double g = conductance(p, l, x, need, &r_x);
    drift d = drift_at(p, l, v, x, need);
    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = -v * g * g * r_x;
    b->g[l] = d.rate;
    b->g_v[l] = d.z;
    b->g_x[l] = d.x;
  }
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  if (need_exponentials(p, b->n))
    eval_lanes(p, b, (needs){true, true});
  else if (need_powers(p, b->n, b->v))
    eval_lanes(p, b, (needs){false, true});
  else
    eval_lanes(p, b, (needs){false, false});
}

static const double kinks[] = {-0.2, 0.02};

const pn_memristor pn_memristor_vteam = {
    .name = "vteam",
    .title = "VTEAM: voltage-controlled threshold memristor (Kvatinsky)",
    .equations = KVATINSKY_LAWS "v > v_off:        dx/dt = k_off (v/v_off - 1)^alpha_off f_off(x)\n"
                                "v < v_on:         dx/dt = k_on  (v/v_on  - 1)^alpha_on  f_on(x)\n"
                                "v_on <= v <= v_off: dx/dt = 0\n" KVATINSKY_WINDOWS,
    .citation =
        "S. Kvatinsky, M. Ramadan, E. G. Friedman, A. Kolodny, VTEAM: A General Model for "
        "Voltage-Controlled Memristors, IEEE Trans. Circuits Syst. II 62(8), 786-790, 2015, "
        "doi:10.1109/TCSII.2015.2433536",
    .notes = "A positive voltage switches off. With an exponent of 1 the rate has a corner at its "
             "threshold.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 3.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
