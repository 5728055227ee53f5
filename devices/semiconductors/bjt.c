/* Bipolar transistor: Gummel and Poon 1970, Bell Syst. Tech. J. 49, 827, with the substrate junction,
 * base-width modulation, high-level injection, leakage, crowding of the base resistance, and the
 * bias dependence of the transit time; as in Antognetti and Massobrio, chapter 2. */
#include "devices/semiconductors/dual.h"
#include "devices/semiconductors/noise.h"

enum {
  AREA,
  TYPE,
  M,
  OFF,
  TEMP,
  DTEMP,
  ICVBE,
  ICVCE,
  IS,
  BF,
  NF,
  VAF,
  IKF,
  ISE,
  NE,
  BR,
  NR,
  VAR,
  IKR,
  ISC,
  NC,
  RB,
  IRB,
  RBM,
  RE,
  RC,
  CJE,
  VJE,
  MJE,
  TF,
  XTF,
  VTF,
  ITF,
  PTF,
  CJC,
  VJC,
  MJC,
  XCJC,
  TR,
  CJS,
  VJS,
  MJS,
  XTB,
  EG,
  XTI,
  FC,
  NKF,
  ISS,
  NS,
  SUBS,
  TNOM,
  KF,
  AF,
  LEVEL,
  N_PARAMS
};
enum { /* derived */
       D_IS = N_PARAMS,
       D_VT,
       D_VTF,
       D_VTR,
       D_VTE,
       D_VTC,
       D_BF,
       D_BR,
       D_ISE,
       D_ISC,
       D_ISS,
       D_VTS,
       D_VAF,
       D_VAR,
       D_IKF,
       D_IKR,
       D_GC,
       D_GE,
       D_RBM,
       D_RBI,
       D_IRB,
       D_CJE,
       D_VJE,
       D_CORNER_E,
       D_POWER_E,
       D_CJC,
       D_CJX,
       D_VJC,
       D_CORNER_C,
       D_POWER_C,
       D_CJS,
       D_VJS,
       D_OVTF,
       D_ITF,
       D_VCRIT,
       D_VCRIT_S,
       D_SUBS,
       N_ALL
};

#define MODEL    PN_P_MODEL
#define POSITIVE (PN_P_MODEL | PN_P_OPEN_MIN)
#define INSTANCE PN_P_INSTANCE

