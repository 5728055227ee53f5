/* B sources, and all that is rewritten as one: the expression becomes a graph whose
 * leaves are the device's local unknowns; ddt() and sdt() become unknowns of the device.
 * What does not depend on the instance is kept as a plan per card. */
#include "parser/elab.h"

typedef struct ref { /* an unknown of somebody else */
  bool current;
  pn_str name;
  pn_loc loc;
} ref;

typedef struct pn_equation_plan {
  const pn_device_class *cls;
  PN_VEC(ref) refs;
  PN_VEC(pn_ast *) params; /* names whose values in the instance's scope are its parameters */
} plan;

typedef struct lowering {
  pn_scope *s;
  pn_deferred *device;
  plan *p;
  PN_VEC(pn_dynamic) dynamics;
  pn_leaves leaves;
  int n_refs; /* of the first pass; -1 during it */
  int n_dynamics;
  int inlined; /* depth of i(b1) replaced by b1's expression */
} lowering;

enum { MOST_INLINED = 32, FIRST_REF = 2 };

/* ---- numbers of the inputs: p, n, refs, own current, dynamics, time, temperature ---- */

/* In the first pass, when the counts are not known, only distinct numbers matter. */
static int refs_end(const lowering *w)
{
  return FIRST_REF + (w->n_refs < 0 ? 1000 : w->n_refs);
}

static int own_current(const lowering *w)
{
  return refs_end(w);
}

static int dynamic_local(const lowering *w, int k)
{
  return refs_end(w) + w->device->behaviour->is_voltage + k;
}

static int time_input(const lowering *w)
{
  return dynamic_local(w, w->n_refs < 0 ? 1000 : w->n_dynamics);
}

/* ---- leaves ---- */

static int ref_local(lowering *w, bool current, const pn_ast *name)
{
  plan *p = w->p;
  for (size_t k = 0; k < p->refs.n; k++)
    if (p->refs.at[k].current == current && pn_str_ieq(p->refs.at[k].name, name->name))
      return FIRST_REF + (int)k;
  *PN_PUSH(w->s->e->arena, &p->refs) = (ref){current, name->name, name->loc};
  return FIRST_REF + (int)p->refs.n - 1;
}

/* The two output nodes as written on the device's line. */
static pn_str terminal(const pn_card *c, int which)
{
  int k = 1;
  for (int n = 0; k < c->n; k++)
    if (pn_tok_is(c, k, PN_T_WORD) && n++ == which)
      break;
  return c->tokens[k].text;
}

static pn_gnode node_voltage(lowering *w, pn_graph *g, const pn_ast *name)
{
  if (pn_str_is(name->name, "0"))
    return pn_graph_const(g, 0);
  for (int k = 0; k < 2; k++)
    if (pn_str_ieq(name->name, terminal(w->device->card, k)))
      return pn_graph_input(g, k);
  return pn_graph_input(g, ref_local(w, false, name));
}

static pn_gnode device_current(lowering *w, pn_graph *g, const pn_ast *name)
{
  pn_elab *e = w->s->e;
  pn_str full = pn_full_name(w->s, name->name);
  if (w->device->behaviour->is_voltage && pn_str_eq(full, w->device->name))
    return pn_graph_input(g, own_current(w));
  int k = pn_names_find(e->deferred_names, full);
  const pn_deferred *other = k >= 0 ? &e->deferred.at[k] : NULL;
  if (!other || !other->behaviour || other->behaviour->is_voltage || other->scope != w->s)
    return pn_graph_input(g, ref_local(w, true, name));
  if (w->inlined == MOST_INLINED) {
    pn_error(e->diag, name->loc, "the current of '%.*s' depends on itself", PN_FMT(name->name));
    return -1;
  }
  /* A current source has no unknown of its own, but its current is its expression. */
  pn_gnode out = -1;
  w->inlined++;
  pn_lower(e->diag, g, other->behaviour->ast, &w->s->resolver, &w->leaves, &out);
  w->inlined--;
  return out;
}

static bool lower_probe(lowering *w, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  if (pn_str_is(e->name, "i") && e->n_args == 1) {
    *out = device_current(w, g, e->args[0]);
    return true;
  }
  if (!pn_str_is(e->name, "v") || e->n_args < 1 || e->n_args > 2)
    return false;
  *out = node_voltage(w, g, e->args[0]);
  if (e->n_args == 2)
    *out = pn_graph_op2(g, PN_OP_SUB, *out, node_voltage(w, g, e->args[1]));
  return true;
}

