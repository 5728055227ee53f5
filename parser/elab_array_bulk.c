/* Cells of two terminals: resistors or memristors, alone or in series with a second device, made in
 * bulk, without a line per cell. */
#include "parser/elab_array.h"

#include <math.h>
#include <string.h>

/* g [rows * cols] in S, not negative; NULL after reporting. */
static double *conductances(pn_crosspoints *x)
{
  pn_cell_value *v = &x->value[x->g];
  if (!v->at) {
    v->at = PN_NEW_ARRAY(x->a->s->e->arena, double, pn_crosspoints_n(x));
    for (long k = 0; k < pn_crosspoints_n(x); k++)
      v->at[k] = v->one.value;
  }
  for (long k = 0; k < pn_crosspoints_n(x); k++)
    if (!(v->at[k] >= 0)) {
      pn_error(x->a->s->e->diag, pn_crosspoints_at(x, v->token),
               "cell [%ld][%ld]: a conductance of %g S is not possible", k / x->a->cols,
               k % x->a->cols, v->at[k]);
      return NULL;
    }
  return v->at;
}

/* ---- devices between two nodes ---- */

/* One of the one or two devices in series. */
typedef struct element {
  pn_str model;
  const pn_device_class *cls;
  const pn_model *m;    /* NULL: the class's defaults */
  const double *params; /* [n_params] with what all cells share */
  int n_over;
  int over_index[PN_MOST_CELL_KEYS];
  double *over[PN_MOST_CELL_KEYS];          /* [rows * cols] */
  pn_cell_value *shared[PN_MOST_CELL_KEYS]; /* index -> value bound to global parameters */
  int n_shared, shared_index[PN_MOST_CELL_KEYS];
} element;

static bool is_two_terminal(const pn_device_class *cls)
{
  for (int l = 0; l < cls->n_locals; l++) {
    pn_local_kind kind = cls->locals[l].kind;
    if (l < 2 ? kind != PN_L_TERM : kind != PN_L_STATE)
      return false;
  }
  return cls->n_locals >= 2 && !cls->n_events;
}

/* The class and the parameters of a word of cell=. */
static bool find_element(pn_crosspoints *x, pn_str word, element *el)
{
  pn_array_line *a = x->a;
  *el = (element){.model = word};
  el->m = pn_model_find(a->s, word);
  if (!el->m && (pn_str_is(word, "r") || pn_str_is(word, "resistor")))
    el->cls = pn_class_of_letter('r');
  else if (!el->m) {
    pn_card card = *a->c;
    pn_token name = card.tokens[a->cell_token];
    name.text = word;
    card.tokens = &name;
    card.n = 1;
    el->m = pn_model_use(a->s, &card, 0, NULL);
    if (!el->m)
      return false;
  }
  if (el->m && el->m->failed)
    return false;
  if (el->m)
    el->cls = el->m->cls;
  if (!is_two_terminal(el->cls)) {
    pn_error_hint(a->s->e->diag, pn_crosspoints_at(x, a->cell_token),
                  "put it into a subcircuit with the two nodes and name that",
                  "'%.*s' cannot stand in a cell by itself", PN_FMT(word));
    return false;
  }
  const double *from = el->m ? el->m->params : pn_class_defaults(a->s->e, el->cls);
  double *p = PN_NEW_ARRAY(a->s->e->arena, double, el->cls->n_params);
  memcpy(p, from, (size_t)el->cls->n_params * sizeof *p);
  el->params = p;
  return true;
}

static bool check_value(pn_crosspoints *x, const element *el, int index, const pn_cell_value *v)
{
  pn_arena *arena = x->a->s->e->arena;
  const pn_param *p = &el->cls->params[index];
  for (long k = 0; k < (v->at ? pn_crosspoints_n(x) : 1); k++) {
    double value = v->at ? v->at[k] : v->one.value;
    if (value >= p->min && value <= p->max && !(p->flags & ~(unsigned)PN_P_BOTH))
      continue;
    const char *why = pn_param_check(arena, p, value);
    if (!why)
      continue;
    if (v->at)
      pn_error(x->a->s->e->diag, pn_crosspoints_at(x, v->token), "cell [%ld][%ld]: %s",
               k / x->a->cols, k % x->a->cols, why);
    else
      pn_error(x->a->s->e->diag, pn_crosspoints_at(x, v->token), "%s", why);
    return false;
  }
  return true;
}

