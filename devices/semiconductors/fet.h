/* What junction and Schottky-gate field-effect transistors share: five nodes, gate junctions, the stamps,
 * limiting. A type adds its channel current and its gate charges. */
#ifndef PN_SEMICONDUCTORS_FET_H
#define PN_SEMICONDUCTORS_FET_H

#include "devices/semiconductors/dual.h"
#include "devices/semiconductors/physics.h"

enum { /* parameters, the same places in both; a type's own begin at FET_OWN */
       FET_AREA,
       FET_TYPE,
       FET_M,
       FET_OFF,
       FET_TEMP,
       FET_DTEMP,
       FET_ICVDS,
       FET_ICVGS,
       FET_VTO,
       FET_BETA,
       FET_LAMBDA,
       FET_B,
       FET_RD,
       FET_RS,
       FET_CGS,
       FET_CGD,
       FET_PB,
       FET_IS,
       FET_FC,
       FET_TNOM,
       FET_KF,
       FET_AF,
       FET_LEVEL,
       FET_OWN
};
enum { FETD_VT, FETD_IS, FETD_VCRIT, FETD_GD, FETD_GS, FETD_VTO, FETD_BETA, FETD_OWN };
enum { FET_D, FET_G, FET_S, FET_DI, FET_SI, FET_N_LOCALS, FET_N_PAIRS = 15 };

#define FET_INST     PN_P_INSTANCE
#define FET_MODEL    PN_P_MODEL
#define FET_POSITIVE (PN_P_MODEL | PN_P_OPEN_MIN)
#define PN_FET_PARAMS(beta_, b_, b_doc)                                                            \
  PN_PLAIN("area", "1", 1, 0, INFINITY, FET_INST | PN_P_OPEN_MIN, "Area factor.", NULL),           \
      PN_PLAIN("type", "1", 1, -1, 1, PN_P_INTEGER, "1: n-channel, -1: p-channel (.model type).",  \
               NULL),                                                                              \
      PN_PLAIN("m", "1", 1, 0, INFINITY, FET_INST | PN_P_OPEN_MIN, "Number in parallel.", NULL),   \
      PN_PLAIN("off", "1", 0, 0, 1, FET_INST | PN_P_INTEGER,                                       \
               "1: the search for an operating point starts with it off.", NULL),                  \
      PN_OWN_TEMPERATURE,                                                                          \
      PN_PLAIN("icvds", "V", NAN, -INFINITY, INFINITY, FET_INST,                                   \
               "Drain-source voltage at the start of a transient with UIC.", NULL),                \
      PN_PLAIN("icvgs", "V", NAN, -INFINITY, INFINITY, FET_INST, "Gate-source voltage there.",     \
               NULL),                                                                              \
      PN_PLAIN("vto", "V", -2, -INFINITY, INFINITY, FET_MODEL, "Pinch-off voltage.", "vt0"),       \
      PN_PLAIN("beta", "A/V^2", beta_, 0, INFINITY, FET_MODEL, "Transconductance parameter.",      \
               NULL),                                                                              \
      PN_PLAIN("lambda", "1/V", 0, 0, INFINITY, FET_MODEL, "Channel-length modulation.", NULL),    \
      PN_PLAIN("b", b_doc, b_, -INFINITY, INFINITY, FET_MODEL, "Doping profile parameter.", NULL), \
      PN_PLAIN("rd", "ohm", 0, 0, INFINITY, FET_MODEL, "Drain resistance.", NULL),                 \
      PN_PLAIN("rs", "ohm", 0, 0, INFINITY, FET_MODEL, "Source resistance.", NULL),                \
      PN_PLAIN("cgs", "F", 0, 0, INFINITY, FET_MODEL, "Gate-source capacitance at 0 V.", NULL),    \
      PN_PLAIN("cgd", "F", 0, 0, INFINITY, FET_MODEL, "Gate-drain capacitance at 0 V.", NULL),     \
      PN_PLAIN("pb", "V", 1, 0, INFINITY, FET_POSITIVE, "Potential of the gate junction.", NULL),  \
      PN_PLAIN("is", "A", 1e-14, 0, INFINITY, FET_MODEL, "Saturation current of the gate.", NULL), \
      PN_PLAIN("fc", "1", 0.5, 0, 0.95, FET_MODEL, "Where the capacitance turns straight, of pb.", \
               NULL),                                                                              \
      PN_PLAIN("tnom", "degC", 27, -PN_KELVIN, INFINITY, FET_MODEL,                                \
               "Temperature of the parameters.", NULL),                                            \
      PN_PLAIN("kf", "1", 0, 0, INFINITY, FET_MODEL, "Flicker noise coefficient (.noise).", NULL), \
      PN_PLAIN("af", "1", 1, 0, INFINITY, FET_MODEL, "Flicker noise exponent (.noise).", NULL),    \
      PN_PLAIN("level", "1", 1, 1, 1, FET_MODEL | PN_P_INTEGER, "Only level 1.", NULL)

