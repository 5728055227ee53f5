/* Parameters and functions of the netlist: one scope per body instance, values worked
 * out at first use, kept until a sweep changes something they depend on. Each value
 * carries a mask of the global parameters below it, so that a sweep redoes only what it must. */
#include "parser/elab.h"

/* ---- address -> pointer ---- */

static size_t slot_of(const pn_ptrmap *m, const void *key)
{
  size_t h = (size_t)((uintptr_t)key * 0x9E3779B97F4A7C15u >> 20);
  size_t k = h & (m->room - 1);
  while (m->key[k] && m->key[k] != key)
    k = (k + 1) & (m->room - 1);
  return k;
}

void *pn_ptrmap_get(const pn_ptrmap *m, const void *key)
{
  return m->room ? m->value[slot_of(m, key)] : NULL;
}

void pn_ptrmap_put(pn_arena *a, pn_ptrmap *m, const void *key, void *value)
{
  if (2 * (m->n + 1) > m->room) {
    pn_ptrmap old = *m;
    m->room = old.room ? 2 * old.room : 64;
    m->key = PN_NEW_ARRAY(a, const void *, m->room);
    m->value = PN_NEW_ARRAY(a, void *, m->room);
    for (size_t k = 0; k < old.room; k++)
      if (old.key[k]) {
        size_t to = slot_of(m, old.key[k]);
        m->key[to] = old.key[k];
        m->value[to] = old.value[k];
      }
  }
  size_t k = slot_of(m, key);
  m->n += m->key[k] == NULL;
  m->key[k] = key;
  m->value[k] = value;
}

/* ---- definitions ---- */

void pn_scope_define(pn_elab *e, pn_block *b, pn_str name, pn_pdef def)
{
  int before = pn_names_count(b->param_names);
  int id = pn_names_intern(b->param_names, name);
  if (id == before) {
    *PN_PUSH(e->arena, &b->params) = def;
    return;
  }
  unsigned line, column;
  pn_diag_position(e->diag, b->params.at[id].loc, &line, &column);
  pn_warn(e->diag, def.loc,
          "parameter '%.*s' is defined again: this value replaces that of line %u", PN_FMT(name),
          line);
  b->params.at[id] = def;
}

static uint64_t bit_of(const pn_scope *s, int id)
{
  return s->outer ? 0 : (uint64_t)1 << (id & 63);
}

/* The value in force of parameter id of a scope: number, override of the X line, or definition. */
static void work_out(pn_scope *s, int id, pn_loc use)
{
  pn_elab *e = s->e;
  pn_pval *v = &s->vals[id];
  const pn_pdef *d = &s->block->params.at[id];
  if (v->state == PN_V_DONE && (v->generation == e->generation || v->fixed || !v->mask))
    return;
  if (v->state == PN_V_BUSY) {
    pn_error(e->diag, use.file ? use : d->loc, "parameter '%.*s' is defined through itself",
             PN_FMT(pn_names_get(s->block->param_names, id)));
    v->value = NAN;
    return;
  }
  v->mask = 0;
  pn_ast *ast = v->given ? v->over : d->ast;
  if (v->fixed) {
    v->mask = bit_of(s, id);
  } else if (ast) {
    v->state = PN_V_BUSY;
    double value = NAN;
    pn_status st = pn_scope_eval(v->given ? s->caller : s, ast, &value, &v->mask);
    v->value = st == PN_OK ? value : NAN;
    if (st != PN_OK && !e->diag->out) { /* a silent trial: the message is still owed */
      v->state = PN_V_NEW;
      return;
    }
  } else if (!v->given) {
    v->value = d->num;
  }
  v->mask |= bit_of(s, id);
  v->generation = e->generation;
  v->state = PN_V_DONE;
}

/* The scope in which a name is a parameter, from inside out; NULL when there is none. */
static pn_scope *owner_of(pn_scope *s, pn_str name, int *id)
{
  for (; s; s = s->outer)
    if ((*id = pn_names_find(s->block->param_names, name)) >= 0)
      return s;
  return NULL;
}

/* ---- the resolver ---- */

static bool find_param(void *user, pn_str name, pn_loc loc, double *value, bool *sweeps)
{
  pn_scope *s = user;
  int id;
  pn_scope *owner = owner_of(s, name, &id);
  if (!owner)
    return false;
  pn_elab *e = s->e;
  uint64_t outer = e->touched;
  work_out(owner, id, loc);
  *value = owner->vals[id].value;
  e->touched = outer | owner->vals[id].mask;
  if (owner->vals[id].mask && sweeps)
    *sweeps = true;
  return true;
}

static const pn_func *find_func(void *user, pn_str name)
{
  for (pn_scope *s = user; s; s = s->outer) {
    int id = pn_names_find(s->block->func_names, name);
    if (id >= 0)
      return &s->block->funcs.at[id];
  }
  return NULL;
}

static pn_str nearest_name(void *user, pn_str name)
{
  pn_str best = {"", 0};
  int distance = 3;
  for (pn_scope *s = user; s; s = s->outer) {
    pn_str of[2] = {pn_names_nearest(s->block->param_names, name),
                    pn_names_nearest(s->block->func_names, name)};
    for (int k = 0; k < 2; k++) {
      int d = of[k].n ? pn_str_distance(of[k], name, 2) : 3;
      if (d < distance) {
        distance = d;
        best = of[k];
      }
    }
  }
  return best;
}

/* ---- scopes ---- */

pn_scope *pn_scope_new(pn_elab *e, pn_block *b, pn_scope *outer, pn_scope *caller)
{
  pn_scope *s = PN_NEW(e->arena, pn_scope);
  s->e = e;
  s->block = b;
  s->outer = outer;
  s->caller = caller;
  s->prefix = PN_STR("");
  if (b->params.n)
    s->vals = PN_NEW_ARRAY(e->arena, pn_pval, b->params.n);
  if (b->models.n)
    s->models = PN_NEW_ARRAY(e->arena, pn_model *, b->models.n);
  s->resolver = (pn_resolver){s, find_param, find_func, nearest_name, &e->random};
  return s;
}

pn_status pn_scope_eval(pn_scope *s, pn_ast *ast, double *value, uint64_t *mask)
{
  pn_elab *e = s->e;
  uint64_t outer = e->touched;
  e->touched = 0;
  if (s->inst != ast->loc.inst)
    pn_ast_set_inst(ast, s->inst);
  bool sweeps = false;
  pn_status st = pn_eval_const(e->diag, ast, &s->resolver, value, &sweeps);
  *mask = e->touched;
  e->touched = outer;
  return st;
}

bool pn_scope_try(pn_scope *s, pn_ast *ast, double *value)
{
  pn_diag *d = s->e->diag;
  pn_diag kept = *d;
  d->out = NULL;
  uint64_t mask;
  pn_status st = pn_scope_eval(s, ast, value, &mask);
  d->out = kept.out;
  d->n_errors = kept.n_errors;
  d->n_warnings = kept.n_warnings;
  return st == PN_OK && isfinite(*value);
}

bool pn_scope_has_param(const pn_scope *s, pn_str name)
{
  for (; s; s = s->outer)
    if (pn_names_find(s->block->param_names, name) >= 0)
      return true;
  return false;
}

int pn_scope_fix(pn_scope *top, pn_str name, double value)
{
  int id = pn_names_find(top->block->param_names, name);
  if (id < 0)
    return -1;
  top->vals[id].fixed = true;
  top->vals[id].value = value;
  top->vals[id].mask = bit_of(top, id);
  top->vals[id].state = PN_V_DONE;
  top->e->generation++;
  return id;
}
