/* What TEAM and VTEAM share: the resistance over the state, and its rate above a threshold of the quantity in control,
 * the current of TEAM and the voltage of VTEAM. Their parameters have one order. */
#ifndef PN_MEMRISTORS_KVATINSKY_H
#define PN_MEMRISTORS_KVATINSKY_H

#include "devices/memristors/model.h"

enum {
  RON,
  ROFF,
  Z_ON, /* thresholds, in the controlling quantity's unit */
  Z_OFF,
  K_ON,
  K_OFF,
  ALPHA_ON,
  ALPHA_OFF,
  LAW,
  WINDOW,
  A_ON,
  A_OFF,
  W_C,
  X0,
  X_ON,
  X_OFF,
  N_PARAMS,
  LAMBDA = N_PARAMS,
  INV_SPAN,
  INV_WC,
  N_ALL
};

/* Equations of both, for their descriptions. */
#define KVATINSKY_LAWS                                                                             \
  "s = (x - x_on)/(x_off - x_on)\n"                                                                \
  "law 0: i = v / (ron + (roff - ron) s)\n"                                                        \
  "law 1: i = v / (ron exp(s ln(roff/ron)))\n"
#define KVATINSKY_WINDOWS                                                                          \
  "window 0: f_off = f_on = 1\n"                                                                   \
  "window 1: f_off = exp(-exp((x - a_off)/w_c)), f_on = exp(-exp(-(x - a_on)/w_c))\n"

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[LAMBDA] = log(p[ROFF] / p[RON]);
  p[INV_SPAN] = 1.0 / (p[X_OFF] - p[X_ON]);
  p[INV_WC] = 1.0 / p[W_C];
}

/* Functions that a block's lanes need: where none is exponential in x or has a window, or none is above a threshold
 * with an exponent but 1, as by default, these are two thirds of an evaluation for nothing. */
typedef struct needs {
  bool exponentials, powers;
} needs;

PN_INLINE bool need_exponentials(const pn_lanes *p, int lanes)
{
  int any = 0;
  for (int l = 0; l < lanes; l++)
    any |= (p[LAW][l] != 0.0) | (p[WINDOW][l] != 0.0);
  return any;
}

/* z: the quantities in control. */
PN_INLINE bool need_powers(const pn_lanes *p, int lanes, const double *z)
{
  int any = 0;
  for (int l = 0; l < lanes; l++)
    any |= ((z[l] > p[Z_OFF][l]) & (p[ALPHA_OFF][l] != 1.0)) |
           ((z[l] < p[Z_ON][l]) & (p[ALPHA_ON][l] != 1.0));
  return any;
}

/* Conductance (S) of lane l at x, and the resistance's slope *r_x (ohm/m). */
PN_INLINE double conductance(const pn_lanes *p, int l, double x, needs need, double *r_x)
{
  double ron = p[RON][l], span = p[INV_SPAN][l], part = (x - p[X_ON][l]) * span, slope;
  if (!need.exponentials) {
    *r_x = (p[ROFF][l] - ron) * span;
    return 1.0 / (ron + (p[ROFF][l] - ron) * part);
  }
  double steep = ron * pn_lim_exp(p[LAMBDA][l] * part, &slope);
  double steep_x = ron * slope * p[LAMBDA][l] * span;
  bool exponential = p[LAW][l] != 0.0;
  *r_x = exponential ? steep_x : (p[ROFF][l] - ron) * span;
  return 1.0 / (exponential ? steep : ron + (p[ROFF][l] - ron) * part);
}

typedef struct drift {
  double rate, z, x; /* m/s, and its derivatives with respect to z and x */
} drift;

/* The rate of lane l at z and x. */
PN_INLINE drift drift_at(const pn_lanes *p, int l, double z, double x, needs need)
{
  bool off = z > 0.0;
  double threshold = off ? p[Z_OFF][l] : p[Z_ON][l];
  double k = off ? p[K_OFF][l] : p[K_ON][l], alpha = off ? p[ALPHA_OFF][l] : p[ALPHA_ON][l];
  double excess = z / threshold - 1.0;
  double over = excess > 0.0 ? excess : 0.0;
  double power = need.powers ? pn_pow(over, alpha - 1.0)
                             : 1.0; /* a power of 0 is only times `over` */
  double rate = k * power * over;
  double rate_z = excess > 0.0 ? k * alpha * power / threshold : 0.0;
  if (!need.exponentials)
    return (drift){rate, rate_z, 0.0};
  double w = off ? (x - p[A_OFF][l]) * p[INV_WC][l] : (p[A_ON][l] - x) * p[INV_WC][l];
  double w_x = off ? p[INV_WC][l] : -p[INV_WC][l], inner_slope, outer_slope;
  double inner = pn_lim_exp(w, &inner_slope), f = pn_lim_exp(-inner, &outer_slope);
  bool windowed = p[WINDOW][l] != 0.0;
  double f_x = windowed ? -outer_slope * inner_slope * w_x : 0.0;
  f = windowed ? f : 1.0;
  return (drift){rate * f, rate_z * f, rate * f_x};
}

#endif
