/* From flex's words to cards: tokens, brackets and quotes of one card at a time, and the kind of
 * each card. What blocks mean is in tree.c. */
#include "parser/reader.h"

#include "parser/cards.tab.h"
#define YY_NO_UNISTD_H
#include "parser/cards.lex.h"

#include <setjmp.h>
#include <string.h>

int pn_cards_lex(pn_block *value, pn_card_reader *rd);
void pn_cards_error(pn_card_reader *rd, const char *message);

bool pn_cards_keeps(const pn_card_reader *rd)
{
  return rd->section.n ? rd->wanted : rd->open_libs == 0;
}

_Noreturn void pn_cards_fatal(pn_card_reader *rd)
{
  longjmp(*rd->arena->recover, PN_E_INTERNAL);
}

/* The first error of a card; what follows in it is likely a consequence. */
void pn_card_error(pn_card_reader *rd, uint32_t from, uint32_t len, const char *text)
{
  if (!rd->bad && pn_cards_keeps(rd))
    pn_error(rd->all->d, (pn_loc){.file = rd->file, .offset = from, .len = len}, "%s", text);
  rd->bad = true;
}

/* ---- Tokens. */

static void push(pn_card_reader *rd, pn_token_kind kind, uint32_t from, uint32_t to, int quotes)
{
  if (rd->all->tokens.n >= PN_CARD_TOKENS) {
    pn_card_error(rd, from, to - from, "this card has too many words (more than 4194304)");
    return;
  }
  *PN_PUSH(rd->arena, &rd->all->tokens) = (pn_token){
      .kind = kind,
      .space_before = rd->space,
      .len = to - from,
      .offset = from,
      .text = {rd->text + from + quotes, to - from - 2 * (uint32_t)quotes}};
  rd->space = false;
}

static bool blank(char c)
{
  static const bool is[256] = {
      [' '] = true, ['\t'] = true, ['\n'] = true, ['\v'] = true, ['\f'] = true, ['\r'] = true};
  return is[(unsigned char)c];
}

static void push_word(pn_card_reader *rd, uint32_t from, uint32_t to)
{
  if (to - from > PN_WORD_BYTES)
    pn_card_error(rd, from, 1, "this word is longer than 65536 bytes");
  push(rd, PN_T_WORD, from, to, 0);
}

void pn_card_word(pn_card_reader *rd, pn_token_kind kind)
{
  if (kind == PN_T_WORD)
    push_word(rd, rd->at, rd->next);
  else
    push(rd, kind, rd->at, rd->next, kind == PN_T_STRING);
}

/* Words between white space: plain ones, or a line of a control section, which is another
 * language. */
void pn_card_words(pn_card_reader *rd)
{
  const char *t = rd->text;
  for (uint32_t k = rd->at, end = rd->next; k < end;) {
    uint32_t from = k;
    while (k < end && !blank(t[k]))
      k++;
    if (k > from)
      push_word(rd, from, k);
    for (; k < end && blank(t[k]); k++)
      rd->space = true;
  }
}

void pn_card_paren(pn_card_reader *rd, bool open)
{
  push(rd, open ? PN_T_LPAREN : PN_T_RPAREN, rd->at, rd->next, 0);
  if (open) {
    if (rd->parens < PN_CARD_PARENS)
      rd->paren_at[rd->parens] = rd->at;
    rd->parens++;
  } else if (rd->parens == 0) {
    pn_card_error(rd, rd->at, 1, "')' without its '('");
  } else {
    rd->parens--;
  }
}

void pn_card_begin_quote(pn_card_reader *rd, char opening)
{
  rd->quote = opening;
  rd->quote_at = rd->at;
  rd->quote_depth = 1;
}

bool pn_card_end_brace(pn_card_reader *rd)
{
  if (--rd->quote_depth > 0)
    return false;
  pn_card_end_quote(rd, PN_T_EXPR);
  return true;
}

void pn_card_end_quote(pn_card_reader *rd, pn_token_kind kind)
{
  push(rd, kind, rd->quote_at, rd->next, 1);
}

void pn_card_unclosed(pn_card_reader *rd)
{
  pn_card_error(rd, rd->quote_at, 1,
                rd->quote == '{' ? "'{' is never closed" : "\"'\" is never closed");
}

/* ".title" and the rest of its line as one word. */
void pn_card_title(pn_card_reader *rd)
{
  uint32_t k = rd->at, end = rd->next;
  while (blank(rd->text[k]))
    k++;
  push(rd, PN_T_WORD, k, k + 6, 0);
  rd->space = true;
  for (k += 6; k < end && blank(rd->text[k]);)
    k++;
  while (end > k && blank(rd->text[end - 1]))
    end--;
  if (end > k)
    push(rd, PN_T_STRING, k, end, 0);
}

/* ---- Cards. */

/* `.lib FILE SECTION`, LTspice's `.lib FILE` (a file's name has an ending), `.lib SECTION`. */
static int classify_lib(const pn_card *c)
{
  bool file = c->n == 2 && (c->tokens[1].kind == PN_T_STRING ||
                            memchr(c->tokens[1].text.p, '.', c->tokens[1].text.n));
  return c->n > 2 || file ? PN_C_INCLUDE : PN_C_LIB;
}

