/* Lossless transmission line (T): each end is its characteristic impedance in series with the wave that
 * left the other end a delay ago, which the circuit remembers. Branin 1967, Proc. IEEE 55, 2012:
 *   v1 - z0 i1 = (v2 + z0 i2)(t - td),  v2 - z0 i2 = (v1 + z0 i1)(t - td). */
#include "devices/classes.h"

enum { Z0, TD, F, NL, ICV1, ICI1, ICV2, ICI2, N_PARAMS, D_TD = N_PARAMS, N_ALL };

static const pn_param params[] = {
    PN_PLAIN("z0", "ohm", NAN, 0, INFINITY, PN_P_INSTANCE | PN_P_REQUIRED | PN_P_OPEN_MIN,
             "Characteristic impedance.", "zo"),
    PN_PLAIN("td", "s", NAN, 0, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,
             "Delay; nl/f when not given.", NULL),
    PN_PLAIN("f", "Hz", NAN, 0, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,
             "Frequency at which the line is nl wavelengths long.", NULL),
    PN_PLAIN("nl", "1", 0.25, 0, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,
             "Length in wavelengths at f.", NULL),
    PN_PLAIN("icv1", "V", 0, -INFINITY, INFINITY, PN_P_INSTANCE,
             "Voltage of the first port before a transient with UIC.", NULL),
    PN_PLAIN("ici1", "A", 0, -INFINITY, INFINITY, PN_P_INSTANCE, "Current into it.", NULL),
    PN_PLAIN("icv2", "V", 0, -INFINITY, INFINITY, PN_P_INSTANCE, "Voltage of the second port.",
             NULL),
    PN_PLAIN("ici2", "A", 0, -INFINITY, INFINITY, PN_P_INSTANCE, "Current into it.", NULL),
};

enum { P1, N1, P2, N2, I1, I2, N_LOCALS };
static const pn_local locals[] = {{PN_L_TERM, "p1", "V", 0.0},   {PN_L_TERM, "n1", "V", 0.0},
                                  {PN_L_TERM, "p2", "V", 0.0},   {PN_L_TERM, "n2", "V", 0.0},
                                  {PN_L_BRANCH, "i1", "A", 0.0}, {PN_L_BRANCH, "i2", "A", 0.0}};
#define ROW(r)                                                                                     \
  {r, P1}, {r, N1}, {r, P2}, {r, N2}, {r, I1},                                                     \
  {                                                                                                \
    r, I2                                                                                          \
  }
static const pn_pair pairs[] = {{P1, I1}, {N1, I1}, {P2, I2}, {N2, I2}, ROW(I1), ROW(I2)};
enum { ROW_1 = 4, ROW_2 = 10 };

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)c, (void)temp;
  p[D_TD] = isnan(p[TD]) ? p[NL] / p[F] : p[TD];
}

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c, (void)a;
  return isnan(p[TD]) && isnan(p[F]) ? "a line needs its delay td=, or f= (and nl=)" : NULL;
}

static double delay(const pn_device_class *c, const double *p)
{
  (void)c;
  return p[D_TD];
}

static void waves(const pn_device_class *c, const double *p, const double *u, double *w)
{
  (void)c;
  w[0] = u[P1] - u[N1] + p[Z0] * u[I1];
  w[1] = u[P2] - u[N2] + p[Z0] * u[I2];
}

static void first_waves(const pn_device_class *c, const double *p, double *w)
{
  (void)c;
  w[0] = p[ICV1] + p[Z0] * p[ICI1];
  w[1] = p[ICV2] + p[Z0] * p[ICI2];
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  const double *u = b->u;
  double far = b->hold ? 1.0 : 0.0; /* at rest the past is now */
  for (int l = 0; l < PN_LANES; l++) {
    double z0 = b->p[Z0 * PN_LANES + l], i1 = u[I1 * PN_LANES + l], i2 = u[I2 * PN_LANES + l];
    double v1 = u[P1 * PN_LANES + l] - u[N1 * PN_LANES + l];
    double v2 = u[P2 * PN_LANES + l] - u[N2 * PN_LANES + l];
    double w1 = b->hold ? v1 + z0 * i1 : b->h[l];
    double w2 = b->hold ? v2 + z0 * i2 : b->h[PN_LANES + l];
    double f[N_LOCALS] = {i1, -i1, i2, -i2, v1 - z0 * i1 - w2, v2 - z0 * i2 - w1};
    for (int k = 0; k < N_LOCALS; k++) {
      b->f[k * PN_LANES + l] = f[k];
      b->q[k * PN_LANES + l] = 0.0;
    }
    if (!b->jf)
      continue;
    double jf[] = {1.0, -1.0,      1.0,  -1.0, 1.0, -1.0, -far,      far,
                   -z0, -far * z0, -far, far,  1.0, -1.0, -far * z0, -z0};
    for (int k = 0; k < PN_COUNT(pairs); k++) {
      b->jf[k * PN_LANES + l] = jf[k];
      b->jq[k * PN_LANES + l] = 0.0;
    }
  }
}

/* The waves of the other end at the complex frequency s. */
static void small_signal(const pn_device_class *c, const double *p, double complex s,
                         double complex *j)
{
  (void)c;
  double complex late = cexp(-s * p[D_TD]);
  j[ROW_1 + P2] = j[ROW_2 + P1] = -late;
  j[ROW_1 + N2] = j[ROW_2 + N1] = late;
  j[ROW_1 + I2] = j[ROW_2 + I1] = -late * p[Z0];
}

const pn_device_class pn_class_tline = {
    .name = "tline",
    .title = "Lossless transmission line",
    .letter = 't',
    .params = params,
    .n_params = PN_COUNT(params),
    .n_derived = N_ALL - N_PARAMS,
    .locals = locals,
    .n_locals = PN_COUNT(locals),
    .pairs = pairs,
    .n_pairs = PN_COUNT(pairs),
    .n_hist = 2,
    .derive = derive,
    .check = check,
    .eval = eval,
    .n_waves = 2,
    .delay = delay,
    .waves = waves,
    .first_waves = first_waves,
    .small_signal = small_signal,
};
