/* pinch_run: every analysis of a netlist in turn, with the outputs that were asked for
 * behind a recorder. */
#include "api/run.h"
#include "api/fours.h"
#include "base/pool.h"
#include "output/column.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STORE = 3, FILES = 4 /* raw, CSV, callback, store */ };

typedef struct runner {
  pn_netlist *nl;
  const pinch_run_options *o;
  const pn_settings *settings; /* of this run of a sweep */
  pn_sim *sim;
  const pn_job *job;
  pn_sink *files[FILES]; /* NULL when not wanted */
  pn_sink *table;        /* of this result, NULL when not wanted */
  pn_fours fours;        /* of this result */
  pn_signal **wanted;    /* [n_wanted] of .save, or everything */
  int n_wanted;
  int count;   /* results of the present analysis so far, with this one */
  int results; /* of the present job; measurements look at the first */
} runner;

pinch_run_options pinch_run_options_default(void)
{
  return (pinch_run_options){.cookie = PN_COOKIE, .tables = true};
}

/* ---- which signals ---- */

static bool applies(const pn_save *s, const pn_analysis *a)
{
  return s->analysis.n == 0 || pn_str_is(s->analysis, a->name);
}

/* Every node, branch and state; inner nodes of devices are left out. */
static int default_signals(runner *r, pn_signal **out)
{
  const pn_circuit *c = r->nl->circuit;
  int n = 0;
  for (int k = 0; k < pn_circuit_n(c); k++)
    if (pn_circuit_unknown(c, k).kind != PN_U_INTERNAL)
      out[n++] = pn_signal_unknown(&r->nl->arena, c, k);
  return n;
}

/* Signals of a list of directives that apply to the present analysis. */
static int listed(const pn_save *s, size_t n_lists, const pn_analysis *a, pn_signal **out,
                  bool *all)
{
  int n = 0;
  for (size_t k = 0; k < n_lists; k++) {
    if (!applies(&s[k], a))
      continue;
    *all |= s[k].all;
    for (int m = 0; m < s[k].n_signals; m++)
      out[n++] = s[k].signals[m];
  }
  return n;
}

static size_t count_signals(const pn_save *s, size_t n)
{
  size_t sum = 0;
  for (size_t k = 0; k < n; k++)
    sum += (size_t)s[k].n_signals;
  return sum;
}

static bool has_signal(pn_signal *const *list, int n, const pn_signal *s)
{
  for (int k = 0; k < n; k++)
    if (!strcmp(pn_signal_name(list[k]), pn_signal_name(s)))
      return true;
  return false;
}

/* What goes to files: .save lists, or everything when there is none or it says "all"; and what .plot
 * and .print ask for beyond that, so that pictures can be drawn from the file. */
static void choose_signals(runner *r, const pn_analysis *a)
{
  pn_netlist *nl = r->nl;
  r->n_wanted = 0;
  if (a->own_columns)
    return;
  size_t most = count_signals(nl->saves.at, nl->saves.n) +
                count_signals(nl->prints.at, nl->prints.n) +
                count_signals(nl->plots.at, nl->plots.n) + nl->wanted.n +
                (size_t)pn_circuit_n(nl->circuit) + 1;
  pn_signal **list = PN_NEW_ARRAY(&nl->arena, pn_signal *, most);
  pn_signal **more = PN_NEW_ARRAY(&nl->arena, pn_signal *, most);
  bool all = false, ignored = false;
  int saved = listed(nl->saves.at, nl->saves.n, a, more, &all);
  int n = saved == 0 || all ? default_signals(r, list) : 0, plain = n;
  memcpy(list + n, more, (size_t)saved * sizeof *list);
  n += saved;
  int shown = listed(nl->prints.at, nl->prints.n, a, more, &ignored);
  shown += listed(nl->plots.at, nl->plots.n, a, more + shown, &ignored);
  for (size_t k = 0; k < nl->wanted.n; k++)
    more[shown++] = nl->wanted.at[k];
  for (int k = 0; k < shown; k++) {
    bool among_all = plain && pn_signal_is_unknown(more[k]);
    if (!among_all && !has_signal(list + plain, n - plain, more[k]))
      list[n++] = more[k];
  }
  r->wanted = list;
  r->n_wanted = n;
}

