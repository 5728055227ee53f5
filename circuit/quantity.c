/* Quantities of devices for output: currents into terminals, power, conductance,
 * states and parameters, at any point and in AC. They are evaluated on request, one
 * device at a time, from the device's own equations. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES };

enum what {
  Q_CURRENT, /* other: turned to the device's polarity */
  Q_VOLTAGE,
  Q_POWER,
  Q_CONDUCTANCE,
  Q_UNKNOWN,
  Q_PARAM,
  Q_ENERGY,
  Q_BIAS, /* voltage between inner terminals local and other, in the device's polarity */
  Q_SLOPE /* a sum of slopes: local is its formula */
};

static bool is_memristor(const pn_device_class *c)
{
  return c->flags & PN_DEV_MEMRISTOR;
}

static int n_terminals(const pn_device_class *c)
{
  int n = 0;
  while (n < c->n_locals && c->locals[n].kind == PN_L_TERM)
    n++;
  return n;
}

/* "i", "v", "p", "e" of every device with two terminals or more; "g" of memristors. */
static bool find_standard(const pn_device_class *c, pn_str name, pn_quantity *q)
{
  static const struct {
    const char *name;
    enum what what;
  } known[] = {{"i", Q_CURRENT}, {"v", Q_VOLTAGE}, {"p", Q_POWER}, {"e", Q_ENERGY}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (pn_str_is(name, known[k].name)) {
      q->what = known[k].what;
      q->local = 0;
      return n_terminals(c) >= 2;
    }
  if (pn_str_is(name, "g") && is_memristor(c)) {
    q->what = Q_CONDUCTANCE;
    return true;
  }
  return false;
}

bool pn_sim_quantity_find(const pn_circuit *c, int device, pn_str name, pn_quantity *q)
{
  const pn_device_class *cls = pn_device_at(c, device).cls;
  *q = (pn_quantity){.device = device};
  for (int l = 0; l < cls->n_locals; l++) {
    const pn_local *local = &cls->locals[l];
    bool own = local->kind != PN_L_TERM && local->kind != PN_L_REF;
    if (own && pn_str_is(name, local->name)) {
      *q = (pn_quantity){device, Q_UNKNOWN, l, 0};
      return true;
    }
    /* id, ig, ...: the current into the terminal of that name */
    if (local->kind == PN_L_TERM && name.n > 1 && (name.p[0] | 32) == 'i' &&
        pn_str_is((pn_str){name.p + 1, name.n - 1}, local->name)) {
      *q = (pn_quantity){device, Q_CURRENT, l, pn_bias_turns_currents(cls)};
      return true;
    }
  }
  static const enum what of_bias[] = {
      [PN_BIAS_CURRENT] = Q_CURRENT, [PN_BIAS_VOLTAGE] = Q_BIAS, [PN_BIAS_SLOPE] = Q_SLOPE};
  pn_bias_kind bias = pn_bias_find(cls, name, &q->local, &q->other);
  if (bias != PN_BIAS_NONE) {
    q->what = of_bias[bias];
    return true;
  }
  if (find_standard(cls, name, q))
    return true;
  int p = pn_param_find(cls->params, cls->n_params, name);
  *q = (pn_quantity){device, Q_PARAM, p, 0};
  return p >= 0;
}

/* The local equations of one device at a point: currents f, charges' slopes jq y'. */
typedef struct local_point {
  const pn_batch *b;
  pn_batch_run *run;
  int batch, place;
  double *p, *u, *h, *f, *q, *jf, *jq, *work;
} local_point;

static double unknown_at(const pn_sim *s, const local_point *w, int local, const double *y)
{
  int id = pn_batch_unknown(s->c, w->b, local, w->place);
  return id < s->c->n ? y[id] : 0;
}

static void load_params(local_point *w)
{
  const pn_columns *par = &w->run->par;
  for (int m = 0; m < par->n_total; m++) {
    double v = par->column[m] < 0 ? par->uniform[m] : par->at[par->column[m]][w->place];
    for (int l = 0; l < L; l++)
      w->p[m * L + l] = v;
  }
}

static local_point open_device(pn_sim *s, int device, const double *y)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  const pn_batch *b = &s->c->batches.at[d->batch];
  local_point w = {.b = b, .run = &s->run[d->batch], .batch = d->batch, .place = d->place};
  size_t locals = (size_t)b->cls->n_locals * L, pairs = (size_t)b->cls->n_pairs * L;
  int n_hist = is_memristor(b->cls) ? b->cls->mem->n_hist : b->cls->n_hist;
  w.p = s->block;
  w.u = w.p + (size_t)w.run->par.n_total * L;
  w.h = w.u + locals;
  w.f = w.h + (size_t)n_hist * L;
  w.q = w.f + locals;
  w.jf = w.q + locals;
  w.jq = w.jf + pairs;
  w.work = w.jq + pairs;
  load_params(&w);
  for (int k = 0; k < b->cls->n_locals; k++)
    for (int l = 0; l < L; l++)
      w.u[k * L + l] = unknown_at(s, &w, k, y);
  for (int k = 0; k < n_hist; k++)
    for (int l = 0; l < L; l++)
      w.h[k * L + l] = w.run->hist[(size_t)k * (size_t)b->n_pad + (size_t)w.place];
  return w;
}

