/* Devices enter the circuit: defaults, checks of the whole, bindings to parameters, currents by name;
 * and which reader an instance line goes to by its letter. */
#include "parser/elab_line.h"

#include <string.h>

const pn_device_class *pn_class_of_letter(char letter)
{
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_device_classes[k]->letter == letter)
      return pn_device_classes[k];
  return NULL;
}

const double *pn_class_defaults(pn_elab *e, const pn_device_class *cls)
{
  double *p = pn_ptrmap_get(&e->defaults_of_class, cls);
  if (p || !cls->n_params)
    return p;
  p = PN_NEW_ARRAY(e->arena, double, cls->n_params);
  for (int k = 0; k < cls->n_params; k++)
    p[k] = cls->params[k].value;
  int tnom = pn_param_find(cls->params, cls->n_params, PN_STR("tnom"));
  if (tnom >= 0)
    p[tnom] = e->n->options.tnom - 273.15;
  pn_ptrmap_put(e->arena, &e->defaults_of_class, cls, p);
  return p;
}

/* ---- adding ---- */

/* Checks that need the whole vector: what must be given, and the class's own. */
static bool check_whole(pn_scope *s, const pn_card *c, const pn_device_spec *spec)
{
  const pn_device_class *cls = spec->cls;
  double few[64];
  double *p = cls->n_params <= 64 ? few : PN_NEW_ARRAY(s->e->arena, double, cls->n_params);
  memcpy(p, spec->params, (size_t)cls->n_params * sizeof *p);
  for (int k = 0; k < spec->n_over; k++)
    p[spec->over_index[k]] = spec->over_value[k];
  for (int k = 0; k < cls->n_params; k++)
    if ((cls->params[k].flags & PN_P_REQUIRED) && isnan(p[k])) {
      pn_error(s->e->diag, pn_at(s, c, 0), "'%.*s' has no value: '%s' must be given",
               PN_FMT(c->tokens[0].text), cls->params[k].name);
      return false;
    }
  const char *why = cls->check ? cls->check(cls, s->e->arena, p) : NULL;
  if (why)
    pn_error(s->e->diag, pn_at(s, c, 0), "%s", why);
  return !why;
}

static void bind_all(pn_scope *s, int device, const pn_given *g, const pn_model *m)
{
  for (int k = 0; g && k < g->n; k++)
    pn_bind(s, device, g->index[k], &g->num[k]);
  for (size_t k = 0; m && k < m->bindings.n; k++) {
    pn_binding b = m->bindings.at[k];
    bool replaced = false;
    for (int j = 0; g && j < g->n; j++)
      replaced |= g->index[j] == b.index;
    b.device = device;
    if (!replaced)
      *PN_PUSH(s->e->arena, &s->e->bindings) = b;
  }
}

int pn_add_device(pn_scope *s, const pn_card *c, pn_device_spec *spec, const pn_given *g,
                  const pn_model *m)
{
  pn_elab *e = s->e;
  int device = -1;
  if (++e->n_elements > e->max_elements) {
    pn_error(e->diag, pn_at(s, c, 0), "the netlist has more than %ld elements", e->max_elements);
    e->stopped = true;
    return -1;
  }
  if (g) {
    spec->n_over = g->n;
    spec->over_index = g->index;
    spec->over_value = g->value;
  }
  if (m) {
    spec->params = m->params;
    spec->model = m->name.p;
    spec->variation = m->variation;
  } else if (!spec->params) {
    spec->params = pn_class_defaults(e, spec->cls);
  }
  if (spec->cls->n_params && !check_whole(s, c, spec))
    return -1;
  if (pn_circuit_add(e->circuit, spec, &device) != PN_OK)
    return -1;
  bind_all(s, device, g, m);
  return device;
}

/* ---- currents of other devices ---- */

int pn_branch_find(pn_scope *s, pn_str name)
{
  pn_elab *e = s->e;
  pn_str full = pn_full_name(s, name);
  int device = pn_circuit_device(e->circuit, full);
  if (device < 0) {
    int waiting = pn_names_find(e->deferred_names, full);
    return waiting >= 0 && !e->deferred.at[waiting].done ? -2 : -1;
  }
  pn_device_info info = pn_circuit_device_info(e->circuit, device);
  for (int k = 0; k < info.cls->n_locals; k++)
    if (info.cls->locals[k].kind == PN_L_BRANCH &&
        pn_str_is(pn_str_of(info.cls->locals[k].name), "i"))
      return info.unknowns[k];
  return -1;
}

