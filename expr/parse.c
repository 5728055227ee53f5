/* Reads expressions: feeds flex, decides where an expression ends, builds the tree and words
 * the errors. The grammar is expr.y, the words are expr.l. */
#include "expr/parse.h"

#include "expr/ops.h"
#include "expr/reader.h"

#include "expr/expr.tab.h"
#define YY_NO_UNISTD_H
#include "expr/expr.lex.h"

#include <math.h>
#include <setjmp.h>
#include <string.h>

int pn_expr_grammar_lex(pn_expr_value *value, pn_expr_reader *rd);
void pn_expr_grammar_error(pn_expr_reader *rd, const char *message);

/* ---- For flex: its input and its memory. */

enum { FLEX_BUFFER = 256 }; /* bytes; most expressions are shorter than half of it */

size_t pn_expr_input(pn_expr_reader *rd, char *buf, size_t room)
{
  size_t left = rd->n - rd->fed, k = left < room ? left : room;
  if (k)
    memcpy(buf, rd->text + rd->fed, k);
  rd->fed += k;
  return k;
}

/* Each block is preceded by 16 bytes that hold its size. */
void *pn_expr_scratch(pn_expr_reader *rd, size_t size)
{
  size_t need = 16 + (size + 15) / 16 * 16;
  char *p;
  if (need <= sizeof rd->scratch - rd->scratch_used) {
    p = rd->scratch + rd->scratch_used;
    rd->scratch_used += need;
  } else {
    p = pn_arena_alloc(rd->d->arena, need);
  }
  memcpy(p, &size, sizeof size);
  return p + 16;
}

void *pn_expr_rescratch(pn_expr_reader *rd, void *old, size_t size)
{
  char *p = pn_expr_scratch(rd, size);
  size_t held = 0;
  if (old) {
    memcpy(&held, (char *)old - 16, sizeof held);
    memcpy(p, old, held < size ? held : size);
  }
  return p;
}

_Noreturn void pn_expr_fatal(pn_expr_reader *rd)
{
  longjmp(*rd->d->arena->recover, PN_E_INTERNAL);
}

/* ---- Places and words for messages. */

static pn_loc place(const pn_expr_reader *rd, uint32_t from, uint32_t to)
{
  pn_loc loc = rd->loc;
  loc.offset += from;
  loc.len = to - from;
  return loc;
}

static pn_str word(const pn_expr_reader *rd, const pn_expr_token *t)
{
  pn_str s = {rd->text + t->from, t->to - t->from};
  if (s.n > 40)
    s.n = 40;
  return s;
}

static pn_loc token_place(const pn_expr_reader *rd, const pn_expr_token *t)
{
  return place(rd, t->from, t->to);
}

/* ---- Words: brackets, and where the expression ends. */

static bool starts_operand(const pn_expr_reader *rd, int t)
{
  switch (t) {
  case PN_X_NUMBER:
  case PN_X_STRING:
  case PN_X_NAME:
  case PN_X_AT:
  case PN_X_PROBE:
  case '{':
  case '!':
    return true;
  case '(':
    return rd->prev.kind != PN_X_NAME;
  default:
    return false;
  }
}

/* Behind a complete operand outside brackets: a word that cannot continue it ends the text. */
static bool ends_here(const pn_expr_reader *rd, int t)
{
  if (rd->depth > 0 || !rd->after_operand)
    return false;
  switch (t) {
  case ')':
  case '}':
  case ',':
  case '=':
  case PN_X_BAD:
  case PN_X_BAD_NUMBER:
  case PN_X_OPEN_STRING:
    return true;
  case ':':
    return rd->ternaries == 0;
  default:
    return starts_operand(rd, t);
  }
}

static void fail(pn_expr_reader *rd)
{
  rd->failed = true;
}

/* Words that are wrong by themselves; returns the token that stops the grammar. */
static int bad_word(pn_expr_reader *rd, int t)
{
  pn_loc at = token_place(rd, &rd->cur);
  pn_str s = word(rd, &rd->cur);
  if (t == PN_X_BAD_NUMBER)
    pn_error(rd->d, at, "malformed number '%.*s'", PN_FMT(s));
  else if (t == PN_X_OPEN_STRING)
    pn_error(rd->d, at, "the string opened here is never closed");
  else if (s.p[0] == '@')
    pn_error_hint(rd->d, at, "write @device[quantity], as in @nm1[x]",
                  "'@' is not followed by a device and a quantity");
  else if ((unsigned char)s.p[0] < 32)
    pn_error(rd->d, at, "unexpected control character in an expression");
  else
    pn_error(rd->d, at, "unexpected '%.*s' in an expression", PN_FMT(s));
  fail(rd);
  return PN_X_BAD;
}

