/* .model NAME memristor (...): a memristor written in the netlist. state= names its states
 * (state=x,y; x when absent); G= is the memductance or I= the current; g= is the rate of the
 * only state, g_x= and g_y= those of several; volatile=0|1; x0, xmin, xmax (y0, ...) the states'
 * start and bounds; every other NAME=VALUE is a parameter. Upper and lower case differ in G and g only. */
#include "parser/elab.h"

#include <string.h>

enum { MOST_STATES = 16 };

typedef struct entry { /* NAME=VALUE as written */
  pn_str key;
  pn_loc loc; /* of the name */
  pn_num num; /* ast: the expression */
  bool is_expr, used;
} entry;

typedef struct reader {
  pn_model *m;
  PN_VEC(entry) entries;
  pn_str states[MOST_STATES];
  int n_states;
} reader;

/* What is the same for all scopes that see one card. */
typedef struct definition {
  const pn_memristor *mem;
  int n_own;               /* parameters given on the card */
  int *entry;              /* [n_own] index of the card's entry, -1: the default */
  PN_VEC(pn_param) params; /* own, then parameters of the netlist named in expressions */
  PN_VEC(pn_ast *) outer;  /* names of the latter */
  PN_VEC(bool) used;       /* by an expression or a state */
} definition;

static bool fail(reader *r, pn_loc loc, const char *text)
{
  r->m->failed = true;
  pn_error(r->m->scope->e->diag, loc, "%s", text);
  return false;
}

/* ---- reading the card ---- */

static bool read_states(reader *r, int *k)
{
  const pn_card *c = r->m->card;
  r->n_states = 0;
  do {
    *k += pn_tok_is(c, *k, PN_T_COMMA);
    if (!pn_tok_is(c, *k, PN_T_WORD) || pn_tok_key(c, *k))
      return fail(r, pn_at(r->m->scope, c, *k), "expected the name of a state");
    if (r->n_states == MOST_STATES)
      return fail(r, pn_at(r->m->scope, c, *k), "a memristor has at most 16 states");
    r->states[r->n_states++] = pn_str_lower(r->m->scope->e->arena, c->tokens[(*k)++].text);
  } while (pn_tok_is(c, *k, PN_T_COMMA));
  return true;
}

static bool read_entry(reader *r, int *k)
{
  pn_scope *s = r->m->scope;
  const pn_card *c = r->m->card;
  entry v = {.key = c->tokens[*k].text, .loc = pn_at(s, c, *k)};
  *k += 2;
  if (pn_str_is(v.key, "state"))
    return read_states(r, k);
  v.num.loc = pn_at(s, c, *k);
  if (pn_tok_is(c, *k, PN_T_WORD) && pn_word_number(c->tokens[*k].text, &v.num.value))
    ++*k;
  else if (!(v.num.ast = pn_read_expr(s, c, k)))
    return !(r->m->failed = true);
  v.is_expr = v.num.ast != NULL;
  for (size_t j = 0; j < r->entries.n; j++)
    if (pn_str_eq(r->entries.at[j].key, v.key))
      return fail(r, v.loc, "this parameter is given twice");
  *PN_PUSH(s->e->arena, &r->entries) = v;
  return true;
}

static bool read_card(reader *r)
{
  pn_scope *s = r->m->scope;
  const pn_card *c = r->m->card;
  r->states[0] = PN_STR("x");
  r->n_states = 1;
  for (int k = 3; k < c->n;) {
    if (pn_tok_is(c, k, PN_T_LPAREN) || pn_tok_is(c, k, PN_T_RPAREN) || pn_tok_is(c, k, PN_T_COMMA))
      k++;
    else if (pn_is_variation(c, k))
      k = pn_skip_variation(c, k);
    else if (!pn_tok_key(c, k))
      return fail(r, pn_at(s, c, k), "expected NAME=VALUE");
    else if (!read_entry(r, &k))
      return false;
  }
  return true;
}

/* The entry of a name; exact: upper and lower case differ. */
static entry *find(reader *r, pn_str key, bool exact)
{
  for (size_t k = 0; k < r->entries.n; k++)
    if (exact ? pn_str_eq(r->entries.at[k].key, key) : pn_str_ieq(r->entries.at[k].key, key))
      return &r->entries.at[k];
  return NULL;
}

static entry *take(reader *r, const char *key, bool exact)
{
  entry *v = find(r, pn_str_of(key), exact);
  if (v)
    v->used = true;
  return v;
}

/* ---- parameters ---- */

static int add_param(reader *r, definition *d, const char *name, double value, bool used)
{
  pn_arena *a = r->m->scope->e->arena;
  *PN_PUSH(a, &d->params) = (pn_param){.name = name,
                                       .unit = "1",
                                       .value = value,
                                       .min = -INFINITY,
                                       .max = INFINITY,
                                       .flags = PN_P_BOTH,
                                       .doc = "A parameter of a user-defined memristor.",
                                       .source = "the netlist"};
  *PN_PUSH(a, &d->used) = used;
  return (int)d->params.n - 1;
}

