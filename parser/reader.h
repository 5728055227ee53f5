/* What the card lexer (cards.l), the block grammar (cards.y), tree.c, lines.c and files.c share.
 * Nobody else includes it. */
#ifndef PN_PARSER_READER_H
#define PN_PARSER_READER_H

#include "parser/tree.h"

enum {
  PN_CARD_TOKENS = 4 << 20, /* words of one card */
  PN_WORD_BYTES = 64 << 10, /* bytes of one word outside braces and quotes */
  PN_CARD_PARENS = 64,      /* parentheses inside each other whose places are kept */
  PN_MAX_SOURCES = 100000   /* files read, repeated includes counted */
};

/* One netlist being read: shared by all its files. */
typedef struct pn_reading {
  pn_diag *d;
  const pn_read_options *o;
  long cards, max_cards;
  int max_depth;
  bool stopped;            /* a limit was reached: read no more */
  bool single;             /* one card is read: no runs of plain lines */
  PN_VEC(pn_token) tokens; /* of the card under way; memory reused from card to card */
} pn_reading;

/* One file under way; they form a chain from the including to the included. */
typedef struct pn_card_reader {
  pn_reading *all;
  pn_arena *arena;
  const struct pn_card_reader *parent;
  const char *path; /* real path, to see circles */
  pn_str section;   /* the only .lib section wanted; empty: the file, its sections left out */
  int depth;        /* files and subcircuits around the present place */
  uint32_t file;
  const char *text; /* of the source */
  void *scanner;
  uint32_t at, next;  /* bytes; the word flex found last */
  size_t end;         /* of the text, bytes */
  size_t fed, stop;   /* the lexer has the text up to `fed`; `stop`: where a run begins */
  bool feeding;       /* the lexer has begun a stretch of text and has not ended it */
  pn_plain_lines run; /* found last */
  size_t short_until; /* no run begins before this */
  size_t odd;         /* the first byte that plain lines have not, from where one was looked for */
  bool space;         /* white space stands before the next token */
  bool bad;           /* the present card had an error */
  bool raw;           /* between .control and .endc, and in scripts */
  bool script;        /* a file of commands only */
  char quote;         /* brace or quote under way, its place and depth */
  uint32_t quote_at;
  int quote_depth;
  int parens; /* open in this card */
  uint32_t paren_at[PN_CARD_PARENS];
  int open_subckts, open_libs;
  bool wanted;             /* inside the wanted section */
  PN_VEC(pn_str) sections; /* names seen */
  bool found;
  pn_tree *tree; /* where items go now */
} pn_card_reader;

/* What of a source is read. */
typedef struct pn_file_part {
  uint32_t file;
  size_t start;   /* byte */
  pn_str section; /* of a library; empty: all outside of sections */
  bool script;    /* commands only, as between .control and .endc */
} pn_file_part;

/* Semantic value of the block grammar: a card and, for a block, what stood around it. */
typedef struct pn_block {
  pn_card card;
  pn_plain_lines lines; /* of a run of plain lines, whose first is the card */
  pn_tree *outer;
  bool wanted;
} pn_block;

/* ---- lines.c, for flex: from words to cards. */
void pn_card_word(pn_card_reader *rd, pn_token_kind kind);
void pn_card_words(pn_card_reader *rd);
void pn_card_paren(pn_card_reader *rd, bool open);
void pn_card_begin_quote(pn_card_reader *rd, char opening);
bool pn_card_end_brace(pn_card_reader *rd);
void pn_card_end_quote(pn_card_reader *rd, pn_token_kind kind);
void pn_card_unclosed(pn_card_reader *rd);
void pn_card_title(pn_card_reader *rd);
void pn_card_error(pn_card_reader *rd, uint32_t from, uint32_t len, const char *text);
_Noreturn void pn_cards_fatal(pn_card_reader *rd);

/* The next bytes of the text for the lexer, which ends before a run of plain lines. Returns how many. */
size_t pn_card_feed(pn_card_reader *rd, char *to, size_t most);

/* ---- plain.c */
/* The run of plain lines at `at`, where a line begins; n is 0 when it would be short. */
pn_plain_lines pn_plain_run(pn_card_reader *rd, size_t at);

/* ---- lines.c, for others. */
/* Whether what stands here belongs to the tree (it may be a section that is not wanted). */
bool pn_cards_keeps(const pn_card_reader *rd);
/* The kind of a card's block token: PN_C_CARD, PN_C_SUBCKT, ... */
int pn_cards_classify(pn_card_reader *rd, const pn_card *c);

/* ---- tree.c, for the grammar. */
void pn_cards_add(pn_card_reader *rd, pn_item_kind kind, const pn_card *card, pn_tree *body);
void pn_cards_add_lines(pn_card_reader *rd, const pn_card *first, const pn_plain_lines *lines);
bool pn_cards_open_subckt(pn_card_reader *rd, pn_block *b);
void pn_cards_close_subckt(pn_card_reader *rd, const pn_block *b, const pn_card *ends);
void pn_cards_open_lib(pn_card_reader *rd, pn_block *b);
void pn_cards_close_lib(pn_card_reader *rd, const pn_block *b, const pn_card *endl);
void pn_cards_open_control(pn_card_reader *rd, pn_block *b);
void pn_cards_close_control(pn_card_reader *rd, const pn_block *b, bool closed);
/* A line of a control section; `source FILE` becomes the lines of that file. */
void pn_cards_line(pn_card_reader *rd, const pn_card *card);
void pn_cards_stray(pn_card_reader *rd, const pn_card *card);
void pn_cards_include(pn_card_reader *rd, const pn_card *card);
/* The items of a registered source, or of one section of it; NULL after an error. */
pn_tree *pn_cards_read(pn_reading *all, const pn_card_reader *parent, const pn_file_part *part,
                       const char *path, int depth);

/* ---- files.c */
/* False after reporting that a source is no text (zero bytes, control characters) or too large. */
bool pn_text_check(pn_diag *d, uint32_t file);
/* Finds an included file: in the folder of the including one, then in the main folder. Returns a path
 * in the arena (*real: resolved), or NULL after reporting an error. fenced: it must lie in the main folder, as
 * all must where the netlist is not trusted. */
const char *pn_file_find(pn_reading *all, const char *includer, pn_str name, pn_loc from,
                         bool fenced, const char **real);
/* The real path, or the path itself where there is no such file. In the arena. */
const char *pn_file_real(pn_arena *a, const char *path);

#endif
