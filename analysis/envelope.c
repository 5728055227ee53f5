/* .envelope: a driven circuit over very many cycles of its drive. One cycle is a map of the memristors' states
 * (analysis/cycle.h); solver/envelope.h follows its iterates in long steps. */
#include "solver/envelope.h"
#include "analysis/cycle.h"
#include "analysis/drive.h"
#include "analysis/list.h"
#include "analysis/words.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 10000000, MOST_SHOWN = 1000, STEPS_PER_RUN = 25 };
static const double MOST_KEPT = 5e7;  /* doubles */
static const double TOLERANCE = 1e-7; /* of a state's range: below it changes do not count */
static const double OF_A_CYCLE = 0.3; /* of reltol: the accuracy of one cycle's change */

typedef struct envelope_args {
  double period, tstop, cycles, reltol; /* s, s, 1, 1 */
  int points;
  pn_number_list show; /* s */
  bool extrema;
  pn_loc loc;
} envelope_args;

#define USAGE                                                                                      \
  ".envelope tstop=TIME|cycles=N [period=T] [points=N] [extrema] [show=TIME,...] [reltol=R]"

#define AT(member) offsetof(envelope_args, member)
static const pn_word WORDS[] = {
    {"period", PN_WORD_NUMBER, AT(period), 1e-18, 1e18, NULL},
    {"tstop", PN_WORD_NUMBER, AT(tstop), 1e-18, 1e18, NULL},
    {"cycles", PN_WORD_NUMBER, AT(cycles), 1, 1e15, NULL},
    {"points", PN_WORD_COUNT, AT(points), 1, MOST_ROWS, NULL},
    {"extrema", PN_WORD_FLAG, AT(extrema), 0, 0, NULL},
    {"show", PN_WORD_LIST, AT(show), 0, 1e18, NULL},
    {"reltol", PN_WORD_NUMBER, AT(reltol), 1e-8, 0.1, NULL},
};

static int by_value(const void *a, const void *b)
{
  double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  envelope_args *p = PN_NEW(a, envelope_args);
  p->loc = args->loc;
  p->reltol = 3e-4;
  if (!pn_words_read(a, d, c, args, WORDS, (int)(sizeof WORDS / sizeof *WORDS), USAGE, p))
    return NULL;
  if (!(p->tstop > 0) == !(p->cycles > 0))
    return pn_error_hint(d, args->loc, USAGE, ".envelope needs either tstop= or cycles="), NULL;
  if (p->show.n > MOST_SHOWN)
    return pn_error(d, args->loc, ".envelope shows at most %d cycles", MOST_SHOWN), NULL;
  if (p->show.n > 1)
    qsort(p->show.at, (size_t)p->show.n, sizeof *p->show.at, by_value);
  return p;
}

typedef struct envelope_work {
  const pn_run *r;
  const envelope_args *p;
  pn_cycle *cycle;
  pn_envelope *e;
  pn_recorder *rec;
  double period, total; /* s, cycles */
  int n, ns;
  double *y0;     /* [n] the operating point */
  double *x, *dx; /* [ns] */
  double *atol;   /* [ns] */
  double *noise;  /* [ns] how wrong the changes of a cycle may be */
  int row;        /* of the grid of points= */
  double *kept;   /* [n_kept][1 + 2 width] time, least, largest values */
  size_t n_kept, most_kept;
  int shown;      /* cycles of show= that were kept */
  double *cycles; /* [n_points][1 + n] time and unknowns of whole cycles */
  size_t n_points, most_points;
  int *ends; /* [show.n] points up to the end of each shown cycle */
} envelope_work;

static pn_status change(void *user, const double *x, double *dx)
{
  envelope_work *w = user;
  if (w->r->interrupted(w->r->user))
    return PN_E_INTERRUPTED;
  pn_status st = pn_cycle_run(w->cycle, x, false, dx);
  for (int i = 0; i < w->ns; i++)
    w->noise[i] = OF_A_CYCLE * w->p->reltol *
                  (pn_cycle_up(w->cycle)[i] - pn_cycle_down(w->cycle)[i]);
  return st;
}

/* Room for one more row of `width` doubles in a growing array; NULL without memory or beyond the limit. */
static double *push(double **at, size_t *n, size_t *most, size_t width)
{
  if (*n == *most) {
    size_t room = *most ? 2 * *most : 64;
    double *more = (double)room * (double)width > MOST_KEPT
                       ? NULL
                       : realloc(*at, room * width * sizeof *more);
    if (!more)
      return NULL;
    *at = more;
    *most = room;
  }
  return *at + width * (*n)++;
}

