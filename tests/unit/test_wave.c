/* Waveforms: ngspice's values and defaults, exact corners over a million periods, time scales. */
#include "devices/wave.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

static pn_wave wave(pn_wave_kind kind, const double *given, int n, double tstep, double tstop)
{
  pn_wave w = {.kind = kind, .repeat = -1.0};
  pn_wave_defaults(&w, given, n, tstep, tstop);
  return w;
}
#define WAVE(kind, tstep, tstop, ...)                                                              \
  wave(kind, (const double[]){__VA_ARGS__},                                                        \
       (int)(sizeof((double[]){__VA_ARGS__}) / sizeof(double)), tstep, tstop)

static pn_wave pwl(const double *time, const double *value, int n, double delay, double repeat)
{
  return (pn_wave){.kind = PN_WAVE_PWL,
                   .n_points = n,
                   .time = time,
                   .value = value,
                   .delay = delay,
                   .repeat = repeat};
}

/* An assertion for long loops: Check's own write a file at each pass. */
#define claim(condition, ...)                                                                      \
  do {                                                                                             \
    if (!(condition))                                                                              \
      ck_abort_msg(__VA_ARGS__);                                                                   \
  } while (0)

/* Values printed by ngspice 39 (7 digits). */
static void same(const pn_wave *w, double t, double ngspice)
{
  ck_assert_double_eq_tol(pn_wave_at(w, t), ngspice, 1e-6 * fabs(ngspice) + 1e-9);
}

START_TEST(values_are_those_of_ngspice)
{
  pn_wave am = WAVE(PN_WAVE_AM, 5e-5, 3e-3, 2, 0.5, 1e3, 1e4, 1e-4, 30, 60);
  same(&am, 1.65e-4, -2.72853);
  same(&am, 1.235e-3, -3.02666e-01);
  pn_wave fm = WAVE(PN_WAVE_SFFM, 5e-5, 3e-3, 0.1, 1, 1e4, 3, 1e3, 30, 60);
  same(&fm, 0, 1.199163e-01);
  same(&fm, 1.65e-4, 9.064510e-01);
  same(&fm, 2.865e-3, -7.83154e-01);
  pn_wave sine = WAVE(PN_WAVE_SIN, 5e-5, 3e-3, 0, 1, 1e3, 1e-4, 100, 30);
  same(&sine, 0, 0.5);
  same(&sine, 1.65e-4, 7.976161e-01);
  same(&sine, 2.615e-3, -4.50468e-01);
  pn_wave rise = WAVE(PN_WAVE_EXP, 5e-5, 3e-3, 0, 1, 1e-4, 1e-4);
  same(&rise, 1.65e-4, 2.187724e-01);
  same(&rise, 8.25e-4, -7.08803e-04);
}
END_TEST

START_TEST(a_pulse_without_width_lasts_its_period_as_in_ngspice)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 5e-5, 3e-3, 0, 1, 1e-4, 1e-4, 1e-4, 0, 8e-4);
  same(&w, 1.65e-4, 0.65);
  same(&w, 8.25e-4, 1.0);
  same(&w, 1.71e-3, 0.1);
  same(&w, 1.895e-3, 1.0);
  ck_assert_double_eq_tol(pn_wave_next_corner(&w, 5e-4), 9e-4, 1e-18);
}
END_TEST

START_TEST(a_number_of_pulses_ends_the_train)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 5e-5, 3e-3, 0, 1, 1e-4, 1e-4, 1e-4, 2e-4, 8e-4, 2);
  same(&w, 1.65e-4, 0.65);
  same(&w, 1.235e-3, 0.65);
  same(&w, 1.895e-3, 0.0);
  ck_assert(isinf(pn_wave_next_corner(&w, 1.35e-3)));
}
END_TEST

