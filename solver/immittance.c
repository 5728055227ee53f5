/* Poles and zeros as eigenvalues of the circuit with its port open and short-circuited; the tests of
 * local activity on them. */
#include "solver/immittance.h"
#include "solver/eigen.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PER_DECADE = 12, MOST_GRID = 2000, REFINEMENTS = 40 };
static const double ON_AXIS = 1e-9;  /* |Re s| / |s| */
static const double SAME = 1e-6;     /* of |s|: a pole and a zero that cancel */
static const double NEGATIVE = 1e-9; /* of |H| */

pn_status pn_immittance_new(int n, pn_immittance *h)
{
  size_t m = (size_t)n + 1;
  *h = (pn_immittance){.room = (int)m};
  h->pole = calloc(3 * m + 1, sizeof *h->pole);
  h->work = calloc(2 * m * m + m + 1, sizeof *h->work);
  if (!h->pole || !h->work) {
    pn_immittance_free(h);
    return PN_E_MEMORY;
  }
  h->zero = h->pole + m;
  h->hidden = h->zero + m;
  return PN_OK;
}

void pn_immittance_free(pn_immittance *h)
{
  free(h->pole);
  free(h->work);
  *h = (pn_immittance){0};
}

static double complex product_at(const pn_immittance *h, double complex s)
{
  double complex value = 1;
  int most = h->n_poles > h->n_zeros ? h->n_poles : h->n_zeros;
  for (int k = 0; k < most; k++) {
    if (k < h->n_zeros)
      value *= s - h->zero[k];
    if (k < h->n_poles)
      value /= s - h->pole[k];
  }
  return value;
}

double complex pn_immittance_at(const pn_immittance *h, double complex s)
{
  return h->gain * product_at(h, s);
}

double complex pn_immittance_residue(const pn_immittance *h, int k)
{
  double complex value = h->gain, s = h->pole[k];
  int most = h->n_poles > h->n_zeros ? h->n_poles : h->n_zeros;
  for (int j = 0; j < most; j++) {
    if (j < h->n_zeros)
      value *= s - h->zero[j];
    if (j < h->n_poles && j != k)
      value /= s - h->pole[j];
  }
  return value;
}

pn_immittance pn_immittance_inverse(const pn_immittance *h)
{
  pn_immittance y = *h;
  y.n_poles = h->n_zeros;
  y.n_zeros = h->n_poles;
  y.pole = h->zero;
  y.zero = h->pole;
  y.gain = 1 / h->gain;
  return y;
}

/* Poles and zeros that coincide are modes which the port does not see. */
static void cancel(pn_immittance *h)
{
  h->n_hidden = 0;
  for (int p = 0; p < h->n_poles; p++)
    for (int z = 0; z < h->n_zeros; z++)
      if (cabs(h->pole[p] - h->zero[z]) <= SAME * cabs(h->pole[p])) {
        h->hidden[h->n_hidden++] = h->pole[p];
        h->pole[p--] = h->pole[--h->n_poles];
        h->zero[z] = h->zero[--h->n_zeros];
        break;
      }
  pn_eigen_sort(h->pole, h->n_poles);
  pn_eigen_sort(h->zero, h->n_zeros);
}

static double largest(const pn_immittance *h)
{
  double most = 0;
  for (int k = 0; k < h->n_poles; k++)
    most = fmax(most, cabs(h->pole[k]));
  for (int k = 0; k < h->n_zeros; k++)
    most = fmax(most, cabs(h->zero[k]));
  return most > 0 ? most : 1;
}

/* The gain from one solve at a real s to the right of everything. */
static pn_status find_gain(int n, const double *g, const double *c, const double *b,
                           pn_immittance *h)
{
  double s = 1.7 * largest(h), *a = h->work, *x = a + (size_t)n * (size_t)n, value = 0;
  lapack_int *pivot = malloc(((size_t)n + 1) * sizeof *pivot);
  if (!pivot)
    return PN_E_MEMORY;
  for (size_t k = 0; k < (size_t)n * (size_t)n; k++)
    a[k] = g[k] + s * c[k];
  memcpy(x, b, (size_t)n * sizeof *x);
  lapack_int info = LAPACKE_dgesv(LAPACK_COL_MAJOR, n, 1, a, n, pivot, x, n);
  for (int k = 0; k < n; k++)
    value += b[k] * x[k];
  free(pivot);
  h->gain = value / creal(product_at(h, s));
  return info ? PN_E_SINGULAR : value == 0 || !isfinite(h->gain) ? PN_E_DOMAIN : PN_OK;
}

pn_status pn_impedance_of(int n, const double *g, const double *c, const double *b,
                          pn_immittance *h)
{
  size_t m = (size_t)n + 1;
  double *gg = h->work, *cc = gg + m * m;
  memcpy(gg, g, (m - 1) * (m - 1) * sizeof *gg);
  memcpy(cc, c, (m - 1) * (m - 1) * sizeof *cc);
  pn_status st = pn_eigen_pencil(n, gg, cc, h->pole, &h->n_poles);
  if (st)
    return st;
  memset(gg, 0, 2 * m * m * sizeof *gg);
  for (size_t j = 0; j + 1 < m; j++) {
    memcpy(gg + j * m, g + j * (m - 1), (m - 1) * sizeof *gg);
    memcpy(cc + j * m, c + j * (m - 1), (m - 1) * sizeof *cc);
    gg[j * m + m - 1] = gg[(m - 1) * m + j] = b[j];
  }
  st = pn_eigen_pencil(n + 1, gg, cc, h->zero, &h->n_zeros);
  if (st)
    return st == PN_E_SINGULAR ? PN_E_DOMAIN : st;
  cancel(h);
  return find_gain(n, g, c, b, h);
}

