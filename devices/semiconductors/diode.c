/* Junction diode: exponential current with high-level injection, recombination and breakdown, series
 * resistance, depletion charge of area and side wall, diffusion charge, temperature. Equations:
 * physics.h's sources, and the ngspice manual, chapter 7. */
#include "devices/semiconductors/noise.h"

enum {
  AREA,
  PJ,
  M,
  OFF,
  TEMP,
  DTEMP,
  IC,
  IS,
  JSW,
  RS,
  N,
  NS,
  TT,
  CJO,
  VJ,
  MJ,
  CJSW,
  PHP,
  MJSW,
  FC,
  FCS,
  EG,
  XTI,
  BV,
  IBV,
  NBV,
  TCV,
  IKF,
  IKR,
  ISR,
  NR,
  TRS1,
  TRS2,
  TNOM,
  KF,
  AF,
  LEVEL,
  N_PARAMS
};
enum { /* derived */
       D_IS = N_PARAMS,
       D_VTE,
       D_SW,
       D_VTSW,
       D_ISR,
       D_VTR,
       D_G,
       D_CJ,
       D_VJ,
       D_CORNER,
       D_POWER,
       D_CSW,
       D_PHP,
       D_CORNER_SW,
       D_POWER_SW,
       D_BV,
       D_VTB,
       D_IKF,
       D_IKR,
       D_VCRIT,
       N_ALL
};

#define MODEL    PN_P_MODEL
#define POSITIVE (PN_P_MODEL | PN_P_OPEN_MIN)

static const pn_param params[] = {
    PN_PLAIN("area", "1", 1, 0, INFINITY, PN_P_BOTH | PN_P_OPEN_MIN, "Area factor.", NULL),
    PN_PLAIN("pj", "1", 0, 0, INFINITY, PN_P_BOTH, "Perimeter factor.", NULL),
    PN_PLAIN("m", "1", 1, 0, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN, "Number in parallel.", NULL),
    PN_PLAIN("off", "1", 0, 0, 1, PN_P_INSTANCE | PN_P_INTEGER,
             "1: the search for an operating point starts with the diode off.", NULL),
    PN_OWN_TEMPERATURE,
    PN_PLAIN("ic", "V", NAN, -INFINITY, INFINITY, PN_P_INSTANCE,
             "Voltage at the start of a transient with UIC.", NULL),
    PN_PLAIN("is", "A", 1e-14, 0, INFINITY, MODEL, "Saturation current.", "js"),
    PN_PLAIN("jsw", "A", 0, 0, INFINITY, MODEL, "Saturation current of the side wall.", NULL),
    PN_PLAIN("rs", "ohm", 0, 0, INFINITY, MODEL, "Series resistance.", NULL),
    PN_PLAIN("n", "1", 1, 0, INFINITY, POSITIVE, "Emission coefficient.", NULL),
    PN_PLAIN("ns", "1", NAN, 0, INFINITY, POSITIVE, "Emission coefficient of the side wall; n.",
             NULL),
    PN_PLAIN("tt", "s", 0, 0, INFINITY, MODEL, "Transit time.", NULL),
    PN_PLAIN("cjo", "F", 0, 0, INFINITY, MODEL, "Depletion capacitance at 0 V.", "cj0"),
    PN_PLAIN("vj", "V", 1, 0, INFINITY, POSITIVE, "Junction potential.", "pb"),
    PN_PLAIN("mj", "1", 0.5, 0, 0.95, MODEL, "Grading coefficient.", "m"),
    PN_PLAIN("cjsw", "F", 0, 0, INFINITY, MODEL, "Depletion capacitance of the side wall.", "cjp"),
    PN_PLAIN("php", "V", 1, 0, INFINITY, POSITIVE, "Potential of the side wall.", "vjsw"),
    PN_PLAIN("mjsw", "1", 0.33, 0, 0.95, MODEL, "Grading coefficient of the side wall.", NULL),
    PN_PLAIN("fc", "1", 0.5, 0, 0.95, MODEL,
             "Where the depletion capacitance turns straight, of vj.", NULL),
    PN_PLAIN("fcs", "1", 0.5, 0, 0.95, MODEL, "The same for the side wall.", NULL),
    PN_PLAIN("eg", "eV", 1.11, 0.1, INFINITY, MODEL, "Activation energy of is.", NULL),
    PN_PLAIN("xti", "1", 3, -INFINITY, INFINITY, MODEL, "Temperature exponent of is.", NULL),
    PN_PLAIN("bv", "V", NAN, 0, INFINITY, POSITIVE, "Breakdown voltage; none when not given.",
             NULL),
    PN_PLAIN("ibv", "A", 1e-3, 0, INFINITY, POSITIVE, "Current at the breakdown voltage.", "ib"),
    PN_PLAIN("nbv", "1", NAN, 0, INFINITY, POSITIVE, "Emission coefficient of breakdown; n.", NULL),
    PN_PLAIN("tcv", "1/K", 0, -INFINITY, INFINITY, MODEL, "Temperature coefficient of bv.", "tbv1"),
    PN_PLAIN("ikf", "A", NAN, 0, INFINITY, POSITIVE, "Forward knee current; none when not given.",
             "ik"),
    PN_PLAIN("ikr", "A", NAN, 0, INFINITY, POSITIVE, "Reverse knee current; none when not given.",
             NULL),
    PN_PLAIN("isr", "A", 0, 0, INFINITY, MODEL, "Recombination saturation current.", NULL),
    PN_PLAIN("nr", "1", 1, 0, INFINITY, POSITIVE, "Emission coefficient of recombination.", NULL),
    PN_PLAIN("trs1", "1/K", 0, -INFINITY, INFINITY, MODEL, "Linear temperature coefficient of rs.",
             "trs"),
    PN_PLAIN("trs2", "1/K^2", 0, -INFINITY, INFINITY, MODEL,
             "Quadratic temperature coefficient of rs.", NULL),
    PN_PLAIN("tnom", "degC", 27, -PN_KELVIN, INFINITY, MODEL, "Temperature of the parameters.",
             "tref"),
    PN_PLAIN("kf", "1", 0, 0, INFINITY, MODEL, "Flicker noise coefficient (.noise).", NULL),
    PN_PLAIN("af", "1", 1, 0, INFINITY, MODEL, "Flicker noise exponent (.noise).", NULL),
    PN_PLAIN("level", "1", 1, 1, 1, MODEL | PN_P_INTEGER, "Only level 1.", NULL),
};

