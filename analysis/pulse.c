/* Marching through one pulse: from corner to corner, each a breakpoint. A state that switches faster
 * than time resolves is carried over by two implicit Euler steps, as in .tran. */
#include "analysis/pulse_moving.h"
#include "analysis/start.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_PER_SEGMENT = 4, MOST_LEAPS = 1000 };

static int n_lines(const pn_array *a)
{
  return a->rows + a->cols + a->n_gates;
}

/* ---- opening ---- */

static void assign_roles(pulse *p)
{
  const pn_study *s = p->s;
  for (int k = 0; k < pn_circuit_n_devices(s->r->circuit); k++) {
    char letter = pn_circuit_device_info(s->r->circuit, k).cls->letter;
    p->role[k] = letter == 'v' || letter == 'i' ? PULSE_SOURCES : PULSE_WIRES;
    p->cell[k] = -1;
  }
  for (int k = 0; k < s->n_cells; k++)
    if (s->a->memory[k] >= 0) {
      p->role[s->a->memory[k]] = PULSE_REST;
      p->cell[s->a->memory[k]] = k / s->a->per_cell;
    }
}

static size_t n_cells(const pn_array *a)
{
  return (size_t)a->rows * (size_t)a->cols;
}

pn_status pulse_open(pulse *p, pn_study *s)
{
  size_t n = (size_t)s->n + 1, lines = (size_t)n_lines(s->a) + 1;
  size_t devices = (size_t)pn_circuit_n_devices(s->r->circuit) + 1;
  p->s = s;
  pn_status st = pn_circuit_dae_new(s->r->sim, s->r->options->reltol, false, &p->dae);
  if (st == PN_OK)
    st = pn_sim_let_rest(s->r->sim, s->r->options->bypass);
  if (st)
    return st;
  p->wave = calloc(2 * lines, sizeof *p->wave);
  p->value = calloc(2 * lines * PULSE_POINTS, sizeof *p->value);
  p->role = calloc(devices, sizeof *p->role);
  p->cell = calloc(devices, sizeof *p->cell);
  p->y = calloc(n, sizeof *p->y);
  p->yp = calloc(n, sizeof *p->yp);
  p->q = calloc(n, sizeof *p->q);
  p->rest = calloc(n, sizeof *p->rest);
  p->gate = calloc((size_t)s->a->n_gates + 1, sizeof *p->gate);
  p->cell_energy = calloc(n_cells(s->a) + 1, sizeof *p->cell_energy);
  p->cell_before = calloc(n_cells(s->a) + 1, sizeof *p->cell_before);
  if (!p->cell_energy || !p->cell_before || !p->wave || !p->value || !p->role || !p->cell ||
      !p->y || !p->yp || !p->q || !p->rest || !p->gate)
    return PN_E_MEMORY;
  memcpy(p->rest, s->y, (size_t)s->n * sizeof *p->rest);
  assign_roles(p);
  return p->whole || p->energy ? PN_OK : pulse_moving_open(p, &p->moving);
}

void pulse_close(pulse *p)
{
  pulse_moving_close(p->moving);
  pn_integrator_free(p->g);
  pn_circuit_dae_free(p->dae);
  free(p->wave);
  free(p->value);
  free(p->role);
  free(p->cell);
  free(p->y);
  free(p->yp);
  free(p->q);
  free(p->rest);
  free(p->gate);
  free(p->cell_energy);
  free(p->cell_before);
}

/* ---- waveforms ---- */

static const pn_line *line_at(const pulse *p, int k)
{
  const pn_lines *l = p->s->l;
  const pn_array *a = p->s->a;
  return k < a->rows             ? &l->word[k]
         : k < a->rows + a->cols ? &l->bit[k - a->rows]
                                 : &l->gate[k - a->rows - a->cols];
}

