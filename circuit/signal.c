/* Signals: from an expression tree to something that reads values out of a point.
 * Plain voltages and currents are read directly; expressions run on a tape whose
 * inputs are probes. */
#include "circuit/signal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef enum probe_kind {
  P_UNKNOWN,
  P_DIFFERENCE,
  P_QUANTITY,
  P_SCALE,
  P_TEMP,
  P_NOISE
} probe_kind;
typedef enum component { C_WHOLE, C_MAG, C_PHASE, C_DB, C_RE, C_IM } component;

typedef struct probe {
  probe_kind kind;
  component part;
  int a, b; /* unknowns; PN_GROUND for ground. P_NOISE: a is 0 at the output, 1 at the input */
  pn_quantity q;
  int energy; /* slot of the running integral, -1: none */
} probe;

/* Integral of the power over the points seen: a parabola through the last three. */
typedef struct energy {
  double t[2], p[2], sum; /* the two newest points */
  int n;
} energy;

struct pn_signal {
  const char *name, *unit;
  pn_signal_type type;
  PN_VEC(probe) probes;
  PN_VEC(energy) energies;
  component outer; /* db(), mag(), ... around the whole */
  pn_tape *tape;   /* NULL: the first probe itself */
  double *in, *work, *out;
  double complex *cin, *cwork;
};

typedef struct builder {
  pn_arena *arena;
  pn_diag *diag;
  const pn_circuit *c;
  pn_signal *g;
} builder;

/* ---- probes from names ---- */

static bool find_node(builder *b, const pn_ast *e, int *id)
{
  *id = pn_circuit_find_node(b->c, e->name);
  if (*id >= PN_GROUND)
    return true;
  pn_error(b->diag, e->loc, "there is no node '%.*s'%s", PN_FMT(e->name),
           pn_did_you_mean(b->arena, pn_circuit_nearest_node(b->c, e->name)));
  return false;
}

static bool find_device(builder *b, const pn_ast *e, pn_str name, int *device)
{
  *device = pn_circuit_device(b->c, name);
  if (*device >= 0)
    return true;
  pn_error(b->diag, e->loc, "there is no device '%.*s'%s", PN_FMT(name),
           pn_did_you_mean(b->arena, pn_circuit_nearest_device(b->c, name)));
  return false;
}

/* "m", "p", "db", "r", "i" after v or i. */
static bool part_of(pn_str suffix, component *part)
{
  static const struct {
    const char *name;
    component part;
  } parts[] = {{"", C_WHOLE}, {"m", C_MAG}, {"p", C_PHASE}, {"db", C_DB}, {"r", C_RE}, {"i", C_IM}};
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    if (pn_str_is(suffix, parts[k].name)) {
      *part = parts[k].part;
      return true;
    }
  return false;
}

static bool voltage_probe(builder *b, const pn_ast *e, probe *p)
{
  if (e->n_args < 1 || e->n_args > 2) {
    pn_error(b->diag, e->loc, "v() takes one or two nodes");
    return false;
  }
  p->kind = e->n_args == 2 ? P_DIFFERENCE : P_UNKNOWN;
  p->b = PN_GROUND;
  return find_node(b, e->args[0], &p->a) && (e->n_args < 2 || find_node(b, e->args[1], &p->b));
}

static bool current_probe(builder *b, const pn_ast *e, probe *p)
{
  int device;
  if (e->n_args != 1) {
    pn_error(b->diag, e->loc, "i() takes one device");
    return false;
  }
  if (!find_device(b, e->args[0], e->args[0]->name, &device))
    return false;
  int branch = pn_circuit_branch(b->c, device, 0);
  if (branch >= 0) {
    *p = (probe){.kind = P_UNKNOWN, .part = p->part, .a = branch, .b = PN_GROUND, .energy = -1};
    return true;
  }
  p->kind = P_QUANTITY;
  return pn_sim_quantity_find(b->c, device, PN_STR("i"), &p->q);
}

