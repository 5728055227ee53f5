/* Claims about the reading of netlists: lines, comments, blocks, included files, limits. Texts go
 * in from memory; files are written to a temporary folder. */
#include "parser/tree.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pn_arena arena;
static pn_diag diag;
static jmp_buf out_of_memory;
static char messages[8192];
static char folder[4096];
static char previous[4096];

static void collect(void *user, pn_severity severity, const char *text)
{
  (void)user;
  (void)severity;
  size_t n = strlen(messages);
  snprintf(messages + n, sizeof messages - n, "%s\n", text);
}

static void setup(void)
{
  pn_arena_init(&arena, 0);
  if (setjmp(out_of_memory))
    ck_abort_msg("out of memory");
  arena.recover = &out_of_memory;
  pn_diag_init(&diag, &arena, collect, NULL);
  messages[0] = 0;
  ck_assert_ptr_nonnull(getcwd(previous, sizeof previous));
  strcpy(folder, SCRATCH "/pinch-cards-XXXXXX");
  ck_assert_ptr_nonnull(mkdtemp(folder));
  ck_assert_int_eq(chdir(folder), 0);
}

static void teardown(void)
{
  static const char *const names[] = {"a.inc",    "b.inc",     "c.inc",
                                      "link.inc", "sub/d.inc", "sub/e.inc"};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    unlink(names[k]);
  rmdir("sub");
  ck_assert_int_eq(chdir(previous), 0);
  rmdir(folder);
  pn_arena_free(&arena);
}

static void write_file(const char *name, const char *text)
{
  FILE *f = fopen(name, "w");
  ck_assert_ptr_nonnull(f);
  fputs(text, f);
  ck_assert_int_eq(fclose(f), 0);
}

static pn_str title;

static pn_tree *read_with(const char *text, size_t n, const pn_read_options *o)
{
  char *copy = pn_arena_alloc(&arena, n + 2);
  memcpy(copy, text, n);
  return pn_tree_read(&diag, pn_diag_add_source(&diag, "t.cir", copy, n, PN_NOWHERE), o, &title);
}

static pn_tree *read_text(const char *text)
{
  return read_with(text, strlen(text), NULL);
}

static void show_card(const pn_card *c, char *out, size_t room)
{
  static const char *const mark[] = {"", "", "", "", "", "e:", "s:"};
  for (int j = 0; j < c->n; j++) {
    size_t n = strlen(out);
    const pn_token *q = &c->tokens[j];
    snprintf(out + n, room - n, "%s%s%.*s",
             q->space_before && j ? " "
             : j                  ? "~"
                                  : "",
             mark[q->kind], PN_FMT(q->text));
  }
}

/* The lines of a run as cards, the last without its ';'. */
static void show_lines(const pn_item *it, char *out, size_t room)
{
  const pn_source *s = &diag.sources.at[it->card.file - 1];
  const pn_plain_lines *l = it->lines;
  long n = 0;
  for (size_t at = l->from; at < l->to; n++) {
    pn_card c = pn_plain_card(&diag, it->card.file, at);
    size_t next = pn_plain_line(s, at, NULL, 0, &c.n);
    ck_assert_uint_gt(next, at);
    at = next;
    show_card(&c, out, room);
    if (at < l->to)
      strncat(out, ";", room - strlen(out) - 1);
  }
  ck_assert_int_eq(n, l->n);
}

/* A tree as text: cards between ';', tokens between ' ' with a mark for their kind, bodies in []. */
static void show(const pn_tree *t, char *out, size_t room)
{
  for (size_t k = 0; k < t->items.n; k++) {
    const pn_item *it = &t->items.at[k];
    if (it->kind == PN_ITEM_LINES)
      show_lines(it, out, room);
    else
      show_card(&it->card, out, room);
    if (it->body) {
      strncat(out, "[", room - strlen(out) - 1);
      show(it->body, out, room);
      strncat(out, "]", room - strlen(out) - 1);
    }
    strncat(out, ";", room - strlen(out) - 1);
  }
}

