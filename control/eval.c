/* Values of expression trees. Vectors of different lengths meet as in ngspice: the shorter one goes on with
 * its last value. */
#include "control/value.h"

#include "expr/ops.h"

#include <math.h>
#include <string.h>

enum { MOST_DEPTH = 200 };
static const long MOST_POINTS = 1L << 28;

static bool fail(pn_evaluation *e, const char *why)
{
  if (!e->why)
    e->why = why;
  return false;
}

static bool allocate(pn_evaluation *e, pn_value *v, long n, bool is_complex)
{
  if (n < 0 || n > MOST_POINTS)
    return fail(e, "the vector would have too many points");
  *v = (pn_value){.n = n, .is_complex = is_complex, .type = "notype"};
  v->z = PN_NEW_ARRAY(e->arena, double complex, n + 1);
  return true;
}

/* ---- names ---- */

static pn_vector *in_plot(const pn_cplot *p, pn_str name)
{
  return p ? pn_store_find(p, name) : NULL;
}

pn_vector *pn_vector_find(const pn_evaluation *e, pn_str name, const pn_cplot **plot)
{
  pn_vector *v = in_plot(*plot = e->store->current, name);
  for (size_t k = 1; !v && k + 1 < name.n; k++) /* tran1.out */
    if (name.p[k] == '.') {
      *plot = pn_store_find_plot(e->store, (pn_str){name.p, k});
      v = in_plot(*plot, (pn_str){name.p + k + 1, name.n - k - 1});
    }
  if (!v)
    v = in_plot(*plot = pn_store_find_plot(e->store, PN_STR("const")), name);
  return v;
}

static bool from_vector(pn_evaluation *e, const pn_vector *v, const pn_cplot *home, pn_value *out)
{
  if (!allocate(e, out, v->n, v->is_complex))
    return false;
  if (v->n)
    memcpy(out->z, v->z, (size_t)v->n * sizeof *v->z);
  out->type = v->type;
  out->home = home;
  return true;
}

static bool scalar(pn_evaluation *e, double complex z, pn_value *out)
{
  if (!allocate(e, out, 1, cimag(z) != 0))
    return false;
  out->z[0] = z;
  return true;
}

/* @device[parameter] that is no vector: its value in force. */
static bool quantity(pn_evaluation *e, pn_str name, pn_value *out)
{
  const char *open = memchr(name.p, '[', name.n);
  double value;
  if (name.n < 4 || name.p[0] != '@' || !open || !e->quantity)
    return false;
  pn_str device = {name.p + 1, (size_t)(open - name.p) - 1};
  pn_str what = {open + 1, name.n - device.n - 3};
  return e->quantity(e->user, device, what, &value) && scalar(e, value, out);
}

static bool by_name(pn_evaluation *e, pn_str name, pn_value *out)
{
  const pn_cplot *home;
  const pn_vector *v = pn_vector_find(e, name, &home);
  if (v)
    return from_vector(e, v, home, out);
  return quantity(e, name, out) ||
         fail(e, pn_arena_printf(e->arena, "there is no vector '%.*s' in plot '%s'", PN_FMT(name),
                                 e->store->current->name));
}

/* ---- probes ---- */

static bool is_ground(pn_str name)
{
  return pn_str_is(name, "0") || pn_str_is(name, "gnd");
}

/* v(node) or i(device) of a plot: the vector "node", "v(node)", "device#branch", "@device[i]". */
static bool probe(pn_evaluation *e, pn_str plot, char letter, pn_str name, pn_value *out)
{
  if (letter == 'v' && is_ground(name))
    return scalar(e, 0, out);
  static const char *const before[] = {"", "v(", "", "i(", "@"};
  static const char *const behind[] = {"", ")", "#branch", ")", "[i]"};
  const pn_cplot *home;
  for (int k = letter == 'i' ? 2 : 0; k < (letter == 'i' ? 5 : 2); k++) {
    const char *text = pn_arena_printf(e->arena, "%.*s%s%.*s%s", PN_FMT(plot), before[k],
                                       PN_FMT(name), behind[k]);
    const pn_vector *v = pn_vector_find(e, pn_str_of(text), &home);
    if (v && (home->next || plot.n)) /* v(c) is a node, not the speed of light */
      return from_vector(e, v, home, out);
  }
  return fail(e, pn_arena_printf(e->arena, "there is no vector '%.*s%c(%.*s)' in plot '%s'",
                                 PN_FMT(plot), letter, PN_FMT(name), e->store->current->name));
}

static bool binary(pn_evaluation *e, char op, const pn_value *a, const pn_value *b, pn_value *out);

