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
  x->mask = PN_NEW_ARRAY(x->a->s->e->arena, signed char, pn_crosspoints_n(x));
  for (long k = 0; k < pn_crosspoints_n(x); k++) {
    if (codes[k] != PN_CELL_MISSING && codes[k] != PN_CELL_WORKS && codes[k] != PN_CELL_STUCK) {
      pn_error_hint(x->a->s->e->diag, pn_crosspoints_at(x, token),
                    "1 works, 0 is missing, 2 is stuck at its starting conductance",
                    "cell [%ld][%ld] of the mask is %g", k / x->a->cols, k % x->a->cols, codes[k]);
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
    if (!pn_cells_read(&a->cells, a->c, &k, pn_str_lower(a->s->e->arena, pn_str_of(what)), &v.at,
                       &v.one))
      return false;
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

static void list_array(pn_crosspoints *x)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  pn_array *l = x->list;
  const pn_lines *bits = &a->lines[0];
  while (bits->kind != 'c')
    bits++;
  int *at_word = PN_NEW_ARRAY(e->arena, int, pn_crosspoints_n(x));
  int *at_bit = PN_NEW_ARRAY(e->arena, int, pn_crosspoints_n(x));
  for (long k = 0; k < pn_crosspoints_n(x); k++) {
    at_word[k] = pn_lines_node(a, &a->lines[0], (int)(k / a->cols), (int)(k % a->cols));
    at_bit[k] = pn_lines_node(a, bits, (int)(k / a->cols), (int)(k % a->cols));
  }
  PN_VEC(int) gates = {0};
  for (int k = 1; k < a->n_lines; k++)
    for (int i = 0; &a->lines[k] != bits && i < a->lines[k].n; i++)
      *PN_PUSH(e->arena, &gates) = a->lines[k].port[i];
  l->name = a->name;
  l->loc = a->loc;
  l->rows = a->rows;
  l->cols = a->cols;
  l->word = a->lines[0].port;
  l->word2 = a->lines[0].far;
  l->bit = bits->port;
  l->bit2 = bits->far;
  l->n_gates = (int)gates.n;
  l->gate = gates.at;
  l->memory = x->memory;
  l->at_word = at_word;
  l->at_bit = at_bit;
  pn_circuit_add_array(e->circuit, l);
}

void pn_array_cells(pn_array_line *a)
{
  pn_arena *arena = a->s->e->arena;
  pn_crosspoints *x = PN_NEW(arena, pn_crosspoints);
  x->a = a;
  x->g = -1;
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
