/* Eigenvalues of matrix pencils, (G + s C) v = 0: all of them for dense matrices by LAPACK,
 * those nearest to a shift for large sparse ones by shift-and-invert Arnoldi. Knows callbacks
 * and arrays, not circuits. Dense matrices are stored by columns. */
#ifndef PN_SOLVER_EIGEN_H
#define PN_SOLVER_EIGEN_H

#include "base/status.h"

#include <complex.h>
#include <stdbool.h>

/* All finite eigenvalues s [n] of det(G + s C) = 0, by falling real part; *n_finite of them.
 * g, c [n*n] are destroyed. Algebraic equations of any index are deflated by orthogonal
 * transformations first, so that infinite eigenvalues never mix with large ones. PN_E_SINGULAR:
 * the pencil is singular (the equations do not determine the unknowns). PN_E_CONVERGENCE: LAPACK
 * gave up. */
pn_status pn_eigen_pencil(int n, double *g, double *c, double complex *s, int *n_finite);
/* All eigenvalues s [n] of a [n*n], which is destroyed, by falling modulus. */
pn_status pn_eigen_dense(int n, double *a, double complex *s);

/* A sparse pencil. Vectors [n]. */
typedef struct pn_eigen_operator {
  void *user;
  int n;
  pn_status (*factor)(void *user, double complex shift); /* prepares G + shift C */
  pn_status (*solve)(void *user, double complex *v);     /* in place (G + shift C)^-1 v */
  void (*multiply_c)(void *user, const double complex *v, double complex *w); /* w = C v */
} pn_eigen_operator;

/* Eigenvalues nearest to a shift: s [most], *n_found of them converged to 1e-9, nearest first.
 * Every eigenvalue nearer to the shift than *radius has been found. most <= n. patient: goes on until `most` have
 * converged, as long as that is bearable. */
pn_status pn_eigen_near(const pn_eigen_operator *op, double complex shift, int most, bool patient,
                        double complex *s, int *n_found, double *radius);

/* Sorts by falling real part, then falling imaginary part. */
void pn_eigen_sort(double complex *s, int n);

#endif