/* v(a), v(a,b), vdb(a), tran1.v(a). */
static bool eval_probe(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  static const struct {
    const char *suffix, *function;
  } parts[] = {{"m", "mag"}, {"p", "ph"}, {"r", "real"}, {"i", "imag"}, {"db", "db"}};
  size_t dot = n->text.n;
  while (dot > 0 && n->text.p[dot - 1] != '.')
    dot--;
  pn_str plot = {n->text.p, dot}, word = {n->text.p + dot, n->text.n - dot};
  char letter = (char)(word.p[0] | 32);
  pn_value a, b;
  if (!probe(e, plot, letter, n->args[0]->text, &a))
    return false;
  if (n->n_args == 2) {
    const char *type = a.type;
    const pn_cplot *home = a.home;
    if (!probe(e, plot, letter, n->args[1]->text, &b))
      return false;
    if (!binary(e, '-', &a, &b, out))
      return false;
    a = *out;
    a.type = type;
    a.home = home ? home : b.home;
  }
  *out = a;
  pn_str suffix = {word.p + 1, word.n - 1};
  for (size_t k = 0; suffix.n && k < sizeof parts / sizeof *parts; k++)
    if (pn_str_is(suffix, parts[k].suffix))
      return pn_vector_function(e, pn_str_of(parts[k].function), &a, out);
  return true;
}

/* ---- operators ---- */

static double complex compute(char op, double complex a, double complex b, bool real)
{
  double x = creal(a), y = creal(b);
  switch (op) {
  case '+':
    return a + b;
  case '-':
    return a - b;
  case '*':
    return real ? x * y : a * b;
  case '/':
    return real ? x / y : a / b;
  case '%':
    return fmod(x, y);
  case '^':
    return real ? pow(x, y) : cpow(a, b);
  case ',':
    return x + I * y;
  case '<':
    return x < y;
  case '>':
    return x > y;
  case PN_CO_LE:
    return x <= y;
  case PN_CO_GE:
    return x >= y;
  case '=':
    return a == b;
  case PN_CO_NE:
    return a != b;
  case '&':
    return a != 0 && b != 0;
  default:
    return a != 0 || b != 0;
  }
}

static bool binary(pn_evaluation *e, char op, const pn_value *a, const pn_value *b, pn_value *out)
{
  long n = a->n > b->n ? a->n : b->n;
  if (!a->n || !b->n)
    return fail(e, "a vector is empty");
  bool arithmetic = strchr("+-*/^", op) != NULL;
  bool real = !a->is_complex && !b->is_complex;
  if (!allocate(e, out, n, op == ',' || (arithmetic && !real)))
    return false;
  for (long k = 0; k < n; k++)
    out->z[k] = compute(op, a->z[k < a->n ? k : a->n - 1], b->z[k < b->n ? k : b->n - 1], real);
  if (a->home && a->n == n)
    out->home = a->home;
  else if (b->home && b->n == n)
    out->home = b->home;
  if (strchr("+-", op) && !strcmp(a->type, b->type))
    out->type = a->type;
  return true;
}

static bool eval_op(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  pn_value a, b;
  if (!pn_node_eval(e, n->args[0], &a))
    return false;
  if (n->n_args == 2)
    return pn_node_eval(e, n->args[1], &b) && binary(e, n->op, &a, &b, out);
  *out = a;
  for (long k = 0; k < a.n; k++)
    out->z[k] = n->op == PN_CO_NEG ? (a.is_complex ? -a.z[k] : (double complex) - creal(a.z[k]))
                                   : (double complex)(a.z[k] == 0);
  out->is_complex = a.is_complex && n->op == PN_CO_NEG;
  return true;
}

static bool is_true(const pn_value *v)
{
  for (long k = 0; k < v->n; k++)
    if (v->z[k] != 0)
      return true;
  return false;
}

/* ---- parts of vectors ---- */

static bool integer(pn_evaluation *e, const pn_node *n, double *value)
{
  pn_value v;
  if (!pn_node_eval(e, n, &v))
    return false;
  if (v.n != 1 || !isfinite(creal(v.z[0])))
    return fail(e, "the number of a point must be one number");
  *value = floor(creal(v.z[0]) + 0.5);
  return true;
}

/* v[2] and v[2,5]; v[5,2] backwards. Numbers beyond the ends are cut, as in ngspice. */
static bool eval_index(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  pn_value v;
  double from, to;
  if (!pn_node_eval(e, n->args[0], &v) || !integer(e, n->args[1], &from))
    return false;
  to = from;
  if (n->n_args == 3 && !integer(e, n->args[2], &to))
    return false;
  double last = (double)v.n - 1;
  if (n->n_args == 2 && !(from >= 0 && from <= last))
    return fail(e,
                pn_arena_printf(e->arena, "there is no point %.0f: the vector has points 0 to %.0f",
                                from, last));
  from = fmin(fmax(from, 0), last);
  to = fmin(fmax(to, 0), last);
  long first = (long)from, step = to < from ? -1 : 1, count = (long)fabs(to - from) + 1;
  if (!allocate(e, out, v.n ? count : 0, v.is_complex))
    return false;
  for (long k = 0; k < out->n; k++)
    out->z[k] = v.z[first + k * step];
  out->type = v.type;
  return true;
}

