/* Fitting a memristor model to measured voltages and currents: the measured voltage drives the model
 * in the library's own transient, and least squares make its current the measured one. */
#include "api/describe.h"
#include "api/simulate.h"
#include "solver/lsq.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_POINTS = 200000, MOST_FREE = 32 };

typedef struct fit {
  const pinch_fit_options *o;
  const pn_memristor *m;
  pn_listener listener;
  double *t, *v, *i; /* [n] s, V, A */
  double *size;      /* [n] A, what a residual is divided by */
  int n, room;
  double *p; /* [n_params] in force */
  int index[MOST_FREE];
  bool log[MOST_FREE];         /* the logarithm is fitted: positive parameters */
  double unit[MOST_FREE];      /* of the others */
  double floor;                /* A, added to |i| in relative residuals */
  char *text;                  /* the netlist */
  size_t text_room, text_head; /* bytes up to the .model card */
  bool failed;
} fit;

pinch_fit_options pinch_fit_options_default(void)
{
  return (pinch_fit_options){.cookie = PN_COOKIE};
}

static pn_status complain(const fit *f, pn_status st, const char *text, const char *what)
{
  pn_tell(&f->listener, PINCH_ERROR, text, what);
  return st;
}

/* ---- data ---- */

static bool add_row(fit *f, double t, double v, double i)
{
  if (f->n == f->room) {
    int room = f->room ? 2 * f->room : 1024;
    double **all[] = {&f->t, &f->v, &f->i};
    for (int k = 0; k < 3; k++) {
      double *more = realloc(*all[k], (size_t)room * sizeof *more);
      if (!more)
        return false;
      *all[k] = more;
    }
    f->room = room;
  }
  f->t[f->n] = t;
  f->v[f->n] = v;
  f->i[f->n++] = i;
  return true;
}

/* Which of "time", "v", "i" a heading is: 0, 1, 2; -1 another. */
static int heading(const char *cell)
{
  while (isspace((unsigned char)*cell) || *cell == '"')
    cell++;
  pn_str s = {cell, strcspn(cell, " \t\"([,;\r\n")};
  static const char *const names[][4] = {{"time", "t", "time/s", "seconds"},
                                         {"v", "voltage", "v(a)", "volt"},
                                         {"i", "current", "@n1[i]", "amp"}};
  for (int k = 0; k < 3; k++)
    for (int j = 0; j < 4; j++)
      if (pn_str_is(s, names[k][j]))
        return k;
  return -1;
}

static bool read_row(fit *f, const char *line, const int *column, int n_columns)
{
  double value[3] = {NAN, NAN, NAN};
  const char *p = line;
  for (int c = 0; c < n_columns; c++) {
    char *end;
    double x = strtod(p, &end);
    if (column[c] >= 0 && end != p)
      value[column[c]] = x;
    p += strcspn(p, ",;\t");
    p += *p != 0;
  }
  if (isnan(value[0]) && f->o->dt > 0)
    value[0] = f->n * f->o->dt;
  bool rises = f->n == 0 || value[0] > f->t[f->n - 1];
  if (!isfinite(value[0]) || !isfinite(value[1]) || !isfinite(value[2]) || !rises)
    return false;
  return f->n < MOST_POINTS && add_row(f, value[0], value[1], value[2]);
}

static int read_headings(const char *line, int *column, int most, unsigned *found)
{
  int n = 0;
  *found = 0;
  for (const char *p = line; n < most;) {
    column[n] = heading(p);
    *found |= column[n] >= 0 ? 1u << column[n] : 0;
    n++;
    p += strcspn(p, ",;\t");
    if (!*p)
      break;
    p++;
  }
  return n;
}

static pn_status cannot_read(const fit *f, int error)
{
  pn_tell(&f->listener, PINCH_ERROR, "cannot read '%s': %s", f->o->data_file, strerror(error));
  return PN_E_FILE;
}

