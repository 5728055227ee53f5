/* From lines to blocks: what a control section says is checked whole before any of it runs, so that a misspelt
 * command behind an hour of analyses is found at once. */
#include "control/interp.h"

#include <ctype.h>
#include <string.h>

enum { MOST_NESTED = 64 };

typedef struct reader {
  pn_arena *arena;
  pn_diag *diag;
  const pn_control_line *lines;
  size_t n, at;
  int depth, loops;
} reader;

static pn_loc word_loc(const pn_control_line *l, size_t len)
{
  pn_loc loc = l->loc;
  loc.len = (uint32_t)len;
  return loc;
}

static pn_str first_word(pn_str text)
{
  size_t n = 0;
  while (n < text.n && !isspace((unsigned char)text.p[n]))
    n++;
  return (pn_str){text.p, n};
}

static void read_block(reader *r, pn_steps *out, const pn_control_line *opener);

static bool block_kind(pn_str word, pn_step_kind *kind)
{
  static const struct {
    const char *word;
    pn_step_kind kind;
  } words[] = {{"if", PN_STEP_IF},
               {"while", PN_STEP_WHILE},
               {"dowhile", PN_STEP_DOWHILE},
               {"repeat", PN_STEP_REPEAT},
               {"foreach", PN_STEP_FOREACH},
               {"break", PN_STEP_BREAK},
               {"continue", PN_STEP_CONTINUE}};
  for (size_t k = 0; k < sizeof words / sizeof *words; k++)
    if (pn_str_is(word, words[k].word)) {
      *kind = words[k].kind;
      return true;
    }
  return false;
}

static void check_command(reader *r, pn_step *s, const pn_control_line *l)
{
  s->command = pn_command_find(s->word);
  if (s->word.p[0] == '!' || memchr(l->text.p, '`', l->text.n))
    pn_error(r->diag, word_loc(l, s->word.n),
             "this is never run: it would run a program, which a netlist may not do");
  else if (!s->command)
    pn_error(r->diag, word_loc(l, s->word.n), "unknown command '%.*s'%s", PN_FMT(s->word),
             pn_did_you_mean(r->arena, pn_command_near(s->word)));
  else if (!s->command->run)
    pn_error(r->diag, word_loc(l, s->word.n), "'%.*s' is never run: %s", PN_FMT(s->word),
             s->command->refusal);
}

static void read_step(reader *r, const pn_control_line *l, pn_step *s)
{
  bool block = block_kind(s->word, &s->kind);
  if (!block) {
    check_command(r, s, l);
    return;
  }
  if (s->kind == PN_STEP_BREAK || s->kind == PN_STEP_CONTINUE) {
    if (!r->loops)
      pn_error(r->diag, word_loc(l, s->word.n), "'%.*s' stands in no loop", PN_FMT(s->word));
    return;
  }
  if (!s->rest.n)
    pn_error(r->diag, word_loc(l, s->word.n), "'%.*s' needs %s", PN_FMT(s->word),
             s->kind == PN_STEP_FOREACH  ? "a variable and its values"
             : s->kind == PN_STEP_REPEAT ? "the number of times"
                                         : "a condition");
  if (r->depth == MOST_NESTED) {
    pn_error(r->diag, word_loc(l, s->word.n), "blocks are nested deeper than %d", MOST_NESTED);
    return;
  }
  bool loop = s->kind != PN_STEP_IF;
  r->depth++;
  r->loops += loop;
  read_block(r, &s->body, l);
  if (s->kind == PN_STEP_IF && r->at < r->n &&
      pn_str_is(first_word(r->lines[r->at].text), "else")) {
    r->at++;
    read_block(r, &s->else_body, l);
  }
  if (r->at < r->n)
    r->at++; /* end */
  r->loops -= loop;
  r->depth--;
}

/* Steps up to `end` or `else`, where r->at stays. opener: NULL at the outside. */
static void read_block(reader *r, pn_steps *out, const pn_control_line *opener)
{
  for (; r->at < r->n;) {
    const pn_control_line *l = &r->lines[r->at];
    pn_str word = first_word(l->text);
    bool end = pn_str_is(word, "end"), other = pn_str_is(word, "else");
    if ((end || other) && opener)
      return;
    r->at++;
    if (!word.n)
      continue;
    if (end || other) {
      pn_error(r->diag, word_loc(l, word.n), "'%.*s' closes no block", PN_FMT(word));
      continue;
    }
    pn_step s = {.word = word, .loc = l->loc, .rest_at = word.n};
    while (s.rest_at < l->text.n && isspace((unsigned char)l->text.p[s.rest_at]))
      s.rest_at++;
    s.rest = (pn_str){l->text.p + s.rest_at, l->text.n - s.rest_at};
    read_step(r, l, &s);
    *PN_PUSH(r->arena, out) = s;
  }
  if (opener)
    pn_error(r->diag, word_loc(opener, first_word(opener->text).n),
             "this block is never closed by 'end'");
}

pn_program *pn_program_read(pn_arena *a, pn_diag *d, const pn_control_line *lines, size_t n)
{
  reader r = {.arena = a, .diag = d, .lines = lines, .n = n};
  pn_program *p = PN_NEW(a, pn_program);
  int before = d->n_errors;
  read_block(&r, &p->steps, NULL);
  return d->n_errors == before ? p : NULL;
}
