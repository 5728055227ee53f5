/* Biasing an array and solving it again and again: Newton's method with the last matrix as long
 * as that converges fast, so that a linear network costs one substitution per bias. */
#include "analysis/study.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An open line: a source behind so much leaks 1e-15 A per volt. */
#define OPEN_OHM 1e15
/* Studies compare currents: their own tolerance, far below that of an operating point. */
#define RELTOL 1e-9
enum { MOST_ITERATIONS = 60, RSER = 0 };

/* ---- opening ---- */

static int n_lines(const pn_array *a)
{
  return a->rows + a->cols + a->n_gates;
}

static pn_line *line_of(const pn_study *s, int kind, int k)
{
  return kind == 0 ? &s->l->word[k] : kind == 1 ? &s->l->bit[k] : &s->l->gate[k];
}

static size_t place_of(const pn_study *s, int kind, int k)
{
  return (size_t)(k + (kind > 0 ? s->a->rows : 0) + (kind > 1 ? s->a->cols : 0));
}

void pn_study_release(pn_study *s)
{
  s->fresh = false;
  int n[] = {s->a->rows, s->a->cols, s->a->n_gates};
  for (int kind = 0; kind < 3; kind++)
    for (int k = 0; k < n[kind]; k++) {
      s->driven[place_of(s, kind, k)] = INFINITY; /* whatever an earlier study left */
      s->open[place_of(s, kind, k)] = 1;
      pn_study_drive(s, kind, k, 0);
    }
}

static bool is_linear(const pn_circuit *c)
{
  bool linear = true;
  for (int k = 0; k < pn_circuit_n_devices(c); k++)
    linear &= (pn_circuit_device_info(c, k).cls->flags & PN_DEV_LINEAR) != 0;
  return linear;
}

pn_status pn_study_open(pn_study *s, const pn_run *r, const pn_lines *l)
{
  *s = (pn_study){.r = r, .l = l, .a = l->a, .n = pn_sim_n(r->sim), .loaded = -1};
  size_t n = (size_t)s->n + 1, m = (size_t)n_lines(s->a) + 1;
  s->n_cells = s->a->rows * s->a->cols * s->a->per_cell;
  s->y = calloc(n, sizeof *s->y);
  s->d = calloc(n, sizeof *s->d);
  s->weight = calloc(n, sizeof *s->weight);
  s->driven = calloc(m, sizeof *s->driven);
  s->open = calloc(m, sizeof *s->open);
  s->gates = calloc(2 * (size_t)s->a->n_gates + 1, sizeof *s->gates);
  s->other = s->a->n_gates ? calloc(n, sizeof *s->other) : NULL;
  if (!s->y || !s->d || !s->weight || !s->driven || !s->open || !s->gates ||
      (s->a->n_gates && !s->other))
    return PN_E_MEMORY;
  const double *atol = pn_sim_atol(r->sim);
  for (int k = 0; k < s->n; k++) {
    pn_unknown_kind kind = pn_circuit_unknown(r->circuit, k).kind;
    s->weight[k] = kind == PN_U_BRANCH ? 1e-14 : kind == PN_U_STATE ? atol[k] : 1e-12;
  }
  s->linear = is_linear(r->circuit);
  pn_study_release(s);
  return pn_op_solve(r, s->y, false, NULL);
}

void pn_study_close(pn_study *s)
{
  free(s->y);
  free(s->d);
  free(s->weight);
  free(s->driven);
  free(s->open);
  free(s->gates);
  free(s->other);
}

/* ---- biasing ---- */

void pn_study_drive(pn_study *s, int kind, int k, double v)
{
  size_t at = place_of(s, kind, k);
  bool floats = isnan(v);
  if (floats ? isnan(s->driven[at]) : s->driven[at] == v)
    return;
  const pn_line *line = line_of(s, kind, k);
  s->driven[at] = v;
  for (int j = 0; j < line->n; j++) {
    pn_sim_set_source(s->r->sim, line->source[j], floats ? 0 : line->sign[j] * v);
    if (floats == (s->open[at] != 0))
      continue;
    pn_device_info info = pn_circuit_device_info(s->r->circuit, line->source[j]);
    double own[2];
    if (info.cls->n_params == 0)
      continue; /* an ideal source */
    pn_circuit_device_params(s->r->circuit, line->source[j], own);
    pn_sim_set_param(s->r->sim, line->source[j], RSER, floats ? OPEN_OHM : own[RSER]);
    s->fresh = false;
  }
  s->open[at] = floats;
}

