/* Random values of expressions, drawn by key and not in order: a value depends on the seed,
 * the number of the run and the place in the netlist only, never on what was drawn before. */
#ifndef PN_EXPR_RANDOM_H
#define PN_EXPR_RANDOM_H

#include "base/str.h"

#include <stdint.h>

typedef struct pn_random {
  uint64_t seed;
  uint64_t run; /* from 1; 0: every function gives its nominal value */
} pn_random;

/* Mixes one more number into a key. */
uint64_t pn_random_mix(uint64_t key, uint64_t more);
/* The value of agauss(nominal, deviation, sigmas), gauss(nominal, relative, sigmas), aunif(nominal,
 * deviation), unif(nominal, relative), limit(nominal, deviation), mc(nominal, relative), flat(range).
 * site: key of the place. False when the function is not known or has another number of arguments. */
bool pn_random_value(const pn_random *r, uint64_t site, pn_str name, const double *args, int n,
                     double *value);

#endif
