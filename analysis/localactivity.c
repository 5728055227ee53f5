/* .localactivity: the immittance of a port of the linearised circuit, the tests of local activity on it, and
 * the class of the operating point: locally passive, at the edge of chaos, or active and unstable. */
#include "analysis/keys.h"
#include "analysis/list.h"
#include "analysis/spectrum.h"
#include "output/gnuplot.h"
#include "solver/immittance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SWEEPS = 2, MOST_POINTS = 10000000, MOST_UNKNOWNS = 600 };
enum { UNDECIDED = -1, PASSIVE = 0, EDGE_OF_CHAOS = 1, ACTIVE_UNSTABLE = 2 };

typedef struct activity_sweep {
  pn_target target;
  double from, step;
  int n;
} activity_sweep;

typedef struct activity_args {
  int source;      /* device that drives the port, or -1: nodes */
  int branch;      /* of a voltage source, else -1 */
  int plus, minus; /* unknowns of the port's terminals; PN_GROUND */
  bool voltage_driven;
  pn_loc port_loc;
  int cell[2]; /* unknowns, or -1 */
  int n_sweeps;
  activity_sweep sweep[MOST_SWEEPS];
  const char *picture;
} activity_args;

/* ---- reading ---- */

static bool find_node(const pn_reading *in, pn_str name, pn_loc loc, int *node)
{
  *node = pn_circuit_find_node(in->circuit, name);
  if (*node != -2)
    return true;
  pn_error(in->diag, loc, ".localactivity: no node or source is called '%.*s'%s", PN_FMT(name),
           pn_did_you_mean(in->arena, pn_circuit_nearest_node(in->circuit, name)));
  return false;
}

/* port=v1, port=i1, port=a, port=v(a,b). */
static bool read_port(const pn_reading *in, const pn_arg *arg, activity_args *p)
{
  int device = pn_circuit_device(in->circuit, arg->text);
  p->source = p->branch = -1;
  p->minus = PN_GROUND;
  p->port_loc = arg->loc;
  if (device >= 0) {
    pn_device_info d = pn_circuit_device_info(in->circuit, device);
    if (d.cls->letter != 'v' && d.cls->letter != 'i')
      return pn_error_hint(in->diag, arg->loc, "name a V or I source, or a node",
                           ".localactivity: device '%.*s' is no source", PN_FMT(arg->text)),
             false;
    p->source = device;
    p->voltage_driven = d.cls->letter == 'v';
    p->branch = p->voltage_driven ? pn_circuit_branch(in->circuit, device, 0) : -1;
    p->plus = d.unknowns[0];
    p->minus = d.unknowns[1];
  } else if (arg->ast && arg->ast->kind == PN_AST_PROBE && pn_str_is(arg->ast->name, "v")) {
    if (!find_node(in, arg->ast->args[0]->name, arg->loc, &p->plus) ||
        (arg->ast->n_args > 1 && !find_node(in, arg->ast->args[1]->name, arg->loc, &p->minus)))
      return false;
  } else if (!find_node(in, arg->text, arg->loc, &p->plus)) {
    return false;
  }
  if (p->plus == p->minus)
    return pn_error(in->diag, arg->loc, ".localactivity: both terminals of the port are one node"),
           false;
  return true;
}

/* The unknown that a signal names, by its label. */
static bool read_unknown(const pn_reading *in, const pn_arg *arg, int *unknown)
{
  char label[160];
  for (int k = 0; k < pn_circuit_n(in->circuit); k++)
    if (pn_str_is(arg->text, pn_circuit_label(in->circuit, k, label, sizeof label))) {
      *unknown = k;
      return true;
    }
  pn_error_hint(in->diag, arg->loc, "v(node) or @device[state]",
                ".localactivity: '%.*s' is no unknown of the circuit", PN_FMT(arg->text));
  return false;
}

