/* Building a circuit: names, unknowns and device instances in the order of the
 * netlist. Laying them out in batches and forming the pattern is circuit/layout.c. */
#include "circuit/private.h"

#include <stdio.h>
#include <string.h>

enum { RECENT = 8 };

pn_circuit *pn_circuit_new(pn_arena *a, pn_diag *d)
{
  pn_circuit *c = PN_NEW(a, pn_circuit);
  c->arena = a;
  c->diag = d;
  c->node_names = pn_names_new(a);
  c->device_names = pn_names_new(a);
  return c;
}

void pn_circuit_reserve(pn_circuit *c, size_t n)
{
  PN_RESERVE(c->arena, &c->devices, n);
  PN_RESERVE(c->arena, &c->unknowns, n);
  PN_RESERVE(c->arena, &c->node_unknown, n);
  pn_names_reserve(c->node_names, n);
  pn_names_reserve(c->device_names, n);
}

static bool same_sort(const pn_unknown_sort *a, const pn_unknown_sort *b)
{
  return a->kind == b->kind && a->file == b->file && a->inst == b->inst && a->unit == b->unit &&
         a->atol == b->atol && a->name.p == b->name.p;
}

/* The number of a sort: one of the last few, or a new one. */
static int sort_number(pn_circuit *c, const pn_unknown_sort *s)
{
  int n = (int)c->sorts.n;
  for (int old = n - 1; old >= 0 && old >= n - RECENT; old--)
    if (same_sort(&c->sorts.at[old], s))
      return old;
  *PN_PUSH(c->arena, &c->sorts) = *s;
  return n;
}

/* One of a device's own. */
static pn_unknown_record record_unknown(pn_circuit *c, const pn_unknown *u)
{
  pn_unknown_sort s = {.kind = u->kind,
                       .file = u->loc.file,
                       .inst = u->loc.inst,
                       .name = u->name,
                       .unit = u->unit,
                       .atol = u->atol};
  return (pn_unknown_record){
      .offset = u->loc.offset, .len = u->loc.len, .sort = sort_number(c, &s), .owner = u->device};
}

/* The sort of a node that is first named at a place: mostly that of the node before. */
static int sort_of_node(pn_circuit *c, pn_loc loc)
{
  const pn_unknown_sort *last = c->sorts.n ? &c->sorts.at[c->node_sort] : NULL;
  if (last && last->kind == PN_U_NODE && last->file == loc.file && last->inst == loc.inst)
    return c->node_sort;
  const pn_unknown_sort s = {
      .kind = PN_U_NODE, .file = loc.file, .inst = loc.inst, .name = PN_STR(""), .unit = "V"};
  return c->node_sort = sort_number(c, &s);
}

static int new_unknown(pn_circuit *c, pn_unknown_record u)
{
  *PN_PUSH(c->arena, &c->unknowns) = u;
  pn_ids_take(c, 1, (int)c->unknowns.n - 1, -1);
  return c->n_ids - 1;
}

static bool is_ground(pn_str name)
{
  return (name.n == 1 && name.p[0] == '0') || (name.n == 3 && pn_str_ieq(name, PN_STR("gnd")));
}

int pn_circuit_node_hashed(pn_circuit *c, const pn_hashed *name, pn_loc loc)
{
  if (is_ground(name->name))
    return PN_GROUND;
  int before = pn_names_count(c->node_names);
  int of_array = c->grids.n ? pn_grid_find(c, name->name) : -2;
  if (of_array >= 0)
    return of_array;
  int k = pn_names_intern_hashed(c->node_names, name);
  if (k < before)
    return c->node_unknown.at[k];
  int id = new_unknown(
      c, (pn_unknown_record){
             .offset = loc.offset, .len = loc.len, .sort = sort_of_node(c, loc), .owner = k});
  *PN_PUSH(c->arena, &c->node_unknown) = id;
  return id;
}

int pn_circuit_node(pn_circuit *c, pn_str name, pn_loc loc)
{
  const pn_hashed key = pn_hashed_of(name);
  return pn_circuit_node_hashed(c, &key, loc);
}

