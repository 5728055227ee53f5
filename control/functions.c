/* Functions of vectors, one line of a table each. Real arguments outside a function's real domain give complex
 * results, as in ngspice: sqrt(-4) = 2j. */
#include "control/value.h"

#include "base/random.h"

#include <math.h>
#include <string.h>

typedef double complex point_fn(double complex z);
typedef bool whole_fn(pn_evaluation *e, const pn_value *x, pn_value *out);

/* ---- point by point ---- */

static double complex f_mag(double complex z)
{
  return cabs(z);
}
static double complex f_ph(double complex z)
{
  return carg(z);
}
static double complex f_j(double complex z)
{
  return z * I;
}
static double complex f_re(double complex z)
{
  return creal(z);
}
static double complex f_im(double complex z)
{
  return cimag(z);
}
static double complex f_db(double complex z)
{
  return 20 * log10(cabs(z));
}
static double complex f_log(double complex z)
{
  return cimag(z) == 0 && creal(z) >= 0 ? log(creal(z)) : clog(z);
}
static double complex f_log10(double complex z)
{
  return cimag(z) == 0 && creal(z) >= 0 ? log10(creal(z)) : clog(z) / log(10.0);
}
static double complex f_exp(double complex z)
{
  return cimag(z) == 0 ? exp(creal(z)) : cexp(z);
}
static double complex f_sqrt(double complex z)
{
  return cimag(z) == 0 && creal(z) >= 0 ? sqrt(creal(z)) : csqrt(z);
}
static double complex f_sin(double complex z)
{
  return cimag(z) == 0 ? sin(creal(z)) : csin(z);
}
static double complex f_cos(double complex z)
{
  return cimag(z) == 0 ? cos(creal(z)) : ccos(z);
}
static double complex f_tan(double complex z)
{
  return cimag(z) == 0 ? tan(creal(z)) : ctan(z);
}
static double complex f_sinh(double complex z)
{
  return cimag(z) == 0 ? sinh(creal(z)) : csinh(z);
}
static double complex f_cosh(double complex z)
{
  return cimag(z) == 0 ? cosh(creal(z)) : ccosh(z);
}
static double complex f_tanh(double complex z)
{
  return cimag(z) == 0 ? tanh(creal(z)) : ctanh(z);
}
static double complex f_asin(double complex z)
{
  return asin(creal(z));
}
static double complex f_acos(double complex z)
{
  return acos(creal(z));
}
static double complex f_atan(double complex z)
{
  return atan(creal(z));
}
static double complex f_pos(double complex z)
{
  return creal(z) > 0;
}
static double complex f_sgn(double complex z)
{
  return (creal(z) > 0) - (creal(z) < 0);
}
static double complex f_floor(double complex z)
{
  return floor(creal(z)) + I * floor(cimag(z));
}
static double complex f_ceil(double complex z)
{
  return ceil(creal(z)) + I * ceil(cimag(z));
}
static double complex f_nint(double complex z)
{
  return nearbyint(creal(z)) + I * nearbyint(cimag(z));
}

/* ---- the whole vector ---- */

static void same_shape(pn_evaluation *e, const pn_value *x, bool is_complex, pn_value *out)
{
  *out = (pn_value){.n = x->n, .is_complex = is_complex, .type = "notype", .home = x->home};
  out->z = PN_NEW_ARRAY(e->arena, double complex, x->n + 1);
}

static bool one(pn_evaluation *e, double complex z, bool is_complex, pn_value *out)
{
  *out = (pn_value){.n = 1, .is_complex = is_complex, .type = "notype"};
  out->z = PN_NEW_ARRAY(e->arena, double complex, 1);
  out->z[0] = z;
  return true;
}

static bool w_length(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  return one(e, (double)x->n, false, out);
}

static bool w_mean(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  double complex sum = 0;
  for (long k = 0; k < x->n; k++)
    sum += x->z[k];
  return one(e, sum / (double)x->n, x->is_complex, out);
}

static bool w_stddev(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  double complex sum = 0;
  double square = 0;
  for (long k = 0; k < x->n; k++)
    sum += x->z[k];
  for (long k = 0; k < x->n; k++)
    square += pow(cabs(x->z[k] - sum / (double)x->n), 2);
  return one(e, x->n > 1 ? sqrt(square / ((double)x->n - 1)) : 0, false, out);
}

