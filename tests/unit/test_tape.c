/* Tapes: their values are those of the tree, whatever the number of lanes; parts that depend on
 * parameters only run once; instances that differ in parameters share a tape. */
#include "expr/tape_code.h"
#include "expr_fixture.h"

static fixture f;

static void open_fixture(void)
{
  fx_open(&f);
}

static void close_fixture(void)
{
  fx_close(&f);
}

/* The value of a node in lane 0 when the other lanes are at other points, on both sides of choices. */
static double value_among_others(pn_gnode node, const double *abc)
{
  pn_tape *t = pn_tape_build(&f.arena, f.graph, &node, 1, 3, 3);
  double in[3 * PN_LANES], par[3 * PN_LANES], out[PN_LANES];
  double *pre = PN_NEW_ARRAY(&f.arena, double, (t->n_pre + 1) * PN_LANES);
  double *work = PN_NEW_ARRAY(&f.arena, double, (t->n_work + 1) * PN_LANES);
  double *one = PN_NEW_ARRAY(&f.arena, double, t->n_pre + 1);
  pn_tape_prologue(t, f.params, one);
  for (int k = 0; k < PN_LANES; k++) {
    for (int j = 0; j < 3; j++) {
      in[j * PN_LANES + k] = abc[(j + k) % 3] * (k % 2 ? -1 : 1);
      par[j * PN_LANES + k] = f.params[j];
    }
    for (int j = 0; j < t->n_pre; j++)
      pre[j * PN_LANES + k] = one[j];
  }
  pn_tape_eval(t, PN_LANES, in, par, pre, work, out);
  return out[0];
}

/* ---- random expressions: the tape against a walk over the tree ---- */

static uint64_t random_state;

static unsigned random_below(unsigned n)
{
  random_state = random_state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(random_state >> 33) % n;
}

/* Ops whose vector and scalar values agree closely (not those of steps, where a last bit counts). */
static const int SMOOTH[] = {PN_OP_ADD,  PN_OP_SUB,   PN_OP_MUL,   PN_OP_DIV,   PN_OP_NEG,
                             PN_OP_SIN,  PN_OP_COS,   PN_OP_ATAN,  PN_OP_TANH,  PN_OP_EXP,
                             PN_OP_SQRT, PN_OP_ABS,   PN_OP_MIN,   PN_OP_MAX,   PN_OP_ASINH,
                             PN_OP_IF,   PN_OP_HYPOT, PN_OP_URAMP, PN_OP_LIMEXP};

static pn_ast *random_tree(int depth)
{
  pn_ast *e = PN_NEW(&f.arena, pn_ast);
  if (depth == 0 || random_below(8) == 0) {
    static const char letters[] = "abcpqr";
    e->kind = random_below(4) ? PN_AST_NAME : PN_AST_NUMBER;
    e->name = (pn_str){letters + random_below(6), 1};
    e->num = (double)random_below(9) / 4 - 1;
    return e;
  }
  e->kind = PN_AST_OP;
  e->op = SMOOTH[random_below(sizeof SMOOTH / sizeof *SMOOTH)];
  e->n_args = pn_op_arity(e->op);
  e->args = PN_NEW_ARRAY(&f.arena, pn_ast *, e->n_args);
  for (int k = 0; k < e->n_args; k++)
    e->args[k] = random_tree(depth - 1);
  return e;
}

static double walk(const pn_ast *e, const double *abc)
{
  if (e->kind == PN_AST_NUMBER)
    return e->num;
  if (e->kind == PN_AST_NAME)
    return e->name.p[0] < 'p' ? abc[e->name.p[0] - 'a'] : f.params[e->name.p[0] - 'p'];
  double v[3] = {0};
  for (int k = 0; k < e->n_args; k++)
    v[k] = walk(e->args[k], abc);
  return pn_op_real(e->op, v);
}

START_TEST(random_expressions_have_the_tree_s_value)
{
  int finite = 0;
  const double abc[3] = {0.37, -0.81, 1.23};
  pn_resolver r = {.user = &f, .param = fx_param};
  pn_leaves l = {.user = &f, .leaf = fx_leaf, .param = fx_slot};
  for (int k = 0; k < 3; k++)
    f.params[k] = 0.9 - 0.7 * k;
  random_state = 2024;
  for (int trial = 0; trial < 2000; trial++) {
    pn_ast *e = random_tree(7);
    pn_gnode node;
    double value, expected = walk(e, abc);
    ck_assert_int_eq(pn_lower(&f.diag, f.graph, e, &r, &l, &node), PN_OK);
    fx_values(&f, 1, &node, abc, &value);
    double among = value_among_others(node, abc);
    ck_assert(memcmp(&among, &value, sizeof value) == 0 || (isnan(among) && isnan(value)));
    if (!isfinite(expected) || fabs(expected) > 1e12)
      continue; /* folding may drop what is not finite (0*x), and huge sines differ */
    finite++;
    ck_assert_msg(fabs(value - expected) <= 1e-8 * (1 + fabs(expected)), "trial %d: %.15g, %.15g",
                  trial, value, expected);
  }
  ck_assert_int_gt(finite, 1000);
}
END_TEST

