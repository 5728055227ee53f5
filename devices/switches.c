/* Switches S (controlled by a voltage) and W (by a current): a resistance ron or roff with
 * hysteresis. The position is memory: it changes only at accepted points, and event functions make
 * the integrator stop exactly where the control crosses its threshold. */
#include "devices/classes.h"

enum { THRESHOLD, HYSTERESIS, RON, ROFF, ON, N_PARAMS, G_ON = N_PARAMS, G_OFF };

#define RESISTANCE_PARAMS                                                                          \
  PN_PLAIN("ron", "ohm", 1.0, 0.0, INFINITY, PN_P_MODEL | PN_P_OPEN_MIN,                           \
           "Resistance when closed.", NULL),                                                       \
      PN_PLAIN("roff", "ohm", 1e12, 0.0, INFINITY, PN_P_MODEL | PN_P_OPEN_MIN,                     \
               "Resistance when open.", NULL),                                                     \
      PN_PLAIN("on", "1", 0.0, 0.0, 1.0, PN_P_INSTANCE | PN_P_INTEGER,                             \
               "Position at the start: 1 closed, 0 open.", NULL)

static const pn_param s_params[] = {
    PN_PLAIN("vt", "V", 0.0, -INFINITY, INFINITY, PN_P_MODEL, "Threshold of the control voltage.",
             NULL),
    PN_PLAIN("vh", "V", 0.0, 0.0, INFINITY, PN_P_MODEL,
             "Hysteresis: closes at vt + vh, opens at vt - vh.", NULL),
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
    RESISTANCE_PARAMS,
};
static const pn_local w_locals[] = {
    {PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}, {PN_L_REF, "ic", "A", 0.0}};

static const pn_pair pairs[] = {PN_PAIRS_TWO_TERMINALS};

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)c;
  (void)temp;
  p[G_ON] = 1.0 / p[RON];
  p[G_OFF] = 1.0 / p[ROFF];
}

static void init_hist(const pn_device_class *c, const double *p, double *h)
{
  (void)c;
  h[0] = p[ON];
}

static void eval(const pn_device_class *c, const pn_dev_block *b)
{
  const double *p = b->p, *u = b->u;
  for (int l = 0; l < PN_LANES; l++) {
    double g = p[(b->h[l] != 0.0 ? G_ON : G_OFF) * PN_LANES + l];
    double i = g * (u[l] - u[PN_LANES + l]);
    for (int k = 2; k < c->n_locals; k++)
      b->f[k * PN_LANES + l] = 0.0;
    b->f[l] = i;
    b->f[PN_LANES + l] = -i;
    if (b->jf) {
      b->jf[0 * PN_LANES + l] = g;
      b->jf[1 * PN_LANES + l] = -g;
      b->jf[2 * PN_LANES + l] = -g;
      b->jf[3 * PN_LANES + l] = g;
    }
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
    double control = u[2 * PN_LANES + l] - (c->n_locals == 4 ? u[3 * PN_LANES + l] : 0.0);
    ev[l] = distance(b->h[l] != 0.0, control, p[THRESHOLD * PN_LANES + l],
                     p[HYSTERESIS * PN_LANES + l]);
  }
}

/* At the threshold itself a switch closes; without hysteresis it then stays so, which keeps an
 * operating point that lies on the threshold from flipping for ever. */
static bool accept(const pn_device_class *c, double t, const double *p, const double *u, double *h)
{
  (void)t;
  bool on = h[0] != 0.0;
  double control = u[2] - (c->n_locals == 4 ? u[3] : 0.0);
  double d = distance(on, control, p[THRESHOLD], p[HYSTERESIS]);
  bool now = on ? !(d < 0.0 || (d == 0.0 && p[HYSTERESIS] > 0.0)) : d >= 0.0;
  h[0] = now;
  return now != on;
}

static void noise(const pn_device_class *c, const double *p, const double *u, const double *h,
                  double temp, pn_noise *out)
{
  (void)c, (void)u;
  double g = p[h[0] != 0.0 ? G_ON : G_OFF];
  out[0] = (pn_noise){.name = "thermal", .n = 1, .white = 4.0 * PN_BOLTZMANN * temp * g};
}

#define SWITCH_CLASS(NAME, TITLE, LETTER, MODEL, P, L)                                             \
  {                                                                                                \
    .name = NAME, .title = TITLE, .letter = LETTER, .model_type = MODEL, .params = P,              \
    .n_params = PN_COUNT(P), .n_derived = 2, .locals = L, .n_locals = PN_COUNT(L), .pairs = pairs, \
    .n_pairs = PN_COUNT(pairs), .n_hist = 1, .n_events = 1, .derive = derive, .eval = eval,        \
    .init_hist = init_hist, .events = events, .accept = accept, .n_noise = 1, .noise = noise,      \
  }

const pn_device_class pn_class_vswitch = SWITCH_CLASS("vswitch", "Voltage-controlled switch", 's',
                                                      "sw", s_params, s_locals);
const pn_device_class pn_class_cswitch = SWITCH_CLASS("cswitch", "Current-controlled switch", 'w',
                                                      "csw", w_params, w_locals);
