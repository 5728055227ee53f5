/* .phase: a phase portrait of two differential unknowns: nullclines from their rates on a grid, and
 * trajectories. Other unknowns with memory stay at the operating point (a slice); those without are
 * solved for. */
#include "analysis/keys.h"
#include "analysis/list.h"
#include "analysis/orbit.h"
#include "analysis/spectrum.h"
#include "analysis/start.h"
#include "output/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  MOST_SIDE = 400,
  RUNS = 3,  /* trajectories start on a RUNS x RUNS grid */
  PIECES = 8 /* each is integrated in pieces, so that its points stand close enough */
};

typedef struct phase_axis {
  int unknown;
  double from, to;
  const char *label, *unit;
} phase_axis;

typedef struct phase_args {
  phase_axis x, y;
  int points;
  double time; /* s, length of the trajectories; 0: ten of the slowest time constant at rest */
  const char *picture;
} phase_args;

static bool read_axis(const pn_reading *in, const pn_arg *arg, phase_axis *a)
{
  char label[160];
  a->unknown = -1;
  for (int k = 0; k < pn_circuit_n(in->circuit) && a->unknown < 0; k++)
    if (pn_str_is(arg->text, pn_circuit_label(in->circuit, k, label, sizeof label)))
      a->unknown = k;
  if (a->unknown < 0)
    return pn_error_hint(in->diag, arg->loc, "v(node), i(inductor) or @device[state]",
                         ".phase: '%.*s' is no unknown of the circuit", PN_FMT(arg->text)),
           false;
  a->label = pn_arena_strndup(in->arena, arg->text.p, arg->text.n);
  a->unit = pn_circuit_unknown(in->circuit, a->unknown).unit;
  if (!(a->from < a->to))
    return pn_error(in->diag, arg->loc, ".phase: the axis of '%s' needs its ends, from below to",
                    a->label),
           false;
  return true;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  phase_args *p = PN_NEW(a, phase_args);
  const pn_arg *x = NULL, *y = NULL;
  p->points = 60;
  const pn_key keys[] = {{"x", PN_KEY_ARG, &x, true},
                         {"xfrom", PN_KEY_NUMBER, &p->x.from, true},
                         {"xto", PN_KEY_NUMBER, &p->x.to, true},
                         {"y", PN_KEY_ARG, &y, true},
                         {"yfrom", PN_KEY_NUMBER, &p->y.from, true},
                         {"yto", PN_KEY_NUMBER, &p->y.to, true},
                         {"points", PN_KEY_COUNT, &p->points, false},
                         {"time", PN_KEY_NUMBER, &p->time, false},
                         {"picture", PN_KEY_PICTURE, &p->picture, false}};
  pn_reading in = {".phase", a, d, args, c, params, o};
  if (!pn_keys_read(&in, keys, sizeof keys / sizeof *keys, NULL, NULL) ||
      !read_axis(&in, x, &p->x) || !read_axis(&in, y, &p->y))
    return NULL;
  if (p->x.unknown == p->y.unknown || p->points < 2 || p->points > MOST_SIDE || p->time < 0)
    return pn_error(d, args->loc,
                    ".phase: two different unknowns, 2 to %d points and time >= 0 are needed",
                    MOST_SIDE),
           NULL;
  return p;
}

typedef struct points { /* of a drawn curve */
  double *x, *y;
  long n, room;
} points;

typedef struct portrait {
  const pn_run *r;
  const phase_args *a;
  pn_recorder *rec;
  int n, side;
  double *rest, *y, *q, *yp; /* [n] operating point, work */
  double *fx, *fy;           /* [side*side] rates at (column, row) */
  double tiny, slowest;      /* s */
  int unstable;              /* eigenvalues at rest; -1: they could not be found */
  points null_x, null_y, paths;
} portrait;

static bool push(points *p, double x, double y)
{
  if (p->n == p->room) {
    long room = p->room ? 2 * p->room : 1024;
    double *more = realloc(p->x, 2 * (size_t)room * sizeof *more);
    if (!more)
      return false;
    memmove(more + room, more + p->room, (size_t)p->n * sizeof *more);
    p->x = more;
    p->y = more + room;
    p->room = room;
  }
  p->x[p->n] = x;
  p->y[p->n++] = y;
  return true;
}

static double at(const phase_axis *a, int k, int side)
{
  return a->from + (a->to - a->from) * k / (side - 1);
}

/* ---- rates ---- */

static pn_status place(portrait *w, double x, double y)
{
  memcpy(w->y, w->rest, (size_t)w->n * sizeof *w->y);
  w->y[w->a->x.unknown] = x;
  w->y[w->a->y.unknown] = y;
  pn_status st = pn_sim_eval(w->r->sim, PN_SIM_TRAN, 0, w->y, false);
  if (st == PN_OK)
    memcpy(w->q, pn_sim_q(w->r->sim), (size_t)w->n * sizeof *w->q);
  return st;
}

