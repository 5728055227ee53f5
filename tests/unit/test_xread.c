/* .xread against closed forms: sneak resistance of floating lines, bias power, the published
 * values of crossbars with wires, read margins and the largest array. */
#include "crossbar_fixture.h"

#include <check.h>

static void uniform(bench *b, int n, double ohm, double r)
{
  bench_open(b, n, n, r, r);
  bench_build(b, &pn_class_resistor, bench_params(b, &pn_class_resistor, ohm), 0);
  ck_assert_int_eq(bench_start(b), PN_OK);
}

static void near(double got, double expected, double relative)
{
  ck_assert_msg(fabs(got - expected) <= relative * fabs(expected), "got %.12g, expected %.12g", got,
                expected);
}

/* R [2/(N-1) + 1/(N-1)^2] in parallel with the cell. */
START_TEST(floating_lines_carry_the_sneak_current_of_the_closed_form)
{
  static const int sizes[] = {2, 4, 8};
  for (size_t k = 0; k < 3; k++) {
    bench b;
    double n = sizes[k], ohm = 1000, v = 0.2;
    uniform(&b, sizes[k], ohm, 0);
    ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.2 scheme=float"), PN_OK);
    double sneak = ohm * (2 / (n - 1) + 1 / ((n - 1) * (n - 1)));
    near(bench_value(&b, "i_max"), v / ohm + v / sneak, 1e-9);
    near(bench_value(&b, "i_min"), v / ohm + v / sneak, 1e-9);
    near(bench_value(&b, "sneak_max"), (1 / sneak) / (1 / sneak + 1 / ohm), 1e-9);
    bench_close(&b);
  }
}
END_TEST

/* V/2: V^2 G [1 + (N-1)/2]; V/3: V^2 G [1 + (N^2-1)/9]; grounded lines: V^2 G N. */
START_TEST(bias_power_follows_the_closed_forms)
{
  bench b;
  double g = 1e-3, v = 0.3, n = 6;
  uniform(&b, 6, 1 / g, 0);
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.3 scheme=v/2"), PN_OK);
  near(bench_value(&b, "power_max"), v * v * g * (1 + (n - 1) / 2), 1e-9);
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.3 scheme=v/3"), PN_OK);
  near(bench_value(&b, "power_max"), v * v * g * (1 + (n * n - 1) / 9), 1e-9);
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.3 scheme=ground name=g"), PN_OK);
  near(bench_value(&b, "g_power_max"), v * v * g * n, 1e-9);
  bench_close(&b);
}
END_TEST

START_TEST(a_scheme_of_ones_own_is_the_named_one)
{
  bench b;
  uniform(&b, 5, 2000, 3);
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.3 scheme=v/2 name=a"), PN_OK);
  ck_assert_int_eq(
      bench_run(&b, "xread",
                "xb1 v=0.3 scheme=custom wordrest=0.5 bitrest=0.5 word=1 bit=0 name=b"),
      PN_OK);
  ck_assert_double_eq(bench_value(&b, "a_i_min"), bench_value(&b, "b_i_min"));
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.3 scheme=float name=f"), PN_OK);
  ck_assert_int_eq(
      bench_run(&b, "xread", "xb1 v=0.3 scheme=custom wordrest=float bitrest=float name=g"), PN_OK);
  near(bench_value(&b, "f_i_min"), bench_value(&b, "g_i_min"), 1e-12);
  bench_close(&b);
}
END_TEST

