/* Numbers with SPICE's suffixes, independent of the locale and rounded once: the suffix moves
 * the decimal exponent before the conversion, so 2.2n is the double nearest to 2.2e-9. */
#include "expr/parse.h"

#include <math.h>

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool digit(char c)
{
  return c >= '0' && c <= '9';
}

/* Letters of a unit; bytes of UTF-8 are letters too. */
static bool letter(char c)
{
  return (lower(c) >= 'a' && lower(c) <= 'z') || (unsigned char)c >= 0x80;
}

/* m * 10**e, rounded to the nearest double (from a 64-bit significand where m or the power
 * is not exact in a double: wrong by less than 0.501 ulp). */
static double scaled(uint64_t m, int e)
{
  static const double exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  if (m == 0)
    return 0;
  if (m < (UINT64_C(1) << 53) && e >= -22 && e <= 22)
    return e < 0 ? (double)m / exact[-e] : (double)m * exact[e];
  if (e > 400 || e < -400)
    return e > 0 ? INFINITY : 0;
  long double power = 1, base = 10;
  for (int k = e < 0 ? -e : e; k; k >>= 1, base *= base)
    if (k & 1)
      power *= base;
  return (double)(e < 0 ? (long double)m / power : (long double)m * power);
}

/* Digits with at most one point; *m gets the first 19 of them, *e the power of ten that is left. */
static size_t digits(const char *t, size_t n, uint64_t *m, int *e)
{
  size_t k = 0;
  int seen = 0, kept = 0;
  bool point = false;
  for (; k < n && (digit(t[k]) || (t[k] == '.' && !point)); k++) {
    if (t[k] == '.') {
      point = true;
      continue;
    }
    seen++;
    if (kept < 19) {
      *m = 10 * *m + (uint64_t)(t[k] - '0');
      kept += *m != 0;
      *e -= point;
    } else if (!point && *e < 100000) {
      ++*e;
    }
  }
  return seen ? k : 0;
}

/* e+12 behind the digits; bytes read, 0 when there is none. */
static size_t exponent(const char *t, size_t n, int *e)
{
  size_t k = 1;
  if (n < 2 || lower(t[0]) != 'e')
    return 0;
  bool minus = t[1] == '-';
  k += minus || t[1] == '+';
  if (k >= n || !digit(t[k]))
    return 0;
  int x = 0;
  for (; k < n && digit(t[k]); k++)
    x = x < 100000 ? 10 * x + (t[k] - '0') : x;
  *e += minus ? -x : x;
  return k;
}

static bool starts(const char *t, size_t n, const char *word)
{
  size_t k = 0;
  while (word[k] && k < n && lower(t[k]) == word[k])
    k++;
  return !word[k];
}

/* Power of ten of the suffix at t; *mil: thousandths of an inch, 25.4 um. */
static int suffix(const char *t, size_t n, bool *mil)
{
  if (starts(t, n, "meg"))
    return 6;
  if (starts(t, n, "mil")) {
    *mil = true;
    return -7; /* of 254 */
  }
  if (starts(t, n, "\xc2\xb5") || starts(t, n, "\xce\xbc")) /* micro sign, Greek mu */
    return -6;
  switch (n ? lower(t[0]) : 0) {
  case 't':
    return 12;
  case 'g':
    return 9;
  case 'k':
    return 3;
  case 'm':
    return -3;
  case 'u':
    return -6;
  case 'n':
    return -9;
  case 'p':
    return -12;
  case 'f':
    return -15;
  case 'a':
    return -18;
  default:
    return 0;
  }
}

size_t pn_number_parse(const char *text, size_t n, double *value)
{
  size_t k = n && (text[0] == '-' || text[0] == '+');
  bool minus = k && text[0] == '-', mil = false;
  uint64_t m = 0;
  int e = 0;
  size_t used = digits(text + k, n - k, &m, &e);
  if (!used)
    return 0;
  k += used;
  k += exponent(text + k, n - k, &e);
  e += suffix(text + k, n - k, &mil);
  double v = mil && m > UINT64_MAX / 254 ? 254 * scaled(m, e) : scaled(mil ? 254 * m : m, e);
  *value = minus ? -v : v;
  while (k < n && letter(text[k]))
    k++;
  return k;
}
