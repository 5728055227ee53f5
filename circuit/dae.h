/* A circuit as the differential-algebraic system that integrators see. Where the charge of
 * a node is a nonlinear function, its value becomes an unknown of its own for
 * integrators that need y' (IDA): so charge is conserved. That unknown is eliminated again
 * before the linear solve, exactly. */
#ifndef PN_CIRCUIT_DAE_H
#define PN_CIRCUIT_DAE_H

#include "circuit/sim.h"
#include "solver/integrator.h"

typedef struct pn_circuit_dae pn_circuit_dae;

/* with_charges: for integrators that use residual() (IDA); without, for one-step methods on fq(). */
pn_status pn_circuit_dae_new(pn_sim *s, double reltol, bool with_charges, pn_circuit_dae **out);
void pn_circuit_dae_free(pn_circuit_dae *d);
const pn_dae *pn_circuit_dae_view(const pn_circuit_dae *d);
/* Fills the charges behind the circuit's unknowns in y and yp [dae.n], which satisfy the circuit's
 * equations at t. */
pn_status pn_circuit_dae_extend(pn_circuit_dae *d, double t, double *y, double *yp);

#endif