void pn_circuit_expect(const pn_circuit *c, const pn_hashed *device, const pn_hashed *node, int n)
{
  pn_names_prefetch(c->device_names, device->hash);
  for (int k = 0; k < n; k++)
    pn_names_prefetch(c->node_names, node[k].hash);
}

/* The local that an internal node coincides with, or -1. */
static int merged(pn_circuit *c, const pn_device *d, int local)
{
  const pn_device_class *cls = d->cls;
  if (!cls->merged || cls->locals[local].kind != PN_L_INTERNAL)
    return -1;
  double *p = PN_NEW_ARRAY(c->arena, double, cls->n_params);
  memcpy(p, d->params, (size_t)cls->n_params * sizeof *p);
  for (int k = 0; k < d->n_over; k++)
    p[d->over_index[k]] = d->over_value[k];
  return cls->merged(cls, p, local);
}

/* Unknowns of the device's own: internal nodes, branches, states. */
static void own_unknowns(pn_circuit *c, int device)
{
  const pn_device of = pn_device_at(c, device), *d = &of;
  for (int k = 0; k < d->cls->n_locals; k++) {
    const pn_local *l = &d->cls->locals[k];
    pn_unknown u = {.name = pn_str_of(l->name),
                    .unit = l->unit,
                    .atol = l->atol,
                    .device = device,
                    .loc = d->loc};
    int same = merged(c, d, k);
    if (same >= 0) {
      d->unknowns[k] = d->unknowns[same];
    } else if (l->kind == PN_L_INTERNAL || l->kind == PN_L_BRANCH || l->kind == PN_L_INNER) {
      u.kind = l->kind == PN_L_BRANCH  ? PN_U_BRANCH
               : l->kind == PN_L_INNER ? PN_U_INNER
                                       : PN_U_INTERNAL;
      d->unknowns[k] = new_unknown(c, record_unknown(c, &u));
    } else if (l->kind == PN_L_STATE) {
      u.kind = PN_U_STATE;
      *PN_PUSH(c->arena, &c->states) = record_unknown(c, &u);
      d->unknowns[k] = (int)c->states.n - 1;
    }
  }
}

static bool same_kind(const pn_device_kind *a, const pn_device_kind *b)
{
  return a->cls == b->cls && a->params == b->params && a->wave == b->wave && a->model == b->model &&
         a->variation == b->variation && a->icc == b->icc && a->warm.own == b->warm.own &&
         a->warm.above == b->warm.above && a->hold == b->hold && a->file == b->file &&
         a->inst == b->inst && a->n_over == b->n_over &&
         (!a->n_over ||
          !memcmp(a->over_index, b->over_index, (size_t)a->n_over * sizeof *a->over_index));
}

/* The number of a kind: one of the last few, or a new one. */
static int kind_number(pn_circuit *c, pn_device_kind k)
{
  int n = (int)c->kinds.n;
  for (int old = n - 1; old >= 0 && old >= n - RECENT; old--)
    if (same_kind(&c->kinds.at[old], &k))
      return old;
  if (k.n_over) {
    int *index = PN_NEW_ARRAY(c->arena, int, k.n_over);
    memcpy(index, k.over_index, (size_t)k.n_over * sizeof *index);
    k.over_index = index;
  }
  *PN_PUSH(c->arena, &c->kinds) = k;
  return n;
}

static int kind_of_spec(pn_circuit *c, const pn_device_spec *s)
{
  return kind_number(c, (pn_device_kind){.cls = s->cls,
                                         .params = s->params,
                                         .over_index = s->over_index,
                                         .wave = s->wave,
                                         .model = s->model,
                                         .variation = s->variation,
                                         .icc = s->icc,
                                         .warm = s->warm,
                                         .n_over = s->n_over,
                                         .hold = s->hold,
                                         .file = s->loc.file,
                                         .inst = s->loc.inst});
}

