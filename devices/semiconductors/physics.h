/* What all semiconductor devices share: constants, the band gap and junction potential of silicon over
 * temperature, junction currents and depletion charges, and the limiting of junction voltages. Equations
 * as in Antognetti and Massobrio, Semiconductor Device Modeling with SPICE, 2nd ed., 1993, and the
 * ngspice manual, chapters 7 to 11; the constants are ngspice's (CODATA 2014). */
#ifndef PN_SEMICONDUCTORS_PHYSICS_H
#define PN_SEMICONDUCTORS_PHYSICS_H

#include "devices/classes.h"
#include "devices/vmath.h"

#define PN_REFERENCE 300.15           /* K, of the band gap's and intrinsic density's numbers */
#define PN_CHARGE    1.6021766208e-19 /* C */
#define PN_K_OVER_Q  (1.38064852e-23 / PN_CHARGE) /* V/K */
#define PN_EPS_SI    (11.70 * 8.854214871e-12)    /* F/m */
#define PN_EPS_OX    (3.9 * 8.854214871e-12)      /* F/m */
#define PN_NI        1.45e16                      /* 1/m^3, intrinsic density of silicon at 300 K */
#define PN_E         2.71828182845904523536

/* Band gap of silicon, eV (Varshni). */
static inline double pn_band_gap(double t)
{
  return 1.16 - 7.02e-4 * t * t / (t + 1108.0);
}

/* Built-in potentials follow phi(T) = phi(ref) T / ref + this, V. */
static inline double pn_potential_shift(double t)
{
  double vt = PN_K_OVER_Q * t;
  double gap = -pn_band_gap(t) / (2.0 * vt) + 1.1150877 / (2.0 * PN_K_OVER_Q * PN_REFERENCE);
  return -2.0 * vt * (1.5 * log(t / PN_REFERENCE) + gap);
}

static inline double pn_potential_at(double phi, double tnom, double t)
{
  double at_reference = (phi - pn_potential_shift(tnom)) / (tnom / PN_REFERENCE);
  return t / PN_REFERENCE * at_reference + pn_potential_shift(t);
}

/* Factor on a junction capacitance of potential phi (V) and grading m between tnom and t. */
static inline double pn_capacitance_factor(double phi, double m, double tnom, double t)
{
  double ref = (phi - pn_potential_shift(tnom)) / (tnom / PN_REFERENCE);
  double now = pn_potential_at(phi, tnom, t);
  double old_part = 1.0 + m * (4e-4 * (tnom - PN_REFERENCE) - (phi - ref) / ref);
  double new_part = 1.0 + m * (4e-4 * (t - PN_REFERENCE) - (now - ref) / ref);
  return new_part / old_part;
}

/* Where an exponential junction bends most: limiting starts there. */
static inline double pn_critical(double vt, double is)
{
  return is > 0.0 ? vt * log(vt / (1.4142135623730950488 * is)) : INFINITY;
}

/* A limited step of a junction voltage: a rise beyond `critical` moves the exponential's
 * argument by a logarithm (Nagel 1975, ERL-M520, sec. 5.1). */
static inline double pn_limit_junction(double v, double old, double vt, double critical)
{
  if (!(v > critical) || fabs(v - old) <= 2.0 * vt)
    return v;
  if (old <= 0.0)
    return vt * log(v / vt);
  double arg = 1.0 + (v - old) / vt;
  return arg > 0.0 ? old + vt * log(arg) : critical;
}

/* Value and slope. */
typedef struct pn_vs {
  double v, s;
} pn_vs;

/* Junction current, A, with its slope: an exponential above -3 n vt, a cubic tail below it that
 * meets value and slope there. vte = n vt (V). */
PN_INLINE pn_vs pn_junction(double v, double is, double vte)
{
  double e_slope, low = -3.0 * vte;
  double e = pn_lim_exp(v / vte, &e_slope);
  double below = v < low ? v : low;
  double a = 3.0 * vte / (below * PN_E), a3 = a * a * a;
  bool on = v >= low;
  return (pn_vs){on ? is * (e - 1.0) : -is * (1.0 + a3),
                 on ? is * e_slope / vte : is * 3.0 * a3 / below};
}

/* Depletion charge, C, and capacitance, F: a power law below corner = fc vj, its tangent above.
 * c0 F at 0 V, vj V, m grading, power = (1 - fc)^-m. */
PN_INLINE pn_vs pn_depletion(double v, double c0, double vj, double m, double corner, double power)
{
  double fc = corner / vj;
  double arg = 1.0 - v / vj, least = 1.0 - fc;
  arg = arg > least ? arg : least;
  double s = pn_exp(-m * pn_log(arg));
  double q_low = vj * c0 * (1.0 - arg * s) / (1.0 - m);
  double over = v > corner ? v - corner : 0.0;
  double slope = m * power / (vj * least); /* of the capacitance beyond the corner, over c0 */
  return (pn_vs){q_low + c0 * over * (power + 0.5 * slope * over),
                 v > corner ? c0 * (power + slope * over) : c0 * s};
}

#endif
