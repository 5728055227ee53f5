/* Pictures of one memristor model: its loop at three frequencies, its states' trajectories, and a
 * map of its rate g(x, v); from runs of the library itself. */
#include "api/device_pictures.h"
#include "api/simulate.h"
#include "output/gnuplot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DRIVES = 3, PERIODS = 3, N = 500, MAP = 61, MOST_STATES = 16, MOST_ROWS = 100000 };

typedef struct album {
  const pn_memristor *m;
  pn_drive drive[DRIVES];
  double *at; /* [DRIVES][2 + n_states + 1][PERIODS N + 1]: v, i, states; then periods */
  char label[DRIVES][48];
} album;

static double *series(const album *a, int drive, int column)
{
  int columns = a->m->n_states + 3;
  return a->at + ((size_t)drive * (size_t)columns + (size_t)column) * (PERIODS * N + 1);
}

/* "a.png" -> "a-loop.png". */
static char *name_of(const char *file, const char *part)
{
  const char *dot = strrchr(file, '.');
  size_t n = dot ? (size_t)(dot - file) : strlen(file), room = strlen(file) + strlen(part) + 2;
  char *s = malloc(room);
  if (s)
    snprintf(s, room, "%.*s-%s%s", (int)n, file, part, dot ? dot : "");
  return s;
}

static void frequency_label(double f, char *text, size_t room)
{
  static const struct {
    double scale;
    const char *unit;
  } units[] = {{1e9, "GHz"}, {1e6, "MHz"}, {1e3, "kHz"}, {1, "Hz"}, {1e-3, "mHz"}, {1e-6, "uHz"}};
  size_t k = 0;
  while (k + 1 < sizeof units / sizeof *units && f < 0.9999 * units[k].scale)
    k++;
  snprintf(text, room, "%.4g %s", f / units[k].scale, units[k].unit);
}

static pn_status simulate(album *a, const pn_listener *l)
{
  int columns = a->m->n_states + 2;
  for (int d = 0; d < DRIVES; d++) {
    char text[1024];
    pn_table t;
    pn_loop_netlist(a->m, a->drive[d], PERIODS, text, sizeof text);
    pn_status st = pn_simulate(text, MOST_ROWS, l, &t);
    for (int k = 0; k <= PERIODS * N && st == PN_OK; k++) {
      for (int c = 0; c < columns; c++)
        series(a, d, c)[k] = pn_table_at(&t, 1 + c, k / (N * a->drive[d].frequency));
      series(a, d, columns)[k] = (double)k / N;
    }
    pn_table_free(&t);
    if (st)
      return st;
    frequency_label(a->drive[d].frequency, a->label[d], sizeof a->label[d]);
  }
  return PN_OK;
}

static pn_status draw(const pn_gp_figure *f, const pn_listener *l)
{
  char why[256];
  pn_status st = pn_gnuplot_curves(f, why, sizeof why);
  if (st)
    pn_tell(l, PINCH_ERROR, "%s", why);
  return st;
}

static pn_status draw_loop(const album *a, const char *file, const pn_listener *l)
{
  char title[160];
  pn_gp_curve curves[DRIVES];
  for (int d = 0; d < DRIVES; d++) {
    long first = (PERIODS - 1) * N; /* the last period */
    curves[d] = (pn_gp_curve){.label = a->label[d],
                              .x = series(a, d, 0) + first,
                              .y = series(a, d, 1) + first,
                              .n = N + 1};
  }
  pn_gp_panel panel = {"Current", "A", false, curves, DRIVES};
  snprintf(title, sizeof title, "%s under a sine of %g V", a->m->name, a->drive[0].amplitude);
  pn_gp_figure f = {.out_file = file,
                    .title = title,
                    .x_label = "Voltage",
                    .x_unit = "V",
                    .is_loop = true,
                    .panels = &panel,
                    .n_panels = 1};
  return draw(&f, l);
}

static pn_status draw_states(const album *a, const char *file, const pn_listener *l)
{
  char title[160];
  pn_gp_curve curves[MOST_STATES][DRIVES];
  pn_gp_panel panels[MOST_STATES];
  int n = a->m->n_states < 4 ? a->m->n_states : 4;
  for (int s = 0; s < n; s++) {
    for (int d = 0; d < DRIVES; d++)
      curves[s][d] = (pn_gp_curve){.label = a->label[d],
                                   .x = series(a, d, 2 + a->m->n_states),
                                   .y = series(a, d, 2 + s),
                                   .n = PERIODS * N + 1};
    panels[s] = (pn_gp_panel){a->m->states[s].name, a->m->states[s].unit, false, curves[s], DRIVES};
  }
  snprintf(title, sizeof title, "States of %s under a sine of %g V", a->m->name,
           a->drive[0].amplitude);
  pn_gp_figure f = {.out_file = file,
                    .title = title,
                    .x_label = "Periods of the drive",
                    .x_unit = "",
                    .panels = panels,
                    .n_panels = n};
  return draw(&f, l);
}

