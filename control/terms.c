/* Expressions in command lines: one, one number, or a list of them. */
#include "control/interp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

pn_evaluation pn_evaluation_of(pn_control *c)
{
  return (pn_evaluation){.arena = &c->scratch,
                         .store = &c->store,
                         .udfs = c->udfs,
                         .n_udfs = c->n_udfs,
                         .degrees = pn_setting_is(c, "units", "degrees") ||
                                    pn_setting_is(c, "units", "deg"),
                         .seed = c->host->seed,
                         .n_random = &c->n_random,
                         .quantity = c->host->quantity,
                         .user = c->host->user};
}

pn_str pn_trim(pn_str s)
{
  while (s.n && isspace((unsigned char)s.p[0]))
    s.p++, s.n--;
  while (s.n && isspace((unsigned char)s.p[s.n - 1]))
    s.n--;
  return s;
}

static pn_status evaluate(pn_control *c, const pn_node *n, size_t at, pn_value *out)
{
  pn_evaluation e = pn_evaluation_of(c);
  if (pn_node_eval(&e, n, out))
    return PN_OK;
  return pn_control_error(c, at, "%s", e.why ? e.why : "the expression has no value");
}

pn_status pn_term_value(pn_control *c, pn_str text, size_t at, pn_value *out)
{
  size_t k = 0;
  pn_fault fault;
  pn_node *n = pn_node_read(&c->scratch, text, &k, &fault);
  if (!n)
    return pn_control_error(c, at + fault.at, "%s", fault.text);
  if (pn_text_left(text, k))
    return pn_control_error(c, at + k, "this cannot follow the expression before it");
  return evaluate(c, n, at, out);
}

pn_status pn_term_number(pn_control *c, pn_str text, size_t at, double *out)
{
  pn_value v;
  pn_status st = pn_term_value(c, text, at, &v);
  if (st == PN_OK && v.n != 1)
    return pn_control_error(c, at, "one number is needed here, not a vector of %ld", v.n);
  if (st == PN_OK)
    *out = creal(v.z[0]);
  return st;
}

typedef PN_VEC(pn_term) term_vec;

static int by_label(const void *a, const void *b)
{
  return strcmp(((const pn_term *)a)->label, ((const pn_term *)b)->label);
}

/* Every vector of a plot by name, the scale left out. */
static void add_all(pn_control *c, const pn_cplot *p, term_vec *to)
{
  size_t first = to->n;
  for (int k = 0; k < p->n; k++) {
    const pn_vector *v = p->vectors[k];
    pn_term t = {v->name, {.n = v->n, .is_complex = v->is_complex, .type = v->type, .home = p}};
    t.value.z = PN_NEW_ARRAY(&c->scratch, double complex, v->n + 1);
    memcpy(t.value.z, v->z, (size_t)v->n * sizeof *v->z);
    if (v->n && k != p->scale)
      *PN_PUSH(&c->scratch, to) = t;
  }
  if (to->n > first + 1)
    qsort(to->at + first, to->n - first, sizeof *to->at, by_label);
}

/* `all` and `tran1.all`. */
static const pn_cplot *all_of(pn_control *c, const pn_node *n)
{
  if (n->kind != PN_CN_NAME)
    return NULL;
  if (pn_str_is(n->text, "all"))
    return c->store.current;
  if (n->text.n > 4 && pn_str_is((pn_str){n->text.p + n->text.n - 4, 4}, ".all"))
    return pn_store_find_plot(&c->store, (pn_str){n->text.p, n->text.n - 4});
  return NULL;
}

pn_status pn_terms_read(pn_control *c, pn_str text, size_t at, pn_term **out, int *n)
{
  term_vec v = {0};
  for (size_t k = 0; pn_text_left(text, k);) {
    if (text.p[k] == ',' || isspace((unsigned char)text.p[k])) {
      k++;
      continue;
    }
    size_t from = k;
    pn_fault fault;
    pn_node *node = pn_node_read(&c->scratch, text, &k, &fault);
    if (!node)
      return pn_control_error(c, at + fault.at, "%s", fault.text);
    const pn_cplot *all = all_of(c, node);
    if (all) {
      add_all(c, all, &v);
      continue;
    }
    pn_term t = {.label = pn_arena_strndup(&c->scratch, node->source.p, node->source.n)};
    pn_status st = evaluate(c, node, at + from, &t.value);
    if (st)
      return st;
    *PN_PUSH(&c->scratch, &v) = t;
  }
  *out = v.at;
  *n = (int)v.n;
  return PN_OK;
}

bool pn_split_equals(pn_str text, pn_str *left, pn_str *right, size_t *right_at)
{
  for (size_t k = 0; k < text.n; k++) {
    char before = k ? text.p[k - 1] : ' ', behind = k + 1 < text.n ? text.p[k + 1] : ' ';
    if (text.p[k] != '=' || strchr("<>!=", before) || behind == '=')
      continue;
    *left = pn_trim((pn_str){text.p, k});
    *right_at = k + 1;
    *right = (pn_str){text.p + k + 1, text.n - k - 1};
    return true;
  }
  return false;
}
