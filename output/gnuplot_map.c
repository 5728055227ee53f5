/* Heat maps: matrices side by side with square cells and one colour scale. Small matrices
 * show their numbers. */
#include "output/gnuplot_script.h"

#include <math.h>

enum {
  SIDE = 460, /* pixels of the longer side of a matrix */
  HEAD = 96,
  FOOT = 84,
  LEFT = 92,
  GAP = 64,
  BAR = 22,
  BAR_GAP = 28,
  RIGHT = 128,
  EXPONENT = 40,         /* more for numbers such as 2.85e-09 beside the colour bar */
  MOST_NUMBERS = 8,      /* rows and columns up to which cells show their numbers */
  MOST_RECTANGLES = 1024 /* cells up to which each is drawn: what shows an .svg may blur images */
};

/* Nine stops of matplotlib's viridis (CC0, S. van der Walt and N. Smith): it rises evenly in
 * lightness, so that it reads in grey and for colour-blind readers. */
static const unsigned char viridis[9][3] = {{68, 1, 84},    {71, 45, 123},  {59, 82, 139},
                                            {44, 114, 142}, {33, 145, 140}, {40, 174, 128},
                                            {94, 201, 98},  {173, 220, 48}, {253, 231, 37}};

void pn_gp_viridis(double at, char colour[8])
{
  double u = fmin(fmax(at, 0), 1) * 8;
  int k = u < 8 ? (int)u : 7;
  unsigned c[3];
  for (int j = 0; j < 3; j++)
    c[j] = (unsigned)lround(viridis[k][j] + (u - k) * (viridis[k + 1][j] - viridis[k][j])) & 255;
  snprintf(colour, 8, "#%02x%02x%02x", c[0], c[1], c[2]);
}

/* Nine stops of ColorBrewer's RdBu (C. Brewer, Apache licence 2.0), blue below: for numbers of both signs, 0 in the
 * middle. */
static const unsigned char diverging[9][3] = {{33, 102, 172},  {67, 147, 195},  {146, 197, 222},
                                              {209, 229, 240}, {247, 247, 247}, {253, 219, 199},
                                              {244, 165, 130}, {214, 96, 77},   {178, 24, 43}};

static void put_palette(pn_gp *g, bool both_signs)
{
  const unsigned char(*stop)[3] = both_signs ? diverging : viridis;
  fputs("set palette defined (", g->script);
  for (int k = 0; k <= 8; k++)
    fprintf(g->script, "%s%d '#%02x%02x%02x'", k ? ", " : "", k, stop[k][0], stop[k][1],
            stop[k][2]);
  fputs(")\n", g->script);
}

typedef struct range {
  double low, high, scale;
  const char *prefix;
  bool both_signs; /* then high is -low */
} range;

/* Where one sign is no more than rounding or a small excursion, the other's colours serve better. */
static bool has_both_signs(const range *r)
{
  const double least = 0.1;
  return r->low < 0 && r->high > 0 && fmin(-r->low, r->high) >= least * fmax(-r->low, r->high);
}

/* Of the largest number: what differs by less is drawn in one colour. */
static const double SAME = 1e-7;

static range range_of(const pn_gp_map *m)
{
  range r = {INFINITY, -INFINITY, 1, "", false};
  for (int k = 0; k < m->n_matrices; k++)
    for (long j = 0; j < (long)m->matrices[k].n_rows * m->matrices[k].n_cols; j++)
      if (isfinite(m->matrices[k].z[j])) {
        r.low = fmin(r.low, m->matrices[k].z[j]);
        r.high = fmax(r.high, m->matrices[k].z[j]);
      }
  r.low = isnan(m->z_min) ? r.low : m->z_min;
  r.high = isnan(m->z_max) ? r.high : m->z_max;
  if (!(r.high - r.low > SAME * fmax(fabs(r.low), fabs(r.high)))) {
    double half = isfinite(r.low) && r.low != 0 ? 0.05 * fabs(r.low) : 0.5;
    double middle = isfinite(r.low) ? r.low : 0;
    r.low = middle - half;
    r.high = middle + half;
  }
  r.both_signs = isnan(m->z_min) && isnan(m->z_max) && has_both_signs(&r);
  if (r.both_signs) {
    r.high = fmax(-r.low, r.high);
    r.low = -r.high;
  }
  r.scale = pn_gp_prefix(fmax(fabs(r.low), fabs(r.high)), m->z_unit, &r.prefix);
  r.low /= r.scale;
  r.high /= r.scale;
  return r;
}

