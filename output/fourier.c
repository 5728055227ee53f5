/* Harmonics of the last period, and the sink behind .four. Of a long transient only the last period (and the
 * points that are on their way out) is kept. */
#include "output/fourier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Integrals of exp(-i w u) and u exp(-i w u) over u = 0 .. h. With a = w h: by their power series where the
 * closed forms would cancel. */
static void moments(double w, double h, double complex *e0, double complex *e1)
{
  double a = w * h;
  if (fabs(a) > 0.3) {
    double complex z = cexp(-I * a);
    *e0 = (1 - z) / (I * w);
    *e1 = (z * (1 + I * a) - 1) / (w * w);
    return;
  }
  double complex term = 1; /* (-i a)^k / k! */
  *e0 = *e1 = 0;
  for (int k = 0; k < 14; k++) {
    *e0 += term / (k + 1);
    *e1 += term / (k + 2);
    term *= -I * a / (k + 1);
  }
  *e0 *= h;
  *e1 *= h * h;
}

/* Integral over the last period of x(t) exp(-i w (t - from)). */
static double complex integral(const double *t, const double *x, long n, double from, double w)
{
  double complex sum = 0, e0, e1;
  for (long k = 0; k + 1 < n; k++) {
    double a = t[k], b = t[k + 1], h = b - a;
    if (b <= from || h <= 0)
      continue;
    double slope = (x[k + 1] - x[k]) / h, x0 = x[k];
    if (a < from) {
      x0 += slope * (from - a);
      h = b - from;
      a = from;
    }
    moments(w, h, &e0, &e1);
    sum += cexp(-I * w * (a - from)) * (x0 * e0 + slope * e1);
  }
  return sum;
}

const char *pn_fourier_of(const double *t, const double *x, long n, pn_fourier *f)
{
  if (!(f->frequency > 0))
    return "the frequency must be above 0";
  double period = 1 / f->frequency;
  if (n < 2 || !(t[n - 1] - t[0] >= period * (1 - 1e-9)))
    return "the transient is shorter than one period";
  double from = fmax(t[n - 1] - period, t[0]), squares = 0;
  f->magnitude[0] = creal(integral(t, x, n, from, 0)) / period;
  f->phase[0] = 0;
  for (int k = 1; k < f->n_harmonics; k++) {
    double complex c = 2 / period * integral(t, x, n, from, 2 * M_PI * k * f->frequency);
    f->magnitude[k] = cabs(c);
    f->phase[k] = carg(c * I) * 180 / M_PI; /* of a sine that starts with the period */
    squares += k > 1 ? f->magnitude[k] * f->magnitude[k] : 0;
  }
  f->thd = f->magnitude[1] > 0 ? 100 * sqrt(squares) / f->magnitude[1] : INFINITY;
  return NULL;
}

void pn_fourier_text(const pn_fourier *f, const char *name, char *text, size_t room)
{
  int n = snprintf(text, room,
                   "Fourier analysis for %.100s:\n  No. Harmonics: %d, THD: %.8g %%\n\n"
                   "Harmonic Frequency        Magnitude        Phase            Norm. Mag        "
                   "Norm. Phase\n",
                   name, f->n_harmonics, f->thd);
  for (int k = 0; k < f->n_harmonics && n > 0 && (size_t)n < room; k++)
    n += snprintf(text + n, room - (size_t)n, " %-7d %-16.9g %-16.9g %-16.9g %-16.9g %-16.9g\n", k,
                  k * f->frequency, f->magnitude[k], f->phase[k],
                  k ? f->magnitude[k] / f->magnitude[1] : 0, k ? f->phase[k] - f->phase[1] : 0);
  if (n > 0 && (size_t)n + 1 < room)
    snprintf(text + n, room - (size_t)n, "\n");
}

/* ---- the sink ---- */

typedef struct fourier_sink {
  pn_sink base;
  double frequency;
  int n_harmonics;
  pn_fourier_out out;
  char **names;         /* [n_columns - 1] */
  double *rows;         /* [room][n_columns] the time first */
  int n_columns, first; /* first: behind the time and what is swept */
  long n, room;
} fourier_sink;

static void forget(fourier_sink *s)
{
  for (int k = 0; s->names && k + 1 < s->n_columns; k++)
    free(s->names[k]);
  free(s->names);
  free(s->rows);
  s->names = NULL;
  s->rows = NULL;
  s->n = s->room = 0;
}

