/* Arrays in larger circuits: drivers with resistances, amplifiers, transistors, loops at the ends of
 * lines. What is not of an array is the border: KLU factors it, and its Schur complement is put on the
 * diagonal of the ports, the nodes of arrays that it touches. Where every part of the border touches one port
 * that is all there is to it; what couples several ports, and what couples lines with each other (crosstalk),
 * is left to GMRES with the crossbar solver as its preconditioner (Saad 1993, SIAM J. Sci. Comput. 14, 461).
 *     [A_aa A_ao; A_oa A_oo] [x_a; x_o] = [b_a; b_o],  S = A_aa - A_ao A_oo^-1 A_oa,
 *     S x_a = b_a - A_ao A_oo^-1 b_o,  A_oo x_o = b_o - A_oa x_a. */
#include "solver/bordered.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_VECTORS = 30 };
static const double MOST_ROOM = 3e7;       /* doubles for the vectors of the iteration */
static const double INNER_ACCURACY = 1e-4; /* of the crossbar solver as a preconditioner */
static const double ASYMMETRY = 1e-13;     /* relative, of rounding */
static const double SLACK = 100;  /* residual in the maximum norm over that of the iteration */
static const double CHECK = 1e-9; /* relative residual of a right solution */

/* ---- numbers ---- */

static void load(const pn_border_part *p, const double *values)
{
  for (int k = 0; k < p->nnz; k++)
    p->value[k] = values[p->slot[k]];
}

/* Cells of lopsided arrays as the preconditioner sees them: the smaller of both conductances, none where one
 * is negative, so that each cell stays positive whatever its transistor does. */
static void make_even(pn_bordered *b)
{
  double *v = b->in.value;
  b->even = true;
  for (int k = 0; k < b->n_pairs; k++) {
    double *up = &v[b->pair[2 * k]], *down = &v[b->pair[2 * k + 1]];
    double least = fmin(0, fmax(*up, *down));
    b->even &= fabs(*up - least) + fabs(*down - least) <= ASYMMETRY * fabs(least);
    *up = *down = least;
  }
}

/* Schur complements of the border on the ports' diagonals. */
static pn_status correct_ports(pn_bordered *b, const double *values)
{
  double *z = b->border_side;
  for (int c = 0; c < b->n_colours; c++) {
    memset(z, 0, (size_t)b->out.n * sizeof *z);
    for (int k = 0; k < b->n_ports; k++)
      for (int e = b->down_first[k]; b->colour[k] == c && e < b->down_first[k + 1]; e++)
        z[b->down[e].row] += values[b->down[e].slot];
    pn_status st = pn_linsol_solve(b->border, z);
    if (st)
      return st;
    for (int k = 0; k < b->n_ports; k++)
      for (int e = b->up_first[k]; b->colour[k] == c && e < b->up_first[k + 1]; e++)
        b->in.value[b->place[k]] -= values[b->up[e].slot] * z[b->up[e].col];
  }
  return PN_OK;
}

static pn_status bordered_factor(pn_linsol *s, const double *values, int *bad)
{
  pn_bordered *b = (pn_bordered *)s;
  s->stats.factors++;
  b->checked = false;
  load(&b->in, values);
  memcpy(b->actual, b->in.value, (size_t)b->in.nnz * sizeof *b->actual);
  make_even(b);
  load(&b->out, values);
  pn_status st = b->border ? pn_linsol_factor(b->border, b->out.value, bad) : PN_OK;
  if (st == PN_OK && b->border)
    st = correct_ports(b, values);
  s->why = "the border alone is singular";
  if (st)
    return st == PN_E_SINGULAR ? PN_E_CONVERGENCE : st;
  b->array->values = b->in.value;
  st = b->array->cls->factor(b->array, b->in.value, bad);
  s->why = b->array->why;
  return st;
}

/* ---- solution ---- */

