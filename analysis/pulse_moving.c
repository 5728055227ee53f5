/* One pulse: the ports of what moves at its top (pulse_top.c), their integration, and a check that
 * the array around them has stayed as linear, and all other rates as constant, as was assumed. */
#include "analysis/pulse_moving.h"

#include "analysis/pulse_top.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ATTEMPTS = 5, CHECK_EVERY = 8 };
static const double SMALL = 0.01;  /* change of a state, relative, that may be drift */
static const double CHECKED = 0.1; /* of the integrator's tolerance, that assumptions may cost */
static const double NEGLIGIBLE = 1e-3; /* of the same: no motion at all */
static const double MOST_LAG = 3e-4;   /* of the width, behind the drivers */
static const double TANGENT = 1e-4; /* of the largest voltage, over which rates are linear in it */
static const double NEAR = 0.05;    /* of a pulse's voltage, to which ports are extrapolated */
static const double DOUBT = 3;      /* on bends that were measured in other pulses */

/* ---- opening ---- */

static bool takes(const pulse *p)
{
  const pn_run *r = p->s->r;
  if (pn_sim_n_events(r->sim) || pn_circuit_has_delays(r->circuit, NULL))
    return false;
  for (int k = 0; k < pn_circuit_n_devices(r->circuit); k++) {
    pn_device_info d = pn_circuit_device_info(r->circuit, k);
    bool memristor = d.cls->flags & PN_DEV_MEMRISTOR;
    if (memristor ? !pn_group_takes(r->sim, k) || d.hold == PN_OP_STEADY
                  : d.cls->flags & PN_DEV_TIME || d.cls->accept)
      return false;
  }
  return true;
}

/* Sources beside those of the lines that change in time, and models that know the time. */
static pn_status depends_on_time(const pulse *p, double *room, bool *depends)
{
  const pn_study *s = p->s;
  pn_status st = pn_sim_eval(s->r->sim, PN_SIM_TRAN, 0, s->y, false);
  if (st)
    return st;
  memcpy(room, pn_sim_f(s->r->sim), (size_t)s->n * sizeof *room);
  for (int k = 1; k < 4 && !st && !*depends; k++) {
    st = pn_sim_eval(s->r->sim, PN_SIM_TRAN, k * 0.31 * p->edge * 20, s->y, false);
    *depends = !st && memcmp(room, pn_sim_f(s->r->sim), (size_t)s->n * sizeof *room);
  }
  return st;
}

static void list_states(const pulse *p, pulse_moving *q)
{
  const pn_circuit *c = p->s->r->circuit;
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    pn_device_info d = pn_circuit_device_info(c, k);
    for (int m = 0; d.cls->flags & PN_DEV_MEMRISTOR && m < d.cls->mem->n_states; m++)
      if (d.cls->mem->states[m].mass) {
        q->unknown[q->n_states] = d.unknowns[2 + m];
        q->owner[q->n_states++] = k;
      }
  }
  for (int k = 0; k < pn_circuit_n_mna(c); k++) {
    q->charged |= pn_sim_differential(p->s->r->sim)[k] || pn_sim_q_nonlinear(p->s->r->sim)[k];
    q->branch[k] = pn_circuit_unknown(c, k).kind == PN_U_BRANCH;
  }
  pn_sim_bounds(p->s->r->sim, q->lo, q->hi);
}

pn_status pulse_moving_open(pulse *p, pulse_moving **out)
{
  *out = NULL;
  if (!takes(p))
    return PN_OK;
  pulse_moving *q = calloc(1, sizeof *q);
  if (!q)
    return PN_E_MEMORY;
  size_t n = (size_t)p->s->n + 1;
  double **vectors[] = {&q->lo,       &q->hi,          &q->y,        &q->d,
                        &q->rate,     &q->along,       &q->rate_end, &q->top[0].y,
                        &q->top[1].y, &q->read_column, &q->by_share};
  bool good = true;
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    good &= (*vectors[k] = calloc(n, sizeof(double))) != NULL;
  q->column = calloc(MOVERS_MOST * n, sizeof *q->column);
  q->unknown = calloc(n, sizeof *q->unknown);
  q->owner = calloc(n, sizeof *q->owner);
  q->branch = calloc(n, 1);
  bool depends = false;
  pn_status st = good && q->column && q->unknown && q->owner && q->branch ? PN_OK : PN_E_MEMORY;
  if (!st)
    st = depends_on_time(p, q->d, &depends);
  if (st || depends) {
    pulse_moving_close(q);
    return st;
  }
  list_states(p, q);
  q->device = -1;
  *out = q;
  return PN_OK;
}

