/* .sens OUT ac ...: how the output's phasor depends on every parameter of every device. With A = G + j omega C,
 * A x = b and A' lambda = e (e picks the output), d out/dp = -lambda' (dA/dp) x: one solve more than .ac needs
 * at each frequency, whatever the number of parameters. dA/dp is a difference of the devices' own
 * derivatives, along the line on which the operating point moves with the parameter. */
#include "analysis/list.h"
#include "analysis/sens.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t MOST_BYTES = (size_t)2 << 30; /* of solutions that are kept */

typedef struct work {
  const pn_run *r;
  const pn_sens_args *p;
  int n;                       /* unknowns */
  long points;                 /* frequencies */
  double *y, *shifted;         /* [n] operating point; moved along with a parameter */
  double *way, *f;             /* [n] d y/dp; scratch */
  double *v, *g, *c;           /* [n] scratch: a vector, G v, C v */
  double complex *x, *adjoint; /* [points][n] */
  pn_sens_entry *entries;      /* [n_entries] */
  int n_entries;
  double complex *sum; /* [n_entries][points] derivatives */
} work;

/* Solutions and adjoint solutions at all frequencies. */
static pn_status solve_all(work *w)
{
  const pn_run *r = w->r;
  pn_status st = pn_sim_eval(r->sim, PN_SIM_TRAN, 0, w->y, true);
  if (st == PN_OK)
    pn_sim_freeze_bounds(r->sim);
  for (long k = 0; k < w->points && st == PN_OK; k++) {
    double complex *x = w->x + k * w->n, *a = w->adjoint + k * w->n;
    pn_sim_ac_rhs(r->sim, x);
    st = pn_sim_factor_complex(r->sim, I * 2 * M_PI * pn_frequency_at(&w->p->f, k));
    if (st == PN_E_SINGULAR)
      pn_sim_report_singular(r->sim);
    if (st == PN_OK)
      st = pn_sim_solve_complex(r->sim, x);
    memset(a, 0, (size_t)w->n * sizeof *a);
    if (w->p->out.a >= 0)
      a[w->p->out.a] += 1;
    if (w->p->out.b >= 0)
      a[w->p->out.b] -= 1;
    if (st == PN_OK)
      st = pn_sim_solve_complex_transposed(r->sim, a);
  }
  return st;
}

static pn_status set(const work *w, const pn_sens_entry *e, double p)
{
  pn_status st = pn_sim_set_param(w->r->sim, e->device, e->index, p);
  pn_sim_hold_states(w->r->sim, NULL); /* an initial state is a parameter, too */
  return st;
}

/* How the operating point moves with a parameter: G dy/dp = -df/dp. 0 in linear circuits, whose A does not
 * depend on it. */
static pn_status find_way(work *w, const pn_sens_entry *e, double p, double h)
{
  pn_sim *sim = w->r->sim;
  memset(w->way, 0, (size_t)w->n * sizeof *w->way);
  if (pn_sim_is_linear(sim))
    return PN_OK;
  pn_status st = set(w, e, p + h);
  if (st == PN_OK)
    st = pn_sim_eval(sim, PN_SIM_OP, 0, w->y, false);
  if (st == PN_OK)
    memcpy(w->f, pn_sim_f(sim), (size_t)w->n * sizeof *w->f);
  if (st == PN_OK)
    st = set(w, e, p - h);
  if (st == PN_OK)
    st = pn_sim_eval(sim, PN_SIM_OP, 0, w->y, false);
  for (int k = 0; k < w->n && st == PN_OK; k++)
    w->way[k] = -(w->f[k] - pn_sim_f(sim)[k]) / (2 * h);
  pn_status back = set(w, e, p);
  st = st ? st : back;
  if (st == PN_OK)
    st = pn_sim_eval(sim, PN_SIM_OP, 0, w->y, true);
  if (st == PN_OK)
    st = pn_sim_factor(sim, 1, 0);
  return st ? st : pn_sim_solve(sim, w->way);
}

/* Adds sign * lambda' A x at all frequencies, with the parameter at p + step. */
static pn_status add(work *w, const pn_sens_entry *e, double p, double step, double sign,
                     double complex *sum)
{
  pn_sim *sim = w->r->sim;
  for (int k = 0; k < w->n; k++)
    w->shifted[k] = w->y[k] + step * w->way[k];
  pn_status st = set(w, e, p + step);
  if (st == PN_OK)
    st = pn_sim_eval(sim, PN_SIM_TRAN, 0, w->shifted, true);
  for (long j = 0; j < w->points && st == PN_OK; j++) {
    double omega = 2 * M_PI * pn_frequency_at(&w->p->f, j);
    for (int part = 0; part < 2; part++) { /* real and imaginary part of x */
      double complex dot = 0;
      for (int k = 0; k < w->n; k++)
        w->v[k] = part ? cimag(w->x[j * w->n + k]) : creal(w->x[j * w->n + k]);
      pn_sim_mul_g(sim, w->v, w->g);
      pn_sim_mul_c(sim, w->v, w->c);
      for (int k = 0; k < w->n; k++)
        dot += w->adjoint[j * w->n + k] * (w->g[k] + I * omega * w->c[k]);
      sum[j] += sign * (part ? I * dot : dot);
    }
  }
  return st;
}

