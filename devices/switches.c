/* Switches S (controlled by a voltage) and W (by a current). With a threshold: a resistance ron or roff with
 * hysteresis; the position is memory that changes only at accepted points, and event functions make the
 * integrator stop exactly where the control crosses the threshold. With von and voff (ion and ioff): the
 * logarithm of the resistance runs between both along a cubic, as in Xyce. */
#include "devices/classes.h"

enum {
  THRESHOLD,
  HYSTERESIS,
  FULL_ON,
  FULL_OFF,
  RON,
  ROFF,
  ON,
  N_PARAMS,
  G_ON = N_PARAMS,
  G_OFF,
  SMOOTH, /* 1: no hysteresis */
  START,  /* control at which it is off, */
  SPAN,   /* and from there to on */
  N_ALL
};

#define RESISTANCE_PARAMS                                                                          \
  PN_PLAIN("ron", "ohm", 1.0, 0.0, INFINITY, PN_P_MODEL | PN_P_OPEN_MIN,                           \
           "Resistance when closed.", NULL),                                                       \
      PN_PLAIN("roff", "ohm", NAN, 0.0, INFINITY, PN_P_MODEL | PN_P_OPEN_MIN,                      \
               "Resistance when open; 1e12, or 1e6 of a smooth switch.", NULL),                    \
      PN_PLAIN("on", "1", 0.0, 0.0, 1.0, PN_P_INSTANCE | PN_P_INTEGER,                             \
               "Position at the start: 1 closed, 0 open.", NULL)

static const pn_param s_params[] = {
    PN_PLAIN("vt", "V", 0.0, -INFINITY, INFINITY, PN_P_MODEL, "Threshold of the control voltage.",
             NULL),
    PN_PLAIN("vh", "V", 0.0, 0.0, INFINITY, PN_P_MODEL,
             "Hysteresis: closes at vt + vh, opens at vt - vh.", NULL),
    PN_PLAIN("von", "V", NAN, -INFINITY, INFINITY, PN_P_MODEL,
             "Makes the switch smooth: closed from here on; 1 when only voff is given.", NULL),
    PN_PLAIN("voff", "V", NAN, -INFINITY, INFINITY, PN_P_MODEL,
             "Makes the switch smooth: open up to here; 0 when only von is given.", NULL),
    RESISTANCE_PARAMS,
};
static const pn_local s_locals[] = {{PN_L_TERM, "p", "V", 0.0},
                                    {PN_L_TERM, "n", "V", 0.0},
                                    {PN_L_REF, "cp", "V", 0.0},
                                    {PN_L_REF, "cn", "V", 0.0}};

static const pn_param w_params[] = {
    PN_PLAIN("it", "A", 0.0, -INFINITY, INFINITY, PN_P_MODEL, "Threshold of the control current.",
             NULL),
    PN_PLAIN("ih", "A", 0.0, 0.0, INFINITY, PN_P_MODEL,
             "Hysteresis: closes at it + ih, opens at it - ih.", NULL),
    PN_PLAIN("ion", "A", NAN, -INFINITY, INFINITY, PN_P_MODEL,
             "Makes the switch smooth: closed from here on; 1m when only ioff is given.", NULL),
    PN_PLAIN("ioff", "A", NAN, -INFINITY, INFINITY, PN_P_MODEL,
             "Makes the switch smooth: open up to here; 0 when only ion is given.", NULL),
    RESISTANCE_PARAMS,
};
static const pn_local w_locals[] = {
    {PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}, {PN_L_REF, "ic", "A", 0.0}};

static const pn_pair s_pairs[] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}};
static const pn_pair w_pairs[] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {0, 2}, {1, 2}};

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)temp;
  bool smooth = !isnan(p[FULL_ON]) || !isnan(p[FULL_OFF]);
  double on = isnan(p[FULL_ON]) ? (c->letter == 's' ? 1.0 : 1e-3) : p[FULL_ON];
  p[G_ON] = 1.0 / p[RON];
  p[G_OFF] = 1.0 / (!isnan(p[ROFF]) ? p[ROFF] : smooth ? 1e6 : 1e12);
  p[SMOOTH] = smooth;
  p[START] = isnan(p[FULL_OFF]) ? 0.0 : p[FULL_OFF];
  p[SPAN] = on - p[START];
}

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  double one[N_ALL];
  for (int k = 0; k < N_PARAMS; k++)
    one[k] = p[k];
  derive(c, one, 300.15);
  if (one[SMOOTH] != 0.0 && one[SPAN] == 0.0)
    return pn_arena_printf(a, "a smooth switch needs two controls: it is both on and off at %g",
                           one[START]);
  return NULL;
}

