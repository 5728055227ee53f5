/* The blocks of a netlist: subcircuits, library sections, control sections. The tokens are whole
 * cards; a block that is not closed is reported where it was opened, and reading goes on. */
%code requires {
#include "parser/reader.h"
}
%define api.prefix {pn_cards_}
%define api.token.prefix {PN_C_}
%define api.pure full
%define api.value.type {pn_block}
%parse-param {pn_card_reader *rd}
%lex-param {pn_card_reader *rd}

%code {
/* The parser's stack grows in the arena: a longjmp out of it leaks nothing. */
#define YYINITDEPTH 100
#define YYMALLOC(size) pn_arena_alloc(rd->arena, (size))
#define YYFREE(p) ((void)(p))

int pn_cards_lex(pn_block *value, pn_card_reader *rd);
void pn_cards_error(pn_card_reader *rd, const char *message);
}

%token CARD LINES SUBCKT ENDS INCLUDE LIB ENDL CONTROL LINE ENDC STRAY

%%

file: items
    ;
items: %empty
    | items item
    ;
item: CARD                        { pn_cards_add(rd, PN_ITEM_CARD, &$1.card, NULL); }
    | LINES                       { pn_cards_add_lines(rd, &$1.card, &$1.lines); }
    | INCLUDE                     { pn_cards_include(rd, &$1.card); }
    | LINE                        { pn_cards_line(rd, &$1.card); }
    | STRAY                       { pn_cards_stray(rd, &$1.card); }
    | SUBCKT                      { if (!pn_cards_open_subckt(rd, &$1)) YYABORT; }
      items subckt_end            { pn_cards_close_subckt(rd, &$1, $4.card.n ? &$4.card : NULL); }
    | LIB                         { pn_cards_open_lib(rd, &$1); }
      items lib_end               { pn_cards_close_lib(rd, &$1, $4.card.n ? &$4.card : NULL); }
    | CONTROL                     { pn_cards_open_control(rd, &$1); }
      lines control_end           { pn_cards_close_control(rd, &$1, $4.card.n > 0); }
    ;
subckt_end: ENDS
    | error                       { yyerrok; $$.card.n = 0; }
    ;
lib_end: ENDL
    | error                       { yyerrok; $$.card.n = 0; }
    ;
lines: %empty
    | lines LINE                  { pn_cards_line(rd, &$2.card); }
    ;
control_end: ENDC
    | error                       { yyerrok; $$.card.n = 0; }
    ;
