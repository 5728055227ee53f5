/* Traces: every text becomes a graph over the file's variables; one tape evaluates all of
 * them point by point. The graph's inputs are variables, differences of node voltages, and
 * real parts, magnitudes and phases of them. */
#include "api/traces.h"

#include "expr/lower.h"
#include "expr/parse.h"
#include "expr/tape.h"
#include "output/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef enum part { PART_WHOLE, PART_REAL, PART_IMAG, PART_MAGNITUDE, PART_PHASE, PART_DB } part;

typedef struct input { /* of the graph */
  int plus, minus;     /* indices of variables; minus -1: none; plus -1: ground */
  part part;
} input;

typedef struct builder {
  pn_diag *diag;
  const pn_raw_plot *plot;
  PN_VEC(input) inputs;
} builder;

int pn_raw_find(const pn_raw_plot *p, pn_str name)
{
  for (int k = 0; k < p->n_vars; k++)
    if (pn_str_is(name, p->vars[k].name))
      return k;
  /* Some writers name a node's voltage by the node alone. */
  if (name.n > 3 && pn_str_istarts(name, "v(") && name.p[name.n - 1] == ')')
    for (int k = 0; k < p->n_vars; k++)
      if (pn_str_is((pn_str){name.p + 2, name.n - 3}, p->vars[k].name))
        return k;
  return -1;
}

static pn_str nearest_variable(const pn_raw_plot *p, pn_str name)
{
  int best = 3;
  pn_str found = {"", 0};
  for (int k = 0; k < p->n_vars; k++) {
    int d = pn_str_distance(pn_str_of(p->vars[k].name), name, 2);
    if (d < best && (size_t)d < name.n) {
      best = d;
      found = pn_str_of(p->vars[k].name);
    }
  }
  return found;
}

static pn_gnode add_input(builder *b, pn_graph *g, input in)
{
  for (size_t k = 0; k < b->inputs.n; k++)
    if (b->inputs.at[k].plus == in.plus && b->inputs.at[k].minus == in.minus &&
        b->inputs.at[k].part == in.part)
      return pn_graph_input(g, (int)k);
  *PN_PUSH(b->diag->arena, &b->inputs) = in;
  return pn_graph_input(g, (int)b->inputs.n - 1);
}

/* Index of a variable by its text; reports when there is none. -2 after an error. */
static int need(builder *b, pn_loc loc, const char *name)
{
  pn_str s = pn_str_of(name);
  int k = pn_raw_find(b->plot, s);
  if (k >= 0)
    return k;
  pn_error(b->diag, loc, "the file has no signal '%s'%s", name,
           pn_did_you_mean(b->diag->arena, nearest_variable(b->plot, s)));
  return -2;
}

/* Variable of v(node) or i(device); -1 for ground, -2 after an error. */
static int probe_variable(builder *b, const pn_ast *arg, char letter)
{
  if (letter == 'v' && (pn_str_is(arg->name, "0") || pn_str_is(arg->name, "gnd")))
    return -1;
  return need(b, arg->loc, pn_arena_printf(b->diag->arena, "%c(%.*s)", letter, PN_FMT(arg->name)));
}

/* "vdb" to 'v' and PART_DB; false when the probe is not known. */
static bool probe_kind(pn_str name, char *letter, part *which)
{
  static const struct {
    const char *rest;
    part which;
  } table[] = {{"", PART_WHOLE},      {"r", PART_REAL},  {"i", PART_IMAG},
               {"m", PART_MAGNITUDE}, {"p", PART_PHASE}, {"db", PART_DB}};
  if (name.n == 0 || !strchr("vViI", name.p[0]))
    return false;
  *letter = (char)(name.p[0] | 32);
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (pn_str_is((pn_str){name.p + 1, name.n - 1}, table[k].rest)) {
      *which = table[k].which;
      return true;
    }
  return false;
}

static bool probe_leaf(builder *b, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  char letter;
  input in = {-1, -1, PART_WHOLE};
  if (e->n_args < 1 || !probe_kind(e->name, &letter, &in.part))
    return false;
  in.plus = probe_variable(b, e->args[0], letter);
  if (e->n_args > 1)
    in.minus = probe_variable(b, e->args[1], letter);
  *out = in.plus == -2 || in.minus == -2 ? -1 : add_input(b, g, in);
  return true;
}

