/* How the devices of one .model card differ from each other and from cycle to cycle, and what time
 * and noise do to them. The description is shared by all instances; a run's draws are the sim's. */
#ifndef PN_CIRCUIT_VARIATION_H
#define PN_CIRCUIT_VARIATION_H

#include <stdbool.h>

typedef enum pn_law_kind { PN_LAW_NORMAL, PN_LAW_LOGNORMAL, PN_LAW_UNIFORM } pn_law_kind;

/* With z a standard normal number, |z| <= cut:
 *   normal     p (1 + spread z), absolute: p + spread z
 *   lognormal  p exp(spread z)
 *   uniform    p (1 + spread u), absolute: p + spread u, u uniform in (-1, 1) */
typedef struct pn_law {
  int param; /* index in the class's table */
  pn_law_kind kind;
  bool absolute;
  double spread, cut; /* cut: INFINITY when not truncated */
} pn_law;

typedef struct pn_variation {
  pn_law *device; /* [n_device] drawn once for each device */
  int n_device;
  double *
      mix; /* [n_device * n_device] lower triangle: correlated z = mix * independent z; NULL: none are */
  pn_law *cycle; /* [n_cycle] drawn anew when a pulse begins or the voltage changes its sign */
  int n_cycle;
  pn_law *fluctuation; /* [n_fluctuation] drawn anew every read_dt */
  int n_fluctuation;
  double stuck_max, stuck_min; /* probabilities that the states stand at a bound for ever */
  double read, read_dt; /* relative standard deviation of the current; s, how long a draw lasts */
  double flicker, flicker_af, flicker_ef; /* spectral density kf |i|^af/f^ef; .noise alone has it */
  double rtn, rtn_up, rtn_down; /* relative step of the current; 1/s, rates into and out of it */
  double retention_tau,
      retention_x;           /* s and the state's unit: rate (retention_x - x)/tau; 0: none */
  double drift_nu, drift_t0; /* current times (1 + t/t0)^-nu; s */
} pn_variation;

/* The value of a law at z around a nominal value. */
double pn_law_value(const pn_law *l, double nominal, double z);

#endif