extern const pn_local pn_fet_locals[FET_N_LOCALS];
extern const pn_pair pn_fet_pairs[FET_N_PAIRS];
extern const uint8_t pn_fet_q_row[FET_N_LOCALS];

/* Fills d [FETD_OWN]; t in K, is: the gate's saturation current at t for area 1. */
void pn_fet_derive(const double *p, double t, double is, double *d);
const char *pn_fet_check(const pn_device_class *c, pn_arena *a, const double *p);
int pn_fet_merged(const pn_device_class *c, const double *p, int local);
enum { FET_N_NOISE = 4 };
void pn_fet_noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out);
void pn_fet_limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u);

/* Drain current, A, at (vgs, vds >= 0), with derivatives in that order. */
typedef pn_dual pn_fet_channel_fn(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs,
                                  pn_dual vds);
/* Charges of gate-source and gate-drain, C, by (vgs, vgd). */
typedef struct pn_fet_charges {
  pn_dual gs, gd;
} pn_fet_charges;
typedef pn_fet_charges pn_fet_charge_fn(const pn_lanes *p, const pn_lanes *d, const pn_lanes *h,
                                        int l, pn_dual vgs, pn_dual vgd);

/* The kernels and the class of a type, in a file with its own params, derive, channel and charge. */
#define PN_FET_KERNELS(n_params)                                                                   \
  PN_VECTOR_FN static void with_slopes(const pn_dev_block *b)                                      \
  {                                                                                                \
    pn_fet_lanes(b, n_params, true, channel, charge);                                              \
  }                                                                                                \
  PN_VECTOR_FN static void values(const pn_dev_block *b)                                           \
  {                                                                                                \
    pn_fet_lanes(b, n_params, false, channel, charge);                                             \
  }                                                                                                \
  static void eval(const pn_device_class *c, const pn_dev_block *b)                                \
  {                                                                                                \
    (void)c;                                                                                       \
    if (b->jf)                                                                                     \
      with_slopes(b);                                                                              \
    else                                                                                           \
      values(b);                                                                                   \
  }
#define PN_FET_CLASS                                                                               \
  .flags = PN_DEV_Q, .params = params, .n_params = PN_COUNT(params),                               \
  .n_derived = N_ALL - N_PARAMS, .locals = pn_fet_locals, .n_locals = FET_N_LOCALS,                \
  .grain = (const int[]){N_PARAMS + FETD_VT, -1}, .pairs = pn_fet_pairs, .n_pairs = FET_N_PAIRS,   \
  .q_row = pn_fet_q_row, .derive = derive, .merged = pn_fet_merged, .eval = eval,                  \
  .limit = pn_fet_limit, .n_noise = FET_N_NOISE, .noise = pn_fet_noise

/* A row of entries in columns g, di, si from derivatives by vgs, vgd. */
PN_INLINE void pn_fet_row(pn_lanes *j, int row, int l, pn_dual x)
{
  pn_lanes *at = j + 6 + 3 * row;
  at[0][l] = x.a + x.b;
  at[1][l] = -x.b;
  at[2][l] = -x.a;
}

