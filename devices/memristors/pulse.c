/* Update models of array studies as devices in a circuit: a voltage above the threshold moves the weight by
 * one published step per pulse width. The step is that of the weight at the pulse's beginning, which is a
 * state beside the weight, so that a train of pulses gives the published sequence exactly. */
#include "devices/memristors/model.h"

enum {
  LAW,
  NL_LTP,
  NL_LTD,
  P_LTP,
  P_LTD,
  DW_UP,
  DW_DOWN,
  GAMMA_UP,
  GAMMA_DOWN,
  A_UP,
  A_DOWN,
  ZA,
  ZB,
  JUMP,
  V_WRITE,
  T_PULSE,
  T_REST,
  GMIN,
  GMAX,
  W0,
  WMIN,
  WMAX,
  N_PARAMS,
  END_UP = N_PARAMS, /* y at which potentiation and depression would end */
  END_DOWN,
  PART_UP, /* of the way to it in one pulse */
  PART_DOWN,
  SLOPE, /* S per unit of w */
  N_ALL
};
enum { NEUROSIM, CONSTANT, LINEAR, SOFT, EXPONENTIAL, POWER };

#define NSIM    "Chen, Peng, Yu, IEDM 2017; MLP NeuroSim V3.0, Ag:a-Si"
#define AIHWKIT "Rasch et al., AICAS 2021; aihwkit presets"

