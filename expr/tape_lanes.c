/* Runs a tape over the lanes of a block: each instruction is one small loop that
 * the compiler turns into vector code, with glibc's vector functions (libmvec)
 * for exp, sin, pow, ... It is compiled once per vector unit; the choice is made
 * by a plain function pointer and not by an ifunc, because an ifunc's resolver
 * runs before AddressSanitizer is ready.
 *
 * No math.h here: its declarations would lack the simd attribute. */
#include "expr/tape_code.h"

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__)
#define HAVE_LIBMVEC 1
#define SIMD         __attribute__((simd("notinbranch"), const))
#else
#define SIMD
#endif

SIMD double exp(double x);
SIMD double log(double x);
SIMD double log10(double x);
SIMD double log1p(double x);
SIMD double expm1(double x);
SIMD double sin(double x);
SIMD double cos(double x);
SIMD double tan(double x);
SIMD double asin(double x);
SIMD double acos(double x);
SIMD double atan(double x);
SIMD double sinh(double x);
SIMD double cosh(double x);
SIMD double tanh(double x);
SIMD double asinh(double x);
SIMD double acosh(double x);
SIMD double atanh(double x);
SIMD double pow(double x, double y);
SIMD double hypot(double x, double y);
SIMD double atan2(double y, double x);

/* Without these prototypes' attributes: single instructions, or no vector version. */
double sqrt(double x);
double fabs(double x);
double floor(double x);
double ceil(double x);
double rint(double x);
double trunc(double x);
double fmod(double x, double y);

/* Lanes are done in groups of GROUP, the widest vector (AVX-512), whatever the machine: a lane's
 * result then never depends on how many lanes are in use. */
enum { GROUP = 8 };

#define PI 3.14159265358979323846

/* The result of an instruction may replace one of its operands: lane k only needs lane k. */
#define EACH_LANE(...)                                                                             \
  _Pragma("GCC ivdep") for (size_t k = 0; k < lanes; k++)                                          \
  {                                                                                                \
    __VA_ARGS__                                                                                    \
  }                                                                                                \
  break;

#define OP1(sym, ...)                                                                              \
  case sym:                                                                                        \
    EACH_LANE(double x = a[k]; d[k] = (__VA_ARGS__);)
#define OP2(sym, ...)                                                                              \
  case sym:                                                                                        \
    EACH_LANE(double x = a[k]; double y = b[k]; d[k] = (__VA_ARGS__);)
#define OP3(sym, ...)                                                                              \
  case sym:                                                                                        \
    EACH_LANE(double x = a[k]; double y = b[k]; double z = c[k]; d[k] = (__VA_ARGS__);)

static inline __attribute__((always_inline)) size_t count_true(const double *a, size_t lanes)
{
  size_t n = 0;
  for (size_t k = 0; k < lanes; k++)
    n += a[k] != 0;
  return n;
}

