/* Yxbar NAME bus bus ... KEY=VALUE ...: a whole crossbar in one line. This file reads the line. */
#include "parser/elab_array.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

static const double BYTES_PER_CELL =
    460; /* measured at 1024x1024: nodes, wires, matrix and solver */

static bool fail(pn_array_line *a, int token, const char *text)
{
  pn_error(a->s->e->diag, pn_at(a->s, a->c, token), "%s", text);
  return false;
}

/* ---- keys ---- */

static bool read_count(pn_array_line *a, int *k, int *n)
{
  pn_num v;
  int at = *k;
  if (!pn_read_num(a->s, a->c, k, &v))
    return false;
  if (!(v.value >= 1 && v.value <= 2147483647) || v.value != rint(v.value))
    return fail(a, at, "rows and columns are whole numbers of at least 1");
  pn_presume(a->s, &v);
  *n = (int)v.value;
  return true;
}

static bool read_positive(pn_array_line *a, int *k, pn_num *v, const char *what)
{
  int at = *k;
  if (!pn_read_num(a->s, a->c, k, v))
    return false;
  if (v->value >= 0)
    return true;
  pn_error(a->s->e->diag, pn_at(a->s, a->c, at), "%s cannot be negative", what);
  return false;
}

/* open, both, ground, a resistance, or a bus of ports. */
static bool read_end(pn_array_line *a, int *k, int which)
{
  static const char *const words[] = {"open", "both", "ground"};
  for (int w = 0; w < 3; w++)
    if (pn_tok_word(a->c, *k, words[w])) {
      a->end[which] = (pn_line_end)w;
      ++*k;
      return true;
    }
  if (pn_tok_is(a->c, *k, PN_T_WORD) && pn_is_bus(a->c->tokens[*k].text)) {
    a->end[which] = PN_END_PORT;
    a->end_token[which] = (*k)++;
    return true;
  }
  a->end[which] = PN_END_LOAD;
  return read_positive(a, k, &a->load[which], "the resistance at a line's end");
}

static bool read_seed(pn_array_line *a, int *k)
{
  pn_num v;
  int at = *k;
  if (!pn_read_num(a->s, a->c, k, &v))
    return false;
  if (!(v.value >= 0 && v.value < 1.8e19))
    return fail(a, at, "a seed is a number of at least 0");
  pn_presume(a->s, &v);
  a->cells.seed = (uint64_t)v.value;
  return true;
}

/* A key of the array itself: 1 read, 0 failed, -1 it belongs to the cells. */
static int read_key(pn_array_line *a, int *k)
{
  static const struct {
    const char *name;
    size_t at;
  } numbers[] = {
      {"rw", offsetof(pn_array_line, rw)}, {"rb", offsetof(pn_array_line, rb)},
      {"cw", offsetof(pn_array_line, cw)}, {"cb", offsetof(pn_array_line, cb)},
      {"cx", offsetof(pn_array_line, cx)}, {"vread", offsetof(pn_array_line, volts)},
  };
  pn_str key = a->c->tokens[*k].text;
  int at = *k + 2;
  int done = -1;
  if (pn_str_is(key, "rows"))
    done = read_count(a, &at, &a->rows);
  else if (pn_str_is(key, "cols"))
    done = read_count(a, &at, &a->cols);
  else if (pn_str_is(key, "wl_end"))
    done = read_end(a, &at, 0);
  else if (pn_str_is(key, "bl_end"))
    done = read_end(a, &at, 1);
  else if (pn_str_is(key, "seed"))
    done = read_seed(a, &at);
  else if (pn_str_is(key, "cell") || pn_str_is(key, "lines")) {
    if (!pn_tok_is(a->c, at, PN_T_WORD))
      return fail(a, at, "expected a name here");
    if (pn_str_is(key, "cell"))
      a->cell_token = at;
    at++;
    done = 1;
  }
  for (size_t n = 0; n < sizeof numbers / sizeof *numbers; n++)
    if (pn_str_is(key, numbers[n].name))
      done = read_positive(a, &at, (pn_num *)((char *)a + numbers[n].at), numbers[n].name);
  if (done >= 0)
    *k = at;
  return done;
}