void pulse_moving_close(pulse_moving *q)
{
  if (!q)
    return;
  movers_choose(&q->m, NULL, 0, NULL, 0, NULL, 0);
  pn_group_free(q->read_cell);
  double *vectors[] = {q->by_share, q->read_column, q->lo,       q->hi,
                       q->y,        q->d,           q->rate,     q->along,
                       q->rate_end, q->top[0].y,    q->top[1].y, q->column};
  for (size_t k = 0; k < sizeof vectors / sizeof *vectors; k++)
    free(vectors[k]);
  free(q->unknown);
  free(q->owner);
  free(q->branch);
  free(q);
}

/* ---- what moves ---- */

/* s: the time at the top that both edges and it are worth; rates go as powers of the voltage. */
static double time_of(const pulse_moving *q, int u)
{
  double power = q->rate[u] != 0 ? q->along[u] / q->rate[u] : 0;
  return q->m.width + 2 * q->m.edge / (1 + fmax(0, power));
}

static double tolerance_of(const pulse *p, int u)
{
  return p->s->r->options->reltol * fabs(p->rest[u]) + pn_sim_atol(p->s->r->sim)[u];
}

static int place_in(const int *list, int n, int device)
{
  for (int k = 0; k < n; k++)
    if (list[k] == device)
      return k;
  return -1;
}

/* Adds a device; false when there are too many. */
static bool add(int *list, int *n, int device)
{
  if (place_in(list, *n, device) >= 0)
    return true;
  if (*n == MOVERS_MOST)
    return false;
  list[(*n)++] = device;
  return true;
}

/* Devices that move by more than drift may, and the selected one if it moves at all; *any: something moves at all. */
static bool find_movers(const pulse *p, const pulse_moving *q, int *list, int *n, bool *any)
{
  bool room = true;
  const double *atol = pn_sim_atol(p->s->r->sim);
  *any = false;
  for (int k = 0; k < q->n_states && room; k++) {
    int u = q->unknown[k];
    if (q->rate[u] == 0)
      continue;
    double by = fabs(q->rate[u]) * time_of(q, u);
    *any |= by > NEGLIGIBLE * tolerance_of(p, u);
    bool much = by > SMALL * (fabs(p->rest[u]) + 1e3 * atol[u]);
    if (much || (q->owner[k] == q->selected && by > NEGLIGIBLE * tolerance_of(p, u)))
      room = add(list, n, q->owner[k]);
  }
  return room;
}

/* How the solution changes with the share of the driven lines' voltages, into d [n]. */
static pn_status find_by_share(const pulse *p, double *d)
{
  const pn_study *s = p->s;
  int lines = s->a->rows + s->a->cols;
  memset(d, 0, (size_t)s->n * sizeof *d);
  for (int k = 0; k < lines; k++) {
    const pn_line *l = k < s->a->rows ? &s->l->word[k] : &s->l->bit[k - s->a->rows];
    for (int j = 0; j < l->n && !isnan(s->driven[k]); j++)
      d[l->branch[j]] += l->sign[j] * s->driven[k];
  }
  return moving_solve_prepared(p, d);
}

static pn_status fill_slopes(const pulse *p, pulse_moving *q)
{
  movers *m = &q->m;
  pn_status st = find_by_share(p, q->by_share);
  for (int k = 0; k < m->n; k++)
    m->slope[k] = moving_across(p, m->cells->device[k], q->by_share);
  return st;
}

/* Does the network follow its drivers at once? */
static pn_status follows(const pulse *p, pulse_moving *q, const double *y, bool *at_once)
{
  *at_once = true;
  if (!q->charged)
    return PN_OK;
  for (int k = 0; k < p->s->n; k++)
    q->y[k] = y[k] - p->rest[k];
  pn_sim_mul_c(p->s->r->sim, q->y, q->d);
  memset(q->d + pn_circuit_n_mna(p->s->r->circuit), 0,
         (size_t)(p->s->n - pn_circuit_n_mna(p->s->r->circuit)) * sizeof *q->d);
  pn_status st = moving_solve_prepared(p, q->d);
  for (int k = 0; k < q->m.n; k++) {
    int device = q->m.cells->device[k];
    double lag = fabs(moving_across(p, device, q->d)), rise = fabs(moving_across(p, device, q->y));
    *at_once &= lag <= MOST_LAG * q->m.width * rise;
  }
  return st;
}

