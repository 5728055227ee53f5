/* Published numbers of the memristor models: each test names the paper (or the derivation in the
 * model's own documents) whose number it reproduces. */
#include "generated/memristor_point.h"

#include <check.h>

static void close_to(double have, double want, double relative)
{
  ck_assert_msg(fabs(have - want) <= relative * fabs(want), "%.10g instead of %.10g", have, want);
}

static instance default_of(const char *name)
{
  const pn_memristor *m = pn_memristor_find(pn_str_of(name));
  ck_assert_ptr_nonnull(m);
  return make_instance(m);
}

static double rate(const instance *d, double v, double x)
{
  return evaluate(d, v, &x).g[0];
}

static double conductance(const instance *d, double v, double x)
{
  return evaluate(d, v, &x).i / v;
}

/* ---- taox: Strachan et al., IEEE TED 60, 2194 (2013) ---- */

START_TEST(taox_conducts_as_strachan_2013)
{
  instance d = default_of("taox");
  close_to(conductance(&d, 1e-12, 0.1), 2.507e-3, 3e-4);
  close_to(conductance(&d, 1e-12, 1.0), 25e-3, 1e-9);
}
END_TEST

START_TEST(taox_switches_at_the_rates_of_strachan_2013)
{
  instance d = default_of("taox");
  close_to(rate(&d, 0.5, 0.2), 2.05043e5, 5e-6);
  close_to(rate(&d, -0.5, 0.2), -8.50036e4, 5e-6);
  ck_assert_double_eq(rate(&d, 0.0, 0.2), 0.0);
}
END_TEST

/* The zero of f(x) between lo and hi by bisection. */
static double zero_of(double (*f)(const instance *, double, double), const instance *d, double par,
                      double lo, double hi)
{
  bool rising = f(d, par, hi) > 0.0;
  for (int k = 0; k < 200; k++) {
    double mid = 0.5 * (lo + hi);
    if ((f(d, par, mid) > 0.0) == rising)
      hi = mid;
    else
      lo = mid;
  }
  return 0.5 * (lo + hi);
}

static double mean_rate(const instance *d, double v, double x)
{
  return 0.5 * (rate(d, v, x) + rate(d, -v, x));
}

/* Ascoli et al., IEEE TCAS-I 63, 389 (2016): a symmetric square wave erases the past. The equations'
 * own zero is 0.31415. */
START_TEST(taox_under_a_square_wave_of_half_a_volt_settles_at_0_3145)
{
  instance d = default_of("taox");
  close_to(zero_of(mean_rate, &d, 0.5, 0.05, 0.95), 0.3145, 1.2e-3);
}
END_TEST

/* Zero of the mean rate over an offset, x given: Song et al., ACS Nano (2023), Fig. 14g. */
static double rate_with_offset(const instance *d, double x, double offset)
{
  return 0.5 * (rate(d, offset + 0.45, x) + rate(d, offset - 0.45, x));
}

START_TEST(taox_is_written_by_the_offset_of_a_square_wave)
{
  instance d = default_of("taox");
  double target[] = {0.1, 0.5, 0.9}, offset[] = {-0.04282, 0.06625, 0.18935};
  for (int k = 0; k < 3; k++)
    ck_assert_double_eq_tol(zero_of(rate_with_offset, &d, target[k], -0.3, 0.3), offset[k], 1e-5);
}
END_TEST

/* ---- nbox: Ascoli et al., Front. Neurosci. 15, 651452 (2021) ---- */

/* The voltage that holds the temperature x: g = 0 is linear in v^2. */
static double nbox_voltage(const instance *d, double x)
{
  double cold = rate(d, 0.0, x), heated = rate(d, 1.0, x);
  return sqrt(-cold / (heated - cold));
}

START_TEST(nbox_has_the_dc_curve_of_ascoli_2021)
{
  static const double table[][3] = {{300, 0.96068, 0.92793e-3}, {320, 0.97239, 1.30014e-3},
                                    {340, 0.96033, 1.70322e-3}, {360, 0.93956, 2.13539e-3},
                                    {400, 0.89221, 3.07849e-3}, {500, 0.78867, 5.82632e-3}};
  instance d = default_of("nbox");
  for (int k = 0; k < PN_COUNT(table); k++) {
    double x = table[k][0], v = nbox_voltage(&d, x);
    close_to(v, table[k][1], 2e-5);
    close_to(evaluate(&d, v, &x).i, table[k][2], 2e-5);
  }
}
END_TEST

