/* Sharing by a counter under a lock: parts are long against it. Helpers sleep between jobs, and a helper
 * that wakes too late finds nothing left, so that a busy machine costs no more than its own time. */
#include "base/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

struct pn_pool {
  pthread_mutex_t lock;
  pthread_cond_t work, done;
  void (*part)(void *user, int k);
  void *user;
  int n, next, running; /* parts of the job, first that nobody has taken, under way */
  bool stop;
  int n_threads;
  pthread_t thread[]; /* [n_threads] */
};

int pn_pool_default(void)
{
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > PN_POOL_MOST ? PN_POOL_MOST : (int)n;
}

/* Takes parts until none is left; the lock is held before and after. */
static void take_parts(pn_pool *p)
{
  while (p->next < p->n) {
    int k = p->next++;
    p->running++;
    pthread_mutex_unlock(&p->lock);
    p->part(p->user, k);
    pthread_mutex_lock(&p->lock);
    p->running--;
  }
}

static void *help(void *user)
{
  pn_pool *p = user;
  pthread_mutex_lock(&p->lock);
  for (;;) {
    take_parts(p);
    if (p->running == 0)
      pthread_cond_signal(&p->done);
    if (p->stop)
      break;
    pthread_cond_wait(&p->work, &p->lock);
  }
  pthread_mutex_unlock(&p->lock);
  return NULL;
}

pn_pool *pn_pool_new(int threads)
{
  if (threads < 2)
    return NULL;
  pn_pool *p = calloc(1, sizeof *p + (size_t)(threads - 1) * sizeof *p->thread);
  if (!p)
    return NULL;
  pthread_mutex_init(&p->lock, NULL);
  pthread_cond_init(&p->work, NULL);
  pthread_cond_init(&p->done, NULL);
  while (p->n_threads < threads - 1 && !pthread_create(&p->thread[p->n_threads], NULL, help, p))
    p->n_threads++;
  if (p->n_threads)
    return p;
  pn_pool_free(p);
  return NULL;
}

void pn_pool_free(pn_pool *p)
{
  if (!p)
    return;
  pthread_mutex_lock(&p->lock);
  p->stop = true;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);
  for (int k = 0; k < p->n_threads; k++)
    pthread_join(p->thread[k], NULL);
  pthread_cond_destroy(&p->done);
  pthread_cond_destroy(&p->work);
  pthread_mutex_destroy(&p->lock);
  free(p);
}

static void alone(int n, void (*part)(void *user, int k), void *user)
{
  for (int k = 0; k < n; k++)
    part(user, k);
}

void pn_pool_begin(pn_pool *p, int n, void (*part)(void *user, int k), void *user)
{
  if (!p) {
    alone(n, part, user);
    return;
  }
  pthread_mutex_lock(&p->lock);
  p->part = part;
  p->user = user;
  p->n = n;
  p->next = 0;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);
}

void pn_pool_wait(pn_pool *p)
{
  if (!p)
    return;
  pthread_mutex_lock(&p->lock);
  take_parts(p);
  while (p->running > 0)
    pthread_cond_wait(&p->done, &p->lock);
  pthread_mutex_unlock(&p->lock);
}

void pn_pool_run(pn_pool *p, int n, void (*part)(void *user, int k), void *user)
{
  if (p && n > 1) {
    pn_pool_begin(p, n, part, user);
    pn_pool_wait(p);
  } else {
    alone(n, part, user);
  }
}
