/* From the text of an expression to a tree, by precedence: what binds less is read outside. ngspice's
 * order: ?:  |  &  comparisons  + -  * / %  unary -  ^ (from the right)  [ ]. */
#include "control/value.h"

#include "expr/parse.h"

#include <ctype.h>
#include <string.h>

enum { MOST_DEPTH = 100 };

typedef struct reader {
  pn_arena *arena;
  pn_str text;
  size_t at;
  int depth;
  pn_fault *fault;
} reader;

static pn_node *fail(reader *r, const char *text)
{
  if (!r->fault->text)
    *r->fault = (pn_fault){text, r->at};
  return NULL;
}

static void skip(reader *r)
{
  while (r->at < r->text.n && isspace((unsigned char)r->text.p[r->at]))
    r->at++;
}

static char peek(const reader *r, size_t ahead)
{
  return r->at + ahead < r->text.n ? r->text.p[r->at + ahead] : '\0';
}

static pn_node *make(reader *r, pn_node_kind kind, char op, size_t from, pn_node *a, pn_node *b)
{
  pn_node *n = PN_NEW(r->arena, pn_node);
  *n = (pn_node){.kind = kind, .op = op, .args = {a, b}, .n_args = (a != NULL) + (b != NULL)};
  n->source = (pn_str){r->text.p + from, r->at - from};
  return n;
}

static bool word_char(char c)
{
  return isalnum((unsigned char)c) || (c && strchr("_.#$:@", c)) || (c & 0x80);
}

static pn_node *read_at(reader *r, int level);

/* ---- operators ---- */

/* Levels of binary operators; PN_CO_... or the character itself. The longest name first. */
static const struct {
  const char *name;
  char op;
  int level;
} operators[] = {
    {"||", '|', 1},      {"|", '|', 1},       {"or", '|', 1},      {"&&", '&', 2},
    {"&", '&', 2},       {"and", '&', 2},     {"<>", PN_CO_NE, 3}, {"!=", PN_CO_NE, 3},
    {"<=", PN_CO_LE, 3}, {">=", PN_CO_GE, 3}, {"==", '=', 3},      {"=", '=', 3},
    {"<", '<', 3},       {">", '>', 3},       {"eq", '=', 3},      {"ne", PN_CO_NE, 3},
    {"le", PN_CO_LE, 3}, {"ge", PN_CO_GE, 3}, {"lt", '<', 3},      {"gt", '>', 3},
    {"+", '+', 4},       {"-", '-', 4},       {"**", '^', 7},      {"*", '*', 5},
    {"/", '/', 5},       {"%", '%', 5},       {"^", '^', 7},
};
enum { N_OPERATORS = sizeof operators / sizeof *operators, LOWEST = 1, HIGHEST = 5, POWER = 7 };

/* The operator that stands here, or -1; its length. */
static int operator_here(reader *r, size_t *length)
{
  skip(r);
  for (int k = 0; k < N_OPERATORS; k++) {
    size_t n = strlen(operators[k].name);
    pn_str here = {r->text.p + r->at, r->text.n - r->at < n ? r->text.n - r->at : n};
    if (!pn_str_is(here, operators[k].name))
      continue;
    if (isalpha((unsigned char)operators[k].name[0]) &&
        (word_char(peek(r, n)) || peek(r, n) == '('))
      continue;
    *length = n;
    return k;
  }
  return -1;
}

/* ---- operands ---- */

static pn_node *read_number(reader *r)
{
  double value;
  size_t from = r->at, n = pn_number_parse(r->text.p + r->at, r->text.n - r->at, &value);
  r->at += n;
  pn_node *number = make(r, PN_CN_NUMBER, 0, from, NULL, NULL);
  number->number = value;
  return number;
}

