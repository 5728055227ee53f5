/* A perpendicular magnetic tunnel junction switched by spin-transfer torque: the macrospin's
 * component along the easy axis is the state, its angle opens and closes the tunnel. */
#include "devices/memristors/model.h"

enum { RP, TMR, VH, IC0, ALPHA, HK, M0, M_MAX, M_MIN, N_PARAMS, RATE = N_PARAMS, N_ALL };

#define UMN "University of Minnesota STT-MTJ set: RA 5 ohm um^2, 40 nm x 116 nm, alpha 0.028"
#define PMA "typical of perpendicular junctions, from memory"
#define SUN "J. Z. Sun, Phys. Rev. B 62, 570 (2000)"

static const pn_param params[] = {
    PN_NUM("rp", "ohm", 1372.0, PN_POSITIVE, "Resistance when parallel (m = 1).", UMN, "S1"),
    PN_NUM("tmr", "1", 1.0, PN_POSITIVE, "Tunnel magnetoresistance at 0 V: (Rap - Rp)/Rp.", PMA,
           "M"),
    PN_NUM("vh", "V", 0.5, PN_POSITIVE, "Voltage that halves the magnetoresistance.", PMA, "M"),
    PN_NUM("ic0", "A", 49e-6, PN_POSITIVE, "Critical current of switching.",
           "S. Ikeda et al., Nat. Mater. 9, 721 (2010): 49 uA at 40 nm", "S1"),
    PN_NUM("alpha", "1", 0.027, PN_POSITIVE, "Gilbert damping.", PMA, "M"),
    PN_NUM("hk", "A/m", 1.13e5, PN_POSITIVE, "Anisotropy field.", PMA, "M"),
    PN_OWN("m0", "1", 0.99, PN_IN(-1.0, 1.0), "State at the start: 1 parallel, -1 antiparallel."),
    PN_NUM("m_max", "1", 0.9925, PN_IN(0.5, 1.0),
           "Largest |m|: the thermal tilt of the free layer.", "1 - 1/(4 delta), delta = 33", "D"),
    PN_NUM("m_min", "1", -0.9925, PN_IN(-1.0, -0.5), "Least m.", "as m_max", "D"),
};
_Static_assert(PN_COUNT(params) == N_PARAMS, "one line per parameter");

static const pn_mem_state states[] = {
    {"m", "1", "cosine of the angle between the layers", M0, M_MIN, M_MAX, 2.0, 1, 0, 0},
};

static void derive(const pn_memristor *m, double *p, double temp)
{
  (void)m, (void)temp;
  p[RATE] = 2.211e5 * p[ALPHA] / (1.0 + p[ALPHA] * p[ALPHA]) *
            p[HK]; /* gamma mu0 = 2.211e5 m/(A s) */
}

PN_VECTOR_FN
static void eval(const pn_memristor *m, const pn_mem_block *b)
{
  (void)m;
  const pn_lanes *p = (const void *)b->p;
  PN_FOR_LANES(l)
  {
    double v = b->v[l], x = b->x[l], y = v / p[VH][l], d = 1.0 / (1.0 + y * y);
    double tmr = p[TMR][l] * d, tmr_v = -2.0 * p[TMR][l] * d * d * y / p[VH][l];
    double r = p[RP][l] * (1.0 + 0.5 * tmr * (1.0 - x)), g = 1.0 / r;
    double r_v = p[RP][l] * 0.5 * tmr_v * (1.0 - x), r_x = -0.5 * p[RP][l] * tmr;
    double i = v * g, i_v = g - i * g * r_v, i_x = -i * g * r_x;
    double k = p[RATE][l], part = x + i / p[IC0][l], shape = 1.0 - x * x;
    b->i[l] = i;
    b->i_v[l] = i_v;
    b->i_x[l] = i_x;
    b->g[l] = k * shape * part;
    b->g_v[l] = k * shape * i_v / p[IC0][l];
    b->g_x[l] = k * (shape * (1.0 + i_x / p[IC0][l]) - 2.0 * x * part);
  }
}

const pn_memristor pn_memristor_mtj = {
    .name = "mtj",
    .title = "Magnetic tunnel junction switched by spin-transfer torque",
    .equations =
        "i = v/(rp (1 + TMR(v) (1 - m)/2)),  TMR(v) = tmr/(1 + (v/vh)^2)\n"
        "dm/dt = alpha gamma0 hk/(1 + alpha^2) (1 - m^2)(m + i/ic0),  m_min <= m <= m_max\n",
    .citation = SUN "; macrospin of a perpendicular free layer",
    .notes =
        "Positive current from the first terminal favours parallel (m = 1). The field-free "
        "macrospin is "
        "deterministic: m_max stands for the thermal tilt from which it starts, so switching times "
        "above ic0 go as 1/(i - ic0); below ic0 it does not switch, thermally activated switching "
        "is "
        "left out.",
    .params = params,
    .n_params = N_PARAMS,
    .n_derived = N_ALL - N_PARAMS,
    .states = states,
    .n_states = PN_COUNT(states),
    .passive = true,
    .v_max = 1.5,
    .derive = derive,
    .eval = eval,
};
