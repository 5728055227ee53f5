/* Claims about the text of expressions: precedence, numbers, where an expression ends, the place of
 * each error, and the value of constants. */
#include "expr/ops.h"
#include "expr/parse.h"
#include "expr/resolve.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static pn_arena arena;
static pn_diag diag;
static jmp_buf out_of_memory;
static char messages[4096];

static void collect(void *user, pn_severity severity, const char *text)
{
  (void)user;
  (void)severity;
  size_t n = strlen(messages);
  snprintf(messages + n, sizeof messages - n, "%s\n", text);
}

static void setup(void)
{
  pn_arena_init(&arena, 0);
  if (setjmp(out_of_memory))
    ck_abort_msg("out of memory");
  arena.recover = &out_of_memory;
  pn_diag_init(&diag, &arena, collect, NULL);
  diag.max_errors = 100000;
  messages[0] = 0;
}

static void teardown(void)
{
  pn_arena_free(&arena);
}

static pn_ast *parse(const char *text, bool whole, size_t *used)
{
  size_t n = strlen(text);
  pn_loc loc = {.file = pn_diag_add_source(&diag, "e", text, n, PN_NOWHERE)};
  return pn_expr_parse(&diag, loc, text, n, whole, used);
}

static void check_text(const char *text, const char *want)
{
  size_t used;
  pn_ast *e = parse(text, true, &used);
  ck_assert_msg(e != NULL, "%s: %s", text, messages);
  const char *got = pn_ast_text(&arena, e);
  ck_assert_str_eq(got, want);
  ck_assert_str_eq(pn_ast_text(&arena, parse(got, true, &used)), want);
}

/* The first message begins with `want`, and it is the only one. */
static void check_error(const char *text, const char *want)
{
  size_t used;
  int before = diag.n_errors;
  messages[0] = 0;
  ck_assert_ptr_null(parse(text, true, &used));
  ck_assert_msg(strncmp(messages, want, strlen(want)) == 0, "%s\ngot: %s", text, messages);
  ck_assert_int_eq(diag.n_errors, before + 1);
}

/* The parameters and functions of these tests: a = 3, s = 5 (swept), bad = NAN. */
static bool find_param(void *user, pn_str name, pn_loc loc, double *value, bool *sweeps)
{
  (void)user;
  (void)loc;
  *value = pn_str_is(name, "a") ? 3 : pn_str_is(name, "s") ? 5 : NAN;
  if (pn_str_is(name, "s"))
    *sweeps = true;
  return !isnan(*value) || pn_str_is(name, "bad");
}

static const pn_func *find_func(void *user, pn_str name)
{
  static pn_str formals[] = {{"x", 1}, {"y", 1}};
  static const char *const bodies[][2] = {
      {"f", "x*x+y*a"}, {"loop", "loop(x,y)+1"}, {"many", "many(x,y)+many(x,y)"}, {"second", "y"}};
  (void)user;
  for (int k = 0; k < 4; k++)
    if (pn_str_is(name, bodies[k][0])) {
      size_t used;
      pn_func *f = PN_NEW(&arena, pn_func);
      *f = (pn_func){.name = name, .n_formals = 2, .formals = formals};
      f->body = parse(bodies[k][1], true, &used);
      return f;
    }
  return NULL;
}

static const pn_resolver resolver = {.param = find_param, .func = find_func};

static void check_value(const char *text, double want)
{
  size_t used;
  double got = NAN;
  pn_ast *e = parse(text, true, &used);
  ck_assert_msg(e != NULL, "%s: %s", text, messages);
  ck_assert_msg(pn_eval_const(&diag, e, &resolver, &got, NULL) == PN_OK, "%s: %s", text, messages);
  ck_assert_msg(got == want, "%s: %.17g, not %.17g", text, got, want);
}

static void check_value_error(const char *text, const char *want)
{
  size_t used;
  double got;
  messages[0] = 0;
  pn_ast *e = parse(text, true, &used);
  ck_assert_msg(e != NULL, "%s: %s", text, messages);
  ck_assert_int_eq(pn_eval_const(&diag, e, &resolver, &got, NULL), PN_E_NETLIST);
  ck_assert_msg(strncmp(messages, want, strlen(want)) == 0, "%s\ngot: %s", text, messages);
}