/* The running mean: of all points up to each. */
static bool w_avg(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  double complex sum = 0;
  same_shape(e, x, x->is_complex, out);
  for (long k = 0; k < x->n; k++) {
    sum += x->z[k];
    out->z[k] = sum / ((double)k + 1);
  }
  return true;
}

static bool extreme(pn_evaluation *e, const pn_value *x, int sign, pn_value *out)
{
  double re = creal(x->z[0]), im = cimag(x->z[0]);
  for (long k = 1; k < x->n; k++) {
    re = sign * creal(x->z[k]) > sign * re ? creal(x->z[k]) : re;
    im = sign * cimag(x->z[k]) > sign * im ? cimag(x->z[k]) : im;
  }
  return one(e, re + I * im, x->is_complex, out);
}

static bool w_max(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  return extreme(e, x, 1, out);
}

static bool w_min(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  return extreme(e, x, -1, out);
}

/* Divided by its largest magnitude. */
static bool w_norm(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  double most = 0;
  same_shape(e, x, x->is_complex, out);
  for (long k = 0; k < x->n; k++)
    most = fmax(most, cabs(x->z[k]));
  for (long k = 0; k < x->n; k++)
    out->z[k] = most > 0 ? x->z[k] / most : 0;
  return true;
}

static bool filled(pn_evaluation *e, const pn_value *x, bool ramp, pn_value *out)
{
  double n = floor(cabs(x->z[0]) + 0.5);
  if (!(n >= 1 && n <= 1 << 28)) {
    e->why = "a vector has at least one point and at most 268435456";
    return false;
  }
  pn_value shape = {.n = (long)n};
  same_shape(e, &shape, false, out);
  for (long k = 0; k < out->n; k++)
    out->z[k] = ramp ? (double)k : 1;
  return true;
}

static bool w_vector(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  return filled(e, x, true, out);
}

static bool w_unitvec(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  return filled(e, x, false, out);
}

/* Differences of the neighbours on both sides, at the ends of the one there is. */
static bool w_vecd(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  same_shape(e, x, x->is_complex, out);
  for (long k = 0; k < x->n; k++)
    out->z[k] = x->z[k + (k + 1 < x->n)] - x->z[k - (k > 0)];
  return true;
}

/* x of a point: its scale, or its number where there is none. */
static double abscissa(const pn_vector *scale, long k)
{
  return scale ? creal(scale->z[k]) : (double)k;
}

/* The slope of the parabola through three neighbours, as ngspice's default dpolydegree = 2. */
static bool w_deriv(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  const pn_vector *s = pn_value_scale(e, x);
  long n = x->n;
  same_shape(e, x, x->is_complex, out);
  if (n == 2)
    out->z[0] = out->z[1] = (x->z[1] - x->z[0]) / (abscissa(s, 1) - abscissa(s, 0));
  for (long k = 0; n > 2 && k < n; k++) {
    long m = k == 0 ? 1 : k == n - 1 ? n - 2 : k;
    double a = abscissa(s, m) - abscissa(s, m - 1), b = abscissa(s, m + 1) - abscissa(s, m);
    double complex left = (x->z[m] - x->z[m - 1]) / a, right = (x->z[m + 1] - x->z[m]) / b;
    double complex curve = (right - left) / (a + b); /* half the second derivative */
    out->z[k] = left + curve * (2 * abscissa(s, k) - abscissa(s, m) - abscissa(s, m - 1));
  }
  return true;
}

/* From the first point to each, by trapezoids. */
static bool w_integ(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  const pn_vector *s = pn_value_scale(e, x);
  same_shape(e, x, x->is_complex, out);
  for (long k = 1; k < x->n; k++)
    out->z[k] = out->z[k - 1] +
                0.5 * (x->z[k] + x->z[k - 1]) * (abscissa(s, k) - abscissa(s, k - 1));
  return true;
}

/* An angle without jumps of a whole turn. */
static void unwrap(pn_evaluation *e, pn_value *v)
{
  double turn = e->degrees ? 360 : 2 * M_PI;
  for (long k = 1; k < v->n; k++)
    v->z[k] -= turn * round((creal(v->z[k]) - creal(v->z[k - 1])) / turn);
}

