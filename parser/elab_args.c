/* Words of a directive to the arguments that analyses, measurements and options read:
 * positional or key=value, numbers evaluated, signals as expressions, lists in parentheses. */
#include "parser/elab.h"

typedef PN_VEC(pn_arg) arg_vec;

enum { MOST_NESTED = 32 };

typedef struct reader {
  pn_scope *s;
  const pn_card *c;
  bool strict;
  int depth; /* of parentheses */
} reader;

/* Names that, with a parenthesis right behind, start a signal or a function call. */
static bool is_call(reader *r, pn_str word)
{
  static const char *const probes[] = {"v",  "i",  "vm",  "vp", "vr", "vi", "vdb",   "im",
                                       "ip", "ir", "idb", "ii", "if", "p",  "table", "pwl"};
  for (size_t k = 0; k < sizeof probes / sizeof *probes; k++)
    if (pn_str_is(word, probes[k]))
      return true;
  if (pn_op_find(word) >= 0 || r->s->resolver.func(r->s->resolver.user, word))
    return true;
  for (size_t k = 0; k < word.n; k++) /* 2*v(out), -v(out) */
    if (word.p[k] == '*' || word.p[k] == '/' || word.p[k] == '+' || word.p[k] == '-')
      return true;
  return false;
}

static bool has_probe(const pn_ast *e)
{
  if (e->kind == PN_AST_PROBE || e->kind == PN_AST_AT)
    return true;
  for (int k = 0; k < e->n_args; k++)
    if (has_probe(e->args[k]))
      return true;
  return false;
}

/* The number an expression stands for, when it has one now. */
static void evaluate(reader *r, pn_arg *arg, bool loud)
{
  uint64_t mask;
  if (has_probe(arg->ast))
    return;
  if (loud && r->strict)
    arg->is_num = pn_scope_eval(r->s, arg->ast, &arg->num, &mask) == PN_OK;
  else
    arg->is_num = pn_scope_try(r->s, arg->ast, &arg->num);
}

static int read_list(reader *r, int k, arg_vec *out);

static pn_args *close_list(reader *r, const arg_vec *v, pn_loc loc)
{
  pn_args *list = PN_NEW(r->s->e->arena, pn_args);
  *list = (pn_args){.at = v->at, .n = (int)v->n, .loc = loc};
  return list;
}

/* What stands behind the parenthesis at token k - 1, as the list of arg. */
static int read_nested(reader *r, int k, pn_arg *arg)
{
  pn_loc loc = pn_at(r->s, r->c, k - 1);
  arg_vec inner = {0};
  if (++r->depth > MOST_NESTED) {
    pn_error(r->s->e->diag, loc, "parentheses are nested deeper than %d", MOST_NESTED);
    return r->c->n;
  }
  k = read_list(r, k, &inner);
  r->depth--;
  arg->list = close_list(r, &inner, loc);
  return k;
}

/* par('...') of print lines is the expression inside. */
static bool is_par(const pn_card *c, int k)
{
  return pn_tok_word(c, k, "par") && pn_tok_is(c, k + 1, PN_T_LPAREN) &&
         pn_tok_is(c, k + 2, PN_T_EXPR) && pn_tok_is(c, k + 3, PN_T_RPAREN);
}

static void span(const pn_card *c, int from, int to, pn_arg *arg, const pn_diag *d)
{
  const pn_token *a = &c->tokens[from], *b = &c->tokens[to - 1];
  arg->loc.len = b->offset + b->len - a->offset;
  arg->text = (pn_str){d->sources.at[c->file - 1].text + a->offset, arg->loc.len};
}

/* A word: number, signal, expression, name; with a list when a parenthesis follows. */
static int read_word(reader *r, int k, pn_arg *arg)
{
  const pn_card *c = r->c;
  pn_str word = c->tokens[k].text;
  bool paren = pn_tok_is(c, k + 1, PN_T_LPAREN);
  if (!paren && pn_word_number(word, &arg->num)) {
    arg->is_num = isfinite(arg->num);
    if (!arg->is_num)
      pn_error(r->s->e->diag, arg->loc, "the number is too large");
    return k + 1;
  }
  if (is_par(c, k)) {
    int at = k + 2;
    arg->ast = pn_read_expr(r->s, c, &at);
    return k + 4;
  }
  if (word.n &&
      (word.p[0] == '@' || (paren && !c->tokens[k + 1].space_before && is_call(r, word)))) {
    int at = k;
    arg->ast = pn_read_expr(r->s, c, &at);
    if (!arg->ast)
      return c->n; /* reported: the rest of the card would only confuse */
    span(c, k, at, arg, r->s->e->diag);
    evaluate(r, arg, true);
    return at;
  }
  if (paren)
    return read_nested(r, k + 2, arg);
  int at = k;
  arg->ast = pn_try_expr(r->s, c, &at);
  if (arg->ast && at != k + 1)
    arg->ast = NULL; /* it would take words that stand for themselves */
  if (arg->ast)
    evaluate(r, arg, false);
  return k + 1;
}

static int read_value(reader *r, int k, pn_arg *arg)
{
  const pn_card *c = r->c;
  arg->loc = pn_at(r->s, c, k);
  if (k >= c->n) {
    pn_error(r->s->e->diag, arg->loc, "a value is missing at the end of the line");
    return k;
  }
  arg->text = c->tokens[k].text;
  switch (c->tokens[k].kind) {
  case PN_T_WORD:
    return read_word(r, k, arg);
  case PN_T_EXPR:
    arg->ast = pn_read_expr(r->s, c, &k);
    if (!arg->ast)
      return k + 1;
    evaluate(r, arg, true);
    return k;
  case PN_T_STRING:
    return k + 1;
  case PN_T_LPAREN:
    arg->text = PN_STR("");
    return read_nested(r, k + 1, arg);
  default:
    pn_error(r->s->e->diag, arg->loc, "expected a value here");
    return k + 1;
  }
}

static int read_list(reader *r, int k, arg_vec *out)
{
  const pn_card *c = r->c;
  while (k < c->n) {
    if (c->tokens[k].kind == PN_T_COMMA) {
      k++;
      continue;
    }
    if (c->tokens[k].kind == PN_T_RPAREN) {
      if (r->depth)
        return k + 1;
      pn_error(r->s->e->diag, pn_at(r->s, c, k), "unmatched ')'");
      return c->n;
    }
    pn_arg arg = {.key = PN_STR(""), .text = PN_STR("")};
    if (pn_tok_key(c, k) && c->tokens[k].text.p[0] != '@') {
      arg.key = c->tokens[k].text;
      k += 2;
    } else if (c->tokens[k].kind == PN_T_EQUALS) { /* v(b)=0.3, @nm1[x]=0.3: the right side */
      arg.key = PN_STR("=");
      k++;
    }
    k = read_value(r, k, &arg);
    *PN_PUSH(r->s->e->arena, out) = arg;
  }
  return k;
}

pn_args *pn_read_args(pn_scope *s, const pn_card *c, int first, bool strict)
{
  reader r = {s, c, strict, 0};
  arg_vec v = {0};
  read_list(&r, first, &v);
  return close_list(&r, &v, pn_at(s, c, 0));
}