START_TEST(nbox_has_its_voltage_peak_at_316_65_kelvin)
{
  instance d = default_of("nbox");
  double best = 0.0, at = 0.0;
  for (double x = 300.0; x < 340.0; x += 0.001) {
    double v = nbox_voltage(&d, x);
    if (v > best) {
      best = v;
      at = x;
    }
  }
  close_to(best, 0.972734, 1e-6);
  ck_assert_double_eq_tol(at, 316.65, 0.01);
  close_to(evaluate(&d, best, &at).i, 1.23555e-3, 1e-4);
}
END_TEST

START_TEST(nbox_rests_at_ambient_temperature)
{
  instance d = default_of("nbox");
  ck_assert_double_eq_tol(zero_of(rate, &d, 0.0, 250.0, 300.0), 253.17, 0.005);
}
END_TEST

/* Operating point of the cell of Ascoli et al., IEEE TCAS-I 69, 1252 (2022), with the reconstructed
 * 1.25 V and 200 ohm: slopes of its linearisation. */
START_TEST(nbox_is_locally_active_in_the_published_cell)
{
  instance d = default_of("nbox");
  double x = 324.893491, v = 0.97080854;
  point o = evaluate(&d, v, &x);
  close_to(o.i, 1.39595729e-3, 1e-8);
  close_to(o.i_v, 1.43793264e-3, 1e-8);
  close_to(o.g_x[0][0], 1.324563e6, 1e-5);
  close_to(o.g_v[0], 3.029056e9, 1e-6);
  close_to(o.i_x[0], 2.039837e-5, 1e-6);
  double r_dc = 1.0 / (o.i_v - o.i_x[0] * o.g_v[0] / o.g_x[0][0]);
  close_to(r_dc, -22.11912, 1e-5);
}
END_TEST

/* ---- lineardrift: Strukov et al., Nature 453, 80 (2008) ---- */

START_TEST(lineardrift_drifts_with_the_constant_of_strukov_2008)
{
  instance d = default_of("lineardrift");
  d.p[pn_param_find(d.m->params, d.m->n_params, PN_STR("window"))] = 0.0;
  rederive(&d);
  double x = 0.3, v = 1.0, r = 100.0 * 0.3 + 16e3 * 0.7;
  point o = evaluate(&d, v, &x);
  close_to(o.i, v / r, 1e-14);
  close_to(o.g[0], 1e4 * v / r, 1e-14); /* mu ron / d^2 = 1e4 1/(A s) */
}
END_TEST

/* Windows: 1 Joglekar 2009, 2 Biolek 2009, 3 Prodromakis 2011, 4 Strukov 2008; p = 2, j = 1. */
START_TEST(lineardrift_has_the_windows_of_its_papers)
{
  instance d = default_of("lineardrift");
  int window = pn_param_find(d.m->params, d.m->n_params, PN_STR("window"));
  double x = 0.3, r = 100.0 * x + 16e3 * (1 - x);
  double want[][2] = {{1, 1},
                      {1 - pow(0.4, 4), 1 - pow(0.4, 4)},
                      {1 - pow(0.3, 4), 1 - pow(0.7, 4)},
                      {1 - 0.79 * 0.79, 1 - 0.79 * 0.79},
                      {0.21, 0.21}};
  for (int k = 0; k < 5; k++) {
    d.p[window] = k;
    rederive(&d);
    close_to(rate(&d, 1.0, x), 1e4 / r * want[k][0], 1e-12);
    close_to(rate(&d, -1.0, x), -1e4 / r * want[k][1], 1e-12);
  }
}
END_TEST

/* ---- vteam: Kvatinsky et al., IEEE TCAS-II 62, 786 (2015); numbers of MemTorch ---- */