static pn_status fourier_begin(pn_sink *base, const pn_plot *p)
{
  fourier_sink *s = (fourier_sink *)base;
  forget(s);
  s->n_columns = p->n_columns;
  s->first = 1 + p->n_swept;
  s->names = calloc((size_t)p->n_columns, sizeof *s->names);
  for (int k = 1; s->names && k < p->n_columns; k++)
    if (!(s->names[k - 1] = strdup(p->columns[k].name)))
      return PN_E_MEMORY;
  return s->names ? PN_OK : PN_E_MEMORY;
}

/* Drops what is older than a period, when that frees at least half. */
static void drop_old(fourier_sink *s)
{
  size_t width = (size_t)s->n_columns;
  double from = s->rows[(size_t)(s->n - 1) * width] - 1.01 / s->frequency;
  long first = 0;
  while (first + 1 < s->n && s->rows[(size_t)(first + 1) * width] < from)
    first++;
  if (first < s->n / 2)
    return;
  s->n -= first;
  memmove(s->rows, s->rows + (size_t)first * width, (size_t)s->n * width * sizeof *s->rows);
}

static pn_status fourier_point(pn_sink *base, const double *row, const double complex *crow)
{
  fourier_sink *s = (fourier_sink *)base;
  if (crow)
    return PN_OK; /* no transient */
  if (s->n == s->room && s->n)
    drop_old(s);
  if (s->n == s->room) {
    long room = s->room ? 2 * s->room : 1024;
    double *rows = realloc(s->rows, (size_t)room * (size_t)s->n_columns * sizeof *rows);
    if (!rows)
      return PN_E_MEMORY;
    s->rows = rows;
    s->room = room;
  }
  memcpy(s->rows + s->n++ * s->n_columns, row, (size_t)s->n_columns * sizeof *row);
  return PN_OK;
}

/* One column's harmonics into f; t and x [n] are scratch. False: there are none. */
static bool report(const fourier_sink *s, int column, double *t, double *x, pn_fourier *f)
{
  char text[PN_FOURIER_TEXT], name[160];
  for (long k = 0; k < s->n; k++) {
    t[k] = s->rows[k * s->n_columns];
    x[k] = s->rows[k * s->n_columns + column];
  }
  *f = (pn_fourier){.frequency = s->frequency, .n_harmonics = s->n_harmonics};
  const char *why = pn_fourier_of(t, x, s->n, f);
  if (why)
    snprintf(text, sizeof text, "Fourier analysis for %.100s: failed: %s\n", s->names[column - 1],
             why);
  else
    pn_fourier_text(f, s->names[column - 1], text, sizeof text);
  if (s->out.text)
    s->out.text(s->out.user, text);
  snprintf(name, sizeof name, "thd_%.150s", s->names[column - 1]);
  for (char *p = name; *p; p++)
    if (strchr("()[],@# ", *p))
      *p = '_';
  size_t n = strlen(name);
  while (n && name[n - 1] == '_')
    name[--n] = '\0';
  if (why)
    return false;
  snprintf(text, sizeof text, "%-20s = %.10g\n", name, f->thd);
  if (s->out.text)
    s->out.text(s->out.user, text);
  if (s->out.told)
    s->out.told(s->out.user, name, f->thd);
  return true;
}

static pn_status fourier_end(pn_sink *base, bool complete)
{
  fourier_sink *s = (fourier_sink *)base;
  double *t = calloc(2 * (size_t)s->n + 1, sizeof *t);
  pn_fourier *h = calloc((size_t)s->n_columns, sizeof *h);
  char **names = calloc((size_t)s->n_columns, sizeof *names);
  pn_status st = t && h && names ? PN_OK : PN_E_MEMORY;
  int n = 0;
  for (int k = s->first; k < s->n_columns && complete && st == PN_OK; k++)
    if (report(s, k, t, t + s->n, &h[n]))
      names[n++] = s->names[k - 1];
  if (n && s->out.result)
    st = s->out.result(s->out.user, h, names, n);
  free(t);
  free(h);
  free(names);
  forget(s);
  return st;
}

static pn_status fourier_close(pn_sink *base)
{
  forget((fourier_sink *)base);
  free(base);
  return PN_OK;
}

pn_status pn_sink_fourier(double frequency, int n_harmonics, const pn_fourier_out *out,
                          pn_sink **sink)
{
  fourier_sink *s = calloc(1, sizeof *s);
  if (!s)
    return PN_E_MEMORY;
  *s = (fourier_sink){.base = {fourier_begin, fourier_point, fourier_end, fourier_close},
                      .frequency = frequency,
                      .n_harmonics = n_harmonics,
                      .out = *out};
  *sink = &s->base;
  return PN_OK;
}
