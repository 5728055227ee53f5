/* Values of an array's cells: one for all, a CSV file, or a distribution whose draws depend only on
 * the seed, the key and the cell; and the states that give memristors their target conductances. */
#include "base/csvmatrix.h"
#include "base/random.h"
#include "parser/elab.h"

#include <math.h>
#include <string.h>

enum { L = PN_LANES, MOST_STATES = 16, BISECTIONS = 60 };

/* ---- distributions ---- */

typedef enum distribution { NORMAL, LOGNORMAL, UNIFORM, N_DISTRIBUTIONS } distribution;
static const char *const names[N_DISTRIBUTIONS] = {"normal", "lognormal", "uniform"};
static const char *const forms[N_DISTRIBUTIONS] = {
    "normal(mean, sigma)", "lognormal(median, sigma of the logarithm)", "uniform(low, high)"};

/* The key's name and the cell's number choose the draw. */
static void fill(const pn_cells *c, distribution kind, pn_str what, double a, double b, double *at)
{
  size_t n = (size_t)c->rows * (size_t)c->cols;
  pn_random_key key = {.seed = c->seed, .device = pn_random_hash(what)};
  for (size_t k = 0; k < n; k++)
    at[k] = kind == NORMAL      ? a + b * pn_random_normal(&key, (uint32_t)k)
            : kind == LOGNORMAL ? a * exp(b * pn_random_normal(&key, (uint32_t)k))
                                : a + (b - a) * pn_random_uniform(&key, (uint32_t)k);
}

/* ---- reading ---- */

static bool read_distribution(const pn_cells *c, const pn_card *card, int *k, distribution kind,
                              pn_str what, double **at)
{
  pn_diag *d = c->s->e->diag;
  pn_loc loc = pn_at(c->s, card, *k);
  pn_num v[2];
  int n = 0;
  *k += 2;
  while (*k < card->n && !pn_tok_is(card, *k, PN_T_RPAREN) && n < 2) {
    if (pn_tok_is(card, *k, PN_T_COMMA))
      ++*k;
    else if (!pn_read_num(c->s, card, k, &v[n++]))
      return false;
  }
  bool sense = n == 2 && (kind == UNIFORM ? v[0].value <= v[1].value : v[1].value >= 0) &&
               (kind != LOGNORMAL || v[0].value > 0);
  if (!sense || !pn_tok_is(card, *k, PN_T_RPAREN)) {
    pn_error_hint(d, loc, forms[kind], "the numbers of '%s' are not a distribution", names[kind]);
    return false;
  }
  ++*k;
  *at = PN_NEW_ARRAY(c->s->e->arena, double, (size_t)c->rows *(size_t)c->cols);
  fill(c, kind, what, v[0].value, v[1].value, *at);
  return true;
}

static bool read_file(const pn_cells *c, const pn_card *card, int *k, double **at)
{
  pn_elab *e = c->s->e;
  pn_loc loc = pn_at(c->s, card, *k + 2);
  pn_matrix m;
  if (!(pn_tok_is(card, *k + 2, PN_T_STRING) || pn_tok_is(card, *k + 2, PN_T_WORD)) ||
      !pn_tok_is(card, *k + 3, PN_T_RPAREN)) {
    pn_error_hint(e->diag, loc, "file(\"g.csv\")", "the name of the file is missing");
    return false;
  }
  if (pn_matrix_read(e->arena, e->diag, e->n->options.folder, e->n->options.untrusted,
                     card->tokens[*k + 2].text, loc, &m))
    return false;
  if (c->parts && m.rows == c->rows && m.cols > c->cols && m.cols % c->cols == 0)
    *c->parts = m.cols / c->cols;
  if (m.rows != c->rows || m.cols != (c->parts ? *c->parts : 1) * c->cols) {
    pn_error(e->diag, loc, "'%.*s' has %d rows of %d numbers, but the array %d rows of %d cells",
             PN_FMT(card->tokens[*k + 2].text), m.rows, m.cols, c->rows, c->cols);
    return false;
  }
  *k += 4;
  *at = m.at;
  return true;
}

bool pn_cells_read(const pn_cells *c, const pn_card *card, int *k, pn_str what, double **at,
                   pn_num *one)
{
  *at = NULL;
  *one = (pn_num){0};
  if (pn_tok_is(card, *k, PN_T_WORD) && pn_tok_is(card, *k + 1, PN_T_LPAREN)) {
    if (pn_tok_word(card, *k, "file"))
      return read_file(c, card, k, at);
    for (int d = 0; d < N_DISTRIBUTIONS; d++)
      if (pn_tok_word(card, *k, names[d]))
        return read_distribution(c, card, k, (distribution)d, what, at);
  }
  return pn_read_num(c->s, card, k, one);
}

/* ---- conductances of memristors ---- */

/* A block of equal devices but for their first state. */
typedef struct probe {
  const pn_memristor *m;
  pn_mem_block b;
  double *x; /* [n_states][L] */
} probe;

