/* The loops of the crossbar solver. Word lines run eight side by side, copied into a tile in which the
 * eight values of a column are neighbours; bit lines run side by side through vectors of a row. */
#include "base/clones.h"
#include "solver/crossbar.h"

#include <stddef.h>
#include <string.h>

enum { G = PN_CROSSBAR_GROUP };

typedef double quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef double lanes __attribute__((vector_size(8 * G), aligned(8), may_alias));
typedef long long lane_bits __attribute__((vector_size(8 * G)));

static inline bool any(const lane_bits *b)
{
  long long all = 0;
  for (int a = 0; a < G; a++)
    all |= (*b)[a];
  return all != 0;
}

/* d[b ds + a] = s[a ss + b] for a, b < 4. */
static inline void transpose4(const double *s, size_t ss, double *d, size_t ds)
{
  quad r0 = *(const quad *)s, r1 = *(const quad *)(s + ss);
  quad r2 = *(const quad *)(s + 2 * ss), r3 = *(const quad *)(s + 3 * ss);
  quad e01 = __builtin_shufflevector(r0, r1, 0, 4, 2, 6),
       o01 = __builtin_shufflevector(r0, r1, 1, 5, 3, 7);
  quad e23 = __builtin_shufflevector(r2, r3, 0, 4, 2, 6),
       o23 = __builtin_shufflevector(r2, r3, 1, 5, 3, 7);
  *(quad *)d = __builtin_shufflevector(e01, e23, 0, 1, 4, 5);
  *(quad *)(d + ds) = __builtin_shufflevector(o01, o23, 0, 1, 4, 5);
  *(quad *)(d + 2 * ds) = __builtin_shufflevector(e01, e23, 2, 3, 6, 7);
  *(quad *)(d + 3 * ds) = __builtin_shufflevector(o01, o23, 2, 3, 6, 7);
}

/* `rows` rows of a matrix into a tile [cols][G]; missing ones are zero. */
PN_CLONES
static void to_tile(const double *m, size_t rows, size_t cols, double *tile)
{
  size_t j = 0;
  if (rows < G)
    memset(tile, 0, cols * G * sizeof *tile);
  for (; rows == G && j + 4 <= cols; j += 4)
    for (size_t a = 0; a < G; a += 4)
      transpose4(m + a * cols + j, cols, tile + j * G + a, G);
  for (size_t a = 0; a < rows; a++)
    for (size_t b = j; b < cols; b++)
      tile[b * G + a] = m[a * cols + b];
}

PN_CLONES
static void from_tile(const double *tile, size_t rows, size_t cols, double *m)
{
  size_t j = 0;
  for (; rows == G && j + 4 <= cols; j += 4)
    for (size_t a = 0; a < G; a += 4)
      transpose4(tile + j * G + a, G, m + a * cols + j, cols);
  for (size_t a = 0; a < rows; a++)
    for (size_t b = j; b < cols; b++)
      m[a * cols + b] = tile[b * G + a];
}

/* ---- factors ---- */

/* d, l [cols][G]: inverse pivots and multipliers from diagonals and conductances of a group of rows; l NULL: all
 * conductances are `same`, and multipliers are not kept. False when a pivot of the first `rows` lanes is not
 * positive. */
PN_CLONES
static bool factor_group(size_t cols, size_t rows, double same, double *d, double *l)
{
  lane_bits bad = {0};
  for (size_t a = rows; a < G; a++) /* lanes that nobody needs, of pivots above `same` */
    for (size_t j = 0; j < cols; j++)
      d[j * G + a] = 1 + 2 * same;
  for (size_t j = 0; j < cols; j++) {
    lanes pivot = *(lanes *)(d + j * G);
    if (j > 0 && l) {
      lanes branch = *(lanes *)(l + (j - 1) * G), m = branch * *(lanes *)(d + (j - 1) * G);
      *(lanes *)(l + (j - 1) * G) = m;
      pivot -= branch * m;
    } else if (j > 0) {
      pivot -= same * (same * *(lanes *)(d + (j - 1) * G));
    }
    bad |= ~(pivot > 0);
    *(lanes *)(d + j * G) = 1 / pivot;
  }
  return !any(&bad);
}

