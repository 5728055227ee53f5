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
#define PN_VECTOR_FN __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
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

/* The whole number k nearest to e / ln 2, for |e| <= 700: returns e - k ln 2, in [-0.347, 0.347], and *bits
 * has 1023 + k in its lowest 11 bits. */
PN_INLINE double pn_reduce(double e, pn_bits *bits)
{
  const double magic = 0x1.8p52 + 1023; /* adding it rounds to an integer, kept in the low bits */
  bits->d = e * 0x1.71547652b82fep0 + magic;
  double k = bits->d - magic;
  return e - k * 0x1.62e42feep-1 - k * 0x1.a39ef35793c76p-33; /* ln 2: 32 bits and the rest */
}

/* exp(e) - 1 without cancellation, and *y = exp(e), for e in [-700, 700]: 2^k times a polynomial of the
 * remainder r. Its coefficients are Remez's (weight exp(-r)) for |r| <= ln(2)/2; they leave 3.7e-18. *y is
 * within 1.5 ulp, exp(e) - 1 within 2. */
PN_INLINE double pn_exp_both(double e, double *y)
{
  pn_bits scale;
  double r = pn_reduce(e, &scale), s = r * r, s2 = s * s;
  double c1 = 0x1.555555555088cp-5 + r * 0x1.1111111127b9cp-7;
  double c2 = 0x1.6c16c18426736p-10 + r * 0x1.a01a012a696d0p-13;
  double c3 = 0x1.a0199a16ce979p-16 + r * 0x1.71df253abfb92p-19;
  double c4 = 0x1.28ad68b647c8fp-22 + r * 0x1.ad7f7a2e8d026p-26;
  double c0 = 0x1.000000000000ap-1 + r * 0x1.55555555554fap-3;
  double less_one = r + s * (c0 + s * c1 + s2 * (c2 + s * c3 + s2 * c4));
  scale.u <<= 52;
  *y = scale.d + less_one * scale.d;
  return less_one * scale.d + (scale.d - 1.0);
}

PN_INLINE double pn_exp(double e)
{
  double y;
  pn_exp_both(e, &y);
  return y;
}

/* Natural logarithm of a positive normal number: x = 2^k m, m in [sqrt(1/2), sqrt(2)), and ln m =
 * 2 artanh(z), z = (m - 1)/(m + 1), |z| <= 0.172, by a polynomial of Remez that leaves 1.3e-18. Within
 * 3 ulp. */
PN_INLINE double pn_log(double x)
{
  const uint64_t root_half = 0x3fe6a09e667f3bcd, bias = (uint64_t)1023 << 52;
  pn_bits bits = {.d = x};
  uint64_t up = bits.u - root_half + bias; /* its exponent is k + 1023 */
  pn_bits m = {.u = bits.u - (up & 0xfff0000000000000) + bias};
  pn_bits count = {.u = (up >> 52) | 0x4330000000000000}; /* 2^52 + k + 1023 */
  double k = count.d - (0x1p52 + 1023.0);
  double z = (m.d - 1.0) / (m.d + 1.0), s = z * z, s2 = s * s;
  double c0 = 0x1.5555555555592p-2 + s * 0x1.999999997fee6p-3;
  double c1 = 0x1.24924941e0e5bp-3 + s * 0x1.c71c521630a3ep-4;
  double c2 = 0x1.74663c5909639p-4 + s * 0x1.39a1fb1193d03p-4 + s2 * 0x1.2f02eb0c770adp-4;
  double log_m = 2.0 * z + 2.0 * z * s * (c0 + s2 * (c1 + s2 * c2));
  return k * 0x1.62e42feep-1 + (k * 0x1.a39ef35793c76p-33 + log_m);
}

/* exp that stays finite: exp(e) up to PN_EXP_CAP, continued from there as a straight line (so that
 * value and derivative are continuous), and exp(PN_EXP_FLOOR) = 5e-131, as good as 0 but far from
 * slow subnormal numbers, below. *slope gets d/de, and 5e-131 for 0. */
#define PN_EXP_CAP   200.0
#define PN_EXP_FLOOR (-300.0)

/* For e that cannot be below the floor. */
PN_INLINE double pn_cap_exp(double e, double *slope)
{
  double c = e < PN_EXP_CAP ? e : PN_EXP_CAP;
  *slope = pn_exp(c);
  return *slope + *slope * (e - c);
}

PN_INLINE double pn_lim_exp(double e, double *slope)
{
  return pn_cap_exp(e < PN_EXP_FLOOR ? PN_EXP_FLOOR : e, slope);
}

/* exp(e) - 1, accurate at small e, with the same limits; *slope gets d/de. */
PN_INLINE double pn_lim_expm1(double e, double *slope)
{
  double low = e < PN_EXP_FLOOR ? PN_EXP_FLOOR : e, c = low < PN_EXP_CAP ? low : PN_EXP_CAP;
  double less_one = pn_exp_both(c, slope);
  return less_one + *slope * (low - c);
}

/* 1 - exp(-d), accurate at small d, for d >= 0; *rest gets exp(-d). */
PN_INLINE double pn_one_less_exp(double d, double *rest)
{
  double e = -d;
  return -pn_exp_both(PN_EXP_FLOOR > e ? PN_EXP_FLOOR : e, rest);
}

/* sinh u and cosh u, continued as straight lines beyond |u| = PN_EXP_CAP. With u = k ln 2 + r,
 *   sinh u = sinh(k ln 2) cosh r + cosh(k ln 2) sinh r,
 * which keeps its relative accuracy at small u (k = 0), and likewise cosh u. The polynomials are Remez's
 * for |r| <= ln(2)/2 and leave 3.4e-18. Within 4 ulp. */
PN_INLINE double pn_sinh(double u, double *cosh_u)
{
  double low = u > -PN_EXP_CAP ? u : -PN_EXP_CAP, c = low < PN_EXP_CAP ? low : PN_EXP_CAP;
  pn_bits up, down;
  double r = pn_reduce(c, &up), s = r * r, s2 = s * s;
  double e0 = 0x1.000000000000bp-1 + s * 0x1.55555555500ccp-5;
  double e1 = 0x1.6c16c18583c55p-10 + s * 0x1.a01996f3d46f9p-16 + s2 * 0x1.28aff20e36da9p-22;
  double o0 = 0x1.5555555555559p-3 + s * 0x1.111111110f6d3p-7;
  double o1 = 0x1.a01a01afd6a12p-13 + s * 0x1.71ddf87857ecdp-19 + s2 * 0x1.af5e7f05922bap-26;
  double even = 1.0 + s * (e0 + s2 * e1), odd = r + r * s * (o0 + s2 * o1);
  down.u = (2045 - up.u) << 52; /* 2^-k / 2 */
  up.u = (up.u - 1) << 52;      /* 2^k / 2 */
  double cosh_k = up.d + down.d, sinh_k = up.d - down.d;
  *cosh_u = cosh_k * even + sinh_k * odd;
  return sinh_k * even + cosh_k * odd + *cosh_u * (u - c);
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
