/* From the tree of cards to instances: what each body defines is gathered first, then
 * bodies are walked, once per subcircuit instance, with node names mapped and full names
 * formed. It knows no devices. */
#include "parser/elab.h"

#include <string.h>

enum { MOST_LEVELS = 256, LONG_NETLIST = 4096 };

/* ---- gathering ---- */

static void new_block(pn_elab *e, pn_block *b)
{
  *b = (pn_block){.param_names = pn_names_new(e->arena),
                  .func_names = pn_names_new(e->arena),
                  .model_names = pn_names_new(e->arena),
                  .subckt_names = pn_names_new(e->arena)};
}

/* The parameters of a .subckt line, from token k on. */
static void gather_formals(pn_elab *e, pn_subckt *d, int k)
{
  const pn_card *c = d->card;
  while (k < c->n) {
    if (pn_tok_is(c, k, PN_T_COMMA) || pn_tok_word(c, k, "params:")) {
      k++;
      continue;
    }
    if (!pn_tok_key(c, k)) {
      pn_error(e->diag, pn_at(e->top, c, k), "expected NAME=VALUE among the parameters of '%.*s'",
               PN_FMT(d->name));
      return;
    }
    pn_pdef def = {.loc = pn_at(e->top, c, k)};
    pn_str name = c->tokens[k].text;
    k += 2;
    if (pn_tok_is(c, k, PN_T_WORD) && pn_word_number(c->tokens[k].text, &def.num))
      k++;
    else if (!(def.ast = pn_read_expr(e->top, c, &k)))
      return;
    pn_scope_define(e, &d->block, name, def);
  }
}

/* The names of a word of a .subckt line. Parameters are not known yet, so that a bus has numbers as bounds. */
static pn_str *term_names(pn_elab *e, const pn_card *c, int k, long *n)
{
  pn_str *word = &c->tokens[k].text;
  const char *open = memchr(word->p, '[', word->n);
  *n = 1;
  if (!pn_is_bus(*word))
    return word;
  size_t rest = (size_t)(word->p + word->n - open), plain = 0;
  while (plain < rest && strchr("0123456789:[]", open[plain]))
    plain++;
  if (plain == rest)
    return pn_bus_expand(e->top, *word, pn_at(e->top, c, k), e->max_elements, n);
  pn_error(e->diag, pn_at(e->top, c, k), "a bus on a .subckt line has numbers as bounds: a[0:3]");
  return NULL;
}

/* Nodes of a .subckt line; returns the token where the parameters begin. */
static int gather_terms(pn_elab *e, pn_subckt *d)
{
  const pn_card *c = d->card;
  int k = 2;
  for (; k < c->n && !pn_tok_word(c, k, "params:") && !pn_tok_key(c, k); k++) {
    if (!pn_tok_is(c, k, PN_T_WORD))
      continue;
    long n = 0;
    pn_str *names = term_names(e, c, k, &n);
    for (long j = 0; names && j < n; j++) {
      int before = pn_names_count(d->terms);
      if (pn_names_intern(d->terms, names[j]) < before)
        pn_error(e->diag, pn_at(e->top, c, k), "node '%.*s' stands twice on the .subckt line",
                 PN_FMT(names[j]));
    }
  }
  return k;
}

static void gather_subckt(pn_elab *e, pn_block *b, const pn_item *item)
{
  const pn_card *c = &item->card;
  if (!pn_tok_is(c, 1, PN_T_WORD))
    return; /* the reader said so */
  int before = pn_names_count(b->subckt_names);
  int id = pn_names_intern(b->subckt_names, c->tokens[1].text);
  if (id < before) {
    unsigned line, column;
    pn_diag_position(e->diag, pn_card_loc(b->subckts.at[id]->card), &line, &column);
    pn_error(e->diag, pn_at(e->top, c, 1), "subcircuit '%.*s' is defined already (line %u)",
             PN_FMT(c->tokens[1].text), line);
    return;
  }
  pn_subckt *d = PN_NEW(e->arena, pn_subckt);
  *PN_PUSH(e->arena, &b->subckts) = d;
  d->name = pn_names_get(b->subckt_names, id);
  d->card = c;
  d->body = item->body;
  d->terms = pn_names_new(e->arena);
  new_block(e, &d->block);
  gather_formals(e, d, gather_terms(e, d));
  d->n_formals = (int)d->block.params.n;
}

