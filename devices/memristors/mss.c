/* Knowm's generalised mean metastable switch: the mean of many two-state switches that thermal
 * noise flips, with a pair of Schottky diodes in parallel. */
#include "devices/memristors/model.h"

enum {
  RON,
  ROFF,
  VON,
  VOFF,
  TAU,
  T_AMB,
  PHI,
  AF,
  BF,
  AR,
  BR,
  X0,
  XMIN,
  XMAX,
  N_PARAMS,
  INV_VT = N_PARAMS,
  N_ALL
};

#define PAPER "Nugent and Molter, PLoS ONE 9, e85175 (2014)"
#define KNOWM "Knowm m-MSS model, SPICE and Java repositories"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 500.0, PN_POSITIVE, "Resistance with all switches on.", KNOWM, "S2+"),
    PN_NUM("roff", "ohm", 1500.0, PN_POSITIVE, "Resistance with all switches off.", KNOWM, "S2+"),
    PN_NUM("von", "V", 0.27, PN_ANY, "Voltage at which a switch turns on with probability 1/2.",
           KNOWM, "S2+"),
    PN_NUM("voff", "V", 0.27, PN_ANY,
           "Negative voltage at which a switch turns off with probability 1/2.", KNOWM, "S2+"),
    PN_NUM("tau", "s", 1e-4, PN_POSITIVE, "Time scale of the switches.", KNOWM, "S2+"),
    PN_NUM("t_amb", "K", 298.5, PN_GE0, "Temperature of the switches; 0: the device's.", KNOWM,
           "S2+"),
    PN_NUM("phi", "1", 0.8, PN_IN(0.0, 1.0), "Share of the current through the switches.", KNOWM,
           "S2+"),
    PN_NUM("af", "A", 8e-4, PN_GE0, "Forward Schottky current.", KNOWM, "S2+"),
    PN_NUM("bf", "1/V", 4.0, PN_GE0, "Forward Schottky slope.", KNOWM, "S2+"),
    PN_NUM("ar", "A", 8e-4, PN_GE0, "Reverse Schottky current.", KNOWM, "S2+"),
    PN_NUM("br", "1/V", 4.0, PN_GE0, "Reverse Schottky slope.", KNOWM, "S2+"),
    PN_OWN("x0", "1", 0.5, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("ohmic", "Without the Schottky diodes.", PAPER, "S2+", {PHI, 1.0}),
};

static const pn_mem_state states[] = {
    {"x", "1", "share of the switches that are on", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double t = p[T_AMB] > 0.0 ? p[T_AMB] : temp;
  p[INV_VT] = PN_Q_E / (PN_K_B * t);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], phi = p[PHI][l];
    double gon = 1.0 / p[RON][l], goff = 1.0 / p[ROFF][l], g = x * gon + (1.0 - x) * goff;
    double forward_slope, reverse_slope;
    double forward = pn_lim_expm1(p[BF][l] * v, &forward_slope);
    double reverse = pn_lim_expm1(-p[BR][l] * v, &reverse_slope);
    double diode = p[AF][l] * forward - p[AR][l] * reverse;
    double diode_v = p[AF][l] * p[BF][l] * forward_slope + p[AR][l] * p[BR][l] * reverse_slope;

    double on_slope, off_slope, vt = p[INV_VT][l], rate = 1.0 / p[TAU][l];
    double on = pn_logistic((v - p[VON][l]) * vt, &on_slope);
    double off = pn_logistic(-(v + p[VOFF][l]) * vt, &off_slope);
    b->i[l] = phi * g * v + (1.0 - phi) * diode;
    b->i_v[l] = phi * g + (1.0 - phi) * diode_v;
    b->i_x[l] = phi * (gon - goff) * v;
    b->g[l] = rate * (on * (1.0 - x) - off * x);
    b->g_v[l] = rate * vt * (on_slope * (1.0 - x) + off_slope * x);
    b->g_x[l] = -rate * (on + off);
  }
}

const pn_memristor pn_memristor_mss = {
    .name = "mss",
    .title = "Generalised mean metastable switch (Knowm)",
    .equations = "i = phi v (x/ron + (1 - x)/roff)"
                 " + (1 - phi) (af (exp(bf v) - 1) + ar (1 - exp(-br v)))\n"
                 "vt = k t_amb / q\n"
                 "p_on = 1/(1 + exp(-(v - von)/vt)), p_off = 1/(1 + exp((v + voff)/vt))\n"
                 "dx/dt = (p_on (1 - x) - p_off x) / tau\n",
    .citation =
        "M. A. Nugent, T. W. Molter, AHaH Computing: From Metastable Switches to Attractors to "
        "Machine Learning, PLoS ONE 9(2), e85175, 2014, doi:10.1371/journal.pone.0085175; "
        "T. W. Molter, M. A. Nugent, The Generalized Metastable Switch Memristor Model, CNNA "
        "2016",
    .notes =
        "Published with af exp(bf v) - ar exp(-br v), which is the same for af = ar; the form here "
        "carries no current at 0 V for any af, ar. Without voltage the switches still relax, "
        "exponentially slowly.",
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
