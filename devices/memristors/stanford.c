/* The Stanford-PKU filament model with the IMEC HfOx numbers that the SkyWater sky130 kit uses: the gap
 * and the temperature of the filament are its states. */
#include "devices/memristors/model.h"

enum {
  I0,
  V0,
  GAP_REF,
  VEL0,
  EAG,
  EAR,
  GAMMA0,
  BETA,
  ATOM,
  THICK,
  C_TH,
  TAU_TH,
  T_AMB,
  F_MIN,
  CHI,
  DGAP,
  T_CRIT,
  T_SMTH,
  G0,
  GMIN,
  GMAX,
  T0,
  TMIN,
  TMAX,
  N_PARAMS,
  INV_V0 = N_PARAMS,
  INV_GREF,
  FIELD,
  AMBIENT,
  N_ALL
};

#define PAPER "Jiang et al., IEEE TED 63, 1884 (2016)"
#define IMEC  PAPER "; IMEC HfOx, sky130_xyce_reram"
#define GUAN  "Guan et al., IEEE EDL 33, 1405 (2012); bcrafton/rram, MemTorch"
#define NM3   1e27 /* 1/(1 nm)^3 in 1/m^3 */

static const pn_param params[] = {
    PN_NUM("i0", "A", 61.4e-6, PN_POSITIVE, "Current scale.", IMEC, "S2+"),
    PN_NUM("v0", "V", 0.43, PN_POSITIVE, "Voltage scale of the current.", IMEC, "S2+"),
    PN_NUM("g_ref", "m", 0.275e-9, PN_POSITIVE, "Gap scale of the current (the paper's g0).", IMEC,
           "S2+"),
    PN_NUM("vel0", "m/s", 150.0, PN_GE0, "Velocity scale of the gap.", IMEC, "S2+"),
    PN_NUM("ea_g", "eV", 1.501, PN_GE0, "Activation energy of generation.", IMEC, "S2+"),
    PN_NUM("ea_r", "eV", 1.500, PN_GE0, "Activation energy of recombination.", IMEC, "S2+"),
    PN_NUM("gamma0", "1", 16.5, PN_GE0, "Local field enhancement without gap.", IMEC, "S2+"),
    PN_NUM("beta", "1", 1.25, PN_GE0, "How the enhancement falls with the gap, in nm, cubed.", IMEC,
           "S2+"),
    PN_NUM("a0", "m", 0.25e-9, PN_GE0, "Distance of atomic sites.", IMEC, "S2+"),
    PN_NUM("thick", "m", 5e-9, PN_POSITIVE, "Thickness of the oxide.", IMEC, "S2+"),
    PN_NUM("c_th", "J/K", 3.18e-16, PN_POSITIVE, "Heat capacity of the filament.", IMEC, "S2+"),
    PN_NUM("tau_th", "s", 0.23e-9, PN_POSITIVE, "Thermal time constant.", IMEC, "S2+"),
    PN_NUM("t_amb", "K", 298.0, PN_GE0, "Ambient temperature; 0: the device's.",
           IMEC "; others have 300", "X"),
    PN_NUM("f_min", "V/nm", 0.0, PN_GE0, "Enhanced field below which the gap stands still.",
           "only in the form of 2012", "S2+"),
    PN_OWN("chi", "1", 0.0, PN_ANY,
           "Noise of the gap's velocity: noise(chi)=normal_abs(1) noise(dt)=T draws it every T "
           "seconds."),
    PN_NUM("dgap", "m/s", 0.02, PN_GE0, "Velocity of chi = 1 in a hot filament.", GUAN, "S2+"),
    PN_NUM("t_crit", "K", 450.0, PN_ANY, "Temperature at which the noise is half of that.", GUAN,
           "S2+"),
    PN_NUM("t_smth", "K", 500.0, PN_POSITIVE, "Temperature over which it rises.", GUAN, "S2+"),
    PN_OWN("g0", "m", 1.7e-9, PN_GE0, "Initial gap."),
    PN_NUM("gmin", "m", 0.1e-9, PN_GE0, "Least gap.", IMEC, "S2+"),
    PN_NUM("gmax", "m", 1.7e-9, PN_GE0, "Largest gap.", IMEC, "S2+"),
    PN_OWN("t0", "K", 298.0, PN_POSITIVE, "Initial temperature."),
    PN_OWN("tmin", "K", 100.0, PN_POSITIVE, "Lower bound of the temperature."),
    PN_OWN("tmax", "K", 5000.0, PN_POSITIVE, "Upper bound of the temperature."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("imec", "HfOx of IMEC, as sky130 uses it (the defaults).", IMEC, "S2+", {T_AMB, 298.0}),
    PN_SET("guan", "Form of 2012: one energy, a least field, a filament without heat capacity.",
           GUAN, "S2+", {I0, 1e-3}, {V0, 0.25}, {GAP_REF, 0.25e-9}, {VEL0, 5.0}, {EAG, 0.6},
           {EAR, 0.6}, {GAMMA0, 16.0}, {BETA, 0.8}, {THICK, 12e-9}, {C_TH, 1e-12 / 2100.0},
           {TAU_TH, 1e-12}, {F_MIN, 1.4}, {GMIN, 0.2e-9}),
};

static const pn_mem_state states[] = {
    {"g", "m", "gap between the filament and the electrode", G0, GMIN, GMAX, 0.0, 1, 0, 0},
    {"t", "K", "temperature of the filament", T0, TMIN, TMAX, 300.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  p[AMBIENT] = p[T_AMB] > 0.0 ? p[T_AMB] : temp;
  p[INV_V0] = 1.0 / p[V0];
  p[INV_GREF] = 1.0 / p[GAP_REF];
  p[FIELD] = p[ATOM] / p[THICK];
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
    double v = b->v[l], gap = x[0][l], t = x[1][l], cosh_v, slope;
    double amplitude = p[I0][l] * pn_lim_exp(-gap * p[INV_GREF][l], &slope);
    double i = amplitude * pn_sinh(v * p[INV_V0][l], &cosh_v);
    double i_v = amplitude * p[INV_V0][l] * cosh_v, i_g = -i * p[INV_GREF][l];

    /* generation and recombination: exp((-ea +- field) q/(k t)), fields in eV */
    double q_kt = PN_Q_E / (PN_K_B * t), cube = gap * gap * gap * NM3;
    double gamma = p[GAMMA0][l] - p[BETA][l] * cube;
    double gamma_g = -3.0 * p[BETA][l] * gap * gap * NM3;
    bool strong = gamma * fabs(v) >= p[F_MIN][l] * 1e9 * p[THICK][l];
    gamma = strong ? gamma : 0.0;
    gamma_g = strong ? gamma_g : 0.0;
    double field = gamma * p[FIELD][l] * v, gen_slope, rec_slope;
    double gen_e = (field - p[EAG][l]) * q_kt, rec_e = (-field - p[EAR][l]) * q_kt;
    double gen = pn_lim_exp(gen_e, &gen_slope), rec = pn_lim_exp(rec_e, &rec_slope);
    double by_field = -p[VEL0][l] * (gen_slope + rec_slope) * q_kt; /* d(dg/dt)/d field */

    b->i[l] = i;
    b->i_v[l] = i_v;
    i_x[0][l] = i_g;
    i_x[1][l] = 0.0;
    double hot_slope, hot = pn_logistic((t - p[T_CRIT][l]) / p[T_SMTH][l], &hot_slope);
    double noise = p[CHI][l] * p[DGAP][l];
    g[0][l] = -p[VEL0][l] * (gen - rec) + noise * hot;
    g_v[0][l] = by_field * gamma * p[FIELD][l];
    g_x[0][l] = by_field * gamma_g * p[FIELD][l] * v;
    g_x[1][l] = p[VEL0][l] * (gen_slope * (gen_e - rec_e) + (gen_slope - rec_slope) * rec_e) / t +
                noise * hot_slope / p[T_SMTH][l];
    double inv_c = 1.0 / p[C_TH][l], inv_tau = 1.0 / p[TAU_TH][l]; /* v i >= 0 */
    g[1][l] = v * i * inv_c - (t - p[AMBIENT][l]) * inv_tau;
    g_v[1][l] = (i + v * i_v) * inv_c;
    g_x[2][l] = v * i_g * inv_c;
    g_x[3][l] = -inv_tau;
  }
}

const pn_memristor pn_memristor_stanford = {
    .name = "stanford",
    .title = "Stanford-PKU filament model of HfOx (IMEC, sky130)",
    .equations = "i = i0 exp(-g/g_ref) sinh(v/v0)\n"
                 "gamma = gamma0 - beta (g/1 nm)^3, but 0 where gamma |v|/thick < f_min\n"
                 "field = gamma a0 v/thick\n"
                 "dg/dt = -vel0 (exp(q (field - ea_g)/(k t)) - exp(-q (field + ea_r)/(k t)))\n"
                 "        + chi dgap/(1 + exp((t_crit - t)/t_smth))\n"
                 "dt/dt = |v i|/c_th - (t - t_amb)/tau_th\n",
    .citation =
        "X. Guan, S. Yu, H.-S. P. Wong, A SPICE Compact Model of Metal Oxide Resistive Switching "
        "Memory With Variations, IEEE Electron Device Lett. 33(10), 1405-1407, 2012; Z. Jiang et "
        "al., A Compact Model for Metal-Oxide Resistive Random Access Memory With Experiment "
        "Verification, IEEE Trans. Electron Devices 63(5), 1884-1892, 2016, "
        "doi:10.1109/TED.2016.2545412",
    .notes =
        "The published g0 is g_ref here; g0 is the initial gap. The gap is g = thickness less the "
        "filament's length. Set guan is the model as first published: its v0 e^(-q Ea/kT) sinh() "
        "is "
        "the same difference with vel0 = v0/2 and one energy, its static temperature, 2100 K/W, a "
        "time constant of 1 ps. The published noise of the gap is chi, a standard normal number "
        "drawn anew every "
        "noise(dt) seconds (published: every time step), so that its effect grows as the square "
        "root of dt.",
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
