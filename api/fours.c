/* What .four finds goes to standard output as tables, to the caller as measurements, and to the files as a result of
 * its own: complex amplitudes of sines over the harmonics' frequencies. */
#include "api/fours.h"

#include "output/fourier.h"

#include <math.h>
#include <stdlib.h>

static void text(void *user, const char *text)
{
  const pn_fours *f = user;
  if (f->o->text)
    f->o->text(f->o->user, text);
}

/* THDs as .four's sinks tell them. */
static void told(void *user, const char *name, double value)
{
  const pn_fours *f = user;
  if (f->o->measured)
    f->o->measured(f->o->user, "tran", name, true, value);
}

/* Harmonics h [n] of one directive to one file: frequency, what is swept, the signals. */
static pn_status write(const pn_fours *f, pn_sink *s, const pn_plot *p, const pn_fourier *h, int n)
{
  double complex *row = calloc((size_t)p->n_columns + 1, sizeof *row);
  pn_status st = row ? s->begin(s, p) : PN_E_MEMORY;
  int lead = 1 + f->plot.n_swept;
  for (int k = 0; k < h->n_harmonics && st == PN_OK; k++) {
    row[0] = k * h->frequency;
    for (int j = 1; j < lead; j++)
      row[j] = f->plot.swept_values[j - 1];
    for (int j = 0; j < n; j++)
      row[lead + j] = h[j].magnitude[k] * cexp(I * h[j].phase[k] * M_PI / 180);
    st = s->point(s, NULL, row);
  }
  free(row);
  return st ? st : s->end(s, true);
}

static pn_status result(void *user, const pn_fourier *h, char *const *names, int n)
{
  pn_fours *f = user;
  int lead = 1 + f->plot.n_swept;
  pn_column *columns = calloc((size_t)(lead + n), sizeof *columns);
  if (!columns)
    return PN_E_MEMORY;
  columns[0] = (pn_column){"frequency", "frequency", "Hz"};
  for (int k = 1; k < lead; k++)
    columns[k] = f->plot.swept[k - 1];
  for (int k = 0; k < n; k++)
    columns[lead + k] = (pn_column){names[k], names[k][0] == 'i' ? "current" : "voltage",
                                    names[k][0] == 'i' ? "A" : "V"};
  pn_plot p = f->plot;
  p.plotname = "Fourier Analysis";
  p.analysis = "four";
  p.index = (f->plot.index - 1) * f->n + ++f->done;
  p.is_complex = true;
  p.columns = columns;
  p.n_columns = lead + n;
  pn_status st = PN_OK;
  for (int k = 0; k < f->n_files && st == PN_OK; k++)
    if (f->files[k])
      st = write(f, f->files[k], &p, h, n);
  free(columns);
  return st;
}

pn_status pn_fours_open(pn_fours *f, pn_netlist *nl, pn_consumer *c, int *n)
{
  f->done = 0;
  f->sinks = pn_arena_try(&nl->arena, (nl->fours.n + 1) * sizeof *f->sinks);
  if (!f->sinks)
    return PN_E_MEMORY;
  for (size_t k = 0; k < nl->fours.n; k++) {
    const pn_four *four = &nl->fours.at[k];
    const pn_fourier_out out = {text, told, result, f};
    pn_status st = pn_sink_fourier(four->frequency, four->n_harmonics, &out, &f->sinks[f->n]);
    if (st)
      return st;
    c[(*n)++] = (pn_consumer){
        .sink = f->sinks[f->n++], .signals = four->signals, .n_signals = four->n_signals};
  }
  return PN_OK;
}

pn_status pn_fours_close(pn_fours *f)
{
  pn_status st = PN_OK;
  for (int k = 0; k < f->n; k++) {
    pn_status closed = f->sinks[k]->close(f->sinks[k]);
    st = st ? st : closed;
  }
  f->n = 0;
  return st;
}
