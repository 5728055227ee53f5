/* The operators and functions of expressions: their names and aliases, and the
 * value of each for real and for complex arguments. It knows no trees and no
 * graphs; derivatives are in expr/diff.c. */
#include "expr/ops.h"

#include <math.h>

enum { REACH = 2 }; /* edits that a misspelt name may be away from a known one */

static const struct {
  const char *name;
  int arity;
} OPS[] = {
#define X(sym, name, n) {name, n},
    PN_OP_LIST(X)
#undef X
};

/* Second names, from ngspice's B sources and numparam, LTspice and Xyce. */
static const struct {
  const char *name;
  int op;
} ALIASES[] = {
    {"log", PN_OP_LN},
    {"if", PN_OP_IF},
    {"stp", PN_OP_U},
    {"sign", PN_OP_SGN},
    {"trunc", PN_OP_TRUNC},
    {"round", PN_OP_NINT},
    {"rint", PN_OP_NINT},
    {"fabs", PN_OP_ABS},
    {"mag", PN_OP_ABS},
    {"arcsin", PN_OP_ASIN},
    {"arccos", PN_OP_ACOS},
    {"arctan", PN_OP_ATAN},
    {"arcsinh", PN_OP_ASINH},
    {"arccosh", PN_OP_ACOSH},
    {"arctanh", PN_OP_ATANH},
    {"square", PN_OP_SQR},
    {"mod", PN_OP_MOD},
    {"fmod", PN_OP_MOD},
    {"real", PN_OP_RE},
    {"r", PN_OP_RE},
    {"imag", PN_OP_IM},
    {"img", PN_OP_IM},
    {"arg", PN_OP_PH},
    {"phase", PN_OP_PH},
    {"exp_limited", PN_OP_LIMEXP},
};

/* Functions that are more than one op: expr/lower.c and expr/eval.c know them. */
static const char *const COMPOUND[] = {"pwl", "table", "limit", "buf", "inv", "ddt", "sdt", "idt"};

static const char *const RANDOM[] = {"agauss", "gauss",  "aunif", "unif", "flat",   "mc",
                                     "rand",   "random", "white", "rnd",  "poisson"};

/* SI 2019 values where exact. */
static const struct {
  const char *name;
  double value;
} CONSTANTS[] = {
    {"pi", M_PI},
    {"e", M_E},
    {"c", 299792458.0},           /* m/s */
    {"boltz", 1.380649e-23},      /* J/K */
    {"echarge", 1.602176634e-19}, /* C */
    {"planck", 6.62607015e-34},   /* J s */
    {"kelvin", -273.15},          /* deg C at 0 K */
    {"true", 1.0},
    {"false", 0.0},
    {"yes", 1.0},
    {"no", 0.0},
};

#define COUNT(a) (int)(sizeof(a) / sizeof *(a))

int pn_op_find(pn_str name)
{
  for (int k = 0; k < PN_OP_COUNT; k++)
    if (OPS[k].name && pn_str_is(name, OPS[k].name))
      return k;
  for (int k = 0; k < COUNT(ALIASES); k++)
    if (pn_str_is(name, ALIASES[k].name))
      return ALIASES[k].op;
  return -1;
}

/* Keeps the nearer of two names. */
static void nearer(pn_str name, const char *candidate, int *best, pn_str *found)
{
  int d = candidate ? pn_str_distance(name, pn_str_of(candidate), REACH) : REACH + 1;
  if (d < *best && (size_t)d < name.n) {
    *best = d;
    *found = pn_str_of(candidate);
  }
}

pn_str pn_op_nearest(pn_str name)
{
  pn_str found = PN_STR("");
  int best = REACH + 1;
  for (int k = 0; k < PN_OP_COUNT; k++)
    nearer(name, OPS[k].name, &best, &found);
  for (int k = 0; k < COUNT(ALIASES); k++)
    nearer(name, ALIASES[k].name, &best, &found);
  for (int k = 0; k < COUNT(COMPOUND); k++)
    nearer(name, COMPOUND[k], &best, &found);
  return found;
}

int pn_op_arity(int op)
{
  return op >= 0 && op < PN_OP_COUNT ? OPS[op].arity : 0;
}

