/* The built-in device classes: tables are consistent, linear stamps are those of the equations,
 * switches remember and flip exactly at their thresholds. */
#include "devices/device.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { MAX = 16 };

/* One instance's block, evaluated: jf, jq [pair] of lane 0. */
typedef struct stamp {
  double p[MAX], u[MAX], h[4], f[MAX], jf[MAX], jq[MAX], ev[4];
} stamp;

static const pn_device_class *class_named(const char *name)
{
  for (int k = 0; pn_device_classes[k]; k++)
    if (strcmp(pn_device_classes[k]->name, name) == 0)
      return pn_device_classes[k];
  ck_abort_msg("no class %s", name);
  return NULL;
}

static void set(const pn_device_class *c, stamp *s, const char *name, double value)
{
  int k = pn_param_find(c->params, c->n_params, pn_str_of(name));
  ck_assert_msg(k >= 0, "%s has no %s", c->name, name);
  s->p[k] = value;
}

static stamp fresh(const pn_device_class *c)
{
  stamp s;
  memset(&s, 0, sizeof s);
  for (int k = 0; k < c->n_params; k++)
    s.p[k] = c->params[k].value;
  return s;
}

static void spread(double *rows, const double *one, int n)
{
  for (int k = 0; k < n; k++)
    for (int l = 0; l < PN_LANES; l++)
      rows[k * PN_LANES + l] = one[k];
}

static void run(const pn_device_class *c, stamp *s, double temp)
{
  static double p[MAX * PN_LANES], u[MAX * PN_LANES], h[16 * PN_LANES], f[MAX * PN_LANES];
  static double q[MAX * PN_LANES], jf[MAX * PN_LANES], jq[MAX * PN_LANES], ev[4 * PN_LANES];
  if (c->derive)
    c->derive(c, s->p, temp);
  spread(p, s->p, c->n_params + c->n_derived);
  spread(u, s->u, c->n_locals);
  spread(h, s->h, c->n_hist);
  pn_dev_block b = {
      .p = p, .u = u, .h = h, .temp = temp, .f = f, .q = q, .jf = jf, .jq = jq, .n = PN_LANES};
  c->eval(c, &b);
  if (c->events)
    c->events(c, &b, ev);
  for (int k = 0; k < c->n_pairs; k++) {
    s->jf[k] = jf[k * PN_LANES];
    s->jq[k] = jq[k * PN_LANES];
  }
  for (int k = 0; k < c->n_locals; k++)
    s->f[k] = f[k * PN_LANES];
  for (int k = 0; k < c->n_events; k++)
    s->ev[k] = ev[k * PN_LANES];
}

START_TEST(tables_are_complete_and_consistent)
{
  const pn_device_class *c = pn_device_classes[_i];
  ck_assert(c->name && c->title && c->letter && c->eval);
  ck_assert_msg(c->n_derived == 0 || c->derive, "%s", c->name);
  ck_assert_msg(c->n_hist == 0 || (c->init_hist && c->accept) || c->advance || c->waves, "%s",
                c->name);
  for (int k = 0; k < c->n_pairs; k++)
    ck_assert_msg(c->pairs[k].row < c->n_locals && c->pairs[k].col < c->n_locals, "%s pair %d",
                  c->name, k);
  for (int k = 1; k < c->n_locals; k++)
    ck_assert_msg(c->locals[k].kind >= c->locals[k - 1].kind, "%s: locals are out of order",
                  c->name);
  for (int k = 0; k < c->n_params; k++) {
    const pn_param *p = &c->params[k];
    ck_assert_msg(p->doc[strlen(p->doc) - 1] == '.' && *p->unit && *p->source, "%s: %s", c->name,
                  p->name);
    ck_assert_int_eq(pn_param_find(c->params, c->n_params, pn_str_of(p->name)), k);
  }
}
END_TEST

