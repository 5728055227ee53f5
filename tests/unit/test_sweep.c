/* Sweeps over whole netlists: order, columns, random draws and failures, through the public
 * interface; the same bits for every number of threads. */
#include <check.h>
#include <math.h>
#include <pinch/pinch.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct seen {
  uint64_t hash; /* of every row and text in order */
  int results;
  int n_columns;
  char first[2][32]; /* names of the columns behind the scale */
  double last[16];   /* the last row */
  double measured[512];
  int n_measured, incomplete;
  char log[16384]; /* lines of the log */
} seen;

static void mix(seen *s, const void *bytes, size_t n)
{
  for (size_t k = 0; k < n; k++)
    s->hash = (s->hash ^ ((const unsigned char *)bytes)[k]) * 1099511628211u;
}

static void begin(void *user, const pinch_result *r)
{
  seen *s = user;
  s->results++;
  s->n_columns = r->n_columns;
  for (int k = 0; k < 2 && k + 1 < r->n_columns; k++)
    strncpy(s->first[k], r->columns[k + 1].name, sizeof s->first[k] - 1);
}

static void point(void *user, const double *row)
{
  seen *s = user;
  mix(s, row, (size_t)s->n_columns * sizeof *row);
  memcpy(s->last, row, (size_t)s->n_columns * sizeof *row);
}

static void end(void *user, bool complete)
{
  ((seen *)user)->incomplete += !complete;
}

static void text(void *user, const char *t)
{
  mix(user, t, strlen(t));
}

static void measured(void *user, const char *analysis, const char *name, bool ok, double value)
{
  seen *s = user;
  (void)analysis, (void)name;
  s->measured[s->n_measured++] = ok ? value : NAN;
}

static void log_line(void *user, const char *line)
{
  seen *s = user;
  size_t n = strlen(s->log);
  snprintf(s->log + n, sizeof s->log - n, "%s\n", line);
}

static int run(const char *netlist, int jobs, seen *s)
{
  pinch_load_options load = pinch_load_options_default();
  pinch_circuit *c = NULL;
  *s = (seen){.hash = 14695981039346656037u};
  ck_assert_int_eq(pinch_load_text(netlist, strlen(netlist), "sweep.cir", &load, &c), 0);
  pinch_run_options o = pinch_run_options_default();
  o.jobs = jobs;
  o.text = text;
  o.result_begin = begin;
  o.result_point = point;
  o.result_end = end;
  o.measured = measured;
  o.log = log_line;
  o.stats = true;
  o.user = s;
  int st = pinch_run(c, &o);
  pinch_circuit_free(c);
  return st;
}

START_TEST(the_first_step_is_the_innermost)
{
  seen s;
  ck_assert_int_eq(run("t\n.param a=1 b=1\nv1 x 0 {10*a+b}\nr1 x 0 1k\n.step param b list 3 4\n"
                       ".step a 1 2 1\n.dc v1 1 1 1\n.measure dc m param='10*a+b'\n.end\n",
                       1, &s),
                   0);
  ck_assert_int_eq(s.n_measured, 4);
  const double want[] = {13, 14, 23, 24};
  for (int k = 0; k < 4; k++)
    ck_assert_double_eq(s.measured[k], want[k]);
  ck_assert_str_eq(s.first[0], "b");
  ck_assert_str_eq(s.first[1], "a");
}
END_TEST

START_TEST(devices_sources_models_and_temperature_can_be_stepped)
{
  seen s;
  ck_assert_int_eq(run("t\nv1 a 0 1\nr1 a b 1k\nr2 b 0 rm 1k\n.model rm r tc1=0\n"
                       ".step rm(tc1) list 0 1m\n.step temp list 27 127\n.step r1 list 1k 3k\n"
                       ".step v1 list 1 2\n.op\n.end\n",
                       1, &s),
                   0);
  ck_assert_int_eq(s.results, 16);
  /* tc1 = 1m/K, 100 K above: r2 = 1.1k; r1 = 3k; 2 V */
  double v = NAN;
  for (int k = 4; k < s.n_columns; k++)
    v = fabs(s.last[k] - 2 * 1.1 / 4.1) < 1e-9 ? s.last[k] : v;
  ck_assert(!isnan(v));
}
END_TEST

