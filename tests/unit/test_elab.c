/* Claims about elaboration: what parameters, subcircuits, models and expressions of a
 * netlist become in the circuit, and what happens when they cannot. */
#include "circuit/array.h"
#include "parser/netlist.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char said[8192]; /* all messages of the last load */

static void hear(void *user, pn_severity severity, const char *text)
{
  (void)user;
  (void)severity;
  strncat(said, text, sizeof said - strlen(said) - 2);
  strcat(said, "\n");
}

static pn_netlist *load_with(const char *body, pn_load_options o, pn_status want)
{
  size_t room = strlen(body) + 32;
  char *text = malloc(room);
  snprintf(text, room, "title\n%s\n.op\n.end\n", body);
  said[0] = 0;
  o.message = hear;
  pn_netlist *n = NULL;
  pn_status st = pn_netlist_load("test.cir", text, strlen(text), &o, &n);
  free(text);
  ck_assert_msg(st == want, "status %s instead of %s: %s", pn_status_name(st), pn_status_name(want),
                said);
  ck_assert((n != NULL) == (st == PN_OK));
  return n;
}

static pn_netlist *load(const char *body)
{
  return load_with(body, (pn_load_options){0}, PN_OK);
}

static void refused(const char *body, const char *message)
{
  load_with(body, (pn_load_options){0}, PN_E_NETLIST);
  ck_assert_msg(strstr(said, message) != NULL, "'%s' is not in: %s", message, said);
}

/* A parameter of a device as elaborated. */
static double param(const pn_netlist *n, const char *device, const char *name)
{
  int d = pn_circuit_device(n->circuit, pn_str_of(device));
  ck_assert_msg(d >= 0, "no device %s", device);
  pn_device_info info = pn_circuit_device_info(n->circuit, d);
  int k = pn_param_find(info.cls->params, info.cls->n_params, pn_str_of(name));
  ck_assert_msg(k >= 0, "%s has no parameter %s", device, name);
  double p[64];
  pn_circuit_device_params(n->circuit, d, p);
  return p[k];
}

static const pn_device_class *class_of(const pn_netlist *n, const char *device)
{
  int d = pn_circuit_device(n->circuit, pn_str_of(device));
  ck_assert_int_ge(d, 0);
  return pn_circuit_device_info(n->circuit, d).cls;
}

static pn_sim *simulate(pn_netlist *n)
{
  pn_sim *s = NULL;
  pn_sim_options o = {
      .temp = 300.15, .gmin = 0, .linsol = "auto", .reltol = 1e-6, .vntol = 1e-9, .abstol = 1e-15};
  ck_assert_int_eq(pn_sim_new(n->circuit, &o, &n->diag, &s), PN_OK);
  return s;
}

/* Current that leaves node `at` into the devices when nodes take the voltages given, A. */
static double current_at(pn_netlist *n, const char *at, const char *const *nodes, const double *v,
                         int n_nodes)
{
  pn_sim *s = simulate(n);
  double *y = calloc((size_t)pn_circuit_n(n->circuit), sizeof *y);
  for (int k = 0; k < n_nodes; k++)
    y[pn_circuit_find_node(n->circuit, pn_str_of(nodes[k]))] = v[k];
  ck_assert_int_eq(pn_sim_eval(s, PN_SIM_TRAN, 0, y, true), PN_OK);
  double i = pn_sim_f(s)[pn_circuit_find_node(n->circuit, pn_str_of(at))];
  free(y);
  pn_sim_free(s);
  return i;
}

#define NEAR(a, b) ck_assert_double_eq_tol(a, (double)(b), 1e-12 * (fabs((double)(b)) + 1e-12))

/* ---- parameters ---- */

START_TEST(parameters_may_be_used_before_they_are_defined)
{
  pn_netlist *n = load(".param b={2*a}\n.param a=1k\nV1 x 0 1\nR1 x 0 {b+a}");
  NEAR(param(n, "r1", "r"), 3000);
  pn_netlist_free(n);
}
END_TEST

