/* Claims about the time integrators: published solutions, orders of convergence, corners, events,
 * interpolation, and long runs. Each holds for every method. */
#include "solver/integrator.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MAX = 4 };

/* f(t, y) + d/dt q(y) = 0 with linear q; dense Jacobian by differences. */
typedef struct problem {
  int n;
  void (*f)(double t, const double *y, double *f);
  void (*q)(const double *y, double *q); /* linear */
  unsigned char differential[MAX];
  int n_events;
  void (*events)(double t, const double *y, double *ev);
  double y0[MAX], yp0[MAX];
  double reltol, atol[MAX];
  double jacobian[MAX][MAX];
  double domain_limit; /* y[0] beyond it is PN_E_DOMAIN; 0: none */
  long setups;
} problem;

static pn_status problem_fq(void *user, double t, const double *y, double *f, double *q)
{
  const problem *p = user;
  if (p->domain_limit > 0 && y[0] > p->domain_limit)
    return PN_E_DOMAIN;
  p->f(t, y, f);
  p->q(y, q);
  return PN_OK;
}

static pn_status problem_residual(void *user, double t, double cj, const double *y,
                                  const double *yp, double *r)
{
  (void)cj;
  const problem *p = user;
  double qp[MAX];
  pn_status st = problem_fq(user, t, y, r, qp);
  if (st)
    return st;
  p->q(yp, qp);
  for (int i = 0; i < p->n; i++)
    r[i] += qp[i];
  return PN_OK;
}

static pn_status problem_setup(void *user, double t, double cj, const double *y, const double *yp)
{
  (void)yp;
  problem *p = user;
  p->setups++;
  for (int j = 0; j < p->n; j++) {
    double z[MAX], up[MAX], down[MAX], unit[MAX] = {0}, c[MAX];
    memcpy(z, y, sizeof(double) * (size_t)p->n);
    double e = 1e-6 * fmax(1e-3, fabs(y[j]));
    z[j] = y[j] + e;
    p->f(t, z, up);
    z[j] = y[j] - e;
    p->f(t, z, down);
    unit[j] = 1;
    p->q(unit, c);
    for (int i = 0; i < p->n; i++)
      p->jacobian[i][j] = (up[i] - down[i]) / (2 * e) + cj * c[i];
  }
  return PN_OK;
}

static pn_status problem_solve(void *user, double cj, double *r, double accuracy)
{
  (void)cj, (void)accuracy;
  const problem *p = user;
  double a[MAX][MAX];
  memcpy(a, p->jacobian, sizeof a);
  for (int k = 0; k < p->n; k++) {
    int best = k;
    for (int i = k + 1; i < p->n; i++)
      best = fabs(a[i][k]) > fabs(a[best][k]) ? i : best;
    if (a[best][k] == 0)
      return PN_E_SINGULAR;
    for (int j = 0; j < p->n; j++) {
      double swap = a[k][j];
      a[k][j] = a[best][j];
      a[best][j] = swap;
    }
    double swap = r[k];
    r[k] = r[best];
    r[best] = swap;
    for (int i = k + 1; i < p->n; i++) {
      double l = a[i][k] / a[k][k];
      for (int j = k; j < p->n; j++)
        a[i][j] -= l * a[k][j];
      r[i] -= l * r[k];
    }
  }
  for (int k = p->n - 1; k >= 0; k--) {
    for (int j = k + 1; j < p->n; j++)
      r[k] -= a[k][j] * r[j];
    r[k] /= a[k][k];
  }
  return PN_OK;
}

static void problem_events(void *user, double t, const double *y, double *ev)
{
  ((const problem *)user)->events(t, y, ev);
}

static pn_integrator *start(const char *method, problem *p)
{
  pn_dae dae = {.user = p,
                .n = p->n,
                .reltol = p->reltol,
                .atol = p->atol,
                .differential = p->differential,
                .residual = problem_residual,
                .setup = problem_setup,
                .solve = problem_solve,
                .fq = problem_fq,
                .n_events = p->n_events,
                .events = problem_events};
  pn_integrator *g;
  ck_assert_int_eq(pn_integrator_new(method, &dae, 0, p->y0, p->yp0, 0, &g), PN_OK);
  return g;
}

