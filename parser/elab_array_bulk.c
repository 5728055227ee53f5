/* Cells of two terminals: resistors or memristors, alone or in series with a second device, made in
 * bulk, without a line per cell. */
#include "parser/elab_array.h"

#include <math.h>
#include <string.h>

/* g [rows * cols] in S, not negative; NULL after reporting. */
static double *conductances(pn_crosspoints *x)
{
  pn_cell_value *v = &x->value[x->g];
  pn_presume(x->a->s, &v->one);
  if (!v->at) {
    v->at = PN_NEW_ARRAY(x->a->s->e->arena, double, pn_crosspoints_n(x));
    for (long k = 0; k < pn_crosspoints_n(x); k++)
      v->at[k] = v->one.value;
  }
  for (long k = 0, n = pn_crosspoints_n(x); k < n; k++)
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
  pn_warmth *warm;                     /* [rows * cols], NULL: the circuit's temperature */
  const pn_num *own_temp, *above_temp; /* of all cells, or NULL */
} element;

static bool is_memristor(const element *el)
{
  return (el->cls->flags & PN_DEV_MEMRISTOR) != 0;
}

static bool is_two_terminal(const pn_device_class *cls)
{
  for (int l = 0; l < cls->n_locals; l++) {
    pn_local_kind kind = cls->locals[l].kind;
    if (l < 2 ? kind != PN_L_TERM : kind == PN_L_TERM || kind == PN_L_REF)
      return false;
  }
  return cls->n_locals >= 2;
}

