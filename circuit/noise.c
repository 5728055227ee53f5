/* Noise sources of devices at a point: asked of each class, with its local unknowns
 * translated into the circuit's. It knows nothing of transfer functions: that is the analysis. */
#include "circuit/private.h"

enum { MOST_LOCALS = 64 };

static int unknown_of(const pn_sim *s, const pn_batch *b, int place, unsigned local)
{
  if (local == PN_NOISE_ALONE)
    return PN_GROUND;
  int id = pn_batch_unknown(s->c, b, (int)local, place);
  return id < s->c->n ? id : PN_GROUND;
}

/* What a card says of the noise of its memristors: the same in .noise as in a transient. */
static int n_varied(const pn_variation *v)
{
  return v ? (v->flicker > 0.0) + (v->rtn != 0.0) + (v->read > 0.0) : 0;
}

static int n_sources(const pn_device *d)
{
  const pn_device_class *c = d->cls;
  return c->flags & PN_DEV_MEMRISTOR ? 1 + c->mem->n_noise + n_varied(d->variation) : c->n_noise;
}

/* Sources of a card at the current i (A), out [n_varied]. Flicker: kf |i|^af/f^ef. A telegraph of rates up
 * and down between i and (1 + a) i has 4 (a i)^2 up down/(s (s^2 + (2 pi f)^2)), s = up + down (S.
 * Machlup, J. Appl. Phys. 25, 341, 1954, one-sided). Independent values of deviation r i that last dt each
 * have 2 (r i)^2 dt (sin(pi f dt)/(pi f dt))^2. */
static void varied_sources(const pn_variation *v, bool upper, double i, pn_noise *out)
{
  if (!v)
    return;
  if (v->flicker > 0.0)
    *out++ = (pn_noise){.name = "flicker",
                        .n = 1,
                        .flicker = v->flicker * pow(fabs(i), v->flicker_af),
                        .exponent = v->flicker_ef};
  if (v->rtn != 0.0) {
    double low = upper ? i / (1.0 + v->rtn) : i, step = v->rtn * low, sum = v->rtn_up + v->rtn_down;
    *out++ = (pn_noise){.name = "rtn",
                        .n = 1,
                        .white = 4.0 * step * step * v->rtn_up * v->rtn_down / (sum * sum * sum),
                        .corner = sum / (2.0 * M_PI)};
  }
  if (v->read > 0.0)
    *out = (pn_noise){.name = "read",
                      .n = 1,
                      .white = 2.0 * v->read * v->read * i * i * v->read_dt,
                      .hold = v->read_dt};
}

/* A memristor's current (A) and conductance i/v (S) at the point. */
static void working_point(pn_sim *s, int device, const double *y, double *i, double *g)
{
  pn_quantity q;
  pn_sim_quantity_find(s->c, device, PN_STR("i"), &q);
  *i = pn_sim_quantity(s, &q, 0, y, NULL);
  pn_sim_quantity_find(s->c, device, PN_STR("g"), &q);
  *g = pn_sim_quantity(s, &q, 0, y, NULL);
}

/* The sources in local unknowns, out [n_sources]. */
static void local_sources(pn_sim *s, int device, const double *y, pn_noise *out)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  const pn_batch *b = &s->c->batches.at[d->batch];
  const pn_batch_run *run = &s->run[d->batch];
  const pn_device_class *c = b->cls;
  const pn_memristor *m = c->flags & PN_DEV_MEMRISTOR ? c->mem : NULL;
  double i = 0.0, g = 0.0, u[MOST_LOCALS];
  if (m)
    working_point(s, device, y, &i, &g);
  for (int k = 0; k < c->n_locals; k++) {
    int id = unknown_of(s, b, d->place, (unsigned)k);
    u[k] = id < 0 ? 0.0 : y[id];
  }
  int n_hist = m ? m->n_hist : c->n_hist;
  double *p = s->block, *h = p + run->par.n_total; /* quantities, which use the block, are done */
  for (int k = 0; k < run->par.n_total; k++)
    p[k] = run->par.column[k] < 0 ? run->par.uniform[k] : run->par.at[run->par.column[k]][d->place];
  for (int k = 0; k < n_hist; k++)
    h[k] = run->hist[(size_t)k * (size_t)b->n_pad + (size_t)d->place];
  if (!m) {
    c->noise(c, p, u, h, s->opt.temp, out);
    return;
  }
  double temp = pn_instance_temp(s, d->batch, d->place);
  out[0] = (pn_noise){.name = "thermal", .n = 1, .white = 4.0 * PN_BOLTZMANN * temp * fabs(g)};
  if (m->noise)
    m->noise(m, p, u[0] - u[1], u + 2, i, g, temp, out + 1);
  varied_sources(d->variation, run->vary && run->vary[d->place].rtn_on, i, out + 1 + m->n_noise);
}

int pn_sim_noise(pn_sim *s, int device, const double *y, pn_noise_source *out)
{
  const pn_device of = pn_device_at(s->c, device), *d = &of;
  const pn_batch *b = &s->c->batches.at[d->batch];
  int n = n_sources(d);
  if (n > PN_MOST_NOISE || b->cls->n_locals > MOST_LOCALS)
    return 0;
  if (!out || !n)
    return n;
  pn_noise own[PN_MOST_NOISE] = {0};
  local_sources(s, device, y, own);
  for (int k = 0; k < n; k++)
    out[k] = (pn_noise_source){.name = own[k].name,
                               .p = unknown_of(s, b, d->place, own[k].p),
                               .n = unknown_of(s, b, d->place, own[k].n),
                               .white = own[k].white,
                               .flicker = own[k].flicker,
                               .exponent = own[k].exponent != 0.0 ? own[k].exponent : 1.0,
                               .corner = own[k].corner,
                               .hold = own[k].hold};
  return n;
}
