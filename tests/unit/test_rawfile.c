/* Rawfiles are read back by a reader written from the format's description alone, they stay true when a
 * run breaks off or the disk is full, and no garbage brings our own reader down. */
#include "output/rawread.h"
#include "output/sink.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = SCRATCH "/pinch-test-raw-XXXXXX";

static const pn_column columns[] = {
    {"time", "time", "s"}, {"v(out)", "voltage", "V"}, {"@nm1[x]", "notype", "1"}};
static const pn_plot tran = {.title = "a title",
                             .plotname = "Transient Analysis",
                             .analysis = "tran",
                             .index = 1,
                             .n_results = 1,
                             .columns = columns,
                             .n_columns = 3};

static pn_sink *open_sink(bool ascii)
{
  pn_sink *s;
  ck_assert_int_eq(pn_sink_raw(path, ascii, &s), PN_OK);
  return s;
}

static void write_points(pn_sink *s, const pn_plot *p, int n, bool complete)
{
  ck_assert_int_eq(s->begin(s, p), PN_OK);
  for (int k = 0; k < n; k++) {
    double row[3] = {k * 1e-9, sin(k), 1.0 / (k + 1)};
    double complex crow[3] = {k + 1, CMPLX(k, -k), CMPLX(0, 0.5)};
    ck_assert_int_eq(s->point(s, p->is_complex ? NULL : row, p->is_complex ? crow : NULL), PN_OK);
  }
  ck_assert_int_eq(s->end(s, complete), PN_OK);
}

/* ---- the independent reader: lines up to "Binary:", then native doubles ---- */

typedef struct little {
  char types[8][32], names[8][64];
  char command[128], plotname[64];
  int n_vars;
  long n_points;
  bool is_complex;
  double *data;
} little;

static little read_little(FILE *f)
{
  little r = {0};
  char line[512];
  static const char *const order[] = {"Title: ", "Date: ",          "Command: ",    "Plotname: ",
                                      "Flags: ", "No. Variables: ", "No. Points: ", "Variables:"};
  for (size_t k = 0; k < sizeof order / sizeof *order; k++) {
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    ck_assert_msg(strncmp(line, order[k], strlen(order[k])) == 0, "expected %s, got %s", order[k],
                  line);
    const char *value = line + strlen(order[k]);
    if (k == 2)
      sscanf(value, "%127[^\n]", r.command);
    if (k == 3)
      sscanf(value, "%63[^\n]", r.plotname);
    if (k == 4)
      r.is_complex = strncmp(value, "complex", 7) == 0;
    if (k == 5)
      r.n_vars = atoi(value);
    if (k == 6)
      r.n_points = atol(value);
  }
  for (int k = 0; k < r.n_vars; k++) {
    int index;
    ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
    ck_assert_int_eq(sscanf(line, "\t%d\t%63[^\t]\t%31[^\n]", &index, r.names[k], r.types[k]), 3);
    ck_assert_int_eq(index, k);
  }
  ck_assert_ptr_nonnull(fgets(line, sizeof line, f));
  ck_assert_str_eq(line, "Binary:\n");
  size_t n = (size_t)r.n_points * (size_t)r.n_vars * (r.is_complex ? 2 : 1);
  r.data = malloc(n * sizeof(double) + 1);
  ck_assert_uint_eq(fread(r.data, sizeof(double), n, f), n);
  return r;
}

START_TEST(an_independent_reader_finds_every_number)
{
  enum { N = 50000 }; /* more than the writer's buffer */
  pn_sink *s = open_sink(false);
  write_points(s, &tran, N, true);
  ck_assert_int_eq(s->close(s), PN_OK);
  FILE *f = fopen(path, "rb");
  little r = read_little(f);
  ck_assert_int_eq(r.n_points, N);
  ck_assert_int_eq(r.n_vars, 3);
  ck_assert_str_eq(r.plotname, "Transient Analysis");
  ck_assert_ptr_nonnull(strstr(r.command, "ngspice"));
  ck_assert_ptr_nonnull(strstr(r.command, "(complete)"));
  ck_assert_str_eq(r.types[2], "voltage"); /* PySpice knows no other type for a state */
  for (int k = 0; k < N; k++) {
    ck_assert(r.data[3 * k] == k * 1e-9 && r.data[3 * k + 1] == sin(k));
    ck_assert(r.data[3 * k + 2] == 1.0 / (k + 1));
  }
  ck_assert_int_eq(getc(f), EOF);
  fclose(f);
  free(r.data);
}
END_TEST

START_TEST(several_results_follow_each_other_real_and_complex)
{
  pn_plot ac = tran;
  ac.plotname = "AC Analysis";
  ac.is_complex = true;
  pn_sink *s = open_sink(false);
  write_points(s, &tran, 5, true);
  write_points(s, &ac, 7, true);
  ck_assert_int_eq(s->close(s), PN_OK);
  FILE *f = fopen(path, "rb");
  little a = read_little(f), b = read_little(f);
  ck_assert_int_eq(a.n_points, 5);
  ck_assert_int_eq(b.n_points, 7);
  ck_assert(b.is_complex);
  ck_assert(b.data[6 * 3] == 4 && b.data[6 * 3 + 1] == 0); /* the scale is a pair, too */
  ck_assert(b.data[6 * 3 + 2] == 3 && b.data[6 * 3 + 3] == -3);
  fclose(f);
  free(a.data);
  free(b.data);
}
END_TEST

START_TEST(an_interrupted_run_leaves_a_true_header)
{
  pn_sink *s = open_sink(false);
  write_points(s, &tran, 123, false);
  ck_assert_int_eq(s->close(s), PN_OK);
  FILE *f = fopen(path, "rb");
  little r = read_little(f);
  ck_assert_int_eq(r.n_points, 123);
  ck_assert_ptr_nonnull(strstr(r.command, "(incomplete)"));
  fclose(f);
  free(r.data);
}
END_TEST

