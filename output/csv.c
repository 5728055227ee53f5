/* CSV files (RFC 4180): one header line, then numbers with 17 digits. One file per
 * result; with several results the analysis and its number go into the file's name. */
#include "output/column.h"
#include "output/sink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct csv_sink {
  pn_sink base;
  char *path;
  FILE *file; /* NULL between results */
  bool is_complex;
  int n_columns;
  bool *is_real;  /* [n_columns] of a complex plot: the imaginary part is no column */
  char first[32]; /* the analysis of the first result */
  pn_status failed;
} csv_sink;

/* "out.csv" to "out-tran1.csv", when there are several results; in malloc'd memory, NULL without memory.
 * An analysis with results of two kinds has a file for each. */
static char *result_path(csv_sink *s, const pn_plot *p)
{
  const char *path = s->path;
  if (!*s->first)
    snprintf(s->first, sizeof s->first, "%s", p->analysis);
  size_t room = strlen(path) + strlen(p->analysis) + 32;
  char *out = malloc(room);
  if (!out)
    return NULL;
  if (p->n_results <= 1 && strncmp(s->first, p->analysis, sizeof s->first - 1) == 0) {
    snprintf(out, room, "%s", path);
    return out;
  }
  const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
  if (!dot || (slash && dot < slash))
    dot = path + strlen(path);
  snprintf(out, room, "%.*s-%s%d%s", (int)(dot - path), path, p->analysis, p->index, dot);
  return out;
}

/* A field: quoted when it holds a comma, a quote or a line break. */
static void put_name(FILE *f, const char *name, const char *suffix)
{
  if (!strpbrk(name, ",\"\n\r")) {
    fprintf(f, "%s%s", name, suffix);
    return;
  }
  putc('"', f);
  for (const char *p = name; *p; p++) {
    if (*p == '"')
      putc('"', f);
    putc(*p == '\n' || *p == '\r' ? ' ' : *p, f);
  }
  fprintf(f, "%s\"", suffix);
}

static void put_header(csv_sink *s, const pn_plot *p)
{
  for (int k = 0; k < p->n_columns; k++) {
    const char *name = p->columns[k].name;
    if (k > 0)
      putc(',', s->file);
    if (!p->is_complex || s->is_real[k]) {
      put_name(s->file, name, "");
    } else {
      put_name(s->file, name, ".re");
      putc(',', s->file);
      put_name(s->file, name, ".im");
    }
  }
  putc('\n', s->file);
}

static pn_status state_of(csv_sink *s)
{
  if (s->file && ferror(s->file) && !s->failed) {
    s->base.error = errno;
    s->failed = PN_E_FILE;
  }
  return s->failed;
}

static pn_status csv_begin(pn_sink *base, const pn_plot *p)
{
  csv_sink *s = (csv_sink *)base;
  char *path = result_path(s, p);
  bool *is_real = realloc(s->is_real, (size_t)p->n_columns + 1);
  if (is_real)
    s->is_real = is_real;
  if (!path || !is_real) {
    free(path);
    return s->failed = PN_E_MEMORY;
  }
  for (int k = 0; k < p->n_columns; k++)
    s->is_real[k] = pn_column_is_real(&p->columns[k]);
  s->is_complex = p->is_complex;
  s->n_columns = p->n_columns;
  s->file = fopen(path, p->run > 0 ? "ae" : "we"); /* runs of a sweep follow one another */
  free(path);
  if (!s->file) {
    s->base.error = errno;
    return s->failed = PN_E_FILE;
  }
  if (p->run == 0)
    put_header(s, p);
  return state_of(s);
}

static pn_status csv_point(pn_sink *base, const double *row, const double complex *crow)
{
  csv_sink *s = (csv_sink *)base;
  if (s->failed)
    return s->failed;
  for (int k = 0; k < s->n_columns; k++) {
    if (k > 0)
      putc(',', s->file);
    if (!s->is_complex)
      fprintf(s->file, "%.17g", pn_shown(row[k]));
    else if (s->is_real[k])
      fprintf(s->file, "%.17g", pn_shown(creal(crow[k])));
    else
      fprintf(s->file, "%.17g,%.17g", pn_shown(creal(crow[k])), pn_shown(cimag(crow[k])));
  }
  putc('\n', s->file);
  return state_of(s);
}

static pn_status csv_end(pn_sink *base, bool complete)
{
  csv_sink *s = (csv_sink *)base;
  if (!s->file)
    return s->failed;
  if (!complete)
    fputs("# incomplete\n", s->file);
  state_of(s);
  if (fclose(s->file) != 0 && !s->failed) {
    s->base.error = errno;
    s->failed = PN_E_FILE;
  }
  s->file = NULL;
  return s->failed;
}

static pn_status csv_close(pn_sink *base)
{
  csv_sink *s = (csv_sink *)base;
  pn_status st = csv_end(base, false);
  free(s->is_real);
  free(s->path);
  free(s);
  return st;
}

/* Is there the folder that the file will be in? It is opened only when its first result begins, which may be
 * long after. false: errno says why not. */
static bool has_folder(char *path)
{
  char *slash = strrchr(path, '/');
  if (!slash || slash == path)
    return true;
  *slash = '\0';
  struct stat info;
  int bad = stat(path, &info);
  *slash = '/';
  if (bad == 0 && !S_ISDIR(info.st_mode)) {
    errno = ENOTDIR;
    return false;
  }
  return bad == 0;
}

pn_status pn_sink_csv(const char *path, pn_sink **out)
{
  *out = NULL;
  csv_sink *s = calloc(1, sizeof *s);
  char *copy = strdup(path);
  if (!s || !copy || !has_folder(copy)) {
    pn_status st = s && copy ? PN_E_FILE : PN_E_MEMORY;
    free(s);
    free(copy);
    return st;
  }
  *s = (csv_sink){.base = {csv_begin, csv_point, csv_end, csv_close}, .path = copy};
  *out = &s->base;
  return PN_OK;
}
