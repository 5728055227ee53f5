/* MOSFETs of levels 1 to 3: process and temperature, terminals, limiting, noise. */
#include "devices/semiconductors/mos.h"

#include "devices/semiconductors/limit.h"
#include "devices/semiconductors/noise.h"

const pn_local pn_mos_locals[MOS_N_LOCALS] = {
    {PN_L_TERM, "d", "V", 0.0}, {PN_L_TERM, "g", "V", 0.0},      {PN_L_TERM, "s", "V", 0.0},
    {PN_L_TERM, "b", "V", 0.0}, {PN_L_INTERNAL, "di", "V", 0.0}, {PN_L_INTERNAL, "si", "V", 0.0}};

#define ROW(r)                                                                                     \
  {r, MOS_G}, {r, MOS_DI}, {r, MOS_B},                                                             \
  {                                                                                                \
    r, MOS_SI                                                                                      \
  }
const pn_pair pn_mos_pairs[MOS_N_PAIRS] = {
    {MOS_D, MOS_D},  {MOS_D, MOS_DI}, {MOS_DI, MOS_D}, {MOS_S, MOS_S}, {MOS_S, MOS_SI},
    {MOS_SI, MOS_S}, ROW(MOS_G),      ROW(MOS_DI),     ROW(MOS_B),     ROW(MOS_SI)};

const uint8_t pn_mos_q_row[MOS_N_LOCALS] = {[MOS_G] = 1, [MOS_B] = 1, [MOS_DI] = 1, [MOS_SI] = 1};

/* Threshold at zero bias from doping and gate material, V; type 1 or -1. */
static double threshold(const double *p, const pn_mos_process *x)
{
  double type = p[MOS_TYPE], gap = pn_band_gap(x->tnom);
  double bulk = type * 0.5 * x->phi;
  double gate = p[MOS_TPG] != 0.0 ? 3.25 + 0.5 * gap - type * p[MOS_TPG] * 0.5 * gap : 3.2;
  double difference = gate - (3.25 + 0.5 * gap + bulk);
  double flat_band = difference - p[MOS_NSS] * 1e4 * PN_CHARGE / x->cox;
  return flat_band + type * (x->gamma * sqrt(x->phi) + x->phi);
}

/* Intrinsic density, 1/m^3: levels 1 and 2 take that of 300 K at every temperature, as they always have. */
static double intrinsic(const double *p, double t)
{
  if (p[MOS_LEVEL] < 3.0)
    return PN_NI;
  double gap = 0.5 * pn_band_gap(t) / PN_K_OVER_Q;
  return PN_NI * (t / 300.0) * sqrt(t / 300.0) * exp(gap * (1.0 / 300.0 - 1.0 / t));
}

pn_mos_process pn_mos_process_of(const double *p, double circuit_temp)
{
  pn_mos_process x = {.t = pn_device_temp(p[MOS_TEMP], p[MOS_DTEMP], circuit_temp),
                      .tnom = p[MOS_TNOM] + PN_KELVIN};
  double vt = PN_K_OVER_Q * x.tnom;
  bool oxide = !isnan(p[MOS_TOX]), doped = oxide && !isnan(p[MOS_NSUB]);
  x.cox = oxide ? PN_EPS_OX / p[MOS_TOX] : 0.0;
  x.kp = !isnan(p[MOS_KP]) ? p[MOS_KP] : oxide ? p[MOS_U0] * x.cox * 1e-4 : 2e-5;
  x.phi = !isnan(p[MOS_PHI]) ? p[MOS_PHI]
          : doped            ? fmax(0.1, 2.0 * vt * log(p[MOS_NSUB] * 1e6 / intrinsic(p, x.tnom)))
                             : 0.6;
  x.gamma = !isnan(p[MOS_GAMMA]) ? p[MOS_GAMMA]
            : doped              ? sqrt(2.0 * PN_EPS_SI * PN_CHARGE * p[MOS_NSUB] * 1e6) / x.cox
                                 : 0.0;
  x.vto = !isnan(p[MOS_VTO]) ? p[MOS_VTO] : doped ? threshold(p, &x) : 0.0;
  x.vfb = p[MOS_TYPE] * x.vto - x.gamma * sqrt(x.phi) - x.phi;
  return x;
}

