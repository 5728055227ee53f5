/* Normal forms. The Hopf coefficient follows from harmonic balance to third order on
 * f(y) + d/dt q(y) = 0 itself, so that nonlinear charges are in it; for a constant mass matrix it is
 * Kuznetsov's formula (Elements of Applied Bifurcation Theory, 3rd ed., eq. 5.39), up to the scale of q. */
#include "analysis/bifurcation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double STEP =
    0.1; /* of the tracer's floors (1 mV, 0.1 % of a state): Jacobians' quotients */

pn_status pn_branch_direction(pn_tracer *t, const pn_special *at, double *phi)
{
  double complex *v = calloc((size_t)t->n + 1, sizeof *v);
  pn_status st = v ? pn_tracer_linearise(t, at->y, at->p) : PN_E_MEMORY;
  double near = 0;
  for (int k = 0; st == PN_OK && k < t->spectrum->n; k++)
    near = fmax(near, cabs(t->spectrum->s[k]));
  near = fmax(fabs(creal(at->s)), 1e-14 * near); /* never exactly singular */
  if (st == PN_OK)
    st = pn_spectrum_vector(t->run->sim, near, false, t->floor, v);
  for (int k = 0; k < t->n && st == PN_OK; k++)
    phi[k] = creal(v[k]);
  free(v);
  return st;
}

pn_status pn_branch_classify(pn_tracer *t, const double *y, double p, const double *phi,
                             double distance, int unstable_side, pn_branch_kind *kind)
{
  double *minus = calloc((size_t)t->n + 1, sizeof *minus), away[2];
  pn_status st = minus ? PN_OK : PN_E_MEMORY;
  *kind = PN_BRANCH_UNDECIDED;
  for (int k = 0; k < t->n && st == PN_OK; k++)
    minus[k] = -phi[k];
  for (int side = 0; side < 2 && st == PN_OK; side++) {
    st = pn_tracer_start_along(t, y, p, side ? minus : phi, distance);
    away[side] = pn_tracer_p(t) - p;
  }
  free(minus);
  if (st)
    return st == PN_E_MEMORY || st == PN_E_INTERRUPTED ? st : PN_OK;
  double span = fabs(t->o.to - t->o.from);
  if (fmax(fabs(away[0]), fabs(away[1])) < 1e-12 * span)
    return PN_OK;
  if (away[0] * away[1] < 0)
    *kind = PN_BRANCH_TRANSCRITICAL;
  else
    *kind = away[0] * unstable_side > 0 ? PN_BRANCH_PITCHFORK_SUPER : PN_BRANCH_PITCHFORK_SUB;
  return PN_OK;
}

/* ---- Hopf ---- */

/* First and second difference quotients along one direction u of the products G a and C a. */
typedef struct forms {
  pn_sim *sim;
  const double *y, *scale; /* [n] */
  int n;
  double *point, *prod; /* [n], [n] */
} forms;

static double size_of(const forms *w, const double *u)
{
  double most = 0;
  for (int k = 0; k < w->n; k++)
    most = fmax(most, fabs(u[k]) / w->scale[k]);
  return most;
}

static pn_status move(forms *w, const double *u, double by)
{
  for (int k = 0; k < w->n; k++)
    w->point[k] = w->y[k] + by * u[k];
  pn_status st = pn_sim_eval(w->sim, PN_SIM_OP, 0, w->point, true);
  if (st == PN_OK)
    pn_sim_freeze_bounds(w->sim);
  return st;
}

/* out += factor (G + j w C) a at the point last moved to; a [n] real. */
static void add_product(forms *w, const double *a, double omega, double complex factor,
                        double complex *out)
{
  pn_sim_mul_g(w->sim, a, w->prod);
  for (int k = 0; k < w->n; k++)
    out[k] += factor * w->prod[k];
  if (omega == 0)
    return;
  pn_sim_mul_c(w->sim, a, w->prod);
  for (int k = 0; k < w->n; k++)
    out[k] += factor * I * omega * w->prod[k];
}

/* out += factor D(G + j omega C)[u] (re + j im): the second-order form of a complex and a real vector. */
static pn_status add_second(forms *w, const double *u, const double *re, const double *im,
                            double omega, double complex factor, double complex *out)
{
  double size = size_of(w, u);
  if (size == 0)
    return PN_OK;
  double h = STEP / size;
  for (int side = -1; side <= 1; side += 2) {
    pn_status st = move(w, u, side * h);
    if (st)
      return st;
    add_product(w, re, omega, factor * side / (2 * h), out);
    add_product(w, im, omega, factor * I * side / (2 * h), out);
  }
  return PN_OK;
}

/* out += factor D^2(G + j omega C)[u, u] (re + j im). */
static pn_status add_third(forms *w, const double *u, const double *re, const double *im,
                           double omega, double complex factor, double complex *out)
{
  static const double weight[] = {1, -2, 1};
  double size = size_of(w, u), h = size > 0 ? STEP / size : 0;
  for (int side = -1; side <= 1 && h > 0; side++) {
    pn_status st = move(w, u, side * h);
    if (st)
      return st;
    add_product(w, re, omega, factor * weight[side + 1] / (h * h), out);
    add_product(w, im, omega, factor * I * weight[side + 1] / (h * h), out);
  }
  return PN_OK;
}

typedef struct hopf_work {
  forms f;
  double *qr, *qi, *w0, *wr, *wi, *zero; /* [n] q, w00, w20 */
  double complex *q, *left, *sum;        /* [n] */
} hopf_work;