/* ---- lanes ---- */

enum { OUTS = 3 };

/* A model with state, its outputs at 16 different points; out [OUTS][PN_LANES]. */
static pn_tape *memristor_tape(void)
{
  pn_gnode i = fx_node(&f, "a*(b*p + (1-b)*q*exp(r*sqrt(abs(a))))");
  pn_gnode rate = fx_node(&f, "a > 0 ? sinh(a/0.45)*exp(-(b/p)**2) : -tanh(a*r)*pow(b,1+q)");
  pn_gnode outs[OUTS] = {i, rate, pn_graph_diff(f.graph, rate, 1)};
  return pn_tape_build(&f.arena, f.graph, outs, OUTS, 3, 3);
}

static void run_points(const pn_tape *t, int n, int shift, double *out)
{
  double in[3 * PN_LANES], par[3 * PN_LANES];
  double *pre = PN_NEW_ARRAY(&f.arena, double, (t->n_pre + 1) * PN_LANES);
  double *work = PN_NEW_ARRAY(&f.arena, double, (t->n_work + 1) * PN_LANES);
  double *one = PN_NEW_ARRAY(&f.arena, double, t->n_pre + 1);
  pn_tape_prologue(t, f.params, one);
  for (int k = 0; k < PN_LANES; k++) {
    int point = (k + shift) % PN_LANES;
    in[k] = point / 8.0 - 0.93;
    in[PN_LANES + k] = 0.05 + point / 17.0;
    in[2 * PN_LANES + k] = 0;
    for (int j = 0; j < 3; j++)
      par[j * PN_LANES + k] = f.params[j];
    for (int j = 0; j < t->n_pre; j++)
      pre[j * PN_LANES + k] = one[j];
  }
  pn_tape_eval(t, n, in, par, pre, work, out);
}

START_TEST(a_lane_does_not_depend_on_how_many_there_are_or_where_it_stands)
{
  for (int k = 0; k < 3; k++)
    f.params[k] = 0.6 + 0.3 * k;
  pn_tape *t = memristor_tape();
  double full[OUTS * PN_LANES], part[OUTS * PN_LANES];
  run_points(t, PN_LANES, 0, full);
  for (int shift = 0; shift < PN_LANES; shift++)
    for (int n = 1; n <= PN_LANES; n++) {
      run_points(t, n, shift, part);
      for (int j = 0; j < OUTS; j++)
        for (int k = 0; k < n; k++) {
          double other = full[j * PN_LANES + (k + shift) % PN_LANES];
          ck_assert(memcmp(&part[j * PN_LANES + k], &other, sizeof other) == 0);
        }
    }
}
END_TEST

START_TEST(lanes_beyond_those_in_use_are_left_alone)
{
  pn_tape *t = memristor_tape();
  double out[OUTS * PN_LANES];
  for (int k = 0; k < OUTS * PN_LANES; k++)
    out[k] = -77;
  run_points(t, 8, 0, out);
  for (int j = 0; j < OUTS; j++)
    for (int k = 8; k < PN_LANES; k++)
      ck_assert_double_eq(out[j * PN_LANES + k], -77);
}
END_TEST

/* ---- prologue, sharing, outputs ---- */

START_TEST(what_depends_on_parameters_only_runs_once)
{
  pn_gnode y = fx_node(&f, "a*exp(p/q)*sqrt(r+1)");
  pn_tape *t = pn_tape_build(&f.arena, f.graph, &y, 1, 3, 3);
  ck_assert_int_eq(t->code->n_prologue, 4); /* p/q, exp, r+1, sqrt */
  ck_assert_int_eq(t->code->n_ins, 1);      /* one merged product */
  f.params[0] = 1;
  f.params[1] = 2;
  f.params[2] = 8;
  ck_assert(fx_near(fx_value(&f, y, 0.5, 0, 0), 1.5 * exp(0.5), 1e-14));
}
END_TEST

