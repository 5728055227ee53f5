/* CSV files and tables: numbers survive the trip through text, names are quoted, a broken-off result says
 * so, and .print rows stand on the grid. */
#include "output/column.h"
#include "output/sink.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = SCRATCH "/pinch-test-csv-XXXXXX";

static const pn_column columns[] = {
    {"time", "time", "s"}, {"v(a,b)", "voltage", "V"}, {"vdb(out)", "voltage", "dB"}};

static pn_plot plot(const char *analysis, bool is_complex, int n_results)
{
  return (pn_plot){.title = "t",
                   .plotname = "Transient Analysis",
                   .analysis = analysis,
                   .index = 1,
                   .n_results = n_results,
                   .is_complex = is_complex,
                   .columns = columns,
                   .n_columns = 3};
}

/* The whole of a file in a static buffer. */
static const char *contents(const char *name)
{
  static char text[4096];
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *f = fopen(path, "r");
  ck_assert_msg(f != NULL, "%s was not written", path);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  unlink(path);
  return text;
}

static pn_sink *open_csv(void)
{
  char path[4096];
  pn_sink *s;
  snprintf(path, sizeof path, "%s/out.csv", folder);
  ck_assert_int_eq(pn_sink_csv(path, &s), PN_OK);
  return s;
}

START_TEST(numbers_come_back_bit_for_bit)
{
  pn_plot p = plot("tran", false, 1);
  double row[3] = {0.1, 1.0 / 3, -1.7976931348623157e308}, back[3];
  pn_sink *s = open_csv();
  ck_assert_int_eq(s->begin(s, &p), PN_OK);
  ck_assert_int_eq(s->point(s, row, NULL), PN_OK);
  ck_assert_int_eq(s->end(s, true), PN_OK);
  ck_assert_int_eq(s->close(s), PN_OK);
  const char *text = contents("out.csv");
  ck_assert_int_eq(strncmp(text, "time,\"v(a,b)\",vdb(out)\n", 23), 0);
  ck_assert_int_eq(sscanf(strchr(text, '\n'), "%lf,%lf,%lf", &back[0], &back[1], &back[2]), 3);
  ck_assert_mem_eq(row, back, sizeof row);
}
END_TEST

START_TEST(phasors_take_two_columns_and_real_quantities_one)
{
  pn_plot p = plot("ac", true, 1);
  double complex row[3] = {10, CMPLX(1, -2), -3};
  pn_sink *s = open_csv();
  s->begin(s, &p);
  s->point(s, NULL, row);
  s->end(s, true);
  s->close(s);
  ck_assert_str_eq(contents("out.csv"), "time,\"v(a,b).re\",\"v(a,b).im\",vdb(out)\n10,1,-2,-3\n");
}
END_TEST

START_TEST(several_results_get_files_of_their_own)
{
  pn_plot a = plot("tran", false, 2), b = plot("dc", false, 2);
  double row[3] = {1, 2, 3};
  pn_sink *s = open_csv();
  s->begin(s, &a);
  s->point(s, row, NULL);
  s->end(s, true);
  s->begin(s, &b);
  s->end(s, false);
  ck_assert_int_eq(s->close(s), PN_OK);
  ck_assert_ptr_nonnull(strstr(contents("out-tran1.csv"), "\n1,2,3\n"));
  ck_assert_ptr_nonnull(strstr(contents("out-dc1.csv"), "\n# incomplete\n"));
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
  pn_plot p = plot("tran", false, 1);
  double row[3] = {1, 2, 3};
  pn_sink *s;
  if (access("/dev/full", W_OK) != 0)
    return;
  ck_assert_int_eq(pn_sink_csv("/dev/full", &s), PN_OK);
  s->begin(s, &p);
  for (int k = 0; k < 10; k++)
    s->point(s, row, NULL);
  ck_assert_int_eq(s->end(s, true), PN_E_FILE);
  ck_assert_int_eq(s->close(s), PN_E_FILE);
}
END_TEST

/* ---- tables ---- */

static char shown[8192];

static void show(void *user, const char *text)
{
  (void)user;
  strncat(shown, text, sizeof shown - strlen(shown) - 1);
}

START_TEST(transient_rows_stand_on_the_print_grid)
{
  pn_plot p = plot("tran", false, 1);
  pn_sink *s;
  shown[0] = '\0';
  ck_assert_int_eq(pn_sink_table(show, NULL, 1, 0.5, &s), PN_OK);
  s->begin(s, &p);
  for (int k = 0; k <= 10; k++) { /* points at 0, 0.3, 0.6, ... 3 */
    double row[3] = {0.3 * k, 2 * 0.3 * k, 7};
    s->point(s, row, NULL);
  }
  s->end(s, true);
  s->close(s);
  char *line = strstr(shown, "\n0 ");
  ck_assert_ptr_nonnull(line);
  for (int k = 0; k < 5; k++) { /* 1, 1.5, 2, 2.5, 3 */
    int index;
    double t, v;
    ck_assert_int_eq(sscanf(line, "%d %lf %lf", &index, &t, &v), 3);
    ck_assert_int_eq(index, k);
    ck_assert_double_eq_tol(t, 1 + 0.5 * k, 1e-7);
    ck_assert_double_eq_tol(v, 2 * t, 1e-7);
    line = strchr(line + 1, '\n');
  }
  ck_assert_str_eq(line, "\n\n");
}
END_TEST

START_TEST(columns_of_a_table_are_aligned)
{
  pn_column wide[] = {{"time", "time", "s"}, {"a_rather_long_name_of_a_node", "voltage", "V"}};
  pn_plot p = plot("dc", false, 1);
  p.columns = wide;
  p.n_columns = 2;
  double row[2] = {-1e-300, -1e300};
  pn_sink *s;
  shown[0] = '\0';
  ck_assert_int_eq(pn_sink_table(show, NULL, 0, 0, &s), PN_OK);
  s->begin(s, &p);
  s->point(s, row, NULL);
  s->end(s, true);
  s->close(s);
  char *heading = strstr(shown, "Index"), *number = strstr(shown, "\n0 ") + 1;
  ck_assert_uint_eq(strcspn(heading, "\n"), strcspn(number, "\n"));
}
END_TEST

START_TEST(units_follow_from_names)
{
  ck_assert_str_eq(pn_column_unit("@nm1[g]", "voltage"), "S");
  ck_assert_str_eq(pn_column_unit("@nm1[x]", "voltage"), "");
  ck_assert_str_eq(pn_column_unit("v(out)", "voltage"), "V");
  ck_assert_str_eq(pn_column_unit("vdb(out)", "voltage"), "dB");
  ck_assert(pn_column_is_real(&(pn_column){"im(v1)", "current", "A"}));
  ck_assert(!pn_column_is_real(&(pn_column){"v(out)", "voltage", "V"}));
}
END_TEST

int main(void)
{
  if (!mkdtemp(folder))
    return 1;
  Suite *suite = suite_create("csv");
  TCase *t = tcase_create("csv");
  tcase_add_test(t, numbers_come_back_bit_for_bit);
  tcase_add_test(t, phasors_take_two_columns_and_real_quantities_one);
  tcase_add_test(t, several_results_get_files_of_their_own);
  tcase_add_test(t, a_full_disk_is_an_error);
  tcase_add_test(t, transient_rows_stand_on_the_print_grid);
  tcase_add_test(t, columns_of_a_table_are_aligned);
  tcase_add_test(t, units_follow_from_names);
  suite_add_tcase(suite, t);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  rmdir(folder);
  return failed != 0;
}
