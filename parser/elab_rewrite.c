/* Lines that stand for others: K with more than two inductors is one coupling for every pair; R and C whose value
 * depends on voltages or currents are behavioural sources. */
#include "parser/elab.h"

#include <string.h>

/* ---- K ---- */

static bool is_inductor_name(const pn_card *c, int k)
{
  return pn_tok_is(c, k, PN_T_WORD) && !pn_tok_key(c, k) && (c->tokens[k].text.p[0] | 32) == 'l';
}

bool pn_couple_pairs(pn_scope *s, const pn_card *c)
{
  int n = 0;
  while (is_inductor_name(c, 1 + n))
    n++;
  n -= 1 + n == c->n; /* the last is the coefficient, a parameter */
  if (n <= 2)
    return false;
  pn_arena *a = s->e->arena;
  for (int i = 1; i <= n; i++)
    for (int j = i + 1; j <= n; j++) {
      pn_card *one = PN_NEW(a, pn_card);
      *one = *c;
      one->n = c->n - n + 2;
      one->tokens = PN_NEW_ARRAY(a, pn_token, one->n);
      one->tokens[0] = c->tokens[0];
      one->tokens[0].text = pn_str_of(
          pn_arena_printf(a, "%.*s_%.*s_%.*s", PN_FMT(c->tokens[0].text), PN_FMT(c->tokens[i].text),
                          PN_FMT(c->tokens[j].text)));
      one->tokens[1] = c->tokens[i];
      one->tokens[2] = c->tokens[j];
      memcpy(one->tokens + 3, c->tokens + 1 + n, (size_t)(one->n - 3) * sizeof *one->tokens);
      pn_instance(s, one);
    }
  return true;
}

/* ---- R and C ---- */

static bool has_probe(const pn_ast *e)
{
  bool found = e->kind == PN_AST_PROBE;
  for (int k = 0; !found && k < e->n_args; k++)
    found = has_probe(e->args[k]);
  return found;
}

/* v(p, n) of the line's own nodes. */
static pn_ast *own_voltage(pn_scope *s, const pn_card *c)
{
  pn_ast *v = pn_ast_make(s->e->arena, PN_AST_PROBE, pn_at(s, c, 0), 2);
  v->name = PN_STR("v");
  for (int k = 0; k < 2; k++) {
    v->args[k] = pn_ast_make(s->e->arena, PN_AST_NAME, pn_at(s, c, 1 + k), 0);
    v->args[k]->name = c->tokens[1 + k].text;
  }
  return v;
}

static pn_ast *derivative(pn_scope *s, pn_ast *of)
{
  pn_ast *d = pn_ast_make(s->e->arena, PN_AST_CALL, of->loc, 1);
  d->name = PN_STR("ddt");
  d->args[0] = of;
  return d;
}

/* The current: v / R, C d/dt v, or d/dt Q. */
static pn_ast *current(pn_scope *s, const pn_card *c, char letter, bool charge, pn_ast *value)
{
  if (charge)
    return derivative(s, value);
  pn_ast *v = own_voltage(s, c), *i = pn_ast_make(s->e->arena, PN_AST_OP, value->loc, 2);
  i->op = letter == 'r' ? PN_OP_DIV : PN_OP_MUL;
  i->args[0] = letter == 'r' ? v : derivative(s, v);
  i->args[1] = value;
  return i;
}

bool pn_behavioural_value(pn_scope *s, const pn_card *c, char letter)
{
  pn_behaviour *b = pn_ptrmap_get(&s->e->behaviour_of_card, c);
  if (!b) {
    bool charge = letter == 'c' && pn_tok_key(c, 3) && pn_tok_word(c, 3, "q");
    bool key = charge || (pn_tok_key(c, 3) && pn_tok_word(c, 3, letter == 'r' ? "r" : "c"));
    int k = key ? 5 : 3;
    if (!pn_tok_is(c, 1, PN_T_WORD) || !pn_tok_is(c, 2, PN_T_WORD) || k >= c->n ||
        pn_tok_key(c, k) || pn_tok_is(c, k, PN_T_WORD))
      return false;
    pn_ast *value = pn_try_expr(s, c, &k);
    if (!value || !(charge || has_probe(value)))
      return false;
    b = PN_NEW(s->e->arena, pn_behaviour);
    b->ast = current(s, c, letter, charge, value);
    b->failed = pn_extra_words(s, c, k);
    pn_ptrmap_put(s->e->arena, &s->e->behaviour_of_card, c, b);
  }
  if (!b->failed)
    pn_defer_behaviour(s, c, b);
  return true;
}
