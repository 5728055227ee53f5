/* Commands on vectors and plots. */
#include "control/interp.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- let ---- */

static bool good_name(pn_str s)
{
  if (!s.n || isdigit((unsigned char)s.p[0]))
    return false;
  for (size_t k = 0; k < s.n; k++)
    if (!isalnum((unsigned char)s.p[k]) && !strchr("_.#$:@[]()", s.p[k]))
      return false;
  return true;
}

/* "tran1.x" is x of that plot; anything else belongs to the current one. */
static pn_cplot *plot_of(pn_control *c, pn_str *name)
{
  for (size_t k = 1; k + 1 < name->n; k++) {
    pn_cplot *p = name->p[k] == '.' ? pn_store_find_plot(&c->store, (pn_str){name->p, k}) : NULL;
    if (p) {
      *name = (pn_str){name->p + k + 1, name->n - k - 1};
      return p;
    }
  }
  return c->store.current;
}

/* let v[2] = 3 */
static pn_status let_point(pn_control *c, pn_str name, size_t open, const pn_value *value)
{
  double at = 0;
  pn_str index = {name.p + open + 1, name.n - open - 2};
  pn_status st = pn_term_number(c, index, open + 1, &at);
  if (st)
    return st;
  name.n = open;
  name = pn_trim(name);
  pn_cplot *p = plot_of(c, &name);
  pn_vector *v = pn_store_find(p, name);
  if (!v)
    return pn_control_error(c, 0, "there is no vector '%.*s' in plot '%s'", PN_FMT(name), p->name);
  if (!(at >= 0 && at < (double)v->n) || value->n != 1)
    return pn_control_error(c, open, "one of the points 0 to %ld takes one number", v->n - 1);
  v->z[(long)at] = value->z[0];
  v->is_complex |= value->is_complex;
  return PN_OK;
}

pn_status pn_cmd_let(pn_control *c)
{
  pn_str left, right;
  size_t right_at;
  pn_value value;
  if (!pn_split_equals(c->line, &left, &right, &right_at))
    return pn_control_error(c, 0, "expected NAME = EXPRESSION");
  pn_status st = pn_term_value(c, right, right_at, &value);
  if (st)
    return st;
  const char *open = left.n ? memchr(left.p, '[', left.n) : NULL;
  if (open && left.p[0] != '@' && left.p[left.n - 1] == ']')
    return let_point(c, left, (size_t)(open - left.p), &value);
  if (!good_name(left))
    return pn_control_error(c, 0, "'%.*s' is no name for a vector", PN_FMT(left));
  pn_cplot *p = plot_of(c, &left);
  return pn_store_set(&c->store, p, left, value.type, value.z, value.n, value.is_complex);
}

pn_status pn_cmd_unlet(pn_control *c)
{
  for (int k = 0; k < c->n_words; k++) {
    pn_str name = c->words[k];
    pn_cplot *p = plot_of(c, &name);
    pn_vector *v = pn_store_find(p, name);
    if (v)
      pn_store_drop(&c->store, p, v);
  }
  return PN_OK;
}

/* ---- compose ---- */

static pn_status compose_values(pn_control *c, pn_str name)
{
  pn_term *terms;
  int n;
  size_t at = c->word_at[2];
  pn_str rest = {c->line.p + at, c->line.n - at};
  pn_status st = pn_terms_read(c, rest, at, &terms, &n);
  PN_VEC(double complex) z = {0};
  bool is_complex = false;
  for (int k = 0; k < n && st == PN_OK; k++)
    for (long j = 0; j < terms[k].value.n; j++) {
      *PN_PUSH(&c->scratch, &z) = terms[k].value.z[j];
      is_complex |= terms[k].value.is_complex;
    }
  if (st == PN_OK)
    st = pn_store_set(&c->store, c->store.current, name, "notype", z.at, (long)z.n, is_complex);
  return st;
}