/* y += sign A_ao x_o. */
static void add_border(const pn_bordered *b, double sign, const double *x_o, double *y)
{
  const double *values = b->base.values;
  for (int e = 0; e < b->n_up; e++)
    y[b->up[e].row] += sign * values[b->up[e].slot] * x_o[b->up[e].col];
}

/* x_o = A_oo^-1 (b_o - A_oa x_a); b_o NULL: 0. */
static pn_status border_from(pn_bordered *b, const double *b_o, const double *x_a, double *x_o)
{
  const double *values = b->base.values;
  if (!b->border)
    return PN_OK;
  for (int k = 0; k < b->out.n; k++)
    x_o[k] = b_o ? b_o[k] : 0;
  for (int e = 0; e < b->n_down; e++)
    x_o[b->down[e].row] -= values[b->down[e].slot] * x_a[b->down[e].col];
  return pn_linsol_solve(b->border, x_o);
}

/* y = S x. */
static pn_status product(pn_bordered *b, const double *x, double *y)
{
  const pn_linsol *s = &b->base;
  memset(y, 0, (size_t)b->in.n * sizeof *y);
  for (int j = 0; j < b->in.n && b->exact; j++)
    for (int e = b->in.ptr[j]; e < b->in.ptr[j + 1]; e++)
      y[b->in.ind[e]] += b->actual[e] * x[j];
  for (int j = 0; j < s->n && !b->exact; j++) {
    if (b->outside[j])
      continue;
    double v = x[b->where[j]];
    for (int e = s->colptr[j]; e < s->colptr[j + 1]; e++)
      if (!b->outside[s->rowind[e]])
        y[b->where[s->rowind[e]]] += s->values[e] * v;
  }
  pn_status st = border_from(b, NULL, x, b->border_side);
  if (st == PN_OK && b->border)
    add_border(b, 1, b->border_side, y);
  return st;
}

static double dot(int n, const double *x, const double *y)
{
  double sum = 0;
  for (int i = 0; i < n; i++)
    sum += x[i] * y[i];
  return sum;
}

static void add(int n, double a, const double *x, double *y)
{
  for (int i = 0; i < n; i++)
    y[i] += a * x[i];
}

/* One vector more: orthogonal to those before, its column of the Hessenberg matrix turned by their rotations.
 * h [MOST_VECTORS + 1]; g the residual's coordinates, cs, sn the rotations. */
static pn_status arnoldi(pn_bordered *b, int k, double *h, double *g, double *cs, double *sn)
{
  int n = b->in.n;
  double *z = b->z + (size_t)k * (size_t)n, *v = b->v + (size_t)k * (size_t)n, *next = v + n;
  memcpy(z, v, (size_t)n * sizeof *z);
  pn_status st = b->array->cls->solve(b->array, z, 1);
  if (st == PN_OK)
    st = product(b, z, next);
  if (st)
    return st;
  for (int i = 0; i <= k; i++) {
    const double *other = b->v + (size_t)i * (size_t)n;
    h[i] = dot(n, next, other);
    add(n, -h[i], other, next);
  }
  double length = sqrt(dot(n, next, next));
  for (int i = 0; i < n && length > 0; i++)
    next[i] /= length;
  for (int i = 0; i < k; i++) {
    double t = cs[i] * h[i] + sn[i] * h[i + 1];
    h[i + 1] = -sn[i] * h[i] + cs[i] * h[i + 1];
    h[i] = t;
  }
  double r = hypot(h[k], length);
  cs[k] = r > 0 ? h[k] / r : 1;
  sn[k] = r > 0 ? length / r : 0;
  h[k] = r;
  g[k + 1] = -sn[k] * g[k];
  g[k] *= cs[k];
  return isfinite(r) && r > 0 ? PN_OK : PN_E_CONVERGENCE;
}

