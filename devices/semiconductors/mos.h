/* What MOSFETs of levels 1 to 3 share: parameters, temperature, source and drain junctions, series
 * resistances, Meyer's gate capacitances, limiting. A level adds its channel (current, threshold and
 * saturation voltage) and what its parameters derive. Vladimirescu and Liu, The Simulation of MOS
 * Integrated Circuits Using SPICE2, ERL-M80/7, 1980; Meyer 1971, RCA Review 32, 42. */
#ifndef PN_SEMICONDUCTORS_MOS_H
#define PN_SEMICONDUCTORS_MOS_H

#include "devices/semiconductors/mos_charge.h"
#include "devices/semiconductors/physics.h"

enum { /* parameters, the same places in all levels; a level's own begin at MOS_OWN */
       MOS_TYPE,
       MOS_W,
       MOS_L,
       MOS_AD,
       MOS_AS,
       MOS_PD,
       MOS_PS,
       MOS_NRD,
       MOS_NRS,
       MOS_M,
       MOS_OFF,
       MOS_TEMP,
       MOS_DTEMP,
       MOS_ICVDS,
       MOS_ICVGS,
       MOS_ICVBS,
       MOS_VTO,
       MOS_KP,
       MOS_GAMMA,
       MOS_PHI,
       MOS_RD,
       MOS_RS,
       MOS_CBD,
       MOS_CBS,
       MOS_IS,
       MOS_PB,
       MOS_CGSO,
       MOS_CGDO,
       MOS_CGBO,
       MOS_RSH,
       MOS_CJ,
       MOS_MJ,
       MOS_CJSW,
       MOS_MJSW,
       MOS_JS,
       MOS_TOX,
       MOS_LD,
       MOS_U0,
       MOS_FC,
       MOS_NSUB,
       MOS_TPG,
       MOS_NSS,
       MOS_TNOM,
       MOS_KF,
       MOS_AF,
       MOS_XQC,
       MOS_LEVEL,
       MOS_OWN
};

enum { /* derived ones, counted from n_params; a level's own begin at MOSD_OWN */
       MOSD_VT,
       MOSD_ISD,
       MOSD_ISS,
       MOSD_VCRITD,
       MOSD_VCRITS,
       MOSD_GD,
       MOSD_GS,
       MOSD_LEFF,
       MOSD_BETA,
       MOSD_COX,
       MOSD_CGS,
       MOSD_CGD,
       MOSD_CGB,
       MOSD_PHI,
       MOSD_GAMMA,
       MOSD_VBI,
       MOSD_VTO,
       MOSD_CBD,
       MOSD_CBDSW,
       MOSD_CBS,
       MOSD_CBSSW,
       MOSD_PB,
       MOSD_CORNER,
       MOSD_POWER,
       MOSD_POWER_SW,
       MOSD_OWN
};

enum { MOS_D, MOS_G, MOS_S, MOS_B, MOS_DI, MOS_SI, MOS_N_LOCALS, MOS_N_HIST = 9 };

