/* The .four directives of a run: their tables, their THDs, and a result of harmonics in the files. */
#ifndef PN_API_FOURS_H
#define PN_API_FOURS_H

#include "api/run.h"
#include "output/recorder.h"

typedef struct pn_fours {
  const pinch_run_options *o;
  pn_plot plot;          /* of the transient under way: title, index, what is swept */
  pn_sink *const *files; /* [n_files] where results go; NULL ones are left out */
  int n_files;
  pn_sink **sinks; /* [n] one for each directive */
  int n;
  int done; /* results of the present transient */
} pn_fours;

/* A sink for each .four of the netlist, as consumers c [*n ..]; they need room for all. */
pn_status pn_fours_open(pn_fours *f, pn_netlist *nl, pn_consumer *c, int *n);
pn_status pn_fours_close(pn_fours *f);

#endif
