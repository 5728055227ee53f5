/* Source files, locations and diagnostics. A location is 16 bytes; the line, the
 * column, the caret and the chain of includes are worked out only when a
 * message is printed. Nothing here prints: messages go to a callback. */
#ifndef PN_BASE_DIAG_H
#define PN_BASE_DIAG_H

#include "base/arena.h"
#include "base/status.h"
#include "base/str.h"

#include <stdarg.h>

typedef struct pn_loc {
  uint32_t file;   /* 1-based number of the source file; 0: no place in a file */
  uint32_t offset; /* bytes from the start of the file's text */
  uint32_t len;    /* bytes to underline; 0: just a caret */
  uint32_t inst;   /* 1-based number of the subcircuit instance path; 0: top level */
} pn_loc;

#define PN_NOWHERE ((pn_loc){0})

typedef struct pn_source {
  const char *name; /* path as the user would type it */
  const char *text; /* [len + 2] the file, followed by two zero bytes (for flex) */
  size_t len;
  pn_loc included_from; /* PN_NOWHERE for the main file */
} pn_source;

typedef enum pn_severity { PN_NOTE, PN_WARNING, PN_ERROR } pn_severity;

/* Receives each finished message: several lines of text without the last newline. */
typedef void pn_message_fn(void *user, pn_severity severity, const char *text);

/* Whose netlist it is: what ^ and log() mean in its expressions. */
typedef enum pn_dialect { PN_NGSPICE, PN_LTSPICE, PN_XYCE } pn_dialect;

typedef struct pn_diag {
  pn_arena *arena; /* of the netlist: sources and instance paths live there */
  PN_VEC(pn_source) sources;
  PN_VEC(const char *) insts; /* paths of subcircuit instances, "x1.x2" */
  pn_message_fn *out;         /* may be NULL: messages are only counted */
  void *user;
  int n_errors, n_warnings;
  int max_errors;     /* after so many errors the rest is only counted; 0: 20 */
  bool werror;        /* warnings count as errors */
  pn_dialect dialect; /* of the sources */
  bool dialect_asked; /* it was not found out but said */
  bool told_xor;      /* what LTspice's ^ means was told */
} pn_diag;

void pn_diag_init(pn_diag *d, pn_arena *a, pn_message_fn *out, void *user);

/* Registers a text (not copied; it must live as long as the arena); returns its number. */
uint32_t pn_diag_add_source(pn_diag *d, const char *name, const char *text, size_t len,
                            pn_loc included_from);
/* Registers an instance path; returns its number. */
uint32_t pn_diag_add_inst(pn_diag *d, const char *path);
/* Line and column, both 1-based; a tab is one column. */
void pn_diag_position(pn_diag *d, pn_loc loc, unsigned *line, unsigned *column);

/* One message: "file:line:col: error: text", the line, a caret, the include chain and
 * the instance, then "  hint: ..." when hint is not NULL. Long lines are cut around the
 * caret; bytes that are not printable are shown as '?'. Returns PN_E_NETLIST for errors,
 * so that `return pn_error(...)` reads well. */
pn_status pn_error(pn_diag *d, pn_loc loc, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
pn_status pn_error_hint(pn_diag *d, pn_loc loc, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void pn_warn(pn_diag *d, pn_loc loc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void pn_note(pn_diag *d, pn_loc loc, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Are further errors only counted? A search for a suggestion is wasted then. */
bool pn_diag_is_full(const pn_diag *d);

/* "; did you mean 'x'?" in the arena, or "" when near is empty. */
const char *pn_did_you_mean(pn_arena *a, pn_str near);

#endif
