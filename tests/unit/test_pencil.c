/* Poles and zeros of pencils against closed forms: ladders too long for dense matrices, chains of zeros at the
 * origin, many equal poles, values near a frequency. */
#include "analysis/pencil.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { MOST_ENTRIES = 40000 };

static int row[MOST_ENTRIES], col[MOST_ENTRIES];
static double g[MOST_ENTRIES], c[MOST_ENTRIES];

static void put(pn_pencil *p, int i, int j, double conductance, double capacitance)
{
  ck_assert_int_lt(p->entries, MOST_ENTRIES);
  row[p->entries] = i;
  col[p->entries] = j;
  g[p->entries] = conductance;
  c[p->entries++] = capacitance;
}

/* A conductance or a capacitance between two nodes; -1: ground. */
static void stamp(pn_pencil *p, int a, int b, double conductance, double capacitance)
{
  put(p, a, a, conductance, capacitance);
  put(p, b, b, conductance, capacitance);
  put(p, a, b, -conductance, -capacitance);
  put(p, b, a, -conductance, -capacitance);
}

/* n sections of 1 ohm and 1 F behind a voltage source at node 0, whose current is unknown n + 1. */
static pn_pencil ladder(int n)
{
  pn_pencil p = {.n = n + 2, .row = row, .col = col, .g = g, .c = c};
  for (int k = 0; k < n; k++) {
    stamp(&p, k, k + 1, 1, 0);
    stamp(&p, k + 1, -1, 0, 1);
  }
  put(&p, 0, n + 1, 1, 0);
  put(&p, n + 1, 0, 1, 0);
  return p;
}

/* Transfer from the source's value to a node. */
static void border(pn_pencil *p, int node)
{
  put(p, p->n - 1, p->n, 1, 0);
  put(p, p->n, node, 1, 0);
  p->n++;
}

static double pole_of_ladder(int n, int k)
{
  double half = sin((2 * k - 1) * acos(-1) / (4 * n + 2));
  return -4 * half * half;
}

START_TEST(long_ladders_have_the_poles_of_the_closed_form)
{
  double complex s[2 * PN_PENCIL_MOST];
  double radius;
  int n;
  pn_pencil p = ladder(4000);
  ck_assert_int_eq(pn_pencil_nearest(&p, false, 0, 40, s, &n, &radius), 0);
  ck_assert_int_eq(n, 40);
  for (int k = 0; k < n; k++)
    ck_assert_double_eq_tol(creal(s[k]) / pole_of_ladder(4000, k + 1), 1, 1e-8);
  ck_assert_double_ge(radius, fabs(pole_of_ladder(4000, 39)));
}
END_TEST

START_TEST(zeros_at_infinity_feign_no_finite_ones)
{
  double complex s[2 * PN_PENCIL_MOST];
  double radius;
  int n;
  pn_pencil p = ladder(2000);
  border(&p, 1500);
  ck_assert_int_eq(pn_pencil_nearest(&p, true, 0, 40, s, &n, &radius), 0);
  ck_assert_int_ge(n, 5);
  for (int k = 0; k < n; k++)
    ck_assert_double_eq_tol(creal(s[k]) / pole_of_ladder(500, k + 1), 1, 1e-7);
  p = ladder(2000);
  border(&p, 2000);
  ck_assert_int_eq(pn_pencil_nearest(&p, true, 0, 40, s, &n, &radius), 0);
  ck_assert_int_eq(n, 0);
  p = ladder(100);
  border(&p, 60);
  double complex all[103];
  ck_assert_int_eq(pn_pencil_all(&p, true, all, &n), 0);
  ck_assert_int_ge(n, 20);
  for (int k = 0; k < n; k++)
    ck_assert_double_eq_tol(creal(all[k]) / pole_of_ladder(40, k + 1), 1, 1e-6);
}
END_TEST

