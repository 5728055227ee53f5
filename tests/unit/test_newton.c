/* Claims about the damped Newton iteration. */
#include "solver/newton.h"

#include <check.h>
#include <math.h>

/* One or two equations with their 2x2 Jacobian, solved by Cramer's rule. */
typedef struct plane {
  pn_status (*eval)(const double *y, double *r, double j[2][2]);
  double jacobian[2][2];
  int evaluations;
  bool stop;
} plane;

static pn_status plane_residual(void *user, const double *y, double *r, bool jacobian)
{
  plane *p = user;
  double j[2][2];
  p->evaluations++;
  pn_status st = p->eval(y, r, j);
  if (!st && jacobian)
    for (int k = 0; k < 4; k++)
      p->jacobian[k / 2][k % 2] = j[k / 2][k % 2];
  return st;
}

static pn_status plane_solve(void *user, double *r)
{
  const plane *p = user;
  const double(*j)[2] = p->jacobian;
  double det = j[0][0] * j[1][1] - j[0][1] * j[1][0];
  if (det == 0)
    return PN_E_SINGULAR;
  double x = (r[0] * j[1][1] - r[1] * j[0][1]) / det;
  r[1] = (r[1] * j[0][0] - r[0] * j[1][0]) / det;
  r[0] = x;
  return PN_OK;
}

static bool plane_interrupted(void *user)
{
  return ((plane *)user)->stop;
}

static pn_status run(plane *p, double *y, int max_iterations, pn_newton_result *res)
{
  static const double atol[2] = {1e-9, 1e-9};
  double work[6];
  pn_newton_problem q = {.user = p,
                         .n = 2,
                         .atol = atol,
                         .reltol = 1e-6,
                         .max_iterations = max_iterations,
                         .residual = plane_residual,
                         .solve = plane_solve,
                         .interrupted = plane_interrupted};
  return pn_newton(&q, y, work, res);
}

static pn_status linear(const double *y, double *r, double j[2][2])
{
  r[0] = 2 * y[0] + y[1] - 3;
  r[1] = 1e-6 * (y[0] - y[1]); /* a row in other units */
  j[0][0] = 2, j[0][1] = 1, j[1][0] = 1e-6, j[1][1] = -1e-6;
  return PN_OK;
}

START_TEST(a_linear_system_takes_one_factorisation_and_a_check)
{
  plane p = {.eval = linear};
  double y[2] = {100, -50};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 50, &res), PN_OK);
  ck_assert_double_eq_tol(y[0], 1, 1e-12);
  ck_assert_double_eq_tol(y[1], 1, 1e-12);
  ck_assert_int_le(res.iterations, 2);
}
END_TEST

/* arctan: full Newton steps diverge from |y| > 1.39. */
static pn_status arctangent(const double *y, double *r, double j[2][2])
{
  r[0] = atan(y[0]);
  r[1] = y[1];
  j[0][0] = 1 / (1 + y[0] * y[0]), j[0][1] = j[1][0] = 0, j[1][1] = 1;
  return PN_OK;
}

START_TEST(damping_converges_where_full_steps_diverge)
{
  plane p = {.eval = arctangent};
  double y[2] = {20, 0};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 50, &res), PN_OK);
  ck_assert_double_eq_tol(y[0], 0, 1e-9);
}
END_TEST

/* A diode of 1e-14 A at 5 V through 1 kohm. */
static pn_status diode(const double *y, double *r, double j[2][2])
{
  double i = 1e-14 * exp(y[0] / 0.02585);
  if (!isfinite(i))
    return PN_E_DOMAIN;
  r[0] = (y[0] - y[1]) / 1e3 + i;
  r[1] = y[1] - 5;
  j[0][0] = 1e-3 + i / 0.02585, j[0][1] = -1e-3, j[1][0] = 0, j[1][1] = 1;
  return PN_OK;
}

START_TEST(an_exponential_needs_no_limiting_to_converge)
{
  plane p = {.eval = diode};
  double y[2] = {0, 0};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 300, &res), PN_OK);
  ck_assert_double_eq_tol((5 - y[0]) / 1e3, 1e-14 * exp(y[0] / 0.02585), 1e-9);
}
END_TEST

static pn_status square_root(const double *y, double *r, double j[2][2])
{
  if (y[0] < 0)
    return PN_E_DOMAIN;
  r[0] = sqrt(y[0]) - 0.01;
  r[1] = y[1];
  j[0][0] = 0.5 / sqrt(y[0]), j[0][1] = j[1][0] = 0, j[1][1] = 1;
  return PN_OK;
}

START_TEST(a_step_out_of_the_domain_is_shortened)
{
  plane p = {.eval = square_root};
  double y[2] = {9, 0};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 50, &res), PN_OK);
  ck_assert_double_eq_tol(y[0], 1e-4, 1e-9);
}
END_TEST

static pn_status no_root(const double *y, double *r, double j[2][2])
{
  r[0] = y[0] * y[0] + 1;
  r[1] = y[1];
  j[0][0] = 2 * y[0], j[0][1] = j[1][0] = 0, j[1][1] = 1;
  return PN_OK;
}

START_TEST(no_solution_is_an_error_that_names_the_worst_unknown)
{
  plane p = {.eval = no_root};
  double y[2] = {3, 0};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 100, &res), PN_E_CONVERGENCE);
  ck_assert_int_eq(res.worst, 0);
  ck_assert(isfinite(y[0]));
}
END_TEST

START_TEST(an_interrupt_ends_the_iteration)
{
  plane p = {.eval = linear, .stop = true};
  double y[2] = {0, 0};
  pn_newton_result res;
  ck_assert_int_eq(run(&p, y, 50, &res), PN_E_INTERRUPTED);
  ck_assert_int_eq(p.evaluations, 0);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("newton");
  TCase *tc = tcase_create("newton");
  tcase_add_test(tc, a_linear_system_takes_one_factorisation_and_a_check);
  tcase_add_test(tc, damping_converges_where_full_steps_diverge);
  tcase_add_test(tc, an_exponential_needs_no_limiting_to_converge);
  tcase_add_test(tc, a_step_out_of_the_domain_is_shortened);
  tcase_add_test(tc, no_solution_is_an_error_that_names_the_worst_unknown);
  tcase_add_test(tc, an_interrupt_ends_the_iteration);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
