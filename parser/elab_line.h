/* An instance line while it is read, and the instances that are read this way. Inside of
 * elaboration only. */
#ifndef PN_PARSER_ELAB_LINE_H
#define PN_PARSER_ELAB_LINE_H

#include "parser/elab.h"

enum { PN_MOST_TERMINALS = 8 };

typedef struct pn_line {
  pn_scope *s;
  const pn_card *c;
  const pn_device_class *cls; /* NULL for a memristor until its model is known */
  pn_model *model;
  bool memristor;
  int hold;
  double icc;         /* A; 0: none */
  pn_warmth warm;     /* of a memristor, K */
  pn_num temp, dtemp; /* the words behind it, degC and K */
  pn_given given;
} pn_line;

/* ---- elab_line.c ---- */
/* An empty line; cls may be NULL. */
void pn_line_begin(pn_line *l, pn_scope *s, const pn_card *c, const pn_device_class *cls);
/* Terminals of a class. */
int pn_count_terms(const pn_device_class *cls);
/* Gives a parameter its value; false after reporting what is wrong with it. */
bool pn_line_give(pn_line *l, int index, const pn_num *v);
/* NAME=VALUE at token *k. */
bool pn_line_key(pn_line *l, int *k);
/* A word that is not NAME=VALUE: the model, a switch's position, or the value. */
bool pn_line_positional(pn_line *l, int *k);
/* Everything behind the terminals. */
bool pn_line_rest(pn_line *l, int k);

/* ---- elab_table.c, elab_memristor.c, elab_semiconductor.c ---- */
void pn_instance_table(pn_scope *s, const pn_card *c, const pn_device_class *cls);
/* Nname top bot model ..., or Xyce's YMEMRISTOR name top bot model ... (first = 1). */
void pn_instance_memristor(pn_scope *s, const pn_card *c, int first);
/* Dname a c MODEL [area] [NAME=VALUE ...], and the like: the class comes with the model. */
void pn_instance_semiconductor(pn_scope *s, const pn_card *c, const pn_device_class *cls);

#endif
