/* Measurements of signals whose results are known: lines, ramps and sines given point by point, without a
 * circuit. The words of .measure are handed over as elaboration does. */
#include "output/measure_core.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pn_arena arena;
static pn_diag diag;
static char said[1024]; /* the last message */

static void hear(void *user, pn_severity severity, const char *text)
{
  (void)user;
  (void)severity;
  snprintf(said, sizeof said, "%s", text);
}

static pn_ast *probe(const char *node)
{
  pn_ast *name = PN_NEW(&arena, pn_ast), *e = PN_NEW(&arena, pn_ast);
  *name = (pn_ast){.kind = PN_AST_NAME, .name = pn_str_of(node)};
  *e = (pn_ast){.kind = PN_AST_PROBE, .name = PN_STR("v"), .n_args = 1};
  e->args = PN_NEW(&arena, pn_ast *);
  e->args[0] = name;
  return e;
}

/* One word: "v:a" is the probe v(a), "key=1" a pair (with a number, LAST or a probe behind "="),
 * "=1" the right side of a condition, anything else a plain word. */
static pn_arg argument(const char *word)
{
  pn_arg a = {0};
  const char *equals = strchr(word, '='), *value = word;
  if (equals) {
    a.key = equals == word ? PN_STR("=") : (pn_str){word, (size_t)(equals - word)};
    value = equals + 1;
  }
  char *end;
  a.text = pn_str_of(value);
  a.num = strtod(value, &end);
  a.is_num = end != value && *end == '\0';
  if (strncmp(value, "v:", 2) == 0)
    a.ast = probe(value + 2);
  return a;
}

static pn_measure *parse(const char *text)
{
  pn_args *args = PN_NEW(&arena, pn_args);
  char *copy = pn_arena_printf(&arena, "%s", text), *rest = NULL;
  args->at = PN_NEW_ARRAY(&arena, pn_arg, strlen(text) + 1);
  for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest))
    args->at[args->n++] = argument(w);
  said[0] = '\0';
  return pn_measure_parse(&arena, &diag, args, PN_STR(""));
}

typedef double signal_fn(double x);

/* Feeds n points from x = a to b of up to two signals and returns the result; NAN when it failed. */
static double run_on(pn_measure *m, double a, double b, int n, signal_fn *s0, signal_fn *s1)
{
  const char *why;
  double value;
  pn_measure_reset(m);
  for (int k = 0; k <= n; k++) {
    double x = a + (b - a) * k / n, v[PN_MEASURE_SIGNALS] = {s0(x), s1(x), 0};
    if (m->n_signals == 3) /* FIND a WHEN b=c: here c is constant 0.5 */
      v[2] = 0.5;
    pn_measure_feed(m, x, v);
  }
  if (pn_measure_result(m, &m, 1, &value, &why))
    return value;
  ck_assert_int_gt((int)strlen(why), 0);
  return NAN;
}

static double result(const char *text, double a, double b, int n, signal_fn *s0, signal_fn *s1)
{
  pn_measure *m = parse(text);
  ck_assert_msg(m != NULL, "%s: %s", text, said);
  return run_on(m, a, b, n, s0, s1);
}

static double ramp(double x)
{
  return x;
}
static double twice(double x)
{
  return 2 * x;
}
static double wave(double x)
{
  return sin(2 * M_PI * x);
}
static double triangle(double x) /* 0 at 0, 1 at 1, 0 at 2, ... */
{
  double u = fmod(x, 2);
  return u < 1 ? u : 2 - u;
}
static double step(double x)
{
  return x >= 1 ? 1 : 0;
}

#define near(value, expected) ck_assert_double_eq_tol(value, expected, 1e-9)

START_TEST(crossings_are_counted_by_edge)
{
  near(result("tran t when v:a =0.25", 0, 10, 37, triangle, ramp), 0.25);
  near(result("tran t when v:a =0.25 rise=2", 0, 10, 40, triangle, ramp), 2.25);
  near(result("tran t when v:a =0.25 fall=1", 0, 10, 40, triangle, ramp), 1.75);
  near(result("tran t when v:a =0.25 cross=3", 0, 10, 40, triangle, ramp), 2.25);
  near(result("tran t when v:a =0.25 rise=LAST", 0, 10, 40, triangle, ramp), 8.25);
  near(result("tran t when v:a =0.25 rise=1 td=3", 0, 10, 40, triangle, ramp), 4.25);
  near(result("tran t when v:a =0.25 fall=LAST to=5", 0, 10, 40, triangle, ramp), 3.75);
}
END_TEST