static void start_from_rest(const pulse *p, movers *m)
{
  for (int s = 0; m->n && s < m->cells->n_states; s++)
    m->x[s] = p->rest[m->cells->unknown[s]];
}

/* The network around other devices than before, at the solution y. */
static pn_status connect(pulse *p, pulse_moving *q, const double *y, const int *list, int n)
{
  movers *m = &q->m;
  const pn_options *o = p->s->r->options;
  pn_sim *sim = p->s->r->sim;
  bool same = n == m->n;
  for (int k = 0; k < n && same; k++)
    same = m->cells->device[k] == list[k];
  pn_status st = PN_OK;
  if (!same)
    st = movers_choose(m, sim, n, list, o->reltol, pn_sim_atol(sim), o->vntol);
  for (int k = 0; k < n && !st; k++) {
    pn_device_info d = pn_circuit_device_info(p->s->r->circuit, list[k]);
    double *c = q->column + (size_t)k * (size_t)p->s->n;
    memset(c, 0, (size_t)p->s->n * sizeof *c);
    if (d.unknowns[0] != PN_GROUND)
      c[d.unknowns[0]] += 1;
    if (d.unknowns[1] != PN_GROUND)
      c[d.unknowns[1]] -= 1;
    st = moving_solve_prepared(p, c);
    m->v0[k] = moving_across(p, list[k], y);
    m->rest[k] = moving_across(p, list[k], p->rest);
    m->bend[k] = 0;
    for (int j = 0; j < n; j++)
      m->z[j * n + k] = moving_across(p, list[j], c);
  }
  if (st || !n)
    return st;
  start_from_rest(p, m);
  if ((st = pn_group_eval(m->cells, 0, m->v0, m->x)))
    return st;
  memcpy(m->i0, m->cells->i, (size_t)n * sizeof *m->i0);
  memcpy(m->g0, m->cells->i_v, (size_t)n * sizeof *m->g0);
  return fill_slopes(p, q);
}

/* ---- the check ---- */

/* q->y [n] from the solution y at the beginning of the top: voltages at its end as the ports say. */
static void predict_end(const pulse *p, pulse_moving *q, const double *y)
{
  memcpy(q->y, y, (size_t)p->s->n * sizeof *y);
  for (int k = 0; k < q->m.n; k++) {
    const double *c = q->column + (size_t)k * (size_t)p->s->n;
    for (int j = 0; j < p->s->n; j++)
      q->y[j] -= q->m.e_top[k] * c[j];
  }
}

/* q->y gets the end of the top: states moved, voltages as the ports say, then corrected once; d [n] that
 * correction, rate_end the rates. */
static pn_status look_at_end(pulse *p, pulse_moving *q, const double *y)
{
  movers *m = &q->m;
  predict_end(p, q, y);
  for (int k = 0; k < q->n_states; k++) {
    int u = q->unknown[k];
    double x = p->rest[u] + q->rate[u] * time_of(q, u);
    q->y[u] = fmax(q->lo[u], fmin(q->hi[u], x));
  }
  for (int s = 0; m->n && s < m->cells->n_states; s++)
    q->y[m->cells->unknown[s]] = m->x_top[s];
  pn_sim_hold_states(p->s->r->sim, q->y);
  q->checks++;
  pn_status st = moving_correction(p, q->y, false, q->d);
  if (st)
    return st;
  for (int k = 0; k < p->s->n; k++)
    q->y[k] -= q->d[k];
  pn_sim_rates(p->s->r->sim, q->y, q->rate_end, NULL);
  return PN_OK;
}

/* What the mismatch of the ports' voltages at the end, which grows with the square of the motion, costs the
 * states; corrects the bend. */
static bool ports_hold(const pulse *p, pulse_moving *q)
{
  movers *m = &q->m;
  bool hold = true;
  for (int k = 0; k < m->n; k++) {
    double off = -moving_across(p, m->cells->device[k], q->d), drop = movers_drop(m, k, m->e_top);
    for (int s = m->cells->first[k]; s < m->cells->first[k + 1]; s++) {
      int u = m->cells->unknown[s];
      double cost = fabs(m->steep_top[s] * off) * m->width / 3;
      hold &= !m->cells->mass[s] || cost <= CHECKED * tolerance_of(p, u);
    }
    if (drop != 0)
      m->bend[k] += off / (drop * drop);
    q->bend = fmax(q->bend, fabs(m->bend[k]));
  }
  return hold;
}

