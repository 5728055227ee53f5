/* Expression tree to graph. The caller says what leaves are: a node voltage, a
 * device's current, a state, the time, a parameter. */
#ifndef PN_EXPR_LOWER_H
#define PN_EXPR_LOWER_H

#include "expr/graph.h"
#include "expr/resolve.h"

typedef struct pn_leaves {
  void *user;
  /* A PN_AST_NAME, PN_AST_PROBE or PN_AST_AT: sets *out to a graph node and returns true; false
   * when it is not known here (names then go to the resolver: parameters). Errors are reported
   * by the callee, which then sets *out = -1 and returns true. */
  bool (*leaf)(void *user, pn_graph *g, const pn_ast *e, pn_gnode *out);
  /* ddt(x) (derivative = true) and sdt/idt(x): replaces them by an unknown of the caller's.
   * NULL: an error "ddt() cannot be used here". */
  bool (*dynamic)(void *user, pn_graph *g, const pn_ast *e, bool derivative, pn_gnode arg,
                  pn_gnode *out);
  /* Every parameter met: the caller gives it a parameter slot of the graph (pn_graph_param), so
   * that a sweep may change it and instances that differ in it share a tape, or folds it
   * (pn_graph_const of value). NULL: its present value becomes a constant. */
  pn_gnode (*param)(void *user, pn_graph *g, const pn_ast *name, double value);
} pn_leaves;

/* pwl(x, x1,y1, ...) and table(): straight lines between constant points, flat outside; at a
 * point the slope to its right. limit(x,a,b): x held between a and b. buf(x): 1 when x > 0.5;
 * inv(x): its opposite. min and max take two or more arguments. Formals hide leaves, leaves hide
 * parameters, parameters hide constants (pi). */

/* Returns PN_OK or PN_E_NETLIST (reported). Expands .func calls, pwl(), limit(), table(), buf(),
 * inv(), nest of user functions up to a depth of 64 (recursion is an error with its place).
 * leaves may be NULL. */
pn_status pn_lower(pn_diag *d, pn_graph *g, const pn_ast *e, const pn_resolver *r,
                   const pn_leaves *leaves, pn_gnode *out);

#endif
