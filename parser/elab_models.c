/* .model cards: type to device class, parameters checked against its table. A card is
 * elaborated at its first use in each scope, since its values may depend on the scope's
 * parameters; the class is shared, so that instances of several cards share a batch. */
#include "parser/elab.h"

#include <string.h>

int pn_param_of(pn_scope *s, const pn_param *t, int n, pn_str name, unsigned flag, const char *what,
                pn_loc loc)
{
  pn_elab *e = s->e;
  int k = pn_param_find_for(t, n, name, flag);
  if (k < 0)
    k = pn_param_find(t, n, name);
  if (k < 0) {
    pn_error(e->diag, loc, "no parameter '%.*s' in %s %s%s", PN_FMT(name),
             flag == PN_P_MODEL ? "model" : "device", what,
             pn_did_you_mean(e->arena, pn_param_nearest(t, n, name)));
    return -1;
  }
  if (t[k].flags & flag)
    return k;
  pn_error(e->diag, loc, "'%s' of %s belongs on the %s", t[k].name, what,
           flag == PN_P_MODEL ? "instance, not on the .model card" : ".model card");
  return -1;
}

/* ---- types ---- */

static pn_str nearest_type(pn_str type)
{
  int best = 3;
  pn_str found = {"", 0};
  for (int k = 0; pn_device_classes[k]; k++) {
    if (pn_device_classes[k]->letter != 'n')
      continue;
    int d = pn_str_distance(pn_str_of(pn_device_classes[k]->name), type, 2);
    if (d < best) {
      best = d;
      found = pn_str_of(pn_device_classes[k]->name);
    }
  }
  for (int k = 0; pn_memristors[k]; k++) {
    int d = pn_str_distance(pn_str_of(pn_memristors[k]->name), type, 2);
    if (d < best) {
      best = d;
      found = pn_str_of(pn_memristors[k]->name);
    }
  }
  if (!found.n && pn_str_distance(PN_STR("memristor"), type, 2) < 3)
    found = PN_STR("memristor");
  return found;
}

/* level= of a .model card, as far as it is a plain number; 1 when it is not given. */
static int level_of(const pn_card *c)
{
  double level = 1;
  for (int k = 3; k + 2 < c->n; k++)
    if (pn_tok_key(c, k) && pn_tok_word(c, k, "level") && pn_tok_is(c, k + 2, PN_T_WORD))
      pn_word_number(c->tokens[k + 2].text, &level);
  return level > 0 && level < 1000 ? (int)level : 0;
}

/* The class of a type; of several levels the one asked for. *levels: the type is known. */
static const pn_device_class *class_of_type(pn_str type, int level, bool *levels)
{
  static const char *const other[][2] = {
      {"res", "r"}, {"cap", "c"}, {"ind", "l"}, {"vswitch", "sw"}, {"iswitch", "csw"}};
  for (size_t k = 0; k < sizeof other / sizeof *other; k++)
    if (pn_str_is(type, other[k][0]))
      type = pn_str_of(other[k][1]);
  *levels = false;
  for (int k = 0; pn_device_classes[k]; k++) {
    const pn_device_class *cls = pn_device_classes[k];
    bool right = (cls->model_type && pn_str_is(type, cls->model_type)) ||
                 (cls->model_twin && pn_str_is(type, cls->model_twin));
    if (right && (!cls->level || cls->level == level))
      return cls;
    *levels |= right;
  }
  return NULL;
}

static const pn_device_class *class_of_memristor(pn_elab *e, const pn_memristor *mem)
{
  const pn_device_class *cls = pn_ptrmap_get(&e->class_of_memristor, mem);
  if (!cls) {
    cls = pn_memristor_class(e->arena, mem);
    pn_ptrmap_put(e->arena, &e->class_of_memristor, mem, (void *)cls);
  }
  return cls;
}

/* ---- one card ---- */

static void set_param(pn_model *m, int index, const pn_num *v)
{
  pn_elab *e = m->scope->e;
  const char *why = pn_param_check(e->arena, &m->cls->params[index], v->value);
  if (why) {
    pn_error(e->diag, v->loc, "%s", why);
    m->failed = true;
    return;
  }
  m->params[index] = v->value;
  if (v->mask)
    *PN_PUSH(e->arena, &m->bindings) = (pn_binding){
        .mask = v->mask, .device = -1, .index = index, .ast = v->ast, .scope = m->scope};
}

