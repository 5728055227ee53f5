/* Commands that reach the circuit: analyses, saved signals, changed devices, models and parameters. */
#include "control/interp.h"

#include <ctype.h>
#include <string.h>

/* The line whole, with its first word: "tran 1u 1m". */
static pn_str whole_line(pn_control *c)
{
  const pn_step *s = c->step;
  if (!c->changed)
    return (pn_str){s->word.p, s->rest_at + s->rest.n};
  char *p = pn_arena_printf(&c->scratch, "%.*s %.*s", PN_FMT(s->word), PN_FMT(c->line));
  return (pn_str){p, strlen(p)};
}

pn_status pn_cmd_analysis(pn_control *c)
{
  return c->host->analysis(c->host->user, whole_line(c), pn_control_loc(c), c->sink);
}

pn_status pn_cmd_run(pn_control *c)
{
  return c->host->run(c->host->user, c->sink);
}

pn_status pn_cmd_save(pn_control *c)
{
  return c->host->save(c->host->user, c->line, pn_control_loc(c));
}

pn_status pn_cmd_reset(pn_control *c)
{
  return c->host->reset(c->host->user);
}

pn_status pn_cmd_option(pn_control *c)
{
  pn_str left, right, rest = c->line;
  size_t at = 0, right_at;
  bool known = true;
  while (pn_trim(rest).n) {
    if (!pn_split_equals(rest, &left, &right, &right_at)) {
      left = pn_trim(rest);
      right = PN_STR("");
    }
    pn_str value = pn_trim(right);
    size_t n = 0;
    while (n < value.n && !isspace((unsigned char)value.p[n]))
      n++;
    pn_str next = {value.p + n, value.n - n};
    value.n = n;
    pn_status st = c->host->option(c->host->user, left, value, pn_control_loc(c), &known);
    if (st)
      return st;
    if (!known)
      return pn_control_error(c, at, "there is no option '%.*s'", PN_FMT(left));
    rest = next;
  }
  return PN_OK;
}

/* ---- alter and its kind ---- */

/* Values behind "=": an expression, or [ e1 e2 ... ]. */
static pn_status read_values(pn_control *c, pn_str text, size_t at, pn_change *change)
{
  PN_VEC(double) v = {0};
  pn_str s = pn_trim(text);
  if (s.n > 1 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
    pn_term *terms;
    int n;
    pn_status st = pn_terms_read(c, (pn_str){s.p + 1, s.n - 2}, at + 1, &terms, &n);
    if (st)
      return st;
    for (int k = 0; k < n; k++)
      for (long j = 0; j < terms[k].value.n; j++)
        *PN_PUSH(&c->scratch, &v) = creal(terms[k].value.z[j]);
  } else {
    pn_value value;
    pn_status st = pn_term_value(c, text, at, &value);
    if (st)
      return st;
    for (long j = 0; j < value.n; j++)
      *PN_PUSH(&c->scratch, &v) = creal(value.z[j]);
  }
  change->value = v.at;
  change->n = (long)v.n;
  return PN_OK;
}

typedef PN_VEC(pn_str) name_vec;

/* Names before the value: words, or @NAME[PARAM] as two. */
static pn_status read_names(pn_control *c, pn_str left, name_vec *names)
{
  for (size_t k = 0; k < left.n;) {
    if (isspace((unsigned char)left.p[k])) {
      k++;
      continue;
    }
    size_t from = k;
    bool at = left.p[k] == '@';
    while (k < left.n && !isspace((unsigned char)left.p[k]) && !(at && left.p[k] == '['))
      k++;
    *PN_PUSH(&c->scratch, names) = (pn_str){left.p + from + at, k - from - at};
    if (!at || k >= left.n || left.p[k] != '[')
      continue;
    from = ++k;
    while (k < left.n && left.p[k] != ']')
      k++;
    *PN_PUSH(&c->scratch, names) = (pn_str){left.p + from, k - from};
    if (k++ >= left.n)
      return pn_control_error(c, from, "'[' is never closed");
  }
  return PN_OK;
}

/* "NAMES = VALUES", or "NAME VALUE" as older netlists have it. */
static pn_status read_change(pn_control *c, name_vec *names, pn_change *change)
{
  pn_str left, right;
  size_t right_at;
  *change = (pn_change){.param = PN_STR(""), .loc = pn_control_loc(c)};
  if (!pn_split_equals(c->line, &left, &right, &right_at)) {
    if (c->n_words < 2)
      return pn_control_error(c, 0, "expected a name, '=' and a value");
    right_at = c->word_at[c->n_words - 1];
    left = (pn_str){c->line.p, right_at};
    right = (pn_str){c->line.p + right_at, c->line.n - right_at};
  }
  pn_status st = read_names(c, left, names);
  if (st == PN_OK && !names->n)
    st = pn_control_error(c, 0, "a name is missing before the value");
  return st ? st : read_values(c, right, right_at, change);
}

pn_status pn_cmd_alter(pn_control *c)
{
  name_vec names = {0};
  pn_change change;
  pn_status st = read_change(c, &names, &change);
  if (st)
    return st;
  if (names.n > 2)
    return pn_control_error(c, 0, "expected a device and one of its parameters");
  change.name = names.at[0];
  if (names.n == 2)
    change.param = names.at[1];
  return c->host->alter(c->host->user, &change);
}

pn_status pn_cmd_altermod(pn_control *c)
{
  name_vec names = {0};
  pn_change change;
  pn_status st = read_change(c, &names, &change);
  if (st == PN_OK && names.n < 2)
    st = pn_control_error(c, 0, "expected models and the parameter that changes");
  if (st == PN_OK && change.n != 1)
    st = pn_control_error(c, 0, "a parameter of a model is one number");
  for (size_t k = 0; k + 1 < names.n && st == PN_OK; k++) {
    change.name = names.at[k];
    change.param = names.at[names.n - 1];
    st = c->host->alter_model(c->host->user, &change);
  }
  return st;
}

pn_status pn_cmd_alterparam(pn_control *c)
{
  name_vec names = {0};
  pn_change change;
  pn_status st = read_change(c, &names, &change);
  if (st == PN_OK && (names.n != 1 || change.n != 1))
    st = pn_control_error(c, 0, "expected a parameter of the netlist's top level and a number");
  if (st)
    return st;
  change.name = names.at[0];
  return c->host->alter_param(c->host->user, &change);
}
