/* .xprogram on small arrays of VTEAM cells: targets are reached, energies close, half-selected cells
 * keep what their threshold protects, stuck cells cost yield. */
#include "crossbar_fixture.h"

#include <check.h>
#include <unistd.h>

static char file[4096];

static void near(double got, double expected, double relative)
{
  ck_assert_msg(fabs(got - expected) <= relative * fabs(expected), "got %.12g, expected %.12g", got,
                expected);
}

static void write_targets(int rows, int cols, double low, double high)
{
  snprintf(file, sizeof file, SCRATCH "/pinch-xprogram-%d.csv", (int)getpid());
  FILE *f = fopen(file, "w");
  for (int k = 0; k < rows * cols; k++)
    fprintf(f, "%.6g%s", low + (high - low) * (k * 7 % 10) / 10, k % cols == cols - 1 ? "\n" : ",");
  fclose(f);
}

static void set(const pn_device_class *cls, double *p, const char *name, double value)
{
  p[pn_param_find(cls->params, cls->n_params, pn_str_of(name))] = value;
}

/* Cells between 5 and 100 kohm that switch beyond +-threshold; cell `stuck` does not. */
static void of_vteam(bench *b, int n, double threshold, int stuck)
{
  bench_open(b, n, n, 2, 2);
  const pn_device_class *cls = pn_memristor_class(&b->arena, pn_memristor_find(PN_STR("vteam")));
  double *p = PN_NEW_ARRAY(&b->arena, double, cls->n_params *n *n);
  for (int k = 0; k < n * n; k++) {
    double *cell = p + k * cls->n_params;
    memcpy(cell, bench_params(b, cls, cls->params[0].value), (size_t)cls->n_params * sizeof *cell);
    set(cls, cell, "ron", 5e3);
    set(cls, cell, "roff", 1e5);
    set(cls, cell, "v_on", -threshold);
    set(cls, cell, "v_off", threshold);
    set(cls, cell, "k_on", k == stuck ? 0 : -0.02);
    set(cls, cell, "k_off", k == stuck ? 0 : 0.02);
    set(cls, cell, "alpha_off", 3);
    set(cls, cell, "x0", 2e-9);
  }
  bench_build(b, cls, p, cls->n_params);
  ck_assert_int_eq(bench_start(b), PN_OK);
}

/* Do the words give this option? */
static bool gives(const char *words, const char *option)
{
  size_t n = strlen(option);
  for (const char *at = strstr(words, option); at; at = strstr(at + 1, option))
    if (at[n] == '=' && (at == words || at[-1] == ' '))
      return true;
  return false;
}

/* Options that the words do not give have these values. */
static pn_status program_by(bench *b, double vset, const char *words)
{
  static const char *const usual[][2] = {
      {"setmax", "1.2"}, {"resetmax", "1.2"}, {"width", "1e-7"}, {"vread", "0.1"}};
  char line[8192];
  int n = snprintf(line, sizeof line, "xb1 %s", words);
  if (!gives(words, "target"))
    n += snprintf(line + n, sizeof line - (size_t)n, " target=%s", file);
  if (!gives(words, "vset"))
    n += snprintf(line + n, sizeof line - (size_t)n, " vset=%g", vset);
  if (!gives(words, "vreset"))
    n += snprintf(line + n, sizeof line - (size_t)n, " vreset=%g", -vset);
  if (!gives(words, "setstep"))
    n += snprintf(line + n, sizeof line - (size_t)n, " setstep=0.02 resetstep=0.02");
  for (size_t k = 0; k < PN_COUNT(usual); k++)
    if (!gives(words, usual[k][0]))
      n += snprintf(line + n, sizeof line - (size_t)n, " %s=%s", usual[k][0], usual[k][1]);
  return bench_run(b, "xprogram", line);
}

static pn_status program(bench *b, const char *words)
{
  return program_by(b, -0.7, words);
}

