/* The currents of many input vectors on one programmed array. Linear cells: one transposed
 * substitution per bit line gives the matrix from inputs to currents, and every vector is a
 * product. Nonlinear cells: Newton from vector to vector, in threads with a sim each. */
#include "analysis/mvm.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_JOBS = 256, BLOCK = 64 };

pn_status mvm_solve_vector(pn_study *s, const mvm_work *w, int k)
{
  const double *v = w->v + (size_t)k * (size_t)w->rows;
  for (int j = 0; j < w->rows; j++)
    pn_study_drive(s, 0, j, v[j]);
  return pn_study_solve(s);
}

static void store(const pn_study *s, mvm_work *w, int k)
{
  for (int c = 0; c < w->cols; c++)
    w->i[(size_t)k * (size_t)w->cols + (size_t)c] = pn_study_current(s, 1, c);
}

/* ---- linear ---- */

/* J^T lambda = what makes the output of the unknowns; s->d is lambda. */
static pn_status adjoint(pn_study *s, const mvm_work *w, int output, int column)
{
  memset(s->d, 0, (size_t)s->n * sizeof *s->d);
  for (int c = 0; c < w->cols; c++) {
    double weight = column >= 0 ? c == column : mvm_weight(w, output, c);
    const pn_line *line = &s->l->bit[c];
    for (int j = 0; weight != 0 && j < line->n; j++)
      s->d[line->branch[j]] += weight * line->sign[j];
  }
  s->solves++;
  return pn_sim_solve_transposed(s->r->sim, s->d);
}

/* Evaluates and factors at the present solution. */
static pn_status linearise(pn_study *s)
{
  pn_status st = pn_sim_eval(s->r->sim, PN_SIM_OP, 0, s->y, true);
  if (st == PN_OK)
    st = pn_sim_factor(s->r->sim, 1, 0);
  s->factors++;
  return st;
}

/* dI_c/dV_r: a source's row is v_p - v_n - E = 0, so dI = lambda dE there. */
static pn_status find_transfer(mvm_work *w)
{
  pn_study *s = &w->s;
  pn_status st = pn_study_solve(s);
  if (st == PN_OK)
    st = linearise(s);
  for (int c = 0; st == PN_OK && c < w->cols; c++) {
    w->i0[c] = pn_study_current(s, 1, c);
    if ((st = adjoint(s, w, -1, c)))
      break;
    for (int r = 0; r < w->rows; r++) {
      const pn_line *line = &s->l->word[r];
      double sum = 0;
      for (int j = 0; j < line->n; j++)
        sum += s->d[line->branch[j]] * line->sign[j];
      w->transfer[(size_t)c * (size_t)w->rows + (size_t)r] = sum;
    }
  }
  return st;
}

static void multiply(const mvm_work *w, int first, int last, double *i)
{
  size_t rows = (size_t)w->rows, cols = (size_t)w->cols;
  for (int k = first; k < last; k++)
    for (size_t c = 0; c < cols; c++) {
      const double *t = w->transfer + c * rows, *v = w->v + (size_t)k * rows;
      double sum = w->i0[c];
      for (size_t r = 0; r < rows; r++)
        sum += t[r] * v[r];
      i[(size_t)(k - first) * cols + c] = sum;
    }
}

/* Does the product give what the equations give, for vector k? */
static pn_status agrees(mvm_work *w, int k, bool *good)
{
  double *i = calloc((size_t)w->cols + 1, sizeof *i);
  if (!i)
    return PN_E_MEMORY;
  multiply(w, k, k + 1, i);
  pn_status st = mvm_solve_vector(&w->s, w, k);
  double most = 0, error = 0;
  for (int c = 0; st == PN_OK && c < w->cols; c++) {
    double exact = pn_study_current(&w->s, 1, c);
    most = fmax(most, fabs(exact));
    error = fmax(error, fabs(exact - i[c]));
  }
  *good = error <= 1e-9 * most;
  free(i);
  return st;
}

