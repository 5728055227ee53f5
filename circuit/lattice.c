/* Arrays that are whole: every segment of their lines and every cell is there. What joins their nodes then
 * follows from where these stand, and need not be looked up device by device. */
#include "circuit/private.h"

/* Nodes of device k of a role are p + k and n + k, but at ports: in the first column, in the last row. */
typedef struct rule {
  int p, n;
  bool first_column, last_row; /* stand at ports */
} rule;

static rule rule_of(const pn_linsol_array *a, pn_role r)
{
  switch (r) {
  case PN_WORD_WIRES:
    return (rule){a->w0 - 1, a->w0, true, false};
  case PN_BIT_WIRES:
    return (rule){a->b0 + a->cols, a->b0, false, true};
  case PN_FROM_WORD:
    return (rule){a->w0, a->m0, false, false};
  case PN_TO_BIT:
    return (rule){a->m0, a->b0, false, false};
  default:
    return (rule){a->w0, a->b0, false, false};
  }
}

static bool has_role(const pn_bulk *b, const pn_linsol_array *a, pn_role r)
{
  rule to = rule_of(a, r);
  size_t locals = (size_t)b->spec.cls->n_locals;
  bool all = true;
  for (int i = 0; i < a->rows - to.last_row && all; i++) {
    int k = i * a->cols + to.first_column, end = (i + 1) * a->cols;
    for (const int *u = b->locals + (size_t)k * locals; k < end; k++, u += locals)
      all &= u[0] == to.p + k && u[1] == to.n + k;
  }
  return all;
}

static pn_role role_of(const pn_bulk *b, const pn_linsol_array *a)
{
  const pn_device_class *cls = b->spec.cls;
  if (a->rows < 2 || a->cols < 2) /* too small to tell one from the other */
    return PN_NO_ROLE;
  bool conducts = cls->flags & PN_DEV_MEMRISTOR || cls->letter == 'r';
  if (!conducts || b->spec.cell || b->spec.n != a->rows * a->cols)
    return PN_NO_ROLE;
  static const pn_role direct[] = {PN_CELLS, PN_WORD_WIRES, PN_BIT_WIRES, PN_NO_ROLE},
                       series[] = {PN_FROM_WORD, PN_TO_BIT, PN_WORD_WIRES, PN_BIT_WIRES,
                                   PN_NO_ROLE};
  const pn_role *r = a->m0 < 0 ? direct : series;
  while (*r && !has_role(b, a, *r))
    r++;
  return *r;
}

/* A bulk's role, and the devices that it does not tell about: first and step. */
static void take_role(pn_bulk *b, const pn_linsol_array *a, int whole, pn_role r)
{
  b->role = r;
  b->whole = whole;
  b->rest = r == PN_WORD_WIRES ? 0 : r == PN_BIT_WIRES ? (a->rows - 1) * a->cols : b->spec.n;
  b->rest_step = r == PN_WORD_WIRES ? a->cols : 1;
}

static bool is_whole(pn_circuit *c, const pn_linsol_array *a, pn_role *of)
{
  unsigned seen = 0, needed = a->m0 < 0 ? 1u << PN_CELLS : 1u << PN_FROM_WORD | 1u << PN_TO_BIT;
  needed |= 1u << PN_WORD_WIRES | 1u << PN_BIT_WIRES;
  for (size_t k = 0; k < c->bulks.n && seen != needed; k++) {
    pn_role r = role_of(&c->bulks.at[k], a);
    of[k] = seen & 1u << r ? PN_NO_ROLE : r; /* one bulk has a role */
    seen |= r ? 1u << r : 0;
  }
  return seen == needed;
}

void pn_lattices_find(pn_circuit *c)
{
  for (size_t k = 0; k < c->bulks.n; k++) {
    c->bulks.at[k].rest = 0;
    c->bulks.at[k].rest_step = 1;
  }
  for (size_t l = 0; l < c->lattices.n; l++) {
    pn_role *of = PN_NEW_ARRAY(c->arena, pn_role, c->bulks.n);
    pn_linsol_array *a = &c->lattices.at[l];
    if (!is_whole(c, a, of))
      continue;
    a->whole = true;
    for (size_t k = 0; k < c->bulks.n; k++)
      if (of[k])
        take_role(&c->bulks.at[k], a, (int)c->whole.n, of[k]);
    *PN_PUSH(c->arena, &c->whole) = *a;
  }
}
