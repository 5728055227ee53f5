/* Tables behind base/status.h. */
#include "base/status.h"

static const struct {
  const char *name, *text;
  int exit_status;
} table[] = {
#define X(sym, exit_status, text) {#sym, text, exit_status},
    PN_STATUS_LIST(X)
#undef X
};

const char *pn_status_name(pn_status s)
{
  return s < PN_STATUS_COUNT ? table[s].name : "PN_E_UNKNOWN";
}

const char *pn_status_text(pn_status s)
{
  return s < PN_STATUS_COUNT ? table[s].text : "unknown status";
}

int pn_status_exit(pn_status s)
{
  return s < PN_STATUS_COUNT ? table[s].exit_status : 3;
}
