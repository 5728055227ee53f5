/* Converters and number formats around a crossbar: quantisation, differential columns, bit
 * slices, and the error against the ideal product. */
#include "analysis/mvm.h"

#include <math.h>

double mvm_quantise(double x, int bits, double low, double high)
{
  if (bits == 0 || !(high > low))
    return x;
  double steps = ldexp(1, bits) - 1, at = (x - low) / (high - low) * steps;
  return low + fmin(fmax(round(at), 0), steps) * (high - low) / steps;
}

void mvm_apply_dac(mvm_work *w)
{
  double most = 0, least = 0;
  size_t n = (size_t)w->n * (size_t)w->rows;
  for (size_t k = 0; k < n; k++) {
    most = fmax(most, fabs(w->v[k]));
    least = fmin(least, w->v[k]);
  }
  for (size_t k = 0; k < n; k++)
    w->v[k] = mvm_quantise(w->v[k], w->p->dac, least < 0 ? -most : 0, most);
}

void mvm_apply_adc(const mvm_work *w, double *currents)
{
  double most = 0, least = 0;
  size_t n = (size_t)w->n * (size_t)w->cols;
  for (size_t k = 0; k < n; k++) {
    most = fmax(most, fabs(currents[k]));
    least = fmin(least, currents[k]);
  }
  if (!isnan(w->p->fs))
    most = w->p->fs;
  for (size_t k = 0; k < n; k++)
    currents[k] = mvm_quantise(currents[k], w->p->adc, least < 0 ? -most : 0, most);
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
