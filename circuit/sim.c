/* Making a sim: all its arrays at once in an arena of its own, and the small
 * questions that integrators ask about it. */
#include "circuit/private.h"

#include <stdlib.h>
#include <string.h>

enum { L = PN_LANES, MOST_STATES = 16 };

/* Doubles of scratch that one block of a class needs. */
static size_t block_doubles(const pn_device_class *c, int n_total)
{
  const pn_memristor *m = c->mem;
  size_t locals = (size_t)c->n_locals, pairs = (size_t)c->n_pairs;
  size_t n = (size_t)n_total + 4 * locals + 2 * pairs + (size_t)c->n_hist + (size_t)c->n_work +
             (size_t)c->n_events;
  if (m)
    n += (size_t)m->n_states * (size_t)(4 + 2 * m->n_states) + (size_t)m->n_hist +
         (size_t)m->n_work + 8;
  return (n + 4) * L;
}

static int hist_of(const pn_device_class *c)
{
  return c->flags & PN_DEV_MEMRISTOR ? c->mem->n_hist : c->n_hist;
}

/* Do the unknowns of these locals lie side by side, instance by instance? */
static bool in_order(const pn_batch *b, int first, int end)
{
  for (int m = first; m < end; m++) {
    const int *row = b->map + (size_t)m * (size_t)b->n_pad;
    for (int k = 1; k < b->n; k++)
      if (row[k] != row[0] + k)
        return false;
  }
  return true;
}

static void init_memristors(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  const pn_memristor *m = b->cls->mem;
  size_t pad = (size_t)b->n_pad, ns = (size_t)m->n_states;
  pn_mem_layout(run, m->n_states);
  run->ports_in_order = in_order(b, 0, 2);
  run->states_in_order = in_order(b, 2, 2 + m->n_states);
  run->mem = PN_NEW_ARRAY(&s->arena, double, pad *(size_t)run->rows.total);
  run->xmin = PN_NEW_ARRAY(&s->arena, double, ns *pad);
  run->xmax = PN_NEW_ARRAY(&s->arena, double, ns *pad);
  run->xhold = PN_NEW_ARRAY(&s->arena, double, ns *pad);
  run->port = PN_NEW_ARRAY(&s->arena, double, pad);
  run->active = PN_NEW_ARRAY(&s->arena, signed char, ns *pad);
  run->volatile_ = PN_NEW_ARRAY(&s->arena, unsigned char, pad);
  const pn_bulk *bulk = b->bulk < 0 ? NULL : &s->c->bulks.at[b->bulk];
  for (int k = 0; k < b->n_pad; k++) {
    int hold = bulk ? bulk->spec.hold : pn_kind_of(s->c, b->device[k < b->n ? k : b->n - 1])->hold;
    if (hold < 0)
      hold = s->opt.op_memory;
    run->volatile_[k] = hold < 0 ? m->is_volatile : !hold;
    if (hold != PN_STUCK || k >= b->n)
      continue;
    if (!run->stuck)
      run->stuck = PN_NEW_ARRAY(&s->arena, unsigned char, pad);
    run->stuck[k] = 1;
  }
}

static void init_hist(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  const pn_device_class *cls = b->cls;
  int n = hist_of(cls);
  run->hist = PN_NEW_ARRAY(&s->arena, double, (size_t)n *(size_t)b->n_pad);
  double *p = PN_NEW_ARRAY(&s->arena, double, run->par.n_total + 1);
  double *h = PN_NEW_ARRAY(&s->arena, double, n);
  for (int k = 0; k < b->n_pad; k++) {
    int place = k < b->n ? k : b->n - 1;
    for (int m = 0; m < run->par.n_total; m++)
      p[m] = run->par.column[m] < 0 ? run->par.uniform[m] : run->par.at[run->par.column[m]][place];
    if (cls->flags & PN_DEV_MEMRISTOR && cls->mem->init_hist)
      cls->mem->init_hist(cls->mem, p, h);
    else if (!(cls->flags & PN_DEV_MEMRISTOR) && cls->init_hist)
      cls->init_hist(cls, p, h);
    for (int m = 0; m < n; m++)
      run->hist[(size_t)m * (size_t)b->n_pad + (size_t)k] = h[m];
  }
}