/* Whether word k is the `set` of set=NAME on a card whose model has named sets of parameters. */
static bool is_set(const pn_model *m, int k)
{
  return m->mem && m->mem->n_sets && pn_tok_key(m->card, k) && pn_tok_word(m->card, k, "set");
}

static pn_str nearest_set(const pn_memristor *mem, pn_str name)
{
  int best = 3;
  pn_str found = {"", 0};
  for (int k = 0; k < mem->n_sets; k++) {
    int d = pn_str_distance(pn_str_of(mem->sets[k].name), name, 2);
    if (d < best) {
      best = d;
      found = pn_str_of(mem->sets[k].name);
    }
  }
  return found;
}

/* set=NAME, wherever it stands: other words on the card are changes to the set. */
static void take_set(pn_model *m)
{
  const pn_card *c = m->card;
  for (int k = 3; k + 2 < c->n; k++) {
    if (!is_set(m, k))
      continue;
    const pn_mem_set *set = pn_mem_set_find(m->mem, c->tokens[k + 2].text);
    if (set) {
      pn_mem_set_apply(set, m->params);
      continue;
    }
    pn_error(m->scope->e->diag, pn_at(m->scope, c, k + 2), "no set '%.*s' in model %s%s",
             PN_FMT(c->tokens[k + 2].text), m->type,
             pn_did_you_mean(m->scope->e->arena, nearest_set(m->mem, c->tokens[k + 2].text)));
    m->failed = true;
  }
}

/* A word alone that names a parameter of 0 or 1 sets it. */
static bool set_flag(pn_model *m, int k)
{
  const pn_card *c = m->card;
  if (pn_tok_key(c, k) || !pn_tok_is(c, k, PN_T_WORD))
    return false;
  int index = pn_param_find(m->cls->params, m->cls->n_params, c->tokens[k].text);
  const pn_param *p = index < 0 ? NULL : &m->cls->params[index];
  if (!p || !(p->flags & PN_P_MODEL) || !(p->flags & PN_P_INTEGER) || p->min != 0 || p->max != 1)
    return false;
  set_param(m, index, &(pn_num){.value = 1, .loc = pn_at(m->scope, c, k)});
  return true;
}

/* NAME=VALUE words, in parentheses or not. */
static void read_params(pn_model *m)
{
  pn_scope *s = m->scope;
  const pn_card *c = m->card;
  for (int k = 3; k < c->n;) {
    if (pn_tok_is(c, k, PN_T_LPAREN) || pn_tok_is(c, k, PN_T_RPAREN) ||
        pn_tok_is(c, k, PN_T_COMMA)) {
      k++;
      continue;
    }
    if (pn_is_variation(c, k)) {
      k = pn_skip_variation(c, k);
      continue;
    }
    if (set_flag(m, k)) {
      k++;
      continue;
    }
    if (!pn_tok_key(c, k)) {
      pn_error(s->e->diag, pn_at(s, c, k), "expected NAME=VALUE in model '%.*s', not '%.*s'",
               PN_FMT(m->name), PN_FMT(c->tokens[k].text));
      m->failed = true;
      return;
    }
    if (is_set(m, k)) {
      k += 3;
      continue;
    }
    int index = pn_param_of(s, m->cls->params, m->cls->n_params, c->tokens[k].text, PN_P_MODEL,
                            m->type, pn_at(s, c, k));
    k += 2;
    pn_num v;
    bool ok = pn_read_num(s, c, &k, &v);
    if (index >= 0 && ok)
      set_param(m, index, &v);
    else
      m->failed = true;
  }
}

/* What a sweep puts in place of the card's own values. */
static void take_changes(pn_model *m)
{
  pn_elab *e = m->scope->e;
  for (int k = 0; e->load && k < e->load->n_changes; k++) {
    const pn_model_change *change = &e->load->changes[k];
    if (!change->param)
      continue;
    int index = pn_str_is(m->name, change->model)
                    ? pn_param_find(m->cls->params, m->cls->n_params, pn_str_of(change->param))
                    : -1;
    if (index >= 0)
      set_param(m, index, &(pn_num){.value = change->value, .loc = pn_at(m->scope, m->card, 1)});
  }
}