static int track_brackets(pn_expr_reader *rd, int t)
{
  if (t == '(' || t == '{' || t == PN_X_PROBE) {
    if (rd->depth == PN_EXPR_NESTING) {
      pn_error(rd->d, token_place(rd, &rd->cur), "brackets are nested more than %d deep",
               PN_EXPR_NESTING);
      fail(rd);
      return PN_X_BAD;
    }
    rd->open[rd->depth++] = rd->cur.to - 1;
    rd->in_probe = t == PN_X_PROBE;
  } else if ((t == ')' || t == '}') && rd->depth > 0) {
    rd->depth--;
    rd->in_probe = false;
  } else if (t == '?') {
    rd->ternary = rd->cur.from;
    rd->ternaries += rd->depth == 0;
  } else if (t == ':' && rd->depth == 0) {
    rd->ternaries--;
  }
  return t;
}

static bool ends_operand(int t)
{
  return t == PN_X_NUMBER || t == PN_X_STRING || t == PN_X_NAME || t == PN_X_AT || t == PN_X_NODE ||
         t == ')' || t == '}';
}

int pn_expr_grammar_lex(pn_expr_value *value, pn_expr_reader *rd)
{
  if (rd->cur.kind)
    rd->prev = rd->cur;
  int t = pn_expr_scan_lex(rd->scanner);
  rd->cur = (pn_expr_token){t, rd->at, rd->next};
  *value = (pn_expr_value){.from = rd->at, .to = rd->next};
  if (t && ends_here(rd, t)) {
    rd->stopped = true;
    t = rd->cur.kind = 0;
  }
  if (t == 0)
    return 0;
  if (t == PN_X_BAD || t == PN_X_BAD_NUMBER || t == PN_X_OPEN_STRING)
    return bad_word(rd, t);
  t = track_brackets(rd, t);
  rd->after_operand = ends_operand(t);
  rd->end = rd->next;
  return t;
}

/* ---- Errors of the grammar. */

static void error_at_end(pn_expr_reader *rd)
{
  const pn_expr_token *p = &rd->prev;
  bool opening = p->kind == '(' || p->kind == '{' || p->kind == PN_X_PROBE;
  if (!p->kind)
    pn_error(rd->d, rd->loc, "an expression is missing");
  else if (!rd->after_operand && !opening)
    pn_error(rd->d, token_place(rd, p), "operand missing after '%.*s'", PN_FMT(word(rd, p)));
  else if (rd->depth > 0)
    pn_error(rd->d, place(rd, rd->open[rd->depth - 1], rd->open[rd->depth - 1] + 1),
             "'%c' is never closed", rd->text[rd->open[rd->depth - 1]]);
  else
    pn_error(rd->d, place(rd, rd->ternary, rd->ternary + 1), "'?' without its ':'");
}

static void error_after_operand(pn_expr_reader *rd)
{
  const pn_expr_token *c = &rd->cur;
  pn_loc at = token_place(rd, c);
  pn_str s = word(rd, c);
  if (rd->in_probe)
    pn_error(rd->d, at, "',' or ')' missing before '%.*s'", PN_FMT(s));
  else if (c->kind == ':')
    pn_error(rd->d, at, "':' without its '?'");
  else if (c->kind == '=')
    pn_error_hint(rd->d, at, "write == to compare", "'=' cannot be used in an expression");
  else if (c->kind == ',')
    pn_error(rd->d, at, "',' outside the arguments of a function");
  else if (c->kind == ')' || c->kind == '}')
    pn_error(rd->d, at, "'%.*s' does not match the '%c' that is open", PN_FMT(s),
             c->kind == ')' ? '{' : '(');
  else
    pn_error(rd->d, at, "operator missing before '%.*s'", PN_FMT(s));
}

void pn_expr_grammar_error(pn_expr_reader *rd, const char *message)
{
  const pn_expr_token *c = &rd->cur, *p = &rd->prev;
  if (rd->failed)
    return;
  fail(rd);
  /* after_operand already speaks of the current word, when there is one. */
  bool operand_before = c->kind ? ends_operand(p->kind) : rd->after_operand;
  if (strcmp(message, "memory exhausted") == 0)
    pn_error(rd->d, token_place(rd, c), "the expression is nested too deeply");
  else if (!c->kind)
    error_at_end(rd);
  else if (operand_before)
    error_after_operand(rd);
  else if (p->kind == PN_X_PROBE || (rd->in_probe && c->kind != PN_X_NODE) ||
           (p->kind == ',' && c->kind == ')'))
    pn_error(rd->d, token_place(rd, c), "a name is missing before '%.*s'", PN_FMT(word(rd, c)));
  else if (p->kind)
    pn_error(rd->d, token_place(rd, c), "operand missing between '%.*s' and '%.*s'",
             PN_FMT(word(rd, p)), PN_FMT(word(rd, c)));
  else
    pn_error(rd->d, token_place(rd, c), "operand missing before '%.*s'", PN_FMT(word(rd, c)));
}