/* Conductance, S, and its slope by the control. p [stride] */
static double conductance(const double *p, int stride, double h, double control, double *slope)
{
  *slope = 0.0;
  double on = p[G_ON * stride], off = p[G_OFF * stride];
  if (p[SMOOTH * stride] == 0.0)
    return h != 0.0 ? on : off;
  double x = 2.0 * (control - p[START * stride]) / p[SPAN * stride] - 1.0;
  if (x <= -1.0 || x >= 1.0)
    return x > 0.0 ? on : off;
  double ratio = log(on / off);
  double g = sqrt(on * off) * exp(ratio * (0.75 * x - 0.25 * x * x * x));
  *slope = g * ratio * 0.75 * (1.0 - x * x) * 2.0 / p[SPAN * stride];
  return g;
}

static void init_hist(const pn_device_class *c, const double *p, double *h)
{
  (void)c;
  h[0] = p[ON];
}

static double control_of(const pn_device_class *c, const double *u, int stride)
{
  return u[2 * stride] - (c->letter == 's' ? u[3 * stride] : 0.0);
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  const double *p = b->p, *u = b->u;
  for (int l = 0; l < PN_LANES; l++) {
    double v = u[l] - u[PN_LANES + l], slope;
    double g = conductance(p + l, PN_LANES, b->h[l], control_of(c, u + l, PN_LANES), &slope);
    for (int k = 2; k < c->n_locals; k++)
      b->f[k * PN_LANES + l] = 0.0;
    b->f[l] = g * v;
    b->f[PN_LANES + l] = -g * v;
    double s = slope * v, by_voltage[] = {g, -g, -g, g, s, -s, -s, s};
    double by_current[] = {g, -g, -g, g, s, -s};
    for (int k = 0; b->jf && k < c->n_pairs; k++)
      b->jf[k * PN_LANES + l] = c->letter == 's' ? by_voltage[k] : by_current[k];
  }
  for (int k = 0; k < c->n_locals * PN_LANES; k++)
    b->q[k] = 0.0;
  for (int k = 0; b->jq && k < c->n_pairs * PN_LANES; k++)
    b->jq[k] = 0.0;
}

/* Control minus the threshold that is waited for: opening when closed, closing when open. */
static double distance(bool on, double control, double threshold, double hysteresis)
{
  return control - (on ? threshold - hysteresis : threshold + hysteresis);
}

static void events(const pn_device_class *c, const pn_dev_block *b, double *ev)
{
  const double *p = b->p, *u = b->u;
  for (int l = 0; l < PN_LANES; l++) {
    double control = control_of(c, u + l, PN_LANES);
    ev[l] = p[SMOOTH * PN_LANES + l] != 0.0
                ? 1.0
                : distance(b->h[l] != 0.0, control, p[THRESHOLD * PN_LANES + l],
                           p[HYSTERESIS * PN_LANES + l]);
  }
}

/* At the threshold itself a switch closes; without hysteresis it then stays so, which keeps an
 * operating point that lies on the threshold from flipping for ever. */
static bool accept(const pn_device_class *c, double t, const double *p, const double *u, double *h)
{
  (void)t;
  bool on = h[0] != 0.0;
  double control = control_of(c, u, 1);
  if (p[SMOOTH] != 0.0)
    return false;
  double d = distance(on, control, p[THRESHOLD], p[HYSTERESIS]);
  bool now = on ? !(d < 0.0 || (d == 0.0 && p[HYSTERESIS] > 0.0)) : d >= 0.0;
  h[0] = now;
  return now != on;
}

static void noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  double slope, g = conductance(p, 1, h[0], control_of(c, u, 1), &slope);
  out[0] = (pn_noise){.name = "thermal", .n = 1, .white = 4.0 * PN_BOLTZMANN * temp * g};
}

#define SWITCH_CLASS(NAME, TITLE, LETTER, MODEL, P, L, PAIRS)                                      \
  {                                                                                                \
    .name = NAME, .title = TITLE, .letter = LETTER, .model_type = MODEL, .params = P,              \
    .n_params = PN_COUNT(P), .n_derived = N_ALL - N_PARAMS, .locals = L, .n_locals = PN_COUNT(L),  \
    .pairs = PAIRS, .n_pairs = PN_COUNT(PAIRS), .n_hist = 1, .n_events = 1, .derive = derive,      \
    .check = check, .eval = eval, .init_hist = init_hist, .events = events, .accept = accept,      \
    .n_noise = 1, .noise = noise,                                                                  \
  }

const pn_device_class pn_class_vswitch = SWITCH_CLASS("vswitch", "Voltage-controlled switch", 's',
                                                      "sw", s_params, s_locals, s_pairs);
const pn_device_class pn_class_cswitch = SWITCH_CLASS("cswitch", "Current-controlled switch", 'w',
                                                      "csw", w_params, w_locals, w_pairs);
