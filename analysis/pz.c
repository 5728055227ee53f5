/* .pz: poles and zeros of a transfer function at the operating point. Poles are the values of s at
 * which G + s C is singular, zeros those at which the pencil bordered by input and output is; both come
 * from one dense generalised eigenvalue problem each. States of memristors take part. */
#include "analysis/frequency.h"
#include "analysis/list.h"
#include "solver/eigen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_UNKNOWNS = 1000 };

typedef struct pz_args {
  int in_p, in_n, out_p, out_n; /* nodes */
  int source;                   /* branch of a voltage source across the input, or -1 */
  bool by_voltage, poles, zeros;
} pz_args;

static bool node_of(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_arg *arg, int *id)
{
  *id = pn_circuit_find_node(c, arg->text);
  if (*id >= PN_GROUND)
    return true;
  return pn_error(d, arg->loc, "there is no node '%.*s'%s", PN_FMT(arg->text),
                  pn_did_you_mean(a, pn_circuit_nearest_node(c, arg->text))),
         false;
}

static int source_across(const pn_circuit *c, int p, int n)
{
  for (int k = 0; k < pn_circuit_n_devices(c); k++) {
    pn_device_info info = pn_circuit_device_info(c, k);
    if (info.cls->letter == 'v' && ((info.unknowns[0] == p && info.unknowns[1] == n) ||
                                    (info.unknowns[0] == n && info.unknowns[1] == p)))
      return pn_circuit_branch(c, k, 0);
  }
  return -1;
}

static void *parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                   const pn_resolver *params, const pn_options *o)
{
  (void)params, (void)o;
  pz_args *p = PN_NEW(a, pz_args);
  int *nodes[] = {&p->in_p, &p->in_n, &p->out_p, &p->out_n};
  pn_str kind = args->n == 6 ? args->at[4].text : PN_STR("");
  pn_str what = args->n == 6 ? args->at[5].text : PN_STR("");
  p->by_voltage = pn_str_is(kind, "vol");
  p->poles = pn_str_is(what, "pol") || pn_str_is(what, "pz");
  p->zeros = pn_str_is(what, "zer") || pn_str_is(what, "pz");
  if ((!p->by_voltage && !pn_str_is(kind, "cur")) || (!p->poles && !p->zeros))
    return pn_error_hint(d, args->loc, pn_analysis_pz.help, ".pz needs four nodes and two words"),
           NULL;
  for (int k = 0; k < 4; k++)
    if (!node_of(a, d, c, &args->at[k], nodes[k]))
      return NULL;
  if (p->in_p == p->in_n || p->out_p == p->out_n)
    return pn_error(d, args->loc, ".pz: the two nodes of a port are the same"), NULL;
  p->source = p->by_voltage ? source_across(c, p->in_p, p->in_n) : -1;
  if (pn_circuit_n(c) > MOST_UNKNOWNS)
    return pn_error(d, args->loc, ".pz: %d unknowns are too many (at most %d)", pn_circuit_n(c),
                    MOST_UNKNOWNS),
           NULL;
  return p;
}

/* ---- the pencils ---- */

typedef struct work {
  const pn_run *r;
  const pz_args *p;
  int n;
  long entries;
  int *row, *col;    /* [entries] */
  double *tg, *tc;   /* [entries] */
  double *g, *c;     /* [(n+1)^2] by columns */
  double complex *s; /* [2 * (n+1)] poles, then zeros */
  int n_poles, n_zeros;
} work;

static void put(double *a, int m, int row, int col, double v)
{
  if (row >= 0 && col >= 0)
    a[(size_t)col * (size_t)m + (size_t)row] += v;
}

/* Values of s at which the pencil is singular; border: with input column and output row. */
static pn_status values(work *w, bool border, int out_p, int out_n, double complex *s, int *found)
{
  int m = w->n + border, in = w->n;
  memset(w->g, 0, (size_t)m * (size_t)m * sizeof *w->g);
  memset(w->c, 0, (size_t)m * (size_t)m * sizeof *w->c);
  for (long k = 0; k < w->entries; k++) {
    put(w->g, m, w->row[k], w->col[k], w->tg[k]);
    put(w->c, m, w->row[k], w->col[k], w->tc[k]);
  }
  if (border && w->p->source >= 0) {
    put(w->g, m, w->p->source, in, 1);
  } else if (border) {
    put(w->g, m, w->p->in_p, in, 1);
    put(w->g, m, w->p->in_n, in, -1);
  }
  if (border) {
    put(w->g, m, in, out_p, 1);
    put(w->g, m, in, out_n, -1);
  }
  pn_status st = pn_eigen_pencil(m, w->g, w->c, s, found);
  if (st == PN_E_SINGULAR)
    pn_error(w->r->diag, PN_NOWHERE,
             border ? ".pz: the input does not reach the output"
                    : ".pz: the equations do not determine the unknowns");
  return st;
}