/* A row for the cycle that ran last, which began at time t. */
static pn_status record(envelope_work *w, double t)
{
  int n = pn_cycle_points(w->cycle);
  for (int k = 0; k < n; k++) {
    double at, weight;
    const double *y;
    pn_cycle_point(w->cycle, k, &at, &weight, &y);
    pn_point p = {.sim = w->r->sim, .x = at, .y = y};
    pn_recorder_gather(w->rec, &p, weight, k == 0);
  }
  pn_status st = pn_recorder_means(w->rec, t);
  if (st || !w->p->extrema)
    return st;
  size_t width = (size_t)pn_recorder_width(w->rec);
  double *row = push(&w->kept, &w->n_kept, &w->most_kept, 1 + 2 * width);
  if (!row)
    return PN_E_MEMORY;
  row[0] = t;
  memcpy(row + 1, pn_recorder_least(w->rec), width * sizeof *row);
  memcpy(row + 1 + width, pn_recorder_largest(w->rec), width * sizeof *row);
  return PN_OK;
}

/* Keeps all points of the cycle that ran last, which began at time t. */
static pn_status keep_cycle(envelope_work *w, double t)
{
  int n = pn_cycle_points(w->cycle);
  for (int k = 0; k < n; k++) {
    double at, weight;
    const double *y;
    pn_cycle_point(w->cycle, k, &at, &weight, &y);
    double *row = push(&w->cycles, &w->n_points, &w->most_points, 1 + (size_t)w->n);
    if (!row)
      return PN_E_MEMORY;
    row[0] = t + at;
    memcpy(row + 1, y, (size_t)w->n * sizeof *y);
  }
  w->ends[w->shown++] = (int)w->n_points;
  return PN_OK;
}

/* The cycle at a time within the last step. */
static pn_status run_at(envelope_work *w, double cycle)
{
  pn_envelope_interpolate(w->e, cycle, w->x);
  return pn_cycle_run(w->cycle, w->x, false, w->dx);
}

/* What is wanted of the last step, or of the start. */
static pn_status report_step(envelope_work *w)
{
  const envelope_args *p = w->p;
  double now = pn_envelope_cycle(w->e), slack = 1e-9 * w->total;
  pn_status st = pn_envelope_prepare(w->e);
  if ((st == PN_E_CONVERGENCE || st == PN_E_LIMIT) && pn_cycle_fall_back(w->cycle))
    st = pn_envelope_prepare(w->e);
  if (!st && !p->points)
    st = record(w, now * w->period);
  for (; !st && p->points && w->row <= p->points; w->row++) {
    double cycle = w->total * w->row / p->points;
    if (cycle > now + slack)
      break;
    if (!(st = run_at(w, fmin(cycle, now))))
      st = record(w, cycle * w->period);
  }
  while (!st && w->shown < p->show.n && p->show.at[w->shown] <= (now + slack) * w->period) {
    double cycle = floor(p->show.at[w->shown] / w->period + 1e-6);
    if (!(st = run_at(w, fmin(cycle, now))))
      st = keep_cycle(w, cycle * w->period);
  }
  return st;
}

static pn_status follow(envelope_work *w)
{
  const pn_run *r = w->r;
  pn_status st = report_step(w);
  while (!st && pn_envelope_cycle(w->e) < w->total) {
    st = pn_envelope_step(w->e, w->total);
    if ((st == PN_E_CONVERGENCE || st == PN_E_LIMIT) && pn_cycle_fall_back(w->cycle)) {
      r->say(r->user, "envelope: cycles are integrated in time steps from here on: states move too "
                      "much in one, or the drive has too many corners, for collocation");
      st = pn_envelope_step(w->e, w->total);
    }
    if (!st)
      st = report_step(w);
    double done = pn_envelope_cycle(w->e);
    r->progress(r->user, done / w->total, done * w->period);
    if (!st && r->interrupted(r->user))
      st = PN_E_INTERRUPTED;
  }
  return st;
}

static pn_status begin_result(envelope_work *w, const char *name)
{
  pn_column scale = {"time", "time", "s"};
  return w->r->begin(w->r->user, &pn_analysis_envelope, name, scale, NULL, 0, false, false,
                     &w->rec);
}

static pn_status end_result(envelope_work *w, pn_status st)
{
  pn_status last = w->rec ? w->r->end(w->r->user, w->rec, st == PN_OK) : PN_OK;
  w->rec = NULL;
  return st ? st : last;
}

static pn_status write_extrema(envelope_work *w, bool largest)
{
  pn_status st = begin_result(w, largest ? "Envelope Maxima" : "Envelope Minima");
  if (st)
    return st;
  size_t width = (size_t)pn_recorder_width(w->rec);
  for (size_t k = 0; k < w->n_kept && !st; k++) {
    const double *row = w->kept + k * (1 + 2 * width);
    st = pn_recorder_row(w->rec, row[0], row + 1 + (largest ? width : 0));
  }
  return end_result(w, st);
}

