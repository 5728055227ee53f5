/* Between the files of pinch_expand: expand.c walks the circuit and writes one line per device,
 * expand_models.c writes what such lines refer to: model cards, and memristors as subcircuits. */
#ifndef PN_API_EXPAND_H
#define PN_API_EXPAND_H

#include "api/api.h"
#include "base/arena.h"

enum { PN_EXPAND_ROOM = 256 };

/* A model card that was written: its class and the values [n_params] it stands for. */
typedef struct pn_expand_card {
  const pn_device_class *cls;
  const double *values;
} pn_expand_card;

typedef struct pn_expand {
  pn_netlist *n;
  void (*text)(void *user, const char *text);
  void *user;
  PN_VEC(pn_expand_card) cards;
  PN_VEC(const pn_memristor *) subckts; /* written already */
} pn_expand;

void pn_expand_put(const pn_expand *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A memristor's line behind its nodes: the subcircuit's name and what differs from the model's defaults;
 * p [n_params]. Writes the subcircuit when it is the first. False: the model has no flat form. */
bool pn_expand_memristor(pn_expand *w, const pn_device_class *cls, const double *p, bool stuck,
                         const char *name, const char *nodes);
/* The same for a semiconductor, with its model card. */
void pn_expand_semiconductor(pn_expand *w, const pn_device_class *cls, const double *p,
                             const char *name, const char *nodes);

#endif
