/* From a list of instances to batches of one class, and from their local (row,
 * column) pairs to one fixed pattern in compressed columns with a slot per entry.
 * Ground has a slot of its own, so that loading has no branches. */
#include "circuit/private.h"

#include <stdlib.h>
#include <string.h>

static int padded(int n)
{
  return (n + PN_LANES - 1) / PN_LANES * PN_LANES;
}

/* Which batch holds a class. */
typedef struct class_slot {
  const pn_device_class *cls;
  int batch;
} class_slot;

static int by_class(const void *a, const void *b)
{
  uintptr_t p = (uintptr_t)((const class_slot *)a)->cls,
            q = (uintptr_t)((const class_slot *)b)->cls;
  return p < q ? -1 : p > q;
}

/* Numbers the batches in the order in which their classes first appear: kinds are in that order. */
static void assign_batches(pn_circuit *c)
{
  size_t kinds = c->kinds.n;
  class_slot *sorted = PN_NEW_ARRAY(c->arena, class_slot, kinds + 1);
  for (size_t k = 0; k < kinds; k++)
    sorted[k] = (class_slot){c->kinds.at[k].cls, -1};
  qsort(sorted, kinds, sizeof *sorted, by_class);
  size_t distinct = 0;
  for (size_t k = 0; k < kinds; k++)
    if (!distinct || by_class(&sorted[distinct - 1], &sorted[k]))
      sorted[distinct++] = sorted[k];
  for (size_t k = 0; k < kinds; k++) {
    pn_device_kind *d = &c->kinds.at[k];
    class_slot key = {d->cls, -1};
    class_slot *s = bsearch(&key, sorted, distinct, sizeof *sorted, by_class);
    if (s->batch < 0) {
      s->batch = (int)c->batches.n;
      *PN_PUSH(c->arena, &c->batches) = (pn_batch){.cls = d->cls, .bulk = -1};
    }
    d->batch = s->batch;
  }
  for (size_t k = 0; k < c->devices.n; k++)
    c->devices.at[k].place = c->batches.at[pn_kind_of(c, (int)k)->batch].n++;
}

/* Its entries never change but with parameters: their places are found when they are stamped. */
static bool is_stamped_once(const pn_device_class *cls)
{
  return cls->flags & PN_DEV_LINEAR && !cls->small_signal;
}

static void fill_batch(pn_circuit *c, pn_batch *b)
{
  b->n_pad = padded(b->n);
  b->state0 = pn_class_first_state(b->cls);
  b->n_slots = b->cls->flags & PN_DEV_MEMRISTOR ? 4 : b->cls->n_pairs;
  b->device = b->bulk < 0 ? PN_NEW_ARRAY(c->arena, int, b->n) : NULL;
  if (b->bulk >= 0 && b->cls->flags & PN_DEV_LINEAR)
    return;
  b->map = PN_NEW_ARRAY(c->arena, int, (size_t)b->cls->n_locals *(size_t)b->n_pad);
  if (!is_stamped_once(b->cls))
    b->slot = PN_NEW_ARRAY(c->arena, int, (size_t)b->n_slots *(size_t)b->n_pad);
}

/* A bulk is a batch of its own. */
static void add_bulk_batches(pn_circuit *c)
{
  for (size_t k = 0; k < c->bulks.n; k++) {
    pn_bulk *b = &c->bulks.at[k];
    b->batch = (int)c->batches.n;
    *PN_PUSH(c->arena,
             &c->batches) = (pn_batch){.cls = b->spec.cls, .bulk = (int)k, .n = b->spec.n};
  }
}

static void map_bulk(pn_circuit *c, pn_batch *b)
{
  const pn_bulk *bulk = &c->bulks.at[b->bulk];
  int locals = b->cls->n_locals;
  for (int l = 0; l < locals; l++)
    for (int k = 0; k < b->n_pad; k++) {
      int place = k < b->n ? k : b->n - 1;
      int u = bulk->locals[(size_t)place * (size_t)locals + (size_t)l];
      b->map[(size_t)l * (size_t)b->n_pad + (size_t)k] = u < 0 ? c->n : u;
    }
}

