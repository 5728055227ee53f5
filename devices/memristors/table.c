/* The table of memristor models: one line each, in the order of `pinch models`. */
#include "devices/memristors/models.h"

/* mtj and qpc live in devices/memory/ */
/* clang-format off */
const pn_memristor *const pn_memristors[] = {
    &pn_memristor_ag2s,
    &pn_memristor_agmos2,
    &pn_memristor_al2o3,
    &pn_memristor_diffusive,
    &pn_memristor_diffusive_usc,
    &pn_memristor_ecm,
    &pn_memristor_jart_vcm,
    &pn_memristor_lineardrift,
    &pn_memristor_memdiode,
    &pn_memristor_mott,
    &pn_memristor_mss,
    &pn_memristor_mtj,
    &pn_memristor_nbox,
    &pn_memristor_nbox_analog,
    &pn_memristor_nili,
    &pn_memristor_pcm,
    &pn_memristor_pershin,
    &pn_memristor_pickett,
    &pn_memristor_pulse,
    &pn_memristor_qpc,
    &pn_memristor_stanford,
    &pn_memristor_taox,
    &pn_memristor_team,
    &pn_memristor_thermal,
    &pn_memristor_tiox,
    &pn_memristor_vo2,
    &pn_memristor_vteam,
    &pn_memristor_wox,
    &pn_memristor_yakopcic,
    NULL,
};
/* clang-format on */

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