static const pn_param params[] = {
    PN_PLAIN("area", "1", 1, 0, INFINITY, INSTANCE | PN_P_OPEN_MIN, "Area factor.", NULL),
    PN_PLAIN("type", "1", 1, -1, 1, PN_P_INTEGER, "1: NPN, -1: PNP (.model type).", NULL),
    PN_PLAIN("m", "1", 1, 0, INFINITY, INSTANCE | PN_P_OPEN_MIN, "Number in parallel.", NULL),
    PN_PLAIN("off", "1", 0, 0, 1, INSTANCE | PN_P_INTEGER,
             "1: the search for an operating point starts with it off.", NULL),
    PN_OWN_TEMPERATURE,
    PN_PLAIN("icvbe", "V", NAN, -INFINITY, INFINITY, INSTANCE,
             "Base-emitter voltage at the start of a transient with UIC.", NULL),
    PN_PLAIN("icvce", "V", NAN, -INFINITY, INFINITY, INSTANCE, "Collector-emitter voltage there.",
             NULL),
    PN_PLAIN("is", "A", 1e-16, 0, INFINITY, POSITIVE, "Transport saturation current.", NULL),
    PN_PLAIN("bf", "1", 100, 0, INFINITY, POSITIVE, "Ideal forward current gain.", NULL),
    PN_PLAIN("nf", "1", 1, 0, INFINITY, POSITIVE, "Forward emission coefficient.", NULL),
    PN_PLAIN("vaf", "V", NAN, 0, INFINITY, MODEL, "Forward Early voltage; infinite.", "va"),
    PN_PLAIN("ikf", "A", NAN, 0, INFINITY, MODEL, "Forward knee current; infinite.", "ik"),
    PN_PLAIN("ise", "A", 0, 0, INFINITY, MODEL, "Base-emitter leakage saturation current.", NULL),
    PN_PLAIN("ne", "1", 1.5, 0, INFINITY, POSITIVE, "Its emission coefficient.", NULL),
    PN_PLAIN("br", "1", 1, 0, INFINITY, POSITIVE, "Ideal reverse current gain.", NULL),
    PN_PLAIN("nr", "1", 1, 0, INFINITY, POSITIVE, "Reverse emission coefficient.", NULL),
    PN_PLAIN("var", "V", NAN, 0, INFINITY, MODEL, "Reverse Early voltage; infinite.", "vb"),
    PN_PLAIN("ikr", "A", NAN, 0, INFINITY, MODEL, "Reverse knee current; infinite.", NULL),
    PN_PLAIN("isc", "A", 0, 0, INFINITY, MODEL, "Base-collector leakage saturation current.", NULL),
    PN_PLAIN("nc", "1", 2, 0, INFINITY, POSITIVE, "Its emission coefficient.", NULL),
    PN_PLAIN("rb", "ohm", 0, 0, INFINITY, MODEL, "Base resistance at zero bias.", NULL),
    PN_PLAIN("irb", "A", NAN, 0, INFINITY, MODEL,
             "Current at which the base resistance falls halfway to rbm; infinite.", NULL),
    PN_PLAIN("rbm", "ohm", NAN, 0, INFINITY, MODEL, "Least base resistance; rb.", NULL),
    PN_PLAIN("re", "ohm", 0, 0, INFINITY, MODEL, "Emitter resistance.", NULL),
    PN_PLAIN("rc", "ohm", 0, 0, INFINITY, MODEL, "Collector resistance.", NULL),
    PN_PLAIN("cje", "F", 0, 0, INFINITY, MODEL, "Base-emitter capacitance at 0 V.", NULL),
    PN_PLAIN("vje", "V", 0.75, 0, INFINITY, POSITIVE, "Its junction potential.", "pe"),
    PN_PLAIN("mje", "1", 0.33, 0, 0.95, MODEL, "Its grading.", "me"),
    PN_PLAIN("tf", "s", 0, 0, INFINITY, MODEL, "Forward transit time.", NULL),
    PN_PLAIN("xtf", "1", 0, 0, INFINITY, MODEL, "How much tf depends on bias.", NULL),
    PN_PLAIN("vtf", "V", NAN, 0, INFINITY, MODEL, "Its dependence on vbc; infinite.", NULL),
    PN_PLAIN("itf", "A", 0, 0, INFINITY, MODEL, "Its dependence on the collector current.", NULL),
    PN_PLAIN("ptf", "deg", 0, 0, INFINITY, MODEL, "Excess phase; read, not modelled.", NULL),
    PN_PLAIN("cjc", "F", 0, 0, INFINITY, MODEL, "Base-collector capacitance at 0 V.", NULL),
    PN_PLAIN("vjc", "V", 0.75, 0, INFINITY, POSITIVE, "Its junction potential.", "pc"),
    PN_PLAIN("mjc", "1", 0.33, 0, 0.95, MODEL, "Its grading.", "mc"),
    PN_PLAIN("xcjc", "1", 1, 0, 1, MODEL, "Part of it behind the base resistance.", NULL),
    PN_PLAIN("tr", "s", 0, 0, INFINITY, MODEL, "Reverse transit time.", NULL),
    PN_PLAIN("cjs", "F", 0, 0, INFINITY, MODEL, "Substrate capacitance at 0 V.", "csub|ccs"),
    PN_PLAIN("vjs", "V", 0.75, 0, INFINITY, POSITIVE, "Its junction potential.", "ps"),
    PN_PLAIN("mjs", "1", 0, 0, 0.95, MODEL, "Its grading.", "ms"),
    PN_PLAIN("xtb", "1", 0, -INFINITY, INFINITY, MODEL, "Temperature exponent of the gains.", NULL),
    PN_PLAIN("eg", "eV", 1.11, 0.1, INFINITY, MODEL, "Activation energy of is.", NULL),
    PN_PLAIN("xti", "1", 3, -INFINITY, INFINITY, MODEL, "Temperature exponent of is.", NULL),
    PN_PLAIN("fc", "1", 0.5, 0, 0.95, MODEL, "Where depletion capacitances turn straight.", NULL),
    PN_PLAIN("nkf", "1", 0.5, 0, 1, POSITIVE, "Exponent of high-level injection.", "nk"),
    PN_PLAIN("iss", "A", 0, 0, INFINITY, MODEL, "Substrate saturation current.", NULL),
    PN_PLAIN("ns", "1", 1, 0, INFINITY, POSITIVE, "Its emission coefficient.", NULL),
    PN_PLAIN("subs", "1", NAN, -1, 1, MODEL | PN_P_INTEGER,
             "Substrate lies at the collector (1) or the base (-1); 1 for NPN, -1 for PNP.", NULL),
    PN_PLAIN("tnom", "degC", 27, -PN_KELVIN, INFINITY, MODEL, "Temperature of the parameters.",
             "tref"),
    PN_PLAIN("kf", "1", 0, 0, INFINITY, MODEL, "Flicker noise coefficient (.noise).", NULL),
    PN_PLAIN("af", "1", 1, 0, INFINITY, MODEL, "Flicker noise exponent (.noise).", NULL),
    PN_PLAIN("level", "1", 1, 1, 1, MODEL | PN_P_INTEGER, "Only level 1.", NULL),
};

