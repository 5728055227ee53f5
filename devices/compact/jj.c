/* A Josephson junction (resistively and capacitively shunted) whose critical current depends on the
 * order of a magnetic barrier, which large voltage pulses change: the magnetic synapse. */
#include "devices/compact.h"
#include "devices/memristors/model.h"

enum { IC_DIS, IC_ORD, R, C, K_M, V_M, A_M, M0, PHI0, TEMP, DTEMP, N_PARAMS };

enum { P, N, PHI, M };

#define JOSIM     "defaults of JoSIM"
#define SCHNEIDER "structure: Schneider et al., Sci. Adv. 4, e1701329 (2018); values ours"
#define FLUX      2.067833848e-15 /* Wb, h/2e (SI 2019) */

static const pn_param params[] = {
    PN_NUM("ic", "A", 1e-3, PN_POSITIVE, "Critical current, disordered barrier (m = 0).", JOSIM,
           "S2+"),
    PN_NUM("ic_ord", "A", 0.5e-3, PN_GE0, "Critical current, ordered barrier (m = 1).", SCHNEIDER,
           "D"),
    PN_NUM("r", "ohm", 5.0, PN_POSITIVE, "Normal resistance.", JOSIM, "S2+"),
    PN_NUM("c", "F", 2.5e-12, PN_POSITIVE, "Capacitance.", JOSIM, "S2+"),
    PN_NUM("k_m", "1/s", 1e9, PN_GE0, "Rate of ordering at twice v_m; 0: the barrier stays.",
           SCHNEIDER, "D"),
    PN_NUM("v_m", "V", 2.8e-3, PN_POSITIVE,
           "Voltage above which the barrier orders; below -v_m it disorders.", SCHNEIDER, "D"),
    PN_NUM("a_m", "1", 2.0, PN_IN(1.0, 50.0), "Exponent of ordering.", SCHNEIDER, "D"),
    PN_OWN("m0", "1", 0.0, PN_IN(0.0, 1.0), "Order of the barrier at the start."),
    PN_OWN("phi0", "1", 0.0, PN_ANY,
           "Phase (rad) from which a run with UIC starts and an operating point is sought."),
    PN_OWN_TEMPERATURE,
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_local locals[] = {
    {PN_L_TERM, "p", "V", 1e-9},
    {PN_L_TERM, "n", "V", 1e-9},
    {PN_L_INNER, "phi", "1", 1e-6},
    {PN_L_INNER, "m", "1", 1e-6},
};
static const uint8_t q_row[] = {1, 1, 0, 0};
static const int p_init[] = {0, 0, PHI0, M0};

static void model(const pn_compact_point *at, pn_dual *f, pn_dual *q)
{
  const double *p = at->p;
  const pn_dual *u = at->u;
  pn_dual v = pn_d_sub(u[P], u[N]), ic = pn_d_line(p[IC_ORD] - p[IC_DIS], u[M], p[IC_DIS]);
  pn_dual i = pn_d_add(pn_d_mul(ic, pn_d_sin(u[PHI])), pn_d_scale(1.0 / p[R], v));
  f[P] = i;
  f[N] = pn_d_scale(-1.0, i);
  q[P] = pn_d_scale(p[C], v);
  q[N] = pn_d_scale(-p[C], v);
  f[PHI] = pn_d_scale(-6.283185307179586 / FLUX, v); /* an operating point solves v = 0 */
  pn_dual over = pn_d_line(1.0 / p[V_M], v, v.v > 0.0 ? -1.0 : 1.0), rate = pn_d_const(0.0);
  if (over.v * v.v > 0.0) {
    pn_dual size = over.v > 0.0 ? over : pn_d_scale(-1.0, over);
    rate = pn_d_scale(over.v > 0.0 ? p[K_M] : -p[K_M], pn_d_pow(size, p[A_M]));
    rate = pn_d_mul(rate, pn_compact_stop(u[M], 0.0, 1.0, over.v > 0.0));
  }
  f[M] = pn_compact_state(at, u[M], p[M0], rate);
}

static const pn_compact compact = {
    .model = model,
    .equations = "i = I_c sin(phi) + V/r + c dV/dt,  dphi/dt = 2 pi V/Phi0,  Phi0 = h/2e\n"
                 "I_c = ic (1 - m) + ic_ord m\n"
                 "V > v_m: dm/dt = k_m (V/v_m - 1)^a_m;  V < -v_m: dm/dt = -k_m (-V/v_m - 1)^a_m; "
                 "0 <= m <= 1\n",
    .citation =
        "RCSJ: standard; magnetic synapse: M. L. Schneider et al., Sci. Adv. 4, e1701329, 2018",
    .notes =
        "No published law of dm/dt was found: this one is phenomenological. An operating point has "
        "V = 0 and finds the phase; above the critical current there is none (use UIC). The "
        "quasiparticle "
        "gap is left out.",
    .v_max = 0.01,
    .picture =
        {.title = "Voltage under a current that steps to 1.2 critical currents",
         .netlist =
             "Phase slips\nin 0 a pulse(0 120u 5p 1p 1p 1)\nn1 a 0 cell\n"
             ".model cell jj (ic=100u r=4 c=50f)\n.tran 0.05p 60p uic\n.save time v(a)\n.end\n",
         .x = {"Time", "s"},
         .y = {"Voltage", "V"}},
};

const pn_device_class pn_class_jj = {
    .name = "jj",
    .title = "Josephson junction (RCSJ) with a tunable critical current",
    .model_type = "jj",
    PN_COMPACT_CLASS,
    .p_init = p_init,
};
