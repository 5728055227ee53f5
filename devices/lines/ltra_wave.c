/* A line with inductance and capacitance, with resistance or none. With a = r/2l, T = len root(lc), Yc = root(c/l):
 *   i1 = Y v1 - e^(-sT) F (Y v2 + i2), and the same with the ends exchanged,
 *   Y(s) = Yc root(s / (s + 2a)),  F(s) = exp(sT - T root(s (s + 2a))).
 * Both are analytic but for the cut from -2a to 0, so that each is an integral over the cut (from the jump across
 * it):
 *   Y/Yc = 1 - int m(p)/(s + p) dp,       m = root(p / (2a - p)) / pi,
 *   F = e^(-aT) + int n(p)/(s + p) dp,    n = sin(T root(p (2a - p))) e^(-pT) / pi,  0 < p < 2a.
 * With p = 2a / cosh(y)^2 the trapezoidal rule in y converges exponentially (measured up to aT = 5: 1e-6 with 32
 * nodes, 2e-8 with 48; up to aT = 20: 8e-6), and each node is an inner state with the rate p: memory is bounded, steps may
 * vary, the error test sees it all. In small signals the functions themselves stand in their place. The impulse
 * responses that other simulators convolve with: Roychowdhury and Pederson 1991, Proc. DAC, 718. */
#include "devices/lines/ltra.h"

enum { FEW_NODES = 32, MANY_NODES = 48 };
#define FEW_STEP  0.35
#define MANY_STEP 0.25
#define FEW_LOSS  2.0 /* aT up to which few nodes do */

enum { I1 = LTRA_STATES, I2, FIRST_STATE };
enum { /* derived: four numbers, then the nodes' rates and weights */
       D_YC = LTRA_N_PARAMS,
       D_T,
       D_FRONT, /* e^(-aT) */
       D_R,     /* ohm, of the whole line */
       D_NODES
};

static int nodes_of(const pn_device_class *c)
{
  return (c->n_locals - FIRST_STATE) / 4;
}

/* States: voltages behind the rates of end 1, of end 2, waves of end 1, of end 2. */
static int state(int n, int which, int k)
{
  return FIRST_STATE + which * n + k;
}

/* d: rates [n], then weights of Y (minus), then of F; both as shares of a state that follows its input. */
static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)temp;
  int n = nodes_of(c);
  double len = p[LTRA_LEN], a = 0.5 * p[LTRA_R] / p[LTRA_L];
  double time = len * sqrt(p[LTRA_L] * p[LTRA_C]), step = n == FEW_NODES ? FEW_STEP : MANY_STEP;
  double *rate = p + D_NODES, *y = rate + n, *f = y + n, y_sum = 0.0, f_sum = 0.0;
  p[D_YC] = sqrt(p[LTRA_C] / p[LTRA_L]);
  p[D_T] = time;
  p[D_FRONT] = exp(-a * time);
  p[D_R] = p[LTRA_R] * len;
  for (int k = 0; k < n; k++) {
    double at = step * k, s = 1.0 / cosh(at), t = tanh(at), w = k ? step : 0.5 * step;
    rate[k] = 2.0 * a * s * s;
    y[k] = w * 2.0 * s / 3.14159265358979323846;
    f[k] = w * 2.0 * t * sin(2.0 * a * time * s * t) * exp(-rate[k] * time) /
           3.14159265358979323846;
    y_sum += y[k];
    f_sum += f[k];
  }
  if (n > 0) { /* what lies below the last node belongs to it: at rest Y = 0 and F = 1 */
    y[n - 1] += 1.0 - y_sum;
    f[n - 1] += 1.0 - p[D_FRONT] - f_sum;
  }
}

static double delay(const pn_device_class *c, const double *p)
{
  (void)c;
  return p[D_T];
}

/* Current Y v of an end. z [stride]: its states. */
static double admitted(const double *p, int stride, int n, double v, const double *z)
{
  double sum = v;
  const double *y = p + (D_NODES + n) * stride;
  for (int k = 0; k < n; k++)
    sum -= y[k * stride] * z[k * stride];
  return p[D_YC * stride] * sum;
}

