/* An electrochemical memory transistor: the gate's current moves ions into the channel and
 * changes its conductance, which leaks back slowly. */
#include "devices/compact.h"
#include "devices/memristors/model.h"

enum {
  G0,
  G_MIN,
  G_MAX,
  KAPPA,
  GAMMA_UP,
  GAMMA_DOWN,
  R_ION,
  C_GATE,
  V_OC,
  TAU,
  TEMP,
  DTEMP,
  N_PARAMS
};

enum { D, G, S, X };

#define AIHWKIT "aihwkit preset EcRam (Tang et al., IEDM 2018)"
#define SCALE   "of the order of published Li-ion cells"

static const pn_param params[] = {
    PN_OWN("g0", "S", 50e-6, PN_POSITIVE, "Conductance of the channel at the start."),
    PN_NUM("g_min", "S", 10e-6, PN_POSITIVE, "Least conductance.", SCALE, "M"),
    PN_NUM("g_max", "S", 110e-6, PN_POSITIVE, "Largest conductance.", SCALE, "M"),
    PN_NUM("kappa", "S/C", 2000.0, PN_POSITIVE, "Conductance per charge through the gate.", SCALE,
           "M"),
    PN_NUM("gamma_up", "1", 0.1153, PN_IN(0.0, 1.0), "How much smaller steps up are at g_max.",
           AIHWKIT, "S1"),
    PN_NUM("gamma_down", "1", 0.5085, PN_IN(0.0, 1.0), "How much smaller steps down are at g_min.",
           AIHWKIT, "S1"),
    PN_NUM("r_ion", "ohm", 1e8, PN_POSITIVE, "Resistance of the electrolyte.", SCALE, "M"),
    PN_NUM("c_gate", "F", 1e-12, PN_GE0, "Capacitance of the gate stack.", SCALE, "M"),
    PN_NUM("v_oc", "V", 0.2, PN_GE0, "Open-circuit potential over the whole range of conductance.",
           SCALE, "M"),
    PN_NUM("tau", "s", 1e5, PN_POSITIVE, "Time constant of the return to the middle of the range.",
           SCALE, "M"),
    PN_OWN_TEMPERATURE,
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_local locals[] = {
    {PN_L_TERM, "d", "V", 0.0},
    {PN_L_TERM, "g", "V", 0.0},
    {PN_L_TERM, "s", "V", 0.0},
    {PN_L_INNER, "gc", "S", 1e-10},
};
static const uint8_t q_row[] = {1, 1, 1, 0};
static const int p_init[] = {0, 0, 0, G0};

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c;
  if (p[G_MIN] < p[G_MAX] && p[G0] >= p[G_MIN] && p[G0] <= p[G_MAX])
    return NULL;
  return pn_arena_printf(a, "g0=%g of ecram must lie between g_min=%g and g_max=%g", p[G0],
                         p[G_MIN], p[G_MAX]);
}

static void model(const pn_compact_point *at, pn_dual *f, pn_dual *q)
{
  const double *p = at->p;
  const pn_dual *u = at->u;
  double span = p[G_MAX] - p[G_MIN], mid = 0.5 * (p[G_MAX] + p[G_MIN]);
  pn_dual middle = pn_d_scale(0.5, pn_d_add(u[D], u[S])), over = pn_d_sub(u[G], middle);
  pn_dual oc = pn_d_line(p[V_OC] / span, u[X], -p[V_OC] * mid / span);
  pn_dual ig = pn_d_scale(1.0 / p[R_ION], pn_d_sub(over, oc));
  bool up = ig.v > 0.0;
  pn_dual part = pn_d_line(1.0 / span, u[X], -p[G_MIN] / span); /* 0 at g_min, 1 at g_max */
  pn_dual step = up ? pn_d_line(-p[GAMMA_UP], part, 1.0)
                    : pn_d_line(p[GAMMA_DOWN], part, 1.0 - p[GAMMA_DOWN]);
  pn_dual rate = pn_d_scale(p[KAPPA], pn_d_mul(ig, step));
  rate = pn_d_sub(rate, pn_d_line(1.0 / p[TAU], u[X], -mid / p[TAU]));
  rate = pn_d_mul(rate, pn_compact_stop(u[X], p[G_MIN], p[G_MAX], rate.v > 0.0));
  pn_dual i = pn_d_mul(u[X], pn_d_sub(u[D], u[S])), charge = pn_d_scale(p[C_GATE], over);
  f[D] = pn_d_sum(1.0, i, -0.5, ig);
  f[S] = pn_d_sum(-1.0, i, -0.5, ig);
  f[G] = ig;
  q[G] = charge;
  q[D] = q[S] = pn_d_scale(-0.5, charge);
  f[X] = pn_compact_state(at, u[X], p[G0], rate);
}

static const pn_compact compact = {
    .model = model,
    .equations = "i_D = gc (V_D - V_S) - i_g/2,  V_e = V_G - (V_D + V_S)/2\n"
                 "i_g = (V_e - v_oc (gc - g_mid)/(g_max - g_min))/r_ion,  q_g = c_gate V_e\n"
                 "dgc/dt = kappa i_g s(gc) - (gc - g_mid)/tau,  g_mid = (g_max + g_min)/2\n"
                 "y = (gc - g_min)/(g_max - g_min);  s = 1 - gamma_up y for i_g > 0, "
                 "1 - gamma_down (1 - y) for i_g < 0\n",
    .citation = "Asymmetry of the steps: aihwkit preset EcRam, after J. Tang et al., IEDM, 2018",
    .notes = "The continuous form dG/dt = kappa i_g is reconstructed; sizes are typical, not of "
             "one device. The rate "
             "falls to 0 over the last thousandth of the range before a bound.",
    .v_max = 4.0,
    .picture = {.title = "Channel conductance under 20 gate pulses of 2 V, 20 of -2 V, and at rest",
                .netlist = "Pulses\nvd d 0 0.1\nvp p 0 pulse(0 2 1m 10u 10u 2m 5m)\n"
                           "bg g 0 v={v(p)*(time<0.1 ? 1 : time<0.2 ? -1 : 0)}\n"
                           "n1 d g 0 cell\n.model cell ecram\n"
                           ".tran 0.2m 300m\n.save time @n1[gc]\n.end\n",
                .x = {"Time", "s"},
                .y = {"gc", "S"}},
};

const pn_device_class pn_class_ecram = {
    .name = "ecram",
    .title = "Electrochemical random-access memory (ECRAM) cell",
    .model_type = "ecram",
    PN_COMPACT_CLASS,
    .p_init = p_init,
    .check = check,
};
