/* The table of memristor models: one line each, in the order of `pinch models`. */
#include "devices/memristors/models.h"

const pn_memristor *const pn_memristors[] = {
    &pn_memristor_lineardrift, &pn_memristor_nbox, &pn_memristor_taox, &pn_memristor_vteam, NULL,
};

const pn_memristor *pn_memristor_find(pn_str name)
{
  for (int k = 0; pn_memristors[k]; k++)
    if (pn_str_is(name, pn_memristors[k]->name))
      return pn_memristors[k];
  return NULL;
}