static void check_tree(const char *text, const char *want)
{
  char got[4096] = "";
  show(read_text(text), got, sizeof got);
  ck_assert_str_eq(messages, "");
  ck_assert_str_eq(got, want);
}

/* Reading gives exactly `n` errors, the first of which begins with `first`. */
static void check_error(const char *text, int n, const char *first)
{
  read_text(text);
  ck_assert_msg(strncmp(messages, first, strlen(first)) == 0, "got: %s", messages);
  ck_assert_int_eq(diag.n_errors, n);
}

START_TEST(first_line_is_the_title)
{
  check_tree("\xef\xbb\xbf .include nothing \r\nr1 a b 1\n", "r1 a b 1;");
  ck_assert(pn_str_is(title, ".include nothing"));
}
END_TEST

START_TEST(title_card_replaces_the_title)
{
  check_tree("t\n.TITLE Bob's {circuit\n", ".TITLE s:Bob's {circuit;");
  ck_assert(pn_str_is(title, "Bob's {circuit"));
}
END_TEST

START_TEST(tokens_of_a_card)
{
  check_tree("t\nV1 1 0 SIN(0 1,'a*b') x = \"s t\" y={ {a}+1 }\n",
             "V1 1 0 SIN~(~0 1~,~e:a*b~) x = s:s t y~=~e: {a}+1 ;");
}
END_TEST

START_TEST(comments_are_left_out)
{
  check_tree("t\n* one\n ; two\n// three\n$ four\n# five\nr1 a b 1 ; six\nr2 a$b c//d 2 $ seven\n"
             "r3 a b 3 // eight\nr4 a b 4 $\n",
             "r1 a b 1;r2 a$b c//d 2;r3 a b 3;r4 a b 4;");
}
END_TEST

START_TEST(continuations_reach_over_comments_and_blank_lines)
{
  check_tree("t\nr1 a ; note\n* comment\n\n \t\n  + b\n+1k\nr2 c d 1\n", "r1 a b 1k;r2 c d 1;");
}
END_TEST

START_TEST(braces_reach_over_continuations)
{
  check_tree("t\nr1 a b {1 + ; note }\n* {\n+ 2}\n", "r1 a b e:1 + ; note }\n* {\n+ 2;");
}
END_TEST

START_TEST(line_ends_of_windows_and_tabs)
{
  check_tree("t\r\nr1\ta\tb 1\r\n+ 2\r\n\r\n.end\r\njunk (\r\n", "r1 a b 1 2;");
}
END_TEST

START_TEST(no_line_end_at_the_end)
{
  check_tree("t\nr1 a b 1", "r1 a b 1;");
}
END_TEST

START_TEST(token_places)
{
  pn_tree *t = read_text("t\nr1 a {b}\n");
  const pn_card *c = &t->items.at[0].card;
  unsigned line, column;
  pn_diag_position(&diag, pn_token_loc(c, 2), &line, &column);
  ck_assert_uint_eq(line, 2);
  ck_assert_uint_eq(column, 6);
  ck_assert_uint_eq(pn_token_loc(c, 2).len, 3);
  ck_assert_uint_eq(pn_card_loc(c).len, 8);
}
END_TEST

START_TEST(subcircuits_nest)
{
  check_tree("t\n.SUBCKT a p\n.subckt b q\nr1 q 0 1\n.ends B\nx1 p b\n.ENDS\nx2 n a\n",
             ".SUBCKT a p[.subckt b q[r1 q 0 1;];x1 p b;];x2 n a;");
}
END_TEST

START_TEST(control_sections_stay_raw)
{
  check_tree("t\n.control\nplot 'v(1 {\n+ 2\n* note\n.subckt\n.ENDC\nr1 a b 1\n",
             ".control[plot 'v(1 {;+ 2;.subckt;];r1 a b 1;");
}
END_TEST

START_TEST(several_errors_and_recovery_at_the_next_card)
{
  char got[256] = "";
  show(read_text("t\nr1 a {b\nr2 a b 1\nr3 (a b\n.ends\nr4 a b 1\n"), got, sizeof got);
  ck_assert_str_eq(got, "r2 a b 1;r4 a b 1;");
  ck_assert_int_eq(diag.n_errors, 3);
}
END_TEST