/* S x = side by flexible GMRES from x = 0, to `enough` of side. */
static pn_status iterate(pn_bordered *b, double tolerance)
{
  enum { ROOM = MOST_VECTORS + 1 };
  int n = b->in.n;
  double h[ROOM][ROOM], g[ROOM + 1], cs[ROOM], sn[ROOM], enough = -1;
  memset(b->x, 0, (size_t)n * sizeof *b->x);
  for (int restart = 0; restart < 4; restart++) {
    double *v = b->v;
    pn_status st = PN_OK;
    if (restart == 0)
      memcpy(v, b->side, (size_t)n * sizeof *v);
    else
      st = product(b, b->x, v);
    for (int i = 0; i < n && restart > 0; i++)
      v[i] = b->side[i] - v[i];
    g[0] = sqrt(dot(n, v, v));
    if (restart == 0)
      enough = fmax(tolerance, 1e-13) * g[0];
    if (st || g[0] <= enough)
      return st;
    for (int i = 0; i < n; i++)
      v[i] /= g[0];
    int k = 0;
    while (k < b->most && fabs(g[k]) > enough && !st) {
      st = arnoldi(b, k, h[k], g, cs, sn);
      b->base.stats.iterations++;
      k++;
    }
    if (st)
      return st;
    for (int i = k; i-- > 0;) {
      for (int j = i + 1; j < k; j++)
        g[i] -= h[j][i] * g[j];
      g[i] /= h[i][i];
      add(n, g[i], b->z + (size_t)i * (size_t)n, b->x);
    }
  }
  return PN_E_CONVERGENCE;
}

static pn_status solve_one(pn_bordered *b, double *rhs)
{
  pn_linsol *s = &b->base;
  double *x_o = b->scratch, *b_o = b->scratch + b->out.n;
  s->stats.solves++;
  s->why = "the iteration stalled";
  for (int j = 0; j < s->n; j++)
    *(b->outside[j] ? &b_o[b->where[j]] : &b->side[b->where[j]]) = rhs[j];
  pn_status st = PN_OK;
  if (b->border) {
    memcpy(x_o, b_o, (size_t)b->out.n * sizeof *x_o);
    st = pn_linsol_solve(b->border, x_o);
    add_border(b, -1, x_o, b->side);
  }
  bool direct = b->exact && b->even;
  pn_linsol_set_tolerance(b->array, direct ? s->tolerance : fmax(s->tolerance, INNER_ACCURACY));
  if (st == PN_OK && direct) {
    memcpy(b->x, b->side, (size_t)b->in.n * sizeof *b->x);
    st = b->array->cls->solve(b->array, b->x, 1);
  } else if (st == PN_OK) {
    st = iterate(b, s->tolerance);
  }
  if (st == PN_OK)
    st = border_from(b, b_o, b->x, x_o);
  if (st)
    return st == PN_E_MEMORY ? st : PN_E_CONVERGENCE;
  for (int j = 0; j < s->n; j++)
    b->full[j] = b->outside[j] ? x_o[b->where[j]] : b->x[b->where[j]];
  s->verified = !b->checked && s->tolerance <= PN_LINSOL_TOLERANCE;
  if (!b->checked) {
    double e = pn_linsol_residual(s, s->values, b->full, rhs, b->scratch, b->scratch + s->n);
    s->why = "the residual is too large";
    if (!(e < fmax(CHECK, SLACK * s->tolerance)))
      return PN_E_CONVERGENCE;
    s->stats.worst_residual = fmax(s->stats.worst_residual, e);
    b->checked = true;
  }
  if (direct)
    s->stats.iterations = b->array->stats.iterations;
  s->why = NULL;
  memcpy(rhs, b->full, (size_t)s->n * sizeof *rhs);
  return PN_OK;
}

static pn_status bordered_solve(pn_linsol *s, double *b, int nrhs)
{
  pn_status st = PN_OK;
  for (int k = 0; k < nrhs && !st; k++)
    st = solve_one((pn_bordered *)s, b + (size_t)k * (size_t)s->n);
  return st;
}

/* ---- life ---- */

static void free_part(pn_border_part *p)
{
  free(p->ptr);
  free(p->ind);
  free(p->slot);
  free(p->value);
}

