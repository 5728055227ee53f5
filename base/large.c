/* Large arrays are fresh from the kernel, and lie on huge pages: spread over small ones, half of the time of
 * an array of 65,536 cells were page faults. 4 KB pages take 0.5 s for a gigabyte, huge ones 0.15 s. */
#include "base/large.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
  HUGE_PAGE = 2 << 20,
  LARGE = HUGE_PAGE /
          4, /* bytes that deserve one: clearing it takes as long as a hundred page faults */
  HEAD = 64
};

/* In front of each array. */
typedef struct head {
  void *from;   /* of the mapping, or of calloc */
  size_t bytes; /* of the mapping; 0: none */
} head;
_Static_assert(sizeof(head) <= HEAD, "the head keeps its room");

static void *after(void *p, size_t bytes)
{
  if (!p)
    return NULL;
  *(head *)p = (head){p, bytes};
  return (char *)p + HEAD;
}

/* A mapping that begins where a huge page does; what is left of a huge page at its end is taken when it is large. */
static void *map(size_t bytes)
{
  size_t rest = bytes % HUGE_PAGE, page = (size_t)sysconf(_SC_PAGESIZE);
  bytes = rest >= LARGE ? bytes - rest + HUGE_PAGE : (bytes + page - 1) / page * page;
  char *p = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                 0);
  if (p == MAP_FAILED)
    return NULL;
  size_t before = -(uintptr_t)p % HUGE_PAGE;
  if (before)
    munmap(p, before);
  munmap(p + before + bytes, HUGE_PAGE - before);
  p += before;
  madvise(p, bytes, MADV_HUGEPAGE); /* a hint; its failure is no matter */
  return after(p, bytes);
}

void *pn_large_alloc(size_t n, size_t size)
{
  if (size && n > (PTRDIFF_MAX - 2 * (size_t)HUGE_PAGE) / size)
    return NULL;
  size_t bytes = n * size + HEAD;
  return bytes < LARGE ? after(calloc(1, bytes), 0) : map(bytes);
}

void pn_large_free(void *p)
{
  if (!p)
    return;
  head h = *(head *)((char *)p - HEAD);
  if (h.bytes)
    munmap(h.from, h.bytes);
  else
    free(h.from);
}
