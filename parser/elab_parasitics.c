/* LTspice's parasitic elements of capacitors and inductors: Rser=, Lser= in series, Rpar=, Cpar= across the
 * whole. They become devices with names of their own, c1#rser, with the node c1#rser between. */
#include "parser/elab.h"

#include <string.h>

static pn_token made(const pn_token *like, const char *text)
{
  pn_token t = *like;
  t.kind = PN_T_WORD;
  t.text = (pn_str){text, strlen(text)};

  return t;
}

/* Adds "NAME a b VALUE", the value as written. */
static void add_part(pn_scope *s, const pn_card *c, pn_token name, pn_token a, pn_token b,
                     const pn_token *value)
{
  pn_card part = *c;
  part.n = 4;
  part.tokens = PN_NEW_ARRAY(s->e->arena, pn_token, 4);
  part.tokens[0] = name;
  part.tokens[1] = a;
  part.tokens[2] = b;
  part.tokens[3] = *value;
  pn_card *kept = PN_NEW(s->e->arena, pn_card);
  *kept = part;
  pn_instance(s, kept);
}

/* Which parasitic a key names: 0 .. 3, or -1. */
static int parasitic(const pn_card *c, int k)
{
  static const char *const keys[] = {"rser", "lser", "rpar", "cpar"};
  for (int j = 0; j < 4 && pn_tok_key(c, k) && k + 2 < c->n; j++)
    if (pn_tok_word(c, k, keys[j]))
      return j;
  return -1;
}

const pn_card *pn_take_parasitics(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  const pn_token *value[4] = {NULL, NULL, NULL, NULL};
  static const char *const keys[] = {"rser", "lser", "rpar", "cpar"};
  static const char letters[] = "rlrc";
  bool any = false;
  pn_card *rest = PN_NEW(e->arena, pn_card);
  *rest = *c;
  rest->n = 0;
  rest->tokens = PN_NEW_ARRAY(e->arena, pn_token, c->n);
  for (int k = 0; k < c->n; k++) {
    int p = k > 2 ? parasitic(c, k) : -1;
    if (p < 0) {
      rest->tokens[rest->n++] = c->tokens[k];
      continue;
    }
    value[p] = &c->tokens[k + 2];
    any = true;
    k += 2;
  }
  if (!any)
    return c;
  pn_str name = c->tokens[0].text;
  pn_token a = c->tokens[1], b = c->tokens[2], inner = b;
  for (int p = 0; p < 4; p++) {
    if (!value[p])
      continue;
    const char *own = pn_arena_printf(e->arena, "%c_%.*s#%s", letters[p], PN_FMT(name), keys[p]);
    pn_token device = made(&c->tokens[0], own);
    if (p < 2) {
      pn_token node = made(&b, pn_arena_printf(e->arena, "%.*s#%s", PN_FMT(name), keys[p]));
      add_part(s, c, device, node, inner, value[p]);
      inner = node;
    } else {
      add_part(s, c, device, a, b, value[p]);
    }
  }
  rest->tokens[2] = inner;
  return rest;
}
