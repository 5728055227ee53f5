/* .mvm: a crossbar as a multiplier of a matrix with vectors: currents for every input, the error
 * against the ideal product, effective bits and converters. */
#include "analysis/mvm.h"
#include "analysis/list.h"
#include "analysis/study_args.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- arguments ---- */

typedef struct reader {
  pn_study_reader by;
  mvm_args *p;
} reader;

/* name=, gates, converters and formats; the last two are of .xsens. */
static bool read_common(reader *r, const pn_arg *arg)
{
  mvm_args *p = r->p;
  const pn_study_range numbers[] = {
      {"v", &p->scale, NULL, -1e6, 1e6, "volts per unit of the inputs"},
      {"vref", &p->vref, NULL, 1e-9, 1e6, "a voltage above 0"},
      {"vgate", &p->vgate, NULL, -1e6, 1e6, "a voltage"},
      {"fs", &p->fs, NULL, 1e-18, 1e6, "a current above 0"},
      {"base", &p->base, NULL, 1, 1e6, "a weight from 1 on"},
      {"dac", NULL, &p->dac, 1, 32, "1 to 32 bits"},
      {"adc", NULL, &p->adc, 1, 32, "1 to 32 bits"},
      {"slices", NULL, &p->slices, 1, 64, "1 to 64 slices"},
      {"output", NULL, &p->output, 0, 1e6, "the number of an output"},
      {"vector", NULL, &p->vector, 0, 1e9, "the number of a vector"}};
  size_t n = PN_COUNT(numbers) - (strcmp(r->by.who, ".xsens") ? 2 : 0);
  return pn_study_option(&r->by, arg, &p->name, NULL, numbers, n);
}

static bool read_inputs(reader *r, const pn_arg *arg)
{
  const pn_array *a = r->p->l->a;
  if (!pn_study_matrix(&r->by, arg, &r->p->inputs))
    return false;
  if (r->p->inputs.cols == a->rows)
    return true;
  pn_error(r->by.diag, arg->loc, "'%.*s' has %d numbers in a line; '%.*s' has %d word lines",
           PN_FMT(arg->text), r->p->inputs.cols, PN_FMT(a->name), a->rows);
  return false;
}

static bool read_option(void *user, const pn_arg *arg)
{
  reader *r = user;
  static const char *const words[] = {"auto", "yes", "no"};
  if (!arg->key.n)
    return pn_study_flag(&r->by, arg, "diff", &r->p->diff);
  if (pn_str_is(arg->key, "inputs"))
    return read_inputs(r, arg);
  if (!pn_str_is(arg->key, "linear"))
    return read_common(r, arg);
  int k = pn_study_choice(&r->by, arg, words, 3, "auto, yes or no");
  r->p->linear = (mvm_linear)(k > 0 ? k : 0);
  return k >= 0;
}

static int n_outputs(const mvm_args *p)
{
  int group = (p->diff ? 2 : 1) * p->slices;
  return p->l->a->cols % group ? 0 : p->l->a->cols / group;
}

static bool check(reader *r, const pn_args *args)
{
  const mvm_args *p = r->p;
  const char *why = NULL;
  if (!p->inputs.rows)
    why = pn_arena_printf(r->by.arena, "%s needs inputs=FILE, one vector in a line", r->by.who);
  else if (n_outputs(p) == 0)
    why = pn_arena_printf(r->by.arena, "%s: %d columns do not divide into groups of %d", r->by.who,
                          p->l->a->cols, (p->diff ? 2 : 1) * p->slices);
  else if (p->output >= n_outputs(p))
    why = pn_arena_printf(r->by.arena, "%s: outputs are numbered 0 to %d", r->by.who,
                          n_outputs(p) - 1);
  else if (p->vector >= p->inputs.rows)
    why = pn_arena_printf(r->by.arena, "%s: vectors are numbered 0 to %d", r->by.who,
                          p->inputs.rows - 1);
  if (why)
    pn_error(r->by.diag, args->loc, "%s", why);
  return !why;
}

mvm_args *mvm_parse(const char *word, pn_arena *a, pn_diag *d, const pn_args *args,
                    const pn_circuit *c, const pn_options *o)
{
  mvm_args *p = PN_NEW(a, mvm_args);
  *p = (mvm_args){.scale = 1, .vref = NAN, .fs = NAN, .slices = 1, .base = 2};
  reader r = {{word, a, d, o}, p};
  if (!(p->l = pn_lines_find(a, d, c, args)))
    return NULL;
  return pn_study_each(&r.by, args, read_option, &r) && check(&r, args) ? p : NULL;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params;
  return mvm_parse(".mvm", a, d, args, c, o);
}

/* ---- the run ---- */

static pn_status allocate(mvm_work *w)
{
  size_t n = (size_t)w->n, rows = (size_t)w->rows, cols = (size_t)w->cols, out = (size_t)w->n_out;
  struct {
    double **to;
    size_t n;
  } all[] = {{&w->v, n * rows},  {&w->i, n * cols},    {&w->g, rows * cols},
             {&w->out, n * out}, {&w->ideal, n * out}, {&w->transfer, rows * cols},
             {&w->i0, cols}};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    if (!(*all[k].to = calloc(all[k].n + 1, sizeof(double))))
      return PN_E_MEMORY;
  return PN_OK;
}

