/* The expression graph: folding, sharing, exact derivatives with finite corners, and the
 * lowering of trees with its error messages. */
#include "expr_fixture.h"

#include <stdio.h>

static fixture f;

static void open_fixture(void)
{
  fx_open(&f);
}

static void close_fixture(void)
{
  fx_close(&f);
}

/* Both texts give the same node. */
static void same(const char *a, const char *b)
{
  ck_assert_msg(fx_node(&f, a) == fx_node(&f, b), "%s is not %s", a, b);
}

START_TEST(neutral_elements_vanish)
{
  same("a*1", "a");
  same("1*a", "a");
  same("a+0", "a");
  same("0-a", "-a");
  same("a-0", "a");
  same("a*0", "0");
  same("a-a", "0");
  same("a/1", "a");
  same("0/a", "0");
  same("a**1", "a");
  same("a**0", "1");
  same("a**2", "a*a");
  same("sqr(a)", "a*a");
  same("pow(a,0.5)", "sqrt(a)");
  same("a+(-b)", "a-b");
  same("a-(-b)", "a+b");
  same("-(-a)", "a");
  same("abs(-a)", "abs(a)");
  same("exp(a)*exp(b)", "exp(a+b)");
  same("c*exp(a)*exp(b)", "c*exp(a+b)");
  same("a > 0 ? b : b", "b");
}
END_TEST

START_TEST(constants_are_folded_and_common_parts_shared)
{
  same("2*3+4*pi-pi*4", "6");
  same("1 ? a : b", "a");
  same("if(0,a,b)", "b");
  same("sin(a)*b + b*sin(a)", "b*sin(a) + sin(a)*b");
  same("gt0(a)", "a > 0");
  same("pwl(2, 1,10, 3,30)", "20");
  same("log(exp(1))", "1");
}
END_TEST

START_TEST(dependence_survives_many_inputs)
{
  pn_gnode sum = pn_graph_const(f.graph, 1);
  for (int k = 0; k < 200; k += 2)
    sum = pn_graph_op2(f.graph, PN_OP_ADD, sum, pn_graph_input(f.graph, k));
  ck_assert(pn_graph_depends(f.graph, sum, 66));
  ck_assert(!pn_graph_depends(f.graph, sum, 67));
  ck_assert(!pn_graph_depends(f.graph, sum, 1));
  double one;
  ck_assert(pn_graph_is_const(f.graph, pn_graph_diff(f.graph, sum, 130), &one) && one == 1);
}
END_TEST

START_TEST(a_sum_of_many_terms_is_differentiated_without_deep_recursion)
{
  pn_gnode x = pn_graph_input(f.graph, 0), sum = x;
  for (int k = 1; k <= 200000; k++)
    sum = pn_graph_op2(f.graph, PN_OP_SUB, pn_graph_const(f.graph, k), sum);
  double slope;
  ck_assert(pn_graph_is_const(f.graph, pn_graph_diff(f.graph, sum, 0), &slope));
  ck_assert_double_eq(slope, 1);
}
END_TEST

static double slope_at(const char *text, int input, double a, double b)
{
  return fx_value(&f, pn_graph_diff(f.graph, fx_node(&f, text), input), a, b, 0);
}

START_TEST(slopes_are_finite_at_corners)
{
  ck_assert_double_eq(slope_at("abs(a)", 0, 0, 0), 0);
  ck_assert_double_eq(slope_at("sqrt(abs(a))", 0, 0, 0), 0);
  ck_assert_double_eq(slope_at("a*exp(3*sqrt(abs(a)))", 0, 0, 0), 1);
  ck_assert_double_eq(slope_at("a**0.3", 0, 0, 0), 0);
  ck_assert_double_eq(slope_at("a**b", 0, 0, 1), 1);
  ck_assert_double_eq(slope_at("a**b", 1, 0, 2), 0);
  ck_assert_double_eq(slope_at("a > 0 ? ln(a) : 0", 0, 0, 0), 0);
  ck_assert_double_eq(slope_at("a > 0 ? ln(a) : 0", 0, -1, 0), 0);
  ck_assert_double_eq(slope_at("hypot(a,b)", 0, 0, 0), 0);
  ck_assert_double_eq(slope_at("min(a,b)", 0, 1, 2), 1);
  ck_assert_double_eq(slope_at("min(a,b)", 1, 1, 2), 0);
  ck_assert_double_eq(slope_at("max(a,b)", 1, 1, 2), 1);
  ck_assert_double_eq(slope_at("limexp(a)", 0, 500, 0), exp(80));
  ck_assert_double_eq(slope_at("acosh(a)", 0, 1, 0), 0);
}
END_TEST