static void gather_item(pn_elab *e, pn_block *b, const pn_item *item, bool top)
{
  switch (item->kind) {
  case PN_ITEM_CARD:
    if (item->card.tokens[0].text.p[0] == '.')
      pn_directive(e->top, b, &item->card, PN_CARD_GATHER, top);
    break;
  case PN_ITEM_SUBCKT:
    gather_subckt(e, b, item);
    break;
  case PN_ITEM_INCLUDE:
    pn_gather(e, b, item->body, top);
    break;
  case PN_ITEM_LINES:
    break;
  case PN_ITEM_CONTROL:
    if (top)
      pn_gather_control(e, item);
    else
      pn_error(e->diag, pn_card_loc(&item->card),
               "'.control' belongs at the top level, not inside .subckt");
    break;
  }
}

/* What stands outside .if blocks: conditions need these definitions. */
void pn_gather(pn_elab *e, pn_block *b, const pn_tree *t, bool top)
{
  int depth = 0;
  for (size_t k = 0; t && k < t->items.n; k++) {
    const pn_item *item = &t->items.at[k];
    depth += pn_if_depth(item);
    if (depth <= 0 && !pn_is_if(item))
      gather_item(e, b, item, top);
  }
}

/* A definition in a branch of .if that counts: the scope grows with its block, and values that were
 * worked out for conditions are worked out again. */
static void gather_branch(pn_scope *s, const pn_item *item, bool inside)
{
  pn_block *b = s->block;
  size_t n_params = b->params.n, n_models = b->models.n;
  if (!inside)
    return;
  gather_item(s->e, b, item, !s->outer);
  pn_pval *vals = PN_NEW_ARRAY(s->e->arena, pn_pval, b->params.n + 1);
  for (size_t k = 0; k < n_params; k++) {
    vals[k] = s->vals[k];
    if (!vals[k].fixed)
      vals[k].state = PN_V_NEW;
  }
  s->vals = vals;
  if (b->models.n == n_models)
    return;
  pn_model **models = PN_NEW_ARRAY(s->e->arena, pn_model *, b->models.n + 1);
  for (size_t k = 0; k < n_models; k++)
    models[k] = s->models[k];
  s->models = models;
}

/* False when an error makes the body's cards uncertain. */
static bool gather_branches(pn_scope *s, const pn_tree *t)
{
  int errors = s->e->diag->n_errors;
  if (pn_has_if(t))
    pn_visit(s, t, gather_branch);
  return s->e->diag->n_errors == errors;
}

/* ---- names and nodes ---- */

pn_str pn_full_name(pn_scope *s, pn_str name)
{
  char *p = pn_arena_alloc(s->e->arena, s->prefix.n + name.n + 1);
  memcpy(p, s->prefix.p, s->prefix.n);
  for (size_t k = 0; k < name.n; k++) {
    char ch = name.p[k];
    p[s->prefix.n + k] = ch >= 'A' && ch <= 'Z' ? (char)(ch + 32) : ch;
  }
  return (pn_str){p, s->prefix.n + name.n};
}

static bool is_ground(pn_str name)
{
  return name.n == 1 && name.p[0] == '0';
}

pn_str pn_name_here(pn_scope *s, pn_str name, char *buf)
{
  size_t n = s->prefix.n + name.n;
  if (!s->prefix.n)
    return name;
  if (n > PN_NAME_ROOM)
    return pn_full_name(s, name);
  memcpy(buf, s->prefix.p, s->prefix.n);
  memcpy(buf + s->prefix.n, name.p, name.n);
  return (pn_str){buf, n};
}

/* Where a node name of a scope leads: true and *id when it is a formal node; else the name
 * in the circuit, in buf when it fits. */
