/* Arguments of small-signal analyses: frequencies, outputs and input sources. */
#include "analysis/frequency.h"

#include <math.h>

enum { MOST_POINTS = 100000000 };

double pn_frequency_at(const pn_frequencies *p, long k)
{
  if (p->points == 1)
    return p->from;
  if (p->kind == PN_FREQ_LIN)
    return p->from + (p->to - p->from) * (double)k / (double)(p->points - 1);
  double f = p->from * pow(p->kind == PN_FREQ_DEC ? 10 : 2, (double)k / p->n);
  return k == p->points - 1 && fabs(f - p->to) < 1e-9 * p->to ? p->to : f;
}

static bool count(pn_frequencies *p, pn_diag *d, const char *who, pn_loc loc)
{
  double n = p->n;
  if (p->kind != PN_FREQ_LIN)
    n = p->from > 0 ? floor(log(p->to / p->from) / log(p->kind == PN_FREQ_DEC ? 10 : 2) * p->n *
                                (1 + 1e-12) +
                            1e-9) +
                          1
                    : NAN;
  if (!(p->n >= 1) || !(p->from >= 0) || !(p->to >= p->from) || !(n >= 1))
    return pn_error(d, loc, "%s: needs points >= 1 and 0 < start <= stop (0 only with lin)", who),
           false;
  if (n > MOST_POINTS)
    return pn_error(d, loc, "%s: %g points are too many (at most %d)", who, n, MOST_POINTS), false;
  p->points = (long)n;
  return true;
}

bool pn_frequencies_read(pn_diag *d, const char *who, const pn_args *args, int *k,
                         pn_frequencies *f)
{
  static const char *const kinds[] = {"lin", "dec", "oct"};
  int kind = 0, at = *k;
  while (kind < 3 && !(at < args->n && pn_str_is(args->at[at].text, kinds[kind])))
    kind++;
  if (kind == 3 || at + 4 > args->n)
    return pn_error(d, at < args->n && kind == 3 ? args->at[at].loc : args->loc,
                    "%s: frequencies are written dec|oct|lin POINTS FSTART FSTOP", who),
           false;
  for (int j = at + 1; j < at + 4; j++)
    if (!args->at[j].is_num)
      return pn_error(d, args->at[j].loc, "%s: a number should stand here", who), false;
  *f = (pn_frequencies){.kind = kind,
                        .n = args->at[at + 1].num,
                        .from = args->at[at + 2].num,
                        .to = args->at[at + 3].num};
  *k = at + 4;
  return count(f, d, who, args->loc);
}

static bool node_of(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_ast *e, int *id)
{
  *id = pn_circuit_find_node(c, e->name);
  if (*id >= PN_GROUND)
    return true;
  return pn_error(d, e->loc, "there is no node '%.*s'%s", PN_FMT(e->name),
                  pn_did_you_mean(a, pn_circuit_nearest_node(c, e->name))),
         false;
}

bool pn_output_read(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                    const pn_args *args, int k, pn_output *out)
{
  const pn_arg *arg = k < args->n ? &args->at[k] : NULL;
  const pn_ast *e = arg ? arg->ast : NULL;
  *out = (pn_output){.a = PN_GROUND, .b = PN_GROUND};
  if (e && e->kind == PN_AST_PROBE && pn_str_is(e->name, "v") && e->n_args <= 2) {
    out->name = pn_str_lower(a, pn_str_of(pn_ast_text(a, e))).p;
    return node_of(a, d, c, e->args[0], &out->a) &&
           (e->n_args < 2 || node_of(a, d, c, e->args[1], &out->b));
  }
  if (e && e->kind == PN_AST_PROBE && pn_str_is(e->name, "i") && e->n_args == 1) {
    int device = pn_circuit_device(c, e->args[0]->name);
    out->name = pn_str_lower(a, pn_str_of(pn_ast_text(a, e))).p;
    out->is_current = true;
    out->a = device >= 0 ? pn_circuit_branch(c, device, 0) : -1;
    if (out->a >= 0)
      return true;
    return pn_error_hint(d, arg->loc, "put a source of 0 V in series",
                         "%s: '%.*s' has no branch current", who, PN_FMT(e->args[0]->name)),
           false;
  }
  return pn_error(d, arg ? arg->loc : args->loc,
                  "%s: the output should be v(node), v(node,node) or i(vsource)", who),
         false;
}

int pn_input_read(pn_arena *a, pn_diag *d, const char *who, const pn_circuit *c,
                  const pn_args *args, int k)
{
  if (k >= args->n)
    return pn_error(d, args->loc, "%s: the input source is missing", who), -1;
  const pn_arg *arg = &args->at[k];
  int device = pn_circuit_device(c, arg->text);
  char letter = device >= 0 ? pn_circuit_device_info(c, device).cls->letter : 0;
  if (letter == 'v' || letter == 'i')
    return device;
  pn_error(d, arg->loc, "%s: '%.*s' is no independent source%s", who, PN_FMT(arg->text),
           device < 0 ? pn_did_you_mean(a, pn_circuit_nearest_device(c, arg->text)) : "");
  return -1;
}

pn_drive pn_drive_of(const pn_circuit *c, int source)
{
  pn_device_info info = pn_circuit_device_info(c, source);
  if (info.cls->letter == 'v')
    return (pn_drive){pn_circuit_branch(c, source, 0), PN_GROUND, true};
  return (pn_drive){info.unknowns[1], info.unknowns[0], false};
}