static bool leaf(void *user, pn_graph *g, const pn_ast *e, pn_gnode *out)
{
  builder *b = user;
  if (e->kind == PN_AST_PROBE)
    return probe_leaf(b, g, e, out);
  int k;
  if (e->kind == PN_AST_AT) {
    k = need(b, e->loc, pn_ast_text(b->diag->arena, e));
    *out = k < 0 ? -1 : add_input(b, g, (input){k, -1, PART_WHOLE});
    return true;
  }
  k = pn_raw_find(b->plot, e->name);
  if (k < 0)
    return false;
  *out = add_input(b, g, (input){k, -1, PART_WHOLE});
  return true;
}

/* ---- units of expressions ---- */

static const char *unit_of(const builder *b, const pn_ast *e);

static const char *unit_of_op(const builder *b, const pn_ast *e)
{
  const char *x = unit_of(b, e->args[0]), *y = e->n_args > 1 ? unit_of(b, e->args[1]) : "1";
  switch (e->op) {
  case PN_OP_ADD:
  case PN_OP_SUB:
    return strcmp(x, "1") ? x : y;
  case PN_OP_NEG:
    return x;
  case PN_OP_MUL:
    if ((!strcmp(x, "V") && !strcmp(y, "A")) || (!strcmp(x, "A") && !strcmp(y, "V")))
      return "W";
    return !strcmp(x, "1") ? y : !strcmp(y, "1") ? x : "";
  case PN_OP_DIV:
    if (!strcmp(x, "V") && !strcmp(y, "A"))
      return "ohm";
    if (!strcmp(x, "A") && !strcmp(y, "V"))
      return "S";
    return !strcmp(y, "1") ? x : !strcmp(x, y) ? "1" : "";
  default:
    return "";
  }
}

static const char *unit_of_variable(const builder *b, pn_str name)
{
  int k = pn_raw_find(b->plot, name);
  return k < 0 ? "" : pn_column_unit(b->plot->vars[k].name, b->plot->vars[k].type);
}

static const char *unit_of(const builder *b, const pn_ast *e)
{
  char letter;
  part which;
  switch (e->kind) {
  case PN_AST_NUMBER:
    return "1";
  case PN_AST_OP:
    return unit_of_op(b, e);
  case PN_AST_CALL:
    return e->n_args == 1 && pn_str_is(e->name, "abs") ? unit_of(b, e->args[0]) : "";
  case PN_AST_PROBE:
    if (!probe_kind(e->name, &letter, &which))
      return "";
    return which == PART_DB ? "dB" : which == PART_PHASE ? "rad" : letter == 'v' ? "V" : "A";
  case PN_AST_AT:
    return unit_of_variable(b, pn_str_of(pn_ast_text(b->diag->arena, e)));
  case PN_AST_NAME:
    return unit_of_variable(b, e->name);
  default:
    return "";
  }
}

static bool is_phasor(const pn_ast *e)
{
  return e->kind == PN_AST_AT || e->kind == PN_AST_NAME ||
         (e->kind == PN_AST_PROBE && (pn_str_is(e->name, "v") || pn_str_is(e->name, "i")));
}

/* ---- from text to graph ---- */

static pn_status compile(builder *b, pn_graph *g, const char *text, pn_trace *t, pn_gnode *out)
{
  t->label = text;
  t->unit = "";
  int k = pn_raw_find(b->plot, pn_str_of(text));
  if (k >= 0) {
    pn_column c = {b->plot->vars[k].name, b->plot->vars[k].type, ""};
    t->unit = pn_column_unit(c.name, c.type);
    t->is_complex = b->plot->is_complex && !pn_column_is_real(&c);
    *out = add_input(b, g, (input){k, -1, PART_WHOLE});
    return PN_OK;
  }
  size_t n = strlen(text), used;
  char *copy = pn_arena_alloc(b->diag->arena, n + 2); /* two zero bytes end a source */
  memcpy(copy, text, n);
  uint32_t file = pn_diag_add_source(b->diag, "signal", copy, n, PN_NOWHERE);
  pn_ast *e = pn_expr_parse(b->diag, (pn_loc){.file = file}, copy, n, true, &used);
  if (!e)
    return PN_E_NETLIST;
  static const pn_resolver none;
  pn_leaves leaves = {.user = b, .leaf = leaf};
  pn_status st = pn_lower(b->diag, g, e, &none, &leaves, out);
  if (!st && *out < 0)
    st = PN_E_NETLIST;
  if (!st) {
    t->unit = unit_of(b, e);
    t->is_complex = b->plot->is_complex && is_phasor(e);
  }
  return st;
}