static pn_status rates(portrait *w)
{
  pn_status st = PN_OK;
  for (int j = 0; j < w->side && st == PN_OK; j++)
    for (int i = 0; i < w->side && st == PN_OK; i++) {
      double x = at(&w->a->x, i, w->side), y = at(&w->a->y, j, w->side);
      size_t k = (size_t)j * (size_t)w->side + (size_t)i;
      st = place(w, x, y);
      if (st == PN_OK)
        st = pn_start_consistent(w->r, 0, w->tiny, w->q, w->y, w->yp);
      bool lost = st == PN_E_CONVERGENCE || st == PN_E_DOMAIN || st == PN_E_SINGULAR;
      w->fx[k] = lost ? NAN : w->yp[w->a->x.unknown];
      w->fy[k] = lost ? NAN : w->yp[w->a->y.unknown];
      double extra[] = {y, w->fx[k], w->fy[k]};
      pn_recorder_extra(w->rec, extra);
      pn_point p = {.sim = w->r->sim, .x = x, .y = w->y};
      if (st == PN_OK || lost)
        st = pn_recorder_point(w->rec, &p);
      if (st == PN_OK && w->r->interrupted(w->r->user))
        st = PN_E_INTERRUPTED;
    }
  return st;
}

/* One triangle of grid points: the straight piece of the contour f = 0 in it, if any. */
static bool cut(portrait *w, const double *f, const int corner[3][2], points *out)
{
  int found = 0;
  for (int k = 0; k < 3; k++) {
    const int *p = corner[k], *q = corner[(k + 1) % 3];
    double a = f[p[1] * w->side + p[0]], b = f[q[1] * w->side + q[0]];
    if (!((a < 0) != (b < 0)) || !isfinite(a) || !isfinite(b))
      continue;
    double part = a / (a - b);
    double x0 = at(&w->a->x, p[0], w->side), x1 = at(&w->a->x, q[0], w->side);
    double y0 = at(&w->a->y, p[1], w->side), y1 = at(&w->a->y, q[1], w->side);
    if (!push(out, x0 + part * (x1 - x0), y0 + part * (y1 - y0)))
      return false;
    found++;
  }
  return !found || push(out, NAN, NAN);
}

static pn_status contour(portrait *w, const double *f, points *out)
{
  for (int j = 0; j + 1 < w->side; j++)
    for (int i = 0; i + 1 < w->side; i++) {
      const int low[3][2] = {{i, j}, {i + 1, j}, {i, j + 1}};
      const int high[3][2] = {{i + 1, j + 1}, {i + 1, j}, {i, j + 1}};
      if (!cut(w, f, low, out) || !cut(w, f, high, out))
        return PN_E_MEMORY;
    }
  return PN_OK;
}

/* ---- trajectories ---- */

static pn_status see(void *user, double t, const double *y)
{
  portrait *w = user;
  double x = y[w->a->x.unknown], v = y[w->a->y.unknown];
  bool inside = x >= w->a->x.from && x <= w->a->x.to && v >= w->a->y.from && v <= w->a->y.to;
  (void)t;
  return push(&w->paths, inside ? x : NAN, inside ? v : NAN) ? PN_OK : PN_E_MEMORY;
}

static pn_status run_paths(portrait *w)
{
  pn_orbit *o;
  pn_status st = pn_orbit_new(w->r, 1e-6, &o);
  if (st)
    return st;
  o->observe = see;
  o->user = w;
  double time = w->a->time > 0 ? w->a->time : 10 * w->slowest;
  for (int k = 0; k < RUNS * RUNS && st == PN_OK; k++) {
    st = place(w, at(&w->a->x, 1 + 2 * (k % RUNS), 2 * RUNS + 1),
               at(&w->a->y, 1 + 2 * (k / RUNS), 2 * RUNS + 1));
    if (st == PN_OK)
      st = pn_shoot_consistent(o->shoot, 0, w->tiny, w->y);
    for (int piece = 0; piece < PIECES && st == PN_OK; piece++)
      st = pn_shoot_integrate(o->shoot, 0, time / PIECES, w->y, true);
    if (st == PN_E_STEP || st == PN_E_CONVERGENCE || st == PN_E_DOMAIN || st == PN_E_SINGULAR)
      st = PN_OK; /* a trajectory that leaves where the models are defined ends there */
    if (st == PN_OK && !push(&w->paths, NAN, NAN))
      st = PN_E_MEMORY;
  }
  pn_orbit_free(o);
  return st;
}

