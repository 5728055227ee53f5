/* Inside of the expression graph, for graph.c, diff.c and tape.c only. */
#ifndef PN_EXPR_GRAPH_IMPL_H
#define PN_EXPR_GRAPH_IMPL_H

#include "expr/graph.h"

#include <stdint.h>

/* What a node is, beyond the ops of expr/ops.h. */
enum {
  PN_G_CONST = PN_OP_COUNT, /* value */
  PN_G_INPUT,               /* index */
  PN_G_PARAM,               /* index */
  PN_G_PWL,                 /* args[0] through table[index] */
  PN_G_SLOPE,               /* slope of table[index] at args[0] */
  PN_G_KINDS
};

typedef struct pn_gtable {
  int n;            /* points */
  const double *xs; /* [n] rising */
  const double *ys; /* [n] */
} pn_gtable;

typedef struct pn_gnode_data {
  int kind;         /* pn_op or PN_G_... */
  int index;        /* of the input, parameter or table */
  pn_gnode args[3]; /* always older (smaller) than the node; -1 beyond the arity */
  double value;     /* of a constant */
  uint64_t inputs;  /* bit (index % 64) of every input it may depend on; 0: of none */
} pn_gnode_data;

struct pn_graph {
  pn_arena *arena;
  PN_VEC(pn_gnode_data) nodes;
  PN_VEC(pn_gtable) tables;
  pn_gnode *slots; /* [n_slots] hash table of nodes: number + 1, 0 when free */
  size_t n_slots;  /* power of two */
  int max_input;   /* largest index of an input */
  /* Derivatives known so far: hash table of (node, input) -> derivative. */
  struct pn_gdiff {
    pn_gnode node; /* number + 1, 0 when free */
    int input;
    pn_gnode result;
  } * diffs;
  size_t n_diffs, diff_room; /* room: power of two or 0 */
};

/* Number of arguments of any kind of node. */
int pn_graph_arity(int kind);
/* Value and slope of a piecewise linear table, flat outside; at a corner the slope to the right. */
double pn_gtable_value(const pn_gtable *t, double x);
double pn_gtable_slope(const pn_gtable *t, double x);
/* The node of PN_G_PWL or PN_G_SLOPE over an existing table. */
pn_gnode pn_graph_table_node(pn_graph *g, int kind, int table, pn_gnode x);

#endif
