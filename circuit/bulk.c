/* Arrays of nodes and devices that have no record each: a crossbar of a million cells keeps its nodes,
 * parameters and nothing else. Names are made and read by rule, "ARRAY.PART[i][j]". */
#include "circuit/private.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* ---- names ---- */

/* Reads "[12]" at *p; false when it is not that, or not written the shortest way. */
static bool read_index(const char **p, const char *end, int *value)
{
  const char *s = *p;
  long v = 0;
  if (end - s < 3 || s[0] != '[' || (s[1] == '0' && s[2] != ']'))
    return false;
  for (s++; s < end && *s >= '0' && *s <= '9' && v < 1000000000; s++)
    v = 10 * v + (*s - '0');
  if (s == *p + 1 || s == end || *s != ']' || v > INT_MAX)
    return false;
  *value = (int)v;
  *p = s + 1;
  return true;
}

/* "ARRAY.PART[i][j]" with i < rows, j < cols. */
static bool read_name(pn_str name, pn_str array, const char *part, int rows, int cols, int *i,
                      int *j)
{
  size_t n = strlen(part);
  if (name.n < array.n + n + 7 || !pn_str_ieq((pn_str){name.p, array.n}, array) ||
      name.p[array.n] != '.' || !pn_str_is((pn_str){name.p + array.n + 1, n}, part))
    return false;
  const char *p = name.p + array.n + 1 + n, *end = name.p + name.n;
  return read_index(&p, end, i) && read_index(&p, end, j) && p == end && *i < rows && *j < cols;
}

static bool may_be_array(pn_str name)
{
  return name.n > 7 && name.p[name.n - 1] == ']';
}

int pn_grid_find(const pn_circuit *c, pn_str name)
{
  int i, j;
  for (size_t k = 0; may_be_array(name) && k < c->grids.n; k++) {
    const pn_grid *g = &c->grids.at[k];
    if (g->bulk < 0 && read_name(name, g->array, g->part, g->rows, g->cols, &i, &j))
      return g->alias ? g->alias[g->along ? j : i] : g->first + i * g->cols + j;
  }
  return -2;
}

/* The place of a cell in a bulk, or -1. */
static int place_of_cell(const pn_bulk_spec *s, int cell)
{
  if (!s->cell)
    return cell;
  int low = 0, high = s->n;
  while (high - low > 1) {
    int mid = (low + high) / 2;
    if (s->cell[mid] <= cell)
      low = mid;
    else
      high = mid;
  }
  return s->n && s->cell[low] == cell ? low : -1;
}

int pn_bulk_find(const pn_circuit *c, pn_str name)
{
  int i, j;
  for (size_t k = 0; may_be_array(name) && k < c->bulks.n; k++) {
    const pn_bulk *b = &c->bulks.at[k];
    if (!read_name(name, b->spec.array, b->spec.part, b->spec.rows, b->spec.cols, &i, &j))
      continue;
    int place = place_of_cell(&b->spec, i * b->spec.cols + j);
    if (place >= 0)
      return b->first + place;
  }
  return -1;
}

static const char *write_name(pn_str array, const char *part, int cell, int cols, char *buf,
                              size_t room)
{
  snprintf(buf, room, "%.*s.%s[%d][%d]", PN_FMT(array), part, cell / cols, cell % cols);
  return buf;
}

static const char *bulk_name(const pn_bulk *b, int place, char *buf, size_t room)
{
  int cell = b->spec.cell ? b->spec.cell[place] : place;
  return write_name(b->spec.array, b->spec.part, cell, b->spec.cols, buf, room);
}

static const pn_bulk *bulk_of(const pn_circuit *c, int device)
{
  size_t k = 0;
  while (k + 1 < c->bulks.n && c->bulks.at[k + 1].first <= device)
    k++;
  return &c->bulks.at[k];
}

const char *pn_circuit_device_name(const pn_circuit *c, int device, char *buf, size_t room)
{
  if (device < (int)c->devices.n) {
    snprintf(buf, room, "%.*s", PN_FMT(pn_names_get(c->device_names, device)));
    return buf;
  }
  const pn_bulk *b = bulk_of(c, device);
  return bulk_name(b, device - b->first, buf, room);
}

static const pn_id_range *range_of(const pn_circuit *c, int id)
{
  size_t low = 0, high = c->ranges.n;
  while (high - low > 1) {
    size_t mid = (low + high) / 2;
    if (c->ranges.at[mid].first <= id)
      low = mid;
    else
      high = mid;
  }
  return &c->ranges.at[low];
}

