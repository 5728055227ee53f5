/* .if, .elseif, .else, .endif: which cards of a body count. Conditions are expressions of
 * parameters; in a subcircuit each instance decides for itself. Blocks may be nested, and end in
 * the file and the body in which they begin. */
#include "parser/elab.h"

#include <string.h>

enum { MOST_NESTED = 64 };

typedef enum word { W_NONE, W_IF, W_ELSEIF, W_ELSE, W_ENDIF } word;

static word word_of(const pn_item *item)
{
  static const char *const words[] = {".if", ".elseif", ".else", ".endif"};
  if (item->kind != PN_ITEM_CARD || item->card.tokens[0].text.p[0] != '.')
    return W_NONE;
  for (int k = 0; k < 4; k++)
    if (pn_tok_word(&item->card, 0, words[k]))
      return (word)(W_IF + k);
  return W_NONE;
}

int pn_if_depth(const pn_item *item)
{
  word w = word_of(item);
  return w == W_IF ? 1 : w == W_ENDIF ? -1 : 0;
}

bool pn_is_if(const pn_item *item)
{
  return word_of(item) != W_NONE;
}

bool pn_has_if(const pn_tree *t)
{
  for (size_t k = 0; t && k < t->items.n; k++) {
    const pn_item *item = &t->items.at[k];
    if (word_of(item) != W_NONE || (item->kind == PN_ITEM_INCLUDE && pn_has_if(item->body)))
      return true;
  }
  return false;
}

static bool holds(pn_scope *s, const pn_card *c)
{
  double value = 0;
  uint64_t mask = 0;
  int k = 1;
  pn_ast *ast = pn_read_expr(s, c, &k);
  if (ast && !pn_extra_words(s, c, k) && pn_scope_eval(s, ast, &value, &mask) != PN_OK)
    return false;
  if (mask)
    *PN_PUSH(s->e->arena, &s->e->premises) = (pn_premise){.mask = mask,
                                                          .value = value,
                                                          .is_condition = true,
                                                          .ast = ast,
                                                          .scope = s,
                                                          .loc = pn_at(s, c, 1)};
  return value != 0;
}

/* The branch that counts of the block whose .if is item *k: cards from `from` up to `to`; *k moves to
 * its .endif. False after an error, or when no branch counts. */
static bool choose(pn_scope *s, const pn_tree *t, size_t *k, size_t *from, size_t *to)
{
  size_t start = *k;
  int depth = 0;
  bool taken = false, open = false, was_else = false;
  for (; *k < t->items.n; ++*k) {
    const pn_item *item = &t->items.at[*k];
    word w = word_of(item);
    depth += w == W_IF;
    if (depth == 1 && w != W_NONE) {
      if (open)
        *to = *k;
      open = false;
      if (was_else && w != W_ENDIF)
        pn_error(s->e->diag, pn_at(s, &item->card, 0),
                 "the block's .else is the last before .endif");
      was_else |= w == W_ELSE;
      if (!taken && w != W_ENDIF && (w == W_ELSE || holds(s, &item->card))) {
        taken = open = true;
        *from = *k + 1;
      }
    }
    depth -= w == W_ENDIF;
    if (!depth)
      return taken;
  }
  pn_error(s->e->diag, pn_at(s, &t->items.at[start].card, 0), ".if is never closed by .endif");
  return false;
}

static void visit(pn_scope *s, const pn_tree *t, size_t from, size_t to, bool inside, int depth,
                  pn_item_fn *fn)
{
  for (size_t k = from; k < to && !s->e->stopped; k++) {
    const pn_item *item = &t->items.at[k];
    word w = word_of(item);
    if (w == W_IF && depth == MOST_NESTED) {
      pn_error(s->e->diag, pn_at(s, &item->card, 0), ".if blocks are nested deeper than %d",
               MOST_NESTED);
      s->e->stopped = true;
    } else if (w == W_IF) {
      size_t first = 0, last = 0;
      if (choose(s, t, &k, &first, &last))
        visit(s, t, first, last, true, depth + 1, fn);
    } else if (w != W_NONE) {
      pn_error(s->e->diag, pn_at(s, &item->card, 0), "%.*s without its .if",
               PN_FMT(item->card.tokens[0].text));
    } else if (item->kind == PN_ITEM_INCLUDE) {
      visit(s, item->body, 0, item->body->items.n, inside, depth, fn);
    } else {
      fn(s, item, inside);
    }
  }
}

void pn_visit(pn_scope *s, const pn_tree *t, pn_item_fn *fn)
{
  if (t)
    visit(s, t, 0, t->items.n, false, 0, fn);
}
