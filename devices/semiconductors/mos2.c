/* MOSFET level 2, analytical: bulk charge along the channel, short- and narrow-channel thresholds, mobility
 * falling with the gate's field, saturation by pinch-off or by velocity, channel shortening up to
 * punch-through, weak inversion. Vladimirescu and Liu 1980, ERL-M80/7, chapter 3; velocity saturation
 * after Baum and Beneking 1970, IEEE Trans. Electron Devices 17, 481. */
#include "devices/semiconductors/mos.h"

enum { LAMBDA = MOS_OWN, UEXP, UCRIT, VMAX, XJ, NEFF, NFS, DELTA, N_PARAMS };
enum {
  D_NARROW = MOSD_OWN, /* width effect on the bulk charge */
  D_XD,                /* m/V^0.5, depletion depth over root of potential; 0: doping unknown */
  D_XWB,               /* m, shortest channel before punch-through */
  D_NFS,               /* fast surface states over oxide capacitance */
  D_CRITICAL,          /* V, where mobility begins to fall */
  D_OWN_END
};

static const pn_param params[] = {
    PN_MOS_PARAMS(2, 0.33, 1e-7),
    PN_PLAIN("lambda", "1/V", 0, 0, INFINITY, MOS_MODEL,
             "Channel-length modulation; 0: from nsub, and neff with vmax.", NULL),
    PN_PLAIN("uexp", "1", 0, 0, INFINITY, MOS_MODEL, "Exponent of the mobility's fall.", NULL),
    PN_PLAIN("ucrit", "V/cm", 1e4, 0, INFINITY, MOS_POSITIVE, "Field at which it begins.", NULL),
    PN_PLAIN("vmax", "m/s", 0, 0, INFINITY, MOS_MODEL, "Saturation velocity; 0: none.", NULL),
    PN_PLAIN("xj", "m", 0, 0, INFINITY, MOS_MODEL, "Junction depth.", NULL),
    PN_PLAIN("neff", "1", 1, 0, INFINITY, MOS_POSITIVE,
             "Factor on the doping in the channel's shortening (with vmax).", NULL),
    PN_PLAIN("nfs", "1/cm^2", 0, 0, INFINITY, MOS_MODEL,
             "Fast surface state density; 0: no weak inversion.", NULL),
    PN_PLAIN("delta", "1", 0, 0, INFINITY, MOS_MODEL, "Width effect on the threshold.", NULL),
};

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  pn_mos_process x = pn_mos_process_of(p, circuit_temp);
  double leff = p[MOS_L] - 2.0 * p[MOS_LD], *d = p + N_PARAMS;
  bool doped = !isnan(p[MOS_NSUB]);
  pn_mos_derive(p, &x, leff, p[MOS_W], d);
  d[D_NARROW] = 0.25 * 3.14159265358979323846 * p[DELTA] * PN_EPS_SI / (x.cox * p[MOS_W]);
  d[D_XD] = doped ? sqrt(2.0 * PN_EPS_SI / (PN_CHARGE * p[MOS_NSUB] * 1e6)) : 0.0;
  d[D_XWB] = doped ? d[D_XD] * sqrt(d[MOSD_PB]) : 0.25e-6;
  d[D_NFS] = PN_CHARGE * p[NFS] * 1e4 / x.cox;
  d[D_CRITICAL] = p[UCRIT] * 100.0 * PN_EPS_SI / x.cox;
}

/* x^3 */
static pn_dual cube(pn_dual x)
{
  return pn_d_mul(x, pn_d_square(x));
}

/* What the parts of the channel share at one bias. */
typedef struct bias {
  double eta, narrow, length; /* 1 + narrow, narrow, m */
  pn_dual s;                  /* V^0.5, root of the barrier at the source */
  pn_dual drop;               /* V, phi - vbs */
  pn_dual vbin, gamma;        /* V; V^0.5, body factor left to the gate */
  pn_dual gate;               /* V, vgs, not below the turn-on with weak inversion */
  pn_dual mobility;           /* over u0 */
} bias;

/* Slope of the barrier's root by the bulk voltage behind it, with its own derivatives. */
static pn_dual root_slope(double phi, pn_dual root, bool forward)
{
  return forward ? pn_d_scale(-0.5 / (phi * sqrt(phi)), pn_d_square(root))
                 : pn_d_scale(-0.5, pn_d_inv(root));
}

/* Body factor without what source and drain deplete (Poon et al. 1973): gamma (1 - a_s - a_d), and its
 * slope by vbs. */