static bool quantity_probe(builder *b, const pn_ast *e, probe *p)
{
  int device;
  if (!find_device(b, e, e->name, &device))
    return false;
  p->kind = P_QUANTITY;
  if (pn_sim_quantity_find(b->c, device, e->args[0]->name, &p->q)) {
    if (pn_sim_quantity_is_energy(&p->q)) {
      *PN_PUSH(b->arena, &b->g->energies) = (energy){.n = 0};
      p->energy = (int)b->g->energies.n - 1;
    }
    return true;
  }
  pn_error_hint(b->diag, e->loc, "i, v, p, e, states and parameters by name; g for memristors",
                "device '%.*s' has no quantity '%.*s'", PN_FMT(e->name), PN_FMT(e->args[0]->name));
  return false;
}

/* True when e names something to read; *ok tells whether it exists. */
static bool probe_of(builder *b, const pn_ast *e, probe *p, bool *ok)
{
  *p = (probe){.kind = P_SCALE, .a = PN_GROUND, .b = PN_GROUND, .energy = -1};
  *ok = true;
  if (e->kind == PN_AST_AT) {
    *ok = quantity_probe(b, e, p);
    return true;
  }
  if (e->kind == PN_AST_NAME) {
    if (pn_str_is(e->name, "time") || pn_str_is(e->name, "frequency") ||
        pn_str_is(e->name, "hertz"))
      return true;
    p->kind = P_TEMP;
    if (pn_str_is(e->name, "temper"))
      return true;
    p->kind = P_NOISE;
    p->a = pn_str_is(e->name, "inoise") || pn_str_is(e->name, "inoise_spectrum");
    return p->a || pn_str_is(e->name, "onoise") || pn_str_is(e->name, "onoise_spectrum");
  }
  if (e->kind != PN_AST_PROBE)
    return false;
  bool current = e->name.n && (e->name.p[0] == 'i' || e->name.p[0] == 'I');
  *ok = part_of((pn_str){e->name.p + 1, e->name.n - 1}, &p->part) &&
        (current ? current_probe(b, e, p) : voltage_probe(b, e, p));
  return true;
}

/* ---- expressions ---- */

static bool leaf(void *user, pn_graph *graph, const pn_ast *e, pn_gnode *out)
{
  builder *b = user;
  probe p;
  bool ok;
  if (!probe_of(b, e, &p, &ok))
    return false;
  *out = -1;
  if (ok) {
    *PN_PUSH(b->arena, &b->g->probes) = p;
    *out = pn_graph_input(graph, (int)b->g->probes.n - 1);
  }
  return true;
}

static bool compile_tape(builder *b, const pn_ast *e, const pn_resolver *r)
{
  pn_graph *graph = pn_graph_new(b->arena);
  pn_leaves leaves = {.user = b, .leaf = leaf};
  pn_gnode node;
  if (pn_lower(b->diag, graph, e, r, &leaves, &node))
    return false;
  int n = (int)b->g->probes.n;
  pn_tape *t = pn_tape_build(b->arena, graph, &node, 1, n, 0);
  b->g->tape = t;
  b->g->in = PN_NEW_ARRAY(b->arena, double, (n + 1) * PN_LANES);
  b->g->work = PN_NEW_ARRAY(b->arena, double, (t->n_work + t->n_pre + 1) * PN_LANES);
  b->g->out = PN_NEW_ARRAY(b->arena, double, PN_LANES);
  b->g->cin = PN_NEW_ARRAY(b->arena, double complex, n + 1);
  b->g->cwork = PN_NEW_ARRAY(b->arena, double complex, t->n_work + t->n_pre + 1);
  b->g->unit = "";
  b->g->type = PN_SIG_OTHER;
  return true;
}

static void describe(builder *b, const probe *p)
{
  pn_signal *g = b->g;
  g->type = PN_SIG_OTHER;
  g->unit = p->kind == P_UNKNOWN && p->a >= 0 ? pn_circuit_unknown(b->c, p->a).unit
            : p->kind == P_QUANTITY           ? pn_sim_quantity_unit(b->c, &p->q)
            : p->kind == P_TEMP               ? "K"
            : p->kind == P_SCALE              ? ""
            : p->kind == P_NOISE              ? ""
                                              : "V";
  if (!strcmp(g->unit, "V"))
    g->type = PN_SIG_VOLTAGE;
  else if (!strcmp(g->unit, "A"))
    g->type = PN_SIG_CURRENT;
  if (p->part == C_DB)
    g->unit = "dB";
  else if (p->part == C_PHASE)
    g->unit = "rad";
}

