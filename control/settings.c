/* Variables of `set`: lists of words. */
#include "control/interp.h"

#include "expr/parse.h"

#include <stdlib.h>
#include <string.h>

const pn_setting *pn_setting_find(const pn_control *c, pn_str name)
{
  for (int k = 0; k < c->n_settings; k++)
    if (pn_str_is(name, c->settings[k].name))
      return &c->settings[k];
  return NULL;
}

static void clear(pn_setting *s)
{
  for (int k = 0; k < s->n; k++)
    free(s->words[k]);
  free(s->words);
  s->words = NULL;
  s->n = 0;
}

static pn_setting *add(pn_control *c, pn_str name)
{
  if (c->n_settings == c->settings_room) {
    int room = c->settings_room ? 2 * c->settings_room : 16;
    pn_setting *more = realloc(c->settings, (size_t)room * sizeof *more);
    if (!more)
      return NULL;
    c->settings = more;
    c->settings_room = room;
  }
  char *copy = strndup(name.p, name.n);
  if (!copy)
    return NULL;
  c->settings[c->n_settings] = (pn_setting){.name = copy};
  return &c->settings[c->n_settings++];
}

pn_status pn_setting_put(pn_control *c, pn_str name, const pn_str *words, int n)
{
  pn_setting *s = (pn_setting *)pn_setting_find(c, name);
  if (!s && !(s = add(c, name)))
    return PN_E_MEMORY;
  char **copies = calloc((size_t)n + 1, sizeof *copies);
  pn_setting made = {.words = copies};
  for (int k = 0; copies && k < n; k++, made.n++)
    if (!(copies[k] = strndup(words[k].p, words[k].n)))
      break;
  if (!copies || made.n < n) {
    clear(&made);
    return PN_E_MEMORY;
  }
  clear(s);
  s->words = copies;
  s->n = n;
  return PN_OK;
}

void pn_setting_drop(pn_control *c, pn_str name)
{
  pn_setting *s = (pn_setting *)pn_setting_find(c, name);
  if (!s)
    return;
  clear(s);
  free(s->name);
  *s = c->settings[--c->n_settings];
}

void pn_settings_free(pn_control *c)
{
  for (int k = 0; k < c->n_settings; k++) {
    clear(&c->settings[k]);
    free(c->settings[k].name);
  }
  free(c->settings);
}

double pn_setting_number(const pn_control *c, const char *name, double otherwise)
{
  const pn_setting *s = pn_setting_find(c, pn_str_of(name));
  double value;
  return s && s->n && pn_number_parse(s->words[0], strlen(s->words[0]), &value) ? value : otherwise;
}

bool pn_setting_is(const pn_control *c, const char *name, const char *word)
{
  const pn_setting *s = pn_setting_find(c, pn_str_of(name));
  return s && s->n && pn_str_is(pn_str_of(s->words[0]), word);
}
