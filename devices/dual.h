/* Numbers that carry their derivatives with respect to a device's local unknowns: a model is
 * written once, as values, and its exact Jacobian comes with them. For devices with several
 * terminals, of which circuits hold few. Memristors and semiconductors, of which they hold many, have narrower
 * numbers in vector code (memristors/dual.h, semiconductors/dual.h), with the same names in the same order. */
#ifndef PN_DEVICES_DUAL_H
#define PN_DEVICES_DUAL_H

#include <math.h>

enum { PN_DUAL = 8 }; /* local unknowns a model may have */

typedef struct pn_dual {
  double v;
  double d[PN_DUAL]; /* dv/du_k, per unit of unknown k */
} pn_dual;

static inline pn_dual pn_d_const(double c)
{
  return (pn_dual){.v = c};
}

/* k a + c */
static inline pn_dual pn_d_line(double k, pn_dual a, double c)
{
  pn_dual r = {.v = k * a.v + c};
  for (int j = 0; j < PN_DUAL; j++)
    r.d[j] = k * a.d[j];
  return r;
}

/* k a */
static inline pn_dual pn_d_scale(double k, pn_dual a)
{
  return pn_d_line(k, a, 0.0);
}

/* k a + m b */
static inline pn_dual pn_d_sum(double k, pn_dual a, double m, pn_dual b)
{
  pn_dual r = {.v = k * a.v + m * b.v};
  for (int j = 0; j < PN_DUAL; j++)
    r.d[j] = k * a.d[j] + m * b.d[j];
  return r;
}

static inline pn_dual pn_d_add(pn_dual a, pn_dual b)
{
  return pn_d_sum(1.0, a, 1.0, b);
}

static inline pn_dual pn_d_sub(pn_dual a, pn_dual b)
{
  return pn_d_sum(1.0, a, -1.0, b);
}

static inline pn_dual pn_d_mul(pn_dual a, pn_dual b)
{
  pn_dual r = pn_d_sum(b.v, a, a.v, b);
  r.v = a.v * b.v;
  return r;
}

/* f(a), whose value and slope are known: the chain rule. */
static inline pn_dual pn_d_chain(pn_dual a, double value, double slope)
{
  pn_dual r = pn_d_scale(slope, a);
  r.v = value;
  return r;
}

static inline pn_dual pn_d_div(pn_dual a, pn_dual b)
{
  return pn_d_mul(a, pn_d_chain(b, 1.0 / b.v, -1.0 / (b.v * b.v)));
}

/* exp, continued as a straight line beyond 200. */
static inline pn_dual pn_d_exp(pn_dual a)
{
  double c = a.v < 200.0 ? a.v : 200.0, e = exp(c);
  return pn_d_chain(a, e * (1.0 + a.v - c), e);
}

/* ln(1 + exp a), without overflow. */
static inline pn_dual pn_d_softplus(pn_dual a)
{
  double e = exp(-fabs(a.v)), slope = a.v > 0.0 ? 1.0 / (1.0 + e) : e / (1.0 + e);
  return pn_d_chain(a, (a.v > 0.0 ? a.v : 0.0) + log1p(e), slope);
}

/* sqrt(a^2 + w^2) - w: |a|, rounded over the width w. */
static inline pn_dual pn_d_abs(pn_dual a, double w)
{
  double r = sqrt(a.v * a.v + w * w);
  return pn_d_chain(a, r - w, a.v / r);
}

/* a^k of a >= 0, k >= 1 or a > 0. */
static inline pn_dual pn_d_pow(pn_dual a, double k)
{
  return pn_d_chain(a, pow(a.v, k), k == 0.0 ? 0.0 : k * pow(a.v, k - 1.0));
}

static inline pn_dual pn_d_tanh(pn_dual a)
{
  double t = tanh(a.v);
  return pn_d_chain(a, t, 1.0 - t * t);
}

static inline pn_dual pn_d_sin(pn_dual a)
{
  return pn_d_chain(a, sin(a.v), cos(a.v));
}

/* The smaller of a and a constant c. */
static inline pn_dual pn_d_cap(pn_dual a, double c)
{
  return a.v < c ? a : pn_d_const(c);
}

#endif
