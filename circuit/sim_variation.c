/* A run's random numbers: devices drawn when the sim is made, cycles, noise and telegraph steps at
 * accepted points only, so that equations stay fixed while they are solved. Every draw is a
 * function of seed, device, run and event (base/random.h). */
#include "base/random.h"
#include "circuit/private.h"

enum { L = PN_LANES, MOST_ATTEMPTS = 1000, MOST_REDRAWS = 16, MOST_LAWS = 64 };
enum purpose { OF_DEVICE = 1, OF_CYCLE, OF_STUCK, OF_READ, OF_RTN, OF_FLUCTUATION };

static const double rest_below = 1e-3, pulse_above = 2e-3; /* V: where a cycle ends and begins */

double pn_law_value(const pn_law *l, double nominal, double z)
{
  double s = l->spread * (l->absolute ? 1.0 : nominal);
  switch (l->kind) {
  case PN_LAW_NORMAL:
    return nominal + s * z;
  case PN_LAW_LOGNORMAL:
    return nominal * exp(l->spread * z);
  case PN_LAW_UNIFORM:
    return nominal + s * erf(z / sqrt(2.0)); /* 2 Phi(z) - 1 */
  }
  return nominal;
}

static const pn_variation *variation_of(const pn_sim *s, const pn_batch *b, int place)
{
  return b->bulk < 0 ? pn_kind_of(s->c, b->device[place])->variation
                     : s->c->bulks.at[b->bulk].spec.variation;
}

static pn_random_key key_of(const pn_sim *s, const pn_batch *b, int place, enum purpose purpose)
{
  char text[192];
  pn_str name = pn_str_of(
      pn_circuit_device_name(s->c, pn_batch_device(s->c, b, place), text, sizeof text));
  return (pn_random_key){s->opt.seed, pn_random_hash(name), s->opt.run, purpose};
}

static bool in_range(const pn_param *p, double v)
{
  return v >= p->min && v <= p->max && !((p->flags & PN_P_OPEN_MIN) && v == p->min) &&
         !((p->flags & PN_P_OPEN_MAX) && v == p->max);
}

/* Draws values of laws into p [n_params]; p holds the nominal ones. False: some are not allowed. */
static bool draw(const pn_device_class *cls, pn_arena *a, const pn_law *law, int n,
                 const double *mix, const pn_random_key *key, uint32_t first, double *p)
{
  double z[MOST_LAWS], free_z[MOST_LAWS];
  for (int k = 0; k < n; k++)
    z[k] = free_z[k] = pn_random_normal(key, first + (uint32_t)k);
  for (int k = 0; mix && k < n; k++) {
    z[k] = 0;
    for (int j = 0; j <= k; j++)
      z[k] += mix[k * n + j] * free_z[j];
  }
  for (int k = 0; k < n; k++) {
    double v = pn_law_value(&law[k], p[law[k].param], z[k]);
    if (fabs(z[k]) > law[k].cut || !in_range(&cls->params[law[k].param], v))
      return false;
    p[law[k].param] = v;
  }
  return !cls->check || !cls->check(cls, a, p);
}

/* Draws until the values are allowed; keeps the nominal ones when that does not happen. */
static pn_status draw_allowed(pn_sim *s, int batch, int place, const pn_law *law, int n,
                              const double *mix, const pn_random_key *key, uint32_t first,
                              const double *nominal)
{
  const pn_batch *b = &s->c->batches.at[batch];
  double *p = s->block;
  for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    for (int k = 0; k < b->cls->n_params; k++)
      p[k] = nominal[k];
    if (!draw(b->cls, &s->arena, law, n, mix, key, first + (uint32_t)(attempt * MOST_LAWS), p))
      continue;
    for (int k = 0; k < n; k++)
      if (!pn_columns_set(s, batch, place, law[k].param, p[law[k].param]))
        return PN_E_MEMORY;
    return PN_OK;
  }
  pn_device_info d = pn_circuit_device_info(s->c, pn_batch_device(s->c, b, place));
  char name[PN_DEVICE_NAME];
  pn_error(s->diag, d.loc, "'%s': no draw of its model's variation is allowed (%d tried)",
           pn_circuit_device_name(s->c, pn_batch_device(s->c, b, place), name, sizeof name),
           MOST_ATTEMPTS);
  return PN_E_NETLIST;
}

static void nominal_of(const pn_sim *s, int batch, int place, double *p)
{
  const pn_columns *par = &s->run[batch].par;
  for (int k = 0; k < s->c->batches.at[batch].cls->n_params; k++)
    p[k] = par->column[k] < 0 ? par->uniform[k] : par->at[par->column[k]][place];
}

