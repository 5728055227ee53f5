/* Claims about pinch expand: what ngspice cannot run is refused with the reason and the device's name; drawn devices are
 * written as they were drawn. That the flat forms are right is tests/peers/expand. */
#include "pinch/pinch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT = 1 << 20 };

typedef struct outcome {
  int status;
  char messages[4096];
  char *text; /* [TEXT] */
} outcome;

static void message(void *user, pinch_severity severity, const char *text)
{
  outcome *o = user;
  (void)severity;
  size_t n = strlen(o->messages);
  snprintf(o->messages + n, sizeof o->messages - n, "%s\n", text);
}

static void append(void *user, const char *text)
{
  outcome *o = user;
  size_t n = strlen(o->text);
  snprintf(o->text + n, TEXT - n, "%s", text);
}

static outcome expand(const char *netlist)
{
  outcome o = {.text = calloc(TEXT, 1)};
  ck_assert_ptr_nonnull(o.text);
  pinch_load_options lo = pinch_load_options_default();
  pinch_circuit *c = NULL;
  lo.message = message;
  lo.user = &o;
  ck_assert_msg(!pinch_load_text(netlist, strlen(netlist), "test", &lo, &c), "%s", o.messages);
  o.status = pinch_expand(c, append, &o);
  pinch_circuit_free(c);
  return o;
}

START_TEST(what_ngspice_cannot_run_is_refused_with_the_reason)
{
  static const struct {
    const char *netlist, *why;
  } cases[] = {
      {"t\nV1 a 0 1\nNx a 0 jart_vcm\n.op\n", "'nx' (jart_vcm) has no flat form: a model whose"},
      {"t\n.model m taox c2c(gm)=normal(0.1)\nV1 a 0 1\nNx a 0 m\n.op\n", "drawn at random"},
      {"t\n.model m taox noise(gm)=normal(0.1) noise(dt)=1u\nV1 a 0 1\nNx a 0 m\n.op\n",
       "its fluctuations"},
      {"t\n.model m taox drift(nu)=0.1 drift(t0)=1\nV1 a 0 1\nNx a 0 m\n.op\n",
       "noise, drift or retention"},
      {"t\nV1 a 0 am(1 1 1k 10k 0)\nR1 a 0 1\n.op\n", "'v1'"},
      {"t\nV1 a 0 1\nL1 a b 1m\nR1 b 0 1\nF1 c 0 l1 2\nR2 c 0 1\n.op\n",
       "put one of 0 V in series"},
      {"t\nV1 a 0 1\nL1 a b 1m\nR1 b 0 1\nB1 c 0 v={i(l1)}\nR2 c 0 1\n.op\n", "of V sources only"},
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    outcome o = expand(cases[k].netlist);
    ck_assert_int_ne(o.status, 0);
    ck_assert_msg(strstr(o.messages, cases[k].why) != NULL, "%zu: %s", k, o.messages);
    free(o.text);
  }
}
END_TEST

START_TEST(names_are_not_cut_short)
{
  char netlist[2048], name[301];
  memset(name, 'a', sizeof name - 1);
  name[300] = '\0';
  snprintf(netlist, sizeof netlist, "t\nV1 %sb 0 1\nR1 %sb 0 1\nV2 %sc 0 2\nR2 %sc 0 1\n.op\n",
           name, name, name, name);
  outcome o = expand(netlist);
  ck_assert_int_ne(o.status, 0);
  ck_assert_ptr_nonnull(strstr(o.messages, "longer than 200 characters"));
  free(o.text);
}
END_TEST

/* Nodes of an array with a long name stay different nodes. */
START_TEST(long_names_of_arrays_are_whole)
{
  char name[151], text[1024], node[200];
  memset(name, 'n', sizeof name - 1);
  name[sizeof name - 1] = 0;
  snprintf(text, sizeof text,
           "t\nYxbar %s a[0:1] b[0:1] cell=r rw=1 rb=1 g=1m\nVa a[0:1] 0 1\nVb b[0:1] 0 0\n.op\n",
           name);
  outcome o = expand(text);
  ck_assert_int_eq(o.status, 0);
  for (int k = 0; k < 8; k++) {
    snprintf(node, sizeof node, " %s.%c_%d_%d ", name, k < 4 ? 'w' : 'b', k / 2 % 2, k % 2);
    ck_assert_msg(strstr(o.text, node) != NULL, "%s", o.text);
  }
  free(o.text);
}
END_TEST

/* Each function doubles what it is given: the text would have 2^40 words. */
START_TEST(an_expression_that_would_fill_the_disk_is_refused)
{
  char netlist[8192] = "t\n.func f0(x)={sin(x)+cos(x)}\n";
  for (int k = 1; k <= 40; k++) {
    size_t n = strlen(netlist);
    snprintf(netlist + n, sizeof netlist - n, ".func f%d(x)={f%d(sin(x)*cos(x))}\n", k, k - 1);
  }
  strcat(netlist, "V1 a 0 1\nB1 b 0 v={f40(v(a))}\nR1 b 0 1\n.op\n");
  outcome o = expand(netlist);
  ck_assert_int_ne(o.status, 0);
  ck_assert_ptr_nonnull(strstr(o.messages, "too long to be written out"));
  free(o.text);
}
END_TEST

START_TEST(drawn_devices_are_written_as_drawn)
{
  static const char *const netlist = "t\n.model m taox dist(gm)=normal(0.1)\nV1 a 0 1\nN1 a 0 m\n"
                                     "N2 a 0 m\n.op\n";
  outcome o = expand(netlist), again = expand(netlist);
  ck_assert_int_eq(o.status, 0);
  const char *first = strstr(o.text, "xn1 a 0 pinch_taox gm="), *second = strstr(o.text, "xn2 a 0");
  ck_assert(first && second);
  double g1 = atof(strstr(first, "gm=") + 3), g2 = atof(strstr(second, "gm=") + 3);
  ck_assert(g1 != g2 && g1 > 0.015 && g1 < 0.035);
  ck_assert_str_eq(o.text, again.text);
  free(o.text);
  free(again.text);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("expand");
  TCase *t = tcase_create("expand");
  tcase_add_test(t, what_ngspice_cannot_run_is_refused_with_the_reason);
  tcase_add_test(t, names_are_not_cut_short);
  tcase_add_test(t, long_names_of_arrays_are_whole);
  tcase_add_test(t, an_expression_that_would_fill_the_disk_is_refused);
  tcase_add_test(t, drawn_devices_are_written_as_drawn);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_set_fork_status(r, CK_NOFORK);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