static const pn_param params[] = {
    PN_OWN("law", "1", NEUROSIM, PN_INT(NEUROSIM, POWER),
           "Step: 0 NeuroSim, 1 constant, 2 linear, 3 soft bounds, 4 exponential, 5 power."),
    PN_NUM("nl_ltp", "1", 2.4, PN_IN(-9.0, 9.0), "Nonlinearity label of potentiation; law 0.", NSIM,
           "S1"),
    PN_NUM("nl_ltd", "1", -4.88, PN_IN(-9.0, 9.0), "Nonlinearity label of depression; law 0.", NSIM,
           "S1"),
    PN_NUM("p_ltp", "1", 97.0, PN_POSITIVE, "Pulses from wmin to wmax; law 0.", NSIM, "M"),
    PN_NUM("p_ltd", "1", 100.0, PN_POSITIVE, "Pulses from wmax to wmin; law 0.", NSIM, "M"),
    PN_NUM("dw_up", "1", 0.002, PN_ANY, "Step upwards; laws 1 to 5.", AIHWKIT, "S1"),
    PN_NUM("dw_down", "1", 0.002, PN_ANY, "Step downwards; laws 1 to 5.", AIHWKIT, "S1"),
    PN_NUM("gamma_up", "1", 0.1153, PN_GE0, "Slope upwards; laws 2, 4, 5.", AIHWKIT, "S1"),
    PN_NUM("gamma_down", "1", 0.5085, PN_GE0, "Slope downwards; laws 2, 4, 5.", AIHWKIT, "S1"),
    PN_NUM("a_up", "1", -1.18445, PN_ANY, "Weight of the exponential upwards; law 4.", AIHWKIT,
           "S1"),
    PN_NUM("a_down", "1", -0.081404, PN_ANY, "Weight of the exponential downwards; law 4.", AIHWKIT,
           "S1"),
    PN_NUM("za", "1", -0.5, PN_ANY, "Scale of w in the exponential (the code's a); law 4.", AIHWKIT,
           "S1"),
    PN_NUM("zb", "1", -0.5, PN_ANY, "Offset in the exponential (the code's b); law 4.", AIHWKIT,
           "S1"),
    PN_OWN("jump", "1", 0.0, PN_ANY,
           "Further step of every pulse, in parts of the range; for c2c(jump)."),
    PN_OWN("v_write", "V", 2.0, PN_POSITIVE, "Voltage from which a pulse writes."),
    PN_NUM("t_pulse", "s", 300e-6, PN_POSITIVE, "Width of a pulse that makes one step.", NSIM, "M"),
    PN_OWN("t_rest", "s", 1e-9, PN_POSITIVE, "Time after which another pulse may begin."),
    PN_NUM("gmin", "S", 3.08e-9, PN_POSITIVE, "Conductance at wmin.", NSIM, "S1"),
    PN_NUM("gmax", "S", 38.46e-9, PN_POSITIVE, "Conductance at wmax.", NSIM, "S1"),
    PN_OWN("w0", "1", 0.0, PN_ANY, "Initial weight."),
    PN_OWN("wmin", "1", 0.0, PN_ANY, "Least weight."),
    PN_OWN("wmax", "1", 1.0, PN_ANY, "Largest weight."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("neurosim", "Ag:a-Si (the defaults); c2c(jump)=normal_abs(0.035).", NSIM, "S1",
           {LAW, NEUROSIM}),
    PN_SET("constant", "Idealized device; c2c(dw_up)=normal(0.3), and of dw_down.", AIHWKIT, "S1",
           {LAW, CONSTANT}, {DW_UP, 2e-4}, {DW_DOWN, 2e-4}, {WMIN, -1.0}, {WMAX, 1.0}),
    PN_SET("gokmen_vlasov", "Constant step; c2c of both steps normal(0.3).", AIHWKIT, "S1",
           {LAW, CONSTANT}, {DW_UP, 1.6e-3}, {DW_DOWN, 1.6e-3}, {WMIN, -1.0}, {WMAX, 1.0}),
    PN_SET("capacitor", "Linear step; c2c of both steps normal(0.3).", AIHWKIT, "S1", {LAW, LINEAR},
           {DW_UP, 5e-3}, {DW_DOWN, 5e-3}, {GAMMA_UP, 0.05}, {GAMMA_DOWN, 0.05}, {WMIN, -1.0},
           {WMAX, 1.0}),
    PN_SET("ecram", "Linear step, lithium; c2c of both steps normal(0.3).", AIHWKIT, "S1",
           {LAW, LINEAR}, {DW_UP, 2e-3}, {DW_DOWN, 2e-3}, {GAMMA_UP, 0.1153}, {GAMMA_DOWN, 0.5085},
           {WMIN, -0.8276}, {WMAX, 1.1724}),
    PN_SET("ecram_mo", "Linear step, metal oxide; c2c of both steps normal(2).", AIHWKIT, "S1",
           {LAW, LINEAR}, {DW_UP, 2.8214e-4}, {DW_DOWN, 2.8214e-4}, {GAMMA_UP, 0.4152},
           {GAMMA_DOWN, 0.7342}, {WMIN, -0.8286}, {WMAX, 1.1714}),
    PN_SET("reram_sb", "Soft bounds; c2c of both steps normal(3.75).", AIHWKIT, "S1", {LAW, SOFT},
           {DW_UP, 2e-3}, {DW_DOWN, 2e-3}, {WMIN, -0.75}, {WMAX, 1.25}),
    PN_SET("reram_es", "Exponential step; c2c of both steps normal(5).", AIHWKIT, "S1",
           {LAW, EXPONENTIAL}, {DW_UP, 1.35e-3}, {DW_DOWN, 1.35e-3}, {GAMMA_UP, 5.0},
           {GAMMA_DOWN, 5.0}, {WMIN, -1.0}, {WMAX, 1.0}),
    PN_SET("power", "Power step with exponents of 1: soft bounds of another form.", AIHWKIT, "S1",
           {LAW, POWER}, {GAMMA_UP, 1.0}, {GAMMA_DOWN, 1.0}, {WMIN, -1.0}, {WMAX, 1.0}),
};

static const pn_mem_state states[] = {
    {"w", "1", "weight", W0, WMIN, WMAX, 0.0, 1, 0, 0},
    {"ws", "1", "weight when the pulse began", W0, WMIN, WMAX, 0.0, 1, 0, 0},
};

/* Largest distance between the curve (1 - e^(-x/a))/(1 - e^(-1/a)) and the straight line, where its slope
 * is 1: x = -a ln(a (1 - e^(-1/a))). */
static double bend(double a)
{
  double full = -expm1(-1.0 / a), x = -a * log(a * full);
  return -expm1(-x / a) / full - x;
}

/* NeuroSim's A, over the number of pulses, from its label: |nl| = 10.10 bend(|A|). The factor gives the
 * labels that NeuroSim tabulates, to 4 digits. */
static double scale_of_label(double nl)
{
  double lo = log(1e-3), hi = log(1e5), sign = nl < 0.0 ? -1.0 : 1.0;
  for (int k = 0; k < 100; k++) {
    double mid = 0.5 * (lo + hi);
    if (10.10 * bend(exp(mid)) > fabs(nl))
      lo = mid;
    else
      hi = mid;
  }
  return sign * exp(0.5 * (lo + hi));
}

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  double up = scale_of_label(p[NL_LTP]), down = scale_of_label(p[NL_LTD]);
  p[END_UP] = -1.0 / expm1(-1.0 / up);
  p[END_DOWN] = -1.0 / expm1(-1.0 / down);
  p[PART_UP] = -expm1(-1.0 / (up * p[P_LTP]));
  p[PART_DOWN] = -expm1(1.0 / (down * p[P_LTD]));
  p[SLOPE] = (p[GMAX] - p[GMIN]) / (p[WMAX] - p[WMIN]);
}

