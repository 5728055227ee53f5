/* Biolek's thermal phase change memory: the cell heats itself, crystallises above one temperature and
 * melts above another; its amorphous part conducts beyond a threshold voltage. */
#include "devices/memristors/model.h"

enum {
  RON,
  ROFF,
  VTR,
  V0,
  ALPHA,
  BETA,
  TX,
  TM,
  EDGE,
  C_TH,
  G_TH,
  TR,
  X0,
  XMIN,
  XMAX,
  T0,
  TMIN,
  TMAX,
  NU,
  T_DRIFT,
  T_FORGET,
  AGE0,
  N_PARAMS
};

#define DRIFT "Nandakumar et al., ICECS (2019); aihwkit"
#define PAPER "Biolek, Di Ventra, Pershin, Radioengineering 22, 945 (2013), model R3"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 10e3, PN_POSITIVE, "Resistance when crystalline.", PAPER, "S1"),
    PN_NUM("roff", "ohm", 1e6, PN_POSITIVE, "Resistance when amorphous, below threshold.", PAPER,
           "S1"),
    PN_NUM("vtr", "V", 1.8, PN_GE0, "Threshold voltage of the amorphous phase.", PAPER, "S1"),
    PN_NUM("v0", "V", 0.05, PN_POSITIVE, "Width of the threshold.", PAPER, "S1"),
    PN_NUM("alpha", "1/s", 2e7, PN_GE0, "Rate of crystallisation.", PAPER, "S1"),
    PN_NUM("beta", "1/s", 1e8, PN_GE0, "Rate of melting.", PAPER, "S1"),
    PN_NUM("tx", "degC", 200.0, PN_POSITIVE, "Temperature of crystallisation.", PAPER, "S1"),
    PN_NUM("tm", "degC", 600.0, PN_POSITIVE, "Temperature of melting.", PAPER, "S1"),
    PN_NUM("edge", "1", 1e-3, PN_POSITIVE,
           "Relative width of both temperature steps (the paper's b).", PAPER, "S1"),
    PN_NUM("c_th", "J/K", 2e-15, PN_POSITIVE, "Heat capacity.", PAPER, "S1"),
    PN_NUM("g_th", "W/K", 5e-6, PN_POSITIVE, "Thermal conductance to the ambient.", PAPER, "S1"),
    PN_NUM("tr", "degC", 20.0, PN_ANY, "Ambient temperature.", PAPER, "S1"),
    PN_OWN("x0", "1", 0.0, PN_IN(0.0, 1.0), "Initial crystalline fraction."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the crystalline fraction."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the crystalline fraction."),
    PN_OWN("t0", "degC", 20.0, PN_ANY, "Initial temperature."),
    PN_OWN("tmin", "degC", -100.0, PN_ANY, "Lower bound of the temperature."),
    PN_OWN("tmax", "degC", 5000.0, PN_ANY, "Upper bound of the temperature."),
    PN_NUM("nu", "1", 0.049, PN_GE0, "Exponent of the amorphous phase's drift.", DRIFT, "S1"),
    PN_NUM("t_drift", "s", 20.0, PN_POSITIVE, "Time from which drift counts (the paper's t0).",
           DRIFT, "S1"),
    PN_OWN("t_forget", "s", 1e-9, PN_POSITIVE, "Time in which a hot cell becomes young again."),
    PN_OWN("age0", "s", 0.0, PN_GE0, "Initial time since the cell was last hot."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("biolek", "Without drift, as published.", PAPER, "S1", {NU, 0.0}),
    PN_SET("nandakumar",
           "Drift of a cell above a fifth of the largest conductance: the least mean exponent (the "
           "defaults).",
           DRIFT, "S1", {NU, 0.049}),
    PN_SET("amorphous", "Drift of a cell at 1 % of the largest conductance.", DRIFT, "S1",
           {NU, 0.0958}),
};