START_TEST(open_blocks_are_told_where_they_open)
{
  check_error("t\n.lib tt\n.subckt a b\nr1 a b 1\n.endl\nr2 a b 1\n", 0, "");
  check_error("t\n.subckt a b\n.subckt c d\n.control\n", 3, "t.cir:4:1: error: .control is never");
}
END_TEST

START_TEST(deep_subcircuits_are_refused)
{
  char text[4000] = "t\n";
  for (int k = 0; k < 70; k++)
    strcat(text, ".subckt s a\n");
  check_error(text, 1, "t.cir:66:1: error: subcircuits and includes are nested more than 64 deep");
}
END_TEST

START_TEST(too_many_cards_are_refused)
{
  pn_read_options o = {.max_cards = 3};
  const char *text = "t\nr1\nr2\nr3\nr4\nr5\n";
  read_with(text, strlen(text), &o);
  ck_assert_int_eq(diag.n_errors, 1);
  ck_assert_ptr_nonnull(strstr(messages, "t.cir:5:1: error: the netlist has more than 3 cards"));
}
END_TEST

START_TEST(includes_are_relative_to_their_file_then_to_the_main_one)
{
  ck_assert_int_eq(system("mkdir sub"), 0);
  write_file("a.inc", "ra a b 1\n");
  write_file("sub/d.inc", "rd a b 1\n.inc 'e.inc'\n.include a.inc\n");
  write_file("sub/e.inc", "re a b 1\n");
  check_tree("t\n.include sub/d.inc\n",
             ".include sub/d.inc[rd a b 1;.inc e:e.inc[re a b 1;];.include a.inc[ra a b 1;];];");
}
END_TEST

START_TEST(library_sections)
{
  write_file("a.inc",
             "r0 a b 1\n.lib ss\nr1 a b (1\n.include nowhere\n.endl\n"
             ".lib TT\nr2 a b 1\n.lib a.inc common\n.endl TT\n.lib common\nr3 a b 1\n.endl\n");
  check_tree("t\n.lib a.inc tt\n.include a.inc\n",
             ".lib a.inc tt[r2 a b 1;.lib a.inc common[r3 a b 1;];];.include a.inc[r0 a b 1;];");
}
END_TEST

START_TEST(circles_of_includes_are_told_with_their_chain)
{
  write_file("a.inc", "r1 a b 1\n.include b.inc\n");
  write_file("b.inc", ".include a.inc\n");
  check_error("t\n.include a.inc\n", 1,
              "b.inc:1:10: error: this file includes itself: a.inc -> b.inc -> a.inc");
  ck_assert_ptr_nonnull(strstr(messages, "included from a.inc:2"));
}
END_TEST

START_TEST(untrusted_netlists_stay_in_their_folder)
{
  pn_read_options o = {.untrusted = true, .folder = ""};
  static const char *const outside[] = {"/etc/hostname", "../../etc/hostname", "link.inc"};
  ck_assert_int_eq(symlink("/etc/hostname", "link.inc"), 0);
  for (int k = 0; k < 3; k++) {
    char text[100];
    snprintf(text, sizeof text, "t\n.include \"%s\"\n", outside[k]);
    messages[0] = 0;
    read_with(text, strlen(text), &o);
    ck_assert_msg(strstr(messages, "is outside the netlist's folder") != NULL, "%s", messages);
  }
  write_file("a.inc", "r1 a b 1\n");
  ck_assert_uint_eq(read_with("t\n.inc a.inc\n", 13, &o)->items.n, 1);
}
END_TEST

START_TEST(devices_are_no_files_to_include)
{
  check_error("t\n.include /dev/zero\n", 1,
              "t.cir:2:10: error: cannot read '/dev/zero': not a regular file");
}
END_TEST

START_TEST(no_text_is_refused)
{
  read_with("t\nr1\0a\n", 7, NULL);
  ck_assert_ptr_nonnull(strstr(messages, "t.cir:2:3: error: this is not a text file"));
}
END_TEST