START_TEST(a_level_that_is_just_reached_counts)
{
  near(result("tran t when v:a =1 rise=1", 0, 2, 2, step, ramp), 1);
  ck_assert(isnan(result("tran t when v:a =1.5", 0, 10, 40, triangle, ramp)));
  ck_assert(isnan(result("tran t when v:a =0.25 rise=6", 0, 10, 40, triangle, ramp)));
}
END_TEST

START_TEST(two_signals_cross_where_their_lines_do)
{
  /* triangle = x / 4 at x = 1.6 */
  pn_measure *m = parse("tran t when v:a =v:b");
  pn_measure_reset(m);
  for (int k = 0; k <= 4; k++)
    pn_measure_feed(m, k, (double[]){k == 1 ? 1 : 0, 0.25 * k});
  double value;
  const char *why;
  ck_assert(pn_measure_result(m, &m, 1, &value, &why));
  near(value, 1.6);
}
END_TEST

START_TEST(trigger_and_target_give_an_interval)
{
  near(result("tran d trig v:a val=0.5 rise=1 targ v:b val=3 rise=1", 0, 4, 16, triangle, twice),
       1);
  near(result("tran d trig at=0.5 targ v:b val=3 cross=1", 0, 4, 16, ramp, ramp), 2.5);
  ck_assert(
      isnan(result("tran d trig v:a val=9 rise=1 targ v:b val=3 rise=1", 0, 4, 9, ramp, twice)));
}
END_TEST

START_TEST(find_interpolates_at_a_crossing_and_at_a_place)
{
  near(result("tran f find v:a when v:b =0.3", 0, 1, 7, ramp, ramp), 0.3);
  near(result("tran f find v:a at=0.123", 0, 1, 7, twice, ramp), 0.246);
  near(result("tran f find v:a at=0", 0, 1, 7, twice, ramp), 0);
  near(result("tran f find v:a at=1", 0, 1 - 1e-13, 7, twice, ramp), 2); /* rounding at the end */
  ck_assert(isnan(result("tran f find v:a at=2", 0, 1, 7, twice, ramp)));
  near(result("tran f deriv v:a at=0.5", 0, 1, 8, twice, ramp), 2);
  near(result("tran f deriv v:a at=0", 0, 1, 8, twice, ramp), 2);
  near(result("tran f deriv v:a when v:b =0.3", 0, 1, 8, twice, ramp), 2);
}
END_TEST

START_TEST(windows_are_cut_between_points)
{
  near(result("tran a avg v:a from=0.15 to=0.85", 0, 1, 3, ramp, ramp), 0.5);
  near(result("tran a integ v:a from=0.5", 0, 1, 3, ramp, ramp), 0.375);
  near(result("tran a rms v:a", 0, 3, 2, ramp, ramp), sqrt(3.0));
  near(result("tran a max v:a to=0.7", 0, 1, 3, ramp, ramp), 0.7);
  near(result("tran a min v:a from=0.2", 0, 1, 3, ramp, ramp), 0.2);
  near(result("tran a pp v:a from=0.2 to=0.7", 0, 1, 3, ramp, ramp), 0.5);
  near(result("tran a max_at v:a", 0, 1.9, 19, triangle, ramp), 1);
  near(result("tran a min_at v:a from=0.5 to=1.2", 0, 1.9, 19, triangle, ramp), 0.5);
  ck_assert(isnan(result("tran a avg v:a from=5 to=6", 0, 1, 3, ramp, ramp)));
}
END_TEST

START_TEST(a_sine_has_its_textbook_values)
{
  ck_assert_double_eq_tol(result("tran a rms v:a", 0, 1, 20000, wave, ramp), sqrt(0.5), 1e-7);
  ck_assert_double_eq_tol(result("tran a avg v:a to=0.5", 0, 1, 20000, wave, ramp), 2 / M_PI, 1e-7);
}
END_TEST

