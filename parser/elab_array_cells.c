/* What stands at the crosspoints of an array: the values, targets and masks that the line gives cell by
 * cell, and the list of arrays that studies see. Devices are made in elab_array_bulk.c (of two
 * terminals) and elab_array_subckt.c. */
#include "parser/elab_array.h"

#include <string.h>

long pn_crosspoints_n(const pn_crosspoints *x)
{
  return (long)x->a->rows * x->a->cols;
}

pn_loc pn_crosspoints_at(const pn_crosspoints *x, int token)
{
  return pn_at(x->a->s, x->a->c, token);
}

/* ---- values ---- */

static bool read_mask(pn_crosspoints *x, const double *codes, int token)
{
  long n = pn_crosspoints_n(x) * x->parts, wide = (long)x->a->cols * x->parts;
  x->mask = PN_NEW_ARRAY(x->a->s->e->arena, signed char, n);
  for (long k = 0; k < n; k++) {
    if (codes[k] != PN_CELL_MISSING && codes[k] != PN_CELL_WORKS && codes[k] != PN_CELL_STUCK) {
      pn_error_hint(x->a->s->e->diag, pn_crosspoints_at(x, token),
                    "1 works, 0 is missing, 2 is stuck at its starting conductance",
                    "cell [%ld][%ld] of the mask is %g", k / wide, k % wide, codes[k]);
      return false;
    }
    x->mask[k] = (signed char)codes[k];
  }
  return true;
}

static bool read_values(pn_crosspoints *x)
{
  pn_array_line *a = x->a;
  for (size_t n = 0; n < a->cell_keys.n; n++) {
    int token = a->cell_keys.at[n], k = token + 2;
    pn_cell_value v = {.key = a->c->tokens[token].text, .token = token};
    const char *what = pn_arena_printf(a->s->e->arena, "%.*s.%.*s", PN_FMT(a->name), PN_FMT(v.key));
    a->cells.parts = pn_str_is(v.key, "mask") ? &x->parts : NULL;
    if (!pn_cells_read(&a->cells, a->c, &k, pn_str_lower(a->s->e->arena, pn_str_of(what)), &v.at,
                       &v.one))
      return false;
    v.end = k;
    if (k < a->c->n && !pn_tok_key(a->c, k) && !pn_tok_is(a->c, k, PN_T_COMMA)) {
      pn_extra_words(a->s, a->c, k);
      return false;
    }
    if (pn_str_is(v.key, "mask")) {
      if (!v.at)
        return pn_error(a->s->e->diag, pn_crosspoints_at(x, k - 1),
                        "mask= takes a file: file(\"mask.csv\")"),
               false;
      if (!read_mask(x, v.at, token))
        return false;
      continue;
    }
    if (x->n_values == PN_MOST_CELL_KEYS)
      return pn_error(a->s->e->diag, pn_crosspoints_at(x, token), "too many keys"), false;
    if (pn_str_is(v.key, "g"))
      x->g = x->n_values;
    x->value[x->n_values++] = v;
  }
  return true;
}

/* ---- the list of arrays ---- */

/* The bit line that belongs to memory m of the cells: cells with several memories and as many buses
 * along their columns have one each, others one for all. */
static const pn_lines *bit_bus(const pn_array_line *a, int m)
{
  int k = 0;
  for (;; k++)
    if (a->lines[k].kind == 'c' && m-- == 0)
      return &a->lines[k];
}

static int n_buses(const pn_array_line *a, bool by_row, int from)
{
  int n = 0;
  for (int k = from; k < a->n_lines; k++)
    n += pn_lines_by_row(&a->lines[k]) == by_row;
  return n;
}

/* All buses but the word lines and the bit lines open cells; where there are as many along the rows (or
 * the columns) as a cell has memories, each opens its own. */