/* ---- Building the tree. */

static pn_expr_value node(pn_expr_reader *rd, pn_ast_kind kind, uint32_t from, uint32_t to,
                          int depth)
{
  pn_ast *e = PN_NEW(rd->d->arena, pn_ast);
  e->kind = kind;
  e->loc = place(rd, from, to);
  if (depth > PN_EXPR_DEPTH && !rd->failed) {
    pn_error(rd->d, place(rd, from, from), "the expression is more than %d levels deep",
             PN_EXPR_DEPTH);
    fail(rd);
  }
  return (pn_expr_value){.from = from, .to = to, .depth = depth, .ast = e};
}

/* @device[quantity]: the last brackets hold the quantity. */
static void split_at(pn_expr_reader *rd, pn_ast *e, pn_expr_value tok)
{
  const char *p = rd->text + tok.from;
  size_t n = tok.to - tok.from, k = n - 1;
  while (p[k] != '[')
    k--;
  e->name = (pn_str){p + 1, k - 1};
  e->n_args = 1;
  e->args = PN_NEW_ARRAY(rd->d->arena, pn_ast *, 1);
  e->args[0] = PN_NEW(rd->d->arena, pn_ast);
  *e->args[0] = (pn_ast){.kind = PN_AST_NAME,
                         .loc = place(rd, tok.from + (uint32_t)k + 1, tok.to - 1),
                         .name = {p + k + 1, n - k - 2}};
}

pn_expr_value pn_expr_leaf(pn_expr_reader *rd, pn_ast_kind kind, pn_expr_value tok)
{
  pn_expr_value v = node(rd, kind, tok.from, tok.to, 1);
  const char *p = rd->text + tok.from;
  size_t n = tok.to - tok.from;
  if (kind == PN_AST_NUMBER) {
    pn_number_parse(p, n, &v.ast->num);
    if (!isfinite(v.ast->num) && !rd->failed) {
      pn_error(rd->d, v.ast->loc, "the number '%.*s' is too large", n > 40 ? 40 : (int)n, p);
      fail(rd);
    }
  } else if (kind == PN_AST_STRING) {
    v.ast->name = (pn_str){p + 1, n - 2};
  } else if (kind == PN_AST_AT) {
    split_at(rd, v.ast, tok);
  } else {
    v.ast->name = (pn_str){p, n};
  }
  return v;
}

static pn_expr_value op(pn_expr_reader *rd, int o, uint32_t from, uint32_t to, int n,
                        const pn_expr_value *a)
{
  int depth = 0;
  for (int k = 0; k < n; k++)
    depth = a[k].depth > depth ? a[k].depth : depth;
  pn_expr_value v = node(rd, PN_AST_OP, from, to, depth + 1);
  v.ast->op = o;
  v.ast->n_args = n;
  v.ast->args = PN_NEW_ARRAY(rd->d->arena, pn_ast *, n);
  for (int k = 0; k < n; k++)
    v.ast->args[k] = a[k].ast;
  return v;
}

pn_expr_value pn_expr_op1(pn_expr_reader *rd, int o, pn_expr_value tok, pn_expr_value a)
{
  return op(rd, o, tok.from, a.to, 1, &a);
}

pn_expr_value pn_expr_op2(pn_expr_reader *rd, int o, pn_expr_value a, pn_expr_value b)
{
  return op(rd, o, a.from, b.to, 2, (pn_expr_value[]){a, b});
}

pn_expr_value pn_expr_op3(pn_expr_reader *rd, int o, pn_expr_value a, pn_expr_value b,
                          pn_expr_value c)
{
  return op(rd, o, a.from, c.to, 3, (pn_expr_value[]){a, b, c});
}