static pn_status read_data(fit *f)
{
  enum { MOST_COLUMNS = 64 };
  char line[4096];
  int column[MOST_COLUMNS], n_columns = 0, number = 0;
  pn_status st = PN_OK;
  FILE *file = fopen(f->o->data_file, "re");
  if (!file)
    return cannot_read(f, errno);
  while (st == PN_OK && fgets(line, sizeof line, file)) {
    unsigned found;
    number++;
    if (line[0] == '#' || line[strspn(line, " \t\r\n")] == 0)
      continue;
    if (n_columns) {
      if (!read_row(f, line, column, n_columns)) {
        pn_tell(&f->listener, PINCH_ERROR,
                "'%s', line %d: a row needs numbers for time (rising), v and i", f->o->data_file,
                number);
        st = PN_E_NETLIST;
      }
      continue;
    }
    n_columns = read_headings(line, column, MOST_COLUMNS, &found);
    if ((found & 6) != 6 || !((found & 1) || f->o->dt > 0))
      st = complain(f, PN_E_NETLIST,
                    "'%s' must begin with headings: time, v, i (or v, i and --dt SECONDS)",
                    f->o->data_file);
  }
  if (st == PN_OK && ferror(file))
    st = cannot_read(f, errno);
  fclose(file);
  if (st == PN_OK && f->n <= f->o->n_free + 1)
    st = complain(f, PN_E_NETLIST, "'%s' has too few rows", f->o->data_file);
  return st;
}

/* ---- the model ---- */

/* The head of the netlist: the measured voltage as a waveform that starts at time 0. */
static pn_status write_head(fit *f)
{
  f->text_room = (size_t)f->n * 56 + (size_t)f->m->n_params * 64 + 1024;
  f->text = malloc(f->text_room);
  if (!f->text)
    return PN_E_MEMORY;
  double start = f->t[0], length = f->t[f->n - 1] - start;
  size_t at = (size_t)snprintf(
      f->text, f->text_room,
      "fit\nn1 a 0 cell\n.options reltol=1e-7\n.save @n1[i]\n.tran %.17g %.17g\n"
      "v1 a 0 pwl(",
      length / 1000, length);
  for (int k = 0; k < f->n; k++)
    at += (size_t)snprintf(f->text + at, f->text_room - at, "%s%.17g %.17g", k % 4 ? " " : "\n+ ",
                           f->t[k] - start, f->v[k]);
  at += (size_t)snprintf(f->text + at, f->text_room - at, ")\n");
  f->text_head = at;
  return PN_OK;
}

static void write_card(const fit *f, char *text, size_t room)
{
  size_t at = (size_t)snprintf(text, room, ".model cell %s (", f->m->name);
  for (int k = 0; k < f->m->n_params && at < room; k++)
    if (f->p[k] != f->m->params[k].value && isfinite(f->p[k]))
      at += (size_t)snprintf(text + at, room - at, " %s=%.17g", f->m->params[k].name, f->p[k]);
  if (at < room)
    snprintf(text + at, room - at, " )\n.end\n");
}

/* Between the fitted numbers and the parameters. */
static void set_free(fit *f, const double *x)
{
  for (int k = 0; k < f->o->n_free; k++) {
    const pn_param *q = &f->m->params[f->index[k]];
    double value = f->log[k] ? (f->unit[k] < 0 ? -exp(x[k]) : exp(x[k])) : x[k] * f->unit[k];
    f->p[f->index[k]] = fmin(fmax(value, q->min), q->max);
  }
}

static bool residual(void *user, const double *x, double *r)
{
  fit *f = user;
  pn_table t;
  pn_listener quiet = {NULL, NULL};
  set_free(f, x);
  write_card(f, f->text + f->text_head, f->text_room - f->text_head);
  pn_status st = pn_simulate(f->text, 50L * f->n + 100000, &quiet, &t);
  for (int k = 0; k < f->n; k++) {
    double i = st ? 1e3 * (fabs(f->i[k]) + f->floor) : pn_table_at(&t, 1, f->t[k] - f->t[0]);
    r[k] = (i - f->i[k]) / f->size[k];
  }
  pn_table_free(&t);
  return true;
}

static pn_status no_parameter(const fit *f, const char *name)
{
  pn_str nearest = pn_param_nearest(f->m->params, f->m->n_params, pn_str_of(name));
  if (nearest.n)
    pn_tell(&f->listener, PINCH_ERROR, "%s has no parameter '%s'; did you mean '%.*s'?", f->m->name,
            name, PN_FMT(nearest));
  else
    pn_tell(&f->listener, PINCH_ERROR, "%s has no parameter '%s'; 'pinch models %s' lists them",
            f->m->name, name, f->m->name);
  return PN_E_USAGE;
}

