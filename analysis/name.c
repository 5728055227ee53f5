/* Names of results' columns, made while a run holds memory of its own: they come from the arena, but without its
 * leap out of the run when that is used up. */
#include "analysis/analysis.h"

#include <stdarg.h>
#include <stdio.h>

const char *pn_run_name(const pn_run *r, const char *fmt, ...)
{
  va_list ap, again;
  va_start(ap, fmt);
  va_copy(again, ap);
  int n = vsnprintf(NULL, 0, fmt, again);
  va_end(again);
  char *text = n < 0 ? NULL : pn_arena_try(r->arena, (size_t)n + 1);
  if (text)
    vsnprintf(text, (size_t)n + 1, fmt, ap);
  va_end(ap);
  return text;
}

pn_status pn_run_named(const pn_column *columns, int n)
{
  for (int k = 0; k < n; k++)
    if (!columns[k].name)
      return PN_E_MEMORY;
  return PN_OK;
}
