/* The data-driven TiOx memristor of Messaris et al.: its resistance is the state and runs towards
 * a voltage-dependent end value. Law 0 is the model of 2018, law 1 the compact one of 2017. */
#include "devices/memristors/model.h"

enum { LAW, A, B, AP, AN, TP, TN, KP, KN, RP0, RP1, RN0, RN1, R0, RMIN, RMAX, N_PARAMS };

#define PAPER "Messaris et al., IEEE TCAD 37, 3151 (2018), DUT2"

static const pn_param params[] = {
    PN_OWN("law", "1", 0.0, PN_INT(0, 1), "Approach: 0 exponential (2018), 1 quadratic (2017)."),
    PN_NUM("a", "V", 0.24, PN_GE0, "Amplitude of the current times the resistance.", PAPER, "S2+"),
    PN_NUM("b", "1/V", 2.81, PN_GE0, "Curvature of the current.", PAPER "; MemTorch has 3", "X"),
    PN_NUM("ap", "ohm/s", 743.47, PN_GE0, "Rate upwards, v > 0; 1/(ohm s) with law 1.", PAPER,
           "S2+"),
    PN_NUM("an", "ohm/s", -6.80e4, PN_LE0,
           "Rate downwards, v <= 0, negative; 1/(ohm s) with law 1.", PAPER, "S2+"),
    PN_NUM("tp", "1/V", 6.51, PN_GE0, "Voltage slope upwards.", PAPER, "S2+"),
    PN_NUM("tn", "1/V", 0.31, PN_GE0, "Voltage slope downwards.", PAPER, "S2+"),
    PN_NUM("kp", "1/ohm", 5.11e-4, PN_GE0, "Steepness of the approach upwards.", PAPER, "S2+"),
    PN_NUM("kn", "1/ohm", 1.17e-3, PN_GE0, "Steepness of the approach downwards.", PAPER, "S2+"),
    PN_NUM("rp0", "ohm", 16.71e3, PN_ANY, "Upper end value at 0 V.", PAPER, "S2+"),
    PN_NUM("rp1", "ohm/V", 0.0, PN_ANY, "Slope of the upper end value.", PAPER, "S2+"),
    PN_NUM("rn0", "ohm", 29.30e3, PN_ANY, "Lower end value at 0 V.", PAPER, "S2+"),
    PN_NUM("rn1", "ohm/V", 23.69e3, PN_ANY, "Slope of the lower end value.",
           PAPER "; the text prints 23.69e4, MemTorch has 23692.77", "X"),
    PN_OWN("r0", "ohm", 12e3, PN_POSITIVE, "Initial resistance."),
    PN_OWN("rmin", "ohm", 1e3, PN_POSITIVE, "Lower bound of the resistance."),
    PN_OWN("rmax", "ohm", 50e3, PN_POSITIVE, "Upper bound of the resistance."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("dut2", "Second device of the paper (the defaults).", PAPER, "S2+", {LAW, 0.0}),
    PN_SET("dut1", "First device of the paper; its current law is not printed: the second's.",
           "Messaris et al., IEEE TCAD 37, 3151 (2018), DUT1", "S1", {AP, 0.12}, {AN, -79.03},
           {TP, 0.59}, {TN, 1.12}, {KP, 8.10e-3}, {KN, 9.43e-3}, {RP0, 3085.0}, {RP1, 1862.0},
           {RN0, 5193.0}, {RN1, 378.0}, {R0, 4e3}),
    PN_SET("dut2_text", "Second device with rn1 as the paper's text prints it.", PAPER, "X",
           {RN1, 23.69e4}),
    PN_SET("memtorch", "Second device as MemTorch has it.", "MemTorch", "X", {B, 3.0},
           {RN1, 23692.77}),
    PN_SET("compact", "Compact form of 2017; signs set by the direction of motion.",
           "Messaris et al., compact version of 2017", "X", {LAW, 1.0}, {AP, 4.86e-5},
           {AN, -1.09e-3}, {TP, 1.0 / 0.12}, {TN, 1.0 / 0.18}, {RP0, 17.16e3}, {RP1, 0.15e3},
           {RN0, 24.81e3}, {RN1, 17.91e3}),
};

static const pn_mem_state states[] = {
    {"r", "ohm", "resistance", R0, RMIN, RMAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], r = b->x[l], cosh_bv, a = p[A][l];
    double sinh_bv = pn_sinh(p[B][l] * v, &cosh_bv);

    bool up = v > 0.0;
    double sign = up ? 1.0 : -1.0, t = up ? p[TP][l] : p[TN][l], rate = up ? p[AP][l] : p[AN][l];
    double speed_slope, speed = rate * pn_lim_expm1(t * fabs(v), &speed_slope);
    double speed_v = rate * t * speed_slope * sign;

    /* way still to go, positive while it moves */
    double end = up ? p[RP0][l] + p[RP1][l] * v : p[RN0][l] + p[RN1][l] * v;
    double end_v = up ? p[RP1][l] : p[RN1][l], k = up ? p[KP][l] : p[KN][l];
    double way = sign * (end - r), way_v = sign * end_v, way_r = -sign;
    double e_slope, e = pn_lim_expm1(k * way, &e_slope);
    bool quadratic = p[LAW][l] != 0.0, moves = way > 0.0;
    double f = quadratic ? way * way : e, f_way = quadratic ? 2.0 * way : k * e_slope;
    f = moves ? f : 0.0;
    f_way = moves ? f_way : 0.0;

    b->i[l] = a / r * sinh_bv;
    b->i_v[l] = a / r * p[B][l] * cosh_bv;
    b->i_x[l] = -a / (r * r) * sinh_bv;
    b->g[l] = speed * f;
    b->g_v[l] = speed_v * f + speed * f_way * way_v;
    b->g_x[l] = speed * f_way * way_r;
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_tiox = {
    .name = "tiox",
    .title = "Data-driven TiOx memristor (Messaris)",
    .equations = "i = (a/r) sinh(b v)\n"
                 "v > 0:  s = ap (exp(tp |v|) - 1), w = rp0 + rp1 v - r, k = kp\n"
                 "v <= 0: s = an (exp(tn |v|) - 1), w = r - rn0 - rn1 v, k = kn\n"
                 "law 0: dr/dt = s (exp(k w) - 1) for w > 0, else 0\n"
                 "law 1: dr/dt = s w^2 for w > 0, else 0\n",
    .citation =
        "I. Messaris, A. Serb, S. Stathopoulos, A. Khiat, S. Nikolaidis, T. Prodromakis, A "
        "Data-Driven Verilog-A ReRAM Model, IEEE Trans. Comput.-Aided Des. Integr. Circuits "
        "Syst. 37(12), 3151-3162, 2018, doi:10.1109/TCAD.2018.2791468",
    .notes = "dr/dt follows from differentiating the paper's closed forms. Polarity as for the "
             "devices of "
             "the paper: a positive voltage raises the resistance.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 2.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
