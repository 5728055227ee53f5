/* .sens: how an output at the operating point depends on every parameter of every device and on every
 * source. One solve of the adjoint system gives all of them: d out/dp = -lambda' df/dp, with df/dp
 * from differences of the devices' own equations. */
#include "analysis/sens.h"
#include "analysis/list.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef pn_sens_entry entry;

typedef struct work {
  const pn_run *r;
  const pn_output *out;
  int n;
  double *y, *lambda, *f; /* [n] operating point, adjoint solution, scratch */
  entry *entries;         /* [n_entries] */
  double *value;          /* [n_entries] derivatives */
  int n_entries;
} work;

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  pn_sens_args *p = PN_NEW(a, pn_sens_args);
  int k = 1;
  if (!pn_output_read(a, d, ".sens", c, args, 0, &p->out))
    return NULL;
  if (k < args->n && pn_str_is(args->at[k].text, "dc"))
    k++;
  else if (k < args->n && pn_str_is(args->at[k].text, "ac")) {
    k++;
    p->over_frequency = true;
    if (!pn_frequencies_read(d, ".sens", args, &k, &p->f))
      return NULL;
  }
  if (k < args->n)
    return pn_error(d, args->at[k].loc, ".sens is written: %s", pn_analysis_sens.help), NULL;
  return p;
}

pn_status pn_sens_collect(const pn_run *r, bool without_sources, entry **list, int *n)
{
  const pn_circuit *c = r->circuit;
  size_t most = 1;
  for (int k = 0; k < pn_circuit_n_devices(c); k++)
    most += 1 + (size_t)pn_circuit_device_info(c, k).cls->n_params;
  entry *e = calloc(most, sizeof *e);
  *list = e;
  *n = 0;
  if (!e)
    return PN_E_MEMORY;
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    const pn_device_class *cls = pn_circuit_device_info(c, k).cls;
    if (!without_sources && (cls->letter == 'v' || cls->letter == 'i'))
      e[(*n)++] = (entry){k, -1};
    for (int j = 0; j < cls->n_params; j++) {
      double p = pn_sim_get_param(r->sim, k, j);
      if (isfinite(p) && p != 0 && !(cls->params[j].flags & PN_P_INTEGER))
        e[(*n)++] = (entry){k, j};
    }
  }
  return PN_OK;
}

const char *pn_sens_name(const pn_run *r, const entry *e)
{
  pn_device_info info = pn_circuit_device_info(r->circuit, e->device);
  /* r1 stands for its resistance; of devices with models every parameter has its name */
  bool own = e->index < 0 || (e->index == 0 && strchr("rclkefghvi", info.cls->letter));
  char name[PN_DEVICE_NAME];
  pn_circuit_device_name(r->circuit, e->device, name, sizeof name);
  return pn_run_name(r, "v(%s%s%s)", name, own ? "" : "_",
                     own ? "" : info.cls->params[e->index].name);
}

double pn_sens_step(double p)
{
  return fabs(p) * cbrt(DBL_EPSILON);
}

/* lambda' f at the operating point with a parameter at p. */
static pn_status product(work *w, const entry *e, double p, double *sum)
{
  pn_status st = pn_sim_set_param(w->r->sim, e->device, e->index, p);
  pn_sim_hold_states(w->r->sim, NULL); /* an initial state is a parameter, too */
  if (st == PN_OK)
    st = pn_sim_eval(w->r->sim, PN_SIM_OP, 0, w->y, false);
  const double *f = pn_sim_f(w->r->sim);
  *sum = 0;
  for (int k = 0; k < w->n && st == PN_OK; k++)
    *sum += w->lambda[k] * (f[k] - w->f[k]);
  return st;
}

