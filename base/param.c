/* Looking parameters up and checking their values. */
#include "base/param.h"

/* Is the name one of several, separated by '|'? */
static bool among(pn_str name, const char *list)
{
  pn_str rest = pn_str_of(list);
  while (rest.n) {
    size_t n = 0;
    while (n < rest.n && rest.p[n] != '|')
      n++;
    if (pn_str_ieq(name, (pn_str){rest.p, n}))
      return true;
    n += n < rest.n;
    rest = (pn_str){rest.p + n, rest.n - n};
  }
  return false;
}

int pn_param_find_for(const pn_param *t, int n, pn_str name, unsigned flags)
{
  for (int k = 0; k < n; k++)
    if ((!flags || (t[k].flags & flags)) &&
        (pn_str_is(name, t[k].name) || (t[k].alias && among(name, t[k].alias))))
      return k;
  return -1;
}

int pn_param_find(const pn_param *t, int n, pn_str name)
{
  return pn_param_find_for(t, n, name, 0);
}

pn_str pn_param_nearest(const pn_param *t, int n, pn_str name)
{
  int best = 3;
  pn_str found = {"", 0};
  for (int k = 0; k < n; k++) {
    int d = pn_str_distance(pn_str_of(t[k].name), name, 2);
    if (d < best && (size_t)d < name.n) {
      best = d;
      found = pn_str_of(t[k].name);
    }
  }
  return found;
}

static bool inside(const pn_param *p, double v)
{
  bool low = p->flags & PN_P_OPEN_MIN ? v > p->min : v >= p->min;
  bool high = p->flags & PN_P_OPEN_MAX ? v < p->max : v <= p->max;
  return low && high;
}

const char *pn_param_check(pn_arena *a, const pn_param *p, double value)
{
  if (isnan(value))
    return p->flags & PN_P_REQUIRED ? pn_arena_printf(a, "'%s' must be given", p->name) : NULL;
  if (isinf(value))
    return pn_arena_printf(a, "'%s' is not a finite number", p->name);
  if ((p->flags & PN_P_INTEGER) && value != floor(value))
    return pn_arena_printf(a, "'%s' must be a whole number, not %g", p->name, value);
  if (inside(p, value))
    return NULL;
  bool has_unit = p->unit && *p->unit && !pn_str_is(pn_str_of(p->unit), "1");
  const char *unit = has_unit ? p->unit : "", *space = has_unit ? " " : "";
  if (isinf(p->max))
    return pn_arena_printf(a, "'%s' must be %s %g%s%s, not %g", p->name,
                           p->flags & PN_P_OPEN_MIN ? "greater than" : "at least", p->min, space,
                           unit, value);
  if (isinf(p->min))
    return pn_arena_printf(a, "'%s' must be %s %g%s%s, not %g", p->name,
                           p->flags & PN_P_OPEN_MAX ? "less than" : "at most", p->max, space, unit,
                           value);
  return pn_arena_printf(a, "'%s' must lie between %g and %g%s%s, not %g", p->name, p->min, p->max,
                         space, unit, value);
}

const char *pn_param_check_change(pn_arena *a, const pn_param *p, double value)
{
  if ((p->flags & PN_P_NONZERO) && value == 0)
    return pn_arena_printf(a, "'%s' must not be 0", p->name);
  return pn_param_check(a, p, value);
}