static bool w_unwrap(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  same_shape(e, x, false, out);
  memcpy(out->z, x->z, (size_t)x->n * sizeof *x->z);
  unwrap(e, out);
  return true;
}

static bool w_cph(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  same_shape(e, x, false, out);
  for (long k = 0; k < x->n; k++)
    out->z[k] = carg(x->z[k]) * (e->degrees ? 180 / M_PI : 1);
  unwrap(e, out);
  return true;
}

/* -d phase / d omega over the frequency of the plot, s. */
static bool w_group_delay(pn_evaluation *e, const pn_value *x, pn_value *out)
{
  pn_value phase, slope;
  if (!pn_value_scale(e, x)) {
    e->why = "group_delay needs a vector of an AC analysis";
    return false;
  }
  w_cph(e, x, &phase);
  w_deriv(e, &phase, &slope);
  same_shape(e, x, false, out);
  for (long k = 0; k < x->n; k++)
    out->z[k] = -slope.z[k] / (e->degrees ? 360 : 2 * M_PI);
  return true;
}

/* ---- random numbers, by key: the same seed gives the same bits ---- */

typedef double draw_fn(const pn_random_key *k, uint32_t event, double x);

static double draw_gauss(const pn_random_key *k, uint32_t event, double x)
{
  (void)x;
  return pn_random_normal(k, event);
}

static double draw_uniform(const pn_random_key *k, uint32_t event, double x)
{
  (void)x;
  return 2 * pn_random_uniform(k, event) - 1;
}

static double draw_whole(const pn_random_key *k, uint32_t event, double x)
{
  return x >= 1 ? floor(pn_random_uniform(k, event) * floor(x)) : 0;
}

static double draw_exponential(const pn_random_key *k, uint32_t event, double x)
{
  return x * pn_random_exponential(k, event);
}

static void draw(pn_evaluation *e, const pn_value *x, draw_fn *f, pn_value *out)
{
  pn_random_key key = {.seed = e->seed, .device = pn_random_hash(PN_STR("control"))};
  same_shape(e, x, false, out);
  for (long k = 0; k < x->n; k++)
    out->z[k] = f(&key, (*e->n_random)++, creal(x->z[k]));
}

/* ---- the table ---- */

enum { ANGLE_OUT = 1, ANGLE_IN = 2, KEEPS_COMPLEX = 4, KEEPS_TYPE = 8, MAY_BE_COMPLEX = 16 };

