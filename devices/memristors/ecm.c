/* Menzel's electrochemical metallization cell: a silver filament grows by ions that leave the active
 * electrode, hop through the gap and are reduced at the filament, while electrons tunnel through the gap
 * beside them. The two electrodes' overpotentials are inner unknowns. */
#include "devices/memristors/dual.h"
#include "devices/memristors/model.h"

enum {
  M_ION,
  RHO_ION,
  Z,
  ALPHA,
  CONC,
  K0,
  DG_ET,
  HOP,
  FREQ,
  DG_HOP,
  C_TU,
  W_TU,
  MASS,
  RADIUS,
  LENGTH,
  RHO_FIL,
  R_S,
  T_AMB,
  X0,
  XMIN,
  XMAX,
  EA0,
  EAMIN,
  EAMAX,
  EF0,
  EFMIN,
  EFMAX,
  N_PARAMS,
  AREA = N_PARAMS,
  ZE_KT,
  J0,
  J_HOP,
  SPEED,
  TUNNEL,
  DECAY,
  R_METER,
  N_ALL
};

#define M_EL  9.1093837015e-31 /* kg, electron (CODATA 2018) */
#define PAPER "Menzel et al., J. Appl. Phys. 111, 014501 (2012), PCCP 15, 6945 (2013)"
#define SET   "so that 0.5 V grow 20 nm in about a second"