/* Behind a value that is read later. */
static int skip_value(const pn_card *c, int k)
{
  for (int depth = 0; k < c->n; k++) {
    if (depth == 0 && pn_tok_key(c, k))
      break;
    depth += pn_tok_is(c, k, PN_T_LPAREN) - pn_tok_is(c, k, PN_T_RPAREN);
  }
  return k;
}

/* Was the key at token k given before? Reports it. */
static bool is_repeated(const pn_array_line *a, int k)
{
  pn_str key = a->c->tokens[k].text;
  for (int at = 2; at < k; at++)
    if (pn_tok_key(a->c, at) && pn_str_ieq(a->c->tokens[at].text, key)) {
      pn_error(a->s->e->diag, pn_at(a->s, a->c, k), "'%.*s' is given twice", PN_FMT(key));
      return true;
    }
  return false;
}

enum { MOST_KEYS = 64 }; /* of the array and its cells */

static bool read_keys(pn_array_line *a, int k)
{
  int n = 0;
  while (k < a->c->n) {
    if (pn_tok_is(a->c, k, PN_T_COMMA)) {
      k++;
      continue;
    }
    if (!pn_tok_key(a->c, k))
      return fail(a, k, "expected NAME=VALUE: the buses stand first");
    if (is_repeated(a, k))
      return false;
    if (n++ == MOST_KEYS)
      return fail(a, k, "too many keys");
    int done = read_key(a, &k);
    if (done == 0)
      return false;
    if (done < 0) {
      *PN_PUSH(a->s->e->arena, &a->cell_keys) = k;
      k = skip_value(a->c, k + 2);
    }
  }
  return true;
}

/* ---- buses ---- */

static pn_str lines_word(const pn_array_line *a)
{
  for (int k = 2; k + 2 < a->c->n; k++)
    if (pn_tok_key(a->c, k) && pn_tok_word(a->c, k, "lines"))
      return a->c->tokens[k + 2].text;
  return PN_STR("");
}

/* The kinds of the buses: lines=, or rc, rcr. */
static bool assign_kinds(pn_array_line *a, int token)
{
  static const char *const parts[4][PN_MOST_BUSES] = {
      {"w", "w2", "w3", "w4", "w5", "w6", "w7", "w8"},
      {"b", "b2", "b3", "b4", "b5", "b6", "b7", "b8"},
      {"g", "g2", "g3", "g4", "g5", "g6", "g7", "g8"},
      {"h", "h2", "h3", "h4", "h5", "h6", "h7", "h8"}};
  static const char letters[] = "rcgh";
  pn_str word = lines_word(a);
  if (!word.n)
    word = a->n_lines == 3 ? PN_STR("rcr") : PN_STR("rc");
  if ((int)word.n != a->n_lines || a->n_lines < 2) {
    pn_error_hint(
        a->s->e->diag, pn_at(a->s, a->c, token),
        "lines=rcr: one letter per bus, r or c for lines along rows or columns, g or h for "
        "those without resistance",
        "%d buses, but lines for %d", a->n_lines, (int)word.n);
    return false;
  }
  int count[4] = {0};
  for (int k = 0; k < a->n_lines; k++) {
    const char *at = strchr(letters, word.p[k] | 32);
    if (!at)
      return fail(a, token, "lines= takes the letters r, c, g and h");
    a->lines[k].kind = *at;
    a->lines[k].part = parts[at - letters][count[at - letters]++];
  }
  if (a->lines[0].kind != 'r' || !count[1])
    return fail(a, token, "the first bus is the word lines (r); bit lines (c) are needed too");
  return true;
}

static bool refuse_size(pn_array_line *a)
{
  pn_elab *e = a->s->e;
  double cells = (double)a->rows * a->cols;
  e->n_elements += cells < 1e9 ? (long)(3 * cells) : 0;
  if (cells <= 3e8 && e->n_elements <= e->max_elements)
    return false;
  pn_error_hint(e->diag, a->loc, "--max-elements allows more",
                "an array of %.10g cells needs about %.3g GB: more than the %ld elements allowed",
                cells, cells * BYTES_PER_CELL / 1e9, e->max_elements);
  e->stopped = true;
  return true;
}

