/* temp= and dtemp= of memristors: each may have a temperature of its own, which its derived parameters and
 * its noise follow. */
#include "circuit/private.h"

#include <string.h>

/* [n] at the circuit's temperature; NULL: no memory. */
static pn_warmth *new_warmth(pn_sim *s, int batch)
{
  size_t n = (size_t)s->c->batches.at[batch].n;
  pn_warmth *w = pn_arena_try(&s->arena, n * sizeof *w);
  if (w)
    memset(w, 0, n * sizeof *w);
  return w;
}

void pn_mem_init_warmth(pn_sim *s, int batch)
{
  const pn_batch *b = &s->c->batches.at[batch];
  const pn_warmth *all = b->bulk >= 0 ? s->c->bulks.at[b->bulk].spec.warm : NULL;
  if (b->bulk >= 0 && !all)
    return;
  bool any = all != NULL;
  for (int k = 0; k < b->n && !any; k++)
    any = pn_kind_of(s->c, b->device[k])->warm.own != 0 ||
          pn_kind_of(s->c, b->device[k])->warm.above != 0;
  if (!any)
    return;
  pn_warmth *w = s->run[batch].warm = PN_NEW_ARRAY(&s->arena, pn_warmth, b->n);
  for (int k = 0; k < b->n; k++)
    w[k] = all ? all[k] : pn_kind_of(s->c, b->device[k])->warm;
}

pn_warmth pn_sim_warmth(const pn_sim *s, int device)
{
  const pn_device d = pn_device_at(s->c, device);
  return s->run[d.batch].warm ? s->run[d.batch].warm[d.place] : (pn_warmth){0};
}

pn_status pn_sim_set_warmth(pn_sim *s, int device, pn_warmth warm)
{
  const pn_device d = pn_device_at(s->c, device);
  pn_batch_run *run = &s->run[d.batch];
  if (!run->warm && !(run->warm = new_warmth(s, d.batch)))
    return PN_E_MEMORY;
  run->warm[d.place] = warm;
  s->linear_stale = true;
  return PN_OK;
}