static void set_series(pn_study *s, const pn_line *line, double ohm)
{
  for (int j = 0; j < line->n; j++) {
    double own[2];
    pn_circuit_device_params(s->r->circuit, line->source[j], own);
    pn_sim_set_param(s->r->sim, line->source[j], RSER, isnan(ohm) ? own[RSER] : ohm);
  }
  s->fresh = false;
}

void pn_study_load(pn_study *s, int col, double ohm)
{
  if (s->loaded == col || (s->loaded < 0 && isnan(ohm)))
    return;
  if (s->loaded >= 0 && !s->open[place_of(s, 1, s->loaded)])
    set_series(s, &s->l->bit[s->loaded], NAN);
  s->loaded = isnan(ohm) ? -1 : col;
  if (!isnan(ohm))
    set_series(s, &s->l->bit[col], ohm);
}

static double share(double part, double v)
{
  return isnan(part) ? NAN : part * v;
}

void pn_study_bias(pn_study *s, const pn_scheme *scheme, double v, int row, int col)
{
  for (int k = 0; k < s->a->rows; k++)
    pn_study_drive(s, 0, k, share(k == row ? scheme->word : scheme->word_rest, v));
  for (int k = 0; k < s->a->cols; k++)
    pn_study_drive(s, 1, k, share(k == col ? scheme->bit : scheme->bit_rest, v));
  for (int k = 0; k < s->a->n_gates; k++)
    pn_study_drive(s, 2, k,
                   pn_array_gate_opens(s->a, k, row, col) ? scheme->gate : scheme->gate_rest);
}

/* ---- solving ---- */

static double weighted(const pn_study *s)
{
  double most = 0;
  for (int k = 0; k < s->n; k++) {
    double e = fabs(s->d[k]) / (RELTOL * fabs(s->y[k]) + s->weight[k]);
    if (!(e <= most))
      most = isfinite(e) ? e : INFINITY;
  }
  return most;
}

/* One iteration; the size of its update in *size. */
static pn_status iterate(pn_study *s, double *size)
{
  pn_sim *sim = s->r->sim;
  bool anew = !s->fresh;
  pn_status st = pn_sim_eval(sim, PN_SIM_OP, 0, s->y, anew);
  if (st)
    return st;
  memcpy(s->d, pn_sim_f(sim), (size_t)s->n * sizeof *s->d);
  pn_sim_bound(sim, s->y, s->d, 0);
  if (anew && (st = pn_sim_factor(sim, 1, 0)))
    return st;
  s->factors += anew;
  s->fresh = true;
  s->solves++;
  if ((st = pn_sim_solve(sim, s->d)))
    return st;
  for (int k = 0; k < s->n; k++)
    s->y[k] -= s->d[k];
  *size = weighted(s);
  return isfinite(*size) ? PN_OK : PN_E_DOMAIN;
}

/* Is the solution behind this update good enough? Simplified Newton contracts by theta, so that its
 * error is theta / (1 - theta) times as large (Hairer and Wanner 1996, Solving ODEs II, sec. IV.8); the
 * first update is the step of the bias, theta is known from the third on. With the matrix of each
 * point the next update is smaller by theta squared at least. The matrix of another point may hold an open
 * transistor where there is a closed one: its updates are small, by decades, and hardly shrink, far from the solution. */
static bool converged(const pn_study *s, int k, bool anew, double size, double theta)
{
  const double nothing = 1e-6, near = 100; /* tolerances; a single large step promises nothing */
  if (s->linear || (anew && size < 0.1))
    return true;
  if (anew)
    return k > 0 && size < near && theta < 0.01 && size * theta * theta < 0.01;
  if (size < 0.1)
    return size == 0 || (k > 0 && (theta < 0.9 || size < nothing));
  return k > 1 && theta < 0.9 && size * theta / (1 - theta) < 0.1;
}

