/* A few memristors by themselves: their parameters are copied lane by lane into blocks of their own, which the
 * models evaluate like any other. */
#include "circuit/group.h"

#include "circuit/private.h"
#include "devices/vmath.h"

#include <stdlib.h>
#include <string.h>

enum { L = PN_LANES };

struct pn_group_block {
  const pn_batch *batch;
  int n;
  int of[L];           /* the memristor in each lane */
  double *p;           /* [n_total][L] */
  double *v, *x, *out; /* [L], [n_states][L], and results as pn_mem_rows orders them */
  double *h, *work;
  pn_mem_rows rows;
};

bool pn_group_takes(const pn_sim *s, int device)
{
  pn_device d = pn_device_at(s->c, device);
  const pn_batch_run *run = &s->run[d.batch];
  const pn_memristor *m = d.cls->mem;
  const pn_variation *v = d.variation;
  if (!(d.cls->flags & PN_DEV_MEMRISTOR) || run->icc || m->n_hist || m->accept)
    return false;
  return !v ||
         (!v->n_cycle && v->read == 0 && v->rtn == 0 && v->retention_tau == 0 && v->drift_nu == 0);
}

/* ---- making one ---- */

static pn_group_block *block_with_room(pn_group *g, const pn_batch *b)
{
  for (int k = 0; k < g->n_blocks; k++)
    if (g->block[k].batch == b && g->block[k].n < L)
      return &g->block[k];
  pn_group_block *new = &g->block[g->n_blocks++];
  *new = (pn_group_block){.batch = b};
  return new;
}

static void count(pn_group *g, const int *device)
{
  int squares = 0;
  for (int k = 0; k < g->n; k++) {
    pn_device d = pn_device_at(g->sim->c, device[k]);
    int ns = d.cls->mem->n_states;
    pn_group_block *b = block_with_room(g, &g->sim->c->batches.at[d.batch]);
    b->of[b->n++] = k;
    g->device[k] = device[k];
    g->first[k] = g->n_states;
    g->square[k] = squares;
    g->n_states += ns;
    squares += ns * ns;
  }
  g->first[g->n] = g->n_states;
}

static size_t doubles_of(const pn_sim *s, const pn_group_block *b)
{
  const pn_memristor *m = b->batch->cls->mem;
  int ns = m->n_states, total = s->run[b->batch - s->c->batches.at].par.n_total;
  int rows = total + 1 + ns + m->n_hist + m->n_work + 3 + 3 * ns + 2 * ns * ns;
  return (size_t)rows * L;
}

static void carve(pn_group *g, pn_group_block *b, double *m)
{
  const pn_memristor *model = b->batch->cls->mem;
  const pn_batch_run *run = &g->sim->run[b->batch - g->sim->c->batches.at];
  const pn_columns *par = &run->par;
  b->rows = run->rows;
  b->p = m;
  b->v = b->p + (size_t)par->n_total * L;
  b->x = b->v + L;
  b->h = b->x + (size_t)model->n_states * L;
  b->work = b->h + (size_t)model->n_hist * L;
  b->out = b->work + (size_t)model->n_work * L;
  for (int l = 0; l < L; l++) {
    int place = pn_device_at(g->sim->c, g->device[b->of[l < b->n ? l : b->n - 1]]).place;
    for (int i = 0; i < par->n_total; i++)
      b->p[i * L + l] = par->column[i] < 0 ? par->uniform[i] : par->at[par->column[i]][place];
  }
}

static void describe(pn_group *g)
{
  for (int k = 0; k < g->n; k++) {
    pn_device d = pn_device_at(g->sim->c, g->device[k]);
    const pn_batch *b = &g->sim->c->batches.at[d.batch];
    const pn_batch_run *run = &g->sim->run[d.batch];
    for (int m = 0; m < d.cls->mem->n_states; m++) {
      int s = g->first[k] + m;
      size_t at = (size_t)m * (size_t)b->n_pad + (size_t)d.place;
      g->unknown[s] = pn_batch_unknown(g->sim->c, b, 2 + m, d.place);
      g->mass[s] = (unsigned char)d.cls->mem->states[m].mass;
      g->lo[s] = run->xmin[at];
      g->hi[s] = run->xmax[at];
    }
  }
}

static pn_status allocate(pn_group *g)
{
  size_t n = (size_t)g->n, ns = (size_t)g->n_states, squares = 0, blocks = 0;
  for (int k = 0; k < g->n; k++)
    squares += (size_t)((g->first[k + 1] - g->first[k]) * (g->first[k + 1] - g->first[k]));
  for (int k = 0; k < g->n_blocks; k++)
    blocks += doubles_of(g->sim, &g->block[k]);
  double *m = g->memory = calloc(2 * n + 5 * ns + squares + blocks + 1, sizeof *m);
  g->unknown = calloc(ns + 1, sizeof *g->unknown);
  g->mass = calloc(ns + 1, 1);
  if (!m || !g->unknown || !g->mass)
    return PN_E_MEMORY;
  double **parts[] = {&g->i, &g->i_v, &g->i_x, &g->g, &g->g_v, &g->lo, &g->hi};
  for (int k = 0; k < 7; k++) {
    *parts[k] = m;
    m += k < 2 ? n : ns;
  }
  g->g_x = m;
  m += squares;
  for (int k = 0; k < g->n_blocks; k++) {
    carve(g, &g->block[k], m);
    m += doubles_of(g->sim, &g->block[k]);
  }
  return PN_OK;
}

