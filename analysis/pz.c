/* .pz: poles and zeros of a transfer function at the operating point. Poles are the values of s at
 * which G + s C is singular, zeros those at which the pencil bordered by input and output is; of large circuits
 * those nearest to the origin or to a frequency are found. States of memristors take part. */
#include "analysis/frequency.h"
#include "analysis/keys.h"
#include "analysis/list.h"
#include "analysis/pencil.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NEAREST = 40, BORDER_ENTRIES = 4 };

typedef struct pz_args {
  int in_p, in_n, out_p, out_n; /* nodes */
  int source;                   /* branch of a voltage source across the input, or -1 */
  bool by_voltage, poles, zeros;
  int most;       /* of each; 0: all, or NEAREST in a large circuit */
  double near_to; /* Hz */
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
  pz_args *p = PN_NEW(a, pz_args);
  pn_reading in = {".pz", a, d, args, c, params, o};
  const pn_key keys[] = {{"most", PN_KEY_COUNT, &p->most, false},
                         {"near", PN_KEY_NUMBER, &p->near_to, false}};
  const pn_arg **words = PN_NEW_ARRAY(a, const pn_arg *, args->n + 1);
  int *nodes[] = {&p->in_p, &p->in_n, &p->out_p, &p->out_n}, n = 0;
  if (!pn_keys_read(&in, keys, 2, words, &n))
    return NULL;
  pn_str kind = n == 6 ? words[4]->text : PN_STR("");
  pn_str what = n == 6 ? words[5]->text : PN_STR("");
  p->by_voltage = pn_str_is(kind, "vol");
  p->poles = pn_str_is(what, "pol") || pn_str_is(what, "pz");
  p->zeros = pn_str_is(what, "zer") || pn_str_is(what, "pz");
  if ((!p->by_voltage && !pn_str_is(kind, "cur")) || (!p->poles && !p->zeros))
    return pn_error_hint(d, args->loc, pn_analysis_pz.help, ".pz needs four nodes and two words"),
           NULL;
  for (int k = 0; k < 4; k++)
    if (!node_of(a, d, c, words[k], nodes[k]))
      return NULL;
  if (p->in_p == p->in_n || p->out_p == p->out_n)
    return pn_error(d, args->loc, ".pz: the two nodes of a port are the same"), NULL;
  if (p->most > PN_PENCIL_MOST || !(p->near_to >= 0))
    return pn_error(d, args->loc, ".pz: most= goes up to %d, near= is a frequency from 0 on",
                    PN_PENCIL_MOST),
           NULL;
  p->source = p->by_voltage ? source_across(c, p->in_p, p->in_n) : -1;
  return p;
}

/* ---- the pencils ---- */

typedef struct work {
  const pn_run *r;
  const pz_args *p;
  pn_pencil pencil;  /* of n unknowns, with room for a border */
  long entries;      /* of it, without the border */
  int n, most;       /* most: 0: all */
  double complex *s; /* [2 * room] poles, then zeros */
  int n_poles, n_zeros;
} work;

static void put(pn_pencil *p, int row, int col, double v)
{
  p->row[p->entries] = row;
  p->col[p->entries] = col;
  p->g[p->entries] = v;
  p->c[p->entries++] = 0;
}

/* Input column and output row beside the pencil. */
static void put_border(const work *w, pn_pencil *p, int out_p, int out_n)
{
  int in = p->n++;
  if (w->p->source >= 0) {
    put(p, w->p->source, in, 1);
  } else {
    put(p, w->p->in_p, in, 1);
    put(p, w->p->in_n, in, -1);
  }
  put(p, in, out_p, 1);
  put(p, in, out_n, -1);
}

/* What was found of a large circuit, for the log. */
static void tell(const work *w, const char *what, int found, double radius)
{
  char line[160];
  snprintf(line, sizeof line, ".pz: %d %s of %d unknowns; all within %.6g 1/s of %.6g Hz", found,
           what, w->n, radius, w->p->near_to);
  w->r->say(w->r->user, line);
}

/* Values of s at which the pencil is singular; border: with input column and output row. */
static pn_status values(work *w, bool border, int out_p, int out_n, double complex *s, int *found)
{
  pn_pencil p = w->pencil;
  double radius;
  p.entries = w->entries;
  if (border)
    put_border(w, &p, out_p, out_n);
  pn_status st;
  if (w->most) {
    st = pn_pencil_nearest(&p, border, 2 * acos(-1) * w->p->near_to * I, w->most, s, found,
                           &radius);
    if (st == PN_OK)
      tell(w, border ? "zeros" : "poles", *found, radius);
  } else {
    st = pn_pencil_all(&p, border, s, found);
  }
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
  pn_pencil *p = &w->pencil;
  w->entries = pn_sim_triplets(w->r->sim, NULL, NULL, NULL, NULL);
  w->most = w->p->most ? w->p->most : w->n >= PN_PENCIL_DENSE || w->p->near_to > 0 ? NEAREST : 0;
  size_t e = (size_t)w->entries + BORDER_ENTRIES;
  size_t room = w->most ? 2 * (size_t)w->most : (size_t)w->n + 1;
  p->n = w->n;
  p->row = calloc(e, sizeof *p->row);
  p->col = calloc(e, sizeof *p->col);
  p->g = calloc(e, sizeof *p->g);
  p->c = calloc(e, sizeof *p->c);
  w->s = calloc(2 * room, sizeof *w->s);
  if (!p->row || !p->col || !p->g || !p->c || !w->s)
    return PN_E_MEMORY;
  w->entries = pn_sim_triplets(w->r->sim, p->row, p->col, p->g, p->c);
  return PN_OK;
}

/* ---- the result ---- */

static pn_status write(const work *w, const double *y)
{
  const pn_run *r = w->r;
  int n = w->n_poles + w->n_zeros;
  pn_column scale = {"pz", "notype", ""}, *columns = calloc((size_t)n + 1, sizeof *columns);
  char(*names)[32] = calloc((size_t)n + 1, sizeof *names);
  pn_recorder *rec;
  if (!columns || !names) {
    free(columns);
    free(names);
    return PN_E_MEMORY;
  }
  for (int k = 0; k < n; k++) {
    bool pole = k < w->n_poles;
    snprintf(names[k], sizeof names[k], "v(%s(%d))", pole ? "pole" : "zero",
             pole ? k + 1 : k - w->n_poles + 1);
    columns[k] = (pn_column){names[k], "notype", "1/s"};
  }
  pn_status st = r->begin(r->user, &pn_analysis_pz, "Pole-Zero Analysis", scale, columns, n, true,
                          true, &rec);
  free(columns);
  if (st) {
    free(names);
    return st;
  }
  pn_recorder_extra_complex(rec, w->s);
  pn_point at = {.sim = r->sim, .y = y};
  st = pn_recorder_point(rec, &at);
  pn_status last = r->end(r->user, rec, st == PN_OK);
  free(names);
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
  void *all[] = {y, w.pencil.row, w.pencil.col, w.pencil.g, w.pencil.c, w.s};
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    free(all[k]);
  return st;
}

const pn_analysis pn_analysis_pz = {
    .name = "pz",
    .help = ".pz IN+ IN- OUT+ OUT- vol|cur pol|zer|pz [most=N] [near=HZ]",
    .parse = parse,
    .run = run_pz,
    .own_columns = true,
};
