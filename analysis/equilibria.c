/* .equilibria: all DC solutions that can be found, each with the eigenvalues of the circuit there. They
 * are looked for along the curve on which all sources are scaled, then by deflated Newton from the
 * known solutions pushed along their eigenvectors and from points spread by a fixed sequence. */
#include "analysis/deflation.h"
#include "analysis/keys.h"
#include "analysis/list.h"
#include "analysis/tracer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_STEPS = 600, MOST_EIGENVALUES = 8 };

typedef struct equilibria_args {
  int most, starts;
  bool op; /* the operating point alone */
} equilibria_args;

typedef struct hunt {
  const pn_run *r;
  const equilibria_args *a;
  pn_equilibria e;
  pn_spectrum *spectrum;
  double *scale, *y; /* [n], [n] */
  double complex *v; /* [n] */
  int n;
} hunt;

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  equilibria_args *p = PN_NEW(a, equilibria_args);
  *p = (equilibria_args){.most = 32, .starts = 64};
  const pn_key keys[] = {{"most", PN_KEY_COUNT, &p->most, false},
                         {"starts", PN_KEY_COUNT, &p->starts, false},
                         {"op", PN_KEY_FLAG, &p->op, false}};
  pn_reading in = {".equilibria", a, d, args, c, params, o};
  return pn_keys_read(&in, keys, sizeof keys / sizeof *keys, NULL, NULL) ? p : NULL;
}

/* ---- finding ---- */

/* Typical sizes: of nodes the largest voltage, at least 1 V; of states their own value; of branch currents,
 * which the rest decides, 1 A. */
static void set_scale(hunt *h, const double *y)
{
  const double *atol = pn_sim_atol(h->r->sim);
  double volts = 0;
  for (int k = 0; k < h->n; k++)
    if (pn_circuit_unknown(h->r->circuit, k).kind == PN_U_NODE)
      volts = fmax(volts, fabs(y[k]));
  for (int k = 0; k < h->n; k++) {
    pn_unknown_kind kind = pn_circuit_unknown(h->r->circuit, k).kind;
    double least = kind == PN_U_NODE ? fmax(volts, 1) : kind == PN_U_STATE ? 1e4 * atol[k] : 1;
    h->scale[k] = fmax(fabs(y[k]), least);
  }
}

/* The curve of solutions over the scale of all sources, both ways from 1: where it meets 1 again. */
static pn_status follow_sources(hunt *h, const double *y0, int direction)
{
  pn_target target = {.kind = PN_TARGET_SCALE};
  pn_tracer_options o = {.from = -1, .to = 3, .step = 0.05};
  pn_tracer *t;
  bool added;
  double share;
  pn_status st = pn_tracer_new(h->r, &target, &o, &t);
  if (st)
    return st;
  st = pn_tracer_start(t, y0, 1, direction);
  for (int k = 0; k < MOST_STEPS && st == PN_OK && !t->done && h->e.count < h->a->most; k++) {
    st = pn_tracer_next(t);
    if (st == PN_OK && k > 0 && pn_tracer_cross(t, 1, h->y, &share))
      st = pn_equilibria_add(&h->e, h->y, &added);
  }
  pn_tracer_free(t);
  pn_sim_set_homotopy(h->r->sim, 1, 0);
  return st == PN_E_MEMORY || st == PN_E_INTERRUPTED ? st : PN_OK;
}

static pn_status try_from(hunt *h, int *news)
{
  bool found;
  pn_status st = pn_deflated_newton(h->r, &h->e, h->y, &found);
  *news += found;
  return st;
}

/* Starts at equilibrium m pushed along the eigenvector of its rightmost eigenvalue. */
static pn_status push_along(hunt *h, int m, int *news)
{
  static const double steps[] = {0.02, -0.02, 0.2, -0.2, 1, -1};
  const size_t at = (size_t)m * (size_t)h->n;
  pn_status st = pn_spectrum_at(h->spectrum, h->e.y + at);
  if (st || !h->spectrum->n)
    return st == PN_E_MEMORY ? st : PN_OK;
  double complex lead = h->spectrum->s[0];
  if ((st = pn_spectrum_vector(h->r->sim, lead, false, h->scale, h->v)))
    return st == PN_E_MEMORY ? st : PN_OK;
  for (size_t k = 0; k < sizeof steps / sizeof *steps && st == PN_OK; k++) {
    for (int i = 0; i < h->n; i++)
      h->y[i] = h->e.y[at + (size_t)i] + steps[k] * creal(h->v[i]);
    st = try_from(h, news);
  }
  return st;
}

/* A fixed sequence in [0, 1): results are the same in every run. */
static double spread(unsigned long long *seed)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) / 9007199254740992.0;
}

static pn_status try_spread(hunt *h, int *news)
{
  unsigned long long seed = 42;
  pn_status st = PN_OK;
  for (int k = 0; k < h->a->starts && st == PN_OK && h->e.count < h->a->most; k++) {
    pn_sim_initial(h->r->sim, h->y);
    for (int i = 0; i < h->n; i++) {
      bool state = pn_circuit_unknown(h->r->circuit, i).kind == PN_U_STATE;
      double u = spread(&seed);
      h->y[i] = state ? h->scale[i] * (0.5 + 1.5 * u) : h->scale[i] * 1.5 * (2 * u - 1);
    }
    st = try_from(h, news);
  }
  return st;
}

