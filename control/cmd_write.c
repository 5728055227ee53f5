/* write and wrdata: vectors into rawfiles and into columns of text. */
#include "control/interp.h"

#include <errno.h>
#include <string.h>

/* A name without an ending gets the usual one. */
static pn_str with_ending(pn_control *c, pn_str name, const char *ending)
{
  const char *slash = strrchr(name.p, '/');
  const char *from = slash ? slash + 1 : name.p;
  if (memchr(from, '.', name.n - (size_t)(from - name.p)))
    return name;
  char *p = pn_arena_printf(&c->scratch, "%.*s%s", PN_FMT(name), ending);
  return (pn_str){p, strlen(p)};
}

/* The expressions behind the file's name; without any, all vectors of the plot. */
static pn_status read_terms(pn_control *c, int skip, pn_term **terms, int *n)
{
  size_t at = c->n_words > skip ? c->word_at[skip] : c->line.n;
  pn_str rest = {c->line.p + at, c->line.n - at};
  if (c->n_words <= skip)
    rest = PN_STR("all");
  pn_status st = pn_terms_read(c, rest, at, terms, n);
  if (st == PN_OK && !*n)
    st = pn_control_error(c, 0, "plot '%s' holds no vectors", c->store.current->name);
  return st;
}

static const pn_vector *common_scale(pn_control *c, const pn_term *terms, int n)
{
  pn_evaluation e = pn_evaluation_of(c);
  for (int k = 0; k < n; k++) {
    const pn_vector *s = pn_value_scale(&e, &terms[k].value);
    if (s)
      return s;
  }
  return NULL;
}

static double complex value_at(const pn_value *v, long k)
{
  return v->n ? v->z[k < v->n ? k : v->n - 1] : 0;
}

static long longest(const pn_term *terms, int n)
{
  long rows = 0;
  for (int k = 0; k < n; k++)
    rows = terms[k].value.n > rows ? terms[k].value.n : rows;
  return rows;
}

/* ---- write ---- */

/* "out" of voltage type is v(out), "v1#branch" i(v1), as rawfiles have them. */
static const char *column_name(pn_control *c, const pn_term *t)
{
  size_t n = strlen(t->label);
  bool plain = strpbrk(t->label, "()[]+-*/^ ,") == NULL;
  if (n > 7 && plain && !strcmp(t->label + n - 7, "#branch"))
    return pn_arena_printf(&c->scratch, "i(%.*s)", (int)n - 7, t->label);
  if (plain && !strcmp(t->value.type, "voltage"))
    return pn_arena_printf(&c->scratch, "v(%s)", t->label);
  return t->label;
}

static pn_status write_rows(pn_sink *sink, const pn_plot *p, const pn_vector *scale,
                            const pn_term *terms, int n, double *row, double complex *crow)
{
  long rows = longest(terms, n);
  pn_status st = sink->begin(sink, p);
  for (long k = 0; k < rows && st == PN_OK; k++) {
    double complex x = scale && k < scale->n ? scale->z[k] : (double complex)k;
    crow[0] = x;
    row[0] = creal(x);
    for (int j = 0; j < n; j++) {
      crow[1 + j] = value_at(&terms[j].value, k);
      row[1 + j] = creal(crow[1 + j]);
    }
    st = p->is_complex ? sink->point(sink, NULL, crow) : sink->point(sink, row, NULL);
  }
  pn_status ended = sink->end(sink, st == PN_OK);
  return st ? st : ended;
}

