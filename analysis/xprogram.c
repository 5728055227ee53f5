/* .xprogram: closed-loop write-verify in the simulator. Each cell in turn is read, and pulsed up or
 * down a ladder of amplitudes until a read finds it within the tolerance of its target; all pulses
 * and reads go through the same wires, so that neighbours are disturbed as they would be. */
#include "analysis/xprogram.h"

#include "analysis/list.h"
#include "analysis/pulse_moving.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 12, ILIM = 1 };
static const double MARGIN = 5e-3; /* of a target, beside the tolerance: there reads are exact */
static const double SEEN =
    1e-3; /* of a reading: smaller changes say nothing of a pulse's direction */

/* ---- one cell ---- */

/* Shares of energy that the pulse has taken go to the phase. */
static void book(xprogram_work *w, xprogram_phase phase)
{
  for (int k = 0; k < PULSE_SHARES; k++)
    w->share[phase][k] += w->pulse.share[k];
  memset(w->pulse.share, 0, sizeof w->pulse.share);
}

/* Is a reading so far from the band of its target that a little more or less would not matter? */
static bool is_clear(const xprogram_work *w, int row, int col, double g)
{
  double target = w->p->target.at[row * w->s.a->cols + col];
  return fabs(g - target) > (w->p->tolerance + MARGIN) * target;
}

/* DC reads that need not be exact, because the cell is still far from its target, are taken from the network
 * of the last exact one. */
static bool glance(xprogram_work *w, int row, int col, double *g)
{
  const xprogram_args *p = w->p;
  if (!w->pulse.moving || p->read_width > 0)
    return false;
  *g = pulse_moving_glance(&w->pulse, &p->read, p->vread, row, col) / p->vread;
  bool enough = is_clear(w, row, col, *g);
  w->cells[row * w->s.a->cols + col].pulses[PHASE_READ] += enough;
  return enough;
}

static pn_status read_cell(xprogram_work *w, int row, int col, double *g)
{
  const xprogram_args *p = w->p;
  double i;
  pn_status st;
  if (p->read_width > 0) {
    st = pulse_apply(&w->pulse, &p->read, p->vread, p->read_width, row, col, &i);
    book(w, PHASE_READ);
  } else {
    bool done = false;
    pn_study_bias(&w->s, &p->read, p->vread, row, col);
    st = w->pulse.moving ? pulse_moving_read(&w->pulse, &p->read, p->vread, row, col, &done)
                         : PN_OK;
    if (st == PN_OK && !done)
      st = pn_study_solve(&w->s);
    i = pn_study_current(&w->s, 1, col);
  }
  *g = i / p->vread;
  w->cells[row * w->s.a->cols + col].pulses[PHASE_READ]++;
  return st;
}

/* The limit of a word line's sources while setting, or their own. */
static void limit(xprogram_work *w, int row, bool setting)
{
  const pn_line *line = &w->p->l->word[row];
  for (int j = 0; !isnan(w->p->compliance) && j < line->n; j++) {
    double own[ILIM + 1];
    pn_circuit_device_params(w->r->circuit, line->source[j], own);
    pn_sim_set_param(w->r->sim, line->source[j], ILIM, setting ? w->p->compliance : own[ILIM]);
  }
}

static pn_status pulse_cell(xprogram_work *w, xprogram_phase phase, int row, int col, int rung)
{
  const xprogram_args *p = w->p;
  const xprogram_ladder *l = phase == PHASE_SET ? &p->set : &p->reset;
  double v = l->v + rung * l->step;
  if (fabs(v) > fabs(l->last))
    v = l->last;
  if (phase == PHASE_SET)
    limit(w, row, true);
  pn_status st = pulse_apply(&w->pulse, &p->write, v, p->width, row, col, NULL);
  limit(w, row, false);
  book(w, phase);
  w->cells[row * w->s.a->cols + col].pulses[phase]++;
  return st;
}

/* Notes whether a pulse has moved its cell the way it was meant to, by the readings around it. */
static void judge(xprogram_work *w, xprogram_phase phase, double before, double after)
{
  double rise = phase == PHASE_SET ? after - before : before - after;
  if (fabs(rise) > SEEN * before)
    ++*(rise > 0 ? &w->along[phase] : &w->against[phase]);
}

/* Reads and pulses until a read is right or the tries are used up. Pulses of one direction climb the
 * ladder; a change of direction starts at its foot. */
static pn_status program_cell(xprogram_work *w, int k)
{
  const xprogram_args *p = w->p;
  int row = k / w->s.a->cols, col = k % w->s.a->cols, rung = 0;
  xprogram_cell *cell = &w->cells[k];
  xprogram_phase before = PHASES;
  double target = p->target.at[k];
  pn_status st = read_cell(w, row, col, &cell->read);
  for (int n = 0; st == PN_OK && n < p->tries; n++) {
    if ((cell->verified = fabs(cell->read - target) <= p->tolerance * target))
      break;
    xprogram_phase phase = cell->read < target ? PHASE_SET : PHASE_RESET;
    rung = phase == before ? rung + 1 : 0;
    before = phase;
    double was = cell->read;
    st = pulse_cell(w, phase, row, col, rung);
    if (st == PN_OK && (n + 1 == p->tries || !glance(w, row, col, &cell->read)))
      st = read_cell(w, row, col, &cell->read);
    judge(w, phase, was, cell->read);
  }
  cell->verified = fabs(cell->read - target) <= p->tolerance * target;
  cell->written = pn_study_conductance_at(&w->s, k, p->vread);
  return st;
}