enum { A, C, AI }; /* anode, cathode, anode behind the series resistance */
static const pn_local locals[] = {
    {PN_L_TERM, "a", "V", 0.0}, {PN_L_TERM, "c", "V", 0.0}, {PN_L_INTERNAL, "ai", "V", 0.0}};
static const pn_pair pairs[] = {{A, A}, {A, AI}, {AI, A}, {AI, AI}, {AI, C}, {C, AI}, {C, C}};
static const uint8_t q_row[] = {0, 1, 1};

/* Breakdown begins where its exponential carries ibv, whatever the area (as in ngspice); it must meet the reverse current of -is. */
static double breakdown_voltage(double bv, double ibv, double is, double vt, double vtb)
{
  if (ibv < is * bv / vt)
    return bv;
  double x = bv - vtb * log(1.0 + ibv / is);
  for (int k = 0; k < 25; k++)
    x = bv - vtb * log(ibv / is + 1.0 - x / vt);
  return x;
}

static void derive(const pn_device_class *c, double *p, double circuit_temp)
{
  (void)c;
  double t = pn_device_temp(p[TEMP], p[DTEMP], circuit_temp), tnom = p[TNOM] + PN_KELVIN;
  double vt = PN_K_OVER_Q * t, ratio = t / tnom, dt = t - tnom, scale = p[AREA] * p[M];
  double ns = isnan(p[NS]) ? p[N] : p[NS], nbv = isnan(p[NBV]) ? p[N] : p[NBV];
  double grow = exp(((ratio - 1.0) * p[EG] / vt + p[XTI] * log(ratio)) / p[N]);
  double is = p[IS] * grow * p[AREA];
  double jsw = p[JSW] * grow * p[PJ];
  bool apart = !isnan(p[NS]);
  p[D_IS] = (is + (apart ? 0.0 : jsw)) * p[M];
  p[D_VTE] = p[N] * vt;
  p[D_SW] = apart ? jsw * p[M] : 0.0;
  p[D_VTSW] = ns * vt;
  p[D_ISR] = p[ISR] * exp(((ratio - 1.0) * p[EG] / vt + p[XTI] * log(ratio)) / p[NR]) * scale;
  p[D_VTR] = p[NR] * vt;
  double rs = p[RS] * (1.0 + dt * (p[TRS1] + dt * p[TRS2]));
  p[D_G] = rs > 0.0 ? scale / rs : 0.0;
  p[D_CJ] = p[CJO] * pn_capacitance_factor(p[VJ], p[MJ], tnom, t) * scale;
  p[D_VJ] = pn_potential_at(p[VJ], tnom, t);
  p[D_CORNER] = p[FC] * p[D_VJ];
  p[D_POWER] = pow(1.0 - p[FC], -p[MJ]);
  p[D_CSW] = p[CJSW] * pn_capacitance_factor(p[PHP], p[MJSW], tnom, t) * p[PJ] * p[M];
  p[D_PHP] = pn_potential_at(p[PHP], tnom, t);
  p[D_CORNER_SW] = p[FCS] * p[D_PHP];
  p[D_POWER_SW] = pow(1.0 - p[FCS], -p[MJSW]);
  p[D_VTB] = nbv * vt;
  double bv = p[BV] - p[TCV] * dt;
  p[D_BV] = isnan(bv) ? INFINITY : breakdown_voltage(bv, p[IBV], is, vt, p[D_VTB]);
  p[D_IKF] = isnan(p[IKF]) ? 0.0 : 1.0 / (p[IKF] * scale);
  p[D_IKR] = isnan(p[IKR]) ? 0.0 : 1.0 / (p[IKR] * scale);
  p[D_VCRIT] = pn_critical(p[D_VTE], is);
}

