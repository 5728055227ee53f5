/* Builds the tree of a netlist: titles, blocks, included files and library sections, with their
 * limits. The words come from lines.c, the blocks' grammar is cards.y. */
#include "parser/tree.h"

#include "parser/reader.h"

#include "parser/cards.tab.h"
#define YY_NO_UNISTD_H
#include "parser/cards.lex.h"

#include <string.h>

enum { LEXER_ROOM = 32 << 10 }; /* bytes of text at a time; more for longer words and comments */

pn_loc pn_card_loc(const pn_card *c)
{
  uint32_t from = c->n ? c->tokens[0].offset : 0;
  return (pn_loc){.file = c->file, .offset = from, .len = c->end > from ? c->end - from : 0};
}

pn_loc pn_token_loc(const pn_card *c, int k)
{
  return (pn_loc){.file = c->file, .offset = c->tokens[k].offset, .len = c->tokens[k].len};
}

void pn_cards_add(pn_card_reader *rd, pn_item_kind kind, const pn_card *card, pn_tree *body)
{
  if (!pn_cards_keeps(rd))
    return;
  *PN_PUSH(rd->arena, &rd->tree->items) = (pn_item){.kind = kind, .card = *card, .body = body};
  rd->tree->n_cards++;
}

void pn_cards_add_lines(pn_card_reader *rd, const pn_card *first, const pn_plain_lines *lines)
{
  if (!pn_cards_keeps(rd))
    return;
  pn_plain_lines *copy = PN_NEW(rd->arena, pn_plain_lines);
  *copy = *lines;
  *PN_PUSH(rd->arena,
           &rd->tree->items) = (pn_item){.kind = PN_ITEM_LINES, .card = *first, .lines = copy};
  rd->tree->n_cards += lines->n;
}

/* ---- Blocks. */

/* The name behind .subckt, .ends, .lib; empty when there is none. */
static pn_str block_name(const pn_card *c)
{
  return c->n > 1 ? c->tokens[1].text : (pn_str){"", 0};
}

static void error_here(pn_card_reader *rd, pn_loc at, const char *what)
{
  if (pn_cards_keeps(rd))
    pn_error(rd->all->d, at, "%s", what);
}

static void enter(pn_card_reader *rd, pn_block *b)
{
  b->outer = rd->tree;
  b->wanted = rd->wanted;
  rd->tree = PN_NEW(rd->arena, pn_tree);
}

/* Back to the tree around a block; returns the block's. */
static pn_tree *leave(pn_card_reader *rd, const pn_block *b)
{
  pn_tree *body = rd->tree;
  rd->tree = b->outer;
  return body;
}

bool pn_cards_open_subckt(pn_card_reader *rd, pn_block *b)
{
  if (b->card.n < 2 || b->card.tokens[1].kind != PN_T_WORD)
    error_here(rd, pn_token_loc(&b->card, 0), ".subckt needs a name");
  if (rd->depth >= rd->all->max_depth) {
    pn_error(rd->all->d, pn_card_loc(&b->card),
             "subcircuits and includes are nested more than %d deep", rd->all->max_depth);
    rd->all->stopped = true;
    return false;
  }
  enter(rd, b);
  rd->depth++;
  rd->open_subckts++;
  return true;
}

void pn_cards_close_subckt(pn_card_reader *rd, const pn_block *b, const pn_card *ends)
{
  pn_tree *body = leave(rd, b);
  rd->depth--;
  rd->open_subckts--;
  pn_str name = block_name(&b->card);
  if (!ends && !rd->all->stopped && pn_cards_keeps(rd))
    pn_error(rd->all->d, pn_card_loc(&b->card), "subcircuit '%.*s' is never closed by .ends",
             PN_FMT(name));
  else if (ends && ends->n > 1 && !pn_str_ieq(ends->tokens[1].text, name) && pn_cards_keeps(rd))
    pn_error(rd->all->d, pn_token_loc(ends, 1), ".ends '%.*s' closes subcircuit '%.*s'",
             PN_FMT(ends->tokens[1].text), PN_FMT(name));
  pn_cards_add(rd, PN_ITEM_SUBCKT, &b->card, body);
}

