/* Words of a .model card that say how its devices differ:
 *   dist(P)=LAW(S[,CUT])  from device to device    c2c(P)=LAW(S[,CUT])  from cycle to cycle
 *   corr(P,Q)=R           between two of dist      stuck(max|min)=PROBABILITY
 *   noise(P)=LAW(S[,CUT])  anew every noise(dt)   noise(read)=S noise(dt)=T
 *   noise(kf)=K noise(af)=2 noise(ef)=1   rtn(a|up|down)=   retention(tau|x)=   drift(nu|t0)=
 * LAW: normal, lognormal, uniform (relative), normal_abs, uniform_abs. */
#include "parser/elab.h"

#include <string.h>

enum { MOST_LAWS = 64 };

typedef struct reader {
  pn_model *m;
  pn_variation v;
  pn_law device[MOST_LAWS], cycle[MOST_LAWS], fluctuation[MOST_LAWS];
  struct {
    int a, b; /* parameters */
    double rho;
    pn_loc loc;
  } corr[MOST_LAWS];
  int n_corr;
  bool any;
} reader;

static const char *const words[] = {"dist",  "c2c", "corr",      "stuck",
                                    "noise", "rtn", "retention", "drift"};

bool pn_is_variation(const pn_card *c, int k)
{
  bool known = false;
  for (size_t j = 0; j < sizeof words / sizeof *words; j++)
    known |= pn_tok_word(c, k, words[j]);
  return known && pn_tok_is(c, k + 1, PN_T_LPAREN) && pn_tok_is(c, k + 2, PN_T_WORD);
}

/* Behind the word at token k: its name in parentheses, "=", and a value, maybe with arguments. */
int pn_skip_variation(const pn_card *c, int k)
{
  while (k < c->n && !pn_tok_is(c, k, PN_T_EQUALS))
    k++;
  k += 2;
  if (pn_tok_is(c, k, PN_T_LPAREN) && pn_tok_is(c, k - 1, PN_T_WORD)) {
    while (k < c->n && !pn_tok_is(c, k, PN_T_RPAREN))
      k++;
    k++;
  }
  return k < c->n ? k : c->n;
}

static bool fail(reader *r, int token, const char *text)
{
  r->m->failed = true;
  pn_error(r->m->scope->e->diag, pn_at(r->m->scope, r->m->card, token), "%s", text);
  return false;
}

static bool number(reader *r, int *k, double *out)
{
  pn_num v;
  if (!pn_read_num(r->m->scope, r->m->card, k, &v))
    return !(r->m->failed = true);
  *out = v.value;
  return true;
}

static int param(reader *r, int token)
{
  const pn_device_class *cls = r->m->cls;
  int k = pn_param_of(r->m->scope, cls->params, cls->n_params, r->m->card->tokens[token].text,
                      PN_P_MODEL, r->m->type, pn_at(r->m->scope, r->m->card, token));
  r->m->failed |= k < 0;
  return k;
}

static bool law_kind(const pn_card *c, int k, pn_law *law)
{
  static const struct {
    const char *name;
    pn_law_kind kind;
    bool absolute;
  } known[] = {{"normal", PN_LAW_NORMAL, false},
               {"normal_abs", PN_LAW_NORMAL, true},
               {"lognormal", PN_LAW_LOGNORMAL, false},
               {"uniform", PN_LAW_UNIFORM, false},
               {"uniform_abs", PN_LAW_UNIFORM, true}};
  for (size_t j = 0; j < sizeof known / sizeof *known; j++)
    if (pn_tok_word(c, k, known[j].name)) {
      law->kind = known[j].kind;
      law->absolute = known[j].absolute;
      return true;
    }
  return false;
}

static bool is_law(const pn_card *c, int k)
{
  pn_law law;
  return law_kind(c, k, &law) && pn_tok_is(c, k + 1, PN_T_LPAREN);
}

