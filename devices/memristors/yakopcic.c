/* The generalised memristor of Yakopcic et al.: a sinh law with thresholds and a motion that slows
 * near the ends, fitted by its authors to several devices, each a named set. */
#include "devices/memristors/model.h"

enum {
  A1,
  A2,
  B,
  AP,
  AN,
  VP,
  VN,
  XP,
  XN,
  ALPHAP,
  ALPHAN,
  ETA,
  X0,
  XMIN,
  XMAX,
  N_PARAMS,
  EXP_VP = N_PARAMS,
  EXP_VN,
  N_ALL
};

#define PAPER "Yakopcic et al., IEEE TCAD 32, 1201 (2013)"
#define OBLEA PAPER "; Oblea et al. device, sine"

static const pn_param params[] = {
    PN_NUM("a1", "A", 0.17, PN_GE0, "Amplitude of the current at positive voltage.", OBLEA, "S2+"),
    PN_NUM("a2", "A", 0.17, PN_GE0, "Amplitude of the current at negative voltage.", OBLEA, "S2+"),
    PN_NUM("b", "1/V", 0.05, PN_GE0, "Curvature of the current.", OBLEA, "S2+"),
    PN_NUM("ap", "1/s", 4000.0, PN_GE0, "Rate above the positive threshold.", OBLEA, "S2+"),
    PN_NUM("an", "1/s", 4000.0, PN_GE0, "Rate below the negative threshold.", OBLEA, "S2+"),
    PN_NUM("vp", "V", 0.16, PN_GE0, "Positive threshold.", OBLEA "; Knowm has 0.65", "X"),
    PN_NUM("vn", "V", 0.15, PN_GE0, "Negative threshold (its absolute value).",
           OBLEA "; Knowm has 0.56", "X"),
    PN_NUM("xp", "1", 0.3, PN_IN(0.0, 0.999), "State above which growth slows.", OBLEA, "S2+"),
    PN_NUM("xn", "1", 0.5, PN_IN(0.0, 0.999), "1 - xn is the state below which decay slows.", OBLEA,
           "S2+"),
    PN_NUM("alphap", "1", 1.0, PN_GE0, "How fast growth slows above xp.", OBLEA, "S2+"),
    PN_NUM("alphan", "1", 5.0, PN_GE0, "How fast decay slows below 1 - xn.", OBLEA, "S2+"),
    PN_NUM("eta", "1", 1.0, PN_IN(-1.0, 1.0),
           "Direction: 1, a positive voltage raises the state; -1, it lowers it.", PAPER, "S2+"),
    PN_NUM("x0", "1", 0.11, PN_IN(0.0, 1.0), "Initial state.", OBLEA, "S2+"),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("oblea_sine", "Boise State chalcogenide device under a sine (the defaults).", PAPER,
           "S2+", {A1, 0.17}),
    PN_SET("oblea_pulsed", "Boise State chalcogenide device under pulses.", PAPER, "S2+",
           {A1, 0.097}, {A2, 0.097}, {X0, 0.001}),
    PN_SET("miao", "HP TaOx device of Miao et al.", PAPER, "S2+", {A1, 0.11}, {A2, 0.11}, {B, 0.5},
           {AP, 7.5}, {AN, 2.0}, {VP, 0.09}, {VN, 0.75}, {X0, 0.11}),
    PN_SET("jo", "Michigan Ag/Si device of Jo et al.", PAPER, "S2+", {A1, 3.7e-7}, {A2, 4.35e-7},
           {B, 0.7}, {AP, 0.005}, {AN, 0.08}, {VP, 1.5}, {VN, 0.5}, {XP, 0.2}, {XN, 0.5},
           {ALPHAP, 1.2}, {ALPHAN, 3.0}, {X0, 0.1}),
    PN_SET("knowm", "Thresholds of the set Knowm distributes for the sine device.",
           "Knowm repository", "X", {VP, 0.65}, {VN, 0.56}),
};

static const pn_mem_state states[] = {
    {"x", "1", "state of the conducting path", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[EXP_VP] = exp(p[VP]);
  p[EXP_VN] = exp(p[VN]);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], eta = p[ETA][l];
    bool up = v >= 0.0;
    double amplitude = up ? p[A1][l] : p[A2][l], cosh_bv;
    double sinh_bv = pn_sinh(p[B][l] * v, &cosh_bv);

    /* rate beyond the threshold, as a function of |v| */
    double rate = up ? p[AP][l] : p[AN][l], threshold = up ? p[VP][l] : p[VN][l];
    double offset = up ? p[EXP_VP][l] : p[EXP_VN][l], slope;
    double excess = pn_lim_exp(fabs(v), &slope) - offset;
    bool moves = fabs(v) > threshold;
    double g = moves ? (up ? rate : -rate) * excess : 0.0;
    double g_v = moves ? rate * slope : 0.0;

    /* f(x): towards 1 it slows beyond xp, towards 0 below 1 - xn; d counts the way beyond */
    bool growing = eta * v >= 0.0;
    double limit = growing ? p[XP][l] : p[XN][l], decay = growing ? p[ALPHAP][l] : p[ALPHAN][l];
    double way = growing ? x : 1.0 - x, d = way - limit, span = 1.0 / (1.0 - limit);
    double window = (1.0 - way) * span, e_slope, e = pn_lim_exp(-decay * d, &e_slope);
    double f_way = -decay * e_slope * window - e * span;
    double f = d >= 0.0 ? e * window : 1.0;
    double f_x = d >= 0.0 ? (growing ? f_way : -f_way) : 0.0;

    b->i[l] = amplitude * x * sinh_bv;
    b->i_v[l] = amplitude * x * p[B][l] * cosh_bv;
    b->i_x[l] = amplitude * sinh_bv;
    b->g[l] = eta * g * f;
    b->g_v[l] = eta * g_v * f;
    b->g_x[l] = eta * g * f_x;
  }
}

static const double kinks[] = {-0.75, -0.56, -0.5, -0.15, 0.0, 0.09, 0.16, 0.65, 1.5};

const pn_memristor pn_memristor_yakopcic = {
    .name = "yakopcic",
    .title = "Generalised memristor of Yakopcic",
    .equations = "i = a1 x sinh(b v) for v >= 0, a2 x sinh(b v) for v < 0\n"
                 "v > vp:  g = ap (exp(v) - exp(vp))\n"
                 "v < -vn: g = -an (exp(-v) - exp(vn)); else g = 0\n"
                 "eta v >= 0: f = exp(-alphap (x - xp)) (1 - x)/(1 - xp) for x >= xp, else 1\n"
                 "eta v < 0:  f = exp(alphan (x - 1 + xn)) x/(1 - xn) for x <= 1 - xn, else 1\n"
                 "dx/dt = eta g f\n",
    .citation =
        "C. Yakopcic, T. M. Taha, G. Subramanyam, R. E. Pino, Generalized Memristive Device "
        "SPICE Model and its Application in Circuit Design, IEEE Trans. Comput.-Aided Des. "
        "Integr. Circuits Syst. 32(8), 1201-1214, 2013, doi:10.1109/TCAD.2013.2252057",
    .notes = "Growth stops exactly at x = 1. exp(v) and exp(vp) stand for exp(v / 1 V).",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 3.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
