/* What names mean: whoever evaluates an expression hands these callbacks over. */
#ifndef PN_EXPR_RESOLVE_H
#define PN_EXPR_RESOLVE_H

#include "expr/ast.h"
#include "expr/random.h"

/* A user's .func: formal names and a body, with the scope in which it was written. */
typedef struct pn_func {
  pn_str name;
  int n_formals;
  pn_str *formals; /* [n_formals] */
  const pn_ast *body;
  pn_loc loc;
} pn_func;

/* Finds parameters and functions in a scope of the netlist. */
typedef struct pn_resolver {
  void *user;
  /* The value of a parameter: true when known. *sweeps is set when the value depends on
   * something that a sweep may change (it is left alone otherwise). Errors inside the
   * parameter's own definition are reported and give NAN and true. */
  bool (*param)(void *user, pn_str name, pn_loc loc, double *value, bool *sweeps);
  const pn_func *(*func)(void *user, pn_str name);
  /* The parameter's nearest name for "did you mean", or empty. May be NULL. */
  pn_str (*nearest)(void *user, pn_str name);
  /* What random functions draw from; NULL: their nominal values. */
  const pn_random *random;
} pn_resolver;

/* Value of an expression of numbers, parameters, functions and .funcs. Probes, `time` and
 * unknown names are errors with their place; a result that is not finite is one too.
 * *sweeps: see above; may be NULL. Random functions: see expr/random.h; their key is their place. */
pn_status pn_eval_const(pn_diag *d, const pn_ast *e, const pn_resolver *r, double *value,
                        bool *sweeps);

#endif
