/* Wei Wang's volatile silver filament: its diameter grows by field-driven migration and shrinks under its
 * own surface energy, 1/phi^3; once it is thinner than an atom it breaks and its gap widens with the
 * root of time. */
#include "devices/memristors/dual.h"
#include "devices/memristors/model.h"

enum {
  A,
  B,
  ALPHA_P,
  EA0_P,
  EA1_P,
  ALPHA_N,
  EA0_N,
  EA1_N,
  PHI_A,
  GAP_A,
  RHO_M,
  LF,
  P,
  RHO_OX,
  GAMMA,
  LENGTH,
  K_GAP,
  T_CLOSE,
  T_AMB,
  PHI0,
  PHIMIN,
  PHI_M,
  GAP0,
  N_PARAMS,
  INV_KT = N_PARAMS,
  G_THIN,
  R_STUB,
  N_ALL
};

#define CODE "tanaypatni03/Volatile-Memristor-Models, wei_model.va"

static const pn_param params[] = {
    PN_NUM("a", "m/s", 1e2, PN_GE0, "Velocity of growth.", CODE, "S1"),
    PN_NUM("b", "m^4/s", 3e-26, PN_GE0, "Rate of shrinking times the cube of the diameter.", CODE,
           "S1"),
    PN_NUM("alpha_p", "1", 0.28, PN_GE0, "Lowering of the barrier, v >= 0.", CODE, "S1"),
    PN_NUM("ea0_p", "eV", 0.99, PN_GE0, "Energy of growth without field, v >= 0.", CODE, "S1"),
    PN_NUM("ea1_p", "eV", 0.65, PN_GE0, "Energy of shrinking, v >= 0.", CODE, "S1"),
    PN_NUM("alpha_n", "1", 1.1, PN_GE0, "Lowering of the barrier, v < 0.", CODE, "S1"),
    PN_NUM("ea0_n", "eV", 0.648, PN_GE0, "Energy of growth without field, v < 0.", CODE, "S1"),
    PN_NUM("ea1_n", "eV", 0.52, PN_GE0, "Energy of shrinking, v < 0.", CODE, "S1"),
    PN_NUM("phi_a", "m", 0.1e-9, PN_POSITIVE, "Diameter below which the filament is broken.", CODE,
           "S1"),
    PN_NUM("gap_a", "m", 0.2e-9, PN_POSITIVE, "Least gap.", CODE, "S1"),
    PN_NUM("rho_m", "ohm m", 2e-6, PN_POSITIVE, "Resistivity of the bulk metal.", CODE, "S1"),
    PN_NUM("lf", "m", 28e-9, PN_POSITIVE, "Free path of electrons.", CODE, "S1"),
    PN_NUM("p", "1", 0.5, PN_IN(0.0, 0.99), "Part of electrons reflected by the surface.", CODE,
           "S1"),
    PN_NUM("rho_ox", "ohm m", 2e4, PN_POSITIVE, "Resistivity of the oxide without field.", CODE,
           "S1"),
    PN_NUM("gamma", "m/V", 55e-9, PN_GE0, "Rise of the oxide's conductivity with the field.", CODE,
           "S1"),
    PN_NUM("length", "m", 5e-9, PN_POSITIVE, "Thickness of the oxide; the gap of an open device.",
           CODE, "S1"),
    PN_NUM("k_gap", "m/s^0.5", 1e-9, PN_GE0, "Widening of the gap with the root of time.", CODE,
           "S1"),
    PN_OWN("t_close", "s", 1e-9, PN_POSITIVE, "Time in which the gap closes on a new filament."),
    PN_NUM("t_amb", "K", 300.0, PN_GE0, "Temperature; 0: the device's.", CODE, "S1"),
    PN_OWN("phi0", "m", 0.0, PN_GE0, "Initial diameter."),
    PN_OWN("phimin", "m", 0.0, PN_GE0, "Least diameter."),
    PN_NUM("phi_m", "m", 2e-9, PN_POSITIVE, "Largest diameter.", CODE, "S1"),
    PN_OWN("gap0", "m", 5e-9, PN_POSITIVE, "Initial gap."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"phi", "m", "diameter of the filament", PHI0, PHIMIN, PHI_M, 0.0, 1, 0, 0},
    {"gap", "m", "gap of the broken filament", GAP0, GAP_A, LENGTH, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double t = p[T_AMB] > 0.0 ? p[T_AMB] : temp, scatter = p[RHO_M] * (1.0 - p[P]) * p[LF];
  p[INV_KT] = PN_Q_E / (PN_K_B * t);                              /* 1/V */
  p[G_THIN] = M_PI / 4 * (1.0 + p[P]) / scatter;                  /* S/m^2: conductance gap/phi^3 */
  p[R_STUB] = 1.0 / (p[G_THIN] * p[PHI_M] * p[PHI_M] * p[PHI_M]); /* ohm/m */
}

/* The gap's voltage u from |v| = u + r (c u + s u^2): r the stub's resistance, c the conductance of
 * filament and oxide at low field, s the part that rises with the field. */
PN_INLINE pn_dual gap_voltage(pn_dual v, pn_dual r, pn_dual c, pn_dual s)
{
  pn_dual b = pn_d_shift(1.0, pn_d_mul(r, c)), a = pn_d_mul(r, s);
  pn_dual root = pn_d_sqrt(pn_d_add(pn_d_mul(b, b), pn_d_scale(4.0, pn_d_mul(a, v))));
  return pn_d_div(pn_d_scale(2.0, v), pn_d_add(b, root));
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    /* derivatives: a with respect to phi, b to gap, d to |v| */
    pn_dual phi = {x[0][l], 1.0, 0.0, 0.0, 0.0}, gap = {x[1][l], 0.0, 1.0, 0.0, 0.0};
    pn_dual v = {fabs(b->v[l]), 0.0, 0.0, 0.0, 1.0}, inv_gap = pn_d_inv(gap);
    bool back = b->v[l] < 0.0;
    double sign = back ? -1.0 : 1.0, phi_m = p[PHI_M][l];

    pn_dual phi2 = pn_d_mul(phi, phi);
    pn_dual free = pn_d_scale(-M_PI / 4 / p[RHO_OX][l], pn_d_shift(-phi_m * phi_m, phi2)); /* S m */
    pn_dual oxide = pn_d_mul(free, inv_gap);
    pn_dual metal = pn_d_scale(p[G_THIN][l], pn_d_mul(pn_d_mul(phi2, phi), inv_gap));
    pn_dual c = pn_d_add(oxide, metal), s = pn_d_scale(p[GAMMA][l], pn_d_mul(oxide, inv_gap));
    pn_dual r = pn_d_scale(-p[R_STUB][l], pn_d_shift(-p[LENGTH][l], gap));
    pn_dual u = gap_voltage(v, r, c, s), i = pn_d_mul(u, pn_d_add(c, pn_d_mul(s, u)));

    double kt = p[INV_KT][l], alpha = back ? p[ALPHA_N][l] : p[ALPHA_P][l];
    double ea0 = back ? p[EA0_N][l] : p[EA0_P][l], ea1 = back ? p[EA1_N][l] : p[EA1_P][l];
    pn_dual grow = pn_d_exp(pn_d_scale(kt, pn_d_shift(-ea0, pn_d_scale(alpha, u))));
    pn_dual thick = pn_d_inv(pn_d_floor(phi, p[PHI_A][l]));
    double slope, shrink = p[B][l] * pn_lim_exp(-ea1 * kt, &slope);
    pn_dual rate = pn_d_sub(pn_d_scale(p[A][l], grow),
                            pn_d_scale(shrink, pn_d_mul(thick, pn_d_mul(thick, thick))));

    const double least = 1e-12; /* m; d(gap)/dt = k^2/(2 (gap - gap_a)) begins with this one */
    bool whole = x[0][l] > p[PHI_A][l];
    double wide = x[1][l] - p[GAP_A][l], far = wide > least ? wide : least;
    double widen = 0.5 * p[K_GAP][l] * p[K_GAP][l] / far, close = 1.0 / p[T_CLOSE][l];

    b->i[l] = sign * i.v;
    b->i_v[l] = i.d;
    i_x[0][l] = sign * i.a;
    i_x[1][l] = sign * i.b;
    g[0][l] = rate.v;
    g_v[0][l] = sign * rate.d;
    g_x[0][l] = rate.a;
    g_x[1][l] = rate.b;
    g[1][l] = whole ? -wide * close : widen;
    g_v[1][l] = 0.0;
    g_x[2][l] = 0.0;
    g_x[3][l] = whole ? -close : wide > least ? -widen / far : 0.0;
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_diffusive = {
    .name = "diffusive",
    .title = "Volatile silver filament (Wei Wang)",
    .equations =
        "G_m = pi (1 + p) phi^3/(4 rho_m (1 - p) lf gap), the filament\n"
        "G_ox = pi (phi_m^2 - phi^2)/(4 rho_ox gap) (1 + gamma |u|/gap), the oxide beside it\n"
        "R_s = rho_m (1 - p) lf (length - gap) 4/(pi (1 + p) phi_m^3), the filament's foot\n"
        "i = u (G_m + G_ox), v = u + R_s i\n"
        "v >= 0: dphi/dt = a exp(q (alpha_p |u| - ea0_p)/(k t_amb))\n"
        "                 - b/max(phi, phi_a)^3 exp(-q ea1_p/(k t_amb))\n"
        "v < 0:  dphi/dt = a exp(q (alpha_n |u| - ea0_n)/(k t_amb))\n"
        "                 - b/max(phi, phi_a)^3 exp(-q ea1_n/(k t_amb))\n"
        "phi > phi_a:  dgap/dt = (gap_a - gap)/t_close\n"
        "phi <= phi_a: dgap/dt = k_gap^2/(2 (gap - gap_a)): gap = gap_a + k_gap sqrt(t)\n",
    .citation =
        "W. Wang, A. Bricalli, M. Laudato, E. Ambrosi, E. Covi, D. Ielmini, Physics-based "
        "modeling of volatile resistive switching memory (RRAM) for crosspoint selector and "
        "neuromorphic computing, IEEE IEDM 2018; W. Wang et al., Volatile Resistive "
        "Switching Memory Based on Ag Ion Drift/Diffusion, IEEE Trans. Electron Devices "
        "66(9), 3802-3808, 2019",
    .notes = "Equations and numbers are those of " CODE
             ", with two differences: its self-heating, which "
             "stays below 1 K at its compliance of 3.5 uA, is left out (write icc=3.5u on the line "
             "of the "
             "device), and the gap closes within t_close instead of at once. Without compliance a "
             "negative "
             "voltage beyond 1 V moves the diameter faster than any time step.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 2.5,
    .loop_v = 2.0,
    .loop_f = 0.02,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