static const pn_param params[] = {
    PN_NUM("m_ion", "kg", 1.79e-25, PN_POSITIVE, "Mass of an ion (silver).", PAPER, "M"),
    PN_NUM("rho_ion", "kg/m^3", 10.49e3, PN_POSITIVE, "Density of the metal (silver).", PAPER, "M"),
    PN_NUM("z", "1", 1.0, PN_POSITIVE, "Charge number of an ion.", PAPER, "M"),
    PN_NUM("alpha", "1", 0.2, PN_IN(0.01, 0.99), "Transfer coefficient.", PAPER, "M"),
    PN_NUM("conc", "1/m^3", 1.56e28, PN_POSITIVE, "Concentration of ions.", "density of AgI", "M"),
    PN_NUM("k0", "m/s", 27.0, PN_POSITIVE, "Rate constant of electron transfer.", SET, "D"),
    PN_NUM("dg_et", "eV", 0.6, PN_GE0, "Energy of electron transfer.", PAPER, "M"),
    PN_NUM("hop", "m", 0.25e-9, PN_POSITIVE, "Hopping distance.", PAPER, "M"),
    PN_NUM("freq", "Hz", 1e13, PN_POSITIVE, "Attempt frequency of hopping.", PAPER, "M"),
    PN_NUM("dg_hop", "eV", 0.3, PN_GE0, "Energy of hopping.", PAPER, "M"),
    PN_NUM("c_tu", "1", 2.7, PN_POSITIVE, "Factor of the tunnelling current.", PAPER, "M"),
    PN_NUM("w_tu", "eV", 3.6, PN_POSITIVE, "Height of the tunnelling barrier.", PAPER, "M"),
    PN_NUM("mass", "1", 1.0, PN_POSITIVE, "Effective mass over the electron's.", PAPER, "M"),
    PN_NUM("radius", "m", 2e-9, PN_POSITIVE, "Radius of the filament.", PAPER, "M"),
    PN_NUM("length", "m", 20e-9, PN_POSITIVE, "Thickness of the electrolyte.", PAPER, "M"),
    PN_NUM("rho_fil", "ohm m", 1.7e-8, PN_POSITIVE, "Resistivity of the filament.", PAPER, "M"),
    PN_OWN("r_s", "ohm", 10e3, PN_POSITIVE, "Series resistance, which limits the current."),
    PN_OWN("t_amb", "K", 0.0, PN_GE0, "Temperature; 0: the device's."),
    PN_OWN("x0", "m", 20e-9, PN_POSITIVE, "Initial gap."),
    PN_OWN("xmin", "m", 0.1e-9, PN_POSITIVE, "Least gap."),
    PN_OWN("xmax", "m", 20e-9, PN_POSITIVE, "Largest gap."),
    PN_OWN("ea0", "V", 0.0, PN_ANY, "First guess of the active electrode's overpotential."),
    PN_OWN("eamin", "V", -10.0, PN_LE0, "Its lower bound."),
    PN_OWN("eamax", "V", 10.0, PN_GE0, "Its upper bound."),
    PN_OWN("ef0", "V", 0.0, PN_ANY, "First guess of the filament's overpotential."),
    PN_OWN("efmin", "V", -10.0, PN_LE0, "Its lower bound."),
    PN_OWN("efmax", "V", 10.0, PN_GE0, "Its upper bound."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "m", "gap between the filament and the active electrode", X0, XMIN, XMAX, 0.0, 1, 0, 0},
    {"ea", "V", "overpotential at the active electrode", EA0, EAMIN, EAMAX, 1.0, 0, 0, 0},
    {"ef", "V", "overpotential at the filament", EF0, EFMIN, EFMAX, 1.0, 0, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double q = PN_Q_E, kt = PN_K_B * (p[T_AMB] > 0.0 ? p[T_AMB] : temp), carried = p[Z] * q * p[CONC];
  double momentum = sqrt(2.0 * p[MASS] * M_EL * p[W_TU] * q); /* kg m/s */
  p[AREA] = M_PI * p[RADIUS] * p[RADIUS];
  p[ZE_KT] = p[Z] * q / kt;                          /* 1/V */
  p[J0] = carried * p[K0] * exp(-p[DG_ET] * q / kt); /* A/m^2 */
  p[J_HOP] = carried * p[HOP] * p[FREQ] *
             exp(-p[DG_HOP] * q / kt);           /* A/m^2, half of the paper's 2 */
  p[SPEED] = p[M_ION] / (p[Z] * q * p[RHO_ION]); /* m^3/C */
  p[TUNNEL] = p[C_TU] * 1.5 * momentum * (q / PN_H) * (q / PN_H) * p[AREA]; /* S m */
  p[DECAY] = 4.0 * M_PI * momentum / PN_H;                                  /* 1/m */
  p[R_METER] = p[RHO_FIL] / p[AREA];                                        /* ohm/m */
}

/* asinh x = sign(x) ln(|x| + sqrt(1 + x^2)); its digits near 0 are those of the logarithm's argument. */
PN_INLINE pn_dual d_asinh(pn_dual x)
{
  double a = fabs(x.v), root = sqrt(1.0 + a * a), s = a * a;
  double small = a * (1.0 - s * (1.0 / 6 - s * (3.0 / 40 - s * (15.0 / 336 - s * (105.0 / 3456)))));
  double y = a < 0.02 ? small : pn_log(a + root);
  return pn_d_chain(x, copysign(y, x.v), 1.0 / root);
}

/* exp(u eta) - exp(-w eta), the net transfer at an electrode over its exchange current */
PN_INLINE pn_dual transfer(double u, double w, pn_dual eta)
{
  return pn_d_sub(pn_d_expm1(pn_d_scale(u, eta)), pn_d_expm1(pn_d_scale(-w, eta)));
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
    /* derivatives: a with respect to x, b to ea, c to ef, d to v */
    pn_dual gap = {x[0][l], 1.0, 0.0, 0.0, 0.0}, ea = {x[1][l], 0.0, 1.0, 0.0, 0.0};
    pn_dual ef = {x[2][l], 0.0, 0.0, 1.0, 0.0}, v = {b->v[l], 0.0, 0.0, 0.0, 1.0};
    double ze = p[ZE_KT][l], alpha = p[ALPHA][l], j0 = p[J0][l];
    double fast = (1.0 - alpha) * ze, slow = alpha * ze;

    /* oxidation at the active electrode, reduction at the filament; both over j0 */
    pn_dual left = transfer(fast, slow, ea), right = transfer(slow, fast, ef);
    pn_dual hopping = d_asinh(pn_d_scale(0.5 * j0 / p[J_HOP][l], right));
    hopping = pn_d_scale(2.0 / (p[HOP][l] * ze), pn_d_mul(gap, hopping));
    pn_dual u = pn_d_add(pn_d_add(ea, ef), hopping); /* the gap's voltage */

    pn_dual tunnel = pn_d_exp(pn_d_scale(-p[DECAY][l], gap));
    tunnel = pn_d_scale(p[TUNNEL][l], pn_d_div(tunnel, gap)); /* S */
    pn_dual ions = pn_d_scale(j0 * p[AREA][l], right);
    pn_dual i = pn_d_add(pn_d_mul(tunnel, u), ions);
    pn_dual series = pn_d_scale(p[R_METER][l], pn_d_sub(pn_d_const(p[LENGTH][l]), gap));
    series = pn_d_shift(p[R_S][l], series);

    /* equal currents at both electrodes, and the loop's voltages, both in volts */
    double scale = 2.0 / ze;
    pn_dual equal = pn_d_sub(d_asinh(pn_d_scale(0.5, right)), d_asinh(pn_d_scale(0.5, left)));
    pn_dual loop = pn_d_sub(pn_d_sub(v, u), pn_d_mul(series, i));

    const pn_dual rows[] = {pn_d_scale(-p[SPEED][l] * j0, right), pn_d_scale(scale, equal), loop};
    b->i[l] = i.v;
    b->i_v[l] = 0.0; /* v acts through the loop */
    i_x[0][l] = i.a;
    i_x[1][l] = i.b;
    i_x[2][l] = i.c;
#pragma GCC unroll 3
    for (int r = 0; r < 3; r++) {
      g[r][l] = rows[r].v;
      g_v[r][l] = rows[r].d;
      g_x[3 * r][l] = rows[r].a;
      g_x[3 * r + 1][l] = rows[r].b;
      g_x[3 * r + 2][l] = rows[r].c;
    }
  }
}

