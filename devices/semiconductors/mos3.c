/* MOSFET level 3, semi-empirical: short- and narrow-channel effects, static feedback, mobility and velocity
 * saturation, weak inversion. Vladimirescu and Liu 1980, ERL-M80/7, chapter 4. */
#include "devices/semiconductors/mos.h"

enum { ETA = MOS_OWN, DELTA, NFS, THETA, VMAX, KAPPA, XJ, WD, XL, XW, DELVTO, N_PARAMS };
enum { D_ETA = MOSD_OWN, D_ALPHA, D_DEPTH, D_NARROW, D_NFS, D_VSAT, D_SHORT, D_LDXJ, D_OWN_END };

static const pn_param params[] = {
    PN_MOS_PARAMS(3, 0.33, 1e-7),
    PN_PLAIN("eta", "1", 0, 0, INFINITY, MOS_MODEL, "Static feedback of vds on the threshold.",
             NULL),
    PN_PLAIN("delta", "1", 0, 0, INFINITY, MOS_MODEL, "Width effect on the threshold.", NULL),
    PN_PLAIN("nfs", "1/cm^2", 0, 0, INFINITY, MOS_MODEL, "Fast surface state density.", NULL),
    PN_PLAIN("theta", "1/V", 0, 0, INFINITY, MOS_MODEL, "Mobility reduction by the gate.", NULL),
    PN_PLAIN("vmax", "m/s", 0, 0, INFINITY, MOS_MODEL, "Saturation velocity; 0: none.", NULL),
    PN_PLAIN("kappa", "1", 0.2, 0, INFINITY, MOS_MODEL, "Saturation field factor.", NULL),
    PN_PLAIN("xj", "m", 0, 0, INFINITY, MOS_MODEL, "Junction depth.", NULL),
    PN_PLAIN("wd", "m", 0, -INFINITY, INFINITY, MOS_MODEL, "Width narrowing on each side.", NULL),
    PN_PLAIN("xl", "m", 0, -INFINITY, INFINITY, MOS_MODEL, "Mask correction of the length.", NULL),
    PN_PLAIN("xw", "m", 0, -INFINITY, INFINITY, MOS_MODEL, "Mask correction of the width.", NULL),
    PN_PLAIN("delvto", "V", 0, -INFINITY, INFINITY, MOS_MODEL, "Shift of the threshold.", "delvt0"),
};

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  pn_mos_process x = pn_mos_process_of(p, circuit_temp);
  double leff = p[MOS_L] - 2.0 * p[MOS_LD] + p[XL], weff = p[MOS_W] - 2.0 * p[WD] + p[XW];
  double *d = p + N_PARAMS, ratio = x.t / x.tnom;
  x.vto += p[DELVTO];
  pn_mos_derive(p, &x, leff, weff, d);
  bool doped = !isnan(p[MOS_NSUB]);
  d[D_ETA] = p[ETA] * 8.15e-22 / (x.cox * leff * leff * leff);
  d[D_ALPHA] = doped ? 2.0 * PN_EPS_SI / (PN_CHARGE * p[MOS_NSUB] * 1e6) : 0.0;
  d[D_DEPTH] = sqrt(d[D_ALPHA]);
  d[D_NARROW] = p[DELTA] * 0.5 * 3.14159265358979323846 * PN_EPS_SI / (x.cox * weff);
  d[D_NFS] = PN_CHARGE * p[NFS] * 1e4 / x.cox;
  double mobility = p[MOS_U0] * 1e-4 / (ratio * sqrt(ratio));
  d[D_VSAT] = p[VMAX] > 0.0 ? leff * p[VMAX] / mobility : 0.0;
  bool is_short = p[XJ] > 0.0 && doped;
  d[D_SHORT] = is_short ? 1.0 / p[XJ] : 0.0;
  d[D_LDXJ] = is_short ? p[MOS_LD] / p[XJ] : 0.0;
}

/* Share of the bulk charge that the gate controls (Dang 1979): 1 in a long channel. */
PN_INLINE pn_dual share(const pn_lanes *p, const pn_lanes *d, int l, pn_dual root)
{
  pn_dual w = pn_d_scale(d[D_DEPTH][l] * d[D_SHORT][l], root); /* depletion width over xj */
  pn_dual edge = pn_d_shift(
      0.0631353 + d[D_LDXJ][l],
      pn_d_add(pn_d_scale(0.8013292, w), pn_d_scale(-0.01110777, pn_d_square(w))));
  pn_dual c = pn_d_div(w, pn_d_shift(1.0, w));
  pn_dual corner = pn_d_sqrt(pn_d_shift(1.0, pn_d_neg(pn_d_square(c))));
  pn_dual lost = pn_d_shift(-d[D_LDXJ][l], pn_d_mul(edge, corner));
  double part = d[D_SHORT][l] > 0.0 ? p[XJ][l] / d[MOSD_LEFF][l] : 0.0;
  return pn_d_shift(1.0, pn_d_scale(-part, lost));
}

/* Channel shortened beyond saturation: 1 / (1 - dl / l); id: the current at saturation. Without
 * velocity saturation dl is smooth: it grows as vds^4 before vdsat (A. Gillespie's correction). */
