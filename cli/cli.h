/* The command `pinch`: what its sub-commands share. It sees the library through its public
 * header only. */
#ifndef PINCH_CLI_H
#define PINCH_CLI_H

#include <pinch/pinch.h>

#include <getopt.h>
#include <stdio.h>

enum { EXIT_DONE = 0, EXIT_USAGE = 1, EXIT_NETLIST = 2, EXIT_INTERRUPTED = 130 };

/* Sub-commands: argv[0] is the sub-command's own name. They return the exit status. */
int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_expand(int argc, char **argv);
int cmd_fit(int argc, char **argv);
int cmd_models(int argc, char **argv);
int cmd_plot(int argc, char **argv);
int cmd_reference(int argc, char **argv);

/* ---- args.c ---- */

/* The next option, permuted as getopt_long does; -1 at the end. An unknown one, or one without its
 * argument, is reported with a suggestion and gives '?'. */
int next_option(int argc, char **argv, const char *shorts, const struct option *longs);
/* Reports wrong usage; returns EXIT_USAGE. */
int usage_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A number with an optional SPICE suffix ("10k", "1meg", "2.5u"); false when the text is none. */
bool parse_number(const char *text, double *value);
/* An option's argument: a whole number from 1, or a size in bytes ("500M", "4G", "1048576"). False
 * after reporting what is wrong with it. */
bool take_whole(const char *option, const char *text, long *value);
/* The same into an int. */
bool take_count(const char *option, const char *text, int *value);
/* Is the path one of a picture? */
bool take_picture(const char *option, const char *path);
/* --dialect; false after reporting. */
bool take_dialect(const char *text, const char **dialect);
bool take_size(const char *option, const char *text, size_t *bytes);

/* -D options, as many as come. */
typedef struct defines {
  pinch_define *at; /* [n] */
  int n;
  bool failed; /* no memory */
} defines;
/* "name=value" or "name" (1); false after reporting. Values that are no numbers are ngspice's own switches: a
 * warning says that they have no effect. */
bool add_define(defines *d, char *text);

/* ---- load.c ---- */

/* Loads a netlist; "-" is standard input. Returns the library's code. */
int load_netlist(const char *path, const pinch_load_options *o, pinch_circuit **c);

/* ---- console.c ---- */

/* Where messages and tables go, and the progress line. */
typedef struct console {
  FILE *text;     /* tables: stdout or the log */
  FILE *messages; /* stderr or the log */
  bool quiet;
  bool show_progress;
  bool failed;                /* a write failed */
  bool line_shown;            /* the progress line stands on the terminal */
  double started, last_shown; /* s, of a monotonic clock */
  const char *analysis;       /* the one whose progress is shown */
} console;

void console_open(console *c, bool quiet);
/* Text and messages go to a file from now on; false: it cannot be written (reported). */
bool console_log_to(console *c, const char *path);
/* Flushes and closes; returns `status`, or EXIT_NETLIST when output was lost. */
int console_close(console *c, int status);

/* Callbacks; user is the console. */
void console_message(void *user, pinch_severity severity, const char *text);
void console_text(void *user, const char *text);
void console_line(void *user, const char *line);
void console_progress(void *user, const char *analysis, double fraction, double x);

/* Ctrl-C asks for a stop; a second one kills. */
void catch_interrupts(void);
bool was_interrupted(void);

#endif
