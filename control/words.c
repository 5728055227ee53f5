/* Command lines: variables and vectors are put in place of their names, then the line is split into words.
 * Nothing here runs anything: backquotes and '!' were refused when the section was read. */
#include "control/interp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_LINE = 16 << 20 /* bytes a line may grow to */ };

typedef struct builder {
  pn_control *c;
  PN_VEC(char) out;
  bool exact;
} builder;

static void put(builder *b, const char *p, size_t n)
{
  for (size_t k = 0; k < n && b->out.n < MOST_LINE; k++)
    *PN_PUSH(&b->c->scratch, &b->out) = p[k];
}

static bool name_char(char c)
{
  return isalnum((unsigned char)c) || c == '_';
}

/* ---- $&vector ---- */

/* How far the expression behind "$&" goes: a name with its brackets. */
static size_t vector_span(pn_str t, size_t at)
{
  size_t k = at;
  if (k < t.n && t.p[k] == '(') { /* $&(expr) */
    int depth = 0;
    for (; k < t.n; k++) {
      depth += (t.p[k] == '(') - (t.p[k] == ')');
      if (!depth)
        return k + 1;
    }
    return k;
  }
  while (k < t.n && (name_char(t.p[k]) || strchr(".#@:", t.p[k])))
    k++;
  while (k > at && t.p[k - 1] == '.') /* the end of a sentence */
    k--;
  while (k < t.n && (t.p[k] == '(' || t.p[k] == '[')) {
    char open = t.p[k], close = open == '(' ? ')' : ']';
    size_t end = k;
    while (end < t.n && t.p[end] != close && !isspace((unsigned char)t.p[end]))
      end++;
    if (end == t.n || t.p[end] != close)
      break;
    k = end + 1;
  }
  return k;
}

static pn_status put_vector(builder *b, pn_str text, size_t at)
{
  pn_value v;
  char number[64];
  pn_status st = pn_term_value(b->c, text, at, &v);
  for (long k = 0; st == PN_OK && k < v.n; k++) {
    int digits = b->exact ? 17 : 6;
    int n = v.is_complex
                ? snprintf(number, sizeof number, "%s%.*g,%.*g", k ? " " : "", digits,
                           creal(v.z[k]), digits, cimag(v.z[k]))
                : snprintf(number, sizeof number, "%s%.*g", k ? " " : "", digits, creal(v.z[k]));
    put(b, number, (size_t)n);
  }
  return st;
}

/* ---- $variable ---- */

/* Words of a variable: those of `set`, or what the interpreter itself knows. */
static bool words_of(pn_control *c, pn_str name, const char *const **words, int *n)
{
  const pn_setting *s = pn_setting_find(c, name);
  if (s) {
    *words = (const char *const *)s->words;
    *n = s->n;
    return true;
  }
  const pn_cplot *p = c->store.current;
  const char *own = pn_str_is(name, "curplot")        ? p->name
                    : pn_str_is(name, "curplottitle") ? p->title
                    : pn_str_is(name, "curplotname")  ? p->kind
                                                      : NULL;
  if (!own && !pn_str_is(name, "plots"))
    return false;
  PN_VEC(const char *) list = {0};
  if (own)
    *PN_PUSH(&c->scratch, &list) = own;
  for (const pn_cplot *q = c->store.plots; !own && q; q = q->next)
    *PN_PUSH(&c->scratch, &list) = q->name;
  *words = list.at;
  *n = (int)list.n;
  return true;
}

/* [2] or [2-4] behind a variable; *from and *to count from 1. */
static size_t read_selection(pn_str t, size_t at, int n, int *from, int *to)
{
  char *end;
  *from = 1;
  *to = n;
  if (at >= t.n || t.p[at] != '[' || at + 1 >= t.n || !isdigit((unsigned char)t.p[at + 1]))
    return at;
  char digits[32] = "";
  const char *close = memchr(t.p + at, ']', t.n - at);
  size_t len = close ? (size_t)(close - (t.p + at)) - 1 : 0;
  if (!close || len >= sizeof digits)
    return at;
  memcpy(digits, t.p + at + 1, len);
  *from = *to = (int)strtol(digits, &end, 10);
  if (*end == '-')
    *to = end[1] ? (int)strtol(end + 1, NULL, 10) : n;
  return at + len + 2;
}