/* Start or bound of a state: <state>0, <state>min, <state>max; x0, xmin, xmax mean the only state too.
 * Its index in the table, or -1 when it is not given and has no default. */
static int state_param(reader *r, definition *d, int state, const char *what, double or_else)
{
  pn_arena *a = r->m->scope->e->arena;
  const char *name = pn_arena_printf(a, "%s%s", r->states[state].p, what);
  const char *alias = r->n_states == 1 ? pn_arena_printf(a, "x%s", what) : NULL;
  if (!find(r, pn_str_of(name), false) && !(alias && find(r, pn_str_of(alias), false)) &&
      isnan(or_else))
    return -1;
  int k = add_param(r, d, name, or_else, true);
  if (alias && strcmp(alias, name) != 0)
    d->params.at[k].alias = alias;
  return k;
}

/* Remaining entries are parameters; then the values of all, at this first definition. */
static void own_params(reader *r, definition *d)
{
  pn_elab *e = r->m->scope->e;
  for (size_t k = 0; k < r->entries.n; k++) {
    entry *v = &r->entries.at[k];
    if (!v->used && pn_param_find(d->params.at, (int)d->params.n, v->key) < 0)
      add_param(r, d, pn_str_lower(e->arena, v->key).p, NAN, false);
  }
  d->n_own = (int)d->params.n;
  d->entry = PN_NEW_ARRAY(e->arena, int, d->n_own + 1);
  for (int p = 0; p < d->n_own; p++)
    d->entry[p] = -1;
  for (size_t k = 0; k < r->entries.n; k++) {
    entry *v = &r->entries.at[k];
    int p = v->used ? -1 : pn_param_find(d->params.at, d->n_own, v->key);
    if (p < 0)
      continue;
    d->entry[p] = (int)k;
    if (!v->num.ast || pn_scope_eval(r->m->scope, v->num.ast, &v->num.value, &v->num.mask) == PN_OK)
      d->params.at[p].value = v->num.value;
    else
      r->m->failed = true;
  }
}

/* ---- expressions ---- */

typedef struct lowering {
  reader *r;
  definition *d;
} lowering;

static bool leaf(void *user, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  lowering *w = user;
  if (e->kind != PN_AST_NAME)
    return false;
  for (int k = 0; k < w->r->n_states; k++)
    if (pn_str_ieq(e->name, w->r->states[k])) {
      *out = pn_graph_input(g, PN_USER_X + k);
      return true;
    }
  int p = pn_param_find(w->d->params.at, w->d->n_own, e->name);
  if (p >= 0) {
    w->d->used.at[p] = true;
    *out = pn_graph_param(g, p);
  } else if (pn_str_is(e->name, "v")) {
    *out = pn_graph_input(g, PN_USER_V);
  } else if (pn_str_is(e->name, "time")) {
    *out = pn_graph_input(g, PN_USER_T);
  } else if (pn_str_is(e->name, "temper")) {
    *out = pn_graph_input(g, PN_USER_TEMPER);
  } else {
    return false;
  }
  return true;
}

/* A parameter of the netlist: a further, hidden parameter of the model. */
static pn_gnode outer_param(void *user, pn_graph *g, const pn_ast *name, double value)
{
  lowering *w = user;
  definition *d = w->d;
  for (size_t k = 0; k < d->outer.n; k++)
    if (pn_str_ieq(d->outer.at[k]->name, name->name))
      return pn_graph_param(g, d->n_own + (int)k);
  pn_arena *a = w->r->m->scope->e->arena;
  *PN_PUSH(a, &d->outer) = (pn_ast *)name;
  int k = add_param(w->r, d, pn_str_lower(a, name->name).p, value, true);
  d->params.at[k].flags = 0;
  return pn_graph_param(g, k);
}

static pn_gnode lower(lowering *w, pn_graph *g, const entry *v)
{
  pn_leaves leaves = {w, leaf, NULL, outer_param};
  pn_scope *s = w->r->m->scope;
  pn_gnode out = -1;
  if (!v->is_expr)
    return pn_graph_const(g, v->num.value);
  if (pn_lower(s->e->diag, g, v->num.ast, &s->resolver, &leaves, &out) != PN_OK)
    w->r->m->failed = true;
  return out;
}

