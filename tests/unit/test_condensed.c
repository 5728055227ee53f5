/* Claim: matrices of arrays whose cells have unknowns of their own are solved as a dense LU solves them, forwards
 * and transposed, whatever the cells are: unsymmetric, negative, with branches, missing, different, singular. */
#include "solver/dense.h"
#include "solver/linsol.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5, COLS = 7, CELLS = ROWS * COLS, MOST = 8 * CELLS };

typedef struct matrix {
  int n, colptr[MOST + 1], rowind[MOST * MOST];
  double full[MOST * MOST], value[MOST * MOST]; /* [n][n] by columns; by entries */
  unsigned char there[MOST * MOST];
  pn_linsol_cell cell[CELLS];
  int n_cells;
} matrix;

/* What the cells are. */
typedef enum kind {
  PLAIN,      /* an inner node between two equal conductances: symmetric */
  TRANSISTOR, /* a transconductance from the gate line, at the bit line's end as well */
  SOURCE,     /* besides, a branch in series: its own diagonal is 0 */
  NEGATIVE,   /* some cells have a negative differential conductance */
  MIXED,      /* every third is missing, every fourth has two inner nodes */
  STRONG      /* transconductances beyond all others */
} kind;

static unsigned long long state;

static double draw(void)
{
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (double)(state >> 11) / 9007199254740992.0;
}

static void add(matrix *m, int row, int col, double v)
{
  m->full[col * MOST + row] += v;
  m->there[col * MOST + row] = 1;
}

static void branch(matrix *m, int p, int q, double g)
{
  add(m, p, p, g);
  add(m, q, q, g);
  add(m, p, q, -g);
  add(m, q, p, -g);
}

/* A current from p to q of gm times the voltage of c against q. */
static void transconductance(matrix *m, int p, int q, int c, double gm)
{
  add(m, p, c, gm);
  add(m, p, q, -gm);
  add(m, q, c, -gm);
  add(m, q, q, gm);
}

/* From the word node over a memory to an inner node, from there over a transistor to the bit node. */
static void add_cell(matrix *m, kind k, int number, int w, int b, int gate)
{
  int first = m->n;
  if (k == MIXED && number % 3 == 0)
    return;
  double scale = pow(10, -5 + 2 * draw()), gm = 0;
  int inner = m->n++;
  if (k == TRANSISTOR || k == SOURCE || k == MIXED)
    gm = 2 * scale * draw();
  if (k == STRONG)
    gm = 0.5 * draw();
  if (k == SOURCE) { /* w - branch - inner: v(w) - v(inner) = 100 ohm i */
    int i = m->n++;
    add(m, w, i, 1);
    add(m, inner, i, -1);
    add(m, i, w, 1);
    add(m, i, inner, -1);
    add(m, i, i, number % 2 ? 0 : -100);
  } else {
    branch(m, w, inner, k == NEGATIVE && number % 5 == 1 ? -0.3 * scale : scale);
  }
  if (k == MIXED && number % 4 == 0) {
    int more = m->n++;
    branch(m, inner, more, scale);
    inner = more;
  }
  branch(m, inner, b, scale);
  transconductance(m, inner, b, gate, gm);
  m->cell[m->n_cells++] = (pn_linsol_cell){first, m->n - first};
}

static void compress(matrix *m)
{
  int nnz = 0;
  for (int j = 0; j < m->n; j++) {
    m->colptr[j] = nnz;
    for (int i = 0; i < m->n; i++)
      if (m->there[j * MOST + i]) {
        m->rowind[nnz] = i;
        m->value[nnz++] = m->full[j * MOST + i];
      }
  }
  m->colptr[m->n] = nnz;
}

/* Lines of 1 ohm segments, driven over 2 ohm; gate lines of 1 ohm (of their own nodes) or one node each. */
static void make(matrix *m, kind k, bool gates)
{
  *m = (matrix){.n = 2 * CELLS};
  int gate = m->n;
  m->n += gates ? CELLS : ROWS;
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLS; j++) {
      int w = i * COLS + j, b = CELLS + w;
      add(m, w, w, j == 0 ? 0.5 : 0);
      add(m, b, b, i == ROWS - 1 ? 0.5 : 0);
      if (j > 0)
        branch(m, w - 1, w, 1);
      if (i > 0)
        branch(m, b - COLS, b, 1);
      if (gates && j > 0)
        branch(m, gate + w - 1, gate + w, 1);
      if (j == 0) { /* a source behind 1 ohm, with its current */
        int node = gates ? gate + w : gate + i, current = m->n++;
        add(m, node, current, 1);
        add(m, current, node, 1);
        add(m, current, current, -1);
      }
    }
  for (int c = 0; c < CELLS; c++)
    add_cell(m, k, c, c, CELLS + c, gates ? gate + c : gate + c / COLS);
  compress(m);
}

static void check_solution(const matrix *m, pn_linsol *s, bool transposed)
{
  static double a[MOST * MOST];
  double x[MOST], y[MOST], largest = 0;
  for (int j = 0; j < m->n; j++)
    for (int i = 0; i < m->n; i++)
      a[j * m->n + i] = m->full[transposed ? i * MOST + j : j * MOST + i];
  for (int i = 0; i < m->n; i++)
    x[i] = y[i] = draw() - 0.5;
  pn_dense *d;
  ck_assert_int_eq(pn_dense_new(m->n, &d), PN_OK);
  ck_assert_int_eq(pn_dense_factor(d, a), PN_OK);
  ck_assert_int_eq(pn_dense_solve(d, x), PN_OK);
  pn_dense_free(d);
  ck_assert_int_eq(transposed ? pn_linsol_solve_transposed(s, y) : pn_linsol_solve(s, y), PN_OK);
  for (int i = 0; i < m->n; i++)
    largest = fmax(largest, fabs(x[i]));
  for (int i = 0; i < m->n; i++)
    ck_assert_msg(fabs(x[i] - y[i]) <= 1e-9 * largest, "%d: %g, not %g", i, y[i], x[i]);
}