/* 20 lines as in a table, the k-th of which is `odd`. */
static const char *table(int k, const char *odd)
{
  static char text[4096];
  strcpy(text, "t\n");
  for (int j = 0; j < 20; j++) {
    size_t n = strlen(text);
    if (j == k)
      snprintf(text + n, sizeof text - n, "%s\n", odd);
    else
      snprintf(text + n, sizeof text - n, "R%d node_%d b[%d] %d.5k\n", j, j, j, j + 1);
  }
  return text;
}

START_TEST(runs_of_plain_lines_stay_text)
{
  pn_tree *t = read_text(table(-1, ""));
  ck_assert_uint_eq(t->items.n, 1);
  ck_assert_int_eq(t->n_cards, 20);
  ck_assert_int_eq(t->items.at[0].kind, PN_ITEM_LINES);
  ck_assert_int_eq(t->items.at[0].lines->n, 20);
  ck_assert_uint_eq(pn_card_loc(&t->items.at[0].card).offset, 2);
  ck_assert_uint_eq(read_text(table(18, ".end"))->items.n, 1);
  t = read_text(table(17, "+ 5")); /* the line before it goes on: 16 are plain */
  ck_assert_uint_eq(t->items.n, 4);
  ck_assert_int_eq(t->items.at[0].lines->n, 16);
  ck_assert_int_eq(t->items.at[1].card.n, 5);
}
END_TEST

/* Whatever stands in a table of plain lines, it reads as when each line begins with a blank, which plain
 * lines do not. */
static void check_blanks(const char *text)
{
  static char plain[16384], carded[16384], moved[16384];
  size_t n = 0;
  bool start = false;
  for (const char *p = text; *p; p++) {
    if (start && *p == 'R')
      moved[n++] = ' ';
    moved[n++] = *p;
    start = *p == '\n';
  }
  moved[n] = plain[0] = carded[0] = 0;
  diag.n_errors = 0;
  show(read_text(text), plain, sizeof plain);
  int errors = diag.n_errors;
  diag.n_errors = 0;
  show(read_text(moved), carded, sizeof carded);
  ck_assert_str_eq(plain, carded);
  ck_assert_int_eq(errors, diag.n_errors);
}

START_TEST(tables_with_odd_lines)
{
  static const char *const odd[] = {
      "",
      "+ 7",
      "* note\n+ 7",
      "\n \t\n  + 7",
      "; note\n* note\n+ 7\n+ 8",
      "Rx a b {1+2}",
      "Rx a b 5 ; note",
      "Rx a b 5 $ note",
      "Rx a b",
      "Rx a b 5 m=2",
      "Rx a b value",
      "Rx a b 5\r",
      "Rx\ta\v b\f5 \t\r",
      "Rx[0:3] a b[0:3] 5",
      "Rx a b (5)",
      "Rx a b '5\n+ +1'",
      "R' a b 5",
      ".control\nlet x = 1\nR7 a b 5\nR8 a b 6\n.endc",
      ".subckt s a b\nR1 a b 1\n.ends",
      ".lib other\nR1 a b 1\n.endl",
      "// note",
      "Rx a b 5 // note",
      "R\xc2\xb5 a b 5",
      "Rx a b 5\xc2\xb5",
  };
  diag.out = NULL;
  for (size_t k = 0; k < sizeof odd / sizeof *odd; k++)
    for (int at = 0; at < 20; at++)
      check_blanks(table(at, odd[k]));
  static char control[16384];
  snprintf(control, sizeof control, "t\n.control\n%s.endc\n%s", table(-1, "") + 2,
           table(3, "Rx a b 1") + 2);
  check_blanks(control);
  snprintf(control, sizeof control, "t\n.lib one\n%s.endl\n%s", table(-1, "") + 2,
           table(3, "Rx a b 1") + 2);
  check_blanks(control);
}
END_TEST

