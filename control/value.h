/* Expressions of control sections: from text to a tree, from a tree to vectors. Values live in the arena of
 * the command that evaluates them. */
#ifndef PN_CONTROL_VALUE_H
#define PN_CONTROL_VALUE_H

#include "control/store.h"

typedef struct pn_value {
  long n;
  bool is_complex;
  double complex *z;    /* [n] imaginary parts 0 unless is_complex */
  const char *type;     /* of a rawfile: "voltage", "notype" */
  const pn_cplot *home; /* whose scale belongs to it; NULL: none */
} pn_value;

typedef enum pn_node_kind {
  PN_CN_NUMBER,
  PN_CN_NAME,  /* text: a vector's name, perhaps with its plot */
  PN_CN_PROBE, /* text: "v", "vdb", "tran1.v"; args: names */
  PN_CN_CALL,  /* text: function; args */
  PN_CN_OP,    /* op; one or two args */
  PN_CN_IF,    /* three args */
  PN_CN_INDEX, /* args: vector, first, perhaps last */
  PN_CN_SPAN   /* args: vector, lowest and highest value of its scale */
} pn_node_kind;

enum { PN_CO_NEG = 'n', PN_CO_LE = 'l', PN_CO_GE = 'g', PN_CO_NE = '!', PN_CO_NOT = '~' };

typedef struct pn_node pn_node;
struct pn_node {
  pn_node_kind kind;
  char op; /* + - * / % ^ < > = & | , and PN_CO_... */
  pn_str text;
  double number;
  int n_args;
  pn_node *args[6];
  pn_str source; /* the words it was made of */
};

enum { PN_MOST_ARGS = 6 };

/* What went wrong in a text: where, counted from its start. */
typedef struct pn_fault {
  const char *text; /* NULL: nothing */
  size_t at;
} pn_fault;

/* Reads the expression that begins at text[*at], which is moved behind it; NULL after a fault. */
pn_node *pn_node_read(pn_arena *a, pn_str text, size_t *at, pn_fault *f);
/* Is there anything but white space from `at` on? */
bool pn_text_left(pn_str text, size_t at);

/* A user's function (define). */
typedef struct pn_udf {
  char *name;
  char *formals[PN_MOST_ARGS]; /* [n_formals] */
  int n_formals;
  char *body;
} pn_udf;

typedef struct pn_evaluation {
  pn_arena *arena;
  pn_store *store;
  const pn_udf *udfs; /* [n_udfs] */
  int n_udfs;
  bool degrees;       /* angles */
  uint64_t seed;      /* of random functions */
  uint32_t *n_random; /* drawn so far */
  /* @device[parameter] that is no vector; false: there is none. */
  bool (*quantity)(void *user, pn_str device, pn_str what, double *value);
  void *user;
  int depth;
  const char *why; /* set when an evaluation failed; in the arena or constant */
} pn_evaluation;

/* False after setting e->why. */
bool pn_node_eval(pn_evaluation *e, const pn_node *n, pn_value *out);
/* The scale of a value's points: the plot's, when it has as many. NULL: none. */
const pn_vector *pn_value_scale(const pn_evaluation *e, const pn_value *v);
/* All vectors of a plot, or the one of a name; NULL. */
pn_vector *pn_vector_find(const pn_evaluation *e, pn_str name, const pn_cplot **plot);

/* ---- functions.c ---- */
/* A function of one vector by name; false: there is none by that name, or e->why is set. */
bool pn_vector_function(pn_evaluation *e, pn_str name, const pn_value *x, pn_value *out);
pn_str pn_vector_function_near(pn_str name);

/* ---- spectra.c ---- */
/* ngspice's fft: 2/n of the discrete Fourier transform of x [n] under a window, filled with zeros up to
 * a power of two; z [size / 2 + 1]. */
long pn_fft_size(long n);
void pn_fft(pn_arena *a, const double *x, long n, const char *window, double complex *z);
bool pn_window_known(const char *window);

#endif
