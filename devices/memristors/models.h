/* The models, one line per file; devices/memristors/table.c lists them. */
#ifndef PN_MEMRISTORS_MODELS_H
#define PN_MEMRISTORS_MODELS_H

#include "devices/memristor.h"

extern const pn_memristor pn_memristor_ag2s;
extern const pn_memristor pn_memristor_agmos2;
extern const pn_memristor pn_memristor_al2o3;
extern const pn_memristor pn_memristor_diffusive;
extern const pn_memristor pn_memristor_diffusive_usc;
extern const pn_memristor pn_memristor_ecm;
extern const pn_memristor pn_memristor_jart_vcm;
extern const pn_memristor pn_memristor_lineardrift;
extern const pn_memristor pn_memristor_memdiode;
extern const pn_memristor pn_memristor_mott;
extern const pn_memristor pn_memristor_mss;
extern const pn_memristor pn_memristor_mtj;
extern const pn_memristor pn_memristor_nbox;
extern const pn_memristor pn_memristor_nbox_analog;
extern const pn_memristor pn_memristor_nili;
extern const pn_memristor pn_memristor_pcm;
extern const pn_memristor pn_memristor_pershin;
extern const pn_memristor pn_memristor_pickett;
extern const pn_memristor pn_memristor_pulse;
extern const pn_memristor pn_memristor_qpc;
extern const pn_memristor pn_memristor_stanford;
extern const pn_memristor pn_memristor_taox;
extern const pn_memristor pn_memristor_team;
extern const pn_memristor pn_memristor_thermal;
extern const pn_memristor pn_memristor_tiox;
extern const pn_memristor pn_memristor_vo2;
extern const pn_memristor pn_memristor_vteam;
extern const pn_memristor pn_memristor_wox;
extern const pn_memristor pn_memristor_yakopcic;

#endif