const char *pn_op_name(int op)
{
  static const char *const written[PN_OP_COUNT] = {
      [PN_OP_ADD] = "+",     [PN_OP_SUB] = "-",    [PN_OP_MUL] = "*",  [PN_OP_DIV] = "/",
      [PN_OP_MOD] = "%",     [PN_OP_NEG] = "-",    [PN_OP_POW] = "**", [PN_OP_EQ] = "==",
      [PN_OP_NE] = "!=",     [PN_OP_LT] = "<",     [PN_OP_LE] = "<=",  [PN_OP_GT] = ">",
      [PN_OP_GE] = ">=",     [PN_OP_AND] = "&&",   [PN_OP_OR] = "||",  [PN_OP_NOT] = "!",
      [PN_OP_INV0] = "inv0", [PN_OP_DPOW] = "dpow"};
  if (op < 0 || op >= PN_OP_COUNT)
    return "?";
  return written[op] && !OPS[op].name ? written[op] : OPS[op].name;
}

bool pn_op_is_random(pn_str name)
{
  for (int k = 0; k < COUNT(RANDOM); k++)
    if (pn_str_is(name, RANDOM[k]))
      return true;
  return false;
}

bool pn_op_constant(pn_str name, double *value)
{
  for (int k = 0; k < COUNT(CONSTANTS); k++)
    if (pn_str_is(name, CONSTANTS[k].name)) {
      *value = CONSTANTS[k].value;
      return true;
    }
  return false;
}

/* sgn(x) |x|**y */
static double signed_power(double x, double y)
{
  return x < 0 ? -pow(-x, y) : pow(x, y);
}

/* exp(x) up to PN_LIMEXP_CORNER, its tangent beyond */
static double limited_exp(double x)
{
  return x < PN_LIMEXP_CORNER ? exp(x) : exp(PN_LIMEXP_CORNER) * (1 + (x - PN_LIMEXP_CORNER));
}

/* d(x**y)/dx from p = x**y; where it is infinite at x = 0 (y < 1) it is taken as 0 */
static double power_slope(double x, double y, double p)
{
  return x == 0 ? (y == 1 ? 1 : 0) : y * p / x;
}

/* One line per op, so that the two tables can be read whole although they are long. */
/* clang-format off */
double pn_op_real(int op, const double *args)
{
  double x = args[0];
  double y = OPS[op].arity > 1 ? args[1] : 0, z = OPS[op].arity > 2 ? args[2] : 0;
  switch ((pn_op)op) {
  case PN_OP_ADD: return x + y;
  case PN_OP_SUB: return x - y;
  case PN_OP_MUL: return x * y;
  case PN_OP_DIV: return x / y;
  case PN_OP_MOD: return fmod(x, y);
  case PN_OP_NEG: return -x;
  case PN_OP_POW: return pow(x, y);
  case PN_OP_PWR: return signed_power(x, y);
  case PN_OP_EQ: return x == y;
  case PN_OP_NE: return x != y;
  case PN_OP_LT: return x < y;
  case PN_OP_LE: return x <= y;
  case PN_OP_GT: return x > y;
  case PN_OP_GE: return x >= y;
  case PN_OP_AND: return x != 0 && y != 0;
  case PN_OP_OR: return x != 0 || y != 0;
  case PN_OP_NOT: return x == 0;
  case PN_OP_IF: return x != 0 ? y : z;
  case PN_OP_SIN: return sin(x);
  case PN_OP_COS: return cos(x);
  case PN_OP_TAN: return tan(x);
  case PN_OP_ASIN: return asin(x);
  case PN_OP_ACOS: return acos(x);
  case PN_OP_ATAN: return atan(x);
  case PN_OP_ATAN2: return atan2(x, y);
  case PN_OP_SINH: return sinh(x);
  case PN_OP_COSH: return cosh(x);
  case PN_OP_TANH: return tanh(x);
  case PN_OP_ASINH: return asinh(x);
  case PN_OP_ACOSH: return acosh(x);
  case PN_OP_ATANH: return atanh(x);
  case PN_OP_EXP: return exp(x);
  case PN_OP_LN: return log(x);
  case PN_OP_LOG10: return log10(x);
  case PN_OP_SQRT: return sqrt(x);
  case PN_OP_ABS: return fabs(x);
  case PN_OP_SGN: return (x > 0) - (x < 0);
  case PN_OP_MIN: return x < y ? x : y;
  case PN_OP_MAX: return x > y ? x : y;
  case PN_OP_HYPOT: return hypot(x, y);
  case PN_OP_FLOOR: return floor(x);
  case PN_OP_CEIL: return ceil(x);
  case PN_OP_NINT: return rint(x);
  case PN_OP_U: return x > 0 ? 1 : x < 0 ? 0 : 0.5;
  case PN_OP_U2: return x <= 0 ? 0 : x >= 1 ? 1 : x;
  case PN_OP_URAMP: return x > 0 ? x : 0;
  case PN_OP_LIMEXP: return limited_exp(x);
  case PN_OP_LOG1P: return log1p(x);
  case PN_OP_EXPM1: return expm1(x);
  case PN_OP_TRUNC: return trunc(x);
  case PN_OP_SQR: return x * x;
  case PN_OP_EQ0: return x == 0;
  case PN_OP_NE0: return x != 0;
  case PN_OP_LT0: return x < 0;
  case PN_OP_LE0: return x <= 0;
  case PN_OP_GT0: return x > 0;
  case PN_OP_GE0: return x >= 0;
  case PN_OP_RE: return x;
  case PN_OP_IM: return 0;
  case PN_OP_PH: return x < 0 ? M_PI : 0;
  case PN_OP_DB: return 20 * log10(fabs(x));
  case PN_OP_INV0: return x == 0 ? 0 : 1 / x;
  case PN_OP_DPOW: return power_slope(x, y, z);
  case PN_OP_COUNT: break;
  }
  return NAN;
}