/* start= stop= and step= or lin=: any three make a vector. */
static pn_status compose_range(pn_control *c, pn_str name)
{
  static const char *const keys[] = {"start", "stop", "step", "lin"};
  double v[4] = {0, NAN, 1, NAN};
  pn_str rest = {c->line.p + c->word_at[1], c->line.n - c->word_at[1]}, left, right;
  size_t at;
  while (pn_split_equals(rest, &left, &right, &at)) {
    int key = 0;
    while (key < 4 && !pn_str_is(left, keys[key]))
      key++;
    right = pn_trim(right);
    size_t n = 0;
    while (n < right.n && !isspace((unsigned char)right.p[n]))
      n++;
    if (key == 4)
      return pn_control_error(c, c->word_at[1], "expected start=, stop=, step= or lin=");
    pn_status st = pn_term_number(c, (pn_str){right.p, n}, c->word_at[1], &v[key]);
    if (st)
      return st;
    rest = (pn_str){right.p + n, right.n - n};
  }
  double points = v[3] >= 1 ? floor(v[3]) : floor((v[1] - v[0]) / v[2] * (1 + 1e-12) + 1e-9) + 1;
  double step = v[3] > 1 ? (v[1] - v[0]) / (points - 1) : v[2];
  if (!(points >= 1 && points <= 1e7))
    return pn_control_error(c, c->word_at[1],
                            "these numbers make no vector (1 to 10000000 points)");
  double complex *z = PN_NEW_ARRAY(&c->scratch, double complex, (size_t)points);
  for (long k = 0; k < (long)points; k++)
    z[k] = v[0] + (double)k * step;
  return pn_store_set(&c->store, c->store.current, name, "notype", z, (long)points, false);
}

pn_status pn_cmd_compose(pn_control *c)
{
  if (c->n_words < 3 && !(c->n_words == 2 && strchr(c->words[1].p, '=')))
    return pn_control_error(c, 0, "expected a name, and 'values' or start= stop= step=");
  return pn_str_is(c->words[1], "values") ? compose_values(c, c->words[0])
                                          : compose_range(c, c->words[0]);
}

/* ---- functions ---- */

static int find_udf(const pn_control *c, pn_str name, int n_formals)
{
  for (int k = 0; k < c->n_udfs; k++)
    if (pn_str_is(name, c->udfs[k].name) && (n_formals < 0 || c->udfs[k].n_formals == n_formals))
      return k;
  return -1;
}

static void drop_udf(pn_control *c, int k)
{
  pn_udf *f = &c->udfs[k];
  free(f->name);
  free(f->body);
  for (int j = 0; j < f->n_formals; j++)
    free(f->formals[j]);
  *f = c->udfs[--c->n_udfs];
}

/* Copies into the list; the new entry counts even when a copy failed, so that it is freed. */
static pn_status keep_udf(pn_control *c, pn_str name, const pn_str *formals, int n, pn_str body)
{
  if (c->n_udfs == c->udfs_room) {
    int room = c->udfs_room ? 2 * c->udfs_room : 8;
    pn_udf *more = realloc(c->udfs, (size_t)room * sizeof *more);
    if (!more)
      return PN_E_MEMORY;
    c->udfs = more;
    c->udfs_room = room;
  }
  pn_udf *f = &c->udfs[c->n_udfs];
  *f = (pn_udf){.name = strndup(name.p, name.n), .body = strndup(body.p, body.n)};
  bool ok = f->name && f->body;
  for (int k = 0; k < n && ok; k++) {
    f->formals[k] = strndup(formals[k].p, formals[k].n);
    f->n_formals += ok = f->formals[k] != NULL;
  }
  c->n_udfs++;
  if (ok)
    return PN_OK;
  f->name = f->name ? f->name : calloc(1, 1);
  return PN_E_MEMORY;
}

/* define f(a,b) body; the "=" some write before the body is left out. */
pn_status pn_cmd_define(pn_control *c)
{
  pn_str t = pn_trim(c->line), formals[PN_MOST_ARGS];
  const char *open = t.n ? memchr(t.p, '(', t.n) : NULL;
  const char *close = open ? memchr(open, ')', t.n - (size_t)(open - t.p)) : NULL;
  if (!close)
    return pn_control_error(c, 0, "expected NAME(A,B) and the expression it stands for");
  int n = 0;
  for (const char *p = open + 1; p < close;) {
    const char *end = memchr(p, ',', (size_t)(close - p));
    end = end ? end : close;
    if (n == PN_MOST_ARGS)
      return pn_control_error(c, 0, "a function has at most %d arguments", PN_MOST_ARGS);
    formals[n++] = pn_trim((pn_str){p, (size_t)(end - p)});
    p = end + 1;
  }
  pn_str name = pn_trim((pn_str){t.p, (size_t)(open - t.p)});
  pn_str body = pn_trim((pn_str){close + 1, t.n - (size_t)(close + 1 - t.p)});
  if (body.n && body.p[0] == '=')
    body = pn_trim((pn_str){body.p + 1, body.n - 1});
  size_t at = 0;
  pn_fault fault = {"the body is missing", 0};
  if (!n || !good_name(name))
    return pn_control_error(c, 0, "a function needs a name and arguments");
  if (!body.n || !pn_node_read(&c->scratch, body, &at, &fault) || pn_text_left(body, at))
    return pn_control_error(c, 0, "%s", fault.text ? fault.text : "the body is no expression");
  int old = find_udf(c, name, n);
  if (old >= 0)
    drop_udf(c, old);
  return keep_udf(c, name, formals, n, body);
}