#define MOS_INST     PN_P_INSTANCE
#define MOS_MODEL    PN_P_MODEL
#define MOS_POSITIVE (PN_P_MODEL | PN_P_OPEN_MIN)
#define PN_MOS_PARAMS(level_, mjsw_, tox_)                                                         \
  PN_PLAIN("type", "1", 1, -1, 1, PN_P_INTEGER, "1: n-channel, -1: p-channel (.model type).",      \
           NULL),                                                                                  \
      PN_PLAIN("w", "m", 1e-4, 0, INFINITY, PN_P_BOTH | PN_P_OPEN_MIN, "Channel width.", NULL),    \
      PN_PLAIN("l", "m", 1e-4, 0, INFINITY, PN_P_BOTH | PN_P_OPEN_MIN, "Channel length.", NULL),   \
      PN_PLAIN("ad", "m^2", 0, 0, INFINITY, MOS_INST, "Area of the drain.", NULL),                 \
      PN_PLAIN("as", "m^2", 0, 0, INFINITY, MOS_INST, "Area of the source.", NULL),                \
      PN_PLAIN("pd", "m", 0, 0, INFINITY, MOS_INST, "Perimeter of the drain.", NULL),              \
      PN_PLAIN("ps", "m", 0, 0, INFINITY, MOS_INST, "Perimeter of the source.", NULL),             \
      PN_PLAIN("nrd", "1", 1, 0, INFINITY, MOS_INST, "Squares of the drain (with rsh).", NULL),    \
      PN_PLAIN("nrs", "1", 1, 0, INFINITY, MOS_INST, "Squares of the source (with rsh).", NULL),   \
      PN_PLAIN("m", "1", 1, 0, INFINITY, MOS_INST | PN_P_OPEN_MIN, "Number in parallel.", NULL),   \
      PN_PLAIN("off", "1", 0, 0, 1, MOS_INST | PN_P_INTEGER,                                       \
               "1: the search for an operating point starts with it off.", NULL),                  \
      PN_OWN_TEMPERATURE,                                                                          \
      PN_PLAIN("icvds", "V", NAN, -INFINITY, INFINITY, MOS_INST,                                   \
               "Drain-source voltage at the start of a transient with UIC.", NULL),                \
      PN_PLAIN("icvgs", "V", NAN, -INFINITY, INFINITY, MOS_INST, "Gate-source voltage there.",     \
               NULL),                                                                              \
      PN_PLAIN("icvbs", "V", NAN, -INFINITY, INFINITY, MOS_INST, "Bulk-source voltage there.",     \
               NULL),                                                                              \
      PN_PLAIN("vto", "V", NAN, -INFINITY, INFINITY, MOS_MODEL,                                    \
               "Threshold at zero bias; 0, or from nsub.", "vt0"),                                 \
      PN_PLAIN("kp", "A/V^2", NAN, 0, INFINITY, MOS_MODEL,                                         \
               "Transconductance parameter; 2e-5, or u0 eps_ox / tox.", NULL),                     \
      PN_PLAIN("gamma", "V^0.5", NAN, 0, INFINITY, MOS_MODEL, "Body factor; 0, or from nsub.",     \
               NULL),                                                                              \
      PN_PLAIN("phi", "V", NAN, 0, INFINITY, MOS_POSITIVE,                                         \
               "Surface potential; 0.6, or from nsub.", NULL),                                     \
      PN_PLAIN("rd", "ohm", 0, 0, INFINITY, MOS_MODEL, "Drain resistance.", NULL),                 \
      PN_PLAIN("rs", "ohm", 0, 0, INFINITY, MOS_MODEL, "Source resistance.", NULL),                \
      PN_PLAIN("cbd", "F", NAN, 0, INFINITY, MOS_MODEL, "Bulk-drain capacitance; from cj and ad.", \
               NULL),                                                                              \
      PN_PLAIN("cbs", "F", NAN, 0, INFINITY, MOS_MODEL,                                            \
               "Bulk-source capacitance; from cj and as.", NULL),                                  \
      PN_PLAIN("is", "A", 1e-14, 0, INFINITY, MOS_MODEL, "Saturation current of the junctions.",   \
               NULL),                                                                              \
      PN_PLAIN("pb", "V", 0.8, 0, INFINITY, MOS_POSITIVE, "Potential of the junctions.", NULL),    \
      PN_PLAIN("cgso", "F/m", 0, 0, INFINITY, MOS_MODEL, "Gate-source overlap.", NULL),            \
      PN_PLAIN("cgdo", "F/m", 0, 0, INFINITY, MOS_MODEL, "Gate-drain overlap.", NULL),             \
      PN_PLAIN("cgbo", "F/m", 0, 0, INFINITY, MOS_MODEL, "Gate-bulk overlap.", NULL),              \
      PN_PLAIN("rsh", "ohm", 0, 0, INFINITY, MOS_MODEL, "Sheet resistance of drain and source.",   \
               NULL),                                                                              \
      PN_PLAIN("cj", "F/m^2", 0, 0, INFINITY, MOS_MODEL, "Junction capacitance of the bottom.",    \
               NULL),                                                                              \
      PN_PLAIN("mj", "1", 0.5, 0, 0.95, MOS_MODEL, "Its grading.", NULL),                          \
      PN_PLAIN("cjsw", "F/m", 0, 0, INFINITY, MOS_MODEL, "Junction capacitance of the side wall.", \
               NULL),                                                                              \
      PN_PLAIN("mjsw", "1", mjsw_, 0, 0.95, MOS_MODEL, "Its grading.", NULL),                      \
      PN_PLAIN("js", "A/m^2", 0, 0, INFINITY, MOS_MODEL,                                           \
               "Density of the junctions' saturation current; with ad and as.", NULL),             \
      PN_PLAIN("tox", "m", tox_, 0, INFINITY, MOS_POSITIVE,                                        \
               "Oxide thickness; without it level 1 has no channel capacitance.", NULL),           \
      PN_PLAIN("ld", "m", 0, -INFINITY, INFINITY, MOS_MODEL, "Lateral diffusion.", NULL),          \
      PN_PLAIN("u0", "cm^2/Vs", 600, 0, INFINITY, MOS_POSITIVE, "Surface mobility.", "uo"),        \
      PN_PLAIN("fc", "1", 0.5, 0, 0.95, MOS_MODEL,                                                 \
               "Where the junction capacitances turn straight, of pb.", NULL),                     \
      PN_PLAIN("nsub", "1/cm^3", NAN, 0, INFINITY, MOS_POSITIVE, "Substrate doping.", NULL),       \
      PN_PLAIN("tpg", "1", 1, -1, 1, MOS_MODEL | PN_P_INTEGER,                                     \
               "Gate: 1 unlike the substrate, -1 like it, 0 aluminium.", NULL),                    \
      PN_PLAIN("nss", "1/cm^2", 0, 0, INFINITY, MOS_MODEL, "Surface state density.", NULL),        \
      PN_PLAIN("tnom", "degC", 27, -PN_KELVIN, INFINITY, MOS_MODEL,                                \
               "Temperature of the parameters.", NULL),                                            \
      PN_PLAIN("kf", "1", 0, 0, INFINITY, MOS_MODEL, "Flicker noise coefficient (.noise).", NULL), \
      PN_PLAIN("af", "1", 1, 0, INFINITY, MOS_MODEL, "Flicker noise exponent (.noise).", NULL),    \
      PN_PLAIN("xqc", "1", 1, 0, 1, MOS_MODEL,                                                     \
               "Drain's share of the channel's charge in saturation, up to 0.5: charges are "      \
               "functions of "                                                                     \
               "the voltages (Ward and Dutton); above: Meyer's capacitances.",                     \
               NULL),                                                                              \
      PN_PLAIN("level", "1", level_, level_, level_, MOS_MODEL | PN_P_INTEGER, "Model level.",     \
               NULL)