/* Current, conductance di/dv and di/dx of one memristor. ix [n_states]. */
static double memristor_current(pn_sim *s, local_point *w, double t, double *iv, double *ix)
{
  const pn_memristor *m = w->b->cls->mem;
  int ns = m->n_states;
  double v[L];
  double *x = w->u + 2 * L, *o = w->f;
  for (int l = 0; l < L; l++)
    v[l] = w->u[l] - w->u[L + l];
  for (int k = 0; k < ns; k++) {
    size_t at = (size_t)k * (size_t)w->b->n_pad + (size_t)w->place;
    for (int l = 0; l < L; l++) {
      double lo = w->run->xmin[at], hi = w->run->xmax[at], z = x[k * L + l];
      x[k * L + l] = z < lo ? lo : z > hi ? hi : z;
    }
  }
  pn_mem_block blk = {.p = w->p,
                      .v = v,
                      .x = x,
                      .h = w->h,
                      .t = t,
                      .i = o,
                      .i_v = o + L,
                      .i_x = o + 2 * L,
                      .g = o + (2 + ns) * L,
                      .g_v = o + (2 + 2 * ns) * L,
                      .g_x = o + (2 + 3 * ns) * L,
                      .work = o + (2 + 3 * ns + ns * ns) * L,
                      .n = 1};
  m->eval(m, &blk);
  double factor = pn_vary_factor(s, w->batch, w->place, t);
  *iv = factor * blk.i_v[0] + s->opt.gmin;
  for (int k = 0; ix && k < ns; k++)
    ix[k] = factor * blk.i_x[k * L];
  double i = factor * blk.i[0], icc = w->run->icc ? w->run->icc[w->place] : INFINITY;
  if (fabs(i) > icc) {
    i = copysign(icc, i);
    *iv = s->opt.gmin;
    for (int k = 0; ix && k < ns; k++)
      ix[k] = 0;
  }
  return i + s->opt.gmin * v[0];
}

static double source_current(const pn_sim *s, int device, double t, bool dc)
{
  for (int k = 0; k < s->n_sources; k++) {
    const pn_source_run *r = &s->source[k];
    if (r->device == device && r->sign > 0)
      return s->source_scale * (!isnan(r->dc_override) ? r->dc_override
                                : dc                   ? pn_wave_dc(r->wave)
                                                       : pn_wave_at(r->wave, t));
  }
  return 0;
}

/* Evaluates f, jf and jq of an ordinary device. */
static void eval_device(pn_sim *s, local_point *w, double t)
{
  const pn_device_class *cls = w->b->cls;
  memset(w->f, 0, (size_t)(2 * cls->n_locals + 2 * cls->n_pairs) * L * sizeof *w->f);
  pn_dev_block blk = {.p = w->p,
                      .u = w->u,
                      .h = w->h,
                      .t = t,
                      .temp = s->opt.temp,
                      .gmin = s->opt.gmin,
                      .f = w->f,
                      .q = w->q,
                      .jf = w->jf,
                      .jq = w->jq,
                      .work = w->work,
                      .n = 1};
  cls->eval(cls, &blk);
}

