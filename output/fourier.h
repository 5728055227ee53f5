/* Fourier analysis of the last period of a transient: .four and the command `fourier`. */
#ifndef PN_OUTPUT_FOURIER_H
#define PN_OUTPUT_FOURIER_H

#include "circuit/signal.h"
#include "output/sink.h"

enum { PN_MOST_HARMONICS = 100, PN_FOURIER_TEXT = 256 + 100 * PN_MOST_HARMONICS };

typedef struct pn_fourier {
  double frequency;                    /* Hz, of the fundamental */
  int n_harmonics;                     /* with number 0, the mean: 2 .. PN_MOST_HARMONICS */
  double magnitude[PN_MOST_HARMONICS]; /* [n_harmonics] of a sine; [0] the mean */
  double phase[PN_MOST_HARMONICS];     /* [n_harmonics] degrees, of sin(2 pi k f t + phase) */
  double thd;                          /* sqrt(sum of squares from 2 on) / magnitude[1], % */
} pn_fourier;

/* From x [n] at ascending times t [n] (s), over the last period. The waveform is a straight line between
 * its points, whose Fourier integrals are exact: nothing is sampled, so nothing folds back. frequency and
 * n_harmonics are given. NULL, or why there is no result. */
const char *pn_fourier_of(const double *t, const double *x, long n, pn_fourier *f);
/* The table as ngspice lays it out. text [room], PN_FOURIER_TEXT is enough. */
void pn_fourier_text(const pn_fourier *f, const char *name, char *text, size_t room);

/* Where a sink's harmonics go; each may be NULL. */
typedef struct pn_fourier_out {
  pn_text_fn *text;                                         /* tables */
  void (*told)(void *user, const char *name, double value); /* thd_NAME, % */
  /* All columns whose analysis succeeded: h, names [n]. */
  pn_status (*result)(void *user, const pn_fourier *h, char *const *names, int n);
  void *user;
} pn_fourier_out;

/* A sink that keeps the last period of its columns and reports their harmonics at the end. frequency in Hz. */
pn_status pn_sink_fourier(double frequency, int n_harmonics, const pn_fourier_out *out,
                          pn_sink **sink);

#endif