extern const pn_local pn_mos_locals[MOS_N_LOCALS];
enum { MOS_N_PAIRS = 22 };
extern const pn_pair pn_mos_pairs[MOS_N_PAIRS];
extern const uint8_t pn_mos_q_row[MOS_N_LOCALS];

/* Temperatures and process quantities that derive() of a level needs besides. */
typedef struct pn_mos_process {
  double t, tnom;                  /* K */
  double cox;                      /* F/m^2, 0 when there is no oxide */
  double vto, kp, gamma, phi, vfb; /* at tnom; vto and vfb in the device's own polarity */
} pn_mos_process;

/* Fills d [MOSD_OWN] of one instance. leff and weff in m. */
pn_mos_process pn_mos_process_of(const double *p, double circuit_temp);
void pn_mos_derive(const double *p, const pn_mos_process *x, double leff, double weff, double *d);
const char *pn_mos_check(const pn_device_class *c, pn_arena *a, const double *p);
int pn_mos_merged(const pn_device_class *c, const double *p, int local);
enum { MOS_N_NOISE = 4 };
void pn_mos_noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out);
void pn_mos_limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u);

/* ---- one block ---- */

/* What a level says at (vgs, vds >= 0, vbs), with derivatives in that order: the drain current (A), the
 * turn-on and saturation voltages (V, beside vgs). */