/* dist(P)=LAW(S[,CUT]), c2c(P)=... and noise(P)=...; k: the word. */
static bool read_law(reader *r, int k, pn_law *list, int *n)
{
  const pn_card *c = r->m->card;
  pn_law law = {.param = param(r, k + 2), .cut = INFINITY};
  if (law.param < 0)
    return false;
  if (*n == MOST_LAWS)
    return fail(r, k, "a model has at most 64 laws of variation");
  int at = k + 5;
  if (!pn_tok_is(c, k + 3, PN_T_RPAREN) || !pn_tok_is(c, k + 4, PN_T_EQUALS) ||
      !law_kind(c, at, &law) || !pn_tok_is(c, at + 1, PN_T_LPAREN))
    return fail(
        r, at < c->n ? at : k,
        "a variation is written NAME(PARAMETER)=LAW(SPREAD[,CUT]), with the law normal, lognormal, "
        "uniform, normal_abs or uniform_abs");
  int where = at += 2;
  if (!number(r, &at, &law.spread))
    return false;
  if (pn_tok_is(c, at, PN_T_COMMA)) {
    at++;
    if (!number(r, &at, &law.cut))
      return false;
  }
  if (!pn_tok_is(c, at, PN_T_RPAREN) || !(law.spread >= 0) || !isfinite(law.spread) ||
      !(law.cut > 0.01))
    return fail(r, where,
                "the spread must be at least 0, and the cut (in standard deviations) above 0.01");
  for (int j = 0; j < *n; j++)
    if (list[j].param == law.param)
      return fail(r, k + 2, "this parameter has a law already");
  list[(*n)++] = law;
  return true;
}

/* corr(P,Q)=R */
static bool read_corr(reader *r, int k)
{
  const pn_card *c = r->m->card;
  if (!pn_tok_is(c, k + 3, PN_T_COMMA) || !pn_tok_is(c, k + 4, PN_T_WORD) ||
      !pn_tok_is(c, k + 5, PN_T_RPAREN) || !pn_tok_is(c, k + 6, PN_T_EQUALS) ||
      r->n_corr == MOST_LAWS)
    return fail(r, k, "a correlation is written corr(P,Q)=R");
  int a = param(r, k + 2), b = param(r, k + 4), at = k + 7, n = r->n_corr;
  if (a < 0 || b < 0 || !number(r, &at, &r->corr[n].rho))
    return false;
  if (a == b || !(fabs(r->corr[n].rho) < 1))
    return fail(r, k, "a correlation joins two parameters, and lies between -1 and 1");
  r->corr[n].a = a;
  r->corr[n].b = b;
  r->corr[n].loc = pn_at(r->m->scope, c, k);
  r->n_corr++;
  return true;
}

/* WORD(NAME)=NUMBER. */
static bool read_number(reader *r, int k)
{
  static const struct {
    const char *word, *name;
    size_t at;
    double min, max;
  } known[] = {
      {"stuck", "max", offsetof(pn_variation, stuck_max), 0, 1},
      {"stuck", "min", offsetof(pn_variation, stuck_min), 0, 1},
      {"noise", "read", offsetof(pn_variation, read), 0, 1},
      {"noise", "dt", offsetof(pn_variation, read_dt), 1e-18, 1e18},
      {"noise", "kf", offsetof(pn_variation, flicker), 0, 1e30},
      {"noise", "af", offsetof(pn_variation, flicker_af), 0, 4},
      {"noise", "ef", offsetof(pn_variation, flicker_ef), 0.01, 4},
      {"rtn", "a", offsetof(pn_variation, rtn), -0.999, 1e3},
      {"rtn", "up", offsetof(pn_variation, rtn_up), 1e-18, 1e18},
      {"rtn", "down", offsetof(pn_variation, rtn_down), 1e-18, 1e18},
      {"retention", "tau", offsetof(pn_variation, retention_tau), 1e-18, 1e30},
      {"retention", "x", offsetof(pn_variation, retention_x), -1e30, 1e30},
      {"drift", "nu", offsetof(pn_variation, drift_nu), -10, 10},
      {"drift", "t0", offsetof(pn_variation, drift_t0), 1e-18, 1e30},
  };
  const pn_card *c = r->m->card;
  int at = k + 5;
  double value;
  for (size_t j = 0; j < sizeof known / sizeof *known; j++) {
    if (!pn_tok_word(c, k, known[j].word) || !pn_tok_word(c, k + 2, known[j].name))
      continue;
    if (!pn_tok_is(c, k + 3, PN_T_RPAREN) || !pn_tok_is(c, k + 4, PN_T_EQUALS))
      return fail(r, k, "expected NAME(PART)=NUMBER");
    if (!number(r, &at, &value))
      return false;
    if (!(value >= known[j].min && value <= known[j].max)) {
      r->m->failed = true;
      pn_error(r->m->scope->e->diag, pn_at(r->m->scope, c, k), "%s(%s) must lie between %g and %g",
               known[j].word, known[j].name, known[j].min, known[j].max);
      return false;
    }
    *(double *)((char *)&r->v + known[j].at) = value;
    return true;
  }
  return fail(
      r, k + 2,
      "unknown part: stuck(max|min), noise(read|dt|kf|af|ef), rtn(a|up|down), retention(tau|x), "
      "drift(nu|t0)");
}

static int law_of(const reader *r, int p)
{
  for (int k = 0; k < r->v.n_device; k++)
    if (r->device[k].param == p)
      return k;
  return -1;
}