static void map_device(pn_circuit *c, int id)
{
  const pn_record *d = &c->devices.at[id];
  pn_batch *b = &c->batches.at[pn_kind_of(c, id)->batch];
  b->device[d->place] = id;
  int copies = d->place == b->n - 1 ? b->n_pad - b->n + 1 : 1;
  for (int l = 0; l < b->cls->n_locals; l++)
    for (int k = 0; k < copies; k++)
      b->map[(size_t)l * (size_t)b->n_pad + (size_t)(d->place + k)] = d->unknowns[l] < 0
                                                                          ? c->n
                                                                          : d->unknowns[l];
}

pn_status pn_circuit_build_batches(pn_circuit *c)
{
  assign_batches(c);
  add_bulk_batches(c);
  for (size_t k = 0; k < c->batches.n; k++) {
    fill_batch(c, &c->batches.at[k]);
    if (c->batches.at[k].bulk >= 0 && c->batches.at[k].map)
      map_bulk(c, &c->batches.at[k]);
  }
  for (size_t k = 0; k < c->devices.n; k++)
    map_device(c, (int)k);
  return PN_OK;
}

/* Local row and column of a batch's s-th matrix entry. */
static pn_pair slot_pair(const pn_batch *b, int s)
{
  static const pn_pair port[4] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}};
  return b->cls->flags & PN_DEV_MEMRISTOR ? port[s] : b->cls->pairs[s];
}

/* A terminal's own entry: nodes have a diagonal anyway. */
static bool is_of_node(const pn_batch *b, pn_pair p)
{
  return p.row == p.col && b->cls->locals[p.row].kind == PN_L_TERM;
}

/* Entries of devices with a record, with both ends in the matrix. Counts with row NULL, else fills. next [n_mna] */
static void device_entries(const pn_circuit *c, int *next, int *row)
{
  for (size_t k = 0; k < c->batches.n; k++) {
    const pn_batch *b = &c->batches.at[k];
    for (int s = 0; s < b->n_slots && b->bulk < 0; s++) {
      pn_pair p = slot_pair(b, s);
      const int *rows = b->map + (size_t)p.row * (size_t)b->n_pad;
      const int *cols = b->map + (size_t)p.col * (size_t)b->n_pad;
      for (int i = 0; i < b->n && !is_of_node(b, p); i++) {
        if (rows[i] >= c->n_mna || cols[i] >= c->n_mna)
          continue;
        if (row)
          row[next[cols[i]]++] = rows[i];
        else
          next[cols[i]]++;
      }
    }
  }
}

/* Devices of bulks are one-ports between nodes, which have a diagonal entry anyway; those that follow from
 * whole arrays are left out. Counts with row NULL, else fills. next [n_mna] */
static void bulk_entries(const pn_circuit *c, int *next, int *row)
{
  for (size_t k = 0; k < c->bulks.n; k++) {
    const pn_bulk *b = &c->bulks.at[k];
    size_t locals = (size_t)b->spec.cls->n_locals;
    for (size_t i = (size_t)b->rest; i < (size_t)b->spec.n; i += (size_t)b->rest_step) {
      const int *u = b->locals + i * locals;
      int p = u[0], n = u[1];
      if (p < 0 || n < 0)
        continue;
      if (row) {
        row[next[p]++] = n;
        row[next[n]++] = p;
      } else {
        next[p]++;
        next[n]++;
      }
    }
  }
}

int pn_circuit_slot(const pn_circuit *c, int row, int col)
{
  if (row >= c->n_mna || col >= c->n_mna)
    return c->nnz;
  int low = c->colptr[col], high = c->colptr[col + 1];
  while (high - low > 8) {
    int mid = (low + high) / 2;
    if (c->rowind[mid] <= row)
      low = mid;
    else
      high = mid;
  }
  while (c->rowind[low] != row)
    low++;
  return low;
}