static bool leaf(void *user, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  lowering *w = user;
  if (e->kind == PN_AST_PROBE)
    return lower_probe(w, g, e, out);
  if (e->kind != PN_AST_NAME)
    return false;
  if (pn_str_is(e->name, "time"))
    *out = pn_graph_input(g, time_input(w));
  else if (pn_str_is(e->name, "temper"))
    *out = pn_graph_input(g, time_input(w) + 1);
  else
    return false;
  return true;
}

static bool lower_dynamic(void *user, pn_graph *g, const pn_ast *e, bool derivative, pn_gnode arg,
                          pn_gnode *out)
{
  lowering *w = user;
  pn_diag *d = w->s->e->diag;
  pn_dynamic new = {derivative, arg, -1};
  if (!derivative && e->n_args > 1 &&
      pn_lower(d, g, e->args[1], &w->s->resolver, &w->leaves, &new.start) != PN_OK)
    return *out = -1, true;
  for (size_t k = 0; k < w->dynamics.n; k++) {
    const pn_dynamic *old = &w->dynamics.at[k];
    if (old->derivative == derivative && old->arg == arg && old->start == new.start) {
      *out = pn_graph_input(g, dynamic_local(w, (int)k));
      return true;
    }
  }
  *PN_PUSH(w->s->e->arena, &w->dynamics) = new;
  *out = pn_graph_input(g, dynamic_local(w, (int)w->dynamics.n - 1));
  return true;
}

static pn_gnode parameter(void *user, pn_graph *g, const pn_ast *name, double value)
{
  lowering *w = user;
  plan *p = w->p;
  (void)value;
  for (size_t k = 0; k < p->params.n; k++)
    if (pn_str_ieq(p->params.at[k]->name, name->name))
      return pn_graph_param(g, (int)k);
  *PN_PUSH(w->s->e->arena, &p->params) = (pn_ast *)name;
  return pn_graph_param(g, (int)p->params.n - 1);
}

/* ---- the class ---- */

/* The tolerance of a derivative is 1e-6 of one unit per printed step: it is no looser than the
 * equation that gives it, and a derivative that sets in from 0 is not held to digits that do not exist. */
static pn_local *make_locals(const lowering *w, int n)
{
  pn_arena *a = w->s->e->arena;
  double slope = 1e-6 / (w->s->e->tstep > 0 ? w->s->e->tstep : 1);
  pn_local *l = PN_NEW_ARRAY(a, pn_local, n);
  int k = 0;
  l[k++] = (pn_local){PN_L_TERM, "p", "V", 0};
  l[k++] = (pn_local){PN_L_TERM, "n", "V", 0};
  for (int r = 0; r < w->n_refs; r++) {
    bool current = w->p->refs.at[r].current;
    const char *name = pn_arena_printf(a, "c%d", r + 1);
    l[k++] = (pn_local){PN_L_REF, name, current ? "A" : "V", 0};
  }
  if (w->device->behaviour->is_voltage)
    l[k++] = (pn_local){PN_L_BRANCH, "i", "A", 0};
  for (int d = 0; d < w->n_dynamics; d++) {
    const char *name = pn_arena_printf(a, "%s%d", w->dynamics.at[d].derivative ? "ddt" : "sdt",
                                       d + 1);
    l[k++] = (pn_local){PN_L_BRANCH, name, "1", w->dynamics.at[d].derivative ? slope : 1e-9};
  }
  return l;
}

static pn_param *make_params(const lowering *w)
{
  pn_arena *a = w->s->e->arena;
  size_t n = w->p->params.n;
  pn_param *p = PN_NEW_ARRAY(a, pn_param, n + 1);
  for (size_t k = 0; k < n; k++)
    p[k] = (pn_param){.name = pn_str_lower(a, w->p->params.at[k]->name).p,
                      .unit = "1",
                      .value = NAN,
                      .min = -INFINITY,
                      .max = INFINITY,
                      .doc = "A parameter of the netlist."};
  return p;
}