START_TEST(a_resistor_follows_its_temperature_coefficients)
{
  const pn_device_class *c = class_named("resistor");
  stamp s = fresh(c);
  set(c, &s, "r", 1e3);
  set(c, &s, "tc1", 1e-3);
  set(c, &s, "tc2", 1e-5);
  run(c, &s, 300.15 + 10.0);
  double g = 1e-3 / (1.0 + 1e-2 + 1e-3);
  ck_assert_double_eq_tol(s.jf[0], g, 1e-15);
  ck_assert_double_eq_tol(s.jf[1], -g, 1e-15);
  ck_assert_double_eq_tol(s.jf[3], g, 1e-15);
  set(c, &s, "temp", 27.0);
  set(c, &s, "m", 2.0);
  run(c, &s, 500.0);
  ck_assert_double_eq_tol(s.jf[0], 2e-3, 1e-15);
}
END_TEST

START_TEST(a_resistor_of_zero_ohm_is_refused)
{
  pn_arena a;
  pn_arena_init(&a, 0);
  const pn_device_class *c = class_named("resistor");
  stamp s = fresh(c);
  set(c, &s, "r", 0.0);
  ck_assert_ptr_nonnull(strstr(c->check(c, &a, s.p), "0 ohm"));
  set(c, &s, "r", -50.0);
  ck_assert_ptr_null(c->check(c, &a, s.p));
  pn_arena_free(&a);
}
END_TEST

START_TEST(capacitors_and_inductors_stamp_charge_and_flux)
{
  const pn_device_class *c = class_named("capacitor");
  stamp s = fresh(c);
  set(c, &s, "c", 2e-9);
  set(c, &s, "m", 3.0);
  run(c, &s, 300.15);
  ck_assert_double_eq_tol(s.jq[0], 6e-9, 1e-20);
  ck_assert_double_eq(s.jf[0], 0.0);
  c = class_named("inductor");
  s = fresh(c);
  set(c, &s, "l", 2e-3);
  set(c, &s, "m", 2.0);
  run(c, &s, 300.15);
  ck_assert_double_eq_tol(s.jq[4], -1e-3, 1e-15); /* v - d/dt(L i) = 0 */
  ck_assert_double_eq(s.jf[2], 1.0);
}
END_TEST

START_TEST(a_coupling_stamps_minus_m_into_both_flux_rows)
{
  const pn_device_class *c = class_named("mutual");
  stamp s = fresh(c);
  set(c, &s, "k", 0.5);
  set(c, &s, "l1", 4e-3);
  set(c, &s, "l2", 1e-3);
  run(c, &s, 300.15);
  ck_assert_double_eq_tol(s.jq[0], -1e-3, 1e-15);
  ck_assert_double_eq_tol(s.jq[1], -1e-3, 1e-15);
}
END_TEST

/* What a linear class computes for given unknowns: rows of JF u. */
static void rows_of(const pn_device_class *c, const stamp *s, double *f)
{
  memset(f, 0, MAX * sizeof *f);
  for (int k = 0; k < c->n_pairs; k++)
    f[c->pairs[k].row] += s->jf[k] * s->u[c->pairs[k].col];
}

START_TEST(controlled_sources_obey_their_equations)
{
  const char *name[] = {"vcvs", "vccs", "cccs", "ccvs"};
  /* unknowns p, n, control(s), branch; then the expected rows with gain 3 */
  const double u[][5] = {{5, 1, 0.7, 0.2, 9}, {5, 1, 0.7, 0.2}, {5, 1, 0.7}, {5, 1, 0.7, 9}};
  const double f[][5] = {
      {9, -9, 0, 0, 4 - 1.5}, {1.5, -1.5, 0, 0}, {2.1, -2.1, 0}, {9, -9, 0, 4 - 2.1}};
  for (int k = 0; k < 4; k++) {
    const pn_device_class *c = class_named(name[k]);
    stamp s = fresh(c);
    set(c, &s, "gain", 3.0);
    memcpy(s.u, u[k], sizeof u[k]);
    run(c, &s, 300.15);
    double have[MAX];
    rows_of(c, &s, have);
    for (int r = 0; r < c->n_locals; r++)
      ck_assert_msg(fabs(have[r] - f[k][r]) < 1e-14, "%s row %d: %g", name[k], r, have[r]);
  }
}
END_TEST

