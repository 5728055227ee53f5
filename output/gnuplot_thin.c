/* Thinning of curves: a picture of 1200 pixels cannot show a million points, but it must
 * show every spike among them. */
#include "output/gnuplot_script.h"

#include <math.h>

enum {
  FEW = 20000,    /* shorter curves are left alone */
  STRIPES = 5000, /* across the axis; each keeps up to 4 points */
  GRAIN = 4000    /* points nearer than 1/GRAIN of the range are one point */
};

typedef struct span {
  double low, high;
} span;

static double place(double v, bool log)
{
  return log ? log10(v) : v;
}

static span span_of(const double *v, long n, bool log)
{
  span s = {INFINITY, -INFINITY};
  for (long k = 0; k < n; k++) {
    double u = place(v[k], log);
    if (isfinite(u)) {
      s.low = fmin(s.low, u);
      s.high = fmax(s.high, u);
    }
  }
  return s;
}

static bool is_monotone(const double *x, long n)
{
  bool up = true, down = true;
  for (long k = 1; k < n && (up || down); k++) {
    up = up && x[k] >= x[k - 1];
    down = down && x[k] <= x[k - 1];
  }
  return up || down;
}

static void move(double *x, double *y, long *to, long from)
{
  if (*to > 0 && x[*to - 1] == x[from] && y[*to - 1] == y[from])
    return;
  x[*to] = x[from];
  y[*to] = y[from];
  ++*to;
}

/* Keeps first, least, greatest and last point of [from, to) in their order. */
static void keep_stripe(double *x, double *y, long from, long to, long *kept)
{
  long least = from, most = from;
  for (long k = from; k < to; k++) {
    least = y[k] < y[least] ? k : least;
    most = y[k] > y[most] ? k : most;
  }
  long a = least < most ? least : most, b = least < most ? most : least, last = to - 1;
  move(x, y, kept, from); /* never writes beyond what is read: kept <= from */
  if (a > from)
    move(x, y, kept, a);
  if (b > a)
    move(x, y, kept, b);
  if (last > b)
    move(x, y, kept, last);
}

static long thin_monotone(double *x, double *y, long n, bool logx)
{
  span s = span_of(x, n, logx);
  double scale = s.high > s.low ? STRIPES / (s.high - s.low) : 0;
  long kept = 0, from = 0;
  while (from < n) {
    double stripe = floor((place(x[from], logx) - s.low) * scale);
    long to = from + 1;
    while (to < n && floor((place(x[to], logx) - s.low) * scale) == stripe)
      to++;
    keep_stripe(x, y, from, to, &kept);
    from = to;
  }
  return kept;
}

static long thin_path(double *x, double *y, long n, bool logx, bool logy)
{
  span sx = span_of(x, n, logx), sy = span_of(y, n, logy);
  double gx = (sx.high - sx.low) / GRAIN, gy = (sy.high - sy.low) / GRAIN;
  long kept = 1;
  for (long k = 1; k < n; k++) {
    double dx = fabs(place(x[k], logx) - place(x[kept - 1], logx));
    double dy = fabs(place(y[k], logy) - place(y[kept - 1], logy));
    if (!(dx <= gx && dy <= gy) || k == n - 1) {
      x[kept] = x[k];
      y[kept] = y[k];
      kept++;
    }
  }
  return kept;
}

long pn_gp_thin(double *x, double *y, long n, bool logx, bool logy)
{
  if (n <= FEW)
    return n;
  return is_monotone(x, n) ? thin_monotone(x, y, n, logx) : thin_path(x, y, n, logx, logy);
}