START_TEST(values_need_braces_only_where_blanks_would_part_them)
{
  pn_netlist *n = load(".param a=1k c=2*a+1\nV1 x 0 1\nR1 x 0 2*a\nR2 x 0 a\nR3 x 0 'c'");
  NEAR(param(n, "r1", "r"), 2000);
  NEAR(param(n, "r2", "r"), 1000);
  NEAR(param(n, "r3", "r"), 2001);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_define_overrides_the_netlists_parameter)
{
  pn_define d[] = {{"RL", 7}};
  pn_netlist *n = load_with(".param rl=1k twice={2*rl}\nV1 x 0 1\nR1 x 0 {twice}",
                            (pn_load_options){.defines = d, .n_defines = 1}, PN_OK);
  NEAR(param(n, "r1", "r"), 14);
  pn_netlist_free(n);
}
END_TEST

START_TEST(functions_see_the_parameters_of_their_caller)
{
  pn_netlist *n = load(".param k=1\n.func f(x) {k*x}\n"
                       ".subckt s a b params: k=5\nR1 a b {f(2)}\n.ends\n"
                       "V1 x 0 1\nX1 x 0 s\nR2 x 0 {f(3)}");
  NEAR(param(n, "x1.r1", "r"), 10);
  NEAR(param(n, "r2", "r"), 3);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_circle_of_parameters_is_reported_once)
{
  refused(".param a={b} b={a}\nV1 x 0 1\nR1 x 0 {a}\nR2 x 0 {b}", "defined through itself");
  ck_assert_ptr_null(strstr(strstr(said, "itself") + 1, "itself"));
}
END_TEST

/* ---- subcircuits ---- */

START_TEST(subcircuits_take_defaults_overrides_and_inner_parameters)
{
  pn_netlist *n = load(".param g=10\n"
                       ".subckt s a b params: r=1k f={2*r}\n.param own={f+g}\nR1 a b {own}\n.ends\n"
                       "V1 x 0 1\nX1 x 0 s\nX2 x 0 s r=100\nX3 x 0 s f={g}");
  NEAR(param(n, "x1.r1", "r"), 2010);
  NEAR(param(n, "x2.r1", "r"), 210);
  NEAR(param(n, "x3.r1", "r"), 20);
  pn_netlist_free(n);
}
END_TEST

START_TEST(an_override_belongs_to_the_callers_scope)
{
  pn_netlist *n = load(".param r=3\n.subckt s a b params: r=1k\nR1 a b {r}\n.ends\n"
                       "V1 x 0 1\nX1 x 0 s r={r}");
  NEAR(param(n, "x1.r1", "r"), 3);
  pn_netlist_free(n);
}
END_TEST

START_TEST(inner_names_carry_the_path_and_global_nodes_do_not)
{
  pn_netlist *n = load(".global vdd\n.subckt in a\nR1 a mid 1\nR2 mid vdd 1\n.ends\n"
                       ".subckt out a\nX2 a in\n.ends\nV1 x 0 1\nV2 vdd 0 1\nX1 x out");
  ck_assert_int_ge(pn_circuit_find_node(n->circuit, PN_STR("x1.x2.mid")), 0);
  ck_assert_int_ge(pn_circuit_find_node(n->circuit, PN_STR("vdd")), 0);
  ck_assert_int_eq(pn_circuit_find_node(n->circuit, PN_STR("x1.x2.vdd")), -2);
  ck_assert_int_ge(pn_circuit_device(n->circuit, PN_STR("x1.x2.r2")), 0);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_subcircuit_inside_another_hides_the_outer_one)
{
  pn_netlist *n = load(".subckt leg a\nR1 a 0 1\n.ends\n"
                       ".subckt top a\n.subckt leg a\nR1 a 0 2\n.ends\nX1 a leg\n.ends\n"
                       "V1 x 0 1\nX1 x leg\nX2 x top");
  NEAR(param(n, "x1.r1", "r"), 1);
  NEAR(param(n, "x2.x1.r1", "r"), 2);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_model_inside_a_subcircuit_uses_its_parameters)
{
  pn_netlist *n = load(".subckt s a b params: k=0.1\n.model m taox x0={k}\nN1 a b m\n.ends\n"
                       "V1 x 0 1\nX1 x 0 s\nX2 x 0 s k=0.4");
  NEAR(param(n, "x1.n1", "x0"), 0.1);
  NEAR(param(n, "x2.n1", "x0"), 0.4);
  ck_assert_ptr_eq(class_of(n, "x1.n1"), class_of(n, "x2.n1"));
  pn_netlist_free(n);
}
END_TEST

/* ---- sweeps ---- */

