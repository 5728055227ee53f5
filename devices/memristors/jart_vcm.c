/* JART VCM v1b: a Schottky contact, an oxygen-vacancy disc, a plug and line resistances in series, with
 * ion hopping in the disc's field. The vacancy concentration of the disc is the state; the
 * contact's voltage and the filament's temperature are inner unknowns; the former's equation
 * is the logarithm of the balance of currents, which Newton's method solves easily. The disc's radius
 * and length wander from cycle to cycle, as published, when a card varies r_next and l_next. */
#include "devices/memristors/dual.h"
#include "devices/memristors/model.h"

enum {
  EPS,
  EPS_B,
  PHI_B0,
  PHI_N,
  MU,
  N_PLUG,
  HOP,
  NU0,
  WA,
  RTH0,
  RTH_SCALE,
  RADIUS,
  L_CELL,
  L_DISC,
  R_TIOX,
  R_LINE,
  RTH_LINE,
  ALPHA,
  RICHARDSON,
  T_AMB,
  Z,
  MASS,
  N0,
  NMIN,
  NMAX,
  VS0,
  VSMIN,
  VSMAX,
  T0,
  TMIN,
  TMAX,
  R_NEXT,
  L_NEXT,
  N_PARAMS,
  CONDUCTION = N_PARAMS,
  LOWERING,
  W00,
  AMBIENT,
  N_ALL
};
/* Memory: concentration, radius and length of the disc at the last step, where radius and length are
 * going, and the sign of the voltage. */
enum { N_LAST, R_NOW, L_NOW, R_TO, L_TO, SIGN, N_HIST };

#define EPS0      8.8541878128e-12  /* F/m (CODATA 2018) */
#define M_EL      9.1093837015e-31  /* kg, electron (CODATA 2018) */
#define K_EV      (PN_K_B / PN_Q_E) /* eV/K */
#define CONC      1e26              /* 1/m^3, unit of the concentrations */
#define LEAST_PSI 1e-20 /* V, keeps the slope of its fourth root finite; 5 ueV of lowering */
#define PAPER     "Bengel et al., IEEE TCAS-I 67, 4618 (2020)"

