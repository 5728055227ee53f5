/* Eigenvalues of sparse pencils: dense matrices for few unknowns; for many, shift-and-invert Arnoldi with KLU. A shift
 * near the origin has to be of the size of what lies there, which is found by trying. */
#include "analysis/pencil.h"

#include "base/random.h"
#include "solver/eigen.h"
#include "solver/linsol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- sparse ---- */

typedef struct sparse {
  int n;
  int *colptr, *rowind; /* [n + 1], [nnz] */
  double *g, *c;        /* [nnz] */
  double complex *z;    /* [nnz] G + shift C */
  pn_linsol *lin;
} sparse;

typedef struct entry {
  int row, col;
  double g, c;
} entry;

static int by_column(const void *a, const void *b)
{
  const entry *x = a, *y = b;
  return x->col != y->col ? (x->col > y->col) - (x->col < y->col)
                          : (x->row > y->row) - (x->row < y->row);
}

/* Sorted entries, those of one place summed; returns how many are left. */
static long gather(const pn_pencil *p, entry *e)
{
  long n = 0, kept = 0;
  for (long k = 0; k < p->entries; k++)
    if (p->row[k] >= 0 && p->col[k] >= 0)
      e[n++] = (entry){p->row[k], p->col[k], p->g[k], p->c[k]};
  qsort(e, (size_t)n, sizeof *e, by_column);
  for (long k = 0; k < n; k++) {
    if (kept && e[kept - 1].row == e[k].row && e[kept - 1].col == e[k].col) {
      e[kept - 1].g += e[k].g;
      e[kept - 1].c += e[k].c;
    } else {
      e[kept++] = e[k];
    }
  }
  return kept;
}

static pn_status make(sparse *m, const pn_pencil *p)
{
  entry *e = malloc(((size_t)p->entries + 1) * sizeof *e);
  if (!e)
    return PN_E_MEMORY;
  long nnz = gather(p, e);
  size_t room = (size_t)nnz + 1;
  m->n = p->n;
  m->colptr = calloc((size_t)p->n + 1, sizeof *m->colptr);
  m->rowind = calloc(room, sizeof *m->rowind);
  m->g = calloc(room, sizeof *m->g);
  m->c = calloc(room, sizeof *m->c);
  m->z = calloc(room, sizeof *m->z);
  pn_status st = m->colptr && m->rowind && m->g && m->c && m->z ? PN_OK : PN_E_MEMORY;
  for (long k = 0; st == PN_OK && k < nnz; k++) {
    m->colptr[e[k].col + 1]++;
    m->rowind[k] = e[k].row;
    m->g[k] = e[k].g;
    m->c[k] = e[k].c;
  }
  free(e);
  for (int k = 0; st == PN_OK && k < m->n; k++)
    m->colptr[k + 1] += m->colptr[k];
  return st ? st : pn_linsol_klu(m->n, m->colptr, m->rowind, &m->lin, NULL);
}

static void drop(sparse *m)
{
  pn_linsol_free(m->lin);
  free(m->colptr);
  free(m->rowind);
  free(m->g);
  free(m->c);
  free(m->z);
}

static pn_status factor(void *user, double complex shift)
{
  sparse *m = user;
  int bad;
  for (int k = 0; k < m->colptr[m->n]; k++)
    m->z[k] = m->g[k] + shift * m->c[k];
  return pn_linsol_factor_complex(m->lin, m->z, &bad);
}

static pn_status solve(void *user, double complex *v)
{
  return pn_linsol_solve_complex(((sparse *)user)->lin, v);
}

static void multiply_c(void *user, const double complex *v, double complex *w)
{
  const sparse *m = user;
  memset(w, 0, (size_t)m->n * sizeof *w);
  for (int j = 0; j < m->n; j++)
    for (int k = m->colptr[j]; k < m->colptr[j + 1]; k++)
      w[m->rowind[k]] += m->c[k] * v[j];
}

enum { A_FEW = 6 }; /* enough to see the scale of values */

/* Values [most] nearest to a shift; one step aside where the shift is a value itself. */
static pn_status nearest(sparse *m, double complex shift, int most, double complex *s, int *n,
                         double *radius)
{
  pn_eigen_operator op = {m, m->n, factor, solve, multiply_c};
  most = most < m->n ? most : m->n;
  pn_status st = pn_eigen_near(&op, shift, most, most > A_FEW, s, n, radius);
  return st == PN_E_SINGULAR ? pn_eigen_near(&op, shift * 1.003, most, most > A_FEW, s, n, radius)
                             : st;
}

/* ---- what is a value, and what is rounding ---- */

typedef struct probe {
  sparse *m;
  double *u, *w;     /* [n] arbitrary */
  double complex *v; /* [n] */
} probe;

