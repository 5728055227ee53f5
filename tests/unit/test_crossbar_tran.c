/* Claims about transients of crossbars in which cells switch: TR-BDF2 is chosen and agrees with a tight
 * IDA run in every state, and the energies of all elements and sources sum to zero. */
#include "last_point.h"

#include <math.h>
#include <stdlib.h>

enum { TEXT = 1 << 18 };

/* V/2 pulses at the cell in the middle; ohm per segment. */
static void write_array(char *text, int n, double volts, double ohm, const char *model,
                        const char *rest)
{
  int k = n / 2;
  const char *pulse = "0 10n 10n 1u 2u";
  snprintf(text, TEXT,
           "t\n.model cell %s\nYxbar x w[0:%d] b[0:%d] cell=cell rw=%g rb=%g\n"
           "Va[0:%d] w[0:%d] 0 pulse(0 %g %s)\nVa[%d] w[%d] 0 pulse(0 %g %s)\n"
           "Va[%d:%d] w[%d:%d] 0 pulse(0 %g %s)\nVb[0:%d] b[0:%d] 0 pulse(0 %g %s)\n"
           "Vb[%d] b[%d] 0 0\nVb[%d:%d] b[%d:%d] 0 pulse(0 %g %s)\n%s\n.end\n",
           model, n - 1, n - 1, ohm, ohm, k - 1, k - 1, volts / 2, pulse, k, k, volts, pulse, k + 1,
           n - 1, k + 1, n - 1, volts / 2, pulse, k - 1, k - 1, volts / 2, pulse, k, k, k + 1,
           n - 1, k + 1, n - 1, volts / 2, pulse, rest);
}

typedef struct switching {
  int n;
  double volts, ohm;
  const char *model, *stop;
} switching;

/* The cell in the middle of each switches; in the third so do many half-selected ones. */
static const switching cases[] = {
    {16, 1, 1, "taox", "4.1u"},
    {32, 1, 0.25, "taox", "2.1u"},
    {16, 1.4, 1, "taox", "2.1u"},
    {16, 1.2, 1, "vteam ron=1k roff=10k v_on=-0.7 v_off=0.7 k_on=-1m k_off=1m x0=1n", "2.1u"},
};

START_TEST(every_state_agrees_with_a_tight_run)
{
  const switching *c = &cases[_i];
  char *text = malloc(TEXT), rest[512];
  result *fast = malloc(sizeof *fast), *tight = malloc(sizeof *tight);
  const char *save = ".save @x.n[0:%d][0:%d][x]\n.tran 20n %s\n.options %s";
  snprintf(rest, sizeof rest, save, c->n - 1, c->n - 1, c->stop, "");
  write_array(text, c->n, c->volts, c->ohm, c->model, rest);
  run_to_last(text, 1, fast);
  snprintf(rest, sizeof rest, save, c->n - 1, c->n - 1, c->stop, "method=ida reltol=1e-8");
  write_array(text, c->n, c->volts, c->ohm, c->model, rest);
  run_to_last(text, 1, tight);
  ck_assert_ptr_nonnull(strstr(fast->log, "TR-BDF2 (an array of memristors)"));
  ck_assert_msg(!strstr(fast->log, "left to"), "%s", fast->log);
  ck_assert_int_eq(fast->n, c->n * c->n);
  double least = INFINITY, most = 0;
  for (int k = 0; k < fast->n; k++) {
    least = fmin(least, tight->value[k]);
    most = fmax(most, tight->value[k]);
  }
  ck_assert_double_gt(most, 1.5 * least); /* something has switched */
  for (int k = 0; k < fast->n; k++)
    ck_assert_double_le(fabs(fast->value[k] - tight->value[k]), 1e-3 * fabs(tight->value[k]));
  free(text);
  free(fast);
  free(tight);
}
END_TEST

/* Tellegen's theorem over a whole SET: what sources give is what cells and wires take, to 1e-6. */
START_TEST(energies_close)
{
  char *text = malloc(TEXT);
  result *r = malloc(sizeof *r);
  write_array(text, 16, 1, 1, "taox",
              ".save @x.n[0:15][0:15][e] @x.rw[0:15][0:15][e] @x.rb[0:15][0:15][e] @va[0:15][e] "
              "@vb[0:15][e]\n.tran 20n 2.1u");
  run_to_last(text, 1, r);
  ck_assert_int_eq(r->n, 3 * 256 + 32);
  double sum = 0, cells = 0, wires = 0;
  for (int k = 0; k < r->n; k++) {
    sum += r->value[k];
    cells += k < 256 ? r->value[k] : 0;
    wires += k >= 256 && k < 768 ? r->value[k] : 0;
  }
  ck_assert_double_gt(cells, 1e-9); /* some 0.01 A at 1 V for 1 us */
  ck_assert_double_gt(wires, 0);
  ck_assert_msg(fabs(sum) <= 1e-6 * (cells + wires), "%g of %g J", sum, cells + wires);
  free(text);
  free(r);
}
END_TEST

int main(void)
{
  Suite *s = suite_create("crossbar transients");
  TCase *t = tcase_create("transients");
  tcase_set_timeout(t, 120);
  tcase_add_loop_test(t, every_state_agrees_with_a_tight_run, 0, sizeof cases / sizeof *cases);
  tcase_add_test(t, energies_close);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
