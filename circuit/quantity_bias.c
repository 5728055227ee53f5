/* What ngspice calls the quantities of diodes and transistors: voltages between their inner terminals (vbe, vgs), small
 * conductances (gm, gds, gpi), and the current of a diode (id). Everything comes from a device's own equations. */
#include "circuit/private.h"

#include <string.h>

enum { L = PN_LANES, MOST_PARAMS = 256 };

/* Sums of entries of the Jacobian between inner terminals: sign, row, column, ... The resistances in series stand on the
 * diagonal only and in rows of their own, so that these sums are free of them. */
static const struct {
  char letter; /* of devices; 'm' also stands for j and z */
  const char *name, *sum;
} slopes[] = {{'d', "gd", "-ca"},      {'q', "gm", "+cb-bc"},          {'q', "gpi", "-be"},
              {'q', "gmu", "-bc"},     {'q', "go", "-cb-ce+bc"},       {'m', "gm", "+dg-gd"},
              {'m', "gmbs", "+db-bd"}, {'m', "gds", "-ds-dg+gd-db+bd"}};
enum { N_SLOPES = sizeof slopes / sizeof *slopes };

static bool is_fet(const pn_device_class *c)
{
  return strchr("mjz", c->letter) != NULL;
}

static bool has_bias(const pn_device_class *c)
{
  return c->merged && strchr("dqmjz", c->letter);
}

int pn_outer_local(const pn_device_class *c, int inner)
{
  static const double none[MOST_PARAMS]; /* without a resistance in between */
  bool known = c->merged && c->n_params <= MOST_PARAMS && c->locals[inner].kind == PN_L_INTERNAL;
  return known ? c->merged(c, none, inner) : -1;
}

/* The local behind the resistance of a terminal named by its letter; -1: there is no such terminal. */
static int inner_of(const pn_device_class *c, char name)
{
  int found = -1;
  for (int k = 0; k < c->n_locals && found < 0; k++)
    if (c->locals[k].kind == PN_L_TERM && c->locals[k].name[0] == name)
      found = k;
  for (int k = 0; found >= 0 && k < c->n_locals; k++)
    if (pn_outer_local(c, k) == found)
      return k;
  return found;
}

pn_bias_kind pn_bias_find(const pn_device_class *c, pn_str name, int *a, int *b)
{
  char s[8] = "";
  *a = *b = 0;
  if (!has_bias(c) || name.n < 2 || name.n >= sizeof s)
    return PN_BIAS_NONE;
  for (size_t k = 0; k < name.n; k++)
    s[k] = (char)(name.p[k] >= 'A' && name.p[k] <= 'Z' ? name.p[k] | 32 : name.p[k]);
  if (c->letter == 'd' && !strcmp(s, "id"))
    return PN_BIAS_CURRENT;
  for (int k = 0; k < N_SLOPES; k++)
    if (slopes[k].letter == (is_fet(c) ? 'm' : c->letter) && !strcmp(s, slopes[k].name)) {
      *a = k;
      return inner_of(c, 'b') < 0 && !strcmp(s, "gmbs") ? PN_BIAS_NONE : PN_BIAS_SLOPE;
    }
  bool diode = c->letter == 'd' && !strcmp(s, "vd");
  if (s[0] != 'v' || (!diode && name.n != 3))
    return PN_BIAS_NONE;
  *a = inner_of(c, diode ? 'a' : s[1]);
  *b = inner_of(c, diode ? 'c' : s[2]);
  return *a < 0 || *b < 0 ? PN_BIAS_NONE : PN_BIAS_VOLTAGE;
}

static double entry(const pn_device_class *c, int row, int col, const double *jf)
{
  double sum = 0;
  for (int m = 0; m < c->n_pairs; m++)
    if (c->pairs[m].row == row && c->pairs[m].col == col)
      sum += jf[m * L];
  return sum;
}

double pn_bias_slope(const pn_device_class *c, int formula, const double *jf)
{
  double sum = 0;
  for (const char *s = slopes[formula].sum; *s; s += 3) {
    int row = inner_of(c, s[1]), col = inner_of(c, s[2]);
    if (row >= 0 && col >= 0)
      sum += (*s == '-' ? -1 : 1) * entry(c, row, col, jf);
  }
  return sum;
}

double pn_bias_polarity(const pn_device_class *c, const double *p)
{
  int type = has_bias(c) ? pn_param_find(c->params, c->n_params, PN_STR("type")) : -1;
  return type < 0 ? 1 : p[type * L];
}

bool pn_bias_turns_currents(const pn_device_class *c)
{
  return has_bias(c) && is_fet(c);
}