/* Word and bit lines rise from 0 to the voltage they are driven to now, and fall; gates stand. */
static void set_waves(pulse *p, double width)
{
  pn_study *s = p->s;
  double corners[PULSE_POINTS] = {0, p->edge, p->edge + width, 2 * p->edge + width};
  memcpy(p->time, corners, sizeof corners);
  for (int k = 0; k < n_lines(s->a); k++) {
    double top = isnan(s->driven[k]) ? 0 : s->driven[k];
    double foot = k < s->a->rows + s->a->cols ? 0 : top;
    const pn_line *line = line_at(p, k);
    for (int j = 0; j < line->n; j++) {
      size_t at = 2 * (size_t)k + (size_t)j;
      double *v = p->value + at * PULSE_POINTS;
      v[0] = v[3] = foot * line->sign[j];
      v[1] = v[2] = top * line->sign[j];
      p->wave[at] = (pn_wave){
          .kind = PN_WAVE_PWL, .n_points = PULSE_POINTS, .time = p->time, .value = v, .repeat = -1};
      pn_sim_set_source(s->r->sim, line->source[j], NAN);
      pn_sim_set_wave(s->r->sim, line->source[j], &p->wave[at]);
    }
  }
}

static void unset_waves(pulse *p)
{
  pn_study *s = p->s;
  for (int k = 0; k < n_lines(s->a); k++) {
    const pn_line *line = line_at(p, k);
    for (int j = 0; j < line->n; j++)
      pn_sim_set_wave(s->r->sim, line->source[j], NULL);
  }
  pn_study_release(s);
}

/* ---- energy ---- */

static pulse_share share_of(const pulse *p, int device, int row, int col)
{
  int cell = p->cell[device], cols = p->s->a->cols;
  if (cell < 0)
    return (pulse_share)p->role[device];
  bool on_word = cell / cols == row, on_bit = cell % cols == col;
  return on_word && on_bit ? PULSE_SELECTED : on_word || on_bit ? PULSE_HALF : PULSE_REST;
}

/* Trapezoids of the power of every device: at every point the sum of all powers is nil (Tellegen), so
 * that of their integrals is too. */
static void add_energy(pulse *p, double t, double h, int row, int col, const double *y,
                       const double *yp)
{
  double power[PULSE_SHARES] = {0};
  const pn_run *r = p->s->r;
  if (!p->energy)
    return;
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    pn_quantity q;
    if (!pn_sim_quantity_find(r->circuit, k, PN_STR("p"), &q))
      continue;
    double watt = pn_sim_quantity(r->sim, &q, t, y, yp);
    int cell = p->cell[k];
    power[share_of(p, k, row, col)] += watt;
    if (cell >= 0) {
      p->cell_energy[cell] += h * (p->cell_before[cell] + watt) / 2;
      p->cell_before[cell] = watt;
    }
  }
  for (int k = 0; k < PULSE_SHARES; k++) {
    p->share[k] += h * (p->before[k] + power[k]) / 2;
    p->before[k] = power[k];
  }
}

/* ---- marching ---- */

static pn_status charges(pulse *p, double t, const double *y)
{
  pn_sim *sim = p->s->r->sim;
  pn_status st = pn_sim_eval(sim, PN_SIM_TRAN, t, y, false);
  if (st == PN_OK)
    memcpy(p->q, pn_sim_q(sim), (size_t)p->s->n * sizeof *p->q);
  return st;
}

static pn_status consistent(pulse *p, double t)
{
  pn_status st = charges(p, t, p->y);
  double tiny = 1e-9 * fmin(p->edge, p->time[3] / STEPS_PER_SEGMENT);
  return st ? st : pn_start_consistent(p->s->r, t, tiny, p->q, p->y, p->yp);
}

/* Other gates than before: the lines at 0 V behind them, settled. */
static pn_status open_gates(pulse *p, const pn_scheme *scheme, int row, int col)
{
  pn_study *s = p->s;
  const double *now = s->driven + s->a->rows + s->a->cols;
  size_t n = (size_t)s->a->n_gates * sizeof *now;
  pn_study_bias(s, scheme, 0, row, col);
  if (!memcmp(now, p->gate, n))
    return PN_OK;
  memcpy(p->gate, now, n);
  memcpy(s->y, p->rest, (size_t)s->n * sizeof *p->rest);
  pn_status st = pn_study_solve(s);
  memcpy(p->rest, s->y, (size_t)s->n * sizeof *p->rest);
  return st;
}

