/* Junction and Schottky-gate field-effect transistors: terminals, limiting, noise. */
#include "devices/semiconductors/fet.h"

#include "devices/semiconductors/limit.h"
#include "devices/semiconductors/noise.h"

const pn_local pn_fet_locals[FET_N_LOCALS] = {{PN_L_TERM, "d", "V", 0.0},
                                              {PN_L_TERM, "g", "V", 0.0},
                                              {PN_L_TERM, "s", "V", 0.0},
                                              {PN_L_INTERNAL, "di", "V", 0.0},
                                              {PN_L_INTERNAL, "si", "V", 0.0}};
const pn_pair pn_fet_pairs[FET_N_PAIRS] = {
    {FET_D, FET_D},   {FET_D, FET_DI},  {FET_DI, FET_D}, {FET_S, FET_S},   {FET_S, FET_SI},
    {FET_SI, FET_S},  {FET_G, FET_G},   {FET_G, FET_DI}, {FET_G, FET_SI},  {FET_DI, FET_G},
    {FET_DI, FET_DI}, {FET_DI, FET_SI}, {FET_SI, FET_G}, {FET_SI, FET_DI}, {FET_SI, FET_SI}};
const uint8_t pn_fet_q_row[FET_N_LOCALS] = {[FET_G] = 1, [FET_DI] = 1, [FET_SI] = 1};

void pn_fet_derive(const double *p, double t, double is, double *d)
{
  double scale = p[FET_AREA] * p[FET_M];
  d[FETD_VT] = PN_K_OVER_Q * t;
  d[FETD_IS] = is * scale;
  d[FETD_VCRIT] = pn_critical(d[FETD_VT], d[FETD_IS]);
  d[FETD_GD] = p[FET_RD] > 0.0 ? scale / p[FET_RD] : 0.0;
  d[FETD_GS] = p[FET_RS] > 0.0 ? scale / p[FET_RS] : 0.0;
  d[FETD_VTO] = p[FET_VTO];
  d[FETD_BETA] = p[FET_BETA] * scale;
}

const char *pn_fet_check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c, (void)a;
  return p[FET_TYPE] == 0.0 ? "type is 1 or -1" : NULL;
}

int pn_fet_merged(const pn_device_class *c, const double *p, int local)
{
  (void)c;
  if (local == FET_DI)
    return p[FET_RD] > 0.0 ? -1 : FET_D;
  return p[FET_RS] > 0.0 ? -1 : FET_S;
}

void pn_fet_limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u)
{
  const pn_lanes *p = (const void *)b->p, *d = p + c->n_params, *o = (const void *)old;
  pn_lanes *w = (void *)u;
  for (int l = 0; l < PN_LANES; l++) {
    double sign = p[FET_TYPE][l], gate = w[FET_G][l];
    double vgs = sign * (gate - w[FET_SI][l]), vgd = sign * (gate - w[FET_DI][l]);
    if (!old) {
      vgs = vgd = p[FET_OFF][l] != 0.0 ? 0.0 : -1.0;
    } else {
      double before_s = sign * (o[FET_G][l] - o[FET_SI][l]);
      double before_d = sign * (o[FET_G][l] - o[FET_DI][l]);
      vgs = pn_limit_junction(vgs, before_s, d[FETD_VT][l], d[FETD_VCRIT][l]);
      vgd = pn_limit_junction(vgd, before_d, d[FETD_VT][l], d[FETD_VCRIT][l]);
      vgs = pn_limit_gate(vgs, before_s, d[FETD_VTO][l]);
      vgd = pn_limit_gate(vgd, before_d, d[FETD_VTO][l]);
    }
    w[FET_SI][l] = gate - sign * vgs;
    w[FET_DI][l] = gate - sign * vgd;
  }
}

/* The channel: thermal noise of two thirds of its transconductance (van der Ziel 1962, Proc. IRE 50, 1808). */
void pn_fet_noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  enum { G_DI = 7, DI_G = 9 }; /* of pn_fet_pairs */
  const double *d = p + c->n_params;
  pn_noise_point at = pn_noise_at(c, p, u, h, temp);
  double t = pn_device_temp(p[FET_TEMP], p[FET_DTEMP], temp);
  double id = at.f[FET_DI] + at.f[FET_D];
  double gm = at.jf[DI_G] - at.jf[G_DI]; /* without the gate-drain junction's part */
  out[0] = pn_noise_thermal("rd", FET_DI, FET_D, t, d[FETD_GD]);
  out[1] = pn_noise_thermal("rs", FET_SI, FET_S, t, d[FETD_GS]);
  out[2] = pn_noise_thermal("id", FET_DI, FET_SI, t, 2.0 / 3.0 * gm);
  out[3] = pn_noise_flicker(FET_DI, FET_SI, p[FET_KF], p[FET_AF], id, p[FET_M], 1.0);
}
