/* Independent sources. A class only says where a source stands: the circuit itself adds the
 * waveform E(t), to the branch's row of V (v_p - v_n - E = 0) and to the rows of I's terminals
 * (a positive current flows from p through the source to n: +E in row p, -E in row n). */
#include "devices/classes.h"

static const pn_local v_locals[] = {
    {PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}, {PN_L_BRANCH, "i", "A", 0.0}};
static const pn_pair v_pairs[] = {{0, 2}, {1, 2}, {2, 0}, {2, 1}};

static void v_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  if (!b->jf)
    return;
  static const double jf[] = {1.0, -1.0, 1.0, -1.0};
  for (int k = 0; k < PN_COUNT(v_pairs); k++)
    for (int l = 0; l < PN_LANES; l++) {
      b->jf[k * PN_LANES + l] = jf[k];
      b->jq[k * PN_LANES + l] = 0.0;
    }
}

const pn_device_class pn_class_vsource = {
    .name = "vsource",
    .title = "Independent voltage source",
    .letter = 'v',
    .flags = PN_DEV_LINEAR,
    .locals = v_locals,
    .n_locals = PN_COUNT(v_locals),
    .pairs = v_pairs,
    .n_pairs = PN_COUNT(v_pairs),
    .eval = v_eval,
};

/* The same with a resistance in series: v_p - v_n - rser i - E = 0. A class of its own, so that ideal
 * sources keep rows of one unknown each, which solvers take out first. 1e15 ohm leaves a line open. */
static const pn_param vr_params[] = {PN_PLAIN("rser", "ohm", 0.0, 0.0, INFINITY, PN_P_INSTANCE,
                                              "Resistance in series with the source.", NULL)};
static const pn_pair vr_pairs[] = {{0, 2}, {1, 2}, {2, 0}, {2, 1}, {2, 2}};

static void vr_eval(const pn_device_class *c, const pn_dev_block *b)
{
  v_eval(c, b);
  for (int l = 0; b->jf && l < PN_LANES; l++) {
    b->jf[4 * PN_LANES + l] = -b->p[l];
    b->jq[4 * PN_LANES + l] = 0.0;
  }
}

const pn_device_class pn_class_vsource_r = {
    .name = "vsource_r",
    .title = "Independent voltage source with a series resistance",
    .letter = 'v',
    .flags = PN_DEV_LINEAR,
    .params = vr_params,
    .n_params = PN_COUNT(vr_params),
    .locals = v_locals,
    .n_locals = PN_COUNT(v_locals),
    .pairs = vr_pairs,
    .n_pairs = PN_COUNT(vr_pairs),
    .eval = vr_eval,
};

/* The same with a limit of the current (compliance): beyond it the source lets go of its voltage along a
 * steep straight line, so that Newton's method sees a monotone curve. */
#define BEYOND_LIMIT 1e8 /* ohm: 10 nA above the limit for each volt that is not reached */
enum { RSER, ILIM };
static const pn_param vl_params[] = {PN_PLAIN("rser", "ohm", 0.0, 0.0, INFINITY, PN_P_INSTANCE,
                                              "Resistance in series with the source.", NULL),
                                     PN_PLAIN("ilim", "A", INFINITY, 0.0, INFINITY,
                                              PN_P_INSTANCE | PN_P_OPEN_MIN,
                                              "Largest current, in either direction.", NULL)};

static void vl_eval(const pn_device_class *c, const pn_dev_block *b)
{
  v_eval(c, b);
  for (int l = 0; l < PN_LANES; l++) {
    double i = b->u[2 * PN_LANES + l], limit = b->p[ILIM * PN_LANES + l];
    double over = i > limit ? i - limit : i < -limit ? i + limit : 0.0;
    double r = b->p[RSER * PN_LANES + l];
    b->f[0 * PN_LANES + l] = i;
    b->f[1 * PN_LANES + l] = -i;
    b->f[2 * PN_LANES + l] = b->u[0 * PN_LANES + l] - b->u[1 * PN_LANES + l] - r * i -
                             BEYOND_LIMIT * over;
    if (b->jf) {
      b->jf[4 * PN_LANES + l] = -r - (over != 0.0 ? BEYOND_LIMIT : 0.0);
      b->jq[4 * PN_LANES + l] = 0.0;
    }
  }
}

const pn_device_class pn_class_vsource_l = {
    .name = "vsource_l",
    .title = "Independent voltage source with a limit of its current",
    .letter = 'v',
    .flags = PN_DEV_STEEP,
    .params = vl_params,
    .n_params = PN_COUNT(vl_params),
    .locals = v_locals,
    .n_locals = PN_COUNT(v_locals),
    .pairs = vr_pairs,
    .n_pairs = PN_COUNT(vr_pairs),
    .eval = vl_eval,
};

static const pn_local i_locals[] = {{PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}};

static void i_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  (void)b; /* no entries: an independent current depends on no unknown */
}

const pn_device_class pn_class_isource = {
    .name = "isource",
    .title = "Independent current source",
    .letter = 'i',
    .flags = PN_DEV_LINEAR,
    .locals = i_locals,
    .n_locals = PN_COUNT(i_locals),
    .eval = i_eval,
};