START_TEST(even_a_killed_run_leaves_a_true_header)
{
  pn_sink *s = open_sink(false);
  ck_assert_int_eq(s->begin(s, &tran), PN_OK);
  for (int k = 0; k < 30000; k++) {
    double row[3] = {k, 1, 2};
    s->point(s, row, NULL);
  }
  pn_raw_file r; /* while the writer is still at work */
  ck_assert_int_eq(pn_raw_open(path, &r), PN_OK);
  ck_assert_int_gt(r.plots[0].n_points, 10000);
  ck_assert(!r.plots[0].truncated);
  pn_raw_close(&r);
  s->close(s);
}
END_TEST

START_TEST(a_full_disk_is_an_error)
{
  pn_sink *s;
  if (access("/dev/full", W_OK) != 0)
    return;
  ck_assert_int_eq(pn_sink_raw("/dev/full", false, &s), PN_OK);
  pn_status first = s->begin(s, &tran);
  double row[3] = {0, 0, 0};
  pn_status point = s->point(s, row, NULL), end = s->end(s, true);
  ck_assert(first == PN_E_FILE && point == PN_E_FILE && end == PN_E_FILE);
  ck_assert_int_eq(s->close(s), PN_E_FILE);
  ck_assert_int_eq(pn_sink_raw("/nowhere/at/all.raw", false, &s), PN_E_FILE);
}
END_TEST

START_TEST(our_reader_reads_both_forms_alike)
{
  for (int ascii = 0; ascii < 2; ascii++)
    for (int cx = 0; cx < 2; cx++) {
      pn_plot p = tran;
      p.is_complex = cx;
      pn_sink *s = open_sink(ascii);
      write_points(s, &tran, 3, true);
      write_points(s, &p, 40, true);
      ck_assert_int_eq(s->close(s), PN_OK);
      pn_raw_file r;
      ck_assert_int_eq(pn_raw_open(path, &r), PN_OK);
      ck_assert_int_eq(r.n_plots, 2);
      ck_assert_int_eq(r.plots[1].n_points, 40);
      ck_assert_str_eq(r.plots[1].vars[1].name, "v(out)");
      double complex a[40], b[40], *out[] = {a, b};
      int vars[] = {1, 2};
      ck_assert_int_eq(pn_raw_columns(&r, 1, vars, 2, out), PN_OK);
      for (int k = 0; k < 40; k++) {
        ck_assert(a[k] == (cx ? CMPLX(k, -k) : sin(k)));
        ck_assert(b[k] == (cx ? CMPLX(0, 0.5) : 1.0 / (k + 1)));
      }
      pn_raw_close(&r);
    }
}
END_TEST

static void store(const char *bytes, size_t n)
{
  FILE *f = fopen(path, "wb");
  ck_assert_uint_eq(fwrite(bytes, 1, n, f), n);
  fclose(f);
}

START_TEST(garbage_is_refused_with_a_reason)
{
  static const char *const bad[] = {
      "",
      "no rawfile\n",
      "Title: t\n",
      "Title: t\nPlotname: p\nFlags: real\nNo. Variables: 2000000000\nNo. Points: 5\nVariables:\n",
      "Title: t\nPlotname: p\nFlags: real\nNo. Variables: -3\nNo. Points: 5\nVariables:\n",
      "Title: t\nPlotname: p\nFlags: real\nNo. Variables: 1\nNo. Points: -5\nVariables:\n"
      "\t0\tx\ttime\nBinary:\n",
      "Title: t\nPlotname: p\nNo. Variables: 1\nNo. Points: 1\nVariables:\n\t0\nBinary:\n",
      "Title: t\nNo. Variables: 1\nNo. Points: 0\nVariables:\n\t0\tx\ttime\nBinary:\n"};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    pn_raw_file r;
    store(bad[k], strlen(bad[k]));
    ck_assert_int_eq(pn_raw_open(path, &r), PN_E_FILE);
    ck_assert_int_gt((int)strlen(r.why), 0);
    pn_raw_close(&r);
  }
}
END_TEST

START_TEST(a_file_cut_anywhere_never_gives_more_than_it_holds)
{
  pn_sink *s = open_sink(false);
  write_points(s, &tran, 4, true);
  s->close(s);
  char bytes[4096];
  FILE *f = fopen(path, "rb");
  size_t n = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  for (size_t cut = 0; cut < n; cut++) {
    pn_raw_file r;
    store(bytes, cut);
    if (pn_raw_open(path, &r) == PN_OK) {
      double complex a[4], *out[] = {a};
      ck_assert(r.plots[0].truncated && r.plots[0].n_points < 4);
      ck_assert_int_eq(pn_raw_columns(&r, 0, (int[]){2}, 1, out), PN_OK);
    }
    pn_raw_close(&r);
  }
}
END_TEST

int main(void)
{
  int fd = mkstemp(path);
  close(fd);
  Suite *suite = suite_create("rawfile");
  TCase *t = tcase_create("rawfile");
  tcase_add_test(t, an_independent_reader_finds_every_number);
  tcase_add_test(t, several_results_follow_each_other_real_and_complex);
  tcase_add_test(t, an_interrupted_run_leaves_a_true_header);
  tcase_add_test(t, even_a_killed_run_leaves_a_true_header);
  tcase_add_test(t, a_full_disk_is_an_error);
  tcase_add_test(t, our_reader_reads_both_forms_alike);
  tcase_add_test(t, garbage_is_refused_with_a_reason);
  tcase_add_test(t, a_file_cut_anywhere_never_gives_more_than_it_holds);
  suite_add_tcase(suite, t);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  unlink(path);
  return failed != 0;
}
