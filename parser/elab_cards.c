/* Dot cards: definitions while bodies are gathered, .ic and .nodeset where instances are
 * made, and what needs the finished circuit (analyses, outputs, measurements) last. */
#include "output/fourier.h"
#include "parser/elab.h"

#include <string.h>

static const double KELVIN = 273.15; /* 0 degC in K */

typedef void card_fn(pn_scope *s, pn_block *b, const pn_card *c);

/* ---- definitions ---- */

/* name(a, b) = body, from the name's token on; returns the token behind. */
static int read_function(pn_scope *s, pn_block *b, const pn_card *c, int k)
{
  pn_elab *e = s->e;
  pn_loc loc = pn_at(s, c, k);
  pn_str name = c->tokens[k].text;
  PN_VEC(pn_str) formals = {0};
  for (k += 2; k < c->n && !pn_tok_is(c, k, PN_T_RPAREN); k++)
    if (pn_tok_is(c, k, PN_T_WORD))
      *PN_PUSH(e->arena, &formals) = c->tokens[k].text;
  k++;
  k += pn_tok_is(c, k, PN_T_EQUALS);
  pn_ast *body = pn_read_expr(s, c, &k);
  if (!body)
    return c->n;
  int before = pn_names_count(b->func_names);
  int id = pn_names_intern(b->func_names, name);
  if (id < before) {
    pn_error(e->diag, loc, "function '%.*s' is defined already", PN_FMT(name));
    return k;
  }
  *PN_PUSH(e->arena, &b->funcs) = (pn_func){.name = pn_names_get(b->func_names, id),
                                            .n_formals = (int)formals.n,
                                            .formals = formals.at,
                                            .body = body,
                                            .loc = loc};
  return k;
}

static void card_func(pn_scope *s, pn_block *b, const pn_card *c)
{
  if (!pn_tok_is(c, 1, PN_T_WORD) || !pn_tok_is(c, 2, PN_T_LPAREN))
    pn_error_hint(s->e->diag, pn_at(s, c, 1), ".func NAME(a,b) {expression}",
                  "expected the function's name and its arguments");
  else
    pn_extra_words(s, c, read_function(s, b, c, 1));
}

static void card_param(pn_scope *s, pn_block *b, const pn_card *c)
{
  for (int k = 1; k < c->n;) {
    if (pn_tok_is(c, k, PN_T_COMMA)) {
      k++;
      continue;
    }
    if (pn_tok_is(c, k, PN_T_WORD) && pn_tok_is(c, k + 1, PN_T_LPAREN)) {
      k = read_function(s, b, c, k);
      continue;
    }
    if (!pn_tok_key(c, k)) {
      pn_error_hint(s->e->diag, pn_at(s, c, k), ".param NAME=VALUE ...", "expected NAME=VALUE");
      return;
    }
    pn_pdef def = {.loc = pn_at(s, c, k)};
    pn_str name = c->tokens[k].text;
    double other;
    if (pn_word_number(name, &other))
      pn_error(s->e->diag, def.loc, "'%.*s' cannot be the name of a parameter", PN_FMT(name));
    k += 2;
    bool alone = k + 1 >= c->n || pn_tok_key(c, k + 1) || pn_tok_is(c, k + 1, PN_T_COMMA);
    if (alone && pn_tok_is(c, k, PN_T_WORD) && pn_word_number(c->tokens[k].text, &def.num)) {
      if (!isfinite(def.num))
        pn_error(s->e->diag, pn_at(s, c, k), "the number is too large");
      k++;
    } else if (!(def.ast = pn_read_expr(s, c, &k))) {
      return;
    }
    pn_scope_define(s->e, b, name, def);
  }
}

static void card_model(pn_scope *s, pn_block *b, const pn_card *c)
{
  pn_elab *e = s->e;
  if (!pn_tok_is(c, 1, PN_T_WORD) || !pn_tok_is(c, 2, PN_T_WORD)) {
    pn_error_hint(e->diag, pn_at(s, c, pn_tok_is(c, 1, PN_T_WORD) ? 2 : 1),
                  ".model NAME TYPE (NAME=VALUE ...)", "a model needs a name and a type");
    return;
  }
  int before = pn_names_count(b->model_names);
  int id = pn_names_intern(b->model_names, c->tokens[1].text);
  if (id == before) {
    *PN_PUSH(e->arena, &b->models) = c;
    return;
  }
  unsigned line, column;
  pn_diag_position(e->diag, pn_card_loc(b->models.at[id]), &line, &column);
  pn_error(e->diag, pn_at(s, c, 1), "model '%.*s' is defined already (line %u)",
           PN_FMT(c->tokens[1].text), line);
}

