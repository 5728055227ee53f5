/* What a linear solver is to solver/linsol.c: private to solver/. Iterative solvers leave
 * what they cannot do (NULL) and what they refuse (PN_E_CONVERGENCE) to KLU. */
#ifndef PN_SOLVER_LINSOL_CLASS_H
#define PN_SOLVER_LINSOL_CLASS_H

#include "solver/linsol.h"

typedef struct pn_linsol_class {
  bool iterates;
  void (*destroy)(pn_linsol *s);
  /* PN_E_CONVERGENCE: not a matrix for this solver; s->why says why. */
  pn_status (*factor)(pn_linsol *s, const double *values, int *bad);
  /* The same of a matrix in parts; NULL: it must be whole. PN_E_CONVERGENCE: this one must be whole, too. */
  pn_status (*factor_parts)(pn_linsol *s, const pn_linsol_parts *p);
  /* PN_E_CONVERGENCE: the iteration stalled; b is as it was. b [nrhs][n] */
  pn_status (*solve)(pn_linsol *s, double *b, int nrhs);
  pn_status (*solve_transposed)(pn_linsol *s, double *b);
  pn_status (*factor_complex)(pn_linsol *s, const double complex *values, int *bad);
  pn_status (*solve_complex)(pn_linsol *s, double complex *b, bool transposed);
} pn_linsol_class;

/* Head of every solver's own struct. */
struct pn_linsol {
  const pn_linsol_class *cls;
  int n;
  const int *colptr, *rowind; /* the caller's */
  pn_linsol_stats stats;
  const char *why;      /* the last refusal, in words */
  pn_linsol *direct;    /* KLU, made when first needed; NULL for KLU itself */
  const double *values; /* [nnz] the caller's, of the last factor */
  const pn_linsol_parts
      *parts;        /* the caller's: `values` are the rest, without the cells; or NULL */
  bool on_direct;    /* the last factorisation is the direct one's */
  bool direct_ready; /* it belongs to `values` */
  double seen;       /* largest |A| |x| + |b| lately: what residuals are measured by */
  double tolerance;  /* of iterations, relative to the right-hand side */
  bool verified;     /* the last solution's residual was measured, and is rounding */
  int stalls;        /* iterations that did not converge */
  char text[400];    /* the name, with what was left to KLU */
};

/* What iterative solvers do without values: below this relative residual a solution is right. */
#define PN_LINSOL_TOLERANCE 1e-12
enum {
  PN_LINSOL_MOST_STALLS = 3,
  PN_LINSOL_MOST_SMALL = 12 /* unknowns of a full matrix; with more, sparse ones take over */
};

/* Makes `values` those of the whole matrix. PN_E_MEMORY. */
pn_status pn_linsol_need_whole(pn_linsol *s);

/* max |b - A x| / max(|A| |x| + |b|), the latter of the largest solution lately (a correction that is
 * nothing but rounding cannot be solved for); r [n] gets b - A x, size [n] |A| |x| + |b|. */
double pn_linsol_residual(pn_linsol *s, const double *values, const double *x, const double *b,
                          double *r, double *size);

pn_status pn_linsol_forest(const pn_linsol_setup *setup, pn_linsol **out);
pn_status pn_linsol_small(const pn_linsol_setup *setup, pn_linsol **out, int *bad);
pn_status pn_linsol_crossbar(const pn_linsol_setup *setup, pn_linsol **out);
pn_status pn_linsol_bordered(const pn_linsol_setup *setup, pn_linsol **out);
pn_status pn_linsol_condensed(const pn_linsol_setup *setup, pn_linsol **out);

#endif
