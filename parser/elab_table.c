/* Devices of the table (R C L K E F G H S W): terminals, controlling nodes and devices come from their
 * class. Lines that name other devices wait until all others are there. */
#include "parser/elab_line.h"

static bool ref_is_current(const pn_local *l)
{
  return l->kind == PN_L_REF && l->unit[0] == 'A';
}

static bool names_devices(const pn_device_class *cls)
{
  for (int k = 0; k < cls->n_locals; k++)
    if (ref_is_current(&cls->locals[k]))
      return true;
  return false;
}

/* K: the inductances of the two inductors at tokens 1 and 2, and what they depend on. */
static bool couple(pn_line *l)
{
  pn_elab *e = l->s->e;
  for (int k = 0; k < 2; k++) {
    pn_str name = l->c->tokens[1 + k].text;
    int device = pn_circuit_device(e->circuit, pn_full_name(l->s, name));
    pn_device_info info = pn_circuit_device_info(e->circuit, device);
    if (info.cls->letter != 'l') {
      pn_error(e->diag, pn_at(l->s, l->c, 1 + k), "'%.*s' is not an inductor", PN_FMT(name));
      return false;
    }
    double p[64];
    pn_circuit_device_params(e->circuit, device, p);
    pn_num v = {.value = p[0], .loc = pn_at(l->s, l->c, 1 + k)};
    for (size_t b = 0; b < e->bindings.n; b++)
      if (e->bindings.at[b].device == device && e->bindings.at[b].index == 0) {
        v.mask = e->bindings.at[b].mask;
        v.ast = e->bindings.at[b].ast;
      }
    if (!pn_line_give(l, 1 + k, &v))
      return false;
  }
  return true;
}

/* Controlling nodes and currents behind the terminals. 1 done, 0 failed, -1 not finished yet. */
static int read_refs(pn_scope *s, const pn_card *c, const pn_device_class *cls, bool last, int *k,
                     int *ids)
{
  for (int j = pn_count_terms(cls); j < cls->n_locals && cls->locals[j].kind == PN_L_REF; j++) {
    if (!pn_tok_is(c, *k, PN_T_WORD) || pn_tok_key(c, *k)) {
      pn_error(s->e->diag, pn_at(s, c, *k), "'%.*s' needs the name of a device here",
               PN_FMT(c->tokens[0].text));
      return 0;
    }
    ids[j] = pn_branch_find(s, c->tokens[*k].text);
    if (ids[j] == -2 && !last)
      return -1;
    if (ids[j] < 0) {
      pn_report_no_current(s, c->tokens[*k].text, pn_at(s, c, *k));
      return 0;
    }
    ++*k;
  }
  return 1;
}

static void finish_line(pn_line *l, int k, int *ids)
{
  if (!pn_line_rest(l, k))
    return;
  if (l->cls->letter == 'k' && !couple(l))
    return;
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(l->s, l->c->tokens[0].text, name),
                         .loc = pn_at(l->s, l->c, 0),
                         .cls = l->cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(l->s, l->c, &spec, &l->given, l->model);
}

bool pn_finish_table_device(pn_deferred *d, bool last)
{
  const pn_card *c = d->card;
  pn_line l;
  pn_line_begin(&l, d->scope, c, pn_class_of_letter((char)(c->tokens[0].text.p[0] | 32)));
  int ids[PN_MOST_TERMINALS], k = 1, terms = pn_count_terms(l.cls);
  if (!pn_read_nodes(d->scope, c, &k, terms, l.cls->name, ids))
    return true;
  int found = read_refs(d->scope, c, l.cls, last, &k, ids);
  if (found > 0)
    finish_line(&l, k, ids);
  return found >= 0;
}

void pn_defer(pn_elab *e, const pn_deferred *d)
{
  int id = pn_names_intern(e->deferred_names, d->name);
  if (id == (int)e->deferred.n) {
    *PN_PUSH(e->arena, &e->deferred) = *d;
    return;
  }
  unsigned row, column;
  pn_diag_position(e->diag, pn_card_loc(e->deferred.at[id].card), &row, &column);
  pn_error(e->diag, pn_at(d->scope, d->card, 0), "a device named '%.*s' exists already (line %u)",
           PN_FMT(d->name), row);
}

/* Makes the terminals' nodes, so that nodes keep the order of the netlist, and waits. */
static void defer(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  int ids[PN_MOST_TERMINALS], k = 1;
  pn_elab *e = s->e;
  if (!pn_read_nodes(s, c, &k, pn_count_terms(cls), cls->name, ids))
    return;
  pn_deferred d = {.card = c, .scope = s, .name = pn_full_name(s, c->tokens[0].text)};
  pn_defer(e, &d);
}

void pn_instance_table(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  if (names_devices(cls)) {
    defer(s, c, cls);
    return;
  }
  int n = 0, k = 1, ids[PN_MOST_TERMINALS];
  if (cls->letter == 'c' || cls->letter == 'l')
    c = pn_take_parasitics(s, c);
  while (n < cls->n_locals && cls->locals[n].kind <= PN_L_REF)
    n++;
  if (!pn_read_nodes(s, c, &k, n, cls->name, ids))
    return;
  pn_line l;
  pn_line_begin(&l, s, c, cls);
  finish_line(&l, k, ids);
}
