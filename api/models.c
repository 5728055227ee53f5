/* `pinch models`: the list of models, and everything the tables know of one. */
#include "api/api.h"
#include "api/describe.h"
#include "devices/compact.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static void list_memristors(const pn_writer *w)
{
  pn_write(w, "Memristors (.model NAME TYPE (...), instances N... p n NAME):\n\n");
  for (int k = 0; pn_memristors[k]; k++) {
    const pn_memristor *m = pn_memristors[k];
    pn_write(w, "  %-14s %s; %d state%s, %s\n", m->name, m->title, m->n_states,
             m->n_states == 1 ? "" : "s", m->is_volatile ? "volatile" : "non-volatile");
  }
  pn_write(w, "  %-14s your own: .model NAME memristor (state=x G={...} g={...})\n", "memristor");
}

static void list_compacts(const pn_writer *w)
{
  pn_write(w, "\nCompact models (.model NAME TYPE (...), instances N... nodes NAME):\n\n");
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_compact_of(pn_device_classes[k]))
      pn_write(w, "  %-14s %s\n", pn_device_classes[k]->name, pn_device_classes[k]->title);
}

static void list_classes(const pn_writer *w)
{
  pn_write(w, "\nOther devices:\n\n");
  for (int k = 0; pn_device_classes[k]; k++) {
    const pn_device_class *c = pn_device_classes[k];
    if (!pn_compact_of(c))
      pn_write(w, "  %-14s %c  %s\n", c->name, c->letter ? toupper(c->letter) : '-', c->title);
  }
  pn_write(w, "\n`pinch models NAME` shows parameters, equations and sources.\n");
}

typedef struct columns {
  int name, unit, value, range;
} columns;

static void widen(int *width, const char *text)
{
  int n = (int)strlen(text);
  *width = n > *width ? n : *width;
}

static columns measure(const pn_param *t, int n)
{
  columns c = {4, 4, 7, 5}; /* the headings */
  char text[PN_SHORT];
  for (int k = 0; k < n; k++) {
    widen(&c.name, t[k].name);
    widen(&c.unit, pn_describe_unit(&t[k]));
    pn_describe_default(&t[k], text);
    widen(&c.value, text);
    pn_describe_range(&t[k], text);
    widen(&c.range, text);
  }
  return c;
}

static void put_parameter(const pn_writer *w, const pn_param *t, int k, const columns *c)
{
  char value[PN_SHORT], range[PN_SHORT], where[2 * PN_SHORT] = "";
  pn_describe_default(&t[k], value);
  pn_describe_range(&t[k], range);
  int source = pn_source_number(t, k);
  if (source && t[k].grade)
    snprintf(where, sizeof where, "  [%d, %.32s]", source, t[k].grade);
  else if (source)
    snprintf(where, sizeof where, "  [%d]", source);
  pn_write(w, "  %-*s  %-*s  %-*s  %-*s  %s%s%s%s%s\n", c->name, t[k].name, c->unit,
           pn_describe_unit(&t[k]), c->value, value, c->range, range, t[k].doc ? t[k].doc : "",
           t[k].alias ? " Also called " : "", t[k].alias ? t[k].alias : "", t[k].alias ? "." : "",
           where);
}

static void put_parameters(const pn_writer *w, const pn_param *t, int n)
{
  if (n == 0)
    return;
  columns c = measure(t, n);
  pn_write(w, "\nParameters:\n\n  %-*s  %-*s  %-*s  %-*s  %s\n", c.name, "name", c.unit, "unit",
           c.value, "default", c.range, "range", "description  [source, grade]");
  for (int k = 0; k < n; k++)
    put_parameter(w, t, k, &c);
  int seen = 0;
  for (int k = 0; k < n; k++)
    if (pn_source_number(t, k) > seen) {
      pn_write(w, seen ? "" : "\nSources:\n");
      seen = pn_source_number(t, k);
      pn_write(w, "  [%d] %s\n", seen, t[k].source);
    }
}

/* A text of several lines, each indented by two blanks. */
static void put_indented(const pn_writer *w, const char *text)
{
  while (*text) {
    size_t n = strcspn(text, "\n");
    pn_write(w, n ? "  %.*s\n" : "%.*s\n", (int)n, text);
    text += n + (text[n] == '\n');
  }
}

static void put_sets(const pn_writer *w, const pn_memristor *m)
{
  if (m->n_sets)
    pn_write(w, "\nNamed sets (.model NAME %s set=...):\n", m->name);
  for (int k = 0; k < m->n_sets; k++) {
    const pn_mem_set *s = &m->sets[k];
    pn_write(w, "  %s: %s  [%s, %s]\n   ", s->name, s->doc, s->source, s->grade);
    for (int j = 0; j < s->n_values; j++)
      pn_write(w, " %s=%.12g", m->params[s->values[j].param].name, s->values[j].value);
    pn_write(w, "\n");
  }
}

static void put_memristor(const pn_writer *w, const pn_memristor *m)
{
  pn_write(w, "%s: %s\n\nEquations:\n", m->name, m->title);
  put_indented(w, m->equations);
  pn_write(w, "\nStates (%s: the operating point %s):\n",
           m->is_volatile ? "volatile" : "non-volatile",
           m->is_volatile ? "solves dx/dt = 0" : "holds them at their initial values");
  for (int k = 0; k < m->n_states; k++)
    pn_write(w, "  %s (%s): %s; starts at %s\n", m->states[k].name, m->states[k].unit,
             m->states[k].doc, m->params[m->states[k].p_init].name);
  put_parameters(w, m->params, m->n_params);
  put_sets(w, m);
  if (m->citation)
    pn_write(w, "\nCitation:\n  %s\n", m->citation);
  if (m->notes) {
    pn_write(w, "\nNotes:\n");
    put_indented(w, m->notes);
  }
}

static void put_class(const pn_writer *w, const pn_device_class *c)
{
  pn_write(w, "%s: %s\n", c->name, c->title);
  if (c->letter)
    pn_write(w, "\nInstances start with the letter %c.\n", toupper(c->letter));
  if (c->model_type)
    pn_write(w, "Model cards: .model NAME %s (...)\n", c->model_type);
  const pn_compact *m = pn_compact_of(c);
  if (m) {
    pn_write(w, "Nodes:");
    for (int k = 0; k < c->n_locals && c->locals[k].kind == PN_L_TERM; k++)
      pn_write(w, " %s", c->locals[k].name);
    pn_write(w, "%s\n\nEquations:\n", c->n_optional ? " (the last may be left out)" : "");
    put_indented(w, m->equations);
  }
  put_parameters(w, c->params, c->n_params);
  if (m)
    pn_write(w, "\nCitation:\n  %s\n", m->citation);
  if (m && m->notes) {
    pn_write(w, "\nNotes:\n");
    put_indented(w, m->notes);
  }
}

int pinch_models(const char *name, void (*text)(void *user, const char *text), void *user)
{
  pn_writer w = {text, user};
  if (!text)
    return PN_E_USAGE;
  if (!name) {
    list_memristors(&w);
    list_compacts(&w);
    list_classes(&w);
    return PN_OK;
  }
  const pn_memristor *m = pn_memristor_find(pn_str_of(name));
  if (m) {
    put_memristor(&w, m);
    return PN_OK;
  }
  for (int k = 0; pn_device_classes[k]; k++)
    if (pn_str_is(pn_str_of(name), pn_device_classes[k]->name)) {
      put_class(&w, pn_device_classes[k]);
      return PN_OK;
    }
  return PN_E_USAGE;
}