START_TEST(setting_a_parameter_changes_what_depends_on_it)
{
  pn_netlist *n = load(".param a=1 b={10*a} c=5\n.model m taox x0={a/10}\n"
                       ".subckt s p params: q=1\nR1 p 0 {q}\n.ends\n"
                       "V1 x 0 {a}\nR1 x 0 {b}\nR2 x 0 {c}\nX1 x s q={b+c}\nN1 x 0 m\n"
                       "B1 x 0 I={a*v(x)}");
  pn_sim *s = simulate(n);
  ck_assert_int_eq(pn_netlist_set_param(n, s, PN_STR("A"), 3), PN_OK);
  int r1 = pn_circuit_device(n->circuit, PN_STR("r1"));
  int r2 = pn_circuit_device(n->circuit, PN_STR("r2"));
  int in = pn_circuit_device(n->circuit, PN_STR("x1.r1"));
  int n1 = pn_circuit_device(n->circuit, PN_STR("n1"));
  int b1 = pn_circuit_device(n->circuit, PN_STR("b1"));
  pn_device_info mem = pn_circuit_device_info(n->circuit, n1);
  NEAR(pn_sim_get_param(s, r1, 0), 30);
  NEAR(pn_sim_get_param(s, r2, 0), 5);
  NEAR(pn_sim_get_param(s, in, 0), 35);
  NEAR(pn_sim_get_param(s, n1, pn_param_find(mem.cls->params, mem.cls->n_params, PN_STR("x0"))),
       0.3);
  NEAR(pn_sim_get_param(s, b1, 0), 3);
  pn_sim_free(s);
  pn_netlist_free(n);
}
END_TEST

START_TEST(setting_a_parameter_rewrites_waveforms)
{
  pn_netlist *n = load(".param amp=1\nV1 x 0 PWL(0 {amp} 1u 2)\nR1 x 0 1");
  pn_sim *s = simulate(n);
  int row = pn_circuit_branch(n->circuit, pn_circuit_device(n->circuit, PN_STR("v1")), 0);
  double *y = calloc((size_t)pn_circuit_n(n->circuit), sizeof *y);
  ck_assert_int_eq(pn_sim_eval(s, PN_SIM_TRAN, 0, y, false), PN_OK);
  NEAR(pn_sim_f(s)[row], -1);
  ck_assert_int_eq(pn_netlist_set_param(n, s, PN_STR("amp"), 4), PN_OK);
  ck_assert_int_eq(pn_sim_eval(s, PN_SIM_TRAN, 0, y, false), PN_OK);
  NEAR(pn_sim_f(s)[row], -4);
  ck_assert_int_eq(pn_netlist_set_param(n, s, PN_STR("apm"), 4), PN_E_NETLIST);
  free(y);
  pn_sim_free(s);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_coupling_follows_its_inductors)
{
  pn_netlist *n = load(
      ".param l=4\nV1 x 0 1\nR1 x a 1\nL1 a 0 {l}\nL2 b 0 9\nR2 b 0 1\nK1 L1 L2 0.5");
  pn_sim *s = simulate(n);
  int k1 = pn_circuit_device(n->circuit, PN_STR("k1"));
  NEAR(pn_sim_get_param(s, k1, 1), 4);
  ck_assert_int_eq(pn_netlist_set_param(n, s, PN_STR("l"), 16), PN_OK);
  NEAR(pn_sim_get_param(s, k1, 1), 16);
  NEAR(pn_sim_get_param(s, k1, 2), 9);
  pn_sim_free(s);
  pn_netlist_free(n);
}
END_TEST

/* ---- behavioural sources ---- */

START_TEST(instances_of_one_expression_share_a_batch)
{
  pn_netlist *n = load(".subckt s a params: k=1\nB1 a 0 I={k*v(a)**3}\n.ends\n"
                       "V1 x 0 1\nX1 x s\nX2 x s k=2\nB3 x 0 I={v(x)**3}");
  ck_assert_ptr_eq(class_of(n, "x1.b1"), class_of(n, "x2.b1"));
  NEAR(param(n, "x2.b1", "k"), 2);
  ck_assert_ptr_ne(class_of(n, "x1.b1"), class_of(n, "b3"));
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_polynomial_has_spices_order_of_terms)
{
  const char *nodes[] = {"x", "y"};
  const double v[] = {2, 3};
  pn_netlist *n = load("V1 x 0 1\nV2 y 0 1\nR1 a 0 1\nG1 a 0 POLY(2) x 0 y 0 1 10 100 1k 10k 100k");
  NEAR(current_at(n, "a", nodes, v, 2), 1 + 20 + 300 + 4e3 + 6e4 + 9e5);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_lone_coefficient_of_poly_is_the_gain)
{
  const char *nodes[] = {"x"};
  const double v[] = {2};
  pn_netlist *n = load("V1 x 0 1\nR1 a 0 1\nG1 a 0 POLY(1) x 0 5");
  NEAR(current_at(n, "a", nodes, v, 1), 10);
  pn_netlist_free(n);
}
END_TEST

