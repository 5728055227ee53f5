/* `pinch expand NETLIST`: the flat netlist of a circuit, on standard output. */
#include "cli.h"

int cmd_expand(int argc, char **argv)
{
  static const struct option longs[] = {{"untrusted", no_argument, NULL, 'u'}, {NULL, 0, NULL, 0}};
  pinch_load_options o = pinch_load_options_default();
  optind = 1;
  for (int option; (option = next_option(argc, argv, ":", longs)) != -1;) {
    if (option != 'u')
      return EXIT_USAGE;
    o.untrusted = true;
  }
  if (argc - optind != 1)
    return usage_error("expand needs one netlist");
  console con;
  console_open(&con, false);
  o.message = console_message;
  o.user = &con;
  pinch_circuit *c;
  int code = load_netlist(argv[optind], &o, &c);
  if (code)
    return console_close(&con, code < 0 ? EXIT_NETLIST : pinch_exit_status(code));
  code = pinch_expand(c, console_text, &con);
  pinch_circuit_free(c);
  return console_close(&con, pinch_exit_status(code));
}
