/* `pinch plot FILE.raw SIGNAL... -o FILE.png`: draws from a rawfile through gnuplot. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

enum { OPT_LOGX = 256, OPT_LOGY, OPT_MAP, OPT_AT, OPT_FOLD, OPT_RESULT, MOST_TIMES = 8 };

static const struct option longs[] = {
    {"output", required_argument, NULL, 'o'},        {"x", required_argument, NULL, 'x'},
    {"title", required_argument, NULL, 't'},         {"logx", no_argument, NULL, OPT_LOGX},
    {"logy", no_argument, NULL, OPT_LOGY},           {"map", required_argument, NULL, OPT_MAP},
    {"at", required_argument, NULL, OPT_AT},         {"fold", required_argument, NULL, OPT_FOLD},
    {"result", required_argument, NULL, OPT_RESULT}, {NULL, 0, NULL, 0},
};

/* "0,2u,5u" into times [MOST_TIMES]; how many, 0 after reporting. */
static int read_times(char *text, double *times)
{
  int n = 0;
  char *rest = NULL;
  for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
    if (n == MOST_TIMES || !parse_number(word, &times[n])) {
      usage_error("--at needs up to %d numbers such as 0,2u, not '%s'", MOST_TIMES, word);
      return 0;
    }
    n++;
  }
  if (n == 0)
    usage_error("--at needs a number");
  return n;
}

/* What the options point to. */
typedef struct arrays {
  double times[MOST_TIMES];
  const char **x; /* [argc] */
} arrays;

static bool take_option(pinch_plot_options *o, int option, arrays *a)
{
  switch (option) {
  case 'o':
    o->out_file = optarg;
    return true;
  case 'x':
    a->x[o->n_x++] = optarg;
    return true;
  case 't':
    o->title = optarg;
    return true;
  case OPT_LOGX:
    return o->logx = true;
  case OPT_LOGY:
    return o->logy = true;
  case OPT_MAP:
    o->map = optarg;
    return true;
  case OPT_AT:
    o->map_at = a->times;
    return (o->n_map_at = read_times(optarg, a->times)) > 0;
  case OPT_FOLD:
    return take_count("--fold", optarg, &o->map_fold);
  case OPT_RESULT:
    return take_count("--result", optarg, &o->plot_index) && o->plot_index-- > 0;
  default:
    return false;
  }
}

static int plot(pinch_plot_options *o, int argc, char **argv)
{
  if (optind >= argc)
    return usage_error("plot needs a rawfile");
  if (!o->out_file)
    return usage_error("plot needs the picture's name: -o FILE.png");
  console con;
  console_open(&con, false);
  o->raw_file = argv[optind];
  o->signals = (const char *const *)&argv[optind + 1];
  o->n_signals = argc - optind - 1;
  o->message = console_message;
  o->user = &con;
  return console_close(&con, pinch_exit_status(pinch_plot(o)));
}

int cmd_plot(int argc, char **argv)
{
  pinch_plot_options o = pinch_plot_options_default();
  arrays a = {.x = calloc((size_t)argc, sizeof *a.x)};
  int option, status = EXIT_USAGE;
  if (!a.x)
    return usage_error("out of memory");
  o.x = a.x;
  optind = 1;
  while ((option = next_option(argc, argv, ":o:x:t:", longs)) != -1 && take_option(&o, option, &a))
    ;
  if (option == -1)
    status = plot(&o, argc, argv);
  free(a.x);
  return status;
}