static const char *check(const pn_memristor *m, pn_arena *a, const double *p)
{
  (void)m;
  (void)a;
  bool by_bounds = p[LAW] == LINEAR || p[LAW] == SOFT;
  if (by_bounds && !(p[WMIN] < 0.0 && p[WMAX] > 0.0))
    return "pulse: laws 2 and 3 need wmin < 0 < wmax: their steps shrink as w/wmin and w/wmax";
  return NULL;
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], law = p[LAW][l], ws = x[1][l], lo = p[WMIN][l], hi = p[WMAX][l];
    bool up = v > 0.0, on = fabs(v) > p[V_WRITE][l];
    double d = up ? 1.0 : -1.0, span = hi - lo, inv = 1.0 / span, y = (ws - lo) * inv, slope;
    double dw = d * (up ? p[DW_UP][l] : p[DW_DOWN][l]);
    double gamma = up ? p[GAMMA_UP][l] : p[GAMMA_DOWN][l], bound = up ? hi : lo;

    /* parts of dw, and their slopes */
    double fall = (law == SOFT ? 1.0 : gamma) / (bound != 0.0 ? bound : 1.0);
    double a = up ? p[A_UP][l] : p[A_DOWN][l], k = d * gamma * 2.0 * p[ZA][l] * inv;
    double e = a * pn_lim_exp(k * ws + d * gamma * p[ZB][l], &slope), e_w = a * slope * k;
    double room = up ? 1.0 - y : y, power = pn_pow(room, gamma - 1.0);
    double part = law == LINEAR || law == SOFT ? 1.0 - fall * ws : 1.0;
    double part_w = law == LINEAR || law == SOFT ? -fall : 0.0;
    bool exponential = law == EXPONENTIAL, positive = e < 1.0;
    part = exponential ? (positive ? 1.0 - e : 0.0) : law == POWER ? power * room : part;
    part_w = exponential    ? (positive ? -e_w : 0.0)
             : law == POWER ? -d * gamma * power * inv
                            : part_w;

    double full = up ? p[PART_UP][l] : p[PART_DOWN][l], end = up ? p[END_UP][l] : p[END_DOWN][l];
    double step = law == NEUROSIM ? span * (end - y) * full : dw * part;
    double step_w = law == NEUROSIM ? -full : dw * part_w;
    double per_time = on ? 1.0 / p[T_PULSE][l] : 0.0, forget = on ? 0.0 : 1.0 / p[T_REST][l];

    double cond = p[GMIN][l] + p[SLOPE][l] * (x[0][l] - lo);
    b->i[l] = v * cond;
    b->i_v[l] = cond;
    i_x[0][l] = v * p[SLOPE][l];
    i_x[1][l] = 0.0;
    g[0][l] = (step + p[JUMP][l] * span) * per_time;
    g_v[0][l] = g_v[1][l] = 0.0;
    g_x[0][l] = 0.0;
    g_x[1][l] = step_w * per_time;
    g[1][l] = (x[0][l] - ws) * forget;
    g_x[2][l] = forget;
    g_x[3][l] = -forget;
  }
}

static const double kinks[] = {0.0, 2.0, -2.0};

const pn_memristor pn_memristor_pulse = {
    .name = "pulse",
    .title = "Pulse-update models of array studies (NeuroSim, aihwkit)",
    .equations =
        "y = (w - wmin)/(wmax - wmin), i = v (gmin + (gmax - gmin) y); ys: y of ws\n"
        "d = 1 (v > v_write) or -1 (v < -v_write); dw, gamma, A are those of up or down\n"
        "law 0: S = (wmax - wmin) (B - ys) (1 - exp(-d/(A P))), B = 1/(1 - exp(-1/A)),\n"
        "       P = p_ltp or p_ltd, A from |nl_ltp| or |nl_ltd| = 10.10 max over x of\n"
        "       (1 - exp(-x/|A|))/(1 - exp(-1/|A|)) - x, with the label's sign\n"
        "law 1: S = d dw (dw_up or dw_down)\n"
        "law 2: S = d dw (1 - gamma ws/wmax) or (1 - gamma ws/wmin), gamma_up or gamma_down\n"
        "law 3: law 2 with gamma = 1\n"
        "law 4: S = d dw max(0, 1 - A exp(d gamma z)), A = a_up or a_down,\n"
        "       z = 2 za ws/(wmax - wmin) + zb\n"
        "law 5: S = d dw (1 - ys)^gamma or ys^gamma\n"
        "|v| > v_write:  dw/dt = (S + jump (wmax - wmin))/t_pulse, dws/dt = 0\n"
        "|v| <= v_write: dw/dt = 0, dws/dt = (w - ws)/t_rest\n",
    .citation =
        "P.-Y. Chen, X. Peng, S. Yu, NeuroSim+: An integrated device-to-algorithm framework, IEEE "
        "IEDM 2017; M. J. Rasch et al., A flexible and fast PyTorch toolkit for simulating "
        "training "
        "and inference on analog crossbar arrays, IEEE AICAS 2021, "
        "doi:10.1109/AICAS51828.2021.9458494",
    .notes =
        "Published: the steps. Ours: a step takes t_pulse of voltage beyond v_write, whatever its "
        "height, and a longer pulse makes proportionally more of it. Steps that differ from pulse "
        "to "
        "pulse are c2c(dw_up)=, c2c(dw_down)= or, for NeuroSim, c2c(jump)= on the card; their "
        "published spreads stand beside the sets.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 4.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .check = check,
    .eval = eval,
};
