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

/* Eight bytes in lower case: adding moves 'A' and what is above 'Z' into the top bit of their bytes. */
static uint64_t fold8(uint64_t x)
{
  const uint64_t ones = 0x0101010101010101u, low = x & 0x7f * ones;
  uint64_t from_a = low + (0x80 - 'A') * ones, above_z = low + (0x7f - 'Z') * ones;
  return x | (((from_a ^ above_z) & ~x & 0x80 * ones) >> 2);
}

static uint64_t load8(const char *p)
{
  uint64_t x;
  memcpy(&x, p, sizeof x);
  return x;
}

static uint64_t byte(const char *p, size_t k)
{
  return (uint64_t)(unsigned char)p[k] << (8 * k);
}

/* The n < 8 bytes of a text as a number: two loads that may overlap, or single bytes that may be the same. */
static uint64_t load_few(const char *p, size_t n)
{
  if (n < 4)
    return n ? byte(p, 0) | byte(p, n / 2) | byte(p, n - 1) : 0;
  uint32_t low, high;
  memcpy(&low, p, sizeof low);
  memcpy(&high, p + n - 4, sizeof high);
  return low | (uint64_t)high << (8 * (n - 4));
}

/* A slot carries its name's hash, so that probing rarely looks at strings. */
typedef struct slot {
  uint32_t hash;
  int id; /* id + 1, or 0 when free */
} slot;

/* Texts stand one behind the other, each behind its length. */
struct pn_names {
  pn_arena *arena;
  PN_VEC(const char *) names;
  slot *slot;  /* [room] */
  size_t room; /* a power of two */
  char *text;  /* [left] where texts go */
  size_t left;
};

enum { TEXT_ROOM = 1 << 16, SHORT_TEXT = 1 << 12 };

static pn_str name_at(const char *text)
{
  uint32_t n;
  memcpy(&n, text - sizeof n, sizeof n);
  return (pn_str){text, n};
}

static void lower(char *to, pn_str name)
{
  size_t k = name.n < 8 ? 0 : name.n - 8; /* the last eight bytes, or the few there are */
  for (size_t at = 0; at < k; at += 8) {
    uint64_t x = fold8(load8(name.p + at));
    memcpy(to + at, &x, sizeof x);
  }
  if (name.n >= 8) {
    uint64_t x = fold8(load8(name.p + k));
    memcpy(to + k, &x, sizeof x);
    return;
  }
  for (; k < name.n; k++)
    to[k] = fold(name.p[k]);
}

/* A lower-case copy behind its length. Long ones have memory of their own. */
static const char *keep(pn_names *t, pn_str name)
{
  uint32_t n = (uint32_t)name.n;
  size_t need = sizeof n + name.n + 1;
  char *p = t->text;
  if (need > SHORT_TEXT) {
    p = pn_arena_alloc(t->arena, need);
  } else {
    if (need > t->left) {
      size_t most = t->names.n < 256 ? TEXT_ROOM / 64 : TEXT_ROOM;
      t->left = need > most ? need : most;
      p = t->text = pn_arena_alloc(t->arena, t->left);
    }
    t->text += need;
    t->left -= need;
  }
  memcpy(p, &n, sizeof n);
  p += sizeof n;
  lower(p, name);
  p[name.n] = 0;
  return p;
}

/* The last eight bytes, some of which may have been seen, or all of a short text. */
static uint64_t load_last(pn_str s)
{
  return s.n < 8 ? load_few(s.p, s.n) : load8(s.p + s.n - 8);
}

static uint32_t hash(pn_str s)
{
  const uint64_t odd = 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
  uint64_t h = s.n;
  for (size_t k = 0; k + 8 < s.n; k += 8) {
    h = (h ^ fold8(load8(s.p + k))) * odd;
    h ^= h >> 29;
  }
  h = (h ^ fold8(load_last(s))) * odd;
  return (uint32_t)((h ^ h >> 32) * odd >> 32); /* the last bytes reach all bits */
}

pn_hashed pn_hashed_of(pn_str name)
{
  return (pn_hashed){name, hash(name)};
}

/* Is `kept`, in lower case, this name? */
static bool is_name(const char *kept, pn_str name)
{
  pn_str known = name_at(kept);
  if (known.n != name.n)
    return false;
  for (size_t k = 0; k + 8 < name.n; k += 8)
    if (load8(kept + k) != fold8(load8(name.p + k)))
      return false;
  return load_last(known) == fold8(load_last(name));
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
  while (t->slot[k].id && (t->slot[k].hash != h || !is_name(t->names.at[t->slot[k].id - 1], name)))
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

/* A fifth of the slots stays free. */
static bool has_room(size_t room, size_t n)
{
  return n <= room / 5 * 4;
}

void pn_names_reserve(pn_names *t, size_t n)
{
  size_t room = t->room;
  while (!has_room(room, n))
    room *= 2;
  if (room > t->room)
    rehash(t, room);
  PN_RESERVE(t->arena, &t->names, n);
}

int pn_names_intern_hashed(pn_names *t, const pn_hashed *key)
{
  slot *s = probe(t, key->name, key->hash);
  if (s->id)
    return s->id - 1;
  if (!has_room(t->room, t->names.n + 1)) {
    rehash(t, 4 * t->room);
    s = probe(t, key->name, key->hash);
  }
  *PN_PUSH(t->arena, &t->names) = keep(t, key->name);
  *s = (slot){key->hash, (int)t->names.n};
  return (int)t->names.n - 1;
}

int pn_names_intern(pn_names *t, pn_str name)
{
  const pn_hashed key = pn_hashed_of(name);
  return pn_names_intern_hashed(t, &key);
}

void pn_names_prefetch(const pn_names *t, uint32_t hash)
{
  __builtin_prefetch(&t->slot[hash & (t->room - 1)]);
}

int pn_names_find(const pn_names *t, pn_str name)
{
  return probe(t, name, hash(name))->id - 1;
}

pn_str pn_names_get(const pn_names *t, int id)
{
  return name_at(t->names.at[id]);
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
    int d = pn_str_distance(name_at(t->names.at[k]), name, 2);
    if (d < best && (size_t)d < name.n) {
      best = d;
      found = name_at(t->names.at[k]);
    }
  }
  return found;
}
