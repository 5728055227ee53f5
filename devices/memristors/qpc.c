/* A filament down to atoms: conductance in steps of 2e^2/h, with barriers where the last channel
 * is not open (Miranda and Sune), and a width that a threshold law moves. */
#include "devices/memristors/model.h"

enum {
  ALPHA,
  PHI_GAP,
  STEEP,
  V_SET,
  V_RESET,
  K_SET,
  K_RESET,
  A_SET,
  A_RESET,
  W0,
  W_MAX,
  W_MIN,
  N_PARAMS
};

#define MIRANDA "form: E. Miranda, J. Sune, IRPS (2001); values ours"
#define VTEAM   "form: Kvatinsky et al., IEEE TCAS-II 62, 786 (2015); values ours"
#define G_0     7.748091729e-5 /* S, 2e^2/h (SI 2019, exact) */

static const pn_param params[] = {
    PN_NUM("alpha", "1/V", 10.0, PN_POSITIVE, "Curvature of the barrier of the closed filament.",
           MIRANDA, "D"),
    PN_NUM("phi", "V", 0.5, PN_POSITIVE, "Height of that barrier.", MIRANDA, "D"),
    PN_NUM("steep", "1", 20.0, PN_IN(4.0, 100.0), "Sharpness of the steps between whole channels.",
           MIRANDA, "D"),
    PN_NUM("v_set", "V", 0.2, PN_POSITIVE, "Voltage above which the filament widens.", VTEAM, "D"),
    PN_NUM("v_reset", "V", -0.15, PN_NEGATIVE, "Voltage below which it thins.", VTEAM, "D"),
    PN_NUM("k_set", "1/s", 1e3, PN_POSITIVE, "Rate of widening at twice v_set.", VTEAM, "D"),
    PN_NUM("k_reset", "1/s", 1e3, PN_POSITIVE, "Rate of thinning at twice v_reset.", VTEAM, "D"),
    PN_NUM("a_set", "1", 2.0, PN_IN(1.0, 50.0), "Exponent of widening.", VTEAM, "D"),
    PN_NUM("a_reset", "1", 2.0, PN_IN(1.0, 50.0), "Exponent of thinning.", VTEAM, "D"),
    PN_OWN("w0", "1", 0.2, PN_IN(0.0, 100.0), "Width at the start, in channels."),
    PN_OWN("w_max", "1", 8.0, PN_IN(1.0, 100.0),
           "Largest width, in channels; at most 32 are resolved."),
    PN_OWN("w_min", "1", 0.0, PN_IN(0.0, 1.0), "Least width."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"w", "1", "width of the constriction, in channels", W0, W_MIN, W_MAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], steep = p[STEEP][l], slope, s0, s1, up, down;
    /* Open channels: a staircase with smooth steps at 1/2, 3/2, ...; 0 at w = 0 */
    double whole = floor(x), y = pn_logistic(steep * (x - whole - 0.5), &slope);
    double low = pn_logistic(-0.5 * steep, &s0), span = pn_logistic(0.5 * steep, &s1) - low;
    double n = whole + (y - low) / span, n_x = slope * steep / span;
    /* Tunnelling through the closed filament, in parallel: odd in v (beta = 1/2) */
    double a = p[ALPHA][l];
    double e_up = pn_lim_exp(a * (p[PHI_GAP][l] - 0.5 * v), &up);
    double e_down = pn_lim_exp(a * (p[PHI_GAP][l] + 0.5 * v), &down);
    double tunnel = v + (pn_log(1.0 + e_up) - pn_log(1.0 + e_down)) / a;
    double tunnel_v = 1.0 - 0.5 * (up / (1.0 + e_up) + down / (1.0 + e_down));
    tunnel = fabs(v) < 1e-7 ? tunnel_v * v : tunnel; /* no cancellation near 0 */
    b->i[l] = G_0 * (n * v + tunnel);
    b->i_v[l] = G_0 * (n + tunnel_v);
    b->i_x[l] = G_0 * n_x * v;
    bool widens = v > 0.0;
    double threshold = widens ? p[V_SET][l] : p[V_RESET][l], over = v / threshold - 1.0;
    double k = widens ? p[K_SET][l] : -p[K_RESET][l], e = widens ? p[A_SET][l] : p[A_RESET][l];
    double excess = over > 0.0 ? over : 0.0, power = pn_pow(excess, e - 1.0);
    b->g[l] = k * power * excess;
    b->g_v[l] = over > 0.0 ? k * e * power / threshold : 0.0;
    b->g_x[l] = 0.0;
  }
}

static const double kinks[] = {-0.15, 0.2};

const pn_memristor pn_memristor_qpc = {
    .name = "qpc",
    .title = "Quantum point contact: a filament with quantised conductance",
    .equations = "i = G0 (N(w) v + v + ln[(1 + exp(alpha (phi - v/2)))/(1 + exp(alpha (phi + "
                 "v/2)))]/alpha)\n"
                 "G0 = 2e^2/h;  N(w): staircase of logistic steps, exp(steep (w - 1/2)), at w = "
                 "1/2, 3/2, ...\n"
                 "v > v_set:   dw/dt =  k_set   (v/v_set   - 1)^a_set\n"
                 "v < v_reset: dw/dt = -k_reset (v/v_reset - 1)^a_reset;  otherwise 0\n",
    .citation =
        "E. Miranda, J. Sune, Electron transport through broken down ultra-thin SiO2 layers, IRPS, "
        "2001; rate: VTEAM",
    .notes =
        "The law of w is phenomenological. The drop on a series resistance is left to the netlist.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 1.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