START_TEST(points_of_a_table_may_be_parameters_of_the_instance)
{
  const char *nodes[] = {"x"};
  const double v[] = {0.5};
  pn_netlist *n = load(".subckt s c o params: top=1\nG1 o 0 TABLE {v(c)} = (0,0) (1,{top})\n.ends\n"
                       "V1 x 0 1\nR1 a 0 1\nR2 b 0 1\nX1 x a s top=2\nX2 x b s top=6");
  NEAR(current_at(n, "a", nodes, v, 1), 1);
  NEAR(current_at(n, "b", nodes, v, 1), 3);
  pn_netlist_free(n);
}
END_TEST

START_TEST(the_current_of_a_current_source_is_its_expression)
{
  const char *nodes[] = {"x"};
  const double v[] = {3};
  pn_netlist *n = load("V1 x 0 1\nR1 a 0 1\nB2 a 0 I={2*i(B1)}\nB1 x 0 I={v(x)**2}");
  NEAR(current_at(n, "a", nodes, v, 1), 18);
  pn_netlist_free(n);
}
END_TEST

START_TEST(devices_may_name_others_that_come_later)
{
  pn_netlist *n = load("F1 0 a H1 2\nR1 a 0 1\nH1 b 0 B1 3\nR2 b 0 1\nB1 c 0 V={i(V1)}\nR3 c 0 1\n"
                       "V1 d 0 1\nR4 d 0 1");
  ck_assert_int_eq(pn_circuit_n_devices(n->circuit), 8);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_time_derivative_is_an_unknown_of_the_source)
{
  pn_netlist *n = load("V1 x 0 1\nB1 x 0 I={2*ddt(v(x)**2)}");
  ck_assert_int_eq(pn_circuit_n_mna(n->circuit), 3); /* v(x), i(v1), ddt */
  ck_assert(class_of(n, "b1")->flags & PN_DEV_Q);
  pn_netlist_free(n);
}
END_TEST

/* ---- memristors ---- */

START_TEST(a_users_memristor_has_several_states_and_outer_parameters)
{
  pn_netlist *n = load(".param tau=2 gon=1m\n"
                       ".model m memristor (state=x,y x0=0.25 y0=0.5 xmin=0 xmax=1\n"
                       "+ G={gon*x+goff*y} g_x={(v-x)/tau} g_y={-y/t2} goff=1u t2=3)\n"
                       "V1 p 0 1\nN1 p 0 m y0=0.75\nN2 p 0 m");
  const pn_memristor *mem = class_of(n, "n1")->mem;
  ck_assert_int_eq(mem->n_states, 2);
  ck_assert_str_eq(mem->states[1].name, "y");
  NEAR(param(n, "n1", "x0"), 0.25);
  NEAR(param(n, "n1", "y0"), 0.75);
  NEAR(param(n, "n2", "y0"), 0.5);
  NEAR(param(n, "n2", "goff"), 1e-6);
  pn_sim *s = simulate(n);
  ck_assert_int_eq(pn_netlist_set_param(n, s, PN_STR("gon"), 5e-3), PN_OK);
  int n1 = pn_circuit_device(n->circuit, PN_STR("n1"));
  int gon = pn_param_find(mem->params, mem->n_params, PN_STR("gon"));
  NEAR(pn_sim_get_param(s, n1, gon), 5e-3);
  pn_sim_free(s);
  pn_netlist_free(n);
}
END_TEST

START_TEST(a_built_in_memristor_needs_no_card)
{
  pn_netlist *n = load("V1 p 0 1\nN1 p 0 taox x0=0.2 op=steady\nYMEMRISTOR my p 0 taox");
  NEAR(param(n, "n1", "x0"), 0.2);
  ck_assert_ptr_eq(class_of(n, "my"), class_of(n, "n1"));
  pn_netlist_free(n);
}
END_TEST

