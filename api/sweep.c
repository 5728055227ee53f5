/* Sweeps over whole netlists: each run reads the netlist again with its own parameters, models
 * and random draws, so that runs share nothing and their results do not depend on which
 * thread computed them. Results are handed on in the order of the runs. */
#include "api/run.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 3 }; /* runs per thread that may wait for earlier ones */

typedef struct plan {
  pinch_circuit *c;
  const pn_netlist *nl; /* as loaded: the sweeps and their names */
  const pinch_run_options *o;
  const pn_listener *listener;
  const pn_sinks *sinks;
  long n_runs;
  int n; /* columns */
  int jobs;
} plan;

/* One run: where its values and the changes to the netlist are kept. */
typedef struct one_run {
  const pn_listener *listener;
  bool loading;
  const pn_sweep_target **target; /* [n] */
  double *value;                  /* [n] */
  pn_column *column;              /* [n] */
  pn_define *define;              /* [n] */
  pn_model_change *change;        /* [n] */
} one_run;

/* ---- one run ---- */

/* The values of run k: the first sweep of the netlist changes fastest. Returns the number of the
 * Monte Carlo draw, or the run's own when there is no .mc. */
static unsigned long long values_of(const plan *p, long k, one_run *r)
{
  unsigned long long draw = (unsigned long long)k + 1;
  int at = 0;
  for (size_t j = 0; j < p->nl->sweeps.n; j++) {
    const pn_sweep *s = &p->nl->sweeps.at[j];
    const double *row = s->values + (k % s->n_points) * s->n_targets;
    for (int i = 0; i < s->n_targets; i++, at++) {
      r->target[at] = &s->targets[i];
      r->value[at] = row[i];
      r->column[at] = (pn_column){s->targets[i].column, "notype", s->targets[i].unit};
      if (s->targets[i].kind == PN_SWEEP_RUN)
        draw = (unsigned long long)row[i];
    }
    k /= s->n_points;
  }
  return draw;
}

/* Warnings and notes of reading were given when the circuit was loaded. */
static void pass_on(void *user, pn_severity severity, const char *text)
{
  const one_run *r = user;
  if (r->listener->message && (!r->loading || severity == PN_ERROR))
    r->listener->message(r->listener->user, (pinch_severity)severity, text);
}

static pn_status load(const plan *p, one_run *r, unsigned long long draw, pn_netlist **out)
{
  pn_load_options lo = {.message = pass_on,
                        .user = r,
                        .defines = r->define,
                        .changes = r->change,
                        .random = {p->nl->mc_seed ? p->nl->mc_seed : p->nl->options.seed, draw}};
  for (int k = 0; k < p->n; k++) {
    if (r->target[k]->kind == PN_SWEEP_PARAM)
      r->define[lo.n_defines++] = (pn_define){r->target[k]->name, r->value[k]};
    if (r->target[k]->kind == PN_SWEEP_MODEL)
      r->change[lo.n_changes++] = (pn_model_change){
          .model = r->target[k]->name, .param = r->target[k]->param, .value = r->value[k]};
    if (r->target[k]->kind == PN_SWEEP_NAME)
      r->change[lo.n_changes++] = (pn_model_change){
          .model = r->target[k]->name, .other = r->target[k]->names[(long)r->value[k] - 1]};
  }
  r->loading = true;
  pn_status st = pn_api_reload(p->c, &lo, out);
  r->loading = false;
  return st;
}

static void announce(const plan *p, const one_run *r, long k, const pinch_run_options *o)
{
  char line[512];
  int n = snprintf(line, sizeof line, "run %ld of %ld:", k + 1, p->n_runs);
  for (int j = 0; j < p->n && n < (int)sizeof line; j++)
    if (r->target[j]->kind == PN_SWEEP_NAME)
      n += snprintf(line + n, sizeof line - (size_t)n, "%s %s = %s", j ? "," : "",
                    r->column[j].name, r->target[j]->names[(long)r->value[j] - 1]);
    else
      n += snprintf(line + n, sizeof line - (size_t)n, "%s %s = %.6g", j ? "," : "",
                    r->column[j].name, r->value[j]);
  if (o->tables && o->text) {
    o->text(o->user, line);
    o->text(o->user, "\n");
  }
}

