/* .mvm and .xsens: published currents of crossbars with wires, products and superposition,
 * converters, and adjoint sensitivities against differences. */
#include "analysis/mvm.h"
#include "crossbar_fixture.h"

#include <check.h>
#include <unistd.h>

static void near(double got, double expected, double relative)
{
  ck_assert_msg(fabs(got - expected) <= relative * fabs(expected), "got %.12g, expected %.12g", got,
                expected);
}

/* Resistors row by row. */
static void of_resistors(bench *b, int rows, int cols, double rw, double rb, const double *ohm)
{
  int n = pn_class_resistor.n_params;
  bench_open(b, rows, cols, rw, rb);
  double *p = PN_NEW_ARRAY(&b->arena, double, n *rows *cols);
  for (int k = 0; k < rows * cols; k++)
    memcpy(p + n * k, bench_params(b, &pn_class_resistor, ohm[k]), (size_t)n * sizeof *p);
  bench_build(b, &pn_class_resistor, p, n);
  ck_assert_int_eq(bench_start(b), PN_OK);
}

static char file[4096];

static void write_inputs(const char *text)
{
  snprintf(file, sizeof file, SCRATCH "/pinch-mvm-%d.csv", (int)getpid());
  FILE *f = fopen(file, "w");
  fputs(text, f);
  fclose(f);
}

static pn_status multiply(bench *b, const char *directive, const char *words)
{
  char line[8192];
  snprintf(line, sizeof line, "xb1 inputs=%s %s", file, words);
  return bench_run(b, directive, line);
}

/* badcrossbar's Qucs case 5x4-b-1 and three more (badcrossbar, Joksas and Mehonic, SoftwareX 12, 100617, 2020), to 1e-9. */
START_TEST(currents_are_the_published_ones)
{
  static const double a[] = {10,  20,  30,  40,  50,  60,  70,  80,  90,  100,
                             110, 120, 130, 140, 150, 160, 170, 180, 190, 200};
  static const double ia[] = {0.060570196651101416, 0.059327610716747844, 0.05634873882925334,
                              0.05335235457510154};
  static const double d[] = {1e3, 2e3, 3e3, 4e3, 5e3, 6e3, 7e3, 8e3, 9e3};
  static const double id[] = {3.553523391e-4, 1.984773334e-4, 1.418262632e-4};
  bench b;
  char name[16];
  write_inputs("# V\n0, 1, 2, 3, 4\n");
  of_resistors(&b, 5, 4, 1, 2, a);
  ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
  for (int k = 0; k < 4; k++) {
    snprintf(name, sizeof name, "out_%d", k);
    near(bench_at(&b, 0, name), ia[k], 1e-9);
  }
  bench_close(&b);
  write_inputs("0.3 0.2 0.1\n");
  of_resistors(&b, 3, 3, 5, 5, d);
  ck_assert_int_eq(multiply(&b, "mvm", "linear=no"), PN_OK);
  for (int k = 0; k < 3; k++) {
    snprintf(name, sizeof name, "out_%d", k);
    near(bench_at(&b, 0, name), id[k], 1e-9);
  }
  bench_close(&b);
  write_inputs("1\n");
  of_resistors(&b, 1, 1, 1, 2, (double[]){10});
  ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
  near(bench_at(&b, 0, "out_0"), 1.0 / 13, 1e-9);
  bench_close(&b);
}
END_TEST

/* Without wires the product is exact, and its error is rounding. */
START_TEST(without_wires_the_product_is_the_ideal_one)
{
  static const double ohm[] = {1e3, 2e3, 4e3, 5e3, 1e4, 2e4};
  bench b;
  write_inputs("1,2,3\n-1,0.5,0\n");
  of_resistors(&b, 3, 2, 0, 0, ohm);
  ck_assert_int_eq(multiply(&b, "mvm", "v=0.1"), PN_OK);
  near(bench_at(&b, 0, "out_0"), 0.1 / 1e3 + 0.2 / 4e3 + 0.3 / 1e4, 1e-12);
  near(bench_at(&b, 1, "ideal_1"), -0.1 / 2e3 + 0.05 / 5e3, 1e-12);
  ck_assert(bench_value(&b, "bits") > 40);
  ck_assert_int_eq(multiply(&b, "mvm", "v=0.1 diff"), PN_OK);
  near(bench_at(&b, 0, "out_0"),
       0.1 / 1e3 + 0.2 / 4e3 + 0.3 / 1e4 - 0.1 / 2e3 - 0.2 / 5e3 - 0.3 / 2e4, 1e-12);
  ck_assert_int_eq(multiply(&b, "mvm", "v=0.1 slices=2 base=4"), PN_OK);
  near(bench_at(&b, 0, "out_0"),
       0.1 / 1e3 + 0.2 / 4e3 + 0.3 / 1e4 + (0.1 / 2e3 + 0.2 / 5e3 + 0.3 / 2e4) / 4, 1e-12);
  bench_close(&b);
}
END_TEST

