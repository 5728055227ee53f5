/* The loops of the crossbar solver. Rows run eight at a time, so that their recurrences overlap; columns
 * run side by side through vectors. */
#include "solver/crossbar.h"

#include <stddef.h>

enum { ROWS = 8 };
#define PN_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))

bool pn_crossbar_factor(pn_crossbar_block *k)
{
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  bool good = true;
  for (size_t i = 0; i < rows; i++) {
    double *d = k->dw + i * cols, *l = k->lw + i * cols;
    for (size_t j = 0; j < cols; j++) {
      if (j > 0) {
        double branch = l[j - 1];
        l[j - 1] = branch * d[j - 1];
        d[j] -= branch * l[j - 1];
      }
      good &= d[j] > 0;
      d[j] = 1 / d[j];
    }
  }
  for (size_t i = 0; i < rows; i++) {
    double *d = k->db + i * cols, *l = k->lb + i * cols;
    for (size_t j = 0; j < cols; j++) {
      if (i > 0) {
        double branch = l[j - cols];
        l[j - cols] = branch * d[j - cols];
        d[j] -= branch * l[j - cols];
      }
      good &= d[j] > 0;
      d[j] = 1 / d[j];
    }
  }
  return good;
}

/* y_j+1 = s_j+1 + l_j y_j over some rows at once, then backwards with the pivots. */
#define ROW_SOLVE(COUNT)                                                                           \
  do {                                                                                             \
    double y[COUNT];                                                                               \
    for (int a = 0; a < (COUNT); a++)                                                              \
      y[a] = 0;                                                                                    \
    for (size_t j = 0; j < cols; j++)                                                              \
      for (int a = 0; a < (COUNT); a++) {                                                          \
        size_t at = first + (size_t)a * cols + j;                                                  \
        y[a] = SOURCE(at) + (j ? l[at - 1] * y[a] : 0);                                            \
        t[at] = y[a];                                                                              \
      }                                                                                            \
    for (int a = 0; a < (COUNT); a++)                                                              \
      y[a] = 0;                                                                                    \
    for (size_t j = cols; j-- > 0;)                                                                \
      for (int a = 0; a < (COUNT); a++) {                                                          \
        size_t at = first + (size_t)a * cols + j;                                                  \
        y[a] = t[at] * d[at] + (j + 1 < cols ? l[at] * y[a] : 0);                                  \
        t[at] = y[a];                                                                              \
      }                                                                                            \
  } while (0)

void pn_crossbar_rows(const pn_crossbar_block *k, const double *r, const double *v, double *t)
{
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols, i = 0;
  const double *l = k->lw, *d = k->dw, *g = k->g;
#define SOURCE(at) ((r ? r[at] : 0) + (v ? g[at] * v[at] : 0))
  for (; i + ROWS <= rows; i += ROWS) {
    size_t first = i * cols;
    ROW_SOLVE(ROWS);
  }
  for (; i < rows; i++) {
    size_t first = i * cols;
    ROW_SOLVE(1);
  }
#undef SOURCE
}

PN_CLONES
static void next_direction(size_t from, size_t to, double beta, const double *r, const double *z,
                           double *p, double *u)
{
  for (size_t k = from; k < to; k++) {
    p[k] = z[k] + beta * p[k];
    u[k] = r[k] + beta * u[k];
  }
}

/* q = u - g t over some rows; q holds t. */
PN_CLONES
static double finish_product(size_t from, size_t to, const double *g, const double *u,
                             const double *p, double *q)
{
  double dot[8] = {0};
  size_t k = from;
  for (; k + 8 <= to; k += 8)
    for (size_t a = 0; a < 8; a++) {
      q[k + a] = u[k + a] - g[k + a] * q[k + a];
      dot[a] += p[k + a] * q[k + a];
    }
  for (; k < to; k++) {
    q[k] = u[k] - g[k] * q[k];
    dot[0] += p[k] * q[k];
  }
  return ((dot[0] + dot[4]) + (dot[1] + dot[5])) + ((dot[2] + dot[6]) + (dot[3] + dot[7]));
}

double pn_crossbar_apply(const pn_crossbar_block *k, double beta, const double *r, const double *z,
                         double *p, double *u, double *q)
{
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols, i = 0;
  const double *l = k->lw, *d = k->dw, *g = k->g;
  double *t = q, dot = 0;
#define SOURCE(at) (g[at] * p[at])
  for (; i + ROWS <= rows; i += ROWS) {
    size_t first = i * cols, last = first + ROWS * cols;
    next_direction(first, last, beta, r, z, p, u);
    ROW_SOLVE(ROWS);
    dot += finish_product(first, last, g, u, p, q);
  }
  for (; i < rows; i++) {
    size_t first = i * cols, last = first + cols;
    next_direction(first, last, beta, r, z, p, u);
    ROW_SOLVE(1);
    dot += finish_product(first, last, g, u, p, q);
  }
#undef SOURCE
  return dot;
}

PN_CLONES
static void down_columns(size_t cols, double alpha, const double *p, const double *q, double *x,
                         double *r, const double *l, const double *above, double *z)
{
  for (size_t j = 0; j < cols; j++) {
    x[j] += alpha * p[j];
    r[j] -= alpha * q[j];
    z[j] = r[j] + (above ? l[j] * above[j] : 0);
  }
}

PN_CLONES
static double up_columns(size_t cols, const double *d, const double *l, const double *below,
                         const double *r, double *z)
{
  double dot[8] = {0};
  size_t j = 0;
  for (; j + 8 <= cols; j += 8)
    for (size_t a = j; a < j + 8; a++) {
      z[a] = z[a] * d[a] + (below ? l[a] * below[a] : 0);
      dot[a - j] += r[a] * z[a];
    }
  for (; j < cols; j++) {
    z[j] = z[j] * d[j] + (below ? l[j] * below[j] : 0);
    dot[0] += r[j] * z[j];
  }
  return ((dot[0] + dot[4]) + (dot[1] + dot[5])) + ((dot[2] + dot[6]) + (dot[3] + dot[7]));
}

double pn_crossbar_improve(const pn_crossbar_block *k, double alpha, const double *p,
                           const double *q, double *x, double *r, double *z)
{
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  double dot = 0;
  for (size_t i = 0; i < rows; i++) {
    size_t at = i * cols;
    down_columns(cols, alpha, p + at, q + at, x + at, r + at, i ? k->lb + at - cols : NULL,
                 i ? z + at - cols : NULL, z + at);
  }
  for (size_t i = rows; i-- > 0;) {
    size_t at = i * cols;
    bool last = i + 1 == rows;
    dot += up_columns(cols, k->db + at, last ? NULL : k->lb + at, last ? NULL : z + at + cols,
                      r + at, z + at);
  }
  return dot;
}