static pn_status start(pulse *p)
{
  memcpy(p->y, p->rest, (size_t)p->s->n * sizeof *p->y);
  memset(p->yp, 0, (size_t)p->s->n * sizeof *p->yp);
  memset(p->before, 0, sizeof p->before);
  memset(p->cell_before, 0, n_cells(p->s->a) * sizeof *p->cell_before);
  pn_status st = consistent(p, 0);
  if (st)
    return st;
  if (!p->g)
    return pn_integrator_new("trbdf2", pn_circuit_dae_view(p->dae), 0, p->y, p->yp, 0, &p->g);
  return pn_integrator_restart(p->g, 0, p->y, p->yp, false, 0);
}

static pn_status take_over(pulse *p, double t, bool jump)
{
  memcpy(p->y, pn_integrator_y(p->g), (size_t)p->s->n * sizeof *p->y);
  memcpy(p->yp, pn_integrator_yp(p->g), (size_t)p->s->n * sizeof *p->yp);
  pn_status st = jump ? consistent(p, t) : PN_OK;
  return st ? st : pn_integrator_restart(p->g, t, p->y, p->yp, false, 0);
}

static bool is_too_fast(pn_status st)
{
  return st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN;
}

/* From *t to the corner `stop`. */
static pn_status march(pulse *p, double *t, double stop, int row, int col)
{
  const pn_run *r = p->s->r;
  double hmax = (stop - *t) / STEPS_PER_SEGMENT, leapt_at = -1;
  int leaps = 0;
  while (*t < stop) {
    pn_step_kind kind;
    double from = *t;
    pn_status st = pn_integrator_step(p->g, stop, hmax, t, &kind);
    if (is_too_fast(st) && leaps++<MOST_LEAPS && * t> leapt_at) {
      leapt_at = *t;
      st = take_over(p, *t, true);
      if (st == PN_OK)
        add_energy(p, *t, 0, row, col, p->y, p->yp);
    } else if (st == PN_OK) {
      p->steps++;
      add_energy(p, *t, *t - from, row, col, pn_integrator_y(p->g), pn_integrator_yp(p->g));
      if (pn_sim_accept(r->sim, *t, pn_integrator_y(p->g)) || kind == PN_STEP_EVENT)
        st = take_over(p, *t, true);
    }
    if (st)
      return st;
    if (r->interrupted && r->interrupted(r->user))
      return PN_E_INTERRUPTED;
  }
  return PN_OK;
}

static pn_status through_corners(pulse *p, int row, int col, double *i)
{
  double t = 0, end = p->time[3] + p->gap;
  double corners[] = {p->time[1], p->time[2], p->time[3], end};
  for (int k = 0; k < 4; k++) {
    if (!(corners[k] > t))
      continue;
    pn_status st = march(p, &t, corners[k], row, col);
    if (st)
      return st;
    if (k == 1 && i) {
      memcpy(p->s->y, pn_integrator_y(p->g), (size_t)p->s->n * sizeof *p->y);
      *i = pn_study_current(p->s, 1, col);
    }
    if (k < 3 && (st = take_over(p, t, false)))
      return st;
  }
  memcpy(p->s->y, pn_integrator_y(p->g), (size_t)p->s->n * sizeof *p->y);
  pn_sim_clip(p->s->r->sim, p->s->y);
  pn_sim_hold_states(p->s->r->sim, p->s->y);
  memcpy(p->rest, p->s->y, (size_t)p->s->n * sizeof *p->rest);
  return PN_OK;
}

pn_status pulse_apply(pulse *p, const pn_scheme *scheme, double v, double width, int row, int col,
                      double *i)
{
  pn_status st = open_gates(p, scheme, row, col);
  bool done = false;
  pn_study_bias(p->s, scheme, v, row, col);
  if (st == PN_OK && p->moving)
    st = pulse_moving_apply(p, scheme, v, width, row, col, i, &done);
  if (st || done)
    return st;
  set_waves(p, width);
  st = start(p);
  if (st == PN_OK)
    st = through_corners(p, row, col, i);
  unset_waves(p);
  return st;
}