static double complex signed_cpower(double complex x, double complex y)
{
  return creal(x) < 0 ? -cpow(-x, y) : x == 0 ? CMPLX(pow(0, creal(y)), 0) : cpow(x, y);
}

/* Ops with an order or a step (comparisons, min, u, ...) look at the real parts. */
static double complex by_real_part(int op, const double complex *args)
{
  double re[3] = {0};
  for (int k = 0; k < OPS[op].arity; k++)
    re[k] = creal(args[k]);
  return pn_op_real(op, re);
}

double complex pn_op_complex(int op, const double complex *args)
{
  double complex x = args[0];
  double complex y = OPS[op].arity > 1 ? args[1] : 0, z = OPS[op].arity > 2 ? args[2] : 0;
  switch (op) {
  case PN_OP_ADD: return x + y;
  case PN_OP_SUB: return x - y;
  case PN_OP_MUL: return x * y;
  case PN_OP_DIV: return x / y;
  case PN_OP_NEG: return -x;
  case PN_OP_POW: return x == 0 ? CMPLX(pow(0, creal(y)), 0) : cpow(x, y);
  case PN_OP_PWR: return signed_cpower(x, y);
  case PN_OP_EQ: return x == y;
  case PN_OP_NE: return x != y;
  case PN_OP_AND: return x != 0 && y != 0;
  case PN_OP_OR: return x != 0 || y != 0;
  case PN_OP_NOT: return x == 0;
  case PN_OP_IF: return x != 0 ? y : z;
  case PN_OP_SIN: return csin(x);
  case PN_OP_COS: return ccos(x);
  case PN_OP_TAN: return ctan(x);
  case PN_OP_ASIN: return casin(x);
  case PN_OP_ACOS: return cacos(x);
  case PN_OP_ATAN: return catan(x);
  case PN_OP_SINH: return csinh(x);
  case PN_OP_COSH: return ccosh(x);
  case PN_OP_TANH: return ctanh(x);
  case PN_OP_ASINH: return casinh(x);
  case PN_OP_ACOSH: return cacosh(x);
  case PN_OP_ATANH: return catanh(x);
  case PN_OP_EXP: return cexp(x);
  case PN_OP_LIMEXP: return creal(x) < PN_LIMEXP_CORNER ? cexp(x) : by_real_part(op, args);
  case PN_OP_LN: return clog(x);
  case PN_OP_LOG10: return clog(x) / M_LN10;
  case PN_OP_LOG1P: return cimag(x) == 0 ? CMPLX(log1p(creal(x)), 0) : clog(1 + x);
  case PN_OP_EXPM1: return cimag(x) == 0 ? CMPLX(expm1(creal(x)), 0) : cexp(x) - 1;
  case PN_OP_SQRT: return csqrt(x);
  case PN_OP_ABS: return cabs(x);
  case PN_OP_SGN: return x == 0 ? 0 : x / cabs(x);
  case PN_OP_HYPOT: return hypot(cabs(x), cabs(y));
  case PN_OP_SQR: return x * x;
  case PN_OP_EQ0: return x == 0;
  case PN_OP_NE0: return x != 0;
  case PN_OP_RE: return creal(x);
  case PN_OP_IM: return cimag(x);
  case PN_OP_PH: return carg(x);
  case PN_OP_DB: return 20 * log10(cabs(x));
  case PN_OP_INV0: return x == 0 ? 0 : 1 / x;
  case PN_OP_DPOW: return x == 0 ? (y == 1 ? 1 : 0) : y * z / x;
  default: return by_real_part(op, args);
  }
}
/* clang-format on */