static int merged(const pn_device_class *c, const double *p, int local)
{
  (void)c;
  return local == AI && p[RS] == 0.0 ? A : -1;
}

/* Current of the junction at v, A, without gmin. */
PN_INLINE pn_vs current(const pn_lanes *p, int l, double v)
{
  pn_vs i = pn_junction(v, p[D_IS][l], p[D_VTE][l]);
  double slope, past = -(p[D_BV][l] + v) / p[D_VTB][l];
  double e = pn_lim_exp(past > 0.0 ? past : 0.0, &slope);
  bool broken = past > 0.0; /* never with an infinite breakdown voltage */
  i.v = broken ? -p[D_IS][l] * e : i.v;
  i.s = broken ? p[D_IS][l] * slope / p[D_VTB][l] : i.s;
  pn_vs w = pn_junction(v, p[D_SW][l], p[D_VTSW][l]);
  i.v += w.v;
  i.s += w.s;
  /* High-level injection: i / (1 + sqrt(i / ik)). */
  bool forward = v >= -3.0 * p[D_VTE][l];
  double ratio = fabs(i.v) * (forward ? p[D_IKF][l] : p[D_IKR][l]);
  bool high = ratio > 0.0 && fabs(i.v) > 1e-18;
  double root = sqrt(high ? ratio : 0.0), bent = 1.0 / (1.0 + root);
  i.s *= bent * (1.0 - 0.5 * root * bent);
  i.v *= bent;
  return i;
}

/* Recombination in the depletion layer, A: isr (exp(v / nr vt) - 1), scaled with the layer's width. */
PN_INLINE pn_vs recombination(const pn_lanes *p, int l, double v)
{
  double slope, vj = p[D_VJ][l], vtr = p[D_VTR][l], isr = p[D_ISR][l];
  double e = pn_lim_exp(v / vtr, &slope), x = 1.0 - v / vj;
  double base = x * x + 0.005, width = pn_exp(0.5 * p[MJ][l] * pn_log(base));
  double dwidth = width * p[MJ][l] * x / base * (-1.0 / vj);
  return (pn_vs){isr * (e - 1.0) * width, isr * (slope / vtr * width + (e - 1.0) * dwidth)};
}

PN_INLINE void put(pn_lanes *j, int l, double outer, double inner)
{
  j[0][l] = outer;
  j[1][l] = j[2][l] = -outer;
  j[3][l] = outer + inner;
  j[4][l] = j[5][l] = -inner;
  j[6][l] = inner;
}