/* All frequencies of one parameter. At the end of a parameter's range there is no derivative: NAN. */
static pn_status derivative(work *w, const pn_sens_entry *e, double complex *sum)
{
  double p = pn_sim_get_param(w->r->sim, e->device, e->index), h = pn_sens_step(p);
  pn_status st = find_way(w, e, p, h);
  if (st == PN_OK)
    st = add(w, e, p, h, 1, sum);
  if (st == PN_OK)
    st = add(w, e, p, -h, -1, sum);
  for (long j = 0; j < w->points; j++)
    sum[j] = st ? NAN : -sum[j] / (2 * h);
  pn_status back = set(w, e, p);
  return st == PN_E_DOMAIN ? back : st ? st : back;
}

static pn_status write(work *w)
{
  const pn_run *r = w->r;
  pn_column scale = {"frequency", "frequency", "Hz"};
  pn_column *columns = calloc((size_t)w->n_entries + 1, sizeof *columns);
  double complex *row = calloc((size_t)w->n_entries + 1, sizeof *row);
  pn_recorder *rec = NULL;
  pn_status st = columns && row ? PN_OK : PN_E_MEMORY;
  for (int k = 0; k < w->n_entries && st == PN_OK; k++)
    columns[k] = (pn_column){pn_sens_name(r, &w->entries[k]), "notype", ""};
  if (st == PN_OK)
    st = pn_run_named(columns, w->n_entries);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_sens, "Sensitivity Analysis", scale, columns, w->n_entries,
                  true, false, &rec);
  bool begun = st == PN_OK;
  for (long j = 0; j < w->points && st == PN_OK; j++) {
    for (int k = 0; k < w->n_entries; k++)
      row[k] = w->sum[k * w->points + j];
    pn_recorder_extra_complex(rec, row);
    pn_point at = {
        .sim = r->sim, .x = pn_frequency_at(&w->p->f, j), .y = w->y, .ac = w->x + j * w->n};
    st = pn_recorder_point(rec, &at);
  }
  if (begun) {
    pn_status last = r->end(r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  free(columns);
  free(row);
  return st;
}

static pn_status allocate(work *w)
{
  size_t n = (size_t)w->n + 1, all = (size_t)w->points * n;
  pn_status st = pn_sens_collect(w->r, true, &w->entries, &w->n_entries);
  if (st)
    return st;
  size_t sums = (size_t)w->points * (size_t)w->n_entries + 1;
  if ((2 * all + sums) * sizeof *w->x > MOST_BYTES)
    return pn_error(w->r->diag, PN_NOWHERE,
                    ".sens: %ld frequencies of %d unknowns and %d parameters are too many to keep",
                    w->points, w->n, w->n_entries);
  w->y = calloc(7 * n, sizeof *w->y);
  w->x = calloc(all, sizeof *w->x);
  w->adjoint = calloc(all, sizeof *w->adjoint);
  w->sum = calloc(sums, sizeof *w->sum);
  if (!w->y || !w->x || !w->adjoint || !w->sum)
    return PN_E_MEMORY;
  double **parts[] = {&w->shifted, &w->way, &w->f, &w->v, &w->g, &w->c};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    *parts[k] = w->y + (k + 1) * n;
  return PN_OK;
}

pn_status pn_sens_over_frequency(const pn_run *r, const pn_sens_args *p)
{
  work w = {.r = r, .p = p, .n = pn_sim_n(r->sim), .points = p->f.points};
  pn_status st = allocate(&w);
  if (st == PN_OK)
    st = pn_op_solve(r, w.y, false, NULL);
  if (st == PN_OK)
    st = solve_all(&w);
  for (int k = 0; k < w.n_entries && st == PN_OK; k++) {
    st = r->interrupted(r->user) ? PN_E_INTERRUPTED
                                 : derivative(&w, &w.entries[k], w.sum + k * w.points);
    r->progress(r->user, (double)(k + 1) / w.n_entries, k + 1);
  }
  if (st == PN_OK)
    st = write(&w);
  free(w.y);
  free(w.x);
  free(w.adjoint);
  free(w.sum);
  free(w.entries);
  return st;
}
