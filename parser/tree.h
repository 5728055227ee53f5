/* The netlist as written: cards of tokens, nested by .subckt, .include and .lib. No
 * meaning yet: device letters, parameters and directives are elaboration's. All texts
 * are views into the registered sources; a token may span a "\n+" continuation only
 * inside braces or quotes. */
#ifndef PN_PARSER_TREE_H
#define PN_PARSER_TREE_H

#include "base/diag.h"

typedef enum pn_token_kind {
  PN_T_WORD,   /* anything without white space, = ( ) , { ' " : names, numbers, 2*x as written */
  PN_T_EQUALS, /* = */
  PN_T_LPAREN,
  PN_T_RPAREN,
  PN_T_COMMA,
  PN_T_EXPR,  /* {...} or '...': text is what stands between */
  PN_T_STRING /* "...": text is what stands between */
} pn_token_kind;

typedef struct pn_token {
  pn_token_kind kind;
  bool space_before; /* white space (or a line break) stands before it */
  uint32_t len;      /* bytes of the token in the source, quotes included */
  uint32_t offset;   /* of its first byte, quotes included, in the card's file */
  pn_str text;       /* without quotes or braces */
} pn_token;

typedef struct pn_card {
  pn_token *tokens; /* [n] tokens[0] is the name (R1, .tran): always a PN_T_WORD */
  int n;
  uint32_t file; /* number of the source */
  uint32_t end;  /* offset just behind the card's last token */
} pn_card;

typedef struct pn_tree pn_tree;

/* Plain lines one behind the other: bytes from .. to - 1 of a source, n cards (parser/plain.c). */
enum { PN_PLAIN_PART = 512 };
typedef struct pn_plain_lines {
  uint32_t from, to;
  long n;
  PN_VEC(uint32_t) part; /* where every PN_PLAIN_PART-th line begins, from the second part on */
} pn_plain_lines;

typedef enum pn_item_kind {
  PN_ITEM_CARD,
  PN_ITEM_SUBCKT, /* card: .subckt line; body: what stands up to .ends */
  PN_ITEM_INCLUDE, /* card: .include or `.lib file section`; body: the file's items (the section's) */
  PN_ITEM_CONTROL, /* card: .control; body: the raw cards up to .endc */
  PN_ITEM_LINES    /* card: the first of `lines`, which are text still */
} pn_item_kind;

typedef struct pn_item {
  pn_item_kind kind;
  pn_card card;
  pn_tree *body;               /* NULL for PN_ITEM_CARD and PN_ITEM_LINES */
  const pn_plain_lines *lines; /* of PN_ITEM_LINES */
} pn_item;

struct pn_tree {
  PN_VEC(pn_item) items;
  long n_cards; /* lines of PN_ITEM_LINES counted one by one */
};

/* Takes the plain line at `at` apart: its *n words, of which the first [room] are stored. Returns where the next line
 * begins. */
size_t pn_plain_line(const pn_source *s, size_t at, pn_token *word, int room, int *n);
/* The same as a card in the arena. */
pn_card pn_plain_card(const pn_diag *d, uint32_t file, size_t at);

typedef struct pn_read_options {
  bool untrusted;     /* includes stay inside the main file's folder */
  const char *folder; /* of the main file; ends with '/' or is "" */
  int max_depth;      /* of includes and nested subcircuits; 0: 64 */
  long max_cards;     /* 0: 20 million */
} pn_read_options;

/* Reads the main text (registered with the diag as source `file`): the first line is the
 * title, .end ends it. Included files are loaded into the diag's arena. Errors (several) are counted
 * in d; the tree holds what could be read. */
pn_tree *pn_tree_read(pn_diag *d, uint32_t file, const pn_read_options *o, pn_str *title);

/* One card out of a text, which is copied and registered under a name; NULL after an error. */
pn_card *pn_tree_read_card(pn_diag *d, pn_str text, const char *name, pn_loc from);

/* Loads a file into the arena and registers it; 0 after reporting an error at `from`. */
uint32_t pn_tree_load_file(pn_diag *d, const char *path, pn_loc from);

pn_loc pn_card_loc(const pn_card *c);
pn_loc pn_token_loc(const pn_card *c, int k);

#endif