int pn_cards_classify(pn_card_reader *rd, const pn_card *c)
{
  pn_str s = c->tokens[0].text;
  if (rd->script)
    return PN_C_LINE;
  if (rd->raw)
    return pn_str_is(s, ".endc") ? PN_C_ENDC : PN_C_LINE;
  if (s.p[0] != '.')
    return PN_C_CARD;
  if (pn_str_is(s, ".subckt"))
    return PN_C_SUBCKT;
  if (pn_str_is(s, ".ends"))
    return rd->open_subckts ? PN_C_ENDS : PN_C_STRAY;
  if (pn_str_is(s, ".include") || pn_str_is(s, ".inc"))
    return PN_C_INCLUDE;
  if (pn_str_is(s, ".lib"))
    return classify_lib(c);
  if (pn_str_is(s, ".endl"))
    return rd->open_libs ? PN_C_ENDL : PN_C_STRAY;
  if (pn_str_is(s, ".control"))
    return PN_C_CONTROL;
  if (pn_str_is(s, ".endc"))
    return PN_C_STRAY;
  return pn_str_is(s, ".end") ? PN_C_YYEOF : PN_C_CARD;
}

/* Errors that only the end of a card shows. */
static void check_card(pn_card_reader *rd)
{
  const pn_token *t = rd->all->tokens.at;
  if (rd->parens > 0 && !rd->bad) {
    int k = rd->parens <= PN_CARD_PARENS ? rd->parens - 1 : PN_CARD_PARENS - 1;
    pn_card_error(rd, rd->paren_at[k], 1, "'(' is never closed");
  }
  if (rd->all->tokens.n && t->kind != PN_T_WORD && !rd->bad)
    pn_card_error(rd, t->offset, t->len, "a card must begin with a name");
}

static pn_card finish_card(pn_card_reader *rd)
{
  size_t n = rd->all->tokens.n;
  const pn_token *last = &rd->all->tokens.at[n - 1];
  pn_card c = {.n = (int)n, .file = rd->file, .end = last->offset + last->len};
  c.tokens = PN_NEW_ARRAY(rd->arena, pn_token, n);
  memcpy(c.tokens, rd->all->tokens.at, n * sizeof *c.tokens);
  return c;
}

static bool over_limit(pn_card_reader *rd, uint32_t offset)
{
  if (++rd->all->cards <= rd->all->max_cards)
    return false;
  pn_error(rd->all->d, (pn_loc){.file = rd->file, .offset = offset},
           "the netlist has more than %ld cards", rd->all->max_cards);
  rd->all->stopped = true;
  return true;
}

/* ---- Stretches of text for the lexer, and the runs of plain lines between them. */

size_t pn_card_feed(pn_card_reader *rd, char *to, size_t most)
{
  size_t n = 0;
  while (n < most && rd->fed < rd->end && rd->fed != rd->stop) {
    const char *from = rd->text + rd->fed, *line_end = memchr(from, '\n', rd->end - rd->fed);
    size_t line = line_end ? (size_t)(line_end - from) + 1 : rd->end - rd->fed,
           take = line < most - n ? line : most - n;
    memcpy(to + n, from, take);
    n += take;
    rd->fed += take;
    if (take == line && line_end && pn_plain_run(rd, rd->fed).n)
      rd->stop = rd->fed;
  }
  if (rd->fed == rd->end && n < most) { /* the last line ends, too */
    to[n++] = '\n';
    rd->fed++;
  }
  return n;
}

/* Where a line begins: a run of plain lines as a card. False when the lexer gets what stands here, or when a
 * limit is reached. */
static bool take_run(pn_card_reader *rd, pn_block *value)
{
  int n;
  pn_plain_lines run = {.n = 0};
  if (rd->next < rd->end)
    run = pn_plain_run(rd, rd->next);
  rd->fed = rd->next;
  rd->stop = SIZE_MAX;
  rd->feeding = !run.n || rd->raw;
  if (rd->feeding) {
    rd->short_until = run.n ? run.to : rd->short_until;
    return false;
  }
  const pn_source *source = &rd->all->d->sources.at[rd->file - 1];
  size_t at = run.from;
  long room = rd->all->max_cards - rd->all->cards, most = run.n < room ? run.n : room;
  rd->all->cards += most;
  for (long k = 0; k < most && run.n > room; k++)
    at = pn_plain_line(source, at, NULL, 0, &n);
  if (run.n > room && over_limit(rd, (uint32_t)at))
    return false;
  value->card = pn_plain_card(rd->all->d, rd->file, run.from);
  value->lines = run;
  rd->next = run.to;
  return true;
}

/* The next card for the grammar. A card with an error is left out, unless it opens or closes a block. */
int pn_cards_lex(pn_block *value, pn_card_reader *rd)
{
  memset(value, 0, sizeof *value);
  while (!rd->all->stopped) {
    rd->all->tokens.n = 0;
    rd->bad = rd->space = false;
    rd->parens = 0;
    if (!rd->feeding && rd->next >= rd->end)
      return PN_C_YYEOF;
    if (!rd->feeding && take_run(rd, value))
      return PN_C_LINES;
    if (!rd->feeding) /* a limit */
      continue;
    rd->feeding = pn_cards_scan_lex(rd->scanner);
    if (!rd->feeding)
      continue;
    check_card(rd);
    if (!rd->all->tokens.n || rd->all->tokens.at[0].kind != PN_T_WORD)
      continue;
    pn_card c = {.tokens = rd->all->tokens.at, .n = (int)rd->all->tokens.n};
    int kind = pn_cards_classify(rd, &c);
    if (over_limit(rd, c.tokens[0].offset))
      return PN_C_YYEOF;
    if (rd->bad && (kind == PN_C_CARD || kind == PN_C_INCLUDE))
      continue;
    value->card = finish_card(rd);
    return kind;
  }
  return PN_C_YYEOF;
}

/* The grammar's `error` rules report blocks that are not closed; nothing else can be wrong there. */
void pn_cards_error(pn_card_reader *rd, const char *message)
{
  (void)rd;
  (void)message;
}