/* The first, the last and the largest vector decide. */
static pn_status try_linear(mvm_work *w, bool *good)
{
  int largest = 0;
  double most = -1;
  for (int k = 0; k < w->n; k++)
    for (int r = 0; r < w->rows; r++)
      if (fabs(w->v[(size_t)k * (size_t)w->rows + (size_t)r]) > most) {
        most = fabs(w->v[(size_t)k * (size_t)w->rows + (size_t)r]);
        largest = k;
      }
  pn_status st = find_transfer(w);
  int probes[] = {largest, 0, w->n - 1};
  *good = true;
  for (int k = 0; st == PN_OK && *good && w->p->linear == MVM_AUTO && k < 3; k++)
    st = agrees(w, probes[k], good);
  return st;
}

/* ---- nonlinear ---- */

typedef struct share {
  mvm_work *w;
  pn_run run; /* the thread's own: its sim, no messages */
  pn_arena arena;
  pn_diag diag;
  pn_study s;
  bool open, started;
  pthread_t thread;
  pthread_mutex_t *lock;
  int *next;  /* first vector that nobody has taken */
  int failed; /* vector that failed, or -1 */
  pn_status st;
} share;

static void ignore_progress(void *user, double fraction, double x)
{
  (void)user, (void)fraction, (void)x;
}

static void ignore_text(void *user, const char *text)
{
  (void)user, (void)text;
}

/* A block of vectors in their order, so that each starts near the last, and the first where all blocks start,
 * with a solver that has seen nothing: results do not depend on who takes which. Ends before the vector
 * that fails, which it returns, or -1. */
static int solve_block(pn_study *s, mvm_work *w, int first, pn_status *st)
{
  int end = first + BLOCK < w->n ? first + BLOCK : w->n;
  memcpy(s->y, w->start, (size_t)s->n * sizeof *s->y);
  s->fresh = false;
  pn_sim_forget(s->r->sim);
  for (int k = first; k < end; k++) {
    if ((*st = mvm_solve_vector(s, w, k)))
      return k;
    store(s, w, k);
  }
  return -1;
}

static void *solve_blocks(void *user)
{
  share *h = user;
  for (;;) {
    pthread_mutex_lock(h->lock);
    int first = *h->next;
    *h->next += BLOCK;
    pthread_mutex_unlock(h->lock);
    if (first >= h->w->n)
      return NULL;
    h->failed = solve_block(&h->s, h->w, first, &h->st);
    if (h->st)
      return NULL;
  }
}

/* Parameters and temperatures that were set since the circuit was made. */
static void copy_params(const pn_run *r, pn_sim *to)
{
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    const pn_device_class *cls = pn_circuit_device_info(r->circuit, k).cls;
    for (int j = 0; j < cls->n_params; j++) {
      double v = pn_sim_get_param(r->sim, k, j), is = pn_sim_get_param(to, k, j);
      if (v != is && !(isnan(v) && isnan(is)))
        pn_sim_set_param(to, k, j, v);
    }
    pn_warmth w = pn_sim_warmth(r->sim, k), is = pn_sim_warmth(to, k);
    if (w.own != is.own || w.above != is.above)
      pn_sim_set_warmth(to, k, w);
  }
}

static pn_status open_share(share *h, mvm_work *w)
{
  pn_sim_options so = pn_sim_options_of(w->r->sim);
  so.threads = 1; /* the shares are the threads */
  h->w = w;
  h->failed = -1;
  h->run = *w->r;
  h->run.sim = NULL;
  h->run.diag = &h->diag;
  h->run.say = ignore_text;
  h->run.progress = ignore_progress;
  pn_arena_init(&h->arena, 0);
  pn_diag_init(&h->diag, &h->arena, NULL, NULL);
  h->open = true;
  pn_status st = pn_sim_new(w->r->circuit, &so, &h->diag, &h->run.sim);
  if (st)
    return st;
  copy_params(w->r, h->run.sim);
  st = pn_study_open(&h->s, &h->run, w->p->l);
  for (int k = 0; st == PN_OK && k < w->s.a->n_gates; k++)
    pn_study_drive(&h->s, 2, k, w->p->scheme.gate);
  return st;
}

