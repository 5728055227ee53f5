/* .noise: spectral densities at an output, and referred to an input, of all devices' noise
 * sources at the operating point. One solve of the adjoint system per frequency gives the
 * transfer from every source at once; totals are integrals over the frequencies. */
#include "analysis/frequency.h"
#include "analysis/list.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct noise_args {
  pn_output out;
  int source;
  pn_frequencies f;
  bool parts; /* columns of single devices and their sources */
} noise_args;

/* A column of its own: one noise source, or the sum of a device's. */
typedef struct part {
  int device;
  int k; /* of the device's sources; -1: all of them */
} part;

typedef struct work {
  const pn_run *r;
  const noise_args *p;
  int n_devices;
  double *y;               /* [n] operating point */
  double complex *z;       /* [n] adjoint solution: the output per unit of right-hand side */
  pn_noise_source *source; /* [n_sources] */
  int *first;              /* [n_devices + 1] first source of each device */
  int n_sources;
  part *parts; /* [n_parts] */
  int n_parts;
  pn_column *column; /* [2 * n_parts + 2] */
  double *now;       /* [n_parts + 2] V^2/Hz at the output: parts, sum, and at the input */
  double *before;    /* [n_parts + 2] at the frequency before */
  double *total;     /* [2 * n_parts + 2] V^2: parts at output and input, sums */
  double *row;       /* [2 * n_parts + 2] */
} work;

/* ---- arguments ---- */

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  noise_args *p = PN_NEW(a, noise_args);
  int k = 2;
  if (!pn_output_read(a, d, ".noise", c, args, 0, &p->out) ||
      (p->source = pn_input_read(a, d, ".noise", c, args, 1)) < 0 ||
      !pn_frequencies_read(d, ".noise", args, &k, &p->f))
    return NULL;
  if (k < args->n && args->at[k].is_num)
    p->parts = args->at[k++].num > 0;
  if (k < args->n)
    return pn_error(d, args->at[k].loc, "%s", pn_analysis_noise.help), NULL;
  return p;
}

/* ---- sources ---- */

static pn_status collect_sources(work *w)
{
  w->n_devices = pn_circuit_n_devices(w->r->circuit);
  w->first = calloc((size_t)w->n_devices + 1, sizeof *w->first);
  if (!w->first)
    return PN_E_MEMORY;
  for (int k = 0; k < w->n_devices; k++)
    w->first[k + 1] = w->first[k] + pn_sim_noise(w->r->sim, k, w->y, NULL);
  w->n_sources = w->first[w->n_devices];
  w->source = calloc((size_t)w->n_sources + PN_MOST_NOISE, sizeof *w->source);
  if (!w->source)
    return PN_E_MEMORY;
  for (int k = 0; k < w->n_devices; k++)
    pn_sim_noise(w->r->sim, k, w->y, w->source + w->first[k]);
  return PN_OK;
}

/* Columns of the parts as ngspice names them: onoise_r1_thermal, then the device's sum. */
static pn_status make_parts(work *w)
{
  w->parts = calloc((size_t)(w->n_sources + w->n_devices) + 1, sizeof *w->parts);
  if (!w->parts)
    return PN_E_MEMORY;
  for (int d = 0; d < w->n_devices && w->p->parts; d++) {
    int n = w->first[d + 1] - w->first[d];
    for (int k = 0; k < n; k++)
      w->parts[w->n_parts++] = (part){d, k};
    if (n)
      w->parts[w->n_parts++] = (part){d, -1};
  }
  size_t room = 2 * (size_t)w->n_parts + 2;
  w->column = calloc(room, sizeof *w->column);
  w->now = calloc(room, sizeof *w->now);
  w->before = calloc(room, sizeof *w->before);
  w->total = calloc(room, sizeof *w->total);
  w->row = calloc(room, sizeof *w->row);
  return w->column && w->now && w->before && w->total && w->row ? PN_OK : PN_E_MEMORY;
}

static const char *part_name(const work *w, const char *prefix, const part *p)
{
  char device[PN_DEVICE_NAME];
  pn_circuit_device_name(w->r->circuit, p->device, device, sizeof device);
  const char *name = p->k < 0 ? "" : w->source[w->first[p->device] + p->k].name;
  const char *end = strchr(prefix, '(') ? ")" : ""; /* ngspice's rawfiles: v(onoise_total_r1) */
  return pn_run_name(w->r, "%s_%s%s%s%s", prefix, device, *name ? "_" : "", name, end);
}