static void check_model(pn_model *m)
{
  const pn_device_class *cls = m->cls;
  if (m->failed || !cls->check)
    return;
  for (int k = 0; k < cls->n_params; k++)
    if ((cls->params[k].flags & PN_P_REQUIRED) && isnan(m->params[k]))
      return; /* the instances give it */
  const char *why = cls->check(cls, m->scope->e->arena, m->params);
  if (why) {
    pn_error(m->scope->e->diag, pn_at(m->scope, m->card, 1), "%s", why);
    m->failed = true;
  }
}

static void take_defaults(pn_model *m)
{
  pn_elab *e = m->scope->e;
  size_t n = (size_t)m->cls->n_params;
  m->params = PN_NEW_ARRAY(e->arena, double, n + 1);
  if (n)
    memcpy(m->params, pn_class_defaults(e, m->cls), n * sizeof *m->params);
  if (m->card && m->cls->model_twin && pn_str_is(m->card->tokens[2].text, m->cls->model_twin))
    m->params[pn_param_find(m->cls->params, m->cls->n_params, PN_STR("type"))] = -1;
}

/* The class of the card's type; reports an unknown one. */
static void find_type(pn_model *m)
{
  pn_elab *e = m->scope->e;
  pn_str type = m->card->tokens[2].text;
  m->mem = pn_memristor_find(type);
  bool levels = false;
  int level = level_of(m->card);
  m->cls = m->mem ? class_of_memristor(e, m->mem) : class_of_type(type, level, &levels);
  m->type = m->mem ? m->mem->name : m->cls ? m->cls->model_type : "";
  if (m->cls)
    return;
  pn_str near = nearest_type(type);
  m->failed = true;
  if (levels)
    pn_error(e->diag, pn_at(m->scope, m->card, 2), "there is no level %d of model type '%.*s'",
             level, PN_FMT(type));
  else
    pn_error(e->diag, pn_at(m->scope, m->card, 2), "unknown model type '%.*s'%s", PN_FMT(type),
             pn_did_you_mean(e->arena, near));
}

/* LTspice's `.model NAME ako:BASE [TYPE] (...)`, "a kind of": the words of the base, then the card's own. NULL after
 * reporting that there is no base, or that it leads back here. */
static const pn_card *derived_card(pn_scope *s, const pn_card *c)
{
  enum { MOST_KINDS = 32 };
  pn_elab *e = s->e;
  pn_str word = c->tokens[2].text;
  if (word.n < 4 || !pn_str_is((pn_str){word.p, 4}, "ako:"))
    return c;
  int own = 3;
  pn_str name = {word.p + 4, word.n - 4};
  if (!name.n && pn_tok_is(c, own, PN_T_WORD))
    name = c->tokens[own++].text;
  if (e->kinds == MOST_KINDS) {
    pn_error(e->diag, pn_at(s, c, 2), "'%.*s' is a kind of itself", PN_FMT(name));
    return NULL;
  }
  e->kinds++;
  const pn_model *base = pn_model_find(s, name);
  e->kinds--;
  if (base && base->failed)
    return NULL; /* it was told why */
  if (!base || !base->card) {
    pn_error(e->diag, pn_at(s, c, 2), "there is no model '%.*s' for another to be a kind of",
             PN_FMT(name));
    return NULL;
  }
  const pn_card *b = base->card;
  own += pn_tok_is(c, own, PN_T_WORD) && !pn_tok_key(c, own) &&
         pn_str_ieq(c->tokens[own].text, b->tokens[2].text);
  pn_card *made = PN_NEW(e->arena, pn_card);
  *made = *c;
  made->n = b->n + c->n - own;
  made->tokens = PN_NEW_ARRAY(e->arena, pn_token, made->n);
  memcpy(made->tokens, c->tokens, 2 * sizeof *c->tokens);
  memcpy(made->tokens + 2, b->tokens + 2, (size_t)(b->n - 2) * sizeof *b->tokens);
  memcpy(made->tokens + b->n, c->tokens + own, (size_t)(c->n - own) * sizeof *c->tokens);
  return made;
}

