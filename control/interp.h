/* Inside of the control room: the running program and what its commands share. One command is one function
 * and one line of the table in commands.c. */
#ifndef PN_CONTROL_INTERP_H
#define PN_CONTROL_INTERP_H

#include "control/control.h"
#include "control/value.h"

#include <stdio.h>

typedef struct pn_control pn_control;
typedef pn_status pn_command_fn(pn_control *c);

typedef struct pn_command {
  const char *name;
  pn_command_fn *run; /* NULL: `refusal` says why it is never run */
  const char *refusal;
  const char *help; /* "print EXPR ...": one line for messages and docs */
} pn_command;

/* The command of a word, analyses included; NULL: there is none. */
const pn_command *pn_command_find(pn_str word);
pn_str pn_command_near(pn_str word);

typedef enum pn_step_kind {
  PN_STEP_COMMAND,
  PN_STEP_IF,      /* body, else_body */
  PN_STEP_WHILE,   /* tested before */
  PN_STEP_DOWHILE, /* tested behind */
  PN_STEP_REPEAT,
  PN_STEP_FOREACH,
  PN_STEP_BREAK,
  PN_STEP_CONTINUE
} pn_step_kind;

typedef struct pn_step pn_step;
typedef struct pn_steps {
  pn_step *at;
  size_t n, room;
} pn_steps;
struct pn_step {
  pn_step_kind kind;
  const pn_command *command;
  pn_str word, rest; /* "print", "v(out)" */
  pn_loc loc;        /* of the line */
  size_t rest_at;    /* where rest begins in the line */
  pn_steps body, else_body;
};
struct pn_program {
  pn_steps steps;
};

/* A variable of `set`: a list of words; set without a value: one word "". */
typedef struct pn_setting {
  char *name;
  char **words; /* [n] */
  int n;
} pn_setting;

struct pn_control {
  const pn_host *host;
  pn_diag *diag;
  pn_store store;
  pn_sink *sink;    /* into the store */
  pn_arena scratch; /* of the command under way */
  pn_setting *settings;
  int n_settings, settings_room;
  pn_udf *udfs;
  int n_udfs, udfs_room;
  uint32_t n_random;
  long n_done; /* commands so far */
  int n_pictures;
  FILE *redirect; /* of the command under way */
  bool quit;
  int leave; /* loops that `break` still has to leave */
  bool next; /* `continue` */
  const pn_step *step;
  pn_str line;     /* the command's arguments after substitution */
  bool changed;    /* by substitution: places in it are not those of the netlist */
  pn_str *words;   /* [n_words] line split, quotes taken off */
  size_t *word_at; /* [n_words] where in line */
  int n_words;
};

/* ---- interp.c ---- */
/* Reports at byte `at` of the line. */
pn_status pn_control_error(pn_control *c, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void pn_put(pn_control *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The place of the command's line. */
pn_loc pn_control_loc(const pn_control *c);
/* Substitutes a step's arguments and splits them. */
pn_status pn_control_prepare(pn_control *c, const pn_step *s);

/* ---- words.c ---- */
/* $name, $&vector, {$name}: the text with values in place; exact: numbers with all digits. */
pn_status pn_substitute(pn_control *c, pn_str text, bool exact, pn_str *out);
void pn_split_words(pn_control *c);
/* Takes "> file" or ">> file" off the line and opens it. */
pn_status pn_take_redirect(pn_control *c);

/* ---- settings.c ---- */
const pn_setting *pn_setting_find(const pn_control *c, pn_str name);
pn_status pn_setting_put(pn_control *c, pn_str name, const pn_str *words, int n);
void pn_setting_drop(pn_control *c, pn_str name);
void pn_settings_free(pn_control *c);
/* Numbers and words of settings, with a default. */
double pn_setting_number(const pn_control *c, const char *name, double otherwise);
bool pn_setting_is(const pn_control *c, const char *name, const char *word);

/* ---- terms.c: expressions of a line ---- */
typedef struct pn_term {
  const char *label; /* as written */
  pn_value value;
} pn_term;
pn_evaluation pn_evaluation_of(pn_control *c);
/* The value of an expression: the whole text. at: of the text in the line, for messages. */
pn_status pn_term_value(pn_control *c, pn_str text, size_t at, pn_value *out);
/* One real number. */
pn_status pn_term_number(pn_control *c, pn_str text, size_t at, double *out);
/* All expressions of a text, one behind the other; `all` is every vector of the plot. [*n] in scratch. */
pn_status pn_terms_read(pn_control *c, pn_str text, size_t at, pn_term **out, int *n);
/* Splits "left = right"; false: there is no "=". */
bool pn_split_equals(pn_str text, pn_str *left, pn_str *right, size_t *right_at);
pn_str pn_trim(pn_str s);

/* ---- files.c ---- */
/* A file in the present folder or below, with an ending of data; NULL after reporting. mode "w" or "a". */
FILE *pn_control_file(pn_control *c, pn_str name, size_t at, const char *mode);
/* NULL, or why a name may not be written. */
const char *pn_file_fault(const pn_control *c, pn_str name);

/* ---- commands ---- */
pn_command_fn pn_cmd_analysis, pn_cmd_run, pn_cmd_save, pn_cmd_alter, pn_cmd_altermod,
    pn_cmd_alterparam, pn_cmd_reset, pn_cmd_option; /* cmd_circuit.c */
pn_command_fn pn_cmd_let, pn_cmd_unlet, pn_cmd_define, pn_cmd_undefine, pn_cmd_compose,
    pn_cmd_setscale, pn_cmd_settype, pn_cmd_setplot, pn_cmd_destroy,
    pn_cmd_display;         /* cmd_vectors.c */
pn_command_fn pn_cmd_print; /* cmd_print.c */
pn_command_fn pn_cmd_echo, pn_cmd_set, pn_cmd_unset, pn_cmd_strcmp, pn_cmd_quit, pn_cmd_nothing,
    pn_cmd_version;                                         /* cmd_words.c */
pn_command_fn pn_cmd_write, pn_cmd_wrdata;                  /* cmd_write.c */
pn_command_fn pn_cmd_linearize, pn_cmd_fft, pn_cmd_fourier; /* cmd_spectrum.c */
pn_command_fn pn_cmd_meas;                                  /* cmd_meas.c */
pn_command_fn pn_cmd_plot, pn_cmd_hardcopy;                 /* cmd_plot.c */

#endif
