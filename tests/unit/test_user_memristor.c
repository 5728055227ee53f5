/* User-defined memristors: expressions become a model with exact derivatives, parameters per
 * instance, and the same interface as the built-in ones. */
#include "generated/memristor_point.h"

#include <check.h>

static pn_gnode op(pn_graph *g, pn_op o, pn_gnode a, pn_gnode b)
{
  return pn_graph_op2(g, o, a, b);
}

/* G = x gon + (1 - x) goff exp(b sqrt|v|), dx/dt = k sinh(v/v0) x (1 - x). */
static const pn_memristor *example(pn_arena *a)
{
  static const pn_param params[] = {
      {"x0", "1", 0.1, 0.0, 1.0, PN_P_BOTH, "Initial state.", "the netlist", NULL, NULL},
      {"xmin", "1", 0.0, 0.0, 1.0, PN_P_BOTH, "Lower bound.", "the netlist", NULL, NULL},
      {"xmax", "1", 1.0, 0.0, 1.0, PN_P_BOTH, "Upper bound.", "the netlist", NULL, NULL},
      {"gon", "1", 25e-3, -INFINITY, INFINITY, PN_P_BOTH, "Gon.", "the netlist", NULL, NULL},
      {"v0", "1", 0.2, -INFINITY, INFINITY, PN_P_BOTH, "V0.", "the netlist", NULL, NULL}};
  static const pn_mem_state states[] = {{"x", "1", "state", 0, 1, 2, 0.0, 1, 0, 0}};
  pn_graph *g = pn_graph_new(a);
  pn_gnode v = pn_graph_input(g, PN_USER_V), x = pn_graph_input(g, PN_USER_X),
           one = pn_graph_const(g, 1.0);
  pn_gnode rest = op(g, PN_OP_SUB, one, x);
  pn_gnode root = pn_graph_op1(g, PN_OP_SQRT, pn_graph_op1(g, PN_OP_ABS, v));
  pn_gnode field = pn_graph_op1(g, PN_OP_EXP, op(g, PN_OP_MUL, pn_graph_const(g, 4.7), root));
  pn_gnode off = op(g, PN_OP_MUL, pn_graph_const(g, 7e-6), field);
  pn_gnode G = op(g, PN_OP_ADD, op(g, PN_OP_MUL, x, pn_graph_param(g, 3)),
                  op(g, PN_OP_MUL, rest, off));
  pn_gnode sinh = pn_graph_op1(g, PN_OP_SINH, op(g, PN_OP_DIV, v, pn_graph_param(g, 4)));
  pn_gnode rate = op(g, PN_OP_MUL, op(g, PN_OP_MUL, pn_graph_const(g, 1e3), sinh),
                     op(g, PN_OP_MUL, x, rest));
  pn_mem_user *u = PN_NEW(a, pn_mem_user);
  *u = (pn_mem_user){.name = "mymem",
                     .params = params,
                     .n_params = 5,
                     .states = states,
                     .n_states = 1,
                     .graph = g,
                     .current = G,
                     .rates = &rate};
  return pn_memristor_define(a, u);
}

START_TEST(outputs_are_those_of_the_expressions)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  instance d = make_instance(example(&a));
  double x = 0.3, v = -0.4, r = sqrt(0.4), off = 7e-6 * exp(4.7 * r);
  point o = evaluate(&d, v, &x);
  double G = x * 25e-3 + 0.7 * off;
  ck_assert_double_eq_tol(o.i, v * G, 1e-14);
  ck_assert_double_eq_tol(o.i_v, G + v * 0.7 * off * 4.7 * -0.5 / r, 1e-14);
  ck_assert_double_eq_tol(o.i_x[0], v * (25e-3 - off), 1e-14);
  ck_assert_double_eq_tol(o.g[0], 1e3 * sinh(-2.0) * 0.21, 1e-9);
  ck_assert_double_eq_tol(o.g_v[0], 1e3 * cosh(-2.0) / 0.2 * 0.21, 1e-8);
  ck_assert_double_eq_tol(o.g_x[0][0], 1e3 * sinh(-2.0) * 0.4, 1e-9);
  pn_arena_free(&a);
}
END_TEST