void pn_cards_open_lib(pn_card_reader *rd, pn_block *b)
{
  pn_str name = block_name(&b->card);
  if (!name.n)
    pn_error(rd->all->d, pn_token_loc(&b->card, 0), ".lib needs a file and a section, or a name");
  else if (rd->open_libs || rd->open_subckts)
    pn_error(rd->all->d, pn_card_loc(&b->card), "section '%.*s' begins inside another %s",
             PN_FMT(name), rd->open_libs ? "section" : "block: a subcircuit");
  b->outer = rd->tree;
  b->wanted = rd->wanted;
  rd->open_libs++;
  *PN_PUSH(rd->arena, &rd->sections) = name;
  if (rd->section.n && pn_str_ieq(name, rd->section))
    rd->wanted = rd->found = true;
}

void pn_cards_close_lib(pn_card_reader *rd, const pn_block *b, const pn_card *endl)
{
  pn_str name = block_name(&b->card);
  rd->wanted = b->wanted;
  rd->open_libs--;
  if (!endl && !rd->all->stopped)
    pn_error_hint(rd->all->d, pn_card_loc(&b->card), "to read a whole file write .include",
                  "section '%.*s' is never closed by .endl", PN_FMT(name));
  else if (endl && endl->n > 1 && !pn_str_ieq(endl->tokens[1].text, name))
    pn_error(rd->all->d, pn_token_loc(endl, 1), ".endl '%.*s' closes section '%.*s'",
             PN_FMT(endl->tokens[1].text), PN_FMT(name));
}

void pn_cards_open_control(pn_card_reader *rd, pn_block *b)
{
  enter(rd, b);
  rd->raw = true;
}

void pn_cards_close_control(pn_card_reader *rd, const pn_block *b, bool closed)
{
  pn_tree *body = leave(rd, b);
  rd->raw = false;
  if (!closed && !rd->all->stopped)
    error_here(rd, pn_card_loc(&b->card), ".control is never closed by .endc");
  pn_cards_add(rd, PN_ITEM_CONTROL, &b->card, body);
}

void pn_cards_stray(pn_card_reader *rd, const pn_card *card)
{
  pn_str s = card->tokens[0].text;
  error_here(rd, pn_card_loc(card),
             pn_str_is(s, ".ends")   ? ".ends without its .subckt"
             : pn_str_is(s, ".endl") ? ".endl without its .lib"
                                     : ".endc without its .control");
}

/* ---- Included files. */

/* The file's name on an .include or .lib card: quoted, or all that stands bare up to `last`. */
static pn_str included_name(const pn_card_reader *rd, const pn_card *c, int last, pn_loc *at)
{
  const pn_token *t = &c->tokens[1], *end = &c->tokens[last];
  *at = pn_token_loc(c, 1);
  if (t->kind == PN_T_STRING || t->kind == PN_T_EXPR)
    return t->text;
  at->len = end->offset + end->len - t->offset;
  return (pn_str){rd->text + t->offset, at->len};
}

/* An include that is under way already: the chain is told, from the first to this. */
static bool is_circle(pn_card_reader *rd, const char *real, pn_str section, pn_loc at)
{
  pn_diag *d = rd->all->d;
  const char *chain = "";
  for (const pn_card_reader *r = rd; r; r = r->parent) {
    chain = pn_arena_printf(d->arena, "%s -> %s", d->sources.at[r->file - 1].name, chain);
    if (strcmp(r->path, real) == 0 && pn_str_ieq(r->section, section)) {
      pn_error(d, at, "this file includes itself: %s%s", chain, d->sources.at[r->file - 1].name);
      return true;
    }
  }
  return false;
}

/* Loads a file that another names; 0 after reporting an error. *real: its path, for circles. */
static uint32_t load_included(pn_card_reader *rd, pn_str name, pn_str section, pn_loc at,
                              bool fenced, const char **real)
{
  pn_reading *all = rd->all;
  const char *includer = all->d->sources.at[rd->file - 1].name;
  const char *path = pn_file_find(all, includer, name, at, fenced, real);
  if (!path || is_circle(rd, *real, section, at))
    return 0;
  if (rd->depth >= all->max_depth) {
    pn_error(all->d, at, "subcircuits and includes are nested more than %d deep", all->max_depth);
    all->stopped = true;
    return 0;
  }
  if (all->d->sources.n >= PN_MAX_SOURCES) {
    pn_error(all->d, at, "more than %d files are included", PN_MAX_SOURCES);
    all->stopped = true;
    return 0;
  }
  uint32_t file = pn_tree_load_file(all->d, path, at);
  return file && pn_text_check(all->d, file) ? file : 0;
}

static pn_tree *read_included(pn_card_reader *rd, pn_str name, pn_str section, pn_loc at)
{
  const char *real;
  pn_file_part part = {.file = load_included(rd, name, section, at, false, &real),
                       .section = section};
  return part.file ? pn_cards_read(rd->all, rd, &part, real, rd->depth + 1) : NULL;
}