/* Gives the element one of its parameters. */
static bool set_value(pn_crosspoints *x, element *el, int index, pn_cell_value *v)
{
  if (!check_value(x, el, index, v))
    return false;
  for (int k = 0; k < el->n_over; k++)
    if (el->over_index[k] == index)
      return pn_error(x->a->s->e->diag, pn_crosspoints_at(x, v->token), "'%.*s' is given twice",
                      PN_FMT(v->key)),
             false;
  if (v->at) {
    el->over_index[el->n_over] = index;
    el->over[el->n_over++] = v->at;
    return true;
  }
  ((double *)el->params)[index] = v->one.value;
  el->shared_index[el->n_shared] = index;
  el->shared[el->n_shared++] = v;
  return true;
}

/* g=: resistances, or the states that have these conductances. Cells of no conductance are missing. */
static bool set_conductance(pn_crosspoints *x, element *el)
{
  pn_array_line *a = x->a;
  double *g = conductances(x), *value;
  pn_cell_value *v = &x->value[x->g];
  if (!g)
    return false;
  value = g; /* in place */
  if (el->cls->letter == 'r') {
    for (long k = 0; k < pn_crosspoints_n(x); k++)
      if (g[k] == 0) {
        if (!x->mask) {
          x->mask = PN_NEW_ARRAY(a->s->e->arena, signed char, pn_crosspoints_n(x));
          memset(x->mask, PN_CELL_WORKS, (size_t)pn_crosspoints_n(x));
        }
        x->mask[k] = PN_CELL_MISSING;
        value[k] = 1;
      } else {
        value[k] = 1 / g[k];
      }
    el->over_index[el->n_over] = 0;
    el->over[el->n_over++] = value;
    return true;
  }
  if (!(el->cls->flags & PN_DEV_MEMRISTOR) || !el->m || !(a->volts.value > 0))
    return pn_error(a->s->e->diag, pn_crosspoints_at(x, v->token),
                    "g= is for resistors and memristors, at vread= above 0 V"),
           false;
  if (!pn_cells_solve(&a->cells, el->m, g, pn_crosspoints_n(x), a->volts.value,
                      pn_crosspoints_at(x, v->token), value))
    return false;
  el->over_index[el->n_over] = el->cls->mem->states[0].p_init;
  el->over[el->n_over++] = value;
  return true;
}

/* Every key goes to the first element that knows it. */
static bool set_values(pn_crosspoints *x, element *el, int n)
{
  pn_elab *e = x->a->s->e;
  for (int k = 0; k < x->n_values; k++) {
    pn_cell_value *v = &x->value[k];
    bool done = false;
    if (k == x->g) {
      if (!set_conductance(x, &el[0]))
        return false;
      continue;
    }
    for (int j = 0; j < n && !done; j++) {
      int index = pn_param_find(el[j].cls->params, el[j].cls->n_params, v->key);
      if (index < 0)
        continue;
      if (!set_value(x, &el[j], index, v))
        return false;
      done = true;
    }
    if (done)
      continue;
    pn_error(e->diag, pn_crosspoints_at(x, v->token), "neither the array nor its cell has '%.*s'%s",
             PN_FMT(v->key),
             pn_did_you_mean(e->arena,
                             pn_param_nearest(el[0].cls->params, el[0].cls->n_params, v->key)));
    return false;
  }
  return true;
}

