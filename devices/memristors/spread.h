/* A function that cancels near 0, where its Taylor terms stand in: the field's part of three-dimensional Poole-Frenkel
 * emission (thermal.c), and the heat in a shell around a hot core (mott.c). */
#ifndef PN_MEMRISTORS_SPREAD_H
#define PN_MEMRISTORS_SPREAD_H

#include "devices/vmath.h"

/* s(y) = (1 + (y - 1) e^y) 2/y^2, 1 at y = 0; e is e^y and e_slope its derivative; *slope gets s'. */
PN_INLINE double pn_spread(double y, double e, double e_slope, double *slope)
{
  bool near = fabs(y) < 1.0;
  double inv = 1.0 / (near ? 1.0 : y), large = 2.0 * (1.0 + (y - 1.0) * e) * inv * inv;
  double large_slope = 2.0 * (e + (y - 1.0) * e_slope) * inv * inv - 2.0 * large * inv;
  /* sum over n >= 2 of 2 (n - 1) y^(n-2) / n! */
  double s = 0.0, ds = 0.0;
  static const double c[] = {1.0,
                             2.0 / 3,
                             1.0 / 4,
                             1.0 / 15,
                             1.0 / 72,
                             1.0 / 420,
                             1.0 / 2880,
                             1.0 / 22680,
                             1.0 / 201600,
                             1.0 / 1995840,
                             1.0 / 21772800,
                             1.0 / 259459200,
                             1.0 / 3353011200,
                             1.0 / 46702656000};
#pragma GCC unroll 16
  for (int k = (int)(sizeof c / sizeof *c) - 1; k >= 0; k--) {
    ds = s + y * ds;
    s = c[k] + y * s;
  }
  *slope = near ? ds : large_slope;
  return near ? s : large;
}

#endif
