/* Arrays that are whole: every segment of their lines and every cell is there. What joins their nodes then
 * follows from where these stand, and need not be looked up device by device. */
#include "circuit/private.h"

/* What the devices of a bulk are in an array. */
typedef enum role { NONE, WORD_WIRES, BIT_WIRES, CELLS, FROM_WORD, TO_BIT } role;

/* Nodes of device k of a role are p + k and n + k, but at ports: in the first column, in the last row. */
typedef struct rule {
  int p, n;
  bool first_column, last_row; /* stand at ports */
} rule;

static rule rule_of(const pn_linsol_array *a, role r)
{
  switch (r) {
  case WORD_WIRES:
    return (rule){a->w0 - 1, a->w0, true, false};
  case BIT_WIRES:
    return (rule){a->b0 + a->cols, a->b0, false, true};
  case FROM_WORD:
    return (rule){a->w0, a->m0, false, false};
  case TO_BIT:
    return (rule){a->m0, a->b0, false, false};
  default:
    return (rule){a->w0, a->b0, false, false};
  }
}

static bool has_role(const pn_bulk *b, const pn_linsol_array *a, role r)
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

static role role_of(const pn_bulk *b, const pn_linsol_array *a)
{
  const pn_device_class *cls = b->spec.cls;
  if (a->rows < 2 || a->cols < 2) /* too small to tell one from the other */
    return NONE;
  bool conducts = cls->flags & PN_DEV_MEMRISTOR || cls->letter == 'r';
  if (!conducts || b->spec.cell || b->spec.n != a->rows * a->cols)
    return NONE;
  static const role direct[] = {CELLS, WORD_WIRES, BIT_WIRES, NONE},
                    series[] = {FROM_WORD, TO_BIT, WORD_WIRES, BIT_WIRES, NONE};
  const role *r = a->m0 < 0 ? direct : series;
  while (*r && !has_role(b, a, *r))
    r++;
  return *r;
}

/* The devices that a role does not tell about: first and step. */
static void leave_ports(pn_bulk *b, const pn_linsol_array *a, role r)
{
  b->rest = r == WORD_WIRES ? 0 : r == BIT_WIRES ? (a->rows - 1) * a->cols : b->spec.n;
  b->rest_step = r == WORD_WIRES ? a->cols : 1;
}

static bool is_whole(pn_circuit *c, const pn_linsol_array *a, role *of)
{
  unsigned seen = 0, needed = a->m0 < 0 ? 1u << CELLS : 1u << FROM_WORD | 1u << TO_BIT;
  needed |= 1u << WORD_WIRES | 1u << BIT_WIRES;
  for (size_t k = 0; k < c->bulks.n && seen != needed; k++) {
    of[k] = role_of(&c->bulks.at[k], a);
    seen |= of[k] ? 1u << of[k] : 0;
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
    role *of = PN_NEW_ARRAY(c->arena, role, c->bulks.n);
    const pn_linsol_array *a = &c->lattices.at[l];
    if (!is_whole(c, a, of))
      continue;
    *PN_PUSH(c->arena, &c->whole) = *a;
    for (size_t k = 0; k < c->bulks.n; k++)
      if (of[k])
        leave_ports(&c->bulks.at[k], a, of[k]);
  }
}
