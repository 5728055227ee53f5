/* String views and the table of interned names (open addressing over the arena,
 * so that a parse that fails halfway leaves nothing to free). */
#include "base/str.h"

#include <string.h>

static char fold(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

pn_str pn_str_of(const char *z)
{
  return (pn_str){z, z ? strlen(z) : 0};
}

bool pn_str_eq(pn_str a, pn_str b)
{
  return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool pn_str_ieq(pn_str a, pn_str b)
{
  if (a.n != b.n)
    return false;
  for (size_t k = 0; k < a.n; k++)
    if (a.p[k] != b.p[k] && fold(a.p[k]) != fold(b.p[k]))
      return false;
  return true;
}

bool pn_str_is(pn_str a, const char *z)
{
  return pn_str_ieq(a, pn_str_of(z));
}

bool pn_str_istarts(pn_str a, const char *prefix)
{
  pn_str b = pn_str_of(prefix);
  return a.n >= b.n && pn_str_ieq((pn_str){a.p, b.n}, b);
}

pn_str pn_str_lower(pn_arena *a, pn_str s)
{
  char *p = pn_arena_strndup(a, s.p, s.n);
  for (size_t k = 0; k < s.n; k++)
    p[k] = fold(p[k]);
  return (pn_str){p, s.n};
}

int pn_str_distance(pn_str a, pn_str b, int limit)
{
  enum { MOST = 64 };
  int row[MOST + 1];
  if (a.n > MOST || b.n > MOST)
    return limit + 1;
  for (size_t j = 0; j <= b.n; j++)
    row[j] = (int)j;
  for (size_t i = 1; i <= a.n; i++) {
    int diagonal = row[0];
    row[0] = (int)i;
    for (size_t j = 1; j <= b.n; j++) {
      int change = diagonal + (fold(a.p[i - 1]) != fold(b.p[j - 1]));
      diagonal = row[j];
      int best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
      row[j] = change < best ? change : best;
    }
  }
  return row[b.n] <= limit ? row[b.n] : limit + 1;
}

/* A slot carries its name's hash, so that probing rarely looks at strings. */
typedef struct slot {
  uint32_t hash;
  int id; /* id + 1, or 0 when free */
} slot;

struct pn_names {
  pn_arena *arena;
  PN_VEC(pn_str) names;
  slot *slot;  /* [room] */
  size_t room; /* a power of two */
};

static uint32_t hash(pn_str s)
{
  uint64_t h = 1469598103934665603u; /* FNV-1a */
  for (size_t k = 0; k < s.n; k++)
    h = (h ^ (unsigned char)fold(s.p[k])) * 1099511628211u;
  return (uint32_t)(h ^ (h >> 32));
}

pn_names *pn_names_new(pn_arena *a)
{
  pn_names *t = PN_NEW(a, pn_names);
  t->arena = a;
  t->room = 64;
  t->slot = PN_NEW_ARRAY(a, slot, t->room);
  return t;
}

/* The slot where the name is, or the free one where it would go. */
static slot *probe(const pn_names *t, pn_str name, uint32_t h)
{
  size_t k = h & (t->room - 1);
  while (t->slot[k].id &&
         (t->slot[k].hash != h || !pn_str_ieq(t->names.at[t->slot[k].id - 1], name)))
    k = (k + 1) & (t->room - 1);
  return &t->slot[k];
}

static void rehash(pn_names *t, size_t room)
{
  const slot *old = t->slot;
  size_t n = t->room;
  t->room = room;
  t->slot = PN_NEW_ARRAY(t->arena, slot, t->room);
  for (size_t k = 0; k < n; k++) {
    if (!old[k].id)
      continue;
    size_t at = old[k].hash & (t->room - 1);
    while (t->slot[at].id)
      at = (at + 1) & (t->room - 1);
    t->slot[at] = old[k];
  }
}

void pn_names_reserve(pn_names *t, size_t n)
{
  size_t room = t->room;
  while (room < 2 * (n + 1))
    room *= 2;
  if (room > t->room)
    rehash(t, room);
  PN_RESERVE(t->arena, &t->names, n);
}

int pn_names_intern(pn_names *t, pn_str name)
{
  uint32_t h = hash(name);
  slot *s = probe(t, name, h);
  if (s->id)
    return s->id - 1;
  if (2 * (t->names.n + 1) > t->room) {
    rehash(t, 4 * t->room);
    s = probe(t, name, h);
  }
  *PN_PUSH(t->arena, &t->names) = pn_str_lower(t->arena, name);
  *s = (slot){h, (int)t->names.n};
  return (int)t->names.n - 1;
}

int pn_names_find(const pn_names *t, pn_str name)
{
  return probe(t, name, hash(name))->id - 1;
}

pn_str pn_names_get(const pn_names *t, int id)
{
  return t->names.at[id];
}

int pn_names_count(const pn_names *t)
{
  return (int)t->names.n;
}

pn_str pn_names_nearest(const pn_names *t, pn_str name)
{
  int best = 3; /* farther than two edits is no suggestion */
  pn_str found = {"", 0};
  for (size_t k = 0; k < t->names.n; k++) {
    int d = pn_str_distance(t->names.at[k], name, 2);
    if (d < best && (size_t)d < name.n) {
      best = d;
      found = t->names.at[k];
    }
  }
  return found;
}
