/* What circuit/ and the sim know of each other's insides; nobody else includes it. */
#ifndef PN_CIRCUIT_PRIVATE_H
#define PN_CIRCUIT_PRIVATE_H

#include "circuit/array.h"
#include "circuit/sim.h"
#include "solver/linsol.h"

/* What unknowns have in common that differ in their names, owners and places only. */
typedef struct pn_unknown_sort {
  pn_unknown_kind kind;
  uint32_t file, inst; /* of the location */
  pn_str name;         /* of a device's own; empty: nodes */
  const char *unit;
  double atol;
} pn_unknown_sort;

/* One unknown that is not a grid's. */
typedef struct pn_unknown_record {
  uint32_t offset, len; /* of the location */
  int sort;
  int owner; /* device; of a node, the number of its name */
} pn_unknown_record;

/* What instances have in common that differ in their names, places, nodes and numbers only. */
typedef struct pn_device_kind {
  const pn_device_class *cls;
  const double *params;  /* [cls->n_params], shared by the instances of a card */
  const int *over_index; /* [n_over] */
  const pn_wave *wave;
  const char *model;
  const pn_variation *variation;
  double icc; /* A; 0: no limit */
  pn_warmth warm;
  int n_over, hold, batch;
  uint32_t file, inst; /* of the location */
} pn_device_kind;

/* One instance; its number is that of its name. A netlist may have millions. */
typedef struct pn_record {
  /* [cls->n_locals] then, aligned, its numbers: pn_record_over. States hold their number among states until
   * pn_circuit_finish */
  int *unknowns;
  uint32_t offset, len; /* of the location */
  int kind;
  int place; /* its number in its batch */
} pn_record;

/* An instance with all that it has. */
typedef struct pn_device {
  pn_str name;
  pn_loc loc;
  const pn_device_class *cls;
  const double *params;     /* [cls->n_params], shared by the instances of a card */
  const int *over_index;    /* [n_over] */
  const double *over_value; /* [n_over] */
  const pn_wave *wave;
  const char *model;
  const pn_variation *variation;
  double icc; /* A; 0: no limit */
  pn_warmth warm;
  int *unknowns; /* [cls->n_locals] */
  int n_over, hold;
  int batch, place; /* its batch and its number there */
} pn_device;

/* Unknowns of an array, or names for nodes. */
typedef struct pn_grid {
  pn_str array;
  const char *part; /* "w"; of states: the instances' */
  int rows, cols;
  int first, n;     /* ids */
  const int *alias; /* [rows] or [cols] ids, when these are names only */
  int along;
  int bulk;      /* of states: the number of the bulk, else -1 */
  pn_unknown as; /* what each of them is; its name is the state's */
} pn_grid;

/* What the devices of a bulk are in a whole array (lattice.c). */
typedef enum pn_role {
  PN_NO_ROLE,
  PN_WORD_WIRES,
  PN_BIT_WIRES,
  PN_CELLS,
  PN_FROM_WORD,
  PN_TO_BIT
} pn_role;

/* Instances of an array; the spec's class has their states' ids in `locals`. */
typedef struct pn_bulk {
  pn_bulk_spec spec;
  int first;   /* device id of the first, known at the end */
  int *locals; /* [n][n_locals] */
  int batch;
  pn_role role;
  int whole;           /* the number of the array it has its role in */
  int rest, rest_step; /* what it joins follows from a whole array but for its devices rest,
                          rest + rest_step, ... */
} pn_bulk;

/* Ids k >= first of one kind: regular ones are records from `base` on, others a grid's. */
typedef struct pn_id_range {
  int first, base;
  int grid; /* -1: regular */
} pn_id_range;

/* All instances of one class, laid out for blocks of PN_LANES. */
typedef struct pn_batch {
  const pn_device_class *cls;
  int n, n_pad; /* instances; rounded up to a multiple of PN_LANES */
  int *device;  /* [n], NULL with bulk >= 0: */
  int bulk;     /* the number of the bulk it is made of, or -1 */
  int *map;     /* [n_locals][n_pad] unknowns; ground is n of the circuit (the dump slot);
                        padding repeats the last instance. NULL in linear bulks, which are stamped
                        once: pn_batch_unknown */
  int n_slots;  /* matrix entries per instance: pairs, or 4 for a memristor's port */
  /* [n_slots][n_pad] places in the matrix's values; nnz: the dump slot. NULL in linear batches, which are stamped
   * once */
  int *slot;
  int state0; /* first local that is a state (memristors: 2) */
} pn_batch;

