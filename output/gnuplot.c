/* Running gnuplot: a temporary folder with script, data, messages and picture; the program is
 * found on PATH and started without a shell. */
#include "output/gnuplot_script.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pn_status fail(pn_gp *g, pn_status st, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static pn_status fail(pn_gp *g, pn_status st, const char *fmt, ...)
{
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(g->why, g->room, fmt, ap);
  va_end(ap);
  return st;
}

static void path_in(const pn_gp *g, const char *name, char path[PN_GP_FOLDER + 16])
{
  snprintf(path, PN_GP_FOLDER + 16, "%s/%s", g->folder, name);
}

int pn_gp_length(const char *text)
{
  int n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

/* gnuplot replaces `commands` even between double quotes, and its single quotes end early after
 * doubled ones; octal escapes leave it nothing to find. Digits are escaped as
 * well, since gnuplot would take them for more of the octal number before them. */
static void put_byte(FILE *f, unsigned char c)
{
  if (c < 32 || c == 127)
    putc(' ', f);
  else if (c >= 128 || c == ' ' || isalpha(c))
    putc(c, f);
  else
    fprintf(f, "\\%03o", c);
}

void pn_gp_string(pn_gp *g, const char *text, int most)
{
  FILE *f = g->script;
  bool cut = most > 0 && pn_gp_length(text) > most;
  int left = cut ? most - 1 : -1; /* characters still to write; -1: all */
  putc('"', f);
  for (const char *p = text; *p; p++) {
    if (((unsigned char)*p & 0xC0) != 0x80 && left-- == 0)
      break;
    put_byte(f, (unsigned char)*p);
  }
  fputs(cut ? "\342\200\246\"" : "\"", f);
}

void pn_gp_title(pn_gp *g, const char *text, const char *place, int pixels)
{
  /* Mean width of a character of DejaVu Sans Bold, measured: 0.77 of the size in points, in pixels. */
  static const int sizes[] = {15, 13, 11};
  int k = 0, n = pn_gp_length(text);
  while (k < 2 && n * 0.78 * sizes[k] > pixels)
    k++;
  fprintf(g->script, "set label %s font 'DejaVu Sans Bold,%d'\nset label %d ", place,
          strstr(g->out_file, ".svg") ? sizes[k] * 4 / 3 : sizes[k], atoi(place));
  pn_gp_string(g, text, (int)(pixels / (0.78 * sizes[k])));
  putc('\n', g->script);
}

void pn_gp_data_name(pn_gp *g)
{
  char path[PN_GP_FOLDER + 16];
  path_in(g, "data", path);
  pn_gp_string(g, path, 0);
}

void pn_gp_data(pn_gp *g, const double *values, size_t n)
{
  fwrite(values, sizeof *values, n, g->data);
  g->data_bytes += (long long)(n * sizeof *values);
}

/* Terminal by the file's ending; sizes chosen so that all three look alike. */
static pn_status put_terminal(pn_gp *g)
{
  const char *dot = strrchr(g->out_file, '.');
  int w = g->width, h = g->height;
  if (dot && strcasecmp(dot, ".png") == 0)
    fprintf(g->script,
            "set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,13' "
            "background '#ffffff' linewidth 1.2\n",
            w, h);
  else if (dot && strcasecmp(dot, ".svg") == 0)
    fprintf(g->script,
            "set terminal svg noenhanced size %d,%d font 'DejaVu Sans,17' "
            "background '#ffffff' linewidth 1.2\n",
            w, h);
  else if (dot && strcasecmp(dot, ".pdf") == 0)
    fprintf(g->script,
            "set terminal pdfcairo noenhanced size %.2fcm,%.2fcm font 'DejaVu Sans,13' "
            "fontscale 0.62 linewidth 1.2\n",
            w / 55.0, h / 55.0);
  else
    return fail(g, PN_E_USAGE, "the picture '%s' must end in .png, .svg or .pdf", g->out_file);
  fputs("set encoding utf8\nset output ", g->script);
  char path[PN_GP_FOLDER + 16];
  path_in(g, "picture", path);
  pn_gp_string(g, path, 0);
  putc('\n', g->script);
  return PN_OK;
}

pn_status pn_gp_open(pn_gp *g, const char *out_file, int width, int height, char *why, size_t room)
{
  *g = (pn_gp){.out_file = out_file, .width = width, .height = height, .why = why, .room = room};
  const char *tmp = getenv("TMPDIR");
  if (!tmp || tmp[0] != '/' || strlen(tmp) > PN_GP_FOLDER - 32)
    tmp = "/tmp";
  snprintf(g->folder, sizeof g->folder, "%s/pinch-XXXXXX", tmp);
  if (!mkdtemp(g->folder)) {
    pn_status st = fail(g, PN_E_FILE, "no temporary folder in %s: %s", tmp, strerror(errno));
    g->folder[0] = '\0';
    return st;
  }
  char path[PN_GP_FOLDER + 16];
  path_in(g, "script", path);
  g->script = fopen(path, "we");
  path_in(g, "data", path);
  g->data = fopen(path, "we");
  if (!g->script || !g->data)
    return fail(g, PN_E_FILE, "cannot write to %s: %s", g->folder, strerror(errno));
  return put_terminal(g);
}

static bool finish_file(FILE **f)
{
  bool ok = *f && !ferror(*f);
  if (*f && fclose(*f) != 0)
    ok = false;
  *f = NULL;
  return ok;
}

/* Starts gnuplot on the script and waits; the exit status, or -1 (errno says why). */
static int run_program(const char *script, const char *messages)
{
  posix_spawn_file_actions_t files;
  if (posix_spawn_file_actions_init(&files) != 0)
    return errno = ENOMEM, -1;
  int bad = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0) |
            posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0) |
            posix_spawn_file_actions_addopen(&files, 2, messages, O_WRONLY | O_CREAT, 0600);
  char name[] = "gnuplot", no_startup_files[] = "-d";
  char *argv[] = {name, no_startup_files, (char *)script, NULL};
  pid_t child;
  int error = bad ? ENOMEM : posix_spawnp(&child, name, &files, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&files);
  if (error)
    return errno = error, -1;
  int status;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* The last line that gnuplot said, without its own place in the script. */
