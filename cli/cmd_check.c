/* `pinch check NETLIST`: reads and elaborates a netlist, and runs nothing. */
#include "cli.h"

#include <stdlib.h>

static const struct option longs[] = {
    {"define", required_argument, NULL, 'D'},
    {"untrusted", no_argument, NULL, 'u'},
    {"quiet", no_argument, NULL, 'q'},
    {"max-memory", required_argument, NULL, 'm'},
    {"dialect", required_argument, NULL, 'd'},
    {"max-elements", required_argument, NULL, 'e'},
    {NULL, 0, NULL, 0},
};

static int check(const char *netlist, const pinch_load_options *o, console *con)
{
  pinch_circuit *c;
  int code = load_netlist(netlist, o, &c);
  if (code)
    return code < 0 ? EXIT_NETLIST : pinch_exit_status(code);
  char text[512];
  snprintf(text, sizeof text, "%s: ok: %d devices, %d unknowns, %d analyses\n", netlist,
           pinch_count_devices(c), pinch_count_unknowns(c), pinch_count_analyses(c));
  if (!con->quiet)
    console_text(con, text);
  pinch_circuit_free(c);
  return EXIT_DONE;
}

/* false: wrong, and reported. */
static bool take_option(pinch_load_options *o, defines *defs, bool *quiet, int option)
{
  switch (option) {
  case 'D':
    return add_define(defs, optarg);
  case 'q':
    return *quiet = true;
  case 'u':
    return o->untrusted = true;
  case 'd':
    return take_dialect(optarg, &o->dialect);
  case 'e':
    return take_whole("--max-elements", optarg, &o->max_elements);
  case 'm':
    return take_size("--max-memory", optarg, &o->max_memory);
  default:
    return false;
  }
}

int cmd_check(int argc, char **argv)
{
  defines defs = {0};
  pinch_load_options o = pinch_load_options_default();
  bool quiet = false, right = true;
  int option, status = EXIT_USAGE;
  optind = 1;
  while (right && (option = next_option(argc, argv, ":D:q", longs)) != -1)
    right = take_option(&o, &defs, &quiet, option);
  if (right && argc - optind != 1) {
    usage_error("check needs one netlist");
  } else if (right) {
    console con;
    console_open(&con, quiet);
    o.message = console_message;
    o.user = &con;
    o.defines = defs.at;
    o.n_defines = defs.n;
    status = console_close(&con, check(argv[optind], &o, &con));
  }
  free(defs.at);
  return status;
}