static void waves(const pn_device_class *c, const double *p, const double *u, double *w)
{
  int n = nodes_of(c);
  const double *f = p + D_NODES + 2 * n;
  for (int end = 0; end < 2; end++) {
    double v = u[end ? LTRA_P2 : LTRA_P1] - u[end ? LTRA_N2 : LTRA_N1];
    double sent = u[end ? I2 : I1] + admitted(p, 1, n, v, u + state(n, end, 0));
    w[end] = p[D_FRONT] * sent;
    for (int k = 0; k < n; k++)
      w[end] += f[k] * u[state(n, 2 + end, k)];
  }
}

static void first_waves(const pn_device_class *c, const double *p, double *w)
{
  (void)c, (void)p;
  w[0] = w[1] = 0.0;
}

/* Order of the pairs: (p1,i1) (n1,i1) (p2,i2) (n2,i2); rows i1 and i2 in p1 n1 p2 n2 i1 i2, then in their own
 * end's states; rows of the states: themselves, p and n of their end; waves: themselves and i. */
enum { IN_ROW = 6, FIRST_ROW = 4 };

static void put_pairs(pn_ltra_build *b, int n)
{
  for (int end = 0; end < 2; end++) {
    pn_ltra_pair(b, end ? LTRA_P2 : LTRA_P1, end ? I2 : I1);
    pn_ltra_pair(b, end ? LTRA_N2 : LTRA_N1, end ? I2 : I1);
  }
  for (int end = 0; end < 2; end++) {
    for (int k = 0; k < IN_ROW; k++)
      pn_ltra_pair(b, I1 + end, k);
    for (int k = 0; k < n; k++)
      pn_ltra_pair(b, I1 + end, state(n, end, k));
  }
  for (int end = 0; end < 2; end++)
    for (int k = 0; k < n; k++) {
      pn_ltra_pair(b, state(n, end, k), state(n, end, k));
      pn_ltra_pair(b, state(n, end, k), end ? LTRA_P2 : LTRA_P1);
      pn_ltra_pair(b, state(n, end, k), end ? LTRA_N2 : LTRA_N1);
      pn_ltra_pair(b, state(n, 2 + end, k), state(n, 2 + end, k));
      pn_ltra_pair(b, state(n, 2 + end, k), I1 + end);
    }
}

enum { L = PN_LANES };

/* Entries of one lane, in the order of put_pairs. */
static void slopes(const pn_dev_block *b, int n, int l)
{
  const double *p = b->p + l, *rate = p + D_NODES * L, *y = rate + n * L;
  double yc = b->hold ? 0.0 : p[D_YC * L], to_wave = b->hold ? 1.0 : 2.0;
  double *j = b->jf + l;
  static const double outer[] = {1.0, -1.0, 1.0, -1.0};
  for (int k = 0; k < FIRST_ROW; k++, j += L)
    *j = outer[k];
  for (int end = 0; end < 2; end++) {
    double rest_1[] = {1.0, -1.0, -1.0, 1.0, -p[D_R * L], 0.0}, rest_2[] = {0, 0, 0, 0, 1.0, 1.0};
    double move_1[] = {-yc, yc, 0, 0, 1.0, 0}, move_2[] = {0, 0, -yc, yc, 0, 1.0};
    const double *row = b->hold ? (end ? rest_2 : rest_1) : (end ? move_2 : move_1);
    for (int k = 0; k < IN_ROW; k++, j += L)
      *j = row[k];
    for (int k = 0; k < n; k++, j += L)
      *j = yc * y[k * L];
  }
  for (int end = 0; end < 2; end++)
    for (int k = 0; k < n; k++, j += 5 * L) {
      double r = rate[k * L];
      j[0] = r;
      j[L] = -r;
      j[2 * L] = r;
      j[3 * L] = r;
      j[4 * L] = -r * to_wave;
    }
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  int n = nodes_of(c);
  for (int l = 0; l < L; l++) {
    const double *p = b->p + l, *u = b->u + l, *rate = p + D_NODES * L;
    double *f = b->f + l;
    double v[] = {u[LTRA_P1 * L] - u[LTRA_N1 * L], u[LTRA_P2 * L] - u[LTRA_N2 * L]};
    double i[] = {u[I1 * L], u[I2 * L]};
    for (int end = 0; end < 2; end++) {
      double from = b->hold ? 0.0 : b->h[(1 - end) * L + l]; /* what the other end sent */
      double sent = b->hold ? i[end] : 2.0 * i[end] + from;
      f[(end ? LTRA_P2 : LTRA_P1) * L] = i[end];
      f[(end ? LTRA_N2 : LTRA_N1) * L] = -i[end];
      f[(I1 + end) * L] = i[end] + from - admitted(p, L, n, v[end], u + state(n, end, 0) * L);
      for (int k = 0; k < n; k++) {
        f[state(n, end, k) * L] = rate[k * L] * (u[state(n, end, k) * L] - v[end]);
        f[state(n, 2 + end, k) * L] = rate[k * L] * (u[state(n, 2 + end, k) * L] - sent);
      }
    }
    if (b->hold) { /* at rest a resistor */
      f[I1 * L] = v[0] - v[1] - p[D_R * L] * i[0];
      f[I2 * L] = i[0] + i[1];
    }
    if (b->jf)
      slopes(b, n, l);
  }
}

