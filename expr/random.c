/* Random functions of expressions: keys hashed to uniform numbers (the finaliser of SplitMix64:
 * Steele, Lea, Flood 2014), normal ones by Box and Muller (1958). */
#include "expr/random.h"

#include <math.h>

uint64_t pn_random_mix(uint64_t key, uint64_t more)
{
  uint64_t z = key + 0x9E3779B97F4A7C15u * (more + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/* In (0, 1): 53 bits and a half. */
static double uniform(uint64_t key)
{
  return ((double)(key >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t key)
{
  double u = uniform(pn_random_mix(key, 1)), v = uniform(pn_random_mix(key, 2));
  return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * v);
}

bool pn_random_value(const pn_random *r, uint64_t site, pn_str name, const double *args, int n,
                     double *value)
{
  bool drawn = r && r->run > 0;
  uint64_t key = drawn ? pn_random_mix(pn_random_mix(site, r->seed), r->run) : 0;
  double signed_unit = drawn ? 2.0 * uniform(key) - 1.0 : 0.0;
  double deviates = drawn ? normal(key) : 0.0;
  double sigmas = n == 3 ? args[2] : 1.0, nominal = n ? args[0] : NAN, spread = n > 1 ? args[1] : 0;
  if (pn_str_is(name, "agauss") && (n == 2 || n == 3))
    *value = nominal + spread / sigmas * deviates;
  else if (pn_str_is(name, "gauss") && (n == 2 || n == 3))
    *value = nominal * (1.0 + spread / sigmas * deviates);
  else if (pn_str_is(name, "aunif") && n == 2)
    *value = nominal + spread * signed_unit;
  else if ((pn_str_is(name, "unif") || pn_str_is(name, "mc")) && n == 2)
    *value = nominal * (1.0 + spread * signed_unit);
  else if (pn_str_is(name, "limit") && n == 2)
    *value = nominal + spread * (signed_unit > 0.0) - spread * (signed_unit < 0.0);
  else if (pn_str_is(name, "flat") && n == 1)
    *value = nominal * signed_unit;
  else
    return false;
  return true;
}