static pn_status derivative(work *w, const entry *e, double *value)
{
  if (e->index < 0) {
    pn_drive in = pn_drive_of(w->r->circuit, e->device);
    *value = (in.plus >= 0 ? w->lambda[in.plus] : 0) - (in.minus >= 0 ? w->lambda[in.minus] : 0);
    return PN_OK;
  }
  double p = pn_sim_get_param(w->r->sim, e->device, e->index), above, below;
  double step = pn_sens_step(p), high = p + step, low = p - step;
  pn_status st = product(w, e, high, &above);
  if (st == PN_OK)
    st = product(w, e, low, &below);
  pn_status back = pn_sim_set_param(w->r->sim, e->device, e->index, p);
  pn_sim_hold_states(w->r->sim, NULL);
  *value = st == PN_OK ? -(above - below) / (high - low) : NAN;
  return st == PN_E_DOMAIN ? back : st ? st : back; /* a parameter at the end of its range: NAN */
}

static pn_status write(const work *w)
{
  const pn_run *r = w->r;
  pn_column scale = {"sens", "notype", ""};
  pn_column *columns = calloc((size_t)w->n_entries + 1, sizeof *columns);
  pn_recorder *rec;
  if (!columns)
    return PN_E_MEMORY;
  for (int k = 0; k < w->n_entries; k++)
    columns[k] = (pn_column){pn_sens_name(r, &w->entries[k]), "notype", ""};
  pn_status st = pn_run_named(columns, w->n_entries);
  if (st) {
    free(columns);
    return st;
  }
  st = r->begin(r->user, &pn_analysis_sens, "Sensitivity Analysis", scale, columns, w->n_entries,
                false, true, &rec);
  if (st == PN_OK) {
    pn_recorder_extra(rec, w->value);
    pn_point at = {.sim = r->sim, .y = w->y};
    st = pn_recorder_point(rec, &at);
    pn_status last = r->end(r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  for (int k = 0; k < w->n_entries && st == PN_OK; k++) {
    char told[160];
    const char *name = columns[k].name + 2; /* without "v(" and ")" */
    snprintf(told, sizeof told, "d_%.*s", (int)strlen(name) - 1, name);
    r->found(r->user, told, w->value[k]);
  }
  free(columns);
  return st;
}

static pn_status run_sens(const pn_run *r, void *args)
{
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  const pn_sens_args *p = args;
  if (p->over_frequency)
    return pn_sens_over_frequency(r, p);
  work w = {.r = r, .out = &p->out, .n = pn_sim_n(r->sim), .y = calloc(3 * n, sizeof *w.y)};
  w.lambda = w.y + n;
  w.f = w.lambda + n;
  pn_status st = w.y ? pn_op_solve(r, w.y, false, NULL) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_OP, 0, w.y, true);
  if (st == PN_OK) {
    memcpy(w.f, pn_sim_f(r->sim), (n - 1) * sizeof *w.f);
    if ((st = pn_sim_factor(r->sim, 1, 0)) == PN_E_SINGULAR)
      pn_sim_report_singular(r->sim);
  }
  if (st == PN_OK) {
    if (w.out->a >= 0)
      w.lambda[w.out->a] += 1;
    if (w.out->b >= 0)
      w.lambda[w.out->b] -= 1;
    st = pn_sim_solve_transposed(r->sim, w.lambda);
  }
  if (st == PN_OK)
    st = pn_sens_collect(r, false, &w.entries, &w.n_entries);
  if (st == PN_OK && !(w.value = calloc((size_t)w.n_entries + 1, sizeof *w.value)))
    st = PN_E_MEMORY;
  for (int k = 0; k < w.n_entries && st == PN_OK; k++)
    st = derivative(&w, &w.entries[k], &w.value[k]);
  if (st == PN_OK)
    st = write(&w);
  free(w.y);
  free(w.entries);
  free(w.value);
  return st;
}

const pn_analysis pn_analysis_sens = {
    .name = "sens",
    .help = ".sens V(OUT[,REF])|I(VSOURCE) [AC dec|oct|lin POINTS FSTART FSTOP]",
    .parse = parse,
    .run = run_sens,
    .delays = true,
    .own_columns = true,
};
