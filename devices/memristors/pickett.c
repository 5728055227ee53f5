/* The TiO2 memristor of Pickett et al.: a Simmons tunnel barrier behind a series resistance. The width of
 * the barrier is the state; the voltage across the barrier is an inner unknown. */
#include "devices/memristors/dual.h"
#include "devices/memristors/model.h"

enum {
  F_OFF,
  I_OFF,
  A_OFF,
  F_ON,
  I_ON,
  A_ON,
  B,
  W_C,
  RS,
  PHI0,
  W0,
  WMIN,
  WMAX,
  VB0,
  VBMIN,
  VBMAX,
  N_PARAMS
};

#define PAPER    "Pickett et al., J. Appl. Phys. 106, 074508 (2009)"
#define ABDALLA  PAPER "; Abdalla and Pickett, ISCAS 2011"
#define W1       0.1261 /* nm, edge of the barrier at its first electrode */
#define THINNEST 0.1    /* nm, least effective barrier that the formula is asked for */
#define LEAST_D  0.3    /* least denominator of the image-force term (|v_b| near 1.4 V) */

static const pn_param params[] = {
    PN_NUM("f_off", "m/s", 3.5e-6, PN_GE0, "Velocity of switching off.", ABDALLA, "S2+"),
    PN_NUM("i_off", "A", 115e-6, PN_POSITIVE, "Current scale of switching off.", ABDALLA, "S2+"),
    PN_NUM("a_off", "m", 1.2e-9, PN_ANY, "Width scale of switching off.", ABDALLA, "S2+"),
    PN_NUM("f_on", "m/s", 40e-6, PN_GE0, "Velocity of switching on.", ABDALLA, "S2+"),
    PN_NUM("i_on", "A", 8.9e-6, PN_POSITIVE, "Current scale of switching on.", ABDALLA, "S2+"),
    PN_NUM("a_on", "m", 1.8e-9, PN_ANY, "Width scale of switching on.",
           ABDALLA "; Technion's code has 2 nm", "X"),
    PN_NUM("b", "A", 500e-6, PN_POSITIVE, "Current that softens both walls.", ABDALLA, "S2+"),
    PN_NUM("w_c", "m", 107e-12, PN_POSITIVE, "Width of the walls.", ABDALLA, "S2+"),
    PN_NUM("rs", "ohm", 215.0, PN_POSITIVE, "Series resistance.", ABDALLA, "M"),
    PN_NUM("phi0", "eV", 0.95, PN_POSITIVE, "Height of the barrier.", ABDALLA, "M"),
    PN_OWN("w0", "m", 1.5e-9, PN_POSITIVE, "Initial width of the barrier."),
    PN_OWN("wmin", "m", 1.1e-9, PN_POSITIVE, "Lower bound of the width."),
    PN_OWN("wmax", "m", 2.0e-9, PN_POSITIVE, "Upper bound of the width."),
    PN_OWN("vb0", "V", 0.0, PN_ANY, "First guess of the barrier's voltage."),
    PN_OWN("vbmin", "V", -1.2, PN_LE0, "Lower bound of the barrier's voltage."),
    PN_OWN("vbmax", "V", 1.2, PN_GE0, "Upper bound of the barrier's voltage."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_set sets[] = {
    PN_SET("abdalla", "Numbers of the paper and of its SPICE model (the defaults).", ABDALLA, "S2+",
           {A_ON, 1.8e-9}),
    PN_SET("technion", "Width scale of switching on as Technion's Verilog-A has it.",
           "Technion's memristor models", "X", {A_ON, 2e-9}),
};

static const pn_mem_state states[] = {
    {"w", "m", "width of the tunnel barrier", W0, WMIN, WMAX, 0.0, 1, 0, 0},
    {"vb", "V", "voltage across the barrier", VB0, VBMIN, VBMAX, 0.0, 0, 0, 0},
};

/* psi exp(-b sqrt(psi)), Simmons' term of one side of the barrier. */
PN_INLINE pn_dual simmons_term(pn_dual psi, pn_dual b)
{
  pn_dual e = pn_d_exp(pn_d_scale(-1.0, pn_d_mul(b, pn_d_sqrt(psi))));
  return pn_d_mul(psi, e);
}

/* Current in A through a barrier of w nm at v >= 0 volts: Simmons' formula with image forces, its numbers
 * for the paper's junction. */
PN_INLINE pn_dual barrier_current(pn_dual v, pn_dual w, double phi0)
{
  pn_dual lambda = pn_d_scale(0.0998, pn_d_inv(w));
  pn_dual d = pn_d_sub(pn_d_shift(2.85, pn_d_scale(4.0, lambda)), pn_d_scale(2.0, v));
  pn_dual image = pn_d_scale(0.9183, pn_d_inv(pn_d_floor(d, LEAST_D)));
  pn_dual dw = pn_d_floor(pn_d_sub(w, image), THINNEST), w2 = pn_d_shift(W1, dw);
  pn_dual r = pn_d_div(pn_d_mul(w2, pn_d_shift(-W1, w)), pn_d_scale(W1, pn_d_shift(-W1, image)));
  pn_dual lowering = pn_d_scale(1.15 * 0.0998, pn_d_div(pn_d_log(r), dw)); /* lambda w = 0.0998 */
  pn_dual slope = pn_d_div(pn_d_mul(v, pn_d_shift(W1, w2)), pn_d_scale(2.0, w));
  pn_dual phi = pn_d_sub(pn_d_sub(pn_d_const(phi0), slope), lowering);
  pn_dual b = pn_d_scale(10.246, dw), least = pn_d_scale(4.0, pn_d_inv(pn_d_mul(b, b)));
  phi = pn_d_pick(phi.v > least.v, phi, least); /* below, the terms' difference turns round */
  pn_dual sum = pn_d_sub(simmons_term(phi, b), simmons_term(pn_d_add(phi, v), b));
  return pn_d_scale(0.0617, pn_d_div(sum, pn_d_mul(dw, dw)));
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
    /* derivatives: a with respect to w (m), b with respect to |v_b| (V) */
    double vb = x[1][l], sign = vb < 0.0 ? -1.0 : 1.0;
    pn_dual w = {x[0][l], 1.0, 0.0, 0.0, 0.0}, v = {fabs(vb), 0.0, 1.0, 0.0, 0.0};
    pn_dual i = barrier_current(v, pn_d_scale(1e9, w), p[PHI0][l]);

    bool off = vb > 0.0;
    double inv_wc = 1.0 / p[W_C][l], scale = off ? p[I_OFF][l] : p[I_ON][l];
    double velocity = off ? p[F_OFF][l] : -p[F_ON][l];
    pn_dual wall = off ? pn_d_shift(-p[A_OFF][l] * inv_wc, pn_d_scale(inv_wc, w))
                       : pn_d_shift(p[A_ON][l] * inv_wc, pn_d_scale(-inv_wc, w));
    wall = pn_d_exp(pn_d_sub(wall, pn_d_scale(1.0 / p[B][l], i)));
    pn_dual brake = pn_d_scale(-1.0, pn_d_add(wall, pn_d_scale(inv_wc, w)));
    pn_dual drive = pn_d_scale(1.0 / scale, i); /* sinh(drive) exp(brake), exponents combined */
    pn_dual rate = pn_d_sub(pn_d_exp(pn_d_add(brake, drive)), pn_d_exp(pn_d_sub(brake, drive)));
    rate = pn_d_scale(0.5 * velocity, rate);

    b->i[l] = sign * i.v;
    b->i_v[l] = 0.0;
    i_x[0][l] = sign * i.a;
    i_x[1][l] = i.b;
    g[0][l] = rate.v;
    g_v[0][l] = 0.0;
    g_x[0][l] = rate.a;
    g_x[1][l] = sign * rate.b;
    g[1][l] = b->v[l] - vb - p[RS][l] * sign * i.v;
    g_v[1][l] = 1.0;
    g_x[2][l] = -p[RS][l] * sign * i.a;
    g_x[3][l] = -1.0 - p[RS][l] * i.b;
  }
}

const pn_memristor pn_memristor_pickett = {
    .name = "pickett",
    .title = "TiO2 memristor with a Simmons tunnel barrier (Pickett)",
    .equations =
        "v = vb + rs i, i = sgn(vb) I(|vb|, w); lengths in nm inside I:\n"
        "I = (0.0617/dw^2) (phi exp(-B sqrt(phi)) - (phi + |vb|) exp(-B sqrt(phi + |vb|)))\n"
        "lambda = 0.0998/w, w1 = 0.1261, w2 = w1 + w - 0.9183/(2.85 + 4 lambda - 2 |vb|)\n"
        "dw = w2 - w1, B = 10.246 dw\n"
        "phi = phi0 - |vb| (w1 + w2)/(2 w) - 1.15 lambda w ln(w2 (w - w1)/(w1 (w - w2)))/dw\n"
        "i > 0: dw/dt =  f_off sinh(|i|/i_off) exp(-exp((w - a_off)/w_c - |i|/b) - w/w_c)\n"
        "i < 0: dw/dt = -f_on  sinh(|i|/i_on)  exp(-exp((a_on - w)/w_c - |i|/b) - w/w_c)\n",
    .citation =
        "M. D. Pickett, D. B. Strukov, J. L. Borghetti, J. J. Yang, G. S. Snider, D. R. Stewart, "
        "R. S. Williams, Switching dynamics in titanium dioxide memristive devices, J. Appl. "
        "Phys. 106, 074508, 2009, doi:10.1063/1.3236506; H. Abdalla, M. D. Pickett, SPICE modeling "
        "of memristors, ISCAS 2011",
    .notes =
        "A positive current switches off. The port's numbers are recalled, not read again. The "
        "tunnel formula holds up to about 1 V across the barrier; where it would turn round, dw "
        "is kept above 0.1 nm, phi above 4/B^2 and the image term's denominator above 0.3.",
    .params = params,
    .n_params = N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .sets = sets,
    .n_sets = PN_COUNT(sets),
    .passive = true,
    .v_max = 1.0,
    .eval = eval,
};