/* Rows of the device's equations from the lowered expression. */
static void fill_rows(const lowering *w, pn_graph *g, pn_gnode value, pn_gnode *f, pn_gnode *q,
                      pn_gnode *held)
{
  if (w->device->behaviour->is_voltage) {
    int i = own_current(w);
    pn_gnode v = pn_graph_op2(g, PN_OP_SUB, pn_graph_input(g, 0), pn_graph_input(g, 1));
    f[0] = pn_graph_input(g, i);
    f[1] = pn_graph_op1(g, PN_OP_NEG, f[0]);
    f[i] = pn_graph_op2(g, PN_OP_SUB, v, value); /* v_p - v_n - e = 0 */
  } else {
    f[0] = value; /* from p through the source to n */
    f[1] = pn_graph_op1(g, PN_OP_NEG, value);
  }
  for (int k = 0; k < w->n_dynamics; k++) {
    const pn_dynamic *d = &w->dynamics.at[k];
    int at = dynamic_local(w, k);
    pn_gnode u = pn_graph_input(g, at), minus = pn_graph_op1(g, PN_OP_NEG, d->arg);
    f[at] = d->derivative ? u : minus; /* w - d/dt arg = 0;  d/dt s - arg = 0 */
    q[at] = d->derivative ? minus : u;
    if (!d->derivative)
      held[at] = d->start < 0 ? u : pn_graph_op2(g, PN_OP_SUB, u, d->start);
  }
}

static const pn_device_class *make_class(lowering *w, pn_graph *g, pn_gnode value)
{
  pn_elab *e = w->s->e;
  int n = dynamic_local(w, w->n_dynamics);
  pn_gnode *rows = PN_NEW_ARRAY(e->arena, pn_gnode, 3 * n);
  for (int k = 0; k < 3 * n; k++)
    rows[k] = -1;
  fill_rows(w, g, value, rows, rows + n, rows + 2 * n);
  pn_equation q = {.graph = g,
                   .locals = make_locals(w, n),
                   .n_locals = n,
                   .f = rows,
                   .q = rows + n,
                   .held = rows + 2 * n,
                   .params = make_params(w),
                   .n_params = (int)w->p->params.n,
                   .value = value,
                   .is_voltage = w->device->behaviour->is_voltage,
                   .dynamics = w->dynamics.at,
                   .n_dynamics = w->n_dynamics};
  return pn_equation_class(e, &q);
}

/* Points of table() and pwl() are numbers of the graph: parameters in them are evaluated here, which
 * ties the expression to its scope (*own). NULL after an error. */
static pn_ast *fix_points(pn_scope *s, pn_ast *e, bool *own)
{
  bool table = e->kind == PN_AST_CALL && (pn_str_is(e->name, "table") || pn_str_is(e->name, "pwl"));
  pn_ast *copy = NULL;
  for (int k = 0; k < e->n_args; k++) {
    pn_ast *arg = e->args[k], *fixed;
    if (table && k > 0 && arg->kind != PN_AST_NUMBER) {
      uint64_t mask;
      fixed = pn_ast_make(s->e->arena, PN_AST_NUMBER, arg->loc, 0);
      if (pn_scope_eval(s, arg, &fixed->num, &mask) != PN_OK)
        return NULL;
      *own = true;
    } else if (!(fixed = fix_points(s, arg, own))) {
      return NULL;
    }
    if (fixed == arg)
      continue;
    if (!copy) {
      copy = pn_ast_make(s->e->arena, e->kind, e->loc, e->n_args);
      copy->op = e->op;
      copy->name = e->name;
      for (int j = 0; j < e->n_args; j++)
        copy->args[j] = e->args[j];
    }
    copy->args[k] = fixed;
  }
  return copy ? copy : e;
}

/* Two passes over the expression: the first finds what it names, the second numbers it. */
static plan *make_plan(pn_deferred *d, bool *own)
{
  pn_elab *e = d->scope->e;
  lowering w = {.s = d->scope, .device = d, .n_refs = -1};
  w.p = PN_NEW(e->arena, plan);
  w.leaves = (pn_leaves){&w, leaf, lower_dynamic, parameter};
  pn_ast_set_inst(d->behaviour->ast, d->scope->inst);
  pn_ast *ast = fix_points(d->scope, d->behaviour->ast, own);
  if (!ast)
    return NULL;
  for (int pass = 0; pass < 2; pass++) {
    pn_graph *g = pn_graph_new(e->arena);
    pn_gnode value;
    if (pn_lower(e->diag, g, ast, &d->scope->resolver, &w.leaves, &value) != PN_OK)
      return NULL;
    if (pass == 1) {
      w.p->cls = make_class(&w, g, value);
    } else {
      w.n_refs = (int)w.p->refs.n;
      w.n_dynamics = (int)w.dynamics.n;
      w.dynamics.n = 0;
    }
  }
  return w.p;
}

/* ---- instances ---- */

