/* Arrays of a circuit: which nodes are the word, bit and gate lines of a crossbar and which
 * device is the memory of each cell. The element that builds an array registers it; studies of
 * crossbars (analysis/xread.c and others) read it. Nothing here takes part in the equations. */
#ifndef PN_CIRCUIT_ARRAY_H
#define PN_CIRCUIT_ARRAY_H

#include "circuit/circuit.h"

typedef struct pn_array {
  pn_str name; /* full name in lower case: "yxb1" */
  pn_loc loc;
  int rows, cols;
  const int *word;   /* [rows] nodes of the ports of word lines, where drivers stand */
  const int *word2;  /* [rows] of their far ends, where these are ports too; else NULL */
  const int *bit;    /* [cols] nodes of the ports of bit lines */
  const int *bit2;   /* [cols] of their far ends, or NULL */
  int n_gates;       /* gate lines; 0 in passive arrays */
  const int *gate;   /* [n_gates] nodes of their ports, or NULL */
  int per_cell;      /* memory devices in a cell: 1 in 0T1R, 1S1R and 1T1R, 2 in 2T2R */
  const int *memory; /* [rows * cols * per_cell] devices, row by row; -1: the cell is missing */
  const int *at_word, *at_bit; /* [rows * cols] nodes of the crosspoint on the word and on the
                                  bit line */
} pn_array;

/* Registers an array; `a` is copied, its arrays are not: they live in the circuit's arena. */
void pn_circuit_add_array(pn_circuit *c, const pn_array *a);
int pn_circuit_n_arrays(const pn_circuit *c);
const pn_array *pn_circuit_array_at(const pn_circuit *c, int k);
/* By name (case folded), or NULL. */
const pn_array *pn_circuit_array(const pn_circuit *c, pn_str name);

#endif
