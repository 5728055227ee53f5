/* pinch_expand: a circuit as a flat netlist that ngspice runs, one line per device. This file walks the circuit and
 * writes linear devices, options, initial conditions and analyses. */
#include "api/expand.h"
#include "devices/semiconductors/physics.h"
#include "parser/elab.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = PN_EXPAND_ROOM };

void pn_expand_put(const pn_expand *w, const char *fmt, ...)
{
  char text[16 * ROOM];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  w->text(w->user, text);
}

/* ---- names ---- */

/* "wl[3]" is wl_3: brackets mean other things elsewhere. */
static void plain(char *name)
{
  char *to = name;
  for (const char *p = name; *p; p++)
    if (*p != ']')
      *to++ = *p == '[' ? '_' : *p;
  *to = '\0';
}

void pn_expand_node(const pn_expand *w, int id, char *out)
{
  char label[ROOM];
  if (id < 0) {
    snprintf(out, ROOM, "0");
    return;
  }
  pn_circuit_label(w->n->circuit, id, label, sizeof label);
  size_t n = strlen(label);
  snprintf(out, ROOM, "%.*s", n > 3 ? (int)n - 3 : 0, label + 2); /* v(...) */
  plain(out);
}

/* The name with the letter that other simulators know the device by. */
void pn_expand_name(const pn_expand *w, int device, char letter, char *out)
{
  char name[ROOM - 1];
  pn_circuit_device_name(w->n->circuit, device, name, sizeof name);
  plain(name);
  snprintf(out, ROOM, "%s%s", name[0] == letter ? "" : (char[]){letter, 0}, name);
}

void pn_expand_nodes(const pn_expand *w, const pn_device_info *d, int first, int n, char *out,
                     size_t room)
{
  size_t used = 0;
  out[0] = '\0';
  for (int k = 0; k < n && used < room; k++) {
    char name[ROOM];
    pn_expand_node(w, d->unknowns[first + k], name);
    used += (size_t)snprintf(out + used, room - used, "%s%s", k ? " " : "", name);
  }
}

/* ---- linear devices ---- */

/* The number of a one-port at the circuit's temperature: ohm, farad or henry. */
static double value_of(const pn_expand *w, const pn_device_class *cls, double *p)
{
  cls->derive(cls, p, w->n->options.temp);
  return cls->letter == 'r' ? 1 / p[cls->n_params] : p[cls->n_params];
}

/* ---- devices ---- */

static int n_terminals(const pn_device_class *cls)
{
  int n = 0;
  while (n < cls->n_locals && n < PN_EXPAND_TERMINALS && cls->locals[n].kind == PN_L_TERM)
    n++;
  return n;
}

/* R, C, L, with the initial conditions of the latter. */
static void put_one_port(const pn_expand *w, const pn_expand_device *d)
{
  const pn_device_class *cls = d->info.cls;
  int ic = pn_param_find(cls->params, cls->n_params, PN_STR("ic"));
  double start = ic >= 0 ? d->p[ic] : NAN;
  pn_expand_put(w, "%s %s %.17g", d->name, d->nodes, value_of(w, cls, d->p));
  pn_expand_put(w, isnan(start) ? "\n" : " ic=%.17g\n", start);
}

/* K: the inductors are those whose currents it couples. */
static void put_coupling(const pn_expand *w, const pn_expand_device *d)
{
  char first[ROOM], second[ROOM];
  const pn_circuit *c = w->n->circuit;
  pn_expand_name(w, pn_circuit_unknown(c, d->info.unknowns[0]).device, 'l', first);
  pn_expand_name(w, pn_circuit_unknown(c, d->info.unknowns[1]).device, 'l', second);
  pn_expand_put(w, "%s %s %s %.17g\n", d->name, first, second, d->p[0]);
}

static const char *put_linear(const pn_expand *w, const pn_expand_device *d)
{
  char letter = d->info.cls->letter;
  if (!(d->info.cls->flags & PN_DEV_LINEAR) || !letter || !strchr("rclefghk", letter))
    return "ngspice has no such device";
  if (strchr("efgh", letter))
    return pn_expand_controlled(w, d);
  if (letter == 'k')
    put_coupling(w, d);
  else
    put_one_port(w, d);
  return NULL;
}

/* Names are written in room of a fixed size: cut short, two might become one. */
static bool has_long_name(const pn_expand *w, const pn_device_info *d, int id)
{
  enum { LONGEST = ROOM - 56 }; /* room for what is put around a name */
  char text[ROOM];
  if (strlen(pn_circuit_device_name(w->n->circuit, id, text, sizeof text)) > LONGEST)
    return true;
  for (int k = 0; k < d->cls->n_locals; k++)
    if (d->unknowns[k] >= 0 &&
        strlen(pn_circuit_label(w->n->circuit, d->unknowns[k], text, sizeof text)) > LONGEST)
      return true;
  return false;
}