struct pn_circuit {
  pn_arena *arena;
  pn_diag *diag;
  pn_names *node_names;     /* name -> number in node_unknown */
  PN_VEC(int) node_unknown; /* unknown id of each name */
  pn_names *device_names;
  PN_VEC(pn_record) devices;
  PN_VEC(pn_device_kind) kinds;       /* in the order of the netlist */
  PN_VEC(pn_unknown_record) unknowns; /* of the matrix while building; states appended by finish */
  PN_VEC(pn_unknown_record) states;
  PN_VEC(pn_unknown_sort) sorts;
  int node_sort; /* of the node made last */
  PN_VEC(pn_grid) grids;
  PN_VEC(pn_bulk) bulks;
  PN_VEC(pn_id_range) ranges;       /* of unknowns, ascending; empty without grids */
  PN_VEC(pn_linsol_array) lattices; /* for the linear solver */
  PN_VEC(pn_linsol_cell) cells;     /* the same, of cells of subcircuits */
  PN_VEC(pn_linsol_array) whole;    /* those of which every node and device is there, again */
  int n_ids;                        /* unknowns so far */
  int n_mna, n;
  PN_VEC(pn_batch) batches;
  PN_VEC(int) sources;     /* devices with a waveform */
  PN_VEC(pn_array) arrays; /* as registered: studies read them */
  int *colptr;             /* [n_mna + 1] */
  int *rowind;             /* [nnz] */
  int nnz;
  int *scratch;   /* [n + 2] while building */
  int *diag_slot; /* [n_mna] place of (k, k); nnz when it is not in the pattern */
  bool finished;
};

/* An unknown, put together for the occasion: of a grid's, what all of them are. */
pn_unknown pn_unknown_at(const pn_circuit *c, int id);
pn_unknown_kind pn_unknown_kind_at(const pn_circuit *c, int id);
/* Unknown id, and *end: ids id .. *end - 1 have its kind, unit and tolerance, and are one grid's or no grid's. */
pn_unknown pn_unknown_span(const pn_circuit *c, int id, int *end);
/* A device, put together for the occasion; of a bulk, without a name of its own. */
pn_device pn_device_at(const pn_circuit *c, int id);
/* What a device with a record shares with others. */
static inline const pn_device_kind *pn_kind_of(const pn_circuit *c, int id)
{
  return &c->kinds.at[c->devices.at[id].kind];
}
/* Bytes of a record's unknowns before its numbers. */
static inline size_t pn_record_before_over(const pn_device_class *cls)
{
  return ((size_t)cls->n_locals * sizeof(int) + sizeof(double) - 1) & ~(sizeof(double) - 1);
}
/* [n_over] Values of the parameters that the instance has of its own. */
static inline const double *pn_record_over(const pn_record *r, const pn_device_kind *k)
{
  return (const double *)((const char *)r->unknowns + pn_record_before_over(k->cls));
}
int pn_batch_device(const pn_circuit *c, const pn_batch *b, int place);
/* An unknown of an instance; ground is n of the circuit. */
int pn_batch_unknown(const pn_circuit *c, const pn_batch *b, int local, int place);
/* bulk.c: names of grids and bulks. -1 (devices), -2 (nodes): none of that name. */
int pn_grid_find(const pn_circuit *c, pn_str name);
int pn_bulk_find(const pn_circuit *c, pn_str name);
const char *pn_grid_label(const pn_circuit *c, int id, char *buf, size_t room);
void pn_ids_take(pn_circuit *c, int n, int base, int grid);
void pn_bulk_number(pn_circuit *c);
void pn_lattices_find(pn_circuit *c); /* lattice.c: whole arrays */
pn_status pn_circuit_build_batches(pn_circuit *c);
/* The place of an entry in the matrix's values; the dump slot for ground. */
int pn_circuit_slot(const pn_circuit *c, int row, int col);
pn_status pn_circuit_build_pattern(pn_circuit *c);
pn_status pn_circuit_check_topology(pn_circuit *c, bool may_float);
/* Number of the first state local of a class (= n_locals when it has none). */
int pn_class_first_state(const pn_device_class *cls);

/* ---- the sim ---- */

/* Parameters of a batch in force: one value for all, or a column where instances differ. */
typedef struct pn_columns {
  int n_total;     /* parameters and derived ones */
  double *uniform; /* [n_total] */
  int *column;     /* [n_total] number of the varying column, or -1 */
  int n_columns;
  int *of;       /* [n_total] parameter of each column */
  double **at;   /* [n_total] the columns, each [n_pad] */
  double *block; /* [n_total][PN_LANES] what pn_columns_block gives */
  bool filled;   /* the uniform rows of block are up to date */
} pn_columns;