static pn_status put_variable(builder *b, pn_str t, size_t *at)
{
  pn_control *c = b->c;
  size_t dollar = *at, k = dollar + 1;
  char ask = k < t.n && (t.p[k] == '?' || t.p[k] == '#') ? t.p[k++] : '\0';
  size_t from = k;
  while (k < t.n && name_char(t.p[k]))
    k++;
  pn_str name = {t.p + from, k - from};
  const char *const *words = NULL;
  int n = 0, first, last;
  char number[32];
  if (!name.n)
    return pn_control_error(c, dollar, "expected the name of a variable behind '$'");
  bool found = words_of(c, name, &words, &n);
  *at = k;
  if (ask) {
    put(b, number, (size_t)snprintf(number, sizeof number, "%d", ask == '?' ? found : n));
    return PN_OK;
  }
  if (!found)
    return pn_control_error(c, dollar, "there is no variable '%.*s' (for a vector write $&%.*s)",
                            PN_FMT(name), PN_FMT(name));
  *at = read_selection(t, k, n, &first, &last);
  for (int j = first; j <= last && j <= n; j++)
    if (j >= 1) {
      put(b, " ", j > first);
      put(b, words[j - 1], strlen(words[j - 1]));
    }
  return PN_OK;
}

pn_status pn_substitute(pn_control *c, pn_str t, bool exact, pn_str *out)
{
  builder b = {.c = c, .exact = exact};
  pn_status st = PN_OK;
  bool literal = false; /* between single quotes */
  int braces = 0;       /* around variables: {$x}y */
  for (size_t k = 0; k < t.n && st == PN_OK;) {
    char ch = t.p[k], next = k + 1 < t.n ? t.p[k + 1] : '\0';
    if (ch == '\'')
      literal = !literal;
    if (literal || (ch != '$' && ch != '\\' && ch != '{' && ch != '}')) {
      put(&b, &ch, 1);
      k++;
    } else if (ch == '\\' && next) {
      put(&b, &next, 1);
      k += 2;
    } else if (ch == '{' && next == '$') {
      braces++;
      k++;
    } else if (ch == '}' && braces) {
      braces--;
      k++;
    } else if (ch == '$' && next == '&') {
      size_t end = vector_span(t, k + 2);
      st = put_vector(&b, (pn_str){t.p + k + 2, end - k - 2}, k + 2);
      k = end;
    } else if (ch == '$' && (name_char(next) || next == '?' || next == '#')) {
      st = put_variable(&b, t, &k);
    } else {
      put(&b, &ch, 1);
      k++;
    }
  }
  if (st == PN_OK && b.out.n >= MOST_LINE)
    st = pn_control_error(c, 0, "the line becomes too long");
  *PN_PUSH(&c->scratch, &b.out) = '\0';
  *out = (pn_str){b.out.at, b.out.n - 1};
  return st;
}

/* ---- splitting ---- */

void pn_split_words(pn_control *c)
{
  PN_VEC(pn_str) words = {0};
  PN_VEC(size_t) places = {0};
  pn_str t = c->line;
  for (size_t k = 0;;) {
    while (k < t.n && isspace((unsigned char)t.p[k]))
      k++;
    if (k >= t.n)
      break;
    size_t from = k;
    PN_VEC(char) word = {0};
    for (char quote = 0; k < t.n && (quote || !isspace((unsigned char)t.p[k])); k++) {
      if (quote ? t.p[k] == quote : t.p[k] == '"' || t.p[k] == '\'')
        quote = quote ? 0 : t.p[k];
      else
        *PN_PUSH(&c->scratch, &word) = t.p[k];
    }
    *PN_PUSH(&c->scratch, &word) = '\0';
    *PN_PUSH(&c->scratch, &words) = (pn_str){word.at, word.n - 1};
    *PN_PUSH(&c->scratch, &places) = from;
  }
  c->words = words.at;
  c->word_at = places.at;
  c->n_words = (int)words.n;
}

pn_status pn_take_redirect(pn_control *c)
{
  for (int k = 0; k < c->n_words; k++) {
    size_t at = c->word_at[k];
    if (c->line.p[at] != '>' || (at && !isspace((unsigned char)c->line.p[at - 1])))
      continue;
    bool append = pn_str_istarts(c->words[k], ">>");
    pn_str name = {c->words[k].p + 1 + append, c->words[k].n - 1 - append};
    int used = 1;
    if (!name.n && k + 1 < c->n_words) {
      name = c->words[k + 1];
      used = 2;
    }
    if (k + used < c->n_words)
      return pn_control_error(c, c->word_at[k + used], "nothing may stand behind the file's name");
    c->redirect = pn_control_file(c, name, at, append ? "a" : "w");
    c->line.n = at;
    c->n_words = k;
    return c->redirect ? PN_OK : PN_E_NETLIST;
  }
  return PN_OK;
}