enum { C, B, E, S, CI, BI, EI, N_LOCALS };
static const pn_local locals[] = {
    {PN_L_TERM, "c", "V", 0.0},      {PN_L_TERM, "b", "V", 0.0},
    {PN_L_TERM, "e", "V", 0.0},      {PN_L_TERM, "s", "V", 0.0},
    {PN_L_INTERNAL, "ci", "V", 0.0}, {PN_L_INTERNAL, "bi", "V", 0.0},
    {PN_L_INTERNAL, "ei", "V", 0.0},
};
enum {
  C_C,
  C_CI,
  CI_C,
  E_E,
  E_EI,
  EI_E,
  B_B,
  B_BI,
  B_CI,
  B_EI,
  BI_B,
  BI_BI,
  BI_CI,
  BI_EI,
  CI_B,
  CI_BI,
  CI_CI,
  CI_EI,
  EI_BI,
  EI_CI,
  EI_EI,
  S_S,
  S_CI,
  S_BI,
  CI_S,
  BI_S
};
static const pn_pair pairs[] = {{C, C},  {C, CI},  {CI, C},  {E, E},   {E, EI},  {EI, E},  {B, B},
                                {B, BI}, {B, CI},  {B, EI},  {BI, B},  {BI, BI}, {BI, CI}, {BI, EI},
                                {CI, B}, {CI, BI}, {CI, CI}, {CI, EI}, {EI, BI}, {EI, CI}, {EI, EI},
                                {S, S},  {S, CI},  {S, BI},  {CI, S},  {BI, S}};
static const uint8_t q_row[N_LOCALS] = {[B] = 1, [S] = 1, [CI] = 1, [BI] = 1, [EI] = 1};

/* 1/x; 0 for a parameter that is not given or 0: infinite. */
static double inverse(double x)
{
  return x > 0.0 ? 1.0 / x : 0.0;
}

