/* Control sections as the parser sees them: their lines, and texts that commands have read as directives after
 * the netlist is loaded. It knows no command but the names of analyses. */
#include "parser/elab.h"

#include <ctype.h>
#include <string.h>

/* ---- lines ---- */

/* Where a comment begins at the end of a command: " $ ", ";" and " //" outside quotes. */
static size_t comment_at(pn_str t)
{
  char quote = 0;
  for (size_t k = 0; k < t.n; k++) {
    bool spaced = k == 0 || isspace((unsigned char)t.p[k - 1]);
    if (quote)
      quote = t.p[k] == quote ? 0 : quote;
    else if (t.p[k] == '"' || t.p[k] == '\'')
      quote = t.p[k];
    else if (t.p[k] == ';' ||
             (spaced && t.p[k] == '$' && (k + 1 == t.n || isspace((unsigned char)t.p[k + 1]))) ||
             (spaced && t.p[k] == '/' && k + 1 < t.n && t.p[k + 1] == '/'))
      return k;
  }
  return t.n;
}

static pn_str trimmed(pn_str t)
{
  while (t.n && isspace((unsigned char)t.p[t.n - 1]))
    t.n--;
  return t;
}

void pn_gather_control(pn_elab *e, const pn_item *item)
{
  pn_netlist *n = e->n;
  for (size_t k = 0; item->body && k < item->body->items.n; k++) {
    if (item->body->items.at[k].kind != PN_ITEM_CARD) { /* a file that is sourced */
      pn_gather_control(e, &item->body->items.at[k]);
      continue;
    }
    const pn_card *c = &item->body->items.at[k].card;
    if (pn_str_is(c->tokens[0].text, ".end")) /* of such a file */
      continue;
    uint32_t from = c->tokens[0].offset;
    pn_str text = {e->diag->sources.at[c->file - 1].text + from, c->end - from};
    text.n = comment_at(text);
    text = trimmed(text);
    bool more = text.n && text.p[0] == '+' && n->commands.n && k;
    if (more) { /* the line before goes on */
      pn_command_line *last = &n->commands.at[n->commands.n - 1];
      char *joined = pn_arena_printf(e->arena, "%.*s %.*s", PN_FMT(last->text), (int)text.n - 1,
                                     text.p + 1);
      last->text = (pn_str){joined, strlen(joined)};
    } else if (text.n) {
      pn_loc loc = {.file = c->file, .offset = from, .len = (uint32_t)text.n};
      *PN_PUSH(e->arena, &n->commands) = (pn_command_line){text, loc};
    }
  }
}

/* Word number k (from 0) of a line; empty when there are fewer. */
static pn_str word_of(pn_str t, int k)
{
  size_t at = 0;
  for (;; k--) {
    while (at < t.n && isspace((unsigned char)t.p[at]))
      at++;
    size_t from = at;
    while (at < t.n && !isspace((unsigned char)t.p[at]))
      at++;
    if (!k || from == at)
      return (pn_str){t.p + from, at - from};
  }
}

bool pn_commands_uic(pn_elab *e, int *n)
{
  bool all = true;
  *n = 0;
  for (size_t k = 0; k < e->n->commands.n; k++) {
    pn_str t = e->n->commands.at[k].text;
    if (!pn_analysis_find(word_of(t, 0)))
      continue;
    bool uic = false;
    for (int j = 1; word_of(t, j).n; j++)
      uic |= pn_str_is(word_of(t, j), "uic");
    all = all && uic && pn_str_is(word_of(t, 0), "tran");
    ++*n;
  }
  return all;
}

void pn_commands_times(pn_elab *e, double *step, double *stop)
{
  for (size_t k = 0; k < e->n->commands.n; k++) {
    pn_str t = e->n->commands.at[k].text;
    if (!pn_str_is(word_of(t, 0), "tran"))
      continue;
    if (!pn_word_number(word_of(t, 1), step) || !pn_word_number(word_of(t, 2), stop))
      *step = *stop = 0;
    return;
  }
}

/* ---- texts as directives ---- */

/* Do the sources hold this very text at loc? */
static bool is_original(const pn_diag *d, pn_str text, pn_loc loc)
{
  if (!loc.file || loc.file > d->sources.n)
    return false;
  const pn_source *s = &d->sources.at[loc.file - 1];
  return loc.offset + text.n <= s->len && !memcmp(s->text + loc.offset, text.p, text.n);
}

static const pn_card *read_text(pn_elab *e, pn_str text, pn_loc loc)
{
  pn_diag *d = e->diag;
  unsigned line, column;
  bool original = is_original(d, text, loc);
  pn_diag_position(d, loc, &line, &column);
  const char *name = loc.file ? d->sources.at[loc.file - 1].name : "command";
  pn_card *c = pn_tree_read_card(
      d, text, pn_arena_printf(e->arena, "%s, line %u as it runs", name, line), loc);
  if (!c)
    return NULL;
  if (original) { /* messages point into the netlist itself */
    c->file = loc.file;
    c->end += loc.offset;
    for (int k = 0; k < c->n; k++)
      c->tokens[k].offset += loc.offset;
  }
  return c;
}

