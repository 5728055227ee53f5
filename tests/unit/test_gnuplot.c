/* Pictures: gnuplot draws what it is given, and no text of a netlist becomes a command of it. */
#include "output/gnuplot.h"
#include "output/gnuplot_script.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = SCRATCH "/pinch-test-gp-XXXXXX";

enum { N = 500 };
static double x[N], y[N];

/* Path of a file in the test's folder, in a static buffer. */
static const char *in_folder(const char *name)
{
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

/* Draws one curve with a title and a label; the status. */
static pn_status draw(const char *file, const char *title, const char *label, char why[512])
{
  pn_gp_curve curves[] = {{label, x, y, N, PN_GP_LINE, 0}, {"v(b)", x, x, N, PN_GP_LINE, 0}};
  pn_gp_panel panel = {NULL, "V", false, curves, 2};
  pn_gp_figure f = {.out_file = in_folder(file),
                    .title = title,
                    .x_label = label,
                    .x_unit = "s",
                    .panels = &panel,
                    .n_panels = 1};
  why[0] = '\0';
  return pn_gnuplot_curves(&f, why, 512);
}

static size_t first_bytes(const char *file, char *bytes, size_t n)
{
  FILE *f = fopen(in_folder(file), "rb");
  ck_assert_ptr_nonnull(f);
  size_t got = fread(bytes, 1, n, f);
  fclose(f);
  unlink(in_folder(file));
  return got;
}

START_TEST(each_format_is_what_its_name_says)
{
  static const struct {
    const char *file, *magic;
  } formats[] = {{"a.png", "\211PNG"}, {"a.svg", "<?xml"}, {"a.pdf", "%PDF"}};
  char why[512], bytes[8] = "";
  for (size_t k = 0; k < 3; k++) {
    ck_assert_msg(draw(formats[k].file, "title", "v(a)", why) == PN_OK, "%s", why);
    ck_assert_uint_eq(first_bytes(formats[k].file, bytes, sizeof bytes), sizeof bytes);
    ck_assert_int_eq(strncmp(bytes, formats[k].magic, strlen(formats[k].magic)), 0);
  }
}
END_TEST

START_TEST(no_text_becomes_a_command)
{
  char evil[8192], why[512];
  const char *bait[] = {"`touch %s`",    "'; system(\"touch %s\") #",
                        "$(touch %s)",   "\\'\n!touch %s\n",
                        "\"; !touch %s", "@x{^_",
                        "%s\033[2J \302"};
  char trace[4096];
  snprintf(trace, sizeof trace, "%s", in_folder("trace"));
  for (size_t k = 0; k < sizeof bait / sizeof *bait; k++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(evil, sizeof evil, bait[k], trace);
#pragma GCC diagnostic pop
    ck_assert_msg(draw("b.png", evil, evil, why) == PN_OK, "%s: %s", evil, why);
    unlink(in_folder("b.png"));
    ck_assert_msg(access(trace, F_OK) != 0, "%s was run", evil);
  }
}
END_TEST

START_TEST(failures_say_why)
{
  char why[512];
  ck_assert_int_eq(draw("nowhere/a.png", "t", "v(a)", why), PN_E_FILE);
  ck_assert_ptr_nonnull(strstr(why, "nowhere/a.png"));
  ck_assert_int_eq(draw("a.jpg", "t", "v(a)", why), PN_E_USAGE);
  ck_assert_ptr_nonnull(strstr(why, ".png, .svg or .pdf"));
  char *path = strdup(getenv("PATH"));
  setenv("PATH", "/nowhere", 1);
  ck_assert_int_eq(draw("a.png", "t", "v(a)", why), PN_E_FILE);
  ck_assert_ptr_nonnull(strstr(why, "is it installed?"));
  setenv("PATH", path, 1);
  free(path);
}
END_TEST

START_TEST(a_map_of_a_crossbar_is_drawn)
{
  double z[6] = {0, 0.2, 0.4, 0.6, NAN, 1};
  pn_gp_matrix m[] = {{"before", 2, 3, z}, {"after", 2, 3, z}};
  pn_gp_map map = {.out_file = in_folder("m.png"),
                   .title = "t",
                   .x_label = "column",
                   .y_label = "row",
                   .z_label = "x",
                   .z_unit = "",
                   .z_min = NAN,
                   .z_max = NAN,
                   .matrices = m,
                   .n_matrices = 2};
  char why[512] = "", bytes[8];
  ck_assert_msg(pn_gnuplot_map(&map, why, sizeof why) == PN_OK, "%s", why);
  ck_assert_uint_eq(first_bytes("m.png", bytes, sizeof bytes), sizeof bytes);
}
END_TEST

START_TEST(empty_and_constant_curves_are_no_error)
{
  double flat[2] = {3, 3}, bad[2] = {NAN, INFINITY}, t[2] = {0, 1};
  pn_gp_curve curves[] = {{"flat", t, flat, 2, PN_GP_LINE, 0},
                          {"bad", t, bad, 2, PN_GP_LINE, 0},
                          {"none", t, flat, 0, PN_GP_LINE, 0}};
  for (int log = 0; log < 2; log++)
    for (int k = 0; k < 3; k++) {
      pn_gp_panel panel = {NULL, "V", log, &curves[k], 1};
      pn_gp_figure f = {.out_file = in_folder("e.png"),
                        .x_label = "x",
                        .x_unit = "",
                        .panels = &panel,
                        .n_panels = 1};
      char why[512] = "";
      ck_assert_msg(pn_gnuplot_curves(&f, why, sizeof why) == PN_OK, "%s: %s", curves[k].label,
                    why);
      unlink(in_folder("e.png"));
    }
}
END_TEST

START_TEST(thinning_keeps_every_spike)
{
  enum { MANY = 400000 };
  double *u = malloc(MANY * sizeof *u), *v = malloc(MANY * sizeof *v);
  for (int k = 0; k < MANY; k++) {
    u[k] = k;
    v[k] = k == 123456 ? 9 : k == 234567 ? -9 : sin(k);
  }
  long n = pn_gp_thin(u, v, MANY, false, false);
  ck_assert_int_lt(n, 25000);
  int spikes = 0;
  for (long k = 0; k < n; k++) {
    spikes += fabs(v[k]) == 9;
    ck_assert(k == 0 || u[k] >= u[k - 1]);
  }
  ck_assert_int_eq(spikes, 2);
  ck_assert(u[0] == 0 && u[n - 1] == MANY - 1);
  free(u);
  free(v);
}
END_TEST

START_TEST(prefixes_are_those_of_engineers)
{
  const char *p;
  ck_assert_double_eq_tol(pn_gp_prefix(0.025, "S", &p), 1e-3, 1e-15);
  ck_assert_str_eq(p, "m");
  ck_assert_double_eq(pn_gp_prefix(999.9, "V", &p), 1);
  ck_assert_double_eq_tol(pn_gp_prefix(1000, "Hz", &p), 1e3, 1e-9);
  ck_assert_double_eq(pn_gp_prefix(1e-3, "dB", &p), 1);
}
END_TEST

int main(void)
{
  if (!mkdtemp(folder))
    return 1;
  for (int k = 0; k < N; k++) {
    x[k] = k * 1e-9;
    y[k] = sin(0.05 * k);
  }
  Suite *suite = suite_create("gnuplot");
  TCase *t = tcase_create("gnuplot");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, each_format_is_what_its_name_says);
  tcase_add_test(t, no_text_becomes_a_command);
  tcase_add_test(t, failures_say_why);
  tcase_add_test(t, a_map_of_a_crossbar_is_drawn);
  tcase_add_test(t, empty_and_constant_curves_are_no_error);
  tcase_add_test(t, thinning_keeps_every_spike);
  tcase_add_test(t, prefixes_are_those_of_engineers);
  suite_add_tcase(suite, t);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  rmdir(folder);
  return failed != 0;
}