static void derive_charges(double *p, double tnom, double t)
{
  double scale = p[AREA] * p[M];
  p[D_CJE] = p[CJE] * pn_capacitance_factor(p[VJE], p[MJE], tnom, t) * scale;
  p[D_VJE] = pn_potential_at(p[VJE], tnom, t);
  p[D_CORNER_E] = p[FC] * p[D_VJE];
  p[D_POWER_E] = pow(1.0 - p[FC], -p[MJE]);
  double cjc = p[CJC] * pn_capacitance_factor(p[VJC], p[MJC], tnom, t) * scale;
  p[D_CJC] = cjc * p[XCJC];
  p[D_CJX] = cjc * (1.0 - p[XCJC]);
  p[D_VJC] = pn_potential_at(p[VJC], tnom, t);
  p[D_CORNER_C] = p[FC] * p[D_VJC];
  p[D_POWER_C] = pow(1.0 - p[FC], -p[MJC]);
  p[D_CJS] = p[CJS] * pn_capacitance_factor(p[VJS], p[MJS], tnom, t) * scale;
  p[D_VJS] = pn_potential_at(p[VJS], tnom, t);
  p[D_OVTF] = inverse(p[VTF]) / 1.44;
  p[D_ITF] = p[ITF] * scale;
}

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  double t = pn_device_temp(p[TEMP], p[DTEMP], circuit_temp), tnom = p[TNOM] + PN_KELVIN;
  double vt = PN_K_OVER_Q * t, ratio = t / tnom, scale = p[AREA] * p[M];
  double log_grow = (ratio - 1.0) * p[EG] / vt + p[XTI] * log(ratio);
  double gain = pow(ratio, p[XTB]);
  p[D_IS] = p[IS] * exp(log_grow) * scale;
  p[D_VT] = vt;
  p[D_VTF] = vt * p[NF];
  p[D_VTR] = vt * p[NR];
  p[D_VTE] = vt * p[NE];
  p[D_VTC] = vt * p[NC];
  p[D_VTS] = vt * p[NS];
  p[D_BF] = p[BF] * gain;
  p[D_BR] = p[BR] * gain;
  p[D_ISE] = p[ISE] * exp(log_grow / p[NE]) / gain * scale;
  p[D_ISC] = p[ISC] * exp(log_grow / p[NC]) / gain * scale;
  p[D_ISS] = p[ISS] * exp(log_grow) * scale;
  p[D_VAF] = inverse(p[VAF]);
  p[D_VAR] = inverse(p[VAR]);
  p[D_IKF] = inverse(p[IKF]) / scale;
  p[D_IKR] = inverse(p[IKR]) / scale;
  p[D_GC] = inverse(p[RC]) * scale;
  p[D_GE] = inverse(p[RE]) * scale;
  double rbm = isnan(p[RBM]) ? p[RB] : p[RBM];
  p[D_RBM] = rbm / scale;
  p[D_RBI] = (p[RB] - rbm) / scale;
  p[D_IRB] = p[IRB] > 0.0 ? p[IRB] * scale : 0.0;
  p[D_VCRIT] = pn_critical(vt, p[D_IS]);
  p[D_VCRIT_S] = pn_critical(vt, p[D_ISS]);
  p[D_SUBS] = isnan(p[SUBS]) ? p[TYPE] : p[SUBS];
  derive_charges(p, tnom, t);
}

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c, (void)a;
  return p[TYPE] == 0.0 ? "type is 1 or -1" : p[SUBS] == 0.0 ? "subs is 1 or -1" : NULL;
}

static int merged(const pn_device_class *c, const double *p, int local)
{
  (void)c;
  if (local == CI)
    return p[RC] > 0.0 ? -1 : C;
  if (local == EI)
    return p[RE] > 0.0 ? -1 : E;
  return p[RB] > 0.0 ? -1 : B;
}

/* What flows and is stored at (vbe, vbc), with derivatives in that order; as an NPN sees it. */
typedef struct inner {
  pn_dual ic, ib, g_base, q_be, q_bc;
} inner;

PN_INLINE pn_dual by(pn_vs x, bool vbe)
{
  return (pn_dual){x.v, vbe ? x.s : 0.0, vbe ? 0.0 : x.s, 0.0};
}

