/* Loading a netlist whole: file, tree, elaboration, all in one arena that is freed
 * together; and setting a global parameter later, for sweeps. */
#include "base/pool.h"
#include "parser/elab.h"

#include <stdlib.h>
#include <string.h>

static const size_t DEFAULT_MEMORY = (size_t)4 << 30; /* bytes */

/* The folder of a path, with the last '/', or "". */
static const char *folder_of(pn_arena *a, const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? pn_arena_strndup(a, path, (size_t)(slash - path) + 1) : "";
}

static uint32_t register_text(pn_netlist *n, const char *path, const char *text, size_t len)
{
  char *copy = pn_arena_alloc(&n->arena, len + 2);
  if (len)
    memcpy(copy, text, len);
  const char *name = pn_arena_printf(&n->arena, "%s", path);
  return pn_diag_add_source(&n->diag, name, copy, len, PN_NOWHERE);
}

static pn_status read_all(pn_netlist *n, const char *path, const char *text, size_t len,
                          const pn_load_options *o)
{
  uint32_t file = text ? register_text(n, path, text, len)
                       : pn_tree_load_file(&n->diag, path, PN_NOWHERE);
  if (!file)
    return PN_E_FILE;
  n->options = pn_options_default();
  n->options.folder = folder_of(&n->arena, path);
  n->options.untrusted = o->untrusted;
  pn_read_options ro = {.untrusted = o->untrusted, .folder = n->options.folder};
  pn_tree *t = pn_tree_read(&n->diag, file, &ro, &n->title);
  n->title.p = pn_arena_strndup(&n->arena, n->title.p, n->title.n); /* a C string */
  return t ? pn_elaborate(n, t, o) : PN_E_NETLIST;
}

static void tell(const pn_load_options *o, pn_status st)
{
  if (o->message && st == PN_E_MEMORY)
    o->message(o->user, PN_ERROR, "error: out of memory while reading the netlist");
  if (o->message && st == PN_E_LIMIT)
    o->message(o->user, PN_ERROR,
               "error: the netlist needs more memory than the limit that was set");
}

/* Reads with a recovery point: memory that ends comes back here. */
static pn_status read_guarded(pn_netlist *n, const char *path, const char *text, size_t len,
                              const pn_load_options *o)
{
  jmp_buf env;
  int thrown = setjmp(env);
  if (thrown) {
    n->arena.recover = NULL;
    return (pn_status)thrown;
  }
  n->arena.recover = &env;
  pn_status st = read_all(n, path, text, len, o);
  n->arena.recover = NULL;
  return st == PN_OK && n->diag.n_errors ? PN_E_NETLIST : st;
}

pn_status pn_netlist_load(const char *path, const char *text, size_t len, const pn_load_options *o,
                          pn_netlist **out)
{
  static const pn_load_options none = {0};
  o = o ? o : &none;
  *out = NULL;
  pn_netlist *n = calloc(1, sizeof *n);
  pn_status st = PN_E_MEMORY;
  if (n) {
    pn_arena_init(&n->arena, o->max_memory ? o->max_memory : DEFAULT_MEMORY);
    pn_diag_init(&n->diag, &n->arena, o->message, o->user);
    n->diag.werror = o->werror;
    st = read_guarded(n, path, text, len, o);
    pn_pool_free(n->pool); /* also where reading was left in the middle */
    n->pool = NULL;
  }
  if (st == PN_OK) {
    *out = n;
    return PN_OK;
  }
  tell(o, st);
  pn_netlist_free(n);
  return st;
}

void pn_netlist_free(pn_netlist *n)
{
  if (!n)
    return;
  pn_arena_free(&n->arena);
  free(n);
}

/* ---- sweeps ---- */

/* A parameter of a device, or its temperature. */
static pn_status set_one(pn_sim *sim, int device, int index, double value)
{
  if (index >= 0)
    return value == pn_sim_get_param(sim, device, index)
               ? PN_OK
               : pn_sim_set_param(sim, device, index, value);
  if (index == PN_OWN_TEMP && value <= -PN_KELVIN)
    return PN_E_DOMAIN;
  pn_warmth w = pn_sim_warmth(sim, device);
  if (index == PN_OWN_TEMP)
    w.own = value + PN_KELVIN;
  else
    w.above = value;
  return pn_sim_set_warmth(sim, device, w);
}

