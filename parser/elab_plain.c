/* Runs of plain lines become devices as they are read, without a card that stays. Helpers take lines apart ahead of
 * the caller, who alone adds to the circuit, in the order of the text; what is unusual about a line is left to the
 * reader of its letter, which finds all errors. */
#include "base/pool.h"
#include "parser/elab.h"

#include <string.h>

enum {
  NAMES = 3, /* words of a usual line, NAME NODE NODE VALUE, without its value */
  AHEAD = 8, /* so many lines before they are needed the places of names are fetched */
  GROUP_LINES = 8 * PN_PLAIN_PART,
  LONG_RUN = GROUP_LINES, /* deserves a helper, */
  THREADS = 2             /* of which one keeps ahead of the caller */
};

/* A line of the source. */
typedef struct pn_usual_line {
  uint32_t at;                                        /* byte */
  uint32_t offset[NAMES], length[NAMES], hash[NAMES]; /* of its names; not where it is unusual */
  double value;                                       /* NAN: the line is unusual */
} line;

/* Lines that are taken apart together. */
typedef struct group {
  const pn_plain_lines *run;
  pn_source source;
  long first;  /* its number in the run, of a part's beginning */
  line *lines; /* [GROUP_LINES] */
} group;

/* Returns where the next line begins. */
static size_t take_line(const pn_source *s, size_t at, line *l)
{
  pn_token word[NAMES + 1];
  int n;
  size_t next = pn_plain_line(s, at, word, NAMES + 1, &n);
  l->at = (uint32_t)at;
  l->value = NAN;
  if (n != NAMES + 1 || !pn_word_number(word[NAMES].text, &l->value) || !isfinite(l->value)) {
    l->value = NAN;
    return next;
  }
  for (int k = 0; k < NAMES; k++) {
    l->offset[k] = word[k].offset;
    l->length[k] = word[k].len;
    l->hash[k] = pn_hashed_of(word[k].text).hash;
  }
  return next;
}

static void take_part(void *user, int k)
{
  const group *g = user;
  long first = g->first + (long)k * PN_PLAIN_PART, left = g->run->n - first,
       part = first / PN_PLAIN_PART;
  size_t at = part ? g->run->part.at[part - 1] : g->run->from;
  line *l = g->lines + (size_t)k * PN_PLAIN_PART;
  for (long i = 0; i < left && i < PN_PLAIN_PART; i++)
    at = take_line(&g->source, at, &l[i]);
}

static void take_group(pn_pool *pool, group *g, long first)
{
  long left = g->run->n - first, n = left < GROUP_LINES ? left : GROUP_LINES;
  g->first = first;
  pn_pool_begin(pool, (int)((n + PN_PLAIN_PART - 1) / PN_PLAIN_PART), take_part, g);
}

/* What the usual lines of a letter have in common. */
typedef struct kind {
  const pn_device_class *cls;
  double *params; /* [cls->n_params], the first of each line's own */
  int like;       /* a device that was added by such a line */
} kind;

typedef struct adding {
  pn_scope *scope;
  uint32_t file;
  const char *text;
  kind kinds[NAMES]; /* of r, c and l */
} adding;

static pn_hashed key_of(const adding *a, const line *l, int k)
{
  return (pn_hashed){{a->text + l->offset[k], l->length[k]}, l->hash[k]};
}

static pn_loc place_of(const adding *a, const line *l, int k)
{
  return (pn_loc){a->file, l->offset[k], l->length[k], a->scope->inst};
}

/* The kind of a line when nothing about it is unusual: its number fits the first parameter, which is all that is
 * given. */
static kind *usual_kind(adding *a, const line *l)
{
  char letter = (char)(a->text[l->at] | 32);
  kind *k = &a->kinds[letter == 'r' ? 0 : letter == 'c' ? 1 : 2];
  return isnan(l->value) || pn_param_check(a->scope->e->arena, &k->cls->params[0], l->value) ? NULL
                                                                                             : k;
}

/* The first line of a kind, or one in a subcircuit, where names are others. */
static void add_first(adding *a, kind *k, const line *l)
{
  static const int first[] = {0};
  pn_scope *s = a->scope;
  int ids[NAMES - 1];
  for (int m = 1; m < NAMES; m++)
    ids[m - 1] = pn_node(s, key_of(a, l, m).name, place_of(a, l, m));
  char name[PN_NAME_ROOM];
  pn_token word = {.text = key_of(a, l, 0).name, .offset = l->offset[0], .len = l->length[0]};
  pn_card c = {.tokens = &word, .n = 1, .file = a->file};
  pn_device_spec spec = {.name = pn_name_here(s, word.text, name),
                         .loc = place_of(a, l, 0),
                         .cls = k->cls,
                         .unknowns = ids,
                         .n_over = 1,
                         .over_index = first,
                         .over_value = &l->value,
                         .hold = -1};
  k->like = pn_add_device(s, &c, &spec, NULL, NULL);
}

