/* Curves in stacked panels with a common x axis: layout, scales, colours and the key. */
#include "output/gnuplot_script.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { /* pixels */
       WIDTH = 1200,
       LOOP_WIDTH = 900,
       HEAD = 56, /* above, below and between the panels */
       FOOT = 76,
       GAP = 26,
       LEFT = 104,
       RIGHT = 40,
       KEY_SAMPLE = 56,
       KEY_LINE = 23,
       CHARACTER = 9
};
enum {
  LONGEST_LABEL = 30, /* characters */
  MOST_KEYS = 24,
  FEW_CURVES = 7 /* up to here each has a colour of its own */
};

/* Okabe and Ito's colours, which colour-blind readers tell apart (jfly.uni-koeln.de/color),
 * without the yellow, which is too light for lines. */
static const char *const colours[FEW_CURVES] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                "#E69F00", "#56B4E9", "#000000"};

typedef struct axis {
  double low, high; /* scaled */
  double scale;     /* value of one scaled unit */
  const char *prefix;
} axis;

static axis new_axis(void)
{
  return (axis){INFINITY, -INFINITY, 1, ""};
}

static void widen(axis *a, const double *v, long n, bool log)
{
  for (long k = 0; k < n; k++)
    if (isfinite(v[k]) && (!log || v[k] > 0)) {
      a->low = fmin(a->low, v[k]);
      a->high = fmax(a->high, v[k]);
    }
}

/* Chooses prefix and limits. room: share of the span added at both ends. */
static void settle(axis *a, const char *unit, bool log, double room)
{
  if (!(a->low <= a->high)) {
    a->low = log ? 1 : 0;
    a->high = log ? 10 : 1;
  }
  double largest = fmax(fabs(a->low), fabs(a->high));
  if (!log)
    a->scale = pn_gp_prefix(largest, unit, &a->prefix);
  a->low /= a->scale;
  a->high /= a->scale;
  largest /= a->scale;
  if (log) {
    double factor = pow(a->high / a->low, room);
    factor = a->high > a->low ? factor : 10;
    a->low /= factor;
    a->high *= factor;
  } else if (a->high - a->low <= 1e-9 * largest || a->high == a->low) {
    /* a constant: noise of rounding is not blown up to a picture */
    double half = largest > 0 ? 0.1 * largest : 1;
    a->low -= half;
    a->high += half;
  } else {
    double span = a->high - a->low;
    a->low -= room * span;
    a->high += room * span;
  }
}

const char *pn_gp_quantity(const char *unit)
{
  static const struct {
    const char *unit, *name;
  } table[] = {{"V", "Voltage"},
               {"A", "Current"},
               {"W", "Power"},
               {"S", "Conductance"},
               {"ohm", "Resistance"},
               {"J", "Energy"},
               {"C", "Charge"},
               {"K", "Temperature"},
               {"V/\342\210\232Hz", "Noise density"},
               {"A/\342\210\232Hz", "Noise density"},
               {"dB", "Magnitude"},
               {"rad", "Phase"},
               {"\302\260", "Phase"}};
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (strcmp(unit, table[k].unit) == 0)
      return table[k].name;
  return "Value";
}

static void put_axis_label(pn_gp *g, char which, const char *name, const char *prefix,
                           const char *unit)
{
  char text[256];
  if (*unit && strcmp(unit, "1") != 0)
    snprintf(text, sizeof text, "%.180s (%s%s)", name, prefix, unit);
  else
    snprintf(text, sizeof text, "%.180s", name);
  fprintf(g->script, "set %clabel ", which);
  pn_gp_string(g, text, 60);
  fputs(which == 'y' ? " offset -0.6,0\n" : " offset 0,0.1\n", g->script);
}

static void put_style(pn_gp *g, const pn_gp_figure *f)
{
  fputs("set border 3 lc rgb '#404040' lw 1\n"
        "set tics nomirror out scale 0.6 tc rgb '#202020'\n"
        "set grid xtics ytics lt 1 lc rgb '#e2e2e2' lw 0.7\n"
        "set samples 2\n",
        g->script);
  if (f->title && *f->title) {
    char place[64];
    snprintf(place, sizeof place, "1000 at screen %.5f,%.5f left front", (double)LEFT / g->width,
             1 - 0.5 * HEAD / g->height);
    pn_gp_title(g, f->title, place, g->width - LEFT - 16);
  }
}

