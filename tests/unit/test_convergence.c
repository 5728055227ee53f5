/* The transient's error follows the tolerance asked for: measured against closed forms
 * through the public interface. */
#include <check.h>
#include <math.h>
#include <pinch/pinch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep_measure(void *user, const char *analysis, const char *name, bool ok, double value)
{
  (void)analysis;
  if (ok && strcmp(name, "result") == 0)
    *(double *)user = value;
}

/* The measurement `result` of a netlist that holds one %g for reltol. */
static double measured(const char *netlist, double reltol)
{
  char text[1024];
  int len = snprintf(text, sizeof text, netlist, reltol);
  pinch_load_options load = pinch_load_options_default();
  pinch_circuit *c = NULL;
  ck_assert_int_eq(pinch_load_text(text, (size_t)len, "convergence.cir", &load, &c), 0);
  double value = NAN;
  pinch_run_options run = pinch_run_options_default();
  run.measured = keep_measure;
  run.user = &value;
  ck_assert_int_eq(pinch_run(c, &run), 0);
  pinch_circuit_free(c);
  return value;
}

/* The error stays within 30 times the tolerance, relative to the start's 1, at three tolerances. */
static void check_order(const char *netlist, double exact)
{
  double e3 = fabs(measured(netlist, 1e-3) - exact);
  double e5 = fabs(measured(netlist, 1e-5) - exact);
  double e7 = fabs(measured(netlist, 1e-7) - exact);
  ck_assert_double_lt(e3, 3e-2);
  ck_assert_double_lt(e5, 3e-4);
  ck_assert_double_lt(e7, 3e-6);
}

START_TEST(rc_discharge_converges)
{
  check_order("t\nc1 a 0 1n ic=1\nr1 a 0 1k\n.options reltol=%g\n.tran 10n 2u uic\n"
              ".measure tran result find v(a) at=2u\n.end\n",
              exp(-2.0));
}
END_TEST

START_TEST(lc_ringing_converges)
{
  /* v(a) = exp(-a t)(cos wd t - a/wd sin wd t) for a parallel RLC with iL(0) = 0. */
  double a = 1 / (2 * 1e3 * 1e-9), w0 = 1 / sqrt(1e-9 * 1e-5), wd = sqrt(w0 * w0 - a * a), t = 1e-6;
  check_order("t\nc1 a 0 1n ic=1\nl1 a 0 10u ic=0\nr1 a 0 1k\n.options reltol=%g\n.tran 1n 1u uic\n"
              ".measure tran result find v(a) at=1u\n.end\n",
              exp(-a * t) * (cos(wd * t) - a / wd * sin(wd * t)));
}
END_TEST

START_TEST(memristor_converges)
{
  /* Linear drift without a window, in flux: R^2 = R0^2 - 2 k (Roff - Ron) phi (Strukov et al.,
   * Nature 453, 80, 2008). Written as a user's model so that the equation stands here. */
  double phi = 1.0 * 2e-3, r0 = 100 * 0.1 + 16e3 * 0.9;
  double r = sqrt(r0 * r0 - 2 * 1e6 * (16e3 - 100) * phi);
  check_order("t\nv1 a 0 1\nn1 a 0 m\n.model m memristor (state=x x0=0.1 xmin=0 xmax=1\n"
              "+ G={1/(ron*x+roff*(1-x))} g={k*v/(ron*x+roff*(1-x))} ron=100 roff=16k k=1e6)\n"
              ".options reltol=%g\n.tran 10u 2m\n.measure tran result find @n1[x] at=2m\n.end\n",
              (16e3 - r) / (16e3 - 100));
}
END_TEST

int main(void)
{
  Suite *s = suite_create("convergence");
  TCase *t = tcase_create("error against tolerance");
  tcase_add_test(t, rc_discharge_converges);
  tcase_add_test(t, lc_ringing_converges);
  tcase_add_test(t, memristor_converges);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