/* ---- evaluation ---- */

static double complex input_value(const input *in, double complex *const *column_of, long point)
{
  double complex z = in->plus < 0 ? 0 : column_of[in->plus][point];
  if (in->minus >= 0)
    z -= column_of[in->minus][point];
  switch (in->part) {
  case PART_REAL:
    return creal(z);
  case PART_IMAG:
    return cimag(z);
  case PART_MAGNITUDE:
    return cabs(z);
  case PART_PHASE:
    return carg(z);
  case PART_DB:
    return 20 * log10(cabs(z));
  default:
    return z;
  }
}

static void evaluate_real(pn_traces *t, const builder *b, const pn_tape *tape,
                          double complex *const *column_of, double *in, double *work, double *out)
{
  for (long from = 0; from < t->n_points; from += PN_LANES) {
    long left = t->n_points - from;
    int lanes = left < PN_LANES ? (int)left : PN_LANES;
    for (size_t k = 0; k < b->inputs.n; k++)
      for (int j = 0; j < PN_LANES; j++)
        in[k * PN_LANES + (size_t)j] = creal(
            input_value(&b->inputs.at[k], column_of, from + (j < lanes ? j : 0)));
    pn_tape_eval(tape, lanes, in, NULL, work, work + (size_t)tape->n_pre * PN_LANES, out);
    for (int k = 0; k < t->n; k++)
      for (int j = 0; j < lanes; j++)
        t->at[k].z[from + j] = out[k * PN_LANES + j];
  }
}

static void evaluate_complex(pn_traces *t, const builder *b, const pn_tape *tape,
                             double complex *const *column_of, double complex *in,
                             double complex *work, double complex *out)
{
  for (long i = 0; i < t->n_points; i++) {
    for (size_t k = 0; k < b->inputs.n; k++)
      in[k] = input_value(&b->inputs.at[k], column_of, i);
    pn_tape_eval_complex(tape, in, NULL, work, out);
    for (int k = 0; k < t->n; k++)
      t->at[k].z[i] = out[k];
  }
}

/* An expression of phasors that is not real is a phasor, too. */
static void settle_kind(pn_traces *t)
{
  for (int k = 0; k < t->n; k++)
    for (long i = 0; i < t->n_points && !t->at[k].is_complex; i++)
      t->at[k].is_complex = cimag(t->at[k].z[i]) != 0;
}

/* Reads the variables in use: column_of [n_vars] (arena) points to them. */
static pn_status read_columns(pn_traces *t, pn_raw_file *r, int plot, const builder *b, int *vars,
                              double complex **column_of)
{
  const pn_raw_plot *p = b->plot;
  int n = 0;
  for (int k = 0; k < p->n_vars; k++)
    for (size_t j = 0; j < b->inputs.n; j++)
      if (b->inputs.at[j].plus == k || b->inputs.at[j].minus == k) {
        vars[n++] = k;
        break;
      }
  t->columns = calloc((size_t)n + 1, sizeof *t->columns);
  if (!t->columns)
    return PN_E_MEMORY;
  for (; t->n_columns < n; t->n_columns++) {
    t->columns[t->n_columns] = malloc(((size_t)t->n_points + 1) * sizeof **t->columns);
    if (!t->columns[t->n_columns])
      return PN_E_MEMORY;
    column_of[vars[t->n_columns]] = t->columns[t->n_columns];
  }
  return pn_raw_columns(r, plot, vars, n, t->columns);
}

/* Runs the prologue and copies its results to all lanes: pre [n_pre][PN_LANES]. */
static void spread_prologue(const pn_tape *tape, double *pre)
{
  pn_tape_prologue(tape, NULL, pre);
  for (int k = tape->n_pre - 1; k >= 0; k--) { /* from the last on: nothing is overwritten */
    double value = pre[k];
    for (int j = 0; j < PN_LANES; j++)
      pre[k * PN_LANES + j] = value;
  }
}