typedef struct pn_mos_channel {
  pn_dual id, von, vdsat;
} pn_mos_channel;
/* p: parameters; d: derived ones, of all lanes. */
typedef pn_mos_channel pn_mos_channel_fn(const pn_lanes *p, const pn_lanes *d, int l, pn_dual vgs,
                                         pn_dual vds, pn_dual vbs);

/* Voltages of one lane as an n-channel device sees them, and the frame in which vds >= 0. */
typedef struct pn_mos_bias {
  double vgs, vds, vbs, sign;
  bool normal;
} pn_mos_bias;

PN_INLINE pn_mos_bias pn_mos_bias_of(const pn_lanes *p, const pn_lanes *u, int l)
{
  double sign = p[MOS_TYPE][l];
  pn_mos_bias b = {sign * (u[MOS_G][l] - u[MOS_SI][l]), sign * (u[MOS_DI][l] - u[MOS_SI][l]),
                   sign * (u[MOS_B][l] - u[MOS_SI][l]), sign, false};
  b.normal = b.vds >= 0.0;
  return b;
}

/* From derivatives in the frame with vds >= 0 to those by vgs, vds, vbs. */
PN_INLINE pn_dual pn_mos_unfold(pn_dual x, bool normal)
{
  return (pn_dual){x.v, x.a, normal ? x.b : -(x.a + x.b + x.c), x.c};
}

PN_INLINE pn_mos_channel pn_mos_run(pn_mos_channel_fn *channel, const pn_lanes *p,
                                    const pn_lanes *d, int l, const pn_mos_bias *b)
{
  pn_dual vgs = {b->normal ? b->vgs : b->vgs - b->vds, 1.0, 0.0, 0.0};
  pn_dual vds = {fabs(b->vds), 0.0, 1.0, 0.0};
  pn_dual vbs = {b->normal ? b->vbs : b->vbs - b->vds, 0.0, 0.0, 1.0};
  return channel(p, d, l, vgs, vds, vbs);
}

/* The square root of the barrier, phi - vbs, continued smoothly for forward bias. */
PN_INLINE pn_dual pn_mos_barrier_root(double phi, pn_dual vbs)
{
  double root = sqrt(phi), forward = vbs.v > 0.0 ? vbs.v : 0.0;
  double reverse = sqrt(phi - (vbs.v < 0.0 ? vbs.v : 0.0));
  double r = root / (1.0 + 0.5 * forward / phi);
  bool ahead = vbs.v > 0.0;
  return pn_d_chain(vbs, ahead ? r : reverse, ahead ? -0.5 * r * r / (phi * root) : -0.5 / reverse);
}

/* Meyer's capacitances, F: gate to source, drain, bulk, in the frame with vds >= 0. Linear transitions in
 * depletion and weak inversion keep them continuous. */
typedef struct pn_mos_caps {
  pn_dual gs, gd, gb;
} pn_mos_caps;

PN_INLINE pn_mos_caps pn_mos_meyer(const pn_mos_channel *ch, double vgs, double vds, double phi,
                                   double cox)
{
  const double least_vdsat = 0.025; /* V, keeps the triode expressions finite */
  pn_dual over = pn_d_sub((pn_dual){vgs, 1.0, 0.0, 0.0}, ch->von);
  pn_dual vdsat = pn_d_max(ch->vdsat, least_vdsat);
  pn_dual v = {vds, 0.0, 1.0, 0.0};
  bool triode = vds < vdsat.v;
  pn_dual inverse = pn_d_inv(pn_d_sub(pn_d_scale(2.0, vdsat), v));
  pn_dual d_part = pn_d_square(pn_d_mul(vdsat, inverse));
  pn_dual s_part = pn_d_square(pn_d_mul(pn_d_sub(vdsat, v), inverse));
  pn_dual to_d = pn_d_pick(triode, pn_d_shift(1.0, pn_d_neg(d_part)), pn_d_const(0.0));
  pn_dual to_s = pn_d_pick(triode, pn_d_shift(1.0, pn_d_neg(s_part)), pn_d_const(1.0));
  double two_thirds = 2.0 / 3.0 * cox;
  pn_dual onset = pn_d_shift(two_thirds, pn_d_scale(two_thirds * 2.0 / phi, over));
  onset = pn_d_pick(over.v > 0.0, pn_d_const(two_thirds), onset);
  onset = pn_d_pick(over.v <= -0.5 * phi, pn_d_const(0.0), onset);
  pn_dual bulk = pn_d_scale(-cox / phi, over);
  bulk = pn_d_pick(over.v > 0.0, pn_d_const(0.0), bulk);
  bulk = pn_d_pick(over.v <= -phi, pn_d_const(cox), bulk);
  return (pn_mos_caps){pn_d_mul(onset, to_s), pn_d_mul(onset, to_d), bulk};
}