static void last_words(const char *path, char *text, size_t room)
{
  char line[512];
  FILE *f = fopen(path, "re");
  snprintf(text, room, "no message");
  while (f && fgets(line, sizeof line, f)) {
    line[strcspn(line, "\n")] = '\0';
    const char *p = strstr(line, ": ");
    if (line[strspn(line, " \t")])
      snprintf(text, room, "%s", p ? p + 2 : line);
  }
  if (f)
    fclose(f);
}

/* Copies the picture to where the user wants it. */
static pn_status deliver(pn_gp *g, const char *picture)
{
  FILE *in = fopen(picture, "re"), *out = NULL;
  pn_status st = PN_OK;
  char block[1 << 14];
  size_t n, total = 0;
  if (!in)
    return fail(g, PN_E_FILE, "gnuplot drew nothing");
  out = fopen(g->out_file, "we");
  if (!out)
    st = fail(g, PN_E_FILE, "cannot write '%s': %s", g->out_file, strerror(errno));
  while (!st && (n = fread(block, 1, sizeof block, in)) > 0) {
    total += n;
    if (fwrite(block, 1, n, out) != n)
      st = fail(g, PN_E_FILE, "cannot write '%s': %s", g->out_file, strerror(errno));
  }
  if (out && fclose(out) != 0 && !st)
    st = fail(g, PN_E_FILE, "cannot write '%s': %s", g->out_file, strerror(errno));
  fclose(in);
  if (!st && total == 0)
    st = fail(g, PN_E_FILE, "gnuplot drew nothing");
  return st;
}

pn_status pn_gp_run(pn_gp *g)
{
  char script[PN_GP_FOLDER + 16], messages[PN_GP_FOLDER + 16], picture[PN_GP_FOLDER + 16];
  path_in(g, "script", script);
  path_in(g, "messages", messages);
  path_in(g, "picture", picture);
  fputs("set output\n", g->script);
  bool script_ok = finish_file(&g->script), data_ok = finish_file(&g->data);
  if (!script_ok || !data_ok)
    return fail(g, PN_E_FILE, "cannot write to %s: %s", g->folder, strerror(errno));
  int status = run_program(script, messages);
  if (status < 0 || status == 127)
    return fail(g, PN_E_FILE, "gnuplot cannot be started (%s); is it installed?",
                status < 0 ? strerror(errno) : "not found");
  if (status != 0) {
    char words[512];
    last_words(messages, words, sizeof words);
    return fail(g, PN_E_FILE, "gnuplot failed: %s", words);
  }
  return deliver(g, picture);
}

void pn_gp_close(pn_gp *g)
{
  static const char *const names[] = {"script", "data", "messages", "picture"};
  if (g->script)
    fclose(g->script);
  if (g->data)
    fclose(g->data);
  g->script = g->data = NULL;
  if (!g->folder[0])
    return;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    char path[PN_GP_FOLDER + 16];
    path_in(g, names[k], path);
    unlink(path);
  }
  rmdir(g->folder);
}

double pn_gp_prefix(double largest, const char *unit, const char **prefix)
{
  static const char *const names[] = {"a", "f", "p", "n", "\302\265", "m", "", "k", "M", "G", "T"};
  static const char *const plain[] = {"dB", "rad", "deg", "\302\260", "\302\260C", "1", ""};
  *prefix = "";
  for (size_t k = 0; k < sizeof plain / sizeof *plain; k++)
    if (strcmp(unit, plain[k]) == 0)
      return 1;
  if (!(largest > 0) || !isfinite(largest))
    return 1;
  /* 999.96 of a unit stays, 1000 moves on; rounding must not make 0.99999 "999.99 m". */
  int third = (int)floor(log10(largest * (1 + 1e-9)) / 3);
  third = third < -6 ? -6 : third > 4 ? 4 : third;
  *prefix = names[third + 6];
  return pow(10, 3 * third);
}