/* ---- sources and directives ---- */

START_TEST(the_words_of_a_source_come_in_any_order)
{
  pn_netlist *a = load("V1 x 0 SIN(0 1 1k) AC 2 45 DC 3\nR1 x 0 1");
  pn_netlist *b = load("V1 x 0 3 AC 2 45 SIN 0 1 1k\nR1 x 0 1");
  pn_netlist_free(a);
  pn_netlist_free(b);
}
END_TEST

START_TEST(outputs_and_starting_points_find_their_unknowns)
{
  pn_netlist *n = load(".subckt s a\nR1 a m 1k\nC1 m 0 1n\n.ic v(m)=0.5\n.ends\n"
                       "V1 x 0 1\nX1 x s\n.save x v1 v(x1.m)\n.print op v(x) i(v1)\n.ic v(x)=1\n"
                       ".nodeset v(x1.m)=0.1\n.temp 27 85");
  ck_assert_int_eq((int)n->ic_unknown.n, 2);
  int m = pn_circuit_find_node(n->circuit, PN_STR("x1.m"));
  ck_assert(n->ic_unknown.at[0] == m || n->ic_unknown.at[1] == m);
  ck_assert_int_eq(n->nodeset_unknown.at[0], m);
  ck_assert_int_eq(n->saves.at[0].n_signals, 3);
  ck_assert_str_eq(pn_signal_name(n->saves.at[0].signals[1]), "i(v1)");
  ck_assert_int_eq(n->prints.at[0].n_signals, 2);
  ck_assert_int_eq((int)n->sweeps.n, 1);
  ck_assert_double_eq(n->sweeps.at[0].values[1], 85);
  pn_netlist_free(n);
}
END_TEST

/* ---- failures ---- */

START_TEST(several_errors_come_in_one_run)
{
  refused("R1 a\nQ1 a b c m\nR2 a 0 {nope}", "test.cir:2:5: error: resistor 'R1' needs 2 nodes");
  ck_assert_ptr_nonnull(strstr(said, "model 'm' is not defined"));
  ck_assert_ptr_nonnull(strstr(said, "unknown parameter 'nope'"));
}
END_TEST

START_TEST(an_error_inside_an_instance_names_it)
{
  refused(".subckt s a params: r=1\nR1 a 0 {1/(r-2)}\n.ends\nV1 x 0 1\nX1 x s\nX2 x s r=2",
          "in instance x2");
  ck_assert_ptr_null(strstr(said, "in instance x1"));
}
END_TEST

START_TEST(limits_on_memory_and_elements_are_errors)
{
  load_with("V1 x 0 1\nR1 x 0 1", (pn_load_options){.max_memory = 2000}, PN_E_LIMIT);
  load_with("V1 x 0 1\nR1 x 0 1\nR2 x 0 1", (pn_load_options){.max_elements = 2}, PN_E_NETLIST);
  ck_assert_ptr_nonnull(strstr(said, "more than 2 elements"));
}
END_TEST

/* ---- long tables of plain lines, which helpers take apart ---- */

enum { TABLE_LINES = 12000 };

/* R, C and L between neighbours, lower and upper case. Behind `before` each line is no plain one. odd NULL, or what
 * stands in the place of lines 5000 and 9000. In memory of its own. */
static char *table(const char *before, const char *odd)
{
  char *text = malloc(TABLE_LINES * 64), *to = text;
  for (int k = 0; k < TABLE_LINES; k++) {
    static const char letters[] = "rrrrRcrlr";
    if (odd && (k == 5000 || k == 9000))
      to += sprintf(to, "%s%s\n", before, odd);
    else
      to += sprintf(to, "%s%c%d %s%d %s %d.%de-2\n", before, letters[k % 9], k, k % 5 ? "n_" : "N_",
                    k / 2, k % 3 ? "gnd" : "n_0", k + 1, k % 10);
  }
  return text;
}