/* db(x), mag(x), ph(x), re(x), im(x) around a whole expression of AC results. */
static bool outer_part(const pn_ast *e, component *part)
{
  static const struct {
    const char *name;
    component part;
  } known[] = {{"db", C_DB}, {"mag", C_MAG}, {"ph", C_PHASE}, {"phase", C_PHASE},
               {"re", C_RE}, {"real", C_RE}, {"im", C_IM},    {"imag", C_IM}};
  for (size_t k = 0; e->kind == PN_AST_CALL && e->n_args == 1 && k < PN_COUNT(known); k++)
    if (pn_str_is(e->name, known[k].name)) {
      *part = known[k].part;
      return true;
    }
  return false;
}

pn_signal *pn_signal_compile(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_ast *e,
                             const pn_resolver *r)
{
  builder b = {a, d, c, PN_NEW(a, pn_signal)};
  probe p;
  bool ok;
  component part;
  b.g->name = pn_str_lower(a, pn_str_of(pn_ast_text(a, e))).p;
  if (probe_of(&b, e, &p, &ok)) {
    if (!ok)
      return NULL;
    *PN_PUSH(a, &b.g->probes) = p;
    describe(&b, &p);
    return b.g;
  }
  if (outer_part(e, &part)) {
    if (!compile_tape(&b, e->args[0], r))
      return NULL;
    b.g->outer = part;
    b.g->unit = part == C_DB ? "dB" : part == C_PHASE ? "rad" : "";
    return b.g;
  }
  return compile_tape(&b, e, r) ? b.g : NULL;
}

pn_signal *pn_signal_unknown(pn_arena *a, const pn_circuit *c, int unknown)
{
  builder b = {a, NULL, c, PN_NEW(a, pn_signal)};
  probe p = {.kind = P_UNKNOWN, .a = unknown, .b = PN_GROUND, .energy = -1};
  char label[256];
  pn_circuit_label(c, unknown, label, sizeof label);
  b.g->name = pn_arena_strndup(a, label, strlen(label));
  *PN_PUSH(a, &b.g->probes) = p;
  describe(&b, &p);
  return b.g;
}

bool pn_signal_is_unknown(const pn_signal *g)
{
  return !g->tape && g->probes.at[0].kind == P_UNKNOWN && g->probes.at[0].part == C_WHOLE;
}

const char *pn_signal_name(const pn_signal *g)
{
  return g->name;
}

pn_signal_type pn_signal_kind(const pn_signal *g)
{
  return g->type;
}

const char *pn_signal_unit(const pn_signal *g)
{
  return g->unit;
}

/* ---- values ---- */

/* Adds the interval from the last point to t. Quadratic through three points; after a repeated
 * time (a corner) it starts over with a trapezoid. */
static double integrate(energy *e, double t, double p)
{
  if (e->n && t < e->t[0])
    e->n = 0, e->sum = 0; /* a new run */
  if (e->n == 0 || t == e->t[0]) {
    e->t[0] = t;
    e->p[0] = p;
    e->n = 1;
    return e->sum;
  }
  double h = t - e->t[0], area = 0.5 * h * (p + e->p[0]);
  if (e->n >= 2) {
    double k = e->t[0] - e->t[1];
    double curve = ((p - e->p[0]) / h - (e->p[0] - e->p[1]) / k) / (h + k);
    if (h < 4 * k)
      area -= curve * h * h * h / 6;
  }
  e->sum += area;
  e->t[1] = e->t[0];
  e->p[1] = e->p[0];
  e->t[0] = t;
  e->p[0] = p;
  e->n = e->n < 2 ? e->n + 1 : 2;
  return e->sum;
}

