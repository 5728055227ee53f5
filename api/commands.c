/* The host of control sections: what commands ask of circuits and analyses, done with the same runner as the
 * netlist's own directives. Changes live here, apart from the circuit, which stays constant. */
#include "api/run.h"
#include "control/control.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t MOST_BYTES = (size_t)4 << 30; /* of vectors, where the caller sets no limit */

typedef struct host_state {
  pinch_circuit *c;
  pn_netlist *first, *nl; /* as loaded; the present one, owned when it is another */
  const pinch_run_options *o;
  pn_sinks sinks;
  pn_alteration *altered; /* [n_altered] */
  int n_altered, altered_room;
  pn_define *defines; /* [n_defines] of alterparam, names owned */
  int n_defines, defines_room;
  char **saves; /* [n_saves] texts of `save`, for reset */
  int n_saves, saves_room;
  int counts[64]; /* results of each analysis so far */
  double tran_step;
  bool done; /* the netlist's own analyses were run */
} host_state;

/* Room for one more; false without memory. */
static bool reserve(void **at, int n, int *room, size_t size)
{
  if (n < *room)
    return true;
  int more = *room ? 2 * *room : 8;
  void *p = realloc(*at, (size_t)more * size);
  if (!p)
    return false;
  *at = p;
  *room = more;
  return true;
}

/* ---- program ---- */

/* Reads the program out of the netlist's lines; NULL after reporting. The arena has a recovery point. */
static pn_program *read_program(pn_netlist *nl)
{
  pn_control_line *lines = PN_NEW_ARRAY(&nl->arena, pn_control_line, nl->commands.n + 1);
  for (size_t k = 0; k < nl->commands.n; k++)
    lines[k] = (pn_control_line){nl->commands.at[k].text, nl->commands.at[k].loc};
  return pn_program_read(&nl->arena, &nl->diag, lines, nl->commands.n);
}

static pn_status read_guarded(pn_netlist *nl, pn_program **out)
{
  jmp_buf env;
  pn_status st = (pn_status)setjmp(env);
  if (!st) {
    nl->arena.recover = &env;
    *out = read_program(nl);
    st = *out ? PN_OK : PN_E_NETLIST;
  }
  nl->arena.recover = NULL;
  return st;
}

pn_status pn_check_commands(pn_netlist *nl)
{
  pn_program *p;
  return nl->commands.n ? read_guarded(nl, &p) : PN_OK;
}

/* ---- analyses ---- */

static int count_of(host_state *h, const pn_analysis *a)
{
  int k = 0;
  while (pn_analyses[k] != a && k < 63)
    k++;
  return ++h->counts[k];
}

static pn_status host_analysis(void *user, pn_str text, pn_loc loc, pn_sink *sink)
{
  host_state *h = user;
  pn_job job;
  pn_status st = pn_netlist_job(h->nl, text, loc, &job);
  if (st)
    return st;
  double start;
  if (job.analysis->grid && pn_str_is(PN_STR("tran"), job.analysis->name))
    job.analysis->grid(job.parsed, &start, &h->tran_step);
  pn_settings set = {.altered = h->altered,
                     .n_altered = h->n_altered,
                     .only = &job,
                     .only_index = count_of(h, job.analysis)};
  pn_sinks sinks = h->sinks;
  sinks.store = sink;
  pinch_run_options o = *h->o;
  o.tables = false; /* commands print what they are told to */
  return pn_run_netlist(h->nl, &o, &sinks, &set);
}

static pn_status host_run(void *user, pn_sink *sink)
{
  host_state *h = user;
  pn_settings set = {.altered = h->altered, .n_altered = h->n_altered};
  pn_sinks sinks = h->sinks;
  double start;
  sinks.store = sink;
  for (size_t k = 0; k < h->nl->jobs.n; k++) {
    const pn_job *job = &h->nl->jobs.at[k];
    if (job->analysis->grid && pn_str_is(PN_STR("tran"), job->analysis->name))
      job->analysis->grid(job->parsed, &start, &h->tran_step);
  }
  h->done = true;
  return pn_run_netlist(h->nl, h->o, &sinks, &set);
}

static double host_tran_step(void *user)
{
  return ((host_state *)user)->tran_step;
}

static pn_status host_save(void *user, pn_str text, pn_loc loc)
{
  host_state *h = user;
  size_t room = text.n + 8;
  char *line = malloc(room);
  if (!line || !reserve((void **)&h->saves, h->n_saves, &h->saves_room, sizeof *h->saves)) {
    free(line);
    return PN_E_MEMORY;
  }
  snprintf(line, room, "save %.*s", PN_FMT(text));
  h->saves[h->n_saves++] = line;
  return pn_netlist_save(h->nl, pn_str_of(line), loc);
}