static probe new_probe(pn_elab *e, const pn_device_class *cls, const double *params, double volts)
{
  const pn_memristor *m = cls->mem;
  size_t ns = (size_t)m->n_states, np = (size_t)(m->n_params + m->n_derived);
  double *p = PN_NEW_ARRAY(e->arena, double, np + 1);
  memcpy(p, params, (size_t)m->n_params * sizeof *p);
  if (m->derive)
    m->derive(m, p, e->n->options.temp);
  double *block = PN_NEW_ARRAY(e->arena, double, np *L), *v = PN_NEW_ARRAY(e->arena, double, L);
  probe r = {.m = m, .x = PN_NEW_ARRAY(e->arena, double, (ns + 1) * L)};
  double *h = PN_NEW_ARRAY(e->arena, double, (size_t)(m->n_hist + 1) * (L + 1));
  double *first = h + (size_t)(m->n_hist + 1) * L;
  if (m->init_hist)
    m->init_hist(m, p, first);
  for (int l = 0; l < L; l++) {
    v[l] = volts;
    for (size_t k = 0; k < np; k++)
      block[k * L + (size_t)l] = p[k];
    for (size_t k = 0; k < ns; k++)
      r.x[k * L + (size_t)l] = m->states[k].p_init >= 0 ? p[m->states[k].p_init] : 0;
    for (int k = 0; k < m->n_hist; k++)
      h[k * L + l] = first[k];
  }
  r.b = (pn_mem_block){.p = block, .v = v, .x = r.x, .h = h, .temp = e->n->options.temp, .n = L};
  double **out[] = {&r.b.i, &r.b.i_v};
  for (size_t k = 0; k < 2; k++)
    *out[k] = PN_NEW_ARRAY(e->arena, double, L);
  r.b.i_x = PN_NEW_ARRAY(e->arena, double, (ns + 1) * L);
  r.b.g = PN_NEW_ARRAY(e->arena, double, (ns + 1) * L);
  r.b.g_v = PN_NEW_ARRAY(e->arena, double, (ns + 1) * L);
  r.b.g_x = PN_NEW_ARRAY(e->arena, double, (ns * ns + 1) * L);
  r.b.work = PN_NEW_ARRAY(e->arena, double, (size_t)(m->n_work + 1) * L);
  return r;
}

double pn_cells_conductance(pn_elab *e, const pn_device_class *cls, const double *p, double x,
                            double volts)
{
  probe r = new_probe(e, cls, p, volts);
  for (int l = 0; l < L; l++)
    r.x[l] = x;
  r.m->eval(r.m, &r.b);
  return r.b.i[0] / volts;
}

bool pn_cells_solve(const pn_cells *c, const pn_model *m, const double *g, long n, double volts,
                    pn_loc loc, double *x)
{
  pn_elab *e = c->s->e;
  const pn_mem_state *s = &m->mem->states[0];
  probe r = new_probe(e, m->cls, m->params, volts);
  bool bounded = m->mem->n_states > 0 && s->p_min >= 0 && s->p_max >= 0 && s->p_init >= 0;
  double low = bounded ? m->params[s->p_min] : 0, high = bounded ? m->params[s->p_max] : 0;
  double g_low = pn_cells_conductance(e, m->cls, m->params, low, volts);
  double g_high = pn_cells_conductance(e, m->cls, m->params, high, volts);
  if (!bounded || !isfinite(g_low) || !isfinite(g_high)) {
    pn_error(e->diag, loc,
             "model '%.*s' has no bounded first state to solve g= for: give x0=", PN_FMT(m->name));
    return false;
  }
  for (long first = 0; first < n; first += L) {
    double lo[L], hi[L];
    int lanes = n - first < L ? (int)(n - first) : L;
    for (int l = 0; l < lanes; l++) {
      if (!((g[first + l] - g_low) * (g_high - g[first + l]) >= 0)) {
        pn_error(e->diag, loc, "cell [%ld][%ld]: no state of '%.*s' has %g S at %g V: %g to %g S",
                 (first + l) / c->cols, (first + l) % c->cols, PN_FMT(m->name), g[first + l], volts,
                 fmin(g_low, g_high), fmax(g_low, g_high));
        return false;
      }
      lo[l] = low;
      hi[l] = high;
    }
    for (int k = 0; k < BISECTIONS; k++) {
      for (int l = 0; l < lanes; l++)
        r.x[l] = 0.5 * (lo[l] + hi[l]);
      m->mem->eval(m->mem, &r.b);
      for (int l = 0; l < lanes; l++)
        *((r.b.i[l] / volts < g[first + l]) == (g_high > g_low) ? &lo[l] : &hi[l]) = r.x[l];
    }
    for (int l = 0; l < lanes; l++)
      x[first + l] = 0.5 * (lo[l] + hi[l]);
  }
  return true;
}
