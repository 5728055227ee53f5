/* The past of transmission lines: bounded however long a run, of high order between points, and never
 * smoothed across a corner or a jump. */
#include "circuit/sim.h"
#include "devices/classes.h"

#include <check.h>
#include <stdlib.h>

enum { A, B, I1, I2, N };

typedef struct bench {
  pn_arena arena;
  pn_diag diag;
  pn_circuit *c;
  pn_sim *s;
} bench;

/* One line of 50 ohm and 1 ns from node a to node b. */
static void setup(bench *b)
{
  static double p[16];
  const pn_device_class *c = &pn_class_tline;
  for (int k = 0; k < c->n_params; k++)
    p[k] = c->params[k].value;
  p[pn_param_find(c->params, c->n_params, PN_STR("z0"))] = 50;
  p[pn_param_find(c->params, c->n_params, PN_STR("td"))] = 1e-9;
  pn_arena_init(&b->arena, 0);
  pn_diag_init(&b->diag, &b->arena, NULL, NULL);
  jmp_buf env;
  ck_assert_int_eq(setjmp(env), 0);
  b->arena.recover = &env;
  b->c = pn_circuit_new(&b->arena, &b->diag);
  int a = pn_circuit_node(b->c, PN_STR("a"), PN_NOWHERE), device;
  int nodes[] = {a, PN_GROUND, pn_circuit_node(b->c, PN_STR("b"), PN_NOWHERE), PN_GROUND};
  pn_device_spec spec = {
      .name = PN_STR("t1"), .cls = c, .unknowns = nodes, .params = p, .hold = -1};
  ck_assert_int_eq(pn_circuit_add(b->c, &spec, &device), PN_OK);
  ck_assert_int_eq(pn_circuit_finish(b->c, true), PN_OK);
  b->arena.recover = NULL;
  pn_sim_options o = {.temp = 300.15,
                      .gmin = 1e-12,
                      .op_memory = -1,
                      .reltol = 1e-4,
                      .vntol = 1e-6,
                      .abstol = 1e-12};
  ck_assert_int_eq(pn_sim_new(b->c, &o, &b->diag, &b->s), PN_OK);
}

static void teardown(bench *b)
{
  pn_sim_free(b->s);
  pn_arena_free(&b->arena);
}

static void past(bench *b, double t, double v, bool corner)
{
  double y[N] = {v, 0, 0, 0};
  ck_assert_int_eq(pn_sim_past_add(b->s, t, y, corner), PN_OK);
}

/* What arrives at the second end at time t: the wave that left the first a delay ago. */
static double arriving(bench *b, double t)
{
  double y[N] = {0};
  ck_assert_int_eq(pn_sim_eval(b->s, PN_SIM_TRAN, t, y, false), PN_OK);
  return -pn_sim_f(b->s)[I2];
}

START_TEST(a_long_run_does_not_fill_the_memory)
{
  bench b;
  setup(&b);
  double y[N] = {0};
  pn_sim_past_start(b.s, 0, y);
  for (long k = 1; k < 400000; k++) /* 2000 points in a delay, then 200 delays */
    past(&b, 0.5e-12 * (double)k, sin(1e9 * 0.5e-12 * (double)k), false);
  ck_assert_int_lt(pn_sim_get_stats(b.s).past_points, 10000);
  double t = 0.5e-12 * 399999, late = t + 1e-10;
  ck_assert_double_eq_tol(arriving(&b, late), sin(1e9 * (late - 1e-9)), 1e-9);
  teardown(&b);
}
END_TEST

START_TEST(a_million_points_in_one_delay_are_thinned)
{
  bench b;
  setup(&b);
  double y[N] = {0};
  pn_sim_past_start(b.s, 0, y);
  for (long k = 1; k < 1000000; k++)
    past(&b, 1e-15 * (double)k, sin(1e10 * 1e-15 * (double)k), false);
  ck_assert_int_le(pn_sim_get_stats(b.s).past_points, 1 << 16);
  ck_assert_double_eq_tol(arriving(&b, 1.4567e-9), sin(1e10 * 0.4567e-9), 1e-9);
  teardown(&b);
}
END_TEST

/* Halving the step divides the error by about 16. */
START_TEST(between_points_runs_a_cubic)
{
  double error[2];
  for (int fine = 0; fine < 2; fine++) {
    bench b;
    setup(&b);
    double y[N] = {0}, h = fine ? 2.5e-11 : 5e-11, most = 0;
    pn_sim_past_start(b.s, 0, y);
    for (int k = 1; k * h < 0.99e-9; k++)
      past(&b, k * h, sin(5e9 * k * h), false);
    for (int k = 0; k < 400; k++) {
      double x = 3e-10 + 4e-10 * k / 400;
      most = fmax(most, fabs(arriving(&b, x + 1e-9) - sin(5e9 * x)));
    }
    error[fine] = most;
    teardown(&b);
  }
  ck_assert_double_lt(error[0], 2e-3);
  ck_assert_double_gt(error[0] / error[1], 12);
  ck_assert_double_lt(error[0] / error[1], 20);
}
END_TEST

START_TEST(a_corner_and_a_jump_arrive_as_they_left)
{
  bench b;
  setup(&b);
  double y[N] = {0};
  pn_sim_past_start(b.s, 0, y);
  for (int k = 1; k <= 40; k++) { /* a ramp from 0.2 ns on, a jump by 1 V at 0.6 ns */
    double t = 2.5e-11 * k;
    past(&b, t, fmax(0, (t - 2e-10) * 1e9) + (k > 24), k == 8 || k == 24);
    if (k == 24)
      past(&b, t, fmax(0, (t - 2e-10) * 1e9) + 1, true);
  }
  ck_assert_double_eq_tol(pn_sim_next_corner(b.s, 1.1e-9), 1.2e-9, 1e-20);
  ck_assert_double_eq_tol(pn_sim_next_corner(b.s, 1.3e-9), 1.6e-9, 1e-20);
  ck_assert(isinf(pn_sim_next_corner(b.s, 1.7e-9)));
  ck_assert(pn_sim_jumps(b.s, 1.6e-9));
  ck_assert(!pn_sim_jumps(b.s, 1.2e-9));
  for (int k = 0; k < 100; k++) {
    double x = 1e-9 * (k + 0.5) / 100, want = fmax(0, (x - 2e-10) * 1e9) + (x > 6e-10);
    ck_assert_double_eq_tol(arriving(&b, x + 1e-9), want, 1e-12);
  }
  teardown(&b);
}
END_TEST

START_TEST(a_restart_without_a_corner_is_no_reason_to_stop)
{
  bench b;
  setup(&b);
  double y[N] = {0};
  pn_sim_past_start(b.s, 0, y);
  for (int k = 1; k <= 40; k++)
    past(&b, 2.5e-11 * k, 1e18 * 2.5e-11 * k * 2.5e-11 * k, k == 8);
  ck_assert(isinf(pn_sim_next_corner(b.s, 1.05e-9)));
  teardown(&b);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("delay");
  TCase *t = tcase_create("all");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, a_long_run_does_not_fill_the_memory);
  tcase_add_test(t, a_million_points_in_one_delay_are_thinned);
  tcase_add_test(t, between_points_runs_a_cubic);
  tcase_add_test(t, a_corner_and_a_jump_arrive_as_they_left);
  tcase_add_test(t, a_restart_without_a_corner_is_no_reason_to_stop);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
