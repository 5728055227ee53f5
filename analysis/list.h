/* The analyses' tables, for analysis/table.c only. */
#ifndef PN_ANALYSIS_LIST_H
#define PN_ANALYSIS_LIST_H

#include "analysis/analysis.h"

extern const pn_analysis pn_analysis_op;
extern const pn_analysis pn_analysis_dc;
extern const pn_analysis pn_analysis_ac;
extern const pn_analysis pn_analysis_tran;
extern const pn_analysis pn_analysis_xread;
extern const pn_analysis pn_analysis_continuation;
extern const pn_analysis pn_analysis_equilibria;
extern const pn_analysis pn_analysis_envelope;
extern const pn_analysis pn_analysis_mvm;
extern const pn_analysis pn_analysis_xsens;
extern const pn_analysis pn_analysis_xprogram;
extern const pn_analysis pn_analysis_localactivity;
extern const pn_analysis pn_analysis_pss;
extern const pn_analysis pn_analysis_noise;
extern const pn_analysis pn_analysis_tf;
extern const pn_analysis pn_analysis_fading;
extern const pn_analysis pn_analysis_target;
extern const pn_analysis pn_analysis_hifreq;
extern const pn_analysis pn_analysis_phase;
extern const pn_analysis pn_analysis_pz;
extern const pn_analysis pn_analysis_sens;

#endif