static void find_slots(pn_circuit *c)
{
  for (size_t k = 0; k < c->batches.n; k++) {
    pn_batch *b = &c->batches.at[k];
    for (int s = 0; s < b->n_slots && b->slot; s++) {
      pn_pair p = slot_pair(b, s);
      size_t pad = (size_t)b->n_pad;
      const int *rows = b->map + (size_t)p.row * pad, *cols = b->map + (size_t)p.col * pad;
      for (size_t i = 0; i < pad; i++)
        b->slot[(size_t)s * pad + i] = pn_circuit_slot(c, rows[i], cols[i]);
    }
  }
}

static int by_value(const void *a, const void *b)
{
  int x = *(const int *)a, y = *(const int *)b;
  return x < y ? -1 : x > y;
}

static void sort_column(int *row, int n)
{
  if (n > 24) {
    qsort(row, (size_t)n, sizeof *row, by_value);
    return;
  }
  for (int a = 1; a < n; a++) {
    int v = row[a], k = a;
    for (; k > 0 && row[k - 1] > v; k--)
      row[k] = row[k - 1];
    row[k] = v;
  }
}

/* Columns that are being written one behind the other. */
typedef struct columns {
  int *row; /* [nnz], may be where the raw entries are */
  int n;    /* entries so far */
} columns;

/* One more column: a sorted list without repetitions. Returns the place of (j, j), or -1. */
static int put_column(columns *to, int j, const int *row, int n)
{
  int last = -1, diagonal = -1;
  for (int k = 0; k < n; k++) {
    int i = row[k];
    if (i == last)
      continue;
    diagonal = i == j ? to->n : diagonal;
    to->row[to->n++] = last = i;
  }
  return diagonal;
}

/* Columns first .. end - 1 from raw entries, which begin at `from`: returns where they end. end_of [n_mna] is
 * where each ends, and becomes the place of its diagonal. */
static int compress(pn_circuit *c, columns *to, int first, int end, int from, int *end_of, int *raw)
{
  for (int j = first; j < end; j++) {
    int next = end_of[j];
    c->colptr[j] = to->n;
    sort_column(raw + from, next - from);
    end_of[j] = put_column(to, j, raw + from, next - from);
    from = next;
  }
  return from;
}

/* One node of a grid of a whole array, with `more` raw entries. Returns the place of its diagonal. */
static int put_node(pn_circuit *c, columns *to, int j, const int *own, int n, const int *raw,
                    int more)
{
  if (!more)
    return put_column(to, j, own, n);
  int *all = PN_NEW_ARRAY(c->arena, int, n + more);
  memcpy(all, own, (size_t)n * sizeof *all);
  memcpy(all + n, raw, (size_t)more * sizeof *all);
  sort_column(all, n + more);
  return put_column(to, j, all, n + more);
}

/* n nodes that have their stencil's entries and no others. */
static void put_inside(pn_circuit *c, columns *to, const pn_linsol_stencil *at, int first, int n,
                       int *restrict diagonal)
{
  int *restrict row = to->row + to->n, *restrict colptr = c->colptr + first;
  for (int k = 0; k < n; k++) {
    for (int m = 0; m < 4; m++)
      row[4 * k + m] = first + k + at->to[m];
    colptr[k] = to->n + 4 * k;
    diagonal[first + k] = to->n + 4 * k + at->own;
  }
  to->n += 4 * n;
}

/* The same as compress for a grid of a whole array, whose nodes have few raw entries. */
static int compress_grid(pn_circuit *c, columns *to, const pn_linsol_array *a,
                         const pn_linsol_grid *g, int from, int *end_of, const int *raw)
{
  pn_linsol_stencil at = {.own = -1};
  if (g->lines != 'm')
    at = pn_linsol_grid_stencil(g);
  for (int i = 0; i < a->rows; i++) {
    int first = g->lines == 'w' ? 1 : 0, last = a->cols - first, node = g->first + i * a->cols;
    bool inside = g->lines == 'w' || (g->lines == 'b' && i > 0 && i + 1 < a->rows);
    for (int j = 0; j < a->cols; j++) {
      if (inside && j == first && last > j && end_of[node + last - 1] == from) {
        put_inside(c, to, &at, node + j, last - j, end_of);
        j = last;
        if (j == a->cols)
          break;
      }
      int own[PN_LINSOL_GRID_ROWS], n = pn_linsol_grid_rows(a, g, i, j, own), k = node + j;
      c->colptr[k] = to->n;
      int end = end_of[k];
      end_of[k] = put_node(c, to, k, own, n, raw + from, end - from);
      from = end;
    }
  }
  return from;
}

