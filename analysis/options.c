/* .options: one table of names, places and ranges. */
#include "analysis/analysis.h"

#include <string.h>

enum kind { K_REAL, K_INT, K_FLAG, K_CELSIUS, K_WORD };

typedef struct option {
  const char *name;
  enum kind kind;
  size_t at; /* offset in pn_options */
  double min, max;
  const char *words; /* for K_WORD: " a b c " */
  const char *doc;
} option;

#define AT(field) offsetof(pn_options, field)

static const option table[] = {
    {"reltol", K_REAL, AT(reltol), 1e-13, 0.1, NULL, "relative tolerance"},
    {"vntol", K_REAL, AT(vntol), 1e-18, 1, NULL, "absolute tolerance of voltages, V"},
    {"abstol", K_REAL, AT(abstol), 1e-24, 1, NULL, "absolute tolerance of currents, A"},
    {"gmin", K_REAL, AT(gmin), 0, 1e-3, NULL, "conductance across nonlinear devices, S"},
    {"rshunt", K_REAL, AT(rshunt), 0, 1e30, NULL,
     "resistor from every node to ground, ohm (0: none)"},
    {"temp", K_CELSIUS, AT(temp), -273.15, 1e4, NULL, "temperature of the circuit, Celsius"},
    {"tnom", K_CELSIUS, AT(tnom), -273.15, 1e4, NULL, "temperature of nominal values, Celsius"},
    {"defl", K_REAL, AT(defl), 1e-12, 1, NULL, "length of MOSFETs that give none, m"},
    {"defw", K_REAL, AT(defw), 1e-12, 1, NULL, "width of MOSFETs that give none, m"},
    {"defas", K_REAL, AT(defas), 0, 1, NULL, "area of sources that give none, m^2"},
    {"defad", K_REAL, AT(defad), 0, 1, NULL, "area of drains that give none, m^2"},
    {"itl1", K_INT, AT(itl1), 1, 1e6, NULL, "Newton iterations of an operating point"},
    {"itl2", K_INT, AT(itl2), 1, 1e6, NULL, "Newton iterations of a point of a sweep"},
    {"gminsteps", K_INT, AT(gminsteps), 0, 1e4, NULL, "0: no gmin stepping"},
    {"srcsteps", K_INT, AT(srcsteps), 0, 1e4, NULL, "0: no source stepping"},
    {"ptransteps", K_INT, AT(ptransteps), 0, 1e6, NULL, "0: no pseudo-transient"},
    {"method", K_WORD, AT(method), 0, 0, " auto ida gear trbdf2 trap ", "time integrator"},
    {"maxord", K_INT, AT(max_order), 1, 5, NULL, "highest order of the BDF formulas"},
    {"bypass", K_FLAG, AT(bypass), 0, 1, NULL,
     "1: transistors and diodes at rest are not evaluated in transients"},
    {"linsol", K_WORD, AT(linsol), 0, 0, " auto klu crossbar forest ", "linear solver"},
    {"maxstep", K_REAL, AT(max_step), 0, 1e30, NULL, "largest time step, s"},
    {"stats", K_FLAG, AT(stats), 0, 1, NULL, "print statistics"},
    {"acct", K_FLAG, AT(stats), 0, 1, NULL, "print statistics (ngspice's name)"},
    {"jobs", K_INT, AT(jobs), 1, 1024, NULL, "threads for sweeps, products and reads"},
    {"threads", K_INT, AT(threads), 0, 64, NULL,
     "threads within a run, on large arrays (0: as many as there are processors, up to 8)"},
};

static bool in_list(const char *list, pn_str word)
{
  for (const char *p = strstr(list, " "); p && p[1]; p = strstr(p + 1, " ")) {
    const char *end = strchr(p + 1, ' ');
    if (end && pn_str_ieq((pn_str){p + 1, (size_t)(end - p - 1)}, word))
      return true;
  }
  return false;
}

