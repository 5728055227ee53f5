/* The wires of an array: nodes at the crosspoints, segments of resistance, capacitance to ground and
 * to the neighbours, and what is at the lines' far ends. */
#include "parser/elab_array.h"

void pn_array_bulk(pn_array_line *a, const pn_bulk_spec *spec, int index, const pn_num *v)
{
  pn_elab *e = a->s->e;
  int bulk = pn_circuit_n_bulks(e->circuit);
  pn_circuit_add_bulk(e->circuit, spec);
  if (spec->n > 0 && v)
    pn_bind(a->s, PN_BULK - bulk, index, v);
}

/* The parameters of a class with one of them set. */
static double *params_with(pn_array_line *a, const pn_device_class *cls, int index, double value)
{
  const double *standard = pn_class_defaults(a->s->e, cls);
  double *p = PN_NEW_ARRAY(a->s->e->arena, double, cls->n_params);
  for (int k = 0; k < cls->n_params; k++)
    p[k] = standard[k];
  p[index] = value;
  return p;
}

/* n two-terminal devices of one value on nodes [n][2], named part[i][j] over rows * cols. */
static void add_equal(pn_array_line *a, char letter, const char *part, int rows, int cols,
                      const int *nodes, const pn_num *v, double value)
{
  const pn_device_class *cls = pn_class_of_letter(letter);
  pn_bulk_spec spec = {.array = a->name,
                       .part = part,
                       .rows = rows,
                       .cols = cols,
                       .n = rows * cols,
                       .loc = a->loc,
                       .cls = cls,
                       .nodes = nodes,
                       .params = params_with(a, cls, 0, value),
                       .hold = -1};
  pn_array_bulk(a, &spec, 0, v);
}

static int *new_nodes(pn_array_line *a, int rows, int cols)
{
  return PN_NEW_ARRAY(a->s->e->arena, int, 2 * (size_t)rows * (size_t)cols);
}

static const char *name_part(pn_array_line *a, const char *letter, const pn_lines *l)
{
  return pn_arena_printf(a->s->e->arena, "%s%s", letter, l->part);
}

/* One segment between neighbours, and one from the port: word lines begin at column 0, bit lines end
 * below the last row. */
static void add_segments(pn_array_line *a, pn_lines *l)
{
  int *nodes = new_nodes(a, a->rows, a->cols), *at = nodes;
  bool by_row = pn_lines_by_row(l);
  for (int i = 0; i < a->rows; i++)
    for (int j = 0; j < a->cols; j++) {
      bool port = by_row ? j == 0 : i == a->rows - 1;
      *at++ = port     ? l->port[by_row ? i : j]
              : by_row ? l->first + i * a->cols + j - 1
                       : l->first + (i + 1) * a->cols + j;
      *at++ = l->first + i * a->cols + j;
    }
  add_equal(a, 'r', name_part(a, "r", l), a->rows, a->cols, nodes, &l->segment, l->segment.value);
}

/* The far end: one segment to the port, to ground (through a load), or to a port of its own. */
static void add_end(pn_array_line *a, pn_lines *l, pn_line_end end, const pn_num *load)
{
  if (end == PN_END_OPEN || (end == PN_END_BOTH && l->first < 0))
    return;
  bool by_row = pn_lines_by_row(l);
  int *nodes = new_nodes(a, l->n, 1);
  for (int k = 0; k < l->n; k++) {
    nodes[2 * k] = by_row ? pn_lines_node(a, l, k, a->cols - 1) : pn_lines_node(a, l, 0, k);
    nodes[2 * k + 1] = end == PN_END_BOTH ? l->port[k] : end == PN_END_PORT ? l->far[k] : PN_GROUND;
  }
  bool loaded = end == PN_END_LOAD;
  double ohm = l->segment.value + (loaded ? load->value : 0);
  if (loaded) { /* the sum is no expression of the netlist */
    pn_presume(a->s, &l->segment);
    pn_presume(a->s, load);
  }
  if (ohm > 0)
    add_equal(a, 'r', name_part(a, "re", l), l->n, 1, nodes, loaded ? NULL : &l->segment, ohm);
}

static void add_capacitors(pn_array_line *a, const pn_lines *l)
{
  bool by_row = pn_lines_by_row(l);
  if (l->farad.value > 0) {
    int *nodes = new_nodes(a, a->rows, a->cols), *at = nodes;
    for (int k = 0; k < a->rows * a->cols; k++) {
      *at++ = pn_lines_node(a, l, k / a->cols, k % a->cols);
      *at++ = PN_GROUND;
    }
    add_equal(a, 'c', name_part(a, "c", l), a->rows, a->cols, nodes, &l->farad, l->farad.value);
  } else {
    pn_presume(a->s, &l->farad);
  }
  int rows = by_row ? a->rows - 1 : a->rows, cols = by_row ? a->cols : a->cols - 1;
  if (a->cx.value > 0 && rows > 0 && cols > 0) {
    int *nodes = new_nodes(a, rows, cols), *at = nodes;
    for (int i = 0; i < rows; i++)
      for (int j = 0; j < cols; j++) {
        *at++ = pn_lines_node(a, l, i, j);
        *at++ = by_row ? pn_lines_node(a, l, i + 1, j) : pn_lines_node(a, l, i, j + 1);
      }
    add_equal(a, 'c', name_part(a, "cx", l), rows, cols, nodes, &a->cx, a->cx.value);
  } else {
    pn_presume(a->s, &a->cx);
  }
}

/* An end that is grounded without any resistance is not a circuit. */
static bool check_end(pn_array_line *a, const pn_lines *l, pn_line_end end, const pn_num *load)
{
  bool shorted = l->segment.value == 0 && (end == PN_END_GROUND || end == PN_END_PORT ||
                                           (end == PN_END_LOAD && load->value == 0));
  if (shorted)
    pn_error_hint(a->s->e->diag, a->loc, "give the segments a resistance, or ground the ports",
                  "far ends of lines without resistance cannot be grounded or be ports");
  return !shorted;
}

bool pn_array_wires(pn_array_line *a)
{
  pn_circuit *c = a->s->e->circuit;
  const pn_num none = {0};
  for (int k = 0; k < a->n_lines; k++) {
    pn_lines *l = &a->lines[k];
    l->segment = l->kind == 'r' ? a->rw : l->kind == 'c' ? a->rb : none;
    l->farad = pn_lines_by_row(l) ? a->cw : a->cb;
    l->first = -1;
    if (l->segment.value > 0) {
      l->first = pn_circuit_grid(c, a->name, l->part, a->rows, a->cols, a->loc);
      if (l->first < 0)
        return false;
      add_segments(a, l);
    } else {
      pn_presume(a->s, &l->segment);
      pn_circuit_alias(c, a->name, l->part, a->rows, a->cols, l->port, !pn_lines_by_row(l));
    }
    int which = pn_lines_by_row(l) ? 0 : 1;
    bool wired = l->kind == 'r' || l->kind == 'c';
    if (wired && !check_end(a, l, a->end[which], &a->load[which]))
      return false;
    if (wired)
      add_end(a, l, l->far || a->end[which] != PN_END_PORT ? a->end[which] : PN_END_OPEN,
              &a->load[which]);
    add_capacitors(a, l);
  }
  return true;
}