void pn_cards_include(pn_card_reader *rd, const pn_card *card)
{
  pn_loc at;
  bool lib = pn_str_is(card->tokens[0].text, ".lib") && card->n > 2;
  if (!pn_cards_keeps(rd))
    return;
  if (card->n < 2) {
    pn_error(rd->all->d, pn_token_loc(card, 0), "%.*s needs a file name",
             PN_FMT(card->tokens[0].text));
    return;
  }
  pn_str name = included_name(rd, card, card->n - (lib ? 2 : 1), &at);
  pn_str section = lib ? card->tokens[card->n - 1].text : (pn_str){"", 0};
  if (!name.n || (lib && !section.n)) {
    pn_error(rd->all->d, at, "the name is empty");
    return;
  }
  pn_tree *body = read_included(rd, name, section, at);
  if (body)
    pn_cards_add(rd, PN_ITEM_INCLUDE, card, body);
}

/* ---- Whole files. */

static void missing_section(pn_card_reader *rd)
{
  pn_diag *d = rd->all->d;
  const pn_source *s = &d->sources.at[rd->file - 1];
  pn_str near = {"", 0};
  int best = 3; /* farther than two edits is no suggestion */
  for (size_t k = 0; k < rd->sections.n; k++) {
    int far = pn_str_distance(rd->sections.at[k], rd->section, 2);
    if (far < best) {
      best = far;
      near = rd->sections.at[k];
    }
  }
  pn_error(d, s->included_from, "no section '%.*s' in '%s'%s", PN_FMT(rd->section), s->name,
           pn_did_you_mean(d->arena, near));
}

pn_tree *pn_cards_read(pn_reading *all, const pn_card_reader *parent, const pn_file_part *part,
                       const char *path, int depth)
{
  pn_source s = all->d->sources.at[part->file - 1];
  size_t start = part->start;
  pn_card_reader *rd = PN_NEW(all->d->arena, pn_card_reader);
  pn_tree *tree = PN_NEW(all->d->arena, pn_tree);
  *rd = (pn_card_reader){.all = all,
                         .arena = all->d->arena,
                         .parent = parent,
                         .path = path,
                         .section = part->section,
                         .depth = depth,
                         .file = part->file,
                         .raw = part->script,
                         .script = part->script,
                         .text = s.text,
                         .next = (uint32_t)start,
                         .end = s.len,
                         .tree = tree};
  if (start == 0 && s.len >= 3 && memcmp(s.text, "\xef\xbb\xbf", 3) == 0)
    rd->next = (uint32_t)(start = 3);
  size_t n = s.len - start + 3;
  pn_cards_scan_lex_init_extra(rd, &rd->scanner);
  pn_cards_scan__switch_to_buffer(
      pn_cards_scan__create_buffer(NULL, n < LEXER_ROOM ? (int)n : LEXER_ROOM, rd->scanner),
      rd->scanner);
  pn_cards_parse(rd);
  if (part->section.n && !rd->found && !all->stopped)
    missing_section(rd);
  return tree;
}

/* The title: the first line without a byte order mark and white space at its ends. Returns where
 * the second line begins. */
static size_t read_title(const pn_source *s, pn_str *title)
{
  size_t from = s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
  const char *line_end = memchr(s->text + from, '\n', s->len - from);
  size_t end = line_end ? (size_t)(line_end - s->text) : s->len;
  size_t next = line_end ? end + 1 : end;
  while (from < end && strchr(" \t\r", s->text[from]))
    from++;
  while (end > from && strchr(" \t\r", s->text[end - 1]))
    end--;
  *title = (pn_str){s->text + from, end - from};
  return next;
}

static bool is_empty(const pn_source *s)
{
  size_t k = 0;
  while (k < s->len && s->text[k] && strchr(" \t\r\n\f\v\xef\xbb\xbf", s->text[k]))
    k++;
  return k == s->len;
}

/* A .title card replaces the first line's. */
static void apply_title_cards(const pn_tree *tree, pn_str *title)
{
  for (size_t k = 0; k < tree->items.n; k++) {
    const pn_card *c = &tree->items.at[k].card;
    if (tree->items.at[k].kind == PN_ITEM_CARD && pn_str_is(c->tokens[0].text, ".title"))
      *title = block_name(c);
  }
}

/* ---- Scripts: files that a control section names. */