/* Rows of a memristor block's results, each PN_LANES long; see pn_mem_offsets. */
typedef struct pn_mem_rows {
  int v, i, iv, ix, g, gv, gx, dinv, total;
} pn_mem_rows;

/* One device's random numbers in force (circuit/sim_variation.c). */
typedef struct pn_vary {
  double *nominal;     /* [n_params] of this device, around which cycles vary */
  double read_now;     /* standard normal */
  double read_slot;    /* number of its interval, -1: none yet */
  double rtn_next;     /* s */
  uint32_t rtn_events; /* draws so far */
  int cycles;
  signed char sign, stuck; /* of the voltage: 0 at rest; 1 at its upper bounds, -1 at the lower */
  bool rtn_on;
} pn_vary;

typedef struct pn_past pn_past;
typedef struct pn_rest pn_rest;

typedef struct pn_batch_run {
  double *icc;     /* [n_pad] A, compliance; INFINITY: none; NULL: no device has any */
  pn_vary *vary;   /* [n] NULL: all devices alike */
  pn_warmth *warm; /* [n] NULL: all at the circuit's temperature */
  pn_columns par;
  double *hist; /* [n_hist][n_pad] */
  double
      *packed; /* [n_blocks][n_total][PN_LANES] the parameters again, when they are few; or NULL */
  pn_past *past;        /* [n] of lines: the waves so far; NULL before a transient */
  double *limited;      /* [n_locals][n_pad] where the last iterate was linearised, or NULL */
  pn_mem_rows rows;     /* memristors */
  double *mem;          /* memristors: [n_blocks][rows.total][PN_LANES] */
  double *xmin, *xmax;  /* [n_states][n_pad] bounds in force; +-INFINITY when none */
  bool states_in_order; /* each state's unknowns lie side by side, instance by instance */
  bool ports_in_order;  /* so do those of the one terminal, and those of the other */
  signed char *active;  /* [n_states][n_pad] 0 free, 1 held at its initial value, 2 at a bound */
  double *xhold;        /* [n_states][n_pad] */
  double *port;         /* [n_pad] S, of the ports with states eliminated, as last factored */
  unsigned char *stuck; /* [n_pad] 1: never moves; NULL: none */
  unsigned char *volatile_; /* [n_pad] 1: the operating point solves g = 0 */
} pn_batch_run;

/* The nonzero entries of a matrix on the circuit's pattern, row by row; rowptr NULL: no room yet. In bands, rows
 * first .. end - 1 whose entries lie equally far from the diagonal, values are [entries of a row][rows]. */
typedef struct pn_packed {
  int *rowptr, *col; /* [n_mna + 1], [nnz] */
  double *value;     /* [nnz] */
  struct pn_band {
    int first, end;
  } * band; /* [n_bands] in the order of rows; NULL: not looked for */
  int n_bands;
} pn_packed;

typedef struct pn_source_run {
  const pn_wave *wave;
  int device;
  int row_p, row_n;   /* unknowns; V: row_p is the branch, row_n the dump slot; ground: dump slot */
  double sign;        /* -1 for V: f[branch] -= E; +1 for I: f[p] += I, f[n] -= I */
  double dc_override; /* NAN: none */
} pn_source_run;