static bool read_sweep(const pn_reading *in, const pn_arg **words, activity_sweep *s)
{
  if (!pn_target_find(in->arena, in->diag, in->who, in->circuit, in->params, words[0], &s->target))
    return false;
  for (int k = 1; k < 4; k++)
    if (!words[k]->is_num)
      return pn_error(in->diag, words[k]->loc, ".localactivity: a number should stand here"), false;
  double to = words[2]->num, n;
  s->from = words[1]->num;
  s->step = to < s->from ? -fabs(words[3]->num) : fabs(words[3]->num);
  n = s->step != 0 ? floor((to - s->from) / s->step + 1e-9) + 1 : to == s->from ? 1 : NAN;
  if (!(n >= 1 && n <= MOST_POINTS))
    return pn_error(in->diag, words[3]->loc, ".localactivity: the step is zero or far too small"),
           false;
  s->n = (int)n;
  for (int k = 0; k < 2; k++)
    if (!pn_target_check(in->arena, in->diag, in->who, in->circuit, &s->target,
                         k ? s->from + (s->n - 1) * s->step : s->from))
      return false;
  return true;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  activity_args *p = PN_NEW(a, activity_args);
  const pn_arg *port = NULL, *cell[2] = {NULL, NULL};
  const pn_arg **rest = PN_NEW_ARRAY(a, const pn_arg *, args->n + 1);
  pn_str drive = {"", 0};
  int n_rest = 0;
  const pn_key keys[] = {{"port", PN_KEY_ARG, &port, true},
                         {"drive", PN_KEY_WORD, &drive, false},
                         {"cell1", PN_KEY_ARG, &cell[0], false},
                         {"cell2", PN_KEY_ARG, &cell[1], false},
                         {"picture", PN_KEY_PICTURE, &p->picture, false}};
  pn_reading in = {".localactivity", a, d, args, c, params, o};
  p->cell[0] = p->cell[1] = -1;
  if (!pn_keys_read(&in, keys, sizeof keys / sizeof *keys, rest, &n_rest) ||
      !read_port(&in, port, p))
    return NULL;
  if (drive.n)
    p->voltage_driven = pn_str_is(drive, "v");
  if (drive.n && !p->voltage_driven && !pn_str_is(drive, "i"))
    return pn_error(d, args->loc, ".localactivity: drive= is v or i"), NULL;
  if (!cell[0] != !cell[1])
    return pn_error(d, args->loc, ".localactivity: the cell needs two states, cell1= and cell2="),
           NULL;
  for (int k = 0; k < 2 && cell[k]; k++)
    if (!read_unknown(&in, cell[k], &p->cell[k]))
      return NULL;
  if (cell[0] && p->cell[0] == p->cell[1])
    return pn_error(d, cell[1]->loc, ".localactivity: cell1= and cell2= are one state"), NULL;
  if (n_rest % 4 || n_rest > 4 * MOST_SWEEPS)
    return pn_error(d, n_rest ? rest[0]->loc : args->loc,
                    ".localactivity: at most two sweeps, each written TARGET START STOP STEP"),
           NULL;
  for (p->n_sweeps = 0; 4 * p->n_sweeps < n_rest; p->n_sweeps++)
    if (!read_sweep(&in, rest + 4 * p->n_sweeps, &p->sweep[p->n_sweeps]))
      return NULL;
  if (p->picture && p->n_sweeps != 2)
    return pn_error(d, args->loc, ".localactivity: a map needs two sweeps"), NULL;
  if (pn_circuit_n(c) > MOST_UNKNOWNS)
    return pn_error(d, args->loc, ".localactivity: circuits of up to %d unknowns", MOST_UNKNOWNS),
           NULL;
  return p;
}

/* ---- one operating point ---- */

typedef struct survey {
  const pn_run *r;
  const activity_args *a;
  pn_spectrum *spectrum;
  pn_immittance z;
  pn_recorder *rec;
  double *y, *start, *g, *c, *b, *map; /* [n], [n], [n*n], [n*n], [n], [points] */
  int n, shorts, undecided;
  int points[3]; /* with each class, PASSIVE first */
} survey;

typedef struct verdict {
  int class;
  pn_activity test; /* of the driven immittance */
  bool known;       /* z is valid */
} verdict;

/* Takes the driving voltage source out: its row and column, n shrinks to m. */
static int open_port(survey *s)
{
  int n = s->n, out = s->a->branch, m = 0;
  memset(s->b, 0, (size_t)n * sizeof *s->b);
  for (int j = 0, jj = 0; j < n; j++) {
    if (j == out)
      continue;
    s->b[jj] = (j == s->a->plus) - (j == s->a->minus);
    for (int i = 0; i < n; i++)
      if (i != out) {
        s->g[m] = s->g[i + (size_t)j * (size_t)n];
        s->c[m++] = s->c[i + (size_t)j * (size_t)n];
      }
    jj++;
  }
  return n - (out >= 0);
}