static void card_global(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  for (int k = 1; k < c->n; k++)
    if (pn_tok_is(c, k, PN_T_WORD))
      pn_names_intern(s->e->globals, c->tokens[k].text);
}

static void card_options(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  *PN_PUSH(s->e->arena, &s->e->options) = c;
}

static void card_title(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  if (c->n < 2)
    return;
  const pn_source *src = &s->e->diag->sources.at[c->file - 1];
  uint32_t from = c->tokens[1].offset;
  size_t len = c->end - from;
  s->e->n->title = (pn_str){pn_arena_strndup(&s->e->n->arena, src->text + from, len), len};
}

static void card_late(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  *PN_PUSH(s->e->arena, &s->e->late) = c;
}

static void card_initial(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  *PN_PUSH(s->e->arena, &s->e->initials) = (pn_initial){c, s};
}

static void card_ignored(pn_scope *s, pn_block *b, const pn_card *c)
{
  (void)b;
  pn_note(s->e->diag, pn_at(s, c, 0), "'%.*s' has no effect in pinch", PN_FMT(c->tokens[0].text));
}

static void late_four(pn_elab *e, const pn_card *c);
static void late_measure(pn_elab *e, const pn_card *c);

static const struct card_kind {
  const char *name;
  card_fn *gather, *walk;
  bool top_only;
  void (*late)(pn_elab *e, const pn_card *c);
} kinds[] = {
    {".param", card_param, NULL, false, NULL},
    {".params", card_param, NULL, false, NULL},
    {".global_param", card_param, NULL, true, NULL},
    {".func", card_func, NULL, false, NULL},
    {".model", card_model, NULL, false, NULL},
    {".global", card_global, NULL, false, NULL},
    {".options", card_options, NULL, true, NULL},
    {".option", card_options, NULL, true, NULL},
    {".opt", card_options, NULL, true, NULL},
    {".temp", card_options, NULL, true, NULL},
    {".title", card_title, NULL, true, NULL},
    {".ic", NULL, card_initial, false, NULL},
    {".nodeset", NULL, card_initial, false, NULL},
    {".save", card_late, NULL, true, pn_late_save},
    {".probe", card_late, NULL, true, pn_late_save},
    {".print", card_late, NULL, true, pn_late_save},
    {".plot", card_late, NULL, true, pn_late_save},
    {".measure", card_late, NULL, true, late_measure},
    {".meas", card_late, NULL, true, late_measure},
    {".four", card_late, NULL, true, late_four},
    {".fourier", card_late, NULL, true, late_four},
    {".step", card_late, NULL, true, pn_late_step},
    {".mc", card_late, NULL, true, pn_late_mc},
    {".data", card_late, NULL, true, pn_late_data},
    {".enddata", NULL, NULL, true, NULL},
    {".width", card_ignored, NULL, false, NULL},
    {".preprocess", card_ignored, NULL, false, NULL},
    {".wave", card_ignored, NULL, false, NULL},
    {".net", card_ignored, NULL, false, NULL},
    {".end", NULL, NULL, false, NULL},
    {".backanno", NULL, NULL, false, NULL},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static const struct card_kind *kind_of(pn_str name)
{
  for (int k = 0; k < N_KINDS; k++)
    if (pn_str_is(name, kinds[k].name))
      return &kinds[k];
  return NULL;
}

static const pn_analysis *analysis_of(pn_str name)
{
  return name.n > 1 ? pn_analysis_find((pn_str){name.p + 1, name.n - 1}) : NULL;
}

static void report_unknown(pn_scope *s, const pn_card *c)
{
  pn_arena *a = s->e->arena;
  pn_str name = c->tokens[0].text, near = {"", 0};
  int best = 3;
  for (int k = 0; k < N_KINDS; k++) {
    int d = pn_str_distance(pn_str_of(kinds[k].name), name, 2);
    if (d < best) {
      best = d;
      near = pn_str_of(kinds[k].name);
    }
  }
  for (int k = 0; pn_analyses[k]; k++) {
    pn_str dot = pn_str_of(pn_arena_printf(a, ".%s", pn_analyses[k]->name));
    int d = pn_str_distance(dot, name, 2);
    if (d < best) {
      best = d;
      near = dot;
    }
  }
  pn_error(s->e->diag, pn_at(s, c, 0), "unknown directive '%.*s'%s", PN_FMT(name),
           pn_did_you_mean(a, near));
}

void pn_directive(pn_scope *s, pn_block *b, const pn_card *c, pn_card_when when, bool top)
{
  const struct card_kind *kind = kind_of(c->tokens[0].text);
  if (when == PN_CARD_WALK) {
    if (kind && kind->walk)
      kind->walk(s, b, c);
    return;
  }
  const pn_analysis *analysis = kind ? NULL : analysis_of(c->tokens[0].text);
  if (!kind && !analysis)
    report_unknown(s, c);
  else if (!top && (analysis || kind->top_only))
    pn_error(s->e->diag, pn_at(s, c, 0), "'%.*s' belongs at the top level, not inside .subckt",
             PN_FMT(c->tokens[0].text));
  else if (analysis)
    card_late(s, b, c);
  else if (kind->gather)
    kind->gather(s, b, c);
}

/* ---- options ---- */

static void set_temp(pn_elab *e, const pn_args *args)
{
  for (int k = 0; k < args->n; k++) {
    if (!args->at[k].is_num || args->at[k].num < -KELVIN)
      pn_error(e->diag, args->at[k].loc, ".temp takes temperatures in degrees C");
    else
      *PN_PUSH(e->arena, &e->temps) = args->at[k].num;
  }
  if (e->temps.n)
    e->n->options.temp = e->temps.at[0] + KELVIN;
}

/* Options of Xyce's packages: what means the same here is taken, the rest has no effect. */
static void set_package(pn_elab *e, const pn_args *args)
{
  static const char *const same[] = {"reltol", "maxord", "temp", "tnom", "gmin", "seed"};
  for (int k = 1; k < args->n; k++) {
    pn_arg arg = args->at[k];
    bool taken = false;
    if (pn_str_is(arg.key, "delmax")) {
      arg.key = PN_STR("maxstep");
      taken = true;
    }
    if (pn_str_is(arg.key, "method")) {
      arg.text = pn_str_is(arg.text, "trap") || pn_str_is(arg.text, "7") ? PN_STR("trap")
                                                                         : PN_STR("gear");
      taken = true;
    }
    for (size_t j = 0; j < PN_COUNT(same); j++)
      taken |= pn_str_is(arg.key, same[j]);
    const char *why = taken ? pn_options_set(e->arena, &e->n->options, &arg) : NULL;
    if (why)
      pn_error(e->diag, arg.loc, "%s", *why ? why : "this option is not known");
    if (!taken)
      pn_note(e->diag, arg.loc, "option '%.*s' of package '%.*s' has no effect in pinch",
              PN_FMT(arg.key.n ? arg.key : arg.text), PN_FMT(args->at[0].text));
  }
}

static void set_options(pn_elab *e, const pn_args *args)
{
  if (args->n && !args->at[0].key.n && pn_is_option_package(args->at[0].text)) {
    set_package(e, args);
    return;
  }
  for (int k = 0; k < args->n; k++) {
    const pn_arg *arg = &args->at[k];
    const char *why = pn_options_set(e->arena, &e->n->options, arg);
    pn_str name = arg->key.n ? arg->key : arg->text;
    const char *idle = pn_options_idle(name);
    if (why && *why)
      pn_error(e->diag, arg->loc, "%s", why);
    else if (why)
      pn_warn(e->diag, arg->loc, "unknown option '%.*s'", PN_FMT(name));
    else if (idle)
      pn_note(e->diag, arg->loc, "option '%.*s' has no effect in pinch: %s", PN_FMT(name), idle);
  }
}

/* Step and stop of the first .tran, on which defaults of waveforms depend. */
static void find_times(pn_elab *e)
{
  for (size_t k = 0; k < e->late.n; k++) {
    const pn_card *c = e->late.at[k];
    if (!pn_tok_word(c, 0, ".tran"))
      continue;
    double *to[2] = {&e->tstep, &e->tstop};
    int at = 1;
    for (int j = 0; j < 2 && at < c->n; j++) {
      pn_ast *ast = NULL;
      if (pn_tok_is(c, at, PN_T_WORD) && pn_word_number(c->tokens[at].text, to[j]))
        at++;
      else if (!(ast = pn_try_expr(e->top, c, &at)) || !pn_scope_try(e->top, ast, to[j]))
        return;
    }
    return;
  }
  pn_commands_times(e, &e->tstep, &e->tstop);
}

void pn_scan_options(pn_elab *e)
{
  for (size_t k = 0; k < e->options.n; k++) {
    const pn_card *c = e->options.at[k];
    const pn_args *args = pn_read_args(e->top, c, 1, true);
    if (pn_tok_word(c, 0, ".temp"))
      set_temp(e, args);
    else
      set_options(e, args);
  }
  find_times(e);
}

/* ---- analyses ---- */

bool pn_all_uic(pn_elab *e)
{
  bool all = true;
  pn_netlist *n = e->n;
  for (size_t k = 0; k < e->late.n; k++) {
    const pn_card *c = e->late.at[k];
    const pn_analysis *analysis = kind_of(c->tokens[0].text) ? NULL
                                                             : analysis_of(c->tokens[0].text);
    if (!analysis)
      continue;
    pn_job job = {
        .analysis = analysis, .args = pn_read_args(e->top, c, 1, true), .loc = pn_at(e->top, c, 0)};
    all = all && analysis->is_uic && analysis->is_uic(job.args);
    *PN_PUSH(e->arena, &n->jobs) = job;
  }
  int n_commands;
  all = pn_commands_uic(e, &n_commands) && all;
  return all && n->jobs.n + (size_t)n_commands > 0;
}

/* ---- signals ---- */

static pn_ast *probe_of(pn_elab *e, const char *what, pn_str name, pn_loc loc)
{
  pn_ast *probe = pn_ast_make(e->arena, PN_AST_PROBE, loc, 1);
  probe->name = pn_str_of(what);
  probe->args[0] = pn_ast_make(e->arena, PN_AST_NAME, loc, 0);
  probe->args[0]->name = name;
  return probe;
}

/* A bare word: a node, or a device with a current (also NAME#branch), else the expression it is. */
static pn_ast *bare_signal(pn_elab *e, const pn_arg *arg)
{
  pn_str name = arg->text;
  if (name.n > 7 && pn_str_is((pn_str){name.p + name.n - 7, 7}, "#branch"))
    name.n -= 7;
  if (pn_circuit_find_node(e->circuit, name) >= 0)
    return probe_of(e, "v", name, arg->loc);
  if (pn_circuit_device(e->circuit, name) >= 0)
    return probe_of(e, "i", name, arg->loc);
  return arg->ast;
}

typedef PN_VEC(pn_signal *) signal_vec;

/* A bare bus is that many nodes or devices. */
static void add_bare_bus(pn_elab *e, const pn_arg *arg, signal_vec *to)
{
  long n;
  pn_str *names = pn_bus_expand(e->top, arg->text, arg->loc, e->max_elements, &n);
  for (long k = 0; names && k < n; k++) {
    bool device = pn_circuit_find_node(e->circuit, names[k]) < 0 &&
                  pn_circuit_device(e->circuit, names[k]) >= 0;
    pn_signal *g = pn_signal_compile(e->arena, e->diag, e->circuit,
                                     probe_of(e, device ? "i" : "v", names[k], arg->loc),
                                     &e->top->resolver);
    if (!g)
      return; /* the others would say the same */
    *PN_PUSH(e->arena, to) = g;
  }
}

static void add_signal(pn_elab *e, pn_save *save, const pn_arg *arg, signal_vec *to)
{
  bool word = !arg->ast || arg->ast->kind == PN_AST_NAME || arg->ast->kind == PN_AST_NUMBER ||
              arg->is_num;
  if (pn_str_is(arg->text, "all") || pn_str_is(arg->text, "alli") || pn_str_is(arg->text, "allv")) {
    save->all = true;
    return;
  }
  if (!arg->ast && pn_is_bus(arg->text)) {
    add_bare_bus(e, arg, to);
    return;
  }
  pn_ast *ast = word ? bare_signal(e, arg) : arg->ast;
  if (!ast) {
    pn_error(e->diag, arg->loc, "'%.*s' is not a signal", PN_FMT(arg->text));
    return;
  }
  long n;
  pn_ast **each = pn_bus_signals(e->top, ast, &n);
  for (long k = 0; each && k < n; k++) {
    pn_signal *g = pn_signal_compile(e->arena, e->diag, e->circuit, each[k], &e->top->resolver);
    if (!g)
      return;
    *PN_PUSH(e->arena, to) = g;
  }
}

void pn_read_signals(pn_elab *e, const pn_args *args, pn_save *save)
{
  signal_vec signals = {0};
  for (int k = 0; k < args->n; k++)
    if (!args->at[k].key.n && (args->at[k].text.n || args->at[k].ast)) /* else limits of a plot */
      add_signal(e, save, &args->at[k], &signals);
  save->signals = signals.at;
  save->n_signals = (int)signals.n;
}

void pn_late_save(pn_elab *e, const pn_card *c)
{
  pn_netlist *n = e->n;
  pn_save save = {.analysis = PN_STR(""), .loc = pn_at(e->top, c, 0)};
  bool print = pn_tok_word(c, 0, ".print"), plot = pn_tok_word(c, 0, ".plot");
  int first = 1;
  if (pn_tok_is(c, 1, PN_T_WORD) && !pn_tok_is(c, 2, PN_T_LPAREN) &&
      pn_analysis_find(c->tokens[1].text)) {
    save.analysis = pn_str_lower(e->arena, c->tokens[1].text);
    first = 2;
  } else if (print || plot) {
    pn_error_hint(e->diag, pn_at(e->top, c, 1), ".print tran v(out) ...",
                  "%s needs the name of an analysis", print ? ".print" : ".plot");
    return;
  }
  pn_read_signals(e, pn_read_args(e->top, c, first, false), &save);
  if (print)
    *PN_PUSH(e->arena, &n->prints) = save;
  else if (plot)
    *PN_PUSH(e->arena, &n->plots) = save;
  else
    *PN_PUSH(e->arena, &n->saves) = save;
}

/* .four FREQUENCY [HARMONICS] SIGNAL ... */
static void late_four(pn_elab *e, const pn_card *c)
{
  pn_args args = *pn_read_args(e->top, c, 1, false);
  pn_save save = {.loc = args.loc};
  pn_four f = {.n_harmonics = 10};
  int k = 0;
  if (args.n > 0 && !args.at[0].key.n && args.at[0].is_num)
    f.frequency = args.at[k++].num;
  if (k < args.n && !args.at[k].key.n && args.at[k].is_num)
    f.n_harmonics = (int)fmin(fmax(args.at[k++].num, 0), 1e6);
  if (!(f.frequency > 0) || f.n_harmonics < 2 || f.n_harmonics > PN_MOST_HARMONICS || k == args.n) {
    pn_error_hint(
        e->diag, pn_at(e->top, c, k == args.n ? 0 : 1), ".four FREQUENCY [HARMONICS] v(out) ...",
        ".four needs a frequency above 0, at most %d harmonics, and signals", PN_MOST_HARMONICS);
    return;
  }
  args.at += k;
  args.n -= k;
  pn_read_signals(e, &args, &save);
  f.signals = save.signals;
  f.n_signals = save.n_signals;
  if (f.n_signals)
    *PN_PUSH(e->arena, &e->n->fours) = f;
}

static void late_measure(pn_elab *e, const pn_card *c)
{
  pn_netlist *n = e->n;
  static const char *const usual[] = {"tran", "ac", "dc", "noise"};
  pn_str first = PN_STR(""); /* the netlist's first analysis: LTspice's .meas need not name it */
  for (size_t k = 0; k < n->jobs.n && !first.n; k++)
    for (size_t j = 0; j < PN_COUNT(usual); j++)
      if (!strcmp(n->jobs.at[k].analysis->name, usual[j]))
        first = pn_str_of(usual[j]);
  pn_measure *m = pn_measure_parse(e->arena, e->diag, pn_read_args(e->top, c, 1, false), first);
  if (m && pn_measure_bind(m, e->arena, e->diag, e->circuit, &e->top->resolver) == PN_OK)
    *PN_PUSH(e->arena, &n->measures) = m;
}

/* ---- .ic and .nodeset ---- */

/* The unknown that v(a), i(l1) or @nm1[x] names in a scope; -1 after reporting. */
static int initial_unknown(pn_scope *s, const pn_ast *e)
{
  pn_elab *el = s->e;
  pn_str name = e->n_args ? (e->kind == PN_AST_AT ? e->name : e->args[0]->name) : PN_STR("");
  if (e->kind == PN_AST_PROBE && pn_str_is(e->name, "v") && e->n_args == 1) {
    int id = pn_node_find(s, name);
    if (id == PN_GROUND)
      pn_error(el->diag, e->loc, "ground is at 0 V and cannot be set");
    else if (id < 0)
      pn_error(el->diag, e->loc, "there is no node '%.*s'%s", PN_FMT(name),
               pn_did_you_mean(el->arena, pn_circuit_nearest_node(el->circuit, name)));
    return id < 0 ? -1 : id;
  }
  if (e->kind == PN_AST_PROBE && pn_str_is(e->name, "i") && e->n_args == 1) {
    int id = pn_branch_find(s, name);
    if (id < 0)
      pn_report_no_current(s, name, e->loc);
    return id < 0 ? -1 : id;
  }
  int device = e->kind == PN_AST_AT ? pn_circuit_device(el->circuit, pn_full_name(s, name)) : -1;
  if (device >= 0) {
    pn_device_info info = pn_circuit_device_info(el->circuit, device);
    for (int k = 0; k < info.cls->n_locals; k++)
      if (info.cls->locals[k].kind == PN_L_STATE &&
          pn_str_is(e->args[0]->name, info.cls->locals[k].name))
        return info.unknowns[k];
  }
  pn_error(el->diag, e->loc, "expected v(node), i(device) or @device[state]");
  return -1;
}

static void late_initial(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  pn_netlist *n = e->n;
  const pn_args *args = pn_read_args(s, c, 1, true);
  bool ic = pn_tok_word(c, 0, ".ic");
  for (int k = 0; k < args->n; k += 2) {
    const pn_arg *what = &args->at[k], *value = k + 1 < args->n ? &args->at[k + 1] : NULL;
    if (what->key.n || !what->ast || !value || !pn_str_is(value->key, "=") || !value->is_num) {
      pn_error_hint(e->diag, value && pn_str_is(value->key, "=") ? value->loc : what->loc,
                    ic ? ".ic v(node)=value ..." : ".nodeset v(node)=value ...",
                    "expected v(node)=value");
      return;
    }
    int id = initial_unknown(s, what->ast);
    if (id < 0)
      continue;
    if (ic) {
      *PN_PUSH(e->arena, &n->ic_unknown) = id;
      *PN_PUSH(e->arena, &n->ic_value) = value->num;
    } else {
      *PN_PUSH(e->arena, &n->nodeset_unknown) = id;
      *PN_PUSH(e->arena, &n->nodeset_value) = value->num;
    }
  }
}

/* Most analyses know the equations as f + d/dt q alone: waves that travel are not in them. */
static void check_delays(pn_elab *e, const pn_job *job)
{
  int device;
  if (job->analysis->delays || !pn_circuit_has_delays(e->circuit, &device))
    return;
  pn_device_info d = pn_circuit_device_info(e->circuit, device);
  pn_error(e->diag, job->args->loc, ".%s does not know devices with a delay ('%.*s')",
           job->analysis->name, PN_FMT(d.name));
}

void pn_late_cards(pn_elab *e)
{
  pn_netlist *n = e->n;
  for (size_t k = 0; k < e->initials.n; k++)
    late_initial(e->initials.at[k].scope, e->initials.at[k].card);
  for (size_t k = 0; k < n->jobs.n; k++) {
    pn_job *job = &n->jobs.at[k];
    check_delays(e, job);
    job->parsed = job->analysis->parse(e->arena, e->diag, job->args, e->circuit, &e->top->resolver,
                                       &n->options);
  }
  for (size_t k = 0; k < e->late.n; k++) {
    const struct card_kind *kind = kind_of(e->late.at[k]->tokens[0].text);
    if (kind && kind->late)
      kind->late(e, e->late.at[k]);
  }
  pn_sweep_temps(e);
}
