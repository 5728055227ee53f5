/* The largest crossbar that still reads: square arrays of one kind of cell and wire are built,
 * solved at their corners and thrown away, in a doubling and a bisection. */
#include "analysis/xread.h"
#include "devices/classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct builder {
  pn_arena *a;
  pn_circuit *c;
  pn_device_spec wire[2], cell, source; /* prototypes; wire: word and bit lines */
  double ohm[2];
  int n;
  pn_array array;
} builder;

static int node(builder *b, const char *kind, int i, int j)
{
  const char *name = pn_arena_printf(b->a, "%s%d_%d", kind, i, j);
  return pn_circuit_node(b->c, pn_str_of(name), PN_NOWHERE);
}

static void add(builder *b, pn_device_spec spec, const char *kind, int i, int j, int p, int n,
                int *device)
{
  int ids[] = {p, n}, ignored;
  spec.name = pn_str_of(pn_arena_printf(b->a, "%s%d_%d", kind, i, j));
  spec.unknowns = ids;
  pn_circuit_add(b->c, &spec, device ? device : &ignored);
}

/* The crosspoints of a line from its port on: behind one segment each, or the port itself where
 * segments have no resistance. */
static int *line(builder *b, int which, int i, int port)
{
  int *at = PN_NEW_ARRAY(b->a, int, b->n);
  for (int k = 0, before = port; k < b->n; k++, before = at[k - 1]) {
    at[k] = b->ohm[which] > 0 ? node(b, which ? "b" : "w", i, k) : port;
    if (b->ohm[which] > 0)
      add(b, b->wire[which], which ? "rb" : "rw", i, k, before, at[k], NULL);
  }
  return at;
}

/* Word lines are driven at the left; bit lines end at the bottom, below the last row. */
static void build(builder *b)
{
  int n = b->n, *word = PN_NEW_ARRAY(b->a, int, n), *bit = PN_NEW_ARRAY(b->a, int, n);
  int *memory = PN_NEW_ARRAY(b->a, int, (size_t)n *(size_t)n);
  int *at_word = PN_NEW_ARRAY(b->a, int, (size_t)n *(size_t)n);
  int *at_bit = PN_NEW_ARRAY(b->a, int, (size_t)n *(size_t)n);
  for (int k = 0; k < n; k++) {
    word[k] = node(b, "word", k, 0);
    bit[k] = node(b, "bit", k, 0);
    int *w = line(b, 0, k, word[k]), *l = line(b, 1, k, bit[k]);
    for (int j = 0; j < n; j++) {
      at_word[k * n + j] = w[j];
      at_bit[j * n + k] = l[n - 1 - j];
    }
    add(b, b->source, "vw", k, 0, word[k], PN_GROUND, NULL);
    add(b, b->source, "vb", k, 0, bit[k], PN_GROUND, NULL);
  }
  for (int k = 0; k < n * n; k++)
    add(b, b->cell, "n", k / n, k % n, at_word[k], at_bit[k], &memory[k]);
  b->array = (pn_array){.name = PN_STR("search"),
                        .rows = n,
                        .cols = n,
                        .word = word,
                        .bit = bit,
                        .per_cell = 1,
                        .split = 1,
                        .memory = memory,
                        .at_word = at_word,
                        .at_bit = at_bit};
  pn_circuit_add_array(b->c, &b->array);
}

static pn_device_spec prototype(pn_arena *a, const pn_device_class *cls, double first)
{
  double *p = PN_NEW_ARRAY(a, double, cls->n_params + 1);
  for (int k = 0; k < cls->n_params; k++)
    p[k] = cls->params[k].value;
  p[0] = first;
  return (pn_device_spec){.cls = cls, .params = p, .hold = -1};
}

/* The first cell of the array, to be had in any number. */
static pn_device_spec cell_prototype(pn_arena *a, const pn_run *r, const pn_array *array)
{
  int k = 0, most = array->rows * array->cols;
  while (k < most - 1 && array->memory[k] < 0)
    k++;
  pn_device_info info = pn_circuit_device_info(r->circuit, array->memory[k]);
  double *p = PN_NEW_ARRAY(a, double, info.cls->n_params + 1);
  pn_circuit_device_params(r->circuit, array->memory[k], p);
  return (pn_device_spec){.cls = info.cls, .params = p, .hold = -1, .model = info.model};
}

/* Resistance of a resistor between two nodes of the circuit, NAN when there is none. */
static double segment(const pn_run *r, int a, int b)
{
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    pn_device_info info = pn_circuit_device_info(r->circuit, k);
    if (info.cls != &pn_class_resistor)
      continue;
    if ((info.unknowns[0] == a && info.unknowns[1] == b) ||
        (info.unknowns[0] == b && info.unknowns[1] == a))
      return pn_sim_get_param(r->sim, k, 0);
  }
  return NAN;
}

