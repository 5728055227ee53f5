/* The syntax tree of an expression, as written in a netlist. It knows names, not
 * meanings: parameters, nodes and functions are resolved when the tree is
 * evaluated (expr/eval.h) or lowered into a graph (expr/lower.h). */
#ifndef PN_EXPR_AST_H
#define PN_EXPR_AST_H

#include "base/diag.h"
#include "base/str.h"

typedef enum pn_ast_kind {
  PN_AST_NUMBER, /* num */
  PN_AST_STRING, /* name: the text between double quotes */
  PN_AST_NAME,   /* name: parameter, `time`, `temper`, `pi`, a model's state, ... */
  PN_AST_OP,     /* op, args: + - * / % ** ! unary-, comparisons, && || ?: */
  PN_AST_CALL,   /* name, args: sin(x), a .func, ddt(x) */
  PN_AST_PROBE,  /* name: "v", "i", "vm", "vdb", ...; args: PN_AST_NAME of nodes or devices */
  PN_AST_AT      /* @name[args[0]->name]: a quantity of a device, as @nm1[x] */
} pn_ast_kind;

typedef struct pn_ast pn_ast;
struct pn_ast {
  pn_ast_kind kind;
  int op; /* a pn_op of expr/ops.h, for PN_AST_OP */
  pn_loc loc;
  double num;
  pn_str name;
  int n_args;
  pn_ast **args; /* [n_args] */
};

/* An argument of a directive, a device or a model card after parsing: either
 * positional (key.n == 0) or key=value. `words` are kept as written. */
typedef struct pn_arg {
  pn_str key;  /* "" when positional */
  pn_str text; /* the value as written, without quotes or braces */
  bool is_num; /* num is the value (a number, or an expression of parameters evaluated) */
  double num;
  pn_ast *ast;          /* the value as an expression, where it can be read as one; else NULL */
  struct pn_args *list; /* what stood in parentheses after the word: SIN(0 1 1k); else NULL */
  pn_loc loc;           /* of the value */
} pn_arg;

typedef struct pn_args {
  pn_arg *at; /* [n] */
  int n;
  pn_loc loc; /* of the whole card */
} pn_args;

/* Writes a tree back as text an expression parser reads again (for `pinch expand`, plots'
 * labels and tests). In the arena. */
const char *pn_ast_text(pn_arena *a, const pn_ast *e);

#endif
