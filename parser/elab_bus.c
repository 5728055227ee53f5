/* Buses: a word like wl[0:63] stands for 64 names. They may be among the nodes of any instance (a line
 * becomes one instance per name, or, for subcircuits, one instance with that many nodes) and in
 * the signals of .save and .print. */
#include "parser/elab.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_BOUNDS = 4, MOST_BUS = 1 << 20 };

bool pn_is_bus(pn_str word)
{
  const char *open = word.n ? memchr(word.p, '[', word.n) : NULL;
  return open && memchr(open, ':', (size_t)(word.p + word.n - open)) && word.p[0] != '[' &&
         word.p[word.n - 1] == ']';
}

/* One "[a:b]", "[a:b:step]" or "[a]". */
typedef struct bounds {
  long from, step, n;
} bounds;

/* A whole number: digits, or an expression of parameters. */
static bool read_bound(pn_scope *s, pn_str text, pn_loc loc, long *value)
{
  double v;
  uint64_t mask;
  pn_loc at = loc;
  at.len = 0; /* errors point at the word */
  pn_ast *e = text.n ? pn_expr_parse(s->e->diag, at, text.p, text.n, true, &(size_t){0}) : NULL;
  if (!e && text.n)
    return false;
  if (!e || pn_scope_eval(s, e, &v, &mask) != PN_OK || !(fabs(v) <= 1e9) || v != rint(v) || v < 0) {
    pn_error_hint(s->e->diag, loc, "NAME[0:63] or NAME[0:62:2]",
                  "the bounds of a bus are whole numbers of at least 0");
    return false;
  }
  pn_presume(s, &(pn_num){.value = v, .mask = mask, .ast = e, .loc = loc});
  *value = (long)v;
  return true;
}

static bool read_bounds(pn_scope *s, pn_str text, pn_loc loc, bounds *b)
{
  long v[3] = {0, 0, 1};
  int n = 0;
  while (n < 3) {
    const char *colon = memchr(text.p, ':', text.n);
    size_t len = colon ? (size_t)(colon - text.p) : text.n;
    if (!read_bound(s, (pn_str){text.p, len}, loc, &v[n++]))
      return false;
    if (!colon)
      break;
    text = (pn_str){colon + 1, text.n - len - 1};
    if (n == 3) {
      pn_error(s->e->diag, loc, "a bus has at most a first, a last and a step");
      return false;
    }
  }
  if (n == 1)
    v[1] = v[0];
  if (v[2] == 0) {
    pn_error(s->e->diag, loc, "the step of a bus cannot be 0");
    return false;
  }
  long span = v[1] >= v[0] ? v[1] - v[0] : v[0] - v[1];
  *b = (bounds){v[0], v[1] >= v[0] ? v[2] : -v[2], span / v[2] + 1};
  return true;
}

/* Splits a word into its stem, bounds and what stands behind; false after reporting. */
static bool split(pn_scope *s, pn_str word, pn_loc loc, size_t *stem, bounds *b, int *n)
{
  const char *p = memchr(word.p, '[', word.n), *end = word.p + word.n;
  *stem = (size_t)(p - word.p);
  *n = 0;
  while (p < end && *p == '[') {
    const char *close = memchr(p, ']', (size_t)(end - p));
    if (!close || *n == MOST_BOUNDS)
      break;
    if (!read_bounds(s, (pn_str){p + 1, (size_t)(close - p - 1)}, loc, &b[(*n)++]))
      return false;
    p = close + 1;
  }
  if (p == end)
    return true;
  pn_error(s->e->diag, loc, "'%.*s' is not a bus", PN_FMT(word));
  return false;
}

pn_str *pn_bus_expand(pn_scope *s, pn_str word, pn_loc loc, long most, long *n)
{
  pn_arena *a = s->e->arena;
  size_t stem;
  bounds b[MOST_BOUNDS];
  int dims;
  *n = 1;
  if (!pn_is_bus(word)) {
    pn_str *one = PN_NEW(a, pn_str);
    *one = word;
    return one;
  }
  if (!split(s, word, loc, &stem, b, &dims))
    return NULL;
  most = most < MOST_BUS ? most : MOST_BUS;
  for (int d = 0; d < dims; d++) {
    if (b[d].n > most / *n) {
      pn_error(s->e->diag, loc, "'%.*s' stands for more than %ld names", PN_FMT(word), most);
      return NULL;
    }
    *n *= b[d].n;
  }
  pn_str *names = PN_NEW_ARRAY(a, pn_str, *n);
  for (long k = 0; k < *n; k++) {
    char text[MOST_BOUNDS * 16];
    int len = 0;
    long rest = k, size = *n;
    for (int d = 0; d < dims; d++) {
      size /= b[d].n;
      len += snprintf(text + len, sizeof text - (size_t)len, "[%ld]",
                      b[d].from + rest / size * b[d].step);
      rest %= size;
    }
    char *name = pn_arena_alloc(a, stem + (size_t)len + 1);
    memcpy(name, word.p, stem);
    memcpy(name + stem, text, (size_t)len + 1);
    names[k] = (pn_str){name, stem + (size_t)len};
  }
  return names;
}

