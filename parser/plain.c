/* Plain lines: `R NODE NODE NUMBER` (C and L too), one card each, without anything that the lexer is for. A long
 * netlist is mostly a table of such lines. They stay text: the tree keeps where a run of them begins and
 * ends, and each is taken apart when its instance is made. */
#include "parser/reader.h"

#include <string.h>

enum { SHORTEST_RUN = 16, LONGEST_LINE = 4096 };

enum { OTHER, WORD, BLANK };

/* What a byte is in a plain line. Brackets may be buses only with a ':', which is no WORD. */
static const unsigned char kind_of[256] = {
    [' '] = BLANK,  ['\t'] = BLANK, ['\r'] = BLANK, ['\f'] = BLANK, ['\v'] = BLANK, ['!'] = WORD,
    ['#'] = WORD,   ['%'] = WORD,   ['&'] = WORD,   ['+'] = WORD,   ['-'] = WORD,   ['.'] = WORD,
    ['0'] = WORD,   ['1'] = WORD,   ['2'] = WORD,   ['3'] = WORD,   ['4'] = WORD,   ['5'] = WORD,
    ['6'] = WORD,   ['7'] = WORD,   ['8'] = WORD,   ['9'] = WORD,   ['<'] = WORD,   ['>'] = WORD,
    ['?'] = WORD,   ['@'] = WORD,   ['A'] = WORD,   ['B'] = WORD,   ['C'] = WORD,   ['D'] = WORD,
    ['E'] = WORD,   ['F'] = WORD,   ['G'] = WORD,   ['H'] = WORD,   ['I'] = WORD,   ['J'] = WORD,
    ['K'] = WORD,   ['L'] = WORD,   ['M'] = WORD,   ['N'] = WORD,   ['O'] = WORD,   ['P'] = WORD,
    ['Q'] = WORD,   ['R'] = WORD,   ['S'] = WORD,   ['T'] = WORD,   ['U'] = WORD,   ['V'] = WORD,
    ['W'] = WORD,   ['X'] = WORD,   ['Y'] = WORD,   ['Z'] = WORD,   ['['] = WORD,   [']'] = WORD,
    ['^'] = WORD,   ['_'] = WORD,   ['a'] = WORD,   ['b'] = WORD,   ['c'] = WORD,   ['d'] = WORD,
    ['e'] = WORD,   ['f'] = WORD,   ['g'] = WORD,   ['h'] = WORD,   ['i'] = WORD,   ['j'] = WORD,
    ['k'] = WORD,   ['l'] = WORD,   ['m'] = WORD,   ['n'] = WORD,   ['o'] = WORD,   ['p'] = WORD,
    ['q'] = WORD,   ['r'] = WORD,   ['s'] = WORD,   ['t'] = WORD,   ['u'] = WORD,   ['v'] = WORD,
    ['w'] = WORD,   ['x'] = WORD,   ['y'] = WORD,   ['z'] = WORD,   ['|'] = WORD,   ['~'] = WORD,
};

/* Does the card go on behind the line break before `at`? Comments and blank lines may lie between. */
static bool is_continued(const char *text, size_t at)
{
  for (const char *p = text + at;; p++) {
    while (kind_of[(unsigned char)*p] == BLANK)
      p++;
    bool comment = (*p && strchr("*;#$", *p)) || (p[0] == '/' && p[1] == '/');
    if (*p != '\n' && !comment)
      return *p == '+';
    p = strchr(p, '\n');
    if (!p)
      return false;
  }
}

static size_t skip(const char *text, size_t k, int kind)
{
  while (kind_of[(unsigned char)text[k]] == kind)
    k++;
  return k;
}

/* The four words of the line at `at`, and where the next line begins; 0: it is not plain. Texts end
 * with a zero byte, which is neither a word nor blank. */
static size_t split(const char *text, size_t at, pn_token word[PN_PLAIN_WORDS])
{
  size_t k = at;
  if (!strchr("rRcClL", text[at]) || !text[at])
    return 0;
  for (int w = 0; w < PN_PLAIN_WORDS; w++) {
    size_t from = k;
    k = skip(text, k, WORD);
    if (k == from)
      return 0;
    word[w] = (pn_token){.kind = PN_T_WORD,
                         .space_before = w > 0,
                         .len = (uint32_t)(k - from),
                         .offset = (uint32_t)from,
                         .text = {text + from, k - from}};
    k = skip(text, k, BLANK);
  }
  return text[k] == '\n' ? k + 1 : 0;
}

size_t pn_plain_line(const char *text, uint32_t file, size_t at, pn_token word[PN_PLAIN_WORDS],
                     pn_card *c)
{
  size_t next = split(text, at, word);
  const pn_token *last = &word[PN_PLAIN_WORDS - 1];
  *c = (pn_card){
      .tokens = word, .n = PN_PLAIN_WORDS, .file = file, .end = last->offset + last->len};
  return next;
}

/* Where the line behind a plain line begins; 0: what stands here is more than that. */
static size_t next_line(const char *text, size_t at)
{
  pn_token word[PN_PLAIN_WORDS];
  size_t next = split(text, at, word);
  if (!next || next - at > LONGEST_LINE || !strchr("+-.0123456789", word[3].text.p[0]))
    return 0;
  return is_continued(text, next) ? 0 : next;
}

pn_plain_lines pn_plain_run(pn_card_reader *rd, size_t at)
{
  pn_plain_lines run = {.from = (uint32_t)at, .to = (uint32_t)at};
  if (rd->run.n && rd->run.from == at)
    return rd->run;
  if (rd->all->single || at < rd->short_until)
    return run; /* the lines up to there are too few */
  for (size_t next; (next = next_line(rd->text, run.to)) != 0; run.n++)
    run.to = (uint32_t)next;
  if (run.n < SHORTEST_RUN) {
    rd->short_until = run.to;
    run.n = 0;
  } else {
    rd->run = run;
  }
  return run;
}