/* The same of some columns, d and l [rows][stride]. */
PN_CLONES
static bool factor_columns(size_t rows, size_t cols, size_t stride, double same, double *d,
                           double *l)
{
  double bad = 0;
  for (size_t i = 0; i < rows; i++, d += stride) {
    const double *before = i > 0 ? d - stride : d;
    double *multiplier = l && i > 0 ? l + (i - 1) * stride : NULL;
    for (size_t j = 0; j < cols && multiplier; j++) {
      double branch = multiplier[j], m = branch * before[j];
      multiplier[j] = m;
      d[j] -= branch * m;
    }
    for (size_t j = 0; j < cols && i > 0 && !l; j++)
      d[j] -= same * (same * before[j]);
    for (size_t j = 0; j < cols; j++) {
      bad += d[j] > 0 ? 0.0 : 1.0;
      d[j] = 1 / d[j];
    }
  }
  return bad == 0;
}

/* ---- parts ---- */

size_t pn_crossbar_part(size_t all, int k, int n)
{
  return all * (size_t)k / (size_t)n;
}

static size_t groups_of(const pn_crossbar_block *k)
{
  return ((size_t)k->shape.rows + G - 1) / G;
}

static size_t first_group(const pn_crossbar_block *k, int part)
{
  return pn_crossbar_part(groups_of(k), part, k->row_parts);
}

/* Columns of a part, whole vectors but for the last. */
static size_t column_from(const pn_crossbar_block *k, int part)
{
  size_t cols = (size_t)k->shape.cols;
  return part == k->col_parts ? cols : pn_crossbar_part(cols, part, k->col_parts) / G * G;
}

static double *tile_of(const pn_crossbar_block *k, int part)
{
  return k->tile + (size_t)part * (size_t)k->shape.cols * G;
}

/* What a part of a job is about: the block, and what else the job needs. */
typedef struct job {
  const pn_crossbar_block *k;
  const pn_crossbar_vectors *v;
  double alpha, beta;
  const double *r, *given; /* of pn_crossbar_rows */
  double *t;
  int pass;
  bool good[PN_CROSSBAR_MOST_PARTS], same[PN_CROSSBAR_MOST_PARTS];
} job;

PN_CLONES
static bool all_equal(const double *x, size_t n, double to)
{
  bool equal = true;
  for (size_t k = 0; k < n; k++)
    equal &= x[k] == to;
  return equal;
}

static void factor_rows_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  double *tile = tile_of(k, part);
  w->good[part] = true;
  for (size_t g = first_group(k, part); g < first_group(k, part + 1); g++) {
    size_t i = g * G, n = rows - i < G ? rows - i : G;
    double *parts[2] = {k->dw + i * cols, k->same_w > 0 ? NULL : k->lw + i * cols};
    for (int p = 0; p < 2 && parts[p]; p++) {
      to_tile(parts[p], n, cols, tile);
      memcpy(parts[p], tile, cols * G * sizeof(double));
    }
    w->good[part] &= factor_group(cols, n, k->same_w, parts[0], parts[1]);
  }
}

static void factor_columns_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t from = column_from(k, part), to = column_from(k, part + 1);
  w->good[part] = factor_columns((size_t)k->shape.rows, to - from, (size_t)k->shape.cols, k->same_b,
                                 k->db + from, k->same_b > 0 ? NULL : k->lb + from);
}

static bool all(const bool *of, int parts)
{
  bool good = true;
  for (int k = 0; k < parts; k++)
    good &= of[k];
  return good;
}

/* Are the conductances of all segments of the word and of the bit lines alike? */
static void compare_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  size_t from = pn_crossbar_part(rows, part, k->row_parts),
         to = pn_crossbar_part(rows, part + 1, k->row_parts);
  w->good[part] = w->same[part] = true;
  for (size_t i = from; i < to; i++)
    w->good[part] &= all_equal(k->lw + i * cols, cols - 1, k->lw[0]);
  for (size_t i = from; i < to && i + 1 < rows; i++)
    w->same[part] &= all_equal(k->lb + i * cols, cols, k->lb[0]);
}

void pn_crossbar_compare(pn_crossbar_block *k)
{
  job w = {.k = k};
  pn_pool_run(k->pool, k->row_parts, compare_part, &w);
  k->same_w = all(w.good, k->row_parts) ? k->lw[0] : 0;
  k->same_b = all(w.same, k->row_parts) ? k->lb[0] : 0;
}