static pn_dual body_factor(const pn_lanes *p, const pn_lanes *d, int l, pn_dual s, pn_dual s_slope,
                           pn_dual b, pn_dual b_slope, pn_dual *slope)
{
  double gamma = d[MOSD_GAMMA][l], xj = p[XJ][l], xd = d[D_XD][l], length = d[MOSD_LEFF][l];
  *slope = pn_d_const(0.0);
  if (!(xj > 0.0 && xd > 0.0))
    return pn_d_const(gamma);
  pn_dual at_s = pn_d_sqrt(pn_d_shift(1.0, pn_d_scale(2.0 * xd / xj, s)));
  pn_dual at_d = pn_d_sqrt(pn_d_shift(1.0, pn_d_scale(2.0 * xd / xj, b)));
  pn_dual lost = pn_d_scale(0.5 * xj / length, pn_d_shift(-2.0, pn_d_add(at_s, at_d)));
  pn_dual lost_slope = pn_d_add(pn_d_div(s_slope, at_s), pn_d_div(b_slope, at_d));
  *slope = pn_d_scale(-gamma * 0.5 * xd / length, lost_slope);
  return pn_d_scale(gamma, pn_d_shift(1.0, pn_d_neg(lost)));
}

/* Pinch-off voltage: where the channel's charge at the drain vanishes (Grove and Frohman-Bentchkowsky). */
static pn_dual pinch_off(const bias *at)
{
  pn_dual over = pn_d_scale(1.0 / at->eta, pn_d_sub(at->gate, at->vbin));
  pn_dual g = pn_d_scale(1.0 / at->eta, at->gamma), v = over;
  if (g.v > 0.0) {
    pn_dual inside = pn_d_add(over, at->drop);
    if (inside.v <= 0.0)
      return pn_d_const(0.0);
    pn_dual g2 = pn_d_square(g);
    pn_dual root = pn_d_sqrt(pn_d_shift(1.0, pn_d_scale(4.0, pn_d_div(inside, g2))));
    v = pn_d_add(over, pn_d_scale(0.5, pn_d_mul(g2, pn_d_shift(1.0, pn_d_neg(root)))));
  }
  return pn_d_max(v, 0.0);
}

/* Saturation voltage where carriers reach vmax: with x = root(vdsat + phi - vbs), the root of
 *   x^4 + a x^3 + b x^2 + c x + e = 0
 * between the barrier's root and that of the pinch-off voltage, which enclose it; by Newton's method kept
 * in that interval, and its derivatives by the theorem on implicit functions. */
static pn_dual velocity_saturation(const bias *at, pn_dual limit, pn_dual pinch)
{
  pn_dual v1 = pn_d_add(pn_d_scale(1.0 / at->eta, pn_d_sub(at->gate, at->vbin)), at->drop);
  pn_dual g = pn_d_scale(1.0 / at->eta, at->gamma), v2 = at->drop;
  pn_dual xv = pn_d_div(limit, at->mobility);
  pn_dual a = pn_d_scale(4.0 / 3.0, g), b = pn_d_scale(-2.0, pn_d_add(v1, xv));
  pn_dual c = pn_d_scale(-2.0, pn_d_mul(g, xv));
  pn_dual e = pn_d_scale(2.0, pn_d_mul(v1, pn_d_add(v2, xv)));
  e = pn_d_sub(e, pn_d_add(pn_d_square(v2), pn_d_scale(4.0 / 3.0, pn_d_mul(g, cube(at->s)))));
  double lo = sqrt(fmax(v2.v, 0.0)), hi = sqrt(fmax(pinch.v + v2.v, 0.0)), x = hi;
  if (!(pinch.v > 0.0))
    return pinch;
  for (int k = 0; k < 60; k++) {
    double f = (((x + a.v) * x + b.v) * x + c.v) * x + e.v;
    double slope = ((4.0 * x + 3.0 * a.v) * x + 2.0 * b.v) * x + c.v;
    if (f > 0.0)
      lo = x;
    else
      hi = x;
    double next = x - f / slope;
    next = next > lo && next < hi ? next : 0.5 * (lo + hi);
    if (fabs(next - x) <= 4e-16 * x)
      break;
    x = next;
  }
  double slope = ((4.0 * x + 3.0 * a.v) * x + 2.0 * b.v) * x + c.v, x2 = x * x, x3 = x2 * x;
  pn_dual moved = pn_d_add(pn_d_add(pn_d_scale(x3, a), pn_d_scale(x2, b)),
                           pn_d_add(pn_d_scale(x, c), e));
  pn_dual root = {x, -moved.a / slope, -moved.b / slope, -moved.c / slope};
  return pn_d_max(pn_d_sub(pn_d_square(root), v2), 0.0);
}

