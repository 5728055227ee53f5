/* pinch_expand: a circuit as a flat netlist that ngspice runs, one line per device: linear devices,
 * independent sources, diodes and transistors as they are, memristors as instances of subcircuits. */
#include "api/expand.h"
#include "devices/semiconductors/physics.h"
#include "parser/elab.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = PN_EXPAND_ROOM, MOST_TERMINALS = 8 };

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

static void node_name(const pn_expand *w, int id, char *out)
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
static void device_name(const pn_expand *w, int device, char letter, char *out)
{
  char name[ROOM - 1];
  pn_circuit_device_name(w->n->circuit, device, name, sizeof name);
  plain(name);
  snprintf(out, ROOM, "%s%s", name[0] == letter ? "" : (char[]){letter, 0}, name);
}

/* "a b c": the first n terminals and references to nodes. */
static void node_list(const pn_expand *w, const pn_device_info *d, int n, char *out, size_t room)
{
  size_t used = 0;
  out[0] = '\0';
  for (int k = 0; k < n && used < room; k++) {
    char name[ROOM];
    node_name(w, d->unknowns[k], name);
    used += (size_t)snprintf(out + used, room - used, "%s%s", k ? " " : "", name);
  }
}

/* ---- sources ---- */

static void put_wave(const pn_expand *w, const pn_wave *v)
{
  static const struct {
    pn_wave_kind kind;
    const char *name;
    int n;
  } kinds[] = {{PN_WAVE_PULSE, "pulse", 7},
               {PN_WAVE_SIN, "sin", 5},
               {PN_WAVE_EXP, "exp", 6},
               {PN_WAVE_SFFM, "sffm", 5}};
  pn_expand_put(w, " dc %.17g", pn_wave_dc(v));
  if (v->ac_mag != 0)
    pn_expand_put(w, " ac %.17g %.17g", v->ac_mag, v->ac_phase);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    if (v->kind != kinds[k].kind)
      continue;
    pn_expand_put(w, " %s(", kinds[k].name);
    for (int i = 0; i < kinds[k].n; i++)
      pn_expand_put(w, " %.17g", v->p[i]);
    pn_expand_put(w, ")");
  }
  if (v->kind == PN_WAVE_PWL) {
    pn_expand_put(w, " pwl(");
    for (int i = 0; i < v->n_points; i++)
      pn_expand_put(w, "%s %.17g %.17g", i % 4 == 3 ? "\n+" : "", v->time[i], v->value[i]);
    pn_expand_put(w, ")");
    if (v->repeat >= 0)
      pn_expand_put(w, " r=%.17g", v->repeat);
    if (v->delay != 0)
      pn_expand_put(w, " td=%.17g", v->delay);
  }
}

/* A resistance in series stands behind an inner node; NULL, or why there is no flat form. */
static const char *put_source(const pn_expand *w, const pn_device_info *d, int device,
                              const char *name, const double *p)
{
  const pn_wave *wave = pn_circuit_wave(w->n->circuit, device);
  char a[ROOM], b[ROOM];
  if (wave->kind == PN_WAVE_AM)
    return "ngspice reads the numbers of AM in another order";
  if (d->cls->n_params > 1 && isfinite(p[1]))
    return "a source that limits its current";
  node_name(w, d->unknowns[0], a);
  node_name(w, d->unknowns[1], b);
  bool series = d->cls->n_params > 0 && p[0] > 0;
  if (series)
    pn_expand_put(w, "r%s.rser %s %s.rser %.17g\n", name, a, name, p[0]);
  pn_expand_put(w, "%s %s%s %s", name, series ? name : a, series ? ".rser" : "", b);
  put_wave(w, wave);
  pn_expand_put(w, "\n");
  return NULL;
}

/* ---- linear devices ---- */

/* The number of a one-port at the circuit's temperature: ohm, farad or henry. */
static double value_of(const pn_expand *w, const pn_device_class *cls, double *p)
{
  cls->derive(cls, p, w->n->options.temp);
  return cls->letter == 'r' ? 1 / p[cls->n_params] : p[cls->n_params];
}

