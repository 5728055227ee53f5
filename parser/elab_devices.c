/* Instance lines. Devices of the table (R C L K E F G H S W) and memristors need no code of
 * their own: terminals, controlling nodes and devices, values, NAME=VALUE and the model
 * come from their class. Lines that name other devices wait until all others are there. */
#include "parser/elab.h"

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
  for (int k = 0; k < cls->n_params; k++)
    p[k] = spec->params[k];
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

/* ---- words behind the nodes ---- */

/* A line under way. */
typedef struct line {
  pn_scope *s;
  const pn_card *c;
  const pn_device_class *cls; /* NULL for a memristor until its model is known */
  pn_model *model;
  bool memristor;
  int hold;
  double icc; /* A; 0: none */
  pn_given given;
} line;

static bool give(line *l, int index, const pn_num *v)
{
  pn_elab *e = l->s->e;
  const char *why = pn_param_check(e->arena, &l->cls->params[index], v->value);
  if (why) {
    pn_error(e->diag, v->loc, "%s", why);
    return false;
  }
  for (int k = 0; k < l->given.n; k++)
    if (l->given.index[k] == index) {
      pn_error(e->diag, v->loc, "'%s' is given twice", l->cls->params[index].name);
      return false;
    }
  if (l->given.n == PN_MOST_GIVEN) {
    pn_error(e->diag, v->loc, "too many parameters on one line (at most %d)", PN_MOST_GIVEN);
    return false;
  }
  int n = l->given.n++;
  l->given.index[n] = index;
  l->given.value[n] = v->value;
  l->given.num[n] = *v;
  return true;
}

static bool read_hold(line *l, int *k)
{
  if (!l->model->mem) {
    pn_error(l->s->e->diag, pn_at(l->s, l->c, *k),
             "op= belongs to memristors; '%s' holds its states", l->model->type);
    return false;
  }
  if (pn_tok_word(l->c, *k, "hold") || pn_tok_word(l->c, *k, "steady")) {
    l->hold = pn_tok_word(l->c, *k, "hold");
    ++*k;
    return true;
  }
  pn_error(l->s->e->diag, pn_at(l->s, l->c, *k), "op= is 'hold' or 'steady'");
  return false;
}

/* icc=: compliance of a memristor. */
static bool read_compliance(line *l, int *k)
{
  pn_num v;
  int at = *k;
  if (!pn_read_num(l->s, l->c, k, &v))
    return false;
  l->icc = v.value;
  if (l->model->mem && v.value > 0 && isfinite(v.value))
    return true;
  pn_error(l->s->e->diag, pn_at(l->s, l->c, at),
           l->model->mem ? "icc= is a current above 0" : "icc= belongs to memristors");
  return false;
}

static bool read_key(line *l, int *k)
{
  pn_str key = l->c->tokens[*k].text;
  pn_loc loc = pn_at(l->s, l->c, *k);
  *k += 2;
  if (l->memristor && pn_str_is(key, "op"))
    return read_hold(l, k);
  if (l->memristor && pn_str_is(key, "icc") &&
      pn_param_find(l->cls->params, l->cls->n_params, key) < 0)
    return read_compliance(l, k);
  const char *what = l->model ? l->model->type : l->cls->name;
  int index = pn_param_of(l->s, l->cls->params, l->cls->n_params, key, PN_P_INSTANCE, what, loc);
  pn_num v;
  bool ok = pn_read_num(l->s, l->c, k, &v);
  return index >= 0 && ok && give(l, index, &v);
}

/* "on" and "off" of switches. */
static bool read_position(line *l, int *k, bool *ok)
{
  bool on = pn_tok_word(l->c, *k, "on");
  int index = on || pn_tok_word(l->c, *k, "off")
                  ? pn_param_find(l->cls->params, l->cls->n_params, PN_STR("on"))
                  : -1;
  if (index < 0)
    return false;
  *ok = give(l, index, &(pn_num){.value = on, .loc = pn_at(l->s, l->c, *k)});
  ++*k;
  return true;
}

static bool first_is_positional(const pn_device_class *cls)
{
  return cls->n_params && (cls->params[0].flags & PN_P_INSTANCE);
}

