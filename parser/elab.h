/* Inside of elaboration: from the tree of cards to a circuit. Not for use outside
 * parser/. The rooms: elab_scope.c (parameters), elab_value.c and elab_args.c (tokens to numbers and
 * arguments), elab_tree.c (definitions, subcircuits, nodes), elab_devices.c (which reader a device goes to),
 * elab_line.c, elab_plain.c, elab_table.c, elab_rewrite.c, elab_memristor.c, elab_semiconductor.c, elab_sources.c, elab_controlled.c,
 * elab_behavioural.c, elab_equation.c, elab_models.c, elab_user.c, elab_cards.c,
 * elab_if.c, elab_sweep.c. */
#ifndef PN_PARSER_ELAB_H
#define PN_PARSER_ELAB_H

#include "expr/parse.h"
#include "parser/netlist.h"
#include "parser/tree.h"

typedef struct pn_elab pn_elab;
typedef struct pn_scope pn_scope;
typedef struct pn_model pn_model;

/* Address -> pointer, for what is worked out once per card or token. */
typedef struct pn_ptrmap {
  const void **key; /* [room] */
  void **value;     /* [room] */
  size_t n, room;
} pn_ptrmap;
void *pn_ptrmap_get(const pn_ptrmap *m, const void *key);
void pn_ptrmap_put(pn_arena *a, pn_ptrmap *m, const void *key, void *value);

/* ---- what one body (the top level, or a .subckt) defines; shared by all its instances ---- */

typedef struct pn_pdef { /* a parameter as written */
  pn_ast *ast;           /* NULL: num is the value; NAN: a formal parameter without default */
  double num;
  pn_loc loc; /* of the name */
} pn_pdef;

typedef struct pn_subckt pn_subckt;

typedef struct pn_block {
  pn_names *param_names;
  PN_VEC(pn_pdef) params; /* [ids of param_names] formal parameters first */
  pn_names *func_names;
  PN_VEC(pn_func) funcs;
  pn_names *model_names;
  PN_VEC(const pn_card *) models;
  pn_names *subckt_names;
  PN_VEC(pn_subckt *) subckts;
} pn_block;

struct pn_subckt {
  pn_str name;         /* lower case */
  const pn_card *card; /* the .subckt line */
  const pn_tree *body;
  pn_names *terms; /* formal nodes, ids in order */
  int n_formals;   /* parameters of the .subckt line: ids 0..n_formals-1 of the block */
  pn_block block;
  bool gathered;
};

/* ---- one instance of a body ---- */

typedef struct pn_pval { /* a parameter's value in a scope */
  double value;
  uint64_t mask;       /* which global parameters it depends on (bit id % 64) */
  unsigned generation; /* of pn_elab when it was worked out */
  enum { PN_V_NEW, PN_V_BUSY, PN_V_DONE } state;
  bool fixed;   /* value is given from outside (-D, a sweep) */
  bool given;   /* the X line gives it: over, in the scope of the caller */
  pn_ast *over; /* NULL with given: value is a plain number */
} pn_pval;

struct pn_scope {
  pn_elab *e;
  pn_block *block;
  pn_scope *outer;      /* where the .subckt is written; NULL at top level */
  pn_scope *caller;     /* where the X line stands; NULL at top level */
  const pn_subckt *def; /* NULL at top level */
  const int *terms;     /* [terms of def] node ids */
  pn_str prefix;        /* "x1.x2." in lower case, "" at top level */
  uint32_t inst;        /* number of the instance path for messages; 0 at top level */
  pn_pval *vals;        /* [block->params.n] */
  pn_model **models;    /* [block->models.n] made at first use */
  pn_resolver resolver; /* user: this scope */
};

/* ---- whole netlist ---- */

/* A number that depends on global parameters, so that a sweep can work it out again. */
enum { PN_BULK = -2, PN_OWN_TEMP = -2, PN_OWN_DTEMP = -3 };
typedef struct pn_binding {
  uint64_t mask;
  int device,
      index; /* parameter of a device (PN_BULK - k: of bulk k), or its temperature; -1: a waveform */
  pn_ast *ast;
  pn_scope *scope;
  struct pn_source_plan *source; /* with index -1 */
} pn_binding;

