/* Which arrays can be read whole from one solution per line, and the table of these. */
#include "analysis/xread.h"

#include <math.h>
#include <stdlib.h>

/* Is the current of memory k proportional to its voltage, with its states as they are? */
static bool is_proportional(pn_study *s, int k, double v)
{
  static const double shares[] = {-1, -0.5, 0.1, 0.5};
  double g = pn_study_conductance_at(s, k, v);
  for (size_t j = 0; j < sizeof shares / sizeof *shares; j++)
    if (!(fabs(pn_study_conductance_at(s, k, shares[j] * v) - g) <= 1e-12 * fabs(g)))
      return false;
  return true;
}

/* Are all devices linear that are not memories, and these as they stand? */
static bool is_linear(pn_study *s, double v)
{
  const pn_circuit *c = s->r->circuit;
  int others = 0;
  for (int k = 0; !s->linear && k < pn_circuit_n_devices(c); k++)
    others += !(pn_circuit_device_info(c, k).cls->flags & PN_DEV_LINEAR);
  for (int k = 0; others > 0 && k < s->n_cells; k++) {
    int device = s->a->memory[k];
    if (device < 0 || pn_circuit_device_info(c, device).cls->flags & PN_DEV_LINEAR)
      continue;
    if (!is_proportional(s, k, v))
      return false;
    others--;
  }
  return others == 0;
}

/* All lines have a voltage: a read is the sum of what two selections change. */
static bool is_driven(const xread_args *p)
{
  const pn_scheme *s = &p->scheme;
  return !isnan(s->word) && !isnan(s->word_rest) && !isnan(s->bit) && !isnan(s->bit_rest);
}

/* All lines that rest float, each at one source: there is a resistance between each pair. */
static bool is_floating(const pn_study *s, const xread_args *p)
{
  bool all = isnan(p->scheme.word_rest) && isnan(p->scheme.bit_rest);
  for (int k = 0; k < s->a->rows; k++)
    all = all && s->l->word[k].n == 1;
  for (int k = 0; k < s->a->cols; k++)
    all = all && s->l->bit[k].n == 1;
  return all;
}

bool xread_table_pays(pn_study *s, const xread_args *p)
{
  return s->a->n_gates == 0 && isnan(p->pullup) && (is_driven(p) || is_floating(s, p)) &&
         p->n_cells > s->a->rows + s->a->cols + 1 && is_linear(s, p->v);
}

pn_status xread_table_new(pn_study *s, const xread_args *p, xread_table **t)
{
  return is_driven(p) ? xread_driven_new(s, p, t) : xread_floating_new(s, p, t);
}

void xread_table_free(xread_table *t)
{
  if (t)
    free(t->room);
  free(t);
}
