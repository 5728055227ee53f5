/* Resistors of whole arrays: what they add to the matrix follows from where they stand, and is put there column
 * by column, without looking up a place for each. */
#include "base/clones.h"
#include "circuit/private.h"
#include "devices/classes.h"

/* Conductances of the devices of a role, S: of device k at[k step]. at NULL: there are none. */
typedef struct siemens {
  const double *at;
  size_t step; /* 0: all alike */
} siemens;

typedef struct whole {
  const pn_sim *s;
  const pn_linsol_array *a;
  siemens word, bit, cell;
} whole;

bool pn_whole_stamps(const pn_circuit *c, const pn_batch *b)
{
  if (b->bulk < 0 || b->cls != &pn_class_resistor)
    return false;
  pn_role role = c->bulks.at[b->bulk].role;
  return role == PN_WORD_WIRES || role == PN_BIT_WIRES || role == PN_CELLS;
}

static double siemens_of(const siemens *g, int k)
{
  return g->at[(size_t)k * g->step];
}

/* ---- nodes ---- */

/* Four entries for each of n nodes, v [n][4]. */
PN_CLONES
static void add_inside(int n, const pn_linsol_stencil *to, siemens before, siemens next,
                       siemens cell, double *restrict v)
{
  for (size_t k = 0; k < (size_t)n; k++) {
    double b = before.at[k * before.step], x = next.at[k * next.step], c = cell.at[k * cell.step];
    v[4 * k + (size_t)to->before] -= b;
    v[4 * k + (size_t)to->next] -= x;
    v[4 * k + (size_t)to->cell] -= c;
    v[4 * k + (size_t)to->own] += (b + x) + c;
  }
}

static siemens from(const siemens *g, int k)
{
  static const double none = 0;
  return g->at ? (siemens){g->at + (size_t)k * g->step, g->step} : (siemens){&none, 0};
}

/* What joins a node to another one, in the node's column. */
static void add_side(const whole *w, int node, int other, double g)
{
  const pn_sim *s = w->s;
  s->g0[s->c->diag_slot[node]] += g;
  s->g0[pn_place_near(s->c, other, node)] -= g;
}

static void add_node(const whole *w, const pn_linsol_grid *g, const siemens *line, int i, int j)
{
  bool along = g->lines == 'w';
  int cols = w->a->cols, at = i * cols + j, node = g->first + at;
  if (line->at && (along ? j > 0 : i > 0))
    add_side(w, node, node - g->step, siemens_of(line, along ? at : at - cols));
  if (line->at && (along ? j + 1 < cols : i + 1 < w->a->rows))
    add_side(w, node, node + g->step, siemens_of(line, along ? at + 1 : at));
  if (w->cell.at)
    add_side(w, node, g->cell1 + at, siemens_of(&w->cell, at));
}

/* Nodes of one row, all with both neighbours but for a word line's ends. */
static void add_row(const whole *w, const pn_linsol_grid *g, const siemens *line, int i)
{
  const pn_circuit *c = w->s->c;
  bool along = g->lines == 'w', inside = along || (i > 0 && i + 1 < w->a->rows);
  int cols = w->a->cols, at = i * cols, j = 0, first = along, end = cols - first;
  for (; j < first; j++)
    add_node(w, g, line, i, j);
  int n = end - j, node = g->first + at + j;
  if (inside && n > 0 && c->colptr[node + n] - c->colptr[node] == 4 * n) { /* none has more */
    pn_linsol_stencil to = pn_linsol_grid_stencil(g);
    at += j;
    add_inside(n, &to, from(line, along ? at : at - cols), from(line, along ? at + 1 : at),
               from(&w->cell, at), w->s->g0 + c->colptr[node]);
    j = end;
  }
  for (; j < cols; j++)
    add_node(w, g, line, i, j);
}

/* ---- arrays ---- */

/* The devices at the ports, which are not of the array alone. */
static void add_ports(const pn_sim *s, const pn_bulk *b, const siemens *g)
{
  for (int k = b->rest; k < b->spec.n; k += b->rest_step) {
    const int *u = b->locals + 2 * (size_t)k;
    pn_add_conductance(s->c, s->g0, u[0], u[1], siemens_of(g, k));
  }
}

void pn_whole_stamp(pn_sim *s)
{
  const pn_circuit *c = s->c;
  for (size_t k = 0; k < c->whole.n; k++) {
    whole w = {.s = s, .a = &c->whole.at[k]};
    for (size_t m = 0; m < c->batches.n; m++) {
      const pn_batch *b = &c->batches.at[m];
      if (!pn_whole_stamps(c, b) || c->bulks.at[b->bulk].whole != (int)k)
        continue;
      const pn_bulk *bulk = &c->bulks.at[b->bulk];
      const pn_columns *p = &s->run[m].par;
      int own = p->column[pn_resistor_conductance];
      siemens g = {own < 0 ? &p->uniform[pn_resistor_conductance] : p->at[own], own >= 0};
      *(bulk->role == PN_WORD_WIRES ? &w.word : bulk->role == PN_BIT_WIRES ? &w.bit : &w.cell) = g;
      add_ports(s, bulk, &g);
    }
    pn_linsol_grid grid[3];
    pn_linsol_grids(w.a, grid);
    for (int m = 0; m < 2; m++)
      for (int i = 0; i < w.a->rows; i++)
        add_row(&w, &grid[m], m ? &w.bit : &w.word, i);
  }
}