/* One line per op: kept whole although it is long. Values as in pn_op_real. */
static inline __attribute__((always_inline)) void run_lanes(const pn_tape_code *code, int n,
                                                            double *const *base)
{
#define AT(ref) (base[(ref) >> PN_T_SHIFT] + (size_t)((ref)&PN_T_ROW) * PN_LANES)
  const size_t lanes = ((size_t)n + GROUP - 1) & ~(size_t)(GROUP - 1);
  const pn_tape_ins *end = code->ins + code->n_ins;
  for (const pn_tape_ins *i = code->ins; i < end; i++) {
    double *d = AT(i->dst);
    const double *a = AT(i->arg[0]), *b = AT(i->arg[1]), *c = AT(i->arg[2]);
    switch (i->op) {
      OP1(PN_T_COPY, x)
      OP3(PN_T_MUL_MUL, x * y * z)
      OP3(PN_T_MUL_ADD, x * y + z)
      OP3(PN_T_MUL_SUB, x * y - z)
      OP3(PN_T_SUB_MUL, z - x * y)
      OP2(PN_OP_ADD, x + y)
      OP2(PN_OP_SUB, x - y)
      OP2(PN_OP_MUL, x * y)
      OP2(PN_OP_DIV, x / y)
      OP2(PN_OP_MOD, fmod(x, y))
      OP1(PN_OP_NEG, -x)
      OP2(PN_OP_POW, pow(x, y))
      OP2(PN_OP_PWR, x < 0 ? -pow(fabs(x), y) : pow(fabs(x), y))
      OP2(PN_OP_EQ, x == y ? 1.0 : 0.0)
      OP2(PN_OP_NE, x != y ? 1.0 : 0.0)
      OP2(PN_OP_LT, x < y ? 1.0 : 0.0)
      OP2(PN_OP_LE, x <= y ? 1.0 : 0.0)
      OP2(PN_OP_GT, x > y ? 1.0 : 0.0)
      OP2(PN_OP_GE, x >= y ? 1.0 : 0.0)
      OP2(PN_OP_AND, (x != 0 ? 1.0 : 0.0) * (y != 0 ? 1.0 : 0.0))
      OP2(PN_OP_OR, x != 0 ? 1.0 : y != 0 ? 1.0 : 0.0)
      OP1(PN_OP_NOT, x == 0 ? 1.0 : 0.0)
      OP3(PN_OP_IF, x != 0 ? y : z)
      OP1(PN_OP_SIN, sin(x))
      OP1(PN_OP_COS, cos(x))
      OP1(PN_OP_TAN, tan(x))
      OP1(PN_OP_ASIN, asin(x))
      OP1(PN_OP_ACOS, acos(x))
      OP1(PN_OP_ATAN, atan(x))
      OP2(PN_OP_ATAN2, atan2(x, y))
      OP1(PN_OP_SINH, sinh(x))
      OP1(PN_OP_COSH, cosh(x))
      OP1(PN_OP_TANH, tanh(x))
      OP1(PN_OP_ASINH, asinh(x))
      OP1(PN_OP_ACOSH, acosh(x))
      OP1(PN_OP_ATANH, atanh(x))
      OP1(PN_OP_EXP, exp(x))
      OP1(PN_OP_LN, log(x))
      OP1(PN_OP_LOG10, log10(x))
      OP1(PN_OP_SQRT, sqrt(x))
      OP1(PN_OP_ABS, fabs(x))
      OP1(PN_OP_SGN, (x > 0 ? 1.0 : 0.0) - (x < 0 ? 1.0 : 0.0))
      OP2(PN_OP_MIN, x < y ? x : y)
      OP2(PN_OP_MAX, x > y ? x : y)
      OP2(PN_OP_HYPOT, hypot(x, y))
      OP1(PN_OP_FLOOR, floor(x))
      OP1(PN_OP_CEIL, ceil(x))
      OP1(PN_OP_NINT, rint(x))
      OP1(PN_OP_U, x > 0 ? 1.0 : x < 0 ? 0.0 : 0.5)
      OP1(PN_OP_U2, x <= 0 ? 0.0 : x >= 1 ? 1.0 : x)
      OP1(PN_OP_URAMP, x > 0 ? x : 0.0)
      OP1(PN_OP_LIMEXP, exp(x < PN_LIMEXP_CORNER ? x : PN_LIMEXP_CORNER) *
                            (x < PN_LIMEXP_CORNER ? 1.0 : 1.0 + (x - PN_LIMEXP_CORNER)))
      OP1(PN_OP_LOG1P, log1p(x))
      OP1(PN_OP_EXPM1, expm1(x))
      OP1(PN_OP_TRUNC, trunc(x))
      OP1(PN_OP_RE, x)
      OP1(PN_OP_IM, x * 0)
      OP1(PN_OP_PH, x < 0 ? PI : 0.0)
      OP1(PN_OP_DB, 20 * log10(fabs(x)))
      OP1(PN_OP_INV0, x == 0 ? 0.0 : 1.0 / (x == 0 ? 1.0 : x))
      OP3(PN_OP_DPOW, x == 0 ? (y == 1 ? 1.0 : 0.0) : y * z / (x == 0 ? 1.0 : x))
      OP1(PN_G_PWL, pn_gtable_value(&code->tables[i->table], x))
    case PN_T_SKIP_IF_0:
    case PN_T_SKIP_IF_1:
      if (count_true(a, lanes) == (i->op == PN_T_SKIP_IF_0 ? 0 : lanes))
        i += i->table;
      break;
      OP1(PN_G_SLOPE, pn_gtable_slope(&code->tables[i->table], x))
    }
  }
#undef AT
}

static void run_plain(const pn_tape_code *code, int n, double *const *base)
{
  run_lanes(code, n, base);
}

#ifdef HAVE_LIBMVEC
__attribute__((target("avx2,fma"))) static void run_avx2(const pn_tape_code *code, int n,
                                                         double *const *base)
{
  run_lanes(code, n, base);
}

__attribute__((target("avx2,fma,avx512f,avx512dq,avx512vl,prefer-vector-width=512"))) static void
run_avx512(const pn_tape_code *code, int n, double *const *base)
{
  run_lanes(code, n, base);
}
#endif

pn_tape_run_fn *pn_tape_runner(void)
{
#ifdef HAVE_LIBMVEC
  if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512f"))
    return run_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    return run_avx2;
#endif
  return run_plain;
}

void pn_tape_eval(const pn_tape *t, int n, const double *in, const double *par, const double *pre,
                  double *work, double *out)
{
  const pn_tape_code *c = t->code;
  /* Instructions only write to work and out. */
  double *base[PN_T_SPACES] = {(double *)c->consts, (double *)in, (double *)par,
                               (double *)pre,       work,         out};
  c->run(c, n, base);
}