/* Charge of one of Meyer's capacitances, C: from the last accepted point (voltage h[0], charge h[1],
 * capacitance h[2]) by the mean capacitance, since it is no function of the voltages alone; `fixed` F in
 * parallel. */
PN_INLINE pn_dual pn_mos_charge(pn_dual c, pn_dual v, const pn_lanes *h, int l, double fixed)
{
  pn_dual mean = pn_d_scale(0.5, pn_d_shift(h[2][l], c));
  pn_dual moved = pn_d_mul(mean, pn_d_shift(-h[0][l], v));
  return pn_d_add(pn_d_shift(h[1][l], moved), pn_d_scale(fixed, v));
}

PN_INLINE void pn_mos_row(pn_lanes *j, int row, int l, pn_dual x)
{
  pn_lanes *at = j + 6 + 4 * row; /* columns g, di, b, si */
  at[0][l] = x.a;
  at[1][l] = x.b;
  at[2][l] = x.c;
  at[3][l] = -(x.a + x.b + x.c);
}

PN_INLINE pn_vs pn_mos_bulk(double v, double is, double vt, double gmin)
{
  double slope, e = pn_lim_exp(v / vt, &slope);
  return (pn_vs){is * (e - 1.0) + gmin * v, is * slope / vt + gmin};
}

PN_INLINE pn_vs pn_mos_depletion(const pn_lanes *p, const pn_lanes *d, int l, double v, int area)
{
  pn_vs a = pn_depletion(v, d[area][l], d[MOSD_PB][l], p[MOS_MJ][l], d[MOSD_CORNER][l],
                         d[MOSD_POWER][l]);
  pn_vs w = pn_depletion(v, d[area + 1][l], d[MOSD_PB][l], p[MOS_MJSW][l], d[MOSD_CORNER][l],
                         d[MOSD_POWER_SW][l]);
  return (pn_vs){a.v + w.v, a.s + w.s};
}

typedef struct pn_mos_charges {
  pn_dual gs, gd, gb; /* C, by vgs, vds, vbs */
  pn_mos_caps c;      /* F, gate to actual source, drain, bulk; by vgs, vds, vbs */
} pn_mos_charges;

/* Charges that are functions of the voltages, with the overlaps', in q's terms. */
PN_INLINE void pn_mos_ward(const pn_lanes *p, const pn_lanes *d, int l, const pn_mos_bias *b,
                           const pn_mos_channel *ch, pn_mos_charges *q)
{
  double vgs = b->normal ? b->vgs : b->vgs - b->vds, vbs = b->normal ? b->vbs : b->vbs - b->vds;
  pn_dual over = pn_d_sub((pn_dual){vgs, 1.0, 0.0, 0.0}, ch->von);
  pn_dual root = pn_mos_barrier_root(d[MOSD_PHI][l], (pn_dual){vbs, 0.0, 0.0, 1.0});
  pn_mos_stored w = pn_mos_ward_charges(over, (pn_dual){fabs(b->vds), 0.0, 1.0, 0.0}, root,
                                        d[MOSD_GAMMA][l], d[MOSD_VT][l], d[MOSD_COX][l],
                                        p[MOS_XQC][l]);
  pn_dual to_s = pn_mos_unfold(pn_d_pick(b->normal, w.source, w.drain), b->normal);
  pn_dual to_d = pn_mos_unfold(pn_d_pick(b->normal, w.drain, w.source), b->normal);
  double cgs = d[MOSD_CGS][l], cgd = d[MOSD_CGD][l], cgb = d[MOSD_CGB][l];
  pn_dual gs = {cgs * b->vgs, cgs, 0.0, 0.0}, gd = {cgd * (b->vgs - b->vds), cgd, -cgd, 0.0},
          gb = {cgb * (b->vgs - b->vbs), cgb, 0.0, -cgb};
  q->gs = pn_d_sub(gs, to_s);
  q->gd = pn_d_sub(gd, to_d);
  q->gb = pn_d_sub(gb, pn_mos_unfold(w.bulk, b->normal));
}

