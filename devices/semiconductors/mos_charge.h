/* Gate, channel and bulk charges of a MOSFET as functions of its voltages, so that charge is conserved:
 * Ward and Dutton 1978, IEEE J. Solid-State Circuits 13, 703; the channel's charge and its share at the
 * drain in Tsividis, Operation and Modeling of the MOS Transistor, 2nd ed. 1999, sec. 7.4. The level gives
 * the turn-on voltage. Weak inversion and depletion join it smoothly. */
#ifndef PN_SEMICONDUCTORS_MOS_CHARGE_H
#define PN_SEMICONDUCTORS_MOS_CHARGE_H

#include "devices/semiconductors/dual.h"

/* Intrinsic charges, C, by (vgs, vds, vbs) with vds >= 0; their sum with the gate's is 0. */
typedef struct pn_mos_stored {
  pn_dual drain, source, bulk;
} pn_mos_stored;

/* w log(1 + exp(x / w)); far below 0 it stays a positive number. */
PN_INLINE pn_dual pn_mos_soft(pn_dual x, pn_dual w)
{
  pn_dual z = pn_d_div(x, w);
  double far = fabs(z.v), e = pn_exp(far < 200.0 ? -far : -200.0);
  double v = (z.v > 0.0 ? z.v : 0.0) + (e < 1e-8 ? e : pn_log(1.0 + e));
  return pn_d_mul(w, pn_d_chain(z, v, (z.v < 0.0 ? e : 1.0) / (1.0 + e)));
}

/* root: of the barrier at the source, V^0.5; share: the drain's part of the channel in saturation. */
PN_INLINE pn_mos_stored pn_mos_ward_charges(pn_dual over, pn_dual vds, pn_dual root, double gamma,
                                            double vt, double cox, double share)
{
  /* Bulk charge grows along the channel as (alpha - 1) V. */
  pn_dual alpha = pn_d_shift(1.0, pn_d_scale(0.5 * gamma, pn_d_inv(pn_d_max(root, 1e-3))));
  pn_dual q0 = pn_mos_soft(over, pn_d_scale(vt, alpha)); /* V, inversion charge at the source */
  /* At the drain, over that at the source: q1 = soft(over - alpha vds). */
  pn_dual q1 = pn_mos_soft(pn_d_sub(over, pn_d_mul(alpha, vds)), pn_d_scale(vt, alpha));
  pn_dual k = pn_d_div(q1, q0), k2 = pn_d_square(k), k3 = pn_d_mul(k, k2);
  pn_dual per = pn_d_inv(pn_d_shift(1.0, k));
  pn_dual mean = pn_d_scale(2.0 / 3.0, pn_d_mul(pn_d_shift(1.0, pn_d_add(k, k2)), per));
  pn_dual top = pn_d_add(pn_d_shift(4.0, pn_d_scale(8.0, k)),
                         pn_d_add(pn_d_scale(12.0, k2), pn_d_scale(6.0, k3)));
  pn_dual at_drain = pn_d_scale(1.0 / 15.0, pn_d_mul(top, pn_d_square(per))); /* 40 to 60 */
  pn_dual half = pn_d_scale(0.5, mean);
  double steep = (0.5 - share) / 0.1;
  at_drain = pn_d_sub(half, pn_d_scale(steep, pn_d_sub(half, at_drain)));
  pn_dual channel = pn_d_mul(q0, mean), drain = pn_d_mul(q0, at_drain);
  /* Depletion: gamma (root(psi) - gamma / 2) up to the turn-on, accumulation below flat band. */
  pn_dual under = pn_d_sub(over, q0), full = pn_d_scale(gamma, root);
  pn_dual inside = pn_d_add(pn_d_square(pn_d_shift(0.5 * gamma, root)), under);
  double flat = 0.25 * gamma * gamma;
  bool accumulated = !(inside.v > flat) || gamma == 0.0;
  pn_dual psi = pn_d_pick(accumulated, pn_d_const(flat > 0.0 ? flat : 1.0), inside);
  pn_dual depleted = pn_d_scale(gamma, pn_d_shift(-0.5 * gamma, pn_d_sqrt(psi)));
  pn_dual pile = pn_d_add(under, pn_d_add(pn_d_square(root), full));
  pile = pn_d_pick(gamma == 0.0 && pile.v > 0.0, pn_d_const(0.0), pile);
  pn_dual bulk = pn_d_pick(accumulated, pile, depleted);
  pn_dual spread = pn_d_div(pn_d_sub(q0, channel), alpha); /* V, mean of the channel's potential */
  bulk = pn_d_add(bulk, pn_d_mul(pn_d_shift(-1.0, alpha), spread));
  return (pn_mos_stored){pn_d_scale(-cox, drain), pn_d_scale(-cox, pn_d_sub(channel, drain)),
                         pn_d_scale(-cox, bulk)};
}

#endif