/* A script holds commands and no circuit: the section goes on with the circuit it stands in. */
static void check_script(pn_diag *d, const pn_tree *t)
{
  for (size_t k = 0; k < t->items.n; k++) {
    const pn_item *item = &t->items.at[k];
    if (item->kind == PN_ITEM_CONTROL ||
        (item->kind == PN_ITEM_CARD && pn_str_is(item->card.tokens[0].text, ".end")))
      continue;
    pn_error_hint(d, pn_card_loc(&item->card), "a circuit is read by .include",
                  "a file that is sourced holds commands only");
    return;
  }
}

/* A file of commands begins with "*ng_script"; any other has a title and control sections. */
static pn_tree *read_script(pn_card_reader *rd, pn_str name, pn_loc at)
{
  static const char mark[] = "*ng_script";
  pn_diag *d = rd->all->d;
  pn_str title;
  const char *real;
  pn_file_part part = {.file = load_included(rd, name, PN_STR(""), at, true, &real)};
  if (!part.file)
    return NULL;
  part.start = read_title(&d->sources.at[part.file - 1], &title);
  part.script = title.n >= sizeof mark - 1 && pn_str_is((pn_str){title.p, sizeof mark - 1}, mark);
  pn_tree *t = pn_cards_read(rd->all, rd, &part, real, rd->depth + 1);
  if (!part.script)
    check_script(d, t);
  return t;
}

void pn_cards_line(pn_card_reader *rd, const pn_card *card)
{
  const pn_token *t = card->tokens;
  pn_str name = card->n > 1 ? t[1].text : PN_STR("");
  bool block = rd->script && (pn_str_is(t->text, ".control") || pn_str_is(t->text, ".endc") ||
                              pn_str_is(t->text, ".end"));
  if (block || !pn_cards_keeps(rd))
    return;
  if (!pn_str_is(t->text, "source") || !name.n) {
    pn_cards_add(rd, PN_ITEM_CARD, card, NULL);
    return;
  }
  pn_loc at = pn_token_loc(card, 1);
  if (name.n > 2 && strchr("\"'", name.p[0]) && name.p[name.n - 1] == name.p[0])
    name = (pn_str){name.p + 1, name.n - 2};
  if (memchr(name.p, '$', name.n) || strchr("\"'", name.p[0]))
    pn_error(rd->all->d, at, "source needs a plain name: its file is read before anything runs");
  else if (card->n > 2 && !strchr("$;/", t[2].text.p[0]))
    pn_error(rd->all->d, pn_token_loc(card, 2), "source takes the name of one file");
  else {
    pn_tree *body = read_script(rd, name, at);
    if (body)
      pn_cards_add(rd, PN_ITEM_INCLUDE, card, body);
  }
}

pn_tree *pn_tree_read(pn_diag *d, uint32_t file, const pn_read_options *o, pn_str *title)
{
  static const pn_read_options defaults = {0};
  pn_reading all = {.d = d, .o = o ? o : &defaults};
  all.max_cards = all.o->max_cards > 0 ? all.o->max_cards : 20 * 1000 * 1000;
  all.max_depth = all.o->max_depth > 0 ? all.o->max_depth : 64;
  const pn_source s = d->sources.at[file - 1];
  *title = (pn_str){"", 0};
  if (is_empty(&s)) {
    pn_error(d, (pn_loc){.file = file}, "the file is empty: a netlist begins with a title");
    return PN_NEW(d->arena, pn_tree);
  }
  if (!pn_text_check(d, file))
    return PN_NEW(d->arena, pn_tree);
  pn_file_part part = {.file = file, .start = read_title(&s, title)};
  pn_tree *tree = pn_cards_read(&all, NULL, &part, pn_file_real(d->arena, s.name), 0);
  apply_title_cards(tree, title);
  return tree;
}

pn_card *pn_tree_read_card(pn_diag *d, pn_str text, const char *name, pn_loc from)
{
  static const pn_read_options defaults = {0};
  pn_reading all = {.d = d, .o = &defaults, .max_cards = 1, .max_depth = 1, .single = true};
  int errors = d->n_errors;
  char *copy = pn_arena_alloc(d->arena, text.n + 3);
  memcpy(copy, text.p, text.n);
  copy[text.n] = '\n';
  pn_file_part part = {.file = pn_diag_add_source(d, name, copy, text.n + 1, from)};
  const pn_tree *t = pn_cards_read(&all, NULL, &part, "", 0);
  if (d->n_errors == errors && (!t->items.n || t->items.at[0].kind != PN_ITEM_CARD))
    pn_error(d, from, "this cannot be read as a directive");
  return d->n_errors == errors ? &t->items.at[0].card : NULL;
}
