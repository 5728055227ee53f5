/* Parameters in force, and the stamps of linear devices, which are made once and
 * added up by a matrix product at every evaluation. */
#include "circuit/private.h"

#include <string.h>

static double *column(pn_columns *p, pn_sim *s, int index, int n_pad)
{
  if (p->column[index] >= 0)
    return p->at[p->column[index]];
  double *at = pn_arena_try(&s->arena, (size_t)n_pad * sizeof *at);
  if (!at)
    return NULL;
  for (int k = 0; k < n_pad; k++)
    at[k] = p->uniform[index];
  p->column[index] = p->n_columns;
  p->of[p->n_columns] = index;
  p->at[p->n_columns++] = at;
  return at;
}

static bool set_one(pn_columns *p, pn_sim *s, const pn_batch *b, int place, int index, double value)
{
  p->filled = false;
  if (p->column[index] < 0 &&
      (p->uniform[index] == value || (isnan(value) && isnan(p->uniform[index]))))
    return true;
  if (b->n == 1 && p->column[index] < 0) {
    p->uniform[index] = value;
    return true;
  }
  double *at = column(p, s, index, b->n_pad);
  if (!at)
    return false;
  at[place] = value;
  if (place == b->n - 1)
    for (int k = b->n; k < b->n_pad; k++)
      at[k] = value;
  return true;
}

/* A bulk's parameters: shared ones, and whole columns. */
static pn_status init_bulk(pn_sim *s, const pn_batch *b, pn_columns *p)
{
  const pn_bulk_spec *spec = &s->c->bulks.at[b->bulk].spec;
  if (b->cls->n_params)
    memcpy(p->uniform, spec->params, (size_t)b->cls->n_params * sizeof *p->uniform);
  for (int m = 0; m < spec->n_over; m++) {
    double *at = column(p, s, spec->over_index[m], b->n_pad);
    if (!at)
      return PN_E_MEMORY;
    memcpy(at, spec->over[m], (size_t)b->n * sizeof *at);
    for (int k = b->n; k < b->n_pad; k++)
      at[k] = at[b->n - 1];
  }
  return PN_OK;
}

/* The parameters of every instance as elaborated. Arena of the sim: recovery point set. */
pn_status pn_columns_init(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_device_class *cls = b->cls;
  pn_columns *p = &s->run[batch].par;
  p->n_total = cls->n_params + cls->n_derived;
  p->uniform = PN_NEW_ARRAY(&s->arena, double, p->n_total + 1);
  p->column = PN_NEW_ARRAY(&s->arena, int, p->n_total + 1);
  p->of = PN_NEW_ARRAY(&s->arena, int, p->n_total + 1);
  p->at = PN_NEW_ARRAY(&s->arena, double *, p->n_total + 1);
  p->block = PN_NEW_ARRAY(&s->arena, double, (size_t)(p->n_total + 1) * PN_LANES);
  memset(p->column, -1, (size_t)(p->n_total + 1) * sizeof *p->column);
  if (b->bulk >= 0)
    return init_bulk(s, b, p);
  const double *shared = NULL;
  for (int k = 0; k < b->n; k++) {
    const pn_record *r = &s->c->devices.at[b->device[k]];
    const pn_device_kind *d = &s->c->kinds.at[r->kind];
    const double *over = pn_record_over(r, d);
    if (k == 0 && cls->n_params)
      memcpy(p->uniform, d->params, (size_t)cls->n_params * sizeof *p->uniform);
    if (k == 0)
      shared = d->params;
    if (d->params != shared)
      for (int m = 0; m < cls->n_params; m++)
        if (!set_one(p, s, b, k, m, d->params[m]))
          return PN_E_MEMORY;
    for (int m = 0; m < d->n_over; m++) {
      int col = p->column[d->over_index[m]];
      if (col >= 0 && k < b->n - 1) /* the common case of set_one */
        p->at[col][k] = over[m];
      else if (!set_one(p, s, b, k, d->over_index[m], over[m]))
        return PN_E_MEMORY;
    }
  }
  return PN_OK;
}

