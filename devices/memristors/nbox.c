/* NaMLab NbOx: the volatile, locally active threshold switch in Chua's unfolding, its state the
 * temperature of the device. The digits of the polynomials matter: +-1 in c23 moves the bifurcation of the
 * published two-cell circuit from 50 to 61 or 36 ohm. */
#include "devices/memristors/model.h"

enum {
  A0,
  A1,
  B2,
  C21,
  C22,
  C23,
  C24,
  C25,
  D0,
  D1,
  D2,
  D3,
  D4,
  X0,
  XMIN,
  XMAX,
  XVMIN,
  XVMAX,
  N_PARAMS
};

#define PAPER   "Ascoli et al., Front. Neurosci. 15, 651452 (2021)"
#define CLOSURE "Joule closure c2k = dk/C_th, C_th = d0/b2 = 9.015e-13 J/K"

static const pn_param params[] = {
    PN_NUM("a0", "K/s", 5.19e9, PN_ANY,
           "Constant term of the rate; -a0/a1 is the ambient temperature.", PAPER, "M"),
    PN_NUM("a1", "1/s", -2.05e7, PN_ANY,
           "Linear term of the rate: -1/a1 is the thermal time constant.", PAPER, "M"),
    PN_NUM("b2", "K/(s V^2)", 7.21e9, PN_ANY, "Joule heating, constant term.", PAPER, "M"),
    PN_NUM("c21", "1/(s V^2)", -7.39e7, PN_ANY, "Joule heating, linear term.", PAPER, "M"),
    PN_NUM("c22", "1/(K s V^2)", 2.37e5, PN_ANY, "Joule heating, quadratic term.", PAPER, "M"),
    PN_NUM("c23", "1/(K^2 s V^2)", -2.37e2, PN_ANY, "Joule heating, cubic term.", CLOSURE, "D"),
    PN_NUM("c24", "1/(K^3 s V^2)", 1.32e-1, PN_ANY, "Joule heating, quartic term.", CLOSURE, "D"),
    PN_NUM("c25", "1/(K^4 s V^2)", 0.0, PN_ANY, "Joule heating, quintic term.",
           "no published value known; 0 reproduces the bifurcations", "D"),
    PN_NUM("d0", "S", 6.50e-3, PN_ANY, "Conductance, constant term.", PAPER, "M"),
    PN_NUM("d1", "S/K", -6.66e-5, PN_ANY, "Conductance, linear term.", PAPER, "M"),
    PN_NUM("d2", "S/K^2", 2.14e-7, PN_ANY, "Conductance, quadratic term.", PAPER, "M"),
    PN_NUM("d3", "S/K^3", -2.14e-10, PN_ANY, "Conductance, cubic term.", PAPER, "M"),
    PN_NUM("d4", "S/K^4", 1.19e-13, PN_ANY, "Conductance, quartic term.", PAPER, "M"),
    PN_NUM("x0", "K", 253.15, PN_GE0, "Initial temperature.",
           "Song et al., ACS Nano (2023), Fig. 12", "S1"),
    PN_OWN("xmin", "K", 250.0, PN_GE0, "Lower bound, just under the ambient temperature -a0/a1."),
    PN_OWN("xmax", "K", 1500.0, PN_GE0,
           "Upper bound; beyond 700 K the polynomials have no meaning anyway."),
    PN_NUM("xvmin", "K", 250.0, PN_GE0, "Lower end of the model's validity.",
           "G(x) follows one activation energy only inside", "D"),
    PN_NUM("xvmax", "K", 600.0, PN_GE0, "Upper end of the model's validity.",
           "the quartic overshoots Arrhenius above", "D"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "K", "temperature of the device", X0, XMIN, XMAX, 300.0, 1, XVMIN, XVMAX},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l];
    double g = p[D0][l] + x * (p[D1][l] + x * (p[D2][l] + x * (p[D3][l] + x * p[D4][l])));
    double g_x = p[D1][l] + x * (2.0 * p[D2][l] + x * (3.0 * p[D3][l] + x * 4.0 * p[D4][l]));
    double heat = p[B2][l] +
                  x * (p[C21][l] +
                       x * (p[C22][l] + x * (p[C23][l] + x * (p[C24][l] + x * p[C25][l]))));
    double heat_x = p[C21][l] +
                    x * (2.0 * p[C22][l] +
                         x * (3.0 * p[C23][l] + x * (4.0 * p[C24][l] + x * 5.0 * p[C25][l])));
    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = v * g_x;
    b->g[l] = p[A0][l] + p[A1][l] * x + v * v * heat;
    b->g_v[l] = 2.0 * v * heat;
    b->g_x[l] = p[A1][l] + v * v * heat_x;
  }
}

const pn_memristor pn_memristor_nbox = {
    .name = "nbox",
    .title = "NaMLab NbOx volatile, locally active memristor",
    .equations = "i = v (d0 + d1 x + d2 x^2 + d3 x^3 + d4 x^4)\n"
                 "dx/dt = a0 + a1 x + v^2 (b2 + c21 x + c22 x^2 + c23 x^3 + c24 x^4 + c25 x^5)\n",
    .citation = "A. Ascoli, A. S. Demirkol, R. Tetzlaff, S. Slesazeck, T. Mikolajick, L. O. Chua, "
                "On Local Activity and Edge of Chaos in a NaMLab Memristor, Front. Neurosci. 15, "
                "651452, 2021, doi:10.3389/fnins.2021.651452",
    .notes =
        "a0 to c22 and d0 to d4 are recalled from the paper's table, c23 and c24 follow from one "
        "thermal capacitance; together they reproduce both published bifurcations. Valid from "
        "250 to 600 K; there is no branch of positive slope at high current.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 2.0,
    .eval = eval,
};
