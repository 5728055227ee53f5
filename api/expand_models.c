/* Model cards of semiconductors and switches, written once for all instances with the same values. */
#include "api/expand.h"

#include <math.h>
#include <string.h>

static bool same(double a, double b)
{
  return a == b || (isnan(a) && isnan(b));
}

/* Parameters that stand on the card rather than on the instance. */
static bool on_card(const pn_param *p)
{
  return (p->flags & PN_P_MODEL) && !(p->flags & PN_P_INSTANCE);
}

static bool is_polarity(const pn_param *p)
{
  return !strcmp(p->name, "type");
}

static void put_card(const pn_expand *w, const pn_device_class *cls, const double *p, size_t number)
{
  int type = pn_param_find(cls->params, cls->n_params, PN_STR("type"));
  bool twin = type >= 0 && p[type] < 0;
  pn_expand_put(w, ".model pinch_%zu %s", number, twin ? cls->model_twin : cls->model_type);
  if (cls->level > 1)
    pn_expand_put(w, " level=%d", cls->level);
  for (int k = 0; k < cls->n_params; k++)
    if (on_card(&cls->params[k]) && !is_polarity(&cls->params[k]) && !isnan(p[k]) &&
        !same(p[k], cls->params[k].value))
      pn_expand_put(w, " %s=%.17g", cls->params[k].name, p[k]);
  pn_expand_put(w, "\n");
}

size_t pn_expand_card_of(pn_expand *w, const pn_device_class *cls, const double *p)
{
  for (size_t k = 0; k < w->cards.n; k++) {
    const pn_expand_card *c = &w->cards.at[k];
    bool equal = c->cls == cls;
    for (int j = 0; equal && j < cls->n_params; j++)
      if (on_card(&cls->params[j]) || is_polarity(&cls->params[j]))
        equal = same(c->values[j], p[j]);
    if (equal)
      return k;
  }
  *PN_PUSH(&w->n->arena, &w->cards) = (pn_expand_card){cls, p};
  put_card(w, cls, p, w->cards.n - 1);
  return w->cards.n - 1;
}

void pn_expand_own(const pn_expand *w, const pn_expand_device *d)
{
  const pn_device_class *cls = d->info.cls;
  for (int k = 0; k < cls->n_params; k++)
    if (!on_card(&cls->params[k]) && !is_polarity(&cls->params[k]) && !isnan(d->p[k]) &&
        !same(d->p[k], cls->params[k].value))
      pn_expand_put(w, " %s=%.17g", cls->params[k].name, d->p[k]);
}

const char *pn_expand_semiconductor(pn_expand *w, const pn_expand_device *d)
{
  size_t number = pn_expand_card_of(w, d->info.cls, d->p);
  pn_expand_put(w, "%s %s pinch_%zu", d->name, d->nodes, number);
  pn_expand_own(w, d);
  pn_expand_put(w, "\n");
  return NULL;
}
