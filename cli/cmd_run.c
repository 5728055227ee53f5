/* `pinch [options] NETLIST`: runs all analyses of a netlist. ngspice's batch options keep
 * their meaning, so that scripts made for it run unchanged. */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct settings {
  const char *netlist, *raw, *csv, *plot, *log, *dialect;
  bool ascii, quiet, batch, stats, untrusted;
  long max_elements;
  size_t max_memory;
  int jobs;
  defines defs;
  char *temporary; /* rawfile made for --plot alone; NULL otherwise */
} settings;

enum {
  OPT_ASCII = 256,
  OPT_CSV,
  OPT_PLOT,
  OPT_STATS,
  OPT_UNTRUSTED,
  OPT_ELEMENTS,
  OPT_MEMORY,
  OPT_DIALECT
};
enum { MOST_JOBS = 4096 };

static const struct option longs[] = {
    {"batch", no_argument, NULL, 'b'},
    {"quiet", no_argument, NULL, 'q'},
    {"rawfile", required_argument, NULL, 'r'},
    {"output", required_argument, NULL, 'o'},
    {"define", required_argument, NULL, 'D'},
    {"no-spiceinit", no_argument, NULL, 'n'},
    {"autorun", no_argument, NULL, 'a'},
    {"interactive", no_argument, NULL, 'i'},
    {"jobs", required_argument, NULL, 'j'},
    {"ascii", no_argument, NULL, OPT_ASCII},
    {"csv", required_argument, NULL, OPT_CSV},
    {"plot", required_argument, NULL, OPT_PLOT},
    {"stats", no_argument, NULL, OPT_STATS},
    {"untrusted", no_argument, NULL, OPT_UNTRUSTED},
    {"max-elements", required_argument, NULL, OPT_ELEMENTS},
    {"max-memory", required_argument, NULL, OPT_MEMORY},
    {"dialect", required_argument, NULL, OPT_DIALECT},
    {"help", no_argument, NULL, 'h'}, /* answered by main */
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

static bool take_long_option(settings *s, int option)
{
  switch (option) {
  case OPT_ASCII:
    return s->ascii = true;
  case OPT_CSV:
    s->csv = optarg;
    return true;
  case OPT_PLOT:
    s->plot = optarg;
    return take_picture("--plot", optarg);
  case OPT_STATS:
    return s->stats = true;
  case OPT_UNTRUSTED:
    return s->untrusted = true;
  case OPT_DIALECT:
    return take_dialect(optarg, &s->dialect);
  case OPT_ELEMENTS:
    return take_whole("--max-elements", optarg, &s->max_elements);
  default: /* OPT_MEMORY */
    return take_size("--max-memory", optarg, &s->max_memory);
  }
}

/* false: wrong, and reported. */
static bool take_option(settings *s, int option)
{
  switch (option) {
  case 'b':
    return s->batch = true;
  case 'q':
    return s->quiet = true;
  case 'r':
    s->raw = optarg;
    return true;
  case 'o':
    s->log = optarg;
    return true;
  case 'D':
    return add_define(&s->defs, optarg);
  case 'n': /* ngspice: read no start-up file; there is none here */
  case 'a': /* ngspice: run at once; always so here */
    return true;
  case 'i':
    usage_error("there is no interactive mode: pinch runs a netlist and ends");
    return false;
  case 'j':
    if (take_count("-j", optarg, &s->jobs) && s->jobs > MOST_JOBS)
      usage_error("-j: at most %d threads", MOST_JOBS);
    return s->jobs > 0 && s->jobs <= MOST_JOBS;
  case '?':
    return false;
  default:
    return take_long_option(s, option);
  }
}

static bool read_settings(settings *s, int argc, char **argv)
{
  int option;
  optind = 1;
  while ((option = next_option(argc, argv, ":bqr:o:D:naij:hv", longs)) != -1)
    if (!take_option(s, option))
      return false;
  if (argc - optind > 1) {
    usage_error("one netlist at a time, please: '%s' and '%s' were given", argv[optind],
                argv[optind + 1]);
    return false;
  }
  s->netlist = optind < argc ? argv[optind] : s->batch && !isatty(STDIN_FILENO) ? "-" : NULL;
  if (!s->netlist)
    usage_error("no netlist given");
  return s->netlist != NULL;
}

static bool interrupted(void *user)
{
  const console *c = user;
  return was_interrupted() || c->failed;
}

/* --plot without -r: the picture is drawn from a rawfile of its own. */
static bool make_temporary(settings *s)
{
  const char *folder = getenv("TMPDIR");
  folder = folder && folder[0] == '/' ? folder : "/tmp";
  size_t room = strlen(folder) + 32;
  s->temporary = malloc(room);
  if (!s->temporary)
    return false;
  snprintf(s->temporary, room, "%s/pinch-XXXXXX", folder);
  int fd = mkstemp(s->temporary);
  if (fd < 0) {
    fprintf(stderr, "pinch: no temporary file in %s: %s\n", folder, strerror(errno));
    free(s->temporary);
    s->temporary = NULL;
    return false;
  }
  close(fd);
  return true;
}

static int run(const settings *s, console *con, pinch_circuit *c)
{
  pinch_run_options o = pinch_run_options_default();
  o.raw_file = s->raw ? s->raw : s->temporary;
  o.raw_ascii = s->ascii;
  o.csv_file = s->csv;
  o.tables = !s->raw && !s->csv;
  o.stats = s->stats;
  o.jobs = s->jobs;
  o.text = console_text;
  o.log = s->quiet ? NULL : console_line;
  o.progress = console_progress;
  o.interrupted = interrupted;
  o.user = con;
  int code = pinch_run(c, &o);
  if (con->failed) /* console_close tells */
    return EXIT_NETLIST;
  if (code) {
    char text[256];
    snprintf(text, sizeof text, "pinch: the run ended early: %s", pinch_error_text(code));
    console_message(con, PINCH_ERROR, text);
  }
  /* A run that could not finish may still have results worth a picture. */
  if (s->plot) {
    int drawn = pinch_draw(c, o.raw_file, s->plot, console_message, con);
    code = code ? code : drawn;
  }
  return pinch_exit_status(code);
}

static int load_and_run(const settings *s, console *con)
{
  pinch_load_options o = pinch_load_options_default();
  o.message = console_message;
  o.user = con;
  o.defines = s->defs.at;
  o.n_defines = s->defs.n;
  o.untrusted = s->untrusted;
  o.max_elements = s->max_elements;
  o.max_memory = s->max_memory;
  o.dialect = s->dialect;
  pinch_circuit *c;
  int code = load_netlist(s->netlist, &o, &c);
  if (code)
    return code < 0 ? EXIT_NETLIST : pinch_exit_status(code);
  int status = run(s, con, c);
  pinch_circuit_free(c);
  return was_interrupted() && status ? EXIT_INTERRUPTED : status;
}

int cmd_run(int argc, char **argv)
{
  settings s = {0};
  console con;
  int status = EXIT_USAGE;
  if (read_settings(&s, argc, argv)) {
    status = EXIT_NETLIST;
    console_open(&con, s.quiet);
    if (s.defs.failed)
      fputs("pinch: out of memory\n", stderr);
    else if ((!s.log || console_log_to(&con, s.log)) && (!s.plot || s.raw || make_temporary(&s))) {
      catch_interrupts();
      status = console_close(&con, load_and_run(&s, &con));
    }
  }
  if (s.temporary)
    unlink(s.temporary);
  free(s.temporary);
  free(s.defs.at);
  return status;
}
