/* An array of resistors or memristors made by the circuit's own build calls, with sources on its
 * lines, and a run that keeps what a study tells. */
#ifndef PN_TESTS_CROSSBAR_FIXTURE_H
#define PN_TESTS_CROSSBAR_FIXTURE_H

#include "analysis/study.h"
#include "devices/classes.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NUMBERS = 64, MOST_ROWS = 8192, MOST_COLUMNS = 64 };

typedef struct bench {
  pn_arena arena;
  pn_diag diag;
  pn_circuit *c;
  pn_sim *sim;
  pn_options options;
  pn_run run;
  int rows, cols;
  double rw, rb;                /* ohm per segment; 0: none */
  char names[MOST_NUMBERS][48]; /* [n_numbers] */
  double values[MOST_NUMBERS];
  int n_numbers;
  int n_results;
  char message[512];
  pn_sink sink; /* keeps the last result: */
  int n_columns, n_rows;
  char columns[MOST_COLUMNS][32];
  double *rows_at; /* [MOST_ROWS][MOST_COLUMNS] */
} bench;

static pn_status bench_sink_begin(pn_sink *sink, const pn_plot *p)
{
  bench *b = (bench *)((char *)sink - offsetof(bench, sink));
  b->n_columns = p->n_columns < MOST_COLUMNS ? p->n_columns : MOST_COLUMNS;
  b->n_rows = 0;
  for (int k = 0; k < b->n_columns; k++)
    snprintf(b->columns[k], sizeof b->columns[k], "%s", p->columns[k].name);
  return PN_OK;
}

static pn_status bench_sink_point(pn_sink *sink, const double *row, const double complex *crow)
{
  (void)crow;
  bench *b = (bench *)((char *)sink - offsetof(bench, sink));
  if (b->n_rows < MOST_ROWS)
    memcpy(b->rows_at + (size_t)b->n_rows++ * MOST_COLUMNS, row,
           (size_t)b->n_columns * sizeof *row);
  return PN_OK;
}

static pn_status bench_sink_end(pn_sink *sink, bool complete)
{
  (void)sink, (void)complete;
  return PN_OK;
}

/* A number of the last result. */
static inline double bench_at(const bench *b, int row, const char *column)
{
  for (int k = 0; k < b->n_columns; k++)
    if (!strcmp(b->columns[k], column))
      return row < b->n_rows ? b->rows_at[(size_t)row * MOST_COLUMNS + (size_t)k] : NAN;
  return NAN;
}

static void bench_message(void *user, pn_severity severity, const char *text)
{
  (void)severity;
  bench *b = user;
  snprintf(b->message, sizeof b->message, "%s", text);
}

static void bench_found(void *user, const char *name, double value)
{
  bench *b = user;
  if (b->n_numbers < MOST_NUMBERS) {
    snprintf(b->names[b->n_numbers], sizeof b->names[0], "%s", name);
    b->values[b->n_numbers++] = value;
  }
}

static inline double bench_value(const bench *b, const char *name)
{
  for (int k = b->n_numbers - 1; k >= 0; k--)
    if (!strcmp(b->names[k], name))
      return b->values[k];
  return NAN;
}

static pn_status bench_begin(void *user, const pn_analysis *a, const char *plotname,
                             pn_column scale, const pn_column *extra, int n_extra, bool is_complex,
                             bool is_scalar, pn_recorder **rec)
{
  bench *b = user;
  pn_plot plot = {.title = "bench",
                  .plotname = plotname,
                  .analysis = a->name,
                  .index = ++b->n_results,
                  .n_results = 1,
                  .is_complex = is_complex,
                  .is_scalar = is_scalar};
  pn_consumer c = {.sink = &b->sink};
  return pn_recorder_begin(&plot, scale, extra, n_extra, &c, 1, NULL, 0, rec);
}

static pn_status bench_end(void *user, pn_recorder *rec, bool complete)
{
  (void)user;
  return pn_recorder_end(rec, complete);
}

static void bench_say(void *user, const char *text)
{
  (void)user;
  if (getenv("BENCH_SAY"))
    puts(text);
}

static void bench_progress(void *user, double fraction, double x)
{
  (void)user, (void)fraction, (void)x;
}

static bool bench_interrupted(void *user)
{
  (void)user;
  return false;
}

static inline int bench_node(bench *b, const char *kind, int i, int j)
{
  char *name = pn_arena_printf(&b->arena, "%s%d_%d", kind, i, j);
  return pn_circuit_node(b->c, pn_str_of(name), PN_NOWHERE);
}

static int bench_add(bench *b, const pn_device_class *cls, const double *params, const char *kind,
                     int i, int j, int p, int n)
{
  static const pn_wave zero = {.kind = PN_WAVE_DC, .dc_given = true};
  int ids[] = {p, n}, device = -1;
  pn_device_spec s = {.name = pn_str_of(pn_arena_printf(&b->arena, "%s%d_%d", kind, i, j)),
                      .cls = cls,
                      .unknowns = ids,
                      .params = params,
                      .wave = cls->letter == 'v' ? &zero : NULL,
                      .hold = -1};
  pn_circuit_add(b->c, &s, &device);
  return device;
}

static double *bench_params(bench *b, const pn_device_class *cls, double first)
{
  double *p = PN_NEW_ARRAY(&b->arena, double, cls->n_params + 1);
  for (int k = 0; k < cls->n_params; k++)
    p[k] = cls->params[k].value;
  if (cls->n_params)
    p[0] = first;
  return p;
}

