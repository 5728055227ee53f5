/* The periodic drive of a circuit: the period all its sources share, and variations of one of them. */
#ifndef PN_ANALYSIS_DRIVE_H
#define PN_ANALYSIS_DRIVE_H

#include "analysis/analysis.h"

/* The period of the whole drive (s), `given` when > 0. 0 after an error that names the right analysis: no
 * source repeats, two do not share a period, one is delayed or single. */
double pn_drive_period(const pn_run *r, const char *analysis, double given);

/* The same where sources may be delayed: the period of those that repeat from t = 0 on, or the fastest's when none
 * does; INFINITY when nothing has a period. */
double pn_drive_shared(const pn_run *r, const char *analysis, double given);

/* A source's waveform in the terms of an experiment. Levels of a square or triangle are offset +- amplitude;
 * duty: part of the period above the middle. */
typedef enum pn_shape {
  PN_SHAPE_SINE,
  PN_SHAPE_SQUARE,
  PN_SHAPE_TRIANGLE,
  PN_SHAPE_OTHER
} pn_shape;
typedef struct pn_drive {
  pn_shape shape;
  double amplitude, offset;  /* V or A */
  double period, duty, edge; /* s, 1, part of the period an edge takes */
  const pn_wave *base;       /* PN_SHAPE_OTHER: what is scaled */
} pn_drive;

/* The source that varies: `device`, or the only one that does when device < 0. Its index, or -1 after an error. */
int pn_drive_source(const pn_run *r, const char *analysis, int device, pn_loc loc);
/* False when the source's waveform does not repeat. */
bool pn_drive_read(const pn_run *r, int device, pn_drive *d);
/* Puts d's waveform into w (points in the arena where it needs them) and into force. */
pn_status pn_drive_apply(const pn_run *r, int device, const pn_drive *d, pn_wave *w);

#endif
