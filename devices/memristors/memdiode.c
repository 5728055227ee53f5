/* The dynamic memdiode of Miranda and Sune: two opposite diodes behind a series resistance, all
 * three set by a memory state. The current is implicit; Halley's steps from its logarithmic bound
 * solve it, and derivatives follow from the implicit function theorem. */
#include "devices/memristors/model.h"

enum {
  T0S,
  V0S,
  T0R,
  V0R,
  BETA,
  IMIN,
  IMAX,
  AMIN,
  AMAX,
  RSMIN,
  RSMAX,
  H0,
  HMIN,
  HMAX,
  N_PARAMS,
  INV_V0S = N_PARAMS,
  INV_V0R,
  N_ALL
};

#define CODE "oliviakuk/AI_semiconductor"

static const pn_param params[] = {
    PN_NUM("t0s", "s", 1.796e6, PN_POSITIVE, "Time of setting at 0 V.", CODE, "S2+"),
    PN_NUM("v0s", "V", 0.0899, PN_POSITIVE, "Voltage scale of setting.", CODE, "S2+"),
    PN_NUM("t0r", "s", 132.0, PN_POSITIVE, "Time of resetting at 0 V.", CODE, "S2+"),
    PN_NUM("v0r", "V", 0.1905, PN_POSITIVE, "Voltage scale of resetting.", CODE, "S2+"),
    PN_NUM("beta", "1", 0.308, PN_IN(0.01, 0.99), "Share of the positive diode's slope.", CODE,
           "S2+"),
    PN_NUM("imin", "A", 1.8e-6, PN_POSITIVE, "Diode current with h = 0.", CODE, "S2+"),
    PN_NUM("imax", "A", 1.23e-3, PN_POSITIVE, "Diode current with h = 1.", CODE, "S2+"),
    PN_NUM("amin", "1/V", 3.0, PN_POSITIVE, "Slope with h = 0.", CODE, "S2+"),
    PN_NUM("amax", "1/V", 3.8, PN_POSITIVE, "Slope with h = 1.", CODE, "S2+"),
    PN_NUM("rsmin", "ohm", 117.0, PN_GE0, "Series resistance with h = 0.", CODE, "S2+"),
    PN_NUM("rsmax", "ohm", 256.0, PN_GE0, "Series resistance with h = 1.", CODE, "S2+"),
    PN_OWN("h0", "1", 0.0, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("hmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("hmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

#define OTHERS "other implementations of the model"
/* tau_s = exp(-15 (v - 0.8)) = exp(12) exp(-v/(1/15)), tau_r = exp(4 (v + 1.3)) = exp(5.2) exp(v/0.25) */
#define TIMES                                                                                      \
  {T0S, 162754.79141900392}, {V0S, 1.0 / 15.0}, {T0R, 181.27224187515122},                         \
  {                                                                                                \
    V0R, 0.25                                                                                      \
  }
static const pn_mem_set sets[] = {
    PN_SET("exponential",
           "Times written as exp(-15 (v - 0.8)) and exp(4 (v + 1.3)); beta and rs are not given.",
           OTHERS, "X", TIMES, {IMIN, 2e-6}, {IMAX, 2e-4}, {AMIN, 6.19}, {AMAX, 5.22}),
    PN_SET("exponential_low", "The same with the tenfold smaller imax of a port to Python.", OTHERS,
           "X", TIMES, {IMIN, 2e-6}, {IMAX, 2e-5}, {AMIN, 6.19}, {AMAX, 5.22}),
};

static const pn_mem_state states[] = {
    {"h", "1", "state of the conducting channel", H0, HMIN, HMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[INV_V0S] = 1.0 / p[V0S];
  p[INV_V0R] = 1.0 / p[V0R];
}

/* Diode current at inner voltage u = v - i rs, and its derivatives: slope, and curve at the second order. */
PN_INLINE double diode(double i0, double a, double beta, double u, double *slope, double *curve)
{
  double up_slope, down_slope, fore = beta * a, back = (1.0 - beta) * a;
  double up = pn_lim_expm1(fore * u, &up_slope);
  double down = pn_lim_expm1(-back * u, &down_slope);
  *slope = i0 * (fore * up_slope + back * down_slope);
  *curve = i0 * (fore * fore * up_slope - back * back * down_slope);
  return i0 * (up - down);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  enum { STEPS = 5 }; /* of Halley's method: they leave 1e-13 up to 300 V, four 1e-11 */
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], h = b->x[l], beta = p[BETA][l];
    double i0_h = p[IMAX][l] - p[IMIN][l], a_h = p[AMAX][l] - p[AMIN][l];
    double rs_h = p[RSMAX][l] - p[RSMIN][l];
    double i0 = p[IMIN][l] + h * i0_h, a = p[AMIN][l] + h * a_h, rs = p[RSMIN][l] + h * rs_h;

    /* |u| is at most |v| and at most where the forward diode alone would drop v across rs */
    double s = v > 0.0 ? 1.0 : -1.0, forward = a * (v > 0.0 ? beta : 1.0 - beta);
    double bound = pn_log(2.0 + s * v / (rs * i0 + 1e-30)) / forward;
    double u = s * (s * v < bound ? s * v : bound), i_u, i_uu;
#pragma GCC unroll 8 /* so that the loop over lanes is vectorised */
    for (int step = 0; step < STEPS; step++) {
      double i = diode(i0, a, beta, u, &i_u, &i_uu);
      double f = u + rs * i - v, f_u = 1.0 + rs * i_u;
      u -= f * f_u / (f_u * f_u - 0.5 * f * rs * i_uu);
    }
    double i = diode(i0, a, beta, u, &i_u, &i_uu), up_slope, down_slope;
    pn_lim_exp(beta * a * u, &up_slope);
    pn_lim_exp(-(1.0 - beta) * a * u, &down_slope);
    double i_a = i0 * u * (beta * up_slope + (1.0 - beta) * down_slope);
    /* i = I(u, h), u = v - rs(h) i */
    double part = 1.0 / (1.0 + rs * i_u);
    b->i[l] = i;
    b->i_v[l] = i_u * part;
    b->i_x[l] = (i / i0 * i0_h + i_a * a_h - i_u * rs_h * i) * part;

    double set_slope, reset_slope;
    double set = pn_lim_exp(v * p[INV_V0S][l], &set_slope) / p[T0S][l];
    double reset = pn_lim_exp(-v * p[INV_V0R][l], &reset_slope) / p[T0R][l];
    b->g[l] = (1.0 - h) * set - h * reset;
    b->g_v[l] = (1.0 - h) * set_slope / p[T0S][l] * p[INV_V0S][l] +
                h * reset_slope / p[T0R][l] * p[INV_V0R][l];
    b->g_x[l] = -set - reset;
  }
}

const pn_memristor pn_memristor_memdiode = {
    .name = "memdiode",
    .title = "Dynamic memdiode (Miranda, Sune)",
    .equations = "i0 = imin + (imax - imin) h, a = amin + (amax - amin) h, "
                 "rs = rsmin + (rsmax - rsmin) h\n"
                 "i = i0 (exp(beta a (v - i rs)) - exp(-(1 - beta) a (v - i rs)))\n"
                 "dh/dt = (1 - h) exp(v/v0s)/t0s - h exp(-v/v0r)/t0r\n",
    .citation =
        "F. L. Aguirre, J. Sune, E. Miranda, SPICE Implementation of the Dynamic Memdiode Model "
        "for Bipolar Resistive Switching Devices, Micromachines 13(2), 330, 2022, "
        "doi:10.3390/mi13020330",
    .notes =
        "Setting and resetting act at every voltage, also at 0 V, on the time scales t0s and t0r.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 3.0,
    .derive = derive,
    .eval = eval,
};
