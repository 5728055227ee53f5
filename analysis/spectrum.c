/* A circuit's eigenvalues: all of them up to DENSE unknowns, beyond that those near the imaginary
 * axis, found from shifts along it. */
#include "analysis/spectrum.h"
#include "solver/eigen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DENSE = 400, SHIFTS = 10, PER_SHIFT = 16, CLIMBS = 4, ITERATIONS = 3 };

typedef struct pn_spectrum_work {
  pn_sim *sim;
  int n;          /* unknowns */
  long entries;   /* triplets at most */
  int *row, *col; /* [entries] */
  double *g, *c;  /* [entries] */
  double *dense;  /* [2*n*n] up to DENSE unknowns, else NULL */
  double *part;   /* [4*n] real and imaginary parts for products */
  int room;       /* of s */
} pn_spectrum_work;

void pn_spectrum_free(pn_spectrum *p)
{
  if (!p)
    return;
  pn_spectrum_work *w = p->work;
  if (w) {
    free(w->row);
    free(w->col);
    free(w->g);
    free(w->c);
    free(w->dense);
    free(w->part);
    free(w);
  }
  free(p->s);
  free(p);
}

static bool allocate(pn_spectrum *p, pn_sim *sim)
{
  pn_spectrum_work *w = p->work = calloc(1, sizeof *w);
  if (!w)
    return false;
  w->sim = sim;
  w->n = pn_sim_n(sim);
  w->entries = pn_sim_triplets(sim, NULL, NULL, NULL, NULL);
  size_t n = (size_t)w->n, e = (size_t)w->entries + 1;
  w->room = w->n <= DENSE ? w->n + 1 : 2 * PER_SHIFT * (SHIFTS + CLIMBS + 1);
  w->row = calloc(e, sizeof *w->row);
  w->col = calloc(e, sizeof *w->col);
  w->g = calloc(e, sizeof *w->g);
  w->c = calloc(e, sizeof *w->c);
  w->part = calloc(4 * n + 1, sizeof *w->part);
  p->s = calloc((size_t)w->room, sizeof *p->s);
  if (w->n <= DENSE)
    w->dense = calloc(2 * n * n + 1, sizeof *w->dense);
  return w->row && w->col && w->g && w->c && w->part && p->s && (w->dense || w->n > DENSE);
}

pn_status pn_spectrum_new(pn_sim *sim, pn_spectrum **out)
{
  *out = NULL;
  pn_spectrum *p = calloc(1, sizeof *p);
  if (!p)
    return PN_E_MEMORY;
  if (!allocate(p, sim)) {
    pn_spectrum_free(p);
    return PN_E_MEMORY;
  }
  *out = p;
  return PN_OK;
}

pn_status pn_spectrum_matrices(pn_spectrum *p, double *g, double *c)
{
  pn_spectrum_work *w = p->work;
  size_t n = (size_t)w->n;
  memset(g, 0, n * n * sizeof *g);
  memset(c, 0, n * n * sizeof *c);
  long entries = pn_sim_triplets(w->sim, w->row, w->col, w->g, w->c);
  for (long k = 0; k < entries; k++) {
    g[(size_t)w->col[k] * n + (size_t)w->row[k]] += w->g[k];
    c[(size_t)w->col[k] * n + (size_t)w->row[k]] += w->c[k];
  }
  return PN_OK;
}

/* ---- large circuits ---- */

static pn_status factor(void *user, double complex shift)
{
  return pn_sim_factor_complex(((pn_spectrum_work *)user)->sim, shift);
}

static pn_status solve(void *user, double complex *v)
{
  return pn_sim_solve_complex(((pn_spectrum_work *)user)->sim, v);
}

static void multiply_c(void *user, const double complex *v, double complex *out)
{
  pn_spectrum_work *w = user;
  double *re = w->part, *im = re + w->n, *cre = im + w->n, *cim = cre + w->n;
  for (int k = 0; k < w->n; k++) {
    re[k] = creal(v[k]);
    im[k] = cimag(v[k]);
  }
  pn_sim_mul_c(w->sim, re, cre);
  pn_sim_mul_c(w->sim, im, cim);
  for (int k = 0; k < w->n; k++)
    out[k] = cre[k] + I * cim[k];
}

/* Adds an eigenvalue and its conjugate unless they are there. */
static void add(pn_spectrum *p, double complex s)
{
  if (fabs(cimag(s)) < 1e-9 * cabs(s))
    s = creal(s);
  for (int k = 0; k < p->n; k++)
    if (cabs(p->s[k] - s) <= 1e-6 * cabs(s))
      return;
  if (p->n + 2 > p->work->room)
    return;
  p->s[p->n++] = s;
  if (cimag(s) != 0)
    p->s[p->n++] = conj(s);
}

