/* The circuit: the description that elaboration builds and analyses share. It holds
 * unknowns with names, units and tolerances, device instances in batches of one
 * class, and the fixed sparsity pattern. After pn_circuit_finish it is constant: a
 * run's numbers (unknowns, parameters in force, memory) are in pn_sim (circuit/sim.h).
 *
 * Unknowns are numbered: first the matrix's (nodes, internal nodes, branch currents:
 * 0 .. n_mna-1), then the states (n_mna .. n-1). Ground is PN_GROUND and in arrays
 * of locals the dump slot. */
#ifndef PN_CIRCUIT_CIRCUIT_H
#define PN_CIRCUIT_CIRCUIT_H

#include "base/diag.h"
#include "circuit/variation.h"
#include "devices/device.h"
#include "devices/memristor.h"

enum { PN_GROUND = -1 };

typedef enum pn_unknown_kind {
  PN_U_NODE,
  PN_U_INTERNAL,
  PN_U_BRANCH,
  PN_U_INNER,
  PN_U_STATE
} pn_unknown_kind;

typedef struct pn_unknown {
  pn_unknown_kind kind;
  pn_str name; /* as users write it: "out" for a node, "v1" for a branch's device, ... */
  const char *unit;
  double atol;
  int device; /* index of the owner, -1 for nodes */
  pn_loc loc; /* where it was first named */
} pn_unknown;

/* What a memristor's states do: settle in operating points, or are held there, or never move. */
typedef enum pn_hold { PN_OP_STEADY = 0, PN_OP_HOLD = 1, PN_STUCK = 2 } pn_hold;

/* Temperatures of memristors: their own (0: the circuit's), and what they are above it; K. */
typedef struct pn_warmth {
  double own, above;
} pn_warmth;

/* What elaboration hands over for one instance. */
typedef struct pn_device_spec {
  pn_str name; /* full hierarchical name in lower case: "x1.r2" */
  pn_loc loc;
  const pn_device_class *cls;
  const int *unknowns;           /* [terminals + refs] node ids, or unknown ids for refs */
  const double *params;          /* [cls->n_params] not copied: must live as long as the arena.
                                   Instances of one .model card share it. */
  int n_over;                    /* instance parameters that differ from params: copied */
  const int *over_index;         /* [n_over] indices in cls->params */
  const double *over_value;      /* [n_over] */
  const pn_wave *wave;           /* independent sources; NULL otherwise; not copied */
  int hold;                      /* memristors: -1 as the model says, or a pn_hold */
  const char *model;             /* name of the .model card, or NULL */
  double icc;                    /* A, compliance of a memristor; 0: none */
  pn_warmth warm;                /* of a memristor */
  const pn_variation *variation; /* of the card; NULL: all devices alike; not copied */
} pn_device_spec;

typedef struct pn_circuit pn_circuit;

/* ---- building (errors go to diag; memory ends by the arena's recovery point) ---- */
pn_circuit *pn_circuit_new(pn_arena *a, pn_diag *d);
/* Room for n devices and as many nodes at once, for long netlists. */
void pn_circuit_reserve(pn_circuit *c, size_t n);
/* The id of a node, made when new; "0", "gnd" (and names made global as such) are PN_GROUND. */
int pn_circuit_node(pn_circuit *c, pn_str name, pn_loc loc);
int pn_circuit_node_hashed(pn_circuit *c, const pn_hashed *name, pn_loc loc);
/* Names of a device and of n nodes that are made or looked up soon. */
void pn_circuit_expect(const pn_circuit *c, const pn_hashed *device, const pn_hashed *node, int n);
/* Adds an instance; *device gets its index. A duplicate name is an error naming both places. */
pn_status pn_circuit_add(pn_circuit *c, const pn_device_spec *s, int *device);
/* One like it, whose class has terminals only, with another name, place, nodes and n_over numbers. */
pn_status pn_circuit_add_like(pn_circuit *c, int like, const pn_hashed *name, pn_loc loc,
                              const int *nodes, const double *over_value);
/* A memristor that was added stands where it starts, for ever. */
void pn_circuit_stick(pn_circuit *c, int device);
/* ---- arrays: many nodes and devices without a record for each ---- */
/* rows * cols nodes, row by row, named "ARRAY.PART[i][j]"; the names are made when they are asked for.
 * Returns the first id, or -1 after reporting that the netlist uses one of the names already. */
int pn_circuit_grid(pn_circuit *c, pn_str array, const char *part, int rows, int cols, pn_loc loc);
/* Names for nodes that exist: "ARRAY.PART[i][j]" is node[i] (along 0) or node[j] (along 1). Not copied. */
void pn_circuit_alias(pn_circuit *c, pn_str array, const char *part, int rows, int cols,
                      const int *node, int along);
