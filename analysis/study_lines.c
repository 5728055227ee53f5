/* Which sources stand on an array's lines, and bias schemes by name. */
#include "analysis/study.h"

#include <math.h>
#include <string.h>

/* ---- sources on lines ---- */

typedef struct search {
  pn_arena *a;
  pn_diag *d;
  const pn_circuit *c;
  pn_loc loc;
  const pn_array *array;
  int *source; /* [nodes] a V source on this node, one to ground if there is one, + 1; 0: none */
  int missing;
} search;

static void index_sources(search *s)
{
  int n = pn_circuit_n_mna(s->c);
  s->source = PN_NEW_ARRAY(s->a, int, n + 1);
  for (int k = 0; k < pn_circuit_n_devices(s->c); k++) {
    pn_device_info info = pn_circuit_device_info(s->c, k);
    for (int t = 0; info.cls->letter == 'v' && t < 2; t++) {
      int node = info.unknowns[t];
      bool grounded = info.unknowns[1 - t] == PN_GROUND;
      if (node != PN_GROUND && (grounded || !s->source[node]))
        s->source[node] = k + 1;
    }
  }
}

static void add_source(search *s, pn_line *line, int node)
{
  if (node == PN_GROUND || !s->source[node] || line->n == 2)
    return;
  int device = s->source[node] - 1;
  pn_device_info info = pn_circuit_device_info(s->c, device);
  line->source[line->n] = device;
  line->branch[line->n] = pn_circuit_branch(s->c, device, 0);
  line->sign[line->n] = info.unknowns[0] == node ? 1 : -1;
  line->opens &= info.cls->n_params > 0;
  line->n++;
}

static void find_line(search *s, pn_line *line, const char *kind, int k, int near_node,
                      int far_node)
{
  line->opens = true;
  add_source(s, line, near_node);
  if (far_node != near_node)
    add_source(s, line, far_node);
  if (line->n == 0 && s->missing++ == 0)
    pn_error_hint(
        s->d, s->loc, "Vw[0:63] wl[0:63] 0 0 puts one on each of 64 lines",
        "%s line %d of '%.*s' has no voltage source: a study drives the lines through the "
        "sources on them",
        kind, k, PN_FMT(s->array->name));
}

static pn_line *find_lines(search *s, const char *kind, int n, const int *node, const int *far_node)
{
  pn_line *lines = PN_NEW_ARRAY(s->a, pn_line, n + 1);
  for (int k = 0; k < n; k++)
    find_line(s, &lines[k], kind, k, node[k], far_node ? far_node[k] : node[k]);
  return lines;
}

static const pn_array *named_array(pn_diag *d, const pn_circuit *c, const pn_args *args)
{
  const pn_arg *first = args->n && !args->at[0].key.n ? &args->at[0] : NULL;
  const pn_array *array = first ? pn_circuit_array(c, first->text) : NULL;
  if (pn_circuit_n_arrays(c) == 0)
    pn_error(d, args->loc, "this circuit has no array to study");
  else if (!first)
    pn_error(d, args->loc, "the name of an array comes first, such as '%.*s'",
             PN_FMT(pn_circuit_array_at(c, 0)->name));
  else if (!array)
    pn_error(d, first->loc, "there is no array '%.*s'; the circuit has '%.*s'", PN_FMT(first->text),
             PN_FMT(pn_circuit_array_at(c, 0)->name));
  return array;
}

const pn_lines *pn_lines_find(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_args *args)
{
  const pn_array *array = named_array(d, c, args);
  if (!array)
    return NULL;
  search s = {.a = a, .d = d, .c = c, .loc = args->at[0].loc, .array = array};
  index_sources(&s);
  pn_lines *l = PN_NEW(a, pn_lines);
  l->a = array;
  l->word = find_lines(&s, "word", array->rows, array->word, array->word2);
  l->bit = find_lines(&s, "bit", array->cols, array->bit, array->bit2);
  l->gate = find_lines(&s, "gate", array->n_gates, array->gate, NULL);
  return s.missing ? NULL : l;
}

/* ---- schemes ---- */

/* Chen 2013, IEEE Trans. Electron Devices 60, 1318: the usual ways to bias what is not selected. */
static const struct {
  const char *name;
  pn_scheme s;
} schemes[] = {{"v/2", {1, 0.5, 0, 0.5, 0, 0}},
               {"v/3", {1, 1.0 / 3, 0, 2.0 / 3, 0, 0}},
               {"float", {1, NAN, 0, NAN, 0, 0}},
               {"ground", {1, 0, 0, 0, 0, 0}},
               {"custom", {1, 0, 0, 0, 0, 0}}};

bool pn_scheme_find(pn_str name, pn_scheme *s)
{
  for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++)
    if (pn_str_is(name, schemes[k].name)) {
      double gate = s->gate, gate_rest = s->gate_rest;
      *s = schemes[k].s;
      s->gate = gate;
      s->gate_rest = gate_rest;
      return true;
    }
  return false;
}

bool pn_scheme_option(pn_scheme *s, const pn_arg *arg, const char **why)
{
  const struct {
    const char *name;
    double *to;
    bool floats;
  } options[] = {{"word", &s->word, false},         {"bit", &s->bit, false},
                 {"wordrest", &s->word_rest, true}, {"bitrest", &s->bit_rest, true},
                 {"vgate", &s->gate, false},        {"vgateoff", &s->gate_rest, false}};
  *why = NULL;
  for (size_t k = 0; k < sizeof options / sizeof *options; k++) {
    if (!pn_str_is(arg->key, options[k].name))
      continue;
    if (options[k].floats && pn_str_is(arg->text, "float"))
      *options[k].to = NAN;
    else if (arg->is_num)
      *options[k].to = arg->num;
    else
      *why = options[k].floats ? "expected a number or 'float'" : "expected a number";
    return true;
  }
  return false;
}

static bool all_open(const pn_line *line, int n)
{
  bool all = true;
  for (int k = 0; k < n; k++)
    all &= line[k].opens;
  return all;
}

bool pn_lines_take_load(const pn_lines *l)
{
  bool all = all_open(l->bit, l->a->cols);
  for (int k = 0; k < l->a->cols; k++)
    all &= l->bit[k].n == 1;
  return all;
}

const char *pn_scheme_check(pn_arena *a, const pn_scheme *s, const pn_lines *l)
{
  bool words = isnan(s->word_rest) && !all_open(l->word, l->a->rows);
  bool bits = isnan(s->bit_rest) && !all_open(l->bit, l->a->cols);
  if (!words && !bits)
    return NULL;
  return pn_arena_printf(a,
                         "%s lines cannot float: their sources need rser=0 (V1 wl1 0 0 rser=0), "
                         "which a study may then raise",
                         words ? "word" : "bit");
}