static void start_telegraph(const pn_sim *s, const pn_batch *b, int place, pn_vary *v)
{
  const pn_variation *d = variation_of(s, b, place);
  if (d->rtn == 0)
    return;
  pn_random_key key = key_of(s, b, place, OF_RTN);
  double up_part = d->rtn_up / (d->rtn_up + d->rtn_down);
  v->rtn_on = pn_random_uniform(&key, 0) < up_part; /* as in the long run */
  v->rtn_next = pn_random_exponential(&key, 1) / (v->rtn_on ? d->rtn_down : d->rtn_up);
  v->rtn_events = 2;
}

static pn_status start_device(pn_sim *s, int batch, int place)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_variation *d = variation_of(s, b, place);
  pn_vary *v = &s->run[batch].vary[place];
  double *nominal = PN_NEW_ARRAY(&s->arena, double, b->cls->n_params + 1);
  *v = (pn_vary){.read_slot = -1, .rtn_next = INFINITY};
  pn_random_key key = key_of(s, b, place, OF_DEVICE), stuck = key_of(s, b, place, OF_STUCK);
  nominal_of(s, batch, place, nominal);
  if (d->n_device) {
    pn_status st = draw_allowed(s, batch, place, d->device, d->n_device, d->mix, &key, 0, nominal);
    if (st)
      return st;
    nominal_of(s, batch, place, nominal);
  }
  v->nominal = nominal;
  for (int k = 0; k < d->n_cycle; k++) /* room for later draws is made now */
    if (!pn_columns_reserve(s, batch, d->cycle[k].param))
      return PN_E_MEMORY;
  for (int k = 0; k < d->n_fluctuation; k++)
    if (!pn_columns_reserve(s, batch, d->fluctuation[k].param))
      return PN_E_MEMORY;
  for (int k = 0; d->n_cycle + d->n_fluctuation && k < b->cls->n_derived; k++)
    if (!pn_columns_reserve(s, batch, b->cls->n_params + k))
      return PN_E_MEMORY;
  double u = pn_random_uniform(&stuck, 0);
  v->stuck = u < d->stuck_max ? 1 : u < d->stuck_max + d->stuck_min ? -1 : 0;
  start_telegraph(s, b, place, v);
  return PN_OK;
}

pn_status pn_vary_init(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  bool any = false;
  for (int k = 0; k < (b->bulk < 0 ? b->n : 1) && !any; k++) /* all of a bulk are of one card */
    any = variation_of(s, b, k) != NULL;
  if (!any)
    return PN_OK;
  s->run[batch].vary = PN_NEW_ARRAY(&s->arena, pn_vary, b->n);
  for (int k = 0; k < b->n; k++)
    if (variation_of(s, b, k)) {
      pn_status st = start_device(s, batch, k);
      if (st)
        return st;
    }
  return PN_OK;
}

void pn_vary_bounds(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  for (int k = 0; run->vary && k < b->n; k++)
    for (int m = 0; run->vary[k].stuck && m < b->cls->mem->n_states; m++) {
      size_t at = (size_t)m * (size_t)b->n_pad + (size_t)k;
      if (!b->cls->mem->states[m].mass || !isfinite(run->xmax[at] - run->xmin[at]))
        continue;
      if (run->vary[k].stuck > 0)
        run->xmin[at] = run->xmax[at];
      else
        run->xmax[at] = run->xmin[at];
    }
}

double pn_vary_factor(const pn_sim *s, int batch, int place, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_vary *v = s->run[batch].vary ? &s->run[batch].vary[place] : NULL;
  const pn_variation *d = v && place < b->n ? variation_of(s, b, place) : NULL;
  if (!d)
    return 1;
  double factor = 1 + d->read * v->read_now;
  factor = (factor > 0 ? factor : 0) * (v->rtn_on ? 1 + d->rtn : 1);
  return d->drift_nu != 0 && t > 0 ? factor * pow(1 + t / d->drift_t0, -d->drift_nu) : factor;
}

/* Factors on the currents of a block, and the rate of forgetting. */
void pn_vary_block(pn_sim *s, int batch, int first, double t, const pn_mem_block *o)
{
  const pn_batch *b = &s->c->batches.at[batch];
  int ns = b->cls->mem->n_states;
  for (int l = 0; s->run[batch].vary && l < o->n; l++) {
    const pn_variation *d = variation_of(s, b, first + l);
    if (!d)
      continue;
    double factor = pn_vary_factor(s, batch, first + l, t);
    o->i[l] *= factor;
    o->i_v[l] *= factor;
    for (int m = 0; m < ns; m++)
      o->i_x[m * L + l] *= factor;
    if (d->retention_tau > 0 && b->cls->mem->states[0].mass) {
      o->g[l] += (d->retention_x - o->x[l]) / d->retention_tau;
      o->g_x[l] -= 1 / d->retention_tau;
    }
  }
}

