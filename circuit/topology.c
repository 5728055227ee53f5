/* Faults that can be seen without numbers: nodes without a DC path to ground, cutsets
 * of current sources and capacitors, loops of voltage sources and inductors. Each is
 * reported with the nodes and devices that make it. */
#include "circuit/private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct forest {
  int *parent; /* [n + 1], ground last */
} forest;

static int root(forest *f, int k)
{
  while (f->parent[k] != k)
    k = f->parent[k] = f->parent[f->parent[k]];
  return k;
}

static void join(forest *f, int a, int b)
{
  f->parent[root(f, a)] = root(f, b);
}

/* Each vertex alone; f may be an old forest. */
static forest new_forest(pn_circuit *c, forest f)
{
  if (!f.parent)
    f.parent = c->scratch = PN_NEW_ARRAY(c->arena, int, c->n + 2);
  for (int k = 0; k <= c->n; k++)
    f.parent[k] = k;
  return f;
}

static int vertex(const pn_circuit *c, int device, int local)
{
  int u = c->devices.at[device].unknowns[local];
  return u < 0 ? c->n : u;
}

enum { BLOCK = PN_LANES };

/* Which of a class's pairs are resistive. Linear classes are asked for their numbers (a
 * capacitor's jf is zero); of nonlinear ones every pair counts. */
typedef struct class_probe {
  double *p, *zero, *jf, *jq, *f, *q, *work;
} class_probe;

static class_probe new_probe(pn_circuit *c)
{
  size_t params = 1, locals = 1, pairs = 1, work = 1;
  for (size_t k = 0; k < c->kinds.n; k++) {
    const pn_device_class *cls = c->kinds.at[k].cls;
    if (!(cls->flags & PN_DEV_LINEAR))
      continue;
    size_t np = (size_t)(cls->n_params + cls->n_derived);
    params = np > params ? np : params;
    locals = (size_t)cls->n_locals > locals ? (size_t)cls->n_locals : locals;
    pairs = (size_t)cls->n_pairs > pairs ? (size_t)cls->n_pairs : pairs;
    work = (size_t)cls->n_work > work ? (size_t)cls->n_work : work;
  }
  return (class_probe){.p = PN_NEW_ARRAY(c->arena, double, params *BLOCK),
                       .zero = PN_NEW_ARRAY(c->arena, double, locals *BLOCK),
                       .f = PN_NEW_ARRAY(c->arena, double, locals *BLOCK),
                       .q = PN_NEW_ARRAY(c->arena, double, locals *BLOCK),
                       .jf = PN_NEW_ARRAY(c->arena, double, pairs *BLOCK),
                       .jq = PN_NEW_ARRAY(c->arena, double, pairs *BLOCK),
                       .work = PN_NEW_ARRAY(c->arena, double, work *BLOCK)};
}

static void evaluate_linear(pn_circuit *c, const class_probe *w, int device)
{
  const pn_device_class *cls = pn_kind_of(c, device)->cls;
  double one[64];
  double *p = cls->n_params + cls->n_derived <= 64 ? one : NULL;
  if (!p)
    p = PN_NEW_ARRAY(c->arena, double, cls->n_params + cls->n_derived);
  pn_circuit_device_params(c, device, p);
  if (cls->derive)
    cls->derive(cls, p, 300.15);
  for (int k = 0; k < cls->n_params + cls->n_derived; k++)
    for (int l = 0; l < BLOCK; l++)
      w->p[k * BLOCK + l] = p[k];
  pn_dev_block b = {.p = w->p,
                    .u = w->zero,
                    .temp = 300.15,
                    .f = w->f,
                    .q = w->q,
                    .jf = w->jf,
                    .jq = w->jq,
                    .work = w->work,
                    .n = 1};
  cls->eval(cls, &b);
}

/* Joins the ends of every conducting pair: (r,c) and (c,r) both present. */
static void join_conducting(pn_circuit *c, forest *f, const class_probe *w, int device)
{
  const pn_device_class *cls = pn_kind_of(c, device)->cls;
  if (cls->flags & PN_DEV_MEMRISTOR || cls->letter == 'r') {
    join(f, vertex(c, device, 0), vertex(c, device, 1));
    return;
  }
  bool linear = cls->flags & PN_DEV_LINEAR;
  if (linear && cls->n_pairs)
    evaluate_linear(c, w, device);
  for (int a = 0; a < cls->n_pairs; a++) {
    int row = vertex(c, device, cls->pairs[a].row), col = vertex(c, device, cls->pairs[a].col);
    if (row == col || (linear && w->jf[a * BLOCK] == 0))
      continue;
    for (int b = a + 1; b < cls->n_pairs; b++)
      if (vertex(c, device, cls->pairs[b].row) == col &&
          vertex(c, device, cls->pairs[b].col) == row && (!linear || w->jf[b * BLOCK] != 0)) {
        join(f, row, col);
        break;
      }
  }
}