/* Uniform rounding has a standard deviation of one step over sqrt(12). */
START_TEST(converters_round_to_their_steps)
{
  bench b;
  char text[8192];
  size_t n = 0;
  for (int k = 0; k < 600; k++)
    n += (size_t)snprintf(text + n, sizeof text - n, "%.6f\n", (k * 7919 % 600) / 599.0);
  write_inputs(text);
  of_resistors(&b, 1, 1, 0, 0, (double[]){1000});
  ck_assert_int_eq(multiply(&b, "mvm", "adc=6"), PN_OK);
  near(bench_value(&b, "bits"), log2(63 * sqrt(12)), 0.02);
  ck_assert_int_eq(multiply(&b, "mvm", "dac=4"), PN_OK);
  near(bench_value(&b, "bits"), log2(15 * sqrt(12)), 0.05);
  bench_close(&b);
}
END_TEST

static double resistance(bench *b, int k, double factor)
{
  int device = pn_circuit_array_at(b->c, 0)->memory[k];
  double ohm = pn_sim_get_param(b->sim, device, 0);
  pn_sim_set_param(b->sim, device, 0, ohm * factor);
  return 1 / ohm;
}

START_TEST(sensitivities_are_those_of_differences)
{
  static const double ohm[] = {1e3, 2e3, 4e3, 5e3, 1e3, 2e3, 8e3, 1.5e3, 3e3};
  bench b;
  write_inputs("0.3 0.2 0.1\n");
  of_resistors(&b, 3, 3, 7, 3, ohm);
  double step = 1e-5;
  for (int k = 0; k < 9; k++) {
    ck_assert_int_eq(multiply(&b, "xsens", "output=1"), PN_OK);
    double adjoint = bench_at(&b, k, "di_dg");
    double g = resistance(&b, k, 1 / (1 + step));
    ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
    double high = bench_at(&b, 0, "out_1");
    resistance(&b, k, (1 + step) / (1 - step));
    ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
    double low = bench_at(&b, 0, "out_1");
    resistance(&b, k, 1 - step);
    double differences = (high - low) / (2 * step * g);
    ck_assert_msg(fabs(adjoint - differences) < 1e-7 * 0.3, "cell %d: %.10g, differences %.10g", k,
                  adjoint, differences);
  }
  bench_close(&b);
}
END_TEST

static void of_model(bench *b, const char *model, int n, double r)
{
  bench_open(b, n, n, r, r);
  const pn_device_class *cls = pn_memristor_class(&b->arena, pn_memristor_find(pn_str_of(model)));
  bench_build(b, cls, bench_params(b, cls, cls->params[0].value), 0);
  ck_assert_int_eq(bench_start(b), PN_OK);
}

/* A current that bends with the voltage is no product: Newton solves it, in threads as alone. */
START_TEST(nonlinear_cells_are_solved_alike_by_any_number_of_threads)
{
  char text[16384];
  size_t n = 0;
  for (int k = 0; k < 300; k++)
    n += (size_t)snprintf(text + n, sizeof text - n, "%.4f,%.4f,%.4f,%.4f\n", k % 7 * 0.05,
                          k % 11 * 0.03, k % 5 * -0.04, k % 3 * 0.1);
  write_inputs(text);
  bench b;
  of_model(&b, "yakopcic", 4, 10);
  ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
  double alone[300];
  for (int k = 0; k < 300; k++)
    alone[k] = bench_at(&b, k, "out_2");
  b.options.jobs = 3;
  ck_assert_int_eq(multiply(&b, "mvm", ""), PN_OK);
  for (int k = 0; k < 300; k++)
    ck_assert(bench_at(&b, k, "out_2") == alone[k]);
  bench_close(&b);
}
END_TEST

