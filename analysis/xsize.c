/* The largest crossbar that still reads: square arrays of one kind of cell and wire are built,
 * solved at their corners and thrown away, in a doubling and a bisection. */
#include "analysis/xread.h"
#include "devices/classes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What stands in a cell, from the word line to the bit line: its memory alone, or two devices in series. */
typedef struct cell_parts {
  int n, memory;          /* devices; which of them is the memory */
  pn_device_spec part[2]; /* prototypes */
  bool turned[2];         /* second terminal first */
} cell_parts;

typedef struct builder {
  pn_arena *a;
  pn_circuit *c;
  pn_device_spec wire[2], source; /* prototypes; wire: word and bit lines */
  cell_parts cell;
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

static void add_cell(builder *b, int i, int j, int word, int bit, int *memory)
{
  static const char *const kinds[] = {"n", "s"};
  const cell_parts *c = &b->cell;
  int inner = c->n == 2 ? node(b, "m", i, j) : bit;
  for (int k = 0; k < c->n; k++) {
    int from = k ? inner : word, to = k ? bit : inner;
    add(b, c->part[k], kinds[k], i, j, c->turned[k] ? to : from, c->turned[k] ? from : to,
        k == c->memory ? memory : NULL);
  }
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
    add_cell(b, k / n, k % n, at_word[k], at_bit[k], &memory[k]);
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

/* A device of the circuit, to be had in any number. */
static pn_device_spec copy_of(pn_arena *a, const pn_run *r, int device)
{
  pn_device_info info = pn_circuit_device_info(r->circuit, device);
  double *p = PN_NEW_ARRAY(a, double, info.cls->n_params + 1);
  for (int k = 0; k < info.cls->n_params; k++)
    p[k] = pn_sim_get_param(r->sim, device, k);
  return (pn_device_spec){.cls = info.cls, .params = p, .hold = -1, .model = info.model};
}

static bool joins(const pn_device_info *d, int a, int b)
{
  return (d->unknowns[0] == a && d->unknowns[1] == b) ||
         (d->unknowns[0] == b && d->unknowns[1] == a);
}

/* The only device but `other` with a terminal on node `inner`, when its two join this with node `end`; else -1. */
static int partner(const pn_circuit *c, int other, int inner, int end)
{
  int found = -1;
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    pn_device_info info = pn_circuit_device_info(c, k);
    bool touches = false;
    for (int l = 0; l < info.cls->n_locals && info.cls->locals[l].kind <= PN_L_REF; l++)
      touches |= info.unknowns[l] == inner;
    if (k == other || !touches)
      continue;
    if (found >= 0 || !joins(&info, inner, end))
      return -1;
    found = k;
  }
  return found;
}

/* The first cell of the array that works; false when it is more than two devices in series. */
static bool read_cell(pn_arena *a, const pn_run *r, const pn_array *array, cell_parts *c)
{
  int k = 0, most = array->rows * array->cols;
  while (k < most - 1 && (array->memory[k] < 0 || (array->stuck && array->stuck[k])))
    k++;
  if (array->memory[k] < 0)
    return false;
  int device[2] = {array->memory[k], -1}, word = array->at_word[k], bit = array->at_bit[k];
  pn_device_info memory = pn_circuit_device_info(r->circuit, device[0]);
  const int *at = memory.unknowns;
  *c = (cell_parts){.n = 1};
  if (!joins(&memory, word, bit)) {
    bool first = at[0] == word || at[1] == word; /* on the word line's side */
    int end = first ? word : bit, inner = at[0] == end ? at[1] : at[0];
    device[1] = joins(&memory, end, inner)
                    ? partner(r->circuit, device[0], inner, first ? bit : word)
                    : -1;
    if (device[1] < 0)
      return false;
    c->n = 2;
    c->memory = first ? 0 : 1;
  }
  for (int m = 0; m < c->n; m++) {
    int d = device[m == c->memory ? 0 : 1];
    const int *ends = pn_circuit_device_info(r->circuit, d).unknowns;
    c->part[m] = copy_of(a, r, d);
    c->turned[m] = m == 0 ? ends[1] == word : ends[0] == bit;
  }
  return true;
}

/* Resistance of a resistor between two nodes of the circuit, NAN when there is none. */
static double segment(const pn_run *r, int a, int b)
{
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    pn_device_info info = pn_circuit_device_info(r->circuit, k);
    if (info.cls != &pn_class_resistor)
      continue;
    if (joins(&info, a, b))
      return pn_sim_get_param(r->sim, k, 0);
  }
  return NAN;
}

/* Ohm of the segment between the port of a line and its first crosspoint, unless it is given. */
static double wire_of(const pn_run *r, double given, int port, int at)
{
  return !isnan(given) ? given : port == at ? 0 : segment(r, port, at);
}

/* Margin at the corners of an array that stands. */
static pn_status corners(pn_study *s, const xread_args *p, double *margin)
{
  double lrs, hrs;
  int last = s->a->rows - 1;
  const char *why = xread_levels(s, p, &lrs, &hrs);
  if (why)
    return pn_error_hint(s->r->diag, p->loc, "lrs=1 hrs=0: states, or ohms of resistors", "%s",
                         why);
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

/* The margin of the array that the builder is for. */
static pn_status measure(builder *b, const pn_run *r, const xread_args *p, double *margin)
{
  build(b);
  pn_status st = pn_circuit_finish(b->c, false);
  if (st)
    return st;
  pn_arg name = {.text = b->array.name};
  pn_args args = {.at = &name, .n = 1};
  const pn_lines *l = pn_lines_find(b->a, r->diag, b->c, &args);
  return l ? solve(r, b->c, l, p, margin) : PN_E_INTERNAL;
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
    b.source = prototype(&arena, &pn_class_vsource_r, 0);
    pn_wave *dc = PN_NEW(&arena, pn_wave);
    dc->dc_given = true;
    b.source.wave = dc;
    if (read_cell(&arena, r, p->l->a, &b.cell))
      st = measure(&b, r, p, margin);
    else
      st = pn_error(r->diag, p->loc,
                    ".xread: the search builds cells of one memory, alone or in series with "
                    "another device");
  }
  pn_arena_free(&arena);
  return st;
}

static pn_status wires(const pn_run *r, const xread_args *p, double ohm[2])
{
  const pn_array *a = p->l->a;
  if (a->n_gates || a->per_cell != 1)
    return pn_error(r->diag, p->loc, ".xread: the search builds passive arrays only");
  if (p->patterns == XREAD_STORED)
    return pn_error(r->diag, p->loc,
                    ".xread: no data are stored in the arrays that a search builds");
  ohm[0] = wire_of(r, p->rw, a->word[0], a->at_word[0]);
  ohm[1] = wire_of(r, p->rb, a->bit[0], a->at_bit[(a->rows - 1) * a->cols]);
  if (isnan(ohm[0]) || isnan(ohm[1]))
    return pn_error(r->diag, p->loc, ".xread: the search needs rw= and rb=, ohms of a segment");
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
