/* A ferroelectric transistor: a hafnium zirconium oxide layer with Preisach minor loops in series with the gate
 * of a charge-based channel. The layer's effective voltage lags behind; its turning points are
 * memory and change only at accepted steps, at which events make the integrator stop. */
#include "devices/compact/channel.h"

enum {
  W,
  LEN,
  VT0,
  SLOPE,
  MU,
  COX,
  RC,
  G_LEAK,
  A_FE,
  T_FE,
  PS,
  PR,
  EC,
  EPS_FE,
  TAU0,
  V0,
  TAU_M,
  G_FE,
  E0,
  P0,
  TEMP,
  DTEMP,
  N_PARAMS,
  DELTA = N_PARAMS,
  N_ALL
};

enum { GI = CH_OWN, E };

/* Memory: the direction (+1 rising, -1 falling), how many turning points are stacked, and for each
 * its field (V/m) and polarisation (C/m^2), outermost first. */
enum { DIR, COUNT, STACK, MOST = 12, N_HIST = STACK + 2 * MOST };

#define NI   "Ni et al., VLSI (2018); values of a published HZO netlist"
#define OURS "typical of an HZO FeFET; not one device"

static const pn_param params[] = {
    PN_OWN("w", "m", 1e-6, PN_POSITIVE, "Width of the channel."),
    PN_OWN("l", "m", 1e-6, PN_POSITIVE, "Length of the channel."),
    PN_NUM("vt0", "V", 0.4, PN_ANY, "Threshold at the inner gate.", OURS, "D"),
    PN_NUM("n", "1", 1.2, PN_IN(1.0, 100.0), "Slope factor.", OURS, "D"),
    PN_NUM("mu", "m^2/(V s)", 100e-4, PN_POSITIVE, "Mobility.", OURS, "D"),
    PN_NUM("cox", "F/m^2", 0.0345, PN_POSITIVE,
           "Capacitance of the oxide below the ferroelectric (1 nm).", OURS, "D"),
    PN_NUM("rc", "ohm m", 1e-4, PN_POSITIVE, "Contact resistance times width, each of the two.",
           OURS, "D"),
    PN_NUM("g_leak", "S/m", 1e-6, PN_GE0, "Drain leakage per width.", OURS, "D"),
    PN_NUM("a_fe", "1", 0.1, PN_POSITIVE, "Area of the ferroelectric over that of the gate.", OURS,
           "D"),
    PN_NUM("t_fe", "m", 8e-9, PN_POSITIVE, "Thickness of the ferroelectric.", OURS, "D"),
    PN_NUM("ps", "C/m^2", 0.412, PN_POSITIVE, "Saturation polarisation.", NI, "S1"),
    PN_NUM("pr", "C/m^2", 0.239, PN_POSITIVE, "Remanent polarisation; below ps.", NI, "S1"),
    PN_NUM("ec", "V/m", 1.1048e8, PN_POSITIVE, "Coercive field.", NI, "S1"),
    PN_NUM("eps_fe", "1", 30.0, PN_POSITIVE, "Relative permittivity of the ferroelectric.", NI,
           "S1"),
    PN_NUM("tau0", "s", 5.478e-8, PN_POSITIVE, "Time constant at high voltage.", NI, "S1"),
    PN_NUM("v0", "V", 5.8585, PN_POSITIVE, "Activation voltage of the time constant.", NI, "S1"),
    PN_NUM("tau_m", "1", 1.3434, PN_IN(0.1, 10.0), "Exponent of the time constant.", NI, "S1"),
    PN_NUM("g_fe", "S/m^2", 1e-6, PN_POSITIVE,
           "Leakage of the layer and of the oxide per area; it defines the inner gate at DC.", OURS,
           "D"),
    PN_OWN("e0", "V/m", 0.0, PN_ANY, "Effective field at the start."),
    PN_OWN("p0", "C/m^2", 0.0, PN_ANY, "Polarisation at the start; below ps in size."),
    PN_OWN_TEMPERATURE,
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_local locals[] = {
    PN_CHANNEL_LOCALS,
    {PN_L_INTERNAL, "gi", "V", 0.0},
    {PN_L_INNER, "e", "V/m", 100.0},
};
static const uint8_t q_row[] = {0, 1, 0, 0, 1, 1, 1, 0};
static const int p_init[] = {0, 0, 0, 0, 0, 0, 0, E0};

static void derive(const pn_device_class *c, double *p, double temp)
{
  (void)c, (void)temp;
  double r = p[PR] / p[PS];
  p[DELTA] = p[EC] / log((1.0 + r) / (1.0 - r));
}

static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c;
  if (p[PR] >= p[PS] || fabs(p[P0]) >= p[PS])
    return pn_arena_printf(a, "pr=%g and p0=%g of a ferroelectric must be below ps=%g in size",
                           p[PR], p[P0], p[PS]);
  return NULL;
}

