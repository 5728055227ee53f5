/* The writer of ngspice rawfiles. It owns a file descriptor and one buffer; the point
 * count in the header is patched at every flush, so that even a killed run leaves a
 * file whose header is true. It knows nothing of circuits. */
#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
  BUFFER_SIZE = 1 << 18, /* bytes */
  LONGEST_VALUE = 1000,  /* bytes of a title */
  COUNT_WIDTH = 12 /* digits kept for the point count; ngspice keeps 8, readers strip blanks */
};

/* Readers of rawfiles take the dialect from the word "ngspice" in this line. The state is
 * patched from one text to the other, so both have the same length. */
static const char command_running[] = "Command: pinch, as an ngspice rawfile (incomplete)";
static const char command_done[] = "Command: pinch, as an ngspice rawfile (complete)  ";

typedef struct raw_sink {
  pn_sink base;
  int fd;
  bool ascii, is_complex, seekable;
  int n_columns;
  pn_status failed;           /* the first failure; nothing is written after it */
  char *buffer;               /* [BUFFER_SIZE] */
  size_t used;                /* bytes waiting in the buffer */
  off_t file_end;             /* bytes in the file */
  off_t count_at, command_at; /* places in the file to patch */
  long count;                 /* points of this plot handed over */
  long count_in_file;         /* points of this plot wholly in the file, as of the last flush */
  off_t good_end;             /* where those end */
} raw_sink;

static bool write_all(int fd, const char *p, size_t n)
{
  while (n > 0) {
    ssize_t k = write(fd, p, n);
    if (k < 0 && errno == EINTR)
      continue;
    if (k <= 0)
      return false;
    p += k;
    n -= (size_t)k;
  }
  return true;
}

static bool patch(raw_sink *s, off_t at, const char *p, size_t n)
{
  if (!s->seekable)
    return true;
  ssize_t k;
  do
    k = pwrite(s->fd, p, n, at);
  while (k < 0 && errno == EINTR);
  return k == (ssize_t)n;
}

static bool patch_count(raw_sink *s, long count)
{
  char digits[32];
  int n = snprintf(digits, sizeof digits, "%-*ld", COUNT_WIDTH, count);
  return patch(s, s->count_at, digits, (size_t)n);
}

/* After a failed write: the file ends behind the last whole point and its header says so. */
static void fail(raw_sink *s)
{
  s->base.error = errno;
  s->failed = PN_E_FILE;
  s->used = 0;
  if (s->seekable && s->count_at > 0 && s->good_end > 0) {
    int cut = ftruncate(s->fd, s->good_end);
    bool counted = patch_count(s, s->count_in_file);
    (void)cut, (void)counted; /* the failure is reported already */
  }
}

/* Writes what waits. */
static void flush(raw_sink *s)
{
  if (s->failed)
    return;
  if (s->used > 0 && !write_all(s->fd, s->buffer, s->used)) {
    fail(s);
    return;
  }
  s->file_end += (off_t)s->used;
  s->used = 0;
}

/* Writes what waits, which ends with a whole point, and makes the header say so. */
static void flush_points(raw_sink *s)
{
  flush(s);
  if (s->failed)
    return;
  if (s->count != s->count_in_file && !patch_count(s, s->count)) {
    fail(s);
    return;
  }
  s->count_in_file = s->count;
  s->good_end = s->file_end;
}

static void put(raw_sink *s, const void *bytes, size_t n)
{
  const char *p = bytes;
  while (n > 0 && !s->failed) {
    size_t room = BUFFER_SIZE - s->used, k = n < room ? n : room;
    memcpy(s->buffer + s->used, p, k);
    s->used += k;
    p += k;
    n -= k;
    if (s->used == BUFFER_SIZE)
      flush(s);
  }
}

static void put_text(raw_sink *s, const char *text)
{
  put(s, text, strlen(text));
}

/* One header line "key: value", of a length every reader takes; line breaks inside the value would break
 * the format. */
static void put_line(raw_sink *s, const char *key, const char *value)
{
  put_text(s, key);
  const char *start = value ? value : "";
  for (const char *p = start; *p && p - start < LONGEST_VALUE; p++)
    put(s, *p == '\n' || *p == '\r' ? " " : p, 1);
  put_text(s, "\n");
}

static void put_date(raw_sink *s)
{
  char date[64] = "";
  time_t now = time(NULL);
  struct tm t;
  if (localtime_r(&now, &t))
    strftime(date, sizeof date, "%a %b %d %H:%M:%S  %Y", &t);
  put_line(s, "Date: ", date);
}

/* States and other quantities go as "voltage": PySpice knows no other type of them. */
static const char *raw_type(const char *type)
{
  return !type || !*type || strcmp(type, "notype") == 0 ? "voltage" : type;
}

