/* E, F, G and H beyond a constant gain: POLY(n), TABLE, VALUE=, VOL=, CUR=. Each is
 * rewritten as the expression of a behavioural source. */
#include "parser/elab.h"

/* ---- building expressions ---- */

static pn_ast *number(pn_arena *a, double value, pn_loc loc)
{
  pn_ast *e = pn_ast_make(a, PN_AST_NUMBER, loc, 0);
  e->num = value;
  return e;
}

static pn_ast *binary(pn_arena *a, pn_op op, pn_ast *x, pn_ast *y)
{
  pn_ast *e = pn_ast_make(a, PN_AST_OP, x->loc, 2);
  e->op = op;
  e->args[0] = x;
  e->args[1] = y;
  return e;
}

static pn_ast *name_at(pn_scope *s, const pn_card *c, int k)
{
  pn_ast *e = pn_ast_make(s->e->arena, PN_AST_NAME, pn_at(s, c, k), 0);
  e->name = c->tokens[k].text;
  return e;
}

/* A value of a list: a number or an expression. NULL after an error. */
static pn_ast *read_value(pn_scope *s, const pn_card *c, int *k)
{
  double value;
  if (pn_tok_is(c, *k, PN_T_WORD) && pn_word_number(c->tokens[*k].text, &value))
    return number(s->e->arena, value, pn_at(s, c, (*k)++));
  return pn_read_expr(s, c, k);
}

static void skip_marks(const pn_card *c, int *k)
{
  while (pn_tok_is(c, *k, PN_T_LPAREN) || pn_tok_is(c, *k, PN_T_RPAREN) ||
         pn_tok_is(c, *k, PN_T_COMMA) || pn_tok_is(c, *k, PN_T_EQUALS))
    ++*k;
}

/* ---- POLY ---- */

enum { MOST_DIMENSIONS = 16 };

/* The next monomial of the same or the next degree: factors [*degree] never fall. */
static bool next_monomial(int *factor, int *degree, int n)
{
  int k = *degree - 1;
  while (k >= 0 && factor[k] == n - 1)
    k--;
  if (k >= 0) {
    int v = factor[k] + 1;
    for (; k < *degree; k++)
      factor[k] = v;
    return true;
  }
  if (*degree == MOST_DIMENSIONS)
    return false;
  ++*degree;
  for (k = 0; k < *degree; k++)
    factor[k] = 0;
  return true;
}

/* p0 + p1 x1 + ... + pn xn + p x1^2 + p x1 x2 + ...: SPICE's order of terms. */
static pn_ast *polynomial(pn_scope *s, const pn_card *c, int *k, pn_ast **x, int n)
{
  pn_arena *a = s->e->arena;
  PN_VEC(pn_ast *) p = {0};
  for (skip_marks(c, k); *k < c->n; skip_marks(c, k)) {
    pn_ast *v = read_value(s, c, k);
    if (!v)
      return NULL;
    *PN_PUSH(a, &p) = v;
  }
  if (p.n == 0) {
    pn_error(s->e->diag, pn_at(s, c, c->n), "the coefficients of POLY are missing");
    return NULL;
  }
  if (p.n == 1 && n == 1)
    return binary(a, PN_OP_MUL, p.at[0], x[0]); /* a lone coefficient is the gain */
  pn_ast *sum = p.at[0];
  int factor[MOST_DIMENSIONS] = {0}, degree = 0;
  for (size_t j = 1; j < p.n; j++) {
    if (!next_monomial(factor, &degree, n)) {
      pn_error(s->e->diag, p.at[j]->loc, "POLY has too many coefficients");
      return NULL;
    }
    pn_ast *term = p.at[j];
    for (int f = 0; f < degree; f++)
      term = binary(a, PN_OP_MUL, term, x[factor[f]]);
    sum = binary(a, PN_OP_ADD, sum, term);
  }
  return sum;
}