static bool make_probe(probe *p, sparse *m)
{
  const pn_random_key key = {0};
  size_t n = (size_t)m->n;
  *p = (probe){
      .m = m, .u = malloc((2 * n + 1) * sizeof *p->u), .v = malloc((n + 1) * sizeof *p->v)};
  if (!p->u || !p->v)
    return false;
  p->w = p->u + n;
  for (size_t k = 0; k < 2 * n; k++)
    p->u[k] = pn_random_uniform(&key, (uint32_t)k) - 0.5;
  return true;
}

/* |u (G + s C)^-1 w|: it has a pole at every value. */
static pn_status resonance(const probe *p, double complex s, double *out)
{
  double complex sum = 0;
  pn_status st = factor(p->m, s);
  for (int k = 0; k < p->m->n; k++)
    p->v[k] = p->w[k];
  if (st == PN_OK)
    st = solve(p->m, p->v);
  for (int k = 0; k < p->m->n; k++)
    sum += p->u[k] * p->v[k];
  *out = st == PN_E_SINGULAR || !isfinite(cabs(sum)) ? INFINITY : cabs(sum);
  return st == PN_E_SINGULAR ? PN_OK : st;
}

/* A function without a pole in a disc is largest on its edge: is it larger at s than all around? Tried with discs
 * of several sizes, for values with near neighbours and for those that rounding spreads over a star. */
static pn_status stands_out(const probe *p, double complex s, bool *yes)
{
  static const double size[] = {1e-4, 1e-2, 0.2}; /* of |s| */
  enum { EDGE = 4 };
  double at, beside;
  pn_status st = resonance(p, s, &at);
  *yes = false;
  for (int k = 0; k < 3 && !*yes && st == PN_OK; k++) {
    *yes = true;
    for (int j = 0; j < EDGE && *yes && st == PN_OK; j++) {
      st = resonance(p, s * (1 + size[k] * cexp(I * (0.5 + 2 * acos(-1) * j / EDGE))), &beside);
      *yes = at > 10 * beside;
    }
  }
  return st;
}

/* Keeps the values s [*n] at which the pencil is more singular than beside them. Infinite values of a high index (a
 * ladder's thousand zeros at infinity) make it singular to rounding in a whole region, where others are found that
 * are none: *radius then ends before them. */
static pn_status verify(sparse *m, double complex around, double complex *s, int *n, double *radius)
{
  probe p;
  pn_status st = make_probe(&p, m) ? PN_OK : PN_E_MEMORY;
  int kept = 0;
  for (int k = 0; k < *n && st == PN_OK; k++) {
    bool yes = s[k] == 0;
    if (!yes)
      st = stands_out(&p, s[k], &yes);
    if (yes)
      s[kept++] = s[k];
    else
      *radius = fmin(*radius, cabs(s[k] - around));
  }
  *n = kept;
  free(p.u);
  free(p.v);
  return st;
}

/* ---- all ---- */

pn_status pn_pencil_all(const pn_pencil *p, bool chains, double complex *s, int *n_found)
{
  sparse m = {0};
  double radius = INFINITY;
  size_t n = (size_t)p->n;
  double *g = calloc(n * n + 1, sizeof *g), *c = calloc(n * n + 1, sizeof *c);
  pn_status st = g && c ? PN_OK : PN_E_MEMORY;
  for (long k = 0; st == PN_OK && k < p->entries; k++)
    if (p->row[k] >= 0 && p->col[k] >= 0) {
      g[(size_t)p->col[k] * n + (size_t)p->row[k]] += p->g[k];
      c[(size_t)p->col[k] * n + (size_t)p->row[k]] += p->c[k];
    }
  if (st == PN_OK)
    st = pn_eigen_pencil(p->n, g, c, s, n_found);
  free(g);
  free(c);
  if (st == PN_OK && chains && *n_found)
    st = make(&m, p);
  if (st == PN_OK && chains && *n_found)
    st = verify(&m, 0, s, n_found, &radius);
  drop(&m);
  return st;
}

/* ---- the shift near the origin ---- */

enum { TRIES = 16 };
static const double NOTHING = 1e-4; /* of the shift: smaller values may be 0 */

/* The smallest modulus among s [n] that is at least `least`; INFINITY: there is none. */
static double smallest(const double complex *s, int n, double least)
{
  double found = INFINITY;
  for (int k = 0; k < n; k++)
    if (cabs(s[k]) >= least)
      found = fmin(found, cabs(s[k]));
  return found;
}

