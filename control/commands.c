/* The commands of control sections, one line each, and those that are known and never run. */
#include "control/interp.h"

#include "analysis/analysis.h"

static const char runs_programs[] = "it would run a program, which a netlist may not do";
static const char leaves_folder[] = "a netlist may not change what it is read from: use .include";

static const pn_command table[] = {
    {"run", pn_cmd_run, NULL, "run"},
    {"save", pn_cmd_save, NULL, "save SIGNAL ..."},
    {"alter", pn_cmd_alter, NULL, "alter DEVICE [PARAM] = EXPR, alter @DEVICE[PARAM] = EXPR"},
    {"altermod", pn_cmd_altermod, NULL, "altermod MODEL ... PARAM = EXPR"},
    {"alterparam", pn_cmd_alterparam, NULL, "alterparam NAME = EXPR"},
    {"reset", pn_cmd_reset, NULL, "reset"},
    {"option", pn_cmd_option, NULL, "option NAME = VALUE ..."},
    {"options", pn_cmd_option, NULL, "options NAME = VALUE ..."},
    {"let", pn_cmd_let, NULL, "let NAME = EXPR, let NAME[INDEX] = EXPR"},
    {"unlet", pn_cmd_unlet, NULL, "unlet NAME ..."},
    {"define", pn_cmd_define, NULL, "define NAME(A,B) EXPR"},
    {"undefine", pn_cmd_undefine, NULL, "undefine NAME ..."},
    {"compose", pn_cmd_compose, NULL,
     "compose NAME values V1 V2 ..., compose NAME start=V stop=V step=V"},
    {"setscale", pn_cmd_setscale, NULL, "setscale VECTOR"},
    {"settype", pn_cmd_settype, NULL, "settype TYPE VECTOR ..."},
    {"setplot", pn_cmd_setplot, NULL, "setplot [PLOT|new|previous|next]"},
    {"destroy", pn_cmd_destroy, NULL, "destroy [all|PLOT ...]"},
    {"display", pn_cmd_display, NULL, "display"},
    {"print", pn_cmd_print, NULL, "print [line|col] EXPR ... [> FILE]"},
    {"echo", pn_cmd_echo, NULL, "echo [-n] WORDS ... [> FILE]"},
    {"set", pn_cmd_set, NULL, "set NAME [= VALUE]"},
    {"unset", pn_cmd_unset, NULL, "unset NAME ..."},
    {"strcmp", pn_cmd_strcmp, NULL, "strcmp NAME WORD WORD"},
    {"write", pn_cmd_write, NULL, "write [FILE [EXPR ...]]"},
    {"wrdata", pn_cmd_wrdata, NULL, "wrdata FILE EXPR ..."},
    {"linearize", pn_cmd_linearize, NULL, "linearize [VECTOR ...]"},
    {"fft", pn_cmd_fft, NULL, "fft VECTOR ..."},
    {"fourier", pn_cmd_fourier, NULL, "fourier FREQUENCY EXPR ..."},
    {"four", pn_cmd_fourier, NULL, "four FREQUENCY EXPR ..."},
    {"meas", pn_cmd_meas, NULL, "meas ANALYSIS NAME ..."},
    {"measure", pn_cmd_meas, NULL, "measure ANALYSIS NAME ..."},
    {"plot", pn_cmd_plot, NULL, "plot EXPR ... [vs EXPR]"},
    {"hardcopy", pn_cmd_hardcopy, NULL, "hardcopy FILE EXPR ... [vs EXPR]"},
    {"gnuplot", pn_cmd_hardcopy, NULL, "gnuplot FILE EXPR ... [vs EXPR]"},
    {"quit", pn_cmd_quit, NULL, "quit [CODE]"},
    {"exit", pn_cmd_quit, NULL, "exit [CODE]"},
    {"version", pn_cmd_version, NULL, "version"},
    /* what only shows or steers an interactive session */
    {"listing", pn_cmd_nothing, NULL, "listing"},
    {"rusage", pn_cmd_nothing, NULL, "rusage"},
    {"status", pn_cmd_nothing, NULL, "status"},
    {"show", pn_cmd_nothing, NULL, "show"},
    {"showmod", pn_cmd_nothing, NULL, "showmod"},
    {"iplot", pn_cmd_nothing, NULL, "iplot"},
    {"asciiplot", pn_cmd_nothing, NULL, "asciiplot"},
    {"delete", pn_cmd_nothing, NULL, "delete"},
    {"remcirc", pn_cmd_nothing, NULL, "remcirc"},
    /* never run */
    {"shell", NULL, runs_programs, ""},
    {"system", NULL, runs_programs, ""},
    {"edit", NULL, runs_programs, ""},
    {"rspice", NULL, runs_programs, ""},
    {"aspice", NULL, runs_programs, ""},
    {"codemodel", NULL, "it would load a program, which a netlist may not do", ""},
    {"osdi", NULL, "it would load a program, which a netlist may not do", ""},
    {"pre_osdi", NULL, "it would load a program, which a netlist may not do", ""},
    {"use", NULL, "it would load a program, which a netlist may not do", ""},
    {"source", NULL, "it needs the name of a file of commands", ""}, /* the parser reads those */
    {"cd", NULL, leaves_folder, ""},
    {"load", NULL, "vectors come from analyses of this netlist only", ""},
    {"goto", NULL, "there are while, dowhile, repeat and foreach", ""},
    {"label", NULL, "there are while, dowhile, repeat and foreach", ""},
};
enum { N_COMMANDS = sizeof table / sizeof *table };

/* Every analysis is a command, with the words of its directive. */
static const pn_command analysis = {"analysis", pn_cmd_analysis, NULL, ""};

const pn_command *pn_command_find(pn_str word)
{
  for (int k = 0; k < N_COMMANDS; k++)
    if (pn_str_is(word, table[k].name))
      return &table[k];
  return pn_analysis_find(word) ? &analysis : NULL;
}

pn_str pn_command_near(pn_str word)
{
  pn_str best = {"", 0};
  int least = 3;
  for (int k = 0; k < N_COMMANDS; k++) {
    int d = pn_str_distance(word, pn_str_of(table[k].name), 2);
    if (d < least) {
      least = d;
      best = pn_str_of(table[k].name);
    }
  }
  return best;
}
