/* Claims about transistors and diodes at rest: their tangent stands for them within the error that is allowed,
 * and they wake when they must. */
#include "parser/netlist.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char TEXT[] = "title\n"
                           "vdd vdd 0 3\n"
                           "vin in 0 1.4\n"
                           "mp out in vdd vdd pm w=20u l=2u\n"
                           "mn out in 0 0 nm w=10u l=2u\n"
                           "q1 vdd out e qm\n"
                           "re e 0 1k\n"
                           "d1 out k dm\n"
                           "cl k 0 1p\n"
                           "j1 vdd k s jm\n"
                           "rs s 0 10k\n"
                           ".model nm nmos(level=1 vto=0.7 kp=110u gamma=.4 tox=20n cgso=1e-10)\n"
                           ".model pm pmos(level=1 vto=-.8 kp=50u tox=20n)\n"
                           ".model qm npn(is=1e-15 bf=100 tf=1n cje=1p)\n"
                           ".model dm d(is=1e-14 n=0.2 rs=1 cjo=1p)\n"
                           ".model jm njf(vto=-1 beta=1m cgs=1p)\n"
                           ".op\n.end\n";

enum { MOST = 64 };
static const double RELTOL = 1e-3;

typedef struct bench {
  pn_netlist *n;
  pn_sim *rests, *works; /* the same circuit, with and without */
  double y[MOST];
  int size;
} bench;

static pn_sim *simulate(pn_netlist *n)
{
  pn_sim *s = NULL;
  pn_sim_options o = {.temp = 300.15,
                      .gmin = 1e-12,
                      .linsol = "auto",
                      .reltol = RELTOL,
                      .vntol = 1e-6,
                      .abstol = 1e-12};
  ck_assert_int_eq(pn_sim_new(n->circuit, &o, &n->diag, &s), PN_OK);
  return s;
}

static void evaluate(bench *b, bool jacobian)
{
  ck_assert_int_eq(pn_sim_eval(b->rests, PN_SIM_TRAN, 0, b->y, jacobian), PN_OK);
  ck_assert_int_eq(pn_sim_eval(b->works, PN_SIM_TRAN, 0, b->y, jacobian), PN_OK);
}

/* All devices have come to rest after two linearisations at one point. */
static bench set_up(void)
{
  bench b = {0};
  pn_load_options o = {0};
  ck_assert_int_eq(pn_netlist_load("test.cir", TEXT, strlen(TEXT), &o, &b.n), PN_OK);
  b.rests = simulate(b.n);
  b.works = simulate(b.n);
  b.size = pn_sim_n(b.rests);
  ck_assert_int_le(b.size, MOST);
  static const struct {
    const char *node;
    double v;
  } at[] = {{"vdd", 3}, {"in", 1.4}, {"out", 1.5}, {"e", 0.8}, {"k", 1.4}, {"s", 1.6}};
  for (size_t k = 0; k < sizeof at / sizeof *at; k++)
    b.y[pn_circuit_find_node(b.n->circuit, pn_str_of(at[k].node))] = at[k].v;
  ck_assert_int_eq(pn_sim_let_rest(b.rests, true), PN_OK);
  evaluate(&b, true);
  evaluate(&b, true);
  return b;
}

static void tear_down(bench *b)
{
  pn_sim_free(b->rests);
  pn_sim_free(b->works);
  pn_netlist_free(b->n);
}

/* The largest difference of the two, of the largest value, in f and in q. */
static double difference(const bench *b)
{
  const double *x[2] = {pn_sim_f(b->rests), pn_sim_q(b->rests)};
  const double *z[2] = {pn_sim_f(b->works), pn_sim_q(b->works)};
  double worst = 0;
  for (int m = 0; m < 2; m++) {
    double gap = 0, size = 0;
    for (int k = 0; k < b->size; k++) {
      gap = fmax(gap, fabs(x[m][k] - z[m][k]));
      size = fmax(size, fabs(z[m][k]));
    }
    worst = fmax(worst, gap / size);
  }
  return worst;
}

