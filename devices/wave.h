/* Waveforms of independent sources: value, corners and time scale. */
#ifndef PN_DEVICES_WAVE_H
#define PN_DEVICES_WAVE_H

#include "base/arena.h"

#include <stdbool.h>

typedef enum pn_wave_kind {
  PN_WAVE_DC,
  PN_WAVE_PULSE,
  PN_WAVE_SIN,
  PN_WAVE_PWL,
  PN_WAVE_EXP,
  PN_WAVE_SFFM,
  PN_WAVE_AM
} pn_wave_kind;

typedef struct pn_wave {
  pn_wave_kind kind;
  double dc; /* V or A, value for DC analyses when dc_given */
  bool dc_given;
  double ac_mag;       /* V or A */
  double ac_phase;     /* degrees */
  double p[8];         /* the numbers in the netlist's order, defaults filled in */
  int n_points;        /* PWL */
  const double *time;  /* [n_points] s, rising */
  const double *value; /* [n_points] V or A */
  double delay;        /* s, PWL td= */
  double repeat;       /* s, PWL r=: start of the repeated part; < 0: none */
} pn_wave;

/* Fills p[] from the numbers given in the netlist (n of them); missing ones take SPICE's defaults,
 * which for PULSE and SIN depend on the analysis's step and stop (0: unknown yet: then 1). */
void pn_wave_defaults(pn_wave *w, const double *given, int n, double tstep, double tstop);

/* NULL, or why the numbers make no waveform (negative rise time, PWL times that do not rise,
 * period shorter than the pulse...). In the arena. */
const char *pn_wave_check(pn_arena *a, const pn_wave *w);

double pn_wave_at(const pn_wave *w, double t);
/* Value in DC analyses: dc if given, else the value at t = 0. */
double pn_wave_dc(const pn_wave *w);
/* The first corner strictly after t (a jump of value or of slope), INFINITY when none.
 * A corner that lies within a few ulp of t counts as t itself. */
double pn_wave_next_corner(const pn_wave *w, double t);
/* The fastest period of the drive near t, s; INFINITY when it has none. An integrator takes at
 * least PN_STEPS_PER_PERIOD steps in it. */
double pn_wave_period(const pn_wave *w, double t);
/* The period with which the waveform repeats from t = 0 on, s; INFINITY when it is constant, NAN when
 * it does not repeat (it is delayed, damped, modulated or single). */
double pn_wave_repeats(const pn_wave *w);

#endif