START_TEST(a_pulse_alone_takes_its_edges_from_the_step_and_its_width_from_the_stop_time)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-9, 1e-6, 0, 5);
  ck_assert_double_eq(w.p[3], 1e-9);
  ck_assert_double_eq(w.p[4], 1e-9);
  ck_assert_double_eq(w.p[5], 1e-6);
  pn_arena a;
  pn_arena_init(&a, 0);
  ck_assert_ptr_null(pn_wave_check(&a, &w));
  pn_arena_free(&a);
}
END_TEST

START_TEST(corners_of_a_pulse_do_not_drift_in_a_million_periods)
{
  double per = 0.1e-9, tr = 0.01e-9, pw = 0.03e-9, td = 0.3e-9;
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-12, 1e-3, -1, 1, td, tr, tr, pw, per);
  double t = 0.0, off[] = {0.0, tr, tr + pw, tr + pw + tr};
  for (long k = 0; k < 1000000; k++)
    for (int j = 0; j < 4; j++) {
      double next = pn_wave_next_corner(&w, t),
             exact = (double)((long double)k * per + td + off[j]);
      claim(next > t, "corner %ld.%d does not advance", k, j);
      claim(fabs(next - exact) <= 4 * DBL_EPSILON * exact, "period %ld corner %d: %.17g, not %.17g",
            k, j, next, exact);
      t = next;
    }
}
END_TEST

START_TEST(a_corner_is_never_returned_again_when_time_is_off_by_rounding)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-12, 1, 0, 1, 0, 1e-9, 1e-9, 4e-9, 1e-8);
  double t = 0.0;
  for (int k = 0; k < 100000; k++) {
    double next = pn_wave_next_corner(&w, t);
    claim(next - t > 1e-10, "step of %g s", next - t);
    double early = pn_wave_next_corner(&w, nextafter(next, 0.0));
    claim(early > next * (1.0 + DBL_EPSILON), "%.17g counts as its own successor", next);
    t = next;
  }
}
END_TEST

START_TEST(values_at_corners_are_exact)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-12, 1, -0.3, 0.7, 1e-9, 1e-9, 2e-9, 4e-9, 1e-8);
  double want[] = {-0.3, 0.7, 0.7, -0.3}, t = 0.0;
  for (int k = 0; k < 40000; k++) {
    t = pn_wave_next_corner(&w, t);
    claim(fabs(pn_wave_at(&w, t) - want[k % 4]) <= 1e-15, "value at corner %d", k);
  }
}
END_TEST

START_TEST(a_pulse_whose_edges_fill_its_period_has_each_corner_once)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-12, 1, 0, 1, 0, 0.3e-6, 0.3e-6, 0.4e-6, 1e-6);
  double t = 0.0;
  for (int k = 1; k <= 300000; k++) {
    double next = pn_wave_next_corner(&w, t);
    claim(next - t > 0.29e-6, "step of %g s after corner %d", next - t, k);
    t = next;
  }
  ck_assert_double_eq_tol(t, 0.1, 1e-12);
}
END_TEST

START_TEST(a_constant_pulse_has_no_corners)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-12, 1, 1, 1, 0, 1e-9, 1e-9, 4e-9, 1e-8);
  ck_assert(isinf(pn_wave_next_corner(&w, 0.0)));
}
END_TEST

START_TEST(pwl_interpolates_and_holds_its_ends)
{
  const double time[] = {1, 2, 4}, value[] = {1, 3, -1};
  pn_wave w = pwl(time, value, 3, 0.5, -1.0);
  ck_assert_double_eq(pn_wave_at(&w, 0.0), 1.0);
  ck_assert_double_eq(pn_wave_at(&w, 2.0), 2.0);
  ck_assert_double_eq(pn_wave_at(&w, 3.5), 1.0);
  ck_assert_double_eq(pn_wave_at(&w, 99.0), -1.0);
  ck_assert_double_eq(pn_wave_next_corner(&w, 0.0), 1.5);
  ck_assert_double_eq(pn_wave_next_corner(&w, 1.5), 2.5);
  ck_assert_double_eq(pn_wave_next_corner(&w, 2.5), 4.5);
  ck_assert(isinf(pn_wave_next_corner(&w, 4.5)));
}
END_TEST