static verdict judge(survey *s)
{
  verdict v = {.class = UNDECIDED};
  pn_spectrum_matrices(s->spectrum, s->g, s->c);
  int m = open_port(s);
  pn_status st = pn_impedance_of(m, s->g, s->c, s->b, &s->z);
  s->shorts += st == PN_E_DOMAIN;
  if (st)
    return v;
  pn_immittance driven = s->a->voltage_driven ? pn_immittance_inverse(&s->z) : s->z;
  v.test = pn_activity_of(&driven);
  v.known = true;
  v.class = !v.test.active ? PASSIVE : v.test.stable ? EDGE_OF_CHAOS : ACTIVE_UNSTABLE;
  return v;
}

static pn_status linearise(survey *s)
{
  pn_status st = pn_sim_eval(s->r->sim, PN_SIM_OP, 0, s->y, true);
  if (st == PN_OK)
    pn_sim_freeze_bounds(s->r->sim);
  return st;
}

/* ---- telling ---- */

static void tell_root(const survey *s, const char *what, int k, double complex value)
{
  char name[48];
  snprintf(name, sizeof name, "%s%d_re", what, k + 1);
  s->r->found(s->r->user, name, creal(value));
  if (cimag(value) == 0)
    return;
  snprintf(name, sizeof name, "%s%d_im", what, k + 1);
  s->r->found(s->r->user, name, cimag(value));
}

static const char *class_name(int class)
{
  static const char *const names[] = {"undecided", "locally passive", "edge of chaos",
                                      "locally active and unstable"};
  return names[class + 1];
}

static void tell(const survey *s, const verdict *v)
{
  const pn_run *r = s->r;
  const pn_immittance *z = &s->z;
  char line[300];
  r->found(r->user, "class", v->class);
  if (v->known) {
    pn_immittance y = pn_immittance_inverse(z);
    for (int k = 0; k < z->n_poles; k++) {
      tell_root(s, "z_pole", k, z->pole[k]);
      tell_root(s, "z_residue", k, pn_immittance_residue(z, k));
    }
    for (int k = 0; k < y.n_poles; k++) {
      tell_root(s, "y_pole", k, y.pole[k]);
      tell_root(s, "y_residue", k, pn_immittance_residue(&y, k));
    }
    r->found(r->user, "z_dc", creal(pn_immittance_at(z, 0)));
    r->found(r->user, "least_real", v->test.real);
    r->found(r->user, "least_real_at", v->test.omega / (2 * M_PI));
  }
  snprintf(line, sizeof line, "local activity: %s under %s drive%s%s%s%s%s", class_name(v->class),
           s->a->voltage_driven ? "voltage" : "current",
           v->test.right_pole ? "; (i) a pole in the right half-plane" : "",
           v->test.multiple_pole ? "; (ii) a multiple pole on the axis" : "",
           v->test.bad_residue ? "; (iii) a pole on the axis with a residue not positive real" : "",
           v->test.negative_real ? "; (iv) a negative real part" : "",
           z->n_hidden && v->known ? "; some modes are not seen at this port" : "");
  r->say(r->user, line);
}

/* The cell's Jacobian in its two states: everything else is eliminated, which must be without memory. */
static bool cell_jacobian(survey *s, double a[4])
{
  int n = s->n;
  pn_spectrum_matrices(s->spectrum, s->g, s->c);
  for (int k = 0; k < 2; k++) { /* the states first */
    int from = s->a->cell[k], to = k;
    if (k == 1 && s->a->cell[1] == 0)
      from = s->a->cell[0];
    for (int j = 0; j < n && from != to; j++) {
      double *both[] = {s->g, s->c};
      for (int m = 0; m < 2; m++) {
        double t = both[m][from + j * n];
        both[m][from + j * n] = both[m][to + j * n];
        both[m][to + j * n] = t;
      }
    }
    for (int i = 0; i < n && from != to; i++) {
      double *both[] = {s->g, s->c};
      for (int m = 0; m < 2; m++) {
        double t = both[m][i + from * n];
        both[m][i + from * n] = both[m][i + to * n];
        both[m][i + to * n] = t;
      }
    }
  }
  for (int j = 0; j < n; j++)
    for (int i = 0; i < n; i++)
      if ((i > 1 || j > 1) && s->c[i + j * n] != 0)
        return false;
  for (int k = n - 1; k > 1; k--) { /* eliminate k by its largest pivot above */
    int best = k;
    for (int i = 2; i <= k; i++)
      best = fabs(s->g[i + k * n]) > fabs(s->g[best + k * n]) ? i : best;
    for (int j = 0; j < n && best != k; j++) {
      double t = s->g[best + j * n];
      s->g[best + j * n] = s->g[k + j * n];
      s->g[k + j * n] = t;
    }
    if (s->g[k + k * n] == 0)
      return false;
    for (int i = 0; i < k; i++) {
      double f = s->g[i + k * n] / s->g[k + k * n];
      for (int j = 0; j < k; j++)
        s->g[i + j * n] -= f * s->g[k + j * n];
    }
  }
  double det = s->c[0] * s->c[n + 1] - s->c[1] * s->c[n];
  if (det == 0)
    return false;
  a[0] = -(s->c[n + 1] * s->g[0] - s->c[n] * s->g[1]) / det;
  a[1] = -(s->c[n + 1] * s->g[n] - s->c[n] * s->g[n + 1]) / det;
  a[2] = -(s->c[0] * s->g[1] - s->c[1] * s->g[0]) / det;
  a[3] = -(s->c[0] * s->g[n + 1] - s->c[1] * s->g[n]) / det;
  return true;
}

