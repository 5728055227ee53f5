/* Elementary functions that the compiler inlines and vectorises in loops over the lanes of a block,
 * and PN_VECTOR_FN, which compiles such a loop once per instruction set, chosen at run time.
 *
 * Why not glibc's vector functions: their table look-ups are gathers, which take 40 % of exp's time
 * on processors that mitigate gather sampling, and each call spills all vectors. TaOx with
 * derivatives: 16 ns per instance by _ZGVeN8v_exp, 9 ns by these, same machine, same minute. */
#ifndef PN_DEVICES_VMATH_H
#define PN_DEVICES_VMATH_H

#include "expr/tape.h"

#include <math.h>
#include <stdint.h>

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) &&       \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PN_VECTOR_FN __attribute__((target_clones("default", "avx2,fma", "arch=x86-64-v4")))
#else
#define PN_VECTOR_FN /* sanitizers start after ifuncs are resolved; other compilers and machines */
#endif

/* A function that must become part of a loop over lanes, or the loop is not vectorised. */
#define PN_INLINE static inline __attribute__((always_inline))

/* Loops over the lanes in use of the block `b`, rounded up to whole vectors of 8, over arrays that do not
 * overlap. A lone instance costs half a block. */
#define PN_FOR_LANES(l)                                                                            \
  _Pragma("GCC ivdep") for (int l = 0, in_use_ = pn_whole_vectors(b->n); l < in_use_; l++)

/* A row of a block, one double per instance: `const pn_lanes *p = (const void *)b->p` makes p[K][l]
 * parameter K of lane l. */
typedef double pn_lanes[PN_LANES];

/* n lanes rounded up to whole vectors. */
static inline int pn_whole_vectors(int n)
{
  return (n + 7) & ~7;
}

typedef union pn_bits {
  double d;
  uint64_t u;
} pn_bits;

/* exp(e) - 1 without cancellation, and *y = exp(e), for e in [-700, 700]: 2^k times a polynomial of the
 * remainder r = e - k ln 2, |r| <= 0.35, whose 14 Taylor terms leave 4e-18. Within 2 ulp. */
PN_INLINE double pn_exp_both(double e, double *y)
{
  const double magic = 0x1.8p52; /* adding it rounds to an integer, kept in the low bits */
  double shifted = e * 0x1.71547652b82fep0 + magic, k = shifted - magic;
  double r = e - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33; /* ln 2: 32 bits and the rest */
  double s = r * r;
  double even = 1.0 / 479001600;
  even = 1.0 / 3628800 + s * even;
  even = 1.0 / 40320 + s * even;
  even = 1.0 / 720 + s * even;
  even = 1.0 / 24 + s * even;
  even = s * (0.5 + s * even);
  double odd = 1.0 / 6227020800;
  odd = 1.0 / 39916800 + s * odd;
  odd = 1.0 / 362880 + s * odd;
  odd = 1.0 / 5040 + s * odd;
  odd = 1.0 / 120 + s * odd;
  odd = 1.0 + s * (1.0 / 6 + s * odd);
  pn_bits bits = {.d = shifted}, scale = {.u = (bits.u + 1023) << 52};
  double less_one = even + r * odd;
  *y = (1.0 + less_one) * scale.d;
  return less_one * scale.d + (scale.d - 1.0);
}

PN_INLINE double pn_exp(double e)
{
  double y;
  pn_exp_both(e, &y);
  return y;
}

/* Natural logarithm of a positive normal number: x = 2^k m, m in [sqrt(1/2), sqrt(2)), and ln m =
 * 2 artanh((m - 1)/(m + 1)), of which 11 terms leave 1e-18. Within 2 ulp, except near x = 1, where the
 * absolute error is 1e-16. */
PN_INLINE double pn_log(double x)
{
  const uint64_t root_half = 0x3fe6a09e667f3bcd, bias = (uint64_t)1023 << 52;
  pn_bits bits = {.d = x};
  uint64_t up = bits.u - root_half + bias; /* its exponent is k + 1023 */
  pn_bits m = {.u = bits.u - (up & 0xfff0000000000000) + bias};
  pn_bits count = {.u = (up >> 52) | 0x4330000000000000}; /* 2^52 + k + 1023 */
  double k = count.d - (0x1p52 + 1023.0);
  double z = (m.d - 1.0) / (m.d + 1.0), s = z * z;
  double sum = 1.0 / 21;
  sum = 1.0 / 19 + s * sum;
  sum = 1.0 / 17 + s * sum;
  sum = 1.0 / 15 + s * sum;
  sum = 1.0 / 13 + s * sum;
  sum = 1.0 / 11 + s * sum;
  sum = 1.0 / 9 + s * sum;
  sum = 1.0 / 7 + s * sum;
  sum = 1.0 / 5 + s * sum;
  sum = 1.0 / 3 + s * sum;
  double log_m = 2.0 * z * (1.0 + s * sum);
  return k * 0x1.62e42feep-1 + (k * 0x1.a39ef35793c76p-33 + log_m);
}