static double param_of(const pn_columns *p, int index, int place)
{
  return p->column[index] < 0 ? p->uniform[index] : p->at[p->column[index]][place];
}

/* Fills the derived columns. Instances differ in them only where they differ in a parameter or in their
 * temperature. */
pn_status pn_sim_derive(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_device_class *cls = b->cls;
  pn_columns *p = &s->run[batch].par;
  p->filled = false;
  if (!cls->derive || !cls->n_derived)
    return PN_OK;
  int several = p->n_columns || s->run[batch].warm ? b->n : 1;
  double *one = s->block, *given = one + p->n_total; /* [n_total], [n_params] what all share */
  memcpy(given, p->uniform, (size_t)cls->n_params * sizeof *given);
  for (int k = 0; k < several; k++) {
    memcpy(one, given, (size_t)cls->n_params * sizeof *one);
    for (int m = 0; m < p->n_columns; m++)
      if (p->of[m] < cls->n_params)
        one[p->of[m]] = p->at[m][k];
    cls->derive(cls, one, pn_instance_temp(s, batch, k));
    for (int m = cls->n_params; m < p->n_total; m++) {
      if (p->column[m] >= 0 && k < b->n - 1)
        p->at[p->column[m]][k] = one[m];
      else if (k == 0 && p->column[m] < 0) /* the first value serves all until one differs */
        p->uniform[m] = one[m];
      else if (!set_one(p, s, b, k, m, one[m]))
        return PN_E_MEMORY;
    }
  }
  return PN_OK;
}

bool pn_columns_set(pn_sim *s, int batch, int place, int index, double value)
{
  return set_one(&s->run[batch].par, s, &s->c->batches.at[batch], place, index, value);
}

bool pn_columns_reserve(pn_sim *s, int batch, int index)
{
  const pn_batch *b = &s->c->batches.at[batch];
  return b->n == 1 || column(&s->run[batch].par, s, index, b->n_pad) != NULL;
}

pn_status pn_sim_derive_one(pn_sim *s, int batch, int place)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_columns *p = &s->run[batch].par;
  double *one = s->block; /* [n_total] */
  if (!b->cls->derive || !b->cls->n_derived)
    return PN_OK;
  for (int m = 0; m < b->cls->n_params; m++)
    one[m] = param_of(p, m, place);
  b->cls->derive(b->cls, one, pn_instance_temp(s, batch, place));
  for (int m = b->cls->n_params; m < p->n_total; m++)
    if (!set_one(p, s, b, place, m, one[m]))
      return PN_E_MEMORY;
  return PN_OK;
}

/* [n_total][PN_LANES]: the parameters of the instances first .. first + PN_LANES - 1, valid until the
 * next call. What all instances share is filled in once. */
const double *pn_columns_block(pn_columns *p, int first)
{
  for (int m = 0; m < p->n_total && (!p->filled || p->n_columns); m++) {
    double *row = p->block + m * PN_LANES;
    if (p->column[m] >= 0)
      memcpy(row, p->at[p->column[m]] + first, PN_LANES * sizeof *row);
    else if (!p->filled)
      for (int l = 0; l < PN_LANES; l++)
        row[l] = p->uniform[m];
  }
  p->filled = true;
  return p->block;
}

/* Nonlinear batches up to this size keep their parameters block by block, to be used in place. */
enum { MOST_PACKED = 1 << 19 }; /* doubles */

static bool pack(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  pn_batch_run *run = &s->run[batch];
  size_t block = (size_t)run->par.n_total * PN_LANES, blocks = (size_t)b->n_pad / PN_LANES;
  if (b->cls->flags & (PN_DEV_LINEAR | PN_DEV_MEMRISTOR) || block * blocks > MOST_PACKED)
    return true;
  if (!run->packed)
    run->packed = pn_arena_try(&s->arena, block * blocks * sizeof(double) + 1);
  if (!run->packed)
    return false;
  for (size_t k = 0; k < blocks; k++)
    memcpy(run->packed + k * block, pn_columns_block(&run->par, (int)k * PN_LANES),
           block * sizeof(double));
  return true;
}