const char *pn_grid_label(const pn_circuit *c, int id, char *buf, size_t room)
{
  if (!c->grids.n)
    return NULL;
  const pn_id_range *r = range_of(c, id);
  if (r->grid < 0)
    return NULL;
  const pn_grid *g = &c->grids.at[r->grid];
  char name[256]; /* as much as a label has where it is asked for */
  if (g->bulk < 0) {
    write_name(g->array, g->part, id - g->first, g->cols, name, sizeof name);
    snprintf(buf, room, "v(%s)", name);
  } else {
    bulk_name(&c->bulks.at[g->bulk], id - g->first, name, sizeof name);
    snprintf(buf, room, "@%s[%.*s]", name, PN_FMT(g->as.name));
  }
  return buf;
}

/* ---- building ---- */

void pn_ids_take(pn_circuit *c, int n, int base, int grid)
{
  const pn_id_range *last = c->ranges.n ? &c->ranges.at[c->ranges.n - 1] : NULL;
  if (!last || grid >= 0 || last->grid >= 0)
    *PN_PUSH(c->arena, &c->ranges) = (pn_id_range){c->n_ids, base, grid};
  c->n_ids += n;
}

/* Has a node been made under one of these names before? */
static bool name_taken(pn_circuit *c, const pn_grid *g)
{
  int i, j;
  for (int k = 0; k < pn_names_count(c->node_names); k++) {
    pn_str name = pn_names_get(c->node_names, k);
    if (!may_be_array(name) || !read_name(name, g->array, g->part, g->rows, g->cols, &i, &j))
      continue;
    pn_error_hint(c->diag, pn_unknown_at(c, c->node_unknown.at[k]).loc,
                  "write the array before the devices that use its nodes",
                  "node '%.*s' is named before its array is written", PN_FMT(name));
    return true;
  }
  return false;
}

int pn_circuit_grid(pn_circuit *c, pn_str array, const char *part, int rows, int cols, pn_loc loc)
{
  pn_grid g = {.array = array,
               .part = part,
               .rows = rows,
               .cols = cols,
               .first = c->n_ids,
               .n = rows * cols,
               .bulk = -1,
               .as = {.kind = PN_U_INTERNAL, .name = array, .unit = "V", .device = -1, .loc = loc}};
  if (name_taken(c, &g))
    return -1;
  pn_ids_take(c, g.n, 0, (int)c->grids.n);
  *PN_PUSH(c->arena, &c->grids) = g;
  return g.first;
}

void pn_circuit_alias(pn_circuit *c, pn_str array, const char *part, int rows, int cols,
                      const int *node, int along)
{
  *PN_PUSH(c->arena, &c->grids) = (pn_grid){.array = array,
                                            .part = part,
                                            .rows = rows,
                                            .cols = cols,
                                            .first = -1,
                                            .alias = node,
                                            .along = along,
                                            .bulk = -1};
}

void pn_circuit_add_bulk(pn_circuit *c, const pn_bulk_spec *s)
{
  if (s->n > 0)
    *PN_PUSH(c->arena, &c->bulks) = (pn_bulk){.spec = *s};
}

void pn_circuit_add_lattice(pn_circuit *c, int rows, int cols, int w0, int b0, int m0,
                            bool lopsided)
{
  *PN_PUSH(c->arena, &c->lattices) = (pn_linsol_array){rows, cols, w0, b0, m0, false, lopsided};
}

int pn_circuit_next_id(const pn_circuit *c)
{
  return c->n_ids;
}

void pn_circuit_add_cell(pn_circuit *c, int first)
{
  *PN_PUSH(c->arena, &c->cells) = (pn_linsol_cell){first, c->n_ids - first};
}

/* At the end: ids of the bulks' devices and, behind all others, of their states. */
void pn_bulk_number(pn_circuit *c)
{
  int device = (int)c->devices.n;
  for (size_t k = 0; k < c->bulks.n; k++) {
    pn_bulk *b = &c->bulks.at[k];
    const pn_device_class *cls = b->spec.cls;
    int terms = pn_class_first_state(cls), locals = cls->n_locals, first = c->n_ids;
    b->first = device;
    device += b->spec.n;
    for (int i = 0; b->spec.ids && i < b->spec.n; i++)
      b->spec.ids[b->spec.cell ? b->spec.cell[i] : i] = b->first + i;
    for (int l = terms; l < locals; l++) {
      const pn_local *local = &cls->locals[l];
      pn_grid g = {.array = b->spec.array,
                   .part = b->spec.part,
                   .first = c->n_ids,
                   .n = b->spec.n,
                   .bulk = (int)k,
                   .as = {.kind = PN_U_STATE,
                          .name = pn_str_of(local->name),
                          .unit = local->unit,
                          .atol = local->atol,
                          .device = b->first,
                          .loc = b->spec.loc}};
      pn_ids_take(c, g.n, 0, (int)c->grids.n);
      *PN_PUSH(c->arena, &c->grids) = g;
    }
    if (locals == terms) {
      b->locals = (int *)b->spec.nodes;
      continue;
    }
    b->locals = PN_NEW_ARRAY(c->arena, int, (size_t)b->spec.n *(size_t)locals);
    for (int i = 0; i < b->spec.n; i++)
      for (int l = 0; l < locals; l++)
        b->locals[(size_t)i * (size_t)locals + (size_t)l] =
            l < terms ? b->spec.nodes[(size_t)i * (size_t)terms + (size_t)l]
                      : first + (l - terms) * b->spec.n + i;
  }
}

