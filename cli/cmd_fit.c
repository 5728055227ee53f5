/* `pinch fit MODEL DATA.csv`: parameters of a memristor from measured voltage and current. */
#include "cli.h"

#include <math.h>
#include <string.h>

enum { MOST = 32 };

static const struct option longs[] = {{"fit", required_argument, NULL, 'f'},
                                      {"set", required_argument, NULL, 's'},
                                      {"dt", required_argument, NULL, 't'},
                                      {"relative", no_argument, NULL, 'r'},
                                      {NULL, 0, NULL, 0}};

typedef struct list {
  pinch_define at[MOST];
  int n;
} list;

/* "ron,roff=16k,x0": cuts the text at its commas. A name without a value gets NAN. */
static bool add(list *l, char *text, bool value_needed)
{
  for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
    char *equals = strchr(word, '=');
    double value = NAN;
    if (equals)
      *equals = 0;
    if (l->n == MOST || (value_needed && !equals) || (equals && !parse_number(equals + 1, &value)))
      return false;
    l->at[l->n++] = (pinch_define){word, value};
  }
  return true;
}

int cmd_fit(int argc, char **argv)
{
  list fitted = {.n = 0}, fixed = {.n = 0};
  pinch_fit_options o = pinch_fit_options_default();
  optind = 1;
  for (int c; (c = next_option(argc, argv, ":f:s:t:r", longs)) != -1;) {
    if (c == 'f' ? !add(&fitted, optarg, false) : c == 's' && !add(&fixed, optarg, true))
      return usage_error("expected NAME=VALUE,...: up to 32");
    if (c == 't' && (!parse_number(optarg, &o.dt) || !(o.dt > 0)))
      return usage_error("--dt needs a time in seconds");
    if (c == 'r')
      o.relative = true;
    if (!strchr("fstr", c))
      return EXIT_USAGE;
  }
  if (argc - optind != 2 || fitted.n == 0)
    return usage_error("fit needs a model, a file, and --fit NAME,...");
  console con;
  console_open(&con, true);
  o.model = argv[optind];
  o.data_file = argv[optind + 1];
  o.free = fitted.at;
  o.n_free = fitted.n;
  o.fixed = fixed.at;
  o.n_fixed = fixed.n;
  o.text = console_text;
  o.message = console_message;
  o.user = &con;
  return console_close(&con, pinch_exit_status(pinch_fit(&o)));
}