static void init_sources(pn_sim *s)
{
  const pn_circuit *c = s->c;
  s->n_sources = (int)c->sources.n;
  s->source = PN_NEW_ARRAY(&s->arena, pn_source_run, s->n_sources + 1);
  for (int k = 0; k < s->n_sources; k++) {
    int id = c->sources.at[k];
    const pn_device of = pn_device_at(c, id), *d = &of;
    bool voltage = d->cls->letter == 'v';
    int branch = voltage ? pn_circuit_branch(c, id, 0) : -1;
    int p = voltage ? branch : d->unknowns[0], n = voltage ? -1 : d->unknowns[1];
    s->source[k] = (pn_source_run){.wave = d->wave,
                                   .device = id,
                                   .row_p = p < 0 ? c->n : p,
                                   .row_n = n < 0 ? c->n : n,
                                   .sign = voltage ? -1 : 1,
                                   .dc_override = NAN};
  }
}

/* Tolerances, and which unknowns have a derivative in F whatever the numbers are. */
static void init_unknowns(pn_sim *s)
{
  const pn_circuit *c = s->c;
  for (int k = 0, end; k < c->n; k = end) {
    const pn_unknown of = pn_unknown_span(c, k, &end), *u = &of;
    double standard = u->kind == PN_U_BRANCH ? s->opt.abstol : s->opt.vntol;
    double atol = u->atol > 0 ? u->atol : u->kind == PN_U_STATE ? 1e-6 : standard;
    /* a state has no option of its own: below 1e-6 of its range, reltol tightens it as well */
    double tighter = u->kind == PN_U_STATE ? fmin(1.0, s->opt.reltol / 1e-6) : 1.0;
    for (int i = k; i < end; i++)
      s->atol[i] = tighter * atol;
  }
  for (size_t k = 0; k < c->batches.n; k++) {
    const pn_batch *b = &c->batches.at[k];
    if (!b->cls->q_row && !(b->cls->flags & PN_DEV_MEMRISTOR))
      continue;
    for (int l = 0; l < b->cls->n_locals; l++)
      for (int i = 0; i < b->n; i++) {
        int row = b->map[(size_t)l * (size_t)b->n_pad + (size_t)i];
        if (row >= c->n)
          continue;
        if (b->cls->flags & PN_DEV_MEMRISTOR && l >= 2)
          s->differential[row] = b->cls->mem->states[l - 2].mass != 0;
        if (b->cls->q_row && b->cls->q_row[l])
          s->q_nonlinear[row] = 1;
      }
  }
}

/* Can a device of a class have a charge or a flux in the matrix? */
static bool has_charge(const pn_device_class *c)
{
  bool resistive = (c->flags & PN_DEV_LINEAR) && c->letter && strchr("rviefgh", c->letter);
  return !resistive && !(c->flags & PN_DEV_MEMRISTOR);
}

static void allocate(pn_sim *s)
{
  const pn_circuit *c = s->c;
  size_t n = (size_t)c->n + 1, nnz = (size_t)c->nnz + 1, block = 1;
  double **vectors[] = {&s->y, &s->f, &s->q, &s->atol};
  bool reactive = false;
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    *vectors[k] = PN_NEW_ARRAY(&s->arena, double, n);
  s->differential = PN_NEW_ARRAY(&s->arena, unsigned char, n);
  s->q_nonlinear = PN_NEW_ARRAY(&s->arena, unsigned char, n);
  s->run = PN_NEW_ARRAY(&s->arena, pn_batch_run, c->batches.n);
  s->is_linear = true;
  for (size_t k = 0; k < c->batches.n; k++) {
    const pn_batch *b = &c->batches.at[k];
    size_t need = block_doubles(b->cls, b->cls->n_params + b->cls->n_derived);
    block = need > block ? need : block;
    s->n_events += b->cls->n_events * b->n;
    s->has_limits |= b->cls->limit != NULL;
    s->has_delays |= b->cls->n_waves > 0;
    s->has_nonlinear |= !(b->cls->flags & (PN_DEV_LINEAR | PN_DEV_MEMRISTOR));
    s->is_linear = s->is_linear && (b->cls->flags & PN_DEV_LINEAR);
    reactive |= has_charge(b->cls);
  }
  s->block = PN_NEW_ARRAY(&s->arena, double, block);
  s->g = s->g0 = PN_NEW_ARRAY(&s->arena, double, nnz);
  if (s->has_nonlinear)
    s->g = PN_NEW_ARRAY(&s->arena, double, nnz);
  if (reactive) {
    s->c0 = PN_NEW_ARRAY(&s->arena, double, nnz);
    s->cq = PN_NEW_ARRAY(&s->arena, double, nnz);
  }
}

