/* The command `pinch`: a thin layer over libpinch. This file chooses the sub-command. */
#include "cli.h"

#include <signal.h>
#include <string.h>

static const char overview[] =
    "pinch - a SPICE for memristors\n"
    "\n"
    "  pinch [OPTIONS] NETLIST      run all analyses of a netlist ('-': standard input)\n"
    "  pinch check NETLIST          read and elaborate it only\n"
    "  pinch expand NETLIST         write it flat, one line per device, for other simulators\n"
    "  pinch models [NAME]          the device models; one model's equations and parameters\n"
    "  pinch plot FILE.raw SIGNAL... [-x SIGNAL] -o FILE.png\n"
    "                               draw signals of a rawfile through gnuplot\n"
    "  pinch fit MODEL DATA.csv --fit NAME[=START],...\n"
    "                               fit a memristor's parameters to time, v, i\n"
    "  pinch reference DIR          write the reference pages of all models (Markdown)\n"
    "  pinch help COMMAND|MODEL     the options of a command, or the model's page\n"
    "\n";

static const char run_help[] =
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
    "Without -r and --csv, .print and .measure go to standard output as tables.\n";

static const char check_help[] =
    "pinch check [OPTIONS] NETLIST\n"
    "\n"
    "Reads and elaborates a netlist and runs nothing.\n"
    "  -D NAME=VALUE, -q, --dialect, --untrusted, --max-elements, --max-memory: as for a run\n";

static const char expand_help[] =
    "pinch expand [--untrusted] NETLIST\n"
    "\n"
    "Writes the circuit to standard output as a flat netlist, one line per device: arrays,\n"
    "subcircuits and buses become lines that ngspice reads, memristors their equations.\n";

static const char models_help[] =
    "pinch models                         lists the models\n"
    "pinch models NAME                    equations, states, parameters, sources, limits\n"
    "pinch models NAME --plot [-o FILE]   draws the loop, the states and the rate of a memristor\n"
    "                                     (NAME-loop.png, NAME-states.png, NAME-rate.png)\n";

static const char plot_help[] =
    "pinch plot FILE.raw [SIGNAL...] -o FILE.png|.svg|.pdf\n"
    "pinch plot FILE.raw|FILE.csv --map WHAT -o FILE.png|.svg|.pdf\n"
    "\n"
    "  -x SIGNAL             the x axis; once for all, or once per signal\n"
    "  -t TITLE              the title\n"
    "  --logx, --logy        logarithmic axes\n"
    "  --result N            which one of the file's results (1)\n"
    "  --map '@n_*_*[x]' --at 0,2u\n"
    "                        heat maps at these times: the two '*' stand for row and column\n"
    "  --map COLUMN          a heat map of a column of .xread, .xprogram or .xsens\n"
    "  --map COLUMN --fold N the column as an image of N points in a line\n"
    "\n"
    "Signals are what the file holds and expressions of it: 'v(a)' '@n1[x]' 'v(a)*i(v1)'.\n";

static const char fit_help[] =
    "pinch fit MODEL DATA.csv --fit NAME[=START],... [OPTIONS]\n"
    "\n"
    "  --fit NAME[=START],...  the parameters to fit, and from where (else the model's defaults)\n"
    "  --set NAME=VALUE,...    others that differ from their defaults\n"
    "  --dt SECONDS            between rows, when the file has no column 'time'\n"
    "  --relative              residuals relative to the current\n"
    "\n"
    "DATA.csv begins with headings, among them time (s), v (V) and i (A).\n";

static const char reference_help[] =
    "pinch reference DIR             writes the pages of all models and devices (Markdown)\n"
    "pinch reference --pictures DIR  draws the loops of the memristors into DIR/images\n";

static const char statuses[] =
    "\nExit status: 0 done, 1 usage, 2 netlist, 3 the analysis failed, 130 interrupted.\n";

static const struct {
  const char *name, *help;
  int (*run)(int argc, char **argv);
} commands[] = {{"check", check_help, cmd_check}, {"expand", expand_help, cmd_expand},
                {"fit", fit_help, cmd_fit},       {"models", models_help, cmd_models},
                {"plot", plot_help, cmd_plot},    {"reference", reference_help, cmd_reference}};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

/* Which sub-command a word is; -1: none. */
static int find_command(const char *word)
{
  for (int k = 0; k < N_COMMANDS; k++)
    if (strcmp(word, commands[k].name) == 0)
      return k;
  return -1;
}

/* The option stands among the arguments, before any "--". */
static bool has_option(int argc, char **argv, const char *word, const char *letter)
{
  for (int k = 1; k < argc && strcmp(argv[k], "--") != 0; k++)
    if (strcmp(argv[k], word) == 0 || (k == 1 && strcmp(argv[k], letter) == 0))
      return true;
  return false;
}

static int print(const char *first, const char *second, const char *third)
{
  if (fputs(first, stdout) >= 0 && fputs(second, stdout) >= 0 && fputs(third, stdout) >= 0 &&
      fflush(stdout) == 0)
    return EXIT_DONE;
  return EXIT_NETLIST;
}

static int print_version(void)
{
  return print("pinch ", pinch_version(), "\n");
}

/* `pinch help [COMMAND|MODEL]`, `pinch COMMAND --help`, `pinch --help`. */
static int print_help(char *word)
{
  int k = word ? find_command(word) : -1;
  if (k >= 0)
    return print(commands[k].help, statuses, "");
  if (word && strcmp(word, "run") != 0)
    return cmd_models(2, (char *[]){"models", word, NULL});
  return print(overview, run_help, statuses);
}

int main(int argc, char **argv)
{
  /* A reader that goes away is seen as a failed write, so that files are still closed well. */
  signal(SIGPIPE, SIG_IGN);
  int k = argc > 1 ? find_command(argv[1]) : -1;
  if (has_option(argc, argv, "--help", "-h"))
    return print_help(k >= 0 ? argv[1] : NULL);
  if (has_option(argc, argv, "--version", "-v"))
    return print_version();
  if (argc > 1 && argc < 4 && strcmp(argv[1], "help") == 0)
    return print_help(argc > 2 ? argv[2] : NULL);
  if (k >= 0)
    return commands[k].run(argc - 1, argv + 1);
  if (argc == 1) {
    fputs(overview, stderr);
    fputs(run_help, stderr);
    return EXIT_USAGE;
  }
  return cmd_run(argc, argv);
}