/* Iterative solvers have nothing to factor: a new matrix at every point costs no more. */
static bool is_cheap(const pn_study *s)
{
  const char *name = pn_sim_get_stats(s->r->sim).linsol;
  return name && !strstr(name, "KLU"); /* neither chosen nor fallen back to */
}

static pn_status newton(pn_study *s)
{
  double before = 0, size = 0;
  bool cheap = !s->linear && is_cheap(s);
  for (int k = 0; k < MOST_ITERATIONS; k++) {
    bool anew = !s->fresh || cheap;
    s->fresh = !anew;
    pn_status st = iterate(s, &size);
    if (st)
      return st;
    double theta = k > 0 && before > 0 ? size / before : 1;
    bool rounding = anew && k > 1 && theta >= 0.9 && size < 10;
    if (rounding || converged(s, k, anew, size, theta))
      return PN_OK;
    if (k > 0 && theta > 0.3)
      s->fresh = false;
    before = size;
  }
  return PN_E_CONVERGENCE;
}

/* Devices with memory of their own (switches) take note; true when they changed. */
static bool settled(pn_study *s)
{
  return !pn_sim_accept(s->r->sim, 0, s->y);
}

/* Transistors that open or close move the solution far: where the gates are as they were at the solution
 * before the last, that is nearer. */
static void recall(pn_study *s)
{
  size_t n = (size_t)s->a->n_gates, n_mna = (size_t)pn_circuit_n_mna(s->r->circuit);
  const double *now = s->driven + place_of(s, 2, 0);
  if (!n || !memcmp(now, s->gates, n * sizeof *now))
    return;
  bool known = !memcmp(now, s->gates + n, n * sizeof *now);
  for (size_t k = 0; k < n_mna; k++) {
    double y = s->y[k];
    s->y[k] = known ? s->other[k] : y;
    s->other[k] = y;
  }
  memcpy(s->gates + n, s->gates, n * sizeof *now);
  memcpy(s->gates, now, n * sizeof *now);
  s->fresh = false;
}

pn_status pn_study_solve(pn_study *s)
{
  const pn_run *r = s->r;
  recall(s);
  for (int k = 0; k < 100; k++) {
    pn_status st = newton(s);
    if (st == PN_E_CONVERGENCE || st == PN_E_DOMAIN || st == PN_E_SINGULAR) {
      s->fresh = false;
      for (int j = 0; j < s->n; j++)
        if (!isfinite(s->y[j]))
          s->y[j] = 0;
      st = pn_op_solve(r, s->y, true, NULL);
    }
    if (st)
      return st;
    if (r->interrupted && r->interrupted(r->user))
      return PN_E_INTERRUPTED;
    if (settled(s))
      return PN_OK;
    s->fresh = false;
  }
  return pn_error(r->diag, PN_NOWHERE, "the switches of the array do not settle"), PN_E_CONVERGENCE;
}

void pn_study_restart(pn_study *s, const double *y)
{
  size_t n = (size_t)s->a->n_gates;
  const double *now = s->driven + place_of(s, 2, 0);
  memcpy(s->y, y, (size_t)s->n * sizeof *s->y);
  if (n) { /* no solution before this one is remembered */
    memcpy(s->other, y, (size_t)s->n * sizeof *s->y);
    memcpy(s->gates, now, n * sizeof *now);
    memcpy(s->gates + n, now, n * sizeof *now);
  }
  pn_study_hold(s);
  pn_sim_forget(s->r->sim);
}

double pn_study_current(const pn_study *s, int kind, int k)
{
  const pn_line *line = line_of(s, kind, k);
  double sum = 0;
  for (int j = 0; j < line->n; j++)
    sum += line->sign[j] * s->y[line->branch[j]];
  return sum;
}

