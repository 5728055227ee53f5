/* Elementary functions for loops over the lanes of a block: glibc's vector versions
 * are used where the compiler vectorises such a loop, and PN_VECTOR_FN compiles a function
 * once per instruction set, chosen at run time. Results differ from scalar libm by a few ulp. */
#ifndef PN_DEVICES_VMATH_H
#define PN_DEVICES_VMATH_H

#include "expr/tape.h"

#include <math.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
__attribute__((simd("notinbranch"))) double exp(double);
__attribute__((simd("notinbranch"))) double expm1(double);
__attribute__((simd("notinbranch"))) double log(double);
__attribute__((simd("notinbranch"))) double log1p(double);
__attribute__((simd("notinbranch"))) double pow(double, double);
__attribute__((simd("notinbranch"))) double sin(double);
__attribute__((simd("notinbranch"))) double cos(double);
__attribute__((simd("notinbranch"))) double tanh(double);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && defined(__OPTIMIZE__)
#define PN_VECTOR_FN __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#endif
#endif
#ifndef PN_VECTOR_FN
#define PN_VECTOR_FN /* sanitizers run before ifuncs are resolved; other compilers and machines */
#endif

/* for (int l = 0; l < PN_LANES; l++), whose arrays do not overlap. */
#define PN_FOR_LANES(l) _Pragma("GCC ivdep") for (int l = 0; l < PN_LANES; l++)

/* A row of a block, one double per instance: `const pn_lanes *p = (const void *)b->p` makes p[K][l]
 * parameter K of lane l. */
typedef double pn_lanes[PN_LANES];

/* exp that stays finite: exp(e) up to PN_EXP_CAP, continued from there as a straight line (so that
 * value and derivative are continuous), and exp(PN_EXP_FLOOR), which is as good as 0, below.
 * *slope gets d/de. */
#define PN_EXP_CAP   200.0
#define PN_EXP_FLOOR (-700.0)
static inline double pn_lim_exp(double e, double *slope)
{
  double c = e < PN_EXP_CAP ? e : PN_EXP_CAP;
  double over = e - c;
  c = c > PN_EXP_FLOOR ? c : PN_EXP_FLOOR;
  double y = exp(c);
  *slope = y;
  return y + y * over;
}

#endif