const pn_memristor pn_memristor_ecm = {
    .name = "ecm",
    .title = "Electrochemical metallization cell (Menzel)",
    .equations =
        "A = pi radius^2, T = t_amb, e = elementary charge\n"
        "j0 = z e conc k0 exp(-dg_et/(k T))\n"
        "J = j0 (exp((1 - alpha) z e ea/(k T)) - exp(-alpha z e ea/(k T)))   active electrode\n"
        "J = j0 (exp(alpha z e ef/(k T)) - exp(-(1 - alpha) z e ef/(k T)))   filament\n"
        "J = 2 z e conc hop freq exp(-dg_hop/(k T)) sinh(hop z e uh/(2 k T x)), uh = u - ea - ef\n"
        "I_tu = c_tu (3 sqrt(2 mass m_e w_tu)/(2 x)) (e/h)^2\n"
        "       exp(-(4 pi x/h) sqrt(2 mass m_e w_tu)) A u\n"
        "i = I_tu + A J, v = u + i (r_s + rho_fil (length - x)/A)\n"
        "dx/dt = -m_ion/(z e rho_ion) J\n",
    .citation =
        "S. Menzel, U. Boettger, R. Waser, Simulation of multilevel switching in electrochemical "
        "metallization memory cells, J. Appl. Phys. 111, 014501, 2012, doi:10.1063/1.3673239; S. "
        "Menzel, S. Tappertzhofen, R. Waser, I. Valov, Switching kinetics of electrochemical "
        "metallization memory cells, Phys. Chem. Chem. Phys. 15, 6945-6952, 2013, "
        "doi:10.1039/C3CP50738F; review: S. Menzel, J. Comput. Electron. 16, 1017-1037, 2017",
    .notes =
        "Published: the structure of the equations. The numbers are typical ones from memory, k0 "
        "is "
        "chosen " SET
        "; no table of the papers was at hand. A positive voltage grows the filament; "
        "the current that r_s allows sets its last gap, and so the level. Nucleation, which delays "
        "the "
        "first growth at low voltage, is not part of it, and electrode and filament have one area.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 1.5,
    .derive = derive,
    .eval = eval,
};
