/* Random numbers that are functions of a key, not of a history: the same seed, device, run and event
 * give the same bits, in whatever order or thread they are drawn. Philox4x32-10 of J. K. Salmon,
 * M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. */
#ifndef PN_BASE_RANDOM_H
#define PN_BASE_RANDOM_H

#include "base/str.h"

#include <stdint.h>

typedef struct pn_random_key {
  uint64_t seed;
  uint64_t device;  /* pn_random_hash of its name */
  uint32_t run;     /* of a Monte Carlo; 0 else */
  uint32_t purpose; /* what is drawn: streams of different purposes are independent */
} pn_random_key;

/* The generator itself: 10 rounds. */
void pn_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Number `event` of a key's stream, in (0, 1); standard normal. */
double pn_random_uniform(const pn_random_key *k, uint32_t event);
/* The same for events first .. first + n - 1. */
void pn_random_uniforms(const pn_random_key *k, uint32_t first, size_t n, double *out);
double pn_random_normal(const pn_random_key *k, uint32_t event);
/* Exponential with mean 1. */
double pn_random_exponential(const pn_random_key *k, uint32_t event);

/* 64-bit FNV-1a. */
uint64_t pn_random_hash(pn_str name);

#endif