START_TEST(parameters_belong_to_the_instance)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  instance d = make_instance(example(&a));
  d.p[4] = 0.1;
  rederive(&d);
  double x = 0.5;
  ck_assert_double_eq_tol(evaluate(&d, 0.2, &x).g[0], 250.0 * sinh(2.0), 1e-10);
  pn_arena_free(&a);
}
END_TEST

START_TEST(without_voltage_all_is_finite_and_no_current_flows)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  instance d = make_instance(example(&a));
  double x = 0.5;
  point o = evaluate(&d, 0.0, &x);
  ck_assert_double_eq(o.i, 0.0);
  ck_assert(isfinite(o.i_v) && isfinite(o.g_v[0]));
  pn_arena_free(&a);
}
END_TEST

START_TEST(several_states_are_coupled)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  static const pn_param params[] = {
      {"x0", "1", 0.5, -9, 9, PN_P_BOTH, "x0.", "the netlist", NULL, NULL},
      {"y0", "1", 0.5, -9, 9, PN_P_BOTH, "y0.", "the netlist", NULL, NULL}};
  static const pn_mem_state states[] = {{"x", "1", "x", 0, -1, -1, 1.0, 1, 0, 0},
                                        {"y", "1", "y", 1, -1, -1, 1.0, 1, 0, 0}};
  pn_graph *g = pn_graph_new(&a);
  pn_gnode v = pn_graph_input(g, PN_USER_V), x = pn_graph_input(g, PN_USER_X),
           y = pn_graph_input(g, PN_USER_X + 1);
  pn_gnode rates[] = {op(g, PN_OP_MUL, x, y), op(g, PN_OP_ADD, v, op(g, PN_OP_MUL, y, y))};
  pn_mem_user u = {.name = "two",
                   .params = params,
                   .n_params = 2,
                   .states = states,
                   .n_states = 2,
                   .graph = g,
                   .current = op(g, PN_OP_MUL, op(g, PN_OP_MUL, x, y), v),
                   .i_of_v = true,
                   .rates = rates};
  instance d = make_instance(pn_memristor_define(&a, &u));
  double s[] = {2.0, 3.0};
  point o = evaluate(&d, 0.5, s);
  ck_assert_double_eq(o.i, 3.0);
  ck_assert_double_eq(o.i_v, 6.0);
  ck_assert_double_eq(o.i_x[0], 1.5);
  ck_assert_double_eq(o.i_x[1], 1.0);
  ck_assert_double_eq(o.g[0], 6.0);
  ck_assert_double_eq(o.g[1], 9.5);
  ck_assert_double_eq(o.g_v[0], 0.0);
  ck_assert_double_eq(o.g_v[1], 1.0);
  ck_assert_double_eq(o.g_x[0][0], 3.0);
  ck_assert_double_eq(o.g_x[0][1], 2.0);
  ck_assert_double_eq(o.g_x[1][0], 0.0);
  ck_assert_double_eq(o.g_x[1][1], 6.0);
  pn_arena_free(&a);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("user-defined memristors");
  TCase *tc = tcase_create("user");
  tcase_add_test(tc, outputs_are_those_of_the_expressions);
  tcase_add_test(tc, parameters_belong_to_the_instance);
  tcase_add_test(tc, without_voltage_all_is_finite_and_no_current_flows);
  tcase_add_test(tc, several_states_are_coupled);
  suite_add_tcase(suite, tc);
  SRunner *sr = srunner_create(suite);
  srunner_run_all(sr, CK_NORMAL);
  int failed = srunner_ntests_failed(sr);
  srunner_free(sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