START_TEST(pwl_repeats_from_r_as_in_ngspice)
{
  const double time[] = {0, 1e-3, 2e-3}, value[] = {0, 1, 0.5};
  pn_wave w = pwl(time, value, 3, 0.5e-3, 1e-3);
  same(&w, 5.75e-4, 7.5e-2);
  same(&w, 1.7e-3, 0.9);
  same(&w, 2.365e-3, 5.675e-01);
  same(&w, 2.615e-3, 9.425e-01);
}
END_TEST

START_TEST(corners_of_a_repeated_pwl_do_not_drift)
{
  const double time[] = {0, 1e-7, 3e-7, 8e-7}, value[] = {0, 1, -1, 0};
  pn_wave w = pwl(time, value, 4, 0.5e-7, 1e-7);
  double t = 0.0, first[] = {0.5e-7, 1.5e-7, 3.5e-7};
  for (int k = 0; k < 3; k++)
    ck_assert_double_eq_tol(t = pn_wave_next_corner(&w, t), first[k], 1e-20);
  for (long k = 1; k < 1000000; k++) {
    double start = (double)((long double)k * (8e-7 - 1e-7) + 1.5e-7);
    t = pn_wave_next_corner(&w, t);
    claim(fabs(t - start) <= 4 * DBL_EPSILON * start, "repetition %ld", k);
    claim(fabs(pn_wave_at(&w, t) - 1.0) <= 1e-15, "value at repetition %ld", k);
    t = pn_wave_next_corner(&w, t);
    claim(fabs(t - (start + 2e-7)) <= 4 * DBL_EPSILON * start, "repetition %ld", k);
  }
}
END_TEST

START_TEST(a_sine_keeps_its_phase_after_a_million_periods)
{
  pn_wave w = WAVE(PN_WAVE_SIN, 1e-9, 1, 0, 1, 1e6);
  ck_assert_double_eq_tol(pn_wave_at(&w, 1.0 + 0.25e-6), 1.0, 1e-9);
  ck_assert_double_eq_tol(pn_wave_at(&w, 1.0), 0.0, 1e-9);
}
END_TEST

START_TEST(periods_are_those_of_the_fastest_component)
{
  pn_wave sine = WAVE(PN_WAVE_SIN, 0, 0, 0, 1, 1e3, 1e-3);
  ck_assert_double_eq(pn_wave_period(&sine, 2e-3), 1e-3);
  ck_assert(isinf(pn_wave_period(&sine, 0.0)));
  ck_assert_double_eq(pn_wave_next_corner(&sine, 0.0), 1e-3);
  pn_wave fm = WAVE(PN_WAVE_SFFM, 0, 0, 0, 1, 1e4, 3, 1e3);
  ck_assert_double_eq(pn_wave_period(&fm, 0.0), 1.0 / 1.3e4);
  pn_wave am = WAVE(PN_WAVE_AM, 0, 0, 1, 1, 1e3, 1e4);
  ck_assert_double_eq(pn_wave_period(&am, 0.0), 1.0 / 1.1e4);
  pn_wave dc = {.kind = PN_WAVE_DC, .dc = 3.0};
  ck_assert(isinf(pn_wave_period(&dc, 0.0)) && isinf(pn_wave_next_corner(&dc, 0.0)));
}
END_TEST

START_TEST(dc_analyses_take_dc_when_given_and_else_the_start_of_the_wave)
{
  pn_wave w = WAVE(PN_WAVE_SIN, 0, 0, 0.25, 1, 1e3);
  ck_assert_double_eq(pn_wave_dc(&w), 0.25);
  w.dc_given = true;
  w.dc = 2.0;
  ck_assert_double_eq(pn_wave_dc(&w), 2.0);
}
END_TEST