START_TEST(cards_are_counted_inside_runs)
{
  pn_read_options o = {.max_cards = 18};
  const char *text = table(-1, "");
  pn_tree *t = read_with(text, strlen(text), &o);
  ck_assert_int_le(t->n_cards, 18);
  ck_assert_msg(strncmp(messages, "t.cir:20:1: error: the netlist has more than 18 cards", 53) == 0,
                "%s", messages);
  o.max_cards = 20;
  messages[0] = 0;
  ck_assert_int_eq(read_with(text, strlen(text), &o)->n_cards, 20);
  ck_assert_str_eq(messages, "");
}
END_TEST

/* Words and comments longer than the lexer's room. */
START_TEST(long_comments_and_words)
{
  enum { LONG = 300000 };
  char *text = pn_arena_alloc(&arena, LONG + 100), got[200] = "";
  strcpy(text, "t\nr1 a b 1\n");
  size_t n = strlen(text);
  for (size_t k = n; k < LONG; k += 2)
    memcpy(text + k, k % 1000 < 500 ? "*\n" : "\n\n", 2);
  memset(text + LONG, 0, 100);
  strcpy(text + LONG, "+ x=2\nr2 a b 2");
  show(read_text(text), got, sizeof got);
  ck_assert_str_eq(got, "r1 a b 1 x~=~2;r2 a b 2;");
  ck_assert_str_eq(messages, "");
}
END_TEST

START_TEST(any_bytes_end_in_a_message)
{
  static const char alphabet[] = "ab1.=(){}'\", ;$+*\n\n\n/\r\t";
  static const char *const words[] = {"\n.subckt a ", "\n.ends",      "\n.lib x",
                                      "\n.endl",      "\n.control\n", "\n.endc",
                                      "\n+ ",         "\n.end",       "\n.title"};
  unsigned seed = 1;
  diag.out = NULL;
  for (int run = 0; run < 2000; run++) {
    char text[200] = "t\n";
    while (strlen(text) < 150) {
      seed = seed * 1103515245u + 12345u;
      unsigned r = seed >> 16;
      if (r % 5 == 0)
        strcat(text, words[(r >> 4) % 9]);
      else
        strncat(text, &alphabet[(r >> 4) % (sizeof alphabet - 1)], 1);
    }
    ck_assert_ptr_nonnull(read_text(text));
  }
}
END_TEST

int main(void)
{
  Suite *s = suite_create("cards");
  TCase *t = tcase_create("cards");
  tcase_add_checked_fixture(t, setup, teardown);
  tcase_add_test(t, first_line_is_the_title);
  tcase_add_test(t, title_card_replaces_the_title);
  tcase_add_test(t, tokens_of_a_card);
  tcase_add_test(t, comments_are_left_out);
  tcase_add_test(t, continuations_reach_over_comments_and_blank_lines);
  tcase_add_test(t, braces_reach_over_continuations);
  tcase_add_test(t, line_ends_of_windows_and_tabs);
  tcase_add_test(t, no_line_end_at_the_end);
  tcase_add_test(t, token_places);
  tcase_add_test(t, subcircuits_nest);
  tcase_add_test(t, control_sections_stay_raw);
  tcase_add_test(t, runs_of_plain_lines_stay_text);
  tcase_add_test(t, tables_with_odd_lines);
  tcase_add_test(t, cards_are_counted_inside_runs);
  tcase_add_test(t, long_comments_and_words);
  tcase_add_test(t, several_errors_and_recovery_at_the_next_card);
  tcase_add_test(t, open_blocks_are_told_where_they_open);
  tcase_add_test(t, deep_subcircuits_are_refused);
  tcase_add_test(t, too_many_cards_are_refused);
  tcase_add_test(t, includes_are_relative_to_their_file_then_to_the_main_one);
  tcase_add_test(t, library_sections);
  tcase_add_test(t, circles_of_includes_are_told_with_their_chain);
  tcase_add_test(t, untrusted_netlists_stay_in_their_folder);
  tcase_add_test(t, devices_are_no_files_to_include);
  tcase_add_test(t, no_text_is_refused);
  tcase_add_test(t, any_bytes_end_in_a_message);
  suite_add_tcase(s, t);
  SRunner *r = srunner_create(s);
  srunner_run_all(r, CK_NORMAL);
  int failed = srunner_ntests_failed(r);
  srunner_free(r);
  return failed != 0;
}
