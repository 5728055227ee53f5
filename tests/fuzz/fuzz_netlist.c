/* libFuzzer target: lexer, parser and elaboration of any bytes, as `pinch check --untrusted` would. Memory,
 * elements and includes are bounded; a crash, a leak or a hang is a fault. */
#include "pinch/pinch.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pinch_load_options o = pinch_load_options_default();
  o.untrusted = true;
  o.max_memory = (size_t)64 << 20;
  o.max_elements = 20000;
  pinch_circuit *c = NULL;
  if (pinch_load_text((const char *)data, size, "fuzz.cir", &o, &c) == 0)
    pinch_circuit_free(c);
  return 0;
}
