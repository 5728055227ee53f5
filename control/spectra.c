/* The discrete Fourier transform of `fft`: a window, zeros up to a power of two as in ngspice. Lines are
 * amplitudes: a sine of amplitude 1 has a line of 1, a mean of 1 has 1 at 0 Hz (ngspice 39 divides by half
 * the padded length: its mean is twice that, and padding lowers all lines). */
#include "control/value.h"

#include <math.h>
#include <string.h>

static const char *const windows[] = {"none",    "rectangular", "triangle", "bartlet",  "hann",
                                      "hanning", "cosine",      "hamming",  "blackman", "flattop"};

bool pn_window_known(const char *window)
{
  for (size_t k = 0; k < sizeof windows / sizeof *windows; k++)
    if (!strcmp(window, windows[k]))
      return true;
  return false;
}

/* The window at point k of n, with mean 1 (F. J. Harris, Proc. IEEE 66 (1978) 51, divided by the
 * mean). u runs from 0 to 1. */
static double weight(const char *window, double u)
{
  double a = 2 * M_PI * u;
  if (!strcmp(window, "triangle") || !strcmp(window, "bartlet"))
    return 2 - 2 * fabs(2 * u - 1);
  if (!strcmp(window, "hann") || !strcmp(window, "hanning") || !strcmp(window, "cosine"))
    return 1 - cos(a);
  if (!strcmp(window, "hamming"))
    return 1 - 0.46 / 0.54 * cos(a);
  if (!strcmp(window, "blackman"))
    return 1 - 0.50 / 0.42 * cos(a) + 0.08 / 0.42 * cos(2 * a);
  if (!strcmp(window, "flattop"))
    return 1 - 1.93 * cos(a) + 1.29 * cos(2 * a) - 0.388 * cos(3 * a) + 0.032 * cos(4 * a);
  return 1;
}

long pn_fft_size(long n)
{
  long size = 1;
  while (size < n)
    size *= 2;
  return size;
}

/* In place; n a power of two (Cooley and Tukey, Math. Comput. 19 (1965) 297). */
static void transform(double complex *z, long n)
{
  for (long k = 1, j = 0; k < n; k++) {
    long bit = n >> 1;
    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (k < j) {
      double complex t = z[k];
      z[k] = z[j];
      z[j] = t;
    }
  }
  for (long len = 2; len <= n; len *= 2)
    for (long k = 0; k < len / 2; k++) {
      double complex w = cexp(-2 * M_PI * I * (double)k / (double)len);
      for (long from = k; from < n; from += len) {
        double complex a = z[from], b = z[from + len / 2] * w;
        z[from] = a + b;
        z[from + len / 2] = a - b;
      }
    }
}

void pn_fft(pn_arena *a, const double *x, long n, const char *window, double complex *z)
{
  long size = pn_fft_size(n);
  double complex *work = PN_NEW_ARRAY(a, double complex, size);
  for (long k = 0; k < n; k++)
    work[k] = x[k] * (n > 1 ? weight(window, (double)k / (double)(n - 1)) : 1);
  transform(work, size);
  for (long k = 0; k <= size / 2; k++)
    z[k] = work[k] * (k == 0 ? 1 : 2) / (double)n;
}
