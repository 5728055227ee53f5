/* For the tests of expressions: an arena (no recovery point: no memory aborts), a graph, and texts lowered into it. Inputs are a, b, c;
 * parameters are p, q, r (as slots of the graph); .funcs are what the test registers. */
#ifndef PN_TESTS_EXPR_FIXTURE_H
#define PN_TESTS_EXPR_FIXTURE_H

#include "expr/lower.h"
#include "expr/parse.h"
#include "expr/tape.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FX_FUNCS = 8 };

typedef struct fixture {
  pn_arena arena;
  pn_diag diag;
  pn_graph *graph;
  double params[3]; /* p, q, r */
  pn_func funcs[FX_FUNCS];
  int n_funcs;
  char message[2048]; /* the last one */
} fixture;

static void fx_message(void *user, pn_severity severity, const char *text)
{
  fixture *f = user;
  (void)severity;
  strncpy(f->message, text, sizeof f->message - 1);
}

static inline void fx_open(fixture *f)
{
  memset(f, 0, sizeof *f);
  pn_arena_init(&f->arena, 0);
  pn_diag_init(&f->diag, &f->arena, fx_message, f);
  f->graph = pn_graph_new(&f->arena);
}

static inline void fx_close(fixture *f)
{
  pn_arena_free(&f->arena);
}

/* The index of a one-letter name counted from `first`, or -1. */
static inline int fx_letter(pn_str name, char first)
{
  int k = name.n == 1 ? name.p[0] - first : -1;
  return k >= 0 && k < 3 ? k : -1;
}

static bool fx_leaf(void *user, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  (void)user;
  int k = e->kind == PN_AST_NAME ? fx_letter(e->name, 'a') : -1;
  if (k >= 0)
    *out = pn_graph_input(g, k);
  return k >= 0;
}

static bool fx_param(void *user, pn_str name, pn_loc loc, double *value, bool *sweeps)
{
  fixture *f = user;
  (void)loc;
  (void)sweeps;
  int k = fx_letter(name, 'p');
  if (k >= 0)
    *value = f->params[k];
  return k >= 0;
}

static pn_gnode fx_slot(void *user, pn_graph *g, const pn_ast *name, double value)
{
  (void)user;
  (void)value;
  return pn_graph_param(g, fx_letter(name->name, 'p'));
}

static const pn_func *fx_func(void *user, pn_str name)
{
  fixture *f = user;
  for (int k = 0; k < f->n_funcs; k++)
    if (pn_str_ieq(f->funcs[k].name, name))
      return &f->funcs[k];
  return NULL;
}

static inline pn_ast *fx_parse(fixture *f, const char *text)
{
  /* Sources end in two zero bytes. */
  size_t n = strlen(text), used;
  char *copy = pn_arena_alloc(&f->arena, n + 2);
  memcpy(copy, text, n);
  pn_loc loc = {.file = pn_diag_add_source(&f->diag, "test", copy, n, PN_NOWHERE)};
  pn_ast *e = pn_expr_parse(&f->diag, loc, copy, n, true, &used);
  ck_assert_msg(e != NULL, "%s: %s", text, f->message);
  return e;
}

/* .func name(formals) = body; formals are the letters of a text: "xy". */
static inline void fx_define(fixture *f, const char *name, const char *formals, const char *body)
{
  pn_func *u = &f->funcs[f->n_funcs++];
  *u = (pn_func){.name = pn_str_of(name), .n_formals = (int)strlen(formals)};
  u->formals = PN_NEW_ARRAY(&f->arena, pn_str, u->n_formals + 1);
  for (int k = 0; k < u->n_formals; k++)
    u->formals[k] = (pn_str){formals + k, 1};
  u->body = fx_parse(f, body);
}

static inline pn_status fx_try(fixture *f, const char *text, pn_gnode *out)
{
  pn_resolver r = {.user = f, .param = fx_param, .func = fx_func};
  pn_leaves l = {.user = f, .leaf = fx_leaf, .param = fx_slot};
  return pn_lower(&f->diag, f->graph, fx_parse(f, text), &r, &l, out);
}

static inline pn_gnode fx_node(fixture *f, const char *text)
{
  pn_gnode out;
  ck_assert_msg(fx_try(f, text, &out) == PN_OK, "%s: %s", text, f->message);
  return out;
}

/* Values of n nodes at (a, b, c) through a tape, in a full block; out [n]. */
static inline void fx_values(fixture *f, int n, const pn_gnode *nodes, const double *abc,
                             double *out)
{
  pn_tape *t = pn_tape_build(&f->arena, f->graph, nodes, n, 3, 3);
  double *in = PN_NEW_ARRAY(&f->arena, double, 3 * PN_LANES);
  double *par = PN_NEW_ARRAY(&f->arena, double, 3 * PN_LANES);
  double *pre = PN_NEW_ARRAY(&f->arena, double, (t->n_pre + 1) * PN_LANES);
  double *work = PN_NEW_ARRAY(&f->arena, double, (t->n_work + 1) * PN_LANES);
  double *lanes = PN_NEW_ARRAY(&f->arena, double, n *PN_LANES);
  double *one = PN_NEW_ARRAY(&f->arena, double, t->n_pre + 1);
  pn_tape_prologue(t, f->params, one);
  for (int k = 0; k < PN_LANES; k++) {
    for (int j = 0; j < 3; j++) {
      in[j * PN_LANES + k] = abc[j];
      par[j * PN_LANES + k] = f->params[j];
    }
    for (int j = 0; j < t->n_pre; j++)
      pre[j * PN_LANES + k] = one[j];
  }
  pn_tape_eval(t, PN_LANES, in, par, pre, work, lanes);
  for (int j = 0; j < n; j++)
    for (int k = 0; k < PN_LANES; k++) {
      out[j] = lanes[j * PN_LANES];
      ck_assert(memcmp(&lanes[j * PN_LANES + k], &out[j], sizeof(double)) == 0 ||
                (isnan(out[j]) && isnan(lanes[j * PN_LANES + k])));
    }
}

static inline double fx_value(fixture *f, pn_gnode node, double a, double b, double c)
{
  double v;
  fx_values(f, 1, &node, (double[]){a, b, c}, &v);
  return v;
}

/* |x - y| within tol of their size (at least 1e-300) */
static inline bool fx_near(double x, double y, double tol)
{
  return x == y || fabs(x - y) <= tol * (fabs(x) + fabs(y)) || (isnan(x) && isnan(y));
}

#endif
