/* Between a pulse whose moving cells alone are integrated and the array around them, solved as it stands at the
 * top. Vectors are of the sim's unknowns [n]. */
#ifndef PN_ANALYSIS_PULSE_TOP_H
#define PN_ANALYSIS_PULSE_TOP_H

#include "analysis/pulse_moving.h"

/* y [n] gets the states as they are. */
void moving_take_states(const pulse *p, double *y);
/* r [n] = the correction that Newton's method would make at y, with the matrix in hand or its own. */
pn_status moving_correction(pulse *p, double *y, bool anew, double *r);
/* The last solution of a scheme, or where it will be kept. */
moving_top *moving_find_top(pulse_moving *q, const pn_scheme *scheme);
/* Where Newton's method starts for a pulse of v (V). */
moving_top *moving_guess(pulse *p, pulse_moving *q, const pn_scheme *scheme, double v);
/* top->y from there to the solution. PN_E_CONVERGENCE, PN_E_DOMAIN, PN_E_SINGULAR: there is none near. */
pn_status moving_newton(pulse *p, pulse_moving *q, moving_top *top);
/* x [n] in place, by the matrix in hand, as exactly as ports need it. */
pn_status moving_solve_prepared(const pulse *p, double *x);
/* The memristor of a cell, and the voltage (V) across a device at y [n]. */
int moving_device_at(const pulse *p, int row, int col);
double moving_across(const pulse *p, int device, const double *y);
/* A failure that no whole integration would cure. */
bool moving_is_fatal(pn_status st);

#endif
