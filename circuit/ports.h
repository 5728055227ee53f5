/* The terminals of a block of two-terminal devices: differences of their unknowns, and what is added to
 * their rows. Where they lie side by side, as in an array, both are vector loads and stores. */
#ifndef PN_CIRCUIT_PORTS_H
#define PN_CIRCUIT_PORTS_H

#include "circuit/private.h"

#define PN_PORTS static inline __attribute__((always_inline))

/* v [lanes] = y at p less y at n; p, n [lanes] unknowns. */
PN_PORTS void pn_port_voltages(const pn_batch_run *run, const int *p, const int *n, int lanes,
                               const double *y, double *v)
{
  if (run->ports_in_order) {
    const double *at_p = y + p[0], *at_n = y + n[0];
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++)
      v[l] = at_p[l] - at_n[l];
  } else {
    for (int l = 0; l < lanes; l++)
      v[l] = y[p[l]] - y[n[l]];
  }
}

/* i [lanes] is added to f at p and taken from f at n. */
PN_PORTS void pn_port_add(const pn_batch_run *run, const int *p, const int *n, int lanes,
                          const double *i, double *f)
{
  if (run->ports_in_order) { /* one range after the other: they may overlap */
    double *at_p = f + p[0], *at_n = f + n[0];
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++)
      at_p[l] += i[l];
#pragma GCC ivdep
    for (int l = 0; l < lanes; l++)
      at_n[l] -= i[l];
  } else {
    for (int l = 0; l < lanes; l++) {
      f[p[l]] += i[l];
      f[n[l]] -= i[l];
    }
  }
}

#endif