static const pn_param params[] = {
    PN_NUM("eps", "1", 17.0, PN_POSITIVE, "Relative static permittivity.", PAPER, "S2+"),
    PN_NUM("eps_b", "1", 5.5, PN_POSITIVE, "Relative permittivity of barrier lowering.", PAPER,
           "S2+"),
    PN_NUM("phi_b0", "eV", 0.18, PN_GE0, "Height of the Schottky barrier.", PAPER, "S2+"),
    PN_NUM("phi_n", "eV", 0.1, PN_GE0, "Fermi level below the conduction band.", PAPER, "S2+"),
    PN_NUM("mu", "m^2/(V s)", 4e-6, PN_POSITIVE, "Mobility of electrons.", PAPER, "S2+"),
    PN_NUM("n_plug", "1e26/m^3", 20.0, PN_POSITIVE, "Vacancies in the plug.", PAPER, "S2+"),
    PN_NUM("hop", "m", 0.25e-9, PN_POSITIVE, "Hopping distance.", PAPER, "S2+"),
    PN_NUM("nu0", "Hz", 2e13, PN_GE0, "Attempt frequency.", PAPER, "S2+"),
    PN_NUM("wa", "eV", 1.35, PN_POSITIVE, "Activation energy of hopping.", PAPER, "S2+"),
    PN_NUM("rth0", "K/W", 15.72e6, PN_GE0, "Thermal resistance while setting.", PAPER, "S2+"),
    PN_NUM("rth_scale", "1", 0.27, PN_GE0, "Factor on it while resetting.", PAPER, "S2+"),
    PN_NUM("radius", "m", 45e-9, PN_POSITIVE, "Radius of the filament.", PAPER, "S2+"),
    PN_NUM("l_cell", "m", 3e-9, PN_POSITIVE, "Length of disc and plug.", PAPER, "S2+"),
    PN_NUM("l_disc", "m", 0.4e-9, PN_POSITIVE, "Length of the disc.", PAPER, "S2+"),
    PN_NUM("r_tiox", "ohm", 650.0, PN_GE0, "Resistance of the TiOx layer.", PAPER, "S2+"),
    PN_NUM("r_line", "ohm", 719.2437, PN_GE0, "Resistance of the lines when cold.", PAPER, "S2+"),
    PN_NUM("rth_line", "K/W", 90471.47, PN_GE0, "Thermal resistance of the lines.", PAPER, "S2+"),
    PN_NUM("alpha", "1/K", 3.92e-3, PN_GE0, "Temperature coefficient of the lines.", PAPER, "S2+"),
    PN_NUM("richardson", "A/(m^2 K^2)", 6.01e5, PN_POSITIVE, "Effective Richardson constant.",
           PAPER, "S2+"),
    PN_NUM("t_amb", "K", 293.0, PN_GE0, "Ambient temperature; 0: the circuit's.", PAPER, "S2+"),
    PN_NUM("z", "1", 2.0, PN_POSITIVE, "Charge number of a vacancy.", PAPER, "S2+"),
    PN_NUM("mass", "1", 1.0, PN_POSITIVE, "Effective mass over the electron's.", PAPER, "M"),
    PN_OWN("n0", "1e26/m^3", 0.008, PN_POSITIVE, "Initial vacancies in the disc."),
    PN_NUM("nmin", "1e26/m^3", 0.008, PN_POSITIVE, "Least vacancies; JART-TUD has 0.004.", PAPER,
           "X"),
    PN_NUM("nmax", "1e26/m^3", 20.0, PN_POSITIVE, "Most vacancies; JART-TUD has 22.", PAPER, "X"),
    PN_OWN("vs0", "V", 0.0, PN_ANY, "First guess of the contact's voltage."),
    PN_OWN("vsmin", "V", -3.0, PN_LE0, "Lower bound of the contact's voltage."),
    PN_OWN("vsmax", "V", 3.0, PN_GE0, "Upper bound of the contact's voltage."),
    PN_OWN("t0", "K", 293.0, PN_POSITIVE, "First guess of the temperature."),
    PN_OWN("tmin", "K", 200.0, PN_POSITIVE, "Lower bound of the temperature."),
    PN_OWN("tmax", "K", 10000.0, PN_POSITIVE, "Upper bound of the temperature."),
    PN_OWN("r_next", "1", 1.0, PN_POSITIVE,
           "Radius, over radius, towards which the disc's goes while it switches; for c2c."),
    PN_OWN("l_next", "1", 1.0, PN_POSITIVE,
           "Length, over l_disc, towards which the disc's goes while it switches; for c2c."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("tud", "Range of the concentration as JART-TUD ships it.",
           "Ntinas et al. 2023, repository vntinas", "X", {NMAX, 22.0}, {NMIN, 0.004}, {N0, 0.004}),
};

/* A SET begins at nmin and grows by factors: a tolerance of 1e-6 of the whole range, 2e-5, would be 0.25 % of nmin,
 * and so an error of its time. */
static const pn_mem_state states[] = {
    {"n", "1e26/m^3", "vacancies in the disc", N0, NMIN, NMAX, 0.1, 1, 0, 0},
    {"vs", "V", "voltage across the Schottky contact", VS0, VSMIN, VSMAX, 0.0, 0, 0, 0},
    {"t", "K", "temperature of the filament", T0, TMIN, TMAX, 300.0, 0, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double eps_b = p[EPS_B] * EPS0, q = PN_Q_E;
  p[LOWERING] = q * q * q * p[Z] * CONC / (8.0 * M_PI * M_PI * eps_b * eps_b * eps_b); /* V^3 */
  p[W00] = PN_H / (4.0 * M_PI) * sqrt(p[Z] * CONC / (p[MASS] * M_EL * p[EPS] * EPS0)); /* V */
  p[CONDUCTION] = p[Z] * q * CONC * p[MU]; /* S/m, over the concentration */
  p[AMBIENT] = p[T_AMB] > 0.0 ? p[T_AMB] : temp;
}

static void init_hist(const pn_memristor *m, const double *p, double *h)
{
  (void)m;
  h[N_LAST] = p[N0];
  h[R_NOW] = p[RADIUS];
  h[L_NOW] = p[L_DISC];
  h[R_TO] = p[RADIUS] * p[R_NEXT];
  h[L_TO] = p[L_DISC] * p[L_NEXT];
  h[SIGN] = 0.0;
}

/* Variability as published: at each change of polarity the disc gets a new radius and length to go to, and
 * goes there in proportion to the way of n to its bound. */
static bool accept(const pn_memristor *m, double time, const double *p, double v, const double *x,
                   double *h)
{
  (void)m;
  (void)time;
  double sign = v > 0.0 ? 1.0 : v < 0.0 ? -1.0 : h[SIGN];
  if (sign != h[SIGN]) {
    h[R_TO] = p[RADIUS] * p[R_NEXT];
    h[L_TO] = p[L_DISC] * p[L_NEXT];
    h[SIGN] = sign;
  }
  double way = x[0] - h[N_LAST], room = way > 0.0 ? p[NMAX] - h[N_LAST] : p[NMIN] - h[N_LAST];
  double part = room != 0.0 ? fmin(fmax(way / room, 0.0), 1.0) : 0.0;
  h[R_NOW] += part * (h[R_TO] - h[R_NOW]);
  h[L_NOW] += part * (h[L_TO] - h[L_NOW]);
  h[N_LAST] = x[0];
  return false; /* it moves with n, without a jump */
}

/* What the formulas below need of one lane. */
typedef struct cell {
  double area, lowering, w00, phi_b0, phi_n, richardson;
} cell;

/* The contact's current is scale (exp(z) - 1): thermionic emission forwards, with z = vs/kT, thermionic
 * field emission backwards, with z = -vs/e1 and a negative scale. The sign of v chooses. */
PN_INLINE pn_dual contact(const cell *c, bool backwards, pn_dual vs, pn_dual t, pn_dual n,
                          pn_dual *z)
{
  pn_dual psi = pn_d_floor(pn_d_sub(pn_d_const(c->phi_b0 - c->phi_n), vs), LEAST_PSI);
  pn_dual drop = pn_d_sqrt(pn_d_sqrt(pn_d_scale(c->lowering, pn_d_mul(n, psi))));
  pn_dual phi = pn_d_floor(pn_d_sub(pn_d_const(c->phi_b0), drop), 0.0);
  pn_dual kt = pn_d_scale(K_EV, t), inv_kt = pn_d_inv(kt);

  pn_dual forward = pn_d_exp(pn_d_scale(-1.0, pn_d_mul(phi, inv_kt)));
  forward = pn_d_mul(pn_d_mul(t, t), forward);

  pn_dual w00 = pn_d_scale(c->w00, pn_d_sqrt(n)), x = pn_d_mul(w00, inv_kt), th = pn_d_tanh(x);
  pn_dual back_v = pn_d_scale(-1.0, vs);
  pn_dual inv_e1 = pn_d_div(pn_d_sub(x, th), w00);
  pn_dual under = pn_d_mul(w00, pn_d_add(pn_d_floor(back_v, 0.0), pn_d_mul(phi, pn_d_sech2(x))));
  pn_dual backward = pn_d_sqrt(pn_d_floor(pn_d_scale(M_PI, under), 1e-12));
  backward = pn_d_mul(pn_d_scale(-1.0 / K_EV, t), backward);
  /* exp(-phi/w0), w0 = w00 coth(x) = w00/tanh(x) */
  backward = pn_d_mul(backward, pn_d_exp(pn_d_scale(-1.0, pn_d_div(pn_d_mul(phi, th), w00))));

  *z = pn_d_pick(backwards, pn_d_mul(back_v, inv_e1), pn_d_mul(vs, inv_kt));
  return pn_d_scale(c->area * c->richardson, pn_d_pick(backwards, backward, forward));
}

/* i = scale (exp(z) - 1) with its exponential taken off: ln(1 + i/scale) - z, continued below 0, where
 * only trial values lie, by i/scale and exp(z) - 1. */
PN_INLINE pn_dual balance(pn_dual i, pn_dual scale, pn_dual z)
{
  pn_dual y = pn_d_div(i, scale), one_y = pn_d_shift(1.0, pn_d_floor(y, 0.0));
  pn_dual left = pn_d_pick(y.v > 0.0, pn_d_log(one_y), y);
  pn_dual right = pn_d_pick(z.v > 0.0, z, pn_d_expm1(z));
  return pn_d_sub(left, right);
}

/* asin g of |g| < 1, root = sqrt(1 - g^2): 2 atan(g / (1 + root)), halved once more, atan w = w P(w^2) for
 * |w| <= tan(pi/8), where Chebyshev's interpolation P leaves 1.3e-18. */
PN_INLINE double arcsine(double g, double root)
{
  double u = g / (1.0 + root), w = u / (1.0 + sqrt(1.0 + u * u)), s = w * w, s2 = s * s,
         s4 = s2 * s2;
  double p0 = (1.0 - 0x1.555555555552fp-2 * s) +
              s2 * (0x1.999999999466ap-3 - 0x1.2492492259b3ep-3 * s);
  double p1 = (0x1.c71c70cb775cep-4 - 0x1.745cf64dcc6bdp-4 * s) +
              s2 * (0x1.3b10f0f5b1224p-4 - 0x1.10ea1d157f6ffp-4 * s);
  double p2 = (0x1.def9ecd6a20f2p-5 - 0x1.9c79c07a989c6p-5 * s) +
              s2 * (0x1.3702ea64c11f2p-5 - 0x1.23b93fac21dacp-6 * s);
  return 4.0 * w * (p0 + s4 * (p1 + s4 * p2));
}

/* exp(-wmin/kT) - exp(-wmax/kT), the net hopping of ions over barriers tilted by the field: gamma is the
 * tilt, in units of pi wa. */
PN_INLINE pn_dual net_hopping(double wa, pn_dual gamma, pn_dual t)
{
  const double most = 0.999;
  bool inside = fabs(gamma.v) < most;
  double g = inside ? gamma.v : copysign(most, gamma.v), root = sqrt(1.0 - g * g);
  double asin_g = arcsine(g, root);
  pn_dual gam = pn_d_chain(gamma, g, inside ? 1.0 : 0.0);
  pn_dual even = pn_d_chain(gam, root + g * asin_g, asin_g); /* d/dg (root + g asin g) = asin g */
  pn_dual inv = pn_d_scale(wa / K_EV, pn_d_inv(t));
  pn_dual high = pn_d_mul(inv, pn_d_sub(pn_d_scale(M_PI / 2, gam), even));
  pn_dual low = pn_d_mul(inv, pn_d_sub(pn_d_scale(-M_PI / 2, gam), even));
  return pn_d_sub(pn_d_exp(high), pn_d_exp(low));
}

/* Current through the ohmic part: the root of f = r i + q i^3 - u, by Halley's steps 2 f f'/(2 f'^2 - f f'') from
 * u/r. Four leave 1e-15 of it while q u^2 < 9 r^3, which is 20 V, and 6e-6 at 60 V. */
PN_INLINE pn_dual ohmic_current(pn_dual u, pn_dual r, double q)
{
  double i = u.v / r.v;
#pragma GCC unroll 4
  for (int step = 0; step < 4; step++) {
    double qi = q * i, q2 = qi * i, f = (r.v + q2) * i - u.v, f_i = r.v + 3.0 * q2;
    i -= f * f_i / (f_i * f_i - 3.0 * qi * f);
  }
  double part = 1.0 / (r.v + 3.0 * q * i * i);
  pn_dual slope = pn_d_sub(u, pn_d_scale(i, r));
  return pn_d_chain(slope, i, part);
}

/* x^10 */
PN_INLINE pn_dual tenth(pn_dual x)
{
  pn_dual x2 = pn_d_mul(x, x), x4 = pn_d_mul(x2, x2);
  return pn_d_mul(pn_d_mul(x4, x4), x2);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x, *h = (const void *)b->h;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    /* derivatives: a with respect to n, b to vs, c to t, d to v */
    pn_dual n = {x[0][l], 1.0, 0.0, 0.0, 0.0}, vs = {x[1][l], 0.0, 1.0, 0.0, 0.0};
    pn_dual t = {x[2][l], 0.0, 0.0, 1.0, 0.0}, v = {b->v[l], 0.0, 0.0, 0.0, 1.0};
    double radius = h[R_NOW][l], length = h[L_NOW][l], area = M_PI * radius * radius;
    double metre = 1.0 / (p[CONDUCTION][l] * area); /* ohm/m, over the concentration */
    cell c = {area, p[LOWERING][l], p[W00][l], p[PHI_B0][l], p[PHI_N][l], p[RICHARDSON][l]};

    double r0 = p[R_LINE][l], cubic = r0 * r0 * p[ALPHA][l] * p[RTH_LINE][l]; /* ohm/A^2 */
    pn_dual r_disc = pn_d_scale(length * metre, pn_d_inv(n));
    pn_dual r_cell = pn_d_shift((p[L_CELL][l] - length) * metre / p[N_PLUG][l], r_disc);
    pn_dual i = ohmic_current(pn_d_sub(v, vs), pn_d_shift(p[R_TIOX][l] + r0, r_cell), cubic);
    bool set = v.v < 0.0;
    pn_dual z_contact, scale = contact(&c, set, vs, t, n, &z_contact);
    pn_dual v_disc = pn_d_mul(i, r_disc), v_cell = pn_d_add(vs, pn_d_mul(i, r_cell));

    double wide = p[RADIUS][l] / radius, rth = p[RTH0][l] * wide * wide;
    rth *= set ? 1.0 : p[RTH_SCALE][l];
    pn_dual warm = pn_d_shift(p[AMBIENT][l], pn_d_scale(rth, pn_d_mul(i, v_cell)));
    bool molten = !(warm.v < p[TMAX][l]); /* the balance has no other end beyond the bound */
    warm = pn_d_pick(molten, pn_d_const(p[TMAX][l]), warm);

    double z = p[Z][l], field = z * p[HOP][l] / (M_PI * p[WA][l]); /* m/V */
    pn_dual gamma = pn_d_pick(set, pn_d_scale(field / length, v_disc),
                              pn_d_scale(field / p[L_CELL][l], v_cell));
    pn_dual hopping = net_hopping(p[WA][l], gamma, t);
    pn_dual full = pn_d_pick(set, pn_d_scale(1.0 / p[NMAX][l], n),
                             pn_d_scale(p[NMIN][l], pn_d_inv(n)));
    pn_dual room = pn_d_shift(1.0, pn_d_scale(-1.0, tenth(full)));
    pn_dual mean = pn_d_shift(0.5 * p[N_PLUG][l], pn_d_scale(0.5, n));
    double speed = p[HOP][l] * p[NU0][l] / length; /* 1/s */
    pn_dual rate = pn_d_scale(-speed, pn_d_mul(pn_d_mul(mean, hopping), room));

    b->i[l] = i.v;
    b->i_v[l] = i.d;
    i_x[0][l] = i.a;
    i_x[1][l] = i.b;
    i_x[2][l] = 0.0;
    const pn_dual rows[] = {rate, balance(i, scale, z_contact), pn_d_sub(warm, t)};
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

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_jart_vcm = {
    .name = "jart_vcm",
    .title = "JART VCM v1b: valence change memory",
    .equations =
        "A = pi r^2; n, n_plug, nmin, nmax in 1e26/m^3; r = radius and l = l_disc at first\n"
        "at each change of polarity r_to = r_next radius, l_to = l_next l_disc, and with every "
        "step of n\n"
        "v < 0: dr = (r_to - r) dn/(nmax - n), dl = (l_to - l) dn/(nmax - n)\n"
        "v > 0: dr = (r_to - r) dn/(nmin - n), dl = (l_to - l) dn/(nmin - n)\n"
        "v = vs + i (r_disc + r_plug + r_tiox + r_line (1 + r_line alpha i^2 rth_line))\n"
        "r_disc = l/(z e n mu A), r_plug = (l_cell - l)/(z e n_plug mu A)\n"
        "phi_b = phi_b0 - (e^3 z n (phi_b0 - phi_n - vs)/(8 pi^2 eps_b^3))^(1/4), at least 0\n"
        "vs > 0: i = A richardson t^2 exp(-phi_b/(k t)) (exp(vs/(k t)) - 1)\n"
        "vs < 0: i = -A richardson (t/k) sqrt(pi w00 (|vs| + phi_b/cosh(w00/(k t))^2))\n"
        "            exp(-phi_b/w0) (exp(|vs|/e1) - 1),  w00 = (e h/(4 pi)) sqrt(z n/(mass m_e "
        "eps))\n"
        "            w0 = w00 coth(w00/(k t)), e1 = w00/(w00/(k t) - tanh(w00/(k t)))\n"
        "t = t_amb + i (vs + v_disc + v_plug) rth0 (radius/r)^2, for v > 0 times rth_scale\n"
        "E = v_disc/l (v < 0), (vs + v_disc + v_plug)/l_cell (v > 0), y = z E hop/(pi wa)\n"
        "w_min, w_max = wa (sqrt(1 - y^2) -+ y pi/2 + y asin(y))\n"
        "dn/dt = -(n_plug + n)/2 hop nu0/l (exp(-w_min/(k t)) - exp(-w_max/(k t))) F\n"
        "F = 1 - (n/nmax)^10 (v < 0), 1 - (nmin/n)^10 (v > 0)\n",
    .citation =
        "C. Bengel, A. Siemon, F. Cueppers, S. Hoffmann-Eifert, A. Hardtdegen, M. von Witzleben, "
        "L. Hellmich, R. Waser, S. Menzel, Variability-Aware Modeling of Filamentary Oxide-Based "
        "Bipolar Resistive Switching Cells Using SPICE Level Compact Models, IEEE Trans. Circuits "
        "Syst. I 67(12), 4618-4630, 2020, doi:10.1109/TCSI.2020.3018502; F. Cueppers et al., APL "
        "Mater. 7, 091105, 2019",
    .notes =
        "A negative voltage sets. The sign of v chooses the branch of the contact. The "
        "tilt y is "
        "kept within 0.999. Variability: c2c(r_next)=normal(0.1,2) c2c(l_next)=normal(0.1,2) "
        "draw a new "
        "radius and length each time the polarity changes, towards which the disc goes as n "
        "goes to "
        "its bound; c2c and dist of nmax and nmin vary those. The spreads are the user's. "
        "The temperature ends at tmax, where nothing would be left of a device. Beyond about 2 V "
        "the heat balance has two stable ends: where the one in force ends, a run stops.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 1.5,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .n_hist = N_HIST,
    .derive = derive,
    .eval = eval,
    .init_hist = init_hist,
    .accept = accept,
};