/* Each text is read once: loops say the same again and again. */
static const pn_card *card_of(pn_elab *e, pn_str text, pn_loc loc)
{
  if (!e->command_texts)
    e->command_texts = pn_names_new(e->arena);
  const char *key = pn_arena_printf(e->arena, "%u:%u:%.*s", loc.file, loc.offset, PN_FMT(text));
  int id = pn_names_find(e->command_texts, pn_str_of(key));
  if (id >= 0)
    return e->command_cards.at[id];
  const pn_card *c = read_text(e, text, loc);
  if (!c)
    return NULL;
  pn_names_intern(e->command_texts, pn_str_of(key));
  *PN_PUSH(e->arena, &e->command_cards) = c;
  return c;
}

/* What a guarded call works on and gives. */
typedef struct request {
  pn_netlist *n;
  pn_str text;
  pn_loc loc;
  const pn_args *args;
  pn_job *job;
  bool known;
} request;

static pn_status work_args(request *r)
{
  const pn_card *c = card_of(r->n->elab, r->text, r->loc);
  int errors = r->n->diag.n_errors;
  r->args = c ? pn_read_args(r->n->elab->top, c, 1, false) : NULL;
  return c && r->n->diag.n_errors == errors ? PN_OK : PN_E_NETLIST;
}

static pn_status work_job(request *r)
{
  pn_netlist *n = r->n;
  const pn_card *c = card_of(n->elab, r->text, r->loc);
  if (!c)
    return PN_E_NETLIST;
  int errors = n->diag.n_errors;
  *r->job = (pn_job){.analysis = pn_analysis_find(c->tokens[0].text),
                     .args = pn_read_args(n->elab->top, c, 1, true),
                     .loc = pn_at(n->elab->top, c, 0)};
  if (n->diag.n_errors == errors)
    r->job->parsed = r->job->analysis->parse(&n->arena, &n->diag, r->job->args, n->circuit,
                                             &n->elab->top->resolver, &n->options);
  return n->diag.n_errors == errors && r->job->parsed ? PN_OK : PN_E_NETLIST;
}

static pn_status work_save(request *r)
{
  const pn_card *c = card_of(r->n->elab, r->text, r->loc);
  int errors = r->n->diag.n_errors;
  if (c)
    pn_late_save(r->n->elab, c);
  return c && r->n->diag.n_errors == errors ? PN_OK : PN_E_NETLIST;
}

/* Without messages: the text may name what no circuit has. */
static pn_status work_want(request *r)
{
  pn_netlist *n = r->n;
  pn_message_fn *out = n->diag.out;
  int errors = n->diag.n_errors;
  n->diag.out = NULL;
  pn_save save = {0};
  char *text = pn_arena_printf(&n->arena, "save %.*s", PN_FMT(r->text));
  const pn_card *c = card_of(n->elab, pn_str_of(text), PN_NOWHERE);
  if (c)
    pn_read_signals(n->elab, pn_read_args(n->elab->top, c, 1, false), &save);
  for (int k = 0; k < save.n_signals; k++)
    *PN_PUSH(&n->arena, &n->wanted) = save.signals[k];
  n->diag.out = out;
  n->diag.n_errors = errors;
  return PN_OK;
}

static pn_status work_option(request *r)
{
  pn_status st = work_args(r);
  r->known = true;
  for (int k = 0; st == PN_OK && k < r->args->n; k++) {
    const char *why = pn_options_set(&r->n->arena, &r->n->options, &r->args->at[k]);
    r->known = r->known && !(why && !*why);
    if (why && *why)
      st = pn_error(&r->n->diag, r->args->at[k].loc, "%s", why);
  }
  return st;
}

/* Calls fn with a recovery point: memory that ends comes back here. */
static pn_status guarded(request *r, pn_status (*fn)(request *r))
{
  jmp_buf env, *outer = r->n->arena.recover;
  pn_message_fn *out = r->n->diag.out;
  pn_status st = (pn_status)setjmp(env);
  if (!st) {
    r->n->arena.recover = &env;
    st = fn(r);
  }
  r->n->diag.out = out;
  r->n->arena.recover = outer;
  return st;
}

const pn_args *pn_netlist_args(pn_netlist *n, pn_str text, pn_loc loc)
{
  request r = {.n = n, .text = text, .loc = loc};
  return guarded(&r, work_args) == PN_OK ? r.args : NULL;
}

pn_status pn_netlist_job(pn_netlist *n, pn_str text, pn_loc loc, pn_job *out)
{
  request r = {.n = n, .text = text, .loc = loc, .job = out};
  return guarded(&r, work_job);
}

pn_status pn_netlist_save(pn_netlist *n, pn_str text, pn_loc loc)
{
  request r = {.n = n, .text = text, .loc = loc};
  return guarded(&r, work_save);
}

pn_status pn_netlist_want(pn_netlist *n, pn_str signal)
{
  request r = {.n = n, .text = signal};
  return guarded(&r, work_want);
}

pn_status pn_netlist_option(pn_netlist *n, pn_str text, pn_loc loc, bool *known)
{
  request r = {.n = n, .text = text, .loc = loc};
  pn_status st = guarded(&r, work_option);
  *known = r.known;
  return st;
}
