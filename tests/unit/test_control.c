/* Control sections through the public interface: what they end with, what they tell, what they may not do. */
#include "pinch/pinch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct heard {
  char text[4096], messages[4096];
  int n_measured, results;
  double last; /* measured */
  bool stop;
} heard;

static void text(void *user, const char *t)
{
  heard *h = user;
  strncat(h->text, t, sizeof h->text - strlen(h->text) - 1);
}

static void message(void *user, pinch_severity severity, const char *t)
{
  heard *h = user;
  if (severity == PINCH_ERROR)
    strncat(h->messages, t, sizeof h->messages - strlen(h->messages) - 1);
}

static void measured(void *user, const char *analysis, const char *name, bool ok, double value)
{
  heard *h = user;
  (void)analysis, (void)name;
  h->n_measured += ok;
  h->last = value;
}

static void result(void *user, const pinch_result *r)
{
  (void)r;
  ((heard *)user)->results++;
}

static bool interrupted(void *user)
{
  return ((heard *)user)->stop;
}

/* The exit status of a divider with these commands and directives. */
static int run(heard *h, const char *commands, const char *behind, bool untrusted)
{
  char netlist[4096];
  bool stop = h->stop;
  *h = (heard){.stop = stop};
  snprintf(netlist, sizeof netlist,
           "divider\nv1 in 0 2\nr1 in out 1k\nr2 out 0 1k\n.control\n%s\n.endc\n%s\n.end\n",
           commands, behind);
  pinch_load_options lo = pinch_load_options_default();
  lo.message = message;
  lo.user = h;
  lo.untrusted = untrusted;
  pinch_circuit *c;
  int st = pinch_load_text(netlist, strlen(netlist), "divider.cir", &lo, &c);
  if (st)
    return pinch_exit_status(st);
  pinch_run_options ro = pinch_run_options_default();
  ro.text = text;
  ro.measured = measured;
  ro.result_begin = result;
  ro.interrupted = interrupted;
  ro.user = h;
  st = pinch_run(c, &ro);
  pinch_circuit_free(c);
  return pinch_exit_status(st);
}

START_TEST(a_code_of_quit_is_a_failure)
{
  heard h = {0};
  ck_assert_int_eq(run(&h, "op\nquit", "", false), 0);
  ck_assert_int_eq(run(&h, "op\nquit 0", "", false), 0);
  ck_assert_int_eq(run(&h, "op\nif v(out) > 0.5\nquit 1\nend", "", false), 3);
  ck_assert_int_eq(run(&h, "op\nif v(out) < 0.5\nquit 1\nend", "", false), 0);
}
END_TEST

START_TEST(directives_run_once_and_not_behind_quit)
{
  heard h = {0};
  ck_assert_int_eq(run(&h, "op", ".dc v1 0 1 1", false), 0);
  ck_assert_int_eq(h.results, 2); /* the command's, then the directive's */
  ck_assert_int_eq(run(&h, "run", ".dc v1 0 1 1", false), 0);
  ck_assert_int_eq(h.results, 1);
  ck_assert_int_eq(run(&h, "op\nquit", ".dc v1 0 1 1", false), 0);
  ck_assert_int_eq(h.results, 1);
}
END_TEST

START_TEST(measurements_are_told)
{
  heard h = {0};
  ck_assert_int_eq(run(&h, "dc v1 0 2 0.1\nmeas dc half find v(out) at=1", "", false), 0);
  ck_assert_int_eq(h.n_measured, 1);
  ck_assert_double_eq_tol(h.last, 0.5, 1e-9);
}
END_TEST

START_TEST(alterations_last_until_reset)
{
  heard h = {0};
  ck_assert_int_eq(run(&h,
                       "alter r2 = 3k\nop\nprint v(out)\nop\nprint v(out)\nreset\nop\nprint v(out)",
                       "", false),
                   0);
  ck_assert_str_eq(h.text, "v(out) = 1.500000e+00\nv(out) = 1.500000e+00\nv(out) = 1.000000e+00\n");
}
END_TEST

START_TEST(untrusted_netlists_write_nothing)
{
  heard h = {0};
  unlink("control_test.txt");
  ck_assert_int_eq(run(&h, "op\nwrdata control_test.txt v(out)", "", true), 2);
  ck_assert_ptr_nonnull(strstr(h.messages, "an untrusted netlist writes no files"));
  ck_assert_int_ne(access("control_test.txt", F_OK), 0);
}
END_TEST

START_TEST(no_branch_hides_a_command)
{
  heard h = {0};
  ck_assert_int_eq(run(&h, "if 0\nsystem ls\nend", "", false), 2);
  ck_assert_ptr_nonnull(strstr(h.messages, "divider.cir:7:1"));
  ck_assert_int_eq(h.results, 0);
}
END_TEST

START_TEST(an_interrupt_ends_a_loop)
{
  heard h = {.stop = true};
  ck_assert_int_eq(run(&h, "while 1\nend", "", false), 130);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("control");
  TCase *t = tcase_create("control");
  tcase_add_test(t, a_code_of_quit_is_a_failure);
  tcase_add_test(t, directives_run_once_and_not_behind_quit);
  tcase_add_test(t, measurements_are_told);
  tcase_add_test(t, alterations_last_until_reset);
  tcase_add_test(t, untrusted_netlists_write_nothing);
  tcase_add_test(t, no_branch_hides_a_command);
  tcase_add_test(t, an_interrupt_ends_a_loop);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
