/* Arrays of a circuit: which nodes are the word, bit and gate lines of a crossbar and which
 * device is the memory of each cell. The element that builds an array registers it; studies of
 * crossbars (analysis/xread.c and others) read it. Nothing here takes part in the equations. */
#ifndef PN_CIRCUIT_ARRAY_H
#define PN_CIRCUIT_ARRAY_H

#include "circuit/circuit.h"

/* What a gate line opens: a row or a column of cells as the netlist counts them, in these the
 * memory of this number; -1: all. */
typedef struct pn_array_gate {
  int row, col, which;
} pn_array_gate;

typedef struct pn_array {
  pn_str name; /* full name in lower case: "yxb1" */
  pn_loc loc;
  int rows, cols;
  const int *word;            /* [rows] nodes of the ports of word lines, where drivers stand */
  const int *word2;           /* [rows] of their far ends, where these are ports too; else NULL */
  const int *bit;             /* [cols] nodes of the ports of bit lines */
  const int *bit2;            /* [cols] of their far ends, or NULL */
  int n_gates;                /* gate lines; 0 in passive arrays */
  const int *gate;            /* [n_gates] nodes of their ports, or NULL */
  const pn_array_gate *opens; /* [n_gates] which cells they open */
  int split;    /* columns made of one cell's memories, each with a bit line of its own: 1, or 2
                        in 2T2R, whose cell (i, j) is (i, 2j) and (i, 2j + 1) here */
  int per_cell; /* memory devices in a cell: 1, or more when they share a bit line */
  const int *memory; /* [rows * cols * per_cell] devices, row by row; -1: the cell is missing */
  const bool *stuck; /* [rows * cols * per_cell] these stay as they start; NULL: none */
  const int *at_word, *at_bit; /* [rows * cols] nodes of the crosspoint on the word and on the
                                  bit line */
} pn_array;

/* Does this gate line open cell (row, col) of an array? */
bool pn_array_gate_opens(const pn_array *a, int gate, int row, int col);

/* Registers an array; `a` is copied, its arrays are not: they live in the circuit's arena. */
void pn_circuit_add_array(pn_circuit *c, const pn_array *a);
int pn_circuit_n_arrays(const pn_circuit *c);
const pn_array *pn_circuit_array_at(const pn_circuit *c, int k);
/* By name (case folded), or NULL. */
const pn_array *pn_circuit_array(const pn_circuit *c, pn_str name);

#endif