START_TEST(vteam_stands_still_between_its_thresholds)
{
  instance d = default_of("vteam");
  ck_assert_double_eq(rate(&d, 0.0199, 1e-9), 0.0);
  ck_assert_double_eq(rate(&d, -0.199, 1e-9), 0.0);
}
END_TEST

START_TEST(vteam_drifts_with_the_power_of_the_excess_voltage)
{
  instance d = default_of("vteam");
  close_to(rate(&d, 1.0, 1e-9), 5e-4 * (1.0 / 0.02 - 1.0), 1e-12);
  close_to(rate(&d, -1.0, 1e-9), -10.0 * pow(4.0, 3), 1e-12);
  close_to(conductance(&d, 0.1, 3e-9), 1e-3, 1e-12);
  close_to(conductance(&d, 0.1, 0.0), 1.0 / 50.0, 1e-12);
}
END_TEST

/* ---- mott: Pickett and Williams, Nanotechnology 23, 215202 (2012) ---- */

/* Voltage at which the core's radius stands still: the heating term is proportional to v^2. */
static double mott_voltage(const instance *d, double u)
{
  double cold = rate(d, 0.0, u), heated = rate(d, 1.0, u);
  return sqrt(-cold / (heated - cold));
}

START_TEST(mott_has_the_extremes_of_its_dc_curve)
{
  instance d = default_of("mott");
  double u_max = 0.055, u_min = 0.5945, top = mott_voltage(&d, u_max);
  close_to(top, 1.4447, 1e-4);
  close_to(evaluate(&d, top, &u_max).i, 35.3e-6, 2e-3);
  double low = mott_voltage(&d, u_min);
  close_to(low, 0.7445, 1e-4);
  close_to(evaluate(&d, low, &u_min).i, 382e-6, 2e-3);
  for (double u = 0.03; u < 0.9; u += 0.001) {
    ck_assert_msg(u > 0.3 || mott_voltage(&d, u) <= top * (1 + 1e-6), "higher at u=%g", u);
    ck_assert_msg(u < 0.3 || mott_voltage(&d, u) >= low * (1 - 1e-6), "lower at u=%g", u);
  }
}
END_TEST

START_TEST(mott_switches_between_49500_and_707_ohm)
{
  instance d = default_of("mott");
  close_to(1.0 / conductance(&d, 0.1, 1e-6), 49.5e3, 1e-3);
  close_to(1.0 / conductance(&d, 0.1, 1.0 - 1e-5), 707.0, 1e-3);
}
END_TEST

/* ---- al2o3: He et al., Nat. Commun. (2025) ---- */

/* Near u = 1 the shell's part of dH/du, (1 - u^2 + 2 u^2 ln u)/(2 u (ln u)^2), is 1 - (1 - u)/3, and cancels as it stands. */
START_TEST(mott_keeps_its_digits_where_the_core_fills_the_channel)
{
  instance d = make_instance(pn_memristor_find(PN_STR("mott")));
  double gap = 1e-5, u = 1.0 - gap, volume = M_PI * 30e-9 * 30e-9 * 20e-9;
  double cooling = 2.0 * M_PI * 20e-9 * 1.5 * 784.0 / log1p(-gap);
  double enthalpy = volume * (2.6e6 * 784.0 * (1.0 - gap / 3.0) + 2.0 * 1.6e8 * u);
  point o = evaluate(&d, 0.0, &u);
  ck_assert_double_eq_tol(o.g[0] / (cooling / enthalpy), 1.0, 2e-9);
}
END_TEST

START_TEST(al2o3_goes_from_10_to_30_microsiemens_in_35_pulses)
{
  instance d = default_of("al2o3");
  close_to(conductance(&d, 0.5, 0.0), 10e-6, 1e-12);
  close_to(conductance(&d, 0.5, 1.0), 30e-6, 1e-12);
  for (double x = 0.0; x <= 1.0; x += 0.125) /* the same step everywhere: 35 pulses of 1 ms */
    close_to(rate(&d, 1.6, x) * 35e-3, 1.0, 1e-6);
  ck_assert(rate(&d, 0.5, 0.5) * 1e-3 < 1e-6); /* reading for 1 ms */
}
END_TEST

/* ---- ag2s: Zhu et al., Nano-Micro Lett. (2025) ---- */

