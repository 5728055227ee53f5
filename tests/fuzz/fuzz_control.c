/* libFuzzer target: control sections over a world that answers every request and holds no circuit: command lines,
 * blocks, variables, expressions, plots. Commands, bytes and files are bounded; the run ends after a number of
 * commands, since a loop without end is allowed. */
#include "control/control.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST_LINES = 2000, MOST_COMMANDS = 3000 };

static pn_status analysis(void *user, pn_str text, pn_loc loc, pn_sink *sink)
{
  static const pn_column columns[] = {
      {"time", "time", "s"}, {"v(out)", "voltage", "V"}, {"i(v1)", "current", "A"}};
  const pn_plot p = {.title = "t",
                     .plotname = "Transient Analysis",
                     .analysis = "tran",
                     .index = 1,
                     .columns = columns,
                     .n_columns = 3};
  (void)user, (void)text, (void)loc;
  pn_status st = sink->begin(sink, &p);
  for (int k = 0; k < 9 && !st; k++)
    st = sink->point(sink, (double[]){k, k * k, -k}, NULL);
  pn_status ended = sink->end(sink, !st);
  return st ? st : ended;
}

static pn_status run(void *user, pn_sink *sink)
{
  return analysis(user, PN_STR(""), PN_NOWHERE, sink);
}

static pn_status save(void *user, pn_str text, pn_loc loc)
{
  (void)user, (void)text, (void)loc;
  return PN_OK;
}

static pn_status change(void *user, const pn_change *c)
{
  (void)user;
  return c->n > 0 ? PN_OK : PN_E_NETLIST;
}

static pn_status reset(void *user)
{
  (void)user;
  return PN_OK;
}

static pn_status option(void *user, pn_str name, pn_str value, pn_loc loc, bool *known)
{
  (void)user, (void)value, (void)loc;
  *known = name.n > 3;
  return PN_OK;
}

static bool quantity(void *user, pn_str device, pn_str what, double *value)
{
  (void)user, (void)what;
  *value = 1;
  return device.n > 0;
}

static double tran_step(void *user)
{
  (void)user;
  return 0.5;
}

static const pn_args *args(void *user, pn_str text, pn_loc loc)
{
  (void)user, (void)text, (void)loc;
  return NULL;
}

static void measured(void *user, pn_str a, pn_str name, bool ok, double value)
{
  (void)user, (void)a, (void)name, (void)ok, (void)value;
}

static void text(void *user, const char *t)
{
  (void)user, (void)t;
}

static bool interrupted(void *user)
{
  return ++*(int *)user > MOST_COMMANDS;
}

static void run_lines(pn_arena *a, pn_control_line *lines, size_t n)
{
  int commands = 0;
  bool quit;
  pn_diag d;
  pn_diag_init(&d, a, NULL, NULL);
  const pn_host host = {.user = &commands,
                        .analysis = analysis,
                        .run = run,
                        .save = save,
                        .alter = change,
                        .alter_model = change,
                        .alter_param = change,
                        .reset = reset,
                        .option = option,
                        .quantity = quantity,
                        .tran_step = tran_step,
                        .args = args,
                        .measured = measured,
                        .text = text,
                        .interrupted = interrupted,
                        .title = "t",
                        .stem = "t",
                        .untrusted = true,
                        .most_bytes = (size_t)16 << 20};
  pn_program *p = pn_program_read(a, &d, lines, n);
  if (p)
    pn_program_run(p, &d, &host, &quit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static pn_control_line lines[MOST_LINES]; /* one thread: kept so that it survives a longjmp */
  pn_arena a;
  jmp_buf env;
  size_t n = 0;
  pn_arena_init(&a, (size_t)64 << 20);
  if (setjmp(env) == 0) {
    a.recover = &env;
    char *copy = pn_arena_strndup(&a, (const char *)data, size);
    for (char *p = copy, *end = copy + size; p < end && n < MOST_LINES;) {
      char *stop = memchr(p, '\n', (size_t)(end - p));
      stop = stop ? stop : end;
      while (p < stop && (*p == ' ' || *p == '\t'))
        p++;
      lines[n++] = (pn_control_line){{p, (size_t)(stop - p)}, PN_NOWHERE};
      p = stop + 1;
    }
    run_lines(&a, lines, n);
  }
  pn_arena_free(&a);
  return 0;
}
