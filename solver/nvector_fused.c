/* Serial vectors for IDA: SUNDIALS' own, with the kernels that IDA's steps spend their time in
 * replaced by loops the compiler vectorises (no aliasing, one pass over up to MAX_ORDER + 1 vectors). */
#include "solver/nvector_fused.h"

#include "base/clones.h"

#include <math.h>
#include <nvector/nvector_serial.h>
#include <stdbool.h>

/* Lanes of a reduction: independent partial sums, so that the order of additions is fixed and
 * the loop is vectorised without -ffast-math. */
enum { LANES = 8 };

PN_CLONES static void linear_sum(realtype a, N_Vector x, realtype b, N_Vector y, N_Vector z)
{
  sunindextype n = NV_LENGTH_S(x);
  const realtype *u = NV_DATA_S(x), *v = NV_DATA_S(y);
  realtype *w = NV_DATA_S(z);
#pragma GCC ivdep
  for (sunindextype i = 0; i < n; i++)
    w[i] = a * u[i] + b * v[i];
}

PN_CLONES static void set_all(realtype c, N_Vector z)
{
  sunindextype n = NV_LENGTH_S(z);
  realtype *w = NV_DATA_S(z);
  for (sunindextype i = 0; i < n; i++)
    w[i] = c;
}

PN_CLONES static void scale(realtype a, N_Vector x, N_Vector z)
{
  sunindextype n = NV_LENGTH_S(x);
  const realtype *u = NV_DATA_S(x);
  realtype *w = NV_DATA_S(z);
  if (a == 1 && u == w)
    return;
#pragma GCC ivdep
  for (sunindextype i = 0; i < n; i++)
    w[i] = a * u[i];
}

/* sqrt(sum of (x w)^2 / n) over the elements whose m is positive, all with masked false; in LANES partial
 * sums. */
static inline __attribute__((always_inline)) realtype wrms(const realtype *restrict x,
                                                           const realtype *restrict w,
                                                           const realtype *restrict m, bool masked,
                                                           sunindextype n)
{
  realtype part[LANES] = {0}, sum = 0;
  sunindextype i = 0;
  for (; i + LANES <= n; i += LANES)
    for (int k = 0; k < LANES; k++) {
      realtype e = x[i + k] * w[i + k];
      if (masked)
        e = m[i + k] > 0 ? e : 0;
      part[k] += e * e;
    }
  for (; i < n; i++) {
    realtype e = x[i] * w[i];
    sum += !masked || m[i] > 0 ? e * e : 0;
  }
  for (int k = 0; k < LANES; k++)
    sum += part[k];
  return n > 0 ? sqrt(sum / (realtype)n) : 0;
}

PN_CLONES static realtype wrms_norm(N_Vector x, N_Vector w)
{
  return wrms(NV_DATA_S(x), NV_DATA_S(w), NV_DATA_S(w), false, NV_LENGTH_S(x));
}

PN_CLONES static realtype wrms_norm_mask(N_Vector x, N_Vector w, N_Vector id)
{
  return wrms(NV_DATA_S(x), NV_DATA_S(w), NV_DATA_S(id), true, NV_LENGTH_S(x));
}

/* z = sum of c[k] x[k]; z may be x[0]. Two vectors a pass. */
PN_CLONES static int linear_combination(int count, realtype *c, N_Vector *x, N_Vector z)
{
  sunindextype n = NV_LENGTH_S(z);
  realtype *w = NV_DATA_S(z);
  if (count == 1) {
    scale(c[0], x[0], z);
    return 0;
  }
  linear_sum(c[0], x[0], c[1], x[1], z);
  int k = 2;
  for (; k + 1 < count; k += 2) {
    const realtype *u = NV_DATA_S(x[k]), *v = NV_DATA_S(x[k + 1]);
    realtype a = c[k], b = c[k + 1];
#pragma GCC ivdep
    for (sunindextype i = 0; i < n; i++)
      w[i] += a * u[i] + b * v[i];
  }
  if (k < count)
    linear_sum(c[k], x[k], 1, z, z);
  return 0;
}

/* z[k] = a[k] x + y[k]. */
static int scale_add_multi(int count, realtype *a, N_Vector x, N_Vector *y, N_Vector *z)
{
  for (int k = 0; k < count; k++)
    linear_sum(a[k], x, 1, y[k], z[k]);
  return 0;
}

static int scale_vector_array(int count, realtype *c, N_Vector *x, N_Vector *z)
{
  for (int k = 0; k < count; k++)
    scale(c[k], x[k], z[k]);
  return 0;
}

N_Vector pn_nvector_new(int n, SUNContext ctx)
{
  N_Vector v = N_VNew_Serial(n, ctx);
  if (!v)
    return NULL;
  v->ops->nvlinearsum = linear_sum;
  v->ops->nvconst = set_all;
  v->ops->nvscale = scale;
  v->ops->nvwrmsnorm = wrms_norm;
  v->ops->nvwrmsnormmask = wrms_norm_mask;
  v->ops->nvlinearcombination = linear_combination;
  v->ops->nvscaleaddmulti = scale_add_multi;
  v->ops->nvscalevectorarray = scale_vector_array;
  return v;
}
