/* Words about tables of parameters. */
#include "api/describe.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void pn_write(const pn_writer *w, const char *fmt, ...)
{
  char text[4096];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  w->text(w->user, text);
}

void pn_describe_default(const pn_param *p, char text[PN_SHORT])
{
  if (p->flags & PN_P_REQUIRED)
    snprintf(text, PN_SHORT, "required");
  else if (isnan(p->value))
    snprintf(text, PN_SHORT, "-");
  else
    snprintf(text, PN_SHORT, "%.10g", p->value);
}

void pn_describe_range(const pn_param *p, char text[PN_SHORT])
{
  const char *whole = p->flags & PN_P_INTEGER ? "whole, " : "";
  bool low = isfinite(p->min), high = isfinite(p->max);
  if (!low && !high)
    snprintf(text, PN_SHORT, "%sany", whole);
  else if (!high)
    snprintf(text, PN_SHORT, "%s%s %g", whole, p->flags & PN_P_OPEN_MIN ? ">" : ">=", p->min);
  else if (!low)
    snprintf(text, PN_SHORT, "%s%s %g", whole, p->flags & PN_P_OPEN_MAX ? "<" : "<=", p->max);
  else
    snprintf(text, PN_SHORT, "%s%s%g ... %g%s", whole, p->flags & PN_P_OPEN_MIN ? "> " : "", p->min,
             p->max, p->flags & PN_P_OPEN_MAX ? " (open)" : "");
}

const char *pn_describe_unit(const pn_param *p)
{
  return p->unit && strcmp(p->unit, "1") ? p->unit : "";
}

static bool same_source(const pn_param *a, const pn_param *b)
{
  return b->source && strcmp(a->source, b->source) == 0;
}

int pn_source_number(const pn_param *t, int k)
{
  int number = 0;
  if (!t[k].source || !*t[k].source)
    return 0;
  for (int j = 0; j <= k; j++) {
    bool is_new = t[j].source && *t[j].source;
    for (int i = 0; i < j && is_new; i++)
      is_new = !same_source(&t[j], &t[i]);
    number += is_new;
    if (same_source(&t[k], &t[j]))
      return number;
  }
  return number;
}