/* ---- the callback sink ---- */

typedef struct callback_sink {
  pn_sink base;
  const pinch_run_options *o;
} callback_sink;

static pn_status callback_begin(pn_sink *s, const pn_plot *p)
{
  const pinch_run_options *o = ((callback_sink *)s)->o;
  pinch_column *columns = calloc((size_t)p->n_columns, sizeof *columns);
  if (!columns)
    return PN_E_MEMORY;
  for (int k = 0; k < p->n_columns; k++)
    columns[k] = (pinch_column){p->columns[k].name, p->columns[k].type, p->columns[k].unit};
  pinch_result r = {p->plotname, p->analysis, p->index, p->is_complex, columns, p->n_columns};
  if (o->result_begin)
    o->result_begin(o->user, &r);
  free(columns);
  return PN_OK;
}

static pn_status callback_point(pn_sink *s, const double *row, const double complex *crow)
{
  const pinch_run_options *o = ((callback_sink *)s)->o;
  if (o->result_point)
    o->result_point(o->user, crow ? (const double *)crow : row);
  return PN_OK;
}

static pn_status callback_end(pn_sink *s, bool complete)
{
  const pinch_run_options *o = ((callback_sink *)s)->o;
  if (o->result_end)
    o->result_end(o->user, complete);
  return PN_OK;
}

static pn_status callback_close(pn_sink *s)
{
  free(s);
  return PN_OK;
}

static pn_status new_callback_sink(const pinch_run_options *o, pn_sink **out)
{
  callback_sink *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  s->base = (pn_sink){callback_begin, callback_point, callback_end, callback_close, 0};
  s->o = o;
  *out = &s->base;
  return PN_OK;
}

/* ---- what analyses call ---- */

static void say(void *user, const char *text)
{
  runner *r = user;
  if (r->o->log)
    r->o->log(r->o->user, text);
}

/* Is a result a vector of a control section, which prints what it is told to? */
static bool is_vector(const runner *r)
{
  static const char *const names[] = {"tf", "noise", "pz", "sens"};
  for (size_t k = 0; r->settings->only && k < sizeof names / sizeof *names; k++)
    if (!strcmp(r->job->analysis->name, names[k]))
      return true;
  return false;
}

static void progress(void *user, double fraction, double x)
{
  runner *r = user;
  if (r->o->progress)
    r->o->progress(r->o->user, r->job->analysis->name, fraction, x);
}

static bool interrupted(void *user)
{
  runner *r = user;
  return r->o->interrupted && r->o->interrupted(r->o->user);
}

static pn_status set_param(void *user, pn_str name, double value)
{
  runner *r = user;
  return pn_netlist_set_param(r->nl, r->sim, name, value);
}

static int measures_of(const runner *r, pn_measure **out)
{
  int n = 0;
  for (size_t k = 0; k < r->nl->measures.n; k++)
    if (pn_str_is(pn_measure_analysis(r->nl->measures.at[k]), r->job->analysis->name))
      out[n++] = r->nl->measures.at[k];
  return n;
}

