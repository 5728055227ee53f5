/* Measurements and signals: compiling what a measurement names against the circuit, and
 * turning a point of an analysis into the plain numbers of the state machine. */
#include "output/measure_core.h"

#include <math.h>

pn_str pn_measure_analysis(const pn_measure *m)
{
  return m->analysis;
}

pn_str pn_measure_name(const pn_measure *m)
{
  return m->name;
}

/* A bare v(out), i(v1) or @dev[q] stands for its magnitude in AC; vr(), vdb() and expressions
 * of them say themselves what they mean. */
static bool is_phasor(const pn_ast *e)
{
  return e->kind == PN_AST_AT ||
         (e->kind == PN_AST_PROBE && (pn_str_is(e->name, "v") || pn_str_is(e->name, "i")));
}

pn_status pn_measure_bind(pn_measure *m, pn_arena *a, pn_diag *d, const pn_circuit *c,
                          const pn_resolver *r)
{
  m->diag = d;
  m->params = r;
  pn_status st = PN_OK;
  for (int k = 0; k < m->n_signals; k++) {
    m->by_magnitude[k] = is_phasor(m->ast[k]);
    m->signal[k] = pn_signal_compile(a, d, c, m->ast[k], r);
    if (!m->signal[k])
      st = PN_E_NETLIST;
  }
  pn_measure_reset(m);
  return st;
}

static double real_of(const pn_measure *m, int k, const pn_point *p)
{
  if (!p->ac)
    return pn_signal_real(m->signal[k], p);
  double complex z = pn_signal_complex(m->signal[k], p);
  return m->by_magnitude[k] || cimag(z) != 0 ? cabs(z) : creal(z);
}

void pn_measure_point(pn_measure *m, const pn_point *p)
{
  double values[PN_MEASURE_SIGNALS];
  for (int k = 0; k < m->n_signals; k++)
    values[k] = real_of(m, k, p);
  pn_measure_feed(m, p->x, values);
}
