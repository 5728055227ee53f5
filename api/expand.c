/* pinch_expand: a circuit as a flat netlist that any SPICE reads, one line per device: resistors,
 * capacitors, inductors and independent sources; memristors as resistors at their starting state. */
#include "api/api.h"
#include "parser/elab.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM = 256 };
static const double READ_VOLTS = 0.1;

typedef struct writer {
  pn_netlist *n;
  void (*text)(void *user, const char *text);
  void *user;
} writer;

/* "wl[3]" is wl_3: brackets mean other things elsewhere. */
static void plain(char *name)
{
  char *to = name;
  for (const char *p = name; *p; p++)
    if (*p != ']')
      *to++ = *p == '[' ? '_' : *p;
  *to = '\0';
}

static void node_name(const writer *w, int id, char *out)
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

static void put_wave(const writer *w, const pn_wave *v, char *end, size_t room)
{
  static const struct {
    pn_wave_kind kind;
    const char *name;
    int n;
  } kinds[] = {{PN_WAVE_PULSE, "pulse", 7}, {PN_WAVE_SIN, "sin", 5}, {PN_WAVE_EXP, "exp", 6}};
  (void)w;
  size_t n = (size_t)snprintf(end, room, " dc %.17g", pn_wave_dc(v));
  if (v->ac_mag != 0)
    n += (size_t)snprintf(end + n, room - n, " ac %.17g %.17g", v->ac_mag, v->ac_phase);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    if (v->kind != kinds[k].kind)
      continue;
    n += (size_t)snprintf(end + n, room - n, " %s(", kinds[k].name);
    for (int i = 0; i < kinds[k].n; i++)
      n += (size_t)snprintf(end + n, room - n, " %.17g", v->p[i]);
    snprintf(end + n, room - n, ")");
  }
}

/* The number of a one-port: ohm, farad or henry at the circuit's temperature; NAN: it has none. */
static double value_of(const writer *w, int device, const pn_device_class *cls, char *letter)
{
  pn_arena *a = &w->n->arena;
  double *p = PN_NEW_ARRAY(a, double, cls->n_params + cls->n_derived + 1);
  pn_circuit_device_params(w->n->circuit, device, p);
  *letter = cls->letter;
  if (cls->flags & PN_DEV_MEMRISTOR) {
    *letter = 'r';
    double x = cls->mem->n_states && cls->mem->states[0].p_init >= 0 ? p[cls->mem->states[0].p_init]
                                                                     : 0;
    return 1 / pn_cells_conductance(w->n->elab, cls, p, x, READ_VOLTS);
  }
  if (!(cls->flags & PN_DEV_LINEAR) || !strchr("rcl", cls->letter) || cls->n_derived < 1)
    return NAN;
  cls->derive(cls, p, w->n->options.temp);
  return cls->letter == 'r' ? 1 / p[cls->n_params] : p[cls->n_params];
}

static pn_status put_device(const writer *w, int device)
{
  pn_device_info d = pn_circuit_device_info(w->n->circuit, device);
  char name[ROOM], p[ROOM], n[ROOM], line[6 * ROOM], letter;
  pn_circuit_device_name(w->n->circuit, device, name, sizeof name);
  plain(name);
  const pn_wave *wave = pn_circuit_wave(w->n->circuit, device);
  double value = wave ? 0 : value_of(w, device, d.cls, &letter);
  if (wave)
    letter = d.cls->letter;
  if (isnan(value) || (wave && (wave->kind == PN_WAVE_PWL || d.cls->n_params)))
    return pn_error(&w->n->diag, d.loc, "'%s' (%s) has no flat form", name, d.cls->name);
  node_name(w, d.unknowns[0], p);
  node_name(w, d.unknowns[1], n);
  int used = snprintf(line, sizeof line, "%s%.*s %s %s",
                      name[0] == letter ? "" : (char[]){letter, 0}, ROOM, name, p, n);
  if (wave)
    put_wave(w, wave, line + used, sizeof line - (size_t)used - 2);
  else
    snprintf(line + used, sizeof line - (size_t)used - 2, " %.17g", value);
  w->text(w->user, line);
  w->text(w->user, "\n");
  return PN_OK;
}

/* Analyses whose words mean the same everywhere. */
static void put_jobs(const writer *w)
{
  for (size_t k = 0; k < w->n->jobs.n; k++) {
    const pn_job *j = &w->n->jobs.at[k];
    bool known = !strcmp(j->analysis->name, "op") || !strcmp(j->analysis->name, "tran") ||
                 !strcmp(j->analysis->name, "ac");
    if (!known)
      continue;
    w->text(w->user, ".");
    w->text(w->user, j->analysis->name);
    for (int i = 0; i < j->args->n; i++) {
      char word[ROOM];
      snprintf(word, sizeof word, " %.*s", PN_FMT(j->args->at[i].text));
      w->text(w->user, word);
    }
    w->text(w->user, "\n");
  }
}

static pn_status expand(const writer *w)
{
  w->text(w->user, w->n->title.p ? w->n->title.p : "");
  w->text(w->user, "\n* Written by pinch expand: one line per device, memristors at their starting "
                   "conductance.\n");
  for (int k = 0; k < pn_circuit_n_devices(w->n->circuit); k++) {
    pn_status st = put_device(w, k);
    if (st)
      return st;
  }
  put_jobs(w);
  w->text(w->user, ".end\n");
  return PN_OK;
}

int pinch_expand(pinch_circuit *c, void (*text)(void *user, const char *text), void *user)
{
  if (!c || !text)
    return PN_E_USAGE;
  writer w = {pn_api_netlist(c), text, user};
  jmp_buf env;
  pn_status st = (pn_status)setjmp(env);
  if (st == PN_OK) {
    w.n->arena.recover = &env;
    st = expand(&w);
  }
  w.n->arena.recover = NULL;
  return st;
}
