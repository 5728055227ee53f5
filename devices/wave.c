/* Waveforms of independent sources, with ngspice's defaults and meaning. Times of
 * corners are computed from the number of the period, never by adding up, so
 * that the millionth corner is as exact as the first; values use the same expressions. */
#include "devices/wave.h"

#include <float.h>
#include <math.h>

/* Positions in p[], in the netlist's order. */
enum { P_V1, P_V2, P_TD, P_TR, P_TF, P_PW, P_PER, P_NP };        /* PULSE */
enum { S_VO, S_VA, S_FREQ, S_TD, S_THETA, S_PHASE };             /* SIN */
enum { E_V1, E_V2, E_TD1, E_TAU1, E_TD2, E_TAU2 };               /* EXP */
enum { F_VO, F_VA, F_FC, F_MDI, F_FS, F_PHASEC, F_PHASES };      /* SFFM */
enum { A_VA, A_VO, A_MF, A_FC, A_TD, A_PHASE, A_PHASE_NGSPICE }; /* AM */

static double radians(double degrees)
{
  return degrees * (M_PI / 180.0);
}

/* sin(2 pi f t + phase): whole turns are dropped first, so that late times keep their digits. */
static double sin_turns(double f, double t, double phase)
{
  double whole = rint(f * t);
  return sin(2.0 * M_PI * fma(f, t, -whole) + phase);
}

/* ---- defaults ---- */

static double or_else(double value, double fallback)
{
  return value != 0.0 ? value : fallback;
}

/* A width left out lasts to the end of the period, which then jumps back to v1; a period left out
 * leaves one single pulse. */
static void pulse_defaults(double *p, double tstep, double tstop)
{
  bool width_given = p[P_PW] != 0.0, period_given = p[P_PER] != 0.0;
  p[P_TR] = or_else(p[P_TR], tstep);
  p[P_TF] = or_else(p[P_TF], tstep);
  if (!width_given && period_given) {
    p[P_PW] = fmax(p[P_PER] - p[P_TR], 0.0);
    p[P_TF] = 0.0;
  }
  p[P_PW] = or_else(p[P_PW], tstop);
  if (!period_given)
    p[P_PER] = fmax(tstop, p[P_TR] + p[P_PW] + p[P_TF]);
  p[P_NP] = or_else(p[P_NP], INFINITY);
}

void pn_wave_defaults(pn_wave *w, const double *given, int n, double tstep, double tstop)
{
  double *p = w->p;
  for (int k = 0; k < 8; k++)
    p[k] = k < n ? given[k] : 0.0;
  tstep = or_else(tstep, 1.0);
  tstop = or_else(tstop, 1.0);
  switch (w->kind) {
  case PN_WAVE_PULSE:
    pulse_defaults(p, tstep, tstop);
    break;
  case PN_WAVE_SIN:
    p[S_FREQ] = or_else(p[S_FREQ], 1.0 / tstop);
    break;
  case PN_WAVE_EXP:
    p[E_TD1] = or_else(p[E_TD1], tstep);
    p[E_TAU1] = or_else(p[E_TAU1], tstep);
    p[E_TD2] = or_else(p[E_TD2], p[E_TD1] + tstep);
    p[E_TAU2] = or_else(p[E_TAU2], tstep);
    break;
  case PN_WAVE_SFFM:
    p[F_FC] = or_else(p[F_FC], 1.0 / tstop);
    p[F_FS] = or_else(p[F_FS], 1.0 / tstop);
    break;
  case PN_WAVE_AM: /* ngspice's manual has the phase in place 6, its code in place 7 */
    p[A_MF] = or_else(p[A_MF], 1.0 / tstop);
    if (n > A_PHASE_NGSPICE)
      p[A_PHASE] = p[A_PHASE_NGSPICE];
    break;
  case PN_WAVE_DC:
  case PN_WAVE_PWL:
    break;
  }
}

/* ---- checks ---- */

static const char *check_pulse(const double *p)
{
  if (p[P_TR] < 0.0)
    return "the pulse's rise time is negative";
  if (p[P_TF] < 0.0)
    return "the pulse's fall time is negative";
  if (p[P_PW] < 0.0)
    return "the pulse's width is negative";
  if (p[P_PER] <= 0.0)
    return "the pulse's period must be positive";
  if (p[P_TR] + p[P_PW] + p[P_TF] > p[P_PER] * (1.0 + 1e-9))
    return "the pulse (rise, width and fall) is longer than its period";
  if (p[P_NP] < 0.0)
    return "the number of pulses is negative";
  return NULL;
}