static pn_status find_all(hunt *h, const double *y0)
{
  bool added;
  pn_status st = pn_equilibria_add(&h->e, y0, &added);
  if (h->a->op)
    return st;
  for (int direction = 1; direction >= -1 && st == PN_OK; direction -= 2)
    st = follow_sources(h, y0, direction);
  int news = 0;
  for (int m = 0; m < h->e.count && h->e.count < h->a->most && st == PN_OK; m++)
    st = push_along(h, m, &news);
  do {
    news = 0;
    if (st == PN_OK)
      st = try_spread(h, &news);
  } while (news > 0 && st == PN_OK && h->e.count < h->a->most);
  return st;
}

/* ---- telling ---- */

static void tell(const hunt *h, int number)
{
  const pn_run *r = h->r;
  const pn_spectrum *p = h->spectrum;
  char name[48], line[512];
  snprintf(name, sizeof name, "eq%d_unstable", number);
  r->found(r->user, name, p->n_unstable);
  int at = snprintf(line, sizeof line, "equilibrium %d: %s", number,
                    p->n_unstable   ? "unstable"
                    : p->n_marginal ? "undecided (an eigenvalue on the axis)"
                    : p->n == 0     ? "no dynamics"
                    : p->complete   ? "stable"
                                    : "stable as far as eigenvalues were found");
  for (int k = 0, m = 0; k < p->n && m < MOST_EIGENVALUES; k++) {
    if (cimag(p->s[k]) < 0)
      continue;
    m++;
    snprintf(name, sizeof name, "eq%d_re%d", number, m);
    r->found(r->user, name, creal(p->s[k]));
    if (cimag(p->s[k]) > 0) {
      snprintf(name, sizeof name, "eq%d_im%d", number, m);
      r->found(r->user, name, cimag(p->s[k]));
    }
    if (at < (int)sizeof line - 48)
      at += snprintf(line + at, sizeof line - (size_t)at,
                     cimag(p->s[k]) > 0 ? "; %.6g +- j %.6g" : "; %.6g", creal(p->s[k]),
                     cimag(p->s[k]));
  }
  r->say(r->user, line);
}

static pn_status report(hunt *h)
{
  static const pn_column scale = {"equilibrium", "notype", ""};
  static const pn_column extra[] = {
      {"unstable", "notype", ""}, {"re", "notype", "1/s"}, {"im", "notype", "1/s"}};
  const pn_run *r = h->r;
  pn_recorder *rec;
  pn_status st = r->begin(r->user, &pn_analysis_equilibria, "Equilibria", scale, extra, 3, false,
                          false, &rec);
  if (st)
    return st;
  r->found(r->user, "equilibria", h->e.count);
  for (int k = 0; k < h->e.count && st == PN_OK; k++) {
    const double *y = h->e.y + (size_t)k * (size_t)h->n;
    pn_status decided = pn_spectrum_at(h->spectrum, y);
    if (decided == PN_E_MEMORY || decided == PN_E_INTERRUPTED) {
      st = decided;
      break;
    }
    bool known = decided == PN_OK && h->spectrum->n > 0;
    double complex lead = known ? h->spectrum->s[0] : NAN;
    double values[] = {decided ? -1 : h->spectrum->n_unstable, creal(lead), fabs(cimag(lead))};
    if (decided == PN_OK)
      tell(h, k + 1);
    else
      pn_warn(
          r->diag, PN_NOWHERE,
          "equilibrium %d: its stability is undecided: the linearised equations do not determine "
          "all unknowns",
          k + 1);
    pn_recorder_extra(rec, values);
    pn_point at = {.sim = r->sim, .x = k + 1, .y = y};
    st = pn_recorder_point(rec, &at);
  }
  pn_status last = r->end(r->user, rec, st == PN_OK);
  return st ? st : last;
}

static pn_status run_equilibria(const pn_run *r, void *args)
{
  hunt h = {.r = r, .a = args, .n = pn_sim_n(r->sim)};
  size_t n = (size_t)h.n + 1;
  h.scale = calloc(n, sizeof *h.scale);
  h.y = calloc(n, sizeof *h.y);
  h.v = calloc(n, sizeof *h.v);
  double *y0 = calloc(n, sizeof *y0);
  pn_status st = h.scale && h.y && h.v && y0 ? pn_spectrum_new(r->sim, &h.spectrum) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_op_solve(r, y0, false, NULL);
  if (st == PN_OK) {
    set_scale(&h, y0);
    h.e = (pn_equilibria){.n = h.n, .scale = h.scale};
    st = find_all(&h, y0);
  }
  if (st == PN_OK)
    st = report(&h);
  pn_equilibria_free(&h.e);
  pn_spectrum_free(h.spectrum);
  free(h.scale);
  free(h.y);
  free(h.v);
  free(y0);
  return st;
}

const pn_analysis pn_analysis_equilibria = {
    .name = "equilibria",
    .help = ".equilibria [op] [most=N] [starts=N]",
    .parse = parse,
    .run = run_equilibria,
};