static double probe_real(pn_signal *g, const probe *p, const pn_point *at)
{
  switch (p->kind) {
  case P_UNKNOWN:
    return p->a < 0 ? 0 : at->y[p->a];
  case P_DIFFERENCE:
    return (p->a < 0 ? 0 : at->y[p->a]) - (p->b < 0 ? 0 : at->y[p->b]);
  case P_QUANTITY: {
    double v = pn_sim_quantity(at->sim, &p->q, at->x, at->y, at->yp);
    return p->energy < 0 ? v : integrate(&g->energies.at[p->energy], at->x, v);
  }
  case P_SCALE:
    return at->x;
  case P_TEMP:
    return pn_sim_temp(at->sim);
  case P_NOISE:
    return at->noise ? at->noise[p->a] : NAN;
  }
  return NAN;
}

void pn_signal_mark(const pn_signal *g, const pn_circuit *c, unsigned char *needed)
{
  for (size_t k = 0; k < g->probes.n; k++) {
    const probe *p = &g->probes.at[k];
    int ends[2] = {p->a, p->kind == P_DIFFERENCE ? p->b : PN_GROUND};
    for (int e = 0; e < 2 && (p->kind == P_UNKNOWN || p->kind == P_DIFFERENCE); e++)
      if (ends[e] >= 0)
        needed[ends[e]] = 1;
    if (p->kind != P_QUANTITY)
      continue;
    pn_device_info d = pn_circuit_device_info(c, p->q.device);
    for (int l = 0; l < d.cls->n_locals; l++)
      if (d.unknowns[l] >= 0)
        needed[d.unknowns[l]] = 1;
  }
}

static double complex take_part(double complex z, component part)
{
  switch (part) {
  case C_MAG:
    return cabs(z);
  case C_PHASE:
    return carg(z);
  case C_DB:
    return 20 * log10(cabs(z));
  case C_RE:
    return creal(z);
  case C_IM:
    return cimag(z);
  case C_WHOLE:
    break;
  }
  return z;
}

static double complex probe_complex(const probe *p, const pn_point *at)
{
  switch (p->kind) {
  case P_UNKNOWN:
    return p->a < 0 ? 0 : at->ac[p->a];
  case P_DIFFERENCE:
    return (p->a < 0 ? 0 : at->ac[p->a]) - (p->b < 0 ? 0 : at->ac[p->b]);
  case P_QUANTITY:
    return pn_sim_quantity_ac(at->sim, &p->q, at->ac, 2 * M_PI * at->x);
  case P_SCALE:
    return at->x;
  case P_TEMP:
    return pn_sim_temp(at->sim);
  case P_NOISE:
    return at->noise ? at->noise[p->a] : NAN;
  }
  return NAN;
}

double pn_signal_real(const pn_signal *signal, const pn_point *p)
{
  /* The scratch and the energies of a signal belong to the thread that runs its circuit. */
  pn_signal *g = (pn_signal *)signal;
  if (p->ac) {
    double complex z = pn_signal_complex(g, p);
    return cimag(z) == 0 ? creal(z) : cabs(z);
  }
  if (!g->tape)
    return probe_real(g, &g->probes.at[0], p);
  for (size_t k = 0; k < g->probes.n; k++) {
    double v = probe_real(g, &g->probes.at[k], p);
    for (int l = 0; l < PN_LANES; l++)
      g->in[k * PN_LANES + (size_t)l] = v;
  }
  double *pre = g->work + (size_t)g->tape->n_work * PN_LANES;
  pn_tape_eval(g->tape, 1, g->in, NULL, pre, g->work, g->out);
  return g->out[0];
}

double complex pn_signal_complex(const pn_signal *signal, const pn_point *p)
{
  pn_signal *g = (pn_signal *)signal;
  if (!g->tape)
    return take_part(probe_complex(&g->probes.at[0], p), g->probes.at[0].part);
  double complex z;
  for (size_t k = 0; k < g->probes.n; k++)
    g->cin[k] = take_part(probe_complex(&g->probes.at[k], p), g->probes.at[k].part);
  pn_tape_eval_complex(g->tape, g->cin, NULL, g->cwork, &z);
  return take_part(z, g->outer);
}
