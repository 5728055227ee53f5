/* Inside of pinch_run: one netlist's analyses, the sweeps over whole netlists, and the spools
 * in which threads keep their results until it is their turn. */
#ifndef PN_API_RUN_H
#define PN_API_RUN_H

#include "api/api.h"

/* Where results go; NULL where not wanted. store: of a control section. */
typedef struct pn_sinks {
  pn_sink *raw, *csv, *callback, *store;
} pn_sinks;

/* What a command has changed in the circuit: a parameter of a device, or its waveform. */
typedef struct pn_alteration {
  int device, index; /* index -1: wave */
  double value;
  pn_wave wave;
} pn_alteration;

/* What one run of a sweep sets. */
typedef struct pn_settings {
  long run;                       /* from 0 */
  int n;                          /* columns; 0: no sweep */
  const pn_sweep_target **target; /* [n] */
  const double *value;            /* [n] */
  const pn_column *column;        /* [n] */
  const pn_alteration *altered;   /* [n_altered] in order */
  int n_altered;
  const pn_job *only; /* a command's analysis, NULL: those of the netlist */
  int only_index;     /* its number among the results of its kind */
} pn_settings;

/* Runs every analysis of a netlist into sinks that are open. */
pn_status pn_run_netlist(pn_netlist *nl, const pinch_run_options *o, const pn_sinks *sinks,
                         const pn_settings *settings);

/* Runs the control section of a circuit that has one; *quit: nothing is to be run behind it; *done: the
 * netlist's own analyses were run by it. */
pn_status pn_run_commands(pinch_circuit *c, const pinch_run_options *o, const pn_sinks *sinks,
                          bool *quit, bool *done);
/* Is what the control sections say well formed? PN_E_NETLIST after reporting. */
pn_status pn_check_commands(pn_netlist *nl);

/* Runs a circuit with sweeps: one netlist per run, in `jobs` threads; results come in the order of
 * the runs whatever their number. */
pn_status pn_run_sweep(pinch_circuit *c, const pinch_run_options *o, const pn_sinks *sinks,
                       int jobs);

/* The folder-less name of the netlist without its ending, in malloc'd memory; NULL without memory. */
char *pn_api_stem(const pinch_circuit *c);
bool pn_api_untrusted(const pinch_circuit *c);

/* The circuit's text read again, with changes. */
pn_status pn_api_reload(pinch_circuit *c, const pn_load_options *changes, pn_netlist **out);

/* ---- spool.c: everything one run says, kept in memory ---- */
typedef struct pn_spool pn_spool;
pn_spool *pn_spool_new(void); /* NULL without memory */
/* The sink that keeps results, and callbacks (user: the spool) that keep the rest. */
pn_sink *pn_spool_sink(pn_spool *s);
void pn_spool_text(void *user, const char *text);
void pn_spool_log(void *user, const char *line);
void pn_spool_message(void *user, pinch_severity severity, const char *text);
void pn_spool_measured(void *user, const char *analysis, const char *name, bool ok, double value);
/* Hands all on in order and frees the spool. The first failure of a sink, or of keeping. */
pn_status pn_spool_replay(pn_spool *s, const pinch_run_options *o, const pn_listener *l,
                          const pn_sinks *sinks);
void pn_spool_free(pn_spool *s);

#endif
