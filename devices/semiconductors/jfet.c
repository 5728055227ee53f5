/* Junction field-effect transistor: Shichman and Hodges 1968, with the doping-profile parameter b of
 * Parker and Skellern (Macquarie University, 1990). */
#include "devices/semiconductors/fet.h"

enum { XTI = FET_OWN, EG, TCV, BEX, N_PARAMS };
enum { D_CGS = N_PARAMS + FETD_OWN, D_CGD, D_PB, D_CORNER, D_POWER, D_B, N_ALL };

static const pn_param params[] = {
    PN_FET_PARAMS(1e-4, 1, "1"),
    PN_PLAIN("xti", "1", 0, -INFINITY, INFINITY, FET_MODEL, "Temperature exponent of is.", NULL),
    PN_PLAIN("eg", "eV", 1.11, 0.1, INFINITY, FET_MODEL, "Activation energy of is.", NULL),
    PN_PLAIN("tcv", "V/K", 0, -INFINITY, INFINITY, FET_MODEL, "Temperature coefficient of vto.",
             "vtotc"),
    PN_PLAIN("bex", "1", 0, -INFINITY, INFINITY, FET_MODEL, "Temperature exponent of beta.", NULL),
};

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  double t = pn_device_temp(p[FET_TEMP], p[FET_DTEMP], circuit_temp);
  double tnom = p[FET_TNOM] + PN_KELVIN, ratio = t / tnom, scale = p[FET_AREA] * p[FET_M];
  double is = p[FET_IS] * exp((ratio - 1.0) * p[EG] / (PN_K_OVER_Q * t) + p[XTI] * log(ratio));
  pn_fet_derive(p, t, is, p + N_PARAMS);
  p[N_PARAMS + FETD_VTO] = p[FET_VTO] - p[TCV] * (t - tnom);
  p[N_PARAMS + FETD_BETA] *= pow(ratio, p[BEX]);
  double grow = pn_capacitance_factor(p[FET_PB], 0.5, tnom, t) * scale;
  p[D_CGS] = p[FET_CGS] * grow;
  p[D_CGD] = p[FET_CGD] * grow;
  p[D_PB] = pn_potential_at(p[FET_PB], tnom, t);
  p[D_CORNER] = p[FET_FC] * p[D_PB];
  p[D_POWER] = 1.0 / sqrt(1.0 - p[FET_FC]);
  p[D_B] = (1.0 - p[FET_B]) / (p[FET_PB] - p[FET_VTO]); /* of the doping: no temperature */
}

PN_INLINE pn_dual channel(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs, pn_dual vds)
{
  double b = p[FET_B][l], profile = p[D_B][l];
  pn_dual over = pn_d_max(pn_d_shift(-d[FETD_VTO][l], vgs), 0.0);
  bool saturated = over.v <= vds.v;
  pn_dual y = pn_d_pick(saturated, over, vds);
  /* y (y (profile y - b) + over (2 b + 3 profile (over - y))) */
  pn_dual first = pn_d_mul(y, pn_d_shift(-b, pn_d_scale(profile, y)));
  pn_dual rest = pn_d_shift(2.0 * b, pn_d_scale(3.0 * profile, pn_d_sub(over, y)));
  pn_dual shape = pn_d_mul(y, pn_d_add(first, pn_d_mul(over, rest)));
  pn_dual gain = pn_d_shift(1.0, pn_d_scale(p[FET_LAMBDA][l], vds));
  return pn_d_scale(d[FETD_BETA][l], pn_d_mul(shape, gain));
}

PN_INLINE pn_fet_charges charge(const pn_lanes *p, const pn_lanes *d, const pn_lanes *h, int l,
                                pn_dual vgs, pn_dual vgd)
{
  (void)d, (void)h;
  pn_vs s = pn_depletion(vgs.v, p[D_CGS][l], p[D_PB][l], 0.5, p[D_CORNER][l], p[D_POWER][l]);
  pn_vs g = pn_depletion(vgd.v, p[D_CGD][l], p[D_PB][l], 0.5, p[D_CORNER][l], p[D_POWER][l]);
  return (pn_fet_charges){pn_d_chain(vgs, s.v, s.s), pn_d_chain(vgd, g.v, g.s)};
}

PN_FET_KERNELS(N_PARAMS)

const pn_device_class pn_class_jfet = {
    .name = "jfet",
    .title = "Junction field-effect transistor",
    .letter = 'j',
    .model_type = "njf",
    .model_twin = "pjf",
    PN_FET_CLASS,
    .check = pn_fet_check,
};
