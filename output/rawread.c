/* Reader of rawfiles. Headers are lines of bounded length; sizes are computed in 64 bits and
 * compared with the file's before anything is allocated from them. */
#include "output/rawread.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

enum { MOST_LINE = 1 << 16 /* bytes of a header line */, BLOCK = 1 << 16 /* bytes read at once */ };

static pn_status fail(pn_raw_file *r, pn_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static pn_status fail(pn_raw_file *r, pn_status st, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(r->why, sizeof r->why, fmt, ap);
  va_end(ap);
  return st;
}

static pn_status no_memory(pn_raw_file *r)
{
  return fail(r, PN_E_MEMORY, "out of memory");
}

/* A header line without its end; false at the end of the file or when it is too long. */
static bool read_line(FILE *f, char *line)
{
  if (!fgets(line, MOST_LINE, f))
    return false;
  size_t n = strlen(line);
  if (n == MOST_LINE - 1 && line[n - 1] != '\n')
    return false;
  while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
    line[--n] = '\0';
  return true;
}

/* The value behind "key:", or NULL. */
static const char *value_of(const char *line, const char *key)
{
  size_t n = strlen(key);
  if (strncasecmp(line, key, n) != 0 || line[n] != ':')
    return NULL;
  line += n + 1;
  return line + strspn(line, " \t");
}

static pn_status keep(pn_raw_file *r, char **to, const char *text)
{
  free(*to);
  *to = strdup(text);
  return *to ? PN_OK : no_memory(r);
}

/* "\t3\tv(out)\tvoltage"; flags such as grid=3 may follow. */
static pn_status read_variable(pn_raw_file *r, pn_raw_var *v, char *line)
{
  char *rest = NULL;
  char *number = strtok_r(line, " \t", &rest);
  char *name = number ? strtok_r(NULL, "\t", &rest) : NULL;
  char *type = name ? strtok_r(NULL, " \t", &rest) : NULL;
  if (!type)
    return fail(r, PN_E_FILE, "a line of the list of variables is damaged");
  pn_status st = keep(r, &v->name, name);
  return st ? st : keep(r, &v->type, type);
}

static pn_status read_variables(pn_raw_file *r, pn_raw_plot *p, long declared, long long size,
                                char *line)
{
  /* A line of the list takes at least 6 bytes of the file. */
  if (declared < 1 || declared > size / 6 || declared > INT32_MAX / 2)
    return fail(r, PN_E_FILE, "the header's number of variables (%ld) cannot be true", declared);
  if (p->vars)
    return fail(r, PN_E_FILE, "a header lists its variables twice");
  p->vars = calloc((size_t)declared, sizeof *p->vars);
  if (!p->vars)
    return no_memory(r);
  p->n_vars = (int)declared;
  for (int k = 0; k < p->n_vars; k++) {
    if (!read_line(r->file, line))
      return fail(r, PN_E_FILE, "the file ends inside the list of variables");
    pn_status st = read_variable(r, &p->vars[k], line);
    if (st)
      return st;
  }
  return PN_OK;
}

/* One value of an ascii plot: "1.5" or "1.5,-2". */
static bool read_ascii(FILE *f, bool is_complex, double complex *z)
{
  double re, im = 0;
  if (fscanf(f, "%lf", &re) != 1)
    return false;
  if (is_complex && fscanf(f, " ,%lf", &im) != 1)
    return false;
  *z = CMPLX(re, im);
  return true;
}

/* One point of an ascii plot into values [n_vars] (NULL: skipped). */
static bool read_ascii_point(FILE *f, const pn_raw_plot *p, double complex *values)
{
  long index;
  if (fscanf(f, "%ld", &index) != 1)
    return false;
  for (int k = 0; k < p->n_vars; k++) {
    double complex z;
    if (!read_ascii(f, p->is_complex, &z))
      return false;
    if (values)
      values[k] = z;
  }
  return true;
}

static long long point_bytes(const pn_raw_plot *p)
{
  return (long long)p->n_vars * (p->is_complex ? 16 : 8);
}

/* Finds how many points are there and moves behind them. */
static pn_status skip_data(pn_raw_file *r, pn_raw_plot *p, long declared, long long size)
{
  p->data_at = ftello(r->file);
  if (declared < 0)
    return fail(r, PN_E_FILE, "the header's number of points (%ld) cannot be true", declared);
  if (p->is_ascii) {
    while (p->n_points < declared && read_ascii_point(r->file, p, NULL))
      p->n_points++;
  } else {
    long long there = (size - p->data_at) / point_bytes(p);
    p->n_points = declared < there ? declared : (long)there;
    if (fseeko(r->file, p->data_at + p->n_points * point_bytes(p), SEEK_SET) != 0)
      return fail(r, PN_E_FILE, "%s", strerror(errno));
  }
  p->truncated = p->n_points < declared;
  return PN_OK;
}

static pn_status new_plot(pn_raw_file *r, pn_raw_plot **out)
{
  pn_raw_plot *more = realloc(r->plots, ((size_t)r->n_plots + 1) * sizeof *more);
  if (!more)
    return no_memory(r);
  r->plots = more;
  *out = &more[r->n_plots++];
  **out = (pn_raw_plot){0};
  return PN_OK;
}

static pn_status read_header(pn_raw_file *r, pn_raw_plot *p, long long size, char *line)
{
  long n_vars = 0, n_points = -1;
  pn_status st = PN_OK;
  do {
    const char *v;
    if ((v = value_of(line, "Title")))
      st = keep(r, &p->title, v);
    else if ((v = value_of(line, "Plotname")))
      st = keep(r, &p->plotname, v);
    else if ((v = value_of(line, "Flags")))
      p->is_complex = strncasecmp(v, "complex", 7) == 0;
    else if ((v = value_of(line, "No. Variables")))
      n_vars = strtol(v, NULL, 10);
    else if ((v = value_of(line, "No. Points")))
      n_points = strtol(v, NULL, 10);
    else if (value_of(line, "Variables"))
      st = read_variables(r, p, n_vars, size, line);
    else if (value_of(line, "Binary") || value_of(line, "Values")) {
      p->is_ascii = value_of(line, "Values") != NULL;
      if (!p->n_vars)
        return fail(r, PN_E_FILE, "the header lists no variables");
      return skip_data(r, p, n_points, size);
    }
  } while (!st && read_line(r->file, line));
  return st ? st : fail(r, PN_E_FILE, "the file ends inside a header");
}

static pn_status read_plots(pn_raw_file *r, char *line)
{
  if (fseeko(r->file, 0, SEEK_END) != 0)
    return fail(r, PN_E_FILE, "%s", strerror(errno));
  long long size = ftello(r->file);
  rewind(r->file);
  while (read_line(r->file, line)) {
    if (line[strspn(line, " \t")] == '\0')
      continue;
    if (!value_of(line, "Title"))
      return fail(r, PN_E_FILE,
                  r->n_plots ? "what follows result %d is no rawfile header"
                             : "this is no rawfile: it does not start with \"Title:\"",
                  r->n_plots);
    pn_raw_plot *p = NULL;
    pn_status st = new_plot(r, &p);
    if (!st)
      st = read_header(r, p, size, line);
    if (st)
      return st;
    if (p->truncated)
      return PN_OK;
  }
  return r->n_plots ? PN_OK : fail(r, PN_E_FILE, "the file is empty");
}

static bool complete(const pn_raw_plot *p)
{
  if (!p->title || !p->plotname || !p->vars)
    return false;
  for (int k = 0; k < p->n_vars; k++)
    if (!p->vars[k].name || !p->vars[k].type)
      return false;
  return true;
}

pn_status pn_raw_open(const char *path, pn_raw_file *r)
{
  *r = (pn_raw_file){.file = fopen(path, "rbe")};
  if (!r->file)
    return fail(r, PN_E_FILE, "%s", strerror(errno));
  struct stat info;
  if (fstat(fileno(r->file), &info) == 0 && S_ISDIR(info.st_mode))
    return fail(r, PN_E_FILE, "%s", strerror(EISDIR));
  char *line = malloc(MOST_LINE);
  if (!line)
    return no_memory(r);
  pn_status st = read_plots(r, line);
  free(line);
  for (int k = 0; !st && k < r->n_plots; k++)
    if (!complete(&r->plots[k]))
      st = fail(r, PN_E_FILE, "the header of result %d is incomplete", k + 1);
  return st;
}

static pn_status ascii_columns(pn_raw_file *r, const pn_raw_plot *p, const int *vars, int n,
                               double complex **out)
{
  double complex *values = calloc((size_t)p->n_vars, sizeof *values);
  if (!values)
    return no_memory(r);
  pn_status st = PN_OK;
  for (long i = 0; !st && i < p->n_points; i++) {
    if (!read_ascii_point(r->file, p, values))
      st = fail(r, PN_E_FILE, "the file changed while it was read");
    for (int k = 0; !st && k < n; k++)
      out[k][i] = values[vars[k]];
  }
  free(values);
  return st;
}

static pn_status binary_columns(pn_raw_file *r, const pn_raw_plot *p, const int *vars, int n,
                                double complex **out)
{
  size_t bytes = (size_t)point_bytes(p), at_once = BLOCK / bytes + 1;
  char *block = malloc(at_once * bytes);
  if (!block)
    return no_memory(r);
  pn_status st = PN_OK;
  for (long i = 0; !st && i < p->n_points;) {
    size_t want = (size_t)(p->n_points - i) < at_once ? (size_t)(p->n_points - i) : at_once;
    if (fread(block, bytes, want, r->file) != want) {
      st = fail(r, PN_E_FILE, "the file changed while it was read");
      break;
    }
    for (size_t j = 0; j < want; j++, i++)
      for (int k = 0; k < n; k++) {
        double z[2] = {0, 0};
        size_t one = p->is_complex ? 16 : 8;
        memcpy(z, block + j * bytes + (size_t)vars[k] * one, one);
        out[k][i] = CMPLX(z[0], z[1]);
      }
  }
  free(block);
  return st;
}

pn_status pn_raw_columns(pn_raw_file *r, int plot, const int *vars, int n, double complex **out)
{
  const pn_raw_plot *p = &r->plots[plot];
  if (fseeko(r->file, p->data_at, SEEK_SET) != 0)
    return fail(r, PN_E_FILE, "%s", strerror(errno));
  return p->is_ascii ? ascii_columns(r, p, vars, n, out) : binary_columns(r, p, vars, n, out);
}

void pn_raw_close(pn_raw_file *r)
{
  for (int k = 0; k < r->n_plots; k++) {
    pn_raw_plot *p = &r->plots[k];
    for (int j = 0; p->vars && j < p->n_vars; j++) {
      free(p->vars[j].name);
      free(p->vars[j].type);
    }
    free(p->vars);
    free(p->title);
    free(p->plotname);
  }
  free(r->plots);
  if (r->file)
    fclose(r->file);
  *r = (pn_raw_file){0};
}
