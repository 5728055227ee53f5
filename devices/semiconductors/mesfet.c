/* Schottky-gate field-effect transistor (GaAs): Statz, Newman, Smith, Pucel and Haus 1987, IEEE Trans.
 * Electron Devices 34, 160. */
#include "devices/semiconductors/fet.h"

enum { ALPHA = FET_OWN, N_PARAMS };
enum { D_CGS = N_PARAMS + FETD_OWN, D_CGD, N_ALL, N_HIST = 4 };

static const pn_param params[] = {
    PN_FET_PARAMS(2.5e-3, 0.3, "1/V"),
    PN_PLAIN("alpha", "1/V", 2, 0, INFINITY, FET_POSITIVE, "Saturation voltage parameter.", NULL),
};

/* The model has no temperature but that of the gate's thermal voltage. */
static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  double t = pn_device_temp(p[FET_TEMP], p[FET_DTEMP], circuit_temp);
  pn_fet_derive(p, t, p[FET_IS], p + N_PARAMS);
  p[D_CGS] = p[FET_CGS] * p[FET_AREA] * p[FET_M];
  p[D_CGD] = p[FET_CGD] * p[FET_AREA] * p[FET_M];
}

PN_INLINE pn_dual channel(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs, pn_dual vds)
{
  pn_dual over = pn_d_max(pn_d_shift(-d[FETD_VTO][l], vgs), 0.0);
  pn_dual gain = pn_d_shift(1.0, pn_d_scale(p[FET_LAMBDA][l], vds));
  pn_dual part = pn_d_max(pn_d_shift(1.0, pn_d_scale(-p[ALPHA][l] / 3.0, vds)), 0.0);
  pn_dual knee = pn_d_shift(1.0, pn_d_neg(pn_d_mul(part, pn_d_square(part))));
  pn_dual sheet = pn_d_div(pn_d_square(over), pn_d_shift(1.0, pn_d_scale(p[FET_B][l], over)));
  return pn_d_scale(d[FETD_BETA][l], pn_d_mul(pn_d_mul(sheet, gain), knee));
}

/* Charge of the whole gate, C, by vgs and vgd (Statz et al., eqs. 13 to 19). */
PN_INLINE pn_dual gate(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs, pn_dual vgd)
{
  const double width = 0.2, most = 0.5; /* V */
  double pb = p[FET_PB][l], knee = 1.0 / p[ALPHA][l];
  pn_dual apart = pn_d_sqrt(pn_d_shift(knee * knee, pn_d_square(pn_d_sub(vgs, vgd))));
  pn_dual high = pn_d_scale(0.5, pn_d_add(pn_d_add(vgs, vgd), apart)), low = pn_d_sub(high, apart);
  pn_dual off = pn_d_shift(-d[FETD_VTO][l], high);
  pn_dual root = pn_d_sqrt(pn_d_shift(width * width, pn_d_square(off)));
  pn_dual v = pn_d_scale(0.5, pn_d_shift(d[FETD_VTO][l], pn_d_add(high, root)));
  bool beyond = v.v > most;
  pn_dual in = pn_d_pick(beyond, pn_d_const(most), v);
  pn_dual straight = pn_d_scale(1.0 / sqrt(1.0 - most / pb), pn_d_sub(v, in));
  pn_dual depth = pn_d_sqrt(pn_d_shift(1.0, pn_d_scale(-1.0 / pb, in)));
  pn_dual q = pn_d_add(pn_d_shift(2.0 * pb, pn_d_scale(-2.0 * pb, depth)), straight);
  return pn_d_add(pn_d_scale(p[D_CGS][l], q), pn_d_scale(p[D_CGD][l], low));
}

/* The gate's charge is a function of the voltages, its parts are not: what each gains since the last
 * accepted point (h: vgs, vgd, charges) is the mean over both paths there. */
PN_INLINE pn_fet_charges charge(const pn_lanes *p, const pn_lanes *d, const pn_lanes *h, int l,
                                pn_dual vgs, pn_dual vgd)
{
  pn_dual s0 = pn_d_const(h[0][l]), d0 = pn_d_const(h[1][l]);
  pn_dual both = gate(p, d, l, vgs, vgd), none = gate(p, d, l, s0, d0);
  pn_dual s_only = gate(p, d, l, vgs, d0), d_only = gate(p, d, l, s0, vgd);
  pn_dual across = pn_d_sub(both, none), between = pn_d_sub(s_only, d_only);
  return (pn_fet_charges){pn_d_shift(h[2][l], pn_d_scale(0.5, pn_d_add(across, between))),
                          pn_d_shift(h[3][l], pn_d_scale(0.5, pn_d_sub(across, between)))};
}

PN_FET_KERNELS(N_PARAMS)

static void advance(const pn_device_class *c, const pn_dev_block *b, double *memory)
{
  (void)c;
  const pn_lanes *p = (const void *)b->p, *d = p + N_PARAMS, *u = (const void *)b->u;
  pn_lanes *h = (void *)memory;
  for (int l = 0; l < PN_LANES; l++) {
    double sign = p[FET_TYPE][l];
    pn_dual vgs = pn_d_const(sign * (u[FET_G][l] - u[FET_SI][l]));
    pn_dual vgd = pn_d_const(sign * (u[FET_G][l] - u[FET_DI][l]));
    pn_fet_charges q = charge(p, d, (const pn_lanes *)h, l, vgs, vgd);
    h[0][l] = vgs.v;
    h[1][l] = vgd.v;
    h[2][l] = q.gs.v;
    h[3][l] = q.gd.v;
  }
}

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  if (!(p[FET_PB] > 0.5))
    return "pb must be greater than 0.5 V";
  return pn_fet_check(c, a, p);
}

const pn_device_class pn_class_mesfet = {
    .name = "mesfet",
    .title = "Schottky-gate field-effect transistor",
    .letter = 'z',
    .model_type = "nmf",
    .model_twin = "pmf",
    PN_FET_CLASS,
    .n_hist = N_HIST,
    .check = check,
    .advance = advance,
};
