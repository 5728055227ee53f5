/* One table-driven reader for directives made of key=value words. */
#include "analysis/words.h"

#include <math.h>
#include <string.h>

enum { MOST_NUMBERS = 1000000 };

static const pn_word *word_of(const pn_word *words, int n, pn_str key)
{
  for (int k = 0; k < n; k++)
    if (pn_str_is(key, words[k].key))
      return &words[k];
  return NULL;
}

/* The place of a word among " one two three ", or -1. */
static int choice_of(const char *choices, pn_str text)
{
  int index = 0;
  for (const char *p = choices; *p == ' ' && p[1]; index++) {
    const char *end = strchr(p + 1, ' ');
    size_t n = end ? (size_t)(end - p - 1) : strlen(p + 1);
    char name[32];
    if (n < sizeof name) {
      memcpy(name, p + 1, n);
      name[n] = 0;
      if (pn_str_is(text, name))
        return index;
    }
    if (!end)
      break;
    p = end;
  }
  return -1;
}

static bool within(pn_diag *d, const pn_word *w, const pn_arg *a)
{
  if (!a->is_num)
    return pn_error(d, a->loc, "%s: a number should stand here", w->key), false;
  if (isnan(a->num) || !(a->num >= w->least && a->num <= w->most) || isinf(a->num))
    return pn_error(d, a->loc, "%s = %g must lie within %g and %g", w->key, a->num, w->least,
                    w->most),
           false;
  return true;
}

static bool read_device(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_arg *arg,
                        int *device)
{
  *device = pn_circuit_device(c, arg->text);
  if (*device < 0)
    pn_error(d, arg->loc, "there is no device '%.*s'%s", PN_FMT(arg->text),
             pn_did_you_mean(a, pn_circuit_nearest_device(c, arg->text)));
  return *device >= 0;
}

/* Numbers from args->at[k] on into l; returns how many words they were, or -1. */
static int read_list(pn_arena *a, pn_diag *d, const pn_word *w, const pn_args *args, int k,
                     pn_number_list *l)
{
  int n = 1;
  while (k + n < args->n && !args->at[k + n].key.n && args->at[k + n].is_num)
    n++;
  if (n > MOST_NUMBERS)
    return pn_error(d, args->at[k].loc, "%s: %d numbers are too many", w->key, n), -1;
  l->at = PN_NEW_ARRAY(a, double, n);
  l->n = n;
  for (int m = 0; m < n; m++) {
    if (!within(d, w, &args->at[k + m]))
      return -1;
    l->at[m] = args->at[k + m].num;
  }
  return n;
}

static bool within_and_whole(pn_diag *d, const pn_word *w, const pn_arg *a)
{
  if (!within(d, w, a))
    return false;
  if (a->num != floor(a->num))
    return pn_error(d, a->loc, "%s = %g must be a whole number", w->key, a->num), false;
  return true;
}

/* Words used by one argument, or -1 after an error. */
static int read_word(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_word *w,
                     const pn_args *args, int k, void *to)
{
  const pn_arg *arg = &args->at[k];
  switch (w->kind) {
  case PN_WORD_LIST:
    return read_list(a, d, w, args, k, to);
  case PN_WORD_NUMBER:
    *(double *)to = arg->num;
    return within(d, w, arg) ? 1 : -1;
  case PN_WORD_COUNT:
    if (!within_and_whole(d, w, arg))
      return -1;
    *(int *)to = (int)arg->num;
    return 1;
  case PN_WORD_DEVICE:
    return read_device(a, d, c, arg, to) ? 1 : -1;
  case PN_WORD_FLAG:
    *(bool *)to = true;
    return 1;
  case PN_WORD_CHOICE:
    break;
  }
  *(int *)to = choice_of(w->choices, arg->text);
  if (*(int *)to < 0)
    return pn_error(d, arg->loc, "%s is one of%.*s", w->key, (int)strlen(w->choices) - 1,
                    w->choices),
           -1;
  return 1;
}

bool pn_words_read(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_args *args,
                   const pn_word *words, int n_words, const char *usage, void *into)
{
  bool good = true;
  unsigned long long seen = 0; /* bit k: words[k] was given */
  for (int k = 0; k < args->n;) {
    const pn_arg *arg = &args->at[k];
    const pn_word *w = arg->key.n ? word_of(words, n_words, arg->key) : NULL;
    if (!arg->key.n && !(w = word_of(words, n_words, arg->text)))
      w = words[0].kind == PN_WORD_DEVICE ? &words[0] : NULL;
    if (w && (w->kind == PN_WORD_FLAG) != (!arg->key.n && w != &words[0]))
      w = NULL;
    if (!w) {
      pn_str what = arg->key.n ? arg->key : arg->text;
      pn_error_hint(d, arg->loc, usage, "'%.*s' is not understood here", PN_FMT(what));
      return false;
    }
    if (seen >> (w - words) & 1)
      return pn_error(d, arg->loc, "'%s' is given twice", w->key), false;
    seen |= 1ULL << (w - words);
    int used = read_word(a, d, c, w, args, k, (char *)into + w->offset);
    good &= used > 0;
    k += used > 0 ? used : 1;
  }
  return good;
}