/* A value that decided what the circuit is made of: a sweep within an analysis cannot change it. */
typedef struct pn_premise {
  uint64_t mask; /* of the global parameters below it */
  double value;
  bool is_condition; /* only whether it is 0 matters */
  pn_ast *ast;
  pn_scope *scope;
  pn_loc loc;
} pn_premise;

/* A device that names other devices or nodes: finished after all others. */
typedef struct pn_deferred {
  const pn_card *card;
  pn_scope *scope;
  pn_str name;                          /* full, lower case */
  const struct pn_behaviour *behaviour; /* NULL: a table-driven device */
  int t_p, t_n;                         /* node ids of the terminals of a behaviour */
  bool done;
} pn_deferred;

typedef struct pn_initial { /* an .ic or .nodeset card where it was met */
  const pn_card *card;
  pn_scope *scope;
} pn_initial;

struct pn_elab {
  pn_netlist *n;
  pn_arena *arena;
  pn_diag *diag;
  pn_circuit *circuit;
  pn_scope *top;
  pn_names *globals;   /* .global nodes */
  unsigned generation; /* grows with every change of a global parameter */
  uint64_t touched;    /* global parameters seen by the evaluation in progress */
  double tstep, tstop; /* of the first .tran, for defaults of waveforms; 0: none */
  int kinds;           /* models under way of which others are a kind */
  long n_elements, max_elements;
  bool stopped;                /* the limit was reached and reported */
  const pn_load_options *load; /* during loading only */
  PN_VEC(pn_binding) bindings;
  PN_VEC(pn_premise) premises;
  PN_VEC(pn_deferred) deferred;
  pn_names *deferred_names;     /* ids are indices in deferred */
  PN_VEC(const pn_card *) late; /* directives that need the finished circuit */
  PN_VEC(pn_initial) initials;  /* .ic and .nodeset */
  pn_ptrmap ast_of_token;       /* pn_token -> pn_parsed, in subcircuits */
  pn_names *command_texts;      /* texts that commands had read: ids are indices in command_cards */
  PN_VEC(const pn_card *) command_cards;
  pn_ptrmap behaviour_of_card;  /* pn_card -> pn_behaviour */
  pn_ptrmap user_of_card;       /* pn_card -> pn_user_model */
  pn_ptrmap class_of_memristor; /* pn_memristor -> pn_device_class */
  pn_ptrmap defaults_of_class;  /* pn_device_class -> double [n_params] */
  PN_VEC(const pn_device_class *) equation_classes;
  PN_VEC(const pn_card *) options;             /* .options and .temp, in order */
  PN_VEC(double) temps;                        /* of .temp, degrees C */
  pn_random random;                            /* what random functions of expressions draw from */
  PN_VEC(struct pn_usual_line) taken_apart[2]; /* plain lines: two groups of them at most */
};

/* ---- elab_scope.c ---- */
pn_scope *pn_scope_new(pn_elab *e, pn_block *b, pn_scope *outer, pn_scope *caller);
void pn_scope_define(pn_elab *e, pn_block *b, pn_str name, pn_pdef def);
/* Evaluates; *mask gets the global parameters the value depends on. */
pn_status pn_scope_eval(pn_scope *s, pn_ast *ast, double *value, uint64_t *mask);
/* The same without messages; false when it has no constant value. */
bool pn_scope_try(pn_scope *s, pn_ast *ast, double *value);
bool pn_scope_has_param(const pn_scope *s, pn_str name);
/* Gives a global parameter a value (made when new); later evaluations see it. */
int pn_scope_fix(pn_scope *top, pn_str name, double value);

/* ---- elab_value.c ---- */
typedef struct pn_num {
  double value;
  uint64_t mask; /* 0: never changes */
  pn_ast *ast;   /* NULL: a plain number */
  pn_loc loc;
} pn_num;