/* The number of a new device, which is that of its name. */
static pn_status take_name(pn_circuit *c, const pn_hashed *name, pn_loc loc, int *id)
{
  int before = pn_names_count(c->device_names);
  *id = pn_names_intern_hashed(c->device_names, name);
  if (*id == before)
    return PN_OK;
  unsigned line, column;
  pn_diag_position(c->diag, pn_device_at(c, *id).loc, &line, &column);
  return pn_error(c->diag, loc, "a device named '%.*s' exists already (line %u)",
                  PN_FMT(pn_names_get(c->device_names, *id)), line);
}

/* A device's record with its numbers, its unknowns still to be given: the latter. */
static int *put_record(pn_circuit *c, int kind, pn_loc loc, const double *over_value)
{
  const pn_device_kind *k = &c->kinds.at[kind];
  size_t before_over = pn_record_before_over(k->cls), over = (size_t)k->n_over * sizeof(double);
  int *unknowns = pn_arena_alloc(c->arena, before_over + over);
  *PN_PUSH(c->arena, &c->devices) = (pn_record){
      .unknowns = unknowns, .offset = loc.offset, .len = loc.len, .kind = kind};
  if (over)
    memcpy((char *)unknowns + before_over, over_value, over);
  return unknowns;
}

pn_status pn_circuit_add_like(pn_circuit *c, int like, const pn_hashed *name, pn_loc loc,
                              const int *nodes, const double *over_value)
{
  int id, kind = c->devices.at[like].kind, n = c->kinds.at[kind].cls->n_locals;
  pn_status st = take_name(c, name, loc, &id);
  if (st)
    return st;
  memcpy(put_record(c, kind, loc, over_value), nodes, (size_t)n * sizeof *nodes);
  return PN_OK;
}

pn_status pn_circuit_add(pn_circuit *c, const pn_device_spec *s, int *device)
{
  const pn_hashed key = pn_hashed_of(s->name);
  int id;
  pn_status st = take_name(c, &key, s->loc, &id);
  if (st)
    return st;
  int *unknowns = put_record(c, kind_of_spec(c, s), s->loc, s->over_value);
  bool own = false;
  for (int k = 0, given = 0; k < s->cls->n_locals; k++)
    if (s->cls->locals[k].kind == PN_L_TERM || s->cls->locals[k].kind == PN_L_REF)
      unknowns[k] = s->unknowns[given++];
    else
      own = true;
  if (own)
    own_unknowns(c, id);
  if (s->wave)
    *PN_PUSH(c->arena, &c->sources) = id;
  *device = id;
  return PN_OK;
}

void pn_circuit_stick(pn_circuit *c, int device)
{
  pn_device_kind stuck = *pn_kind_of(c, device);
  stuck.hold = PN_STUCK;
  c->devices.at[device].kind = kind_number(c, stuck);
}

int pn_circuit_device(const pn_circuit *c, pn_str name)
{
  int k = pn_names_find(c->device_names, name);
  return k >= 0 ? k : pn_bulk_find(c, name);
}

int pn_circuit_branch(const pn_circuit *c, int device, int k)
{
  const pn_device of = pn_device_at(c, device), *d = &of;
  for (int l = 0; l < d->cls->n_locals; l++)
    if (d->cls->locals[l].kind == PN_L_BRANCH && k-- == 0)
      return d->unknowns[l];
  return -1;
}

int pn_class_first_state(const pn_device_class *cls)
{
  int k = 0;
  while (k < cls->n_locals && cls->locals[k].kind != PN_L_STATE)
    k++;
  return k;
}

/* States are numbered behind the matrix's unknowns; tolerances get their defaults. */
static void number_states(pn_circuit *c)
{
  c->n_mna = c->n_ids;
  for (size_t k = 0; k < c->states.n; k++)
    new_unknown(c, c->states.at[k]);
  for (size_t k = 0; k < c->devices.n; k++) {
    const pn_device_class *cls = pn_kind_of(c, (int)k)->cls;
    for (int l = pn_class_first_state(cls); l < cls->n_locals; l++)
      c->devices.at[k].unknowns[l] += c->n_mna;
  }
  pn_bulk_number(c);
  c->n = c->n_ids;
}