START_TEST(what_cannot_be_multiplied_is_an_error)
{
  static const struct {
    const char *inputs, *words, *message;
  } bad[] = {{"1,2\n", "", "2 numbers in a line; 'xb1' has 3 word lines"},
             {"1,2,3\n1,2\n", "", "line 2: 2 numbers"},
             {"1,nan,3\n", "", "not a finite number"},
             {"1,x,3\n", "", "'x' is not a finite number"},
             {"# nothing\n", "", "holds no numbers"},
             {"1,2,3\n", "diff", "3 columns do not divide into groups of 2"},
             {"1,2,3\n", "adc=0", "1 to 32 bits"},
             {"1,2,3\n", "adc=2.5", "1 to 32 bits"},
             {"1,2,3\n", "output=1", "no option 'output'"},
             {"1,2,3\n", "linear=maybe", "auto, yes or no"}};
  static const double ohm[] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
  bench b;
  of_resistors(&b, 3, 3, 1, 1, ohm);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    write_inputs(bad[k].inputs);
    ck_assert_int_eq(multiply(&b, "mvm", bad[k].words), PN_E_NETLIST);
    ck_assert_msg(strstr(b.message, bad[k].message), "%s: %s", bad[k].inputs, b.message);
  }
  write_inputs("1,2,3\n");
  ck_assert_int_eq(multiply(&b, "xsens", "output=3"), PN_E_NETLIST);
  ck_assert(strstr(b.message, "numbered 0 to 2"));
  ck_assert_int_eq(bench_run(&b, "mvm", "xb1"), PN_E_NETLIST);
  ck_assert_int_eq(bench_run(&b, "mvm", "xb1 inputs=/nowhere/at/all.csv"), PN_E_NETLIST);
  ck_assert(strstr(b.message, "cannot read"));
  bench_close(&b);
}
END_TEST

/* Two columns, of which one has no current but what rounding leaves. */
START_TEST(rounding_below_zero_does_not_cost_a_converter_its_sign)
{
  mvm_args args = {.adc = 1, .fs = NAN};
  mvm_work w = {.p = &args, .n = 1, .cols = 2};
  double dark[] = {0.8e-3, -1e-22}, both[] = {0.8e-3, -0.3e-3};
  mvm_apply_adc(&w, dark);
  ck_assert_double_eq(dark[0], 0.8e-3);
  ck_assert_double_eq(dark[1], 0);
  mvm_apply_adc(&w, both);
  ck_assert_double_eq(both[0], 0.8e-3);
  ck_assert_double_eq(both[1], -0.8e-3);
}
END_TEST

/* What spreadsheets and other programs write. */
START_TEST(files_of_numbers_are_read_as_they_come)
{
  static const struct {
    const char *text, *fault;
  } all[] = {{"\xef\xbb\xbf"
              "1,2,3\n4,5,6\n",
              NULL},
             {"1;2;3\r\n4;5;6\r\n\r\n", NULL},
             {"\"1\",\"2\",\"3\"\n4\t5 6\n", NULL},
             {"0x10,2,3\n4,5,6\n", "'0x10' is not"},
             {"1,\"2,3\n4,5,6\n", "'\"2' is not"},
             {"\"\",2,3\n", "'\"\"' is not"},
             {"1,2,inf\n", "'inf' is not"}};
  for (size_t k = 0; k < PN_COUNT(all); k++) {
    bench b;
    write_inputs(all[k].text);
    bench_open(&b, 1, 1, 0, 0);
    pn_matrix m;
    pn_str name = pn_str_of(file);
    pn_status st = pn_matrix_read(&b.arena, &b.diag, "", false, name, PN_NOWHERE, &m);
    if (all[k].fault) {
      ck_assert_int_eq(st, PN_E_NETLIST);
      ck_assert_msg(strstr(b.message, all[k].fault), "%s", b.message);
    } else {
      ck_assert_int_eq(st, PN_OK);
      ck_assert_int_eq(m.rows * 10 + m.cols, 23);
      for (int j = 0; j < 6; j++)
        ck_assert_double_eq(m.at[j], j + 1);
    }
    bench_close(&b);
  }
}
END_TEST

int main(void)
{
  Suite *s = suite_create("mvm");
  TCase *t = tcase_create("mvm");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, currents_are_the_published_ones);
  tcase_add_test(t, without_wires_the_product_is_the_ideal_one);
  tcase_add_test(t, converters_round_to_their_steps);
  tcase_add_test(t, rounding_below_zero_does_not_cost_a_converter_its_sign);
  tcase_add_test(t, files_of_numbers_are_read_as_they_come);
  tcase_add_test(t, sensitivities_are_those_of_differences);
  tcase_add_test(t, nonlinear_cells_are_solved_alike_by_any_number_of_threads);
  tcase_add_test(t, what_cannot_be_multiplied_is_an_error);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  unlink(file);
  return failed ? 1 : 0;
}
