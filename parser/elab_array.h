/* Between the files that elaborate arrays: elab_array.c reads the line, elab_lattice.c makes the
 * wires, elab_array_cells.c reads what stands at the crosspoints, elab_array_bulk.c and
 * elab_array_subckt.c make it. */
#ifndef PN_PARSER_ELAB_ARRAY_H
#define PN_PARSER_ELAB_ARRAY_H

#include "circuit/array.h"
#include "parser/elab.h"

enum { PN_MOST_BUSES = 8, PN_MOST_CELL_KEYS = 32 };

/* The lines of one bus: one per row (kind 'r'; 'g' without resistance), or per column ('c'; 'h'). */
typedef struct pn_lines {
  char kind;
  const char *part; /* "w", "b", "w2", ...: nodes are ARRAY.w[i][j] */
  int n;
  int *port;      /* [n] nodes named in the netlist */
  int first;      /* id of node (0, 0), or -1: no resistance, the ports are the nodes */
  pn_num segment; /* ohm */
  pn_num farad;   /* F to ground at each crosspoint */
  int *far;       /* [n] nodes of the other end's ports, or NULL */
} pn_lines;

typedef enum pn_line_end {
  PN_END_OPEN,
  PN_END_BOTH,
  PN_END_GROUND,
  PN_END_LOAD,
  PN_END_PORT
} pn_line_end;

typedef struct pn_array_line {
  pn_scope *s;
  const pn_card *c;
  pn_loc loc;
  pn_str name; /* full, lower case */
  int rows, cols;
  pn_cells cells;
  pn_lines lines[PN_MOST_BUSES];
  int n_lines;
  int cell_token; /* of the word behind cell= */
  pn_num rw, rb, cw, cb, cx, volts;
  pn_line_end end[2];    /* of word lines, of bit lines */
  pn_num load[2];        /* ohm */
  int end_token[2];      /* PN_END_PORT: the word */
  PN_VEC(int) cell_keys; /* tokens of the keys that belong to the cells */
  int inner;             /* id of the first inner node of cells in series, or -1 */
} pn_array_line;

static inline bool pn_lines_by_row(const pn_lines *l)
{
  return l->kind == 'r' || l->kind == 'g';
}

/* The node of a line at a crosspoint. */
static inline int pn_lines_node(const pn_array_line *a, const pn_lines *l, int i, int j)
{
  return l->first < 0 ? l->port[pn_lines_by_row(l) ? i : j] : l->first + i * a->cols + j;
}

/* Nodes and wires; false after reporting. */
bool pn_array_wires(pn_array_line *a);
/* What stands at the crosspoints, and the list of arrays. */
void pn_array_cells(pn_array_line *a);

/* Codes of mask=. */
enum { PN_CELL_MISSING = 0, PN_CELL_WORKS = 1, PN_CELL_STUCK = 2 };

/* One parameter of the cells: a value for all, or one each. */
typedef struct pn_cell_value {
  pn_str key;
  int token, end; /* the key's; behind the value's last */
  pn_num one;
  double *at; /* [rows * cols] or NULL */
} pn_cell_value;

typedef struct pn_crosspoints {
  pn_array_line *a;
  pn_cell_value value[PN_MOST_CELL_KEYS];
  int n_values;
  int g;             /* of g= among them, or -1 */
  int parts;         /* numbers of the mask for each cell: 1, or one for each of its memories */
  signed char *mask; /* [rows * cols * parts], or NULL: all work */
  pn_array *list;    /* what studies see */
  int *memory;       /* [rows * cols * per_cell] */
  int memory_place; /* of two devices in series, which is the memory: 0, or 1 when only that is a memristor */
} pn_crosspoints;

/* Number of crosspoints; place of a token of the line. */
long pn_crosspoints_n(const pn_crosspoints *x);
pn_loc pn_crosspoints_at(const pn_crosspoints *x, int token);

/* Make the cells; false after reporting. */
bool pn_array_bulk_cells(pn_crosspoints *x);
bool pn_array_subckt_cells(pn_crosspoints *x);

/* Adds a bulk, its bindings with it: v (may be NULL) is parameter `index` of all. */
void pn_array_bulk(pn_array_line *a, const pn_bulk_spec *spec, int index, const pn_num *v);

#endif
