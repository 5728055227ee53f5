/* Chunks of doubling size, zeroed, freed together. */
#include "base/arena.h"
#include "base/large.h"
#include "base/status.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct pn_chunk {
  struct pn_chunk *next;
  size_t used, size; /* bytes of data[] */
  size_t pad;
  char data[];
} pn_chunk;

/* From LARGE on chunks are many huge pages, which cost nothing while nobody touches them. */
enum { FIRST_CHUNK = 4096, LARGE = 1 << 18, LARGE_CHUNK = 4 << 20, LARGEST_CHUNK = 16 << 20 };

void pn_arena_init(pn_arena *a, size_t limit_bytes)
{
  *a = (pn_arena){.limit = limit_bytes};
}

void pn_arena_free(pn_arena *a)
{
  for (pn_chunk *c = a->head; c;) {
    pn_chunk *next = c->next;
    pn_large_free(c);
    c = next;
  }
  a->head = NULL;
  a->total = 0;
}

static void give_up(pn_arena *a, pn_status why)
{
  if (!a->recover)
    abort(); /* a programmer's error: no recovery point was set */
  longjmp(*a->recover, (int)why);
}

/* A chunk with room for need bytes in front, or behind the head when the head keeps its room. */
static pn_chunk *new_chunk(pn_arena *a, size_t need, pn_status *why)
{
  size_t size = a->head ? 2 * a->head->size : FIRST_CHUNK;
  if (size > LARGEST_CHUNK)
    size = LARGEST_CHUNK;
  if (size < need)
    size = need;
  if (size >= LARGE && size < LARGE_CHUNK)
    size = LARGE_CHUNK;
  if (a->limit && a->total + size > a->limit) {
    *why = PN_E_LIMIT;
    return NULL;
  }
  pn_chunk *c = pn_large_alloc(1, sizeof *c + size);
  if (!c) {
    *why = PN_E_MEMORY;
    return NULL;
  }
  c->size = size;
  a->total += size;
  if (a->head && need > LARGEST_CHUNK / 2 && a->head->size - a->head->used > 256) {
    c->next = a->head->next;
    a->head->next = c;
  } else {
    c->next = a->head;
    a->head = c;
  }
  return c;
}

static size_t aligned_offset(const pn_chunk *c, size_t align)
{
  uintptr_t at = (uintptr_t)(c->data + c->used);
  return c->used + (size_t)(-at & (align - 1));
}

static void *take(pn_arena *a, size_t size, pn_status *why)
{
  size_t align = size >= 256 ? 64 : 16;
  pn_chunk *c = a->head;
  size_t off = c ? aligned_offset(c, align) : 0;
  if (!c || off > c->size || c->size - off < size) {
    *why = PN_E_MEMORY;
    if (size > SIZE_MAX / 4 || !(c = new_chunk(a, size + align, why)))
      return NULL;
    off = aligned_offset(c, align);
  }
  c->used = off + size;
  return c->data + off;
}

void *pn_arena_try(pn_arena *a, size_t size)
{
  pn_status why;
  return take(a, size, &why);
}

void *pn_arena_alloc(pn_arena *a, size_t size)
{
  pn_status why = PN_E_MEMORY;
  void *p = take(a, size, &why);
  if (!p)
    give_up(a, why);
  return p;
}

void *pn_arena_array(pn_arena *a, size_t n, size_t size)
{
  if (size && n > SIZE_MAX / 4 / size)
    give_up(a, PN_E_MEMORY);
  return pn_arena_alloc(a, n * size);
}

char *pn_arena_strndup(pn_arena *a, const char *p, size_t n)
{
  char *s = pn_arena_alloc(a, n + 1);
  if (n)
    memcpy(s, p, n);
  return s;
}

char *pn_arena_printf(pn_arena *a, const char *fmt, ...)
{
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, ap);
  va_end(ap);
  char *s = pn_arena_alloc(a, (size_t)(n > 0 ? n : 0) + 1);
  if (n > 0)
    vsnprintf(s, (size_t)n + 1, fmt, again);
  va_end(again);
  return s;
}

void *pn_arena_grow(pn_arena *a, const void *old, size_t used_bytes, size_t new_bytes)
{
  void *p = pn_arena_alloc(a, new_bytes);
  if (used_bytes)
    memcpy(p, old, used_bytes);
  return p;
}
