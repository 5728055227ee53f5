/* The analyses Pinch knows: one line each. */
#include "analysis/analysis.h"
#include "analysis/list.h"

#include <stddef.h>

const pn_analysis *const pn_analyses[] = {
    &pn_analysis_op,         &pn_analysis_dc,
    &pn_analysis_ac,         &pn_analysis_tran,
    &pn_analysis_xread,      &pn_analysis_xprogram,
    &pn_analysis_equilibria, &pn_analysis_continuation,
    &pn_analysis_envelope,   &pn_analysis_mvm,
    &pn_analysis_xsens,      &pn_analysis_localactivity,
    &pn_analysis_pss,        &pn_analysis_noise,
    &pn_analysis_tf,         &pn_analysis_fading,
    &pn_analysis_target,     &pn_analysis_hifreq,
    &pn_analysis_phase,      &pn_analysis_pz,
    &pn_analysis_sens,       NULL,
};

const pn_analysis *pn_analysis_find(pn_str name)
{
  for (const pn_analysis *const *a = pn_analyses; *a; a++)
    if (pn_str_is(name, (*a)->name))
      return *a;
  return NULL;
}
