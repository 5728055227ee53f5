/* A monolayer or few-layer MoS2 transistor: the charge-based channel behind two contact
 * resistances. Its default card gives the on-current of the 2T2R kernel of He et al. (2025). */
#include "devices/compact/channel.h"

enum {
  W,
  LEN,
  VT0,
  SLOPE,
  MU,
  MU_EXP,
  TC_VT,
  EPS_OX,
  T_OX,
  RC,
  DIBL,
  V_SAT,
  BETA,
  LAMBDA,
  G_LEAK,
  C_OV,
  M,
  TEMP,
  DTEMP,
  N_PARAMS,
  COX = N_PARAMS,
  G_C,
  UT,
  MU_T,
  VT_T,
  N_ALL
};

#define SEED "fitted to He et al., Nat. Commun. (2025): 4.817 uA/um at V_DS = 0.1 V; L assumed"
#define S2DS "Suryavanshi and Pop, J. Appl. Phys. 120, 224503 (2016)"
#define FORM "charge-based (EKV) form"

static const pn_param params[] = {
    PN_OWN("w", "m", 1e-6, PN_POSITIVE, "Width of the channel."),
    PN_NUM("l", "m", 2e-6, PN_POSITIVE, "Length of the channel.", SEED, "D"),
    PN_NUM("vt0", "V", 1.0, PN_ANY, "Threshold voltage at 300.15 K.", SEED, "D"),
    PN_NUM("n", "1", 2.0, PN_IN(1.0, 100.0), "Slope factor: the swing is n kT/q ln 10.", SEED, "D"),
    PN_NUM("mu", "m^2/(V s)", 40e-4, PN_POSITIVE, "Mobility at low field and 300.15 K.", SEED, "D"),
    PN_OWN("mu_exp", "1", 0.0, PN_IN(-10.0, 10.0), "Mobility goes as (T/300.15 K)^-mu_exp."),
    PN_OWN("tc_vt", "V/K", 0.0, PN_ANY, "Temperature coefficient of the threshold."),
    PN_NUM("eps_ox", "1", 7.5, PN_POSITIVE, "Relative permittivity of the top gate's oxide.", SEED,
           "D"),
    PN_NUM("t_ox", "m", 20e-9, PN_POSITIVE, "Thickness of the top gate's oxide (Al2O3).",
           "He et al., Nat. Commun. (2025)", "S1"),
    PN_NUM("rc", "ohm m", 2e-3, PN_POSITIVE, "Contact resistance times width, each of the two.",
           SEED, "D"),
    PN_NUM("dibl", "V/V", 0.01, PN_IN(0.0, 1.0), "Threshold lowered per volt of V_DS.", SEED, "D"),
    PN_NUM("v_sat", "m/s", 3e4, PN_POSITIVE, "Saturation velocity.",
           S2DS ", has 3.2e4; rounded to fit", "D"),
    PN_NUM("beta", "1", 1.0, PN_IN(1.0, 10.0), "How sharply the velocity saturates.", FORM, "D"),
    PN_NUM("lambda", "1/V", 0.0, PN_GE0, "Channel length modulation.", FORM, "D"),
    PN_NUM("g_leak", "S/m", 2e-7, PN_GE0, "Leakage per width: 0.02 pA/um at 0.1 V.", SEED, "D"),
    PN_OWN("c_ov", "F/m", 0.0, PN_GE0, "Overlap capacitance per width, gate to each contact."),
    PN_OWN("m", "1", 1.0, PN_POSITIVE, "Number of such transistors in parallel."),
    PN_OWN_TEMPERATURE,
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_local locals[] = {PN_CHANNEL_LOCALS};
static const uint8_t q_row[] = {1, 1, 1, 0, 1, 1};

static void derive(const pn_device_class *c, double *p, double temp)
{
  double t = pn_compact_temp(c, p, temp);
  p[COX] = 8.8541878128e-12 * p[EPS_OX] / p[T_OX];
  p[G_C] = p[M] * p[W] / p[RC];
  p[UT] = PN_K_B / PN_Q_E * t;
  p[MU_T] = p[MU] * pow(t / 300.15, -p[MU_EXP]);
  p[VT_T] = p[VT0] + p[TC_VT] * (t - 300.15);
}

static void model(const pn_compact_point *at, pn_dual *f, pn_dual *q)
{
  const double *p = at->p;
  const pn_dual *u = at->u;
  pn_channel c = {.w = p[W] * p[M],
                  .l = p[LEN],
                  .cox = p[COX],
                  .n = p[SLOPE],
                  .dibl = p[DIBL],
                  .mu = p[MU_T],
                  .v_sat = p[V_SAT],
                  .beta = p[BETA],
                  .lambda = p[LAMBDA],
                  .g_leak = p[G_LEAK],
                  .ut = p[UT]};
  q[CH_G] = pn_channel_put(&c, pn_d_const(p[VT_T]), u[CH_G], pn_d_const(p[G_C]), u, f, q);
  pn_dual ov_d = pn_d_scale(c.w * p[C_OV], pn_d_sub(u[CH_G], u[CH_D]));
  pn_dual ov_s = pn_d_scale(c.w * p[C_OV], pn_d_sub(u[CH_G], u[CH_S]));
  q[CH_D] = pn_d_scale(-1.0, ov_d);
  q[CH_S] = pn_d_scale(-1.0, ov_s);
  q[CH_G] = pn_d_add(q[CH_G], pn_d_add(ov_d, ov_s));
}

static const pn_compact compact = {
    .model = model,
    .equations =
        "V_P = (V_G - V_T + dibl |V_D - V_S|)/n,  U = kT/q,  voltages against b\n"
        "L_S = ln(1 + exp((V_P - V_S)/(2U))),  L_D = ln(1 + exp((V_P - V_D)/(2U)))\n"
        "i0 = 2 n mu C_ox (w/l) U^2 (L_S^2 - L_D^2),  V_e = 2U |L_S - L_D|\n"
        "i = i0 (1 + lambda V_e)/(1 + (mu V_e/(v_sat l))^beta)^(1/beta) + g_leak w (V_D - V_S)\n"
        "q_g = w l C_ox n U (L_S + L_D), half of it taken from each end; C_ox = eps0 eps_ox/t_ox\n"
        "V_D, V_S lie behind contact resistances rc/w; |.| is rounded over U/10\n",
    .citation = "Form: charge-based EKV; mobility and velocity: S. V. Suryavanshi, E. Pop, S2DS, "
                "J. Appl. Phys. 120, 224503, 2016; target: He et al., Nat. Commun., 2025",
    .notes =
        "The paper gives 4.817 uA/um at V_DS = 0.1 V (top gate to 10 V), off below 0.1 pA/um and "
        "an "
        "on/off ratio above 1e8; threshold, length, swing and mobility are not in its text and "
        "were "
        "chosen to give these. Without the fourth node, the back gate b is joined to the source.",
    .v_max = 10.0,
    .picture = {.title = "Drain current over gate voltage",
                .netlist =
                    "Transfer curves\nvd d 0 0\nvg g 0 0\nn1 d g 0 cell\n.model cell mos2fet\n"
                    ".dc vg -4 10 50m vd 0.1 1.1 0.5\n.save v(g) @n1[id]\n.end\n",
                .x = {"V_GS", "V"},
                .y = {"I_D", "A"},
                .by = {"V_DS = ", "V"},
                .log = true},
};

const pn_device_class pn_class_mos2fet = {
    .name = "mos2fet",
    .title = "MoS2 transistor, charge-based, with contact resistance",
    .model_type = "mos2fet",
    PN_COMPACT_CLASS,
    .n_derived = N_ALL - N_PARAMS,
    .n_optional = 1,
    .grain = (const int[]){UT, -1},
    .derive = derive,
};
