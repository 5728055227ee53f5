/* TR-BDF2 between the ends of its steps: the parabola through start, middle and end, and the roots of event
 * functions on it. */
#include "solver/trbdf2.h"

#include <math.h>

enum { MAX_ROOT_ITERATIONS = 60 };
static const double EVENT_RESOLUTION = 1e-9; /* of the step, within which an event is at its end */

/* The parabola through the start, the middle stage and the end of a step; s in [0, 1]. */
static void parabola(int n, double s, const double *y0, const double *y_g, const double *y1,
                     double *y)
{
  double a = (s - PN_GAMMA) * (s - 1) / PN_GAMMA, b = s * (s - 1) / (PN_GAMMA * (PN_GAMMA - 1)),
         c = s * (s - PN_GAMMA) / (1 - PN_GAMMA);
  for (int i = 0; i < n; i++)
    y[i] = a * y0[i] + b * y_g[i] + c * y1[i];
}

pn_status pn_trbdf2_interpolate(pn_integrator *g, double t, double *y, double *yp)
{
  pn_method *m = g->method;
  double s = m->h > 0 ? (t - m->t_old) / m->h : 1;
  int n = g->dae.n;
  if (yp && m->h > 0) { /* of a parabola the central difference is the slope itself */
    parabola(n, s + 0.5, m->y_old, m->y_mid, g->y, yp);
    parabola(n, s - 0.5, m->y_old, m->y_mid, g->y, y);
    for (int i = 0; i < n; i++)
      yp[i] = (yp[i] - y[i]) / m->h;
  }
  parabola(n, s, m->y_old, m->y_mid, g->y, y);
  return PN_OK;
}

pn_status pn_trbdf2_interpolate_some(pn_integrator *g, double t, const int *which, int n_which,
                                     double *y, double *yp)
{
  const pn_method *m = g->method;
  double s = m->h > 0 ? (t - m->t_old) / m->h : 1, h = m->h > 0 ? m->h : 1;
  for (int k = 0; k < n_which; k++) {
    int i = which[k];
    double a = (m->y_mid[i] - m->y_old[i]) / PN_GAMMA;
    double b = (g->y[i] - m->y_mid[i]) / (1 - PN_GAMMA), c = b - a;
    y[i] = m->y_old[i] + s * (a + (s - PN_GAMMA) * c);
    yp[i] = (a + (2 * s - PN_GAMMA) * c) / h;
  }
  return PN_OK;
}

static bool sign_changed(double a, double b)
{
  return (a < 0 && b >= 0) || (a > 0 && b <= 0);
}

/* Illinois' rule on the interpolant (Dowell and Jarratt 1971, BIT 11, 168). */
double pn_trbdf2_event(pn_integrator *g, double h)
{
  pn_method *m = g->method;
  const pn_dae *dae = &g->dae;
  double first = 0;
  if (dae->n_events == 0)
    return 0;
  dae->events(dae->user, g->t + h, m->y_1, m->ev_1);
  for (int e = 0; e < dae->n_events; e++) {
    if (!sign_changed(m->ev_0[e], m->ev_1[e]))
      continue;
    double lo = 0, hi = 1, f_lo = m->ev_0[e], f_hi = m->ev_1[e];
    for (int k = 0, side = 0; k < MAX_ROOT_ITERATIONS && hi - lo > 0.1 * EVENT_RESOLUTION; k++) {
      double s = f_hi != f_lo ? hi - f_hi * (hi - lo) / (f_hi - f_lo) : 0.5 * (lo + hi);
      s = s > lo && s < hi ? s : 0.5 * (lo + hi);
      parabola(dae->n, s, g->y, m->y_g, m->y_1, m->r);
      dae->events(dae->user, g->t + s * h, m->r, m->ev_r);
      if (sign_changed(m->ev_0[e], m->ev_r[e])) {
        f_lo *= side == 1 ? 0.5 : 1;
        hi = s, f_hi = m->ev_r[e], side = 1;
      } else {
        f_hi *= side == -1 ? 0.5 : 1;
        lo = s, f_lo = m->ev_r[e], side = -1;
      }
      if (f_hi == 0)
        break;
    }
    first = first == 0 ? hi : fmin(first, hi);
  }
  return first;
}