static const pn_mem_state states[] = {
    {"x", "1", "crystalline fraction", X0, XMIN, XMAX, 0.0, 1, 0, 0},
    {"t", "degC", "temperature of the cell", T0, TMIN, TMAX, 500.0, 1, 0, 0},
    {"age", "s", "time since the cell was last hot", AGE0, AGE0, -1, 1.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], c = x[0][l], t = x[1][l], sign = v < 0.0 ? -1.0 : 1.0, gate_slope;
    double gate = pn_logistic((p[VTR][l] - fabs(v)) / p[V0][l], &gate_slope);
    /* drift: roff (1 + age/t_drift)^nu */
    double young = 1.0 / p[T_DRIFT][l], old = 1.0 + x[2][l] * young;
    double drift = pn_pow(old, p[NU][l]), drift_a = p[NU][l] * drift / old * young;
    double span = p[ROFF][l] * drift - p[RON][l];
    double r = p[RON][l] + span * (1.0 - c) * gate;
    double r_v = -span * (1.0 - c) * gate_slope * sign / p[V0][l], r_c = -span * gate;
    double cond = 1.0 / r, i = v * cond, i_v = cond - i * cond * r_v, i_c = -i * cond * r_c;

    double hot_slope, cool_slope, melt_slope, inv_x = 1.0 / (p[TX][l] * p[EDGE][l]);
    double inv_m = 1.0 / (p[TM][l] * p[EDGE][l]);
    double hot = pn_logistic((t - p[TX][l]) * inv_x, &hot_slope);
    double cool = pn_logistic((p[TM][l] - t) * inv_m, &cool_slope);
    double melt = pn_logistic((t - p[TM][l]) * inv_m, &melt_slope);
    double grow = p[ALPHA][l] * (1.0 - c);

    double inv_c = 1.0 / p[C_TH][l];
    b->i[l] = i;
    b->i_v[l] = i_v;
    i_x[0][l] = i_c;
    i_x[1][l] = 0.0;
    i_x[2][l] = -i * cond * p[ROFF][l] * drift_a * (1.0 - c) * gate;
    g[0][l] = grow * hot * cool - p[BETA][l] * c * melt;
    g_v[0][l] = 0.0;
    g_x[0][l] = -p[ALPHA][l] * hot * cool - p[BETA][l] * melt;
    g_x[1][l] = grow * (hot_slope * inv_x * cool - hot * cool_slope * inv_m) -
                p[BETA][l] * c * melt_slope * inv_m;
    g[1][l] = (v * i + p[G_TH][l] * (p[TR][l] - t)) * inv_c;
    g_v[1][l] = (i + v * i_v) * inv_c;
    g_x[2][l] = 0.0;
    g_x[3][l] = v * i_c * inv_c;
    g_x[4][l] = -p[G_TH][l] * inv_c;
    g_x[5][l] = v * i_x[2][l] * inv_c;
    bool cold = t < p[TX][l];
    double forget = 1.0 / p[T_FORGET][l];
    g[2][l] = cold ? 1.0 : -(x[2][l] - p[AGE0][l]) * forget;
    g_v[2][l] = 0.0;
    g_x[6][l] = g_x[7][l] = 0.0;
    g_x[8][l] = cold ? 0.0 : -forget;
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_pcm = {
    .name = "pcm",
    .title = "Phase change memory, thermal (Biolek)",
    .equations = "s(z) = 1/(1 + exp(-z/edge))\n"
                 "r_a = roff (1 + age/t_drift)^nu\n"
                 "i = v / (ron + (r_a - ron) (1 - x)/(1 + exp((|v| - vtr)/v0)))\n"
                 "c_th dt/dt = v i + g_th (tr - t)\n"
                 "dx/dt = alpha (1 - x) s(t/tx - 1) s(1 - t/tm) - beta x s(t/tm - 1)\n"
                 "t < tx: dage/dt = 1;  t >= tx: dage/dt = (age0 - age)/t_forget\n",
    .citation =
        "D. Biolek, M. Di Ventra, Y. V. Pershin, Reliable SPICE Simulations of Memristors, "
        "Memcapacitors and Meminductors, Radioengineering 22(4), 945-968, 2013; drift: S. R. "
        "Nandakumar et al., Phase-Change Memory Models for Deep Learning Training and Inference, "
        "IEEE ICECS 2019",
    .notes =
        "|v| stands where the paper's code has v, so that both polarities switch. "
        "Temperatures are in "
        "degC, as in the paper. Drift, G(t) = G0 (t/t0)^-nu, is that of Nandakumar's cells, put on "
        "this cell's amorphous resistance as (1 + age/t_drift)^nu; the age begins when the cell "
        "cools below tx. Their mean exponent is -0.0155 ln(G/Gmax) + 0.0244 between 0.049 and 0.1.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 5.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