/* ---- spectra ---- */

static double density(const pn_noise_source *s, double f)
{
  double all = s->flicker > 0.0 ? s->white + s->flicker / pow(f, s->exponent) : s->white;
  double x = s->corner > 0.0 ? f / s->corner : 0.0, y = M_PI * f * s->hold;
  return all / (1.0 + x * x) * (y > 0.0 ? sin(y) * sin(y) / (y * y) : 1.0);
}

static double at_output(const work *w, const pn_noise_source *s, double f)
{
  double complex to = (s->n >= 0 ? w->z[s->n] : 0) - (s->p >= 0 ? w->z[s->p] : 0);
  return density(s, f) * (creal(to) * creal(to) + cimag(to) * cimag(to));
}

/* Fills now: each part, the whole output, and the output divided by the squared gain. */
static pn_status spectrum_at(work *w, double f)
{
  const pn_run *r = w->r;
  memset(w->z, 0, (size_t)pn_sim_n(r->sim) * sizeof *w->z);
  if (w->p->out.a >= 0)
    w->z[w->p->out.a] += 1;
  if (w->p->out.b >= 0)
    w->z[w->p->out.b] -= 1;
  pn_status st = pn_sim_factor_complex(r->sim, I * 2 * M_PI * f);
  if (st == PN_E_SINGULAR)
    pn_sim_report_singular(r->sim);
  if (st || (st = pn_sim_solve_complex_transposed(r->sim, w->z)))
    return st;
  double sum = 0;
  int at = 0;
  for (int d = 0; d < w->n_devices; d++) {
    double own = 0;
    int n = w->first[d + 1] - w->first[d];
    for (int k = 0; k < n; k++) {
      double s = at_output(w, &w->source[w->first[d] + k], f);
      own += s;
      if (w->p->parts)
        w->now[at++] = s;
    }
    if (w->p->parts && n)
      w->now[at++] = own;
    sum += own;
  }
  pn_drive in = pn_drive_of(r->circuit, w->p->source);
  double complex gain = (in.plus >= 0 ? w->z[in.plus] : 0) - (in.minus >= 0 ? w->z[in.minus] : 0);
  w->now[at] = sum;
  w->now[at + 1] = sum / (creal(gain) * creal(gain) + cimag(gain) * cimag(gain));
  return PN_OK;
}

/* Integral between two frequencies of a power law through both values, exact for white and 1/f noise;
 * a straight line where one of them is zero. */
static double area(double f0, double s0, double f1, double s1)
{
  if (!(s0 > 0 && s1 > 0 && f0 > 0))
    return 0.5 * (s0 + s1) * (f1 - f0);
  double ratio = log(f1 / f0), b = log(s1 / s0) / ratio + 1;
  if (fabs(b * ratio) < 1e-8)
    return s0 * f0 * ratio;
  return s0 * f0 * expm1(b * ratio) / b;
}

static void add_totals(work *w, double f0, double f1)
{
  int n = w->n_parts;
  double inverse0 = w->before[n + 1] / w->before[n], inverse1 = w->now[n + 1] / w->now[n];
  for (int k = 0; k < n; k++) {
    w->total[2 * k] += area(f0, w->before[k], f1, w->now[k]);
    w->total[2 * k + 1] += area(f0, w->before[k] * inverse0, f1, w->now[k] * inverse1);
  }
  w->total[2 * n] += area(f0, w->before[n], f1, w->now[n]);
  w->total[2 * n + 1] += area(f0, w->before[n + 1], f1, w->now[n + 1]);
}

static pn_status sweep(work *w, pn_recorder *rec)
{
  const pn_run *r = w->r;
  int n = w->n_parts + 2;
  double before = NAN;
  for (long k = 0; k < w->p->f.points; k++) {
    double f = pn_frequency_at(&w->p->f, k);
    pn_status st = spectrum_at(w, f);
    if (st)
      return st;
    if (k > 0)
      add_totals(w, before, f);
    for (int j = 0; j < n; j++)
      w->row[j] = sqrt(w->now[j]);
    pn_recorder_extra(rec, w->row);
    pn_point at = {.sim = r->sim, .x = f, .y = w->y, .noise = w->row + w->n_parts};
    if ((st = pn_recorder_point(rec, &at)))
      return st;
    double *other = w->before;
    w->before = w->now;
    w->now = other;
    before = f;
    r->progress(r->user, (double)(k + 1) / (double)w->p->f.points, f);
    if (r->interrupted(r->user))
      return PN_E_INTERRUPTED;
  }
  return PN_OK;
}

