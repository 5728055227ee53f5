/* Diagnostics: from a 16-byte location to file, line, column, caret and hints. */
#include "base/diag.h"

#include <stdio.h>
#include <string.h>

enum { LINE_SHOWN = 110, MESSAGE_ROOM = 4096 };

void pn_diag_init(pn_diag *d, pn_arena *a, pn_message_fn *out, void *user)
{
  *d = (pn_diag){.arena = a, .out = out, .user = user, .max_errors = 20};
}

uint32_t pn_diag_add_source(pn_diag *d, const char *name, const char *text, size_t len,
                            pn_loc included_from)
{
  *PN_PUSH(d->arena, &d->sources) = (pn_source){
      .name = name, .text = text, .len = len, .included_from = included_from};
  return (uint32_t)d->sources.n;
}

uint32_t pn_diag_add_inst(pn_diag *d, const char *path)
{
  *PN_PUSH(d->arena, &d->insts) = path;
  return (uint32_t)d->insts.n;
}

static pn_source *source_of(pn_diag *d, pn_loc loc)
{
  return loc.file && loc.file <= d->sources.n ? &d->sources.at[loc.file - 1] : NULL;
}

void pn_diag_position(pn_diag *d, pn_loc loc, unsigned *line, unsigned *column)
{
  pn_source *s = source_of(d, loc);
  *line = *column = 0;
  if (!s)
    return;
  /* Messages are rare and may be about memory itself: scan, keep no table. */
  size_t start = 0;
  *line = 1;
  for (size_t k = 0; k < loc.offset && k < s->len; k++)
    if (s->text[k] == '\n') {
      ++*line;
      start = k + 1;
    }
  *column = (unsigned)(loc.offset - start) + 1;
}

/* A bounded text under construction. */
typedef struct text {
  char at[MESSAGE_ROOM];
  size_t n;
} text;

static void put(text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put_v(text *t, const char *fmt, va_list ap)
{
  size_t room = sizeof t->at - t->n;
  int n = vsnprintf(t->at + t->n, room, fmt, ap);
  if (n > 0)
    t->n += (size_t)n < room ? (size_t)n : room - 1;
}
static void put(text *t, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  put_v(t, fmt, ap);
  va_end(ap);
}

/* The source line with a caret, cut to a window around the caret when it is long. */
static void put_excerpt(text *t, const pn_source *s, pn_loc loc, unsigned column)
{
  size_t start = loc.offset - (column - 1), end = start;
  while (end < s->len && s->text[end] != '\n' && s->text[end] != '\r')
    end++;
  size_t from = column > LINE_SHOWN / 2 ? start + column - LINE_SHOWN / 2 : start;
  size_t to = end - from > LINE_SHOWN ? from + LINE_SHOWN : end;
  put(t, "\n    %s", from > start ? "..." : "");
  for (size_t k = from; k < to; k++) {
    unsigned char c = (unsigned char)s->text[k];
    put(t, "%c", c == '\t' ? ' ' : c < 32 || c == 127 ? '?' : c);
  }
  put(t, "%s\n    %s", to < end ? "..." : "", from > start ? "   " : "");
  for (size_t k = from; k < loc.offset; k++)
    put(t, " ");
  put(t, "^");
  for (uint32_t k = 1; k < loc.len && loc.offset + k < to; k++)
    put(t, "~");
}

static void emit(pn_diag *d, pn_severity sev, pn_loc loc, const char *hint, const char *fmt,
                 va_list ap)
{
  static const char *const word[] = {"note", "warning", "error"};
  text t = {.n = 0};
  pn_source *s = source_of(d, loc);
  unsigned line = 0, column = 0;
  if (s) {
    pn_diag_position(d, loc, &line, &column);
    put(&t, "%s:%u:%u: ", s->name, line, column);
  }
  put(&t, "%s: ", word[sev]);
  put_v(&t, fmt, ap);
  if (s) {
    put_excerpt(&t, s, loc, column);
    for (pn_loc at = s->included_from; source_of(d, at);) {
      pn_source *by = source_of(d, at);
      pn_diag_position(d, at, &line, &column);
      put(&t, "\n  included from %s:%u", by->name, line);
      at = by->included_from;
    }
  }
  if (loc.inst && loc.inst <= d->insts.n)
    put(&t, "\n  in instance %s", d->insts.at[loc.inst - 1]);
  if (hint && *hint)
    put(&t, "\n  hint: %s", hint);
  d->out(d->user, sev, t.at);
}

static int most_errors(const pn_diag *d)
{
  return d->max_errors > 0 ? d->max_errors : 20;
}

bool pn_diag_is_full(const pn_diag *d)
{
  return d->n_errors > most_errors(d);
}

static void report(pn_diag *d, pn_severity sev, pn_loc loc, const char *hint, const char *fmt,
                   va_list ap)
{
  if (sev == PN_WARNING && d->werror)
    sev = PN_ERROR;
  int most = most_errors(d);
  d->n_errors += sev == PN_ERROR;
  d->n_warnings += sev == PN_WARNING;
  if (!d->out || (sev == PN_ERROR && d->n_errors > most + 1))
    return;
  if (sev == PN_ERROR && d->n_errors == most + 1) {
    d->out(d->user, PN_NOTE, "note: more errors follow and are not shown");
    return;
  }
  emit(d, sev, loc, hint, fmt, ap);
}

pn_status pn_error(pn_diag *d, pn_loc loc, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  report(d, PN_ERROR, loc, NULL, fmt, ap);
  va_end(ap);
  return PN_E_NETLIST;
}

pn_status pn_error_hint(pn_diag *d, pn_loc loc, const char *hint, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  report(d, PN_ERROR, loc, hint, fmt, ap);
  va_end(ap);
  return PN_E_NETLIST;
}

void pn_warn(pn_diag *d, pn_loc loc, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  report(d, PN_WARNING, loc, NULL, fmt, ap);
  va_end(ap);
}

void pn_note(pn_diag *d, pn_loc loc, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  report(d, PN_NOTE, loc, NULL, fmt, ap);
  va_end(ap);
}

const char *pn_did_you_mean(pn_arena *a, pn_str near)
{
  return near.n ? pn_arena_printf(a, "; did you mean '%.*s'?", PN_FMT(near)) : "";
}