static void put_variables(raw_sink *s, const pn_plot *p)
{
  char number[32];
  put_text(s, "Variables:\n");
  for (int k = 0; k < p->n_columns; k++) {
    snprintf(number, sizeof number, "\t%d\t", k);
    put_text(s, number);
    put_text(s, p->columns[k].name);
    put_text(s, "\t");
    put_text(s, raw_type(p->columns[k].type));
    put_text(s, "\n");
  }
}

static pn_status raw_begin(pn_sink *base, const pn_plot *p)
{
  raw_sink *s = (raw_sink *)base;
  char line[64];
  s->is_complex = p->is_complex;
  s->n_columns = p->n_columns;
  s->count = s->count_in_file = 0;
  s->count_at = s->good_end = 0;
  put_line(s, "Title: ", p->title);
  put_date(s);
  s->command_at = s->file_end + (off_t)s->used;
  put_text(s, command_running);
  put_text(s, "\n");
  put_line(s, "Plotname: ", p->plotname);
  put_line(s, "Flags: ", p->is_complex ? "complex" : "real");
  snprintf(line, sizeof line, "No. Variables: %d\n", p->n_columns);
  put_text(s, line);
  put_text(s, "No. Points: ");
  s->count_at = s->file_end + (off_t)s->used;
  snprintf(line, sizeof line, "%-*d\n", COUNT_WIDTH, 0);
  put_text(s, line);
  put_variables(s, p);
  put_text(s, s->ascii ? "Values:\n" : "Binary:\n");
  flush_points(s);
  return s->failed;
}

static void put_ascii(raw_sink *s, const double *row, const double complex *crow)
{
  char text[96];
  snprintf(text, sizeof text, " %ld", s->count);
  put_text(s, text);
  for (int k = 0; k < s->n_columns; k++) {
    if (s->is_complex)
      snprintf(text, sizeof text, "\t%.16e,%.16e\n", creal(crow[k]), cimag(crow[k]));
    else
      snprintf(text, sizeof text, "\t%.16e\n", row[k]);
    put_text(s, text);
  }
  put_text(s, "\n");
}

static pn_status raw_point(pn_sink *base, const double *row, const double complex *crow)
{
  raw_sink *s = (raw_sink *)base;
  /* A flush between points keeps good_end at the end of a whole one. */
  size_t size = (size_t)s->n_columns * (s->ascii ? 64 : sizeof(double complex)) + 64;
  if (s->used + size > BUFFER_SIZE)
    flush_points(s);
  if (s->ascii)
    put_ascii(s, row, crow);
  else if (s->is_complex)
    put(s, crow, (size_t)s->n_columns * sizeof *crow);
  else
    put(s, row, (size_t)s->n_columns * sizeof *row);
  if (!s->failed)
    s->count++;
  return s->failed;
}

static pn_status raw_end(pn_sink *base, bool complete)
{
  raw_sink *s = (raw_sink *)base;
  flush_points(s);
  if (!s->failed && complete && !patch(s, s->command_at, command_done, sizeof command_done - 1))
    fail(s);
  return s->failed;
}

static pn_status raw_close(pn_sink *base)
{
  raw_sink *s = (raw_sink *)base;
  flush(s);
  pn_status st = s->failed;
  if (close(s->fd) != 0 && st == PN_OK)
    st = PN_E_FILE;
  free(s->buffer);
  free(s);
  return st;
}

static pn_status open_raw(const char *path, bool ascii, bool append, pn_sink **out)
{
  *out = NULL;
  raw_sink *s = calloc(1, sizeof *s);
  char *buffer = malloc(BUFFER_SIZE);
  if (!s || !buffer) {
    free(s);
    free(buffer);
    return PN_E_MEMORY;
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (append ? 0 : O_TRUNC), 0666);
  if (fd < 0) {
    free(s);
    free(buffer);
    return PN_E_FILE;
  }
  *s = (raw_sink){.base = {raw_begin, raw_point, raw_end, raw_close},
                  .fd = fd,
                  .ascii = ascii,
                  .buffer = buffer};
  s->file_end = lseek(fd, 0, SEEK_END);
  s->seekable = s->file_end >= 0;
  if (!s->seekable) { /* a pipe: its header could never be made true */
    close(fd);
    free(s);
    free(buffer);
    errno = ESPIPE;
    return PN_E_FILE;
  }
  *out = &s->base;
  return PN_OK;
}

pn_status pn_sink_raw(const char *path, bool ascii, pn_sink **out)
{
  return open_raw(path, ascii, false, out);
}

pn_status pn_sink_raw_append(const char *path, bool ascii, pn_sink **out)
{
  return open_raw(path, ascii, true, out);
}