/* Pixels kept for the key at the right. */
static int key_width(const pn_gp_figure *f)
{
  int longest = 0;
  for (int k = 0; k < f->n_panels; k++)
    for (int j = 0; f->panels[k].n_curves > 1 && j < f->panels[k].n_curves; j++) {
      const char *label = f->panels[k].curves[j].label;
      int n = label ? pn_gp_length(label) : 0;
      longest = n > longest ? n : longest;
    }
  longest = longest > LONGEST_LABEL ? LONGEST_LABEL : longest;
  return longest ? KEY_SAMPLE + longest * CHARACTER : 0;
}

/* Thinned and scaled points of a curve appended to the data: returns how many, -1 without memory. */
static long put_points(pn_gp *g, const pn_gp_curve *c, const axis *ax, const axis *ay, bool logx,
                       bool logy)
{
  size_t n = c->n > 0 ? (size_t)c->n : 0;
  double *x = malloc((n + 1) * sizeof *x), *y = malloc((n + 1) * sizeof *y);
  long kept = -1;
  if (x && y) {
    for (size_t k = 0; k < n; k++) {
      x[k] = c->x[k] / ax->scale;
      y[k] = c->y[k] / ay->scale;
    }
    kept = c->style > PN_GP_DASHED ? (long)n : pn_gp_thin(x, y, (long)n, logx, logy);
    for (long k = 0; k < kept; k++) {
      double pair[2] = {x[k], y[k]};
      pn_gp_data(g, pair, 2);
    }
  }
  free(x);
  free(y);
  return kept;
}

/* k: the curve's place among n. */
static void put_look(pn_gp *g, const pn_gp_curve *c, int k, int n)
{
  static const int symbols[] = {[PN_GP_POINTS] = 7,
                                [PN_GP_SQUARES] = 5,
                                [PN_GP_DIAMONDS] = 13,
                                [PN_GP_CROSSES] = 2,
                                [PN_GP_CIRCLES] = 6};
  char colour[8];
  if (c->colour > 0)
    snprintf(colour, sizeof colour, "%s", colours[(c->colour - 1) % FEW_CURVES]);
  else if (n <= FEW_CURVES)
    snprintf(colour, sizeof colour, "%s", colours[k]);
  else
    pn_gp_viridis(0.93 * k / (n - 1), colour);
  if (c->style == PN_GP_BARS)
    fprintf(g->script, " with impulses lt 1 lw %d lc rgb '%s'", n > 2 ? 5 : 9, colour);
  else if (c->style > PN_GP_DASHED)
    fprintf(g->script, " with points pt %d ps %s lw %s lc rgb '%s'", symbols[c->style],
            c->style >= PN_GP_CROSSES ? "1.3" : "1.1", c->style >= PN_GP_CROSSES ? "2" : "1",
            colour);
  else
    fprintf(g->script, " with lines lt 1 %slc rgb '%s' lw %s",
            c->style == PN_GP_DASHED ? "dt (12,8) " : "", colour, n <= FEW_CURVES ? "1.8" : "1.3");
}

static pn_status put_curves(pn_gp *g, const pn_gp_figure *f, const pn_gp_panel *p, const axis *ax,
                            const axis *ay, int most_keys)
{
  fputs("plot", g->script);
  for (int k = 0; k < p->n_curves; k++) {
    long long skip = g->data_bytes;
    long n = put_points(g, &p->curves[k], ax, ay, f->logx, p->log);
    if (n < 0)
      return PN_E_MEMORY;
    fputs(k ? ", \\\n  " : " ", g->script);
    if (n == 0) { /* gnuplot takes no empty record */
      fputs("NaN", g->script);
    } else {
      pn_gp_data_name(g);
      fprintf(g->script, " binary skip=%lld record=%ld format='%%double%%double' using 1:2", skip,
              n);
    }
    put_look(g, &p->curves[k], k, p->n_curves);
    if (p->n_curves > 1 && k < most_keys && p->curves[k].label) {
      fputs(" title ", g->script);
      pn_gp_string(g, p->curves[k].label, LONGEST_LABEL);
    } else {
      fputs(" notitle", g->script);
    }
  }
  putc('\n', g->script);
  return PN_OK;
}

static void put_range(pn_gp *g, char which, const axis *a, bool log)
{
  fprintf(g->script, "set %crange [%.12g:%.12g]\n", which, a->low, a->high);
  if (log)
    fprintf(g->script, "set logscale %c\nset format %c '%%.0s%%c'\nset m%ctics 10\n", which, which,
            which);
  else
    fprintf(g->script, "unset logscale %c\nset format %c '%%.7g'\nunset m%ctics\n", which, which,
            which);
}