/* "v", "vdb", "tran1.i": what takes names of nodes and devices, not expressions. */
static bool is_probe(pn_str word)
{
  static const char *const probes[] = {"v",   "i",  "vm", "vp", "vr", "vi",
                                       "vdb", "im", "ip", "ir", "ii", "idb"};
  for (size_t k = word.n; k-- > 0;)
    if (word.p[k] == '.') {
      word = (pn_str){word.p + k + 1, word.n - k - 1};
      break;
    }
  for (size_t k = 0; k < sizeof probes / sizeof *probes; k++)
    if (pn_str_is(word, probes[k]))
      return true;
  return false;
}

/* Names between the parenthesis that was just read and its end. */
static pn_node *read_names(reader *r, pn_node *n)
{
  for (;;) {
    skip(r);
    size_t from = r->at;
    while (r->at < r->text.n && !strchr("(), \t", r->text.p[r->at]))
      r->at++;
    if (r->at == from || n->n_args == 2)
      return fail(r, "expected the name of a node or a device, or two of them");
    pn_node *name = make(r, PN_CN_NAME, 0, from, NULL, NULL);
    name->text = name->source;
    n->args[n->n_args++] = name;
    skip(r);
    char c = peek(r, 0);
    if (c != ',' && c != ')')
      return fail(r, "expected ')' behind the name");
    r->at++;
    if (c == ')')
      return n;
  }
}

static pn_node *read_arguments(reader *r, pn_node *n)
{
  for (;;) {
    if (n->n_args == PN_MOST_ARGS)
      return fail(r, "too many arguments");
    if (!(n->args[n->n_args++] = read_at(r, 0)))
      return NULL;
    skip(r);
    char c = peek(r, 0);
    if (c != ',' && c != ')')
      return fail(r, "expected ',' or ')'");
    r->at++;
    if (c == ')')
      return n;
  }
}

static pn_node *read_word(reader *r)
{
  size_t from = r->at;
  bool device = peek(r, 0) == '@';
  while (word_char(peek(r, 0)))
    r->at++;
  if (!device && r->text.n - r->at >= 6 && !strncmp(r->text.p + r->at, "-sweep", 6))
    r->at += 6;                      /* v-sweep: scales of .dc */
  if (device && peek(r, 0) == '[') { /* @m1[gm] */
    while (peek(r, 0) && peek(r, 0) != ']')
      r->at++;
    if (!peek(r, 0))
      return fail(r, "'[' is never closed");
    r->at++;
  }
  pn_node *n = make(r, PN_CN_NAME, 0, from, NULL, NULL);
  n->text = n->source;
  if (device || peek(r, 0) != '(')
    return n;
  r->at++;
  n->kind = is_probe(n->text) ? PN_CN_PROBE : PN_CN_CALL;
  n = n->kind == PN_CN_PROBE ? read_names(r, n) : read_arguments(r, n);
  if (n)
    n->source.n = r->at - from;
  return n;
}

/* ( e ) and the complex number ( re , im ). */
static pn_node *read_parenthesis(reader *r)
{
  size_t from = r->at++;
  pn_node *a = read_at(r, 0), *b = NULL;
  skip(r);
  if (a && peek(r, 0) == ',') {
    r->at++;
    if (!(b = read_at(r, 0)))
      return NULL;
    skip(r);
  }
  if (!a)
    return NULL;
  if (peek(r, 0) != ')')
    return fail(r, "expected ')'");
  r->at++;
  return b ? make(r, PN_CN_OP, ',', from, a, b) : a;
}

static pn_node *read_primary(reader *r)
{
  skip(r);
  char c = peek(r, 0);
  if (isdigit((unsigned char)c) || (c == '.' && isdigit((unsigned char)peek(r, 1))))
    return read_number(r);
  if (c == '(')
    return read_parenthesis(r);
  if (word_char(c) && c != '.')
    return read_word(r);
  return fail(r, c ? "expected a vector, a number or a function here"
                   : "an expression is missing at the end of the line");
}