START_TEST(tables_are_straight_between_points_and_flat_outside)
{
  pn_gnode y = fx_node(&f, "pwl(a, 0,1, 1,3, 2,2)"), d = pn_graph_diff(f.graph, y, 0);
  const double cases[][3] = {{-1, 1, 0},     {0, 1, 2}, {0.5, 2, 2}, {1, 3, -1},
                             {1.5, 2.5, -1}, {2, 2, 0}, {9, 2, 0}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    ck_assert_double_eq(fx_value(&f, y, cases[k][0], 0, 0), cases[k][1]);
    ck_assert_double_eq(fx_value(&f, d, cases[k][0], 0, 0), cases[k][2]);
  }
  ck_assert(isnan(fx_value(&f, y, NAN, 0, 0)));
}
END_TEST

/* TaOx (Strachan et al., IEEE TED 60, 2194, 2013): a = v, b = x; i and its derivatives by hand. */
START_TEST(taox_derivatives_agree_with_those_by_hand)
{
  pn_gnode i = fx_node(&f, "a*(b*25m + (1-b)*7.2u*exp(4.7*sqrt(abs(a))))");
  pn_gnode nodes[3] = {i, pn_graph_diff(f.graph, i, 0), pn_graph_diff(f.graph, i, 1)};
  for (double v = -1; v <= 1; v += 0.125) {
    double x = 0.3, y[3], e = 7.2e-6 * exp(4.7 * sqrt(fabs(v)));
    fx_values(&f, 3, nodes, (double[]){v, x, 0}, y);
    ck_assert(fx_near(y[0], v * (x * 0.025 + (1 - x) * e), 1e-13));
    ck_assert(fx_near(y[1], x * 0.025 + (1 - x) * e * (1 + 4.7 * sqrt(fabs(v)) / 2), 1e-13));
    ck_assert(fx_near(y[2], v * (0.025 - e), 1e-13));
  }
}
END_TEST

START_TEST(taox_rate_derivatives_agree_with_those_by_hand)
{
  pn_gnode g = fx_node(&f, "a > 0 ? 1e-4*sinh(a/0.45)*exp(-(b/0.06)**2)*exp(c/4e-5)"
                           " : 1e-10*sinh(a/0.013)*exp(-(0.4/b)**2)*exp(1/(1+500*c))");
  pn_gnode nodes[4] = {g, pn_graph_diff(f.graph, g, 0), pn_graph_diff(f.graph, g, 1),
                       pn_graph_diff(f.graph, g, 2)};
  double y[4], v = 0.3, x = 0.2, p = 2e-4;
  fx_values(&f, 4, nodes, (double[]){v, x, p}, y);
  double on = 1e-4 * sinh(v / 0.45) * exp(-x * x / 0.0036) * exp(p / 4e-5);
  ck_assert(fx_near(y[0], on, 1e-12));
  ck_assert(fx_near(y[1], on / tanh(v / 0.45) / 0.45, 1e-12));
  ck_assert(fx_near(y[2], -on * 2 * x / 0.0036, 1e-12));
  ck_assert(fx_near(y[3], on / 4e-5, 1e-12));
  v = -0.4;
  fx_values(&f, 4, nodes, (double[]){v, x, p}, y);
  double off = 1e-10 * sinh(v / 0.013) * exp(-0.16 / (x * x)) * exp(1 / (1 + 500 * p));
  ck_assert(fx_near(y[0], off, 1e-12));
  ck_assert(fx_near(y[1], off / tanh(v / 0.013) / 0.013, 1e-12));
  ck_assert(fx_near(y[2], off * 2 * 0.16 / (x * x * x), 1e-12));
  ck_assert(fx_near(y[3], -off * 500 / pow(1 + 500 * p, 2), 1e-12));
}
END_TEST