/* One device; NULL, or why it has no flat form. */
static const char *put_device(pn_expand *w, int id)
{
  pn_expand_device d = {.info = pn_circuit_device_info(w->n->circuit, id), .id = id};
  const pn_device_class *cls = d.info.cls;
  if (has_long_name(w, &d.info, id))
    return "its name, or that of one of its nodes, is longer than 200 characters";
  d.p = PN_NEW_ARRAY(&w->n->arena, double, cls->n_params + cls->n_derived + 1);
  if (w->sim)
    for (int k = 0; k < cls->n_params; k++)
      d.p[k] = pn_sim_get_param(w->sim, id, k);
  else
    pn_circuit_device_params(w->n->circuit, id, d.p);
  pn_expand_name(w, id, cls->letter, d.name);
  pn_expand_nodes(w, &d.info, 0, n_terminals(cls), d.nodes, sizeof d.nodes);
  if (pn_circuit_wave(w->n->circuit, id))
    return pn_expand_source(w, &d);
  if (cls->flags & PN_DEV_MEMRISTOR) {
    pn_expand_name(w, id, '\0', d.name);
    return pn_expand_memristor(w, &d);
  }
  if (pn_equation_of(cls))
    return pn_expand_behaviour(w, &d);
  if (cls->model_type && strchr("sw", cls->letter))
    return pn_expand_switch(w, &d);
  if (cls->model_type && strchr("dmqjzo", cls->letter))
    return pn_expand_semiconductor(w, &d);
  if (cls->letter == 't') {
    pn_expand_put(w, "%s %s", d.name, d.nodes);
    pn_expand_own(w, &d);
    pn_expand_put(w, "\n");
    return NULL;
  }
  return put_linear(w, &d);
}

/* ---- the netlist ---- */

/* Analyses whose words mean the same everywhere. */
static void put_jobs(const pn_expand *w)
{
  static const char *const known[] = {"op", "tran", "ac", "dc"};
  for (size_t k = 0; k < w->n->jobs.n; k++) {
    const pn_job *j = &w->n->jobs.at[k];
    bool same = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      same |= !strcmp(j->analysis->name, known[i]);
    if (!same)
      continue;
    pn_expand_put(w, ".%s", j->analysis->name);
    for (int i = 0; i < j->args->n; i++)
      pn_expand_put(w, " %.*s", PN_FMT(j->args->at[i].text));
    pn_expand_put(w, "\n");
  }
}

/* .ic and .nodeset */
static void put_initials(const pn_expand *w, const char *word, const int *unknown,
                         const double *value, size_t n)
{
  for (size_t k = 0; k < n; k++) {
    char node[ROOM];
    pn_expand_node(w, unknown[k], node);
    pn_expand_put(w, "%s v(%s)=%.17g\n", word, node, value[k]);
  }
}

static void put_options(const pn_expand *w)
{
  const pn_options *o = &w->n->options;
  pn_options standard = pn_options_default();
  pn_expand_put(w, ".options temp=%.10g reltol=%.10g", o->temp - PN_KELVIN, o->reltol);
  const struct {
    const char *name;
    double value, usual;
  } others[] = {{"gmin", o->gmin, standard.gmin},
                {"rshunt", o->rshunt, standard.rshunt},
                {"tnom", o->tnom - PN_KELVIN, standard.tnom - PN_KELVIN},
                {"vntol", o->vntol, standard.vntol},
                {"abstol", o->abstol, standard.abstol}};
  for (size_t k = 0; k < sizeof others / sizeof *others; k++)
    if (others[k].value != others[k].usual)
      pn_expand_put(w, " %s=%.10g", others[k].name, others[k].value);
  pn_expand_put(w, "\n");
}

/* Where models vary from device to device, the parameters that the first run draws. */
static pn_status draw(pn_expand *w)
{
  const pn_options *o = &w->n->options;
  bool varied = false;
  for (int k = 0; k < pn_circuit_n_devices(w->n->circuit) && !varied; k++)
    varied = pn_circuit_device_info(w->n->circuit, k).variation != NULL;
  pn_sim_options so = {.temp = o->temp,
                       .gmin = o->gmin,
                       .op_memory = o->op_memory,
                       .linsol = o->linsol,
                       .reltol = o->reltol,
                       .vntol = o->vntol,
                       .abstol = o->abstol,
                       .seed = o->seed};
  return varied ? pn_sim_new(w->n->circuit, &so, &w->n->diag, &w->sim) : PN_OK;
}

static pn_status expand(pn_expand *w)
{
  const pn_circuit *c = w->n->circuit;
  pn_status st = draw(w);
  if (st)
    return st;
  pn_expand_put(w, "%s\n* Written by pinch expand: one line per device.\n",
                w->n->title.p ? w->n->title.p : "");
  put_options(w);
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    const char *why = put_device(w, k);
    char name[ROOM];
    pn_device_info d = pn_circuit_device_info(c, k);
    if (why)
      return pn_error(&w->n->diag, d.loc, "'%s' (%s) has no flat form: %s",
                      pn_circuit_device_name(c, k, name, sizeof name), d.cls->name, why);
  }
  put_initials(w, ".ic", w->n->ic_unknown.at, w->n->ic_value.at, w->n->ic_unknown.n);
  put_initials(w, ".nodeset", w->n->nodeset_unknown.at, w->n->nodeset_value.at,
               w->n->nodeset_unknown.n);
  put_jobs(w);
  pn_expand_put(w, ".end\n");
  return PN_OK;
}

static pn_status expand_safely(pn_expand *w)
{
  jmp_buf env;
  pn_status st = (pn_status)setjmp(env);
  if (st == PN_OK) {
    w->n->arena.recover = &env;
    st = expand(w);
  }
  w->n->arena.recover = NULL;
  return st;
}

int pinch_expand(pinch_circuit *c, void (*text)(void *user, const char *text), void *user)
{
  if (!c || !text)
    return PN_E_USAGE;
  pn_expand w = {.n = pn_api_netlist(c), .text = text, .user = user};
  pn_status st = expand_safely(&w);
  pn_sim_free(w.sim);
  return st;
}