pn_status pn_circuit_finish(pn_circuit *c, bool may_float)
{
  if (c->devices.n == 0 && c->bulks.n == 0)
    return pn_error(c->diag, PN_NOWHERE, "the netlist has no devices");
  number_states(c);
  pn_lattices_find(c);
  pn_status st = pn_circuit_check_topology(c, may_float);
  if (st)
    return st;
  if ((st = pn_circuit_build_batches(c)) || (st = pn_circuit_build_pattern(c)))
    return st;
  c->finished = true;
  return PN_OK;
}

int pn_circuit_n(const pn_circuit *c)
{
  return c->n;
}

int pn_circuit_n_mna(const pn_circuit *c)
{
  return c->n_mna;
}

pn_unknown pn_circuit_unknown(const pn_circuit *c, int id)
{
  return pn_unknown_at(c, id);
}

const char *pn_circuit_label(const pn_circuit *c, int id, char *buf, size_t room)
{
  if (pn_grid_label(c, id, buf, room))
    return buf;
  const pn_unknown of = pn_unknown_at(c, id), *u = &of;
  pn_str dev = u->device >= 0 ? pn_names_get(c->device_names, u->device) : (pn_str){"", 0};
  bool lone = u->device >= 0 && pn_circuit_branch(c, u->device, 1) < 0;
  switch (u->kind) {
  case PN_U_NODE:
    snprintf(buf, room, "v(%.*s)", PN_FMT(u->name));
    break;
  case PN_U_INTERNAL:
    snprintf(buf, room, "v(%.*s#%.*s)", PN_FMT(dev), PN_FMT(u->name));
    break;
  case PN_U_BRANCH:
    if (lone)
      snprintf(buf, room, "i(%.*s)", PN_FMT(dev));
    else
      snprintf(buf, room, "i(%.*s#%.*s)", PN_FMT(dev), PN_FMT(u->name));
    break;
  case PN_U_INNER:
  case PN_U_STATE:
    snprintf(buf, room, "@%.*s[%.*s]", PN_FMT(dev), PN_FMT(u->name));
    break;
  }
  return buf;
}

int pn_circuit_find_node(const pn_circuit *c, pn_str name)
{
  if (is_ground(name))
    return PN_GROUND;
  int k = pn_names_find(c->node_names, name);
  return k < 0 ? pn_grid_find(c, name) : c->node_unknown.at[k];
}

pn_str pn_circuit_nearest_node(const pn_circuit *c, pn_str name)
{
  return pn_diag_is_full(c->diag) ? PN_STR("") : pn_names_nearest(c->node_names, name);
}

pn_str pn_circuit_nearest_device(const pn_circuit *c, pn_str name)
{
  return pn_diag_is_full(c->diag) ? PN_STR("") : pn_names_nearest(c->device_names, name);
}

int pn_circuit_n_devices(const pn_circuit *c)
{
  int n = (int)c->devices.n;
  for (size_t k = 0; k < c->bulks.n; k++)
    n += c->bulks.at[k].spec.n;
  return n;
}

pn_device_info pn_circuit_device_info(const pn_circuit *c, int device)
{
  const pn_device of = pn_device_at(c, device), *d = &of;
  return (pn_device_info){d->name, d->loc, d->cls,  d->model,    d->unknowns,
                          d->hold, d->icc, d->warm, d->variation};
}

void pn_circuit_device_params(const pn_circuit *c, int device, double *p)
{
  const pn_device of = pn_device_at(c, device), *d = &of;
  if (d->cls->n_params)
    memcpy(p, d->params, (size_t)d->cls->n_params * sizeof *p);
  if (device >= (int)c->devices.n) {
    const pn_bulk_spec *b = &c->bulks.at[c->batches.at[d->batch].bulk].spec;
    for (int k = 0; k < b->n_over; k++)
      p[b->over_index[k]] = b->over[k][d->place];
    return;
  }
  for (int k = 0; k < d->n_over; k++)
    p[d->over_index[k]] = d->over_value[k];
}

bool pn_circuit_uses_time(const pn_circuit *c)
{
  bool any = false;
  for (size_t k = 0; k < c->batches.n; k++)
    any |= (c->batches.at[k].cls->flags & PN_DEV_TIME) != 0;
  return any;
}