/* 1 - dl/l of a channel shortened beyond saturation; near punch-through it stays above xwb/l. */
static pn_dual shortening(const pn_lanes *p, const pn_lanes *d, int l, const bias *at, pn_dual vds,
                          pn_dual vdsat)
{
  double length = at->length, xd = d[D_XD][l], xwb = d[D_XWB][l];
  pn_dual dl = pn_d_scale(p[LAMBDA][l], vds), beyond = pn_d_sub(vds, vdsat); /* dl over l */
  if (p[LAMBDA][l] == 0.0 && xd > 0.0 && p[VMAX][l] > 0.0) {
    double depth = xd / sqrt(p[NEFF][l]);
    double start = 0.5 * p[VMAX][l] * depth / (p[MOS_U0][l] * 1e-4);
    pn_dual field = pn_d_scale(start, pn_d_inv(at->mobility));
    pn_dual root = pn_d_sqrt(pn_d_add(pn_d_square(field), pn_d_max(beyond, 0.0)));
    dl = pn_d_scale(depth / length, pn_d_sub(root, field));
  } else if (p[LAMBDA][l] == 0.0 && xd > 0.0) {
    pn_dual x = pn_d_scale(0.25, beyond);
    pn_dual root = pn_d_sqrt(pn_d_shift(1.0, pn_d_square(x)));
    dl = pn_d_scale(xd / length, pn_d_sqrt(pn_d_add(x, root)));
  }
  pn_dual left = pn_d_shift(1.0, pn_d_neg(dl));
  if (left.v * length >= xwb)
    return left;
  pn_dual over = pn_d_shift(2.0 - length / xwb, pn_d_scale(length / xwb, dl));
  return pn_d_scale(xwb / length, pn_d_inv(over));
}

/* The channel's charge integrated from 0 to v (V^2): (vg - vbin - eta v / 2) v - 2/3 gamma (b^3 - s^3), b:
 * root of the barrier at v. */
static pn_dual charge_integral(const bias *at, pn_dual vg, pn_dual v, pn_dual b)
{
  pn_dual first = pn_d_sub(pn_d_sub(vg, at->vbin), pn_d_scale(0.5 * at->eta, v));
  pn_dual body = pn_d_mul(at->gamma, pn_d_sub(cube(b), cube(at->s)));
  return pn_d_sub(pn_d_mul(first, v), pn_d_scale(2.0 / 3.0, body));
}

static pn_mos_channel channel(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs, pn_dual vds,
                              pn_dual vbs)
{
  double phi = d[MOSD_PHI][l], vt = d[MOSD_VT][l];
  bool weak = p[NFS][l] > 0.0;
  bias at = {.narrow = d[D_NARROW][l], .eta = 1.0 + d[D_NARROW][l], .length = d[MOSD_LEFF][l]};
  pn_dual vbd = pn_d_sub(vbs, vds), factor_slope;
  at.s = pn_mos_barrier_root(phi, vbs);
  at.drop = pn_d_shift(phi, pn_d_neg(vbs));
  pn_dual b = pn_mos_barrier_root(phi, vbd), s_slope = root_slope(phi, at.s, vbs.v > 0.0);
  at.vbin = pn_d_shift(d[MOSD_VBI][l], pn_d_scale(at.narrow, at.drop));
  at.gamma = body_factor(p, d, l, at.s, s_slope, b, root_slope(phi, b, vbd.v > 0.0), &factor_slope);
  pn_dual von = pn_d_add(at.vbin, pn_d_mul(at.gamma, at.s)), xn = pn_d_const(1.0);
  if (weak) {
    pn_dual depletion = pn_d_add(pn_d_mul(at.gamma, s_slope), pn_d_mul(factor_slope, at.s));
    xn = pn_d_shift(1.0 + d[D_NFS][l] + at.narrow, pn_d_neg(depletion));
    von = pn_d_add(von, pn_d_scale(vt, xn));
  }
  bool below = vgs.v <= von.v;
  at.gate = weak && below ? von : vgs;
  pn_dual over = pn_d_sub(vgs, von);
  at.mobility = over.v > d[D_CRITICAL][l]
                    ? pn_d_pow(pn_d_scale(1.0 / d[D_CRITICAL][l], over), -p[UEXP][l])
                    : pn_d_const(1.0);
  pn_dual vdsat = pinch_off(&at);
  if (p[VMAX][l] > 0.0)
    vdsat = velocity_saturation(&at, pn_d_const(p[VMAX][l] * at.length / (p[MOS_U0][l] * 1e-4)),
                                vdsat);
  if (below && (!weak || vdsat.v <= 0.0))
    return (pn_mos_channel){pn_d_const(0.0), von, vdsat};
  bool saturated = vds.v > vdsat.v;
  pn_dual v = saturated ? vdsat : vds;
  if (saturated)
    b = pn_mos_barrier_root(phi, pn_d_sub(vbs, vdsat));
  pn_dual gain = pn_d_div(pn_d_scale(d[MOSD_BETA][l], at.mobility),
                          shortening(p, d, l, &at, vds, vdsat));
  pn_dual id = pn_d_mul(gain, charge_integral(&at, at.gate, v, b));
  if (below)
    id = pn_d_mul(id, pn_d_exp(pn_d_div(over, pn_d_scale(vt, xn))));
  return (pn_mos_channel){id, von, vdsat};
}

PN_MOS_KERNELS(N_PARAMS)

const pn_device_class pn_class_mos2 = PN_MOS_CLASS("mos2", "MOSFET, level 2", 2,
                                                   (D_OWN_END - MOSD_OWN));
