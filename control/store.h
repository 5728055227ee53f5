/* Plots and their vectors: what the analyses of a control section have left, by the names that ngspice
 * gives them. It owns all numbers and knows neither expressions nor circuits. */
#ifndef PN_CONTROL_STORE_H
#define PN_CONTROL_STORE_H

#include "output/sink.h"

typedef struct pn_vector {
  char *name;       /* lower case: "out", "v1#branch", "@r1[i]", "time" */
  const char *type; /* of a rawfile: "voltage"; a constant text */
  long n, room;
  bool is_complex;
  double complex *z; /* [n] imaginary parts 0 unless is_complex */
} pn_vector;

typedef struct pn_cplot {
  char *name;            /* "tran1" */
  char *title, *kind;    /* "Transient Analysis" */
  pn_vector **vectors;   /* [n] */
  int n, room, scale;    /* scale: index, -1: none */
  struct pn_cplot *next; /* older */
} pn_cplot;

typedef struct pn_store {
  pn_cplot *plots;   /* newest first; the last one is "const" */
  pn_cplot *current; /* never NULL once made */
  int number;        /* of the next plot: grows when a name is taken, as in ngspice */
  size_t bytes, most_bytes;
} pn_store;

/* With ngspice's constants. PN_E_MEMORY. pn_store_free in any case. */
pn_status pn_store_init(pn_store *s, size_t most_bytes);
void pn_store_free(pn_store *s);

/* A new plot becomes the current one: "tran" gives tran1, tran2, ... NULL without memory. */
pn_cplot *pn_store_new_plot(pn_store *s, const char *stem, const char *title, const char *kind);
pn_cplot *pn_store_find_plot(const pn_store *s, pn_str name);
/* Frees a plot; "const" stays. */
void pn_store_drop_plot(pn_store *s, pn_cplot *p);
/* All but "const"; numbers begin again. */
void pn_store_drop_all(pn_store *s);

/* Sets a vector of a plot, made when new; z [n] is copied. PN_E_MEMORY, PN_E_LIMIT. */
pn_status pn_store_set(pn_store *s, pn_cplot *p, pn_str name, const char *type,
                       const double complex *z, long n, bool is_complex);
pn_vector *pn_store_find(const pn_cplot *p, pn_str name);
void pn_store_drop(pn_store *s, pn_cplot *p, pn_vector *v);

/* A sink that keeps what it gets as new plots. Owned by the caller: close it. */
pn_status pn_store_sink(pn_store *s, pn_sink **out);

#endif
