/* The tests every compact model (N... with several terminals) must pass; a new one is tested here
 * by standing in pn_device_classes[]. */
#include "devices/compact.h"
#include "generated/memristor_point.h"

#include <check.h>
#include <stdio.h>

enum { MOST = 32, L = PN_LANES, N = PN_DUAL };

static const pn_device_class *all[MOST];
static int n_all;

static void collect(void)
{
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_compact_of(pn_device_classes[k]))
      all[n_all++] = pn_device_classes[k];
}

typedef struct rows {
  double f[N], q[N], jf[N][N], jq[N][N];
} rows;

static void params_of(const pn_device_class *c, double *p, double temp)
{
  for (int k = 0; k < c->n_params; k++)
    p[k] = c->params[k].value;
  if (c->derive)
    c->derive(c, p, temp);
}

static rows eval_at(const pn_device_class *c, const double *one, const double *u0, double temp)
{
  static double p[64 * L], u[N * L], h[64 * L], f[N * L], q[N * L], jf[64 * L], jq[64 * L];
  double h0[64] = {0};
  rows r = {0};
  if (c->init_hist)
    c->init_hist(c, one, h0);
  fill(p, one, c->n_params + c->n_derived);
  fill(u, u0, c->n_locals);
  fill(h, h0, c->n_hist);
  pn_dev_block b = {
      .p = p, .u = u, .h = h, .temp = temp, .f = f, .q = q, .jf = jf, .jq = jq, .n = 1};
  c->eval(c, &b);
  for (int k = 0; k < c->n_locals; k++) {
    r.f[k] = f[k * L];
    r.q[k] = q[k * L];
  }
  for (int k = 0; k < c->n_pairs; k++) {
    r.jf[c->pairs[k].row][c->pairs[k].col] = jf[k * L];
    r.jq[c->pairs[k].row][c->pairs[k].col] = jq[k * L];
  }
  return r;
}

static void random_unknowns(const pn_device_class *c, const double *p, uint64_t *seed, double *u)
{
  double v = pn_compact_of(c)->v_max;
  for (int k = 0; k < c->n_locals; k++) {
    double z = 2.0 * random01(seed) - 1.0;
    if (c->locals[k].kind != PN_L_INNER)
      u[k] = v * z;
    else
      u[k] = p[c->p_init[k]] * (1.0 + 0.3 * z) +
             (p[c->p_init[k]] == 0.0 ? 1e5 * c->locals[k].atol * z : 0.0);
  }
}

static bool is_node(const pn_device_class *c, int k)
{
  return c->locals[k].kind == PN_L_TERM || c->locals[k].kind == PN_L_INTERNAL;
}

START_TEST(currents_and_charges_of_all_nodes_sum_to_zero)
{
  const pn_device_class *c = all[_i];
  double p[64], u[N];
  uint64_t seed = 7;
  params_of(c, p, 300.15);
  for (int trial = 0; trial < 2000; trial++) {
    random_unknowns(c, p, &seed, u);
    rows r = eval_at(c, p, u, 300.15);
    double f = 0, q = 0, big_f = 0, big_q = 0;
    for (int k = 0; k < c->n_locals; k++) {
      ck_assert_msg(isfinite(r.f[k]) && isfinite(r.q[k]), "%s: row %d not finite", c->name, k);
      f += is_node(c, k) ? r.f[k] : 0.0;
      q += is_node(c, k) ? r.q[k] : 0.0;
      big_f += is_node(c, k) ? fabs(r.f[k]) : 0.0;
      big_q += is_node(c, k) ? fabs(r.q[k]) : 0.0;
    }
    ck_assert_msg(fabs(f) <= 1e-14 * big_f, "%s: currents sum to %g A", c->name, f);
    ck_assert_msg(fabs(q) <= 1e-14 * big_q, "%s: charges sum to %g C", c->name, q);
  }
}
END_TEST

/* Fifth-order differences with two steps that must agree: kinks are passed over. */
static void compare(const pn_device_class *c, const double *p, const double *u, int j, double h)
{
  rows at = eval_at(c, p, u, 300.15), o[4];
  double shift[] = {-h, h, -0.5 * h, 0.5 * h};
  for (int k = 0; k < 4; k++) {
    double w[N];
    memcpy(w, u, sizeof w);
    w[j] += shift[k];
    o[k] = eval_at(c, p, w, 300.15);
  }
  for (int k = 0; k < c->n_locals; k++) {
    double coarse[] = {(o[1].f[k] - o[0].f[k]) / (2 * h), (o[1].q[k] - o[0].q[k]) / (2 * h)};
    double fine[] = {(o[3].f[k] - o[2].f[k]) / h, (o[3].q[k] - o[2].q[k]) / h};
    double given[] = {at.jf[k][j], at.jq[k][j]}, size[] = {fabs(at.f[k]), fabs(at.q[k])};
    for (int m = 0; m < 2; m++) {
      double best = (4 * fine[m] - coarse[m]) / 3, spread = fabs(fine[m] - coarse[m]);
      double allowed = 1e-5 * fabs(best) + 3 * spread + 1e-12 * size[m] / h;
      ck_assert_msg(fabs(best - given[m]) <= allowed,
                    "%s: d%c[%s]/d%s is %g, differences say %g (u = %g)", c->name, m ? 'q' : 'f',
                    c->locals[k].name, c->locals[j].name, given[m], best, u[j]);
    }
  }
}

