/* The runs of a sweep in a rawfile: found by their swept columns, which stand behind the scale and are constant in
 * each run. */
#include "api/draw.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SWEPT = 8, MOST_LOOKED_AT = 4096 };

static bool same_shape(const pn_raw_plot *a, const pn_raw_plot *b)
{
  if (strcmp(a->plotname, b->plotname) || a->is_complex != b->is_complex || a->n_vars != b->n_vars)
    return false;
  for (int k = 0; k < a->n_vars; k++)
    if (strcmp(a->vars[k].name, b->vars[k].name))
      return false;
  return true;
}

/* v(out) and i(v1) are results; "rload", "temp", "cell(gon)" and "@r1[tc1]" may have been swept. */
static bool is_signal(const char *name)
{
  return (name[0] == 'v' || name[0] == 'i') && name[1] == '(';
}

/* Values of the leading constant columns that are no results; returns how many there are. */
static int swept_values(pn_raw_file *r, int plot, double *value)
{
  const pn_raw_plot *p = &r->plots[plot];
  double complex *z = malloc(((size_t)p->n_points + 1) * sizeof *z);
  int n = 0;
  while (z && n < MOST_SWEPT && n + 2 < p->n_vars && p->n_points > 1 &&
         !is_signal(p->vars[n + 1].name)) {
    int column = n + 1;
    if (pn_raw_columns(r, plot, &column, 1, &z))
      break;
    bool constant = true;
    for (long k = 1; k < p->n_points; k++)
      constant = constant && z[k] == z[0];
    if (!constant)
      break;
    value[n++] = creal(z[0]);
  }
  free(z);
  return n;
}

/* "1k", "2.2n" */
static void number(char *to, size_t room, double v)
{
  static const struct {
    double factor;
    const char *suffix;
  } scales[] = {{1e9, "G"},  {1e6, "M"},  {1e3, "k"},   {1, ""},     {1e-3, "m"},
                {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"}, {1e-15, "f"}};
  for (size_t k = 0; k < sizeof scales / sizeof *scales; k++)
    if (fabs(v) >= scales[k].factor * (1 - 1e-9)) {
      snprintf(to, room, "%.4g%s", v / scales[k].factor, scales[k].suffix);
      return;
    }
  snprintf(to, room, "%.4g", v);
}

static const char *label(pn_arena *a, const pn_raw_plot *p, const double *value, int n)
{
  const char *text = "";
  for (int k = 0; k < n; k++) {
    char digits[48];
    number(digits, sizeof digits, value[k]);
    text = pn_arena_printf(a, "%s%s%s=%s", text, k ? " " : "", p->vars[k + 1].name, digits);
  }
  return text;
}

bool pn_is_later_run(pn_raw_file *r, int plot)
{
  double value[MOST_SWEPT];
  for (int k = 0; k < plot; k++)
    if (same_shape(&r->plots[k], &r->plots[plot]))
      return swept_values(r, plot, value) > 0;
  return false;
}

int pn_runs_of(pn_raw_file *r, int plot, pn_arena *a, int *runs, const char **labels)
{
  double value[MOST_SWEPT];
  int n = swept_values(r, plot, value), found = 0;
  PN_VEC(int) all = {0};
  runs[0] = plot;
  labels[0] = "";
  if (!n)
    return 1;
  for (int k = 0; k < r->n_plots && all.n < MOST_LOOKED_AT; k++)
    if (same_shape(&r->plots[plot], &r->plots[k]) && r->plots[k].n_points > 1)
      *PN_PUSH(a, &all) = k;
  if (all.n < 2)
    return 1;
  size_t shown = all.n < PN_MOST_RUNS ? all.n : PN_MOST_RUNS;
  for (size_t k = 0; k < shown; k++) {
    int run = all.at[shown > 1 ? k * (all.n - 1) / (shown - 1) : 0];
    if (swept_values(r, run, value) != n)
      continue;
    runs[found] = run;
    labels[found++] = label(a, &r->plots[run], value, n);
  }
  return found;
}

/* Mean magnitude of a variable; NAN without memory. */
static double mean_of(pn_raw_file *r, int plot, const char *name)
{
  const pn_raw_plot *p = &r->plots[plot];
  double sum = 0;
  int column = 0;
  while (column < p->n_vars && strcmp(p->vars[column].name, name))
    column++;
  double complex *z = malloc(((size_t)p->n_points + 1) * sizeof *z);
  bool read = z && column < p->n_vars && !pn_raw_columns(r, plot, &column, 1, &z);
  for (long k = 0; read && k < p->n_points; k++)
    sum += cabs(z[k]) / (double)p->n_points;
  free(z);
  return read ? sum : NAN;
}

int pn_moved_names(pn_raw_file *r, int a, int b, const char **names, int n)
{
  double value[MOST_SWEPT];
  int swept = swept_values(r, a, value), kept = 0;
  for (int k = 0; k < n; k++) {
    bool is_swept = false;
    for (int j = 1; j <= swept; j++)
      is_swept |= !strcmp(names[k], r->plots[a].vars[j].name);
    double one = mean_of(r, a, names[k]), other = mean_of(r, b, names[k]);
    if (!is_swept && fabs(one - other) > 1e-3 * fmax(fabs(one), fabs(other)))
      names[kept++] = names[k];
  }
  return kept;
}