/* Junctions of drain and source. */
static void derive_junctions(const double *p, const pn_mos_process *x, double *d)
{
  double vt = PN_K_OVER_Q * x->t, m = p[MOS_M];
  double grow = exp(-pn_band_gap(x->t) / vt + pn_band_gap(x->tnom) / (PN_K_OVER_Q * x->tnom));
  bool density = p[MOS_JS] > 0.0 && p[MOS_AD] > 0.0 && p[MOS_AS] > 0.0;
  d[MOSD_VT] = vt;
  d[MOSD_ISD] = (density ? p[MOS_JS] * p[MOS_AD] : p[MOS_IS]) * m * grow;
  d[MOSD_ISS] = (density ? p[MOS_JS] * p[MOS_AS] : p[MOS_IS]) * m * grow;
  d[MOSD_VCRITD] = pn_critical(vt, d[MOSD_ISD]);
  d[MOSD_VCRITS] = pn_critical(vt, d[MOSD_ISS]);
  double bottom = pn_capacitance_factor(p[MOS_PB], p[MOS_MJ], x->tnom, x->t) * m;
  double side = pn_capacitance_factor(p[MOS_PB], p[MOS_MJSW], x->tnom, x->t) * m;
  d[MOSD_CBD] = bottom * (isnan(p[MOS_CBD]) ? p[MOS_CJ] * p[MOS_AD] : p[MOS_CBD]);
  d[MOSD_CBS] = bottom * (isnan(p[MOS_CBS]) ? p[MOS_CJ] * p[MOS_AS] : p[MOS_CBS]);
  d[MOSD_CBDSW] = side * p[MOS_CJSW] * p[MOS_PD];
  d[MOSD_CBSSW] = side * p[MOS_CJSW] * p[MOS_PS];
  d[MOSD_PB] = pn_potential_at(p[MOS_PB], x->tnom, x->t);
  d[MOSD_CORNER] = p[MOS_FC] * d[MOSD_PB];
  d[MOSD_POWER] = pow(1.0 - p[MOS_FC], -p[MOS_MJ]);
  d[MOSD_POWER_SW] = pow(1.0 - p[MOS_FC], -p[MOS_MJSW]);
}

/* Series resistance from rd or rsh, ohm; 0: none. */
static double series(double r, double rsh, double squares)
{
  return r > 0.0 ? r : rsh * squares;
}

void pn_mos_derive(const double *p, const pn_mos_process *x, double leff, double weff, double *d)
{
  double type = p[MOS_TYPE], m = p[MOS_M], ratio = x->t / x->tnom;
  derive_junctions(p, x, d);
  double rd = series(p[MOS_RD], p[MOS_RSH], p[MOS_NRD]);
  double rs = series(p[MOS_RS], p[MOS_RSH], p[MOS_NRS]);
  d[MOSD_GD] = rd > 0.0 ? m / rd : 0.0;
  d[MOSD_GS] = rs > 0.0 ? m / rs : 0.0;
  d[MOSD_LEFF] = leff;
  d[MOSD_BETA] = x->kp / (ratio * sqrt(ratio)) * m * weff / leff;
  d[MOSD_COX] = x->cox * leff * m * weff;
  d[MOSD_CGS] = p[MOS_CGSO] * m * weff;
  d[MOSD_CGD] = p[MOS_CGDO] * m * weff;
  d[MOSD_CGB] = p[MOS_CGBO] * m * leff;
  d[MOSD_PHI] = pn_potential_at(x->phi, x->tnom, x->t);
  d[MOSD_GAMMA] = x->gamma;
  d[MOSD_VBI] = type * x->vto - x->gamma * sqrt(x->phi) +
                type * 0.5 * (pn_band_gap(x->tnom) - pn_band_gap(x->t)) +
                0.5 * (d[MOSD_PHI] - x->phi);
  d[MOSD_VTO] = d[MOSD_VBI] + x->gamma * sqrt(d[MOSD_PHI]);
}

