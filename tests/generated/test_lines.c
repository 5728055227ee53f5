/* What must hold for every kind of transmission line: its derivatives, its currents that leave as they
 * enter, its direct current, and that it does not know which end is which. */
#include "devices/classes.h"
#include "devices/lines/ltra.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { L = PN_LANES, MOST = 256, MOST_PAIRS = 1024 };

typedef struct line {
  const pn_device_class *c;
  double p[MOST], u[MOST], h[4], f[MOST], jf[MOST_PAIRS];
  bool hold;
} line;

static pn_arena arena;

/* r, l, g, c per metre, 2 m long; or a T of 50 ohm. */
static const double kinds[][4] = {
    {0, 0, 0, 0},        {10, 250e-9, 0, 100e-12}, {900, 250e-9, 0, 1e-10}, {0, 250e-9, 0, 100e-12},
    {1e3, 0, 0, 10e-12}, {100, 0, 1e-3, 0}};

static line make(int kind)
{
  line d = {0};
  const pn_device_class *c = kind ? &pn_class_ltra : &pn_class_tline;
  for (int k = 0; k < c->n_params; k++)
    d.p[k] = c->params[k].value;
  if (kind) {
    for (int k = 0; k < 4; k++)
      d.p[LTRA_R + k] = kinds[kind][k];
    d.p[LTRA_LEN] = 2;
    d.c = c->specialise(c, &arena, d.p);
  } else {
    d.p[0] = 50;
    d.p[1] = 1e-9;
    d.c = c;
  }
  d.c->derive(d.c, d.p, 300.15);
  return d;
}

static void evaluate(line *d)
{
  static double p[MOST * L], u[MOST * L], h[4 * L], f[MOST * L], q[MOST * L], jf[MOST_PAIRS * L],
      jq[MOST_PAIRS * L];
  const pn_device_class *c = d->c;
  ck_assert_int_le(c->n_params + c->n_derived, MOST);
  ck_assert_int_le(c->n_pairs, MOST_PAIRS);
  for (int l = 0; l < L; l++) {
    for (int k = 0; k < c->n_params + c->n_derived; k++)
      p[k * L + l] = d->p[k];
    for (int k = 0; k < c->n_locals; k++)
      u[k * L + l] = d->u[k];
    for (int k = 0; k < c->n_hist; k++)
      h[k * L + l] = d->h[k];
  }
  pn_dev_block b = {
      .p = p, .u = u, .h = h, .f = f, .q = q, .jf = jf, .jq = jq, .n = L, .hold = d->hold};
  c->eval(c, &b);
  for (int k = 0; k < c->n_locals; k++)
    d->f[k] = f[k * L];
  for (int k = 0; k < c->n_pairs; k++)
    d->jf[k] = jf[k * L];
}

static void random_point(line *d, unsigned *seed)
{
  for (int k = 0; k < d->c->n_locals + d->c->n_hist; k++) {
    *seed = *seed * 1664525u + 1013904223u;
    double x = (*seed >> 8) / 8388608.0 - 1.0;
    *(k < d->c->n_locals ? &d->u[k] : &d->h[k - d->c->n_locals]) = x;
  }
}

/* Lines are linear: differences over a whole volt are exact. */
START_TEST(derivatives_are_differences)
{
  unsigned seed = 1;
  for (int hold = 0; hold < 2; hold++) {
    line d = make(_i);
    d.hold = hold;
    random_point(&d, &seed);
    evaluate(&d);
    for (int col = 0; col < d.c->n_locals; col++) {
      line up = d;
      up.u[col] += 1;
      evaluate(&up);
      for (int row = 0; row < d.c->n_locals; row++) {
        double exact = 0, size = fabs(d.f[row]) + fabs(up.f[row]);
        for (int m = 0; m < d.c->n_pairs; m++)
          if (d.c->pairs[m].row == row && d.c->pairs[m].col == col)
            exact += d.jf[m];
        ck_assert_msg(fabs(up.f[row] - d.f[row] - exact) <= 1e-11 * (size + fabs(exact)),
                      "kind %d hold %d: row %d col %d: %g, not %g", _i, hold, row, col, exact,
                      up.f[row] - d.f[row]);
      }
    }
  }
}
END_TEST

START_TEST(what_enters_a_port_leaves_it)
{
  unsigned seed = 2;
  line d = make(_i);
  random_point(&d, &seed);
  evaluate(&d);
  ck_assert_double_eq(d.f[0], -d.f[1]);
  ck_assert_double_eq(d.f[2], -d.f[3]);
}
END_TEST

START_TEST(the_weights_make_the_line_a_resistor_at_rest)
{
  line d = make(_i);
  int n = (d.c->n_locals - 6) / 4;
  if (_i == 0 || !d.c->n_waves || n == 0)
    return;
  const double *y = d.p + d.c->n_params + 4 + n, *f = y + n;
  double y_sum = 0, f_sum = exp(-0.5 * kinds[_i][0] * 2 * sqrt(kinds[_i][3] / kinds[_i][1]));
  for (int k = 0; k < n; k++) {
    ck_assert_double_gt(y[k], 0.0); /* passive */
    y_sum += y[k];
    f_sum += f[k];
  }
  ck_assert_double_eq_tol(y_sum, 1.0, 1e-14);
  ck_assert_double_eq_tol(f_sum, 1.0, 1e-12);
}
END_TEST

int main(void)
{
  pn_arena_init(&arena, 0);
  jmp_buf env;
  if (setjmp(env))
    return EXIT_FAILURE;
  arena.recover = &env;
  Suite *s = suite_create("lines");
  TCase *t = tcase_create("all");
  int n = PN_COUNT(kinds);
  tcase_add_loop_test(t, derivatives_are_differences, 0, n);
  tcase_add_loop_test(t, what_enters_a_port_leaves_it, 0, n);
  tcase_add_loop_test(t, the_weights_make_the_line_a_resistor_at_rest, 0, n);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  pn_arena_free(&arena);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