static pn_status program_all(xprogram_work *w)
{
  int n = w->s.a->rows * w->s.a->cols;
  pn_status st = PN_OK;
  for (int pass = 0; st == PN_OK && pass < w->p->passes; pass++)
    for (int j = 0; st == PN_OK && j < n; j++) {
      int k = xprogram_cell_at(w->p, j);
      if (w->s.a->memory[k] < 0)
        continue;
      st = program_cell(w, k);
      w->r->progress(w->r->user, (pass + (double)(j + 1) / n) / w->p->passes, j);
    }
  for (int k = 0; k < n; k++)
    w->cells[k].final = pn_study_conductance_at(&w->s, k, w->p->vread);
  return st;
}

/* ---- results ---- */

static double error_of(const xprogram_work *w, int k)
{
  double target = w->p->target.at[k];
  return (w->cells[k].final - target) / target;
}

static double disturb_of(const xprogram_work *w, int k)
{
  return (w->cells[k].final - w->cells[k].written) / w->cells[k].written;
}

static pn_status write_rows(xprogram_work *w)
{
  static const pn_column columns[COLUMNS] = {
      {"row", "notype", ""},      {"col", "notype", ""},
      {"target", "notype", "S"},  {"read", "notype", "S"},
      {"g", "notype", "S"},       {"error", "notype", ""},
      {"disturb", "notype", ""},  {"set", "notype", ""},
      {"reset", "notype", ""},    {"reads", "notype", ""},
      {"verified", "notype", ""}, {"energy", "notype", "J"}}; /* with `energy` only */
  pn_column scale = {"cell", "notype", ""};
  pn_recorder *rec = NULL;
  int cols = w->s.a->cols;
  pn_status st = w->r->begin(w->r->user, &pn_analysis_xprogram, "Crossbar Programming", scale,
                             columns, COLUMNS - !w->p->energy, false, false, &rec);
  for (int k = 0; st == PN_OK && k < w->s.a->rows * cols; k++) {
    const xprogram_cell *c = &w->cells[k];
    pn_recorder_extra(rec, (double[]){k / cols, k % cols, w->p->target.at[k], c->read, c->final,
                                      error_of(w, k), disturb_of(w, k), c->pulses[PHASE_SET],
                                      c->pulses[PHASE_RESET], c->pulses[PHASE_READ], c->verified,
                                      w->pulse.cell_energy[k]});
    pn_point at = {.sim = w->r->sim, .x = k, .y = w->s.y};
    st = pn_recorder_point(rec, &at);
  }
  if (rec) {
    pn_status last = w->r->end(w->r->user, rec, st == PN_OK);
    st = st ? st : last;
  }
  return st;
}

static void tell_cells(const xprogram_work *w)
{
  const pn_run *r = w->r;
  pn_str name = w->p->name;
  double n = 0, good = 0, pulses = 0, square = 0, worst = 0, disturb = 0, disturbed = 0, ok = 0;
  for (int k = 0; k < w->s.a->rows * w->s.a->cols; k++) {
    n++;
    if (w->s.a->memory[k] < 0)
      continue;
    double e = fabs(error_of(w, k)), d = fabs(disturb_of(w, k));
    good += e <= w->p->tolerance;
    ok += w->cells[k].verified;
    pulses += w->cells[k].pulses[PHASE_SET] + w->cells[k].pulses[PHASE_RESET];
    square += e * e;
    worst = fmax(worst, e);
    disturb = fmax(disturb, d);
    disturbed += d > w->p->tolerance;
  }
  pn_study_number(r, name, "yield", good / n);
  pn_study_number(r, name, "verified", ok / n);
  pn_study_number(r, name, "pulses_mean", pulses / n);
  pn_study_number(r, name, "error_rms", sqrt(square / n));
  pn_study_number(r, name, "error_max", worst);
  pn_study_number(r, name, "disturb_max", disturb);
  pn_study_number(r, name, "disturbed", disturbed);
}

/* Energies by phase and part, and what is missing to nil, as a share of what the sources gave. */
static void tell_energy(const xprogram_work *w)
{
  static const char *const phases[] = {"set", "reset", "read"};
  static const char *const shares[] = {"sources", "selected", "half", "rest", "wires"};
  double gap = 0, given = 0;
  char name[64];
  for (int k = 0; k < PHASES; k++) {
    double sum = 0;
    for (int j = 0; j < PULSE_SHARES; j++) {
      double joule = j == PULSE_SOURCES ? 0 - w->share[k][j] : w->share[k][j];
      snprintf(name, sizeof name, "e_%s_%s", phases[k], shares[j]);
      pn_study_number(w->r, w->p->name, name, joule);
      sum += w->share[k][j];
    }
    gap += fabs(sum);
    given += fabs(w->share[k][PULSE_SOURCES]);
  }
  pn_study_number(w->r, w->p->name, "energy_gap", given > 0 ? gap / given : 0);
}