/* One more. False, with nothing done, when it is not: its class looks at it, or a limit is reached. */
static bool add_like(adding *a, kind *k, const line *l)
{
  pn_elab *e = a->scope->e;
  pn_circuit *c = e->circuit;
  k->params[0] = l->value;
  if (e->n_elements >= e->max_elements ||
      (k->cls->check && k->cls->check(k->cls, e->arena, k->params)))
    return false;
  e->n_elements++;
  int ids[NAMES - 1];
  for (int m = 1; m < NAMES; m++) {
    const pn_hashed node = key_of(a, l, m);
    ids[m - 1] = pn_circuit_node_hashed(c, &node, place_of(a, l, m));
  }
  const pn_hashed name = key_of(a, l, 0);
  pn_circuit_add_like(c, k->like, &name, place_of(a, l, 0), ids, &l->value);
  return true;
}

static void add_line(adding *a, const line *l)
{
  pn_scope *s = a->scope;
  kind *k = usual_kind(a, l);
  if (!k) {
    pn_card *whole = PN_NEW(s->e->arena, pn_card);
    *whole = pn_plain_card(s->e->diag, a->file, l->at);
    pn_instance(s, whole);
  } else if (s->outer || !k->params || k->like < 0 || !add_like(a, k, l)) {
    add_first(a, k, l);
  }
}

static void add_lines(adding *a, const line *l, long n)
{
  const pn_circuit *c = a->scope->e->circuit;
  for (long i = 0; i < n && !a->scope->e->stopped; i++) {
    const line *far = &l[i + AHEAD];
    if (i + AHEAD < n && !isnan(far->value) && !a->scope->outer) {
      const pn_hashed nodes[] = {key_of(a, far, 1), key_of(a, far, 2)}, name = key_of(a, far, 0);
      pn_circuit_expect(c, &name, nodes, NAMES - 1);
    }
    add_line(a, &l[i]);
  }
}

/* Has the class terminals only? Then its usual devices differ in names, nodes and numbers. */
static bool is_simple(const pn_device_class *cls)
{
  bool simple = cls->n_locals == NAMES - 1;
  for (int k = 0; k < cls->n_locals; k++)
    simple &= cls->locals[k].kind == PN_L_TERM;
  return simple;
}

static adding begin_adding(pn_scope *s, const pn_item *item, const char *text)
{
  adding a = {.scope = s, .file = item->card.file, .text = text};
  for (int k = 0; k < NAMES; k++) {
    const pn_device_class *cls = pn_class_of_letter("rcl"[k]);
    a.kinds[k] = (kind){.cls = cls, .like = -1};
    if (!is_simple(cls))
      continue;
    a.kinds[k].params = PN_NEW_ARRAY(s->e->arena, double, cls->n_params);
    memcpy(a.kinds[k].params, pn_class_defaults(s->e, cls), (size_t)cls->n_params * sizeof(double));
  }
  return a;
}

/* Room for the lines of a group, which stays: [2] for the group that is added and the one ahead of it. */
static void begin_groups(pn_elab *e, const pn_item *item, group both[2])
{
  long n = item->lines->n;
  for (int k = 0; k < 2; k++) {
    size_t room = 2 * e->taken_apart[k].room, need = (size_t)(n < GROUP_LINES ? n : GROUP_LINES);
    if (k == 0 || n > GROUP_LINES)
      PN_RESERVE(e->arena, &e->taken_apart[k],
                 need > e->taken_apart[k].room && need < room ? room : need);
    both[k] = (group){.run = item->lines,
                      .source = e->diag->sources.at[item->card.file - 1],
                      .lines = e->taken_apart[k].at};
  }
}

void pn_instance_lines(pn_scope *s, const pn_item *item)
{
  pn_elab *e = s->e;
  pn_netlist *nl = e->n;
  const pn_plain_lines *run = item->lines;
  group both[2];
  begin_groups(e, item, both);
  adding a = begin_adding(s, item, both[0].source.text);
  if (run->n >= LONG_RUN && !nl->pool)
    nl->pool = pn_pool_new(e->load->threads < THREADS ? e->load->threads : THREADS);
  take_group(nl->pool, &both[0], 0);
  for (long first = 0, k = 0; first < run->n && !e->stopped; first += GROUP_LINES, k = 1 - k) {
    long n = run->n - first;
    pn_pool_wait(nl->pool);
    if (n > GROUP_LINES)
      take_group(nl->pool, &both[1 - k], first + GROUP_LINES);
    add_lines(&a, both[k].lines, n < GROUP_LINES ? n : GROUP_LINES);
  }
  pn_pool_wait(nl->pool);
}