START_TEST(precedence_is_ngspice_s)
{
  check_value("1+2*3", 7);
  check_value("-2**2", -4);
  check_value("2^-1", 0.5);
  check_value("2**3**2", 512);
  check_value("7-3-2", 2);
  check_value("24/4/2", 3);
  check_value("7%4*2", 6);
  check_value("1+1==2", 1);
  check_value("1<2 && 2>3 || 1", 1);
  check_value("!0+1", 2);
  check_value("0 ? 1 : 0 ? 2 : 3", 3);
  check_value("1 ? 2 : 1 ? 3 : 4", 2);
  check_value("3<>3 | 2!=3 & 1", 1);
}
END_TEST

START_TEST(numbers_have_suffixes_and_units)
{
  static const struct {
    const char *text;
    double value;
    size_t used;
  } cases[] = {{"10k", 1e4, 3},
               {"1meg", 1e6, 4},
               {"1MEGohm", 1e6, 7},
               {"2.2nF", 2.2e-9, 5},
               {"100mil", 2.54e-3, 6},
               {"1e3", 1e3, 3},
               {"1.5e-3k", 1.5, 7},
               {"-.5u", -0.5e-6, 4},
               {"1T", 1e12, 2},
               {"3g", 3e9, 2},
               {"4m", 4e-3, 2},
               {"5p", 5e-12, 2},
               {"6f", 6e-15, 2},
               {"7a", 7e-18, 2},
               {"8V", 8, 2},
               {"1e", 1, 2},
               {"1.", 1, 2},
               {"2\xc2\xb5"
                "A",
                2e-6, 4},
               {"k", 0, 0},
               {".", 0, 0},
               {"", 0, 0},
               {"1 k", 1, 1},
               {"0.1", 0.1, 3},
               {"1e400", INFINITY, 5},
               {"1e-400", 0, 6},
               {"4.9e-324", 4.9e-324, 8}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    double v = 0;
    ck_assert_uint_eq(pn_number_parse(cases[k].text, strlen(cases[k].text), &v), cases[k].used);
    ck_assert_msg(v == cases[k].value, "%s: %.17g", cases[k].text, v);
  }
}
END_TEST

START_TEST(numbers_written_with_17_digits_come_back)
{
  unsigned long long seed = 1;
  for (int k = 0; k < 20000; k++) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    double x = ldexp((double)(seed >> 11), (int)(seed % 400) - 250), back;
    char text[40];
    int n = snprintf(text, sizeof text, "%.17g", x);
    ck_assert_uint_eq(pn_number_parse(text, (size_t)n, &back), (size_t)n);
    ck_assert_msg(back == x, "%s gave %.17g", text, back);
  }
}
END_TEST

START_TEST(an_expression_ends_before_the_next_operand)
{
  static const struct {
    const char *text;
    size_t used;
  } cases[] = {{"b + 3 c = 5", 5}, {"3 -5", 4},          {"a , b", 1},  {"1k) (", 2},
               {"a*(b c", 0},      {"vdd PWL (0 0)", 3}, {"3 (4)", 1},  {"a ? b : c : d", 9},
               {"2 \"x\"", 1},     {"a = 3", 1},         {"a } b", 1},  {"3 4k7", 1},
               {"a \n+ + 1 b", 8}, {"a ; note", 1},      {"a \n b", 1}, {"v(1) v(2)", 4}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    size_t used = 99;
    pn_ast *e = parse(cases[k].text, false, &used);
    ck_assert_int_eq(e != NULL, cases[k].used > 0);
    if (e)
      ck_assert_msg(used == cases[k].used, "%s: %zu", cases[k].text, used);
  }
}
END_TEST

START_TEST(probes_take_raw_names)
{
  check_text("v(out+,3) - V( x1.n2 )*i(v1)", "v(out+,3)-V(x1.n2)*i(v1)");
  check_text("vdb(a-b)+vp(net[3])+ir(l1)", "vdb(a-b)+vp(net[3])+ir(l1)");
  check_text("@nm1[x]/@m.x1.m1[gm]*@n[3][g]", "@nm1[x]/@m.x1.m1[gm]*@n[3][g]");
  size_t used;
  pn_ast *e = parse("VM(out)", true, &used);
  ck_assert_int_eq(e->kind, PN_AST_PROBE);
  ck_assert(pn_str_eq(e->name, PN_STR("VM")));
  ck_assert(pn_str_eq(e->args[0]->name, PN_STR("out")));
  ck_assert_uint_eq(e->args[0]->loc.offset, 3);
  e = parse("@n[3][g]", true, &used);
  ck_assert_int_eq(e->kind, PN_AST_AT);
  ck_assert(pn_str_eq(e->name, PN_STR("n[3]")));
  ck_assert(pn_str_eq(e->args[0]->name, PN_STR("g")));
}
END_TEST

