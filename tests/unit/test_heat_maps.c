/* Heat maps of results: several runs side by side, cells without a number, numbers that are nearly equal, and
 * places outside the result. */
#include <check.h>
#include <pinch/pinch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static char said[512];

static void keep(void *user, pinch_severity severity, const char *text)
{
  (void)user, (void)severity;
  snprintf(said, sizeof said, "%s", text);
}

static void write_file(const char *name, const char *text)
{
  FILE *f = fopen(name, "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  fclose(f);
}

/* How many times a word stands in a file. */
static int count(const char *name, const char *word)
{
  static char text[1 << 20];
  FILE *f = fopen(name, "r");
  ck_assert_ptr_nonnull(f);
  text[fread(text, 1, sizeof text - 1, f)] = '\0';
  fclose(f);
  int n = 0;
  for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
    n++;
  return n;
}

static int draw(const char *file, const char *map, double at)
{
  pinch_plot_options o = pinch_plot_options_default();
  o.raw_file = file;
  o.out_file = SCRATCH "/heat-map.svg";
  o.map = map;
  o.map_at = &at;
  o.n_map_at = at < 0 ? 0 : 1;
  o.message = keep;
  said[0] = '\0';
  return pinch_plot(&o);
}

START_TEST(runs_of_a_sweep_stand_side_by_side)
{
  write_file(SCRATCH "/heat-map.csv", "cell,p,row,col,i\n0,1,0,0,1e-3\n1,1,0,1,nan\n"
                                      "0,2,0,0,3e-3\n1,2,0,1,4e-3\n");
  ck_assert_msg(draw(SCRATCH "/heat-map.csv", "i", -1) == 0, "%s", said);
  ck_assert_str_eq(said, "");
  ck_assert_int_eq(count(SCRATCH "/heat-map.svg", ">run 1<"), 1);
  ck_assert_int_eq(count(SCRATCH "/heat-map.svg", ">run 2<"), 1);
  ck_assert_int_eq(count(SCRATCH "/heat-map.svg", ">run 3<"), 0);
}
END_TEST

START_TEST(more_runs_than_a_picture_takes_are_told)
{
  char text[1024] = "cell,p,row,col,i\n";
  for (int k = 0; k < 8; k++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "0,%d,0,0,%d\n", k, k);
  write_file(SCRATCH "/heat-map.csv", text);
  ck_assert_int_eq(draw(SCRATCH "/heat-map.csv", "i", -1), 0);
  ck_assert_str_eq(said, "warning: the first 6 of 8 runs are drawn");
  ck_assert_int_eq(count(SCRATCH "/heat-map.svg", ">run 6<"), 1);
}
END_TEST

START_TEST(numbers_that_differ_by_rounding_are_drawn)
{
  write_file(SCRATCH "/heat-map.csv", "cell,row,col,margin\n0,0,0,0.7912127165\n"
                                      "1,0,1,0.79121271650000002\n2,1,0,0.79121271650000013\n");
  ck_assert_msg(draw(SCRATCH "/heat-map.csv", "margin", -1) == 0, "%s", said);
}
END_TEST

START_TEST(places_outside_the_result_are_an_error)
{
  static const char netlist[] = "t\nYxbar x w[0:1] b[0:1] cell=taox\nVw[0:1] w[0:1] 0 0.1\n"
                                "Vb[0:1] b[0:1] 0 0\n.tran 1u 10u\n.save @x.n[0:1][0:1][g]\n.end\n";
  pinch_circuit *c = NULL;
  pinch_run_options o = pinch_run_options_default();
  o.raw_file = SCRATCH "/heat-map.raw";
  ck_assert_int_eq(pinch_load_text(netlist, strlen(netlist), "t.cir", NULL, &c), 0);
  ck_assert_int_eq(pinch_run(c, &o), 0);
  pinch_circuit_free(c);
  ck_assert_msg(draw(SCRATCH "/heat-map.raw", "@x.n[*][*][g]", 5e-6) == 0, "%s", said);
  ck_assert_int_ne(draw(SCRATCH "/heat-map.raw", "@x.n[*][*][g]", 99), 0);
  ck_assert_str_eq(said, "error: 99 lies outside the result, time from 0 to 1e-05");
}
END_TEST

int main(void)
{
  Suite *s = suite_create("heat_maps");
  TCase *t = tcase_create("heat_maps");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, runs_of_a_sweep_stand_side_by_side);
  tcase_add_test(t, more_runs_than_a_picture_takes_are_told);
  tcase_add_test(t, numbers_that_differ_by_rounding_are_drawn);
  tcase_add_test(t, places_outside_the_result_are_an_error);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  unlink(SCRATCH "/heat-map.csv");
  unlink(SCRATCH "/heat-map.svg");
  unlink(SCRATCH "/heat-map.raw");
  return failed ? 1 : 0;
}