double pn_study_power(const pn_study *s)
{
  int n[] = {s->a->rows, s->a->cols, s->a->n_gates};
  double sum = 0;
  for (int kind = 0; kind < 3; kind++)
    for (int k = 0; k < n[kind]; k++) {
      double v = s->driven[place_of(s, kind, k)];
      if (!isnan(v))
        sum -= v * pn_study_current(s, kind, k);
    }
  return sum;
}

/* ---- cells ---- */

static double voltage(const pn_study *s, const pn_device_info *info)
{
  double p = info->unknowns[0] == PN_GROUND ? 0 : s->y[info->unknowns[0]];
  return p - (info->unknowns[1] == PN_GROUND ? 0 : s->y[info->unknowns[1]]);
}

static pn_quantity current_of(const pn_study *s, int device)
{
  pn_quantity q;
  pn_sim_quantity_find(s->r->circuit, device, PN_STR("i"), &q);
  return q;
}

pn_cell_point pn_study_cell(pn_study *s, int k)
{
  int device = s->a->memory[k];
  if (device < 0)
    return (pn_cell_point){NAN, NAN, NAN};
  pn_device_info info = pn_circuit_device_info(s->r->circuit, device);
  pn_quantity q = current_of(s, device);
  double v = voltage(s, &info), i = pn_sim_quantity(s->r->sim, &q, 0, s->y, NULL);
  return (pn_cell_point){v, i, v != 0 ? i / v : NAN};
}

double pn_study_conductance_at(pn_study *s, int k, double v)
{
  int device = s->a->memory[k];
  if (device < 0)
    return NAN;
  pn_device_info info = pn_circuit_device_info(s->r->circuit, device);
  int p = info.unknowns[0], n = info.unknowns[1];
  pn_quantity q = current_of(s, device);
  double *moved = &s->y[p != PN_GROUND ? p : n], kept = *moved;
  *moved = p == PN_GROUND ? -v : n == PN_GROUND ? v : v + s->y[n];
  double i = pn_sim_quantity(s->r->sim, &q, 0, s->y, NULL);
  *moved = kept;
  return i / v;
}

static bool is_memristor(const pn_device_info *info)
{
  return info->cls->flags & PN_DEV_MEMRISTOR;
}

double pn_study_state(const pn_study *s, int k)
{
  int device = s->a->memory[k];
  if (device < 0)
    return NAN;
  pn_device_info info = pn_circuit_device_info(s->r->circuit, device);
  return is_memristor(&info) ? s->y[info.unknowns[2]] : pn_sim_get_param(s->r->sim, device, 0);
}

bool pn_study_can_set(const pn_study *s, int k)
{
  return s->a->memory[k] >= 0 && !(s->a->stuck && s->a->stuck[k]);
}

void pn_study_set_state(pn_study *s, int k, double x)
{
  int device = s->a->memory[k];
  if (!pn_study_can_set(s, k))
    return;
  pn_device_info info = pn_circuit_device_info(s->r->circuit, device);
  if (is_memristor(&info))
    s->y[info.unknowns[2]] = x;
  else
    pn_sim_set_param(s->r->sim, device, 0, x);
}

void pn_study_hold(pn_study *s)
{
  pn_sim_hold_states(s->r->sim, s->y);
  s->fresh = false;
}

void pn_study_bounds(const pn_study *s, int k, double *low, double *high)
{
  *low = *high = NAN;
  int device = s->a->memory[k];
  if (device < 0)
    return;
  pn_device_info info = pn_circuit_device_info(s->r->circuit, device);
  if (!is_memristor(&info))
    return;
  const pn_mem_state *state = &info.cls->mem->states[0];
  if (state->p_min >= 0)
    *low = pn_sim_get_param(s->r->sim, device, state->p_min);
  if (state->p_max >= 0)
    *high = pn_sim_get_param(s->r->sim, device, state->p_max);
}

void pn_study_number(const pn_run *r, pn_str prefix, const char *name, double value)
{
  char line[96];
  if (prefix.n)
    snprintf(line, sizeof line, "%.*s_%s", (int)(prefix.n > 40 ? 40 : prefix.n), prefix.p, name);
  else
    snprintf(line, sizeof line, "%s", name);
  r->found(r->user, line, value);
}
