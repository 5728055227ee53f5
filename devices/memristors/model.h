/* What every memristor model file needs: the memristor interface, lanes, vector math and one
 * macro per line of its parameter table. */
#ifndef PN_MEMRISTORS_MODEL_H
#define PN_MEMRISTORS_MODEL_H

#include "devices/memristor.h"
#include "devices/vmath.h"

/* A published or reconstructed number, given on the .model card or on the instance; range is one
 * of those below, grade is how sure it is (base/param.h). */
#define PN_NUM(name, unit, value, range, doc, source, grade)                                       \
  {                                                                                                \
    name, unit, value, range, doc, source, grade, NULL                                             \
  }
/* A choice of ours that no paper makes: initial states, bounds, switches. */
#define PN_OWN(name, unit, value, range, doc)                                                      \
  {                                                                                                \
    name, unit, value, range, doc, "convention", NULL, NULL                                        \
  }

/* A named set: PN_SET("name", "doc.", "source", "grade", {INDEX, value}, ...). */
#define PN_SET(name, doc, source, grade, ...)                                                      \
  {                                                                                                \
    name, doc, source, grade, (const pn_mem_value[]){__VA_ARGS__},                                 \
        PN_COUNT(((const pn_mem_value[]){__VA_ARGS__}))                                            \
  }

#define PN_POSITIVE      0.0, INFINITY, PN_P_BOTH | PN_P_OPEN_MIN
#define PN_NEGATIVE      -INFINITY, 0.0, PN_P_BOTH | PN_P_OPEN_MAX
#define PN_GE0           0.0, INFINITY, PN_P_BOTH
#define PN_LE0           -INFINITY, 0.0, PN_P_BOTH
#define PN_ANY           -INFINITY, INFINITY, PN_P_BOTH
#define PN_IN(min, max)  min, max, PN_P_BOTH
#define PN_INT(min, max) min, max, PN_P_BOTH | PN_P_INTEGER

#define PN_Q_E 1.602176634e-19 /* C, elementary charge (SI 2019, exact) */
#define PN_K_B 1.380649e-23    /* J/K, Boltzmann constant (SI 2019, exact) */
#define PN_H   6.62607015e-34  /* J s, Planck constant (SI 2019, exact) */

#endif