pn_loc pn_at(const pn_scope *s, const pn_card *c, int token); /* place, with the instance */
static inline bool pn_tok_is(const pn_card *c, int k, pn_token_kind kind)
{
  return k < c->n && c->tokens[k].kind == kind;
}
bool pn_tok_word(const pn_card *c, int k, const char *word); /* case folded */
/* A word directly followed by "=". */
static inline bool pn_tok_key(const pn_card *c, int k)
{
  return pn_tok_is(c, k, PN_T_WORD) && pn_tok_is(c, k + 1, PN_T_EQUALS);
}
bool pn_word_number(pn_str word, double *value);
/* The expression that starts at token *k, which is moved behind it. NULL after an error. */
pn_ast *pn_read_expr(pn_scope *s, const pn_card *c, int *k);
/* The same without a message; *k stays where it was when NULL is returned. */
pn_ast *pn_try_expr(pn_scope *s, const pn_card *c, int *k);
/* A number: a plain word, or an expression of parameters. */
bool pn_read_num(pn_scope *s, const pn_card *c, int *k, pn_num *v);
/* Reports the words from token k on as not understood; true when there are some. */
bool pn_extra_words(pn_scope *s, const pn_card *c, int k);
void pn_bind(pn_scope *s, int device, int index, const pn_num *v);
/* What is being made holds for this value only. */
void pn_presume(pn_scope *s, const pn_num *v);
pn_ast *pn_ast_make(pn_arena *a, pn_ast_kind kind, pn_loc loc, int n_args);
void pn_ast_set_inst(pn_ast *e, uint32_t inst);

/* ---- elab_args.c ---- */
/* Arguments of a card from token `first` on. Expressions without probes that cannot be evaluated are
 * reported when `strict`. */
pn_args *pn_read_args(pn_scope *s, const pn_card *c, int first, bool strict);

/* ---- elab_tree.c ---- */
void pn_gather(pn_elab *e, pn_block *b, const pn_tree *t, bool top);
void pn_walk(pn_scope *s, const pn_tree *t);
void pn_instance_subckt(pn_scope *s, const pn_card *c);
bool pn_subckt_exists(pn_scope *s, pn_str name);
/* The node of a name in a scope, made when new; pn_node_find: -2 when there is none. */
int pn_node(pn_scope *s, pn_str name, pn_loc loc);
int pn_node_find(pn_scope *s, pn_str name);
/* Full lower-case name of a device of this scope, in the arena. */
pn_str pn_full_name(pn_scope *s, pn_str name);
/* The same for a moment, in upper and lower case as it was: in buf [PN_NAME_ROOM] when it fits. */
enum { PN_NAME_ROOM = 256 };
pn_str pn_name_here(pn_scope *s, pn_str name, char *buf);
/* Nodes at tokens k .. k+n-1, which may stand in parentheses; false after reporting too few. */
bool pn_read_nodes(pn_scope *s, const pn_card *c, int *k, int n, const char *what, int *ids);
pn_status pn_elaborate(pn_netlist *n, const pn_tree *t, const pn_load_options *o);

/* ---- elab_devices.c ---- */
void pn_instance(pn_scope *s, const pn_card *c);
const double *pn_class_defaults(pn_elab *e, const pn_device_class *cls);
enum { PN_MOST_GIVEN = 64 };
typedef struct pn_given { /* parameters given on an instance line */
  int n;
  int index[PN_MOST_GIVEN];
  double value[PN_MOST_GIVEN];
  pn_num num[PN_MOST_GIVEN];
} pn_given;
/* Adds a device, with its bindings: the model's and those of the instance line. */
int pn_add_device(pn_scope *s, const pn_card *c, pn_device_spec *spec, const pn_given *g,
                  const pn_model *m);
/* The unknown of a device's branch current by the device's name in a scope: its id, -1 when the
 * device has none or is unknown, -2 when it is not finished yet. */
int pn_branch_find(pn_scope *s, pn_str name);
void pn_report_no_current(pn_scope *s, pn_str name, pn_loc loc);
const pn_device_class *pn_class_of_letter(char letter);

/* ---- elab_plain.c ---- */
void pn_instance_lines(pn_scope *s, const pn_item *item);

/* ---- elab_table.c ---- */
/* Keeps a device for later; a second one of the same name is an error. */
void pn_defer(pn_elab *e, const pn_deferred *d);
/* Finishes one deferred device; false: it names one that is not finished yet. */
bool pn_finish_table_device(pn_deferred *d, bool last);

/* ---- elab_rewrite.c ---- */
/* K with more than two inductors; false: a plain coupling. */
bool pn_couple_pairs(pn_scope *s, const pn_card *c);
/* R or C whose value is an expression of voltages or currents; false: a plain one. */
bool pn_behavioural_value(pn_scope *s, const pn_card *c, char letter);

/* ---- elab_bus.c ---- */
/* The names that a word stands for: "wl[0:63]", "wl[0:62:2]", "x[0:3][0:3]" or just itself. [*n] in the
 * arena; NULL after reporting. most: what a list may hold. */