static void put_phase_ticks(pn_gp *g, const pn_gp_panel *p, const axis *ay)
{
  if (strcmp(p->unit, "\302\260") == 0 && ay->high - ay->low > 60)
    fputs(ay->high - ay->low > 200 ? "set ytics 90\n" : "set ytics 30\n", g->script);
  else
    fputs("set ytics autofreq\n", g->script);
}

/* top, bottom: the panel's edges, as shares of the picture's height. */
static pn_status put_panel(pn_gp *g, const pn_gp_figure *f, int k, const axis *ax, double top,
                           double bottom, double right)
{
  const pn_gp_panel *p = &f->panels[k];
  bool is_last = k == f->n_panels - 1;
  axis ay = new_axis();
  for (int j = 0; j < p->n_curves; j++)
    widen(&ay, p->curves[j].y, p->curves[j].n, p->log);
  for (int j = 0; j < p->n_curves; j++)
    if (p->curves[j].style == PN_GP_BARS)
      widen(&ay, &(double){0}, 1, p->log);
  settle(&ay, p->unit, p->log, 0.06);
  fprintf(g->script, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", top, bottom);
  put_range(g, 'x', ax, f->logx);
  put_range(g, 'y', &ay, p->log);
  put_phase_ticks(g, p, &ay);
  if (is_last)
    put_axis_label(g, 'x', f->x_label, ax->prefix, f->x_unit);
  else
    fputs("unset xlabel\nset format x ''\n", g->script);
  const char *name = p->label           ? p->label
                     : p->n_curves == 1 ? p->curves[0].label
                                        : pn_gp_quantity(p->unit);
  put_axis_label(g, 'y', name, ay.prefix, p->unit);
  fputs(p->log ? "unset xzeroaxis\n" : "set xzeroaxis lt 1 lc rgb '#b8b8b8' lw 1\n", g->script);
  fputs(f->is_loop && !f->logx ? "set yzeroaxis lt 1 lc rgb '#b8b8b8' lw 1\n" : "", g->script);
  int lines = (int)((top - bottom) * g->height / KEY_LINE);
  int most = lines < MOST_KEYS ? lines : MOST_KEYS;
  fprintf(g->script, "set key at screen %.5f,%.5f left top Left reverse samplen 1.6 spacing 1.15\n",
          right + 12.0 / g->width, top);
  pn_status st = put_curves(g, f, p, ax, &ay, most);
  fputs("unset label 1000\nunset label 1001\n", g->script);
  return st;
}

static pn_status put_panels(pn_gp *g, const pn_gp_figure *f)
{
  axis ax = new_axis();
  for (int k = 0; k < f->n_panels; k++)
    for (int j = 0; j < f->panels[k].n_curves; j++)
      widen(&ax, f->panels[k].curves[j].x, f->panels[k].curves[j].n, f->logx);
  settle(&ax, f->x_unit, f->logx, f->is_loop ? 0.04 : f->x_room);
  double right = 1 - (double)(RIGHT + key_width(f)) / g->width;
  double share = (double)(g->height - HEAD - FOOT - (f->n_panels - 1) * GAP) / f->n_panels;
  put_style(g, f);
  fprintf(g->script, "set lmargin at screen %.5f\nset rmargin at screen %.5f\nset multiplot\n",
          (double)LEFT / g->width, right);
  pn_status st = PN_OK;
  for (int k = 0; !st && k < f->n_panels; k++) {
    double top = g->height - HEAD - k * (share + GAP); /* pixels from below */
    st = put_panel(g, f, k, &ax, top / g->height, (top - share) / g->height, right);
  }
  fputs("unset multiplot\n", g->script);
  return st;
}

pn_status pn_gnuplot_curves(const pn_gp_figure *f, char *why, size_t room)
{
  static const int heights[] = {680, 860, 1060, 1240};
  pn_gp g;
  int height = f->n_panels <= 4 ? heights[f->n_panels - 1] : 1240 + (f->n_panels - 4) * 220;
  int width = (f->is_loop ? LOOP_WIDTH : WIDTH - 120) + (key_width(f) ? 120 : 0);
  pn_status st = pn_gp_open(&g, f->out_file, width, height, why, room);
  if (!st)
    st = put_panels(&g, f);
  if (st == PN_E_MEMORY)
    snprintf(why, room, "out of memory");
  if (!st)
    st = pn_gp_run(&g);
  pn_gp_close(&g);
  return st;
}