static bool has_first(const line *l)
{
  for (int k = 0; k < l->given.n; k++)
    if (l->given.index[k] == 0)
      return true;
  return false;
}

/* A word that is not NAME=VALUE: the model, a switch's position, or the value. */
static bool read_positional(line *l, int *k)
{
  pn_scope *s = l->s;
  const pn_card *c = l->c;
  double number;
  bool ok = false;
  bool name = pn_tok_is(c, *k, PN_T_WORD) && !pn_word_number(c->tokens[*k].text, &number);
  if (name && read_position(l, k, &ok))
    return ok;
  bool value_expected = first_is_positional(l->cls) && !l->memristor && !has_first(l);
  if (name && l->cls->model_type && !l->model &&
      (!value_expected || pn_model_find(s, c->tokens[*k].text))) {
    l->model = pn_model_use(s, c, *k, l->cls);
    ++*k;
    return l->model != NULL;
  }
  if (!value_expected) {
    pn_extra_words(s, c, *k);
    return false;
  }
  pn_num v;
  return pn_read_num(s, c, k, &v) && give(l, 0, &v);
}

/* Everything behind the terminals. */
static bool read_rest(line *l, int k)
{
  const pn_card *c = l->c;
  while (k < c->n) {
    if (pn_tok_is(c, k, PN_T_COMMA)) {
      k++;
      continue;
    }
    if (pn_tok_key(c, k) ? !read_key(l, &k) : !read_positional(l, &k))
      return false;
  }
  if (l->cls->model_type && !l->model && !l->memristor && !first_is_positional(l->cls)) {
    pn_error_hint(l->s->e->diag, pn_at(l->s, c, c->n),
                  pn_arena_printf(l->s->e->arena, ".model NAME %s(...)", l->cls->model_type),
                  "'%.*s' needs the name of a model of type %s", PN_FMT(c->tokens[0].text),
                  l->cls->model_type);
    return false;
  }
  return true;
}

/* ---- devices of the table ---- */

enum { MOST_TERMINALS = 8 };

static int count_terms(const pn_device_class *cls)
{
  int n = 0;
  while (n < cls->n_locals && cls->locals[n].kind == PN_L_TERM)
    n++;
  return n;
}

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
static bool couple(line *l)
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
    if (!give(l, 1 + k, &v))
      return false;
  }
  return true;
}

/* Controlling nodes and currents behind the terminals. 1 done, 0 failed, -1 not finished yet. */
static int read_refs(pn_scope *s, const pn_card *c, const pn_device_class *cls, bool last, int *k,
                     int *ids)
{
  for (int j = count_terms(cls); j < cls->n_locals && cls->locals[j].kind == PN_L_REF; j++) {
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

static void finish_line(line *l, int k, int *ids)
{
  if (!read_rest(l, k))
    return;
  if (l->cls->letter == 'k' && !couple(l))
    return;
  pn_device_spec spec = {.name = pn_full_name(l->s, l->c->tokens[0].text),
                         .loc = pn_at(l->s, l->c, 0),
                         .cls = l->cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(l->s, l->c, &spec, &l->given, l->model);
}

bool pn_finish_table_device(pn_deferred *d, bool last)
{
  const pn_card *c = d->card;
  line l = {.s = d->scope, .c = c, .hold = -1};
  l.cls = pn_class_of_letter((char)(c->tokens[0].text.p[0] | 32));
  int ids[MOST_TERMINALS], k = 1, terms = count_terms(l.cls);
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
  int ids[MOST_TERMINALS], k = 1;
  pn_elab *e = s->e;
  if (!pn_read_nodes(s, c, &k, count_terms(cls), cls->name, ids))
    return;
  pn_deferred d = {.card = c, .scope = s, .name = pn_full_name(s, c->tokens[0].text)};
  pn_defer(e, &d);
}

static void instance_table(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  if (names_devices(cls)) {
    defer(s, c, cls);
    return;
  }
  int n = 0, k = 1, ids[MOST_TERMINALS];
  while (n < cls->n_locals && cls->locals[n].kind <= PN_L_REF)
    n++;
  if (!pn_read_nodes(s, c, &k, n, cls->name, ids))
    return;
  line l = {.s = s, .c = c, .cls = cls, .hold = -1};
  finish_line(&l, k, ids);
}

/* ---- memristors and compact models ---- */

/* A device class with the letter N that is not a memristor, by the name of a .model card or its own. */
static const pn_device_class *compact_class(pn_scope *s, pn_str name)
{
  pn_model *m = pn_model_find(s, name);
  if (m)
    return m->failed || m->mem || m->cls->letter != 'n' ? NULL : m->cls;
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_device_classes[k]->letter == 'n' && pn_str_is(name, pn_device_classes[k]->name))
      return pn_device_classes[k];
  return NULL;
}

/* The class of a compact model on a line, whose token gets *model; behind the nodes stands the first
 * name of a model. NULL: a memristor, or nothing known. */
static const pn_device_class *find_compact(pn_scope *s, const pn_card *c, int first, int *model)
{
  for (int k = first + 2; k < c->n && k <= first + 1 + MOST_TERMINALS; k++) {
    if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k))
      continue;
    const pn_device_class *cls = compact_class(s, c->tokens[k].text);
    if (cls && k - first - 1 >= count_terms(cls) - cls->n_optional) {
      *model = k;
      return cls;
    }
  }
  return NULL;
}

