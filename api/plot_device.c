/* Draws a device's picture for its reference page: runs its netlist with the library itself and cuts the
 * result into curves. */
#include "api/device_pictures.h"
#include "output/gnuplot.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 100000, MOST_CURVES = 8 };

typedef struct sheet {
  pn_table table;
  double *x, *y; /* [table.n] */
  pn_gp_curve curves[MOST_CURVES];
  char label[MOST_CURVES][48];
  int n;
} sheet;

static void name_curve(const pn_device_picture *p, double value, char *label, size_t room)
{
  static const struct {
    double scale;
    const char *prefix;
  } sizes[] = {{1, ""}, {1e-3, "m"}, {1e-6, "u"}};
  size_t k = 0;
  while (k + 1 < sizeof sizes / sizeof *sizes && value != 0 &&
         fabs(value) < 0.9999e-1 * sizes[k].scale)
    k++;
  snprintf(label, room, "%s%.4g %s%s", p->by.label, value / sizes[k].scale, sizes[k].prefix,
           p->by.unit);
}

static void cut(const pn_device_picture *p, sheet *s)
{
  const pn_table *t = &s->table;
  bool by = p->by.label;
  double value = NAN;
  for (long r = 0; r < t->n; r++) {
    /* the scale, the outer sweep's value if there is one, what .save names */
    const double *row = t->at + r * t->n_columns;
    s->x[r] = row[by ? 2 : 1];
    s->y[r] = row[by ? 3 : 2];
    if (p->log && !(s->y[r] > 0))
      s->y[r] = NAN;
    bool other = by ? row[1] != value : r == 0;
    if (other && s->n < MOST_CURVES) {
      value = by ? row[1] : 0;
      s->curves[s->n] = (pn_gp_curve){.x = s->x + r, .y = s->y + r};
      if (by) {
        name_curve(p, value, s->label[s->n], sizeof s->label[0]);
        s->curves[s->n].label = s->label[s->n];
      }
      s->n++;
    }
    s->curves[s->n - 1].n++;
  }
}

pn_status pn_draw_device_picture(const char *name, const pn_device_picture *p, const char *file,
                                 const pn_listener *l)
{
  sheet s = {.n = 0};
  char title[200], why[256];
  pn_status st = pn_simulate(p->netlist, MOST_ROWS, l, &s.table);
  if (st == PN_OK && s.table.n_columns < (p->by.label ? 4 : 3))
    st = PN_E_INTERNAL;
  s.x = calloc((size_t)s.table.n + 1, sizeof *s.x);
  s.y = calloc((size_t)s.table.n + 1, sizeof *s.y);
  if (st == PN_OK && (!s.x || !s.y))
    st = PN_E_MEMORY;
  if (st == PN_OK) {
    cut(p, &s);
    pn_gp_panel panel = {p->y.label, p->y.unit, p->log, s.curves, s.n};
    snprintf(title, sizeof title, "%s: %s", name, p->title);
    pn_gp_figure f = {.out_file = file,
                      .title = title,
                      .x_label = p->x.label,
                      .x_unit = p->x.unit,
                      .is_loop = true,
                      .panels = &panel,
                      .n_panels = 1};
    st = pn_gnuplot_curves(&f, why, sizeof why);
    if (st)
      pn_tell(l, PINCH_ERROR, "%s", why);
  }
  pn_table_free(&s.table);
  free(s.x);
  free(s.y);
  return st;
}

pn_status pn_write_device_picture(const char *name, const pn_device_picture *p, const char *folder,
                                  const pn_listener *l)
{
  size_t room = strlen(folder) + strlen(name) + 8;
  char *path = malloc(room);
  if (!path)
    return PN_E_MEMORY;
  snprintf(path, room, "%s/%s.cir", folder, name);
  FILE *f = fopen(path, "we");
  bool ok = f && fputs(p->netlist, f) >= 0;
  ok = f && fclose(f) == 0 && ok;
  snprintf(path, room, "%s/%s.svg", folder, name);
  pn_status st = ok ? pn_draw_device_picture(name, p, path, l) : PN_E_FILE;
  free(path);
  return st;
}
