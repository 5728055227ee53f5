/* Plots, vectors, and the sink through which results of analyses become plots. Every growth is checked
 * against the limit on bytes, so that a loop of analyses ends with an error and not with the machine. */
#include "control/store.h"

#include "expr/ops.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- vectors ---- */

static void free_vector(pn_store *s, pn_vector *v)
{
  s->bytes -= (size_t)v->room * sizeof *v->z;
  free(v->name);
  free(v->z);
  free(v);
}

static pn_status reserve(pn_store *s, pn_vector *v, long n)
{
  if (n <= v->room)
    return PN_OK;
  long room = n < 2 * v->room ? 2 * v->room : n;
  size_t more = (size_t)(room - v->room) * sizeof *v->z;
  if (more > s->most_bytes || s->bytes > s->most_bytes - more)
    return PN_E_LIMIT;
  double complex *z = realloc(v->z, (size_t)room * sizeof *z);
  if (!z)
    return PN_E_MEMORY;
  v->z = z;
  v->room = room;
  s->bytes += more;
  return PN_OK;
}

static char *lower_copy(pn_str s)
{
  char *p = malloc(s.n + 1);
  for (size_t k = 0; p && k < s.n; k++)
    p[k] = s.p[k] >= 'A' && s.p[k] <= 'Z' ? (char)(s.p[k] + 32) : s.p[k];
  if (p)
    p[s.n] = '\0';
  return p;
}

static pn_vector *add_vector(pn_cplot *p, pn_str name, const char *type)
{
  if (p->n == p->room) {
    int room = p->room ? 2 * p->room : 16;
    pn_vector **more = realloc(p->vectors, (size_t)room * sizeof *more);
    if (!more)
      return NULL;
    p->vectors = more;
    p->room = room;
  }
  pn_vector *v = calloc(1, sizeof *v);
  char *copy = lower_copy(name);
  if (!v || !copy) {
    free(v);
    free(copy);
    return NULL;
  }
  *v = (pn_vector){.name = copy, .type = type};
  p->vectors[p->n++] = v;
  return v;
}

pn_vector *pn_store_find(const pn_cplot *p, pn_str name)
{
  for (int k = 0; k < p->n; k++)
    if (pn_str_is(name, p->vectors[k]->name))
      return p->vectors[k];
  return NULL;
}

pn_status pn_store_set(pn_store *s, pn_cplot *p, pn_str name, const char *type,
                       const double complex *z, long n, bool is_complex)
{
  pn_vector *v = pn_store_find(p, name);
  if (!v && !(v = add_vector(p, name, type)))
    return PN_E_MEMORY;
  pn_status st = reserve(s, v, n);
  if (st)
    return st;
  memmove(v->z, z, (size_t)n * sizeof *z);
  v->n = n;
  v->is_complex = is_complex;
  v->type = type;
  return PN_OK;
}

void pn_store_drop(pn_store *s, pn_cplot *p, pn_vector *v)
{
  for (int k = 0; k < p->n; k++)
    if (p->vectors[k] == v) {
      memmove(p->vectors + k, p->vectors + k + 1, (size_t)(p->n - k - 1) * sizeof *p->vectors);
      p->n--;
      p->scale = p->scale == k ? -1 : p->scale > k ? p->scale - 1 : p->scale;
      free_vector(s, v);
      return;
    }
}

/* ---- plots ---- */

pn_cplot *pn_store_find_plot(const pn_store *s, pn_str name)
{
  for (pn_cplot *p = s->plots; p; p = p->next)
    if (pn_str_is(name, p->name))
      return p;
  return NULL;
}

static void free_plot(pn_store *s, pn_cplot *p)
{
  for (int k = 0; k < p->n; k++)
    free_vector(s, p->vectors[k]);
  free(p->vectors);
  free(p->name);
  free(p->title);
  free(p->kind);
  free(p);
}

static pn_cplot *make_plot(pn_store *s, const char *name, const char *title, const char *kind)
{
  pn_cplot *p = calloc(1, sizeof *p);
  if (!p)
    return NULL;
  *p = (pn_cplot){.name = strdup(name), .title = strdup(title), .kind = strdup(kind), .scale = -1};
  if (!p->name || !p->title || !p->kind) {
    free_plot(s, p);
    return NULL;
  }
  p->next = s->plots;
  s->plots = s->current = p;
  return p;
}

pn_cplot *pn_store_new_plot(pn_store *s, const char *stem, const char *title, const char *kind)
{
  char name[80];
  for (;; s->number++) {
    snprintf(name, sizeof name, "%.60s%d", stem, s->number);
    if (!pn_store_find_plot(s, pn_str_of(name)))
      return make_plot(s, name, title, kind);
  }
}

void pn_store_drop_plot(pn_store *s, pn_cplot *p)
{
  if (!p->next)
    return; /* const */
  for (pn_cplot **at = &s->plots; *at; at = &(*at)->next)
    if (*at == p) {
      *at = p->next;
      break;
    }
  if (s->current == p)
    s->current = s->plots;
  free_plot(s, p);
}

void pn_store_drop_all(pn_store *s)
{
  while (s->plots->next)
    pn_store_drop_plot(s, s->plots);
  s->number = 1;
}