/* 1 / base resistance, S: constant, falling with the base charge qb, or (crowding) with the base
 * current as Hauser's emitter crowding has it. 0 when there is none. */
PN_INLINE pn_dual base_conductance(const pn_lanes *p, int l, pn_dual qb, pn_dual ib, bool crowding)
{
  double least = p[D_RBM][l], rest = p[D_RBI][l];
  pn_dual r = pn_d_shift(least, pn_d_scale(rest, pn_d_inv(qb)));
  if (crowding) {
    double irb = p[D_IRB][l];
    bool crowded = irb > 0.0;
    pn_dual x = pn_d_max(pn_d_scale(crowded ? 1.0 / irb : 0.0, ib), 1e-9);
    pn_dual root = pn_d_shift(-1.0, pn_d_sqrt(pn_d_shift(1.0, pn_d_scale(14.59025, x))));
    pn_dual z = pn_d_scale(1.0 / 2.4317, pn_d_div(root, pn_d_sqrt(x)));
    double t = tan(z.v);
    pn_dual tz = pn_d_chain(z, t, 1.0 + t * t);
    pn_dual part = pn_d_div(pn_d_sub(tz, z), pn_d_mul(z, pn_d_square(tz)));
    r = pn_d_pick(crowded, pn_d_shift(least, pn_d_scale(3.0 * rest, part)), r);
  }
  bool none = !(least + rest > 0.0);
  r.v = none ? 1.0 : r.v;
  return pn_d_pick(none, pn_d_const(0.0), pn_d_inv(r));
}

/* Diffusion charge of the emitter, C: tf i_f (1 + xtf (i_f / (i_f + itf))^2 exp(vbc / 1.44 vtf)) / qb. */
PN_INLINE pn_dual forward_charge(const pn_lanes *p, int l, pn_dual i_f, pn_dual qb, double vbe,
                                 double vbc)
{
  bool on = vbe > 0.0;
  double slope, itf = p[D_ITF][l];
  double e = pn_lim_exp(vbc * p[D_OVTF][l], &slope);
  pn_dual far = {p[XTF][l] * e, 0.0, p[XTF][l] * slope * p[D_OVTF][l], 0.0};
  bool saturates = itf > 0.0 && on;
  pn_dual level = pn_d_pick(saturates, pn_d_shift(itf, i_f), pn_d_const(1.0));
  pn_dual part = pn_d_pick(saturates, pn_d_div(i_f, level), pn_d_const(1.0));
  pn_dual more = pn_d_shift(1.0, pn_d_mul(far, pn_d_square(part)));
  pn_dual q = pn_d_pick(on, pn_d_div(pn_d_mul(i_f, more), qb), i_f);
  return pn_d_scale(p[TF][l], q);
}