/* Options of other simulators that change no result here, and why. */
static const struct idle {
  const char *why, *names; /* names: " a b c " */
} idle[] = {
    {"the time step follows from reltol, vntol and abstol alone",
     " trtol chgtol lvltim xtrtol convstep convabsstep "},
    {"Newton's method ends by its own rule", " itl3 itl4 itl5 itl6 convlimit noopiter autoconv "},
    {"pivots are chosen by the solver", " pivtol pivrel sparse klu "},
    {"it limits what is printed, or the run's time",
     " limpts numdgt measdgt cptime maxwarns warn "},
    {"results are kept whole", " plotwinsize interp numdgt keepopinfo savecurrents noinit noopac "},
    {"it steers printing only",
     " noacct nomod nopage node list opts ascii filetype post brief probe ingold "},
    {"level 3 is its present form", " badmos3 "},
    {"it belongs to another simulator's inside",
     " trytocompact autostop optran maxevtiter maxopalter ramptime ngbehavior baudrate "},
};

const char *pn_options_idle(pn_str name)
{
  for (size_t k = 0; k < sizeof idle / sizeof *idle; k++)
    if (in_list(idle[k].names, name))
      return idle[k].why;
  return NULL;
}

pn_options pn_options_default(void)
{
  return (pn_options){.reltol = 1e-4,
                      .vntol = 1e-6,
                      .abstol = 1e-12,
                      .gmin = 1e-12,
                      .temp = 300.15,
                      .tnom = 300.15,
                      .defl = NAN,
                      .defw = NAN,
                      .defas = NAN,
                      .defad = NAN,
                      .itl1 = 100,
                      .itl2 = 50,
                      .gminsteps = 1,
                      .srcsteps = 1,
                      .ptransteps = 1,
                      .method = "auto",
                      .linsol = "auto",
                      .bypass = true,
                      .op_memory = -1,
                      .seed = 1,
                      .jobs = 1,
                      .folder = ""};
}

static const char *set_number(pn_arena *a, pn_options *o, const option *t, const pn_arg *arg)
{
  char *at = (char *)o + t->at;
  if (t->kind == K_FLAG) {
    *(bool *)at = !arg->key.n || !arg->is_num || arg->num != 0;
    return NULL;
  }
  if (!arg->key.n || !arg->is_num)
    return pn_arena_printf(a, "option '%s' needs a number: %s=VALUE (%s)", t->name, t->name,
                           t->doc);
  if (!(arg->num >= t->min && arg->num <= t->max))
    return pn_arena_printf(a, "option '%s' must lie between %g and %g", t->name, t->min, t->max);
  if (t->kind == K_INT)
    *(int *)at = (int)arg->num;
  else
    *(double *)at = t->kind == K_CELSIUS ? arg->num + 273.15 : arg->num;
  return NULL;
}

static const char *set_word(pn_arena *a, pn_options *o, const option *t, const pn_arg *arg)
{
  if (!arg->key.n || !in_list(t->words, arg->text))
    return pn_arena_printf(a, "option '%s' must be one of:%.*s", t->name, (int)strlen(t->words) - 1,
                           t->words);
  *(const char **)((char *)o + t->at) = pn_str_lower(a, arg->text).p;
  return NULL;
}

const char *pn_options_set(pn_arena *a, pn_options *o, const pn_arg *arg)
{
  pn_str name = arg->key.n ? arg->key : arg->text;
  for (size_t k = 0; k < sizeof table / sizeof *table; k++)
    if (pn_str_is(name, table[k].name))
      return table[k].kind == K_WORD ? set_word(a, o, &table[k], arg)
                                     : set_number(a, o, &table[k], arg);
  if (pn_str_is(name, "op")) {
    if (!pn_str_is(arg->text, "hold") && !pn_str_is(arg->text, "steady"))
      return "option 'op' must be hold or steady";
    o->op_memory = pn_str_is(arg->text, "hold");
    return NULL;
  }
  if (pn_str_is(name, "seed")) {
    if (!arg->is_num || !(arg->num >= 0 && arg->num < 1.8e19))
      return "option 'seed' must be a number from 0 to 1.8e19";
    o->seed = (unsigned long long)arg->num;
    return NULL;
  }
  return pn_options_idle(name) ? NULL : "";
}