PN_INLINE pn_mos_charges pn_mos_gate(const pn_lanes *p, const pn_lanes *d, const pn_lanes *h, int l,
                                     const pn_mos_bias *b, const pn_mos_channel *ch, bool ward)
{
  double vgs = b->normal ? b->vgs : b->vgs - b->vds;
  pn_mos_caps m = pn_mos_meyer(ch, vgs, fabs(b->vds), d[MOSD_PHI][l], d[MOSD_COX][l]);
  pn_mos_charges q;
  q.c.gs = pn_mos_unfold(pn_d_pick(b->normal, m.gs, m.gd), b->normal);
  q.c.gd = pn_mos_unfold(pn_d_pick(b->normal, m.gd, m.gs), b->normal);
  q.c.gb = pn_mos_unfold(m.gb, b->normal);
  pn_dual gs = {b->vgs, 1.0, 0.0, 0.0}, gd = {b->vgs - b->vds, 1.0, -1.0, 0.0},
          gb = {b->vgs - b->vbs, 1.0, 0.0, -1.0};
  q.gs = pn_mos_charge(q.c.gs, gs, h, l, d[MOSD_CGS][l]);
  q.gd = pn_mos_charge(q.c.gd, gd, h + 3, l, d[MOSD_CGD][l]);
  q.gb = pn_mos_charge(q.c.gb, gb, h + 6, l, d[MOSD_CGB][l]);
  if (ward) { /* some lane has such charges */
    pn_mos_charges w = q;
    pn_mos_ward(p, d, l, b, ch, &w);
    bool own = p[MOS_XQC][l] <= 0.5;
    q.gs = pn_d_pick(own, w.gs, q.gs);
    q.gd = pn_d_pick(own, w.gd, q.gd);
    q.gb = pn_d_pick(own, w.gb, q.gb);
  }
  return q;
}

/* Series resistances: rows of the outer drain and source. */
PN_INLINE void pn_mos_series(const pn_lanes *d, const pn_lanes *u, pn_lanes *f, pn_lanes *jf, int l)
{
  double gd = d[MOSD_GD][l], gs = d[MOSD_GS][l];
  double id = gd * (u[MOS_D][l] - u[MOS_DI][l]), is = gs * (u[MOS_S][l] - u[MOS_SI][l]);
  f[MOS_D][l] = id;
  f[MOS_DI][l] -= id;
  f[MOS_S][l] = is;
  f[MOS_SI][l] -= is;
  if (jf) { /* (d,d) (d,di) (di,d) (s,s) (s,si) (si,s); (di,di) and (si,si) are in the rows */
    jf[0][l] = gd;
    jf[1][l] = jf[2][l] = -gd;
    jf[3][l] = gs;
    jf[4][l] = jf[5][l] = -gs;
    jf[6 + 4 * 1 + 1][l] += gd;
    jf[6 + 4 * 3 + 3][l] += gs;
  }
}

/* Does any instance of the block have a depletion charge? Its powers cost as much as all the rest. */
PN_INLINE bool pn_mos_depletes(const pn_dev_block *b, int n_params)
{
  const pn_lanes *d = (const pn_lanes *)(const void *)b->p + n_params;
  double most = 0;
  for (int l = 0; l < b->n; l++)
    most += d[MOSD_CBD][l] + d[MOSD_CBDSW][l] + d[MOSD_CBS][l] + d[MOSD_CBSSW][l];
  return most > 0;
}