static pn_status take_parameters(fit *f)
{
  for (int k = 0; k < f->m->n_params; k++)
    f->p[k] = f->m->params[k].value;
  for (int k = 0; k < f->o->n_fixed + f->o->n_free; k++) {
    bool is_free = k >= f->o->n_fixed;
    const pinch_define *d = is_free ? &f->o->free[k - f->o->n_fixed] : &f->o->fixed[k];
    int index = pn_param_find(f->m->params, f->m->n_params, pn_str_of(d->name));
    if (index < 0)
      return no_parameter(f, d->name);
    if (!isnan(d->value))
      f->p[index] = d->value;
    if (f->p[index] < f->m->params[index].min || f->p[index] > f->m->params[index].max)
      return complain(f, PN_E_USAGE, "'%s' cannot have this value; 'pinch models' tells its range",
                      d->name);
    if (!is_free)
      continue;
    for (int j = 0; j < k - f->o->n_fixed; j++)
      if (f->index[j] == index)
        return complain(f, PN_E_USAGE, "'%s' is named twice", d->name);
    int n = k - f->o->n_fixed;
    const pn_param *q = &f->m->params[index];
    f->index[n] = index;
    f->log[n] = f->p[index] != 0 && (q->min >= 0 || q->max <= 0) &&
                !(isfinite(q->min) && isfinite(q->max));
    f->unit[n] = f->p[index] != 0 ? (f->log[n] ? f->p[index] : fabs(f->p[index])) : 1;
  }
  return PN_OK;
}

/* ---- the result ---- */