static const char *check_pwl(pn_arena *a, const pn_wave *w)
{
  if (w->n_points < 1)
    return "PWL needs at least one pair of time and value";
  for (int k = 0; k < w->n_points; k++) {
    if (!isfinite(w->time[k]) || !isfinite(w->value[k]))
      return pn_arena_printf(a, "PWL point %d is not a finite number", k + 1);
    if (k > 0 && w->time[k] <= w->time[k - 1])
      return pn_arena_printf(a, "PWL times must rise: point %d (%g s) is not after %g s", k + 1,
                             w->time[k], w->time[k - 1]);
  }
  if (!isfinite(w->delay))
    return "the PWL delay td is not a finite number";
  if (w->repeat >= 0.0 && (w->repeat < w->time[0] || w->repeat >= w->time[w->n_points - 1]))
    return pn_arena_printf(a,
                           "PWL repeats from r=%g s, which is not between its first (%g s) and "
                           "its last point (%g s)",
                           w->repeat, w->time[0], w->time[w->n_points - 1]);
  return NULL;
}

const char *pn_wave_check(pn_arena *a, const pn_wave *w)
{
  if (w->kind == PN_WAVE_PWL)
    return check_pwl(a, w);
  if (w->kind == PN_WAVE_DC)
    return isfinite(w->dc) ? NULL : "the source's value is not a finite number";
  for (int k = 0; k < 8; k++)
    if (!isfinite(w->p[k]) && !(w->kind == PN_WAVE_PULSE && k == P_NP && w->p[k] > 0.0))
      return pn_arena_printf(a, "number %d of the waveform is not finite", k + 1);
  switch (w->kind) {
  case PN_WAVE_PULSE:
    return check_pulse(w->p);
  case PN_WAVE_SIN:
    return w->p[S_FREQ] < 0.0 ? "the frequency is negative" : NULL;
  case PN_WAVE_EXP:
    if (w->p[E_TAU1] < 0.0 || w->p[E_TAU2] < 0.0)
      return "a time constant of EXP is negative";
    return w->p[E_TD2] < w->p[E_TD1] ? "EXP falls (td2) before it rises (td1)" : NULL;
  case PN_WAVE_SFFM:
    return w->p[F_FC] < 0.0 || w->p[F_FS] < 0.0 ? "a frequency of SFFM is negative" : NULL;
  case PN_WAVE_AM:
    return w->p[A_MF] < 0.0 || w->p[A_FC] < 0.0 ? "a frequency of AM is negative" : NULL;
  case PN_WAVE_DC:
  case PN_WAVE_PWL:
    break;
  }
  return NULL;
}

/* ---- periods ---- */

/* Start of period k of a train that starts at t0. */
static double period_start(double t0, double period, double k)
{
  return fma(k, period, t0);
}

/* The largest k with period_start(k) <= t, also where the quotient rounds to the wrong side. */
static double period_index(double t0, double period, double t)
{
  double k = floor((t - t0) / period);
  if (period_start(t0, period, k + 1.0) <= t)
    k += 1.0;
  if (period_start(t0, period, k) > t)
    k -= 1.0;
  return k;
}

/* ---- values ---- */

/* Times of a pulse's four corners in its period k. */
static void pulse_corners(const double *p, double k, double corner[4])
{
  double start = period_start(p[P_TD], p[P_PER], k);
  corner[0] = start;
  corner[1] = start + p[P_TR];
  corner[2] = start + (p[P_TR] + p[P_PW]);
  corner[3] = start + (p[P_TR] + p[P_PW] + p[P_TF]);
}

static double pulse_at(const double *p, double t)
{
  if (t < p[P_TD])
    return p[P_V1];
  double k = period_index(p[P_TD], p[P_PER], t), c[4];
  if (k >= p[P_NP])
    return p[P_V1];
  pulse_corners(p, k, c);
  if (t < c[1])
    return p[P_V1] + (p[P_V2] - p[P_V1]) * ((t - c[0]) / p[P_TR]);
  if (t < c[2])
    return p[P_V2];
  if (t < c[3])
    return p[P_V2] + (p[P_V1] - p[P_V2]) * ((t - c[2]) / p[P_TF]);
  return p[P_V1];
}

