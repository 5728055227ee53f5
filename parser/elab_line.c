/* The words behind the nodes of an instance line: the value, the model, NAME=VALUE. All come from
 * the tables of the device classes; no device has code of its own here. */
#include "parser/elab_line.h"

#include <stddef.h>
#include <string.h>

int pn_count_terms(const pn_device_class *cls)
{
  int n = 0;
  while (n < cls->n_locals && cls->locals[n].kind == PN_L_TERM)
    n++;
  return n;
}

void pn_line_begin(pn_line *l, pn_scope *s, const pn_card *c, const pn_device_class *cls)
{
  memset(l, 0, offsetof(pn_line, given)); /* what is given counts by its number */
  l->given.n = 0;
  l->s = s;
  l->c = c;
  l->cls = cls;
  l->hold = -1;
}

bool pn_line_give(pn_line *l, int index, const pn_num *v)
{
  pn_elab *e = l->s->e;
  const char *why = pn_param_check(e->arena, &l->cls->params[index], v->value);
  if (why) {
    pn_error(e->diag, v->loc, "%s", why);
    return false;
  }
  for (int k = 0; k < l->given.n; k++)
    if (l->given.index[k] == index) {
      pn_error(e->diag, v->loc, "'%s' is given twice", l->cls->params[index].name);
      return false;
    }
  if (l->given.n == PN_MOST_GIVEN) {
    pn_error(e->diag, v->loc, "too many parameters on one line (at most %d)", PN_MOST_GIVEN);
    return false;
  }
  int n = l->given.n++;
  l->given.index[n] = index;
  l->given.value[n] = v->value;
  l->given.num[n] = *v;
  return true;
}

static bool read_hold(pn_line *l, int *k)
{
  if (!l->model->mem) {
    pn_error(l->s->e->diag, pn_at(l->s, l->c, *k),
             "op= belongs to memristors; '%s' holds its states", l->model->type);
    return false;
  }
  if (pn_tok_word(l->c, *k, "hold") || pn_tok_word(l->c, *k, "steady")) {
    l->hold = pn_tok_word(l->c, *k, "hold");
    ++*k;
    return true;
  }
  pn_error(l->s->e->diag, pn_at(l->s, l->c, *k), "op= is 'hold' or 'steady'");
  return false;
}

/* icc=: compliance of a memristor. */
static bool read_compliance(pn_line *l, int *k)
{
  pn_num v;
  int at = *k;
  if (!pn_read_num(l->s, l->c, k, &v))
    return false;
  l->icc = v.value;
  if (l->model->mem && v.value > 0 && isfinite(v.value))
    return true;
  pn_error(l->s->e->diag, pn_at(l->s, l->c, at),
           l->model->mem ? "icc= is a current above 0" : "icc= belongs to memristors");
  return false;
}

/* Are there parameters icX, whose values ic= lists? (A diode has one ic.) */
static bool has_initials(const pn_device_class *cls)
{
  for (int k = 0; k < cls->n_params; k++)
    if (!strncmp(cls->params[k].name, "ic", 2) && cls->params[k].name[2] &&
        (cls->params[k].flags & PN_P_INSTANCE))
      return true;
  return false;
}

/* "ic=a,b,c": one value for each of the parameters icX that the class has, in their order. */
static bool read_initial(pn_line *l, int *k)
{
  int index = 0;
  while (index < l->cls->n_params && strncmp(l->cls->params[index].name, "ic", 2))
    index++;
  for (bool more = true; more; index++) {
    pn_num v;
    if (index >= l->cls->n_params || strncmp(l->cls->params[index].name, "ic", 2)) {
      pn_error(l->s->e->diag, pn_at(l->s, l->c, *k), "ic= has too many values");
      return false;
    }
    if (!pn_read_num(l->s, l->c, k, &v) || !pn_line_give(l, index, &v))
      return false;
    more = pn_tok_is(l->c, *k, PN_T_COMMA);
    *k += more;
  }
  return true;
}

/* temp= (degC) and dtemp= of a memristor. A model whose own ambient temperature stands in t_amb takes the
 * instance's instead, which t_amb = 0 means. */