/* Three coupling capacitors: H = s^3 ... : three zeros at the origin, one chain. */
START_TEST(chains_of_zeros_at_the_origin_are_exact)
{
  pn_pencil p = {.n = 5, .row = row, .col = col, .g = g, .c = c};
  double complex s[6];
  int n;
  double farad[] = {1e-6, 1e-6, 1e-12}, siemens[] = {1e-3, 1e-4, 1e-3};
  for (int k = 0; k < 3; k++) {
    stamp(&p, k, k + 1, 0, farad[k]);
    stamp(&p, k + 1, -1, siemens[k], 0);
  }
  put(&p, 0, 4, 1, 0);
  put(&p, 4, 0, 1, 0);
  border(&p, 3);
  ck_assert_int_eq(pn_pencil_all(&p, true, s, &n), 0);
  ck_assert_int_eq(n, 3);
  for (int k = 0; k < n; k++)
    ck_assert(s[k] == 0);
}
END_TEST

/* Eight buffered stages of one time constant: rounding spreads the eightfold pole over a star, and keeps all. */
START_TEST(equal_poles_and_zeros_are_kept)
{
  double complex s[12];
  int n;
  for (int zeros = 0; zeros < 2; zeros++) {
    pn_pencil p = {.n = 8, .row = row, .col = col, .g = g, .c = c};
    for (int k = 0; k < 8; k++) {
      put(&p, k, k, 1, 1);
      if (k)
        put(&p, k, k - 1, -1, -0.5 * zeros); /* a lead: its zero at -2 */
    }
    if (zeros) {
      put(&p, 0, 8, 1, 0);
      put(&p, 8, 7, 1, 0);
      p.n = 9;
    }
    ck_assert_int_eq(pn_pencil_all(&p, zeros, s, &n), 0);
    ck_assert_int_eq(n, 8 - zeros);
    double complex mean = 0;
    for (int k = 0; k < n; k++)
      mean += s[k] / n;
    ck_assert_double_eq_tol(creal(mean), zeros ? -2 : -1, 1e-6);
  }
}
END_TEST

/* 600 sections of 1 H and 1 F: poles at +-2j sin(...), those near 1 rad/s asked for. */
START_TEST(resonances_near_a_frequency_come_in_pairs)
{
  enum { N = 600 };
  pn_pencil p = {.n = 2 * N, .row = row, .col = col, .g = g, .c = c};
  double complex s[2 * PN_PENCIL_MOST];
  double radius;
  int n;
  for (int k = 0; k < N; k++) { /* nodes 0 .. N-1, currents N .. 2N-1; the source is a short */
    put(&p, k, k, 0, 1);
    put(&p, k, N + k, -1, 0);
    if (k + 1 < N)
      put(&p, k, N + k + 1, 1, 0);
    put(&p, N + k, N + k, 0, 1);
    put(&p, N + k, k, 1, 0);
    if (k)
      put(&p, N + k, k - 1, -1, 0);
  }
  ck_assert_int_eq(pn_pencil_nearest(&p, false, I, 10, s, &n, &radius), 0);
  ck_assert_int_eq(n, 20);
  for (int j = 0; j < n; j++) {
    double best = INFINITY;
    for (int k = 1; k <= N; k++)
      best = fmin(best, fabs(fabs(cimag(s[j])) - sqrt(-pole_of_ladder(N, k))));
    ck_assert_double_le(best, 1e-9);
    ck_assert_double_le(fabs(creal(s[j])), 1e-9);
    ck_assert_double_le(fabs(fabs(cimag(s[j])) - 1),
                        5.5 * 0.0046); /* their distance is 2 cos(pi/6) pi/(2 N + 1) */
  }
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("pencil");
  TCase *t = tcase_create("pencil");
  tcase_add_test(t, long_ladders_have_the_poles_of_the_closed_form);
  tcase_add_test(t, zeros_at_infinity_feign_no_finite_ones);
  tcase_add_test(t, chains_of_zeros_at_the_origin_are_exact);
  tcase_add_test(t, equal_poles_and_zeros_are_kept);
  tcase_add_test(t, resonances_near_a_frequency_come_in_pairs);
  suite_add_tcase(suite, t);
  SRunner *r = srunner_create(suite);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