START_TEST(a_falling_sweep_measures_the_same)
{
  near(result("dc a avg v:a from=0.15 to=0.85", 1, 0, 3, ramp, ramp), 0.5);
  near(result("dc a integ v:a", 1, 0, 3, ramp, ramp), 0.5);
  near(result("dc a find v:a at=0.3", 1, 0, 7, twice, ramp), 0.6);
}
END_TEST

START_TEST(the_inner_loop_of_a_nested_sweep_starts_again)
{
  pn_measure *m = parse("dc a integ v:a");
  pn_measure_reset(m);
  for (int outer = 0; outer < 3; outer++)
    for (int k = 0; k <= 4; k++)
      pn_measure_feed(m, 0.25 * k, (double[]){1});
  double value;
  const char *why;
  ck_assert(pn_measure_result(m, &m, 1, &value, &why));
  near(value, 3); /* the way back counts nothing */
}
END_TEST

static pn_ast *name_of(const char *name)
{
  pn_ast *e = PN_NEW(&arena, pn_ast);
  *e = (pn_ast){.kind = PN_AST_NAME, .name = pn_str_of(name)};
  return e;
}

static pn_measure *param_of(const char *name, const char *other)
{
  pn_measure *m = PN_NEW(&arena, pn_measure);
  *m = (pn_measure){
      .kind = PN_M_PARAM, .name = pn_str_of(name), .param = name_of(other), .diag = &diag};
  return m;
}

START_TEST(param_sees_other_results_and_not_itself)
{
  pn_measure *a = parse("tran a max v:a"), *b = param_of("b", "a"), *c = param_of("c", "d"),
             *d = param_of("d", "c");
  pn_measure *all[] = {a, b, c, d};
  double value;
  const char *why;
  pn_measure_feed(a, 0, (double[]){4});
  pn_measure_feed(a, 1, (double[]){5});
  ck_assert(pn_measure_result(b, all, 4, &value, &why));
  near(value, 5);
  ck_assert(!pn_measure_result(c, all, 4, &value, &why));
}
END_TEST

START_TEST(wrong_words_are_named)
{
  static const struct {
    const char *text, *words;
  } bad[] = {{"tran", "an analysis and a name"},
             {"tf x max v:a", "tran, ac, dc, noise, envelope"},
             {"tran x", "what to measure"},
             {"tran x max", "a signal"},
             {"tran x when v:a", "a condition"},
             {"tran x find v:a", "WHEN or at="},
             {"tran x trig v:a val=1", "TARG"},
             {"tran x trig v:a targ v:b val=1", "val="},
             {"tran x when v:a =1 rise=0", "whole number"},
             {"tran x when v:a =1 sise=1", "sise"},
             {"tran x avg v:a from=2 to=1", "ends before"}};
  for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
    ck_assert_msg(parse(bad[k].text) == NULL, "%s was taken", bad[k].text);
    ck_assert_msg(strstr(said, bad[k].words), "%s: '%s' is not in '%s'", bad[k].text, bad[k].words,
                  said);
  }
}
END_TEST

int main(void)
{
  pn_arena_init(&arena, 0);
  pn_diag_init(&diag, &arena, hear, NULL);
  diag.max_errors = 1000;
  Suite *suite = suite_create("measure");
  TCase *t = tcase_create("measure");
  tcase_add_test(t, crossings_are_counted_by_edge);
  tcase_add_test(t, a_level_that_is_just_reached_counts);
  tcase_add_test(t, two_signals_cross_where_their_lines_do);
  tcase_add_test(t, trigger_and_target_give_an_interval);
  tcase_add_test(t, find_interpolates_at_a_crossing_and_at_a_place);
  tcase_add_test(t, windows_are_cut_between_points);
  tcase_add_test(t, a_sine_has_its_textbook_values);
  tcase_add_test(t, a_falling_sweep_measures_the_same);
  tcase_add_test(t, the_inner_loop_of_a_nested_sweep_starts_again);
  tcase_add_test(t, param_sees_other_results_and_not_itself);
  tcase_add_test(t, wrong_words_are_named);
  suite_add_tcase(suite, t);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_ENV);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  pn_arena_free(&arena);
  return failed != 0;
}
