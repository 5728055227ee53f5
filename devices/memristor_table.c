/* The table of memristor models, in the order of `pinch models`: the files of devices/memristors, of which
 * the build writes the list (tools/cmake/tables.cmake). */
#include "devices/memristor.h"

#define PN_ENTRY(name) extern const pn_memristor pn_memristor_##name;
#include "devices/memristors.inc"
#undef PN_ENTRY

#define PN_ENTRY(name) &pn_memristor_##name,
const pn_memristor *const pn_memristors[] = {
#include "devices/memristors.inc"
    NULL,
};
#undef PN_ENTRY

const pn_memristor *pn_memristor_find(pn_str name)
{
  for (int k = 0; pn_memristors[k]; k++)
    if (pn_str_is(name, pn_memristors[k]->name))
      return pn_memristors[k];
  return NULL;
}

const pn_mem_set *pn_mem_set_find(const pn_memristor *m, pn_str name)
{
  for (int k = 0; k < m->n_sets; k++)
    if (pn_str_is(name, m->sets[k].name))
      return &m->sets[k];
  return NULL;
}

void pn_mem_set_apply(const pn_mem_set *s, double *p)
{
  for (int k = 0; k < s->n_values; k++)
    p[s->values[k].param] = s->values[k].value;
}