pn_expr_value pn_expr_xor(pn_expr_reader *rd, pn_expr_value a, pn_expr_value b)
{
  pn_expr_value half = node(rd, PN_AST_NUMBER, a.from, a.from, 1);
  half.ast->num = 0.5;
  pn_expr_value left = op(rd, PN_OP_GT, a.from, a.to, 2, (pn_expr_value[]){a, half});
  pn_expr_value right = op(rd, PN_OP_GT, b.from, b.to, 2, (pn_expr_value[]){b, half});
  return op(rd, PN_OP_NE, a.from, b.to, 2, (pn_expr_value[]){left, right});
}

int pn_expr_caret(pn_expr_reader *rd)
{
  if (rd->d->dialect != PN_LTSPICE)
    return PN_X_POW;
  if (!rd->d->told_xor && !rd->d->dialect_asked) {
    pn_loc loc = rd->loc;
    loc.offset += rd->at;
    loc.len = 1;
    pn_warn(rd->d, loc,
            "'^' is an exclusive or in LTspice's netlists, and this looks like one; for a "
            "power write **, or choose by --dialect=ngspice");
    rd->d->told_xor = true;
  }
  return PN_X_XOR;
}

/* The name of a probe's token "v (" without white space and bracket. */
static pn_str probe_name(pn_expr_reader *rd, pn_expr_value tok)
{
  const char *p = rd->text + tok.from;
  size_t n = 0;
  while ((p[n] | 32) >= 'a' && (p[n] | 32) <= 'z')
    n++;
  return (pn_str){p, n};
}

pn_expr_value pn_expr_call(pn_expr_reader *rd, pn_ast_kind kind, pn_expr_value name,
                           pn_expr_value list, pn_expr_value end)
{
  pn_expr_value v = node(rd, kind, name.from, end.to, list.depth + 1);
  pn_ast *e = v.ast;
  e->name = kind == PN_AST_PROBE ? probe_name(rd, name)
                                 : (pn_str){rd->text + name.from, name.to - name.from};
  if (list.list) {
    e->n_args = (int)list.list->args.n;
    e->args = list.list->args.at;
  }
  if (kind == PN_AST_CALL && rd->d->dialect == PN_XYCE && pn_str_is(e->name, "log"))
    e->name = PN_STR("log10"); /* Xyce's log() has base 10, ln() base e */
  bool current = (e->name.p[0] | 32) == 'i';
  if (kind == PN_AST_PROBE && e->n_args > (current ? 1 : 2) && !rd->failed) {
    pn_error(rd->d, e->loc, "%.*s() takes %s", PN_FMT(e->name),
             current ? "one device" : "one node or two");
    fail(rd);
  }
  return v;
}

pn_expr_value pn_expr_append(pn_expr_reader *rd, pn_expr_value list, pn_expr_value item)
{
  if (!list.list)
    list.list = PN_NEW(rd->d->arena, pn_expr_list);
  *PN_PUSH(rd->d->arena, &list.list->args) = item.ast;
  if (item.depth > list.depth)
    list.depth = item.depth;
  return list;
}

/* ---- The whole. */

static bool blank(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* An error when anything but white space follows the expression. */
static void check_all_used(pn_expr_reader *rd)
{
  size_t k = rd->stopped ? rd->cur.from : rd->next;
  while (k < rd->n && blank(rd->text[k]))
    k++;
  if (k >= rd->n)
    return;
  fail(rd);
  char c = rd->text[k];
  pn_loc at = place(rd, (uint32_t)k, (uint32_t)k + 1);
  if (c == ')' || c == '}')
    pn_error(rd->d, at, "'%c' without its opening bracket", c);
  else if (c == '=')
    pn_error_hint(rd->d, at, "write == to compare", "'=' cannot be used in an expression");
  else if (c > ' ' && c < 127)
    pn_error(rd->d, at, "'%c' cannot follow a complete expression", c);
  else
    pn_error(rd->d, at, "unexpected text after the expression");
}

pn_ast *pn_expr_parse(pn_diag *d, pn_loc loc, const char *text, size_t n, bool whole, size_t *used)
{
  pn_expr_reader rd;
  memset(&rd, 0, offsetof(pn_expr_reader, scratch));
  rd.d = d;
  rd.text = text;
  rd.n = n;
  rd.loc = loc;
  pn_expr_scan_lex_init_extra(&rd, &rd.scanner);
  pn_expr_scan__switch_to_buffer(pn_expr_scan__create_buffer(NULL, FLEX_BUFFER, rd.scanner),
                                 rd.scanner);
  int status = pn_expr_grammar_parse(&rd);
  if (used)
    *used = rd.end;
  if (status == 0 && !rd.failed && whole)
    check_all_used(&rd);
  return status == 0 && !rd.failed ? rd.result : NULL;
}