static pn_status run_one(const plan *p, long k, const pinch_run_options *o,
                         const pn_listener *listener, const pn_sinks *sinks)
{
  size_t n = (size_t)p->n + 1;
  one_run r = {.listener = listener,
               .target = calloc(n, sizeof *r.target),
               .value = calloc(n, sizeof *r.value),
               .column = calloc(n, sizeof *r.column),
               .define = calloc(n, sizeof *r.define),
               .change = calloc(n, sizeof *r.change)};
  pn_netlist *nl = NULL;
  pn_status st = PN_E_MEMORY;
  if (r.target && r.value && r.column && r.define && r.change) {
    unsigned long long draw = values_of(p, k, &r);
    announce(p, &r, k, o);
    st = load(p, &r, draw, &nl);
  }
  if (st == PN_OK && p->jobs > 1) /* the runs share the threads, not what is within them */
    nl->options.jobs = nl->options.threads = 1;
  if (st == PN_OK) {
    pn_settings settings = {
        .run = k, .n = p->n, .target = r.target, .value = r.value, .column = r.column};
    st = pn_run_netlist(nl, o, sinks, &settings);
  }
  pn_netlist_free(nl);
  free(r.target);
  free(r.value);
  free(r.column);
  free(r.define);
  free(r.change);
  return st;
}

/* A run that fails leaves the others worth having; without memory, files or patience all ends. */
static bool ends_all(pn_status st)
{
  return st == PN_E_MEMORY || st == PN_E_LIMIT || st == PN_E_FILE || st == PN_E_INTERRUPTED;
}

static pn_status serial(const plan *p)
{
  pn_status first = PN_OK;
  for (long k = 0; k < p->n_runs; k++) {
    pn_status st = run_one(p, k, p->o, p->listener, p->sinks);
    first = first ? first : st;
    if (ends_all(st))
      return st;
  }
  return first;
}

/* ---- threads ---- */

typedef struct slot {
  pn_spool *spool;
  pn_status st;
  bool done;
} slot;

typedef struct pool {
  const plan *p;
  pthread_mutex_t lock;
  pthread_cond_t changed;
  long next, handed_on; /* runs begun, runs handed on */
  long window;
  slot *slots; /* [window] run k is in k % window */
  atomic_bool stop;
} pool;

typedef struct worker {
  pool *pool;
  pn_spool *spool;
} worker;

static bool stopped(void *user)
{
  return atomic_load(&((worker *)user)->pool->stop);
}

/* The worker is the callbacks' user: `stopped` needs the pool, the others the spool. */
static void worker_text(void *user, const char *text)
{
  pn_spool_text(((worker *)user)->spool, text);
}

static void worker_log(void *user, const char *line)
{
  pn_spool_log(((worker *)user)->spool, line);
}

static void worker_measured(void *user, const char *analysis, const char *name, bool ok,
                            double value)
{
  pn_spool_measured(((worker *)user)->spool, analysis, name, ok, value);
}

static pn_status run_spooled(worker *w, long k)
{
  const plan *p = w->pool->p;
  pinch_run_options o = *p->o;
  o.text = p->o->text ? worker_text : NULL;
  o.log = p->o->log ? worker_log : NULL;
  o.measured = p->o->measured ? worker_measured : NULL;
  o.progress = NULL;
  o.interrupted = stopped;
  o.user = w;
  pn_listener listener = {pn_spool_message, w->spool};
  pn_sinks sinks = {.raw = pn_spool_sink(w->spool)};
  return run_one(p, k, &o, &listener, &sinks);
}