/* VTEAM (Kvatinsky et al., TCAS-II 62, 786, 2015), powers as parameters. */
START_TEST(vteam_derivatives_agree_with_those_by_hand)
{
  f.params[0] = 3; /* alpha_on */
  f.params[1] = 1; /* alpha_off */
  pn_gnode g = fx_node(&f, "a > 0.02 ? 5e-4*(a/0.02-1)**q : a < -0.2 ? -10*(a/-0.2-1)**p : 0");
  pn_gnode d = pn_graph_diff(f.graph, g, 0);
  ck_assert(fx_near(fx_value(&f, d, 0.1, 0, 0), 5e-4 / 0.02, 1e-12));
  ck_assert(fx_near(fx_value(&f, d, -0.5, 0, 0), -30 * pow(1.5, 2) / -0.2, 1e-12));
  ck_assert_double_eq(fx_value(&f, d, 0, 0, 0), 0);
  ck_assert_double_eq(fx_value(&f, d, 0.02, 0, 0), 0);
}
END_TEST

START_TEST(functions_of_the_user_are_expanded)
{
  fx_define(&f, "square", "x", "x*x");
  fx_define(&f, "norm2", "xy", "square(x)+square(y)");
  same("norm2(a,b+1)", "a*a+(b+1)*(b+1)");
  same("limit(a,2,1)", "min(max(a,1),2)");
  same("buf(a)", "a > 0.5");
  same("max(a,b,c)", "max(max(a,b),c)");
}
END_TEST

static void rejects(const char *text, const char *message)
{
  pn_gnode out;
  ck_assert_int_eq(fx_try(&f, text, &out), PN_E_NETLIST);
  ck_assert_int_eq(out, -1);
  ck_assert_msg(strstr(f.message, message) != NULL, "%s: %s", text, f.message);
}

START_TEST(mistakes_are_named_where_they_stand)
{
  rejects("1 + sinn(a)", "test:1:5: error: unknown function 'sinn'; did you mean 'sin'?");
  rejects("1 + d", "test:1:5: error: unknown name 'd'");
  rejects("sin(a,b)", "sin() takes 1 argument, not 2");
  rejects("agauss(1,2,3)", "random function agauss() cannot be used here");
  rejects("ddt(a)", "ddt() cannot be used here");
  rejects("v(out)", "v(...) cannot be used here");
  rejects("pwl(a, 1,2, 1,3)", "must rise");
  rejects("pwl(a, 1,b)", "must be constants");
}
END_TEST

START_TEST(endless_functions_are_errors)
{
  fx_define(&f, "f", "x", "g(x)+1");
  fx_define(&f, "g", "x", "f(x)+1");
  rejects("f(a)", "calls itself");
  /* Each calls the one before eight times: 8**7 calls in the last. */
  static char names[FX_FUNCS][2] = {"j", "k", "l", "m", "n", "o", "p", "q"};
  char body[64] = "x";
  f.n_funcs = 0;
  for (int k = 0; k < FX_FUNCS; k++) {
    fx_define(&f, names[k], "x", body);
    char c = names[k][0];
    snprintf(body, sizeof body, "%c(x)+%c(x)+%c(x)+%c(x)+%c(x)+%c(x)+%c(x)+%c(x)", c, c, c, c, c, c,
             c, c);
  }
  ck_assert_double_eq(fx_value(&f, fx_node(&f, "m(a)"), 3, 0, 0), 3 * 512);
  rejects("q(a)", "grows beyond");
}
END_TEST

int main(void)
{
  Suite *s = suite_create("graph");
  TCase *t = tcase_create("graph");
  tcase_add_checked_fixture(t, open_fixture, close_fixture);
  tcase_add_test(t, neutral_elements_vanish);
  tcase_add_test(t, constants_are_folded_and_common_parts_shared);
  tcase_add_test(t, dependence_survives_many_inputs);
  tcase_add_test(t, a_sum_of_many_terms_is_differentiated_without_deep_recursion);
  tcase_add_test(t, slopes_are_finite_at_corners);
  tcase_add_test(t, tables_are_straight_between_points_and_flat_outside);
  tcase_add_test(t, taox_derivatives_agree_with_those_by_hand);
  tcase_add_test(t, taox_rate_derivatives_agree_with_those_by_hand);
  tcase_add_test(t, vteam_derivatives_agree_with_those_by_hand);
  tcase_add_test(t, functions_of_the_user_are_expanded);
  tcase_add_test(t, mistakes_are_named_where_they_stand);
  tcase_add_test(t, endless_functions_are_errors);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
