/* Resistor, capacitor and inductor: linear one-ports whose value depends on temperature.
 * They are stamped once, from jf and jq; the circuit forms f = JF u and q = JQ u from these. */
#include "devices/classes.h"

/* value(T) = value (1 + tc1 dT + tc2 dT^2) scale, dT = T - tnom; the same places in all three tables.
 */
enum { VALUE, TC1, TC2, TNOM, TEMP, DTEMP, SCALE, M, IC, N_RESISTOR = IC, N_WITH_IC };

static double at_temperature(const double *p, double circuit_temp)
{
  double dt = pn_device_temp(p[TEMP], p[DTEMP], circuit_temp) - (p[TNOM] + PN_KELVIN);
  return p[VALUE] * (1.0 + dt * (p[TC1] + dt * p[TC2])) * p[SCALE];
}

#define COMMON_PARAMS                                                                              \
  PN_PLAIN("tc1", "1/K", 0.0, -INFINITY, INFINITY, PN_P_BOTH, "Linear temperature coefficient.",   \
           NULL),                                                                                  \
      PN_PLAIN("tc2", "1/K^2", 0.0, -INFINITY, INFINITY, PN_P_BOTH,                                \
               "Quadratic temperature coefficient.", NULL),                                        \
      PN_PLAIN("tnom", "degC", 27.0, -PN_KELVIN, INFINITY, PN_P_BOTH,                              \
               "Temperature at which the value holds.", NULL),                                     \
      PN_OWN_TEMPERATURE,                                                                          \
      PN_PLAIN("scale", "1", 1.0, -INFINITY, INFINITY, PN_P_BOTH, "Factor on the value.", NULL),   \
      PN_PLAIN("m", "1", 1.0, 0.0, INFINITY, PN_P_BOTH | PN_P_OPEN_MIN,                            \
               "Number of such devices in parallel.", NULL)

static const pn_local one_port[] = {{PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}};
static const pn_pair one_port_pairs[] = {PN_PAIRS_TWO_TERMINALS};

/* +a at (p,p) and (n,n), -a at (p,n) and (n,p), for one row of derivatives per pair. */
static void stamp_two_terminals(double *j, const double *a)
{
  for (int l = 0; l < PN_LANES; l++) {
    j[0 * PN_LANES + l] = a[l];
    j[1 * PN_LANES + l] = -a[l];
    j[2 * PN_LANES + l] = -a[l];
    j[3 * PN_LANES + l] = a[l];
  }
}

static void clear(double *j, int n_pairs)
{
  for (int k = 0; k < n_pairs * PN_LANES; k++)
    j[k] = 0.0;
}

/* ---- resistor: i = v / r ---- */

static const pn_param resistor_params[] = {
    PN_PLAIN("r", "ohm", NAN, -INFINITY, INFINITY, PN_P_BOTH | PN_P_REQUIRED | PN_P_NONZERO,
             "Resistance; not 0.", "resistance"),
    COMMON_PARAMS,
};

const int pn_resistor_conductance = N_RESISTOR;

static void resistor_derive(const pn_device_class *c, double *p, double temp)
{
  (void)c;
  p[N_RESISTOR] = p[M] / at_temperature(p, temp);
}

static const char *resistor_check(const pn_device_class *c, pn_arena *a, const double *p)
{
  (void)c;
  if (p[VALUE] == 0.0)
    return "a resistor of 0 ohm: use a voltage source of 0 V, or a small resistance";
  if (!isfinite(p[M] / (p[VALUE] * p[SCALE])))
    return pn_arena_printf(a, "a resistor of %g ohm has no finite conductance",
                           p[VALUE] * p[SCALE]);
  return NULL;
}

static void resistor_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  if (!b->jf)
    return;
  stamp_two_terminals(b->jf, b->p + N_RESISTOR * PN_LANES);
  clear(b->jq, PN_COUNT(one_port_pairs));
}

/* Thermal noise 4 k T G (Johnson, Nyquist 1928) at the instance's own temperature; a negative resistance
 * has the noise of its magnitude, as in other simulators. */
static void resistor_noise(const pn_device_class *c, const double *p, const double *u,
                           const double *h, double temp, pn_noise *out)
{
  (void)c, (void)u, (void)h;
  out[0] = (pn_noise){.name = "thermal",
                      .p = 0,
                      .n = 1,
                      .white = 4.0 * PN_BOLTZMANN * pn_device_temp(p[TEMP], p[DTEMP], temp) *
                               fabs(p[N_RESISTOR])};
}