/* ---- changes ---- */

static pn_status refuse(host_state *h, const pn_change *c, const char *what)
{
  return pn_error(&h->nl->diag, c->loc, "%.*s%s%.*s: %s", PN_FMT(c->name), c->param.n ? " " : "",
                  PN_FMT(c->param), what);
}

static pn_status keep(host_state *h, const pn_alteration *a)
{
  if (!reserve((void **)&h->altered, h->n_altered, &h->altered_room, sizeof *h->altered))
    return PN_E_MEMORY;
  for (int k = 0; k < h->n_altered; k++)
    if (h->altered[k].device == a->device && h->altered[k].index == a->index) {
      h->altered[k] = *a;
      return PN_OK;
    }
  h->altered[h->n_altered++] = *a;
  return PN_OK;
}

/* A parameter by its own name or by ngspice's. */
static int find_param(const pn_device_class *cls, pn_str name)
{
  static const struct {
    const char *theirs, *ours;
  } names[] = {{"resistance", "r"},
               {"capacitance", "c"},
               {"inductance", "l"},
               {"coefficient", "k"},
               {"gain", "gain"}};
  int index = pn_param_find(cls->params, cls->n_params, name);
  for (size_t k = 0; index < 0 && k < sizeof names / sizeof *names; k++)
    if (pn_str_is(name, names[k].theirs))
      index = pn_param_find(cls->params, cls->n_params, pn_str_of(names[k].ours));
  return index;
}

/* The waveform of a source in force: altered, or the netlist's. */
static pn_wave wave_of(const host_state *h, int device)
{
  for (int k = 0; k < h->n_altered; k++)
    if (h->altered[k].device == device && h->altered[k].index < 0)
      return h->altered[k].wave;
  return *pn_circuit_wave(h->nl->circuit, device);
}

static pn_status alter_wave(host_state *h, const pn_change *c, pn_alteration *a)
{
  static const struct {
    const char *name;
    pn_wave_kind kind;
  } kinds[] = {{"pulse", PN_WAVE_PULSE},
               {"sin", PN_WAVE_SIN},
               {"exp", PN_WAVE_EXP},
               {"sffm", PN_WAVE_SFFM},
               {"am", PN_WAVE_AM}};
  pn_wave *w = &a->wave;
  *w = wave_of(h, a->device);
  if (!c->param.n || pn_str_is(c->param, "dc")) {
    w->dc = c->value[0];
    w->dc_given = true;
    return PN_OK;
  }
  if (pn_str_is(c->param, "ac") || pn_str_is(c->param, "acmag")) {
    w->ac_mag = c->value[0];
    w->ac_phase = c->n > 1 ? c->value[1] : w->ac_phase;
    return PN_OK;
  }
  if (pn_str_is(c->param, "acphase")) {
    w->ac_phase = c->value[0];
    return PN_OK;
  }
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    if (pn_str_is(c->param, kinds[k].name)) {
      w->kind = kinds[k].kind;
      double stop = 0;
      pn_wave_defaults(w, c->value, (int)(c->n < 8 ? c->n : 8), h->tran_step, stop);
      const char *why = pn_wave_check(&h->nl->arena, w);
      return why ? refuse(h, c, why) : PN_OK;
    }
  return refuse(h, c, "a source has dc, acmag, acphase, pulse, sin, exp, sffm and am to alter");
}

static pn_status host_alter(void *user, const pn_change *c)
{
  host_state *h = user;
  const pn_circuit *circuit = h->nl->circuit;
  pn_alteration a = {.device = pn_circuit_device(circuit, c->name), .index = -1};
  char why[160];
  if (a.device < 0) {
    pn_str nearest = pn_circuit_nearest_device(circuit, c->name);
    snprintf(why, sizeof why,
             nearest.n ? "there is no such device; did you mean '%.*s'?"
                       : "there is no such device",
             PN_FMT(nearest));
    return refuse(h, c, why);
  }
  if (c->n < 1 || !isfinite(c->value[0]))
    return refuse(h, c, "this needs a finite number");
  const pn_device_class *cls = pn_circuit_device_info(circuit, a.device).cls;
  a.index = c->param.n ? find_param(cls, c->param) : cls->n_params ? 0 : -1;
  if (pn_circuit_wave(circuit, a.device) && (!c->param.n || a.index < 0)) {
    a.index = -1;
    pn_status st = alter_wave(h, c, &a);
    return st ? st : keep(h, &a);
  }
  if (a.index < 0)
    return refuse(h, c, "the device has no such parameter");
  const char *bad = pn_param_check_change(&h->nl->arena, &cls->params[a.index], c->value[0]);
  if (bad)
    return refuse(h, c, bad);
  a.value = c->value[0];
  return keep(h, &a);
}

