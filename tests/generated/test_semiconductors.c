/* The tests every semiconductor in pn_device_classes[] must pass; a new one is tested here by standing in
 * that table: exact derivatives, conserved currents and charges, finite values, parameters that count. */
#include "devices/classes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { L = PN_LANES, MOST = 200, MOST_LOCALS = 16 };

typedef struct instance {
  const pn_device_class *c;
  double p[MOST], u[MOST_LOCALS], h[MOST_LOCALS];
  double f[MOST_LOCALS], q[MOST_LOCALS], jf[64], jq[64];
} instance;

static bool is_semiconductor(const pn_device_class *c)
{
  return c->letter && strchr("dqjzm", c->letter);
}

/* Values that make every part of a model act: what is 0 or not given by default gets a value. */
static void give_values(instance *d, double type)
{
  static const struct {
    const char *name;
    double value;
  } values[] = {{"rs", 2},       {"rd", 3},       {"rb", 100},     {"rbm", 20},    {"rc", 10},
                {"re", 1},       {"cjo", 2e-12},  {"cjsw", 1e-12}, {"tt", 1e-9},   {"jsw", 1e-15},
                {"ns", 1.2},     {"pj", 2},       {"ikf", 1e-2},   {"ikr", 1e-3},  {"isr", 1e-12},
                {"bv", 6},       {"vaf", 50},     {"var", 20},     {"ise", 1e-14}, {"isc", 1e-14},
                {"irb", 1e-4},   {"cje", 1e-12},  {"cjc", 1e-12},  {"cjs", 1e-12}, {"mjs", 0.3},
                {"xcjc", 0.5},   {"tf", 1e-10},   {"xtf", 2},      {"vtf", 3},     {"itf", 1e-2},
                {"tr", 1e-8},    {"iss", 1e-15},  {"lambda", .03}, {"cgs", 1e-12}, {"cgd", 5e-13},
                {"vto", 0.7},    {"gamma", 0.5},  {"tox", 2e-8},   {"nsub", 1e16}, {"cj", 1e-4},
                {"ad", 1e-11},   {"as", 1e-11},   {"pd", 1e-5},    {"ps", 1e-5},   {"cgso", 1e-10},
                {"cgdo", 1e-10}, {"cgbo", 1e-10}, {"w", 1e-5},     {"l", 2e-6},    {"js", 1e-4},
                {"eta", 0.05},   {"theta", .05},  {"vmax", 1e5},   {"xj", 2e-7},   {"nfs", 1e11},
                {"delta", 0.5},  {"kf", 1e-15},   {"uexp", 0.15},  {"ucrit", 2e4}, {"neff", 2}};
  for (int k = 0; k < d->c->n_params; k++)
    d->p[k] = d->c->params[k].value;
  for (int k = 0; k < PN_COUNT(values); k++) {
    int p = pn_param_find(d->c->params, d->c->n_params, pn_str_of(values[k].name));
    if (p >= 0)
      d->p[p] = values[k].value;
  }
  int p = pn_param_find(d->c->params, d->c->n_params, PN_STR("type"));
  if (p >= 0)
    d->p[p] = type;
}

static void evaluate(instance *d)
{
  static double p[MOST * L], u[MOST_LOCALS * L], h[MOST_LOCALS * L], f[MOST_LOCALS * L];
  static double q[MOST_LOCALS * L], jf[64 * L], jq[64 * L];
  const pn_device_class *c = d->c;
  for (int l = 0; l < L; l++) {
    for (int k = 0; k < c->n_params + c->n_derived; k++)
      p[k * L + l] = d->p[k];
    for (int k = 0; k < c->n_locals; k++)
      u[k * L + l] = d->u[k];
    for (int k = 0; k < c->n_hist; k++)
      h[k * L + l] = d->h[k];
  }
  pn_dev_block b = {.p = p,
                    .u = u,
                    .h = h,
                    .temp = 300.15,
                    .gmin = 1e-12,
                    .f = f,
                    .q = q,
                    .jf = jf,
                    .jq = jq,
                    .n = L};
  c->eval(c, &b);
  for (int k = 0; k < c->n_locals; k++) {
    d->f[k] = f[k * L];
    d->q[k] = q[k * L];
  }
  for (int k = 0; k < c->n_pairs; k++) {
    d->jf[k] = jf[k * L];
    d->jq[k] = jq[k * L];
  }
}

/* The k-th of the variants: both polarities; MOSFETs with Meyer's capacitances and with charges. */
static instance make(const pn_device_class *c, int k)
{
  instance d = {.c = c};
  give_values(&d, k % 2 ? 1 : -1);
  int xqc = pn_param_find(c->params, c->n_params, PN_STR("xqc"));
  if (xqc >= 0 && k % 4 > 1)
    d.p[xqc] = k % 8 > 4 ? 0.4 : 0.1;
  c->derive(c, d.p, 300.15);
  return d;
}

static double uniform(unsigned *seed, double a, double b)
{
  *seed = *seed * 1664525u + 1013904223u;
  return a + (b - a) * (*seed >> 8) / 16777216.0;
}

