/* The bipolar threshold memristor of Pershin and Di Ventra: its resistance itself is the state
 * and moves in proportion to the voltage beyond a threshold. */
#include "devices/memristors/model.h"

enum { RON, ROFF, ALPHA, BETA, VT, R0, N_PARAMS };

#define PAPER "Biolek, Di Ventra, Pershin, Radioengineering 22, 945 (2013), model R2"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 1e3, PN_POSITIVE, "Least resistance.", PAPER, "S2+"),
    PN_NUM("roff", "ohm", 10e3, PN_POSITIVE, "Largest resistance.", PAPER, "S2+"),
    PN_NUM("alpha", "ohm/(V s)", 0.0, PN_GE0, "Rate of change below the threshold.",
           "Pershin, La Fontaine, Di Ventra, Phys. Rev. E 80, 021926 (2009)", "S2+"),
    PN_NUM("beta", "ohm/(V s)", 1e13, PN_GE0, "Rate of change above the threshold.", PAPER, "S2+"),
    PN_NUM("vt", "V", 4.6, PN_GE0, "Threshold.", PAPER, "S2+"),
    PN_OWN("r0", "ohm", 5e3, PN_POSITIVE, "Initial resistance."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"r", "ohm", "resistance", R0, RON, ROFF, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], g = 1.0 / b->x[l], vt = p[VT][l];
    double inside = v > vt ? vt : v < -vt ? -vt : v;
    bool beyond = v > vt || v < -vt;
    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = -v * g * g;
    b->g[l] = p[ALPHA][l] * inside + p[BETA][l] * (v - inside);
    b->g_v[l] = beyond ? p[BETA][l] : p[ALPHA][l];
    b->g_x[l] = 0.0;
  }
}

static const double kinks[] = {-4.6, 4.6};

const pn_memristor pn_memristor_pershin = {
    .name = "pershin",
    .title = "Bipolar memristor with threshold (Pershin, Di Ventra)",
    .equations = "i = v / r\n"
                 "w = v limited to [-vt, vt]\n"
                 "dr/dt = alpha w + beta (v - w), stopped at ron and roff\n",
    .citation =
        "Y. V. Pershin, S. La Fontaine, M. Di Ventra, Memristive model of amoeba learning, "
        "Phys. Rev. E 80, 021926, 2009, doi:10.1103/PhysRevE.80.021926; D. Biolek, "
        "M. Di Ventra, Y. V. Pershin, Reliable SPICE Simulations of Memristors, Memcapacitors "
        "and Meminductors, Radioengineering 22(4), 945-968, 2013",
    .notes = "The published window of step functions is the stop at the bounds ron and roff here.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 10.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