/* The next grid of a whole array at `from` or behind it, or NULL. */
static const pn_linsol_array *next_grid(const pn_circuit *c, int from, pn_linsol_grid *g)
{
  const pn_linsol_array *next = NULL;
  g->first = c->n_mna;
  for (size_t k = 0; k < c->whole.n; k++) {
    pn_linsol_grid all[3];
    for (int m = 0, n = pn_linsol_grids(&c->whole.at[k], all); m < n; m++)
      if (all[m].first >= from && all[m].first < g->first) {
        *g = all[m];
        next = &c->whole.at[k];
      }
  }
  return next;
}

/* Sorts each column, drops repetitions, notes diagonals. end_of [n_mna] is where each column ends in raw,
 * and becomes the place of its diagonal. */
static void compress_all(pn_circuit *c, int *end_of, int *raw, int n_raw)
{
  size_t nnz = (size_t)n_raw + 1;
  for (size_t k = 0; k < c->whole.n; k++)
    nnz += (size_t)c->whole.at[k].rows * (size_t)c->whole.at[k].cols *
           (c->whole.at[k].m0 < 0 ? 8 : 11);
  columns to = {c->whole.n ? PN_NEW_ARRAY(c->arena, int, nnz) : raw, 0};
  c->colptr = PN_NEW_ARRAY(c->arena, int, c->n_mna + 1);
  int j = 0, from = 0;
  while (j < c->n_mna) {
    pn_linsol_grid g;
    const pn_linsol_array *a = next_grid(c, j, &g);
    from = compress(c, &to, j, g.first, from, end_of, raw);
    j = g.first;
    if (!a)
      break;
    from = compress_grid(c, &to, a, &g, from, end_of, raw);
    j += a->rows * a->cols;
  }
  c->colptr[c->n_mna] = c->nnz = to.n;
  c->rowind = to.row;
  c->diag_slot = end_of;
}

/* Diagonal entries of nodes outside whole arrays: counts with row NULL, else fills. */
static void node_entries(const pn_circuit *c, int *next, int *row)
{
  for (int j = 0, end; j < c->n_mna; j = end) {
    bool node = pn_unknown_span(c, j, &end).kind != PN_U_BRANCH, whole = false;
    for (size_t k = 0; k < c->whole.n; k++) {
      const pn_linsol_array *a = &c->whole.at[k];
      whole |= j == a->w0 || j == a->b0 || j == a->m0;
    }
    for (int k = j; k < end && node && !whole; k++)
      if (row)
        row[next[k]++] = k;
      else
        next[k]++;
  }
}

pn_status pn_circuit_build_pattern(pn_circuit *c)
{
  int n = c->n_mna;
  int *start = c->scratch ? c->scratch : PN_NEW_ARRAY(c->arena, int, n + 2);
  memset(start, 0, ((size_t)n + 2) * sizeof *start);
  device_entries(c, start + 1, NULL);
  bulk_entries(c, start + 1, NULL);
  node_entries(c, start + 1, NULL);
  for (int j = 0; j < n; j++)
    start[j + 1] += start[j];
  int n_raw = start[n], *row = PN_NEW_ARRAY(c->arena, int, n_raw + 1);
  node_entries(c, start, row);
  device_entries(c, start, row);
  bulk_entries(c, start, row);
  compress_all(c, start, row, n_raw);
  for (int j = 0; j < n; j++)
    c->diag_slot[j] = c->diag_slot[j] < 0 ? c->nnz : c->diag_slot[j];
  find_slots(c);
  return PN_OK;
}