static void list_gates(const pn_crosspoints *x, pn_array *l)
{
  const pn_array_line *a = x->a;
  pn_arena *arena = a->s->e->arena;
  PN_VEC(int) nodes = {0};
  PN_VEC(pn_array_gate) opens = {0};
  int seen[2] = {0}, bits = 0;
  int n[2] = {n_buses(a, false, 0) - l->split, n_buses(a, true, 1)};
  for (int k = 1; k < a->n_lines; k++) {
    bool by_row = pn_lines_by_row(&a->lines[k]);
    if (a->lines[k].kind == 'c' && bits++ < l->split)
      continue;
    int which = l->split > 1 && n[by_row] == l->split ? seen[by_row] : -1;
    seen[by_row]++;
    for (int i = 0; i < a->lines[k].n; i++) {
      *PN_PUSH(arena, &nodes) = a->lines[k].port[i];
      *PN_PUSH(arena, &opens) = (pn_array_gate){by_row ? i : -1, by_row ? -1 : i, which};
    }
  }
  l->n_gates = (int)nodes.n;
  l->gate = nodes.at;
  l->opens = opens.at;
}

/* Which memories a mask has stuck; NULL: none. */
static const bool *list_stuck(const pn_crosspoints *x, int per)
{
  long n = pn_crosspoints_n(x) * per;
  bool *stuck = x->mask ? PN_NEW_ARRAY(x->a->s->e->arena, bool, n) : NULL;
  for (long k = 0; stuck && k < n; k++)
    stuck[k] = x->mask[x->parts == per ? k : k / per] == PN_CELL_STUCK;
  return stuck;
}

/* Studies see a cell of two memories with a bit line each (2T2R) as two neighbouring columns. */
static void list_array(pn_crosspoints *x)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  pn_array *l = x->list;
  int n_bits = 0;
  for (int k = 0; k < a->n_lines; k++)
    n_bits += a->lines[k].kind == 'c';
  int split = l->split = n_bits >= l->per_cell ? l->per_cell : 1;
  l->name = a->name;
  l->loc = a->loc;
  l->rows = a->rows;
  l->cols = a->cols * split;
  l->stuck = list_stuck(x, l->per_cell);
  l->per_cell /= split;
  l->memory = x->memory;
  l->word = a->lines[0].port;
  l->word2 = a->lines[0].far;
  size_t n = (size_t)l->rows * (size_t)l->cols, cols = (size_t)l->cols;
  int *at_word = PN_NEW_ARRAY(e->arena, int, n), *at_bit = PN_NEW_ARRAY(e->arena, int, n);
  int *bit = PN_NEW_ARRAY(e->arena, int, cols), *bit2 = PN_NEW_ARRAY(e->arena, int, cols);
  for (int j = 0; j < l->cols; j++) {
    const pn_lines *bus = bit_bus(a, j % split);
    bit[j] = bus->port[j / split];
    bit2[j] = bus->far ? bus->far[j / split] : bit[j];
  }
  for (int m = 0; m < split; m++) {
    const pn_lines *bus = bit_bus(a, m);
    for (int i = 0; i < l->rows; i++)
      for (int j = 0, at = i * l->cols + m; j < a->cols; j++, at += split) {
        at_word[at] = pn_lines_node(a, &a->lines[0], i, j);
        at_bit[at] = pn_lines_node(a, bus, i, j);
      }
  }
  l->bit = bit;
  l->bit2 = bit_bus(a, 0)->far ? bit2 : NULL;
  l->at_word = at_word;
  l->at_bit = at_bit;
  list_gates(x, l);
  pn_circuit_add_array(e->circuit, l);
}

void pn_array_cells(pn_array_line *a)
{
  pn_arena *arena = a->s->e->arena;
  pn_crosspoints *x = PN_NEW(arena, pn_crosspoints);
  x->a = a;
  x->g = -1;
  x->parts = 1;
  x->list = PN_NEW(arena, pn_array);
  x->list->per_cell = 1;
  if (!read_values(x))
    return;
  pn_str word = a->c->tokens[a->cell_token].text;
  if (pn_subckt_exists(a->s, word)) {
    if (pn_array_subckt_cells(x))
      list_array(x);
    return;
  }
  x->memory = PN_NEW_ARRAY(arena, int, pn_crosspoints_n(x));
  memset(x->memory, -1, (size_t)pn_crosspoints_n(x) * sizeof(int));
  if (pn_array_bulk_cells(x))
    list_array(x);
}
