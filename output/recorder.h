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
  bool bare; /* without the extra columns of the result */
} pn_consumer;

/* Starts a result. plot: names and kind, columns are filled by the recorder. scale: name, type and
 * unit of column 0. extra: swept parameters as further leading columns (n_extra names), set by
 * pn_recorder_extra before each point. measures [n_measures] see every point. */
pn_status pn_recorder_begin(const pn_plot *plot, pn_column scale, const pn_column *extra,
                            int n_extra, const pn_consumer *consumers, int n_consumers,
                            pn_measure *const *measures, int n_measures, pn_recorder **out);
void pn_recorder_extra(pn_recorder *r, const double *values);
void pn_recorder_extra_complex(pn_recorder *r, const double complex *values);
/* Marks the unknowns of c that its signals are computed from: of points, no others are read. needed [n] */
void pn_recorder_mark(const pn_recorder *r, const pn_circuit *c, unsigned char *needed);
pn_status pn_recorder_point(pn_recorder *r, const pn_point *p);
/* Rows that stand for whole cycles of a fast drive: points are gathered with their weights in the mean (sum 1;
 * `first` begins a cycle), then means make a row; measurements see them, too. */
void pn_recorder_gather(pn_recorder *r, const pn_point *p, double weight, bool first);
pn_status pn_recorder_means(pn_recorder *r, double x);
/* Of what was gathered, [pn_recorder_width]: the least or the largest values of the signals, to be kept for a
 * row of another result of the same analysis. */
int pn_recorder_width(const pn_recorder *r);
const double *pn_recorder_least(const pn_recorder *r), *pn_recorder_largest(const pn_recorder *r);
pn_status pn_recorder_row(pn_recorder *r, double x, const double *values);
/* Ends the sinks' result; frees the recorder. The first failure of any consumer is returned. */
pn_status pn_recorder_end(pn_recorder *r, bool complete);

#endif