/* A parameter of all devices of a .model card. */
static pn_status host_alter_model(void *user, const pn_change *c)
{
  host_state *h = user;
  bool found = false;
  for (int k = 0; k < pn_circuit_n_devices(h->nl->circuit); k++) {
    pn_device_info info = pn_circuit_device_info(h->nl->circuit, k);
    if (!info.model || !pn_str_is(c->name, info.model))
      continue;
    int index = pn_param_find_for(info.cls->params, info.cls->n_params, c->param, PN_P_MODEL);
    const char *bad = index < 0 ? "the model has no such parameter"
                                : pn_param_check_change(&h->nl->arena, &info.cls->params[index],
                                                        c->value[0]);
    if (bad)
      return refuse(h, c, bad);
    pn_alteration a = {.device = k, .index = index, .value = c->value[0]};
    pn_status st = keep(h, &a);
    if (st)
      return st;
    found = true;
  }
  return found ? PN_OK : refuse(h, c, "no device uses a model of that name");
}

static pn_status host_alter_param(void *user, const pn_change *c)
{
  host_state *h = user;
  double ignored;
  bool sweeps;
  if (!h->nl->params.param(h->nl->params.user, c->name, c->loc, &ignored, &sweeps))
    return refuse(h, c, "the netlist has no .param of that name at its top level");
  for (int k = 0; k < h->n_defines; k++)
    if (pn_str_is(c->name, h->defines[k].name)) {
      h->defines[k].value = c->value[0];
      return PN_OK;
    }
  char *name = strndup(c->name.p, c->name.n);
  if (!name || !reserve((void **)&h->defines, h->n_defines, &h->defines_room, sizeof *h->defines)) {
    free(name);
    return PN_E_MEMORY;
  }
  h->defines[h->n_defines++] = (pn_define){name, c->value[0]};
  return PN_OK;
}

/* Errors only: warnings and notes were given when the netlist was read first. */
static void errors_only(void *user, pn_severity severity, const char *text)
{
  const pn_listener *l = user;
  if (l->message && severity == PN_ERROR)
    l->message(l->user, (pinch_severity)severity, text);
}

static void drop_netlist(host_state *h)
{
  if (h->nl != h->first)
    pn_netlist_free(h->nl);
  h->nl = h->first;
}

/* "is" of a MOSFET is the current into its source, not the saturation current of its model. */
static bool is_current(const pn_device_class *cls, pn_str name)
{
  for (int k = 0; k < cls->n_locals; k++)
    if (cls->locals[k].kind == PN_L_TERM && name.n > 1 && (name.p[0] | 32) == 'i' &&
        pn_str_is((pn_str){name.p + 1, name.n - 1}, cls->locals[k].name))
      return true;
  return false;
}

/* Is text "@device[name]" with the name of a parameter? Those have one value, told by host_quantity. */
static bool is_parameter(const pn_circuit *c, pn_str text)
{
  const char *open = memchr(text.p, '[', text.n);
  if (!open)
    return false;
  size_t n = (size_t)(open - text.p);
  int device = pn_circuit_device(c, (pn_str){text.p + 1, n - 1});
  pn_str name = {open + 1, text.n - n - 2};
  const pn_device_class *cls = device < 0 ? NULL : pn_circuit_device_info(c, device).cls;
  return cls && !is_current(cls, name) && find_param(cls, name) >= 0;
}

/* Signals that commands name go to the store although nothing saves them. */
static pn_status want_signals(pn_netlist *nl)
{
  pn_status st = PN_OK;
  for (size_t k = 0; k < nl->commands.n && st == PN_OK; k++) {
    pn_str t = nl->commands.at[k].text;
    for (size_t at = 0; at < t.n && st == PN_OK; at++) {
      if (t.p[at] != '@')
        continue;
      const char *close = memchr(t.p + at, ']', t.n - at);
      pn_str text = {t.p + at, close ? (size_t)(close - (t.p + at)) + 1 : 0};
      if (close && !is_parameter(nl->circuit, text))
        st = pn_netlist_want(nl, text);
    }
  }
  return st;
}

static pn_status host_reset(void *user)
{
  host_state *h = user;
  h->n_altered = 0;
  if (!h->n_defines)
    return PN_OK;
  pn_netlist *made;
  pn_load_options lo = {.message = errors_only,
                        .user = (void *)pn_api_listener(h->c),
                        .defines = h->defines,
                        .n_defines = h->n_defines};
  pn_status st = pn_api_reload(h->c, &lo, &made);
  if (st)
    return st;
  drop_netlist(h);
  h->nl = made;
  st = want_signals(made);
  for (int k = 0; k < h->n_saves && st == PN_OK; k++)
    st = pn_netlist_save(made, pn_str_of(h->saves[k]), PN_NOWHERE);
  return st;
}