PN_INLINE void lanes(const pn_dev_block *b, bool recombines, bool slopes)
{
  const pn_lanes *p = (const void *)b->p, *u = (const void *)b->u;
  pn_lanes *f = (void *)b->f, *q = (void *)b->q, *jf = (void *)b->jf, *jq = (void *)b->jq;
  double gmin = b->gmin;
  PN_FOR_LANES(l)
  {
    double v = u[AI][l] - u[C][l], g = p[D_G][l];
    pn_vs i = current(p, l, v);
    if (recombines) {
      pn_vs r = recombination(p, l, v);
      i.v += r.v;
      i.s += r.s;
    }
    pn_vs bottom = pn_depletion(v, p[D_CJ][l], p[D_VJ][l], p[MJ][l], p[D_CORNER][l], p[D_POWER][l]);
    pn_vs side = pn_depletion(v, p[D_CSW][l], p[D_PHP][l], p[MJSW][l], p[D_CORNER_SW][l],
                              p[D_POWER_SW][l]);
    i.v += gmin * v;
    i.s += gmin;
    double through = g * (u[A][l] - u[AI][l]);
    double charge = bottom.v + side.v + p[TT][l] * i.v;
    f[A][l] = through;
    f[AI][l] = i.v - through;
    f[C][l] = -i.v;
    q[A][l] = 0.0;
    q[AI][l] = charge;
    q[C][l] = -charge;
    if (slopes) {
      put(jf, l, g, i.s);
      put(jq, l, 0.0, bottom.s + side.s + p[TT][l] * i.s);
    }
  }
}

PN_VECTOR_FN static void with_slopes(const pn_dev_block *b)
{
  lanes(b, false, true);
}

PN_VECTOR_FN static void values(const pn_dev_block *b)
{
  lanes(b, false, false);
}

PN_VECTOR_FN static void recombining(const pn_dev_block *b)
{
  if (b->jf)
    lanes(b, true, true);
  else
    lanes(b, true, false);
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  bool recombines = false;
  for (int l = 0; l < PN_LANES; l++)
    recombines |= b->p[ISR * PN_LANES + l] > 0.0;
  if (recombines)
    recombining(b);
  else if (b->jf)
    with_slopes(b);
  else
    values(b);
}

/* The junction is limited forwards, and backwards beyond breakdown; the cathode stays. */
static void limit(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u)
{
  (void)c;
  const pn_lanes *p = (const void *)b->p, *o = (const void *)old;
  pn_lanes *w = (void *)u;
  for (int l = 0; l < PN_LANES; l++) {
    double v = w[AI][l] - w[C][l], vte = p[D_VTE][l], bv = p[D_BV][l];
    if (!old) {
      w[AI][l] = w[C][l] + (p[OFF][l] != 0.0 || !isfinite(p[D_VCRIT][l]) ? 0.0 : p[D_VCRIT][l]);
      continue;
    }
    double before = o[AI][l] - o[C][l], critical = p[D_VCRIT][l];
    if (v < fmin(0.0, -bv + 10.0 * vte))
      v = -bv - pn_limit_junction(-(v + bv), -(before + bv), p[D_VTB][l], critical);
    else
      v = pn_limit_junction(v, before, vte, critical);
    w[AI][l] = w[C][l] + v;
  }
}

static void noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  pn_noise_point at = pn_noise_at(c, p, u, h, temp);
  double t = pn_device_temp(p[TEMP], p[DTEMP], temp), i = at.f[C];
  out[0] = pn_noise_thermal("rs", A, AI, t, p[D_G]);
  out[1] = pn_noise_shot("id", AI, C, i);
  out[2] = pn_noise_flicker(AI, C, p[KF], p[AF], i, p[M], 1.0);
}

const pn_device_class pn_class_diode = {
    .name = "diode",
    .title = "Junction diode",
    .letter = 'd',
    .model_type = "d",
    .flags = PN_DEV_Q,
    .params = params,
    .n_params = PN_COUNT(params),
    .n_derived = N_ALL - N_PARAMS,
    .locals = locals,
    .n_locals = PN_COUNT(locals),
    .grain = (const int[]){D_VTE, D_VTSW, D_VTR, D_VTB, -1},
    .pairs = pairs,
    .n_pairs = PN_COUNT(pairs),
    .q_row = q_row,
    .derive = derive,
    .merged = merged,
    .eval = eval,
    .limit = limit,
    .n_noise = 3,
    .noise = noise,
};