START_TEST(every_cell_reaches_its_target_and_energies_close)
{
  bench b;
  write_targets(3, 3, 2e-5, 8e-5);
  of_vteam(&b, 3, 0.6, -1);
  ck_assert_int_eq(program(&b, "tol=0.05 energy"), PN_OK);
  ck_assert_double_eq(bench_value(&b, "verified"), 1);
  ck_assert(bench_value(&b, "error_max") < 0.055);
  ck_assert(fabs(bench_value(&b, "disturb_max")) < 1e-12);
  ck_assert(bench_value(&b, "energy_gap") < 1e-6);
  ck_assert(bench_value(&b, "e_set_sources") > bench_value(&b, "e_set_selected"));
  ck_assert(bench_value(&b, "e_set_selected") > 0);
  double cells = 0, parts = 0;
  for (int k = 0; k < 9; k++)
    cells += bench_at(&b, k, "energy");
  static const char *const shares[] = {"e_set_selected",   "e_set_half",   "e_set_rest",
                                       "e_reset_selected", "e_reset_half", "e_reset_rest",
                                       "e_read_selected",  "e_read_half",  "e_read_rest"};
  for (size_t k = 0; k < sizeof shares / sizeof *shares; k++)
    parts += bench_value(&b, shares[k]);
  near(cells, parts, 1e-9);     /* by element and by phase: the same joules */
  for (int k = 0; k < 9; k++) { /* a read through small wires sees what the cell has */
    near(bench_at(&b, k, "read"), bench_at(&b, k, "g"), 5e-3);
    ck_assert(bench_at(&b, k, "reads") >= bench_at(&b, k, "set") + bench_at(&b, k, "reset") + 1);
  }
  bench_close(&b);
}
END_TEST

START_TEST(reads_by_dc_solutions_agree_with_reads_by_pulses)
{
  bench b;
  double g[4];
  write_targets(2, 2, 3e-5, 6e-5);
  of_vteam(&b, 2, 0.6, -1);
  ck_assert_int_eq(program(&b, ""), PN_OK);
  for (int k = 0; k < 4; k++)
    g[k] = bench_at(&b, k, "g");
  bench_close(&b);
  of_vteam(&b, 2, 0.6, -1);
  ck_assert_int_eq(program(&b, "readwidth=0"), PN_OK);
  for (int k = 0; k < 4; k++)
    near(bench_at(&b, k, "g"), g[k], 1e-6);
  bench_close(&b);
}
END_TEST

/* A threshold below half of the largest pulse: cells on the same lines move. Further passes mend. */
START_TEST(half_selected_cells_below_the_threshold_margin_are_disturbed)
{
  bench b;
  write_targets(3, 3, 2e-5, 8e-5);
  of_vteam(&b, 3, 0.25, -1);
  ck_assert_int_eq(program(&b, "tol=0.02 width=1e-9"), PN_OK);
  double once = bench_value(&b, "disturb_max");
  ck_assert(once > 1e-3);
  ck_assert_int_eq(program(&b, "tol=0.02 width=1e-9 scheme=v/3"), PN_OK);
  ck_assert(bench_value(&b, "disturb_max") < once);
  bench_close(&b);
}
END_TEST

/* Pulses near the threshold of half-selected cells: all of them drift, some so much that they must be
 * integrated beside the selected one. Wires of 2 ohm couple them. */
START_TEST(moving_cells_alone_give_what_all_cells_give)
{
  static const char *const schemes[] = {"v/2", "v/3", "ground"};
  bench b;
  double g[3][16], disturb;
  write_targets(4, 4, 2e-5, 8e-5);
  for (int k = 0; k < 6; k++) {
    char words[128];
    of_vteam(&b, 4, 0.25, 9);
    b.options.reltol = 1e-5;
    snprintf(words, sizeof words, "tol=0.02 width=1e-9 tries=40 scheme=%s integrate=%s",
             schemes[k % 3], k < 3 ? "all" : "moving");
    ck_assert_int_eq(program(&b, words), PN_OK);
    for (int j = 0; j < 16 && k < 3; j++)
      g[k][j] = bench_at(&b, j, "g");
    for (int j = 0; j < 16 && k >= 3; j++)
      near(bench_at(&b, j, "g"), g[k % 3][j], 1e-3);
    disturb = bench_value(&b, "disturb_max");
    ck_assert(k % 3 || disturb > 0.1);
    bench_close(&b);
  }
}
END_TEST