/* The table of .print for this analysis; an operating point without one shows everything. */
static pn_status open_table(runner *r, pn_consumer *c)
{
  const pn_netlist *nl = r->nl;
  bool all = false;
  const pn_analysis *a = r->job->analysis;
  size_t most = count_signals(nl->prints.at, nl->prints.n) + (size_t)r->n_wanted + 1;
  pn_signal **list = pn_arena_try(&r->nl->arena, most * sizeof *list);
  if (!list)
    return PN_E_MEMORY;
  int n = listed(nl->prints.at, nl->prints.n, a, list, &all);
  if (n == 0 && (all || pn_str_is(PN_STR("op"), a->name))) {
    memcpy(list, r->wanted, (size_t)r->n_wanted * sizeof *list);
    n = r->n_wanted;
  }
  if (n == 0 || !r->o->text)
    return PN_OK;
  double start = 0, step = 0;
  if (a->grid)
    a->grid(r->job->parsed, &start, &step);
  pn_status st = pn_sink_table(r->o->text, r->o->user, start, step, &r->table);
  /* densities are named by .print itself; other analyses' extra columns tell what a row is */
  bool bare = pn_str_is(PN_STR("noise"), a->name) && !all;
  *c = (pn_consumer){r->table, list, n, bare};
  return st;
}

static pn_status begin(void *user, const pn_analysis *a, const char *plotname, pn_column scale,
                       const pn_column *extra, int n_extra, bool is_complex, bool is_scalar,
                       pn_recorder **rec)
{
  runner *r = user;
  pn_consumer *c = pn_arena_try(&r->nl->arena, (FILES + 1 + r->nl->fours.n) * sizeof *c);
  int n = 0;
  if (!c)
    return PN_E_MEMORY;
  for (int k = 0; k < FILES; k++)
    if (r->files[k])
      c[n++] = (pn_consumer){.sink = r->files[k], .signals = r->wanted, .n_signals = r->n_wanted};
  pn_plot plot = {.title = r->nl->title.p ? r->nl->title.p : "",
                  .plotname = plotname,
                  .analysis = a->name,
                  .index = r->count,
                  .n_results = r->settings->only ? 2 : (int)r->nl->jobs.n,
                  .is_complex = is_complex,
                  .is_scalar = is_scalar,
                  .swept = r->settings->column,
                  .swept_values = r->settings->value,
                  .n_swept = r->settings->n,
                  .run = r->settings->run};
  pn_status st = PN_OK;
  if (r->nl->fours.n && pn_str_is(PN_STR("tran"), a->name)) {
    r->fours.plot = plot;
    st = pn_fours_open(&r->fours, r->nl, c, &n);
  }
  if (st == PN_OK && r->o->tables) {
    st = open_table(r, &c[n]);
    n += r->table != NULL;
  }
  if (st)
    return st;
  pn_measure **measures = pn_arena_try(&r->nl->arena, (r->nl->measures.n + 1) * sizeof *measures);
  if (!measures)
    return PN_E_MEMORY;
  int n_measures = r->results++ ? 0 : measures_of(r, measures);
  for (int k = 0; k < n_measures; k++)
    pn_measure_reset(measures[k]);
  return pn_recorder_begin(&plot, scale, extra, n_extra, c, n, measures, n_measures, rec);
}

static void tell_measure(runner *r, pn_measure *m)
{
  double value = NAN, from = NAN, to = NAN;
  const char *why = "";
  char line[256];
  bool ok = pn_measure_result(m, r->nl->measures.at, (int)r->nl->measures.n, &value, &why);
  pn_str name = pn_measure_name(m);
  pn_measure_where(m, &from, &to);
  int n = ok ? snprintf(line, sizeof line, "%-20.*s = %.10g", PN_FMT(name), pn_shown(value))
             : snprintf(line, sizeof line, "%-20.*s = failed: %s", PN_FMT(name), why);
  if (ok && !isnan(from) && n < (int)sizeof line)
    n += snprintf(line + n, sizeof line - (size_t)n, isnan(to) ? "  at %.10g" : "  from %.10g",
                  from);
  if (ok && !isnan(to) && n < (int)sizeof line)
    snprintf(line + n, sizeof line - (size_t)n, " to %.10g", to);
  if (r->o->text) {
    r->o->text(r->o->user, line);
    r->o->text(r->o->user, "\n");
  }
  if (r->o->measured) {
    char z[128];
    snprintf(z, sizeof z, "%.*s", PN_FMT(name));
    r->o->measured(r->o->user, r->job->analysis->name, z, ok, value);
  }
}

