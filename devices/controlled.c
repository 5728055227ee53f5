/* Linear controlled sources E (VCVS), G (VCCS), F (CCCS) and H (CCVS). Controlling nodes and
 * branch currents are unknowns of others (PN_L_REF); everything is stamped once. */
#include "devices/classes.h"

enum { GAIN, M };

#define GAIN_PARAM(unit, doc)                                                                      \
  PN_PLAIN("gain", unit, NAN, -INFINITY, INFINITY, PN_P_INSTANCE | PN_P_REQUIRED, doc, "value")
#define M_PARAM                                                                                    \
  PN_PLAIN("m", "1", 1.0, 0.0, INFINITY, PN_P_INSTANCE | PN_P_OPEN_MIN,                            \
           "Number of such sources in parallel.", NULL)

/* jf[k] = constant[k] + gain * m * per_gain[k] for all lanes; nothing is stored in jq. */
static void stamp(const pn_device_class *c, const pn_dev_block *b, const double *constant,
                  const double *per_gain)
{
  if (!b->jf)
    return;
  for (int k = 0; k < c->n_pairs; k++)
    for (int l = 0; l < PN_LANES; l++) {
      double gain = b->p[GAIN * PN_LANES + l] * (c->n_params > M ? b->p[M * PN_LANES + l] : 1.0);
      b->jf[k * PN_LANES + l] = constant[k] + gain * per_gain[k];
      b->jq[k * PN_LANES + l] = 0.0;
    }
}

/* ---- E: row of the branch: v_p - v_n - gain (v_cp - v_cn) = 0 ---- */

static const pn_param vcvs_params[] = {GAIN_PARAM("1", "Voltage gain.")};
static const pn_local vcvs_locals[] = {{PN_L_TERM, "p", "V", 0.0},
                                       {PN_L_TERM, "n", "V", 0.0},
                                       {PN_L_REF, "cp", "V", 0.0},
                                       {PN_L_REF, "cn", "V", 0.0},
                                       {PN_L_BRANCH, "i", "A", 0.0}};
static const pn_pair vcvs_pairs[] = {{0, 4}, {1, 4}, {4, 0}, {4, 1}, {4, 2}, {4, 3}};

static void vcvs_eval(const pn_device_class *c, const pn_dev_block *b)
{
  static const double constant[] = {1, -1, 1, -1, 0, 0}, per_gain[] = {0, 0, 0, 0, -1, 1};
  stamp(c, b, constant, per_gain);
}

const pn_device_class pn_class_vcvs = {
    .name = "vcvs",
    .title = "Voltage-controlled voltage source",
    .letter = 'e',
    .flags = PN_DEV_LINEAR,
    .params = vcvs_params,
    .n_params = PN_COUNT(vcvs_params),
    .locals = vcvs_locals,
    .n_locals = PN_COUNT(vcvs_locals),
    .pairs = vcvs_pairs,
    .n_pairs = PN_COUNT(vcvs_pairs),
    .eval = vcvs_eval,
};

/* ---- G: current gain (v_cp - v_cn) from p through the source to n ---- */

static const pn_param vccs_params[] = {GAIN_PARAM("S", "Transconductance."), M_PARAM};
static const pn_local vccs_locals[] = {{PN_L_TERM, "p", "V", 0.0},
                                       {PN_L_TERM, "n", "V", 0.0},
                                       {PN_L_REF, "cp", "V", 0.0},
                                       {PN_L_REF, "cn", "V", 0.0}};
static const pn_pair vccs_pairs[] = {{0, 2}, {0, 3}, {1, 2}, {1, 3}};

static void vccs_eval(const pn_device_class *c, const pn_dev_block *b)
{
  static const double constant[] = {0, 0, 0, 0}, per_gain[] = {1, -1, -1, 1};
  stamp(c, b, constant, per_gain);
}

const pn_device_class pn_class_vccs = {
    .name = "vccs",
    .title = "Voltage-controlled current source",
    .letter = 'g',
    .flags = PN_DEV_LINEAR,
    .params = vccs_params,
    .n_params = PN_COUNT(vccs_params),
    .locals = vccs_locals,
    .n_locals = PN_COUNT(vccs_locals),
    .pairs = vccs_pairs,
    .n_pairs = PN_COUNT(vccs_pairs),
    .eval = vccs_eval,
};

/* ---- F: current gain i_c from p through the source to n ---- */

static const pn_param cccs_params[] = {GAIN_PARAM("1", "Current gain."), M_PARAM};
static const pn_local cccs_locals[] = {
    {PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}, {PN_L_REF, "ic", "A", 0.0}};
static const pn_pair cccs_pairs[] = {{0, 2}, {1, 2}};

static void cccs_eval(const pn_device_class *c, const pn_dev_block *b)
{
  static const double constant[] = {0, 0}, per_gain[] = {1, -1};
  stamp(c, b, constant, per_gain);
}

const pn_device_class pn_class_cccs = {
    .name = "cccs",
    .title = "Current-controlled current source",
    .letter = 'f',
    .flags = PN_DEV_LINEAR,
    .params = cccs_params,
    .n_params = PN_COUNT(cccs_params),
    .locals = cccs_locals,
    .n_locals = PN_COUNT(cccs_locals),
    .pairs = cccs_pairs,
    .n_pairs = PN_COUNT(cccs_pairs),
    .eval = cccs_eval,
};

/* ---- H: row of the branch: v_p - v_n - gain i_c = 0 ---- */

static const pn_param ccvs_params[] = {GAIN_PARAM("ohm", "Transresistance.")};
static const pn_local ccvs_locals[] = {{PN_L_TERM, "p", "V", 0.0},
                                       {PN_L_TERM, "n", "V", 0.0},
                                       {PN_L_REF, "ic", "A", 0.0},
                                       {PN_L_BRANCH, "i", "A", 0.0}};
static const pn_pair ccvs_pairs[] = {{0, 3}, {1, 3}, {3, 0}, {3, 1}, {3, 2}};

static void ccvs_eval(const pn_device_class *c, const pn_dev_block *b)
{
  static const double constant[] = {1, -1, 1, -1, 0}, per_gain[] = {0, 0, 0, 0, -1};
  stamp(c, b, constant, per_gain);
}

const pn_device_class pn_class_ccvs = {
    .name = "ccvs",
    .title = "Current-controlled voltage source",
    .letter = 'h',
    .flags = PN_DEV_LINEAR,
    .params = ccvs_params,
    .n_params = PN_COUNT(ccvs_params),
    .locals = ccvs_locals,
    .n_locals = PN_COUNT(ccvs_locals),
    .pairs = ccvs_pairs,
    .n_pairs = PN_COUNT(ccvs_pairs),
    .eval = ccvs_eval,
};
