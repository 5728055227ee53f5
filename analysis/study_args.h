/* The words of a crossbar study's directive, which all of them read alike: flags, choices, numbers within
 * ranges, files of numbers. What is wrong is reported at its place. */
#ifndef PN_ANALYSIS_STUDY_ARGS_H
#define PN_ANALYSIS_STUDY_ARGS_H

#include "analysis/study.h"
#include "base/csvmatrix.h"

typedef struct pn_study_reader {
  const char *who; /* ".xread" */
  pn_arena *arena;
  pn_diag *diag;
  const pn_options *options;
} pn_study_reader;

/* A number that a study takes; with `whole` it has no fraction. */
typedef struct pn_study_range {
  const char *name;
  double *real; /* one of the two */
  int *whole;
  double min, max;
  const char *expected;
} pn_study_range;

/* Reads the words behind the array's name one by one, schemes first: what stands before them may change them.
 * False after reporting; a word that is given twice is reported too. */
typedef bool pn_study_read(void *user, const pn_arg *arg);
bool pn_study_each(const pn_study_reader *r, const pn_args *args, pn_study_read *read, void *user);
/* Reports "NAME=VALUE: expected ..."; false. */
bool pn_study_bad(const pn_study_reader *r, const pn_arg *arg, const char *expected);
/* The word alone that switches something on. */
bool pn_study_flag(const pn_study_reader *r, const pn_arg *arg, const char *word, bool *on);
/* Which of the words it is; -1 after reporting. */
int pn_study_choice(const pn_study_reader *r, const pn_arg *arg, const char *const *words, int n,
                    const char *expected);
bool pn_study_scheme(const pn_study_reader *r, const pn_arg *arg, pn_scheme *s);
bool pn_study_matrix(const pn_study_reader *r, const pn_arg *arg, pn_matrix *m);
/* name=, the scheme's own options (NULL: none), and the numbers; others are reported. */
bool pn_study_option(const pn_study_reader *r, const pn_arg *arg, pn_str *name, pn_scheme *s,
                     const pn_study_range *numbers, size_t n);

#endif