static double wire_of(const pn_run *r, double given, const int *at, int step, int count)
{
  if (!isnan(given) || count < 2 || at[0] == at[step])
    return isnan(given) ? 0 : given;
  return segment(r, at[0], at[step]);
}

/* Margin at the corners of an array that stands. */
static pn_status corners(pn_study *s, const xread_args *p, double *margin)
{
  double lrs, hrs;
  int last = s->a->rows - 1;
  if (!xread_levels(s, p, &lrs, &hrs))
    return pn_error_hint(s->r->diag, PN_NOWHERE, "lrs=1 hrs=0: states, or ohms of resistors",
                         ".xread: the search needs two levels of the cells that differ");
  *margin = INFINITY;
  for (int k = 0; k < 4; k++) {
    xread_margin m;
    pn_status st = xread_margin_of(s, p, NULL, lrs, hrs, k & 1 ? last : 0, k & 2 ? last : 0, &m);
    if (st)
      return st;
    *margin = fmin(*margin, m.margin);
  }
  return PN_OK;
}

static pn_status solve(const pn_run *outer, pn_circuit *c, const pn_lines *l, const xread_args *p,
                       double *margin)
{
  pn_sim_options so = pn_sim_options_of(outer->sim);
  pn_run r = *outer;
  r.circuit = c;
  r.n_ic = r.n_nodeset = 0;
  pn_study s = {0};
  pn_status st = pn_sim_new(c, &so, outer->diag, &r.sim);
  if (st == PN_OK)
    st = pn_study_open(&s, &r, l);
  if (st == PN_OK)
    st = corners(&s, p, margin);
  pn_study_close(&s);
  pn_sim_free(r.sim);
  return st;
}

/* Builds an n x n array and gives its margin. */
static pn_status try_size(const pn_run *r, const xread_args *p, const double ohm[2], int n,
                          double *margin)
{
  pn_arena arena;
  jmp_buf env;
  pn_arena_init(&arena, 0);
  pn_status st = (pn_status)setjmp(env);
  if (st == PN_OK) {
    arena.recover = &env;
    builder b = {.a = &arena, .c = pn_circuit_new(&arena, r->diag), .n = n};
    for (int k = 0; k < 2; k++) {
      b.ohm[k] = ohm[k];
      b.wire[k] = prototype(&arena, &pn_class_resistor, ohm[k]);
    }
    b.cell = cell_prototype(&arena, r, p->l->a);
    b.source = prototype(&arena, &pn_class_vsource_r, 0);
    pn_wave *dc = PN_NEW(&arena, pn_wave);
    dc->dc_given = true;
    b.source.wave = dc;
    build(&b);
    st = pn_circuit_finish(b.c, false);
    pn_arg name = {.text = b.array.name};
    pn_args args = {.at = &name, .n = 1};
    const pn_lines *l = st ? NULL : pn_lines_find(&arena, r->diag, b.c, &args);
    if (st == PN_OK)
      st = l ? solve(r, b.c, l, p, margin) : PN_E_INTERNAL;
  }
  pn_arena_free(&arena);
  return st;
}

static pn_status wires(const pn_run *r, const xread_args *p, double ohm[2])
{
  const pn_array *a = p->l->a;
  if (a->n_gates || a->per_cell != 1)
    return pn_error(r->diag, a->loc, ".xread: the search builds passive arrays only");
  ohm[0] = wire_of(r, p->rw, a->at_word, 1, a->cols);
  ohm[1] = wire_of(r, p->rb, a->at_bit, a->cols, a->rows);
  if (isnan(ohm[0]) || isnan(ohm[1]))
    return pn_error(r->diag, a->loc, ".xread: the search needs rw= and rb=, ohms of a segment");
  return PN_OK;
}

/* The largest array that is good enough and the smallest that is not, of those tried; 0: none yet. */
typedef struct bracket {
  int good, bad;
  double margin, last; /* of the good one, of the last tried */
} bracket;

static pn_status narrow(const pn_run *r, const xread_args *p, const double ohm[2], int size,
                        bracket *b)
{
  pn_status st = try_size(r, p, ohm, size, &b->last);
  if (st)
    return st;
  if (b->last >= p->limit) {
    b->good = size;
    b->margin = b->last;
  } else {
    b->bad = size;
  }
  return PN_OK;
}

pn_status xread_largest(const pn_run *r, const xread_args *p, int *n, double *margin)
{
  double ohm[2];
  bracket b = {.margin = INFINITY, .last = INFINITY};
  pn_status st = wires(r, p, ohm);
  for (int size = 2; st == PN_OK && !b.bad && b.good < p->most; size *= 2) {
    size = size > p->most ? p->most : size;
    st = narrow(r, p, ohm, size, &b);
  }
  while (st == PN_OK && b.bad - b.good > 1 && b.good > 0)
    st = narrow(r, p, ohm, b.good + (b.bad - b.good) / 2, &b);
  *n = b.good;
  *margin = b.good ? b.margin : b.last;
  return st;
}