/* The saturated branch, C/m^2. */
static double saturated(const double *p, double dir, double e)
{
  return p[PS] * tanh((e - dir * p[EC]) / (2.0 * p[DELTA]));
}

/* The branch in force is the saturated one, scaled and shifted to pass through the last turning point
 * and the one before it (return-point memory): P = a P_sat(E) + b. */
static void branch(const double *p, const double *h, double *a, double *b)
{
  const double *top = h + STACK + 2 * ((int)h[COUNT] - 1);
  *a = 1.0;
  *b = 0.0;
  if (h[COUNT] < 1.0)
    return;
  double e = top[0], pol = top[1];
  double far_e = h[DIR] * 1e3 * p[EC], far_p = h[DIR] * p[PS]; /* opposite saturation */
  if (h[COUNT] > 1.0)
    far_e = top[-2], far_p = top[-1];
  double s = saturated(p, h[DIR], e), s_far = saturated(p, h[DIR], far_e);
  *a = fabs(s_far - s) > 1e-12 * p[PS] ? (far_p - pol) / (s_far - s) : 1.0;
  *b = pol - *a * s;
}

static double polarisation(const double *p, const double *h, double e)
{
  double a, b;
  branch(p, h, &a, &b);
  return a * saturated(p, h[DIR], e) + b;
}

static void model(const pn_compact_point *at, pn_dual *f, pn_dual *q)
{
  const double *p = at->p;
  const pn_dual *u = at->u;
  double gate = p[W] * p[LEN], area = p[A_FE] * gate, g_c = p[W] / p[RC], a, b;
  pn_channel c = {.w = p[W],
                  .l = p[LEN],
                  .cox = p[COX],
                  .mu = p[MU],
                  .n = p[SLOPE],
                  .v_sat = 1e5,
                  .beta = 1.0,
                  .g_leak = p[G_LEAK],
                  .ut = PN_K_B / PN_Q_E * at->temp};
  pn_dual q_gate = pn_channel_put(&c, pn_d_const(p[VT0]), u[GI], pn_d_const(g_c), u, f, q);
  branch(p, at->h, &a, &b);
  pn_dual s = pn_d_tanh(pn_d_line(0.5 / p[DELTA], u[E], -0.5 * at->h[DIR] * p[EC] / p[DELTA]));
  pn_dual vfe = pn_d_sub(u[CH_G], u[GI]), field = pn_d_scale(1.0 / p[T_FE], vfe);
  pn_dual charge = pn_d_sum(area * p[PS] * a, s, area * 8.8541878128e-12 * p[EPS_FE], field);
  charge = pn_d_line(1.0, charge, area * b);
  pn_dual leak = pn_d_scale(p[G_FE] * gate, vfe);
  pn_dual leak_ox = pn_d_scale(p[G_FE] * gate, pn_d_sub(u[GI], u[CH_B]));
  f[CH_G] = leak;
  f[GI] = pn_d_sub(leak_ox, leak);
  f[CH_B] = pn_d_scale(-1.0, leak_ox);
  q[CH_G] = charge;
  q[GI] = pn_d_sub(q_gate, charge);
  /* tau = tau0 exp((v0/|vfe|)^m): its exponent is limited to 60, that is 6e18 s */
  const double round = 1e-3; /* V: |vfe| is rounded at 0, where the limit holds anyway */
  pn_dual ratio = pn_d_div(pn_d_const(p[V0]), pn_d_line(1.0, pn_d_abs(vfe, round), round));
  pn_dual rate = pn_d_scale(1.0 / p[TAU0],
                            pn_d_exp(pn_d_scale(-1.0, pn_d_cap(pn_d_pow(ratio, p[TAU_M]), 60.0))));
  f[E] = pn_compact_state(at, u[E], p[E0], pn_d_mul(rate, pn_d_sub(field, u[E])));
}

static void init_hist(const pn_device_class *c, const double *p, double *h)
{
  (void)c;
  for (int k = 0; k < N_HIST; k++)
    h[k] = 0.0;
  h[DIR] = h[COUNT] = 1.0;
  h[STACK] = p[E0];
  h[STACK + 1] = p[P0];
}

