/* The elementary functions of devices/vmath.h against libm in 80-bit arithmetic, on 10^6 points each and at
 * the extremes, in loops compiled as device models are: for the processor at hand. */
#include "devices/vmath.h"

#include <check.h>
#include <float.h>
#include <stdlib.h>

enum { POINTS = 1000000 };

/* splitmix64: tests are the same on every machine. */
static double random01(uint64_t *seed)
{
  uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/* One function of vmath.h over n points, two results each: as this processor runs it, and as the
 * oldest does. */
#define KERNEL_AS(name, call)                                                                      \
  static void name(int n, const double *restrict x, double *restrict y, double *restrict z)        \
  {                                                                                                \
    for (int k = 0; k < n; k++)                                                                    \
      y[k] = call;                                                                                 \
  }
#define KERNEL(name, call)                                                                         \
  PN_VECTOR_FN KERNEL_AS(name##_here, call) KERNEL_AS(                                             \
      name##_anywhere, call) static kernel *const name[] = {name##_here, name##_anywhere};

typedef void kernel(int n, const double *restrict x, double *restrict y, double *restrict z);

KERNEL(run_exp, pn_lim_exp(x[k], &z[k]))
KERNEL(run_cap_exp, pn_cap_exp(x[k], &z[k]))
KERNEL(run_expm1, pn_lim_expm1(x[k], &z[k]))
KERNEL(run_one_less_exp, pn_one_less_exp(x[k], &z[k]))
KERNEL(run_log, (z[k] = x[k], pn_log(x[k])))
KERNEL(run_sinh, pn_sinh(x[k], &z[k]))
KERNEL(run_sin, pn_sincos(x[k], &z[k]))
KERNEL(run_logistic, pn_logistic(x[k], &z[k]))

static long double capped_exp(double x, long double *slope)
{
  long double c = fminl(fmaxl(x, PN_EXP_FLOOR), PN_EXP_CAP);
  *slope = expl(c);
  return *slope * (1 + fmaxl(x - PN_EXP_CAP, 0));
}

static long double capped_expm1(double x, long double *slope)
{
  return x > PN_EXP_CAP ? capped_exp(x, slope) - 1
                        : (capped_exp(x, slope), expm1l(fmaxl(x, PN_EXP_FLOOR)));
}

static long double one_less_exp(double x, long double *rest)
{
  *rest = expl(fmaxl(-x, PN_EXP_FLOOR));
  return -expm1l(fmaxl(-x, PN_EXP_FLOOR));
}

static long double log_of(double x, long double *same)
{
  *same = x;
  return logl(x);
}

static long double capped_sinh(double x, long double *cosine)
{
  long double c = fminl(fmaxl(x, -PN_EXP_CAP), PN_EXP_CAP);
  *cosine = coshl(c);
  return sinhl(c) + (x - c) * *cosine;
}

static long double sin_of(double x, long double *cosine)
{
  *cosine = cosl(x);
  return sinl(x);
}

static long double logistic(double x, long double *slope)
{
  long double e = expl(-x), y = 1 / (1 + e);
  *slope = e * y * y;
  return y;
}

typedef struct function {
  const char *name;
  kernel *const *run; /* [2] */
  long double (*exact)(double x, long double *z);
  double from, to; /* where random points lie */
  double most;     /* ulp */
  double absolute; /* error allowed besides, where results pass through 0 */
  double extremes[8];
  int n_extremes;
} function;

static const function functions[] = {
    {"exp",
     run_exp,
     capped_exp,
     -310,
     210,
     1.5,
     0,
     {0, -0.0, 1e-300, -1e200, 1e200, 1e17, -1e-17},
     7},
    {"exp at small arguments", run_exp, capped_exp, -1, 1, 1.5, 0, {DBL_MIN, -DBL_MAX}, 2},
    {"exp without floor", run_cap_exp, capped_exp, 0, 250, 1.5, 0, {0, 1e-300, 1e200, 200}, 4},
    {"expm1", run_expm1, capped_expm1, -310, 210, 2, 0, {1e-300, -1e-300, 1e200, -1e300, 0}, 5},
    {"expm1 at small arguments", run_expm1, capped_expm1, -1e-3, 1e-3, 2, 0, {1e-17, -1e-17}, 2},
    {"1 - exp(-d)", run_one_less_exp, one_less_exp, 0, 310, 2, 0, {0, 1e-300, 1e-9, 1e300}, 4},
    {"log", run_log, log_of, 0, 10, 3, 0, {DBL_MIN, DBL_MAX, 1, 1 + DBL_EPSILON, 1e-100}, 5},
    {"log near 1", run_log, log_of, 0.7, 1.5, 3, 0, {1 - DBL_EPSILON}, 1},
    {"sinh", run_sinh, capped_sinh, -210, 210, 4, 0, {0, -0.0, 1e-300, -1e-300, 1e200, -1e200}, 6},
    {"sinh at small arguments", run_sinh, capped_sinh, -2, 2, 4, 0, {1e-17, -1e-17, 0.34657}, 3},
    {"sin and cos", run_sin, sin_of, -1e6, 1e6, 0, 3e-15, {0, -0.0, 1e6}, 3},
    {"logistic", run_logistic, logistic, -99, 290, 6, 0, {0, -99.9}, 2},
};

static double ulps(double got, long double exact, double absolute)
{
  double size = fabs((double)exact);
  double ulp = nextafter(size, INFINITY) - size;
  long double error = fabsl((long double)got - exact) - absolute;
  return error <= 0 ? 0 : (double)(error / ulp);
}

START_TEST(functions_are_as_near_to_libm_as_they_say)
{
  const function *f = &functions[_i];
  double *x = malloc(3 * POINTS * sizeof *x), *y = x + POINTS, *z = y + POINTS;
  ck_assert_ptr_nonnull(x);
  uint64_t seed = 11;
  for (int k = 0; k < POINTS; k++)
    x[k] = k < f->n_extremes ? f->extremes[k] : f->from + (f->to - f->from) * random01(&seed);
  for (int way = 0; way < 2; way++) {
    f->run[way](POINTS, x, y, z);
    for (int k = 0; k < POINTS; k++) {
      long double z_exact, y_exact = f->exact(x[k], &z_exact);
      double off = fmax(ulps(y[k], y_exact, f->absolute), ulps(z[k], z_exact, f->absolute));
      if (!(off <= f->most))
        ck_abort_msg("%s(%.17g) = %.17g, %.17g is %g ulp off", f->name, x[k], y[k], z[k], off);
    }
  }
  free(x);
}
END_TEST

/* NaN must not be hidden: a step that computed one is refused. */
START_TEST(not_a_number_stays_one)
{
  double nan = NAN, y, z;
  kernel *const *all[] = {run_exp, run_cap_exp, run_expm1, run_one_less_exp, run_sinh};
  for (size_t k = 0; k < 2 * sizeof all / sizeof *all; k++) {
    all[k / 2][k % 2](1, &nan, &y, &z);
    ck_assert_msg(isnan(y), "function %zu", k);
  }
}
END_TEST

/* A value does not depend on where in an array it stands. */
START_TEST(results_do_not_depend_on_the_position)
{
  enum { MOST = 40 };
  const function *f = &functions[_i];
  double x[MOST], y[MOST], z[MOST];
  uint64_t seed = 5;
  for (int round = 0; round < 100; round++) {
    double value = f->from + (f->to - f->from) * random01(&seed), y0, z0;
    f->run[0](1, &value, &y0, &z0);
    for (int n = 1; n <= MOST; n++) {
      for (int k = 0; k < n; k++)
        x[k] = k == (round + n) % n ? value : f->to;
      f->run[0](n, x, y, z);
      int at = (round + n) % n;
      ck_assert_msg(y[at] == y0 && z[at] == z0, "%s(%.17g) at %d of %d", f->name, value, at, n);
    }
  }
}
END_TEST

int main(void)
{
  Suite *s = suite_create("vmath");
  TCase *t = tcase_create("vmath");
  int n = sizeof functions / sizeof *functions;
  tcase_set_timeout(t, 60);
  tcase_add_loop_test(t, functions_are_as_near_to_libm_as_they_say, 0, n);
  tcase_add_loop_test(t, results_do_not_depend_on_the_position, 0, n);
  tcase_add_test(t, not_a_number_stays_one);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_ENV);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