static pn_status write_cycle(envelope_work *w, int index)
{
  pn_status st = begin_result(w, "Envelope Cycle");
  if (st)
    return st;
  for (int k = index ? w->ends[index - 1] : 0; k < w->ends[index] && !st; k++) {
    const double *row = w->cycles + (size_t)k * (1 + (size_t)w->n);
    pn_point p = {.sim = w->r->sim, .x = row[0], .y = row + 1};
    st = pn_recorder_point(w->rec, &p);
  }
  return end_result(w, st);
}

static void say_how(const envelope_work *w)
{
  pn_envelope_stats s = pn_envelope_get_stats(w->e);
  char line[256];
  snprintf(
      line, sizeof line,
      "envelope: %.10g cycles of %g s in %ld steps, for which %ld cycles were integrated (%s, %ld "
      "evaluations)",
      pn_envelope_cycle(w->e), w->period, s.steps, s.maps,
      pn_cycle_is_collocated(w->cycle) ? "by collocation" : "in time steps",
      pn_cycle_evaluations(w->cycle));
  w->r->say(w->r->user, line);
  if (s.plain) {
    snprintf(line, sizeof line,
             "envelope: %ld of the cycles were integrated one after the other, since the envelope "
             "is not smooth there",
             s.plain);
    w->r->say(w->r->user, line);
  }
}

static pn_status prepare(envelope_work *w)
{
  const pn_run *r = w->r;
  const envelope_args *p = w->p;
  w->period = pn_drive_period(r, "envelope", p->period);
  if (!(w->period > 0))
    return PN_E_NETLIST;
  w->total = p->cycles > 0 ? p->cycles : p->tstop / w->period;
  w->n = pn_sim_n(r->sim);
  w->y0 = calloc((size_t)w->n + 1, sizeof *w->y0);
  w->ends = calloc((size_t)p->show.n + 1, sizeof *w->ends);
  pn_status st = w->y0 && w->ends ? pn_op_solve(r, w->y0, false, NULL) : PN_E_MEMORY;
  if (!st)
    st = pn_cycle_new(r, w->period, OF_A_CYCLE * p->reltol, w->y0, &w->cycle);
  if (st)
    return st;
  w->ns = pn_cycle_n(w->cycle);
  if (!w->ns)
    return pn_error_hint(
        r->diag, p->loc,
        "use .tran, or .pss for the periodic state of a circuit without memristors",
        ".envelope: no device has a state that could fade or drift");
  w->x = calloc(4 * (size_t)w->ns, sizeof *w->x);
  if (!w->x)
    return PN_E_MEMORY;
  w->dx = w->x + w->ns;
  w->atol = w->dx + w->ns;
  w->noise = w->atol + w->ns;
  for (int i = 0; i < w->ns; i++) {
    w->x[i] = w->y0[pn_cycle_unknowns(w->cycle)[i]];
    w->atol[i] = TOLERANCE * pn_cycle_range(w->cycle)[i];
  }
  pn_envelope_problem problem = {.user = w,
                                 .n = w->ns,
                                 .reltol = p->reltol,
                                 .atol = w->atol,
                                 .lo = pn_cycle_lo(w->cycle),
                                 .hi = pn_cycle_hi(w->cycle),
                                 .range = pn_cycle_range(w->cycle),
                                 .max_step = p->points ? w->total : w->total / STEPS_PER_RUN,
                                 .noise = w->noise,
                                 .change = change};
  return pn_envelope_new(&problem, w->x, &w->e);
}

static pn_status run_envelope(const pn_run *r, void *args)
{
  envelope_work w = {.r = r, .p = args};
  pn_status st = prepare(&w);
  if (!st)
    st = begin_result(&w, "Envelope");
  if (!st) {
    st = follow(&w);
    if (st)
      pn_cycle_report(w.cycle, "envelope", st);
    else
      say_how(&w);
    st = end_result(&w, st);
  }
  for (int k = 0; !st && w.p->extrema && k < 2; k++)
    st = write_extrema(&w, k);
  for (int k = 0; !st && k < w.shown; k++)
    st = write_cycle(&w, k);
  pn_envelope_free(w.e);
  pn_cycle_free(w.cycle);
  free(w.y0);
  free(w.ends);
  free(w.x);
  free(w.kept);
  free(w.cycles);
  return st;
}

const pn_analysis pn_analysis_envelope = {
    .name = "envelope",
    .help = USAGE,
    .parse = parse,
    .run = run_envelope,
};
