/* The operators and functions of expressions: names and aliases, real and complex values,
 * derivatives against finite differences. */
#include "expr_fixture.h"

/* Points inside every function's domain and away from its corners. */
static double point_of(int op, int k)
{
  if (op == PN_OP_ACOSH)
    return 1.3 + 0.4 * k;
  return 0.17 + 0.19 * k;
}

/* Corners that the points above may hit. */
static bool has_steps(int op)
{
  return op == PN_OP_FLOOR || op == PN_OP_CEIL || op == PN_OP_NINT || op == PN_OP_TRUNC;
}

START_TEST(every_derivative_agrees_with_finite_differences)
{
  fixture f;
  fx_open(&f);
  for (int op = 0; op < PN_OP_COUNT; op++) {
    if (op == PN_OP_DPOW) /* its third argument is not independent of the others */
      continue;
    int n = pn_op_arity(op);
    pn_gnode in[3] = {pn_graph_input(f.graph, 0), pn_graph_input(f.graph, 1),
                      pn_graph_input(f.graph, 2)};
    pn_gnode y = pn_graph_op(f.graph, (pn_op)op, in);
    for (int point = 0; point < 4; point++)
      for (int j = 0; j < n; j++) {
        double x[3] = {point_of(op, point), point_of(op, (point + 1) % 4) + 0.01, 0.4};
        double h = 1e-5, lo[3], hi[3], exact;
        pn_gnode d = pn_graph_diff(f.graph, y, j);
        memcpy(lo, x, sizeof lo);
        memcpy(hi, x, sizeof hi);
        lo[j] -= h;
        hi[j] += h;
        double central = (pn_op_real(op, hi) - pn_op_real(op, lo)) / (2 * h);
        fx_values(&f, 1, &d, x, &exact);
        ck_assert_msg(fabs(exact - central) <= 1e-6 * (1 + fabs(central)) || has_steps(op),
                      "d %s / d arg %d: %.12g, finite difference %.12g", pn_op_name(op), j, exact,
                      central);
      }
  }
  fx_close(&f);
}
END_TEST

START_TEST(slope_of_a_power_is_itself_differentiated)
{
  fixture f;
  fx_open(&f);
  pn_gnode first = pn_graph_diff(f.graph, fx_node(&f, "a**2.7 + pwr(a,b)"), 0);
  pn_gnode second = pn_graph_diff(f.graph, first, 0);
  double a = 0.8, b = 1.6;
  ck_assert(fx_near(fx_value(&f, second, a, b, 0),
                    2.7 * 1.7 * pow(a, 0.7) + b * (b - 1) * pow(a, b - 2), 1e-12));
  fx_close(&f);
}
END_TEST

START_TEST(vector_and_scalar_values_agree)
{
  fixture f;
  fx_open(&f);
  for (int op = 0; op < PN_OP_COUNT; op++) {
    pn_gnode in[3] = {pn_graph_input(f.graph, 0), pn_graph_input(f.graph, 1),
                      pn_graph_input(f.graph, 2)};
    pn_gnode y = pn_graph_op(f.graph, (pn_op)op, in);
    const double xs[] = {-100, -2.5, -1, -0.3, 0, 0.3, 0.5, 1, 2.5, 90, 700};
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++)
      for (size_t j = 0; j < sizeof xs / sizeof *xs; j++) {
        double x[3] = {xs[i], xs[j], 0.7};
        double scalar = pn_op_real(op, x), vector = fx_value(&f, y, x[0], x[1], x[2]);
        ck_assert_msg(fx_near(scalar, vector, 1e-14), "%s(%g, %g): %.17g, vector %.17g",
                      pn_op_name(op), x[0], x[1], scalar, vector);
        if (pn_op_arity(op) == 1)
          break;
      }
  }
  fx_close(&f);
}
END_TEST

START_TEST(complex_values_agree_with_real_ones_on_the_real_axis)
{
  for (int op = 0; op < PN_OP_COUNT; op++)
    for (int k = -4; k <= 4; k++)
      for (int j = -4; j <= 4; j++) {
        double x[3] = {0.37 * k, 0.41 * j, 1.5};
        double complex z[3] = {x[0], x[1], x[2]};
        double real = pn_op_real(op, x);
        double complex value = pn_op_complex(op, z);
        if (!isfinite(real)) /* outside the real domain the complex value goes on */
          continue;
        ck_assert_msg(cabs(value - real) <= 1e-13 * (1 + fabs(real)),
                      "%s(%g, %g): %.15g, complex %.15g%+.3gi", pn_op_name(op), x[0], x[1], real,
                      creal(value), cimag(value));
      }
}
END_TEST

START_TEST(names_and_aliases_of_the_dialects_are_known)
{
  const struct {
    const char *name;
    int op;
  } known[] = {{"log", PN_OP_LN},
               {"LN", PN_OP_LN},
               {"log10", PN_OP_LOG10},
               {"stp", PN_OP_U},
               {"sign", PN_OP_SGN},
               {"int", PN_OP_TRUNC},
               {"arctan", PN_OP_ATAN},
               {"if", PN_OP_IF},
               {"ternary_fcn", PN_OP_IF},
               {"limexp", PN_OP_LIMEXP},
               {"uramp", PN_OP_URAMP},
               {"mag", PN_OP_ABS},
               {"inv0", -1},
               {"sine", -1}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    ck_assert_msg(pn_op_find(pn_str_of(known[k].name)) == known[k].op, "%s", known[k].name);
  ck_assert(pn_str_is(pn_op_nearest(PN_STR("sinn")), "sin"));
  ck_assert(pn_str_is(pn_op_nearest(PN_STR("tabel")), "table"));
  ck_assert_uint_eq(pn_op_nearest(PN_STR("nothing_like_it")).n, 0);
  ck_assert(pn_op_is_random(PN_STR("AGAUSS")));
}
END_TEST

START_TEST(corner_values_are_those_of_ngspice)
{
  ck_assert_double_eq(pn_op_real(PN_OP_U, (double[]){0}), 0.5);
  ck_assert_double_eq(pn_op_real(PN_OP_SGN, (double[]){0}), 0);
  ck_assert_double_eq(pn_op_real(PN_OP_POW, (double[]){0, 0}), 1);
  ck_assert_double_eq(pn_op_real(PN_OP_PWR, (double[]){-2, 2}), -4);
  ck_assert_double_eq(pn_op_real(PN_OP_NINT, (double[]){2.5}), 2);
  ck_assert_double_eq(pn_op_real(PN_OP_LIMEXP, (double[]){81}), 2 * exp(80));
}
END_TEST

int main(void)
{
  Suite *s = suite_create("ops");
  TCase *t = tcase_create("ops");
  tcase_add_test(t, every_derivative_agrees_with_finite_differences);
  tcase_add_test(t, slope_of_a_power_is_itself_differentiated);
  tcase_add_test(t, vector_and_scalar_values_agree);
  tcase_add_test(t, complex_values_agree_with_real_ones_on_the_real_axis);
  tcase_add_test(t, names_and_aliases_of_the_dialects_are_known);
  tcase_add_test(t, corner_values_are_those_of_ngspice);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
