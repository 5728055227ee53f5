/* Reading a directive's NAME=VALUE words by a table, with errors at their place. */
#ifndef PN_ANALYSIS_KEYS_H
#define PN_ANALYSIS_KEYS_H

#include "analysis/target.h"

typedef enum pn_key_kind {
  PN_KEY_NUMBER, /* double */
  PN_KEY_COUNT,  /* int, a whole number from 1 */
  PN_KEY_FLAG,   /* bool: the word alone */
  PN_KEY_WORD,   /* pn_str */
  PN_KEY_ARG,    /* const pn_arg *: the caller looks at it */
  PN_KEY_SIGNAL, /* pn_signal * */
  PN_KEY_TARGET, /* pn_target */
  PN_KEY_PICTURE /* const char *: a picture's file in the present folder */
} pn_key_kind;

typedef struct pn_key {
  const char *name;
  pn_key_kind kind;
  void *to; /* where the value goes; left alone when the word is not there */
  bool required;
} pn_key;

/* What an analysis' parse function gets. */
typedef struct pn_reading {
  const char *who; /* ".continuation" */
  pn_arena *arena;
  pn_diag *diag;
  const pn_args *args;
  const pn_circuit *circuit;
  const pn_resolver *params;
  const pn_options *options;
} pn_reading;

/* Reads all words. Positional words that are no flag go to rest [*n_rest] in order (rest NULL: they
 * are errors; at most args->n of them). false after reporting errors. */
bool pn_keys_read(const pn_reading *in, const pn_key *keys, int n_keys, const pn_arg **rest,
                  int *n_rest);

#endif
