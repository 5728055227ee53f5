/* Lines with the letter N, and Xyce's YMEMRISTOR: memristors, and compact models with any number of
 * nodes before the name of the model. */
#include "parser/elab_line.h"

/* A device class with the letter N that is not a memristor, by the name of a .model card or its own. */
static const pn_device_class *compact_class(pn_scope *s, pn_str name)
{
  pn_model *m = pn_model_find(s, name);
  if (m)
    return m->failed || m->mem || m->cls->letter != 'n' ? NULL : m->cls;
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_device_classes[k]->letter == 'n' && pn_str_is(name, pn_device_classes[k]->name))
      return pn_device_classes[k];
  return NULL;
}

/* The class of a compact model on a line, whose token gets *model; behind the nodes stands the first
 * name of a model. NULL: a memristor, or nothing known. */
static const pn_device_class *find_compact(pn_scope *s, const pn_card *c, int first, int *model)
{
  for (int k = first + 2; k < c->n && k <= first + 1 + PN_MOST_TERMINALS; k++) {
    if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k))
      continue;
    const pn_device_class *cls = compact_class(s, c->tokens[k].text);
    if (cls && k - first - 1 >= pn_count_terms(cls) - cls->n_optional) {
      *model = k;
      return cls;
    }
  }
  return NULL;
}

/* Nname node node node [node] model ...: terminals left out are joined to the last one given. */
static void instance_compact(pn_scope *s, const pn_card *c, int first, int model,
                             const pn_device_class *cls)
{
  int ids[PN_MOST_TERMINALS], k = first + 1, terms = pn_count_terms(cls), given = 0;
  for (int t = k; t < model; t++)
    given += pn_tok_is(c, t, PN_T_WORD);
  if (given > terms) {
    pn_error(s->e->diag, pn_at(s, c, first), "%s '%.*s' has %d nodes at most, %d are given",
             cls->name, PN_FMT(c->tokens[first].text), terms, given);
    return;
  }
  if (!pn_read_nodes(s, c, &k, given, cls->name, ids))
    return;
  for (int t = given; t < terms; t++)
    ids[t] = ids[given - 1];
  pn_line l;
  pn_line_begin(&l, s, c, cls);
  l.memristor = true;
  l.model = pn_model_use(s, c, k, NULL);
  if (!l.model || !pn_line_rest(&l, k + 1))
    return;
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(s, c->tokens[first].text, name),
                         .loc = pn_at(s, c, first),
                         .cls = cls,
                         .unknowns = ids,
                         .hold = -1};
  pn_add_device(s, c, &spec, &l.given, l.model);
}

/* Nname top bot model ..., or Xyce's YMEMRISTOR name top bot model ... (first = 1). */
void pn_instance_memristor(pn_scope *s, const pn_card *c, int first)
{
  int ids[2], k = first + 1, at;
  const pn_device_class *compact = find_compact(s, c, first, &at);
  if (compact) {
    instance_compact(s, c, first, at, compact);
    return;
  }
  if (!pn_tok_is(c, first, PN_T_WORD)) {
    pn_error(s->e->diag, pn_at(s, c, first), "the name of the memristor is missing");
    return;
  }
  if (!pn_read_nodes(s, c, &k, 2, "memristor", ids))
    return;
  if (!pn_tok_is(c, k, PN_T_WORD) || pn_tok_key(c, k)) {
    pn_error_hint(s->e->diag, pn_at(s, c, k), "Nname top bot MODEL [x0=...] [op=hold|steady]",
                  "memristor '%.*s' needs the name of a model", PN_FMT(c->tokens[first].text));
    return;
  }
  pn_line l;
  pn_line_begin(&l, s, c, NULL);
  l.memristor = true;
  l.model = pn_model_use(s, c, k, NULL);
  if (!l.model)
    return;
  l.cls = l.model->cls;
  if (!l.model->mem) {
    pn_error(s->e->diag, pn_at(s, c, first), "%s '%.*s' needs %d nodes, 2 are given", l.cls->name,
             PN_FMT(c->tokens[first].text), pn_count_terms(l.cls) - l.cls->n_optional);
    return;
  }
  if (!pn_line_rest(&l, k + 1))
    return;
  char name[PN_NAME_ROOM];
  pn_device_spec spec = {.name = pn_name_here(s, c->tokens[first].text, name),
                         .loc = pn_at(s, c, first),
                         .cls = l.cls,
                         .unknowns = ids,
                         .hold = l.hold,
                         .icc = l.icc,
                         .warm = l.warm};
  int device = pn_add_device(s, c, &spec, &l.given, l.model);
  if (device < 0)
    return;
  pn_bind(s, device, PN_OWN_TEMP, &l.temp);
  pn_bind(s, device, PN_OWN_DTEMP, &l.dtemp);
}
