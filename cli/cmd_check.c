/* `pinch check NETLIST`: reads and elaborates a netlist, and runs nothing. */
#include "cli.h"

#include <stdlib.h>

static const struct option longs[] = {
    {"define", required_argument, NULL, 'D'},
    {"untrusted", no_argument, NULL, 'u'},
    {"quiet", no_argument, NULL, 'q'},
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

int cmd_check(int argc, char **argv)
{
  defines defs = {0};
  bool untrusted = false, quiet = false;
  int option, status = EXIT_USAGE;
  optind = 1;
  while ((option = next_option(argc, argv, ":D:q", longs)) != -1 && option != '?') {
    if (option == 'D')
      add_define(&defs, optarg);
    untrusted = untrusted || option == 'u';
    quiet = quiet || option == 'q';
  }
  if (option == -1 && argc - optind != 1) {
    usage_error("check needs one netlist");
  } else if (option == -1) {
    console con;
    console_open(&con, quiet);
    pinch_load_options o = pinch_load_options_default();
    o.message = console_message;
    o.user = &con;
    o.defines = defs.at;
    o.n_defines = defs.n;
    o.untrusted = untrusted;
    status = console_close(&con, check(argv[optind], &o, &con));
  }
  free(defs.at);
  return status;
}