/* v[[1u,2u]]: the points whose scale lies between. */
static bool eval_span(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  pn_value v, low, high;
  if (!pn_node_eval(e, n->args[0], &v) || !pn_node_eval(e, n->args[1], &low) ||
      !pn_node_eval(e, n->args[2], &high))
    return false;
  const pn_vector *scale = pn_value_scale(e, &v);
  if (!scale || low.n < 1 || high.n < 1)
    return fail(e, "a span needs a vector with a scale and two numbers");
  if (!allocate(e, out, v.n, v.is_complex))
    return false;
  out->n = 0;
  for (long k = 0; k < v.n; k++)
    if (creal(scale->z[k]) >= creal(low.z[0]) && creal(scale->z[k]) <= creal(high.z[0]))
      out->z[out->n++] = v.z[k];
  out->type = v.type;
  return true;
}

const pn_vector *pn_value_scale(const pn_evaluation *e, const pn_value *v)
{
  const pn_cplot *p = v->home ? v->home : e->store->current;
  const pn_vector *s = p->scale >= 0 ? p->vectors[p->scale] : NULL;
  return s && s->n == v->n ? s : NULL;
}

/* ---- calls ---- */

static pn_node *replace(pn_evaluation *e, const pn_node *n, const pn_udf *f, pn_node *const *args,
                        int depth)
{
  for (int k = 0; n->kind == PN_CN_NAME && k < f->n_formals; k++)
    if (pn_str_is(n->text, f->formals[k]))
      return args[k];
  pn_node *copy = PN_NEW(e->arena, pn_node);
  *copy = *n;
  for (int k = 0; k < n->n_args && depth < MOST_DEPTH; k++)
    copy->args[k] = replace(e, n->args[k], f, args, depth + 1);
  return copy;
}

/* A function of `define`: its body with the arguments in place of its formal names. */
static bool eval_udf(pn_evaluation *e, const pn_udf *f, const pn_node *n, pn_value *out)
{
  size_t at = 0;
  pn_fault fault;
  pn_node *body = pn_node_read(e->arena, pn_str_of(f->body), &at, &fault);
  return body ? pn_node_eval(e, replace(e, body, f, n->args, 0), out) : fail(e, fault.text);
}

static bool eval_call(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  for (int k = 0; k < e->n_udfs; k++)
    if (pn_str_is(n->text, e->udfs[k].name) && e->udfs[k].n_formals == n->n_args)
      return eval_udf(e, &e->udfs[k], n, out);
  pn_value x, y;
  const pn_cplot *home;
  const pn_vector *named = pn_vector_find(e, n->source, &home); /* pole(1) of a plot */
  if (named)
    return from_vector(e, named, home, out);
  if (!pn_node_eval(e, n->args[0], &x))
    return false;
  if (n->n_args == 2) { /* ph(1,1): a complex number without parentheses of its own */
    pn_value re = x;
    if (!pn_node_eval(e, n->args[1], &y) || !binary(e, ',', &re, &y, &x))
      return false;
  }
  if (n->n_args <= 2 && pn_vector_function(e, n->text, &x, out))
    return true;
  pn_str near = pn_vector_function_near(n->text);
  return fail(e, pn_arena_printf(e->arena, "there is no function '%.*s' of %d argument%s%s",
                                 PN_FMT(n->text), n->n_args, n->n_args == 1 ? "" : "s",
                                 pn_did_you_mean(e->arena, near)));
}

bool pn_node_eval(pn_evaluation *e, const pn_node *n, pn_value *out)
{
  pn_value condition;
  bool ok = false;
  if (++e->depth > MOST_DEPTH)
    return fail(e, "the expression is too long, or functions call each other without end");
  switch (n->kind) {
  case PN_CN_NUMBER:
    ok = scalar(e, n->number, out);
    break;
  case PN_CN_NAME:
    ok = by_name(e, n->text, out);
    break;
  case PN_CN_PROBE:
    ok = eval_probe(e, n, out);
    break;
  case PN_CN_CALL:
    ok = eval_call(e, n, out);
    break;
  case PN_CN_OP:
    ok = eval_op(e, n, out);
    break;
  case PN_CN_IF:
    ok = pn_node_eval(e, n->args[0], &condition) &&
         pn_node_eval(e, n->args[is_true(&condition) ? 1 : 2], out);
    break;
  case PN_CN_INDEX:
    ok = eval_index(e, n, out);
    break;
  case PN_CN_SPAN:
    ok = eval_span(e, n, out);
    break;
  }
  e->depth--;
  return ok;
}
