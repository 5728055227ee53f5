/* linearize, fft, fourier: transients on even grids, and their spectra. */
#include "control/interp.h"

#include "output/fourier.h"

#include <math.h>
#include <string.h>

enum { MOST_POINTS = 1 << 24 };

/* The plot's vectors that the line names; all but the scale without any. */
static pn_status read_vectors(pn_control *c, pn_cplot *p, pn_vector ***out, int *n)
{
  PN_VEC(pn_vector *) list = {0};
  pn_term *terms;
  int n_terms;
  pn_status st = pn_terms_read(c, c->n_words ? c->line : PN_STR(""), 0, &terms, &n_terms);
  for (int k = 0; k < n_terms && st == PN_OK && c->n_words; k++) {
    pn_vector *v = PN_NEW(&c->scratch, pn_vector);
    *v = (pn_vector){.name = (char *)terms[k].label,
                     .type = terms[k].value.type,
                     .n = terms[k].value.n,
                     .z = terms[k].value.z};
    size_t len = strlen(v->name);
    if (len > 3 && (v->name[0] | 32) == 'v' && v->name[1] == '(' && v->name[len - 1] == ')' &&
        !strpbrk(v->name + 2, "(,"))
      v->name = pn_arena_strndup(&c->scratch, v->name + 2, len - 3);
    if (v->n != p->vectors[p->scale]->n)
      return pn_control_error(c, 0, "'%s' has no point for each of the plot's", v->name);
    *PN_PUSH(&c->scratch, &list) = v;
  }
  for (int k = 0; k < p->n && !c->n_words; k++)
    if (k != p->scale && p->vectors[k]->n == p->vectors[p->scale]->n)
      *PN_PUSH(&c->scratch, &list) = p->vectors[k];
  *out = list.at;
  *n = (int)list.n;
  return st;
}

/* The current plot when it is a transient of at least two points. */
static pn_status need_time(pn_control *c, pn_cplot **p, pn_vector **time)
{
  *p = c->store.current;
  *time = (*p)->scale >= 0 ? (*p)->vectors[(*p)->scale] : NULL;
  if (!*time || strcmp((*time)->name, "time") || (*time)->n < 2)
    return pn_control_error(c, 0, "plot '%s' is no transient analysis", (*p)->name);
  return PN_OK;
}

/* Value of a vector over ascending times at t, between points by a straight line. *k moves along. */
static double complex between(const pn_vector *time, const pn_vector *v, double t, long *k)
{
  while (*k + 2 < time->n && creal(time->z[*k + 1]) < t)
    ++*k;
  double a = creal(time->z[*k]), b = creal(time->z[*k + 1]);
  double w = b > a ? fmin(fmax((t - a) / (b - a), 0), 1) : 1;
  return v->z[*k] + w * (v->z[*k + 1] - v->z[*k]);
}

/* lin-tstart, lin-tstop, lin-tstep of `set`-like vectors, else the analysis's own grid. */
pn_status pn_cmd_linearize(pn_control *c)
{
  pn_cplot *p;
  pn_vector *time, **vectors;
  int n;
  pn_status st = need_time(c, &p, &time);
  if (st == PN_OK)
    st = read_vectors(c, p, &vectors, &n);
  if (st)
    return st;
  double from = creal(time->z[0]), to = creal(time->z[time->n - 1]);
  const pn_vector *start = pn_store_find(p, PN_STR("lin-tstart")),
                  *stop = pn_store_find(p, PN_STR("lin-tstop")),
                  *given = pn_store_find(p, PN_STR("lin-tstep"));
  double step = given && given->n ? creal(given->z[0]) : c->host->tran_step(c->host->user);
  from = start && start->n ? creal(start->z[0]) : from;
  to = stop && stop->n ? creal(stop->z[0]) : to;
  double points = floor((to - from) / step + 0.5) + 1;
  if (!(points >= 2 && points <= MOST_POINTS))
    return pn_control_error(c, 0, "a step of %g s makes no grid from %g s to %g s", step, from, to);
  long rows = (long)points;
  double complex *z = PN_NEW_ARRAY(&c->scratch, double complex, rows);
  pn_cplot *made = pn_store_new_plot(&c->store, "tran", p->title,
                                     "Transient Analysis (linearized)");
  if (!made)
    return PN_E_MEMORY;
  for (long k = 0; k < rows; k++)
    z[k] = from + (double)k * step;
  st = pn_store_set(&c->store, made, PN_STR("time"), "time", z, rows, false);
  made->scale = 0;
  double complex *t = PN_NEW_ARRAY(&c->scratch, double complex, rows);
  memcpy(t, z, (size_t)rows * sizeof *t);
  for (int j = 0; j < n && st == PN_OK; j++) {
    long at = 0;
    for (long k = 0; k < rows; k++)
      z[k] = between(time, vectors[j], creal(t[k]), &at);
    st = pn_store_set(&c->store, made, pn_str_of(vectors[j]->name), vectors[j]->type, z, rows,
                      false);
  }
  return st;
}