/* Nodes of a line from its port on. */
static void bench_line(bench *b, bool word, int i, int n, int *at)
{
  double ohm = word ? b->rw : b->rb;
  int before = bench_node(b, word ? "wl" : "bl", i, 0);
  for (int k = 0; k < n; k++) {
    at[k] = ohm > 0 ? bench_node(b, word ? "w" : "b", i, k) : before;
    if (ohm > 0)
      bench_add(b, &pn_class_resistor, bench_params(b, &pn_class_resistor, ohm), word ? "rw" : "rb",
                i, k, before, at[k]);
    before = at[k];
  }
}

/* Word lines are driven at the left, bit lines at the bottom (the last row). cell_params [n_params] of
 * each cell, or one for all (step 0). */
static void bench_build(bench *b, const pn_device_class *cell, const double *cell_params, int step)
{
  int m = b->rows, n = b->cols, line[1024];
  int *word = PN_NEW_ARRAY(&b->arena, int, m), *bit = PN_NEW_ARRAY(&b->arena, int, n);
  int *at_word = PN_NEW_ARRAY(&b->arena, int, m *n), *at_bit = PN_NEW_ARRAY(&b->arena, int, m *n);
  int *memory = PN_NEW_ARRAY(&b->arena, int, m *n);
  double *source = bench_params(b, &pn_class_vsource_r, 0);
  for (int i = 0; i < m; i++) {
    word[i] = bench_node(b, "wl", i, 0);
    bench_add(b, &pn_class_vsource_r, source, "vw", i, 0, word[i], PN_GROUND);
    bench_line(b, true, i, n, line);
    memcpy(at_word + i * n, line, (size_t)n * sizeof *line);
  }
  for (int j = 0; j < n; j++) {
    bit[j] = bench_node(b, "bl", j, 0);
    bench_add(b, &pn_class_vsource_r, source, "vb", j, 0, bit[j], PN_GROUND);
    bench_line(b, false, j, m, line);
    for (int i = 0; i < m; i++)
      at_bit[i * n + j] = line[m - 1 - i];
  }
  for (int k = 0; k < m * n; k++)
    memory[k] = bench_add(b, cell, cell_params + (size_t)k * (size_t)step, "n", k / n, k % n,
                          at_word[k], at_bit[k]);
  pn_circuit_add_array(b->c, &(pn_array){.name = PN_STR("xb1"),
                                         .rows = m,
                                         .cols = n,
                                         .word = word,
                                         .bit = bit,
                                         .per_cell = 1,
                                         .split = 1,
                                         .memory = memory,
                                         .at_word = at_word,
                                         .at_bit = at_bit});
}

static void bench_open(bench *b, int rows, int cols, double rw, double rb)
{
  memset(b, 0, sizeof *b);
  pn_arena_init(&b->arena, 0);
  pn_diag_init(&b->diag, &b->arena, bench_message, b);
  b->c = pn_circuit_new(&b->arena, &b->diag);
  b->options = pn_options_default();
  b->rows_at = calloc((size_t)MOST_ROWS * MOST_COLUMNS, sizeof(double));
  b->sink = (pn_sink){bench_sink_begin, bench_sink_point, bench_sink_end, NULL, 0};
  b->rows = rows;
  b->cols = cols;
  b->rw = rw;
  b->rb = rb;
}

static pn_status bench_start(bench *b)
{
  const pn_options *o = &b->options;
  pn_sim_options so = {.temp = o->temp,
                       .gmin = o->gmin,
                       .op_memory = o->op_memory,
                       .linsol = o->linsol,
                       .reltol = o->reltol,
                       .vntol = o->vntol,
                       .abstol = o->abstol};
  pn_status st = pn_circuit_finish(b->c, false);
  if (st == PN_OK)
    st = pn_sim_new(b->c, &so, &b->diag, &b->sim);
  b->run = (pn_run){.arena = &b->arena,
                    .diag = &b->diag,
                    .circuit = b->c,
                    .sim = b->sim,
                    .options = &b->options,
                    .begin = bench_begin,
                    .end = bench_end,
                    .found = bench_found,
                    .say = bench_say,
                    .progress = bench_progress,
                    .interrupted = bench_interrupted,
                    .user = b};
  return st;
}

static void bench_close(bench *b)
{
  pn_sim_free(b->sim);
  free(b->rows_at);
  pn_arena_free(&b->arena);
}

/* Runs a directive: words separated by blanks, "key=value" or values; "(1,2)" is a list. */
static inline pn_status bench_run(bench *b, const char *name, const char *words)
{
  pn_arg at[32] = {0};
  pn_args args = {.at = at};
  char *text = pn_arena_strndup(&b->arena, words, strlen(words));
  for (char *rest, *w = strtok_r(text, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
    pn_arg *arg = &at[args.n++];
    char *value = strchr(w, '='), *end;
    if (value) {
      arg->key = (pn_str){w, (size_t)(value - w)};
      w = value + 1;
    }
    arg->text = pn_str_of(w);
    if (*w == '(') {
      pn_args *list = PN_NEW(&b->arena, pn_args);
      list->at = PN_NEW_ARRAY(&b->arena, pn_arg, 64);
      for (char *r2, *v = strtok_r(w + 1, ",)", &r2); v; v = strtok_r(NULL, ",)", &r2)) {
        list->at[list->n].num = strtod(v, &end);
        list->at[list->n].is_num = *end == '\0';
        list->at[list->n++].text = pn_str_of(v);
      }
      arg->list = list;
    } else {
      arg->num = strtod(w, &end);
      arg->is_num = end != w && *end == '\0';
    }
  }
  const pn_analysis *a = pn_analysis_find(pn_str_of(name));
  void *parsed = a->parse(&b->arena, &b->diag, &args, b->c, NULL, &b->options);
  return parsed ? a->run(&b->run, parsed) : PN_E_NETLIST;
}

#endif