/* All reads of a linear array are sums of one solution per line; a cell asked for alone is solved. */
START_TEST(reads_by_superposition_are_those_of_each_cell)
{
  static const char *const columns[] = {"i", "i_cell", "v_cell", "g", "sneak", "drop", "power"};
  static const char *const schemes[] = {"v/2",
                                        "v/3",
                                        "ground",
                                        "custom word=0.9 wordrest=0.3 bit=-0.1 bitrest=0.6",
                                        "float",
                                        "custom word=0.9 wordrest=float bit=-0.1 bitrest=float",
                                        "custom word=0.9 wordrest=float bit=-0.1 bitrest=0.6"};
  enum { ROWS = 5, COLS = 7 };
  bench b;
  char line[128];
  double all[ROWS * COLS][7];
  int n = pn_class_resistor.n_params;
  bench_open(&b, ROWS, COLS, 20, 30);
  double *ohm = PN_NEW_ARRAY(&b.arena, double, n *ROWS *COLS);
  for (int k = 0; k < ROWS * COLS; k++)
    memcpy(ohm + k * n, bench_params(&b, &pn_class_resistor, 1e4 * (1 + k * 7 % 10)),
           (size_t)n * sizeof *ohm);
  bench_build(&b, &pn_class_resistor, ohm, n);
  ck_assert_int_eq(bench_start(&b), PN_OK);
  for (size_t s = 0; s < sizeof schemes / sizeof *schemes; s++) {
    snprintf(line, sizeof line, "xb1 v=-0.3 scheme=%s", schemes[s]);
    ck_assert_int_eq(bench_run(&b, "xread", line), PN_OK);
    for (int k = 0; k < ROWS * COLS; k++)
      for (int c = 0; c < 7; c++)
        all[k][c] = bench_at(&b, k, columns[c]);
    for (int k = 0; k < ROWS * COLS; k++) {
      snprintf(line, sizeof line, "xb1 v=-0.3 cells=(%d,%d) scheme=%s", k / COLS, k % COLS,
               schemes[s]);
      ck_assert_int_eq(bench_run(&b, "xread", line), PN_OK);
      for (int c = 0; c < 7; c++) { /* a drop is 1 less a ratio of voltages */
        double least = strcmp(columns[c], "drop") == 0;
        near(least + all[k][c], least + bench_at(&b, 0, columns[c]), 1e-9);
      }
    }
  }
  bench_close(&b);
}
END_TEST

/* Cells whose current is proportional to the voltage as their states stand are superposed too, others are solved,
 * by one thread or more. */
START_TEST(memristors_are_read_alike_together_alone_and_by_any_number_of_threads)
{
  static const char *const models[] = {"vteam", "yakopcic"};
  enum { N = 9 };
  for (size_t m = 0; m < 2; m++) {
    bench b;
    double i[N * N], margin[N * N];
    bench_open(&b, N, N, 10, 10);
    const pn_device_class *cls = pn_memristor_class(&b.arena,
                                                    pn_memristor_find(pn_str_of(models[m])));
    bench_build(&b, cls, bench_params(&b, cls, cls->params[0].value), 0);
    ck_assert_int_eq(bench_start(&b), PN_OK);
    ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.1 scheme=v/3 margin"), PN_OK);
    for (int k = 0; k < N * N; k++) {
      i[k] = bench_at(&b, k, "i");
      margin[k] = bench_at(&b, k, "margin");
    }
    b.options.jobs = 3;
    ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.1 scheme=v/3 margin"), PN_OK);
    for (int k = 0; k < N * N; k++)
      ck_assert(bench_at(&b, k, "i") == i[k] && bench_at(&b, k, "margin") == margin[k]);
    ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.1 scheme=v/3 margin cells=(3,5)"), PN_OK);
    near(bench_at(&b, 0, "i"), i[3 * N + 5], 1e-9);
    near(bench_at(&b, 0, "margin"), margin[3 * N + 5], 1e-8);
    bench_close(&b);
  }
}
END_TEST

/* Without wires and with grounded lines a cell is read alone: the margin is that of the cell. */
START_TEST(the_margin_without_wires_is_the_cells_own)
{
  bench b;
  uniform(&b, 4, 1000, 0);
  ck_assert_int_eq(
      bench_run(&b, "xread", "xb1 v=0.2 scheme=ground margin lrs=1000 hrs=100000 cells=corners"),
      PN_OK);
  near(bench_value(&b, "margin"), 0.99, 1e-9);
  bench_close(&b);
}
END_TEST

/* Floating lines without wires: the worst pattern is all others in LRS; both currents are known. */
START_TEST(the_margin_of_floating_lines_follows_the_sneak_resistance)
{
  bench b;
  double n = 4, on = 1e-3, off = 1e-5, sneak = 1 / (1000 * (2 / (n - 1) + 1 / ((n - 1) * (n - 1))));
  uniform(&b, 4, 1000, 0);
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.2 scheme=float margin lrs=1000 hrs=100000"),
                   PN_OK);
  near(bench_value(&b, "margin"), (on - off) / (on + sneak), 1e-9);
  bench_close(&b);
}
END_TEST

START_TEST(the_largest_array_is_where_the_closed_form_crosses_the_limit)
{
  bench b;
  double on = 1e-3, off = 1e-5;
  int largest = 0;
  for (int n = 2; n < 128; n++) {
    double sneak = 1 / (1000 * (2.0 / (n - 1) + 1.0 / ((n - 1) * (n - 1))));
    if ((on - off) / (on + sneak) >= 0.1)
      largest = n;
  }
  uniform(&b, 3, 1000, 0);
  ck_assert_int_eq(bench_run(&b, "xread",
                             "xb1 v=0.2 scheme=float cells=corners lrs=1000 hrs=100000 search=0.1 "
                             "most=64"),
                   PN_OK);
  ck_assert_int_eq((int)bench_value(&b, "largest"), largest);
  ck_assert(bench_value(&b, "largest_margin") >= 0.1);
  bench_close(&b);
}
END_TEST

