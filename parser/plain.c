/* Plain lines: R, C or L and words of ordinary bytes, the last of which is a number: one card each, without anything
 * that the lexer is for. A long netlist is mostly a table of such lines. They stay text: the tree keeps
 * where a run of them begins and ends, and each is taken apart when its instance is made. */
#include "base/clones.h"
#include "parser/reader.h"

#include <string.h>

enum { SHORTEST_RUN = 16, LONGEST_LINE = 4096 };

typedef unsigned char bytes __attribute__((vector_size(32), aligned(1), may_alias));

/* 255 for what words, blanks and line ends of plain lines are made of. A bus, which brackets may be, has a ':',
 * too. */
#define ORDINARY(c)                                                                                \
  ((((c) | 32) - 'a' < 26) | ((c) - '0' < 10) | ((c) == '_') | ((c) == '.') | ((c) == '-') |       \
   ((c) == '+') | ((c) == '[') | ((c) == ']') | ((c) == '#') | ((c) == ' ') | ((c) == '\t') |      \
   ((c) == '\r') | ((c) == '\n'))

/* The first byte from `at` on that is not ordinary. */
PN_CLONES static size_t first_odd(const char *text, size_t at, size_t end)
{
  for (; at + sizeof(bytes) <= end; at += sizeof(bytes)) {
    bytes c = *(const bytes *)(text + at), is = (bytes)ORDINARY(c);
    uint64_t quarter[4];
    memcpy(quarter, &is, sizeof quarter);
    if ((quarter[0] & quarter[1] & quarter[2] & quarter[3]) != UINT64_MAX)
      break;
  }
  for (; at < end; at++) {
    unsigned c = (unsigned char)text[at];
    if (!ORDINARY(c))
      break;
  }
  return at;
}

/* Are bytes from .. to - 1 ordinary? Runs are long: what was seen last is mostly still ahead. */
static bool all_ordinary(pn_card_reader *rd, size_t from, size_t to)
{
  if (rd->odd < from)
    rd->odd = first_odd(rd->text, from, rd->end);
  return to <= rd->odd;
}

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* Does the card go on behind the line break before `at`? Comments and blank lines may lie between. */
static bool is_continued(const char *text, size_t at)
{
  for (const char *p = text + at;; p++) {
    while (is_blank(*p) || *p == '\f' || *p == '\v')
      p++;
    bool comment = (*p && strchr("*;#$", *p)) || (p[0] == '/' && p[1] == '/');
    if (*p != '\n' && !comment)
      return *p == '+';
    p = strchr(p, '\n');
    if (!p)
      return false;
  }
}

/* The first byte from k on that is a blank, a line end or another control character, eight at a time. */
static size_t word_end(const char *text, size_t k, size_t len)
{
  const uint64_t ones = 0x0101010101010101u;
  for (uint64_t x; k + sizeof x <= len; k += sizeof x) {
    memcpy(&x, text + k, sizeof x);
    uint64_t low = (x - 0x21 * ones) & ~x & 0x80 * ones; /* exact up to the first */
    if (low && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
      return k + (size_t)__builtin_ctzll(low) / 8;
    if (low)
      break;
  }
  while ((unsigned char)text[k] > ' ')
    k++;
  return k;
}

size_t pn_plain_line(const pn_source *s, size_t at, pn_token *word, int room, int *n)
{
  size_t k = at;
  *n = 0;
  while (s->text[k] != '\n') {
    size_t from = k;
    k = word_end(s->text, k, s->len);
    if (*n < room)
      word[*n] = (pn_token){.kind = PN_T_WORD,
                            .space_before = *n > 0,
                            .len = (uint32_t)(k - from),
                            .offset = (uint32_t)from,
                            .text = {s->text + from, k - from}};
    ++*n;
    while (is_blank(s->text[k]))
      k++;
  }
  return k + 1;
}

/* Behind the last of `n` ordinary bytes that is a blank, eight at a time. */
static const char *last_word(const char *text, size_t n)
{
  const uint64_t ones = 0x0101010101010101u;
  for (uint64_t x; n >= sizeof x; n -= sizeof x) {
    memcpy(&x, text + n - sizeof x, sizeof x);
    uint64_t blanks = ~(x + 0x5f * ones) & 0x80 * ones; /* below 0x80 all are */
    if (blanks && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
      return text + n - (size_t)__builtin_clzll(blanks) / 8;
    if (blanks)
      break;
  }
  while (n && text[n - 1] > ' ')
    n--;
  return text + n;
}

static bool is_number(char c)
{
  return (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '+';
}

/* Where the line behind a plain line begins; 0: what stands here is more than that. */
static size_t next_line(pn_card_reader *rd, size_t at)
{
  const char *text = rd->text;
  char letter = (char)(text[at] | 32);
  if (letter != 'r' && letter != 'c' && letter != 'l')
    return 0;
  size_t most = rd->end - at < LONGEST_LINE ? rd->end - at : LONGEST_LINE;
  const char *end = memchr(text + at, '\n', most), *last = end;
  if (!end || !all_ordinary(rd, at, (size_t)(end - text)))
    return 0;
  while (is_blank(last[-1]))
    last--;
  last = last_word(text + at, (size_t)(last - text) - at);
  size_t next = (size_t)(end - text) + 1;
  if (!is_number(*last) || ((char)(text[next] | 32) < 'a' && is_continued(text, next)))
    return 0;
  return next;
}

pn_plain_lines pn_plain_run(pn_card_reader *rd, size_t at)
{
  pn_plain_lines run = {.from = (uint32_t)at, .to = (uint32_t)at};
  if (rd->run.n && rd->run.from == at)
    return rd->run;
  if (rd->all->single || at < rd->short_until)
    return run; /* the lines up to there are too few */
  for (size_t next; run.to < rd->end && (next = next_line(rd, run.to)) != 0; run.n++) {
    if (run.n && run.n % PN_PLAIN_PART == 0)
      *PN_PUSH(rd->arena, &run.part) = run.to;
    run.to = (uint32_t)next;
  }
  if (run.n < SHORTEST_RUN) {
    rd->short_until = run.to;
    run.n = 0;
  } else {
    rd->run = run;
  }
  return run;
}

pn_card pn_plain_card(const pn_diag *d, uint32_t file, size_t at)
{
  const pn_source *s = &d->sources.at[file - 1];
  pn_card c = {.file = file};
  pn_plain_line(s, at, NULL, 0, &c.n);
  c.tokens = PN_NEW_ARRAY(d->arena, pn_token, c.n);
  pn_plain_line(s, at, c.tokens, c.n, &c.n);
  const pn_token *last = &c.tokens[c.n - 1];
  c.end = last->offset + last->len;
  return c;
}