double pn_vary_next(const pn_sim *s, double t)
{
  double next = INFINITY;
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    for (int i = 0; s->run[k].vary && i < b->n; i++) {
      const pn_variation *d = variation_of(s, b, i);
      if (!d)
        continue;
      if (s->run[k].vary[i].rtn_next > t)
        next = fmin(next, s->run[k].vary[i].rtn_next);
      if (d->read > 0 || d->n_fluctuation) {
        double at = (floor(t / d->read_dt * (1 + 1e-12)) + 1) * d->read_dt;
        next = fmin(next, at > t ? at : at + d->read_dt);
      }
    }
  }
  return next;
}

/* New values of laws that hold until the next draw, from the first of its numbers on. */
static bool redraw(pn_sim *s, int batch, int place, const pn_law *law, int n,
                   const pn_random_key *key, uint32_t first)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_vary *v = &s->run[batch].vary[place];
  double *p = s->block;
  for (int attempt = 0; attempt < MOST_REDRAWS; attempt++) {
    nominal_of(s, batch, place, p); /* what other laws drew stays */
    for (int k = 0; k < n; k++)
      p[law[k].param] = v->nominal[law[k].param];
    if (!draw(b->cls, &s->arena, law, n, NULL, key, first + (uint32_t)(attempt * MOST_LAWS), p))
      continue;
    for (int k = 0; k < n; k++)
      pn_columns_set(s, batch, place, law[k].param, p[law[k].param]);
    pn_sim_derive_one(s, batch, place);
    return true;
  }
  return false; /* the last values stay */
}

/* A pulse begins, or the voltage has changed its sign: new values for the cycle. */
static bool cycle(pn_sim *s, int batch, int place, pn_vary *v)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_variation *d = variation_of(s, b, place);
  double volt = s->y[b->map[place]] - s->y[b->map[b->n_pad + place]];
  int sign = fabs(volt) < rest_below ? 0 : fabs(volt) > pulse_above ? (volt > 0) - (volt < 0) : 2;
  if (sign == 2)
    sign = v->sign * volt < 0 ? 0 : v->sign;
  bool begins = sign && sign != v->sign;
  v->sign = (signed char)sign;
  if (!begins || !d->n_cycle)
    return false;
  pn_random_key key = key_of(s, b, place, OF_CYCLE);
  uint32_t first = (uint32_t)(v->cycles++) * (MOST_LAWS * MOST_REDRAWS);
  return redraw(s, batch, place, d->cycle, d->n_cycle, &key, first);
}

/* *redrawn: parameters have changed. */
static bool noise(pn_sim *s, int batch, int place, double t, pn_vary *v, bool *redrawn)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_variation *d = variation_of(s, b, place);
  bool changed = false;
  double slot = d->read_dt > 0 ? floor(t / d->read_dt * (1 + 1e-12)) : v->read_slot;
  if (slot != v->read_slot) {
    pn_random_key key = key_of(s, b, place, OF_READ), of = key_of(s, b, place, OF_FLUCTUATION);
    v->read_slot = slot;
    v->read_now = pn_random_normal(&key, (uint32_t)fmod(slot, 4294967296.0));
    changed = d->read > 0;
    uint32_t first = (uint32_t)fmod(slot, 4194304.0) * (MOST_LAWS * MOST_REDRAWS);
    if (d->n_fluctuation)
      *redrawn |= redraw(s, batch, place, d->fluctuation, d->n_fluctuation, &of, first);
  }
  for (int k = 0; t >= v->rtn_next * (1 - 1e-12) && k < 1000; k++) {
    pn_random_key key = key_of(s, b, place, OF_RTN);
    v->rtn_on = !v->rtn_on;
    v->rtn_next += pn_random_exponential(&key, v->rtn_events++) /
                   (v->rtn_on ? d->rtn_down : d->rtn_up);
    changed = true;
  }
  return changed;
}

bool pn_vary_accept(pn_sim *s, int batch, double t)
{
  const pn_batch *b = &s->c->batches.at[batch];
  bool changed = false, cycles = false;
  for (int k = 0; s->run[batch].vary && k < b->n; k++) {
    pn_vary *v = &s->run[batch].vary[k];
    if (!variation_of(s, b, k))
      continue;
    cycles |= cycle(s, batch, k, v);
    changed |= noise(s, batch, k, t, v, &cycles);
  }
  if (cycles && b->cls->flags & PN_DEV_MEMRISTOR)
    pn_mem_refresh(s, batch);
  return changed || cycles;
}
