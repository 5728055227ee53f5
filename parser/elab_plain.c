/* Runs of plain lines become devices as they are read, without a card that stays. What is unusual about a line is
 * left to the reader of its letter, which finds all errors. */
#include "parser/elab.h"

enum { WORDS = 4 }; /* of a line that is usual: NAME NODE NODE VALUE */

/* One line, when nothing about it is unusual: its number fits the first parameter, which is all that is
 * given. False, with nothing done, otherwise. */
static bool add_plain(pn_scope *s, const pn_card *c)
{
  static const int first[] = {0};
  const pn_token *t = c->tokens;
  const pn_device_class *cls = pn_class_of_letter((char)(t[0].text.p[0] | 32));
  double value;
  if (!pn_word_number(t[3].text, &value) || !isfinite(value) ||
      pn_param_check(s->e->arena, &cls->params[0], value))
    return false;
  int ids[2];
  for (int k = 0; k < 2; k++)
    ids[k] = pn_node(s, t[1 + k].text, pn_at(s, c, 1 + k));
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(s, t[0].text, name),
                         .loc = pn_at(s, c, 0),
                         .cls = cls,
                         .unknowns = ids,
                         .n_over = 1,
                         .over_index = first,
                         .over_value = &value,
                         .hold = -1};
  pn_add_device(s, c, &spec, NULL, NULL);
  return true;
}

void pn_instance_lines(pn_scope *s, const pn_item *item)
{
  pn_elab *e = s->e;
  uint32_t file = item->card.file;
  const pn_source *source = &e->diag->sources.at[file - 1];
  pn_token word[WORDS];
  pn_card c = {.tokens = word, .file = file};
  for (size_t at = item->lines->from, next; at < item->lines->to && !e->stopped; at = next) {
    next = pn_plain_line(source, at, word, WORDS, &c.n);
    c.end = word[WORDS - 1].offset + word[WORDS - 1].len;
    if (c.n == WORDS && add_plain(s, &c))
      continue;
    pn_card *whole = PN_NEW(e->arena, pn_card);
    *whole = pn_plain_card(e->diag, file, at);
    pn_instance(s, whole);
  }
}