static void move(bench *b, const char *node, double by)
{
  b->y[pn_circuit_find_node(b->n->circuit, pn_str_of(node))] += by;
}

START_TEST(at_rest_the_equations_are_those_of_the_tangent)
{
  bench b = set_up();
  long asleep = pn_sim_get_stats(b.rests).rested;
  evaluate(&b, false);
  ck_assert_double_le(difference(&b), 1e-12);
  ck_assert_int_ge(pn_sim_get_stats(b.rests).rested - asleep, 4); /* a block of each class */
  move(&b, "out", 5e-6); /* of 8 uV with the diode's n = 0.2 */
  evaluate(&b, false);
  ck_assert_double_le(difference(&b), 1e-3 * RELTOL);
  ck_assert_double_gt(difference(&b), 0); /* or nothing was at rest */
  tear_down(&b);
}
END_TEST

START_TEST(the_matrix_at_rest_is_the_whole_matrix)
{
  bench b = set_up();
  evaluate(&b, true);
  double v[MOST], x[MOST] = {0}, z[MOST] = {0}, cx[MOST], cz[MOST];
  for (int k = 0; k < b.size; k++)
    v[k] = 1 + 0.1 * k;
  pn_sim_mul_g(b.rests, v, x);
  pn_sim_mul_g(b.works, v, z);
  pn_sim_mul_c(b.rests, v, cx);
  pn_sim_mul_c(b.works, v, cz);
  for (int k = 0; k < b.size; k++) {
    ck_assert_double_eq_tol(x[k], z[k], 1e-12 * (1 + fabs(z[k])));
    ck_assert_double_eq_tol(cx[k], cz[k], 1e-9 * (1e-12 + fabs(cz[k])));
  }
  tear_down(&b);
}
END_TEST

START_TEST(what_moves_far_is_evaluated)
{
  bench b = set_up();
  static const double by[] = {1e-3, -0.2, 1.0};
  for (int k = 0; k < 3; k++) {
    move(&b, "out", by[k]);
    move(&b, "k", by[k]);
    evaluate(&b, k == 1);
    ck_assert_double_le(difference(&b), 1e-12);
  }
  tear_down(&b);
}
END_TEST

START_TEST(what_is_not_a_number_is_found)
{
  bench b = set_up();
  move(&b, "out", NAN);
  ck_assert_int_eq(pn_sim_eval(b.rests, PN_SIM_TRAN, 0, b.y, false), PN_E_DOMAIN);
  tear_down(&b);
}
END_TEST

START_TEST(a_new_temperature_wakes_all)
{
  bench b = set_up();
  pn_sim_set_temp(b.rests, 340);
  pn_sim_set_temp(b.works, 340);
  evaluate(&b, false);
  ck_assert_double_le(difference(&b), 1e-12);
  tear_down(&b);
}
END_TEST

START_TEST(thousands_of_changes_leave_no_rounding)
{
  bench b = set_up();
  for (int k = 0; k < 3000; k++) { /* wakes all, lets all rest again */
    move(&b, "out", k % 2 ? 0.3 : -0.3);
    move(&b, "k", k % 2 ? 0.3 : -0.3);
    ck_assert_int_eq(pn_sim_eval(b.rests, PN_SIM_TRAN, 0, b.y, true), PN_OK);
    ck_assert_int_eq(pn_sim_eval(b.rests, PN_SIM_TRAN, 0, b.y, true), PN_OK);
  }
  evaluate(&b, false);
  ck_assert_double_le(difference(&b), 1e-11);
  tear_down(&b);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("rest");
  TCase *t = tcase_create("all");
  tcase_add_test(t, at_rest_the_equations_are_those_of_the_tangent);
  tcase_add_test(t, the_matrix_at_rest_is_the_whole_matrix);
  tcase_add_test(t, what_moves_far_is_evaluated);
  tcase_add_test(t, what_is_not_a_number_is_found);
  tcase_add_test(t, a_new_temperature_wakes_all);
  tcase_add_test(t, thousands_of_changes_leave_no_rounding);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