static void bordered_destroy(pn_linsol *s)
{
  pn_bordered *b = (pn_bordered *)s;
  pn_linsol_free(b->array);
  pn_linsol_free(b->border);
  free_part(&b->in);
  free_part(&b->out);
  free(b->outside);
  free(b->where);
  free(b->up);
  free(b->down);
  free(b->port);
  free(b->pair);
  free(b->actual);
  free(b->v);
  free(b->full);
  free(b);
}

/* The arrays with their numbers among the array nodes. */
static pn_status make_array(pn_bordered *b, const pn_linsol_setup *setup)
{
  pn_linsol_array *arrays = malloc(((size_t)setup->n_arrays + 1) * sizeof *arrays);
  if (!arrays)
    return PN_E_MEMORY;
  for (int k = 0; k < setup->n_arrays; k++) {
    arrays[k] = setup->arrays[k];
    arrays[k].w0 = b->where[arrays[k].w0];
    arrays[k].b0 = b->where[arrays[k].b0];
    arrays[k].m0 = arrays[k].m0 < 0 ? -1 : b->where[arrays[k].m0];
  }
  pn_linsol_setup inner = {.n = b->in.n,
                           .colptr = b->in.ptr,
                           .rowind = b->in.ind,
                           .kind = PN_LINSOL_CROSSBAR,
                           .arrays = arrays,
                           .n_arrays = setup->n_arrays,
                           .threads = setup->threads};
  pn_status st = pn_linsol_crossbar(&inner, &b->array);
  free(arrays);
  return st;
}

static bool allocate(pn_bordered *b)
{
  size_t in = (size_t)b->in.n, out = (size_t)b->out.n, n = (size_t)b->base.n;
  double most = MOST_ROOM / (2 * (double)in);
  bool iterates = !b->exact || b->n_pairs;
  b->most = !iterates ? 0 : most < 5 ? 5 : most > MOST_VECTORS ? MOST_VECTORS : (int)most;
  size_t vectors = iterates ? (2 * (size_t)b->most + 1) : 0;
  b->v = malloc((vectors * in + 1) * sizeof(double));
  b->full = malloc((3 * n + 2 * in + out + 1) * sizeof(double));
  if (!b->v || !b->full)
    return false;
  b->z = b->v + (iterates ? (size_t)b->most + 1 : 0) * in;
  b->scratch = b->full + n;
  b->x = b->scratch + 2 * n;
  b->side = b->x + in;
  b->border_side = b->side + in;
  return true;
}

static pn_status build(pn_bordered *b, const pn_linsol_setup *s)
{
  pn_status st = pn_bordered_divide(b, s);
  if (st)
    return st;
  if (!allocate(b))
    return PN_E_MEMORY;
  st = make_array(b, s);
  if (st == PN_OK && b->out.n)
    st = pn_linsol_klu(b->out.n, b->out.ptr, b->out.ind, &b->border, NULL);
  return st == PN_E_SINGULAR ? PN_E_CONVERGENCE : st;
}

static const pn_linsol_class bordered_class = {.iterates = true,
                                               .destroy = bordered_destroy,
                                               .factor = bordered_factor,
                                               .solve = bordered_solve};

pn_status pn_linsol_bordered(const pn_linsol_setup *setup, pn_linsol **out)
{
  *out = NULL;
  pn_bordered *b = calloc(1, sizeof *b);
  if (!b)
    return PN_E_MEMORY;
  b->base = (pn_linsol){.cls = &bordered_class,
                        .n = setup->n,
                        .colptr = setup->colptr,
                        .rowind = setup->rowind,
                        .tolerance = PN_LINSOL_TOLERANCE};
  pn_status st = build(b, setup);
  if (st) {
    bordered_destroy(&b->base);
    return st;
  }
  b->base.stats.name = b->exact && !b->n_pairs
                           ? "crossbar, bordered by KLU"
                           : "crossbar as the preconditioner of GMRES, bordered by KLU";
  b->base.stats.nnz_factors = 4L * b->in.n + b->out.nnz;
  *out = &b->base;
  return PN_OK;
}