/* Does the current of row m flow into a terminal: its own row, or that of an inner node which is one with it? */
static bool flows_into(const pn_sim *s, const local_point *w, int m, int local)
{
  return m == local || (pn_outer_local(w->b->cls, m) == local &&
                        pn_batch_unknown(s->c, w->b, m, w->place) ==
                            pn_batch_unknown(s->c, w->b, local, w->place));
}

static double terminal_current(pn_sim *s, local_point *w, int device, int local, double t,
                               const double *yp)
{
  const pn_device_class *cls = w->b->cls;
  double iv;
  if (is_memristor(cls))
    return (local ? -1 : 1) * memristor_current(s, w, t, &iv, NULL);
  eval_device(s, w, t);
  bool linear = cls->flags & PN_DEV_LINEAR;
  double i = 0;
  for (int m = 0; m < cls->n_locals && !linear; m++)
    i += flows_into(s, w, m, local) ? w->f[m * L] : 0;
  for (int m = 0; m < cls->n_pairs; m++) {
    if (!flows_into(s, w, cls->pairs[m].row, local))
      continue;
    int col = cls->pairs[m].col;
    if (linear)
      i += w->jf[m * L] * w->u[col * L];
    if (yp)
      i += w->jq[m * L] * unknown_at(s, w, col, yp);
  }
  if (pn_device_at(s->c, device).wave && cls->letter == 'i')
    i += (local ? -1 : 1) * source_current(s, device, t, yp == NULL);
  return i;
}

static double power(pn_sim *s, local_point *w, int device, double t, const double *y,
                    const double *yp)
{
  int n = n_terminals(w->b->cls);
  double sum = 0;
  for (int k = 0; k < n; k++) {
    local_point at = open_device(s, device, y);
    sum += unknown_at(s, w, k, y) * terminal_current(s, &at, device, k, t, yp);
  }
  return sum;
}

pn_status pn_sim_capacitance(pn_sim *s, int device, double *farad)
{
  memset(s->f, 0, (size_t)(s->c->n + 1) * sizeof *s->f);
  if (s->linear_stale) {
    pn_status st = pn_sim_stamp_linear(s);
    if (st)
      return st;
  }
  local_point w = open_device(s, device, s->f);
  eval_device(s, &w, 0);
  *farad = w.jq[0];
  return PN_OK;
}

double pn_sim_quantity(pn_sim *s, const pn_quantity *q, double t, const double *y, const double *yp)
{
  const int *id = pn_device_at(s->c, q->device).unknowns;
  if (q->what == Q_PARAM)
    return pn_sim_get_param(s, q->device, q->local);
  if (q->what == Q_UNKNOWN)
    return y[id[q->local]];
  double v = (id[0] < 0 ? 0 : y[id[0]]) - (id[1] < 0 ? 0 : y[id[1]]);
  if (q->what == Q_VOLTAGE)
    return v;
  if (s->linear_stale && pn_sim_stamp_linear(s))
    return NAN; /* a parameter was set, and what derives from it cannot be */
  local_point w = open_device(s, q->device, y);
  switch ((enum what)q->what) {
  case Q_CURRENT:
    v = terminal_current(s, &w, q->device, q->local, t, yp);
    return q->other ? v * pn_bias_polarity(w.b->cls, w.p) : v;
  case Q_BIAS:
    return (w.u[q->local * L] - w.u[q->other * L]) * pn_bias_polarity(w.b->cls, w.p);
  case Q_SLOPE:
    eval_device(s, &w, t);
    return pn_bias_slope(w.b->cls, q->local, w.jf);
  case Q_POWER:
  case Q_ENERGY: /* the signal integrates it */
    return power(s, &w, q->device, t, y, yp);
  case Q_CONDUCTANCE: {
    double iv, i = memristor_current(s, &w, t, &iv, NULL);
    return v != 0 ? i / v : iv;
  }
  case Q_PARAM:
  case Q_UNKNOWN:
  case Q_VOLTAGE:
    break;
  }
  return NAN;
}

bool pn_sim_quantity_is_energy(const pn_quantity *q)
{
  return q->what == Q_ENERGY;
}