START_TEST(temperatures_of_temp_are_the_outermost_sweep)
{
  seen s;
  ck_assert_int_eq(run("t\nv1 a 0 1\nr1 a b 1k\nr2 b 0 1k tc1=1m\n.temp -73 27\n.temp 127\n"
                       ".step r1 list 1k 3k\n.op\n.end\n",
                       1, &s),
                   0);
  ck_assert_int_eq(s.results, 6);
  ck_assert_str_eq(s.first[0], "temp"); /* behind r1: .op has no scale */
  ck_assert_double_eq(s.last[0], 3000);
  ck_assert_double_eq(s.last[1], 127);
  double v = NAN; /* r2 = 1.1k at 100 K above 27 C */
  for (int k = 2; k < s.n_columns; k++)
    v = fabs(s.last[k] - 1.1 / 4.1) < 1e-9 ? s.last[k] : v;
  ck_assert(!isnan(v));
}
END_TEST

START_TEST(data_tables_step_several_parameters_at_once)
{
  seen s;
  ck_assert_int_eq(
      run("t\n.param a=1 b=1\nv1 x 0 {a}\nr1 x 0 {b}\n.data pairs a b\n+ 1 1k\n+ 2 4k\n"
          "+ 3 9k\n.enddata\n.step data=pairs\n.dc v1 1 1 1\n"
          ".measure dc m param='a/b'\n.end\n",
          2, &s),
      0);
  ck_assert_int_eq(s.n_measured, 3);
  ck_assert_double_eq_tol(s.measured[2], 3 / 9e3, 1e-12);
}
END_TEST

static const char monte_carlo[] =
    "t\n.func spread(x) {gauss(x,0.1,3)}\nv1 a 0 1\nx1 a b half\nx2 a c half\n"
    ".subckt half p q\nr1 p q {spread(1k)}\nr2 q 0 {agauss(1k,50,1)}\n.ends\n"
    ".mc 200 seed=11\n.op\n.tran 1n 10n\n.end\n";

START_TEST(the_same_seed_gives_the_same_bits_for_every_number_of_threads)
{
  seen one, many;
  ck_assert_int_eq(run(monte_carlo, 1, &one), 0);
  ck_assert_int_eq(one.results, 400);
  for (int jobs = 2; jobs <= 8; jobs *= 2) {
    ck_assert_int_eq(run(monte_carlo, jobs, &many), 0);
    ck_assert(one.hash == many.hash);
  }
}
END_TEST

static int times(const char *text, const char *what)
{
  int n = 0;
  for (; (text = strstr(text, what)); text++)
    n++;
  return n;
}

/* Each run tells its own, in the order of the runs, whichever thread was first. */
START_TEST(statistics_are_of_each_run_and_the_same_for_every_number_of_threads)
{
  static const struct {
    const char *sweep, *wanted;
    int runs;
  } sweeps[] = {
      {".step param r 1k 12k 1k\n.op\n", "operating point: full matrix: ", 12},
      {".mc 10 seed=3\n.tran 1u 20u\n", "transient: ", 10},
  };
  for (int k = 0; k < 2; k++) {
    char netlist[400];
    snprintf(netlist, sizeof netlist,
             "t\n.param r=1k\nv1 a 0 sin(0 2 50k)\nr1 a b {gauss(r, 0.1, 3)}\nd1 b 0 dd\n"
             "c1 b 0 1n\n.model dd d\n%s.end\n",
             sweeps[k].sweep);
    seen alone, many;
    ck_assert_int_eq(run(netlist, 1, &alone), 0);
    ck_assert_int_eq(run(netlist, 4, &many), 0);
    ck_assert_msg(times(alone.log, sweeps[k].wanted) >= sweeps[k].runs, "%s", alone.log);
    ck_assert_str_eq(alone.log, many.log);
  }
}
END_TEST