START_TEST(impossible_waves_are_refused)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  const double bad_pulse[][8] = {
      {0, 1, 0, -1e-9, 1e-9, 1e-9, 1e-8}, {0, 1, 0, 1e-9, -1e-9, 1e-9, 1e-8},
      {0, 1, 0, 1e-9, 1e-9, -1e-9, 1e-8}, {0, 1, 0, 1e-9, 1e-9, 1e-9, -1e-8},
      {0, 1, 0, 1e-9, 1e-9, 9e-9, 1e-8},  {0, NAN, 0, 1e-9, 1e-9, 1e-9, 1e-8}};
  for (int k = 0; k < 6; k++) {
    pn_wave w = wave(PN_WAVE_PULSE, bad_pulse[k], 8, 1e-9, 1e-6);
    ck_assert_msg(pn_wave_check(&a, &w) != NULL, "pulse %d was accepted", k);
  }
  const double time[] = {0, 2, 2}, value[] = {0, 1, 2};
  pn_wave w = pwl(time, value, 3, 0, -1);
  ck_assert_ptr_nonnull(pn_wave_check(&a, &w));
  w = pwl(time, value, 2, 0, 2.0);
  ck_assert_ptr_nonnull(pn_wave_check(&a, &w));
  w = pwl(time, value, 2, 0, 0.0);
  ck_assert_ptr_null(pn_wave_check(&a, &w));
  w = WAVE(PN_WAVE_EXP, 1, 1, 0, 1, 2e-3, 1e-3, 1e-3, 1e-3);
  ck_assert_ptr_nonnull(pn_wave_check(&a, &w));
  pn_arena_free(&a);
}
END_TEST

START_TEST(a_period_too_short_to_count_does_not_hang)
{
  pn_wave w = WAVE(PN_WAVE_PULSE, 1e-40, 1, 0, 1, 0, 1e-40, 1e-40, 1e-40, 1e-39);
  ck_assert(isfinite(pn_wave_at(&w, 1.0)));
  ck_assert(pn_wave_next_corner(&w, 1.0) > 1.0);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("waveforms");
  TCase *tc = tcase_create("waveforms");
  tcase_add_test(tc, values_are_those_of_ngspice);
  tcase_add_test(tc, a_pulse_without_width_lasts_its_period_as_in_ngspice);
  tcase_add_test(tc, a_number_of_pulses_ends_the_train);
  tcase_add_test(tc, a_pulse_alone_takes_its_edges_from_the_step_and_its_width_from_the_stop_time);
  tcase_add_test(tc, corners_of_a_pulse_do_not_drift_in_a_million_periods);
  tcase_add_test(tc, a_corner_is_never_returned_again_when_time_is_off_by_rounding);
  tcase_add_test(tc, values_at_corners_are_exact);
  tcase_add_test(tc, a_pulse_whose_edges_fill_its_period_has_each_corner_once);
  tcase_add_test(tc, a_constant_pulse_has_no_corners);
  tcase_add_test(tc, pwl_interpolates_and_holds_its_ends);
  tcase_add_test(tc, pwl_repeats_from_r_as_in_ngspice);
  tcase_add_test(tc, corners_of_a_repeated_pwl_do_not_drift);
  tcase_add_test(tc, a_sine_keeps_its_phase_after_a_million_periods);
  tcase_add_test(tc, periods_are_those_of_the_fastest_component);
  tcase_add_test(tc, dc_analyses_take_dc_when_given_and_else_the_start_of_the_wave);
  tcase_add_test(tc, impossible_waves_are_refused);
  tcase_add_test(tc, a_period_too_short_to_count_does_not_hang);
  suite_add_tcase(suite, tc);
  SRunner *sr = srunner_create(suite);
  srunner_run_all(sr, CK_NORMAL);
  int failed = srunner_ntests_failed(sr);
  srunner_free(sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