START_TEST(text_has_no_needless_brackets)
{
  check_text("(1+2)*3-(4-5)", "(1+2)*3-(4-5)");
  check_text("((1*2))+(3)", "1*2+3");
  check_text("(2**3)**2 + (-2)**2 - -x", "(2**3)**2+(-2)**2--x");
  check_text("(a?b:c)?d:(e?f:g)", "(a?b:c)?d:e?f:g");
  check_text("{a}*{b + 1}", "a*(b+1)");
  check_text("!(a&&b)||sin(x , y)", "!(a&&b)||sin(x,y)");
  check_text("0.1+1e-15+100meg", "0.1+1e-15+100000000");
}
END_TEST

START_TEST(continuations_and_comments_are_white_space)
{
  check_value("1 + ; one\n* two (\n\n+ 2 // three\n  + * 3 $ four\n", 7);
}
END_TEST

START_TEST(errors_name_their_place)
{
  check_error("(1+2", "e:1:1: error: '(' is never closed");
  check_error("2*sin(1+(2)", "e:1:6: error: '(' is never closed");
  check_error("3 + ", "e:1:3: error: operand missing after '+'");
  check_error("3 + * 4", "e:1:5: error: operand missing between '+' and '*'");
  check_error("(3 x)", "e:1:4: error: operator missing before 'x'");
  check_error("3 x", "e:1:3: error: 'x' cannot follow a complete expression");
  check_error("1\n+ + )", "e:2:5: error: operand missing between '+' and ')'");
  check_error("1)", "e:1:2: error: ')' without its opening bracket");
  check_error("{1)", "e:1:3: error: ')' does not match the '{' that is open");
  check_error("a = 1", "e:1:3: error: '=' cannot be used in an expression");
  check_error("a ? b", "e:1:3: error: '?' without its ':'");
  check_error("(a : b)", "e:1:4: error: ':' without its '?'");
  check_error("", "e:1:1: error: an expression is missing");
  check_error("1+4k7", "e:1:3: error: malformed number '4k7'");
  check_error("1+1e999", "e:1:3: error: the number '1e999' is too large");
  check_error("\"abc", "e:1:1: error: the string opened here is never closed");
  check_error("v(a,b,c)", "e:1:1: error: v() takes one node or two");
  check_error("i(a,b)", "e:1:1: error: i() takes one device");
  check_error("v()", "e:1:3: error: a name is missing before ')'");
  check_error("v(a b)", "e:1:5: error: ',' or ')' missing before 'b'");
  check_error("@r1", "e:1:1: error: '@' is not followed by a device and a quantity");
  check_error("1+#", "e:1:3: error: unexpected '#' in an expression");
}
END_TEST

static char *repeat(const char *head, const char *part, int n, const char *tail)
{
  size_t k = strlen(part);
  char *s = pn_arena_alloc(&arena, strlen(head) + (size_t)n * k + strlen(tail) + 1);
  strcpy(s, head);
  char *p = s + strlen(s);
  for (int j = 0; j < n; j++, p += k)
    memcpy(p, part, k);
  strcpy(p, tail);
  return s;
}

START_TEST(deep_nesting_is_an_error)
{
  check_error(repeat("", "(", 10000, "1"),
              "e:1:257: error: brackets are nested more than 256 deep");
  check_error(repeat("", "-", 100000, "1"), "e:1:");
  check_error(repeat("", "2**", 100000, "1"), "e:1:");
  check_error(repeat("1", "+1", 100000, ""),
              "e:1:1: error: the expression is more than 2000 levels");
  check_error(repeat("", "1?1:", 100000, "1"), "e:1:");
  check_error(repeat("", "a", 1000000, " 1"), "e:1:1000002: error: '1' cannot follow");
  check_value(repeat("1", "+1", 1900, ""), 1901);
}
END_TEST

START_TEST(constants_functions_and_parameters)
{
  check_value("a*2", 6);
  check_value("A+pi", 3 + M_PI);
  check_value("f(a,2)", 15);
  check_value("second(f(1,1),7)", 7);
  check_value("max(1,2)+min(3,4)", 5);
  check_value("if(a>2,1,1/0)", 1);
  check_value("1/(1/0)", 0);
  check_value("pwl(0.5,0,0,1,10)+table(5,0,1,1,2)+pwl(-1,0,3,1,4)", 10);
  check_value("limit(5,0,2)+buf(0.7)+inv(0.7)", 3);
  check_value("int(-2.7)", -2);
  check_value("true+yes+no", 2);
}
END_TEST

