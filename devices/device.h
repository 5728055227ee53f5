/* The device interface: what the circuit knows of a device, and all a device
 * knows of the circuit. A device class is a constant table and a function that
 * works on blocks of PN_LANES instances; it sees local unknowns only, never the
 * matrix. Equations are f(u) + d/dt q(u) = 0, one row per local unknown:
 *   - rows of nodes: current leaving the node into the device (A) and charge (C);
 *   - rows of branches: the branch's own equation (V and Wb);
 *   - rows of states: -g(x, v) with q = x (mass 1), or an algebraic relation (mass 0). */
#ifndef PN_DEVICES_DEVICE_H
#define PN_DEVICES_DEVICE_H

#include "base/param.h"
#include "devices/wave.h"
#include "expr/tape.h"

#include <complex.h>

typedef enum pn_local_kind {
  PN_L_TERM,     /* a terminal: a node named on the instance line */
  PN_L_REF,      /* an unknown of somebody else: controlling node or branch current */
  PN_L_INTERNAL, /* a node of the device's own */
  PN_L_BRANCH,   /* a branch current of the device's own (A) */
  PN_L_INNER, /* an inner state that stays in the matrix: d/dt u + f = 0 (the circuit adds d/dt u) */
  PN_L_STATE  /* an inner state; eliminated before the matrix is formed */
} pn_local_kind;

typedef struct pn_local {
  pn_local_kind kind;
  const char *name; /* "p", "n", "i", "x": @dev[name] for branches and states */
  const char *unit; /* "V", "A", "K", "1" */
  double atol;      /* absolute tolerance in that unit; 0: the default of its kind */
} pn_local;

typedef struct pn_pair {
  uint16_t row, col; /* local indices */
} pn_pair;

/* One source of current noise of an instance, between two of its local unknowns. Its one-sided
 * spectral density at f (Hz) is white + flicker / f^exponent, shaped by corner and hold. Sources are uncorrelated. */
enum {
  PN_NOISE_ALONE = 0xffff
}; /* as n: the source enters one row only (a state's or a branch's) */
typedef struct pn_noise {
  const char *name; /* "thermal", "rc", "ib", "flicker": constant, lower case */
  uint16_t p, n;    /* locals: the current flows from p through the device to n */
  double white;     /* A^2/Hz (of the row's unit, when it is no node's) */
  double flicker;   /* A^2/Hz at 1 Hz */
  double exponent;  /* 0 counts as 1 */
  double corner;    /* Hz; not 0: all of it times 1/(1 + (f/corner)^2), a Lorentzian */
  double hold; /* s; not 0: all of it times (sin(pi f hold)/(pi f hold))^2, values held so long */
} pn_noise;

#define PN_BOLTZMANN 1.380649e-23    /* J/K, exact (SI 2019) */
#define PN_KELVIN    273.15          /* K, 0 degC */
#define PN_ELECTRON  1.602176634e-19 /* C, exact (SI 2019) */

enum {                       /* pn_device_class.flags */
       PN_DEV_LINEAR = 1,    /* jf and jq depend on parameters and temperature only: stamped once */
       PN_DEV_MEMRISTOR = 2, /* a one-port with states: `mem` is used instead of eval */
       PN_DEV_Q = 4,    /* not linear, with q in rows of nodes or branches (q_row says which) */
       PN_DEV_TIME = 8, /* f depends on t explicitly (B sources with `time`) */
       PN_DEV_STEEP =
           16 /* derivatives jump by decades: Newton's method needs those of each iterate */
};

/* One block. Arrays are [index][PN_LANES]; every lane holds valid data (padded by copies). */
typedef struct pn_dev_block {
  const double *p; /* [n_params] parameters (+ derived ones, see derive) */
  const double *u; /* [n_locals] local unknowns */
  const double *h; /* [n_hist] memory: constant between accepted steps */
  double t;        /* s */
  double temp;     /* K, of the circuit */
  double gmin;     /* S */
  double *f, *q;   /* [n_locals] out */
  double *jf, *jq; /* [n_pairs] out, NULL when no derivatives are wanted */
  double *work;    /* [n_work] scratch */
  int n;           /* lanes that are real instances (the rest are copies) */
  bool hold;       /* operating point: time integrals stand at their initial value */
} pn_dev_block;

typedef struct pn_memristor pn_memristor; /* devices/memristor.h */