pn_status pn_cmd_write(pn_control *c)
{
  pn_term *terms;
  int n;
  pn_status st = read_terms(c, 1, &terms, &n);
  if (st)
    return st;
  pn_str name = with_ending(c, c->n_words ? c->words[0] : PN_STR("rawspice.raw"), ".raw");
  const char *fault = pn_file_fault(c, name);
  if (fault)
    return pn_control_error(c, 0, "'%.*s' %s", PN_FMT(name), fault);
  const pn_vector *scale = common_scale(c, terms, n);
  const pn_cplot *home = c->store.current;
  pn_column *columns = PN_NEW_ARRAY(&c->scratch, pn_column, n + 1);
  columns[0] = scale ? (pn_column){scale->name, scale->type, ""}
                     : (pn_column){"index", "notype", ""};
  bool is_complex = false;
  for (int k = 0; k < n; k++) {
    columns[1 + k] = (pn_column){column_name(c, &terms[k]), terms[k].value.type, ""};
    is_complex |= terms[k].value.is_complex;
    home = terms[k].value.home ? terms[k].value.home : home;
  }
  pn_plot p = {.title = home->title,
               .plotname = home->kind,
               .analysis = home->name,
               .index = 1,
               .n_results = 1,
               .is_complex = is_complex,
               .columns = columns,
               .n_columns = n + 1};
  double *row = PN_NEW_ARRAY(&c->scratch, double, n + 1);
  double complex *crow = PN_NEW_ARRAY(&c->scratch, double complex, n + 1);
  pn_sink *sink;
  bool ascii = pn_setting_is(c, "filetype", "ascii");
  st = pn_setting_find(c, PN_STR("appendwrite")) ? pn_sink_raw_append(name.p, ascii, &sink)
                                                 : pn_sink_raw(name.p, ascii, &sink);
  if (st == PN_E_FILE)
    return pn_control_error(c, 0, "cannot write '%.*s': %s", PN_FMT(name), strerror(errno));
  if (st)
    return st;
  st = write_rows(sink, &p, scale, terms, n, row, crow); /* allocates nothing in the arena */
  int error = sink->error;
  pn_status closed = sink->close(sink);
  if (st == PN_E_FILE || closed == PN_E_FILE)
    return pn_control_error(c, 0, "cannot write '%.*s'%s%s", PN_FMT(name), error ? ": " : "",
                            error ? strerror(error) : "");
  return st ? st : closed;
}

/* ---- wrdata ---- */

typedef struct table {
  pn_control *c;
  FILE *file;
  int digits;
  bool single; /* one scale for all */
} table;

static void put_number(const table *t, double v)
{
  fprintf(t->file, "% .*e ", t->digits, v);
}

static void put_names(const table *t, const pn_vector *const *scales, const pn_term *terms, int n)
{
  int width = t->digits + 7;
  for (int k = 0; k < n; k++) {
    if (k == 0 || !t->single)
      fprintf(t->file, " %-*s", width, scales[k] ? scales[k]->name : "index");
    for (int part = 0; part <= terms[k].value.is_complex; part++)
      fprintf(t->file, " %-*s", width, terms[k].label);
  }
  fputc('\n', t->file);
}

static void put_rows(const table *t, const pn_vector *const *scales, const pn_term *terms, int n)
{
  long rows = longest(terms, n);
  for (long r = 0; r < rows; r++) {
    for (int k = 0; k < n; k++) {
      const pn_value *v = &terms[k].value;
      if (k == 0 || !t->single)
        put_number(t, scales[k] && r < scales[k]->n ? creal(scales[k]->z[r]) : (double)r);
      put_number(t, creal(value_at(v, r)));
      if (v->is_complex)
        put_number(t, cimag(value_at(v, r)));
    }
    fputc('\n', t->file);
  }
}

pn_status pn_cmd_wrdata(pn_control *c)
{
  pn_term *terms;
  int n;
  if (c->n_words < 2)
    return pn_control_error(c, 0, "expected a file and expressions");
  pn_status st = read_terms(c, 1, &terms, &n);
  if (st)
    return st;
  pn_evaluation e = pn_evaluation_of(c);
  const pn_vector **scales = PN_NEW_ARRAY(&c->scratch, const pn_vector *, n);
  for (int k = 0; k < n; k++)
    scales[k] = pn_value_scale(&e, &terms[k].value);
  double digits = pn_setting_number(c, "numdgt", 8);
  table t = {.c = c,
             .digits = digits >= 2 && digits <= 16 ? (int)digits : 8,
             .single = pn_setting_find(c, PN_STR("wr_singlescale")) != NULL};
  bool append = pn_setting_find(c, PN_STR("appendwrite")) != NULL;
  c->redirect = pn_control_file(c, with_ending(c, c->words[0], ".data"), 0, append ? "a" : "w");
  if (!(t.file = c->redirect)) /* closed with the command */
    return PN_E_NETLIST;
  if (pn_setting_find(c, PN_STR("wr_vecnames")))
    put_names(&t, scales, terms, n);
  put_rows(&t, scales, terms, n);
  return PN_OK;
}
