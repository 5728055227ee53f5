/* Lossy transmission line (O, .model ltra): the card, and which kind of line it makes. */
#include "devices/lines/ltra.h"

/* What steers ngspice's convolution. */
#define TUNING(name, doc)                                                                          \
  PN_PLAIN(name, "1", 0, 0, INFINITY, PN_P_MODEL, doc " of a convolution; not needed.", NULL)
#define TUNING_WORD(name, doc)                                                                     \
  PN_PLAIN(name, "1", 0, 0, 1, PN_P_MODEL | PN_P_INTEGER, doc " of a convolution; not needed.",    \
           NULL)

const pn_param pn_ltra_params[LTRA_N_PARAMS] = {
    PN_PLAIN("r", "ohm/m", 0, 0, INFINITY, PN_P_MODEL, "Resistance per length.", NULL),
    PN_PLAIN("l", "H/m", 0, 0, INFINITY, PN_P_MODEL, "Inductance per length.", NULL),
    PN_PLAIN("g", "S/m", 0, 0, INFINITY, PN_P_MODEL, "Conductance per length; with r alone.", NULL),
    PN_PLAIN("c", "F/m", 0, 0, INFINITY, PN_P_MODEL, "Capacitance per length.", NULL),
    PN_PLAIN("len", "m", NAN, 0, INFINITY, PN_P_MODEL | PN_P_REQUIRED | PN_P_OPEN_MIN, "Length.",
             NULL),
    TUNING("rel", "Breakpoints"),
    TUNING("abs", "Breakpoints"),
    TUNING_WORD("steplimit", "Step limit"),
    TUNING_WORD("nosteplimit", "Step limit"),
    TUNING_WORD("nocontrol", "Step control"),
    TUNING_WORD("lininterp", "Interpolation"),
    TUNING_WORD("quadinterp", "Interpolation"),
    TUNING_WORD("mixedinterp", "Interpolation"),
    TUNING_WORD("truncnr", "Truncation"),
    TUNING_WORD("truncdontcut", "Truncation"),
    TUNING("compactrel", "Compaction"),
    TUNING("compactabs", "Compaction"),
};

const char *pn_ltra_check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c, (void)a;
  bool r = p[LTRA_R] > 0.0, l = p[LTRA_L] > 0.0, g = p[LTRA_G] > 0.0, cap = p[LTRA_C] > 0.0;
  if ((l && cap && !g) || (r && (cap != g) && !l))
    return NULL;
  return "a lossy line has r, l and c, or l and c, or r and c, or r and g";
}

static const pn_device_class *specialise(const pn_device_class *c, pn_arena *a, const double *p)
{
  if (pn_ltra_check(c, a, p))
    return c;
  return p[LTRA_L] > 0.0 ? pn_ltra_wave_class(a, p) : pn_ltra_diffusive_class(a, p);
}

/* Every card is specialised, so that this class itself has no instances. */
static void no_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c, (void)b;
}

static const pn_local locals[] = {{PN_L_TERM, "p1", "V", 0.0},
                                  {PN_L_TERM, "n1", "V", 0.0},
                                  {PN_L_TERM, "p2", "V", 0.0},
                                  {PN_L_TERM, "n2", "V", 0.0}};

const pn_device_class pn_class_ltra = {
    .name = "ltra",
    .title = "Lossy transmission line",
    .letter = 'o',
    .model_type = "ltra",
    .params = pn_ltra_params,
    .n_params = LTRA_N_PARAMS,
    .locals = locals,
    .n_locals = PN_COUNT(locals),
    .check = pn_ltra_check,
    .eval = no_eval,
    .specialise = specialise,
};
