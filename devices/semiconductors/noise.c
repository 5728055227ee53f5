/* One instance of a semiconductor class evaluated at its operating point, for its noise. */
#include "devices/semiconductors/noise.h"

enum { MOST_PARAMS = 128, MOST_HIST = 16 };

static void spread(const double *from, int n, pn_lanes *to)
{
  for (int k = 0; k < n; k++)
    for (int l = 0; l < PN_LANES; l++)
      to[k][l] = from[k];
}

pn_noise_point pn_noise_at(const pn_device_class *c, const double *p, const double *u,
                           const double *h, double temp)
{
  pn_lanes params[MOST_PARAMS], locals[PN_NOISE_LOCALS], memory[MOST_HIST], f[PN_NOISE_LOCALS],
      q[PN_NOISE_LOCALS], jf[PN_NOISE_PAIRS], jq[PN_NOISE_PAIRS];
  spread(p, c->n_params + c->n_derived, params);
  spread(u, c->n_locals, locals);
  spread(h, c->n_hist, memory);
  pn_dev_block b = {.p = params[0],
                    .u = locals[0],
                    .h = memory[0],
                    .temp = temp,
                    .f = f[0],
                    .q = q[0],
                    .jf = jf[0],
                    .jq = jq[0],
                    .n = 1};
  c->eval(c, &b);
  pn_noise_point at;
  for (int k = 0; k < c->n_locals; k++)
    at.f[k] = f[k][0];
  for (int k = 0; k < c->n_pairs; k++)
    at.jf[k] = jf[k][0];
  return at;
}
