/* An independent reference for passive TaOx crossbars under V/2 pulses: explicit
 * Dormand-Prince on the cells' states alone, with the resistive network solved by Newton and a
 * banded Cholesky at every stage. It shares no code with Pinch; the expected values of
 * netlists/crossbar*.cir come from it. Not built by CMake:
 *   gcc -O2 -o crossbar_rk crossbar_rk.c -lm && ./crossbar_rk ROWS COLS VOLTS PULSES WIDTH OHM X0 TOL */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int rows, cols, n_cells, n, bw; /* n = 2 n_cells nodes; bw: half bandwidth */
static double volts, width, ohm;
static double *u;    /* [n] V, last solution: warm start */
static double *band; /* [n * (bw + 1)] lower band, row-wise */
static double *rhs;  /* [n] A */

/* Strachan et al., IEEE TED 60, 2194 (2013). */
static double current(double x, double v, double *g)
{
  double s = sqrt(fabs(v)), leak = 7.2e-6 * exp(4.7 * s);
  *g = x * 0.025 + (1 - x) * leak * (1 + 0.5 * 4.7 * s);
  return v * (x * 0.025 + (1 - x) * leak);
}

static double rate(double x, double v)
{
  double g, p = v * current(x, v, &g);
  if (v > 0)
    return x >= 1 ? 0 : 1e-4 * sinh(v / 0.45) * exp(fmin(-x * x / 0.0036 + p / 4e-5, 200));
  if (v < 0)
    return x <= 1e-3 ? 0 : 1e-10 * sinh(v / 0.013) * exp(-0.16 / (x * x) + 1 / (1 + 500 * p));
  return 0;
}

static double pulse(double level, double t)
{
  t = fmod(t, 2 * width);
  if (t < 1e-8)
    return level * t / 1e-8;
  if (t < 1e-8 + width)
    return level;
  return t < 2e-8 + width ? level * (1 - (t - 1e-8 - width) / 1e-8) : 0;
}

static void add(int a, int b, double g)
{
  band[a * (bw + 1) + bw] += g;
  if (b < 0)
    return;
  band[b * (bw + 1) + bw] += g;
  int hi = a > b ? a : b, lo = a > b ? b : a;
  band[hi * (bw + 1) + bw - (hi - lo)] -= g;
}

static void solve(void)
{
  for (int i = 0; i < n; i++) {
    int first = i > bw ? i - bw : 0;
    double *ri = band + i * (bw + 1) + bw - i;
    for (int j = first; j <= i; j++) {
      double *rj = band + j * (bw + 1) + bw - j, sum = ri[j];
      for (int k = first > j - bw ? first : j - bw; k < j; k++)
        sum -= ri[k] * rj[k];
      ri[j] = j == i ? sqrt(sum) : sum / rj[j];
    }
    double sum = rhs[i];
    for (int k = first; k < i; k++)
      sum -= ri[k] * rhs[k];
    rhs[i] = sum / ri[i];
  }
  for (int i = n - 1; i >= 0; i--) {
    double *ri = band + i * (bw + 1) + bw - i;
    rhs[i] /= ri[i];
    for (int k = i > bw ? i - bw : 0; k < i; k++)
      rhs[k] -= ri[k] * rhs[i];
  }
}

/* Node voltages for states x at time t: Newton on Kirchhoff's current law. Node 2c is cell c's
 * word-line side, 2c + 1 its bit-line side. */
static void network(const double *x, double t)
{
  double gw = 1 / ohm;
  int si = rows / 2, sj = cols / 2;
  for (int iteration = 0; iteration < 50; iteration++) {
    memset(band, 0, (size_t)n * (bw + 1) * sizeof *band);
    memset(rhs, 0, (size_t)n * sizeof *rhs);
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < cols; j++) {
        int c = i * cols + j, w = 2 * c, b = 2 * c + 1;
        double g, v = u[w] - u[b], cell = current(x[c], v, &g);
        add(w, b, g);
        rhs[w] -= cell - g * v;
        rhs[b] += cell - g * v;
        if (j == 0) {
          add(w, -1, gw);
          rhs[w] += gw * pulse(i == si ? volts : volts / 2, t);
        } else {
          add(w, w - 2, gw);
        }
        if (i == rows - 1) {
          add(b, -1, gw);
          rhs[b] += gw * pulse(j == sj ? 0 : volts / 2, t);
        } else {
          add(b, b + 2 * cols, gw);
        }
      }
    solve();
    double change = 0;
    for (int k = 0; k < n; k++) {
      change = fmax(change, fabs(rhs[k] - u[k]));
      u[k] = rhs[k];
    }
    if (change < 1e-11)
      return;
  }
}