/* Nname node node node [node] model ...: terminals left out are joined to the last one given. */
static void instance_compact(pn_scope *s, const pn_card *c, int first, int model,
                             const pn_device_class *cls)
{
  int ids[MOST_TERMINALS], k = first + 1, terms = count_terms(cls), given = 0;
  for (int t = k; t < model; t++)
    given += pn_tok_is(c, t, PN_T_WORD);
  if (given > terms) {
    pn_error(s->e->diag, pn_at(s, c, first), "%s '%.*s' has %d nodes at most, %d are given",
             cls->name, PN_FMT(c->tokens[first].text), terms, given);
    return;
  }
  if (!pn_read_nodes(s, c, &k, given, cls->name, ids))
    return;
  for (int t = given; t < terms; t++)
    ids[t] = ids[given - 1];
  line l = {.s = s, .c = c, .cls = cls, .memristor = true, .hold = -1};
  l.model = pn_model_use(s, c, k, NULL);
  if (!l.model || !read_rest(&l, k + 1))
    return;
  pn_device_spec spec = {.name = pn_full_name(s, c->tokens[first].text),
                         .loc = pn_at(s, c, first),
                         .cls = cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(s, c, &spec, &l.given, l.model);
}

/* Nname top bot model ..., or Xyce's YMEMRISTOR name top bot model ... (first = 1). */
static void instance_memristor(pn_scope *s, const pn_card *c, int first)
{
  int ids[2], k = first + 1, at;
  const pn_device_class *compact = find_compact(s, c, first, &at);
  if (compact) {
    instance_compact(s, c, first, at, compact);
    return;
  }
  if (!pn_tok_is(c, first, PN_T_WORD)) {
    pn_error(s->e->diag, pn_at(s, c, first), "the name of the memristor is missing");
    return;
  }
  if (!pn_read_nodes(s, c, &k, 2, "memristor", ids))
    return;
  if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k)) {
    pn_error_hint(s->e->diag, pn_at(s, c, k), "Nname top bot MODEL [x0=...] [op=hold|steady]",
                  "memristor '%.*s' needs the name of a model", PN_FMT(c->tokens[first].text));
    return;
  }
  line l = {.s = s, .c = c, .memristor = true, .hold = -1};
  l.model = pn_model_use(s, c, k, NULL);
  if (!l.model)
    return;
  l.cls = l.model->cls;
  if (!l.model->mem) {
    pn_error(s->e->diag, pn_at(s, c, first), "%s '%.*s' needs %d nodes, 2 are given", l.cls->name,
             PN_FMT(c->tokens[first].text), count_terms(l.cls) - l.cls->n_optional);
    return;
  }
  if (!read_rest(&l, k + 1))
    return;
  pn_device_spec spec = {.name = pn_full_name(s, c->tokens[first].text),
                         .loc = pn_at(s, c, first),
                         .cls = l.cls,
                         .unknowns = ids,
                         .hold = l.hold,
                         .icc = l.icc};
  pn_add_device(s, c, &spec, &l.given, l.model);
}

/* ---- semiconductors ---- */

