/* HP TaOx: the non-volatile tantalum oxide memristor of Strachan et al. with the paper's own hard
 * step between its ON and OFF branches (s_off is 13 mV, so any smooth step wider than a fraction
 * of that lets the OFF branch act at positive voltage). */
#include "devices/memristors/model.h"

enum {
  A,
  B,
  S_OFF,
  S_ON,
  X_OFF,
  X_ON,
  BETA,
  S_P,
  GM,
  LEAK_A,
  LEAK_B,
  X0,
  XMIN,
  XMAX,
  N_PARAMS,
  U_OFF = N_PARAMS, /* d|u|/dv, 1/V: -1/s_off, 1/s_on */
  U_ON,
  X_OFF2,
  INV_X_ON2,
  INV_S_P,
  MINUS_BETA,
  HALF_OFF, /* 1/s, half the rate with the sign of its direction: -a/2, b/2 */
  HALF_ON,
  N_ALL
};

#define PAPER "Strachan et al., IEEE TED 60, 2194 (2013)"

static const pn_param params[] = {
    PN_NUM("a", "1/s", 1e-10, PN_GE0, "Rate of OFF switching.", PAPER, "S2+"),
    PN_NUM("b", "1/s", 1e-4, PN_GE0, "Rate of ON switching.", PAPER, "S2+"),
    PN_NUM("s_off", "V", 0.013, PN_POSITIVE, "Voltage scale of OFF switching.", PAPER, "S2+"),
    PN_NUM("s_on", "V", 0.45, PN_POSITIVE, "Voltage scale of ON switching.", PAPER, "S2+"),
    PN_NUM("x_off", "1", 0.4, PN_GE0, "State scale of OFF switching.", PAPER, "S2+"),
    PN_NUM("x_on", "1", 0.06, PN_POSITIVE, "State scale of ON switching.", PAPER, "S2+"),
    PN_NUM("beta", "1/W", 500.0, PN_GE0, "Power dependence of OFF switching.", PAPER, "S2+"),
    PN_NUM("s_p", "W", 4e-5, PN_POSITIVE, "Power scale of ON switching.", PAPER, "S2+"),
    PN_NUM("gm", "S", 0.025, PN_GE0, "Conductance of the full metallic channel.", PAPER, "S2+"),
    PN_NUM("leak_a", "S", 7.2e-6, PN_GE0, "Leakage conductance at 0 V (the paper's a).",
           PAPER "; LTspice libraries have 2.3e-6 and 3.5e-6", "X"),
    PN_NUM("leak_b", "V^-1/2", 4.7, PN_GE0, "Field dependence of the leakage (the paper's b).",
           PAPER "; LTspice libraries have 1.6 and 3.1", "X"),
    PN_OWN("x0", "1", 0.1, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 1e-3, PN_IN(0.0, 1.0),
           "Lower bound of the state, where OFF switching has long stopped."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state: the whole area conducts."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

#define LTSPICE "mladenovvaleri/Advanced-Memristor-Modeling-in-LTSpise"
static const pn_mem_set sets[] = {
    PN_SET("strachan", "Leakage of the paper (the defaults).", PAPER, "X", {LEAK_A, 7.2e-6},
           {LEAK_B, 4.7}),
    PN_SET("k8", "Leakage of the LTspice library's model K8.", LTSPICE, "X", {LEAK_A, 2.3e-6},
           {LEAK_B, 1.6}),
    PN_SET("k9", "Leakage of the LTspice library's model K9.", LTSPICE, "X", {LEAK_A, 3.5e-6},
           {LEAK_B, 3.1}),
};

static const pn_mem_state states[] = {
    {"x", "1", "fraction of the area that conducts", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[U_OFF] = -1.0 / p[S_OFF];
  p[U_ON] = 1.0 / p[S_ON];
  p[X_OFF2] = p[X_OFF] * p[X_OFF];
  p[INV_X_ON2] = 1.0 / (p[X_ON] * p[X_ON]);
  p[INV_S_P] = 1.0 / p[S_P];
  p[MINUS_BETA] = -p[BETA];
  p[HALF_OFF] = -0.5 * p[A];
  p[HALF_ON] = 0.5 * p[B];
}

/* Both branches are  k sinh(u) exp(E)  with u = v/s, and the one in force, which the sign of v chooses, is evaluated alone.
 * With D = exp(E + |u|),  sinh|u| exp(E) = D (1 - exp(-2|u|)) / 2, without cancellation at small v. Three short loops
 * rather than one: the chain from the leakage through the power to the rate is long, and a processor works on the next
 * vectors while one waits. */
typedef struct branch {
  double leak[PN_LANES], leak_v[PN_LANES]; /* S; v times its derivative, S */
  double u[PN_LANES];                      /* |u| */
  double part[PN_LANES], rest[PN_LANES];   /* 1 - exp(-2|u|), exp(-2|u|) */
  double e[PN_LANES], e_v[PN_LANES], e_x[PN_LANES];
} branch;

/* What depends on the voltage alone. */
PN_INLINE void of_voltage(const pn_mem_block *b, branch *o)
{
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], field = p[LEAK_B][l] * sqrt(fabs(v)), slope;
    o->leak[l] = p[LEAK_A][l] * pn_cap_exp(field, &slope);
    o->leak_v[l] = 0.5 * p[LEAK_A][l] * slope * field; /* v d field/dv = field/2 */
    double u_on = v * p[U_ON][l], u_off = v * p[U_OFF][l], u = u_on > u_off ? u_on : u_off;
    o->u[l] = u;
    o->part[l] = pn_one_less_exp(2.0 * u, &o->rest[l]);
  }
}

/* The current, and E with its derivatives. */
PN_INLINE void of_power(const pn_mem_block *b, branch *o)
{
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], leak = o->leak[l];
    double g0 = x * p[GM][l] + (1.0 - x) * leak;
    double i = v * g0;
    double i_v = g0 + (1.0 - x) * o->leak_v[l];
    double i_x = v * (p[GM][l] - leak);
    b->i[l] = i;
    b->i_v[l] = i_v;
    b->i_x[l] = i_x;

    bool on = v > 0.0;
    double power = i * v, inv_s_p = p[INV_S_P][l];
    double cool = 1.0 / (1.0 - p[MINUS_BETA][l] * power), inv_x = 1.0 / (x > 1e-6 ? x : 1e-6);
    double x_on = x * p[INV_X_ON2][l], x_off = p[X_OFF2][l] * inv_x * inv_x;
    double e_on = power * inv_s_p - x * x_on, e_off = cool - x_off;
    double p_off = p[MINUS_BETA][l] * cool * cool;
    double e_power = on ? inv_s_p : p_off;      /* dE / d power */
    double half_x = on ? -x_on : x_off * inv_x; /* half of dE/dx at constant power */
    o->e[l] = on ? e_on : e_off;
    o->e_v[l] = e_power * (i + v * i_v);
    o->e_x[l] = e_power * (v * i_x) + 2.0 * half_x;
  }
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  branch o;
  of_voltage(b, &o);
  of_power(b, &o);
  PN_FOR_LANES(l)
  {
    double half_on = p[HALF_ON][l], half_off = p[HALF_OFF][l], u_on = p[U_ON][l],
           u_off = p[U_OFF][l];
    bool on = b->v[l] > 0.0;
    double half = on ? half_on : half_off, u_v = on ? u_on : u_off;
    double slope, d = half * pn_lim_exp(o.e[l] + o.u[l], &slope);
    double g_e = half * slope * o.part[l];
    b->g[l] = d * o.part[l];
    b->g_v[l] = g_e * o.e_v[l] + (g_e + 2.0 * (d * o.rest[l])) * u_v;
    b->g_x[l] = g_e * o.e_x[l];
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_taox = {
    .name = "taox",
    .title = "HP TaOx non-volatile memristor (Strachan)",
    .equations = "i = v ( x gm + (1 - x) leak_a exp(leak_b sqrt|v|) )\n"
                 "v > 0: dx/dt = b sinh(v/s_on)  exp(-(x/x_on)^2)  exp(i v/s_p)\n"
                 "v < 0: dx/dt = a sinh(v/s_off) exp(-(x_off/x)^2) exp(1/(1 + beta i v))\n",
    .citation =
        "J. P. Strachan, A. C. Torrezan, F. Miao, M. D. Pickett, J. J. Yang, W. Yi, "
        "G. Medeiros-Ribeiro, R. S. Williams, State Dynamics and Modeling of Tantalum Oxide "
        "Memristors, IEEE Trans. Electron Devices 60(7), 2194-2202, 2013, "
        "doi:10.1109/TED.2013.2264476",
    .notes =
        "The equations have no upper window: above about 0.73 V x runs to xmax, which stops it. "
        "The leakage pair leak_a, leak_b differs between published implementations, which are "
        "sets.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 2.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