static void found(void *user, const char *name, double value)
{
  runner *r = user;
  char line[160];
  snprintf(line, sizeof line, "%-20.120s = %.12g\n", name, pn_shown(value));
  if (r->o->text && !is_vector(r))
    r->o->text(r->o->user, line);
  if (r->o->measured)
    r->o->measured(r->o->user, r->job->analysis->name, name, true, value);
}

static pn_status end(void *user, pn_recorder *rec, bool complete)
{
  runner *r = user;
  pn_status st = pn_recorder_end(rec, complete);
  if (r->table) {
    pn_status closed = r->table->close(r->table);
    st = st ? st : closed;
    r->table = NULL;
  }
  pn_status fourier = pn_fours_close(&r->fours);
  st = st ? st : fourier;
  if (complete && st == PN_OK && r->results == 1)
    for (size_t k = 0; k < r->nl->measures.n; k++)
      if (pn_str_is(pn_measure_analysis(r->nl->measures.at[k]), r->job->analysis->name))
        tell_measure(r, r->nl->measures.at[k]);
  return st;
}

/* ---- the run ---- */

/* What the run of a sweep sets in the sim; parameters and models are in the netlist already. */
static pn_status apply_settings(runner *r)
{
  const pn_settings *set = r->settings;
  for (int k = 0; k < set->n; k++) {
    const pn_sweep_target *t = set->target[k];
    if (t->kind == PN_SWEEP_TEMP && !(set->value[k] > -273.15))
      return pn_error(&r->nl->diag, PN_NOWHERE, "temp = %g degrees C is not above absolute zero",
                      set->value[k]),
             PN_E_NETLIST;
    if (t->kind != PN_SWEEP_SOURCE && t->kind != PN_SWEEP_DEVICE)
      continue;
    const pn_circuit *c = r->nl->circuit;
    int device = pn_circuit_device(c, pn_str_of(t->name));
    if (device < 0)
      return pn_error(&r->nl->diag, PN_NOWHERE, "in this run there is no device '%s'", t->name),
             PN_E_NETLIST;
    if (t->kind == PN_SWEEP_SOURCE) {
      pn_sim_set_source(r->sim, device, set->value[k]);
      continue;
    }
    const pn_device_class *cls = pn_circuit_device_info(c, device).cls;
    int index = pn_param_find(cls->params, cls->n_params, pn_str_of(t->param));
    const char *why = index < 0 ? "it has no such parameter"
                                : pn_param_check_change(&r->nl->arena, &cls->params[index],
                                                        set->value[k]);
    if (why)
      return pn_error(&r->nl->diag, PN_NOWHERE, "%s: %s", t->column, why), PN_E_NETLIST;
    pn_status st = pn_sim_set_param(r->sim, device, index, set->value[k]);
    if (st)
      return st;
  }
  pn_status st = PN_OK;
  for (int k = 0; k < set->n_altered && st == PN_OK; k++) {
    const pn_alteration *a = &set->altered[k];
    if (a->index < 0)
      pn_sim_set_wave(r->sim, a->device, &a->wave);
    else
      st = pn_sim_set_param(r->sim, a->device, a->index, a->value);
  }
  pn_sim_hold_states(r->sim, NULL); /* initial states are parameters, too */
  return st;
}

