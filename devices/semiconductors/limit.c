/* Limits on steps of gate and drain voltages. */
#include "devices/semiconductors/limit.h"

#include <math.h>

static double conducting(double v, double old, double threshold)
{
  double most = 2.0 * fabs(old - threshold) + 2.0, least = fabs(old - threshold) + 1.0;
  double strong = threshold + 3.5;
  if (old < strong) /* in moderate conduction: stay near it */
    return v <= old ? fmax(v, threshold - 0.5) : fmin(v, threshold + 4.0);
  if (v > old)
    return fmin(v, old + most);
  return v >= strong ? fmax(v, old - least) : fmax(v, threshold + 2.0);
}

static double cut_off(double v, double old, double threshold)
{
  double most = 2.0 * fabs(old - threshold) + 2.0, least = fabs(old - threshold) + 1.0;
  double on = threshold + 0.5;
  if (v <= old)
    return fmax(v, old - most);
  return v <= on ? fmin(v, old + least) : on;
}

double pn_limit_gate(double v, double old, double threshold)
{
  return old >= threshold ? conducting(v, old, threshold) : cut_off(v, old, threshold);
}

double pn_limit_drain(double v, double old)
{
  if (old < 3.5)
    return v > old ? fmin(v, 4.0) : fmax(v, -0.5);
  if (v > old)
    return fmin(v, 3.0 * old + 2.0);
  return v < 3.5 ? fmax(v, 2.0) : v;
}