/* Runs to t; copies the solution to y. */
static void run_to(pn_integrator *g, const problem *p, double stop, double hmax, double *y)
{
  double t = 0;
  pn_step_kind kind = PN_STEP_TAKEN;
  while (kind != PN_STEP_STOP) {
    pn_status st = pn_integrator_step(g, stop, hmax, &t, &kind);
    if (st != PN_OK || t > stop) /* an assertion per step would cost more than the step */
      ck_abort_msg("%s at %g", pn_integrator_trouble(g, NULL), t);
  }
  ck_assert_double_eq(t, stop);
  memcpy(y, pn_integrator_y(g), sizeof(double) * (size_t)p->n);
}

static void q_identity1(const double *y, double *q)
{
  q[0] = y[0];
}

static void q_identity2(const double *y, double *q)
{
  q[0] = y[0];
  q[1] = y[1];
}

static const char *const METHODS[] = {"ida", "trbdf2"};
#define METHOD METHODS[_i]
enum { N_METHODS = sizeof METHODS / sizeof *METHODS };

/* ---- accuracy ---- */

static void decay(double t, const double *y, double *f)
{
  (void)t;
  f[0] = y[0];
}

static double decay_error(const char *method, double reltol)
{
  problem p = {.n = 1,
               .f = decay,
               .q = q_identity1,
               .differential = {1},
               .y0 = {1},
               .yp0 = {-1},
               .reltol = reltol,
               .atol = {reltol * 1e-3}};
  double y;
  pn_integrator *g = start(method, &p);
  run_to(g, &p, 1, INFINITY, &y);
  pn_integrator_free(g);
  return fabs(y - exp(-1));
}

START_TEST(the_error_follows_the_tolerance)
{
  double loose = decay_error(METHOD, 1e-3), tight = decay_error(METHOD, 1e-7);
  ck_assert_double_lt(loose, 3e-3);
  ck_assert_double_lt(tight, 3e-5);
  ck_assert_double_lt(tight, 0.02 * loose);
}
END_TEST

static void oscillator(double t, const double *y, double *f)
{
  (void)t;
  f[0] = -y[1];
  f[1] = y[0];
}

/* Fixed steps: tolerances so loose that hmax rules. */
static double oscillator_error(const char *method, double h)
{
  problem p = {.n = 2,
               .f = oscillator,
               .q = q_identity2,
               .differential = {1, 1},
               .y0 = {1, 0},
               .yp0 = {0, -1},
               .reltol = 1e-9,
               .atol = {1e3, 1e3}};
  double y[2], t;
  pn_step_kind kind;
  pn_integrator *g = start(method, &p);
  ck_assert_int_eq(pn_integrator_restart(g, 0, p.y0, p.yp0, false, h), PN_OK);
  for (int k = 1; k <= lround(2 / h); k++)
    do
      ck_assert_int_eq(pn_integrator_step(g, k * h, h, &t, &kind), PN_OK);
    while (kind != PN_STEP_STOP);
  memcpy(y, pn_integrator_y(g), sizeof y);
  pn_integrator_free(g);
  return hypot(y[0] - cos(2), y[1] + sin(2));
}

START_TEST(trbdf2_converges_with_order_two)
{
  double order = log2(oscillator_error("trbdf2", 0.02) / oscillator_error("trbdf2", 0.01));
  ck_assert_double_eq_tol(order, 2, 0.05);
}
END_TEST

static void van_der_pol(double t, const double *y, double *f)
{
  (void)t;
  f[0] = -y[1];
  f[1] = -1e3 * ((1 - y[0] * y[0]) * y[1]) + y[0];
}

/* mu = 1000 in the form y'' - mu (1 - y^2) y' + y = 0 from (2, 0) to t = 2000: the reference of the Test
 * Set for IVP Solvers (Mazzia and Magherini 2008), problem VDPOL: 1.706167732170469, -8.928097010248e-4. */
START_TEST(stiff_van_der_pol)
{
  problem p = {.n = 2,
               .f = van_der_pol,
               .q = q_identity2,
               .differential = {1, 1},
               .y0 = {2, 0},
               .yp0 = {0, -2},
               .reltol = 1e-6,
               .atol = {1e-8, 1e-8}};
  double y[2];
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 2000, INFINITY, y);
  ck_assert_double_eq_tol(y[0], 1.706167732170469, 2e-4);
  ck_assert_double_eq_tol(y[1], -8.928097010248e-4, 1e-6);
  pn_integrator_free(g);
}
END_TEST