/* All results are the trace's; t owns what is malloc'd, so that the arena may longjmp. */
static pn_status evaluate(pn_traces *t, pn_raw_file *r, int plot, builder *b, const pn_tape *tape)
{
  pn_arena *a = b->diag->arena;
  size_t n_in = b->inputs.n + 1, n_out = (size_t)t->n, lanes = PN_LANES;
  size_t n_work = (size_t)tape->n_work + (size_t)tape->n_pre + 1;
  int *vars = PN_NEW_ARRAY(a, int, b->plot->n_vars);
  double complex **column_of = PN_NEW_ARRAY(a, double complex *, b->plot->n_vars);
  double complex *scratch = pn_arena_array(a, (n_in + n_work + n_out) * lanes,
                                           sizeof(double complex));
  t->values = calloc((size_t)t->n * (size_t)t->n_points + 1, sizeof *t->values);
  if (!t->values)
    return PN_E_MEMORY;
  for (int k = 0; k < t->n; k++)
    t->at[k].z = t->values + (size_t)k * (size_t)t->n_points;
  pn_status st = read_columns(t, r, plot, b, vars, column_of);
  if (st) {
    if (r->why[0])
      pn_error(b->diag, PN_NOWHERE, "the rawfile: %s", r->why);
    return st;
  }
  if (b->plot->is_complex) {
    evaluate_complex(t, b, tape, column_of, scratch, scratch + n_in, scratch + n_in + n_work);
    settle_kind(t);
  } else {
    double *s = (double *)scratch;
    spread_prologue(tape, s + n_in * lanes);
    evaluate_real(t, b, tape, column_of, s, s + n_in * lanes, s + (n_in + n_work) * lanes);
  }
  return PN_OK;
}

pn_status pn_traces_read(pn_traces *t, pn_raw_file *r, int plot, const char *const *texts, int n,
                         pn_diag *d)
{
  builder b = {.diag = d, .plot = &r->plots[plot]};
  pn_graph *g = pn_graph_new(d->arena);
  pn_gnode *outputs = PN_NEW_ARRAY(d->arena, pn_gnode, n + 1);
  t->at = PN_NEW_ARRAY(d->arena, pn_trace, n + 1);
  t->n = n;
  t->n_points = b.plot->n_points;
  pn_status st = PN_OK;
  for (int k = 0; k < n; k++) {
    pn_status one = compile(&b, g, texts[k], &t->at[k], &outputs[k]);
    st = st ? st : one;
  }
  if (st)
    return st;
  const pn_tape *tape = pn_tape_build(d->arena, g, outputs, n, (int)b.inputs.n, 0);
  return evaluate(t, r, plot, &b, tape);
}

static pn_status make_room(pn_traces *t, long n_points, double complex **values)
{
  *values = malloc(((size_t)t->n * (size_t)n_points + 1) * sizeof **values);
  return *values ? PN_OK : PN_E_MEMORY;
}

/* The traces now stand in `values`, n_points each. */
static void move_to(pn_traces *t, double complex *values, long n_points)
{
  free(t->values);
  t->values = values;
  t->n_points = n_points;
  for (int k = 0; k < t->n; k++)
    t->at[k].z = values + (size_t)k * (size_t)n_points;
}

pn_status pn_traces_break(pn_traces *t, int k)
{
  const double complex *scale = t->at[k].z;
  long breaks = 0, n = t->n_points;
  for (long i = 2; i < n; i++)
    breaks += scale[i] == scale[0];
  double complex *values;
  pn_status st = breaks ? make_room(t, n + breaks, &values) : PN_OK;
  if (st || !breaks)
    return st;
  for (int j = 0; j < t->n; j++) {
    double complex *to = values + (size_t)j * (size_t)(n + breaks);
    for (long i = 0; i < n; i++) {
      if (i > 1 && scale[i] == scale[0])
        *to++ = NAN;
      *to++ = t->at[j].z[i];
    }
  }
  move_to(t, values, n + breaks);
  return PN_OK;
}

void pn_traces_free(pn_traces *t)
{
  for (int k = 0; t->columns && k < t->n_columns; k++)
    free(t->columns[k]);
  free(t->columns);
  free(t->values);
  *t = (pn_traces){0};
}
