/* libFuzzer target: all analyses of a netlist, as `pinch --untrusted` runs them, in the folder it was started in.
 * Memory, elements and unknowns are bounded, and a run is interrupted after a time; a crash, a leak or a loop that
 * does not ask whether it was interrupted is a fault. */
#define _POSIX_C_SOURCE 199309L
#include "pinch/pinch.h"

#include <stdint.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_UNKNOWNS = 400 };

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool interrupted(void *user)
{
  return now() > *(const double *)user;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pinch_load_options l = pinch_load_options_default();
  l.untrusted = true;
  l.max_memory = (size_t)64 << 20;
  l.max_elements = 2000;
  pinch_circuit *c = NULL;
  if (pinch_load_text((const char *)data, size, "fuzz.cir", &l, &c))
    return 0;
  double until = now() + 0.1;
  pinch_run_options r = pinch_run_options_default();
  r.tables = r.stats = true;
  r.interrupted = interrupted;
  r.user = &until;
  if (pinch_count_unknowns(c) <= MOST_UNKNOWNS)
    pinch_run(c, &r);
  pinch_circuit_free(c);
  return 0;
}