/* ---- the rate ---- */

/* One instance with default parameters; everything [..][PN_LANES], freed at once. */
typedef struct point {
  double *memory;
  pn_mem_block b;
  double *v, *x;
} point;

static bool open_point(const pn_memristor *m, point *p)
{
  size_t np = (size_t)(m->n_params + m->n_derived), ns = (size_t)m->n_states, L = PN_LANES;
  size_t rows = np + 1 + ns + (size_t)m->n_hist + 2 + 3 * ns + ns * ns + (size_t)m->n_work + 2;
  p->memory = aligned_alloc(64, (rows * L * sizeof(double) + 63) / 64 * 64);
  double *one = calloc(np + (size_t)m->n_hist + 1, sizeof *one);
  if (!p->memory || !one) {
    free(p->memory);
    free(one);
    return false;
  }
  for (int k = 0; k < m->n_params; k++)
    one[k] = m->params[k].value;
  if (m->derive)
    m->derive(m, one, 300.15);
  if (m->init_hist)
    m->init_hist(m, one, one + np);
  double *at = p->memory, *params = at, *v = at + np * L, *x = v + L, *h = x + ns * L;
  double *o = h + (size_t)m->n_hist * L;
  for (size_t k = 0; k < np * L; k++)
    params[k] = one[k / L];
  for (size_t k = 0; k < (size_t)m->n_hist * L; k++)
    h[k] = one[np + k / L];
  for (size_t k = 0; k < ns * L; k++)
    x[k] = one[m->states[k / L].p_init];
  p->b = (pn_mem_block){.p = params,
                        .v = v,
                        .x = x,
                        .h = h,
                        .i = o,
                        .i_v = o + L,
                        .i_x = o + 2 * L,
                        .g = o + (2 + ns) * L,
                        .g_v = o + (2 + 2 * ns) * L,
                        .g_x = o + (2 + 3 * ns) * L,
                        .work = o + (2 + 3 * ns + ns * ns) * L,
                        .n = PN_LANES};
  p->v = v;
  p->x = x;
  free(one);
  return true;
}

/* sgn(g) log10(1 + |g|/g0), g0 a millionth of the largest: both signs and many decades. */
static void compress(double *z, int n)
{
  double largest = 0;
  for (int k = 0; k < n; k++)
    largest = isfinite(z[k]) && fabs(z[k]) > largest ? fabs(z[k]) : largest;
  largest = largest > 1e200 ? 1e200 : largest;
  for (int k = 0; k < n; k++)
    z[k] = largest > 0 ? copysign(log10(1 + fmin(fabs(z[k]) / largest, 1) * 1e6), z[k]) : 0;
}

static void range_of(const album *a, double *low, double *high)
{
  const pn_mem_state *s = &a->m->states[0];
  *low = s->p_min >= 0 ? a->m->params[s->p_min].value : NAN;
  *high = s->p_max >= 0 ? a->m->params[s->p_max].value : NAN;
  if (isfinite(*low) && isfinite(*high))
    return;
  *low = INFINITY;
  *high = -INFINITY;
  for (int d = 0; d < DRIVES; d++) /* unbounded: what the trajectories saw */
    for (int k = 0; k <= PERIODS * N; k++) {
      *low = fmin(*low, series(a, d, 2)[k]);
      *high = fmax(*high, series(a, d, 2)[k]);
    }
}

static pn_status draw_rate(const album *a, const char *file, const pn_listener *l)
{
  double *z = malloc(sizeof *z * MAP * MAP), low, high, top = a->drive[0].amplitude;
  point p;
  char y_label[120], why[256], title[120];
  if (!z || !open_point(a->m, &p)) {
    free(z);
    return PN_E_MEMORY;
  }
  range_of(a, &low, &high);
  for (int r = 0; r < MAP; r++)
    for (int c = 0; c < MAP; c++) {
      for (int k = 0; k < PN_LANES; k++) {
        p.v[k] = top * (2.0 * c / (MAP - 1) - 1);
        p.x[k] = low + (high - low) * r / (MAP - 1);
      }
      a->m->eval(a->m, &p.b);
      z[r * MAP + c] = p.b.g[0];
    }
  compress(z, MAP * MAP);
  const pn_mem_state *s = &a->m->states[0];
  snprintf(title, sizeof title, "Rate of %s: d%s/dt at state and voltage", a->m->name, s->name);
  bool has_unit = *s->unit && strcmp(s->unit, "1") != 0;
  snprintf(y_label, sizeof y_label, has_unit ? "%s (%s)" : "%s", s->name, s->unit);
  pn_gp_matrix matrix = {"", MAP, MAP, z};
  pn_gp_map map = {.out_file = file,
                   .title = title,
                   .x_label = "voltage (V)",
                   .y_label = y_label,
                   .z_label = "sgn(g) log10(1 + 1e6 |g|/max)",
                   .z_unit = "",
                   .z_min = NAN,
                   .z_max = NAN,
                   .x_from = -top,
                   .x_step = 2 * top / (MAP - 1),
                   .y_from = low,
                   .y_step = (high - low) / (MAP - 1),
                   .matrices = &matrix,
                   .n_matrices = 1};
  pn_status st = pn_gnuplot_map(&map, why, sizeof why);
  if (st)
    pn_tell(l, PINCH_ERROR, "%s", why);
  free(z);
  free(p.memory);
  return st;
}

