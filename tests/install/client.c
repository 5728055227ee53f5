/* A program outside the source tree: finds the installed library, runs an operating point and
 * a transient, and checks both against Ohm. Built by tests/install/run. */
#include <math.h>
#include <pinch/pinch.h>
#include <string.h>

static void keep(void *user, const char *analysis, const char *name, bool ok, double value)
{
  (void)analysis;
  (void)name;
  if (ok)
    *(double *)user = value;
}

int main(void)
{
  static const char netlist[] = "divider\nv1 a 0 3\nr1 a b 1k\nr2 b 0 2k\n.op\n.tran 1u 10u\n"
                                ".measure tran out find v(b) at=5u\n.end\n";
  pinch_load_options load = pinch_load_options_default();
  pinch_circuit *c;
  if (pinch_load_text(netlist, strlen(netlist), "divider", &load, &c) != 0)
    return 1;
  double out = NAN;
  pinch_run_options run = pinch_run_options_default();
  run.measured = keep;
  run.user = &out;
  int status = pinch_run(c, &run);
  pinch_circuit_free(c);
  return status != 0 || !(fabs(out - 2.0) < 1e-9);
}