pn_status pn_group_new(pn_sim *s, int n, const int *device, pn_group **out)
{
  *out = NULL;
  pn_group *g = calloc(1, sizeof *g);
  if (!g)
    return PN_E_MEMORY;
  size_t room = (size_t)n + 1;
  g->sim = s;
  g->n = n;
  g->device = calloc(room, sizeof *g->device);
  g->first = calloc(room, sizeof *g->first);
  g->square = calloc(room, sizeof *g->square);
  g->block = calloc(room, sizeof *g->block);
  pn_status st = PN_E_MEMORY;
  if (g->device && g->first && g->square && g->block) {
    count(g, device);
    st = allocate(g);
  }
  if (st) {
    pn_group_free(g);
    return st;
  }
  describe(g);
  *out = g;
  return PN_OK;
}

void pn_group_free(pn_group *g)
{
  if (!g)
    return;
  free(g->device);
  free(g->first);
  free(g->square);
  free(g->unknown);
  free(g->mass);
  free(g->block);
  free(g->memory);
  free(g);
}

/* ---- evaluating ---- */

static void gather(const pn_group *g, pn_group_block *b, const double *v, const double *x)
{
  int ns = b->batch->cls->mem->n_states, width = pn_whole_vectors(b->n);
  for (int l = 0; l < width; l++) {
    int k = b->of[l < b->n ? l : b->n - 1];
    b->v[l] = v[k];
    for (int m = 0; m < ns; m++) {
      int s = g->first[k] + m;
      double low = x[s] < g->lo[s] ? g->lo[s] : x[s];
      b->x[m * L + l] = low > g->hi[s] ? g->hi[s] : low;
    }
  }
}

/* False when a value is not finite. */
static bool scatter(pn_group *g, const pn_group_block *b)
{
  const double *o = b->out;
  int ns = b->batch->cls->mem->n_states;
  double gmin = g->sim->opt.gmin, sum = 0;
  for (int l = 0; l < b->n; l++) {
    int k = b->of[l];
    g->i[k] = o[b->rows.i * L + l] + gmin * b->v[l];
    g->i_v[k] = o[b->rows.iv * L + l] + gmin;
    sum += 0 * g->i[k] + 0 * g->i_v[k];
    for (int m = 0; m < ns; m++) {
      int s = g->first[k] + m;
      g->i_x[s] = o[(b->rows.ix + m) * L + l];
      g->g[s] = o[(b->rows.g + m) * L + l];
      g->g_v[s] = o[(b->rows.gv + m) * L + l];
      sum += 0 * g->i_x[s] + 0 * g->g[s] + 0 * g->g_v[s];
      for (int j = 0; j < ns; j++)
        g->g_x[g->square[k] + m * ns + j] = o[(b->rows.gx + m * ns + j) * L + l];
    }
  }
  return sum == 0;
}

pn_status pn_group_eval(pn_group *g, double t, const double *v, const double *x)
{
  bool finite = true;
  for (int k = 0; k < g->n_blocks; k++) {
    pn_group_block *b = &g->block[k];
    const pn_memristor *m = b->batch->cls->mem;
    gather(g, b, v, x);
    pn_mem_block blk = {.p = b->p,
                        .v = b->v,
                        .x = b->x,
                        .h = b->h,
                        .t = t,
                        .i = b->out + b->rows.i * L,
                        .i_v = b->out + b->rows.iv * L,
                        .i_x = b->out + b->rows.ix * L,
                        .g = b->out + b->rows.g * L,
                        .g_v = b->out + b->rows.gv * L,
                        .g_x = b->out + b->rows.gx * L,
                        .work = b->work,
                        .n = b->n};
    m->eval(m, &blk);
    finite &= scatter(g, b);
  }
  return finite ? PN_OK : PN_E_DOMAIN;
}

static void batch_rates(const pn_sim *s, const pn_batch *b, const pn_batch_run *run, int state,
                        const double *y, double *rate, double *along)
{
  const int *row = b->map + (size_t)(2 + state) * (size_t)b->n_pad, *p = b->map, *n = p + b->n_pad;
  const double *lo = run->xmin + (size_t)state * (size_t)b->n_pad;
  const double *hi = run->xmax + (size_t)state * (size_t)b->n_pad;
  int ground = s->c->n;
  for (int k = 0; k < b->n; k++) {
    const double *o = pn_mem_at(run, k / L * L) + k % L;
    double x = y[row[k]], g = o[(run->rows.g + state) * L], g_v = o[(run->rows.gv + state) * L];
    double v = (p[k] == ground ? 0 : y[p[k]]) - (n[k] == ground ? 0 : y[n[k]]);
    g += g_v * (v - o[run->rows.v * L]);
    bool stopped = (x >= hi[k] && g > 0) || (x <= lo[k] && g < 0);
    rate[row[k]] = stopped ? 0 : g;
    if (along)
      along[row[k]] = stopped ? 0 : v * g_v;
  }
}

void pn_sim_rates(const pn_sim *s, const double *y, double *rate, double *along)
{
  for (size_t k = 0; k < s->c->batches.n; k++) {
    const pn_batch *b = &s->c->batches.at[k];
    for (int m = 0; b->cls->flags & PN_DEV_MEMRISTOR && m < b->cls->mem->n_states; m++)
      if (b->cls->mem->states[m].mass)
        batch_rates(s, b, &s->run[k], m, y, rate, along);
  }
}