PN_INLINE void pn_fet_series(const pn_lanes *d, const pn_lanes *u, pn_lanes *f, pn_lanes *jf, int l)
{
  double gd = d[FETD_GD][l], gs = d[FETD_GS][l];
  double id = gd * (u[FET_D][l] - u[FET_DI][l]), is = gs * (u[FET_S][l] - u[FET_SI][l]);
  f[FET_D][l] = id;
  f[FET_DI][l] -= id;
  f[FET_S][l] = is;
  f[FET_SI][l] -= is;
  if (jf) {
    jf[0][l] = gd;
    jf[1][l] = jf[2][l] = -gd;
    jf[3][l] = gs;
    jf[4][l] = jf[5][l] = -gs;
    jf[6 + 3 * 1 + 1][l] += gd;
    jf[6 + 3 * 2 + 2][l] += gs;
  }
}

PN_INLINE void pn_fet_lanes(const pn_dev_block *b, int n_params, bool slopes,
                            pn_fet_channel_fn *channel, pn_fet_charge_fn *charge)
{
  const pn_lanes *p = (const void *)b->p, *d = p + n_params, *u = (const void *)b->u,
                 *h = (const void *)b->h;
  pn_lanes *f = (void *)b->f, *q = (void *)b->q, *jf = (void *)b->jf, *jq = (void *)b->jq;
  double gmin = b->gmin;
  PN_FOR_LANES(l)
  {
    double sign = p[FET_TYPE][l];
    double vgs = sign * (u[FET_G][l] - u[FET_SI][l]), vgd = sign * (u[FET_G][l] - u[FET_DI][l]);
    bool normal = vgs >= vgd;
    pn_dual x_gs = {normal ? vgs : vgd, 1.0, 0.0, 0.0};
    pn_dual x_ds = {fabs(vgs - vgd), 0.0, 1.0, 0.0};
    pn_dual i = channel(p, d, l, x_gs, x_ds);
    /* vds = vgs - vgd; reversed, source and drain change places */
    pn_dual id = {normal ? i.v : -i.v, normal ? i.a + i.b : i.b, normal ? -i.b : -(i.a + i.b), 0.0};
    pn_vs js = pn_junction(vgs, d[FETD_IS][l], d[FETD_VT][l]);
    pn_vs jd = pn_junction(vgd, d[FETD_IS][l], d[FETD_VT][l]);
    pn_dual igs = {js.v + gmin * vgs, js.s + gmin, 0.0, 0.0};
    pn_dual igd = {jd.v + gmin * vgd, 0.0, jd.s + gmin, 0.0};
    pn_fet_charges c = charge(p, d, h, l, (pn_dual){vgs, 1.0, 0.0, 0.0},
                              (pn_dual){vgd, 0.0, 1.0, 0.0});
    pn_dual f_g = pn_d_add(igs, igd), f_d = pn_d_sub(id, igd);
    pn_dual f_s = pn_d_neg(pn_d_add(f_g, f_d)), q_g = pn_d_add(c.gs, c.gd);
    f[FET_G][l] = sign * f_g.v;
    f[FET_DI][l] = sign * f_d.v;
    f[FET_SI][l] = sign * f_s.v;
    q[FET_D][l] = q[FET_S][l] = 0.0;
    q[FET_G][l] = sign * q_g.v;
    q[FET_DI][l] = -sign * c.gd.v;
    q[FET_SI][l] = -sign * c.gs.v;
    if (slopes) {
      pn_fet_row(jf, 0, l, f_g);
      pn_fet_row(jf, 1, l, f_d);
      pn_fet_row(jf, 2, l, f_s);
      for (int k = 0; k < 6; k++)
        jq[k][l] = 0.0;
      pn_fet_row(jq, 0, l, q_g);
      pn_fet_row(jq, 1, l, pn_d_neg(c.gd));
      pn_fet_row(jq, 2, l, pn_d_neg(c.gs));
    }
    pn_fet_series(d, u, f, slopes ? jf : NULL, l);
  }
}

#endif