static void close_share(share *h)
{
  if (!h->open)
    return;
  pn_study_close(&h->s);
  pn_sim_free(h->run.sim);
  pn_arena_free(&h->arena);
}

/* All vectors by the study itself: progress is told, failures are reported. */
static pn_status solve_alone(mvm_work *w)
{
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < w->n; k += BLOCK) {
    solve_block(&w->s, w, k, &st);
    w->r->progress(w->r->user, fmin(1, (double)(k + BLOCK) / w->n), k);
  }
  return st;
}

static pn_status run_shares(share *all, int n, mvm_work *w)
{
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  int next = 0;
  pn_status st = PN_OK;
  for (int k = 0; st == PN_OK && k < n; k++) {
    all[k].lock = &lock;
    all[k].next = &next;
    st = open_share(&all[k], w);
  }
  for (int k = 0; st == PN_OK && k < n; k++)
    all[k].started = pthread_create(&all[k].thread, NULL, solve_blocks, &all[k]) == 0;
  bool any = false;
  for (int k = 0; k < n; k++)
    if (all[k].started) {
      pthread_join(all[k].thread, NULL);
      w->s.solves += all[k].s.solves;
      w->s.factors += all[k].s.factors;
      any = true;
    }
  if (st == PN_OK && !any)
    return solve_alone(w);
  for (int k = 0; st == PN_OK && k < n; k++)
    if (all[k].st) /* once more, where messages are heard */
      st = all[k].failed >= 0 && all[k].st != PN_E_INTERRUPTED ? solve_alone(w) : all[k].st;
  return st;
}

static pn_status solve_parallel(mvm_work *w, int jobs)
{
  share *all = calloc((size_t)jobs, sizeof *all);
  if (!all)
    return PN_E_MEMORY;
  pn_status st = run_shares(all, jobs, w);
  for (int k = 0; k < jobs; k++)
    close_share(&all[k]);
  free(all);
  return st;
}

pn_status mvm_currents(mvm_work *w)
{
  bool linear = false;
  pn_status st = PN_OK;
  if (w->p->linear != MVM_NONLINEAR)
    st = try_linear(w, &linear);
  w->is_linear = linear;
  if (st)
    return st;
  if (linear) {
    multiply(w, 0, w->n, w->i);
    return PN_OK;
  }
  int jobs = w->r->options->jobs, blocks = (w->n + BLOCK - 1) / BLOCK;
  w->start = malloc((size_t)w->s.n * sizeof *w->start);
  if (!w->start)
    return PN_E_MEMORY;
  memcpy(w->start, w->s.y, (size_t)w->s.n * sizeof *w->start);
  jobs = jobs > blocks ? blocks : jobs > MOST_JOBS ? MOST_JOBS : jobs;
  st = jobs > 1 ? solve_parallel(w, jobs) : solve_alone(w);
  free(w->start);
  w->start = NULL;
  return st;
}

/* ---- sensitivities ---- */

/* A cell adds G v to the row of its first node and takes it from the second's: dI/dG =
 * -(lambda_p - lambda_n) v. One transposed substitution for all cells. */
pn_status mvm_sensitivity(mvm_work *w, int output, double *di_dg)
{
  pn_study *s = &w->s;
  pn_status st = linearise(s);
  s->fresh = false;
  if (st == PN_OK)
    st = adjoint(s, w, output, -1);
  for (int k = 0; st == PN_OK && k < s->n_cells; k++) {
    di_dg[k] = NAN;
    if (s->a->memory[k] < 0)
      continue;
    const int *u = pn_circuit_device_info(w->r->circuit, s->a->memory[k]).unknowns;
    double lp = u[0] == PN_GROUND ? 0 : s->d[u[0]], ln = u[1] == PN_GROUND ? 0 : s->d[u[1]];
    double vp = u[0] == PN_GROUND ? 0 : s->y[u[0]], vn = u[1] == PN_GROUND ? 0 : s->y[u[1]];
    di_dg[k] = -(lp - ln) * (vp - vn);
  }
  return st;
}
