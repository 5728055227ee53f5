/* What a column's name tells of its values, and how they are shown. */
#include "output/column.h"

#include <math.h>
#include <string.h>

double pn_shown(double v)
{
  return v == 0 ? 0 : isnan(v) ? NAN : v;
}

/* Length of the prefix "vdb", "im", ... of a probe that gives a real number, else 0. */
static size_t real_probe(const char *name)
{
  static const char *const parts[] = {"m", "p", "db", "r", "i"};
  if (*name != 'v' && *name != 'i')
    return 0;
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++) {
    size_t n = strlen(parts[k]);
    if (strncmp(name + 1, parts[k], n) == 0 && name[1 + n] == '(')
      return 1 + n;
  }
  return 0;
}

/* True when the name is one probe, "vdb(out)", and no expression that starts with one. */
static bool is_single(const char *name)
{
  const char *close = strchr(name, ')');
  return close && close[1] == '\0';
}

bool pn_column_is_real(const pn_column *c)
{
  if (c->type && (strcmp(c->type, "frequency") == 0 || strcmp(c->type, "time") == 0 ||
                  strstr(c->type, "sweep")))
    return true;
  return real_probe(c->name) > 0 && is_single(c->name);
}

/* Unit of @device[quantity]; "" for states and whatever else. */
static const char *unit_at(const char *name)
{
  static const struct {
    const char *quantity, *unit;
  } table[] = {{"[i]", "A"}, {"[v]", "V"}, {"[p]", "W"}, {"[g]", "S"}, {"[e]", "J"}, {"[q]", "C"}};
  const char *open = strrchr(name, '[');
  for (size_t k = 0; open && k < sizeof table / sizeof *table; k++)
    if (strcmp(open, table[k].quantity) == 0)
      return table[k].unit;
  return "";
}

const char *pn_column_unit(const char *name, const char *type)
{
  static const struct {
    const char *type, *unit;
  } table[] = {{"time", "s"},    {"frequency", "Hz"},         {"voltage", "V"},
               {"current", "A"}, {"temp-sweep", "\302\260C"}, {"res-sweep", "ohm"}};
  if (name[0] == '@')
    return unit_at(name);
  size_t probe = is_single(name) ? real_probe(name) : 0;
  if (probe && strncmp(name + 1, "db", 2) == 0)
    return "dB";
  if (probe && name[1] == 'p')
    return "rad";
  bool plain = type && !strchr(name, '(');
  if (plain && strstr(name, "noise_"))
    return strcmp(type, "current") == 0 ? "A/\342\210\232Hz" : "V/\342\210\232Hz";
  /* What rawfiles have no type for goes as "voltage" too (output/rawfile.c); voltages are v(...). */
  if (plain && strcmp(type, "voltage") == 0)
    return "";
  for (size_t k = 0; type && k < sizeof table / sizeof *table; k++)
    if (strcmp(type, table[k].type) == 0)
      return table[k].unit;
  return "";
}
