/* Inside of a tape, for tape.c (building) and tape_lanes.c (running) only. */
#ifndef PN_EXPR_TAPE_CODE_H
#define PN_EXPR_TAPE_CODE_H

#include "expr/graph_impl.h"
#include "expr/tape.h"

/* Where an operand lives; a reference is (space << PN_T_SHIFT) + row, a row being PN_LANES wide. */
enum pn_tape_space {
  PN_T_CONST, /* code->consts */
  PN_T_IN,
  PN_T_PAR,
  PN_T_PRE,
  PN_T_WORK,
  PN_T_OUT,
  PN_T_SPACES
};
enum { PN_T_SHIFT = 27, PN_T_ROW = (1 << PN_T_SHIFT) - 1 };

/* Instructions besides the kinds of graph nodes. */
enum {
  PN_T_COPY = PN_G_KINDS,
  PN_T_MUL_MUL,   /* x*y*z */
  PN_T_MUL_ADD,   /* x*y + z */
  PN_T_MUL_SUB,   /* x*y - z */
  PN_T_SUB_MUL,   /* z - x*y */
  PN_T_SKIP_IF_0, /* skips `table` instructions when arg[0] is 0 in all lanes: one side of an IF */
  PN_T_SKIP_IF_1  /* the same when it is not 0 in all lanes */
};

typedef struct pn_tape_ins {
  int op;     /* pn_op, PN_G_PWL, PN_G_SLOPE or PN_T_... */
  int dst;    /* reference */
  int arg[3]; /* references; 0 beyond the arity */
  int table;  /* of PN_G_PWL and PN_G_SLOPE; count of PN_T_SKIP_... */
} pn_tape_ins;

typedef void pn_tape_run_fn(const struct pn_tape_code *c, int n, double *const *base);

typedef struct pn_tape_code {
  int n_prologue, n_ins, n_consts, n_tables;
  int n_regs;                  /* rows of work that evaluation uses */
  const pn_tape_ins *prologue; /* [n_prologue] dst in PN_T_PRE */
  const pn_tape_ins *ins;      /* [n_ins] dst in PN_T_WORK or PN_T_OUT */
  const double *consts;        /* [n_consts][PN_LANES], lanes equal */
  const pn_gtable *tables;     /* [n_tables] */
  pn_tape_run_fn *run;         /* for the vector unit of this machine */
} pn_tape_code;

/* The best of the compiled versions that this machine can run. */
pn_tape_run_fn *pn_tape_runner(void);

#endif