const char *pn_mos_check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c;
  if (!(p[MOS_L] - 2.0 * p[MOS_LD] > 0.0))
    return pn_arena_printf(a, "l = %g m leaves no channel between lateral diffusions of %g m",
                           p[MOS_L], p[MOS_LD]);
  if (p[MOS_NSUB] * 1e6 <= PN_NI)
    return pn_arena_printf(a, "nsub = %g 1/cm^3 is below the intrinsic density of silicon",
                           p[MOS_NSUB]);
  if (p[MOS_TYPE] == 0.0)
    return "type is 1 or -1";
  return NULL;
}

int pn_mos_merged(const pn_device_class *c, const double *p, int local)
{
  (void)c;
  if (local == MOS_DI)
    return series(p[MOS_RD], p[MOS_RSH], p[MOS_NRD]) > 0.0 ? -1 : MOS_D;
  return series(p[MOS_RS], p[MOS_RSH], p[MOS_NRS]) > 0.0 ? -1 : MOS_S;
}

/* Limited vgs, vds and vbs of one lane, from those of the last iterate. */
static void limit_lane(pn_mos_bias *v, const pn_mos_bias *old, double threshold_voltage, double vt,
                       double vcrit_s, double vcrit_d)
{
  double vgd = v->vgs - v->vds, old_vgd = old->vgs - old->vds;
  if (old->vds >= 0.0) {
    v->vgs = pn_limit_gate(v->vgs, old->vgs, threshold_voltage);
    v->vds = pn_limit_drain(v->vgs - vgd, old->vds);
  } else {
    vgd = pn_limit_gate(vgd, old_vgd, threshold_voltage);
    v->vds = -pn_limit_drain(-(v->vgs - vgd), -old->vds);
    v->vgs = vgd + v->vds;
  }
  if (v->vds >= 0.0)
    v->vbs = pn_limit_junction(v->vbs, old->vbs, vt, vcrit_s);
  else
    v->vbs = v->vds + pn_limit_junction(v->vbs - v->vds, old->vbs - old->vds, vt, vcrit_d);
}

void pn_mos_limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u)
{
  const pn_lanes *p = (const void *)b->p, *d = p + c->n_params, *o = (const void *)old;
  pn_lanes *w = (void *)u;
  for (int l = 0; l < PN_LANES; l++) {
    pn_mos_bias v = pn_mos_bias_of(p, (const pn_lanes *)w, l);
    double s = w[MOS_SI][l];
    if (!old) {
      bool off = p[MOS_OFF][l] != 0.0;
      v.vgs = off ? 0.0 : d[MOSD_VTO][l];
      v.vds = 0.0;
      v.vbs = off ? 0.0 : -1.0;
    } else {
      pn_mos_bias before = pn_mos_bias_of(p, o, l);
      limit_lane(&v, &before, d[MOSD_VTO][l], d[MOSD_VT][l], d[MOSD_VCRITS][l], d[MOSD_VCRITD][l]);
    }
    w[MOS_G][l] = s + v.sign * v.vgs;
    w[MOS_DI][l] = s + v.sign * v.vds;
    w[MOS_B][l] = s + v.sign * v.vbs;
  }
}

/* The channel: thermal noise of two thirds of its transconductance (van der Ziel 1962, Proc. IRE 50, 1808), and
 * flicker noise of the oxide, kf |id|^af / (cox^2 w leff f). */
void pn_mos_noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  enum { DI_G = 10 }; /* of pn_mos_pairs */
  const double *d = p + c->n_params;
  pn_noise_point at = pn_noise_at(c, p, u, h, temp);
  double t = pn_device_temp(p[MOS_TEMP], p[MOS_DTEMP], temp), m = p[MOS_M];
  double gm = at.jf[DI_G], id = at.f[MOS_DI] + at.f[MOS_D];
  double cox = PN_EPS_OX / (isnan(p[MOS_TOX]) ? 1e-7 : p[MOS_TOX]);
  out[0] = pn_noise_thermal("rd", MOS_DI, MOS_D, t, d[MOSD_GD]);
  out[1] = pn_noise_thermal("rs", MOS_SI, MOS_S, t, d[MOSD_GS]);
  out[2] = pn_noise_thermal("id", MOS_DI, MOS_SI, t, 2.0 / 3.0 * gm);
  out[3] = pn_noise_flicker(MOS_DI, MOS_SI, p[MOS_KF], p[MOS_AF], id, m,
                            1.0 / (cox * cox * p[MOS_W] * d[MOSD_LEFF]));
}