START_TEST(derivatives_agree_with_differences)
{
  const pn_device_class *c = all[_i];
  double p[64], u[N];
  uint64_t seed = 11;
  params_of(c, p, 300.15);
  for (int trial = 0; trial < 500; trial++) {
    random_unknowns(c, p, &seed, u);
    for (int j = 0; j < c->n_locals; j++) {
      double scale = c->locals[j].kind == PN_L_INNER ? 1e3 * c->locals[j].atol
                                                     : pn_compact_of(c)->v_max;
      compare(c, p, u, j, 1e-4 * scale);
    }
  }
}
END_TEST

START_TEST(every_field_of_the_tables_is_filled_in)
{
  const pn_device_class *c = all[_i];
  const pn_compact *m = pn_compact_of(c);
  ck_assert_msg(m->equations && m->citation && m->v_max > 0 && c->title, "%s: no description",
                c->name);
  for (int k = 0; k < c->n_params; k++)
    ck_assert_msg(c->params[k].unit && c->params[k].doc && c->params[k].source, "%s: %s", c->name,
                  c->params[k].name);
  for (int k = 0; k < c->n_locals; k++)
    ck_assert_msg(c->locals[k].kind != PN_L_INNER || (c->p_init && c->locals[k].atol > 0),
                  "%s: state %s", c->name, c->locals[k].name);
}
END_TEST

START_TEST(an_instance_has_its_own_temperature)
{
  const pn_device_class *c = all[_i];
  int temp = c->n_params - 2, dtemp = temp + 1;
  ck_assert_str_eq(c->params[temp].name, "temp");
  ck_assert_str_eq(c->params[dtemp].name, "dtemp");
  double circuit[64], own[64], above[64], u[N];
  params_of(c, circuit, PN_KELVIN + 80.0);
  memcpy(own, circuit, sizeof own);
  memcpy(above, circuit, sizeof above);
  own[temp] = 80.0;
  above[dtemp] = 60.0;
  if (c->derive) {
    c->derive(c, own, 250.0);
    c->derive(c, above, PN_KELVIN + 20.0);
  }
  uint64_t seed = 17;
  for (int trial = 0; trial < 100; trial++) {
    random_unknowns(c, circuit, &seed, u);
    rows a = eval_at(c, circuit, u, PN_KELVIN + 80.0), b = eval_at(c, own, u, 250.0);
    rows d = eval_at(c, above, u, PN_KELVIN + 20.0);
    ck_assert_msg(!memcmp(&a, &b, sizeof a), "%s: temp= is not the circuit's temperature", c->name);
    ck_assert_msg(!memcmp(&a, &d, sizeof a), "%s: dtemp= does not add to the circuit's", c->name);
  }
}
END_TEST

static bool changes(const pn_device_class *c, int k, double factor, double add)
{
  double p[64], other[64], u[N];
  uint64_t seed = 13;
  params_of(c, p, 330.0);
  params_of(c, other, 330.0);
  other[k] = other[k] * factor + add;
  if (c->derive)
    c->derive(c, other, 330.0);
  for (int trial = 0; trial < 300; trial++) {
    random_unknowns(c, p, &seed, u);
    rows a = eval_at(c, p, u, 330.0), b = eval_at(c, other, u, 330.0);
    if (memcmp(&a, &b, sizeof a) != 0)
      return true;
  }
  return false;
}

START_TEST(every_parameter_changes_some_output)
{
  const pn_device_class *c = all[_i];
  for (int k = 0; k < c->n_params - 2; k++) { /* temp and dtemp: a model may have no temperature */
    bool start = false;
    for (int l = 0; c->p_init && l < c->n_locals; l++)
      start |= c->locals[l].kind == PN_L_INNER && c->p_init[l] == k;
    ck_assert_msg(start || changes(c, k, 1.1, 0.0) || changes(c, k, 1.0, 0.1),
                  "%s: %s does nothing", c->name, c->params[k].name);
  }
}
END_TEST

int main(void)
{
  collect();
  Suite *s = suite_create("compact models");
  TCase *t = tcase_create("every model");
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, currents_and_charges_of_all_nodes_sum_to_zero, 0, n_all);
  tcase_add_loop_test(t, derivatives_agree_with_differences, 0, n_all);
  tcase_add_loop_test(t, every_field_of_the_tables_is_filled_in, 0, n_all);
  tcase_add_loop_test(t, every_parameter_changes_some_output, 0, n_all);
  tcase_add_loop_test(t, an_instance_has_its_own_temperature, 0, n_all);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