/* Memristors and linear devices come in bulk; others, diodes for instance, have a record each. */
static bool in_bulk(const pn_device_class *cls)
{
  for (int l = 2; l < cls->n_locals; l++)
    if (cls->locals[l].kind != PN_L_STATE)
      return false;
  return !cls->n_events && (cls->flags & (PN_DEV_LINEAR | PN_DEV_MEMRISTOR));
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
  if (!is_two_terminal(el->cls) || !(el->m || in_bulk(el->cls))) {
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

static void set_missing(pn_crosspoints *x, long cell)
{
  if (!x->mask) {
    x->mask = PN_NEW_ARRAY(x->a->s->e->arena, signed char, pn_crosspoints_n(x));
    memset(x->mask, PN_CELL_WORKS, (size_t)pn_crosspoints_n(x));
  }
  x->mask[cell] = PN_CELL_MISSING;
}

static pn_cell_kind kind_of(const element *el)
{
  return (pn_cell_kind){.cls = el->cls,
                        .model = el->model,
                        .params = el->params,
                        .n_over = el->n_over,
                        .over_index = el->over_index,
                        .over = el->over,
                        .warm = el->warm};
}

/* Does the array's line give this parameter, in place of the model's card? */
static bool is_given(const element *el, int index)
{
  bool given = false;
  for (int k = 0; k < el->n_over; k++)
    given |= el->over_index[k] == index;
  for (int k = 0; k < el->n_shared; k++)
    given |= el->shared_index[k] == index;
  return given;
}

/* What follows from the element's parameters at vread= holds for these values only. */
static void presume_parameters(pn_crosspoints *x, const element *el)
{
  pn_scope *s = x->a->s;
  pn_presume(s, &x->a->volts);
  for (int k = 0; k < el->n_shared; k++)
    pn_presume(s, &el->shared[k]->one);
  if (el->own_temp)
    pn_presume(s, el->own_temp);
  if (el->above_temp)
    pn_presume(s, el->above_temp);
  for (size_t k = 0; el->m && k < el->m->bindings.n; k++) {
    const pn_binding *b = &el->m->bindings.at[k];
    if (b->index < 0 || is_given(el, b->index))
      continue;
    pn_presume(b->scope, &(pn_num){.value = el->m->params[b->index],
                                   .mask = b->mask,
                                   .ast = b->ast,
                                   .loc = x->a->loc});
  }
}

/* g=: resistances, or the states that have these conductances. Cells of no conductance are missing. All other
 * values are set. */
static bool set_conductance(pn_crosspoints *x, element *el)
{
  pn_array_line *a = x->a;
  double *g = conductances(x);
  pn_cell_value *v = &x->value[x->g];
  if (!g)
    return false;
  long n = pn_crosspoints_n(x);
  for (long k = 0; k < n; k++)
    if (g[k] == 0)
      set_missing(x, k);
  if (el->cls->letter == 'r') {
    for (int k = 0; k < x->n_values; k++)
      if (k != x->g && pn_param_find(el->cls->params, el->cls->n_params, x->value[k].key) == 0)
        return pn_error(a->s->e->diag, pn_crosspoints_at(x, x->value[k].token),
                        "g= and r= both say what the cells are: one of them is enough"),
               false;
    for (long k = 0; k < n; k++)
      g[k] = g[k] > 0 ? 1 / g[k] : 1;
    el->over_index[el->n_over] = 0;
    el->over[el->n_over++] = g;
    return true;
  }
  if (!is_memristor(el) || !el->m || !(a->volts.value > 0))
    return pn_error(a->s->e->diag, pn_crosspoints_at(x, v->token),
                    "g= is for resistors and memristors, at vread= above 0 V"),
           false;
  pn_cell_kind kind = kind_of(el);
  presume_parameters(x, el);
  if (!pn_cells_solve(&a->cells, &kind, g, a->volts.value, pn_crosspoints_at(x, v->token), g))
    return false;
  int state = el->cls->mem->states[0].p_init;
  for (int k = 0; k < el->n_over; k++)
    if (el->over_index[k] == state) { /* x0= of the whole array gives way */
      el->over[k] = g;
      return true;
    }
  el->over_index[el->n_over] = state;
  el->over[el->n_over++] = g;
  return true;
}

/* temp= (degC) or dtemp= (K) of a memristor: see read_temperature in elab_line.c. */
static bool set_temperature(pn_crosspoints *x, element *el, const pn_cell_value *v)
{
  pn_elab *e = x->a->s->e;
  long n = pn_crosspoints_n(x);
  bool own = pn_str_is(v->key, "temp");
  if (!el->warm)
    el->warm = PN_NEW_ARRAY(e->arena, pn_warmth, n);
  for (long k = 0; k < n; k++) {
    double value = v->at ? v->at[k] : v->one.value;
    if (!isfinite(value) || !(value > -PN_KELVIN))
      return pn_error(e->diag, pn_crosspoints_at(x, v->token),
                      "cell [%ld][%ld]: temp= is above -273.15 degrees C, dtemp= above -273.15 K",
                      k / x->a->cols, k % x->a->cols),
             false;
    *(own ? &el->warm[k].own : &el->warm[k].above) = value + (own ? PN_KELVIN : 0);
  }
  if (!v->at)
    *(own ? &el->own_temp : &el->above_temp) = &v->one;
  int ambient = pn_param_find(el->cls->params, el->cls->n_params, PN_STR("t_amb"));
  for (int k = 0; k < x->n_values && ambient >= 0; k++)
    if (pn_str_is(x->value[k].key, "t_amb"))
      return true;
  for (int k = 0; k < el->n_shared; k++)
    if (el->shared_index[k] == ambient)
      return true;
  if (ambient < 0)
    return true;
  ((double *)el->params)[ambient] = 0;
  el->shared_index[el->n_shared] = ambient;
  el->shared[el->n_shared++] = PN_NEW(e->arena, pn_cell_value); /* nothing changes it */
  return true;
}

/* Temperatures are of all elements that have one. */
static bool set_warmth(pn_crosspoints *x, element *el, int n, pn_cell_value *v, bool *done)
{
  for (int j = 0; j < n; j++) {
    int index = pn_param_find(el[j].cls->params, el[j].cls->n_params, v->key);
    if (index < 0 && !is_memristor(&el[j]))
      continue;
    if (!(index < 0 ? set_temperature(x, &el[j], v) : set_value(x, &el[j], index, v)))
      return false;
    *done = true;
  }
  return true;
}

/* Every key goes to the first element that knows it. */
static bool set_values(pn_crosspoints *x, element *el, int n)
{
  pn_elab *e = x->a->s->e;
  for (int k = 0; k < x->n_values; k++) {
    pn_cell_value *v = &x->value[k];
    bool done = false;
    if (k == x->g)
      continue;
    bool warm = pn_str_is(v->key, "temp") || pn_str_is(v->key, "dtemp");
    if (warm && !set_warmth(x, el, n, v, &done))
      return false;
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
  return x->g < 0 || set_conductance(x, &el[x->memory_place]);
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

/* The cells with a code of the mask; NULL: all of them. The mask is of the cells' memory. */
static const int *cells_of(const pn_crosspoints *x, int place, signed char code, int *n)
{
  *n = code == PN_CELL_WORKS ? (int)pn_crosspoints_n(x) : 0;
  if (!x->mask || place != x->memory_place)
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
  for (int k = 0, row = 0, next = a->cols; k < n; k++) {
    int c = cell ? cell[k] : k;
    for (; c >= next; next += a->cols)
      row++;
    int col = c - (next - a->cols);
    nodes[2 * k] = place ? a->inner + c : pn_lines_node(a, &a->lines[0], row, col);
    nodes[2 * k + 1] = place + 1 < count ? a->inner + c : pn_lines_node(a, bits, row, col);
  }
  return nodes;
}

/* The bindings of bulk `device`: of the line's values, then the model's where no value replaces them. */
static void bind_bulk(pn_crosspoints *x, const element *el, int device)
{
  pn_array_line *a = x->a;
  for (int k = 0; k < el->n_shared; k++)
    pn_bind(a->s, device, el->shared_index[k], &el->shared[k]->one);
  if (el->own_temp)
    pn_bind(a->s, device, PN_OWN_TEMP, el->own_temp);
  if (el->above_temp)
    pn_bind(a->s, device, PN_OWN_DTEMP, el->above_temp);
  for (size_t k = 0; el->m && k < el->m->bindings.n; k++) {
    pn_binding b = el->m->bindings.at[k];
    b.device = device;
    if (!is_given(el, b.index))
      *PN_PUSH(a->s->e->arena, &a->s->e->bindings) = b;
  }
}

static const pn_warmth *pick_warmth(const pn_crosspoints *x, const element *el, const int *cell,
                                    int n)
{
  if (!cell || !el->warm)
    return el->warm;
  pn_warmth *some = PN_NEW_ARRAY(x->a->s->e->arena, pn_warmth, n + 1);
  for (int k = 0; k < n; k++)
    some[k] = el->warm[cell[k]];
  return some;
}

static void add_working(pn_crosspoints *x, element *el, int place, int count)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  int n;
  const int *cell = cells_of(x, place, PN_CELL_WORKS, &n);
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
                       .warm = pick_warmth(x, el, cell, n),
                       .ids = place == x->memory_place ? x->memory : NULL};
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
  if (n > 0)
    bind_bulk(x, el, PN_BULK - bulk);
}

/* Devices that do not come in bulk: one by one, under the same names. False after reporting. */
static bool add_records(pn_crosspoints *x, const element *el, int place, int count)
{
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  int n;
  const int *cell = cells_of(x, place, PN_CELL_WORKS, &n);
  const int *nodes = nodes_of(x, cell, n, place, count);
  pn_given given;
  for (int k = 0; k < n && !e->stopped; k++) {
    int c = cell ? cell[k] : k;
    given.n = 0;
    for (int j = 0; j < el->n_over; j++, given.n++) {
      given.index[given.n] = el->over_index[j];
      given.value[given.n] = el->over[j][c];
      given.num[given.n] = (pn_num){.value = el->over[j][c], .loc = a->loc};
    }
    for (int j = 0; j < el->n_shared; j++, given.n++) {
      given.index[given.n] = el->shared_index[j];
      given.value[given.n] = el->shared[j]->one.value;
      given.num[given.n] = el->shared[j]->one;
    }
    const char *name = pn_arena_printf(e->arena, "%.*s.%s[%d][%d]", PN_FMT(a->name),
                                       place ? "s" : "n", c / a->cols, c % a->cols);
    pn_device_spec spec = {.name = pn_str_of(name),
                           .loc = a->loc,
                           .cls = el->cls,
                           .unknowns = nodes + 2 * k,
                           .hold = -1};
    int device = pn_add_device(a->s, a->c, &spec, &given, el->m);
    if (device < 0)
      return false;
    if (place == x->memory_place)
      x->memory[c] = device;
  }
  return true;
}

/* Ohms that stuck cells have for ever: those of their start. */
static double *stuck_ohms(pn_crosspoints *x, const element *el, const int *cell, int n)
{
  pn_array_line *a = x->a;
  double *ohm = PN_NEW_ARRAY(a->s->e->arena, double, n);
  int r = 0;
  while (r < el->n_over && el->over_index[r] != 0)
    r++;
  for (int k = 0; k < n && !is_memristor(el); k++)
    ohm[k] = r < el->n_over ? el->over[r][cell[k]] : el->params[0];
  if (!is_memristor(el))
    return ohm;
  pn_cell_kind kind = kind_of(el);
  pn_cells_conductance(&a->cells, &kind, cell, n, a->volts.value > 0 ? a->volts.value : 0.1, ohm);
  for (int k = 0; k < n; k++)
    ohm[k] = 1 / ohm[k];
  return ohm;
}

/* Stuck cells are resistors of the conductance their cell starts with. False after reporting. */
static bool add_stuck(pn_crosspoints *x, const element *el, int count)
{
  int place = x->memory_place;
  pn_array_line *a = x->a;
  pn_elab *e = a->s->e;
  const pn_device_class *r = pn_class_of_letter('r');
  int n;
  const int *cell = cells_of(x, place, PN_CELL_STUCK, &n);
  if (n == 0)
    return true;
  presume_parameters(x, el);
  if (!is_memristor(el) && el->cls != r)
    return pn_error(e->diag, a->loc, "a stuck cell is a memristor or a resistor, not '%.*s'",
                    PN_FMT(el->model)),
           false;
  int *index = PN_NEW_ARRAY(e->arena, int, 1);
  const double **over = PN_NEW_ARRAY(e->arena, const double *, 1);
  over[0] = stuck_ohms(x, el, cell, n);
  pn_bulk_spec spec = {.array = a->name,
                       .part = place ? "s" : "n",
                       .rows = a->rows,
                       .cols = a->cols,
                       .cell = cell,
                       .n = n,
                       .loc = a->loc,
                       .cls = r,
                       .nodes = nodes_of(x, cell, n, place, count),
                       .params = pn_class_defaults(e, r),
                       .n_over = 1,
                       .over_index = index,
                       .over = over,
                       .hold = -1,
                       .ids = x->memory};
  pn_array_bulk(a, &spec, 0, NULL);
  return true;
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
  pn_str second = PN_STR("");
  if (plus)
    second = (pn_str){plus + 1, a->c->tokens[a->cell_token].text.n - word.n - 1};
  if (plus && (!word.n || !second.n || memchr(second.p, '+', second.n)))
    return pn_error(a->s->e->diag, pn_crosspoints_at(x, a->cell_token),
                    "cell= takes one name, or two with a '+' between them"),
           false;
  if (!find_element(x, word, &el[0]))
    return false;
  if (plus) {
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
  x->memory_place = count == 2 && !is_memristor(&el[0]) && is_memristor(&el[1]);
  if (!set_values(x, el, count))
    return false;
  for (int k = 0; k < count; k++) {
    if (!check_whole(x, &el[k]))
      return false;
    if (in_bulk(el[k].cls))
      add_working(x, &el[k], k, count);
    else if (!add_records(x, &el[k], k, count))
      return false;
  }
  if (!add_stuck(x, &el[x->memory_place], count))
    return false;
  if (a->lines[0].first >= 0 && a->lines[1].first >= 0)
    pn_circuit_add_lattice(c, a->rows, a->cols, a->lines[0].first, a->lines[1].first, a->inner,
                           false);
  return true;
}