/* Do all states but a device's stay where they are? */
static bool others_rest(const pulse *p, const pulse_moving *q, int device)
{
  for (int k = 0; k < q->n_states; k++) {
    int u = q->unknown[k];
    if (q->rate[u] != 0 && q->owner[k] != device &&
        fabs(q->rate[u]) * time_of(q, u) > NEGLIGIBLE * tolerance_of(p, u))
      return false;
  }
  return true;
}

/* A lone cell whose port has behaved so far, and moves the network by so little, that a check would find
 * nothing. */
static bool port_is_good(const pulse *p, const pulse_moving *q)
{
  const movers *m = &q->m;
  double drop = movers_drop(m, 0, m->e_top), off = DOUBT * q->bend * drop * drop;
  for (int s = 0; s < m->cells->n_states; s++) {
    double cost = fabs(m->steep_top[s] * off) * m->width / 3;
    if (m->cells->mass[s] && cost > CHECKED * tolerance_of(p, m->cells->unknown[s]))
      return false;
  }
  return true;
}

/* It is looked at now and then nevertheless. */
static bool needs_no_check(const pulse *p, pulse_moving *q)
{
  return q->m.n == 1 && q->m.cells->device[0] == q->device && ++q->unchecked % CHECK_EVERY &&
         port_is_good(p, q) && others_rest(p, q, q->device);
}

/* Have the rates of all others stayed what they were? Adds those whose have not. False: too many. */
static bool rates_hold(const pulse *p, const pulse_moving *q, int *list, int *n)
{
  bool room = true;
  int before = *n;
  for (int k = 0; k < q->n_states && room; k++) {
    int u = q->unknown[k];
    double change = fabs(q->rate_end[u] - q->rate[u]);
    if (change == 0 || place_in(list, before, q->owner[k]) >= 0)
      continue;
    if (0.5 * change * time_of(q, u) > CHECKED * tolerance_of(p, u))
      room = add(list, n, q->owner[k]);
  }
  return room;
}

static void commit(pulse *p, pulse_moving *q)
{
  for (int k = 0; k < q->n_states; k++) {
    int u = q->unknown[k];
    double by = 0.5 * (q->rate[u] + q->rate_end[u]) * time_of(q, u), before = p->rest[u];
    if (by == 0 || (q->m.n && place_in(q->m.cells->device, q->m.n, q->owner[k]) >= 0))
      continue;
    p->rest[u] = fmax(q->lo[u], fmin(q->hi[u], before + by));
    q->drift = fmax(q->drift, fabs(p->rest[u] - before) /
                                  (fabs(before) + 1e3 * pn_sim_atol(p->s->r->sim)[u]));
  }
  for (int s = 0; q->m.n && s < q->m.cells->n_states; s++)
    p->rest[q->m.cells->unknown[s]] = q->m.x[s];
}

/* Nothing but cells that pulses move may move while lines are at rest. */
static pn_status look_at_rest(pulse *p, pulse_moving *q)
{
  pn_sim *sim = p->s->r->sim;
  pn_status st = pn_sim_eval(sim, PN_SIM_OP, 0, p->rest, false);
  if (st)
    return st;
  pn_sim_rates(sim, p->rest, q->rate, q->along);
  q->rests = true;
  for (int k = 0; k < q->n_states; k++) {
    int u = q->unknown[k];
    q->rests &= fabs(q->rate[u]) * (q->m.width + p->gap) <= CHECKED * tolerance_of(p, u);
  }
  return PN_OK;
}

/* From the solution y at the top: movers chosen, integrated and checked. */
static pn_status integrate(pulse *p, pulse_moving *q, const double *y, bool *done)
{
  int list[MOVERS_MOST], n = 0;
  bool any, anew = true;
  if (!find_movers(p, q, list, &n, &any))
    return PN_OK;
  for (int k = 0; k < MOST_ATTEMPTS; k++) {
    bool at_once = true, ports, rates;
    int before = n;
    q->m.top = 1;
    pn_status st = anew ? connect(p, q, y, list, n) : PN_OK;
    if (!st && anew)
      st = follows(p, q, y, &at_once);
    if (st || !at_once)
      return st;
    start_from_rest(p, &q->m);
    if (n && (st = movers_run(&q->m)))
      return st;
    if (!any) {
      memcpy(q->y, y, (size_t)p->s->n * sizeof *y);
      memcpy(q->rate_end, q->rate, (size_t)p->s->n * sizeof *y);
      *done = true;
      return PN_OK;
    }
    if (k == 0 && needs_no_check(p, q)) {
      predict_end(p, q, y);
      memcpy(q->rate_end, q->rate, (size_t)p->s->n * sizeof *y);
      *done = true;
      return PN_OK;
    }
    q->bend *= 0.5;
    if ((st = look_at_end(p, q, y)))
      return st;
    ports = ports_hold(p, q);
    if (!(rates = rates_hold(p, q, list, &n)))
      return PN_OK;
    *done = ports && n == before;
    if (*done)
      return PN_OK;
    anew = n != before;
    pn_sim_hold_states(p->s->r->sim, p->rest);
  }
  return PN_OK;
}