/* Ports: names, then nodes. widths first, so that a huge array is refused before it is made. */
static bool read_buses(pn_array_line *a, int last)
{
  pn_elab *e = a->s->e;
  pn_str *names[PN_MOST_BUSES];
  for (int k = 2; k < last; k++) {
    if (!pn_tok_is(a->c, k, PN_T_WORD))
      continue;
    long n;
    if (a->n_lines == PN_MOST_BUSES)
      return fail(a, k, "an array has at most 8 buses");
    names[a->n_lines] = pn_bus_expand(a->s, a->c->tokens[k].text, pn_at(a->s, a->c, k),
                                      e->max_elements, &n);
    if (!names[a->n_lines])
      return false;
    a->lines[a->n_lines++].n = (int)n;
  }
  if (!assign_kinds(a, 1))
    return false;
  for (int k = a->n_lines; k-- > 0;) {
    int *size = pn_lines_by_row(&a->lines[k]) ? &a->rows : &a->cols;
    *size = *size ? *size : a->lines[k].n;
  }
  for (int k = 0; k < a->n_lines; k++) {
    pn_lines *l = &a->lines[k];
    int size = pn_lines_by_row(l) ? a->rows : a->cols;
    if (l->n != size) {
      pn_error(e->diag, a->loc, "the array has %d %s, but bus %d has %d lines", size,
               pn_lines_by_row(l) ? "rows" : "columns", k + 1, l->n);
      return false;
    }
  }
  if (refuse_size(a))
    return false;
  for (int k = 0; k < a->n_lines; k++) {
    a->lines[k].port = PN_NEW_ARRAY(e->arena, int, a->lines[k].n);
    for (int i = 0; i < a->lines[k].n; i++)
      a->lines[k].port[i] = pn_node(a->s, names[k][i], a->loc);
  }
  return true;
}

/* Ports of the far ends. */
static bool read_far(pn_array_line *a)
{
  for (int which = 0; which < 2; which++) {
    if (a->end[which] != PN_END_PORT)
      continue;
    int k = 0, at = a->end_token[which];
    while (a->lines[k].kind != "rc"[which])
      k++;
    pn_lines *l = &a->lines[k];
    long n;
    pn_str *names = pn_bus_expand(a->s, a->c->tokens[at].text, pn_at(a->s, a->c, at),
                                  a->s->e->max_elements, &n);
    if (!names)
      return false;
    if (n != l->n)
      return fail(a, at, "the far ends' bus needs as many names as there are lines");
    l->far = PN_NEW_ARRAY(a->s->e->arena, int, n);
    for (long i = 0; i < n; i++)
      l->far[i] = pn_node(a->s, names[i], pn_at(a->s, a->c, at));
  }
  return true;
}

void pn_instance_array(pn_scope *s, const pn_card *c)
{
  pn_elab *e = s->e;
  pn_array_line *a = PN_NEW(e->arena, pn_array_line);
  a->s = s;
  a->c = c;
  a->inner = -1;
  a->volts.value = 0.1;
  if (!pn_tok_is(c, 1, PN_T_WORD) || pn_tok_key(c, 1)) {
    pn_error_hint(e->diag, pn_at(s, c, 1), "Yxbar xb1 wl[0:63] bl[0:63] cell=MODEL rw=1 rb=1",
                  "the name of the array is missing");
    return;
  }
  a->loc = pn_at(s, c, 1);
  a->name = pn_full_name(s, c->tokens[1].text);
  const pn_array *other = pn_circuit_array(e->circuit, a->name);
  if (other) {
    unsigned row, column;
    pn_diag_position(e->diag, other->loc, &row, &column);
    pn_error(e->diag, a->loc, "an array named '%.*s' exists already (line %u)", PN_FMT(a->name),
             row);
    return;
  }
  a->cells = (pn_cells){.s = s, .seed = e->n->options.seed};
  int first_key = 2;
  while (first_key < c->n && !pn_tok_key(c, first_key))
    first_key++;
  if (!read_keys(a, first_key) || !read_buses(a, first_key) || !read_far(a))
    return;
  if (!a->cell_token) {
    pn_error_hint(e->diag, a->loc, "cell=r g=20u, cell=taox, cell=taox+selector, cell=SUBCIRCUIT",
                  "the array needs a cell");
    return;
  }
  a->cells.rows = a->rows;
  a->cells.cols = a->cols;
  if (pn_array_wires(a))
    pn_array_cells(a);
}