/* ---- local activity ---- */

static bool on_axis(double complex s, double scale)
{
  return fabs(creal(s)) <= ON_AXIS * cabs(s) || cabs(s) <= 1e-12 * scale;
}

static void test_poles(const pn_immittance *h, pn_activity *a)
{
  double scale = largest(h);
  for (int k = 0; k < h->n_poles; k++) {
    if (!on_axis(h->pole[k], scale)) {
      a->right_pole |= creal(h->pole[k]) > 0;
      a->stable &= creal(h->pole[k]) < 0;
      continue;
    }
    a->stable = false;
    bool multiple = false;
    for (int j = 0; j < h->n_poles; j++)
      multiple |= j != k &&
                  cabs(h->pole[j] - h->pole[k]) <= SAME * cabs(h->pole[k]) + 1e-12 * scale;
    a->multiple_pole |= multiple;
    double complex r = multiple ? 1 : pn_immittance_residue(h, k);
    a->bad_residue |= fabs(cimag(r)) > 1e-6 * cabs(r) || creal(r) < 0;
  }
  for (int k = 0; k < h->n_hidden; k++)
    a->stable &= creal(h->hidden[k]) < 0 && !on_axis(h->hidden[k], scale);
  int excess = h->n_zeros - h->n_poles; /* poles at infinity */
  a->multiple_pole |= excess > 1;
  a->bad_residue |= excess == 1 && h->gain < 0;
}

/* Re H(j omega) / |H|, at omega = exp(u). */
static double share(const pn_immittance *h, double omega)
{
  double complex value = pn_immittance_at(h, I * omega);
  return isfinite(cabs(value)) && value != 0 ? creal(value) / cabs(value) : 1;
}

static double refine(const pn_immittance *h, double low, double high)
{
  static const double golden = 0.3819660112501051;
  double a = low + golden * (high - low), b = high - golden * (high - low);
  double fa = share(h, exp(a)), fb = share(h, exp(b));
  for (int k = 0; k < REFINEMENTS; k++) {
    if (fa < fb) {
      high = b;
      b = a;
      fb = fa;
      fa = share(h, exp(a = low + golden * (high - low)));
    } else {
      low = a;
      a = b;
      fa = fb;
      fb = share(h, exp(b = high - golden * (high - low)));
    }
  }
  return 0.5 * (low + high);
}

static void keep_least(const pn_immittance *h, double omega, double *least, pn_activity *a)
{
  double value = share(h, omega);
  if (value >= *least)
    return;
  *least = value;
  a->omega = omega;
  a->real = creal(pn_immittance_at(h, I * omega));
}

/* The least Re H / |H| on a logarithmic grid from far below the smallest pole or zero to far above the
 * largest, refined around the grid's lowest point; 0 is looked at as well. */
static void test_real_part(const pn_immittance *h, pn_activity *a)
{
  double high = largest(h), low = high, least = INFINITY;
  for (int k = 0; k < h->n_poles + h->n_zeros; k++) {
    double size = cabs(k < h->n_poles ? h->pole[k] : h->zero[k - h->n_poles]);
    if (size > 1e-12 * high)
      low = fmin(low, size);
  }
  double from = log(1e-3 * low), to = log(1e3 * high);
  int n = (int)((to - from) / log(10) * PER_DECADE) + 2, best = 0;
  n = n > MOST_GRID ? MOST_GRID : n;
  double step = (to - from) / (n - 1), lowest = INFINITY;
  for (int k = 0; k < n; k++) {
    double value = share(h, exp(from + k * step));
    if (value < lowest) {
      lowest = value;
      best = k;
    }
  }
  keep_least(h, 0, &least, a);
  keep_least(h, exp(from + best * step), &least, a);
  keep_least(h, exp(refine(h, from + (best - 1) * step, from + (best + 1) * step)), &least, a);
  a->negative_real = least < -NEGATIVE;
}

pn_activity pn_activity_of(const pn_immittance *h)
{
  pn_activity a = {.stable = true};
  test_poles(h, &a);
  test_real_part(h, &a);
  a.active = a.right_pole || a.multiple_pole || a.bad_residue || a.negative_real;
  return a;
}

pn_cell_tests pn_cell_activity(const double a[4])
{
  double trace = a[0] + a[3], det = a[0] * a[3] - a[1] * a[2], sum = a[1] + a[2];
  pn_cell_tests t;
  t.two = a[0] > 0 || a[3] > 0 || 4 * a[0] * a[3] < sum * sum;
  t.one = a[3] > 0 || (a[3] == 0 && (a[1] * a[2] > 0 || a[0] > 0)) ||
          (a[3] < 0 && (a[0] > 0 || det < 0));
  t.stable = trace < 0 && det > 0;
  t.sharp = t.one && t.stable;
  return t;
}
