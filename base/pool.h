/* A few threads that share the parts of one job at a time. Who takes which part is left to chance: parts
 * must not depend on each other, and what they find is put together in the order of their numbers. */
#ifndef PN_BASE_POOL_H
#define PN_BASE_POOL_H

typedef struct pn_pool pn_pool;

/* Threads that are used when nobody says how many: the processors, at most PN_POOL_MOST. */
enum { PN_POOL_MOST = 8 };
int pn_pool_default(void);

/* The caller and threads - 1 others. NULL (no memory, no threads, threads < 2) is a pool too: of the
 * caller alone. */
pn_pool *pn_pool_new(int threads);
void pn_pool_free(pn_pool *p);

/* Calls part(user, k) for k = 0 .. n - 1 and returns when all are done. */
void pn_pool_run(pn_pool *p, int n, void (*part)(void *user, int k), void *user);

/* The same, while the caller goes on: pn_pool_wait, before the next job, takes the parts that are left and
 * returns when all are done. The caller alone does them at once. */
void pn_pool_begin(pn_pool *p, int n, void (*part)(void *user, int k), void *user);
void pn_pool_wait(pn_pool *p);

#endif