pn_str *pn_bus_expand(pn_scope *s, pn_str word, pn_loc loc, long most, long *n);
bool pn_is_bus(pn_str word);
/* A card with its buses taken apart: words of a subcircuit's line; NULL after reporting. */
const pn_card *pn_bus_flatten(pn_scope *s, const pn_card *c);
/* Instances of a line with buses among its nodes, one for each of their names. */
void pn_bus_instances(pn_scope *s, const pn_card *c);
/* Expressions with buses, one for each name: v(bl[0:3]). [*n] in the arena. */
pn_ast **pn_bus_signals(pn_scope *s, pn_ast *e, long *n);

/* ---- elab_array.c ---- */
void pn_instance_array(pn_scope *s, const pn_card *c);

/* ---- elab_cells.c ---- */
/* Values of an array's cells. */
typedef struct pn_cells {
  pn_scope *s;
  int rows, cols;
  uint64_t seed;
  int *parts; /* where set, a file may give each cell several numbers side by side: how many */
} pn_cells;
/* The value at token *k: a number, file("x.csv"), normal(), lognormal(), uniform(). With a number *at is
 * NULL and *one set, else *at is [rows * cols]. what: names the draws, the array's and the key's. */
bool pn_cells_read(const pn_cells *c, const pn_card *card, int *k, pn_str what, double **at,
                   pn_num *one);
/* The memristors of an array: what they share, and what differs from cell to cell. */
typedef struct pn_cell_kind {
  const pn_device_class *cls;
  pn_str model;         /* its name */
  const double *params; /* [n_params] */
  int n_over;
  const int *over_index; /* [n_over] */
  double *const *over;   /* [n_over][rows * cols] */
  const pn_warmth *warm; /* [rows * cols], or NULL */
} pn_cell_kind;
/* Starting states x for conductances g [rows * cols] (S) at `volts`; where g is 0 nothing is sought. x may be
 * g. False after reporting. */
bool pn_cells_solve(const pn_cells *c, const pn_cell_kind *kind, const double *g, double volts,
                    pn_loc loc, double *x);
/* Conductances (S) at `volts` of n cells as they start. g [n] */
void pn_cells_conductance(const pn_cells *c, const pn_cell_kind *kind, const int *cell, long n,
                          double volts, double *g);

/* ---- elab_sources.c ---- */
void pn_instance_source(pn_scope *s, const pn_card *c, const pn_device_class *cls);
void pn_source_refresh(struct pn_source_plan *p);

/* ---- elab_controlled.c ---- */
/* E, F, G, H that are not linear: their behaviour, or NULL. *failed after a reported error. */
const struct pn_behaviour *pn_controlled_behaviour(pn_scope *s, const pn_card *c, bool *failed);

/* ---- elab_behavioural.c ---- */
/* What a behavioural source does: i or v = ast. One per card, shared by its instances. */
typedef struct pn_behaviour {
  pn_ast *ast;
  bool is_voltage;
  struct pn_equation_plan *plan; /* made at the first instance */
  bool failed;
} pn_behaviour;
void pn_instance_behavioural(pn_scope *s, const pn_card *c);
void pn_defer_behaviour(pn_scope *s, const pn_card *c, const pn_behaviour *b);
bool pn_finish_behaviour(pn_deferred *d, bool last);

/* ---- elab_equation.c ---- */
/* ddt(arg) or sdt(arg), an unknown of the device's own. */
typedef struct pn_dynamic {
  bool derivative;
  pn_gnode arg, start; /* start: sdt's value at the start, -1: 0 */
} pn_dynamic;

/* A device class made of expressions: rows f + d/dt q of a two-terminal device. */
typedef struct pn_equation {
  pn_graph *graph;        /* inputs: locals, then t (s), then the temperature (degrees C) */
  const pn_local *locals; /* [n_locals] */
  int n_locals;
  const pn_gnode *f, *q;  /* [n_locals] -1: zero */
  const pn_gnode *held;   /* [n_locals] f while memory is held; -1: as f */
  const pn_param *params; /* [n_params] */
  int n_params;
  pn_gnode value; /* what the source's voltage or current is */
  bool is_voltage;
  const pn_dynamic *dynamics; /* [n_dynamics] the last locals */
  int n_dynamics;
} pn_equation;
const pn_device_class *pn_equation_class(pn_elab *e, const pn_equation *q);
/* What a class is made of; NULL: it is none of these. */
const pn_equation *pn_equation_of(const pn_device_class *cls);

