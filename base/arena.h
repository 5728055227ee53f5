/* Arena: memory that lives and dies together (one parsed netlist, one circuit).
 * Allocation never returns NULL: when memory or the arena's limit runs out it
 * longjmps to the caller that set the arena's recovery point, which frees the
 * arena whole. So the code that builds trees needs no error path for memory.
 *
 *   pn_arena a; jmp_buf env;
 *   pn_arena_init(&a, 0);
 *   int st = setjmp(env);            // PN_E_MEMORY or PN_E_LIMIT when it comes back
 *   if (st) { pn_arena_free(&a); return st; }
 *   a.recover = &env;
 *
 * Everything reached after setjmp must be in the arena or owned by the frame
 * above it. Not thread-safe: one arena, one thread. */
#ifndef PN_BASE_ARENA_H
#define PN_BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>

typedef struct pn_arena {
  struct pn_chunk *head; /* newest chunk */
  size_t total;          /* bytes got from malloc */
  size_t limit;          /* 0: none; beyond it PN_E_LIMIT */
  jmp_buf *recover;      /* where to go when memory ends; NULL: abort() */
} pn_arena;

void pn_arena_init(pn_arena *a, size_t limit_bytes);
void pn_arena_free(pn_arena *a);

/* size bytes, zeroed, aligned to 64 for sizes >= 256 and to 16 otherwise. */
void *pn_arena_alloc(pn_arena *a, size_t size);
/* The same, but NULL when memory or the limit ends: for callers without a recovery point. */
void *pn_arena_try(pn_arena *a, size_t size);
/* n * size with an overflow check. */
void *pn_arena_array(pn_arena *a, size_t n, size_t size);
/* A copy of n bytes plus a terminating zero. */
char *pn_arena_strndup(pn_arena *a, const char *p, size_t n);
/* printf into the arena. */
char *pn_arena_printf(pn_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Moves an array to twice the room; the old copy stays behind. For PN_PUSH. */
void *pn_arena_grow(pn_arena *a, const void *old, size_t used_bytes, size_t new_bytes);

#define PN_NEW(arena, T)          ((T *)pn_arena_alloc((arena), sizeof(T)))
#define PN_NEW_ARRAY(arena, T, n) ((T *)pn_arena_array((arena), (size_t)(n), sizeof(T)))

/* A growable array inside an arena: PN_VEC(int) v = {0}; *PN_PUSH(&a, &v) = 3; */
#define PN_VEC(T)                                                                                  \
  struct {                                                                                         \
    T *at;                                                                                         \
    size_t n, room;                                                                                \
  }
/* Room for n elements at once. */
#define PN_RESERVE(arena, v, n_room)                                                               \
  do {                                                                                             \
    if ((size_t)(n_room) > (v)->room) {                                                            \
      (v)->at = pn_arena_grow((arena), (v)->at, (v)->n * sizeof *(v)->at,                          \
                              (size_t)(n_room) * sizeof *(v)->at);                                 \
      (v)->room = (size_t)(n_room);                                                                \
    }                                                                                              \
  } while (0)
#define PN_PUSH(arena, v)                                                                          \
  (((v)->n == (v)->room                                                                            \
        ? (void)((v)->at = pn_arena_grow((arena), (v)->at, (v)->n * sizeof *(v)->at,               \
                                         ((v)->room = (v)->room ? 2 * (v)->room : 8) *             \
                                             sizeof *(v)->at))                                     \
        : (void)0),                                                                                \
   &(v)->at[(v)->n++])

#endif