static pn_status search(pn_spectrum *p, double complex shift)
{
  pn_eigen_operator op = {p->work, p->work->n, factor, solve, multiply_c};
  double complex found[PER_SHIFT];
  double radius;
  int n;
  pn_status st = pn_eigen_near(&op, shift, PER_SHIFT, false, found, &n, &radius);
  for (int k = 0; k < n && st == PN_OK; k++)
    add(p, found[k]);
  return st;
}

/* Smallest and largest rate |G_kk / C_kk|, 1/s. */
static void rates(pn_spectrum_work *w, double *low, double *high)
{
  double *g = w->part, *c = w->part + w->n;
  memset(g, 0, 2 * (size_t)w->n * sizeof *g);
  long entries = pn_sim_triplets(w->sim, w->row, w->col, w->g, w->c);
  for (long k = 0; k < entries; k++)
    if (w->row[k] == w->col[k]) {
      g[w->row[k]] += w->g[k];
      c[w->row[k]] += w->c[k];
    }
  *low = INFINITY;
  *high = 0;
  for (int k = 0; k < w->n; k++)
    if (c[k] != 0 && g[k] != 0) {
      *low = fmin(*low, fabs(g[k] / c[k]));
      *high = fmax(*high, fabs(g[k] / c[k]));
    }
}

/* Shifts along the imaginary axis, then towards the right as long as that finds something new. */
static pn_status search_all(pn_spectrum *p)
{
  double low, high;
  rates(p->work, &low, &high);
  p->n = 0;
  p->complete = false;
  if (!(high > 0))
    return PN_OK;
  pn_status st = search(p, 1e-3 * low); /* not 0: a branch point would be singular */
  for (int k = 0; k < SHIFTS && st == PN_OK; k++)
    st = search(p, I * 0.3 * low * pow(10 * high / low, (double)k / (SHIFTS - 1)));
  double before = -INFINITY;
  for (int k = 0; k < CLIMBS && st == PN_OK && p->n; k++) {
    pn_eigen_sort(p->s, p->n);
    double complex lead = p->s[0];
    if (creal(lead) <= before)
      break;
    before = creal(lead);
    st = search(p, lead + 0.05 * cabs(lead));
  }
  pn_eigen_sort(p->s, p->n);
  return st;
}

/* ---- */

static void count(pn_spectrum *p)
{
  double most = 0;
  p->n_unstable = p->n_real = p->n_marginal = 0;
  for (int k = 0; k < p->n; k++)
    most = fmax(most, cabs(p->s[k]));
  for (int k = 0; k < p->n; k++) {
    double near = 1e-10 * cabs(p->s[k]) + 1e-15 * most;
    if (fabs(creal(p->s[k])) <= near) {
      p->n_marginal++;
    } else if (creal(p->s[k]) > 0) {
      p->n_unstable++;
      p->n_real += cimag(p->s[k]) == 0;
    }
  }
}

pn_status pn_spectrum_at(pn_spectrum *p, const double *y)
{
  pn_spectrum_work *w = p->work;
  pn_status st = pn_sim_eval(w->sim, PN_SIM_OP, 0, y, true);
  if (st)
    return st;
  pn_sim_freeze_bounds(w->sim);
  if (w->dense) {
    double *c = w->dense + (size_t)w->n * (size_t)w->n;
    pn_spectrum_matrices(p, w->dense, c);
    st = pn_eigen_pencil(w->n, w->dense, c, p->s, &p->n);
    p->complete = true;
  } else {
    st = search_all(p);
  }
  if (st == PN_OK)
    count(p);
  return st;
}

static void normalise(int n, const double *scale, double complex *v)
{
  int best = 0;
  for (int k = 1; k < n; k++)
    if (cabs(v[k]) / scale[k] > cabs(v[best]) / scale[best])
      best = k;
  double complex by = v[best] / scale[best];
  for (int k = 0; k < n; k++)
    v[k] /= by;
}

pn_status pn_spectrum_vector(pn_sim *sim, double complex s, bool left, const double *scale,
                             double complex *v)
{
  int n = pn_sim_n(sim);
  for (int k = 0; k < n; k++)
    v[k] = scale[k] * (1 + 0.3 * sin(1 + 2.3 * k));
  double complex near = s == 0 ? 0 : s * (1 + 1e-11);
  pn_status st = pn_sim_factor_complex(sim, near);
  for (int k = 0; k < ITERATIONS && st == PN_OK; k++) {
    st = left ? pn_sim_solve_complex_transposed(sim, v) : pn_sim_solve_complex(sim, v);
    if (st == PN_OK)
      normalise(n, scale, v);
  }
  for (int k = 0; k < n && st == PN_OK; k++)
    st = isfinite(creal(v[k])) && isfinite(cimag(v[k])) ? PN_OK : PN_E_SINGULAR;
  return st;
}
