/* Counter-based random numbers: Philox4x32-10, and the laws drawn from it. */
#include "base/random.h"

#include <math.h>

void pn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
  for (int round = 0; round < 10; round++) {
    uint64_t a = (uint64_t)0xD2511F53u * c[0], b = (uint64_t)0xCD9E8D57u * c[2];
    uint32_t next[4] = {(uint32_t)(b >> 32) ^ c[1] ^ k[0], (uint32_t)b,
                        (uint32_t)(a >> 32) ^ c[3] ^ k[1], (uint32_t)a};
    for (int j = 0; j < 4; j++)
      c[j] = next[j];
    k[0] += 0x9E3779B9u;
    k[1] += 0xBB67AE85u;
  }
  for (int j = 0; j < 4; j++)
    out[j] = c[j];
}

/* Two independent numbers in (0, 1), of 53 bits each. */
static void two(const pn_random_key *k, uint32_t event, double *a, double *b)
{
  uint32_t counter[4] = {(uint32_t)k->device, (uint32_t)(k->device >> 32), k->run, event};
  uint32_t key[2] = {(uint32_t)k->seed, (uint32_t)(k->seed >> 32) ^ (k->purpose << 24)};
  uint32_t out[4];
  pn_philox(counter, key, out);
  *a = ((double)(((uint64_t)out[0] << 32 | out[1]) >> 12) + 0.5) * 0x1p-52;
  *b = ((double)(((uint64_t)out[2] << 32 | out[3]) >> 12) + 0.5) * 0x1p-52;
}

double pn_random_uniform(const pn_random_key *k, uint32_t event)
{
  double a, b;
  two(k, event, &a, &b);
  return a;
}

double pn_random_normal(const pn_random_key *k, uint32_t event)
{
  double a, b;
  two(k, event, &a, &b);
  return sqrt(-2.0 * log(a)) * cos(6.283185307179586 * b); /* Box and Muller */
}

double pn_random_exponential(const pn_random_key *k, uint32_t event)
{
  return -log(pn_random_uniform(k, event));
}

uint64_t pn_random_hash(pn_str name)
{
  uint64_t h = 0xcbf29ce484222325u;
  for (size_t k = 0; k < name.n; k++)
    h = (h ^ (unsigned char)name.p[k]) * 0x100000001b3u;
  return h;
}