typedef struct pn_bulk_spec {
  pn_str array; /* instances are named "ARRAY.PART[i][j]" */
  const char *part;
  int rows, cols;  /* of the names */
  const int *cell; /* [n] i * cols + j of each instance, ascending; NULL: all. Not copied */
  int n;
  pn_loc loc;
  const pn_device_class *cls; /* linear, or a memristor; terminals and states only */
  const int *nodes;           /* [n][terminals] node ids. Not copied */
  const double *params;       /* [cls->n_params] as in pn_device_spec */
  int n_over;                 /* parameters that differ from instance to instance */
  const int *over_index;      /* [n_over]. Not copied */
  const double *const *over;  /* [n_over][n]. Not copied */
  int hold;
  const char *model;
  const pn_variation *variation; /* of the card; NULL: all alike */
  const pn_warmth *warm; /* [n] of memristors; NULL: the circuit's temperature. Not copied */
  int *ids;              /* [rows * cols] gets the device of each cell at the end; or NULL */
} pn_bulk_spec;
void pn_circuit_add_bulk(pn_circuit *c, const pn_bulk_spec *s);
/* Tells the linear solver of a crossbar: first ids of its grids of word-line, bit-line and inner nodes
 * (-1: none); lopsided: its cells are subcircuits, which may conduct unequally in the two directions. */
void pn_circuit_add_lattice(pn_circuit *c, int rows, int cols, int w0, int b0, int m0,
                            bool lopsided);
/* The id that the next unknown of the matrix gets; all from `first` to the last made belong to one cell. */
int pn_circuit_next_id(const pn_circuit *c);
void pn_circuit_add_cell(pn_circuit *c, int first);
/* Index of a device by full name, or -1; unknown id of its k-th branch, or -1. */
int pn_circuit_device(const pn_circuit *c, pn_str name);
int pn_circuit_branch(const pn_circuit *c, int device, int k);
/* Lays out batches, numbers states, builds the pattern and the slots, checks the topology
 * (floating nodes, loops of voltage sources and inductors, cutsets of current sources): every
 * fault is an error that names nodes and devices. may_float: nodes need no path to ground, since no operating
 * point is asked for or there is a resistor on every node. */
pn_status pn_circuit_finish(pn_circuit *c, bool may_float);

/* ---- reading ---- */
int pn_circuit_n(const pn_circuit *c);     /* unknowns, states included */
int pn_circuit_n_mna(const pn_circuit *c); /* unknowns of the matrix */
pn_unknown pn_circuit_unknown(const pn_circuit *c, int id);
/* The unknown as a signal, "v(out)", "i(v1)", "@nm1[x]", into buf; returns buf. */
const char *pn_circuit_label(const pn_circuit *c, int id, char *buf, size_t room);
/* A node by name: its id, PN_GROUND, or -2 when there is none. */
int pn_circuit_find_node(const pn_circuit *c, pn_str name);
/* The nearest node or device name, for "did you mean". */
pn_str pn_circuit_nearest_node(const pn_circuit *c, pn_str name);
pn_str pn_circuit_nearest_device(const pn_circuit *c, pn_str name);

/* Is there a device with a delay? The first of them. */
bool pn_circuit_has_delays(const pn_circuit *c, int *device);
/* Is there an expression of `time` in a source, whose curve has neither corners nor a period that could be told? */
bool pn_circuit_uses_time(const pn_circuit *c);

int pn_circuit_n_devices(const pn_circuit *c);
/* Those with a record of their own: not of bulks. */
int pn_circuit_n_records(const pn_circuit *c);
/* Full name of any device, of an array's too, in buf (which it cuts short); returns buf. */
enum { PN_DEVICE_NAME = 256 }; /* room for usual ones */
const char *pn_circuit_device_name(const pn_circuit *c, int device, char *buf, size_t room);
/* The waveform of an independent source, else NULL. */
const pn_wave *pn_circuit_wave(const pn_circuit *c, int device);
/* Number of bulks; devices of bulk k are first .. first + n - 1. */
int pn_circuit_n_bulks(const pn_circuit *c);
const pn_bulk_spec *pn_circuit_bulk(const pn_circuit *c, int k, int *first);
typedef struct pn_device_info {
  pn_str name; /* of an array's device: the array's */
  pn_loc loc;
  const pn_device_class *cls;
  const char *model;
  const int *unknowns; /* [cls->n_locals] ids of all locals; PN_GROUND for ground */
  int hold;            /* as in pn_device_spec */
  double icc;          /* A; 0: none */
  pn_warmth warm;      /* memristors */
  const pn_variation *variation;
} pn_device_info;
pn_device_info pn_circuit_device_info(const pn_circuit *c, int device);
/* Parameters of an instance as elaborated, into p [cls->n_params]. */
void pn_circuit_device_params(const pn_circuit *c, int device, double *p);

#endif
