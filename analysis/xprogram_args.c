/* The arguments of .xprogram. */
#include "analysis/study_args.h"
#include "analysis/xprogram.h"

#include <math.h>
#include <string.h>

typedef struct reader {
  pn_study_reader by;
  xprogram_args *p;
} reader;

/* name=, gates, ladders, times and limits. */
static bool read_common(reader *r, const pn_arg *arg)
{
  xprogram_args *p = r->p;
  static const char volts[] = "a voltage", seconds[] = "a time above 0";
  const pn_study_range numbers[] = {
      {"vset", &p->set.v, NULL, -1e3, 1e3, volts},
      {"vreset", &p->reset.v, NULL, -1e3, 1e3, volts},
      {"setstep", &p->set.step, NULL, 0, 1e3, "a voltage from 0 on"},
      {"resetstep", &p->reset.step, NULL, 0, 1e3, "a voltage from 0 on"},
      {"setmax", &p->set.last, NULL, 0, 1e3, "the size of a voltage"},
      {"resetmax", &p->reset.last, NULL, 0, 1e3, "the size of a voltage"},
      {"width", &p->width, NULL, 1e-18, 1e6, seconds},
      {"edge", &p->edge, NULL, 1e-18, 1e6, seconds},
      {"gap", &p->gap, NULL, 0, 1e6, "a time from 0 on"},
      {"tol", &p->tolerance, NULL, 1e-9, 1, "a share between 0 and 1"},
      {"vread", &p->vread, NULL, -1e3, 1e3, volts},
      {"readwidth", &p->read_width, NULL, 0, 1e6, "a time from 0 on"},
      {"compliance", &p->compliance, NULL, 1e-18, 1e6, "a current above 0"},
      {"tries", NULL, &p->tries, 1, 1e6, "a number of pulses from 1 on"},
      {"passes", NULL, &p->passes, 1, 1000, "1 to 1000"}};
  return pn_study_option(&r->by, arg, &p->name, &p->write, numbers, PN_COUNT(numbers));
}

static bool read_target(reader *r, const pn_arg *arg)
{
  const pn_array *a = r->p->l->a;
  pn_matrix *m = &r->p->target;
  if (!pn_study_matrix(&r->by, arg, m))
    return false;
  if (m->rows != a->rows || m->cols != a->cols) {
    pn_error(r->by.diag, arg->loc, "'%.*s' has %d rows of %d numbers; '%.*s' is %d x %d",
             PN_FMT(arg->text), m->rows, m->cols, PN_FMT(a->name), a->rows, a->cols);
    return false;
  }
  for (int k = 0; k < m->rows * m->cols; k++)
    if (!(m->at[k] > 0)) {
      pn_error(r->by.diag, arg->loc,
               "'%.*s': the target of row %d, column %d is no conductance above 0",
               PN_FMT(arg->text), k / m->cols, k % m->cols);
      return false;
    }
  return true;
}

static bool read_order(reader *r, const pn_arg *arg)
{
  static const char *const words[] = {"rows", "cols", "snake"};
  int k = pn_study_choice(&r->by, arg, words, 3, "rows, cols or snake");
  r->p->order = (xprogram_order)(k > 0 ? k : 0);
  return k >= 0;
}

static bool read_integrate(reader *r, const pn_arg *arg)
{
  static const char *const words[] = {"moving", "all"};
  int k = pn_study_choice(&r->by, arg, words, 2, "moving or all");
  r->p->whole = k == 1;
  return k >= 0;
}