PN_INLINE inner evaluate(const pn_lanes *p, int l, double vbe, double vbc, double gmin,
                         bool crowding, bool powers)
{
  pn_dual be = by(pn_junction(vbe, p[D_IS][l], p[D_VTF][l]), true);
  pn_dual bc = by(pn_junction(vbc, p[D_IS][l], p[D_VTR][l]), false);
  pn_dual leak_e = by(pn_junction(vbe, p[D_ISE][l], p[D_VTE][l]), true);
  pn_dual leak_c = by(pn_junction(vbc, p[D_ISC][l], p[D_VTC][l]), false);
  leak_e.v += gmin * vbe;
  leak_e.a += gmin;
  leak_c.v += gmin * vbc;
  leak_c.b += gmin;
  pn_dual early = {1.0 - vbc * p[D_VAF][l] - vbe * p[D_VAR][l], -p[D_VAR][l], -p[D_VAF][l], 0.0};
  pn_dual q2 = pn_d_add(pn_d_scale(p[D_IKF][l], be), pn_d_scale(p[D_IKR][l], bc));
  pn_dual arg = pn_d_shift(1.0, pn_d_scale(4.0, q2));
  arg = pn_d_max(arg, 1e-12);
  pn_dual root = pn_d_sqrt(arg);
  if (powers)
    root = pn_d_pick(p[NKF][l] == 0.5, root, pn_d_pow(arg, p[NKF][l]));
  pn_dual qb = pn_d_scale(0.5, pn_d_div(pn_d_shift(1.0, root), early));
  pn_dual reverse = pn_d_add(pn_d_scale(1.0 / p[D_BR][l], bc), leak_c);
  inner o;
  o.ic = pn_d_sub(pn_d_div(pn_d_sub(be, bc), qb), reverse);
  o.ib = pn_d_add(pn_d_add(pn_d_scale(1.0 / p[D_BF][l], be), leak_e), reverse);
  o.g_base = base_conductance(p, l, qb, o.ib, crowding);
  pn_vs qe = pn_depletion(vbe, p[D_CJE][l], p[D_VJE][l], p[MJE][l], p[D_CORNER_E][l],
                          p[D_POWER_E][l]);
  pn_vs qc = pn_depletion(vbc, p[D_CJC][l], p[D_VJC][l], p[MJC][l], p[D_CORNER_C][l],
                          p[D_POWER_C][l]);
  o.q_be = pn_d_add(forward_charge(p, l, be, qb, vbe, vbc), by(qe, true));
  o.q_bc = pn_d_add(pn_d_scale(p[TR][l], bc), by(qc, false));
  return o;
}

/* A row of the inner transistor: columns bi, ci, ei at `at`. */
PN_INLINE void put(pn_lanes *j, int at, int l, pn_dual x)
{
  j[at][l] = x.a + x.b;
  j[at + 1][l] = -x.b;
  j[at + 2][l] = -x.a;
}

/* Charge and current of a junction between two locals added to their four entries. */
PN_INLINE void put_four(pn_lanes *j, int l, int pp, int pn, int np, int nn, double s)
{
  j[pp][l] += s;
  j[pn][l] -= s;
  j[np][l] -= s;
  j[nn][l] += s;
}

PN_INLINE void slopes_of(const inner *o, double sign, double over_base, double gc, double ge,
                         pn_vs qx, pn_vs sub, pn_vs q_sub, bool vertical, pn_lanes *jf,
                         pn_lanes *jq, int l)
{
  pn_dual none = pn_d_const(0.0);
  jf[C_C][l] = gc;
  jf[C_CI][l] = jf[CI_C][l] = -gc;
  jf[E_E][l] = ge;
  jf[E_EI][l] = jf[EI_E][l] = -ge;
  put(jf, BI_BI, l, o->ib);
  put(jf, CI_BI, l, o->ic);
  put(jf, EI_BI, l, pn_d_neg(pn_d_add(o->ib, o->ic)));
  jf[CI_CI][l] += gc;
  jf[EI_EI][l] += ge;
  put(jq, BI_BI, l, pn_d_add(o->q_be, o->q_bc));
  put(jq, CI_BI, l, pn_d_neg(o->q_bc));
  put(jq, EI_BI, l, pn_d_neg(o->q_be));
  /* The base resistance's current g (b - bi), with g's own slopes. */
  double ga = sign * o->g_base.a * over_base, gb = sign * o->g_base.b * over_base;
  double g = o->g_base.v;
  jf[B_B][l] = g;
  jf[B_BI][l] = ga + gb - g;
  jf[B_CI][l] = -gb;
  jf[B_EI][l] = -ga;
  jf[BI_B][l] = -g;
  jf[BI_BI][l] -= ga + gb - g;
  jf[BI_CI][l] += gb;
  jf[BI_EI][l] += ga;
  put(jq, B_BI, l, none);
  jq[C_C][l] = jq[C_CI][l] = jq[CI_C][l] = jq[E_E][l] = jq[E_EI][l] = jq[EI_E][l] = 0.0;
  jq[B_B][l] = jq[BI_B][l] = jq[CI_B][l] = jf[CI_B][l] = 0.0;
  put_four(jq, l, B_B, B_CI, CI_B, CI_CI, qx.s);
  double v = vertical ? 1.0 : 0.0, w = 1.0 - v;
  jf[S_S][l] = sub.s;
  jf[S_CI][l] = jf[CI_S][l] = -v * sub.s;
  jf[S_BI][l] = jf[BI_S][l] = -w * sub.s;
  jf[CI_CI][l] += v * sub.s;
  jf[BI_BI][l] += w * sub.s;
  jq[S_S][l] = q_sub.s;
  jq[S_CI][l] = jq[CI_S][l] = -v * q_sub.s;
  jq[S_BI][l] = jq[BI_S][l] = -w * q_sub.s;
  jq[CI_CI][l] += v * q_sub.s;
  jq[BI_BI][l] += w * q_sub.s;
}

