/* Sources and what is controlled: independent, linear controlled and behavioural sources, switches, and limiters of
 * currents. */
#include "api/expand.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = PN_EXPAND_ROOM };

/* ---- independent sources ---- */

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

/* Up to the limit a drop of 1 uV, then constant current: what is in series takes the voltage that is left over. */
void pn_expand_limiter(const pn_expand *w, const char *name, const char *from, const char *to,
                       double ampere, double beyond)
{
  pn_expand_put(w, "b%s.lim %s %s i=min(max(v(%s,%s)*%.17g,-%.17g),%.17g)", name, from, to, from,
                to, ampere * 1e6, ampere, ampere);
  if (beyond > 0)
    pn_expand_put(w, "+v(%s,%s)*%.17g", from, to, beyond);
  pn_expand_put(w, "\n");
}

/* A limit of the current and a resistance in series stand behind inner nodes. */
const char *pn_expand_source(const pn_expand *w, const pn_expand_device *d)
{
  const double beyond = 1e-8; /* S, as in devices/sources.c */
  const pn_wave *wave = pn_circuit_wave(w->n->circuit, d->id);
  char a[ROOM + 8], b[ROOM], next[ROOM + 8];
  if (wave->kind == PN_WAVE_AM)
    return "ngspice reads the numbers of AM in another order";
  pn_expand_node(w, d->info.unknowns[0], a);
  pn_expand_node(w, d->info.unknowns[1], b);
  if (d->info.cls->n_params > 1 && isfinite(d->p[1])) {
    snprintf(next, sizeof next, "%s.ilim", d->name);
    pn_expand_limiter(w, d->name, a, next, d->p[1], beyond);
    memcpy(a, next, sizeof a);
  }
  if (d->info.cls->n_params > 0 && d->p[0] > 0) {
    snprintf(next, sizeof next, "%s.rser", d->name);
    pn_expand_put(w, "r%s %s %s %.17g\n", next, a, next, d->p[0]);
    memcpy(a, next, sizeof a);
  }
  pn_expand_put(w, "%s %s %s", d->name, a, b);
  put_wave(w, wave);
  pn_expand_put(w, "\n");
  return NULL;
}

/* ---- controlled by a current ---- */

/* The V source whose current an unknown is, under its flat name; false: another device's. */
static bool controlling_source(const pn_expand *w, int unknown, char *name)
{
  int device = pn_circuit_unknown(w->n->circuit, unknown).device;
  if (device < 0 || pn_circuit_device_info(w->n->circuit, device).cls->letter != 'v')
    return false;
  pn_expand_name(w, device, 'v', name);
  return true;
}

static const char *const other_current =
    "the current that it depends on is no V source's: put one of 0 V in series";

/* E, F, G, H: nodes, the source whose current controls it, the gain. */
const char *pn_expand_controlled(const pn_expand *w, const pn_expand_device *d)
{
  char nodes[PN_EXPAND_TERMINALS * ROOM], control[ROOM] = "";
  bool by_voltage = strchr("eg", d->info.cls->letter) != NULL;
  pn_expand_nodes(w, &d->info, 0, by_voltage ? 4 : 2, nodes, sizeof nodes);
  if (!by_voltage && !controlling_source(w, d->info.unknowns[2], control))
    return other_current;
  pn_expand_put(w, "%s %s %s %.17g\n", d->name, nodes, control,
                d->p[0] * (d->info.cls->n_params > 1 ? d->p[1] : 1));
  return NULL;
}

/* ---- switches ---- */

/* A smooth switch is a source: the logarithm of its conductance runs along a cubic (devices/switches.c). */
static void put_smooth_switch(const pn_expand *w, const pn_expand_device *d, const char *a,
                              const char *b, const char *control)
{
  const pn_device_class *cls = d->info.cls;
  cls->derive(cls, d->p, w->n->options.temp);
  const double *more = d->p + cls->n_params; /* as the derived ones stand there */
  double on = more[0], off = more[1], start = more[3], span = more[4];
  pn_expand_put(w, "b%s.arg %s.arg 0 v=min(max(2*(%s-(%.17g))/(%.17g)-1,-1),1)\n", d->name, d->name,
                control, start, span);
  pn_expand_put(
      w,
      "b%s %s %s i=v(%s,%s)*%.17g*exp((%.17g)*(0.75*v(%s.arg)-0.25*v(%s.arg)*v(%s.arg)*v(%s.arg)))"
      "\n",
      d->name, a, b, a, b, sqrt(on * off), log(on / off), d->name, d->name, d->name, d->name);
}

