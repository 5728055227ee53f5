/* Noise of semiconductors: shot noise of the current that flows, m devices in parallel are m devices, and a
 * device at thermal equilibrium has the thermal noise of its conductance. */
#include "devices/classes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 200, MOST_LOCALS = 8, MOST_NOISE = 16 };

static const pn_device_class *class_of(const char *name)
{
  for (int k = 0; pn_device_classes[k]; k++)
    if (!strcmp(pn_device_classes[k]->name, name))
      return pn_device_classes[k];
  ck_abort_msg("no class %s", name);
  return NULL;
}

static void set(const pn_device_class *c, double *p, const char *name, double value)
{
  int k = pn_param_find(c->params, c->n_params, pn_str_of(name));
  ck_assert_int_ge(k, 0);
  p[k] = value;
}

static void defaults(const pn_device_class *c, double *p)
{
  for (int k = 0; k < c->n_params; k++)
    p[k] = c->params[k].value;
}

static const pn_noise *source(const pn_noise *all, int n, const char *name)
{
  for (int k = 0; k < n; k++)
    if (!strcmp(all[k].name, name))
      return &all[k];
  ck_abort_msg("no source %s", name);
  return NULL;
}

START_TEST(m_devices_in_parallel_have_m_times_the_noise_power_of_one)
{
  static const char *const names[] = {"diode", "bjt", "jfet", "mesfet", "mos1", "mos3"};
  const pn_device_class *c = class_of(names[_i]);
  double p[MOST], u[MOST_LOCALS] = {0.6, 0.5, 0.0, -0.1, 0.55, 0.5, 0.02}, h[16] = {0};
  pn_noise one[MOST_NOISE] = {0}, five[MOST_NOISE] = {0};
  if (!strcmp(c->name, "diode"))
    u[1] = 0.0, u[2] = 0.58;
  for (int many = 0; many < 2; many++) {
    defaults(c, p);
    set(c, p, "kf", 1e-14);
    set(c, p, "af", 1.3);
    set(c, p, strcmp(c->name, "bjt") ? "rs" : "rb", 10.0);
    if (!strncmp(c->name, "mos", 3))
      set(c, p, "kf", 1e-26), set(c, p, "tox", 2e-8);
    set(c, p, "m", many ? 5.0 : 1.0);
    c->derive(c, p, 300.15);
    c->noise(c, p, u, h, 300.15, many ? five : one);
  }
  for (int k = 0; k < c->n_noise; k++) {
    ck_assert_double_le(fabs(five[k].white - 5.0 * one[k].white), 1e-12 * five[k].white);
    ck_assert_double_le(fabs(five[k].flicker - 5.0 * one[k].flicker), 1e-12 * five[k].flicker);
  }
  ck_assert_double_gt(source(one, c->n_noise, "1overf")->flicker, 0.0);
}
END_TEST

/* 2 q I of is (exp(V/Vt) - 1), V on the junction itself. */
START_TEST(a_diodes_shot_noise_is_that_of_its_current)
{
  const pn_device_class *c = class_of("diode");
  double p[MOST], u[MOST_LOCALS] = {0.6, 0.0, 0.6}, h[1] = {0};
  pn_noise out[MOST_NOISE] = {0};
  defaults(c, p);
  set(c, p, "is", 3e-14);
  c->derive(c, p, 300.0);
  c->noise(c, p, u, h, 300.0, out);
  double i = 3e-14 * exp(1.11 / 8.617333e-5 * (1 / 300.15 - 1 / 300.0)) * pow(300.0 / 300.15, 3) *
             expm1(0.6 / (8.617333262e-5 * 300.0));
  double white = source(out, c->n_noise, "id")->white;
  ck_assert_double_eq_tol(white, 2 * 1.602176634e-19 * i, 1e-4 * white);
}
END_TEST

/* The resistances of an instance are as hot as the instance. */
START_TEST(thermal_noise_is_that_of_the_instances_own_temperature)
{
  const pn_device_class *c = class_of("mos1");
  double p[MOST], u[MOST_LOCALS] = {1, 1.5, 0, 0, 0.9, 0.1}, h[16] = {0};
  pn_noise out[MOST_NOISE] = {0};
  defaults(c, p);
  set(c, p, "rd", 100.0);
  set(c, p, "temp", 126.85);
  c->derive(c, p, 300.0);
  c->noise(c, p, u, h, 300.0, out);
  ck_assert_double_eq_tol(source(out, c->n_noise, "rd")->white, 4 * 1.380649e-23 * 400.0 / 100.0,
                          1e-30);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("semi_noise");
  TCase *t = tcase_create("all");
  tcase_add_loop_test(t, m_devices_in_parallel_have_m_times_the_noise_power_of_one, 0, 6);
  tcase_add_test(t, a_diodes_shot_noise_is_that_of_its_current);
  tcase_add_test(t, thermal_noise_is_that_of_the_instances_own_temperature);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