static pn_status run_job(runner *r, const pn_job *job, double temp)
{
  pn_netlist *nl = r->nl;
  const pn_options *o = &nl->options;
  r->job = job;
  r->count = r->results = 0;
  for (size_t k = 0; k < nl->jobs.n; k++)
    r->count += nl->jobs.at[k].analysis == job->analysis && &nl->jobs.at[k] <= job;
  if (r->settings->only)
    r->count = r->settings->only_index;
  pn_sim_options so = {.temp = temp,
                       .gmin = o->gmin,
                       .rshunt = o->rshunt,
                       .op_memory = o->op_memory,
                       .linsol = o->linsol,
                       .reltol = o->reltol,
                       .vntol = o->vntol,
                       .abstol = o->abstol,
                       .seed = o->seed,
                       .threads = o->threads ? o->threads : pn_pool_default()};
  for (int k = 0; k < r->settings->n; k++) /* .mc: other devices in every run; .step keeps them */
    if (r->settings->target[k]->kind == PN_SWEEP_RUN) {
      so.run = (unsigned)r->settings->value[k];
      so.seed = nl->mc_seed ? nl->mc_seed : o->seed;
    }
  pn_status st = pn_sim_new(nl->circuit, &so, &nl->diag, &r->sim);
  if (st)
    return st;
  if ((st = apply_settings(r)))
    return st; /* the caller frees the sim */
  choose_signals(r, job->analysis);
  pn_run run = {.arena = &nl->arena,
                .diag = &nl->diag,
                .circuit = nl->circuit,
                .sim = r->sim,
                .options = o,
                .params = &nl->params,
                .n_ic = (int)nl->ic_unknown.n,
                .ic_unknown = nl->ic_unknown.at,
                .ic_value = nl->ic_value.at,
                .n_nodeset = (int)nl->nodeset_unknown.n,
                .nodeset_unknown = nl->nodeset_unknown.at,
                .nodeset_value = nl->nodeset_value.at,
                .set_param = set_param,
                .set_param_user = r,
                .begin = begin,
                .end = end,
                .say = say,
                .found = found,
                .progress = progress,
                .interrupted = interrupted,
                .user = r};
  st = job->analysis->run(&run, job->parsed);
  pn_sim_free(r->sim);
  r->sim = NULL;
  return st;
}

static double temperature(const runner *r)
{
  for (int k = 0; k < r->settings->n; k++)
    if (r->settings->target[k]->kind == PN_SWEEP_TEMP)
      return r->settings->value[k] + 273.15;
  return r->nl->options.temp;
}

static pn_status run_jobs(runner *r)
{
  const pn_netlist *nl = r->nl;
  if (r->settings->only)
    return run_job(r, r->settings->only, nl->options.temp);
  for (size_t k = 0; k < nl->jobs.n; k++) {
    pn_status st = run_job(r, &nl->jobs.at[k], temperature(r));
    if (st)
      return st;
  }
  return PN_OK;
}

/* The runner belongs to the caller's frame, so that it is whole when memory ends in here. */
static pn_status run_guarded(runner *r)
{
  jmp_buf env, *outer = r->nl->arena.recover;
  pn_status st = (pn_status)setjmp(env);
  if (!st) {
    r->nl->arena.recover = &env;
    st = run_jobs(r);
  }
  r->nl->arena.recover = outer;
  return st;
}

pn_status pn_run_netlist(pn_netlist *nl, const pinch_run_options *o, const pn_sinks *sinks,
                         const pn_settings *settings)
{
  runner r = {.nl = nl,
              .o = o,
              .settings = settings,
              .files = {sinks->raw, sinks->csv, sinks->callback, sinks->store},
              .fours = {.o = o}};
  r.fours.files = r.files;
  r.fours.n_files = STORE; /* the control section's present plot remains the transient's */
  bool stats = nl->options.stats;
  nl->options.stats |= o->stats;
  pn_status st = run_guarded(&r);
  nl->options.stats = stats;
  pn_sim_free(r.sim);
  pn_status closed = r.table ? r.table->close(r.table) : PN_OK, fourier = pn_fours_close(&r.fours);
  return st ? st : closed ? closed : fourier;
}

/* ---- outputs ---- */

