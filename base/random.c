/* Counter-based random numbers: Philox4x32-10, and the laws drawn from it. */
#include "base/random.h"
#include "base/clones.h"

#include <math.h>

enum { ROUNDS = 10 };

void pn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
  uint32_t c[4] = {counter[0], counter[1], counter[2], counter[3]}, k[2] = {key[0], key[1]};
  for (int round = 0; round < ROUNDS; round++) {
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

/* 53 bits in (0, 1). */
static double unit(uint32_t high, uint32_t low)
{
  return ((double)(((uint64_t)high << 32 | low) >> 12) + 0.5) * 0x1p-52;
}

/* Two independent numbers in (0, 1). */
static void two(const pn_random_key *k, uint32_t event, double *a, double *b)
{
  uint32_t counter[4] = {(uint32_t)k->device, (uint32_t)(k->device >> 32), k->run, event};
  uint32_t key[2] = {(uint32_t)k->seed, (uint32_t)(k->seed >> 32) ^ (k->purpose << 24)};
  uint32_t out[4];
  pn_philox(counter, key, out);
  *a = unit(out[0], out[1]);
  *b = unit(out[2], out[3]);
}

double pn_random_uniform(const pn_random_key *k, uint32_t event)
{
  double a, b;
  two(k, event, &a, &b);
  return a;
}

/* Blocks of numbers, so that the rounds of many run side by side. */
PN_CLONES
void pn_random_uniforms(const pn_random_key *k, uint32_t first, size_t n, double *out)
{
  enum { BLOCK = 16 };
  uint32_t c[4][BLOCK];
  for (size_t from = 0; from < n; from += BLOCK) {
    size_t some = n - from < BLOCK ? n - from : BLOCK;
    uint32_t k0 = (uint32_t)k->seed, k1 = (uint32_t)(k->seed >> 32) ^ (k->purpose << 24);
    for (uint32_t l = 0; l < BLOCK; l++) {
      c[0][l] = (uint32_t)k->device;
      c[1][l] = (uint32_t)(k->device >> 32);
      c[2][l] = k->run;
      c[3][l] = first + (uint32_t)from + l;
    }
    for (int round = 0; round < ROUNDS; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
      for (int l = 0; l < BLOCK; l++) {
        uint64_t a = (uint64_t)0xD2511F53u * c[0][l], b = (uint64_t)0xCD9E8D57u * c[2][l];
        c[0][l] = (uint32_t)(b >> 32) ^ c[1][l] ^ k0;
        c[1][l] = (uint32_t)b;
        c[2][l] = (uint32_t)(a >> 32) ^ c[3][l] ^ k1;
        c[3][l] = (uint32_t)a;
      }
    for (size_t l = 0; l < some; l++)
      out[from + l] = unit(c[0][l], c[1][l]);
  }
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
