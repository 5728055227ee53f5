/* ngspice's control sections: commands that drive analyses, alter the circuit and work with the results. This
 * room knows command lines, vectors and plots; circuits, netlists and analyses it reaches only through the
 * pn_host that its caller gives. */
#ifndef PN_CONTROL_CONTROL_H
#define PN_CONTROL_CONTROL_H

#include "base/diag.h"
#include "expr/ast.h"
#include "output/sink.h"

typedef struct pn_program pn_program;

/* One line of a control section. */
typedef struct pn_control_line {
  pn_str text; /* without comments; "" for an empty one */
  pn_loc loc;  /* of the text */
} pn_control_line;

/* Checks commands and blocks. NULL after reporting errors (unknown commands, those that are never run, ends
 * that are missing). In the arena, which must have a recovery point. */
pn_program *pn_program_read(pn_arena *a, pn_diag *d, const pn_control_line *lines, size_t n);

/* What a change is told with: a device or a model, its parameter, values. */
typedef struct pn_change {
  pn_str name, param;  /* param "": the device's own value */
  const double *value; /* [n] */
  long n;
  pn_loc loc;
} pn_change;

/* What commands need of the world. Functions that return a status report what is wrong themselves. */
typedef struct pn_host {
  void *user;
  /* Runs one analysis written as its directive without the dot; results go to the sink as well. */
  pn_status (*analysis)(void *user, pn_str text, pn_loc loc, pn_sink *sink);
  /* Runs the netlist's own analyses. */
  pn_status (*run)(void *user, pn_sink *sink);
  pn_status (*save)(void *user, pn_str text, pn_loc loc);
  pn_status (*alter)(void *user, const pn_change *c);
  pn_status (*alter_model)(void *user, const pn_change *c);
  /* A parameter of the netlist, in force after the next reset. */
  pn_status (*alter_param)(void *user, const pn_change *c);
  /* The circuit as the netlist has it, with the parameters altered so far. */
  pn_status (*reset)(void *user);
  /* An option of the simulator by name; PN_OK and *known false when there is none of that name. */
  pn_status (*option)(void *user, pn_str name, pn_str value, pn_loc loc, bool *known);
  /* A parameter of a device in force; false: there is none. */
  bool (*quantity)(void *user, pn_str device, pn_str what, double *value);
  /* The printing step of the last transient, s. */
  double (*tran_step)(void *user);
  /* Words of a directive with their expressions, for meas; NULL after reporting. */
  const pn_args *(*args)(void *user, pn_str text, pn_loc loc);
  void (*measured)(void *user, pn_str analysis, pn_str name, bool ok, double value);
  void (*text)(void *user, const char *text);
  bool (*interrupted)(void *user);
  const char *title; /* of the netlist */
  const char *stem;  /* for names of pictures: "amp" of "lib/amp.cir" */
  bool untrusted;    /* write no files */
  size_t most_bytes; /* of vectors, and of one command's work */
  uint64_t seed;
} pn_host;

/* Runs a program. *quit: it ended by `quit`, so that nothing else is to be run. */
pn_status pn_program_run(const pn_program *p, pn_diag *d, const pn_host *host, bool *quit);

#endif
