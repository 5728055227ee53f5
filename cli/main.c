/* The command `pinch`: a thin layer over libpinch. This file chooses the sub-command. */
#include "cli.h"

#include <signal.h>
#include <string.h>

static const char help[] =
    "pinch - a SPICE for memristors\n"
    "\n"
    "  pinch [OPTIONS] NETLIST      run all analyses of a netlist ('-': standard input)\n"
    "  pinch check NETLIST          read and elaborate it only\n"
    "  pinch expand NETLIST         write it flat, one line per device, for other simulators\n"
    "  pinch models [NAME]          the device models; one model's equations and parameters\n"
    "  pinch models NAME --plot [-o FILE.png]\n"
    "                               draw its loop, its states and its rate\n"
    "  pinch fit MODEL DATA.csv --fit NAME[=START],...\n"
    "                               fit a memristor's parameters to time, v, i\n"
    "  pinch plot FILE.raw SIGNAL... [-x SIGNAL] -o FILE.png\n"
    "                               draw signals of a rawfile through gnuplot\n"
    "  pinch reference DIR          write the reference pages of all models (Markdown)\n"
    "  pinch reference --pictures DIR\n"
    "                               draw their loops into DIR/images\n"
    "\n"
    "Options of a run:\n"
    "  -r, --rawfile FILE    write the results to a rawfile, as ngspice does\n"
    "      --ascii           ... as text\n"
    "      --csv FILE        write the results as CSV\n"
    "      --plot FILE       draw what .plot names into FILE (.png, .svg, .pdf)\n"
    "  -o, --output LOG      write messages and tables to a log\n"
    "  -D NAME=VALUE         set a parameter of the netlist\n"
    "  -j, --jobs N          threads for sweeps, products and reads\n"
    "  -q, --quiet           say only what is wrong\n"
    "      --stats           end with statistics of the solvers\n"
    "      --dialect NAME    ngspice, ltspice or xyce (else found out)\n"
    "      --untrusted       read nothing outside the netlist's folder\n"
    "      --max-elements N  refuse larger circuits (20 million)\n"
    "      --max-memory SIZE refuse netlists that need more (4G)\n"
    "  -b, -n, -a            as in ngspice; always so here\n"
    "\n"
    "Options of plot:\n"
    "  -x SIGNAL             the x axis; once for all, or once per signal\n"
    "  -t TITLE, --logx, --logy, --result N (which one of the file's)\n"
    "  --map '@n_*_*[x]' --at 0,2u   heat maps: '*' stand for row and column\n"
    "  --map COLUMN [--fold N]       a heat map of .xread, .xprogram, .xsens; or N points in a "
    "line\n"
    "\n"
    "Without -r and --csv, .print and .measure go to standard output as tables.\n"
    "Exit status: 0 done, 1 usage, 2 netlist, 3 the analysis failed, 130 interrupted.\n";

static const struct {
  const char *name;
  int (*run)(int argc, char **argv);
} commands[] = {{"check", cmd_check},   {"expand", cmd_expand}, {"fit", cmd_fit},
                {"models", cmd_models}, {"plot", cmd_plot},     {"reference", cmd_reference}};

/* The option stands among the arguments, before any "--". */
static bool has_option(int argc, char **argv, const char *word, const char *letter)
{
  for (int k = 1; k < argc && strcmp(argv[k], "--") != 0; k++)
    if (strcmp(argv[k], word) == 0 || (k == 1 && strcmp(argv[k], letter) == 0))
      return true;
  return false;
}

static int print(const char *text)
{
  if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
    return EXIT_DONE;
  return EXIT_NETLIST;
}

static int print_version(void)
{
  char text[64];
  snprintf(text, sizeof text, "pinch %s\n", pinch_version());
  return print(text);
}

int main(int argc, char **argv)
{
  /* A reader that goes away is seen as a failed write, so that files are still closed well. */
  signal(SIGPIPE, SIG_IGN);
  if (has_option(argc, argv, "--help", "-h"))
    return print(help);
  if (has_option(argc, argv, "--version", "-v"))
    return print_version();
  for (size_t k = 0; argc > 1 && k < sizeof commands / sizeof *commands; k++)
    if (strcmp(argv[1], commands[k].name) == 0)
      return commands[k].run(argc - 1, argv + 1);
  if (argc == 1) {
    fputs(help, stderr);
    return EXIT_USAGE;
  }
  return cmd_run(argc, argv);
}