PN_INLINE void pn_mos_loop(const pn_dev_block *b, int n_params, bool slopes, bool depletes,
                           bool ward, pn_mos_channel_fn *channel)
{
  const pn_lanes *p = (const void *)b->p, *d = p + n_params, *u = (const void *)b->u,
                 *h = (const void *)b->h;
  pn_lanes *f = (void *)b->f, *q = (void *)b->q, *jf = (void *)b->jf, *jq = (void *)b->jq;
  double gmin = b->gmin;
  PN_FOR_LANES(l)
  {
    pn_mos_bias v = pn_mos_bias_of(p, u, l);
    pn_mos_channel ch = pn_mos_run(channel, p, d, l, &v);
    pn_mos_charges g = pn_mos_gate(p, d, h, l, &v, &ch, ward);
    pn_dual id = pn_d_scale(v.normal ? 1.0 : -1.0, pn_mos_unfold(ch.id, v.normal));
    double vbd = v.vbs - v.vds, sign = v.sign;
    pn_vs ibd = pn_mos_bulk(vbd, d[MOSD_ISD][l], d[MOSD_VT][l], gmin);
    pn_vs ibs = pn_mos_bulk(v.vbs, d[MOSD_ISS][l], d[MOSD_VT][l], gmin);
    pn_vs none = {0.0, 0.0};
    pn_vs qbd = depletes ? pn_mos_depletion(p, d, l, vbd, MOSD_CBD) : none;
    pn_vs qbs = depletes ? pn_mos_depletion(p, d, l, v.vbs, MOSD_CBS) : none;
    pn_dual bd = {ibd.v, 0.0, -ibd.s, ibd.s}, bs = {ibs.v, 0.0, 0.0, ibs.s};
    pn_dual cbd = {qbd.v, 0.0, -qbd.s, qbd.s}, cbs = {qbs.v, 0.0, 0.0, qbs.s};
    pn_dual f_d = pn_d_sub(id, bd), f_b = pn_d_add(bd, bs);
    pn_dual f_s = pn_d_neg(pn_d_add(f_d, f_b));
    pn_dual q_d = pn_d_neg(pn_d_add(g.gd, cbd)), q_s = pn_d_neg(pn_d_add(g.gs, cbs));
    pn_dual q_b = pn_d_sub(pn_d_add(cbd, cbs), g.gb);
    pn_dual q_g = pn_d_neg(pn_d_add(pn_d_add(q_d, q_s), q_b));
    f[MOS_G][l] = 0.0;
    f[MOS_DI][l] = sign * f_d.v;
    f[MOS_B][l] = sign * f_b.v;
    f[MOS_SI][l] = sign * f_s.v;
    q[MOS_D][l] = q[MOS_S][l] = 0.0;
    q[MOS_G][l] = sign * q_g.v;
    q[MOS_DI][l] = sign * q_d.v;
    q[MOS_B][l] = sign * q_b.v;
    q[MOS_SI][l] = sign * q_s.v;
    if (slopes) {
      pn_mos_row(jf, 0, l, pn_d_const(0.0));
      pn_mos_row(jf, 1, l, f_d);
      pn_mos_row(jf, 2, l, f_b);
      pn_mos_row(jf, 3, l, f_s);
      pn_mos_row(jq, 0, l, q_g);
      pn_mos_row(jq, 1, l, q_d);
      pn_mos_row(jq, 2, l, q_b);
      pn_mos_row(jq, 3, l, q_s);
    }
    pn_mos_series(d, u, f, slopes ? jf : NULL, l);
  }
}

PN_INLINE void pn_mos_lanes(const pn_dev_block *b, int n_params, bool slopes, bool ward,
                            pn_mos_channel_fn *channel)
{
  if (pn_mos_depletes(b, n_params))
    pn_mos_loop(b, n_params, slopes, true, ward, channel);
  else
    pn_mos_loop(b, n_params, slopes, false, ward, channel);
}

