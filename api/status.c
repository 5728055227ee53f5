/* The public names of status codes, and messages to callers' callbacks. */
#include "api/api.h"

#include <stdarg.h>
#include <stdio.h>

const char *pinch_version(void)
{
  return PINCH_VERSION;
}

const char *pinch_error_name(int code)
{
  return pn_status_name((pn_status)code);
}

const char *pinch_error_text(int code)
{
  return pn_status_text((pn_status)code);
}

int pinch_exit_status(int code)
{
  return pn_status_exit((pn_status)code);
}

void pn_tell(const pn_listener *l, pinch_severity severity, const char *fmt, ...)
{
  static const char *const words[] = {"note: ", "warning: ", "error: "};
  char text[1024];
  if (!l->message)
    return;
  int n = snprintf(text, sizeof text, "%s", words[severity]);
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text + n, sizeof text - (size_t)n, fmt, ap);
  va_end(ap);
  l->message(l->user, severity, text);
}