START_TEST(ag2s_switches_in_a_microsecond_and_not_by_reading)
{
  instance d = default_of("ag2s");
  close_to(rate(&d, -0.3, 0.0) * 1e-6, 1.0, 1e-5);
  close_to(conductance(&d, 5e-3, 1.0) / conductance(&d, 5e-3, 0.0), 1e6, 1e-9);
  ck_assert(fabs(rate(&d, -5e-3, 0.5)) < 1e-9);
  ck_assert(fabs(rate(&d, -0.22, 0.0)) > 1.0 && fabs(rate(&d, -0.18, 0.0)) < 0.1);
}
END_TEST

/* ---- agmos2: Marraccini et al., Nanoscale (2026) ---- */

/* Time in which a filament of conductance g, S, dissolves by itself. */
static double retention(const instance *d, double g)
{
  double x = g / 10e-3;
  return -x / rate(d, 0.0, x);
}

START_TEST(agmos2_forgets_small_filaments_and_keeps_large_ones)
{
  instance d = default_of("agmos2");
  /* under an ideal limiter the device keeps about 1 V */
  ck_assert(retention(&d, 10e-6 / 1.0) < 2e-3);
  ck_assert(retention(&d, 100e-6 / 1.0) > 9e2);
  ck_assert(retention(&d, 1e-3 / 1.0) > 1e8);
}
END_TEST

static double rate_above(const instance *d, double target, double v)
{
  return fabs(rate(d, v, 1e-6)) - target;
}

START_TEST(agmos2_has_the_laws_and_thresholds_of_marraccini_2026)
{
  instance d = default_of("agmos2");
  close_to(conductance(&d, 0.1, 0.5), conductance(&d, 0.5, 0.5), 1e-4); /* ohmic filament */
  double film[] = {evaluate(&d, 1.0, &(double){1e-6}).i, evaluate(&d, 2.0, &(double){1e-6}).i};
  close_to(film[1] / film[0], 4.0, 0.05);                   /* I ~ V^2 */
  ck_assert(film[0] > 1.0 / 100e6 && film[0] < 1.0 / 10e3); /* 10 kohm to 100 Mohm */
  ck_assert(conductance(&d, 1.0, 0.1) / film[0] > 1e3);
  /* 50 ms of switching at the medians, exp(0.202) and exp(-0.025) V */
  double set = zero_of(rate_above, &d, 20.0, 0.5, 2.0);
  close_to(set, 1.22, 1e-3);
  close_to(zero_of(rate_above, &d, 20.0, -0.5, -2.0), -0.98, 1e-3);
  /* one standard deviation of v_set, lognormal, is one of the threshold */
  d.p[pn_param_find(d.m->params, d.m->n_params, PN_STR("v_set"))] *= exp(0.776);
  close_to(zero_of(rate_above, &d, 20.0, 0.5, 5.0), set * exp(0.776), 1e-3);
}
END_TEST

/* ---- pulse: Chen, Peng, Yu, IEDM 2017 (MLP NeuroSim V3.0) ---- */

START_TEST(pulse_has_the_labels_that_neurosim_tabulates)
{
  static const double table[][2] = {{1.51, 0.8195}, {3.01, 0.3853}, {4.51, 0.2266},
                                    {6.01, 0.1351}, {7.51, 0.0702}, {0.01, 126.27}};
  for (int k = 0; k < PN_COUNT(table); k++) {
    instance d = default_of("pulse");
    d.p[pn_param_find(d.m->params, d.m->n_params, PN_STR("nl_ltp"))] = table[k][0];
    rederive(&d);
    double end = d.p[d.m->n_params]; /* 1/(1 - exp(-1/a)) */
    close_to(-1.0 / log(1.0 - 1.0 / end), table[k][1], 3e-3);
  }
}
END_TEST

/* ---- nili: Nili et al., IEEE TNANO 19, 344 (2020) ---- */