struct pn_sim {
  pn_arena arena; /* everything below but the linear solver */
  const pn_circuit *c;
  pn_diag *diag;
  pn_sim_options opt;
  pn_batch_run *run;     /* [batches] */
  pn_source_run *source; /* [n_sources] */
  int n_sources, n_events;
  double *y;       /* [n + 1] the point, ground 0 at the end */
  double *f, *q;   /* [n + 1] */
  double *g0, *c0; /* [nnz + 1] stamps of the linear devices; c0 NULL: nothing reactive */
  double *g, *cq;  /* [nnz + 1] with the nonlinear ones (memristors apart); g is g0 and cq NULL
                             where they would be the same */
  double *m_own;   /* [nnz + 1] made when the matrix is not g itself */
  double *m;       /* [nnz + 1] the matrix last factored; NULL: in parts */
  pn_linsol_parts parts;  /* of arrays whose cells are memristors and all there is besides g0 */
  const double **cell;    /* [lattices] their conductances; NULL: there is more */
  unsigned stamped;       /* how often g0 was made */
  double complex *mc;     /* [nnz + 1] made when first needed */
  double complex *work_c; /* [n_mna] */
  double *block;          /* scratch for one block of the largest class */
  double *atol;           /* [n] */
  unsigned char *differential, *q_nonlinear; /* [n] */
  bool linear_stale;                         /* g0, c0 must be stamped again */
  bool is_linear;                            /* every batch is */
  bool has_nonlinear;                        /* some batch besides memristors is nonlinear */
  pn_packed packed_g0, packed_c0, packed_cq;
  bool packed; /* g0 and c0 are */
  bool cq_packed;
  bool has_c0;     /* some linear charge or flux exists */
  bool has_delays; /* some class has waves */
  bool has_limits; /* some class limits its voltages */
  pn_limiting limiting;
  bool was_limited; /* by the last evaluation */
  pn_sim_mode mode;
  double af; /* of the last factorisation */
  double aq;
  double complex aq_c;
  double source_scale, diag_gmin;
  bool at_start;    /* operating points are starts of transients */
  double pseudo_g;  /* S, pseudo-transient conductance to y_pseudo */
  double *y_pseudo; /* [n] */
  int n_ties, tie_room, *tie_unknown;
  double *tie_value;
  pn_rest *rest; /* made when first wanted */
  bool may_rest;
  pn_linsol *ls;
  int culprit;  /* device that gave a non-finite value, or -1 */
  int singular; /* unknown whose pivot vanished last, or -1 */
  double worst_violation;
  pn_sim_stats stats;
};

/* sim_stamp.c */
pn_status pn_sim_stamp_linear(pn_sim *s);
/* The place of (row, col), nodes that a device joins. */
int pn_place_near(const pn_circuit *c, int row, int col);
/* A conductance between two nodes, either of which may be ground. value [nnz + 1] */
void pn_add_conductance(const pn_circuit *c, double *value, int p, int n, double g);
const double *pn_columns_block(pn_columns *p, int first);
pn_status pn_columns_init(pn_sim *s, int batch);
pn_status pn_sim_derive(pn_sim *s, int batch);
pn_status pn_sim_derive_one(pn_sim *s, int batch, int place);
/* One instance's value; a column of its own for a parameter. False: no memory. */
bool pn_columns_set(pn_sim *s, int batch, int place, int index, double value);
bool pn_columns_reserve(pn_sim *s, int batch, int index);

/* sim_whole.c: are a batch's entries made together with its array's? These entries, into g0. */
bool pn_whole_stamps(const pn_circuit *c, const pn_batch *b);
void pn_whole_stamp(pn_sim *s);

/* sim_packed.c: false or PN_E_MEMORY: no memory. Room that was made before suffices. */
bool pn_sim_pack(pn_sim *s, const double *value, pn_packed *to);
pn_status pn_sim_pack_linear(pn_sim *s, pn_sim_mode mode);
/* Where rows end [n_mna + 1] when entries are stored row by row: all, or the nonzero ones of value. */
void pn_rows_of(const pn_circuit *c, const double *value, int *rowptr);
/* w += A v, from the packed rows or from the numbers on the pattern. */
void pn_sim_add_packed(const pn_circuit *c, const pn_packed *a, const double *restrict v,
                       double *restrict w);
void pn_sim_add_whole(const pn_circuit *c, const double *value, const double *restrict v,
                      double *restrict w);
void pn_sim_add_g_linear(const pn_sim *s, const double *v, double *w); /* w += G0 v */

/* sim_compliance.c */
void pn_mem_init_limits(pn_sim *s, int batch);
void pn_mem_limit(pn_sim *s, int batch, int first, double t, const pn_mem_block *given);

/* sim_variation.c */
pn_status pn_vary_init(pn_sim *s, int batch);
void pn_vary_bounds(pn_sim *s, int batch);
double pn_vary_factor(const pn_sim *s, int batch, int place, double t);
void pn_vary_block(pn_sim *s, int batch, int first, double t, const pn_mem_block *o);
double pn_vary_next(const pn_sim *s, double t);
bool pn_vary_accept(pn_sim *s, int batch, double t);

/* sim_limit.c */
typedef struct pn_block_arrays {
  const double *p;
  double *u, *h, *f, *q, *jf, *jq, *work, *limited;
} pn_block_arrays;
pn_block_arrays pn_sim_carve(const pn_sim *s, int batch);
void pn_sim_gather(pn_sim *s, int batch, int first, pn_block_arrays *a);
void pn_sim_limit_block(pn_sim *s, int batch, int first, pn_dev_block *b, const pn_block_arrays *a);
void pn_sim_extrapolate(pn_sim *s, int batch, const pn_dev_block *b, const pn_block_arrays *a);
void pn_sim_advance_batch(pn_sim *s, int batch, double t);

