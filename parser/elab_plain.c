/* Runs of plain lines become devices as they are read, without a card that stays. What is unusual about a line is
 * left to the reader of its letter, which finds all errors. */
#include "parser/elab.h"

/* Words of a line that is usual, NAME NODE NODE VALUE; lines that are taken apart at once. */
enum { WORDS = 4, AHEAD = 8 };

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

typedef struct line {
  size_t at; /* byte of the source */
  pn_token word[WORDS];
  int n; /* words, of which the first are here */
} line;

/* Memory fetches the places of names while the lines before are added. */
static void expect(const pn_scope *s, const line *l)
{
  const pn_circuit *c = s->e->circuit;
  if (s->outer || l->n != WORDS)
    return; /* in subcircuits the names are others */
  pn_circuit_expect_device(c, l->word[0].text);
  pn_circuit_expect_node(c, l->word[1].text);
  pn_circuit_expect_node(c, l->word[2].text);
}

static void add_line(pn_scope *s, uint32_t file, line *l)
{
  const pn_token *last = &l->word[WORDS - 1];
  const pn_card c = {.tokens = l->word, .n = l->n, .file = file, .end = last->offset + last->len};
  if (l->n == WORDS && add_plain(s, &c))
    return;
  pn_card *whole = PN_NEW(s->e->arena, pn_card);
  *whole = pn_plain_card(s->e->diag, file, l->at);
  pn_instance(s, whole);
}

void pn_instance_lines(pn_scope *s, const pn_item *item)
{
  uint32_t file = item->card.file;
  const pn_source *source = &s->e->diag->sources.at[file - 1];
  line some[AHEAD];
  for (size_t at = item->lines->from; at < item->lines->to;) {
    int n = 0;
    for (; n < AHEAD && at < item->lines->to; n++) {
      some[n].at = at;
      at = pn_plain_line(source, at, some[n].word, WORDS, &some[n].n);
      expect(s, &some[n]);
    }
    for (int k = 0; k < n && !s->e->stopped; k++)
      add_line(s, file, &some[k]);
  }
}