/* The devices through which an island touches anything, as "c1, i2, ..." */
static void list_touching(pn_circuit *c, forest *f, int island, char *out, size_t room)
{
  size_t n = 0;
  int listed = 0;
  out[0] = 0;
  for (size_t k = 0; k < c->devices.n && n < room; k++) {
    const pn_device_class *cls = pn_kind_of(c, (int)k)->cls;
    bool inside = false, outside = false;
    for (int l = 0; l < cls->n_locals; l++)
      if (cls->locals[l].kind == PN_L_TERM) {
        bool in = root(f, vertex(c, (int)k, l)) == island;
        inside |= in;
        outside |= !in;
      }
    if (!inside || !outside)
      continue;
    if (listed++ == 4) {
      n += (size_t)snprintf(out + n, room - n, ", ...");
      break;
    }
    n += (size_t)snprintf(out + n, room - n, "%s%.*s", listed > 1 ? ", " : "",
                          PN_FMT(pn_names_get(c->device_names, (int)k)));
  }
}

static void report_island(pn_circuit *c, forest *f, int node)
{
  int island = root(f, node), members = 0;
  for (int k = 0; k < c->n_mna; k++)
    members += pn_unknown_kind_at(c, k) == PN_U_NODE && root(f, k) == island;
  char by[256];
  list_touching(c, f, island, by, sizeof by);
  const pn_unknown of = pn_unknown_at(c, node), *u = &of;
  char and_more[48] = "";
  if (members > 1)
    snprintf(and_more, sizeof and_more, " (and %d more joined to it)", members - 1);
  pn_error_hint(
      c->diag, u->loc, "give it a path: a large resistor to ground, or .options rshunt=1e12",
      "node '%.*s'%s has no DC path to ground%s%s", PN_FMT(u->name), and_more,
      by[0] ? ": only capacitors, current sources or controlling inputs reach it: " : "", by);
}

/* Arrays: two-terminal devices, all of one class. Only resistors and memristors conduct; whole arrays do,
 * and nothing has been joined before them. */
static void join_bulks(pn_circuit *c, forest *f)
{
  for (size_t k = 0; k < c->whole.n; k++) {
    const pn_linsol_array *a = &c->whole.at[k];
    const int first[] = {a->w0, a->b0, a->m0};
    for (int g = 0; g < 3 && first[g] >= 0; g++)
      for (int i = 0; i < a->rows * a->cols; i++)
        f->parent[first[g] + i] = a->w0;
  }
  for (size_t k = 0; k < c->bulks.n; k++) {
    const pn_bulk *b = &c->bulks.at[k];
    size_t locals = (size_t)b->spec.cls->n_locals;
    if (!(b->spec.cls->flags & PN_DEV_MEMRISTOR) && b->spec.cls->letter != 'r')
      continue;
    for (size_t i = (size_t)b->rest; i < (size_t)b->spec.n; i += (size_t)b->rest_step) {
      const int *u = b->locals + i * locals;
      join(f, u[0] < 0 ? c->n : u[0], u[1] < 0 ? c->n : u[1]);
    }
  }
}

static void check_floating(pn_circuit *c, forest f)
{
  class_probe w = new_probe(c);
  join_bulks(c, &f);
  for (size_t k = 0; k < c->devices.n; k++)
    join_conducting(c, &f, &w, (int)k);
  int ground = root(&f, c->n);
  for (int from = 0, end; from < c->n_mna; from = end) {
    pn_unknown_kind kind = pn_unknown_span(c, from, &end).kind;
    end = end < c->n_mna ? end : c->n_mna;
    for (int k = from; k < end; k++) {
      /* of a grid's nodes, whose kind is PN_U_INTERNAL, none is named: they hang on its ports */
      if (kind != PN_U_NODE || root(&f, k) == root(&f, c->n))
        continue;
      report_island(c, &f, k);
      join(&f, k, ground); /* one message for each island */
    }
  }
}

static bool is_rigid(const pn_circuit *c, int device)
{
  char letter = pn_kind_of(c, device)->cls->letter;
  return letter == 'v' || letter == 'l';
}

static void list_loop(pn_circuit *c, forest *f, int upto, char *out, size_t room)
{
  int island = root(f, vertex(c, upto, 0));
  size_t n = 0;
  out[0] = 0;
  for (int k = 0; k < upto && n < room; k++)
    if (is_rigid(c, k) && root(f, vertex(c, k, 0)) == island)
      n += (size_t)snprintf(out + n, room - n, "%s%.*s", n ? ", " : "",
                            PN_FMT(pn_names_get(c->device_names, k)));
}

static void check_loops(pn_circuit *c, forest f)
{
  for (int k = 0; k < (int)c->devices.n; k++) {
    if (!is_rigid(c, k))
      continue;
    int p = vertex(c, k, 0), n = vertex(c, k, 1);
    if (root(&f, p) != root(&f, n)) {
      join(&f, p, n);
      continue;
    }
    char with[200];
    list_loop(c, &f, k, with, sizeof with);
    const pn_device d = pn_device_at(c, k);
    pn_error_hint(c->diag, d.loc, "put a small resistor in series with one of them",
                  "'%.*s' closes a loop of voltage sources and inductors%s%s: its current is not "
                  "defined",
                  PN_FMT(d.name), with[0] ? " with " : "", with);
  }
}

pn_status pn_circuit_check_topology(pn_circuit *c, bool may_float)
{
  int before = c->diag->n_errors;
  forest f = new_forest(c, (forest){NULL});
  check_loops(c, f);
  if (!may_float)
    check_floating(c, new_forest(c, f));
  return c->diag->n_errors > before ? PN_E_NETLIST : PN_OK;
}