/* Junctions up to 0.75 V forward, other voltages to a few volts. */
static void random_point(instance *d, unsigned *seed)
{
  for (int k = 0; k < d->c->n_locals; k++)
    d->u[k] = uniform(seed, -2, 2);
  double base = uniform(seed, -1, 1);
  for (int k = 0; k < d->c->n_locals; k++)
    if (d->c->locals[k].kind == PN_L_INTERNAL || d->c->letter == 'q' || d->c->letter == 'd')
      d->u[k] = base + uniform(seed, -0.37, 0.37);
  for (int k = 0; k < d->c->n_hist; k++) /* memory of a similar point */
    d->h[k] = uniform(seed, 0, 1e-14);
}

static double total(const double *v, int n, double *size)
{
  double sum = 0;
  for (int k = 0; k < n; k++) {
    sum += v[k];
    *size += fabs(v[k]);
  }
  return sum;
}

START_TEST(currents_and_charges_are_conserved)
{
  const pn_device_class *c = pn_device_classes[_i];
  if (!is_semiconductor(c))
    return;
  unsigned seed = 1;
  for (int k = 0; k < 2000; k++) {
    instance d = make(c, k);
    random_point(&d, &seed);
    evaluate(&d);
    double size = 1e-300, sum = total(d.f, c->n_locals, &size);
    ck_assert_msg(fabs(sum) <= 1e-13 * size, "%s: currents leave %g of %g A", c->name, sum, size);
    size = 1e-300;
    sum = total(d.q, c->n_locals, &size);
    ck_assert_msg(fabs(sum) <= 1e-12 * size, "%s: charges leave %g of %g C", c->name, sum, size);
  }
}
END_TEST

/* |exact - difference quotient| beyond rounding and curvature, relative to the largest entry. */
static void compare(const instance *d, const instance *up, const instance *down, int col, double h,
                    bool charges, int *bad)
{
  const pn_device_class *c = d->c;
  double size = 0;
  for (int m = 0; m < c->n_pairs; m++)
    size = fmax(size, fabs(charges ? d->jq[m] : d->jf[m]));
  for (int row = 0; row < c->n_locals; row++) {
    double exact = 0;
    for (int m = 0; m < c->n_pairs; m++)
      if (c->pairs[m].row == row && c->pairs[m].col == col)
        exact += charges ? d->jq[m] : d->jf[m];
    const double *a = charges ? up->q : up->f, *b = charges ? down->q : down->f;
    double quotient = (a[row] - b[row]) / (2 * h);
    *bad += fabs(exact - quotient) > 2e-5 * size + 1e-14 * (fabs(a[row]) + fabs(b[row])) / h;
  }
}

/* Kinks (cut-off, saturation, corners) are met by few random points: 1 in 50 may differ. */
START_TEST(derivatives_agree_with_difference_quotients)
{
  const pn_device_class *c = pn_device_classes[_i];
  if (!is_semiconductor(c))
    return;
  enum { POINTS = 2000 };
  unsigned seed = 2;
  int bad_points = 0;
  const double h = 2e-6;
  for (int k = 0; k < POINTS; k++) {
    instance d = make(c, k);
    random_point(&d, &seed);
    evaluate(&d);
    int bad = 0;
    for (int col = 0; col < c->n_locals; col++) {
      instance up = d, down = d;
      up.u[col] += h;
      down.u[col] -= h;
      evaluate(&up);
      evaluate(&down);
      compare(&d, &up, &down, col, h, false, &bad);
      compare(&d, &up, &down, col, h, true, &bad);
    }
    bad_points += bad > 0;
  }
  ck_assert_msg(bad_points * 50 < POINTS, "%s: %d of %d points", c->name, bad_points, POINTS);
}
END_TEST

START_TEST(values_are_finite_far_from_any_operating_point)
{
  const pn_device_class *c = pn_device_classes[_i];
  if (!is_semiconductor(c))
    return;
  unsigned seed = 3;
  for (int k = 0; k < 5000; k++) {
    instance d = make(c, k);
    for (int m = 0; m < c->n_locals; m++)
      d.u[m] = k % 3 ? uniform(&seed, -30, 30) : 0;
    evaluate(&d);
    bool finite = true;
    for (int m = 0; m < c->n_locals; m++)
      finite = finite && isfinite(d.f[m]) && isfinite(d.q[m]);
    for (int m = 0; m < c->n_pairs; m++)
      finite = finite && isfinite(d.jf[m]) && isfinite(d.jq[m]);
    ck_assert_msg(finite, "%s: not finite", c->name);
  }
}
END_TEST

/* Without series resistances the inner nodes are those outside. */
START_TEST(inner_nodes_exist_only_behind_resistances)
{
  const pn_device_class *c = pn_device_classes[_i];
  if (!is_semiconductor(c))
    return;
  instance with = make(c, 1), without = {.c = c};
  for (int k = 0; k < c->n_params; k++)
    without.p[k] = c->params[k].value;
  for (int k = 0; k < c->n_locals; k++)
    if (c->locals[k].kind == PN_L_INTERNAL) {
      ck_assert_int_eq(c->merged(c, with.p, k), -1);
      ck_assert_int_ge(c->merged(c, without.p, k), 0);
    }
}
END_TEST

int main(void)
{
  int n = 0;
  while (pn_device_classes[n])
    n++;
  Suite *s = suite_create("semiconductors");
  TCase *t = tcase_create("all");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, currents_and_charges_are_conserved, 0, n);
  tcase_add_loop_test(t, derivatives_agree_with_difference_quotients, 0, n);
  tcase_add_loop_test(t, values_are_finite_far_from_any_operating_point, 0, n);
  tcase_add_loop_test(t, inner_nodes_exist_only_behind_resistances, 0, n);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