const pn_device_class pn_class_resistor = {
    .name = "resistor",
    .title = "Resistor",
    .letter = 'r',
    .model_type = "r",
    .flags = PN_DEV_LINEAR,
    .params = resistor_params,
    .n_params = PN_COUNT(resistor_params),
    .n_derived = 1, /* conductance, S */
    .locals = one_port,
    .n_locals = PN_COUNT(one_port),
    .pairs = one_port_pairs,
    .n_pairs = PN_COUNT(one_port_pairs),
    .derive = resistor_derive,
    .check = resistor_check,
    .eval = resistor_eval,
    .n_noise = 1,
    .noise = resistor_noise,
};

/* ---- capacitor: q = c v ---- */

static const pn_param capacitor_params[] = {
    PN_PLAIN("c", "F", NAN, -INFINITY, INFINITY, PN_P_BOTH | PN_P_REQUIRED, "Capacitance.",
             "capacitance"),
    COMMON_PARAMS,
    PN_PLAIN("ic", "V", NAN, -INFINITY, INFINITY, PN_P_INSTANCE,
             "Voltage at the start of a transient with UIC; 0 when not given.", NULL),
};

static void reactive_derive(const pn_device_class *c, double *p, double temp)
{
  bool capacitor = c == &pn_class_capacitor; /* m in parallel: m C, but L / m */
  p[N_WITH_IC] = at_temperature(p, temp) * (capacitor ? p[M] : 1.0 / p[M]);
}

static void capacitor_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  if (!b->jf)
    return;
  stamp_two_terminals(b->jq, b->p + N_WITH_IC * PN_LANES);
  clear(b->jf, PN_COUNT(one_port_pairs));
}

const pn_device_class pn_class_capacitor = {
    .name = "capacitor",
    .title = "Capacitor",
    .letter = 'c',
    .model_type = "c",
    .flags = PN_DEV_LINEAR,
    .params = capacitor_params,
    .n_params = PN_COUNT(capacitor_params),
    .n_derived = 1, /* capacitance at temperature, F */
    .locals = one_port,
    .n_locals = PN_COUNT(one_port),
    .pairs = one_port_pairs,
    .n_pairs = PN_COUNT(one_port_pairs),
    .derive = reactive_derive,
    .eval = capacitor_eval,
};

/* ---- inductor: row of the branch: v_p - v_n - d/dt(L i) = 0, so q = -L i there ---- */

static const pn_param inductor_params[] = {
    PN_PLAIN("l", "H", NAN, -INFINITY, INFINITY, PN_P_BOTH | PN_P_REQUIRED, "Inductance.",
             "inductance"),
    COMMON_PARAMS,
    PN_PLAIN("ic", "A", NAN, -INFINITY, INFINITY, PN_P_INSTANCE,
             "Current at the start of a transient with UIC; 0 when not given.", NULL),
};

static const pn_local inductor_locals[] = {
    {PN_L_TERM, "p", "V", 0.0}, {PN_L_TERM, "n", "V", 0.0}, {PN_L_BRANCH, "i", "A", 0.0}};
static const pn_pair inductor_pairs[] = {{0, 2}, {1, 2}, {2, 0}, {2, 1}, {2, 2}};

static void inductor_eval(const pn_device_class *c, const pn_dev_block *b)
{
  (void)c;
  if (!b->jf)
    return;
  static const double jf[] = {1.0, -1.0, 1.0, -1.0, 0.0};
  for (int k = 0; k < PN_COUNT(inductor_pairs); k++)
    for (int l = 0; l < PN_LANES; l++) {
      b->jf[k * PN_LANES + l] = jf[k];
      b->jq[k * PN_LANES + l] = k == 4 ? -b->p[N_WITH_IC * PN_LANES + l] : 0.0;
    }
}

const pn_device_class pn_class_inductor = {
    .name = "inductor",
    .title = "Inductor",
    .letter = 'l',
    .model_type = "l",
    .flags = PN_DEV_LINEAR,
    .params = inductor_params,
    .n_params = PN_COUNT(inductor_params),
    .n_derived = 1, /* inductance at temperature, H */
    .locals = inductor_locals,
    .n_locals = PN_COUNT(inductor_locals),
    .pairs = inductor_pairs,
    .n_pairs = PN_COUNT(inductor_pairs),
    .derive = reactive_derive,
    .eval = inductor_eval,
};
