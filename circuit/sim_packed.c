/* Constant matrices on the circuit's pattern without their empty entries, row by row: what linear devices
 * contribute is one product of each row with the unknowns. */
#include "base/clones.h"
#include "circuit/private.h"

#include <string.h>

static bool make_room(pn_sim *s, pn_packed *to)
{
  size_t n = (size_t)s->c->n_mna + 1, nnz = (size_t)s->c->nnz + 1;
  if (to->rowptr)
    return true;
  to->col = pn_arena_try(&s->arena, nnz * sizeof *to->col);
  to->value = pn_arena_try(&s->arena, nnz * sizeof *to->value);
  int *rowptr = pn_arena_try(&s->arena, n * sizeof *rowptr);
  if (!to->col || !to->value || !rowptr)
    return false;
  to->rowptr = rowptr;
  return true;
}

void pn_rows_of(const pn_circuit *c, const double *value, int *rowptr)
{
  memset(rowptr, 0, (size_t)(c->n_mna + 1) * sizeof *rowptr);
  for (int k = 0; k < c->nnz; k++)
    rowptr[c->rowind[k]] += !value || value[k] != 0;
  for (int i = 0, end = 0; i <= c->n_mna; i++) {
    end += i < c->n_mna ? rowptr[i] : 0;
    rowptr[i] = end;
  }
}

bool pn_sim_pack(pn_sim *s, const double *value, pn_packed *to)
{
  const pn_circuit *c = s->c;
  if (!make_room(s, to))
    return false;
  pn_rows_of(c, value, to->rowptr);
  for (int j = c->n_mna - 1; j >= 0; j--)
    for (int k = c->colptr[j + 1] - 1; k >= c->colptr[j]; k--)
      if (value[k] != 0) {
        int at = --to->rowptr[c->rowind[k]];
        to->col[at] = j;
        to->value[at] = value[k];
      }
  return true;
}

/* ---- bands: lines, ladders and meshes are little else ---- */

enum { LEAST_ROWS = 8, MOST_ROWS = 64, MOST_ENTRIES = 8 };

/* Are the entries of row i + 1 those of row i, one column on? */
static bool goes_on(const pn_packed *a, int i)
{
  int at = a->rowptr[i], next = a->rowptr[i + 1], n = next - at;
  if (a->rowptr[i + 2] - next != n)
    return false;
  for (int k = 0; k < n; k++)
    if (a->col[next + k] != a->col[at + k] + 1)
      return false;
  return true;
}

static void turn(const pn_packed *a, int first, int rows, int entries)
{
  double kept[MOST_ROWS * MOST_ENTRIES], *value = a->value + a->rowptr[first];
  memcpy(kept, value, (size_t)(rows * entries) * sizeof *kept);
  for (int e = 0; e < entries; e++)
    for (int i = 0; i < rows; i++)
      value[e * rows + i] = kept[i * entries + e];
}

static bool find_bands(pn_sim *s, pn_packed *a)
{
  int n = s->c->n_mna;
  if (!a->band &&
      !(a->band = pn_arena_try(&s->arena, (size_t)(n / LEAST_ROWS + 1) * sizeof *a->band)))
    return false;
  a->n_bands = 0;
  for (int i = 0, end; i < n; i = end) {
    int entries = a->rowptr[i + 1] - a->rowptr[i];
    end = i + 1;
    if (entries == 0 || entries > MOST_ENTRIES)
      continue;
    while (end < n && end - i < MOST_ROWS && goes_on(a, end - 1))
      end++;
    if (end - i < LEAST_ROWS)
      continue;
    turn(a, i, end - i, entries);
    a->band[a->n_bands++] = (struct pn_band){i, end};
  }
  return true;
}

PN_CLONES
static void add_band(int rows, int entries, const double *restrict value, const int *restrict col,
                     const double *restrict v, double *restrict w)
{
  double sum[MOST_ROWS];
  for (int i = 0; i < rows; i++)
    sum[i] = value[i] * v[col[0] + i];
  for (int e = 1; e < entries; e++)
    for (int i = 0; i < rows; i++)
      sum[i] += value[e * rows + i] * v[col[e] + i];
  for (int i = 0; i < rows; i++)
    w[i] += sum[i];
}

static void add_rows(const pn_packed *a, int first, int end, const double *restrict v,
                     double *restrict w)
{
  const int *restrict col = a->col;
  const double *restrict x = a->value;
  for (int i = first, k = a->rowptr[first]; i < end; i++) {
    double sum = 0;
    for (int to = a->rowptr[i + 1]; k < to; k++)
      sum += x[k] * v[col[k]];
    w[i] += sum;
  }
}

void pn_sim_add_packed(const pn_circuit *c, const pn_packed *a, const double *restrict v,
                       double *restrict w)
{
  int done = 0;
  for (int b = 0; b < a->n_bands; b++) {
    int first = a->band[b].first, end = a->band[b].end, at = a->rowptr[first];
    add_rows(a, done, first, v, w);
    add_band(end - first, a->rowptr[first + 1] - at, a->value + at, a->col + at, v, w + first);
    done = end;
  }
  add_rows(a, done, c->n_mna, v, w);
}

void pn_sim_add_whole(const pn_circuit *c, const double *value, const double *restrict v,
                      double *restrict w)
{
  for (int j = 0; j < c->n_mna; j++) {
    double by = v[j];
    if (by == 0) /* as all are at first */
      continue;
    for (int k = c->colptr[j], end = c->colptr[j + 1]; k < end; k++)
      w[c->rowind[k]] += value[k] * by;
  }
}

/* Packing costs as much as a few products: transients and nonlinear circuits have many. */
pn_status pn_sim_pack_linear(pn_sim *s, pn_sim_mode mode)
{
  if (s->packed || !(s->has_nonlinear || mode == PN_SIM_TRAN))
    return PN_OK;
  s->packed = pn_sim_pack(s, s->g0, &s->packed_g0) && find_bands(s, &s->packed_g0) &&
              (!s->has_c0 ||
               (pn_sim_pack(s, s->c0, &s->packed_c0) && find_bands(s, &s->packed_c0))) &&
              (!s->cq || !s->has_nonlinear || make_room(s, &s->packed_cq));
  return s->packed ? PN_OK : PN_E_MEMORY;
}

void pn_sim_add_g_linear(const pn_sim *s, const double *v, double *w)
{
  if (s->packed)
    pn_sim_add_packed(s->c, &s->packed_g0, v, w);
  else
    pn_sim_add_whole(s->c, s->g0, v, w);
}

void pn_sim_add_c_linear(const pn_sim *s, const double *v, double *w)
{
  const pn_circuit *c = s->c;
  if (s->has_c0 && s->packed)
    pn_sim_add_packed(c, &s->packed_c0, v, w);
  else if (s->has_c0)
    pn_sim_add_whole(c, s->c0, v, w);
  for (int k = c->n_mna; k < c->n; k++)
    w[k] += s->differential[k] * v[k];
}