START_TEST(a_switch_remembers_between_its_thresholds)
{
  const char *name[] = {"vswitch", "cswitch"}, *threshold[] = {"vt", "it"}, *half[] = {"vh", "ih"};
  const pn_device_class *c = class_named(name[_i]);
  stamp s = fresh(c);
  set(c, &s, threshold[_i], 1.0);
  set(c, &s, half[_i], 0.2);
  set(c, &s, "ron", 10.0);
  set(c, &s, "roff", 1e6);
  c->init_hist(c, s.p, s.h);
  const double control[] = {0.0, 1.1, 1.2, 1.3, 0.9, 0.8, 1.0}, on[] = {0, 0, 1, 1, 1, 0, 0};
  for (int k = 0; k < 7; k++) {
    s.u[0] = 1.0;
    s.u[2] = control[k];
    c->accept(c, 0.0, s.p, s.u, s.h);
    ck_assert_msg(s.h[0] == on[k], "%s at %g", c->name, control[k]);
    run(c, &s, 300.15);
    ck_assert_double_eq_tol(s.f[0], on[k] ? 0.1 : 1e-6, 1e-15);
    ck_assert_double_eq_tol(s.jf[0], on[k] ? 0.1 : 1e-6, 1e-15);
    ck_assert_double_eq_tol(s.ev[0], control[k] - (on[k] ? 0.8 : 1.2), 1e-14);
  }
}
END_TEST

START_TEST(a_switch_on_its_threshold_does_not_flip_for_ever)
{
  const pn_device_class *c = class_named("vswitch");
  stamp s = fresh(c);
  set(c, &s, "vt", 0.5);
  c->init_hist(c, s.p, s.h);
  s.u[2] = 0.5;
  ck_assert(c->accept(c, 0.0, s.p, s.u, s.h));
  ck_assert(!c->accept(c, 0.0, s.p, s.u, s.h));
  ck_assert_double_eq(s.h[0], 1.0);
}
END_TEST

START_TEST(a_switch_starts_as_its_instance_says)
{
  const pn_device_class *c = class_named("vswitch");
  stamp s = fresh(c);
  set(c, &s, "on", 1.0);
  c->init_hist(c, s.p, s.h);
  ck_assert_double_eq(s.h[0], 1.0);
}
END_TEST

int main(void)
{
  int n = 0;
  while (pn_device_classes[n])
    n++;
  Suite *suite = suite_create("devices");
  TCase *tc = tcase_create("devices");
  tcase_add_loop_test(tc, tables_are_complete_and_consistent, 0, n);
  tcase_add_test(tc, a_resistor_follows_its_temperature_coefficients);
  tcase_add_test(tc, a_resistor_of_zero_ohm_is_refused);
  tcase_add_test(tc, capacitors_and_inductors_stamp_charge_and_flux);
  tcase_add_test(tc, a_coupling_stamps_minus_m_into_both_flux_rows);
  tcase_add_test(tc, controlled_sources_obey_their_equations);
  tcase_add_loop_test(tc, a_switch_remembers_between_its_thresholds, 0, 2);
  tcase_add_test(tc, a_switch_on_its_threshold_does_not_flip_for_ever);
  tcase_add_test(tc, a_switch_starts_as_its_instance_says);
  suite_add_tcase(suite, tc);
  SRunner *sr = srunner_create(suite);
  srunner_run_all(sr, CK_NORMAL);
  int failed = srunner_ntests_failed(sr);
  srunner_free(sr);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