bool pn_crossbar_factor(pn_crossbar_block *k)
{
  job w = {.k = k};
  pn_pool_run(k->pool, k->row_parts, factor_rows_part, &w);
  if (!all(w.good, k->row_parts))
    return false;
  pn_pool_run(k->pool, k->col_parts, factor_columns_part, &w);
  return all(w.good, k->col_parts);
}

/* ---- cells ---- */

void pn_crossbar_keep(pn_crossbar_block *k, double *kept)
{
  memcpy(kept, k->dw, k->n * sizeof *kept);
  memcpy(kept + k->n, k->db, k->n * sizeof *kept);
}

PN_CLONES
static bool add_cells(size_t n, double largest, const double *restrict dw0,
                      const double *restrict db0, const double *restrict cell, double *restrict g,
                      double *restrict dw, double *restrict db)
{
  lane_bits bad = {0};
  double others = 0;
  size_t k = 0;
  for (; k + G <= n; k += G) {
    lanes c = *(const lanes *)(cell + k);
    *(lanes *)(g + k) = c;
    *(lanes *)(dw + k) = *(const lanes *)(dw0 + k) + c;
    *(lanes *)(db + k) = *(const lanes *)(db0 + k) + c;
    bad |= (c < 0) | (c > largest);
  }
  for (; k < n; k++) {
    g[k] = cell[k];
    dw[k] = dw0[k] + cell[k];
    db[k] = db0[k] + cell[k];
    others += cell[k] < 0 || cell[k] > largest;
  }
  return others == 0 && !any(&bad);
}

static void add_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t from = pn_crossbar_part(k->n, part, k->row_parts),
         to = pn_crossbar_part(k->n, part + 1, k->row_parts);
  w->good[part] = add_cells(to - from, w->alpha, w->r + from, w->r + k->n + from, w->given + from,
                            k->g + from, k->dw + from, k->db + from);
}

bool pn_crossbar_add_cells(const pn_crossbar_block *k, const double *kept, const double *cell,
                           double largest)
{
  job w = {.k = k, .r = kept, .given = cell, .alpha = largest};
  pn_pool_run(k->pool, k->row_parts, add_part, &w);
  return all(w.good, k->row_parts);
}

/* ---- word lines ---- */

/* v += m x with the multipliers m, fetched, or from the inverse pivots d where all segments are the same. */
static inline void add_multiple(double same, const double *d, const double *l, const lanes *x,
                                lanes *v)
{
  if (same > 0)
    *v += same * *(const lanes *)d * *x;
  else
    *v += *(const lanes *)l * *x;
}

/* t [cols][G] in place: forwards with the multipliers, backwards with the pivots. same: of all segments, or
 * 0. */
PN_CLONES
static void solve_group(size_t cols, double same, const double *d, const double *l, double *t)
{
  lanes y = *(lanes *)t;
  for (size_t j = G; j < cols * G; j += G) {
    lanes next = *(lanes *)(t + j);
    add_multiple(same, d + j - G, l + j - G, &y, &next);
    *(lanes *)(t + j) = y = next;
  }
  size_t j = cols * G - G;
  y = *(lanes *)(t + j) * *(const lanes *)(d + j);
  *(lanes *)(t + j) = y;
  while (j >= G) {
    j -= G;
    lanes next = *(lanes *)(t + j) * *(const lanes *)(d + j);
    add_multiple(same, d + j, l + j, &y, &next);
    *(lanes *)(t + j) = y = next;
  }
}

/* In place on some rows of q. */
static void solve_rows(const pn_crossbar_block *k, double *tile, size_t first, size_t rows,
                       double *q)
{
  size_t cols = (size_t)k->shape.cols;
  to_tile(q, rows, cols, tile);
  solve_group(cols, k->same_w, k->dw + first * cols, k->lw + first * cols, tile);
  from_tile(tile, rows, cols, q);
}

static void rows_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  const double *r = w->r, *v = w->given;
  double *t = w->t;
  for (size_t g = first_group(k, part); g < first_group(k, part + 1); g++) {
    size_t i = g * G, n = rows - i < G ? rows - i : G, from = i * cols, to = (i + n) * cols;
    for (size_t at = from; at < to && !v; at++)
      t[at] = r[at];
    for (size_t at = from; at < to && v; at++)
      t[at] = (r ? r[at] : 0) + k->g[at] * v[at];
    solve_rows(k, tile_of(k, part), i, n, t + from);
  }
}

