/* Forward differentiation for models whose formulas are too long to differentiate by hand: a
 * number with its exact derivatives with respect to four variables of the model's choice. */
#ifndef PN_MEMRISTORS_DUAL_H
#define PN_MEMRISTORS_DUAL_H

#include "devices/vmath.h"

typedef struct pn_dual {
  double v;          /* value */
  double a, b, c, d; /* derivatives */
} pn_dual;

PN_INLINE pn_dual pn_d_const(double v)
{
  return (pn_dual){v, 0.0, 0.0, 0.0, 0.0};
}

/* f(x), given f and f' at x.v. */
PN_INLINE pn_dual pn_d_chain(pn_dual x, double f, double slope)
{
  return (pn_dual){f, slope * x.a, slope * x.b, slope * x.c, slope * x.d};
}

PN_INLINE pn_dual pn_d_add(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v + y.v, x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d};
}

PN_INLINE pn_dual pn_d_sub(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v - y.v, x.a - y.a, x.b - y.b, x.c - y.c, x.d - y.d};
}

PN_INLINE pn_dual pn_d_mul(pn_dual x, pn_dual y)
{
  return (pn_dual){x.v * y.v, x.a * y.v + x.v * y.a, x.b * y.v + x.v * y.b, x.c * y.v + x.v * y.c,
                   x.d * y.v + x.v * y.d};
}

PN_INLINE pn_dual pn_d_scale(double k, pn_dual x)
{
  return pn_d_chain(x, k * x.v, k);
}

PN_INLINE pn_dual pn_d_shift(double k, pn_dual x)
{
  x.v += k;
  return x;
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

PN_INLINE pn_dual pn_d_sqrt(pn_dual x)
{
  double r = sqrt(x.v);
  return pn_d_chain(x, r, 0.5 / r);
}

PN_INLINE pn_dual pn_d_log(pn_dual x)
{
  return pn_d_chain(x, pn_log(x.v), 1.0 / x.v);
}

PN_INLINE pn_dual pn_d_exp(pn_dual x)
{
  double slope, y = pn_lim_exp(x.v, &slope);
  return pn_d_chain(x, y, slope);
}

PN_INLINE pn_dual pn_d_expm1(pn_dual x)
{
  double slope, y = pn_lim_expm1(x.v, &slope);
  return pn_d_chain(x, y, slope);
}

PN_INLINE pn_dual pn_d_tanh(pn_dual x)
{
  double slope, y = pn_logistic(2.0 * x.v, &slope);
  return pn_d_chain(x, 2.0 * y - 1.0, 4.0 * slope);
}

/* 1/cosh(x)^2, with all its digits also where tanh(x) is nearly 1. */
PN_INLINE pn_dual pn_d_sech2(pn_dual x)
{
  double slope, y = pn_logistic(2.0 * x.v, &slope);
  return pn_d_chain(x, 4.0 * slope, -8.0 * slope * (2.0 * y - 1.0));
}

/* The larger of x and a constant; the constant has no derivative. */
PN_INLINE pn_dual pn_d_floor(pn_dual x, double least)
{
  bool free = x.v > least;
  return (pn_dual){free ? x.v : least, free ? x.a : 0.0, free ? x.b : 0.0, free ? x.c : 0.0,
                   free ? x.d : 0.0};
}

PN_INLINE pn_dual pn_d_pick(bool first, pn_dual x, pn_dual y)
{
  return (pn_dual){first ? x.v : y.v, first ? x.a : y.a, first ? x.b : y.b, first ? x.c : y.c,
                   first ? x.d : y.d};
}

#endif