static bool read_temperature(pn_line *l, int *k, bool own)
{
  pn_num v;
  int at = *k;
  if (!pn_read_num(l->s, l->c, k, &v))
    return false;
  pn_loc loc = pn_at(l->s, l->c, at);
  if (!isfinite(v.value) || !(v.value > -PN_KELVIN))
    return pn_error(l->s->e->diag, loc, "temp= is above -273.15 degrees C, dtemp= above -273.15 K"),
           false;
  *(own ? &l->temp : &l->dtemp) = v;
  *(own ? &l->warm.own : &l->warm.above) = v.value + (own ? PN_KELVIN : 0);
  int ambient = pn_param_find(l->cls->params, l->cls->n_params, PN_STR("t_amb"));
  for (int n = 0; n < l->given.n; n++)
    if (l->given.index[n] == ambient)
      return true;
  return ambient < 0 || pn_line_give(l, ambient, &(pn_num){.value = 0.0, .loc = loc});
}

bool pn_line_key(pn_line *l, int *k)
{
  pn_str key = l->c->tokens[*k].text;
  pn_loc loc = pn_at(l->s, l->c, *k);
  *k += 2;
  if (l->memristor && pn_str_is(key, "op"))
    return read_hold(l, k);
  if (l->memristor && pn_str_is(key, "icc") &&
      pn_param_find(l->cls->params, l->cls->n_params, key) < 0)
    return read_compliance(l, k);
  if (!l->memristor && pn_str_is(key, "ic") && has_initials(l->cls))
    return read_initial(l, k);
  bool own = pn_str_is(key, "temp");
  if (l->memristor && (own || pn_str_is(key, "dtemp")) &&
      pn_param_find(l->cls->params, l->cls->n_params, key) < 0)
    return read_temperature(l, k, own);
  const char *what = l->model ? l->model->type : l->cls->name;
  int index = pn_param_of(l->s, l->cls->params, l->cls->n_params, key, PN_P_INSTANCE, what, loc);
  pn_num v;
  bool ok = pn_read_num(l->s, l->c, k, &v);
  return index >= 0 && ok && pn_line_give(l, index, &v);
}

/* "on" and "off" of switches. */
static bool read_position(pn_line *l, int *k, bool *ok)
{
  bool on = pn_tok_word(l->c, *k, "on");
  int index = on || pn_tok_word(l->c, *k, "off")
                  ? pn_param_find(l->cls->params, l->cls->n_params, PN_STR("on"))
                  : -1;
  if (index < 0)
    return false;
  *ok = pn_line_give(l, index, &(pn_num){.value = on, .loc = pn_at(l->s, l->c, *k)});
  ++*k;
  return true;
}

static bool first_is_positional(const pn_device_class *cls)
{
  return cls->n_params && (cls->params[0].flags & PN_P_INSTANCE);
}

static bool has_first(const pn_line *l)
{
  for (int k = 0; k < l->given.n; k++)
    if (l->given.index[k] == 0)
      return true;
  return false;
}

/* A word that is not NAME=VALUE: the model, a switch's position, or the value. */
bool pn_line_positional(pn_line *l, int *k)
{
  pn_scope *s = l->s;
  const pn_card *c = l->c;
  pn_num v;
  bool ok = false, word = pn_tok_is(c, *k, PN_T_WORD);
  bool number = word && pn_word_number(c->tokens[*k].text, &v.value), name = word && !number;
  if (name && read_position(l, k, &ok))
    return ok;
  bool value_expected = first_is_positional(l->cls) && !l->memristor && !has_first(l);
  if (name && l->cls->model_type && !l->model &&
      (!value_expected || pn_model_find(s, c->tokens[*k].text))) {
    l->model = pn_model_use(s, c, *k, l->cls);
    ++*k;
    return l->model != NULL;
  }
  if (!value_expected) {
    pn_extra_words(s, c, *k);
    return false;
  }
  if (number && isfinite(v.value)) { /* as pn_read_num reads it */
    v = (pn_num){.value = v.value, .loc = pn_at(s, c, *k)};
    ++*k;
    return pn_line_give(l, 0, &v);
  }
  return pn_read_num(s, c, k, &v) && pn_line_give(l, 0, &v);
}

/* Everything behind the terminals. */
bool pn_line_rest(pn_line *l, int k)
{
  const pn_card *c = l->c;
  while (k < c->n) {
    if (pn_tok_is(c, k, PN_T_COMMA)) {
      k++;
      continue;
    }
    if (pn_tok_key(c, k) ? !pn_line_key(l, &k) : !pn_line_positional(l, &k))
      return false;
  }
  if (l->cls->model_type && !l->model && !l->memristor && !first_is_positional(l->cls)) {
    pn_error_hint(l->s->e->diag, pn_at(l->s, c, c->n),
                  pn_arena_printf(l->s->e->arena, ".model NAME %s(...)", l->cls->model_type),
                  "'%.*s' needs the name of a model of type %s", PN_FMT(c->tokens[0].text),
                  l->cls->model_type);
    return false;
  }
  return true;
}