/* v[2], v[2,5], v[[1u,2u]] */
static pn_node *read_brackets(reader *r, pn_node *v, size_t from)
{
  while (v && peek(r, 0) == '[') {
    bool span = peek(r, 1) == '[';
    r->at += span ? 2 : 1;
    pn_node *n = make(r, span ? PN_CN_SPAN : PN_CN_INDEX, 0, from, v, NULL);
    if (!(n->args[n->n_args++] = read_at(r, 0)))
      return NULL;
    skip(r);
    if (peek(r, 0) == ',') {
      r->at++;
      if (!(n->args[n->n_args++] = read_at(r, 0)))
        return NULL;
      skip(r);
    }
    if (peek(r, 0) != ']' || (span && (peek(r, 1) != ']' || n->n_args != 3)))
      return fail(r, "expected ']' behind the numbers of the points");
    r->at += span ? 2 : 1;
    n->source.n = r->at - from;
    v = n;
  }
  return v;
}

static pn_node *read_power(reader *r);

static pn_node *read_unary(reader *r)
{
  skip(r);
  size_t from = r->at;
  char c = peek(r, 0);
  bool word = pn_str_is((pn_str){r->text.p + r->at, r->text.n - r->at < 3 ? 0 : 3}, "not") &&
              !word_char(peek(r, 3));
  if (c != '-' && c != '+' && c != '!' && c != '~' && !word)
    return read_power(r);
  if (++r->depth > MOST_DEPTH)
    return fail(r, "the expression is nested too deeply");
  r->at += word ? 3 : 1;
  pn_node *a = read_unary(r);
  r->depth--;
  if (!a || c == '+')
    return a;
  return make(r, PN_CN_OP, c == '-' ? PN_CO_NEG : PN_CO_NOT, from, a, NULL);
}

static pn_node *read_power(reader *r)
{
  size_t from = r->at, length;
  pn_node *a = read_brackets(r, read_primary(r), from);
  int k = a ? operator_here(r, &length) : -1;
  if (k < 0 || operators[k].level != POWER)
    return a;
  if (++r->depth > MOST_DEPTH)
    return fail(r, "the expression is nested too deeply");
  r->at += length;
  pn_node *b = read_unary(r);
  r->depth--;
  return b ? make(r, PN_CN_OP, '^', from, a, b) : NULL;
}

static pn_node *read_binary(reader *r, int level)
{
  if (level > HIGHEST)
    return read_unary(r);
  skip(r);
  size_t from = r->at, length;
  pn_node *a = read_binary(r, level + 1);
  for (int k; a && (k = operator_here(r, &length)) >= 0 && operators[k].level == level;) {
    r->at += length;
    pn_node *b = read_binary(r, level + 1);
    a = b ? make(r, PN_CN_OP, operators[k].op, from, a, b) : NULL;
  }
  return a;
}

/* level 0: a whole expression with c ? a : b. */
static pn_node *read_at(reader *r, int level)
{
  if (++r->depth > MOST_DEPTH)
    return fail(r, "the expression is nested too deeply");
  skip(r);
  size_t from = r->at;
  pn_node *a = read_binary(r, level + 1);
  skip(r);
  if (a && peek(r, 0) == '?') {
    r->at++;
    pn_node *yes = read_at(r, 0), *no = NULL;
    skip(r);
    if (yes && peek(r, 0) != ':')
      return fail(r, "expected ':' behind the '?'");
    r->at++;
    if (!yes || !(no = read_at(r, 0)))
      return NULL;
    pn_node *n = make(r, PN_CN_IF, 0, from, a, yes);
    n->args[n->n_args++] = no;
    a = n;
  }
  r->depth--;
  return a;
}

pn_node *pn_node_read(pn_arena *a, pn_str text, size_t *at, pn_fault *f)
{
  reader r = {.arena = a, .text = text, .at = *at, .fault = f};
  *f = (pn_fault){NULL, 0};
  skip(&r);
  size_t from = r.at;
  pn_node *n = read_at(&r, 0);
  *at = r.at;
  if (n) {
    size_t end = r.at;
    while (end > from && isspace((unsigned char)text.p[end - 1]))
      end--;
    n->source = (pn_str){text.p + from, end - from};
  }
  return n;
}

bool pn_text_left(pn_str text, size_t at)
{
  while (at < text.n && isspace((unsigned char)text.p[at]))
    at++;
  return at < text.n;
}