static void robertson(double t, const double *y, double *f)
{
  (void)t;
  f[0] = 0.04 * y[0] - 1e4 * y[1] * y[2];
  f[1] = -0.04 * y[0] + 1e4 * y[1] * y[2] + 3e7 * y[1] * y[1];
  f[2] = y[0] + y[1] + y[2] - 1;
}

static void q_robertson(const double *y, double *q)
{
  q[0] = y[0];
  q[1] = y[1];
  q[2] = 0;
}

/* As a DAE; values at t = 40 and 4e5 from Hindmarsh 1980 (LSODE), as in SUNDIALS' idaRoberts_dns. */
START_TEST(robertson_kinetics)
{
  problem p = {.n = 3,
               .f = robertson,
               .q = q_robertson,
               .differential = {1, 1, 0},
               .y0 = {1, 0, 0},
               .yp0 = {-0.04, 0.04, 0},
               .reltol = 1e-6,
               .atol = {1e-9, 1e-12, 1e-8}};
  double y[3];
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 40, INFINITY, y);
  ck_assert_double_eq_tol(y[0], 7.158e-1, 1e-4);
  ck_assert_double_eq_tol(y[1], 9.185e-6, 1e-9);
  ck_assert_double_eq_tol(y[2], 2.842e-1, 1e-4);
  run_to(g, &p, 4e5, INFINITY, y);
  ck_assert_double_eq_tol(y[0], 4.938e-3, 2e-5);
  ck_assert_double_eq_tol(y[2], 9.951e-1, 1e-4);
  pn_integrator_free(g);
}
END_TEST

/* ---- differential-algebraic ---- */

/* An RC divider: node 0 is fed by a source current (unknown 2), node 1 has 1 F; 1 ohm between them, and
 * from node 1 to ground; the source is sin t. */
static void rc_divider(double t, const double *y, double *f)
{
  f[0] = (y[0] - y[1]) + y[2];
  f[1] = y[1] - (y[0] - y[1]);
  f[2] = y[0] - sin(t);
}

static void q_rc_divider(const double *y, double *q)
{
  q[0] = 0;
  q[1] = y[1];
  q[2] = 0;
}

START_TEST(algebraic_unknowns_follow)
{
  problem p = {.n = 3,
               .f = rc_divider,
               .q = q_rc_divider,
               .differential = {0, 1, 0},
               .yp0 = {1, 0, -1},
               .reltol = 1e-6,
               .atol = {1e-8, 1e-8, 1e-8}};
  double y[3];
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 5, INFINITY, y);
  /* v' + 2 v = sin t, v(0) = 0: v = (2 sin t - cos t + exp(-2 t)) / 5 */
  double v = (2 * sin(5) - cos(5) + exp(-10)) / 5;
  ck_assert_double_eq_tol(y[0], sin(5), 1e-7);
  ck_assert_double_eq_tol(y[1], v, 2e-5);
  ck_assert_double_eq_tol(y[2], v - sin(5), 2e-5);
  pn_integrator_free(g);
}
END_TEST

/* Two capacitors in series with a resistor: node 0 driven, 1 F from 0 to 1, 1 ohm from 1 to ground. Only
 * the difference of the node voltages is differential. */
static double source_level;

static void high_pass(double t, const double *y, double *f)
{
  (void)t;
  f[0] = y[2];
  f[1] = y[1];
  f[2] = y[0] - source_level;
}

static void q_high_pass(const double *y, double *q)
{
  q[0] = y[0] - y[1];
  q[1] = y[1] - y[0];
  q[2] = 0;
}

START_TEST(a_jump_keeps_the_charge_of_a_floating_capacitor)
{
  problem p = {.n = 3,
               .f = high_pass,
               .q = q_high_pass,
               .differential = {1, 1, 0},
               .reltol = 1e-6,
               .atol = {1e-8, 1e-8, 1e-8}};
  double y[3];
  source_level = 0;
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 1, INFINITY, y);
  ck_assert_double_eq_tol(y[1], 0, 1e-9);
  source_level = 1;
  ck_assert_int_eq(pn_integrator_restart(g, 1, y, pn_integrator_yp(g), true, 1e-4), PN_OK);
  ck_assert_double_eq_tol(pn_integrator_y(g)[0], 1, 1e-9);
  ck_assert_double_eq_tol(pn_integrator_y(g)[1], 1, 1e-6);
  ck_assert_double_eq_tol(pn_integrator_y(g)[2], -1, 1e-6);
  run_to(g, &p, 2, INFINITY, y);
  ck_assert_double_eq_tol(y[1], exp(-1), 2e-5);
  pn_integrator_free(g);
}
END_TEST

