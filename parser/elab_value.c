/* Tokens to numbers and expressions. A plain number never meets the expression
 * engine; an expression inside a subcircuit is parsed once and shared by its instances. */
#include "parser/elab.h"

#include <string.h>

pn_loc pn_at(const pn_scope *s, const pn_card *c, int token)
{
  pn_loc loc;
  if (token < c->n) {
    loc = (pn_loc){c->file, c->tokens[token].offset, c->tokens[token].len, 0};
  } else {
    loc = (pn_loc){c->file, c->end, 0, 0};
  }
  loc.inst = s->inst;
  return loc;
}

bool pn_tok_word(const pn_card *c, int k, const char *word)
{
  return pn_tok_is(c, k, PN_T_WORD) && pn_str_is(c->tokens[k].text, word);
}

bool pn_word_number(pn_str word, double *value)
{
  if (!word.n || (unsigned char)(word.p[0] | 32) >= 'a')
    return false; /* a name: the common case */
  return pn_number_parse(word.p, word.n, value) == word.n;
}

pn_ast *pn_ast_make(pn_arena *a, pn_ast_kind kind, pn_loc loc, int n_args)
{
  pn_ast *e = PN_NEW(a, pn_ast);
  e->kind = kind;
  e->loc = loc;
  e->n_args = n_args;
  e->args = n_args ? PN_NEW_ARRAY(a, pn_ast *, n_args) : NULL;
  return e;
}

void pn_ast_set_inst(pn_ast *e, uint32_t inst)
{
  e->loc.inst = inst;
  for (int k = 0; k < e->n_args; k++)
    pn_ast_set_inst(e->args[k], inst);
}

/* An expression with the number of tokens that it took. */
typedef struct parsed {
  pn_ast *ast;
  int tokens;
} parsed;

/* Parses the longest expression that starts at token k. Braces end it at their closing one; else
 * the text up to the card's end is offered and what was used decides the tokens. */
static parsed parse_at(pn_scope *s, const pn_card *c, int k)
{
  pn_elab *e = s->e;
  pn_loc loc = pn_at(s, c, k);
  size_t used = 0;
  if (pn_tok_is(c, k, PN_T_EXPR)) {
    pn_str text = c->tokens[k].text;
    loc.offset += 1;
    loc.len = (uint32_t)text.n;
    return (parsed){pn_expr_parse(e->diag, loc, text.p, text.n, true, &used), 1};
  }
  const pn_source *src = &e->diag->sources.at[c->file - 1];
  const char *text = src->text + loc.offset;
  parsed p = {pn_expr_parse(e->diag, loc, text, c->end - loc.offset, false, &used), 1};
  while (k + p.tokens < c->n && c->tokens[k + p.tokens].offset < loc.offset + used)
    p.tokens++;
  return p;
}

static void report_missing(pn_scope *s, const pn_card *c, int k)
{
  if (k < c->n)
    pn_error(s->e->diag, pn_at(s, c, k), "expected a value here");
  else
    pn_error(s->e->diag, pn_at(s, c, k), "a value is missing at the end of the line");
}

pn_ast *pn_read_expr(pn_scope *s, const pn_card *c, int *k)
{
  if (!pn_tok_is(c, *k, PN_T_EXPR) && !pn_tok_is(c, *k, PN_T_WORD) &&
      !pn_tok_is(c, *k, PN_T_LPAREN)) {
    report_missing(s, c, *k);
    return NULL;
  }
  const pn_token *key = &c->tokens[*k];
  parsed *known = s->inst ? pn_ptrmap_get(&s->e->ast_of_token, key) : NULL;
  if (!known) {
    parsed p = parse_at(s, c, *k);
    if (!p.ast)
      return NULL;
    known = PN_NEW(s->e->arena, parsed);
    *known = p;
    if (s->inst)
      pn_ptrmap_put(s->e->arena, &s->e->ast_of_token, key, known);
  }
  *k += known->tokens;
  return known->ast;
}

pn_ast *pn_try_expr(pn_scope *s, const pn_card *c, int *k)
{
  pn_diag *d = s->e->diag;
  pn_diag kept = *d;
  int from = *k;
  d->out = NULL;
  pn_ast *e = pn_read_expr(s, c, k);
  d->out = kept.out;
  d->n_errors = kept.n_errors;
  d->n_warnings = kept.n_warnings;
  if (!e)
    *k = from;
  return e;
}

bool pn_read_num(pn_scope *s, const pn_card *c, int *k, pn_num *v)
{
  *v = (pn_num){.loc = pn_at(s, c, *k)};
  if (pn_tok_is(c, *k, PN_T_WORD) && pn_word_number(c->tokens[*k].text, &v->value)) {
    if (!isfinite(v->value)) {
      pn_error(s->e->diag, v->loc, "the number is too large");
      return false;
    }
    ++*k;
    return true;
  }
  int from = *k;
  v->ast = pn_read_expr(s, c, k);
  if (!v->ast) {
    *k = from + 1;
    return false;
  }
  int errors = s->e->diag->n_errors;
  pn_status st = pn_scope_eval(s, v->ast, &v->value, &v->mask);
  if (st == PN_OK && !isfinite(v->value)) {
    if (s->e->diag->n_errors == errors && !isnan(v->value))
      pn_error(s->e->diag, v->loc, "the value is not a finite number");
    return false;
  }
  if (!v->mask)
    v->ast = NULL;
  return st == PN_OK;
}

bool pn_extra_words(pn_scope *s, const pn_card *c, int k)
{
  if (k >= c->n)
    return false;
  pn_error(s->e->diag, pn_at(s, c, k), "unexpected '%.*s': the line should end here",
           PN_FMT(c->tokens[k].text));
  return true;
}

void pn_presume(pn_scope *s, const pn_num *v)
{
  if (v->mask)
    *PN_PUSH(s->e->arena, &s->e->premises) = (pn_premise){
        .mask = v->mask, .value = v->value, .ast = v->ast, .scope = s, .loc = v->loc};
}

void pn_bind(pn_scope *s, int device, int index, const pn_num *v)
{
  if (v->mask)
    *PN_PUSH(s->e->arena, &s->e->bindings) = (pn_binding){
        .mask = v->mask, .device = device, .index = index, .ast = v->ast, .scope = s};
}