static bool read_option(void *user, const pn_arg *arg)
{
  reader *r = user;
  xprogram_args *p = r->p;
  if (!arg->key.n)
    return pn_study_flag(&r->by, arg, "energy", &p->energy);
  if (pn_str_is(arg->key, "target"))
    return read_target(r, arg);
  if (pn_str_is(arg->key, "scheme"))
    return pn_study_scheme(&r->by, arg, &p->write);
  if (pn_str_is(arg->key, "readscheme"))
    return pn_study_scheme(&r->by, arg, &p->read);
  if (pn_str_is(arg->key, "order"))
    return read_order(r, arg);
  if (pn_str_is(arg->key, "integrate"))
    return read_integrate(r, arg);
  if (pn_str_is(arg->key, "vgateread") && arg->is_num) {
    p->read.gate = arg->num;
    return true;
  }
  return read_common(r, arg);
}

static bool has_limits(const pn_lines *l, const pn_circuit *c)
{
  bool all = true;
  for (int k = 0; k < l->a->rows; k++)
    for (int j = 0; j < l->word[k].n; j++)
      all &= pn_circuit_device_info(c, l->word[k].source[j]).cls->n_params == 2;
  return all;
}

static const char *fault(reader *r, const pn_circuit *c)
{
  const xprogram_args *p = r->p;
  const char *why = pn_scheme_check(r->by.arena, &p->write, p->l);
  if (!why)
    why = pn_scheme_check(r->by.arena, &p->read, p->l);
  if (why)
    return why;
  if (!p->target.rows)
    return ".xprogram needs target=FILE, the conductances";
  if (p->l->a->per_cell != 1)
    return ".xprogram: the memories of a cell need bit lines of their own (lines=rccgg)";
  if (!(fabs(p->set.v) > 0) || !(fabs(p->reset.v) > 0) || !(fabs(p->vread) > 0))
    return ".xprogram needs vset=, vreset= and vread=";
  if (isnan(p->width))
    return ".xprogram needs width=, the time of a pulse";
  if (!isnan(p->compliance) && !has_limits(p->l, c))
    return "a compliance needs word-line sources that can limit: V1 wl1 0 0 ilim=1";
  return NULL;
}

static void finish_ladder(xprogram_ladder *l)
{
  double most = isnan(l->last) ? 2 * fabs(l->v) : fmax(l->last, fabs(l->v));
  l->last = copysign(most, l->v);
  l->step = copysign(l->step, l->v);
}

void *xprogram_parse(pn_arena *a, pn_diag *d, const pn_args *args, const pn_circuit *c,
                     const pn_resolver *params, const pn_options *o)
{
  (void)params;
  xprogram_args *p = PN_NEW(a, xprogram_args);
  *p = (xprogram_args){.tolerance = 0.05,
                       .set = {NAN, 0, NAN},
                       .reset = {NAN, 0, NAN},
                       .width = NAN,
                       .edge = NAN,
                       .vread = NAN,
                       .read_width = NAN,
                       .compliance = NAN,
                       .tries = 100,
                       .passes = 1};
  p->read.gate = NAN;
  pn_scheme_find(PN_STR("v/2"), &p->write);
  pn_scheme_find(PN_STR("ground"), &p->read);
  reader r = {{".xprogram", a, d, o}, p};
  if (!(p->l = pn_lines_find(a, d, c, args)))
    return NULL;
  if (!pn_study_each(&r.by, args, read_option, &r))
    return NULL;
  const char *why = fault(&r, c);
  if (why)
    return pn_error(d, args->loc, "%s", why), NULL;
  finish_ladder(&p->set);
  finish_ladder(&p->reset);
  p->edge = isnan(p->edge) ? p->width / 20 : p->edge;
  p->read_width = isnan(p->read_width) ? p->width : p->read_width;
  if (isnan(p->read.gate))
    p->read.gate = p->write.gate;
  return p;
}

int xprogram_cell_at(const xprogram_args *p, int k)
{
  int rows = p->l->a->rows, cols = p->l->a->cols;
  if (p->order == ORDER_COLS)
    return k % rows * cols + k / rows;
  int row = k / cols, col = k % cols;
  return p->order == ORDER_SNAKE && row % 2 ? row * cols + cols - 1 - col : k;
}