static bool open_album(album *a, const pn_memristor *m)
{
  *a = (album){.m = m};
  a->at = malloc(sizeof(double) * DRIVES * (size_t)(m->n_states + 3) * (PERIODS * N + 1));
  if (!a->at)
    return false;
  a->drive[0] = pn_loop_drive(m);
  for (int d = 1; d < DRIVES; d++) {
    a->drive[d] = a->drive[d - 1];
    a->drive[d].frequency *= 5;
  }
  return true;
}

/* A device with more terminals: the one picture of its page. */
static pn_status plot_device(const char *name, const char *file, const pn_listener *l)
{
  for (int k = 0; pn_device_classes[k]; k++) {
    const pn_device_picture *p = pn_device_picture_of(pn_device_classes[k]);
    if (p && pn_str_is(pn_str_of(name), pn_device_classes[k]->name))
      return pn_draw_device_picture(pn_device_classes[k]->name, p, file, l);
  }
  return PN_E_USAGE;
}

int pinch_plot_model(const char *name, const char *out_file,
                     void (*message)(void *user, pinch_severity severity, const char *text),
                     void *user)
{
  static const struct {
    const char *part;
    pn_status (*draw)(const album *a, const char *file, const pn_listener *l);
  } pictures[] = {{"loop", draw_loop}, {"states", draw_states}, {"rate", draw_rate}};
  pn_listener l = {message, user};
  const pn_memristor *m = name ? pn_memristor_find(pn_str_of(name)) : NULL;
  album a;
  if (!name || !out_file)
    return PN_E_USAGE;
  if (!m)
    return plot_device(name, out_file, &l);
  if (m->n_states < 1 || m->n_states > MOST_STATES)
    return PN_E_USAGE;
  if (!open_album(&a, m))
    return PN_E_MEMORY;
  pn_status st = simulate(&a, &l);
  for (size_t k = 0; k < sizeof pictures / sizeof *pictures && st == PN_OK; k++) {
    char *file = name_of(out_file, pictures[k].part);
    st = file ? pictures[k].draw(&a, file, &l) : PN_E_MEMORY;
    free(file);
  }
  free(a.at);
  return st;
}

/* ---- pictures of the reference ---- */

static char *path_of(const char *folder, const char *name, const char *ending)
{
  size_t room = strlen(folder) + strlen(name) + strlen(ending) + 2;
  char *s = malloc(room);
  if (s)
    snprintf(s, room, "%s/%s%s", folder, name, ending);
  return s;
}

static pn_status write_netlist(const album *a, const char *path)
{
  char text[1024];
  FILE *f = path ? fopen(path, "we") : NULL;
  if (!path)
    return PN_E_MEMORY;
  if (!f)
    return PN_E_FILE;
  pn_loop_netlist(a->m, a->drive[0], PERIODS, text, sizeof text);
  bool ok = fputs(text, f) >= 0;
  return fclose(f) == 0 && ok ? PN_OK : PN_E_FILE;
}

static pn_status write_picture(const pn_memristor *m, const char *folder, const pn_listener *l)
{
  album a;
  if (!open_album(&a, m))
    return PN_E_MEMORY;
  char *netlist = path_of(folder, m->name, ".cir"), *picture = path_of(folder, m->name, ".svg");
  pn_status st = simulate(&a, l);
  if (st == PN_OK)
    st = write_netlist(&a, netlist);
  if (st == PN_OK)
    st = picture ? draw_loop(&a, picture, l) : PN_E_MEMORY;
  free(netlist);
  free(picture);
  free(a.at);
  return st;
}

int pinch_write_pictures(const char *folder,
                         void (*message)(void *user, pinch_severity severity, const char *text),
                         void *user)
{
  pn_listener l = {message, user};
  pn_status st = folder && *folder ? PN_OK : PN_E_USAGE;
  if (st == PN_OK && mkdir(folder, 0777) != 0 && errno != EEXIST) {
    pn_tell(&l, PINCH_ERROR, "cannot make the folder '%s': %s", folder, strerror(errno));
    st = PN_E_FILE;
  }
  for (int k = 0; pn_memristors[k] && st == PN_OK; k++)
    st = write_picture(pn_memristors[k], folder, &l);
  for (int k = 0; pn_device_classes[k] && st == PN_OK; k++) {
    const pn_device_picture *p = pn_device_picture_of(pn_device_classes[k]);
    if (p)
      st = pn_write_device_picture(pn_device_classes[k]->name, p, folder, &l);
  }
  return st;
}