/* sim_rest.c; wake, is, start and consider only with may_rest */
void pn_rest_forget(pn_sim *s);
bool pn_rest_wake(pn_sim *s); /* those that s->y takes too far; do others rest? */
bool pn_rest_is(const pn_sim *s, int batch, int first);
/* f and q, and G and C, of the linear devices and of all that rest. */
void pn_rest_start(const pn_sim *s, bool jacobian);
/* After an evaluation of a block with derivatives: may it rest? */
void pn_rest_consider(pn_sim *s, int batch, int first, const pn_block_arrays *a);

/* sim_delay.c */
void pn_past_free(pn_sim *s);
void pn_past_fetch(pn_sim *s, double t); /* delayed waves into hist */
double pn_past_next_corner(const pn_sim *s, double t);
long pn_past_points(const pn_sim *s);
bool pn_past_jumps(const pn_sim *s, double t);
void pn_delay_small_signal(pn_sim *s, int batch, double complex at);

/* What holds a memristor's state. */
enum { PN_MEM_FREE = 0, PN_MEM_HELD = 1, PN_MEM_BOUND = 2 };

static inline const pn_mem_state *pn_mem_states(const pn_batch *b)
{
  return b->cls->mem->states;
}

/* The results of the block that begins with instance `first`. */
static inline double *pn_mem_at(const pn_batch_run *run, int first)
{
  return run->mem + (size_t)(first / PN_LANES) * (size_t)run->rows.total * PN_LANES;
}

/* sim_memristor.c */
void pn_mem_layout(pn_batch_run *run, int n_states);
void pn_mem_refresh(pn_sim *s, int batch);
pn_status pn_mem_eval(pn_sim *s, int batch, double t);
void pn_mem_bound(pn_sim *s, int batch, const double *y, double *r, double aq);
void pn_mem_freeze_bounds(pn_sim *s, int batch);
/* sim_eliminate.c: the eliminated states */
pn_status pn_mem_factor(pn_sim *s, int batch, double af, double aq); /* run->port */
void pn_mem_stamp(const pn_sim *s, int batch, double *m);            /* m [nnz + 1] += them */
void pn_mem_reduce(pn_sim *s, int batch, double *r, bool transposed);
void pn_mem_solve_states(pn_sim *s, int batch, double *r); /* at constant voltages */
void pn_mem_recover(pn_sim *s, int batch, double *r, bool transposed);
pn_status pn_mem_factor_complex(pn_sim *s, int batch, double complex aq);
void pn_mem_reduce_complex(pn_sim *s, int batch, double complex *r, bool transposed);
void pn_mem_recover_complex(pn_sim *s, int batch, double complex *r, bool transposed);

/* sim_temperature.c: own temperatures of memristors, which start as elaborated. */
void pn_mem_init_warmth(pn_sim *s, int batch);
/* K: at what temperature an instance works. */
static inline double pn_instance_temp(const pn_sim *s, int batch, int place)
{
  const pn_warmth *w = s->run[batch].warm;
  if (!w)
    return s->opt.temp;
  double t = (w[place].own > 0.0 ? w[place].own : s->opt.temp) + w[place].above;
  return t > 1e-3 ? t : 1e-3;
}

/* ---- quantity_bias.c: ngspice's names of quantities of diodes and transistors ---- */
typedef enum pn_bias_kind {
  PN_BIAS_NONE,
  PN_BIAS_CURRENT, /* into local a */
  PN_BIAS_VOLTAGE, /* between inner locals a and b, in the device's polarity */
  PN_BIAS_SLOPE    /* formula a */
} pn_bias_kind;
pn_bias_kind pn_bias_find(const pn_device_class *c, pn_str name, int *a, int *b);
/* A formula's conductance (S) from jf [n_pairs][PN_LANES]. */
double pn_bias_slope(const pn_device_class *c, int formula, const double *jf);
/* 1, or -1 of pnp and p-channel devices; p [..][PN_LANES]. */
double pn_bias_polarity(const pn_device_class *c, const double *p);
/* ngspice tells currents of field-effect transistors in the device's polarity, all others as they flow. */
bool pn_bias_turns_currents(const pn_device_class *c);
/* The terminal that an inner node is one with where no resistance lies between; -1: none. */
int pn_outer_local(const pn_device_class *c, int inner);

#endif
