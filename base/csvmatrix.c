/* Reading matrices of numbers, with errors that name the line. */
#include "base/csvmatrix.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST_BYTES = 1 << 30 };

typedef struct reading {
  pn_diag *d;
  pn_loc loc;
  const char *path;
  long line;
  PN_VEC(double) values;
  int rows, cols;
} reading;

/* The decimal number in the `length` characters of a word, in double quotes or without. */
static bool read_number(const char *word, size_t length, double *v)
{
  bool quoted = length > 2 && word[0] == '"' && word[length - 1] == '"';
  const char *from = word + quoted, *to = word + length - quoted;
  char *end;
  *v = strtod(from, &end);
  return end == to && isfinite(*v) && !memchr(word, 'x', length) && !memchr(word, 'X', length);
}

/* The numbers of one line; false after an error. */
static bool read_line(pn_arena *a, reading *r, const char *at)
{
  static const char gaps[] = " \t,;\r\n";
  int n = 0;
  for (at += strspn(at, gaps); *at; at += strspn(at, gaps)) {
    double v;
    size_t length = strcspn(at, gaps);
    if (!read_number(at, length, &v)) {
      int shown = length > 40 ? 40 : (int)length;
      for (int k = 0; k < shown; k++)
        if ((unsigned char)at[k] < ' ' || (unsigned char)at[k] > '~')
          shown = k;
      pn_error(r->d, r->loc, "%s, line %ld: '%.*s' is not a finite number", r->path, r->line, shown,
               at);
      return false;
    }
    *PN_PUSH(a, &r->values) = v;
    n++;
    at += length;
  }
  if (n == 0)
    return true;
  if (r->rows && n != r->cols) {
    pn_error(r->d, r->loc, "%s, line %ld: %d numbers, where the lines before have %d", r->path,
             r->line, n, r->cols);
    return false;
  }
  r->cols = n;
  r->rows++;
  return true;
}

static bool lies_outside(const char *name)
{
  return name[0] == '/' || strstr(name, "..");
}

/* The whole file, with a zero behind it, in the arena; NULL after an error. Nothing of the arena is
 * called while the file is open. */
static char *read_text(pn_arena *a, pn_diag *d, const char *path, pn_loc loc)
{
  static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, which spreadsheets put first */
  struct stat info;
  int error = stat(path, &info) ? errno : S_ISDIR(info.st_mode) ? EISDIR : 0;
  if (error)
    return pn_error(d, loc, "cannot read '%s': %s", path, strerror(error)), NULL;
  FILE *file = fopen(path, "r");
  long bytes = file && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  error = errno;
  if (file)
    fclose(file);
  if (bytes < 0)
    return pn_error(d, loc, "cannot read '%s': %s", path, strerror(error)), NULL;
  if (bytes > MOST_BYTES)
    return pn_error(d, loc, "'%s' is too large", path), NULL;
  char *text = pn_arena_alloc(a, (size_t)bytes + 1);
  file = fopen(path, "r");
  size_t n = file ? fread(text, 1, (size_t)bytes, file) : 0;
  bool failed = !file || ferror(file);
  if (file)
    fclose(file);
  if (failed) {
    pn_error(d, loc, "cannot read '%s'", path);
    return NULL;
  }
  text[n] = '\0';
  if (strlen(text) < n)
    return pn_error(d, loc, "'%s' is no text: it holds bytes of zero (UTF-16?)", path), NULL;
  return text + (strncmp(text, mark, 3) ? 0 : 3);
}

pn_status pn_matrix_read(pn_arena *a, pn_diag *d, const char *folder, bool untrusted, pn_str name,
                         pn_loc loc, pn_matrix *m)
{
  const char *given = pn_arena_strndup(a, name.p, name.n);
  reading r = {.d = d, .loc = loc};
  r.path = given[0] == '/' || !folder ? given : pn_arena_printf(a, "%s%s", folder, given);
  if (untrusted && lies_outside(given))
    return pn_error(d, loc, "'%s' lies outside the netlist's folder", given);
  char *text = read_text(a, d, r.path, loc);
  for (char *line = text, *next; line; line = next) {
    next = strchr(line, '\n');
    if (next)
      *next++ = '\0';
    r.line++;
    if (line[strspn(line, " \t")] != '#' && !read_line(a, &r, line))
      return PN_E_NETLIST;
  }
  if (text && !r.rows)
    return pn_error(d, loc, "'%s' holds no numbers", r.path);
  *m = (pn_matrix){r.rows, r.cols, r.values.at};
  return text ? PN_OK : PN_E_NETLIST;
}
