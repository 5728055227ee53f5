/* Charges of MOSFETs with xqc: what the theory of the long channel says of them in its limits. */
#include "devices/classes.h"
#include "devices/vmath.h"

#include <check.h>
#include <stdlib.h>

enum { L = PN_LANES, MOST = 200, LOCALS = 6, G = 1, B = 3, DI = 4, SI = 5 };

/* Charges q [LOCALS] (C) at the voltages given; n-channel, w = l = 10 um, tox = 20 nm. */
static void charges(double xqc, double gamma, double vd, double vg, double vs, double vb, double *q)
{
  static double p[MOST * L], u[LOCALS * L], h[16 * L], f[LOCALS * L], qs[LOCALS * L];
  const pn_device_class *c = &pn_class_mos1;
  double one[MOST], v[LOCALS] = {vd, vg, vs, vb, vd, vs};
  static const struct {
    const char *name;
    double value;
  } card[] = {{"w", 1e-5},  {"l", 1e-5}, {"tox", 2e-8}, {"vto", 0.7},
              {"kp", 5e-5}, {"is", 0},   {"phi", 0.65}};
  for (int k = 0; k < c->n_params; k++)
    one[k] = c->params[k].value;
  for (int k = 0; k < PN_COUNT(card); k++)
    one[pn_param_find(c->params, c->n_params, pn_str_of(card[k].name))] = card[k].value;
  one[pn_param_find(c->params, c->n_params, PN_STR("xqc"))] = xqc;
  one[pn_param_find(c->params, c->n_params, PN_STR("gamma"))] = gamma;
  c->derive(c, one, 300.15);
  for (int l = 0; l < L; l++) {
    for (int k = 0; k < c->n_params + c->n_derived; k++)
      p[k * L + l] = one[k];
    for (int k = 0; k < LOCALS; k++)
      u[k * L + l] = v[k];
  }
  pn_dev_block b = {.p = p, .u = u, .h = h, .temp = 300.15, .f = f, .q = qs, .n = L};
  c->eval(c, &b);
  for (int k = 0; k < LOCALS; k++)
    q[k] = qs[k * L];
}

#define COX (3.9 * 8.854214871e-12 / 2e-8 * 1e-10) /* F */

START_TEST(a_saturated_channel_holds_two_thirds_of_its_charge_and_xqc_of_it_at_the_drain)
{
  static const double share[] = {0.5, 0.4, 0.2, 0.0};
  double q[LOCALS];
  charges(share[_i], 0.0, 5.0, 3.7, 0.0, 0.0, q);
  double channel = q[DI] + q[SI];
  ck_assert_double_eq_tol(channel, -2.0 / 3.0 * COX * 3.0, 1e-6 * COX * 3.0);
  ck_assert_double_eq_tol(q[DI], share[_i] * channel, 1e-6 * COX * 3.0);
}
END_TEST

START_TEST(without_drain_voltage_the_channel_is_shared_in_halves)
{
  double q[LOCALS];
  charges(0.1, 0.5, 0.4, 3.0, 0.4, 0.0, q);
  ck_assert_double_eq_tol(q[DI], q[SI], 1e-12 * COX);
}
END_TEST

START_TEST(source_and_drain_are_alike)
{
  double a[LOCALS], b[LOCALS];
  charges(0.3, 0.5, 1.2, 2.5, 0.1, -0.5, a);
  charges(0.3, 0.5, 0.1, 2.5, 1.2, -0.5, b);
  ck_assert_double_eq_tol(a[DI], b[SI], 1e-12 * COX);
  ck_assert_double_eq_tol(a[G], b[G], 1e-12 * COX);
}
END_TEST

/* dQg/dVgb: the oxide's capacitance in accumulation and in inversion, less in depletion. */
START_TEST(the_gates_capacitance_is_the_oxides_but_for_depletion)
{
  static const double at[] = {-3.0, 3.0}; /* V */
  double a[LOCALS], b[LOCALS], h = 1e-4;
  for (int k = 0; k < 2; k++) {
    charges(0.5, 0.5, 0, at[k] - h, 0, 0, a);
    charges(0.5, 0.5, 0, at[k] + h, 0, 0, b);
    ck_assert_double_eq_tol((b[G] - a[G]) / (2 * h), COX, 1e-3 * COX);
  }
  charges(0.5, 0.5, 0, 0.3 - h, 0, 0, a);
  charges(0.5, 0.5, 0, 0.3 + h, 0, 0, b);
  ck_assert_double_lt((b[G] - a[G]) / (2 * h), 0.5 * COX);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("mos_charge");
  TCase *t = tcase_create("all");
  tcase_add_loop_test(
      t, a_saturated_channel_holds_two_thirds_of_its_charge_and_xqc_of_it_at_the_drain, 0, 4);
  tcase_add_test(t, without_drain_voltage_the_channel_is_shared_in_halves);
  tcase_add_test(t, source_and_drain_are_alike);
  tcase_add_test(t, the_gates_capacitance_is_the_oxides_but_for_depletion);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
