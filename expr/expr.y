/* The grammar of expressions, from ?: (weakest) to ** (strongest, to the right).
 * Actions only build the tree; messages are made in parse.c. */
%code requires {
#include "expr/reader.h"
}
%define api.prefix {pn_expr_grammar_}
%define api.token.prefix {PN_X_}
%define api.pure full
%define api.value.type {pn_expr_value}
%parse-param {pn_expr_reader *rd}
%lex-param {pn_expr_reader *rd}

%code {
#include "expr/ops.h"

/* The parser's stack grows in the arena: a longjmp out of it leaks nothing. */
#define YYINITDEPTH 200
#define YYMAXDEPTH 8000
#define YYMALLOC(size) pn_arena_alloc(rd->d->arena, (size))
#define YYFREE(p) ((void)(p))

int pn_expr_grammar_lex(pn_expr_value *value, pn_expr_reader *rd);
void pn_expr_grammar_error(pn_expr_reader *rd, const char *message);
}

%token NUMBER NAME PROBE NODE AT STRING
%token POW XOR AND OR EQ NE LE GE
%token BAD BAD_NUMBER OPEN_STRING

%%

start: choice                     { rd->result = $1.ast; }
     ;
choice: or
     | or '?' choice ':' choice   { $$ = pn_expr_op3(rd, PN_OP_IF, $1, $3, $5); }
     ;
or: and
     | or OR and                  { $$ = pn_expr_op2(rd, PN_OP_OR, $1, $3); }
     ;
and: comparison
     | and AND comparison         { $$ = pn_expr_op2(rd, PN_OP_AND, $1, $3); }
     | and XOR comparison         { $$ = pn_expr_xor(rd, $1, $3); }
     ;
comparison: sum
     | comparison EQ sum          { $$ = pn_expr_op2(rd, PN_OP_EQ, $1, $3); }
     | comparison NE sum          { $$ = pn_expr_op2(rd, PN_OP_NE, $1, $3); }
     | comparison '<' sum         { $$ = pn_expr_op2(rd, PN_OP_LT, $1, $3); }
     | comparison LE sum          { $$ = pn_expr_op2(rd, PN_OP_LE, $1, $3); }
     | comparison '>' sum         { $$ = pn_expr_op2(rd, PN_OP_GT, $1, $3); }
     | comparison GE sum          { $$ = pn_expr_op2(rd, PN_OP_GE, $1, $3); }
     ;
sum: product
     | sum '+' product            { $$ = pn_expr_op2(rd, PN_OP_ADD, $1, $3); }
     | sum '-' product            { $$ = pn_expr_op2(rd, PN_OP_SUB, $1, $3); }
     ;
product: unary
     | product '*' unary          { $$ = pn_expr_op2(rd, PN_OP_MUL, $1, $3); }
     | product '/' unary          { $$ = pn_expr_op2(rd, PN_OP_DIV, $1, $3); }
     | product '%' unary          { $$ = pn_expr_op2(rd, PN_OP_MOD, $1, $3); }
     ;
unary: power
     | '-' unary                  { $$ = pn_expr_op1(rd, PN_OP_NEG, $1, $2); }
     | '+' unary                  { $$ = $2; }
     | '!' unary                  { $$ = pn_expr_op1(rd, PN_OP_NOT, $1, $2); }
     ;
power: primary
     | primary POW unary          { $$ = pn_expr_op2(rd, PN_OP_POW, $1, $3); }
     ;
primary: NUMBER                   { $$ = pn_expr_leaf(rd, PN_AST_NUMBER, $1); }
     | STRING                     { $$ = pn_expr_leaf(rd, PN_AST_STRING, $1); }
     | NAME                       { $$ = pn_expr_leaf(rd, PN_AST_NAME, $1); }
     | AT                         { $$ = pn_expr_leaf(rd, PN_AST_AT, $1); }
     | '(' choice ')'             { $$ = $2; $$.from = $1.from; $$.to = $3.to; }
     | '{' choice '}'             { $$ = $2; $$.from = $1.from; $$.to = $3.to; }
     | NAME '(' ')'               { $$ = pn_expr_call(rd, PN_AST_CALL, $1, (pn_expr_value){0}, $3); }
     | NAME '(' arguments ')'     { $$ = pn_expr_call(rd, PN_AST_CALL, $1, $3, $4); }
     | PROBE nodes ')'            { $$ = pn_expr_call(rd, PN_AST_PROBE, $1, $2, $3); }
     ;
arguments: choice                 { $$ = pn_expr_append(rd, (pn_expr_value){0}, $1); }
     | arguments ',' choice       { $$ = pn_expr_append(rd, $1, $3); }
     ;
nodes: node                       { $$ = pn_expr_append(rd, (pn_expr_value){0}, $1); }
     | nodes ',' node             { $$ = pn_expr_append(rd, $1, $3); }
     ;
node: NODE                        { $$ = pn_expr_leaf(rd, PN_AST_NAME, $1); }
     ;
