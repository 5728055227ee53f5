/* MOSFET level 1: Shichman and Hodges 1968, IEEE J. Solid-State Circuits 3, 285. */
#include "devices/semiconductors/mos.h"

enum { LAMBDA = MOS_OWN, N_PARAMS };

static const pn_param params[] = {
    PN_MOS_PARAMS(1, 0.5, NAN),
    PN_PLAIN("lambda", "1/V", 0, 0, INFINITY, MOS_MODEL, "Channel-length modulation.", NULL),
};

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  pn_mos_process x = pn_mos_process_of(p, circuit_temp);
  pn_mos_derive(p, &x, p[MOS_L] - 2.0 * p[MOS_LD], p[MOS_W], p + N_PARAMS);
}

PN_INLINE pn_mos_channel channel(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs,
                                 pn_dual vds, pn_dual vbs)
{
  double phi = d[MOSD_PHI][l], root_phi = sqrt(phi);
  /* sqrt(phi - vbs), continued beyond vbs = 0 by its tangent, down to 0 */
  bool reverse = vbs.v <= 0.0;
  double root = sqrt(reverse ? phi - vbs.v : phi), tangent = root_phi - 0.5 * vbs.v / root_phi;
  bool gone = !reverse && tangent < 0.0;
  pn_dual barrier = pn_d_chain(vbs,
                               reverse ? root
                               : gone  ? 0.0
                                       : tangent,
                               gone ? 0.0 : -0.5 / (reverse ? root : root_phi));
  pn_dual von = pn_d_shift(d[MOSD_VBI][l], pn_d_scale(d[MOSD_GAMMA][l], barrier));
  pn_dual over = pn_d_max(pn_d_sub(vgs, von), 0.0);
  bool saturated = over.v <= vds.v;
  /* (over - y/2) y with y = vds, but not beyond over */
  pn_dual y = pn_d_pick(saturated, over, vds);
  pn_dual shape = pn_d_mul(pn_d_sub(over, pn_d_scale(0.5, y)), y);
  pn_dual gain = pn_d_shift(1.0, pn_d_scale(p[LAMBDA][l], vds));
  return (pn_mos_channel){pn_d_scale(d[MOSD_BETA][l], pn_d_mul(shape, gain)), von, over};
}

PN_MOS_KERNELS(N_PARAMS)

const pn_device_class pn_class_mos1 = PN_MOS_CLASS("mos1", "MOSFET, level 1", 1, 0);
