/* The recorder stands between an analysis and the outputs: it evaluates the wanted
 * signals once per accepted point and hands each consumer (sinks, measurements)
 * its columns. */
#ifndef PN_OUTPUT_RECORDER_H
#define PN_OUTPUT_RECORDER_H

#include "circuit/signal.h"
#include "output/measure.h"
#include "output/sink.h"

typedef struct pn_recorder pn_recorder;

/* A consumer of one result: a sink with the signals it wants, after the scale. */
typedef struct pn_consumer {
  pn_sink *sink;
  pn_signal *const *signals; /* [n_signals] */
  int n_signals;
} pn_consumer;

/* Starts a result. plot: names and kind, columns are filled by the recorder. scale: name, type and
 * unit of column 0. extra: swept parameters as further leading columns (n_extra names), set by
 * pn_recorder_extra before each point. measures [n_measures] see every point. */
pn_status pn_recorder_begin(const pn_plot *plot, pn_column scale, const pn_column *extra,
                            int n_extra, const pn_consumer *consumers, int n_consumers,
                            pn_measure *const *measures, int n_measures, pn_recorder **out);
void pn_recorder_extra(pn_recorder *r, const double *values);
pn_status pn_recorder_point(pn_recorder *r, const pn_point *p);
/* Ends the sinks' result; frees the recorder. The first failure of any consumer is returned. */
pn_status pn_recorder_end(pn_recorder *r, bool complete);

#endif