/* Mostly a neighbour of the diagonal. */
int pn_place_near(const pn_circuit *c, int row, int col)
{
  const int *at = c->rowind + c->diag_slot[col];
  for (int step = row > col ? 1 : -1; *at != row;)
    at += step;
  return (int)(at - c->rowind);
}

void pn_add_conductance(const pn_circuit *c, double *value, int p, int n, double g)
{
  if (p >= 0)
    value[c->diag_slot[p]] += g;
  if (n >= 0)
    value[c->diag_slot[n]] += g;
  if (p >= 0 && n >= 0) {
    value[pn_place_near(c, p, n)] -= g;
    value[pn_place_near(c, n, p)] -= g;
  }
}

/* Adds a block of a linear bulk's devices, which keep no places. They stand between two nodes. */
static void add_between_nodes(const pn_sim *s, const pn_batch *b, int first, int lanes,
                              const double *jf, const double *jq)
{
  const pn_circuit *c = s->c;
  size_t locals = (size_t)b->cls->n_locals;
  const int *u = c->bulks.at[b->bulk].locals + (size_t)first * locals;
  double *g0 = s->g0, *c0 = s->c0;
  int n_pairs = b->cls->n_pairs, of[4];
  for (int k = 0; k < n_pairs; k++)
    of[k] = 2 * b->cls->pairs[k].row + b->cls->pairs[k].col;
  for (int l = 0; l < lanes; l++, u += locals) {
    int p = u[0], n = u[1], at[4] = {c->nnz, c->nnz, c->nnz, c->nnz};
    if (p >= 0)
      at[0] = c->diag_slot[p];
    if (n >= 0)
      at[3] = c->diag_slot[n];
    if (p >= 0 && n >= 0) {
      at[1] = pn_place_near(c, p, n);
      at[2] = pn_place_near(c, n, p);
    }
    for (int k = 0; k < n_pairs; k++)
      g0[at[of[k]]] += jf[k * PN_LANES + l];
    for (int k = 0; k < n_pairs && c0; k++)
      c0[at[of[k]]] += jq[k * PN_LANES + l];
  }
}

/* Adds a block to the places that its batch keeps. */
static void add_to_slots(pn_sim *s, const pn_batch *b, int first, int lanes, const double *jf,
                         const double *jq)
{
  for (int k = 0; k < b->cls->n_pairs; k++) {
    const int *slot = b->slot + (size_t)k * (size_t)b->n_pad + first;
    for (int l = 0; l < lanes; l++)
      s->g0[slot[l]] += jf[k * PN_LANES + l];
    for (int l = 0; l < lanes && s->c0; l++)
      s->c0[slot[l]] += jq[k * PN_LANES + l];
  }
}

/* Adds a block of linear devices, which keep no places. */
static void add_by_search(pn_sim *s, const pn_batch *b, int first, int lanes, const double *jf,
                          const double *jq)
{
  size_t pad = (size_t)b->n_pad;
  for (int k = 0; k < b->cls->n_pairs; k++) {
    const int *row = b->map + (size_t)b->cls->pairs[k].row * pad + first,
              *col = b->map + (size_t)b->cls->pairs[k].col * pad + first;
    for (int l = 0; l < lanes; l++) {
      bool own = row[l] == col[l] && row[l] < s->c->n_mna;
      int at = own ? s->c->diag_slot[row[l]] : pn_circuit_slot(s->c, row[l], col[l]);
      s->g0[at] += jf[k * PN_LANES + l];
      if (s->c0)
        s->c0[at] += jq[k * PN_LANES + l];
    }
  }
}

