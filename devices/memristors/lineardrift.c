/* The linear ion drift memristor of Strukov et al. with the usual window functions. All windows have
 * the shape c (1 - y(x)^e), so one power serves them all. */
#include "devices/memristors/model.h"

enum { RON, ROFF, D, MU, WINDOW, P, J, X0, XMIN, XMAX, N_PARAMS, DRIFT = N_PARAMS, N_ALL };
enum { NONE, JOGLEKAR, BIOLEK, PRODROMAKIS, STRUKOV };

#define PAPER "Strukov et al., Nature 453, 80 (2008)"

static const pn_param params[] = {
    PN_NUM("ron", "ohm", 100.0, PN_POSITIVE, "Resistance with x = 1.", PAPER, "S2+"),
    PN_NUM("roff", "ohm", 16e3, PN_POSITIVE, "Resistance with x = 0.", PAPER, "S2+"),
    PN_NUM("d", "m", 10e-9, PN_POSITIVE, "Thickness of the film.", PAPER, "S2+"),
    PN_NUM("mu", "m^2/(V s)", 1e-14, PN_GE0, "Mobility of the vacancies.", PAPER, "S2+"),
    PN_OWN("window", "1", BIOLEK, PN_INT(NONE, STRUKOV),
           "Window: 0 none, 1 Joglekar, 2 Biolek, 3 Prodromakis, 4 Strukov."),
    PN_NUM("p", "1", 2.0, PN_IN(1.0, 100.0),
           "Exponent of the window: the larger, the steeper its ends.",
           "Joglekar and Wolf, Eur. J. Phys. 30, 661 (2009)", "S2+"),
    PN_NUM("j", "1", 1.0, PN_POSITIVE, "Height of the Prodromakis window.",
           "Prodromakis et al., IEEE TED 58, 3099 (2011)", "S2+"),
    PN_OWN("x0", "1", 0.1, PN_IN(0.0, 1.0), "Initial state."),
    PN_OWN("xmin", "1", 0.0, PN_IN(0.0, 1.0), "Lower bound of the state."),
    PN_OWN("xmax", "1", 1.0, PN_IN(0.0, 1.0), "Upper bound of the state."),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"x", "1", "width of the doped region over the film's thickness", X0, XMIN, XMAX, 0.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m;
  (void)temp;
  p[DRIFT] = p[MU] * p[RON] / (p[D] * p[D]); /* 1/(A s) */
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l];
    double ron = p[RON][l], roff = p[ROFF][l], k = p[DRIFT][l];
    double window = p[WINDOW][l], pow_p = p[P][l], height = p[J][l];
    double g = 1.0 / (ron * x + roff * (1.0 - x));
    double i = v * g, i_x = i * g * (roff - ron);

    /* base y, its slope, exponent e and height c of the window in force */
    double s = 2.0 * x - 1.0;
    double y = fabs(s), y_x = s < 0.0 ? -2.0 : 2.0, e = 2.0 * pow_p, c = 1.0;
    double biolek = i > 0.0 ? x : 1.0 - x, biolek_x = i > 0.0 ? 1.0 : -1.0;
    y = window == BIOLEK ? biolek : y;
    y_x = window == BIOLEK ? biolek_x : y_x;
    y = window == PRODROMAKIS ? (x - 0.5) * (x - 0.5) + 0.75 : y;
    y_x = window == PRODROMAKIS ? s : y_x;
    e = window == PRODROMAKIS ? pow_p : e;
    c = window == PRODROMAKIS ? height : c;
    e = window == STRUKOV ? 2.0 : e;
    c = window == STRUKOV ? 0.25 : c; /* x (1 - x) */
    double power = pn_pow(y, e - 1.0);
    double f = window == NONE ? 1.0 : c * (1.0 - power * y);
    double f_x = window == NONE ? 0.0 : -c * e * power * y_x;

    b->i[l] = i;
    b->i_v[l] = g;
    b->i_x[l] = i_x;
    b->g[l] = k * i * f;
    b->g_v[l] = k * g * f;
    b->g_x[l] = k * (i_x * f + i * f_x);
  }
}

static const double kinks[] = {0.0};

const pn_memristor pn_memristor_lineardrift = {
    .name = "lineardrift",
    .title = "Linear ion drift memristor (Strukov) with window functions",
    .equations = "i = v / (ron x + roff (1 - x))\n"
                 "dx/dt = (mu ron / d^2) i f(x)\n"
                 "window 0, none:        f = 1\n"
                 "window 1, Joglekar:    f = 1 - |2x - 1|^(2p)\n"
                 "window 2, Biolek:      f = 1 - x^(2p) for i > 0, 1 - (1 - x)^(2p) for i <= 0\n"
                 "window 3, Prodromakis: f = j (1 - ((x - 1/2)^2 + 3/4)^p)\n"
                 "window 4, Strukov:     f = x (1 - x)\n",
    .citation =
        "D. B. Strukov, G. S. Snider, D. R. Stewart, R. S. Williams, The missing memristor "
        "found, Nature 453, 80-83, 2008, doi:10.1038/nature06932; Z. Biolek, D. Biolek, "
        "V. Biolkova, SPICE model of memristor with nonlinear dopant drift, Radioengineering "
        "18(2), 210-214, 2009",
    .notes = "The Joglekar and Strukov windows are 0 at both ends: a state that starts there stays "
             "there. The Biolek window jumps where the current changes its sign.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 5.0,
    .kinks = kinks,
    .n_kinks = PN_COUNT(kinks),
    .derive = derive,
    .eval = eval,
};