/* The voltage form: the pull-up and the cell beside its sneak path divide the read voltage. */
START_TEST(the_margin_on_a_pull_up_follows_the_divider)
{
  bench b;
  double n = 4, on = 1e-3, off = 1e-5, pullup = 2000;
  double sneak = 1 / (1000 * (2 / (n - 1) + 1 / ((n - 1) * (n - 1))));
  double v_on = pullup / (pullup + 1 / (on + sneak)), v_off = pullup / (pullup + 1 / (off + sneak));
  uniform(&b, 4, 1000, 0);
  ck_assert_int_eq(bench_run(&b, "xread",
                             "xb1 v=0.2 scheme=float margin lrs=1000 hrs=100000 pullup=2000 "
                             "patterns=lrs"),
                   PN_OK);
  near(bench_value(&b, "margin"), v_on - v_off, 1e-9);
  near(bench_at(&b, 5, "i_lrs"), v_on * 0.2 / pullup, 1e-9);
  /* behind it, a read without a pull-up finds the sources as they were */
  ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.2 scheme=float margin lrs=1000 hrs=100000"),
                   PN_OK);
  near(bench_value(&b, "margin"), (on - off) / (on + sneak), 1e-9);
  bench_close(&b);
}
END_TEST

/* With wires the far corner loses most; the drop grows with the array. */
START_TEST(the_drop_grows_with_the_array)
{
  double before = 0;
  for (int n = 4; n <= 16; n *= 2) {
    bench b;
    uniform(&b, n, 1000, 2);
    ck_assert_int_eq(bench_run(&b, "xread", "xb1 v=0.2 scheme=v/2"), PN_OK);
    ck_assert(bench_value(&b, "drop_max") > before);
    before = bench_value(&b, "drop_max");
    bench_close(&b);
  }
}
END_TEST

START_TEST(what_cannot_be_read_is_an_error)
{
  static const struct {
    const char *words, *message;
  } bad[] = {{"xb1", "needs the read voltage"},
             {"xb2 v=0.1", "there is no array 'xb2'"},
             {"v=0.1", "name of an array comes first"},
             {"xb1 v=0", "voltage other than 0"},
             {"xb1 v=0.1 scheme=v/4", "expected v/2"},
             {"xb1 v=0.1 cells=(0,9)", "outside the array"},
             {"xb1 v=0.1 cells=(0,1,2)", "pairs such as"},
             {"xb1 v=0.1 cells=(0.5,1)", "outside the array"},
             {"xb1 v=0.1 patterns=odd", "lrs, hrs"},
             {"xb1 v=0.1 pullup=0", "ohms above 0"},
             {"xb1 v=0.1 search=2", "between 0 and 1"},
             {"xb1 v=0.1 margin", "two levels"},
             {"xb1 v=0.1 colour=1", "no option 'colour'"}};
  bench b;
  uniform(&b, 3, 1000, 1);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_int_eq(bench_run(&b, "xread", bad[k].words), PN_E_NETLIST);
    ck_assert_msg(strstr(b.message, bad[k].message), "%s: %s", bad[k].words, b.message);
  }
  bench_close(&b);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("xread");
  TCase *t = tcase_create("xread");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, floating_lines_carry_the_sneak_current_of_the_closed_form);
  tcase_add_test(t, bias_power_follows_the_closed_forms);
  tcase_add_test(t, a_scheme_of_ones_own_is_the_named_one);
  tcase_add_test(t, reads_by_superposition_are_those_of_each_cell);
  tcase_add_test(t, memristors_are_read_alike_together_alone_and_by_any_number_of_threads);
  tcase_add_test(t, the_margin_without_wires_is_the_cells_own);
  tcase_add_test(t, the_margin_of_floating_lines_follows_the_sneak_resistance);
  tcase_add_test(t, the_margin_on_a_pull_up_follows_the_divider);
  tcase_add_test(t, the_largest_array_is_where_the_closed_form_crosses_the_limit);
  tcase_add_test(t, the_drop_grows_with_the_array);
  tcase_add_test(t, what_cannot_be_read_is_an_error);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? 1 : 0;
}
