/* Claims about eigenvalues of pencils and about continuation. */
#include "solver/continuation.h"
#include "solver/eigen.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* R-L-C loop with a voltage source: L i' = v - R i - u, C u' = i; the source's rows are constraints. */
START_TEST(constraints_leave_only_finite_eigenvalues)
{
  double l = 1e-6, c = 1e-9, r = 10;
  double g[16] = {0}, q[16] = {0};
  double complex s[4];
  int n;
  /* unknowns: v (held at 0), i_source, i_L, u */
  g[0 + 4 * 0] = 1;
  g[1 + 4 * 1] = 1;
  g[1 + 4 * 2] = 1;
  g[2 + 4 * 0] = -1;
  g[2 + 4 * 2] = r;
  g[2 + 4 * 3] = 1;
  q[2 + 4 * 2] = l;
  g[3 + 4 * 2] = -1;
  q[3 + 4 * 3] = c;
  ck_assert_int_eq(pn_eigen_pencil(4, g, q, s, &n), PN_OK);
  ck_assert_int_eq(n, 2);
  double a = r / (2 * l), w = sqrt(1 / (l * c) - a * a);
  ck_assert_double_eq_tol(creal(s[0]), -a, 1e-9 * a);
  ck_assert_double_eq_tol(cimag(s[0]), w, 1e-9 * w);
  ck_assert(s[1] == conj(s[0]));
}
END_TEST

/* A capacitor across a voltage source: an index-2 circuit with no finite eigenvalue. */
START_TEST(an_index_2_circuit_has_no_eigenvalue_of_its_capacitor)
{
  double g[4] = {0, 1, 1, 0}, q[4] = {1e-9, 0, 0, 0};
  double complex s[2];
  int n;
  ck_assert_int_eq(pn_eigen_pencil(2, g, q, s, &n), PN_OK);
  ck_assert_int_eq(n, 0);
}
END_TEST

START_TEST(a_singular_pencil_is_told)
{
  double g[4] = {1, 1, 1, 1}, q[4] = {0};
  double complex s[2];
  int n;
  ck_assert_int_eq(pn_eigen_pencil(2, g, q, s, &n), PN_E_SINGULAR);
}
END_TEST

/* Rates from 1e-3 to 1e12 1/s in one circuit. */
START_TEST(slow_and_fast_eigenvalues_stand_together)
{
  double rate[] = {1e-3, 1, 1e6, 1e12}, g[16] = {0}, q[16] = {0};
  double complex s[4];
  int n;
  for (int k = 0; k < 4; k++) {
    g[5 * k] = 1e-3;
    q[5 * k] = 1e-3 / rate[k];
  }
  ck_assert_int_eq(pn_eigen_pencil(4, g, q, s, &n), PN_OK);
  ck_assert_int_eq(n, 4);
  for (int k = 0; k < 4; k++)
    ck_assert_double_eq_tol(creal(s[k]), -rate[k], 1e-8 * rate[k]);
}
END_TEST

/* G = tridiagonal, C = 1: eigenvalues -(2 - 2 cos(k pi / (n + 1))). The operator solves by Thomas. */
enum { N = 300 };
static double complex shift_now;
static pn_status chain_factor(void *user, double complex shift)
{
  (void)user;
  shift_now = shift;
  return PN_OK;
}
static pn_status chain_solve(void *user, double complex *v)
{
  (void)user;
  double complex c[N];
  double complex d = 2 + shift_now;
  c[0] = -1 / d;
  v[0] /= d;
  for (int k = 1; k < N; k++) {
    double complex m = d + c[k - 1];
    c[k] = -1 / m;
    v[k] = (v[k] + v[k - 1]) / m;
  }
  for (int k = N - 2; k >= 0; k--)
    v[k] -= c[k] * v[k + 1];
  return PN_OK;
}
static void chain_c(void *user, const double complex *v, double complex *w)
{
  (void)user;
  memcpy(w, v, N * sizeof *v);
}

START_TEST(shift_and_invert_finds_the_nearest)
{
  pn_eigen_operator op = {NULL, N, chain_factor, chain_solve, chain_c};
  double complex s[8];
  double radius;
  int n;
  ck_assert_int_eq(pn_eigen_near(&op, 0.01, 8, false, s, &n, &radius), PN_OK);
  ck_assert_int_eq(n, 8);
  for (int k = 0; k < 8; k++) {
    double exact = -(2 - 2 * cos((k + 1) * M_PI / (N + 1)));
    ck_assert_double_eq_tol(creal(s[k]), exact, 1e-10);
  }
}
END_TEST

/* y^3 - y + p = 0: folds at p = +-2 / sqrt(27). */
typedef struct cubic {
  double slope;
} cubic;
static pn_status cubic_f(void *u, const double *y, double p, double *r)
{
  (void)u;
  r[0] = y[0] * y[0] * y[0] - y[0] + p;
  return PN_OK;
}
static pn_status cubic_j(void *u, const double *y, double p)
{
  (void)p;
  ((cubic *)u)->slope = 3 * y[0] * y[0] - 1;
  return PN_OK;
}
static pn_status cubic_solve(void *u, double *r)
{
  r[0] /= ((cubic *)u)->slope;
  return PN_OK;
}
static void cubic_mul(void *u, const double *v, double *w)
{
  w[0] = ((cubic *)u)->slope * v[0];
}
static pn_status cubic_p(void *u, const double *y, double p, double *r)
{
  (void)u, (void)y, (void)p;
  r[0] = 1;
  return PN_OK;
}

START_TEST(a_curve_is_followed_through_both_folds)
{
  cubic c;
  double floor = 0.1, y = -1.5, turn[4];
  int turns = 0;
  pn_cont_problem pb = {.user = &c,
                        .n = 1,
                        .floor = &floor,
                        .p_scale = 4,
                        .step = 0.02,
                        .residual = cubic_f,
                        .jacobian = cubic_j,
                        .solve = cubic_solve,
                        .multiply = cubic_mul,
                        .slope = cubic_p};
  pn_cont *k;
  ck_assert_int_eq(pn_cont_new(&pb, &k), PN_OK);
  ck_assert_int_eq(pn_cont_start(k, &y, 1.875, -1), PN_OK);
  while (pn_cont_p(k) > -2 && pn_cont_y(k)[0] < 2) {
    ck_assert_int_eq(pn_cont_advance(k), PN_OK);
    double v = pn_cont_y(k)[0];
    ck_assert_double_eq_tol(v * v * v - v + pn_cont_p(k), 0, 1e-9);
    if (pn_cont_slope(k) * pn_cont_slope_before(k) < 0 && turns < 4)
      turn[turns++] = pn_cont_p(k);
  }
  pn_cont_free(k);
  ck_assert_int_eq(turns, 2);
  ck_assert_double_eq_tol(turn[0], -2 / sqrt(27), 0.02);
  ck_assert_double_eq_tol(turn[1], 2 / sqrt(27), 0.02);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("eigen");
  TCase *tc = tcase_create("eigen");
  tcase_add_test(tc, constraints_leave_only_finite_eigenvalues);
  tcase_add_test(tc, an_index_2_circuit_has_no_eigenvalue_of_its_capacitor);
  tcase_add_test(tc, a_singular_pencil_is_told);
  tcase_add_test(tc, slow_and_fast_eigenvalues_stand_together);
  tcase_add_test(tc, shift_and_invert_finds_the_nearest);
  tcase_add_test(tc, a_curve_is_followed_through_both_folds);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
