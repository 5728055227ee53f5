/* What a vanished pivot means, in the words of circuits: which unknown, and the likely
 * cause. */
#include "circuit/private.h"

#include <stdio.h>

/* Does the column of an unknown hold any number besides gmin-sized ones? */
static bool column_is_empty(const pn_sim *s, int j)
{
  for (int k = s->m ? s->c->colptr[j] : s->c->colptr[j + 1]; k < s->c->colptr[j + 1]; k++)
    if (fabs(s->m[k]) > 1e-14)
      return false;
  return true;
}

static const char *cause(const pn_sim *s, const pn_unknown *u, int j)
{
  if (j >= s->c->n_mna)
    return "no value of the device's states makes their rates 0 near here: its voltage is probably "
           "far beyond "
           "what the model is for";
  if (u->kind == PN_U_BRANCH)
    return "it is probably in a loop of voltage sources or inductors";
  if (column_is_empty(s, j))
    return "nothing conducts there: the node is floating, or every device on it is off";
  return "the conductances there cancel, or controlled sources leave it undetermined";
}

void pn_sim_report_singular(pn_sim *s)
{
  int unknown = s->singular;
  char label[160];
  if (unknown < 0 || unknown >= s->c->n) {
    pn_error(s->diag, PN_NOWHERE, "the circuit's matrix is singular");
    return;
  }
  const pn_unknown of = pn_circuit_unknown(s->c, unknown), *u = &of;
  pn_circuit_label(s->c, unknown, label, sizeof label);
  pn_error_hint(s->diag, u->loc, cause(s, u, unknown),
                "the equations do not determine %s: the matrix is singular", label);
}
