/* A memristor model as a device class: terminals p and n, then the states. The circuit evaluates
 * class->mem and eliminates the states, so that only the terminals' four entries reach the matrix. */
#include "devices/memristor.h"

static const pn_pair terminal_pairs[] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};

static void derive(const pn_device_class *c, double *p, double temp)
{
  c->mem->derive(c->mem, p, temp);
}

/* Bounds first: they are the same question for every model. */
static const char *check(const pn_device_class *c, pn_arena *a, const double *p)
{
  const pn_memristor *m = c->mem;
  for (int k = 0; k < m->n_states; k++) {
    const pn_mem_state *s = &m->states[k];
    double lo = s->p_min >= 0 ? p[s->p_min] : -INFINITY;
    double hi = s->p_max >= 0 ? p[s->p_max] : INFINITY;
    double x0 = p[s->p_init];
    if (!(lo < hi))
      return pn_arena_printf(a, "state %s of %s has no room between its bounds, %s=%g and %s=%g",
                             s->name, m->name, m->params[s->p_min].name, lo,
                             m->params[s->p_max].name, hi);
    if (!(x0 >= lo && x0 <= hi))
      return pn_arena_printf(a, "%s=%g of %s lies outside the state's bounds, %g and %g",
                             m->params[s->p_init].name, x0, m->name, lo, hi);
  }
  return m->check ? m->check(m, a, p) : NULL;
}

static void init_hist(const pn_device_class *c, const double *p, double *h)
{
  c->mem->init_hist(c->mem, p, h);
}

static bool accept(const pn_device_class *c, double t, const double *p, const double *u, double *h)
{
  return c->mem->accept(c->mem, t, p, u[0] - u[1], u + 2, h);
}

/* 1e-6 of the state's range, with default bounds; 1e-6 when it has none. */
static double tolerance(const pn_memristor *m, const pn_mem_state *s)
{
  double range = s->range;
  if (range == 0.0 && s->p_min >= 0 && s->p_max >= 0)
    range = m->params[s->p_max].value - m->params[s->p_min].value;
  return range > 0.0 && isfinite(range) ? 1e-6 * range : 1e-6;
}

const pn_device_class *pn_memristor_class(pn_arena *a, const pn_memristor *m)
{
  pn_local *locals = PN_NEW_ARRAY(a, pn_local, 2 + m->n_states);
  locals[0] = (pn_local){PN_L_TERM, "p", "V", 0.0};
  locals[1] = (pn_local){PN_L_TERM, "n", "V", 0.0};
  for (int k = 0; k < m->n_states; k++) {
    const pn_mem_state *s = &m->states[k];
    locals[2 + k] = (pn_local){PN_L_STATE, s->name, s->unit, tolerance(m, s)};
  }
  pn_device_class *c = PN_NEW(a, pn_device_class);
  *c = (pn_device_class){
      .name = m->name,
      .title = m->title,
      .letter = 'n',
      .model_type = m->name,
      .flags = PN_DEV_MEMRISTOR,
      .params = m->params,
      .n_params = m->n_params,
      .n_derived = m->n_derived,
      .locals = locals,
      .n_locals = 2 + m->n_states,
      .pairs = terminal_pairs,
      .n_pairs = PN_COUNT(terminal_pairs),
      .n_hist = m->n_hist,
      .n_work = m->n_work,
      .derive = m->derive ? derive : NULL,
      .check = check,
      .init_hist = m->init_hist ? init_hist : NULL,
      .accept = m->accept ? accept : NULL,
      .mem = m,
      .data = m->data,
  };
  return c;
}
