/* The list of a circuit's arrays. */
#include "circuit/array.h"
#include "circuit/private.h"

void pn_circuit_add_array(pn_circuit *c, const pn_array *a)
{
  *PN_PUSH(c->arena, &c->arrays) = *a;
}

int pn_circuit_n_arrays(const pn_circuit *c)
{
  return (int)c->arrays.n;
}

const pn_array *pn_circuit_array_at(const pn_circuit *c, int k)
{
  return &c->arrays.at[k];
}

const pn_array *pn_circuit_array(const pn_circuit *c, pn_str name)
{
  for (size_t k = 0; k < c->arrays.n; k++)
    if (pn_str_ieq(c->arrays.at[k].name, name))
      return &c->arrays.at[k];
  return NULL;
}

bool pn_array_gate_opens(const pn_array *a, int gate, int row, int col)
{
  const pn_array_gate *g = &a->opens[gate];
  return (g->row < 0 || g->row == row) && (g->col < 0 || g->col == col / a->split) &&
         (g->which < 0 || g->which == col % a->split);
}