/* The first point of w->time behind `t`, in 0..n_points. */
static int pwl_find(const pn_wave *w, double t)
{
  int lo = 0, hi = w->n_points;
  while (lo < hi) {
    int mid = lo + (hi - lo) / 2;
    if (w->time[mid] > t)
      hi = mid;
    else
      lo = mid + 1;
  }
  return lo;
}

static bool pwl_repeats(const pn_wave *w)
{
  return w->repeat >= 0.0;
}

static double pwl_period(const pn_wave *w)
{
  return w->time[w->n_points - 1] - w->repeat;
}

/* Number of the repetition that t lies in; 0 in the first pass. */
static double pwl_pass(const pn_wave *w, double t)
{
  if (!pwl_repeats(w) || t < w->delay + w->repeat)
    return 0.0;
  return fmax(period_index(w->delay + w->repeat, pwl_period(w), t), 0.0);
}

static double pwl_at(const pn_wave *w, double t)
{
  double pass = pwl_pass(w, t);
  double local = t - w->delay;
  if (pass > 0.0)
    local = w->repeat + (t - period_start(w->delay + w->repeat, pwl_period(w), pass));
  int k = pwl_find(w, local);
  if (k == 0)
    return w->value[0];
  if (k == w->n_points)
    return w->value[k - 1];
  double part = (local - w->time[k - 1]) / (w->time[k] - w->time[k - 1]);
  return w->value[k - 1] + part * (w->value[k] - w->value[k - 1]);
}

static double sin_at(const double *p, double t)
{
  double tau = t - p[S_TD];
  if (tau <= 0.0)
    return p[S_VO] + p[S_VA] * sin(radians(p[S_PHASE]));
  double damping = p[S_THETA] != 0.0 ? exp(-tau * p[S_THETA]) : 1.0;
  return p[S_VO] + p[S_VA] * damping * sin_turns(p[S_FREQ], tau, radians(p[S_PHASE]));
}

static double exp_at(const double *p, double t)
{
  double v = p[E_V1];
  if (t > p[E_TD1])
    v -= (p[E_V2] - p[E_V1]) * expm1(-(t - p[E_TD1]) / p[E_TAU1]);
  if (t > p[E_TD2])
    v -= (p[E_V1] - p[E_V2]) * expm1(-(t - p[E_TD2]) / p[E_TAU2]);
  return v;
}

static double am_at(const double *p, double t)
{
  double tau = t - p[A_TD], phase = radians(p[A_PHASE]);
  if (tau <= 0.0)
    return 0.0;
  return p[A_VA] * (p[A_VO] + sin_turns(p[A_MF], tau, phase)) * sin_turns(p[A_FC], tau, phase);
}

static double sffm_at(const double *p, double t)
{
  double swing = p[F_MDI] * sin_turns(p[F_FS], t, radians(p[F_PHASES]));
  return p[F_VO] + p[F_VA] * sin_turns(p[F_FC], t, radians(p[F_PHASEC]) + swing);
}

double pn_wave_at(const pn_wave *w, double t)
{
  switch (w->kind) {
  case PN_WAVE_PULSE:
    return pulse_at(w->p, t);
  case PN_WAVE_SIN:
    return sin_at(w->p, t);
  case PN_WAVE_PWL:
    return pwl_at(w, t);
  case PN_WAVE_EXP:
    return exp_at(w->p, t);
  case PN_WAVE_SFFM:
    return sffm_at(w->p, t);
  case PN_WAVE_AM:
    return am_at(w->p, t);
  case PN_WAVE_DC:
    break;
  }
  return w->dc;
}

double pn_wave_dc(const pn_wave *w)
{
  return w->dc_given ? w->dc : pn_wave_at(w, 0.0);
}

/* ---- corners ---- */

/* The least of `corner` and `best`, when corner is after `t`. */
static double earlier(double best, double corner, double t)
{
  return corner > t && corner < best ? corner : best;
}

