/* A pulse in which only the cells that move are integrated in time. The array around them is solved as it
 * stands at the top of the pulse; states of all other cells drift by their rates there, from the beginning to
 * the end of the top (Heun), as long as these rates stay what they are. */
#ifndef PN_ANALYSIS_PULSE_MOVING_H
#define PN_ANALYSIS_PULSE_MOVING_H

#include "analysis/movers.h"
#include "analysis/pulse.h"

/* Where the network was at the top of the last pulse of one scheme. */
typedef struct moving_top {
  const pn_scheme *scheme; /* NULL: no pulse yet */
  double v;                /* V */
  double *y;               /* [n] */
} moving_top;

struct pulse_moving {
  movers m;
  moving_top top[2];
  int n_states;                    /* of all memristors, those with a rate: */
  int *unknown;                    /* [n_states] */
  int *owner;                      /* [n_states] devices */
  unsigned char *branch;           /* [n] 1: a current, not a voltage */
  double *lo, *hi;                 /* [n] */
  double *y, *d;                   /* [n] the solution at the end of the top; scratch */
  double *rate, *along, *rate_end; /* [n] at both ends of the top */
  double *column; /* [MOVERS_MOST][n] of the inverse, for a current out of each port */
  bool charged;   /* there are capacitors or inductors */
  bool fresh;     /* the matrix belongs to this network, roughly */
  bool rests;     /* nothing but what moves in pulses moves between them */
  double bend, rate_of_newton;
  long pulses, whole; /* all; those that had to be integrated as a whole */
  long iterations, checks;
  int most;     /* cells at once */
  double drift; /* largest change of a state beside them, of its own size */
};

/* *out NULL and PN_OK: this circuit has memory, noise or delays that need every step. */
pn_status pulse_moving_open(pulse *p, pulse_moving **out);
void pulse_moving_close(pulse_moving *q);
/* The lines stand at the pulse's top, p->rest is the point before it and becomes the one behind it.
 * *done false and PN_OK: the pulse must be integrated as a whole. */
pn_status pulse_moving_apply(pulse *p, const pn_scheme *scheme, double v, double width, int col,
                             double *i, bool *done);
/* What was done, as one line of statistics. */
void pulse_moving_tell(const pulse_moving *q, char *line, size_t room);

#endif
