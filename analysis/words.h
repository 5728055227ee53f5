/* Reading key=value words and lists of numbers of directives. */
#ifndef PN_ANALYSIS_WORDS_H
#define PN_ANALYSIS_WORDS_H

#include "analysis/analysis.h"

/* One word that a directive takes. */
typedef enum pn_word_kind {
  PN_WORD_NUMBER,
  PN_WORD_LIST,
  PN_WORD_COUNT,
  PN_WORD_DEVICE,
  PN_WORD_CHOICE,
  PN_WORD_FLAG
} pn_word_kind;
typedef struct pn_number_list {
  double *at;
  int n;
} pn_number_list;
typedef struct pn_word {
  const char *key;
  pn_word_kind kind;
  size_t
      offset; /* of a double, a pn_number_list, an int (index of a device or choice; count), a bool */
  double least, most;  /* numbers must lie within, ends excluded when not finite */
  const char *choices; /* " sine square " */
} pn_word;

/* Reads args into the struct at `into`. A value and the plain numbers after it make a list ("x=0.1,0.2"). Words
 * without a key name devices, for a word with kind PN_WORD_DEVICE first in the table. False after errors, which
 * say `usage`. */
bool pn_words_read(pn_arena *a, pn_diag *d, const pn_circuit *c, const pn_args *args,
                   const pn_word *words, int n_words, const char *usage, void *into);

#endif
