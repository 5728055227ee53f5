/* What all drawings share: they work in an arena of their own and tell a listener. */
#include "api/draw.h"

void pn_tell_message(void *user, pn_severity severity, const char *text)
{
  const pn_listener *l = user;
  if (l->message)
    l->message(l->user, (pinch_severity)severity, text);
}

pn_status pn_draw_guarded(pn_arena *a, pn_diag *d, const pn_listener *l, pn_draw_fn *draw,
                          void *user)
{
  jmp_buf env;
  pn_arena_init(a, 0);
  pn_diag_init(d, a, pn_tell_message, (void *)l);
  pn_status st = (pn_status)setjmp(env);
  if (!st) {
    a->recover = &env;
    st = draw(user);
  }
  a->recover = NULL;
  return st;
}