/* The gate's memory after an accepted point: voltages, charges (without overlaps), capacitances. */
PN_INLINE void pn_mos_advance(const pn_dev_block *b, int n_params, pn_mos_channel_fn *channel,
                              double *memory)
{
  const pn_lanes *p = (const void *)b->p, *d = p + n_params, *u = (const void *)b->u;
  pn_lanes *h = (void *)memory;
  PN_FOR_LANES(l)
  {
    pn_mos_bias v = pn_mos_bias_of(p, u, l);
    pn_mos_channel ch = pn_mos_run(channel, p, d, l, &v);
    pn_mos_charges g = pn_mos_gate(p, d, h, l, &v, &ch, false);
    double vgd = v.vgs - v.vds, vgb = v.vgs - v.vbs;
    h[0][l] = v.vgs;
    h[1][l] = g.gs.v - d[MOSD_CGS][l] * v.vgs;
    h[2][l] = g.c.gs.v;
    h[3][l] = vgd;
    h[4][l] = g.gd.v - d[MOSD_CGD][l] * vgd;
    h[5][l] = g.c.gd.v;
    h[6][l] = vgb;
    h[7][l] = g.gb.v - d[MOSD_CGB][l] * vgb;
    h[8][l] = g.c.gb.v;
  }
}

/* Some instance of a block has charges that are functions of its voltages. */
static inline bool pn_mos_any_ward(const pn_dev_block *b)
{
  bool any = false;
  for (int l = 0; l < PN_LANES; l++)
    any |= b->p[MOS_XQC * PN_LANES + l] <= 0.5;
  return any;
}

/* eval and advance of a level from its `channel`: each combination a loop of its own. */
#define PN_MOS_KERNELS(n_params)                                                                   \
  PN_VECTOR_FN static void lanes(const pn_dev_block *b)                                            \
  {                                                                                                \
    pn_mos_lanes(b, n_params, true, false, channel);                                               \
  }                                                                                                \
  PN_VECTOR_FN static void values(const pn_dev_block *b)                                           \
  {                                                                                                \
    pn_mos_lanes(b, n_params, false, false, channel);                                              \
  }                                                                                                \
  PN_VECTOR_FN static void conserving(const pn_dev_block *b)                                       \
  {                                                                                                \
    if (b->jf)                                                                                     \
      pn_mos_lanes(b, n_params, true, true, channel);                                              \
    else                                                                                           \
      pn_mos_lanes(b, n_params, false, true, channel);                                             \
  }                                                                                                \
  PN_VECTOR_FN static void remember(const pn_dev_block *b, double *h)                              \
  {                                                                                                \
    pn_mos_advance(b, n_params, channel, h);                                                       \
  }                                                                                                \
  static void eval(const pn_device_class *c, const pn_dev_block *b)                                \
  {                                                                                                \
    (void)c;                                                                                       \
    if (pn_mos_any_ward(b))                                                                        \
      conserving(b);                                                                               \
    else if (b->jf)                                                                                \
      lanes(b);                                                                                    \
    else                                                                                           \
      values(b);                                                                                   \
  }                                                                                                \
  static void advance(const pn_device_class *c, const pn_dev_block *b, double *h)                  \
  {                                                                                                \
    (void)c;                                                                                       \
    remember(b, h);                                                                                \
  }

/* The class of a level, in a file with its own params, derive, channel and kernels. */
#define PN_MOS_CLASS(name_, title_, level_, n_own_derived)                                         \
  {                                                                                                \
    .name = name_, .title = title_, .letter = 'm', .model_type = "nmos", .model_twin = "pmos",     \
    .level = level_, .flags = PN_DEV_Q, .params = params, .n_params = PN_COUNT(params),            \
    .n_derived = MOSD_OWN + n_own_derived, .locals = pn_mos_locals, .n_locals = MOS_N_LOCALS,      \
    .pairs = pn_mos_pairs, .n_pairs = MOS_N_PAIRS, .q_row = pn_mos_q_row, .n_hist = MOS_N_HIST,    \
    .derive = derive, .check = pn_mos_check, .merged = pn_mos_merged, .eval = eval,                \
    .advance = advance, .grain = (const int[]){PN_COUNT(params) + MOSD_VT, -1},                    \
    .limit = pn_mos_limit, .n_noise = MOS_N_NOISE, .noise = pn_mos_noise,                          \
  }

#endif