/* Of a device, or of all devices of a bulk (device <= PN_BULK). */
static pn_status set_bound(pn_elab *e, pn_sim *sim, const pn_binding *b, double value)
{
  int first = b->device, n = 1;
  if (b->device <= PN_BULK)
    n = pn_circuit_bulk(e->circuit, PN_BULK - b->device, &first)->n;
  pn_status st = PN_OK;
  for (int k = first; k < first + n && !st; k++)
    st = set_one(sim, k, b->index, value);
  return st;
}

/* Does the circuit still stand on what it was made for? */
static pn_status check_premises(pn_elab *e, uint64_t bit)
{
  static const char hint[] = ".step makes the circuit anew for each value";
  for (size_t k = 0; k < e->premises.n; k++) {
    const pn_premise *p = &e->premises.at[k];
    double value;
    uint64_t mask;
    if (!(p->mask & bit))
      continue;
    pn_status st = pn_scope_eval(p->scope, p->ast, &value, &mask);
    if (st)
      return st;
    if (p->is_condition && (value != 0) != (p->value != 0))
      return pn_error_hint(e->diag, p->loc, hint, "within an analysis a condition cannot become %s",
                           value != 0 ? "true" : "false");
    if (!p->is_condition && value != p->value)
      return pn_error_hint(e->diag, p->loc, hint,
                           "the circuit was made for %g here: within an analysis this cannot "
                           "become %g",
                           p->value, value);
  }
  return PN_OK;
}

/* Can the device, or those of the bulk, have this value? */
static pn_status check_bound(pn_elab *e, const pn_binding *b, double value)
{
  int device = b->device;
  if (b->index < 0)
    return PN_OK;
  if (device <= PN_BULK && !pn_circuit_bulk(e->circuit, PN_BULK - device, &device)->n)
    return PN_OK;
  const pn_device_class *cls = pn_circuit_device_info(e->circuit, device).cls;
  const char *why = pn_param_check_change(e->arena, &cls->params[b->index], value);
  char name[PN_DEVICE_NAME];
  return why ? pn_error(e->diag, b->ast->loc, "'%s': %s",
                        pn_circuit_device_name(e->circuit, device, name, sizeof name), why)
             : PN_OK;
}

static pn_status refresh(pn_elab *e, pn_sim *sim, uint64_t bit)
{
  pn_status premises = check_premises(e, bit);
  if (premises)
    return premises;
  for (size_t k = 0; k < e->bindings.n; k++) {
    pn_binding *b = &e->bindings.at[k];
    if (!(b->mask & bit))
      continue;
    if (b->source) {
      pn_source_refresh(b->source);
      continue;
    }
    double value;
    uint64_t mask;
    pn_status st = pn_scope_eval(b->scope, b->ast, &value, &mask);
    if (st == PN_OK && !isfinite(value))
      st = PN_E_DOMAIN;
    if (st == PN_OK)
      st = check_bound(e, b, value);
    if (st == PN_OK)
      st = set_bound(e, sim, b, value);
    if (st != PN_OK)
      return st;
  }
  return PN_OK;
}

static pn_status set_param(pn_netlist *n, pn_sim *sim, pn_str name, double value)
{
  int id = pn_scope_fix(n->elab->top, name, value);
  if (id < 0)
    return pn_error(
        &n->diag, PN_NOWHERE, "the netlist has no parameter '%.*s'%s", PN_FMT(name),
        pn_did_you_mean(&n->arena, pn_names_nearest(n->elab->top->block->param_names, name)));
  return refresh(n->elab, sim, (uint64_t)1 << (id & 63));
}

pn_status pn_netlist_set_param(pn_netlist *n, pn_sim *sim, pn_str name, double value)
{
  jmp_buf env, *outer = n->arena.recover;
  int thrown = setjmp(env);
  if (thrown) {
    n->arena.recover = outer;
    return (pn_status)thrown;
  }
  n->arena.recover = &env;
  pn_status st = set_param(n, sim, name, value);
  n->arena.recover = outer;
  return st;
}