typedef struct pn_device_class pn_device_class;
struct pn_device_class {
  const char *name;       /* "resistor" */
  const char *title;      /* one line for the reference */
  char letter;            /* first letter of instance names; 0: none */
  const char *model_type; /* .model type ("sw"), or NULL */
  const char *model_twin; /* the type of opposite polarity ("pnp"): its parameter "type" is -1 */
  int level;              /* that level= of the .model card chooses; 0: the type has no levels */
  unsigned flags;
  const pn_param *params; /* [n_params] */
  int n_params;
  int n_derived;          /* columns that derive() appends behind the parameters */
  const pn_local *locals; /* [n_locals] terminals first, then refs, internals, branches, states */
  int n_locals;
  const pn_pair *pairs; /* [n_pairs] entries of jf and jq */
  int n_pairs;
  const uint8_t *q_row; /* [n_locals] with PN_DEV_Q: 1 where the row has a q; NULL: none */
  int n_hist;           /* doubles of memory per instance */
  int n_work;           /* doubles of scratch per lane */
  int n_events;         /* event functions per instance */

  /* p[0..n_params) given; fills p[n_params..). temp in K. May be NULL when n_derived == 0. */
  void (*derive)(const pn_device_class *c, double *p, double temp);
  /* A sentence saying why these parameters cannot be, or NULL. Ranges are checked before. */
  const char *(*check)(const pn_device_class *c, pn_arena *a, const double *p);
  void (*eval)(const pn_device_class *c, const pn_dev_block *b);
  /* First contents of h, from the parameters. May be NULL when n_hist == 0. */
  void (*init_hist)(const pn_device_class *c, const double *p, double *h);
  /* Event functions ev [n_events][PN_LANES]: the integrator stops where one changes its sign. */
  void (*events)(const pn_device_class *c, const pn_dev_block *b, double *ev);
  /* After an accepted step or a converged operating point: new memory of one instance. p, u and h
   * are that instance's own contiguous arrays. Returns true when h changed (an operating point is
   * then solved again; the integrator restarts). */
  bool (*accept)(const pn_device_class *c, double t, const double *p, const double *u, double *h);
  const int *p_init; /* [n_locals] parameter at which an inner state starts; NULL: none has any */
  int n_optional;    /* of the last terminals: one left out is joined to the last given */
  /* Noise at an operating point: fills out [n_noise] (zeroed before), in the same order at every
   * point. p (derived ones too), u and h are one instance's own contiguous arrays; temp of the
   * circuit, K. NULL when n_noise == 0. Memristors have theirs in `mem`. */
  int n_noise;
  void (*noise)(const pn_device_class *c, const double *p, const double *u, const double *h,
                double temp, pn_noise *out);
  /* Memory that follows the solution: h [n_hist][PN_LANES] after an accepted point of a whole block.
   * The charges it enters into must not jump. May be NULL. */
  void (*advance)(const pn_device_class *c, const pn_dev_block *b, double *h);
  /* The local whose unknown an internal node shares because nothing lies between them, or -1. May
   * be NULL: every internal node is an unknown. */
  int (*merged)(const pn_device_class *c, const double *p, int local);
  /* Junction limiting: moves the unknowns u [n_locals] (PN_LANES each) of an operating point's iterate
   * to where the equations may be linearised, given the last such place. old is NULL at the first
   * iterate: then u gets the starting guess. May be NULL. */
  void (*limit)(const pn_device_class *c, const pn_dev_block *b, const double *old, double *u);
  /* Numbers of the parameters (derived ones too) that give the voltages over which currents grow e-fold, ended
   * by -1. Only for classes whose locals are all voltages and whose f and q have continuous derivatives: they
   * may rest in a transient. NULL: never. */
  const int *grain;
  /* Waves that travel: in a transient the first n_waves places of h are what waves() gave `delay`
   * seconds ago, kept by the circuit; while an operating point holds (`hold`) they mean nothing.
   * first_waves: of the time before a transient with UIC. p with the derived ones. */
  int n_waves;
  double (*delay)(const pn_device_class *c, const double *p); /* s, > 0 */
  void (*waves)(const pn_device_class *c, const double *p, const double *u, double *w);
  void (*first_waves)(const pn_device_class *c, const double *p, double *w);
  /* Adds to the entries j [n_pairs] what a small signal of complex frequency s sees beyond jf + s jq, which
   * stand for a transient's; p with the derived ones. May be NULL. */
  void (*small_signal)(const pn_device_class *c, const double *p, double complex s,
                       double complex *j);
  /* The class of the instances of a .model card, where the card decides what states they have: the same
   * parameters, made in the arena, or c itself. May be NULL. */
  const pn_device_class *(*specialise)(const pn_device_class *c, pn_arena *a, const double *p);
  const pn_memristor *mem; /* with PN_DEV_MEMRISTOR */
  const void *data;        /* of the class: a tape for B sources and user-defined memristors */
};

#define PN_COUNT(array) ((int)(sizeof(array) / sizeof *(array))) /* for n_params, n_locals, ... */

/* All built-in classes but memristors; a table that ends with NULL. */
extern const pn_device_class *const pn_device_classes[];

#endif