START_TEST(a_stuck_cell_costs_yield_and_its_tries_alone)
{
  bench b;
  write_targets(3, 3, 3e-5, 8e-5);
  of_vteam(&b, 3, 0.6, 4);
  ck_assert_int_eq(program(&b, "tries=60"), PN_OK);
  near(bench_value(&b, "verified"), 8.0 / 9, 1e-12);
  near(bench_at(&b, 4, "set") + bench_at(&b, 4, "reset"), 60, 1e-12);
  bench_close(&b);
}
END_TEST

START_TEST(pulses_of_the_wrong_sign_are_told)
{
  bench b;
  write_targets(2, 2, 3e-5, 8e-5);
  of_vteam(&b, 2, 0.6, -1);
  ck_assert_int_eq(program(&b, "tries=40"), PN_OK);
  ck_assert_str_eq(b.message, "");
  bench_close(&b);
  of_vteam(&b, 2, 0.6, -1);
  ck_assert_int_eq(program_by(&b, 0.7, "tries=10"), PN_OK);
  ck_assert_msg(strstr(b.message, "is the sign of v"), "%s", b.message);
  bench_close(&b);
}
END_TEST

START_TEST(targets_beyond_the_cells_are_told)
{
  bench b;
  write_targets(2, 2, 3e-5, 5);
  of_vteam(&b, 2, 0.6, -1);
  ck_assert_int_eq(program(&b, "tries=1"), PN_OK);
  ck_assert_msg(strstr(b.message, "targets of"), "%s", b.message);
  bench_close(&b);
}
END_TEST

START_TEST(what_cannot_be_programmed_is_an_error)
{
  static const struct {
    const char *words, *message;
  } bad[] = {{"tol=0", "share between 0 and 1"},
             {"tries=0.5", "number of pulses"},
             {"order=up", "rows, cols or snake"},
             {"scheme=half", "v/2, v/3"},
             {"compliance=1e-3", "sources that can limit"},
             {"vread=0", "needs vset=, vreset= and vread="},
             {"integrate=half", "moving or all"},
             {"speed=1", "no option 'speed'"}};
  bench b;
  write_targets(2, 2, 3e-5, 6e-5);
  of_vteam(&b, 2, 0.6, -1);
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_int_eq(program(&b, bad[k].words), PN_E_NETLIST);
    ck_assert_msg(strstr(b.message, bad[k].message), "%s: %s", bad[k].words, b.message);
  }
  write_targets(2, 3, 3e-5, 6e-5);
  ck_assert_int_eq(program(&b, ""), PN_E_NETLIST);
  ck_assert(strstr(b.message, "2 rows of 3 numbers"));
  write_targets(2, 2, -3e-5, 6e-5);
  ck_assert_int_eq(program(&b, ""), PN_E_NETLIST);
  ck_assert(strstr(b.message, "no conductance above 0"));
  bench_close(&b);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("xprogram");
  TCase *t = tcase_create("xprogram");
  tcase_set_timeout(t, 120);
  tcase_add_test(t, every_cell_reaches_its_target_and_energies_close);
  tcase_add_test(t, reads_by_dc_solutions_agree_with_reads_by_pulses);
  tcase_add_test(t, half_selected_cells_below_the_threshold_margin_are_disturbed);
  tcase_add_test(t, moving_cells_alone_give_what_all_cells_give);
  tcase_add_test(t, a_stuck_cell_costs_yield_and_its_tries_alone);
  tcase_add_test(t, pulses_of_the_wrong_sign_are_told);
  tcase_add_test(t, targets_beyond_the_cells_are_told);
  tcase_add_test(t, what_cannot_be_programmed_is_an_error);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  unlink(file);
  return failed ? 1 : 0;
}