/* Cholesky's factor of the correlations. */
static bool mix(reader *r)
{
  int n = r->v.n_device;
  if (!r->n_corr)
    return true;
  double *a = PN_NEW_ARRAY(r->m->scope->e->arena, double, (size_t)n *(size_t)n + 1);
  for (int k = 0; k < n; k++)
    a[k * n + k] = 1;
  for (int k = 0; k < r->n_corr; k++) {
    int i = law_of(r, r->corr[k].a), j = law_of(r, r->corr[k].b);
    if (i < 0 || j < 0) {
      r->m->failed = true;
      pn_error(r->m->scope->e->diag, r->corr[k].loc, "both parameters of corr() need a dist()");
      return false;
    }
    a[(i > j ? i : j) * n + (i > j ? j : i)] = r->corr[k].rho;
  }
  for (int j = 0; j < n; j++)
    for (int i = j; i < n; i++) {
      double sum = a[i * n + j];
      for (int k = 0; k < j; k++)
        sum -= a[i * n + k] * a[j * n + k];
      if (i == j && !(sum > 1e-12)) {
        r->m->failed = true;
        pn_error(r->m->scope->e->diag, r->corr[0].loc, "these correlations contradict each other");
        return false;
      }
      a[i * n + j] = i == j ? sqrt(sum) : sum / a[j * n + j];
    }
  r->v.mix = a;
  return true;
}

static bool check(reader *r, int first)
{
  const pn_variation *v = &r->v;
  bool memory = v->n_cycle || v->n_fluctuation || v->stuck_max > 0 || v->stuck_min > 0 ||
                v->read > 0 || v->flicker > 0 || v->rtn != 0 || v->retention_tau > 0 ||
                v->drift_nu != 0;
  if (memory && !r->m->mem)
    return fail(r, first, "only memristors have cycles, stuck cells, noise, retention and drift");
  if ((v->read > 0 || v->n_fluctuation) && v->read_dt == 0)
    return fail(r, first,
                "noise(read) and noise(PARAMETER) need noise(dt): how long one value lasts, s");
  for (int k = 0; k < v->n_fluctuation; k++)
    for (int j = 0; j < v->n_cycle; j++)
      if (r->cycle[j].param == r->fluctuation[k].param)
        return fail(r, first, "a parameter has either c2c or noise");
  if (v->rtn != 0 && (v->rtn_up == 0 || v->rtn_down == 0))
    return fail(r, first, "rtn(a) needs the rates rtn(up) and rtn(down), 1/s");
  if (v->drift_nu != 0 && v->drift_t0 == 0)
    return fail(r, first, "drift(nu) needs drift(t0), s");
  if (v->stuck_max + v->stuck_min > 1)
    return fail(r, first, "the probabilities of stuck cells sum to more than 1");
  return true;
}

static pn_law *keep(pn_arena *a, const pn_law *list, int n)
{
  pn_law *copy = PN_NEW_ARRAY(a, pn_law, n + 1);
  memcpy(copy, list, (size_t)n * sizeof *copy);
  return copy;
}

void pn_model_variation(pn_model *m)
{
  const pn_card *c = m->card;
  pn_arena *a = m->scope->e->arena;
  int first = -1;
  for (int k = 3; k < c->n && first < 0; k++)
    if (pn_is_variation(c, k))
      first = k;
  if (first < 0 || m->failed)
    return;
  reader *r = PN_NEW(a, reader);
  r->m = m;
  r->v.flicker_af = 2; /* a conductance that fluctuates: S_G/G^2 = kf/f */
  r->v.flicker_ef = 1;
  for (int k = first; k < c->n && !m->failed; k++) {
    if (!pn_is_variation(c, k))
      continue;
    if (pn_tok_word(c, k, "dist"))
      read_law(r, k, r->device, &r->v.n_device);
    else if (pn_tok_word(c, k, "c2c"))
      read_law(r, k, r->cycle, &r->v.n_cycle);
    else if (pn_tok_word(c, k, "noise") && is_law(c, k + 5))
      read_law(r, k, r->fluctuation, &r->v.n_fluctuation);
    else if (pn_tok_word(c, k, "corr"))
      read_corr(r, k);
    else
      read_number(r, k);
  }
  if (m->failed || !mix(r) || !check(r, first))
    return;
  pn_variation *v = PN_NEW(a, pn_variation);
  *v = r->v;
  v->device = keep(a, r->device, v->n_device);
  v->cycle = keep(a, r->cycle, v->n_cycle);
  v->fluctuation = keep(a, r->fluctuation, v->n_fluctuation);
  m->variation = v;
}