/* Pulses of the wrong sign move cells away from their targets until the tries are used up. */
static void warn_of_direction(const xprogram_work *w)
{
  static const struct {
    const char *pulses, *did, *key;
  } says[] = {{"SET", "less", "vset"}, {"RESET", "more", "vreset"}};
  for (int k = PHASE_SET; k <= PHASE_RESET; k++)
    if (w->against[k] > w->along[k])
      pn_warn(
          w->r->diag, w->s.a->loc,
          ".xprogram: %ld of %ld %s pulses made their cell conduct %s: is the sign of %s= right?",
          w->against[k], w->against[k] + w->along[k], says[k].pulses, says[k].did, says[k].key);
}

/* Conductance of cell k with its state at x. */
static double conductance_at_state(xprogram_work *w, int k, double x)
{
  double kept = pn_study_state(&w->s, k);
  pn_study_set_state(&w->s, k, x);
  double g = pn_study_conductance_at(&w->s, k, w->p->vread);
  pn_study_set_state(&w->s, k, kept);
  return g;
}

/* Targets that a cell does not have between its bounds use up all tries. */
static void warn_of_targets(xprogram_work *w)
{
  const pn_array *a = w->s.a;
  int n = 0, first = 0;
  double low = 0, high = 0;
  for (int k = 0; k < a->rows * a->cols; k++) {
    double x0, x1, target = w->p->target.at[k], some = w->p->tolerance * target;
    pn_study_bounds(&w->s, k, &x0, &x1);
    if (!pn_study_can_set(&w->s, k) || !isfinite(x0) || !isfinite(x1))
      continue;
    double g0 = conductance_at_state(w, k, x0), g1 = conductance_at_state(w, k, x1);
    double least = fmin(g0, g1), most = fmax(g0, g1);
    bool outside = target + some < least || target - some > most;
    if (outside && n++ == 0) {
      first = k;
      low = least;
      high = most;
    }
  }
  if (n > 0)
    pn_warn(w->r->diag, a->loc,
            ".xprogram: the targets of %d cells lie outside what these can have; cell [%d][%d]: "
            "%g S of %g to %g S",
            n, first / a->cols, first % a->cols, w->p->target.at[first], low, high);
}

static void tell(const xprogram_work *w)
{
  warn_of_direction(w);
  tell_cells(w);
  if (w->p->energy)
    tell_energy(w);
  if (w->r->options->stats) {
    char line[240];
    pn_sim_stats c = pn_sim_get_stats(w->r->sim);
    snprintf(line, sizeof line,
             "xprogram: %ld time steps; %s: %ld factorisations, %ld refactorisations, %ld solves",
             w->pulse.steps, c.linsol ? c.linsol : "no linear solver", c.factors, c.refactors,
             c.solves);
    w->r->say(w->r->user, line);
    if (w->pulse.moving) {
      pulse_moving_tell(w->pulse.moving, line, sizeof line);
      w->r->say(w->r->user, line);
    }
  }
}

static pn_status run_xprogram(const pn_run *r, void *args)
{
  xprogram_work w = {.r = r, .p = args};
  w.pulse.edge = w.p->edge;
  w.pulse.gap = w.p->gap;
  w.pulse.energy = w.p->energy;
  w.pulse.whole = w.p->whole;
  pn_status st = pn_study_open(&w.s, r, w.p->l);
  if (st == PN_OK)
    st = pulse_open(&w.pulse, &w.s);
  if (st == PN_OK &&
      !(w.cells = calloc((size_t)w.s.a->rows * (size_t)w.s.a->cols + 1, sizeof *w.cells)))
    st = PN_E_MEMORY;
  if (st == PN_OK) {
    warn_of_targets(&w);
    st = program_all(&w);
    if (st && st != PN_E_INTERRUPTED && st != PN_E_MEMORY)
      pn_error(r->diag, w.s.a->loc, ".xprogram: a pulse could not be integrated (%s)",
               pn_status_text(st));
  }
  if (st == PN_OK)
    st = write_rows(&w);
  if (st == PN_OK)
    tell(&w);
  pulse_close(&w.pulse);
  pn_study_close(&w.s);
  free(w.cells);
  return st;
}

const pn_analysis pn_analysis_xprogram = {
    .name = "xprogram",
    .help = ".xprogram ARRAY target=FILE.csv vset=V vreset=V vread=V width=S [tol=0.05] "
            "[scheme=v/2] [setstep=V] [resetstep=V] [tries=N] [energy]",
    .parse = xprogram_parse,
    .run = run_xprogram,
    .own_columns = true,
};