void pn_crossbar_rows(const pn_crossbar_block *k, const double *r, const double *v, double *t)
{
  job w = {.k = k, .r = r, .given = v, .t = t};
  pn_pool_run(k->pool, k->row_parts, rows_part, &w);
}

/* ---- the iteration ---- */

/* The row before the present one, and the segments to it. */
typedef struct before {
  double same;         /* of all segments, or 0 */
  const double *l, *d; /* multipliers and inverse pivots; l NULL: there is no row */
} before;

/* One row of the descent: q becomes y; above: the row before's y. */
PN_CLONES
static double down_row(size_t cols, double alpha, bool first, const before *up, const double *above,
                       const double *d, double *r, double *q)
{
  const double *l = up->l, *du = up->d;
  double dot[G] = {0}, same = up->same;
  size_t j = 0;
  for (; j + G <= cols; j += G) {
    lanes rest = *(lanes *)(r + j);
    if (!first)
      rest -= alpha * *(const lanes *)(q + j);
    *(lanes *)(r + j) = rest;
    if (l)
      add_multiple(same, du + j, l + j, (const lanes *)(above + j), &rest);
    *(lanes *)(q + j) = rest;
    *(lanes *)dot += rest * rest * *(const lanes *)(d + j);
  }
  for (; j < cols; j++) {
    r[j] -= first ? 0 : alpha * q[j];
    q[j] = r[j] + (!l ? 0 : (same > 0 ? same * du[j] : l[j]) * above[j]);
    dot[0] += q[j] * q[j] * d[j];
  }
  return ((dot[0] + dot[4]) + (dot[1] + dot[5])) + ((dot[2] + dot[6]) + (dot[3] + dot[7]));
}

static void down_part(void *user, int part)
{
  job *w = user;
  const pn_crossbar_block *k = w->k;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  size_t from = column_from(k, part), n = column_from(k, part + 1) - from;
  double dot = 0;
  for (size_t i = 0, at = from; i < rows; i++, at += cols) {
    size_t up = i ? at - cols : at;
    before b = {k->same_b, i ? k->lb + up : NULL, k->db + up};
    dot += down_row(n, w->alpha, w->pass == 0, &b, w->v->q + up, k->db + at, w->v->r + at,
                    w->v->q + at);
  }
  k->dot[part] = dot;
}

double pn_crossbar_down(const pn_crossbar_block *k, double alpha, bool first, double *r, double *q)
{
  pn_crossbar_vectors v = {.r = r, .q = q};
  job w = {.k = k, .v = &v, .alpha = alpha, .pass = !first};
  double dot = 0;
  pn_pool_run(k->pool, k->col_parts, down_part, &w);
  for (int part = 0; part < k->col_parts; part++)
    dot += k->dot[part];
  return dot;
}

/* One row of the ascent, z = d y + l below; same: of all segments, or 0. */
PN_CLONES
static void up_row(size_t cols, double same, const double *d, const double *l, const double *below,
                   const double *y, double *z)
{
  size_t j = 0;
  for (; j + G <= cols; j += G) {
    lanes v = *(const lanes *)(y + j) * *(const lanes *)(d + j);
    if (below)
      add_multiple(same, d + j, l + j, (const lanes *)(below + j), &v);
    *(lanes *)(z + j) = v;
  }
  for (; j < cols; j++)
    z[j] = y[j] * d[j] + (below ? (same > 0 ? same * d[j] : l[j]) * below[j] : 0);
}

PN_CLONES
static void first_direction(size_t cols, const double *g, const double *r, const double *z,
                            double *p, double *u, double *q)
{
  for (size_t j = 0; j < cols; j++) {
    p[j] = z[j];
    u[j] = r[j];
    q[j] = g[j] * z[j];
  }
}

