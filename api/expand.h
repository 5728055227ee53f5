/* Between the files of pinch_expand: expand.c walks the circuit and writes one line per device, expand_sources.c
 * writes sources and what is controlled, expand_memristor.c memristors as subcircuits, expand_models.c model
 * cards, expand_text.c expressions. */
#ifndef PN_API_EXPAND_H
#define PN_API_EXPAND_H

#include "api/api.h"
#include "base/arena.h"
#include "circuit/sim.h"
#include "expr/graph.h"
#include "parser/elab.h"

enum { PN_EXPAND_ROOM = 256, PN_EXPAND_TERMINALS = 8 };

/* A model card that was written: its class and the values [n_params] it stands for. */
typedef struct pn_expand_card {
  const pn_device_class *cls;
  const double *values;
} pn_expand_card;

typedef struct pn_expand {
  pn_netlist *n;
  void (*text)(void *user, const char *text);
  void *user;
  pn_sim *sim; /* with the first run's draws; NULL: nothing is drawn */
  PN_VEC(pn_expand_card) cards;
  PN_VEC(const pn_memristor *) subckts; /* written already */
} pn_expand;

/* One device while it is written. */
typedef struct pn_expand_device {
  pn_device_info info;
  int id;
  double *p;                 /* [n_params + n_derived] as elaborated; room for what derive() adds */
  char name[PN_EXPAND_ROOM]; /* with the letter that ngspice knows it by */
  char nodes[PN_EXPAND_TERMINALS * PN_EXPAND_ROOM];
} pn_expand_device;

void pn_expand_put(const pn_expand *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The flat name of a node (ground: 0), or of a device behind the letter that ngspice knows it by; '\0': as it
 * is. out [PN_EXPAND_ROOM] */
void pn_expand_node(const pn_expand *w, int id, char *out);
void pn_expand_name(const pn_expand *w, int device, char letter, char *out);
/* "a b c": nodes first .. first + n - 1 of a device. */
void pn_expand_nodes(const pn_expand *w, const pn_device_info *d, int first, int n, char *out,
                     size_t room);

/* What the leaves of a graph are called. A name that cannot be written is false. */
typedef struct pn_expand_names pn_expand_names;
struct pn_expand_names {
  const pn_graph *graph;
  const void *user;
  long left; /* nodes that may still be written: shared ones are written out each time */
  bool (*input)(const pn_expand *w, pn_expand_names *names, int index);
  bool (*param)(const pn_expand *w, pn_expand_names *names, int index);
};
enum { PN_EXPAND_LONGEST = 20000 };
/* Writes an expression; false: it is too long, or has something that ngspice has not. */
bool pn_expand_text(const pn_expand *w, pn_gnode node, pn_expand_names *names);

/* The writers: NULL, or why the device has no flat form. */
const char *pn_expand_source(const pn_expand *w, const pn_expand_device *d);
const char *pn_expand_controlled(const pn_expand *w, const pn_expand_device *d);
const char *pn_expand_behaviour(const pn_expand *w, const pn_expand_device *d);
const char *pn_expand_switch(pn_expand *w, const pn_expand_device *d);
const char *pn_expand_memristor(pn_expand *w, const pn_expand_device *d);
const char *pn_expand_semiconductor(pn_expand *w, const pn_expand_device *d);

/* A limiter of the current between two nodes: i = v/drop up to `ampere`, then `beyond` S. */
void pn_expand_limiter(const pn_expand *w, const char *name, const char *from, const char *to,
                       double ampere, double beyond);
/* The number of a model card of the class with these values, written when it is new. */
size_t pn_expand_card_of(pn_expand *w, const pn_device_class *cls, const double *p);
/* "NAME=VALUE" of the instance's own parameters that are not the class's. */
void pn_expand_own(const pn_expand *w, const pn_expand_device *d);

#endif