/* What must be given, and the class's own checks, on the first cell. */
static bool check_whole(pn_crosspoints *x, const element *el)
{
  pn_elab *e = x->a->s->e;
  const pn_device_class *cls = el->cls;
  double *p = PN_NEW_ARRAY(e->arena, double, cls->n_params + 1);
  memcpy(p, el->params, (size_t)cls->n_params * sizeof *p);
  for (int k = 0; k < el->n_over; k++)
    p[el->over_index[k]] = el->over[k][0];
  for (int k = 0; k < cls->n_params; k++)
    if ((cls->params[k].flags & PN_P_REQUIRED) && isnan(p[k])) {
      pn_error(e->diag, x->a->loc, "the cells '%.*s' have no value: '%s' must be given%s",
               PN_FMT(el->model), cls->params[k].name, cls->letter == 'r' ? ", or g" : "");
      return false;
    }
  const char *why = cls->check ? cls->check(cls, e->arena, p) : NULL;
  if (why)
    pn_error(e->diag, x->a->loc, "%s", why);
  return !why;
}

/* ---- bulks ---- */

/* The cells with a code of the mask; NULL: all of them. */
static const int *cells_of(const pn_crosspoints *x, signed char code, int *n)
{
  *n = code == PN_CELL_WORKS ? (int)pn_crosspoints_n(x) : 0;
  if (!x->mask)
    return NULL;
  *n = 0;
  for (long k = 0; k < pn_crosspoints_n(x); k++)
    *n += x->mask[k] == code;
  int *list = PN_NEW_ARRAY(x->a->s->e->arena, int, *n + 1);
  for (long k = 0, m = 0; k < pn_crosspoints_n(x); k++)
    if (x->mask[k] == code)
      list[m++] = (int)k;
  return list;
}

static double *pick(const pn_crosspoints *x, double *all, const int *cell, int n)
{
  if (!cell)
    return all;
  double *some = PN_NEW_ARRAY(x->a->s->e->arena, double, n + 1);
  for (int k = 0; k < n; k++)
    some[k] = all[cell[k]];
  return some;
}

/* Nodes of the cells: from word line to bit line, or to and from the inner node. */
static int *nodes_of(const pn_crosspoints *x, const int *cell, int n, int place, int count)
{
  const pn_array_line *a = x->a;
  const pn_lines *bits = &a->lines[0];
  while (bits->kind != 'c')
    bits++;
  int *nodes = PN_NEW_ARRAY(a->s->e->arena, int, 2 * (size_t)n + 1);
  for (int k = 0; k < n; k++) {
    int c = cell ? cell[k] : k, i = c / a->cols, j = c % a->cols;
    nodes[2 * k] = place ? a->inner + c : pn_lines_node(a, &a->lines[0], i, j);
    nodes[2 * k + 1] = place + 1 < count ? a->inner + c : pn_lines_node(a, bits, i, j);
  }
  return nodes;
}

static void add_working(pn_crosspoints *x, element *el, int place, int count)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  int n;
  const int *cell = cells_of(x, PN_CELL_WORKS, &n);
  pn_bulk_spec spec = {.array = a->name,
                       .part = place ? "s" : "n",
                       .rows = a->rows,
                       .cols = a->cols,
                       .cell = cell,
                       .n = n,
                       .loc = a->loc,
                       .cls = el->cls,
                       .nodes = nodes_of(x, cell, n, place, count),
                       .params = el->params,
                       .n_over = el->n_over,
                       .hold = -1,
                       .model = el->m ? el->m->name.p : NULL,
                       .variation = el->m ? el->m->variation : NULL,
                       .ids = place ? NULL : x->memory};
  int *index = PN_NEW_ARRAY(e->arena, int, el->n_over + 1);
  const double **over = PN_NEW_ARRAY(e->arena, const double *, el->n_over + 1);
  for (int k = 0; k < el->n_over; k++) {
    index[k] = el->over_index[k];
    over[k] = pick(x, el->over[k], cell, n);
  }
  spec.over_index = index;
  spec.over = over;
  int bulk = pn_circuit_n_bulks(e->circuit);
  pn_array_bulk(a, &spec, 0, NULL);
  for (int k = 0; k < el->n_shared && n > 0; k++)
    pn_bind(a->s, PN_BULK - bulk, el->shared_index[k], &el->shared[k]->one);
  for (size_t k = 0; el->m && n > 0 && k < el->m->bindings.n; k++) {
    pn_binding b = el->m->bindings.at[k];
    bool given = false;
    for (int j = 0; j < el->n_over + el->n_shared; j++)
      given |= b.index == (j < el->n_over ? el->over_index[j] : el->shared_index[j - el->n_over]);
    b.device = PN_BULK - bulk;
    if (!given)
      *PN_PUSH(e->arena, &e->bindings) = b;
  }
}