pn_status pn_cmd_fft(pn_control *c)
{
  pn_cplot *p;
  pn_vector *time, **vectors;
  int n;
  pn_status st = need_time(c, &p, &time);
  if (st == PN_OK && !c->n_words)
    st = pn_control_error(c, 0, "expected the vectors to transform");
  if (st == PN_OK)
    st = read_vectors(c, p, &vectors, &n);
  if (st)
    return st;
  const pn_setting *w = pn_setting_find(c, PN_STR("specwindow"));
  const char *window = w && w->n ? w->words[0] : "hanning";
  if (!pn_window_known(window))
    return pn_control_error(c, 0, "there is no window '%s'", window);
  long points = time->n, size = pn_fft_size(points), lines = size / 2 + 1;
  double span = creal(time->z[points - 1]) - creal(time->z[0]);
  double *x = PN_NEW_ARRAY(&c->scratch, double, points);
  double complex *z = PN_NEW_ARRAY(&c->scratch, double complex, lines);
  pn_cplot *made = pn_store_new_plot(&c->store, "sp", p->title, "Spectrum");
  if (!made)
    return PN_E_MEMORY;
  for (long k = 0; k < lines; k++)
    z[k] = (double)k / span * (double)points / (double)size;
  st = pn_store_set(&c->store, made, PN_STR("frequency"), "frequency", z, lines, false);
  made->scale = 0;
  for (int j = 0; j < n && st == PN_OK; j++) {
    for (long k = 0; k < points; k++)
      x[k] = creal(vectors[j]->z[k]);
    pn_fft(&c->scratch, x, points, window, z);
    st = pn_store_set(&c->store, made, pn_str_of(vectors[j]->name), vectors[j]->type, z, lines,
                      true);
  }
  return st;
}

/* ---- fourier ---- */

pn_status pn_cmd_fourier(pn_control *c)
{
  pn_cplot *p;
  pn_vector *time;
  pn_term *terms;
  int n;
  double frequency = 0;
  if (c->n_words < 2)
    return pn_control_error(c, 0, "expected a frequency and expressions");
  pn_status st = need_time(c, &p, &time);
  if (st == PN_OK)
    st = pn_term_number(c, c->words[0], c->word_at[0], &frequency);
  pn_str rest = {c->line.p + c->word_at[1], c->line.n - c->word_at[1]};
  if (st == PN_OK)
    st = pn_terms_read(c, rest, c->word_at[1], &terms, &n);
  if (st)
    return st;
  double harmonics = pn_setting_number(c, "nfreqs", 10);
  double *t = PN_NEW_ARRAY(&c->scratch, double, time->n),
         *x = PN_NEW_ARRAY(&c->scratch, double, time->n);
  for (long k = 0; k < time->n; k++)
    t[k] = creal(time->z[k]);
  for (int j = 0; j < n; j++) {
    if (terms[j].value.n != time->n)
      return pn_control_error(c, 0, "'%s' has no point for each time", terms[j].label);
    for (long k = 0; k < time->n; k++)
      x[k] = creal(terms[j].value.z[k]);
    pn_fourier f = {.frequency = frequency,
                    .n_harmonics = (int)fmin(fmax(harmonics, 2), PN_MOST_HARMONICS)};
    const char *why = pn_fourier_of(t, x, time->n, &f);
    if (why)
      return pn_control_error(c, 0, "%s", why);
    char text[PN_FOURIER_TEXT];
    pn_fourier_text(&f, terms[j].label, text, sizeof text);
    pn_put(c, "%s", text);
  }
  return PN_OK;
}
