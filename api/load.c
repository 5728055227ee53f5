/* Loading: from a file or a text to a circuit, and the simple questions about it. */
#include "api/run.h"
#include "base/pool.h"

#include <stdlib.h>
#include <string.h>

/* What was loaded is kept, so that each run of a sweep can read it again. */
struct pinch_circuit {
  pn_netlist *netlist;
  pn_listener listener;
  char *path, *text; /* text: NULL when the file is read */
  size_t len;
  pn_load_options options; /* defines are owned, their names too */
  pn_define *defines;
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

static void free_source(pinch_circuit *c)
{
  for (int k = 0; c->defines && k < c->options.n_defines; k++)
    free((char *)c->defines[k].name);
  free(c->defines);
  free(c->path);
  free(c->text);
}

static bool keep_source(pinch_circuit *c, const char *path, const char *text, size_t len,
                        const pinch_load_options *o)
{
  c->listener = (pn_listener){o->message, o->user};
  c->path = strdup(path);
  c->defines = calloc((size_t)o->n_defines + 1, sizeof *c->defines);
  c->len = len;
  if (text && (c->text = malloc(len + 1)))
    memcpy(c->text, text, len);
  if (!c->path || !c->defines || (text && !c->text))
    return false;
  c->options = (pn_load_options){.message = pass_on,
                                 .user = &c->listener,
                                 .defines = c->defines,
                                 .untrusted = o->untrusted,
                                 .max_memory = o->max_memory,
                                 .max_elements = o->max_elements,
                                 .dialect = o->dialect,
                                 .threads = pn_pool_default()};
  for (int k = 0; k < o->n_defines; k++) {
    char *name = strdup(o->defines[k].name);
    if (!name)
      return false;
    c->defines[c->options.n_defines++] = (pn_define){name, o->defines[k].value};
  }
  return true;
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
  if (!c)
    return PN_E_MEMORY;
  pn_status st = keep_source(c, path, text, len, o)
                     ? pn_netlist_load(path, c->text, len, &c->options, &c->netlist)
                     : PN_E_MEMORY;
  if (st == PN_OK && (st = pn_check_commands(c->netlist)))
    pn_netlist_free(c->netlist);
  if (st) {
    free_source(c);
    free(c);
  } else {
    *out = c;
  }
  return st;
}

pn_status pn_api_reload(pinch_circuit *c, const pn_load_options *changes, pn_netlist **out)
{
  int n = c->options.n_defines;
  *out = NULL;
  pn_define *defines = calloc((size_t)(n + changes->n_defines) + 1, sizeof *defines);
  if (!defines)
    return PN_E_MEMORY;
  memcpy(defines, c->defines, (size_t)n * sizeof *defines);
  if (changes->n_defines)
    memcpy(defines + n, changes->defines, (size_t)changes->n_defines * sizeof *defines);
  pn_load_options lo = c->options;
  lo.message = changes->message;
  lo.user = changes->user;
  lo.defines = defines;
  lo.n_defines = n + changes->n_defines;
  lo.changes = changes->changes;
  lo.n_changes = changes->n_changes;
  lo.random = changes->random;
  lo.threads = 1; /* sweeps load in threads of their own */
  pn_status st = pn_netlist_load(c->path, c->text, c->len, &lo, out);
  free(defines);
  return st;
}

char *pn_api_stem(const pinch_circuit *c)
{
  const char *slash = strrchr(c->path, '/'), *from = slash ? slash + 1 : c->path;
  const char *dot = strrchr(from, '.');
  size_t n = dot && dot > from ? (size_t)(dot - from) : strlen(from);
  return strndup(from, n);
}

bool pn_api_untrusted(const pinch_circuit *c)
{
  return c->options.untrusted;
}

const pn_listener *pn_api_listener(const pinch_circuit *c)
{
  return &c->listener;
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
  free_source(c);
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