pn_status pn_cmd_undefine(pn_control *c)
{
  for (int k = 0; k < c->n_words; k++)
    for (int f; (f = find_udf(c, c->words[k], -1)) >= 0;)
      drop_udf(c, f);
  return PN_OK;
}

/* ---- plots ---- */

pn_status pn_cmd_setscale(pn_control *c)
{
  pn_cplot *p = c->store.current;
  if (c->n_words != 1)
    return pn_control_error(c, 0, "expected one vector");
  for (int k = 0; k < p->n; k++)
    if (pn_str_is(c->words[0], p->vectors[k]->name)) {
      p->scale = k;
      return PN_OK;
    }
  return pn_control_error(c, 0, "there is no vector '%.*s' in plot '%s'", PN_FMT(c->words[0]),
                          p->name);
}

/* Types name units in pictures and files. */
pn_status pn_cmd_settype(pn_control *c)
{
  static const char *const types[] = {"voltage", "current", "time", "frequency"};
  const char *type = "notype";
  for (size_t k = 0; k < sizeof types / sizeof *types && c->n_words; k++)
    if (pn_str_is(c->words[0], types[k]))
      type = types[k];
  for (int k = 1; k < c->n_words; k++) {
    pn_str name = c->words[k];
    pn_vector *v = pn_store_find(plot_of(c, &name), name);
    if (!v)
      return pn_control_error(c, c->word_at[k], "there is no vector '%.*s'", PN_FMT(name));
    v->type = type;
  }
  return PN_OK;
}

static void list_plots(pn_control *c)
{
  pn_put(c, "List of plots available:\n\n");
  for (const pn_cplot *p = c->store.plots; p; p = p->next)
    pn_put(c, "%s%s\t%s (%s)\n", p == c->store.current ? "Current " : "\t", p->name, p->title,
           p->kind);
}

pn_status pn_cmd_setplot(pn_control *c)
{
  pn_store *s = &c->store;
  if (!c->n_words) {
    list_plots(c);
    return PN_OK;
  }
  pn_str name = c->words[0];
  pn_cplot *p = pn_store_find_plot(s, name);
  if (!p && pn_str_is(name, "new"))
    p = pn_store_new_plot(s, "unknown", c->host->title, "Anonymous");
  if (!p && pn_str_is(name, "previous"))
    p = s->current->next ? s->current->next : s->current;
  for (pn_cplot *q = s->plots; !p && q && pn_str_is(name, "next"); q = q->next)
    if (q->next == s->current || q == s->current)
      p = q;
  if (!p)
    return pn_control_error(c, 0, "there is no plot '%.*s'", PN_FMT(name));
  s->current = p;
  return PN_OK;
}

pn_status pn_cmd_destroy(pn_control *c)
{
  if (c->n_words == 1 && pn_str_is(c->words[0], "all")) {
    pn_store_drop_all(&c->store);
    return PN_OK;
  }
  if (!c->n_words)
    pn_store_drop_plot(&c->store, c->store.current);
  for (int k = 0; k < c->n_words; k++) {
    pn_cplot *p = pn_store_find_plot(&c->store, c->words[k]);
    if (!p)
      return pn_control_error(c, c->word_at[k], "there is no plot '%.*s'", PN_FMT(c->words[k]));
    pn_store_drop_plot(&c->store, p);
  }
  return PN_OK;
}

pn_status pn_cmd_display(pn_control *c)
{
  pn_status st = pn_take_redirect(c);
  const pn_cplot *p = c->store.current;
  if (st)
    return st;
  pn_put(c, "Vectors of %s, %s (%s):\n\n", p->name, p->title, p->kind);
  for (int k = 0; k < p->n; k++)
    pn_put(c, "    %-20s: %s, %s, %ld long%s\n", p->vectors[k]->name, p->vectors[k]->type,
           p->vectors[k]->is_complex ? "complex" : "real", p->vectors[k]->n,
           k == p->scale ? " [default scale]" : "");
  return PN_OK;
}
