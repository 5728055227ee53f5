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
  double bend,
      contracts; /* how Newton's method converges here: next correction over the square of the
                              last one, with a matrix for each point; over the last one, with a kept one */
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
  double *column;           /* [MOVERS_MOST][n] of the inverse, for a current out of each port */
  int device;               /* that moved alone in the last pulse; -1: none did */
  const moving_top *linear; /* where the ports of the movers were found last; NULL: nowhere */
  double *by_share; /* [n] how the solution changes there with the share of the lines' voltages */
  double linear_v;  /* V, of the pulse there */
  int linear_row, linear_col; /* and the cell that it selected */
  double last;                /* of the largest voltage: the last correction of the top */
  int selected;               /* the device that this pulse is for */
  int unchecked;              /* pulses since the last check */
  double bend;                /* 1/V: largest bend of a port that checks have found lately */
  pn_group *read_cell;        /* the cell of the last read, with the network around it: */
  const moving_top *read_top; /* where; NULL: nowhere */
  double *read_column;        /* [n] as `column` */
  double read_v, read_i, read_g, read_z; /* V, A, S, ohm */
  bool charged;                          /* there are capacitors or inductors */
  bool fresh;                            /* the matrix belongs to this network, roughly */
  bool rests;                            /* nothing but what moves in pulses moves between them */
  long pulses, whole;                    /* all; those that had to be integrated as a whole */
  long iterations, checks, glances, reused;
  int most;     /* cells at once */
  double drift; /* largest change of a state beside them, of its own size */
};

/* *out NULL and PN_OK: this circuit has memory, noise or delays that need every step. */
pn_status pulse_moving_open(pulse *p, pulse_moving **out);
void pulse_moving_close(pulse_moving *q);
/* The lines stand at the pulse's top, p->rest is the point before it and becomes the one behind it.
 * *done false and PN_OK: the pulse must be integrated as a whole. */
pn_status pulse_moving_apply(pulse *p, const pn_scheme *scheme, double v, double width, int row,
                             int col, double *i, bool *done);
/* The same for a read of cell (row, col) without a pulse: the solution goes to p->s->y. *done false: Newton's
 * method needs better care than here. */
pn_status pulse_moving_read(pulse *p, const pn_scheme *scheme, double v, int row, int col,
                            bool *done);
/* The current on the bit line as the network of the last read of this cell would give it with the cell's
 * present state; NAN where this is too far from there. */
double pulse_moving_glance(pulse *p, const pn_scheme *scheme, double v, int row, int col);
/* What was done, as one line of statistics. */
void pulse_moving_tell(const pulse_moving *q, char *line, size_t room);

#endif