/* Poles of V(out)/V(in) without a source across the input are the zeros of V(in)/I(in). */
static pn_status find(work *w)
{
  const pz_args *p = w->p;
  pn_status st = PN_OK;
  if (p->poles && p->by_voltage && p->source < 0)
    st = values(w, true, p->in_p, p->in_n, w->s, &w->n_poles);
  else if (p->poles)
    st = values(w, false, 0, 0, w->s, &w->n_poles);
  if (st == PN_OK && p->zeros)
    st = values(w, true, p->out_p, p->out_n, w->s + w->n_poles, &w->n_zeros);
  return st;
}

static pn_status allocate(work *w)
{
  w->entries = pn_sim_triplets(w->r->sim, NULL, NULL, NULL, NULL);
  size_t e = (size_t)w->entries + 1, m = (size_t)w->n + 1;
  w->row = calloc(e, sizeof *w->row);
  w->col = calloc(e, sizeof *w->col);
  w->tg = calloc(e, sizeof *w->tg);
  w->tc = calloc(e, sizeof *w->tc);
  w->g = calloc(m * m, sizeof *w->g);
  w->c = calloc(m * m, sizeof *w->c);
  w->s = calloc(2 * m, sizeof *w->s);
  if (!w->row || !w->col || !w->tg || !w->tc || !w->g || !w->c || !w->s)
    return PN_E_MEMORY;
  pn_sim_triplets(w->r->sim, w->row, w->col, w->tg, w->tc);
  return PN_OK;
}

/* ---- the result ---- */

static pn_status write(const work *w, const double *y)
{
  const pn_run *r = w->r;
  int n = w->n_poles + w->n_zeros;
  pn_column scale = {"pz", "notype", ""}, *columns = calloc((size_t)n + 1, sizeof *columns);
  pn_recorder *rec;
  if (!columns)
    return PN_E_MEMORY;
  for (int k = 0; k < n; k++) {
    bool pole = k < w->n_poles;
    columns[k] = (pn_column){pn_arena_printf(r->arena, "v(%s(%d))", pole ? "pole" : "zero",
                                             pole ? k + 1 : k - w->n_poles + 1),
                             "notype", "1/s"};
  }
  pn_status st = r->begin(r->user, &pn_analysis_pz, "Pole-Zero Analysis", scale, columns, n, true,
                          true, &rec);
  free(columns);
  if (st)
    return st;
  pn_recorder_extra_complex(rec, w->s);
  pn_point at = {.sim = r->sim, .y = y};
  st = pn_recorder_point(rec, &at);
  pn_status last = r->end(r->user, rec, st == PN_OK);
  for (int k = 0; k < n && st == PN_OK; k++) {
    char name[48];
    bool pole = k < w->n_poles;
    int number = pole ? k + 1 : k - w->n_poles + 1;
    snprintf(name, sizeof name, "%s%d_re", pole ? "pole" : "zero", number);
    r->found(r->user, name, creal(w->s[k]));
    snprintf(name, sizeof name, "%s%d_im", pole ? "pole" : "zero", number);
    r->found(r->user, name, cimag(w->s[k]));
  }
  return st ? st : last;
}

static pn_status run_pz(const pn_run *r, void *args)
{
  work w = {.r = r, .p = args, .n = pn_sim_n(r->sim)};
  double *y = calloc((size_t)w.n + 1, sizeof *y);
  pn_status st = y ? pn_op_solve(r, y, false, NULL) : PN_E_MEMORY;
  if (st == PN_OK)
    st = pn_sim_eval(r->sim, PN_SIM_TRAN, 0, y, true);
  if (st == PN_OK) {
    pn_sim_freeze_bounds(r->sim);
    st = allocate(&w);
  }
  if (st == PN_OK)
    st = find(&w);
  if (st == PN_OK)
    st = write(&w, y);
  void *all[] = {y, w.row, w.col, w.tg, w.tc, w.g, w.c, w.s};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    free(all[k]);
  return st;
}

const pn_analysis pn_analysis_pz = {
    .name = "pz",
    .help = ".pz IN+ IN- OUT+ OUT- vol|cur pol|zer|pz",
    .parse = parse,
    .run = run_pz,
    .own_columns = true,
};