pn_status pn_store_init(pn_store *s, size_t most_bytes)
{
  static const char *const names[] = {"pi",     "e",   "c",  "kelvin", "echarge", "boltz",
                                      "planck", "yes", "no", "true",   "false"};
  *s = (pn_store){.number = 1, .most_bytes = most_bytes};
  pn_cplot *p = make_plot(s, "const", "Constant values", "constants");
  if (!p)
    return PN_E_MEMORY;
  pn_status st = pn_store_set(s, p, PN_STR("i"), "notype", &(double complex){I}, 1, true);
  for (size_t k = 0; k < sizeof names / sizeof *names && st == PN_OK; k++) {
    double value = k == 7; /* yes and no are the shell's words */
    pn_op_constant(pn_str_of(names[k]), &value);
    if (!strcmp(names[k], "kelvin"))
      value = -273.15; /* the zero of the Kelvin scale in degrees C, as ngspice has it */
    st = pn_store_set(s, p, pn_str_of(names[k]), "notype", &(double complex){value}, 1, false);
  }
  return st;
}

void pn_store_free(pn_store *s)
{
  while (s->plots) {
    pn_cplot *next = s->plots->next;
    free_plot(s, s->plots);
    s->plots = next;
  }
}

/* ---- the sink ---- */

typedef struct store_sink {
  pn_sink base;
  pn_store *store;
  pn_cplot *plot;
  int *column; /* [n] of the result: the vector's index */
  int n;
} store_sink;

/* A column's name as ngspice's vectors have it: v(out) is "out", i(v1) "v1#branch", v(v-sweep) "v-sweep". */
static pn_status vector_name(const char *column, char *out, size_t room)
{
  size_t n = strlen(column);
  bool wrapped = n > 3 && column[1] == '(' && column[n - 1] == ')' && !strchr(column, ',');
  for (size_t k = 2, depth = 1; wrapped && k + 1 < n; k++) { /* v(a)-v(b) is no name */
    depth += (size_t)(column[k] == '(') - (size_t)(column[k] == ')');
    wrapped = depth > 0;
  }
  int written;
  if (wrapped && column[0] == 'v')
    written = snprintf(out, room, "%.*s", (int)n - 3, column + 2);
  else if (wrapped && column[0] == 'i')
    written = snprintf(out, room, "%.*s%s", (int)n - 3, column + 2,
                       strchr(column, '-') ? "" : "#branch");
  else
    written = snprintf(out, room, "%s", column);
  return written >= 0 && (size_t)written < room ? PN_OK : PN_E_LIMIT;
}

static const char *type_of(const pn_column *c)
{
  static const char *const types[] = {"time", "frequency", "voltage", "current"};
  for (size_t k = 0; k < sizeof types / sizeof *types; k++)
    if (!strcmp(c->type, types[k]))
      return types[k];
  return "notype";
}

static pn_status store_begin(pn_sink *base, const pn_plot *p)
{
  store_sink *s = (store_sink *)base;
  char name[1024];
  snprintf(name, sizeof name, "%.*s", (int)strcspn(p->analysis, "_"),
           p->analysis); /* noise_total */
  s->plot = pn_store_new_plot(s->store, name, p->title, p->plotname);
  free(s->column);
  s->n = p->n_columns;
  s->column = calloc((size_t)p->n_columns + 1, sizeof *s->column);
  if (!s->plot || !s->column)
    return PN_E_MEMORY;
  pn_status st = PN_OK;
  for (int k = 0; k < p->n_columns && st == PN_OK; k++) {
    s->column[k] = -1;
    st = vector_name(p->columns[k].name, name, sizeof name);
    pn_vector *v = st ? NULL : pn_store_find(s->plot, pn_str_of(name));
    if (!v && st == PN_OK && !(v = add_vector(s->plot, pn_str_of(name), type_of(&p->columns[k]))))
      st = PN_E_MEMORY;
    if (!v)
      continue;
    bool is_scale = k == 0 && !p->is_scalar; /* results of one point have none */
    v->is_complex = p->is_complex && !is_scale;
    for (int j = 0; j < s->plot->n; j++)
      if (s->plot->vectors[j] == v)
        s->column[k] = j;
    if (is_scale)
      s->plot->scale = s->column[k];
  }
  return st;
}

static pn_status store_point(pn_sink *base, const double *row, const double complex *crow)
{
  store_sink *s = (store_sink *)base;
  for (int k = 0; k < s->n; k++) {
    if (s->column[k] < 0)
      continue;
    pn_vector *v = s->plot->vectors[s->column[k]];
    pn_status st = reserve(s->store, v, v->n + 1);
    if (st)
      return st;
    v->z[v->n++] = crow ? crow[k] : row[k];
  }
  return PN_OK;
}

static pn_status store_end(pn_sink *base, bool complete)
{
  (void)base, (void)complete;
  return PN_OK;
}

static pn_status store_close(pn_sink *base)
{
  free(((store_sink *)base)->column);
  free(base);
  return PN_OK;
}

pn_status pn_store_sink(pn_store *store, pn_sink **out)
{
  store_sink *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->base = (pn_sink){store_begin, store_point, store_end, store_close, 0};
  s->store = store;
  *out = &s->base;
  return PN_OK;
}