static double drive(const double *p, const double *u)
{
  return (u[CH_G] - u[GI]) / p[T_FE] - u[E];
}

/* The field at which the present branch ends on the one around it. */
static double way_out(const double *h)
{
  return h[COUNT] > 1.0 ? h[STACK + 2 * ((int)h[COUNT] - 2)] : h[DIR] * 1e300;
}

/* Event 0: the effective field turns. Event 1: a minor loop closes. */
static void events(const pn_device_class *c, const pn_dev_block *b, double *ev)
{
  enum { L = PN_LANES };
  for (int l = 0; l < b->n; l++) {
    double u[PN_DUAL], p[N_ALL], h[N_HIST];
    for (int k = 0; k < c->n_locals; k++)
      u[k] = b->u[k * L + l];
    for (int k = 0; k < N_ALL; k++)
      p[k] = b->p[k * L + l];
    for (int k = 0; k < N_HIST; k++)
      h[k] = b->h[k * L + l];
    ev[l] = drive(p, u) / p[EC];
    ev[L + l] = h[COUNT] > 1.0 ? (u[E] - way_out(h)) / p[EC] : 1.0;
  }
}

static bool accept(const pn_device_class *c, double t, const double *p, const double *u, double *h)
{
  (void)c, (void)t;
  bool changed = false;
  while (h[COUNT] > 1.0 && h[DIR] * (u[E] - way_out(h)) > 0.0) {
    h[COUNT] -= 2.0; /* the loop is closed: both of its ends are forgotten */
    changed = true;
  }
  double turn = 1e-9 * p[EC]; /* rounding does not count */
  bool turned = h[DIR] * drive(p, u) < -turn;
  if (turned && h[COUNT] == 1.0 && fabs(u[E] - h[STACK]) <= turn) {
    h[DIR] = -h[DIR]; /* it has not moved yet */
    changed = true;
  } else if (turned) {
    double pol = polarisation(p, h, u[E]);
    if (h[COUNT] == MOST) { /* the oldest inner loop is forgotten */
      for (int k = STACK + 2; k < STACK + 2 * (MOST - 2); k++)
        h[k] = h[k + 4];
      h[COUNT] -= 2.0;
    }
    double *top = h + STACK + 2 * (int)h[COUNT];
    top[0] = u[E];
    top[1] = pol;
    h[COUNT] += 1.0;
    h[DIR] = -h[DIR];
    changed = true;
  }
  return changed;
}

static const pn_compact compact = {
    .model = model,
    .equations =
        "charge of the layer: a_fe w l (P(e) + eps0 eps_fe V_fe/t_fe), V_fe = V_G - V_gi\n"
        "P(e) = a ps tanh((e -+ ec)/(2 delta)) + b, delta = ec/ln((1 + pr/ps)/(1 - pr/ps));\n"
        "- rising, + falling; a, b: the branch passes through the last two turning points of e\n"
        "de/dt = (V_fe/t_fe - e)/tau, tau = tau0 exp((v0/|V_fe|)^tau_m)\n"
        "channel: as mos2fet, with V_gi as its gate\n",
    .citation =
        "B. Jiang et al., VLSI Technology, 1997 (branches and turning points); K. Ni et al., VLSI "
        "Technology, 2018 (lag)",
    .notes =
        "At most 12 turning points are remembered; then the oldest inner loop is forgotten. The "
        "effective field is held at operating points. The exponent of tau is limited to 60.",
    .v_max = 4.0,
    .picture =
        {.title = "Drain current while the gate goes up and down",
         .netlist =
             "Memory window\nvd d 0 0.05\nvg g 0 pwl(0 -4 1m 4 2m -4 3m 4 4m -4)\nn1 d g 0 cell\n"
             ".model cell fefet\n.options reltol=1e-5\n.tran 2u 4m 2m\n"
             ".save v(g) @n1[id]\n.end\n",
         .x = {"V_GS", "V"},
         .y = {"I_D", "A"},
         .log = true},
};

const pn_device_class pn_class_fefet = {
    .name = "fefet",
    .title = "Ferroelectric transistor with Preisach minor loops",
    .model_type = "fefet",
    PN_COMPACT_CLASS,
    .n_derived = N_ALL - N_PARAMS,
    .n_optional = 1,
    .p_init = p_init,
    .n_hist = N_HIST,
    .n_events = 2,
    .derive = derive,
    .check = check,
    .init_hist = init_hist,
    .events = events,
    .accept = accept,
};
