/* Commands of words: echo, set, unset, strcmp, quit, and what has no effect here. */
#include "control/interp.h"

#include "expr/parse.h"

#include <ctype.h>
#include <string.h>

pn_status pn_cmd_echo(pn_control *c)
{
  pn_status st = pn_take_redirect(c);
  if (st)
    return st;
  bool bare = c->n_words && pn_str_is(c->words[0], "-n");
  for (int k = bare; k < c->n_words; k++)
    pn_put(c, "%s%.*s", k > bare ? " " : "", PN_FMT(c->words[k]));
  if (!bare)
    pn_put(c, "\n");
  return PN_OK;
}

/* curplot and the simulator's options are no mere variables. */
static pn_status take_effect(pn_control *c, pn_str name, const pn_str *words, int n, size_t at)
{
  bool known;
  if (pn_str_is(name, "curplot") && n == 1) {
    pn_cplot *p = pn_store_find_plot(&c->store, words[0]);
    if (pn_str_is(words[0], "new"))
      p = pn_store_new_plot(&c->store, "unknown", c->host->title, "Anonymous");
    if (!p)
      return pn_control_error(c, at, "there is no plot '%.*s'", PN_FMT(words[0]));
    c->store.current = p;
    return PN_OK;
  }
  if (pn_str_is(name, "rndseed") && n == 1) {
    double seed;
    if (!pn_number_parse(words[0].p, words[0].n, &seed) || !(seed >= 0 && seed < 4294967296.0))
      return pn_control_error(c, at, "rndseed needs a number from 0");
    c->n_random = (uint32_t)seed * 2654435761u;
    return PN_OK;
  }
  pn_loc loc = pn_control_loc(c);
  return c->host->option(c->host->user, name, n ? words[0] : PN_STR(""), loc, &known);
}

/* NAME, NAME = WORD, NAME = ( WORDS ): any number of them. */
pn_status pn_cmd_set(pn_control *c)
{
  PN_VEC(pn_str) w = {0};
  PN_VEC(size_t) places = {0};
  for (int k = 0; k < c->n_words; k++) { /* "a=b" becomes three words, "(a" two */
    pn_str s = c->words[k];
    for (size_t from = 0, j = 0; j <= s.n; j++) {
      bool split = j < s.n && (strchr("()", s.p[j]) || (s.p[j] == '=' && w.n && j < s.n));
      split |= j < s.n && s.p[j] == '=';
      if (!split && j < s.n)
        continue;
      if (j > from || (s.n == 0 && j == 0)) {
        *PN_PUSH(&c->scratch, &w) = (pn_str){pn_arena_strndup(&c->scratch, s.p + from, j - from),
                                             j - from};
        *PN_PUSH(&c->scratch, &places) = c->word_at[k];
      }
      if (j < s.n) {
        *PN_PUSH(&c->scratch, &w) = (pn_str){s.p[j] == '=' ? "=" : s.p[j] == '(' ? "(" : ")", 1};
        *PN_PUSH(&c->scratch, &places) = c->word_at[k];
      }
      from = j + 1;
    }
  }
  for (size_t k = 0; k < w.n;) {
    pn_str name = w.at[k];
    size_t at = places.at[k], first = k, n = 0;
    if (++k < w.n && pn_str_is(w.at[k], "=")) {
      first = ++k;
      if (k < w.n && pn_str_is(w.at[k], "(")) {
        for (first = ++k; k < w.n && !pn_str_is(w.at[k], ")"); k++)
          n++;
        k++;
      } else if (k < w.n) {
        n = 1;
        k++;
      } else {
        return pn_control_error(c, at, "a value is missing behind '='");
      }
    }
    pn_status st = take_effect(c, name, w.at + first, (int)n, at);
    if (st == PN_OK)
      st = n ? pn_setting_put(c, name, w.at + first, (int)n)
             : pn_setting_put(c, name, &(pn_str){"", 0}, 1);
    if (st)
      return st;
  }
  return PN_OK;
}

pn_status pn_cmd_unset(pn_control *c)
{
  for (int k = 0; k < c->n_words; k++)
    pn_setting_drop(c, c->words[k]);
  return PN_OK;
}

/* strcmp NAME A B: NAME becomes less than 0, 0 or greater. */
pn_status pn_cmd_strcmp(pn_control *c)
{
  char number[16];
  if (c->n_words != 3)
    return pn_control_error(c, 0, "expected the name of a variable and two words");
  int order = strcmp(c->words[1].p, c->words[2].p);
  snprintf(number, sizeof number, "%d", (order > 0) - (order < 0));
  return pn_setting_put(c, c->words[0], &(pn_str){number, strlen(number)}, 1);
}

pn_status pn_cmd_quit(pn_control *c)
{
  double code = 0;
  pn_status st = c->n_words ? pn_term_number(c, c->line, 0, &code) : PN_OK;
  c->quit = st == PN_OK;
  return st ? st : code != 0 ? PN_E_QUIT : PN_OK;
}

pn_status pn_cmd_nothing(pn_control *c)
{
  pn_note(c->diag, pn_control_loc(c), "'%.*s' has no effect in pinch", PN_FMT(c->step->word));
  return PN_OK;
}

pn_status pn_cmd_version(pn_control *c)
{
  pn_put(c, "pinch\n");
  return PN_OK;
}
