/* A graph's outputs as a straight tape of operations, run over blocks of PN_LANES
 * instances. Parts that depend only on parameters form a prologue, run once per
 * instance; the rest runs at every evaluation. Immutable after building, so one
 * tape serves many threads. */
#ifndef PN_EXPR_TAPE_H
#define PN_EXPR_TAPE_H

#include "expr/graph.h"

enum { PN_LANES = 16 }; /* instances per block, everywhere in Pinch */

typedef struct pn_tape {
  int n_inputs, n_params, n_outputs;
  int n_pre;  /* results of the prologue, per instance */
  int n_work; /* doubles of scratch per lane that pn_tape_eval needs */
  const struct pn_tape_code *code;
} pn_tape;

/* Outputs [n_outputs]. In the arena, which must not outlive the graph's (tables stay there). */
pn_tape *pn_tape_build(pn_arena *a, const pn_graph *g, const pn_gnode *outputs, int n_outputs,
                       int n_inputs, int n_params);
/* Same operations in the same order (constants included): instances may share a batch. */
bool pn_tape_same(const pn_tape *a, const pn_tape *b);

/* par [n_params], pre [n_pre] of one instance. */
void pn_tape_prologue(const pn_tape *t, const double *par, double *pre);
/* in [n_inputs][PN_LANES], par [n_params][PN_LANES], pre [n_pre][PN_LANES],
 * work [n_work][PN_LANES], out [n_outputs][PN_LANES]; none may overlap. n in 1..PN_LANES is the
 * number of lanes in use: it is rounded up to whole vectors of 8 lanes, so that a lane's result
 * does not depend on n (or on where in the block it stands), and the lanes up to there must hold
 * numbers (copies of lane 0 will do: one side of a choice is skipped only when no lane takes it).
 * Lanes beyond are neither read nor written. */
void pn_tape_eval(const pn_tape *t, int n, const double *in, const double *par, const double *pre,
                  double *work, double *out);
/* One instance, complex inputs (for expressions of AC results). work: [n_work]. */
void pn_tape_eval_complex(const pn_tape *t, const double complex *in, const double *par,
                          double complex *work, double complex *out);

#endif