/* The terminals of a line D, Q, J, Z or M; a bipolar transistor's substrate may be left out: then it is
 * ground. -1 when a word that should name the model does not. */
static int semiconductor_nodes(pn_scope *s, const pn_card *c, const pn_device_class *cls, int *k,
                               int *ids)
{
  int n = count_terms(cls);
  bool optional = cls->letter == 'q' && pn_tok_is(c, n, PN_T_WORD) &&
                  (n + 1 >= c->n || pn_tok_key(c, n + 1) || !pn_tok_is(c, n + 1, PN_T_WORD) ||
                   !pn_model_find(s, c->tokens[n + 1].text));
  if (!pn_read_nodes(s, c, k, optional ? n - 1 : n, cls->name, ids))
    return 0;
  if (optional)
    ids[n - 1] = PN_GROUND;
  return 1;
}

/* "ic=a,b,c": one value for each of the parameters icX that the class has, in their order. */
static bool read_initial(line *l, int *k)
{
  int index = 0;
  *k += 2;
  while (index < l->cls->n_params && strncmp(l->cls->params[index].name, "ic", 2))
    index++;
  for (bool more = true; more; index++) {
    pn_num v;
    if (index >= l->cls->n_params || strncmp(l->cls->params[index].name, "ic", 2)) {
      pn_error(l->s->e->diag, pn_at(l->s, l->c, *k), "ic= has too many values");
      return false;
    }
    if (!pn_read_num(l->s, l->c, k, &v) || !give(l, index, &v))
      return false;
    more = pn_tok_is(l->c, *k, PN_T_COMMA);
    *k += more;
  }
  return true;
}

/* Dname a c MODEL [area] [NAME=VALUE ...], and the like: the class comes with the model. */
static void instance_semiconductor(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  int ids[MOST_TERMINALS], k = 1;
  line l = {.s = s, .c = c, .hold = -1};
  if (!semiconductor_nodes(s, c, cls, &k, ids))
    return;
  if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k)) {
    pn_error(s->e->diag, pn_at(s, c, k), "'%.*s' needs the name of a model of type %s",
             PN_FMT(c->tokens[0].text), cls->model_type);
    return;
  }
  l.model = pn_model_use(s, c, k++, cls);
  if (!l.model)
    return;
  l.cls = l.model->cls;
  while (k < c->n) {
    bool ok = true;
    if (pn_tok_is(c, k, PN_T_COMMA))
      k++;
    else if (pn_tok_key(c, k) && pn_tok_word(c, k, "ic"))
      ok = read_initial(&l, &k);
    else if (pn_tok_key(c, k))
      ok = read_key(&l, &k);
    else if (pn_tok_word(c, k, "off"))
      ok = give(&l, pn_param_find(l.cls->params, l.cls->n_params, PN_STR("off")),
                &(pn_num){.value = 1, .loc = pn_at(s, c, k++)});
    else
      ok = read_positional(&l, &k);
    if (!ok)
      return;
  }
  pn_device_spec spec = {.name = pn_full_name(s, c->tokens[0].text),
                         .loc = pn_at(s, c, 0),
                         .cls = l.cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(s, c, &spec, &l.given, l.model);
}

/* ---- letters ---- */

static void unknown_letter(pn_scope *s, const pn_card *c, char letter)
{
  static const struct {
    char letter;
    const char *name;
  } known[] = {{'t', "transmission line"},
               {'o', "lossy transmission line"},
               {'u', "uniform RC line"},
               {'p', "coupled lines"},
               {'a', "XSPICE code model"}};
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
    instance_table(s, c, cls);
}

/* Buses among the words make several instances of a line; subcircuits and arrays take them whole. */
static bool has_bus(const pn_card *c, char letter)
{
  if (letter == 'x' || letter == 'y')
    return false;
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
  case 'n':
    instance_memristor(s, c, 0);
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
      instance_memristor(s, c, 1);
      break;
    }
    unknown_letter(s, c, letter);
    break;
  case 'd':
  case 'q':
  case 'j':
  case 'z':
  case 'm':
    instance_semiconductor(s, c, cls);
    break;
  default:
    if (cls)
      instance_table(s, c, cls);
    else
      unknown_letter(s, c, letter);
  }
}
