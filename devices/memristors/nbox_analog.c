/* NaMLab's analogue, non-volatile Al2O3/Nb2O5 bilayer: rectifying conduction and a rate with an
 * exponential wall at either end of the state's range. */
#include "devices/memristors/model.h"

enum { AR, AS, BR, BS, C1, C2, C3, WC, X_ON, X_OFF, X0, XMIN, XMAX, N_PARAMS };

#define PAPER "Schroedter et al., MOCAST 2022; SchroedterR/Memristor"

static const pn_param params[] = {
    PN_NUM("ar", "S", 4.7447e-8, PN_GE0, "Conductance of the state's path.", PAPER, "S1"),
    PN_NUM("as", "S", 1.1253e-8, PN_GE0, "Conductance of the leakage path.", PAPER, "S1"),
    PN_NUM("br", "V^-1/2", 2.6831, PN_GE0, "Field slope of the state's path.", PAPER, "S1"),
    PN_NUM("bs", "V^-1/2", 9.3348, PN_GE0, "Field slope of the leakage path.", PAPER, "S1"),
    PN_NUM("c1", "1/s", 2.9457e-4, PN_GE0, "Rate.", PAPER, "S1"),
    PN_NUM("c2", "1/A", 57414.0, PN_GE0, "Current slope of growth.", PAPER, "S1"),
    PN_NUM("c3", "1/A", 11103.0, PN_GE0, "Current slope of decay.", PAPER, "S1"),
    PN_NUM("wc", "1", 1000.0, PN_GE0, "Steepness of the walls.", PAPER, "S1"),
    PN_NUM("x_on", "1", 0.1, PN_GE0, "Lower wall.", PAPER, "S1"),
    PN_NUM("x_off", "1", 0.284, PN_GE0, "Upper wall.", PAPER, "S1"),
    PN_OWN("x0", "1", 0.15, PN_POSITIVE, "Initial state."),
    PN_OWN("xmin", "1", 0.09, PN_POSITIVE, "Lower bound of the state, behind the wall."),
    PN_OWN("xmax", "1", 0.3, PN_POSITIVE, "Upper bound of the state, behind the wall."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "1", "state of the bilayer", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], sign = v < 0.0 ? -1.0 : 1.0, inv_x = 1.0 / x;
    double root = sign * sqrt(fabs(v)), root_x = root * sqrt(inv_x), rise_slope, fall_slope;
    double rise = p[AR][l] * x * pn_lim_exp(p[BR][l] * root_x, &rise_slope);
    double fall = p[AS][l] * x * pn_lim_exp(-p[BS][l] * root, &fall_slope);
    double rise_e = p[AR][l] * x * rise_slope, fall_e = p[AS][l] * x * fall_slope;
    double g = rise + fall, i = v * g;
    /* v d(root)/dv = root/2 */
    double i_v = g + 0.5 * (p[BR][l] * root_x * rise_e - p[BS][l] * root * fall_e);
    double i_x = v * (g * inv_x - 0.5 * p[BR][l] * root_x * inv_x * rise_e);

    double up_slope, down_slope, top_slope, end_slope;
    double top = pn_lim_exp((x - p[X_OFF][l]) * p[WC][l], &top_slope);
    double end = pn_lim_exp((p[X_ON][l] - x) * p[WC][l], &end_slope);
    double up = pn_lim_expm1(p[C2][l] * x * i - top, &up_slope);
    double down = pn_lim_expm1(-p[C3][l] * x * i - end, &down_slope);
    double c1 = p[C1][l];
    b->i[l] = i;
    b->i_v[l] = i_v;
    b->i_x[l] = i_x;
    b->g[l] = c1 * (up - down);
    b->g_v[l] = c1 * (up_slope * p[C2][l] + down_slope * p[C3][l]) * x * i_v;
    b->g_x[l] = c1 * (up_slope * (p[C2][l] * (i + x * i_x) - p[WC][l] * top_slope) -
                      down_slope * (-p[C3][l] * (i + x * i_x) + p[WC][l] * end_slope));
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_nbox_analog = {
    .name = "nbox_analog",
    .title = "NaMLab analogue Al2O3/Nb2O5 memristor (Schroedter)",
    .equations =
        "r = sgn(v) sqrt|v|\n"
        "i = v (ar x exp(br r/sqrt(x)) + as x exp(-bs r))\n"
        "dx/dt = c1 (exp(c2 x i - exp((x - x_off) wc)) - exp(-c3 x i - exp(-(x - x_on) wc)))\n",
    .citation =
        "R. Schroedter et al., MOCAST 2022, and the authors' repository SchroedterR/Memristor",
    .notes =
        "At 0 V growth and decay cancel between the walls, which makes it non-volatile there. The "
        "leakage path is large at negative voltage: -2 V is about its range. "
        "Beyond some 10 V its exponentials of exponentials meet the bounds, and a run may stop.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 3.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