/* A controlled source: its nodes, the source whose current controls it, the gain. */
static void put_controlled(const pn_expand *w, const pn_device_info *d, const char *name,
                           const double *p)
{
  char nodes[MOST_TERMINALS * ROOM], control[ROOM] = "";
  bool by_voltage = strchr("eg", d->cls->letter) != NULL;
  node_list(w, d, by_voltage ? 4 : 2, nodes, sizeof nodes);
  if (!by_voltage)
    device_name(w, pn_circuit_unknown(w->n->circuit, d->unknowns[2])->device, 'v', control);
  pn_expand_put(w, "%s %s %s %.17g\n", name, nodes, control,
                p[0] * (d->cls->n_params > 1 ? p[1] : 1));
}

/* ---- devices ---- */

static int n_terminals(const pn_device_class *cls)
{
  int n = 0;
  while (n < cls->n_locals && n < MOST_TERMINALS && cls->locals[n].kind == PN_L_TERM)
    n++;
  return n;
}

/* One device; NULL, or why it has no flat form. */
static const char *put_device(pn_expand *w, const pn_device_info *d, int device)
{
  const pn_device_class *cls = d->cls;
  char name[ROOM], nodes[MOST_TERMINALS * ROOM];
  double *p = PN_NEW_ARRAY(&w->n->arena, double, cls->n_params + cls->n_derived + 1);
  pn_circuit_device_params(w->n->circuit, device, p);
  device_name(w, device, cls->letter, name);
  node_list(w, d, n_terminals(cls), nodes, sizeof nodes);
  if (pn_circuit_wave(w->n->circuit, device))
    return put_source(w, d, device, name, p);
  if (cls->flags & PN_DEV_MEMRISTOR) {
    if (d->icc > 0)
      return "a memristor with a compliance";
    device_name(w, device, '\0', name);
    return pn_expand_memristor(w, cls, p, d->hold == PN_STUCK, name, nodes)
               ? NULL
               : "a model whose equations have no closed form here";
  }
  if (cls->model_type && strchr("dmqjz", cls->letter)) {
    pn_expand_semiconductor(w, cls, p, name, nodes);
    return NULL;
  }
  if (!(cls->flags & PN_DEV_LINEAR) || !cls->letter || !strchr("rclefgh", cls->letter))
    return "no such device elsewhere";
  if (strchr("efgh", cls->letter))
    put_controlled(w, d, name, p);
  else
    pn_expand_put(w, "%s %s %.17g\n", name, nodes, value_of(w, cls, p));
  return NULL;
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

static pn_status expand(pn_expand *w)
{
  const pn_circuit *c = w->n->circuit;
  pn_expand_put(w, "%s\n* Written by pinch expand: one line per device.\n",
                w->n->title.p ? w->n->title.p : "");
  pn_expand_put(w, ".options temp=%.10g reltol=%.10g\n", w->n->options.temp - PN_KELVIN,
                w->n->options.reltol);
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    pn_device_info d = pn_circuit_device_info(c, k);
    const char *why = put_device(w, &d, k);
    char name[ROOM];
    if (why)
      return pn_error(&w->n->diag, d.loc, "'%s' (%s) has no flat form: %s",
                      pn_circuit_device_name(c, k, name, sizeof name), d.cls->name, why);
  }
  put_jobs(w);
  pn_expand_put(w, ".end\n");
  return PN_OK;
}

int pinch_expand(pinch_circuit *c, void (*text)(void *user, const char *text), void *user)
{
  if (!c || !text)
    return PN_E_USAGE;
  pn_expand w = {.n = pn_api_netlist(c), .text = text, .user = user};
  jmp_buf env;
  pn_status st = (pn_status)setjmp(env);
  if (st == PN_OK) {
    w.n->arena.recover = &env;
    st = expand(&w);
  }
  w.n->arena.recover = NULL;
  return st;
}