static void draw(const portrait *w)
{
  const phase_args *a = w->a;
  char why[256] = "", dx[200], dy[200];
  snprintf(dx, sizeof dx, "d %.160s / dt = 0", a->x.label);
  snprintf(dy, sizeof dy, "d %.160s / dt = 0", a->y.label);
  const char *rest = w->unstable < 0   ? "equilibrium"
                     : w->unstable > 0 ? "unstable equilibrium"
                                       : "stable equilibrium";
  double rest_x = w->rest[a->x.unknown], rest_y = w->rest[a->y.unknown];
  pn_gp_curve curves[] = {
      {"trajectories", w->paths.x, w->paths.y, w->paths.n, PN_GP_LINE, 6},
      {dx, w->null_x.x, w->null_x.y, w->null_x.n, PN_GP_LINE, 1},
      {dy, w->null_y.x, w->null_y.y, w->null_y.n, PN_GP_LINE, 2},
      {rest, &rest_x, &rest_y, 1, w->unstable ? PN_GP_DIAMONDS : PN_GP_POINTS, 7}};
  pn_gp_panel panel = {.label = a->y.label, .unit = a->y.unit, .curves = curves, .n_curves = 4};
  pn_gp_figure figure = {.out_file = a->picture,
                         .title = "Phase portrait",
                         .x_label = a->x.label,
                         .x_unit = a->x.unit,
                         .is_loop = true,
                         .panels = &panel,
                         .n_panels = 1};
  if (pn_gnuplot_curves(&figure, why, sizeof why))
    pn_warn(w->r->diag, PN_NOWHERE, "no picture: %s", why);
}

/* ---- */

/* The operating point, its stability and its time scales. */
static pn_status find_rest(portrait *w)
{
  pn_spectrum *p;
  pn_status st = pn_op_solve(w->r, w->rest, false, NULL);
  if (st == PN_OK)
    st = pn_spectrum_new(w->r->sim, &p);
  if (st)
    return st;
  double fast = 0, slow = INFINITY;
  bool known = pn_spectrum_at(p, w->rest) == PN_OK;
  if (known)
    for (int k = 0; k < p->n; k++) {
      fast = fmax(fast, cabs(p->s[k]));
      slow = fmin(slow, cabs(p->s[k]));
    }
  w->unstable = known ? p->n_unstable : -1;
  w->tiny = fast > 0 ? 1e-6 / fast : 1e-15;
  w->slowest = slow > 0 && isfinite(slow) ? 1 / slow : 1e-6;
  pn_spectrum_free(p);
  return PN_OK;
}

static bool moves(const portrait *w, const phase_axis *a)
{
  if (pn_sim_differential(w->r->sim)[a->unknown] || pn_sim_q_nonlinear(w->r->sim)[a->unknown])
    return true;
  pn_error(
      w->r->diag, PN_NOWHERE,
      ".phase: %s has no memory of its own (no capacitor or inductor there): it cannot be an axis",
      a->label);
  return false;
}

static pn_status make(portrait *w)
{
  const pn_run *r = w->r;
  pn_column scale = {w->a->x.label, "notype", w->a->x.unit};
  const pn_column extra[] = {
      {w->a->y.label, "notype", w->a->y.unit}, {"dx/dt", "notype", ""}, {"dy/dt", "notype", ""}};
  pn_status st = find_rest(w);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_phase, "Phase portrait", scale, extra, 3, false, false,
                  &w->rec);
  if (st)
    return st;
  char line[320];
  snprintf(line, sizeof line,
           "phase portrait: %d x %d points; at rest %.60s = %.6g, %.60s = %.6g%s", w->side, w->side,
           w->a->x.label, w->rest[w->a->x.unknown], w->a->y.label, w->rest[w->a->y.unknown],
           w->unstable < 0 ? ""
           : w->unstable   ? " (unstable)"
                           : " (stable)");
  r->say(r->user, line);
  st = rates(w);
  pn_status last = r->end(r->user, w->rec, st == PN_OK);
  st = st ? st : last;
  if (st || !w->a->picture)
    return st;
  if ((st = contour(w, w->fx, &w->null_x)) || (st = contour(w, w->fy, &w->null_y)) ||
      (st = run_paths(w)))
    return st;
  draw(w);
  return PN_OK;
}

static pn_status run_phase(const pn_run *r, void *args)
{
  const phase_args *a = args;
  portrait w = {.r = r, .a = a, .n = pn_sim_n(r->sim), .side = a->points};
  if (!moves(&w, &a->x) || !moves(&w, &a->y))
    return PN_E_NETLIST;
  size_t n = (size_t)w.n + 1, grid = (size_t)w.side * (size_t)w.side;
  w.rest = calloc(4 * n + 2 * grid, sizeof *w.rest);
  pn_status st = PN_E_MEMORY;
  if (w.rest) {
    w.y = w.rest + n;
    w.q = w.y + n;
    w.yp = w.q + n;
    w.fx = w.yp + n;
    w.fy = w.fx + grid;
    st = make(&w);
  }
  free(w.rest);
  free(w.null_x.x);
  free(w.null_y.x);
  free(w.paths.x);
  return st;
}

const pn_analysis pn_analysis_phase = {
    .name = "phase",
    .help = ".phase x=UNKNOWN xfrom=A xto=B y=UNKNOWN yfrom=A yto=B [points=N] [time=T] "
            "[picture=FILE.png]",
    .parse = parse,
    .run = run_phase,
};
