/* The residual of a crossbar's solution. Arrays are symmetric, so that a regular node's row is its column:
 * it is summed up on the spot, without a vector of sums, and inner nodes need no indices either. */
#include "base/clones.h"
#include "solver/crossbar_private.h"

#include <math.h>

enum { LANES = 8 };

/* max |b - A x| and max |A| |x| + |b| so far. */
typedef struct worst {
  double residual, size;
} worst;

static double larger(double a, double b)
{
  return b <= a ? a : b; /* NaN is kept */
}

static void take(worst *w, double residual, double size)
{
  w->residual = larger(w->residual, fabs(residual));
  w->size = larger(w->size, size);
}

/* n regular nodes with four entries each, v [n][4]; the m-th entries stand at x[m][0 .. n-1]. */
PN_CLONES
static worst inside(size_t n, const double *v, const double *const *x, const double *b)
{
  const double *x0 = x[0], *x1 = x[1], *x2 = x[2], *x3 = x[3];
  double residual[LANES] = {0}, size[LANES] = {0};
  worst w = {0, 0};
  size_t at = 0;
  for (; at + LANES <= n; at += LANES)
    for (size_t l = 0; l < LANES; l++) {
      size_t k = at + l;
      double t0 = v[4 * k] * x0[k], t1 = v[4 * k + 1] * x1[k], t2 = v[4 * k + 2] * x2[k],
             t3 = v[4 * k + 3] * x3[k];
      double r = fabs(b[k] - ((t0 + t1) + (t2 + t3)));
      double s = fabs(b[k]) + ((fabs(t0) + fabs(t1)) + (fabs(t2) + fabs(t3)));
      residual[l] = r <= residual[l] ? residual[l] : r;
      size[l] = s <= size[l] ? size[l] : s;
    }
  for (; at < n; at++) {
    double t0 = v[4 * at] * x0[at], t1 = v[4 * at + 1] * x1[at], t2 = v[4 * at + 2] * x2[at],
           t3 = v[4 * at + 3] * x3[at];
    take(&w, b[at] - ((t0 + t1) + (t2 + t3)),
         fabs(b[at]) + ((fabs(t0) + fabs(t1)) + (fabs(t2) + fabs(t3))));
  }
  for (int l = 0; l < LANES; l++)
    take(&w, residual[l], size[l]);
  return w;
}

typedef struct check {
  const pn_crossbar *c;
  const pn_crossbar_block *k;
  pn_linsol_grid grid;
  const double *b;
  worst of[PN_CROSSBAR_MOST_PARTS];
} check;

static void any_node(const check *w, int node, worst *most)
{
  const pn_linsol *s = &w->c->base;
  double r = w->b[node], size = fabs(r);
  if (w->c->kind[node] != PN_XB_REGULAR)
    return;
  for (int e = s->colptr[node]; e < s->colptr[node + 1]; e++) {
    double term = s->values[e] * w->c->full[s->rowind[e]];
    r -= term;
    size += fabs(term);
  }
  take(most, r, size);
}

static void check_row(const check *w, int i, worst *most)
{
  const pn_crossbar *c = w->c;
  int node = w->grid.first + i * w->k->shape.cols, end = node + w->k->shape.cols;
  pn_xb_run run = pn_xb_inside(w->k, &w->grid, i);
  for (; node < (run.n ? run.node : end); node++)
    any_node(w, node, most);
  if (run.n) {
    const double *x[4];
    for (int m = 0; m < 4; m++)
      x[m] = c->full + run.node + run.at.to[m];
    worst found = inside((size_t)run.n, c->base.values + c->base.colptr[node], x, w->b + node);
    take(most, found.residual, found.size);
    node += run.n;
  }
  for (; node < end; node++)
    any_node(w, node, most);
}

static void check_part(void *user, int part)
{
  check *w = user;
  size_t rows = (size_t)w->k->shape.rows;
  int parts = w->k->row_parts;
  worst most = {0, 0};
  for (size_t i = pn_crossbar_part(rows, part, parts); i < pn_crossbar_part(rows, part + 1, parts);
       i++)
    check_row(w, (int)i, &most);
  w->of[part] = most;
}

/* Nodes outside, and those of arrays that are joined to them: all of c->column. */
static worst check_others(const pn_crossbar *c, const double *b, double *r, double *size)
{
  const pn_linsol *s = &c->base;
  int n = c->n_outside + c->n_odd;
  worst most = {0, 0};
  for (int k = 0; k < n; k++) {
    int j = c->column[k];
    r[j] = b[j];
    size[j] = fabs(b[j]);
  }
  for (int k = 0; k < n; k++)
    for (int j = c->column[k], e = s->colptr[j]; e < s->colptr[j + 1]; e++) {
      int i = s->rowind[e];
      bool regular = c->kind[i] == PN_XB_REGULAR; /* then a_ji = a_ij */
      double term = s->values[e] * c->full[regular ? i : j];
      r[regular ? j : i] -= term;
      size[regular ? j : i] += fabs(term);
    }
  for (int k = 0; k < n; k++)
    take(&most, r[c->column[k]], size[c->column[k]]);
  return most;
}

double pn_xb_residual(pn_crossbar *c, const double *b)
{
  worst most = check_others(c, b, c->rest, c->full + c->base.n);
  for (int k = 0; k < c->n_blocks; k++) {
    pn_linsol_grid g[3];
    for (int m = 0, n = pn_linsol_grids(&c->block[k].shape, g); m < n; m++) {
      check w = {.c = c, .k = &c->block[k], .grid = g[m], .b = b};
      pn_pool_run(c->pool, w.k->row_parts, check_part, &w);
      for (int part = 0; part < w.k->row_parts; part++)
        take(&most, w.of[part].residual, w.of[part].size);
    }
  }
  c->base.seen = larger(0.9 * c->base.seen, most.size);
  return c->base.seen > 0 ? most.residual / c->base.seen : most.residual;
}