pn_status mvm_open(mvm_work *w, const pn_run *r, const mvm_args *p)
{
  *w = (mvm_work){.r = r,
                  .p = p,
                  .n = p->inputs.rows,
                  .rows = p->l->a->rows,
                  .cols = p->l->a->cols,
                  .n_out = n_outputs(p)};
  pn_status st = pn_study_open(&w->s, r, p->l);
  if (st == PN_OK)
    st = allocate(w);
  if (st)
    return st;
  for (size_t k = 0; k < (size_t)w->n * (size_t)w->rows; k++)
    w->v[k] = p->scale * p->inputs.at[k];
  mvm_apply_dac(w);
  for (int k = 0; k < w->s.a->n_gates; k++)
    pn_study_drive(&w->s, 2, k, p->vgate);
  return PN_OK;
}

void mvm_close(mvm_work *w)
{
  double *all[] = {w->v, w->i, w->g, w->out, w->ideal, w->transfer, w->i0};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    free(all[k]);
  pn_study_close(&w->s);
}

/* What the cells would multiply with: their own conductance at vref. */
static void find_conductances(mvm_work *w)
{
  double vref = w->p->vref;
  if (isnan(vref)) {
    vref = 0;
    for (size_t k = 0; k < (size_t)w->n * (size_t)w->rows; k++)
      vref = fmax(vref, fabs(w->v[k]));
    vref = vref > 0 ? vref : 0.1;
  }
  int per = w->s.a->per_cell;
  for (int k = 0; k < w->s.n_cells; k++) {
    double g = pn_study_conductance_at(&w->s, k, vref);
    w->g[k / per] += isnan(g) ? 0 : g;
  }
}

static void ideal_products(mvm_work *w, double *scratch)
{
  size_t rows = (size_t)w->rows, cols = (size_t)w->cols;
  for (int k = 0; k < w->n; k++) {
    memset(scratch, 0, cols * sizeof *scratch);
    for (size_t r = 0; r < rows; r++) {
      double v = w->p->scale * w->p->inputs.at[(size_t)k * rows + r];
      for (size_t c = 0; c < cols; c++)
        scratch[c] += w->g[r * cols + c] * v;
    }
    mvm_combine(w, scratch, w->ideal + (size_t)k * (size_t)w->n_out);
  }
}

static pn_status multiply(mvm_work *w)
{
  size_t cols = (size_t)w->cols;
  find_conductances(w);
  double *scratch = calloc(cols + 1, sizeof *scratch);
  if (!scratch)
    return PN_E_MEMORY;
  pn_status st = mvm_currents(w);
  if (st == PN_OK) {
    mvm_apply_adc(w, w->i);
    for (int k = 0; k < w->n; k++)
      mvm_combine(w, w->i + (size_t)k * cols, w->out + (size_t)k * (size_t)w->n_out);
    ideal_products(w, scratch);
  }
  free(scratch);
  return st;
}

/* One row per vector: out_0 ..., ideal_0 ... */
static pn_status write_products(mvm_work *w)
{
  size_t m = (size_t)w->n_out;
  pn_column *columns = calloc(2 * m + 1, sizeof *columns);
  char(*names)[40] = calloc(2 * m + 1, sizeof *names);
  double *row = calloc(2 * m + 1, sizeof *row);
  pn_recorder *rec = NULL;
  pn_status st = columns && names && row ? PN_OK : PN_E_MEMORY;
  for (size_t k = 0; st == PN_OK && k < 2 * m; k++) {
    snprintf(names[k], sizeof names[k], k < m ? "out_%zu" : "ideal_%zu", k % m);
    columns[k] = (pn_column){names[k], "current", "A"};
  }
  pn_column scale = {"vector", "notype", ""};
  if (st == PN_OK)
    st = w->r->begin(w->r->user, &pn_analysis_mvm, "Matrix-Vector Products", scale, columns,
                     (int)(2 * m), false, false, &rec);
  for (int k = 0; st == PN_OK && k < w->n; k++) {
    memcpy(row, w->out + (size_t)k * m, m * sizeof *row);
    memcpy(row + m, w->ideal + (size_t)k * m, m * sizeof *row);
    pn_recorder_extra(rec, row);
    pn_point at = {.sim = w->r->sim, .x = k, .y = w->s.y};
    st = pn_recorder_point(rec, &at);
  }
  if (rec) {
    pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  free(columns);
  free(names);
  free(row);
  return st;
}

static void tell(const mvm_work *w)
{
  const pn_run *r = w->r;
  mvm_errors e = mvm_judge(w);
  pn_str name = w->p->name;
  pn_study_number(r, name, "vectors", w->n);
  pn_study_number(r, name, "full_scale", e.fs);
  pn_study_number(r, name, "rmse", e.rmse);
  pn_study_number(r, name, "rmse_fs", e.rmse / e.fs);
  pn_study_number(r, name, "error_max_fs", e.worst / e.fs);
  pn_study_number(r, name, "bits", log2(e.fs / e.sigma));
  if (r->options->stats) {
    char line[160];
    snprintf(line, sizeof line,
             "mvm: %d vectors, cells are %s; %ld substitutions, %ld "
             "factorisations; %s",
             w->n, w->is_linear ? "linear" : "nonlinear", w->s.solves, w->s.factors,
             pn_sim_get_stats(r->sim).linsol);
    r->say(r->user, line);
  }
}

static pn_status run_mvm(const pn_run *r, void *args)
{
  mvm_work w;
  pn_status st = mvm_open(&w, r, args);
  if (st == PN_OK)
    st = multiply(&w);
  if (st == PN_OK)
    st = write_products(&w);
  if (st == PN_OK)
    tell(&w);
  mvm_close(&w);
  return st;
}

const pn_analysis pn_analysis_mvm = {
    .name = "mvm",
    .help = ".mvm ARRAY inputs=FILE.csv [v=V] [dac=BITS] [adc=BITS] [diff] [slices=N]",
    .parse = parse,
    .run = run_mvm,
    .own_columns = true,
};
