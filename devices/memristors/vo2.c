/* The thermal VO2 neuristor: a resistance that falls at the insulator-metal transition, with the
 * minor loops of de Almeida's hysteresis model. Each reversal of the temperature, seen at accepted
 * steps, starts a new branch through the point where it happened. */
#include "devices/memristors/model.h"

enum {
  R0,
  EA,
  RM,
  WIDTH,
  TC,
  BETA,
  GAMMA,
  C_TH,
  S_TH,
  T_AMB,
  T_LOW,
  T_HIGH,
  T0,
  TMIN,
  TMAX,
  N_PARAMS,
  INV_C = N_PARAMS,
  AMBIENT,
  N_ALL
};
enum { DELTA, T_R, T_PR, T_LAST, N_HIST }; /* direction, reversal temperature, proximity, last T */

#define PAPER "Zhang et al., collective_dynamics_neuristor; gabebere, single-neuristor"

static const pn_param params[] = {
    PN_NUM("r0", "ohm", 5.3588e-3, PN_POSITIVE, "Prefactor of the insulator's resistance.", PAPER,
           "S2+"),
    PN_NUM("ea", "K", 5220.5, PN_GE0, "Activation energy over k.", PAPER, "S2+"),
    PN_NUM("rm", "ohm", 1286.3288, PN_POSITIVE, "Resistance of the metal (262.5 times 4.9003).",
           PAPER, "S2+"),
    PN_NUM("width", "K", 7.1936, PN_GE0, "Width of the major loop.", PAPER, "S2+"),
    PN_NUM("tc", "K", 332.806, PN_POSITIVE, "Centre of the transition.", PAPER, "S2+"),
    PN_NUM("beta", "1/K", 0.25280, PN_POSITIVE, "Steepness of the transition.", PAPER, "S2+"),
    PN_NUM("gamma", "1", 0.95627, PN_GE0, "Shape of the minor loops.", PAPER, "S2+"),
    PN_NUM("c_th", "J/K", 4.9628e-11, PN_POSITIVE, "Heat capacity (49.628 mW ns/K).", PAPER, "S2+"),
    PN_NUM("s_th", "W/K", 0.20559e-3, PN_POSITIVE, "Thermal conductance to the ambient.", PAPER,
           "S2+"),
    PN_NUM("t_amb", "K", 325.0, PN_GE0, "Ambient temperature; 0: the circuit's.", PAPER, "S1"),
    PN_NUM("t_low", "K", 305.0, PN_POSITIVE, "Below, the resistance stays as it is there.", PAPER,
           "S2+"),
    PN_NUM("t_high", "K", 370.0, PN_POSITIVE, "Above, the resistance stays as it is there.", PAPER,
           "S2+"),
    PN_OWN("t0", "K", 325.0, PN_POSITIVE, "Initial temperature."),
    PN_OWN("tmin", "K", 200.0, PN_POSITIVE, "Lower bound of the temperature."),
    PN_OWN("tmax", "K", 1000.0, PN_POSITIVE, "Upper bound of the temperature."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"t", "K", "temperature of the film", T0, TMIN, TMAX, 65.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  p[AMBIENT] = p[T_AMB] > 0.0 ? p[T_AMB] : temp;
  p[INV_C] = 1.0 / p[C_TH];
}

/* The temperature that the resistance sees. */
PN_INLINE double within(double t, double low, double high)
{
  return t < low ? low : t > high ? high : t;
}

/* P(y) = (1 - sin(gamma y)) (1 + tanh(pi^2 - 2 pi y)) / 2: 1 at the reversal, 0 far from it. */
static double proximity(double gamma, double y)
{
  return 0.5 * (1.0 - sin(gamma * y)) * (1.0 + tanh(M_PI * M_PI - 2.0 * M_PI * y));
}

/* Share of insulator on the branch that h describes. */
static double insulator(const double *p, const double *h, double t)
{
  double y = h[T_PR] != 0.0 ? (t - h[T_R]) / h[T_PR] : 0.0;
  double shifted = t + h[T_PR] * proximity(p[GAMMA], y);
  return 0.5 + 0.5 * tanh(p[BETA] * (0.5 * h[DELTA] * p[WIDTH] + p[TC] - shifted));
}

static void init_hist(const pn_memristor *m, const double *p, double *h)
{
  (void)m;
  h[DELTA] = 1.0;
  h[T_R] = h[T_LAST] = within(p[T0], p[T_LOW], p[T_HIGH]);
  h[T_PR] = 0.0;
}

/* The new branch passes through the old one's point: T_pr solves g(T_r) = g_old with P(0) = 1 (to 1e-8). */
static bool accept(const pn_memristor *m, double time, const double *p, double v, const double *x,
                   double *h)
{
  (void)m;
  (void)time;
  (void)v;
  double t = within(x[0], p[T_LOW], p[T_HIGH]), direction = t > h[T_LAST]   ? 1.0
                                                            : t < h[T_LAST] ? -1.0
                                                                            : h[DELTA];
  bool reversed = direction != h[DELTA];
  if (reversed) {
    double at = h[T_LAST], g = insulator(p, h, at), limit = 1.0 - 1e-15;
    double share = fmin(fmax(2.0 * g - 1.0, -limit), limit);
    double t_pr = 0.5 * direction * p[WIDTH] + p[TC] - atanh(share) / p[BETA] - at;
    h[DELTA] = direction;
    h[T_R] = at;
    h[T_PR] = t_pr / proximity(p[GAMMA], 0.0);
  }
  h[T_LAST] = t;
  return reversed;
}

PN_INLINE double tanh_of(double z, double *slope)
{
  double half, y = pn_logistic(2.0 * z, &half);
  *slope = 4.0 * half;
  return 2.0 * y - 1.0;
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *h = (const void *)b->h;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], t = within(x, p[T_LOW][l], p[T_HIGH][l]), t_pr = h[T_PR][l];
    double inv_pr = t_pr != 0.0 ? 1.0 / t_pr : 0.0, y = (t - h[T_R][l]) * inv_pr;
    /* beyond |y| = 8 the step is 0 or the branch unphysical: sin and cos are cut off there */
    double cut = y < -8.0 ? -8.0 : y > 8.0 ? 8.0 : y, cos_y;
    double wave = 1.0 - pn_sincos(p[GAMMA][l] * cut, &cos_y), wave_y = -p[GAMMA][l] * cos_y;
    wave_y = cut == y ? wave_y : 0.0;
    double step_slope, step = 1.0 + tanh_of(M_PI * M_PI - 2.0 * M_PI * y, &step_slope);
    double near = 0.5 * wave * step;
    double near_t = 0.5 * (wave_y * step - wave * 2.0 * M_PI * step_slope) * inv_pr;

    double z = p[BETA][l] * (0.5 * h[DELTA][l] * p[WIDTH][l] + p[TC][l] - t - t_pr * near), z_slope;
    double share = 0.5 + 0.5 * tanh_of(z, &z_slope);
    double share_t = -0.5 * z_slope * p[BETA][l] * (1.0 + t_pr * near_t);
    double e_slope, cold = p[R0][l] * pn_lim_exp(p[EA][l] / t, &e_slope);
    double cold_t = -p[R0][l] * e_slope * p[EA][l] / (t * t);
    double g = 1.0 / (cold * share + p[RM][l]), g_t = -g * g * (cold_t * share + cold * share_t);
    g_t = t == x ? g_t : 0.0;

    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = v * g_t;
    b->g[l] = (v * v * g - p[S_TH][l] * (x - p[AMBIENT][l])) * p[INV_C][l];
    b->g_v[l] = 2.0 * v * g * p[INV_C][l];
    b->g_x[l] = (v * v * g_t - p[S_TH][l]) * p[INV_C][l];
  }
}