static void *work(void *user)
{
  pool *q = user;
  pthread_mutex_lock(&q->lock);
  while (!atomic_load(&q->stop) && q->next < q->p->n_runs) {
    if (q->next >= q->handed_on + q->window) {
      pthread_cond_wait(&q->changed, &q->lock);
      continue;
    }
    long k = q->next++;
    pthread_mutex_unlock(&q->lock);
    worker w = {q, pn_spool_new()};
    pn_status st = w.spool ? run_spooled(&w, k) : PN_E_MEMORY;
    pthread_mutex_lock(&q->lock);
    q->slots[k % q->window] = (slot){w.spool, st, true};
    pthread_cond_broadcast(&q->changed);
  }
  pthread_mutex_unlock(&q->lock);
  return NULL;
}

/* Waits for run k at most a little; false: not done yet. */
static bool wait_for(pool *q, long k, slot *out)
{
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 50000000;
  until.tv_sec += until.tv_nsec / 1000000000;
  until.tv_nsec %= 1000000000;
  pthread_mutex_lock(&q->lock);
  slot *s = &q->slots[k % q->window];
  if (!s->done)
    pthread_cond_timedwait(&q->changed, &q->lock, &until);
  bool done = s->done;
  if (done) {
    *out = *s;
    *s = (slot){0};
    q->handed_on = k + 1;
    pthread_cond_broadcast(&q->changed);
  }
  pthread_mutex_unlock(&q->lock);
  return done;
}

static pn_status hand_on(pool *q)
{
  const plan *p = q->p;
  pn_status first = PN_OK;
  for (long k = 0; k < p->n_runs;) {
    slot s;
    if (p->o->interrupted && p->o->interrupted(p->o->user))
      return PN_E_INTERRUPTED;
    if (!wait_for(q, k, &s))
      continue;
    pn_status st = s.spool ? pn_spool_replay(s.spool, p->o, p->listener, p->sinks) : PN_OK;
    st = s.st ? s.st : st;
    first = first ? first : st;
    if (ends_all(st))
      return st;
    k++;
    if (p->o->progress)
      p->o->progress(p->o->user, "sweep", (double)k / (double)p->n_runs, (double)k);
  }
  return first;
}

static pn_status parallel(const plan *p, int jobs)
{
  pool q = {.p = p, .window = (long)AHEAD * jobs};
  pthread_t *threads = calloc((size_t)jobs, sizeof *threads);
  q.slots = calloc((size_t)q.window, sizeof *q.slots);
  pn_status st = threads && q.slots ? PN_OK : PN_E_MEMORY;
  int started = 0;
  pthread_mutex_init(&q.lock, NULL);
  pthread_cond_init(&q.changed, NULL);
  while (st == PN_OK && started < jobs && !pthread_create(&threads[started], NULL, work, &q))
    started++;
  if (st == PN_OK)
    st = started ? hand_on(&q) : serial(p);
  atomic_store(&q.stop, true);
  pthread_mutex_lock(&q.lock);
  pthread_cond_broadcast(&q.changed);
  pthread_mutex_unlock(&q.lock);
  for (int k = 0; k < started; k++)
    pthread_join(threads[k], NULL);
  for (long k = 0; q.slots && k < q.window; k++)
    pn_spool_free(q.slots[k].spool);
  pthread_cond_destroy(&q.changed);
  pthread_mutex_destroy(&q.lock);
  free(q.slots);
  free(threads);
  return st;
}

pn_status pn_run_sweep(pinch_circuit *c, const pinch_run_options *o, const pn_sinks *sinks,
                       int jobs)
{
  const pn_netlist *nl = pn_api_netlist(c);
  plan p = {.c = c, .nl = nl, .o = o, .listener = pn_api_listener(c), .sinks = sinks, .n_runs = 1};
  for (size_t k = 0; k < nl->sweeps.n; k++) {
    p.n_runs *= nl->sweeps.at[k].n_points;
    p.n += nl->sweeps.at[k].n_targets;
  }
  if (jobs > p.n_runs)
    jobs = (int)p.n_runs;
  p.jobs = jobs;
  return jobs > 1 ? parallel(&p, jobs) : serial(&p);
}