/* ---- reading ---- */

/* The record of an unknown, or NULL with what it is: of a grid. */
static const pn_unknown_record *record_of(const pn_circuit *c, int id, const pn_unknown **as)
{
  const pn_id_range *r = c->grids.n ? range_of(c, id) : NULL;
  *as = r && r->grid >= 0 ? &c->grids.at[r->grid].as : NULL;
  return *as ? NULL : &c->unknowns.at[r ? r->base + id - r->first : id];
}

pn_unknown pn_unknown_at(const pn_circuit *c, int id)
{
  const pn_unknown *as;
  const pn_unknown_record *r = record_of(c, id, &as);
  if (as)
    return *as;
  const pn_unknown_sort *s = &c->sorts.at[r->sort];
  bool node = s->kind == PN_U_NODE;
  return (pn_unknown){.kind = s->kind,
                      .name = node ? pn_names_get(c->node_names, r->owner) : s->name,
                      .unit = s->unit,
                      .atol = s->atol,
                      .device = node ? -1 : r->owner,
                      .loc = {s->file, r->offset, r->len, s->inst}};
}

pn_unknown_kind pn_unknown_kind_at(const pn_circuit *c, int id)
{
  const pn_unknown *as;
  const pn_unknown_record *r = record_of(c, id, &as);
  return as ? as->kind : c->sorts.at[r->sort].kind;
}

pn_unknown pn_unknown_span(const pn_circuit *c, int id, int *end)
{
  const pn_unknown *as;
  const pn_unknown_record *first = record_of(c, id, &as);
  const pn_id_range *range = c->grids.n ? range_of(c, id) : NULL;
  if (as) {
    *end = range->first + c->grids.at[range->grid].n;
    return *as;
  }
  bool last = !range || range + 1 == c->ranges.at + c->ranges.n;
  int most = last ? c->n_ids : range[1].first, n = 1;
  while (id + n < most && first[n].sort == first->sort)
    n++;
  *end = id + n;
  return pn_unknown_at(c, id);
}

pn_device pn_device_at(const pn_circuit *c, int id)
{
  if (id < (int)c->devices.n) {
    const pn_record *r = &c->devices.at[id];
    const pn_device_kind *k = &c->kinds.at[r->kind];
    return (pn_device){.name = pn_names_get(c->device_names, id),
                       .loc = {k->file, r->offset, r->len, k->inst},
                       .cls = k->cls,
                       .params = k->params,
                       .over_index = k->over_index,
                       .over_value = pn_record_over(r, k),
                       .wave = k->wave,
                       .model = k->model,
                       .variation = k->variation,
                       .icc = k->icc,
                       .warm = k->warm,
                       .unknowns = r->unknowns,
                       .n_over = k->n_over,
                       .hold = k->hold,
                       .batch = k->batch,
                       .place = r->place};
  }
  const pn_bulk *b = bulk_of(c, id);
  int place = id - b->first;
  return (pn_device){.name = b->spec.array,
                     .loc = b->spec.loc,
                     .cls = b->spec.cls,
                     .params = b->spec.params,
                     .model = b->spec.model,
                     .unknowns = b->locals + (size_t)place * (size_t)b->spec.cls->n_locals,
                     .hold = b->spec.hold,
                     .variation = b->spec.variation,
                     .warm = b->spec.warm ? b->spec.warm[place] : (pn_warmth){0},
                     .batch = b->batch,
                     .place = place};
}

int pn_batch_device(const pn_circuit *c, const pn_batch *b, int place)
{
  return b->bulk >= 0 ? c->bulks.at[b->bulk].first + place : b->device[place];
}

int pn_batch_unknown(const pn_circuit *c, const pn_batch *b, int local, int place)
{
  if (b->map)
    return b->map[(size_t)local * (size_t)b->n_pad + (size_t)place];
  int id = c->bulks.at[b->bulk].locals[(size_t)place * (size_t)b->cls->n_locals + (size_t)local];
  return id < 0 ? c->n : id;
}

const pn_wave *pn_circuit_wave(const pn_circuit *c, int device)
{
  return device < (int)c->devices.n ? pn_kind_of(c, device)->wave : NULL;
}

int pn_circuit_n_records(const pn_circuit *c)
{
  return (int)c->devices.n;
}

int pn_circuit_n_bulks(const pn_circuit *c)
{
  return (int)c->bulks.n;
}

const pn_bulk_spec *pn_circuit_bulk(const pn_circuit *c, int k, int *first)
{
  *first = c->bulks.at[k].first;
  return &c->bulks.at[k].spec;
}