START_TEST(what_is_no_constant_is_an_error)
{
  check_value_error("2*q", "e:1:3: error: unknown parameter 'q'");
  check_value_error("1+snh(2)", "e:1:3: error: unknown function 'snh'; did you mean 'sinh'?");
  check_value_error("1+time", "e:1:3: error: 'time' cannot be used here");
  check_value_error("1+v(a)", "e:1:3: error: a voltage or current cannot be used here");
  check_value_error("1+ddt(a)", "e:1:3: error: ddt() cannot be used here");
  check_value_error("agauss(1)", "e:1:1: error: random function agauss() is not known with 1");
  check_value_error("poisson(1,2)", "e:1:1: error: random function poisson() is not known with 2");
  check_value_error("sin(1,2)", "e:1:1: error: sin() takes 1 argument, not 2");
  check_value_error("f(1)", "e:1:1: error: f() takes 2 arguments, not 1");
  check_value_error("1+2/0", "e:1:3: error: division by zero");
  check_value_error("ln(-1)", "e:1:1: error: this expression is not a number");
  check_value_error("1+exp(1000)", "e:1:3: error: this expression is infinite");
  check_value_error("\"a\"+1", "e:1:1: error: a text cannot be used as a number");
  check_value_error("pwl(1,2,3,2,4)", "e:1:11: error: the points of pwl() must have rising x");
  check_value_error("loop(1,2)", "e:1:1: error: calls of 'loop' are nested more than 64 deep");
  check_value_error("many(1,2)", "e:1:1: error: calls of 'many' are nested more than 64 deep");
  check_value_error("bad+1", ""); /* told where it is defined */
}
END_TEST

START_TEST(sweeps_are_known_through_functions)
{
  static const struct {
    const char *text;
    bool sweeps;
  } cases[] = {{"a+1", false},
               {"s+1", true},
               {"f(s,1)", true},
               {"second(s,1)", false},
               {"second(1,s)", true}};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    size_t used;
    double v;
    bool sweeps = false;
    pn_ast *e = parse(cases[k].text, true, &used);
    ck_assert_int_eq(pn_eval_const(&diag, e, &resolver, &v, &sweeps), PN_OK);
    ck_assert_msg(sweeps == cases[k].sweeps, "%s", cases[k].text);
  }
}
END_TEST

START_TEST(any_bytes_end_in_a_tree_or_one_message)
{
  static const char alphabet[] = "ab1.e+-*/%^?:,(){}'\"@[]=<>!&|; \n\tvVi\x80#$";
  unsigned seed = 1;
  for (int run = 0; run < 20000; run++) {
    char *text = pn_arena_alloc(&arena, 24);
    int n = 1 + run % 22, before = diag.n_errors;
    for (int k = 0; k < n; k++) {
      seed = seed * 1103515245u + 12345u;
      text[k] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
    }
    size_t used = 0;
    pn_ast *e = parse(text, run % 2, &used);
    ck_assert_int_eq(diag.n_errors, before + (e == NULL));
    ck_assert_uint_le(used, (size_t)n);
    if (e) {
      const char *again = pn_ast_text(&arena, e);
      pn_ast *f = parse(again, true, &used);
      ck_assert_msg(f != NULL, "%s became %s", text, again);
      ck_assert_str_eq(pn_ast_text(&arena, f), again);
    }
  }
}
END_TEST

int main(void)
{
  Suite *s = suite_create("expr_syntax");
  TCase *t = tcase_create("expr_syntax");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_test(t, precedence_is_ngspice_s);
  tcase_add_test(t, numbers_have_suffixes_and_units);
  tcase_add_test(t, numbers_written_with_17_digits_come_back);
  tcase_add_test(t, an_expression_ends_before_the_next_operand);
  tcase_add_test(t, probes_take_raw_names);
  tcase_add_test(t, text_has_no_needless_brackets);
  tcase_add_test(t, continuations_and_comments_are_white_space);
  tcase_add_test(t, errors_name_their_place);
  tcase_add_test(t, deep_nesting_is_an_error);
  tcase_add_test(t, constants_functions_and_parameters);
  tcase_add_test(t, what_is_no_constant_is_an_error);
  tcase_add_test(t, sweeps_are_known_through_functions);
  tcase_add_test(t, any_bytes_end_in_a_tree_or_one_message);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
