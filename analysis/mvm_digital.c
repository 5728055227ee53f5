/* Converters and number formats around a crossbar: quantisation, differential columns, bit
 * slices, and the error against the ideal product. */
#include "analysis/mvm.h"

#include <math.h>

/* Of the largest value: what is below zero by less is rounding. */
static const double ROUNDING = 1e-9;

double mvm_quantise(double x, int bits, double low, double high)
{
  if (bits == 0 || !(high > low))
    return x;
  double steps = ldexp(1, bits) - 1, at = (x - low) / (high - low) * steps;
  return low + fmin(fmax(round(at), 0), steps) * (high - low) / steps;
}

/* A converter covers negative values only where there are some: a currentless column's -1e-22 A would cost a bit. */
static void quantise_all(double *x, size_t n, int bits, double full_scale)
{
  double most = 0, least = 0;
  for (size_t k = 0; k < n; k++) {
    most = fmax(most, fabs(x[k]));
    least = fmin(least, x[k]);
  }
  bool negative = least < -ROUNDING * most;
  if (!isnan(full_scale))
    most = full_scale;
  for (size_t k = 0; k < n; k++)
    x[k] = mvm_quantise(x[k], bits, negative ? -most : 0, most);
}

void mvm_apply_dac(mvm_work *w)
{
  quantise_all(w->v, (size_t)w->n * (size_t)w->rows, w->p->dac, NAN);
}

void mvm_apply_adc(const mvm_work *w, double *currents)
{
  quantise_all(currents, (size_t)w->n * (size_t)w->cols, w->p->adc, w->p->fs);
}

double mvm_weight(const mvm_work *w, int output, int c)
{
  int pair = w->p->diff ? 2 : 1, group = pair * w->p->slices;
  if (c / group != output)
    return 0;
  double weight = pow(w->p->base, -(double)(c % group / pair));
  return w->p->diff && c % 2 ? -weight : weight;
}

void mvm_combine(const mvm_work *w, const double *currents, double *out)
{
  int group = (w->p->diff ? 2 : 1) * w->p->slices;
  for (int k = 0; k < w->n_out; k++) {
    out[k] = 0;
    for (int c = k * group; c < (k + 1) * group; c++)
      out[k] += mvm_weight(w, k, c) * currents[c];
  }
}

mvm_errors mvm_judge(const mvm_work *w)
{
  mvm_errors e = {0};
  size_t n = (size_t)w->n * (size_t)w->n_out;
  double sum = 0, square = 0;
  for (size_t k = 0; k < n; k++) {
    double error = w->out[k] - w->ideal[k];
    sum += error;
    square += error * error;
    e.fs = fmax(e.fs, fabs(w->ideal[k]));
    e.worst = fmax(e.worst, fabs(error));
  }
  double mean = sum / (double)n;
  e.rmse = sqrt(square / (double)n);
  e.sigma = sqrt(fmax(square / (double)n - mean * mean, 0));
  return e;
}