static pn_status open_sinks(const pn_listener *l, const pinch_run_options *o, pn_sinks *s)
{
  pn_status st = PN_OK;
  if (o->raw_file && (st = pn_sink_raw(o->raw_file, o->raw_ascii, &s->raw)) == PN_E_FILE)
    pn_tell(l, PINCH_ERROR, "cannot write '%s': %s", o->raw_file, strerror(errno));
  if (st == PN_OK && o->csv_file && (st = pn_sink_csv(o->csv_file, &s->csv)) == PN_E_FILE)
    pn_tell(l, PINCH_ERROR, "cannot write '%s': %s", o->csv_file, strerror(errno));
  if (st == PN_OK && (o->result_begin || o->result_point || o->result_end))
    st = new_callback_sink(o, &s->callback);
  return st;
}

/* Says which file could not be written, and why. */
static void tell_lost(const pn_listener *l, const char *path, const pn_sink *s)
{
  if (s && s->error)
    pn_tell(l, PINCH_ERROR, "cannot write '%s': %s", path, strerror(s->error));
}

static pn_status close_sinks(const pn_sinks *s)
{
  pn_status st = PN_OK;
  pn_sink *all[] = {s->raw, s->csv, s->callback};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    if (all[k]) {
      pn_status closed = all[k]->close(all[k]);
      st = st ? st : closed;
    }
  return st;
}

static bool has_job(const pn_netlist *nl, pn_str analysis)
{
  for (size_t k = 0; k < nl->jobs.n; k++)
    if (pn_str_is(analysis, nl->jobs.at[k].analysis->name))
      return true;
  return false;
}

/* Lines that wait for an analysis that the netlist does not ask for. Control sections may run it. */
static void tell_idle(const pn_netlist *nl, const pn_listener *l)
{
  const char *idle = "the netlist has no such analysis";
  if (!nl->jobs.n)
    pn_tell(l, PINCH_WARNING, "the netlist asks for no analysis: no .op, .dc, .ac, .tran, ...");
  for (size_t k = 0; k < nl->measures.n && nl->jobs.n; k++) {
    pn_str analysis = pn_measure_analysis(nl->measures.at[k]);
    pn_str name = pn_measure_name(nl->measures.at[k]);
    if (!has_job(nl, analysis))
      pn_tell(l, PINCH_WARNING, ".measure %.*s %.*s: %s", PN_FMT(analysis), PN_FMT(name), idle);
  }
  for (size_t k = 0; k < nl->prints.n && nl->jobs.n; k++)
    if (nl->prints.at[k].analysis.n && !has_job(nl, nl->prints.at[k].analysis))
      pn_tell(l, PINCH_WARNING, ".print %.*s: %s", PN_FMT(nl->prints.at[k].analysis), idle);
  if (nl->fours.n && nl->jobs.n && !has_job(nl, PN_STR("tran")))
    pn_tell(l, PINCH_WARNING, ".four: the netlist has no .tran");
}

int pinch_run(pinch_circuit *c, const pinch_run_options *o)
{
  if (!c || !o || o->cookie != PN_COOKIE)
    return PN_E_USAGE;
  pn_netlist *nl = pn_api_netlist(c);
  pn_sinks sinks = {0};
  pn_settings none = {0};
  int jobs = nl->options.jobs = o->jobs > 0 ? o->jobs : nl->options.jobs;
  bool quit = false, done = false;
  if ((o->stats || nl->options.stats) && o->log) {
    char line[200];
    snprintf(line, sizeof line, "dialect: %s", nl->dialect);
    o->log(o->user, line);
  }
  if (!nl->commands.n)
    tell_idle(nl, pn_api_listener(c));
  pn_status st = open_sinks(pn_api_listener(c), o, &sinks);
  if (st == PN_OK && nl->commands.n)
    st = pn_run_commands(c, o, &sinks, &quit, &done);
  if (st == PN_OK && !quit && !(done && !nl->sweeps.n))
    st = nl->sweeps.n ? pn_run_sweep(c, o, &sinks, jobs) : pn_run_netlist(nl, o, &sinks, &none);
  tell_lost(pn_api_listener(c), o->raw_file, sinks.raw);
  tell_lost(pn_api_listener(c), o->csv_file, sinks.csv);
  pn_status closed = close_sinks(&sinks);
  return st ? st : closed;
}
