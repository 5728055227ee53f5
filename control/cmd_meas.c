/* meas: the measurements of .measure, made on the vectors of the current plot. */
#include "control/interp.h"

#include "output/measure_core.h"

#include <math.h>
#include <string.h>

static double real_of(const pn_value *v, long k)
{
  double complex z = v->z[k < v->n ? k : v->n - 1];
  return v->is_complex ? cabs(z) : creal(z);
}

/* Every point of the plot through the measurement's state machine. */
static pn_status feed(pn_control *c, pn_measure *m)
{
  const pn_cplot *p = c->store.current;
  pn_value s[PN_MEASURE_SIGNALS];
  double values[PN_MEASURE_SIGNALS];
  const pn_vector *scale = p->scale >= 0 ? p->vectors[p->scale] : NULL;
  if (!scale || !scale->n)
    return pn_control_error(c, 0, "plot '%s' has no points to measure along", p->name);
  for (int k = 0; k < m->n_signals; k++) {
    pn_str text = pn_str_of(pn_ast_text(&c->scratch, m->ast[k]));
    c->changed = true; /* places in the text are not those of the line */
    pn_status st = pn_term_value(c, text, 0, &s[k]);
    if (st)
      return st;
    if (s[k].n != 1 && s[k].n != scale->n)
      return pn_control_error(c, 0, "'%s' has no point for each of the plot's", text.p);
  }
  for (long r = 0; r < scale->n; r++) {
    for (int k = 0; k < m->n_signals; k++)
      values[k] = real_of(&s[k], r);
    pn_measure_feed(m, creal(scale->z[r]), values);
  }
  return PN_OK;
}

static void tell(pn_control *c, const pn_measure *m, bool ok, double value, const char *why)
{
  double from, to;
  pn_measure_where(m, &from, &to);
  pn_put(c, "%-20.*s = ", PN_FMT(m->name));
  if (!ok)
    pn_put(c, "failed: %s", why);
  else
    pn_put(c, "%.10g", value);
  if (ok && !isnan(from))
    pn_put(c, isnan(to) ? "  at %.10g" : "  from %.10g", from);
  if (ok && !isnan(to))
    pn_put(c, " to %.10g", to);
  pn_put(c, "\n");
  c->host->measured(c->host->user, m->analysis, m->name, ok, value);
}

pn_status pn_cmd_meas(pn_control *c)
{
  if (c->n_words < 3)
    return pn_control_error(c, 0, "expected an analysis, a name and what to measure");
  bool spectrum = pn_str_is(c->words[0], "sp"); /* along the frequency, as ac */
  size_t at = c->word_at[1];
  const char *line = pn_arena_printf(&c->scratch, "meas %.*s %.*s",
                                     PN_FMT(spectrum ? PN_STR("ac") : c->words[0]),
                                     (int)(c->line.n - at), c->line.p + at);
  const pn_args *args = c->host->args(c->host->user, pn_str_of(line), pn_control_loc(c));
  pn_measure *m = args ? pn_measure_parse(&c->scratch, c->diag, args, PN_STR("")) : NULL;
  double value = NAN;
  const char *why = "";
  if (!m)
    return PN_E_NETLIST;
  pn_status st = PN_OK;
  bool ok = true;
  if (m->kind == PN_M_PARAM) {
    c->changed = true;
    st = pn_term_number(c, pn_str_of(pn_ast_text(&c->scratch, m->param)), 0, &value);
  } else if ((st = feed(c, m)) == PN_OK) {
    ok = pn_measure_result(m, NULL, 0, &value, &why);
  }
  if (st)
    return st;
  tell(c, m, ok, value, why);
  if (!ok)
    return PN_OK;
  return pn_store_set(&c->store, c->store.current, m->name, "notype", &(double complex){value}, 1,
                      false);
}
