/* What a sweep or a continuation changes: an independent source, a device's parameter, a parameter
 * of the netlist, the temperature, or the scale of all sources. */
#ifndef PN_ANALYSIS_TARGET_H
#define PN_ANALYSIS_TARGET_H

#include "analysis/analysis.h"

typedef enum pn_target_kind {
  PN_TARGET_SOURCE,
  PN_TARGET_DEVICE,
  PN_TARGET_PARAM,
  PN_TARGET_TEMP,  /* degrees Celsius */
  PN_TARGET_SCALE, /* all independent sources times a factor */
  PN_TARGET_GMIN   /* a conductance from every node to ground, S */
} pn_target_kind;

typedef struct pn_target {
  pn_target_kind kind;
  int device, index; /* of sources and devices */
  pn_str name;       /* of parameters */
  pn_column column;  /* as a result's scale */
  pn_loc loc;
} pn_target;

/* Finds what a word of directive `who` (".dc") names: v1, r1, @n1[x0], PARAM, temp. false after an error with
 * its place. */
bool pn_target_find(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                    const pn_resolver *params, const pn_arg *arg, pn_target *t);
/* Can the target take the value? false after an error at the target's place: a parameter outside its range, a
 * temperature at or below absolute zero. */
bool pn_target_check(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                     const pn_target *t, double value);
/* Do two targets name the same thing? */
bool pn_target_same(const pn_target *a, const pn_target *b);
pn_status pn_target_set(const pn_run *r, const pn_target *t, double value);
/* The value in force; NAN for a source that follows its own waveform. */
double pn_target_get(const pn_run *r, const pn_target *t);
/* Gives back what pn_target_get returned before. */
void pn_target_restore(const pn_run *r, const pn_target *t, double before);

#endif