const char *pn_sim_quantity_unit(const pn_circuit *c, const pn_quantity *q)
{
  const pn_device_class *cls = pn_device_at(c, q->device).cls;
  switch ((enum what)q->what) {
  case Q_CURRENT:
    return "A";
  case Q_VOLTAGE:
  case Q_BIAS:
    return "V";
  case Q_POWER:
    return "W";
  case Q_ENERGY:
    return "J";
  case Q_CONDUCTANCE:
  case Q_SLOPE:
    return "S";
  case Q_UNKNOWN:
    return cls->locals[q->local].unit;
  case Q_PARAM:
    return cls->params[q->local].unit;
  }
  return "";
}

static double complex phasor(const pn_sim *s, const local_point *w, int local,
                             const double complex *y)
{
  int id = pn_batch_unknown(s->c, w->b, local, w->place);
  return id < s->c->n ? y[id] : 0;
}

/* Small-signal current into a terminal at the operating point held in the sim. */
static double complex current_ac(pn_sim *s, const pn_quantity *q, const double complex *y,
                                 double omega)
{
  /* The operating point is what was evaluated last. */
  memcpy(s->f, s->y, (size_t)s->c->n * sizeof *s->f);
  local_point w = open_device(s, q->device, s->f);
  const pn_batch *b = w.b;
  double complex sum = 0;
  if (is_memristor(b->cls)) {
    double iv, ix[16];
    memristor_current(s, &w, 0, &iv, ix);
    sum = iv * (phasor(s, &w, 0, y) - phasor(s, &w, 1, y));
    for (int m = 0; m < b->cls->mem->n_states; m++)
      sum += ix[m] * phasor(s, &w, 2 + m, y);
    return q->local ? -sum : sum;
  }
  eval_device(s, &w, 0);
  for (int m = 0; m < b->cls->n_pairs; m++)
    if (flows_into(s, &w, b->cls->pairs[m].row, q->local))
      sum += (w.jf[m * L] + I * omega * w.jq[m * L]) * phasor(s, &w, b->cls->pairs[m].col, y);
  const pn_wave *wave = pn_device_at(s->c, q->device).wave;
  if (wave && b->cls->letter == 'i')
    sum += (q->local ? -1 : 1) * wave->ac_mag * cexp(I * wave->ac_phase * 0.017453292519943295);
  return q->other ? sum * pn_bias_polarity(b->cls, w.p) : sum;
}

/* Phasor of a voltage between inner terminals; conductances are those of the operating point. */
static double complex bias_ac(pn_sim *s, const pn_quantity *q, const double complex *y)
{
  memcpy(s->f, s->y, (size_t)s->c->n * sizeof *s->f);
  local_point w = open_device(s, q->device, s->f);
  if (q->what == Q_BIAS)
    return (phasor(s, &w, q->local, y) - phasor(s, &w, q->other, y)) *
           pn_bias_polarity(w.b->cls, w.p);
  eval_device(s, &w, 0);
  return pn_bias_slope(w.b->cls, q->local, w.jf);
}

double complex pn_sim_quantity_ac(pn_sim *s, const pn_quantity *q, const double complex *y,
                                  double omega)
{
  const pn_device of = pn_device_at(s->c, q->device), *d = &of;
  int a = d->unknowns[0], b = d->cls->n_locals > 1 ? d->unknowns[1] : -1;
  double complex v = (a >= 0 ? y[a] : 0) - (b >= 0 ? y[b] : 0);
  switch ((enum what)q->what) {
  case Q_UNKNOWN:
    return y[d->unknowns[q->local]];
  case Q_VOLTAGE:
    return v;
  case Q_CURRENT:
    return current_ac(s, q, y, omega);
  case Q_CONDUCTANCE: {
    pn_quantity i = {q->device, Q_CURRENT, 0, 0};
    return current_ac(s, &i, y, omega) / v;
  }
  case Q_PARAM:
    return pn_sim_get_param(s, q->device, q->local);
  case Q_BIAS:
  case Q_SLOPE:
    return bias_ac(s, q, y);
  case Q_POWER: {
    pn_quantity i = {q->device, Q_CURRENT, 0, 0};
    return v * conj(current_ac(s, &i, y, omega)) / 2;
  }
  case Q_ENERGY:
    break;
  }
  return NAN;
}