/* ---- results ---- */

/* A rawfile's type of a density. */
static const char *type_of(const char *unit)
{
  return unit[0] == 'A' ? "current" : "voltage";
}

static pn_status write_spectrum(work *w)
{
  const pn_run *r = w->r;
  const char *unit_out = w->p->out.is_current ? "A/sqrt(Hz)" : "V/sqrt(Hz)";
  const char *unit_in = pn_drive_of(r->circuit, w->p->source).is_voltage ? "V/sqrt(Hz)"
                                                                         : "A/sqrt(Hz)";
  for (int k = 0; k < w->n_parts; k++)
    w->column[k] = (pn_column){part_name(w, "onoise", &w->parts[k]), type_of(unit_out), unit_out};
  w->column[w->n_parts] = (pn_column){"onoise_spectrum", type_of(unit_out), unit_out};
  w->column[w->n_parts + 1] = (pn_column){"inoise_spectrum", type_of(unit_in), unit_in};
  pn_column scale = {"frequency", "frequency", "Hz"};
  pn_recorder *rec;
  pn_status st = pn_run_named(w->column, w->n_parts);
  if (st == PN_OK)
    st = r->begin(r->user, &pn_analysis_noise, "Noise Spectral Density Curves", scale, w->column,
                  w->n_parts + 2, false, false, &rec);
  if (st)
    return st;
  st = sweep(w, rec);
  pn_status last = r->end(r->user, rec, st == PN_OK);
  return st ? st : last;
}

static pn_status write_totals(work *w)
{
  static const pn_analysis totals = {.name = "noise_total", .own_columns = true};
  const pn_run *r = w->r;
  const char *unit_out = w->p->out.is_current ? "A" : "V";
  const char *unit_in = pn_drive_of(r->circuit, w->p->source).is_voltage ? "V" : "A";
  int n = w->n_parts;
  for (int k = 0; k < n; k++) {
    w->column[2 * k] = (pn_column){part_name(w, "v(onoise_total", &w->parts[k]), "notype",
                                   unit_out};
    w->column[2 * k + 1] = (pn_column){part_name(w, "v(inoise_total", &w->parts[k]), "notype",
                                       unit_in};
  }
  w->column[2 * n] = (pn_column){"v(onoise_total)", "notype", unit_out};
  w->column[2 * n + 1] = (pn_column){"v(inoise_total)", "notype", unit_in};
  pn_column scale = {"noise", "notype", ""};
  pn_recorder *rec;
  pn_status st = pn_run_named(w->column, 2 * n);
  if (st == PN_OK)
    st = r->begin(r->user, &totals, "Integrated Noise", scale, w->column, 2 * n + 2, false, true,
                  &rec);
  if (st)
    return st;
  for (int k = 0; k < 2 * n + 2; k++)
    w->row[k] = sqrt(w->total[k]);
  pn_recorder_extra(rec, w->row);
  pn_point at = {.sim = r->sim, .y = w->y};
  st = pn_recorder_point(rec, &at);
  pn_status last = r->end(r->user, rec, st == PN_OK);
  r->found(r->user, "onoise_total", w->row[2 * n]);
  r->found(r->user, "inoise_total", w->row[2 * n + 1]);
  return st ? st : last;
}

static pn_status run_noise(const pn_run *r, void *args)
{
  work w = {.r = r, .p = args};
  size_t n = (size_t)pn_sim_n(r->sim) + 1;
  w.y = calloc(n, sizeof *w.y);
  w.z = calloc(n, sizeof *w.z);
  pn_status st = w.y && w.z ? pn_op_solve(r, w.y, false, NULL) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_TRAN, 0, w.y, true);
  if (st == PN_OK) {
    pn_sim_freeze_bounds(r->sim);
    st = collect_sources(&w);
  }
  if (st == PN_OK)
    st = make_parts(&w);
  if (st == PN_OK)
    st = write_spectrum(&w);
  if (st == PN_OK)
    st = write_totals(&w);
  void *all[] = {w.y, w.z, w.source, w.first, w.parts, w.column, w.now, w.before, w.total, w.row};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    free(all[k]);
  return st;
}

const pn_analysis pn_analysis_noise = {
    .name = "noise",
    .help = ".noise V(OUT[,REF]) SOURCE dec|oct|lin POINTS FSTART FSTOP [1: columns of devices]",
    .parse = parse,
    .run = run_noise,
    .delays = true,
    .own_columns = true,
};