static void tell_cell(survey *s)
{
  static const char *const names[] = {"cell_a11", "cell_a12", "cell_a21", "cell_a22"};
  const pn_run *r = s->r;
  double a[4];
  if (!cell_jacobian(s, a)) {
    pn_warn(r->diag, s->a->port_loc,
            ".localactivity: the cell is undecided: it has more memory than the two states given");
    return;
  }
  pn_cell_tests t = pn_cell_activity(a);
  for (int k = 0; k < 4; k++)
    r->found(r->user, names[k], a[k]);
  r->found(r->user, "cell_active_two", t.two);
  r->found(r->user, "cell_active_one", t.one);
  r->found(r->user, "cell_stable", t.stable);
  r->found(r->user, "cell_sharp_edge", t.sharp);
}

/* ---- sweeps ---- */

static double value_at(const activity_sweep *s, int k)
{
  return s->from + k * s->step;
}

static pn_status visit(survey *s, int i, int j)
{
  const activity_args *a = s->a;
  pn_status st = linearise(s);
  if (st)
    return st;
  verdict v = judge(s);
  double low, high;
  if (pn_sim_outside_validity(s->r->sim, s->y, &low, &high) >= 0)
    v.class = UNDECIDED; /* the model says nothing here */
  s->undecided += v.class == UNDECIDED;
  if (v.class != UNDECIDED)
    s->points[v.class]++;
  double extra[] = {a->n_sweeps > 1 ? value_at(&a->sweep[1], j) : 0, v.class, v.test.active,
                    v.test.stable};
  pn_recorder_extra(s->rec, a->n_sweeps > 1 ? extra : extra + 1);
  if (s->map)
    s->map[(size_t)j * (size_t)a->sweep[0].n + (size_t)i] = v.class == UNDECIDED ? NAN : v.class;
  if (a->n_sweeps == 0) {
    tell(s, &v);
    if (a->cell[0] >= 0)
      tell_cell(s);
  }
  pn_point at = {.sim = s->r->sim, .x = a->n_sweeps ? value_at(&a->sweep[0], i) : 0, .y = s->y};
  return pn_recorder_point(s->rec, &at);
}

static pn_status sweep_all(survey *s)
{
  const activity_args *a = s->a;
  int inner = a->n_sweeps ? a->sweep[0].n : 1, outer = a->n_sweeps > 1 ? a->sweep[1].n : 1;
  pn_status st = PN_OK;
  for (int j = 0; j < outer && st == PN_OK; j++) {
    if (a->n_sweeps > 1)
      st = pn_target_set(s->r, &a->sweep[1].target, value_at(&a->sweep[1], j));
    for (int i = 0; i < inner && st == PN_OK; i++) {
      if (a->n_sweeps)
        st = pn_target_set(s->r, &a->sweep[0].target, value_at(&a->sweep[0], i));
      if (st == PN_OK && i == 0 && j > 0)
        memcpy(s->y, s->start, (size_t)s->n * sizeof *s->y);
      if (st == PN_OK)
        st = pn_op_solve(s->r, s->y, i + j > 0, NULL);
      if (st == PN_OK && i == 0)
        memcpy(s->start, s->y, (size_t)s->n * sizeof *s->y);
      if (st == PN_OK)
        st = visit(s, i, j);
      if (st == PN_OK && s->r->interrupted(s->r->user))
        st = PN_E_INTERRUPTED;
    }
    s->r->progress(s->r->user, (j + 1.0) / outer, a->n_sweeps > 1 ? value_at(&a->sweep[1], j) : 0);
  }
  return st;
}

static void axis_label(const pn_target *t, char *text, size_t room)
{
  if (*t->column.unit)
    snprintf(text, room, "%.60s (%.20s)", t->column.name, t->column.unit);
  else
    snprintf(text, room, "%.60s", t->column.name);
}

