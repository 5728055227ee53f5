/* Dual numbers: a value with its derivatives with respect to three voltages, carried through the
 * equations of a transistor exactly. Everything is inlined and free of branches, so that loops
 * over the lanes of a block still become vector code. */
#ifndef PN_SEMICONDUCTORS_DUAL_H
#define PN_SEMICONDUCTORS_DUAL_H

#include "devices/vmath.h"

#include <stdbool.h>

typedef struct pn_dual {
  double v, a, b, c; /* the value, d/da, d/db, d/dc */
} pn_dual;

PN_INLINE pn_dual pn_d_const(double v)
{
  return (pn_dual){v, 0.0, 0.0, 0.0};
}

/* f(x) from the value and slope of f at x.v. */
PN_INLINE pn_dual pn_d_chain(pn_dual x, double v, double s)
{
  return (pn_dual){v, s * x.a, s * x.b, s * x.c};
}

PN_INLINE pn_dual pn_d_add(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v + y.v, x.a + y.a, x.b + y.b, x.c + y.c};
}

PN_INLINE pn_dual pn_d_sub(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v - y.v, x.a - y.a, x.b - y.b, x.c - y.c};
}

PN_INLINE pn_dual pn_d_mul(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v * y.v, x.v * y.a + y.v * x.a, x.v * y.b + y.v * x.b, x.v * y.c + y.v * x.c};
}

PN_INLINE pn_dual pn_d_scale(double k, pn_dual x)
{
  return (pn_dual){k * x.v, k * x.a, k * x.b, k * x.c};
}

PN_INLINE pn_dual pn_d_shift(double k, pn_dual x)
{
  return (pn_dual){x.v + k, x.a, x.b, x.c};
}

PN_INLINE pn_dual pn_d_neg(pn_dual x)
{
  return pn_d_scale(-1.0, x);
}

PN_INLINE pn_dual pn_d_inv(pn_dual x)
{
  double r = 1.0 / x.v;
  return pn_d_chain(x, r, -r * r);
}

PN_INLINE pn_dual pn_d_div(pn_dual x, pn_dual y)
{
  return pn_d_mul(x, pn_d_inv(y));
}

/* x.v > 0 */
PN_INLINE pn_dual pn_d_sqrt(pn_dual x)
{
  double r = sqrt(x.v);
  return pn_d_chain(x, r, 0.5 / r);
}

PN_INLINE pn_dual pn_d_square(pn_dual x)
{
  return pn_d_chain(x, x.v * x.v, 2.0 * x.v);
}

PN_INLINE pn_dual pn_d_exp(pn_dual x)
{
  double s, e = pn_lim_exp(x.v, &s);
  return pn_d_chain(x, e, s);
}

/* x.v > 0 */
PN_INLINE pn_dual pn_d_log(pn_dual x)
{
  return pn_d_chain(x, pn_log(x.v), 1.0 / x.v);
}

PN_INLINE pn_dual pn_d_pow(pn_dual x, double k)
{
  double p = pn_pow(x.v, k);
  return pn_d_chain(x, p, k * p / x.v);
}

/* yes ? x : y */
PN_INLINE pn_dual pn_d_pick(bool yes, pn_dual x, pn_dual y)
{
  return (pn_dual){yes ? x.v : y.v, yes ? x.a : y.a, yes ? x.b : y.b, yes ? x.c : y.c};
}

PN_INLINE pn_dual pn_d_max(pn_dual x, double k)
{
  return pn_d_pick(x.v > k, x, pn_d_const(k));
}

PN_INLINE pn_dual pn_d_abs(pn_dual x)
{
  return pn_d_scale(x.v < 0.0 ? -1.0 : 1.0, x);
}

#endif