/* Pixels of one cell of the largest matrix. */
static double cell_size(const pn_gp_map *m)
{
  int most = 1;
  for (int k = 0; k < m->n_matrices; k++) {
    const pn_gp_matrix *x = &m->matrices[k];
    most = x->n_rows > most ? x->n_rows : most;
    most = x->n_cols > most ? x->n_cols : most;
  }
  return most < SIDE ? SIDE / most : (double)SIDE / most; /* whole pixels leave no seams */
}

/* Rounded to a hundredth of the leading digit's place of the largest number: 0.0004 among 0.04. */
static double rounded(double z, const range *r)
{
  double largest = fmax(fabs(r->low), fabs(r->high));
  double unit = largest > 0 && isfinite(largest) ? pow(10, floor(log10(largest)) - 2) : 0;
  return unit > 0 ? round(z / unit) * unit + 0.0 : z; /* no -0 */
}

/* Where row or column k stands. */
static double axis_at(double from, double step, int first, double k)
{
  return step != 0 ? from + k * step : first + k;
}

static void put_numbers(pn_gp *g, const pn_gp_map *m, const pn_gp_matrix *x, const range *r)
{
  for (int i = 0; i < x->n_rows; i++)
    for (int j = 0; j < x->n_cols; j++) {
      double z = x->z[i * x->n_cols + j] / r->scale;
      double at = (z - r->low) / (r->high - r->low);
      bool dark = r->both_signs ? fabs(at - 0.5) > 0.35 : at < 0.6;
      if (isfinite(z))
        fprintf(g->script, "set label '%.3g' at %.12g,%.12g center front tc rgb '%s' font ',10'\n",
                rounded(z, r), axis_at(m->x_from, m->x_step, m->first_col, j),
                axis_at(m->y_from, m->y_step, m->first_row, i), dark ? "#ffffff" : "#000000");
    }
}

static void put_label(pn_gp *g, const char *command, const char *text, const char *options)
{
  fprintf(g->script, "%s ", command);
  pn_gp_string(g, text ? text : "", 60);
  fprintf(g->script, " %s\n", options);
}

/* left: pixels from the left edge. */
static void put_matrix(pn_gp *g, const pn_gp_map *m, int k, const range *r, double left,
                       double cell)
{
  const pn_gp_matrix *x = &m->matrices[k];
  long n = (long)x->n_rows * x->n_cols;
  long long skip = g->data_bytes;
  for (int i = 0; i < x->n_rows; i++)
    for (int j = 0; j < x->n_cols; j++) {
      double triple[3] = {axis_at(m->x_from, m->x_step, m->first_col, j),
                          axis_at(m->y_from, m->y_step, m->first_row, i),
                          x->z[i * x->n_cols + j] / r->scale};
      pn_gp_data(g, triple, 3);
    }
  double top = g->height - HEAD, bottom = top - cell * x->n_rows;
  double right = left + cell * x->n_cols;
  fprintf(g->script, "set lmargin at screen %.5f\nset rmargin at screen %.5f\n", left / g->width,
          right / g->width);
  fprintf(g->script, "set tmargin at screen %.5f\nset bmargin at screen %.5f\n", top / g->height,
          bottom / g->height);
  double first = axis_at(m->y_from, m->y_step, m->first_row, -0.5);
  double last = axis_at(m->y_from, m->y_step, m->first_row, x->n_rows - 0.5);
  bool upwards = m->y_step != 0; /* a measured axis; rows of a matrix are counted downwards */
  fprintf(g->script, "set xrange [%.12g:%.12g]\nset yrange [%.12g:%.12g]\n",
          axis_at(m->x_from, m->x_step, m->first_col, -0.5),
          axis_at(m->x_from, m->x_step, m->first_col, x->n_cols - 0.5), upwards ? first : last,
          upwards ? last : first);
  put_label(g, "set title", x->title, "offset 0,-0.4");
  put_label(g, "set xlabel", m->x_label, "");
  put_label(g, "set ylabel", k == 0 ? m->y_label : "", "");
  fputs("unset label\n", g->script);
  if (k == 0 && m->title && *m->title) {
    char place[64];
    snprintf(place, sizeof place, "1000 at screen %.5f,%.5f left", (double)LEFT / g->width,
             1 - 0.3 * HEAD / g->height);
    pn_gp_title(g, m->title, place, g->width - LEFT - 16);
  }
  if (x->n_rows <= MOST_NUMBERS && x->n_cols <= MOST_NUMBERS)
    put_numbers(g, m, x, r);
  fputs("plot ", g->script);
  pn_gp_data_name(g);
  fprintf(g->script,
          " binary skip=%lld record=%ld format='%%double%%double%%double' using 1:2:3 with image%s "
          "notitle\n",
          skip, n, n <= MOST_RECTANGLES ? " pixels" : "");
}