static void derivative(const double *x, double t, double *k)
{
  network(x, t);
  for (int c = 0; c < n_cells; c++)
    k[c] = rate(x[c], u[2 * c] - u[2 * c + 1]);
}

/* Dormand and Prince, J. Comput. Appl. Math. 6, 19 (1980), table 2. */
static const double C[7] = {0, .2, .3, .8, 8. / 9, 1, 1};
static const double A[7][6] = {{0},
                               {.2},
                               {3. / 40, 9. / 40},
                               {44. / 45, -56. / 15, 32. / 9},
                               {19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729},
                               {9017. / 3168, -355. / 33, 46732. / 5247, 49. / 176, -5103. / 18656},
                               {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84}};
static const double E[7] = {71. / 57600,      0,         -71. / 16695, 71. / 1920,
                            -17253. / 339200, 22. / 525, -1. / 40};

static double *stage[7], *trial;

/* From t to stop, which is not beyond a corner of the pulses. */
static long integrate(double *x, double t, double stop, double tolerance)
{
  double h = (stop - t) * 1e-3;
  long steps = 0;
  while (t < stop) {
    if (t + h > stop * (1 - 1e-15))
      h = stop - t;
    double error = 0;
    for (int s = 0; s < 7; s++) {
      for (int c = 0; c < n_cells; c++) {
        double sum = 0;
        for (int r = 0; r < s; r++)
          sum += A[s][r] * stage[r][c];
        trial[c] = fmin(fmax(x[c] + h * sum, 1e-3), 1);
      }
      derivative(trial, t + C[s] * h, stage[s]);
    }
    for (int c = 0; c < n_cells; c++) {
      double sum = 0;
      for (int s = 0; s < 7; s++)
        sum += E[s] * stage[s][c];
      error = fmax(error, fabs(h * sum) / tolerance);
    }
    if (error <= 1) {
      memcpy(x, trial, (size_t)n_cells * sizeof *x);
      t = t + h >= stop * (1 - 1e-15) ? stop : t + h;
      steps++;
    }
    h *= fmin(5, fmax(0.2, 0.9 * pow(error + 1e-12, -0.2)));
  }
  return steps;
}

int main(int argc, char **argv)
{
  if (argc != 9)
    return 1;
  rows = atoi(argv[1]), cols = atoi(argv[2]);
  volts = atof(argv[3]), width = atof(argv[5]), ohm = atof(argv[6]);
  n_cells = rows * cols, n = 2 * n_cells, bw = 2 * cols;
  u = calloc((size_t)n, sizeof *u), rhs = calloc((size_t)n, sizeof *rhs);
  band = calloc((size_t)n * (bw + 1), sizeof *band);
  double *x = calloc((size_t)n_cells, sizeof *x);
  trial = calloc((size_t)n_cells, sizeof *trial);
  for (int s = 0; s < 7; s++)
    stage[s] = calloc((size_t)n_cells, sizeof *x);
  for (int c = 0; c < n_cells; c++)
    x[c] = atof(argv[7]);
  double corners[4] = {1e-8, 1e-8 + width, 2e-8 + width, 2 * width};
  long steps = 0;
  for (int p = 0; p < atoi(argv[4]); p++) {
    double from = 0;
    for (int k = 0; k < 4; k++) {
      steps += integrate(x, 2 * width * p + from, 2 * width * p + corners[k], atof(argv[8]));
      from = corners[k];
    }
    printf("pulse %d: selected %.9f\n", p + 1, x[(rows / 2) * cols + cols / 2]);
    fflush(stdout);
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++)
      printf("%.8f%c", x[i * cols + j], j == cols - 1 ? '\n' : ' ');
  printf("%ld steps\n", steps);
  return 0;
}
