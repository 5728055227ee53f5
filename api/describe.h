/* Words about tables of parameters, shared by `pinch models` and the reference pages. */
#ifndef PN_API_DESCRIBE_H
#define PN_API_DESCRIBE_H

#include "base/param.h"
#include "devices/memristor.h"

typedef struct pn_writer {
  void (*text)(void *user, const char *text);
  void *user;
} pn_writer;

void pn_write(const pn_writer *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

enum { PN_SHORT = 64 };
/* "0.013", "required", "-" when not given has a meaning. */
void pn_describe_default(const pn_param *p, char text[PN_SHORT]);
/* "> 0", "0 ... 1", "any"; a whole number says so. */
void pn_describe_range(const pn_param *p, char text[PN_SHORT]);
/* "1" becomes "". */
const char *pn_describe_unit(const pn_param *p);

/* The distinct sources of a table are numbered from 1 in order of appearance: number of
 * parameter k's, or 0 when it has none. */
int pn_source_number(const pn_param *t, int k);

#endif
