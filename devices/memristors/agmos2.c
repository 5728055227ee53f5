/* The Ag/MoS2/Au memristor of Marraccini et al.: ohmic filament, space-charge-limited film, and a
 * filament that dissolves by itself the faster the thinner it is: volatile below about 10 uA of
 * compliance, lasting above 100 uA. Built from the facts in the paper's text. */
#include "devices/memristors/model.h"

enum { GMAX, A_SCLC, K_SET, V_SET, K_RESET, V_RESET, X_V, TAU_V, M, X0, XMIN, XMAX, N_PARAMS };

#define FACTS "Marraccini et al., Nanoscale (2026)"

static const pn_param params[] = {
    PN_NUM("gmax", "S", 10e-3, PN_POSITIVE, "Conductance of the full filament: 1 mA of compliance.",
           FACTS, "D"),
    PN_NUM("a_sclc", "A/V^2", 1e-7, PN_GE0, "Space-charge-limited film: 10 Mohm at 1 V.",
           FACTS ": 10 kohm to 100 Mohm", "D"),
    PN_NUM("k_set", "1/s", 1.01222e-9, PN_GE0, "Rate of setting: 50 ms at v_set's median.",
           FACTS ": 20 to 100 ms", "D"),
    PN_NUM("v_set", "V", 0.05, PN_POSITIVE, "Voltage scale of setting; median threshold 1.22 V.",
           FACTS ": ln V normal(0.202, 0.776)", "D"),
    PN_NUM("k_reset", "1/s", 1.22995e-7, PN_GE0, "Rate of resetting: 50 ms at the median.",
           FACTS ": 20 to 100 ms", "D"),
    PN_NUM("v_reset", "V", 0.05, PN_POSITIVE,
           "Voltage scale of resetting; median threshold 0.98 V.",
           FACTS ": ln V normal(-0.025, 0.810)", "D"),
    PN_NUM("x_v", "1", 1e-3, PN_POSITIVE,
           "Filament left by 10 uA of compliance, which 1 V then drives.", FACTS, "D"),
    PN_NUM("tau_v", "s", 1e-3, PN_POSITIVE, "Time in which such a filament dissolves.", FACTS, "D"),
    PN_NUM("m", "1", 6.0, PN_IN(1.0, 12.0),
           "Growth of that time with thickness: 1000 s at 100 uA of compliance.", FACTS, "D"),
    PN_OWN("x0", "1", 1e-6, PN_IN(0.0, 1.0), "Initial filament."),
    PN_OWN("xmin", "1", 1e-6, PN_IN(0.0, 1.0), "Lower bound of the filament."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the filament."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "1", "conductance of the filament over the largest", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], a = p[A_SCLC][l] * (1.0 - x), cosh_v;
    bool set = v > 0.0;
    double k = set ? p[K_SET][l] : p[K_RESET][l], inv = 1.0 / (set ? p[V_SET][l] : p[V_RESET][l]);
    double drive = k * pn_sinh(v * inv, &cosh_v);
    /* dissolves at (x_v/x)^m / tau_v, at most 1/tau_v, of itself */
    double ratio = p[X_V][l] / (x > 1e-9 ? x : 1e-9);
    bool thin = ratio >= 1.0;
    double slow = thin ? 1.0 : pn_pow(ratio, p[M][l]), fade = slow / p[TAU_V][l];
    double floor_x = x - p[XMIN][l];

    b->i[l] = p[GMAX][l] * x * v + a * fabs(v) * v;
    b->i_v[l] = p[GMAX][l] * x + 2.0 * a * fabs(v);
    b->i_x[l] = p[GMAX][l] * v - p[A_SCLC][l] * fabs(v) * v;
    b->g[l] = drive - fade * floor_x;
    b->g_v[l] = k * cosh_v * inv;
    b->g_x[l] = -fade + (thin ? 0.0 : p[M][l] * fade * floor_x / x);
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_agmos2 = {
    .name = "agmos2",
    .title = "Ag/MoS2/Au memristor (Marraccini)",
    .equations = "i = gmax x v + (1 - x) a_sclc |v| v\n"
                 "v > 0:  r = k_set sinh(v/v_set), v <= 0: r = k_reset sinh(v/v_reset)\n"
                 "dx/dt = r - (x - xmin) min(1, (x_v/x)^m)/tau_v\n",
    .citation = "Marraccini et al., Ag/MoS2/Au ReRAM, Nanoscale, 2026",
    .notes =
        "Reconstructed: no equations are published. The medians of the lognormal thresholds are "
        "read as exp(mu) volts: dist(v_set)=lognormal(0.776) dist(v_reset)=lognormal(0.810) draw "
        "the "
        "published spreads. Compliance comes from the circuit.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 3.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .eval = eval,
};
