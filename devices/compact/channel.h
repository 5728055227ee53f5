/* The channel of a thin-film transistor: a smooth, symmetric, charge-based (EKV-form) core with
 * drain-induced barrier lowering, velocity saturation and Ward-Dutton-like charges (half of the
 * channel's charge to each end). Contact resistances and gate stacks are the device's own. */
#ifndef PN_COMPACT_CHANNEL_H
#define PN_COMPACT_CHANNEL_H

#include "devices/compact.h"
#include "devices/memristors/model.h"

typedef struct pn_channel {
  double w, l;        /* m */
  double cox;         /* F/m^2, gate capacitance */
  double mu;          /* m^2/(V s), low-field mobility */
  double n;           /* slope factor: the subthreshold swing is n (kT/q) ln 10 */
  double dibl;        /* V/V */
  double v_sat, beta; /* m/s, and how sharply the velocity saturates */
  double lambda;      /* 1/V, channel length modulation */
  double g_leak;      /* S/m, per width */
  double ut;          /* V, kT/q */
} pn_channel;

typedef struct pn_channel_out {
  pn_dual i;        /* A, from drain to source */
  pn_dual q_s, q_d; /* C, of the channel: to be taken from source and drain, put on the gate */
} pn_channel_out;

/* vt: threshold, V; vg, vd, vs: gate, drain and source against the back gate, V. */
static inline pn_channel_out pn_channel_eval(const pn_channel *c, pn_dual vt, pn_dual vg,
                                             pn_dual vd, pn_dual vs)
{
  double soft = 0.1 * c->ut;
  pn_dual vds = pn_d_sub(vd, vs);
  pn_dual vp = pn_d_scale(1.0 / c->n,
                          pn_d_add(pn_d_sub(vg, vt), pn_d_scale(c->dibl, pn_d_abs(vds, soft))));
  pn_dual ls = pn_d_softplus(pn_d_scale(0.5 / c->ut, pn_d_sub(vp, vs)));
  pn_dual ld = pn_d_softplus(pn_d_scale(0.5 / c->ut, pn_d_sub(vp, vd)));
  double spec = 2.0 * c->n * c->mu * c->cox * (c->w / c->l) * c->ut * c->ut;
  pn_dual i = pn_d_scale(spec, pn_d_sub(pn_d_mul(ls, ls), pn_d_mul(ld, ld)));
  pn_dual drop = pn_d_abs(pn_d_scale(2.0 * c->ut, pn_d_sub(ls, ld)), soft);
  pn_dual slow = pn_d_line(1.0, pn_d_pow(pn_d_scale(c->mu / (c->v_sat * c->l), drop), c->beta),
                           1.0);
  i = pn_d_div(i, pn_d_pow(slow, 1.0 / c->beta));
  i = pn_d_mul(i, pn_d_line(c->lambda, drop, 1.0));
  double unit = 0.5 * c->w * c->l * c->cox * 2.0 * c->n * c->ut; /* C, half of the channel */
  pn_dual q = pn_d_scale(0.5 * unit, pn_d_add(ls, ld));
  return (pn_channel_out){pn_d_add(i, pn_d_scale(c->g_leak * c->w, vds)), q, q};
}

/* The locals of a transistor around such a channel, in this order: terminals, then the channel's ends behind the
 * contacts; a model's own follow. */
enum { CH_D, CH_G, CH_S, CH_B, CH_DI, CH_SI, CH_OWN };

#define PN_CHANNEL_LOCALS                                                                          \
  {PN_L_TERM, "d", "V", 0.0}, {PN_L_TERM, "g", "V", 0.0}, {PN_L_TERM, "s", "V", 0.0},              \
      {PN_L_TERM, "b", "V", 0.0}, {PN_L_INTERNAL, "di", "V", 0.0},                                 \
  {                                                                                                \
    PN_L_INTERNAL, "si", "V", 0.0                                                                  \
  }

/* The drain's and source's currents through contacts of conductance g_c (S, each), and the channel's charges, into the
 * rows of the four. vt: threshold; gate: the unknown that is the gate of the channel. Returns that gate's charge. */
static inline pn_dual pn_channel_put(const pn_channel *c, pn_dual vt, pn_dual gate, pn_dual g_c,
                                     const pn_dual *u, pn_dual *f, pn_dual *q)
{
  pn_channel_out o = pn_channel_eval(c, vt, pn_d_sub(gate, u[CH_B]), pn_d_sub(u[CH_DI], u[CH_B]),
                                     pn_d_sub(u[CH_SI], u[CH_B]));
  pn_dual at_drain = pn_d_mul(g_c, pn_d_sub(u[CH_D], u[CH_DI]));
  pn_dual at_source = pn_d_mul(g_c, pn_d_sub(u[CH_S], u[CH_SI]));
  f[CH_D] = at_drain;
  f[CH_S] = at_source;
  f[CH_DI] = pn_d_sub(o.i, at_drain);
  f[CH_SI] = pn_d_sum(-1.0, o.i, -1.0, at_source);
  q[CH_DI] = pn_d_scale(-1.0, o.q_d);
  q[CH_SI] = pn_d_scale(-1.0, o.q_s);
  return pn_d_add(o.q_d, o.q_s);
}

#endif