/* exp that stays finite: exp(e) up to PN_EXP_CAP, continued from there as a straight line (so that
 * value and derivative are continuous), and exp(PN_EXP_FLOOR) = 5e-131, as good as 0 but far from
 * slow subnormal numbers, below. *slope gets d/de. */
#define PN_EXP_CAP   200.0
#define PN_EXP_FLOOR (-300.0)
PN_INLINE double pn_lim_exp(double e, double *slope)
{
  double c = e < PN_EXP_CAP ? e : PN_EXP_CAP;
  double over = e - c;
  c = c > PN_EXP_FLOOR ? c : PN_EXP_FLOOR;
  double y = pn_exp(c);
  *slope = e > PN_EXP_FLOOR ? y : 0.0;
  return y + y * over;
}

/* exp(e) - 1, accurate at small e, with the same limits; *slope gets d/de. */
PN_INLINE double pn_lim_expm1(double e, double *slope)
{
  double c = e < PN_EXP_CAP ? e : PN_EXP_CAP;
  double over = e - c;
  c = c > PN_EXP_FLOOR ? c : PN_EXP_FLOOR;
  double y, less_one = pn_exp_both(c, &y);
  *slope = e > PN_EXP_FLOOR ? y : 0.0;
  return less_one + y * over;
}

/* sinh u and cosh u, continued as straight lines beyond |u| = PN_EXP_CAP. Relative accuracy is kept
 * at small u, by nine Taylor terms below 1. */
PN_INLINE double pn_sinh(double u, double *cosh_u)
{
  double a = fabs(u), slope, e = pn_lim_exp(a, &slope), inverse = 1.0 / e, s = u * u;
  double sum = 1.0 / 355687428096000;
  sum = 1.0 / 1307674368000 + s * sum;
  sum = 1.0 / 6227020800 + s * sum;
  sum = 1.0 / 39916800 + s * sum;
  sum = 1.0 / 362880 + s * sum;
  sum = 1.0 / 5040 + s * sum;
  sum = 1.0 / 120 + s * sum;
  sum = 1.0 / 6 + s * sum;
  *cosh_u = 0.5 * (slope + inverse);
  double large = copysign(0.5 * (e - inverse), u);
  return a < 1.0 ? u + u * s * sum : large;
}

/* sin and cos of |x| up to 1e6: Taylor terms of the remainder |r| <= pi/2 behind whole half turns,
 * of which 11 leave 1e-17. */
PN_INLINE double pn_sincos(double x, double *cosine)
{
  const double magic = 0x1.8p52;
  double shifted = x * (1.0 / M_PI) + magic, k = shifted - magic;
  double r = x - k * 0x1.921fb544p1 - k * 0x1.0b4611a62633p-33; /* pi: 32 bits and the rest */
  pn_bits turns = {.d = shifted};
  double sign = turns.u & 1 ? -1.0 : 1.0, s = r * r;
  double odd = 1.0 / 51090942171709440000.0;
  double even = -1.0 / 1124000727777607680000.0;
  static const double o[] = {-1.0 / 121645100408832000,
                             1.0 / 355687428096000,
                             -1.0 / 1307674368000,
                             1.0 / 6227020800,
                             -1.0 / 39916800,
                             1.0 / 362880,
                             -1.0 / 5040,
                             1.0 / 120,
                             -1.0 / 6,
                             1.0};
  static const double e[] = {1.0 / 2432902008176640000,
                             -1.0 / 6402373705728000,
                             1.0 / 20922789888000,
                             -1.0 / 87178291200,
                             1.0 / 479001600,
                             -1.0 / 3628800,
                             1.0 / 40320,
                             -1.0 / 720,
                             1.0 / 24,
                             -0.5,
                             1.0};
#pragma GCC unroll 10
  for (int n = 0; n < 10; n++)
    odd = o[n] + s * odd;
#pragma GCC unroll 11
  for (int n = 0; n < 11; n++)
    even = e[n] + s * even;
  *cosine = sign * even;
  return sign * r * odd;
}

/* 1/(1 + exp(-z)), the logistic function; *slope gets its derivative. */
PN_INLINE double pn_logistic(double z, double *slope)
{
  double unused, e = pn_lim_exp(z > -100.0 ? -z : 100.0, &unused), y = 1.0 / (1.0 + e);
  *slope = z > -100.0 ? e * y * y : 0.0;
  return y;
}

/* x^a for x >= 0: 1e-100^a at x = 0; a ln x within +-200. */
PN_INLINE double pn_pow(double x, double a)
{
  double slope;
  return pn_lim_exp(a * pn_log(x > 1e-100 ? x : 1e-100), &slope);
}

#endif