static bool map_node(pn_scope *s, pn_str name, int *id, pn_str *full, char *buf)
{
  *full = name;
  if (!s->outer || is_ground(name))
    return false;
  int k = pn_names_find(s->def->terms, name);
  if (k >= 0) {
    *id = s->terms[k];
    return true;
  }
  if (pn_str_is(name, "gnd") || pn_names_find(s->e->globals, name) >= 0)
    return false;
  *full = pn_name_here(s, name, buf);
  return false;
}

int pn_node(pn_scope *s, pn_str name, pn_loc loc)
{
  int id;
  pn_str full;
  char buf[PN_NAME_ROOM];
  return map_node(s, name, &id, &full, buf) ? id : pn_circuit_node(s->e->circuit, full, loc);
}

int pn_node_find(pn_scope *s, pn_str name)
{
  int id;
  pn_str full;
  char buf[PN_NAME_ROOM];
  return map_node(s, name, &id, &full, buf) ? id : pn_circuit_find_node(s->e->circuit, full);
}

bool pn_read_nodes(pn_scope *s, const pn_card *c, int *k, int n, const char *what, int *ids)
{
  for (int got = 0; got < n; ++*k) {
    if (pn_tok_is(c, *k, PN_T_LPAREN) || pn_tok_is(c, *k, PN_T_RPAREN) ||
        pn_tok_is(c, *k, PN_T_COMMA))
      continue;
    if (!pn_tok_is(c, *k, PN_T_WORD) || pn_tok_key(c, *k)) {
      pn_error(s->e->diag, pn_at(s, c, *k), "%s '%.*s' needs %d nodes, %d %s given", what,
               PN_FMT(c->tokens[0].text), n, got, got == 1 ? "is" : "are");
      return false;
    }
    ids[got++] = pn_node(s, c->tokens[*k].text, pn_at(s, c, *k));
  }
  while (pn_tok_is(c, *k, PN_T_RPAREN))
    ++*k;
  return true;
}

/* ---- subcircuit instances ---- */

static const pn_subckt *find_subckt(pn_scope *s, pn_str name, pn_scope **owner)
{
  for (; s; s = s->outer) {
    int id = pn_names_find(s->block->subckt_names, name);
    if (id >= 0) {
      *owner = s;
      return s->block->subckts.at[id];
    }
  }
  return NULL;
}

bool pn_subckt_exists(pn_scope *s, pn_str name)
{
  pn_scope *owner;
  return find_subckt(s, name, &owner) != NULL;
}

static pn_str nearest_subckt(pn_scope *s, pn_str name)
{
  for (; s; s = s->outer) {
    pn_str near = pn_names_nearest(s->block->subckt_names, name);
    if (near.n)
      return near;
  }
  return (pn_str){"", 0};
}

/* Refuses a subcircuit that stands inside itself, and nesting without end. */
static bool may_enter(pn_scope *s, const pn_subckt *d, pn_loc loc)
{
  int levels = 0;
  for (pn_scope *up = s; up->def; up = up->caller, levels++)
    if (up->def == d) {
      pn_error(s->e->diag, loc, "subcircuit '%.*s' contains itself", PN_FMT(d->name));
      return false;
    }
  if (levels < MOST_LEVELS)
    return true;
  pn_error(s->e->diag, loc, "subcircuits are nested deeper than %d", MOST_LEVELS);
  return false;
}

