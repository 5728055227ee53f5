/* Expression text to tree (expr/expr.l, expr/expr.y). */
#ifndef PN_EXPR_PARSE_H
#define PN_EXPR_PARSE_H

#include "expr/ast.h"

/* Reads the longest expression that starts at text[0]. Text is part of a registered source
 * (loc is the place of text[0], its inst is kept), so that "\n+" continuations inside it
 * count as white space and every node of the tree knows its place. An expression ends
 * where no operator can continue it (an operand follows an operand), at an unmatched
 * closing bracket, at a comma outside brackets, or at text[n].
 * whole: everything up to text[n] must be used.
 * Returns the tree in d->arena, or NULL after reporting an error; *used gets the bytes read. */
pn_ast *pn_expr_parse(pn_diag *d, pn_loc loc, const char *text, size_t n, bool whole, size_t *used);

/* A number with SPICE suffix at the start of text: t g meg k m mil u n p f a, any letters
 * after it are a unit. Returns the bytes read, 0 when there is no number. */
size_t pn_number_parse(const char *text, size_t n, double *value);

#endif