PN_INLINE pn_dual shortening(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vds,
                             pn_dual vdsat, pn_dual id, pn_dual g_sat)
{
  double leff = d[MOSD_LEFF][l], alpha = d[D_ALPHA][l], kappa = p[KAPPA][l];
  bool fast = p[VMAX][l] > 0.0, saturated = vds.v > vdsat.v;
  bool any = alpha > 0.0 && kappa > 0.0 && vdsat.v > 0.0 && (saturated || !fast);
  pn_dual at = pn_d_scale(fast ? 0.0 : 0.125, vdsat);
  pn_dual beyond = pn_d_pick(saturated, pn_d_add(pn_d_sub(vds, vdsat), at), at);
  pn_dual field = pn_d_scale(kappa / leff, pn_d_div(id, pn_d_max(g_sat, 1e-12)));
  pn_dual a = pn_d_pick(fast, pn_d_scale(0.5 * alpha, field), pn_d_const(0.0));
  pn_dual inside = pn_d_add(pn_d_square(a), pn_d_scale(kappa * alpha, beyond));
  pn_dual dl = pn_d_sub(pn_d_sqrt(pn_d_pick(any, inside, pn_d_const(1.0))), a);
  pn_dual rise = pn_d_square(pn_d_div(vds, pn_d_pick(vdsat.v > 0.0, vdsat, pn_d_const(1.0))));
  dl = pn_d_pick(saturated, dl, pn_d_mul(dl, pn_d_square(rise)));
  dl = pn_d_pick(any, dl, pn_d_const(0.0));
  bool punch = dl.v > 0.5 * leff;
  pn_dual safe = pn_d_pick(punch, dl, pn_d_const(leff));
  pn_dual limited = pn_d_shift(leff, pn_d_scale(-0.25 * leff * leff, pn_d_inv(safe)));
  dl = pn_d_pick(punch, limited, dl);
  return pn_d_inv(pn_d_shift(1.0, pn_d_scale(-1.0 / leff, dl)));
}

PN_INLINE pn_mos_channel channel(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs,
                                 pn_dual vds, pn_dual vbs)
{
  double narrow = d[D_NARROW][l], vt = d[MOSD_VT][l];
  pn_dual root = pn_mos_barrier_root(d[MOSD_PHI][l], vbs), bend = pn_d_square(root);
  pn_dual body = pn_d_scale(d[MOSD_GAMMA][l], share(p, d, l, root));
  pn_dual f_body = pn_d_shift(narrow, pn_d_scale(0.25, pn_d_div(body, root)));
  pn_dual q_body = pn_d_add(pn_d_mul(body, root), pn_d_scale(narrow, bend));
  pn_dual vth = pn_d_shift(d[MOSD_VBI][l], pn_d_sub(q_body, pn_d_scale(d[D_ETA][l], vds)));
  bool weak = p[NFS][l] > 0.0;
  pn_dual xn = pn_d_shift(1.0 + d[D_NFS][l], pn_d_scale(0.5, pn_d_div(q_body, bend)));
  pn_dual von = pn_d_pick(weak, pn_d_add(vth, pn_d_scale(vt, xn)), vth);
  bool below = vgs.v <= von.v;
  pn_dual over = pn_d_sub(pn_d_pick(below, von, vgs), vth);
  pn_dual gate = pn_d_inv(pn_d_shift(1.0, pn_d_scale(p[THETA][l], over)));
  pn_dual vp = pn_d_div(over, pn_d_shift(1.0, f_body)), vdsat = vp;
  bool fast = p[VMAX][l] > 0.0;
  pn_dual vc = pn_d_scale(fast ? d[D_VSAT][l] : 1.0, pn_d_inv(gate));
  pn_dual blend = pn_d_sub(pn_d_add(vp, vc), pn_d_sqrt(pn_d_add(pn_d_square(vp), pn_d_square(vc))));
  vdsat = pn_d_pick(fast, blend, vdsat);
  bool saturated = vds.v > vdsat.v;
  pn_dual y = pn_d_pick(saturated, vdsat, vds);
  pn_dual slow = pn_d_inv(pn_d_shift(1.0, pn_d_div(y, vc))); /* velocity saturation */
  slow = pn_d_pick(fast, slow, pn_d_const(1.0));
  pn_dual half = pn_d_mul(pn_d_scale(0.5, pn_d_shift(1.0, f_body)), y);
  pn_dual shape = pn_d_mul(pn_d_sub(over, half), y);
  pn_dual id = pn_d_scale(d[MOSD_BETA][l], pn_d_mul(pn_d_mul(shape, gate), slow));
  pn_dual g_sat = pn_d_div(pn_d_mul(id, pn_d_shift(1.0, pn_d_neg(slow))), vc);
  id = pn_d_mul(id, shortening(p, d, l, vds, vdsat, id, g_sat));
  pn_dual e = pn_d_exp(pn_d_div(pn_d_sub(vgs, von), pn_d_scale(vt, xn)));
  pn_dual fade = pn_d_pick(weak, e, pn_d_const(0.0));
  id = pn_d_pick(below, pn_d_mul(id, fade), id);
  vdsat = pn_d_pick(below && !weak, pn_d_const(0.0), vdsat);
  return (pn_mos_channel){id, von, vdsat};
}

PN_MOS_KERNELS(N_PARAMS)

const pn_device_class pn_class_mos3 = PN_MOS_CLASS("mos3", "MOSFET, level 3", 3,
                                                   (D_OWN_END - MOSD_OWN));