static void same_circuit(const pn_netlist *a, const pn_netlist *b)
{
  int n = pn_circuit_n_devices(a->circuit);
  ck_assert_int_eq(pn_circuit_n_devices(b->circuit), n);
  ck_assert_int_eq(pn_circuit_n(a->circuit), pn_circuit_n(b->circuit));
  for (int k = 0; k < n; k++) {
    pn_device_info p = pn_circuit_device_info(a->circuit, k),
                   q = pn_circuit_device_info(b->circuit, k);
    double x[64], y[64];
    ck_assert_ptr_eq(p.cls, q.cls);
    ck_assert_msg(pn_str_eq(p.name, q.name), "%.*s, %.*s", PN_FMT(p.name), PN_FMT(q.name));
    pn_circuit_device_params(a->circuit, k, x);
    pn_circuit_device_params(b->circuit, k, y);
    ck_assert_int_eq(memcmp(x, y, (size_t)p.cls->n_params * sizeof *x), 0);
    for (int l = 0; l < p.cls->n_locals; l++)
      ck_assert_int_eq(p.unknowns[l], q.unknowns[l]);
  }
}

START_TEST(long_tables_are_read_as_single_lines_are)
{
  char *cards = table(" ", NULL), *lines = table("", NULL);
  pn_netlist *n = load(cards);
  for (int threads = 0; threads < 4; threads++) {
    pn_netlist *m = load_with(lines, (pn_load_options){.threads = threads}, PN_OK);
    same_circuit(n, m);
    pn_netlist_free(m);
  }
  pn_netlist_free(n);
  free(cards);
  free(lines);
}
END_TEST

START_TEST(errors_in_long_tables_stand_where_they_are)
{
  static const struct {
    const char *line, *first, *second;
  } odd[] = {
      {"R17 a b 5", "test.cir:5002:1: error: a device named 'r17' exists already (line 19)",
       "test.cir:9002:1: "},
      {"Rzero a b 0", "test.cir:5002:", "test.cir:9002:"},
      {"Rword a b 5 7x", "test.cir:5002:13: ", "test.cir:9002:13: "},
      {"Cmany a b c d 5", "test.cir:5002:", "test.cir:9002:"},
  };
  for (size_t k = 0; k < sizeof odd / sizeof *odd; k++) {
    char *text = table("", odd[k].line), alone[sizeof said] = "";
    for (int threads = 1; threads < 4; threads++) {
      load_with(text, (pn_load_options){.threads = threads}, PN_E_NETLIST);
      ck_assert_msg(strstr(said, odd[k].first) && strstr(said, odd[k].second), "%s", said);
      if (threads == 1)
        strcpy(alone, said);
      ck_assert_str_eq(said, alone);
    }
    free(text);
  }
}
END_TEST

START_TEST(limits_reached_in_long_tables_leave_no_helper)
{
  char *text = table("", NULL);
  for (size_t memory = 1 << 20; memory < 3 << 20; memory += 100000)
    load_with(text, (pn_load_options){.threads = 3, .max_memory = memory}, PN_E_LIMIT);
  load_with(text, (pn_load_options){.threads = 3, .max_elements = 7000}, PN_E_NETLIST);
  ck_assert_msg(strstr(said, "test.cir:7002:1: error: the netlist has more than 7000 elements"),
                "%s", said);
  free(text);
}
END_TEST

START_TEST(subcircuits_that_double_at_each_level_end_at_the_limit)
{
  char body[4096] = ".subckt s0 a\nR1 a 0 1\n.ends\n";
  for (int k = 1; k < 40; k++)
    snprintf(body + strlen(body), sizeof body - strlen(body),
             ".subckt s%d a\nX1 a s%d\nX2 a s%d\n.ends\n", k, k - 1, k - 1);
  strcat(body, "V1 x 0 1\nX1 x s39");
  load_with(body, (pn_load_options){.max_elements = 10000}, PN_E_NETLIST);
  ck_assert_ptr_nonnull(strstr(said, "more than 10000 elements"));
}
END_TEST