/* The rate of a state: g_<state>, or g when there is one state. */
static entry *take_rate(reader *r, int state)
{
  pn_arena *a = r->m->scope->e->arena;
  entry *v = take(r, pn_arena_printf(a, "g_%s", r->states[state].p), false);
  if (!v && r->n_states == 1)
    v = take(r, "g", true);
  if (v)
    return v;
  r->m->failed = true;
  pn_error_hint(r->m->scope->e->diag, pn_at(r->m->scope, r->m->card, 1),
                pn_arena_printf(a, "g%s%s={...}", r->n_states > 1 ? "_" : "",
                                r->n_states > 1 ? r->states[state].p : ""),
                "state '%s' of model '%.*s' has no rate", r->states[state].p, PN_FMT(r->m->name));
  return NULL;
}

static void warn_unused(const reader *r, const definition *d)
{
  for (int p = 0; p < d->n_own; p++) {
    if (d->used.at[p] || d->entry[p] < 0)
      continue;
    pn_warn(r->m->scope->e->diag, r->entries.at[d->entry[p]].loc,
            "parameter '%s' of model '%.*s' is used by no expression", d->params.at[p].name,
            PN_FMT(r->m->name));
  }
}

/* ---- the definition ---- */

static pn_mem_state *make_states(reader *r, definition *d)
{
  pn_mem_state *s = PN_NEW_ARRAY(r->m->scope->e->arena, pn_mem_state, r->n_states);
  for (int k = 0; k < r->n_states; k++)
    s[k] = (pn_mem_state){.name = r->states[k].p,
                          .unit = "1",
                          .doc = "State of a user-defined memristor.",
                          .p_init = state_param(r, d, k, "0", 0),
                          .p_min = state_param(r, d, k, "min", NAN),
                          .p_max = state_param(r, d, k, "max", NAN),
                          .mass = 1};
  return s;
}

/* G= or I=, told from the rate g= by the case of the letter. */
static entry *take_port(reader *r, bool *i_of_v)
{
  entry *i = take(r, "i", false), *g = take(r, "G", true);
  *i_of_v = i != NULL;
  if (!i == !g)
    fail(r, pn_at(r->m->scope, r->m->card, 1),
         i ? "a memristor has G={...} or I={...}, not both"
           : "the memductance G={...} or the current I={...} is missing (g= is the state's rate)");
  return i ? i : g;
}

static definition *define(reader *r)
{
  pn_elab *e = r->m->scope->e;
  definition *d = PN_NEW(e->arena, definition);
  pn_gnode rates[MOST_STATES];
  pn_mem_user u = {.name = r->m->name.p, .n_states = r->n_states, .rates = rates};
  entry *port = take_port(r, &u.i_of_v), *rate[MOST_STATES];
  for (int k = 0; k < r->n_states; k++)
    rate[k] = take_rate(r, k);
  entry *is_volatile = take(r, "volatile", false);
  u.is_volatile = is_volatile && is_volatile->num.value != 0;
  if (is_volatile && is_volatile->is_expr)
    fail(r, is_volatile->loc, "volatile= is 0 or 1");
  u.states = make_states(r, d);
  own_params(r, d);
  if (r->m->failed)
    return NULL;
  lowering w = {r, d};
  u.graph = pn_graph_new(e->arena);
  u.current = lower(&w, u.graph, port);
  for (int k = 0; k < r->n_states; k++)
    rates[k] = lower(&w, u.graph, rate[k]);
  if (r->m->failed)
    return NULL;
  warn_unused(r, d);
  u.params = d->params.at;
  u.n_params = (int)d->params.n;
  d->mem = pn_memristor_define(e->arena, &u);
  return d;
}

/* The values of this scope. */
static void fill(reader *r, const definition *d)
{
  pn_model *m = r->m;
  pn_elab *e = m->scope->e;
  m->params = PN_NEW_ARRAY(e->arena, double, d->params.n + 1);
  for (size_t p = 0; p < d->params.n; p++) {
    bool own = (int)p < d->n_own;
    pn_num v = {.value = d->params.at[p].value};
    if (own && d->entry[p] >= 0)
      v = r->entries.at[d->entry[p]].num;
    if (!own)
      v.ast = d->outer.at[(int)p - d->n_own];
    if (v.ast && pn_scope_eval(m->scope, v.ast, &v.value, &v.mask) != PN_OK)
      m->failed = true;
    m->params[p] = v.value;
    if (v.mask)
      *PN_PUSH(e->arena, &m->bindings) = (pn_binding){
          .mask = v.mask, .device = -1, .index = (int)p, .ast = v.ast, .scope = m->scope};
  }
}

void pn_model_user(pn_model *m)
{
  pn_elab *e = m->scope->e;
  reader r = {.m = m};
  if (!read_card(&r))
    return;
  definition *d = pn_ptrmap_get(&e->user_of_card, m->card);
  if (!d) {
    d = define(&r);
    if (!d) {
      m->failed = true;
      return;
    }
    pn_ptrmap_put(e->arena, &e->user_of_card, m->card, d);
  }
  m->mem = d->mem;
  fill(&r, d);
}