START_TEST(the_side_of_a_choice_that_no_lane_takes_is_skipped)
{
  pn_gnode y = fx_node(&f, "a > 0 ? sin(b)*exp(a)+c : cos(c)*tan(a)-b/a");
  pn_tape *t = pn_tape_build(&f.arena, f.graph, &y, 1, 3, 3);
  int skips = 0;
  for (int k = 0; k < t->code->n_ins; k++)
    skips += t->code->ins[k].op == PN_T_SKIP_IF_0 || t->code->ins[k].op == PN_T_SKIP_IF_1;
  ck_assert_int_eq(skips, 2);
  ck_assert(fx_near(fx_value(&f, y, 2, 3, 4), sin(3) * exp(2) + 4, 1e-14));
  ck_assert(fx_near(fx_value(&f, y, -2, 3, 4), cos(4) * tan(-2) + 1.5, 1e-14));
  const double abc[3] = {2, 3, 4};
  ck_assert(value_among_others(y, abc) == fx_value(&f, y, 2, 3, 4));
}
END_TEST

START_TEST(an_output_may_be_anything_and_appear_twice)
{
  f.params[0] = 5;
  f.params[1] = 7;
  pn_gnode sum = fx_node(&f, "a+b"), outs[] = {sum,
                                               pn_graph_input(f.graph, 1),
                                               pn_graph_const(f.graph, 42),
                                               pn_graph_param(f.graph, 0),
                                               fx_node(&f, "p*q"),
                                               sum,
                                               fx_node(&f, "(a+b)*2")};
  double v[7], expected[7] = {3, 2, 42, 5, 35, 3, 6};
  fx_values(&f, 7, outs, (double[]){1, 2, 3}, v);
  for (int k = 0; k < 7; k++)
    ck_assert_double_eq(v[k], expected[k]);
}
END_TEST

START_TEST(instances_that_differ_in_parameters_share_a_tape_others_do_not)
{
  const char *texts[] = {"p*exp(a/q)",   "p*exp(a/q)",     "2*p*exp(a/q)",
                         "3*p*exp(a/q)", "pwl(a,0,0,1,1)", "pwl(a,0,0,1,2)"};
  pn_tape *t[6];
  for (int k = 0; k < 6; k++) {
    f.graph = pn_graph_new(&f.arena);
    f.params[0] = k; /* the values do not matter */
    pn_gnode y = fx_node(&f, texts[k]);
    t[k] = pn_tape_build(&f.arena, f.graph, &y, 1, 3, 3);
  }
  ck_assert(pn_tape_same(t[0], t[1]));
  ck_assert(!pn_tape_same(t[1], t[2]));
  ck_assert(!pn_tape_same(t[2], t[3]));
  ck_assert(!pn_tape_same(t[4], t[5]));
}
END_TEST

START_TEST(complex_evaluation_follows_phasors)
{
  f.params[0] = 2;
  pn_gnode y[4] = {fx_node(&f, "db(a/b)"), fx_node(&f, "ph(a)*180/pi"), fx_node(&f, "a*exp(p*2)/b"),
                   fx_node(&f, "mag(a)")};
  pn_tape *t = pn_tape_build(&f.arena, f.graph, y, 4, 3, 3);
  double complex in[3] = {CMPLX(3, 4), CMPLX(0, 0.5), 0}, out[4];
  double complex *work = PN_NEW_ARRAY(&f.arena, double complex, t->n_work + 1);
  pn_tape_eval_complex(t, in, f.params, work, out);
  ck_assert(cabs(out[0] - 20) < 1e-12);
  ck_assert(cabs(out[1] - 180 / M_PI * atan2(4, 3)) < 1e-12);
  ck_assert(cabs(out[2] - exp(4) * in[0] / in[1]) < 1e-10);
  ck_assert(cabs(out[3] - 5) < 1e-14);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("tape");
  TCase *t = tcase_create("tape");
  tcase_add_checked_fixture(t, open_fixture, close_fixture);
  tcase_add_test(t, random_expressions_have_the_tree_s_value);
  tcase_add_test(t, a_lane_does_not_depend_on_how_many_there_are_or_where_it_stands);
  tcase_add_test(t, lanes_beyond_those_in_use_are_left_alone);
  tcase_add_test(t, what_depends_on_parameters_only_runs_once);
  tcase_add_test(t, the_side_of_a_choice_that_no_lane_takes_is_skipped);
  tcase_add_test(t, an_output_may_be_anything_and_appear_twice);
  tcase_add_test(t, instances_that_differ_in_parameters_share_a_tape_others_do_not);
  tcase_add_test(t, complex_evaluation_follows_phasors);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
