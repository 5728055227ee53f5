/* Loading: from a file or a text to a circuit, and the simple questions about it. */
#include "api/api.h"

#include <stdlib.h>
#include <string.h>

struct pinch_circuit {
  pn_netlist *netlist;
  pn_listener listener;
};

pinch_load_options pinch_load_options_default(void)
{
  return (pinch_load_options){.cookie = PN_COOKIE};
}

static void pass_on(void *user, pn_severity severity, const char *text)
{
  const pn_listener *l = user;
  if (l->message)
    l->message(l->user, (pinch_severity)severity, text);
}

static int load(const char *path, const char *text, size_t len, const pinch_load_options *o,
                pinch_circuit **out)
{
  pinch_load_options standard = pinch_load_options_default();
  if (!out)
    return PN_E_USAGE;
  *out = NULL;
  if (!o)
    o = &standard;
  if (o->cookie != PN_COOKIE || !path)
    return PN_E_USAGE;
  pinch_circuit *c = calloc(1, sizeof *c);
  pn_define *defines = calloc((size_t)o->n_defines + 1, sizeof *defines);
  pn_status st = c && defines ? PN_OK : PN_E_MEMORY;
  if (st == PN_OK) {
    c->listener = (pn_listener){o->message, o->user};
    for (int k = 0; k < o->n_defines; k++)
      defines[k] = (pn_define){o->defines[k].name, o->defines[k].value};
    pn_load_options lo = {.message = pass_on,
                          .user = &c->listener,
                          .defines = defines,
                          .n_defines = o->n_defines,
                          .untrusted = o->untrusted,
                          .max_memory = o->max_memory,
                          .max_elements = o->max_elements};
    st = pn_netlist_load(path, text, len, &lo, &c->netlist);
  }
  free(defines);
  if (st)
    free(c);
  else
    *out = c;
  return st;
}

int pinch_load_file(const char *path, const pinch_load_options *o, pinch_circuit **c)
{
  return load(path, NULL, 0, o, c);
}

int pinch_load_text(const char *text, size_t len, const char *name, const pinch_load_options *o,
                    pinch_circuit **c)
{
  if (!text) {
    if (c)
      *c = NULL;
    return PN_E_USAGE;
  }
  return load(name ? name : "netlist", text, len, o, c);
}

void pinch_circuit_free(pinch_circuit *c)
{
  if (!c)
    return;
  pn_netlist_free(c->netlist);
  free(c);
}

pn_netlist *pn_api_netlist(pinch_circuit *c)
{
  return c->netlist;
}

const char *pinch_title(const pinch_circuit *c)
{
  return c->netlist->title.p ? c->netlist->title.p : "";
}

int pinch_count_unknowns(const pinch_circuit *c)
{
  return pn_circuit_n(c->netlist->circuit);
}

int pinch_count_devices(const pinch_circuit *c)
{
  return pn_circuit_n_devices(c->netlist->circuit);
}

int pinch_count_analyses(const pinch_circuit *c)
{
  return (int)c->netlist->jobs.n;
}