static void put_colour_bar(pn_gp *g, const pn_gp_map *m, const range *r, double left, double height)
{
  char text[256];
  bool has_unit = *m->z_unit && !(m->z_unit[0] == '1' && !m->z_unit[1]);
  snprintf(text, sizeof text, has_unit ? "%s (%s%s)" : "%s", m->z_label, r->prefix, m->z_unit);
  fprintf(g->script, "set cbrange [%.12g:%.12g]\n", r->low, r->high);
  fprintf(g->script, "set colorbox user origin screen %.5f,%.5f size screen %.5f,%.5f\n",
          left / g->width, (g->height - HEAD - height) / g->height, (double)BAR / g->width,
          height / g->height);
  put_label(g, "set cblabel", text, "offset 1.2,0");
}

static int right_of(const range *r)
{
  double largest = fmax(fabs(r->low), fabs(r->high));
  return RIGHT + (largest < 1e-3 || largest >= 1e5 ? EXPONENT : 0);
}

static void put_matrices(pn_gp *g, const pn_gp_map *m, const range *r, double cell)
{
  double left = LEFT, tallest = 0;
  for (int k = 0; k < m->n_matrices; k++)
    tallest = fmax(tallest, cell * m->matrices[k].n_rows);
  put_palette(g, r->both_signs);
  fputs("set border 15 lc rgb '#404040' lw 1\nset tics out nomirror scale 0.4\nset format '%.5g'\n"
        "set multiplot\n",
        g->script);
  double bar = g->width - right_of(r) - BAR;
  for (int k = 0; k < m->n_matrices; k++) {
    fprintf(g->script, "set cbrange [%.12g:%.12g]\nunset colorbox\n", r->low, r->high);
    if (k == m->n_matrices - 1)
      put_colour_bar(g, m, r, bar, tallest);
    /* whole numbers only: small matrices would get halves */
    fprintf(g->script, "set xtics %s\nset ytics %s\n",
            m->matrices[k].n_cols < 10 && m->x_step == 0 ? "1" : "autofreq",
            m->matrices[k].n_rows < 10 && m->y_step == 0 ? "1" : "autofreq");
    put_matrix(g, m, k, r, left, cell);
    left += cell * m->matrices[k].n_cols + GAP;
  }
  fputs("unset multiplot\n", g->script);
}

pn_status pn_gnuplot_map(const pn_gp_map *m, char *why, size_t room)
{
  double cell = cell_size(m), width = LEFT - GAP, tallest = 0;
  for (int k = 0; k < m->n_matrices; k++) {
    width += cell * m->matrices[k].n_cols + GAP;
    tallest = fmax(tallest, cell * m->matrices[k].n_rows);
  }
  pn_gp g;
  range r = range_of(m);
  pn_status st = pn_gp_open(&g, m->out_file, (int)width + BAR_GAP + BAR + right_of(&r),
                            (int)tallest + HEAD + FOOT, why, room);
  if (!st) {
    put_matrices(&g, m, &r, cell);
    st = pn_gp_run(&g);
  }
  pn_gp_close(&g);
  return st;
}