/* ---- corners, events, interpolation ---- */

static void triangle_driven(double t, const double *y, double *f)
{
  double phase = fmod(t, 2);
  f[0] = y[0] - (phase < 1 ? phase : 2 - phase);
}

START_TEST(corners_are_met_exactly_and_cost_no_accuracy)
{
  problem p = {.n = 1,
               .f = triangle_driven,
               .q = q_identity1,
               .differential = {1},
               .reltol = 1e-6,
               .atol = {1e-9}};
  double y = 0, exact = 0;
  pn_integrator *g = start(METHOD, &p);
  for (int k = 1; k <= 10; k++) {
    run_to(g, &p, k, INFINITY, &y);
    ck_assert_int_eq(pn_integrator_restart(g, k, &y, pn_integrator_yp(g), false, 1e-3), PN_OK);
    /* y' = u - y with u = a + b s: y = a - b + b s + (y0 - a + b) exp(-s) */
    double a = k % 2 ? 0 : 1, b = k % 2 ? 1 : -1;
    exact = a - b + b + (exact - a + b) * exp(-1);
    ck_assert_double_eq_tol(y, exact, 2e-5);
  }
  pn_integrator_free(g);
}
END_TEST

static void falling(double t, const double *y, double *f)
{
  (void)t;
  f[0] = -y[1];
  f[1] = 9.81;
}

static void ground_event(double t, const double *y, double *ev)
{
  (void)t;
  ev[0] = y[0];
}

/* From 1 m with restitution 0.5: bounces at sqrt(2/g) (1, 2, 2.5, ...). */
START_TEST(a_ball_bounces_at_the_right_times)
{
  problem p = {.n = 2,
               .f = falling,
               .q = q_identity2,
               .differential = {1, 1},
               .n_events = 1,
               .events = ground_event,
               .y0 = {1, 0},
               .yp0 = {0, -9.81},
               .reltol = 1e-8,
               .atol = {1e-10, 1e-10}};
  pn_integrator *g = start(METHOD, &p);
  double fall = sqrt(2 / 9.81), expected = fall, flight = fall, t = 0;
  for (int bounce = 0; bounce < 4;) {
    pn_step_kind kind;
    ck_assert_int_eq(pn_integrator_step(g, 10, INFINITY, &t, &kind), PN_OK);
    if (kind != PN_STEP_EVENT)
      continue;
    ck_assert_double_eq_tol(t, expected, 1e-6);
    double y[2] = {0, -0.5 * pn_integrator_y(g)[1]}, yp[2] = {y[1], -9.81};
    ck_assert_double_eq_tol(pn_integrator_y(g)[0], 0, 1e-6);
    ck_assert_int_eq(pn_integrator_restart(g, t, y, yp, false, 1e-4), PN_OK);
    expected = t + flight;
    flight /= 2;
    bounce++;
  }
  pn_integrator_free(g);
}
END_TEST

START_TEST(interpolation_is_as_good_as_the_steps)
{
  problem p = {.n = 2,
               .f = oscillator,
               .q = q_identity2,
               .differential = {1, 1},
               .y0 = {1, 0},
               .yp0 = {0, -1},
               .reltol = 1e-6,
               .atol = {1e-8, 1e-8}};
  pn_integrator *g = start(METHOD, &p);
  double t = 0, before = 0, y[2];
  pn_step_kind kind = PN_STEP_TAKEN;
  while (kind != PN_STEP_STOP) {
    ck_assert_int_eq(pn_integrator_step(g, 6, INFINITY, &t, &kind), PN_OK);
    for (int k = 0; k <= 4; k++) {
      double at = before + (t - before) * k / 4;
      ck_assert_int_eq(pn_integrator_interpolate(g, at, y, NULL), PN_OK);
      ck_assert_double_eq_tol(y[0], cos(at), 1e-4);
      ck_assert_double_eq_tol(y[1], -sin(at), 1e-4);
    }
    ck_assert_int_eq(pn_integrator_interpolate(g, t, y, NULL), PN_OK);
    ck_assert_double_eq_tol(y[0], pn_integrator_y(g)[0], 1e-12);
    before = t;
  }
  pn_integrator_free(g);
}
END_TEST

/* ---- long runs, failures ---- */

static void slow_drift(double t, const double *y, double *f)
{
  (void)y;
  f[0] = -(1e-5 + sin(2 * M_PI * t));
}