/* The memristors that are exactly the cells of an array, or -1. */
static int cells_of(const pn_sim *s, const pn_linsol_array *a)
{
  const pn_circuit *c = s->c;
  for (size_t k = 0; k < c->batches.n; k++) {
    const pn_batch *b = &c->batches.at[k];
    if (!(b->cls->flags & PN_DEV_MEMRISTOR) || !s->run[k].ports_in_order ||
        (size_t)b->n != (size_t)a->rows * (size_t)a->cols)
      continue;
    int p = b->map[0], n = b->map[b->n_pad];
    if (a->m0 < 0 && ((p == a->w0 && n == a->b0) || (p == a->b0 && n == a->w0)))
      return (int)k;
  }
  return -1;
}

/* Where all memristors are cells of arrays, one batch for each array, and nothing else changes the matrix. */
static void find_cells(pn_sim *s)
{
  const pn_circuit *c = s->c;
  size_t memristors = 0, found = 0;
  for (size_t k = 0; k < c->batches.n; k++)
    memristors += (c->batches.at[k].cls->flags & PN_DEV_MEMRISTOR) != 0;
  if (s->cq || s->has_nonlinear || !memristors || memristors != c->lattices.n)
    return;
  const double **cell = PN_NEW_ARRAY(&s->arena, const double *, memristors);
  for (size_t k = 0; k < c->lattices.n; k++) {
    int batch = cells_of(s, &c->lattices.at[k]);
    if (batch >= 0)
      cell[found++] = s->run[batch].port;
  }
  s->cell = found == memristors ? cell : NULL;
}

static pn_status build(pn_sim *s)
{
  const pn_circuit *c = s->c;
  allocate(s);
  for (size_t k = 0; k < c->batches.n; k++) {
    const pn_batch *b = &c->batches.at[k];
    if (b->cls->flags & PN_DEV_MEMRISTOR && b->cls->mem->n_states > MOST_STATES)
      return PN_E_LIMIT;
    pn_status st = pn_columns_init(s, (int)k);
    if (st == PN_OK)
      st = pn_vary_init(s, (int)k);
    if (st)
      return st;
    if (b->cls->flags & PN_DEV_MEMRISTOR) {
      init_memristors(s, (int)k);
      pn_mem_init_limits(s, (int)k);
      pn_mem_init_warmth(s, (int)k);
    }
    if (hist_of(b->cls))
      init_hist(s, (int)k);
    if (b->cls->limit)
      s->run[k].limited = PN_NEW_ARRAY(&s->arena, double,
                                       (size_t)b->cls->n_locals *(size_t)b->n_pad);
  }
  find_cells(s);
  init_sources(s);
  init_unknowns(s);
  return pn_sim_stamp_linear(s);
}

pn_status pn_sim_new(const pn_circuit *c, const pn_sim_options *o, pn_diag *d, pn_sim **out)
{
  *out = NULL;
  pn_sim *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->c = c;
  s->diag = d;
  s->opt = *o;
  s->culprit = -1;
  s->source_scale = 1;
  pn_arena_init(&s->arena, 0);
  jmp_buf env;
  pn_status st = (pn_status)setjmp(env);
  if (st == PN_OK) {
    s->arena.recover = &env;
    st = build(s);
  }
  s->arena.recover = NULL;
  if (st) {
    pn_sim_free(s);
    return st;
  }
  pn_sim_hold_states(s, NULL);
  *out = s;
  return PN_OK;
}

void pn_sim_free(pn_sim *s)
{
  if (!s)
    return;
  pn_linsol_free(s->ls);
  pn_past_free(s);
  pn_arena_free(&s->arena);
  free(s);
}

pn_sim_options pn_sim_options_of(const pn_sim *s)
{
  return s->opt;
}

const pn_circuit *pn_sim_circuit(const pn_sim *s)
{
  return s->c;
}

void pn_sim_set_source(pn_sim *s, int device, double dc_value)
{
  for (int k = 0; k < s->n_sources; k++)
    if (s->source[k].device == device)
      s->source[k].dc_override = dc_value;
}

int pn_sim_n_sources(const pn_sim *s)
{
  return s->n_sources;
}

const pn_wave *pn_sim_source(const pn_sim *s, int k, int *device)
{
  *device = s->source[k].device;
  return s->source[k].wave;
}

void pn_sim_set_wave(pn_sim *s, int device, const pn_wave *w)
{
  for (int k = 0; k < s->n_sources; k++)
    if (s->source[k].device == device)
      s->source[k].wave = w ? w : pn_kind_of(s->c, device)->wave;
}