/* Devices that differ in no parameter have the same entries: evaluated once. */
static void stamp_batch(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_device_class *cls = b->cls;
  pn_columns *par = &s->run[batch].par;
  size_t n = (size_t)cls->n_locals * PN_LANES, m = (size_t)cls->n_pairs * PN_LANES;
  double *u = s->block;
  double *f = u + n, *q = f + n, *jf = q + n, *jq = jf + m, *work = jq + m;
  memset(u, 0, n * sizeof *u);
  for (int first = 0; first < b->n; first += PN_LANES) {
    int lanes = b->n - first < PN_LANES ? b->n - first : PN_LANES;
    pn_dev_block blk = {.p = pn_columns_block(par, first),
                        .u = u,
                        .temp = s->opt.temp,
                        .gmin = s->opt.gmin,
                        .f = f,
                        .q = q,
                        .jf = jf,
                        .jq = jq,
                        .work = work,
                        .n = PN_LANES};
    if (first == 0 || par->n_columns)
      cls->eval(cls, &blk);
    if (b->slot)
      add_to_slots(s, b, first, lanes, jf, jq);
    else if (b->map)
      add_by_search(s, b, first, lanes, jf, jq);
    else
      add_between_nodes(s, b, first, lanes, jf, jq);
  }
}

/* A row of C0 that is not empty, a column too: what y' appears in F. */
static void find_differential(pn_sim *s)
{
  const pn_circuit *c = s->c;
  s->has_c0 = false;
  if (s->linear_stale)
    memset(s->differential, 0, (size_t)c->n_mna);
  for (int j = 0; j < c->n_mna && s->c0; j++) {
    for (int k = c->colptr[j]; k < c->colptr[j + 1]; k++)
      if (s->c0[k] != 0) {
        s->has_c0 = true;
        s->differential[j] = 1;
      }
  }
}

pn_status pn_sim_stamp_linear(pn_sim *s)
{
  const pn_circuit *c = s->c;
  if (s->linear_stale) /* else they are fresh */
    memset(s->g0, 0, (size_t)(c->nnz + 1) * sizeof *s->g0);
  if (s->c0 && s->linear_stale)
    memset(s->c0, 0, (size_t)(c->nnz + 1) * sizeof *s->c0);
  for (size_t k = 0; k < c->batches.n; k++) {
    pn_status st = pn_sim_derive(s, (int)k);
    if (st)
      return st;
    if (!pack(s, (int)k))
      return PN_E_MEMORY;
    if (c->batches.at[k].cls->flags & PN_DEV_MEMRISTOR)
      pn_mem_refresh(s, (int)k);
    const pn_batch *b = &c->batches.at[k];
    if (b->cls->flags & PN_DEV_LINEAR && b->n_slots && !pn_whole_stamps(c, b))
      stamp_batch(s, (int)k);
  }
  pn_whole_stamp(s);
  if (s->opt.rshunt > 0)
    for (int j = 0; j < c->n_mna; j++)
      if (pn_unknown_kind_at(c, j) == PN_U_NODE)
        s->g0[c->diag_slot[j]] += 1 / s->opt.rshunt;
  for (int j = 0, end; j < c->n_mna; j = end) { /* inner states: d/dt u */
    bool inner = pn_unknown_span(c, j, &end).kind == PN_U_INNER;
    for (int k = j; k < end && inner; k++)
      s->c0[c->diag_slot[k]] += 1;
  }
  find_differential(s);
  s->linear_stale = s->packed = s->cq_packed = false;
  s->stamped++;
  pn_rest_forget(s);
  return PN_OK;
}

/* Where a memristor starts is where operating points hold it. */
static void hold_start(pn_sim *s, const pn_device *d, int index, double value)
{
  const pn_batch *b = &s->c->batches.at[d->batch];
  if (!(b->cls->flags & PN_DEV_MEMRISTOR))
    return;
  for (int m = 0; m < b->cls->mem->n_states; m++)
    if (b->cls->mem->states[m].p_init == index)
      s->run[d->batch].xhold[(size_t)m * (size_t)b->n_pad + (size_t)d->place] = value;
}

pn_status pn_sim_set_param(pn_sim *s, int device, int index, double value)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  const pn_batch *b = &s->c->batches.at[d->batch];
  if (!set_one(&s->run[d->batch].par, s, b, d->place, index, value))
    return PN_E_MEMORY;
  hold_start(s, d, index, value);
  s->linear_stale = true;
  return PN_OK;
}

double pn_sim_get_param(const pn_sim *s, int device, int index)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  return param_of(&s->run[d->batch].par, index, d->place);
}
