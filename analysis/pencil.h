/* The finite eigenvalues of a sparse pencil G + s C given by triplets: all of them for small ones, those nearest to
 * a point of the plane for large ones. Knows matrices, not circuits. */
#ifndef PN_ANALYSIS_PENCIL_H
#define PN_ANALYSIS_PENCIL_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>

typedef struct pn_pencil {
  int n;
  long entries;
  int *row, *col; /* [entries] those below 0 are left out */
  double *g, *c;  /* [entries] summed where they meet */
} pn_pencil;

enum {
  PN_PENCIL_MOST = 64,
  PN_PENCIL_DENSE = 500 /* unknowns, up to which all values are worked out */
};

/* All: s [n], by falling real part. PN_E_SINGULAR: every s is one. chains: the pencil may have infinite values of a
 * high index (zeros of ladders), beside which rounding feigns finite ones; those are sorted out. */
pn_status pn_pencil_all(const pn_pencil *p, bool chains, double complex *s, int *n_found);
/* The `most` (at most PN_PENCIL_MOST) nearest to `near` and their conjugates: s [2 * most], by falling real part.
 * Every one within *radius of `near` was found. Equal ones may come once. */
pn_status pn_pencil_nearest(const pn_pencil *p, bool chains, double complex near, int most,
                            double complex *s, int *n_found, double *radius);

#endif
