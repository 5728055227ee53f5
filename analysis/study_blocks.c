/* Items of a study (vectors of inputs, cells to read) in blocks that threads share: each block starts
 * where all do, with a solver that has seen nothing, so that results do not depend on who takes which. */
#include "analysis/study.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_JOBS = 256, BLOCK = 64 };

/* Where all blocks start. */
typedef struct origin {
  const pn_study *s; /* its lines' drives and its gates, too */
  const pn_study_items *items;
  double *y;      /* [unknowns] */
  double *driven; /* [lines] V */
} origin;

typedef struct hand {
  const origin *from;
  pn_run run; /* the thread's own: its sim, no messages */
  pn_arena arena;
  pn_diag diag;
  pn_study s;
  bool open, started;
  pthread_t thread;
  pthread_mutex_t *lock;
  int *next; /* first item that nobody has taken */
  pn_status st;
} hand;

static void drive_as_at_first(pn_study *s, const origin *from)
{
  const pn_array *a = s->a;
  int n[] = {a->rows, a->cols, a->n_gates};
  const double *v = from->driven;
  for (int kind = 0; kind < 3; kind++)
    for (int k = 0; k < n[kind]; k++)
      pn_study_drive(s, kind, k, *v++);
}

static pn_status do_block(pn_study *s, const origin *from, int first)
{
  const pn_study_items *items = from->items;
  int end = first + BLOCK < items->n ? first + BLOCK : items->n;
  pn_status st = PN_OK;
  drive_as_at_first(s, from);
  pn_study_restart(s, from->y);
  for (int k = first; st == PN_OK && k < end; k++)
    st = items->solve(s, items->user, k);
  return st;
}

static void *do_blocks(void *user)
{
  hand *h = user;
  for (;;) {
    pthread_mutex_lock(h->lock);
    int first = *h->next;
    *h->next += BLOCK;
    pthread_mutex_unlock(h->lock);
    if (first >= h->from->items->n || (h->st = do_block(&h->s, h->from, first)))
      return NULL;
  }
}

static void ignore_progress(void *user, double fraction, double x)
{
  (void)user, (void)fraction, (void)x;
}

static void ignore_text(void *user, const char *text)
{
  (void)user, (void)text;
}

/* Parameters and temperatures that were set since the circuit was made. */
static void copy_params(const pn_run *r, pn_sim *to)
{
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    const pn_device_class *cls = pn_circuit_device_info(r->circuit, k).cls;
    for (int j = 0; j < cls->n_params; j++) {
      double v = pn_sim_get_param(r->sim, k, j), is = pn_sim_get_param(to, k, j);
      if (v != is && !(isnan(v) && isnan(is)))
        pn_sim_set_param(to, k, j, v);
    }
    pn_warmth w = pn_sim_warmth(r->sim, k), is = pn_sim_warmth(to, k);
    if (w.own != is.own || w.above != is.above)
      pn_sim_set_warmth(to, k, w);
  }
}

static pn_status open_hand(hand *h, const origin *from)
{
  const pn_run *r = from->s->r;
  pn_sim_options so = pn_sim_options_of(r->sim);
  so.threads = 1; /* the hands are the threads */
  h->from = from;
  h->run = *r;
  h->run.sim = NULL;
  h->run.diag = &h->diag;
  h->run.say = ignore_text;
  h->run.progress = ignore_progress;
  pn_arena_init(&h->arena, 0);
  pn_diag_init(&h->diag, &h->arena, NULL, NULL);
  h->open = true;
  pn_status st = pn_sim_new(r->circuit, &so, &h->diag, &h->run.sim);
  if (st)
    return st;
  copy_params(r, h->run.sim);
  return pn_study_open(&h->s, &h->run, from->s->l);
}

static void close_hand(hand *h)
{
  if (!h->open)
    return;
  pn_study_close(&h->s);
  pn_sim_free(h->run.sim);
  pn_arena_free(&h->arena);
}

/* All items by the study itself: progress is told, failures are reported. */
static pn_status do_alone(pn_study *s, const origin *from)
{
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < from->items->n; k += BLOCK) {
    st = do_block(s, from, k);
    s->r->progress(s->r->user, fmin(1, (double)(k + BLOCK) / from->items->n), k);
  }
  return st;
}

/* What a thread cannot do is done once more by the study itself, where messages are heard. */
static pn_status do_together(pn_study *s, const origin *from, hand *all, int n)
{
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  int next = 0;
  bool whole = false;
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < n; k++) {
    all[k].lock = &lock;
    all[k].next = &next;
    st = open_hand(&all[k], from);
  }
  for (int k = 0; st == PN_OK && k < n; k++)
    whole |= all[k].started = pthread_create(&all[k].thread, NULL, do_blocks, &all[k]) == 0;
  for (int k = 0; k < n; k++)
    if (all[k].started) {
      pthread_join(all[k].thread, NULL);
      s->solves += all[k].s.solves;
      s->factors += all[k].s.factors;
      whole &= all[k].st == PN_OK;
      st = all[k].st == PN_E_INTERRUPTED ? PN_E_INTERRUPTED : st;
    }
  return st || whole ? st : do_alone(s, from);
}

static pn_status do_all(pn_study *s, const origin *from)
{
  int blocks = (from->items->n + BLOCK - 1) / BLOCK, jobs = s->r->options->jobs;
  jobs = jobs > blocks ? blocks : jobs > MOST_JOBS ? MOST_JOBS : jobs;
  if (jobs < 2)
    return do_alone(s, from);
  hand *all = calloc((size_t)jobs, sizeof *all);
  if (!all)
    return PN_E_MEMORY;
  pn_status st = do_together(s, from, all, jobs);
  for (int k = 0; k < jobs; k++)
    close_hand(&all[k]);
  free(all);
  return st;
}

pn_status pn_study_all(pn_study *s, const pn_study_items *items)
{
  size_t lines = (size_t)(s->a->rows + s->a->cols + s->a->n_gates);
  origin from = {.s = s, .items = items};
  from.y = malloc(((size_t)s->n + lines + 1) * sizeof *from.y);
  if (!from.y)
    return PN_E_MEMORY;
  from.driven = from.y + s->n;
  memcpy(from.y, s->y, (size_t)s->n * sizeof *from.y);
  memcpy(from.driven, s->driven, lines * sizeof *from.driven);
  pn_status st = do_all(s, &from);
  free(from.y);
  return st;
}
