/* Lines D, Q, J, Z, M and O: nodes, the model that decides the class, area, off, initial voltages. */
#include "parser/elab_line.h"

#include <math.h>

/* The terminals of a line D, Q, J, Z or M; a bipolar transistor's substrate may be left out: then it is
 * ground. -1 when a word that should name the model does not. */
static int semiconductor_nodes(pn_scope *s, const pn_card *c, const pn_device_class *cls, int *k,
                               int *ids)
{
  int n = pn_count_terms(cls);
  bool optional = cls->letter == 'q' && pn_tok_is(c, n, PN_T_WORD) &&
                  (n + 1 >= c->n || pn_tok_key(c, n + 1) || !pn_tok_is(c, n + 1, PN_T_WORD) ||
                   !pn_model_find(s, c->tokens[n + 1].text));
  if (!pn_read_nodes(s, c, k, optional ? n - 1 : n, cls->name, ids))
    return 0;
  if (optional)
    ids[n - 1] = PN_GROUND;
  return 1;
}

static bool card_gives(const pn_model *m, const char *name)
{
  bool found = false;
  for (int k = 3; m->card && k < m->card->n; k++)
    found |= pn_tok_key(m->card, k) && pn_tok_word(m->card, k, name);
  return found;
}

/* .options defl=, defw=, defas=, defad=: what neither a MOSFET's line nor its card says. */
static void take_default_sizes(pn_line *l)
{
  const pn_options *o = &l->s->e->n->options;
  const struct {
    const char *name;
    double value;
  } sizes[] = {{"l", o->defl}, {"w", o->defw}, {"as", o->defas}, {"ad", o->defad}};
  for (size_t k = 0; k < PN_COUNT(sizes); k++) {
    int index = pn_param_find(l->cls->params, l->cls->n_params, pn_str_of(sizes[k].name));
    bool given = index < 0 || isnan(sizes[k].value) || card_gives(l->model, sizes[k].name);
    for (int j = 0; j < l->given.n && !given; j++)
      given = l->given.index[j] == index;
    if (!given)
      pn_line_give(l, index, &(pn_num){.value = sizes[k].value, .loc = pn_at(l->s, l->c, 0)});
  }
}

/* Dname a c MODEL [area] [NAME=VALUE ...], and the like: the class comes with the model. */
void pn_instance_semiconductor(pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  int ids[PN_MOST_TERMINALS], k = 1;
  pn_line l;
  pn_line_begin(&l, s, c, NULL);
  if (!semiconductor_nodes(s, c, cls, &k, ids))
    return;
  if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k)) {
    pn_error(s->e->diag, pn_at(s, c, k), "'%.*s' needs the name of a model of type %s",
             PN_FMT(c->tokens[0].text), cls->model_type);
    return;
  }
  l.model = pn_model_use(s, c, k++, cls);
  if (!l.model)
    return;
  l.cls = l.model->cls;
  while (k < c->n) {
    bool ok = true;
    if (pn_tok_is(c, k, PN_T_COMMA))
      k++;
    else if (pn_tok_key(c, k))
      ok = pn_line_key(&l, &k);
    else if (pn_tok_word(c, k, "off") && cls->letter != 'o')
      ok = pn_line_give(&l, pn_param_find(l.cls->params, l.cls->n_params, PN_STR("off")),
                        &(pn_num){.value = 1, .loc = pn_at(s, c, k++)});
    else
      ok = pn_line_positional(&l, &k);
    if (!ok)
      return;
  }
  if (cls->letter == 'm')
    take_default_sizes(&l);
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(s, c->tokens[0].text, name),
                         .loc = pn_at(s, c, 0),
                         .cls = l.cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(s, c, &spec, &l.given, l.model);
}
