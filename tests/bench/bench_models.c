/* ns per evaluation, with all derivatives, of every memristor model: 1024 instances in blocks of
 * PN_LANES at random points, best of a hundred rounds on one core. */
#include "generated/memristor_point.h"

#include <stdio.h>
#include <time.h>

enum { INSTANCES = 1024, BLOCKS = INSTANCES / PN_LANES };

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double *rows(int n)
{
  size_t bytes = (size_t)(n ? n : 1) * BLOCKS * PN_LANES * sizeof(double);
  double *p = aligned_alloc(64, bytes);
  if (!p)
    abort();
  memset(p, 0, bytes);
  return p;
}

static void set_block(const pn_memristor *m, pn_mem_block *b, double *const *a, int k)
{
  int n = m->n_states, at = k * PN_LANES;
  *b = (pn_mem_block){.p = a[0],
                      .v = a[1] + at,
                      .x = a[2] + at * n,
                      .h = a[3] + at * m->n_hist,
                      .i = a[4] + at,
                      .i_v = a[5] + at,
                      .i_x = a[6] + at * n,
                      .g = a[7] + at * n,
                      .g_v = a[8] + at * n,
                      .g_x = a[9] + at * n * n,
                      .work = a[10],
                      .n = PN_LANES};
}

static void fill_points(const instance *d, double *const *a)
{
  const pn_memristor *m = d->m;
  uint64_t seed = 7;
  int n_p = m->n_params + m->n_derived;
  fill(a[0], d->p, n_p);
  for (int k = 0; k < BLOCKS; k++) {
    fill(a[3] + k * PN_LANES * m->n_hist, d->h, m->n_hist);
    for (int l = 0; l < PN_LANES; l++) {
      double x[MAX_STATES];
      a[1][k * PN_LANES + l] = random_point(d, &seed, x);
      for (int s = 0; s < m->n_states; s++)
        a[2][(k * m->n_states + s) * PN_LANES + l] = x[s];
    }
  }
}

static double measure(const pn_memristor *m)
{
  instance d = make_instance(m);
  int n = m->n_states;
  int sizes[] = {m->n_params + m->n_derived, 1, n, m->n_hist, 1, 1, n, n, n, n * n, m->n_work};
  double *a[PN_COUNT(sizes)];
  for (int k = 0; k < PN_COUNT(sizes); k++)
    a[k] = rows(sizes[k]);
  fill_points(&d, a);
  double best = INFINITY;
  for (int round = 0; round < 100; round++) {
    int repeats = 40;
    double start = now();
    for (int r = 0; r < repeats; r++)
      for (int k = 0; k < BLOCKS; k++) {
        pn_mem_block b;
        set_block(m, &b, a, k);
        m->eval(m, &b);
      }
    best = fmin(best, (now() - start) / (repeats * (double)INSTANCES));
  }
  for (int k = 0; k < PN_COUNT(sizes); k++)
    free(a[k]);
  return 1e9 * best;
}

int main(void)
{
  printf("%-14s %s\n", "model", "ns per evaluation");
  for (int k = 0; pn_memristors[k]; k++)
    printf("%-14s %8.2f\n", pn_memristors[k]->name, measure(pn_memristors[k]));
  return 0;
}