static pn_model *elaborate_card(pn_scope *s, const pn_card *c, pn_str name)
{
  pn_model *m = PN_NEW(s->e->arena, pn_model);
  const pn_card *whole = derived_card(s, c);
  *m = (pn_model){.card = whole ? whole : c, .scope = s, .name = name, .failed = !whole};
  if (!whole)
    return m;
  c = whole;
  if (pn_tok_word(c, 2, "memristor")) {
    m->type = "memristor";
    pn_model_user(m);
    if (!m->failed)
      m->cls = class_of_memristor(s->e, m->mem);
    if (!m->failed)
      take_changes(m);
    check_model(m);
    return m;
  }
  find_type(m);
  if (m->failed)
    return m;
  take_defaults(m);
  take_set(m);
  read_params(m);
  take_changes(m);
  check_model(m);
  if (!m->failed && m->cls->specialise)
    m->cls = m->cls->specialise(m->cls, s->e->arena, m->params);
  if (!m->failed)
    pn_model_variation(m);
  return m;
}

static pn_model *model_at(pn_scope *s, int id)
{
  if (!s->models[id])
    s->models[id] = elaborate_card(s, s->block->models.at[id],
                                   pn_names_get(s->block->model_names, id));
  return s->models[id];
}

/* ---- use ---- */

/* The card that a run of a sweep puts in a model's place; else its own name. */
static pn_str in_this_run(const pn_elab *e, pn_str name)
{
  for (int k = 0; e->load && k < e->load->n_changes; k++)
    if (e->load->changes[k].other && pn_str_is(name, e->load->changes[k].model))
      return pn_str_of(e->load->changes[k].other);
  return name;
}

pn_model *pn_model_find(pn_scope *s, pn_str name)
{
  name = in_this_run(s->e, name);
  for (; s; s = s->outer) {
    int id = pn_names_find(s->block->model_names, name);
    if (id >= 0)
      return model_at(s, id);
  }
  return NULL;
}

static pn_str nearest_model(pn_scope *s, pn_str name, bool memristor)
{
  for (; s; s = s->outer) {
    pn_str near = pn_names_nearest(s->block->model_names, name);
    if (near.n)
      return near;
  }
  return memristor ? nearest_type(name) : (pn_str){"", 0};
}

/* A built-in model named on an instance N..., all parameters at their defaults. */
static pn_model *builtin(pn_scope *s, pn_str name)
{
  const pn_memristor *mem = pn_memristor_find(name);
  for (int k = 0; pn_device_classes[k] && !mem; k++) {
    const pn_device_class *cls = pn_device_classes[k];
    if (cls->letter != 'n' || !pn_str_is(name, cls->name))
      continue;
    pn_model *m = PN_NEW(s->e->arena, pn_model);
    *m = (pn_model){.scope = s, .name = pn_str_of(cls->name), .type = cls->name, .cls = cls};
    m->params = (double *)pn_class_defaults(s->e, cls);
    return m;
  }
  if (!mem)
    return NULL;
  pn_model *m = PN_NEW(s->e->arena, pn_model);
  *m = (pn_model){.scope = s, .name = pn_str_of(mem->name), .type = mem->name, .mem = mem};
  m->cls = class_of_memristor(s->e, mem);
  m->params = (double *)pn_class_defaults(s->e, m->cls);
  return m;
}

pn_model *pn_model_use(pn_scope *s, const pn_card *c, int token, const pn_device_class *cls)
{
  pn_elab *e = s->e;
  pn_str name = c->tokens[token].text;
  pn_loc loc = pn_at(s, c, token);
  pn_model *m = pn_model_find(s, name);
  if (!m && !cls)
    m = builtin(s, name);
  if (!m) {
    pn_error(e->diag, loc, "model '%.*s' is not defined%s", PN_FMT(name),
             pn_did_you_mean(e->arena, nearest_model(s, name, !cls)));
    return NULL;
  }
  if (m->failed)
    return NULL; /* its card was reported */
  bool fits = !cls ? m->cls->letter == 'n'
                   : m->cls == cls ||
                         ((cls->level || cls->specialise) && m->cls->letter == cls->letter);
  if (fits)
    return m;
  pn_error(e->diag, loc, "model '%.*s' is of type %s, but '%.*s' needs %s%s", PN_FMT(name), m->type,
           PN_FMT(c->tokens[0].text), cls ? "type " : "a memristor", cls ? cls->model_type : "");
  return NULL;
}

void pn_models_check_all(pn_scope *top)
{
  for (size_t k = 0; k < top->block->models.n; k++)
    model_at(top, (int)k);
}