void pn_sim_bounds(const pn_sim *s, double *lo, double *hi)
{
  for (int k = 0; k < s->c->n; k++) {
    lo[k] = -INFINITY;
    hi[k] = INFINITY;
  }
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (!(b->cls->flags & PN_DEV_MEMRISTOR))
      continue;
    for (int m = 0; m < b->cls->mem->n_states; m++)
      for (int i = 0; i < b->n; i++) {
        size_t at = (size_t)m * (size_t)b->n_pad + (size_t)i;
        int row = b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i];
        lo[row] = s->run[k].xmin[at];
        hi[row] = s->run[k].xmax[at];
      }
  }
}

void pn_sim_set_temp(pn_sim *s, double kelvin)
{
  s->opt.temp = kelvin;
  s->linear_stale = true;
}

double pn_sim_temp(const pn_sim *s)
{
  return s->opt.temp;
}

void pn_sim_set_start(pn_sim *s, bool at_start)
{
  s->at_start = at_start;
}

void pn_sim_set_homotopy(pn_sim *s, double source_scale, double diag_gmin)
{
  s->source_scale = source_scale;
  s->diag_gmin = diag_gmin;
}

pn_status pn_sim_set_pseudo(pn_sim *s, double g, const double *y)
{
  size_t bytes = (size_t)s->c->n * sizeof *y;
  s->pseudo_g = 0;
  if (g > 0 && !s->y_pseudo && !(s->y_pseudo = pn_arena_try(&s->arena, bytes)))
    return PN_E_MEMORY;
  s->pseudo_g = g;
  if (g > 0)
    memcpy(s->y_pseudo, y, bytes);
  return PN_OK;
}

int pn_sim_n(const pn_sim *s)
{
  return s->c->n;
}

const double *pn_sim_atol(const pn_sim *s)
{
  return s->atol;
}

const unsigned char *pn_sim_differential(const pn_sim *s)
{
  return s->differential;
}

const unsigned char *pn_sim_q_nonlinear(const pn_sim *s)
{
  return s->q_nonlinear;
}

double pn_sim_next_corner(const pn_sim *s, double t)
{
  double next = INFINITY;
  for (int k = 0; k < s->n_sources; k++)
    next = fmin(next, pn_wave_next_corner(s->source[k].wave, t));
  return fmin(pn_past_next_corner(s, t), fmin(next, pn_vary_next(s, t)));
}

double pn_sim_period(const pn_sim *s, double t)
{
  double period = INFINITY;
  for (int k = 0; k < s->n_sources; k++)
    period = fmin(period, pn_wave_period(s->source[k].wave, t));
  return period;
}

/* Across a jump the difference does not shrink with the interval, along a ramp it does. */
bool pn_sim_jumps(const pn_sim *s, double t)
{
  double interval = 1e-12 * fabs(t);
  for (int k = 0; k < s->n_sources; k++) {
    const pn_wave *w = s->source[k].wave;
    double now = pn_wave_at(w, t), before = pn_wave_at(w, t - interval);
    double far = pn_wave_at(w, t - 2 * interval);
    if (fabs(now - before) > 0.75 * fabs(now - far) &&
        fabs(now - before) > 1e-9 * (fabs(now) + fabs(before)))
      return true;
  }
  return pn_past_jumps(s, t);
}

pn_status pn_sim_tie(pn_sim *s, int n, const int *unknowns, const double *values)
{
  if (n > s->c->n)
    return PN_E_LIMIT;
  s->n_ties = 0;
  if (n > s->tie_room) {
    s->tie_unknown = pn_arena_try(&s->arena, (size_t)n * sizeof *s->tie_unknown);
    s->tie_value = pn_arena_try(&s->arena, (size_t)n * sizeof *s->tie_value);
    s->tie_room = s->tie_unknown && s->tie_value ? n : 0;
    if (!s->tie_room)
      return PN_E_MEMORY;
  }
  s->n_ties = n;
  for (int k = 0; k < n; k++) {
    s->tie_unknown[k] = unknowns[k];
    s->tie_value[k] = values[k];
  }
  return PN_OK;
}

/* Inner states of the devices of a batch at their initial values. */
static void initial_inner(const pn_sim *s, int batch, double *y)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_columns *p = &s->run[batch].par;
  for (int l = 0; l < b->cls->n_locals; l++) {
    int init = b->cls->p_init[l];
    if (b->cls->locals[l].kind != PN_L_INNER)
      continue;
    for (int i = 0; i < b->n; i++)
      y[b->map[(size_t)l * (size_t)b->n_pad + (size_t)i]] = p->column[init] < 0
                                                                ? p->uniform[init]
                                                                : p->at[p->column[init]][i];
  }
}

