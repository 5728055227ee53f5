/* The analyses' tables, for analysis/table.c only. */
#ifndef PN_ANALYSIS_LIST_H
#define PN_ANALYSIS_LIST_H

#include "analysis/analysis.h"

extern const pn_analysis pn_analysis_op, pn_analysis_dc, pn_analysis_ac, pn_analysis_tran,
    pn_analysis_xread;
extern const pn_analysis pn_analysis_continuation, pn_analysis_equilibria;
extern const pn_analysis pn_analysis_envelope;
extern const pn_analysis pn_analysis_mvm, pn_analysis_xsens, pn_analysis_xprogram;
extern const pn_analysis pn_analysis_localactivity, pn_analysis_pss;

#endif
