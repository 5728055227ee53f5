/* The operators and functions of expressions, once: parser, constant evaluation,
 * graph, derivatives and tape all use this list. Semantics follow ngspice's B
 * source where SPICE dialects differ; the manual's table says where.
 *
 * X(symbol, name or NULL for operators, number of arguments) */
#ifndef PN_EXPR_OPS_H
#define PN_EXPR_OPS_H

#include "base/str.h"

#include <complex.h>

/* clang-format off */
#define PN_OP_LIST(X)                                                              \
  X(PN_OP_ADD, NULL, 2) X(PN_OP_SUB, NULL, 2) X(PN_OP_MUL, NULL, 2)                \
  X(PN_OP_DIV, NULL, 2) X(PN_OP_MOD, NULL, 2) X(PN_OP_NEG, NULL, 1)                \
  X(PN_OP_POW, "pow", 2)   /* x**y and x^y: pow(x,y) of C; 0**0 = 1 */             \
  X(PN_OP_PWR, "pwr", 2)   /* sgn(x)*|x|**y */                                     \
  X(PN_OP_EQ, NULL, 2) X(PN_OP_NE, NULL, 2) X(PN_OP_LT, NULL, 2)                   \
  X(PN_OP_LE, NULL, 2) X(PN_OP_GT, NULL, 2) X(PN_OP_GE, NULL, 2)                   \
  X(PN_OP_AND, NULL, 2) X(PN_OP_OR, NULL, 2) X(PN_OP_NOT, NULL, 1)                 \
  X(PN_OP_IF, "ternary_fcn", 3) /* c ? a : b; also if(c,a,b) */                     \
  X(PN_OP_SIN, "sin", 1) X(PN_OP_COS, "cos", 1) X(PN_OP_TAN, "tan", 1)             \
  X(PN_OP_ASIN, "asin", 1) X(PN_OP_ACOS, "acos", 1) X(PN_OP_ATAN, "atan", 1)       \
  X(PN_OP_ATAN2, "atan2", 2)                                                       \
  X(PN_OP_SINH, "sinh", 1) X(PN_OP_COSH, "cosh", 1) X(PN_OP_TANH, "tanh", 1)       \
  X(PN_OP_ASINH, "asinh", 1) X(PN_OP_ACOSH, "acosh", 1) X(PN_OP_ATANH, "atanh", 1) \
  X(PN_OP_EXP, "exp", 1) X(PN_OP_LN, "ln", 1) X(PN_OP_LOG10, "log10", 1)           \
  X(PN_OP_SQRT, "sqrt", 1) X(PN_OP_ABS, "abs", 1) X(PN_OP_SGN, "sgn", 1)           \
  X(PN_OP_MIN, "min", 2) X(PN_OP_MAX, "max", 2) X(PN_OP_HYPOT, "hypot", 2)         \
  X(PN_OP_FLOOR, "floor", 1) X(PN_OP_CEIL, "ceil", 1) X(PN_OP_NINT, "nint", 1)     \
  X(PN_OP_U, "u", 1)       /* unit step: x > 0 (u(0) = 0.5 as in ngspice) */       \
  X(PN_OP_U2, "u2", 1)     /* 0 below 0, x in [0,1], 1 above */                    \
  X(PN_OP_URAMP, "uramp", 1)                                                       \
  X(PN_OP_LIMEXP, "limexp", 1) /* exp, continued linearly beyond 80 */             \
  X(PN_OP_LOG1P, "log1p", 1) X(PN_OP_EXPM1, "expm1", 1)                            \
  X(PN_OP_TRUNC, "int", 1) /* towards 0 */                                         \
  X(PN_OP_SQR, "sqr", 1)                                                           \
  X(PN_OP_EQ0, "eq0", 1) X(PN_OP_NE0, "ne0", 1) X(PN_OP_LT0, "lt0", 1)             \
  X(PN_OP_LE0, "le0", 1) X(PN_OP_GT0, "gt0", 1) X(PN_OP_GE0, "ge0", 1)             \
  X(PN_OP_RE, "re", 1) X(PN_OP_IM, "im", 1) X(PN_OP_PH, "ph", 1) /* radians */     \
  X(PN_OP_DB, "db", 1)     /* 20 log10 |x| */                                      \
  X(PN_OP_INV0, NULL, 1)   /* 1/x, and 0 at 0: made by derivatives only */         \
  X(PN_OP_DPOW, NULL, 3)   /* (x, y, x**y): y*x**(y-1), and 0 where that is infinite at 0 */
/* clang-format on */

typedef enum pn_op {
#define X(sym, name, n) sym,
  PN_OP_LIST(X)
#undef X
      PN_OP_COUNT
} pn_op;

#define PN_LIMEXP_CORNER 80.0 /* limexp is exp's tangent beyond */

/* The op of a function's name (with aliases: log=ln, stp=u, sign=sgn, int=trunc..., if),
 * or -1. Functions that are no single op (pwl, limit, buf, inv, ...) are in lower.h/eval.h. */
int pn_op_find(pn_str name);
/* The known function nearest to a misspelt name (ops, aliases, and pwl, limit, ...), or empty. */
pn_str pn_op_nearest(pn_str name);
int pn_op_arity(int op);
/* The function's name, or the operator as written ("+", "**", "&&"). */
const char *pn_op_name(int op);
/* agauss, gauss, aunif, unif, random, ...: known, but no value of their own. */
bool pn_op_is_random(pn_str name);
/* pi, e, boltz, echarge, planck, c, kelvin, true, false, ...: what a name means where no
 * parameter has it. */
bool pn_op_constant(pn_str name, double *value);

/* Value of one op; args [arity]. In logic, x != 0 is true; results are 0 or 1. */
double pn_op_real(int op, const double *args);
double complex pn_op_complex(int op, const double complex *args);

#endif