/* ---- questions ---- */

static pn_status host_option(void *user, pn_str name, pn_str value, pn_loc loc, bool *known)
{
  host_state *h = user;
  char text[256];
  int n = snprintf(text, sizeof text, value.n ? "option %.*s=%.*s" : "option %.*s%.*s",
                   PN_FMT(name), PN_FMT(value));
  *known = false;
  if (n < 0 || n >= (int)sizeof text)
    return PN_OK;
  return pn_netlist_option(h->nl, pn_str_of(text), loc, known);
}

static bool host_quantity(void *user, pn_str device, pn_str what, double *value)
{
  host_state *h = user;
  const pn_circuit *c = h->nl->circuit;
  int k = pn_circuit_device(c, device);
  if (k < 0)
    return false;
  const pn_device_class *cls = pn_circuit_device_info(c, k).cls;
  const pn_wave *w = pn_circuit_wave(c, k);
  if (w && (pn_str_is(what, "dc") || pn_str_is(what, "acmag") || pn_str_is(what, "acphase"))) {
    pn_wave now = wave_of(h, k);
    *value = pn_str_is(what, "dc")      ? pn_wave_dc(&now)
             : pn_str_is(what, "acmag") ? now.ac_mag
                                        : now.ac_phase;
    return true;
  }
  int index = is_current(cls, what) ? -1 : find_param(cls, what);
  double *p = index < 0 ? NULL : malloc(((size_t)cls->n_params + 1) * sizeof *p);
  if (!p)
    return false;
  pn_circuit_device_params(c, k, p);
  *value = p[index];
  free(p);
  for (int j = 0; j < h->n_altered; j++)
    if (h->altered[j].device == k && h->altered[j].index == index)
      *value = h->altered[j].value;
  return true;
}

static const pn_args *host_args(void *user, pn_str text, pn_loc loc)
{
  return pn_netlist_args(((host_state *)user)->nl, text, loc);
}

static void host_measured(void *user, pn_str analysis, pn_str name, bool ok, double value)
{
  const pinch_run_options *o = ((host_state *)user)->o;
  char a[32], n[128];
  snprintf(a, sizeof a, "%.*s", PN_FMT(analysis));
  snprintf(n, sizeof n, "%.*s", PN_FMT(name));
  if (o->measured)
    o->measured(o->user, a, n, ok, value);
}

static void host_text(void *user, const char *text)
{
  const pinch_run_options *o = ((host_state *)user)->o;
  if (o->text)
    o->text(o->user, text);
}

static bool host_interrupted(void *user)
{
  const pinch_run_options *o = ((host_state *)user)->o;
  return o->interrupted && o->interrupted(o->user);
}

/* ---- the run ---- */

static void free_state(host_state *h)
{
  drop_netlist(h);
  free(h->altered);
  for (int k = 0; k < h->n_defines; k++)
    free((char *)h->defines[k].name);
  free(h->defines);
  for (int k = 0; k < h->n_saves; k++)
    free(h->saves[k]);
  free(h->saves);
}

pn_status pn_run_commands(pinch_circuit *c, const pinch_run_options *o, const pn_sinks *sinks,
                          bool *quit, bool *done)
{
  pn_netlist *nl = pn_api_netlist(c);
  host_state h = {.c = c, .first = nl, .nl = nl, .o = o, .sinks = *sinks};
  char *stem = pn_api_stem(c);
  pn_program *p = NULL;
  pn_status st = stem ? read_guarded(nl, &p) : PN_E_MEMORY;
  pn_host host = {.user = &h,
                  .analysis = host_analysis,
                  .run = host_run,
                  .save = host_save,
                  .alter = host_alter,
                  .alter_model = host_alter_model,
                  .alter_param = host_alter_param,
                  .reset = host_reset,
                  .option = host_option,
                  .quantity = host_quantity,
                  .tran_step = host_tran_step,
                  .args = host_args,
                  .measured = host_measured,
                  .text = host_text,
                  .interrupted = host_interrupted,
                  .title = nl->title.p ? nl->title.p : "",
                  .stem = stem,
                  .untrusted = pn_api_untrusted(c),
                  .most_bytes = nl->arena.limit ? nl->arena.limit : MOST_BYTES,
                  .seed = nl->options.seed};
  if (st == PN_OK)
    st = want_signals(nl);
  if (st == PN_OK)
    st = pn_program_run(p, &nl->diag, &host, quit);
  *done = h.done;
  free_state(&h);
  free(stem);
  return st;
}
