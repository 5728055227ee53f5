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
  INV_S_OFF = N_PARAMS,
  INV_S_ON,
  X_OFF2,
  INV_X_ON2,
  INV_S_P,
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
  p[INV_S_OFF] = 1.0 / p[S_OFF];
  p[INV_S_ON] = 1.0 / p[S_ON];
  p[X_OFF2] = p[X_OFF] * p[X_OFF];
  p[INV_X_ON2] = 1.0 / (p[X_ON] * p[X_ON]);
  p[INV_S_P] = 1.0 / p[S_P];
}

/* Both branches are  k sinh(u) exp(E)  with u = v/s. This is the one in force, chosen by the sign of v before the
 * exponentials, so that each is evaluated once. */
typedef struct branch {
  double u[PN_LANES], u_v[PN_LANES]; /* |u|; d|u|/dv, 1/V */
  double e[PN_LANES], e_v[PN_LANES], e_x[PN_LANES];
  double half[PN_LANES]; /* 1/s, k/2 with the sign of v */
} branch;

/* The current, and E with its derivatives. */
PN_INLINE void conduct(const pn_mem_block *b, branch *o)
{
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l];
    double root = sqrt(fabs(v)), slope;
    double leak = p[LEAK_A][l] * pn_cap_exp(p[LEAK_B][l] * root, &slope);
    double dleak = p[LEAK_A][l] * slope * p[LEAK_B][l]; /* d leak / d root */
    double contrast = p[GM][l] - leak, g0 = leak + x * contrast;
    double i = v * g0;
    double i_v = g0 + (1.0 - x) * dleak * (0.5 * root); /* v d root/dv = root/2 */
    double i_x = v * contrast;
    b->i[l] = i;
    b->i_v[l] = i_v;
    b->i_x[l] = i_x;

    bool on = v > 0.0;
    double power = i * v;
    double xs = x > 1e-6 ? x : 1e-6, hot = 1.0 + p[BETA][l] * power;
    double inverse = 1.0 / (xs * hot), inv_x = inverse * hot, cool = inverse * xs;
    double off_x2 = p[X_OFF2][l] * inv_x * inv_x;
    double e_on = power * p[INV_S_P][l] - x * x * p[INV_X_ON2][l];
    double e_power = on ? p[INV_S_P][l] : -p[BETA][l] * cool * cool; /* dE / d power */
    double e_x = on ? -2.0 * x * p[INV_X_ON2][l] : 2.0 * off_x2 * inv_x;
    o->e[l] = on ? e_on : cool - off_x2;
    o->e_v[l] = e_power * (i + v * i_v);
    o->e_x[l] = e_power * (v * i_x) + e_x;
    double u_v = on ? p[INV_S_ON][l] : -p[INV_S_OFF][l];
    o->u[l] = v * u_v;
    o->u_v[l] = u_v;
    o->half[l] = on ? 0.5 * p[B][l] : -0.5 * p[A][l];
  }
}

/* Two loops rather than one: they are short enough for a processor to work on several vectors at a time
 * while each waits for its chain of dependent operations. With D = exp(E + |u|),
 * sinh|u| exp(E) = D (1 - exp(-2|u|)) / 2, without cancellation at small v. */
PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  branch o;
  conduct(b, &o);
  PN_FOR_LANES(l)
  {
    double slope, rest, part = pn_one_less_exp(2.0 * o.u[l], &rest);
    double d = o.half[l] * pn_lim_exp(o.e[l] + o.u[l], &slope);
    double g_e = o.half[l] * slope * part;
    b->g[l] = d * part;
    b->g_v[l] = g_e * (o.e_v[l] + o.u_v[l]) + 2.0 * d * rest * o.u_v[l];
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
