/* Reading a crossbar study's options: one place for their ranges' checks and for their errors. */
#include "analysis/study_args.h"

#include <math.h>

static bool is_repeated(const pn_study_reader *r, const pn_args *args, int k)
{
  const pn_arg *arg = &args->at[k];
  pn_str word = arg->key.n ? arg->key : arg->text;
  for (int j = 1; j < k; j++) {
    const pn_arg *other = &args->at[j];
    if (!arg->key.n == !other->key.n && pn_str_ieq(word, other->key.n ? other->key : other->text)) {
      pn_error(r->diag, arg->loc, "%s: '%.*s' is given twice", r->who, PN_FMT(word));
      return true;
    }
  }
  return false;
}

bool pn_study_each(const pn_study_reader *r, const pn_args *args, pn_study_read *read, void *user)
{
  for (int pass = 0; pass < 2; pass++)
    for (int k = 1; k < args->n; k++) {
      const pn_arg *arg = &args->at[k];
      bool scheme = pn_str_is(arg->key, "scheme") || pn_str_is(arg->key, "readscheme");
      if (scheme == (pass == 0) && (is_repeated(r, args, k) || !read(user, arg)))
        return false;
    }
  return true;
}

bool pn_study_bad(const pn_study_reader *r, const pn_arg *arg, const char *expected)
{
  pn_error(r->diag, arg->loc, "%s: %.*s=%.*s: expected %s", r->who, PN_FMT(arg->key),
           PN_FMT(arg->text), expected);
  return false;
}

bool pn_study_flag(const pn_study_reader *r, const pn_arg *arg, const char *word, bool *on)
{
  if (pn_str_is(arg->text, word))
    return *on = true;
  pn_error(r->diag, arg->loc, "%s: '%.*s': expected NAME=VALUE or the word %s", r->who,
           PN_FMT(arg->text), word);
  return false;
}

int pn_study_choice(const pn_study_reader *r, const pn_arg *arg, const char *const *words, int n,
                    const char *expected)
{
  for (int k = 0; k < n; k++)
    if (pn_str_is(arg->text, words[k]))
      return k;
  pn_study_bad(r, arg, expected);
  return -1;
}

bool pn_study_scheme(const pn_study_reader *r, const pn_arg *arg, pn_scheme *s)
{
  return pn_scheme_find(arg->text, s) || pn_study_bad(r, arg, "v/2, v/3, float, ground or custom");
}

bool pn_study_matrix(const pn_study_reader *r, const pn_arg *arg, pn_matrix *m)
{
  bool called = arg->list && arg->list->n == 1 && pn_str_is(arg->text, "file"); /* file("g.csv") */
  pn_str name = called ? arg->list->at[0].text : arg->text;
  return pn_matrix_read(r->arena, r->diag, r->options->folder, r->options->untrusted, name,
                        arg->loc, m) == PN_OK;
}

static bool read_number(const pn_study_reader *r, const pn_arg *arg, const pn_study_range *to)
{
  if (!arg->is_num || !(arg->num >= to->min && arg->num <= to->max) ||
      (to->whole && arg->num != floor(arg->num)))
    return pn_study_bad(r, arg, to->expected);
  if (to->whole)
    *to->whole = (int)arg->num;
  else
    *to->real = arg->num;
  return true;
}

bool pn_study_option(const pn_study_reader *r, const pn_arg *arg, pn_str *name, pn_scheme *s,
                     const pn_study_range *numbers, size_t n)
{
  const char *why;
  if (pn_str_is(arg->key, "name"))
    return (*name = pn_str_lower(r->arena, arg->text)).n > 0;
  if (s && pn_scheme_option(s, arg, &why))
    return !why || pn_study_bad(r, arg, why);
  for (size_t k = 0; k < n; k++)
    if (pn_str_is(arg->key, numbers[k].name))
      return read_number(r, arg, &numbers[k]);
  pn_error(r->diag, arg->loc, "%s has no option '%.*s'", r->who, PN_FMT(arg->key));
  return false;
}