static pn_linsol_array shape = {ROWS, COLS, 0, CELLS, -1, false, true};

static pn_linsol_setup setup_of(const matrix *m, pn_linsol_kind how)
{
  return (pn_linsol_setup){.n = m->n,
                           .colptr = m->colptr,
                           .rowind = m->rowind,
                           .kind = how,
                           .arrays = &shape,
                           .n_arrays = 1,
                           .cells = m->cell,
                           .n_cells = m->n_cells};
}

/* Also with other numbers on the same pattern: a conductance from each unknown to ground more. */
static void check_kind(kind k, bool gates, pn_linsol_kind how, bool alone)
{
  static matrix m;
  pn_linsol *s;
  state = 7 + (unsigned)k;
  make(&m, k, gates);
  pn_linsol_setup setup = setup_of(&m, how);
  setup.n_arrays = alone ? 0 : 1;
  ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
  for (int round = 0; round < 3; round++) {
    ck_assert_int_eq(pn_linsol_factor(s, m.value, NULL), PN_OK);
    for (int side = 0; side < 3; side++)
      check_solution(&m, s, side == 2);
    for (int j = 0; j < 2 * CELLS; j++)
      add(&m, j, j, 0.01 * draw());
    compress(&m);
  }
  const char *name = pn_linsol_get_stats(s).name;
  if (how == PN_LINSOL_CROSSBAR)
    ck_assert_msg(strstr(name, "cells eliminated") && !strstr(name, "left to"), "%s", name);
  if (how == PN_LINSOL_CROSSBAR && !alone)
    ck_assert_msg(strstr(name, "GMRES"), "%s", name);
  pn_linsol_free(s);
}

START_TEST(solutions_are_those_of_a_dense_matrix)
{
  check_kind((kind)(_i / 2), _i % 2, PN_LINSOL_CROSSBAR, false);
}
END_TEST

START_TEST(what_is_left_may_be_factored)
{
  check_kind((kind)(_i / 2), _i % 2, PN_LINSOL_CROSSBAR, true);
  check_kind((kind)(_i / 2), _i % 2, PN_LINSOL_AUTO, false);
}
END_TEST

/* Inner nodes that nothing but the bit line's current holds: D is singular, the whole is not. */
START_TEST(cells_that_are_singular_alone_are_left_to_klu)
{
  static matrix m;
  pn_linsol *s;
  make(&m, SOURCE, true);
  for (int c = 0; c < m.n_cells; c++) {
    int v = m.cell[c].first, i = v + 1;
    for (int k = 0; k < m.n; k++) { /* the inner node's row and column but for the port's entries */
      if (k >= v && k < v + m.cell[c].n)
        m.full[k * MOST + v] = m.full[v * MOST + k] = 0;
    }
    m.full[i * MOST + i] = -100;
  }
  compress(&m);
  pn_linsol_setup setup = setup_of(&m, PN_LINSOL_CROSSBAR);
  ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, m.value, NULL), PN_OK);
  check_solution(&m, s, false);
  check_solution(&m, s, true);
  const char *name = pn_linsol_get_stats(s).name;
  ck_assert_msg(strstr(name, "left to KLU") && strstr(name, "singular by itself"), "%s", name);
  pn_linsol_free(s);
}
END_TEST

/* A branch between inner nodes of two cells: nothing can be eliminated cell by cell. */
START_TEST(cells_that_touch_inside_are_not_taken_apart)
{
  static matrix m;
  pn_linsol *s;
  make(&m, TRANSISTOR, false);
  branch(&m, m.cell[3].first, m.cell[4].first, 1e-3);
  compress(&m);
  pn_linsol_setup setup = setup_of(&m, PN_LINSOL_CROSSBAR);
  ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
  ck_assert_int_eq(pn_linsol_factor(s, m.value, NULL), PN_OK);
  check_solution(&m, s, false);
  ck_assert_ptr_null(strstr(pn_linsol_get_stats(s).name, "cells eliminated"));
  pn_linsol_free(s);
}
END_TEST

START_TEST(values_that_are_no_numbers_are_told)
{
  static matrix m;
  pn_linsol *s;
  make(&m, TRANSISTOR, false);
  pn_linsol_setup setup = setup_of(&m, PN_LINSOL_CROSSBAR);
  ck_assert_int_eq(pn_linsol_new(&setup, &s, NULL), PN_OK);
  for (int k = 0; k < m.colptr[m.n]; k++)
    if (m.rowind[k] == m.cell[5].first)
      m.value[k] = NAN;
  ck_assert_int_eq(pn_linsol_factor(s, m.value, NULL), PN_E_DOMAIN);
  pn_linsol_free(s);
}
END_TEST

int main(void)
{
  Suite *suite = suite_create("condensed");
  TCase *tc = tcase_create("condensed");
  tcase_add_loop_test(tc, solutions_are_those_of_a_dense_matrix, 0, 2 * (STRONG + 1));
  tcase_add_loop_test(tc, what_is_left_may_be_factored, 0, 2 * (STRONG + 1));
  tcase_add_test(tc, cells_that_are_singular_alone_are_left_to_klu);
  tcase_add_test(tc, cells_that_touch_inside_are_not_taken_apart);
  tcase_add_test(tc, values_that_are_no_numbers_are_told);
  tcase_set_timeout(tc, 120);
  suite_add_tcase(suite, tc);
  SRunner *runner = srunner_create(suite);
  srunner_set_fork_status(runner, CK_NOFORK);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed != 0;
}
