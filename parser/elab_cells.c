/* Values of an array's cells: one for all, a CSV file, or a distribution whose draws depend only on
 * the seed, the key and the cell; and the states that give memristors their target conductances. */
#include "base/csvmatrix.h"
#include "base/random.h"
#include "parser/elab.h"

#include <math.h>
#include <string.h>

enum { L = PN_LANES, BISECTIONS = 60 };

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
  if (kind == UNIFORM)
    pn_random_uniforms(&key, 0, n, at);
  for (size_t k = 0; k < n; k++)
    at[k] = kind == NORMAL      ? a + b * pn_random_normal(&key, (uint32_t)k)
            : kind == LOGNORMAL ? a * exp(b * pn_random_normal(&key, (uint32_t)k))
                                : a + (b - a) * at[k];
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
  for (int j = 0; j < 2; j++)
    pn_presume(c->s, &v[j]);
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

/* A block of cells at one voltage. */
typedef struct probe {
  const pn_cells *c;
  const pn_cell_kind *kind;
  const pn_memristor *m;
  pn_mem_block b;
  double *p, *x, *h;  /* [n_params + n_derived][L], [n_states][L], [n_hist][L] */
  double *one, *past; /* [n_params + n_derived], [n_hist] of one cell */
} probe;

static double *rows(const probe *r, int n)
{
  return PN_NEW_ARRAY(r->c->s->e->arena, double, (size_t)(n + 1) * L);
}

static probe new_probe(const pn_cells *c, const pn_cell_kind *kind, double volts)
{
  const pn_memristor *m = kind->cls->mem;
  int ns = m->n_states, np = m->n_params + m->n_derived;
  probe r = {.c = c, .kind = kind, .m = m};
  double *v = rows(&r, 1);
  for (int l = 0; l < L; l++)
    v[l] = volts;
  r.p = rows(&r, np);
  r.x = rows(&r, ns);
  r.h = rows(&r, m->n_hist);
  r.one = rows(&r, np);
  r.past = rows(&r, m->n_hist);
  r.b = (pn_mem_block){.p = r.p,
                       .v = v,
                       .x = r.x,
                       .h = r.h,
                       .i = rows(&r, 1),
                       .i_v = rows(&r, 1),
                       .i_x = rows(&r, ns),
                       .g = rows(&r, ns),
                       .g_v = rows(&r, ns),
                       .g_x = rows(&r, ns * ns),
                       .work = rows(&r, m->n_work),
                       .n = L};
  return r;
}

/* Puts a cell, as it starts, into lane l. */
static void put_cell(probe *r, int l, long cell)
{
  const pn_memristor *m = r->m;
  const pn_cell_kind *kind = r->kind;
  double temp = r->c->s->e->n->options.temp;
  memcpy(r->one, kind->params, (size_t)m->n_params * sizeof *r->one);
  for (int k = 0; k < kind->n_over; k++)
    r->one[kind->over_index[k]] = kind->over[k][cell];
  if (kind->warm)
    temp = (kind->warm[cell].own > 0 ? kind->warm[cell].own : temp) + kind->warm[cell].above;
  if (m->derive)
    m->derive(m, r->one, fmax(temp, 1e-3));
  if (m->init_hist)
    m->init_hist(m, r->one, r->past);
  for (int k = 0; k < m->n_params + m->n_derived; k++)
    r->p[k * L + l] = r->one[k];
  for (int k = 0; k < m->n_states; k++)
    r->x[k * L + l] = m->states[k].p_init >= 0 ? r->one[m->states[k].p_init] : 0;
  for (int k = 0; k < m->n_hist; k++)
    r->h[k * L + l] = r->past[k];
}

void pn_cells_conductance(const pn_cells *c, const pn_cell_kind *kind, const int *cell, long n,
                          double volts, double *g)
{
  probe r = new_probe(c, kind, volts);
  for (long first = 0; first < n; first += L) {
    for (int l = 0; l < L; l++)
      put_cell(&r, l, cell[first + l < n ? first + l : n - 1]);
    r.m->eval(r.m, &r.b);
    for (int l = 0; l < L && first + l < n; l++)
      g[first + l] = r.b.i[l] / volts;
  }
}

/* One lane's search for the state between low and high that has the conductance g; both S at the bounds. */
typedef struct state_search {
  double low, high, g, g_low, g_high;
  bool sought;
} state_search;

/* The lanes' conductances at the states x: of the bound `low` or `high`, or halfway. */
typedef enum place { AT_LOW, AT_HIGH, HALFWAY } place;
static void eval_at(probe *r, const state_search *z, place where)
{
  for (int l = 0; l < L; l++)
    r->x[l] = where == AT_LOW    ? z[l].low
              : where == AT_HIGH ? z[l].high
                                 : 0.5 * (z[l].low + z[l].high);
  r->m->eval(r->m, &r->b);
}

/* Bounds of a block's searches; false after reporting a cell that no state serves. */
static bool start_search(probe *r, state_search *z, const double *g, long first, long n, pn_loc loc)
{
  const pn_mem_state *s = &r->m->states[0];
  double volts = r->b.v[0];
  for (int l = 0; l < L; l++) {
    long cell = first + l < n ? first + l : n - 1;
    put_cell(r, l, cell);
    z[l] = (state_search){.low = r->p[s->p_min * L + l],
                          .high = r->p[s->p_max * L + l],
                          .g = g[cell],
                          .sought = first + l < n && g[cell] > 0};
  }
  eval_at(r, z, AT_LOW);
  for (int l = 0; l < L; l++)
    z[l].g_low = r->b.i[l] / volts;
  eval_at(r, z, AT_HIGH);
  for (int l = 0; l < L; l++)
    z[l].g_high = r->b.i[l] / volts;
  for (int l = 0; l < L; l++)
    if (z[l].sought && !((z[l].g - z[l].g_low) * (z[l].g_high - z[l].g) >= 0)) {
      pn_error(r->c->s->e->diag, loc,
               "cell [%ld][%ld]: no state of '%.*s' has %g S at %g V: %g to %g S",
               (first + l) / r->c->cols, (first + l) % r->c->cols, PN_FMT(r->kind->model), z[l].g,
               volts, fmin(z[l].g_low, z[l].g_high), fmax(z[l].g_low, z[l].g_high));
      return false;
    }
  return true;
}

bool pn_cells_solve(const pn_cells *c, const pn_cell_kind *kind, const double *g, double volts,
                    pn_loc loc, double *x)
{
  const pn_memristor *m = kind->cls->mem;
  const pn_mem_state *s = &m->states[0];
  if (m->n_states == 0 || s->p_min < 0 || s->p_max < 0 || s->p_init < 0) {
    pn_error(
        c->s->e->diag, loc,
        "model '%.*s' has no bounded first state to solve g= for: give x0=", PN_FMT(kind->model));
    return false;
  }
  probe r = new_probe(c, kind, volts);
  long n = (long)c->rows * c->cols;
  for (long first = 0; first < n; first += L) {
    state_search z[L];
    if (!start_search(&r, z, g, first, n, loc))
      return false;
    for (int k = 0; k < BISECTIONS; k++) {
      eval_at(&r, z, HALFWAY);
      for (int l = 0; l < L; l++)
        *((r.b.i[l] / volts < z[l].g) == (z[l].g_high > z[l].g_low) ? &z[l].low
                                                                    : &z[l].high) = r.x[l];
    }
    for (int l = 0; l < L && first + l < n; l++)
      x[first + l] = z[l].sought ? 0.5 * (z[l].low + z[l].high) : z[l].low;
  }
  return true;
}
