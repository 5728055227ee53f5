/* NAME=VALUE words of directives. A picture's name is confined to the present folder and to harmless
 * characters, because netlists come from strangers. */
#include "analysis/keys.h"

#include <math.h>
#include <string.h>

enum { LONGEST_NAME = 100 };

static const char *picture_fault(pn_str s)
{
  static const char *const endings[] = {".png", ".svg", ".pdf"};
  if (s.n < 5 || s.n > LONGEST_NAME || s.p[0] == '.' || s.p[0] == '-')
    return "is no name for a picture";
  for (size_t k = 0; k < s.n; k++) {
    char c = s.p[k];
    bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain && c != '_' && c != '-' && c != '.')
      return "may hold letters, digits, '_', '-' and '.' only: pictures go to the present folder";
  }
  for (size_t k = 0; k < sizeof endings / sizeof *endings; k++)
    if (pn_str_is((pn_str){s.p + s.n - 4, 4}, endings[k]))
      return NULL;
  return "should end in .png, .svg or .pdf";
}

static bool read_picture(const pn_reading *in, const pn_key *key, const pn_arg *arg)
{
  const char *fault = picture_fault(arg->text);
  if (in->options->untrusted)
    fault = "is not written: an untrusted netlist writes no files";
  if (fault)
    return pn_error(in->diag, arg->loc, "%s: '%.*s' %s", in->who, PN_FMT(arg->text), fault), false;
  *(const char **)key->to = pn_arena_strndup(in->arena, arg->text.p, arg->text.n);
  return true;
}

static bool read_number(const pn_reading *in, const pn_key *key, const pn_arg *arg)
{
  bool whole = key->kind == PN_KEY_COUNT;
  if (!arg->is_num || !isfinite(arg->num) ||
      (whole && !(arg->num >= 1 && arg->num <= 1e9 && arg->num == floor(arg->num))))
    return pn_error(in->diag, arg->loc, "%s: %s= needs %s", in->who, key->name,
                    whole ? "a whole number from 1" : "a number"),
           false;
  if (whole)
    *(int *)key->to = (int)arg->num;
  else
    *(double *)key->to = arg->num;
  return true;
}

static bool read_signal(const pn_reading *in, const pn_key *key, const pn_arg *arg)
{
  if (!arg->ast)
    return pn_error(in->diag, arg->loc, "%s: %s= needs a signal such as v(out) or @n1[x]", in->who,
                    key->name),
           false;
  pn_signal *s = pn_signal_compile(in->arena, in->diag, in->circuit, arg->ast, in->params);
  *(pn_signal **)key->to = s;
  return s != NULL;
}

static bool read_value(const pn_reading *in, const pn_key *key, const pn_arg *arg)
{
  switch (key->kind) {
  case PN_KEY_NUMBER:
  case PN_KEY_COUNT:
    return read_number(in, key, arg);
  case PN_KEY_WORD:
    *(pn_str *)key->to = arg->text;
    return true;
  case PN_KEY_ARG:
    *(const pn_arg **)key->to = arg;
    return true;
  case PN_KEY_SIGNAL:
    return read_signal(in, key, arg);
  case PN_KEY_TARGET:
    return pn_target_find(in->arena, in->diag, in->who, in->circuit, in->params, arg, key->to);
  case PN_KEY_PICTURE:
    return read_picture(in, key, arg);
  case PN_KEY_FLAG:
    break;
  }
  return pn_error(in->diag, arg->loc, "%s: '%s' takes no value", in->who, key->name), false;
}

static int find(const pn_key *keys, int n, pn_str name, bool flag)
{
  for (int k = 0; k < n; k++)
    if (pn_str_is(name, keys[k].name) && (keys[k].kind == PN_KEY_FLAG) == flag)
      return k;
  return -1;
}

static bool unknown(const pn_reading *in, const pn_key *keys, int n, pn_str name, pn_loc loc)
{
  pn_str best = {"", 0};
  int least = 4;
  for (int k = 0; k < n; k++) {
    int d = pn_str_distance(name, pn_str_of(keys[k].name), least);
    if (d < least) {
      least = d;
      best = pn_str_of(keys[k].name);
    }
  }
  pn_error(in->diag, loc, "%s does not know '%.*s'%s", in->who, PN_FMT(name),
           pn_did_you_mean(in->arena, best));
  return false;
}

bool pn_keys_read(const pn_reading *in, const pn_key *keys, int n_keys, const pn_arg **rest,
                  int *n_rest)
{
  bool good = true;
  unsigned seen = 0;
  for (int k = 0; k < in->args->n; k++) {
    const pn_arg *arg = &in->args->at[k];
    int at = find(keys, n_keys, arg->key.n ? arg->key : arg->text, !arg->key.n);
    if (at >= 0 && (seen >> at & 1)) {
      pn_error(in->diag, arg->loc, "%s: '%s' is given twice", in->who, keys[at].name);
      good = false;
    } else if (at >= 0) {
      seen |= 1u << at;
      if (keys[at].kind == PN_KEY_FLAG)
        *(bool *)keys[at].to = true;
      else
        good &= read_value(in, &keys[at], arg);
    } else if (!arg->key.n && rest) {
      rest[(*n_rest)++] = arg;
    } else {
      good &= unknown(in, keys, n_keys, arg->key.n ? arg->key : arg->text, arg->loc);
    }
  }
  for (int k = 0; k < n_keys; k++)
    if (keys[k].required && !(seen >> k & 1))
      good = !pn_error(in->diag, in->args->loc, "%s: %s= is missing", in->who, keys[k].name);
  return good;
}
