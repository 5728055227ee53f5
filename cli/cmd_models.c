/* `pinch models [NAME]` and `pinch reference DIR`: what the tables of models say. */
#include "cli.h"

static const struct option longs[] = {{NULL, 0, NULL, 0}};

int cmd_models(int argc, char **argv)
{
  optind = 1;
  if (next_option(argc, argv, ":", longs) != -1)
    return EXIT_USAGE;
  if (argc - optind > 1)
    return usage_error("models takes one name at most");
  console con;
  console_open(&con, true);
  const char *name = optind < argc ? argv[optind] : NULL;
  int code = pinch_models(name, console_text, &con);
  if (code && name)
    return usage_error("no model '%s'; 'pinch models' lists them", name);
  return console_close(&con, pinch_exit_status(code));
}

int cmd_reference(int argc, char **argv)
{
  optind = 1;
  if (next_option(argc, argv, ":", longs) != -1)
    return EXIT_USAGE;
  if (argc - optind != 1)
    return usage_error("reference needs one folder");
  int code = pinch_write_reference(argv[optind]);
  if (code)
    fprintf(stderr, "pinch: cannot write the pages into '%s': %s\n", argv[optind],
            pinch_error_text(code));
  return pinch_exit_status(code);
}