/* A state near 1 that moves 1e-5 a cycle beside a ripple of 0.3: 1e5 cycles, the period bounds the step. With
 * equal steps TR-BDF2's errors cancel over a cycle and a loose tolerance does; IDA's order changes
 * with the phase, so its tolerance must be below the drift of a cycle. */
START_TEST(a_small_drift_survives_1e5_cycles)
{
  const double reltol[] = {1e-7, 1e-3};
  problem p = {.n = 1,
               .f = slow_drift,
               .q = q_identity1,
               .differential = {1},
               .y0 = {1},
               .reltol = reltol[_i],
               .atol = {1e-6}};
  double y;
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 1e5, 1.0 / 20, &y);
  ck_assert_double_eq_tol(y, 2.0, 0.01);
  pn_integrator_free(g);
}
END_TEST

static void growth(double t, const double *y, double *f)
{
  (void)t;
  f[0] = -y[0] * y[0];
}

/* y' = y^2 blows up at t = 1: the run must end in an error, not in a result. */
START_TEST(a_pole_of_the_solution_is_an_error)
{
  problem p = {.n = 1,
               .f = growth,
               .q = q_identity1,
               .differential = {1},
               .y0 = {1},
               .yp0 = {1},
               .reltol = 1e-6,
               .atol = {1e-9},
               .domain_limit = 1e12};
  double t;
  pn_step_kind kind;
  pn_integrator *g = start(METHOD, &p);
  pn_status st = PN_OK;
  for (int k = 0; k < 100000 && !st; k++)
    st = pn_integrator_step(g, 2, INFINITY, &t, &kind);
  ck_assert(st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN);
  int unknown;
  ck_assert_int_gt(strlen(pn_integrator_trouble(g, &unknown)), 0);
  ck_assert_int_le(unknown, 0);
  pn_integrator_free(g);
}
END_TEST

START_TEST(statistics_count_restarts_too)
{
  problem p = {.n = 1,
               .f = decay,
               .q = q_identity1,
               .differential = {1},
               .y0 = {1},
               .yp0 = {-1},
               .reltol = 1e-4,
               .atol = {1e-6}};
  double y;
  pn_integrator *g = start(METHOD, &p);
  run_to(g, &p, 1, INFINITY, &y);
  long steps = pn_integrator_get_stats(g).steps;
  ck_assert_int_eq(pn_integrator_restart(g, 1, &y, pn_integrator_yp(g), false, 0), PN_OK);
  run_to(g, &p, 2, INFINITY, &y);
  ck_assert_int_gt(pn_integrator_get_stats(g).steps, steps);
  ck_assert_int_eq(pn_integrator_get_stats(g).restarts, 1);
  pn_integrator_free(g);
}
END_TEST

START_TEST(an_unknown_method_is_refused)
{
  pn_dae dae = {0};
  pn_integrator *g;
  ck_assert_int_eq(pn_integrator_new("euler", &dae, 0, NULL, NULL, 0, &g), PN_E_USAGE);
  ck_assert_ptr_null(g);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("integrators");
  TCase *tc = tcase_create("methods");
  tcase_set_timeout(tc, 60);
  tcase_add_loop_test(tc, the_error_follows_the_tolerance, 0, N_METHODS);
  tcase_add_test(tc, trbdf2_converges_with_order_two);
  tcase_add_loop_test(tc, stiff_van_der_pol, 0, N_METHODS);
  tcase_add_loop_test(tc, robertson_kinetics, 0, N_METHODS);
  tcase_add_loop_test(tc, algebraic_unknowns_follow, 0, N_METHODS);
  tcase_add_loop_test(tc, a_jump_keeps_the_charge_of_a_floating_capacitor, 0, N_METHODS);
  tcase_add_loop_test(tc, corners_are_met_exactly_and_cost_no_accuracy, 0, N_METHODS);
  tcase_add_loop_test(tc, a_ball_bounces_at_the_right_times, 0, N_METHODS);
  tcase_add_loop_test(tc, interpolation_is_as_good_as_the_steps, 0, N_METHODS);
  tcase_add_loop_test(tc, a_small_drift_survives_1e5_cycles, 0, N_METHODS);
  tcase_add_loop_test(tc, a_pole_of_the_solution_is_an_error, 0, N_METHODS);
  tcase_add_loop_test(tc, statistics_count_restarts_too, 0, N_METHODS);
  tcase_add_test(tc, an_unknown_method_is_refused);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
