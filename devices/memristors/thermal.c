/* The generic thermally driven memristor: a conductance that depends on the device's temperature, and
 * one heat balance. Four conductance laws cover the published threshold switches of this kind. */
#include "devices/memristors/model.h"
#include "devices/memristors/spread.h"

enum {
  LAW,
  G_REF,
  T_REF,
  EA,
  B_PF,
  D0,
  D1,
  D2,
  D3,
  D4,
  C_TH,
  R_TH,
  T_AMB,
  T0,
  TMIN,
  TMAX,
  N_PARAMS,
  INV_REF = N_PARAMS,
  INV_C,
  COOLING,
  N_ALL
};
enum { ARRHENIUS, POOLE_FRENKEL, POOLE_FRENKEL_3D, POLYNOMIAL };

#define K_EV   (PN_K_B / PN_Q_E) /* eV/K */
#define NAMLAB "fitted to the NaMLab polynomial of model nbox"
#define PAPER  "Ascoli et al., Front. Neurosci. 15, 651452 (2021)"

static const pn_param params[] = {
    PN_OWN("law", "1", ARRHENIUS, PN_INT(ARRHENIUS, POLYNOMIAL),
           "Conductance: 0 Arrhenius, 1 Poole-Frenkel, 2 three-dimensional Poole-Frenkel, "
           "3 polynomial."),
    PN_NUM("g_ref", "S", 0.966e-3, PN_POSITIVE, "Conductance at t_ref and low voltage.", NAMLAB,
           "D"),
    PN_NUM("t_ref", "K", 300.0, PN_POSITIVE, "Reference temperature.", NAMLAB, "D"),
    PN_NUM("ea", "eV", 0.1314, PN_GE0, "Activation energy (1525 K).", NAMLAB, "D"),
    PN_OWN("b_pf", "eV/V^0.5", 0.02, PN_GE0, "Lowering of the barrier by the field; laws 1 and 2."),
    PN_NUM("d0", "S", 6.50e-3, PN_ANY, "Conductance, constant term; law 3.", PAPER, "M"),
    PN_NUM("d1", "S/K", -6.66e-5, PN_ANY, "Conductance, linear term; law 3.", PAPER, "M"),
    PN_NUM("d2", "S/K^2", 2.14e-7, PN_ANY, "Conductance, quadratic term; law 3.", PAPER, "M"),
    PN_NUM("d3", "S/K^3", -2.14e-10, PN_ANY, "Conductance, cubic term; law 3.", PAPER, "M"),
    PN_NUM("d4", "S/K^4", 1.19e-13, PN_ANY, "Conductance, quartic term; law 3.", PAPER, "M"),
    PN_NUM("c_th", "J/K", 9.015e-13, PN_POSITIVE, "Heat capacity.", "d0/b2 of model nbox", "D"),
    PN_NUM("r_th", "K/W", 54.1e3, PN_POSITIVE, "Thermal resistance to the ambient.",
           "b2/(d0 |a1|) of model nbox", "D"),
    PN_NUM("t_amb", "K", 253.17, PN_GE0, "Ambient temperature; 0: the circuit's.",
           "-a0/a1 of model nbox", "D"),
    PN_OWN("t0", "K", 253.17, PN_POSITIVE, "Initial temperature."),
    PN_OWN("tmin", "K", 100.0, PN_POSITIVE, "Lower bound of the temperature."),
    PN_OWN("tmax", "K", 1500.0, PN_POSITIVE, "Upper bound of the temperature."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"t", "K", "temperature of the device", T0, TMIN, TMAX, 300.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double ambient = p[T_AMB] > 0.0 ? p[T_AMB] : temp;
  p[INV_REF] = 1.0 / p[T_REF];
  p[INV_C] = 1.0 / p[C_TH];
  p[COOLING] = ambient / (p[R_TH] * p[C_TH]); /* K/s */
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], t = b->x[l], law = p[LAW][l];
    double inv_kt = 1.0 / (K_EV * t), root = sqrt(fabs(v)), slope, f3_slope;

    /* laws 0 to 2: g_ref exp(-ea/k (1/t - 1/t_ref)), times a factor of y = b_pf sqrt|v|/(k t) */
    double cold = p[EA][l] * (p[INV_REF][l] / K_EV - inv_kt), cold_t = p[EA][l] * inv_kt / t;
    double y = p[B_PF][l] * root * inv_kt, y_t = -y / t;
    double e = law == POOLE_FRENKEL ? cold + y : cold;
    double e_t = law == POOLE_FRENKEL ? cold_t + y_t : cold_t;
    double base = p[G_REF][l] * pn_lim_exp(e, &slope), base_e = p[G_REF][l] * slope;
    double y_slope, y_exp = pn_lim_exp(y, &y_slope), s3 = pn_spread(y, y_exp, y_slope, &f3_slope);
    bool three = law == POOLE_FRENKEL_3D;
    double f = three ? 0.5 * (1.0 + s3) : 1.0, f_y = three ? 0.5 * f3_slope : 0.0;
    double g = base * f, g_t = base_e * e_t * f + base * f_y * y_t;
    /* v dg/dv = y/2 dg/dy */
    double v_g_v = 0.5 * y * ((law == POOLE_FRENKEL ? base_e : 0.0) + base * f_y);

    double poly = p[D0][l] + t * (p[D1][l] + t * (p[D2][l] + t * (p[D3][l] + t * p[D4][l])));
    double poly_t = p[D1][l] + t * (2.0 * p[D2][l] + t * (3.0 * p[D3][l] + t * 4.0 * p[D4][l]));
    bool polynomial = law == POLYNOMIAL;
    g = polynomial ? poly : g;
    g_t = polynomial ? poly_t : g_t;
    v_g_v = polynomial ? 0.0 : v_g_v;

    double inv_c = p[INV_C][l];
    b->i[l] = v * g;
    b->i_v[l] = g + v_g_v;
    b->i_x[l] = v * g_t;
    b->g[l] = v * v * g * inv_c + p[COOLING][l] - t * inv_c / p[R_TH][l];
    b->g_v[l] = v * (2.0 * g + v_g_v) * inv_c;
    b->g_x[l] = v * v * g_t * inv_c - inv_c / p[R_TH][l];
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_thermal = {
    .name = "thermal",
    .title = "Generic thermally driven memristor",
    .equations =
        "law 0: i = v g_ref exp(-ea/k (1/t - 1/t_ref))\n"
        "law 1: i = v g_ref exp(-ea/k (1/t - 1/t_ref) + y), y = b_pf sqrt|v| / (k t)\n"
        "law 2: i = v g_ref exp(-ea/k (1/t - 1/t_ref)) (1 + (1 + (y - 1) exp(y)) 2/y^2)/2\n"
        "law 3: i = v (d0 + d1 t + d2 t^2 + d3 t^3 + d4 t^4)\n"
        "c_th dt/dt = i v - (t - t_amb)/r_th\n",
    .citation =
        "S. Slesazeck et al., Physical model of threshold switching in NbO2 based memristors, RSC "
        "Adv. 5, 102318, 2015 (Poole-Frenkel); G. A. Gibson et al., An accurate locally active "
        "memristor model for S-type negative differential resistance in NbOx, Appl. Phys. Lett. "
        "108, 023505, 2016 (three-dimensional Poole-Frenkel); I. Messaris et al., IEEE Trans. "
        "Circuits Syst. I 68, 4979, 2021 (one class with the NaMLab model)",
    .notes = "A kernel, not a fitted device: the defaults stand in for the NaMLab NbOx device at "
             "low field; "
             "b_pf is an example. Law 2 is normalised to g_ref at low voltage.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 2.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
