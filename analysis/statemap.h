/* The averaged dynamics of one memristor's state under the drive in force: its rate, averaged over a cycle with
 * all states frozen (seed 004, eq. 3), as a function of the state; its zeros; and the drive's variations. */
#ifndef PN_ANALYSIS_STATEMAP_H
#define PN_ANALYSIS_STATEMAP_H

#include "analysis/cycle.h"
#include "analysis/drive.h"
#include "analysis/words.h"

typedef struct pn_statemap {
  const pn_run *r;
  const char *analysis; /* for messages */
  int device, source;
  pn_cycle *cycle;
  double period;  /* s */
  int n, ns;      /* unknowns, moving states */
  int k;          /* the device's state among them */
  double *y0;     /* [n] operating point */
  double *x, *dx; /* [ns] */
  double lo, hi;  /* where the map is looked at */
  pn_drive drive;
  pn_wave wave; /* in force when the drive was varied */
} pn_statemap;

/* device: a memristor with one moving state. source: the one that is varied, or -1. Reports its errors. */
pn_status pn_statemap_open(pn_statemap *m, const pn_run *r, const char *analysis, int device,
                           int source, pn_loc loc);
void pn_statemap_close(pn_statemap *m);
/* Puts m->drive into force. */
pn_status pn_statemap_drive(pn_statemap *m);

/* Averages over the cycle, per second. */
typedef struct pn_rate {
  double net, up, down;
} pn_rate;
pn_status pn_statemap_rate(pn_statemap *m, double x, pn_rate *rate);
/* The zero of the net rate between a and b, whose rates have different signs. */
pn_status pn_statemap_zero(pn_statemap *m, double a, double rate_a, double b, double *x);

/* A fixed point of the averaged dynamics. */
typedef struct pn_fixed_point {
  double x;
  double slope; /* 1/s, of the net rate; the time constant is -1/slope */
  bool stable, at_bound;
} pn_fixed_point;
enum { PN_MOST_FIXED_POINTS = 32 };
/* All of them, from rates [n] at n states x [n]; *count of them into p [PN_MOST_FIXED_POINTS]. */
pn_status pn_statemap_fixed_points(pn_statemap *m, int n, const double *x, const double *rate,
                                   pn_fixed_point *p, int *count);
/* Cycles from x0 until the state, other states frozen, is within `near` of `goal` for the first time, by
 * envelope following; INFINITY when that takes more than `most`. */
pn_status pn_statemap_reach(pn_statemap *m, double x0, double goal, double near, double most,
                            double *cycles);
/* x [n]: the state from x0 on at cycles at [n], which rise. */
pn_status pn_statemap_curve(pn_statemap *m, double x0, int n, const double *at, double *x);

#endif