/* NAME=VALUE words of an X line: values belong to the caller's scope. */
static void read_overrides(pn_scope *in, const pn_card *c, int k)
{
  pn_scope *s = in->caller;
  while (k < c->n) {
    if (pn_tok_is(c, k, PN_T_COMMA) || pn_tok_word(c, k, "params:")) {
      k++;
      continue;
    }
    if (!pn_tok_key(c, k)) {
      pn_extra_words(s, c, k);
      return;
    }
    pn_str name = c->tokens[k].text;
    pn_loc loc = pn_at(s, c, k);
    pn_pval v = {.given = true};
    k += 2;
    if (pn_tok_is(c, k, PN_T_WORD) && pn_word_number(c->tokens[k].text, &v.value))
      k++;
    else if (!(v.over = pn_read_expr(s, c, &k)))
      return;
    int id = pn_names_find(in->block->param_names, name);
    if (id < 0 || id >= in->def->n_formals) {
      pn_str near = pn_names_nearest(in->block->param_names, name);
      pn_error(s->e->diag, loc, "subcircuit '%.*s' has no parameter '%.*s'%s",
               PN_FMT(in->def->name), PN_FMT(name), pn_did_you_mean(s->e->arena, near));
    } else {
      in->vals[id] = v;
    }
  }
}

/* Splits an X line: *name is the token of the subcircuit's name, returned is the first of the rest. */
static int split_line(const pn_card *c, int *name)
{
  int k = 1;
  *name = 0;
  for (; k < c->n && !pn_tok_word(c, k, "params:") && !pn_tok_key(c, k); k++)
    if (pn_tok_is(c, k, PN_T_WORD))
      *name = k;
  return k;
}

static int *read_terms(pn_scope *s, const pn_card *c, const pn_subckt *d, int name)
{
  int n = pn_names_count(d->terms), given = 0;
  int *ids = PN_NEW_ARRAY(s->e->arena, int, n + 1);
  for (int k = 1; k < name; k++) {
    if (!pn_tok_is(c, k, PN_T_WORD))
      continue;
    if (given < n)
      ids[given] = pn_node(s, c->tokens[k].text, pn_at(s, c, k));
    given++;
  }
  if (given == n)
    return ids;
  pn_error(s->e->diag, pn_at(s, c, name), "subcircuit '%.*s' has %d node%s, but %d %s given",
           PN_FMT(d->name), n, n == 1 ? "" : "s", given, given == 1 ? "is" : "are");
  return NULL;
}

/* A body with .if blocks defines other things in each instance. */
static pn_subckt *own_copy(pn_elab *e, const pn_subckt *d)
{
  pn_subckt *own = PN_NEW(e->arena, pn_subckt);
  int k = 2;
  *own = *d;
  own->gathered = false;
  new_block(e, &own->block);
  while (k < d->card->n && !pn_tok_word(d->card, k, "params:") && !pn_tok_key(d->card, k))
    k++;
  gather_formals(e, own, k);
  return own;
}

void pn_instance_subckt(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  c = pn_bus_flatten(s, c);
  if (!c)
    return;
  int name, rest = split_line(c, &name);
  if (!name) {
    pn_error(e->diag, pn_at(s, c, 1), "the name of the subcircuit is missing");
    return;
  }
  pn_scope *owner = NULL;
  pn_str word = c->tokens[name].text;
  pn_subckt *d = (pn_subckt *)find_subckt(s, word, &owner);
  if (!d) {
    pn_error(e->diag, pn_at(s, c, name), "subcircuit '%.*s' is not defined%s", PN_FMT(word),
             pn_did_you_mean(e->arena, nearest_subckt(s, word)));
    return;
  }
  if (!may_enter(s, d, pn_at(s, c, name)))
    return;
  int *terms = read_terms(s, c, d, name);
  if (!terms)
    return;
  if (pn_has_if(d->body))
    d = own_copy(e, d);
  if (!d->gathered) {
    d->gathered = true;
    pn_gather(e, &d->block, d->body, false);
  }
  pn_scope *in = pn_scope_new(e, &d->block, owner, s);
  in->def = d;
  in->terms = terms;
  pn_str full = pn_full_name(s, c->tokens[0].text);
  in->inst = pn_diag_add_inst(e->diag, full.p);
  char *prefix = pn_arena_strndup(e->arena, full.p, full.n + 1);
  prefix[full.n] = '.';
  in->prefix = (pn_str){prefix, full.n + 1};
  read_overrides(in, c, rest);
  e->n_elements++;
  if (gather_branches(in, d->body))
    pn_walk(in, d->body);
}

