/* print: scalars as "name = value", vectors as a table in ngspice's layout, so that scripts which read
 * one read the other. */
#include "control/interp.h"
#include "output/column.h"

#include <math.h>
#include <string.h>

enum { PAGE_WIDTH = 80, COLUMN = 16, LONGEST_NUMBER = 40 };

/* ngspice's digits: one less when there is a sign. */
static void number(char *to, double v, int digits)
{
  v = pn_shown(v);
  snprintf(to, LONGEST_NUMBER, "%.*e", signbit(v) ? digits - 1 : digits, v);
}

static int digits_of(const pn_control *c)
{
  double n = pn_setting_number(c, "numdgt", 6);
  return n >= 2 && n <= 16 ? (int)n : 6;
}

static void put_value(pn_control *c, const pn_value *v, long k, int digits)
{
  char re[LONGEST_NUMBER], im[LONGEST_NUMBER];
  number(re, creal(v->z[k]), digits);
  number(im, cimag(v->z[k]), digits);
  pn_put(c, v->is_complex ? "%s,%s" : "%s", re, im);
}

static void print_line(pn_control *c, const pn_term *t, int digits)
{
  pn_put(c, "%s = ", t->label);
  if (t->value.n != 1)
    pn_put(c, "(  ");
  for (long k = 0; k < t->value.n; k++) {
    put_value(c, &t->value, k, digits);
    if (t->value.n != 1)
      pn_put(c, "\t");
  }
  pn_put(c, t->value.n != 1 ? ")\n" : "\n");
}

static int width_of(const pn_term *t)
{
  return (t->value.is_complex ? 2 : 1) * COLUMN;
}

static void put_heading(pn_control *c, const pn_cplot *p, const pn_vector *scale,
                        const pn_term *terms, int n)
{
  char line[PAGE_WIDTH + 1];
  memset(line, '-', PAGE_WIDTH);
  line[PAGE_WIDTH] = '\0';
  pn_put(c, "%*s%s\n%*s%s\n%s\nIndex   ", 32, "", p->title, 32, "", p->kind, line);
  if (scale)
    pn_put(c, "%-*s", COLUMN, scale->name);
  for (int k = 0; k < n; k++)
    pn_put(c, "%-*.*s", width_of(&terms[k]), width_of(&terms[k]) - 1, terms[k].label);
  pn_put(c, "\n%s\n", line);
}

/* One table of terms [n] whose columns fit on a page. */
static void put_table(pn_control *c, const pn_cplot *p, const pn_vector *scale,
                      const pn_term *terms, int n, int digits)
{
  char re[LONGEST_NUMBER], im[LONGEST_NUMBER];
  long rows = scale ? scale->n : 0;
  for (int k = 0; k < n; k++)
    rows = terms[k].value.n > rows ? terms[k].value.n : rows;
  put_heading(c, p, scale, terms, n);
  for (long r = 0; r < rows; r++) {
    pn_put(c, "%ld\t", r);
    if (scale && r < scale->n) {
      number(re, creal(scale->z[r]), digits);
      pn_put(c, "%s\t", re);
    }
    for (int k = 0; k < n; k++) {
      const pn_value *v = &terms[k].value;
      if (r >= v->n) {
        pn_put(c, v->is_complex ? "\t\t\t\t" : "\t\t");
        continue;
      }
      number(re, creal(v->z[r]), digits);
      number(im, cimag(v->z[r]), digits);
      pn_put(c, v->is_complex ? "%s,\t%s\t" : "%s\t", re, im);
    }
    pn_put(c, "\n");
  }
}

/* Tables side by side where the page is too narrow for one. */
static void print_columns(pn_control *c, const pn_term *terms, int n, int digits)
{
  const pn_cplot *p = c->store.current;
  for (int k = 0; k < n; k++)
    if (terms[k].value.home && terms[k].value.n > 1) {
      p = terms[k].value.home;
      break;
    }
  const pn_vector *scale = p->scale >= 0 ? p->vectors[p->scale] : NULL;
  if (scale && (scale->n <= 1 || (n == 1 && !strcmp(terms[0].label, scale->name))))
    scale = NULL;
  int room = (int)pn_setting_number(c, "width", PAGE_WIDTH);
  bool wide = scale &&
              !strcmp(p->kind, "AC Analysis"); /* ngspice's frequencies are complex there */
  for (int from = 0; from < n;) {
    int used = 8 + (scale ? COLUMN : 0) + (wide ? COLUMN : 0), to = from;
    while (to < n && (to == from || used + width_of(&terms[to]) <= room))
      used += width_of(&terms[to++]);
    put_table(c, p, scale, terms + from, to - from, digits);
    if (to < n)
      pn_put(c, "\n");
    from = to;
  }
}

pn_status pn_cmd_print(pn_control *c)
{
  pn_term *terms;
  int n, digits = digits_of(c);
  pn_status st = pn_take_redirect(c);
  if (st)
    return st;
  bool line = c->n_words && pn_str_is(c->words[0], "line");
  bool col = c->n_words && pn_str_is(c->words[0], "col");
  size_t skip = line || col ? c->word_at[0] + c->words[0].n : 0;
  pn_str rest = {c->line.p + skip, c->line.n - skip};
  if ((st = pn_terms_read(c, rest, skip, &terms, &n)))
    return st;
  if (!n)
    return pn_control_error(c, 0, "nothing is said that could be printed");
  for (int k = 0; k < n && !line; k++)
    col |= terms[k].value.n > 1;
  if (!col)
    for (int k = 0; k < n; k++)
      print_line(c, &terms[k], digits);
  else { /* the scale is a column by itself already */
    int kept = 0;
    for (int k = 0; k < n; k++) {
      const pn_cplot *home = terms[k].value.home;
      bool is_scale = home && home->scale >= 0 &&
                      !strcmp(terms[k].label, home->vectors[home->scale]->name);
      if (!is_scale || n == 1)
        terms[kept++] = terms[k];
    }
    print_columns(c, terms, kept ? kept : 1, digits);
  }
  return PN_OK;
}
