/* A line without inductance: resistance with capacitance (diffusion) or with conductance (static). The admittances
 * of an RC line of resistance R = r len and time t = r c len^2 are sums over its modes,
 *   y11 = (1 + 2 sum s/(s + p_k)) / R,  y12 = -(1 + 2 sum (-1)^k s/(s + p_k)) / R,  p_k = (k pi)^2 / t,
 * the partial fractions of root(st) coth root(st) and root(st) / sinh root(st). The first modes stand for
 * themselves, the others, even and odd ones apart, in groups of geometrically growing width about their
 * geometric mean. Measured: y11 within 4e-4 up to s t = 100, within 4e-3 up to 1e4, where a step's first
 * 1e-4 t lie. In small signals the functions themselves stand in their place. */
#include "devices/lines/ltra.h"

enum { MODES = 16, GROUPS = 32, LAST_MODE = 5000, NODES = MODES + 2 * GROUPS };
enum { /* derived */
       D_Y11 = LTRA_N_PARAMS,
       D_Y12,
       D_TIME,
       D_NODES /* rates, then weights (S), positive where both ends act alike */
};
enum { L = PN_LANES };

#define PI 3.14159265358979323846

static int nodes_of(const pn_device_class *c)
{
  return c->n_locals - LTRA_STATES;
}

static void derive_modes(double *p, double g)
{
  double *rate = p + D_NODES, *weight = rate + NODES, unit = PI * PI / p[D_TIME];
  int n = 0;
  for (int k = 1; k <= MODES; k++, n++) {
    rate[n] = unit * k * k;
    weight[n] = k % 2 ? -2.0 * g : 2.0 * g;
  }
  for (int odd = 0; odd < 2; odd++) {
    double from = MODES % 2 == odd ? MODES + 1 : MODES, ratio = pow(LAST_MODE / from, 1.0 / GROUPS);
    for (int k = 0; k < GROUPS; k++, n++, from *= ratio) {
      rate[n] = unit * from * from * ratio;
      weight[n] = (odd ? -2.0 : 2.0) * g * 0.5 * from * (ratio - 1.0);
    }
  }
}

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)temp;
  double len = p[LTRA_LEN], g = 1.0 / (p[LTRA_R] * len), x = len * sqrt(p[LTRA_R] * p[LTRA_G]);
  p[D_TIME] = p[LTRA_R] * p[LTRA_C] * len * len;
  p[D_Y11] = x > 0.0 ? g * x / tanh(x) : g;
  p[D_Y12] = x > 0.0 ? -g * x / sinh(x) : -g;
  if (nodes_of(c))
    derive_modes(p, g);
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  int n = nodes_of(c);
  for (int l = 0; l < L; l++) {
    const double *p = b->p + l, *u = b->u + l, *rate = p + D_NODES * L, *weight = rate + n * L;
    double *f = b->f + l, y11 = p[D_Y11 * L], y12 = p[D_Y12 * L];
    double v1 = u[LTRA_P1 * L] - u[LTRA_N1 * L], v2 = u[LTRA_P2 * L] - u[LTRA_N2 * L];
    double i1 = y11 * v1 + y12 * v2, i2 = y12 * v1 + y11 * v2, all = 0.0, both = 0.0;
    for (int k = 0; k < n; k++) {
      double w = weight[k * L], like = w < 0.0 ? -1.0 : 1.0, drive = v1 - like * v2;
      double gap = drive - u[(LTRA_STATES + k) * L];
      i1 += fabs(w) * gap;
      i2 -= w * gap;
      all += fabs(w);
      both += w;
      f[(LTRA_STATES + k) * L] = -rate[k * L] * gap;
    }
    f[LTRA_P1 * L] = i1;
    f[LTRA_N1 * L] = -i1;
    f[LTRA_P2 * L] = i2;
    f[LTRA_N2 * L] = -i2;
    if (!b->jf)
      continue;
    double *j = b->jf + l;
    y11 += all;
    y12 -= both;
    for (int row = 0; row < 4; row++) {
      double s = row % 2 ? -1.0 : 1.0, near = row < 2 ? y11 : y12, far = row < 2 ? y12 : y11;
      double entry[] = {s * near, -s * near, s * far, -s * far};
      for (int k = 0; k < 4; k++, j += L)
        *j = entry[k];
      for (int k = 0; k < n; k++, j += L)
        *j = s * (row < 2 ? -fabs(weight[k * L]) : weight[k * L]);
    }
    for (int k = 0; k < n; k++, j += 5 * L) {
      double r = rate[k * L], like = weight[k * L] < 0.0 ? -1.0 : 1.0;
      j[0] = r;
      j[L] = -r;
      j[2 * L] = r;
      j[3 * L] = like * r;
      j[4 * L] = -like * r;
    }
  }
}

static void small_signal(const pn_device_class *c, const double *p, double complex s,
                         double complex *j)
{
  int n = nodes_of(c);
  if (!n)
    return;
  const double *rate = p + D_NODES, *weight = rate + n;
  double complex x = csqrt(s * p[D_TIME]), e = cexp(-x), near = p[D_Y11], far = p[D_Y12];
  if (cabs(x) > 1e-4) { /* below it the modes themselves are exact to rounding */
    double complex less = 1.0 - e * e;
    near = p[D_Y11] * x * (1.0 + e * e) / less;
    far = p[D_Y12] * x * 2.0 * e / less;
  } else {
    near += p[D_Y11] * x * x / 3.0;
    far -= p[D_Y12] * x * x / 6.0;
  }
  near -= p[D_Y11];
  far -= p[D_Y12];
  for (int k = 0; k < n; k++) {
    near -= fabs(weight[k]) * s / (s + rate[k]);
    far += weight[k] * s / (s + rate[k]);
  }
  for (int row = 0; row < 4; row++) {
    double complex *at = j + row * (4 + n), a = row < 2 ? near : far, b = row < 2 ? far : near;
    double sign = row % 2 ? -1.0 : 1.0;
    at[0] = sign * a;
    at[1] = -sign * a;
    at[2] = sign * b;
    at[3] = -sign * b;
  }
}

const pn_device_class *pn_ltra_diffusive_class(pn_arena *a, const double *p)
{
  int n = p[LTRA_C] > 0.0 ? NODES : 0;
  pn_ltra_build b = {.locals = PN_NEW_ARRAY(a, pn_local, LTRA_STATES + n),
                     .pairs = PN_NEW_ARRAY(a, pn_pair, 16 + 9 * n)};
  pn_ltra_terminals(&b);
  for (int k = 0; k < n; k++)
    pn_ltra_local(&b, PN_L_INNER, pn_arena_printf(a, "z%d", k + 1), "V", 1e-6);
  for (int row = 0; row < 4; row++)
    for (int col = 0; col < LTRA_STATES + n; col++)
      pn_ltra_pair(&b, row, col);
  for (int k = 0; k < n; k++) {
    pn_ltra_pair(&b, LTRA_STATES + k, LTRA_STATES + k);
    for (int col = 0; col < 4; col++)
      pn_ltra_pair(&b, LTRA_STATES + k, col);
  }
  pn_device_class *c = PN_NEW(a, pn_device_class);
  *c = pn_class_ltra;
  c->specialise = NULL;
  c->n_derived = D_NODES - LTRA_N_PARAMS + 2 * n;
  c->locals = b.locals;
  c->n_locals = b.n_locals;
  c->pairs = b.pairs;
  c->n_pairs = b.n_pairs;
  c->derive = derive;
  c->eval = eval;
  c->small_signal = n ? small_signal : NULL;
  return c;
}