/* ---- instances ---- */

/* Words before the first NAME=VALUE are where buses may stand. */
static int end_of_words(const pn_card *c)
{
  int k = 1;
  while (k < c->n && !pn_tok_key(c, k))
    k++;
  return k;
}

const pn_card *pn_bus_flatten(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  int end = end_of_words(c);
  PN_VEC(pn_token) out = {0};
  for (int k = 0; k < c->n; k++) {
    pn_token t = c->tokens[k];
    if (k == 0 || k >= end || t.kind != PN_T_WORD || !pn_is_bus(t.text)) {
      *PN_PUSH(e->arena, &out) = t;
      continue;
    }
    long n;
    pn_str *names = pn_bus_expand(s, t.text, pn_at(s, c, k), e->max_elements, &n);
    if (!names)
      return NULL;
    for (long j = 0; j < n; j++) {
      t.text = names[j];
      *PN_PUSH(e->arena, &out) = t;
    }
  }
  pn_card *flat = PN_NEW(e->arena, pn_card);
  *flat = *c;
  flat->tokens = out.at;
  flat->n = (int)out.n;
  return flat;
}

void pn_bus_instances(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  int end = end_of_words(c);
  long width = -1, n;
  pn_str **names = PN_NEW_ARRAY(e->arena, pn_str *, c->n);
  for (int k = 0; k < end; k++) {
    if (!pn_tok_is(c, k, PN_T_WORD) || !pn_is_bus(c->tokens[k].text))
      continue;
    names[k] = pn_bus_expand(s, c->tokens[k].text, pn_at(s, c, k), e->max_elements, &n);
    if (!names[k])
      return;
    if (width >= 0 && n != width) {
      pn_error(e->diag, pn_at(s, c, k), "a bus of %ld names beside one of %ld", n, width);
      return;
    }
    width = n;
  }
  for (long i = 0; i < width && !e->stopped; i++) {
    pn_card *one = PN_NEW(e->arena, pn_card);
    *one = *c;
    one->tokens = PN_NEW_ARRAY(e->arena, pn_token, c->n);
    memcpy(one->tokens, c->tokens, (size_t)c->n * sizeof *c->tokens);
    for (int k = 0; k < end; k++)
      if (names[k])
        one->tokens[k].text = names[k][i];
    if (!names[0])
      one->tokens[0].text = pn_str_of(
          pn_arena_printf(e->arena, "%.*s[%ld]", PN_FMT(c->tokens[0].text), i));
    pn_instance(s, one);
  }
}

/* ---- signals ---- */

/* The first bus in an expression: the name of a node or of a device. */
static pn_str *find_bus(pn_ast *e)
{
  bool probe = e->kind == PN_AST_PROBE;
  for (int k = 0; probe && k < e->n_args; k++)
    if (pn_is_bus(e->args[k]->name))
      return &e->args[k]->name;
  if (e->kind == PN_AST_AT && pn_is_bus(e->name))
    return &e->name;
  for (int k = 0; !probe && k < e->n_args; k++) {
    pn_str *found = find_bus(e->args[k]);
    if (found)
      return found;
  }
  return NULL;
}

static pn_ast *copy(pn_arena *a, const pn_ast *e)
{
  pn_ast *c = PN_NEW(a, pn_ast);
  *c = *e;
  c->args = e->n_args ? PN_NEW_ARRAY(a, pn_ast *, e->n_args) : NULL;
  for (int k = 0; k < e->n_args; k++)
    c->args[k] = copy(a, e->args[k]);
  return c;
}

pn_ast **pn_bus_signals(pn_scope *s, pn_ast *e, long *n)
{
  pn_arena *a = s->e->arena;
  pn_str *bus = find_bus(e);
  *n = 1;
  if (!bus) {
    pn_ast **one = PN_NEW(a, pn_ast *);
    *one = e;
    return one;
  }
  pn_str *names = pn_bus_expand(s, *bus, e->loc, s->e->max_elements, n);
  if (!names)
    return NULL;
  pn_ast **all = PN_NEW_ARRAY(a, pn_ast *, *n);
  for (long k = 0; k < *n; k++) {
    all[k] = copy(a, e);
    for (pn_str *at; (at = find_bus(all[k])) && pn_str_eq(*at, *bus);)
      *at = names[k]; /* v(a[0:3],b[0:3]) with another bus keeps the rest for an error */
  }
  return all;
}