/* 97.5 % quantile of Student's t: Cornish and Fisher's expansion. */
static double student(int freedom)
{
  double z = 1.959963984540054, n = freedom;
  return z + (z * z * z + z) / (4 * n) + (5 * pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

static void report(fit *f, const double *x, const double *covariance, const pn_lsq_result *res,
                   const double *start)
{
  pn_writer w = {f->o->text, f->o->user};
  int n = f->o->n_free;
  double width = student(f->n - n);
  pn_write(&w, "%s fitted to %d points: %d evaluations, %s\n\n  %-12s %-10s %-14s %-14s %s\n",
           f->m->name, f->n, res->evaluations, res->converged ? "converged" : "NOT converged",
           "parameter", "unit", "start", "fitted", "95 % confidence");
  for (int k = 0; k < n; k++) {
    const pn_param *q = &f->m->params[f->index[k]];
    double sd = sqrt(covariance[k * n + k]), value = f->p[f->index[k]];
    double low = f->log[k] ? value * exp(-width * sd) : value - width * sd * f->unit[k];
    double high = f->log[k] ? value * exp(width * sd) : value + width * sd * f->unit[k];
    pn_write(&w, "  %-12s %-10s %-14.7g %-14.7g ", q->name, pn_describe_unit(q), start[k], value);
    if (isfinite(sd))
      pn_write(&w, "%.7g ... %.7g\n", fmin(low, high), fmax(low, high));
    else
      pn_write(&w, "not determined by these data\n");
  }
  double rms = sqrt(res->sum / f->n);
  if (f->o->relative)
    pn_write(&w, "\n  residual: %.3g of the current, root mean square\n", rms);
  else
    pn_write(&w, "\n  residual: %.4g A root mean square\n", rms * f->floor);
  for (int a = 0; a < n; a++)
    for (int b = 0; b < a; b++) {
      double c = covariance[a * n + b] / sqrt(covariance[a * n + a] * covariance[b * n + b]);
      if (fabs(c) > 0.95)
        pn_write(&w, "  %s and %s are hardly told apart by these data (correlation %.3f)\n",
                 f->m->params[f->index[b]].name, f->m->params[f->index[a]].name, c);
    }
  set_free(f, x);
  pn_write(&w, "\n.model fitted %s (", f->m->name);
  for (int k = 0; k < f->m->n_params; k++)
    if (f->p[k] != f->m->params[k].value && isfinite(f->p[k]))
      pn_write(&w, " %s=%.9g", f->m->params[k].name, f->p[k]);
  pn_write(&w, " )\n");
}

/* From the model at x; leaves x's parameters in p. r: [n] scratch. */
static void take_sizes(fit *f, const double *x, double *r)
{
  residual(f, x, r);
  for (int k = 0; k < f->n && f->o->relative; k++)
    f->size[k] = fabs(f->i[k] + r[k] * f->size[k]) + f->floor;
}

/* Least squares, for relative residuals again with the sizes that the model found has: divided by the measured
 * currents they favour what noise made small, and all parameters come out off by twice the noise's variance. */
static pn_status minimise(fit *f, double *x, double *covariance, pn_lsq_result *res)
{
  enum { MOST_ROUNDS = 5 };
  int n = f->o->n_free, evaluations = 0;
  double *r = malloc((size_t)f->n * sizeof *r), last[MOST_FREE];
  pn_lsq_problem problem = {.user = f,
                            .m = f->n,
                            .n = n,
                            .residual = residual,
                            .step = 1e-4,
                            .tol = 1e-8,
                            .most = 200 * (n + 1)};
  pn_status st = r ? PN_OK : PN_E_MEMORY;
  bool moved = true;
  for (int round = 0; st == PN_OK && moved && round < MOST_ROUNDS; round++) {
    memcpy(last, x, (size_t)n * sizeof *x);
    st = pn_lsq(&problem, x, covariance, res);
    evaluations += res->evaluations;
    moved = false;
    for (int k = 0; k < n && f->o->relative; k++)
      moved |= fabs(x[k] - last[k]) > 0.02 * sqrt(covariance[k * n + k]);
    if (st == PN_OK)
      take_sizes(f, x, r);
  }
  res->evaluations = evaluations;
  free(r);
  return st;
}

static pn_status solve(fit *f)
{
  int n = f->o->n_free;
  double x[MOST_FREE], start[MOST_FREE], covariance[MOST_FREE * MOST_FREE], sum = 0;
  for (int k = 0; k < f->n; k++)
    sum += f->i[k] * f->i[k];
  f->floor = sqrt(sum / f->n) * (f->o->relative ? 1e-3 : 1);
  if (!(f->floor > 0))
    return complain(f, PN_E_NETLIST, "'%s' holds no current", f->o->data_file);
  f->size = malloc((size_t)f->n * sizeof *f->size);
  if (!f->size)
    return PN_E_MEMORY;
  for (int k = 0; k < f->n; k++)
    f->size[k] = f->floor + (f->o->relative ? fabs(f->i[k]) : 0);
  for (int k = 0; k < n; k++) {
    start[k] = f->p[f->index[k]];
    x[k] = f->log[k] ? log(fabs(start[k])) : start[k] / f->unit[k];
  }
  pn_lsq_result res;
  pn_status st = minimise(f, x, covariance, &res);
  if (st)
    return complain(f, st, "the fit of %s failed", f->m->name);
  if (f->o->text)
    report(f, x, covariance, &res, start);
  for (int k = 0; k < n && f->o->fitted; k++)
    f->o->fitted[k] = f->p[f->index[k]];
  return res.converged ? PN_OK : PN_E_CONVERGENCE;
}

int pinch_fit(const pinch_fit_options *o)
{
  if (!o || o->cookie != PN_COOKIE || !o->model || !o->data_file)
    return PN_E_USAGE;
  fit f = {.o = o, .listener = {o->message, o->user}};
  f.m = pn_memristor_find(pn_str_of(o->model));
  if (!f.m)
    return complain(&f, PN_E_USAGE, "no memristor '%s'; 'pinch models' lists them", o->model);
  if (o->n_free < 1 || o->n_free > MOST_FREE)
    return complain(&f, PN_E_USAGE, "name 1 to 32 parameters to fit%s", "");
  f.p = calloc((size_t)f.m->n_params + 1, sizeof *f.p);
  pn_status st = f.p ? take_parameters(&f) : PN_E_MEMORY;
  if (st == PN_OK)
    st = read_data(&f);
  if (st == PN_OK)
    st = write_head(&f);
  if (st == PN_OK)
    st = solve(&f);
  free(f.p);
  free(f.t);
  free(f.v);
  free(f.i);
  free(f.size);
  free(f.text);
  return st;
}