static double pulse_next(const double *p, double t, double after)
{
  if (p[P_V1] == p[P_V2])
    return INFINITY;
  double best = INFINITY, c[4];
  double k = t < p[P_TD] ? 0.0 : period_index(p[P_TD], p[P_PER], t);
  for (int ahead = 0; ahead < 2; ahead++, k += 1.0) {
    if (k > p[P_NP] || (k == p[P_NP] && p[P_TF] > 0.0))
      break;
    pulse_corners(p, k, c);
    int n = k == p[P_NP] ? 1 : 4; /* the last pulse may end with a jump */
    for (int j = 0; j < n; j++)
      best = earlier(best, c[j], after);
  }
  return best;
}

/* The first corner of one pass behind `after`. Pass 0 begins with the first point, later ones with
 * the repeated part, whose start is a corner of its own (the last point's place). */
static double pwl_next_in_pass(const pn_wave *w, double pass, double after)
{
  double start = w->delay, origin = 0.0, best = INFINITY;
  if (pass > 0.0) {
    origin = w->repeat;
    start = period_start(w->delay + w->repeat, pwl_period(w), pass);
    best = earlier(best, start, after);
  }
  int end = pwl_repeats(w) ? w->n_points - 1 : w->n_points;
  double local = origin + (after - start);
  int k = pwl_find(w, pass > 0.0 ? fmax(local, origin) : local);
  for (int j = k; j < end && j <= k + 1; j++) /* two: local may be rounded downwards */
    best = earlier(best, start + (w->time[j] - origin), after);
  return best;
}

static double pwl_next(const pn_wave *w, double t, double after)
{
  double pass = pwl_pass(w, t), best = pwl_next_in_pass(w, pass, after);
  return pwl_repeats(w) ? fmin(best, pwl_next_in_pass(w, pass + 1.0, after)) : best;
}

double pn_wave_next_corner(const pn_wave *w, double t)
{
  double after = t + 4.0 * DBL_EPSILON * fabs(t);
  switch (w->kind) {
  case PN_WAVE_PULSE:
    return pulse_next(w->p, t, after);
  case PN_WAVE_PWL:
    return pwl_next(w, t, after);
  case PN_WAVE_SIN:
    return earlier(INFINITY, w->p[S_TD], after);
  case PN_WAVE_AM:
    return earlier(INFINITY, w->p[A_TD], after);
  case PN_WAVE_EXP:
    return earlier(earlier(INFINITY, w->p[E_TD2], after), w->p[E_TD1], after);
  case PN_WAVE_SFFM:
  case PN_WAVE_DC:
    break;
  }
  return INFINITY;
}

double pn_wave_period(const pn_wave *w, double t)
{
  const double *p = w->p;
  switch (w->kind) {
  case PN_WAVE_SIN:
    return p[S_VA] != 0.0 && t >= p[S_TD] ? 1.0 / p[S_FREQ] : INFINITY;
  case PN_WAVE_SFFM:
    return p[F_VA] != 0.0 ? 1.0 / (p[F_FC] + fabs(p[F_MDI]) * p[F_FS]) : INFINITY;
  case PN_WAVE_AM:
    return p[A_VA] != 0.0 && t >= p[A_TD] ? 1.0 / (p[A_FC] + p[A_MF]) : INFINITY;
  case PN_WAVE_DC:
  case PN_WAVE_PULSE: /* their corners are stops already */
  case PN_WAVE_PWL:
  case PN_WAVE_EXP:
    break;
  }
  return INFINITY;
}

double pn_wave_repeats(const pn_wave *w)
{
  const double *p = w->p;
  switch (w->kind) {
  case PN_WAVE_DC:
    return INFINITY;
  case PN_WAVE_SIN:
    if (p[S_VA] == 0.0)
      return INFINITY;
    return p[S_THETA] == 0.0 && p[S_TD] <= 0.0 && p[S_FREQ] > 0.0 ? 1.0 / p[S_FREQ] : NAN;
  case PN_WAVE_PULSE:
    if (p[P_V1] == p[P_V2])
      return INFINITY;
    return isinf(p[P_NP]) && p[P_TD] <= 0.0 ? p[P_PER] : NAN;
  case PN_WAVE_PWL:
    return pwl_repeats(w) && w->delay + w->repeat <= 0.0 ? pwl_period(w) : NAN;
  case PN_WAVE_EXP:
  case PN_WAVE_SFFM:
  case PN_WAVE_AM:
    break;
  }
  return NAN;
}
