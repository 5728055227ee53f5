/* The Al2O3/TiO2-x device of the 64 x 64 passive crossbar: Nili's phenomenological fit of how far one
 * pulse moves the conductance, made a differential equation in which a rectangular pulse of any width
 * moves it exactly that far. Time counts from the pulse's beginning, so the pulse's age and the
 * conductance at its beginning are states beside the conductance. */
#include "devices/memristors/model.h"

enum {
  A10,
  A11,
  A12,
  A30,
  A31,
  A32,
  V_FIT,
  C0_SET,
  C1_SET,
  C0_RESET,
  C3_RESET,
  LOG,
  V_WRITE,
  Z_READ,
  Z_WRITE,
  T_FIT,
  T_REST,
  G0,
  GMIN,
  GMAX,
  AGE0,
  N_PARAMS,
  A1_T = N_PARAMS,
  A3_T,
  CELSIUS,
  PER_E,
  N_ALL
};

#define PAPER "Nili et al., IEEE TNANO 19, 344 (2020)"
#define CODE  PAPER "; caixunshiren/pytorch-metal-oxide-memristor-crossbar"

static const pn_param params[] = {
    PN_NUM("a10", "S", -2.58e-6, PN_ANY, "Linear conductance: constant term.", CODE, "S1"),
    PN_NUM("a11", "1", 0.977, PN_GE0, "Linear conductance per g.", CODE, "S1"),
    PN_NUM("a12", "S/K", 1.166e-7, PN_ANY, "Linear conductance per degC.", CODE, "S1"),
    PN_NUM("a30", "1/V^2", 1.18, PN_GE0, "Cubic conductance per g.", CODE, "S1"),
    PN_NUM("a31", "1/(S V^2)", 6596.0, PN_GE0, "Cubic conductance per g squared.", CODE, "S1"),
    PN_NUM("a32", "S/V^2", 1.605e-3, PN_GE0, "Cubic conductance times degC^1.33.", CODE, "S1"),
    PN_NUM("v_fit", "V", 0.4, PN_POSITIVE,
           "Largest voltage of the fit of i(v); beyond, the conductance stays.", CODE, "S1"),
    PN_NUM("c0_set", "S", 1.55e-4, PN_GE0, "Scale of setting.", CODE, "S1"),
    PN_NUM("c1_set", "1", -0.47, PN_LE0, "Steepness of setting over the pulse's age.", CODE, "S1"),
    PN_NUM("c0_reset", "S", -0.89e-4, PN_LE0, "Scale of resetting.", CODE, "S1"),
    PN_NUM("c3_reset", "1/V", 6.2, PN_GE0, "Steepness of resetting over the voltage.", CODE, "S1"),
    PN_NUM("log", "1", 10.0, PN_INT(1, 10),
           "Logarithm of the pulse's age: 10 to the base 10, 1 natural, as in the code.",
           "derived: only base 10 gives spreads between devices below 1", "X"),
    PN_NUM("v_write", "V", 0.8, PN_POSITIVE, "Voltage from which a pulse writes.", CODE, "S1"),
    PN_OWN("z_read", "1", 0.0, PN_IN(-4.0, 4.0),
           "Place of this device in the spread of i(v), in standard deviations."),
    PN_OWN("z_write", "1", 0.0, PN_IN(-4.0, 4.0),
           "Place of this device in the spread of switching, in standard deviations."),
    PN_NUM("t_fit", "s", 1e-7, PN_POSITIVE,
           "Least width of the fit; in shorter times the change is proportional to time.", CODE,
           "S1"),
    PN_OWN("t_rest", "s", 1e-9, PN_POSITIVE, "Time in which a pulse's age is forgotten."),
    PN_OWN("g0", "S", 30e-6, PN_POSITIVE, "Initial conductance."),
    PN_NUM("gmin", "S", 3.16e-6, PN_POSITIVE, "Least conductance.", CODE, "S1"),
    PN_NUM("gmax", "S", 316e-6, PN_POSITIVE, "Largest conductance.", CODE, "S1"),
    PN_OWN("age0", "s", 0.0, PN_GE0, "Age with which a pulse begins."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("base10", "Decades of the pulse's width (the defaults).", PAPER, "X", {LOG, 10.0}),
    PN_SET("natural", "Natural logarithm of the pulse's width, as the code has it.", CODE, "X",
           {LOG, 1.0}),
};

static const pn_mem_state states[] = {
    {"g", "S", "conductance", G0, GMIN, GMAX, 0.0, 1, 0, 0},
    {"age", "s", "time since the pulse began", AGE0, AGE0, -1, 1e-5, 1, 0, 0},
    {"gs", "S", "conductance when the pulse began", G0, GMIN, GMAX, 0.0, 1, 0, 0},
};

/* Rows of the fit by the conductance at the pulse's beginning; ten numbers in the order of the table
 * that the equations print. */
enum { C2S, C3S, C4S, DS0, DS1, DS2, DS3, DS4, C1R, C2R, C4R, DR0, DR1, DR2, DR3, DR4, N_FIT };
enum { N_ROWS = 8 };
static const double edge[N_ROWS - 1] = {5.62e-6, 10e-6, 17.8e-6, 31.6e-6, 56.2e-6, 100e-6, 178e-6};
static const double fit[N_FIT][N_ROWS] = {
    [C2S] = {-3.851, -3.769, -3.729, -3.517, -3.426, -3.373, -3.422, -3.572},
    [C3S] = {9.369, 7.512, 6.801, 6.180, 5.946, 5.005, 4.936, 4.864},
    [C4S] = {10.4, 8.419, 7.582, 6.851, 6.558, 5.792, 5.840, 5.785},
    [DS0] = {-1.26, -1.22, -1.03, -0.78, -0.37, 0.14, 0.34, 0.26},
    [DS1] = {-0.02, -0.02, -0.02, -0.01, 5e-3, 0.01, 0.01, 0.01},
    [DS2] = {0.82, 0.84, 0.72, 0.53, 0.15, -0.29, -0.41, -0.29},
    [DS3] = {-0.57, -0.57, -0.47, -0.33, -0.01, 0.31, 0.37, 0.25},
    [DS4] = {0.94, 0.81, 0.63, 0.45, 0.11, -0.21, -0.29, -0.20},
    [C1R] = {0.89, 0.51, 0.34, 0.25, 0.23, 0.21, 0.22, 0.28},
    [C2R] = {8.96, 6.88, 4.93, 3.63, 2.91, 2.33, 1.93, 1.68},
    [C4R] = {-10.90, -8.61, -8.14, -7.77, -7.42, -7.30, -7.10, -7.00},
    [DR0] = {0.04, -5e-3, -0.07, -0.11, -0.15, -0.12, -0.04, 0.10},
    [DR1] = {2e-4, -4e-4, -3e-3, -4e-3, -6e-3, -5e-3, -2e-3, 3e-3},
    [DR2] = {0.02, -2e-3, -0.07, -0.11, -0.17, -0.16, -0.10, 0.02},
    [DR3] = {5e-3, -0.01, -0.05, -0.09, -0.13, -0.13, -0.11, -0.05},
    [DR4] = {0.03, 0.02, -0.02, -0.03, -0.06, -0.06, -0.04, -4e-3},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  double celsius = fmax(temp - 273.15, 1.0); /* the fit's power diverges at 0 degC */
  p[A1_T] = p[A10] + p[A12] * celsius;
  p[A3_T] = p[A32] * pow(celsius, -1.33);
  p[CELSIUS] = celsius;
  p[PER_E] = p[LOG] > 5.0 ? 1.0 / M_LN10 : 1.0;
}

static int row_of(double g)
{
  int row = 0;
  for (int k = 0; k < N_ROWS - 1; k++)
    row += g >= edge[k];
  return row;
}

/* dg/dt at voltage v and age s of a pulse that began in a row of the fit; *by_v and *by_s get its
 * derivatives. One pulse moves g by K(v) q(l) (1 + z M), l = log(s), K = c0 (tanh(c3 v - c4) +- 1),
 * q = +-1 - tanh(c1 (l - c2)), M = d0 + d1 l^2 + d2 v l + d3 v^2 l + d4 v^3; s is at least t_fit. */
static double speed(const double *p, int row, double v, double s, double *by_v, double *by_s)
{
  bool set = v > 0.0;
  double least = p[T_FIT * PN_LANES], t = s > least ? s : least;
  double w = p[PER_E * PN_LANES], z = p[Z_WRITE * PN_LANES], l = w * pn_log(t);
  double sign = set ? 1.0 : -1.0, c0 = p[(set ? C0_SET : C0_RESET) * PN_LANES];
  double c1 = set ? p[C1_SET * PN_LANES] : fit[C1R][row], c2 = fit[set ? C2S : C2R][row];
  double c3 = set ? fit[C3S][row] : p[C3_RESET * PN_LANES], c4 = fit[set ? C4S : C4R][row];
  const double(*d)[N_ROWS] = &fit[set ? DS0 : DR0];

  /* tanh +- 1 by the logistic function, so that small ones keep their digits */
  double ky, qy, k_half = pn_logistic(2.0 * sign * (c3 * v - c4), &ky);
  double q_half = pn_logistic(-2.0 * sign * c1 * (l - c2), &qy);
  double k = 2.0 * sign * c0 * k_half, k_v = 4.0 * c0 * c3 * ky;
  double q = 2.0 * sign * q_half, q_l = -4.0 * c1 * qy;
  double q_ll = 8.0 * c1 * c1 * qy * sign * (1.0 - 2.0 * q_half);

  double v2 = v * v, one = 1.0 + z * (d[0][row] + d[1][row] * l * l + d[4][row] * v2 * v) +
                           z * l * (d[2][row] * v + d[3][row] * v2);
  double one_l = z * (2.0 * d[1][row] * l + d[2][row] * v + d[3][row] * v2);
  double one_v = z * (l * (d[2][row] + 2.0 * d[3][row] * v) + 3.0 * d[4][row] * v2);
  double one_lv = z * (d[2][row] + 2.0 * d[3][row] * v), one_ll = z * 2.0 * d[1][row];

  double b = q_l * one + q * one_l, b_v = q_l * one_v + q * one_lv;
  double b_l = q_ll * one + 2.0 * q_l * one_l + q * one_ll;
  bool early = !(s > least);
  *by_v = early ? (k_v * q * one + k * q * one_v) / least : (k_v * b + k * b_v) * w / s;
  *by_s = early ? 0.0 : k * (b_l * w - b) * w / (s * s);
  return early ? k * q * one / least : k * b * w / s;
}

/* Current, and the states of devices that no pulse is on. */
PN_VECTOR_FN
static void read_all(const pn_mem_block *b)
{
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], c = x[0][l], z = p[Z_READ][l], t = p[CELSIUS][l];
    double a1 = p[A1_T][l] + p[A11][l] * c, a3 = (p[A30][l] + p[A31][l] * c) * c + p[A3_T][l];
    double a1_c = p[A11][l], a3_c = p[A30][l] + 2.0 * p[A31][l] * c;
    a1 += z * (-1.07e-6 + 0.25 * c + 2.20e-8 * t - 1300.0 * c * c);
    a3 += z * (1.17e-5 + 1.30 * c - 1.0e-7 * t - 6500.0 * c * c - 2.50e-3 * c * t);
    a1_c += z * (0.25 - 2600.0 * c);
    a3_c += z * (1.30 - 13000.0 * c - 2.50e-3 * t);
    double v_fit = p[V_FIT][l], inside = fabs(v) < v_fit ? 1.0 : 0.0;
    double v2 = inside != 0.0 ? v * v : v_fit * v_fit, forget = 1.0 / p[T_REST][l];
    b->i[l] = v * (a1 + a3 * v2);
    b->i_v[l] = a1 + a3 * v2 * (1.0 + 2.0 * inside);
    i_x[0][l] = v * (a1_c + a3_c * v2);
    i_x[1][l] = i_x[2][l] = 0.0;
    g[0][l] = g_v[0][l] = g_v[1][l] = g_v[2][l] = 0.0;
    g_x[0][l] = g_x[1][l] = g_x[2][l] = g_x[3][l] = g_x[5][l] = g_x[7][l] = 0.0;
    g[1][l] = -(x[1][l] - p[AGE0][l]) * forget;
    g[2][l] = (c - x[2][l]) * forget;
    g_x[4][l] = g_x[8][l] = -forget;
    g_x[6][l] = forget;
  }
}

