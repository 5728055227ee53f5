/* The Mott threshold switch of Pickett and Williams: a metallic core grows by Joule heat inside an
 * insulating NbO2 channel. The enthalpy's derivative is the paper's text form, which is what its enthalpy
 * gives; the printed SPICE code has (2 u ln u)^2 in its place. */
#include "devices/memristors/model.h"
#include "devices/memristors/spread.h"

enum {
  RHO_INS,
  RHO_MET,
  RADIUS,
  LENGTH,
  KAPPA,
  C_P,
  DT,
  DH_TR,
  U0,
  UMIN,
  UMAX,
  N_PARAMS,
  R_INS = N_PARAMS,
  RATIO,
  COOLING,
  HEAT_SHELL,
  HEAT_CORE,
  N_ALL
};

#define PAPER "Pickett and Williams, Nanotechnology 23, 215202 (2012)"
#define R4    PAPER "; Biolek et al., Radioengineering 22, 945 (2013), model R4"

static const pn_param params[] = {
    PN_NUM("rho_ins", "ohm m", 7e-3, PN_POSITIVE, "Resistivity of the insulating shell.", R4, "S1"),
    PN_NUM("rho_met", "ohm m", 1e-4, PN_POSITIVE, "Resistivity of the metallic core.", R4, "S1"),
    PN_NUM("radius", "m", 30e-9, PN_POSITIVE, "Radius of the channel.", R4, "S1"),
    PN_NUM("length", "m", 20e-9, PN_POSITIVE, "Length of the channel.", R4, "S1"),
    PN_NUM("kappa", "W/(m K)", 1.5, PN_POSITIVE, "Thermal conductivity of the shell.", R4, "S1"),
    PN_NUM("c_p", "J/(m^3 K)", 2.6e6, PN_POSITIVE, "Volumetric heat capacity.", R4, "S1"),
    PN_NUM("dt", "K", 784.0, PN_POSITIVE, "Transition above the ambient temperature.", R4, "S1"),
    PN_NUM("dh_tr", "J/m^3", 1.6e8, PN_GE0, "Enthalpy of the transition.", R4, "S1"),
    PN_OWN("u0", "1", 1e-3, PN_IN(1e-9, 0.999999), "Initial state."),
    PN_NUM("umin", "1", 1e-6, PN_IN(1e-9, 0.999999), "Lower bound of the state.", R4, "S1"),
    PN_NUM("umax", "1", 0.99999, PN_IN(1e-9, 0.999999), "Upper bound of the state.", R4, "S1"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

/* The core starts at 1e-6 and grows by factors: the tolerance must see it there, or the switch turns on
 * late (at 1.73 V instead of 1.445 V under a slow sine). */
static const pn_mem_state states[] = {
    {"u", "1", "radius of the metallic core over the channel's", U0, UMIN, UMAX, 1e-4, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  double area = M_PI * p[RADIUS] * p[RADIUS], volume = area * p[LENGTH];
  p[R_INS] = p[RHO_INS] * p[LENGTH] / area;
  p[RATIO] = p[RHO_INS] / p[RHO_MET] - 1.0;
  p[COOLING] = 2.0 * M_PI * p[LENGTH] * p[KAPPA] * p[DT]; /* W, times 1/ln(1/u) */
  p[HEAT_SHELL] = volume * p[C_P] * p[DT];                /* J */
  p[HEAT_CORE] = 2.0 * volume * p[DH_TR];                 /* J */
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], u = b->x[l];
    double g_ins = 1.0 / p[R_INS][l], g = g_ins * (1.0 + p[RATIO][l] * u * u);
    double g_u = 2.0 * g_ins * p[RATIO][l] * u;

    double ln_u = pn_log(u), inv_ln = 1.0 / ln_u;
    double power = v * v * g + p[COOLING][l] * inv_ln; /* 1/ln(1/u) = -1/ln u */
    double power_u = v * v * g_u - p[COOLING][l] * inv_ln * inv_ln / u;
    /* (1 - u^2 + 2 u^2 ln u)/(2 u (ln u)^2) = s(2 ln u)/u, which cancels near u = 1 as it stands */
    double s_slope, s = pn_spread(2.0 * ln_u, u * u, u * u, &s_slope);
    double shell = s / u, shell_u = (2.0 * s_slope - s) / (u * u);
    double h_u = p[HEAT_SHELL][l] * shell + p[HEAT_CORE][l] * u;
    double h_uu = p[HEAT_SHELL][l] * shell_u + p[HEAT_CORE][l];
    double rate = power / h_u;

    b->i[l] = v * g;
    b->i_v[l] = g;
    b->i_x[l] = v * g_u;
    b->g[l] = rate;
    b->g_v[l] = 2.0 * v * g / h_u;
    b->g_x[l] = (power_u - rate * h_uu) / h_u;
  }
}

const pn_memristor pn_memristor_mott = {
    .name = "mott",
    .title = "NbO2 Mott threshold switch (Pickett, Williams)",
    .equations =
        "r_ch = rho_ins length/(pi radius^2) / (1 + (rho_ins/rho_met - 1) u^2), i = v/r_ch\n"
        "gamma_th = 2 pi length kappa / ln(1/u)\n"
        "dH/du = pi length radius^2 (c_p dt (1 - u^2 + 2 u^2 ln u)/(2 u (ln u)^2) + 2 dh_tr u)\n"
        "du/dt = (v i - gamma_th dt) / (dH/du)\n",
    .citation =
        "M. D. Pickett, R. S. Williams, Sub-100 fJ and sub-nanosecond thermally driven threshold "
        "switching in niobium oxide crosspoint nanodevices, Nanotechnology 23, 215202, 2012, "
        "doi:10.1088/0957-4484/23/21/215202",
    .notes =
        "Numbers from model R4 of Biolek et al. 2013. The direct-current curve has its maximum of "
        "1.4447 V at u = 0.055 and its minimum of 0.7445 V at u = 0.5945. "
        "Beyond some 90 V its u stands at umax, where a run takes very small steps.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 3.0,
    .derive = derive,
    .eval = eval,
};
