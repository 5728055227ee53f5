/* A tree back to text, with no more brackets than precedence asks for. */
#include "expr/ast.h"

#include "expr/ops.h"
#include "expr/parse.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct writer {
  pn_arena *arena;
  PN_VEC(char) text;
} writer;

static void put(writer *w, const char *p, size_t n)
{
  for (size_t k = 0; k < n; k++)
    *PN_PUSH(w->arena, &w->text) = p[k];
}

static void put_z(writer *w, const char *z)
{
  put(w, z, strlen(z));
}

/* How strongly an expression holds together: the levels of expr.y. */
enum { CHOICE, OR, AND, COMPARISON, SUM, PRODUCT, UNARY, POWER, PRIMARY };

static int strength(const pn_ast *e)
{
  if (e->kind == PN_AST_NUMBER)
    return signbit(e->num) ? UNARY : PRIMARY;
  if (e->kind != PN_AST_OP)
    return PRIMARY;
  switch (e->op) {
  case PN_OP_IF:
    return CHOICE;
  case PN_OP_OR:
    return OR;
  case PN_OP_AND:
    return AND;
  case PN_OP_EQ:
  case PN_OP_NE:
  case PN_OP_LT:
  case PN_OP_LE:
  case PN_OP_GT:
  case PN_OP_GE:
    return COMPARISON;
  case PN_OP_ADD:
  case PN_OP_SUB:
    return SUM;
  case PN_OP_MUL:
  case PN_OP_DIV:
  case PN_OP_MOD:
    return PRODUCT;
  case PN_OP_NEG:
  case PN_OP_NOT:
    return UNARY;
  default:
    return POWER;
  }
}

/* The shortest decimal that reads back as the same double. */
static void put_number(writer *w, double x)
{
  char buf[40];
  for (int precision = 15; precision <= 17; precision++) {
    int n = snprintf(buf, sizeof buf, "%.*g", precision, x);
    for (int k = 0; k < n; k++)
      if (buf[k] == ',') /* the program's locale */
        buf[k] = '.';
    double back = 0;
    pn_number_parse(buf, (size_t)n, &back);
    if (back == x)
      break;
  }
  put_z(w, buf);
}

static void put_tree(writer *w, const pn_ast *e, int least);

static void put_arguments(writer *w, const pn_ast *e)
{
  put(w, e->name.p, e->name.n);
  put_z(w, "(");
  for (int k = 0; k < e->n_args; k++) {
    put_z(w, k ? "," : "");
    put_tree(w, e->args[k], CHOICE);
  }
  put_z(w, ")");
}

static void put_operation(writer *w, const pn_ast *e)
{
  int s = strength(e);
  /* Both levels next to ** differ from the rule: its right side may be a unary. */
  int right = s == POWER ? UNARY : s + 1, left = s == POWER ? PRIMARY : s;
  if (e->op == PN_OP_IF) {
    put_tree(w, e->args[0], OR);
    put_z(w, "?");
    put_tree(w, e->args[1], CHOICE);
    put_z(w, ":");
    put_tree(w, e->args[2], CHOICE);
  } else if (e->n_args == 1) {
    put_z(w, pn_op_name(e->op));
    put_tree(w, e->args[0], UNARY);
  } else {
    put_tree(w, e->args[0], left);
    put_z(w, e->op == PN_OP_POW ? "**" : pn_op_name(e->op));
    put_tree(w, e->args[1], right);
  }
}

/* `least`: what is weaker is put in brackets. */
static void put_tree(writer *w, const pn_ast *e, int least)
{
  bool brackets = strength(e) < least;
  put_z(w, brackets ? "(" : "");
  switch (e->kind) {
  case PN_AST_NUMBER:
    put_number(w, e->num);
    break;
  case PN_AST_STRING:
    put_z(w, "\"");
    put(w, e->name.p, e->name.n);
    put_z(w, "\"");
    break;
  case PN_AST_NAME:
    put(w, e->name.p, e->name.n);
    break;
  case PN_AST_OP:
    put_operation(w, e);
    break;
  case PN_AST_CALL:
  case PN_AST_PROBE:
    put_arguments(w, e);
    break;
  case PN_AST_AT:
    put_z(w, "@");
    put(w, e->name.p, e->name.n);
    put_z(w, "[");
    put(w, e->args[0]->name.p, e->args[0]->name.n);
    put_z(w, "]");
    break;
  }
  put_z(w, brackets ? ")" : "");
}

const char *pn_ast_text(pn_arena *a, const pn_ast *e)
{
  writer w = {.arena = a};
  put_tree(&w, e, CHOICE);
  put(&w, "", 1);
  return w.text.at;
}
