/* Files on disk: where included files are looked for, what an untrusted netlist may read,
 * and what is no text at all. */
#include "parser/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROOM = 64 << 10 };
static const size_t LARGEST_FILE = (size_t)1 << 30; /* bytes; flex counts in int */

const char *pn_file_real(pn_arena *a, const char *path)
{
  char real[PATH_MAX];
  const char *p = realpath(path, real) ? real : path;
  return pn_arena_strndup(a, p, strlen(p));
}

/* Bytes of a path up to and with its last '/'. */
static size_t folder_length(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash ? (size_t)(slash - path) + 1 : 0;
}

/* Whether a path lies in the main file's folder; where there is no such file, whether its folder does. */
static bool inside(const pn_reading *all, const char *path)
{
  char folder[PATH_MAX], real[PATH_MAX];
  const char *f = all->o->folder && *all->o->folder ? all->o->folder : ".";
  const char *parent = pn_arena_printf(all->d->arena, "%.*s.", (int)folder_length(path), path);
  if (!realpath(f, folder) || (!realpath(path, real) && !realpath(parent, real)))
    return false;
  size_t n = strlen(folder);
  return strncmp(real, folder, n) == 0 && (!real[n] || real[n] == '/' || folder[n - 1] == '/');
}

const char *pn_file_find(pn_reading *all, const char *includer, pn_str name, pn_loc from,
                         bool fenced, const char **real)
{
  pn_arena *a = all->d->arena;
  const char *main_folder = all->o->folder ? all->o->folder : "";
  const char *path = pn_arena_printf(a, "%.*s", PN_FMT(name));
  if (name.p[0] != '/') {
    size_t n = folder_length(includer);
    path = pn_arena_printf(a, "%.*s%.*s", (int)n, includer, PN_FMT(name));
    if (access(path, F_OK) != 0) {
      const char *second = pn_arena_printf(a, "%s%.*s", main_folder, PN_FMT(name));
      if (access(second, F_OK) == 0)
        path = second;
    }
  }
  *real = pn_file_real(a, path);
  /* Asked before the file is touched, so that an answer tells nothing about files outside. */
  if ((fenced || all->o->untrusted) && !inside(all, path)) {
    pn_error(all->d, from, "'%.*s' is outside the netlist's folder, which is not allowed here",
             PN_FMT(name));
    return NULL;
  }
  return path;
}

/* Why bytes are no text: the place of the first offender, or n. */
static size_t first_binary_byte(const char *p, size_t n, bool *nul)
{
  const char *zero = memchr(p, 0, n);
  *nul = zero != NULL;
  if (zero)
    return (size_t)(zero - p);
  size_t look = n < 4096 ? n : 4096, controls = 0, first = n;
  for (size_t k = 0; k < look; k++) {
    unsigned char c = (unsigned char)p[k];
    if ((c < 32 && !(c >= '\t' && c <= '\r')) || c == 127) {
      first = controls++ ? first : k;
    }
  }
  return controls * 20 > look ? first : n;
}

bool pn_text_check(pn_diag *d, uint32_t file)
{
  const pn_source *s = &d->sources.at[file - 1];
  bool nul;
  size_t k = first_binary_byte(s->text, s->len, &nul);
  pn_loc at = {.file = file, .offset = k < s->len ? (uint32_t)k : 0};
  if (s->len > LARGEST_FILE)
    return pn_error(d, at, "the file is larger than 1 GiB"), false;
  if (k < s->len)
    return pn_error(d, at,
                    nul ? "this is not a text file: it contains a zero byte"
                        : "this is not a text file: it contains control characters"),
           false;
  return true;
}

/* Reads to the end, growing in the arena. Returns the text with two zero bytes behind it, or
 * NULL with errno. */
static char *read_all(pn_arena *a, int fd, size_t expected, size_t *len)
{
  size_t room = expected ? expected + 1 : FIRST_ROOM, n = 0;
  char *p = pn_arena_alloc(a, room + 2);
  for (;;) {
    if (n == room) {
      p = pn_arena_grow(a, p, n, 2 * room + 2);
      room *= 2;
    }
    ssize_t got = read(fd, p + n, room - n);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return NULL;
    if (got == 0)
      break;
    n += (size_t)got;
    if (n > LARGEST_FILE) {
      errno = EFBIG;
      return NULL;
    }
  }
  *len = n;
  return p;
}

/* read_all, closing the descriptor also when the arena gives up. */
static char *read_guarded(pn_arena *a, int fd, size_t expected, size_t *len)
{
  jmp_buf here, *outer = a->recover;
  int st = setjmp(here);
  if (st) {
    close(fd);
    a->recover = outer;
    longjmp(*outer, st);
  }
  if (outer)
    a->recover = &here;
  char *p = read_all(a, fd, expected, len);
  a->recover = outer;
  return p;
}

uint32_t pn_tree_load_file(pn_diag *d, const char *path, pn_loc from)
{
  struct stat st;
  size_t len = 0;
  char *text = NULL;
  int why = 0;
  const char *name = pn_arena_strndup(d->arena, path, strlen(path));
  int fd = open(path, O_RDONLY | O_CLOEXEC | (from.file ? O_NONBLOCK : 0));
  if (fd < 0 || fstat(fd, &st) != 0)
    why = errno;
  else if (S_ISDIR(st.st_mode))
    why = EISDIR;
  else if (from.file && !S_ISREG(st.st_mode))
    why = EINVAL; /* pipes and devices: only as the main file */
  if (!why) {
    text = read_guarded(d->arena, fd, S_ISREG(st.st_mode) ? (size_t)st.st_size : 0, &len);
    why = text ? 0 : errno;
  }
  if (fd >= 0)
    close(fd);
  if (why) {
    pn_error(d, from, "cannot read '%s': %s", path,
             why == EINVAL ? "not a regular file" : strerror(why));
    return 0;
  }
  return pn_diag_add_source(d, name, text, len, from);
}
