/* Status codes of the whole library: one list gives number, name and message.
 * A function that can fail returns a pn_status; 0 is success. The category of
 * a code decides the command's exit status (pn_status_exit). */
#ifndef PN_BASE_STATUS_H
#define PN_BASE_STATUS_H

/* clang-format off */
/* X(symbol, exit status, message) */
#define PN_STATUS_LIST(X)                                                        \
  X(PN_OK, 0, "done")                                                            \
  X(PN_E_USAGE, 1, "wrong use of the command or of a library call")              \
  X(PN_E_NETLIST, 2, "the netlist has errors")                                   \
  X(PN_E_FILE, 2, "a file cannot be read or written")                            \
  X(PN_E_LIMIT, 2, "a limit on size, depth or memory was exceeded")              \
  X(PN_E_MEMORY, 3, "out of memory")                                             \
  X(PN_E_SINGULAR, 3, "the circuit's matrix is singular")                        \
  X(PN_E_CONVERGENCE, 3, "the equations did not converge")                       \
  X(PN_E_STEP, 3, "the time step became too small")                              \
  X(PN_E_DOMAIN, 3, "an expression or a model gave a value that is not a number") \
  X(PN_E_INTERNAL, 3, "internal error: please report it")                        \
  X(PN_E_QUIT, 3, "the netlist's commands ended the run with a code other than 0") \
  X(PN_E_INTERRUPTED, 130, "interrupted")
/* clang-format on */

typedef enum pn_status {
#define X(sym, exit_status, text) sym,
  PN_STATUS_LIST(X)
#undef X
      PN_STATUS_COUNT
} pn_status;

/* Name ("PN_E_FILE"), message and exit status of a code; never NULL. */
const char *pn_status_name(pn_status s);
const char *pn_status_text(pn_status s);
int pn_status_exit(pn_status s);

#endif
