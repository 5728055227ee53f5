/* What the expression lexer (expr.l), grammar (expr.y) and parse.c share. Nobody else
 * includes it. */
#ifndef PN_EXPR_READER_H
#define PN_EXPR_READER_H

#include "expr/parse.h"

enum {
  PN_EXPR_NESTING = 256, /* brackets inside each other */
  PN_EXPR_DEPTH = 2000   /* levels of the tree: what later recursion must bear */
};

typedef struct pn_expr_list {
  PN_VEC(pn_ast *) args;
} pn_expr_list;

/* Semantic value of a token or a rule: where it stands and what it made. */
typedef struct pn_expr_value {
  uint32_t from, to; /* bytes from the start of the text */
  int depth;         /* levels of the tree */
  pn_ast *ast;
  pn_expr_list *list;
} pn_expr_value;

typedef struct pn_expr_token {
  int kind; /* of expr.tab.h; 0: none yet, or the end */
  uint32_t from, to;
} pn_expr_token;

typedef struct pn_expr_reader {
  pn_diag *d;
  const char *text; /* [n] */
  size_t n;
  pn_loc loc; /* of text[0] */
  void *scanner;
  size_t fed;        /* bytes handed to flex */
  uint32_t at, next; /* the token flex found last */
  pn_expr_token prev, cur;
  bool after_operand;             /* the last token ended an operand */
  bool in_probe;                  /* between "v(" and ")" */
  bool stopped;                   /* cur is the first word behind the expression */
  bool failed;                    /* an error has been reported */
  int depth;                      /* open brackets */
  uint32_t open[PN_EXPR_NESTING]; /* [depth] their places */
  int ternaries;                  /* '?' outside brackets that wait for ':' */
  uint32_t ternary;               /* place of the last '?' */
  uint32_t end;                   /* end of the last token used */
  pn_ast *result;
  size_t scratch_used;
  _Alignas(16) char scratch[1024]; /* flex's objects: no allocation for short expressions */
} pn_expr_reader;

/* For flex. */
size_t pn_expr_input(pn_expr_reader *rd, char *buf, size_t room);
void *pn_expr_scratch(pn_expr_reader *rd, size_t size);
void *pn_expr_rescratch(pn_expr_reader *rd, void *old, size_t size);
_Noreturn void pn_expr_fatal(pn_expr_reader *rd);

/* What ^ is: a power, or LTspice's exclusive or. */
int pn_expr_caret(pn_expr_reader *rd);
/* (a > 0.5) != (b > 0.5) */
pn_expr_value pn_expr_xor(pn_expr_reader *rd, pn_expr_value a, pn_expr_value b);

/* For the grammar: nodes of the tree, spanning from `a` to `b`. */
pn_expr_value pn_expr_leaf(pn_expr_reader *rd, pn_ast_kind kind, pn_expr_value tok);
pn_expr_value pn_expr_op1(pn_expr_reader *rd, int op, pn_expr_value tok, pn_expr_value a);
pn_expr_value pn_expr_op2(pn_expr_reader *rd, int op, pn_expr_value a, pn_expr_value b);
pn_expr_value pn_expr_op3(pn_expr_reader *rd, int op, pn_expr_value a, pn_expr_value b,
                          pn_expr_value c);
pn_expr_value pn_expr_call(pn_expr_reader *rd, pn_ast_kind kind, pn_expr_value name,
                           pn_expr_value list, pn_expr_value end);
pn_expr_value pn_expr_append(pn_expr_reader *rd, pn_expr_value list, pn_expr_value item);

#endif