/* A pulse much like the last one on the same cell, which alone moves: its port is the last one's at a slightly
 * larger or smaller share, and the rates of all others are looked at there. */
static pn_status repeat(pulse *p, pulse_moving *q, const moving_top *top, double v, bool *done)
{
  movers *m = &q->m;
  double more = v / q->linear_v - 1;
  if (!q->linear || q->linear != top || m->n != 1 || m->cells->device[0] != q->device ||
      !(fabs(more) <= NEAR) || ++q->unchecked % CHECK_EVERY == 0)
    return PN_OK;
  for (int k = 0; k < p->s->n; k++)
    q->y[k] = top->y[k] + more * q->by_share[k];
  moving_take_states(p, q->y);
  pn_status st = pn_sim_eval(p->s->r->sim, PN_SIM_OP, 0, q->y, false);
  if (st)
    return st;
  pn_sim_rates(p->s->r->sim, q->y, q->rate, q->along);
  m->top = 1 + more;
  start_from_rest(p, m);
  if (!others_rest(p, q, q->device) || (st = movers_run(m)) || !port_is_good(p, q))
    return st;
  for (int s = 0; s < m->cells->n_states; s++)
    p->rest[m->cells->unknown[s]] = m->x[s];
  q->reused++;
  *done = true;
  return PN_OK;
}

pn_status pulse_moving_apply(pulse *p, const pn_scheme *scheme, double v, double width, int row,
                             int col, double *i, bool *done)
{
  pulse_moving *q = p->moving;
  pn_study *s = p->s;
  pn_sim *sim = s->r->sim;
  *done = false;
  q->pulses++;
  q->m.edge = p->edge;
  q->m.width = width;
  q->m.gap = p->gap;
  q->fresh = s->fresh = false;
  pn_sim_hold_states(sim, p->rest);
  pn_status st = q->rests ? PN_OK : look_at_rest(p, q);
  q->selected = moving_device_at(p, row, col);
  bool same = row == q->linear_row && col == q->linear_col && q->selected == q->device;
  if (!st && q->rests && !i && same)
    st = repeat(p, q, moving_find_top(q, scheme), v, done);
  if (*done) {
    moving_take_states(p, s->y);
    return PN_OK;
  }
  st = moving_is_fatal(st) ? st : PN_OK;
  moving_top *top = moving_guess(p, q, scheme, v);
  moving_take_states(p, top->y);
  q->linear = NULL;
  if (!st && q->rests)
    st = moving_newton(p, q, top);
  if (!st && q->rests && q->last > TANGENT)
    st = pn_sim_eval(sim, PN_SIM_OP, 0, top->y, false);
  if (!st && q->rests) {
    pn_sim_rates(sim, top->y, q->rate, q->along);
    st = integrate(p, q, top->y, done);
  }
  if (!*done) {
    top->scheme = NULL;
    q->device = -1;
    q->whole++;
    q->rests = false;
    pn_sim_hold_states(sim, p->rest);
    return moving_is_fatal(st) ? st : PN_OK;
  }
  commit(p, q);
  q->linear = top;
  q->linear_v = v;
  q->linear_row = row;
  q->linear_col = col;
  q->device = q->m.n == 1 ? q->m.cells->device[0] : -1;
  memcpy(top->y, q->y, (size_t)s->n * sizeof *q->y);
  if (i) {
    memcpy(s->y, q->y, (size_t)s->n * sizeof *q->y);
    *i = pn_study_current(s, 1, col);
  }
  moving_take_states(p, s->y);
  q->most = q->m.n > q->most ? q->m.n : q->most;
  pn_sim_hold_states(sim, p->rest);
  return PN_OK;
}

void pulse_moving_tell(const pulse_moving *q, char *line, size_t room)
{
  snprintf(line, room,
           "xprogram: %ld pulses, %ld of them integrated as a whole; at most %d moving cells, %ld "
           "time steps, %ld Newton iterations, %ld checks, %ld glances, %ld ports used again; "
           "largest drift in a pulse %.2g",
           q->pulses, q->whole, q->most, q->m.steps, q->iterations, q->checks, q->glances,
           q->reused, q->drift);
}