const pn_memristor pn_memristor_vo2 = {
    .name = "vo2",
    .title = "Thermal VO2 neuristor with hysteresis",
    .equations =
        "T = t, at least t_low and at most t_high\n"
        "i = v / (r0 exp(ea/T) F + rm)\n"
        "F = 1/2 + 1/2 tanh(beta (delta width/2 + tc - T - T_pr P((T - T_r)/T_pr)))\n"
        "P(y) = 1/2 (1 - sin(gamma y)) (1 + tanh(pi^2 - 2 pi y))\n"
        "delta = sign of dT/dt; at each reversal T_r = T and T_pr such that F is continuous\n"
        "c_th dt/dt = v i - s_th (t - t_amb)\n",
    .citation =
        "Y.-H. Zhang, C. Sipling, E. Qiu, I. K. Schuller, M. Di Ventra, Collective dynamics and "
        "long-range order in thermal neuristor networks, Nat. Commun. 15, 6986, 2024; "
        "L. A. L. de Almeida et al., Modeling of the hysteretic metal-insulator transition in a "
        "vanadium dioxide infrared detector, Opt. Eng. 41, 2582, 2002",
    .notes = "The neuristor circuit adds 145.35 pF in parallel, behind 12 kohm. Reversals are "
             "recognised at "
             "accepted time "
             "steps. The operating point lies on the heating branch.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 12.0,
    .n_hist = N_HIST,
    .derive = derive,
    .eval = eval,
    .init_hist = init_hist,
    .accept = accept,
};