static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *g = (void *)b->g, *g_v = (void *)b->g_v, *g_x = (void *)b->g_x;
  read_all(b);
  for (int l = 0; l < b->n; l++) {
    if (!(fabs(b->v[l]) > p[V_WRITE][l]))
      continue;
    double by_v = 0.0, by_s = 0.0;
    g[0][l] = speed(b->p + l, row_of(x[2][l]), b->v[l], x[1][l], &by_v, &by_s);
    g_v[0][l] = by_v;
    g_x[1][l] = by_s;
    g[1][l] = 1.0;
    g[2][l] = g_x[4][l] = g_x[6][l] = g_x[8][l] = 0.0;
  }
}

static const double kinks[] = {0.0, 0.4, -0.4, 0.8, -0.8};

const pn_memristor pn_memristor_nili = {
    .name = "nili",
    .title = "Al2O3/TiO2-x of the 64x64 passive crossbar (Nili)",
    .equations =
        "u = v, at most v_fit on either side; T = temperature in degC\n"
        "A1 = a10 + a11 g + a12 T\n"
        "     + z_read (-1.07e-6 + 0.25 g + 2.20e-8 T - 1300 g^2)\n"
        "A3 = a30 g + a31 g^2 + a32 T^-1.33\n"
        "     + z_read (1.17e-5 + 1.30 g - 1.0e-7 T - 6500 g^2 - 2.50e-3 g T)\n"
        "i = v (A1 + A3 u^2)\n"
        "l = log10(a) (log 10) or ln(a) (log 1), a = age in s, at least t_fit\n"
        "M = d0 + d1 l^2 + d2 v l + d3 v^2 l + d4 v^3\n"
        "v > v_write:    D = c0_set (1 - tanh(c1_set (l - c2))) (1 + tanh(c3 v - c4))\n"
        "v < -v_write:   D = c0_reset (-1 - tanh(c1 (l - c2))) (tanh(c3_reset v - c4) - 1)\n"
        "|v| > v_write:  dg/dt = d(D (1 + z_write M))/d(age), D (1 + z_write M)/t_fit before "
        "t_fit,\n"
        "                dage/dt = 1, dgs/dt = 0\n"
        "|v| <= v_write: dg/dt = 0, dage/dt = (age0 - age)/t_rest, dgs/dt = (g - gs)/t_rest\n"
        "gs, uS      SET:   c2     c3     c4    d0    d1    d2    d3    d4\n"
        " <  5.62        -3.851  9.369  10.4   -1.26 -0.02  0.82 -0.57  0.94\n"
        " < 10           -3.769  7.512   8.419 -1.22 -0.02  0.84 -0.57  0.81\n"
        " < 17.8         -3.729  6.801   7.582 -1.03 -0.02  0.72 -0.47  0.63\n"
        " < 31.6         -3.517  6.180   6.851 -0.78 -0.01  0.53 -0.33  0.45\n"
        " < 56.2         -3.426  5.946   6.558 -0.37  0.005 0.15 -0.01  0.11\n"
        " < 100          -3.373  5.005   5.792  0.14  0.01 -0.29  0.31 -0.21\n"
        " < 178          -3.422  4.936   5.840  0.34  0.01 -0.41  0.37 -0.29\n"
        " < 316          -3.572  4.864   5.785  0.26  0.01 -0.29  0.25 -0.20\n"
        "gs, uS    RESET:   c1    c2     c4      d0      d1     d2     d3     d4\n"
        " <  5.62          0.89  8.96  -10.90   0.04   0.0002  0.02   0.005  0.03\n"
        " < 10             0.51  6.88   -8.61  -0.005 -0.0004 -0.002 -0.01   0.02\n"
        " < 17.8           0.34  4.93   -8.14  -0.07  -0.003  -0.07  -0.05  -0.02\n"
        " < 31.6           0.25  3.63   -7.77  -0.11  -0.004  -0.11  -0.09  -0.03\n"
        " < 56.2           0.23  2.91   -7.42  -0.15  -0.006  -0.17  -0.13  -0.06\n"
        " < 100            0.21  2.33   -7.30  -0.12  -0.005  -0.16  -0.13  -0.06\n"
        " < 178            0.22  1.93   -7.10  -0.04  -0.002  -0.10  -0.11  -0.04\n"
        " < 316            0.28  1.68   -7.00   0.10   0.003   0.02  -0.05  -0.004\n",
    .citation =
        "H. Nili, A. F. Vincent, M. Prezioso, M. R. Mahmoodi, I. Kataeva, D. B. Strukov, "
        "Comprehensive Compact Phenomenological Modeling of Integrated Metal-Oxide Memristors, "
        "IEEE "
        "Trans. Nanotechnol. 19, 344-349, 2020; the crossbar: H. Kim, M. R. Mahmoodi, H. Nili, D. "
        "B. Strukov, 4K-memristor analog-grade passive crossbar circuit, Nat. Commun. 12, 5198, "
        "2021, doi:10.1038/s41467-021-25455-0",
    .notes =
        "Published: the fits of i(v) and of the change by one pulse (100 ns to 100 ms; 0.8 V to "
        "1.15 V sets, -0.8 V to -1.5 V resets; 3.16 to 316 uS). Reconstructed: the differential "
        "equation, whose rectangular pulses give those changes, the age that starts anew with each "
        "pulse, and the base of the logarithm. Temperatures are taken in degC, as the units of the "
        "fit say (the code passes kelvin); i = g v at about 22 degC. For a spread between "
        "devices, write dist(z_read)=normal_abs(1) dist(z_write)=normal_abs(1).",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 1.5,
    .loop_v = 1.2,
    .loop_f = 100.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