/* A rate of the pencil's diagonal, 1/s, to begin with. */
static double first_rate(const sparse *m)
{
  double low = INFINITY;
  for (int j = 0; j < m->n; j++)
    for (int k = m->colptr[j]; k < m->colptr[j + 1]; k++)
      if (m->rowind[k] == j && m->g[k] != 0 && m->c[k] != 0)
        low = fmin(low, fabs(m->g[k] / m->c[k]));
  return isfinite(low) ? low : 1;
}

/* A shift (> 0, 1/s) a little below the smallest value that is not 0. *zero: 0 is a value itself. Values at 0 show
 * in that they shrink with the shift, since only rounding holds them off. */
static pn_status scale_of(sparse *m, bool chains, double *shift, bool *zero)
{
  double at = 1e-3 * first_rate(m), radius;
  double complex s[A_FEW];
  int n;
  *zero = false;
  for (int k = 0; k < TRIES; k++) {
    pn_status st = nearest(m, at, A_FEW, s, &n, &radius);
    if (st == PN_OK && chains)
      st = verify(m, at, s, &n, &radius);
    if (st)
      return st;
    double least = smallest(s, n, 0), other = smallest(s, n, NOTHING * at);
    *shift = isfinite(other) ? 0.3 * other : at;
    if (least < NOTHING * at) {
      st = nearest(m, 1e-3 * at, A_FEW, s, &n, &radius);
      *zero = smallest(s, n, 0) < NOTHING * 1e-3 * at;
      if (st || *zero)
        return st;
      *shift = 0.3 * smallest(s, n, 0);
    } else if (n && *shift > 0.03 * at) {
      return PN_OK;
    }
    at = n ? *shift : 0.01 * at; /* nothing converged: all lies much nearer to the origin */
  }
  return PN_OK;
}

/* ---- */

typedef struct candidate {
  double complex s;
  double distance;
} candidate;

static int closer(const void *a, const void *b)
{
  double x = ((const candidate *)a)->distance, y = ((const candidate *)b)->distance;
  return (x > y) - (x < y);
}

/* The nearest ones out of found [n], in conjugate pairs: s [2 * most]. */
static pn_status choose(const double complex *found, int n, double complex near, int most,
                        double complex *s, int *m, double *radius)
{
  candidate *c = malloc(((size_t)n + 1) * sizeof *c);
  *m = 0;
  if (!c)
    return PN_E_MEMORY;
  for (int k = 0; k < n; k++)
    c[k] = (candidate){found[k], cabs(found[k] - near)};
  qsort(c, (size_t)n, sizeof *c, closer);
  if (n > most)
    *radius = fmin(*radius, c[most].distance);
  for (int k = 0; k < n && k < most; k++) {
    double complex z = c[k].s;
    bool seen = false;
    for (int j = 0; j < *m; j++)
      seen |= cimag(z) != 0 && cimag(s[j]) != 0 && cabs(s[j] - conj(z)) <= 1e-6 * cabs(z);
    if (seen)
      continue; /* it came with its twin */
    s[(*m)++] = z;
    if (cimag(z) != 0)
      s[(*m)++] = conj(z);
  }
  free(c);
  pn_eigen_sort(s, *m);
  return PN_OK;
}

static pn_status among_many(const pn_pencil *p, bool chains, double complex near, int most,
                            double complex *found, int *n, double *radius)
{
  sparse m = {0};
  double shift = 0;
  bool zero = false;
  pn_status st = make(&m, p);
  if (st == PN_OK && near == 0)
    st = scale_of(&m, chains, &shift, &zero);
  double complex at = near == 0 ? shift : near;
  if (st == PN_OK)
    st = nearest(&m, at, most, found, n, radius);
  if (st == PN_OK && chains)
    st = verify(&m, at, found, n, radius);
  for (int k = 0; k < *n && st == PN_OK; k++)
    if (zero && cabs(found[k]) < NOTHING * shift)
      found[k] = 0;
  *radius = fmax(0, *radius - cabs(at - near));
  drop(&m);
  return st;
}

pn_status pn_pencil_nearest(const pn_pencil *p, bool chains, double complex near, int most,
                            double complex *s, int *n_found, double *radius)
{
  int n = 0, room = p->n > PN_PENCIL_DENSE ? most : p->n;
  double complex *found = malloc(((size_t)room + 1) * sizeof *found);
  pn_status st = found ? PN_OK : PN_E_MEMORY;
  *n_found = 0;
  *radius = INFINITY;
  if (st == PN_OK)
    st = room == p->n ? pn_pencil_all(p, chains, found, &n)
                      : among_many(p, chains, near, most, found, &n, radius);
  for (int k = 0; k < n && st == PN_OK; k++)
    if (fabs(cimag(found[k])) < 1e-9 * cabs(found[k]))
      found[k] = creal(found[k]);
  if (st == PN_OK)
    st = choose(found, n, near, most, s, n_found, radius);
  free(found);
  return st;
}
