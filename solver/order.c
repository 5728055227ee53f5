/* Nested dissection: a piece of the graph is cut by one level of a breadth-first search from one of its
 * ends, its two sides are ordered first, the cut last. Small pieces keep the order of the search. */
#include "solver/order.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_PIECE = 40, MOST_SWEEPS = 4 };

typedef struct dissection {
  int n;
  int *ptr, *adj; /* [n+1], [ptr[n]] the graph of A + A' */
  int *piece;     /* [n] number of the piece a vertex is in */
  int *level;     /* [n] */
  int *list;      /* [n] vertices, piece by piece: becomes the order */
  int *queue;     /* [n] */
  int *stack;     /* [4 * n] pieces to do: first and last + 1 in list */
  int next_piece;
} dissection;

static pn_status build_graph(dissection *d, const int *colptr, const int *rowind)
{
  int n = d->n;
  d->ptr = calloc((size_t)n + 2, sizeof(int));
  if (!d->ptr)
    return PN_E_MEMORY;
  for (int j = 0; j < n; j++)
    for (int k = colptr[j]; k < colptr[j + 1]; k++)
      if (rowind[k] != j) {
        d->ptr[j + 2]++;
        d->ptr[rowind[k] + 2]++;
      }
  for (int k = 0; k < n; k++)
    d->ptr[k + 2] += d->ptr[k + 1];
  d->adj = malloc(((size_t)d->ptr[n + 1] + 1) * sizeof(int));
  if (!d->adj)
    return PN_E_MEMORY;
  for (int j = 0; j < n; j++)
    for (int k = colptr[j]; k < colptr[j + 1]; k++)
      if (rowind[k] != j) {
        d->adj[d->ptr[j + 1]++] = rowind[k];
        d->adj[d->ptr[rowind[k] + 1]++] = j;
      }
  return PN_OK;
}

/* Breadth-first search of one component of a piece into queue and level; *last gets the number of
 * levels. Returns how many vertices it reached. */
static int search(dissection *d, int root, int piece, int *levels)
{
  int n = 0;
  d->queue[n++] = root;
  d->level[root] = 0;
  d->piece[root] = -piece; /* seen */
  for (int at = 0; at < n; at++) {
    int v = d->queue[at];
    for (int k = d->ptr[v]; k < d->ptr[v + 1]; k++) {
      int u = d->adj[k];
      if (d->piece[u] == piece) {
        d->piece[u] = -piece;
        d->level[u] = d->level[v] + 1;
        d->queue[n++] = u;
      }
    }
  }
  for (int at = 0; at < n; at++)
    d->piece[d->queue[at]] = piece;
  *levels = d->level[d->queue[n - 1]] + 1;
  return n;
}

/* The level, between two and three fifths of the vertices, with the fewest of them. */
static int best_cut(const dissection *d, int n, int *from, int *to)
{
  int best = -1;
  for (int at = 0; at < n;) {
    int l = d->level[d->queue[at]], end = at;
    while (end < n && d->level[d->queue[end]] == l)
      end++;
    bool middle = end > n * 2 / 5 && at < n * 3 / 5;
    if (middle && (best < 0 || end - at < *to - *from)) {
      best = l;
      *from = at;
      *to = end;
    }
    at = end;
  }
  return best;
}

static void split(dissection *d, int first, int last, int *top)
{
  int piece = ++d->next_piece, n = last - first, levels = 0, from = 0, to = 0;
  for (int k = first; k < last; k++)
    d->piece[d->list[k]] = piece;
  int reached = search(d, d->list[first], piece, &levels);
  for (int k = 0, before = 0; k < MOST_SWEEPS && levels > before; k++) {
    before = levels;
    reached = search(d, d->queue[reached - 1], piece, &levels);
  }
  if (reached < n) { /* several components: this one apart from the rest */
    int front = first, back = last;
    for (int k = 0; k < reached; k++)
      d->piece[d->queue[k]] = 0;
    int *rest = d->queue + reached; /* the queue has room for all */
    int others = 0;
    for (int k = first; k < last; k++)
      if (d->piece[d->list[k]] == piece)
        rest[others++] = d->list[k];
    memcpy(d->list + front, d->queue, (size_t)(back - front) * sizeof(int));
    int bounds[4] = {first + reached, last, first, first + reached};
    for (int k = 0; k < 4; k++)
      d->stack[(*top)++] = bounds[k];
    return;
  }
  memcpy(d->list + first, d->queue, (size_t)n * sizeof(int));
  if (n <= SMALL_PIECE || levels < 3 || best_cut(d, n, &from, &to) < 0)
    return;
  /* near side, far side, cut */
  memcpy(d->list + first + from, d->queue + to, (size_t)(n - to) * sizeof(int));
  memcpy(d->list + first + from + n - to, d->queue + from, (size_t)(to - from) * sizeof(int));
  int bounds[4] = {first, first + from, first + from, first + from + n - to};
  for (int k = 0; k < 4; k += 2)
    if (bounds[k + 1] > bounds[k]) {
      d->stack[(*top)++] = bounds[k];
      d->stack[(*top)++] = bounds[k + 1];
    }
}

static void dissect(dissection *d)
{
  int top = 0;
  for (int k = 0; k < d->n; k++)
    d->list[k] = k;
  d->stack[top++] = 0;
  d->stack[top++] = d->n;
  while (top > 0) {
    int last = d->stack[--top], first = d->stack[--top];
    split(d, first, last, &top);
  }
}

pn_status pn_order_dissect(int n, const int *colptr, const int *rowind, int *order)
{
  dissection d = {.n = n};
  size_t room = (size_t)n + 1;
  int *work = calloc(3 * room + 4 * room, sizeof(int));
  pn_status st = work ? build_graph(&d, colptr, rowind) : PN_E_MEMORY;
  if (st == PN_OK) {
    d.piece = work;
    d.level = work + room;
    d.queue = work + 2 * room;
    d.stack = work + 3 * room;
    d.list = order;
    dissect(&d);
  }
  free(work);
  free(d.ptr);
  free(d.adj);
  return st;
}
