/* `pinch models [NAME]` and `pinch reference DIR`: what the tables of models say. */
#include "cli.h"

static const struct option reference_longs[] = {{"pictures", no_argument, NULL, 'p'},
                                                {NULL, 0, NULL, 0}};
static const struct option model_longs[] = {
    {"plot", no_argument, NULL, 'p'}, {"output", required_argument, NULL, 'o'}, {NULL, 0, NULL, 0}};

/* NAME-loop.png, ... (NAME.png of a device with more terminals) beside us, or where -o says. */
static int plot_model(console *con, const char *name, const char *out)
{
  char standard[256];
  snprintf(standard, sizeof standard, "%.200s.png", name);
  int code = pinch_plot_model(name, out ? out : standard, console_message, con);
  if (pinch_exit_status(code) == EXIT_USAGE)
    return usage_error("no model with pictures '%s'; 'pinch models' lists the models", name);
  return console_close(con, pinch_exit_status(code));
}

int cmd_models(int argc, char **argv)
{
  bool plot = false;
  const char *out = NULL;
  optind = 1;
  for (int c; (c = next_option(argc, argv, ":o:", model_longs)) != -1;) {
    if (c != 'p' && c != 'o')
      return EXIT_USAGE;
    plot = true;
    if (c == 'o')
      out = optarg;
  }
  if (plot && argc - optind != 1)
    return usage_error("models --plot needs one name");
  if (out && !take_picture("-o", out))
    return EXIT_USAGE;
  if (argc - optind > 1)
    return usage_error("models takes one name at most");
  console con;
  console_open(&con, true);
  const char *name = optind < argc ? argv[optind] : NULL;
  if (plot)
    return plot_model(&con, name, out);
  int code = pinch_models(name, console_text, &con);
  if (code && name)
    return usage_error("no model '%s'; 'pinch models' lists them", name);
  return console_close(&con, pinch_exit_status(code));
}

static int write_pictures(const char *folder)
{
  char images[4096];
  console con;
  console_open(&con, true);
  snprintf(images, sizeof images, "%.4000s/images", folder);
  return console_close(&con,
                       pinch_exit_status(pinch_write_pictures(images, console_message, &con)));
}

int cmd_reference(int argc, char **argv)
{
  bool pictures = false;
  optind = 1;
  for (int c; (c = next_option(argc, argv, ":", reference_longs)) != -1;) {
    if (c != 'p')
      return EXIT_USAGE;
    pictures = true;
  }
  if (argc - optind != 1)
    return usage_error("reference needs one folder");
  if (pictures)
    return write_pictures(argv[optind]);
  int code = pinch_write_reference(argv[optind]);
  if (code)
    fprintf(stderr, "pinch: cannot write the pages into '%s': %s\n", argv[optind],
            pinch_error_text(code));
  return pinch_exit_status(code);
}