/* Stuck cells are resistors of the conductance their cell starts with. */
static void add_stuck(pn_crosspoints *x, const element *el, int count)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  const pn_device_class *r = pn_class_of_letter('r');
  int n;
  const int *cell = cells_of(x, PN_CELL_STUCK, &n);
  if (n == 0)
    return;
  double *ohm = PN_NEW_ARRAY(e->arena, double, n);
  double *p = PN_NEW_ARRAY(e->arena, double, el->cls->n_params + 1);
  for (int k = 0; k < n; k++) {
    memcpy(p, el->params, (size_t)el->cls->n_params * sizeof *p);
    for (int j = 0; j < el->n_over; j++)
      p[el->over_index[j]] = el->over[j][cell[k]];
    if (el->cls->flags & PN_DEV_MEMRISTOR) {
      double state = el->cls->mem->n_states ? p[el->cls->mem->states[0].p_init] : 0;
      double volts = a->volts.value > 0 ? a->volts.value : 0.1;
      ohm[k] = 1 / pn_cells_conductance(e, el->cls, p, state, volts);
    } else {
      ohm[k] = p[0];
    }
  }
  int *index = PN_NEW_ARRAY(e->arena, int, 1);
  const double **over = PN_NEW_ARRAY(e->arena, const double *, 1);
  over[0] = ohm;
  pn_bulk_spec spec = {.array = a->name,
                       .part = "n",
                       .rows = a->rows,
                       .cols = a->cols,
                       .cell = cell,
                       .n = n,
                       .loc = a->loc,
                       .cls = r,
                       .nodes = nodes_of(x, cell, n, 0, count),
                       .params = pn_class_defaults(e, r),
                       .n_over = 1,
                       .over_index = index,
                       .over = over,
                       .hold = -1,
                       .ids = x->memory};
  pn_array_bulk(a, &spec, 0, NULL);
}

bool pn_array_bulk_cells(pn_crosspoints *x)
{
  pn_array_line *a = x->a;
  pn_circuit *c = a->s->e->circuit;
  pn_str word = a->c->tokens[a->cell_token].text;
  const char *plus = memchr(word.p, '+', word.n);
  int count = plus ? 2 : 1;
  element *el = PN_NEW_ARRAY(a->s->e->arena, element, 2);
  if (plus)
    word.n = (size_t)(plus - word.p);
  if (!find_element(x, word, &el[0]))
    return false;
  if (plus) {
    pn_str second = {plus + 1, a->c->tokens[a->cell_token].text.n - word.n - 1};
    if (!find_element(x, second, &el[1]))
      return false;
    a->inner = pn_circuit_grid(c, a->name, "m", a->rows, a->cols, a->loc);
    if (a->inner < 0)
      return false;
  }
  if (a->n_lines != 2)
    return pn_error(a->s->e->diag, a->loc, "cells of two terminals stand between two buses, not %d",
                    a->n_lines),
           false;
  if (x->parts != 1)
    return pn_error(a->s->e->diag, a->loc, "cells of one memory take one number of the mask each"),
           false;
  if (!set_values(x, el, count))
    return false;
  for (int k = 0; k < count; k++) {
    if (!check_whole(x, &el[k]))
      return false;
    add_working(x, &el[k], k, count);
  }
  add_stuck(x, &el[0], 1);
  if (a->lines[0].first >= 0 && a->lines[1].first >= 0)
    pn_circuit_add_lattice(c, a->rows, a->cols, a->lines[0].first, a->lines[1].first, a->inner);
  return true;
}