static void walk_item(pn_scope *s, const pn_item *item, bool inside)
{
  (void)inside;
  if (item->kind == PN_ITEM_LINES)
    pn_instance_lines(s, item);
  if (item->kind != PN_ITEM_CARD)
    return;
  if (item->card.tokens[0].text.p[0] == '.')
    pn_directive(s, s->block, &item->card, PN_CARD_WALK, !s->outer);
  else
    pn_instance(s, &item->card);
}

void pn_walk(pn_scope *s, const pn_tree *t)
{
  pn_visit(s, t, walk_item);
}

/* ---- the whole netlist ---- */

/* Devices that name others, again and again until all are done or none moves. */
static void finish_deferred(pn_elab *e)
{
  for (bool last = false, moved = true; moved;) {
    size_t left = 0;
    moved = false;
    for (size_t k = 0; k < e->deferred.n && !e->stopped; k++) {
      pn_deferred *d = &e->deferred.at[k];
      if (d->done)
        continue;
      d->done = d->behaviour ? pn_finish_behaviour(d, last) : pn_finish_table_device(d, last);
      moved |= d->done;
      left += !d->done;
    }
    if (!moved && left && !last)
      last = moved = true; /* one more round, in which what is missing is reported */
  }
}

/* -D name=value: overrides the netlist's .param, or makes a parameter. */
static void apply_defines(pn_elab *e, const pn_load_options *o)
{
  pn_block *b = e->top->block;
  for (int k = 0; k < o->n_defines; k++) {
    pn_str name = pn_str_of(o->defines[k].name);
    if (pn_names_find(b->param_names, name) >= 0)
      continue;
    pn_warn(e->diag, PN_NOWHERE, "-D %s: the netlist has no .param of that name", name.p);
    pn_scope_define(e, b, name, (pn_pdef){.num = o->defines[k].value});
  }
  e->top->vals = PN_NEW_ARRAY(e->arena, pn_pval, b->params.n + 1);
  e->top->models = PN_NEW_ARRAY(e->arena, pn_model *, b->models.n + 1);
  for (int k = 0; k < o->n_defines; k++)
    pn_scope_fix(e->top, pn_str_of(o->defines[k].name), o->defines[k].value);
}

static pn_elab *new_elab(pn_netlist *n, const pn_load_options *o)
{
  pn_elab *e = PN_NEW(&n->arena, pn_elab);
  e->n = n;
  e->arena = &n->arena;
  e->diag = &n->diag;
  e->circuit = n->circuit = pn_circuit_new(e->arena, e->diag);
  e->globals = pn_names_new(e->arena);
  e->deferred_names = pn_names_new(e->arena);
  e->max_elements = o->max_elements > 0 ? o->max_elements : 20000000;
  e->load = o;
  e->random = o->random;
  pn_block *b = PN_NEW(e->arena, pn_block);
  new_block(e, b);
  e->top = pn_scope_new(e, b, NULL, NULL);
  n->elab = e;
  n->params = e->top->resolver;
  return e;
}

pn_status pn_elaborate(pn_netlist *n, const pn_tree *t, const pn_load_options *o)
{
  pn_elab *e = new_elab(n, o);
  pn_dialect_find(e, t, o->dialect);
  if (t->n_cards > LONG_NETLIST)
    pn_circuit_reserve(e->circuit, (size_t)t->n_cards);
  pn_gather(e, e->top->block, t, true);
  apply_defines(e, o);
  bool certain = gather_branches(e->top, t);
  pn_scan_options(e);
  if (certain)
    pn_walk(e->top, t);
  finish_deferred(e);
  pn_models_check_all(e->top);
  pn_status st = PN_OK;
  bool may_float = pn_all_uic(e) || n->options.rshunt > 0;
  if (n->diag.n_errors || (st = pn_circuit_finish(e->circuit, may_float)) != PN_OK)
    return st ? st : PN_E_NETLIST;
  pn_late_cards(e);
  e->load = NULL;
  return n->diag.n_errors ? PN_E_NETLIST : PN_OK;
}
