/* Strings of the netlist: a view (pointer and length) into source text or an
 * arena, names compared without regard to case, and a table that interns names. */
#ifndef PN_BASE_STR_H
#define PN_BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pn_str {
  const char *p; /* [n] never NULL, even when empty; not zero-terminated unless from an arena */
  size_t n;
} pn_str;

#define PN_STR(lit) ((pn_str){(lit), sizeof(lit) - 1})
#define PN_FMT(s)   (int)(s).n, (s).p /* for "%.*s" */

pn_str pn_str_of(const char *zero_terminated);
bool pn_str_eq(pn_str a, pn_str b);                    /* exact */
bool pn_str_ieq(pn_str a, pn_str b);                   /* ASCII case folded */
bool pn_str_is(pn_str a, const char *zero_terminated); /* ASCII case folded */
bool pn_str_istarts(pn_str a, const char *prefix);     /* ASCII case folded */
/* Lower-case, zero-terminated copy. */
pn_str pn_str_lower(pn_arena *a, pn_str s);
/* Edit distance, case folded, at most `limit` (more: limit + 1). For "did you mean". */
int pn_str_distance(pn_str a, pn_str b, int limit);

/* A name with the number that tables find it by, which is worked out once. */
typedef struct pn_hashed {
  pn_str name;
  uint32_t hash;
} pn_hashed;
pn_hashed pn_hashed_of(pn_str name);

/* Names, each kept once in lower case; ids are dense from 0 in order of appearance. */
typedef struct pn_names pn_names;
pn_names *pn_names_new(pn_arena *a);
/* Room for n names at once: growing leaves the smaller tables behind in the arena. */
void pn_names_reserve(pn_names *t, size_t n);
/* The id of a name, made if it is new. Case folded. */
int pn_names_intern(pn_names *t, pn_str name);
int pn_names_intern_hashed(pn_names *t, const pn_hashed *key);
/* A name that is looked up soon: memory fetches its place meanwhile. */
void pn_names_prefetch(const pn_names *t, uint32_t hash);
/* The id of a name, or -1. */
int pn_names_find(const pn_names *t, pn_str name);
/* The lower-case, zero-terminated name of an id. */
pn_str pn_names_get(const pn_names *t, int id);
int pn_names_count(const pn_names *t);
/* The known name nearest to a misspelt one, or an empty string. */
pn_str pn_names_nearest(const pn_names *t, pn_str name);

#endif
