/* A volatile silver filament: it grows with the voltage, dissolves by itself and leaves a residue behind
 * that makes the next pulse easier (paired-pulse facilitation). */
#include "devices/memristors/model.h"

enum {
  MU,
  ALPHA,
  BETA,
  GAMMA1,
  GAMMA2,
  LENGTH,
  RON,
  ROFF,
  LIMIT,
  F0,
  FMIN,
  FMAX,
  R0,
  RMIN,
  RMAX,
  N_PARAMS,
  SPREAD = N_PARAMS,
  N_ALL
};

#define PAPER "TongWang-USC/Memristor-Model"
#define EDGE  1e-3 /* of the gap: where the growth of f + r fades */

static const pn_param params[] = {
    PN_NUM("mu", "1/(V s)", 16.0, PN_GE0, "Growth per volt.", PAPER, "S1"),
    PN_NUM("alpha", "1", 0.1, PN_POSITIVE, "Keeps the growth finite when the gap closes.", PAPER,
           "S1"),
    PN_NUM("beta", "1/s", 0.35, PN_GE0, "Rate at which filament turns into residue.", PAPER, "S1"),
    PN_NUM("gamma1", "1/s", 50.0, PN_GE0, "Rate at which the filament dissolves.", PAPER, "S1"),
    PN_NUM("gamma2", "1/s", 0.42, PN_GE0, "Rate at which the residue dissolves.", PAPER, "S1"),
    PN_NUM("length", "1", 0.1, PN_IN(0.01, 10.0), "Tunnelling length over the gap (the code's l).",
           PAPER, "S1"),
    PN_NUM("ron", "ohm", 1.7e4, PN_POSITIVE, "Resistance of the closed gap.", PAPER, "S1"),
    PN_NUM("roff", "ohm", 1e10, PN_POSITIVE, "Resistance of the open gap.", PAPER, "S1"),
    PN_NUM("limit", "1/s", 1.0, PN_POSITIVE, "Largest rate of growth.", PAPER, "S1"),
    PN_OWN("f0", "1", 0.0, PN_IN(0.0, 1.0), "Initial filament."),
    PN_OWN("fmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the filament."),
    PN_OWN("fmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the filament."),
    PN_OWN("r0", "1", 0.0, PN_IN(0.0, 1.0), "Initial residue."),
    PN_OWN("rmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the residue."),
    PN_OWN("rmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the residue."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"f", "1", "length of the filament over the gap", F0, FMIN, FMAX, 0.0, 1, 0, 0},
    {"r", "1", "residue over the gap", R0, RMIN, RMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[SPREAD] = 1.0 / expm1(1.0 / p[LENGTH]);
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p, *x = (const void *)b->x;
  pn_lanes *i_x = (void *)b->i_x, *g = (void *)b->g, *g_v = (void *)b->g_v;
  pn_lanes *g_x = (void *)b->g_x;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], f = x[0][l], r = x[1][l], sign = v < 0.0 ? -1.0 : 1.0, slope;
    double sum = f + r, s = sum < 1.0 ? sum : 1.0, s_x = sum < 1.0 ? 1.0 : 0.0;
    double inv_l = 1.0 / p[LENGTH][l], spread = p[ROFF][l] * p[SPREAD][l];
    double res = p[RON][l] * s + spread * pn_lim_expm1((1.0 - s) * inv_l, &slope);
    double res_x = (p[RON][l] - spread * slope * inv_l) * s_x, cond = 1.0 / res, i = v * cond;

    double near = 1.0 / (p[ALPHA][l] + 1.0 - s), pull = p[MU][l] * near;
    double leave = p[GAMMA1][l] + p[BETA][l], rate = pull * fabs(v) - leave * f;
    bool free = rate < p[LIMIT][l];
    double pull_x = pull * near * fabs(v) * s_x;
    double a = free ? rate : p[LIMIT][l], a_v = free ? pull * sign : 0.0;
    double a_r = free ? pull_x : 0.0, a_f = free ? pull_x - leave : 0.0;
    double b_f = p[BETA][l], b_r = -p[GAMMA2][l], b_rate = b_f * f + b_r * r;
    /* f + r ends at 1: its growth fades over the last EDGE, then the residue displaces the filament */
    double part = (1.0 - sum) / EDGE, total = a + b_rate;
    bool full = part < 1.0 && total > 0.0;

    b->i[l] = i;
    b->i_v[l] = cond;
    i_x[0][l] = -i * cond * res_x;
    i_x[1][l] = -i * cond * res_x;
    g[0][l] = full ? part * total - b_rate : a;
    g_v[0][l] = full ? part * a_v : a_v;
    g_x[0][l] = full ? part * (a_f + b_f) - b_f - total / EDGE : a_f;
    g_x[1][l] = full ? part * (a_r + b_r) - b_r - total / EDGE : a_r;
    g[1][l] = b_rate;
    g_v[1][l] = 0.0;
    g_x[2][l] = b_f;
    g_x[3][l] = b_r;
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_diffusive_usc = {
    .name = "diffusive_usc",
    .title = "Diffusive memristor with a residue (USC)",
    .equations = "s = f + r, at most 1: where it would grow beyond, df/dt = -dr/dt\n"
                 "i = v / (ron s + roff (exp((1 - s)/length) - 1)/(exp(1/length) - 1))\n"
                 "df/dt = mu |v|/(alpha + 1 - s) - (gamma1 + beta) f, at most limit\n"
                 "dr/dt = beta f - gamma2 r\n",
    .citation =
        "Z. Wang et al., Memristors with diffusive dynamics as synaptic emulators for neuromorphic "
        "computing, Nat. Mater. 16, 101-108, 2017, doi:10.1038/nmat4756 (the device); "
        "TongWang-USC/Memristor-Model (the SPICE model)",
    .notes = "Deterministic: the model's random shrinking is not part of it. It adds 10 pF in "
             "parallel. The "
             "growth of f + r fades over the last thousandth before 1.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .is_volatile = true,
    .passive = true,
    .v_max = 3.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
