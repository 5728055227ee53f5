/* Noise of semiconductors: the currents and conductances that it follows from are taken from the class's
 * own eval at the operating point, so that no equation stands twice. Thermal noise 4 k T g, shot noise
 * 2 q |i| (Schottky 1918), flicker noise kf |i|^af / f; A. van der Ziel, Noise in Solid State Devices and
 * Circuits, 1986. */
#ifndef PN_SEMICONDUCTORS_NOISE_H
#define PN_SEMICONDUCTORS_NOISE_H

#include "devices/semiconductors/physics.h"

enum { PN_NOISE_LOCALS = 8, PN_NOISE_PAIRS = 32 };

/* f and df/du of one instance, without gmin. */
typedef struct pn_noise_point {
  double f[PN_NOISE_LOCALS]; /* [n_locals] A */
  double jf[PN_NOISE_PAIRS]; /* [n_pairs] S */
} pn_noise_point;

/* p, u, h: contiguous, of one instance; temp of the circuit, K. */
pn_noise_point pn_noise_at(const pn_device_class *c, const double *p, const double *u,
                           const double *h, double temp);

/* g in S, t in K. */
static inline pn_noise pn_noise_thermal(const char *name, int p, int n, double t, double g)
{
  return (pn_noise){
      .name = name, .p = (uint16_t)p, .n = (uint16_t)n, .white = 4.0 * PN_BOLTZMANN * t * fabs(g)};
}

/* i in A. */
static inline pn_noise pn_noise_shot(const char *name, int p, int n, double i)
{
  return (pn_noise){
      .name = name, .p = (uint16_t)p, .n = (uint16_t)n, .white = 2.0 * PN_ELECTRON * fabs(i)};
}

/* Of m equal devices in parallel, which carry i (A) together: m times that of one. scale: on kf. */
static inline pn_noise pn_noise_flicker(int p, int n, double kf, double af, double i, double m,
                                        double scale)
{
  double one = kf > 0.0 && i != 0.0 ? kf * pow(fabs(i) / m, af) : 0.0;
  return (pn_noise){.name = "1overf",
                    .p = (uint16_t)p,
                    .n = (uint16_t)n,
                    .flicker = m * one * scale,
                    .exponent = 1.0};
}

#endif
