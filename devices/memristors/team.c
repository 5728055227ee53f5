/* TEAM: the current-controlled threshold memristor of Kvatinsky et al. Below its threshold currents
 * the state stands still; above, it drifts with a power of the excess current. */
#include "devices/memristors/model.h"

enum {
  RON,
  ROFF,
  I_ON,
  I_OFF,
  K_ON,
  K_OFF,
  ALPHA_ON,
  ALPHA_OFF,
  LAW,
  WINDOW,
  A_ON,
  A_OFF,
  W_C,
  X0,
  X_ON,
  X_OFF,
  N_PARAMS,
  LAMBDA = N_PARAMS,
  INV_SPAN,
  INV_WC,
  N_ALL
};

#define PAPER "Kvatinsky et al., IEEE TCAS-I 60, 211 (2013)"
#define FIT   PAPER ", Fig. 10 (fit to the Simmons barrier)"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 50.0, PN_POSITIVE, "Resistance at x_on.", PAPER, "S2+"),
    PN_NUM("roff", "ohm", 1e3, PN_POSITIVE, "Resistance at x_off.", PAPER, "S2+"),
    PN_NUM("i_on", "A", -8.9e-6, PN_NEGATIVE, "Threshold of switching on; negative.",
           FIT "; Xyce's default is positive", "X"),
    PN_NUM("i_off", "A", 115e-6, PN_POSITIVE, "Threshold of switching off.", FIT, "S2+"),
    PN_NUM("k_on", "m/s", -4.68e-22, PN_LE0, "Rate of switching on; negative.", FIT, "X"),
    PN_NUM("k_off", "m/s", 1.46e-18, PN_GE0, "Rate of switching off.", FIT, "X"),
    PN_NUM("alpha_on", "1", 10.0, PN_IN(1.0, 50.0), "Exponent of switching on.", FIT, "S2+"),
    PN_NUM("alpha_off", "1", 10.0, PN_IN(1.0, 50.0), "Exponent of switching off.", FIT, "S2+"),
    PN_OWN("law", "1", 0.0, PN_INT(0, 1), "Resistance: 0 linear in x, 1 exponential in x."),
    PN_OWN("window", "1", 1.0, PN_INT(0, 1), "Window: 0 none (hard bounds), 1 Kvatinsky."),
    PN_NUM("a_on", "m", 1.8e-9, PN_ANY, "Where the window stops switching on.",
           "Pickett et al., J. Appl. Phys. 106, 074508 (2009); Technion's code has 2 nm", "X"),
    PN_NUM("a_off", "m", 1.2e-9, PN_ANY, "Where the window stops switching off.",
           "Pickett et al., J. Appl. Phys. 106, 074508 (2009)", "S2+"),
    PN_NUM("w_c", "m", 107e-12, PN_POSITIVE, "Width of the window's ends.",
           "Pickett et al., J. Appl. Phys. 106, 074508 (2009); Xyce has 1.07e-12", "X"),
    PN_OWN("x0", "m", 1.5e-9, PN_ANY, "Initial state."),
    PN_NUM("x_on", "m", 0.0, PN_ANY, "Lower bound of the state, where the resistance is ron.",
           PAPER, "S2+"),
    PN_NUM("x_off", "m", 3e-9, PN_ANY, "Upper bound of the state, where the resistance is roff.",
           PAPER, "S2+"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("fit", "Fit to the Simmons tunnel barrier (the defaults).", FIT, "X", {ALPHA_ON, 10.0}),
    PN_SET("xyce", "Xyce's default card, with the sign of i_on that it needs.",
           "Xyce Reference Guide, memristor level 2", "X", {K_OFF, 8e-13}, {K_ON, -8e-13},
           {ALPHA_ON, 3.0}, {ALPHA_OFF, 3.0}, {W_C, 1.07e-12}, {A_ON, 0.0}, {A_OFF, 3e-9}),
};

static const pn_mem_state states[] = {
    {"x", "m", "width of the tunnel barrier", X0, X_ON, X_OFF, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[LAMBDA] = log(p[ROFF] / p[RON]);
  p[INV_SPAN] = 1.0 / (p[X_OFF] - p[X_ON]);
  p[INV_WC] = 1.0 / p[W_C];
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l];
    double ron = p[RON][l], span = p[INV_SPAN][l], part = (x - p[X_ON][l]) * span, slope;
    double steep = ron * pn_lim_exp(p[LAMBDA][l] * part, &slope);
    double steep_x = ron * slope * p[LAMBDA][l] * span;
    bool exponential = p[LAW][l] != 0.0;
    double r = exponential ? steep : ron + (p[ROFF][l] - ron) * part;
    double r_x = exponential ? steep_x : (p[ROFF][l] - ron) * span;
    double g = 1.0 / r, i = v * g, i_x = -i * g * r_x;

    bool off = i > 0.0;
    double threshold = off ? p[I_OFF][l] : p[I_ON][l];
    double k = off ? p[K_OFF][l] : p[K_ON][l], alpha = off ? p[ALPHA_OFF][l] : p[ALPHA_ON][l];
    double excess = i / threshold - 1.0;
    double over = excess > 0.0 ? excess : 0.0;
    double power = pn_pow(over, alpha - 1.0);
    double rate = k * power * over;
    double rate_i = excess > 0.0 ? k * alpha * power / threshold : 0.0;

    double w = off ? (x - p[A_OFF][l]) * p[INV_WC][l] : (p[A_ON][l] - x) * p[INV_WC][l];
    double w_x = off ? p[INV_WC][l] : -p[INV_WC][l], inner_slope, outer_slope;
    double inner = pn_lim_exp(w, &inner_slope), f = pn_lim_exp(-inner, &outer_slope);
    bool windowed = p[WINDOW][l] != 0.0;
    double f_x = windowed ? -outer_slope * inner_slope * w_x : 0.0;
    f = windowed ? f : 1.0;

    b->i[l] = i;
    b->i_v[l] = g;
    b->i_x[l] = i_x;
    b->g[l] = rate * f;
    b->g_v[l] = rate_i * g * f;
    b->g_x[l] = rate_i * i_x * f + rate * f_x;
  }
}

const pn_memristor pn_memristor_team = {
    .name = "team",
    .title = "TEAM: current-controlled threshold memristor (Kvatinsky)",
    .equations =
        "s = (x - x_on)/(x_off - x_on)\n"
        "law 0: i = v / (ron + (roff - ron) s)\n"
        "law 1: i = v / (ron exp(s ln(roff/ron)))\n"
        "i > i_off:          dx/dt = k_off (i/i_off - 1)^alpha_off f_off(x)\n"
        "i < i_on:           dx/dt = k_on  (i/i_on  - 1)^alpha_on  f_on(x)\n"
        "i_on <= i <= i_off: dx/dt = 0\n"
        "window 0: f_off = f_on = 1\n"
        "window 1: f_off = exp(-exp((x - a_off)/w_c)), f_on = exp(-exp(-(x - a_on)/w_c))\n",
    .citation = "S. Kvatinsky, E. G. Friedman, A. Kolodny, U. C. Weiser, TEAM: ThrEshold Adaptive "
                "Memristor Model, IEEE Trans. Circuits Syst. I 60(1), 211-221, 2013, "
                "doi:10.1109/TCSI.2012.2215714",
    .notes =
        "A positive current switches off. Three published sets are incompatible: the fit to the "
        "Simmons barrier is the default, Xyce's is a named set.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 2.0,
    .derive = derive,
    .eval = eval,
};
