/* A memtransistor: a transistor whose threshold and contact barrier are moved by its own
 * drain-source voltage, at a rate that the gate controls. */
#include "devices/compact/channel.h"

enum {
  W,
  LEN,
  VT0,
  DV,
  SLOPE,
  MU,
  COX,
  RC,
  RC_MIN,
  G_LEAK,
  V_ON,
  V_OFF,
  K_ON,
  K_OFF,
  A_ON,
  A_OFF,
  S_GATE,
  W0,
  TEMP,
  DTEMP,
  N_PARAMS
};

enum { X = CH_OWN };

#define FET   "as mos2fet"
#define VTEAM "form: Kvatinsky et al., IEEE TCAS-II 62, 786 (2015); values ours"
#define WANG  "structure: Wang et al., IEEE TED 66, 4092 (2019); values ours"

static const pn_param params[] = {
    PN_OWN("w", "m", 1e-6, PN_POSITIVE, "Width of the channel."),
    PN_OWN("l", "m", 2e-6, PN_POSITIVE, "Length of the channel."),
    PN_NUM("vt0", "V", 1.0, PN_ANY, "Threshold at x = 1/2.", FET, "D"),
    PN_NUM("dv", "V", 4.0, PN_ANY, "Threshold at x = 0 less that at x = 1.", WANG, "D"),
    PN_NUM("n", "1", 2.0, PN_IN(1.0, 100.0), "Slope factor.", FET, "D"),
    PN_NUM("mu", "m^2/(V s)", 40e-4, PN_POSITIVE, "Mobility.", FET, "D"),
    PN_NUM("cox", "F/m^2", 3.32e-3, PN_POSITIVE, "Capacitance of the gate.", FET, "D"),
    PN_NUM("rc", "ohm m", 2e-2, PN_POSITIVE, "Contact resistance times width at x = 0.", WANG, "D"),
    PN_NUM("rc_min", "ohm m", 2e-3, PN_POSITIVE, "Contact resistance times width at x = 1.", FET,
           "D"),
    PN_NUM("g_leak", "S/m", 2e-7, PN_GE0, "Leakage per width.", FET, "D"),
    PN_NUM("v_on", "V", 2.0, PN_POSITIVE, "V_DS above which x rises.", VTEAM, "D"),
    PN_NUM("v_off", "V", -2.0, PN_NEGATIVE, "V_DS below which x falls.", VTEAM, "D"),
    PN_NUM("k_on", "1/s", 10.0, PN_POSITIVE, "Rate of rising at twice v_on.", VTEAM, "D"),
    PN_NUM("k_off", "1/s", 10.0, PN_POSITIVE, "Rate of falling at twice v_off.", VTEAM, "D"),
    PN_NUM("a_on", "1", 3.0, PN_IN(1.0, 50.0), "Exponent of rising.", VTEAM, "D"),
    PN_NUM("a_off", "1", 3.0, PN_IN(1.0, 50.0), "Exponent of falling.", VTEAM, "D"),
    PN_NUM("s_gate", "1/V", 0.2, PN_ANY, "The rates go as exp(s_gate V_GS).", WANG, "D"),
    PN_OWN("w0", "1", 0.5, PN_IN(0.0, 1.0), "State at the start."),
    PN_OWN_TEMPERATURE,
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_local locals[] = {PN_CHANNEL_LOCALS, {PN_L_INNER, "x", "1", 1e-6}};
static const uint8_t q_row[] = {0, 1, 0, 0, 1, 1, 0};
static const int p_init[] = {0, 0, 0, 0, 0, 0, W0};

/* VTEAM in V_DS, times exp(s_gate V_GS), stopped at 0 and 1. */
static pn_dual rate_of(const double *p, pn_dual vds, pn_dual vgs, pn_dual x)
{
  bool up = vds.v > 0.0;
  pn_dual over = pn_d_line(1.0 / (up ? p[V_ON] : p[V_OFF]), vds, -1.0);
  if (over.v <= 0.0)
    return pn_d_const(0.0);
  pn_dual rate = pn_d_scale(up ? p[K_ON] : -p[K_OFF], pn_d_pow(over, up ? p[A_ON] : p[A_OFF]));
  rate = pn_d_mul(rate, pn_d_exp(pn_d_scale(p[S_GATE], vgs)));
  return pn_d_mul(rate, pn_compact_stop(x, 0.0, 1.0, up));
}

static void model(const pn_compact_point *at, pn_dual *f, pn_dual *q)
{
  const double *p = at->p;
  const pn_dual *u = at->u;
  pn_channel c = {.w = p[W],
                  .l = p[LEN],
                  .cox = p[COX],
                  .mu = p[MU],
                  .n = p[SLOPE],
                  .v_sat = 3e4,
                  .beta = 1.0,
                  .g_leak = p[G_LEAK],
                  .ut = PN_K_B / PN_Q_E * at->temp};
  pn_dual vt = pn_d_line(-p[DV], u[X], p[VT0] + 0.5 * p[DV]);
  /* the barrier: its resistance goes exponentially from rc to rc_min */
  pn_dual g_c = pn_d_scale(p[W] / p[RC], pn_d_exp(pn_d_scale(log(p[RC] / p[RC_MIN]), u[X])));
  q[CH_G] = pn_channel_put(&c, vt, u[CH_G], g_c, u, f, q);
  pn_dual rate = rate_of(p, pn_d_sub(u[CH_D], u[CH_S]), pn_d_sub(u[CH_G], u[CH_S]), u[X]);
  f[X] = pn_compact_state(at, u[X], p[W0], rate);
}

static const pn_compact compact = {
    .model = model,
    .equations =
        "V_T = vt0 - dv (x - 1/2); contact resistance rc (rc_min/rc)^x / w, each of the two\n"
        "channel: as mos2fet, without dibl and lambda\n"
        "V_DS > v_on:  dx/dt =  k_on  (V_DS/v_on  - 1)^a_on  exp(s_gate V_GS)\n"
        "V_DS < v_off: dx/dt = -k_off (V_DS/v_off - 1)^a_off exp(s_gate V_GS)\n"
        "otherwise:    dx/dt = 0;  0 <= x <= 1\n",
    .citation =
        "Structure: L. Wang et al., IEEE Trans. Electron Devices 66, 4092, 2019; rate: VTEAM",
    .notes = "A phenomenological stand-in: the numbers are ours, not of a published device. The "
             "rate falls to 0 over "
             "the last thousandth of the range before a bound. The saturation velocity is 3e4 m/s.",
    .v_max = 5.0,
    .picture = {.title = "Drain current while the drain goes around, at a gate of 2 V",
                .netlist =
                    "Loop\nvd d 0 sin(0 4 1)\nvg g 0 2\nn1 d g 0 cell\n.model cell memtransistor\n"
                    ".tran 2m 3\n.save v(d) @n1[id]\n.end\n",
                .x = {"V_DS", "V"},
                .y = {"I_D", "A"}},
};

const pn_device_class pn_class_memtransistor = {
    .name = "memtransistor",
    .title = "Memtransistor: a channel with a threshold that remembers",
    .model_type = "memtransistor",
    PN_COMPACT_CLASS,
    .n_optional = 1,
    .p_init = p_init,
};