/* The controlling quantity that starts at *k: v(a,b) of two nodes, or i(device). */
static pn_ast *control(pn_scope *s, const pn_card *c, int *k, bool current)
{
  int n = current ? 1 : 2;
  pn_ast *e = pn_ast_make(s->e->arena, PN_AST_PROBE, pn_at(s, c, *k), n);
  e->name = current ? PN_STR("i") : PN_STR("v");
  for (int j = 0; j < n; j++) {
    skip_marks(c, k);
    if (!pn_tok_is(c, *k, PN_T_WORD)) {
      pn_error(s->e->diag, pn_at(s, c, *k), "POLY needs %s here",
               current ? "the name of a device" : "a node");
      return NULL;
    }
    e->args[j] = name_at(s, c, (*k)++);
  }
  return e;
}

static pn_ast *read_poly(pn_scope *s, const pn_card *c, int k, bool current)
{
  double n = 0;
  k++;
  skip_marks(c, &k);
  if (!pn_tok_is(c, k, PN_T_WORD) || !pn_word_number(c->tokens[k].text, &n) || n < 1 ||
      n > MOST_DIMENSIONS || n != floor(n)) {
    pn_error(s->e->diag, pn_at(s, c, k), "POLY(n) needs a whole number from 1 to %d",
             MOST_DIMENSIONS);
    return NULL;
  }
  pn_ast *x[MOST_DIMENSIONS];
  k++;
  for (int j = 0; j < (int)n; j++) {
    skip_marks(c, &k);
    if (!(x[j] = control(s, c, &k, current)))
      return NULL;
  }
  return polynomial(s, c, &k, x, (int)n);
}

/* ---- TABLE and VALUE ---- */

static pn_ast *read_table(pn_scope *s, const pn_card *c, int k)
{
  pn_arena *a = s->e->arena;
  PN_VEC(pn_ast *) v = {0};
  k++;
  k += pn_tok_is(c, k, PN_T_EQUALS);
  for (skip_marks(c, &k); k < c->n; skip_marks(c, &k)) {
    pn_ast *e = v.n ? read_value(s, c, &k) : pn_read_expr(s, c, &k);
    if (!e)
      return NULL;
    *PN_PUSH(a, &v) = e;
  }
  if (v.n < 3 || v.n % 2 == 0) {
    pn_error_hint(s->e->diag, pn_at(s, c, c->n), "TABLE {expression} = (x1,y1) (x2,y2) ...",
                  "TABLE needs an expression and pairs of numbers");
    return NULL;
  }
  pn_ast *call = pn_ast_make(a, PN_AST_CALL, v.at[0]->loc, (int)v.n);
  call->name = PN_STR("table");
  for (size_t j = 0; j < v.n; j++)
    call->args[j] = v.at[j];
  return call;
}

static pn_ast *read_expression(pn_scope *s, const pn_card *c, int k)
{
  k++;
  k += pn_tok_is(c, k, PN_T_EQUALS);
  pn_ast *e = pn_read_expr(s, c, &k);
  return e && !pn_extra_words(s, c, k) ? e : NULL;
}

/* The token behind the two output nodes. */
static int behind_nodes(const pn_card *c)
{
  int k = 1;
  for (int n = 0; n < 2 && k < c->n; k++)
    n += pn_tok_is(c, k, PN_T_WORD);
  while (pn_tok_is(c, k, PN_T_RPAREN))
    k++;
  return k;
}

const struct pn_behaviour *pn_controlled_behaviour(pn_scope *s, const pn_card *c, bool *failed)
{
  int k = behind_nodes(c);
  char letter = (char)(c->tokens[0].text.p[0] | 32);
  bool poly = pn_tok_word(c, k, "poly"), table = pn_tok_word(c, k, "table");
  bool value = pn_tok_word(c, k, "value") ||
               pn_tok_word(c, k, letter == 'e' || letter == 'h' ? "vol" : "cur");
  if (!poly && !table && !value)
    return NULL;
  pn_behaviour *b = pn_ptrmap_get(&s->e->behaviour_of_card, c);
  if (!b) {
    b = PN_NEW(s->e->arena, pn_behaviour);
    b->is_voltage = letter == 'e' || letter == 'h';
    b->ast = poly    ? read_poly(s, c, k, letter == 'f' || letter == 'h')
             : table ? read_table(s, c, k)
                     : read_expression(s, c, k);
    b->failed = !b->ast;
    pn_ptrmap_put(s->e->arena, &s->e->behaviour_of_card, c, b);
  }
  *failed = b->failed;
  return b->failed ? NULL : b;
}