static void clip_stuck(const pn_sim *s, int batch, double *y)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_batch_run *run = &s->run[batch];
  for (int m = 0; m < b->cls->mem->n_states; m++)
    for (int i = 0; i < b->n; i++) {
      size_t at = (size_t)m * (size_t)b->n_pad + (size_t)i;
      double *x = &y[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i]];
      if (run->vary[i].stuck)
        *x = *x < run->xmin[at] ? run->xmin[at] : *x > run->xmax[at] ? run->xmax[at] : *x;
    }
}

/* Calls for each state of each memristor: its unknown and its initial value. */
void pn_sim_initial(const pn_sim *s, double *y)
{
  memset(y, 0, (size_t)s->c->n * sizeof *y);
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (b->cls->p_init)
      initial_inner(s, (int)k, y);
    if (!(b->cls->flags & PN_DEV_MEMRISTOR))
      continue;
    const pn_columns *p = &s->run[k].par;
    for (int m = 0; m < b->cls->mem->n_states; m++) {
      int init = b->cls->mem->states[m].p_init;
      for (int i = 0; i < b->n && init >= 0; i++)
        y[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i]] = p->column[init] < 0
                                                                        ? p->uniform[init]
                                                                        : p->at[p->column[init]][i];
    }
    if (s->run[k].vary) /* stuck cells stand where they are stuck */
      clip_stuck(s, (int)k, y);
  }
}

void pn_sim_hold_states(pn_sim *s, const double *y)
{
  if (s->is_linear)
    return;
  if (!y) {
    pn_sim_initial(s, s->y);
    y = s->y;
  }
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (b->cls->flags & PN_DEV_MEMRISTOR)
      for (int m = 0; m < b->cls->mem->n_states; m++)
        for (int i = 0; i < b->n_pad; i++) {
          size_t at = (size_t)m * (size_t)b->n_pad + (size_t)i;
          s->run[k].xhold[at] = y[b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i]];
        }
  }
}

pn_sim_stats pn_sim_get_stats(const pn_sim *s)
{
  pn_sim_stats st = s->stats;
  st.nnz = s->c->nnz;
  st.past_points = pn_past_points(s);
  if (s->ls) {
    pn_linsol_stats l = pn_linsol_get_stats(s->ls);
    st.linsol = l.name;
    st.factors = l.factors;
    st.refactors = l.refactors;
    st.solves = l.solves;
    st.nnz_factors = l.nnz_factors;
    st.iterations = l.iterations;
    st.worst_residual = l.worst_residual;
  }
  return st;
}

double pn_sim_worst_violation(const pn_sim *s)
{
  return s->worst_violation;
}

bool pn_sim_is_steep(const pn_sim *s)
{
  bool steep = false;
  for (size_t k = 0; k < s->c->batches.n; k++)
    steep |= (s->c->batches.at[k].cls->flags & PN_DEV_STEEP) != 0;
  return steep;
}

bool pn_sim_is_linear(const pn_sim *s)
{
  return s->is_linear;
}

int pn_sim_culprit(const pn_sim *s)
{
  return s->culprit;
}

const double *pn_sim_f(const pn_sim *s)
{
  return s->f;
}

bool pn_sim_is_at(const pn_sim *s, const double *y)
{
  return memcmp(s->y, y, (size_t)s->c->n * sizeof *y) == 0;
}

const double *pn_sim_q(const pn_sim *s)
{
  return s->q;
}

static double limit_of(const pn_columns *p, int param, int k, double none)
{
  return param <= 0 ? none : p->column[param] < 0 ? p->uniform[param] : p->at[p->column[param]][k];
}

int pn_sim_outside_validity(const pn_sim *s, const double *y, double *low, double *high)
{
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    if (!(b->cls->flags & PN_DEV_MEMRISTOR))
      continue;
    for (int m = 0; m < b->cls->mem->n_states; m++) {
      const pn_mem_state *st = &b->cls->mem->states[m];
      if (st->p_valid_min <= 0 && st->p_valid_max <= 0)
        continue;
      for (int i = 0; i < b->n; i++) {
        int x = b->map[(size_t)(2 + m) * (size_t)b->n_pad + (size_t)i];
        *low = limit_of(&s->run[k].par, st->p_valid_min, i, -INFINITY);
        *high = limit_of(&s->run[k].par, st->p_valid_max, i, INFINITY);
        if (y[x] < *low || y[x] > *high)
          return x;
      }
    }
  }
  return -1;
}
