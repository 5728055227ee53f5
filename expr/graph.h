/* A typed graph of an expression: hash-consed, folded, differentiated exactly.
 * Nodes are numbers; leaves are constants, inputs (unknowns, time, states) and
 * parameters (constant during a run, different from instance to instance). The
 * graph knows nothing of netlists: other front ends may feed it. */
#ifndef PN_EXPR_GRAPH_H
#define PN_EXPR_GRAPH_H

#include "base/arena.h"
#include "expr/ops.h"

typedef struct pn_graph pn_graph;
typedef int pn_gnode; /* >= 0; -1: none */

pn_graph *pn_graph_new(pn_arena *a);
pn_gnode pn_graph_const(pn_graph *g, double value);
pn_gnode pn_graph_input(pn_graph *g, int index);
pn_gnode pn_graph_param(pn_graph *g, int index);
/* args [arity]; folds constants, drops neutral elements, shares common parts. */
pn_gnode pn_graph_op(pn_graph *g, pn_op op, const pn_gnode *args);
pn_gnode pn_graph_op1(pn_graph *g, pn_op op, pn_gnode a);
pn_gnode pn_graph_op2(pn_graph *g, pn_op op, pn_gnode a, pn_gnode b);
/* Piecewise linear table: x against n pairs (constants), held flat outside. */
pn_gnode pn_graph_pwl(pn_graph *g, pn_gnode x, int n, const double *xs, const double *ys);
/* d node / d input. Corners (abs, min, ?:) take the derivative of the side in force;
 * pow and sqrt at 0 give finite derivatives. */
pn_gnode pn_graph_diff(pn_graph *g, pn_gnode node, int input);
bool pn_graph_is_const(const pn_graph *g, pn_gnode node, double *value);
bool pn_graph_depends(const pn_graph *g, pn_gnode node, int input);

#endif
