/* Inside of .mvm: its arguments, the currents of all vectors, and what converters and number
 * formats make of them. */
#ifndef PN_ANALYSIS_MVM_H
#define PN_ANALYSIS_MVM_H

#include "analysis/study.h"
#include "base/csvmatrix.h"

typedef enum mvm_linear { MVM_AUTO, MVM_LINEAR, MVM_NONLINEAR } mvm_linear;

typedef struct mvm_args {
  const pn_lines *l;
  double vgate;     /* V, of all gate lines */
  pn_matrix inputs; /* [vectors][rows of the array] */
  double scale;     /* V per unit of the inputs */
  double vref;      /* V at which a cell's conductance counts; NAN: the largest input */
  int dac, adc;     /* bits; 0: exact */
  double fs;        /* A, full scale of the ADC; NAN: the largest current */
  bool diff;        /* outputs are differences of neighbouring columns */
  int slices;       /* columns (or pairs) that make one output, the most significant first */
  double base;      /* weight between slices */
  mvm_linear linear;
  int output, vector; /* of .xsens: whose sensitivities are wanted, at which input */
  pn_str name;
} mvm_args;

typedef struct mvm_work {
  const pn_run *r;
  const mvm_args *p;
  pn_study s;
  int n, rows, cols, n_out; /* vectors; of the array; outputs of a vector */
  double *v;                /* [n][rows] V on the word lines */
  double *i;                /* [n][cols] A, out of the bit lines */
  double *g;                /* [rows][cols] S, of the cells, for the ideal product */
  double *out, *ideal;      /* [n][n_out] A */
  double *transfer;         /* [cols][rows] S, dI/dV */
  double *i0;               /* [cols] A, at zero input */
  bool is_linear;
} mvm_work;

/* mvm.c, for .mvm and .xsens: arguments (NULL after errors), and memory, voltages and gates. Close in
 * any case. */
mvm_args *mvm_parse(const char *word, pn_arena *a, pn_diag *d, const pn_args *args,
                    const pn_circuit *c, const pn_options *o);
pn_status mvm_open(mvm_work *w, const pn_run *r, const mvm_args *p);
void mvm_close(mvm_work *w);

/* mvm_solve.c: fills w->i from w->v. */
pn_status mvm_currents(mvm_work *w);
/* Puts vector k on the lines and solves. */
pn_status mvm_solve_vector(pn_study *s, const mvm_work *w, int k);
/* dI/dG of every cell for an output at the study's solution: [cells of the study] A/S. */
pn_status mvm_sensitivity(mvm_work *w, int output, double *di_dg);

/* mvm_digital.c */
/* Rounds to 2^bits levels from low to high; bits 0 leaves x. */
double mvm_quantise(double x, int bits, double low, double high);
/* The DAC: w->v quantised over the range of all inputs. */
void mvm_apply_dac(mvm_work *w);
/* The ADC on currents [n][cols], over +-fs or 0..fs. */
void mvm_apply_adc(const mvm_work *w, double *currents);
/* Currents of the columns [cols] to outputs [n_out]: differences of pairs, sums of slices. */
void mvm_combine(const mvm_work *w, const double *currents, double *out);
/* Weight of column c in an output; 0 when it has no part in it. */
double mvm_weight(const mvm_work *w, int output, int c);

typedef struct mvm_errors {
  double fs;    /* A: the largest ideal output */
  double rmse;  /* A */
  double sigma; /* A, standard deviation of the error */
  double worst; /* A */
} mvm_errors;
mvm_errors mvm_judge(const mvm_work *w);

#endif
