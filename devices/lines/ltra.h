/* Lossy transmission lines (O): the parameters that their kinds share. A card's class has as many inner
 * states as its kind needs, and is made when the card is read. */
#ifndef PN_LINES_LTRA_H
#define PN_LINES_LTRA_H

#include "devices/classes.h"

enum {
  LTRA_R,
  LTRA_L,
  LTRA_G,
  LTRA_C,
  LTRA_LEN,
  LTRA_TUNING, /* ten words that steer ngspice's convolution: read, not needed */
  LTRA_N_PARAMS = LTRA_TUNING + 12
};
extern const pn_param pn_ltra_params[LTRA_N_PARAMS];

enum { LTRA_P1, LTRA_N1, LTRA_P2, LTRA_N2, LTRA_STATES = 4 };

const char *pn_ltra_check(const pn_device_class *c, pn_arena *a, const double *p);

/* A class in the arena, with these many inner nodes behind the terminals and the branches. */
const pn_device_class *pn_ltra_wave_class(pn_arena *a, const double *p); /* L and C, R or none */
const pn_device_class *pn_ltra_diffusive_class(pn_arena *a, const double *p); /* R and C, R and G */

/* Room for the rows and columns of a class under way. */
typedef struct pn_ltra_build {
  pn_local *locals;
  pn_pair *pairs;
  int n_locals, n_pairs;
} pn_ltra_build;

static inline void pn_ltra_local(pn_ltra_build *b, pn_local_kind kind, const char *name,
                                 const char *unit, double atol)
{
  b->locals[b->n_locals++] = (pn_local){kind, name, unit, atol};
}

static inline void pn_ltra_pair(pn_ltra_build *b, int row, int col)
{
  b->pairs[b->n_pairs++] = (pn_pair){(uint16_t)row, (uint16_t)col};
}

static inline void pn_ltra_terminals(pn_ltra_build *b)
{
  static const char *const names[] = {"p1", "n1", "p2", "n2"};
  for (int k = 0; k < 4; k++)
    pn_ltra_local(b, PN_L_TERM, names[k], "V", 0.0);
}

#endif