const char *pn_expand_switch(pn_expand *w, const pn_expand_device *d)
{
  const pn_device_class *cls = d->info.cls;
  bool by_voltage = cls->letter == 's';
  char a[ROOM], b[ROOM], source[ROOM], control[2 * ROOM + 8], plus[ROOM], minus[ROOM];
  pn_expand_node(w, d->info.unknowns[0], a);
  pn_expand_node(w, d->info.unknowns[1], b);
  if (!by_voltage && !controlling_source(w, d->info.unknowns[2], source))
    return other_current;
  if (by_voltage) {
    pn_expand_node(w, d->info.unknowns[2], plus);
    pn_expand_node(w, d->info.unknowns[3], minus);
    snprintf(control, sizeof control, "(v(%s)-v(%s))", plus, minus);
  } else {
    snprintf(control, sizeof control, "i(%s)", source);
  }
  enum { FULL_ON = 2, FULL_OFF, ON = 6 }; /* places in both tables of devices/switches.c */
  if (!isnan(d->p[FULL_ON]) || !isnan(d->p[FULL_OFF])) {
    put_smooth_switch(w, d, a, b, control);
    return NULL;
  }
  size_t card = pn_expand_card_of(w, cls, d->p);
  pn_expand_put(w, "%s %s %s ", d->name, a, b);
  if (by_voltage)
    pn_expand_put(w, "%s %s", plus, minus);
  else
    pn_expand_put(w, "%s", source);
  pn_expand_put(w, " pinch_%zu%s\n", card, d->p[ON] != 0 ? " on" : "");
  return NULL;
}

/* ---- behavioural sources ---- */

typedef struct behaviour {
  const pn_expand_device *d;
  const pn_equation *of;
} behaviour;

/* The integral sdt() as a voltage: its capacitor makes 1 V of 1e-6. */
static const double INTEGRAL = 1e-6;

static bool put_dynamic(const pn_expand *w, pn_expand_names *names, int k)
{
  const behaviour *b = names->user;
  const pn_dynamic *dyn = &b->of->dynamics[k];
  if (!dyn->derivative) {
    pn_expand_put(w, "(v(%s.sdt%d)*%.17g)", b->d->name, k, INTEGRAL);
    return true;
  }
  pn_expand_put(w, "ddt(");
  bool good = pn_expand_text(w, dyn->arg, names);
  pn_expand_put(w, ")");
  return good;
}

/* Locals of the device, then the time, then the temperature. */
static bool source_input(const pn_expand *w, pn_expand_names *names, int index)
{
  const behaviour *b = names->user;
  char name[ROOM];
  int first = b->of->n_locals - b->of->n_dynamics;
  if (index >= b->of->n_locals) {
    if (index == b->of->n_locals)
      pn_expand_put(w, "time");
    else
      pn_expand_put(w, "(%.17g)", w->n->options.temp - PN_KELVIN);
    return true;
  }
  if (index >= first)
    return put_dynamic(w, names, index - first);
  const pn_local *l = &b->of->locals[index];
  int id = b->d->info.unknowns[index];
  if (l->kind == PN_L_BRANCH) {
    pn_expand_put(w, "i(%s)", b->d->name);
  } else if (l->unit[0] == 'A') {
    if (!controlling_source(w, id, name))
      return false;
    pn_expand_put(w, "i(%s)", name);
  } else if (id < 0) {
    pn_expand_put(w, "0");
  } else {
    pn_expand_node(w, id, name);
    pn_expand_put(w, "v(%s)", name);
  }
  return true;
}

static bool source_param(const pn_expand *w, pn_expand_names *names, int index)
{
  pn_expand_put(w, "(%.17g)", ((const behaviour *)names->user)->d->p[index]);
  return true;
}

/* sdt() number k: its argument flows onto a capacitor, which operating points hold at its start. */
static bool put_integral(const pn_expand *w, pn_expand_names *names, int k)
{
  const behaviour *b = names->user;
  const pn_dynamic *dyn = &b->of->dynamics[k];
  const char *name = b->d->name;
  pn_expand_put(w, "b%s.sdt%d 0 %s.sdt%d i=(time>0 ? 1 : 0)*", name, k, name, k);
  bool good = pn_expand_text(w, dyn->arg, names);
  pn_expand_put(w, "\nc%s.sdt%d %s.sdt%d 0 %.17g\nr%s.sdt%d %s.sdt%d %s.from%d 1e15\n", name, k,
                name, k, INTEGRAL, name, k, name, k, name, k);
  pn_expand_put(w, "b%s.from%d %s.from%d 0 v=", name, k, name, k);
  if (dyn->start < 0)
    pn_expand_put(w, "0");
  else
    good = good && pn_expand_text(w, dyn->start, names);
  pn_expand_put(w, dyn->start < 0 ? "\n" : "/%.17g\n", INTEGRAL);
  return good;
}

const char *pn_expand_behaviour(const pn_expand *w, const pn_expand_device *d)
{
  const behaviour b = {d, pn_equation_of(d->info.cls)};
  pn_expand_names names = {.graph = b.of->graph,
                           .user = &b,
                           .left = PN_EXPAND_LONGEST,
                           .input = source_input,
                           .param = source_param};
  bool good = true;
  for (int k = 0; good && k < b.of->n_dynamics; k++)
    if (!b.of->dynamics[k].derivative)
      good = put_integral(w, &names, k);
  pn_expand_put(w, "%s %s %s=", d->name, d->nodes, b.of->is_voltage ? "v" : "i");
  good = good && pn_expand_text(w, b.of->value, &names);
  pn_expand_put(w, "\n");
  if (good)
    return NULL;
  return names.left <= 0 ? "its expression is too long to be written out"
                         : "ngspice cannot write its expression, or knows a current in it of V "
                           "sources only";
}