/* The functions themselves; what the states stand for is taken away. */
static void small_signal(const pn_device_class *c, const double *p, double complex s,
                         double complex *j)
{
  int n = nodes_of(c);
  const double *rate = p + D_NODES, *y = rate + n;
  double two_a = p[LTRA_R] / p[LTRA_L];
  double complex exact = p[D_YC] * csqrt(s / (s + two_a)), by_states = 1.0;
  double complex late = cexp(-p[D_T] * csqrt(s * (s + two_a)));
  for (int k = 0; k < n; k++)
    by_states -= y[k] * rate[k] / (s + rate[k]);
  double complex own = p[D_YC] * by_states - exact;
  for (int end = 0; end < 2; end++) {
    double complex *row = j + FIRST_ROW + end * (IN_ROW + n);
    row[end ? LTRA_P2 : LTRA_P1] = own;
    row[end ? LTRA_N2 : LTRA_N1] = -own;
    row[end ? LTRA_P1 : LTRA_P2] = late * exact;
    row[end ? LTRA_N1 : LTRA_N2] = -late * exact;
    row[end ? I1 : I2] = late;
  }
}

const pn_device_class *pn_ltra_wave_class(pn_arena *a, const double *p)
{
  double loss = 0.5 * p[LTRA_R] * p[LTRA_LEN] * sqrt(p[LTRA_C] / p[LTRA_L]); /* aT */
  int n = loss == 0.0 ? 0 : loss <= FEW_LOSS ? FEW_NODES : MANY_NODES;
  pn_ltra_build b = {.locals = PN_NEW_ARRAY(a, pn_local, FIRST_STATE + 4 * n),
                     .pairs = PN_NEW_ARRAY(a, pn_pair, FIRST_ROW + 2 * IN_ROW + 12 * n)};
  pn_ltra_terminals(&b);
  pn_ltra_local(&b, PN_L_BRANCH, "i1", "A", 0.0);
  pn_ltra_local(&b, PN_L_BRANCH, "i2", "A", 0.0);
  for (int k = 0; k < 4 * n; k++) {
    bool wave = k >= 2 * n;
    const char *name = pn_arena_printf(a, "%c%d", wave ? 'w' : 'z', (wave ? k - 2 * n : k) + 1);
    pn_ltra_local(&b, PN_L_INNER, name, wave ? "A" : "V", wave ? 1e-8 : 1e-6);
  }
  put_pairs(&b, n);
  pn_device_class *c = PN_NEW(a, pn_device_class);
  *c = pn_class_ltra;
  c->specialise = NULL;
  c->n_derived = D_NODES - LTRA_N_PARAMS + 3 * n;
  c->locals = b.locals;
  c->n_locals = b.n_locals;
  c->pairs = b.pairs;
  c->n_pairs = b.n_pairs;
  c->n_hist = c->n_waves = 2;
  c->derive = derive;
  c->eval = eval;
  c->delay = delay;
  c->waves = waves;
  c->first_waves = first_waves;
  c->small_signal = small_signal;
  return c;
}