/* ---- elab_models.c ---- */
struct pn_model {
  const pn_card *card; /* NULL: a built-in memristor used by its own name */
  pn_scope *scope;
  pn_str name;
  const char *type;
  const pn_device_class *cls;
  const pn_memristor *mem;       /* memristors */
  double *params;                /* [cls->n_params] */
  PN_VEC(pn_binding) bindings;   /* device is not set */
  const pn_variation *variation; /* NULL: all devices alike */
  bool failed;
};
/* A model by name, seen from a scope: from .model cards only; NULL when there is none. */
pn_model *pn_model_find(pn_scope *s, pn_str name);
/* The model that an instance of cls (NULL: a memristor) names; NULL after reporting. */
pn_model *pn_model_use(pn_scope *s, const pn_card *c, int token, const pn_device_class *cls);
void pn_models_check_all(pn_scope *top);
/* One parameter of a model or an instance: index in the table, or -1 after reporting. */
int pn_param_of(pn_scope *s, const pn_param *t, int n, pn_str name, unsigned flag, const char *what,
                pn_loc loc);

/* ---- elab_variation.c ---- */
/* Whether dist(...)=, c2c(...)=, ... stands at token k; the token behind it; reading all of a card. */
bool pn_is_variation(const pn_card *c, int k);
int pn_skip_variation(const pn_card *c, int k);
void pn_model_variation(pn_model *m);

/* ---- elab_user.c ---- */
/* .model NAME memristor (...): sets cls, mem, params and bindings. */
void pn_model_user(pn_model *m);

/* ---- elab_if.c ---- */
typedef void pn_item_fn(pn_scope *s, const pn_item *item, bool inside_if);
/* Calls fn for every item of a body that counts, includes unfolded, as .if blocks decide in s. */
void pn_visit(pn_scope *s, const pn_tree *t, pn_item_fn *fn);
bool pn_has_if(const pn_tree *t); /* .if, or a part of one, in a body */
bool pn_is_if(const pn_item *item);
int pn_if_depth(const pn_item *item); /* +1 for .if, -1 for .endif */

/* ---- elab_sweep.c ---- */
/* .step, .mc; .data is looked up among the late cards. */
void pn_late_step(pn_elab *e, const pn_card *c);
void pn_late_mc(pn_elab *e, const pn_card *c);
void pn_late_data(pn_elab *e, const pn_card *c);
/* Several temperatures of .temp are the outermost sweep. */
void pn_sweep_temps(pn_elab *e);

/* ---- elab_cards.c ---- */
typedef enum pn_card_when { PN_CARD_GATHER, PN_CARD_WALK, PN_CARD_LATE } pn_card_when;
/* A directive while definitions are gathered, while instances are made, after the circuit. */
void pn_directive(pn_scope *s, pn_block *b, const pn_card *c, pn_card_when when, bool top);
void pn_scan_options(pn_elab *e);
void pn_late_cards(pn_elab *e);
void pn_late_save(pn_elab *e, const pn_card *c);
/* The signal of one argument as .save reads it; NULL after an error. */
void pn_read_signals(pn_elab *e, const pn_args *args, pn_save *save);

/* ---- dialect.c ---- */
/* Finds out whose netlist it is, or takes what is asked for: n->dialect and the diag's. */
void pn_dialect_find(pn_elab *e, const pn_tree *t, const char *asked);
/* Is the word a package of Xyce's .options? */
bool pn_is_option_package(pn_str word);

/* ---- elab_parasitics.c ---- */
/* LTspice's Rser=, Rpar=, Cpar=, Lser= of C and L as devices of their own: the card without them. */
const pn_card *pn_take_parasitics(pn_scope *s, const pn_card *c);

/* ---- command_line.c ---- */
/* The lines of a control section's body. */
void pn_gather_control(pn_elab *e, const pn_item *item);
/* Is every analysis among the commands (there is one) a transient with uic? *n counts them. */
bool pn_commands_uic(pn_elab *e, int *n);
/* The first transient among the commands: its step and stop, where they are plain numbers. */
void pn_commands_times(pn_elab *e, double *step, double *stop);
bool pn_all_uic(pn_elab *e);

#endif