static void split(int n, const double complex *v, double *re, double *im)
{
  for (int k = 0; k < n; k++) {
    re[k] = creal(v[k]);
    im[k] = cimag(v[k]);
  }
}

/* Second-order response: G w00 = -B_0(q, conj q), (G + 2 j omega C) w20 = -B_2(q, q) / 2. */
static pn_status second_order(hopf_work *h, double omega)
{
  forms *f = &h->f;
  pn_sim *sim = f->sim;
  size_t bytes = (size_t)f->n * sizeof *h->sum;
  memset(h->sum, 0, bytes);
  pn_status st = add_second(f, h->qr, h->qr, h->zero, 0, -1, h->sum);
  if (st == PN_OK)
    st = add_second(f, h->qi, h->qi, h->zero, 0, -1, h->sum);
  if (st == PN_OK)
    st = move(f, h->zero, 0);
  if (st == PN_OK)
    st = pn_sim_factor_complex(sim, 0);
  if (st == PN_OK)
    st = pn_sim_solve_complex(sim, h->sum);
  for (int k = 0; k < f->n && st == PN_OK; k++)
    h->w0[k] = creal(h->sum[k]);
  memset(h->sum, 0, bytes);
  if (st == PN_OK)
    st = add_second(f, h->qr, h->qr, h->qi, 2 * omega, -0.5, h->sum);
  if (st == PN_OK)
    st = add_second(f, h->qi, h->qr, h->qi, 2 * omega, -0.5 * I, h->sum);
  if (st == PN_OK)
    st = move(f, h->zero, 0);
  if (st == PN_OK)
    st = pn_sim_factor_complex(sim, 2 * I * omega);
  if (st == PN_OK)
    st = pn_sim_solve_complex(sim, h->sum);
  if (st == PN_OK)
    split(f->n, h->sum, h->wr, h->wi);
  return st;
}

/* sum = B_1(q, w00) + B_1(conj q, w20) + C_1(q, q, conj q) / 2. */
static pn_status third_order(hopf_work *h, double omega)
{
  forms *f = &h->f;
  memset(h->sum, 0, (size_t)f->n * sizeof *h->sum);
  pn_status st = add_second(f, h->w0, h->qr, h->qi, omega, 1, h->sum);
  if (st == PN_OK) /* conj q = qr - j qi as the direction, w20 as the vector */
    st = add_second(f, h->qr, h->wr, h->wi, omega, 1, h->sum);
  if (st == PN_OK)
    st = add_second(f, h->qi, h->wr, h->wi, omega, -I, h->sum);
  if (st == PN_OK) /* q q conj q = (qr^2 + qi^2)(qr + j qi) */
    st = add_third(f, h->qr, h->qr, h->qi, omega, 0.5, h->sum);
  if (st == PN_OK)
    st = add_third(f, h->qi, h->qr, h->qi, omega, 0.5, h->sum);
  return st;
}

static pn_status coefficient(hopf_work *w, pn_hopf *h)
{
  forms *f = &w->f;
  pn_status st = move(f, w->zero, 0);
  if (st == PN_OK)
    st = pn_spectrum_vector(f->sim, I * h->omega, false, f->scale, w->q);
  if (st == PN_OK)
    st = pn_spectrum_vector(f->sim, I * h->omega, true, f->scale, w->left);
  if (st)
    return st;
  split(f->n, w->q, w->qr, w->qi);
  double complex norm = 0, sum = 0;
  memset(w->sum, 0, (size_t)f->n * sizeof *w->sum);
  pn_sim_mul_c(f->sim, w->qr, f->prod);
  for (int k = 0; k < f->n; k++)
    norm += w->left[k] * f->prod[k];
  pn_sim_mul_c(f->sim, w->qi, f->prod);
  for (int k = 0; k < f->n; k++)
    norm += I * w->left[k] * f->prod[k];
  st = second_order(w, h->omega);
  if (st == PN_OK)
    st = third_order(w, h->omega);
  for (int k = 0; k < f->n && st == PN_OK; k++)
    sum += w->left[k] * w->sum[k];
  h->c1 = sum / norm;
  h->lyapunov = -creal(h->c1) / h->omega;
  return st || isfinite(h->lyapunov) ? st : PN_E_SINGULAR;
}

pn_status pn_hopf_normal_form(pn_tracer *t, const pn_special *at, const double *scale, pn_hopf *h)
{
  size_t n = (size_t)t->n + 1;
  double *real = calloc(8 * n, sizeof *real);
  double complex *vectors = calloc(3 * n, sizeof *vectors);
  pn_status st = real && vectors ? pn_target_set(t->run, &t->target, at->p) : PN_E_MEMORY;
  if (st == PN_OK) {
    hopf_work w = {.f = {t->run->sim, at->y, scale, t->n, real, real + n},
                   .qr = real + 2 * n,
                   .qi = real + 3 * n,
                   .w0 = real + 4 * n,
                   .wr = real + 5 * n,
                   .wi = real + 6 * n,
                   .zero = real + 7 * n,
                   .q = vectors,
                   .left = vectors + n,
                   .sum = vectors + 2 * n};
    h->omega = fabs(cimag(at->s));
    st = coefficient(&w, h);
    if (st == PN_OK && h->q)
      memcpy(h->q, w.q, (size_t)t->n * sizeof *w.q);
  }
  free(real);
  free(vectors);
  return st;
}