PN_INLINE void lanes(const pn_dev_block *b, bool slopes, bool crowding, bool powers)
{
  const pn_lanes *p = (const void *)b->p, *u = (const void *)b->u;
  pn_lanes *f = (void *)b->f, *q = (void *)b->q, *jf = (void *)b->jf, *jq = (void *)b->jq;
  double gmin = b->gmin;
  PN_FOR_LANES(l)
  {
    double sign = p[TYPE][l], to_sub = sign * p[D_SUBS][l];
    bool vertical = p[D_SUBS][l] > 0.0;
    double vbe = sign * (u[BI][l] - u[EI][l]), vbc = sign * (u[BI][l] - u[CI][l]);
    double vbx = sign * (u[B][l] - u[CI][l]);
    double vsub = to_sub * (u[S][l] - (vertical ? u[CI][l] : u[BI][l]));
    inner o = evaluate(p, l, vbe, vbc, gmin, crowding, powers);
    pn_vs qx = pn_depletion(vbx, p[D_CJX][l], p[D_VJC][l], p[MJC][l], p[D_CORNER_C][l],
                            p[D_POWER_C][l]);
    pn_vs sub = pn_junction(vsub, p[D_ISS][l], p[D_VTS][l]);
    sub.v += gmin * vsub;
    sub.s += gmin;
    pn_vs q_sub = pn_depletion(vsub, p[D_CJS][l], p[D_VJS][l], p[MJS][l], 0.0, 1.0);
    double over_base = u[B][l] - u[BI][l], gc = p[D_GC][l], ge = p[D_GE][l];
    double ib = o.g_base.v * over_base, ic = gc * (u[C][l] - u[CI][l]),
           ie = ge * (u[E][l] - u[EI][l]);
    double v = vertical ? 1.0 : 0.0, i_sub = to_sub * sub.v, c_sub = to_sub * q_sub.v;
    f[C][l] = ic;
    f[B][l] = ib;
    f[E][l] = ie;
    f[S][l] = i_sub;
    f[CI][l] = sign * o.ic.v - ic - v * i_sub;
    f[BI][l] = sign * o.ib.v - ib - (1.0 - v) * i_sub;
    f[EI][l] = -sign * (o.ic.v + o.ib.v) - ie;
    q[C][l] = q[E][l] = 0.0;
    q[B][l] = sign * qx.v;
    q[S][l] = c_sub;
    q[CI][l] = -sign * (o.q_bc.v + qx.v) - v * c_sub;
    q[BI][l] = sign * (o.q_be.v + o.q_bc.v) - (1.0 - v) * c_sub;
    q[EI][l] = -sign * o.q_be.v;
    if (slopes)
      slopes_of(&o, sign, over_base, gc, ge, qx, sub, q_sub, vertical, jf, jq, l);
  }
}

PN_VECTOR_FN static void with_slopes(const pn_dev_block *b)
{
  lanes(b, true, false, false);
}

