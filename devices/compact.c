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

const pn_pair pn_compact_pairs[PN_DUAL * PN_DUAL] = {
    {0, 0}, {0, 1}, {1, 1}, {1, 0}, {0, 2}, {1, 2}, {2, 2}, {2, 0}, {2, 1}, {0, 3}, {1, 3},
    {2, 3}, {3, 3}, {3, 0}, {3, 1}, {3, 2}, {0, 4}, {1, 4}, {2, 4}, {3, 4}, {4, 4}, {4, 0},
    {4, 1}, {4, 2}, {4, 3}, {0, 5}, {1, 5}, {2, 5}, {3, 5}, {4, 5}, {5, 5}, {5, 0}, {5, 1},
    {5, 2}, {5, 3}, {5, 4}, {0, 6}, {1, 6}, {2, 6}, {3, 6}, {4, 6}, {5, 6}, {6, 6}, {6, 0},
    {6, 1}, {6, 2}, {6, 3}, {6, 4}, {6, 5}, {0, 7}, {1, 7}, {2, 7}, {3, 7}, {4, 7}, {5, 7},
    {6, 7}, {7, 7}, {7, 0}, {7, 1}, {7, 2}, {7, 3}, {7, 4}, {7, 5}, {7, 6},
};
