/* Cells of subcircuits: every crosspoint becomes a line "x3_7 nodes NAME key=value ...", and the
 * memristors found inside are noted for studies. */
#include "parser/elab_array.h"

#include <string.h>

static void push_word(pn_card *c, const char *text, pn_token like)
{
  like.kind = text[0] == '=' ? PN_T_EQUALS : PN_T_WORD;
  like.text = pn_str_of(text);
  c->tokens[c->n++] = like;
}

/* The line "x3_7 nodes... NAME key=value ..." of one cell. */
static const pn_card *cell_card(pn_crosspoints *x, int i, int j)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  int room = 2 + a->n_lines + 3 * x->n_values + a->c->n;
  pn_card *card = PN_NEW(e->arena, pn_card);
  pn_token like = a->c->tokens[a->cell_token];
  *card = *a->c;
  card->n = 0;
  card->tokens = PN_NEW_ARRAY(e->arena, pn_token, room);
  pn_str own = a->c->tokens[1].text;
  push_word(card, pn_arena_printf(e->arena, "%.*s.x%d_%d", PN_FMT(own), i, j), like);
  for (int k = 0; k < a->n_lines; k++)
    push_word(card,
              pn_arena_printf(e->arena, "%.*s.%s[%d][%d]", PN_FMT(own), a->lines[k].part, i, j),
              like);
  card->tokens[card->n++] = like;
  for (int k = 0; k < x->n_values; k++) {
    const pn_cell_value *v = &x->value[k];
    double value = v->at ? v->at[i * a->cols + j] : v->one.value;
    push_word(card, pn_arena_printf(e->arena, "%.*s", PN_FMT(v->key)), like);
    push_word(card, "=", like);
    if (v->one.mask) { /* an expression of parameters: as it is written, so that sweeps reach it */
      for (int t = v->token + 2; t < v->end; t++)
        card->tokens[card->n++] = a->c->tokens[t];
      continue;
    }
    push_word(card, pn_arena_printf(e->arena, "%.17g", value), like);
  }
  return card;
}

/* Memory devices among the records from `first` on, into the list of cell k. */
static void note_memory(pn_crosspoints *x, long k, int first)
{
  const pn_circuit *c = x->a->s->e->circuit;
  int found = 0, per = x->list->per_cell;
  for (int d = first; d < pn_circuit_n_records(c); d++) {
    if (!(pn_circuit_device_info(c, d).cls->flags & PN_DEV_MEMRISTOR))
      continue;
    if (x->memory && found < per)
      x->memory[k * per + found] = d;
    found++;
  }
  if (x->memory)
    return;
  x->list->per_cell = per = found ? found : 1;
  x->memory = PN_NEW_ARRAY(x->a->s->e->arena, int, (size_t)pn_crosspoints_n(x) * (size_t)per);
  memset(x->memory, -1, (size_t)pn_crosspoints_n(x) * (size_t)per * sizeof(int));
  note_memory(x, k, first);
}

/* A cell is missing when all numbers of the mask say so. */
static bool is_missing(const pn_crosspoints *x, long k)
{
  bool all = x->mask != NULL;
  for (int m = 0; all && m < x->parts; m++)
    all = x->mask[k * x->parts + m] == PN_CELL_MISSING;
  return all;
}

/* Stuck memories stand where they start. */
static bool stick(pn_crosspoints *x, long k)
{
  pn_elab *e = x->a->s->e;
  int per = x->list->per_cell;
  if (x->mask && x->parts != 1 && x->parts != per)
    return pn_error(e->diag, x->a->loc,
                    "the mask has %d numbers for each cell, which holds %d memories", x->parts,
                    per),
           false;
  for (int m = 0; x->mask && m < per; m++) {
    signed char code = x->mask[k * x->parts + (x->parts == 1 ? 0 : m)];
    if (code == PN_CELL_MISSING)
      return pn_error(e->diag, x->a->loc,
                      "a cell of a subcircuit is missing as a whole: 0 for all its memories"),
             false;
    int device = x->memory[k * per + m];
    if (code == PN_CELL_STUCK && device >= 0)
      pn_circuit_stick(e->circuit, device);
  }
  return true;
}

bool pn_array_subckt_cells(pn_crosspoints *x)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  x->memory = NULL;
  for (long k = 0; k < pn_crosspoints_n(x) && !e->stopped; k++) {
    if (is_missing(x, k))
      continue;
    int first = pn_circuit_n_records(e->circuit), errors = e->diag->n_errors;
    int unknown = pn_circuit_next_id(e->circuit);
    pn_instance_subckt(a->s, cell_card(x, (int)(k / a->cols), (int)(k % a->cols)));
    if (e->diag->n_errors > errors)
      return false; /* the same for all */
    pn_circuit_add_cell(e->circuit, unknown);
    note_memory(x, k, first);
    if (!stick(x, k))
      return false;
  }
  int bit = 1;
  while (a->lines[bit].kind != 'c')
    bit++;
  if (a->lines[0].first >= 0 && a->lines[bit].first >= 0)
    pn_circuit_add_lattice(e->circuit, a->rows, a->cols, a->lines[0].first, a->lines[bit].first, -1,
                           true);
  return true;
}
