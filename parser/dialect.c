/* Whose netlist is it? Directives and words that only one simulator has are its signature. Where there are none
 * the netlist is read as ngspice's, whose language is the common one. */
#include "parser/elab.h"

#include <string.h>

typedef struct signs {  /* the first sign of each */
  const char *found[3]; /* [pn_dialect] NULL: none */
} signs;

static const char *const names[] = {"ngspice", "ltspice", "xyce"};

bool pn_is_option_package(pn_str word)
{
  static const char *const packages[] = {
      "timeint", "nonlin", "nonlin-tran", "linsol", "linsol-ac",   "device",  "output",
      "restart", "loca",   "measure",     "parser", "diagnostic",  "fft",     "hbint",
      "samples", "pces",   "sampling",    "dist",   "sensitivity", "topology"};
  for (size_t k = 0; k < PN_COUNT(packages); k++)
    if (pn_str_is(word, packages[k]))
      return true;
  return false;
}

static bool has_key(const pn_card *c, const char *const *keys, size_t n)
{
  for (int k = 1; k < c->n; k++)
    for (size_t j = 0; j < n && pn_tok_key(c, k); j++)
      if (pn_tok_word(c, k, keys[j]))
        return true;
  return false;
}

static void sign(signs *s, pn_dialect d, const char *what)
{
  if (!s->found[d])
    s->found[d] = what;
}

/* ".tran 1m": one number, with or without uic. */
static bool is_short_tran(const pn_card *c)
{
  return c->n == 2 || (c->n == 3 && (pn_tok_word(c, 2, "uic") || pn_tok_word(c, 2, "startup")));
}

static void look_at_directive(signs *s, const pn_card *c)
{
  static const char *const formats[] = {"format"};
  static const char *const lt_options[] = {"plotwinsize", "numdgt", "cshunt", "gminsteps"};
  pn_str name = c->tokens[0].text;
  if (pn_str_is(name, ".global_param") || pn_str_is(name, ".preprocess"))
    sign(s, PN_XYCE, pn_str_is(name, ".preprocess") ? "'.preprocess'" : "'.global_param'");
  else if (pn_str_istarts(name, ".opt") && c->n > 1 && !pn_tok_key(c, 1) &&
           pn_is_option_package(c->tokens[1].text))
    sign(s, PN_XYCE, "a package of '.options'");
  else if (pn_str_is(name, ".print") && has_key(c, formats, 1))
    sign(s, PN_XYCE, "'.print' with format=");
  else if (pn_str_is(name, ".step") && pn_tok_word(c, 1, "param"))
    sign(s, PN_LTSPICE, "'.step param'");
  else if (pn_str_is(name, ".tran") && is_short_tran(c))
    sign(s, PN_LTSPICE, "'.tran' with one number");
  else if (pn_str_is(name, ".backanno") || pn_str_is(name, ".wave"))
    sign(s, PN_LTSPICE, "'.backanno'");
  else if (pn_str_istarts(name, ".opt") && has_key(c, lt_options, 1))
    sign(s, PN_LTSPICE, "'.options plotwinsize'");
}

static void look_at_card(signs *s, const pn_card *c)
{
  static const char *const parasitics[] = {"rser", "rpar", "cpar", "lser"};
  char letter = (char)(c->tokens[0].text.p[0] | 32);
  if (c->tokens[0].text.p[0] == '.')
    look_at_directive(s, c);
  else if ((letter == 'c' || letter == 'l') && has_key(c, parasitics, PN_COUNT(parasitics)))
    sign(s, PN_LTSPICE, "Rser= or its like on C or L");
}

static void look(signs *s, const pn_tree *t)
{
  for (size_t k = 0; t && k < t->items.n; k++) {
    const pn_item *item = &t->items.at[k];
    if (item->kind == PN_ITEM_CARD)
      look_at_card(s, &item->card);
    else if (item->kind == PN_ITEM_CONTROL)
      sign(s, PN_NGSPICE, "'.control'");
    else if (item->kind == PN_ITEM_SUBCKT)
      look(s, item->body); /* included files are libraries: they say nothing of the netlist */
  }
}

void pn_dialect_find(pn_elab *e, const pn_tree *t, const char *asked)
{
  static const pn_dialect order[] = {PN_NGSPICE, PN_XYCE, PN_LTSPICE};
  signs s = {{NULL, NULL, NULL}};
  pn_diag *d = e->diag;
  for (int k = 0; asked && k < 3; k++)
    if (!strcmp(asked, names[k])) {
      d->dialect = (pn_dialect)k;
      d->dialect_asked = true;
      e->n->dialect = pn_arena_printf(e->arena, "%s, as asked for", names[k]);
      return;
    }
  look(&s, t);
  for (int k = 0; k < 3; k++) {
    const char *found = s.found[order[k]];
    if (!found)
      continue;
    d->dialect = order[k];
    e->n->dialect = pn_arena_printf(e->arena, "%s, because of %s", names[order[k]], found);
    return;
  }
  e->n->dialect = "ngspice, nothing says otherwise";
}