PN_VECTOR_FN static void values(const pn_dev_block *b)
{
  lanes(b, false, false, false);
}

PN_VECTOR_FN static void crowded(const pn_dev_block *b)
{
  if (b->jf)
    lanes(b, true, true, true);
  else
    lanes(b, false, true, true);
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  bool plain = true;
  for (int l = 0; l < PN_LANES; l++)
    plain = plain && b->p[D_IRB * PN_LANES + l] == 0.0 && b->p[NKF * PN_LANES + l] == 0.5;
  if (!plain)
    crowded(b);
  else if (b->jf)
    with_slopes(b);
  else
    values(b);
}

/* Both junctions and the substrate's are limited; the inner base stays. */
static void limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u)
{
  (void)c;
  const pn_lanes *p = (const void *)b->p, *o = (const void *)old;
  pn_lanes *w = (void *)u;
  for (int l = 0; l < PN_LANES; l++) {
    double sign = p[TYPE][l], base = w[BI][l], vcrit = p[D_VCRIT][l], vt = p[D_VT][l];
    double vbe = sign * (base - w[EI][l]), vbc = sign * (base - w[CI][l]);
    if (!old) {
      vbe = p[OFF][l] != 0.0 ? 0.0 : vcrit;
      vbc = 0.0;
    } else {
      vbe = pn_limit_junction(vbe, sign * (o[BI][l] - o[EI][l]), vt, vcrit);
      vbc = pn_limit_junction(vbc, sign * (o[BI][l] - o[CI][l]), vt, vcrit);
    }
    w[EI][l] = base - sign * vbe;
    w[CI][l] = base - sign * vbc;
    int con = p[D_SUBS][l] > 0.0 ? CI : BI;
    double to_sub = sign * p[D_SUBS][l], vsub = to_sub * (w[S][l] - w[con][l]);
    double before = old ? to_sub * (o[S][l] - o[con][l]) : 0.0;
    if (p[D_ISS][l] > 0.0)
      w[S][l] = w[con][l] + to_sub * pn_limit_junction(vsub, before, p[D_VTS][l], p[D_VCRIT_S][l]);
  }
}

static void noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  pn_noise_point at = pn_noise_at(c, p, u, h, temp);
  double t = pn_device_temp(p[TEMP], p[DTEMP], temp);
  bool vertical = p[D_SUBS] > 0.0; /* where the substrate's current comes from */
  double ic = at.f[CI] + at.f[C] + (vertical ? at.f[S] : 0.0);
  double ib = at.f[BI] + at.f[B] + (vertical ? 0.0 : at.f[S]);
  out[0] = pn_noise_thermal("rc", CI, C, t, p[D_GC]);
  out[1] = pn_noise_thermal("rb", BI, B, t, at.jf[B_B]);
  out[2] = pn_noise_thermal("re", EI, E, t, p[D_GE]);
  out[3] = pn_noise_shot("ic", CI, EI, ic);
  out[4] = pn_noise_shot("ib", BI, EI, ib);
  out[5] = pn_noise_flicker(BI, EI, p[KF], p[AF], ib, p[M], 1.0);
}

const pn_device_class pn_class_bjt = {
    .name = "bjt",
    .title = "Bipolar transistor",
    .letter = 'q',
    .model_type = "npn",
    .model_twin = "pnp",
    .flags = PN_DEV_Q,
    .params = params,
    .n_params = PN_COUNT(params),
    .n_derived = N_ALL - N_PARAMS,
    .locals = locals,
    .n_locals = PN_COUNT(locals),
    .grain = (const int[]){D_VT, D_VTF, D_VTR, D_VTE, D_VTC, D_VTS, -1},
    .pairs = pairs,
    .n_pairs = PN_COUNT(pairs),
    .q_row = q_row,
    .derive = derive,
    .check = check,
    .merged = merged,
    .eval = eval,
    .limit = limit,
    .n_noise = 6,
    .noise = noise,
};
