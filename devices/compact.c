/* The bridge from blocks of instances to compact models, which see one instance at a time. */
#include "devices/compact.h"

enum { L = PN_LANES, MOST_PARAMS = 64, MOST_HIST = 64 };

static void load(const pn_device_class *c, const pn_dev_block *b, int lane, double *p, double *h,
                 pn_compact_point *at)
{
  for (int k = 0; k < c->n_params + c->n_derived; k++)
    p[k] = b->p[k * L + lane];
  for (int k = 0; k < c->n_hist; k++)
    h[k] = b->h[k * L + lane];
  for (int k = 0; k < c->n_locals; k++) {
    at->u[k] = pn_d_const(b->u[k * L + lane]);
    at->u[k].d[k] = 1.0;
  }
}

void pn_compact_eval(const pn_device_class *c, const pn_dev_block *b)
{
  const pn_compact *m = c->data;
  double p[MOST_PARAMS], h[MOST_HIST];
  for (int l = 0; l < b->n; l++) {
    pn_compact_point at = {.p = p, .h = h, .hold = b->hold};
    pn_dual f[PN_DUAL] = {0}, q[PN_DUAL] = {0};
    load(c, b, l, p, h, &at);
    at.temp = pn_compact_temp(c, p, b->temp);
    m->model(&at, f, q);
    for (int k = 0; k < c->n_locals; k++) {
      b->f[k * L + l] = f[k].v;
      b->q[k * L + l] = q[k].v;
    }
    for (int k = 0; b->jf && k < c->n_pairs; k++) {
      b->jf[k * L + l] = f[c->pairs[k].row].d[c->pairs[k].col];
      b->jq[k * L + l] = q[c->pairs[k].row].d[c->pairs[k].col];
    }
  }
}

const pn_compact *pn_compact_of(const pn_device_class *c)
{
  return c->eval == pn_compact_eval ? c->data : NULL;
}

#define ROW2(r)                                                                                    \
  {r, 0},                                                                                          \
  {                                                                                                \
    r, 1                                                                                           \
  }
#define ROW3(r)                                                                                    \
  ROW2(r),                                                                                         \
  {                                                                                                \
    r, 2                                                                                           \
  }
#define ROW4(r)                                                                                    \
  ROW3(r),                                                                                         \
  {                                                                                                \
    r, 3                                                                                           \
  }
#define ROW5(r)                                                                                    \
  ROW4(r),                                                                                         \
  {                                                                                                \
    r, 4                                                                                           \
  }
#define ROW6(r)                                                                                    \
  ROW5(r),                                                                                         \
  {                                                                                                \
    r, 5                                                                                           \
  }
#define ROW8(r)                                                                                    \
  ROW6(r), {r, 6},                                                                                 \
  {                                                                                                \
    r, 7                                                                                           \
  }

const pn_pair pn_compact_pairs_2[] = {ROW2(0), ROW2(1)};
const pn_pair pn_compact_pairs_3[] = {ROW3(0), ROW3(1), ROW3(2)};
const pn_pair pn_compact_pairs_4[] = {ROW4(0), ROW4(1), ROW4(2), ROW4(3)};
const pn_pair pn_compact_pairs_5[] = {ROW5(0), ROW5(1), ROW5(2), ROW5(3), ROW5(4)};
const pn_pair pn_compact_pairs_6[] = {ROW6(0), ROW6(1), ROW6(2), ROW6(3), ROW6(4), ROW6(5)};
const pn_pair pn_compact_pairs_8[] = {ROW8(0), ROW8(1), ROW8(2), ROW8(3),
                                      ROW8(4), ROW8(5), ROW8(6), ROW8(7)};