static const struct function {
  const char *name;
  point_fn *point;
  whole_fn *whole;
  int flags;
} table[] = {
    {"mag", f_mag, NULL, KEEPS_TYPE},
    {"magnitude", f_mag, NULL, KEEPS_TYPE},
    {"abs", f_mag, NULL, KEEPS_TYPE},
    {"ph", f_ph, NULL, ANGLE_OUT},
    {"phase", f_ph, NULL, ANGLE_OUT},
    {"cph", NULL, w_cph, 0},
    {"cphase", NULL, w_cph, 0},
    {"unwrap", NULL, w_unwrap, 0},
    {"j", f_j, NULL, MAY_BE_COMPLEX},
    {"re", f_re, NULL, KEEPS_TYPE},
    {"real", f_re, NULL, KEEPS_TYPE},
    {"im", f_im, NULL, KEEPS_TYPE},
    {"imag", f_im, NULL, KEEPS_TYPE},
    {"db", f_db, NULL, 0},
    {"log", f_log, NULL, KEEPS_COMPLEX | MAY_BE_COMPLEX},
    {"ln", f_log, NULL, KEEPS_COMPLEX | MAY_BE_COMPLEX},
    {"log10", f_log10, NULL, KEEPS_COMPLEX | MAY_BE_COMPLEX},
    {"exp", f_exp, NULL, KEEPS_COMPLEX},
    {"sqrt", f_sqrt, NULL, KEEPS_COMPLEX | MAY_BE_COMPLEX},
    {"sin", f_sin, NULL, KEEPS_COMPLEX | ANGLE_IN},
    {"cos", f_cos, NULL, KEEPS_COMPLEX | ANGLE_IN},
    {"tan", f_tan, NULL, KEEPS_COMPLEX | ANGLE_IN},
    {"sinh", f_sinh, NULL, KEEPS_COMPLEX},
    {"cosh", f_cosh, NULL, KEEPS_COMPLEX},
    {"tanh", f_tanh, NULL, KEEPS_COMPLEX},
    {"asin", f_asin, NULL, ANGLE_OUT},
    {"acos", f_acos, NULL, ANGLE_OUT},
    {"atan", f_atan, NULL, ANGLE_OUT},
    {"pos", f_pos, NULL, 0},
    {"sgn", f_sgn, NULL, 0},
    {"floor", f_floor, NULL, KEEPS_COMPLEX | KEEPS_TYPE},
    {"ceil", f_ceil, NULL, KEEPS_COMPLEX | KEEPS_TYPE},
    {"nint", f_nint, NULL, KEEPS_COMPLEX | KEEPS_TYPE},
    {"length", NULL, w_length, 0},
    {"mean", NULL, w_mean, KEEPS_TYPE},
    {"avg", NULL, w_avg, KEEPS_TYPE},
    {"stddev", NULL, w_stddev, KEEPS_TYPE},
    {"vecmax", NULL, w_max, KEEPS_TYPE},
    {"maximum", NULL, w_max, KEEPS_TYPE},
    {"vecmin", NULL, w_min, KEEPS_TYPE},
    {"minimum", NULL, w_min, KEEPS_TYPE},
    {"norm", NULL, w_norm, 0},
    {"vector", NULL, w_vector, 0},
    {"unitvec", NULL, w_unitvec, 0},
    {"vecd", NULL, w_vecd, KEEPS_TYPE},
    {"deriv", NULL, w_deriv, 0},
    {"integ", NULL, w_integ, 0},
    {"group_delay", NULL, w_group_delay, 0},
};
enum { N_DRAWS = 4 };
static const struct {
  const char *name;
  draw_fn *draw;
} draws[N_DRAWS] = {
    {"rnd", draw_whole},
    {"sgauss", draw_gauss},
    {"sunif", draw_uniform},
    {"exponential", draw_exponential},
};
enum { N_FUNCTIONS = sizeof table / sizeof *table };

static void point_by_point(pn_evaluation *e, const struct function *f, const pn_value *x,
                           pn_value *out)
{
  double scale = e->degrees && f->flags & ANGLE_OUT ? 180 / M_PI : 1;
  double factor = e->degrees && f->flags & ANGLE_IN ? M_PI / 180 : 1;
  bool is_complex = x->is_complex && f->flags & KEEPS_COMPLEX;
  same_shape(e, x, false, out);
  for (long k = 0; k < x->n; k++) {
    double complex z = f->point(x->z[k] * factor);
    out->z[k] = scale == 1 ? z : z * scale;
    is_complex |= (f->flags & MAY_BE_COMPLEX) && cimag(z) != 0;
  }
  out->is_complex = is_complex;
}

bool pn_vector_function(pn_evaluation *e, pn_str name, const pn_value *x, pn_value *out)
{
  for (int k = 0; k < N_DRAWS; k++)
    if (pn_str_is(name, draws[k].name) && x->n > 0) {
      draw(e, x, draws[k].draw, out);
      return true;
    }
  for (int k = 0; k < N_FUNCTIONS; k++) {
    if (!pn_str_is(name, table[k].name))
      continue;
    if (x->n < 1) {
      e->why = "a vector is empty";
      return false;
    }
    if (table[k].whole && !table[k].whole(e, x, out))
      return false;
    if (table[k].point)
      point_by_point(e, &table[k], x, out);
    if (table[k].flags & KEEPS_TYPE)
      out->type = x->type;
    return true;
  }
  return false;
}

/* Takes a name that is nearer. */
static void nearer(pn_str name, const char *known, pn_str *best, int *least)
{
  int d = pn_str_distance(name, pn_str_of(known), 2);
  if (d < *least) {
    *least = d;
    *best = pn_str_of(known);
  }
}

pn_str pn_vector_function_near(pn_str name)
{
  pn_str best = {"", 0};
  int least = 3;
  for (int k = 0; k < N_FUNCTIONS; k++)
    nearer(name, table[k].name, &best, &least);
  for (int k = 0; k < N_DRAWS; k++)
    nearer(name, draws[k].name, &best, &least);
  return best;
}