/* Ids of the unknowns the expression names: 1 found, 0 reported, -1 wait. */
static int find_refs(pn_deferred *d, const plan *p, bool last, int *ids)
{
  pn_scope *s = d->scope;
  for (size_t k = 0; k < p->refs.n; k++) {
    const ref *r = &p->refs.at[k];
    pn_loc loc = r->loc;
    loc.inst = s->inst;
    int id = r->current ? pn_branch_find(s, r->name) : pn_node_find(s, r->name);
    ids[FIRST_REF + k] = id;
    if (r->current && id == -2 && !last)
      return -1;
    if (r->current && id < 0) {
      pn_report_no_current(s, r->name, loc);
      return 0;
    }
    if (!r->current && id == -2) {
      pn_error(s->e->diag, loc, "there is no node '%.*s'%s", PN_FMT(r->name),
               pn_did_you_mean(s->e->arena, pn_circuit_nearest_node(s->e->circuit, r->name)));
      return 0;
    }
  }
  return 1;
}

static void add_instance(pn_deferred *d, const plan *p, const int *ids)
{
  pn_scope *s = d->scope;
  size_t n = p->params.n;
  double *params = PN_NEW_ARRAY(s->e->arena, double, n + 1);
  pn_num *num = PN_NEW_ARRAY(s->e->arena, pn_num, n + 1);
  for (size_t k = 0; k < n; k++) {
    num[k].ast = p->params.at[k];
    if (pn_scope_eval(s, num[k].ast, &num[k].value, &num[k].mask) != PN_OK)
      return;
    params[k] = num[k].value;
  }
  pn_device_spec spec = {.name = d->name,
                         .loc = pn_at(s, d->card, 0),
                         .cls = p->cls,
                         .unknowns = ids,
                         .params = params,
                         .hold = -1};
  int device = pn_add_device(s, d->card, &spec, NULL, NULL);
  for (size_t k = 0; device >= 0 && k < n; k++)
    pn_bind(s, device, (int)k, &num[k]);
}

bool pn_finish_behaviour(pn_deferred *d, bool last)
{
  pn_behaviour *b = (pn_behaviour *)d->behaviour;
  if (b->failed)
    return true; /* reported at its first instance */
  plan *p = b->plan;
  if (!p) {
    bool own = false;
    p = make_plan(d, &own);
    b->failed = !p;
    if (!p)
      return true;
    if (!own)
      b->plan = p;
  }
  int *ids = PN_NEW_ARRAY(d->scope->e->arena, int, FIRST_REF + p->refs.n);
  ids[0] = d->t_p;
  ids[1] = d->t_n;
  int found = find_refs(d, p, last, ids);
  if (found > 0)
    add_instance(d, p, ids);
  return found >= 0;
}

void pn_defer_behaviour(pn_scope *s, const pn_card *c, const pn_behaviour *b)
{
  pn_elab *e = s->e;
  int ids[2], k = 1;
  if (!pn_read_nodes(s, c, &k, 2, "source", ids))
    return;
  pn_deferred d = {.card = c,
                   .scope = s,
                   .name = pn_full_name(s, c->tokens[0].text),
                   .behaviour = b,
                   .t_p = ids[0],
                   .t_n = ids[1]};
  pn_defer(e, &d);
}

/* Bname n+ n- I={...} or V={...}. */
static void read_source(pn_scope *s, const pn_card *c, pn_behaviour *b)
{
  int ids[2], k = 1;
  b->failed = true;
  if (!pn_read_nodes(s, c, &k, 2, "source", ids))
    return;
  bool voltage = pn_tok_word(c, k, "v"), current = pn_tok_word(c, k, "i");
  if ((!voltage && !current) || !pn_tok_key(c, k)) {
    pn_error_hint(s->e->diag, pn_at(s, c, k), "Bname n+ n- I={...} or V={...}",
                  "'%.*s' needs I={...} or V={...}", PN_FMT(c->tokens[0].text));
    return;
  }
  k += 2;
  b->is_voltage = voltage;
  b->ast = pn_read_expr(s, c, &k);
  b->failed = !b->ast || pn_extra_words(s, c, k);
}

void pn_instance_behavioural(pn_scope *s, const pn_card *c)
{
  pn_behaviour *b = pn_ptrmap_get(&s->e->behaviour_of_card, c);
  if (!b) {
    b = PN_NEW(s->e->arena, pn_behaviour);
    read_source(s, c, b);
    pn_ptrmap_put(s->e->arena, &s->e->behaviour_of_card, c, b);
  }
  if (!b->failed)
    pn_defer_behaviour(s, c, b);
}
