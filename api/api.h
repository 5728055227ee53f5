/* Inside of the public interface: what its files share. */
#ifndef PN_API_API_H
#define PN_API_API_H

#include "parser/netlist.h"
#include "pinch/pinch.h"

/* Option structs made by the ..._default functions carry it; others are refused. */
#define PN_COOKIE 0x50494E43u /* "PINC" */

/* The netlist behind a circuit. */
pn_netlist *pn_api_netlist(pinch_circuit *c);

/* Receives messages as the public callbacks do; fn may be NULL. */
typedef struct pn_listener {
  void (*message)(void *user, pinch_severity severity, const char *text);
  void *user;
} pn_listener;
void pn_tell(const pn_listener *l, pinch_severity severity, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Who hears a circuit's messages. */
const pn_listener *pn_api_listener(const pinch_circuit *c);

#endif
