/* Claims about envelope following and about the quadrature it stands on. */
#include "solver/envelope.h"
#include "solver/quadrature.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

static pn_gk table;

static double apply(const double *weights, double (*f)(double))
{
  double sum = 0;
  for (int j = 0; j < PN_GK_NODES; j++)
    sum += weights[j] * f(table.node[j]);
  return sum;
}

static double peak(double t)
{
  return exp(-8 * t);
}

START_TEST(kronrods_rule_integrates_a_steep_peak)
{
  pn_gk_init(&table);
  double exact = (1 - exp(-8)) / 8;
  ck_assert_double_eq_tol(apply(table.weight, peak), exact, 1e-14);
  ck_assert_double_eq_tol(apply(table.gauss, peak), exact, 1e-7);
  ck_assert(fabs(apply(table.gauss, peak) - exact) > fabs(apply(table.weight, peak) - exact));
}
END_TEST

START_TEST(running_weights_integrate_up_to_each_node)
{
  pn_gk_init(&table);
  for (int j = 0; j < PN_GK_NODES; j++)
    ck_assert_double_eq_tol(apply(table.running[j], peak), (1 - exp(-8 * table.node[j])) / 8, 1e-8);
}
END_TEST

/* One or two states, whose maps count their calls. */
typedef struct maps {
  pn_status (*change)(const double *x, double *dx);
  long calls;
} maps;

static pn_status call(void *user, const double *x, double *dx)
{
  maps *m = user;
  m->calls++;
  return m->change(x, dx);
}

static pn_envelope_stats follow(maps *m, int n, double cycles, double *x)
{
  static const double lo[2] = {0, 0}, hi[2] = {1, 1}, range[2] = {1, 1}, atol[2] = {1e-7, 1e-7};
  pn_envelope_problem p = {.user = m,
                           .n = n,
                           .reltol = 1e-4,
                           .atol = atol,
                           .lo = lo,
                           .hi = hi,
                           .range = range,
                           .max_step = INFINITY,
                           .change = call};
  pn_envelope *e;
  ck_assert_int_eq(pn_envelope_new(&p, x, &e), PN_OK);
  while (pn_envelope_cycle(e) < cycles)
    ck_assert_int_eq(pn_envelope_step(e, cycles), PN_OK);
  for (int i = 0; i < n; i++)
    x[i] = pn_envelope_x(e)[i];
  pn_envelope_stats s = pn_envelope_get_stats(e);
  ck_assert_int_eq(s.maps, m->calls);
  pn_envelope_free(e);
  return s;
}

static void iterate(maps *m, int n, long cycles, double *x)
{
  double d[2];
  for (long k = 0; k < cycles; k++) {
    m->change(x, d);
    for (int i = 0; i < n; i++)
      x[i] = fmin(fmax(x[i] + d[i], 0), 1);
  }
}

static pn_status fade(const double *x, double *dx)
{
  dx[0] = -1e-3 * (x[0] - 0.3);
  dx[1] = -1e-5 * exp(8 * x[1]);
  return PN_OK;
}

START_TEST(many_cycles_cost_few_maps)
{
  maps m = {fade, 0};
  double x[2] = {1, 1}, exact[2] = {1, 1};
  follow(&m, 2, 1e5, x);
  iterate(&m, 2, 100000, exact);
  ck_assert_double_eq_tol(x[0], exact[0], 1e-5);
  ck_assert_double_eq_tol(x[1], exact[1], 1e-4);
  ck_assert_int_lt(m.calls, 300);
}
END_TEST

/* Half of the distance in each cycle: the flow of a map is not its change. */
static pn_status halve(const double *x, double *dx)
{
  dx[0] = -0.5 * x[0];
  return PN_OK;
}

START_TEST(a_linear_map_is_followed_exactly_though_it_is_steep)
{
  maps m = {halve, 0};
  double x[1] = {1}, exact[1] = {1};
  follow(&m, 1, 8, x);
  iterate(&m, 1, 8, exact);
  ck_assert_double_eq_tol(x[0], exact[0], 2e-4);
}
END_TEST

static pn_status stiff(const double *x, double *dx)
{
  dx[0] = -0.3 * (x[0] - 0.5);
  dx[1] = -1e-6 * x[1];
  return PN_OK;
}

START_TEST(a_stiff_state_does_not_shorten_the_steps_of_a_slow_one)
{
  maps m = {stiff, 0};
  double x[2] = {1, 1};
  follow(&m, 2, 1e6, x);
  ck_assert_double_eq_tol(x[0], 0.5, 1e-6);
  ck_assert_double_eq_tol(x[1], pow(1 - 1e-6, 1e6), 1e-4);
  ck_assert_int_lt(m.calls, 500);
}
END_TEST

static pn_status outward(const double *x, double *dx)
{
  dx[0] = x[0] < 1 ? fmin(2e-5, 1 - x[0]) : 0;
  return PN_OK;
}

START_TEST(a_bound_is_reached_and_kept)
{
  maps m = {outward, 0};
  double x[1] = {0};
  follow(&m, 1, 2e5, x);
  ck_assert_double_eq(x[0], 1);
  ck_assert_int_lt(m.calls, 600);
}
END_TEST

/* A drift that turns round at every hundredth of the range, and never changes slowly. */
static pn_status rugged(const double *x, double *dx)
{
  dx[0] = 0.004 * (1.1 + sin(2000 * x[0]));
  return PN_OK;
}

START_TEST(where_the_envelope_is_not_smooth_cycles_are_taken_one_by_one)
{
  maps m = {rugged, 0};
  double x[1] = {0}, exact[1] = {0};
  pn_envelope_stats s = follow(&m, 1, 64, x);
  iterate(&m, 1, 64, exact);
  ck_assert_int_gt(s.plain, 0);
  ck_assert_double_eq_tol(x[0], exact[0], 1e-2 * exact[0]);
}
END_TEST

static pn_status stuck(const double *x, double *dx)
{
  dx[0] = x[0];
  return PN_E_CONVERGENCE;
}

START_TEST(a_map_that_fails_ends_the_run)
{
  static const double lo[1] = {0}, hi[1] = {1}, range[1] = {1}, atol[1] = {1e-7}, x[1] = {0.5};
  maps m = {stuck, 0};
  pn_envelope_problem p = {&m, 1, 1e-4, atol, lo, hi, range, 1e9, NULL, call};
  pn_envelope *e;
  ck_assert_int_eq(pn_envelope_new(&p, x, &e), PN_OK);
  ck_assert_int_eq(pn_envelope_step(e, 100), PN_E_CONVERGENCE);
  pn_envelope_free(e);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("envelope");
  TCase *tc = tcase_create("envelope");
  tcase_add_test(tc, kronrods_rule_integrates_a_steep_peak);
  tcase_add_test(tc, running_weights_integrate_up_to_each_node);
  tcase_add_test(tc, many_cycles_cost_few_maps);
  tcase_add_test(tc, a_linear_map_is_followed_exactly_though_it_is_steep);
  tcase_add_test(tc, a_stiff_state_does_not_shorten_the_steps_of_a_slow_one);
  tcase_add_test(tc, a_bound_is_reached_and_kept);
  tcase_add_test(tc, where_the_envelope_is_not_smooth_cycles_are_taken_one_by_one);
  tcase_add_test(tc, a_map_that_fails_ends_the_run);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