START_TEST(nili_conducts_its_state_at_room_temperature)
{
  instance d = default_of("nili");
  d.temp = 273.15 + 22.1;
  retune(&d);
  for (double g = 5e-6; g < 300e-6; g *= 2.0) { /* a11 = 0.977; the offset vanishes at 22.1 degC */
    double x[] = {g, 0.0, g}, cubic = 1.605e-3 * pow(22.1, -1.33);
    close_to(evaluate(&d, 1e-9, x).i / 1e-9, 0.977 * g, 1e-3);
    double at = evaluate(&d, 0.4, x).i / 0.4 - 0.977 * g;
    close_to(at, 0.16 * (1.18 * g + 6596.0 * g * g + cubic), 3e-3);
  }
}
END_TEST

/* ---- values of the published equations at one point, by a calculation of their own ---- */

typedef struct value {
  const char *model, *set;
  double v, x[3], i, g;
} value;

/* Computed from the papers' formulas by tests/tools/published_points.py. */
static const value values[] = {
#include "generated/published_points.inc"
};

START_TEST(published_equations_give_these_values)
{
  const value *w = &values[_i];
  const pn_memristor *m = pn_memristor_find(pn_str_of(w->model));
  ck_assert_ptr_nonnull(m);
  instance d = make_instance(m);
  if (*w->set) {
    const pn_mem_set *set = pn_mem_set_find(m, pn_str_of(w->set));
    ck_assert_ptr_nonnull(set);
    pn_mem_set_apply(set, d.p);
    rederive(&d);
  }
  double x[MAX_STATES] = {w->x[0], w->x[1], w->x[2]};
  settle(&d, w->v, x);
  point o = evaluate(&d, w->v, x);
  ck_assert_msg(fabs(o.i - w->i) <= 1e-9 * fabs(w->i), "%s: i = %.12g, not %.12g", w->model, o.i,
                w->i);
  ck_assert_msg(fabs(o.g[0] - w->g) <= 1e-9 * fabs(w->g), "%s: dx/dt = %.12g, not %.12g", w->model,
                o.g[0], w->g);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("published numbers");
  TCase *tc = tcase_create("memristors");
  tcase_add_test(tc, taox_conducts_as_strachan_2013);
  tcase_add_test(tc, taox_switches_at_the_rates_of_strachan_2013);
  tcase_add_test(tc, taox_under_a_square_wave_of_half_a_volt_settles_at_0_3145);
  tcase_add_test(tc, taox_is_written_by_the_offset_of_a_square_wave);
  tcase_add_test(tc, nbox_has_the_dc_curve_of_ascoli_2021);
  tcase_add_test(tc, nbox_has_its_voltage_peak_at_316_65_kelvin);
  tcase_add_test(tc, nbox_rests_at_ambient_temperature);
  tcase_add_test(tc, nbox_is_locally_active_in_the_published_cell);
  tcase_add_test(tc, lineardrift_drifts_with_the_constant_of_strukov_2008);
  tcase_add_test(tc, lineardrift_has_the_windows_of_its_papers);
  tcase_add_test(tc, vteam_stands_still_between_its_thresholds);
  tcase_add_test(tc, vteam_drifts_with_the_power_of_the_excess_voltage);
  tcase_add_test(tc, mott_has_the_extremes_of_its_dc_curve);
  tcase_add_test(tc, mott_switches_between_49500_and_707_ohm);
  tcase_add_test(tc, mott_keeps_its_digits_where_the_core_fills_the_channel);
  tcase_add_test(tc, al2o3_goes_from_10_to_30_microsiemens_in_35_pulses);
  tcase_add_test(tc, ag2s_switches_in_a_microsecond_and_not_by_reading);
  tcase_add_test(tc, agmos2_forgets_small_filaments_and_keeps_large_ones);
  tcase_add_test(tc, agmos2_has_the_laws_and_thresholds_of_marraccini_2026);
  tcase_add_test(tc, pulse_has_the_labels_that_neurosim_tabulates);
  tcase_add_test(tc, nili_conducts_its_state_at_room_temperature);
  tcase_add_loop_test(tc, published_equations_give_these_values, 0, PN_COUNT(values));
  suite_add_tcase(suite, tc);
  SRunner *sr = srunner_create(suite);
  srunner_run_all(sr, CK_NORMAL);
  int failed = srunner_ntests_failed(sr);
  srunner_free(sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