/* Two memories with a bit line and a gate each: to studies, two columns of one array. */
START_TEST(cells_of_two_memories_are_pairs_of_columns)
{
  char mask[64], body[900];
  snprintf(mask, sizeof mask, "pinch-elab-mask-%d.csv", (int)getpid());
  FILE *f = fopen(mask, "w");
  fprintf(f, "1,1,1,1,1,1\n1,1,1,2,1,1\n");
  fclose(f);
  snprintf(
      body, sizeof body,
      ".model mem al2o3\n.model sw mos2fet\n.subckt pair s p n g h x0=0.3\n"
      "Np s mp mem x0={x0}\nNt mp g p sw\nNn s mn mem x0={x0}\nNu mn h n sw\n.ends\n"
      "Yxbar xb1 s[0:1] p[0:2] n[0:2] g[0:1] h[0:1] cell=pair lines=rccgg rw=1 rb=1 mask=file(%s)\n"
      "Vs[0:1] s[0:1] 0 0.1\nVp[0:2] p[0:2] 0 0\nVn[0:2] n[0:2] 0 0\nVg[0:1] g[0:1] 0 5\n"
      "Vh[0:1] h[0:1] 0 5\n",
      mask);
  pn_netlist *n = load_with(body, (pn_load_options){0}, PN_OK);
  const pn_array *a = pn_circuit_array(n->circuit, PN_STR("xb1"));
  ck_assert(a && a->rows == 2 && a->cols == 6 && a->per_cell == 1 && a->n_gates == 4);
  ck_assert_int_eq(a->bit[4], pn_circuit_find_node(n->circuit, PN_STR("p[2]")));
  ck_assert_int_eq(a->bit[5], pn_circuit_find_node(n->circuit, PN_STR("n[2]")));
  ck_assert_int_eq(a->memory[1 * 6 + 3], pn_circuit_device(n->circuit, PN_STR("xb1.x1_1.nn")));
  for (int k = 0; k < 4; k++) { /* gates g[0], g[1], h[0], h[1] */
    int row = k % 2, odd = k / 2;
    for (int col = 0; col < 6; col++) {
      ck_assert(pn_array_gate_opens(a, k, row, col) == (col % 2 == odd));
      ck_assert(!pn_array_gate_opens(a, k, 1 - row, col));
    }
  }
  pn_netlist_free(n);
  unlink(mask);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("elaboration");
  TCase *t = tcase_create("all");
  tcase_add_test(t, parameters_may_be_used_before_they_are_defined);
  tcase_add_test(t, values_need_braces_only_where_blanks_would_part_them);
  tcase_add_test(t, a_define_overrides_the_netlists_parameter);
  tcase_add_test(t, functions_see_the_parameters_of_their_caller);
  tcase_add_test(t, a_circle_of_parameters_is_reported_once);
  tcase_add_test(t, subcircuits_take_defaults_overrides_and_inner_parameters);
  tcase_add_test(t, an_override_belongs_to_the_callers_scope);
  tcase_add_test(t, inner_names_carry_the_path_and_global_nodes_do_not);
  tcase_add_test(t, a_subcircuit_inside_another_hides_the_outer_one);
  tcase_add_test(t, a_model_inside_a_subcircuit_uses_its_parameters);
  tcase_add_test(t, setting_a_parameter_changes_what_depends_on_it);
  tcase_add_test(t, setting_a_parameter_rewrites_waveforms);
  tcase_add_test(t, a_coupling_follows_its_inductors);
  tcase_add_test(t, instances_of_one_expression_share_a_batch);
  tcase_add_test(t, a_polynomial_has_spices_order_of_terms);
  tcase_add_test(t, a_lone_coefficient_of_poly_is_the_gain);
  tcase_add_test(t, points_of_a_table_may_be_parameters_of_the_instance);
  tcase_add_test(t, the_current_of_a_current_source_is_its_expression);
  tcase_add_test(t, devices_may_name_others_that_come_later);
  tcase_add_test(t, a_time_derivative_is_an_unknown_of_the_source);
  tcase_add_test(t, a_users_memristor_has_several_states_and_outer_parameters);
  tcase_add_test(t, a_built_in_memristor_needs_no_card);
  tcase_add_test(t, the_words_of_a_source_come_in_any_order);
  tcase_add_test(t, outputs_and_starting_points_find_their_unknowns);
  tcase_add_test(t, several_errors_come_in_one_run);
  tcase_add_test(t, an_error_inside_an_instance_names_it);
  tcase_add_test(t, cells_of_two_memories_are_pairs_of_columns);
  tcase_add_test(t, limits_on_memory_and_elements_are_errors);
  tcase_add_test(t, long_tables_are_read_as_single_lines_are);
  tcase_add_test(t, errors_in_long_tables_stand_where_they_are);
  tcase_add_test(t, limits_reached_in_long_tables_leave_no_helper);
  tcase_add_test(t, subcircuits_that_double_at_each_level_end_at_the_limit);
  suite_add_tcase(suite, t);
  SRunner *r = srunner_create(suite);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
