/* The console: messages, tables, the progress line and Ctrl-C. */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Ctrl-C ---- */

/* A signal handler can reach nothing else. */
static volatile sig_atomic_t stop_wanted;

static void on_interrupt(int number)
{
  (void)number;
  stop_wanted = 1;
}

void catch_interrupts(void)
{
  /* SA_RESETHAND: the second signal finds the default action, which kills. */
  struct sigaction stop = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
  sigemptyset(&stop.sa_mask);
  sigaction(SIGINT, &stop, NULL);
  sigaction(SIGTERM, &stop, NULL);
}

bool was_interrupted(void)
{
  return stop_wanted != 0;
}

/* ---- output ---- */

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void console_open(console *c, bool quiet)
{
  *c = (console){.text = stdout, .messages = stderr, .quiet = quiet, .started = now()};
  c->show_progress = !quiet && isatty(STDERR_FILENO);
}

bool console_log_to(console *c, const char *path)
{
  FILE *f = fopen(path, "we");
  if (!f) {
    fprintf(stderr, "pinch: cannot write the log '%s': %s\n", path, strerror(errno));
    return false;
  }
  c->text = c->messages = f;
  return true;
}

static void clear_progress(console *c)
{
  if (c->line_shown)
    fputs("\r\033[K", stderr);
  c->line_shown = false;
}

int console_close(console *c, int status)
{
  clear_progress(c);
  bool lost = c->failed || fflush(c->text) != 0 || ferror(c->text);
  if (c->text != stdout && fclose(c->text) != 0)
    lost = true;
  if (!lost)
    return status;
  fputs("pinch: output was lost: it could not be written\n", stderr);
  return status == EXIT_DONE || status == EXIT_INTERRUPTED ? EXIT_NETLIST : status;
}

void console_message(void *user, pinch_severity severity, const char *text)
{
  console *c = user;
  if (c->quiet && severity == PINCH_NOTE)
    return;
  clear_progress(c);
  if (fprintf(c->messages, "%s\n", text) < 0)
    c->failed = true;
}

void console_text(void *user, const char *text)
{
  console *c = user;
  if (c->line_shown && c->text == stdout && isatty(STDOUT_FILENO))
    clear_progress(c);
  if (fputs(text, c->text) < 0)
    c->failed = true;
}

void console_line(void *user, const char *line)
{
  console_message(user, PINCH_NOTE, line);
}

/* ---- progress ---- */

/* A number between 1 and 1000 with its SI prefix. */
static void engineering(double v, const char *unit, char text[32])
{
  static const char *const prefixes[] = {"a", "f", "p", "n", "u", "m", "", "k", "M", "G", "T"};
  int k = 6;
  while (v != 0 && k > 0 && v < 1 && v > -1) {
    v *= 1000;
    k--;
  }
  while (k < 10 && (v >= 1000 || v <= -1000)) {
    v /= 1000;
    k++;
  }
  snprintf(text, 32, "%.4g %s%s", v, prefixes[k], unit);
}

static void remaining(double seconds, char text[32])
{
  if (seconds < 120)
    snprintf(text, 32, "%.0f s", seconds);
  else if (seconds < 7200)
    snprintf(text, 32, "%.0f min", seconds / 60);
  else
    snprintf(text, 32, "%.1f h", seconds / 3600);
}

void console_progress(void *user, const char *analysis, double fraction, double x)
{
  enum { QUIET_START = 1 /* s: short runs show nothing */ };
  console *c = user;
  if (!c->show_progress)
    return;
  double t = now();
  if (!c->analysis || strcmp(c->analysis, analysis) != 0) {
    c->analysis = analysis;
    c->started = t;
  }
  double elapsed = t - c->started;
  if (elapsed < QUIET_START || t - c->last_shown < 0.2)
    return;
  c->last_shown = t;
  char at[32], left[32] = "?";
  engineering(x, strcmp(analysis, "tran") == 0 ? "s" : strcmp(analysis, "ac") == 0 ? "Hz" : "", at);
  if (fraction > 0)
    remaining(elapsed * (1 - fraction) / fraction, left);
  fprintf(stderr, "\r\033[K.%s %5.1f %%  at %s  %s left", analysis, 100 * fraction, at, left);
  fflush(stderr);
  c->line_shown = true;
}