void pn_report_no_current(pn_scope *s, pn_str name, pn_loc loc)
{
  pn_elab *e = s->e;
  pn_str full = pn_full_name(s, name);
  if (pn_circuit_device(e->circuit, full) >= 0)
    pn_error_hint(e->diag, loc, "put a voltage source of 0 V in series and name that",
                  "the current of '%.*s' is not an unknown: only V, E, H, L and B with V= have one",
                  PN_FMT(name));
  else if (pn_names_find(e->deferred_names, full) >= 0)
    pn_error(e->diag, loc, "'%.*s' is not complete, or depends on this current itself",
             PN_FMT(name));
  else
    pn_error(e->diag, loc, "there is no device '%.*s'%s", PN_FMT(name),
             pn_did_you_mean(e->arena, pn_circuit_nearest_device(e->circuit, full)));
}

/* ---- letters ---- */

static void unknown_letter(pn_scope *s, const pn_card *c, char letter)
{
  static const struct {
    char letter;
    const char *name;
  } known[] = {{'u', "uniform RC line"}, {'p', "coupled lines"}, {'a', "XSPICE code model"}};
  for (size_t k = 0; k < sizeof known / sizeof *known; k++)
    if (known[k].letter == letter) {
      pn_error(s->e->diag, pn_at(s, c, 0), "device letter '%c' (%s) is not available", letter,
               known[k].name);
      return;
    }
  pn_error(s->e->diag, pn_at(s, c, 0), "'%.*s' is not a device: no device letter '%c'",
           PN_FMT(c->tokens[0].text), letter);
}

static void instance_controlled(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  bool failed = false;
  const pn_behaviour *b = pn_controlled_behaviour(s, c, &failed);
  if (b)
    pn_defer_behaviour(s, c, b);
  else if (!failed)
    pn_instance_table(s, c, cls);
}

/* Buses among the words make several instances of a line; subcircuits and arrays take them whole. */
static bool has_bus(const pn_card *c, char letter)
{
  if (letter == 'y')
    return false;
  if (letter == 'x') /* among the nodes of one instance a bus stands for as many nodes */
    return pn_is_bus(c->tokens[0].text);
  for (int k = 0; k < c->n && !pn_tok_key(c, k); k++)
    if (pn_tok_is(c, k, PN_T_WORD) && pn_is_bus(c->tokens[k].text))
      return true;
  return false;
}

void pn_instance(pn_scope *s, const pn_card *c)
{
  pn_str name = c->tokens[0].text;
  char letter = (char)(name.p[0] >= 'A' && name.p[0] <= 'Z' ? name.p[0] + 32 : name.p[0]);
  const pn_device_class *cls = pn_class_of_letter(letter);
  if (has_bus(c, letter)) {
    pn_bus_instances(s, c);
    return;
  }
  switch (letter) {
  case 'v':
  case 'i':
    pn_instance_source(s, c, cls);
    break;
  case 'b':
    pn_instance_behavioural(s, c);
    break;
  case 'e':
  case 'f':
  case 'g':
  case 'h':
    instance_controlled(s, c, cls);
    break;
  case 'k':
    if (!pn_couple_pairs(s, c))
      pn_instance_table(s, c, cls);
    break;
  case 'r':
  case 'c':
    if (!pn_behavioural_value(s, c, letter))
      pn_instance_table(s, c, cls);
    break;
  case 'n':
    pn_instance_memristor(s, c, 0);
    break;
  case 'x':
    pn_instance_subckt(s, c);
    break;
  case 'y':
    if (pn_str_is(name, "yxbar")) {
      pn_instance_array(s, c);
      break;
    }
    if (pn_str_is(name, "ymemristor")) {
      pn_instance_memristor(s, c, 1);
      break;
    }
    unknown_letter(s, c, letter);
    break;
  case 'd':
  case 'q':
  case 'j':
  case 'z':
  case 'm':
  case 'o':
    pn_instance_semiconductor(s, c, cls);
    break;
  default:
    if (cls)
      pn_instance_table(s, c, cls);
    else
      unknown_letter(s, c, letter);
  }
}