START_TEST(draws_have_the_mean_and_deviation_asked_for_and_are_independent)
{
  seen s;
  ck_assert_int_eq(run("t\n.param g=agauss(5,0.3,3) u='unif(2,0.5)' l=limit(1,0.25)\nv1 a 0 1\n"
                       "r1 a 0 1k\n.mc 170 seed=3\n.dc v1 1 1 1\n.measure dc mg param='g'\n"
                       ".measure dc mu param='u'\n.measure dc ml param='l'\n.end\n",
                       1, &s),
                   0);
  ck_assert_int_eq(s.n_measured, 510);
  double mean[3] = {0}, square[3] = {0}, product = 0;
  for (int k = 0; k < 170; k++) {
    for (int j = 0; j < 3; j++) {
      mean[j] += s.measured[3 * k + j] / 170;
      square[j] += s.measured[3 * k + j] * s.measured[3 * k + j] / 170;
    }
    product += (s.measured[3 * k] - 5) * (s.measured[3 * k + 1] - 2) / 170;
    ck_assert(fabs(s.measured[3 * k + 1] - 2) <= 1);
    ck_assert_double_eq(fabs(s.measured[3 * k + 2] - 1), 0.25);
  }
  ck_assert_double_eq_tol(mean[0], 5, 4 * 0.1 / sqrt(170));
  ck_assert_double_eq_tol(sqrt(square[0] - mean[0] * mean[0]), 0.1, 0.025);
  ck_assert_double_eq_tol(mean[1], 2, 4 * 0.577 / sqrt(170));
  ck_assert_double_eq_tol(product / (0.1 * 0.577), 0, 4 / sqrt(170));
}
END_TEST

START_TEST(without_a_sweep_random_functions_are_nominal)
{
  seen s;
  ck_assert_int_eq(run("t\n.param g=agauss(5,0.3,3)\nv1 a 0 {g}\nr1 a 0 1k\n.dc v1 1 1 1\n"
                       ".measure dc m param='g'\n.end\n",
                       1, &s),
                   0);
  ck_assert_double_eq(s.measured[0], 5);
}
END_TEST

START_TEST(a_run_that_fails_leaves_the_others_and_is_told)
{
  seen s;
  ck_assert_int_ne(
      run("t\n.param r=1k\nv1 a 0 1\nr1 a 0 {r}\n.step param r list 1k 0 2k\n.op\n.end\n", 2, &s),
      0);
  ck_assert_int_eq(s.results, 2);
}
END_TEST

START_TEST(branches_of_if_follow_parameters_and_steps)
{
  seen s;
  ck_assert_int_eq(
      run("t\n.param kind=0\nv1 a 0 1\n.subckt load p q n=1\n.if (n > 1)\nr1 p q 3k\n.else\n"
          "r1 p q 1k\n.endif\n.ends\nx1 a b load n={kind}\n.if (kind == 0)\n.param low=1k\n"
          "rl b 0 {low}\n.elseif (kind == 1)\nrl b 0 2k\n.else\n.if (kind > 2)\nrl b 0 9k\n.else\n"
          "rl b 0 3k\n.endif\n.endif\n.step param kind list 0 1 2 3\n.dc v1 1 1 1\n"
          ".measure dc m find v(b) at=1\n.end\n",
          1, &s),
      0);
  const double want[] = {0.5, 2.0 / 3, 0.5, 0.75};
  for (int k = 0; k < 4; k++)
    ck_assert_double_eq_tol(s.measured[k], want[k], 1e-9);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("sweep");
  TCase *t = tcase_create("sweep");
  tcase_set_timeout(t, 60);
  tcase_add_test(t, the_first_step_is_the_innermost);
  tcase_add_test(t, devices_sources_models_and_temperature_can_be_stepped);
  tcase_add_test(t, temperatures_of_temp_are_the_outermost_sweep);
  tcase_add_test(t, data_tables_step_several_parameters_at_once);
  tcase_add_test(t, the_same_seed_gives_the_same_bits_for_every_number_of_threads);
  tcase_add_test(t, statistics_are_of_each_run_and_the_same_for_every_number_of_threads);
  tcase_add_test(t, draws_have_the_mean_and_deviation_asked_for_and_are_independent);
  tcase_add_test(t, without_a_sweep_random_functions_are_nominal);
  tcase_add_test(t, a_run_that_fails_leaves_the_others_and_is_told);
  tcase_add_test(t, branches_of_if_follow_parameters_and_steps);
  suite_add_tcase(suite, t);
  SRunner *r = srunner_create(suite);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