/* x takes the step of the direction before: x = alpha p or x += alpha p. */
PN_CLONES
static void next_direction(size_t cols, bool add, double alpha, double beta, const double *g,
                           const double *r, const double *z, double *x, double *p, double *u,
                           double *q)
{
  size_t j = 0;
  for (; j + G <= cols; j += G) {
    lanes old = *(const lanes *)(p + j), now = *(const lanes *)(z + j) + beta * old;
    lanes step = alpha * old;
    if (add)
      step += *(const lanes *)(x + j);
    *(lanes *)(x + j) = step;
    *(lanes *)(p + j) = now;
    *(lanes *)(u + j) = *(const lanes *)(r + j) + beta * *(const lanes *)(u + j);
    *(lanes *)(q + j) = *(const lanes *)(g + j) * now;
  }
  for (; j < cols; j++) {
    double old = p[j], now = z[j] + beta * old;
    x[j] = (add ? x[j] : 0) + alpha * old;
    p[j] = now;
    u[j] = r[j] + beta * u[j];
    q[j] = g[j] * now;
  }
}

/* q = u - g t; q holds t. Returns p q. */
PN_CLONES
static double finish_product(size_t n, const double *g, const double *u, const double *p, double *q)
{
  double dot[G] = {0};
  size_t k = 0;
  for (; k + G <= n; k += G) {
    lanes v = *(const lanes *)(u + k) - *(const lanes *)(g + k) * *(const lanes *)(q + k);
    *(lanes *)(q + k) = v;
    *(lanes *)dot += v * *(const lanes *)(p + k);
  }
  for (; k < n; k++) {
    q[k] = u[k] - g[k] * q[k];
    dot[0] += p[k] * q[k];
  }
  return ((dot[0] + dot[4]) + (dot[1] + dot[5])) + ((dot[2] + dot[6]) + (dot[3] + dot[7]));
}

/* The ascent through rows end - 1 .. first of a part's columns. z of a row stays in one of two lines. */
static void ascend(const job *w, size_t first, size_t end, int part)
{
  const pn_crossbar_block *k = w->k;
  const pn_crossbar_vectors *v = w->v;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  size_t from = column_from(k, part), n = column_from(k, part + 1) - from;
  double *lines[2] = {k->line + from, k->line + cols + from};
  for (size_t i = end; i-- > first;) {
    size_t at = i * cols + from;
    double *z = lines[i & 1];
    up_row(n, k->same_b, k->db + at, k->lb + at, i + 1 < rows ? lines[~i & 1] : NULL, v->q + at, z);
    if (w->pass == 0)
      first_direction(n, k->g + at, v->r + at, z, v->p + at, v->u + at, v->q + at);
    else
      next_direction(n, w->pass > 1, w->alpha, w->beta, k->g + at, v->r + at, z, v->x + at,
                     v->p + at, v->u + at, v->q + at);
  }
}

/* A group of word lines: q = u - g Tw^-1 g p, and their part of p q. */
static void multiply(const job *w, size_t group, double *tile)
{
  const pn_crossbar_block *k = w->k;
  const pn_crossbar_vectors *v = w->v;
  size_t rows = (size_t)k->shape.rows, cols = (size_t)k->shape.cols;
  size_t i = group * G, n = rows - i < G ? rows - i : G, from = i * cols;
  solve_rows(k, tile, i, n, v->q + from);
  k->dot[group] = finish_product(n * cols, k->g + from, v->u + from, v->p + from, v->q + from);
}

static void ascend_part(void *user, int part)
{
  const job *w = user;
  ascend(w, 0, (size_t)w->k->shape.rows, part);
}

static void multiply_part(void *user, int part)
{
  const job *w = user;
  for (size_t g = first_group(w->k, part); g < first_group(w->k, part + 1); g++)
    multiply(w, g, tile_of(w->k, part));
}

double pn_crossbar_up(const pn_crossbar_block *k, int pass, double alpha, double beta,
                      const pn_crossbar_vectors *v)
{
  job w = {.k = k, .v = v, .alpha = alpha, .beta = beta, .pass = pass};
  size_t rows = (size_t)k->shape.rows, groups = groups_of(k);
  if (k->pool) {
    pn_pool_run(k->pool, k->col_parts, ascend_part, &w);
    pn_pool_run(k->pool, k->row_parts, multiply_part, &w);
  }
  for (size_t g = groups; g-- > 0 && !k->pool;) { /* the same, while the rows are in the cache */
    for (int part = 0; part < k->col_parts; part++)
      ascend(&w, g * G, g + 1 < groups ? g * G + G : rows, part);
    multiply(&w, g, k->tile);
  }
  double dot = 0;
  for (size_t g = groups; g-- > 0;)
    dot += k->dot[g];
  return dot;
}