static void draw(const survey *s)
{
  const activity_args *a = s->a;
  const activity_sweep *x = &a->sweep[0], *y = &a->sweep[1];
  char why[256] = "", x_label[96], y_label[96];
  axis_label(&x->target, x_label, sizeof x_label);
  axis_label(&y->target, y_label, sizeof y_label);
  pn_gp_matrix m = {.title = "", .n_rows = y->n, .n_cols = x->n, .z = s->map};
  pn_gp_map map = {.out_file = a->picture,
                   .title = "Local activity",
                   .x_label = x_label,
                   .y_label = y_label,
                   .z_label = "0 passive, 1 edge of chaos, 2 unstable",
                   .z_unit = "",
                   .z_min = 0,
                   .z_max = 2,
                   .x_from = x->from,
                   .x_step = x->step,
                   .y_from = y->from,
                   .y_step = y->step,
                   .matrices = &m,
                   .n_matrices = 1};
  if (pn_gnuplot_map(&map, why, sizeof why))
    pn_warn(s->r->diag, PN_NOWHERE, "no picture: %s", why);
}

static pn_status allocate(survey *s)
{
  size_t n = (size_t)s->n + 1;
  const activity_args *a = s->a;
  s->y = calloc(3 * n, sizeof *s->y);
  s->g = calloc(2 * n * n, sizeof *s->g);
  if (a->picture)
    s->map = calloc((size_t)a->sweep[0].n * (size_t)a->sweep[1].n, sizeof *s->map);
  if (!s->y || !s->g || (a->picture && !s->map))
    return PN_E_MEMORY;
  s->start = s->y + n;
  s->b = s->start + n;
  s->c = s->g + n * n;
  pn_status st = pn_immittance_new(s->n, &s->z);
  return st ? st : pn_spectrum_new(s->r->sim, &s->spectrum);
}

static void tell_points(const survey *s)
{
  char line[160];
  snprintf(line, sizeof line,
           "local activity: %d points passive, %d at the edge of chaos, %d active and unstable",
           s->points[PASSIVE], s->points[EDGE_OF_CHAOS], s->points[ACTIVE_UNSTABLE]);
  s->r->say(s->r->user, line);
}

static void complain(const survey *s)
{
  if (s->shorts)
    pn_warn(
        s->r->diag, s->a->port_loc,
        "the port lies across an ideal source, its impedance is 0: name the source itself as the "
        "port to see what it drives");
  else if (s->undecided)
    pn_warn(s->r->diag, s->a->port_loc, "%d operating point%s undecided", s->undecided,
            s->undecided == 1 ? " is" : "s are");
}

static pn_status run_activity(const pn_run *r, void *args)
{
  const activity_args *a = args;
  survey s = {.r = r, .a = a, .n = pn_sim_n(r->sim)};
  double before[MOST_SWEEPS];
  pn_column extra[] = {
      {0}, {"class", "notype", ""}, {"active", "notype", ""}, {"stable", "notype", ""}};
  pn_column scale = a->n_sweeps ? a->sweep[0].target.column : (pn_column){"op", "notype", ""};
  bool two = a->n_sweeps > 1;
  if (two)
    extra[0] = a->sweep[1].target.column;
  for (int k = 0; k < a->n_sweeps; k++)
    before[k] = pn_target_get(r, &a->sweep[k].target);
  pn_status st = allocate(&s);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_localactivity, "Local activity", scale,
                  two ? extra : extra + 1, two ? 4 : 3, false, a->n_sweeps == 0, &s.rec);
  if (st == PN_OK) {
    st = sweep_all(&s);
    complain(&s);
    pn_status last = r->end(r->user, s.rec, st == PN_OK);
    st = st ? st : last;
  }
  if (st == PN_OK && a->n_sweeps)
    tell_points(&s);
  if (st == PN_OK && a->picture)
    draw(&s);
  for (int k = 0; k < a->n_sweeps; k++)
    pn_target_restore(r, &a->sweep[k].target, before[k]);
  pn_immittance_free(&s.z);
  pn_spectrum_free(s.spectrum);
  free(s.y);
  free(s.g);
  free(s.map);
  return st;
}

const pn_analysis pn_analysis_localactivity = {
    .name = "localactivity",
    .help =
        ".localactivity port=SOURCE|NODE|v(A,B) [drive=v|i] [TARGET START STOP STEP [TARGET2 ...]] "
        "[cell1=STATE cell2=STATE] [picture=FILE.png]",
    .parse = parse,
    .run = run_activity,
};
